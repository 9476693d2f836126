"""Opening the database file: is it ours, is it whole, and what does an SQLite error mean."""

import sqlite3
from pathlib import Path

from ledger.errors import StorageError

APPLICATION_ID = 0x74616C6C
"""`tall` in ASCII, in the header of every database of this project."""
SCHEMA = "CREATE TABLE IF NOT EXISTS rows (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL)"
PAGE_BYTES = 2_048
"""In a large ledger nearly every row that a block writes lies on a page of its own: half a page costs less to write."""
WRITER_CACHE_KIB = 4_000
READER_CACHE_KIB = 6_000
SNAPSHOT_CACHE_KIB = 1_000
CHECKPOINT_PAGES = 20_000
"""The write-ahead log is copied into the file after about 40 MB: a page written by many blocks is copied once."""

CODES = {
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_CORRUPT: "database-damaged",
    sqlite3.SQLITE_NOTADB: "database-damaged",
    sqlite3.SQLITE_BUSY: "database-in-use",
    sqlite3.SQLITE_LOCKED: "database-in-use",
}
SENTENCES = {
    "disk-full": "The disk is full, or the file reached its limit",
    "database-damaged": "The database is damaged; restore it from a backup or let the node fetch the ledger anew",
    "database-in-use": "Another program holds the database",
    "storage-failed": "The database cannot be read or written",
}


def storage_error(error: Exception, path: Path) -> StorageError:
    """What an error of SQLite means to the operator."""
    code = CODES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "storage-failed")
    return StorageError(code, f"{SENTENCES[code]}: {path} ({error}).")


def prepare_file(path: Path) -> None:
    """Makes a new database, or verifies that the file there is one of ours and whole; raises StorageError."""
    try:
        _verify_not_emptied(path)
        connection = sqlite3.connect(path, isolation_level=None)
    except OSError as error:
        raise StorageError("storage-failed", f"{path} cannot be opened: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    try:
        _verify_ours(connection, path)
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(SCHEMA)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    finally:
        connection.close()


def open_connection(path: Path, cache_kib: int, read_only: bool = False, file_bytes_max: int | None = None) -> sqlite3.Connection:
    """A connection in autocommit mode that any one thread at a time may use; raises StorageError."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        if file_bytes_max is not None:
            connection.execute(f"PRAGMA max_page_count={file_bytes_max // PAGE_BYTES}")
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    return connection


def _verify_not_emptied(path: Path) -> None:
    """SQLite would start from empty and drop the log; damage of any other kind it finds by itself."""
    log = path.with_name(path.name + "-wal")
    length, log_length = (file.stat().st_size if file.exists() else 0 for file in (path, log))
    if length == 0 < log_length:  # check: database-emptied
        raise StorageError("database-damaged", f"{path} is empty or gone, but its log {log.name} is there.")


def _verify_ours(connection: sqlite3.Connection, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    is_new = application_id == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application_id != APPLICATION_ID and not is_new:  # check: database-application-id
        raise StorageError("foreign-database", f"{path} is a database of another program.")
