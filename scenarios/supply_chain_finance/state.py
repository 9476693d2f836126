"""Everything that supply-chain finance keeps, in one place: the parts of the contract are siblings over it."""

from ledger.contract import Collection, Contract
from ledger.identity.records import MEMBERSHIP, Organization
from scenarios.supply_chain_finance.records import (
    Account,
    Application,
    Certificate,
    Company,
    EarlyOffer,
    Fingerprint,
    Freeze,
    Invoice,
    Line,
    Maturity,
    Obligor,
    Party,
    Reconciliation,
    Registration,
    TenorRule,
)
from scenarios.working_days import Holiday

PLATFORM, REGISTRY, COURT = "platform", "registry", "enforcement-court"
SETTLEMENT_BANK, REGULATOR = "settlement-bank", "regulator"
"""Roles of those who serve the trade and take no part in it."""


class FinanceState(Contract):
    """The collections; what their keys are stands at each record."""

    tenor_rules = Collection(TenorRule)
    holidays = Collection(Holiday)
    parties = Collection(Party)
    companies = Collection(Company)
    obligors = Collection(Obligor)
    lines = Collection(Line)
    invoices = Collection(Invoice)
    fingerprints = Collection(Fingerprint)
    certificates = Collection(Certificate)
    maturities = Collection(Maturity)
    applications = Collection(Application)
    registrations = Collection(Registration)
    early_offers = Collection(EarlyOffer)
    freezes = Collection(Freeze)
    accounts = Collection(Account)
    reconciliations = Collection(Reconciliation)
    organizations = Collection(Organization, of=MEMBERSHIP)
