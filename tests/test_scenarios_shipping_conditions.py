"""What DCSA's conformance checks demand of a document's contents: each condition broken alone is found, and refused."""

import inspect
from typing import Any

import pytest

from ledger.encoding import encode
from scenarios.shipping.bill import conditions
from scenarios.shipping.bill.conditions import faults_of_facts, faults_of_instructions
from scenarios.shipping.cast import ALL, CANGHAI, JIANGLAN, NORDLICHT, VOYAGE, A
from scenarios.shipping.contract import WORDS, Shipping
from scenarios.shipping.records import CarrierFacts, Instructions
from tests.shipping_world import booked, box, content, facts, loaded

FIRST, SECOND = (plan.reference for plan in A.boxes)
STRAIGHT = {"is_to_order": False, "endorsee": "", "consignee": NORDLICHT}
WAYBILL = {"type_code": "SWB", **STRAIGHT}


def dangerous(**changes: object) -> dict[str, Any]:
    """Lithium batteries in the first box, well described."""
    return {"equipment": FIRST, "un_number": "3480", "imo_class": "9", "package_code": "4G", **changes}


def reefer(**settings: object) -> dict[str, Any]:
    """The first box as a reefer with these settings."""
    return {"equipment": [box(FIRST, "45R1", reefer=settings or None), box(SECOND)]}


GOOD: dict[str, dict[str, Any]] = {
    "to the order of somebody": {},
    "to bearer": {"endorsee": ""},
    "straight": STRAIGHT,
    "a sea waybill": WAYBILL,
    "three paper originals": {"is_electronic": False, "originals_with_charges": 1, "originals_without_charges": 2},
    "one electronic original": {"originals_with_charges": 1},
    "six lines of address": {"displayed_address": ["line"] * 6},
    "a customs procedure in two countries": {
        "customs_references": [{"type_code": "ACID", "country": country, "value": "1"} for country in ("EG", "DE")]
    },
    "dangerous goods": {"dangerous_goods": [dangerous()]},
    "dangerous goods in an IMO packaging": {"dangerous_goods": [dangerous(package_code="", imo_packaging_code="P903")]},
    "dangerous goods with all": {"dangerous_goods": [dangerous(inhalation_zone="D", segregation_groups=["1", "18"])]},
    "a reefer": reefer(temperature_setpoint=-185, temperature_unit="CEL", air_exchange_setpoint=15, air_exchange_unit="MQH"),
    "a reefer that is not running": {"equipment": [box(FIRST, "45R1", reefer=None, is_non_operating_reefer=True), box(SECOND)]},
}
BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "straight without a consignee": ("consignee-missing", {"is_to_order": False, "endorsee": ""}),
    "straight with an endorsee": ("endorsee-on-straight", {**STRAIGHT, "endorsee": JIANGLAN}),
    "to order with a consignee": ("consignee-on-order", {"consignee": NORDLICHT}),
    "a waybill to order": ("waybill-to-order", {"type_code": "SWB"}),
    "a waybill with an original": ("waybill-originals", {**WAYBILL, "originals_with_charges": 1}),
    "two electronic originals": ("too-many-originals", {"originals_with_charges": 1, "originals_without_charges": 1}),
    "seven lines of address": ("address-too-long", {"displayed_address": ["line"] * 7}),
    "three lines on paper": ("address-too-long", {"is_electronic": False, "displayed_address": ["line"] * 3}),
    "goods in a box that is not listed": (
        "unknown-equipment", {"cargo_items": [*content()["cargo_items"], {"equipment": "TLYU2000012", "packages": 1}]}
    ),
    "dangerous goods in a box that is not listed": (
        "unknown-equipment", {"dangerous_goods": [dangerous(equipment="TLYU2000012")]}
    ),
    "a box twice": ("equipment-twice", {"equipment": [box(FIRST), box(SECOND), box(FIRST)]}),
    "a box without goods": ("no-cargo", {"cargo_items": content()["cargo_items"][:1]}),
    "a customs procedure twice": (
        "customs-reference-twice", {"customs_references": [{"type_code": "ACID", "country": "EG", "value": v} for v in "12"]}
    ),
    "a wrong check digit": (
        "wrong-check-digit",
        {"equipment": [box("TLYU1000019"), box(SECOND)],
         "cargo_items": [{"equipment": name, "packages": 1} for name in ("TLYU1000019", SECOND)]},
    ),
    "dangerous goods without packaging": ("dangerous-packaging", {"dangerous_goods": [dangerous(package_code="")]}),
    "inhalation zone E": ("inhalation-zone", {"dangerous_goods": [dangerous(inhalation_zone="E")]}),
    "segregation group 19": ("segregation-group", {"dangerous_goods": [dangerous(segregation_groups=["19"])]}),
    "a reefer without settings": ("reefer-settings-missing", reefer()),
    "a temperature without unit": ("setpoint-without-unit", reefer(temperature_setpoint=40)),
    "a unit without temperature": ("setpoint-without-unit", reefer(temperature_unit="FAH")),
    "an air exchange without unit": ("setpoint-without-unit", reefer(air_exchange_setpoint=5)),
}  # fmt: skip
BAD_FACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "a ship's number with a wrong check digit": ("bad-ship-number", {"vessel_imo": "1234568"}),
    "on board without a date": ("date-missing", {"shipped_on_board_on_ms": 0}),
    "received without a date": ("date-missing", {"is_shipped_on_board": False, "shipped_on_board_on_ms": 0}),
    "on board with the other date": ("date-missing", {"shipped_on_board_on_ms": 0, "received_on_ms": 1}),
    "both dates": ("two-dates", {"received_on_ms": 1}),
    "charges in two currencies": (
        "two-currencies",
        {"charges": [{"name": "x", "currency": one, "amount_cents": 1, "payment_term": "COL"} for one in ("EUR", "CNY")]},
    ),
}


