"""A node's data as one file: backup and restore, state snapshot and a node that begins with one; pruning.

BACKUP.zip      backup.json (format, member, ledger, height), ledger.sqlite3, documents.sqlite3 where there are documents,
                clock.offset in a lab
SNAPSHOT.gz     `tallystick-snapshot-1` (`ledger/snapshot`), compressed

Neither holds a key, the voting mark, or the node's statements at the height that was not decided. A database that is restored
or begun with a snapshot says so in a row (`voting_mark.UNMARKED`), so that a mark beside it counts for nothing, even where
files are copied by hand: the node votes again only after it has asked the others (`nodes/replica/recovery`).
"""

import gzip
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ledger.block import Header
from ledger.chain.chain import Chain
from ledger.chain.retention import last_expired, prune
from ledger.chain.tables import TERMS, TRUST_STEPS, WRITES
from ledger.chain.view import ChainView
from ledger.codec import StrictModel
from ledger.contract.contract import ContractSet
from ledger.encoding import encode
from ledger.errors import InputError, OperatorError, RefusedError, StorageError, VerificationError
from ledger.genesis import Genesis
from ledger.snapshot.reader import read_snapshot
from ledger.snapshot.rebuild import rebuild
from ledger.snapshot.writer import snapshot_lines
from ledger.state.overlay import TABLE as STATE
from ledger.state.store import Batch
from nodes.documents.document_store import restore_documents
from nodes.key_files import PARTIAL, PRIVATE_MODE, put_in_place, whole_file, writing
from nodes.node import voting_mark
from nodes.node.clock import Clock
from nodes.node.copy_archive import Room, open_archive, pack, read_manifest, unpack
from nodes.node.files import CLOCK_OFFSET, DATABASE, DOCUMENTS
from nodes.node.node_directory import KEPT_OPEN
from nodes.node.voting_mark import VOTING_MARK, write_voting_mark
from nodes.storage.sqlite import open_store
from nodes.storage.sqlite_copy import (
    DAMAGED,
    compact,
    copy_database,
    differing_tables,
    one_moment,
    reading,
    reading_foreign,
    verify_rows,
)

BACKUP_FORMAT: Literal["tallystick-backup-1"] = "tallystick-backup-1"
MANIFEST = "backup.json"
ROOM = Room(100_000_000_000, 200_000_000_000)
"""Of a backup, unpacked."""
UNVERIFIED = (STATE, WRITES, TERMS, TRUST_STEPS)
"""Tables of a pruned ledger of which less can be verified than they say: when a key was last written before the blocks that are
here whole, what signed and was called in blocks whose body is gone."""
RESTORED = (DOCUMENTS, CLOCK_OFFSET, DATABASE)
"""What a restored node finds again, the database last."""
LINE_BYTES_MAX = 256_000_000
"""Longest line of a state snapshot that is read: the receipts of one block."""
COMPRESSION = 6
"""Of a state snapshot, which is sent."""


class BackupManifest(StrictModel):
    """backup.json."""

    format: Literal["tallystick-backup-1"]
    ledger: str
    member: str
    height: int


def write_backup(directory: Path, member: str, target: Path) -> int:
    """Copies a node that may be running; returns the height. Raises OperatorError."""
    verify_new(target)
    names = [name for name in (DATABASE, DOCUMENTS) if (directory / name).exists() or name == DATABASE]
    with writing(target), tempfile.TemporaryDirectory(dir=target.parent, prefix=".tallystick-") as aside:
        copies = {name: Path(aside) / name for name in names}
        with one_moment([directory / name for name in names]) as readers:
            for reader, path in zip(readers, copies.values(), strict=True):
                copy_database(reader, path)
        try:
            ledger, height = _silence(copies[DATABASE])
        except StorageError as error:  # what is damaged is the node's database, not the copy that is gone again
            if error.code != "database-damaged":
                raise
            message = error.message.replace(str(copies[DATABASE]), str(directory / DATABASE))
            raise StorageError("database-damaged", message) from error
        manifest = BackupManifest(format=BACKUP_FORMAT, ledger=ledger, member=member, height=height)
        if (directory / CLOCK_OFFSET).exists():
            copies[CLOCK_OFFSET] = directory / CLOCK_OFFSET
        pack(target, MANIFEST, encode(manifest.model_dump(mode="json")), copies, ROOM)
    return height


