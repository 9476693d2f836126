"""Copies of databases while their owners go on writing, and what shrinks a file again."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from ledger.errors import StorageError
from nodes.storage.sqlite import (
    SCHEMA,
    SENTENCES,
    SNAPSHOT_CACHE_KIB,
    SqliteReader,
    checked,
    open_connection,
    prepare_file,
    sqlite_errors,
    verify_form,
)

DAMAGED = ("database-damaged", "foreign-database", "no-ledger", "old-database", "storage-failed")
"""Codes of StorageError that speak of a copy that is read, not of the disk it is put on."""
OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
DIFFERING = """
SELECT DISTINCT substr(key, 1, instr(key, x'00') - 1) AS name FROM (
    SELECT a.key FROM main.rows AS a LEFT JOIN other.rows AS b ON b.key = a.key WHERE b.value IS NOT a.value
    UNION ALL SELECT b.key FROM other.rows AS b LEFT JOIN main.rows AS a ON a.key = b.key WHERE a.key IS NULL
) ORDER BY name
"""


@contextmanager
def one_moment(paths: Sequence[Path]) -> Iterator[list[sqlite3.Connection]]:
    """Readers of all these databases at one moment, as if the power had failed at all of them at once; raises StorageError.

    While the readers begin, the write locks of all databases are held, for milliseconds: a writer waits for its own, and
    nothing is sent by a node before it is written. So what one database holds from another node, the other's holds too.
    """
    with ExitStack() as opened:
        with sqlite_errors(paths[0]):
            locks = [opened.enter_context(closing(_open(path, read_only=False))) for path in paths]
            readers = [opened.enter_context(closing(_open(path))) for path in paths]
            for lock in locks:
                lock.execute("BEGIN IMMEDIATE")
            for reader in readers:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a read is what pins the moment
            for lock in locks:
                lock.execute("ROLLBACK")
        yield readers


@contextmanager
def reading(path: Path) -> Iterator[SqliteReader]:
    """A `Reader` on one moment of a database that may be in use; raises StorageError."""
    with closing(_open(path)) as connection:
        verify_form(connection, path)
        connection.execute("BEGIN")
        yield SqliteReader(connection, path)


@contextmanager
def reading_foreign(path: Path) -> Iterator[SqliteReader]:
    """A `Reader` on a copy of unknown origin that is not in use; raises StorageError."""
    verify_schema(path, SCHEMA)
    prepare_file(path)  # one from before there were checksums gets them
    with reading(path) as reader:
        yield reader


def verify_schema(path: Path, schema: str) -> None:
    """Raises StorageError unless the file holds the tables and indexes of this schema and nothing else, and is whole.

    So it has no trigger and no view that acts when the file is used.
    """
    with closing(sqlite3.connect(":memory:")) as ours, closing(_connect(path)) as theirs:
        ours.executescript(schema)
        with sqlite_errors(path):
            theirs.execute("PRAGMA trusted_schema=OFF")
            is_ours = theirs.execute(OBJECTS).fetchall() == ours.execute(OBJECTS).fetchall()
            found = theirs.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if not is_ours:  # check: foreign-schema
        raise StorageError("foreign-database", f"{path} has other tables, indexes, triggers or views than this program makes.")
    if found != "ok":  # check: foreign-integrity
        raise StorageError("database-damaged", f"{SENTENCES['database-damaged']}: {path} ({found}).")


def verify_rows(path: Path) -> None:
    """Raises StorageError unless every row is what was written."""
    with sqlite_errors(path), closing(_connect(path)) as connection:
        connection.text_factory = bytes
        for row, stored in connection.execute("SELECT key, value FROM rows"):
            checked(row, stored, path)


def differing_tables(first: Path, second: Path) -> list[str]:
    """Names of the tables of a `Store` in which two databases differ, in order; neither is in use. Raises StorageError."""
    with sqlite_errors(first), closing(_connect(first)) as connection:
        connection.execute("ATTACH DATABASE ? AS other", (f"{second.resolve().as_uri()}?mode=ro",))
        return [name.decode(errors="replace") for (name,) in connection.execute(DIFFERING)]


def copy_database(reader: sqlite3.Connection, target: Path) -> None:
    """Copies the moment that the reader sees into a new file, not durable until `put_in_place`; raises StorageError."""
    with sqlite_errors(target), closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous=OFF")
        reader.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def compact(path: Path) -> None:
    """Gives the room of deleted rows back to the disk, and leaves nothing of them; the database is not in use."""
    with sqlite_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _connect(path: Path) -> sqlite3.Connection:
    """To a file that no program writes to; nothing is made beside it. Raises StorageError."""
    with sqlite_errors(path):
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _open(path: Path, *, read_only: bool = True) -> sqlite3.Connection:
    if not path.exists():  # check: copied-database-exists
        raise StorageError("missing-database", f"{path} is not there.")
    return open_connection(path, SNAPSHOT_CACHE_KIB, read_only=read_only)
