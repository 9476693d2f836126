"""Invoices: registered by the seller, open or sealed, once; confirmed by the buyer, from then on unconditional."""

from collections.abc import Sequence

from ledger.contract import (
    AllOf,
    Anyone,
    Collection,
    Context,
    DigestText,
    Identifier,
    MemberId,
    Role,
    Sealed,
    Text,
    Timestamp,
    operation,
)
from scenarios.fractional import draw
from scenarios.supply_chain_finance.parties import REGISTRY, PartyOperations
from scenarios.supply_chain_finance.records import Backing, Cents, Fingerprint, Invoice, TradeDocument
from scenarios.supply_chain_finance.rules import fingerprint_of, normalised, stem


class InvoiceOperations(PartyOperations):
    """The part of the contract that keeps one invoice from being used twice."""

    invoices = Collection(Invoice)
    fingerprints = Collection(Fingerprint)

    @operation(signed_by=Anyone())
    def register_invoice(
        self,
        context: Context,
        invoice: Identifier,
        number: Text,
        buyer: MemberId,
        issued_on_ms: Timestamp,
        net_cents: Cents,
        tax_cents: Cents,
    ) -> None:
        """A seller registers an open invoice. Spelling, tax and amount make no new invoice of an old one."""
        # READ
        seller = self.acting(context)
        exact = fingerprint_of(seller, buyer, normalised(number))
        similar = fingerprint_of(seller, buyer, stem(number), "stem")
        resembled = self.fingerprints.get(similar)
        # CHECK
        self._require_new(context, invoice, seller, buyer, exact, issued_on_ms)
        # WRITE
        if resembled is None:
            self.fingerprints[similar] = Fingerprint(invoice=invoice)
        self.fingerprints[exact] = Fingerprint(invoice=invoice)
        self.invoices[invoice] = Invoice(
            seller=seller,
            buyer=buyer,
            number=number,
            issued_on_ms=issued_on_ms,
            amount_cents=net_cents + tax_cents,
            document=None,
            fingerprint=exact,
            resembles=resembled.invoice if resembled else "",
        )
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match="partial" if resembled else "none")

    @operation(signed_by=AllOf(Role("supplier"), Role(REGISTRY)))
    def register_sealed_invoice(
        self,
        context: Context,
        invoice: Identifier,
        buyer: MemberId,
        issued_on_ms: Timestamp,
        document: Sealed[TradeDocument],
        fingerprint: DigestText,
    ) -> None:
        """A seller registers an invoice without showing it; the registry saw it and signs for the keyed fingerprint."""
        # READ
        seller = self.acting(context)
        # CHECK
        self._require_new(context, invoice, seller, buyer, fingerprint, issued_on_ms)
        # WRITE
        self.fingerprints[fingerprint] = Fingerprint(invoice=invoice)
        self.invoices[invoice] = Invoice(
            seller=seller,
            buyer=buyer,
            number="",
            issued_on_ms=issued_on_ms,
            amount_cents=0,
            document=document,
            fingerprint=fingerprint,
            resembles="",
        )
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match="none")

    @operation(signed_by=Anyone())
    def confirm_payable(self, context: Context, invoice: Identifier) -> None:
        """The buyer confirms that it owes this. From here on no dispute about the goods touches the payable."""
        # READ
        found = self.invoices[invoice]
        # CHECK
        context.require(context.signed_by(found.buyer), "not-buyer", buyer=found.buyer)
        context.require(found.state != "disputed", "disputed", invoice=invoice)
        # WRITE
        self.invoices[invoice] = found.replace(state="confirmed")
        # EMIT
        context.emit("payable-confirmed", invoice=invoice)

    @operation(signed_by=Anyone())
    def dispute(self, context: Context, invoice: Identifier, reason: Text) -> None:
        """The buyer contests an invoice that it has not confirmed."""
        # READ
        found = self.invoices[invoice]
        # CHECK
        context.require(context.signed_by(found.buyer), "not-buyer", buyer=found.buyer)
        context.require(found.state != "confirmed", "payable-unconditional", invoice=invoice)
        # WRITE
        self.invoices[invoice] = found.replace(state="disputed")
        # EMIT
        context.emit("payable-disputed", invoice=invoice, reason=reason)

    def use_invoices(
        self,
        context: Context,
        invoices: Sequence[Identifier],
        *,
        seller: MemberId,
        buyer: MemberId,
        amount_cents: int,
        certificate: Identifier,
    ) -> tuple[Backing, ...]:
        """Draws a certificate's amount from confirmed invoices of one trade, in their order; what is drawn is used up.

        The amount of a sealed invoice is not known here: it backs one certificate, whole, and the bank that sees the
        opening judges whether it suffices.
        """
        context.require(len(invoices) > 0, "no-trade", to=seller)
        found = [self.invoices[invoice] for invoice in invoices]
        for name, invoice in zip(invoices, found, strict=True):
            context.require(
                (invoice.seller, invoice.buyer) == (seller, buyer), "wrong-trade", invoice=name, seller=seller, buyer=buyer
            )
            context.require(invoice.state != "disputed", "disputed", invoice=name)
            context.require(invoice.state == "confirmed", "not-confirmed", invoice=name, buyer=buyer)
        residuals = [_residual(invoice, amount_cents) for invoice in found]
        taken = draw(amount_cents, residuals)
        if taken is None or len(dict.fromkeys(invoices)) < len(invoices):  # check: scf-invoice-used-up
            context.refuse("invoice-used-up", residual_cents=sum(residuals), amount_cents=amount_cents)
        backing = tuple(Backing(invoice=name, amount_cents=cents) for name, cents in zip(invoices, taken, strict=True) if cents)
        for part in backing:
            self._book(part, 1, certificate)
        return backing

    def release_invoices(self, backing: Sequence[Backing]) -> None:
        """Gives back what a certificate that came to nothing had drawn."""
        for part in backing:
            self._book(part, -1, "")

    def _book(self, part: Backing, sign: int, certificate: str) -> None:
        invoice = self.invoices[part.invoice]
        used_by = certificate if invoice.document else ""
        self.invoices[part.invoice] = invoice.replace(used_cents=invoice.used_cents + sign * part.amount_cents, used_by=used_by)

    def _require_new(
        self,
        context: Context,
        invoice: Identifier,
        seller: MemberId,
        buyer: MemberId,
        exact: DigestText,
        issued_on_ms: Timestamp,
    ) -> None:
        context.require(invoice not in self.invoices, "invoice-exists", invoice=invoice)
        context.require(seller != buyer, "to-self", member=seller)
        self.require_party(context, buyer)
        context.require(issued_on_ms <= context.time_ms, "dated-ahead", invoice=invoice)
        known = self.fingerprints.get(exact)
        if known is not None:  # check: scf-duplicate-invoice
            context.refuse("duplicate-invoice", invoice=known.invoice, risk="exact")


def _residual(invoice: Invoice, amount_cents: int) -> int:
    if invoice.document is None:
        return invoice.amount_cents - invoice.used_cents
    return 0 if invoice.used_by else amount_cents
