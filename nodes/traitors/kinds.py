"""Traitors: an honest replica inside, and a hand on everything that it lets out.

A traitor has one key, its own, and sends what it likes to which node it likes. It cannot forge another's signature, and it
hears no more than its peers tell it. Each lie is a `betrayal` in its log, so that a run shows that it really lied. `TRAITORS`
names every kind: `simulate --traitor NAME`, `"traitor": "NAME"` in node.json; `words.toml` says what each does.

Those that contradict themselves (two blocks, two votes, or Skip and Final in one view) are convicted by their own key; those
that speak for others, or repeat what is old, are not believed; those that withhold something only cost time.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ledger.block import HEADER_DIGESTS, parse_header
from ledger.certificate import MADE_OF, Certificate, Domain, Statement, sign_statement
from ledger.chain.chain import Chain, transactions_root
from ledger.chain.view import ChainView
from ledger.errors import OperatorError
from ledger.primitives import NO_DIGEST, Digest
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, Store
from ledger.transaction import Block, Transaction, sign_transaction
from nodes.consensus.events import (
    RESEND,
    BecameDurable,
    ClockChanged,
    MessageReceived,
    ReplicaAction,
    ReplicaEvent,
    SendMessage,
    SetTimer,
    Started,
    Timer,
    TimerFired,
)
from nodes.links.batches import kind_of
from nodes.mempool import Mempool
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    Message,
    StatementMessage,
    TransactionsMessage,
    block_message,
)
from nodes.replica.replica import Bodies, Replica
from nodes.replica.voting_record import VotingRecord
from nodes.settings import ReplicaSettings
from nodes.words import Language, Words

LIFETIME_MS = 60_000


class Traitor(Replica):
    """A replica that lies. Kinds override `betray`, `listen` or both, and `prepare` what they keep."""

    def __init__(self, chain: Chain, store: Store, settings: ReplicaSettings, draw_nonce: Callable[[], str]) -> None:
        super().__init__(chain, store, settings, draw_nonce)
        self.draw_nonce = draw_nonce
        self.prepare()

    def prepare(self) -> None:
        """What a kind keeps for itself."""

    def handle(self, event: ReplicaEvent, now_ms: int) -> list[ReplicaAction]:
        """Lets the honest part act, then betrays with each of its actions."""
        super().handle(event, now_ms)
        honest, self.actions = self.actions, []
        for action in honest:
            match action:
                case SendMessage(None, StatementMessage(said)):
                    self.betray(action, said)
                case _:
                    self.betray(action, None)
        self.listen(event)
        return self.actions

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """What is done instead of an honest action: goes to `self.actions`. `said` is its own statement that it sends to all."""
        self.actions.append(action)

    def listen(self, event: ReplicaEvent) -> None:
        """What is done beside that about an event."""

    # What kinds share

    @property
    def peers(self) -> tuple[str, ...]:
        """The other validators of this height."""
        return tuple(v.member for v in self.chain.validators.validators if v.member != self.settings.member)

    def half_of(self, peer: str) -> int:
        """0 or 1: traitors that collude divide the others alike, without a word."""
        return (self.chain.validators.index_of(peer) or 0) % 2

    def signed(self, statement: Statement) -> StatementMessage:
        """Any statement of this height or an earlier one, signed with my key."""
        assert self.settings.key is not None, "an observer has nothing to say"
        domain = Domain(self.chain.ledger, ChainView(self.chain.store).validators_at(statement.height).digest)
        return StatementMessage(sign_statement(domain, statement, self.settings.key))

    def transaction_of(self, member: str) -> Transaction:
        """A transaction in the name of any member, signed with my key."""
        assert self.settings.key is not None, "an observer signs nothing"
        return sign_transaction(
            ledger=self.chain.ledger,
            contract="asset",
            operation="bump",
            arguments={"number": "n"},
            signers=[(member, self.settings.key)],
            nonce=self.draw_nonce(),
            expires_ms=self.now_ms + LIFETIME_MS,
        )

    def tell(self, peers: tuple[str, ...], *messages: Message) -> None:
        """The same messages to some."""
        for peer in peers:
            for message in messages:
                self.send(peer, message)

    def confess(self, act: str) -> None:
        """Notes a lie in the log."""
        self.log("betrayal", act=act)


def invented(block: Digest) -> Digest:
    """The id of a block that does not exist."""
    return Digest(block[::-1])


class Silent(Traitor):
    """Hears everything and says nothing."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Swallows what would be sent."""
        if isinstance(action, SendMessage):
            self.confess("said-nothing")
        else:
            self.actions.append(action)


