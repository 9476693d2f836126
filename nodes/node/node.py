"""One node: drives the replica, which has no I/O, with clock, timers, disk and links.

Everything happens in the event loop's thread: an event goes into the replica, the actions that come out are done here.
A store that failed, or a fault in the replica itself, stops the node; it never goes on with half of a step.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ledger.chain.chain import Chain
from ledger.chain.view import ChainView, rebuild_terms
from ledger.contract.contract import ContractSet
from ledger.errors import JsonValue, StorageError
from ledger.execution import with_system_contracts
from ledger.governance import Governance
from ledger.identity.records import Member
from ledger.keys import LIBRARY, SUITES
from ledger.membership import Membership
from ledger.primitives import PublicKey
from ledger.transaction import Transaction
from nodes.access.tokens import TokenJudge, audience_of
from nodes.consensus.engine_state import EngineState
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
from nodes.http.addresses import bind
from nodes.http_client import TlsTo
from nodes.limits import Limits
from nodes.links.batches import BatchReceiver
from nodes.links.links import Links
from nodes.messages import CertificateMessage, Message, TransactionsMessage
from nodes.network.specification import NODE_ROLES
from nodes.node import voting_mark
from nodes.node.clock import Clock
from nodes.node.files import CLOCK_OFFSET, DATABASE, LOG, NodeSettings
from nodes.node.lab_hooks import ControlLink, NodeLab
from nodes.node.log import FileLog, MemoryLog, Signal
from nodes.node.node_directory import load_installed
from nodes.node.voting_mark import VotingMark, has_voting_mark, write_voting_mark
from nodes.node.watch import NodeWatch
from nodes.replica import voting_record
from nodes.replica.explain import consensus_json
from nodes.replica.replica import Replica
from nodes.settings import ReplicaSettings
from nodes.storage.sqlite import SqliteStore

NONCE_BYTES = 16


class Node:
    """The part of a ledger that runs on one machine. The HTTP application is given a node; `nodes.node.process` joins the two."""

    def __init__(self, settings: NodeSettings, limits: Limits | None = None, kind: type[Replica] = Replica) -> None:
        """Takes the port and opens all files; raises OperatorError with a sentence. Call it in the event loop's thread."""
        self.settings = settings
        self.member = settings.member
        self.ledger = settings.genesis.ledger
        installed = load_installed(settings.genesis, settings.file.contracts, settings.contracts_folder)
        self._installed = with_system_contracts(installed)
        self._acting: tuple[int, ContractSet] = (-1, self._installed)
        self.limits = limits or settings.limits
        self._loop = asyncio.get_running_loop()
        self._timers: dict[Timer, asyncio.TimerHandle] = {}
        self.stopping = asyncio.Event()
        self.failure: BaseException | None = None
        with ExitStack() as opened:
            self.listener = bind(settings.file.host, settings.file.port)
            opened.callback(self.listener.close)
            self.store = self._open_store()
            opened.callback(self.store.close)
            self._mark = VotingMark(settings.directory)
            opened.callback(self._mark.close)
            self.replica = self._make_replica(kind)
            self.clock = Clock(settings.directory / CLOCK_OFFSET if settings.is_lab else None)
            self.log = FileLog(settings.directory / LOG) if settings.is_lab else MemoryLog(self.limits.log_entries_max)
            opened.callback(self.log.close)
            opened.pop_all()
        self.lab = None if settings.lab_token is None else self._make_lab(settings.lab_token)
        self.reads = settings.file.reads
        started_ms = max(self.clock.now_ms(), self.replica.chain.head_time_ms + 1)  # what the run before may have judged by
        self.tokens = TokenJudge(audience_of(self.ledger, self.member), started_ms)
        self.watch = NodeWatch(self.member, self.replica, self._installed, settings.directory / DATABASE)
        self.published = Signal(self.replica.chain.height)
        self.inbox = self._make_inbox()
        self.links = Links(
            ledger=self.ledger,
            member=self.member,
            key=settings.key,
            addresses=settings.addresses,
            log=self._log_record,
            faults=None if self.lab is None else self.lab.faults,
        )
        self.watch.begin(self.links)

    def _open_store(self) -> SqliteStore:
        database = self.settings.directory / DATABASE
        if not database.exists():  # check: no-start-from-empty
            raise StorageError(
                "missing-database", f"{database} is gone. A node never begins with an empty database by itself: restore the file."
            )
        return SqliteStore(
            database,
            lambda ticket: self._from_writer(lambda: self.handle(BecameDurable(ticket))),
            lambda error: self._from_writer(lambda: self._fail(error)),  # nothing can be promised from here on
            self.settings.file.database_bytes_max,
        )

    def _make_replica(self, kind: type[Replica]) -> Replica:
        chain = Chain.open(self.store, self._installed, self.ledger)
        for batch in rebuild_terms(ChainView(self.store, chain.genesis)):
            self.store.commit(batch)
        if not self._mark.is_held(lambda statement: voting_record.holds(self.store, statement, chain.height)):  # check: log-end
            self.store.commit(voting_mark.unmarked(voting_mark.CUT))
        may_vote = has_voting_mark(self.settings.directory) and not voting_mark.is_unmarked(self.store)
        replica_settings = ReplicaSettings(self.member, self.settings.key, may_vote, self.limits)
        return kind(chain, self.store, replica_settings, nonce)

    def _make_lab(self, token: str) -> NodeLab:
        peers, control = self.settings.addresses.keys() - {self.member}, ControlLink(self.settings.control)
        return NodeLab(self.member, token, peers, control, self.clock, self.log, lambda: self.handle(ClockChanged(self.now_ms())))

    def _make_inbox(self) -> BatchReceiver:
        return BatchReceiver(
            ledger=self.ledger,
            receiver=self.member,
            key_of=self.key_of,
            nonce=nonce,
            suite=SUITES[self.settings.genesis.suite],
            limits=self.limits,
        )

    async def start(self, tls: TlsTo | None = None) -> None:
        """Opens the links, over TLS where it is given, then starts the replica. Call it when requests can come."""
        if self.lab is not None:
            self.lab.begin()
        await self.links.start(tls)
        place: dict[str, JsonValue] = {"ledger": self.ledger, "port": self.settings.file.port, "height": self.published.value}
        self.watch.tell(logging.INFO, "serving", {**place, "signatures": LIBRARY})
        self._log_record("start", {"height": self.replica.chain.height})
        if voting_mark.is_cut(self.store):
            self._log_record("lost-end", {"height": self.replica.engine.height})
        self.handle(Started())

    def request_stop(self) -> None:
        """Ends all waits and timers and takes no more events. In other threads `loop.call_soon_threadsafe(node.request_stop)`."""
        self.stopping.set()
        self.watch.ends(self.failure)
        for signal in (self.published, self.log.changed):
            signal.close()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    async def close(self) -> None:
        """Ends the links, and writes what the store still holds. Call it when no more requests come."""
        self.request_stop()
        await self.links.close()
        self.listener.close()
        self.store.close()
        self._mark.close()
        self.log.close()
        self.watch.tell(logging.INFO, "stopped", {"height": self.published.value})

    def handle(self, event: ReplicaEvent) -> None:
        """Takes one event through the replica and does what it asks for."""
        if self.stopping.is_set():
            return
        try:
            with self.store.steady():
                actions = self.replica.handle(event, self.clock.now_ms())
            for action in actions:
                self._perform(action)
        except Exception as error:
            self._fail(error)
            raise

    def _perform(self, action: ReplicaAction) -> None:
        match action:
            case SendMessage(receiver, message):
                self.watch.count("out", message, self.links.send(receiver, message, self._patient(action)))
            case SetTimer(timer, delay_ms):
                running = self._timers.pop(timer, None)
                if running is not None:
                    running.cancel()
                if delay_ms is not None:
                    self._timers[timer] = self._loop.call_later(delay_ms / 1000, self._timer_fired, timer)
            case PublishBlock(height, block):
                self._log_record("decided", {"height": height, "block": block.id})
                if block.transactions:
                    with self.snapshot() as view:
                        self.watch.decided(block.transactions, view.receipts(height))
                self.published.set(height)
            case LogRecord(kind, fields):
                self._log_record(kind, fields)
            case KeepStatement(statement):
                self._mark.write(statement)
            case Recovered():
                self._mark.close()
                write_voting_mark(self.settings.directory, self.ledger)
                self._mark.open()
                self.store.commit(voting_mark.marked())

    def _patient(self, sending: SendMessage) -> Collection[str]:
        """The nodes that do not wait for this: all make the same certificate of the votes, and only one proposes next."""
        match sending:
            case SendMessage(None, CertificateMessage()):
                return self.settings.addresses.keys()
            case SendMessage(None, TransactionsMessage()):
                return self.settings.addresses.keys() - {next_proposer(self.replica.engine)}
        return ()

    def _timer_fired(self, timer: Timer) -> None:
        del self._timers[timer]
        self.handle(TimerFired(timer))

    def _log_record(self, kind: str, fields: dict[str, JsonValue]) -> None:
        self.watch.record(kind, fields)
        self.log.append(self.clock.now_ms(), kind, fields)

    def _from_writer(self, call: Callable[[], None]) -> None:
        """Called by the store's writer thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def _fail(self, error: BaseException) -> None:
        self.watch.tell(logging.ERROR, "failed", {}, error)
        self.failure = self.failure or error
        self.request_stop()

    def key_of(self, member: str) -> PublicKey | None:
        """The key that signs for a member's node, None if it runs none now."""
        chain = self.replica.chain
        return node_key(chain.member(member), chain.head_time_ms)

    def roots(self) -> tuple[str, ...]:
        """Root certificates of all organizations now."""
        return tuple(one.root_certificate for _, one in Membership(self.replica.chain.state).organizations.items())

    def root_of(self, member: str) -> str | None:
        """Root certificate of the organization of a member that may run a node now; None for all others."""
        organization = Membership(self.replica.chain.state).organizations.get(member.partition(".")[0])
        return None if organization is None or self.key_of(member) is None else organization.root_certificate

    # What the HTTP application asks for.

    @property
    def contracts(self) -> ContractSet:
        """What is installed, in the versions that the ledger runs at its height."""
        chain = self.replica.chain
        if self._acting[0] != chain.height:
            entries = (entry for _, entry in Governance(chain.state).contracts.items())
            self._acting = (chain.height, self._installed.acting(entries))
        return self._acting[1]

    @contextmanager
    def snapshot(self) -> Iterator[ChainView]:
        """One read-only transaction on durable data."""
        with self._noticing_damage(), self.store.snapshot() as reader:
            yield ChainView(reader, self.replica.chain.genesis)

    @contextmanager
    def _noticing_damage(self) -> Iterator[None]:
        """What is damaged may never be read again; that the database is damaged is not forgotten."""
        try:
            yield
        except StorageError as error:
            self.watch.read_failed(error)
            raise

    def now_ms(self) -> int:
        """The node's UTC clock, moved by the lab."""
        return self.clock.now_ms()

    def verify_admissible(self, transaction: Transaction) -> None:
        """Raises InputError or BusyError unless the transaction may wait here. Changes nothing."""
        with self._noticing_damage():
            self.replica.verify_admissible(transaction, self.clock.now_ms())

    def submit(self, transactions: tuple[Transaction, ...]) -> None:
        """Takes admitted transactions into the mempool and spreads them."""
        self.watch.submitted(transactions)
        self.handle(Submitted(transactions))

    def receive(self, sender: str, messages: Sequence[Message]) -> None:
        """Hands messages of an authenticated node to the replica, unless a fault of the lab is in the way."""
        delay_ms = 0 if self.lab is None else self.lab.received(sender, messages, self.inbox)
        if delay_ms:
            self._loop.call_later(delay_ms / 1000, self._take, sender, messages)
        elif delay_ms is not None:
            self._take(sender, messages)

    def _take(self, sender: str, messages: Sequence[Message]) -> None:
        self.watch.received(sender, messages)
        for message in messages:
            self.handle(MessageReceived(sender, message))

    def consensus_json(self) -> dict[str, JsonValue]:
        """Height, view, statements held and missing."""
        return consensus_json(self.replica)


def nonce() -> str:
    """A number used once, from the operating system's randomness."""
    return secrets.token_hex(NONCE_BYTES)


def next_proposer(engine: EngineState) -> str:
    """The member that leads the present view, or the next height once the leader of this view has proposed."""
    leader = engine.validators.leader(engine.height, engine.view)
    if ("propose", engine.view, leader) in engine.statements:
        leader = engine.validators.leader(engine.height + 1, 1)
    return engine.validators.validators[leader].member


def node_key(member: Member | None, time_ms: int) -> PublicKey | None:
    """The member's key if it may run a node at that block time."""
    if member is None or not member.is_active(time_ms) or not NODE_ROLES.intersection(member.roles):  # check: node-key
        return None
    return PublicKey(member.public_key)
