"""The node's store: one SQLite file, one writer thread, one transaction a batch.

All tables of the `Store` lie in one SQLite table, `rows(key, value)` with key = name NUL key, and a batch is written by one
statement. Both were measured: Python's module takes the interpreter lock back after each row of an `executemany`, so
beside a busy event loop 1,500 rows took 694 ms that way and 15 ms in one statement; and a rowid table with an upsert
cost 46 µs of CPU a transaction where tables WITHOUT ROWID cost 68 (rows of the map are too wide for them).

Reads of the store itself see pending batches at once. A snapshot sees what is durable, at one moment.
After a failed write the store refuses everything: what is on disk is then whole, and older than what was read.
"""

import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.errors import StorageError
from ledger.state.store import Batch
from nodes.storage.lock import FileLock
from nodes.storage.sqlite_file import (
    READER_CACHE_KIB,
    SNAPSHOT_CACHE_KIB,
    WRITER_CACHE_KIB,
    open_connection,
    prepare_file,
    storage_error,
)
from nodes.storage.sqlite_rows import get_row, row_key, scan_rows, write_rows

Rows = dict[bytes, bytes | None]
IDLE_MAX = 4
"""Connections kept for snapshots; more are opened when more are taken at once."""


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
            self._reader = open_connection(path, READER_CACHE_KIB, read_only=True)
        except BaseException:
            self._lock.release()
            raise
        self._idle: deque[sqlite3.Connection] = deque()
        """Connections for snapshots that are not in use now."""
        self._pending: deque[tuple[int, Rows]] = deque()
        self._pending_rows: dict[bytes, tuple[int, bytes | None]] = {}
        """Newest value of each row that a pending batch writes, with that batch's ticket."""
        self._durable_ticket = 0
        self._queue: queue.SimpleQueue[tuple[int, Rows] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None; pending batches count."""
        self._verify_usable()
        row = row_key(table, key)
        pending = self._pending_rows.get(row)
        if pending is not None:
            return pending[1]
        return get_row(self._reader, row, self.path)

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards; pending batches count."""
        self._verify_usable()
        self._forget_durable()
        low, high, cut = row_key(table, start), row_key(table, end), len(table) + 1
        pending = {row: value for row, (_, value) in self._pending_rows.items() if low <= row < high}
        # A pending batch may delete rows of the file, so that many more are read.
        merged: Rows = dict(scan_rows(self._reader, low, high, limit + len(pending), reverse, self.path))
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
        self._pending_rows.update((row, (self.ticket, value)) for row, value in rows.items())
        self._queue.put((self.ticket, rows))
        return self.ticket

    @contextmanager
    def snapshot(self) -> Iterator["SqliteSnapshot"]:
        """A reader on one moment of the durable data."""
        self._verify_usable()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = open_connection(self.path, SNAPSHOT_CACHE_KIB, read_only=True)
        try:
            connection.execute("BEGIN")
            yield SqliteSnapshot(connection, self.path)
        finally:
            connection.execute("ROLLBACK")
            if len(self._idle) < IDLE_MAX:
                self._idle.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Waits until every batch is durable, then lets go of the file."""
        self._queue.put(None)
        self._thread.join()
        for connection in (*self._idle, self._reader, self._writer):
            connection.close()
        self._lock.release()

    def _verify_usable(self) -> None:
        if self._failure is not None:  # check: storage-fail-stop
            raise self._failure

    def _forget_durable(self) -> None:
        """Drops pending rows that the file holds by now. The owner's thread does this, so no lock is needed."""
        durable = self._durable_ticket
        while self._pending and self._pending[0][0] <= durable:
            ticket, rows = self._pending.popleft()
            for row in rows:
                if self._pending_rows[row][0] == ticket:
                    del self._pending_rows[row]

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


class SqliteSnapshot:
    """A `Reader` inside one read transaction."""

    __slots__ = ("_connection", "_path")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""
        return get_row(self._connection, row_key(table, key), self._path)

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards."""
        rows = scan_rows(self._connection, row_key(table, start), row_key(table, end), limit, reverse, self._path)
        cut = len(table) + 1
        return [(row[cut:], value) for row, value in rows]
