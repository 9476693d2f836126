"""How often somebody may try a code of the room: a few times a minute from one machine, and a limit for all together.

Whoever tries codes bars only himself, and nobody else from joining; a code has a million values.
"""

from collections import deque

WRONG_CODES_MAX, WRONG_CODES_SECONDS = 10, 60
"""From one machine, in so long."""
ROOM_CODES_MAX = 200
"""From all together: thirty people mistype, and a script with many addresses is slow."""


class WrongCodes:
    """Those of the last while."""

    def __init__(self) -> None:
        self._tried: deque[tuple[float, str]] = deque()
        """When, and from which address; the oldest first."""

    def is_barred(self, address: str, now: float) -> bool:
        """Whether this machine has to wait, or the whole room."""
        while self._tried and now - self._tried[0][0] >= WRONG_CODES_SECONDS:
            self._tried.popleft()
        own = sum(tried == address for _, tried in self._tried)
        return own >= WRONG_CODES_MAX or len(self._tried) >= ROOM_CODES_MAX

    def note(self, address: str, now: float) -> None:
        """One more."""
        self._tried.append((now, address))
