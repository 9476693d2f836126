"""Plays a seed for whoever has only the page, a part of the lab's extension. It touches no node.

POST /replay?lang=   {"seed": N, "to"?: STEP, "late"?: {"step": STEP, "minutes": M}}, or {"name": FILE, "branch"?}
                     → {"scenario", "seed", "branch", "rows": [{place, words, code, height, block, digits}]}
"""

import re
from pathlib import Path
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.errors import BusyError, InputError, JsonValue, NotFoundError
from nodes.http.answers import answer, language_of, parse_body, read_body
from nodes.lab.lab import FILES, Extension, Lab
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.replay import INPUTS_MAX, LATE_MS_MAX, SEED_MAX, Row, StoryInput, replay, whole_story
from scenarios.running.replay_file import MAIN, Course, course, read_checkpoint
from scenarios.story.story import Language

BODY_BYTES_MAX = 2_000
SECONDS_MAX = 20
"""Of one play; the story of the workshop takes a tenth of a second."""
MINUTE_MS = 60_000
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Late(_Body):
    """One step of the story comes later than told."""

    step: Annotated[int, Field(ge=1, le=INPUTS_MAX)]
    minutes: Annotated[int, Field(ge=0, le=LATE_MS_MAX // MINUTE_MS)]


class ReplayOrder(_Body):
    """A seed that is played, or a checkpoint file."""

    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None
    to: Annotated[int, Field(ge=1, le=INPUTS_MAX)] | None = None
    late: Late | None = None
    name: str = ""
    branch: str = MAIN


class ReplayDesk(Extension):
    """Traces that are played beside the lab's ledger."""

    def __init__(self, lab: Lab) -> None:
        self._folder = lab.network.directory / FILES
        self._playing = Lock()

    def router(self) -> APIRouter:
        """Its path."""
        router = APIRouter()

        @router.post("/replay")
        async def post_replay(request: Request) -> Response:
            order = parse_body(ReplayOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            language: Language = "zh" if (request.query_params.get("lang") or language_of(request)) == "zh" else "en"
            played = await run_in_threadpool(self._play, order)
            about: dict[str, JsonValue] = {"scenario": FIRST_STORY.name, "seed": order.seed, "branch": played.name}
            return answer({**about, "rows": [row_json(row, language) for row in played.rows]})

        return router

    def _play(self, order: ReplayOrder) -> Course:
        """One at a time: it keeps a processor busy."""
        if (order.seed is None) == (not order.name):  # check: replay-order
            raise InputError("bad-order", "Either a seed is played, or a file by its name.")
        if not self._playing.acquire(blocking=False):  # check: replay-busy
            raise BusyError("replay-busy", "Somebody else is replaying; try again.", status=503)
        try:
            return self._file(order) if order.seed is None else play_seed(order.seed, order.to, order.late)
        finally:
            self._playing.release()

    def _file(self, order: ReplayOrder) -> Course:
        path: Path = self._folder / order.name
        if not NAME.fullmatch(order.name) or not path.is_file():  # check: replay-file
            raise NotFoundError("unknown-file", f"The folder of files holds no file {order.name[:200]!r}.")
        played = course(read_checkpoint(path), order.branch)
        return Course(played.name, played.inputs[: order.to], played.rows[: order.to])


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
    return {
        "place": row.place,
        "words": row.words.said(language),
        "code": row.code,
        "height": row.height,
        "block": row.block,
        "digits": row.digits,
    }
