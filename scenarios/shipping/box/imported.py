"""Events in the shape of DCSA's Track & Trace, 2.2 (flat) and 3.0 (in parts, with codes or with words), as reports."""

from collections.abc import Mapping
from typing import Any

from ledger.errors import JsonValue
from scenarios.shipping.box.event_codes import AUTHORITY, OFFICE, needed_fields
from scenarios.shipping.json_look import Look

TYPES = {name: name for name in ("TRANSPORT", "EQUIPMENT", "IOT", "REEFER", "SHIPMENT")}
CLASSIFIERS = {"PLN": "PLN", "EST": "EST", "ACT": "ACT", "PLANNED": "PLN", "ESTIMATED": "EST", "ACTUAL": "ACT"}
EQUIPMENT = {
    "LOADED": "LOAD", "DISCHARGED": "DISC", "GATED_IN": "GTIN", "GATED_OUT": "GTOT", "STUFFED": "STUF", "STRIPPED": "STRP",
    "PICKED_UP": "PICK", "DROPPED_OFF": "DROP", "INSPECTED": "INSP", "RESEALED": "RSEA", "REMOVED": "RMVD",
    "AVAILABLE_FOR_PICKUP": "AVPU", "AVAILABLE_FOR_DROP_OFF": "AVDO", "CROSSED": "CROS", "CUSTOMS_RELEASED": "CUSR",
    "CUSTOMS_SELECTED_FOR_SCAN": "CUSS", "CUSTOMS_SELECTED_FOR_INSPECTION": "CUSI",
}  # fmt: skip
SENSED = {"DOOR_OPENED": "DRO", "DOOR_CLOSED": "DRC", "BREADCRUMB": "LOC", "DRO": "DRO", "DRC": "DRC", "LOC": "LOC"}
WORDS: Mapping[str, Mapping[str, str]] = {
    "TRANSPORT": {"ARRIVED": "ARRI", "DEPARTED": "DEPA"},
    "EQUIPMENT": EQUIPMENT,
    "IOT": {word: "DETC" for word in SENSED if len(word) > 3},
    "REEFER": {"MEASURED": "MEAS", "ADJUSTED": "ADJU"},
    "SHIPMENT": {**{word: code for code, word in OFFICE.items()}, "ON_HOLD": "HOLD", "RELEASED": "RELS"},
}
"""Words of T&T 3.0 for the codes of each type."""
FACILITIES = {
    "BORDER": "BORD", "CUSTOMER_LOCATION": "CLOC", "DEPOT": "DEPO", "CONTAINER_FREIGHT_STATION": "COFS",
    "INLAND_TERMINAL": "INTE", "OFF_DOCK_STORAGE": "OFFD", "PORT_TERMINAL": "POTE", "RAMP": "RAMP", "WAYPOINT": "WAYP",
}  # fmt: skip
_FACILITIES = {**FACILITIES, **{code: code for code in FACILITIES.values()}, "COFS": "COFS", "BRTH": "POTE"}
_PAPERS = {"BKG": "booking", "BOOKING": "booking", "TRD": "document", "TRANSPORT_DOCUMENT": "document"}
_PATTERNS = {"booking": r"[A-Za-z0-9_.-]{1,35}", "document": r"[A-Za-z0-9-]{1,20}", "": r"[^\n]{1,100}"}
_ID = r"[A-Za-z0-9_.:#-]{1,100}"
_BOX = r"[A-Z]{4}[0-9]{7}"
_PORT = r"[A-Z]{2}[A-Z2-9]{3}"
_CODE = r"[A-Za-z0-9_-]{1,20}"
_WORD = r"[A-Z_]{2,40}"


def is_event(value: Mapping[str, JsonValue]) -> bool:
    """Whether an object looks like an event of some version."""
    return "eventID" in value or "eventClassification" in value or ("eventType" in value and "eventDateTime" in value)


