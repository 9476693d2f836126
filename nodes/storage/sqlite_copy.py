"""Copies of databases while their owners go on writing, and what shrinks a file again."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from ledger.errors import StorageError
from nodes.storage.sqlite import SqliteSnapshot
from nodes.storage.sqlite_file import SNAPSHOT_CACHE_KIB, open_connection, storage_error

PARTIAL = ".new"
"""What a file is called until it is whole."""


@contextmanager
def one_moment(paths: Sequence[Path]) -> Iterator[list[sqlite3.Connection]]:
    """Readers of all these databases at one moment, as if the power had failed at all of them at once; raises StorageError.

    While the readers begin, the write locks of all databases are held, for milliseconds: a writer waits for its own, and
    nothing is sent by a node before it is written. So what one database holds from another node, the other's holds too.
    """
    with ExitStack() as opened:
        try:
            locks = [opened.enter_context(closing(_open(path, read_only=False))) for path in paths]
            readers = [opened.enter_context(closing(_open(path))) for path in paths]
            for lock in locks:
                lock.execute("BEGIN IMMEDIATE")
            for reader in readers:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a read is what pins the moment
            for lock in locks:
                lock.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise storage_error(error, paths[0]) from error
        yield readers


@contextmanager
def reading(path: Path) -> Iterator[SqliteSnapshot]:
    """A `Reader` on one moment of a database that may be in use; raises StorageError."""
    with closing(_open(path)) as connection:
        connection.execute("BEGIN")
        yield SqliteSnapshot(connection, path)


def copy_database(reader: sqlite3.Connection, target: Path) -> None:
    """Copies the moment that the reader sees into a new file, not durable until `put_in_place`; raises StorageError."""
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            reader.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise storage_error(error, target) from error


def compact(path: Path) -> None:
    """Gives the room of deleted rows back to the disk, and leaves nothing of them; the database is not in use."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise storage_error(error, path) from error


def put_in_place(partial: Path, target: Path) -> None:
    """Names a file that is whole; waits until that is on disk."""
    sync(partial)
    os.replace(partial, target)
    if os.name != "nt":
        sync(target.parent)


def sync(path: Path) -> None:
    """Waits until the file, or the directory, is on disk."""
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, *, read_only: bool = True) -> sqlite3.Connection:
    if not path.exists():  # check: copied-database-exists
        raise StorageError("missing-database", f"{path} is not there.")
    return open_connection(path, SNAPSHOT_CACHE_KIB, read_only=read_only)
