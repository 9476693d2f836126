"""One log of the whole lab: what its nodes write into their log files, read as these grow, in order of time.

A node's records carry the time of its clock, which a lab moves by days. Each run of a node, and each move of its clock,
is a record `clock` that says how far it is ahead of the host's clock; less that, the times of all nodes are comparable.
"""

import json
import threading
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from ledger.encoding import encode_unchecked
from nodes.node.clock import wall_ms

RECORDS_MAX = 50_000
"""How many of the newest are kept."""
BYTES_MAX = 2_000_000
"""Read of one file at a time."""
HELD_BACK_MS = 200
"""The newest are not given yet: another node may still write one of an earlier time."""
FRESH_MS = 250
"""How long one look at the files is reused."""


class LogFile:
    """The log file of one node."""

    def __init__(self, member: str, path: Path) -> None:
        self.member = member
        self._path = path
        self.begin()

    def begin(self) -> None:
        """As if nothing had been read."""
        self.waiting: deque[tuple[int, dict[str, Any]]] = deque()
        """Read and not given yet, each with its time by the host's clock."""
        self.is_behind = False
        """Whether there is more in the file than was read at once."""
        self._place = self._ahead_ms = 0

    def read(self) -> None:
        """Takes whole lines that are new."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._place:  # the file was begun again
                    self.begin()
                file.seek(self._place)
                data = file.read(BYTES_MAX)
        except OSError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._place += len(whole)
        self.is_behind = len(data) == BYTES_MAX
        for line in whole.splitlines():
            record = json.loads(line)
            self._ahead_ms = record.get("offset_ms", self._ahead_ms) if record["kind"] == "clock" else self._ahead_ms
            self.waiting.append((record["time"] - self._ahead_ms, record))


class Feed:
    """The newest records of all nodes as lines of JSON, each with its node, its index and a time by one clock."""

    def __init__(self, logs: Mapping[str, Path], secret: Container[str] = ()) -> None:
        """`logs`: the log file of each node. `secret`: traitors that the class is to find out: what they confess is left out."""
        self._secret = secret
        self._sources = [LogFile(member, path) for member, path in logs.items()]
        self._lock = threading.Lock()
        """Held while files are read."""
        self._changing = threading.Lock()
        """Held for moments, where what is kept and how many there were must agree."""
        self.begin(0)

    def begin(self, generation: int) -> None:
        """The logs of another branch of the ledger: the first index is 1 again."""
        with self._changing:
            self.generation = generation
            self._lines: deque[bytes] = deque(maxlen=RECORDS_MAX)
            self._given = 0
            """Index of the newest line."""
        self._time = self._read_ms = 0
        for source in self._sources:
            source.begin()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is read meanwhile, and no file is open."""
        with self._lock:
            yield

    @property
    def is_fresh(self) -> bool:
        """Whether what is held need not be read again yet."""
        return wall_ms() - self._read_ms < FRESH_MS and not any(source.is_behind for source in self._sources)

    def read(self) -> None:
        """Reads what the nodes have written since; returns at once while another caller does, or while it is paused."""
        if self.is_fresh or not self._lock.acquire(blocking=False):
            return
        try:
            self._read_ms = wall_ms()
            for source in self._sources:
                source.read()
            self._give(self._read_ms - HELD_BACK_MS)
        finally:
            self._lock.release()

    def page(self, after: int, limit: int) -> bytes:
        """The answer with at most `limit` kept records of an index above `after`, which counts from the end if it is negative."""
        with self._changing:
            generation, first = self.generation, self._given - len(self._lines)
            after = max(self._given + after, 0) if after < 0 else after
            skipped = max(after - first, 0)
            page = list(islice(self._lines, skipped, skipped + limit))
        newest = max(after, first) + len(page) if page else after
        return b'{"generation":%d,"next":%d,"records":[%s]}' % (generation, newest, b",".join(page))

    def span(self, from_ms: int, to_ms: int) -> tuple[int, int] | None:
        """Indices of the first and the last kept record between two times of the host's clock; None if there is none."""
        with self._changing:
            given, lines = self._given, list(self._lines)
        first = bisect_left(lines, from_ms, key=_time_of)
        last = bisect_right(lines, to_ms, lo=first, key=_time_of)
        before = given - len(lines)
        return (before + first + 1, before + last) if first < last else None

    def _give(self, until_ms: int) -> None:
        for source in self._sources:
            if source.is_behind and source.waiting:
                until_ms = min(until_ms, source.waiting[-1][0])
        while True:
            ready = [s for s in self._sources if s.waiting and s.waiting[0][0] <= until_ms]
            if not ready:
                return
            source = min(ready, key=lambda s: s.waiting[0][0])
            time_ms, record = source.waiting.popleft()
            if record["kind"] == "betrayal" and source.member in self._secret:
                continue
            self._time = max(self._time, time_ms)
            line = encode_unchecked({**record, "node": source.member, "time": self._time, "index": self._given + 1})
            with self._changing:
                self._lines.append(line)
                self._given += 1


def _time_of(line: bytes) -> int:
    time_ms: int = json.loads(line)["time"]
    return time_ms
