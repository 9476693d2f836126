"""Events of track and trace: versions and retraction, ships' calls, and what is only flagged."""

from typing import Any

from scenarios.shipping.cast import CANGHAI, HAIJIAO, HANWEN, MOORKAI
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import LOADED_AT, gated, loaded, moved
from scenarios.shipping.shipments import DISCHARGE, LOADING, ON_BOARD, A, BoxPlan
from scenarios.shipping.voyage import HOUR_MS
from tests import shipping_rules as rules
from tests.shipping_world import World, at_the_gate, told

FIRST = A.boxes[0]


# Versions


def record(world: World, member: str, arguments: dict[str, Any]) -> str:
    return world.code(member, Shipping.record_event, **arguments)


def journey(world: World, plan: BoxPlan = FIRST) -> list[str]:
    return [move.code for move in world.contract.journey(plan.reference, A.booking)]


def test_a_later_version_replaces_and_both_stay() -> None:
    world = at_the_gate()
    later = gated(A, FIRST, updated_at_ms=ON_BOARD, event_at_ms=ON_BOARD - HOUR_MS)
    assert record(world, HAIJIAO, later) == "ok"
    key = f"haijiao::GTIN-{FIRST.reference}-{LOADING}"
    assert world.contract.events[key].versions == 2
    assert world.contract.actual_at_ms(FIRST.reference, "GTIN", LOADING) == ON_BOARD - HOUR_MS
    kept = [world.contract.versions[f"{key}:{number:04}"].report.event_at_ms for number in (1, 2)]
    assert kept[0] != kept[1] == ON_BOARD - HOUR_MS


def test_the_same_id_of_another_originator_or_organization_is_another_event() -> None:
    world = at_the_gate()
    seen = moved("INSP", A, FIRST, LOADED_AT, LOADING, event_id="X", updated_at_ms=LOADED_AT)
    assert record(world, HAIJIAO, seen) == "ok"
    assert record(world, HAIJIAO, {"report": {**seen["report"], "originator": "HAIJ.SMDG.LCL"}}) == "ok"
    assert record(world, "zollamt.vogt", seen) == "ok"
    assert journey(world) == ["GTIN", "INSP", "INSP", "INSP"]


def test_retraction_voids_every_version_and_a_later_one_stands_again() -> None:
    world = at_the_gate()
    taken = {"event_id": f"GTIN-{FIRST.reference}-{LOADING}", "updated_at_ms": ON_BOARD}
    assert world.code(HAIJIAO, Shipping.retract_event, **taken) == "ok"
    assert journey(world) == []
    assert record(world, HAIJIAO, gated(A, FIRST)) == "not-newer"
    assert record(world, HAIJIAO, gated(A, FIRST, updated_at_ms=ON_BOARD + 1)) == "ok"
    assert journey(world) == ["GTIN"]


def test_a_version_may_correct_the_container() -> None:
    world = at_the_gate()
    second = A.boxes[1]
    taken = {"event_id": f"GTIN-{second.reference}-{LOADING}", "updated_at_ms": LOADED_AT}
    world.do(HAIJIAO, Shipping.retract_event, **taken)
    moved_over = gated(A, second, event_id=f"GTIN-{FIRST.reference}-{LOADING}", updated_at_ms=LOADED_AT)
    assert record(world, HAIJIAO, moved_over) == "ok"
    assert (journey(world), journey(world, second)) == ([], ["GTIN"])


def test_events_of_one_instant_count_in_the_order_of_posting() -> None:
    world = at_the_gate()
    same = gated(A, FIRST, event_id="z-last-by-name", event_at_ms=LOADED_AT, updated_at_ms=LOADED_AT)
    taken = {"event_id": f"GTIN-{FIRST.reference}-{LOADING}", "updated_at_ms": LOADED_AT}
    world.do(HAIJIAO, Shipping.retract_event, **taken)
    assert record(world, HAIJIAO, same) == "ok"
    assert record(world, HAIJIAO, loaded(A, FIRST, event_id="a-first-by-name")) == "ok"


# What is flagged


def test_what_is_only_seen_is_recorded_with_a_flag() -> None:
    world = at_the_gate()
    at: dict[str, Any] = {"updated_at_ms": LOADED_AT, "event_at_ms": LOADED_AT}
    assert record(world, HANWEN, told("IOT", "DETC", un_numbers=["3480"], equipment=FIRST.reference, **at)) == "ok"
    assert world.contract.events["hanwen::E-1"].flags == ("undeclared-dangerous-goods",)


def test_a_tolerated_check_digit_is_flagged() -> None:
    world = World().at("2026-05-01").do(CANGHAI, Shipping.appoint_facility, port=DISCHARGE, member=MOORKAI)
    report = told("EQUIPMENT", "INSP", equipment="MSKU1234567")
    assert world.code(MOORKAI, Shipping.record_event, **report, check_digits="warn") == "ok"
    assert world.contract.events["moorkai::E-1"].flags == ("check-digit",)


def test_a_noted_document_may_be_noted_again_and_is_what_events_are_compared_with() -> None:
    world = rules.noted()
    assert rules.noting(status="VOIDED")(world) == "ok"
    seen = told("EQUIPMENT", "DISC", document="ELSE-TD", un_numbers=["3480"], gross_weight_kg=12_000)
    assert record(world, MOORKAI, seen) == "ok"
    assert world.contract.events["moorkai::E-1"].flags == ("weight-differs",)
