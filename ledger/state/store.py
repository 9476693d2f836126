"""The boundary between the ledger and whatever keeps its bytes.

`Store` holds bytes by (table, key). Reads are synchronous. `commit` is atomic, and one writer takes batches
first in, first out; the store's own reads see a batch at once, and a ticket tells later that it is durable.
SQLite and the simulated disk implement it (`nodes/storage`).
"""

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
        """Removes a value; nothing happens where there is none."""
        self.writes[table, key] = None


class Store(Reader, Protocol):
    """A reader that also takes batches."""

    def commit(self, batch: Batch) -> int:
        """Takes the batch, visible to this store's reads at once; returns its ticket, rising by 1 from 1."""


def damaged(what: str) -> StorageError:
    """What to raise when a row that must be there is missing or unreadable."""
    return StorageError("database-damaged", f"The database is damaged: {what}. Restore a backup, or begin in a new directory.")


def big_endian(number: int) -> bytes:
    """Eight bytes whose byte order is the order of the numbers."""
    return number.to_bytes(8, "big")
