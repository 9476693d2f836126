"""Every operation in every state by every party: the table in golden/rules_government.txt; and rules that no story shows."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, get_args

import pytest

from ledger.contract import Record
from ledger.merkle import leaf_hash
from scenarios.dates import on
from scenarios.government import records, transitions
from scenarios.government.cast import (
    BUSINESS_LICENCE,
    CODES,
    COURT,
    FIRE,
    HOUSING,
    MARKET,
    PLATFORM,
    QINGTENG,
    SOCIAL,
    TAX,
    WINDOW,
    YANSHAN,
)
from scenarios.government.contract import WORDS
from scenarios.government.contract import Government as Gov
from scenarios.government.licence_identifiers import LicenceIdentifier, read_identifier
from scenarios.government.papers import HEADCOUNT, TAXES
from scenarios.government.rules import schema_digest
from scenarios.government.story_licences import limits
from tests.government_rules import RULES
from tests.government_world import (
    ACCOUNT,
    COLUMNS,
    LICENCE_1,
    OTHER_TAG,
    PERMIT,
    SEALED,
    TAG,
    World,
    accepted,
    access,
    anchored,
    asked,
    coded,
    consent,
    consented,
    customer,
    deposit,
    deposited,
    drafted,
    issue,
    judged,
    licensed,
    opened,
    presented,
    question,
    renewal,
    request,
    shown,
    submitted,
    used,
)
from tests.rule_table import Attempt, GroupedTable
from tests.trade_rules import code_of

STATES: dict[str, Callable[[], World]] = {
    "nothing": World,
    "opened": opened,
    "licensed": licensed,
    "S drafted": lambda: licensed().do(SOCIAL, Gov.draft_item, **drafted("S", "unconditional", HEADCOUNT[:1])),
    "T retired": lambda: licensed().do(TAX, Gov.retire_item, item="T"),
    "R reviewed": lambda: licensed().do(WINDOW, Gov.request_share, **request()),
    "R late": lambda: licensed().do(WINDOW, Gov.request_share, **request()).at("2026-04-13"),
    "R escalated": lambda: (
        licensed().do(WINDOW, Gov.request_share, **request()).at("2026-04-13").do(TAX, Gov.escalate, request="R")
    ),
    "R approved": lambda: licensed().do(WINDOW, Gov.request_share, **request()).do(TAX, Gov.approve, request="R"),
    "R denied": lambda: licensed().do(WINDOW, Gov.request_share, **request()).do(TAX, Gov.deny, request="R", reason="no need"),
    "R by rule": lambda: licensed().do(WINDOW, Gov.request_share, **request(item="S")),
    "C offered": coded,
    "C locked": lambda: (
        coded()
        .do(PLATFORM, Gov.report_wrong_code, consent="C")
        .do(PLATFORM, Gov.report_wrong_code, consent="C")
        .do(PLATFORM, Gov.report_wrong_code, consent="C")
    ),
    "C active": consented,
    "C used once": used,
    "C used up": lambda: consented(uses_max=1).do((WINDOW, MARKET), Gov.access, **access(receipt="X0")),
    "C over": lambda: consented().at("2026-04-11"),
    "C expired": lambda: consented().at("2026-04-11").do(FIRE, Gov.expire_grant, grant="C"),
    "C revoked": lambda: consented().do(QINGTENG, Gov.revoke_consent, consent="C"),
    "M closed": lambda: consented().do(WINDOW, Gov.close_matter, matter="M"),
    "L withheld": lambda: consented().do(MARKET, Gov.withhold_licence, licence=LICENCE_1, reason="inspection"),
    "L revoked": lambda: consented().do(MARKET, Gov.revoke_licence, licence=LICENCE_1, reason="inspection"),
    "L withdrawn": lambda: consented().do(MARKET, Gov.withdraw_licence, licence=LICENCE_1, reason="inspection"),
    "L transferred": lambda: consented().do(MARKET, Gov.transfer_licence, licence=LICENCE_1, reason="moved away"),
    "L cancelled": lambda: consented().do((MARKET, QINGTENG), Gov.cancel_licence, licence=LICENCE_1, reason="closed down"),
    "L over": lambda: consented(expires_on_ms=on("2027-06-30")).at("2027-01-01"),
    "L lapsed": lambda: consented(expires_on_ms=on("2027-06-30")).at("2027-01-01").do(FIRE, Gov.lapse_licence, licence=LICENCE_1),
    "L renewed": lambda: consented().do(MARKET, Gov.renew_licence, **renewal()),
    "Q asked": asked,
    "Q presented": presented,
    "Q accepted": accepted,
    "Q over": lambda: asked().at("2026-04-11"),
    "customer": customer,
    "customer old": lambda: customer().at("2026-07-01"),
    "F reported": lambda: used().do(QINGTENG, Gov.report_error, case="F", receipt="X", field="name"),
    "F late": lambda: used().do(QINGTENG, Gov.report_error, case="F", receipt="X", field="name").at("2026-04-13"),
    "F escalated": lambda: (
        used()
        .do(QINGTENG, Gov.report_error, case="F", receipt="X", field="name")
        .at("2026-04-13")
        .do(QINGTENG, Gov.escalate_case, case="F")
    ),
    "F corrected": lambda: (
        used()
        .do(QINGTENG, Gov.report_error, case="F", receipt="X", field="name")
        .do(MARKET, Gov.correct, case="F", content=SEALED)
    ),
    "E deposited": deposited,
    "E anchored": anchored,
    "E submitted": submitted,
    "E log": lambda: submitted(entries=1, entries_root=leaf_hash(bytes.fromhex(TAG)).hex()),
    "E matched": judged,
    "E mismatched": lambda: judged("mismatch"),
    "E admitted": lambda: judged().do(COURT, Gov.admit_evidence, evidence="E", case="K"),
}
"""A world in which one thing stands in that state."""

ATTEMPTS = (
    Attempt(
        Gov.set_deadlines,
        {"effective_on_ms": on("2027-12-31"), "days": limits(1, 1)},
    ),
    Attempt(Gov.set_closed_days, {"days": (on("2027-12-31"),), "name": "New Year"}),
    Attempt(
        Gov.open_matter,
        {"matter": "M2", "agency": "permit-office", "applicant": "qingteng", "purpose": "restaurant-permit"},
        label="alone",
    ),
    Attempt(
        Gov.open_matter,
        {"matter": "M2", "agency": "permit-office", "applicant": "qingteng", "purpose": "restaurant-permit"},
        (QINGTENG,),
        "with holder",
    ),
    Attempt(Gov.close_matter, {"matter": "M"}),
    Attempt(Gov.draft_item, drafted("S", "conditional", HEADCOUNT[:2]), label="S"),
    Attempt(Gov.draft_item, drafted("T", "conditional", TAXES[:2]), label="T"),
    Attempt(Gov.publish_item, {"item": "S", "schema_digest": schema_digest("S", 2, "unconditional", HEADCOUNT[:1])}),
    Attempt(Gov.retire_item, {"item": "T"}),
    Attempt(Gov.request_share, request("R2"), label="conditional"),
    Attempt(Gov.request_share, request("R2", "S"), label="unconditional"),
    Attempt(Gov.request_share, request("R2", "N"), label="not shared"),
    Attempt(Gov.approve, {"request": "R"}),
    Attempt(Gov.deny, {"request": "R", "reason": "not needed"}),
    Attempt(Gov.escalate, {"request": "R"}),
    Attempt(Gov.register_issuer, {"code": CODES["market-bureau"], "public_key": "f" * 64}),
    Attempt(Gov.issue_licence, issue()),
    Attempt(Gov.renew_licence, renewal()),
    Attempt(Gov.withhold_licence, {"licence": LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.restore_licence, {"licence": LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.revoke_licence, {"licence": LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.withdraw_licence, {"licence": LICENCE_1, "reason": "inspection"}),
    Attempt(Gov.transfer_licence, {"licence": LICENCE_1, "reason": "moved away"}),
    Attempt(Gov.cancel_licence, {"licence": LICENCE_1, "reason": "closed down"}, label="alone"),
    Attempt(Gov.cancel_licence, {"licence": LICENCE_1, "reason": "closed down"}, (QINGTENG,), "with holder"),
    Attempt(Gov.lapse_licence, {"licence": LICENCE_1}),
    Attempt(Gov.grant_consent, consent("C2")),
    Attempt(Gov.grant_consent, consent("C2", code_tag=TAG), (PLATFORM,), "code, with platform"),
    Attempt(Gov.redeem_code, {"consent": "C", "matter": "M", "code_tag": TAG}, (PLATFORM,), "with platform"),
    Attempt(Gov.report_wrong_code, {"consent": "C"}),
    Attempt(Gov.revoke_consent, {"consent": "C"}),
    Attempt(Gov.expire_grant, {"grant": "C"}),
    Attempt(Gov.access, access(receipt="X2"), (MARKET,), "C, with market"),
    Attempt(Gov.access, access("R", "X2", "T"), (TAX,), "R, with tax"),
    Attempt(Gov.report_error, {"case": "F2", "receipt": "X", "field": "name"}),
    Attempt(Gov.correct, {"case": "F", "content": SEALED}),
    Attempt(Gov.keep, {"case": "F", "reason": "it is right"}),
    Attempt(Gov.escalate_case, {"case": "F"}),
    Attempt(Gov.ask_presentation, question("Q2", "9" * 32)),
    Attempt(Gov.present, shown()),
    Attempt(Gov.accept_presentation, {"question": "Q", "presentation": SEALED}),
    Attempt(Gov.open_account, {"question": "Q", "check_again_on_ms": on("2027-06-30")}),
    Attempt(Gov.reuse_customer, {"holder": "qingteng", **ACCOUNT}),
    Attempt(Gov.deposit_evidence, deposit("E2", original={"sealed": TAG}, claimed_on_ms=on("2026-03-01"))),
    Attempt(Gov.anchor_evidence, {"batch": "B2", "evidence": ("E",)}),
    Attempt(Gov.submit_evidence, {"evidence": "E", "court": "hexi-court", "case": "K"}),
    Attempt(Gov.verify_evidence, {"evidence": "E", "case": "K", "original": SEALED, "existed_on_ms": on("2027-12-31")}),
    Attempt(
        Gov.verify_entry, {"evidence": "E", "case": "K", "entry": TAG, "place": 0, "path": (), "existed_on_ms": on("2027-12-31")}
    ),
    Attempt(Gov.admit_evidence, {"evidence": "E", "case": "K"}),
)


TABLE = GroupedTable(Gov, STATES, ATTEMPTS, COLUMNS)


def test_the_table_of_all_rules() -> None:
    TABLE.compare("government")


def test_every_declared_refusal_is_tried() -> None:
    assert {code_of(rule) for rule in RULES} == set(WORDS.refusals)


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


def test_only_the_right_code_opens() -> None:
    assert coded().code((WINDOW, PLATFORM), Gov.redeem_code, consent="C", matter="M", code_tag=OTHER_TAG) == "wrong-code"
    assert coded().code((YANSHAN, PLATFORM), Gov.redeem_code, consent="C", matter="M", code_tag=TAG) == "other-agency"
    assert coded().code(WINDOW, Gov.redeem_code, consent="C", matter="M", code_tag=TAG) == "policy-not-satisfied"


def test_deadlines_count_working_days() -> None:
    asked_on_thursday = licensed().do(WINDOW, Gov.request_share, **request())  # Qingming, a Monday, is closed
    assert asked_on_thursday.contract.requests["R"].answer_by_ms == on("2026-04-11") - 1
    assert asked_on_thursday.copy().at("2026-04-10").code(TAX, Gov.approve, request="R") == "ok"
    assert asked_on_thursday.copy().at("2026-04-11").code(TAX, Gov.approve, request="R") == "deadline-missed"


def test_a_provider_cannot_speak_through_a_clerk() -> None:
    world = licensed().do(WINDOW, Gov.request_share, **request())
    world.enrol("tax-office.clerk", "data-consumer")
    assert world.code(("tax-office.clerk", HOUSING), Gov.approve, request="R") == "not-provider"


@pytest.mark.parametrize("place", range(15, len(LICENCE_1)))
def test_one_wrong_sign_in_an_identifier_is_found(place: int) -> None:
    changed = LICENCE_1[:place] + ("8" if LICENCE_1[place] != "8" else "9") + LICENCE_1[place + 1 :]
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
    text = LicenceIdentifier(BUSINESS_LICENCE, issuer, "1", 1).text()
    assert read_identifier(text) is None
    assert licensed().code(MARKET, Gov.issue_licence, **issue(text, "baihua")) == "bad-arguments"


@pytest.mark.parametrize(("area", "code"), [(CODES["market-bureau"][2:8], "ok"), ("340100", "wrong-issuer")])
def test_an_authority_issues_under_the_area_in_its_own_code(area: str, code: str) -> None:
    text = LicenceIdentifier(BUSINESS_LICENCE, area, "2026040199", 1).text()
    assert licensed().code(MARKET, Gov.issue_licence, **issue(text, "baihua")) == code


def test_an_open_line_of_a_log() -> None:
    assert submitted().code(
        COURT, Gov.verify_entry, evidence="E", case="K", entry=TAG, place=0, path=(), existed_on_ms=on("2026-04-30")
    ) == "no-entries"  # fmt: skip


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
    assert licensed().code(MARKET, Gov.withhold_licence, licence=LICENCE_1, reason=text) == "bad-arguments"


@pytest.mark.parametrize("number", ["990105198803145214", "tel-12900000017"])
def test_nor_do_they_pass_as_the_number_of_a_matter(number: str) -> None:
    signers = (WINDOW, QINGTENG)
    assert (
        licensed().code(
            signers, Gov.open_matter, matter=number, agency="permit-office", applicant="qingteng", purpose="any-thing"
        )
        == "bad-arguments"
    )


NUMBER = "990105198803145214"
OF_A_PERSON = LicenceIdentifier(BUSINESS_LICENCE, CODES["market-bureau"], NUMBER, 1).text()
BY_A_PERSON = LicenceIdentifier(f"{NUMBER}001", CODES["market-bureau"], "1", 1).text()


@pytest.mark.parametrize(
    ("signers", "operation", "arguments"),
    [
        ((WINDOW, QINGTENG), Gov.open_matter, {**PERMIT, "matter": "M2", "agency": "permit-office", "applicant": NUMBER}),
        (TAX, Gov.draft_item, drafted("U", "conditional", (f"f{NUMBER}",))),
        (MARKET, Gov.issue_licence, issue(holder_code=NUMBER)),
        (MARKET, Gov.register_issuer, {"code": NUMBER, "public_key": TAG}),
        (MARKET, Gov.issue_licence, issue(OF_A_PERSON)),
        (MARKET, Gov.issue_licence, issue(BY_A_PERSON)),
        (QINGTENG, Gov.grant_consent, consent(licence="莫青禾")),
        (QINGTENG, Gov.grant_consent, consent(licence=NUMBER)),
    ],
    ids=["applicant", "field", "holder", "issuer", "licence-number", "licence-type", "licence-text", "licence-digits"],
)  # fmt: skip
def test_nor_as_a_name_a_field_a_code_or_a_licence(signers: Any, operation: Any, arguments: dict[str, Any]) -> None:
    assert licensed().code(signers, operation, **arguments) == "bad-arguments"


def test_who_answered_is_not_who_signed_first() -> None:
    world = licensed().do(WINDOW, Gov.request_share, **request()).do((WINDOW, TAX), Gov.approve, request="R")
    assert [data["by"] for name, data in world.events if name == "share-answered"] == ["tax-office"]


if __name__ == "__main__":
    TABLE.compare("government", write="--check" not in sys.argv)
