"""Plays a story on a stage: does each step, compares how it ended with what the story says, and stops at the first difference.

Stage          a running ledger with the members' keys: live nodes, the simulator, or bare execution in tests
Player         plays the steps of one story on it and keeps each as a PlayedStep
play           the whole story, into a PlayedStory
played_events, Totals, RefusedRows      what a played story left, for those who judge and draw it
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from pydantic import BaseModel

from ledger.contract import Collection, Operation, Record
from ledger.contract.calendar import DAY_MS
from ledger.encoding import encode
from ledger.errors import JsonValue, VerificationError
from scenarios.client_files import ClientFiles
from scenarios.story.story import (
    OPEN,
    Act,
    Again,
    Call,
    Clock,
    Ending,
    Finding,
    HandOver,
    Head,
    Inspect,
    Outcome,
    PlayedStep,
    PlayedStory,
    PreparedArgument,
    Scenario,
    Snapshot,
    Step,
)  # fmt: skip

R = TypeVar("R", bound=Record)
MORNING_MS = 9 * 3_600_000
"""Stories begin their days at nine, UTC."""
MISSING = ("not-found", "not-onboarded", "not-confirmed")
"""Codes that say that something is not there."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One operation with the JSON arguments that its signers sign."""

    operation: Operation
    arguments: Mapping[str, JsonValue]
    signers: tuple[str, ...] = ()
    """Who signs, where it is not the signers of the whole list."""
    forger: str = ""
    """Whose key signs in their names; empty: each signs with its own."""
    ledger: str = ""
    """Where it is sent, on a stage of several ledgers."""


class Stage(Protocol):
    """A running ledger with all the keys of a story's members."""

    start_ms: int
    """Time of the genesis."""
    files: ClientFiles
    """What the clients keep for themselves."""

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """Signs and submits the calls as one list and waits until each has ended.

        Each is a transaction of all the signers, unless it names its own.
        """

    def submit_again(self, transaction: str) -> Outcome:
        """Sends the very envelope of an earlier transaction once more, and tells what became of it."""

    def set_clock(self, time_ms: int) -> None:
        """Moves the lab clock of every node to an absolute time, forward."""

    def records(self, collection: Collection[Any]) -> Mapping[str, JsonValue]:
        """Every record of a collection by key, as JSON."""

    def head(self) -> Head:
        """The newest block that is final."""

    def export(self) -> Iterable[bytes]:
        """The whole ledger, a line each: what the report reads, and what can be verified without a node."""

    def log(self) -> Sequence[Mapping[str, JsonValue]]:
        """What all the nodes sent, received and decided, in order of time; empty where there are none."""


