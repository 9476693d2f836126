"""Finance by banks: lines of credit; apply, query registries, check documents, acknowledge flags, register, disburse.

Civil Code, article 768: of several assignees the one registered first is entitled; the dates of their contracts say nothing.
An entry of the registry stands for some months.
"""

from ledger.contract import AllOf, Anyone, Context, DigestText, Identifier, MemberId, Role, Text, Timestamp, operation
from ledger.contract.calendar import add_months, date_text, day_of, days_between
from scenarios.money import interest_cents
from scenarios.supply_chain_finance import records, rules
from scenarios.supply_chain_finance.flags import standing_flags
from scenarios.supply_chain_finance.reliance import require_bills, require_green, require_licence
from scenarios.supply_chain_finance.state import SETTLEMENT_BANK, FinanceState, invoices_behind
from scenarios.supply_chain_finance.transitions import APPLICATIONS, REGISTRATIONS


class BankOperations(FinanceState):
    """The part of the contract that turns a certificate into cash, once."""

    @operation(signed_by=Role("bank"))
    def set_line(self, context: Context, core: MemberId, limit_cents: records.Limit, expires_on_ms: Timestamp) -> None:
        """A bank says how much of a core's debt it is ready to finance, and until when."""
        # READ
        bank = rules.acting(self, context, "bank")
        obligor = self.obligors[core]
        own = self.lines.get(f"{core}:{bank}") or records.Line(limit_cents=0, expires_on_ms=0)
        others = sum(line.limit_cents for key, line in self.lines.items(prefix=f"{core}:") if key != f"{core}:{bank}")
        least_cents = max(obligor.outstanding_cents - others, own.financed_cents)
        # CHECK
        context.require(expires_on_ms > context.time_ms, "retroactive")
        context.require(limit_cents >= least_cents, "line-in-use", core=core, bank=bank, least_cents=least_cents)
        # WRITE
        self.lines[f"{core}:{bank}"] = own.replace(limit_cents=limit_cents, expires_on_ms=expires_on_ms)

    @operation(signed_by=Anyone())
    def apply_finance(self, context: Context, certificate: Identifier, terms: records.FinanceTerms) -> None:
        """The holder offers its certificate to a bank on agreed terms; it is locked until the bank pays or lets it go."""
        # READ
        claim = self.certificates[certificate]
        # CHECK
        rules.require_holder(context, claim)
        locked = rules.state_after(context, "apply_finance", certificate, claim)
        rules.require_running(context, certificate, claim)
        rules.require_party(self, context, claim.holder)
        rules.require_party(self, context, terms.bank, "bank")
        rules.require_unused_behind(self, context, certificate)
        require_licence(self, context, claim.holder, rules.limits_of(self, context))
        require_green(context, claim.holder, terms)
        # WRITE
        self.certificates[certificate] = claim.replace(state=locked)
        self.applications[certificate] = records.Application(**dict(terms), applicant=claim.holder, applied_at_ms=context.time_ms)
        # EMIT
        rules.moved(context, certificate, claim.state, locked, bank=terms.bank)

    @operation(signed_by=Anyone())
    def release(self, context: Context, certificate: Identifier) -> None:
        """The bank lets the certificate go; so may the holder, as long as no assignment is registered."""
        # READ
        claim, application = self.certificates[certificate], self.applications[certificate]
        registration = self.registrations.get(certificate)
        is_registered = registration is not None and registration.stands(context.time_ms)
        # CHECK
        active = rules.state_after(context, "release", certificate, claim)
        if not context.signed_by(application.bank):
            rules.require_holder(context, claim)
            context.require(not is_registered, "registration-stands", bank=application.bank)
        # WRITE
        self.certificates[certificate] = claim.replace(state=active)
        self.applications[certificate] = application.replace(state=APPLICATIONS["release"][application.state])
        if registration is not None and registration.state == "registered":
            ways = REGISTRATIONS["cancel_registration" if is_registered else "expire_registration"]
            self.registrations[certificate] = registration.replace(state=ways[registration.state])
        # EMIT
        rules.moved(context, certificate, claim.state, active)

    @operation(signed_by=Role("bank"))
    def query_registry(self, context: Context, certificate: Identifier, outside: records.OutsideAnswer | None = None) -> None:
        """A bank asks whether the certificate is assigned already. The answer is yes or no, and not to whom.

        The bank that was asked for finance enters here, too, what a registry outside of this ledger has answered.
        """
        # READ
        bank = rules.acting(self, context, "bank")
        application = self.applications.get(certificate)
        registration = self.registrations.get(certificate)
        is_asked = application is not None and application.state == "applied" and application.bank == bank
        # CHECK
        is_past = outside is None or outside.answered_at_ms <= context.time_ms
        context.require(is_past, "answered-ahead")
        # WRITE
        if application is not None and is_asked:
            self.applications[certificate] = application.replace(
                queried_at_ms=application.queried_at_ms or context.time_ms,  # the first query is before the registration
                outside=outside or application.outside,
            )
        # EMIT
        assigned = registration is not None and registration.stands(context.time_ms)
        context.emit("registry-answered", certificate=certificate, assigned=assigned)

    @operation(signed_by=Role("bank"))
    def check_documents(
        self,
        context: Context,
        certificate: Identifier,
        invoices: tuple[Identifier, ...],
        evidence: DigestText,
        bills: tuple[records.BillCited, ...] = (),
    ) -> None:
        """The bank states that it has seen every trade behind the certificate, from the root down; the flags are raised.

        A bill of lading that it names is evidence while it is pledged to the bank and with it, and of one trade that was paid.
        """
        # READ
        application, _, _ = _opened(self, context, "check_documents", certificate)
        behind, flags = invoices_behind(self, certificate), tuple(flags_of(self, context, certificate, application))
        # CHECK
        context.require(sorted(invoices) == sorted(behind), "documents-incomplete", invoices=behind)
        require_bills(self, context, certificate, application.bank, bills)
        # WRITE
        checked = application.replace(checked_at_ms=context.time_ms, evidence=evidence, bills=bills, flags=flags)
        self.applications[certificate] = checked
        # EMIT
        context.emit("documents-checked", certificate=certificate, evidence=evidence, flags=flags)

    @operation(signed_by=Role("bank"))
    def acknowledge_flags(self, context: Context, certificate: Identifier, flags: tuple[records.Flag, ...], reason: Text) -> None:
        """The bank that would pay takes every flag that stands now upon itself, and says why."""
        # READ
        application, _, _ = _opened(self, context, "acknowledge_flags", certificate)
        standing = flags_of(self, context, certificate, application)
        names, causes = tuple(standing), tuple(standing.values())
        # CHECK
        context.require(sorted(flags) == sorted(names), "flags-unacknowledged", flags=names)
        # WRITE
        self.applications[certificate] = application.replace(flags=names, acknowledged=names, causes=causes)
        # EMIT
        context.emit("flags-acknowledged", certificate=certificate, flags=names, causes=causes, reason=reason)

    @operation(signed_by=Role("bank"))
    def register_assignment(
        self, context: Context, certificate: Identifier, contract_on_ms: Timestamp, months: records.RegistrationMonths
    ) -> None:
        """A bank registers for some months that the certificate is assigned to it. The first one wins, whatever contracts say."""
        # READ
        bank = rules.acting(self, context, "bank")
        earlier = self.registrations.get(certificate)
        # CHECK
        if earlier is not None and earlier.stands(context.time_ms):  # check: scf-registered-earlier
            context.refuse("registered-earlier", assignee=earlier.assignee)
        application, _, _ = _opened(self, context, "register_assignment", certificate)
        context.require(application.queried_at_ms > 0, "not-queried")
        # WRITE
        self.registrations[certificate] = records.Registration(
            assignee=bank,
            assignor=application.applicant,
            registered_at_ms=context.time_ms,
            contract_on_ms=contract_on_ms,
            expires_on_ms=add_months(day_of(context.time_ms), months),
        )
        # EMIT
        context.emit("assignment-registered", certificate=certificate, assignee=bank)

    @operation(signed_by=AllOf(Role("bank"), Role(SETTLEMENT_BANK)))
    def disburse(self, context: Context, certificate: Identifier, net_cents: records.Limit) -> None:
        """The bank pays the net amount through the settlement bank and becomes the holder.

        Interest is taken in advance on the face amount, from today to the day of payment, by the agreed day count,
        rounded once, half a cent up.
        """
        # READ
        application, claim, financed = _opened(self, context, "disburse", certificate)
        flags = flags_of(self, context, certificate, application)
        today = day_of(context.time_ms)
        matures_on_ms = rules.pays_on(self, claim.due_on_ms)
        # CHECK
        rules.require_running(context, certificate, claim)
        for member in (application.bank, application.applicant):
            rules.require_party(self, context, member)
        _require_steps(self, context, certificate, application)
        rules.require_unused_behind(self, context, certificate)
        require_bills(self, context, certificate, application.bank, application.bills)
        unacknowledged = [flag for flag, cause in flags.items() if cause not in application.causes]
        context.require(unacknowledged == [], "flags-unacknowledged", flags=unacknowledged)
        _require_own_line(self, context, application.bank, claim)
        require_licence(self, context, application.applicant, rules.limits_of(self, context))
        require_green(context, application.applicant, application)
        rate_ppm = max(0, application.rate_ppm - application.green_margin_ppm)
        interest = interest_cents(claim.amount_cents, rate_ppm, application.basis, today, matures_on_ms)
        expected = claim.amount_cents - interest - application.fee_cents
        context.require(expected > 0, "nothing-left")
        context.require(net_cents == expected, "wrong-net", basis=application.basis, expected_cents=expected, got_cents=net_cents)
        # WRITE
        seller = application.applicant if application.with_recourse else ""
        self.certificates[certificate] = claim.replace(state=financed, holder=application.bank, recourse_to=seller)
        self.applications[certificate] = application.replace(
            state=APPLICATIONS["disburse"][application.state],
            flags=tuple(flags),
            disbursed_at_ms=context.time_ms,
            disbursed_on_ms=today,
            matures_on_ms=matures_on_ms,
            interest_cents=interest,
            net_cents=net_cents,
        )
        rules.finance(self, claim.core, application.bank, claim.owed_cents)
        for bill in application.bills:
            self.cited_bills[bill.document] = records.CitedBill(certificate=certificate, pledgee=bill.pledgee)
        rules.pay(self, context, application.bank, application.applicant, net_cents, "disbursement")
        # EMIT
        rules.moved(context, certificate, claim.state, financed, holder=application.bank, days=days_between(today, matures_on_ms))

    @operation(signed_by=Role("bank"))
    def cancel_registration(self, context: Context, certificate: Identifier) -> None:
        """The assignee takes its entry out of the registry when nothing is owed to it any more."""
        # READ
        claim, registration = self.certificates[certificate], self.registrations[certificate]
        ways, is_open = REGISTRATIONS["cancel_registration"], registration.stands(context.time_ms)
        is_owed = claim.holder == registration.assignee and claim.state in records.LIVE
        is_over = not is_owed and claim.state not in ("locked", "frozen")
        # CHECK
        context.require(context.signed_by(registration.assignee), "not-assignee", assignee=registration.assignee)
        context.require(is_open, "registration-over", certificate=certificate, state=registration.state)
        context.require(is_over, "still-live", certificate=certificate, state=claim.state)
        # WRITE
        self.registrations[certificate] = registration.replace(state=ways[registration.state])
        # EMIT
        context.emit("registration-cancelled", certificate=certificate)

    @operation(signed_by=Anyone())
    def expire_registration(self, context: Context, certificate: Identifier) -> None:
        """Any member may say that an entry has run out; it bound no other bank from that day on."""
        # READ
        registration, ways = self.registrations[certificate], REGISTRATIONS["expire_registration"]
        # CHECK
        has_run_out = registration.state in ways and not registration.stands(context.time_ms)
        until = date_text(registration.expires_on_ms)
        context.require(has_run_out, "registration-runs", state=registration.state, expires_on=until)
        # WRITE
        self.registrations[certificate] = registration.replace(state=ways[registration.state])
        # EMIT
        context.emit("registration-expired", certificate=certificate)


