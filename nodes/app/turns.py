"""Readers take turns, so that what nodes tell each other never waits behind a crowd of them.

The event loop does in one pass whatever came; a hundred requests that came together would hold up a vote by all their
work. So only a few requests of readers begin in each pass, in the order in which they came, and the others wait.
"""

import asyncio
from collections import deque

EACH = 2
"""Requests that begin in one pass: a page takes some milliseconds, most take less than one."""


class Turns:
    """The turns of one node's readers."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = EACH
        self._is_turning = False

    async def take(self) -> None:
        """Returns when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        if not self._is_turning:
            self._is_turning = True
            loop.call_soon(self._turn, loop)
        if self._left:
            self._left -= 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_turning = self._left < EACH
        self._left = EACH
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():  # else its caller went away
                turn.set_result(None)
                self._left -= 1
        if self._is_turning:
            loop.call_soon(self._turn, loop)
