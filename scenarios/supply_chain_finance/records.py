"""What the state of supply-chain finance holds. Money is in cents, rates in millionths a year, days in UTC.

A field that ends in `_on_ms` is a day: midnight UTC in milliseconds. One that ends in `_at_ms` is a block time.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ledger.contract import DigestText, Identifier, Integer, MemberId, NonNegative, Positive, Record, Sealed, Text, Timestamp
from scenarios.money import Basis

AMOUNT_CENTS_MAX = 10**14
"""Largest single amount: a thousand billion yuan."""
Cents: TypeAlias = Annotated[int, Field(gt=0, le=AMOUNT_CENTS_MAX)]
"""An amount of money that is owed."""
Limit: TypeAlias = Annotated[int, Field(ge=0, le=AMOUNT_CENTS_MAX)]
"""An amount that may be nothing."""
PartCents: TypeAlias = Annotated[int, Field(ge=-AMOUNT_CENTS_MAX, le=AMOUNT_CENTS_MAX)]
"""Requested face of a part; the rules of splitting judge it."""
Rate: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000)]
"""Millionths a year, up to 100 %."""
OfferRate: TypeAlias = Annotated[int, Field(gt=0, le=1_000_000)]
"""The same, and not nothing."""
Months: TypeAlias = Annotated[int, Field(ge=1, le=120)]
Days: TypeAlias = Annotated[int, Field(ge=1, le=3_660)]
RegistrationMonths: TypeAlias = Annotated[int, Field(ge=1, le=360)]
"""How long an entry of the unified registry may run: a month to thirty years."""
RootNumber: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:#-]{1,64}$")]
"""Number of a root, short enough that those of its parts, which grow from it, are identifiers too."""

PartyKind = Literal["core", "supplier", "bank"]
CertificateState = Literal[
    "pending", "active", "consumed", "locked", "financed", "overdue", "recourse", "frozen",
    "settled", "rejected", "void", "expired", "written-off",
]  # fmt: skip
LIVE: tuple[CertificateState, ...] = ("pending", "active", "locked", "financed", "overdue", "recourse", "frozen")
"""States in which somebody is still owed the face amount."""
InvoiceState = Literal["registered", "confirmed", "disputed"]
ApplicationState = Literal["applied", "released", "disbursed"]
RegistrationState = Literal["registered", "cancelled", "expired"]
Flag = Literal[
    "round-trip", "similar-invoice", "reciprocal-trade", "related-parties", "roll-over", "old-invoice", "credited-invoice",
    "core-suspended", "core-in-arrears", "no-outside-answer", "outside-entry",
]  # fmt: skip
"""What no rule forbids and a bank must take upon itself before it pays; `flags.py` says when each stands."""
DealingKind = Literal["invoice", "promise"]
Match = Literal["none", "amount", "parts"]
"""How an invoice resembles earlier ones of the pair and those days: not, by its amount, or with another it makes one up."""
Cause = Literal["bond-default", "bills-overdue"]
"""What happened outside of this ledger and keeps a core from issuing."""


class TenorRule(Record):
    """A regulator's limits on the way from delivery to cash, in force from a day on. Key: that day in milliseconds."""

    months_max: Months
    """Longest term of a new certificate."""
    months_without_reason: Months
    """Beyond this a reason must be given."""
    invoice_days_max: Days
    """An older invoice backs nothing any more."""
    invoice_days: Days
    """Beyond this after its own invoice a seller's cash is flagged. The date of an invoice stands for the delivery."""
    licence_needed: bool = False
    """Whether a business licence must stand on this ledger for new finance: a ledger of finance alone has none."""


class Party(Record):
    """A company that was let in. Key: member id of the person who signs for it."""

    kind: PartyKind
    uscc: str
    """Unified social credit code, 18 characters with a check character."""
    platform: MemberId
    """That let it in; only this platform may suspend it."""
    licence: DigestText
    """Of the presentation of its business licence that the platform has verified: salted there, kept there."""
    licence_number: str = ""
    """Key of that licence in the contract of government services, if it is on this ledger."""
    suspended: bool = False
    """Enters nothing new; what it holds and owes stays."""


class Company(Record):
    """Who signs for a company. Key: its unified social credit code."""

    member: MemberId


