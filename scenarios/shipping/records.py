"""Every record of the state, and the types of their fields. Names and codes are DCSA's where it has one.

    bookings and documents   Booking, ShippingInstructions, TransportDocument with what they hold
    title and credits        Title, BillLock, ChainEntry, Envelope, Credit, Presentation
    events                   Report, Version, Event, Move, Box, PortCall, Lift, Facility, NotedDocument, NotedChain
    charges and release      Tariff, Quote, DndCharge, Account, Release
    doubts                   TradeControls, Acknowledgement, Misdelivery, Claim

A field that ends in `_on_ms` is a day: midnight UTC in milliseconds. One that ends in `_at_ms` is an instant in UTC. Temperatures
are in tenths of their unit, shares in tenths of a percent.
"""

from hashlib import sha256
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints

from ledger.contract import DigestText, Identifier, Integer, MemberId, NonNegative, Positive, Record, Sealed, Text, Timestamp
from ledger.contract.records import json_of
from ledger.encoding import encode

Reference: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]
"""A document's reference: at most 20 signs."""
Port: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$")]
"""UN/LOCODE: country and three signs."""
Party: TypeAlias = Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$")]
"""A member id, or empty for none."""
ContainerNumber: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}[0-9]{7}$")]
"""Spelled as ISO 6346 has it; the check digit is judged by a rule."""
LicenceName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{0,200}$")]
"""An item or a licence of the government's registry, or empty."""
Day: TypeAlias = Timestamp
Short: TypeAlias = Annotated[str, StringConstraints(max_length=35)]
Tenths: TypeAlias = Annotated[int, Field(ge=-10_000, le=10_000)]
"""A setpoint in tenths of its unit: -18.5 °C is -185."""

DocumentType = Literal["BOL", "SWB"]
"""Bill of lading, or sea waybill."""
BookingState = Literal["", "RECEIVED", "CONFIRMED", "DECLINED", "CANCELLED"]
InstructionsState = Literal["", "RECEIVED", "PENDING_UPDATE", "COMPLETED", "CANCELLED", "DECLINED"]
UpdateState = Literal["", "UPDATE_RECEIVED", "UPDATE_CONFIRMED", "UPDATE_DECLINED", "UPDATE_CANCELLED"]
DocumentState = Literal[
    "", "DRAFT", "APPROVED", "ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT", "SURRENDERED_FOR_AMENDMENT",
    "PENDING_SURRENDER_FOR_DELIVERY", "SURRENDERED_FOR_DELIVERY", "VOIDED",
]  # fmt: skip
LIVE: tuple[DocumentState, ...] = ("ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT", "PENDING_SURRENDER_FOR_DELIVERY")
"""States in which somebody can still ask for the goods with it."""

Issuance = Literal["", "REQUESTED", "ISSU", "BREQ", "REFU"]
"""What a platform answered that was asked to deliver a bill: delivered, bad request, refused."""

# Title, envelopes, credits; in all states "" stands for what does not exist yet

ActionCode = Literal[
    "ISSUE", "TRANSFER", "ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE", "SIGN",
    "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT", "SACC", "SREJ",
]  # fmt: skip
"""DCSA's codes of title and possession transactions."""
TitleKind = Literal["straight", "named", "bearer"]
"""Straight: only the consignee's. Named: one endorsee has the title. Bearer: the possessor has it."""
Surrender = Literal["", "SREQ", "AREQ"]
Reason = Literal["", "SWTP", "COD", "SWI"]
"""Why it is to be amended: switch to paper, change of destination, switch bill of lading."""
EnvelopeState = Literal["", "sent", "open", "accepted", "withdrawn"]
CreditState = Literal["", "open", "presented", "accepted", "refused"]

# Events and charges

EventType: TypeAlias = Literal["TRANSPORT", "EQUIPMENT", "IOT", "REEFER", "SHIPMENT"]
Classifier: TypeAlias = Literal["PLN", "EST", "ACT"]
Empty: TypeAlias = Literal["EMPTY", "LADEN", ""]
FacilityType: TypeAlias = Literal["", "BORD", "CLOC", "COFS", "OFFD", "DEPO", "INTE", "POTE", "RAMP", "WAYP"]
EventId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,100}$")]
Originator: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,60}$")]
"""`CODE.PROVIDER.LIST` of the party from which the data come; empty for the one who posts them."""
SealNumber: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ./-]{1,15}$")]
Shares: TypeAlias = Annotated[int, Field(ge=0, le=1_000)]
Flag = Literal["check-digit", "seal-changed", "undeclared-dangerous-goods", "weight-differs"]
"""What is recorded of a box and must be looked at."""
BillFlag = Literal["event-corrected", "event-late", "event-retracted", "name-listed", "misdelivered", "misdelivery-retracted"]
"""What is doubtful about a document: a bank that lends on it acknowledges it first, and under a credit it is a discrepancy.

A loading or gate-in was moved to another day, told late or taken back; an address has a listed name; the goods went without
it, or were thought to.
"""
RATE_CENTS_MAX = 10**9
Kind: TypeAlias = Literal["DEM", "DET"]
TimeUnit: TypeAlias = Literal["CD", "WD", "HR"]
"""Codes of DCSA: calendar days, working days, hours."""


