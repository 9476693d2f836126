"""Offices, deadlines and matters: what every other part of the contract stands on."""

from ledger.contract import Anyone, Collection, Context, Contract, Role, Timestamp, operation
from ledger.contract.calendar import DAY_MS, date_text, day_of
from scenarios.government.argument_types import Name, Note, Number, Purpose, WorkingDays
from scenarios.government.records import DeadlineRule, Matter
from scenarios.working_days import Holiday, end_of_working_day

DATA_BUREAU, PROVIDER, CONSUMER = "data-bureau", "data-provider", "data-consumer"
LICENCE_PLATFORM, ISSUER, ENTERPRISE, BANK = "licence-platform", "licence-issuer", "enterprise", "bank"
NOTARY, COURT = "notary", "court"
"""Roles. An agency's window is a member with the role of a consumer."""


class OfficeOperations(Contract):
    """The part of the contract that knows time limits and who wants what."""

    deadlines = Collection(DeadlineRule)
    holidays = Collection(Holiday)
    matters = Collection(Matter)

    @operation(signed_by=Role(DATA_BUREAU))
    def set_deadlines(
        self,
        context: Context,
        effective_on_ms: Timestamp,
        unconditional_days: WorkingDays,
        conditional_days: WorkingDays,
        correction_days: WorkingDays,
    ) -> None:
        """Sets working days for answers from a later day on; what was asked before keeps its own."""
        # CHECK
        context.require(effective_on_ms > day_of(context.time_ms), "retroactive")
        # WRITE
        self.deadlines[f"{day_of(effective_on_ms):015}"] = DeadlineRule(
            unconditional_days=unconditional_days, conditional_days=conditional_days, correction_days=correction_days
        )

    @operation(signed_by=Role(DATA_BUREAU))
    def set_closed_days(self, context: Context, days: tuple[Timestamp, ...], name: Note) -> None:
        """Announces later weekdays on which offices are closed."""
        # CHECK
        context.require(all(day_of(day) > day_of(context.time_ms) for day in days), "retroactive")
        # WRITE
        for day in days:
            self.holidays[f"{day_of(day):015}"] = Holiday(name=name)

    @operation(signed_by=Anyone())
    def open_matter(self, context: Context, matter: Number, agency: Name, applicant: Name, purpose: Purpose) -> None:
        """An applicant and an agency, or a bank, open a matter together: neither can do so in the other's name."""
        # CHECK
        signed = {
            "agency": self.signs(context, agency, CONSUMER) or self.signs(context, agency, BANK),
            "applicant": self.signs(context, applicant, ENTERPRISE),
        }
        missing = [name for name, has_signed in signed.items() if not has_signed]
        context.require(missing == [], "one-side-only", missing=missing)
        context.require(matter not in self.matters, "already-exists", number=matter)
        # WRITE
        self.matters[matter] = Matter(agency=agency, applicant=applicant, purpose=purpose, opened_at_ms=context.time_ms)
        # EMIT
        context.emit("matter-opened", matter=matter, agency=agency, applicant=applicant, purpose=purpose)

    @operation(signed_by=Anyone())
    def close_matter(self, context: Context, matter: Number) -> None:
        """The agency has decided: nobody gets data for this matter any more."""
        # READ
        found = self.matters[matter]
        # CHECK
        is_agency = self.signs(context, found.agency, CONSUMER) or self.signs(context, found.agency, BANK)
        context.require(is_agency, "other-agency", agency=found.agency)
        context.require(found.state == "open", "matter-closed", matter=matter)
        # WRITE
        self.matters[matter] = found.replace(state="closed")
        # EMIT
        context.emit("matter-closed", matter=matter)

    def signs(self, context: Context, organization: str, role: str = "") -> bool:
        """Whether a member of the organization, with the role if one is named, is among the signers."""
        return any(one.organization == organization and role in ("", *one.roles) for one in context.signers)

    def signs_as_provider(self, context: Context, organization: str) -> bool:
        """Whether a member of the organization signs who may speak for its data or licences."""
        return self.signs(context, organization, PROVIDER) or self.signs(context, organization, ISSUER)

    def acting(self, context: Context, *roles: str) -> Name:
        """The organization of the first signer with one of these roles, which the policy demands: whose act this is."""
        return next(one.organization for one in context.signers if any(role in one.roles for role in roles))

    def require_matter(self, context: Context, matter: str, agency: str, applicant: str, purpose: str) -> None:
        """Refuses whatever is not for an open matter of this agency with this applicant and purpose."""
        found = self.matters.get(matter)
        if found is None:  # check: government-no-matter
            context.refuse("no-matter", matter=matter)
        context.require(found.agency == agency, "other-agency", agency=found.agency)
        context.require(found.applicant == applicant, "other-applicant", matter=matter, applicant=found.applicant)
        context.require(found.purpose == purpose, "other-purpose", purpose=found.purpose, asked=purpose)
        context.require(found.state == "open", "matter-closed", matter=matter)

    def require_answer_in_time(self, context: Context, provider: str, answer_by_ms: int, *, is_escalated: bool) -> Name:
        """Who answers: the provider in time, or the data bureau once that was escalated; refuses everybody else."""
        is_provider = self.signs_as_provider(context, provider)
        is_bureau = any(DATA_BUREAU in one.roles for one in context.signers)
        context.require(is_provider or is_bureau, "not-provider", provider=provider)
        context.require(is_provider or is_escalated, "not-escalated")
        is_in_time = context.time_ms <= answer_by_ms
        context.require(is_in_time or (is_bureau and is_escalated), "deadline-missed", until=date_text(answer_by_ms))
        return self.acting(context, DATA_BUREAU) if is_escalated else provider

    def answer_by(self, context: Context, kind: str) -> int:
        """Last millisecond for an answer that is asked for now: `unconditional`, `conditional` or `correction`."""
        rules = [rule for day, rule in self.deadlines.items() if int(day) <= context.time_ms]
        context.require(rules != [], "no-deadlines")
        rule = rules[-1]
        days = {
            "unconditional": rule.unconditional_days,
            "conditional": rule.conditional_days,
            "correction": rule.correction_days,
        }
        holidays = [int(day) for day, _ in self.holidays.items()]
        return end_of_working_day(context.time_ms, days[kind], holidays)


def end_of(day_ms: int) -> int:
    """The last millisecond of a day."""
    return day_of(day_ms) + DAY_MS - 1
