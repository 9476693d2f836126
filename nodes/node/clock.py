"""UTC for block time. A lab begins at its genesis time, which may lie in the past, and sets its clock ahead from there.

The offset is on disk before it acts, so it survives a killed process.

Timers do not come from here: they run on the monotonic clock of the event loop.
"""

import re
import time
from collections.abc import Iterable
from pathlib import Path

from ledger.errors import ConflictError, MalformedError, OperatorError
from ledger.primitives import INTEGER_MAX, moment
from nodes.key_files import write_durable

NANOSECONDS_PER_MS = 1_000_000
OFFSET = re.compile(rb"-?[0-9]{1,16}")


def wall_ms() -> int:
    """The host's UTC clock: milliseconds since the epoch."""
    return time.time_ns() // NANOSECONDS_PER_MS


class Clock:
    """The host's clock plus an offset, which only grows once the lab has begun."""

    def __init__(self, offset_path: Path | None = None) -> None:
        """Without a path the clock is the host's and cannot be set."""
        self.offset_path = offset_path
        self.offset_ms = _read_offset(offset_path)

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return wall_ms() + self.offset_ms

    def set(self, time_ms: int) -> None:
        """Moves the clock forward to an instant; raises ConflictError `clock-backward`."""
        if self.offset_path is None:
            raise ConflictError("clock-fixed", "This node follows the clock of its host; only a lab's clock is set.")
        if time_ms > INTEGER_MAX:
            raise MalformedError("integer-out-of-range", "The instant lies beyond what canonical JSON can write.")
        now_ms = self.now_ms()
        if time_ms < now_ms:  # check: clock-forward-only
            message = f"A lab clock only moves forward: it shows {moment(now_ms)}, requested {moment(time_ms)}."
            raise ConflictError("clock-backward", message)
        offset_ms = self.offset_ms + time_ms - now_ms
        write_durable(self.offset_path, str(offset_ms).encode())
        self.offset_ms = offset_ms


def begin_clocks(offset_paths: Iterable[Path], time_ms: int) -> None:
    """Lets the clocks of a new lab's nodes show this instant now, all of them the same."""
    offset_ms = time_ms - wall_ms()
    for path in offset_paths:
        write_durable(path, str(offset_ms).encode())


def _read_offset(path: Path | None) -> int:
    if path is None or not path.exists():
        return 0
    text = path.read_bytes()
    if not OFFSET.fullmatch(text):  # check: clock-offset
        raise OperatorError("bad-clock-file", f"{path} should hold the lab clock's offset in milliseconds.")
    return int(text)
