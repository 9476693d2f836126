"""`tallystick lab replay`: the same seed gives the same blocks; checkpoints that restore, step back and branch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from ledger.errors import OperatorError
from nodes.commands.command_parts import AsJson, show_json
from scenarios.language_option import Lang, parse_language
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.replay import SEED_MAX, Input, Inputs, StoryInput, find_story, whole_story
from scenarios.running.replay_desk import row_json
from scenarios.running.replay_file import (
    MAIN,
    CheckpointFile,
    Course,
    add_branch,
    begin_file,
    course,
    cut,
    read_checkpoint,
    write_checkpoint,
)
from scenarios.story.story import Language, Words

STEP, HAPPENS, HEIGHT, DIGITS = (
    Words("step", "步"),
    Words("what happens", "发生了什么"),
    Words("height", "高度"),
    Words("block", "区块"),
)
SAME = Words("Played again: every block is the one of the file.", "重新执行完毕：每个区块都与文件一致。")
SAVED = Words("Saved: {path}", "已保存：{path}")
SHARED = Words(
    "{name} and {origin} share {after} steps; the first block that differs comes with step {step}.",
    "{name} 与 {origin} 前 {after} 步相同；第一个不同的区块出现在第 {step} 步。",
)
NO_DIFFERENCE = Words("{name} and {origin} have the same blocks.", "{name} 与 {origin} 的区块相同。")


def replay(
    seed: Annotated[int | None, typer.Option(min=0, max=SEED_MAX, help="The seed that decides everything.")] = None,
    scenario: Annotated[str, typer.Option(help="The story; any of `tallystick scenarios` too.")] = FIRST_STORY.name,
    to: Annotated[int | None, typer.Option(min=0, help="Play to this step; with --save, step back to it.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Play what this file says, and compare every block with it.")] = None,
    on: Annotated[str, typer.Option("--on", help="Which branch of the file.")] = MAIN,
    branch: Annotated[str | None, typer.Option(help="Name of a new branch, which is added to the file.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="The branch shares so many steps with the one it comes from.")] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help='JSON: {"step": 7, "late_ms": 60000} or {"submit": {…}}; repeatable.')
    ] = None,
    go_on: Annotated[bool, typer.Option("--go-on", help="After these inputs the branch goes on with the story.")] = False,
    save: Annotated[Path | None, typer.Option(help="Write a checkpoint: seed, inputs, clock and blocks.")] = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Play a seed step by step: every laptop comes to the same blocks, and each block has six digits to read aloud.

    tallystick lab replay --seed 42 --save mine.json

    tallystick lab replay --checkpoint mine.json --to 6

    tallystick lab replay --checkpoint mine.json --branch late --after 6 --input '{"step": 7, "late_ms": 60000}' --go-on
    """
    spoken = parse_language(language)
    if (seed is None) == (checkpoint is None):
        raise OperatorError("wrong-use", "Give a --seed, or a --checkpoint that says which.")
    if branch is not None and (checkpoint is None or after is None):
        raise OperatorError("wrong-use", "A --branch goes with --checkpoint and --after.")
    if branch is None and (inputs or go_on or after is not None):
        raise OperatorError("wrong-use", "--after, --input and --go-on go with a new --branch.")
    file = read_checkpoint(checkpoint) if checkpoint is not None else begin_file(find_story(scenario), seed or 0, to)
    if branch is not None and after is not None:
        given = (*parse_inputs(inputs or ()), *(_rest(file, on, after, len(inputs or ())) if go_on else ()))
        file = add_branch(file, branch, origin=on, after=after, inputs=given)
        save = save or checkpoint
    played = course(file, branch or on)
    shown = Course(played.name, played.inputs[:to], played.rows[:to])
    if as_json:
        rows = [row_json(row, spoken) for row in shown.rows]
        show_json({"scenario": file.scenario, "seed": file.seed, "branch": shown.name, "rows": list(rows)})
    else:
        _show(shown, spoken, course(file, on) if branch else None)
        if branch is not None and after is not None:
            typer.echo(_compared(played, course(file, on), after, spoken))
        elif checkpoint is not None:
            typer.echo(SAME.said(spoken))
    if save is not None:
        write_checkpoint(save, file if to is None or checkpoint is None or branch else cut(file, on, to))
        if not as_json:
            typer.echo(SAVED.said(spoken).format(path=save))


def parse_inputs(texts: Sequence[str]) -> tuple[Input, ...]:
    """Raises typer.BadParameter for what is no input."""
    try:
        return Inputs.model_validate_json(f'{{"inputs": [{",".join(texts)}]}}').inputs
    except ValidationError as error:
        said = error.errors()[0]
        place = ".".join(str(part) for part in said["loc"][1:])
        raise typer.BadParameter(f"{place}: {said['msg']}", param_hint="--input") from error


def _rest(file: CheckpointFile, on: str, after: int, given: int) -> tuple[Input, ...]:
    """The story's steps after those that the branch has told or replaced."""
    told = [one.step for one in course(file, on).inputs[:after] if isinstance(one, StoryInput)]
    return whole_story(find_story(file.scenario))[max(told, default=0) + given :]


def _show(played: Course, language: Language, other: Course | None) -> None:
    names = (STEP, HAPPENS, HEIGHT, DIGITS)
    table = Table(box=None, pad_edge=False)
    for place, words in enumerate(names):
        table.add_column(words.said(language), justify="left" if place == 1 else "right", no_wrap=place != 1, overflow="fold")
    if other is not None:
        table.add_column(other.name, justify="right", no_wrap=True)
    for row in played.rows:
        cells = [str(row.place), row.words.said(language), str(row.height), row.digits]
        if other is not None:
            cells.append(other.rows[row.place - 1].digits if row.place <= len(other.rows) else "–")
        table.add_row(*cells)
    Console(highlight=False).print(table)


def _compared(played: Course, other: Course, after: int, language: Language) -> str:
    pairs = zip(played.rows, other.rows, strict=False)
    first = next((one.place for one, two in pairs if one.block != two.block), None)
    if first is None:
        return NO_DIFFERENCE.said(language).format(name=played.name, origin=other.name)
    return SHARED.said(language).format(name=played.name, origin=other.name, after=after, step=first)
