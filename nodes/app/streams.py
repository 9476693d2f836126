"""Two streams by cursor and as server-sent events: contract events, the same on every node, and this node's own log.

A reader that comes back with `Last-Event-ID` goes on exactly behind it, so nothing is kept for a reader: one that is slow
is read for later, and one that takes nothing in is ended by the connection's own limits (`slow-reader`). Where rows are
gone meanwhile, an event named `gap` says which. A stream ends at once when the node stops, and when its reader may no
longer read.

sse-starlette was weighed: it polls a flag of uvicorn to see the end, and numbers and resumes nothing by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ledger.chain.view import ChainView, heights_with, parse_cursor
from ledger.encoding import encode_unchecked
from ledger.errors import BusyError, JsonObject, JsonValue
from nodes.app.csv_page import MEDIA_TYPE, list_answer
from nodes.app.dependencies import (
    STRICT,
    EventCursor,
    FromZero,
    HeightText,
    LastEventId,
    Limit,
    ThisNode,
    described,
    height_range,
    is_still_reader,
    page_limit,
    parse_height,
)
from nodes.http.answers import answer
from nodes.limits import BLOCK_COST_ROWS, COST_A_TURN
from nodes.node.log import FileLog, MemoryLog, Signal
from nodes.node.node import Node

router = APIRouter(tags=["streams"], dependencies=STRICT)
ROWS_A_TURN = 100
MS_PER_S = 1_000
COLUMNS = ("cursor", "height", "time", "position", "index", "transaction", "contract", "name", "data")


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What the events of an answer have in common; nothing in particular where all are left out."""

    contract: str = ""
    name: str = ""
    after_time: FromZero = None
    before_time: FromZero = None

    def read(self, view: ChainView, after: str, limit: int) -> tuple[list[JsonObject], str]:
        """The next rows, as far as one turn goes, and the cursor to go on from: `after` itself at the end."""
        if self == EventQuery():
            return view.events(after, limit)
        first, end = height_range(view, self.after_time, self.before_time)
        place = max(parse_cursor(after), (first, 0, 0))
        rows: list[JsonObject] = []
        cost, height = 0, place[0]
        for height, may_hold in heights_with(view.reader, self._terms(), place[0], end):
            for (position, index), row in view.events_of(height) if may_hold else ():
                if (height, position, index) >= place and self._holds(row):
                    rows.append(row)
                if len(rows) == limit:
                    return rows, str(row["cursor"])
            cost += BLOCK_COST_ROWS if may_hold else 1
            if cost >= COST_A_TURN:
                break
        return rows, f"{height + 1}.0.0" if place[0] < end else after

    async def read_page(self, view: ChainView, after: str, limit: int, cost_max: int) -> tuple[list[JsonObject], str]:
        """The same for a page: as many turns as the page may cost, with other work in between."""
        rows, following = self.read(view, after, limit)
        spent = COST_A_TURN
        while len(rows) < limit and following != after and spent < cost_max:
            await asyncio.sleep(0)
            after = following
            more, following = self.read(view, after, limit - len(rows))
            rows += more
            spent += COST_A_TURN
        return rows, following

    def _terms(self) -> list[str]:
        return [f"{term} {value}" for term, value in (("contract", self.contract), ("event", self.name)) if value]

    def _holds(self, row: JsonObject) -> bool:
        return self.contract in ("", row["contract"]) and self.name in ("", row["name"])


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


class EventStream(StreamingResponse):
    """Sends while the signal is open; each rise of it may bring new rows."""

    media_type = "text/event-stream"

    def __init__(self, request: Request, changed: Signal, read: ReadRows, cursor: str) -> None:
        read(cursor)  # A wrong cursor is refused here, while a problem can still be sent.
        super().__init__(_parts(request, changed, read, cursor), headers={"cache-control": "no-store"})
        self._request, self._changed = request, changed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Takes one of the node's streams; raises BusyError `too-many-streams`."""
        state = self._request.app.state
        most = state.node.limits.streams_max
        if state.streams >= most:  # check: stream-count
            raise BusyError("too-many-streams", f"This node serves {most} streams at once.", status=503, retry_after_s=5)
        state.streams += 1
        try:
            async with self._changed.while_open():
                await super().__call__(scope, receive, send)
        finally:
            state.streams -= 1