class Relation(Record):
    """Two companies that belong together, as one of them has declared. Key: both member ids in order, `A:B`."""

    ground: Text
    platform: MemberId
    """That entered it."""

    @staticmethod
    def key(one: str, other: str) -> str:
        """The same for both orders."""
        return ":".join(sorted((one, other)))


class Line(Record):
    """What a bank is ready to finance of one core's debt. Key: `CORE:BANK`."""

    limit_cents: NonNegative
    expires_on_ms: Timestamp
    financed_cents: NonNegative = 0
    """What the bank holds of it."""


class Obligor(Record):
    """The debt of a core from all of its certificates. Key: member id of the core."""

    outstanding_cents: NonNegative = 0
    overdue_cents: NonNegative = 0
    written_off_cents: NonNegative = 0
    blocked: bool = False
    """No new certificates until what is overdue has been paid."""
    announced: tuple[Cause, ...] = ()
    """Nor until what the regulator announced has been cured."""


class Maturity(Record):
    """What a core owes on a due date, from certificates that were accepted. Key: `CORE:DAY`, the day in milliseconds."""

    owed_cents: Positive


class TradeDocument(Record):
    """What a sealed invoice says; only its opening shows it."""

    number: Text
    goods: Text
    quantity: Positive
    unit_price_cents: Positive
    amount_cents: Positive


class Invoice(Record):
    """A claim from goods delivered, open or sealed. Key: a name chosen by the seller that says nothing."""

    seller: MemberId
    buyer: MemberId
    number: str
    """As printed; empty when sealed."""
    issued_on_ms: Timestamp
    amount_cents: NonNegative
    """With tax; 0 when sealed."""
    document: Sealed[TradeDocument] | None
    fingerprint: DigestText
    """Of parties and normalised number, keyed by the registry."""
    match: Match = "none"
    resembles: str
    """Key of the earlier invoice that this one looks like; empty if none."""
    state: InvoiceState = "registered"
    elsewhere: str = ""
    """Another platform that has reported its use there, after it was registered here: it is of no more use here."""
    credited_cents: NonNegative = 0
    """Taken back by red-letter invoices."""
    used_cents: NonNegative = 0
    used_by: str = ""
    """Certificate that a sealed invoice backs: one, and once."""


class Paper(Record):
    """What an open invoice says."""

    number: Text
    buyer: MemberId
    issued_on_ms: Timestamp
    net_cents: Cents
    tax_cents: Cents


class Fingerprint(Record):
    """Which invoice a fingerprint belongs to. Key: the fingerprint."""

    invoice: str
    """Key of an invoice here; empty for one that is used on another platform."""
    platform: str = ""
    """The other platform."""


class Dealing(Record):
    """An invoice, or a root that was accepted, found by its companies and day. Key: `KIND:FROM:TO:DAY:NAME`.

    The day of an invoice is its date, that of a root the one on which it ends.
    """

    amount_cents: NonNegative
    """Of a sealed invoice 0."""


class Backing(Record):
    """How much of an invoice a certificate stands on."""

    invoice: Identifier
    amount_cents: NonNegative
    """Of a sealed one what the others before it leave, maybe nothing: whether it suffices a bank sees."""


class Certificate(Record):
    """A core's promise to pay its holder on a day. Key: the root's number, then `-1`, `-2` … for the parts of a split."""

    root: Identifier
    parent: str
    """Certificate it was split from, or that came back; empty for a root."""
    core: MemberId
    platform: MemberId
    currency: Literal["CNY"] = "CNY"
    amount_cents: Positive
    issued_on_ms: Timestamp
    due_on_ms: Timestamp
    holder: MemberId
    """Who is owed. An offered part stays with the one who offers it until it is accepted."""
    offered_to: str
    """Who may accept; empty when nothing is offered."""
    accept_by_ms: Timestamp
    state: CertificateState
    depth: NonNegative = 0
    lineage: tuple[MemberId, ...]
    """The core, then every company that held it on the way."""
    backing: tuple[Backing, ...]
    children: tuple[Identifier, ...] = ()
    leaves: NonNegative = 0
    """Of a root: how many certificates it ends in."""
    paid_cents: NonNegative = 0
    discount_cents: NonNegative = 0
    """What the holder let go for being paid early."""
    recourse_to: str = ""
    """Seller that must buy it back if the core does not pay; empty without recourse."""

    @property
    def owed_cents(self) -> int:
        """What its holder has still to get."""
        return self.amount_cents - self.paid_cents - self.discount_cents


