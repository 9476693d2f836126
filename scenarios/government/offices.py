"""Offices, deadlines and matters: who wants what of whom."""

from ledger.contract import Anyone, Context, Role, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.government.records import DeadlineRule, Matter, Name, Note, Number, Purpose
from scenarios.government.rules import BANK, CONSUMER, DATA_BUREAU, ENTERPRISE, require_agency, signs
from scenarios.government.state import GovernmentState
from scenarios.working_days import Holiday


class OfficeOperations(GovernmentState):
    """The part of the contract that knows time limits and who wants what."""

    @operation(signed_by=Role(DATA_BUREAU))
    def set_deadlines(self, context: Context, effective_on_ms: Timestamp, days: DeadlineRule) -> None:
        """Sets working days for answers from a later day on; what was asked before keeps its own."""
        # CHECK
        context.require(effective_on_ms > day_of(context.time_ms), "retroactive")
        # WRITE
        self.deadlines[f"{day_of(effective_on_ms):015}"] = days

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
            "agency": signs(context, agency, CONSUMER, BANK),
            "applicant": signs(context, applicant, ENTERPRISE),
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
        """The agency has decided: no more data are given for this matter."""
        # READ
        application = self.matters[matter]
        # CHECK
        require_agency(context, application.agency)
        context.require(application.state == "open", "matter-closed", matter=matter)
        # WRITE
        self.matters[matter] = application.replace(state="closed")
        # EMIT
        context.emit("matter-closed", matter=matter)
