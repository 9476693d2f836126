"""A replica without I/O: event in, actions out. Demo, test and node run this code.

It checks shape and signatures of what comes from others before the engine sees it, spreads transactions, and helps
those who are behind. Every call passes the node's clock. The rest of a node sees consensus only through this class.
"""

from collections.abc import Callable, Iterable

from ledger.block import Write, parse_header, parse_writes
from ledger.certificate import Certificate, Statement, verify_certificate, verify_record_shape, verify_statement
from ledger.chain import tables
from ledger.chain.chain import Chain, first_difference
from ledger.encoding import decode
from ledger.errors import BusyError, InputError, JsonValue, StorageError, VerificationError
from ledger.identity.records import CertificateKind
from ledger.primitives import Digest
from ledger.state.store import Store
from ledger.transaction import Transaction, parse_transaction
from nodes.consensus import state as engine
from nodes.consensus.events import (
    Action,
    BecameDurable,
    ClockChanged,
    Event,
    KeepStatement,
    MessageReceived,
    Started,
    Submitted,
    TimerFired,
)
from nodes.consensus.state import VIEWS_AHEAD_MAX
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    FetchMessage,
    HighestAnswer,
    HighestRequest,
    Message,
    StatementMessage,
    StatusMessage,
    TransactionsMessage,
    WritesMessage,
    WritesRequest,
    weight,
)
from nodes.replica import voting_record
from nodes.replica.bodies import parse_block
from nodes.replica.buffer import Buffer
from nodes.replica.explain import HeldUp, explain, held_up
from nodes.replica.recovery import Recovery
from nodes.replica.shell import EngineShell, block_message
from nodes.settings import ReplicaSettings

DAMAGED = "database-damaged"
KINDS: tuple[CertificateKind, ...] = ("notar", "skip", "commit")
SHOWN_MAX = 20
"""Transactions that are set aside and shown."""