@dataclass(frozen=True, slots=True)
class RestoredCopy:
    """What a restore put in place."""

    height: int
    left_out: tuple[str, ...]
    """Tables of which the backup held something else than follows from its blocks."""


def restore_backup(
    source: Path, directory: Path, genesis: Genesis, member: str, progress: Callable[[int, int], None] = lambda height, of: None
) -> RestoredCopy:
    """Puts a backup of this node in a directory without a database; raises OperatorError.

    Nothing of it is believed: the database is built again from what the validators certified since the genesis, and documents are
    held against their digests. The voting mark goes before the database comes: at no moment stands an old database beside a
    mark. Documents that are there stay: they are newer, and know what was purged since. `progress` gets height and
    last height.
    """
    verify_no_database(directory)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".tallystick-") as aside:
        packed, whole = Path(aside) / "packed", Path(aside) / "whole"
        packed.mkdir()
        whole.mkdir()
        manifest = _unpack(source, packed, genesis, member)
        restored = rebuild_database(
            packed / DATABASE, whole / DATABASE, genesis, lambda copy, rebuilt: voting_mark.unmarked(), progress
        )
        if restored.height != manifest.height:  # check: backup-height
            raise OperatorError("bad-backup", f"{source} says height {manifest.height} and holds {restored.height}.")
        if (packed / DOCUMENTS).exists() and not (directory / DOCUMENTS).exists():
            restore_documents(packed / DOCUMENTS, whole / DOCUMENTS)
        if (packed / CLOCK_OFFSET).exists():
            Clock(packed / CLOCK_OFFSET)
            (packed / CLOCK_OFFSET).rename(whole / CLOCK_OFFSET)
        (directory / VOTING_MARK).unlink(missing_ok=True)
        for name in RESTORED:
            if (whole / name).exists():
                for ending in KEPT_OPEN:  # of the file that was lost
                    (directory / (name + ending)).unlink(missing_ok=True)
                put_in_place(whole / name, directory / name)
    return restored


def rebuild_database(
    source: Path,
    target: Path,
    genesis: Genesis,
    own: Callable[[ChainView, ChainView], Batch],
    progress: Callable[[int, int], None] = lambda height, of: None,
) -> RestoredCopy:
    """Makes a database of what holds in another one, and of the rows that `own` gives, asked with views on the two.

    Raises OperatorError.
    """
    with open_store(target) as store:
        try:
            with reading_foreign(source) as reader:
                view = ChainView(reader)
                height = rebuild(view, genesis, store, progress)
                store.commit(own(view, ChainView(store, genesis)))
                unverified = UNVERIFIED if view.pruned else ()
        except (InputError, VerificationError, RefusedError, StorageError) as error:
            if isinstance(error, StorageError) and error.code not in DAMAGED:
                raise
            raise OperatorError("bad-backup", f"The database of the copy does not hold: {error.message}") from error
    return RestoredCopy(height, tuple(name for name in differing_tables(source, target) if name not in unverified))


def _unpack(source: Path, place: Path, genesis: Genesis, member: str) -> BackupManifest:
    """The files of a backup of this node of this ledger; raises OperatorError."""
    with open_archive(source, ROOM) as archive:
        manifest = BackupManifest.model_validate_json(read_manifest(archive, MANIFEST))
        if manifest.ledger != genesis.ledger:  # check: backup-ledger
            raise OperatorError("other-ledger", f"{source} is a backup of ledger {manifest.ledger}, not {genesis.ledger}.")
        if manifest.member != member:  # check: backup-member
            raise OperatorError("other-member", f"{source} is a backup of {manifest.member}, and this is the node of {member}.")
        for name in RESTORED:
            if name in archive.namelist() or name == DATABASE:
                unpack(archive, name, place / name)
    return manifest


