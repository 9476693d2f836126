"""Server-sent events: rows behind a cursor, and then each new one, with its cursor as `id`.

A reader that comes back with `Last-Event-ID` goes on exactly behind it, so nothing is kept for a reader: one that is slow
is read for later, and one that takes nothing in is ended by the connection's own limits (`slow-reader`). Where rows are
gone meanwhile, an event named `gap` says which. A stream ends at once when the node stops, and when its reader may no
longer read.

sse-starlette was weighed: it polls a flag of uvicorn to see the end, and numbers and resumes nothing by itself.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ledger.encoding import encode_unchecked
from ledger.errors import BusyError, JsonValue
from nodes.app.dependencies import is_still_reader
from nodes.limits import Limits
from nodes.node.log import Signal

MS_PER_S = 1_000


@dataclass(frozen=True, slots=True)
class Sent:
    """One event."""

    id: str
    data: dict[str, JsonValue]
    name: str = ""
    """Empty for a row."""

    def encode(self) -> bytes:
        """Its lines."""
        name = f"event: {self.name}\n" if self.name else ""
        return b"%sid: %s\ndata: %s\n\n" % (name.encode(), self.id.encode(), encode_unchecked(self.data))


ReadRows = Callable[[str], tuple[list[Sent], str]]
"""From a cursor: what to send, and the cursor to go on from, which is the same at the end."""


class EventStream(Response):
    """Sends while the signal is open; each rise of it may bring new rows."""

    media_type = "text/event-stream"

    def __init__(self, request: Request, changed: Signal, read: ReadRows, cursor: str) -> None:
        read(cursor)  # A wrong cursor is refused here, while a problem can still be sent.
        self._request = request
        self._changed = changed
        self._read = read
        self._cursor = cursor
        self._limits: Limits = request.app.state.node.limits
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Takes one of the node's streams; raises BusyError `too-many-streams`."""
        state, most = self._request.app.state, self._limits.streams_max
        if state.streams >= most:  # check: stream-count
            raise BusyError("too-many-streams", f"This node serves {most} streams at once.", status=503, retry_after_s=5)
        state.streams += 1
        try:
            async with self._changed.while_open():
                headers = {"cache-control": "no-store"}
                await StreamingResponse(self._parts(), 200, headers, "text/event-stream")(scope, receive, send)
        finally:
            state.streams -= 1

    async def _parts(self) -> AsyncIterator[bytes]:
        yield b": open\n\n"
        cursor, keep_alive_s = self._cursor, self._limits.stream_keep_alive_ms / MS_PER_S
        while not self._changed.is_closed and is_still_reader(self._request):
            seen, before = self._changed.value, cursor
            events, cursor = self._read(before)
            if events:
                yield b"".join(event.encode() for event in events)
            elif cursor == before and not await self._changed.wait_above(seen, keep_alive_s) and not self._changed.is_closed:
                yield b": still here\n\n"
