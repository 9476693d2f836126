"""What several parts of the contract ask and do: who signs for whom, matters, deadlines, versions and licences in force."""

from collections.abc import Iterable, Sequence

from ledger.contract import Context, Member
from ledger.contract.calendar import DAY_MS, date_text, day_of
from ledger.encoding import digest, encode
from scenarios.government import records
from scenarios.government.state import GovernmentState
from scenarios.working_days import end_of_day, end_of_working_day

DATA_BUREAU, PROVIDER, CONSUMER = "data-bureau", "data-provider", "data-consumer"
LICENCE_PLATFORM, ISSUER, ENTERPRISE, BANK = "licence-platform", "licence-issuer", "enterprise", "bank"
NOTARY, COURT = "notary", "court"
HEAD, CITIZEN, AUDITOR = "agency-head", "citizen", "auditor"
"""Roles. An agency's window is a member with the role of a consumer."""


def signs(context: Context, organization: str, *roles: str) -> bool:
    """Whether a member of the organization, with one of the roles if any are named, is among the signers."""
    members = [signer for signer in context.signers if signer.organization == organization]
    return any(not roles or any(role in member.roles for role in roles) for member in members)


def signs_as_provider(context: Context, organization: str) -> bool:
    """Whether a member of the organization signs who may speak for its data or licences."""
    return signs(context, organization, PROVIDER, ISSUER)


def clerk_of(context: Context, agency: str) -> str:
    """The signer who acts for an agency's window, or for a bank; empty if none does."""
    members = [signer for signer in context.signers if is_clerk(signer, agency)]
    return members[0].member if members else ""


def is_clerk(member: Member, agency: str) -> bool:
    """Whether a member may act for an agency's window, or for a bank."""
    return member.organization == agency and bool({CONSUMER, BANK} & {*member.roles})


def require_clerk(context: Context, matter: str, application: records.Matter) -> None:
    """Refuses unless the clerk signs to whom the matter was given: a colleague has no reason to look."""
    context.require(clerk_of(context, application.agency) != "", "other-agency", agency=application.agency)
    context.require(context.signed_by(application.clerk), "not-delegated", matter=matter, clerk=application.clerk)


def require_holder(context: Context, holder: str) -> None:
    """Refuses unless the company or the citizen signs whose data or licence it is."""
    context.require(signs(context, holder, ENTERPRISE, CITIZEN), "not-holder", holder=holder)


def require_ahead(context: Context, last_day_ms: int) -> None:
    """Refuses what would be over before it begins."""
    context.require(end_of_day(last_day_ms) > context.time_ms, "expired-already")


def require_duration(state: GovernmentState, context: Context, asked: records.Asked, last_day_ms: int) -> bool:
    """Refuses what is over already or outlasts the longest duration; whether it does so counted from its matter's opening.

    Then there must be a reason that auditors see: a limit that a second request renews would be none.
    """
    require_ahead(context, last_day_ms)
    days = limits_today(state, context).grant_days_max
    since_ms = (context.time_ms, state.matters[asked.matter].opened_at_ms)
    longest_ms, until_ms = (day_of(since) + days * DAY_MS for since in since_ms)
    context.require(day_of(last_day_ms) <= longest_ms, "grant-too-long", days_max=days, until=date_text(longest_ms))
    is_prolonged = day_of(last_day_ms) > until_ms
    context.require(not is_prolonged or asked.reason is not None, "prolonged", matter=asked.matter, until=date_text(until_ms))
    return is_prolonged


def require_needed(
    state: GovernmentState, context: Context, asked: records.Asked, item: str, last_day_ms: int
) -> tuple[str, ...]:
    """The fields for which there must be a reason that auditors see: beyond what the service needs, or all for longer."""
    is_prolonged = require_duration(state, context, asked, last_day_ms)
    service = state.services.get(asked.purpose)
    needed = [field for need in (service.needs if service else ()) if need.item == item for field in need.fields]
    beyond = tuple(field for field in asked.fields if field not in needed)
    context.require(beyond == () or asked.reason is not None, "not-needed", purpose=asked.purpose, fields=beyond)
    return asked.fields if is_prolonged else beyond


