"""What all traitors share: an honest replica inside, and a hand on everything that it lets out.

A traitor has one key, its own, and sends what it likes to whom it likes. It cannot forge another's signature, and it
hears no more than its peers tell it. Each lie is a `betrayal` in its log, so that a run shows that it really lied.
"""

from collections.abc import Callable

from ledger.certificate import Domain, Statement, sign_statement
from ledger.chain.chain import Chain
from ledger.chain.view import ChainView
from ledger.primitives import Digest
from ledger.state.store import Store
from ledger.transaction import Transaction, sign_transaction
from nodes.consensus.events import ReplicaAction, ReplicaEvent, SendMessage
from nodes.messages import Message, StatementMessage
from nodes.replica.replica import Replica
from nodes.settings import ReplicaSettings

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
            self.betray(action)
        self.listen(event)
        return self.actions

    def betray(self, action: ReplicaAction) -> None:
        """What is done instead of an honest action: goes to `self.actions`."""
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

    def own_statement(self, action: ReplicaAction) -> Statement | None:
        """My own statement, if the action sends one to all."""
        match action:
            case SendMessage(None, StatementMessage(statement)):
                return statement
        return None

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
