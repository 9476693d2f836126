"""Events of track and trace: the table of who may report what, versions and retraction, and what stops a box."""

from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping.box.event_codes import AUTHORITY, entitled
from scenarios.shipping.cast import (
    BEIFAN,
    CANGHAI,
    DISCHARGE,
    HAIJIAO,
    HANWEN,
    JIANGLAN,
    LOADING,
    MEMBERS,
    MOORKAI,
    ON_BOARD,
    QIAOSHAN,
    STAPELHOF,
    A,
    B,
    BoxPlan,
    space,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import FIRST_LEG, LOADED_AT, called, gated, loaded, moved
from scenarios.shipping.voyage import BOXES, HOUR_MS, make, voyage
from tests.rule_table import GOLDEN
from tests.shipping_world import World, booked, box, content, facts, issued

ROLES = sorted({role for person in MEMBERS for role in person["roles"]})
FIRST = A.boxes[0]
OTHER = "TLYU9000014"
"""A box that nobody booked here."""


def authority_text() -> str:
    """Type, code and classifier × role: ok where the ledger records it, `.` where the signer may not say so."""
    world = World().at("2026-05-01")
    by_role = {role: next(person["member"] for person in MEMBERS if role in person["roles"]) for role in ROLES}
    for port in (LOADING, DISCHARGE):
        for member in (by_role["terminal"], by_role["depot"]):
            world.do(CANGHAI, Shipping.appoint_facility, port=port, member=member)
    lines = [["type", "code", "classifier", *ROLES]]
    for event_type, codes in AUTHORITY.items():
        for code in codes:
            for classifier in ("PLN", "EST", "ACT"):
                cells = [_cell(world.copy(), by_role[role], event_type, code, classifier) for role in ROLES]
                lines.append([event_type, code, classifier, *cells])
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines)


def _cell(world: World, member: str, event_type: str, code: str, classifier: str) -> str:
    told = world.code(member, Shipping.record_event, report=anything(event_type, code, classifier))
    return "." if told == "no-authority" else told


def anything(event_type: str, code: str, classifier: str, **changes: object) -> dict[str, Any]:
    """A complete report of a box that nobody booked here."""
    return {
        "event_id": "E-1", "updated_at_ms": on("2026-04-20"), "event_at_ms": on("2026-04-20"), "event_type": event_type,
        "code": code, "classifier": classifier, "equipment": OTHER, "empty": "LADEN", "port": DISCHARGE,
        "vessel_imo": "2345674", "voyage": "X1", "sensed": "DRO", "reading": {"unit": "CEL", "setpoint": 0}, **changes,
    }  # fmt: skip


def test_the_table_of_authority() -> None:
    assert authority_text() == (GOLDEN / "rules_shipping_authority.txt").read_text(encoding="utf-8")


def test_no_code_is_reported_by_nobody_and_unknown_ones_by_none() -> None:
    assert all(entitled(kind, code, "ACT") for kind, codes in AUTHORITY.items() for code in codes)
    assert entitled("EQUIPMENT", "ARRI", "ACT") == ()
    world = World().at("2026-05-01")
    assert world.code(CANGHAI, Shipping.record_event, report=anything("EQUIPMENT", "ARRI", "ACT")) == "unknown-code"


# Versions


def at_the_gate() -> World:
    """A and B are booked, their boxes are in; the ship is alongside."""
    world = booked(B, booked(A)).at("2026-04-10")
    for port, member in ((LOADING, HAIJIAO), (DISCHARGE, MOORKAI), (DISCHARGE, STAPELHOF)):
        world.do(CANGHAI, Shipping.appoint_facility, port=port, member=member)
    for shipment in (A, B):
        for plan in shipment.boxes:
            world.do(HAIJIAO, Shipping.record_event, **gated(shipment, plan))
    return world


def record(world: World, member: str, arguments: dict[str, Any]) -> str:
    return world.code(member, Shipping.record_event, **arguments)


def journey(world: World, plan: BoxPlan = FIRST) -> list[str]:
    return [move.code for move in world.contract.journey(plan.reference, A.booking)]


def test_a_later_version_replaces_and_both_stay() -> None:
    world = at_the_gate()
    later = gated(A, FIRST, updated_at_ms=ON_BOARD, event_at_ms=ON_BOARD - HOUR_MS)
    assert record(world, HAIJIAO, later) == "ok"
    assert record(world, HAIJIAO, later) == "not-newer"
    assert record(world, HAIJIAO, gated(A, FIRST)) == "not-newer"
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
    assert world.code(MOORKAI, Shipping.retract_event, **taken) == "no-such-event"
    assert world.code(HAIJIAO, Shipping.retract_event, **{**taken, "updated_at_ms": 1}) == "not-newer"
    assert world.code(HAIJIAO, Shipping.retract_event, **{**taken, "updated_at_ms": on("2026-05-01")}) == "from-the-future"
    assert world.code(HAIJIAO, Shipping.retract_event, **taken) == "ok"
    assert world.code(HAIJIAO, Shipping.retract_event, **{**taken, "updated_at_ms": ON_BOARD + 1}) == "no-such-event"
    assert journey(world) == []
    assert record(world, HAIJIAO, gated(A, FIRST)) == "not-newer"
    assert record(world, HAIJIAO, gated(A, FIRST, updated_at_ms=ON_BOARD + 1)) == "ok"
    assert journey(world) == ["GTIN"]


