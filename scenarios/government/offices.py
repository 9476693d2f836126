"""Offices, deadlines and matters: who wants what of whom, which clerk acts in it, and what has to be seen first."""

from ledger.contract import AnyOf, Anyone, Context, MemberId, Role, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.government import rules
from scenarios.government.records import DeadlineRule, Matter, Name, Note, NoticeKey, Number, Purpose, Service
from scenarios.government.state import GovernmentState
from scenarios.working_days import Holiday


class OfficeOperations(GovernmentState):
    """The part of the contract that knows time limits and who wants what."""

    @operation(signed_by=Role(rules.DATA_BUREAU))
    def set_deadlines(self, context: Context, effective_on_ms: Timestamp, days: DeadlineRule) -> None:
        """Sets working days for answers from a later day on; what was asked before keeps its own."""
        # CHECK
        context.require(effective_on_ms > day_of(context.time_ms), "retroactive")
        # WRITE
        self.deadlines[f"{day_of(effective_on_ms):015}"] = days

    @operation(signed_by=Role(rules.DATA_BUREAU))
    def set_closed_days(self, context: Context, days: tuple[Timestamp, ...], name: Note) -> None:
        """Announces later weekdays on which offices are closed."""
        # CHECK
        context.require(all(day_of(day) > day_of(context.time_ms) for day in days), "retroactive")
        # WRITE
        for day in days:
            self.holidays[f"{day_of(day):015}"] = Holiday(name=name)

    @operation(signed_by=Role(rules.DATA_BUREAU))
    def list_service(self, context: Context, service: Purpose, listed: Service) -> None:
        """The data bureau lists which fields a service item needs; what was granted before stays."""
        # CHECK
        for need in listed.needs:
            rules.require_current(self, context, need.item, self.items[need.item].version, need.fields)
        # WRITE
        self.services[service] = listed
        # EMIT
        context.emit("service-listed", service=service, **listed.model_dump(mode="json"))

    @operation(signed_by=Anyone())
    def open_matter(self, context: Context, matter: Number, agency: Name, applicant: Name, purpose: Purpose) -> None:
        """An applicant and an agency, or a bank, open a matter together: neither can do so in the other's name."""
        # CHECK
        signed = {
            "agency": rules.clerk_of(context, agency) != "",
            "applicant": rules.signs(context, applicant, rules.ENTERPRISE, rules.CITIZEN),
        }
        missing = [name for name, has_signed in signed.items() if not has_signed]
        context.require(missing == [], "one-side-only", missing=missing)
        # WRITE
        self._open(context, matter, agency, applicant, purpose, "")

    @operation(signed_by=Role(rules.CONSUMER))
    def open_inquiry(self, context: Context, matter: Number, subject: Name, purpose: Purpose) -> None:
        """An agency looks into somebody of its own accord, under the provision that is listed for it and no other."""
        # READ
        agency = rules.acting(context, rules.CONSUMER)
        inquiry = self.services[purpose].inquiry
        # CHECK
        is_by_law = inquiry is not None and inquiry.agency == agency
        context.require(is_by_law, "no-legal-basis", agency=agency, purpose=purpose)
        # WRITE
        self._open(context, matter, agency, subject, purpose, inquiry.legal_basis if inquiry else "")

    @operation(signed_by=Role(rules.HEAD))
    def delegate_matter(self, context: Context, matter: Number, clerk: MemberId) -> None:
        """The head of the agency gives the matter to another clerk, who alone acts in it from now on."""
        # READ
        application = self.matters[matter]
        member = context.member(clerk)
        # CHECK
        context.require(rules.signs(context, application.agency, rules.HEAD), "other-agency", agency=application.agency)
        is_clerk = member is not None and rules.is_clerk(member, application.agency)
        context.require(is_clerk, "no-clerk", clerk=clerk, agency=application.agency)
        # WRITE
        self.matters[matter] = application.replace(clerk=clerk)
        # EMIT
        context.emit("matter-delegated", matter=matter, clerk=clerk)

    @operation(signed_by=AnyOf(Role(rules.AUDITOR), Role(rules.CONSUMER), Role(rules.BANK)))
    def acknowledge(self, context: Context, notice: NoticeKey) -> None:
        """An auditor, or the clerk of the matter, has seen a notice: what waited for that goes on, and its time begins."""
        # READ
        seen = self.notices[notice]
        clerk = self.matters[notice.partition(":")[0]].clerk
        # CHECK
        is_auditor = any(rules.AUDITOR in signer.roles for signer in context.signers)
        is_addressee = is_auditor if seen.to == rules.AUDITOR else context.signed_by(clerk)
        context.require(is_addressee, "not-addressed", to=seen.to)
        context.require(seen.seen_at_ms == 0, "already-acknowledged", notice=notice)
        # WRITE
        self.notices[notice] = seen.replace(seen_at_ms=context.time_ms)
        number = notice.rpartition(":")[2]
        waiting = self.requests.get(number) if seen.to == rules.AUDITOR else None
        if waiting is not None and waiting.attribute == "unconditional":
            answer_by_ms = rules.answer_by(self, context, "unconditional")
            self.requests[number] = waiting.replace(answer_by_ms=answer_by_ms)
        # EMIT
        context.emit("notice-seen", notice=notice)

    def _open(self, context: Context, matter: str, agency: str, applicant: str, purpose: str, legal_basis: str) -> None:
        """Its clerk is the member of the agency who signs."""
        context.require(matter not in self.matters, "already-exists", number=matter)
        opened = Matter(
            agency=agency,
            clerk=rules.clerk_of(context, agency),
            applicant=applicant,
            purpose=purpose,
            legal_basis=legal_basis,
            opened_at_ms=context.time_ms,
        )
        self.matters[matter] = opened
        context.emit("matter-opened", matter=matter, **opened.model_dump(mode="json"))

    @operation(signed_by=Anyone())
    def close_matter(self, context: Context, matter: Number) -> None:
        """The agency has decided, having seen what was corrected meanwhile: no more data are given for this matter."""
        # READ
        application = self.matters[matter]
        # CHECK
        rules.require_clerk(context, matter, application)
        context.require(application.state == "open", "matter-closed", matter=matter)
        rules.require_corrections_seen(self, context, matter, application.agency)
        # WRITE
        self.matters[matter] = application.replace(state="closed")
        # EMIT
        context.emit("matter-closed", matter=matter)
