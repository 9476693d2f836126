"""Everything that supply-chain finance keeps, in one place: the parts of the contract are siblings over it."""

from ledger.contract import Collection, Contract, RecordView
from scenarios.supply_chain_finance import records
from scenarios.working_days import Holiday

PLATFORM, REGISTRY, COURT = "platform", "registry", "enforcement-court"
SETTLEMENT_BANK, REGULATOR = "settlement-bank", "regulator"
"""Roles of those who serve the trade and take no part in it."""


class OrganizationView(RecordView):
    """The roles that an organization may give its members."""

    roles: tuple[str, ...]


class LicenceView(RecordView):
    """What finance sees of a business licence."""

    holder_code: str
    state: str
    valid_from_on_ms: int
    valid_to_on_ms: int


class TitleView(RecordView):
    """To whom a bill of lading is pledged."""

    pledgee: str


class ClaimView(RecordView):
    """Who claims to have consumed green power, and whether its verifier has attested that."""

    consumer: str
    state: str


class FinanceState(Contract):
    """The collections; what their keys are stands at each record."""

    tenor_rules = Collection(records.TenorRule)
    holidays = Collection(Holiday)
    parties = Collection(records.Party)
    companies = Collection(records.Company)
    obligors = Collection(records.Obligor)
    lines = Collection(records.Line)
    invoices = Collection(records.Invoice)
    fingerprints = Collection(records.Fingerprint)
    dealings = Collection(records.Dealing)
    relations = Collection(records.Relation)
    certificates = Collection(records.Certificate)
    maturities = Collection(records.Maturity)
    applications = Collection(records.Application)
    registrations = Collection(records.Registration)
    early_offers = Collection(records.EarlyOffer)
    freezes = Collection(records.Freeze)
    accounts = Collection(records.Account)
    reconciliations = Collection(records.Reconciliation)
    cited_bills = Collection(records.CitedBill)
    reads = {
        "membership.organizations": OrganizationView,
        "government.licences": LicenceView,
        "shipping.titles": TitleView,
        "energy.claims": ClaimView,
    }
