"""Rows in memory: an empty state to hash a genesis on, and what an audit replays a ledger into."""

from bisect import bisect_left, insort

from ledger.state.store import Batch


class MemoryReader:
    """A `Reader` over dictionaries."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, bytes], bytes] = {}
        self._keys: dict[str, list[bytes]] = {}

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""
        return self._rows.get((table, key))

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards."""
        keys = self._keys.get(table, [])
        first, last = bisect_left(keys, start), bisect_left(keys, end)
        chosen = keys[max(first, last - limit) : last][::-1] if reverse else keys[first : min(last, first + limit)]
        return [(key, self._rows[table, key]) for key in chosen]

    def apply(self, batch: Batch) -> None:
        """Takes the writes of a batch."""
        for (table, key), value in batch.writes.items():
            keys = self._keys.setdefault(table, [])
            if value is None:
                if self._rows.pop((table, key), None) is not None:
                    del keys[bisect_left(keys, key)]
                continue
            if (table, key) not in self._rows:
                insort(keys, key)
            self._rows[table, key] = value
