"""Lab 9. Type a seed and compare: every laptop comes to the same blocks, and two that differ show where one did another thing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from nodes.simulator.chance import Chance
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.replay import Row, StoryInput, replay, whole_story
from scenarios.running.replay_file import ReplayFile
from scenarios.workshop.exercise import Answers, Sentence, sentence
from scenarios.workshop.room import Room

FILE = "neighbour.json"
MINUTE_MS = 60_000
LATE_MS = 1_000
"""How far the neighbour's clock was ahead at one step: nothing that can be seen."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    seed: int
    """Of the group, to be typed."""
    differs: int
    """Step at which the neighbour's course is another."""
    step: int
    """Step of the group's own branch."""
    minutes: int


def plan(chance: Chance) -> Plan:
    """Steps that make a block, neither the first nor the last ones."""
    seed = 100 + chance.below(900)
    rows = replay(FIRST_STORY, seed, whole_story(FIRST_STORY))
    steps = tuple(row.place for before, row in pairwise(rows) if row.block != before.block)[1:-1]
    differs = chance.pick(steps)
    step = chance.pick(tuple(place for place in steps if place != differs))
    return Plan(seed, differs, step, 2 + chance.below(58))


def begin(room: Room) -> Mapping[str, str | int]:
    """The neighbour's file: its only course of events is one in which a step came a second late."""
    made = plan(room.chance())
    path = room.files / FILE
    whole = whole_story(FIRST_STORY)
    late = (StoryInput(step=made.differs, late_ms=LATE_MS), *whole[made.differs :])
    story = ReplayFile.begin(FIRST_STORY, made.seed)
    both = story.with_branch("neighbour", origin="main", after=made.differs - 1, inputs=late)
    only = both.cut("neighbour", len(whole))
    only.model_copy(update={"branches": (only.branches[0].model_copy(update={"name": "main"}),)}).write(path)
    return {**asdict(made), "after": made.step - 1, "late": made.minutes * MINUTE_MS, "file": FILE, "path": str(path)}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """Everything is played here once more."""
    made = plan(room.chance())
    yield from answers.unanswered()
    yield from _judge_digits("digits", answers, replay(FIRST_STORY, made.seed, whole_story(FIRST_STORY)), sentence("play"))
    yield from answers.judge_number("first", made.differs, sentence("halve"))
    yield from _judge_digits("branch", answers, branched(made), sentence("branch"))
    yield from answers.judge_number("shared", made.step - 1, sentence("count"))


def branched(made: Plan) -> tuple[Row, ...]:
    """The group's own branch."""
    whole = whole_story(FIRST_STORY)
    late = StoryInput(step=made.step, late_ms=made.minutes * MINUTE_MS)
    return replay(FIRST_STORY, made.seed, (*whole[: made.step - 1], late, *whole[made.step :]))


def _judge_digits(name: str, answers: Answers, rows: Sequence[Row], advice: Sentence) -> Iterator[Sentence]:
    given = "".join(sign for sign in answers[name] if sign.isdecimal())
    yield from answers.judge(name, given.isascii() and given == rows[-1].digits.replace(" ", ""), advice)
