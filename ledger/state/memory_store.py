"""A store in memory, as a simulated disk: what was committed is visible at once, what was not flushed is really lost in a crash.

One copy of the data is kept, the visible one, with an undo log for each batch that is not durable yet.
Flushing sets the log aside; a crash plays it backwards. A disk that lies may lose the newest of what was flushed as well.
"""

from bisect import bisect_left, insort
from collections import deque

from ledger.state.store import Batch

Tables = dict[str, dict[bytes, bytes]]
Undo = list[tuple[str, bytes, bytes | None]]
END_MAX = 8
"""Flushed batches that a crash may lose."""


class MemoryStore:
    """A `Store` whose durability is decided by its owner, for audits, the simulator and tests."""

    def __init__(self, durable: Tables | None = None) -> None:
        self._tables: Tables = {} if durable is None else durable
        self._order: dict[str, list[bytes]] = {}
        """Sorted keys of each table that was scanned once; kept sorted from then on."""
        self._undo: deque[Undo] = deque()
        self._end: deque[Undo] = deque(maxlen=END_MAX)
        """Of the newest batches that were flushed."""
        self._crashed = False
        self.ticket = 0
        """Ticket of the last batch."""
        self.durable_ticket = 0
        """Ticket of the last batch that a crash cannot undo."""

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""
        rows = self._tables.get(table)
        return None if rows is None else rows.get(key)

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end in byte order, or from the end backwards."""
        rows = self._tables.get(table, {})
        order = self._order.get(table)
        if order is None:
            order = self._order[table] = sorted(rows)
        first, last = bisect_left(order, start), bisect_left(order, end)
        wanted = order[max(first, last - limit) : last][::-1] if reverse else order[first : min(last, first + limit)]
        return [(key, rows[key]) for key in wanted]

    def commit(self, batch: Batch) -> int:
        """Makes the batch visible; it is durable only after `flush`."""
        assert not self._crashed, "a crashed disk takes no writes"
        self._undo.append([(table, key, self._set(table, key, value)) for (table, key), value in batch.writes.items()])
        self.ticket += 1
        return self.ticket

    def flush(self, upto: int | None = None) -> None:
        """Makes every batch up to this ticket durable, all by default."""
        upto = self.ticket if upto is None else upto
        assert upto <= self.ticket
        while self.durable_ticket < upto:
            self._end.append(self._undo.popleft())
            self.durable_ticket += 1

    def crash(self, lost_end: int = 0) -> "MemoryStore":
        """The disk as the next start finds it: only what was durable, less this many batches of its end if the disk lied.

        This store takes no more writes.
        """
        lost = [*self._end, *self._undo][max(0, len(self._end) - lost_end) :]
        for undo in reversed(lost):
            for table, key, value in reversed(undo):
                self._set(table, key, value)
        self._crashed = True
        return MemoryStore({table: dict(rows) for table, rows in self._tables.items()})

    def _set(self, table: str, key: bytes, value: bytes | None) -> bytes | None:
        """Changes one row and returns what it held before."""
        rows = self._tables.setdefault(table, {})
        before = rows.get(key)
        if value is not None:
            rows[key] = value
        elif before is not None:
            del rows[key]
        order = self._order.get(table)
        if order is not None and (before is None) != (value is None):
            if value is not None:
                insort(order, key)
            else:
                del order[bisect_left(order, key)]
        return before
