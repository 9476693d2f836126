"""What DCSA's conformance checks demand of the contents of a transport document, as plain functions.

Each fault is a code of the contract's refusals and the place that breaks it. The contract refuses with the first; whoever
reads files shows all.
"""

from collections.abc import Iterable, Iterator

from scenarios.identifiers import is_container_number, is_ship_number
from scenarios.shipping.records import CarrierFacts, DangerousGoods, Equipment, Instructions, ReeferSettings

Fault = tuple[str, str]
"""Code and place."""
INHALATION_ZONES = ("A", "B", "C", "D")
SEGREGATION_GROUPS = tuple(str(number) for number in range(1, 19))
"""Of the IMDG code: acids (1) to alkalis (18)."""
ADDRESS_LINES_MAX = {True: 6, False: 2}
"""By whether the document is electronic."""


def faults_of_instructions(content: Instructions) -> Iterator[Fault]:
    """Everything wrong with the shipper's part."""
    yield from _faults_of_parties(content)
    yield from _faults_of_originals(content)
    lines_max = ADDRESS_LINES_MAX[content.is_electronic]
    if len(content.displayed_address) > lines_max:  # check: shipping-address
        yield "address-too-long", str(lines_max)
    references = [box.reference for box in content.equipment]
    yield from (("equipment-twice", name) for name in _repeated(references))
    named = [item.equipment for item in content.cargo_items]
    named += [goods.equipment for goods in content.dangerous_goods]
    yield from (("unknown-equipment", name) for name in named if name not in references)
    empty = [name for name in references if name not in [item.equipment for item in content.cargo_items]]
    yield from (("no-cargo", name) for name in empty)
    procedures = [f"{reference.country}:{reference.type_code}" for reference in content.customs_references]
    yield from (("customs-reference-twice", procedure) for procedure in _repeated(procedures))
    for equipment in content.equipment:
        yield from _faults_of_equipment(equipment)
    for goods in content.dangerous_goods:
        yield from _faults_of_dangerous(goods)


def faults_of_facts(facts: CarrierFacts) -> Iterator[Fault]:
    """Everything wrong with the carrier's part, by itself."""
    if not is_ship_number(facts.vessel_imo):  # check: shipping-ship-number
        yield "bad-ship-number", facts.vessel_imo
    if facts.shipped_on_board_on_ms and facts.received_on_ms:  # check: shipping-both-dates
        yield "two-dates", "received"
    elif facts.is_shipped_on_board and not facts.shipped_on_board_on_ms:  # check: shipping-on-board-date
        yield "date-missing", "on-board"
    elif not facts.is_shipped_on_board and not facts.received_on_ms:  # check: shipping-received-date
        yield "date-missing", "received"
    currencies = list(dict.fromkeys(charge.currency for charge in facts.charges))
    if len(currencies) > 1:  # check: shipping-currencies
        yield "two-currencies", ", ".join(currencies)


def _faults_of_parties(content: Instructions) -> Iterator[Fault]:
    if content.is_to_order and content.type_code == "SWB":  # check: shipping-waybill-to-order
        yield "waybill-to-order", "is_to_order"
    if content.is_to_order and content.consignee:  # check: shipping-consignee-on-order
        yield "consignee-on-order", "consignee"
    if not content.is_to_order and not content.consignee:  # check: shipping-consignee-missing
        yield "consignee-missing", "consignee"
    if not content.is_to_order and content.endorsee:  # check: shipping-endorsee-on-straight
        yield "endorsee-on-straight", "endorsee"


def _faults_of_originals(content: Instructions) -> Iterator[Fault]:
    originals = content.originals_with_charges + content.originals_without_charges
    if content.type_code == "SWB" and originals:  # check: shipping-waybill-originals
        yield "waybill-originals", str(originals)
    elif content.is_electronic and originals > 1:  # check: shipping-originals
        yield "too-many-originals", str(originals)


def _faults_of_equipment(equipment: Equipment) -> Iterator[Fault]:
    if not is_container_number(equipment.reference):  # check: shipping-container-number
        yield "wrong-check-digit", equipment.reference
    is_reefer = equipment.iso_code[2] == "R"
    if is_reefer and not equipment.is_non_operating_reefer and equipment.reefer is None:  # check: shipping-reefer
        yield "reefer-settings-missing", equipment.reference
    if equipment.reefer and not _is_paired(equipment.reefer):  # check: shipping-units
        yield "setpoint-without-unit", equipment.reference


def _faults_of_dangerous(goods: DangerousGoods) -> Iterator[Fault]:
    if not goods.package_code and not goods.imo_packaging_code:  # check: shipping-dangerous-packaging
        yield "dangerous-packaging", goods.un_number
    if goods.inhalation_zone and goods.inhalation_zone not in INHALATION_ZONES:  # check: shipping-inhalation-zone
        yield "inhalation-zone", goods.inhalation_zone
    unknown = [group for group in goods.segregation_groups if group not in SEGREGATION_GROUPS]
    yield from (("segregation-group", group) for group in unknown)


def _is_paired(settings: ReeferSettings) -> bool:
    temperature = (settings.temperature_setpoint is None) == (settings.temperature_unit == "")
    return temperature and (settings.air_exchange_setpoint is None) == (settings.air_exchange_unit == "")


def _repeated(names: Iterable[str]) -> Iterator[str]:
    seen: list[str] = []
    for name in names:
        if name in seen:
            yield name
        seen.append(name)
