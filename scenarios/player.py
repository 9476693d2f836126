"""Plays a story on a stage: does each step, compares how it ended with what is told, and stops at the first difference."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from ledger.encoding import encode
from ledger.errors import JsonValue, VerificationError
from scenarios.stage import Prepared, Stage
from scenarios.story import (
    DAY_MS,
    OPEN,
    Act,
    Again,
    Call,
    Clock,
    Ending,
    Finding,
    HandOver,
    Inspect,
    Outcome,
    Performance,
    PreparedArgument,
    Scenario,
    Snapshot,
    Step,
    Told,
)

MORNING_MS = 9 * 3_600_000
"""Stories begin their days at nine, UTC."""


@dataclass(slots=True)
class Player:
    """One performance of a scenario's story, step by step."""

    scenario: Scenario
    stage: Stage
    told: list[Told] = field(default_factory=list)
    envelopes: dict[str, Outcome] = field(default_factory=dict)
    """By label what became of an act whose envelope comes once more."""
    _underway: tuple[int, list[Prepared]] = (0, [])
    """The act that was prepared last, by number: tried again after a failure it says the very same."""

    def steps(self) -> Iterator[Told]:
        """Plays one step each time it is asked for the next; raises VerificationError `not-as-told`."""
        for chapter, step in steps_of(self.scenario)[len(self.told) :]:
            yield self.play(chapter, step)

    def play(self, chapter: int, step: Step) -> Told:
        """Plays the next step. An act that does not end as told stands in `told` all the same when the error is raised."""
        told = self._play(chapter, len(self.told) + 1, step)
        self.told.append(told)
        if isinstance(step, Act):
            for outcome in told.outcomes:
                came = Ending(outcome.outcome, outcome.code)
                verify_as_told(told.number, step.words.en, step.ending, came, outcome.details)
        return told

    def performance(self) -> Performance:
        """What the story left behind; the whole state of the scenario's contract is read for it."""
        head, records = self.stage.head(), snapshot(self.scenario, self.stage)
        export, log = tuple(self.stage.export()), tuple(self.stage.log())
        return Performance(tuple(self.told), records, self.stage.start_ms, head, export, log)

    def _play(self, chapter: int, number: int, step: Step) -> Told:
        arguments: tuple[Mapping[str, JsonValue], ...] = ()
        outcomes: tuple[Outcome, ...] = ()
        if isinstance(step, Act):
            arguments, outcomes = self._act(number, step)
        elif isinstance(step, Again):
            outcomes = (self._again(number, step),)
        elif isinstance(step, Clock):
            time_ms = self.stage.start_ms + step.day * DAY_MS + MORNING_MS
            self.stage.set_clock(time_ms)
            return Told(chapter, number, step, time_ms)
        elif isinstance(step, HandOver):
            for label in step.labels:
                self.stage.files.hand_over(step.actor, step.receiver, label)
        else:
            self._inspect(number, step)
        return Told(chapter, number, step, self.stage.head().time_ms, outcomes, arguments)

    def _act(self, number: int, step: Act) -> tuple[tuple[Mapping[str, JsonValue], ...], tuple[Outcome, ...]]:
        if self._underway[0] != number:
            self._underway = number, [self._prepare(step, call) for call in step.calls]
        calls = self._underway[1]
        outcomes = self.stage.submit(step.actors, calls)
        if step.label:
            self.envelopes[step.label] = outcomes[0]
        return tuple(call.arguments for call in calls), outcomes

    def _prepare(self, step: Act, call: Call) -> Prepared:
        return Prepared(call.operation, self._arguments((call.signers or step.actors)[0], call), call.signers, call.forger)

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
        return value


def steps_of(scenario: Scenario) -> list[tuple[int, Step]]:
    """Every step of the story in order, with the place of its chapter."""
    return [(chapter, step) for chapter, part in enumerate(scenario.story().chapters) for step in part.steps]


def play(scenario: Scenario, stage: Stage, tell: Callable[[Told], None] = lambda told: None) -> Performance:
    """Plays the whole story and tells each step."""
    player = Player(scenario, stage)
    for told in player.steps():
        tell(told)
    return player.performance()


def snapshot(scenario: Scenario, stage: Stage) -> Snapshot:
    """The whole state of the scenario's contract as typed records; what it reads of other contracts is not its own."""
    return {
        name: {key: collection.record.model_validate_json(encode(record)) for key, record in stage.records(collection).items()}
        for name, collection in scenario.contract.collections.items()
        if collection.of is None
    }


def verify_as_told(number: int, words: str, told: Ending, came: Ending, details: Mapping[str, JsonValue]) -> None:
    """Raises VerificationError `not-as-told` unless a step ended as the story says."""
    if told != OPEN and came != told:  # check: story-as-told
        raise VerificationError(
            "not-as-told",
            f"Step {number} ({words}) was to end as {told.outcome} ({told.code}), but ended as {came.outcome} ({came.code}).",
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
