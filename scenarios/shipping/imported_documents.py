"""Transport documents in the shape of DCSA's bill of lading 3.0, and the conditions that DCSA's conformance checks have for them.

A document is noted, not issued: a file gives nobody a title. Field names and conditions follow the published interface.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import rfc8785

from ledger.errors import JsonValue
from scenarios.importing.json_file import DecimalText
from scenarios.shipping.conditions import ADDRESS_LINES_MAX, INHALATION_ZONES, SEGREGATION_GROUPS
from scenarios.shipping.json_look import Look

_STATUSES = (
    *("DRAFT", "APPROVED", "ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT", "SURRENDERED_FOR_AMENDMENT", "VOID", "VOIDED"),
    *("PENDING_SURRENDER_FOR_DELIVERY", "SURRENDERED_FOR_DELIVERY"),
)
_TYPES, _PROVIDERS, _TERMS = ("BOL", "SWB"), ("SMDG", "NMFTA"), ("PRE", "COL")
_PLACES, _LOADS = ("CY", "SD", "CFS"), ("FCL", "LCL")
_PORT, _BOX, _CODE = r"[A-Z]{2}[A-Z2-9]{3}", r"[A-Z]{4}[0-9]{7}", r"[A-Za-z0-9_.-]{1,35}"
GRAMS = {"KGM": (1, 1), "LBR": (45_359_237, 100_000_000)}
"""A unit of weight as a fraction of a kilogram."""


def is_document(value: Mapping[str, JsonValue]) -> bool:
    """Whether an object looks like a transport document."""
    return "transportDocumentReference" in value or "transportDocumentTypeCode" in value


def read_document(look: Look, carrier: str) -> tuple[str, dict[str, Any]]:
    """Reference and arguments of `note_document`; everything that is wrong goes to the look's faults."""
    reference = look.text("transportDocumentReference", pattern=r"[A-Za-z0-9-]{1,20}", required=True)
    kind = look.one_of(_same(_TYPES), "transportDocumentTypeCode", required=True)
    status = look.one_of(_same(_STATUSES), "transportDocumentStatus", required=True)
    is_electronic, is_to_order = look.flag("isElectronic", required=True), look.flag("isToOrder", required=True)
    _read_form(look, kind, is_electronic=is_electronic)
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
        "equipment": [_noted(box) for box in boxes.values()],
        "checksum": checksum(look.value),
    }
    return reference, document


def checksum(value: Mapping[str, JsonValue]) -> str:
    """SHA-256 of the document as it came, by RFC 8785: unknown fields count, spaces and the order of names do not."""
    return hashlib.sha256(rfc8785.dumps(_numbers(value))).hexdigest()


def _read_form(look: Look, kind: str, *, is_electronic: bool) -> None:
    look.text("carrierCode", pattern=r"[A-Z0-9]{2,4}", required=True)
    look.one_of(_same(_PROVIDERS), "carrierCodeListProvider", required=True)
    _, terms = look.named("termsAndConditions")
    if not isinstance(terms, str) or not terms.strip():  # check: shipping-import-terms
        look.fault("termsAndConditions", "missing" if terms is None else "bad-value")
    for end in ("Origin", "Destination"):
        name = "receiptTypeAtOrigin" if end == "Origin" else "deliveryTypeAtDestination"
        look.one_of(_same(_PLACES), name, required=True)
        look.one_of(_same(_LOADS), f"cargoMovementTypeAt{end}", required=True)
    originals: list[int] = [look.number(f"numberOfOriginals{way}Charges", places=0) or 0 for way in ("With", "Without")]
    if kind == "SWB" and originals[0] + originals[1]:  # check: shipping-import-waybill-originals
        look.fault("numberOfOriginalsWithoutCharges", "waybill-originals", sum(originals))
    elif is_electronic and sum(originals) > 1:  # check: shipping-import-originals
        look.fault("numberOfOriginalsWithoutCharges", "too-many-originals", sum(originals))


