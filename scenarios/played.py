"""What a played story left, for those who judge and draw it: its events in order, its records with their types, its totals."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from ledger.contract import Record
from ledger.errors import JsonValue
from scenarios.story import Act, Call, Inspect, Outcome, Performance, Snapshot, Told

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a transaction that took effect."""

    time_ms: int
    name: str
    data: Mapping[str, JsonValue]
    signers: tuple[str, ...] = ()
    """Member ids."""
    operation: str = ""

    @property
    def organizations(self) -> tuple[str, ...]:
        """Of the signers."""
        return tuple(signer.partition(".")[0] for signer in self.signers)


def happenings(performance: Performance) -> tuple[Happening, ...]:
    """Every event; a step that repeats an envelope brought none."""
    return tuple(
        Happening(told.time_ms, name, data, call.signers or told.step.actors, call.operation.name)
        for told in performance.told
        if isinstance(told.step, Act)
        for call, outcome in outcomes_of(told)
        for name, data in outcome.events
    )


def outcomes_of(told: Told) -> Iterator[tuple[Call, Outcome]]:
    """What became of each call of a step. An envelope that came once more is no second attempt."""
    if isinstance(told.step, Act):
        yield from zip(told.step.calls, told.outcomes, strict=True)


@dataclass(slots=True)
class Totals:
    """What the steps of a story come to. Wherever a total is shown, it was counted here."""

    steps: int = 0
    committed: int = 0
    """Transactions that took effect."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Code -> transactions that a rule refused with it: each stands on the ledger with its receipt."""
    turned_away: Counter[str] = field(default_factory=Counter)
    """Code -> what a node turned away at its door: nothing of it stands on the ledger."""
    found: int = 0
    """Faults that somebody found in its own files, outside the ledger."""
    heights: set[int] = field(default_factory=set)
    """Of the blocks that hold a transaction of the story."""

    def add(self, told: Told) -> None:
        """Counts one step."""
        self.steps += 1
        self.found += isinstance(told.step, Inspect) and told.step.finds != ""
        for _, outcome in outcomes_of(told):
            if outcome.outcome == "committed":
                self.committed += 1
            else:
                (self.rejected if outcome.outcome == "rejected" else self.turned_away)[outcome.code] += 1
            if outcome.height:
                self.heights.add(outcome.height)

    @property
    def transactions(self) -> int:
        """On the ledger."""
        return self.committed + self.rejected.total()

    @property
    def refused(self) -> int:
        """Attempts, wherever they were refused."""
        return self.rejected.total() + self.turned_away.total() + self.found


def totals_of(told: Iterable[Told]) -> Totals:
    """Of all these steps."""
    totals = Totals()
    for one in told:
        totals.add(one)
    return totals


MISSING = ("not-found", "not-onboarded", "not-confirmed")
"""Codes that say that something is not there."""


@dataclass(slots=True)
class RefusedRows:
    """Rows of a user's own files that the ledger refused: each first cause, with the rows that follow from it.

    What a refused row was to make is not there. A later row that is refused because of that follows from it.
    """

    causes: dict[str, list[str]] = field(default_factory=dict)
    """Row that is a first cause -> rows that follow from it."""
    _unmade: dict[str, str] = field(default_factory=dict)
    """Name of a record -> first cause of its not being there."""

    def add(self, told: Told) -> tuple[str, ...]:
        """For each outcome of the next step the row that it follows from; empty where it follows from none."""
        return tuple(self._cause(call, outcome) for call, outcome in outcomes_of(told)) or ("",) * len(told.outcomes)

    def _cause(self, call: Call, outcome: Outcome) -> str:
        if outcome.outcome == "committed" or not call.origin:
            for name in call.makes:
                self._unmade.pop(name, None)
            return ""
        missing = map(str, outcome.details.values()) if outcome.code in MISSING else ()
        cause = next((self._unmade[name] for name in missing if name in self._unmade), "")
        for name in call.makes:
            self._unmade[name] = cause or call.origin
        followers = self.causes.setdefault(cause or call.origin, [])
        if cause and call.origin not in (cause, *followers):
            followers.append(call.origin)
        return cause


def rows(state: Snapshot, collection: str, record: type[R]) -> Mapping[str, R]:
    """The records of a collection by key, which are all of one kind."""
    assert all(isinstance(one, record) for one in state[collection].values()), f"{collection} holds {record.__name__}"
    return cast(Mapping[str, R], state[collection])
