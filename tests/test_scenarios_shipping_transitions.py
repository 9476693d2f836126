"""States of instructions, updates and documents: each transition of DCSA's model happens, and no other does."""

from collections.abc import Callable
from typing import Any, get_args

import pytest

from ledger.errors import RefusedError
from scenarios.shipping.cast import CANGHAI, JIANGLAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.records import DocumentState, InstructionsState
from scenarios.shipping.shipments import A
from scenarios.shipping.transitions import DOCUMENTS, INSTRUCTIONS
from tests.shipping_world import (
    BILL,
    World,
    accepted,
    content,
    drafted,
    instructed,
    issued,
    to_order,
)

SI = {"instructions": A.instructions}


def _with_update() -> World:
    return instructed().do(JIANGLAN, Shipping.update_si, **SI, content=content(notify=""))


def _pending(world: World | None = None) -> World:
    return (world or instructed()).do(CANGHAI, Shipping.request_update, **SI, reason="weights are missing")


def _completed() -> World:
    return accepted(to_order()).do(CANGHAI, Shipping.complete_si, **SI)


INSTRUCTED: dict[str, Callable[[], World]] = {
    "RECEIVED": instructed,
    "RECEIVED, update": _with_update,
    "PENDING_UPDATE": _pending,
    "PENDING_UPDATE, update": lambda: _pending(_with_update()),
    "COMPLETED": _completed,
    "CANCELLED": lambda: instructed().do(JIANGLAN, Shipping.cancel_si, **SI),
    "DECLINED": lambda: instructed().do(CANGHAI, Shipping.decline_si, **SI, reason="no such booking"),
}
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "request_update": (CANGHAI, {"reason": "the seal is missing"}),
    "update_si": (JIANGLAN, {"content": content(notify="")}),
    "confirm_update": (CANGHAI, {}),
    "decline_update": (CANGHAI, {"reason": "too late"}),
    "cancel_update": (JIANGLAN, {}),
    "cancel_si": (JIANGLAN, {}),
    "decline_si": (CANGHAI, {"reason": "no such booking"}),
    "complete_si": (CANGHAI, {}),
}
"""Who does it, and with what."""
ALLOWED: dict[tuple[str, str], tuple[str, str]] = {
    ("RECEIVED", "request_update"): ("PENDING_UPDATE", ""),
    ("RECEIVED", "update_si"): ("RECEIVED", "UPDATE_RECEIVED"),
    ("RECEIVED", "cancel_si"): ("CANCELLED", ""),
    ("RECEIVED", "decline_si"): ("DECLINED", ""),
    ("RECEIVED, update", "request_update"): ("PENDING_UPDATE", "UPDATE_RECEIVED"),
    ("RECEIVED, update", "confirm_update"): ("RECEIVED", "UPDATE_CONFIRMED"),
    ("RECEIVED, update", "decline_update"): ("RECEIVED", "UPDATE_DECLINED"),
    ("RECEIVED, update", "cancel_update"): ("RECEIVED", "UPDATE_CANCELLED"),
    ("RECEIVED, update", "cancel_si"): ("CANCELLED", "UPDATE_RECEIVED"),
    ("RECEIVED, update", "decline_si"): ("DECLINED", "UPDATE_RECEIVED"),
    ("PENDING_UPDATE", "update_si"): ("PENDING_UPDATE", "UPDATE_RECEIVED"),
    ("PENDING_UPDATE", "cancel_si"): ("CANCELLED", ""),
    ("PENDING_UPDATE", "decline_si"): ("DECLINED", ""),
    ("PENDING_UPDATE, update", "confirm_update"): ("RECEIVED", "UPDATE_CONFIRMED"),
    ("PENDING_UPDATE, update", "decline_update"): ("PENDING_UPDATE", "UPDATE_DECLINED"),
    ("PENDING_UPDATE, update", "cancel_update"): ("PENDING_UPDATE", "UPDATE_CANCELLED"),
    ("PENDING_UPDATE, update", "cancel_si"): ("CANCELLED", "UPDATE_RECEIVED"),
    ("PENDING_UPDATE, update", "decline_si"): ("DECLINED", "UPDATE_RECEIVED"),
}
"""By hand from the standard's model; what is not here is refused."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", INSTRUCTED)
def test_instructions(state: str, step: str) -> None:
    world = INSTRUCTED[state]()
    signer, arguments = STEPS[step]
    before = world.contract.instructions[A.instructions]
    code = world.code(signer, Shipping.operations[step], **SI, **arguments)
    after = world.contract.instructions[A.instructions]
    if (state, step) in ALLOWED:
        assert (code, after.state, after.update_state) == ("ok", *ALLOWED[state, step])
    else:
        assert (code in ("wrong-status", "open-update", "still-out", "document-exists"), after) == (True, before), code


def test_every_step_of_instructions_is_tried() -> None:
    assert set(STEPS) == set(INSTRUCTIONS) - {"submit_si", "publish_draft", "approve_draft"}
    assert {state.partition(",")[0] for state in INSTRUCTED} == set(get_args(InstructionsState)) - {""}


def test_a_sea_waybill_is_complete_without_surrender() -> None:
    waybill = issued(type_code="SWB", is_to_order=False, endorsee="", consignee="nordlicht.weber")
    assert waybill.code(CANGHAI, Shipping.complete_si, **SI) == "ok"


LEADS_TO: dict[tuple[str, str], str] = {
    ("", "publish_draft"): "DRAFT",
    ("DRAFT", "approve_draft"): "APPROVED",
    ("DRAFT", "issue"): "ISSUED",
    ("APPROVED", "issue"): "ISSUED",
    ("ISSUED", "issue"): "ISSUED",
    ("ISSUED", "SREQ"): "PENDING_SURRENDER_FOR_DELIVERY",
    ("ISSUED", "AREQ"): "PENDING_SURRENDER_FOR_AMENDMENT",
    ("PENDING_SURRENDER_FOR_DELIVERY", "SURR"): "SURRENDERED_FOR_DELIVERY",
    ("PENDING_SURRENDER_FOR_DELIVERY", "SREJ"): "ISSUED",
    ("PENDING_SURRENDER_FOR_AMENDMENT", "SURR"): "SURRENDERED_FOR_AMENDMENT",
    ("PENDING_SURRENDER_FOR_AMENDMENT", "SREJ"): "ISSUED",
    ("SURRENDERED_FOR_AMENDMENT", "void_and_reissue"): "VOIDED",
}
"""By hand from the standard's model. Which cell is refused with what is tried in `golden/rules_shipping_documents.txt`."""