class Withholder(Traitor):
    """Lets only some of the others have what it withholds: as many as the height gives, from none to all but one."""

    withheld: tuple[str, ...]
    """Kinds of such messages, as `kind_of` names them."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Sends what it withholds only to the favoured."""
        match action:
            case SendMessage(receiver, message) if kind_of(message) in self.withheld:
                favoured = self.peers[: self.engine.height % len(self.peers)] if self.peers else ()
                self.tell(favoured if receiver is None else tuple({receiver}.intersection(favoured)), message)
                self.confess(f"withheld {type(message).__name__}")
            case _:
                self.actions.append(action)


class ProposalWithholder(Withholder):
    """Proposes only to some."""

    withheld = ("propose",)


class BodyWithholder(Withholder):
    """Sends the bodies of blocks only to some, decided or not, when it proposes and when it is asked."""

    withheld = ("block", "decided")


class CertificateWithholder(Withholder):
    """Sends certificates, and the records made of them, only to some, when it enters a view and when it is asked."""

    withheld = ("notar-certificate", "skip-certificate", "commit-certificate", "decided")


KEPT_MAX = 300
AGAIN_MAX = 20
"""Messages that it says again each resend interval."""


class Equivocator(Traitor):
    """As leader it proposes one block to one half and another to the other half; then it agrees with each of them.

    It repeats to each peer what that peer says, and keeps from each half what the other half has. As many of these as two
    quorums share can lead each half to a decision of its own.
    """

    def prepare(self) -> None:
        """What it keeps."""
        self.others: dict[Digest, BlockMessage] = {}
        """By id of my last fresh block: the one for the other half."""
        self.agreed: set[tuple[str, Statement]] = set()
        self.rivals: dict[int, dict[Digest, int]] = {}
        """By height: the blocks that were voted for, and in which half."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Splits its proposals and keeps the halves apart; of its own votes and finals it says nothing unasked."""
        match action:
            case SendMessage(None, BlockMessage(header) as mine) if parse_header(header).height == self.engine.height:
                self._divide(mine, self._other(parse_header(header).id))
            case SendMessage(None, StatementMessage(Statement(kind="propose", block=block) as mine)) if block in self.others:
                other = parse_header(self.others[block].header).id
                self._divide(action.message, self.signed(replace(mine, block=other)))
                self.confess("two-blocks")
            case SendMessage(None, StatementMessage(Statement(kind="vote" | "final"))):
                pass
            case SendMessage(receiver, CertificateMessage(held)):
                self._to_its_half(receiver, held.height, held.block, action.message)
            case SendMessage(receiver, DecidedMessage(_, _, record)):
                self._to_its_half(receiver, record.commit.height, record.commit.block, action.message)
            case _:
                self.actions.append(action)

    def listen(self, event: ReplicaEvent) -> None:
        """Says to each peer what that peer says."""
        match event:
            case MessageReceived(sender, StatementMessage(heard)) if heard.height <= self.engine.height and sender in self.peers:
                me = ChainView(self.chain.store).validators_at(heard.height).index_of(self.settings.member)
                if heard.kind == "vote":
                    self.rivals.setdefault(heard.height, {}).setdefault(heard.block, self.half_of(sender))
                mine = Statement(
                    "vote" if heard.kind == "propose" else heard.kind, heard.height, heard.view, heard.block, 0, me or 0
                )
                if me is not None and (sender, mine) not in self.agreed:
                    self.agreed.add((sender, mine))
                    self.send(sender, self.signed(mine))
                    self.confess("agreed")

    def _other(self, mine: Digest) -> BlockMessage:
        """The same transactions a millisecond later: a block as good as mine."""
        block = self.bodies.blocks[mine]
        other = self.chain.build(block.transactions, block.header.time + 1, self.settings.member).block
        self.hold_body(other)
        self.others = {mine: block_message(other)}
        return self.others[mine]

    def _divide(self, one: Message, other: Message) -> None:
        for peer in self.peers:
            self.send(peer, other if self.half_of(peer) else one)

    def _to_its_half(self, receiver: str | None, height: int, block: Digest, message: Message) -> None:
        """No half hears of the other half's block, once each has its own."""
        rivals = self.rivals.get(height, {})
        if len(rivals) < 2 or block not in rivals:
            self.send(receiver, message)
            return
        peers = self.peers if receiver is None else (receiver,)
        self.tell(tuple(peer for peer in peers if self.half_of(peer) == rivals[block]), message)


