"""The registry of assignments: asked first, entered by the bank, first come first served, for some months.

    none -> registered -> {cancelled, expired}

Civil Code, article 768: of several assignees the one registered first is entitled; the dates of their contracts say nothing.
"""

from ledger.contract import Anyone, Collection, Context, Identifier, Role, Timestamp, operation
from ledger.contract.calendar import add_months, date_text, day_of
from scenarios.supply_chain_finance.issuing import IssueOperations
from scenarios.supply_chain_finance.records import LIVE, Application, Certificate, Registration, RegistrationMonths


class RegistryOperations(IssueOperations):
    """The part of the contract that knows what is assigned to whom."""

    applications = Collection(Application)
    registrations = Collection(Registration)

    @operation(signed_by=Role("bank"))
    def query_registry(self, context: Context, certificate: Identifier) -> None:
        """A bank asks whether the certificate is assigned already. The answer is yes or no, and not to whom."""
        # READ
        bank = self.acting(context, "bank")
        application = self.applications.get(certificate)
        registration = self.registrations.get(certificate)
        # WRITE
        if application is not None and application.state == "applied" and application.bank == bank:
            self.applications[certificate] = application.replace(queried_at_ms=context.time_ms)
        # EMIT
        assigned = registration is not None and registration.stands(context.time_ms)
        context.emit("registry-answered", certificate=certificate, assigned=assigned)

    @operation(signed_by=Role("bank"))
    def register_assignment(
        self, context: Context, certificate: Identifier, contract_on_ms: Timestamp, months: RegistrationMonths
    ) -> None:
        """A bank registers for some months that the certificate is assigned to it. The first one wins, whatever contracts say."""
        # READ
        bank = self.acting(context, "bank")
        earlier = self.registrations.get(certificate)
        # CHECK
        if earlier is not None and earlier.stands(context.time_ms):  # check: scf-registered-earlier
            context.refuse("registered-earlier", assignee=earlier.assignee)
        application = self.open_application(context, certificate)
        context.require(application.queried_at_ms > 0, "not-queried")
        # WRITE
        self.registrations[certificate] = Registration(
            assignee=bank,
            assignor=application.applicant,
            registered_at_ms=context.time_ms,
            contract_on_ms=contract_on_ms,
            expires_on_ms=add_months(day_of(context.time_ms), months),
        )
        # EMIT
        context.emit("assignment-registered", certificate=certificate, assignee=bank)

    @operation(signed_by=Role("bank"))
    def cancel_registration(self, context: Context, certificate: Identifier) -> None:
        """The assignee takes its entry out of the registry when nothing is owed to it any more."""
        # READ
        found, registration = self.certificates[certificate], self.registrations[certificate]
        # CHECK
        context.require(context.signed_by(registration.assignee), "not-assignee", assignee=registration.assignee)
        is_open = registration.stands(context.time_ms)
        context.require(is_open, "registration-over", certificate=certificate, state=registration.state)
        owed = found.holder == registration.assignee and found.state in LIVE
        is_over = not owed and found.state not in ("locked", "frozen")
        context.require(is_over, "still-live", certificate=certificate, state=found.state)
        # WRITE
        self.registrations[certificate] = registration.replace(state="cancelled")
        # EMIT
        context.emit("registration-cancelled", certificate=certificate)

    @operation(signed_by=Anyone())
    def expire_registration(self, context: Context, certificate: Identifier) -> None:
        """Anybody may say that an entry has run out; it bound nobody from that day on."""
        # READ
        registration = self.registrations[certificate]
        # CHECK
        has_run_out = registration.state == "registered" and not registration.stands(context.time_ms)
        until = date_text(registration.expires_on_ms)
        context.require(has_run_out, "registration-runs", state=registration.state, expires_on=until)
        # WRITE
        self.registrations[certificate] = registration.replace(state="expired")
        # EMIT
        context.emit("registration-expired", certificate=certificate)

    def open_application(self, context: Context, certificate: Identifier) -> Application:
        """The application that the signing bank has before it."""
        application = self.applications[certificate]
        found: Certificate = self.certificates[certificate]
        context.require(context.signed_by(application.bank), "not-bank", bank=application.bank)
        self.require_state(context, certificate, found, "locked")
        return application
