"""Letters of credit: what is discrepant, who may accept and refuse, and until when."""

from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping.cast import ALSTER, CANGHAI, ELBKONTOR, JIANGLAN, NORDLICHT, YANSHAN, A, B
from scenarios.shipping.contract import Shipping
from tests.shipping_world import BILL, SEALED, World, bearer, credited, delivered, drafted, facts, loaded, opening
from tests.shipping_world import presented_under_credit as presented

LC = {"credit": "LC-1"}


def discrepancies(world: World) -> list[str]:
    """What the ledger noted at presentation."""
    return list(world.contract.presentations["LC-1"].discrepancies)


def test_a_complying_presentation_gives_the_bill_to_the_bank_which_accepts() -> None:
    world = presented()
    assert (discrepancies(world), world.title().possessor) == ([], ELBKONTOR)
    assert world.code(JIANGLAN, Shipping.accept_lc, **LC) == "not-bank"
    assert world.code(YANSHAN, Shipping.accept_lc, **LC) == "not-bank"
    assert world.code(ELBKONTOR, Shipping.refuse_lc, **LC) == "complying"
    world.do(ELBKONTOR, Shipping.accept_lc, **LC)
    assert world.contract.credits["LC-1"].state == "accepted"
    assert world.code(ELBKONTOR, Shipping.accept_lc, **LC) == "wrong-status"


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
    world = loaded()
    draft = {"document": BILL, "instructions": A.instructions, "facts": facts(clauses=["two cartons crushed"])}
    world.do(CANGHAI, Shipping.publish_draft, **draft)
    world.do(CANGHAI, Shipping.issue, document=BILL, platform="yuntu.desk", to=JIANGLAN).at("2026-04-11")
    world.do("yuntu.desk", Shipping.answer_issuance, document=BILL, answer="ISSU")
    assert discrepancies(presented(world)) == ["not-clean"]


def test_a_bill_to_somebody_elses_order_is_discrepant_and_one_to_bearer_is_not() -> None:
    assert discrepancies(presented(delivered(endorsee=JIANGLAN))) == ["not-to-order-of-bank"]
    assert discrepancies(presented(bearer())) == []


def test_goods_that_are_only_received_are_not_on_board() -> None:
    world = loaded()
    draft = {"document": BILL, "instructions": A.instructions}
    said = facts(is_shipped_on_board=False, shipped_on_board_on_ms=0, received_on_ms=on("2026-04-09"))
    world.do(CANGHAI, Shipping.publish_draft, **draft, facts=said)
    world.do(CANGHAI, Shipping.issue, document=BILL, platform="yuntu.desk", to=JIANGLAN)
    world.do("yuntu.desk", Shipping.answer_issuance, document=BILL, answer="ISSU")
    assert discrepancies(presented(world)) == ["not-on-board"]


def test_discrepant_documents_are_accepted_only_if_the_applicant_waives() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09"))
    assert world.code(ELBKONTOR, Shipping.accept_lc, **LC) == "discrepant"
    assert world.code(JIANGLAN, Shipping.waive_discrepancies, **LC) == "not-applicant"
    world.do(NORDLICHT, Shipping.waive_discrepancies, **LC)
    assert world.code(ELBKONTOR, Shipping.accept_lc, **LC) == "ok"


@pytest.mark.parametrize(("day", "code"), [("2026-04-17", "ok"), ("2026-04-18", "examination-over")])
def test_a_bank_refuses_within_five_banking_days_and_gives_the_bill_back(day: str, code: str) -> None:
    """Presented on Saturday, 11 April: the fifth banking day is Friday, 17 April."""
    world = presented(latest_shipment_on_ms=on("2026-04-09")).at(day)
    assert world.code(ELBKONTOR, Shipping.refuse_lc, **LC) == code
    assert world.title().possessor == (JIANGLAN if code == "ok" else ELBKONTOR)


def test_after_a_refusal_better_documents_may_be_presented() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09")).do(ELBKONTOR, Shipping.refuse_lc, **LC)
    assert world.code(JIANGLAN, Shipping.present_lc, **LC, document=BILL, invoice=SEALED) == "ok"
    assert world.code(JIANGLAN, Shipping.waive_discrepancies, **LC) == "not-applicant"


def test_only_the_beneficiary_presents_a_bill_that_it_possesses_to_a_bank_on_its_platform() -> None:
    present = {**LC, "document": BILL, "invoice": SEALED}
    assert credited(beneficiary=YANSHAN).code(JIANGLAN, Shipping.present_lc, **present) == "not-beneficiary"
    moved = credited().do(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN)
    assert moved.code(JIANGLAN, Shipping.present_lc, **present) == "not-possessor"
    at_bank = credited().do(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR)
    assert at_bank.code((ELBKONTOR, JIANGLAN), Shipping.present_lc, **present) == "to-self"
    assert credited(drafted()).code(JIANGLAN, Shipping.present_lc, **present) == "no-title"
    assert presented().code(JIANGLAN, Shipping.present_lc, **present) == "not-possessor"


def test_no_second_bill_is_presented_while_one_is_examined_or_was_taken_up() -> None:
    world = delivered(B, presented())
    other = {**LC, "document": B.document, "invoice": SEALED}
    assert world.code(JIANGLAN, Shipping.present_lc, **other) == "wrong-status"
    world.do(ELBKONTOR, Shipping.accept_lc, **LC)
    assert world.code(JIANGLAN, Shipping.present_lc, **other) == "wrong-status"


def test_only_the_issuing_bank_refuses() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09"))
    assert world.code(JIANGLAN, Shipping.refuse_lc, **LC) == "not-bank"


def test_a_credit_is_opened_once_for_a_member() -> None:
    assert credited().code(ELBKONTOR, Shipping.open_lc, **opening()) == "credit-exists"
    assert delivered().code(ELBKONTOR, Shipping.open_lc, **opening(beneficiary="nobody.here")) == "unknown-member"
    assert delivered().code(ELBKONTOR, Shipping.open_lc, **opening(applicant="nobody.here")) == "unknown-member"


def test_what_a_bank_examines_is_not_its_own_yet() -> None:
    world = presented()
    for operation, arguments in (
        (Shipping.transfer, {"to": NORDLICHT}),
        (Shipping.endorse, {"to": NORDLICHT}),
        (Shipping.request_surrender, {"carrier": CANGHAI, "request": "SREQ"}),
    ):
        assert world.code(ELBKONTOR, operation, document=BILL, **arguments) == "under-examination"
    pledge = {"document": BILL, "pledgee": YANSHAN, "secures": "LOAN-9"}
    assert world.code((ELBKONTOR, YANSHAN), Shipping.pledge, **pledge) == "under-examination"
    world.do(ELBKONTOR, Shipping.accept_lc, **LC)
    assert world.code(ELBKONTOR, Shipping.endorse, document=BILL, to=NORDLICHT) == "ok"


def test_a_bank_that_lets_its_time_pass_has_taken_the_documents_up() -> None:
    world = presented(latest_shipment_on_ms=on("2026-04-09")).at("2026-04-17")
    assert world.code(JIANGLAN, Shipping.accept_lc, **LC) == "not-bank"
    assert world.at("2026-04-18").code(JIANGLAN, Shipping.accept_lc, **LC) == "ok"


def test_nothing_is_waived_where_nothing_is_wrong() -> None:
    assert presented().code(NORDLICHT, Shipping.waive_discrepancies, **LC) == "complying"
