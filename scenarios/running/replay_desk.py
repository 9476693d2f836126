"""Plays a seed step by step, on the page and as `tallystick lab replay`: every laptop comes to the same blocks. No node is asked.

POST /replay?lang=   {"seed": N, "to"?: STEP, "late"?: {"step": STEP, "minutes": M}}, or {"name": FILE, "branch"?}
                     → {"scenario", "seed", "branch", "rows": [{place, words, code, height, block, digits}]}
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Annotated

import typer
from fastapi import APIRouter, Depends
from pydantic import Field, ValidationError
from rich.console import Console
from rich.table import Table
from starlette.responses import Response

from ledger.codec import StrictModel
from ledger.errors import BusyError, InputError, JsonValue, OperatorError
from nodes.commands.command_parts import AsJson, Lang, show_json
from nodes.http.answers import answer
from nodes.lab.file_routes import file_of
from nodes.lab.lab import Lab
from nodes.lab.routes import LabOrder, ThisLab, ThisLanguage
from nodes.words import Language, Words
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.replay import (
    INPUTS_MAX,
    LATE_MS_MAX,
    SEED_MAX,
    Input,
    Inputs,
    Row,
    StoryInput,
    find_story,
    replay,
    whole_story,
)
from scenarios.running.replay_file import MAIN, Course, ReplayFile

SECONDS_MAX = 20
"""Of one play for the page; the story of the workshop takes a tenth of a second."""
MINUTE_MS = 60_000
WORDS = Words.of("scenarios.running")["replay"]
PLAYING = Lock()
"""Held while the page's request is played: it keeps a processor busy."""
router = APIRouter()


