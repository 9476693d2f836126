"""`/v1/blocks`, proofs of one history, and the export."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response, StreamingResponse

from ledger.chain.view import ChainView
from ledger.errors import JsonObject, NotFoundError, PrunedError
from ledger.primitives import Digest, is_digest
from nodes.app.csv_page import MEDIA_TYPE, list_answer
from nodes.app.dependencies import (
    HEIGHT,
    HEIGHT_TEXT,
    STRICT,
    FromZero,
    Height,
    Limit,
    ThisNode,
    TrustFrom,
    Wait,
    WithProof,
    described,
    height_range,
    in_query,
    is_still_reader,
    page_limit,
    parse_height,
    verify_still_reader,
    wait_seconds,
)
from nodes.http.answers import Answer, answer, raw_list, versioned
from nodes.node.node import Node


class LedgerLines(StreamingResponse):
    """One JSON value a line."""

    media_type = "application/jsonl"


router = APIRouter(tags=["blocks"], dependencies=STRICT)
LATEST = "latest"
COLUMNS = (
    "height", "id", "time", "parent", "proposer", "transactions_root", "receipts_root", "state_root", "history_root",
    "validators", "next_validators", "ledger",
)  # fmt: skip
BYTES_BETWEEN_TURNS = 200_000
"""Bytes of an export after which other work of the node gets its turn."""


@router.get("/v1/blocks", **described("BlockPage", "400 bad-height", "410 pruned", "422 bad-range", also=MEDIA_TYPE))
async def list_blocks(
    request: Request,
    node: ThisNode,
    after: Annotated[int, in_query(**HEIGHT)] = 0,
    limit: Limit = None,
    after_time: FromZero = None,
    before_time: FromZero = None,
) -> Response:
    """Headers of the blocks above height `after`, of times above and below these; `next` is the `after` of the next page."""
    above = parse_height(str(after), "after")
    with node.snapshot() as view:
        first, end = height_range(view, after_time, before_time, above)
        headers = view.headers(first - 1, min(page_limit(limit, node.limits), max(end - first, 0)))
        height = view.height
    rows: list[JsonObject] = [{"id": header.id, **header.to_json()} for header in headers]
    following = headers[-1].height if headers else above
    return list_answer(request, "blocks", COLUMNS, rows, following, {"height": height})


@router.get("/v1/blocks/{block}", **described("Block | GenesisBlock", "304", "400 bad-height", "404 no-such-block", "410 pruned"))
async def get_block(
    request: Request,
    node: ThisNode,
    block: Annotated[str, Path(json_schema_extra={"pattern": "^([0-9]{1,15}|[0-9a-f]{64}|latest)$"})],
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """A block by height, id or `latest`: header, transactions, receipts and decision record."""
    with node.snapshot() as view:
        height = _height_of(view, block)
        if height == 0:
            genesis: Answer = {"height": 0, "id": view.ledger, "genesis": view.genesis.encode(), "time": view.genesis.time_ms}
            return versioned(request, genesis, is_final=block != LATEST)
        header = view.header(height)
        members: Answer = {
            "height": height,
            "id": header.id,
            "time": header.time,
            "header": header.raw,
            "receipts": raw_list(view.receipts(height)),
            "record": view.record_bytes(height),
        }
        try:
            members["transactions"] = raw_list(view.envelopes(height))
        except PrunedError:
            members["pruned"] = True
        if proof:
            members["proof"] = view.prove_block(height, trust_from)
    return versioned(request, members, is_final=block != LATEST)


@router.get("/v1/proofs/consistency", **described("ConsistencyProof", "400 bad-height", "404 no-such-block", "410 pruned"))
async def get_consistency(
    node: ThisNode,
    first: Annotated[str, in_query("from", **HEIGHT_TEXT)],
    second: Annotated[str, in_query("to", **HEIGHT_TEXT)],
    trust_from: TrustFrom = 0,
) -> Response:
    """That the block of height `from` and all before it belong to the history of the block of height `to`."""
    earlier, later = parse_height(first, "from"), parse_height(second, "to")
    with node.snapshot() as view:
        return answer({"proof": view.consistency(earlier, later, trust_from)})


@router.get("/v1/export", response_class=LedgerLines, **described("", "400 bad-height", "410 pruned"))
async def get_export(request: Request, node: ThisNode, after: Height = None, wait: Wait = None) -> StreamingResponse:
    """The ledger as JSON Lines: the genesis, then one block a line; `tallystick verify` reads it.

    With `after`, only the blocks above that height, for a reader that keeps a copy and comes back for the rest: where there are
    none yet, `wait` seconds at most for the next one.
    """
    above = None if after is None else parse_height(str(after), "after")
    seconds = wait_seconds(wait, node.limits)
    if above is not None and await node.published.wait_above(above, seconds):
        verify_still_reader(request)
    with node.snapshot() as view:
        view.verify_whole(above or 0)
    parts = _export(request, node, above)
    first = await anext(parts, b"")  # what cannot be read yet gives a problem; later it breaks the answer off
    return LedgerLines(_from(first, parts))


async def _from(first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in parts:
        yield part


async def _export(request: Request, node: Node, above: int | None) -> AsyncIterator[bytes]:
    """Blocks never change, so each part is read for itself: a slow reader must not hold the database's log back.

    It ends with a whole block where its reader is revoked meanwhile.
    """
    with node.snapshot() as view:
        part, height = next(view.export()) + b"\n" if above is None else b"", view.height
    following = (above or 0) + 1
    while following <= height and is_still_reader(request):
        with node.snapshot() as view:
            while following <= height and len(part) < BYTES_BETWEEN_TURNS:
                part += view.export_block(following) + b"\n"
                following += 1
        yield part
        await asyncio.sleep(0)
        part = b""
    if part:
        yield part


def _height_of(view: ChainView, name: str) -> int:
    if name == LATEST:
        return view.height
    if not is_digest(name):
        return parse_height(name, "block")
    height = view.height_of(Digest(name))
    if height is None:
        raise NotFoundError("no-such-block", f"There is no block with id {name}.", id=name)
    return height
