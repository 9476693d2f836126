"""Type a seed and compare: every laptop comes to the same blocks, and two that differ show where one did something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nodes.simulator.chance import Chance
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.replay import Row, StoryInput, replay, whole_story
from scenarios.running.replay_file import add_branch, begin_file, cut, write_checkpoint
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.checking import filled, judge_number, judge_text, unanswered
from scenarios.workshop.room import Room

FILE = "neighbour.json"
MINUTE_MS = 60_000
LATE_MS = 1_000
"""So much the neighbour's clock was ahead at one step: nothing that anybody sees."""
TASK = """Your seed: {seed}
Your neighbour played the same seed; what came of it is in {file}. At one step something was done otherwise.
Your branch: go back to the step before step {step}, let {minutes} minutes pass, then let the story go on.

你们的种子：{seed}
邻组用的是同一个种子，结果在 {file} 中。其中某一步有所不同。
你们的分支：退回到第 {step} 步之前，让 {minutes} 分钟过去，再让故事继续。

  tallystick lab replay --seed {seed} --save mine.json
  tallystick lab replay --checkpoint {path}
  tallystick lab replay --checkpoint mine.json --branch late --after {after} \\
      --input '{{"step": {step}, "late_ms": {late}}}' --go-on
"""
QUESTIONS = (
    Question("digits", Words("Your seed, played to the end: the six digits of the last block.",
                             "你们的种子，执行到底：最后一个区块的六位数字。"), "123 456"),
    Question("first", Words("The first step at which your neighbour's blocks differ from yours.",
                            "邻组的区块从第几步开始与你们不同？"), "3"),
    Question("branch", Words("Your branch, played to the end: the six digits of the last block.",
                             "你们的分支，执行到底：最后一个区块的六位数字。"), "123 456"),
    Question("shared", Words("How many steps have the same digits in your branch and in the first course of events?",
                             "你们的分支与原来的过程，有几步的数字相同？"), "3"),
)  # fmt: skip
PLAY = Words("Type your seed and nothing else, play to the end, and read the last row.", "只填你们的种子，执行到底，看最后一行。")
HALVE = Words(
    "Compare one row in the middle: the same digits mean the same past, so look below; other digits, look above.",
    "先比中间一行：数字相同，说明之前全部相同，往下看；不同，就往上看。",
)
BRANCH = Words(
    "Your seed, and under “late” the step and the minutes of your task; read the last row.",
    "填你们的种子，再填任务中“推迟”的步数和分钟数，看最后一行。",
)
COUNT = Words("Every step before the late one.", "推迟的那一步之前的所有步。")


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
    steps = _deciding(replay(FIRST_STORY, seed, whole_story(FIRST_STORY)))[1:-1]
    differs = chance.pick(steps)
    step = chance.pick(tuple(place for place in steps if place != differs))
    return Plan(seed, differs, step, 2 + chance.below(58))


def begin(room: Room) -> None:
    """The neighbour's file: its only course of events is one in which a step came a second late."""
    made = plan(room.chance())
    path = room.files / FILE
    whole = whole_story(FIRST_STORY)
    file = add_branch(
        begin_file(FIRST_STORY, made.seed),
        "neighbour",
        origin="main",
        after=made.differs - 1,
        inputs=(StoryInput(step=made.differs, late_ms=LATE_MS), *whole[made.differs :]),
    )
    only = cut(file, "neighbour", len(whole))
    write_checkpoint(path, only.model_copy(update={"branches": (only.branches[0].model_copy(update={"name": "main"}),)}))
    task = TASK.format(
        seed=made.seed,
        file=FILE,
        path=path,
        step=made.step,
        after=made.step - 1,
        minutes=made.minutes,
        late=made.minutes * MINUTE_MS,
    )
    (room.files / "seed.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """Everything is played here once more."""
    made = plan(room.chance())
    yield from unanswered(QUESTIONS, answers)
    yield from _judge_digits("digits", answers, replay(FIRST_STORY, made.seed, whole_story(FIRST_STORY)), PLAY)
    yield from judge_number("first", answers, made.differs, HALVE)
    yield from _judge_digits("branch", answers, branched(made), BRANCH)
    yield from judge_number("shared", answers, made.step - 1, COUNT)


def branched(made: Plan) -> tuple[Row, ...]:
    """The group's own branch."""
    whole = whole_story(FIRST_STORY)
    late = StoryInput(step=made.step, late_ms=made.minutes * MINUTE_MS)
    return replay(FIRST_STORY, made.seed, (*whole[: made.step - 1], late, *whole[made.step :]))


def _deciding(rows: Sequence[Row]) -> tuple[int, ...]:
    """Places at which the newest block changes."""
    return tuple(row.place for before, row in pairwise(rows) if row.block != before.block)


def _judge_digits(name: str, answers: Mapping[str, str], rows: Sequence[Row], advice: Words) -> Iterator[Words]:
    given = "".join(sign for sign in answers[name] if sign.isdecimal())
    yield from judge_text(name, answers, given.isascii() and given == rows[-1].digits.replace(" ", ""), filled(advice))


EXERCISE = Exercise(
    number=9,
    name="seed",
    title=Words("Same seed, same hash", "同一种子，同一哈希"),
    goal=Words(
        "Everybody types a seed and comes to the same blocks; find the step at which a neighbour did something else, and branch.",
        "每个人输入种子，得到同样的区块；找出邻组从哪一步开始不同，并自己做一个分支。",
    ),
    minutes=20,
    hints=(
        Words(
            "The digits of a block stand for all that happened up to it. Where they are the same, all before is the same too.",
            "一个区块的数字代表了到它为止发生的一切。数字相同，之前的也全部相同。",
        ),
        Words(
            "Do not read sixteen rows aloud: take the last one, then the middle one, then the middle of the half that is left.",
            "不必把十六行都念出来：先比最后一行，再比中间一行，再比剩下那一半的中间。",
        ),
        Words(
            "Steps without a block show the digits of the one before: the clock, an envelope sent twice, what the door refuses.",
            "不产生区块的步骤显示前一个区块的数字：时钟、重复发送的信封、在门口被拒绝的。",
        ),
        Words(
            "For the branch: your seed, step and minutes as in seed.txt, to the end. It shares every step before the late one.",
            "做分支：填种子，推迟的步数和分钟数按 seed.txt，执行到底。它与原来的过程在推迟那一步之前都相同。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
