"""Several replicas on a seeded queue with virtual time. One event at a time; after each one the nodes must agree.

Same seed, same run: all chance comes from `Chance`, events of one instant keep their order, and what travels are the
very bytes that real nodes send.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial

from ledger.certificate import Statement
from ledger.chain.chain import Chain
from ledger.chain.view import ChainView
from ledger.encoding import decode_object, encode_unchecked
from ledger.errors import JsonValue
from ledger.keys import PrivateKey, Suite
from ledger.primitives import Digest, PublicKey, Signature
from ledger.state.memory_store import MemoryStore
from ledger.transaction import Transaction, sign_transaction
from nodes.consensus.events import (
    BecameDurable,
    ClockChanged,
    KeepStatement,
    LogRecord,
    MessageReceived,
    PublishBlock,
    Recovered,
    ReplicaAction,
    ReplicaEvent,
    SendMessage,
    SetTimer,
    Started,
    Submitted,
    Timer,
    TimerFired,
)
from nodes.links.batches import decode_messages, describe, encode_messages
from nodes.messages import Message
from nodes.network.specification import BuiltNetwork, NetworkSpecification, build_network, load_contracts, seeded_keys
from nodes.node import voting_mark
from nodes.replica import voting_record
from nodes.replica.replica import Replica
from nodes.settings import ReplicaLimits, ReplicaSettings
from nodes.simulator.chance import Chance
from nodes.simulator.checker import Checker
from nodes.simulator.scheduler import Scheduler
from nodes.simulator.weather import CALM, FaultCounts, FaultOptions, Weather
from nodes.simulator.witness import Witness, may_fork

Read = Callable[[], list[Message]]
"""Decodes a batch."""


@dataclass(slots=True)
class SimulatedNode:
    """One node: its disk outlives its replica."""

    member: str
    store: MemoryStore
    said: Statement | None = None
    """The newest statement that became durable, kept beside the disk as the voting mark keeps it."""
    replica: Replica | None = None
    """None while it is down."""
    timers: dict[Timer, int] = field(default_factory=dict)
    """Running timers, with the number of the queue entry that counts."""
    validators: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    """By height: digest and keys of its validators, read once."""
    skew_ms: int = 0
    crash_at_write: bool = False
    """Crash as soon as something is written and not yet durable."""


class Simulation:
    """A network of replicas. `log` holds one record an event, the same bytes for the same seed."""

    def __init__(
        self,
        specification: NetworkSpecification,
        seed: int,
        options: FaultOptions = CALM,
        *,
        keep_log: bool = False,
        replica_of: Callable[[str], type[Replica]] = lambda member: Replica,
        traitors: frozenset[str] = frozenset(),
        scheduler: Scheduler | None = None,
    ) -> None:
        """`replica_of` gives the class of a node's replica: a traitor's, or one with a planted fault.

        What `traitors` decide or sign is not held against the protocol. With a `scheduler` several networks share one queue.
        """
        self.scheduler = scheduler or Scheduler()
        self.traitors = traitors
        self.seed = seed
        self.replica_of = replica_of
        self.chance = Chance(seed)
        self.contracts = load_contracts(specification)
        self.network: BuiltNetwork = build_network(specification, seeded_keys(seed), self.contracts)
        self.start_ms = specification.start_time_ms
        """The true UTC clock at the start, later where the clocks were set forward since."""
        self.counts = FaultCounts()
        self.weather = Weather(options, self.counts, Chance(seed + 3_000_003))
        self.checker = Checker()
        traitor_keys = frozenset(self.key_of(member).public_key for member in traitors)
        is_fork_possible = may_fork(len(specification.validators), len(traitors))
        self.witness = Witness(self.ledger, self._validators_of, traitor_keys, self.counts, is_fork_possible=is_fork_possible)
        self.betrayals: Counter[str] = Counter()
        """How often traitors did what they do, by act."""
        self.log: list[bytes] | None = [] if keep_log else None
        self.batches = 0
        """Batches sent so far, to each receiver one."""
        self.bytes_sent = 0
        self._arrived: dict[tuple[str, str], int] = {}
        """By link: number of the last batch that arrived."""
        self._verified: set[tuple[PublicKey, str, bytes, Signature]] = set()
        """Signatures that hold, which each node would find out for itself."""
        disk = MemoryStore()
        Chain.create(disk, self.network.genesis_bytes, self.contracts)
        disk.flush()
        self.nodes = {member: SimulatedNode(member, disk.crash()) for member in specification.nodes()}
        for node in self.nodes.values():
            node.skew_ms = self.chance.between(-options.skew_ms_max, options.skew_ms_max)
            self.counts.skew += node.skew_ms != 0
            self.start(node)

    @property
    def ledger(self) -> Digest:
        """The genesis id."""
        return self.network.ledger

    @property
    def time_ms(self) -> int:
        """Virtual time since the start."""
        return self.scheduler.time_ms

    @property
    def now_ms(self) -> int:
        """The true UTC clock of the simulated world."""
        return self.start_ms + self.time_ms

    @property
    def honest(self) -> list[str]:
        """Members that run an honest node."""
        return [member for member in self.nodes if member not in self.traitors]

    # What a user of the simulation does

    def key_of(self, member: str) -> PrivateKey:
        """The key of a member."""
        return self.network.member_keys[member]

    def sign(
        self, signer: str, contract: str, operation: str, arguments: dict[str, JsonValue], nonce: str, lifetime_ms: int
    ) -> Transaction:
        """A transaction of one member that expires after that time."""
        return sign_transaction(
            ledger=self.ledger,
            contract=contract,
            operation=operation,
            arguments=arguments,
            signers=[(signer, self.key_of(signer))],
            nonce=nonce,
            expires_ms=self.now_ms + lifetime_ms,
        )

    def up(self) -> list[SimulatedNode]:
        """The honest nodes that run now."""
        return [self.nodes[member] for member in self.honest if self.nodes[member].replica is not None]

    def view(self, member: str | None = None) -> ChainView:
        """What a node holds; the first that is up by default."""
        node = self.nodes[member] if member else self.up()[0]
        assert node.replica is not None, f"{node.member} is down"
        return ChainView(node.replica.chain.store, node.replica.chain.genesis)

    def submit(self, transactions: Iterable[Transaction], member: str | None = None) -> None:
        """Hands transactions to a node as a client does; raises InputError or BusyError for what it does not admit."""
        node = self.nodes[member] if member else self.up()[0]
        assert node.replica is not None, f"{node.member} is down"
        admitted = tuple(transactions)
        for transaction in admitted:
            node.replica.verify_admissible(transaction, self._clock(node))
        self.handle(node, Submitted(admitted))

    def receipt(self, transaction: Digest) -> dict[str, JsonValue] | None:
        """The receipt of a transaction at some node that has it."""
        for node in self.up():
            place = self.view(node.member).place(transaction)
            if place is not None:
                return decode_object(self.view(node.member).receipts(place[0])[place[1]])
        return None

    def set_clock(self, time_ms: int) -> None:
        """Sets every node's clock to an instant, forward only."""
        assert time_ms >= self.now_ms, "lab time goes forward only"
        self.start_ms += time_ms - self.now_ms
        self.record("", "clock", set_to=time_ms)
        for node in self.nodes.values():
            if node.replica is not None:
                self.handle(node, ClockChanged(self._clock(node)))

    def run_until(self, is_reached: Callable[[], bool], limit_ms: int) -> bool:
        """Plays events until the condition holds; False if the virtual time limit comes first."""
        return self.scheduler.run_until(is_reached, limit_ms)

    # Nodes

    def start(self, node: SimulatedNode, may_vote: bool | None = None) -> None:
        """Opens what the node's disk holds and starts a replica on it, which judges by itself whether its mark counts."""
        limits = ReplicaLimits(pending_max=self.weather.options.pending_max)
        chain = Chain.open(node.store, self.contracts, self.ledger)
        chain.suite = partial(self._verify, chain.suite)
        if node.said is not None and not voting_record.holds(node.store, node.said, chain.height):
            node.store.commit(voting_mark.unmarked(voting_mark.CUT))
        may_vote = not voting_mark.is_unmarked(node.store) if may_vote is None else may_vote
        settings = ReplicaSettings(node.member, self.network.member_keys[node.member], may_vote, limits)
        node.replica = self.replica_of(node.member)(chain, node.store, settings, lambda: self.chance.hexadecimal(32))
        self.record(node.member, "start", height=chain.height)
        self.handle(node, Started())

    def turn(self, traitors: frozenset[str], replica_of: Callable[[str], type[Replica]]) -> None:
        """From now on these are the traitors; who is one for the first time restarts as such."""
        fresh = [node for node in self.nodes.values() if node.member in traitors]
        self.traitors, self.replica_of = traitors, replica_of
        self.witness.traitors = frozenset(self.key_of(member).public_key for member in traitors)
        self.witness.is_fork_possible = may_fork(len(self.nodes), len(traitors))
        for node in fresh:
            if node.replica is not None:
                self.crash(node)
            self.start(node)

    def crash(self, node: SimulatedNode, lost_end: int = 0) -> None:
        """Stops a node at once: timers, mempool, what is not durable, and the last `lost_end` durable batches are lost."""
        lost = node.store.ticket - node.store.durable_ticket
        self.counts.lost_write += lost
        self.counts.crash += 1
        self.counts.traitor_crash += node.member in self.traitors
        node.crash_at_write = False
        node.store = node.store.crash(lost_end)
        node.replica = None
        node.timers.clear()
        node.validators.clear()
        self.record(node.member, "crash", lost_writes=lost)

    def handle(self, node: SimulatedNode, event: ReplicaEvent) -> None:
        """Gives a running node one event and carries out its actions."""
        assert node.replica is not None
        outgoing: dict[str | None, list[Message]] = {}
        for action in node.replica.handle(event, self._clock(node)):
            self._perform(node, action, outgoing)
        for receiver, messages in outgoing.items():
            self._send(node, receiver, messages)
        if node.store.ticket > node.store.durable_ticket:
            if node.crash_at_write:
                self.crash(node)
            else:
                self._flush_later(node, node.store.ticket)

    def after(self, delay_ms: int, call: Callable[[], None]) -> int:
        """Schedules a call in virtual time; returns the number of the queue entry."""
        return self.scheduler.after(delay_ms, call)

    def record(self, node: str, kind: str, **fields: JsonValue) -> None:
        """One record of the log."""
        if self.log is not None:
            self.log.append(encode_unchecked({"time": self.time_ms, "node": node, "kind": kind, **fields}))

    def _clock(self, node: SimulatedNode) -> int:
        return self.now_ms + node.skew_ms

    def _perform(self, node: SimulatedNode, action: ReplicaAction, outgoing: dict[str | None, list[Message]]) -> None:
        match action:
            case SendMessage(receiver, message):
                outgoing.setdefault(receiver, []).append(message)
            case SetTimer(timer, None):
                node.timers.pop(timer, None)
            case SetTimer(timer, int(delay_ms)):
                node.timers[timer] = self.after(delay_ms, lambda: self._timer(node, timer, entry))
                entry = node.timers[timer]
            case PublishBlock(height, block, decision):
                self.record(node.member, "decided", height=height, block=block.id)
                if node.member not in self.traitors:
                    self.checker.decided(node.member, block, decision.commit.view, self.view(node.member))
            case LogRecord(kind, fields):
                self.record(node.member, kind, **fields)
                if kind == "betrayal":
                    self.betrayals[str(fields["act"])] += 1
                if kind.startswith("certificate-"):
                    self.witness.held(kind[12:], fields["height"], fields["view"])  # type: ignore[arg-type]
            case KeepStatement(statement):
                node.said = statement
            case Recovered():
                self.record(node.member, "recovered")
                node.said = None
                if voting_mark.is_unmarked(node.store):
                    node.store.commit(voting_mark.marked())

    def _timer(self, node: SimulatedNode, timer: Timer, entry: int) -> None:
        if node.timers.get(timer) == entry:
            del node.timers[timer]
            self.handle(node, TimerFired(timer))

    def _verify(self, suite: Suite, key: PublicKey, tag: str, data: bytes, signature: Signature) -> None:
        """A signature that holds is verified once for all nodes, which is half of what many nodes cost."""
        known = (key, tag, data, signature)
        if known not in self._verified:
            suite(key, tag, data, signature)
            self._verified.add(known)

    def _validators_of(self, height: int) -> tuple[str, list[str]] | None:
        """Digest and keys of a height's validators, as the blocks before it say; None while they are not decided."""
        for node in self.up():
            if height not in node.validators:
                view = self.view(node.member)
                if view.height < height - 1:
                    continue
                validators = view.validators_at(height)
                node.validators[height] = validators.digest, [v.public_key for v in validators.validators]
            return node.validators[height]
        return None

    # Disk and network

    def _flush_later(self, node: SimulatedNode, ticket: int) -> None:
        """One writer, first in, first out: a batch is durable some time later, with all before it."""
        store = node.store

        def flush() -> None:
            if node.replica is not None and node.store is store and store.durable_ticket < ticket:  # a crash leaves another store
                store.flush(ticket)
                self.handle(node, BecameDurable(ticket))

        self.after(self.weather.disk_ms(node.member), flush)

    def _send(self, sender: SimulatedNode, receiver: str | None, messages: list[Message]) -> None:
        data = encode_messages(messages)
        self.witness.sent(data)
        read = cache(partial(decode_messages, data))  # once for all receivers
        for member in self.nodes if receiver is None else (receiver,):
            if member != sender.member:
                self._carry(sender.member, self.nodes[member], data, messages, read)

    def _carry(self, sender: str, receiver: SimulatedNode, data: bytes, messages: list[Message], read: Read) -> None:
        self.batches += 1
        self.bytes_sent += len(data)
        batch = self.batches
        if self.log is not None:
            self.record(sender, "sent", batch=batch, to=receiver.member, messages=[describe(m) for m in messages])
        why = self.weather.drop(sender, receiver.member)
        if why is not None:
            self.record(receiver.member, "dropped", batch=batch, **{"from": sender}, why=why)
            return
        for delay_ms in self.weather.delays_ms(sender, receiver.member, self.time_ms):
            self.after(delay_ms, partial(self._arrive, sender, receiver, batch, read))

    def _arrive(self, sender: str, receiver: SimulatedNode, batch: int, read: Read) -> None:
        link = (sender, receiver.member)
        self.counts.reordering += batch < self._arrived.get(link, 0)
        self._arrived[link] = max(batch, self._arrived.get(link, 0))
        if receiver.replica is None:
            self.record(receiver.member, "dropped", batch=batch, **{"from": sender}, why="down")
            return
        self.record(receiver.member, "received", batch=batch, **{"from": sender})
        for message in read():
            if receiver.replica is not None:
                self.handle(receiver, MessageReceived(sender, message))