def flags_of(
    state: FinanceState, context: Context, certificate: Identifier, application: records.Application
) -> dict[records.Flag, str]:
    """What the bank must take upon itself now, by the limits of today."""
    is_late = rules.is_late(state, context, state.certificates[certificate].core)
    return standing_flags(state, context, certificate, application, rules.limits_of(state, context), is_late=is_late)


def _opened(
    state: FinanceState, context: Context, operation: str, certificate: Identifier
) -> tuple[records.Application, records.Certificate, records.CertificateState]:
    """The application that the signing bank has before it, the certificate, and the state to which the operation leads."""
    application, claim = state.applications[certificate], state.certificates[certificate]
    context.require(context.signed_by(application.bank), "not-bank", bank=application.bank)
    return application, claim, rules.state_after(context, operation, certificate, claim)


def _require_steps(state: FinanceState, context: Context, certificate: Identifier, application: records.Application) -> None:
    """Refuses before query, check and registration."""
    registration = state.registrations.get(certificate)
    context.require(application.queried_at_ms > 0, "not-queried")
    context.require(application.checked_at_ms > 0, "documents-not-checked")
    context.require(registration is not None and registration.stands(context.time_ms), "not-registered")


def _require_own_line(state: FinanceState, context: Context, bank: MemberId, claim: records.Certificate) -> None:
    """Refuses beyond what the bank itself is ready to finance of this core."""
    line = state.lines.get(f"{claim.core}:{bank}")
    limit_cents = line.limit_cents if line is not None and line.expires_on_ms > context.time_ms else 0
    used_cents = line.financed_cents if line is not None else 0
    within = used_cents + claim.amount_cents <= limit_cents
    context.require(within, "over-own-line", bank=bank, core=claim.core, used_cents=used_cents, limit_cents=limit_cents)
