"""The connections of a node to the control of its lab."""

import asyncio

import aiohttp
from starlette.responses import Response
from yarl import URL

from ledger.errors import BusyError

TIMEOUT = aiohttp.ClientTimeout(total=120, connect=2)
KEPT = ("content-type", "content-disposition", "retry-after")
LAST_ANSWERS_S = 0.2
"""A node that stops waits so long for answers of the control: the one that told it to stop is on its way."""


class Forwarder:
    """Passes requests on; one for each node, in its event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False
        self._asking: set[asyncio.Task[Response]] = set()

    async def ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Response:
        """The answer of the control; the address stands as it came. Raises BusyError `no-control`."""
        if self._is_closed:  # check: forwarder-closed
            raise BusyError("no-control", "This node stops.", status=503)
        asking = asyncio.create_task(self._ask(method, url, headers, body))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            return await asking
        except (aiohttp.ClientError, OSError, RuntimeError) as error:  # the last of a session that was closed meanwhile
            raise BusyError("no-control", "The control of this lab does not answer.", status=503) from error

    async def close(self) -> None:
        """Lets short answers through, ends the others, and takes no more."""
        self._is_closed = True
        if self._asking:
            await asyncio.wait(self._asking, timeout=LAST_ANSWERS_S)
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Response:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT, auto_decompress=False)
        async with self._session.request(method, URL(url, encoded=True), data=body or None, headers=headers) as response:
            kept = {name: response.headers[name] for name in KEPT if name in response.headers}
            return Response(await response.read(), response.status, kept)
