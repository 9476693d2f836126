"""Codes of DCSA's Track & Trace, and who may say what: one row a code.

A row names the roles that may post the code as ACT (it happened) and those that may post it as PLN or EST (it is expected).
What happened is said by the one who did it or saw it: a crane's move by the terminal, a release by customs. Which party may
say what is practice [M]; DCSA leaves it to those who connect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.shipping.records import Classifier, EventType
from scenarios.shipping.roles import CARRIER, CONSIGNEE, CUSTOMS, DEPOT, SENSORS, SHIPPER, TERMINAL, TRUCKER


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may post a code."""

    happened: tuple[str, ...]
    expected: tuple[str, ...] = ()


_YARD = Authority((TERMINAL, DEPOT), (CARRIER, TERMINAL, DEPOT))
_CRANE = Authority((TERMINAL,), (CARRIER, TERMINAL))
_SHIP = Authority((CARRIER, TERMINAL), (CARRIER, TERMINAL))
_CUSTOMS = Authority((CUSTOMS,), (CUSTOMS,))
_REEFER = Authority((SENSORS, CARRIER))
_CARRIER = Authority((CARRIER,), (CARRIER,))
OFFICE: Mapping[str, str] = {
    "RECE": "RECEIVED", "DRFT": "DRAFTED", "PENA": "PENDING_APPROVAL", "PENU": "PENDING_UPDATE", "PENM": "PENDING_AMENDMENT",
    "REJE": "REJECTED", "APPR": "APPROVED", "ISSU": "ISSUED", "SURR": "SURRENDERED", "SUBM": "SUBMITTED", "VOID": "VOIDED",
    "CONF": "CONFIRMED", "REQS": "REQUESTED", "CMPL": "COMPLETED", "CANC": "CANCELLED", "DECL": "DECLINED",
    "PSAM": "PENDING_SURRENDER_FOR_AMENDMENT", "PSDL": "PENDING_SURRENDER_FOR_DELIVERY",
    "SUAM": "SURRENDERED_FOR_AMENDMENT", "SUDL": "SURRENDERED_FOR_DELIVERY",
    "UPRE": "UPDATE_RECEIVED", "UPDT": "UPDATE_IN_PROGRESS", "UPCF": "UPDATE_CONFIRMED", "UPDC": "UPDATE_DECLINED",
    "UPCN": "UPDATE_CANCELLED", "AMRE": "AMENDMENT_RECEIVED", "AMPR": "AMENDMENT_IN_PROGRESS", "AMCF": "AMENDMENT_CONFIRMED",
    "AMDC": "AMENDMENT_DECLINED", "AMCN": "AMENDMENT_CANCELLED", "CARE": "CANCELLATION_RECEIVED",
    "CACF": "CANCELLATION_CONFIRMED", "CADC": "CANCELLATION_DECLINED",
}  # fmt: skip
"""What a carrier's office says of a document, as code and as the word that T&T 3 has for it."""

AUTHORITY: Mapping[EventType, Mapping[str, Authority]] = {
    "TRANSPORT": {"ARRI": _SHIP, "DEPA": _SHIP},
    "EQUIPMENT": {
        "LOAD": _CRANE,
        "DISC": _CRANE,
        "GTIN": _YARD,
        "GTOT": _YARD,
        "STUF": Authority((SHIPPER, DEPOT), (SHIPPER, DEPOT)),
        "STRP": Authority((CONSIGNEE, DEPOT), (CONSIGNEE, DEPOT)),
        "PICK": Authority((TRUCKER,), (TRUCKER, CARRIER)),
        "DROP": Authority((TRUCKER,), (TRUCKER, CARRIER)),
        "INSP": Authority((CUSTOMS, TERMINAL, DEPOT), (CUSTOMS,)),
        "RSEA": Authority((CUSTOMS, TERMINAL, DEPOT)),
        "RMVD": Authority((CUSTOMS, TERMINAL, DEPOT)),
        "AVPU": Authority((TERMINAL, DEPOT), (TERMINAL, DEPOT, CARRIER)),
        "AVDO": Authority((TERMINAL, DEPOT), (TERMINAL, DEPOT, CARRIER)),
        "CUSS": _CUSTOMS,
        "CUSI": _CUSTOMS,
        "CUSR": _CUSTOMS,
        "CROS": Authority((TRUCKER, CUSTOMS), (TRUCKER,)),
    },
    "IOT": {"DETC": Authority((SENSORS,))},
    "REEFER": {"MEAS": _REEFER, "ADJU": Authority((SENSORS, CARRIER, TERMINAL))},
    "SHIPMENT": {
        **dict.fromkeys(OFFICE, _CARRIER),
        "HOLD": Authority((CARRIER, CUSTOMS), (CARRIER, CUSTOMS)),
        "RELS": Authority((CARRIER, CUSTOMS), (CARRIER, CUSTOMS)),
    },
}
NEEDED: Mapping[EventType, tuple[str, ...]] = {
    "TRANSPORT": ("vessel_imo", "voyage", "port"),
    "EQUIPMENT": ("equipment",),
    "IOT": ("equipment", "sensed"),
    "REEFER": ("equipment", "reading"),
    "SHIPMENT": (),
}
NEEDED_BY_CODE: Mapping[str, tuple[str, ...]] = {
    "GTIN": ("equipment", "port", "empty"),
    "GTOT": ("equipment", "port", "empty"),
    "LOAD": ("equipment", "port"),
    "DISC": ("equipment", "port"),
}


def entitled(event_type: EventType, code: str, classifier: Classifier) -> tuple[str, ...]:
    """Roles that may post this; none for a code that the type does not have."""
    authority = AUTHORITY[event_type].get(code, Authority(()))
    return authority.happened if classifier == "ACT" else authority.expected


def needed_fields(event_type: EventType, code: str) -> tuple[str, ...]:
    """Fields of a report without which an event says nothing."""
    return NEEDED_BY_CODE.get(code, NEEDED[event_type]) if event_type == "EQUIPMENT" else NEEDED[event_type]
