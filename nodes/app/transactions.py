"""`/v1/transactions`: send one or a list, and ask what became of it.

A body becomes envelopes, each is read and admitted, and all go to the replica. Nothing else happens to a transaction on its way
in, since this is the busiest path of a node. A long list is judged in pieces, so that consensus gets its turn in between; the
room in the mempool is judged as it was before the piece, so that its limits may be passed by less than one piece.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.chain.view import ChainView
from ledger.contract.contract import Contract
from ledger.contract.description import sentence
from ledger.contract.words import words_of
from ledger.encoding import decode_object, encode_unchecked
from ledger.errors import (
    BusyError,
    InputError,
    JsonValue,
    MalformedError,
    PrunedError,
    StorageError,
    TallystickError,
    TooLargeError,
)
from ledger.execution import check_arguments
from ledger.primitives import Digest
from ledger.transaction import Transaction, parse_transaction
from nodes.app.cose_receipt import MEDIA_TYPE, receipt_answer
from nodes.app.dependencies import (
    JSON_CODES,
    STRICT,
    CallerLanguage,
    DigestInPath,
    ThisNode,
    TrustFrom,
    Wait,
    WithProof,
    described,
    parse_id,
    verify_still_reader,
    wait_seconds,
)
from nodes.http.answers import (
    Answer,
    answer,
    error_json,
    error_response,
    json_object,
    prefers,
    problem,
    problem_json,
    raw_list,
    read_body,
    versioned,
)
from nodes.node.node import Node

router = APIRouter(tags=["transactions"], dependencies=STRICT)
PIECE_TRANSACTIONS = 20
"""Transactions judged in one go: a few milliseconds."""
KNOWN = "known-transaction"
_RAW_DECODE = json.JSONDecoder().raw_decode


@router.post(
    "/v1/transactions",
    status_code=202,
    **described(
        "TransactionStatus | TransactionResults",
        "200",
        f"400 {JSON_CODES} envelope-fields body-fields bad-ledger bad-contract bad-operation bad-arguments bad-signers"
        " duplicate-signer bad-nonce bad-expires bad-signatures signature-count",
        "413 request-too-large transaction-too-large too-many-transactions",
        "422 wrong-ledger expired lifetime-too-long not-enrolled revoked certificate-expired certificate-not-yet-valid"
        " wrong-signature unknown-contract unknown-operation bad-arguments nothing-taken",
        "429 too-many-pending",
        body="Envelope | list[Envelope]",
    ),
)
async def post_transactions(request: Request, node: ThisNode, language: CallerLanguage, wait: Wait = None) -> Response:
    """Takes signed transactions."""
    seconds = wait_seconds(wait, node.limits)
    body = await read_body(request, node.limits.request_bytes_max)
    if body[:1] == b"[":
        envelopes = split_envelopes(body, node.limits.request_transactions_max)
        outcomes = await take_all(node, envelopes)
        return await _answer_list(node, outcomes, seconds, language)
    (outcome,) = await take_all(node, (body,))
    if isinstance(outcome, TallystickError):
        raise outcome
    return await _answer_one(node, outcome, seconds, language)


@router.get(
    "/v1/transactions/{transaction}",
    **described("TransactionStatus", "304", "400 bad-id", "404 no-such-transaction", "410 pruned", also=MEDIA_TYPE),
)
async def get_transaction(
    request: Request,
    node: ThisNode,
    transaction: DigestInPath,
    language: CallerLanguage,
    wait: Wait = None,
    proof: WithProof = False,
    trust_from: TrustFrom = 0,
) -> Response:
    """What this node knows of a transaction: `unknown`, `pending`, `committed` or `rejected`, with receipt and place.

    To who prefers `application/cose`, a COSE receipt that this node signs.
    """
    identity = parse_id(transaction)
    await wait_final(node, (identity,), wait_seconds(wait, node.limits))
    verify_still_reader(request)
    with node.snapshot() as view:
        if prefers(request, MEDIA_TYPE):
            return receipt_answer(view, identity, node.member, node.settings.key)
        status = _status(node, view, identity, language)
        if proof and "receipt" in status:
            status["proof"] = _proofs(view, identity, trust_from)
    if "receipt" not in status:
        return answer(status, headers={"cache-control": "no-store"})
    # What became of it never changes again; only how far the node has come since then does.
    return versioned(request, status, etag=f'W/"{identity}.{language}"', vary="accept-language, accept")


@dataclass(frozen=True, slots=True)
class Taken:
    """An envelope that this node holds now, or has held before."""

    id: Digest
    is_new: bool


async def take_all(node: Node, envelopes: Sequence[bytes]) -> list[Taken | TallystickError]:
    """For each envelope in order what became of it; the admitted ones are submitted."""
    outcomes: list[Taken | TallystickError] = []
    for start in range(0, len(envelopes), PIECE_TRANSACTIONS):
        if start:
            await asyncio.sleep(0)
        outcomes += _take_piece(node, envelopes[start : start + PIECE_TRANSACTIONS])
    return outcomes


def _take_piece(node: Node, envelopes: Sequence[bytes]) -> list[Taken | TallystickError]:
    outcomes: list[Taken | TallystickError] = []
    fresh: dict[Digest, Transaction] = {}
    with node.store.steady():
        for raw in envelopes:
            try:
                outcomes.append(_take(node, parse_transaction(raw), fresh))
            except (InputError, BusyError, StorageError) as error:  # those before it are taken all the same
                outcomes.append(error)
    if fresh:
        node.submit(tuple(fresh.values()))
    return outcomes


def _take(node: Node, transaction: Transaction, fresh: dict[Digest, Transaction]) -> Taken:
    """Admits the transaction into `fresh`; a known one is no error, so that a retry is safe."""
    if transaction.id in fresh or node.replica.is_pending(transaction.id):
        return Taken(transaction.id, is_new=False)
    try:
        node.verify_admissible(transaction)
    except InputError as error:
        if error.code == KNOWN or _is_in_a_block(node, transaction.id):
            return Taken(transaction.id, is_new=False)
        raise
    check_arguments(node.contracts, transaction)
    fresh[transaction.id] = transaction
    return Taken(transaction.id, is_new=True)


def _is_in_a_block(node: Node, transaction: Digest) -> bool:
    """Also of a transaction that is refused today, since it expired or its signer was revoked after it was included."""
    with node.snapshot() as view:
        return view.place(transaction) is not None


def split_envelopes(body: bytes, count_max: int) -> list[bytes]:
    """The envelopes of a canonical array, as the bytes they are; each is still to be read by `parse_transaction`.

    Raises MalformedError `not-json` or `not-canonical`, TooLargeError `too-many-transactions`.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("not-json", f"The bytes are not JSON in UTF-8: {error}.") from error
    envelopes: list[bytes] = []
    position = 1
    while text[position : position + 1] == "{":
        if len(envelopes) == count_max:  # check: list-length
            raise TooLargeError("too-many-transactions", f"A list has at most {count_max} transactions.", count_max=count_max)
        end = _object_end(text, position)
        envelopes.append(text[position:end].encode())
        position = end + 1
        if text[end : end + 1] != ",":
            break
    if not envelopes or text[position - 1 :] != "]":  # check: list-spelling
        raise MalformedError("not-canonical", "A list is [ENVELOPE,…], at least one, without spaces.")
    return envelopes


