"""`/v1/state`: values, their histories, and pages filtered by fields, each with the state root as weak ETag."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.encoding import decode, encode_unchecked
from ledger.errors import InputError, JsonValue, NotFoundError, RefusedError
from ledger.state.overlay import state_key
from nodes.app.answers import Answer, Services, TrustFrom, WithProof, answer, page_limit, parse_height, raw_list
from nodes.app.problems import problem, problem_json
from nodes.app.services import NodeServices

router = APIRouter(tags=["state"])
open_router = APIRouter(tags=["state"])
"""Routes whose query parameters are fields of records."""
SCAN_MAX = 5_000
"""Rows that one filtered page looks at."""

Json = dict[str, JsonValue]


@router.get("/v1/state/{contract}/{collection}/{key:path}/history")
async def get_history(
    services: Services,
    contract: str,
    collection: str,
    key: str,
    before: int | None = None,
    limit: int | None = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """What a key held, newest first; `next` is the `before` of the next page, null at its end.

    A proof shows that each value was written there, not that no other write lies between.
    """
    _verify_key(contract, collection, key)
    most = page_limit(limit, services.limits)
    below = None if before is None else parse_height(str(before), "before")
    with services.snapshot() as view:
        entries = view.history(contract, collection, key, most, below)
        proofs: Answer = {}
        if proof:
            heights = [height for height, _ in entries]
            proofs["proof"] = view.prove_history(contract, collection, key, heights, trust_from)
    rows = (b'{"height":%d,"value":%s}' % (height, value or b"null") for height, value in entries)
    return answer({"history": raw_list(rows), "next": entries[-1][0] if len(entries) == most else None, **proofs})


@router.get("/v1/state/{contract}/{collection}/{key:path}")
async def get_value(
    request: Request,
    services: Services,
    contract: str,
    collection: str,
    key: str,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """The value of a key. Where there is none the problem `not-found` carries, if asked for, the proof of absence."""
    _verify_key(contract, collection, key)
    with services.snapshot() as view:
        headers = _etag(view)
        if not proof and request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        value = view.state.get(contract, collection, key)
        claim = view.prove_state(contract, collection, key, trust_from) if proof else None
        place: Json = {"contract": contract, "collection": collection, "key": key, "height": view.height}
    proofs: Json = {"proof": claim} if claim is not None else {}
    if value is None:
        members = problem_json(404, "not-found", f"{contract}/{collection} holds nothing under this key.", place)
        return problem({**members, **proofs}, headers)
    return answer({**place, **proofs, "value": value}, headers=headers)


@open_router.get("/v1/state/{contract}/{collection}")
async def list_values(
    request: Request,
    services: Services,
    contract: str,
    collection: str,
    after: str = "",
    limit: int | None = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """Values in order of their keys. Any other parameter is a field of the record and keeps the rows that have its value.

    `next` is the `after` of the next page, null at the end. A filtered page may hold fewer rows than `limit`. A proof shows
    that each row stands in the state, not that the page leaves none out.
    """
    wanted = {name: text for name, text in request.query_params.items() if name not in ("after", "limit", "proof", "trust_from")}
    _verify_fields(services, contract, collection, wanted)
    most = page_limit(limit, services.limits)
    with services.snapshot() as view:
        rows, following = _page(view, (contract, collection), after, most, wanted)
        headers, height = _etag(view), view.height
        proofs: Answer = {"proof": view.prove_rows(contract, collection, rows, trust_from)} if proof else {}
    items = raw_list(b'{"key":%s,"value":%s}' % (encode_unchecked(key), value) for key, value in rows)
    return answer({"items": items, "height": height, "next": following, **proofs}, headers=headers)


def _page(
    view: ChainView, place: tuple[str, str], after: str, limit: int, wanted: dict[str, str]
) -> tuple[list[tuple[str, bytes]], str | None]:
    """The rows, and the key to go on from or None at the end of the collection."""
    if not wanted:
        rows = view.state.page(*place, after, limit)
        return rows, rows[-1][0] if len(rows) == limit else None
    kept: list[tuple[str, bytes]] = []
    for key, value in (seen := view.state.page(*place, after, SCAN_MAX)):
        if _matches(decode(value), wanted):
            kept.append((key, value))
            if len(kept) == limit:
                return kept, key
    return kept, seen[-1][0] if len(seen) == SCAN_MAX else None


def _matches(value: JsonValue, wanted: dict[str, str]) -> bool:
    return isinstance(value, dict) and all(name in value and _text(value[name]) == text for name, text in wanted.items())


def _text(value: JsonValue) -> str:
    """How a query writes a value: a string as it is, anything else as canonical JSON."""
    return value if isinstance(value, str) else encode_unchecked(value).decode()


def _verify_fields(services: NodeServices, contract: str, collection: str, wanted: dict[str, str]) -> None:
    found = services.contracts.contracts.get(contract)
    if found is None or collection not in found.collections:
        raise NotFoundError("no-such-collection", f"No installed contract has a collection {contract[:64]}/{collection[:64]}.")
    unknown = sorted(wanted.keys() - found.collections[collection].record.model_fields.keys())
    if unknown:  # check: unknown-field
        raise InputError("unknown-parameter", f"A record of {contract}/{collection} has no field {unknown[0]!r:.80}.")


def _verify_key(contract: str, collection: str, key: str) -> None:
    try:
        state_key(contract, collection, key)
    except RefusedError as error:
        raise InputError(error.code, error.message) from error


def _etag(view: ChainView) -> dict[str, str]:
    head = view.head
    return {"etag": f'W/"{view.ledger if head is None else head.state_root}"'}
