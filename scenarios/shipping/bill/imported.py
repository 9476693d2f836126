"""Transport documents and endorsement chains in the shape of DCSA's bill of lading 3.0, by the conditions of this ledger's own.

A document is noted, not issued: a file gives no title. Field names follow the published interface. Each condition
(`conditions.py`) is asked where its values are read, so that a fault has its path. Two are only for documents of this ledger:
an option judges check digits of files, and a file may list empty containers.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from ledger.errors import JsonValue
from scenarios.importing.json_file import DecimalText
from scenarios.shipping.bill import conditions
from scenarios.shipping.json_look import Look

_STATUSES = (
    *("DRAFT", "APPROVED", "ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT", "SURRENDERED_FOR_AMENDMENT", "VOID", "VOIDED"),
    *("PENDING_SURRENDER_FOR_DELIVERY", "SURRENDERED_FOR_DELIVERY"),
)
_TYPES, _PROVIDERS, _TERMS = ("BOL", "SWB"), ("SMDG", "NMFTA"), ("PRE", "COL")
_PLACES, _LOADS = ("CY", "SD", "CFS"), ("FCL", "LCL")
_PORT, _BOX, _CODE = r"[A-Z]{2}[A-Z2-9]{3}", r"[A-Z]{4}[0-9]{7}", r"[A-Za-z0-9_.-]{1,35}"
_REQUESTS = ("SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT")
_BY_POSSESSOR = (*_REQUESTS, "TRANSFER", "SIGN", "BLANK_ENDORSE")
_ACTIONS = {
    **{action: action for action in (*_REQUESTS, *["ISSUE", "TRANSFER", "ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE", "SIGN"])},
    "SURRENDERED": "SACC",
}
GRAMS = {"KGM": (1, 1), "LBR": (45_359_237, 100_000_000)}
"""A unit of weight as a fraction of a kilogram."""


@dataclass(slots=True)
class Box:
    """A container as the file has it, and what `note_document` takes of it."""

    reference: str
    seals: list[str]
    tare_kg: int
    """0 where it is not given: then the gross weight is not known."""
    cargo_kg: int = 0
    un_numbers: tuple[str, ...] = ()

    def noted(self) -> dict[str, Any]:
        """The fields of `NotedEquipment`."""
        weight_kg = self.tare_kg + self.cargo_kg if self.tare_kg else 0
        numbers = list(dict.fromkeys(self.un_numbers))
        return {"reference": self.reference, "gross_weight_kg": weight_kg, "seals": self.seals, "un_numbers": numbers}


def is_document(value: Mapping[str, JsonValue]) -> bool:
    """Whether an object looks like a transport document."""
    return "transportDocumentReference" in value or "transportDocumentTypeCode" in value


def read_document(look: Look, carrier: str) -> tuple[str, dict[str, Any]]:
    """Reference and arguments of `note_document`; everything that is wrong goes to the look's faults."""
    reference = look.text("transportDocumentReference", pattern=r"[A-Za-z0-9-]{1,20}", required=True)
    kind = look.one_of(_same(_TYPES), "transportDocumentTypeCode", required=True)
    status = look.one_of(_same(_STATUSES), "transportDocumentStatus", required=True)
    is_electronic, is_to_order = look.flag("isElectronic", required=True), look.flag("isToOrder", required=True)
    originals = _read_form(look)
    _note(look, "numberOfOriginalsWithoutCharges", conditions.faults_of_originals(kind, is_electronic, originals))
    _read_parties(look, kind, is_to_order=is_to_order, is_electronic=is_electronic)
    _read_dates(look)
    _read_charges(look)
    ports = _read_transports(look)
    boxes = _read_boxes(look)
    booking = _read_goods(look, boxes)
    _mark_seen(look)
    document = {
        "carrier": carrier,
        "type_code": kind,
        "status": status,
        "is_to_order": is_to_order,
        "is_electronic": is_electronic,
        "booking": booking,
        "ports": ports,
        "equipment": [box.noted() for box in boxes.values()],
        "checksum": checksum(look.value),
    }
    return reference, document


def is_chain(value: Mapping[str, JsonValue]) -> bool:
    """Whether an object looks like an endorsement chain."""
    return "endorsementChain" in value


def read_chain(look: Look) -> tuple[str, dict[str, Any]]:
    """Reference and chain for `note_chain`, of DCSA's endorsement chain 3.0, whose newest entry comes first.

    A rejected surrender has no entry of its own: after a request either side may act.
    """
    reference = look.text("transportDocumentReference", pattern=r"[A-Za-z0-9-]{1,20}", required=True)
    look.named("transportDocumentSubReference", "carrierSCACCode")
    actions: list[str] = []
    possessor, may_act, last_ms = "", [""], 0
    for entry in reversed(list(look.items("endorsementChain", required=True))):
        at_ms = entry.instant("actionDateTime", required=True)
        action = entry.one_of(_ACTIONS, "actionCode", required=True)
        actor, recipient = _read_actor(entry, "actor", required=True), _read_actor(entry, "recipient")
        entry.named("auditReference")
        if at_ms < last_ms:  # check: shipping-import-chain-time
            entry.fault("actionDateTime", "older-than-before", entry.value.get("actionDateTime"))
        if (action == "ISSUE") != (not actions) or actions[-1:] == ["SACC"]:  # check: shipping-import-chain-order
            entry.fault("actionCode", "chain-order", action)
        if (
            action in (*_REQUESTS, "TRANSFER", "SIGN", "BLANK_ENDORSE") and actor not in may_act
        ):  # check: shipping-import-possessor
            entry.fault("actor", "no-possessor", actor)
        if action in ("ISSUE", "TRANSFER", *_REQUESTS):
            possessor, may_act = recipient or possessor, [recipient, actor] if action in _REQUESTS else [recipient]
        actions.append(action)
        last_ms = max(last_ms, at_ms)
    found = {"actions": actions, "possessor": possessor or "-", "last_at_ms": last_ms, "checksum": checksum(look.value)}
    return reference, found


