"""What happens to a replica and to the engine inside it, and what they ask for: one alphabet for both and for their drivers.

    driver  -- ReplicaEvent -->  replica  -- EngineEvent -->  engine
    driver  <-- ReplicaAction --------  replica  <-- Effect -------  engine

The asyncio node and the simulator drive replicas. Messages, timers and lines of the log go from the engine through the
replica to the driver as they are; the replica answers `Persist`, `Build` and `Validate` itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ledger.certificate import Certificate, DecisionRecord, Statement
from ledger.errors import JsonValue
from ledger.primitives import Digest
from ledger.transaction import Block, Transaction
from nodes.consensus.engine_state import EngineState, Facts
from nodes.messages import Message


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer, by what it is for; those of a node rather than of a view have no height and no view."""

    kind: Literal["view", "repropose", "hold", "resend", "heartbeat"]
    height: int = 0
    view: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.height}:{self.view}" if self.height else self.kind


RESEND, HEARTBEAT = Timer("resend"), Timer("heartbeat")

# Events of replica and engine


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that `SetTimer` started has run out."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The node's UTC clock; a driver reports when it was set."""

    clock_ms: int


# Events of a replica


@dataclass(frozen=True, slots=True)
class Started:
    """The first event: go on from what the store holds."""


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """From an authenticated node."""

    sender: str
    message: Message


@dataclass(frozen=True, slots=True)
class Submitted:
    """Transactions of a client of this node, judged by `Replica.verify_admissible` before."""

    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class BecameDurable:
    """Every batch up to this ticket of the store is durable."""

    ticket: int


ReplicaEvent: TypeAlias = Started | MessageReceived | Submitted | BecameDurable | TimerFired | ClockChanged

# Events of the engine


@dataclass(frozen=True, slots=True)
class Received:
    """A statement, a certificate, a whole record, or the facts of a block whose body is now held. Signatures are verified."""

    item: Statement | Certificate | DecisionRecord | Facts


@dataclass(frozen=True, slots=True)
class Built:
    """The fresh block that `Build` asked for; None if there was nothing to put in and no heartbeat due."""

    view: int
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Durable:
    """My statement, now signed and durable: from here on it may be sent and counted."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Validated:
    """The answer to `Validate`: whether the block executes to its header's roots, and its time is after the parent's."""

    block: Digest
    verdict: Literal["valid", "invalid"]


@dataclass(frozen=True, slots=True)
class WorkChanged:
    """There is work now, or none any more."""

    work: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """Replay after a restart is done: go on from what is held."""


EngineEvent: TypeAlias = Received | Built | Durable | TimerFired | Validated | WorkChanged | ClockChanged | Restored

# What engine and replica ask of the driver


@dataclass(frozen=True, slots=True)
class SendMessage:
    """To one node by member id, or to all other nodes."""

    receiver: str | None
    message: Message


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Start a timer, again if it runs; or stop it where `delay_ms` is None."""

    timer: Timer
    delay_ms: int | None


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A line for the node's log."""

    kind: str
    fields: dict[str, JsonValue] = field(default_factory=dict)


# What the engine asks of its replica


@dataclass(frozen=True, slots=True)
class Persist:
    """Sign and store this statement, with the block body for Propose and Vote and all certificates held; `Durable` follows."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Build:
    """Make a fresh block; `Built` answers."""

    view: int


@dataclass(frozen=True, slots=True)
class Validate:
    """Execute the block; `Validated` answers."""

    block: Digest


@dataclass(frozen=True, slots=True)
class Commit:
    """The height is decided and its record complete."""

    block: Digest
    record: DecisionRecord


@dataclass(frozen=True, slots=True)
class Diverged:
    """A decided block does not execute to its roots here: stop."""

    block: Digest


Effect: TypeAlias = SendMessage | SetTimer | LogRecord | Persist | Build | Validate | Commit | Diverged
EngineStep: TypeAlias = Callable[[EngineState, EngineEvent], tuple[EngineState, tuple[Effect, ...]]]
"""The engine: one event in, the next state and the effects out."""

# What a replica asks of its driver besides


@dataclass(frozen=True, slots=True)
class PublishBlock:
    """A block is decided and durable: receipts and events may be shown."""

    height: int
    block: Block
    record: DecisionRecord


@dataclass(frozen=True, slots=True)
class KeepStatement:
    """A statement of this node is durable and will be sent: keep it a second time, outside the store."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Recovered:
    """A validator that had lost its voting mark may vote again: write the mark."""


ReplicaAction: TypeAlias = SendMessage | SetTimer | LogRecord | PublishBlock | KeepStatement | Recovered