def test_documents_move_as_the_standard_says() -> None:
    assert {(state, step): to for step, moves in DOCUMENTS.items() for state, to in moves.items()} == LEADS_TO
    assert {*LEADS_TO.values()} == {*get_args(DocumentState)} - {""}


def test_a_document_that_cannot_be_approved_is_named_itself_whatever_its_instructions_are() -> None:
    with pytest.raises(RefusedError) as refused:
        _completed().do(JIANGLAN, Shipping.approve_draft, document=BILL)
    assert refused.value.details == {"name": BILL, "status": "SURRENDERED_FOR_DELIVERY"}


def test_a_confirmed_update_changes_the_draft_and_its_checksum_and_no_document_after_that() -> None:
    world = drafted()
    first = world.contract.documents[BILL].checksum
    world.do(JIANGLAN, Shipping.update_si, **SI, content=content(notify=""))
    assert world.contract.documents[BILL].checksum == first
    world.do(CANGHAI, Shipping.confirm_update, **SI)
    second = world.contract.documents[BILL]
    assert (second.content.notify, second.checksum != first) == ("", True)
    world.do(JIANGLAN, Shipping.approve_draft, document=BILL).do(JIANGLAN, Shipping.update_si, **SI, content=content())
    world.do(JIANGLAN, Shipping.cancel_update, **SI).do(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN)
    world.do(JIANGLAN, Shipping.update_si, **SI, content=content()).do(CANGHAI, Shipping.confirm_update, **SI)
    assert world.contract.documents[BILL].checksum == second.checksum


def test_a_declined_update_changes_nothing() -> None:
    world = _with_update().do(CANGHAI, Shipping.decline_update, **SI, reason="too late")
    assert world.contract.instructions[A.instructions].content.notify == "nordlicht.weber"
