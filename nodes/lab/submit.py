"""Acting as a member: whoever holds the lab's token may sign with all keys of the lab, from a page without any key."""

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import JsonValue, TallystickError
from ledger.genesis import parse_genesis
from nodes.app.answers import answer, language_of
from nodes.app.lab import VIA
from nodes.app.problems import error_json
from nodes.lab.lab import Lab
from nodes.lab.orders import Submission, answer_list, lab_of, read_order

router = APIRouter()
WAIT_S = 10
"""Without a quorum there is no receipt; the answer then says that the transaction is pending."""
AT_ONCE_MAX = 40
"""Submissions that wait side by side, each in a thread; they must not take those that everything else needs."""


@router.post("/submit")
async def submit(request: Request) -> Response:
    """Signs as the members named and waits for the receipt; a problem of the node is an answer too.

    It goes to the node whose page sent it, so an isolated node takes it and cannot spread it.
    """
    lab = lab_of(request)
    order = await read_order(request, Submission)
    node, language = request.headers.get(VIA), language_of(request)
    waiting = run_sync(
        _submit, lab, order, node, language, limiter=request.app.state.submitting, abandon_on_cancel=True
    )  # the control need not wait for it when it ends
    return answer(await waiting)


@router.get("/members")
async def get_members(request: Request) -> Response:
    """Whose keys the lab holds."""
    lab = lab_of(request)
    roles = {member.member: member.roles for member in parse_genesis(lab.network.genesis_bytes).members}
    return answer_list([_member_json(member, roles.get(member, ())) for member in sorted(lab.network.key_names())])


def _submit(lab: Lab, order: Submission, node: str | None, language: str) -> dict[str, Any]:
    try:
        with lab.client(node=node if node in lab.network.members else None, language=language) as client:
            transaction = client.sign_named(order.contract, order.operation, order.arguments, lab.signers(order.signers))
            return client.submit(transaction, WAIT_S)
    except TallystickError as error:
        return {"problem": error_json(error)}


def _member_json(member: str, roles: tuple[str, ...]) -> JsonValue:
    organization, _, name = member.partition(".")
    return {"member": member, "organization": organization, "name": name, "roles": list(roles)}
