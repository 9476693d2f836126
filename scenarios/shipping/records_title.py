"""What the state of shipping holds of title, possession, envelopes and credits."""

from typing import Literal

from ledger.contract import DigestText, Identifier, MemberId, NonNegative, Positive, Record, Sealed, Text, Timestamp
from scenarios.shipping.records import Day, Party, Port, Reference, Short

ActionCode = Literal[
    "ISSUE", "TRANSFER", "ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE", "SIGN",
    "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT", "SACC", "SREJ",
]  # fmt: skip
"""DCSA's codes of title and possession transactions."""
TitleKind = Literal["straight", "named", "bearer"]
"""Straight: the consignee's alone. Named: one endorsee has the title. Bearer: whoever possesses it."""
Surrender = Literal["", "SREQ", "AREQ"]
Reason = Literal["", "SWTP", "COD", "SWI"]
"""Why it is to be amended: switch to paper, change of destination, switch bill of lading."""


class Title(Record):
    """Who possesses an electronic bill of lading and who has the title. Key: the document. Sea waybills have none."""

    kind: TitleKind
    possessor: Party
    """Empty while it is on paper."""
    title_holder: Party
    """Consignee of a straight one, endorsee of a named one, empty for bearer."""
    may_endorse: bool
    """Whether the title holder may name another: not after a plain ENDORSE."""
    platform: Party
    """Member id of the platform on which it is live; exactly one."""
    medium: Literal["electronic", "paper"] = "electronic"
    in_transit: str = ""
    """The envelope in which it is on its way to another platform; nothing else moves meanwhile."""
    pledgee: Party = ""
    """Without its signature nothing moves."""
    secures: str = ""
    """What is owed to the pledgee: a reference to its loan."""
    under_credit: str = ""
    """The credit under which its bank examines it: in trust, so that the bank moves it only by taking it up or refusing."""
    surrender: Surrender = ""
    surrendered_by: Party = ""
    """Who asked for surrender; once accepted the only one to whom the goods may go."""
    reason: Reason = ""
    entries: NonNegative = 0
    last_entry: str = ""
    """Digest of the last entry of the chain."""


class EntryTerms(Record):
    """Why title or possession passed, and for whom; only its opening shows it. No prices: the carrier reads it at surrender."""

    purpose: Text
    on_behalf_of: Text


class ChainEntry(Record):
    """One title or possession transaction. Key: `DOCUMENT:0001`."""

    document: Reference
    action: ActionCode
    actor: MemberId
    recipient: Party
    platform: Party
    at_ms: Timestamp
    document_checksum: DigestText
    previous: str
    """Digest of the entry before; empty only in the first."""
    comments: str = ""
    terms: Sealed[EntryTerms] | None = None


class Envelope(Record):
    """A transfer to another platform. Key: the envelope's id."""

    document: Reference
    sender: MemberId
    """The platform that sends."""
    receiver: MemberId
    actor: MemberId
    recipient: MemberId
    """Who is to possess it there."""
    previous_entry: str
    """SHA-256 of the signed entry of the transfer before; empty in the first."""
    entry: DigestText
    """SHA-256 of the whole signed entry, as a compact JWS."""
    payload: DigestText
    """SHA-256 of what was signed: the same when it is signed again."""
    document_checksum: DigestText
    attached: tuple[DigestText, ...]
    """Documents that must travel with it."""
    visualisation: str = ""
    """The carrier's picture of the document, if there is one: it travels unchanged with every later transfer."""
    received: tuple[DigestText, ...] = ()
    state: Literal["sent", "open", "accepted", "withdrawn"] = "sent"
    sent_at_ms: Timestamp
    accepted_at_ms: NonNegative = 0


class Invoice(Record):
    """What the goods are worth to whom; only its opening shows it."""

    number: Short
    amount_cents: Positive
    goods: Text


class CreditTerms(Record):
    """What a credit pays and for what; only its opening shows it."""

    amount_cents: Positive
    goods: Text


class Credit(Record):
    """A letter of credit. Key: its number."""

    issuing_bank: MemberId
    applicant: MemberId
    beneficiary: MemberId
    latest_shipment_on_ms: Day
    expires_on_ms: Day
    presentation_days: Positive = 21
    port_of_loading: Port
    port_of_discharge: Port
    terms: Sealed[CreditTerms]
    state: Literal["open", "presented", "accepted", "refused"] = "open"


class Presentation(Record):
    """Documents under a credit. Key: the credit."""

    credit: Identifier
    document: Reference
    presented_by: MemberId
    """Who possessed it, and gets it back if the bank refuses."""
    document_checksum: DigestText
    presented_at_ms: Timestamp
    examine_by_ms: Timestamp
    discrepancies: tuple[Short, ...] = ()
    invoice: Sealed[Invoice]
    waived: bool = False
    """Whether the applicant takes the documents in spite of their discrepancies."""


class SignedEntry(Record):
    """The last signed entry of a document's transfers between platforms. Key: the document."""

    entry: DigestText
    envelope: Identifier
    visualisation: str = ""
