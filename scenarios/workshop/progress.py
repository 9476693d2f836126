"""How far a group is: which exercise it does now, by which seed, and which are done. Two files of the network's directory."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from ledger.codec import first_fault
from ledger.contract.refusal import Phrase
from ledger.encoding import encode
from ledger.errors import ConflictError, JsonValue, OperatorError
from nodes.key_files import write_durable
from nodes.words import Language
from scenarios.workshop.exercise import Exercise

EXERCISE_FILE = "exercise.json"
PROGRESS_FILE = "progress.json"
PROGRESS_FORMAT = "tallystick-progress-1"
T = TypeVar("T")


def _phrase(kept: Any) -> Any:
    """Earlier releases kept the English alone."""
    return Phrase(kept, kept) if isinstance(kept, str) else kept


@dataclass(frozen=True, slots=True)
class Begun:
    """The exercise that the ledger was last prepared for."""

    number: int
    name: str
    seed: int
    started_ms: int
    generation: int
    """Of the lab at that time: a higher one says that the ledger went back since."""
    files: tuple[str, ...] = ()
    """Names in the folder of files that the start laid out."""
    task: Mapping[str, str] = field(default_factory=dict)
    """What the file of the task says, by language; a page may change its language after the start."""
    format: str = "tallystick-exercise-1"


@dataclass(frozen=True, slots=True)
class Row:
    """What a group did about one exercise."""

    starts: int = 0
    started_ms: int = 0
    """Last start."""
    tries: int = 0
    """Checks, until it was done."""
    done_ms: int | None = None
    """First time that nothing was missing."""
    missing: tuple[Annotated[Phrase, BeforeValidator(_phrase)], ...] = field(default=())
    """By the newest check."""
    checked_ms: int | None = None
    """Newest check since the last start."""

    def to_json(self) -> JsonValue:
        """All fields."""
        return {**asdict(self), "missing": [{"en": phrase.en, "zh": phrase.zh} for phrase in self.missing]}


@dataclass(frozen=True, slots=True)
class Progress:
    """A file of rows by number."""

    format: Literal["tallystick-progress-1"]
    exercises: Mapping[str, Row]


BEGUN, PROGRESS = TypeAdapter(Begun), TypeAdapter(Progress)


def read_begun(directory: Path) -> Begun | None:
    """None where no exercise was begun; raises OperatorError `bad-file`."""
    return _read(directory / EXERCISE_FILE, BEGUN)


def find_begun(directory: Path, exercise: Exercise) -> Begun:
    """The start of this very exercise; raises ConflictError `exercise-not-started`."""
    begun = read_begun(directory)
    if begun is None or begun.number != exercise.number:  # check: exercise-started
        now = "" if begun is None else f" Lab {begun.number} is under way; starting another takes the ledger back."
        start = f"`tallystick lab start {exercise.number} --dir {directory}`"
        message = f"Lab {exercise.number} was not started here: {start}, or Start on the page."
        raise ConflictError("exercise-not-started", message + now)
    return begun


def write_begun(directory: Path, begun: Begun) -> None:
    """Remembers what was begun, and counts it."""
    write_durable(directory / EXERCISE_FILE, encode({**asdict(begun), "files": list(begun.files), "task": dict(begun.task)}))
    row = read_progress(directory).get(begun.number, Row())
    _write_row(
        directory, begun.number, replace(row, starts=row.starts + 1, started_ms=begun.started_ms, missing=(), checked_ms=None)
    )


def forget_begun(directory: Path) -> None:
    """No exercise is under way; what was done stays."""
    (directory / EXERCISE_FILE).unlink(missing_ok=True)


def count_check(directory: Path, number: int, time_ms: int, missing: tuple[Phrase, ...]) -> None:
    """Remembers what a check came to."""
    row = read_progress(directory).get(number, Row())
    if row.done_ms is None:
        row = replace(row, tries=row.tries + 1, done_ms=None if missing else time_ms)
    _write_row(directory, number, replace(row, missing=missing, checked_ms=time_ms))


def read_progress(directory: Path) -> dict[int, Row]:
    """By number, without exercises that were never begun; raises OperatorError `bad-file`."""
    progress = _read(directory / PROGRESS_FILE, PROGRESS)
    return {} if progress is None else {int(number): row for number, row in progress.exercises.items()}


def told(exercises: Iterable[Exercise], directory: Path, language: Language) -> list[dict[str, JsonValue]]:
    """A row for each: what it is, and what was done of it here."""
    begun, progress = read_begun(directory), read_progress(directory)
    return [
        {
            "number": exercise.number,
            "name": exercise.name,
            "title": exercise.words.title.text(language),
            "goal": exercise.words.goal.text(language),
            "minutes": exercise.words.minutes,
            "done": (row := progress.get(exercise.number, Row())).done_ms is not None,
            "started": begun is not None and begun.number == exercise.number,
            "tries": row.tries,
            "started_ms": row.started_ms,
            "checked_ms": row.checked_ms,
            "missing": [phrase.text(language) for phrase in row.missing],
        }
        for exercise in exercises
    ]


def _write_row(directory: Path, number: int, row: Row) -> None:
    rows = {**read_progress(directory), number: row}
    written: dict[str, JsonValue] = {str(key): value.to_json() for key, value in rows.items()}
    write_durable(directory / PROGRESS_FILE, encode({"format": PROGRESS_FORMAT, "exercises": written}))


def _read(path: Path, form: TypeAdapter[T]) -> T | None:
    try:
        return form.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        reason = first_fault(error) if isinstance(error, ValidationError) else error
        raise OperatorError("bad-file", f"{path} cannot be read: {reason} Remove it to begin again.") from error