class Space(Record):
    """What a shipper asks a carrier for."""

    carrier: MemberId
    port_of_loading: Port
    port_of_discharge: Port
    containers: Positive
    un_numbers: tuple[str, ...] = ()
    """Dangerous goods as declared: UN numbers."""
    licence: LicenceName = ""
    """The shipper's licence, where it needs one."""


class Booking(Space):
    """Space on a ship. Key: the carrier's booking reference."""

    shipper: MemberId
    state: BookingState = "RECEIVED"
    vessel_imo: str = ""
    voyage: str = ""

    @property
    def ship(self) -> str:
        """`IMO:VOYAGE`."""
        return f"{self.vessel_imo}:{self.voyage}"


class Seal(Record):
    """A seal on a container's door."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=15)]
    source: Literal["CAR", "SHI", "VET", "CUS"]


class ReeferSettings(Record):
    """How a refrigerated container is to be run: each setpoint with its unit, or neither."""

    temperature_setpoint: Tenths | None = None
    temperature_unit: Literal["", "CEL", "FAH"] = ""
    air_exchange_setpoint: Tenths | None = None
    air_exchange_unit: Literal["", "MQH", "FQH"] = ""


class Equipment(Record):
    """A container of the document."""

    reference: ContainerNumber
    iso_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4}$")]
    gross_weight_kg: Positive
    """Cargo, packaging and container, as the document says: compared with the verified gross mass."""
    seals: tuple[Seal, ...] = ()
    is_non_operating_reefer: bool = False
    reefer: ReeferSettings | None = None


class CargoItem(Record):
    """What is stuffed into which container, without saying what it is worth."""

    equipment: ContainerNumber
    packages: Positive
    package_code: str = ""


class DangerousGoods(Record):
    """What everybody on its way must know of dangerous goods."""

    equipment: ContainerNumber
    un_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    imo_class: Annotated[str, StringConstraints(pattern=r"^[1-9](\.[1-9][A-Z]?)?$")]
    package_code: str = ""
    imo_packaging_code: str = ""
    inhalation_zone: str = ""
    segregation_groups: tuple[str, ...] = ()


class CustomsReference(Record):
    """A number of a customs procedure; one of a type and country."""

    type_code: Short
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    value: Short


class Charge(Record):
    """A charge to collect at the port of discharge, or one prepaid."""

    name: Short
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    amount_cents: Annotated[int, Field(ge=0, le=10**12)]
    payment_term: Literal["PRE", "COL"]


class CargoDetails(Record):
    """What a document says of the goods; only its opening shows it. Value and price stand in the invoice, not here."""

    description: Text
    hs_code: Short
    marks: Short = ""


class Instructions(Record):
    """The shipper's part of a document: shipping instructions."""

    type_code: DocumentType = "BOL"
    is_to_order: bool
    """Negotiable: the endorsee, if one is named, may pass the title on; without one it is to bearer."""
    is_electronic: bool = True
    originals_with_charges: NonNegative = 0
    originals_without_charges: NonNegative = 0
    consignee: Party = ""
    endorsee: Party = ""
    notify: Party = ""
    displayed_address: tuple[Short, ...] = ()
    port_of_loading: Port
    transhipments: tuple[Port, ...] = ()
    port_of_discharge: Port
    receipt_type: Literal["CY", "SD", "CFS"] = "CY"
    delivery_type: Literal["CY", "SD", "CFS"] = "CY"
    equipment: tuple[Equipment, ...]
    cargo_items: tuple[CargoItem, ...]
    dangerous_goods: tuple[DangerousGoods, ...] = ()
    customs_references: tuple[CustomsReference, ...] = ()
    cargo: Sealed[CargoDetails]

    @property
    def is_titled(self) -> bool:
        """Whether its title and possession stand on the ledger: an electronic bill of lading, not paper, not a waybill."""
        return self.type_code == "BOL" and self.is_electronic


