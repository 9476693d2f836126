"""What the state of shipping holds of events, boxes, ships' calls, tariffs and charges. Codes are DCSA's.

A field that ends in `_at_ms` is an instant in UTC. Temperatures are in tenths of their unit, shares in tenths of a percent.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from ledger.contract import DigestText, Identifier, Integer, MemberId, NonNegative, Positive, Record, Timestamp
from scenarios.shipping.event_codes import Classifier, Empty, EventType, FacilityType
from scenarios.shipping.records import ContainerNumber, Port, Short, Tenths
from scenarios.shipping.tariff import Kind, Tariff

EventId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#-]{1,100}$")]
Originator: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{0,60}$")]
"""`CODE.PROVIDER.LIST` of the party from which the data come; empty for the one who posts them."""
SealNumber: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ./-]{1,15}$")]
Shares: TypeAlias = Annotated[int, Field(ge=0, le=1_000)]
Flag = Literal["check-digit", "seal-changed", "undeclared-dangerous-goods", "weight-differs"]
"""What is recorded and must be looked at."""


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
    is_empty: bool = False
    seals: tuple[str, ...] = ()
    un_numbers: tuple[str, ...] = ()
    gross_weight_kg: NonNegative = 0


class Box(Record):
    """The journey that a container is on. Key: its number."""

    booking: str
    """Empty where nobody named one."""
    document: str = ""
    """The transport document that lists it."""


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
