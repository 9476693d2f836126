"""Title, possession and amendment: what becomes of a bill of lading. What is refused stands in `shipping_rules.py`."""

from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping import cast
from scenarios.shipping.contract import Shipping
from tests import shipping_rules as rules
from tests import shipping_world as world
from tests.shipping_rules import BOTH, REISSUE, TD, Before
from tests.shipping_world import BILL, World

NEW = {"document": "TD-A2"}
FREIGHT = {"name": "Ocean freight", "currency": "EUR", "amount_cents": 100_000, "payment_term": "COL"}


def chain(begun: World, document: str = BILL) -> list[str]:
    """Action codes in the order of the chain."""
    return [entry.action for _, entry in begun.contract.chain.items(prefix=f"{document}:")]


# Issue


def test_a_bill_begins_with_one_issue_to_its_first_possessor() -> None:
    begun = world.delivered()
    title = begun.title()
    assert chain(begun) == ["ISSUE"]
    assert (title.kind, title.possessor, title.title_holder, title.platform) == (
        "named", cast.JIANGLAN, cast.ELBKONTOR, cast.YUNTU
    )  # fmt: skip


def test_a_platform_that_does_not_know_the_party_refuses_and_the_carrier_asks_another() -> None:
    begun = world.drafted(endorsee=cast.JIANGLAN)
    begun.do(cast.CANGHAI, Shipping.issue, **TD, platform=cast.NORDKETTE, to=cast.JIANGLAN)
    begun.do(cast.NORDKETTE, Shipping.answer_issuance, **TD, answer="REFU", comments="no such user")
    begun.do(cast.CANGHAI, Shipping.issue, **TD, platform=cast.YUNTU, to=cast.JIANGLAN)
    begun.do(cast.YUNTU, Shipping.answer_issuance, **TD, answer="ISSU")
    assert (chain(begun), begun.title().platform) == (["ISSUE"], cast.YUNTU)


def test_every_field_of_contents_and_facts_is_in_the_checksum() -> None:
    first = world.drafted().contract.documents[BILL]
    heavier = first.content.equipment[0].replace(gross_weight_kg=21_401)
    changed = [
        first.replace(content=first.content.replace(equipment=(heavier, *first.content.equipment[1:]))),
        first.replace(facts=first.facts.replace(clauses=("three pallets wet",))),
        first.replace(reference="TD-X"),
    ]
    assert len({first.checksum, *(document.with_checksum().checksum for document in changed)}) == 4


# Transfer and endorsement


def test_possession_moves_and_title_stays() -> None:
    title = world.delivered().do(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN).title()
    assert (title.possessor, title.title_holder) == (cast.YANSHAN, cast.ELBKONTOR)


def test_title_and_possession_in_two_hands_move_with_both_signatures() -> None:
    assert world.delivered().code((cast.JIANGLAN, cast.ELBKONTOR), Shipping.endorse, **TD, to=cast.NORDLICHT) == "ok"


def test_an_endorsement_to_order_may_be_followed_by_another() -> None:
    begun = world.to_order().do(cast.JIANGLAN, Shipping.endorse_to_order, **TD, to=cast.ELBKONTOR)
    begun.do(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR)
    begun.do(cast.ELBKONTOR, Shipping.endorse_to_order, **TD, to=cast.NORDLICHT)
    assert chain(begun) == ["ISSUE", "ENDORSE_TO_ORDER", "TRANSFER", "ENDORSE_TO_ORDER"]
    assert begun.title().title_holder == cast.NORDLICHT


def test_a_blank_endorsement_makes_it_bearer_and_a_possessor_can_name_somebody_again() -> None:
    begun = world.to_order().do(cast.JIANGLAN, Shipping.blank_endorse, **TD)
    assert (begun.title().kind, begun.title().title_holder) == ("bearer", "")
    begun.do(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN)
    begun.do(cast.YANSHAN, Shipping.endorse, **TD, to=cast.NORDLICHT)
    assert (begun.title().kind, begun.title().may_endorse) == ("named", False)


def test_signing_moves_nothing() -> None:
    begun = world.to_order()
    before = begun.title()
    after = begun.do(cast.JIANGLAN, Shipping.sign, **TD, comments="seen").title()
    assert (after.possessor, after.title_holder, after.entries) == (before.possessor, before.title_holder, 2)


# Surrender


@pytest.mark.parametrize(
    ("before", "holder"),
    [(world.straight, cast.NORDLICHT), (world.delivered, cast.ELBKONTOR), (world.bearer, cast.YANSHAN)],
)
def test_the_entitled_may_surrender_what_was_transferred_to_them(before: Before, holder: str) -> None:
    begun = before().do(cast.JIANGLAN, Shipping.transfer, **TD, to=holder)
    assert begun.code(holder, Shipping.request_surrender, **rules.SREQ) == "ok"