class CarrierFacts(Record):
    """The carrier's part of a document: what it received or loaded, when, and in what condition."""

    vessel_imo: Annotated[str, StringConstraints(pattern=r"^[0-9]{7}$")]
    voyage: Short
    is_shipped_on_board: bool
    shipped_on_board_on_ms: Day = 0
    received_on_ms: Day = 0
    clauses: tuple[Text, ...] = ()
    """Remarks on damage or shortage: a document with one is not clean."""
    charges: Annotated[tuple[Charge, ...], Field(max_length=100)] = ()

    @property
    def collect_cents(self) -> int:
        """Charges to be paid at destination."""
        return sum(charge.amount_cents for charge in self.charges if charge.payment_term == "COL")

    @property
    def ship(self) -> str:
        """`IMO:VOYAGE`."""
        return f"{self.vessel_imo}:{self.voyage}"


class ShippingInstructions(Record):
    """Shipping instructions and how far they have come. Key: the shipper's reference."""

    booking: Identifier
    shipper: MemberId
    carrier: MemberId
    content: Instructions
    state: InstructionsState = "RECEIVED"
    update: Instructions | None = None
    """What the shipper asks for instead, while an update is open."""
    update_state: UpdateState = ""
    document: str = ""
    """The transport document made from them."""


class TransportDocument(Record):
    """A bill of lading or sea waybill. Key: its reference."""

    reference: Reference
    instructions: Reference
    booking: Identifier
    shipper: MemberId
    carrier: MemberId
    content: Instructions
    facts: CarrierFacts
    status: DocumentState = "DRAFT"
    checksum: DigestText = "0" * 64
    """SHA-256 of the canonical JSON of reference, parties, content and facts: never changes once the draft is left."""
    offer_platform: Party = ""
    """The platform that was asked to deliver it to its first possessor, as the carrier named them last."""
    offer_to: Party = ""
    issuance: Issuance = ""
    replaces: str = ""
    """The voided document in whose place it was issued."""
    replaced_by: str = ""
    issued_at_ms: NonNegative = 0
    holds: tuple[Short, ...] = ()
    """Who holds the cargo back: names of holds, kept by `release.py`."""
    released_to: Party = ""
    """Who got the right to the goods, once; kept by `release.py`."""
    flags: tuple[BillFlag, ...] = ()
    """Kept by `flags.py`."""
    times_flagged: NonNegative = 0
    """A second doubt of one kind is one time more."""

    def with_checksum(self) -> Self:
        """The same with the checksum that its contents give: SHA-256 of canonical JSON, without a tag, as DCSA has it.

        The parties' own programs can work it out too. Goods are in it as their salted digest: with the
        opening they can be checked, without it they cannot be guessed.
        """
        said = {
            "transport_document_reference": self.reference,
            "shipper": self.shipper,
            "carrier": self.carrier,
            "content": self.content,
            "facts": self.facts,
        }
        return self.replace(checksum=sha256(encode(json_of(said))).hexdigest())


class PlatformUser(Record):
    """Somebody whom an eBL platform knows. Key: `PLATFORM:MEMBER`."""

    since_ms: Timestamp


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


class BillLock(Record):
    """Nothing can be done with a bill while it is locked. Key: the document."""

    deal: DigestText
    """The deal on the finance ledger that it waits for."""


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


class Sending(Record):
    """What the sending platform states of an envelope."""

    document: Reference
    receiver: MemberId
    """The platform to which it goes."""
    recipient: MemberId
    """Who is to possess the bill there."""
    previous_entry: str
    """SHA-256 of the signed entry of the transfer before; empty in the first."""
    entry: DigestText
    """SHA-256 of the whole signed entry, as a compact JWS."""
    payload: DigestText
    """SHA-256 of what was signed: the same when it is signed again."""
    attached: tuple[DigestText, ...] = ()
    """Documents that must travel with it."""
    visualisation: str = ""
    """The carrier's picture of the document, if there is one: it travels unchanged with every later transfer."""


class Envelope(Sending):
    """A transfer to another platform. Key: the envelope's id."""

    sender: MemberId
    """The platform that sends."""
    actor: MemberId
    document_checksum: DigestText
    received: tuple[DigestText, ...] = ()
    state: EnvelopeState = "sent"
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


class Presented(Record):
    """An envelope as the receiving platform was given it, and what its program found."""

    envelope: Identifier
    document: Reference
    document_checksum: DigestText
    """Of the document in the envelope, computed again."""
    recipient: MemberId
    previous_entry: str
    entry: DigestText
    payload: DigestText
    is_signature_good: bool


class CreditOffer(Record):
    """What a bank promises to a seller."""

    applicant: MemberId
    beneficiary: MemberId
    latest_shipment_on_ms: Day
    expires_on_ms: Day
    presentation_days: Positive = 21
    port_of_loading: Port
    port_of_discharge: Port


