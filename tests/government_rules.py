"""Attempts that only one rule of government services refuses: `file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable, Mapping
from typing import Any

from scenarios.dates import on
from scenarios.government.cast import (
    AUDITOR,
    BAIHUA,
    BUREAU,
    BUSINESS_LICENCE,
    CODES,
    COUNTER,
    COURT,
    DIRECTOR,
    FIRE,
    JINNONG,
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
from scenarios.government.papers import HEADCOUNT, TAXES, limits
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
    listed,
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
OF_OTHER = {"organization": "other-bureau", "code": CODES["tax-office"]}
OPEN = {"agency": "permit-office", "applicant": "qingteng"}
WHY = {"reason": "a reason"}
L = {"licence": LICENCE_1}
OBJECTION = {"case": "F", "matter": "M", "item": "T", **WHY}
TO_BANK = {"case": "F", "matter": "A", "item": "L", **WHY}


def row(before: Before, signers: str | tuple[str, ...], operation: Any, **arguments: object) -> tuple[Before, Attempt]:
    """In such a world somebody tries something."""
    return before, lambda world: world.code(signers, operation, **arguments)


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
    world = licensed().do(BUREAU, Gov.register_code, **OF_OTHER)
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
    world.do(BUREAU, Gov.list_service, **listed("restaurant-permit", needs=[{"item": "S", "fields": HEADCOUNT[:1]}]))
    return world.do((WINDOW, QINGTENG), Gov.open_matter, **PERMIT, **OPEN)


def inquired() -> World:
    """The permit office may inspect of its own accord, and looks into Qingteng's taxes as R."""
    inquiry = {"agency": "permit-office", "legal_basis": "a provision"}
    world = licensed().do(BUREAU, Gov.list_service, **listed("inspection", inquiry=inquiry))
    world.do(WINDOW, Gov.open_inquiry, **INQUIRY).do(WINDOW, Gov.request_share, **request(**INSPECTION))
    return world.do(TAX, Gov.approve, request="R")


def delegated() -> World:
    """The head of the permit office gave matter M to the counter, which asked as R; the tax office has approved."""
    world = licensed().do(DIRECTOR, Gov.delegate_matter, matter="M", clerk=COUNTER)
    world.enrol("tax-office.head", "agency-head")
    return world.do(COUNTER, Gov.request_share, **request()).do(TAX, Gov.approve, request="R")


def excessive() -> World:
    """The window has asked with a reason for more than a permit needs, and the tax office has approved."""
    world = licensed().do(WINDOW, Gov.request_share, **request(fields=("accountant",), **WHY))
    return world.do(TAX, Gov.approve, request="R")


def excessive_question() -> World:
    """Yanshan has asked with a reason for more than an account needs."""
    return licensed().do(YANSHAN, Gov.ask_presentation, **question(fields=("address",), **WHY))


def with_name_corrected(before: Before) -> Before:
    """The name on the licence was wrong, as an access of the permit office brought to light."""
    seen = then(then(before, QINGTENG, Gov.grant_consent, **consent()), SIDES, Gov.access, **access())
    reported = then(seen, QINGTENG, Gov.report_error, case="F", receipt="X", field="name")
    return then(reported, MARKET, Gov.correct, **CORRECT)


def delegated_account() -> World:
    """The head of Yanshan gave matter A to another clerk after Liu had accepted what was shown."""
    world = accepted()
    world.enrol("yanshan.head", "agency-head")
    world.enrol("yanshan.zhou", "bank")
    return world.do("yanshan.head", Gov.delegate_matter, matter="A", clerk="yanshan.zhou")


def corrected() -> World:
    """The name in receipt X was wrong until 2 April."""
    return reported().do(MARKET, Gov.correct, **CORRECT)


def by_code_of_another_desk() -> World:
    """A consent that waits for its code, and a second matter."""
    return coded().do((WINDOW, QINGTENG), Gov.open_matter, **{**PERMIT, "matter": "M2"}, **OPEN)


SIDES, SIDES_TAX = (WINDOW, MARKET), (WINDOW, TAX)
SECOND: Mapping[str, Any] = {**ACCOUNT, "matter": "A2"}
AGAIN: Mapping[str, Any] = {"holder": "qingteng", **SECOND}
CORRECT: Mapping[str, Any] = {"case": "F", "content": SEALED, "as_of_on_ms": on("2026-04-02")}
reviewed = then(licensed, WINDOW, Gov.request_share, **request())
by_rule = then(licensed, WINDOW, Gov.request_share, **request(item="S"))
approved = then(reviewed, TAX, Gov.approve, request="R")
escalated = then(later(reviewed, "2026-04-13"), TAX, Gov.escalate, request="R")
reported = then(used, QINGTENG, Gov.report_error, case="F", receipt="X", field="name")
objected = then(approved, QINGTENG, Gov.object_to_use, **OBJECTION)
unanswered = then(later(objected, "2026-04-13"), QINGTENG, Gov.escalate_case, case="F")
unseen_for_long = later(then(licensed, WINDOW, Gov.request_share, **request(item="S", fields=HEADCOUNT[:2], **WHY)), "2026-04-13")
retired = then(licensed, TAX, Gov.retire_item, item="T")
amended = lambda: publish(licensed().do(TAX, Gov.draft_item, **drafted("T", "conditional", TAXES[:2])), "T")  # noqa: E731
second_account = then(customer, (YANSHAN, QINGTENG), Gov.open_matter, **SECOND, agency="yanshan", applicant="qingteng")
withheld = then(consented, MARKET, Gov.withhold_licence, **L, **WHY)
renewed = then(licensed, MARKET, Gov.renew_licence, **renewal())
admitted = then(judged, COURT, Gov.admit_evidence, evidence="E", case="K")
locked = coded
for _ in range(3):
    locked = then(locked, PLATFORM, Gov.report_wrong_code, consent="C")
