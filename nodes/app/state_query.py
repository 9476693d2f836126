"""`/v1/state/{contract}/{collection}`: pages of records that meet conditions, in an order, all of one height.

A list is pinned to the height of its first page. Blocks that come meanwhile change nothing in the pages that follow: what
a key held then is read from its history. So paging shows each row of that height exactly once.
"""

import asyncio
import heapq
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.encoding import encode_unchecked
from ledger.errors import ConflictError, InputError, JsonValue, NotFoundError
from nodes.app.dependencies import (
    Height,
    Limit,
    ThisNode,
    TrustFrom,
    WithProof,
    described,
    own_parameters,
    page_limit,
    parse_height,
)
from nodes.app.paging import COST_A_TURN, Cursor, parse_cursor, write_cursor
from nodes.app.record_fields import Condition, Field, SortKey, parse_conditions, parse_order, sort_key
from nodes.app.state import state_tag
from nodes.http.answers import Answer, is_known, raw_list, version_headers, versioned
from nodes.node.node import Node

router = APIRouter(tags=["state"])

KeyedRow = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Query:
    """What a list of records is asked for."""

    contract: str
    collection: str
    conditions: tuple[Condition, ...]
    order: Field | None
    """None for the order of keys."""
    is_descending: bool

    def place(self, record: JsonValue, key: str) -> tuple[SortKey, str]:
        """Where a row stands in the order; rows of equal value go by key."""
        return sort_key(None if self.order is None else self.order.of(record)), key


@router.get(
    "/v1/state/{contract}/{collection}",
    **described(
        "StatePage",
        "304",
        "400 bad-cursor bad-height",
        "404 no-such-collection no-such-block",
        "409 no-proof-of-the-past",
        "410 pruned",
        "422 unknown-field unknown-operator bad-field-value too-many-conditions query-too-costly",
    ),
)
async def list_values(
    request: Request,
    node: ThisNode,
    contract: str,
    collection: str,
    after: str = "",
    limit: Limit = None,
    order: str = "",
    at: Height = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """Records in order of their keys, or of a field: `order=FIELD`, greatest first with `order=-FIELD`."""
    most = page_limit(limit, node.limits)
    own = own_parameters(request)
    conditions = [(name, text) for name, text in request.query_params.multi_items() if name not in own]
    query = _query(node, contract, collection, conditions, order)
    identity: JsonValue = [node.ledger, contract, collection, order, at, [list(pair) for pair in conditions]]
    cursor = parse_cursor(after, identity) if after else None
    with node.snapshot() as view:
        height = _height(view, cursor, at, proof=proof)
        is_final = at is not None or cursor is not None
        etag = state_tag(view, height)
        if is_known(request, etag) and not proof:
            return Response(status_code=304, headers=version_headers(request, etag, is_final=is_final))
        rows, last = await _page(view, query, height, cursor, most, node.limits.query_rows_max)
        proofs: Answer = {"proof": view.prove_rows(contract, collection, rows, trust_from)} if proof else {}
    following = None if last is None else write_cursor(last, identity)
    items = raw_list(b'{"key":%s,"value":%s}' % (encode_unchecked(key), value) for key, value in rows)
    members: Answer = {"items": items, "height": height, "next": following, **proofs}
    return versioned(request, members, etag=None if proof else etag, is_final=is_final and not proof)


def _query(node: Node, contract: str, collection: str, conditions: Sequence[tuple[str, str]], order: str) -> Query:
    """Types what was asked for by the record's model; raises NotFoundError `no-such-collection`, InputError."""
    found = node.contracts.contracts.get(contract)
    if found is None or collection not in found.collections:
        raise NotFoundError("no-such-collection", f"No installed contract has a collection {contract[:64]}/{collection[:64]}.")
    model: type[BaseModel] = found.collections[collection].record
    field, is_descending = parse_order(model, order) if order else (None, False)
    return Query(contract, collection, parse_conditions(model, conditions), field, is_descending)


def _height(view: ChainView, cursor: Cursor | None, at: int | None, *, proof: bool) -> int:
    """What height the page is of. A height that this node does not have (yet) is refused where its header is looked for."""
    if proof:
        if at not in (None, view.height):  # check: proof-at-head
            raise ConflictError(
                "no-proof-of-the-past", f"Rows are proved at the newest height, {view.height}.", height=view.height
            )
        return view.height
    return cursor.height if cursor else view.height if at is None else parse_height(str(at), "at")


async def _page(
    view: ChainView, query: Query, height: int, cursor: Cursor | None, limit: int, rows_max: int
) -> tuple[list[KeyedRow], Cursor | None]:
    """The rows behind the cursor, and the cursor to go on from or None at the end."""
    if query.order is not None:
        return await _page_in_order(view, query, height, cursor, limit, rows_max)
    start = cursor.key if cursor else ""
    before = current = start
    kept: list[KeyedRow] = []
    async for key, value, spent in _steps(view, query, height, start):
        if spent > rows_max:
            reached = before if key == current else current
            if reached == start:  # check: query-cost-of-one-key
                raise _too_costly(rows_max)
            return kept, Cursor(height, reached, None)
        if key != current:
            before, current = current, key
        if value is not None and _holds(query, json.loads(value)):
            kept.append((key, value))
            if len(kept) == limit:
                return kept, Cursor(height, key, None)
    return kept, None


async def _page_in_order(
    view: ChainView, query: Query, height: int, cursor: Cursor | None, limit: int, rows_max: int
) -> tuple[list[KeyedRow], Cursor | None]:
    """Looks at the whole collection, and keeps the first rows behind the cursor."""
    first = heapq.nlargest if query.is_descending else heapq.nsmallest
    bound = None if cursor is None else (sort_key(cursor.value), cursor.key)
    found: list[tuple[tuple[SortKey, str], bytes]] = []
    async for key, value, spent in _steps(view, query, height, ""):
        if spent > rows_max:  # check: query-cost
            raise _too_costly(rows_max)
        record: JsonValue = None if value is None else json.loads(value)
        if value is None or not _holds(query, record):
            continue
        place = query.place(record, key)
        if bound is None or (place < bound if query.is_descending else place > bound):
            found.append((place, value))
            if len(found) > 2 * limit:
                found = first(limit + 1, found)
    found = first(limit + 1, found)
    rows = [(key, value) for (_, key), value in found[:limit]]
    (kind, last), key = found[limit - 1][0] if len(found) > limit else ((0, 0), "")
    return rows, Cursor(height, key, last if kind else None) if len(found) > limit else None


async def _steps(view: ChainView, query: Query, height: int, after: str) -> AsyncIterator[tuple[str, bytes | None, int]]:
    """Steps through the collection with what they cost so far; other work gets its turn in between."""
    spent = turn = 0
    for key, value, cost in view.rows_at(height, query.contract, query.collection, after):
        spent += cost
        turn += cost
        if turn >= COST_A_TURN:
            turn = 0
            await asyncio.sleep(0)
        yield key, value, spent


def _holds(query: Query, record: JsonValue) -> bool:
    return all(condition.holds(record) for condition in query.conditions)


def _too_costly(rows_max: int) -> InputError:
    message = f"The page would look at more than {rows_max} rows: ask in order of keys, with conditions, or for a later height."
    return InputError("query-too-costly", message, rows_max=rows_max)