def parsed(**changes: Any) -> Instructions:
    """Instructions as the contract reads them."""
    return Instructions.model_validate_json(encode(content(**changes)))


@pytest.mark.parametrize("name", GOOD)
def test_good_contents(name: str) -> None:
    assert [*faults_of_instructions(parsed(**GOOD[name]))] == []


@pytest.mark.parametrize("name", BAD)
def test_bad_contents_are_found_alone_and_refused(name: str) -> None:
    code, changes = BAD[name]
    assert {fault.code for fault in faults_of_instructions(parsed(**changes))} == {code}
    submit = {"instructions": A.instructions, "booking": A.booking, "content": content(**changes)}
    assert booked().code(JIANGLAN, Shipping.submit_si, **submit) == code


@pytest.mark.parametrize("name", BAD_FACTS)
def test_bad_facts_are_found_alone_and_refused(name: str) -> None:
    code, changes = BAD_FACTS[name]
    said = facts(**changes)
    assert [fault.code for fault in faults_of_facts(CarrierFacts.model_validate_json(encode(said)))] == [code]
    draft = {"document": "TD-A", "instructions": A.instructions, "facts": {**said, "voyage": VOYAGE}}
    expected = "other-voyage" if code == "bad-ship-number" else code
    assert loaded().code(CANGHAI, Shipping.publish_draft, **draft) == expected


def test_every_condition_is_broken_by_one_of_them() -> None:
    assert {code for code, _ in (*BAD.values(), *BAD_FACTS.values())} == {
        code for code in WORDS.refusals if f'"{code}"' in inspect.getsource(conditions)
    }


def test_every_shipment_of_the_story_is_sound() -> None:
    for shipment in ALL:
        assert [*faults_of_instructions(Instructions.model_validate_json(encode(content(shipment))))] == []


def test_several_faults_are_all_told() -> None:
    found = parsed(type_code="SWB", displayed_address=["line"] * 7, endorsee="")
    assert [fault.code for fault in faults_of_instructions(found)] == ["waybill-to-order", "address-too-long"]
