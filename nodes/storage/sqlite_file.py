"""Opening the database file: is it ours, is it whole, and what does an SQLite error mean.

SQLite notices a damaged page only where its structure breaks. So behind each value stand four bytes that row and value
give, and a reader of a row gets what was written, or StorageError `database-damaged`.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from zlib import crc32

from ledger.errors import StorageError

APPLICATION_ID = 0x74616C6C
"""`tall` in ASCII, in the header of every database of this project."""
SCHEMA = "CREATE TABLE IF NOT EXISTS rows (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL)"
FORM = 1
"""`user_version` of a database whose values end with a checksum. One of form 0, from before that, is rewritten when opened."""
CHECKSUM_BYTES = 4
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
NO_ROOM = (ENOSPC, EDQUOT, EFBIG)
"""The disk is full, or a quota or the limit of a file's length is reached: SQLite calls only some of these `full`."""
PROBE_BYTES = 65_536
SENTENCES = {
    "disk-full": "The disk is full, or the file reached its limit",
    "database-damaged": "The database is damaged; restore a backup (`tallystick node restore`), or begin in a new directory "
    "(`node init --restored`)",
    "database-in-use": "Another program holds the database",
    "storage-failed": "The database cannot be read or written",
}


def storage_error(error: Exception, path: Path) -> StorageError:
    """What an error of SQLite means to the operator."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    code = CODES.get(primary, "storage-failed")
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _has_no_room(path):
        code = "disk-full"
    return StorageError(code, f"{SENTENCES[code]}: {path} ({error}).")


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Raises StorageError for what SQLite raises inside."""
    try:
        yield
    except sqlite3.Error as error:
        raise storage_error(error, path) from error


def checksum(row: bytes, value: bytes) -> bytes:
    """What stands behind the value of a row; it covers the row's key, so that no value stands under another."""
    return crc32(value, crc32(row)).to_bytes(CHECKSUM_BYTES, "big")


def checked(row: bytes, stored: object, path: Path) -> bytes:
    """The value of a row as SQLite gave it; raises StorageError `database-damaged`."""
    value = stored[:-CHECKSUM_BYTES] if isinstance(stored, bytes) else b""
    if stored != value + checksum(row, value):  # check: row-checksum
        table = row.partition(b"\x00")[0].decode(errors="replace")
        raise StorageError("database-damaged", f"{SENTENCES['database-damaged']}: {path} (a row of {table}).")
    return value


def prepare_file(path: Path) -> None:
    """Makes a new database, or verifies that the file there is one of ours and whole; raises StorageError."""
    try:
        _verify_not_emptied(path)
    except OSError as error:
        raise StorageError("storage-failed", f"{path} cannot be opened: {error.strerror}.") from error
    with sqlite_errors(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        _verify_ours(connection, path)
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(SCHEMA)
        _add_checksums(connection)
        connection.execute("COMMIT")


def open_connection(path: Path, cache_kib: int, read_only: bool = False, file_bytes_max: int | None = None) -> sqlite3.Connection:
    """A connection in autocommit mode that any one thread at a time may use; raises StorageError."""
    with sqlite_errors(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.text_factory = bytes  # what damage made text of is judged by its bytes
        connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        if file_bytes_max is not None:
            connection.execute(f"PRAGMA max_page_count={file_bytes_max // PAGE_BYTES}")
    return connection


def _verify_not_emptied(path: Path) -> None:
    """SQLite would start from empty and drop the log; damage of any other kind it finds by itself."""
    log = path.with_name(path.name + "-wal")
    length, log_length = (file.stat().st_size if file.exists() else 0 for file in (path, log))
    if length == 0 < log_length:  # check: database-emptied
        raise StorageError("database-damaged", f"{path} is empty or gone, but its log {log.name} is there.")


def _add_checksums(connection: sqlite3.Connection) -> None:
    """Makes of a database of form 0 one of form 1, in the transaction that is open."""
    if _form(connection) == 0:
        connection.create_function("stored", 2, lambda row, value: value + checksum(row, value), deterministic=True)
        connection.execute("UPDATE rows SET value = stored(key, value)")
        connection.execute(f"PRAGMA user_version={FORM}")


def verify_form(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StorageError `old-database` for one whose values have no checksums yet."""
    with sqlite_errors(path):
        form = _form(connection)
    if form == 0:  # check: database-form-read
        raise StorageError("old-database", f"{path} is from an earlier version: its node brings it up to date when it runs.")


def _form(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _has_no_room(path: Path) -> bool:
    """Whether a file as long as the longest of the database finds no room beside it, tried with bytes behind its end."""
    longest = max(file.stat().st_size if file.exists() else 0 for file in (path, path.with_name(path.name + "-wal")))
    probe = path.with_name(path.name + ".probe")
    try:
        with probe.open("wb", buffering=0) as file:
            file.seek(longest)
            written = file.write(bytes(PROBE_BYTES))
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno in NO_ROOM
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return written < PROBE_BYTES


def _verify_ours(connection: sqlite3.Connection, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    is_new = application_id == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application_id != APPLICATION_ID and not is_new:  # check: database-application-id
        raise StorageError("foreign-database", f"{path} is a database of another program.")
    if _form(connection) not in (0, FORM):  # check: database-form
        raise StorageError("foreign-database", f"{path} was written by a later version of this program.")
