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
from ledger.contract.calendar import day_of
from scenarios.fractional import draw
from scenarios.supply_chain_finance.parties import PLATFORM, REGISTRY, PartyOperations
from scenarios.supply_chain_finance.records import Backing, Cents, Fingerprint, Invoice, Match, TradeDocument
from scenarios.supply_chain_finance.rules import fingerprint_of, normalised, stem_of


class InvoiceOperations(PartyOperations):
    """The part of the contract that keeps one invoice from being used twice."""

    invoices = Collection(Invoice)
    fingerprints = Collection(Fingerprint)

    @operation(signed_by=AllOf(Anyone(), Role(REGISTRY)))
    def register_invoice(
        self,
        context: Context,
        invoice: Identifier,
        number: Text,
        buyer: MemberId,
        issued_on_ms: Timestamp,
        net_cents: Cents,
        tax_cents: Cents,
        fingerprint: DigestText,
        stem: DigestText,
    ) -> None:
        """A seller registers an open invoice. Spelling, tax and amount make no new invoice of an old one.

        Every node works the number out by itself; the registry's keyed fingerprints find it among sealed invoices and those
        of other platforms, too.
        """
        # READ
        seller = self.acting(context)
        amount_cents = net_cents + tax_cents
        own = fingerprint_of(seller, buyer, normalised(number))
        by_number = (stem, fingerprint_of(seller, buyer, stem_of(number), "stem"))
        by_amount = (fingerprint_of(seller, buyer, f"{day_of(issued_on_ms)} {amount_cents}", "amount"),)
        match, resembles = self._resembled(by_number, by_amount)
        # CHECK
        self._require_new(context, invoice, seller, buyer, (fingerprint, own), issued_on_ms)
        # WRITE
        self._remember(Fingerprint(invoice=invoice), fingerprint, own, *by_number, *by_amount)
        self.invoices[invoice] = Invoice(
            seller=seller,
            buyer=buyer,
            number=number,
            issued_on_ms=issued_on_ms,
            amount_cents=amount_cents,
            document=None,
            fingerprint=fingerprint,
            match=match,
            resembles=resembles,
        )
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match=match)

    @operation(signed_by=AllOf(Role("supplier"), Role(REGISTRY)))
    def register_sealed_invoice(
        self,
        context: Context,
        invoice: Identifier,
        buyer: MemberId,
        issued_on_ms: Timestamp,
        document: Sealed[TradeDocument],
        fingerprint: DigestText,
        stem: DigestText,
    ) -> None:
        """A seller registers an invoice without showing it; the registry saw its number alone and signs for its fingerprints."""
        # READ
        seller = self.acting(context)
        match, resembles = self._resembled((stem,), ())
        # CHECK
        self._require_new(context, invoice, seller, buyer, (fingerprint,), issued_on_ms)
        # WRITE
        self._remember(Fingerprint(invoice=invoice), fingerprint, stem)
        self.invoices[invoice] = Invoice(
            seller=seller,
            buyer=buyer,
            number="",
            issued_on_ms=issued_on_ms,
            amount_cents=0,
            document=document,
            fingerprint=fingerprint,
            match=match,
            resembles=resembles,
        )
        # EMIT
        context.emit("invoice-registered", invoice=invoice, match=match)

    @operation(signed_by=AllOf(Role(PLATFORM), Role(REGISTRY)))
    def report_use(self, context: Context, fingerprint: DigestText, stem: DigestText) -> None:
        """Another platform, with books of its own, reports an invoice that is used there, by its keyed fingerprints alone."""
        # READ
        platform = next(signer.member for signer in context.signers if PLATFORM in signer.roles)
        # CHECK
        self._require_unknown(context, (fingerprint,))
        # WRITE
        self._remember(Fingerprint(invoice="", platform=platform), fingerprint, stem)
        # EMIT
        context.emit("use-reported", platform=platform)

    @operation(signed_by=Anyone())
    def confirm_payable(self, context: Context, invoice: Identifier) -> None:
        """The buyer confirms that it owes this. From here on no dispute about the goods touches the payable."""
        # READ
        found = self.invoices[invoice]
        # CHECK
        context.require(context.signed_by(found.buyer), "not-buyer", buyer=found.buyer)
        self.require_party(context, found.buyer)
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
        """Draws a certificate's amount from confirmed invoices of one trade, open ones first; what is drawn is used up.

        The amount of a sealed invoice is not known here: each that is named backs this certificate alone, whole, and the
        bank that sees the openings judges whether they suffice.
        """
        context.require(len(invoices) > 0, "no-trade", to=seller)
        names = sorted(invoices, key=lambda name: self.invoices[name].document is not None)
        found = [self.invoices[name] for name in names]
        for name, invoice in zip(names, found, strict=True):
            context.require(
                (invoice.seller, invoice.buyer) == (seller, buyer), "wrong-trade", invoice=name, seller=seller, buyer=buyer
            )
            context.require(invoice.state != "disputed", "disputed", invoice=name)
            context.require(invoice.state == "confirmed", "not-confirmed", invoice=name, buyer=buyer)
        residuals = [_residual(invoice, amount_cents) for invoice in found]
        taken = draw(amount_cents, residuals)
        is_fresh = all(invoice.used_by == "" for invoice in found) and len(dict.fromkeys(names)) == len(names)
        if taken is None or not is_fresh:  # check: scf-invoice-used-up
            context.refuse("invoice-used-up", residual_cents=sum(residuals), amount_cents=amount_cents)
        drawn = zip(names, found, taken, strict=True)
        backing = tuple(Backing(invoice=name, amount_cents=cents) for name, one, cents in drawn if cents or one.document)
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

    def _resembled(self, by_number: tuple[str, ...], by_amount: tuple[str, ...]) -> tuple[Match, str]:
        """What an invoice is like, the number before the amount; the earlier invoice, or the platform that has it."""
        matches: tuple[tuple[Match, tuple[str, ...]], ...] = (("number", by_number), ("amount", by_amount))
        for match, fingerprints in matches:
            for found in map(self.fingerprints.get, fingerprints):
                if found is not None:
                    return match, found.invoice or found.platform
        return "none", ""

    def _remember(self, owner: Fingerprint, *fingerprints: DigestText) -> None:
        """Each fingerprint stays with the first that had it."""
        for one in fingerprints:
            if one not in self.fingerprints:
                self.fingerprints[one] = owner

    def _require_new(
        self,
        context: Context,
        invoice: Identifier,
        seller: MemberId,
        buyer: MemberId,
        exact: tuple[DigestText, ...],
        issued_on_ms: Timestamp,
    ) -> None:
        context.require(invoice not in self.invoices, "invoice-exists", invoice=invoice)
        context.require(seller != buyer, "to-self", member=seller)
        context.require(self.parties[seller].kind != "bank", "bank-no-seller", member=seller)
        self.require_party(context, buyer)
        context.require(issued_on_ms <= context.time_ms, "dated-ahead", invoice=invoice)
        self._require_unknown(context, exact)

    def _require_unknown(self, context: Context, exact: tuple[DigestText, ...]) -> None:
        known = next((found for found in map(self.fingerprints.get, exact) if found is not None), None)
        invoice, platform = (known.invoice, known.platform) if known else ("", "")
        context.require(invoice == "", "duplicate-invoice", invoice=invoice, risk="exact")
        context.require(platform == "", "used-elsewhere", platform=platform)


def _residual(invoice: Invoice, amount_cents: int) -> int:
    if invoice.document is None:
        return invoice.amount_cents - invoice.used_cents
    return 0 if invoice.used_by else amount_cents