def _read_actor(entry: Look, name: str, *, required: bool = False) -> str:
    """The name of a party of an entry; empty where there is none."""
    party = entry.part(name, required=required)
    party.named("eblPlatform", "identifyingCodes", "taxLegalReferences", "representedParty")
    return party.text("partyName", pattern=r"[^\n]{1,70}", required=bool(party.value))


def checksum(value: Mapping[str, JsonValue]) -> str:
    """SHA-256 of the document as it came, by RFC 8785: unknown fields count, spaces and the order of names do not."""
    return hashlib.sha256(rfc8785.dumps(_numbers(value))).hexdigest()


def _note(look: Look, name: str, faults: Iterable[tuple[str, str]]) -> None:
    """Notes what is wrong with a field; several values that break one condition are one fault."""
    values: dict[str, list[str]] = {}
    for code, value in faults:
        values.setdefault(code, []).append(value)
    for code, wrong in values.items():
        look.fault(name, code, ", ".join(dict.fromkeys(wrong)))


def _read_form(look: Look) -> int:
    """Terms and forms; the number of originals."""
    look.text("carrierCode", pattern=r"[A-Z0-9]{2,4}", required=True)
    look.one_of(_same(_PROVIDERS), "carrierCodeListProvider", required=True)
    _, terms = look.named("termsAndConditions")
    if not isinstance(terms, str) or not terms.strip():  # check: shipping-import-terms
        look.fault("termsAndConditions", "missing" if terms is None else "bad-value")
    for end, name in (("Origin", "receiptTypeAtOrigin"), ("Destination", "deliveryTypeAtDestination")):
        look.one_of(_same(_PLACES), name, required=True)
        look.one_of(_same(_LOADS), f"cargoMovementTypeAt{end}", required=True)
    return sum(look.number(f"numberOfOriginals{way}Charges", places=0) or 0 for way in ("With", "Without"))


def _read_parties(look: Look, kind: str, *, is_to_order: bool, is_electronic: bool) -> None:
    parties = look.part("documentParties", required=True)
    parties.part("issuingParty", required=True)
    addressed = [parties.part("shipper", required=True), *map(parties.part, ("consignee", "endorsee"))]
    for party in (*addressed, *parties.items("notifyParties")):
        _, lines = party.named("displayedAddress")
        count = len(lines) if isinstance(lines, list) else 0
        _note(party, "displayedAddress", conditions.faults_of_address(is_electronic, count))
    has_consignee, has_endorsee = (parties.value.get(name) is not None for name in ("consignee", "endorsee"))
    for code, field in conditions.faults_of_parties(kind, is_to_order, has_consignee, has_endorsee):
        if field == "is_to_order":
            look.fault("isToOrder", code)
        else:
            parties.fault(field, code)


def _read_dates(look: Look) -> None:
    is_on_board = look.flag("isShippedOnBoardType", required=True)
    names = {"on-board": "shippedOnBoardDate", "received": "receivedForShipmentDate"}
    for code, date in conditions.faults_of_dates(is_on_board, *map(look.day, names.values())):
        look.fault(names[date], code, date)


def _read_charges(look: Look) -> None:
    for charge in look.items("charges"):
        charge.text("chargeName", pattern=r"[^\n]{1,50}", required=True)
        _, amount = charge.named("currencyAmount")
        is_coarse = not isinstance(amount, DecimalText) or re.fullmatch(r"[0-9]+\.[0-9]{1,2}", amount) is not None
        if not is_coarse:  # check: shipping-import-charge
            charge.fault("currencyAmount", "too-many-decimals", amount)
        else:
            charge.number("currencyAmount", places=2, required=True)
        charge.text("currencyCode", pattern=r"[A-Z]{3}", required=True)
        charge.one_of(_same(_TERMS), "paymentTermCode", required=True)


def _read_transports(look: Look) -> list[str]:
    transports = look.part("transports", required=True)
    transports.day("plannedArrivalDate", required=True)
    transports.day("plannedDepartureDate", required=True)
    ends = [transports.part(name, required=True) for name in ("portOfLoading", "portOfDischarge")]
    ports = [end.text("UNLocationCode", pattern=_PORT, required=True) for end in ends]
    for voyage in transports.items("vesselVoyages", required=True):
        voyage.text("vesselName", pattern=r"[^\n]{1,50}", required=True)
    return ports


