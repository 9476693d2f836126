"""Traitors that say too much. Those that contradict themselves (two blocks, two votes, or Skip and Final in one view) are
convicted by their own key; those that speak for others, or repeat what is old, are not believed.
"""

from collections import deque
from dataclasses import replace

from ledger.block import parse_header
from ledger.certificate import MADE_OF, Certificate, Statement
from ledger.chain.view import ChainView
from ledger.primitives import NO_DIGEST, Digest
from nodes.consensus.events import RESEND, MessageReceived, ReplicaAction, ReplicaEvent, SendMessage, TimerFired
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    Message,
    StatementMessage,
    TransactionsMessage,
    block_message,
)
from nodes.traitors.traitor import Traitor, invented

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

    def betray(self, action: ReplicaAction) -> None:
        """Splits its proposals and keeps the halves apart; of its own votes and finals it says nothing unasked."""
        match action:
            case SendMessage(None, BlockMessage(header) as mine) if parse_header(header).height == self.engine.height:
                self._divide(mine, self._other(parse_header(header).id))
            case SendMessage(None, StatementMessage(Statement(kind="propose") as mine)) if mine.block in self.others:
                other = parse_header(self.others[mine.block].header).id
                self._divide(StatementMessage(mine), self.signed(replace(mine, block=other)))
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

    def betray(self, action: ReplicaAction) -> None:
        """Doubles its votes and finals."""
        statement = self.own_statement(action)
        if statement is None or statement.kind not in ("vote", "final"):
            self.actions.append(action)
            return
        pair = (StatementMessage(statement), self.signed(replace(statement, block=invented(statement.block))))
        for peer in self.peers:
            self.tell((peer,), *(pair[::-1] if self.half_of(peer) else pair))
        self.confess(f"two-{statement.kind}s")


class SkipAndFinal(Traitor):
    """Signs Skip with every Final, and Final with every Skip."""

    def betray(self, action: ReplicaAction) -> None:
        """Adds the opposite."""
        self.actions.append(action)
        statement = self.own_statement(action)
        if statement is not None and statement.kind == "final":
            self.send(None, self.signed(replace(statement, kind="skip", block=NO_DIGEST)))
            self.confess("skip-after-final")
        elif statement is not None and statement.kind == "skip":
            self.send(None, self.signed(replace(statement, kind="final", block=self._some_block(statement.view))))
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

    def betray(self, action: ReplicaAction) -> None:
        """Speaks for the others too."""
        self.actions.append(action)
        statement = self.own_statement(action)
        if statement is None:
            return
        for other in range(self.engine.validators.n):
            if other != statement.signer:
                self.send(None, self.signed(replace(statement, signer=other, signature=statement.signature)))
        if statement.kind != "propose":
            self.send(None, CertificateMessage(self._certificate(statement)))
        if self.peers:
            self.send(None, TransactionsMessage((self.transaction_of(self.peers[0]).raw,)))
        self.confess("spoke-for-others")

    def _certificate(self, statement: Statement) -> Certificate:
        quorum = range(self.engine.validators.q)
        signatures = tuple(self.signed(replace(statement, signer=signer)).statement.signature for signer in quorum)
        return Certificate(MADE_OF[statement.kind], statement.height, statement.view, statement.block, tuple(quorum), signatures)


class Replayer(Traitor):
    """Says again, to all, what was said long ago: by others and by itself, of this height or earlier ones."""

    def prepare(self) -> None:
        """What it keeps."""
        self.kept: deque[Message] = deque(maxlen=KEPT_MAX)

    def betray(self, action: ReplicaAction) -> None:
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
