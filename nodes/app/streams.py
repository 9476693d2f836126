"""Two streams by cursor and as server-sent events: contract events, the same on every node, and this node's own log.

A stream sends each row with its cursor as `id`, so that a browser that comes back with `Last-Event-ID` misses nothing.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from ledger.encoding import encode_unchecked
from ledger.errors import BusyError, JsonValue
from nodes.app.access_control import is_still_reader
from nodes.app.answers import Services, answer, page_limit, parse_height
from nodes.signals import Signal

router = APIRouter(tags=["streams"])
KEEP_ALIVE_S = 15
ROWS_A_TURN = 100

Row = dict[str, JsonValue]
ReadRows = Callable[[str], tuple[Sequence[tuple[str, Row]], str]]
"""From a cursor: rows with their cursors, and the cursor to go on from."""


@router.get("/v1/events")
async def list_events(services: Services, after: str = "", limit: int | None = None) -> Response:
    """Contract events of committed blocks behind a cursor; `next` is the `after` of the next page."""
    with services.snapshot() as view:
        rows, following = view.events(after, page_limit(limit, services.limits))
    return answer({"events": [*rows], "next": following})


@router.get("/v1/events/stream")
async def stream_events(request: Request, services: Services, after: str = "") -> Response:
    """The same as server-sent events, and then each new one as it is committed."""

    def read(cursor: str) -> tuple[Sequence[tuple[str, Row]], str]:
        with services.snapshot() as view:
            rows, following = view.events(cursor, ROWS_A_TURN)
        return [(str(row["cursor"]), row) for row in rows], following

    return _stream(request, services.published, read, after)


@router.get("/v1/log")
async def list_log(services: Services, after: str = "0", limit: int | None = None) -> Response:
    """This node's log behind a sequence number; `next` is the `after` of the next page."""
    rows = services.log.page(parse_height(after, "after"), page_limit(limit, services.limits))
    return answer({"log": [*rows], "next": str(rows[-1]["sequence"]) if rows else after})


@router.get("/v1/log/stream")
async def stream_log(request: Request, services: Services, after: str = "0") -> Response:
    """The same as server-sent events, and then each new record."""

    def read(cursor: str) -> tuple[Sequence[tuple[str, Row]], str]:
        rows = services.log.page(parse_height(cursor, "after"), ROWS_A_TURN)
        return [(str(row["sequence"]), row) for row in rows], str(rows[-1]["sequence"]) if rows else cursor

    return _stream(request, services.log.changed, read, after)


def _stream(request: Request, changed: Signal, read: ReadRows, after: str) -> Response:
    cursor = request.headers.get("last-event-id", after)
    read(cursor)  # A wrong cursor is refused here, while a problem can still be sent.
    most, state = request.app.state.services.limits.streams_max, request.app.state
    if state.streams >= most:  # check: stream-count
        raise BusyError("too-many-streams", f"This node serves {most} streams at once.", status=503, retry_after_s=5)
    return StreamingResponse(_events(request, changed, read, cursor), media_type="text/event-stream")


async def _events(request: Request, changed: Signal, read: ReadRows, cursor: str) -> AsyncIterator[bytes]:
    state = request.app.state
    state.streams += 1
    try:
        yield b": open\n\n"
        while not changed.is_closed and is_still_reader(request):
            seen = changed.value
            rows, cursor = read(cursor)
            if rows:
                yield b"".join(b"id: %s\ndata: %s\n\n" % (name.encode(), encode_unchecked(row)) for name, row in rows)
            elif not await changed.wait_above(seen, KEEP_ALIVE_S) and not changed.is_closed:
                yield b": still here\n\n"
    finally:
        state.streams -= 1