@dataclass(slots=True)
class Player:
    """Plays a scenario's story once, step by step."""

    scenario: Scenario
    stage: Stage
    played: list[PlayedStep] = field(default_factory=list)
    envelopes: dict[str, Outcome] = field(default_factory=dict)
    """By label what became of an act whose envelope comes once more."""
    _underway: tuple[int, list[Prepared]] = (0, [])
    """The act that was prepared last, by number: tried again after a failure it says the very same."""

    def steps(self) -> Iterator[PlayedStep]:
        """Plays one step each time it is asked for the next; raises VerificationError `not-as-told`."""
        for chapter, step in steps_of(self.scenario)[len(self.played) :]:
            yield self.play(chapter, step)

    def play(self, chapter: int, step: Step) -> PlayedStep:
        """Plays the next step. An act that ends otherwise than the story says is kept all the same, then the error is raised."""
        played = self._play(chapter, len(self.played) + 1, step)
        self.played.append(played)
        if isinstance(step, Act):
            for outcome in played.outcomes:
                came = Ending(outcome.outcome, outcome.code)
                verify_ending(played.number, step.words.en, step.ending, came, outcome.details)
        return played

    def played_story(self) -> PlayedStory:
        """What the story left behind; the whole state of the scenario's contract is read for it."""
        head, records = self.stage.head(), snapshot(self.scenario, self.stage)
        export, log = tuple(self.stage.export()), tuple(self.stage.log())
        return PlayedStory(tuple(self.played), records, self.stage.start_ms, head, export, log)

    def _play(self, chapter: int, number: int, step: Step) -> PlayedStep:
        arguments: tuple[Mapping[str, JsonValue], ...] = ()
        outcomes: tuple[Outcome, ...] = ()
        if isinstance(step, Act):
            arguments, outcomes = self._act(number, step)
        elif isinstance(step, Again):
            outcomes = (self._again(number, step),)
        elif isinstance(step, Clock):
            time_ms = self.stage.start_ms + step.day * DAY_MS + MORNING_MS
            self.stage.set_clock(time_ms)
            return PlayedStep(chapter, number, step, time_ms)
        elif isinstance(step, HandOver):
            for label in step.labels:
                self.stage.files.hand_over(step.actor, step.receiver, label)
        else:
            self._inspect(number, step)
        return PlayedStep(chapter, number, step, self.stage.head().time_ms, outcomes, arguments)

    def _act(self, number: int, step: Act) -> tuple[tuple[Mapping[str, JsonValue], ...], tuple[Outcome, ...]]:
        if self._underway[0] != number:
            self._underway = number, [self._prepare(step, call) for call in step.calls]
        calls = self._underway[1]
        outcomes = self.stage.submit(step.actors, calls)
        if step.label:
            self.envelopes[step.label] = outcomes[0]
        return tuple(call.arguments for call in calls), outcomes

    def _prepare(self, step: Act, call: Call) -> Prepared:
        arguments = self._arguments((call.signers or step.actors)[0], call)
        return Prepared(call.operation, arguments, call.signers, call.forger, call.ledger)

    def _again(self, number: int, step: Again) -> Outcome:
        before, first = self.stage.head(), self.envelopes[step.label]
        outcome = self.stage.submit_again(first.transaction)
        same = (outcome.outcome, outcome.code, outcome.height) == (first.outcome, first.code, first.height)
        if not same or self.stage.head().state_root != before.state_root:  # check: story-again-changes-nothing
            raise VerificationError("not-as-told", f"Step {number}: the same envelope had an effect a second time.")
        return outcome

    def _inspect(self, number: int, step: Inspect) -> None:
        found = step.examine(self.stage.files, snapshot(self.scenario, self.stage))
        if found != step.finds:  # check: story-inspection
            raise VerificationError(
                "not-as-told", f"Step {number}: {step.actor} was to find {step.finds or 'nothing amiss'!r}, found {found!r}."
            )

    def _arguments(self, actor: str, call: Call) -> Mapping[str, JsonValue]:
        return {name: plain(self._prepared(actor, value)) for name, value in call.arguments.items()}

    def _prepared(self, actor: str, value: object) -> object:
        if isinstance(value, PreparedArgument):
            return value.prepare(self.stage.files, actor)
        if isinstance(value, Mapping):
            return {name: plain(self._prepared(actor, member)) for name, member in value.items()}
        return value


def steps_of(scenario: Scenario) -> list[tuple[int, Step]]:
    """Every step of the story in order, with the place of its chapter."""
    return [(chapter, step) for chapter, part in enumerate(scenario.story().chapters) for step in part.steps]


def play(scenario: Scenario, stage: Stage, tell: Callable[[PlayedStep], None] = lambda played: None) -> PlayedStory:
    """Plays the whole story and tells each step."""
    player = Player(scenario, stage)
    for played in player.steps():
        tell(played)
    return player.played_story()


def snapshot(scenario: Scenario, stage: Stage) -> Snapshot:
    """The whole state of the scenario's contracts as typed records; what a contract reads of others is not its own."""
    return {
        name if contract is scenario.contract else f"{contract.name}.{name}": {
            key: collection.record.model_validate_json(encode(record)) for key, record in stage.records(collection).items()
        }
        for contract in scenario.contracts.values()
        for name, collection in contract.collections.items()
        if collection.of is None
    }


