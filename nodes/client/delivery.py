"""Brings one signed envelope to a final outcome, whatever happens on the way, or says for sure that it never happens."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ledger.errors import BusyError, IndefiniteError, InputError, TallystickError
from ledger.transaction import Transaction
from nodes.client.outcome import Outcome, is_surely_not_done, parse_outcome
from nodes.client.peers import TRANSACTIONS, Peers

WAIT_S, WAIT_OF_MANY_S = 30, 5
"""How long one request waits for a transaction to become final; where there are more nodes to go to, not so long."""
RETRY_S = 0.2


async def deliver(peers: Peers, transaction: Transaction, timeout_s: float) -> Outcome:
    """Submits until it is final, always this same envelope, to whichever node serves.

    Raises InputError or BusyError when it was surely not taken, InputError `surely-not-done` when it may have been but can
    never happen any more, and IndefiniteError when the time is up and nothing is known. A refusal is proof of nothing once
    an earlier request may have arrived: then the transaction's status alone can tell.
    """
    deadline = time.monotonic() + timeout_s
    may_be_taken = False
    while True:
        outcome, pause_s = None, 0.0
        problem: TallystickError = IndefiniteError("not-final", f"{transaction.id} is not final after {timeout_s} s.")
        try:
            outcome = _outcome(await submit(peers, transaction, WAIT_OF_MANY_S if peers.are_many else WAIT_S), transaction)
            may_be_taken = True
        except IndefiniteError as error:
            may_be_taken = may_be_taken or error.details.get("was_sent", True) is True
            problem, pause_s = error, RETRY_S
        except BusyError as error:
            problem, pause_s = problem if may_be_taken else error, error.retry_after_s
        except InputError:
            if not may_be_taken:  # check: client-definite
                raise
            outcome, pause_s = await _taken_before(peers, transaction), RETRY_S
        if outcome is not None:
            return outcome
        if time.monotonic() + pause_s > deadline:
            raise problem
        await asyncio.sleep(pause_s)
        if peers.are_many and may_be_taken:
            with suppress(TallystickError):  # what the nodes say of themselves says nothing of the transaction
                await peers.choose()


async def submit(peers: Peers, transaction: Transaction, wait_s: int) -> dict[str, Any]:
    """The transaction's status after it was taken; raises InputError or BusyError when this request did not bring it in."""
    query = {"wait": wait_s} if wait_s else {}
    return await peers.request("POST", TRANSACTIONS, query=query, body=transaction.raw)


async def _taken_before(peers: Peers, transaction: Transaction) -> Outcome | None:
    """What became of an envelope that a node refuses now; None while that cannot be said, or not read."""
    try:
        status = await peers.request("GET", f"{TRANSACTIONS}/{transaction.id}")
        _, lifetime_ms = await peers.clock()
    except TallystickError:
        return None
    if is_surely_not_done(status, transaction.expires_ms, lifetime_ms, peers.began_ms):  # check: client-surely-not-done
        raise InputError("surely-not-done", f"{transaction.id} has expired and stands in no block: it never happens.")
    return _outcome(status, transaction)


def _outcome(status: Mapping[str, Any], transaction: Transaction) -> Outcome | None:
    """The outcome in a status, if it is this transaction's."""
    outcome = parse_outcome(status)
    return outcome if outcome is not None and outcome.transaction == transaction.id else None
