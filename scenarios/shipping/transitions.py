"""Which operation leads from which state to which, as data. What is not here is refused.

After DCSA's conformance model of the carrier's shipping instructions. "" stands for what does not exist yet.
"""

from collections.abc import Mapping

from scenarios.shipping.records import DocumentState, InstructionsState, UpdateState

INSTRUCTIONS: Mapping[str, Mapping[InstructionsState, InstructionsState]] = {
    "request_update": {"RECEIVED": "PENDING_UPDATE"},
    "update_si": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "PENDING_UPDATE"},
    "confirm_update": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "RECEIVED"},
    "decline_update": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "PENDING_UPDATE"},
    "cancel_update": {"RECEIVED": "RECEIVED", "PENDING_UPDATE": "PENDING_UPDATE"},
    "cancel_si": {"RECEIVED": "CANCELLED", "PENDING_UPDATE": "CANCELLED"},
    "decline_si": {"RECEIVED": "DECLINED", "PENDING_UPDATE": "DECLINED"},
    "complete_si": {"RECEIVED": "COMPLETED"},
}
UPDATES: Mapping[str, Mapping[UpdateState, UpdateState]] = {
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
DOCUMENTS: Mapping[str, Mapping[DocumentState, DocumentState]] = {
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
