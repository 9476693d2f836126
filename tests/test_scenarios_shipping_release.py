"""Customs, charges and release: what each precondition refuses, the table of states and signers, and money to the cent."""

from collections.abc import Callable
from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping.cast import (
    ALSTER,
    CANGHAI,
    DISCHARGE,
    ELBKONTOR,
    JIANGLAN,
    LOADING,
    MOORKAI,
    NORDLICHT,
    STAPELHOF,
    YANSHAN,
    ZOLLAMT,
    A,
    D,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import FIRST_LEG, LANDED_AT, TARIFF, called, moved
from scenarios.shipping.voyage import DAY_MS, HOUR_MS
from tests.rule_table import GOLDEN, Attempt, RuleTable
from tests.shipping_world import (
    BILL,
    World,
    accepted,
    approved,
    delivered,
    drafted,
    issued,
    straight,
    surrendered,
    to_order,
    voided,
)

PARTIES = {
    "carrier": CANGHAI, "shipper": JIANGLAN, "consignee": NORDLICHT, "bank": ELBKONTOR, "forwarder": ALSTER,
    "terminal": MOORKAI, "customs": ZOLLAMT,
}  # fmt: skip
BOX = A.boxes[0].reference
LOI = "1" * 64
CHARGE = {"document": BILL, "equipment": BOX, "kind": "DEM", "amount_cents": 450_00}
FILE = GOLDEN / "rules_shipping_release.txt"


def in_hamburg(world: World) -> World:
    """The ship has come, the boxes of A are off, free time was quoted; 16 May."""
    world.at("2026-04-12")
    world.do(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-05-01"), terms=TARIFF)
    for member in (MOORKAI, STAPELHOF):
        world.do(CANGHAI, Shipping.appoint_facility, port=DISCHARGE, member=member)
    world.do(CANGHAI, Shipping.record_event, **called("DEPA", on("2026-04-11") - HOUR_MS, LOADING, FIRST_LEG))
    world.at("2026-05-16")
    world.do(CANGHAI, Shipping.record_event, **called("ARRI", LANDED_AT - HOUR_MS, DISCHARGE, FIRST_LEG))
    for plan in A.boxes:
        world.do(MOORKAI, Shipping.record_event, **moved("DISC", A, plan, LANDED_AT, DISCHARGE, **FIRST_LEG))
        world.do(CANGHAI, Shipping.quote_free_time, document=BILL, equipment=plan.reference)
    return world


def surrendered_bill() -> World:
    return in_hamburg(accepted(to_order()))


def cleared() -> World:
    return surrendered_bill().do(ZOLLAMT, Shipping.customs_release, document=BILL)


def released() -> World:
    return cleared().do(CANGHAI, Shipping.release_cargo, document=BILL, to=JIANGLAN)


def release(world: World, to: str = JIANGLAN, signer: str | tuple[str, ...] = CANGHAI, **more: Any) -> str:
    return world.code(signer, Shipping.release_cargo, document=BILL, to=to, **more)


STATES: dict[str, Callable[[], World]] = {
    "issued": lambda: in_hamburg(issued()),
    "delivered": lambda: in_hamburg(to_order()),
    "pending": lambda: in_hamburg(surrendered(to_order())),
    "surrendered": surrendered_bill,
    "held": lambda: surrendered_bill().do(ZOLLAMT, Shipping.hold_cargo, document=BILL, reason="inspection"),
    "cleared": cleared,
    "late": lambda: cleared().at("2026-05-25"),
    "charged": lambda: cleared().at("2026-05-25").do(CANGHAI, Shipping.charge_dnd, **CHARGE),
    "released": released,
    "draft": drafted,
    "voided": lambda: voided(in_hamburg(to_order())),
    "waybill": lambda: in_hamburg(issued(type_code="SWB", is_to_order=False, endorsee="", consignee=NORDLICHT)).do(
        ZOLLAMT, Shipping.customs_release, document=BILL
    ),
}
ATTEMPTS = (
    Attempt(Shipping.release_cargo, {"document": BILL, "to": JIANGLAN}),
    Attempt(Shipping.release_cargo, {"document": BILL, "to": JIANGLAN, "letter_of_indemnity": LOI}, label="indemnity"),
    Attempt(Shipping.release_cargo, {"document": BILL, "to": ALSTER}, label="to another"),
    Attempt(Shipping.release_cargo, {"document": BILL, "to": NORDLICHT}, beside=(NORDLICHT,), label="to the consignee who signs"),
    Attempt(Shipping.hold_cargo, {"document": BILL, "reason": "inspection"}),
    Attempt(Shipping.lift_hold, {"document": BILL}),
    Attempt(Shipping.customs_release, {"document": BILL}),
    Attempt(Shipping.quote_free_time, {"document": BILL, "equipment": BOX}),
    Attempt(Shipping.charge_dnd, CHARGE),
    Attempt(Shipping.pay_charges, {"document": BILL, "payer": NORDLICHT, "amount_cents": 1}, beside=(NORDLICHT,)),
    Attempt(
        Shipping.record_event,
        {**moved("GTOT", A, A.boxes[0], on("2026-05-16") + 9 * HOUR_MS, DISCHARGE, updated_at_ms=on("2026-05-16") + 9 * HOUR_MS)},
        label="GTOT",
    ),
)
TABLE = RuleTable(Shipping, STATES, ATTEMPTS, PARTIES)


def test_the_table_of_release() -> None:
    """The documents' own table tries every other operation."""
    assert TABLE.text() == FILE.read_text(encoding="utf-8")


# Release


def test_goods_go_once_to_the_one_who_surrendered() -> None:
    world = cleared()
    assert release(world, ALSTER) == "not-surrendering-party"
    assert release(world, signer="beifan.shen") == "wrong-carrier"
    assert release(world) == "ok"
    assert release(world) == "already-released"
    assert release(world, ALSTER) == "already-released"
    assert world.contract.documents[BILL].released_to == JIANGLAN
    assert world.code(ZOLLAMT, Shipping.hold_cargo, document=BILL, reason="too late") == "already-released"


def test_no_letter_opens_a_terminal() -> None:
    world = in_hamburg(to_order())
    assert release(world, letter_of_indemnity=LOI) == "letter-of-indemnity"
    assert release(world) == "not-surrendered"
    assert release(cleared(), letter_of_indemnity=LOI) == "ok"


def test_holds_of_customs_and_carrier_are_each_their_own() -> None:
    world = cleared()
    for signer in (ZOLLAMT, CANGHAI, CANGHAI):
        world.do(signer, Shipping.hold_cargo, document=BILL, reason="why")
    assert world.contract.documents[BILL].holds == ("customs", "carrier")
    assert release(world) == "on-hold"
    world.do(CANGHAI, Shipping.lift_hold, document=BILL)
    assert world.code(CANGHAI, Shipping.lift_hold, document=BILL) == "no-such-hold"
    assert release(world) == "on-hold"
    assert world.code(ZOLLAMT, Shipping.customs_release, document=BILL) == "on-hold"
    world.do(ZOLLAMT, Shipping.lift_hold, document=BILL)
    assert release(world) == "ok"


def test_the_last_word_of_customs_counts() -> None:
    world = cleared()
    at_ms = world.time_ms
    seen = moved("CUSI", A, A.boxes[0], at_ms, DISCHARGE, updated_at_ms=at_ms)
    world.do(ZOLLAMT, Shipping.record_event, **seen)
    assert release(world) == "not-cleared"
    world.time_ms += HOUR_MS
    world.do(ZOLLAMT, Shipping.customs_release, document=BILL)
    assert release(world) == "ok"


def test_a_changed_seal_is_looked_at_before_release() -> None:
    world = cleared()
    key = {"updated_at_ms": LANDED_AT + HOUR_MS, "seals": ["ZZ1"]}
    assert release(world.copy()) == "ok"
    seen = moved("AVPU", A, A.boxes[0], LANDED_AT, DISCHARGE, **key)
    world.do(MOORKAI, Shipping.record_event, **seen)
    gate = moved("INSP", A, A.boxes[1], LANDED_AT, DISCHARGE, **key)
    world.do(MOORKAI, Shipping.record_event, **gate)
    assert release(world) == "ok"  # nobody saw a seal at Shanghai
    world = cleared()
    first = moved("AVPU", A, A.boxes[0], LANDED_AT, DISCHARGE, updated_at_ms=LANDED_AT + 1, seals=["A"], event_id="one")
    second = moved("AVPU", A, A.boxes[0], LANDED_AT + 2, DISCHARGE, updated_at_ms=LANDED_AT + 2, seals=["B"], event_id="two")
    world.do(MOORKAI, Shipping.record_event, **first).do(MOORKAI, Shipping.record_event, **second)
    assert release(world) == "seal-changed"
    looked = moved("INSP", A, A.boxes[0], LANDED_AT + 3, DISCHARGE, updated_at_ms=LANDED_AT + 3)
    world.do(ZOLLAMT, Shipping.record_event, **looked)
    assert release(world) == "ok"


def test_a_waybill_is_for_its_consignee_who_signs() -> None:
    world = issued(D)
    world.do(ZOLLAMT, Shipping.customs_release, document=D.document)
    calls = {"document": D.document, "to": ALSTER}
    assert world.code(CANGHAI, Shipping.release_cargo, **calls) == "not-surrendering-party"
    assert world.code((CANGHAI, NORDLICHT), Shipping.release_cargo, document=D.document, to=NORDLICHT) == "not-surrendering-party"
    assert world.code((CANGHAI, ALSTER), Shipping.release_cargo, **calls) == "ok"
    assert delivered(world=None).code(CANGHAI, Shipping.release_cargo, document=BILL, to=JIANGLAN) == "not-surrendered"


def test_a_waybill_that_is_not_issued_releases_nothing() -> None:
    world = approved(D)
    assert world.code((CANGHAI, ALSTER), Shipping.release_cargo, document=D.document, to=ALSTER) == "not-surrendered"


def test_gates_open_after_the_release_and_not_before_it() -> None:
    world = released()
    early = moved("GTOT", A, A.boxes[0], world.time_ms - 1, DISCHARGE, updated_at_ms=world.time_ms)
    assert world.code(MOORKAI, Shipping.record_event, **early) == "not-released"
    late = moved("GTOT", A, A.boxes[0], world.time_ms, DISCHARGE, updated_at_ms=world.time_ms)
    assert world.code(MOORKAI, Shipping.record_event, **late) == "ok"


# Charges: free to 20 May, then 90 a day for five days, then 150


def charge(world: World, kind: str, amount: int, box: str = BOX) -> str:
    return world.code(CANGHAI, Shipping.charge_dnd, document=BILL, equipment=box, kind=kind, amount_cents=amount)


@pytest.mark.parametrize(("day", "due"), [("2026-05-21", 90_00), ("2026-05-25", 450_00), ("2026-05-26", 600_00)])
def test_demurrage_grows_by_the_day(day: str, due: int) -> None:
    world = cleared().at(day)
    assert charge(world, "DEM", due - 1) == charge(world, "DEM", due + 1) == "wrong-charge"
    assert charge(world, "DEM", due) == "ok"
    assert charge(world, "DEM", due) == "nothing-due"
    assert world.contract.dnd_charges[f"{BILL}:{BOX}:DEM"].is_final is False


def test_within_free_time_nothing_is_due() -> None:
    world = cleared().at("2026-05-20")
    assert charge(world, "DEM", 1) == charge(world, "DET", 1) == "nothing-due"
    assert release(world) == "ok"


def test_what_nobody_charged_yet_stands_against_a_release_too() -> None:
    world = cleared().at("2026-05-22")
    assert release(world) == "charges-unpaid"
    for plan in A.boxes:
        assert charge(world, "DEM", 180_00, plan.reference) == "ok"
    assert release(world) == "charges-unpaid"
    pay = {"document": BILL, "payer": NORDLICHT}
    assert world.code(ELBKONTOR, Shipping.pay_charges, **pay, amount_cents=360_00) == "not-signed-by"
    assert world.code((NORDLICHT, YANSHAN), Shipping.pay_charges, **pay, amount_cents=360_01) == "over-payment-of-charges"
    world.do((NORDLICHT, YANSHAN), Shipping.pay_charges, **pay, amount_cents=300_00)
    assert release(world) == "charges-unpaid"
    world.do((NORDLICHT, YANSHAN), Shipping.pay_charges, **pay, amount_cents=60_00)
    assert release(world) == "ok"


def test_detention_and_a_correction() -> None:
    world = released()
    out_ms = world.time_ms
    world.do(MOORKAI, Shipping.record_event, **moved("GTOT", A, A.boxes[0], out_ms, DISCHARGE, updated_at_ms=out_ms))
    world.at("2026-06-01")
    back_ms = out_ms + 13 * DAY_MS  # free to 26 May; back on the 29th: three days at 40
    back = moved("GTIN", A, A.boxes[0], back_ms, DISCHARGE, empty="EMPTY", updated_at_ms=back_ms)
    world.do(STAPELHOF, Shipping.record_event, **back)
    assert charge(world, "DET", 120_00) == "ok"
    assert world.contract.dnd_charges[f"{BILL}:{BOX}:DET"].is_final is True
    sooner = {"event_at_ms": back_ms - DAY_MS, "updated_at_ms": back_ms + HOUR_MS}
    world.do(STAPELHOF, Shipping.record_event, report={**back["report"], **sooner})
    assert charge(world, "DET", -40_00) == "ok"
    assert world.contract.accounts[BILL].due_cents == 80_00


def test_a_quote_outlives_a_dearer_tariff() -> None:
    world = cleared()
    dearer = TARIFF.replace(demurrage=TARIFF.demurrage.replace(duration=0))
    assert world.code(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-05-16"), terms=dearer) == (
        "tariff-retroactive"
    )
    world.do(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-05-17"), terms=dearer)
    world.at("2026-05-18")
    assert charge(world, "DEM", 90_00) == "nothing-due"
    assert world.code(CANGHAI, Shipping.quote_free_time, document=BILL, equipment=BOX) == "quoted-already"
    assert world.code(CANGHAI, Shipping.quote_free_time, document=BILL, equipment="TLYU9000014") == "not-on-document"


def test_what_needs_a_quote_and_a_tariff() -> None:
    world = accepted(to_order())
    assert drafted().code(CANGHAI, Shipping.quote_free_time, document=BILL, equipment=BOX) == "wrong-status"
    assert world.code(CANGHAI, Shipping.quote_free_time, document=BILL, equipment=BOX) == "no-tariff"
    assert charge(world, "DEM", 1) == "not-quoted"
    bad = TARIFF.replace(detention=TARIFF.detention.replace(tiers=TARIFF.detention.tiers[:1]))
    assert world.code(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-05-17"), terms=bad) == "bad-tiers"


def test_a_straight_bill_is_released_to_its_consignee() -> None:
    world = straight().do(JIANGLAN, Shipping.transfer, document=BILL, to=NORDLICHT)
    surrendered(world, by=NORDLICHT).do(CANGHAI, Shipping.accept_surrender, document=BILL)
    world = in_hamburg(world).do(ZOLLAMT, Shipping.customs_release, document=BILL)
    assert release(world) == "not-surrendering-party"
    assert release(world, NORDLICHT) == "ok"


if __name__ == "__main__":
    FILE.write_text(TABLE.text(), encoding="utf-8")
