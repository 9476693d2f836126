"""Which operation leads from which state to which, as data: the contract, its tests and the diagrams of the README read it here.

What is not here is refused: a pair of state and operation that no history reaches is not listed either. After DCSA's conformance
model; "" stands for what does not exist yet. An operation that leaves the state as it is leads from each state in which it is
allowed to the same one.
"""

from collections.abc import Mapping
from typing import TypeVar

from ledger.contract import Context
from scenarios.shipping import records

S = TypeVar("S", bound=str)

BOOKINGS: Mapping[str, Mapping[records.BookingState, records.BookingState]] = {
    "book": {"": "RECEIVED"},
    "confirm_booking": {"RECEIVED": "CONFIRMED"},
    "decline_booking": {"RECEIVED": "DECLINED"},
    "cancel_booking": {"RECEIVED": "CANCELLED"},
    "submit_si": {"CONFIRMED": "CONFIRMED"},
    "record_event": {"CONFIRMED": "CONFIRMED"},
}
INSTRUCTIONS: Mapping[str, Mapping[records.InstructionsState, records.InstructionsState]] = {
    "submit_si": {"": "RECEIVED"},
    "request_update": {"RECEIVED": "PENDING_UPDATE"},
    "update_si": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "PENDING_UPDATE"},
    "confirm_update": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "RECEIVED"},
    "decline_update": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "PENDING_UPDATE"},
    "cancel_update": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "PENDING_UPDATE"},
    "cancel_si": {"RECEIVED": "CANCELLED", "PENDING_UPDATE": "CANCELLED"},
    "decline_si": {"RECEIVED": "DECLINED", "PENDING_UPDATE": "DECLINED"},
    "publish_draft": {"RECEIVED": "RECEIVED"},
    "approve_draft": {"RECEIVED": "RECEIVED"},
    "complete_si": {"RECEIVED": "COMPLETED"},
}
UPDATES: Mapping[str, Mapping[records.UpdateState, records.UpdateState]] = {
    "update_si": {
        "": "UPDATE_RECEIVED",
        "UPDATE_CONFIRMED": "UPDATE_RECEIVED",
        "UPDATE_DECLINED": "UPDATE_RECEIVED",
        "UPDATE_CANCELLED": "UPDATE_RECEIVED",
    },
    "confirm_update": {"UPDATE_RECEIVED": "UPDATE_CONFIRMED"},
    "decline_update": {"UPDATE_RECEIVED": "UPDATE_DECLINED"},
    "cancel_update": {"UPDATE_RECEIVED": "UPDATE_CANCELLED"},
}
"""Of the update that shipping instructions hold beside their own state."""
DOCUMENTS: Mapping[str, Mapping[records.DocumentState, records.DocumentState]] = {
    "publish_draft": {"": "DRAFT"},
    "approve_draft": {"DRAFT": "APPROVED"},
    "issue": {"DRAFT": "ISSUED", "APPROVED": "ISSUED", "ISSUED": "ISSUED"},
    "SREQ": {"ISSUED": "PENDING_SURRENDER_FOR_DELIVERY"},
    "AREQ": {"ISSUED": "PENDING_SURRENDER_FOR_AMENDMENT"},
    "SURR": {
        "PENDING_SURRENDER_FOR_DELIVERY": "SURRENDERED_FOR_DELIVERY",
        "PENDING_SURRENDER_FOR_AMENDMENT": "SURRENDERED_FOR_AMENDMENT",
    },
    "SREJ": {"PENDING_SURRENDER_FOR_DELIVERY": "ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT": "ISSUED"},
    "void_and_reissue": {"SURRENDERED_FOR_AMENDMENT": "VOIDED"},
}
"""Surrender by DCSA's codes: requests for delivery and amendment, and the carrier's answers."""
ISSUANCE: Mapping[str, Mapping[records.Issuance, records.Issuance]] = {
    "issue": {"": "REQUESTED", "BREQ": "REQUESTED", "REFU": "REQUESTED"},
    "ISSU": {"REQUESTED": "ISSU"},
    "BREQ": {"REQUESTED": "BREQ"},
    "REFU": {"REQUESTED": "REFU"},
}
"""How far an electronic bill has come on its way to its first possessor: the carrier asks a platform, which answers by code."""
ENVELOPES: Mapping[str, Mapping[records.EnvelopeState, records.EnvelopeState]] = {
    "export_envelope": {"": "sent"},
    "withdraw_envelope": {"sent": "withdrawn", "open": "withdrawn"},
    "import_envelope": {"sent": "open", "open": "open", "accepted": "accepted"},
    "receive_document": {"open": "open", "accepted": "accepted"},
    "finish_envelope": {"open": "accepted", "accepted": "accepted"},
}
"""An open envelope stays open while documents are missing; one that was accepted answers DUPE."""
CREDITS: Mapping[str, Mapping[records.CreditState, records.CreditState]] = {
    "open_lc": {"": "open"},
    "present_lc": {"open": "presented", "refused": "presented"},
    "waive_discrepancies": {"presented": "presented"},
    "accept_lc": {"presented": "accepted"},
    "refuse_lc": {"presented": "refused"},
}


def _same(*states: records.DocumentState) -> Mapping[records.DocumentState, records.DocumentState]:
    return {state: state for state in states}


_IN_FORCE: tuple[records.DocumentState, ...] = (
    "ISSUED",
    "PENDING_SURRENDER_FOR_AMENDMENT",
    "SURRENDERED_FOR_AMENDMENT",
    "PENDING_SURRENDER_FOR_DELIVERY",
    "SURRENDERED_FOR_DELIVERY",
)
CARGO: Mapping[str, Mapping[records.DocumentState, records.DocumentState]] = {
    "hold_cargo": _same("DRAFT", "APPROVED", *_IN_FORCE),
    "quote_free_time": _same(*_IN_FORCE),
    "charge_dnd": _same(*_IN_FORCE),
    "pay_charges": _same(*_IN_FORCE),
    "record_misdelivery": _same(*_IN_FORCE),
    "release_cargo (BOL)": _same("SURRENDERED_FOR_DELIVERY"),
    "release_cargo (SWB)": _same("ISSUED"),
}
"""On which documents cargo is held, charged and released. A document that was replaced charges nothing: so a box pays once."""


def next_state(context: Context, transitions: Mapping[S, S], state: S, name: str) -> S:
    """The state to which one operation leads; refuses `wrong-status` where it leads nowhere."""
    following = transitions.get(state)
    if following is None:  # check: shipping-transition
        context.refuse("wrong-status", name=name, status=state or "no update")
    return following