class Promise(Record):
    """What a core promises with a new root, and against which confirmed invoices."""

    to: MemberId
    amount_cents: Cents
    due_on_ms: Timestamp
    invoices: tuple[Identifier, ...]
    platform: MemberId
    reason: str = ""
    """Asked of a long term."""


class Part(Record):
    """One part of a split: for the holder itself, or for a supplier of the holder whose invoices stand behind it."""

    to: MemberId
    amount_cents: PartCents
    invoices: tuple[Identifier, ...] = ()


class Freeze(Record):
    """A court's order that a certificate stays where it is. Key: the certificate. Gone when the order is lifted."""

    order: Text
    before: CertificateState
    """State to which it returns; what the day of payment does to a frozen certificate shows here."""
    held_cents: NonNegative = 0
    """What the core has paid meanwhile; it waits with the settlement bank."""
    custodian: str = ""
    """Member of the settlement bank that keeps it; empty while there is nothing."""


class EarlyOffer(Record):
    """A core's standing offer to pay a certificate before its day. Key: the certificate."""

    rate_ppm: Positive
    """Millionths a year on the price, by actual days over 360."""
    until_ms: Timestamp


class FinanceTerms(Record):
    """What a holder and a bank have agreed on."""

    bank: MemberId
    rate_ppm: Rate
    basis: Basis
    fee_cents: Limit
    with_recourse: bool
    green_claim: str = ""
    """Key of the claim of green power for which there is a margin."""
    green_margin_ppm: Rate = 0
    """By which the rate is lower."""


class BillCited(Record):
    """A bill of lading that a bank names as evidence of a trade, and to whom it is pledged."""

    document: Identifier
    pledgee: MemberId


class CitedBill(Record):
    """What a bill of lading is evidence for. Key: the document."""

    certificate: Identifier
    pledgee: MemberId


class OutsideAnswer(Record):
    """What a registry outside of this ledger answered to the bank."""

    number: Text
    answered_at_ms: Timestamp
    digest: DigestText
    """Of the answer as the bank received it."""
    names_another: bool
    """Whether it knows of an earlier entry."""


class Application(FinanceTerms):
    """A request for finance and how far the bank has come with it. Key: the certificate."""

    applicant: MemberId
    state: ApplicationState = "applied"
    applied_at_ms: Timestamp
    queried_at_ms: NonNegative = 0
    outside: OutsideAnswer | None = None
    checked_at_ms: NonNegative = 0
    evidence: str = ""
    """Digest of what the bank was shown, empty before it has checked."""
    bills: tuple[BillCited, ...] = ()
    """That the bank names as evidence; used up when it pays."""
    flags: tuple[Flag, ...] = ()
    """Those that stood when the bank last looked."""
    acknowledged: tuple[Flag, ...] = ()
    """Of these: what the bank has taken upon itself."""
    causes: tuple[str, ...] = ()
    """Why each of those stood then: a flag that stands for another reason since is not acknowledged."""
    disbursed_at_ms: NonNegative = 0
    disbursed_on_ms: NonNegative = 0
    matures_on_ms: NonNegative = 0
    interest_cents: NonNegative = 0
    net_cents: NonNegative = 0


class Registration(Record):
    """An entry of the unified registry: who was assigned a certificate, and since when. Key: the certificate."""

    assignee: MemberId
    assignor: MemberId
    registered_at_ms: Timestamp
    contract_on_ms: Timestamp
    """Date of the factoring contract; says nothing about priority."""
    expires_on_ms: Timestamp
    """First day on which it no longer stands."""
    state: RegistrationState = "registered"

    def stands(self, time_ms: int) -> bool:
        """Whether it binds others at this time: an entry that has run out does not, marked so or not."""
        return self.state == "registered" and time_ms < self.expires_on_ms


class Tally(Record):
    """One core's line of a reconciliation: certificates that are still owed, and how much is."""

    core: MemberId
    count: NonNegative
    owed_cents: NonNegative


class Reconciliation(Record):
    """A platform's books of a day, which agree with the ledger. Key: `PLATFORM:DAY`, the day in milliseconds."""

    tallies: tuple[Tally, ...]


class Account(Record):
    """Change of an account at the settlement bank since the genesis. Key: member id, of the bank's own for what it keeps."""

    change_cents: Integer = 0