def raise_excess(state: GovernmentState, context: Context, number: str, asked: records.Asked, beyond: tuple[str, ...]) -> None:
    """Leaves a notice for auditors: until one has seen the reason, nothing is shown. It takes no other's place."""
    key = excess_key(asked.matter, number)
    context.require(beyond == () or key not in state.notices, "already-exists", number=number)
    if beyond:
        notify(state, context, key, AUDITOR, beyond, asked.reason)


def excess_key(matter: str, number: str) -> str:
    """Where the notice of what a request, consent or question asks beyond the need stands."""
    return f"{matter}:excess:{number}"


def require_reason_seen(state: GovernmentState, context: Context, matter: str, number: str) -> None:
    """Refuses while no auditor has seen why more was asked than is needed."""
    key = excess_key(matter, number)
    require_seen(context, [(key, state.notices.get(key))])


def notify(
    state: GovernmentState, context: Context, key: str, to: str, fields: tuple[str, ...], reason: str | None = None
) -> None:
    """Leaves a notice, which its addressee acknowledges."""
    notice = records.Notice(to=to, fields=fields, reason=reason, raised_at_ms=context.time_ms)
    state.notices[key] = notice
    context.emit("noticed", notice=key, to=to, fields=fields, reason=reason)


def require_seen(context: Context, notices: Iterable[tuple[str, records.Notice | None]]) -> None:
    """Refuses while one of these has not been acknowledged by its addressee."""
    unseen = [key for key, notice in notices if notice is not None and notice.seen_at_ms == 0]
    context.require(unseen == [], "not-acknowledged", notice=unseen)


def require_corrections_seen(state: GovernmentState, context: Context, matter: str, agency: str) -> None:
    """Refuses while an agency has not acknowledged what was corrected of that which it was shown for a matter."""
    require_seen(context, [(key, notice) for key, notice in state.notices.items(prefix=f"{matter}:") if notice.to == agency])


def add_look(state: GovernmentState, context: Context, kind: str, number: str, seen: records.Receipt | records.Question) -> None:
    """One more row of the list of the matter's subject: what its agency saw."""
    matter = state.matters[seen.matter]
    before = state.look_counts.get(matter.applicant)
    count = before.count + 1 if before else 1
    what = {"kind": kind, "number": number, "item": seen.item, "fields": seen.fields}
    why = {"purpose": seen.purpose, "matter": seen.matter, "legal_basis": matter.legal_basis}
    who = {"subject": matter.applicant, "by": matter.agency, "looked_at_ms": context.time_ms}
    look = records.Look.model_validate({**what, **why, **who})
    state.looks[f"{matter.applicant}:{count:06}"] = look
    state.look_counts[matter.applicant] = records.LookCount(count=count)


def acting(context: Context, *roles: str) -> records.Name:
    """The organization of the first signer with one of these roles, which the policy demands: whose act this is."""
    return next(signer.organization for signer in context.signers if any(role in signer.roles for role in roles))


def require_matter(
    state: GovernmentState, context: Context, matter: str, agency: str, applicant: str, purpose: str
) -> records.Matter:
    """The matter, which must be an open one of this agency with this applicant and purpose."""
    application = state.matters.get(matter)
    if application is None:  # check: government-no-matter
        context.refuse("no-matter", matter=matter)
    context.require(application.agency == agency, "other-agency", agency=application.agency)
    context.require(application.applicant == applicant, "other-applicant", matter=matter, applicant=application.applicant)
    context.require(application.purpose == purpose, "other-purpose", purpose=application.purpose, asked=purpose)
    context.require(application.state == "open", "matter-closed", matter=matter)
    return application


def require_answerer(context: Context, provider: str, *, is_escalated: bool) -> records.Name:
    """Who answers: the provider, or the data bureau once that was escalated; refuses everybody else."""
    is_provider = signs_as_provider(context, provider)
    is_bureau = any(DATA_BUREAU in signer.roles for signer in context.signers)
    context.require(is_provider or is_bureau, "not-provider", provider=provider)
    context.require(is_provider or is_escalated, "not-escalated")
    return acting(context, DATA_BUREAU) if is_bureau and is_escalated else provider


