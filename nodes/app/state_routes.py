"""`/v1/state`: the value of a key, with the state root as weak tag, its history, and pages of records that meet conditions.

A list is pinned to the height of its first page. Blocks that come meanwhile change nothing in the pages that follow: what
a key held then is read from its history. So paging shows each row of that height exactly once.

    CURSOR  base64url of canonical [HEIGHT, KEY, VALUE], a dot, the first 16 digits of digest("cursor", [QUERY, that])

QUERY is the ledger, the collection and every condition. The check finds a cursor of another query, a cut or a changed
one; it is no secret, for a cursor made by hand can only ask for what any query may ask for. So any node of the
ledger goes on with it, and what stands in it is judged like any other input.
"""

import asyncio
import base64
import binascii
import heapq
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from ledger.chain.view import VERSION_COST_ROWS, ChainView
from ledger.encoding import decode, digest, encode_unchecked
from ledger.errors import ConflictError, InputError, JsonValue, MalformedError, NotFoundError, PrunedError, RefusedError
from ledger.state.map_proof import state_key
from nodes.app.csv_page import MEDIA_TYPE, csv_page, list_answer
from nodes.app.dependencies import (
    STRICT,
    FromZero,
    Height,
    KeyInPath,
    Limit,
    ThisNode,
    TrustFrom,
    WithProof,
    described,
    height_range,
    own_parameters,
    page_limit,
    parse_height,
)
from nodes.app.record_fields import Condition, Field, Scalar, SortKey, parse_conditions, parse_order, sort_key
from nodes.http.answers import Answer, is_known, prefers, problem, problem_json, raw_list, version_headers, versioned
from nodes.limits import COST_A_TURN
from nodes.node.node import Node

router = APIRouter(tags=["state"], dependencies=STRICT)
records = APIRouter(tags=["state"])
"""Query parameters that the route does not declare are conditions."""
KeyedRow = tuple[str, bytes]
CHECK_CHARACTERS = 16
CURSOR_CHARACTERS_MAX = 20_000
"""Room for the longest text that a list is ordered by."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a list of records is asked for."""

    contract: str
    collection: str
    record: type[BaseModel]
    conditions: tuple[Condition, ...]
    order: Field | None
    """None for the order of keys."""
    is_descending: bool

    def place(self, record: JsonValue, key: str) -> tuple[SortKey, str]:
        """Where a row stands in the order; rows of equal value go by key."""
        return sort_key(None if self.order is None else self.order.of(record)), key


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page."""

    height: int
    """What every page of the list is of."""
    key: str
    value: Scalar
    """Its value in the field that orders the list, null in a list in order of keys."""


@router.get(
    "/v1/state/{contract}/{collection}/{key:path}/history",
    **described(
        "History", "400 bad-height bad-cursor", "404 no-such-block", "410 pruned", "422 bad-key bad-range", also=MEDIA_TYPE
    ),
)
async def get_history(
    request: Request,
    node: ThisNode,
    contract: str,
    collection: str,
    key: KeyInPath,
    before: Height = None,
    after_time: FromZero = None,
    before_time: FromZero = None,
    limit: Limit = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """What a key held, newest first, by blocks of a time above `after_time` and below `before_time`, in milliseconds."""
    _verify_key(contract, collection, key)
    most = page_limit(limit, node.limits)
    below = None if before is None else parse_height(str(before), "before")
    with node.snapshot() as view:
        first, end = height_range(view, after_time, before_time)
        versions = view.versions(contract, collection, key, below)
        entries, following = _versions(versions, first, end, most, node.limits.query_rows_max // VERSION_COST_ROWS)
        proofs: Answer = {}
        if proof:
            heights = [height for height, _ in entries]
            proofs["proof"] = view.prove_history(contract, collection, key, heights, trust_from)
        rows = [b'{"height":%d,"time":%d,"value":%s}' % (h, view.time_of(h), value or b"null") for h, value in entries]
    return list_answer(request, "history", ("height", "time", "value"), rows, following, proofs, "before")


@router.get("/v1/state/{contract}/{collection}/{key:path}", **described("StateValue", "304", "404 not-found", "422 bad-key"))
async def get_value(
    request: Request,
    node: ThisNode,
    contract: str,
    collection: str,
    key: KeyInPath,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """The value of a key."""
    _verify_key(contract, collection, key)
    with node.snapshot() as view:
        height = view.height
        etag = None if proof else state_tag(view, height)
        value = view.state.get(contract, collection, key)
        claim = view.prove_state(contract, collection, key, trust_from) if proof else None
        place: dict[str, JsonValue] = {"contract": contract, "collection": collection, "key": key, "height": height}
    proofs: dict[str, JsonValue] = {"proof": claim} if claim is not None else {}
    if value is None:
        members = problem_json(404, "not-found", f"{contract}/{collection} holds nothing under this key.", place)
        return problem({**members, **proofs})
    return versioned(request, {**place, **proofs, "value": value}, etag=etag)


def state_tag(view: ChainView, height: int, form: str = "") -> str:
    """The tag of what the state says at a height, in a form of its own: its root there, of the genesis the ledger id."""
    return f'W/"{view.header(height).state_root if height else view.ledger}{form}"'


def _versions(
    versions: Iterator[tuple[int, bytes | None]], first: int, end: int, limit: int, looked_max: int
) -> tuple[list[tuple[int, bytes | None]], int | None]:
    """The versions of heights from `first` to below `end`, and the height to go on below or None at the end."""
    entries: list[tuple[int, bytes | None]] = []
    try:
        for looked, (height, value) in enumerate(versions, 1):
            if height < first:
                break
            if height < end:
                entries.append((height, value))
            if len(entries) == limit or looked == looked_max:
                return entries, height
    except PrunedError:
        if not entries:  # else the next page says so
            raise
        return entries, entries[-1][0]
    return entries, None


def _verify_key(contract: str, collection: str, key: str) -> None:
    try:
        state_key(contract, collection, key)
    except RefusedError as error:
        raise InputError(error.code, error.message) from error


@records.get(
    "/v1/state/{contract}/{collection}",
    **described(
        "StatePage",
        "304",
        "400 bad-cursor bad-height",
        "404 no-such-collection no-such-block",
        "409 no-proof-of-the-past",
        "410 pruned",
        "422 unknown-field unknown-operator bad-field-value too-many-conditions query-too-costly",
        also=MEDIA_TYPE,
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
    conditions = conditions_of(request)
    query = parse_query(node, contract, collection, conditions, order)
    identity: JsonValue = [node.ledger, contract, collection, order, at, [list(pair) for pair in conditions]]
    cursor = parse_cursor(after, identity) if after else None
    with node.snapshot() as view:
        height = pinned_height(view, cursor, at, proof=proof)
        is_final = at is not None or cursor is not None
        is_csv = prefers(request, MEDIA_TYPE) and not proof
        etag = state_tag(view, height, ".csv" * is_csv)
        headers = version_headers(request, etag, is_final=is_final, vary="accept")
        if is_known(request, etag) and not proof:
            return Response(status_code=304, headers=headers)
        rows, last = await _page(view, query, height, cursor, most, node.limits.query_rows_max)
        proofs: Answer = {"proof": view.prove_rows(contract, collection, rows, trust_from)} if proof else {}
    following = None if last is None else write_cursor(last, identity)
    if is_csv:
        columns = ("key", *query.record.model_fields)
        cells = ((key, *(json.loads(value).get(name) for name in columns[1:])) for key, value in rows)
        return csv_page(request, columns, cells, following, headers=headers)
    items = raw_list(b'{"key":%s,"value":%s}' % (encode_unchecked(key), value) for key, value in rows)
    members: Answer = {"items": items, "height": height, "next": following, **proofs}
    return versioned(request, members, etag=None if proof else etag, is_final=is_final and not proof, vary="accept")


def conditions_of(request: Request) -> list[tuple[str, str]]:
    """The parameters of a query that the route does not declare."""
    own = own_parameters(request)
    return [(name, text) for name, text in request.query_params.multi_items() if name not in own]


def parse_query(node: Node, contract: str, collection: str, conditions: Sequence[tuple[str, str]], order: str = "") -> Query:
    """Types what was asked for by the record's model; raises NotFoundError `no-such-collection`, InputError."""
    found = node.contracts.contracts.get(contract)
    if found is None or collection not in found.collections:
        raise NotFoundError("no-such-collection", f"No installed contract has a collection {contract[:64]}/{collection[:64]}.")
    model: type[BaseModel] = found.collections[collection].record
    field, is_descending = parse_order(model, order) if order else (None, False)
    return Query(contract, collection, model, parse_conditions(model, conditions), field, is_descending)


