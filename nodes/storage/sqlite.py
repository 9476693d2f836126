"""The node's store: one SQLite file, one writer thread, one transaction a batch.

All tables of the `Store` lie in one SQLite table, `rows(key, value)` with key = name NUL key, and a batch is written by one
statement. Both were measured: Python's module takes the interpreter lock back after each row of an `executemany`, so
beside a busy event loop 1,500 rows took 694 ms that way and 15 ms in one statement; and a rowid table with an upsert
cost 46 µs of CPU a transaction where tables WITHOUT ROWID cost 68 (rows of the map are too wide for them). What one statement
over many rows would have to take back, SQLite keeps in a file unless told otherwise: that was 9 µs more. The statement gets
one blob of all keys and values, and one JSON list of integers that say where each lies: offset · 2^33 + key length · 2^22 +
value length.

Reads of the store itself see pending batches at once. A snapshot sees what is durable, at one moment.
After a failed write the store refuses everything: what is on disk is then whole, and older than what was read.

SQLite notices a damaged page only where its structure breaks. So behind each value stand four bytes that row and value
give, and a reader of a row gets what was written, or StorageError `database-damaged`.
"""

import os
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from zlib import crc32

from ledger.errors import StorageError
from ledger.state.store import Batch
from nodes.storage.lock import FileLock

Rows = dict[bytes, bytes | None]
IDLE_MAX = 4
"""Readers kept for the next snapshot; more are opened when more are taken at once."""

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

