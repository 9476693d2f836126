"""Supply-chain finance on a ledger of its own: it relies on what other ledgers proved to this one.

A rule of the trade does not know the difference: it reads a licence by its own view, from a registry on the same ledger or from
what that registry proved (`brought.py`).
"""

from scenarios.supply_chain_finance.contract import SupplyChainFinance
from scenarios.supply_chain_finance.state import (
    AcknowledgementView,
    ClaimView,
    DocumentView,
    LicenceView,
    OrganizationView,
    TitleView,
)


class CorridorFinance(SupplyChainFinance):
    """Finance that relies on what was brought; no acknowledgement crosses, so that a flagged bill counts for nothing."""

    reads = {
        "membership.organizations": OrganizationView,
        "brought.licences": LicenceView,
        "brought.titles": TitleView,
        "brought.documents": DocumentView,
        "shipping.acknowledgements": AcknowledgementView,
        "brought.claims": ClaimView,
    }
