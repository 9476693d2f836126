"""Two streams by cursor and as server-sent events: contract events, the same on every node, and this node's own log."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import JsonValue
from nodes.app.answers import ThisNode, answer, page_limit, parse_height
from nodes.app.event_query import EventQuery
from nodes.app.server_sent import EventStream, Sent
from nodes.node.log import FileLog, MemoryLog

router = APIRouter(tags=["streams"])
ROWS_A_TURN = 100


@router.get("/v1/events")
async def list_events(
    node: ThisNode,
    after: str = "",
    limit: int | None = None,
    contract: str = "",
    name: str = "",
    after_time: int | None = None,
    before_time: int | None = None,
) -> Response:
    """Contract events of committed blocks behind a cursor, of this contract, name and time; `next` is the next page's `after`.

    A narrowed page may hold few rows, or none, before the end; at the end `next` is the `after` that was asked for.
    """
    query, most = EventQuery(contract, name, after_time, before_time), page_limit(limit, node.limits)
    with node.snapshot() as view:
        rows, following = await query.read_page(view, after, most, node.limits.query_rows_max)
    return answer({"events": [*rows], "next": following})


@router.get("/v1/events/stream")
async def stream_events(request: Request, node: ThisNode, after: str = "", contract: str = "", name: str = "") -> Response:
    """The same as server-sent events, and then each new one as it is committed."""
    query = EventQuery(contract, name)

    def read(cursor: str) -> tuple[list[Sent], str]:
        with node.snapshot() as view:
            rows, following = query.read(view, cursor, ROWS_A_TURN)
        return [Sent(str(row["cursor"]), row) for row in rows], following

    return EventStream(request, node.published, read, request.headers.get("last-event-id", after))


@router.get("/v1/log")
async def list_log(node: ThisNode, after: str = "0", limit: int | None = None) -> Response:
    """This node's log behind a sequence number; `next` is the `after` of the next page.

    Where records right behind `after` are no longer kept, `gap` says which.
    """
    rows, gap = _records(node.log, parse_height(after, "after"), page_limit(limit, node.limits))
    members: dict[str, JsonValue] = {"log": [*rows], "next": str(rows[-1]["sequence"]) if rows else after}
    return answer({**members, "gap": gap})


@router.get("/v1/log/stream")
async def stream_log(request: Request, node: ThisNode, after: str = "0") -> Response:
    """The same as server-sent events, and then each new record; an event named `gap` says which are no longer kept."""

    def read(cursor: str) -> tuple[list[Sent], str]:
        rows, gap = _records(node.log, parse_height(cursor, "after"), ROWS_A_TURN)
        sent = [Sent(str(row["sequence"]), row) for row in rows]
        if gap is not None:
            sent.insert(0, Sent(str(gap["to"]), gap, "gap"))
        return sent, sent[-1].id if sent else cursor

    return EventStream(request, node.log.changed, read, request.headers.get("last-event-id", after))


def _records(log: FileLog | MemoryLog, after: int, limit: int) -> tuple[list[dict[str, JsonValue]], dict[str, JsonValue] | None]:
    """Kept records, and the first and last sequence of those before them that are gone.

    A cursor beyond the newest record is of an earlier run of a node that keeps its log in memory: the log began anew.
    """
    if after > log.changed.value:
        after = 0
    rows = [*log.page(after, limit)]
    first = int(str(rows[0]["sequence"])) if rows else after + 1
    return rows, {"from": after + 1, "to": first - 1} if first > after + 1 else None
