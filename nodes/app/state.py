"""`/v1/state`: the value of a key, with the state root as weak tag, and its history."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.chain.view import VERSION_COST_ROWS, ChainView
from ledger.errors import InputError, JsonValue, PrunedError, RefusedError
from ledger.state.map_proof import state_key
from nodes.app.dependencies import (
    FromZero,
    Height,
    KeyInPath,
    Limit,
    ThisNode,
    TrustFrom,
    WithProof,
    described,
    height_range,
    page_limit,
    parse_height,
)
from nodes.http.answers import Answer, answer, problem, problem_json, raw_list, versioned

router = APIRouter(tags=["state"])


@router.get(
    "/v1/state/{contract}/{collection}/{key:path}/history",
    **described("History", "400 bad-height bad-cursor", "404 no-such-block", "410 pruned", "422 bad-key bad-range"),
)
async def get_history(
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
    return answer({"history": raw_list(rows), "next": following, **proofs})


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
        etag = None if proof else state_tag(view, view.height)
        value = view.state.get(contract, collection, key)
        claim = view.prove_state(contract, collection, key, trust_from) if proof else None
        place: dict[str, JsonValue] = {"contract": contract, "collection": collection, "key": key, "height": view.height}
    proofs: dict[str, JsonValue] = {"proof": claim} if claim is not None else {}
    if value is None:
        members = problem_json(404, "not-found", f"{contract}/{collection} holds nothing under this key.", place)
        return problem({**members, **proofs})
    return versioned(request, {**place, **proofs, "value": value}, etag=etag)


def state_tag(view: ChainView, height: int) -> str:
    """The tag of what the state says at a height: its root there, of the genesis the ledger id."""
    return f'W/"{view.header(height).state_root if height else view.ledger}"'


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
