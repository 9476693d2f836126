"""What DCSA's conformance checks demand of a document's contents: each condition broken alone is found, and refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.encoding import encode
from scenarios.shipping.bill.conditions import faults_of_facts, faults_of_instructions
from scenarios.shipping.records import CarrierFacts, Instructions
from scenarios.shipping.shipments import A, B, C, D, E, G
from tests.shipping_rules import CONTENTS, FACTS, FIRST, SECOND, STRAIGHT, WAYBILL, dangerous, reefer
from tests.shipping_world import box, content, facts
from tests.trade_rules import code_of

GOOD: dict[str, Mapping[str, Any]] = {
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
    "a reefer that is not running": {
        "equipment": [box(FIRST.reference, "45R1", reefer=None, is_non_operating_reefer=True), box(SECOND.reference)]
    },
}


def parsed(**changes: Any) -> Instructions:
    """Instructions as the contract reads them."""
    return Instructions.model_validate_json(encode(content(**changes)))


@pytest.mark.parametrize("name", GOOD)
def test_good_contents(name: str) -> None:
    assert [*faults_of_instructions(parsed(**GOOD[name]))] == []


@pytest.mark.parametrize("rule", CONTENTS)
def test_what_breaks_one_condition_breaks_no_other(rule: str) -> None:
    assert {code for code, _ in faults_of_instructions(parsed(**CONTENTS[rule]))} == {code_of(rule)}


@pytest.mark.parametrize("rule", FACTS)
def test_what_a_carrier_says_wrongly_is_one_fault(rule: str) -> None:
    assert faults_of_carrier(**FACTS[rule]) == [code_of(rule)]


def test_a_ship_has_an_imo_number() -> None:
    """Refused as another voyage than the one booked before that."""
    assert faults_of_carrier(vessel_imo="1234568") == ["bad-ship-number"]


def faults_of_carrier(**changes: Any) -> list[str]:
    """Codes of what is wrong with a carrier's part."""
    return [code for code, _ in faults_of_facts(CarrierFacts.model_validate_json(encode(facts(**changes))))]


def test_every_shipment_of_the_story_is_sound() -> None:
    for shipment in (A, B, C, D, E, G):
        assert [*faults_of_instructions(Instructions.model_validate_json(encode(content(shipment))))] == []


def test_several_faults_are_all_told() -> None:
    found = parsed(type_code="SWB", displayed_address=["line"] * 7, endorsee="")
    assert [code for code, _ in faults_of_instructions(found)] == ["waybill-to-order", "address-too-long"]
