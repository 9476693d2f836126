"""A store that joins the batches of several blocks into one write, so that a long chain grows without a wait for each."""

from ledger.state.store import Batch, Store


class GroupedStore:
    """A `Store` over another one; its own reads see a batch at once, the other one sees it after `flush`."""

    def __init__(self, store: Store) -> None:
        self.batches_max = 1
        """Batches that are joined."""
        self._store = store
        self._joined = Batch()
        self._count = 0
        self._ticket = 0

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""
        writes = self._joined.writes
        return writes[table, key] if (table, key) in writes else self._store.get(table, key)

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """Like that of the other store."""
        self.flush()
        return self._store.scan(table, start, end, limit, reverse)

    def commit(self, batch: Batch) -> int:
        """Keeps the batch until there are enough; returns a ticket of its own."""
        self._joined.writes.update(batch.writes)
        self._count += 1
        self._ticket += 1
        if self._count >= self.batches_max:
            self.flush()
        return self._ticket

    def flush(self) -> None:
        """Hands what is kept to the other store."""
        if self._joined.writes:
            self._store.commit(self._joined)
        self._joined, self._count = Batch(), 0
