"""Everything that supply-chain finance keeps, in one place: the parts of the contract are siblings over it."""

from ledger.contract import Collection, Contract, Identifier, MemberId, RecordView
from ledger.contract.calendar import DAY_MS, day_of
from scenarios.relied import ReliedView
from scenarios.supply_chain_finance import records
from scenarios.working_days import Holiday

PLATFORM, REGISTRY, COURT = "platform", "registry", "enforcement-court"
SETTLEMENT_BANK, REGULATOR = "settlement-bank", "regulator"
"""Roles of those who serve the trade and take no part in it."""


class OrganizationView(RecordView):
    """The roles that an organization may give its members."""

    roles: tuple[str, ...]


class LicenceView(ReliedView):
    """What finance sees of a business licence."""

    holder_code: str
    state: str
    valid_from_on_ms: int
    valid_to_on_ms: int


class TitleView(ReliedView):
    """To whom a bill of lading is pledged, and who has it in hand once it was delivered, for good and not on its way out."""

    pledgee: str
    possessor: str
    entries: int
    under_credit: str
    in_transit: str


class DocumentView(ReliedView):
    """Whether a bill of lading is in force, in whose place it was issued, and what is doubtful about it."""

    status: str
    replaces: str
    flags: tuple[str, ...]
    times_flagged: int


class AcknowledgementView(RecordView):
    """How often a bill had been flagged when a bank took it in spite of that."""

    times_flagged: int


class ClaimView(ReliedView):
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
        "shipping.documents": DocumentView,
        "shipping.acknowledgements": AcknowledgementView,
        "energy.claims": ClaimView,
    }


def dealing_key(kind: records.DealingKind, giver: MemberId, taker: MemberId, day_ms: int, name: Identifier) -> str:
    """Where a dealing of that day is kept."""
    return f"{kind}:{giver}:{taker}:{day_of(max(0, day_ms)):015}:{name}"


def near_dealings(
    state: FinanceState, kind: records.DealingKind, giver: MemberId, taker: MemberId, day_ms: int, days: int
) -> dict[Identifier, int]:
    """Name -> amount of all from one company to another up to so many days before or after a day."""
    prefixes = [dealing_key(kind, giver, taker, day_ms + shift * DAY_MS, "") for shift in range(-days, days + 1)]
    return {
        key.removeprefix(prefix): dealing.amount_cents
        for prefix in dict.fromkeys(prefixes)
        for key, dealing in state.dealings.items(prefix=prefix)
    }


def invoices_behind(state: FinanceState, certificate: Identifier) -> tuple[Identifier, ...]:
    """Every invoice on the way from the root to this certificate, the root's first."""
    behind: tuple[Identifier, ...] = ()
    name: str = certificate
    while name:
        claim = state.certificates[name]
        behind = (*(part.invoice for part in claim.backing), *behind)
        name = claim.parent
    return behind
