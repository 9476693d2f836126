"""What a node may forget: bodies and writes of old blocks, but not the ids of transactions that could still be repeated.

A pruned block keeps its header, decision record, receipts and the place of each transaction. So it can still be
proved that the validators decided the block, what became of a transaction (its receipt), that any two headers are of one
history, and every present state key and validator set. What is gone: envelopes and the proof that a block holds them, values
that a key had before, the export, and blocks for nodes that catch up from there: other nodes serve them.

Why no transaction is taken twice: a block of time t holds a transaction only if t < expires <= t + lifetime. Once block time
has passed t + the longest lifetime that was ever in force, every transaction of that block is expired for good. Governance
may have shortened the lifetime since, so the present one is not enough; the state keeps every proposal that was applied.
"""

from bisect import bisect_right
from collections.abc import Iterator

from pydantic import ValidationError

from ledger.chain import tables
from ledger.chain.view import ChainView
from ledger.errors import PrunedError
from ledger.governance import Governance, SetParameter
from ledger.identity.records import Parameters
from ledger.state.overlay import StateReads
from ledger.state.store import Batch, big_endian, damaged

LIFETIME = "transaction_lifetime_max_ms"
BLOCKS_A_BATCH = 500


def longest_lifetime_ms(state: StateReads, first: Parameters) -> int:
    """The longest lifetime of a transaction that was ever in force; `first` are the parameters of the genesis."""
    longest_ms = first.transaction_lifetime_max_ms
    try:
        for _, proposal in Governance(state).proposals.items():
            action = proposal.action
            if proposal.status == "applied" and isinstance(action, SetParameter) and action.name == LIFETIME:
                longest_ms = max(longest_ms, action.value)
    except ValidationError as error:
        raise damaged("a proposal of governance cannot be read") from error
    return longest_ms


def last_expired(view: ChainView) -> int:
    """The highest block whose transactions have all expired for good, 0 if there is none.

    Raises PrunedError where a node that began with a state snapshot does not know enough blocks to say.
    """
    if view.height == 0:
        return 0
    before_ms = view.time_ms() - longest_lifetime_ms(view.state, view.genesis.parameters)
    least = view.first
    height = bisect_right(range(view.height + 1), before_ms, least, key=view.time_of) - 1
    if height == least - 1 > 0 and view.time_of(height) > before_ms:  # check: snapshot-ids-known
        raise PrunedError("pruned", "This node does not know all transactions that have not expired: ask another.", first=least)
    return height


def prune(view: ChainView, upto: int) -> Iterator[Batch]:
    """Batches that drop the bodies and writes of all blocks up to that height, which is at most `last_expired`.

    The first batch records that they are gone, so after a crash in between the next pruning drops the rest.
    """
    assert 0 < upto <= last_expired(view)
    batch = Batch()
    batch.put(tables.META, tables.PRUNED, big_endian(max(upto, view.pruned)))
    yield batch
    while rows := view.reader.scan(tables.WRITES, big_endian(1), big_endian(upto + 1), BLOCKS_A_BATCH):
        batch = Batch()
        for key, _ in rows:
            batch.delete(tables.WRITES, key)
            batch.delete(tables.BODIES, tables.digest_key(view.header(tables.height_of_row(key)).id))
        yield batch
