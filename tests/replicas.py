"""A simulated network for tests of the replica: helpers that sign, decide and look inside."""

from ledger.errors import JsonValue
from ledger.identity.records import GOVERNANCE
from ledger.transaction import Transaction, sign_transaction
from nodes.consensus.events import LogRecord, MessageReceived, ReplicaAction, SendMessage
from nodes.messages import Message
from nodes.network.specification import default_specification
from nodes.replica.replica import Replica
from nodes.settings import ReplicaSettings
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM

NORTH, SOUTH, EAST, WEST = NODES = ("north.validator", "south.validator", "east.validator", "west.validator")


class Network(Simulation):
    """Four nodes without faults."""

    def __init__(self, seed: int = 7) -> None:
        super().__init__(default_specification(members_each=1), seed, CALM, keep_log=True)

    def bump(self, nonce: int = 1, signer: str = "north.member1", number: str = "n") -> Transaction:
        """A transaction; the same nonce gives the same one until the clock is set."""
        return sign_transaction(
            ledger=self.ledger,
            contract="asset",
            operation="bump",
            arguments={"number": number},
            signers=[(signer, self.key_of(signer))],
            nonce=f"{nonce:032x}",
            expires_ms=self.start_ms + 300_000,
        )

    def decide(self, *numbers: int, nodes: tuple[str, ...] = NODES) -> None:
        """Each transaction in a block of its own, published by all of these nodes."""
        for number in numbers:
            self.submit([self.bump(number)], nodes[0])
            self.reach(max(self.checker.blocks, default=0) + 1, nodes)

    def govern(self, operation: str, signer: str, **arguments: JsonValue) -> None:
        """Decides one committed transaction of governance."""
        transaction = sign_transaction(
            ledger=self.ledger,
            contract=GOVERNANCE,
            operation=operation,
            arguments=arguments,
            signers=[(signer, self.key_of(signer))],
            nonce="f" * 32,
            expires_ms=self.start_ms + 300_000,
        )
        self.submit([transaction], NORTH)
        self.reach(max(self.checker.blocks, default=0) + 1)
        receipt = self.receipt(transaction.id)
        assert receipt is not None
        assert receipt["outcome"] == "committed", receipt

    def reach(self, height: int, nodes: tuple[str, ...] = NODES) -> None:
        """Plays until these nodes published that height."""
        assert self.run_until(lambda: all(self.checker.heights.get(n, 0) >= height for n in nodes), 120_000)

    def replica(self, member: str = NORTH) -> Replica:
        """The replica of a node that is up."""
        replica = self.nodes[member].replica
        assert replica is not None
        return replica

    def logged(self, kind: str, member: str = "") -> list[str]:
        """Log records of a kind, as text."""
        lines = (line.decode() for line in self.log or ())
        return [line for line in lines if f'"kind":"{kind}"' in line and member in line]

    def give(self, member: str, sender: str, message: Message) -> list[ReplicaAction]:
        """Hands one message to a replica and returns its answer without carrying it out."""
        return self.replica(member).handle(MessageReceived(sender, message), self.now_ms)

    def without_mark(self, member: str) -> Replica:
        """A second start of a node that lost its voting mark; the simulation goes on without it."""
        node = self.nodes[member]
        node.replica = None
        settings = ReplicaSettings(member, self.key_of(member), may_vote=False)
        chain = self.nodes[NORTH if member != NORTH else SOUTH].replica
        assert chain is not None
        return Replica(chain.chain, node.store, settings, lambda: "ab" * 16)


def sent(actions: list[ReplicaAction], receiver: str | None = None) -> list[Message]:
    """Messages among the actions, to one receiver if it is named."""
    return [a.message for a in actions if isinstance(a, SendMessage) and receiver in (None, a.receiver)]


def codes(actions: list[ReplicaAction]) -> list[object]:
    """Codes in the log records among the actions."""
    return [a.fields.get("code") for a in actions if isinstance(a, LogRecord) and a.kind in ("dropped", "refused-transaction")]
