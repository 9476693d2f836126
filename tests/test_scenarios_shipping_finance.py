"""Letters of credit: what is discrepant, who may accept and refuse, and until when."""

from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping.cast import ALSTER, ELBKONTOR, JIANGLAN, NORDLICHT, YANSHAN
from scenarios.shipping.contract import Shipping
from tests.shipping_world import BILL, SEALED, World, bearer, credited, delivered, doubted, facts, out, pledged, received
from tests.shipping_world import presented_under_credit as presented

LC = {"credit": "LC-1"}


def discrepancies(world: World) -> list[str]:
    """What the ledger noted at presentation."""
    return list(world.contract.presentations["LC-1"].discrepancies)


def test_a_complying_presentation_gives_the_bill_to_the_bank_which_accepts() -> None:
    world = presented()
    assert (discrepancies(world), world.title().possessor) == ([], ELBKONTOR)
    world.do(ELBKONTOR, Shipping.accept_lc, **LC)
    assert world.contract.credits["LC-1"].state == "accepted"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"latest_shipment_on_ms": on("2026-04-10")}, []),
        ({"latest_shipment_on_ms": on("2026-04-09")}, ["late-shipment"]),
        ({"expires_on_ms": on("2026-04-11")}, []),
        ({"expires_on_ms": on("2026-04-10")}, ["credit-expired"]),
        ({"presentation_days": 1}, []),
        ({"applicant": ALSTER}, ["notify-not-applicant"]),
        ({"port_of_discharge": "NLRTM"}, ["other-ports"]),
    ],
)
def test_terms_of_the_credit(changes: dict[str, Any], expected: list[str]) -> None:
    assert discrepancies(presented(**changes)) == expected


@pytest.mark.parametrize(("day", "expected"), [("2026-05-01", []), ("2026-05-02", ["late-presentation"])])
def test_presentation_is_within_21_days_of_shipment(day: str, expected: list[str]) -> None:
    assert discrepancies(presented(delivered().at(day))) == expected


def test_a_bill_with_a_remark_is_not_clean() -> None:
    world = out(facts(clauses=["two cartons crushed"])).at("2026-04-11")
    assert discrepancies(presented(world)) == ["not-clean"]


def test_a_bill_to_somebody_elses_order_is_discrepant_and_one_to_bearer_is_not() -> None:
    assert discrepancies(presented(delivered(endorsee=JIANGLAN))) == ["not-to-order-of-bank"]
    assert discrepancies(presented(bearer())) == []


def test_goods_that_are_only_received_are_not_on_board() -> None:
    assert discrepancies(presented(out(received()))) == ["not-on-board"]


def test_discrepant_documents_are_accepted_only_if_the_applicant_waives() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09"))
    world.do(NORDLICHT, Shipping.waive_discrepancies, **LC)
    assert world.code(ELBKONTOR, Shipping.accept_lc, **LC) == "ok"


def test_a_bank_refuses_within_five_banking_days_and_gives_the_bill_back() -> None:
    """Presented on Saturday, 11 April: the fifth banking day is Friday, 17 April."""
    world = presented(latest_shipment_on_ms=on("2026-04-09")).at("2026-04-17")
    assert world.do(ELBKONTOR, Shipping.refuse_lc, **LC).title().possessor == JIANGLAN


def test_after_a_refusal_better_documents_may_be_presented() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09")).do(ELBKONTOR, Shipping.refuse_lc, **LC)
    assert world.code(JIANGLAN, Shipping.present_lc, **LC, document=BILL, invoice=SEALED) == "ok"


def test_a_bank_that_lets_its_time_pass_has_taken_the_documents_up() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09")).at("2026-04-18")
    assert world.code(JIANGLAN, Shipping.accept_lc, **LC) == "ok"


def test_a_bill_refused_under_a_credit_goes_back_to_whoever_presented_it() -> None:
    world = credited(latest_shipment_on_ms=on("2026-04-01"))
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN)
    world.do((YANSHAN, JIANGLAN), Shipping.present_lc, **LC, document=BILL, invoice=SEALED)
    assert world.do(ELBKONTOR, Shipping.refuse_lc, **LC).title().possessor == YANSHAN


def test_a_flag_after_the_pledge_names_the_pledgee() -> None:
    told = [data for name, data in doubted(pledged()).events if name == "flagged"]
    assert told == [{"document": BILL, "flags": ["event-retracted"], "pledgee": YANSHAN}]
