"""A number that rises and that tasks wait for. It bridges the node's callbacks and the requests that wait for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

GRACE_S = 0.2
"""How long work may take to end by itself once a signal is closed."""


class Signal:
    """A rising number that tasks wait on: the published height, the newest log record."""

    def __init__(self, value: int = 0) -> None:
        self.value = value
        self.is_closed = False
        """True once the node stops: waits end at once and streams with them."""
        self._waiting: set[asyncio.Future[None]] = set()
        self._limits: set[asyncio.Timeout] = set()

    def set(self, value: int) -> None:
        """Raises the number and wakes all who wait for more than the old one."""
        self.value = max(self.value, value)
        self._wake()

    def close(self) -> None:
        """Ends every wait, now and later. Call it before the HTTP server is told to stop."""
        self.is_closed = True
        self._wake()
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time() + GRACE_S)

    async def wait_above(self, value: int, seconds: float) -> bool:
        """Waits until the number exceeds `value`; False when the time is up or the signal is closed."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.value <= value and not self.is_closed:
            rest = deadline - asyncio.get_running_loop().time()
            if rest <= 0:
                return False
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait((future,), timeout=rest)
            finally:
                self._waiting.discard(future)
        return self.value > value

    @asynccontextmanager
    async def while_open(self) -> AsyncIterator[None]:
        """Cuts off what stands inside, without an error, if it has not ended by itself soon after the signal is closed."""
        try:
            async with asyncio.timeout(None) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            return

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