class Credit(CreditOffer):
    """A letter of credit. Key: its number."""

    issuing_bank: MemberId
    terms: Sealed[CreditTerms]
    state: CreditState = "open"


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


class ReeferReading(Record):
    """What a refrigerated container measured, or how it was set."""

    unit: Literal["CEL", "FAH"]
    setpoint: Tenths
    probes: Annotated[tuple[Tenths, ...], Field(max_length=6)] = ()
    oxygen: Shares | None = None
    carbon_dioxide: Shares | None = None
    humidity: Shares | None = None


class Report(Record):
    """One version of an event, as its originator tells it."""

    event_id: EventId
    originator: Originator = ""
    updated_at_ms: Timestamp
    """`eventUpdatedDateTime`: a later one replaces an earlier one of the same event."""
    event_at_ms: Timestamp
    """`eventDateTime`: when it happened, or is expected."""
    event_type: EventType
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}$")]
    classifier: Classifier
    equipment: ContainerNumber | Literal[""] = ""
    empty: Empty = ""
    port: Port | Literal[""] = ""
    facility: FacilityType = ""
    vessel_imo: Annotated[str, StringConstraints(pattern=r"^([0-9]{7})?$")] = ""
    voyage: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/-]{0,50}$")] = ""
    booking: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,35}$")] = ""
    document: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,20}$")] = ""
    seals: Annotated[tuple[SealNumber, ...], Field(max_length=6)] = ()
    un_numbers: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")], ...], Field(max_length=9)] = ()
    """Dangerous goods that were seen, on a placard or in a sensor's manifest."""
    gross_weight_kg: NonNegative = 0
    """Verified gross mass, where the event has one."""
    reading: ReeferReading | None = None
    sensed: Literal["", "DRO", "DRC", "LOC"] = ""
    reason: Annotated[str, StringConstraints(max_length=250)] = ""

    @property
    def ship(self) -> str:
        """`IMO:VOYAGE`."""
        return f"{self.vessel_imo}:{self.voyage}"


class Version(Record):
    """What was posted, never changed afterwards. Key: `EVENT:0001`."""

    report: Report
    posted_by: MemberId
    posted_at_ms: Timestamp
    is_retraction: bool = False


class Event(Record):
    """Where an event stands. Key: `ORGANIZATION:ORIGINATOR:EVENTID`; the same id of another originator is another event."""

    versions: Positive
    """The newest version is the valid one."""
    is_retracted: bool = False
    booking: str = ""
    """The journey on which it counts, of an ACT event of a box."""
    flags: tuple[Flag, ...] = ()


class Move(Record):
    """An ACT event of a box's journey, as far as rules look back on it. Key: `CONTAINER|BOOKING|EVENT`."""

    code: str
    at_ms: Timestamp
    number: NonNegative = 0
    """In the order of posting: it decides between events of one instant."""
    port: str = ""
    ship: str = ""
    """`IMO:VOYAGE` of LOAD and DISC."""
    is_booked: bool = False
    """Told when its booking stood here: only then was it asked who tells, and is a document dated by it."""
    is_empty: bool = False
    seals: tuple[str, ...] = ()
    un_numbers: tuple[str, ...] = ()
    gross_weight_kg: NonNegative = 0


class Box(Record):
    """The journey that a container is on. Key: its number."""

    booking: str
    """Empty where none was named."""
    document: str = ""
    """The transport document that lists it."""
    flags: tuple[BillFlag, ...] = ()
    """What is doubtful about its gate-in and loading."""


class PortCall(Record):
    """When a ship came and went, by ACT events; 0 for not yet. Key: `IMO:VOYAGE:PORT`."""

    arrived_at_ms: NonNegative = 0
    departed_at_ms: NonNegative = 0
    arrival: str = ""
    """The event that says so."""
    departure: str = ""


class Lift(Record):
    """A box was loaded or discharged at a call. Key: `IMO:VOYAGE:PORT:CONTAINER|BOOKING`."""

    equipment: ContainerNumber
    booking: str


class Facility(Record):
    """Who works at a port for a carrier. Key: `PORT:ORGANIZATION`."""

    appointed_by: MemberId


class NotedEquipment(Record):
    """A container of a document elsewhere."""

    reference: ContainerNumber
    gross_weight_kg: NonNegative
    seals: tuple[str, ...] = ()
    un_numbers: tuple[str, ...] = ()


