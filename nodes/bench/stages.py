"""Where a node's processor time goes: functions are wrapped from outside, each thread counts for the stage it is in.

A wrapped function that calls another wrapped one hands the clock over and takes it back, so every nanosecond belongs to
one stage. What no stage claims is `rest`: total less the stages.
"""

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

STAGES = ("verify", "execute", "state", "store", "network")
"""Signatures · contracts · the Merkle map and the tree of blocks · rows and SQLite · sockets, HTTP and messages."""
REST = "rest"
"""Reading and admitting transactions, the mempool, consensus, building blocks; and the interpreter itself."""


class StageClocks:
    """Nanoseconds of processor time by stage, over all threads."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._threads: list[dict[str, int]] = []

    def wrap(self, owner: object, name: str, stage: str) -> None:
        """Makes the time inside of `owner.name` count for the stage."""
        setattr(owner, name, self._timed(getattr(owner, name), stage))

    def nanoseconds(self) -> dict[str, int]:
        """Of each stage so far; without the calls that are under way."""
        return {stage: sum(totals.get(stage, 0) for totals in self._threads) for stage in STAGES}

    def _timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        local, clock = self._local, time.thread_time_ns

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            try:
                totals, outer = local.totals, local.stage
            except AttributeError:
                totals, outer = self._begin_thread(), REST
            now = clock()
            totals[outer] = totals.get(outer, 0) + now - local.since
            local.stage, local.since = stage, now
            try:
                return function(*arguments, **named)
            finally:
                now = clock()
                totals[stage] = totals.get(stage, 0) + now - local.since
                local.stage, local.since = outer, now

        return timed

    def _begin_thread(self) -> dict[str, int]:
        local = self._local
        local.totals, local.stage, local.since = {}, REST, time.thread_time_ns()
        self._threads.append(local.totals)
        return local.totals  # type: ignore[no-any-return]