def test_taking_back_must_not_leave_a_gap() -> None:
    world = at_the_gate()
    assert record(world, HAIJIAO, loaded(A, FIRST)) == "ok"
    taken = {"event_id": f"GTIN-{FIRST.reference}-{LOADING}", "updated_at_ms": LOADED_AT}
    assert world.code(HAIJIAO, Shipping.retract_event, **taken) == "load-before-gate-in"
    late = gated(A, FIRST, event_at_ms=LOADED_AT + 1, updated_at_ms=LOADED_AT + HOUR_MS)
    assert record(world, HAIJIAO, late) == "load-before-gate-in"


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


# Ships


def test_ships_calls_are_told_once_by_those_who_sail_them_and_in_order() -> None:
    world = at_the_gate().at("2026-05-16")
    record(world, HAIJIAO, loaded(A, FIRST))
    left = called("DEPA", LOADED_AT - 1, LOADING, FIRST_LEG)
    assert record(world, CANGHAI, left) == "loaded-after-departure"
    assert record(world, BEIFAN, left) == "not-own-ship"
    left = called("DEPA", LOADED_AT + HOUR_MS, LOADING, FIRST_LEG)
    assert record(world, MOORKAI, left) == "not-appointed"
    assert record(world, CANGHAI, left) == "ok"
    assert record(world, CANGHAI, {"report": {**left["report"], "event_id": "again"}}) == "told-already"
    came = called("ARRI", LOADED_AT + 2 * HOUR_MS, LOADING, FIRST_LEG)
    assert record(world, CANGHAI, came) == "departed-before-arrival"
    off = moved("DISC", A, FIRST, on("2026-05-15"), DISCHARGE, **FIRST_LEG)
    assert record(world, MOORKAI, off) == "discharged-before-arrival"
    assert record(world, CANGHAI, called("ARRI", on("2026-05-15") - 1, DISCHARGE, FIRST_LEG)) == "ok"
    assert record(world, MOORKAI, off) == "ok"
    gone = {"event_id": left["report"]["event_id"], "updated_at_ms": on("2026-05-16")}
    assert world.code(CANGHAI, Shipping.retract_event, **gone) == "discharged-before-arrival"
    assert record(world, MOORKAI, {"report": {**off["report"], "vessel_imo": "", "event_id": "shipless"}}) == "no-ship"


# What stops a box


def test_a_box_is_on_one_journey() -> None:
    world = at_the_gate()
    assert record(world, HAIJIAO, gated(B, FIRST, event_id="elsewhere")) == "another-booking"
    world.do(JIANGLAN, Shipping.book, booking="BK-X", space=space(1))
    free = {**gated(A, BoxPlan(OTHER, "22G1", 9_000, "S", 1))["report"], "booking": "BK-X"}
    assert record(world, HAIJIAO, {"report": free}) == "booking-not-confirmed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seals": ["ZZ1"]}, "seal-changed"),
        ({"un_numbers": ["3480"]}, "undeclared-dangerous-goods"),
        ({"un_numbers": ["3480"], "empty": "EMPTY"}, "undeclared-dangerous-goods"),
        ({"port": DISCHARGE}, "not-appointed"),
        ({"vessel_imo": ""}, "no-ship"),
        ({"equipment": "TLYU1000081"}, "wrong-check-digit"),
        ({"vessel_imo": "1234576"}, "bad-ship-number"),
        ({"empty": "LADEN", "port": ""}, "incomplete-event"),
        ({"event_at_ms": on("2026-04-12")}, "from-the-future"),
        ({"updated_at_ms": on("2026-04-12")}, "from-the-future"),
        ({"updated_at_ms": ON_BOARD - 1, "event_at_ms": ON_BOARD}, "told-before"),
        ({}, "ok"),
    ],
)
def test_what_a_crane_refuses(change: dict[str, Any], code: str) -> None:
    assert record(at_the_gate(), HAIJIAO, {"report": {**loaded(A, FIRST)["report"], **change}}) == code


def test_a_crane_refuses_what_was_not_weighed() -> None:
    world = at_the_gate()
    unweighed = gated(A, FIRST, gross_weight_kg=0, updated_at_ms=LOADED_AT)
    assert record(world, HAIJIAO, unweighed) == "ok"
    assert record(world, HAIJIAO, loaded(A, FIRST)) == "no-verified-mass"


def test_what_is_only_seen_is_recorded_with_a_flag() -> None:
    world = at_the_gate()
    seen = {**anything("IOT", "DETC", "ACT", un_numbers=["3480"]), "equipment": FIRST.reference, "updated_at_ms": LOADED_AT}
    assert record(world, HANWEN, {"report": {**seen, "event_at_ms": LOADED_AT}}) == "ok"
    assert world.contract.events["hanwen::E-1"].flags == ("undeclared-dangerous-goods",)
    assert record(world, HAIJIAO, loaded(A, FIRST)) == "undeclared-dangerous-goods"


