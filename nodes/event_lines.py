"""Lines on standard error for the operator of a process: one JSON object an event, or plain text for a terminal.

A line names time, level, event and fields that were chosen one by one. It never holds a body, a header, a query or the
message of an unforeseen exception, since any of them may carry a token, a sealed value's opening or a key; of such an
exception it names the type and the lines of code. Past `LINES_A_SECOND_MAX` lines are left out and counted, so that
no caller fills a disk from outside.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import IO, Literal, TypeAlias

from ledger.errors import JsonValue

LOGGER = logging.getLogger("tallystick")
"""Takes each event with `extra={"fields": …}`."""
LINES_A_SECOND_MAX = 200
FOREIGN_CHARACTERS_MAX = 200
Form: TypeAlias = Literal["json", "text"]
LineLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


def start_lines(form: Form, level: LineLevel, stream: IO[str] | None = None) -> None:
    """Sends the events of this process, and those of its libraries from warnings on, to standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    handler.addFilter(LinesLimit())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # it warns of each malformed request
    LOGGER.setLevel(level.upper())


class JsonLines(logging.Formatter):
    """`{"time", "level", "event", …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(_line(record), ensure_ascii=False, separators=(",", ":"))


class TextLines(logging.Formatter):
    """`12:34:56.789 warning link-down peer=south.validator`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = _line(record)
        head = f"{str(line.pop('time'))[11:23]} {line.pop('level'):7} {line.pop('event')}"
        return " ".join([head, *(f"{name}={value}" for name, value in line.items())])


class LinesLimit(logging.Filter):
    """At most `LINES_A_SECOND_MAX` lines a second; says afterwards how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._second = self._count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        second = int(record.created)
        left_out = self._count - LINES_A_SECOND_MAX
        if second != self._second:
            self._second, self._count = second, 0
            if left_out > 0:
                record.left_out = left_out
        self._count += 1
        return self._count <= LINES_A_SECOND_MAX


def _line(record: logging.LogRecord) -> dict[str, JsonValue]:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line: dict[str, JsonValue] = {"time": time, "level": record.levelname.lower(), "event": record.getMessage()}
    if record.name != LOGGER.name:  # a library may print what it was given: the first line of its own words is enough
        words = str(record.msg).partition("\n")[0][:FOREIGN_CHARACTERS_MAX]
        line |= {"event": "library", "logger": record.name, "message": words}
    line |= getattr(record, "fields", {})
    if record.exc_info is not None and record.exc_info[1] is not None:
        line |= _of_error(record.exc_info[1])
    if hasattr(record, "left_out"):
        line["lines_left_out"] = record.left_out
    return line


def _of_error(error: BaseException) -> dict[str, JsonValue]:
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