KEY_BYTES_MAX = 2**11 - 1
VALUE_BYTES_MAX = 2**22 - 1
"""Longer values are written one by one."""
PACKED_BYTES_MAX = 2**30 - 1
PUT_PACKED = """
INSERT INTO rows (key, value)
SELECT substr(?1, (value >> 33) + 1, (value >> 22) & 2047),
       substr(?1, (value >> 33) + 1 + ((value >> 22) & 2047), value & 4194303)
FROM json_each(?2) WHERE true
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
DELETE_PACKED = "DELETE FROM rows WHERE key IN (SELECT substr(?1, (value >> 33) + 1, (value >> 22) & 2047) FROM json_each(?2))"
PUT = "INSERT INTO rows (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
GET = "SELECT value FROM rows WHERE key = ?"
SCAN = {
    False: "SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
    True: "SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?",
}


class SqliteStore:
    """A `Store` on disk. `get`, `scan` and `commit` belong to one thread; snapshots may be taken in any.

    `on_durable(ticket)` and `on_failure(error)` are called in the writer thread. Raises StorageError with code
    `database-in-use`, `database-damaged`, `foreign-database`, `disk-full` or `storage-failed`.
    """

    def __init__(
        self,
        path: Path,
        on_durable: Callable[[int], None] = lambda ticket: None,
        on_failure: Callable[[StorageError], None] = lambda error: None,
        file_bytes_max: int | None = None,
    ) -> None:
        self.path = path
        self.ticket = 0
        """Ticket of the last batch taken."""
        self._on_durable = on_durable
        self._on_failure = on_failure
        self._failure: StorageError | None = None
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            prepare_file(path)
            self._writer = open_connection(path, WRITER_CACHE_KIB, file_bytes_max=file_bytes_max)
            self._reader = SqliteReader(open_connection(path, READER_CACHE_KIB, read_only=True), path)
        except BaseException:
            self._lock.release()
            raise
        self._is_steady = False
        """Whether reads stay in one transaction of the reader's connection, which the first of them begins."""
        self._idle: deque[SqliteReader] = deque()
        """Readers for snapshots that are not in use now."""
        self._pending: deque[tuple[int, Rows]] = deque()
        """Tickets and rows of the batches that the file may not hold yet: some few, the newest last."""
        self._durable_ticket = 0
        self._queue: queue.SimpleQueue[tuple[int, Rows] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None; pending batches count."""
        self._verify_usable()
        row = row_key(table, key)
        for _, rows in reversed(self._pending):
            if row in rows:
                return rows[row]
        if self._is_steady and self.ticket == self._durable_ticket and not self._reader.connection.in_transaction:
            with sqlite_errors(self.path):
                self._reader.connection.execute("BEGIN")
        return self._reader.get_row(row)

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards; pending batches count."""
        self._verify_usable()
        self._forget_durable()
        low, high, cut = row_key(table, start), row_key(table, end), len(table) + 1
        pending = {row: value for _, rows in self._pending for row, value in rows.items() if low <= row < high}
        # A pending batch may delete rows of the file, so that many more are read.
        merged: Rows = dict(self._reader.scan_rows(low, high, limit + len(pending), reverse))
        merged.update(pending)
        ordered = sorted(((row, value) for row, value in merged.items() if value is not None), reverse=reverse)
        return [(row[cut:], value) for row, value in ordered[:limit]]

    def commit(self, batch: Batch) -> int:
        """Queues the batch for the writer; this store's reads see it at once."""
        self._verify_usable()
        self._forget_durable()
        self.ticket += 1
        rows: Rows = {row_key(table, key): value for (table, key), value in batch.writes.items()}
        self._pending.append((self.ticket, rows))
        self._queue.put((self.ticket, rows))
        return self.ticket

    @contextmanager
    def steady(self) -> Iterator[None]:
        """For many calls of `get` in a row: they take one lock on the file instead of one each, half of what a read costs.

        It holds up the emptying of the write-ahead log, which follows a batch: so nothing is waited for inside, and as long as
        the writer has something to do each takes its own.
        """
        self._is_steady = True
        try:
            yield
        finally:
            self._is_steady = False
            self._end_reads()

    @contextmanager
    def snapshot(self) -> Iterator["SqliteReader"]:
        """A reader on one moment of the durable data."""
        self._verify_usable()
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = SqliteReader(open_connection(self.path, SNAPSHOT_CACHE_KIB, read_only=True), self.path)
        try:
            reader.connection.execute("BEGIN")
            yield reader
        finally:
            reader.connection.execute("ROLLBACK")
            if len(self._idle) < IDLE_MAX:
                self._idle.append(reader)
            else:
                reader.connection.close()

    def close(self) -> None:
        """Waits until every batch is durable, then closes the file."""
        self._queue.put(None)
        self._thread.join()
        for reader in (*self._idle, self._reader):
            reader.connection.close()
        self._writer.close()
        self._lock.release()

    def _verify_usable(self) -> None:
        if self._failure is not None:  # check: storage-fail-stop
            raise self._failure

    def _forget_durable(self) -> None:
        """Drops pending rows that the file holds by now. The owner's thread does this, so no lock is needed."""
        durable = self._durable_ticket
        self._end_reads()  # they would not see in the file what is dropped here
        while self._pending and self._pending[0][0] <= durable:
            self._pending.popleft()

    def _end_reads(self) -> None:
        if self._reader.connection.in_transaction:
            self._reader.connection.execute("ROLLBACK")

    def _write_all(self) -> None:
        """The writer thread: takes batches in order until `close` or until one fails, for whatever reason."""
        try:
            while (taken := self._queue.get()) is not None:
                ticket, rows = taken
                write_rows(self._writer, rows)
                self._durable_ticket = ticket
                self._on_durable(ticket)
        except Exception as error:
            self._failure = storage_error(error, self.path)
            self._failure.__cause__ = error
            self._on_failure(self._failure)


@contextmanager
def open_store(path: Path) -> Iterator[SqliteStore]:
    """A store that is closed when the block ends; raises StorageError unless all that was committed is durable then."""
    failures: list[StorageError] = []
    with closing(SqliteStore(path, on_failure=failures.append)) as store:
        yield store
    if failures:  # check: store-durable
        raise failures[0]


class SqliteReader:
    """A `Reader` on what a connection sees."""

    __slots__ = ("_path", "connection")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""
        return self.get_row(row_key(table, key))

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards."""
        rows = self.scan_rows(row_key(table, start), row_key(table, end), limit, reverse)
        cut = len(table) + 1
        return [(row[cut:], value) for row, value in rows]

    def get_row(self, row: bytes) -> bytes | None:
        """The value under a whole key, or None; raises StorageError."""
        try:
            stored = self.connection.execute(GET, (row,)).fetchone()
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error
        return None if stored is None else checked(row, stored[0], self._path)

    def scan_rows(self, low: bytes, high: bytes, limit: int, reverse: bool) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with low <= whole key < high; raises StorageError."""
        try:
            stored = self.connection.execute(SCAN[reverse], (low, high, limit)).fetchall()
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error
        return [(row, checked(row, value, self._path)) for row, value in stored]


def row_key(table: str, key: bytes) -> bytes:
    """Where a pair of the `Store` lies; rows of one table stand together, in the order of their keys."""
    return table.encode() + b"\x00" + key


def write_rows(connection: sqlite3.Connection, rows: Mapping[bytes, bytes | None]) -> None:
    """Writes all rows in one transaction, durable on return; None deletes. Raises sqlite3.Error and writes nothing."""
    ordered = sorted(rows.items())
    puts = [(key, value + checksum(key, value)) for key, value in ordered if value is not None]
    small = [pair for pair in puts if len(pair[1]) <= VALUE_BYTES_MAX]
    connection.execute("BEGIN IMMEDIATE")
    try:
        if small:
            connection.execute(PUT_PACKED, _packed(small))
        if len(small) < len(puts):
            connection.executemany(PUT, [pair for pair in puts if len(pair[1]) > VALUE_BYTES_MAX])
        if len(puts) < len(ordered):
            connection.execute(DELETE_PACKED, _packed([(key, b"") for key, value in ordered if value is None]))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _packed(pairs: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, str]:
    """The blob and the list of places."""
    offset, places = 0, []
    for key, value in pairs:
        assert len(key) <= KEY_BYTES_MAX
        places.append(str(offset << 33 | len(key) << 22 | len(value)))
        offset += len(key) + len(value)
    assert offset <= PACKED_BYTES_MAX
    return b"".join([part for pair in pairs for part in pair]), f"[{','.join(places)}]"


def checksum(row: bytes, value: bytes) -> bytes:
    """The bytes behind the value of a row; they cover the row's key, so that no value counts under another."""
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
        else:
            connection.execute("PRAGMA temp_store=MEMORY")  # what a statement over many rows would take back: one batch's pages
        if file_bytes_max is not None:
            connection.execute(f"PRAGMA max_page_count={file_bytes_max // PAGE_BYTES}")
    return connection


def _verify_not_emptied(path: Path) -> None:
    """SQLite would begin with an empty database and drop the log; it detects other damage."""
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


def _verify_ours(connection: sqlite3.Connection, path: Path) -> None:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    is_new = application_id == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application_id != APPLICATION_ID and not is_new:  # check: database-application-id
        raise StorageError("foreign-database", f"{path} is a database of another program.")
    if _form(connection) not in (0, FORM):  # check: database-form
        raise StorageError("foreign-database", f"{path} was written by a later version of this program.")


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
