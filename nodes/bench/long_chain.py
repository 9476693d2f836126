"""What a long chain costs: a transaction by number of keys and by stage, the start of a node, copies and pruning.

The chain is grown in this process by its one validator, in the database of a node that is started on it afterwards.
"""

import gzip
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from statistics import median

from ledger.certificate import MADE_OF, Certificate, DecisionRecord, Statement, StatementKind, sign_statement
from ledger.chain.chain import Candidate, Chain
from ledger.chain.view import ChainView
from ledger.execution import execute_block, with_system_contracts
from ledger.genesis import parse_genesis
from ledger.state.overlay import StateView
from ledger.state.store import Batch, Store
from ledger.transaction import Transaction, parse_transaction
from nodes.bench.amounts import BYTES_PER_MB, Figures, Progress, Sizes
from nodes.bench.measured_network import MeasuredNetwork, Signers, measured_network
from nodes.key_files import read_key
from nodes.network.specification import default_specification
from nodes.node.clock import wall_ms
from nodes.node.copies import join, prune_node, restore_backup, write_backup, write_snapshot
from nodes.node.files import DATABASE, read_node_settings
from nodes.node.node_directory import load_installed
from nodes.storage.sqlite import SqliteStore
from nodes.storage.sqlite_copy import reading

VALIDATOR = "north.validator"
NS_PER_US = 1_000
JOINED_BLOCKS = 100
"""Blocks that are written at once while the chain grows; those whose cost is taken are written one by one."""
STEP = 7_919
"""A prime: keys that are so far apart come from all over, and none comes twice."""
SIGNED_AT_A_TIME = 1_000
COPIED_STEP_MS = 10_000
"""Between the blocks of a chain that is copied, as at ten transactions a second in blocks of a hundred."""