def pinned_height(view: ChainView, cursor: Cursor | None, at: int | None, *, proof: bool = False) -> int:
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
    kept: list[KeyedRow] = []

    def take(key: str, value: bytes, _: JsonValue) -> bool:
        kept.append((key, value))
        return len(kept) == limit

    return kept, await walk(view, query, height, cursor, rows_max, take)


async def walk(
    view: ChainView,
    query: Query,
    height: int,
    cursor: Cursor | None,
    rows_max: int,
    take: Callable[[str, bytes, JsonValue], bool],
) -> Cursor | None:
    """Gives `take` key, bytes and value of the rows behind the cursor until it says that this was the last.

    Answers with the cursor to go on from, None at the end.
    """
    start = cursor.key if cursor else ""
    before = current = start
    async for key, value, spent in _steps(view, query, height, start):
        if spent > rows_max:
            reached = before if key == current else current
            if reached == start:  # check: query-cost-of-one-key
                raise _too_costly(rows_max)
            return Cursor(height, reached, None)
        if key != current:
            before, current = current, key
        if value is not None and _holds(query, record := json.loads(value)) and take(key, value, record):
            return Cursor(height, key, None)
    return None


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


def write_cursor(cursor: Cursor, query: JsonValue) -> str:
    """The text of a cursor within the list of a query."""
    payload = encode_unchecked([cursor.height, cursor.key, cursor.value])
    return f"{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.{_check(payload, query)}"


def parse_cursor(text: str, query: JsonValue) -> Cursor:
    """Reads a cursor of this very query; raises MalformedError `bad-cursor`."""
    encoded, _, check = text.partition(".")
    payload = _payload(encoded)
    if check != _check(payload, query):  # check: cursor-of-this-query
        raise MalformedError("bad-cursor", "A cursor goes with the query whose answer gave it: give all its parameters again.")
    match _json(payload):
        case [int(height), str(key), None | bool() | int() | str() as value] if height >= 0 and type(height) is int:
            return Cursor(height, key, value)
    raise MalformedError("bad-cursor", "A cursor holds a height, a key and a value.")


def _payload(encoded: str) -> bytes:
    try:
        if len(encoded) > CURSOR_CHARACTERS_MAX:
            raise ValueError(f"{len(encoded)} characters")
        return base64.b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedError("bad-cursor", "A cursor is what an answer gave as `next`.") from error


def _json(payload: bytes) -> JsonValue:
    try:
        return decode(payload)
    except MalformedError as error:
        raise MalformedError("bad-cursor", "A cursor is what an answer gave as `next`.") from error


def _check(payload: bytes, query: JsonValue) -> str:
    return digest("cursor", encode_unchecked(query), payload)[:CHECK_CHARACTERS]
