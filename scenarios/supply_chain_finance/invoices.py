"""Invoices: registered by the seller, open or sealed, once; confirmed by the buyer, from then on unconditional."""

from ledger.contract import AllOf, Anyone, Context, DigestText, Identifier, MemberId, Role, Sealed, Text, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.supply_chain_finance.records import Fingerprint, Invoice, Match, Paper, TradeDocument
from scenarios.supply_chain_finance.rules import acting, fingerprint_of, normalised, require_party, signer_as, stem_of
from scenarios.supply_chain_finance.state import PLATFORM, REGISTRY, FinanceState
from scenarios.supply_chain_finance.transitions import INVOICES


class InvoiceOperations(FinanceState):
    """The part of the contract that keeps one invoice from being used twice."""

    @operation(signed_by=AllOf(Anyone(), Role(REGISTRY)))
    def register_invoice(
        self, context: Context, invoice: Identifier, paper: Paper, fingerprint: DigestText, stem: DigestText
    ) -> None:
        """A seller registers an open invoice. Spelling, tax and amount make no new invoice of an old one.

        Every node works the number out by itself; the registry's keyed fingerprints find it among sealed invoices and those
        of other platforms, too.
        """
        # READ
        seller, buyer = acting(self, context), paper.buyer
        amount_cents = paper.net_cents + paper.tax_cents
        own = fingerprint_of(seller, buyer, normalised(paper.number))
        by_number = (stem, fingerprint_of(seller, buyer, stem_of(paper.number), "stem"))
        by_amount = (fingerprint_of(seller, buyer, f"{day_of(paper.issued_on_ms)} {amount_cents}", "amount"),)
        match, resembles = _resembled(self, by_number, by_amount)
        payable = Invoice(
            seller=seller, buyer=buyer, number=paper.number, issued_on_ms=paper.issued_on_ms, amount_cents=amount_cents,
            document=None, fingerprint=fingerprint, match=match, resembles=resembles,
        )  # fmt: skip
        # CHECK
        _require_new(self, context, invoice, payable, own)
        # WRITE
        self.invoices[invoice] = payable
        _remember(self, Fingerprint(invoice=invoice), fingerprint, own, *by_number, *by_amount)
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match=match)

    @operation(signed_by=AllOf(Role("supplier"), Role(REGISTRY)))
    def register_sealed_invoice(
        self, context: Context, invoice: Identifier, buyer: MemberId, issued_on_ms: Timestamp, document: Sealed[TradeDocument],
        fingerprint: DigestText, stem: DigestText,
    ) -> None:  # fmt: skip
        """A seller registers an invoice without showing it; the registry saw only its number and signs for its fingerprints."""
        # READ
        match, resembles = _resembled(self, (stem,), ())
        payable = Invoice(
            seller=acting(self, context), buyer=buyer, number="", issued_on_ms=issued_on_ms, amount_cents=0,
            document=document, fingerprint=fingerprint, match=match, resembles=resembles,
        )  # fmt: skip
        # CHECK
        _require_new(self, context, invoice, payable)
        # WRITE
        self.invoices[invoice] = payable
        _remember(self, Fingerprint(invoice=invoice), fingerprint, stem)
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match=match)

    @operation(signed_by=AllOf(Role(PLATFORM), Role(REGISTRY)))
    def report_use(self, context: Context, fingerprint: DigestText, stem: DigestText) -> None:
        """Another platform, with books of its own, reports an invoice that is used there, only by its keyed fingerprints."""
        # READ
        platform = signer_as(context, PLATFORM)
        # CHECK
        _require_unknown(self, context, fingerprint)
        # WRITE
        _remember(self, Fingerprint(invoice="", platform=platform), fingerprint, stem)
        # EMIT
        context.emit("use-reported", platform=platform)

    @operation(signed_by=Anyone())
    def confirm_payable(self, context: Context, invoice: Identifier) -> None:
        """The buyer confirms that it owes this. From here on no dispute about the goods touches the payable."""
        # READ
        payable, ways = self.invoices[invoice], INVOICES["confirm_payable"]
        # CHECK
        _require_buyer(context, payable)
        require_party(self, context, payable.buyer)
        context.require(payable.state in ways, "disputed", invoice=invoice)
        # WRITE
        self.invoices[invoice] = payable.replace(state=ways[payable.state])
        # EMIT
        context.emit("payable-confirmed", invoice=invoice)

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


def _resembled(state: FinanceState, by_number: tuple[str, ...], by_amount: tuple[str, ...]) -> tuple[Match, str]:
    """What an invoice is like, the number before the amount; the earlier invoice, or the platform that has it."""
    matches: tuple[tuple[Match, tuple[str, ...]], ...] = (("number", by_number), ("amount", by_amount))
    for match, fingerprints in matches:
        for earlier in map(state.fingerprints.get, fingerprints):
            if earlier is not None:
                return match, earlier.invoice or earlier.platform
    return "none", ""


def _remember(state: FinanceState, owner: Fingerprint, *fingerprints: DigestText) -> None:
    """Each fingerprint stays with the first that had it."""
    for fingerprint in fingerprints:
        if fingerprint not in state.fingerprints:
            state.fingerprints[fingerprint] = owner


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