def _object_end(text: str, position: int) -> int:
    try:
        return _RAW_DECODE(text, position)[1]
    except (ValueError, RecursionError) as error:
        raise MalformedError("not-json", f"The bytes are not JSON in UTF-8: {error}.") from error


async def wait_final(node: Node, transactions: Sequence[Digest], seconds: int) -> None:
    """Returns once a durable block holds each of them, or when the time is up."""
    open_ones = list(reversed(transactions))
    deadline = asyncio.get_running_loop().time() + seconds
    while seconds and open_ones:
        seen = node.published.value
        if not node.replica.is_pending(open_ones[-1]):  # each block wakes all that wait: what is pending is in none
            with node.snapshot() as view:
                while open_ones and view.place(open_ones[-1]) is not None:
                    open_ones.pop()
        rest = deadline - asyncio.get_running_loop().time()
        if open_ones and not await node.published.wait_above(seen, rest):
            return


async def _answer_one(node: Node, taken: Taken, seconds: int, language: str) -> Response:
    (status,) = await _statuses(node, (taken,), seconds, language, look_up=True)
    return answer(status, 202 if taken.is_new and "receipt" not in status else 200)


async def _answer_list(node: Node, outcomes: Sequence[Taken | TallystickError], seconds: int, language: str) -> Response:
    taken = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
    if not taken:  # check: nothing-taken
        return _nothing_taken([outcome for outcome in outcomes if isinstance(outcome, TallystickError)])
    statuses = iter(await _statuses(node, taken, seconds, language, look_up=seconds > 0))
    results: list[bytes] = []
    is_final = True
    for outcome in outcomes:
        if isinstance(outcome, TallystickError):
            node.watch.refused(outcome.code)
            results.append(encode_unchecked({"problem": error_json(outcome)}))
            continue
        status = next(statuses)
        is_final = is_final and "receipt" in status
        results.append(json_object(status))
    return answer({"results": raw_list(results)}, 200 if is_final else 202)


async def _statuses(node: Node, taken: Sequence[Taken], seconds: int, language: str, *, look_up: bool) -> list[Answer]:
    """What became of transactions that were taken; new ones are pending where they are not to be looked up.

    They are pending also where this node cannot read what became of them: a problem would deny that they were taken.
    """
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
    message = "Each transaction of the list was refused; `details.results` says why."
    return problem(problem_json(422, "nothing-taken", message, {"results": results}))


def _pending(transaction: Digest) -> Answer:
    """The status of one that was taken just now: nothing has to be looked up."""
    return {"transaction": transaction, "status": "pending"}


def _status(node: Node, view: ChainView, transaction: Digest, language: str) -> Answer:
    status: Answer = {"transaction": transaction, "height": view.height, "time": view.time_ms()}
    status["complete_from"] = view.complete_from_ms
    place = view.place(transaction)
    if place is None:
        return {**status, "status": "pending" if node.replica.is_pending(transaction) else "unknown"}
    height, position = place
    raw = view.receipts(height)[position]
    receipt = decode_object(raw)
    code, details = receipt["code"], receipt["details"]
    status |= {"status": receipt["outcome"], "receipt": raw}
    status["place"] = {"height": height, "position": position, "block": view.block_id(height)}
    if code != "ok" and isinstance(code, str) and isinstance(details, dict):
        status["sentence"] = sentence(words_of(_contract(node, view, height, position)), code, details, language)
    return status


def _contract(node: Node, view: ChainView, height: int, position: int) -> type[Contract]:
    """The contract that has the words of a refusal; the bare framework knows the common codes."""
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
