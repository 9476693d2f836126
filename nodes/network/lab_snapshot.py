"""A whole lab in one file, with its history, clocks and votes, and back again.

SNAPSHOT.zip    snapshot.json (format, ledger, what each node's clock shows), nodes/MEMBER/… : databases, mark, log

All nodes go back together or not at all, because each goes back to what it had said: their databases are copied at one
moment, also while the network runs. Settings, keys, addresses and TLS certificates stay as they are. Two branches that
share keys are equivocation: the records of both convict their validators. So this is for labs, and one branch at a time.
"""

import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from ledger.certificate import Domain, verify_certificate, verify_statement
from ledger.chain.chain import transactions_root
from ledger.chain.view import ChainView
from ledger.codec import StrictModel
from ledger.errors import OperatorError, VerificationError
from ledger.keys import SUITES, Suite
from ledger.state.store import Batch
from nodes.documents.document_store import restore_documents
from nodes.key_files import PARTIAL, writing
from nodes.network.directory import read_lab, read_network
from nodes.node import voting_mark
from nodes.node.clock import Clock, begin_clocks
from nodes.node.copies import rebuild_database, verify_new
from nodes.node.copy_archive import Room, open_archive, pack, read_manifest, unpack
from nodes.node.files import (
    CLOCK_OFFSET,
    DATABASE,
    DOCUMENTS,
    GENESIS_FILE,
    LOG,
    NODE_FILE,
    NODES,
    OUTPUT,
    read_genesis,
)
from nodes.node.node_directory import verify_stopped
from nodes.node.voting_mark import VOTING_MARK, has_voting_mark, write_voting_mark
from nodes.replica import voting_record
from nodes.storage.sqlite_copy import copy_database, one_moment, verify_rows

FORMAT = "tallystick-network-snapshot-1"
MANIFEST = "snapshot.json"
ROOM = Room(1_000_000_000, 4_000_000_000)
"""Of a snapshot, unpacked."""
FILES = (VOTING_MARK, LOG)
DATABASES = (DATABASE, DOCUMENTS)
Databases: TypeAlias = tuple[tuple[int, int, int] | None, ...]
"""The database files of a network."""


class SnapshotManifest(StrictModel):
    """snapshot.json."""

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
    with writing(target), tempfile.TemporaryDirectory(dir=target.parent, prefix=".tallystick-") as aside:
        databases = {f"{NODES}/{member}/{name}": Path(aside) / f"{member}.{name}" for member, name in found}
        with one_moment([places[member] / name for member, name in found]) as readers:
            clocks_ms = {member: Clock(place / CLOCK_OFFSET).now_ms() for member, place in places.items()}
            files = _copy_files(places, Path(aside))
            for reader, copy in zip(readers, databases.values(), strict=True):
                copy_database(reader, copy)
                if copy.name.endswith(DATABASE):
                    verify_rows(copy)
        manifest = SnapshotManifest(format=FORMAT, ledger=network.ledger, clocks_ms=clocks_ms)
        pack(target, MANIFEST, manifest.model_dump_json(indent=2).encode(), {**databases, **files}, ROOM)


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
    genesis = read_genesis(directory / GENESIS_FILE, network.ledger)
    with open_archive(source, ROOM) as archive, tempfile.TemporaryDirectory(dir=directory, prefix=".tallystick-") as aside:
        manifest = SnapshotManifest.model_validate_json(read_manifest(archive, MANIFEST))
        if manifest.format != FORMAT or manifest.ledger != network.ledger:  # check: snapshot-of-ledger
            raise OperatorError("other-ledger", f"{source} is a snapshot of another ledger.")
        names = set(archive.namelist())
        for node in network.nodes:
            packed, place = Path(aside) / node.member, fresh / node.member
            packed.mkdir()
            place.mkdir(parents=True)
            shutil.copy2(directory / node.directory / NODE_FILE, place / NODE_FILE)
            for name in (*DATABASES, *FILES):  # nothing else of the archive is looked at
                if (entry := f"{NODES}/{node.member}/{name}") in names or name == DATABASE:
                    unpack(archive, entry, (packed if name in DATABASES else place) / name)
            own = partial(_own_rows, node.member, SUITES[genesis.suite])
            rebuild_database(packed / DATABASE, place / DATABASE, genesis, own)
            if (packed / DOCUMENTS).exists():
                restore_documents(packed / DOCUMENTS, place / DOCUMENTS)
            if has_voting_mark(place):  # a new one: the old one was copied after the databases, and may know more
                write_voting_mark(place, network.ledger)
    for node in network.nodes:
        if (time_ms := manifest.clocks_ms.get(node.member)) is not None:
            begin_clocks([fresh / node.member / CLOCK_OFFSET], time_ms)
        if (output := directory / node.directory / OUTPUT).exists():  # the process of a node that rests writes into it still
            output.replace(fresh / node.member / OUTPUT)
    _put_in_place(nodes, fresh, old)


def databases_now(directory: Path) -> Databases:
    """Shows whether other databases were put in the place of these; None for one that is missing."""
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


def _own_rows(member: str, suite: Suite, copy: ChainView, rebuilt: ChainView) -> Batch:
    """What a node had said of the height that is not decided, and had heard of it, as far as it holds; raises TallystickError.

    What was taken away cannot be noticed: a changed snapshot can let validators forget what they said.
    """
    height = rebuilt.height + 1
    validators, kept = rebuilt.validators_at(height), voting_record.remembered(copy.reader, height)
    domain, batch = Domain(rebuilt.ledger, validators.digest), Batch()
    for statement in kept.statements:
        verify_statement(domain, validators, statement, suite)
        if (statement.height, statement.signer) != (height, validators.index_of(member)):  # check: restored-statement
            raise VerificationError("wrong-record", f"A statement is not one of {member} at height {height}.")
        voting_record.write_statement(batch, statement)
    for certificate in kept.certificates:
        verify_certificate(domain, validators, certificate, suite)
        if certificate.height != height:  # check: restored-certificate
            raise VerificationError("wrong-record", f"A certificate is not of height {height}.")
    voting_record.write_certificates(batch, kept.certificates)
    for block in kept.blocks:
        if block.header.transactions_root != transactions_root(block.transactions):  # check: restored-candidate
            raise VerificationError("wrong-transactions-root", "A block that was proposed has another body.")
        voting_record.write_candidate(batch, block)
    if voting_mark.is_unmarked(copy.reader):
        batch.writes |= voting_mark.unmarked().writes
    return batch


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
