"""The exercises over HTTP, a part of the lab's extension: list, start, check. The commands and the page ask here alike.

GET  /exercises               every exercise, with done and started
GET  /exercises/N             its handout, hints and questions, and the files that it laid out
GET  /exercises/N/files/NAME  one of these files
POST /exercises/N/start       {"seed"?}: takes the ledger back and makes the start state; a job
POST /exercises/N/check       {"answers": {name: text}}: {"done", "missing": [sentence]}
GET  /progress                what was done, for the teacher's page
"""

import secrets
import threading
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.encoding import encode_unchecked
from ledger.errors import InputError, JsonValue, NotFoundError, TallystickError
from nodes.http.answers import answer, language_of, meanings, parse_body, read_body
from nodes.lab.lab import FILES, Extension, Lab
from nodes.node.clock import wall_ms
from scenarios.story.story import Language, Words
from scenarios.workshop.exercise import Exercise
from scenarios.workshop.labs.catalogue import EXERCISES, find_exercise, handout, hints
from scenarios.workshop.progress import (
    Begun,
    Row,
    count_check,
    find_begun,
    forget_begun,
    read_begun,
    read_progress,
    write_begun,
)
from scenarios.workshop.room import Room

BODY_BYTES_MAX = 100_000
ACCEPTED = 202
SEED_MAX = 999_999
"""Short enough to be typed and said."""
SHOWN_BYTES_MAX = 6_000
"""A file up to this size is shown on the page; a larger one is downloaded."""
TRY_AGAIN = Words("This could not be looked at: {message}", "无法查看：{message}")
WENT_BACK = Words(
    "The ledger was taken back after this lab was started. If what it began with is gone, start it again.",
    "本实验开始之后账本被退回过。如果起始状态已不在，请重新开始本实验。",
)


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class StartOrder(_Body):
    """What a start may fix."""

    seed: Annotated[int, Field(ge=1, le=SEED_MAX)] | None = None


class CheckOrder(_Body):
    """The participant's answers by name of the question."""

    answers: dict[str, Annotated[str, Field(max_length=10_000)]] = {}


