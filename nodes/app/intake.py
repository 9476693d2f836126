"""The way in for transactions: a body becomes envelopes, each is read and admitted, and all go to the replica.

Nothing else happens to a transaction here, since this is the busiest path of a node. A long list is judged in pieces,
so that consensus gets its turn in between; the room in the mempool is judged as it was before the piece, so that its
limits may be passed by less than one piece.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import BusyError, InputError, MalformedError, StorageError, TallystickError, TooLargeError
from ledger.execution import check_arguments
from ledger.primitives import Digest
from ledger.transaction import Transaction, parse_transaction
from nodes.node.node import Node

PIECE_TRANSACTIONS = 20
"""Transactions judged in one go: a few milliseconds."""
KNOWN = "known-transaction"
_RAW_DECODE = json.JSONDecoder().raw_decode


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
    if transaction.id in fresh or node.is_pending(transaction.id):
        return Taken(transaction.id, is_new=False)
    try:
        node.admit(transaction)
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
