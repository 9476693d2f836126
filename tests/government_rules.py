"""Attempts that only one rule of government services refuses: `file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable, Mapping
from typing import Any

from scenarios.dates import on
from scenarios.government.cast import (
    BAIHUA,
    BUREAU,
    BUSINESS_LICENCE,
    CODES,
    COURT,
    FIRE,
    LANHAI,
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
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.government.papers import HEADCOUNT, TAXES
from scenarios.government.story_licences import limits
from tests.government_world import (
    ACCOUNT,
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
    publish,
    question,
    renewal,
    request,
    shown,
    submitted,
    used,
)

Before = Callable[[], World]
Attempt = Callable[[World], str]
OTHER = "other-bureau.desk"
OPEN = {"agency": "permit-office", "applicant": "qingteng"}
WHY = {"reason": "a reason"}
L = {"licence": LICENCE_1}


def attempt(signers: str | tuple[str, ...], operation: Any, **arguments: object) -> Attempt:
    """Somebody tries something."""
    return lambda world: world.code(signers, operation, **arguments)


def then(before: Before, signers: str | tuple[str, ...], operation: Any, **arguments: object) -> Before:
    """The same world after one more step."""
    return lambda: before().do(signers, operation, **arguments)


def later(before: Before, day: str) -> Before:
    """The same world on a later day."""
    return lambda: before().at(day)


def second_issuer() -> World:
    """Another bureau issues licences as well."""
    return third_issuer().do(OTHER, Gov.register_issuer, code=CODES["tax-office"], public_key="f" * 64)


def third_issuer() -> World:
    """Another bureau has not said yet under which code it issues."""
    world = licensed()
    world.enrol(OTHER, "licence-issuer")
    return world


def with_newer_account() -> World:
    """Qingteng has shown its licence a second time, and Yanshan has opened another account on that."""
    world = customer().at("2026-04-03").do(YANSHAN, Gov.ask_presentation, **question("Q2", "9" * 32))
    world.do(QINGTENG, Gov.present, **shown(question="Q2"))
    world.do(YANSHAN, Gov.accept_presentation, question="Q2", presentation=SEALED)
    return world.do(YANSHAN, Gov.open_account, question="Q2", check_again_on_ms=on("2026-06-30"))


def unpublished() -> World:
    """Entry U is a draft."""
    return licensed().do(TAX, Gov.draft_item, **drafted("U", "conditional", ("first", "second")))


def own_records() -> World:
    """The permit office provides entry P itself."""
    world = licensed()
    world.enrol("permit-office.records", "data-provider")
    world.do("permit-office.records", Gov.draft_item, **drafted("P", "conditional", ("first",)))
    return publish(world, "P")


def without_deadlines() -> World:
    """An entry is in force, a matter open, and no deadlines are."""
    world = publish(World().do(SOCIAL, Gov.draft_item, **drafted("S", "unconditional", HEADCOUNT)), "S")
    return world.do((WINDOW, QINGTENG), Gov.open_matter, **PERMIT, **OPEN)


def by_code_of_another_desk() -> World:
    """A consent that waits for its code, and a second matter."""
    return coded().do((WINDOW, QINGTENG), Gov.open_matter, **{**PERMIT, "matter": "M2"}, **OPEN)


reviewed = then(licensed, WINDOW, Gov.request_share, **request())
by_rule = then(licensed, WINDOW, Gov.request_share, **request(item="S"))
approved = then(reviewed, TAX, Gov.approve, request="R")
escalated = then(later(reviewed, "2026-04-13"), TAX, Gov.escalate, request="R")
reported = then(used, QINGTENG, Gov.report_error, case="F", receipt="X", field="name")
retired = then(licensed, TAX, Gov.retire_item, item="T")
amended = lambda: publish(licensed().do(TAX, Gov.draft_item, **drafted("T", "conditional", TAXES[:2])), "T")  # noqa: E731
withheld = then(consented, MARKET, Gov.withhold_licence, **L, **WHY)
renewed = then(licensed, MARKET, Gov.renew_licence, **renewal())
admitted = then(judged, COURT, Gov.admit_evidence, evidence="E", case="K")
locked = coded
for _ in range(3):
    locked = then(locked, PLATFORM, Gov.report_wrong_code, consent="C")
second_matter = then(consented, (WINDOW, QINGTENG), Gov.open_matter, **{**PERMIT, "matter": "M2"}, **OPEN)
SIDES = (WINDOW, MARKET)
REDEEM: Mapping[str, Any] = {"consent": "C", "matter": "M", "code_tag": TAG}
VERIFY: Mapping[str, Any] = {"evidence": "E", "case": "K", "original": SEALED, "existed_on_ms": on("2026-04-30")}
ENTRY: Mapping[str, Any] = {
    "evidence": "E", "case": "K", "entry": TAG, "place": 0, "path": (), "existed_on_ms": on("2026-04-30"),
}  # fmt: skip
NEW_MATTER: Mapping[str, Any] = {**PERMIT, "matter": "M2", **OPEN}
DAYS = {"days": limits(1, 1)}
FOREIGN = LicenceIdentifier(BUSINESS_LICENCE, CODES["tax-office"], "2026040137", 2).text()
"""The next version of Qingteng's licence, by another bureau."""