def write_snapshot(directory: Path, target: Path) -> int:
    """Writes the state snapshot of a node that may be running; returns its height. Raises OperatorError or NotFoundError."""
    verify_new(target)
    # The ledger may be for members only.
    with whole_file(target, PRIVATE_MODE) as partial, reading(directory / DATABASE) as reader, partial.open("wb") as file:
        view = ChainView(reader)
        with gzip.GzipFile("", "wb", COMPRESSION, file, mtime=0) as packed:
            packed.writelines(line + b"\n" for line in snapshot_lines(view))
        return view.height


def join(source: Path, directory: Path, genesis: Genesis) -> Header:
    """Begins a database with a state snapshot; raises VerificationError `broken-snapshot` or OperatorError, and leaves none."""
    verify_no_database(directory)
    (directory / VOTING_MARK).unlink(missing_ok=True)
    partial = directory / (DATABASE + PARTIAL)
    _remove(partial)
    try:
        with open_store(partial) as store:
            header = read_snapshot(_lines(source), genesis, store)
            store.commit(voting_mark.unmarked())
        put_in_place(partial, directory / DATABASE)
    finally:
        _remove(partial)
    return header


def let_sole_validator_vote(directory: Path, member: str, contracts: ContractSet) -> None:
    """The operator's word, where no other validator can be asked, that this key has signed nothing that is not here.

    The node does not run; raises OperatorError `not-sole-validator`.
    """
    with open_store(directory / DATABASE) as store:
        chain = Chain.open(store, contracts)
        if chain.validators.n > 1 or chain.validators.index_of(member) is None:  # check: sole-validator
            message = (
                f"{member} is not the only validator at height {chain.height + 1}; it asks the others by itself when it runs."
            )
            raise OperatorError("not-sole-validator", message)
        store.commit(voting_mark.marked())
    write_voting_mark(directory, chain.ledger)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning did."""

    upto: int
    """Height up to which bodies and writes are gone."""
    asked: int
    """Up to which they were to go: younger blocks than the longest lifetime of a transaction stay whole."""
    bytes_before: int
    bytes_after: int


def prune_node(directory: Path, *, keep: int | None = None, before: int | None = None) -> Pruned:
    """Drops bodies and earlier values of all but the `keep` newest blocks, or of those before a height.

    The node does not run; raises StorageError.
    """
    path = directory / DATABASE
    if not path.exists():  # check: pruned-database-exists
        raise StorageError("missing-database", f"{path} is not there.")
    size = path.stat().st_size
    with open_store(path) as store:
        view = ChainView(store)
        asked = min(view.height if before is None else before - 1, view.height - (keep or 0))
        upto = min(asked, last_expired(view))
        if upto > 0:
            for batch in prune(view, upto):
                store.commit(batch)
        gone = view.pruned
    compact(path)
    return Pruned(gone, asked, size, path.stat().st_size)


def verify_new(path: Path) -> None:
    """Raises OperatorError `file-exists`."""
    if path.exists():  # check: copy-new
        raise OperatorError("file-exists", f"{path} exists already; it is never replaced.")


def verify_no_database(directory: Path) -> None:
    """Raises OperatorError `already-a-node`: an operator moves a database away that is to be replaced."""
    if (directory / DATABASE).exists():  # check: restored-into-nothing
        raise OperatorError("already-a-node", f"{directory / DATABASE} is there; move it away first.")


def _silence(path: Path) -> tuple[str, int]:
    """Takes the node's statements at the undecided height out of a copy; returns ledger and height."""
    with open_store(path) as store:
        view = ChainView(store)
        ledger, height = view.ledger, view.height
        store.commit(voting_mark.silenced(store, height + 1))
    compact(path)
    verify_rows(path)  # an operator learns of damage now, not when the copy is needed
    return ledger, height


def _lines(source: Path) -> Iterator[bytes]:
    """The lines of a compressed file; raises VerificationError for a damaged one."""
    try:
        with gzip.open(source, "rb") as file:
            while line := file.readline(LINE_BYTES_MAX):
                yield line.removesuffix(b"\n")
    except FileNotFoundError as error:
        raise OperatorError("missing-file", f"{source} is not there.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise VerificationError("broken-snapshot", f"{source} is damaged or no snapshot: {error}.", rule="file") from error


def _remove(path: Path) -> None:
    """A file that only this program knows by this name, with what SQLite and the lock put beside it."""
    for ending in ("", *KEPT_OPEN, ".lock"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
