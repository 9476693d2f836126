"""What was told of a story as lines of a file, so that a lab goes on where it was: after a restart, or from a checkpoint.

story.jsonl    a line a step: what came back for each call, and the envelope of one that comes once more
openings/      what the clients keep (scenarios/client_files.py)
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ledger.errors import OperatorError, TallystickError
from ledger.transaction import Transaction, parse_transaction
from scenarios.story.play import steps_of
from scenarios.story.story import Act, Outcome, PlayedStep, Scenario

STORY_FILE = "story.jsonl"


@dataclass(frozen=True, slots=True)
class Kept:
    """A step as it was told, and its envelope if it has a label."""

    played: PlayedStep
    envelope: Transaction | None
    begun_ms: int = 0
    ended_ms: int = 0
    """By the host's clock, as in the lab's log."""


def line_of(kept: Kept) -> bytes:
    """One line."""
    played = kept.played
    row = {
        "number": played.number,
        "time": played.time_ms,
        "span": [kept.begun_ms, kept.ended_ms],
        "arguments": [dict(arguments) for arguments in played.arguments],
        "outcomes": [asdict(outcome) for outcome in played.outcomes],
        "envelope": None if kept.envelope is None else kept.envelope.raw.decode(),
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def append_line(path: Path, kept: Kept) -> None:
    """Adds a step to the file."""
    with path.open("ab") as file:
        file.write(line_of(kept))


def read_lines(scenario: Scenario, path: Path) -> tuple[Kept, ...]:
    """Every step of the file; nothing where there is none. Raises OperatorError `bad-story-file`."""
    if not path.exists():
        return ()
    steps = steps_of(scenario)
    try:
        return tuple(_kept(steps, place, json.loads(line)) for place, line in enumerate(_whole_lines(path)))
    except (ValueError, KeyError, IndexError, TypeError, TallystickError) as error:
        raise OperatorError("bad-story-file", f"{path} does not hold the steps of the story {scenario.name}.") from error


def _kept(steps: Sequence[tuple[int, Any]], place: int, row: dict[str, Any]) -> Kept:
    chapter, step = steps[place]
    if row["number"] != place + 1:
        raise ValueError("a step is missing")
    outcomes = tuple(_outcome(fields) for fields in row["outcomes"])
    arguments = tuple(row["arguments"])
    if isinstance(step, Act) and outcomes and not len(outcomes) == len(arguments) == len(step.calls):
        raise ValueError("not the calls of the story")
    envelope = None if row["envelope"] is None else parse_transaction(row["envelope"].encode())
    begun_ms, ended_ms = row["span"]
    return Kept(PlayedStep(chapter, place + 1, step, row["time"], outcomes, arguments), envelope, begun_ms, ended_ms)


def _outcome(fields: dict[str, Any]) -> Outcome:
    events: Iterable[Any] = fields.pop("events")
    return Outcome(**fields, events=tuple((name, data) for name, data in events))


def _whole_lines(path: Path) -> list[bytes]:
    """Without one that was not written to its end."""
    return path.read_bytes().split(b"\n")[:-1]
