"""The state as contracts see it: a map from (contract, collection, key) to a canonical value.

Table `state`: `contract NUL collection NUL key` in UTF-8 → eight bytes height of the last write, then the value.
A deleted key keeps its row with an empty value, so that its history stays linked.
UTF-8 keeps the order of code points, so keys sort alike as text and as bytes.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Protocol

from ledger.state.map_proof import state_key, verify_key
from ledger.state.store import Batch, Reader, big_endian, rows_of

TABLE = "state"
StateWrite = tuple[str, str, str, bytes | None]
"""Contract, collection, key, and the value or None for a deletion."""


class StateReads(Protocol):
    """Reads of one state."""

    def get(self, contract: str, collection: str, key: str) -> bytes | None:
        """The canonical value, or None."""

    def page(self, contract: str, collection: str, after: str, limit: int) -> list[tuple[str, bytes]]:
        """At most `limit` (key, value) with key > after, in key order; deleted keys are skipped."""


def put_state(batch: Batch, height: int, contract: str, collection: str, key: str, value: bytes | None) -> None:
    """Adds the state row of one write of the block at this height; None leaves a tombstone."""
    batch.put(TABLE, state_key(contract, collection, key), big_endian(height) + (value or b""))


class StateView:
    """The state as a reader's rows hold it."""

    __slots__ = ("_reader",)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def get(self, contract: str, collection: str, key: str) -> bytes | None:
        """The canonical value, or None."""
        row = self._reader.get(TABLE, state_key(contract, collection, key))
        return (row[8:] or None) if row else None

    def last_height(self, contract: str, collection: str, key: str) -> int | None:
        """Height of the last write or deletion, None if the key was never written."""
        row = self._reader.get(TABLE, state_key(contract, collection, key))
        return int.from_bytes(row[:8], "big") if row else None

    def page(self, contract: str, collection: str, after: str, limit: int) -> list[tuple[str, bytes]]:
        """At most `limit` (key, value) with key > after, in key order; deleted keys are skipped."""
        rows = self.rows(contract, collection, after, limit)
        return list(islice(((key, value) for key, _, value in rows if value is not None), max(limit, 0)))

    def rows(self, contract: str, collection: str, after: str, scan_rows: int) -> Iterator[tuple[str, int, bytes | None]]:
        """(key, height of its last write, value) of every key > after that was ever written, None for a deleted one.

        Fetched `scan_rows` at a time.
        """
        prefix = f"{contract}\x00{collection}\x00".encode()
        start = prefix + after.encode() + (b"\x00" if after else b"")
        for key, row in rows_of(self._reader, TABLE, start, prefix[:-1] + b"\x01", scan_rows):
            yield key[len(prefix) :].decode(), int.from_bytes(row[:8], "big"), row[8:] or None


class Overlay:
    """Writes on top of a base state: `commit` moves all of them into it; an overlay that is dropped changes nothing."""

    __slots__ = ("_base", "_collections")

    def __init__(self, base: StateReads) -> None:
        self._base = base
        self._collections: dict[tuple[str, str], dict[str, bytes | None]] = {}

    def get(self, contract: str, collection: str, key: str) -> bytes | None:
        """The canonical value, or None."""
        written = self._collections.get((contract, collection))
        if written is not None and key in written:
            return written[key]
        return self._base.get(contract, collection, key)

    def put(self, contract: str, collection: str, key: str, value: bytes) -> None:
        """Sets a value, which is never empty; raises RefusedError `bad-key`."""
        assert value
        self.write(contract, collection, key, value)

    def delete(self, contract: str, collection: str, key: str) -> None:
        """Removes a value; raises RefusedError `bad-key`."""
        self.write(contract, collection, key, None)

    def write(self, contract: str, collection: str, key: str, value: bytes | None) -> None:
        """Sets or removes a value; raises RefusedError `bad-key`."""
        verify_key(key)
        self._collections.setdefault((contract, collection), {})[key] = value

    def page(self, contract: str, collection: str, after: str, limit: int) -> list[tuple[str, bytes]]:
        """At most `limit` (key, value) with key > after, in key order; deleted keys are skipped."""
        written = self._collections.get((contract, collection))
        if not written:
            return self._base.page(contract, collection, after, limit)
        found: list[tuple[str, bytes]] = []
        more = limit > 0
        while more and len(found) < limit:
            rows = self._base.page(contract, collection, after, limit)
            more = len(rows) == limit
            merged: dict[str, bytes | None] = dict(rows)
            # Only as far as the base's page reaches: beyond it, unread keys of the base may come first.
            merged.update({k: v for k, v in written.items() if k > after and (not more or k <= rows[-1][0])})
            found += [(key, value) for key, value in sorted(merged.items()) if value is not None]
            after = rows[-1][0] if rows else after
        return found[:limit]

    def writes(self) -> tuple[StateWrite, ...]:
        """Each written key once, with its last value, in order of the state key."""
        return tuple(
            (contract, collection, key, value)
            for (contract, collection), written in sorted(self._collections.items())
            for key, value in sorted(written.items())
        )

    def commit(self) -> None:
        """Moves all writes into the overlay below; this one is empty afterwards."""
        assert isinstance(self._base, Overlay), "only an overlay on an overlay is committed"
        for names, written in self._collections.items():
            self._base._collections.setdefault(names, {}).update(written)
        self._collections = {}
