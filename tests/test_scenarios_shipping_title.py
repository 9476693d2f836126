"""Title and possession: who may do what with a bill of lading, and what the chain says of it."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from ledger.contract.records import json_of
from ledger.encoding import encode
from scenarios.shipping.bill.title import entry_digest
from scenarios.shipping.cast import ALSTER, CANGHAI, ELBKONTOR, JIANGLAN, NORDKETTE, NORDLICHT, YANSHAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import A
from tests.shipping_world import (
    BILL,
    SEALED,
    World,
    accepted,
    bearer,
    content,
    delivered,
    drafted,
    facts,
    on_paper,
    pledged,
    straight,
    surrendered,
    to_order,
)

SI = {"instructions": A.instructions}


def chain(world: World, document: str = BILL) -> list[str]:
    """Action codes in the order of the chain."""
    return [entry.action for _, entry in world.contract.chain.items(prefix=f"{document}:")]


# Issue


def test_a_bill_begins_with_one_issue_to_its_first_possessor() -> None:
    world = delivered()
    assert chain(world) == ["ISSUE"]
    title = world.title()
    assert (title.kind, title.possessor, title.title_holder, title.platform) == ("named", JIANGLAN, ELBKONTOR, YUNTU)


def test_a_platform_that_does_not_know_the_party_refuses_and_the_carrier_asks_another() -> None:
    world = drafted(endorsee=JIANGLAN).do(CANGHAI, Shipping.issue, document=BILL, platform=NORDKETTE, to=JIANGLAN)
    world.do(NORDKETTE, Shipping.answer_issuance, document=BILL, answer="REFU", comments="no such user")
    world.do(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN)
    world.do(YUNTU, Shipping.answer_issuance, document=BILL, answer="ISSU")
    assert (chain(world), world.title().platform) == (["ISSUE"], YUNTU)


# Dates


# Checksum


def test_the_checksum_is_sha_256_of_canonical_json_without_a_tag() -> None:
    document = drafted().contract.documents[BILL]
    said = {
        "transport_document_reference": BILL, "shipper": JIANGLAN, "carrier": CANGHAI,
        "content": document.content.model_dump(mode="json"), "facts": document.facts.model_dump(mode="json"),
    }  # fmt: skip
    assert document.checksum == sha256(encode(json_of(said))).hexdigest()


def test_every_field_of_contents_and_facts_is_in_the_checksum() -> None:
    first = drafted().contract.documents[BILL]
    heavier = first.content.equipment[0].replace(gross_weight_kg=21_401)
    changed = [
        first.replace(content=first.content.replace(equipment=(heavier, *first.content.equipment[1:]))),
        first.replace(facts=first.facts.replace(clauses=("three pallets wet",))),
        first.replace(reference="TD-X"),
    ]
    assert len({first.checksum, *(document.with_checksum().checksum for document in changed)}) == 4


# Transfer and endorsement


def test_possession_moves_and_title_stays() -> None:
    world = delivered().do(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN)
    assert (world.title().possessor, world.title().title_holder) == (YANSHAN, ELBKONTOR)


def test_title_and_possession_in_two_hands_move_with_both_signatures() -> None:
    assert delivered().code((JIANGLAN, ELBKONTOR), Shipping.endorse, document=BILL, to=NORDLICHT) == "ok"


def test_an_endorsement_to_order_may_be_followed_by_another() -> None:
    world = to_order().do(JIANGLAN, Shipping.endorse_to_order, document=BILL, to=ELBKONTOR)
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR)
    world.do(ELBKONTOR, Shipping.endorse_to_order, document=BILL, to=NORDLICHT)
    assert chain(world) == ["ISSUE", "ENDORSE_TO_ORDER", "TRANSFER", "ENDORSE_TO_ORDER"]
    assert world.title().title_holder == NORDLICHT


def test_a_blank_endorsement_makes_it_bearer_and_a_possessor_can_name_somebody_again() -> None:
    world = to_order().do(JIANGLAN, Shipping.blank_endorse, document=BILL)
    assert (world.title().kind, world.title().title_holder) == ("bearer", "")
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN)
    world.do(YANSHAN, Shipping.endorse, document=BILL, to=NORDLICHT)
    assert (world.title().kind, world.title().may_endorse) == ("named", False)


def test_signing_moves_nothing() -> None:
    world = to_order()
    before = world.title()
    world.do(JIANGLAN, Shipping.sign, document=BILL, comments="seen")
    after = world.title()
    assert (after.possessor, after.title_holder, after.entries) == (before.possessor, before.title_holder, 2)


def test_entries_are_linked_by_their_digests() -> None:
    world = to_order().do(JIANGLAN, Shipping.endorse_to_order, document=BILL, to=YANSHAN, terms=SEALED)
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN)
    entries = [entry for _, entry in world.contract.chain.items()]
    assert [entry.previous for entry in entries] == ["", *(entry_digest(entry) for entry in entries[:-1])]
    assert world.title().last_entry == entry_digest(entries[-1])


# Surrender


@pytest.mark.parametrize(
    ("world", "holder", "signers", "code"),
    [
        (straight, NORDLICHT, NORDLICHT, "ok"),
        (straight, JIANGLAN, JIANGLAN, "ok"),
        (straight, YANSHAN, YANSHAN, "not-entitled"),
        (to_order, JIANGLAN, JIANGLAN, "ok"),
        (delivered, NORDLICHT, NORDLICHT, "not-entitled"),
        (delivered, ELBKONTOR, ELBKONTOR, "ok"),
        (delivered, JIANGLAN, ELBKONTOR, "not-possessor"),
        (bearer, YANSHAN, YANSHAN, "ok"),
        (bearer, JIANGLAN, ALSTER, "not-possessor"),
    ],
)  # fmt: skip
def test_who_may_surrender(world: Callable[[], World], holder: str, signers: str, code: str) -> None:
    found = world()
    if holder != JIANGLAN:
        found.do(JIANGLAN, Shipping.transfer, document=BILL, to=holder)
    asked = {"document": BILL, "carrier": CANGHAI, "request": "SREQ"}
    assert found.code(signers, Shipping.request_surrender, **asked) == code


def test_while_it_is_pending_the_carrier_possesses_it_and_nothing_moves() -> None:
    world = surrendered(to_order())
    assert (world.title().possessor, world.title().surrendered_by) == (CANGHAI, JIANGLAN)
    for signer in (CANGHAI, JIANGLAN):
        assert world.code(signer, Shipping.transfer, document=BILL, to=YANSHAN) == "surrender-pending"


def test_a_carrier_that_declines_says_why_and_gives_it_back() -> None:
    world = surrendered(to_order())
    world.do(CANGHAI, Shipping.reject_surrender, document=BILL, comments="freight to collect is not paid")
    assert (world.title().possessor, world.title().surrendered_by, world.status()) == (JIANGLAN, "", "ISSUED")
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN) == "ok"


# Void and reissue, paper


def amended(reason: str, **changes: Any) -> World:
    """Jianglan has had the instructions changed and surrendered the bill for amendment."""
    world = to_order().do(JIANGLAN, Shipping.update_si, **SI, content=content(**{"endorsee": JIANGLAN, **changes}))
    return accepted(world.do(CANGHAI, Shipping.confirm_update, **SI), "AREQ", reason)


REISSUE = {"document": BILL, "new": "TD-A2", "facts": facts()}


@pytest.mark.parametrize(
    ("reason", "changes", "code"),
    [
        ("", {"notify": "", "displayed_address": ["other"]}, "ok"),
        ("SWI", {"notify": ALSTER}, "ok"),
        ("SWI", {"originals_without_charges": 1}, "beyond-reason"),
        ("COD", {"notify": ALSTER}, "ok"),
        ("COD", {"originals_without_charges": 1}, "beyond-reason"),
        ("SWTP", {"is_electronic": False, "originals_without_charges": 3}, "ok"),
        ("SWTP", {"is_electronic": False, "notify": ""}, "beyond-reason"),
    ],
)
def test_an_amendment_changes_what_its_reason_says(reason: str, changes: dict[str, Any], code: str) -> None:
    assert amended(reason, **changes).code((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE) == code


def test_the_new_bill_takes_the_title_as_it_was_endorsed_to_whom_surrendered_it() -> None:
    world = to_order().do(JIANGLAN, Shipping.endorse, document=BILL, to=NORDLICHT)
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=NORDLICHT)
    world.do(JIANGLAN, Shipping.update_si, **SI, content=content(endorsee=JIANGLAN, notify=""))
    world.do(CANGHAI, Shipping.confirm_update, **SI)
    surrendered(world, "AREQ", by=NORDLICHT).do(CANGHAI, Shipping.accept_surrender, document=BILL)
    world.do((CANGHAI, NORDLICHT), Shipping.void_and_reissue, **REISSUE)
    assert world.code(NORDLICHT, Shipping.transfer, document="TD-A2", to=YANSHAN) == "no-title"
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")
    title, new = world.title("TD-A2"), world.contract.documents["TD-A2"]
    assert (title.possessor, title.title_holder, title.may_endorse) == (NORDLICHT, NORDLICHT, False)
    assert (new.status, new.content.notify, new.replaces, chain(world, "TD-A2")) == ("ISSUED", "", BILL, ["ISSUE"])
    assert (world.status(), world.contract.documents[BILL].replaced_by) == ("VOIDED", "TD-A2")
    assert world.code(NORDLICHT, Shipping.transfer, document=BILL, to=YANSHAN) == "after-surrender"


def test_what_is_on_paper_does_not_move_here() -> None:
    world = on_paper()
    assert (world.title("TD-A2").medium, world.title("TD-A2").possessor) == ("paper", "")
    assert world.code(JIANGLAN, Shipping.transfer, document="TD-A2", to=YANSHAN) == "on-paper"
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN) == "after-surrender"
    assert world.code(CANGHAI, Shipping.issue, document="TD-A2", platform=YUNTU, to=JIANGLAN) == "issued-once"


def test_paper_comes_back_with_the_signatures_of_carrier_and_holder() -> None:
    world = on_paper()
    back = {"document": "TD-A2", "presented_by": YANSHAN, "request": "AREQ"}
    world.do((CANGHAI, YANSHAN), Shipping.return_paper, **back)
    electronic = content(endorsee=JIANGLAN)
    world.do(JIANGLAN, Shipping.update_si, **SI, content=electronic).do(CANGHAI, Shipping.confirm_update, **SI)
    world.do((CANGHAI, YANSHAN), Shipping.void_and_reissue, document="TD-A2", new="TD-A3", facts=facts())
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A3", answer="ISSU")
    assert (world.title("TD-A3").possessor, world.title("TD-A3").title_holder) == (YANSHAN, YANSHAN)
    assert [world.status(name) for name in (BILL, "TD-A2", "TD-A3")] == ["VOIDED", "VOIDED", "ISSUED"]


def test_paper_can_be_surrendered_for_the_goods() -> None:
    world = on_paper().do((CANGHAI, YANSHAN), Shipping.return_paper, document="TD-A2", presented_by=YANSHAN, request="SREQ")
    assert (world.status("TD-A2"), world.title("TD-A2").surrendered_by) == ("SURRENDERED_FOR_DELIVERY", YANSHAN)


# Pledge


def test_a_pledged_bill_moves_only_with_the_pledgee() -> None:
    world = pledged()
    assert world.copy().code((JIANGLAN, YANSHAN), Shipping.transfer, document=BILL, to=ELBKONTOR) == "ok"
    world.do(YANSHAN, Shipping.unpledge, document=BILL)
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == "ok"


def test_a_pledge_ends_with_a_surrender_to_which_the_pledgee_agreed() -> None:
    world = pledged().do((JIANGLAN, YANSHAN), Shipping.request_surrender, document=BILL, carrier=CANGHAI, request="SREQ")
    world.do(CANGHAI, Shipping.accept_surrender, document=BILL)
    assert world.title().pledgee == ""


def test_a_pledge_stays_on_the_bill_that_is_issued_in_place_of_an_amended_one() -> None:
    world = pledged().do((JIANGLAN, YANSHAN), Shipping.request_surrender, document=BILL, carrier=CANGHAI, request="AREQ")
    world.do(CANGHAI, Shipping.accept_surrender, document=BILL).do((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE)
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")
    assert world.title("TD-A2").pledgee == YANSHAN
    assert world.code(JIANGLAN, Shipping.transfer, document="TD-A2", to=ELBKONTOR) == "pledged"


# Bookings
