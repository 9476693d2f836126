"""Every operation in every state by every party: the table in golden/rules_government.txt; and rules that no story shows."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, get_args

import pytest

from ledger.contract import Record
from ledger.contract.words import read_words
from ledger.merkle import leaf_hash
from scenarios.dates import on
from scenarios.government import cast, papers, records, transitions
from scenarios.government.contract import Government as Gov
from scenarios.government.licence_identifiers import LicenceIdentifier, read_identifier
from scenarios.government.papers import limits
from scenarios.government.rules import schema_digest
from tests import government_rules as rules
from tests import government_world as start
from tests.government_rules import later, then
from tests.rule_table import Attempt, RuleTable

WORDS = read_words("scenarios.government")


def lasting() -> start.World:
    """Consent C outlives the licence."""
    return start.consented(expires_on_ms=on("2027-06-30"))


STATES: dict[str, Callable[[], start.World]] = {
    "nothing": start.World,
    "opened": start.opened,
    "licensed": start.licensed,
    "S drafted": then(start.licensed, cast.SOCIAL, Gov.draft_item, **start.drafted("S", "unconditional", papers.HEADCOUNT[:1])),
    "T retired": rules.retired,
    "R reviewed": rules.reviewed,
    "R late": later(rules.reviewed, "2026-04-13"),
    "R escalated": rules.escalated,
    "R approved": rules.approved,
    "R denied": then(rules.reviewed, cast.TAX, Gov.deny, request="R", reason="no need"),
    "R by rule": rules.by_rule,
    "R objected": rules.objected,
    "R unanswered": rules.unanswered,
    "R excessive": rules.excessive,
    "I inquired": rules.inquired,
    "M delegated": rules.delegated,
    "C offered": start.coded,
    "C locked": rules.locked,
    "C active": start.consented,
    "C used once": start.used,
    "C used up": then(lambda: start.consented(uses_max=1), rules.SIDES, Gov.access, **start.access(receipt="X0")),
    "C over": later(start.consented, "2026-04-11"),
    "C expired": then(later(start.consented, "2026-04-11"), cast.FIRE, Gov.expire_grant, grant="C"),
    "C revoked": then(start.consented, cast.QINGTENG, Gov.revoke_consent, consent="C"),
    "M closed": then(start.consented, cast.WINDOW, Gov.close_matter, matter="M"),
    "L withheld": rules.withheld,
    "L revoked": then(start.consented, cast.MARKET, Gov.revoke_licence, **rules.L, **rules.WHY),
    "L withdrawn": then(start.consented, cast.MARKET, Gov.withdraw_licence, **rules.L, **rules.WHY),
    "L transferred": then(start.consented, cast.MARKET, Gov.transfer_licence, **rules.L, **rules.WHY),
    "L cancelled": then(start.consented, (cast.MARKET, cast.QINGTENG), Gov.cancel_licence, **rules.L, **rules.WHY),
    "L over": later(lasting, "2027-01-01"),
    "L lapsed": then(later(lasting, "2027-01-01"), cast.FIRE, Gov.lapse_licence, **rules.L),
    "L renewed": then(start.consented, cast.MARKET, Gov.renew_licence, **start.renewal()),
    "Q asked": start.asked,
    "Q presented": start.presented,
    "Q accepted": start.accepted,
    "Q over": later(start.asked, "2026-04-11"),
    "customer": start.customer,
    "customer old": later(start.customer, "2026-07-01"),
    "F reported": rules.reported,
    "F late": later(rules.reported, "2026-04-13"),
    "F escalated": then(later(rules.reported, "2026-04-13"), cast.QINGTENG, Gov.escalate_case, case="F"),
    "F corrected": rules.corrected,
    "E deposited": start.deposited,
    "E anchored": start.anchored,
    "E submitted": start.submitted,
    "E log": lambda: start.submitted(entries=1, entries_root=leaf_hash(bytes.fromhex(start.TAG)).hex()),
    "E matched": start.judged,
    "E mismatched": lambda: start.judged("mismatch"),
    "E admitted": rules.admitted,
}
"""A world in which one thing stands in that state."""

ATTEMPTS = (
    Attempt(Gov.set_deadlines, {"effective_on_ms": on("2027-12-31"), "days": limits(1, 1)}),
    Attempt(Gov.set_closed_days, {"days": (on("2027-12-31"),), "name": "New Year"}),
    Attempt(Gov.open_matter, rules.NEW_MATTER, label="alone"),
    Attempt(Gov.open_matter, rules.NEW_MATTER, (cast.QINGTENG,), "with holder"),
    Attempt(Gov.list_service, start.listed("statistics")),
    Attempt(Gov.open_inquiry, {**rules.INQUIRY, "matter": "I2"}),
    Attempt(Gov.delegate_matter, {"matter": "M", "clerk": cast.WINDOW}),
    Attempt(Gov.acknowledge, rules.EXCESS, label="excess"),
    Attempt(Gov.acknowledge, rules.CORRECTED, label="correction"),
    Attempt(Gov.close_matter, {"matter": "M"}),
    Attempt(Gov.draft_item, start.drafted("S", "conditional", papers.HEADCOUNT[:2]), label="S"),
    Attempt(Gov.draft_item, start.drafted("T", "conditional", papers.TAXES[:2]), label="T"),
    Attempt(Gov.publish_item, {"item": "S", "schema_digest": schema_digest("S", 2, "unconditional", papers.HEADCOUNT[:1])}),
    Attempt(Gov.retire_item, {"item": "T"}),
    Attempt(Gov.request_share, start.request("R2"), label="conditional"),
    Attempt(Gov.request_share, start.request("R2", "S"), label="unconditional"),
    Attempt(Gov.request_share, start.request("R2", "N"), label="not shared"),
    Attempt(Gov.approve, {"request": "R"}),
    Attempt(Gov.deny, {"request": "R", "reason": "not needed"}),
    Attempt(Gov.escalate, {"request": "R"}),
    Attempt(Gov.register_code, rules.OF_OTHER),
    Attempt(Gov.register_issuer, {"code": cast.CODES["market-bureau"], "public_key": "f" * 64}),
    Attempt(Gov.issue_licence, start.issue()),
    Attempt(Gov.renew_licence, start.renewal()),
    Attempt(Gov.withhold_licence, {"licence": start.LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.restore_licence, {"licence": start.LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.revoke_licence, {"licence": start.LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.withdraw_licence, {"licence": start.LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.transfer_licence, {"licence": start.LICENCE_1, "reason": "moved away"}),
    Attempt(Gov.cancel_licence, {"licence": start.LICENCE_1, "reason": "closed down"}, label="alone"),
    Attempt(Gov.cancel_licence, {"licence": start.LICENCE_1, "reason": "closed down"}, (cast.QINGTENG,), "with holder"),
    Attempt(Gov.lapse_licence, {"licence": start.LICENCE_1}),
    Attempt(Gov.grant_consent, start.consent("C2")),
    Attempt(Gov.grant_consent, start.consent("C2", code_tag=start.TAG), (cast.PLATFORM,), "code, with platform"),
    Attempt(Gov.redeem_code, {"consent": "C", "matter": "M", "code_tag": start.TAG}, (cast.PLATFORM,), "with platform"),
    Attempt(Gov.report_wrong_code, {"consent": "C"}),
    Attempt(Gov.revoke_consent, {"consent": "C"}),
    Attempt(Gov.expire_grant, {"grant": "C"}),
    Attempt(Gov.access, start.access(receipt="X2"), (cast.MARKET,), "C, with market"),
    Attempt(Gov.access, start.access("R", "X2", "T"), (cast.TAX,), "R, with tax"),
    Attempt(Gov.report_error, {"case": "F2", "receipt": "X", "field": "name"}),
    Attempt(Gov.object_to_use, {**rules.OBJECTION, "case": "F2"}),
    Attempt(Gov.uphold, {"case": "F"}),
    Attempt(Gov.correct, {**rules.CORRECT, "as_of_on_ms": on("2026-03-31")}),
    Attempt(Gov.keep, {"case": "F", "reason": "it is right"}),
    Attempt(Gov.escalate_case, {"case": "F"}),
    Attempt(Gov.ask_presentation, start.question("Q2", "9" * 32)),
    Attempt(Gov.present, start.shown()),
    Attempt(Gov.accept_presentation, {"question": "Q", "presentation": start.SEALED}),
    Attempt(Gov.open_account, {"question": "Q", "check_again_on_ms": on("2027-06-30")}),
    Attempt(Gov.reuse_customer, {"holder": "qingteng", **start.ACCOUNT}),
    Attempt(Gov.deposit_evidence, start.deposit("E2", original={"sealed": start.TAG}, claimed_on_ms=on("2026-03-01"))),
    Attempt(Gov.anchor_evidence, {"batch": "B2", "evidence": ("E",)}),
    Attempt(Gov.submit_evidence, {"evidence": "E", "court": "hexi-court", "case": "K"}),
    Attempt(Gov.verify_evidence, {"evidence": "E", "case": "K", "original": start.SEALED, "existed_on_ms": on("2027-12-31")}),
    Attempt(
        Gov.verify_entry,
        {"evidence": "E", "case": "K", "entry": start.TAG, "place": 0, "path": (), "existed_on_ms": on("2027-12-31")},
    ),
    Attempt(Gov.admit_evidence, {"evidence": "E", "case": "K"}),
)


TABLE = RuleTable(Gov, STATES, ATTEMPTS, start.COLUMNS)


def test_the_table_of_all_rules() -> None:
    TABLE.compare("government")


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (transitions.ITEMS, records.Item),
        (transitions.REQUESTS, records.ShareRequest),
        (transitions.GRANTS, records.Grant),
        (transitions.LICENCES, records.Licence),
        (transitions.CASES, records.Case),
        (transitions.QUESTIONS, records.Question),
        (transitions.EVIDENCE, records.Evidence),
    ],
)
def test_every_state_is_reached_by_an_operation_or_a_renewal(
    table: Mapping[str, Mapping[str, str]], record: type[Record]
) -> None:
    states = {*get_args(record.model_fields["state"].annotation)}
    assert {after for changes in table.values() for after in changes.values()} == states
    assert {before for changes in table.values() for before in changes} <= {"", *states}


def test_deadlines_count_working_days() -> None:
    asked_on_thursday = start.licensed().do(cast.WINDOW, Gov.request_share, **start.request())  # Qingming, a Monday, is closed
    assert asked_on_thursday.contract.requests["R"].answer_by_ms == on("2026-04-11") - 1
    assert asked_on_thursday.copy().at("2026-04-10").code(cast.TAX, Gov.approve, request="R") == "ok"
    assert asked_on_thursday.copy().at("2026-04-11").code(cast.TAX, Gov.approve, request="R") == "deadline-missed"


def test_a_provider_cannot_speak_through_a_clerk() -> None:
    world = start.licensed().do(cast.WINDOW, Gov.request_share, **start.request())
    world.enrol("tax-office.clerk", "data-consumer")
    assert world.code(("tax-office.clerk", cast.HOUSING), Gov.approve, request="R") == "not-provider"


@pytest.mark.parametrize("place", range(15, len(start.LICENCE_1)))
def test_one_wrong_sign_in_an_identifier_is_found(place: int) -> None:
    changed = start.LICENCE_1[:place] + ("8" if start.LICENCE_1[place] != "8" else "9") + start.LICENCE_1[place + 1 :]
    assert read_identifier(changed) is None


IN_USE = {
    "an issuer by its area": ("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9", "340100", "000000016"),
    "an issuer by its code": (
        "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0", "11330105002500287C", "2025052201",
    ),
    "a number as long as a UUID": (
        LicenceIdentifier("11100000000013661B006", "113700000045046442", "209FA4E88F9E4C878F3E9BED2CE7EA49", 1).text(),
        "113700000045046442", "209FA4E88F9E4C878F3E9BED2CE7EA49",
    ),
}  # fmt: skip
"""The first two with their check signs as public code shows them."""


@pytest.mark.parametrize("name", IN_USE)
def test_identifiers_of_the_forms_in_use_pass(name: str) -> None:
    text, issuer, number = IN_USE[name]
    read = read_identifier(text)
    assert read is not None
    assert (read.issuer_code, read.number, read.text()) == (issuer, number, text)


@pytest.mark.parametrize("issuer", ["34010", "3401000", "040100", "34O100", "ABCDEF"])
def test_an_issuer_that_is_neither_code_nor_area_is_refused(issuer: str) -> None:
    text = LicenceIdentifier(cast.BUSINESS_LICENCE, issuer, "1", 1).text()
    assert read_identifier(text) is None
    assert start.licensed().code(cast.MARKET, Gov.issue_licence, **start.issue(text, "baihua")) == "bad-arguments"


@pytest.mark.parametrize(("area", "code"), [(cast.CODES["market-bureau"][2:8], "ok"), ("340100", "wrong-issuer")])
def test_an_authority_issues_under_the_area_in_its_own_code(area: str, code: str) -> None:
    text = LicenceIdentifier(cast.BUSINESS_LICENCE, area, "2026040199", 1).text()
    assert start.licensed().code(cast.MARKET, Gov.issue_licence, **start.issue(text, "baihua")) == code


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "１３８－００１３－８０００",
        "id 990105198803145214",
        "(010)12345678",
        "138·0013·8000",
        "138\u200b0013\u200b8000",
        "١٣٨٠٠١٣٨٠٠٠",
        "一三八〇〇一三八〇〇〇",
    ],
)
def test_numbers_of_people_are_turned_away_before_they_are_on_the_ledger(text: str) -> None:
    assert start.licensed().code(cast.MARKET, Gov.withhold_licence, licence=start.LICENCE_1, reason=text) == "bad-arguments"


NUMBER = "990105198803145214"
OF_A_PERSON = LicenceIdentifier(cast.BUSINESS_LICENCE, cast.CODES["market-bureau"], NUMBER, 1).text()
BY_A_PERSON = LicenceIdentifier(f"{NUMBER}001", cast.CODES["market-bureau"], "1", 1).text()


@pytest.mark.parametrize(
    ("signers", "operation", "arguments"),
    [
        ((cast.WINDOW, cast.QINGTENG), Gov.open_matter, {**rules.NEW_MATTER, "matter": NUMBER}),
        ((cast.WINDOW, cast.QINGTENG), Gov.open_matter, {**rules.NEW_MATTER, "matter": "tel-12900000017"}),
        ((cast.WINDOW, cast.QINGTENG), Gov.open_matter, {**rules.NEW_MATTER, "applicant": NUMBER}),
        (cast.TAX, Gov.draft_item, start.drafted("U", "conditional", (f"f{NUMBER}",))),
        (cast.MARKET, Gov.issue_licence, start.issue(holder_code=NUMBER)),
        (cast.MARKET, Gov.register_issuer, {"code": NUMBER, "public_key": start.TAG}),
        (cast.MARKET, Gov.issue_licence, start.issue(OF_A_PERSON)),
        (cast.MARKET, Gov.issue_licence, start.issue(BY_A_PERSON)),
        (cast.QINGTENG, Gov.grant_consent, start.consent(licence="莫青禾")),
        (cast.QINGTENG, Gov.grant_consent, start.consent(licence=NUMBER)),
    ],
    ids=[
        "matter", "telephone", "applicant", "field", "holder", "issuer", "licence-number", "licence-type", "licence-text",
        "licence-digits",
    ],
)  # fmt: skip
def test_nor_do_they_pass_as_a_name_a_field_a_code_or_a_licence(signers: Any, operation: Any, arguments: dict[str, Any]) -> None:
    assert start.licensed().code(signers, operation, **arguments) == "bad-arguments"


def test_who_answered_is_not_who_signed_first() -> None:
    world = (
        start.licensed()
        .do(cast.WINDOW, Gov.request_share, **start.request())
        .do((cast.WINDOW, cast.TAX), Gov.approve, request="R")
    )
    assert [data["by"] for name, data in world.events if name == "share-answered"] == ["tax-office"]


if __name__ == "__main__":
    TABLE.compare("government", write="--check" not in sys.argv)
