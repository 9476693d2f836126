"""A harness for tests of the consensus engine: one validator's state, statements of the others, and what it answers."""

from dataclasses import replace
from typing import Literal, TypeVar

from ledger.certificate import Certificate, CertificateKind, Statement, StatementKind
from ledger.identity.records import Validator, ValidatorSet
from ledger.primitives import Digest, PublicKey, Signature
from nodes.consensus import events
from nodes.consensus.engine_state import EngineState, Facts, Timing
from nodes.consensus.rules import step
from nodes.messages import FetchMessage, Message

E = TypeVar("E")
A, B = Digest("a" * 64), Digest("b" * 64)
TIMING = Timing(delay_ms=100, drift_ms=5_000)
PARENT_TIME_MS = 1_000_000
HEIGHT = 1


def validators(n: int) -> ValidatorSet:
    """n validators with made-up keys; the engine never looks at a key."""
    return ValidatorSet(tuple(Validator(f"v.{i}", PublicKey(f"{i:064x}")) for i in range(n)))


def said(kind: StatementKind, signer: int, view: int = 1, block: Digest = A, w: int = 0, height: int = HEIGHT) -> Statement:
    """A statement with a made-up signature; the engine takes signatures as verified."""
    return Statement(kind, height, view, Digest("") if kind == "skip" else block, w, signer, Signature(f"{signer:0128x}"))


def certificate(kind: CertificateKind, view: int = 1, block: Digest = A, q: int = 3, height: int = HEIGHT) -> Certificate:
    """A certificate of the first q validators."""
    signatures = tuple(Signature(f"{i:0128x}") for i in range(q))
    return Certificate(kind, height, view, Digest("") if kind == "skip" else block, tuple(range(q)), signatures)


def facts(block: Digest = A, proposer: int | None = 2, time_ms: int = PARENT_TIME_MS + 1) -> Facts:
    """A block whose body is held; leader(1, 1) = 2 of four."""
    return Facts(block, time_ms, proposer)


def fired(kind: Literal["view", "repropose", "hold"], view: int = 1) -> events.TimerFired:
    """A timer of a view has run out."""
    return events.TimerFired(events.Timer(kind, HEIGHT, view))


def fetch(blocks: tuple[Digest, ...] = (), views: tuple[int, ...] = ()) -> FetchMessage:
    """What asks for bodies, and for certificates of views."""
    return FetchMessage(HEIGHT, blocks, views)


class Engine:
    """One validator; `durable` decides whether its writes finish at once."""

    def __init__(self, me: int | None = 0, n: int = 4, durable: bool = True, height: int = HEIGHT) -> None:
        self.state = EngineState(height, validators(n), me, TIMING, clock_ms=PARENT_TIME_MS + 10)
        self.durable = durable
        self.effects: list[events.Effect] = []
        """Effects of the last `give`, with those of what followed from it."""

    def give(self, *given: events.EngineEvent | Statement | Certificate | Facts) -> "Engine":
        """Feeds events; statements, certificates and facts arrive as received."""
        self.effects = []
        waiting = [e if not isinstance(e, Statement | Certificate | Facts) else events.Received(e) for e in given]
        while waiting:
            self.state, effects = step(self.state, waiting.pop(0))
            self.effects += effects
            if self.durable:
                signed = (self.sign(e.statement) for e in effects if isinstance(e, events.Persist))
                waiting = [events.Durable(statement) for statement in signed] + waiting
        return self

    def sign(self, statement: Statement) -> Statement:
        """What the replica does with a statement to persist."""
        return replace(statement, signature=Signature(f"{statement.signer:0128x}"))

    def valid(self, block: Digest = A) -> "Engine":
        """The shell's verdict on a block."""
        return self.give(events.Validated(block, "valid"))

    def sends(self, message: Message, receiver: int | None = None) -> bool:
        """Whether it sent this last, to one validator or to all others."""
        name = None if receiver is None else self.state.validators.validators[receiver].member
        return events.SendMessage(name, message) in self.effects

    def of(self, kind: type[E]) -> list[E]:
        """The last effects of one kind."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def persisted(self) -> list[tuple[str, int, Digest]]:
        """(kind, view, block) of the statements it decided on last."""
        return [(e.statement.kind, e.statement.view, e.statement.block) for e in self.of(events.Persist)]

    def mine(self) -> set[tuple[str, int]]:
        """(kind, view) of everything it ever said."""
        return set(self.state.mine)

    def timers(self) -> dict[tuple[str, int], int | None]:
        """Timers set or stopped last."""
        return {(e.timer.kind, e.timer.view): e.delay_ms for e in self.of(events.SetTimer)}
