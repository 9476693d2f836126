"""Who relied on whom: what contracts read of each other's records, found by running the transactions of the ledger again.

A read counts once in a transaction, however often the contract looked. The reader are the organizations that signed the
transaction; it relied on those that signed the one which last wrote the record.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ledger.audit.exported import parse_export_head, parse_exported_block
from ledger.contract.contract import ContractSet
from ledger.execution import SYSTEM, Execution
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView
from ledger.transaction import Transaction
from scenarios.identifiers import organization_of

Place = tuple[str, str, str]
"""Contract, collection and key of a record."""


@dataclass(frozen=True, slots=True)
class CrossRead:
    """One contract's look at a record of another one."""

    operation: str
    """CONTRACT.OPERATION that read."""
    place: Place
    is_found: bool
    code: str
    """What came of the transaction: `ok`, or the rule that refused it."""
    readers: tuple[str, ...]
    writers: tuple[str, ...]
    """Empty where there is no such record."""


class WatchedState(Overlay):
    """A state that notes which records of others the running contract asks for."""

    __slots__ = ("reader", "seen")

    def __init__(self) -> None:
        super().__init__(StateView(MemoryStore()))
        self.reader = ""
        self.seen: dict[Place, bool] = {}

    def get(self, contract: str, collection: str, key: str) -> bytes | None:
        """The value, as from any state."""
        value = super().get(contract, collection, key)
        if self.reader and contract != self.reader and contract not in SYSTEM:
            self.seen[contract, collection, key] = value is not None
        return value


def cross_reads(contracts: ContractSet, lines: Iterable[bytes]) -> Iterator[CrossRead]:
    """All of an export, in order."""
    head, *blocks = lines
    state, writers = WatchedState(), dict[Place, tuple[str, ...]]()
    for write in parse_export_head(head).initial_writes():
        state.write(write.contract, write.collection, write.key, write.value)
    for block in map(parse_exported_block, blocks):
        execution = Execution(contracts, state, block.header.time, block.header.height)
        for transaction in block.transactions:
            signers = _organizations(transaction)
            state.reader, state.seen = transaction.contract, {}
            receipt, writes = execution.run(transaction)
            state.reader = ""
            for place, is_found in state.seen.items():
                operation = f"{transaction.contract}.{transaction.operation}"
                yield CrossRead(operation, place, is_found, receipt.code, signers, writers.get(place, ()))
            writers.update(((write.contract, write.collection, write.key), signers) for write in writes)


def reliance(reads: Iterable[CrossRead]) -> Mapping[tuple[str, str], int]:
    """(organization that relied, another that it relied on) -> how often, the most frequent first."""
    pairs = ((reader, writer) for read in reads for reader in read.readers for writer in read.writers)
    return dict(Counter(pair for pair in pairs if pair[0] != pair[1]).most_common())


def _organizations(transaction: Transaction) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(organization_of, transaction.signers)))
