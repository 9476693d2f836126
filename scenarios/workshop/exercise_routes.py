"""The exercises over HTTP, a part of the lab's extension: list, start, check. The commands and the page ask here alike.

GET  /exercises               every exercise, with done and started, and what its newest check said
GET  /exercises/N             its handout (as text, and as parts of a page), hints, questions, and the files that it laid out
GET  /exercises/N/files/NAME  one of these files
POST /exercises/N/start       {"seed"?}: takes the ledger back and makes the start state; a job
POST /exercises/N/check       {"answers": {name or number: text}}: {"done", "missing": [sentence], "learned": [sentence]}
GET  /progress                what was done, for the record
POST /seal                    {"bidder", "price_cents"}: an offer with a fresh salt, and the digest for the ledger
"""

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from ledger.contract.records import MemberId, Positive
from ledger.contract.refusal import Phrase
from ledger.contract.sealed import seal
from ledger.encoding import encode_unchecked
from ledger.errors import InputError, JsonValue, NotFoundError, TallystickError
from nodes.http.answers import answer, meanings
from nodes.lab.lab import FILES, Lab
from nodes.lab.routes import ACCEPTED, LabOrder, ThisLab, ThisLanguage
from nodes.node.clock import wall_ms
from nodes.words import Language
from scenarios.workshop.exercise import COMMON, Exercise
from scenarios.workshop.handout import parts_of
from scenarios.workshop.labs.catalogue import exercises, find_exercise, handout, hints
from scenarios.workshop.progress import (
    Begun,
    count_check,
    find_begun,
    forget_begun,
    read_begun,
    read_progress,
    told,
    write_begun,
)
from scenarios.workshop.room import Room

SEED_MAX = 999_999
"""Short enough to be typed and said."""
SHOWN_BYTES_MAX = 6_000
"""A file up to this size is shown on the page; a larger one is downloaded."""
STARTING = threading.Lock()
"""Held by a start: another one at the same time comes after it, and takes back what was laid out."""
router = APIRouter()


class StartOrder(LabOrder):
    """What a start may fix."""

    seed: Annotated[int, Field(ge=1, le=SEED_MAX)] | None = None


class CheckOrder(LabOrder):
    """The participant's answers, by name or by number of the question."""

    body_bytes_max: ClassVar = 100_000
    answers: dict[str, Annotated[str, Field(max_length=10_000)]] = {}


class SealOrder(LabOrder):
    """What a bid hides."""

    bidder: MemberId
    """Without a name nobody could ever open it."""
    price_cents: Positive


@router.get("/exercises")
def get_exercises(lab: ThisLab, language: ThisLanguage) -> Response:
    """Every lab in a row, with what was done of it."""
    rows: list[JsonValue] = [*told(exercises().values(), lab.network.directory, language)]
    return Response(encode_unchecked(rows), media_type="application/json")


@router.get("/exercises/{number}")
def get_exercise(lab: ThisLab, language: ThisLanguage, number: int) -> Response:
    """One lab in full."""
    exercise, directory = find_exercise(number), lab.network.directory
    begun, (row,) = read_begun(directory), told([exercise], directory, language)
    if begun is not None and begun.number != number:
        begun = None
    questions: list[JsonValue] = [
        {"number": number, "name": name, "words": question.text(language), "example": question.example}
        for number, (name, question) in enumerate(exercise.words.questions.items(), 1)
    ]
    text = handout(exercise, language, directory)
    return answer(
        {
            **row,
            "handout": text,
            "parts": parts_of(text),
            "hints": [*hints(exercise, language, directory)],
            "questions": questions,
            "seed": None if begun is None else begun.seed,
            "files": [_shown(name, _data(directory, name, begun, language)) for name in begun.files] if begun is not None else [],
            "learned": _learned(exercise, language) if row["done"] else [],
        }
    )


@router.get("/exercises/{number}/files/{name}")
def get_file(lab: ThisLab, language: ThisLanguage, number: int, name: str) -> Response:
    """Only what the start laid out; raises NotFoundError `unknown-file`."""
    begun = find_begun(lab.network.directory, find_exercise(number))
    directory = lab.network.directory
    if name not in begun.files or not (directory / FILES / name).is_file():  # check: exercise-file
        raise NotFoundError("unknown-file", f"Lab {number} laid out no file {name[:200]!r}.")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(_data(directory, name, begun, language), headers=headers, media_type="application/octet-stream")


