"""Whether a transaction costs the same on a long chain with many keys, and how fast a node of such a chain starts.

The chain is grown in this process by its one validator, on the database of a node that is then started on it: block
after block of one transaction each, so that there are as many keys as blocks. At the numbers asked for, blocks of many
transactions on keys from all over are judged and stored as a node does it, and their processor time is taken.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from threading import Event
from types import TracebackType
from typing import Self

from ledger.certificate import MADE_OF, Certificate, DecisionRecord, Statement, sign_statement
from ledger.chain.candidate import Candidate
from ledger.chain.chain import Chain
from ledger.chain.genesis import parse_genesis
from ledger.execution import with_system_contracts
from ledger.identity.records import StatementKind
from ledger.transaction import Transaction, parse_transaction
from nodes.bench.figures import Figures, Progress
from nodes.bench.grouped_store import GroupedStore
from nodes.bench.sizes import Sizes
from nodes.bench.workload import Signers
from nodes.key_files import read_key
from nodes.network.local import LocalNetwork
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from nodes.node.clock import wall_ms
from nodes.node.directory import load_installed
from nodes.node.files import DATABASE
from nodes.storage.sqlite import SqliteStore

VALIDATOR = "north.validator"
NS_PER_US = 1_000
BYTES_PER_MB = 1_000_000
JOINED_BLOCKS = 100
"""Blocks that are written at once while the chain grows; those whose cost is taken are written one by one."""
STEP = 7_919
"""A prime: keys that are so far apart come from all over, and none comes twice."""
SIGNED_AT_A_TIME = 1_000


def measure_growth(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Processor microseconds of one transaction at these numbers of keys and blocks, and the start of the node then."""
    network = LocalNetwork.create(directory, one_validator(), is_lab=False, first_port=None)
    costs: dict[int, float] = {}
    with LongChain(network) as chain:
        for count in sizes.growth:
            progress(f"growing to {count} keys and blocks")
            chain.grow(count)
            costs[count] = chain.cost_us(sizes.growth_blocks, sizes.growth_transactions)
        transactions, database = chain.transactions, chain.database
    seconds = []
    for number in range(sizes.starts):
        progress(f"starting a node with {transactions} transactions, {number + 1} of {sizes.starts}")
        started = time.monotonic()
        with network:
            seconds.append(time.monotonic() - started)
    first, *_, last = costs.values()
    return {
        **{f"at_{count}_us": cost for count, cost in costs.items()},
        "last_relative": last / first,
        "start_transactions": transactions,
        "start_seconds": median(seconds),
        "database_mb": database.stat().st_size / BYTES_PER_MB,
    }


class LongChain:
    """The chain in the database of a network's only node, which does not run meanwhile."""

    def __init__(self, network: LocalNetwork, step_ms: int = 0) -> None:
        """Blocks are as far apart as they come, or `step_ms`."""
        (node,) = network.file.nodes
        self.database = network.directory / node.directory / DATABASE
        self.transactions = 0
        self._step_ms = step_ms
        self._signers = Signers.of(network, now_ms=self._time_ms)
        self._key = read_key(network.key_path(VALIDATOR))
        self._durable = Event()
        self._durable_ticket = self._awaited = 0
        self._database = SqliteStore(self.database, self._on_durable)
        self._store = GroupedStore(self._database)
        contracts = with_system_contracts(load_installed(parse_genesis(network.genesis_bytes)))
        self._chain = Chain.open(self._store, contracts, network.ledger)
        self._assets = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._database.close()

    def grow(self, assets: int, size: int = 1) -> None:
        """Issues assets, so many in a block, until there are as many as asked for."""
        self._store.batches_max = JOINED_BLOCKS
        while self._assets < assets:
            upto = min(assets, self._assets + SIGNED_AT_A_TIME)
            issued = self._signers.issue(range(self._assets, upto))
            for first in range(0, len(issued), size):
                self._append(self._build(issued[first : first + size]))
            self._assets = upto
            self._settle()
        self._store.batches_max = 1

    def cost_us(self, blocks: int, size: int) -> float:
        """Of one transfer, from its bytes to the disk: read, admitted, executed in a block of that size, stored."""
        count = blocks * size
        signed = self._signers.transfer([number * STEP % self._assets for number in range(count)])
        envelopes = [transaction.raw for transaction in signed]
        started = time.process_time_ns()
        for first in range(0, count, size):
            transactions = list(map(parse_transaction, envelopes[first : first + size]))
            for transaction in transactions:
                self._chain.admits(transaction, self._time_ms(), verified=False)
            self._append(self._build(transactions))
        self._settle()
        return (time.process_time_ns() - started) / NS_PER_US / count

    def _build(self, transactions: Sequence[Transaction]) -> Candidate:
        return self._chain.build(transactions, self._time_ms(), VALIDATOR)

    def _append(self, candidate: Candidate) -> None:
        self._store.commit(self._chain.append(candidate, self._record(candidate)))
        self._chain.advanced(candidate)
        self.transactions += len(candidate.block.transactions)

    def _record(self, candidate: Candidate) -> DecisionRecord:
        return DecisionRecord(self._certificate("final", candidate), self._certificate("vote", candidate), ())

    def _certificate(self, kind: StatementKind, candidate: Candidate) -> Certificate:
        height = candidate.block.header.height
        statement = sign_statement(self._chain.domain, Statement(kind, height, 1, candidate.id, 0, 0), self._key)
        return Certificate(MADE_OF[kind], height, 1, candidate.id, (0,), (statement.signature,))

    def _settle(self) -> None:
        """Waits until every block is on the disk."""
        self._store.flush()
        self._awaited = self._database.ticket
        self._durable.clear()
        if self._durable_ticket < self._awaited:
            self._durable.wait()

    def _on_durable(self, ticket: int) -> None:
        """Called by the store's writer thread."""
        self._durable_ticket = ticket
        if ticket >= self._awaited:
            self._durable.set()

    def _time_ms(self) -> int:
        if self._step_ms:
            return self._chain.genesis.time_ms + self._step_ms * (self._chain.height + 1)
        return max(wall_ms(), self._chain.head_time_ms + 1)


def one_validator() -> NetworkSpecification:
    """The smallest network: its validator alone decides."""
    members = (MemberSpec("validator", ("validator",)), MemberSpec("admin", ("admin",)), MemberSpec("member1"))
    return NetworkSpecification(
        organizations=(OrganizationSpec("north", members),),
        validators=(VALIDATOR,),
        contracts=(("asset", "nodes.sample_contract:Asset"),),
        start_time_ms=wall_ms(),
    )
