"""What a story is played on. The same story runs on four live nodes, in the simulator, and in tests on bare execution."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.contract import Collection, Operation
from ledger.errors import JsonValue
from scenarios.client_files import ClientFiles
from scenarios.story import Head, Outcome


@dataclass(frozen=True, slots=True)
class Prepared:
    """One operation with the JSON arguments that its signers sign."""

    operation: Operation
    arguments: Mapping[str, JsonValue]
    signers: tuple[str, ...] = ()
    """Who signs, where it is not the signers of the whole list."""
    forger: str = ""
    """Whose key signs in their names; empty: each signs with its own."""


class Stage(Protocol):
    """A running ledger with all the keys of a story's members."""

    start_ms: int
    """Time of the genesis."""
    files: ClientFiles
    """What the clients keep for themselves."""

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """Signs and submits the calls as one list, each a transaction of all the signers; waits until each has ended."""

    def submit_again(self, transaction: str) -> Outcome:
        """Sends the very envelope of an earlier transaction once more, and tells what became of it."""

    def set_clock(self, time_ms: int) -> None:
        """Moves the lab clock of every node to an absolute time, forward."""

    def records(self, collection: Collection[Any]) -> Mapping[str, JsonValue]:
        """Every record of a collection by key, as JSON."""

    def head(self) -> Head:
        """The newest block that is final."""

    def export(self) -> Iterable[bytes]:
        """The whole ledger, a line each: what the report reads, and whoever verifies it."""

    def log(self) -> Sequence[Mapping[str, JsonValue]]:
        """What all the nodes sent, received and decided, in order of time; empty where there are none."""
