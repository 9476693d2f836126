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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.errors import OperatorError
from nodes.clock import Clock, begin_clocks
from nodes.network_directory import read_lab, read_network
from nodes.node_copies import pack, unpack, verify_new
from nodes.node_directory import verify_stopped
from nodes.node_files import CLOCK_OFFSET, DATABASE, DOCUMENTS, LOG, NODE_FILE, NODES, OUTPUT
from nodes.storage.sqlite_copy import PARTIAL, copy_database, one_moment
from nodes.voting_mark import VOTING_MARK, has_voting_mark, write_voting_mark

FORMAT = "tallystick-network-snapshot-1"
MANIFEST = "snapshot.json"
MANIFEST_BYTES_MAX = 1_000_000
ENTRY_BYTES_MAX = 1_000_000_000
"""Of one file of a node, unpacked."""
SUM_BYTES_MAX = 4_000_000_000
"""Of all that is unpacked."""
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of others Python may unpack any number of bytes at once."""
FILES = (VOTING_MARK, LOG)
DATABASES = (DATABASE, DOCUMENTS)
Databases: TypeAlias = tuple[tuple[int, int, int] | None, ...]
"""The database files of a network."""


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
            found_files = {**databases, **files}
            _verify_sizes([path.stat().st_size for path in found_files.values()], ENTRY_BYTES_MAX)
            pack(target, MANIFEST, manifest.model_dump_json(indent=2).encode(), found_files)
    except OSError as error:
        raise OperatorError("cannot-write", f"{target} cannot be written: {error.strerror}.") from error


def restore_network(directory: Path, source: Path) -> None:
    """Puts the nodes of a lab that stands still back to a snapshot of the same ledger, clocks too; raises OperatorError."""
    network, _ = read_lab(directory, "restore")
    nodes, fresh, old = directory / NODES, directory / (NODES + PARTIAL), directory / (NODES + ".old")
    if old.exists() and not nodes.exists():  # a restore was killed between its renames
        old.rename(nodes)
    for node in network.nodes:
        verify_stopped(directory / node.directory)
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = Manifest.model_validate_json(_read_manifest(archive))
            if manifest.format != FORMAT or manifest.ledger != network.ledger:  # check: snapshot-of-ledger
                raise OperatorError("other-ledger", f"{source} is a snapshot of another ledger.")
            entries = _entries(archive, [node.member for node in network.nodes])
            for node in network.nodes:
                place = fresh / node.member
                place.mkdir(parents=True)
                shutil.copy2(directory / node.directory / NODE_FILE, place / NODE_FILE)
                for name, entry in entries[node.member].items():
                    unpack(archive, entry, place / name)
                if has_voting_mark(place):  # anew: the mark was copied after the databases, and may know of more than they do
                    write_voting_mark(place, network.ledger)
    except FileNotFoundError as error:
        raise OperatorError("missing-file", f"{source} cannot be read: {error.strerror}.") from error
    except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValidationError) as error:
        raise OperatorError("bad-backup", f"{source} is no snapshot of a network, or is damaged: {error}.") from error
    for node in network.nodes:
        if (time_ms := manifest.clocks_ms.get(node.member)) is not None:
            begin_clocks([fresh / node.member / CLOCK_OFFSET], time_ms)
        if (output := directory / node.directory / OUTPUT).exists():  # the process of a node that rests writes into it still
            output.replace(fresh / node.member / OUTPUT)
    _put_in_place(nodes, fresh, old)


def databases_now(directory: Path) -> Databases:
    """By what one sees whether somebody put other databases in the place of these; None for one that is missing."""
    return tuple(_identity(directory / node.directory / DATABASE) for node in read_network(directory).nodes)


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _put_in_place(nodes: Path, fresh: Path, old: Path) -> None:
    try:
        nodes.rename(old)
        try:
            fresh.rename(nodes)
        except OSError:
            old.rename(nodes)
            raise
    except OSError as error:
        raise OperatorError("cannot-write", f"{nodes} cannot be replaced: {error.strerror}.") from error
    shutil.rmtree(old)


def _read_manifest(archive: zipfile.ZipFile) -> bytes:
    _verify([archive.getinfo(MANIFEST)], MANIFEST_BYTES_MAX)
    return archive.read(MANIFEST)


def _entries(archive: zipfile.ZipFile, members: Sequence[str]) -> dict[str, dict[str, str]]:
    """What each node had: name of the file, name in the archive. Nothing else of the archive is looked at.

    Raises KeyError where a database is missing, BadZipFile, and OperatorError `snapshot-too-large`.
    """
    names = set(archive.namelist())
    entries = {
        member: {
            name: f"{NODES}/{member}/{name}"
            for name in (*DATABASES, *FILES)
            if name == DATABASE or f"{NODES}/{member}/{name}" in names
        }
        for member in members
    }
    _verify([archive.getinfo(name) for own in entries.values() for name in own.values()], ENTRY_BYTES_MAX)
    return entries


def _verify(entries: Sequence[zipfile.ZipInfo], bytes_max: int) -> None:
    """Before anything is unpacked. What an archive says of a size holds: no more is read of an entry."""
    if any(entry.compress_type not in PACKED for entry in entries):  # check: snapshot-packed
        raise zipfile.BadZipFile("it is compressed in a way that no snapshot is")
    _verify_sizes([entry.file_size for entry in entries], bytes_max)


def _verify_sizes(sizes: Sequence[int], bytes_max: int) -> None:
    if max(sizes) > bytes_max or sum(sizes) > SUM_BYTES_MAX:  # check: snapshot-size
        raise OperatorError(
            "snapshot-too-large",
            f"A snapshot of a lab unpacks to at most {ENTRY_BYTES_MAX} bytes a file, {MANIFEST_BYTES_MAX} in {MANIFEST}, and "
            f"{SUM_BYTES_MAX} in all.",
        )


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