class DoubleVoter(Traitor):
    """Signs a second vote, and a second final, for a block that does not exist; half of the others hear that one first."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Doubles its votes and finals."""
        if said is None or said.kind not in ("vote", "final"):
            self.actions.append(action)
            return
        pair = (StatementMessage(said), self.signed(replace(said, block=invented(said.block))))
        for peer in self.peers:
            self.tell((peer,), *(pair[::-1] if self.half_of(peer) else pair))
        self.confess(f"two-{said.kind}s")


class SkipAndFinal(Traitor):
    """Signs Skip with every Final, and Final with every Skip."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Adds the opposite."""
        self.actions.append(action)
        if said is not None and said.kind == "final":
            self.send(None, self.signed(replace(said, kind="skip", block=NO_DIGEST)))
            self.confess("skip-after-final")
        elif said is not None and said.kind == "skip":
            self.send(None, self.signed(replace(said, kind="final", block=self._some_block(said.view))))
            self.confess("final-after-skip")

    def _some_block(self, view: int) -> Digest:
        """The block that was proposed in the view, or none that exists."""
        leader = self.engine.validators.leader(self.engine.height, view)
        proposal = self.engine.statements.get(("propose", view, leader))
        return invented(self.chain.head_id) if proposal is None else proposal.block


class Impersonator(Traitor):
    """With each statement of its own it makes up the same of every other validator, a certificate of them, and a transaction.

    It holds no key but its own, so that these signatures are all wrong.
    """

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Speaks for the others too."""
        self.actions.append(action)
        if said is None:
            return
        for other in range(self.engine.validators.n):
            if other != said.signer:
                self.send(None, self.signed(replace(said, signer=other)))
        if said.kind != "propose":
            self.send(None, CertificateMessage(self._certificate(said)))
        if self.peers:
            self.send(None, TransactionsMessage((self.transaction_of(self.peers[0]).raw,)))
        self.confess("spoke-for-others")

    def _certificate(self, said: Statement) -> Certificate:
        quorum = range(self.engine.validators.q)
        signatures = tuple(self.signed(replace(said, signer=signer)).statement.signature for signer in quorum)
        return Certificate(MADE_OF[said.kind], said.height, said.view, said.block, tuple(quorum), signatures)


class Replayer(Traitor):
    """Says again, to all, what was said long ago: by others and by itself, of this height or earlier ones."""

    def prepare(self) -> None:
        """What it keeps."""
        self.kept: deque[Message] = deque(maxlen=KEPT_MAX)

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Keeps what it says."""
        self.actions.append(action)
        if isinstance(action, SendMessage):
            self.kept.append(action.message)

    def listen(self, event: ReplicaEvent) -> None:
        """Keeps what it hears; says some of it again, the oldest first."""
        match event:
            case MessageReceived(_, message):
                self.kept.append(message)
            case TimerFired(timer) if timer == RESEND:
                for message in list(self.kept)[:AGAIN_MAX]:
                    self.send(None, message)
                self.kept.rotate(-AGAIN_MAX)
                self.confess("replayed")


