"""What DCSA's conformance checks demand of the contents of a transport document, stated once for records and for files.

The functions look at `Stated`, which is made of shipping instructions here and of a file in `imported.py`. Each fault has the
place that breaks the rule: the contract refuses with the first fault, an import names all of them by the path in the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scenarios.identifiers import is_container_number, is_ship_number
from scenarios.shipping.records import CarrierFacts, DangerousGoods, Equipment, Instructions, ReeferSettings

INHALATION_ZONES = ("A", "B", "C", "D")
SEGREGATION_GROUPS = tuple(str(number) for number in range(1, 19))
"""Of the IMDG code: acids (1) to alkalis (18)."""
ON_BOARD = "on-board"
"""What a refusal calls the date of shipment on board."""
ADDRESS_LINES_MAX = {True: 6, False: 2}
"""By whether the document is electronic."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A condition that is not kept."""

    code: str
    place: str
    """Field of `Stated` or of the dates, with the number of the item in a list: `boxes 1 temperature`."""
    value: str
    """What is wrong there: the `place` of the contract's refusal."""


@dataclass(frozen=True, slots=True)
class StatedBox:
    """A container of the document."""

    reference: str
    iso_code: str = ""
    is_non_operating: bool = False
    has_settings: bool = False
    temperature: tuple[bool, bool] = (False, False)
    """Whether there is a setpoint, and whether there is a unit."""
    air_exchange: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class StatedDanger:
    """Dangerous goods in a container."""

    equipment: str
    number: str
    is_packed: bool = True
    """Whether a code of the packaging is given."""
    zone: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """What the conditions look at."""

    type_code: str
    is_to_order: bool
    is_electronic: bool
    has_consignee: bool
    has_endorsee: bool
    originals: int
    addresses: tuple[int, ...] = ()
    """Lines of each displayed address."""
    boxes: tuple[StatedBox, ...] = ()
    cargo: tuple[str, ...] = ()
    """Container of each cargo item."""
    dangers: tuple[StatedDanger, ...] = ()
    customs: tuple[tuple[str, ...], ...] = ()
    """Lists of customs references, each as `COUNTRY:TYPE`."""


def faults_of_instructions(content: Instructions) -> Iterator[Fault]:
    """Everything wrong with the shipper's part."""
    stated = Stated(
        type_code=content.type_code,
        is_to_order=content.is_to_order,
        is_electronic=content.is_electronic,
        has_consignee=content.consignee != "",
        has_endorsee=content.endorsee != "",
        originals=content.originals_with_charges + content.originals_without_charges,
        addresses=(len(content.displayed_address),),
        boxes=tuple(map(_stated_box, content.equipment)),
        cargo=tuple(item.equipment for item in content.cargo_items),
        dangers=tuple(map(_stated_danger, content.dangerous_goods)),
        customs=(tuple(f"{reference.country}:{reference.type_code}" for reference in content.customs_references),),
    )
    return faults_of_stated(stated)


def faults_of_facts(facts: CarrierFacts) -> Iterator[Fault]:
    """Everything wrong with the carrier's part, by itself."""
    if not is_ship_number(facts.vessel_imo):
        yield Fault("bad-ship-number", "vessel", facts.vessel_imo)
    is_on_board = facts.is_shipped_on_board
    yield from faults_of_dates(is_on_board, shipped_on_ms=facts.shipped_on_board_on_ms, received_on_ms=facts.received_on_ms)
    currencies = list(dict.fromkeys(charge.currency for charge in facts.charges))
    if len(currencies) > 1:
        yield Fault("two-currencies", "charges", ", ".join(currencies))


def faults_of_dates(is_on_board: bool, *, shipped_on_ms: int, received_on_ms: int) -> Iterator[Fault]:
    """Shipped on board or received for shipment: the date that belongs to it, and not the other."""
    if shipped_on_ms and received_on_ms:
        yield Fault("two-dates", "received date", "received")
    elif is_on_board and not shipped_on_ms:  # check: shipping-on-board-date
        yield Fault("date-missing", "shipped date", ON_BOARD)
    elif not is_on_board and not received_on_ms:  # check: shipping-received-date
        yield Fault("date-missing", "received date", "received")


