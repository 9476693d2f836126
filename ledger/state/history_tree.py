"""The RFC 9162 tree over all block ids, kept in storage so that roots and proofs of any prefix cost O(log n) reads.

Table `history_tree`: one byte level, eight bytes index → hash of the complete subtree over leaves
[index·2^level, (index+1)·2^level). Such nodes never change, so the table only grows, by two rows a block on average.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ledger.merkle import EMPTY_ROOT, consistency_ranges, inclusion_ranges, leaf_hash, node_hash
from ledger.state.store import Batch, Reader, big_endian, damaged

TABLE = "history_tree"


@dataclass(frozen=True, slots=True)
class HistoryTree:
    """The tree of the first `size` leaves. A value: `append` returns another tree."""

    reader: Reader
    size: int
    pending: dict[bytes, bytes] = field(default_factory=dict)
    """Nodes that the reader may not hold yet, because their batch is not committed."""

    def append(self, leaf: bytes, batch: Batch) -> "HistoryTree":
        """The tree with one more leaf; its new nodes are put into the batch."""
        pending = dict(self.pending)
        level, index, node = 0, self.size, leaf_hash(leaf)
        while True:
            pending[_key(level, index)] = node
            batch.put(TABLE, _key(level, index), node)
            if index % 2 == 0:
                return HistoryTree(self.reader, self.size + 1, pending)
            node = node_hash(self._node(level, index - 1), node)
            level, index = level + 1, index // 2

    def peaks(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest first: enough to append more leaves without having the earlier ones."""
        return tuple(self._node(level, index) for level, index in _places(self.size))

    def begun_with(self, peaks: Sequence[bytes], batch: Batch) -> "HistoryTree | None":
        """The tree of this size with these peaks, put into the batch; None if a tree of this size has another number of them."""
        places = list(_places(self.size))
        if len(peaks) != len(places):
            return None
        nodes = {_key(*place): peak for place, peak in zip(places, peaks, strict=True)}
        batch.writes.update(((TABLE, key), peak) for key, peak in nodes.items())
        return HistoryTree(self.reader, self.size, nodes)

    def settled(self) -> "HistoryTree":
        """The same tree after its batch was committed: nothing is pending, so memory stays flat."""
        return HistoryTree(self.reader, self.size)

    def root(self, size: int | None = None) -> bytes:
        """Root of the first `size` leaves, of all by default."""
        size = self.size if size is None else size
        assert 0 <= size <= self.size
        return self._range_root(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Proof that leaf `index` is in the tree of `size`."""
        assert 0 <= index < size <= self.size
        return tuple(self._range_root(start, end) for start, end in inclusion_ranges(index, size))

    def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        """Proof that the tree of `first` is a prefix of the tree of `second`."""
        assert 0 <= first <= second <= self.size
        return tuple(self._range_root(start, end) for start, end in consistency_ranges(first, second))

    def _range_root(self, start: int, end: int) -> bytes:
        """Root of a range of the tree: complete subtrees from the largest to the smallest, folded from the right."""
        peaks = []
        while start < end:
            level = (end - start).bit_length() - 1
            peaks.append(self._node(level, start >> level))
            start += 1 << level
        computed = peaks.pop()
        while peaks:
            computed = node_hash(peaks.pop(), computed)
        return computed

    def _node(self, level: int, index: int) -> bytes:
        key = _key(level, index)
        node = self.pending.get(key) or self.reader.get(TABLE, key)
        if node is None:
            raise damaged(f"the history of {self.size} blocks lacks node {level}/{index}")
        return node


def _places(size: int) -> Iterator[tuple[int, int]]:
    """Level and index of the complete subtrees of a tree of that size, largest first."""
    end = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, end >> level
            end += 1 << level


def _key(level: int, index: int) -> bytes:
    return bytes([level]) + big_endian(index)
