"""A whole lab in one file, with its history, clocks and votes, and back again.

SNAPSHOT.zip    snapshot.json (format, ledger, what each node's clock shows), nodes/MEMBER/… : databases, mark, log

All nodes go back together or not at all, because each goes back to what it had said: their databases are copied at one
moment, also while the network runs. Settings, keys, addresses and TLS certificates stay as they are. Two branches that
share keys are equivocation: the records of both convict their validators. So this is for labs, and one branch at a time.
"""

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.errors import OperatorError
from nodes.clock import Clock, begin_clocks
from nodes.network_directory import read_lab
from nodes.node_copies import pack, unpack, verify_new
from nodes.node_directory import verify_stopped
from nodes.node_files import CLOCK_OFFSET, DATABASE, DOCUMENTS, LOG, NODE_FILE, NODES, OUTPUT, VOTING_MARK
from nodes.storage.sqlite_copy import PARTIAL, copy_database, one_moment

FORMAT = "tallystick-network-snapshot-1"
MANIFEST = "snapshot.json"
FILES = (VOTING_MARK, LOG)
DATABASES = (DATABASE, DOCUMENTS)


class Manifest(BaseModel):
    """snapshot.json."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    format: str
    ledger: str
    clocks_ms: dict[str, int]
    """By member id."""


def snapshot_network(directory: Path, target: Path) -> None:
    """Copies a lab, running or not, into a new file; raises OperatorError."""
    network, _ = read_lab(directory, "snapshot")
    verify_new(target)
    places = {node.member: directory / node.directory for node in network.nodes}
    found = [(m, name) for m, place in places.items() for name in DATABASES if name == DATABASE or (place / name).exists()]
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".tallystick-") as aside:
            databases = {f"{NODES}/{member}/{name}": Path(aside) / f"{member}.{name}" for member, name in found}
            with one_moment([places[member] / name for member, name in found]) as readers:
                clocks_ms = {member: Clock(place / CLOCK_OFFSET).now_ms() for member, place in places.items()}
                files = _copy_files(places, Path(aside))
                for reader, copy in zip(readers, databases.values(), strict=True):
                    copy_database(reader, copy)
            manifest = Manifest(format=FORMAT, ledger=network.ledger, clocks_ms=clocks_ms)
            pack(target, MANIFEST, manifest.model_dump_json(indent=2).encode(), {**databases, **files})
    except OSError as error:
        raise OperatorError("cannot-write", f"{target} cannot be written: {error.strerror}.") from error


def restore_network(directory: Path, source: Path) -> None:
    """Puts the nodes of a lab that stands still back to a snapshot of the same ledger, clocks too; raises OperatorError."""
    network, _ = read_lab(directory, "restore")
    for node in network.nodes:
        verify_stopped(directory / node.directory)
    fresh, old = directory / (NODES + PARTIAL), directory / (NODES + ".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = Manifest.model_validate_json(archive.read(MANIFEST))
            if manifest.format != FORMAT or manifest.ledger != network.ledger:  # check: snapshot-of-ledger
                raise OperatorError("other-ledger", f"{source} is a snapshot of another ledger.")
            for node in network.nodes:
                place = fresh / node.member
                place.mkdir(parents=True)
                shutil.copy2(directory / node.directory / NODE_FILE, place / NODE_FILE)
                _unpack(archive, f"{NODES}/{node.member}/", place)
    except FileNotFoundError as error:
        raise OperatorError("missing-file", f"{source} cannot be read: {error.strerror}.") from error
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValidationError) as error:
        raise OperatorError("bad-backup", f"{source} is no snapshot of a network, or is damaged: {error}.") from error
    for member, time_ms in manifest.clocks_ms.items():
        begin_clocks([fresh / member / CLOCK_OFFSET], time_ms)
    for node in network.nodes:
        if (output := directory / node.directory / OUTPUT).exists():  # the process of a node that rests writes into it still
            output.replace(fresh / node.member / OUTPUT)
    (directory / NODES).rename(old)
    fresh.rename(directory / NODES)
    shutil.rmtree(old)


def _copy_files(places: Mapping[str, Path], aside: Path) -> dict[str, Path]:
    """Copies of the files that are no databases; a log ends with a whole line."""
    copies = {}
    for member, place in places.items():
        for name in FILES:
            if (place / name).exists():
                data = (place / name).read_bytes()
                copy = copies[f"{NODES}/{member}/{name}"] = aside / f"{member}.{name}"
                copy.write_bytes(data[: data.rfind(b"\n") + 1])
    return copies


def _unpack(archive: zipfile.ZipFile, prefix: str, place: Path) -> None:
    """What one node had; nothing else of the archive is looked at."""
    names = set(archive.namelist())
    for name in (*DATABASES, *FILES):
        if name == DATABASE or prefix + name in names:
            unpack(archive, prefix + name, place / name)
