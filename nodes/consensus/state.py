"""The engine's state, events and effects. All are values; nothing here knows of bytes, signatures, disk or network.

The engine knows a block by id, header facts and verdict. Validators are named by their index in the set of the height.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ledger.certificate import Certificate, DecisionRecord, Statement
from ledger.identity.records import CertificateKind, StatementKind, ValidatorSet
from ledger.primitives import Digest
from nodes.consensus.values import FrozenMap

VIEWS_AHEAD_MAX = 16
"""Statements beyond view + 16 are dropped but still show that their sender is ahead."""

TimerName: TypeAlias = Literal["view", "repropose", "hold", "resend"]
Verdict: TypeAlias = Literal["asked", "valid", "invalid"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Every duration of consensus, from Δ, the worst usual link delay, and the allowed drift. Milliseconds."""

    delay_ms: int
    drift_ms: int

    def view_ms(self, view: int) -> int:
        """T(v): 10Δ, growing by 1.5 a view to at most ten times that."""
        first = 10 * self.delay_ms
        duration = first
        for _ in range(min(view - 1, 6)):
            duration = duration * 3 // 2
        return min(duration, 10 * first)

    @property
    def repropose_ms(self) -> int:
        """R: how long a leader waits for the CommitCert before it proposes a notarized block again."""
        return 3 * self.delay_ms

    @property
    def resend_ms(self) -> int:
        """Interval of statements sent again and of Status."""
        return 8 * self.delay_ms


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine knows of a block whose body is held."""

    id: Digest
    time_ms: int
    proposer: int | None
    """Index of the validator that its header names; None for somebody else."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Bodies and views' certificates that are missing for proposing, voting or the record."""

    blocks: tuple[Digest, ...]
    views: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class State:
    """One height of one replica."""

    height: int
    validators: ValidatorSet
    me: int | None
    """My index; None for an observer, and for a validator that may not vote."""
    timing: Timing
    clock_ms: int = 0
    view: int = 1
    statements: FrozenMap[tuple[StatementKind, int, int], Statement] = FrozenMap()
    """By (kind, view, signer): the first of its kind that came; own ones stand here once durable."""
    evidence: FrozenMap[tuple[StatementKind, int, int], Statement] = FrozenMap()
    """The second, different one."""
    certificates: FrozenMap[tuple[CertificateKind, int], Certificate] = FrozenMap()
    notarized: FrozenMap[int, Literal["waiting", "due"]] = FrozenMap()
    """Views whose NotarCert is held: whether the re-proposal delay R has passed since it was first held."""
    blocks: FrozenMap[Digest, Facts] = FrozenMap()
    verdicts: FrozenMap[Digest, Verdict] = FrozenMap()
    mine: FrozenMap[tuple[StatementKind, int], Statement] = FrozenMap()
    """What I said, unsigned, from the moment it was decided on, before it is durable."""
    building: int = 0
    """View for which a fresh block was asked of the shell."""
    highest_view: FrozenMap[int, int] = FrozenMap()
    """By signer: the highest view of this height it made a statement in."""
    work: bool = False
    """A pending transaction that this node would include now, or a due heartbeat."""
    timer: Literal["off", "running", "fired"] = "off"
    holding: bool = False
    """Whether the timer runs that waits for a proposal's time."""
    asked: Needs | None = None
    """What was last asked of the leader."""
    replaying: bool = False
    """True after a restart until everything stored is read back: nothing is signed anew meanwhile."""
    decided: bool = False


# Events


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
class TimerFired:
    """A timer that `SetTimer` started has run out."""

    name: TimerName
    view: int


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
class ClockChanged:
    """The node's UTC clock."""

    clock_ms: int


@dataclass(frozen=True, slots=True)
class Restored:
    """Replay after a restart is done: go on from what is held."""


Event: TypeAlias = Received | Built | Durable | TimerFired | Validated | WorkChanged | ClockChanged | Restored

# Effects


@dataclass(frozen=True, slots=True)
class Persist:
    """Sign and store this statement, with the block body for Propose and Vote and all certificates held; `Durable` follows."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Send:
    """To one validator by index, or to all other nodes."""

    receiver: int | None
    item: "Statement | Certificate | Needs | Status"


@dataclass(frozen=True, slots=True)
class Status:
    """Where I am."""

    height: int
    view: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Start a timer, or stop it where `delay_ms` is None."""

    name: TimerName
    view: int
    delay_ms: int | None


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


@dataclass(frozen=True, slots=True)
class Log:
    """Something worth a line in the node's log."""

    kind: str
    view: int
    block: Digest = Digest("")
    signer: int | None = None
    statements: tuple[Statement, ...] = ()
    """The two that contradict each other, for `evidence`."""


Effect: TypeAlias = Persist | Send | SetTimer | Build | Validate | Commit | Diverged | Log
