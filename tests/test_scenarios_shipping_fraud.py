"""Frauds of this trade that need two who agree, or a side door: each is tried, and each is refused."""

from dataclasses import replace
from typing import Any

from scenarios.dates import on
from scenarios.shipping.cast import CANGHAI, ELBKONTOR, JIANGLAN, MOORKAI, NORDKETTE, NORDLICHT, YANSHAN, YUNTU, ZOLLAMT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import moved
from scenarios.shipping.shipments import DISCHARGE, LOADING, VESSEL, VOYAGE, A, space
from scenarios.shipping.voyage import HOUR_MS
from tests.shipping_world import (
    BILL,
    SEALED,
    World,
    accepted,
    approved,
    content,
    credited,
    export,
    facts,
    instructed,
    issued,
    loaded,
    presented,
    received,
    released,
    straight,
    surrendered,
    to_order,
)

SI = {"instructions": A.instructions}
REISSUE = {"document": BILL, "new": "TD-A2", "facts": facts()}
FREIGHT = {"name": "Ocean freight", "currency": "EUR", "amount_cents": 100_000, "payment_term": "COL"}
BOTH = (CANGHAI, JIANGLAN)


def agreed(world: World, **changes: Any) -> World:
    """Shipper and carrier agree on other instructions."""
    world.do(JIANGLAN, Shipping.update_si, **SI, content=content(**{"endorsee": JIANGLAN, **changes}))
    return world.do(CANGHAI, Shipping.confirm_update, **SI)


def out_with(said: dict[str, Any]) -> World:
    """A bill to order of the shipper with these facts, in the shipper's hands."""
    world = loaded(endorsee=JIANGLAN)
    world.do(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=said)
    world.do(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN)
    return world.do(YUNTU, Shipping.answer_issuance, document=BILL, answer="ISSU")


def test_one_box_is_not_on_two_bills_by_two_bookings_even_before_it_moved() -> None:
    world = instructed().at("2026-04-09")
    world.do(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=received())
    again = replace(A, letter="X")
    world.do(JIANGLAN, Shipping.book, booking=again.booking, space=space(2))
    world.do(CANGHAI, Shipping.confirm_booking, booking=again.booking, vessel_imo=VESSEL, voyage=VOYAGE)
    second = {"instructions": again.instructions}
    world.do(JIANGLAN, Shipping.submit_si, **second, booking=again.booking, content=content(again))
    draft = {"document": again.document, **second, "facts": received()}
    assert world.code(CANGHAI, Shipping.publish_draft, **draft) == "another-booking"


def test_a_bill_names_the_ship_that_was_loaded() -> None:
    world = loaded(endorsee=JIANGLAN)
    for plan in A.boxes:
        said = {**moved("LOAD", A, plan, world.time_ms - HOUR_MS, LOADING, vessel_imo=VESSEL, voyage="099W")["report"]}
        said["event_id"] = f"LOAD-{plan.reference}"
        world.do("haijiao.luo", Shipping.record_event, report=said)
    assert world.code(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=facts()) == "not-loaded"


def test_a_foul_bill_does_not_come_back_clean() -> None:
    foul = facts(clauses=("two cartons wet",))
    for reason in ("", "SWI", "COD", "SWTP"):
        assert accepted(out_with(foul), "AREQ", reason).code(BOTH, Shipping.void_and_reissue, **REISSUE) == "beyond-reason"
    world = accepted(out_with(foul), "AREQ", "SWI")
    assert world.code(BOTH, Shipping.void_and_reissue, **{**REISSUE, "facts": foul}) == "ok"


def test_a_reason_does_not_move_the_date_on_board() -> None:
    later = {**REISSUE, "facts": facts(shipped_on_board_on_ms=on("2026-04-11"))}
    assert accepted(to_order().at("2026-04-12"), "AREQ", "SWI").code(BOTH, Shipping.void_and_reissue, **later) == "beyond-reason"
    assert accepted(to_order().at("2026-04-12"), "AREQ").code(BOTH, Shipping.void_and_reissue, **later) == "ok"


def test_shipper_and_carrier_alone_do_not_change_what_a_bank_holds() -> None:
    world = to_order().do(JIANGLAN, Shipping.endorse_to_order, document=BILL, to=ELBKONTOR)
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR)
    surrendered(world, "AREQ", by=ELBKONTOR).do(CANGHAI, Shipping.accept_surrender, document=BILL)
    half = content()
    agreed(world, equipment=half["equipment"][:1], cargo_items=half["cargo_items"][:1])
    assert world.code(BOTH, Shipping.void_and_reissue, **REISSUE) == "not-signed-by"
    assert world.code((CANGHAI, ELBKONTOR), Shipping.void_and_reissue, **REISSUE) == "ok"