class Late(StrictModel):
    """One step of the story comes later."""

    step: Annotated[int, Field(ge=1, le=INPUTS_MAX)]
    minutes: Annotated[int, Field(ge=0, le=LATE_MS_MAX // MINUTE_MS)]


class ReplayOrder(LabOrder):
    """A seed that is played, or a file of the folder of files."""

    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None
    to: Annotated[int, Field(ge=1, le=INPUTS_MAX)] | None = None
    late: Late | None = None
    name: str = ""
    branch: str = MAIN


@router.post("/replay")
def post_replay(lab: ThisLab, language: ThisLanguage, order: Annotated[ReplayOrder, Depends(ReplayOrder.read)]) -> Response:
    """Every step with its block; raises BusyError `replay-busy` while another request is played."""
    if (order.seed is None) == (not order.name):  # check: replay-order
        raise InputError("bad-order", "Either a seed is played, or a file by its name.")
    if not PLAYING.acquire(blocking=False):  # check: replay-busy
        raise BusyError("replay-busy", "Somebody else is replaying; try again.", status=503)
    try:
        played = _play_file(lab, order) if order.seed is None else play_seed(order.seed, order.to, order.late)
    finally:
        PLAYING.release()
    about: dict[str, JsonValue] = {"scenario": FIRST_STORY.name, "seed": order.seed, "branch": played.name}
    return answer({**about, "rows": [row_json(row, language) for row in played.rows]})


def _play_file(lab: Lab, order: ReplayOrder) -> Course:
    return ReplayFile.read(file_of(lab, order.name)).course(order.branch).up_to(order.to)


def play_seed(seed: int, upto: int | None, late: Late | None) -> Course:
    """The workshop's story by a seed."""
    inputs = [
        StoryInput(step=one.step, late_ms=late.minutes * MINUTE_MS)
        if late is not None and isinstance(one, StoryInput) and one.step == late.step
        else one
        for one in whole_story(FIRST_STORY)[:upto]
    ]
    return Course(MAIN, tuple(inputs), replay(FIRST_STORY, seed, inputs, SECONDS_MAX))


def row_json(row: Row, language: Language) -> dict[str, JsonValue]:
    """A row as JSON."""
    place: dict[str, JsonValue] = {"place": row.place, "words": row.words.text(language), "code": row.code}
    return {**place, "height": row.height, "block": row.block, "digits": row.digits}


def replay_command(
    seed: Annotated[int | None, typer.Option(min=0, max=SEED_MAX, help="The seed that decides everything.")] = None,
    scenario: Annotated[str, typer.Option(help="The story; any of `tallystick scenarios` too.")] = FIRST_STORY.name,
    to: Annotated[int | None, typer.Option(min=0, help="Play to this step; with --save, step back to it.")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Play what this file says, and compare every block with it.")] = None,
    on: Annotated[str, typer.Option("--on", help="Which branch of the file.")] = MAIN,
    branch: Annotated[str | None, typer.Option(help="Name of a new branch, which is added to the file.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="How many steps the branch shares with the one it comes from.")] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help='JSON: {"step": 7, "late_ms": 60000} or {"submit": {…}}; repeatable.')
    ] = None,
    go_on: Annotated[bool, typer.Option("--go-on", help="After these inputs the branch goes on with the story.")] = False,
    save: Annotated[Path | None, typer.Option(help="Write a replay file: seed, inputs, clock and blocks.")] = None,
    language: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Play a seed step by step: every laptop comes to the same blocks, and each block has six digits to read aloud.

    tallystick lab replay --seed 42 --save mine.json

    tallystick lab replay --checkpoint mine.json --to 6

    tallystick lab replay --checkpoint mine.json --branch late --after 6 --input '{"step": 7, "late_ms": 60000}' --go-on
    """
    if (seed is None) == (checkpoint is None):
        raise OperatorError("wrong-use", "Give a --seed, or a --checkpoint that says which.")
    if branch is not None and (checkpoint is None or after is None):
        raise OperatorError("wrong-use", "A --branch goes with --checkpoint and --after.")
    if branch is None and (inputs or go_on or after is not None):
        raise OperatorError("wrong-use", "--after, --input and --go-on go with a new --branch.")
    file = ReplayFile.read(checkpoint) if checkpoint is not None else ReplayFile.begin(find_story(scenario), seed or 0, to)
    if branch is not None and after is not None:
        given = (*parse_inputs(inputs or ()), *(_rest(file, on, after, len(inputs or ())) if go_on else ()))
        file = file.with_branch(branch, origin=on, after=after, inputs=given)
        save = save or checkpoint
    played = file.course(branch or on)
    shown = played.up_to(to)
    if as_json:
        rows = [row_json(row, language) for row in shown.rows]
        show_json({"scenario": file.scenario, "seed": file.seed, "branch": shown.name, "rows": list(rows)})
    else:
        _show(shown, language, file.course(on) if branch else None)
        if branch is not None and after is not None:
            typer.echo(_compared(played, file.course(on), after, language))
        elif checkpoint is not None:
            typer.echo(WORDS["same"].text(language))
    if save is not None:
        (file if to is None or checkpoint is None or branch else file.cut(on, to)).write(save)
        if not as_json:
            typer.echo(WORDS["saved"].text(language, path=save))


def parse_inputs(texts: Sequence[str]) -> tuple[Input, ...]:
    """Raises typer.BadParameter for what is no input."""
    try:
        return Inputs.model_validate_json(f'{{"inputs": [{",".join(texts)}]}}').inputs
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"][1:])
        raise typer.BadParameter(f"{place}: {fault['msg']}", param_hint="--input") from error


def _rest(file: ReplayFile, on: str, after: int, given: int) -> tuple[Input, ...]:
    """The story's steps after those that the branch has played or replaced."""
    played = [one.step for one in file.course(on).inputs[:after] if isinstance(one, StoryInput)]
    return whole_story(find_story(file.scenario))[max(played, default=0) + given :]


def _show(played: Course, language: Language, other: Course | None) -> None:
    table = Table(box=None, pad_edge=False)
    for place, name in enumerate(("step", "happens", "height", "block")):
        table.add_column(
            WORDS[name].text(language), justify="left" if place == 1 else "right", no_wrap=place != 1, overflow="fold"
        )
    if other is not None:
        table.add_column(other.name, justify="right", no_wrap=True)
    for row in played.rows:
        cells = [str(row.place), row.words.text(language), str(row.height), row.digits]
        if other is not None:
            cells.append(other.rows[row.place - 1].digits if row.place <= len(other.rows) else "–")
        table.add_row(*cells)
    Console(highlight=False).print(table)


def _compared(played: Course, other: Course, after: int, language: Language) -> str:
    pairs = zip(played.rows, other.rows, strict=False)
    first = next((one.place for one, two in pairs if one.block != two.block), None)
    names = {"name": played.name, "origin": other.name}
    return (
        WORDS["no-difference"].text(language, **names)
        if first is None
        else WORDS["shared"].text(language, **names, after=after, step=first)
    )