def read_event(look: Look) -> dict[str, Any]:
    """A report as arguments of `record_event`, or of `retract_event` if it has `is_retracted`; faults go to the look."""
    report: dict[str, Any] = {"event_id": look.text("eventID", pattern=_ID, required=True)}
    report["originator"] = _originator(look)
    updated = updated_field(look.value)
    report["updated_at_ms"] = look.instant(updated, required=True)
    if look.flag("isRetracted"):  # whatever else it says is to be ignored
        look.seen.extend(look.value)
        return {**report, "reason": look.text("reason"), "is_retracted": True}
    kinds = look.part("eventClassification") if "eventClassification" in look.value else look
    report["event_at_ms"] = look.instant("eventDateTime", required=True)
    report["event_type"] = kinds.one_of(TYPES, "eventTypeCode", "eventType", required=True)
    report["classifier"] = kinds.one_of(CLASSIFIERS, "eventClassifierCode", "eventClassifier", required=True)
    report |= _code(look, kinds, report["event_type"])
    report |= _place(look, report["code"]) | _equipment(look) | _papers(look)
    report["reason"] = look.text("reason", "changeRemark")
    if report["event_type"] == "REEFER":
        report["reading"] = _reading(look.part("reeferDetails", required=True))
    _require_needed(look, report)
    if report["classifier"] == "ACT" and report["event_at_ms"] > report["updated_at_ms"] > 0:  # check: shipping-import-told-after
        told = f"{look.value['eventDateTime']} > {updated} {look.value[updated]}"
        look.fault("eventDateTime", "happened-after-told", told)
    return report


def updated_field(value: Mapping[str, JsonValue]) -> str:
    """Where an event says when it was told: in 3.0 with its version, in 2.2 when it was made."""
    return "eventUpdatedDateTime" if "eventUpdatedDateTime" in value else "eventCreatedDateTime"


def _originator(look: Look) -> str:
    routing = look.part("eventRouting")
    parties = list(routing.items("originatingParties")) or [routing.part("originatingParty")]
    parts = [parties[0].text(name, pattern=_CODE) for name in ("partyCode", "codeListProvider", "codeListName")]
    for party in parties:
        party.seen.append("partyFunction")
    return ".".join(part for part in parts if part)


def _code(look: Look, kinds: Look, event_type: str) -> dict[str, str]:
    if not event_type:
        return {"code": ""}
    name = event_type.lower()
    codes = AUTHORITY[event_type]  # type: ignore[index]
    words = {**WORDS[event_type], **{code: code for code in codes}}
    told, value = kinds.named(f"{name}EventTypeCode", f"{name}EventType")
    code = kinds.one_of(words, told, required=True)
    if event_type != "IOT":
        return {"code": code}
    details = look.part("iotDetails")
    sensed = SENSED.get(str(value), "") or details.one_of(SENSED, "iotEventCode", "iotEventTypeCode")
    return {"code": code, "sensed": sensed}


def _place(look: Look, code: str) -> dict[str, str]:
    """Port, kind of facility, ship and voyage; of a call at load and departure the export voyage, else the import voyage."""
    where = look.part("eventLocation")
    details = look.part("transportDetails")
    call = details.part("transportCall") if "transportDetails" in look.value else look.part("transportCall")
    port = where.text("UNLocationCode", pattern=_PORT)
    port = call.text("UNLocationCode", pattern=_PORT) or call.part("location").text("UNLocationCode", pattern=_PORT) or port
    facility = where.one_of(_FACILITIES, "facilityTypeCode", "facilityType")
    facility = facility or call.one_of(_FACILITIES, "facilityTypeCode", "facilityType")
    vessel = call.part("vessel", "vesselTransport")
    voyages = []
    for way in ("export", "import"):
        named = call.part(f"{way}VoyageNumberOrReference")
        number = call.text(f"{way}VoyageNumber", "carrierVoyageNumber", pattern=_CODE)
        voyages.append(number or named.text("carrierVoyageNumber", "universalVoyageReference", pattern=_CODE))
    outward, inward = voyages
    voyage = (outward or inward) if code in ("LOAD", "DEPA") else (inward or outward)
    is_ship = call.text("modeOfTransport", pattern=_CODE) in ("", "VESSEL", "BARGE")
    imo = vessel.text("vesselIMONumber", pattern=r"[0-9]{7}")
    return {"port": port, "facility": facility, "vessel_imo": imo if is_ship else "", "voyage": voyage if is_ship else ""}