def test_a_straight_bill_switched_to_order_can_be_endorsed() -> None:
    world = accepted(agreed(straight()), "AREQ", "SWI").do(BOTH, Shipping.void_and_reissue, **REISSUE)
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")
    assert world.code(JIANGLAN, Shipping.endorse, document="TD-A2", to=NORDLICHT) == "ok"


def test_the_destination_changes_by_amendment_alone() -> None:
    rotterdam = content(endorsee=JIANGLAN, port_of_discharge="NLRTM")
    assert approved(endorsee=JIANGLAN).code(JIANGLAN, Shipping.update_si, **SI, content=rotterdam) == "not-as-booked"
    world = agreed(to_order(), port_of_discharge="NLRTM")
    assert accepted(world.copy(), "AREQ", "SWI").code(BOTH, Shipping.void_and_reissue, **REISSUE) == "beyond-reason"
    accepted(world, "AREQ", "COD").do(BOTH, Shipping.void_and_reissue, **REISSUE)
    assert world.contract.documents["TD-A2"].content.port_of_discharge == "NLRTM"


def test_a_bill_born_on_paper_becomes_electronic_through_a_platform_of_the_carriers_choice() -> None:
    world = issued(endorsee=JIANGLAN, is_electronic=False, originals_without_charges=3)
    world.do(BOTH, Shipping.return_paper, document=BILL, presented_by=JIANGLAN, request="AREQ")
    agreed(world).do(BOTH, Shipping.void_and_reissue, **REISSUE)
    offer = {"document": "TD-A2", "platform": YUNTU}
    assert world.code(CANGHAI, Shipping.issue, **offer, to=NORDLICHT) == "other-holder"
    world.do(CANGHAI, Shipping.issue, **offer, to=JIANGLAN)
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")
    assert world.title("TD-A2").possessor == JIANGLAN
    assert world.code(CANGHAI, Shipping.issue, **offer, to=JIANGLAN) == "issued-once"


def test_freight_that_was_paid_is_paid_when_the_bill_is_reissued() -> None:
    said = facts(charges=(FREIGHT,))
    world = out_with(said)
    paid = {"payer": JIANGLAN, "amount_cents": 100_000}
    world.do((JIANGLAN, ELBKONTOR), Shipping.pay_charges, document=BILL, **paid)
    for old, new in ((BILL, "TD-A2"), ("TD-A2", "TD-A3")):
        world.do(JIANGLAN, Shipping.request_surrender, document=old, carrier=CANGHAI, request="AREQ", reason="SWI")
        world.do(CANGHAI, Shipping.accept_surrender, document=old)
        world.do(BOTH, Shipping.void_and_reissue, document=old, new=new, facts=said)
        world.do(YUNTU, Shipping.answer_issuance, document=new, answer="ISSU")
        assert world.code((JIANGLAN, ELBKONTOR), Shipping.pay_charges, document=old, **paid) == "wrong-status"
    assert world.contract.unpaid_cents(world.contract.documents["TD-A3"], world.time_ms) == 0


def test_a_box_that_customs_stopped_after_the_release_stays_in() -> None:
    world = released()
    box = A.boxes[0]
    for code, signer, answer in (
        ("CUSI", ZOLLAMT, "ok"),
        ("GTOT", MOORKAI, "not-cleared"),
        ("CUSR", ZOLLAMT, "ok"),
        ("GTOT", MOORKAI, "ok"),
    ):
        world.time_ms += HOUR_MS
        event = moved(code, A, box, world.time_ms, DISCHARGE, updated_at_ms=world.time_ms)
        assert world.code(signer, Shipping.record_event, **event) == answer


def test_a_document_attached_twice_is_received_once() -> None:
    world = to_order().do((YUNTU, JIANGLAN), Shipping.export_envelope, **export(attached=["a" * 64] * 2))
    world.do(NORDKETTE, Shipping.import_envelope, presented=presented(world))
    world.do(NORDKETTE, Shipping.receive_document, envelope="ENV-1", checksum="a" * 64)
    world.do(NORDKETTE, Shipping.finish_envelope, envelope="ENV-1")
    assert (world.answers()[-1], world.title().platform) == ("RECE", NORDKETTE)


def test_a_bill_refused_under_a_credit_goes_back_to_whoever_presented_it() -> None:
    world = credited(latest_shipment_on_ms=on("2026-04-01"))
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN)
    world.do((YANSHAN, JIANGLAN), Shipping.present_lc, credit="LC-1", document=BILL, invoice=SEALED)
    world.do(ELBKONTOR, Shipping.refuse_lc, credit="LC-1")
    assert world.title().possessor == YANSHAN