def measure_growth(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Processor microseconds of one transaction at these numbers of keys, and the start of the node then."""
    network = one_validator_network(directory)
    costs: dict[int, float] = {}
    with closing(LongChain(network)) as chain:
        for count in sizes.growth:
            progress(f"growing to {count} keys")
            chain.grow(count, sizes.growth_block_transactions)
            costs[count] = sum(chain.costs_us(sizes.growth_blocks, sizes.growth_transactions).values())
        transactions, blocks, database = chain.transactions, chain.blocks, chain.database
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
        "start_blocks": blocks,
        "start_seconds": median(seconds),
        "database_mb": size_mb(database),
    }


def measure_stages(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Processor microseconds of a node for one transfer, and how much of them each stage takes by itself, beside no network.

    verify: signatures and admission · execute: contracts · state: the Merkle map, the tree of blocks, roots · store: rows
    and SQLite · rest: all else that a node of a network does, such as HTTP, messages, mempool and consensus. Each stage
    includes what it reads of the database; a node holds more of that in memory, so `rest` is a lower bound.
    """
    count, size = sizes.transfers, sizes.list_transactions
    with measured_network(directory / "network") as network:
        signers = Signers.of(network)
        progress(f"issuing {count} assets")
        network.load(signers.issue(range(count)), sizes)
        progress(f"transferring {count} assets")
        total_us = network.load(signers.transfer(range(count)), sizes).cpu_us
    progress("the same on one chain without a network")
    with closing(LongChain(one_validator_network(directory / "chain"))) as chain:
        chain.grow(count, size)
        costs = chain.costs_us(max(1, count // size), min(count, size))
    return {
        "total_us": total_us,
        **{f"{stage}_us": costs[stage] for stage in ("verify", "execute", "state", "store")},
        "rest_us": total_us - sum(costs.values()) + costs["read"],
    }


def measure_copies(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Seconds and megabytes of each way to copy a node, and of pruning it to its youngest blocks.

    Each transaction writes a key of its own, and one validator decides: decision records are shorter than those of four, and
    records of one form pack well, so that the unpacked length of the snapshot says more of other ledgers.
    """
    network = one_validator_network(directory)
    place = network.only_node
    progress(f"growing to {sizes.copied_transactions} transactions")
    with closing(LongChain(network, COPIED_STEP_MS)) as chain:
        chain.grow(sizes.copied_transactions, sizes.copied_block_transactions)
        transactions, blocks = chain.transactions, chain.blocks
    progress("copying")
    figures: Figures = {"transactions": transactions, "blocks": blocks, **copied(network, directory / "copies")}
    with reading(directory / "copies/joined" / DATABASE) as reader:
        view = ChainView(reader)
        receipts = sum(len(view.receipts(height)) for height in range(view.first, view.height + 1))
    progress("pruning")
    started = time.monotonic()
    pruned = prune_node(place, keep=1)
    return figures | {
        "receipts_kept": receipts,
        "prune_seconds": time.monotonic() - started,
        "pruned_blocks": pruned.upto,
        "pruned_database_mb": size_mb(place / DATABASE),
    }


def copied(network: MeasuredNetwork, aside: Path, clock: Callable[[], float] = time.monotonic) -> Figures:
    """Seconds and megabytes of each way to copy the only node of a network that does not run; the copies stay in a new folder."""

    def seconds(action: Callable[[], object]) -> float:
        return seconds_of(action, clock)

    place = network.only_node
    genesis = read_node_settings(place).genesis
    backup, snapshot, restored, joined = (aside / name for name in ("backup.zip", "state.gz", "restored", "joined"))
    restored.mkdir(parents=True)
    joined.mkdir()
    return {
        "database_mb": size_mb(place / DATABASE),
        "backup_seconds": seconds(lambda: write_backup(place, VALIDATOR, backup)),
        "backup_mb": size_mb(backup),
        "restore_seconds": seconds(lambda: restore_backup(backup, restored, genesis, VALIDATOR)),
        "snapshot_seconds": seconds(lambda: write_snapshot(place, snapshot)),
        "snapshot_mb": size_mb(snapshot),
        "snapshot_unpacked_mb": _unpacked_mb(snapshot),
        "join_seconds": seconds(lambda: join(snapshot, joined, genesis)),
        "joined_database_mb": size_mb(joined / DATABASE),
    }


class LongChain:
    """The chain in the database of a network's only node, which does not run meanwhile."""

    def __init__(self, network: MeasuredNetwork, step_ms: int = 0) -> None:
        """Blocks are as far apart as they come, or `step_ms`."""
        self.database = network.only_node / DATABASE
        self.transactions = 0
        self._step_ms = step_ms
        self._signers = Signers.of(network, now_ms=self._time_ms)
        self._key = read_key(network.key_path(VALIDATOR))
        self._ledger = network.ledger
        self._contracts = with_system_contracts(load_installed(parse_genesis(network.genesis_bytes)))
        self._grown = 0
        self._open()

    def _open(self) -> None:
        self._written = SimpleQueue[int]()
        """Tickets of batches that are on the disk, from the store's writer thread."""
        self._durable_ticket = 0
        self._database = SqliteStore(self.database, self._written.put)
        self._store = JoiningStore(self._database)
        self._chain = Chain.open(self._store, self._contracts, self._ledger)

    @property
    def blocks(self) -> int:
        """How many blocks the chain has."""
        return self._chain.height

    def close(self) -> None:
        """Lets a node have the database."""
        self._database.close()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Lets a node have the database meanwhile; no transaction is sent to it."""
        self.close()
        try:
            yield
        finally:
            self._open()

    def grow(self, transactions: int, size: int, counters: int = 0) -> None:
        """Goes on to that many transactions, `size` in a block: each issues an asset or, in turn, bumps one of `counters`."""
        self._store.batches_max = JOINED_BLOCKS
        while self._grown < transactions:
            numbers = range(self._grown, min(transactions, self._grown + SIGNED_AT_A_TIME))
            signed = self._signers.count(numbers, counters) if counters else self._signers.issue(numbers)
            for first in range(0, len(signed), size):
                self._append(self._build(signed[first : first + size]))
            self._grown = numbers.stop
            self._settle()
        self._store.batches_max = 1

    def costs_us(self, blocks: int, size: int) -> dict[str, float]:
        """Processor time of one transfer in blocks of that size, from its bytes to the disk, by stage."""
        count = blocks * size
        signed = self._signers.transfer([number * STEP % self._grown for number in range(count)])
        envelopes = [transaction.raw for transaction in signed]
        spent: Counter[str] = Counter()
        for first in range(0, count, size):
            laps = [time.process_time_ns()]
            transactions = list(map(parse_transaction, envelopes[first : first + size]))
            laps.append(time.process_time_ns())
            with self._database.steady():
                for transaction in transactions:
                    self._chain.verify_admissible(transaction, self._time_ms(), verified=False)
                laps.append(time.process_time_ns())
                candidate = self._build(transactions)
                laps.append(time.process_time_ns())
                execute_block(
                    self._chain.contracts, StateView(self._store), transactions, self._time_ms(), candidate.block.header.height
                )
                laps.append(time.process_time_ns())
                self._append(candidate)
            self._settle()
            laps.append(time.process_time_ns())
            read, verify, build, execute, store = (after - before for before, after in pairwise(laps))
            spent.update({"read": read, "verify": verify, "execute": execute, "state": build - execute, "store": store})
        return {stage: nanoseconds / NS_PER_US / count for stage, nanoseconds in spent.items()}

    def _build(self, transactions: Sequence[Transaction]) -> Candidate:
        return self._chain.build(transactions, self._time_ms(), VALIDATOR)

    def _append(self, candidate: Candidate) -> None:
        record = DecisionRecord(self._certificate("final", candidate), self._certificate("vote", candidate), ())
        self._store.commit(self._chain.append(candidate, record))
        self._chain.advanced(candidate)
        self.transactions += len(candidate.block.transactions)

    def _certificate(self, kind: StatementKind, candidate: Candidate) -> Certificate:
        height = candidate.block.header.height
        statement = sign_statement(self._chain.domain, Statement(kind, height, 1, candidate.id, 0, 0), self._key)
        return Certificate(MADE_OF[kind], height, 1, candidate.id, (0,), (statement.signature,))

    def _settle(self) -> None:
        """Waits until every block is on the disk."""
        self._store.flush()
        while self._durable_ticket < self._database.ticket:
            self._durable_ticket = self._written.get()

    def _time_ms(self) -> int:
        if self._step_ms:
            return self._chain.genesis.time_ms + self._step_ms * (self._chain.height + 1)
        return max(wall_ms(), self._chain.head_time_ms + 1)


class JoiningStore:
    """A `Store` that joins the batches of several blocks into one write, so that a long chain grows without a wait for each."""

    def __init__(self, below: Store) -> None:
        self.batches_max = 1
        """Batches that are joined; the store below sees none of them before that, or before `flush`."""
        self._below = below
        self._joined = Batch()
        self._ticket = self._flushed = 0

    def get(self, table: str, key: bytes) -> bytes | None:
        """The value, or None."""
        writes = self._joined.writes
        return writes[table, key] if (table, key) in writes else self._below.get(table, key)

    def scan(self, table: str, start: bytes, end: bytes, limit: int, reverse: bool = False) -> list[tuple[bytes, bytes]]:
        """Like that of the store below."""
        self.flush()
        return self._below.scan(table, start, end, limit, reverse)

    def commit(self, batch: Batch) -> int:
        """Keeps the batch until there are enough."""
        self._joined.writes.update(batch.writes)
        self._ticket += 1
        if self._ticket >= self._flushed + self.batches_max:
            self.flush()
        return self._ticket

    def flush(self) -> None:
        """Hands what is kept to the store below."""
        if self._joined.writes:
            self._below.commit(self._joined)
        self._joined, self._flushed = Batch(), self._ticket


def one_validator_network(directory: Path) -> MeasuredNetwork:
    """The smallest network: its validator decides by itself."""
    specification = default_specification(wall_ms(), members_each=1, names=("north",))
    return MeasuredNetwork.create(directory, specification, is_lab=False)


def seconds_of(action: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> float:
    """By the clock on the wall, or another."""
    started = clock()
    action()
    return clock() - started


def _unpacked_mb(path: Path) -> float:
    with gzip.open(path) as file:
        return sum(map(len, file)) / BYTES_PER_MB


def size_mb(path: Path) -> float:
    """Of a file."""
    return path.stat().st_size / BYTES_PER_MB
