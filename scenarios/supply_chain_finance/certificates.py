"""Certificates: promised within limits, accepted or declined, split and passed on without losing a cent."""

from collections.abc import Sequence

from ledger.contract import Anyone, Context, Identifier, MemberId, Role, Timestamp, operation
from ledger.contract.calendar import DAY_MS, add_months, day_of, days_between
from scenarios.fractional import PARTS_MAX, draw, fault_of_split
from scenarios.supply_chain_finance import records, rules
from scenarios.supply_chain_finance.state import PLATFORM, FinanceState, dealing_key

DEPTH_MAX = 10
"""Longest way from a root: the wire format of the trade holds ten steps."""
LEAVES_MAX = 90
"""Most certificates that one root ends in, so that one transaction can pay them all."""
ACCEPT_DAYS = 10
"""How long an offer stands."""


class CertificateOperations(FinanceState):
    """The part of the contract that makes, moves and splits certificates."""

    @operation(signed_by=Role("core"))
    def issue(self, context: Context, certificate: records.RootNumber, promise: records.Promise) -> None:
        """A core promises to pay a supplier on a day, for goods that it has confirmed."""
        # READ
        core = rules.acting(self, context, "core")
        obligor = self.obligors[core]
        operator = context.member(promise.platform)
        due_on_ms = day_of(promise.due_on_ms)
        # CHECK
        context.require(not rules.is_part_number(certificate), "part-number", certificate=certificate)
        context.require(certificate not in self.certificates, "certificate-exists", certificate=certificate)
        context.require(operator is not None and PLATFORM in operator.roles, "not-platform", member=promise.platform)
        rules.require_unblocked(self, context, core)
        rules.require_party(self, context, promise.to)
        _require_tenor(self, context, due_on_ms, promise.reason)
        _require_lines(self, context, core, obligor.outstanding_cents, promise.amount_cents)
        context.require(all(self.invoices[name].document is None for name in promise.invoices), "root-on-sealed", core=core)
        # WRITE
        backing = _use_invoices(self, context, certificate, core, promise)
        self.obligors[core] = obligor.replace(outstanding_cents=obligor.outstanding_cents + promise.amount_cents)
        self.certificates[certificate] = records.Certificate(
            root=certificate,
            parent="",
            core=core,
            platform=promise.platform,
            amount_cents=promise.amount_cents,
            issued_on_ms=day_of(context.time_ms),
            due_on_ms=due_on_ms,
            holder=core,
            offered_to=promise.to,
            accept_by_ms=context.time_ms + ACCEPT_DAYS * DAY_MS,
            state="pending",
            lineage=(core,),
            backing=backing,
            leaves=1,
        )
        # EMIT
        rules.moved(context, certificate, "none", "pending", core=core, amount_cents=promise.amount_cents)

    @operation(signed_by=Anyone())
    def accept(self, context: Context, certificate: Identifier) -> None:
        """The company to which it was offered takes it and becomes the holder; no company is made to."""
        # READ
        claim = self.certificates[certificate]
        holder = claim.offered_to
        # CHECK
        active = rules.state_after(context, "accept", certificate, claim)
        _require_receiver(context, claim)
        rules.require_party(self, context, holder)
        context.require(context.time_ms <= claim.accept_by_ms, "offer-expired")
        rules.require_running(context, certificate, claim)
        rules.require_unused_behind(self, context, certificate)
        # WRITE
        if not claim.parent:
            rules.owe(self, claim, claim.amount_cents)
            self.dealings[dealing_key("promise", claim.core, holder, claim.due_on_ms, certificate)] = records.Dealing(
                amount_cents=claim.amount_cents
            )
        lineage = (*claim.lineage, holder)
        self.certificates[certificate] = claim.replace(state=active, holder=holder, offered_to="", lineage=lineage)
        # EMIT
        rules.moved(context, certificate, claim.state, active, holder=holder)

    @operation(signed_by=Anyone())
    def reject(self, context: Context, certificate: Identifier) -> None:
        """The company to which it was offered declines: it goes back to the one that offered it."""
        self._end_offer(context, "reject", certificate)

    @operation(signed_by=Anyone())
    def void(self, context: Context, certificate: Identifier) -> None:
        """The company that offered it takes it back before it was accepted."""
        self._end_offer(context, "void", certificate)

    @operation(signed_by=Anyone())
    def expire(self, context: Context, certificate: Identifier) -> None:
        """Any member may say that the time to accept has passed."""
        self._end_offer(context, "expire", certificate)

    @operation(signed_by=Anyone())
    def split_transfer(self, context: Context, certificate: Identifier, parts: tuple[records.Part, ...]) -> None:
        """The holder pays its own suppliers with parts of the certificate; what remains is a part back to itself."""
        # READ
        claim = self.certificates[certificate]
        root = self.certificates[claim.root]
        names = tuple(f"{certificate}-{number}" for number in range(1, len(parts) + 1))
        # CHECK
        rules.require_holder(context, claim)
        consumed = rules.state_after(context, "split_transfer", certificate, claim)
        rules.require_running(context, certificate, claim)
        rules.require_party(self, context, claim.holder)
        rules.require_unused_behind(self, context, certificate)
        _require_exact(context, claim, parts)
        context.require(claim.depth < DEPTH_MAX, "too-deep", depth_max=DEPTH_MAX)
        context.require(root.leaves + len(parts) - 1 <= LEAVES_MAX, "too-many-leaves", leaves_max=LEAVES_MAX)
        context.require(any(part.to != claim.holder for part in parts), "to-self", member=claim.holder)
        # WRITE
        self.certificates[certificate] = claim.replace(state=consumed, children=names)
        root = self.certificates[claim.root]
        self.certificates[claim.root] = root.replace(leaves=root.leaves + len(parts) - 1)
        for name, part in zip(names, parts, strict=True):
            self.certificates[name] = _part(self, context, name, claim.replace(parent=certificate), part)
        # EMIT
        rules.moved(context, certificate, claim.state, consumed, parts=names)

    def _end_offer(self, context: Context, operation: str, certificate: Identifier) -> None:
        """A root ends with its offer; a part returns to its holder as a new certificate of the same face."""
        # READ
        claim = self.certificates[certificate]
        # CHECK
        ended = rules.state_after(context, operation, certificate, claim)
        if operation == "reject":
            _require_receiver(context, claim)
        elif operation == "void":
            rules.require_holder(context, claim)
        else:
            context.require(context.time_ms > claim.accept_by_ms, "offer-stands")
        # WRITE
        for part in claim.backing:
            _book(self, part, -1, "")
        over = claim.replace(state=ended, offered_to="", backing=())
        if claim.parent:
            returned = f"{certificate}-1"
            self.certificates[returned] = over.replace(parent=certificate, state="active")
            over = over.replace(children=(returned,))
        else:
            obligor = self.obligors[claim.core]
            self.obligors[claim.core] = obligor.replace(outstanding_cents=obligor.outstanding_cents - claim.amount_cents)
        self.certificates[certificate] = over
        # EMIT
        rules.moved(context, certificate, claim.state, ended, offered_to=claim.offered_to)


