"""The connections of a node to the control of its lab."""

import asyncio

from starlette.responses import Response
from yarl import URL

from ledger.errors import BusyError, IndefiniteError
from nodes.http_client import HttpClient

ANSWER_S, CONNECT_S = 120, 2
KEPT = ("content-type", "content-disposition", "retry-after")
LAST_ANSWERS_S = 0.2
"""A node that stops waits so long for answers of the control: the one that told it to stop is on its way."""


class Forwarder:
    """Passes requests on; one for each node, in its event loop."""

    def __init__(self) -> None:
        self._http = HttpClient(ANSWER_S, CONNECT_S, decompress=False)
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
        except (IndefiniteError, RuntimeError) as error:  # the latter of a session that was closed meanwhile
            raise BusyError("no-control", "The control of this lab does not answer.", status=503) from error

    async def close(self) -> None:
        """Lets short answers through, ends the others, and takes no more."""
        self._is_closed = True
        if self._asking:
            await asyncio.wait(self._asking, timeout=LAST_ANSWERS_S)
        await self._http.close()

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Response:
        answer = await self._http.ask(method, URL(url, encoded=True), body or None, headers=headers)
        kept = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        return Response(answer.body, answer.status, kept)
