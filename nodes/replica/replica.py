"""A replica without I/O: event in, actions out. Demo, test and node run this code.

It checks shape and signatures of what comes from others before the engine sees it, spreads transactions, signs and stores
what the engine decides on, executes blocks and appends decided ones; nothing is sent before it is durable. Every call
passes the node's clock. The rest of a node sees consensus only through this class.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from ledger.block import Write, parse_header, parse_writes
from ledger.certificate import (
    Certificate,
    DecisionRecord,
    Statement,
    sign_statement,
    verify_certificate,
    verify_record_shape,
    verify_statement,
)
from ledger.chain.chain import Candidate, Chain, DivergedError, first_difference, transactions_root
from ledger.encoding import decode
from ledger.errors import (
    BusyError,
    ContractExhaustedError,
    ContractMissingError,
    InputError,
    JsonValue,
    StorageError,
    TallystickError,
    VerificationError,
)
from ledger.execution import can_execute
from ledger.primitives import Digest, PublicKey
from ledger.state.store import Store
from ledger.transaction import Block, Transaction, parse_transaction
from nodes.consensus import events
from nodes.consensus.engine_state import VIEWS_AHEAD_MAX, EngineState, Facts, Timing
from nodes.consensus.rules import step
from nodes.mempool import BLOCK_MAX, Mempool
from nodes.messages import (
    VIEWS_ASKED_MAX,
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
    block_message,
    weight,
)
from nodes.replica.catch_up import Answers
from nodes.replica.recovery import Recovery
from nodes.replica.voting_record import VotingRecord
from nodes.settings import ReplicaSettings


@dataclass(slots=True)
class Bodies:
    """Blocks held and executed of the height that is being decided."""

    blocks: dict[Digest, Block] = field(default_factory=dict)
    candidates: dict[Digest, Candidate] = field(default_factory=dict)
    """Executed ones."""
    offered: dict[str, Block] = field(default_factory=dict)
    """By sender: the last body that no statement named yet."""
    errors: dict[Digest, TallystickError] = field(default_factory=dict)
    """Why a block is invalid."""
    sent: set[Digest] = field(default_factory=set)
    """Own fresh blocks whose body went out with their Propose."""
    executable: dict[str, bool] = field(default_factory=dict)
    """By contract: whether what the ledger names now is installed here; else what calls it is no work."""


class Replica:
    """One node's part in one ledger."""

    engine_step: events.EngineStep = staticmethod(step)
    """The engine; the simulator's planted faults put another in its place."""

    def __init__(self, chain: Chain, store: Store, settings: ReplicaSettings, draw_nonce: Callable[[], str]) -> None:
        self.chain = chain
        self.store = store
        self.settings = settings
        needs_mark = settings.key is not None and not settings.may_vote
        self.recovery = Recovery(settings.member, draw_nonce) if needs_mark else None
        self.mempool = Mempool(settings.limits)
        self.answers = Answers(chain, settings.limits, self.send, self._log_damage)
        self.voting_record = VotingRecord(store)
        self.now_ms = 0
        self.actions: list[events.ReplicaAction] = []
        self.unpublished: dict[int, events.PublishBlock] = {}
        """By ticket: blocks that are decided and not durable yet."""
        self.bodies = Bodies()
        self.early: dict[str, list[Message]] = {}
        """By sender: messages of the next height. Its validators judge them, when this one has committed."""
        self._early_bytes: dict[str, int] = {}
        """By sender: their bytes, which are not counted again with each message: a body may have thousands of lines."""
        self._due: dict[str, list[Message]] = {}
        """What was early and is of this height now."""
        self.waiting_since: int | None = None
        """Resend round since which this height has work that is not set aside, and no end."""
        self.diverged: dict[str, JsonValue] | None = None
        """Why this replica stopped: its execution differs from what a quorum certified."""
        self.engine = replace(self._new_height(), replaying=True)

    # What a driver calls

    def handle(self, event: events.ReplicaEvent, now_ms: int) -> list[events.ReplicaAction]:
        """Takes one event at the node's UTC clock and returns what to do, in order."""
        self.now_ms = now_ms
        self.actions = []
        if self.diverged is None:
            self._take(event)
            self._take_early()
            if isinstance(event, events.TimerFired | events.ClockChanged):
                self.refresh_work()
            while self.mempool.is_changed:  # also by a block that was asked for just now, and could not be built
                self.refresh_work()
            self.voting_record.save(self.engine.certificates.values(), self.bodies.blocks)
        else:
            self._take_diverged(event)
        return self.actions

    def verify_admissible(self, transaction: Transaction, now_ms: int) -> None:
        """Raises InputError or BusyError unless the transaction may wait here; checks its signatures. Changes nothing."""
        self.mempool.verify_room(transaction)
        self.chain.verify_admissible(transaction, self.next_time_ms(now_ms), verified=False)

    def is_pending(self, transaction: Digest) -> bool:
        """Whether the mempool, or a block that is not durable yet, holds it."""
        return transaction in self.mempool or any(transaction in d.block.transaction_ids for d in self.unpublished.values())

    # Events

    def _take(self, event: events.ReplicaEvent) -> None:
        match event:
            case events.Started():
                self._start()
            case events.MessageReceived(sender, message):
                self._receive(sender, message)
            case events.Submitted(transactions):
                fresh = tuple(t for t in transactions if t.id not in self.mempool)
                for transaction in fresh:
                    self.take_transaction(transaction)
                if fresh:
                    self.send(None, TransactionsMessage(tuple(t.raw for t in fresh)))
            case events.BecameDurable(ticket):
                self._became_durable(ticket)
            case events.TimerFired(timer):
                if timer == events.RESEND:
                    self._begin_interval()
                self.feed(event)
            case events.ClockChanged():
                self.feed(event)
                self._schedule_heartbeat()

    def _start(self) -> None:
        """Goes on from what the store holds; nothing is signed until replay is done."""
        kept = self.voting_record.restore(self.engine.height)
        for block in kept.blocks:
            self.hold_body(block)
        for certificate in kept.certificates:
            self.feed(events.Received(certificate))
        for statement in kept.statements:
            self.feed(events.Durable(statement))
        self.refresh_work()
        self.feed(events.Restored())
        self._schedule_heartbeat()
        if self.recovery is not None:
            self.send(None, self.recovery.request)

    def _became_durable(self, ticket: int) -> None:
        for waiting in [t for t in self.unpublished if t <= ticket]:
            self.actions.append(self.unpublished.pop(waiting))
        said = self.voting_record.became_durable(ticket)
        if said:
            self.actions.append(events.KeepStatement(said[-1]))  # before anything is sent
        for statement in said:
            if statement.height == self.engine.height:
                self.feed(events.Durable(statement))

    def _begin_interval(self) -> None:
        """What is done again each resend interval; the rest is rule 6."""
        self.answers.begin_interval()
        self.mempool.remove_expired(self.next_time_ms(self.now_ms))
        again = self.mempool.due_again()
        if again:
            self.send(None, TransactionsMessage(again))
        if self.recovery is not None and self.recovery.votes_from is None:
            self.send(None, self.recovery.request)

    def _take_diverged(self, event: events.ReplicaEvent) -> None:
        """A replica that stopped still publishes what it decided before, and learns where it parts from the others."""
        match event:
            case events.BecameDurable(ticket):
                self._became_durable(ticket)
            case events.MessageReceived(sender, WritesMessage(height, lines)):
                try:
                    theirs = tuple(parse_writes(decode(line, wrapped=2)) for line in lines)
                except InputError as error:
                    self.log("dropped", sender=sender, message="WritesMessage", code=error.code)
                else:
                    self._compare(sender, height, theirs)

    def _compare(self, sender: str, height: int, theirs: tuple[tuple[Write, ...], ...]) -> None:
        """Names the first key on which this node's execution differs from what another node holds, as that node tells it."""
        assert self.diverged is not None
        error = self.bodies.errors.get(Digest(str(self.diverged["block"])))
        if height != self.engine.height or not isinstance(error, DivergedError) or "first_difference" in self.diverged:
            return
        if (difference := first_difference(error.candidate.writes_by_transaction, theirs)) is not None:
            self.diverged |= {"first_difference": difference, "told_by": sender}
            self.log("first-difference", told_by=sender, difference=difference)

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
                case StatusMessage():
                    self.answers.to_status(sender, message, self.engine)
                case FetchMessage():
                    self.answers.to_fetch(sender, message, self.engine, self.bodies.blocks)
                case WritesRequest(height):
                    self.answers.to_writes_request(sender, height)
                case WritesMessage():
                    pass  # of use to a replica that diverged
                case HighestRequest(nonce):
                    certified = self.engine.height if self.engine.certificates else self.chain.height
                    self.send(sender, HighestAnswer(nonce, certified))
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
                    self.verify_admissible(transaction, self.now_ms)
                    self.take_transaction(transaction)
            except BusyError:
                return
            except (InputError, VerificationError) as error:
                if error.code != "known-transaction":
                    self.log("refused-transaction", code=error.code)

    def _take_consensus(self, sender: str, message: Message, height: int) -> None:
        """Statements, certificates and bodies of this height are judged; of the next, kept within bounds."""
        if height == self.engine.height + 1:
            self._keep_early(sender, message)
        elif height == self.engine.height:
            match message:
                case StatementMessage(statement):
                    self._take_statement(sender, statement)
                case CertificateMessage(certificate):
                    if (certificate.kind, certificate.view) not in self.engine.certificates:
                        self._verify_certificate(certificate)
                        self.feed(events.Received(certificate))
                case BlockMessage():
                    self._take_block(sender, message)

    def _keep_early(self, sender: str, message: Message) -> None:
        """Keeps a message of the next height, views <= 17, within the sender's share."""
        if isinstance(message, StatementMessage) and message.statement.view > VIEWS_AHEAD_MAX + 1:  # check: buffer-views
            return
        if isinstance(message, BlockMessage) and len(message.envelopes) > BLOCK_MAX:  # check: buffer-lines
            return
        limits, waiting = self.settings.limits, self.early.setdefault(sender, [])
        if len(waiting) >= limits.buffered_messages_max:  # check: buffer-share
            return
        size = self._early_bytes.get(sender, 0) + weight(message)
        if waiting and size > limits.buffered_bytes_max:  # check: buffer-bytes
            return
        waiting.append(message)
        self._early_bytes[sender] = size

    def _take_early(self) -> None:
        while self._due:
            due, self._due = self._due, {}
            for sender, messages in due.items():
                for message in messages:
                    self._receive(sender, message)

    def _take_statement(self, sender: str, statement: Statement) -> None:
        known = self.engine.statements.get((statement.kind, statement.view, statement.signer))
        if known == statement:
            return
        verify_statement(self.chain.domain, self.chain.validators, statement, self.chain.suite)
        offered = self.bodies.offered.get(sender)
        if known is None and self._is_awaited(statement) and offered is not None and offered.id == statement.block:
            self.hold_body(offered)
        self.feed(events.Received(statement))

    def _is_awaited(self, statement: Statement) -> bool:
        """Whether the engine will keep this Propose, as the first of a view's leader: a body of any other is not held."""
        view, leader = statement.view, self.engine.validators.leader(statement.height, statement.view)
        return statement.kind == "propose" and statement.signer == leader and view <= self.engine.view + VIEWS_AHEAD_MAX

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
        block = self._parse_block(message)
        self.bodies.offered[sender] = block
        if self.engine.asked is not None and block.id in self.engine.asked.blocks:
            self.hold_body(block)

    def _take_decided(self, sender: str, message: DecidedMessage) -> None:
        """A decided block with its record decides here by the same rule as one that was voted on."""
        header = parse_header(message.header)
        if header.height != self.engine.height:
            return
        block = self.bodies.blocks.get(header.id) or self._parse_block(message)
        verify_record_shape(block.header.height, block.id, message.record)
        for certificate in message.record.certificates():
            self._verify_certificate(certificate)
        self.hold_body(block)
        self.feed(events.Received(message.record))
        self.send(sender, StatusMessage(self.engine.height, self.engine.view))

    def _parse_block(self, message: BlockMessage | DecidedMessage) -> Block:
        """A body counts only if it fits its header, whoever sent it. Known envelopes are not parsed again."""
        header, known = parse_header(message.header), self.mempool.by_raw
        block = Block(header, tuple(known.get(line) or parse_transaction(line) for line in message.envelopes))
        if transactions_root(block.transactions) != header.transactions_root:  # check: body-fits-header
            raise VerificationError("wrong-transactions-root", "The envelopes are not those that the header names.")
        return block

    # What the engine asks for

    def feed(self, event: events.EngineEvent) -> None:
        """Gives the engine the time and one event, and carries out what it answers, until it rests."""
        if self.engine.clock_ms != self.now_ms:
            self.engine = replace(self.engine, clock_ms=self.now_ms)
        waiting: deque[events.EngineEvent] = deque([event])
        while waiting:
            before = self.engine
            self.engine, effects = self.engine_step(self.engine, waiting.popleft())
            for effect in effects:
                answer = self._perform(effect)
                if answer is not None:
                    waiting.append(answer)
            if self.engine.height != before.height:
                waiting.clear()
            elif self.engine.certificates is not before.certificates:
                self._judge_own_proposals(before)

    def _perform(self, effect: events.Effect) -> events.EngineEvent | None:
        match effect:
            case events.SendMessage(receiver, message):
                self._send_for_engine(receiver, message)
            case events.SetTimer() | events.LogRecord():
                self.actions.append(effect)
            case events.Persist(statement):
                assert self.settings.key is not None, "an observer has nothing to say"
                self.voting_record.unsaved.append(sign_statement(self.chain.domain, statement, self.settings.key))
            case events.Build(view):
                return events.Built(view, self._build())
            case events.Validate(block):
                return events.Validated(block, self._validate(block))
            case events.Commit(block, record):
                self._commit(block, record)
            case events.Diverged(block):
                self._stop_as_diverged(block)
        return None

    def _send_for_engine(self, receiver: str | None, message: Message) -> None:
        """A fresh Propose takes its block along, the first time; many views are asked for in several messages."""
        match message:
            case StatementMessage(Statement(kind="propose", notarized_view=0, block=id)) if id not in self.bodies.sent:
                block = self.bodies.blocks.get(id)
                if block is not None:
                    self.bodies.sent.add(id)
                    self.send(receiver, block_message(block))
                self.send(receiver, message)
            case FetchMessage(height, blocks, views) if len(views) > VIEWS_ASKED_MAX:
                for start in range(0, len(views), VIEWS_ASKED_MAX):
                    part = views[start : start + VIEWS_ASKED_MAX]
                    self.send(receiver, FetchMessage(height, () if start else blocks, part))
            case _:
                self.send(receiver, message)

    def _build(self) -> Facts | None:
        """A fresh block of what is admissible now; an empty one only if a heartbeat is due."""
        time_ms = self.next_time_ms(self.now_ms)
        parameters = self.chain.parameters
        candidate, missing = None, set[str]()
        while candidate is None:
            chosen = self.mempool.select(
                lambda t: t.contract not in missing and self._is_includable(t, time_ms),
                parameters.block_transactions_max,
                parameters.block_bytes_max,
            )
            if not chosen and not self._heartbeat_due():
                self.mempool.is_changed = True  # what counted as work has expired
                return None
            try:
                candidate = self.chain.build(chosen, time_ms, self.settings.member)
            except ContractExhaustedError as error:
                self.log("cannot-build", code=error.code, **error.details)
                guilty = Digest(str(error.details["transaction"]))
                self._log_set_aside(guilty, self.mempool.exhausted(guilty))
            except ContractMissingError as error:  # this very block would let a version act that is not installed here
                self.log("cannot-build", code=error.code, **error.details)
                missing.add(str(error.details["contract"]))
        self.bodies.candidates[candidate.id] = candidate
        self.bodies.blocks[candidate.id] = candidate.block
        self.log("build", block=candidate.id, transactions=len(chosen))
        return self._facts(candidate.block)

    def _validate(self, block_id: Digest) -> Literal["valid", "invalid"]:
        """Whether the block executes, on this head, to its header's roots."""
        if block_id in self.bodies.candidates:
            return "valid"
        block = self.bodies.blocks[block_id]
        try:
            self.bodies.candidates[block_id] = self.chain.check(block.header, block.transactions, self._is_verified)
        except (VerificationError, ContractMissingError, ContractExhaustedError) as error:
            self.bodies.errors[block_id] = error
            self.log("invalid-block", block=block_id, code=error.code, **error.details)
            return "invalid"
        return "valid"

    def _judge_own_proposals(self, before: EngineState) -> None:
        """A SkipCert over an own fresh proposal that holds transactions: the next ones are smaller. A notarized block stands."""
        held = self.engine.certificates
        for kind, view in held:
            said = self.engine.mine.get(("propose", view))
            if kind != "skip" or said is None or (kind, view) in before.certificates:
                continue
            block = self.bodies.blocks.get(said.block)
            is_fresh = said.notarized_view == 0 and not any(c.block == said.block for c in held.values())
            if is_fresh and block is not None and block.transactions:
                rounds = self.mempool.skipped(block.transactions)
                if rounds:
                    self._log_set_aside(block.transactions[0].id, rounds)

    def _commit(self, block_id: Digest, record: DecisionRecord) -> None:
        """One storage transaction: block, receipts, state, record; what led to it is forgotten with it."""
        candidate = self.bodies.candidates[block_id]
        height = self.engine.height
        batch = self.chain.append(candidate, record, body_stored=self.voting_record.has_body(block_id))
        self.voting_record.end_height(batch, height, block_id)
        ticket = self.store.commit(batch)
        self.chain.advanced(candidate)
        self.unpublished[ticket] = events.PublishBlock(height, candidate.block, record)
        if candidate.block.header.proposer == self.settings.member:
            self.mempool.committed()
        self.log("commit", block=block_id, view=record.commit.view, transactions=len(candidate.block.transactions))
        self.mempool.remove(t.id for t in candidate.block.transactions)
        self.mempool.remove_expired(candidate.block.header.time)
        self.actions.append(events.SetTimer(events.Timer("view", height, self.engine.view), None))
        self.bodies = Bodies()
        self._due, self.early, self._early_bytes = self.early, {}, {}
        self.waiting_since = None
        self.engine = self._new_height()
        self._schedule_heartbeat()
        self.refresh_work()

    def _stop_as_diverged(self, block: Digest) -> None:
        """A quorum certified other results than this node computes: it must not go on, and asks where they part."""
        error = self.bodies.errors.get(block)
        details = {} if error is None else {"code": error.code, **error.details}
        kind = "diverged" if isinstance(error, DivergedError) else "refused-decided-block"
        self.diverged = {"reason": kind, "height": self.engine.height, "block": block, **details}
        self.log("diverged", **self.diverged)
        if isinstance(error, DivergedError):
            self.send(None, WritesRequest(self.engine.height))

    def _new_height(self) -> EngineState:
        chain, key = self.chain, self.settings.key
        height = chain.height + 1
        me = None
        if key is not None and self._may_vote(height):
            me = chain.validators.index_of(self.settings.member)
            if me is not None and chain.validators.validators[me].public_key != key.public_key:  # check: own-key
                me = None
        timing = Timing(chain.parameters.delay_ms, chain.parameters.drift_ms)
        return EngineState(height, chain.validators, me, timing, clock_ms=self.now_ms)

    def _may_vote(self, height: int) -> bool:
        """Without the voting mark a validator waits for H+3, and then gets its mark back."""
        if self.recovery is None:
            return True
        if not self.recovery.may_vote(height, self.chain.validators):  # check: voting-mark
            return False
        self.recovery = None
        self.actions.append(events.Recovered())
        return True

    # What the parts share

    def send(self, receiver: str | None, message: Message) -> None:
        """To one node, or to all others."""
        self.actions.append(events.SendMessage(receiver, message))

    def log(self, kind: str, **fields: JsonValue) -> None:
        """A line of the node's log, at this height."""
        self.actions.append(events.LogRecord(kind, {"height": self.engine.height, **fields}))

    def _log_set_aside(self, transaction: Digest, rounds: int) -> None:
        self.log("set-aside", transaction=transaction, for_ms=rounds * self.engine.timing.resend_ms)

    def _log_damage(self, sender: str, error: StorageError) -> None:
        self.log("dropped", sender=sender, message="DecidedMessage", code=error.code, error=error.message)

    def take_transaction(self, transaction: Transaction) -> None:
        """Into the mempool, with the keys it was verified with. Where there is work, there still is."""
        self.mempool.is_changed |= not self.engine.work
        self.mempool.add(transaction, self._keys(transaction))

    def hold_body(self, block: Block) -> None:
        """A body that fits its header: the engine may ask to execute it."""
        self.bodies.blocks[block.id] = block
        self.feed(events.Received(self._facts(block)))

    def _facts(self, block: Block) -> Facts:
        """What the engine knows of a block."""
        return Facts(block.id, block.header.time, self.chain.validators.index_of(block.header.proposer))

    def _is_admissible(self, transaction: Transaction, time_ms: int) -> bool:
        """Whether a block of that time may hold a transaction whose signatures are verified."""
        try:
            self.chain.verify_admissible(transaction, time_ms, verified=self._is_verified(transaction))
        except (InputError, VerificationError):
            return False
        return True

    def _is_includable(self, transaction: Transaction, time_ms: int) -> bool:
        """Whether this node would include it: it is admissible, and its contract installed here."""
        name, executable = transaction.contract, self.bodies.executable
        if name not in executable:
            executable[name] = can_execute(self.chain.contracts, self.chain.state, name)
        return executable[name] and self._is_admissible(transaction, time_ms)

    def _is_verified(self, transaction: Transaction) -> bool:
        """Whether this very envelope was verified with the keys that its signers have now."""
        return self.mempool.is_verified(transaction, self._keys(transaction))

    def _keys(self, transaction: Transaction) -> tuple[PublicKey | None, ...]:
        return tuple(None if m is None else PublicKey(m.public_key) for m in map(self.chain.member, transaction.signers))

    # Work, and the time of the next block

    def refresh_work(self) -> None:
        """Work is a pending transaction that this node would include now, or a due heartbeat.

        Asked when mempool or head changed, and with each timer: what ends by time alone may count for a resend interval more.
        """
        self.mempool.is_changed = False
        time_ms = self.next_time_ms(self.now_ms)
        is_awaited = self._heartbeat_due() or any(self._is_includable(t, time_ms) for t in self.mempool.wanted())
        work = is_awaited or any(self._is_includable(t, time_ms) for t in self.mempool.tried_again())
        # Only by its own work: a running timer may come from a traitor's proposal that no other node has seen.
        if not ((is_awaited and self.engine.me is not None) or self.engine.notarized):
            self.waiting_since = None
        elif self.waiting_since is None:
            self.waiting_since = self.mempool.round
        if work != self.engine.work:
            self.feed(events.WorkChanged(work))

    def next_time_ms(self, now_ms: int) -> int:
        """A fresh block's time: max(clock, parent + 1 ms)."""
        return max(now_ms, self.chain.head_time_ms + 1)

    def _heartbeat_due(self) -> bool:
        interval_ms = self.chain.parameters.heartbeat_interval_ms
        return interval_ms > 0 and self.now_ms >= self.chain.head_time_ms + interval_ms

    def _schedule_heartbeat(self) -> None:
        """Wakes up when the next empty block is due."""
        interval_ms = self.chain.parameters.heartbeat_interval_ms
        if interval_ms > 0:
            delay_ms = max(1, self.chain.head_time_ms + interval_ms - self.now_ms)
            self.actions.append(events.SetTimer(events.HEARTBEAT, delay_ms))
