"""The trades' contracts on ledgers of their own: what each lets the others see, and that it reads what was brought.

A rule of a trade does not know the difference: it reads a licence by its own view, from a registry on the same ledger or
from what that registry proved (`brought.py`).
"""

import scenarios.shipping.state as shipping
import scenarios.supply_chain_finance.state as finance
from ledger.contract import Collection
from scenarios.corridor.crossing_records import ShownClaim, ShownDocument, ShownEvent, ShownLicence, ShownTitle
from scenarios.energy.contract import Energy
from scenarios.energy.records import Claim
from scenarios.government.contract import Government
from scenarios.government.records import Licence
from scenarios.shipping.contract import Shipping
from scenarios.shipping.records import Title, TransportDocument, Version
from scenarios.supply_chain_finance.contract import SupplyChainFinance


class CorridorGovernment(Government):
    """Government services that let other ledgers see whether a licence holds."""

    licences = Collection(Licence, crosses=ShownLicence)


class CorridorEnergy(Energy):
    """Energy records that let other ledgers see whether a claim of green power was attested."""

    claims = Collection(Claim, crosses=ShownClaim)


class CorridorShipping(Shipping):
    """Shipping that lets other ledgers see bills and events; an exporter's licence was brought."""

    titles = Collection(Title, crosses=ShownTitle)
    documents = Collection(TransportDocument, crosses=ShownDocument)
    versions = Collection(Version, crosses=ShownEvent)
    reads = {"brought.licences": shipping.LicenceView, "governance.ledgers": shipping.AdmittedLedger}


class CorridorFinance(SupplyChainFinance):
    """Supply-chain finance that relies on what was brought; a flagged bill counts for nothing, as no acknowledgement crosses."""

    reads = {
        "membership.organizations": finance.OrganizationView,
        "brought.licences": finance.LicenceView,
        "brought.titles": finance.TitleView,
        "brought.documents": finance.DocumentView,
        "shipping.acknowledgements": finance.AcknowledgementView,
        "brought.claims": finance.ClaimView,
    }
