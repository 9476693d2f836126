"""Turns on the ledger of a lab: whoever acts on it in steps, copies it or takes it back does so alone, in the order of asking.

What happens to nodes and links needs no turn: faults act at once, also amid a step that waits for them to end.
"""

import threading
from types import TracebackType


class Turns:
    """A lock that nobody gets twice while somebody else waits. It is not to be taken again by who holds it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._given = 0
        """Turns that were asked for."""
        self._ended = 0

    def __enter__(self) -> None:
        with self._changed:
            mine = self._given
            self._given += 1
            self._changed.wait_for(lambda: self._ended == mine)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._changed:
            self._ended += 1
            self._changed.notify_all()
