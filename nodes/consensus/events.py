"""What goes into a replica and what comes out. The asyncio node and the simulator both speak this."""

from dataclasses import dataclass, field
from typing import TypeAlias

from ledger.block import Block
from ledger.certificate import DecisionRecord, Statement
from ledger.errors import JsonValue
from ledger.transaction import Transaction
from nodes.messages import Message

# Events


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
    """Transactions of a client of this node, admitted by `Replica.admit`."""

    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class BecameDurable:
    """Every batch up to this ticket of the store is durable."""

    ticket: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer of `StartTimer` has run out."""

    name: str


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The clock was set."""


Event: TypeAlias = Started | MessageReceived | Submitted | BecameDurable | TimerFired | ClockChanged

# Actions


@dataclass(frozen=True, slots=True)
class SendMessage:
    """To one node by member id, or to all other nodes."""

    receiver: str | None
    message: Message


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Starts a timer by name, or starts it anew."""

    name: str
    delay_ms: int


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Stops a timer, if it runs."""

    name: str


@dataclass(frozen=True, slots=True)
class Decided:
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


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A line for the node's log."""

    kind: str
    fields: dict[str, JsonValue] = field(default_factory=dict)


Action: TypeAlias = SendMessage | StartTimer | StopTimer | Decided | KeepStatement | Recovered | LogRecord
