"""What the state of shipping holds of bookings and documents. Names follow DCSA where it has one.

A field that ends in `_on_ms` is a day: midnight UTC in milliseconds. One that ends in `_at_ms` is a block time.
"""

from hashlib import sha256
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints

from ledger.contract import DigestText, Identifier, MemberId, NonNegative, Positive, Record, Sealed, Text, Timestamp
from ledger.contract.records import json_of
from ledger.encoding import encode

Reference: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]
"""A document's reference: at most 20 signs."""
Port: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$")]
"""UN/LOCODE: country and three signs."""
Party: TypeAlias = Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$")]
"""A member id, or empty for nobody."""
ContainerNumber: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}[0-9]{7}$")]
"""Spelled as ISO 6346 has it; the check digit is judged by a rule."""
Day: TypeAlias = Timestamp
Short: TypeAlias = Annotated[str, StringConstraints(max_length=35)]
Tenths: TypeAlias = Annotated[int, Field(ge=-10_000, le=10_000)]
"""A setpoint in tenths of its unit: -18.5 °C is -185."""

DocumentType = Literal["BOL", "SWB"]
"""Bill of lading, or sea waybill."""
InstructionsState = Literal["RECEIVED", "PENDING_UPDATE", "COMPLETED", "CANCELLED", "DECLINED"]
UpdateState = Literal["", "UPDATE_RECEIVED", "UPDATE_CONFIRMED", "UPDATE_DECLINED", "UPDATE_CANCELLED"]
DocumentState = Literal[
    "DRAFT", "APPROVED", "ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT", "SURRENDERED_FOR_AMENDMENT",
    "PENDING_SURRENDER_FOR_DELIVERY", "SURRENDERED_FOR_DELIVERY", "VOIDED",
]  # fmt: skip
LIVE: tuple[DocumentState, ...] = ("ISSUED", "PENDING_SURRENDER_FOR_AMENDMENT", "PENDING_SURRENDER_FOR_DELIVERY")
"""States in which somebody can still ask for the goods with it."""


class Booking(Record):
    """Space on a ship. Key: the carrier's booking reference."""

    shipper: MemberId
    carrier: MemberId
    port_of_loading: Port
    port_of_discharge: Port
    containers: Positive
    un_numbers: tuple[str, ...] = ()
    """Dangerous goods as declared: UN numbers."""
    state: Literal["RECEIVED", "CONFIRMED", "DECLINED", "CANCELLED", "COMPLETED"] = "RECEIVED"
    vessel_imo: str = ""
    voyage: str = ""


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
    issuance: Literal["", "REQUESTED", "ISSU", "BREQ", "REFU"] = ""
    """What the platform answered: delivered, bad request, refused."""
    replaces: str = ""
    """The voided document in whose place it was issued."""
    replaced_by: str = ""
    issued_at_ms: NonNegative = 0
    holds: tuple[Short, ...] = ()
    """Who holds the cargo back: names of holds, kept by `release.py`."""
    released_to: Party = ""
    """Who got the right to the goods, once; kept by `release.py`."""

    def with_checksum(self) -> Self:
        """The same with the checksum that its contents give: SHA-256 of canonical JSON, without a tag, as DCSA has it.

        The parties' own programs can work it out too. Goods are in it as their salted digest: whoever holds the opening
        can check them, and nobody can guess them.
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