@router.post("/exercises/{number}/start")
async def start(
    lab: ThisLab, language: ThisLanguage, number: int, order: Annotated[StartOrder, Depends(StartOrder.read)]
) -> Response:
    """Takes the ledger back and makes the start state."""
    exercise, seed = find_exercise(number), order.seed or 1 + secrets.randbelow(SEED_MAX)
    job = lab.jobs.beside("exercise", lambda: _begin(lab, exercise, seed, language))
    return answer({"job": job.to_json(), "seed": seed}, ACCEPTED)


@router.post("/exercises/{number}/check")
def check(lab: ThisLab, language: ThisLanguage, number: int, order: Annotated[CheckOrder, Depends(CheckOrder.read)]) -> Response:
    """What is not done yet; counts the try."""
    exercise, directory = find_exercise(number), lab.network.directory
    begun = find_begun(directory, exercise)
    missing = _missing(Room(directory, begun.seed), exercise, order.answers)
    if missing and lab.generation > begun.generation:
        missing.insert(0, COMMON["went-back"])
    count_check(directory, number, wall_ms(), tuple(missing))
    said: list[JsonValue] = [phrase.text(language) for phrase in missing]
    return answer({"done": not missing, "missing": said, "learned": [] if missing else _learned(exercise, language)})


@router.get("/progress")
def get_progress(lab: ThisLab) -> Response:
    """What was done, by number of the lab."""
    begun = read_begun(lab.network.directory)
    rows: dict[str, JsonValue] = {str(n): row.to_json() for n, row in read_progress(lab.network.directory).items()}
    return answer({"now": None if begun is None else begun.number, "exercises": rows})


@router.post("/seal")
def seal_offer(order: Annotated[SealOrder, Depends(SealOrder.read)]) -> Response:
    """An offer under a fresh salt; no node is asked."""
    sealed, opening = seal({"bidder": order.bidder, "price_cents": order.price_cents}, secrets.token_hex(16))
    return answer({"sealed": sealed.sealed, "opening": opening.to_json()})


def status(lab: Lab) -> dict[str, JsonValue]:
    """For `GET /network`: the number of the exercise that is under way."""
    begun = read_begun(lab.network.directory)
    return {"exercise": None if begun is None else begun.number}


def _begin(lab: Lab, exercise: Exercise, seed: int, language: Language) -> None:
    with STARTING:
        directory = lab.network.directory
        forget_begun(directory)
        room = Room(directory, seed)
        room.control.order("/reset")
        generation = lab.generation  # if the ledger is taken back meanwhile, the check says so
        before = _stamps(room)
        task = exercise.start(room, language)
        files = tuple(sorted(name for name, stamp in _stamps(room).items() if before.get(name) != stamp))
        write_begun(directory, Begun(exercise.number, exercise.name, seed, wall_ms(), generation, files, task))


def _missing(room: Room, exercise: Exercise, answers: Mapping[str, str]) -> list[Phrase]:
    names = {str(number): name for number, name in enumerate(exercise.words.questions, 1)}
    given = {names.get(name, name): text for name, text in answers.items()}
    unknown = sorted(given.keys() - exercise.words.questions.keys())
    if unknown:  # check: answer-known
        asked = ", ".join(f"{number} ({name})" for number, name in names.items()) or "nothing"
        raise InputError("unknown-question", f"Lab {exercise.number} asks {asked}, not {unknown[0]!r:.80}.")
    try:
        return exercise.not_done(room, given)
    except TallystickError as error:
        message = {"en": error.message, "zh": meanings().get(error.code, {"zh": error.message})["zh"]}
        sentence = COMMON["try-again"]
        return [Phrase(sentence.text("en", message=message["en"]), sentence.text("zh", message=message["zh"]))]


def _learned(exercise: Exercise, language: Language) -> list[JsonValue]:
    return [phrase.text(language) for phrase in exercise.words.learned]


def _data(directory: Path, name: str, begun: Begun, language: Language) -> bytes:
    """Of a file that the start laid out; its task in the language asked, whatever that of the start was."""
    path = directory / FILES / name
    if name == f"{begun.name}.txt" and begun.task:
        return begun.task[language].encode()
    return path.read_bytes() if path.is_file() else b""


def _shown(name: str, data: bytes) -> JsonValue:
    text = data.decode("utf-8", "replace") if len(data) <= SHOWN_BYTES_MAX else None
    return {"name": name, "bytes": len(data), "text": text}


def _stamps(room: Room) -> dict[str, int]:
    """Files of the folder of files, with the time of their last change."""
    return {path.name: path.stat().st_mtime_ns for path in room.files.iterdir() if path.is_file()}