def _require_receiver(context: Context, claim: records.Certificate) -> None:
    context.require(context.signed_by(claim.offered_to), "not-offered-to", offered_to=claim.offered_to)


def _require_tenor(state: FinanceState, context: Context, due_on_ms: Timestamp, reason: str) -> None:
    """Refuses a due date that is not ahead, or beyond the limit in force today; a reason has letters or digits.

    Months are calendar months; where the target month is shorter its last day counts.
    """
    today, limits = day_of(context.time_ms), rules.limits_of(state, context)
    months_max, months = limits.months_max, limits.months_without_reason
    context.require(due_on_ms > today, "not-after-today")
    context.require(due_on_ms <= add_months(today, months_max), "tenor-too-long", months_max=months_max)
    is_reasoned = any(sign.isalnum() for sign in reason)
    context.require(is_reasoned or due_on_ms <= add_months(today, months), "tenor-without-reason", months=months)


def _require_lines(state: FinanceState, context: Context, core: MemberId, outstanding_cents: int, amount_cents: int) -> None:
    """Refuses beyond what all banks together are ready to finance today."""
    lines = [line for _, line in state.lines.items(prefix=f"{core}:")]
    limit_cents = sum(line.limit_cents for line in lines if line.expires_on_ms > context.time_ms)
    is_within = outstanding_cents + amount_cents <= limit_cents
    numbers = {"outstanding_cents": outstanding_cents, "amount_cents": amount_cents, "limit_cents": limit_cents}
    context.require(is_within, "over-line", **numbers)


