"""Plays a list of inputs on simulated nodes: same seed and same inputs, same block ids, on any machine.

An input is a step of the story, or a transaction of one's own; either may come late. After each input
stands the newest block: its id, and the same as six digits that can be read aloud. Since a block names the one before it,
two rows with the same digits have the same past.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, TypeAlias, cast

from pydantic import Field
from pydantic import JsonValue as AnyJson

from ledger.codec import StrictModel
from ledger.contract.refusal import Phrase
from ledger.errors import BusyError, InputError, JsonValue, VerificationError
from nodes.words import Words
from scenarios.catalogue import SCENARIOS
from scenarios.running.first_story import FIRST_STORY
from scenarios.story.play import Player, Prepared, steps_of
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Again, PlayedStep, Scenario

SEED_MAX = 999_999_999
INPUTS_MAX = 2_000
LATE_MS_MAX = 366 * 86_400_000
DIGITS = 6
SIGNERS_MAX = 16
SECONDS_MAX = 60
"""Of one play."""
WORDS = Words.of("scenarios.running")["replay"]


class Submission(StrictModel):
    """A transaction of one's own."""

    signers: Annotated[tuple[str, ...], Field(min_length=1, max_length=SIGNERS_MAX)]
    contract: str
    operation: str
    arguments: dict[str, AnyJson]


class StoryInput(StrictModel):
    """A step of the story, counted from 1."""

    step: Annotated[int, Field(ge=1, le=INPUTS_MAX)]
    late_ms: Annotated[int, Field(ge=0, le=LATE_MS_MAX)] = 0
    """So much later than the input before has ended."""


class OwnInput(StrictModel):
    """Something else than the story tells."""

    submit: Submission
    late_ms: Annotated[int, Field(ge=0, le=LATE_MS_MAX)] = 0


Input: TypeAlias = StoryInput | OwnInput


@dataclass(frozen=True, slots=True)
class Row:
    """Where the ledger stands after an input."""

    place: int
    words: Phrase
    code: str
    """`ok`, or what was said no with; empty where nothing was submitted."""
    height: int
    block: str
    """Id of the newest block, empty before the first."""
    clock_ms: int

    @property
    def digits(self) -> str:
        """Six digits of the block's id, to be read aloud."""
        return spoken(self.block)


def spoken(block: str) -> str:
    """`483 921`: one block in a million has the digits of another."""
    if not block:
        return "–"
    digits = f"{int(block, 16) % 10**DIGITS:06d}"
    return f"{digits[:3]} {digits[3:]}"


def find_story(name: str) -> Scenario:
    """The workshop's own story or one of a trade; raises InputError `unknown-scenario`."""
    stories = {FIRST_STORY.name: FIRST_STORY, **SCENARIOS}
    if name not in stories:  # check: replay-scenario
        raise InputError("unknown-scenario", f"There is no story {name[:80]!r}; there are {', '.join(stories)}.")
    return stories[name]


def whole_story(scenario: Scenario) -> tuple[Input, ...]:
    """Every step of the story, none late."""
    return tuple(StoryInput(step=number) for number in range(1, len(steps_of(scenario)) + 1))


@lru_cache(maxsize=32)
def _kept(name: str, seed: int, inputs: str, seconds: float) -> tuple[Row, ...]:
    listed = Inputs.model_validate_json(inputs)
    return tuple(_play(find_story(name), seed, listed.inputs, seconds))


class Inputs(StrictModel):
    """A list of inputs as it is written down."""

    inputs: Annotated[tuple[Input, ...], Field(max_length=INPUTS_MAX)]


def replay(scenario: Scenario, seed: int, inputs: Sequence[Input], seconds: float = SECONDS_MAX) -> tuple[Row, ...]:
    """A row for each input; raises InputError `bad-replay` for one that cannot be, BusyError `replay-too-long`."""
    return _kept(scenario.name, seed, Inputs(inputs=tuple(inputs)).model_dump_json(), seconds)


def _play(scenario: Scenario, seed: int, inputs: Sequence[Input], seconds: float) -> Iterator[Row]:
    stage = SimulatedStage(scenario.specification(), seed, keep_log=False)
    player = Player(scenario, stage)
    deadline = time.monotonic() + seconds
    for place, one in enumerate(inputs, 1):
        if time.monotonic() > deadline:  # check: replay-time
            raise BusyError(
                "replay-too-long", f"The story is not played within {seconds:.0f} s; ask for fewer steps.", status=503
            )
        if one.late_ms:
            stage.set_clock(stage.simulation.now_ms + one.late_ms)
        words, code = _tell(player, place, one) if isinstance(one, StoryInput) else _submit(stage, place, one.submit)
        head = stage.head()
        yield Row(place, words, code, head.height, head.block, stage.simulation.now_ms)


def _tell(player: Player, place: int, one: StoryInput) -> tuple[Phrase, str]:
    steps = steps_of(player.scenario)
    if one.step > len(steps):  # check: replay-step
        raise InputError("bad-replay", f"Input {place}: the story has {len(steps)} steps, not {one.step}.")
    chapter, step = steps[one.step - 1]
    if isinstance(step, Again) and step.label not in player.envelopes:  # check: replay-envelope
        raise InputError("bad-replay", f"Input {place}: step {one.step} sends an envelope once more that was never sent.")
    count, words = len(player.played), Phrase(step.words.en, step.words.zh)
    try:
        return words, _code(player.play(chapter, step))
    except VerificationError as error:  # it ends otherwise than the story says: that is what a branch is for
        code = error.code if len(player.played) == count else _code(player.played[-1])
        otherwise = WORDS["otherwise"]
        return Phrase(otherwise.text("en", words=words.en, code=code), otherwise.text("zh", words=words.zh, code=code)), code


def _code(played: PlayedStep) -> str:
    return next((outcome.code for outcome in played.outcomes if outcome.code != "ok"), "ok" if played.outcomes else "")


def _submit(stage: SimulatedStage, place: int, given: Submission) -> tuple[Phrase, str]:
    contract = stage.simulation.contracts.contracts.get(given.contract)
    operation = None if contract is None else contract.operations.get(given.operation)
    if operation is None:  # check: replay-operation
        raise InputError("bad-replay", f"Input {place}: there is no operation {given.contract[:64]}.{given.operation[:64]}.")
    unknown = [name for name in given.signers if name not in stage.simulation.network.member_keys]
    if unknown:  # check: replay-signer
        raise InputError("bad-replay", f"Input {place}: {unknown[0][:130]} is no member of this network.")
    arguments = cast(Mapping[str, JsonValue], given.arguments)  # the same type under another name
    (outcome,) = stage.submit(given.signers, [Prepared(operation, arguments)])
    words = WORDS["own"].both(who=", ".join(given.signers), call=f"{given.contract}.{given.operation}")
    return Phrase(**words), outcome.code
