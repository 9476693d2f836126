"""What DCSA's conformance checks demand of a transport document, each condition stated once for records and for files.

A fault is a code and what is wrong there, the `{place}` of its refusal. The contract refuses with the first one of a document's
contents. An import asks for each condition where it reads the values, and names every fault by its path in the file.
"""

from collections.abc import Container, Iterator, Sequence
from typing import TypeAlias

from scenarios.identifiers import is_container_number, is_ship_number
from scenarios.shipping.records import CarrierFacts, DangerousGoods, Equipment, Instructions, ReeferSettings

Faults: TypeAlias = Iterator[tuple[str, str]]
INHALATION_ZONES = ("A", "B", "C", "D")
SEGREGATION_GROUPS = tuple(str(number) for number in range(1, 19))
"""Of the IMDG code: acids (1) to alkalis (18)."""
ADDRESS_LINES_MAX = {True: 6, False: 2}
"""By whether the document is electronic."""


def faults_of_instructions(content: Instructions) -> Faults:
    """Everything wrong with the shipper's part."""
    yield from faults_of_parties(content.type_code, content.is_to_order, content.consignee != "", content.endorsee != "")
    originals = content.originals_with_charges + content.originals_without_charges
    yield from faults_of_originals(content.type_code, content.is_electronic, originals)
    yield from faults_of_address(content.is_electronic, len(content.displayed_address))
    boxes, loaded = [box.reference for box in content.equipment], [item.equipment for item in content.cargo_items]
    for place, box in enumerate(boxes):
        yield from faults_of_listing(box, boxes[:place])
    for box in (*loaded, *(goods.equipment for goods in content.dangerous_goods)):
        yield from faults_of_cargo(box, boxes)
    yield from (("no-cargo", box) for box in boxes if box not in loaded)
    yield from faults_of_customs([f"{reference.country}:{reference.type_code}" for reference in content.customs_references])
    for item in content.equipment:
        yield from _faults_of_box(item)
    for goods in content.dangerous_goods:
        yield from _faults_of_dangerous(goods)


def faults_of_facts(facts: CarrierFacts) -> Faults:
    """Everything wrong with the carrier's part, by itself."""
    if not is_ship_number(facts.vessel_imo):
        yield "bad-ship-number", facts.vessel_imo
    yield from faults_of_dates(facts.is_shipped_on_board, facts.shipped_on_board_on_ms, facts.received_on_ms)
    currencies = list(dict.fromkeys(charge.currency for charge in facts.charges))
    if len(currencies) > 1:
        yield "two-currencies", ", ".join(currencies)


# Each condition


def faults_of_parties(type_code: str, is_to_order: bool, has_consignee: bool, has_endorsee: bool) -> Faults:
    """To order with at most an endorsee, or straight to a consignee; what is wrong is the name of the field."""
    if is_to_order and type_code == "SWB":
        yield "waybill-to-order", "is_to_order"
    if is_to_order and has_consignee:
        yield "consignee-on-order", "consignee"
    if not is_to_order and not has_consignee:
        yield "consignee-missing", "consignee"
    if not is_to_order and has_endorsee:
        yield "endorsee-on-straight", "endorsee"


def faults_of_originals(type_code: str, is_electronic: bool, originals: int) -> Faults:
    """One electronic original at most, and none of a waybill."""
    if type_code == "SWB" and originals:
        yield "waybill-originals", str(originals)
    elif is_electronic and originals > 1:
        yield "too-many-originals", str(originals)


def faults_of_dates(is_on_board: bool, shipped_on_ms: int, received_on_ms: int) -> Faults:
    """Shipped on board or received for shipment: the date that belongs to it, and not the other."""
    if shipped_on_ms and received_on_ms:
        yield "two-dates", "received"
    elif is_on_board and not shipped_on_ms:  # check: shipping-on-board-date
        yield "date-missing", "on-board"
    elif not is_on_board and not received_on_ms:  # check: shipping-received-date
        yield "date-missing", "received"


def faults_of_address(is_electronic: bool, lines: int) -> Faults:
    """A displayed address is short."""
    if lines > ADDRESS_LINES_MAX[is_electronic]:
        yield "address-too-long", str(ADDRESS_LINES_MAX[is_electronic])


def faults_of_listing(equipment: str, earlier: Container[str]) -> Faults:
    """A container is listed once."""
    if equipment in earlier:
        yield "equipment-twice", equipment


def faults_of_cargo(equipment: str, listed: Container[str]) -> Faults:
    """Goods are in containers of the document."""
    if equipment not in listed:
        yield "unknown-equipment", equipment


def faults_of_customs(procedures: Sequence[str]) -> Faults:
    """A list holds one reference of a country and type."""
    repeated = [name for place, name in enumerate(procedures) if name in procedures[:place]]
    yield from (("customs-reference-twice", name) for name in repeated)


def faults_of_settings(equipment: str, iso_code: str, is_non_operating: bool, has_settings: bool) -> Faults:
    """A reefer that runs has settings."""
    if iso_code[2:3] == "R" and not is_non_operating and not has_settings:
        yield "reefer-settings-missing", equipment


def faults_of_setpoint(equipment: str, has_setpoint: bool, has_unit: bool) -> Faults:
    """A setpoint has its unit."""
    if has_setpoint != has_unit:
        yield "setpoint-without-unit", equipment


def faults_of_packaging(un_number: str, is_packed: bool) -> Faults:
    """A code of the packaging is given."""
    if not is_packed:
        yield "dangerous-packaging", un_number


def faults_of_groups(groups: Sequence[str]) -> Faults:
    """Segregation groups are those of the IMDG code."""
    yield from (("segregation-group", group) for group in groups if group not in SEGREGATION_GROUPS)


def _faults_of_box(box: Equipment) -> Faults:
    if not is_container_number(box.reference):
        yield "wrong-check-digit", box.reference
    yield from faults_of_settings(box.reference, box.iso_code, box.is_non_operating_reefer, box.reefer is not None)
    reefer = box.reefer or ReeferSettings()
    yield from faults_of_setpoint(box.reference, reefer.temperature_setpoint is not None, reefer.temperature_unit != "")
    yield from faults_of_setpoint(box.reference, reefer.air_exchange_setpoint is not None, reefer.air_exchange_unit != "")


def _faults_of_dangerous(goods: DangerousGoods) -> Faults:
    yield from faults_of_packaging(goods.un_number, goods.package_code != "" or goods.imo_packaging_code != "")
    if goods.inhalation_zone and goods.inhalation_zone not in INHALATION_ZONES:
        yield "inhalation-zone", goods.inhalation_zone
    yield from faults_of_groups(goods.segregation_groups)
