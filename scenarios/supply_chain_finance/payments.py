"""Payment: early at a discount, on the day to those who hold the leaves then, late, by recourse, or not at all.

Dynamic discounting: a core with cash offers a rate, and the price follows from the days that are left:
price x (1 + rate x days / 360) = face, rounded half up to the cent. So a discount d of the face, taken t days early, costs
the holder d / (1 - d) x 360 / t a year: 2 % for 30 days is 24.49 %. A core that is late or barred pays no holder ahead of
the others.

The core that pays on the day is discharged of frozen leaves, too: a frozen leaf's share goes to the settlement bank, which
keeps it (提存) until the court lifts its order. What the day of payment makes of a frozen leaf shows when it thaws.
"""

from collections.abc import Iterator

from ledger.contract import AllOf, Anyone, Context, Identifier, Role, Timestamp, operation
from ledger.contract.calendar import date_text, day_of
from scenarios.fractional import share
from scenarios.money import discounted_cents
from scenarios.supply_chain_finance import rules
from scenarios.supply_chain_finance.records import (
    LIVE,
    Cents,
    Certificate,
    CertificateState,
    Dealing,
    EarlyOffer,
    OfferRate,
    PartCents,
)
from scenarios.supply_chain_finance.reliance import require_licence
from scenarios.supply_chain_finance.state import SETTLEMENT_BANK, FinanceState, dealing_key
from scenarios.supply_chain_finance.transitions import CERTIFICATES


