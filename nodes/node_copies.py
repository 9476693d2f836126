"""A node's data as one file: backup and restore, state snapshot and a node that begins with one; pruning.

BACKUP.zip      backup.json (format, member, ledger, height), ledger.sqlite3, documents.sqlite3 where there are documents,
                clock.offset in a lab
SNAPSHOT.gz     `tallystick-snapshot-1` (`ledger/snapshot`), compressed

Neither holds a key, the voting mark, or what the node said of the height that was not decided. A database that is restored
or begun with a snapshot says so in itself (`stable.UNMARKED`), so that a mark beside it counts for nothing, even where files
are copied by hand: the node votes again only after it has asked the others (`nodes/replica/recovery`).
"""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from ledger.block import Header
from ledger.chain.chain import Chain
from ledger.chain.genesis import Genesis
from ledger.chain.lookup import Lookup
from ledger.chain.retention import last_expired, prune
from ledger.chain.view import ChainView
from ledger.contract.loader import ContractSet
from ledger.encoding import decode_object, encode
from ledger.errors import InputError, JsonValue, OperatorError, StorageError, VerificationError
from ledger.snapshot.reader import read_snapshot
from ledger.snapshot.writer import snapshot_lines
from nodes.key_files import PRIVATE_MODE
from nodes.node_directory import KEPT_OPEN
from nodes.node_files import CLOCK_OFFSET, DATABASE, DOCUMENTS
from nodes.replica import stable
from nodes.storage.sqlite import SqliteStore
from nodes.storage.sqlite_copy import PARTIAL, compact, copy_database, one_moment, put_in_place, reading
from nodes.voting_mark import VOTING_MARK, write_voting_mark

BACKUP_FORMAT = "tallystick-backup-1"
MANIFEST = "backup.json"
RESTORED = (DOCUMENTS, CLOCK_OFFSET, DATABASE)
"""What a restored node finds again, the database last."""
LINE_BYTES_MAX = 256_000_000
"""Longest line of a state snapshot that is read: the receipts of one block."""
COMPRESSION, FAST = 6, 1
"""Of a state snapshot, which is sent, and of archives, which must not make anybody wait."""


def write_backup(directory: Path, member: str, target: Path) -> int:
    """Copies a node that may be running; returns the height. Raises OperatorError."""
    verify_new(target)
    names = [name for name in (DATABASE, DOCUMENTS) if (directory / name).exists() or name == DATABASE]
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".tallystick-") as aside:
            copies = {name: Path(aside) / name for name in names}
            with one_moment([directory / name for name in names]) as readers:
                for reader, path in zip(readers, copies.values(), strict=True):
                    copy_database(reader, path)
            ledger, height = _silence(copies[DATABASE])
            manifest: dict[str, JsonValue] = {"format": BACKUP_FORMAT, "ledger": ledger, "member": member, "height": height}
            if (directory / CLOCK_OFFSET).exists():
                copies[CLOCK_OFFSET] = directory / CLOCK_OFFSET
            pack(target, MANIFEST, encode(manifest), copies)
    except OSError as error:
        raise OperatorError("cannot-write", f"{target} cannot be written: {error.strerror}.") from error
    return height


