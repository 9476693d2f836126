"""`/v1/counts`: how many rows a list has, by the same conditions and for the same readers, in all and by the values of a field.

A count reads what the list would read, so one answer may look at no more than a page may: where it stops early, `next` goes on,
and the counts of all answers add up. It also stops where it has as many groups as a page has rows.
"""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from ledger.contract.quantities import day
from ledger.errors import JsonObject, JsonValue
from nodes.app.dependencies import STRICT, EventCursor, Height, InSpan, ThisNode, described
from nodes.app.record_fields import SortKey, find_field, sort_key
from nodes.app.state_routes import conditions_of, parse_cursor, parse_query, pinned_height, walk, write_cursor
from nodes.app.streams import EventQuery
from nodes.app.transaction_query import PlaceCursor, Wanted, search, values_of
from nodes.http.answers import answer
from nodes.limits import COST_A_TURN

router = APIRouter(tags=["counts"], dependencies=STRICT)
records = APIRouter(tags=["counts"])
"""Query parameters that the route does not declare are conditions."""
DAY = "day"


class RowTally:
    """Counts rows, and those of each value."""

    def __init__(self, groups_max: int) -> None:
        self._count = 0
        self._groups: dict[SortKey, int] = {}
        self._values: dict[SortKey, JsonValue] = {}
        self._groups_max = groups_max

    def take(self, values: Iterable[JsonValue] = ()) -> bool:
        """A row of these values, each counted once; whether it is to be the last of this answer."""
        self._count += 1
        for key, value in {sort_key(value): value for value in values}.items():
            self._values[key] = value
            self._groups[key] = self._groups.get(key, 0) + 1
        return len(self._groups) >= self._groups_max

    def answer(self, by: str, height: int, following: str | None) -> Response:
        """The answer, groups in order of their values."""
        groups: JsonValue = [{"value": self._values[key], "count": count} for key, count in sorted(self._groups.items())]
        return answer({"count": self._count, "height": height, "next": following, **({"groups": groups} if by else {})})


@router.get("/v1/counts/transactions", **described("Count", "400 bad-cursor", "410 pruned", "422 bad-range"))
async def count_transactions(
    node: ThisNode,
    wanted: Annotated[Wanted, Depends()],
    span: InSpan,
    by: Literal["", "signer", "organization", "contract", "operation", "outcome", "code", "day"] = "",
    after: PlaceCursor = "",
) -> Response:
    """How many transactions `/v1/transactions` would list."""
    tally = RowTally(node.limits.page_max)
    with node.snapshot() as view:

        def take(row: JsonObject) -> bool:
            return tally.take() if not by else tally.take([_day(row)] if by == DAY else values_of(row, by))

        following, is_end = await search(view, wanted, span.heights(view), after, take, node.limits.query_rows_max)
        return tally.answer(by, view.height, None if is_end else following)


@router.get("/v1/counts/events", **described("Count", "400 bad-cursor", "410 pruned", "422 bad-range"))
async def count_events(
    node: ThisNode,
    query: Annotated[EventQuery, Depends()],
    by: Literal["", "contract", "name", "day"] = "",
    after: EventCursor = "",
) -> Response:
    """How many events `/v1/events` would list."""
    tally, spent, following = RowTally(node.limits.page_max), 0, after
    with node.snapshot() as view:
        while spent < node.limits.query_rows_max:
            rows, following = query.read(view, after, COST_A_TURN)
            if following == after:
                return tally.answer(by, view.height, None)
            for row in rows:
                if tally.take([_day(row) if by == DAY else row[by]] if by else ()):
                    return tally.answer(by, view.height, str(row["cursor"]))
            after, spent = following, spent + COST_A_TURN
            await asyncio.sleep(0)
        return tally.answer(by, view.height, following)


@records.get(
    "/v1/counts/state/{contract}/{collection}",
    **described(
        "Count",
        "400 bad-cursor bad-height",
        "404 no-such-collection no-such-block",
        "410 pruned",
        "422 unknown-field unknown-operator bad-field-value too-many-conditions query-too-costly",
    ),
)
async def count_values(
    request: Request, node: ThisNode, contract: str, collection: str, by: str = "", at: Height = None, after: str = ""
) -> Response:
    """How many records `/v1/state/{contract}/{collection}` would list."""
    conditions = conditions_of(request)
    query = parse_query(node, contract, collection, conditions)
    field = find_field(query.record, by) if by else None
    identity: JsonValue = ["count", node.ledger, contract, collection, by, at, [list(pair) for pair in conditions]]
    cursor = parse_cursor(after, identity) if after else None
    tally = RowTally(node.limits.page_max)

    def take(_key: str, _value: bytes, record: JsonValue) -> bool:
        found = None if field is None else field.of(record)
        return tally.take(() if field is None else found if isinstance(found, list) else [found])

    with node.snapshot() as view:
        height = pinned_height(view, cursor, at)
        view.time_of(height)  # check: count-of-a-height
        last = await walk(view, query, height, cursor, node.limits.query_rows_max, take)
    return tally.answer(by, height, None if last is None else write_cursor(last, identity))


def _day(row: JsonObject) -> str:
    """The day of its block, in UTC."""
    return day(int(str(row["time"])))