HOUR_MS = 3_600_000
FAULTS = (
    "signature", "state_root", "time-of-parent", "oversize", "transaction", "time-ahead", "transactions_root",
    "receipts_root", "history_root", "validators", "next_validators", "parent",
)  # fmt: skip
"""What is wrong with a block, in order of the tries."""


class InvalidProposer(Traitor):
    """Proposes blocks with a wrong signature, root, time, size or transaction, to all."""

    def prepare(self) -> None:
        """What it keeps."""
        self.lies: dict[Digest, tuple[BlockMessage, StatementMessage]] = {}
        """By id of the honest block of this height: what was proposed instead."""
        self.tries = self.chain.validators.index_of(self.settings.member) or 0
        """Several of these begin with different faults."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Puts an invalid block in the place of its own fresh one."""
        match action:
            case SendMessage(_, BlockMessage(header)) if parse_header(header).proposer == self.settings.member:
                return  # comes with the proposal
        if said is None or said.kind != "propose" or said.notarized_view > 0:
            self.actions.append(action)
            return
        if said.block not in self.lies:
            if said.block not in self.bodies.blocks:
                return  # the height is over
            self.lies = {said.block: self._lie(said, FAULTS[self.tries % len(FAULTS)])}
            self.tries += 1
        for message in self.lies[said.block]:
            self.send(None, message)

    def _lie(self, said: Statement, fault: str) -> tuple[BlockMessage, StatementMessage]:
        block = self._spoiled(self.bodies.blocks[said.block], fault)
        self.confess(f"invalid {fault}")
        proposal = self.signed(replace(said, block=block.id))
        if fault == "signature":
            other = self.signed(replace(said, block=invented(block.id))).statement
            proposal = StatementMessage(replace(proposal.statement, signature=other.signature))
        return block_message(block), proposal

    def _spoiled(self, block: Block, fault: str) -> Block:
        """The block with one fault; what the fault does not touch is right."""
        header, transactions = block.header, block.transactions
        match fault:
            case "time-ahead":
                return self.chain.build(transactions, self.now_ms + HOUR_MS, header.proposer).block
            case "time-of-parent":
                header = replace(header, time=self.chain.head_time_ms)
            case "oversize":
                some = transactions or (self.transaction_of(header.proposer),)
                transactions = some * (self.chain.parameters.block_transactions_max + 1)
            case "transaction":
                transactions = (*transactions, self.transaction_of(self.peers[0]))
            case _ if fault in HEADER_DIGESTS:
                wrong: Any = invented(getattr(header, fault))
                return Block(replace(header, **{fault: wrong}), transactions)
        return Block(replace(header, transactions_root=transactions_root(transactions)), transactions)


FORGETS_EVERY = 2
"""Own statements until an amnesiac forgets."""