class NotedDocument(Record):
    """A transport document that lives elsewhere, on paper or another platform; it gives no title. Key: its reference."""

    carrier: MemberId
    type_code: Literal["BOL", "SWB"]
    status: Short
    is_to_order: bool
    is_electronic: bool
    booking: Short
    ports: tuple[Port, ...]
    """Port of loading, …, port of discharge."""
    equipment: Annotated[tuple[NotedEquipment, ...], Field(min_length=1, max_length=200)]
    checksum: DigestText
    """SHA-256 of the document by RFC 8785, as DCSA's platforms compute it."""
    flags: tuple[Flag, ...] = ()


class NotedChain(Record):
    """The endorsement chain of a document that lives elsewhere, as its platform tells it: no title. Key: its reference."""

    actions: Annotated[tuple[ActionCode, ...], Field(min_length=1, max_length=200)]
    """The oldest first."""
    possessor: Text
    """By name: who holds it there is often no member."""
    last_at_ms: Timestamp
    checksum: DigestText
    """SHA-256 of the chain as it came, by RFC 8785."""


class Tier(Record):
    """What a day costs up to a day; the last tier has no end."""

    to_day: NonNegative
    """Last day of this tier, counted from the end of free time; 0 for no end."""
    day_cents: Annotated[int, Field(ge=0, le=RATE_CENTS_MAX)]


class FreeTime(Record):
    """How long a box is free, and what a day costs after that."""

    duration: Annotated[int, Field(ge=0, le=1_000)]
    unit: TimeUnit
    first_day: Literal["counted", "next"]
    """Whether the day on which the clock starts is the first free day."""
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=9)]


class Tariff(Record):
    """A carrier's terms for import boxes at one port. Key: the port's UN/LOCODE, `:` and the day it is in force from."""

    number: Text
    demurrage_starts: Literal["DISC", "ARRI"]
    demurrage: FreeTime
    detention: FreeTime
    offset_minutes: Annotated[int, Field(ge=-720, le=840)]
    """The port's time minus UTC."""
    holidays: Annotated[tuple[Timestamp, ...], Field(max_length=60)] = ()
    """Days that are no working days, besides weekends."""

    def free_time(self, kind: Kind) -> FreeTime:
        """The terms of one of the two."""
        return self.demurrage if kind == "DEM" else self.detention


class TariffInForce(Record):
    """Free time and its price at a port. Key: `CARRIER:PORT:DAY`, the day from which it is in force, in milliseconds."""

    terms: Tariff


class Quote(Record):
    """The terms promised for a box, which no later tariff changes. Key: `DOCUMENT:CONTAINER`."""

    terms: Tariff
    quoted_at_ms: Timestamp


class DndCharge(Record):
    """What demurrage or detention of a box came to. Key: `DOCUMENT:CONTAINER:DEM` or `…:DET`."""

    kind: Kind
    start_at_ms: Timestamp
    end_at_ms: Timestamp
    is_final: bool
    """The box has left, or come back; until then it is what it cost up to the day of the charge."""
    days: NonNegative
    charged_cents: NonNegative


class Account(Record):
    """What is to be paid on a document before and after release. Key: the document."""

    due_cents: Integer = 0
    """Freight to collect, demurrage and detention."""
    paid_cents: NonNegative = 0


class Release(Record):
    """The goods may go, once, to one. Key: the document."""

    to: MemberId
    released_at_ms: Timestamp
    equipment: tuple[Identifier, ...]
    haulier: Party = ""
    """Who fetches the boxes, as the party says to which they were released; the gate asks for its signature."""


class TradeControls(Record):
    """With whom nobody deals, and what an exporter needs. Key: the day from which it holds, in milliseconds."""

    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=1_000)]
    """Organizations by their id on this ledger, ships by their IMO number: these are refused."""
    names: Annotated[tuple[Short, ...], Field(max_length=1_000)]
    """As they may stand in an address: these are flagged, since others may be called alike."""
    licence: LicenceName = ""
    """The item of which a shipper holds a licence in the government's registry, to book; empty where it needs none."""


class Acknowledgement(Record):
    """A bank takes a document with the flags that it then had. Key: `DOCUMENT:MEMBER`."""

    times_flagged: Positive


class Misdelivery(Record):
    """Goods went to somebody without their document. Key: the document."""

    taken_by: Short
    """As the gate knows it: who takes goods so is often no member."""
    letter_of_indemnity: DigestText | None
    recorded_by: MemberId
    recorded_at_ms: Timestamp


class Claim(Record):
    """Who has a right to goods that went to another claims their value from the carrier. Key: `DOCUMENT:MEMBER`."""

    statement: DigestText
    """SHA-256 of the written claim, which its parties have."""
    lodged_at_ms: Timestamp
