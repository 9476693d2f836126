"""Title and possession: who may do what with a bill of lading, and what the chain says of it."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from ledger.contract.records import json_of
from ledger.encoding import encode
from scenarios.dates import on
from scenarios.shipping.bill.chain import entry_digest
from scenarios.shipping.cast import (
    ALSTER,
    BEIFAN,
    CANGHAI,
    ELBKONTOR,
    JIANGLAN,
    LANHAI,
    NORDKETTE,
    NORDLICHT,
    QIAOSHAN,
    YANSHAN,
    YUNTU,
    A,
    B,
    space,
)
from scenarios.shipping.contract import Shipping
from tests.shipping_world import (
    BILL,
    SEALED,
    World,
    accepted,
    bearer,
    booked,
    box,
    content,
    delivered,
    drafted,
    export,
    facts,
    instructed,
    issued,
    loaded,
    on_paper,
    pledged,
    received,
    straight,
    surrendered,
    to_order,
    voided,
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
    assert world.code(YUNTU, Shipping.answer_issuance, document=BILL, answer="ISSU") == "not-asked"
    assert world.code(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN) == "issued-once"


def test_nobody_possesses_a_bill_before_the_platform_has_delivered_it() -> None:
    assert issued().code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == "no-title"
    assert drafted().code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == "no-title"


def test_a_platform_that_does_not_know_the_party_refuses_and_the_carrier_asks_another() -> None:
    world = drafted(endorsee=JIANGLAN).do(CANGHAI, Shipping.issue, document=BILL, platform=NORDKETTE, to=JIANGLAN)
    assert world.code(NORDKETTE, Shipping.answer_issuance, document=BILL, answer="ISSU") == "unknown-user"
    assert world.code(NORDKETTE, Shipping.answer_issuance, document=BILL, answer="REFU") == "comments-missing"
    assert world.code(YUNTU, Shipping.answer_issuance, document=BILL, answer="ISSU") == "not-platform"
    world.do(NORDKETTE, Shipping.answer_issuance, document=BILL, answer="REFU", comments="no such user")
    world.do(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN)
    world.do(YUNTU, Shipping.answer_issuance, document=BILL, answer="ISSU")
    assert (chain(world), world.title().platform) == (["ISSUE"], YUNTU)


def test_paper_and_waybills_go_through_no_platform_and_have_no_possessor() -> None:
    waybill = {"type_code": "SWB", "is_to_order": False, "endorsee": "", "consignee": NORDLICHT}
    paper = {"is_electronic": False, "originals_without_charges": 3}
    for changes, code in ((waybill, "no-title"), (paper, "on-paper")):
        world = drafted(**changes)
        assert world.code(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN) == "no-platform-needed"
        world.do(CANGHAI, Shipping.issue, document=BILL)
        assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == code
        assert world.code(CANGHAI, Shipping.issue, document=BILL) == "issued-once"


def test_an_electronic_bill_needs_a_platform_and_a_possessor() -> None:
    world = drafted()
    assert world.code(CANGHAI, Shipping.issue, document=BILL) == "not-platform"
    assert world.code(CANGHAI, Shipping.issue, document=BILL, platform=ELBKONTOR, to=JIANGLAN) == "not-platform"
    assert world.code(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to="nobody.here") == "unknown-member"
    assert world.code(BEIFAN, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN) == "wrong-carrier"


# Dates


@pytest.mark.parametrize(("day", "code"), [("2026-04-09", "back-dated"), ("2026-04-10", "ok"), ("2026-04-11", "dated-ahead")])
def test_the_date_on_board_is_not_before_the_box_was_loaded(day: str, code: str) -> None:
    draft = {"document": BILL, **SI, "facts": facts(shipped_on_board_on_ms=on(day))}
    assert loaded().code(CANGHAI, Shipping.publish_draft, **draft) == code


def test_a_date_is_a_day() -> None:
    said = facts(shipped_on_board_on_ms=facts()["shipped_on_board_on_ms"] + 1)
    assert loaded().code(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=said) == "not-a-day"


def test_what_was_not_loaded_is_not_on_board_but_may_be_received() -> None:
    world = instructed().at("2026-04-10")
    assert world.code(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=facts()) == "not-loaded"
    assert world.code(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=received()) == "ok"


def departed(world: World, day: str) -> World:
    """The carrier reports that the ship left."""
    event = {
        "event_id": "DEPA-1", "updated_at_ms": on(day) + 20 * 3_600_000, "event_at_ms": on(day) + 20 * 3_600_000,
        "event_type": "TRANSPORT", "code": "DEPA", "classifier": "ACT", "port": "CNSHA", "vessel_imo": "1234567",
        "voyage": "026W",
    }  # fmt: skip
    return world.do(CANGHAI, Shipping.record_event, report=event)


def test_nothing_goes_on_board_of_a_ship_that_has_left() -> None:
    world = departed(loaded().at("2026-04-13"), "2026-04-11")
    late = {"document": BILL, **SI, "facts": facts(shipped_on_board_on_ms=on("2026-04-12"))}
    assert world.code(CANGHAI, Shipping.publish_draft, **late) == "after-departure"
    assert world.code(CANGHAI, Shipping.publish_draft, document=BILL, **SI, facts=facts()) == "ok"


def test_dates_are_judged_again_at_issue() -> None:
    world = drafted().do("haijiao.luo", Shipping.retract_event, event_id="LOAD-TLYU1000018", updated_at_ms=drafted().time_ms)
    assert world.code(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN) == "not-loaded"


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
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == "not-possessor"
    assert world.code(YANSHAN, Shipping.transfer, document=BILL, to=YANSHAN) == "to-self"
    assert world.code(YANSHAN, Shipping.transfer, document=BILL, to=LANHAI) == "unknown-user"


def test_a_possessor_without_title_endorses_nothing() -> None:
    world = delivered()
    for operation in (Shipping.endorse, Shipping.endorse_to_order):
        assert world.code(JIANGLAN, operation, document=BILL, to=YANSHAN) == "not-title-holder"
    assert world.code(JIANGLAN, Shipping.blank_endorse, document=BILL) == "not-title-holder"


def test_a_title_holder_without_possession_endorses_nothing() -> None:
    assert delivered().code(ELBKONTOR, Shipping.endorse, document=BILL, to=NORDLICHT) == "not-possessor"


def test_title_and_possession_in_two_hands_move_with_both_signatures() -> None:
    assert delivered().code((JIANGLAN, ELBKONTOR), Shipping.endorse, document=BILL, to=NORDLICHT) == "ok"


def test_a_plain_endorsement_is_the_last() -> None:
    world = to_order().do(JIANGLAN, Shipping.endorse, document=BILL, to=ELBKONTOR)
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR)
    for operation in (Shipping.endorse, Shipping.endorse_to_order):
        assert world.code(ELBKONTOR, operation, document=BILL, to=NORDLICHT) == "may-not-endorse"
    assert world.code(ELBKONTOR, Shipping.blank_endorse, document=BILL) == "may-not-endorse"


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


def test_a_straight_bill_cannot_be_endorsed_but_handed_over() -> None:
    world = straight()
    for operation in (Shipping.endorse, Shipping.endorse_to_order):
        assert world.code(JIANGLAN, operation, document=BILL, to=YANSHAN) == "not-negotiable"
    assert world.code(JIANGLAN, Shipping.blank_endorse, document=BILL) == "not-negotiable"
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=NORDLICHT) == "ok"


def test_nobody_is_endorsed_to_who_is_no_member_or_has_it() -> None:
    assert to_order().code(JIANGLAN, Shipping.endorse, document=BILL, to="nobody.here") == "unknown-member"
    assert to_order().code(JIANGLAN, Shipping.endorse, document=BILL, to=JIANGLAN) == "to-self"


def test_signing_moves_nothing() -> None:
    world = to_order()
    before = world.title()
    world.do(JIANGLAN, Shipping.sign, document=BILL, comments="seen")
    after = world.title()
    assert (after.possessor, after.title_holder, after.entries) == (before.possessor, before.title_holder, 2)
    assert world.code(ELBKONTOR, Shipping.sign, document=BILL, comments="seen") == "not-possessor"


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


def test_surrender_goes_to_the_carrier_that_issued_it() -> None:
    asked = {"document": BILL, "carrier": BEIFAN, "request": "SREQ"}
    assert to_order().code(JIANGLAN, Shipping.request_surrender, **asked) == "wrong-carrier"


def test_while_it_is_pending_the_carrier_possesses_it_and_nothing_moves() -> None:
    world = surrendered(to_order())
    assert (world.title().possessor, world.title().surrendered_by) == (CANGHAI, JIANGLAN)
    for signer in (CANGHAI, JIANGLAN):
        assert world.code(signer, Shipping.transfer, document=BILL, to=YANSHAN) == "surrender-pending"
    assert world.code(JIANGLAN, Shipping.accept_surrender, document=BILL) == "wrong-carrier"


def test_nothing_follows_an_accepted_surrender() -> None:
    world = accepted(to_order())
    for signer in (CANGHAI, JIANGLAN):
        assert world.code(signer, Shipping.transfer, document=BILL, to=YANSHAN) == "after-surrender"
        assert world.code(signer, Shipping.endorse, document=BILL, to=YANSHAN) == "after-surrender"
        assert world.code(signer, Shipping.sign, document=BILL, comments="x") == "after-surrender"
    assert world.code(CANGHAI, Shipping.accept_surrender, document=BILL) == "wrong-status"
    assert chain(world)[-1] == "SACC"


def test_a_carrier_that_declines_says_why_and_gives_it_back() -> None:
    world = surrendered(to_order())
    assert world.code(CANGHAI, Shipping.reject_surrender, document=BILL, comments=" ") == "comments-missing"
    world.do(CANGHAI, Shipping.reject_surrender, document=BILL, comments="freight to collect is not paid")
    assert (world.title().possessor, world.title().surrendered_by, world.status()) == (JIANGLAN, "", "ISSUED")
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN) == "ok"


def test_surrender_for_delivery_has_no_reason() -> None:
    asked = {"document": BILL, "carrier": CANGHAI, "request": "SREQ", "reason": "COD"}
    assert to_order().code(JIANGLAN, Shipping.request_surrender, **asked) == "no-reason-needed"


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
    assert world.code(BEIFAN, Shipping.void_and_reissue, **REISSUE) == "wrong-carrier"
    assert world.code((CANGHAI, NORDLICHT), Shipping.void_and_reissue, **{**REISSUE, "new": BILL}) == "document-exists"
    world.do((CANGHAI, NORDLICHT), Shipping.void_and_reissue, **REISSUE)
    assert world.code(NORDLICHT, Shipping.transfer, document="TD-A2", to=YANSHAN) == "no-title"
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")
    title, new = world.title("TD-A2"), world.contract.documents["TD-A2"]
    assert (title.possessor, title.title_holder, title.may_endorse) == (NORDLICHT, NORDLICHT, False)
    assert (new.status, new.content.notify, new.replaces, chain(world, "TD-A2")) == ("ISSUED", "", BILL, ["ISSUE"])
    assert (world.status(), world.contract.documents[BILL].replaced_by) == ("VOIDED", "TD-A2")
    assert world.code(NORDLICHT, Shipping.transfer, document=BILL, to=YANSHAN) == "after-surrender"


def test_a_reissued_bill_that_a_platform_refuses_still_goes_to_the_same_holder() -> None:
    world = accepted(to_order(), "AREQ").do((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE)
    world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="BREQ", comments="unreadable")
    assert world.code(CANGHAI, Shipping.issue, document="TD-A2", platform=YUNTU, to=QIAOSHAN) == "other-holder"
    assert world.code(CANGHAI, Shipping.issue, document="TD-A2", platform=YUNTU, to=JIANGLAN) == "ok"


def test_only_what_was_surrendered_for_amendment_is_voided() -> None:
    assert accepted(to_order()).code((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE) == "wrong-status"
    assert to_order().code((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE) == "wrong-status"


def test_what_is_on_paper_does_not_move_here() -> None:
    world = on_paper()
    assert (world.title("TD-A2").medium, world.title("TD-A2").possessor) == ("paper", "")
    assert world.code(JIANGLAN, Shipping.transfer, document="TD-A2", to=YANSHAN) == "on-paper"
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=YANSHAN) == "after-surrender"
    assert world.code(CANGHAI, Shipping.issue, document="TD-A2", platform=YUNTU, to=JIANGLAN) == "issued-once"


def test_paper_comes_back_with_the_signatures_of_carrier_and_holder() -> None:
    world = on_paper()
    back = {"document": "TD-A2", "presented_by": YANSHAN, "request": "AREQ"}
    assert world.code(CANGHAI, Shipping.return_paper, **back) == "not-presented"
    assert world.code((BEIFAN, YANSHAN), Shipping.return_paper, **back) == "wrong-carrier"
    assert to_order().code((CANGHAI, JIANGLAN), Shipping.return_paper, **{**back, "document": BILL}) == "not-on-paper"
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
    asked = {"document": BILL, "carrier": CANGHAI, "request": "SREQ"}
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == "pledged"
    assert world.code(JIANGLAN, Shipping.endorse, document=BILL, to=ELBKONTOR) == "pledged"
    assert world.code(JIANGLAN, Shipping.request_surrender, **asked) == "pledged"
    assert world.code((JIANGLAN, YUNTU), Shipping.export_envelope, **export()) == "pledged"
    assert world.code(JIANGLAN, Shipping.unpledge, document=BILL) == "pledged"
    assert world.copy().code((JIANGLAN, YANSHAN), Shipping.transfer, document=BILL, to=ELBKONTOR) == "ok"
    world.do(YANSHAN, Shipping.unpledge, document=BILL)
    assert world.code(JIANGLAN, Shipping.transfer, document=BILL, to=ELBKONTOR) == "ok"
    assert world.code(YANSHAN, Shipping.unpledge, document=BILL) == "not-pledged"


def test_a_bill_is_pledged_once_by_who_has_title_and_possession_to_a_bank_that_agrees() -> None:
    terms = {"document": BILL, "pledgee": YANSHAN, "secures": "LOAN-2"}
    assert to_order().code(JIANGLAN, Shipping.pledge, **terms) == "not-agreed"
    assert delivered().code((JIANGLAN, YANSHAN), Shipping.pledge, **terms) == "not-title-holder"
    assert straight().code((JIANGLAN, YANSHAN), Shipping.pledge, **terms) == "not-negotiable"
    assert to_order().code((JIANGLAN, ALSTER), Shipping.pledge, **{**terms, "pledgee": ALSTER}) == "not-bank"
    assert bearer().code((JIANGLAN, YANSHAN), Shipping.pledge, **terms) == "ok"
    assert pledged().code((JIANGLAN, YANSHAN), Shipping.pledge, **terms) == "pledged"


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


def test_a_pledged_bill_does_not_go_to_paper() -> None:
    world = pledged().do(JIANGLAN, Shipping.update_si, **SI, content=content(endorsee=JIANGLAN, is_electronic=False))
    world.do(CANGHAI, Shipping.confirm_update, **SI)
    world.do((JIANGLAN, YANSHAN), Shipping.request_surrender, document=BILL, carrier=CANGHAI, request="AREQ", reason="SWTP")
    world.do(CANGHAI, Shipping.accept_surrender, document=BILL)
    assert world.code((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE) == "pledged"
    world.do(YANSHAN, Shipping.unpledge, document=BILL)
    assert world.code((CANGHAI, JIANGLAN), Shipping.void_and_reissue, **REISSUE) == "ok"


def test_who_cannot_pass_the_title_on_cannot_pledge_it() -> None:
    world = to_order().do(JIANGLAN, Shipping.endorse, document=BILL, to=NORDLICHT)
    world.do(JIANGLAN, Shipping.transfer, document=BILL, to=NORDLICHT)
    terms = {"document": BILL, "pledgee": YANSHAN, "secures": "LOAN-2"}
    assert world.code((NORDLICHT, YANSHAN), Shipping.pledge, **terms) == "may-not-endorse"


# Bookings


def test_a_platform_admits_members_alone() -> None:
    assert World().code(YUNTU, Shipping.admit, member="nobody.here") == "unknown-member"


def test_a_document_has_a_name_of_its_own_and_sails_as_booked() -> None:
    world = loaded(B, drafted())
    draft = {"document": B.document, "instructions": B.instructions, "facts": facts()}
    assert world.code(CANGHAI, Shipping.publish_draft, **{**draft, "document": BILL}) == "document-exists"
    assert world.code(CANGHAI, Shipping.publish_draft, **{**draft, "facts": facts(voyage="027W")}) == "other-voyage"
    assert world.code(CANGHAI, Shipping.publish_draft, **draft) == "ok"


def test_a_booking_is_confirmed_by_its_carrier_and_only_then_instructed() -> None:
    world = World().at("2026-03-31")
    book: dict[str, Any] = {"booking": "BK-1", "space": space(2)}
    assert world.code(JIANGLAN, Shipping.book, booking="BK-1", space=space(2, ALSTER)) == "not-carrier"
    world.do(JIANGLAN, Shipping.book, **book)
    assert world.code(JIANGLAN, Shipping.book, **book) == "booking-exists"
    si = {**SI, "booking": "BK-1", "content": content()}
    assert world.code(JIANGLAN, Shipping.submit_si, **si) == "wrong-status"
    confirm = {"booking": "BK-1", "vessel_imo": "1234567", "voyage": "026W"}
    assert world.code(BEIFAN, Shipping.confirm_booking, **confirm) == "wrong-carrier"
    assert world.code(CANGHAI, Shipping.confirm_booking, **{**confirm, "vessel_imo": "1234568"}) == "bad-ship-number"
    assert world.code(QIAOSHAN, Shipping.cancel_booking, booking="BK-1") == "not-shipper"
    for operation, signer in ((Shipping.cancel_booking, JIANGLAN), (Shipping.decline_booking, CANGHAI)):
        ended = world.copy().do(signer, operation, booking="BK-1")
        assert ended.code(CANGHAI, Shipping.confirm_booking, **confirm) == "wrong-status"
    world.do(CANGHAI, Shipping.confirm_booking, **confirm)
    assert world.code(JIANGLAN, Shipping.cancel_booking, booking="BK-1") == "wrong-status"
    assert world.code(QIAOSHAN, Shipping.submit_si, **si) == "not-shipper"
    assert world.code(JIANGLAN, Shipping.submit_si, **si) == "ok"
    assert world.code(JIANGLAN, Shipping.submit_si, **si) == "instructions-exist"


def test_instructions_keep_to_the_booking() -> None:
    submit = {**SI, "booking": A.booking}
    other = content(port_of_discharge="NLRTM")
    assert booked().code(JIANGLAN, Shipping.submit_si, **submit, content=other) == "not-as-booked"
    boxes = [*content()["equipment"], box(B.boxes[0].reference)]
    items = [*content()["cargo_items"], {"equipment": B.boxes[0].reference, "packages": 1}]
    more = content(equipment=boxes, cargo_items=items)
    assert booked().code(JIANGLAN, Shipping.submit_si, **submit, content=more) == "more-than-booked"
    goods = {"equipment": A.boxes[0].reference, "un_number": "3480", "imo_class": "9", "package_code": "4G"}
    hidden = content(dangerous_goods=[goods])
    assert booked().code(JIANGLAN, Shipping.submit_si, **submit, content=hidden) == "booked-as-general-cargo"


def test_a_voided_bill_stays_voided() -> None:
    world = voided(to_order())
    assert world.code(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN) == "wrong-status"
