"""Dynamic discounting: a core with cash offers to pay before the day; a holder that wants it takes less and has it now.

The offer names a rate, and the price follows from the days that are left: price x (1 + rate x days / 360) = face, rounded
half up to the cent. So a discount d of the face, taken t days early, costs the holder d / (1 - d) x 360 / t a year:
2 % for 30 days is 24.49 %. A core that is late or barred pays nobody ahead of the others.
"""

from ledger.contract import AllOf, Anyone, Collection, Context, Identifier, Role, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.money import discounted_cents
from scenarios.supply_chain_finance.financing import FinanceOperations
from scenarios.supply_chain_finance.parties import SETTLEMENT_BANK
from scenarios.supply_chain_finance.records import Certificate, EarlyOffer, OfferRate, PartCents


class EarlyPayOperations(FinanceOperations):
    """The part of the contract in which a core buys its own promise back."""

    early_offers = Collection(EarlyOffer)

    @operation(signed_by=Role("core"))
    def offer_early_pay(self, context: Context, certificate: Identifier, rate_ppm: OfferRate, until_ms: Timestamp) -> None:
        """The core offers to pay one certificate early; the last offer counts, until its end."""
        # READ
        found = self.certificates[certificate]
        # CHECK
        context.require(context.signed_by(found.core), "not-core", core=found.core)
        self.require_party(context, found.core)
        self._require_payable(context, certificate, found)
        context.require(until_ms > context.time_ms, "retroactive")
        # WRITE
        self.early_offers[certificate] = EarlyOffer(rate_ppm=rate_ppm, until_ms=until_ms)
        # EMIT
        context.emit("early-pay-offered", certificate=certificate, rate_ppm=rate_ppm, until_ms=until_ms)

    @operation(signed_by=AllOf(Anyone(), Role(SETTLEMENT_BANK)))
    def early_pay(self, context: Context, certificate: Identifier, price_cents: PartCents) -> None:
        """The holder takes the offer: it has the price, by the settlement bank's hand, and the certificate is settled."""
        # READ
        found, offer = self.certificates[certificate], self.early_offers.get(certificate)
        obligor = self.obligors[found.core]
        # CHECK
        context.require(context.signed_by(found.holder), "not-holder", holder=found.holder)
        self._require_payable(context, certificate, found)
        if offer is None or context.time_ms >= offer.until_ms:  # check: scf-no-early-offer
            context.refuse("no-early-offer", core=found.core)
        expected = discounted_cents(found.amount_cents, offer.rate_ppm, day_of(context.time_ms), self.pays_on(found.due_on_ms))
        context.require(price_cents == expected, "wrong-price", expected_cents=expected, got_cents=price_cents)
        # WRITE
        del self.early_offers[certificate]
        self.certificates[certificate] = found.replace(
            state="settled", paid_cents=expected, discount_cents=found.amount_cents - expected
        )
        self.owe(found, -found.amount_cents)
        self.obligors[found.core] = obligor.replace(outstanding_cents=obligor.outstanding_cents - found.amount_cents)
        self.pay(context, found.core, found.holder, expected, "early")
        # EMIT
        discount = found.amount_cents - expected
        self.moved(context, certificate, found.state, "settled", holder=found.holder, discount_cents=discount)

    def _require_payable(self, context: Context, certificate: Identifier, found: Certificate) -> None:
        """Refuses unless the certificate is held or financed, runs on, and its core is clear of arrears."""
        self.require_state(context, certificate, found, "active", "financed")
        self.require_not_matured(context, certificate, found)
        self.require_unblocked(context, found.core)
