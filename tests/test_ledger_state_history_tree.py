"""The stored history tree is the RFC 9162 tree of ledger/merkle, for every prefix, with few reads."""

from ledger.merkle import consistency_proof, inclusion_proof, root
from ledger.state.history_tree import TABLE, HistoryTree
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch

LOG = [f"block {i}".encode() for i in range(67)]


class CountingStore(MemoryStore):
    reads = 0

    def get(self, table: str, key: bytes) -> bytes | None:
        self.reads += 1
        return super().get(table, key)


def grown(store: MemoryStore, count: int) -> HistoryTree:
    tree = HistoryTree(store, 0)
    for leaf in LOG[:count]:
        batch = Batch()
        tree = tree.append(leaf, batch)
        store.commit(batch)
        tree = tree.settled()
    return tree


def test_every_root_and_proof_of_every_prefix() -> None:
    tree = grown(MemoryStore(), len(LOG))
    for size in range(len(LOG) + 1):
        assert tree.root(size) == root(LOG[:size])
        for i in range(size):
            assert tree.inclusion(i, size) == inclusion_proof(LOG[:size], i)
            assert tree.consistency(i, size) == consistency_proof(LOG[:size], i, size)


def test_a_batch_that_is_not_committed_yet_counts() -> None:
    tree = grown(MemoryStore(), 5)
    longer = tree.append(LOG[5], Batch()).append(LOG[6], Batch())
    assert (tree.size, tree.root()) == (5, root(LOG[:5]))
    assert (longer.size, longer.root()) == (7, root(LOG[:7]))
    assert longer.inclusion(6, 7) == inclusion_proof(LOG[:7], 6)


def test_it_is_opened_again_by_its_size_alone() -> None:
    store = MemoryStore()
    grown(store, 11)
    assert HistoryTree(store, 11).root() == root(LOG[:11])
    assert HistoryTree(store, 0).root() == root([])


def test_rows_and_reads_grow_slowly() -> None:
    store = CountingStore()
    tree = grown(store, 64)
    assert len(store.scan(TABLE, b"", b"\xff", 1_000)) == 127
    store.reads = 0
    tree.root()
    tree.append(LOG[64], Batch())
    assert store.reads == 1
    tree.inclusion(33, 64)
    assert store.reads == 1 + 6