def _read_boxes(look: Look) -> dict[str, Box]:
    """What is known of each container by its number, from `utilizedTransportEquipments`."""
    boxes: dict[str, Box] = {}
    for item in look.items("utilizedTransportEquipments", required=True):
        box = item.part("equipment") if "equipment" in item.value else item
        reference = box.text("equipmentReference", pattern=_BOX, required=True)
        iso_code = box.text("ISOEquipmentCode", pattern=r"[A-Z0-9]{4}")
        seals = [seal.text("number", pattern=r"[^\n]{1,15}", required=True) for seal in item.items("seals")]
        _read_customs(item)
        settings, has_settings = item.part("activeReeferSettings"), "activeReeferSettings" in item.value
        is_non_operating = item.flag("isNonOperatingReefer")
        wrong = conditions.faults_of_settings(reference, iso_code, is_non_operating, has_settings)
        _note(item, "activeReeferSettings", wrong)
        for name in ("temperature", "airExchange"):
            is_set, has_unit = (settings.named(f"{name}{part}")[1] is not None for part in ("Setpoint", "Unit"))
            _note(settings, f"{name}Unit", conditions.faults_of_setpoint(reference, is_set, has_unit))
        if reference:
            _note(box, "equipmentReference", conditions.faults_of_listing(reference, boxes))
            boxes[reference] = Box(reference, seals, _weight_kg(box, "tareWeight"))
    return boxes


def _read_goods(look: Look, boxes: Mapping[str, Box]) -> str:
    """Goods by container; the first booking that they name."""
    bookings = []
    _read_customs(look)
    for consignment in look.items("consignmentItems", required=True):
        bookings.append(consignment.text("carrierBookingReference", pattern=_CODE, required=True))
        _read_customs(consignment)
        for cargo in consignment.items("cargoItems", required=True):
            reference = cargo.text("equipmentReference", pattern=_BOX, required=True)
            if reference:
                _note(cargo, "equipmentReference", conditions.faults_of_cargo(reference, boxes))
            weight_kg = _weight_kg(cargo, "cargoGrossWeight", required=True)
            numbers = _read_dangerous(cargo)
            _read_customs(cargo)
            if box := boxes.get(reference):
                box.cargo_kg += weight_kg
                box.un_numbers += numbers
    return next((booking for booking in bookings if booking), "")


def _read_customs(look: Look) -> None:
    """A list of customs references holds one of a type and country; another list of the document may repeat it."""
    procedures = []
    for reference in look.items("customsReferences"):
        name = reference.text("type", pattern=r"[^\n]{1,50}", required=True)
        procedures.append(f"{reference.text('countryCode', pattern=r'[A-Z]{2}', required=True)}:{name}")
    _note(look, "customsReferences", conditions.faults_of_customs(procedures))


def _read_dangerous(cargo: Look) -> tuple[str, ...]:
    """UN numbers of the dangerous goods in one outer packaging, whose code is that of the packaging itself."""
    packaging = cargo.part("outerPackaging")
    packaging.text("packageCode", pattern=r"[A-Z0-9]{2}")
    packaging.text("imoPackagingCode", pattern=r"[A-Z0-9]{1,5}")
    is_packed = packaging.named("packageCode", "imoPackagingCode")[1] is not None
    numbers = []
    for goods in packaging.items("dangerousGoods"):
        numbers.append(goods.text("UNNumber", "NANumber", "unNumber", "naNumber", pattern=r"[0-9]{4}", required=True))
        goods.text("imoClass", pattern=r"[1-9](\.[1-9][A-Z]?)?", required=True)
        goods.one_of(_same(conditions.INHALATION_ZONES), "inhalationZone")
        _, groups = goods.named("segregationGroups")
        listed = groups if isinstance(groups, list) else [] if groups is None else [groups]
        _note(goods, "segregationGroups", conditions.faults_of_groups([*map(str, listed)]))
    _note(packaging, "packageCode", (fault for number in numbers for fault in conditions.faults_of_packaging(number, is_packed)))
    return tuple(filter(None, numbers))


def _weight_kg(look: Look, name: str, *, required: bool = False) -> int:
    """A weight with its unit, in kilograms, half up."""
    weight = look.part(name, required=required)
    if not weight.value:
        return 0
    hundredths = weight.number("value", places=2, required=True) or 0
    unit = weight.one_of({unit: unit for unit in GRAMS}, "unit", required=True)
    numerator, denominator = GRAMS.get(unit, (0, 1))
    return (2 * hundredths * numerator + 100 * denominator) // (200 * denominator)


def _mark_seen(look: Look) -> None:
    look.part("invoicePayableAt", required=True)
    for _ in look.items("partyContactDetails", required=True):
        pass


def _same(words: tuple[str, ...]) -> dict[str, str]:
    return {word: word for word in words}


def _numbers(value: Any) -> Any:
    if isinstance(value, DecimalText):
        return float(value)
    if isinstance(value, Mapping):
        return {name: _numbers(member) for name, member in value.items()}
    return [_numbers(member) for member in value] if isinstance(value, list) else value