class Replica(EngineShell):
    """One node's part in one ledger."""

    def __init__(self, chain: Chain, store: Store, settings: ReplicaSettings, draw_nonce: Callable[[], str]) -> None:
        needs_mark = settings.key is not None and not settings.may_vote
        super().__init__(chain, store, settings, Recovery(settings.member, draw_nonce) if needs_mark else None)
        self.buffer = Buffer()
        self.answered: dict[str, int] = {}
        """By peer: up to which height blocks were sent to it in this resend interval."""
        self.answered_bytes: dict[str, int] = {}
        """By peer: bytes of all answers to it in this resend interval."""
        self.greeted: set[str] = set()
        """Peers further on that were told in this interval where this node is."""
        self.apart: dict[str, int] = {}
        """Nodes that asked for the writes of a block since they came to another result, and its height."""

    # What a driver calls

    def handle(self, event: Event, now_ms: int) -> list[Action]:
        """Takes one event at the node's UTC clock and returns what to do, in order."""
        self.now_ms = now_ms
        self.actions = []
        if self.diverged is None:
            self.feed(engine.ClockChanged(now_ms))
            self._take(event)
            self._replay_buffered()
            self.refresh_work()
            self.save()
        else:
            self._take_diverged(event)
        return self.actions

    def admit(self, transaction: Transaction, now_ms: int) -> None:
        """Raises InputError or BusyError unless the transaction may wait here; checks its signatures. Changes nothing."""
        self.mempool.verify_room(transaction)
        self.chain.admits(transaction, self.next_time_ms(now_ms), verified=False)

    def is_pending(self, transaction: Digest) -> bool:
        """Whether the mempool, or a block that is not durable yet, holds it."""
        return transaction in self.mempool or any(transaction in d.block.transaction_ids for d in self.unpublished.values())

    def consensus_json(self) -> dict[str, JsonValue]:
        """Height, view, who stated what, what is missing for which certificate: why it waits."""
        status = explain(self.engine)
        if self.recovery is not None:
            status["recovery"] = self.recovery.to_json(self.chain.validators)
        held = self.held_up()
        aside: list[JsonValue] = [
            {"transaction": entry.transaction.id, "skipped": entry.skips_alone, "rests_ms": self._rounds_ms(entry.rests_until)}
            for entry in self.mempool.set_aside()[:SHOWN_MAX]
        ]
        proposals: JsonValue = {"suspected": len(self.mempool.suspected), "set_aside": aside}
        return {**status, "diverged": self.diverged, "held_up": None if held is None else held.to_json(), "proposals": proposals}

    def held_up(self) -> HeldUp | None:
        """What holds up a height that has work and does not end, or None."""
        if self.waiting_since is None:
            return None
        waiting_ms = -self._rounds_ms(self.waiting_since)
        return held_up(self.engine, waiting_ms, {b: e.code for b, e in self.bodies.errors.items()}, self.apart)

    def _rounds_ms(self, round_number: int) -> int:
        """How long it is to that resend round, as time is counted here whatever the clock is set to."""
        return (round_number - self.mempool.round) * self.engine.timing.resend_ms

    # Events

    def _take(self, event: Event) -> None:
        match event:
            case Started():
                self._start()
            case MessageReceived(sender, message):
                self._receive(sender, message)
            case Submitted(transactions):
                fresh = tuple(t for t in transactions if t.id not in self.mempool)
                for transaction in fresh:
                    self.take_transaction(transaction)
                if fresh:
                    self.send(None, TransactionsMessage(tuple(t.raw for t in fresh)))
            case BecameDurable(ticket):
                self._became_durable(ticket)
            case TimerFired(name):
                self._timer_fired(name)
            case ClockChanged():
                self.schedule_heartbeat()

    def _take_diverged(self, event: Event) -> None:
        """A replica that stopped still publishes what it decided before, and learns where it parts from the others."""
        match event:
            case BecameDurable(ticket):
                self._became_durable(ticket)
            case MessageReceived(sender, WritesMessage(height, lines)):
                try:
                    self._compare(sender, height, tuple(parse_writes(decode(line, wrapped=2)) for line in lines))
                except InputError as error:
                    self.log("dropped", sender=sender, message="WritesMessage", code=error.code)

    def _compare(self, sender: str, height: int, theirs: tuple[tuple[Write, ...], ...]) -> None:
        """Names the first key on which this node's execution differs from what another node holds, as that node tells it."""
        own = self.own_results
        if self.diverged is None or own is None or height != own.block.header.height or "first_difference" in self.diverged:
            return
        difference = first_difference(own.writes_by_transaction, theirs)
        if difference is not None:
            self.diverged |= {"first_difference": difference, "told_by": sender}
            self.log("first-difference", told_by=sender, difference=difference)

    def _start(self) -> None:
        """Goes on from what the store holds; nothing is signed anew until replay is done."""
        kept = voting_record.remembered(self.store, self.engine.height)
        for block in kept.blocks:
            self.bodies.stored.add(block.id)
            self.hold_body(block)
        for certificate in kept.certificates:
            self.bodies.certificates_stored.add((certificate.kind, certificate.view))
            self.feed(engine.Received(certificate))
        for statement in kept.statements:
            self.feed(engine.Durable(statement))
        self.refresh_work()
        self.feed(engine.Restored())
        self.schedule_heartbeat()
        if self.recovery is not None:
            self.send(None, self.recovery.request)

    def _became_durable(self, ticket: int) -> None:
        for waiting in [t for t in self.unpublished if t <= ticket]:
            self.actions.append(self.unpublished.pop(waiting))
        said = [statement for t in list(self.unsent) if t <= ticket for statement in self.unsent.pop(t)]
        if said:
            self.actions.append(KeepStatement(said[-1]))  # before anything is sent
        for statement in said:
            if statement.height == self.engine.height:
                self.feed(engine.Durable(statement))

    def _timer_fired(self, name: str) -> None:
        kind, _, place = name.partition(":")
        if kind == "resend":
            self.answered.clear()
            self.answered_bytes.clear()
            self.greeted.clear()
            self.mempool.remove_expired(self.next_time_ms(self.now_ms))
            again = self.mempool.due_again()
            if again:
                self.send(None, TransactionsMessage(again))
            if self.recovery is not None and self.recovery.votes_from is None:
                self.send(None, self.recovery.request)
            self.feed(engine.TimerFired("resend", 0))
        elif kind in ("view", "repropose", "hold"):
            height, _, view = place.partition(":")
            if int(height) == self.engine.height:
                self.feed(engine.TimerFired(kind, int(view)))  # type: ignore[arg-type]

    # Messages

    def _receive(self, sender: str, message: Message) -> None:
        """What breaks a rule of its shape or signature changes nothing but the log."""
        try:
            match message:
                case TransactionsMessage(envelopes):
                    self._take_envelopes(envelopes)
                case StatementMessage(statement):
                    self._take_consensus(sender, message, statement.height)
                case CertificateMessage(certificate):
                    self._take_consensus(sender, message, certificate.height)
                case BlockMessage(header):
                    self._take_consensus(sender, message, parse_header(header).height)
                case DecidedMessage():
                    self._take_decided(sender, message)
                case StatusMessage(height, view):
                    self._take_status(sender, height, view)
                case FetchMessage():
                    self._take_fetch(sender, message)
                case HighestRequest(nonce):
                    self.send(sender, HighestAnswer(nonce, self._highest_certified()))
                case WritesRequest(height):
                    self.apart[sender] = height
                    if 1 <= height <= self.chain.height and self._may_answer(sender):
                        self._answer(sender, WritesMessage(height, tuple(tables.read_write_lines(self.chain.store, height))))
                case WritesMessage():
                    pass  # of use to a replica that diverged
                case HighestAnswer():
                    if self.recovery is not None:
                        self.recovery.answered(sender, message, self.chain.validators)
        except (InputError, VerificationError, BusyError) as error:
            self.log("dropped", sender=sender, message=type(message).__name__, code=error.code)

    def _take_envelopes(self, envelopes: tuple[bytes, ...]) -> None:
        """Gossip: what is not known yet is admitted like a client's, one by one."""
        for raw in envelopes:
            if raw in self.mempool.by_raw:
                continue
            try:
                transaction = parse_transaction(raw)
                if transaction.id not in self.mempool:
                    self.admit(transaction, self.now_ms)
                    self.take_transaction(transaction)
            except BusyError:
                return
            except (InputError, VerificationError) as error:
                if error.code != "known-transaction":
                    self.log("refused-transaction", code=error.code)

    def _take_consensus(self, sender: str, message: Message, height: int) -> None:
        """Statements, certificates and bodies of this height are judged; of the next, buffered within bounds."""
        if height == self.engine.height + 1:
            self.buffer.keep(height, sender, message, self.settings.limits)
        elif height == self.engine.height:
            match message:
                case StatementMessage(statement):
                    self._take_statement(sender, statement)
                case CertificateMessage(certificate):
                    self._take_certificate(certificate)
                case BlockMessage():
                    self._take_block(sender, message)

    def _take_statement(self, sender: str, statement: Statement) -> None:
        known = self.engine.statements.get((statement.kind, statement.view, statement.signer))
        if known == statement:
            return
        verify_statement(self.chain.domain, self.chain.validators, statement, self.chain.suite)
        offered = self.bodies.offered.get(sender)
        if known is None and self._is_awaited(statement) and offered is not None and offered.id == statement.block:
            self.hold_body(offered)
        self.feed(engine.Received(statement))

    def _is_awaited(self, statement: Statement) -> bool:
        """Whether the engine will keep this Propose, as the first of a view's leader: a body of any other is not held."""
        view, leader = statement.view, self.engine.validators.leader(statement.height, statement.view)
        return statement.kind == "propose" and statement.signer == leader and view <= self.engine.view + VIEWS_AHEAD_MAX

    def _take_certificate(self, certificate: Certificate) -> None:
        if (certificate.kind, certificate.view) not in self.engine.certificates:
            self._verify_certificate(certificate)
            self.feed(engine.Received(certificate))

    def _verify_certificate(self, certificate: Certificate) -> None:
        """Signatures that were verified one by one as statements are not verified again."""
        chain, held = self.chain, self.engine.statements
        verify_certificate(
            chain.domain, chain.validators, certificate, chain.suite, lambda s: held.get((s.kind, s.view, s.signer)) == s
        )

    def _take_block(self, sender: str, message: BlockMessage) -> None:
        """A body that a statement or certificate names is held; of others, the last one of each sender."""
        if len(message.envelopes) > self.chain.parameters.block_transactions_max:  # check: body-count
            raise VerificationError("block-too-large", "The body holds more transactions than a block may.")
        if parse_header(message.header).id in self.bodies.blocks:
            return
        block = parse_block(message.header, message.envelopes, self.mempool.by_raw.get)
        self.bodies.offered[sender] = block
        if self.engine.asked is not None and block.id in self.engine.asked.blocks:
            self.hold_body(block)

    def _take_decided(self, sender: str, message: DecidedMessage) -> None:
        """A decided block with its record decides here by the same rule as one that was voted on."""
        header = parse_header(message.header)
        if header.height != self.engine.height:
            return
        block = self.bodies.blocks.get(header.id) or parse_block(message.header, message.envelopes, self.mempool.by_raw.get)
        verify_record_shape(block.header.height, block.id, message.record)
        for certificate in message.record.certificates():
            self._verify_certificate(certificate)
        self.hold_body(block)
        self.feed(engine.Received(message.record))
        self.send(sender, StatusMessage(self.engine.height, self.engine.view))

    def _take_status(self, sender: str, height: int, view: int) -> None:
        """A peer further on answers with block and record (one answer per peer and interval), or with the certificates of
        the views between.
        """
        mine = self.engine.height
        if height > self.apart.get(sender, height):
            del self.apart[sender]
        if height < mine:
            self._answer_decided(sender, height)
        elif height == mine and view < self.engine.view:
            self._answer_certificates(sender, range(view, self.engine.view))
        elif height > mine and sender not in self.greeted:
            self.greeted.add(sender)
            self.send(sender, StatusMessage(mine, self.engine.view))

    def _take_fetch(self, sender: str, message: FetchMessage) -> None:
        if message.height < self.engine.height:
            self._answer_decided(sender, message.height)
        elif message.height == self.engine.height:
            for block_id in message.blocks:
                block = self.bodies.blocks.get(block_id)
                if block is not None:
                    self._answer(sender, block_message(block))
            self._answer_certificates(sender, message.views)

    def _answer_decided(self, sender: str, height: int) -> None:
        """The blocks from that height on, with their records, within the limits of one answer."""
        if not self.answered.get(sender, 0) < height:  # check: one-answer
            return
        try:
            self._send_decided(sender, height)
        except StorageError as error:  # others have these blocks; what this node itself needs of its database stops it
            if error.code != DAMAGED:
                raise
            self.log("dropped", sender=sender, message="DecidedMessage", code=error.code, error=error.message)

    def _send_decided(self, sender: str, height: int) -> None:
        limits, store, size = self.settings.limits, self.chain.store, 0
        for number in range(height, min(self.chain.height, height + limits.catch_up_blocks_max - 1) + 1):
            if not self._may_answer(sender):
                return
            envelopes = tuple(tables.read_envelopes(store, number))
            size += sum(map(len, envelopes))
            if number > height and size > limits.catch_up_bytes_max:
                return
            self.answered[sender] = number
            self._answer(
                sender, DecidedMessage(tables.read_header(store, number).raw, envelopes, tables.read_record(store, number))
            )

    def _answer_certificates(self, sender: str, views: Iterable[int]) -> None:
        held = self.engine.certificates
        for view in views:
            if not self._may_answer(sender):
                return
            for kind in KINDS:
                if (kind, view) in held:
                    self._answer(sender, CertificateMessage(held[kind, view]))

    def _may_answer(self, peer: str) -> bool:
        """Whether the peer's share of this resend interval is not used up, so that none keeps this node busy for itself."""
        return self.answered_bytes.get(peer, 0) < self.settings.limits.answer_bytes_max

    def _answer(self, peer: str, message: Message) -> None:
        """Sends what a peer asked for, within its share; it asks again in its next interval."""
        if not self._may_answer(peer):  # check: answer-share
            return
        self.answered_bytes[peer] = self.answered_bytes.get(peer, 0) + weight(message)
        self.send(peer, message)

    def _replay_buffered(self) -> None:
        while kept := self.buffer.take(self.engine.height):
            for sender, message in kept:
                self._receive(sender, message)

    def _highest_certified(self) -> int:
        """The height of the last certificate held: the present one if it has any, else the chain's."""
        return self.engine.height if self.engine.certificates else self.chain.height
