"""Invoices: registered by the seller, open or sealed, once; confirmed by the buyer, from then on unconditional.

An invoice that another platform reports as used there, before it is registered here or after, is of no use here.
"""

from itertools import combinations

from ledger.contract import AllOf, Anyone, Context, DigestText, Identifier, MemberId, Role, Sealed, Text, Timestamp, operation
from scenarios.supply_chain_finance.records import Cents, Dealing, Fingerprint, Invoice, Match, Paper, TradeDocument
from scenarios.supply_chain_finance.rules import (
    acting,
    fingerprint_of,
    is_of_year,
    is_vat_number,
    normalised,
    require_party,
    require_unused_elsewhere,
    signer_as,
)
from scenarios.supply_chain_finance.state import PLATFORM, REGISTRY, FinanceState, dealing_key, near_dealings
from scenarios.supply_chain_finance.transitions import INVOICES

NEAR_CENTS, NEAR_DAYS = 100, 3
"""Two amounts of one pair are alike up to a yuan apart, when their dates are up to three days apart."""


class InvoiceOperations(FinanceState):
    """The part of the contract that keeps one invoice from being used twice."""

    @operation(signed_by=AllOf(Anyone(), Role(REGISTRY)))
    def register_invoice(self, context: Context, invoice: Identifier, paper: Paper, fingerprint: DigestText) -> None:
        """A seller registers an open invoice. Spelling, tax and amount make no new invoice of an old one.

        Every node works the number out by itself; the registry's keyed fingerprint finds it among sealed invoices and those
        of other platforms, too.
        """
        # READ
        seller, buyer = acting(self, context), paper.buyer
        amount_cents = paper.net_cents + paper.tax_cents
        own = fingerprint_of(seller, buyer, normalised(paper.number))
        match, resembles = _resembled(self, seller, buyer, paper.issued_on_ms, amount_cents)
        payable = Invoice(
            seller=seller, buyer=buyer, number=paper.number, issued_on_ms=paper.issued_on_ms, amount_cents=amount_cents,
            document=None, fingerprint=fingerprint, match=match, resembles=resembles,
        )  # fmt: skip
        # CHECK
        context.require(is_vat_number(paper.number), "bad-invoice-number", number=paper.number)
        context.require(is_of_year(paper.number, paper.issued_on_ms), "number-of-another-year", number=paper.number)
        _require_new(self, context, invoice, payable, own)
        # WRITE
        _enter(self, invoice, payable, fingerprint, own)
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match=match, resembles=resembles)

    @operation(signed_by=AllOf(Role("supplier"), Role(REGISTRY)))
    def register_sealed_invoice(
        self, context: Context, invoice: Identifier, buyer: MemberId, issued_on_ms: Timestamp, document: Sealed[TradeDocument],
        fingerprint: DigestText,
    ) -> None:  # fmt: skip
        """A seller registers an invoice without showing it; the registry saw only its number and signs for its fingerprint."""
        # READ
        payable = Invoice(
            seller=acting(self, context), buyer=buyer, number="", issued_on_ms=issued_on_ms, amount_cents=0,
            document=document, fingerprint=fingerprint, resembles="",
        )  # fmt: skip
        # CHECK
        _require_new(self, context, invoice, payable)
        # WRITE
        _enter(self, invoice, payable, fingerprint)
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match="none", resembles="")

    @operation(signed_by=AllOf(Role(PLATFORM), Role(REGISTRY)))
    def report_use(self, context: Context, fingerprint: DigestText) -> None:
        """Another platform, with books of its own, reports an invoice that is used there, only by its keyed fingerprint.

        One that is registered here already is not confirmed, promised against or financed from now on.
        """
        # READ
        platform, owner = signer_as(context, PLATFORM), self.fingerprints.get(fingerprint)
        payable = self.invoices[owner.invoice] if owner is not None and owner.invoice else None
        # CHECK
        if payable is None:
            _require_unknown(self, context, fingerprint)
        else:
            require_unused_elsewhere(context, payable)
        # WRITE
        if owner is None or payable is None:
            self.fingerprints[fingerprint] = Fingerprint(invoice="", platform=platform)
        else:
            self.invoices[owner.invoice] = payable.replace(elsewhere=platform)
        # EMIT
        context.emit("use-reported", platform=platform, invoice=owner.invoice if owner else "")

    @operation(signed_by=AllOf(Role(PLATFORM), Role(REGISTRY)))
    def withdraw_use(self, context: Context, fingerprint: DigestText, reason: Text) -> None:
        """The platform that reported a use takes its report back, and the registry signs for that as well."""
        # READ
        platform, owner = signer_as(context, PLATFORM), self.fingerprints[fingerprint]
        payable = self.invoices[owner.invoice] if owner.invoice else None
        reported_by = payable.elsewhere if payable else owner.platform
        # CHECK
        context.require(reported_by == platform, "use-not-reported", platform=platform)
        # WRITE
        if payable is None:
            del self.fingerprints[fingerprint]
        else:
            self.invoices[owner.invoice] = payable.replace(elsewhere="")
        # EMIT
        context.emit("use-withdrawn", platform=platform, invoice=owner.invoice, reason=reason)

    @operation(signed_by=Anyone())
    def confirm_payable(self, context: Context, invoice: Identifier) -> None:
        """The buyer confirms that it owes this. From here on no dispute about the goods touches the payable."""
        # READ
        payable, ways = self.invoices[invoice], INVOICES["confirm_payable"]
        # CHECK
        _require_buyer(context, payable)
        require_party(self, context, payable.buyer)
        context.require(payable.state in ways, "disputed", invoice=invoice)
        require_unused_elsewhere(context, payable)
        # WRITE
        self.invoices[invoice] = payable.replace(state=ways[payable.state])
        # EMIT
        context.emit("payable-confirmed", invoice=invoice)

    @operation(signed_by=AllOf(Anyone(), Role(REGISTRY)))
    def credit_invoice(
        self, context: Context, invoice: Identifier, number: Text, amount_cents: Cents, fingerprint: DigestText
    ) -> None:
        """The seller takes back an open invoice or a part of it by a red-letter invoice, confirmed or not.

        What was promised against it stays promised; nothing more is, and whoever finances it is warned.
        """
        # READ
        payable = self.invoices[invoice]
        own = fingerprint_of(payable.seller, payable.buyer, normalised(number))
        credited_cents = payable.credited_cents + amount_cents
        # CHECK
        context.require(context.signed_by(payable.seller), "not-seller", seller=payable.seller)
        context.require(is_vat_number(number), "bad-invoice-number", number=number)
        _require_unknown(self, context, fingerprint, own)
        is_within = credited_cents <= payable.amount_cents
        context.require(is_within, "over-credit", invoice=invoice, amount_cents=payable.amount_cents)
        # WRITE
        self.invoices[invoice] = payable.replace(credited_cents=credited_cents)
        _remember(self, invoice, fingerprint, own)
        # EMIT
        context.emit("invoice-credited", invoice=invoice, credited_cents=credited_cents, used_cents=payable.used_cents)

    @operation(signed_by=Anyone())
    def dispute(self, context: Context, invoice: Identifier, reason: Text) -> None:
        """The buyer contests an invoice that it has not confirmed."""
        # READ
        payable, ways = self.invoices[invoice], INVOICES["dispute"]
        # CHECK
        _require_buyer(context, payable)
        context.require(payable.state in ways, "payable-unconditional", invoice=invoice)
        # WRITE
        self.invoices[invoice] = payable.replace(state=ways[payable.state])
        # EMIT
        context.emit("payable-disputed", invoice=invoice, reason=reason)