OFFICES: Mapping[str, tuple[Before, Attempt]] = {
    "offices.set_deadlines.retroactive": (opened, attempt(BUREAU, Gov.set_deadlines, effective_on_ms=on("2026-03-31"), **DAYS)),
    "offices.set_closed_days.retroactive": (
        opened, attempt(BUREAU, Gov.set_closed_days, days=(on("2026-04-30"), on("2026-03-31")), name="a day")
    ),
    "offices.open_matter.one-side-only": (licensed, attempt(WINDOW, Gov.open_matter, **NEW_MATTER)),
    "offices.open_matter.one-side-only (the other side)": (licensed, attempt((QINGTENG, TAX), Gov.open_matter, **NEW_MATTER)),
    "offices.open_matter.already-exists": (licensed, attempt((WINDOW, QINGTENG), Gov.open_matter, **PERMIT, **OPEN)),
    "offices.close_matter.other-agency": (licensed, attempt(FIRE, Gov.close_matter, matter="M")),
    "offices.close_matter.matter-closed": (
        then(licensed, WINDOW, Gov.close_matter, matter="M"), attempt(WINDOW, Gov.close_matter, matter="M")
    ),
    "rules.require_matter.no-matter": (licensed, attempt(WINDOW, Gov.request_share, **request(matter="M0"))),
    "rules.require_matter.other-agency": (licensed, attempt(FIRE, Gov.request_share, **request())),
    "rules.require_matter.other-applicant": (licensed, attempt(WINDOW, Gov.request_share, **request(subject="baihua"))),
    "rules.require_matter.other-purpose": (licensed, attempt(WINDOW, Gov.request_share, **request(purpose="statistics"))),
    "rules.require_matter.matter-closed": (
        then(licensed, WINDOW, Gov.close_matter, matter="M"), attempt(WINDOW, Gov.request_share, **request())
    ),
    "rules.require_answer_in_time.not-provider": (reviewed, attempt(SOCIAL, Gov.approve, request="R")),
    "rules.require_answer_in_time.deadline-missed": (
        later(reviewed, "2026-04-13"), attempt(TAX, Gov.deny, request="R", **WHY)
    ),
    "rules.require_answer_in_time.deadline-missed (with the bureau)": (
        later(reviewed, "2026-04-13"), attempt((TAX, BUREAU), Gov.approve, request="R")
    ),
    "rules.require_answer_in_time.not-escalated": (reviewed, attempt(BUREAU, Gov.approve, request="R")),
    "rules.answer_by.no-deadlines": (without_deadlines, attempt(WINDOW, Gov.request_share, **request(item="S"))),
}  # fmt: skip
CATALOGUE: Mapping[str, tuple[Before, Attempt]] = {
    "sharing.draft_item.not-provider": (opened, attempt(SOCIAL, Gov.draft_item, **drafted("T", "conditional", TAXES[:1]))),
    "sharing.draft_item.retired": (retired, attempt(TAX, Gov.draft_item, **drafted("T", "conditional", TAXES[:1]))),
    "sharing.draft_item.doubled-field": (opened, attempt(TAX, Gov.draft_item, **drafted("U", "conditional", ("one", "one")))),
    "sharing.draft_item.nothing-amended": (opened, attempt(TAX, Gov.draft_item, **drafted("T", "conditional", TAXES))),
    "sharing.publish_item.no-draft": (opened, attempt(BUREAU, Gov.publish_item, item="T", schema_digest=TAG)),
    "sharing.publish_item.other-draft": (unpublished, attempt(BUREAU, Gov.publish_item, item="U", schema_digest=TAG)),
    "sharing.retire_item.not-provider": (opened, attempt(SOCIAL, Gov.retire_item, item="T")),
    "sharing.retire_item.not-published": (unpublished, attempt(TAX, Gov.retire_item, item="U")),
    "rules.require_current.retired": (retired, attempt(WINDOW, Gov.request_share, **request())),
    "rules.require_current.retired (after approval)": (
        then(approved, TAX, Gov.retire_item, item="T"), attempt((WINDOW, TAX), Gov.access, **access("R", item="T"))
    ),
    "rules.require_current.not-published": (
        unpublished, attempt(WINDOW, Gov.request_share, **request(item="U"))
    ),
    "rules.require_current.stale-version": (amended, attempt(WINDOW, Gov.request_share, **request())),
    "rules.require_current.not-shared": (licensed, attempt(WINDOW, Gov.request_share, **request(item="N"))),
    "rules.require_current.unknown-field": (
        licensed, attempt(WINDOW, Gov.request_share, **request(fields=("tax_arrears", "neighbours")))
    ),
    "rules.require_current.doubled-field": (
        licensed, attempt(WINDOW, Gov.request_share, **request(fields=("tax_arrears", "tax_arrears")))
    ),
}  # fmt: skip
SHARING: Mapping[str, tuple[Before, Attempt]] = {
    "sharing.request_share.own-data": (
        own_records, attempt(WINDOW, Gov.request_share, **request(item="P"))
    ),
    "sharing.request_share.needs-consent": (licensed, attempt(WINDOW, Gov.request_share, **request(item="L"))),
    "sharing.request_share.already-exists": (reviewed, attempt(WINDOW, Gov.request_share, **request())),
    "sharing.request_share.expired-already": (
        licensed, attempt(WINDOW, Gov.request_share, **request(expires_on_ms=on("2026-04-01")))
    ),
    "rules.require_current.stale-version (approve)": (
        lambda: publish(reviewed().do(TAX, Gov.draft_item, **drafted("T", "not-shared", TAXES)), "T"),
        attempt(TAX, Gov.approve, request="R"),
    ),
    "rules.require_current.retired (approve)": (
        then(reviewed, TAX, Gov.retire_item, item="T"), attempt(TAX, Gov.approve, request="R")
    ),
    "rules.require_matter.matter-closed (approve)": (
        then(reviewed, WINDOW, Gov.close_matter, matter="M"), attempt(TAX, Gov.approve, request="R")
    ),
    "sharing.deny.unconditional": (by_rule, attempt(SOCIAL, Gov.deny, request="R", **WHY)),
    "sharing.escalate.already-escalated": (escalated, attempt(WINDOW, Gov.escalate, request="R")),
    "sharing.escalate.already-answered": (later(approved, "2026-04-13"), attempt(WINDOW, Gov.escalate, request="R")),
    "sharing.escalate.already-answered (served)": (
        later(then(by_rule, (WINDOW, SOCIAL), Gov.access, **access("R", item="S")), "2026-04-13"),
        attempt(WINDOW, Gov.escalate, request="R"),
    ),
    "sharing.escalate.deadline-runs": (later(reviewed, "2026-04-10"), attempt(WINDOW, Gov.escalate, request="R")),
    "sharing.require_answerer.already-answered": (approved, attempt(TAX, Gov.approve, request="R")),
}  # fmt: skip
CONSENTS: Mapping[str, tuple[Before, Attempt]] = {
    "consents.grant_consent.not-holder": (licensed, attempt(BAIHUA, Gov.grant_consent, **consent())),
    "consents.grant_consent.already-exists": (consented, attempt(QINGTENG, Gov.grant_consent, **consent())),
    "consents.grant_consent.already-exists (request)": (reviewed, attempt(QINGTENG, Gov.grant_consent, **consent("R"))),
    "consents.grant_consent.expired-already": (
        licensed, attempt(QINGTENG, Gov.grant_consent, **consent(expires_on_ms=on("2026-04-01")))
    ),
    "consents.grant_consent.code-not-from-platform": (
        licensed, attempt(QINGTENG, Gov.grant_consent, **consent(code_tag=TAG))
    ),
    "consents.redeem_code.other-agency": (coded, attempt((FIRE, PLATFORM), Gov.redeem_code, **REDEEM)),
    "consents.redeem_code.code-for-other-matter": (
        by_code_of_another_desk, attempt((WINDOW, PLATFORM), Gov.redeem_code, **{**REDEEM, "matter": "M2"})
    ),
    "consents.redeem_code.wrong-code": (coded, attempt((WINDOW, PLATFORM), Gov.redeem_code, **{**REDEEM, "code_tag": OTHER_TAG})),
    "consents.revoke_consent.not-a-consent": (by_rule, attempt(QINGTENG, Gov.revoke_consent, consent="R")),
    "consents.revoke_consent.not-holder": (consented, attempt(BAIHUA, Gov.revoke_consent, consent="C")),
    "consents.revoke_consent.grant-over": (
        then(consented, QINGTENG, Gov.revoke_consent, consent="C"), attempt(QINGTENG, Gov.revoke_consent, consent="C")
    ),
    "consents.expire_grant.grant-over": (
        then(later(consented, "2026-04-11"), FIRE, Gov.expire_grant, grant="C"), attempt(FIRE, Gov.expire_grant, grant="C")
    ),
    "consents.expire_grant.not-expired": (later(consented, "2026-04-10"), attempt(FIRE, Gov.expire_grant, grant="C")),
    "consents.require_offered.code-locked": (locked, attempt((WINDOW, PLATFORM), Gov.redeem_code, **REDEEM)),
    "consents.require_offered.code-used": (
        then(coded, (WINDOW, PLATFORM), Gov.redeem_code, **REDEEM), attempt((WINDOW, PLATFORM), Gov.redeem_code, **REDEEM)
    ),
    "consents.require_offered.grant-expired": (
        later(coded, "2026-04-11"), attempt((WINDOW, PLATFORM), Gov.redeem_code, **REDEEM)
    ),
}  # fmt: skip
ACCESS: Mapping[str, tuple[Before, Attempt]] = {
    "rules.require_matter.other-purpose (access)": (consented, attempt(SIDES, Gov.access, **access(purpose="statistics"))),
    "access.access.grant-for-other-matter": (second_matter, attempt(SIDES, Gov.access, **access(matter="M2"))),
    "access.access.field-creep": (consented, attempt(SIDES, Gov.access, **access(fields=("name", "representative_id")))),
    "access.access.already-exists": (used, attempt(SIDES, Gov.access, **access())),
    "access.report_error.not-holder": (used, attempt(BAIHUA, Gov.report_error, case="F", receipt="X", field="name")),
    "access.report_error.unknown-field": (used, attempt(QINGTENG, Gov.report_error, case="F", receipt="X", field="address")),
    "access.report_error.already-exists": (reported, attempt(QINGTENG, Gov.report_error, case="F", receipt="X", field="name")),
    "access.correct.not-provider": (reported, attempt(TAX, Gov.correct, case="F", content=SEALED)),
    "access.escalate_case.already-escalated": (
        then(later(reported, "2026-04-13"), FIRE, Gov.escalate_case, case="F"), attempt(FIRE, Gov.escalate_case, case="F")
    ),
    "access.escalate_case.deadline-runs": (reported, attempt(FIRE, Gov.escalate_case, case="F")),
    "access.open_case.already-answered": (
        then(reported, MARKET, Gov.correct, case="F", content=SEALED), attempt(MARKET, Gov.correct, case="F", content=SEALED)
    ),
    "access.require_both_sides.other-agency": (consented, attempt((FIRE, MARKET), Gov.access, **access())),
    "access.require_both_sides.one-side-only": (consented, attempt((WINDOW, TAX), Gov.access, **access())),
    "access.require_live.grant-revoked": (
        then(consented, QINGTENG, Gov.revoke_consent, consent="C"), attempt(SIDES, Gov.access, **access())
    ),
    "access.require_live.grant-used-up": (
        then(lambda: consented(uses_max=1), SIDES, Gov.access, **access()), attempt(SIDES, Gov.access, **access(receipt="X2"))
    ),
    "access.require_live.grant-expired": (later(consented, "2026-04-11"), attempt(SIDES, Gov.access, **access())),
    "access.require_live.code-not-told": (coded, attempt(SIDES, Gov.access, **access())),
    "access.require_live.code-not-told (locked)": (locked, attempt(SIDES, Gov.access, **access())),
    "access.require_source.wrong-schema": (consented, attempt(SIDES, Gov.access, **access(schema_digest="0" * 64))),
}  # fmt: skip
LICENCES: Mapping[str, tuple[Before, Attempt]] = {
    "licences.register_issuer.bad-uscc": (
        opened, attempt(MARKET, Gov.register_issuer, code="11110105MB03CW0030", public_key=TAG)
    ),
    "licences.register_issuer.already-exists": (
        licensed, attempt(MARKET, Gov.register_issuer, code=CODES["social-security"], public_key=TAG)
    ),
    "licences.register_issuer.already-exists (another's code)": (
        third_issuer, attempt(OTHER, Gov.register_issuer, code=CODES["market-bureau"], public_key=TAG)
    ),
    "licences.issue_licence.bad-uscc": (
        licensed, attempt(MARKET, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA, holder_code="91110105MA10BH0100"))
    ),
    "licences.issue_licence.not-provider": (
        licensed, attempt(MARKET, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA, item="T"))
    ),
    "licences.issue_licence.already-issued": (licensed, attempt(MARKET, Gov.issue_licence, **issue())),
    "licences.issue_licence.already-exists": (licensed, attempt(MARKET, Gov.issue_licence, **issue(holder=BAIHUA))),
    "licences.issue_licence.wrong-version": (
        licensed, attempt(MARKET, Gov.issue_licence, **issue(identifier(BAIHUA, 2), BAIHUA))
    ),
    "licences.renew_licence.wrong-issuer": (second_issuer, attempt(OTHER, Gov.renew_licence, **renewal(licence=FOREIGN))),
    "licences.renew_licence.already-renewed": (renewed, attempt(MARKET, Gov.renew_licence, **renewal())),
    "licences.renew_licence.wrong-state": (withheld, attempt(MARKET, Gov.renew_licence, **renewal())),
    "licences.renew_licence.wrong-number": (
        licensed, attempt(MARKET, Gov.renew_licence, **renewal(licence=identifier(BAIHUA, 2)))
    ),
    "licences.renew_licence.wrong-version": (
        licensed, attempt(MARKET, Gov.renew_licence, **renewal(licence=identifier(QINGTENG, 3)))
    ),
    "licences.cancel_licence.not-holder": (licensed, attempt((MARKET, BAIHUA), Gov.cancel_licence, **L, **WHY)),
    "licences.lapse_licence.wrong-state": (
        later(then(licensed, MARKET, Gov.revoke_licence, **L, **WHY), "2027-01-01"), attempt(FIRE, Gov.lapse_licence, **L)
    ),
    "licences.lapse_licence.not-ended": (later(licensed, "2026-12-31"), attempt(FIRE, Gov.lapse_licence, **L)),
    "rules.require_valid.licence-not-valid": (withheld, attempt(SIDES, Gov.access, **access())),
    "rules.require_valid.licence-not-begun": (
        then(licensed, MARKET, Gov.renew_licence, **renewal(valid_from_on_ms=on("2026-05-01"))),
        attempt(QINGTENG, Gov.grant_consent, **consent(licence=LICENCE_2)),
    ),
    "rules.require_valid.licence-ended": (
        later(licensed, "2027-01-01"), attempt(QINGTENG, Gov.grant_consent, **consent(expires_on_ms=on("2027-02-01")))
    ),
    "licences.move.wrong-issuer": (second_issuer, attempt(OTHER, Gov.withhold_licence, **L, **WHY)),
    "licences.move.wrong-state": (licensed, attempt(MARKET, Gov.restore_licence, **L, **WHY)),
    "licences.move.licence-ended": (later(withheld, "2027-01-01"), attempt(MARKET, Gov.restore_licence, **L, **WHY)),
    "licences.move.licence-ended (withhold)": (later(licensed, "2027-01-01"), attempt(MARKET, Gov.withhold_licence, **L, **WHY)),
    "licences.move.licence-ended (transfer)": (later(licensed, "2027-01-01"), attempt(MARKET, Gov.transfer_licence, **L, **WHY)),
    "licences.read.bad-identifier": (licensed, attempt(MARKET, Gov.issue_licence, **issue(f"{LICENCE_1[:-1]}0"))),
    "licences.read.wrong-issuer": (second_issuer, attempt(OTHER, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA))),
    "licences.require_term.no-term": (
        licensed, attempt(MARKET, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA, valid_to_on_ms=on("2026-04-01")))
    ),
    "licences.require_term.no-term (backwards)": (
        licensed, attempt(MARKET, Gov.renew_licence, **renewal(valid_from_on_ms=on("2028-01-01")))
    ),
}  # fmt: skip
PRESENTATIONS: Mapping[str, tuple[Before, Attempt]] = {
    "presentations.ask_presentation.already-exists": (asked, attempt(YANSHAN, Gov.ask_presentation, **question(nonce="9" * 32))),
    "presentations.ask_presentation.nonce-used": (asked, attempt(YANSHAN, Gov.ask_presentation, **question("Q2"))),
    "presentations.ask_presentation.expired-already": (
        licensed, attempt(YANSHAN, Gov.ask_presentation, **question(open_until_on_ms=on("2026-04-01")))
    ),
    "presentations.present.not-holder": (asked, attempt(BAIHUA, Gov.present, **shown())),
    "presentations.present.question-answered": (presented, attempt(QINGTENG, Gov.present, **shown())),
    "presentations.present.question-over": (later(asked, "2026-04-11"), attempt(QINGTENG, Gov.present, **shown())),
    "presentations.present.other-licence": (
        then(licensed, YANSHAN, Gov.ask_presentation, **question(item="T", fields=("tax_arrears",))),
        attempt(QINGTENG, Gov.present, **shown(fields=("tax_arrears",))),
    ),
    "presentations.present.other-fields": (asked, attempt(QINGTENG, Gov.present, **shown(fields=("name", "address")))),
    "presentations.accept_presentation.other-agency": (
        presented, attempt(LANHAI, Gov.accept_presentation, question="Q", presentation=SEALED)
    ),
    "presentations.accept_presentation.question-answered": (
        accepted, attempt(YANSHAN, Gov.accept_presentation, question="Q", presentation=SEALED)
    ),
    "presentations.accept_presentation.not-presented": (
        asked, attempt(YANSHAN, Gov.accept_presentation, question="Q", presentation=SEALED)
    ),
    "presentations.accept_presentation.other-presentation": (
        presented, attempt(YANSHAN, Gov.accept_presentation, question="Q", presentation={"sealed": TAG})
    ),
    "presentations.open_account.other-agency": (
        accepted, attempt(LANHAI, Gov.open_account, question="Q", check_again_on_ms=on("2026-06-30"))
    ),
    "presentations.open_account.not-accepted": (
        presented, attempt(YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2026-06-30"))
    ),
    "presentations.open_account.question-answered": (
        customer, attempt(YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2026-06-30"))
    ),
    "presentations.open_account.question-answered (an older one)": (
        with_newer_account, attempt(YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2029-06-30"))
    ),
    "presentations.open_account.expired-already": (
        accepted, attempt(YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2026-04-01"))
    ),
    "presentations.reuse_customer.other-purpose": (
        then(
            customer, (YANSHAN, QINGTENG), Gov.open_matter, matter="A2", agency="yanshan", applicant="qingteng",
            purpose="loan-marketing",
        ),
        attempt(YANSHAN, Gov.reuse_customer, holder="qingteng", purpose="loan-marketing", matter="A2"),
    ),
    "presentations.reuse_customer.check-again": (
        later(customer, "2026-07-01"), attempt(YANSHAN, Gov.reuse_customer, holder="qingteng", **ACCOUNT)
    ),
    "rules.require_matter.matter-closed (present)": (
        then(asked, YANSHAN, Gov.close_matter, matter="A"), attempt(QINGTENG, Gov.present, **shown())
    ),
    "rules.require_matter.matter-closed (accept)": (
        then(presented, YANSHAN, Gov.close_matter, matter="A"),
        attempt(YANSHAN, Gov.accept_presentation, question="Q", presentation=SEALED),
    ),
    "rules.require_matter.matter-closed (account)": (
        then(accepted, YANSHAN, Gov.close_matter, matter="A"),
        attempt(YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2026-06-30")),
    ),
}  # fmt: skip
EVIDENCE: Mapping[str, tuple[Before, Attempt]] = {
    "evidence.deposit_evidence.already-exists": (deposited, attempt(BAIHUA, Gov.deposit_evidence, **deposit())),
    "evidence.deposit_evidence.claimed-in-future": (
        licensed, attempt(QINGTENG, Gov.deposit_evidence, **deposit(claimed_on_ms=on("2026-04-03")))
    ),
    "evidence.deposit_evidence.root-without-size": (licensed, attempt(QINGTENG, Gov.deposit_evidence, **deposit(entries=3))),
    "evidence.deposit_evidence.root-without-size (no size)": (
        licensed, attempt(QINGTENG, Gov.deposit_evidence, **deposit(entries_root=TAG))
    ),
    "evidence.deposit_evidence.already-deposited": (deposited, attempt(BAIHUA, Gov.deposit_evidence, **deposit("E2"))),
    "evidence.deposit_evidence.already-deposited (root)": (
        lambda: deposited(entries=1, entries_root=TAG),
        attempt(BAIHUA, Gov.deposit_evidence, **deposit("E2", original={"sealed": OTHER_TAG}, entries=1, entries_root=TAG)),
    ),
    "evidence.anchor_evidence.bad-batch": (deposited, attempt(NOTARY, Gov.anchor_evidence, batch="B", evidence=("E", "E"))),
    "evidence.anchor_evidence.bad-batch (empty)": (deposited, attempt(NOTARY, Gov.anchor_evidence, batch="B", evidence=())),
    "evidence.anchor_evidence.already-exists": (
        then(anchored, BAIHUA, Gov.deposit_evidence, **deposit("E2", original={"sealed": TAG})),
        attempt(NOTARY, Gov.anchor_evidence, batch="B", evidence=("E2",)),
    ),
    "evidence.anchor_evidence.already-anchored": (
        anchored, attempt(NOTARY, Gov.anchor_evidence, batch="B2", evidence=("E",))
    ),
    "evidence.submit_evidence.not-owner": (
        anchored, attempt(BAIHUA, Gov.submit_evidence, evidence="E", court="hexi-court", case="K")
    ),
    "evidence.submit_evidence.not-anchored": (
        deposited, attempt(QINGTENG, Gov.submit_evidence, evidence="E", court="hexi-court", case="K")
    ),
    "evidence.submit_evidence.already-admitted": (
        admitted, attempt(QINGTENG, Gov.submit_evidence, evidence="E", court="hexi-court", case="K2")
    ),
    "evidence.verify_entry.no-entries": (submitted, attempt(COURT, Gov.verify_entry, **ENTRY)),
    "evidence.admit_evidence.not-verified": (
        lambda: judged("mismatch"), attempt(COURT, Gov.admit_evidence, evidence="E", case="K")
    ),
    "evidence.before_court.not-submitted": (submitted, attempt(COURT, Gov.verify_evidence, **{**VERIFY, "case": "K2"})),
    "evidence.before_court.already-admitted": (admitted, attempt(COURT, Gov.verify_evidence, **VERIFY)),
    "evidence.require_age.deposited-later": (
        submitted, attempt(COURT, Gov.verify_evidence, **{**VERIFY, "existed_on_ms": on("2026-04-01")})
    ),
}  # fmt: skip
RULES: Mapping[str, tuple[Before, Attempt]] = {
    **OFFICES, **CATALOGUE, **SHARING, **CONSENTS, **ACCESS, **LICENCES, **PRESENTATIONS, **EVIDENCE,
}  # fmt: skip
