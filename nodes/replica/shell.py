"""The engine's shell: signs and stores what it decides on, executes blocks, appends decided ones. No I/O of its own.

It answers `Build` and `Validate`, turns `Commit` into one storage transaction, and lets nothing be sent before it
is durable.
"""

from collections import deque
from dataclasses import replace
from typing import Literal

from ledger.block import Block
from ledger.certificate import Certificate, DecisionRecord, Statement, sign_statement
from ledger.chain.chain import Candidate, Chain, DivergedError
from ledger.errors import ContractExhaustedError, ContractMissingError, InputError, JsonValue, VerificationError
from ledger.primitives import Digest, PublicKey
from ledger.state.store import Batch, Store
from ledger.transaction import Transaction
from nodes.consensus import state as engine
from nodes.consensus.events import Action, Decided, LogRecord, Recovered, SendMessage, StartTimer, StopTimer
from nodes.consensus.rules import step
from nodes.mempool import Mempool
from nodes.messages import (
    VIEWS_ASKED_MAX,
    BlockMessage,
    CertificateMessage,
    FetchMessage,
    Message,
    StatementMessage,
    StatusMessage,
    WritesRequest,
)
from nodes.replica import voting_record
from nodes.replica.bodies import Bodies
from nodes.replica.recovery import Recovery
from nodes.settings import ReplicaSettings