class PaymentOperations(FinanceState):
    """The part of the contract that pays certificates, or says that they were not paid."""

    @operation(signed_by=Role("core"))
    def offer_early_pay(self, context: Context, certificate: Identifier, rate_ppm: OfferRate, until_ms: Timestamp) -> None:
        """The core offers to pay one certificate early; the last offer counts, until its end."""
        # READ
        claim = self.certificates[certificate]
        # CHECK
        context.require(context.signed_by(claim.core), "not-core", core=claim.core)
        rules.require_party(self, context, claim.core)
        _early(self, context, certificate, claim)
        context.require(until_ms > context.time_ms, "offer-not-ahead")
        # WRITE
        self.early_offers[certificate] = EarlyOffer(rate_ppm=rate_ppm, until_ms=until_ms)
        # EMIT
        context.emit("early-pay-offered", certificate=certificate, rate_ppm=rate_ppm, until_ms=until_ms)

    @operation(signed_by=AllOf(Anyone(), Role(SETTLEMENT_BANK)))
    def early_pay(self, context: Context, certificate: Identifier, price_cents: PartCents) -> None:
        """The holder takes the offer: it has the price, by the settlement bank's hand, and the certificate is settled."""
        # READ
        claim, offer = self.certificates[certificate], self.early_offers.get(certificate)
        obligor, face = self.obligors[claim.core], claim.amount_cents
        # CHECK
        rules.require_holder(context, claim)
        settled = _early(self, context, certificate, claim)
        if offer is None or context.time_ms >= offer.until_ms:  # check: scf-no-early-offer
            context.refuse("no-early-offer", core=claim.core)
        expected = discounted_cents(face, offer.rate_ppm, day_of(context.time_ms), rules.pays_on(self, claim.due_on_ms))
        context.require(price_cents == expected, "wrong-price", expected_cents=expected, got_cents=price_cents)
        if claim.state == "active":  # a bank that holds a financed one borrows nothing
            require_licence(self, context, claim.holder, rules.limits_of(self, context))
        # WRITE
        del self.early_offers[certificate]
        self.certificates[certificate] = claim.replace(state=settled, paid_cents=expected, discount_cents=face - expected)
        if claim.root == certificate:
            ended = dealing_key("promise", claim.core, claim.lineage[1], context.time_ms, certificate)
            self.dealings[ended] = Dealing(amount_cents=face)
        rules.owe(self, claim, -face)
        self.obligors[claim.core] = obligor.replace(outstanding_cents=obligor.outstanding_cents - face)
        rules.pay(self, context, claim.core, claim.holder, expected, "early")
        # EMIT
        rules.moved(context, certificate, claim.state, settled, holder=claim.holder, discount_cents=face - expected)

    @operation(signed_by=AllOf(Role("core"), Role(SETTLEMENT_BANK)))
    def pay_at_maturity(self, context: Context, certificate: Identifier, amount_cents: Cents) -> None:
        """The core pays those who hold the leaves now, in proportion to what each is owed; too little leaves them overdue."""
        # READ
        root = _root(self, context, certificate)
        leaves = tuple(live_leaves(self, certificate))
        owed = [leaf.owed_cents for _, leaf in leaves]
        day = rules.pays_on(self, root.due_on_ms)
        # CHECK
        context.require(context.signed_by(root.core), "not-core", core=root.core)
        context.require(day_of(context.time_ms) >= day, "not-due", pays_on=date_text(day))
        context.require(_standing(self, certificate, root) != "pending", "wrong-state", certificate=certificate, state=root.state)
        context.require(amount_cents <= sum(owed), "over-payment", owed_cents=sum(owed))
        # WRITE
        for (name, leaf), cents in zip(leaves, share(amount_cents, owed), strict=True):
            _pay_leaf(self, context, name, leaf, cents)

    @operation(signed_by=Anyone())
    def mark_overdue(self, context: Context, certificate: Identifier) -> None:
        """Any member may say that the day has passed and the money has not come."""
        # READ
        root = _root(self, context, certificate)
        leaves = tuple(live_leaves(self, certificate))
        day = rules.pays_on(self, root.due_on_ms)
        is_owed = _standing(self, certificate, root) != "pending" and len(leaves) > 0
        # CHECK
        context.require(day_of(context.time_ms) > day, "not-overdue", pays_on=date_text(day))
        context.require(is_owed, "wrong-state", certificate=certificate, state=root.state)
        # WRITE
        for name, leaf in leaves:
            if not _is_late(self, name, leaf):
                _fall_short(self, context, name, leaf)

    @operation(signed_by=Role("bank"))
    def claim_recourse(self, context: Context, certificate: Identifier) -> None:
        """A bank that financed with recourse asks the seller to buy the overdue certificate back."""
        # READ
        claim = self.certificates[certificate]
        # CHECK
        rules.require_holder(context, claim)
        recourse = rules.state_after(context, "claim_recourse", certificate, claim)
        context.require(claim.recourse_to != "", "without-recourse")
        # WRITE
        self.certificates[certificate] = claim.replace(state=recourse)
        # EMIT
        rules.moved(context, certificate, claim.state, recourse, against=claim.recourse_to)

    @operation(signed_by=AllOf(Anyone(), Role(SETTLEMENT_BANK)))
    def pay_recourse(self, context: Context, certificate: Identifier) -> None:
        """The seller buys the certificate back at what is still owed; from now on the core owes it to the seller."""
        # READ
        claim = self.certificates[certificate]
        seller = claim.recourse_to
        # CHECK
        overdue = rules.state_after(context, "pay_recourse", certificate, claim)
        context.require(context.signed_by(seller), "not-seller", seller=seller)
        # WRITE
        self.certificates[certificate] = claim.replace(state=overdue, holder=seller, recourse_to="")
        rules.finance(self, claim.core, claim.holder, -claim.owed_cents)
        rules.pay(self, context, seller, claim.holder, claim.owed_cents, "recourse")
        # EMIT
        rules.moved(context, certificate, claim.state, overdue, holder=seller)

    @operation(signed_by=Anyone())
    def write_off(self, context: Context, certificate: Identifier) -> None:
        """The holder gives up what is still owed, by the core and by a seller that does not buy back. The core stays blocked."""
        # READ
        claim = self.certificates[certificate]
        obligor, lost = self.obligors[claim.core], claim.owed_cents
        # CHECK
        rules.require_holder(context, claim)
        written_off = rules.state_after(context, "write_off", certificate, claim)
        # WRITE
        self.certificates[certificate] = claim.replace(state=written_off)
        rules.owe(self, claim, -lost)
        self.obligors[claim.core] = obligor.replace(
            outstanding_cents=obligor.outstanding_cents - lost,
            overdue_cents=obligor.overdue_cents - lost,
            written_off_cents=obligor.written_off_cents + lost,
        )
        # EMIT
        rules.moved(context, certificate, claim.state, written_off, lost_cents=lost)


