"""`/v1/transactions`: send one or a list, and ask what became of it."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.contract.contract import Contract
from ledger.encoding import decode_object, encode_unchecked
from ledger.errors import BusyError, JsonValue, PrunedError, StorageError, TallystickError
from ledger.primitives import Digest
from ledger.transaction import parse_transaction
from nodes.app.access_control import verify_still_reader
from nodes.app.answers import (
    Answer,
    ThisNode,
    TrustFrom,
    WithProof,
    answer,
    json_object,
    language_of,
    parse_id,
    raw_list,
    read_body,
    wait_seconds,
)
from nodes.app.conditional import versioned
from nodes.app.intake import Taken, split_envelopes, take_all
from nodes.app.problems import error_json, error_response, problem, problem_json
from nodes.node.node import Node

router = APIRouter(tags=["transactions"])

BODY_SCHEMA = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "description": "One envelope `{body: {ledger, contract, operation, arguments, signers, nonce, expires}, "
                    "signatures}` in canonical JSON, or an array of them.",
                    "anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}],
                }
            }
        },
    }
}


@router.post("/v1/transactions", status_code=202, openapi_extra=BODY_SCHEMA)
async def post_transactions(request: Request, node: ThisNode, wait: int | None = None) -> Response:
    """Takes signed transactions. 202: taken and spread; 200: known before, or final within `wait` seconds.

    Each signer signs the text `tallystick/transaction`, a zero byte and the canonical bytes of the body (/docs#signing).

    A list is answered with `results` in its order, each with its transaction's status or a problem; the order of
    execution is not promised. A list of which nothing is taken is a problem as a whole.
    """
    seconds = wait_seconds(wait, node.limits)
    body = await read_body(request, node.limits.request_bytes_max)
    if body[:1] == b"[":
        envelopes = split_envelopes(body, node.limits.request_transactions_max)
        outcomes = await take_all(node, envelopes)
        return await _answer_list(request, node, outcomes, seconds)
    (outcome,) = await take_all(node, (body,))
    if isinstance(outcome, TallystickError):
        raise outcome
    return await _answer_one(request, node, outcome, seconds)


@router.get("/v1/transactions/{transaction}")
async def get_transaction(
    request: Request,
    node: ThisNode,
    transaction: str,
    wait: int | None = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """What this node knows of a transaction: `unknown`, `pending`, `committed` or `rejected`, with receipt and place.

    `time` is the node's latest block time: a transaction that is `unknown` at or after its `expires` surely did not happen, if
    it was signed at or after `complete_from`, from when on this node knows every transaction.
    """
    identity = parse_id(transaction)
    await wait_final(node, (identity,), wait_seconds(wait, node.limits))
    verify_still_reader(request)
    with node.snapshot() as view:
        status = _status(node, view, identity, language_of(request))
        if proof and "receipt" in status:
            status["proof"] = _proofs(view, identity, trust_from)
    if "receipt" not in status:
        return answer(status, headers={"cache-control": "no-store"})
    # What became of it never changes again; only how far the node has come since then does.
    return versioned(request, status, etag=f'W/"{identity}.{language_of(request)}"', language=True)


async def wait_final(node: Node, transactions: Sequence[Digest], seconds: int) -> None:
    """Returns once a durable block holds each of them, or when the time is up."""
    open_ones = list(reversed(transactions))
    deadline = asyncio.get_running_loop().time() + seconds
    while seconds:
        seen = node.published.value
        with node.snapshot() as view:
            while open_ones and view.place(open_ones[-1]) is not None:
                open_ones.pop()
        rest = deadline - asyncio.get_running_loop().time()
        if not open_ones or not await node.published.wait_above(seen, rest):
            return


async def _answer_one(request: Request, node: Node, taken: Taken, seconds: int) -> Response:
    (status,) = await _statuses(request, node, (taken,), seconds, look_up=True)
    return answer(status, 202 if taken.is_new and "receipt" not in status else 200)


async def _answer_list(request: Request, node: Node, outcomes: Sequence[Taken | TallystickError], seconds: int) -> Response:
    taken = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
    if not taken:  # check: nothing-taken
        return _nothing_taken([outcome for outcome in outcomes if isinstance(outcome, TallystickError)])
    statuses = iter(await _statuses(request, node, taken, seconds, look_up=seconds > 0))
    results: list[bytes] = []
    is_final = True
    for outcome in outcomes:
        if isinstance(outcome, TallystickError):
            node.metrics.refused(outcome.code)
            results.append(encode_unchecked({"problem": error_json(outcome)}))
            continue
        status = next(statuses)
        is_final = is_final and "receipt" in status
        results.append(json_object(status))
    return answer({"results": raw_list(results)}, 200 if is_final else 202)


async def _statuses(request: Request, node: Node, taken: Sequence[Taken], seconds: int, *, look_up: bool) -> list[Answer]:
    """What became of transactions that were taken; new ones are pending where they are not to be looked up.

    They are pending also where this node cannot read what became of them: a problem would deny that they were taken.
    """
    language = language_of(request)
    try:
        await wait_final(node, [one.id for one in taken], seconds)
        with node.snapshot() as view:
            return [_status(node, view, t.id, language) if look_up or not t.is_new else _pending(t.id) for t in taken]
    except StorageError:
        return [_pending(one.id) for one in taken]


def _nothing_taken(errors: Sequence[TallystickError]) -> Response:
    first = errors[0]
    if isinstance(first, BusyError):
        return error_response(first)
    results: JsonValue = [{"problem": error_json(error)} for error in errors]
    sentence = "Each transaction of the list was refused; `details.results` says why."
    return problem(problem_json(422, "nothing-taken", sentence, {"results": results}))


def _pending(transaction: Digest) -> Answer:
    """The status of one that was taken just now: nothing has to be looked up."""
    return {"transaction": transaction, "status": "pending"}


def _status(node: Node, view: ChainView, transaction: Digest, language: str) -> Answer:
    status: Answer = {"transaction": transaction, "height": view.height, "time": view.time_ms()}
    status["complete_from"] = view.complete_from_ms
    place = view.place(transaction)
    if place is None:
        return {**status, "status": "pending" if node.is_pending(transaction) else "unknown"}
    height, position = place
    raw = view.receipts(height)[position]
    receipt = decode_object(raw)
    code, details = receipt["code"], receipt["details"]
    status |= {"status": receipt["outcome"], "receipt": raw}
    status["place"] = {"height": height, "position": position, "block": view.block_id(height)}
    if code != "ok" and isinstance(code, str) and isinstance(details, dict):
        status["sentence"] = _contract(node, view, height, position).sentence(code, details, language)
    return status


def _contract(node: Node, view: ChainView, height: int, position: int) -> type[Contract]:
    """The contract whose words a refusal is told in; the bare framework knows the common codes."""
    try:
        name = parse_transaction(view.envelopes(height)[position]).contract
    except PrunedError:
        return Contract
    return node.contracts.contracts.get(name, Contract)


def _proofs(view: ChainView, transaction: Digest, trust_from: int) -> dict[str, JsonValue]:
    """Of receipt and envelope, as far as the envelope is still here."""
    proofs: dict[str, JsonValue] = {"receipt": view.prove_receipt(transaction, trust_from)}
    try:
        return {**proofs, "transaction": view.prove_transaction(transaction, trust_from)}
    except PrunedError:
        return proofs