def _equipment(look: Look) -> dict[str, Any]:
    box = look.part("equipmentDetails") if "equipmentDetails" in look.value else look
    seals = [seal.text("number", "sealNumber", pattern=r"[A-Za-z0-9 ./-]{1,15}", required=True) for seal in box.items("seals")]
    box.seen += ["ISOEquipmentCode", "movementType"]
    return {
        "equipment": box.text("equipmentReference", pattern=_BOX),
        "empty": box.one_of({"EMPTY": "EMPTY", "LADEN": "LADEN"}, "emptyIndicatorCode", "emptyIndicator"),
        "seals": seals,
    }


def _papers(look: Look) -> dict[str, str]:
    """References of booking and transport document."""
    found = {"booking": "", "document": "", "": ""}
    shipment = look.part("shipmentDetails")
    references = [*look.items("documentReferences"), *shipment.items("additionalDocumentReferences")]
    if "documentReference" in shipment.value:
        references.append(shipment.part("documentReference"))
    kinds = [
        reference.text("type", "typeCode", "documentReferenceType", pattern=_WORD, required=True) for reference in references
    ]
    for kind, reference in zip(kinds, references, strict=True):
        paper = _PAPERS.get(kind, "")
        pattern = _PATTERNS[paper]
        found[paper] = reference.text("reference", "documentReferenceValue", pattern=pattern, required=True)
    paper = _PAPERS.get(look.text("documentTypeCode", pattern=_WORD), "")
    found[paper] = look.text("documentID", pattern=_PATTERNS[paper]) or found[paper]
    look.seen.append("references")
    return {paper: reference for paper, reference in found.items() if paper}


def _reading(look: Look) -> dict[str, Any] | None:
    unit = look.one_of({"CEL": "CEL", "FAH": "FAH"}, "temperatureUnit", required=True)
    setpoint = look.number("internalSetpointTemperature", places=1, required=True, is_signed=True)
    probes = [
        probe.number("measuredTemperatureValue", "temperature", places=1, required=True, is_signed=True)
        for probe in look.items("temperatureProbeMeasurements")
    ]
    measured = look.part("measuredParameters")
    shares = {
        name: measured.number(told, places=1)
        for name, told in (("oxygen", "o2Percentage"), ("carbon_dioxide", "co2Percentage"), ("humidity", "humidityPercentage"))
    }
    return {"unit": unit, "setpoint": setpoint, "probes": probes, **shares}


def _require_needed(look: Look, report: Mapping[str, Any]) -> None:
    """What an event of this code cannot do without, named as DCSA names it."""
    if report["event_type"] and report["code"]:
        missing = [name for name in needed_fields(report["event_type"], report["code"]) if not report.get(name)]
        for name in missing:
            path = DCSA_NAMES.get(name, "")
            is_told = any(fault.field.endswith(f".{path.rpartition('.')[2]}") for fault in look.faults if fault.line == look.line)
            if path and not is_told:  # check: shipping-import-needed
                look.fault(path, "missing")


DCSA_NAMES = {
    "equipment": "equipmentReference", "port": "eventLocation.UNLocationCode", "empty": "emptyIndicatorCode",
    "vessel_imo": "transportCall.vessel.vesselIMONumber", "voyage": "transportCall.exportVoyageNumber", "sensed": "iotDetails",
}  # fmt: skip
"""Fields of a report, as they are called in the messages."""