def live_leaves(state: FinanceState, certificate: Identifier) -> Iterator[tuple[Identifier, Certificate]]:
    """All that came of a certificate and is still owed, in order of the tree."""
    waiting = [certificate]
    while waiting:
        name = waiting.pop()
        claim = state.certificates[name]
        if not claim.children and claim.state in LIVE and claim.owed_cents > 0:
            yield name, claim
        waiting += reversed(claim.children)


def _early(state: FinanceState, context: Context, certificate: Identifier, claim: Certificate) -> CertificateState:
    """Refuses unless the certificate is held or financed, runs on, and its core is clear of arrears; the state when paid."""
    settled = rules.state_after(context, "early_pay", certificate, claim)
    rules.require_running(context, certificate, claim)
    rules.require_unblocked(state, context, claim.core)
    return settled


def _root(state: FinanceState, context: Context, certificate: Identifier) -> Certificate:
    claim = state.certificates[certificate]
    context.require(claim.root == certificate, "not-a-root", root=claim.root)
    return claim


def _standing(state: FinanceState, certificate: Identifier, claim: Certificate) -> CertificateState:
    """A certificate's state, of a frozen one the state to which it will return."""
    return state.freezes[certificate].before if claim.state == "frozen" else claim.state


def _is_late(state: FinanceState, name: Identifier, leaf: Certificate) -> bool:
    return _standing(state, name, leaf) not in CERTIFICATES["mark_overdue"]


def _pay_leaf(state: FinanceState, context: Context, name: Identifier, leaf: Certificate, cents: int) -> None:
    """Books one leaf's share; it is settled, or what is left of it is overdue."""
    obligor, was_late = state.obligors[leaf.core], _is_late(state, name, leaf)
    overdue_cents = obligor.overdue_cents - (cents if was_late else 0)
    state.obligors[leaf.core] = obligor.replace(
        outstanding_cents=obligor.outstanding_cents - cents,
        overdue_cents=overdue_cents,
        blocked=obligor.blocked and overdue_cents + obligor.written_off_cents > 0,
    )
    if cents:
        rules.owe(state, leaf, -cents)
        _pay_holder(state, context, name, leaf, cents)
    paid = leaf.replace(paid_cents=leaf.paid_cents + cents, offered_to="")
    state.certificates[name] = paid
    if paid.owed_cents == 0:
        _become(state, context, "pay_at_maturity", name, paid, holder=leaf.holder)
    elif not was_late:
        _fall_short(state, context, name, paid)
    elif cents:
        context.emit("part-paid", certificate=name, owed_cents=paid.owed_cents)


def _pay_holder(state: FinanceState, context: Context, name: Identifier, leaf: Certificate, cents: int) -> None:
    """The core's money goes to the holder, or for a frozen leaf to the settlement bank, which keeps it."""
    if leaf.state != "frozen":
        rules.pay(state, context, leaf.core, leaf.holder, cents, "maturity")
        return
    freeze = state.freezes[name]
    custodian = freeze.custodian or rules.signer_as(context, SETTLEMENT_BANK)
    state.freezes[name] = freeze.replace(held_cents=freeze.held_cents + cents, custodian=custodian)
    rules.pay(state, context, leaf.core, custodian, cents, "deposit")


def _fall_short(state: FinanceState, context: Context, name: Identifier, leaf: Certificate) -> None:
    """A leaf was not paid, or not in full: its core issues nothing more until it is cured."""
    obligor = state.obligors[leaf.core]
    overdue_cents = obligor.overdue_cents + leaf.owed_cents
    state.obligors[leaf.core] = obligor.replace(overdue_cents=overdue_cents, blocked=True)
    _become(state, context, "mark_overdue", name, leaf.replace(offered_to=""), owed_cents=leaf.owed_cents)


def _become(state: FinanceState, context: Context, operation: str, name: Identifier, leaf: Certificate, **data: object) -> None:
    """A leaf changes its state; of a frozen one that shows when it thaws."""
    after = CERTIFICATES[operation][_standing(state, name, leaf)]
    if leaf.state == "frozen":
        state.freezes[name] = state.freezes[name].replace(before=after)
        state.certificates[name] = leaf
    else:
        state.certificates[name] = leaf.replace(state=after)
        rules.moved(context, name, leaf.state, after, **data)