def _require_exact(context: Context, claim: records.Certificate, parts: Sequence[records.Part]) -> None:
    """Refuses parts that do not add up to the certificate."""
    amounts = [part.amount_cents for part in parts]
    fault = fault_of_split(claim.amount_cents, amounts)
    sums = {"sum_cents": sum(amounts), "amount_cents": claim.amount_cents} if fault == "wrong-sum" else {}
    if fault is not None:  # check: scf-bad-split
        context.refuse(fault, parts_max=PARTS_MAX, **sums)


def _part(
    state: FinanceState, context: Context, name: Identifier, claim: records.Certificate, part: records.Part
) -> records.Certificate:
    """A part as it begins: the holder's own is free at once, one for another is offered and has a trade behind it."""
    born = claim.replace(amount_cents=part.amount_cents, depth=claim.depth + 1, backing=(), leaves=0)
    if part.to == claim.holder:
        return born
    rules.require_party(state, context, part.to)
    backing = _use_invoices(state, context, name, claim.holder, part)
    accept_by_ms = context.time_ms + ACCEPT_DAYS * DAY_MS
    return born.replace(state="pending", offered_to=part.to, accept_by_ms=accept_by_ms, backing=backing)


def _use_invoices(
    state: FinanceState, context: Context, certificate: Identifier, buyer: MemberId, part: records.Part | records.Promise
) -> tuple[records.Backing, ...]:
    """Draws a certificate's amount from confirmed invoices of one trade, open ones first; what is drawn is used up.

    The amount of a sealed invoice is not known here: each that is named backs only this certificate, whole, and the
    bank that sees the openings judges whether they suffice.
    """
    context.require(len(part.invoices) > 0, "no-trade", to=part.to)
    names = sorted(part.invoices, key=lambda name: state.invoices[name].document is not None)
    payables = [state.invoices[name] for name in names]
    days_max = rules.limits_of(state, context).invoice_days_max
    for name, payable in zip(names, payables, strict=True):
        is_of_trade = (payable.seller, payable.buyer) == (part.to, buyer)
        context.require(is_of_trade, "wrong-trade", invoice=name, seller=part.to, buyer=buyer)
        context.require(payable.state != "disputed", "disputed", invoice=name)
        context.require(payable.state == "confirmed", "not-confirmed", invoice=name, buyer=buyer)
        rules.require_unused_elsewhere(context, payable)
        is_young = days_between(payable.issued_on_ms, day_of(context.time_ms)) <= days_max
        context.require(is_young, "invoice-too-old", invoice=name, days_max=days_max)
    residuals = [_residual(payable, part.amount_cents) for payable in payables]
    taken = draw(part.amount_cents, residuals)
    is_fresh = all(payable.used_by == "" for payable in payables) and len(dict.fromkeys(names)) == len(names)
    if taken is None or not is_fresh:  # check: scf-invoice-used-up
        context.refuse("invoice-used-up", residual_cents=sum(residuals), amount_cents=part.amount_cents)
    drawn = [row for row in zip(names, payables, taken, strict=True) if row[2] or row[1].document]
    backing = tuple(records.Backing(invoice=name, amount_cents=cents) for name, _, cents in drawn)
    for piece in backing:
        _book(state, piece, 1, certificate)
    return backing


def _residual(payable: records.Invoice, amount_cents: int) -> int:
    if payable.document is None:
        return max(0, payable.amount_cents - payable.credited_cents - payable.used_cents)
    return 0 if payable.used_by else amount_cents


def _book(state: FinanceState, part: records.Backing, sign: int, certificate: str) -> None:
    """Draws on an invoice, or gives back what was drawn."""
    payable = state.invoices[part.invoice]
    used_by = certificate if payable.document else ""
    state.invoices[part.invoice] = payable.replace(used_cents=payable.used_cents + sign * part.amount_cents, used_by=used_by)