class ExerciseDesk(Extension):
    """Exercises of the labs; what was begun stays begun when the ledger goes back, and the check says so."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._directory = lab.network.directory
        self._starting = threading.Lock()

    def status(self) -> dict[str, JsonValue]:
        """The number of the exercise that is under way, for whoever looks at another view."""
        begun = read_begun(self._directory)
        return {"exercise": None if begun is None else begun.number}

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.get("/exercises")
        def get_exercises(request: Request) -> Response:
            language, begun, progress = _language(request), read_begun(self._directory), read_progress(self._directory)
            rows = [_row(exercise, language, begun, progress) for exercise in EXERCISES.values()]
            return Response(encode_unchecked(list[JsonValue](rows)), media_type="application/json")

        @router.get("/exercises/{number}")
        def get_exercise(request: Request, number: int) -> Response:
            return answer(self._tell(find_exercise(number), _language(request)))

        @router.get("/exercises/{number}/files/{name}")
        def get_file(number: int, name: str) -> Response:
            return self._file(find_exercise(number), name)

        @router.post("/exercises/{number}/start")
        async def start(request: Request, number: int) -> Response:
            exercise = find_exercise(number)
            order = parse_body(StartOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            seed = order.seed or 1 + secrets.randbelow(SEED_MAX)
            job = self._lab.jobs.beside("exercise", lambda: self._begin(exercise, seed))
            return answer({"job": job.to_json(), "seed": seed}, ACCEPTED)

        @router.post("/exercises/{number}/check")
        async def check(request: Request, number: int) -> Response:
            exercise, language = find_exercise(number), _language(request)
            order = parse_body(CheckOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            missing = await run_in_threadpool(self._check, exercise, order.answers)
            return answer({"done": not missing, "missing": [words.said(language) for words in missing]})

        @router.get("/progress")
        def get_progress() -> Response:
            begun = read_begun(self._directory)
            rows: dict[str, JsonValue] = {str(n): row.to_json() for n, row in read_progress(self._directory).items()}
            return answer({"now": None if begun is None else begun.number, "exercises": rows})

        return router

    def _begin(self, exercise: Exercise, seed: int) -> None:
        with self._starting:  # who presses Start at the same time comes after, and takes back what was laid out
            forget_begun(self._directory)
            room = Room(self._directory, seed)
            room.control.order("/reset")
            generation = self._lab.generation  # who takes the ledger back meanwhile is told of by the check
            before = _stamps(room)
            exercise.begin(room)
            files = tuple(sorted(name for name, stamp in _stamps(room).items() if before.get(name) != stamp))
            write_begun(self._directory, Begun(exercise.number, exercise.name, seed, wall_ms(), generation, files))

    def _check(self, exercise: Exercise, answers: Mapping[str, str]) -> list[Words]:
        begun = find_begun(self._directory, exercise)
        missing = list(self._missing(exercise, begun, answers))
        if missing and self._lab.generation > begun.generation:
            missing.insert(0, WENT_BACK)
        count_check(self._directory, exercise.number, wall_ms(), tuple(words.en for words in missing))
        return missing

    def _missing(self, exercise: Exercise, begun: Begun, answers: Mapping[str, str]) -> list[Words]:
        given = {question.name: answers.get(question.name, "").strip() for question in exercise.questions}
        unknown = sorted(answers.keys() - given.keys())
        if unknown:  # check: answer-known
            asked = ", ".join(given) or "nothing"
            raise InputError("unknown-question", f"Lab {exercise.number} asks {asked}, not {unknown[0]!r:.80}.")
        try:
            return list(exercise.missing(Room(self._directory, begun.seed), given))
        except TallystickError as error:
            known = meanings().get(error.code, {"zh": error.message})
            return [Words(TRY_AGAIN.en.format(message=error.message), TRY_AGAIN.zh.format(message=known["zh"]))]

    def _tell(self, exercise: Exercise, language: Language) -> dict[str, JsonValue]:
        begun = read_begun(self._directory)
        row = _row(exercise, language, begun, read_progress(self._directory))
        is_begun = begun is not None and begun.number == exercise.number
        return {
            **row,
            "handout": handout(exercise, language, self._directory),
            "hints": [*hints(exercise, language, self._directory)],
            "questions": [
                {"name": question.name, "words": question.words.said(language), "example": question.example}
                for question in exercise.questions
            ],
            "seed": begun.seed if begun is not None and is_begun else None,
            "files": [self._shown(name) for name in begun.files] if begun is not None and is_begun else [],
        }

    def _shown(self, name: str) -> JsonValue:
        path = self._directory / FILES / name
        data = path.read_bytes() if path.is_file() else b""
        text = data.decode("utf-8", "replace") if len(data) <= SHOWN_BYTES_MAX else None
        return {"name": name, "bytes": len(data), "text": text}

    def _file(self, exercise: Exercise, name: str) -> Response:
        """Only what the start laid out; raises NotFoundError `unknown-file`."""
        begun = find_begun(self._directory, exercise)
        path = self._directory / FILES / name
        if name not in begun.files or not path.is_file():  # check: exercise-file
            raise NotFoundError("unknown-file", f"Lab {exercise.number} laid out no file {name[:200]!r}.")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(path.read_bytes(), headers=headers, media_type="application/octet-stream")


def _row(exercise: Exercise, language: Language, begun: Begun | None, progress: Mapping[int, Row]) -> dict[str, JsonValue]:
    row = progress.get(exercise.number, Row())
    return {
        "number": exercise.number,
        "name": exercise.name,
        "title": exercise.title.said(language),
        "goal": exercise.goal.said(language),
        "minutes": exercise.minutes,
        "done": row.done_ms is not None,
        "started": begun is not None and begun.number == exercise.number,
        "tries": row.tries,
    }


def _stamps(room: Room) -> dict[str, int]:
    """Files of the folder of files, with the time of their last change."""
    return {path.name: path.stat().st_mtime_ns for path in room.files.iterdir() if path.is_file()}


def _language(request: Request) -> Language:
    """`?lang=`, else what the browser asks for."""
    asked = request.query_params.get("lang") or language_of(request)
    return "zh" if asked == "zh" else "en"
