"""The boundary between the ledger and the database that keeps its bytes.

`Store` holds bytes by (table, key). Reads are synchronous. `commit` is atomic, and one writer takes batches
first in, first out; the store's own reads see a batch at once, and a ticket says later that it is durable.
SQLite (`nodes/storage`) and the simulated disk (`memory_store`) implement it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ledger.errors import StorageError


class Reader(Protocol):
    """Synchronous reads of bytes by (table, key)."""

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards."""


@dataclass(slots=True)
class Batch:
    """Writes that happen together or not at all; a None value deletes."""

    writes: dict[tuple[str, bytes], bytes | None] = field(default_factory=dict)

    def put(self, table: str, key: bytes, value: bytes) -> None:
        """Sets a value."""
        self.writes[table, key] = value

    def delete(self, table: str, key: bytes) -> None:
        """Removes a value, if there is one."""
        self.writes[table, key] = None


class Store(Reader, Protocol):
    """A reader that also takes batches."""

    def commit(self, batch: Batch) -> int:
        """Takes the batch, visible to this store's reads at once; returns its ticket, rising by 1 from 1."""


def rows_of(reader: Reader, table: str, start: bytes, end: bytes, scan_rows: int) -> Iterator[tuple[bytes, bytes]]:
    """All pairs with start <= key < end in byte order, fetched `scan_rows` at a time."""
    while rows := reader.scan(table, start, end, scan_rows):
        yield from rows
        if len(rows) < scan_rows:
            return
        start = rows[-1][0] + b"\x00"


def damaged(what: str) -> StorageError:
    """What to raise when a row that must be there is missing or unreadable."""
    return StorageError("database-damaged", f"The database is damaged: {what}. Restore a backup, or begin in a new directory.")


def big_endian(number: int) -> bytes:
    """Eight bytes that sort like the numbers."""
    return number.to_bytes(8, "big")


ROWS_MAX = 10_000
"""Most rows that are kept; then all are dropped."""


class RememberingReader:
    """A `Reader` that keeps the rows it has read from another. Call `forget` after those rows have changed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rows: dict[tuple[str, bytes], bytes | None] = {}

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None; read once."""
        place = (table, key)
        if place in self._rows:
            return self._rows[place]
        if len(self._rows) >= ROWS_MAX:
            self.forget()
        value = self._rows[place] = self._reader.get(table, key)
        return value

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """Passed to the other reader; nothing is kept."""
        return self._reader.scan(table, start, end, limit, reverse)

    def forget(self) -> None:
        """Drops all rows: each is read again when it is asked for."""
        self._rows.clear()