def _read_parties(look: Look, kind: str, *, is_to_order: bool, is_electronic: bool) -> None:
    parties = look.part("documentParties", required=True)
    parties.part("issuingParty", required=True)
    addressed = [parties.part("shipper", required=True), *map(parties.part, ("consignee", "endorsee"))]
    addressed += parties.items("notifyParties")
    has_consignee, has_endorsee = (parties.value.get(name) is not None for name in ("consignee", "endorsee"))
    if is_to_order and kind == "SWB":  # check: shipping-import-waybill
        look.fault("isToOrder", "waybill-to-order", "true")
    if is_to_order and has_consignee:  # check: shipping-import-consignee
        parties.fault("consignee", "consignee-on-order")
    if not is_to_order and not has_consignee:  # check: shipping-import-consignee-missing
        parties.fault("consignee", "consignee-missing")
    if not is_to_order and has_endorsee:  # check: shipping-import-endorsee
        parties.fault("endorsee", "endorsee-on-straight")
    for party in addressed:
        _, lines = party.named("displayedAddress")
        if isinstance(lines, list) and len(lines) > ADDRESS_LINES_MAX[is_electronic]:  # check: shipping-import-address
            party.fault("displayedAddress", "address-too-long", len(lines))


def _read_dates(look: Look) -> None:
    """Shipped on board or received for shipment: the date that belongs to it, and not the other."""
    is_on_board = look.flag("isShippedOnBoardType", required=True)
    dates = ("shippedOnBoardDate", "receivedForShipmentDate")
    days = [look.day(name) for name in dates]
    if all(days):  # check: shipping-import-two-dates
        look.fault(dates[1], "two-dates")
    elif not days[0 if is_on_board else 1]:  # check: shipping-import-date
        look.fault(dates[0 if is_on_board else 1], "date-missing")


def _read_charges(look: Look) -> None:
    for charge in look.items("charges"):
        charge.text("chargeName", pattern=r"[^\n]{1,50}", required=True)
        _, amount = charge.named("currencyAmount")
        if (
            isinstance(amount, DecimalText) and re.fullmatch(r"[0-9]+\.[0-9]{1,2}", amount) is None
        ):  # check: shipping-import-charge
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


def _read_boxes(look: Look) -> dict[str, dict[str, Any]]:
    """What is known of each container by its number, from `utilizedTransportEquipments`."""
    boxes: dict[str, dict[str, Any]] = {}
    for item in look.items("utilizedTransportEquipments", required=True):
        box = item.part("equipment") if "equipment" in item.value else item
        reference = box.text("equipmentReference", pattern=_BOX, required=True)
        iso_code = box.text("ISOEquipmentCode", pattern=r"[A-Z0-9]{4}")
        if reference in boxes:  # check: shipping-import-equipment-twice
            box.fault("equipmentReference", "equipment-twice", reference)
        seals = [seal.text("number", pattern=r"[^\n]{1,15}", required=True) for seal in item.items("seals")]
        _read_customs(item)
        settings = item.part("activeReeferSettings")
        is_running = iso_code[2:3] == "R" and not item.flag("isNonOperatingReefer")
        if is_running and "activeReeferSettings" not in item.value:  # check: shipping-import-reefer
            item.fault("activeReeferSettings", "reefer-settings-missing", reference)
        for setpoint in ("temperature", "airExchange"):
            pair = (settings.named(f"{setpoint}Setpoint")[1], settings.named(f"{setpoint}Unit")[1])
            if (pair[0] is None) != (pair[1] is None):  # check: shipping-import-units
                settings.fault(f"{setpoint}Unit", "setpoint-without-unit", reference)
        if reference:
            tare = _weight_kg(box, "tareWeight")
            boxes[reference] = {"reference": reference, "seals": seals, "tare": tare, "cargo": 0, "un_numbers": []}
    return boxes


