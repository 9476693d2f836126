"""Transport documents in the shape of DCSA's bill of lading 3.0, judged by the same conditions as documents of this ledger.

A document is noted, not issued: a file gives no title. Field names follow the published interface. Reading a file notes
where each thing stands that the conditions look at, so that a fault is named by its path (`conditions.py` has the rules).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from ledger.errors import JsonValue
from scenarios.importing.json_file import DecimalText
from scenarios.shipping.bill.conditions import (
    INHALATION_ZONES,
    Fault,
    Stated,
    StatedBox,
    StatedDanger,
    faults_of_dates,
    faults_of_stated,
)
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
NOT_OF_FILES = ("wrong-check-digit", "no-cargo")
"""Conditions only on documents of this ledger: an option judges check digits of files, and a file may list empty containers."""


@dataclass(slots=True)
class Reading:
    """What was read of a document so far, and where in the file it stands."""

    spots: dict[str, tuple[Look, str]] = field(default_factory=dict)
    """Place of a condition's fault -> object in the file, and name of the field."""
    addresses: list[int] = field(default_factory=list)
    boxes: list[StatedBox] = field(default_factory=list)
    cargo: list[str] = field(default_factory=list)
    dangers: list[StatedDanger] = field(default_factory=list)
    customs: list[tuple[str, ...]] = field(default_factory=list)
    noted: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Container -> what `note_document` takes of it, with the weights of box and cargo."""

    def add(self, kind: str, value: Any, **spots: tuple[Look, str]) -> None:
        """One more item of a list, and where its parts stand; an empty name stands for the item."""
        values: list[Any] = getattr(self, kind)
        for name, spot in spots.items():
            self.spots[f"{kind} {len(values)} {name}".removesuffix(" item")] = spot
        values.append(value)


def is_document(value: Mapping[str, JsonValue]) -> bool:
    """Whether an object looks like a transport document."""
    return "transportDocumentReference" in value or "transportDocumentTypeCode" in value


def read_document(look: Look, carrier: str) -> tuple[str, dict[str, Any]]:
    """Reference and arguments of `note_document`; everything that is wrong goes to the look's faults."""
    reading = Reading()
    reference = look.text("transportDocumentReference", pattern=r"[A-Za-z0-9-]{1,20}", required=True)
    kind = look.one_of(_same(_TYPES), "transportDocumentTypeCode", required=True)
    status = look.one_of(_same(_STATUSES), "transportDocumentStatus", required=True)
    is_electronic, is_to_order = look.flag("isElectronic", required=True), look.flag("isToOrder", required=True)
    originals = _read_form(look)
    has_consignee, has_endorsee = _read_parties(look, reading)
    _read_dates(look)
    _read_charges(look)
    ports = _read_transports(look)
    _read_boxes(look, reading)
    booking = _read_goods(look, reading)
    _mark_seen(look)
    reading.spots |= {"is_to_order": (look, "isToOrder"), "originals": (look, "numberOfOriginalsWithoutCharges")}
    stated = Stated(
        type_code=kind,
        is_to_order=is_to_order,
        is_electronic=is_electronic,
        has_consignee=has_consignee,
        has_endorsee=has_endorsee,
        originals=originals,
        addresses=tuple(reading.addresses),
        boxes=tuple(reading.boxes),
        cargo=tuple(reading.cargo),
        dangers=tuple(reading.dangers),
        customs=tuple(reading.customs),
    )
    _name(faults_of_stated(stated), reading.spots)
    document = {
        "carrier": carrier,
        "type_code": kind,
        "status": status,
        "is_to_order": is_to_order,
        "is_electronic": is_electronic,
        "booking": booking,
        "ports": ports,
        "equipment": [_noted(box) for box in reading.noted.values()],
        "checksum": checksum(look.value),
    }
    return reference, document


def checksum(value: Mapping[str, JsonValue]) -> str:
    """SHA-256 of the document as it came, by RFC 8785: unknown fields count, spaces and the order of names do not."""
    return hashlib.sha256(rfc8785.dumps(_numbers(value))).hexdigest()


def _name(faults: Iterable[Fault], spots: Mapping[str, tuple[Look, str]]) -> None:
    """Notes each fault where it stands in the file; several values at one place are one fault."""
    found: dict[tuple[str, str, str], tuple[Look, list[str]]] = {}
    for fault in faults:
        if fault.code not in NOT_OF_FILES:
            look, name = spots[fault.place]
            found.setdefault((fault.code, look.path, name), (look, []))[1].append(
                "" if fault.value == fault.place else fault.value
            )
    for (code, _, name), (look, values) in found.items():
        look.fault(name, code, ", ".join(dict.fromkeys(values)))


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


def _read_parties(look: Look, reading: Reading) -> tuple[bool, bool]:
    """Whether there are a consignee and an endorsee."""
    parties = look.part("documentParties", required=True)
    parties.part("issuingParty", required=True)
    addressed = [parties.part("shipper", required=True), *map(parties.part, ("consignee", "endorsee"))]
    for party in (*addressed, *parties.items("notifyParties")):
        _, lines = party.named("displayedAddress")
        reading.add("addresses", len(lines) if isinstance(lines, list) else 0, item=(party, "displayedAddress"))
    reading.spots |= {name: (parties, name) for name in ("consignee", "endorsee")}
    return parties.value.get("consignee") is not None, parties.value.get("endorsee") is not None