def require_answer_in_time(context: Context, provider: str, answer_by_ms: int, *, is_escalated: bool) -> records.Name:
    """The same, but a provider that is late has lost its say."""
    by = require_answerer(context, provider, is_escalated=is_escalated)
    is_in_time = context.time_ms <= answer_by_ms or by != provider
    context.require(is_in_time, "deadline-missed", until=date_text(answer_by_ms))
    return by


def require_no_objection(state: GovernmentState, context: Context, matter: str, item: str) -> None:
    """Refuses what the subject has objected to, until that was turned down: by this grant or by another one."""
    objection = state.objections.get(f"{matter}:{item}")
    is_free = objection is None or state.cases[objection.case].state == "kept"
    context.require(is_free, "objected", item=item, case=objection.case if objection else "")


def require_uncorrected(
    state: GovernmentState, context: Context, subject: str, item: str, ages: Iterable[tuple[str, int]]
) -> None:
    """Refuses a value that is older than a correction: `ages` are fields and their as-of dates."""
    for field, as_of_on_ms in ages:
        corrected = state.corrected.get(f"{subject}:{item}:{field}")
        is_newest = corrected is None or as_of_on_ms >= corrected.as_of_on_ms
        context.require(is_newest, "corrected-since", field=field, case=corrected.case if corrected else "")


def answer_by(state: GovernmentState, context: Context, kind: str) -> int:
    """Last millisecond for an answer that is asked for now: `unconditional`, `conditional` or `correction`."""
    rule = limits_today(state, context)
    days = {"unconditional": rule.unconditional_days, "conditional": rule.conditional_days, "correction": rule.correction_days}
    holidays = [int(day) for day, _ in state.holidays.items()]
    return end_of_working_day(context.time_ms, days[kind], holidays)


def limits_today(state: GovernmentState, context: Context) -> records.DeadlineRule:
    """The row of the dated table that is in force."""
    rules = [rule for day, rule in state.deadlines.items() if int(day) <= context.time_ms]
    context.require(rules != [], "no-deadlines")
    return rules[-1]


def require_current(
    state: GovernmentState, context: Context, item: str, version: int, fields: Sequence[str]
) -> records.ItemVersion:
    """The version in force, which must be the one cited, shareable, and hold the fields."""
    entry = state.items[item]
    context.require(entry.state != "retired", "retired", item=item)
    context.require(entry.state == "published", "not-published", item=item)
    context.require(version == entry.version, "stale-version", item=item, version=entry.version, cited=version)
    current = state.versions[version_key(item, version)]
    context.require(current.attribute != "not-shared", "not-shared", item=item, basis=current.basis)
    unknown = [field for field in fields if field not in current.fields]
    context.require(unknown == [], "unknown-field", item=item, fields=unknown)
    context.require(len(set(fields)) == len(fields), "doubled-field", item=item)
    return current


def require_valid(context: Context, licence: str, certificate: records.Licence) -> None:
    """Refuses whatever is not valid at this block's time: what was shown yesterday says nothing about today."""
    context.require(certificate.state == "valid", "licence-not-valid", licence=licence, state=certificate.state)
    is_begun = day_of(certificate.valid_from_on_ms) <= context.time_ms
    context.require(is_begun, "licence-not-begun", since=date_text(certificate.valid_from_on_ms))
    is_running = context.time_ms <= end_of_day(certificate.valid_to_on_ms)
    context.require(is_running, "licence-ended", until=date_text(certificate.valid_to_on_ms))


def require_own_code(state: GovernmentState, context: Context, organization: str, code: str) -> None:
    """Refuses a credit code that was not entered as this organization's: no licence is the first to say whose it is."""
    entered = state.codes.get(organization)
    known = [entered.organization, entered.code] if entered else []
    context.require(known == [organization, code], "code-of-another", uscc=code, known=known)


def kept_until(state: GovernmentState, context: Context, purpose: str) -> int:
    """The last day on which what is shown today is kept; today where the service has no list."""
    service = state.services.get(purpose)
    return day_of(context.time_ms) + (service.retention_days if service else 0) * DAY_MS


def version_key(item: str, version: int) -> str:
    """Where a version stands."""
    return f"{item}:{version:03}"


def schema_digest(item: str, version: int, attribute: str, fields: Sequence[str]) -> str:
    """What tells one version's schema from every other: only names, nothing that is secret."""
    return digest("government-schema", encode([item, version, attribute, list(fields)]))
