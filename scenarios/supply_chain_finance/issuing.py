"""Issuing: a core promises within its lines, its confirmed payables and the term, unless it is late or barred."""

from ledger.contract import Collection, Context, Identifier, MemberId, Role, Timestamp, operation
from ledger.contract.calendar import DAY_MS, day_of
from scenarios.supply_chain_finance.certificates import ACCEPT_DAYS, CertificateOperations, maturity_key
from scenarios.supply_chain_finance.parties import PLATFORM
from scenarios.supply_chain_finance.records import LIVE, Cents, Certificate, Limit, Line, RootNumber
from scenarios.supply_chain_finance.rules import is_part_number, tenor_fault


class IssueOperations(CertificateOperations):
    """The part of the contract that limits what a core may promise."""

    lines = Collection(Line)

    @operation(signed_by=Role("bank"))
    def set_line(self, context: Context, core: MemberId, limit_cents: Limit, expires_on_ms: Timestamp) -> None:
        """A bank says how much of a core's debt it is ready to finance, and until when."""
        # READ
        bank = self.acting(context, "bank")
        obligor = self.obligors[core]
        others = sum(line.limit_cents for key, line in self.lines.items(prefix=f"{core}:") if key != f"{core}:{bank}")
        least_cents = max(obligor.outstanding_cents - others, self.financed_cents(core, bank))
        # CHECK
        context.require(expires_on_ms > context.time_ms, "retroactive")
        context.require(limit_cents >= least_cents, "line-in-use", core=core, bank=bank, least_cents=least_cents)
        # WRITE
        self.lines[f"{core}:{bank}"] = Line(limit_cents=limit_cents, expires_on_ms=expires_on_ms)

    @operation(signed_by=Role("core"))
    def issue(
        self,
        context: Context,
        certificate: RootNumber,
        to: MemberId,
        amount_cents: Cents,
        due_on_ms: Timestamp,
        invoices: tuple[Identifier, ...],
        platform: MemberId,
        reason: str = "",
    ) -> None:
        """A core promises to pay a supplier on a day, for goods that it has confirmed."""
        # READ
        core = self.acting(context, "core")
        obligor = self.obligors[core]
        operator = context.member(platform)
        due_on_ms = day_of(due_on_ms)
        # CHECK
        context.require(not is_part_number(certificate), "part-number", certificate=certificate)
        context.require(certificate not in self.certificates, "certificate-exists", certificate=certificate)
        context.require(operator is not None and PLATFORM in operator.roles, "not-platform", member=platform)
        self.require_unblocked(context, core)
        self.require_party(context, to)
        self._require_tenor(context, due_on_ms, reason)
        self._require_line(context, core, obligor.outstanding_cents, amount_cents)
        context.require(all(self.invoices[name].document is None for name in invoices), "root-on-sealed", core=core)
        # WRITE
        backing = self.use_invoices(context, invoices, seller=to, buyer=core, amount_cents=amount_cents, certificate=certificate)
        self.obligors[core] = obligor.replace(outstanding_cents=obligor.outstanding_cents + amount_cents)
        self.certificates[certificate] = Certificate(
            root=certificate,
            parent="",
            core=core,
            platform=platform,
            amount_cents=amount_cents,
            issued_on_ms=day_of(context.time_ms),
            due_on_ms=due_on_ms,
            holder=core,
            offered_to=to,
            accept_by_ms=context.time_ms + ACCEPT_DAYS * DAY_MS,
            state="pending",
            lineage=(core,),
            backing=backing,
            flags=self.flags((), (core,), to, backing),
            leaves=1,
        )
        # EMIT
        self.moved(context, certificate, "none", "pending", core=core, amount_cents=amount_cents)

    def financed_cents(self, core: MemberId, bank: MemberId) -> int:
        """What a bank holds of a core's debt."""
        held = [one for _, one in self.certificates.items() if (one.core, one.holder) == (core, bank) and one.state in LIVE]
        return sum(one.owed_cents for one in held)

    def require_unblocked(self, context: Context, core: MemberId) -> None:
        """Refuses a core that is late here, marked or not, and one that the regulator announced, until it is cured."""
        obligor = self.obligors[core]
        context.require(not obligor.blocked and not self._is_late(context, core), "core-blocked", core=core)
        context.require(obligor.announced == (), "core-barred", core=core, cause="".join(obligor.announced[:1]))

    def _is_late(self, context: Context, core: MemberId) -> bool:
        """Whether a day of payment has passed on which the core still owes something, marked overdue or not."""
        first = next(self.maturities.items(prefix=maturity_key(core), limit=1), None)
        return first is not None and day_of(context.time_ms) > self.pays_on(int(first[0].removeprefix(maturity_key(core))))

    def _require_tenor(self, context: Context, due_on_ms: Timestamp, reason: str) -> None:
        rule = self.tenor_rule(context.time_ms)
        if rule is None:  # check: scf-no-tenor-rule
            context.refuse("no-tenor-rule")
        context.require(due_on_ms > day_of(context.time_ms), "not-after-today")
        fault = tenor_fault(context.time_ms, due_on_ms, rule.months_max, rule.months_without_reason, reason)
        context.require(fault != "tenor-too-long", "tenor-too-long", months_max=rule.months_max)
        context.require(fault != "tenor-without-reason", "tenor-without-reason", months=rule.months_without_reason)

    def _require_line(self, context: Context, core: MemberId, outstanding_cents: int, amount_cents: int) -> None:
        lines = [line for _, line in self.lines.items(prefix=f"{core}:")]
        limit_cents = sum(line.limit_cents for line in lines if line.expires_on_ms > context.time_ms)
        context.require(
            outstanding_cents + amount_cents <= limit_cents,
            "over-line",
            outstanding_cents=outstanding_cents,
            amount_cents=amount_cents,
            limit_cents=limit_cents,
        )