async def _parts(request: Request, changed: Signal, read: ReadRows, cursor: str) -> AsyncIterator[bytes]:
    yield b": open\n\n"
    node: Node = request.app.state.node
    keep_alive_s = node.limits.stream_keep_alive_ms / MS_PER_S
    while not changed.is_closed and is_still_reader(request):
        seen, before = changed.value, cursor
        events, cursor = read(before)
        if events:
            yield b"".join(event.encode() for event in events)
        elif cursor == before and not await changed.wait_above(seen, keep_alive_s) and not changed.is_closed:
            yield b": still here\n\n"


@router.get("/v1/events", **described("EventPage", "400 bad-cursor", "410 pruned", "422 bad-range", also=MEDIA_TYPE))
async def list_events(
    request: Request,
    node: ThisNode,
    query: Annotated[EventQuery, Depends()],
    after: EventCursor = "",
    limit: Limit = None,
) -> Response:
    """Contract events of committed blocks behind a cursor, of this contract, name and time; `next` is the next page's `after`."""
    most = page_limit(limit, node.limits)
    with node.snapshot() as view:
        rows, following = await query.read_page(view, after, most, node.limits.query_rows_max)
    return list_answer(request, "events", COLUMNS, rows, following, {})


@router.get(
    "/v1/events/stream",
    status_code=200,
    response_class=EventStream,
    **described("StreamedEvent", "400 bad-cursor", "410 pruned", "422 bad-range", "503 too-many-streams"),
)
async def stream_events(
    request: Request,
    node: ThisNode,
    after: EventCursor = "",
    contract: str = "",
    name: str = "",
    last_event_id: LastEventId = None,
) -> Response:
    """The same as server-sent events, and then each new one as it is committed."""
    query = EventQuery(contract, name)

    def read(cursor: str) -> tuple[list[Sent], str]:
        with node.snapshot() as view:
            rows, following = query.read(view, cursor, ROWS_A_TURN)
        return [Sent(str(row["cursor"]), row) for row in rows], following

    return EventStream(request, node.published, read, after if last_event_id is None else last_event_id)


@router.get("/v1/log", **described("LogPage", "400 bad-height"))
async def list_log(node: ThisNode, after: HeightText = "0", limit: Limit = None) -> Response:
    """This node's log behind a sequence number; `next` is the `after` of the next page."""
    rows, gap = _records(node.log, parse_height(after, "after"), page_limit(limit, node.limits))
    members: dict[str, JsonValue] = {"log": [*rows], "next": str(rows[-1]["sequence"]) if rows else after}
    return answer({**members, "gap": gap})


@router.get(
    "/v1/log/stream",
    status_code=200,
    response_class=EventStream,
    **described("StreamedRecord", "400 bad-height", "503 too-many-streams"),
)
async def stream_log(request: Request, node: ThisNode, after: HeightText = "0", last_event_id: LastEventId = None) -> Response:
    """The same as server-sent events, and then each new record; an event named `gap` says which are no longer kept."""

    def read(cursor: str) -> tuple[list[Sent], str]:
        rows, gap = _records(node.log, parse_height(cursor, "after"), ROWS_A_TURN)
        sent = [Sent(str(row["sequence"]), row) for row in rows]
        if gap is not None:
            sent.insert(0, Sent(str(gap["to"]), gap, "gap"))
        return sent, sent[-1].id if sent else cursor

    return EventStream(request, node.log.changed, read, after if last_event_id is None else last_event_id)


def _records(log: FileLog | MemoryLog, after: int, limit: int) -> tuple[list[dict[str, JsonValue]], dict[str, JsonValue] | None]:
    """Kept records, and the first and last sequence of those before them that are gone.

    A cursor beyond the newest record is of an earlier run of a node that keeps its log in memory: the log began again at 1.
    """
    if after > log.changed.value:
        after = 0
    rows = [*log.page(after, limit)]
    first = int(str(rows[0]["sequence"])) if rows else after + 1
    return rows, {"from": after + 1, "to": first - 1} if first > after + 1 else None
