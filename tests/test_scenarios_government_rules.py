"""Every operation in every state by every party: the table in golden/rules_government.txt; and rules that no story shows."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from scenarios.dates import on
from scenarios.government.cast import (
    BAIHUA,
    BUREAU,
    CODES,
    COURT,
    FIRE,
    HOUSING,
    MARKET,
    NOTARY,
    PLATFORM,
    QINGTENG,
    SOCIAL,
    TAX,
    WINDOW,
    YANSHAN,
    identifier,
)
from scenarios.government.contract import Government as Gov
from scenarios.government.licence_identifiers import read_identifier
from scenarios.government.refusals import REFUSALS
from scenarios.government.story_licences import HEADCOUNT, TAXES
from tests.government_world import (
    ACCOUNT,
    COLUMNS,
    LICENCE_1,
    LICENCE_2,
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
from tests.rule_table import Attempt, RuleTable

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
    "E matched": judged,
    "E mismatched": lambda: judged("mismatch"),
    "E admitted": lambda: judged().do(COURT, Gov.admit_evidence, evidence="E", case="K"),
}
"""A world in which one thing stands in that state."""

ATTEMPTS = (
    Attempt(
        Gov.set_deadlines,
        {"effective_on_ms": on("2027-12-31"), "unconditional_days": 1, "conditional_days": 1, "correction_days": 1},
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
    Attempt(Gov.publish_item, {"item": "S"}),
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
    Attempt(Gov.deposit_evidence, deposit("E2", claimed_on_ms=on("2026-03-01"))),
    Attempt(Gov.anchor_evidence, {"batch": "B2", "evidence": ("E",)}),
    Attempt(Gov.submit_evidence, {"evidence": "E", "court": "hexi-court", "case": "K"}),
    Attempt(Gov.verify_evidence, {"evidence": "E", "case": "K", "original": SEALED, "existed_on_ms": on("2027-12-31")}),
    Attempt(
        Gov.verify_entry, {"evidence": "E", "case": "K", "entry": TAG, "place": 0, "path": (), "existed_on_ms": on("2027-12-31")}
    ),
    Attempt(Gov.admit_evidence, {"evidence": "E", "case": "K"}),
)


class GroupedTable(RuleTable):
    """The same cells, short enough to be read: states in which an operation has the same answers share a line."""

    def text(self) -> str:
        worlds = {state: world() for state, world in self.states.items()}
        rows = [["operation", *self.parties, "states"]]
        for attempt in self.attempts:
            answers: dict[tuple[str, ...], list[str]] = {}
            for state, world in worlds.items():
                cells = tuple(self._cell(world.copy(), attempt, member) for member in self.parties.values())
                answers.setdefault(cells, []).append(state)
            name = f"{attempt.operation.name}{attempt.label and f' ({attempt.label})'}"
            most = max(answers, key=lambda cells: len(answers[cells]))
            for cells, states in answers.items():
                rows.append([name, *cells, "all others" if cells == most and len(states) > 3 else ", ".join(states)])
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        return "".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
        )


TABLE = GroupedTable(Gov, STATES, ATTEMPTS, COLUMNS)


def test_the_table_of_all_rules() -> None:
    TABLE.compare("government")


SINGLE: tuple[tuple[str, Callable[[], World], Any, Any, dict[str, Any]], ...] = (
    ("nothing-amended", opened, TAX, Gov.draft_item, drafted("T", "conditional", TAXES)),
    ("doubled-field", opened, TAX, Gov.draft_item, drafted("U", "conditional", ("a1", "a1"))),
    (
        "not-published",
        lambda: licensed().do(TAX, Gov.draft_item, **drafted("U", "conditional", ("a1",))),
        WINDOW,
        Gov.request_share,
        request(item="T") | {"item": "U", "fields": ("a1",)},
    ),
    (
        "not-published",
        lambda: licensed().do(TAX, Gov.draft_item, **drafted("U", "conditional", ("a1",))),
        TAX,
        Gov.retire_item,
        {"item": "U"},
    ),
    (
        "retired",
        lambda: licensed().do(TAX, Gov.retire_item, item="T"),
        TAX,
        Gov.draft_item,
        drafted("T", "conditional", TAXES[:1]),
    ),
    ("no-deadlines", World, (WINDOW, QINGTENG), Gov.request_share, {}),
    ("expired-already", licensed, WINDOW, Gov.request_share, request(expires_on_ms=on("2026-04-01"))),
    ("expired-already", licensed, QINGTENG, Gov.grant_consent, consent(expires_on_ms=on("2026-04-01"))),
    (
        "already-exists",
        lambda: licensed().do(WINDOW, Gov.request_share, **request("C", "S")),
        QINGTENG,
        Gov.grant_consent,
        consent(),
    ),
    (
        "not-a-consent",
        lambda: licensed().do(WINDOW, Gov.request_share, **request(item="S")),
        QINGTENG,
        Gov.revoke_consent,
        {"consent": "R"},
    ),
    ("other-applicant", licensed, WINDOW, Gov.request_share, request(subject="baihua")),
    ("other-purpose", licensed, WINDOW, Gov.request_share, request(purpose="statistics")),
    ("own-data", lambda: _window_that_provides(), WINDOW, Gov.request_share, request() | {"item": "P", "fields": ("a1",)}),
    ("grant-for-other-matter", lambda: _second_matter(consented()), (WINDOW, MARKET), Gov.access, access(matter="M2")),
    ("wrong-version", licensed, MARKET, Gov.renew_licence, renewal(licence=identifier(QINGTENG, 3))),
    ("wrong-version", licensed, MARKET, Gov.issue_licence, issue(identifier(BAIHUA, 2), BAIHUA)),
    ("wrong-number", licensed, MARKET, Gov.renew_licence, renewal(licence=identifier(BAIHUA, 2))),
    ("no-term", licensed, MARKET, Gov.issue_licence, issue(identifier(BAIHUA), BAIHUA, valid_to_on_ms=on("2026-03-31"))),
    ("licence-ended", lambda: licensed().at("2027-01-01"), MARKET, Gov.withhold_licence, {"licence": LICENCE_1, "reason": "no"}),
    ("licence-ended", lambda: licensed().at("2027-01-01"), MARKET, Gov.transfer_licence, {"licence": LICENCE_1, "reason": "no"}),
    (
        "licence-ended",
        lambda: licensed().do(MARKET, Gov.withhold_licence, licence=LICENCE_1, reason="no").at("2027-01-01"),
        MARKET,
        Gov.restore_licence,
        {"licence": LICENCE_1, "reason": "no"},
    ),
    (
        "grant-expired",
        lambda: coded().at("2026-04-11"),
        (WINDOW, PLATFORM),
        Gov.redeem_code,
        {"consent": "C", "matter": "M", "code_tag": TAG},
    ),
    ("matter-closed", lambda: asked().do(YANSHAN, Gov.close_matter, matter="A"), QINGTENG, Gov.present, shown()),
    (
        "matter-closed",
        lambda: presented().do(YANSHAN, Gov.close_matter, matter="A"),
        YANSHAN,
        Gov.accept_presentation,
        {"question": "Q", "presentation": SEALED},
    ),
    (
        "matter-closed",
        lambda: accepted().do(YANSHAN, Gov.close_matter, matter="A"),
        YANSHAN,
        Gov.open_account,
        {"question": "Q", "check_again_on_ms": on("2026-06-30")},
    ),
    ("no-term", licensed, MARKET, Gov.renew_licence, renewal(valid_from_on_ms=on("2028-01-01"))),
    ("already-exists", licensed, MARKET, Gov.issue_licence, issue(holder=BAIHUA)),
    ("not-provider", licensed, MARKET, Gov.issue_licence, issue(identifier(BAIHUA), BAIHUA, item="T")),
    ("licence-not-begun", lambda: _later(), QINGTENG, Gov.grant_consent, consent(licence=LICENCE_2)),
    ("question-answered", presented, QINGTENG, Gov.present, shown()),
    (
        "other-licence",
        lambda: licensed().do(YANSHAN, Gov.ask_presentation, **question(item="S", fields=HEADCOUNT)),
        QINGTENG,
        Gov.present,
        shown(),
    ),
    ("already-exists", asked, YANSHAN, Gov.ask_presentation, question(nonce="9" * 32)),
    ("root-without-size", licensed, QINGTENG, Gov.deposit_evidence, deposit(entries=3)),
    ("root-without-size", licensed, QINGTENG, Gov.deposit_evidence, deposit(entries_root="0" * 64)),
    ("bad-batch", deposited, NOTARY, Gov.anchor_evidence, {"batch": "B", "evidence": ()}),
    ("bad-batch", deposited, NOTARY, Gov.anchor_evidence, {"batch": "B", "evidence": ("E", "E")}),
    (
        "not-submitted",
        submitted,
        COURT,
        Gov.verify_evidence,
        {"evidence": "E", "case": "K2", "original": SEALED, "existed_on_ms": on("2026-04-30")},
    ),
    ("wrong-issuer", lambda: _second_issuer(), "other-bureau.desk", Gov.withhold_licence, {"licence": LICENCE_1, "reason": "no"}),
    ("wrong-issuer", lambda: _second_issuer(), "other-bureau.desk", Gov.issue_licence, issue(identifier(BAIHUA), BAIHUA)),
    ("wrong-issuer", lambda: _second_issuer(), "other-bureau.desk", Gov.renew_licence, renewal()),
)


@pytest.mark.parametrize(("code", "world", "signers", "operation", "arguments"), SINGLE)
def test_a_single_rule(code: str, world: Callable[[], World], signers: Any, operation: Any, arguments: dict[str, Any]) -> None:
    if code == "no-deadlines":
        begun = World().at("2026-03-31").do(SOCIAL, Gov.draft_item, **drafted("S", "unconditional", HEADCOUNT))
        begun.do(BUREAU, Gov.publish_item, item="S")
        begun.do((WINDOW, QINGTENG), Gov.open_matter, **PERMIT, agency="permit-office", applicant="qingteng")
        assert begun.code(WINDOW, operation, **request(item="S")) == code
        return
    assert world().code(signers, operation, **arguments) == code


def test_every_refusal_is_met_in_a_test_or_in_the_story() -> None:
    golden = TABLE.text()
    met = {cell for line in golden.splitlines() for cell in line.split()} | {single[0] for single in SINGLE}
    told = {
        "retroactive",
        "claimed-in-future",
        "deposited-later",
        "no-matter",
        "code-not-from-platform",
        "code-for-other-matter",
        "wrong-code",
        "field-creep",
        "wrong-schema",
        "stale-version",
        "unknown-field",
        "bad-uscc",
        "bad-identifier",
        "nonce-used",
        "other-fields",
        "other-presentation",
        "not-submitted",
        "already-issued",
    }
    assert set(REFUSALS) - met - told == set()


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


def test_the_example_of_the_domain_passes() -> None:
    read = read_identifier("1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0")
    assert read is not None
    assert (read.number, read.version) == ("2025052201", 2)


def test_an_open_line_of_a_log() -> None:
    assert submitted().code(
        COURT, Gov.verify_entry, evidence="E", case="K", entry=TAG, place=0, path=(), existed_on_ms=on("2026-04-30")
    ) == "no-entries"  # fmt: skip


@pytest.mark.parametrize(
    "text", ["13800138000", "138 0013 8000", "１３８－００１３－８０００", "id 990105198803145214", "(010)12345678"]
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


def _second_matter(world: World) -> World:
    return world.do(
        (WINDOW, QINGTENG), Gov.open_matter, **PERMIT | {"matter": "M2"}, agency="permit-office", applicant="qingteng"
    )


def _window_that_provides() -> World:
    world = licensed()
    world.enrol("permit-office.records", "data-provider")
    world.do("permit-office.records", Gov.draft_item, **drafted("P", "conditional", ("a1",)))
    return world.do(BUREAU, Gov.publish_item, item="P")


def _later() -> World:
    return licensed().do(MARKET, Gov.renew_licence, **renewal(valid_from_on_ms=on("2026-05-01")))


def _second_issuer() -> World:
    world = licensed()
    world.enrol("other-bureau.desk", "licence-issuer")
    return world.do("other-bureau.desk", Gov.register_issuer, code=CODES["tax-office"], public_key="f" * 64)


if __name__ == "__main__":
    TABLE.compare("government", write="--check" not in sys.argv)