second_matter = then(consented, (WINDOW, QINGTENG), Gov.open_matter, **{**PERMIT, "matter": "M2"}, **OPEN)
OPENING: Mapping[str, Any] = {"question": "Q", "check_again_on_ms": on("2026-06-30")}
ACCEPT: Mapping[str, Any] = {"question": "Q", "presentation": SEALED}
REDEEM: Mapping[str, Any] = {"consent": "C", "matter": "M", "code_tag": TAG}
VERIFY: Mapping[str, Any] = {"evidence": "E", "case": "K", "original": SEALED, "existed_on_ms": on("2026-04-30")}
ENTRY: Mapping[str, Any] = {
    "evidence": "E", "case": "K", "entry": TAG, "place": 0, "path": (), "existed_on_ms": on("2026-04-30"),
}  # fmt: skip
NEW_MATTER: Mapping[str, Any] = {**PERMIT, "matter": "M2", **OPEN}
DAYS = {"days": limits(1, 1)}
INQUIRY: Mapping[str, Any] = {"matter": "I", "subject": "qingteng", "purpose": "inspection"}
INSPECTION: Mapping[str, Any] = {"matter": "I", "purpose": "inspection"}
EXCESS, CORRECTED = {"notice": "M:excess:R"}, {"notice": "M:correction:F:X"}
FOREIGN = LicenceIdentifier(BUSINESS_LICENCE, CODES["tax-office"], "2026040137", 2).text()
"""The next version of Qingteng's licence, by another bureau."""

