"""The queue of a simulated world and its virtual time. Several simulations can live on one."""

import heapq
from collections.abc import Callable


class Scheduler:
    """Calls in order of virtual time; those of one instant in the order in which they were scheduled."""

    def __init__(self) -> None:
        self.time_ms = 0
        """Virtual time since the start."""
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._entries = 0

    def after(self, delay_ms: int, call: Callable[[], None]) -> int:
        """Schedules a call in virtual time; returns the number of the queue entry."""
        self._entries += 1
        heapq.heappush(self._queue, (self.time_ms + delay_ms, self._entries, call))
        return self._entries

    def step(self) -> None:
        """Makes the next call."""
        self.time_ms, _, call = heapq.heappop(self._queue)
        call()

    def run_until(self, is_reached: Callable[[], bool], limit_ms: int) -> bool:
        """Makes calls until the condition holds; False if the virtual time limit comes first."""
        deadline = self.time_ms + limit_ms
        while not is_reached():
            if not self._queue or self._queue[0][0] > deadline:
                self.time_ms = deadline
                return False
            self.step()
        return True