def test_another_shippers_box_is_not_stuffed_by_me() -> None:
    world = at_the_gate()
    stuffed = moved("STUF", A, FIRST, on("2026-04-05"), LOADING, updated_at_ms=on("2026-04-05"))
    assert record(world, QIAOSHAN, stuffed) == "not-own-box"
    assert record(world, JIANGLAN, stuffed) == "ok"


def test_a_tolerated_check_digit_is_flagged() -> None:
    world = World().at("2026-05-01").do(CANGHAI, Shipping.appoint_facility, port=DISCHARGE, member=MOORKAI)
    report = anything("EQUIPMENT", "INSP", "ACT", equipment="MSKU1234567")
    assert world.code(MOORKAI, Shipping.record_event, report=report) == "wrong-check-digit"
    assert world.code(MOORKAI, Shipping.record_event, report=report, check_digits="warn") == "ok"
    assert world.contract.events["moorkai::E-1"].flags == ("check-digit",)


def test_facilities_are_terminals_and_depots() -> None:
    world = World()
    assert world.code(CANGHAI, Shipping.appoint_facility, port=LOADING, member=JIANGLAN) == "no-facility"
    assert world.code(JIANGLAN, Shipping.appoint_facility, port=LOADING, member=HAIJIAO) == "policy-not-satisfied"


def test_noted_documents() -> None:
    """They give no title, and are their carrier's alone."""
    item = {"reference": OTHER, "gross_weight_kg": 9_000, "un_numbers": ["3480"]}
    noted = {
        "carrier": CANGHAI, "type_code": "BOL", "status": "ISSUED", "is_to_order": True, "is_electronic": True,
        "booking": "ELSE-1", "ports": [LOADING, DISCHARGE], "equipment": [item], "checksum": "1" * 64,
    }  # fmt: skip
    world = issued().at("2026-05-01").do(CANGHAI, Shipping.appoint_facility, port=DISCHARGE, member=MOORKAI)

    def note(reference: str, signer: str = CANGHAI, **changes: object) -> str:
        return world.code(signer, Shipping.note_document, reference=reference, document={**noted, **changes})

    assert note("ELSE-TD", BEIFAN) == "wrong-carrier"
    assert note(A.document) == "document-lives-here"
    assert note("ELSE-TD", equipment=[{**item, "reference": "TLYU9000041"}]) == "wrong-check-digit"
    assert note("ELSE-TD") == note("ELSE-TD", status="VOIDED") == "ok"
    assert note("ELSE-TD", BEIFAN, carrier=BEIFAN) == "noted-by-another"
    seen = anything("EQUIPMENT", "DISC", "ACT", document="ELSE-TD", un_numbers=["3480"], gross_weight_kg=12_000)
    assert record(world, MOORKAI, {"report": {**seen, "port": "NLRTM"}}) in ("not-in-routing", "not-appointed")
    assert record(world, MOORKAI, {"report": seen}) == "ok"
    assert world.contract.events["moorkai::E-1"].flags == ("weight-differs",)


def test_a_box_is_loaded_and_discharged_on_its_way() -> None:
    world = at_the_gate().at("2026-05-16").do(CANGHAI, Shipping.appoint_facility, port="SGSIN", member=HAIJIAO)
    record(world, HAIJIAO, loaded(A, FIRST))
    off = moved("DISC", A, FIRST, on("2026-05-15"), "SGSIN", **FIRST_LEG)
    assert record(world, HAIJIAO, off) == "not-in-routing"


def test_a_document_lists_boxes_that_are_free_and_as_they_were_seen() -> None:
    world = at_the_gate()
    for plan in A.boxes:
        record(world, HAIJIAO, loaded(A, plan))
    for letter in "AX":
        world.do(A.shipper, Shipping.submit_si, instructions=f"SI-{letter}", booking=A.booking, content=content(A))
    draft = {"document": "TD-A", "instructions": "SI-A", "facts": facts()}
    assert world.code(CANGHAI, Shipping.publish_draft, **draft) == "ok"
    assert (
        world.code(CANGHAI, Shipping.publish_draft, **{**draft, "document": "TD-X", "instructions": "SI-X"}) == "listed-elsewhere"
    )
    light = [box(plan.reference, gross_weight_kg=9_000) for plan in A.boxes]
    world.do(A.shipper, Shipping.update_si, instructions="SI-A", content=content(A, equipment=light))
    assert world.code(CANGHAI, Shipping.confirm_update, instructions="SI-A") == "weight-differs"


def test_the_voyage_is_made_again_from_its_seed() -> None:
    assert make() == voyage()
    assert make(1) != voyage()
    assert len(voyage()["boxes"]) == BOXES


if __name__ == "__main__":
    (GOLDEN / "rules_shipping_authority.txt").write_text(authority_text(), encoding="utf-8")
