"""Finance: apply, query the registry, check the documents, register the assignment, disburse, in that order."""

from typing import Literal

from ledger.contract import AllOf, Anyone, Context, Identifier, MemberId, Role, operation
from ledger.contract.calendar import day_of, days_between
from scenarios.money import Basis, interest_cents
from scenarios.supply_chain_finance.parties import SETTLEMENT_BANK
from scenarios.supply_chain_finance.records import Application, Certificate, Flag, Limit, Rate
from scenarios.supply_chain_finance.registry import RegistryOperations


class FinanceOperations(RegistryOperations):
    """The part of the contract that turns a certificate into cash, once."""

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
        self.require_party(context, found.holder)
        self.require_party(context, bank, "bank")
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
            standing = registration is not None and registration.stands(context.time_ms)
            context.require(not standing, "registration-stands", bank=application.bank)
        # WRITE
        self.certificates[certificate] = found.replace(state="active")
        self.applications[certificate] = application.replace(state="released")
        if registration is not None and registration.state == "registered":
            ended: Literal["cancelled", "expired"] = "cancelled" if registration.stands(context.time_ms) else "expired"
            self.registrations[certificate] = registration.replace(state=ended)
        # EMIT
        self.moved(context, certificate, "locked", "active")

    @operation(signed_by=Role("bank"))
    def check_documents(
        self, context: Context, certificate: Identifier, invoices: tuple[Identifier, ...], flags: tuple[Flag, ...]
    ) -> None:
        """The bank states that it has seen every trade behind the certificate, from the root down, and each warning."""
        # READ
        application = self.open_application(context, certificate)
        found = self.certificates[certificate]
        behind = self.invoices_behind(certificate)
        # CHECK
        context.require(sorted(invoices) == sorted(behind), "documents-incomplete", invoices=behind)
        context.require(flags == found.flags, "flags-unreviewed", flags=found.flags)
        # WRITE
        self.applications[certificate] = application.replace(checked_at_ms=context.time_ms)
        # EMIT
        context.emit("documents-checked", certificate=certificate, flags=flags)

    @operation(signed_by=AllOf(Role("bank"), Role(SETTLEMENT_BANK)))
    def disburse(self, context: Context, certificate: Identifier, net_cents: Limit) -> None:
        """The bank pays the net amount through the settlement bank and becomes the holder.

        Interest is taken in advance on the face amount, from today to the day of payment, by the agreed day count,
        rounded once, half a cent up.
        """
        # READ
        application = self.open_application(context, certificate)
        found = self.certificates[certificate]
        matures_on_ms = self.pays_on(found.due_on_ms)
        # CHECK
        self.require_not_matured(context, certificate, found)
        for member in (application.bank, application.applicant):
            self.require_party(context, member)
        self._require_steps(context, certificate, application)
        self._require_own_line(context, application.bank, found)
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
        behind: tuple[Identifier, ...] = ()
        name: str = certificate
        while name:
            found = self.certificates[name]
            behind = (*(part.invoice for part in found.backing), *behind)
            name = found.parent
        return behind

    def _require_steps(self, context: Context, certificate: Identifier, application: Application) -> None:
        registration = self.registrations.get(certificate)
        context.require(application.queried_at_ms > 0, "not-queried")
        context.require(application.checked_at_ms > 0, "documents-not-checked")
        registered = registration is not None and registration.stands(context.time_ms)
        context.require(registered, "not-registered")

    def _require_own_line(self, context: Context, bank: MemberId, found: Certificate) -> None:
        """Refuses beyond what the bank itself is ready to finance of this core."""
        line = self.lines.get(f"{found.core}:{bank}")
        limit_cents = line.limit_cents if line is not None and line.expires_on_ms > context.time_ms else 0
        used_cents = self.financed_cents(found.core, bank)
        within = used_cents + found.amount_cents <= limit_cents
        context.require(within, "over-own-line", bank=bank, core=found.core, used_cents=used_cents, limit_cents=limit_cents)
