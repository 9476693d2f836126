"""What every system of the matrix offers: items that have one holder, who passes them on; what an attacker can reach; an outcome.

The attacks see nothing else, so that one attack is the same code for every system.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Outcome = Literal["undetected", "detected-later", "refused", "goes-on", "waits", "lost", "not-applicable"]
"""How an attack ends, in one vocabulary for all systems."""
By = Literal["nobody", "anybody", "keeper", "readers", "convicted", "one-side", "no-fault"]
"""Who finds it out, or where it holds; `nobody` where that says nothing."""
ALICE, BOB, CAROL, MALLORY = "north.member1", "south.member1", "east.member1", "west.member1"
ITEM = "W-1"
"""Belongs to Alice at the beginning."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who passes the item on to whom."""

    giver: str
    to: str


class TurnedAwayError(Exception):
    """The system, or a careful reader, says no at once, and why."""


class NotNowError(Exception):
    """No answer and no decision as long as things are as they are."""


@dataclass(frozen=True, slots=True)
class Fork:
    """What two readers were told who asked different servers, or the same server twice."""

    told: tuple[str, str]
    """Holder of the item as each was told."""
    acts: tuple[str, ...]
    """What the liars did, and how often."""
    complaints: tuple[str, ...]
    """What a check of either story by itself finds."""
    compared: str
    """What laying the two side by side shows; empty where they cannot be compared or do not differ."""
    convicted: tuple[str, ...]
    """Whose signatures prove their guilt to a third party."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of an attack."""

    outcome: Outcome
    by: By
    evidence: tuple[str, ...]
    """What the system or the verifier said, word for word."""


class System(Protocol):
    """A running record. Where a system says no more, one server takes all requests, and gives nothing to note down."""

    name: str

    @property
    def servers(self) -> int:
        """n: how many decide."""
        return 1

    @property
    def faulty_max(self) -> int:
        """f: how many of them may lie."""
        return 0

    # What people do

    def submit(self, transfer: Transfer, at: int = 0) -> bytes:
        """Passes the item on by a request to one server and returns what went over the wire.

        Raises TurnedAwayError, or NotNowError.
        """

    def race(self, first: Transfer, second: Transfer) -> tuple[str, ...]:
        """Two requests at the same moment, at different servers where there are several; the reasons of those turned away."""
        reasons = []
        for transfer in (first, second):
            try:
                self.submit(transfer)
            except TurnedAwayError as error:
                reasons.append(str(error))
        return tuple(reasons)

    def holder(self, at: int = 0) -> str:
        """Whose the item is, as a reader of the usual care takes it from a server; raises TurnedAwayError, NotNowError."""

    def verify(self) -> str:
        """What anybody finds wrong who gets a copy of all that there is; empty if nothing."""

    def mark(self) -> str:
        """What a careful person notes down today, such as the last digest; empty where there is nothing to note."""
        return ""

    def misses(self, mark: str) -> str:
        """What that person finds wrong later; empty if nothing."""
        return ""

    def restart(self) -> None:
        """Everything that is down starts again."""

    # What an attacker does

    def rewrite(self, to: str) -> None:
        """The operator of a server changes whom the item went to in the oldest transfer, and hides it as well as he can."""

    def replay(self, wire: bytes) -> None:
        """Somebody sends again what he has overheard; raises TurnedAwayError."""

    def pretend(self, transfer: Transfer) -> None:
        """An outsider sends a request in somebody's name, without that person's key or password; raises TurnedAwayError."""

    def insert(self, transfer: Transfer) -> None:
        """The operator of a server writes a transfer in somebody's name; raises TurnedAwayError."""

    def equivocate(self, count: int) -> Fork:
        """That many servers tell one half of the others, or of the readers, something else than the other half."""

    # What happens

    def part(self) -> Sequence[int]:
        """The network falls apart in the middle; a server on either side, or -1 for a side that has none."""

    def heal(self) -> None:
        """The network is whole."""

    def crash_leader(self) -> int:
        """The server that leads is gone; a server to turn to, or -1 where there is none."""

    def backup(self) -> None:
        """The usual nightly copy."""

    def lose_disk(self) -> None:
        """A server loses its disk and comes back as well as it can, from copies or from others."""