def faults_of_stated(stated: Stated) -> Iterator[Fault]:
    """Everything wrong with what a document says; the first is the one with which the contract refuses."""
    yield from _faults_of_parties(stated)
    yield from _faults_of_originals(stated)
    lines_max = ADDRESS_LINES_MAX[stated.is_electronic]
    long = [number for number, lines in enumerate(stated.addresses) if lines > lines_max]
    yield from (Fault("address-too-long", f"addresses {number}", str(lines_max)) for number in long)
    references = [box.reference for box in stated.boxes]
    yield from (Fault("equipment-twice", f"boxes {number}", references[number]) for number in _repeated(references))
    named = [(f"cargo {number}", name) for number, name in enumerate(stated.cargo)]
    named += [(f"dangers {number}", goods.equipment) for number, goods in enumerate(stated.dangers)]
    yield from (Fault("unknown-equipment", place, name) for place, name in named if name not in ("", *references))
    empty = [(number, name) for number, name in enumerate(references) if name not in stated.cargo]
    yield from (Fault("no-cargo", f"boxes {number}", name) for number, name in empty)
    twice = [(number, names[place]) for number, names in enumerate(stated.customs) for place in _repeated(names)]
    yield from (Fault("customs-reference-twice", f"customs {number}", name) for number, name in twice)
    for number, box in enumerate(stated.boxes):
        yield from _faults_of_box(number, box)
    for number, goods in enumerate(stated.dangers):
        yield from _faults_of_dangerous(number, goods)


def _stated_box(item: Equipment) -> StatedBox:
    settings = item.reefer or ReeferSettings()
    return StatedBox(
        reference=item.reference,
        iso_code=item.iso_code,
        is_non_operating=item.is_non_operating_reefer,
        has_settings=item.reefer is not None,
        temperature=(settings.temperature_setpoint is not None, settings.temperature_unit != ""),
        air_exchange=(settings.air_exchange_setpoint is not None, settings.air_exchange_unit != ""),
    )


def _stated_danger(goods: DangerousGoods) -> StatedDanger:
    is_packed = goods.package_code != "" or goods.imo_packaging_code != ""
    return StatedDanger(goods.equipment, goods.un_number, is_packed, goods.inhalation_zone, goods.segregation_groups)


def _faults_of_parties(stated: Stated) -> Iterator[Fault]:
    if stated.is_to_order and stated.type_code == "SWB":
        yield Fault("waybill-to-order", "is_to_order", "is_to_order")
    if stated.is_to_order and stated.has_consignee:
        yield Fault("consignee-on-order", "consignee", "consignee")
    if not stated.is_to_order and not stated.has_consignee:
        yield Fault("consignee-missing", "consignee", "consignee")
    if not stated.is_to_order and stated.has_endorsee:
        yield Fault("endorsee-on-straight", "endorsee", "endorsee")


def _faults_of_originals(stated: Stated) -> Iterator[Fault]:
    if stated.type_code == "SWB" and stated.originals:
        yield Fault("waybill-originals", "originals", str(stated.originals))
    elif stated.is_electronic and stated.originals > 1:
        yield Fault("too-many-originals", "originals", str(stated.originals))


def _faults_of_box(number: int, box: StatedBox) -> Iterator[Fault]:
    if not is_container_number(box.reference):
        yield Fault("wrong-check-digit", f"boxes {number}", box.reference)
    if box.iso_code[2:3] == "R" and not box.is_non_operating and not box.has_settings:
        yield Fault("reefer-settings-missing", f"boxes {number} settings", box.reference)
    odd = [name for name, pair in (("temperature", box.temperature), ("air_exchange", box.air_exchange)) if pair[0] != pair[1]]
    yield from (Fault("setpoint-without-unit", f"boxes {number} {name}", box.reference) for name in odd)


def _faults_of_dangerous(number: int, goods: StatedDanger) -> Iterator[Fault]:
    if not goods.is_packed:
        yield Fault("dangerous-packaging", f"dangers {number} packaging", goods.number)
    if goods.zone and goods.zone not in INHALATION_ZONES:
        yield Fault("inhalation-zone", f"dangers {number} zone", goods.zone)
    unknown = [group for group in goods.groups if group not in SEGREGATION_GROUPS]
    yield from (Fault("segregation-group", f"dangers {number} groups", group) for group in unknown)


def _repeated(names: Sequence[str]) -> list[int]:
    """Places of the names that stand earlier in the list as well; an empty name could not be read."""
    return [place for place, name in enumerate(names) if name and name in names[:place]]
