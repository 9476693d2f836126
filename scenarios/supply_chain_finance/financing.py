"""Finance: apply, query the registry, check the documents, register the assignment, disburse — in that order."""

from ledger.contract import (
    AllOf,
    AnyOf,
    Anyone,
    Collection,
    Context,
    Identifier,
    MemberId,
    Role,
    Timestamp,
    operation,
)
from ledger.contract.calendar import day_of, days_between
from scenarios.money import Basis, interest_cents
from scenarios.supply_chain_finance.certificates import CertificateOperations
from scenarios.supply_chain_finance.parties import SETTLEMENT_BANK
from scenarios.supply_chain_finance.records import Application, Certificate, Flag, Limit, Rate, Registration


class FinanceOperations(CertificateOperations):
    """The part of the contract that turns a certificate into cash, once."""

    applications = Collection(Application)
    registrations = Collection(Registration)

    @operation(signed_by=Anyone())
    def apply_finance(
        self,
        context: Context,
        certificate: Identifier,
        bank: MemberId,
        rate_ppm: Rate,
        basis: Basis,
        fee_cents: Limit,
        with_recourse: bool,
    ) -> None:
        """The holder offers its certificate to a bank on agreed terms; it is locked until the bank pays or lets it go."""
        # READ
        found = self.certificates[certificate]
        # CHECK
        self.require_held(context, certificate, found)
        self.require_party(context, bank, "bank")
        context.require(bank != found.holder, "to-self", member=bank)
        # WRITE
        self.certificates[certificate] = found.replace(state="locked")
        self.applications[certificate] = Application(
            bank=bank,
            applicant=found.holder,
            rate_ppm=rate_ppm,
            basis=basis,
            fee_cents=fee_cents,
            with_recourse=with_recourse,
            applied_at_ms=context.time_ms,
        )
        # EMIT
        self.moved(context, certificate, "active", "locked", bank=bank)

    @operation(signed_by=Anyone())
    def release(self, context: Context, certificate: Identifier) -> None:
        """The bank lets the certificate go; so may the holder, as long as no assignment is registered."""
        # READ
        found, application = self.certificates[certificate], self.applications[certificate]
        registration = self.registrations.get(certificate)
        # CHECK
        self.require_state(context, certificate, found, "locked")
        if not context.signed_by(application.bank):
            context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
            standing = registration is not None and registration.state == "registered"
            context.require(not standing, "registration-stands", bank=application.bank)
        # WRITE
        self.certificates[certificate] = found.replace(state="active")
        self.applications[certificate] = application.replace(state="released")
        if registration is not None:
            self.registrations[certificate] = registration.replace(state="cancelled")
        # EMIT
        self.moved(context, certificate, "locked", "active")

    @operation(signed_by=AnyOf(Role("bank")))
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
        assigned = registration is not None and registration.state == "registered"
        context.emit("registry-answered", certificate=certificate, assigned=assigned)

    @operation(signed_by=Role("bank"))
    def check_documents(
        self, context: Context, certificate: Identifier, invoices: tuple[Identifier, ...], flags: tuple[Flag, ...]
    ) -> None:
        """The bank states that it has seen every trade behind the certificate, from the root down, and each warning."""
        # READ
        application = self._open_application(context, certificate)
        found = self.certificates[certificate]
        behind = self.invoices_behind(certificate)
        # CHECK
        context.require(sorted(invoices) == sorted(behind), "documents-incomplete", invoices=behind)
        context.require(flags == found.flags, "flags-unreviewed", flags=found.flags)
        # WRITE
        self.applications[certificate] = application.replace(checked_at_ms=context.time_ms)
        # EMIT
        context.emit("documents-checked", certificate=certificate, flags=flags)

    @operation(signed_by=Role("bank"))
    def register_assignment(self, context: Context, certificate: Identifier, contract_on_ms: Timestamp) -> None:
        """A bank registers that the certificate is assigned to it. The first registration wins, whatever contracts say."""
        # READ
        bank = self.acting(context, "bank")
        earlier = self.registrations.get(certificate)
        # CHECK
        if earlier is not None and earlier.state == "registered":  # check: scf-registered-earlier
            context.refuse("registered-earlier", assignee=earlier.assignee)
        application = self._open_application(context, certificate)
        context.require(application.queried_at_ms > 0, "not-queried")
        # WRITE
        self.registrations[certificate] = Registration(
            assignee=bank, assignor=application.applicant, registered_at_ms=context.time_ms, contract_on_ms=contract_on_ms
        )
        # EMIT
        context.emit("assignment-registered", certificate=certificate, assignee=bank)

    @operation(signed_by=AllOf(Role("bank"), Role(SETTLEMENT_BANK)))
    def disburse(self, context: Context, certificate: Identifier, net_cents: Limit) -> None:
        """The bank pays the net amount through the settlement bank and becomes the holder.

        Interest is taken in advance on the face amount, from today to the day of payment, by the agreed day count,
        rounded once, half a cent up.
        """
        # READ
        application = self._open_application(context, certificate)
        found = self.certificates[certificate]
        matures_on_ms = self.pays_on(found.due_on_ms)
        # CHECK
        self.require_not_matured(context, certificate, found)
        self._require_steps(context, certificate, application)
        interest = interest_cents(
            found.amount_cents, application.rate_ppm, application.basis, day_of(context.time_ms), matures_on_ms
        )
        expected = found.amount_cents - interest - application.fee_cents
        context.require(expected > 0, "nothing-left")
        context.require(net_cents == expected, "wrong-net", basis=application.basis, expected_cents=expected, got_cents=net_cents)
        # WRITE
        seller = application.applicant if application.with_recourse else ""
        self.certificates[certificate] = found.replace(state="financed", holder=application.bank, recourse_to=seller)
        self.applications[certificate] = application.replace(
            state="disbursed",
            disbursed_at_ms=context.time_ms,
            disbursed_on_ms=day_of(context.time_ms),
            matures_on_ms=matures_on_ms,
            interest_cents=interest,
            net_cents=net_cents,
        )
        self.pay(context, application.bank, application.applicant, net_cents, "disbursement")
        # EMIT
        days = days_between(day_of(context.time_ms), matures_on_ms)
        self.moved(context, certificate, "locked", "financed", holder=application.bank, days=days)

    def invoices_behind(self, certificate: Identifier) -> tuple[Identifier, ...]:
        """Every invoice on the way from the root to this certificate, the root's first."""
        found = self.certificates[certificate]
        own = tuple(part.invoice for part in found.backing)
        return (*self.invoices_behind(found.parent), *own) if found.parent else own

    def _open_application(self, context: Context, certificate: Identifier) -> Application:
        """The application that the signing bank has before it."""
        application = self.applications[certificate]
        found: Certificate = self.certificates[certificate]
        context.require(context.signed_by(application.bank), "not-bank", bank=application.bank)
        self.require_state(context, certificate, found, "locked")
        return application

    def _require_steps(self, context: Context, certificate: Identifier, application: Application) -> None:
        registration = self.registrations.get(certificate)
        context.require(application.queried_at_ms > 0, "not-queried")
        context.require(application.checked_at_ms > 0, "documents-not-checked")
        registered = registration is not None and registration.state == "registered"
        context.require(registered, "not-registered")