def pack(target: Path, manifest_name: str, manifest: bytes, files: Mapping[str, Path]) -> None:
    """Writes files, by their names in it, to an archive for its owner's eyes alone, whole or not at all; raises OSError."""
    partial = target.with_name(target.name + PARTIAL)
    try:
        partial.touch(PRIVATE_MODE)  # it may hold private documents
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
            archive.writestr(manifest_name, manifest)
            for name, path in files.items():
                archive.write(path, name)
        put_in_place(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def unpack(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    """Writes one file of an archive to where its owner alone reads it; raises KeyError where it is missing."""
    target.touch(PRIVATE_MODE)
    with archive.open(name) as packed, target.open("wb") as file:
        copyfileobj(packed, file)


def restore_backup(source: Path, directory: Path, genesis: Genesis, contracts: ContractSet) -> int:
    """Puts a backup of this ledger in a directory without a database; returns the height. Raises OperatorError.

    The voting mark goes before the database comes: at no moment stands an old database beside a mark. Documents that are
    there stay: they are newer, and know what was purged since.
    """
    verify_no_database(directory)
    partials = {name: directory / (name + PARTIAL) for name in RESTORED}
    try:
        _unpack(source, partials)
        height = _verify_ledger(partials[DATABASE], genesis, contracts)
        (directory / VOTING_MARK).unlink(missing_ok=True)
        for name, partial in partials.items():
            if partial.exists() and not (name == DOCUMENTS and (directory / name).exists()):
                for ending in KEPT_OPEN:  # of the file that was lost
                    (directory / (name + ending)).unlink(missing_ok=True)
                put_in_place(partial, directory / name)
    finally:
        for partial in partials.values():
            _remove(partial)
    return height


def _unpack(source: Path, targets: Mapping[str, Path]) -> None:
    """The files of a backup; raises OperatorError `bad-backup` or `missing-file`."""
    try:
        with zipfile.ZipFile(source) as archive:
            if decode_object(archive.read(MANIFEST)).get("format") != BACKUP_FORMAT:  # check: backup-format
                raise OperatorError("bad-backup", f"{source} is no backup of a node.")
            for name, target in targets.items():
                if name in archive.namelist() or name == DATABASE:
                    unpack(archive, name, target)
    except FileNotFoundError as error:
        raise OperatorError("missing-file", f"{error.filename} is not there.") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, InputError) as error:
        raise OperatorError("bad-backup", f"{source} is no backup of a node, or is damaged: {error}.") from error


def write_snapshot(directory: Path, target: Path) -> int:
    """Writes the state snapshot of a node that may be running; returns its height. Raises OperatorError or NotFoundError."""
    verify_new(target)
    partial = target.with_name(target.name + PARTIAL)
    try:
        partial.touch(PRIVATE_MODE)  # the ledger may be for members alone
        with reading(directory / DATABASE) as reader, partial.open("wb") as file:
            view = ChainView(reader)
            with gzip.GzipFile("", "wb", COMPRESSION, file, mtime=0) as packed:
                for line in snapshot_lines(view):
                    packed.write(line + b"\n")
            height = view.height
        put_in_place(partial, target)
    except OSError as error:
        raise OperatorError("cannot-write", f"{target} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return height


def join(source: Path, directory: Path, genesis: Genesis) -> Header:
    """Begins a database with a state snapshot; raises VerificationError `broken-snapshot` or OperatorError, and leaves none."""
    verify_no_database(directory)
    (directory / VOTING_MARK).unlink(missing_ok=True)
    partial = directory / (DATABASE + PARTIAL)
    _remove(partial)
    failures: list[StorageError] = []
    try:
        store = SqliteStore(partial, on_failure=failures.append)
        try:
            header = read_snapshot(_lines(source), genesis, store)
            store.commit(stable.unmarked())
        finally:
            store.close()
        if failures:  # check: join-durable
            raise failures[0]
        put_in_place(partial, directory / DATABASE)
    finally:
        _remove(partial)
    return header


def let_sole_validator_vote(directory: Path, member: str, contracts: ContractSet) -> None:
    """The operator's word, where no other validator can be asked, that this key has signed nothing that is not here.

    The node stands still; raises OperatorError `not-sole-validator`.
    """
    store = SqliteStore(directory / DATABASE)
    try:
        chain = Chain.open(store, contracts)
        if chain.validators.n > 1 or chain.validators.index_of(member) is None:  # check: sole-validator
            message = (
                f"{member} is not the only validator at height {chain.height + 1}; it asks the others by itself when it runs."
            )
            raise OperatorError("not-sole-validator", message)
        store.commit(stable.marked())
    finally:
        store.close()
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

    The node stands still; raises StorageError.
    """
    path = directory / DATABASE
    if not path.exists():  # check: pruned-database-exists
        raise StorageError("missing-database", f"{path} is not there.")
    size, failures = path.stat().st_size, list[StorageError]()
    store = SqliteStore(path, on_failure=failures.append)
    try:
        view = Lookup(store)
        asked = min(view.height if before is None else before - 1, view.height - (keep or 0))
        upto = min(asked, last_expired(view))
        if upto > 0:
            for batch in prune(view, upto):
                store.commit(batch)
        gone = view.pruned
    finally:
        store.close()
    if failures:
        raise failures[0]
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
    """Takes out of a copy what the node said of the height that is not decided; gives ledger and height."""
    store = SqliteStore(path)
    try:
        view = Lookup(store)
        ledger, height = view.ledger, view.height
        store.commit(stable.silenced(store, height + 1))
    finally:
        store.close()
    compact(path)
    return ledger, height


def _verify_ledger(path: Path, genesis: Genesis, contracts: ContractSet) -> int:
    """The height of a copy of this ledger, whose trees are those of its head; it is silenced again, whoever made it."""
    store = SqliteStore(path)
    try:
        height = Chain.open(store, contracts, genesis.ledger).height
        store.commit(stable.silenced(store, height + 1))
    finally:
        store.close()
    return height


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