def verify_ending(number: int, words: str, expected: Ending, came: Ending, details: Mapping[str, JsonValue]) -> None:
    """Raises VerificationError `not-as-told` unless a step ended as the story says."""
    if expected != OPEN and came != expected:  # check: story-as-told
        raise VerificationError(
            "not-as-told",
            f"Step {number} ({words}) was to end as {expected.outcome} ({expected.code}), "
            f"but ended as {came.outcome} ({came.code}).",
            step=number,
            details=dict(details),
        )


def verify_findings(findings: tuple[Finding, ...]) -> None:
    """Raises VerificationError `invariant-broken` where one does not hold; the report says so too."""
    broken = [f"{finding.code} ({'; '.join(finding.faults)})" for finding in findings if finding.faults]
    if broken:  # check: story-invariants
        raise VerificationError("invariant-broken", f"At the end of the story these do not hold: {', '.join(broken)}.")


def plain(value: Any) -> JsonValue:
    """An argument as JSON: records and tuples of a story become objects and lists."""
    if isinstance(value, BaseModel):
        return cast(JsonValue, value.model_dump(mode="json"))
    if isinstance(value, tuple | list):
        return [plain(member) for member in value]
    return cast(JsonValue, value)


@dataclass(frozen=True, slots=True)
class PlayedEvent:
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


def played_events(played_story: PlayedStory) -> tuple[PlayedEvent, ...]:
    """Every event; a step that repeats an envelope brought none."""
    return tuple(
        PlayedEvent(played.time_ms, name, data, call.signers or played.step.actors, call.operation.name)
        for played in played_story.steps
        if isinstance(played.step, Act)
        for call, outcome in outcomes_of(played)
        for name, data in outcome.events
    )


def outcomes_of(played: PlayedStep) -> Iterator[tuple[Call, Outcome]]:
    """What became of each call of a step. An envelope that came once more is no second attempt."""
    if isinstance(played.step, Act):
        yield from zip(played.step.calls, played.outcomes, strict=True)


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
    """Faults that parties found in their own files, outside the ledger."""
    heights: set[tuple[str, int]] = field(default_factory=set)
    """Of the blocks that hold a transaction of the story, each with its ledger, empty where there is one."""

    def add(self, played: PlayedStep) -> None:
        """Counts one step."""
        self.steps += 1
        self.found += isinstance(played.step, Inspect) and played.step.finds != ""
        for call, outcome in outcomes_of(played):
            if outcome.outcome == "committed":
                self.committed += 1
            else:
                (self.rejected if outcome.outcome == "rejected" else self.turned_away)[outcome.code] += 1
            if outcome.height:
                self.heights.add((call.ledger, outcome.height))

    @property
    def transactions(self) -> int:
        """On the ledger."""
        return self.committed + self.rejected.total()

    @property
    def refused(self) -> int:
        """Attempts, wherever they were refused."""
        return self.rejected.total() + self.turned_away.total() + self.found

    def shown(self) -> dict[str, str]:
        """Each by its name in the sentences about them."""
        numbers = {
            "steps": self.steps,
            "attempts": self.committed + self.refused,
            "transactions": self.transactions,
            "blocks": len(self.heights),
            "committed": self.committed,
            "refused": self.refused,
            "rejected": self.rejected.total(),
            "turned_away": self.turned_away.total(),
            "found": self.found,
        }
        return {name: f"{number:,}" for name, number in numbers.items()}


def totals_of(steps: Iterable[PlayedStep]) -> Totals:
    """Of all these steps."""
    totals = Totals()
    for played in steps:
        totals.add(played)
    return totals


@dataclass(slots=True)
class RefusedRows:
    """Rows of a user's own files that the ledger refused: each first cause, with the rows that follow from it.

    What a refused row was to make is not there. A later row that is refused because of that follows from it.
    """

    causes: dict[str, list[str]] = field(default_factory=dict)
    """Row that is a first cause -> rows that follow from it."""
    _unmade: dict[str, str] = field(default_factory=dict)
    """Name of a record -> first cause of its not being there."""

    def add(self, played: PlayedStep) -> tuple[str, ...]:
        """For each outcome of the next step the row that it follows from; empty where it follows from none."""
        return tuple(self._cause(call, outcome) for call, outcome in outcomes_of(played)) or ("",) * len(played.outcomes)

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