def _resembled(
    state: FinanceState, seller: MemberId, buyer: MemberId, issued_on_ms: Timestamp, amount_cents: int
) -> tuple[Match, str]:
    """What an invoice is like among those of its pair and days: one of its amount, or two of which one makes up the others."""
    near = near_dealings(state, "invoice", seller, buyer, issued_on_ms, NEAR_DAYS)
    amounts = {name: cents for name, cents in near.items() if cents}
    for name, cents in amounts.items():
        if abs(cents - amount_cents) <= NEAR_CENTS:
            return "amount", name
    for (name, cents), (_, third) in combinations(amounts.items(), 2):
        three = (amount_cents, cents, third)
        if abs(2 * max(three) - sum(three)) <= NEAR_CENTS:
            return "parts", name
    return "none", ""


def _enter(state: FinanceState, invoice: Identifier, payable: Invoice, *fingerprints: DigestText) -> None:
    """Keeps an invoice, and finds it again by its fingerprints, and by its pair and day."""
    state.invoices[invoice] = payable
    _remember(state, invoice, *fingerprints)
    key = dealing_key("invoice", payable.seller, payable.buyer, payable.issued_on_ms, invoice)
    state.dealings[key] = Dealing(amount_cents=payable.amount_cents)


def _remember(state: FinanceState, invoice: Identifier, *fingerprints: DigestText) -> None:
    for fingerprint in fingerprints:
        state.fingerprints[fingerprint] = Fingerprint(invoice=invoice)


def _require_new(state: FinanceState, context: Context, invoice: Identifier, payable: Invoice, *own: DigestText) -> None:
    """Refuses a name that is taken, parties that cannot trade, a date ahead, and an invoice that is known already."""
    context.require(invoice not in state.invoices, "invoice-exists", invoice=invoice)
    context.require(payable.seller != payable.buyer, "to-self", member=payable.seller)
    context.require(state.parties[payable.seller].kind != "bank", "bank-no-seller", member=payable.seller)
    require_party(state, context, payable.buyer)
    context.require(payable.issued_on_ms <= context.time_ms, "dated-ahead", invoice=invoice)
    _require_unknown(state, context, payable.fingerprint, *own)


def _require_unknown(state: FinanceState, context: Context, *exact: DigestText) -> None:
    """Refuses an invoice that is registered here or used on another platform."""
    owner = next((owner for owner in map(state.fingerprints.get, exact) if owner is not None), None)
    invoice, platform = (owner.invoice, owner.platform) if owner else ("", "")
    context.require(invoice == "", "duplicate-invoice", invoice=invoice, risk="exact")
    context.require(platform == "", "used-elsewhere", platform=platform)


def _require_buyer(context: Context, payable: Invoice) -> None:
    context.require(context.signed_by(payable.buyer), "not-buyer", buyer=payable.buyer)