def test_a_carrier_that_declines_says_why_and_gives_it_back() -> None:
    begun = world.surrendered(world.to_order())
    assert (begun.title().possessor, begun.title().surrendered_by) == (cast.CANGHAI, cast.JIANGLAN)
    begun.do(cast.CANGHAI, Shipping.reject_surrender, **TD, comments="freight to collect is not paid")
    assert (begun.title().possessor, begun.title().surrendered_by, begun.status()) == (cast.JIANGLAN, "", "ISSUED")
    assert begun.code(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN) == "ok"


# Void and reissue


FOUL = {"clauses": ("two cartons wet",)}
REISSUED: dict[str, tuple[Before, dict[str, Any]]] = {
    "without a reason": (rules.amended("", notify="", displayed_address=["other"]), {}),
    "another notify party for a switch bill": (rules.amended("SWI", notify=cast.ALSTER), {}),
    "another notify party for another destination": (rules.amended("COD", notify=cast.ALSTER), {}),
    "another destination": (rules.amended("COD", port_of_discharge="NLRTM"), {}),
    "paper": (rules.amended("SWTP", is_electronic=False, originals_without_charges=3, notify=cast.NORDLICHT), {}),
    "as foul as it was": (lambda: world.accepted(rules.out_with(**FOUL)(), "AREQ", "SWI"), FOUL),
    "a later day on board, without a reason": (
        lambda: world.accepted(world.to_order().at("2026-04-12"), "AREQ"), {"shipped_on_board_on_ms": on("2026-04-11")}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REISSUED)
def test_an_amendment_changes_what_its_reason_says(name: str) -> None:
    before, said = REISSUED[name]
    assert before().code(BOTH, Shipping.void_and_reissue, **TD, new="TD-A2", facts=world.facts(**said)) == "ok"


def test_what_a_bank_holds_changes_with_its_signature() -> None:
    assert rules.given_back().code((cast.CANGHAI, cast.ELBKONTOR), Shipping.void_and_reissue, **TD, **REISSUE) == "ok"


def test_the_new_bill_takes_the_title_as_it_was_endorsed_to_whom_surrendered_it() -> None:
    begun = rules.agreed(rules.endorsed, notify="")()
    world.surrendered(begun, "AREQ", by=cast.NORDLICHT).do(cast.CANGHAI, Shipping.accept_surrender, **TD)
    begun.do((cast.CANGHAI, cast.NORDLICHT), Shipping.void_and_reissue, **TD, **REISSUE)
    assert begun.code(cast.NORDLICHT, Shipping.transfer, **NEW, to=cast.YANSHAN) == "no-title"
    begun.do(cast.YUNTU, Shipping.answer_issuance, **NEW, answer="ISSU")
    title, new = begun.title("TD-A2"), begun.contract.documents["TD-A2"]
    assert (title.possessor, title.title_holder, title.may_endorse) == (cast.NORDLICHT, cast.NORDLICHT, False)
    assert (new.status, new.content.notify, new.replaces, chain(begun, "TD-A2")) == ("ISSUED", "", BILL, ["ISSUE"])
    assert (begun.status(), begun.contract.documents[BILL].replaced_by) == ("VOIDED", "TD-A2")


def test_a_straight_bill_switched_to_order_can_be_endorsed() -> None:
    begun = world.accepted(rules.agreed(world.straight)(), "AREQ", "SWI").do(BOTH, Shipping.void_and_reissue, **TD, **REISSUE)
    begun.do(cast.YUNTU, Shipping.answer_issuance, **NEW, answer="ISSU")
    assert begun.code(cast.JIANGLAN, Shipping.endorse, **NEW, to=cast.NORDLICHT) == "ok"


def test_freight_that_was_paid_is_paid_when_the_bill_is_reissued() -> None:
    begun = rules.out_with(charges=(FREIGHT,))()
    paid = {"payer": cast.JIANGLAN, "amount_cents": 100_000}
    begun.do((cast.JIANGLAN, cast.ELBKONTOR), Shipping.pay_charges, **TD, **paid)
    for old, new in ((BILL, "TD-A2"), ("TD-A2", "TD-A3")):
        world.surrendered(begun, "AREQ", "SWI", document=old).do(cast.CANGHAI, Shipping.accept_surrender, document=old)
        begun.do(BOTH, Shipping.void_and_reissue, document=old, new=new, facts=world.facts(charges=(FREIGHT,)))
        begun.do(cast.YUNTU, Shipping.answer_issuance, document=new, answer="ISSU")
        assert begun.code((cast.JIANGLAN, cast.ELBKONTOR), Shipping.pay_charges, document=old, **paid) == "wrong-status"
    assert begun.contract.unpaid_cents(begun.contract.documents["TD-A3"], begun.time_ms) == 0


# Paper


def test_what_is_on_paper_is_possessed_outside_and_issued_once() -> None:
    begun = world.on_paper()
    assert (begun.title("TD-A2").medium, begun.title("TD-A2").possessor) == ("paper", "")
    assert begun.code(cast.CANGHAI, Shipping.issue, **NEW, platform=cast.YUNTU, to=cast.JIANGLAN) == "issued-once"


def test_paper_comes_back_with_the_signatures_of_carrier_and_holder() -> None:
    begun, signers = world.on_paper(), (cast.CANGHAI, cast.YANSHAN)
    begun.do(signers, Shipping.return_paper, **NEW, presented_by=cast.YANSHAN, request="AREQ")
    rules.agreed(lambda: begun, notify=cast.NORDLICHT)().do(
        signers, Shipping.void_and_reissue, **NEW, new="TD-A3", facts=world.facts()
    )
    begun.do(cast.YUNTU, Shipping.answer_issuance, document="TD-A3", answer="ISSU")
    assert (begun.title("TD-A3").possessor, begun.title("TD-A3").title_holder) == (cast.YANSHAN, cast.YANSHAN)
    assert [begun.status(name) for name in (BILL, "TD-A2", "TD-A3")] == ["VOIDED", "VOIDED", "ISSUED"]


def test_paper_can_be_surrendered_for_the_goods() -> None:
    begun = world.on_paper()
    begun.do((cast.CANGHAI, cast.YANSHAN), Shipping.return_paper, **NEW, presented_by=cast.YANSHAN, request="SREQ")
    assert (begun.status("TD-A2"), begun.title("TD-A2").surrendered_by) == ("SURRENDERED_FOR_DELIVERY", cast.YANSHAN)


def test_a_bill_born_on_paper_becomes_electronic_through_a_platform_of_the_carriers_choice() -> None:
    begun = world.issued(endorsee=cast.JIANGLAN, is_electronic=False, originals_without_charges=3)
    begun.do(BOTH, Shipping.return_paper, **TD, presented_by=cast.JIANGLAN, request="AREQ")
    rules.agreed(lambda: begun)().do(BOTH, Shipping.void_and_reissue, **TD, **REISSUE)
    offer = {**NEW, "platform": cast.YUNTU}
    assert begun.code(cast.CANGHAI, Shipping.issue, **offer, to=cast.NORDLICHT) == "other-holder"
    begun.do(cast.CANGHAI, Shipping.issue, **offer, to=cast.JIANGLAN)
    begun.do(cast.YUNTU, Shipping.answer_issuance, **NEW, answer="ISSU")
    assert begun.title("TD-A2").possessor == cast.JIANGLAN
    assert begun.code(cast.CANGHAI, Shipping.issue, **offer, to=cast.JIANGLAN) == "issued-once"


# Pledge


def test_a_pledged_bill_moves_with_the_pledgee_and_when_it_is_let_go() -> None:
    begun = world.pledged()
    assert begun.copy().code((cast.JIANGLAN, cast.YANSHAN), Shipping.transfer, **TD, to=cast.ELBKONTOR) == "ok"
    begun.do(cast.YANSHAN, Shipping.unpledge, **TD)
    assert begun.code(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR) == "ok"


def given_back_pledged(request: str) -> World:
    """Pledgor and pledgee have surrendered the bill, and the carrier has accepted."""
    asked = {**rules.SREQ, "request": request}
    begun = world.pledged().do((cast.JIANGLAN, cast.YANSHAN), Shipping.request_surrender, **asked)
    return begun.do(cast.CANGHAI, Shipping.accept_surrender, **TD)


def test_a_pledge_ends_with_a_surrender_to_which_the_pledgee_agreed() -> None:
    assert given_back_pledged("SREQ").title().pledgee == ""


def test_a_pledge_stays_on_the_bill_that_is_issued_in_place_of_an_amended_one() -> None:
    begun = given_back_pledged("AREQ").do((*BOTH, cast.YANSHAN), Shipping.void_and_reissue, **TD, **REISSUE)
    begun.do(cast.YUNTU, Shipping.answer_issuance, **NEW, answer="ISSU")
    assert (begun.title().pledgee, begun.title("TD-A2").pledgee) == ("", cast.YANSHAN)
    assert begun.code(cast.JIANGLAN, Shipping.transfer, **NEW, to=cast.ELBKONTOR) == "pledged"


def test_a_switch_bill_goes_to_a_new_endorsee_whom_the_holder_names() -> None:
    begun = rules.amended("SWI")().do(BOTH, Shipping.void_and_reissue, **TD, **REISSUE, endorsee=cast.NORDLICHT)
    title, document = begun.title("TD-A2"), begun.contract.documents["TD-A2"]
    assert (title.title_holder, title.possessor, title.may_endorse) == (cast.NORDLICHT, cast.JIANGLAN, True)
    assert document.content.endorsee == cast.NORDLICHT


def test_a_bank_that_acknowledged_the_flags_may_lend_and_they_go_on_to_the_next_bill() -> None:
    known = world.doubted().do(cast.YANSHAN, Shipping.acknowledge_flags, **TD)
    assert rules.PLEDGING(known) == "ok"
    assert world.voided(world.doubted()).contract.documents["TD-A2"].flags == ("event-retracted",)
