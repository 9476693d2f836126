"""Customs, charges and release: whose holds are whose, and money to the cent."""

from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping.cast import CANGHAI, ELBWAGEN, JIANGLAN, MOORKAI, NORDLICHT, STAPELHOF, YANSHAN, ZOLLAMT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import TARIFF, moved
from scenarios.shipping.shipments import DISCHARGE, A
from scenarios.shipping.voyage import DAY_MS, HOUR_MS
from tests import shipping_rules as rules
from tests.shipping_world import (
    BILL,
    World,
    cleared,
    delivered,
    in_hamburg,
    landed,
    listed,
    released,
    straight,
    surrendered,
    to_order,
)

BOX = A.boxes[0].reference


def release(world: World, to: str = JIANGLAN, signer: str | tuple[str, ...] = CANGHAI, **more: Any) -> str:
    return world.code(signer, Shipping.release_cargo, document=BILL, to=to, **more)


# Release


def test_holds_of_customs_and_carrier_are_each_their_own() -> None:
    world = cleared()
    for signer in (ZOLLAMT, CANGHAI, CANGHAI):
        world.do(signer, Shipping.hold_cargo, document=BILL, reason="why")
    assert world.contract.documents[BILL].holds == ("customs", "carrier")
    assert release(world) == "on-hold"
    world.do(CANGHAI, Shipping.lift_hold, document=BILL)
    assert release(world) == "on-hold"
    world.do(ZOLLAMT, Shipping.lift_hold, document=BILL)
    assert release(world) == "ok"


def test_who_was_listed_after_the_gate_is_no_reason_to_refuse_what_a_gate_tells_later() -> None:
    world = listed(released().at("2026-05-17"), "elbwagen", "jianglan")
    assert world.code((MOORKAI, ELBWAGEN), Shipping.record_event, **landed("GTOT", hours=28)) == "ok"


def test_released_goods_that_were_missed_are_claimed_each_time_until_the_right_one_says_that_it_has_them() -> None:
    world = rules.fetched(A.boxes[1])
    for out in (None, landed("GTOT", hours=29)):
        world.do(MOORKAI, Shipping.record_misdelivery, **rules.GONE)
        world.do(JIANGLAN, Shipping.lodge_claim, document=BILL, statement="2" * 64)
        if out:
            world.do((MOORKAI, ELBWAGEN), Shipping.record_event, **out)
        world.do(rules.BOTH, Shipping.retract_misdelivery, document=BILL)
        assert dict(world.contract.claims.items()) == {}


def test_a_listed_name_that_is_published_again_in_other_signs_flags_nothing_twice() -> None:
    world = listed(delivered(endorsee=JIANGLAN, displayed_address=["Heisha Trading"]))
    world.do(YANSHAN, Shipping.acknowledge_flags, document=BILL)
    controls = {"identifiers": (), "names": ["HEISHA TRADING", "Heisha Trading Ltd."]}
    world.do(ZOLLAMT, Shipping.publish_controls, effective_on_ms=on("2026-06-01"), controls=controls)
    assert rules.PLEDGING(world) == "ok"


def test_a_bill_that_a_listed_carrier_may_not_amend_goes_back_and_is_surrendered_for_the_goods() -> None:
    world = listed(surrendered(to_order(), "AREQ"), "canghai").do(
        CANGHAI, Shipping.reject_surrender, document=BILL, comments="listed"
    )
    surrendered(world).do(CANGHAI, Shipping.accept_surrender, document=BILL)
    assert world.status() == "SURRENDERED_FOR_DELIVERY"


def test_the_last_word_of_customs_counts() -> None:
    world = cleared()
    at_ms = world.time_ms
    seen = moved("CUSI", A, A.boxes[0], at_ms, DISCHARGE, updated_at_ms=at_ms)
    world.do(ZOLLAMT, Shipping.record_event, **seen)
    assert release(world) == "not-cleared"
    world.time_ms += HOUR_MS
    world.do(ZOLLAMT, Shipping.customs_release, document=BILL)
    assert release(world) == "ok"


# Charges: free to 20 May, then 90 a day for five days, then 150


def charge(world: World, kind: str, amount: int, box: str = BOX) -> str:
    return world.code(CANGHAI, Shipping.charge_dnd, document=BILL, equipment=box, kind=kind, amount_cents=amount)


@pytest.mark.parametrize(("day", "due"), [("2026-05-21", 90_00), ("2026-05-25", 450_00), ("2026-05-26", 600_00)])
def test_demurrage_grows_by_the_day(day: str, due: int) -> None:
    world = cleared().at(day)
    assert charge(world, "DEM", due) == "ok"
    assert charge(world, "DEM", due) == "nothing-due"
    assert world.contract.dnd_charges[f"{BILL}:{BOX}:DEM"].is_final is False


def test_what_nobody_charged_yet_stands_against_a_release_too() -> None:
    world = cleared().at("2026-05-22")
    assert release(world) == "charges-unpaid"
    for plan in A.boxes:
        assert charge(world, "DEM", 180_00, plan.reference) == "ok"
    assert release(world) == "charges-unpaid"
    pay = {"document": BILL, "payer": NORDLICHT}
    world.do((NORDLICHT, YANSHAN), Shipping.pay_charges, **pay, amount_cents=300_00)
    assert release(world) == "charges-unpaid"
    world.do((NORDLICHT, YANSHAN), Shipping.pay_charges, **pay, amount_cents=60_00)
    assert release(world) == "ok"


def test_detention_and_a_correction() -> None:
    world = released()
    out_ms = world.time_ms
    world.do((MOORKAI, ELBWAGEN), Shipping.record_event, **moved("GTOT", A, A.boxes[0], out_ms, DISCHARGE, updated_at_ms=out_ms))
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
    world.do(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-05-17"), terms=dearer)
    world.at("2026-05-18")
    assert charge(world, "DEM", 90_00) == "nothing-due"


def test_a_straight_bill_is_released_to_its_consignee() -> None:
    world = straight().do(JIANGLAN, Shipping.transfer, document=BILL, to=NORDLICHT)
    surrendered(world, by=NORDLICHT).do(CANGHAI, Shipping.accept_surrender, document=BILL)
    world = in_hamburg(world).do(ZOLLAMT, Shipping.customs_release, document=BILL)
    assert release(world) == "not-surrendering-party"
    assert release(world, NORDLICHT) == "ok"