class Amnesiac(Traitor):
    """Forgets what it said, as one that was restored from a backup together with its voting mark.

    The decided blocks it would fetch again from the others anyway, so they stay; what it said and held of the present height
    is gone: it votes and proposes again where it did before.
    """

    spoken = 0

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Counts what it says."""
        self.actions.append(action)
        self.spoken += said is not None

    def listen(self, event: ReplicaEvent) -> None:
        """Forgets and starts again."""
        if self.spoken >= FORGETS_EVERY:
            self.spoken = 0
            batch = Batch()
            self.voting_record.end_height(batch, self.engine.height, NO_DIGEST)
            self.store.commit(batch)
            self.voting_record, self.bodies = VotingRecord(self.store), Bodies()
            self.mempool = Mempool(self.settings.limits)
            self.engine = replace(self._new_height(), replaying=True)
            self.confess("forgot")
            self._take(Started())


@dataclass(frozen=True, slots=True)
class SecondTimer(Timer):
    """A timer of the second node, which no timer of the first one equals."""

    def __str__(self) -> str:
        return f"second {Timer.__str__(self)}"


class Twin(Traitor):
    """The first of two nodes that run with one key, each on a store of its own, with the second inside.

    Both are honest by themselves. The first hears one half of the others and speaks only to it, the second the other half.
    After Bano et al., "Twins: BFT Systems Made Robust" (OPODIS 2021).
    """

    def prepare(self) -> None:
        """What it keeps."""
        self.second_store = MemoryStore()
        second_chain = Chain.create(self.second_store, self.chain.genesis.encode(), self.chain.contracts)
        self.second_store.flush()
        self.second = Replica(second_chain, self.second_store, self.settings, self.draw_nonce)

    def handle(self, event: ReplicaEvent, now_ms: int) -> list[ReplicaAction]:
        """Gives the event to the node that it is for."""
        match event:
            case Started() | ClockChanged():
                return [*super().handle(event, now_ms), *self._second_handle(event, now_ms)]
            case MessageReceived(sender) if self.half_of(sender) == 1:
                return self._second_handle(event, now_ms)
            case TimerFired(SecondTimer(kind, height, view)):
                return self._second_handle(TimerFired(Timer(kind, height, view)), now_ms)
        return super().handle(event, now_ms)

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """The first node speaks only to the first half."""
        self._divided(action, 0)

    def _divided(self, action: ReplicaAction, half: int) -> None:
        match action:
            case SendMessage(None, message):
                self.tell(tuple(peer for peer in self.peers if self.half_of(peer) == half), message)
            case _:
                self.actions.append(action)

    def _second_handle(self, event: ReplicaEvent, now_ms: int) -> list[ReplicaAction]:
        """The second node's disk is fast; what it decides and logs goes nowhere."""
        answered = list(self.second.handle(event, now_ms))
        while self.second_store.durable_ticket < self.second_store.ticket:
            self.second_store.flush()
            answered += self.second.handle(BecameDurable(self.second_store.durable_ticket), now_ms)
        self.actions = []
        for action in answered:
            match action:
                case SetTimer(Timer(kind, height, view), delay_ms):
                    self.actions.append(SetTimer(SecondTimer(kind, height, view), delay_ms))
                case SendMessage(_, message):
                    self._divided(action, 1)
                    if isinstance(message, StatementMessage):
                        self.confess("second-spoke")
        return self.actions


TRAITORS: dict[str, type[Traitor]] = {
    "equivocator": Equivocator,
    "double-voter": DoubleVoter,
    "skip-and-final": SkipAndFinal,
    "proposal-withholder": ProposalWithholder,
    "body-withholder": BodyWithholder,
    "certificate-withholder": CertificateWithholder,
    "invalid-proposer": InvalidProposer,
    "replayer": Replayer,
    "amnesiac": Amnesiac,
    "impersonator": Impersonator,
    "silent": Silent,
    "twin": Twin,
}


def called(name: str, language: Language) -> str:
    """A kind of traitor in a sentence: in Chinese with the name that chooses it."""
    return Words.of("nodes.traitors").text("traitor-names", name, language)


def sentence(name: str, language: Language) -> str:
    """What a kind of traitor does."""
    return Words.of("nodes.traitors").text("traitors", name, language)


def find_traitor(name: str) -> type[Traitor]:
    """The replica of a kind of traitor; raises OperatorError `unknown-traitor`."""
    if name not in TRAITORS:
        raise OperatorError("unknown-traitor", f"There is no traitor {name!r}: choose from {', '.join(TRAITORS)}.")
    return TRAITORS[name]
