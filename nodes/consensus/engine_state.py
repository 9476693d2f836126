"""The engine's state. All is values; nothing here knows of bytes, signatures, disk or network.

The engine knows a block by id, header facts and verdict. Validators are named by their index in the set of the height.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from ledger.certificate import Certificate, CertificateKind, Statement, StatementKind
from ledger.identity.records import ValidatorSet
from ledger.primitives import Digest
from nodes.messages import FetchMessage

VIEWS_AHEAD_MAX = 16
"""Statements beyond view + 16 are dropped but still show that their sender is ahead."""

BlockVerdict: TypeAlias = Literal["asked", "valid", "invalid"]
K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """A mapping whose `set` gives another one, so that the state is a value: comparable, hashable, never changed in place.

    Copies on change: maps here hold some dozens of entries.
    """

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: Mapping[K, V] | None = None) -> None:
        self._entries: dict[K, V] = dict(entries or {})
        self._hash: int | None = None

    def set(self, key: K, value: V) -> "FrozenMap[K, V]":
        """The same mapping with one entry set."""
        return FrozenMap({**self._entries, key: value})

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._entries.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenMap) and self._entries == other._entries

    def __repr__(self) -> str:
        return f"FrozenMap({self._entries!r})"


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
    """Index of the validator that its header names; None for a member that does not vote."""


@dataclass(frozen=True, slots=True)
class EngineState:
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
    verdicts: FrozenMap[Digest, BlockVerdict] = FrozenMap()
    mine: FrozenMap[tuple[StatementKind, int], Statement] = FrozenMap()
    """What I said, unsigned, from the moment it was decided on, before it is durable."""
    building: int = 0
    """View for which the replica was asked to build a fresh block."""
    highest_view: FrozenMap[int, int] = FrozenMap()
    """By signer: the highest view of this height it made a statement in."""
    work: bool = False
    """A pending transaction that this node would include now, or a due heartbeat."""
    timer: Literal["off", "running", "fired"] = "off"
    holding: bool = False
    """Whether the timer runs that waits for a proposal's time."""
    asked: FetchMessage | None = None
    """Bodies and views' certificates that are missing for proposing, voting or the record, as last asked of the leader."""
    replaying: bool = False
    """True after a restart until everything stored is read back: nothing is signed meanwhile."""
    decided: bool = False
