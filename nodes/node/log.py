"""The trace of a node, and the rising numbers that requests wait for: of its records, and of its blocks.

In a lab every record of the trace is kept in a file; otherwise the newest stay in memory. A record is
`{"sequence", "time", "kind", …}`; the sequence rises by 1 from 1 and goes on after a restart of a lab node.
The trace is no evidence: a killed process may lose its last lines, and a full disk ends the file, not the node.
"""

import asyncio
import json
from array import array
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue

RECORDS_IN_MEMORY_MAX = 20_000
GRACE_S = 0.2
"""How long work may take to end by itself once a signal is closed."""


class Signal:
    """A rising number that tasks wait on: the published height, the newest log record."""

    def __init__(self, value: int = 0) -> None:
        self.value = value
        self.is_closed = False
        """True once the node stops: waits end at once and streams with them."""
        self._changed = asyncio.Event()
        """Set for a moment, which wakes all that wait."""
        self._limits: set[asyncio.Timeout] = set()

    def set(self, value: int) -> None:
        """Raises the number and wakes all who wait for more than the old one."""
        self.value = max(self.value, value)
        self._changed.set()
        self._changed.clear()

    def close(self) -> None:
        """Ends every wait, now and later. Call it before the HTTP server is told to stop."""
        self.is_closed = True
        self.set(self.value)
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time() + GRACE_S)

    async def wait_above(self, value: int, seconds: float) -> bool:
        """Waits until the number exceeds `value`; False when the time is up or the signal is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.value <= value and not self.is_closed:
                    await self._changed.wait()
        return self.value > value

    @asynccontextmanager
    async def while_open(self) -> AsyncIterator[None]:
        """Cuts off what stands inside, without an error, if it has not ended by itself soon after the signal is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)


class MemoryLog:
    """The newest records, as bytes."""

    def __init__(self, records_max: int = RECORDS_IN_MEMORY_MAX) -> None:
        self.changed = Signal()
        self._lines: deque[bytes] = deque(maxlen=records_max)

    def append(self, time_ms: int, kind: str, fields: Mapping[str, JsonValue]) -> None:
        """Adds a record."""
        sequence = self.changed.value + 1
        self._lines.append(_line(sequence, time_ms, kind, fields))
        self.changed.set(sequence)

    def page(self, after: int, limit: int) -> list[dict[str, JsonValue]]:
        """At most `limit` kept records with a sequence above `after`, in order."""
        skipped = max(after - (self.changed.value - len(self._lines)), 0)
        return [json.loads(line) for line in islice(self._lines, skipped, skipped + max(limit, 0))]

    def close(self) -> None:
        """Nothing is held open."""


class FileLog:
    """Every record, one a line of a file."""

    def __init__(self, path: Path) -> None:
        """Goes on behind the records of earlier runs; a line that a killed process left unfinished is cut off."""
        self._file: IO[bytes] = path.open("a+b")
        self._is_full = False
        self._ends = array("Q", [0])
        """Where the record of each sequence ends in the file."""
        self._file.seek(0)
        for line in self._file:
            if line.endswith(b"\n"):
                self._ends.append(self._ends[-1] + len(line))
        self._file.truncate(self._ends[-1])
        self.changed = Signal(len(self._ends) - 1)

    def append(self, time_ms: int, kind: str, fields: Mapping[str, JsonValue]) -> None:
        """Adds a record, unless the disk is full."""
        if self._is_full:
            return
        sequence = self.changed.value + 1
        line = _line(sequence, time_ms, kind, fields) + b"\n"
        try:
            self._file.write(line)
            self._file.flush()  # the view of the whole lab reads the file
        except OSError:
            self._is_full = True
            return
        self._ends.append(self._ends[-1] + len(line))
        self.changed.set(sequence)

    def page(self, after: int, limit: int) -> list[dict[str, JsonValue]]:
        """At most `limit` records with a sequence above `after`, in order."""
        if not 0 <= after < self.changed.value or limit < 1:
            return []
        try:
            self._file.seek(self._ends[after])
            return [json.loads(line) for line in islice(self._file, limit)]
        except OSError:
            return []

    def close(self) -> None:
        """Writes what is buffered."""
        try:
            self._file.close()
        except OSError:
            self._is_full = True


def _line(sequence: int, time_ms: int, kind: str, fields: Mapping[str, JsonValue]) -> bytes:
    return encode_unchecked({**fields, "sequence": sequence, "time": time_ms, "kind": kind})