def _read_goods(look: Look, boxes: dict[str, dict[str, Any]]) -> str:
    """Goods by container; the first booking that they name."""
    bookings = []
    _read_customs(look)
    for consignment in look.items("consignmentItems", required=True):
        bookings.append(consignment.text("carrierBookingReference", pattern=_CODE, required=True))
        _read_customs(consignment)
        for cargo in consignment.items("cargoItems", required=True):
            reference = cargo.text("equipmentReference", pattern=_BOX, required=True)
            if reference and reference not in boxes:  # check: shipping-import-unknown-equipment
                cargo.fault("equipmentReference", "unknown-equipment", reference)
            box = boxes.setdefault(reference, {"reference": "", "seals": [], "tare": 0, "cargo": 0, "un_numbers": []})
            box["cargo"] += _weight_kg(cargo, "cargoGrossWeight", required=True)
            box["un_numbers"] += _dangerous(cargo.part("outerPackaging"))
            _read_customs(cargo)
    boxes.pop("", None)
    for name in [name for name, box in boxes.items() if not box["reference"]]:
        del boxes[name]
    return next((booking for booking in bookings if booking), "")


def _read_customs(look: Look) -> None:
    """A list of customs references holds one of a type and country; another list of the document may repeat it."""
    procedures = [
        (
            reference.text("type", pattern=r"[^\n]{1,50}", required=True),
            reference.text("countryCode", pattern=r"[A-Z]{2}", required=True),
        )
        for reference in look.items("customsReferences")
    ]
    if len(procedures) > len(set(procedures)):  # check: shipping-import-customs-twice
        look.fault("customsReferences", "customs-reference-twice")


def _dangerous(packaging: Look) -> list[str]:
    """UN numbers of the dangerous goods in one outer packaging, whose code is that of the packaging itself."""
    numbers = [_dangerous_number(goods) for goods in packaging.items("dangerousGoods")]
    packaging.text("packageCode", pattern=r"[A-Z0-9]{2}")
    packaging.text("imoPackagingCode", pattern=r"[A-Z0-9]{1,5}")
    code = packaging.named("packageCode", "imoPackagingCode")[1]
    if numbers and code is None:  # check: shipping-import-packaging
        packaging.fault("packageCode", "dangerous-packaging", ", ".join(numbers))
    return [number for number in numbers if number]


def _dangerous_number(goods: Look) -> str:
    number = goods.text("UNNumber", "NANumber", "unNumber", "naNumber", pattern=r"[0-9]{4}", required=True)
    goods.text("imoClass", pattern=r"[1-9](\.[1-9][A-Z]?)?", required=True)
    goods.one_of(_same(INHALATION_ZONES), "inhalationZone")
    _, groups = goods.named("segregationGroups")
    listed = groups if isinstance(groups, list) else [] if groups is None else [groups]
    unknown = [str(group) for group in listed if str(group) not in SEGREGATION_GROUPS]
    if unknown:  # check: shipping-import-segregation
        goods.fault("segregationGroups", "segregation-group", ", ".join(unknown))
    return number


def _weight_kg(look: Look, name: str, *, required: bool = False) -> int:
    """A weight with its unit, in kilograms, half up."""
    weight = look.part(name, required=required)
    if not weight.value:
        return 0
    hundredths = weight.number("value", places=2, required=True) or 0
    unit = weight.one_of({unit: unit for unit in GRAMS}, "unit", required=True)
    numerator, denominator = GRAMS.get(unit, (0, 1))
    return (2 * hundredths * numerator + 100 * denominator) // (200 * denominator)


def _noted(box: Mapping[str, Any]) -> dict[str, Any]:
    """The gross weight of a container is known when its own weight is told."""
    weight_kg = box["tare"] + box["cargo"] if box["tare"] else 0
    return {
        "reference": box["reference"],
        "gross_weight_kg": weight_kg,
        "seals": box["seals"],
        "un_numbers": list(dict.fromkeys(box["un_numbers"])),
    }


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