RULES: Mapping[str, tuple[Before, Attempt]] = {
    # Offices
    "offices.set_deadlines.retroactive": row(opened, BUREAU, Gov.set_deadlines, effective_on_ms=on("2026-03-31"), **DAYS),
    "offices.set_closed_days.retroactive": row(
        opened, BUREAU, Gov.set_closed_days, days=(on("2026-04-30"), on("2026-03-31")), name="a day"
    ),
    "offices.open_matter.one-side-only": row(licensed, WINDOW, Gov.open_matter, **NEW_MATTER),
    "offices.open_matter.one-side-only (the other side)": row(licensed, (QINGTENG, TAX), Gov.open_matter, **NEW_MATTER),
    "offices.open.already-exists": row(licensed, (WINDOW, QINGTENG), Gov.open_matter, **PERMIT, **OPEN),
    "offices.open_inquiry.no-legal-basis": row(inquired, FIRE, Gov.open_inquiry, **{**INQUIRY, "matter": "I2"}),
    "offices.open_inquiry.no-legal-basis (of no agency)": row(
        licensed, WINDOW, Gov.open_inquiry, **{**INQUIRY, "purpose": "restaurant-permit"}
    ),
    "offices.delegate_matter.other-agency": row(
        delegated,
        "tax-office.head", Gov.delegate_matter, matter="M", clerk=WINDOW,
    ),
    "offices.delegate_matter.no-clerk": row(delegated, DIRECTOR, Gov.delegate_matter, matter="M", clerk=FIRE),
    "offices.delegate_matter.no-clerk (no member)": row(
        delegated, DIRECTOR, Gov.delegate_matter, matter="M", clerk="permit-office.nobody"
    ),
    "offices.acknowledge.not-addressed": row(excessive, WINDOW, Gov.acknowledge, **EXCESS),
    "offices.acknowledge.not-addressed (a colleague)": row(corrected, COUNTER, Gov.acknowledge, **CORRECTED),
    "offices.acknowledge.not-addressed (another agency)": row(corrected, FIRE, Gov.acknowledge, **CORRECTED),
    "offices.acknowledge.already-acknowledged": row(
        then(excessive, AUDITOR, Gov.acknowledge, **EXCESS), AUDITOR, Gov.acknowledge, **EXCESS
    ),
    "rules.require_seen.not-acknowledged": row(excessive, SIDES_TAX, Gov.access, **access("R", item="T", fields=("accountant",))),
    "rules.require_seen.not-acknowledged (presentation)": row(
        excessive_question, QINGTENG, Gov.present, **shown(fields=("address",))
    ),
    "rules.require_seen.not-acknowledged (of a customer)": row(
        with_name_corrected(customer), YANSHAN, Gov.reuse_customer, holder="qingteng", **ACCOUNT
    ),
    "rules.require_seen.not-acknowledged (correction)": row(corrected, WINDOW, Gov.close_matter, matter="M"),
    "rules.require_clerk.other-agency": row(licensed, FIRE, Gov.close_matter, matter="M"),
    "rules.require_clerk.not-delegated": row(delegated, WINDOW, Gov.close_matter, matter="M"),
    "rules.require_clerk.not-delegated (request)": row(delegated, WINDOW, Gov.request_share, **request("R2")),
    "rules.require_clerk.not-delegated (access)": row(delegated, SIDES_TAX, Gov.access, **access("R", item="T")),
    "rules.require_needed.not-needed": row(licensed, WINDOW, Gov.request_share, **request(fields=("accountant",))),
    "rules.require_needed.not-needed (consent)": row(licensed, QINGTENG, Gov.grant_consent, **consent(fields=("address",))),
    "rules.require_needed.not-needed (question)": row(licensed, YANSHAN, Gov.ask_presentation, **question(fields=("address",))),
    "rules.require_needed.not-needed (no list)": row(
        then(licensed, (WINDOW, QINGTENG), Gov.open_matter, **{**NEW_MATTER, "purpose": "statistics"}),
        WINDOW, Gov.request_share, **request(matter="M2", purpose="statistics"),
    ),
    "rules.require_duration.grant-too-long": row(
        licensed, WINDOW, Gov.request_share, **request(expires_on_ms=on("2027-08-16"))
    ),
    "rules.require_duration.prolonged": row(
        later(approved, "2026-04-03"), WINDOW, Gov.request_share, **request("R2", expires_on_ms=on("2027-08-16"))
    ),
    "rules.require_seen.not-acknowledged (prolonged)": row(
        then(
            then(later(licensed, "2026-04-03"), WINDOW, Gov.request_share, **request(expires_on_ms=on("2027-08-16"), **WHY)),
            TAX, Gov.approve, request="R",
        ),
        SIDES_TAX, Gov.access, **access("R", item="T"),
    ),
    "offices.close_matter.matter-closed": row(
        then(licensed, WINDOW, Gov.close_matter, matter="M"), WINDOW, Gov.close_matter, matter="M"
    ),
    "rules.require_matter.no-matter": row(licensed, WINDOW, Gov.request_share, **request(matter="M0")),
    "rules.require_matter.other-agency": row(licensed, QINGTENG, Gov.grant_consent, **consent(consumer="fire-service")),
    "rules.require_matter.other-applicant": row(licensed, WINDOW, Gov.request_share, **request(subject="baihua")),
    "rules.require_matter.other-purpose": row(licensed, WINDOW, Gov.request_share, **request(purpose="statistics")),
    "rules.require_matter.matter-closed": row(
        then(licensed, WINDOW, Gov.close_matter, matter="M"), WINDOW, Gov.request_share, **request()
    ),
    "rules.require_answerer.not-provider": row(reviewed, SOCIAL, Gov.approve, request="R"),
    "rules.require_answer_in_time.deadline-missed": row(later(reviewed, "2026-04-13"), TAX, Gov.deny, request="R", **WHY),
    "rules.require_answer_in_time.deadline-missed (with the bureau)": row(
        later(reviewed, "2026-04-13"), (TAX, BUREAU), Gov.approve, request="R"
    ),
    "rules.require_answerer.not-escalated": row(reviewed, BUREAU, Gov.approve, request="R"),
    "rules.limits_today.no-deadlines": row(without_deadlines, WINDOW, Gov.request_share, **request(item="S")),
    # Catalogue
    "sharing.draft_item.not-provider": row(opened, SOCIAL, Gov.draft_item, **drafted("T", "conditional", TAXES[:1])),
    "sharing.draft_item.retired": row(retired, TAX, Gov.draft_item, **drafted("T", "conditional", TAXES[:1])),
    "sharing.draft_item.doubled-field": row(opened, TAX, Gov.draft_item, **drafted("U", "conditional", ("one", "one"))),
    "sharing.draft_item.nothing-amended": row(opened, TAX, Gov.draft_item, **drafted("T", "conditional", TAXES)),
    "sharing.publish_item.no-draft": row(opened, BUREAU, Gov.publish_item, item="T", schema_digest=TAG),
    "sharing.publish_item.other-draft": row(unpublished, BUREAU, Gov.publish_item, item="U", schema_digest=TAG),
    "sharing.retire_item.not-provider": row(opened, SOCIAL, Gov.retire_item, item="T"),
    "sharing.retire_item.not-published": row(unpublished, TAX, Gov.retire_item, item="U"),
    "rules.require_current.retired": row(retired, WINDOW, Gov.request_share, **request()),
    "rules.require_current.retired (after approval)": row(
        then(approved, TAX, Gov.retire_item, item="T"), (WINDOW, TAX), Gov.access, **access("R", item="T")
    ),
    "rules.require_current.not-published": row(unpublished, WINDOW, Gov.request_share, **request(item="U")),
    "rules.require_current.stale-version": row(amended, WINDOW, Gov.request_share, **request()),
    "rules.require_current.not-shared": row(licensed, WINDOW, Gov.request_share, **request(item="N")),
    "rules.require_current.unknown-field": row(
        licensed, WINDOW, Gov.request_share, **request(fields=("tax_arrears", "neighbours"))
    ),
    "rules.require_current.doubled-field": row(
        licensed, WINDOW, Gov.request_share, **request(fields=("tax_arrears", "tax_arrears"))
    ),
    # Sharing
    "sharing.request_share.own-data": row(own_records, WINDOW, Gov.request_share, **request(item="P", **WHY)),
    "sharing.request_share.needs-consent": row(licensed, WINDOW, Gov.request_share, **request(item="L")),
    "sharing.request_share.already-exists": row(reviewed, WINDOW, Gov.request_share, **request()),
    "rules.require_ahead.expired-already": row(licensed, WINDOW, Gov.request_share, **request(expires_on_ms=on("2026-04-01"))),
    "rules.require_current.stale-version (approve)": row(
        lambda: publish(reviewed().do(TAX, Gov.draft_item, **drafted("T", "not-shared", TAXES)), "T"),
        TAX, Gov.approve, request="R",
    ),
    "rules.require_current.retired (approve)": row(then(reviewed, TAX, Gov.retire_item, item="T"), TAX, Gov.approve, request="R"),
    "rules.require_matter.matter-closed (approve)": row(
        then(reviewed, WINDOW, Gov.close_matter, matter="M"), TAX, Gov.approve, request="R"
    ),
    "sharing.deny.unconditional": row(by_rule, SOCIAL, Gov.deny, request="R", **WHY),
    "sharing.escalate.already-escalated": row(escalated, WINDOW, Gov.escalate, request="R"),
    "sharing.escalate.already-answered": row(later(approved, "2026-04-13"), WINDOW, Gov.escalate, request="R"),
    "sharing.escalate.already-answered (served)": row(
        later(then(by_rule, (WINDOW, SOCIAL), Gov.access, **access("R", item="S")), "2026-04-13"),
        WINDOW, Gov.escalate, request="R",
    ),
    "sharing.escalate.deadline-runs": row(later(reviewed, "2026-04-10"), WINDOW, Gov.escalate, request="R"),
    "sharing.require_answerer.already-answered": row(approved, TAX, Gov.approve, request="R"),
    # Consents
    "rules.require_holder.not-holder": row(licensed, BAIHUA, Gov.grant_consent, **consent()),
    "consents.grant_consent.already-exists": row(consented, QINGTENG, Gov.grant_consent, **consent()),
    "consents.grant_consent.already-exists (request)": row(reviewed, QINGTENG, Gov.grant_consent, **consent("R")),
    "rules.require_ahead.expired-already (consent)": row(
        licensed, QINGTENG, Gov.grant_consent, **consent(expires_on_ms=on("2026-04-01"))
    ),
    "consents.grant_consent.code-not-from-platform": row(licensed, QINGTENG, Gov.grant_consent, **consent(code_tag=TAG)),
    "rules.require_clerk.other-agency (code)": row(coded, (FIRE, PLATFORM), Gov.redeem_code, **REDEEM),
    "consents.redeem_code.code-for-other-matter": row(
        by_code_of_another_desk, (WINDOW, PLATFORM), Gov.redeem_code, **{**REDEEM, "matter": "M2"}
    ),
    "consents.redeem_code.wrong-code": row(coded, (WINDOW, PLATFORM), Gov.redeem_code, **{**REDEEM, "code_tag": OTHER_TAG}),
    "consents.revoke_consent.not-a-consent": row(by_rule, QINGTENG, Gov.revoke_consent, consent="R"),
    "rules.require_holder.not-holder (revoke)": row(consented, BAIHUA, Gov.revoke_consent, consent="C"),
    "consents.revoke_consent.grant-over": row(
        then(consented, QINGTENG, Gov.revoke_consent, consent="C"), QINGTENG, Gov.revoke_consent, consent="C"
    ),
    "consents.expire_grant.grant-over": row(
        then(later(consented, "2026-04-11"), FIRE, Gov.expire_grant, grant="C"), FIRE, Gov.expire_grant, grant="C"
    ),
    "consents.expire_grant.not-expired": row(later(consented, "2026-04-10"), FIRE, Gov.expire_grant, grant="C"),
    "consents.require_offered.code-locked": row(locked, (WINDOW, PLATFORM), Gov.redeem_code, **REDEEM),
    "consents.require_offered.code-used": row(
        then(coded, (WINDOW, PLATFORM), Gov.redeem_code, **REDEEM), (WINDOW, PLATFORM), Gov.redeem_code, **REDEEM
    ),
    "consents.require_offered.grant-expired": row(later(coded, "2026-04-11"), (WINDOW, PLATFORM), Gov.redeem_code, **REDEEM),
    # Access
    "rules.require_matter.other-purpose (access)": row(consented, SIDES, Gov.access, **access(purpose="statistics")),
    "access.access.grant-for-other-matter": row(second_matter, SIDES, Gov.access, **access(matter="M2")),
    "access.access.field-creep": row(consented, SIDES, Gov.access, **access(fields=("name", "representative_id"))),
    "access.access.already-exists": row(used, SIDES, Gov.access, **access()),
    "rules.require_holder.not-holder (error)": row(used, BAIHUA, Gov.report_error, case="F", receipt="X", field="name"),
    "access.report_error.unknown-field": row(used, QINGTENG, Gov.report_error, case="F", receipt="X", field="address"),
    "access.lodge.already-exists": row(reported, QINGTENG, Gov.report_error, case="F", receipt="X", field="name"),
    "access.correct.not-provider": row(reported, TAX, Gov.correct, **CORRECT),
    "access.correct.as-of-ahead": row(reported, MARKET, Gov.correct, **{**CORRECT, "as_of_on_ms": on("2026-04-03")}),
    "access.correct.other-case": row(objected, TAX, Gov.correct, **CORRECT),
    "rules.require_answerer.not-provider (uphold)": row(objected, SOCIAL, Gov.uphold, case="F"),
    "rules.require_answerer.not-escalated (uphold)": row(objected, BUREAU, Gov.uphold, case="F"),
    "access.uphold.other-case": row(reported, MARKET, Gov.uphold, case="F"),
    "rules.require_holder.not-holder (objection)": row(approved, BAIHUA, Gov.object_to_use, **OBJECTION),
    "access.object_to_use.by-law": row(inquired, QINGTENG, Gov.object_to_use, **{**OBJECTION, "matter": "I"}),
    "access.object_to_use.matter-closed": row(
        then(approved, WINDOW, Gov.close_matter, matter="M"), QINGTENG, Gov.object_to_use, **OBJECTION
    ),
    "access.object_to_use.already-objected": row(
        then(objected, TAX, Gov.keep, case="F", **WHY), QINGTENG, Gov.object_to_use, **{**OBJECTION, "case": "F2"}
    ),
    "access.lodge.already-exists (objection)": row(
        then(then(reported, WINDOW, Gov.request_share, **request()), TAX, Gov.approve, request="R"),
        QINGTENG, Gov.object_to_use, **OBJECTION,
    ),
    "rules.require_no_objection.objected": row(objected, SIDES_TAX, Gov.access, **access("R", item="T")),
    "rules.require_no_objection.objected (by another request)": row(objected, WINDOW, Gov.request_share, **request("R2")),
    "rules.require_no_objection.objected (upheld by the bureau)": row(
        then(unanswered, BUREAU, Gov.uphold, case="F"), WINDOW, Gov.request_share, **request("R2")
    ),
    "rules.require_no_objection.objected (question)": row(
        then(licensed, QINGTENG, Gov.object_to_use, **TO_BANK), YANSHAN, Gov.ask_presentation, **question()
    ),
    "rules.require_no_objection.objected (presentation)": row(
        then(asked, QINGTENG, Gov.object_to_use, **TO_BANK), QINGTENG, Gov.present, **shown()
    ),
    "rules.require_no_objection.objected (acceptance)": row(
        then(presented, QINGTENG, Gov.object_to_use, **TO_BANK), YANSHAN, Gov.accept_presentation, **ACCEPT
    ),
    "rules.require_no_objection.objected (account)": row(
        then(accepted, QINGTENG, Gov.object_to_use, **TO_BANK), YANSHAN, Gov.open_account, **OPENING
    ),
    "rules.require_no_objection.objected (of a customer)": row(
        then(second_account, QINGTENG, Gov.object_to_use, **TO_BANK), YANSHAN, Gov.reuse_customer, **AGAIN
    ),
    "rules.require_no_objection.objected (of a customer, anew)": row(
        then(second_account, QINGTENG, Gov.object_to_use, **{**TO_BANK, "matter": "A2"}), YANSHAN, Gov.reuse_customer, **AGAIN
    ),
    "access.correct.as-of-behind": row(reported, MARKET, Gov.correct, **{**CORRECT, "as_of_on_ms": on("2026-03-30")}),
    "access.correct.as-of-behind (a second time)": row(
        then(corrected, QINGTENG, Gov.report_error, case="F2", receipt="X", field="name"),
        MARKET, Gov.correct, **{**CORRECT, "case": "F2", "as_of_on_ms": on("2026-04-01")},
    ),
    "rules.require_uncorrected.corrected-since (presentation)": row(
        with_name_corrected(asked), QINGTENG, Gov.present, **shown()
    ),
    "rules.require_uncorrected.corrected-since (acceptance)": row(
        with_name_corrected(presented), YANSHAN, Gov.accept_presentation, **ACCEPT
    ),
    "rules.require_seen.not-acknowledged (account)": row(with_name_corrected(accepted), YANSHAN, Gov.open_account, **OPENING),
    "rules.require_seen.not-acknowledged (shown, not accepted)": row(
        with_name_corrected(presented), YANSHAN, Gov.close_matter, matter="A"
    ),
    "rules.raise_excess.already-exists": row(
        excessive_question, QINGTENG, Gov.grant_consent,
        **consent("Q", consumer="yanshan", **ACCOUNT, fields=("telephone",), **WHY),
    ),
    "rules.require_seen.not-acknowledged (escalation)": row(unseen_for_long, SOCIAL, Gov.escalate, request="R"),
    "sharing.escalate.deadline-runs (from the auditor on)": row(
        then(unseen_for_long, AUDITOR, Gov.acknowledge, **EXCESS), SOCIAL, Gov.escalate, request="R"
    ),
    "access.require_ages.as-of-missing": row(consented, SIDES, Gov.access, **access(as_of_on_ms=())),
    "access.require_ages.as-of-ahead": row(consented, SIDES, Gov.access, **access(as_of_on_ms=(on("2026-04-03"),))),
    "rules.require_uncorrected.corrected-since": row(corrected, SIDES, Gov.access, **access(receipt="X2")),
    "access.escalate_case.already-escalated": row(
        then(later(reported, "2026-04-13"), FIRE, Gov.escalate_case, case="F"), FIRE, Gov.escalate_case, case="F"
    ),
    "access.escalate_case.deadline-runs": row(reported, FIRE, Gov.escalate_case, case="F"),
    "access.open_case.already-answered": row(corrected, MARKET, Gov.correct, **CORRECT),
    "rules.require_clerk.other-agency (access)": row(consented, (FIRE, MARKET), Gov.access, **access()),
    "access.access.one-side-only": row(consented, (WINDOW, TAX), Gov.access, **access()),
    "access.require_live.grant-revoked": row(
        then(consented, QINGTENG, Gov.revoke_consent, consent="C"), SIDES, Gov.access, **access()
    ),
    "access.require_live.grant-used-up": row(
        then(lambda: consented(uses_max=1), SIDES, Gov.access, **access()), SIDES, Gov.access, **access(receipt="X2")
    ),
    "access.require_live.grant-expired": row(later(consented, "2026-04-11"), SIDES, Gov.access, **access()),
    "access.require_live.code-not-told": row(coded, SIDES, Gov.access, **access()),
    "access.require_live.code-not-told (locked)": row(locked, SIDES, Gov.access, **access()),
    "access.require_source.wrong-schema": row(consented, SIDES, Gov.access, **access(schema_digest="0" * 64)),
    # Licences
    "licences.register_code.bad-uscc": row(opened, BUREAU, Gov.register_code, **{**OF_OTHER, "code": "11110105MB03CW0030"}),
    "licences.register_code.already-exists": row(
        third_issuer, BUREAU, Gov.register_code, **{**OF_OTHER, "code": CODES["jinnong"]}
    ),
    "licences.register_code.already-exists (another's code)": row(
        licensed, BUREAU, Gov.register_code, **{**OF_OTHER, "code": CODES["baihua"]}
    ),
    "licences.register_issuer.already-exists": row(
        licensed, MARKET, Gov.register_issuer, code=CODES["social-security"], public_key=TAG
    ),
    "rules.require_own_code.code-of-another": row(
        licensed, MARKET, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA, holder_code=CODES["jinnong"])
    ),
    "rules.require_own_code.code-of-another (not entered)": row(
        licensed, MARKET, Gov.issue_licence, **issue(identifier(JINNONG), JINNONG)
    ),
    "rules.require_own_code.code-of-another (an issuer's)": row(
        third_issuer, OTHER, Gov.register_issuer, code=CODES["market-bureau"], public_key=TAG
    ),
    "licences.issue_licence.not-provider": row(
        licensed, MARKET, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA, item="T")
    ),
    "licences.issue_licence.already-issued": row(licensed, MARKET, Gov.issue_licence, **issue()),
    "licences.issue_licence.already-exists": row(licensed, MARKET, Gov.issue_licence, **issue(holder=BAIHUA)),
    "licences.issue_licence.wrong-version": row(licensed, MARKET, Gov.issue_licence, **issue(identifier(BAIHUA, 2), BAIHUA)),
    "licences.renew_licence.wrong-issuer": row(second_issuer, OTHER, Gov.renew_licence, **renewal(licence=FOREIGN)),
    "licences.renew_licence.already-renewed": row(renewed, MARKET, Gov.renew_licence, **renewal()),
    "licences.renew_licence.wrong-state": row(withheld, MARKET, Gov.renew_licence, **renewal()),
    "licences.renew_licence.wrong-number": row(licensed, MARKET, Gov.renew_licence, **renewal(licence=identifier(BAIHUA, 2))),
    "licences.renew_licence.wrong-version": row(licensed, MARKET, Gov.renew_licence, **renewal(licence=identifier(QINGTENG, 3))),
    "rules.require_holder.not-holder (licence)": row(licensed, (MARKET, BAIHUA), Gov.cancel_licence, **L, **WHY),
    "licences.lapse_licence.wrong-state": row(
        later(then(licensed, MARKET, Gov.revoke_licence, **L, **WHY), "2027-01-01"), FIRE, Gov.lapse_licence, **L
    ),
    "licences.lapse_licence.not-ended": row(later(licensed, "2026-12-31"), FIRE, Gov.lapse_licence, **L),
    "rules.require_valid.licence-not-valid": row(withheld, SIDES, Gov.access, **access()),
    "rules.require_valid.licence-not-begun": row(
        then(licensed, MARKET, Gov.renew_licence, **renewal(valid_from_on_ms=on("2026-05-01"))),
        QINGTENG, Gov.grant_consent, **consent(licence=LICENCE_2),
    ),
    "rules.require_valid.licence-ended": row(
        later(licensed, "2027-01-01"), QINGTENG, Gov.grant_consent, **consent(expires_on_ms=on("2027-02-01"))
    ),
    "licences.move.wrong-issuer": row(second_issuer, OTHER, Gov.withhold_licence, **L, **WHY),
    "licences.move.wrong-state": row(licensed, MARKET, Gov.restore_licence, **L, **WHY),
    "licences.move.licence-ended": row(later(withheld, "2027-01-01"), MARKET, Gov.restore_licence, **L, **WHY),
    "licences.move.licence-ended (withhold)": row(later(licensed, "2027-01-01"), MARKET, Gov.withhold_licence, **L, **WHY),
    "licences.move.licence-ended (transfer)": row(later(licensed, "2027-01-01"), MARKET, Gov.transfer_licence, **L, **WHY),
    "licences.read.bad-identifier": row(licensed, MARKET, Gov.issue_licence, **issue(f"{LICENCE_1[:-1]}0")),
    "licences.read.wrong-issuer": row(second_issuer, OTHER, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA)),
    "licences.require_term.no-term": row(
        licensed, MARKET, Gov.issue_licence, **issue(identifier(BAIHUA), BAIHUA, valid_to_on_ms=on("2026-04-01"))
    ),
    "licences.require_term.no-term (backwards)": row(
        licensed, MARKET, Gov.renew_licence, **renewal(valid_from_on_ms=on("2028-01-01"))
    ),
    # Presentations
    "presentations.ask_presentation.already-exists": row(asked, YANSHAN, Gov.ask_presentation, **question(nonce="9" * 32)),
    "presentations.ask_presentation.nonce-used": row(asked, YANSHAN, Gov.ask_presentation, **question("Q2")),
    "rules.require_ahead.expired-already (question)": row(
        licensed, YANSHAN, Gov.ask_presentation, **question(open_until_on_ms=on("2026-04-01"))
    ),
    "presentations.present.not-holder": row(asked, BAIHUA, Gov.present, **shown()),
    "presentations.present.question-answered": row(presented, QINGTENG, Gov.present, **shown()),
    "presentations.present.question-over": row(later(asked, "2026-04-11"), QINGTENG, Gov.present, **shown()),
    "presentations.present.other-licence": row(
        then(licensed, YANSHAN, Gov.ask_presentation, **question(item="T", fields=("tax_arrears",))),
        QINGTENG, Gov.present, **shown(fields=("tax_arrears",)),
    ),
    "presentations.present.other-fields": row(asked, QINGTENG, Gov.present, **shown(fields=("name", "address"))),
    "rules.require_clerk.other-agency (presentation)": row(presented, LANHAI, Gov.accept_presentation, **ACCEPT),
    "presentations.accept_presentation.question-answered": row(accepted, YANSHAN, Gov.accept_presentation, **ACCEPT),
    "presentations.accept_presentation.not-presented": row(asked, YANSHAN, Gov.accept_presentation, **ACCEPT),
    "presentations.accept_presentation.other-presentation": row(
        presented, YANSHAN, Gov.accept_presentation, question="Q", presentation={"sealed": TAG}
    ),
    "rules.require_clerk.other-agency (account)": row(accepted, LANHAI, Gov.open_account, **OPENING),
    "rules.require_clerk.not-delegated (account)": row(delegated_account, YANSHAN, Gov.open_account, **OPENING),
    "presentations.require_reliable.retention-over (acceptance)": row(
        later(presented, "2026-05-03"), YANSHAN, Gov.accept_presentation, **ACCEPT
    ),
    "presentations.require_reliable.retention-over (account)": row(
        later(accepted, "2026-05-03"), YANSHAN, Gov.open_account, **OPENING
    ),
    "rules.require_duration.grant-too-long (question)": row(
        licensed, YANSHAN, Gov.ask_presentation, **question(open_until_on_ms=on("2027-08-16"))
    ),
    "presentations.open_account.not-accepted": row(presented, YANSHAN, Gov.open_account, **OPENING),
    "presentations.open_account.question-answered": row(customer, YANSHAN, Gov.open_account, **OPENING),
    "presentations.open_account.question-answered (an older one)": row(
        with_newer_account, YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2029-06-30")
    ),
    "rules.require_ahead.expired-already (account)": row(
        accepted, YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2026-04-01")
    ),
    "presentations.reuse_customer.other-purpose": row(
        then(
            customer, (YANSHAN, QINGTENG), Gov.open_matter, matter="A2", agency="yanshan", applicant="qingteng",
            purpose="loan-marketing",
        ),
        YANSHAN, Gov.reuse_customer, holder="qingteng", purpose="loan-marketing", matter="A2",
    ),
    "presentations.require_reliable.retention-over": row(
        later(customer, "2026-05-03"), YANSHAN, Gov.reuse_customer, holder="qingteng", **ACCOUNT
    ),
    "presentations.reuse_customer.check-again": row(
        later(customer, "2026-07-01"), YANSHAN, Gov.reuse_customer, holder="qingteng", **ACCOUNT
    ),
    "rules.require_matter.matter-closed (present)": row(
        then(asked, YANSHAN, Gov.close_matter, matter="A"), QINGTENG, Gov.present, **shown()
    ),
    "rules.require_matter.matter-closed (accept)": row(
        then(presented, YANSHAN, Gov.close_matter, matter="A"),
        YANSHAN, Gov.accept_presentation, **ACCEPT,
    ),
    "rules.require_matter.matter-closed (account)": row(
        then(accepted, YANSHAN, Gov.close_matter, matter="A"),
        YANSHAN, Gov.open_account, **OPENING,
    ),
    # Evidence
    "evidence.deposit_evidence.already-exists": row(deposited, BAIHUA, Gov.deposit_evidence, **deposit()),
    "evidence.deposit_evidence.claimed-in-future": row(
        licensed, QINGTENG, Gov.deposit_evidence, **deposit(claimed_on_ms=on("2026-04-03"))
    ),
    "evidence.deposit_evidence.root-without-size": row(licensed, QINGTENG, Gov.deposit_evidence, **deposit(entries=3)),
    "evidence.deposit_evidence.root-without-size (no size)": row(
        licensed, QINGTENG, Gov.deposit_evidence, **deposit(entries_root=TAG)
    ),
    "evidence.deposit_evidence.already-deposited": row(deposited, BAIHUA, Gov.deposit_evidence, **deposit("E2")),
    "evidence.deposit_evidence.already-deposited (root)": row(
        lambda: deposited(entries=1, entries_root=TAG),
        BAIHUA, Gov.deposit_evidence, **deposit("E2", original={"sealed": OTHER_TAG}, entries=1, entries_root=TAG),
    ),
    "evidence.anchor_evidence.bad-batch": row(deposited, NOTARY, Gov.anchor_evidence, batch="B", evidence=("E", "E")),
    "evidence.anchor_evidence.bad-batch (empty)": row(deposited, NOTARY, Gov.anchor_evidence, batch="B", evidence=()),
    "evidence.anchor_evidence.already-exists": row(
        then(anchored, BAIHUA, Gov.deposit_evidence, **deposit("E2", original={"sealed": TAG})),
        NOTARY, Gov.anchor_evidence, batch="B", evidence=("E2",),
    ),
    "evidence.anchor_evidence.already-anchored": row(anchored, NOTARY, Gov.anchor_evidence, batch="B2", evidence=("E",)),
    "evidence.submit_evidence.not-owner": row(anchored, BAIHUA, Gov.submit_evidence, evidence="E", court="hexi-court", case="K"),
    "evidence.submit_evidence.not-anchored": row(
        deposited, QINGTENG, Gov.submit_evidence, evidence="E", court="hexi-court", case="K"
    ),
    "evidence.submit_evidence.already-admitted": row(
        admitted, QINGTENG, Gov.submit_evidence, evidence="E", court="hexi-court", case="K2"
    ),
    "evidence.verify_entry.no-entries": row(submitted, COURT, Gov.verify_entry, **ENTRY),
    "evidence.admit_evidence.not-verified": row(lambda: judged("mismatch"), COURT, Gov.admit_evidence, evidence="E", case="K"),
    "evidence.before_court.not-submitted": row(submitted, COURT, Gov.verify_evidence, **{**VERIFY, "case": "K2"}),
    "evidence.before_court.already-admitted": row(admitted, COURT, Gov.verify_evidence, **VERIFY),
    "evidence.require_age.deposited-later": row(
        submitted, COURT, Gov.verify_evidence, **{**VERIFY, "existed_on_ms": on("2026-04-01")}
    ),
}  # fmt: skip
