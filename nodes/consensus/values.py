"""A small immutable mapping, so that the state of the engine is a value: comparable, hashable, never changed in place."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """A mapping whose `set` gives another mapping. Copies on change: maps here hold some dozens of entries."""

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: Mapping[K, V] | None = None) -> None:
        self._entries: dict[K, V] = dict(entries or {})
        self._hash: int | None = None

    def set(self, key: K, value: V) -> "FrozenMap[K, V]":
        """The same mapping with one entry set."""
        return FrozenMap({**self._entries, key: value})

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._entries.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenMap) and self._entries == other._entries

    def __repr__(self) -> str:
        return f"FrozenMap({self._entries!r})"
