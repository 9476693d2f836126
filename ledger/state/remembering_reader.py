"""A reader that keeps the rows it has read: the rows that a block changes are asked for more than once."""

from ledger.state.store import Reader

ROWS_MAX = 10_000
"""Rows kept; beyond it all are forgotten."""


class RememberingReader:
    """A `Reader` over another one. Whoever changes the rows below calls `forget`."""

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
        """Like that of the other reader; nothing is kept."""
        return self._reader.scan(table, start, end, limit, reverse)

    def forget(self) -> None:
        """Reads everything anew from here on."""
        self._rows.clear()