def _read_dates(look: Look) -> None:
    is_on_board = look.flag("isShippedOnBoardType", required=True)
    spots = {"shipped date": (look, "shippedOnBoardDate"), "received date": (look, "receivedForShipmentDate")}
    shipped_on_ms, received_on_ms = (look.day(name) for _, name in spots.values())
    _name(faults_of_dates(is_on_board, shipped_on_ms=shipped_on_ms, received_on_ms=received_on_ms), spots)


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


def _read_boxes(look: Look, reading: Reading) -> None:
    """What is known of each container by its number, from `utilizedTransportEquipments`."""
    for item in look.items("utilizedTransportEquipments", required=True):
        box = item.part("equipment") if "equipment" in item.value else item
        reference = box.text("equipmentReference", pattern=_BOX, required=True)
        seals = [seal.text("number", pattern=r"[^\n]{1,15}", required=True) for seal in item.items("seals")]
        _read_customs(item, reading)
        settings = item.part("activeReeferSettings")
        stated = StatedBox(
            reference=reference,
            iso_code=box.text("ISOEquipmentCode", pattern=r"[A-Z0-9]{4}"),
            is_non_operating=item.flag("isNonOperatingReefer"),
            has_settings="activeReeferSettings" in item.value,
            temperature=_pair(settings, "temperature"),
            air_exchange=_pair(settings, "airExchange"),
        )
        spots = {"settings": (item, "activeReeferSettings"), "temperature": (settings, "temperatureUnit")}
        spots |= {"item": (box, "equipmentReference"), "air_exchange": (settings, "airExchangeUnit")}
        reading.add("boxes", stated, **spots)
        if reference:
            tare = _weight_kg(box, "tareWeight")
            reading.noted[reference] = {"reference": reference, "seals": seals, "tare": tare, "cargo": 0, "un_numbers": []}


def _read_goods(look: Look, reading: Reading) -> str:
    """Goods by container; the first booking that they name."""
    bookings = []
    _read_customs(look, reading)
    for consignment in look.items("consignmentItems", required=True):
        bookings.append(consignment.text("carrierBookingReference", pattern=_CODE, required=True))
        _read_customs(consignment, reading)
        for cargo in consignment.items("cargoItems", required=True):
            reference = cargo.text("equipmentReference", pattern=_BOX, required=True)
            if reference:
                reading.add("cargo", reference, item=(cargo, "equipmentReference"))
            weight_kg = _weight_kg(cargo, "cargoGrossWeight", required=True)
            numbers = _read_dangerous(cargo, reference, reading)
            _read_customs(cargo, reading)
            if box := reading.noted.get(reference):
                box["cargo"] += weight_kg
                box["un_numbers"] += numbers
    return next((booking for booking in bookings if booking), "")


def _read_customs(look: Look, reading: Reading) -> None:
    """A list of customs references holds one of a type and country; another list of the document may repeat it."""
    procedures = [
        (
            reference.text("type", pattern=r"[^\n]{1,50}", required=True),
            reference.text("countryCode", pattern=r"[A-Z]{2}", required=True),
        )
        for reference in look.items("customsReferences")
    ]
    reading.add("customs", tuple(f"{country}:{name}" for name, country in procedures), item=(look, "customsReferences"))


def _read_dangerous(cargo: Look, reference: str, reading: Reading) -> list[str]:
    """UN numbers of the dangerous goods in one outer packaging, whose code is that of the packaging itself."""
    packaging = cargo.part("outerPackaging")
    packaging.text("packageCode", pattern=r"[A-Z0-9]{2}")
    packaging.text("imoPackagingCode", pattern=r"[A-Z0-9]{1,5}")
    is_packed = packaging.named("packageCode", "imoPackagingCode")[1] is not None
    numbers = []
    for goods in packaging.items("dangerousGoods"):
        numbers.append(goods.text("UNNumber", "NANumber", "unNumber", "naNumber", pattern=r"[0-9]{4}", required=True))
        goods.text("imoClass", pattern=r"[1-9](\.[1-9][A-Z]?)?", required=True)
        goods.one_of(_same(INHALATION_ZONES), "inhalationZone")
        _, groups = goods.named("segregationGroups")
        listed = groups if isinstance(groups, list) else [] if groups is None else [groups]
        danger = StatedDanger(reference, numbers[-1], is_packed, groups=tuple(map(str, listed)))
        spots = {"packaging": (packaging, "packageCode"), "groups": (goods, "segregationGroups")}
        reading.add("dangers", danger, item=(cargo, "equipmentReference"), **spots)
    return [number for number in numbers if number]


def _pair(settings: Look, name: str) -> tuple[bool, bool]:
    setpoint, unit = (settings.named(f"{name}{part}")[1] is not None for part in ("Setpoint", "Unit"))
    return setpoint, unit


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
    """The gross weight of a container is known when its own weight is given."""
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