class EngineShell:
    """Everything that stands between the engine's values and bytes, keys and store."""

    engine_step = staticmethod(step)
    """The engine; the simulator's planted faults put another in its place."""

    def __init__(self, chain: Chain, store: Store, settings: ReplicaSettings, recovery: Recovery | None) -> None:
        self.chain = chain
        self.store = store
        self.settings = settings
        self.recovery = recovery
        self.mempool = Mempool(settings.limits)
        self.now_ms = 0
        self.diverged: dict[str, JsonValue] | None = None
        """Why this replica stopped: its execution differs from what a quorum certified."""
        self.own_results: Candidate | None = None
        """What this node computed where it diverged."""
        self.actions: list[Action] = []
        self.unsaved: list[Statement] = []
        """Statements decided on in this call, signed, not yet handed to the store."""
        self.unsent: dict[int, tuple[Statement, ...]] = {}
        """By ticket: what may be sent once it is durable."""
        self.unpublished: dict[int, Decided] = {}
        """By ticket: blocks that are decided and not durable yet."""
        self.bodies = Bodies()
        self.waiting_since: int | None = None
        """Resend round since which this height has work that is not set aside, and no end."""
        self.engine = replace(self._new_height(), replaying=True)

    def feed(self, event: engine.Event) -> None:
        """Gives the engine one event and carries out what it answers, until it rests."""
        waiting: deque[engine.Event] = deque([event])
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

    def _perform(self, effect: engine.Effect) -> engine.Event | None:
        height = self.engine.height
        match effect:
            case engine.Persist(statement):
                assert self.settings.key is not None, "an observer has nothing to say"
                self.unsaved.append(sign_statement(self.chain.domain, statement, self.settings.key))
            case engine.Send(receiver, item):
                self._send_item(receiver, item)
            case engine.SetTimer(name, view, delay_ms):
                key = name if name == "resend" else f"{name}:{height}:{view}"
                self.actions.append(StopTimer(key) if delay_ms is None else StartTimer(key, delay_ms))
            case engine.Build(view):
                return engine.Built(view, self._build())
            case engine.Validate(block):
                return engine.Validated(block, self._validate(block))
            case engine.Commit(block, record):
                self._commit(block, record)
            case engine.Diverged(block):
                self._stop_as_diverged(block)
            case engine.Log(kind, view, block, signer, statements):
                accused: dict[str, JsonValue] = {}
                if signer is not None:
                    accused = {"signer": self._name(signer), "statements": [s.to_json() for s in statements]}
                self.log(kind, view=view, block=block, **accused)
        return None

    def _send_item(self, receiver: int | None, item: Statement | Certificate | engine.Needs | engine.Status) -> None:
        name = None if receiver is None else self._name(receiver)
        match item:
            case Statement() as statement:
                block = self.bodies.blocks.get(statement.block)
                fresh = statement.kind == "propose" and statement.notarized_view == 0
                if fresh and block is not None and block.id not in self.bodies.sent:
                    self.bodies.sent.add(block.id)
                    self.send(name, block_message(block))
                self.send(name, StatementMessage(statement))
            case engine.Needs(blocks, views):
                for start in range(0, max(len(views), 1), VIEWS_ASKED_MAX):
                    part = views[start : start + VIEWS_ASKED_MAX]
                    self.send(name, FetchMessage(self.engine.height, () if start else blocks, part))
            case engine.Status(height, view):
                self.send(name, StatusMessage(height, view))
            case Certificate() as certificate:
                self.send(name, CertificateMessage(certificate))

    def _build(self) -> engine.Facts | None:
        """A fresh block of what is admissible now; an empty one only if a heartbeat is due."""
        time_ms = self.next_time_ms(self.now_ms)
        parameters = self.chain.parameters
        candidate = None
        while candidate is None:
            chosen = self.mempool.select(
                lambda t: self.is_admissible(t, time_ms), parameters.block_transactions_max, parameters.block_bytes_max
            )
            if not chosen and not self._heartbeat_due():
                return None
            try:
                candidate = self.chain.build(chosen, time_ms, self.settings.member)
            except ContractExhaustedError as error:
                self.log("cannot-build", code=error.code, **error.details)
                guilty = Digest(str(error.details["transaction"]))
                self._set_aside(guilty, self.mempool.exhausted(guilty))
            except ContractMissingError as error:
                self.log("cannot-build", code=error.code)
                return None
        self.bodies.candidates[candidate.id] = candidate
        self.bodies.blocks[candidate.id] = candidate.block
        self.log("build", block=candidate.id, transactions=len(chosen))
        return self.facts(candidate.block)

    def _validate(self, block_id: Digest) -> Literal["valid", "invalid"]:
        """Whether the block executes, on this head, to its header's roots."""
        if block_id in self.bodies.candidates:
            return "valid"
        block = self.bodies.blocks[block_id]
        try:
            self.bodies.candidates[block_id] = self.chain.check(block.header, block.transactions, self.is_verified)
        except (VerificationError, ContractMissingError, ContractExhaustedError) as error:
            self.bodies.errors[block_id] = error
            self.log("invalid-block", block=block_id, code=error.code, **error.details)
            return "invalid"
        return "valid"

    def _judge_own_proposals(self, before: engine.State) -> None:
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
                    self._set_aside(block.transactions[0].id, rounds)

    def _set_aside(self, transaction: Digest, rounds: int) -> None:
        self.log("set-aside", transaction=transaction, for_ms=rounds * self.engine.timing.resend_ms)

    def _commit(self, block_id: Digest, record: DecisionRecord) -> None:
        """One storage transaction: block, receipts, state, record; what led to it is forgotten with it."""
        candidate = self.bodies.candidates[block_id]
        height = self.engine.height
        self.unsaved.clear()  # never sent; the height is decided without them
        batch = self.chain.append(candidate, record, body_stored=block_id in self.bodies.stored)
        voting_record.forget(batch, self.store, height, block_id)
        ticket = self.store.commit(batch)
        self.chain.advanced(candidate)
        self.unpublished[ticket] = Decided(height, candidate.block, record)
        if candidate.block.header.proposer == self.settings.member:
            self.mempool.committed()
        self.log("commit", block=block_id, view=record.commit.view, transactions=len(candidate.block.transactions))
        self.mempool.remove(t.id for t in candidate.block.transactions)
        self.mempool.remove_expired(candidate.block.header.time)
        self.actions.append(StopTimer(f"view:{height}:{self.engine.view}"))
        self.bodies = Bodies()
        self.waiting_since = None
        self.engine = self._new_height()
        self.schedule_heartbeat()
        self.refresh_work()

    def _stop_as_diverged(self, block: Digest) -> None:
        """A quorum certified other results than this node computes: it must not go on, and asks where they part."""
        error = self.bodies.errors.get(block)
        details = {} if error is None else {"code": error.code, **error.details}
        kind = "diverged" if isinstance(error, DivergedError) else "refused-decided-block"
        self.diverged = {"reason": kind, "height": self.engine.height, "block": block, **details}
        self.log("diverged", **self.diverged)
        if isinstance(error, DivergedError):
            self.own_results = error.candidate
            self.send(None, WritesRequest(self.engine.height))

    def _new_height(self) -> engine.State:
        chain = self.chain
        height = chain.height + 1
        index = chain.validators.index_of(self.settings.member)
        me = index if self.settings.key is not None and self._may_vote(height) else None
        if me is not None and chain.validators.validators[me].public_key != self._public_key():  # check: own-key
            me = None
        parameters = chain.parameters
        timing = engine.Timing(parameters.delay_ms, parameters.drift_ms)
        return engine.State(height, chain.validators, me, timing, clock_ms=self.now_ms)

    def _may_vote(self, height: int) -> bool:
        """Without the voting mark a validator waits for H+3, and then gets its mark back."""
        if self.recovery is None:
            return True
        if not self.recovery.may_vote(height, self.chain.validators):  # check: voting-mark
            return False
        self.recovery = None
        self.actions.append(Recovered())
        return True

    # What the parts share

    def send(self, receiver: str | None, message: Message) -> None:
        """To one node, or to all others."""
        self.actions.append(SendMessage(receiver, message))

    def log(self, kind: str, **fields: JsonValue) -> None:
        """A line of the node's log, at this height."""
        self.actions.append(LogRecord(kind, {"height": self.engine.height, **fields}))

    def take_transaction(self, transaction: Transaction) -> None:
        """Into the mempool, with the keys it was verified with."""
        self.mempool.add(transaction, self._keys(transaction))

    def hold_body(self, block: Block) -> None:
        """A body that fits its header: the engine may ask to execute it."""
        self.bodies.blocks[block.id] = block
        self.feed(engine.Received(self.facts(block)))

    def facts(self, block: Block) -> engine.Facts:
        """What the engine knows of a block."""
        return engine.Facts(block.id, block.header.time, self.chain.validators.index_of(block.header.proposer))

    def is_admissible(self, transaction: Transaction, time_ms: int) -> bool:
        """Whether a block of that time may hold a transaction whose signatures are verified."""
        try:
            self.chain.admits(transaction, time_ms, verified=self.is_verified(transaction))
        except (InputError, VerificationError):
            return False
        return True

    def refresh_work(self) -> None:
        """Work is a pending transaction that this node would include now, or a due heartbeat."""
        time_ms = self.next_time_ms(self.now_ms)
        is_awaited = self._heartbeat_due() or any(self.is_admissible(t, time_ms) for t in self.mempool.wanted())
        work = is_awaited or any(self.is_admissible(t, time_ms) for t in self.mempool.tried_again())
        # By its own work alone: a running timer may be all that a traitor gave it, by a proposal that nobody else has seen.
        if not ((is_awaited and self.engine.me is not None) or self.engine.notarized):
            self.waiting_since = None
        elif self.waiting_since is None:
            self.waiting_since = self.mempool.round
        if work != self.engine.work:
            self.feed(engine.WorkChanged(work))

    def is_verified(self, transaction: Transaction) -> bool:
        """Whether this very envelope was verified with the keys that its signers have now."""
        return self.mempool.is_verified(transaction, self._keys(transaction))

    def _keys(self, transaction: Transaction) -> tuple[PublicKey | None, ...]:
        members = map(self.chain.members.get, transaction.signers)
        return tuple(None if member is None else PublicKey(member.public_key) for member in members)

    def _heartbeat_due(self) -> bool:
        interval_ms = self.chain.parameters.heartbeat_interval_ms
        return interval_ms > 0 and self.now_ms >= self.chain.head_time_ms + interval_ms

    def next_time_ms(self, now_ms: int) -> int:
        """A fresh block's time: max(clock, parent + 1 ms)."""
        return max(now_ms, self.chain.head_time_ms + 1)

    def schedule_heartbeat(self) -> None:
        """Wakes up when the next empty block is due."""
        interval_ms = self.chain.parameters.heartbeat_interval_ms
        if interval_ms > 0:
            self.actions.append(StartTimer("heartbeat", max(1, self.chain.head_time_ms + interval_ms - self.now_ms)))

    def save(self) -> None:
        """One durable write for all statements of this call."""
        if not self.unsaved:
            return
        batch = Batch()
        for statement in self.unsaved:
            voting_record.write_statement(batch, statement)
            if statement.kind in ("propose", "vote") and statement.block not in self.bodies.stored:
                voting_record.write_candidate(batch, self.bodies.blocks[statement.block])
                self.bodies.stored.add(statement.block)
        fresh = [c for key, c in self.engine.certificates.items() if key not in self.bodies.certificates_stored]
        voting_record.write_certificates(batch, fresh)
        self.bodies.certificates_stored.update((c.kind, c.view) for c in fresh)
        self.unsent[self.store.commit(batch)] = tuple(self.unsaved)
        self.unsaved.clear()

    def _name(self, index: int) -> str:
        return self.chain.validators.validators[index].member

    def _public_key(self) -> str:
        assert self.settings.key is not None
        return self.settings.key.public_key


def block_message(block: Block) -> BlockMessage:
    """A block as it travels."""
    return BlockMessage(block.header.raw, tuple(transaction.raw for transaction in block.transactions))
