"""Height 0: the state that the genesis gives, and the rows that begin a store."""

from ledger.chain import tables
from ledger.chain.candidate import put_validators, tree_changes
from ledger.chain.genesis import Genesis
from ledger.primitives import Digest
from ledger.state.history_tree import HistoryTree
from ledger.state.memory_reader import MemoryReader
from ledger.state.overlay import put_state
from ledger.state.store import Batch, Reader, big_endian
from ledger.state.tree import StateTree


def genesis_batch(empty: Reader, genesis: Genesis) -> Batch:
    """Everything of height 0, for a store that holds nothing yet."""
    batch = Batch()
    writes = genesis.initial_writes()
    batch.put(tables.META, tables.GENESIS, genesis.encode())
    batch.put(tables.META, tables.HEAD, big_endian(0))
    batch.put(tables.WRITES, big_endian(0), tables.pack_writes([writes], {}))
    for write in writes:
        put_state(batch, 0, write.contract, write.collection, write.key, write.value)
    StateTree(empty).update(tree_changes(writes)).write_to(batch)
    put_validators(batch, genesis.validator_set)
    HistoryTree(empty, 0).append(bytes.fromhex(genesis.ledger), batch)
    return batch


def initial_state_root(empty: Reader, genesis: Genesis) -> Digest:
    """State root at height 0; `empty` is any reader that holds nothing."""
    return Digest(StateTree(empty).update(tree_changes(genesis.initial_writes())).root.hex())


def initial_tree(genesis: Genesis) -> StateTree:
    """The map of height 0, for proofs under the initial state root."""
    reader, batch = MemoryReader(), Batch()
    StateTree(reader).update(tree_changes(genesis.initial_writes())).write_to(batch)
    reader.apply(batch)
    return StateTree(reader)
