"""A simulated network for tests of the replica: helpers that sign, decide and look inside."""

from collections.abc import Callable
from typing import Any

from ledger.certificate import Certificate, Statement, StatementKind, sign_statement
from ledger.chain.chain import Chain
from ledger.contract.contract import ContractSet
from ledger.errors import JsonValue
from ledger.identity.records import GOVERNANCE
from ledger.primitives import NO_DIGEST, Digest
from ledger.transaction import Transaction
from nodes.consensus.events import LogRecord, MessageReceived, ReplicaAction, SendMessage, Started
from nodes.messages import Message
from nodes.network.specification import default_specification
from nodes.replica.replica import Replica
from nodes.settings import ReplicaSettings
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM
from tests.support import EAST, NORTH, SOUTH, VALIDATORS, WEST


class Inspected(Simulation):
    """A simulation into whose nodes one looks."""

    def replica(self, member: str = NORTH) -> Replica:
        """The replica of a node that is up."""
        replica = self.nodes[member].replica
        assert replica is not None
        return replica

    def logged(self, kind: str, member: str = "") -> list[str]:
        """Log records of a kind, as text."""
        lines = (line.decode() for line in self.log or ())
        return [line for line in lines if f'"kind":"{kind}"' in line and member in line]


class Network(Inspected):
    """Four nodes without faults."""

    def __init__(self, seed: int = 7) -> None:
        super().__init__(default_specification(members_each=1), seed, CALM, keep_log=True)

    def lifetime_ms(self) -> int:
        """Of what is signed now: all expires at one time, until the clock is set."""
        return self.start_ms + 300_000 - self.now_ms

    def bump(self, number: int = 1, counter: str = "n") -> Transaction:
        """Counts one on; the same number gives the same transaction until the clock is set."""
        return self.sign("north.member1", "asset", "bump", {"number": counter}, f"{number:032x}", self.lifetime_ms())

    def statement(
        self, kind: StatementKind, view: int = 1, block: Digest = NO_DIGEST, height: int = 1, by: str = SOUTH
    ) -> Statement:
        """A statement that a validator signed."""
        unsigned = Statement(kind, height, view, block, 0, VALIDATORS.index(by))
        return sign_statement(self.replica().chain.domain, unsigned, self.key_of(by))

    def decide(self, *numbers: int, nodes: tuple[str, ...] = VALIDATORS) -> None:
        """Each transaction in a block of its own, published by all of these nodes."""
        for number in numbers:
            self.submit([self.bump(number)], nodes[0])
            self.reach(max(self.checker.blocks, default=0) + 1, nodes)

    def govern(self, operation: str, signer: str, **arguments: JsonValue) -> None:
        """Decides one committed transaction of governance."""
        transaction = self.sign(signer, GOVERNANCE, operation, arguments, "f" * 32, self.lifetime_ms())
        self.submit([transaction], NORTH)
        self.reach(max(self.checker.blocks, default=0) + 1)
        receipt = self.receipt(transaction.id)
        assert receipt is not None
        assert receipt["outcome"] == "committed", receipt

    def reach(self, height: int, nodes: tuple[str, ...] = VALIDATORS) -> None:
        """Plays until these nodes published that height."""
        assert self.run_until(lambda: all(self.checker.heights.get(n, 0) >= height for n in nodes), 120_000)

    def step_until(self, condition: Callable[[], object]) -> None:
        """Plays event by event until something holds."""
        while not condition():
            self.scheduler.step()

    def notarized(self, member: str = NORTH) -> Certificate:
        """The NotarCert of view 1, once a replica has it: of a block with one transaction, which east was given."""
        self.submit([self.bump()], EAST)
        self.step_until(lambda: ("notar", 1) in self.replica(member).engine.certificates)
        return self.replica(member).engine.certificates["notar", 1]

    def give(self, member: str, sender: str, message: Message) -> list[ReplicaAction]:
        """Hands one message to a replica and returns its answer without carrying it out."""
        return self.replica(member).handle(MessageReceived(sender, message), self.now_ms)

    def answers(self, message: Message, to: str = WEST) -> list[Message]:
        """What north answers a node that sends it this."""
        return sent(self.give(NORTH, to, message), to)

    def new_replica(self, member: str, contracts: ContractSet | None = None, **settings: Any) -> Replica:
        """A replica on the store of a node, not started; with its own key, these contracts and settings."""
        chain = Chain.open(self.nodes[member].store, contracts or self.contracts)
        named = ReplicaSettings(**{"member": member, "key": self.key_of(member), **settings})
        return Replica(chain, self.nodes[member].store, named, lambda: "ab" * 16)

    def start_with(self, member: str, contracts: ContractSet | None = None, **settings: Any) -> None:
        """Starts a node with these contracts and settings in place of the network's."""
        node = self.nodes[member]
        node.replica = self.new_replica(member, contracts, **settings)
        self.handle(node, Started())

    def stopped(self, member: str) -> dict[str, JsonValue]:
        """Why a node stopped to follow the others, once it has."""
        assert self.run_until(lambda: self.replica(member).diverged is not None, 60_000)
        return self.replica(member).diverged or {}


def sent(actions: list[ReplicaAction], receiver: str | None = None) -> list[Message]:
    """Messages among the actions, to one receiver if it is named."""
    return [a.message for a in actions if isinstance(a, SendMessage) and receiver in (None, a.receiver)]


def codes(actions: list[ReplicaAction]) -> list[object]:
    """Codes in the log records among the actions."""
    return [a.fields.get("code") for a in actions if isinstance(a, LogRecord) and a.kind in ("dropped", "refused-transaction")]
