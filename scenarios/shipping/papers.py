"""What programs of the parties do outside the ledger: write contents, seal goods, compute checksums, sign and check envelopes.

An entry of an envelope is a JWS (RFC 7515) with Ed25519 (`EdDSA`), as DCSA has it; its checksum is the SHA-256 of the whole
compact string, that of its payload the SHA-256 of what was signed. Platforms know each other's public keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWS
from jwt.exceptions import InvalidTokenError

from ledger.encoding import decode_object, encode
from ledger.errors import JsonValue, OperatorError
from ledger.sealed import sealed_digest
from scenarios.client_files import ClientFiles
from scenarios.data_files import read_data
from scenarios.dates import on
from scenarios.shipping.cast import CANGHAI, PACKAGE
from scenarios.shipping.records import CargoDetails, CarrierFacts, Instructions, TransportDocument
from scenarios.shipping.shipments import DISCHARGE, LOADING, ON_BOARD, VESSEL, VOYAGE, A, B, BoxPlan, Shipment
from scenarios.story.story import prepared


@prepared
def content(files: ClientFiles, actor: str, shipment: Shipment, changes: Mapping[str, Any] | None = None) -> JsonValue:
    """The instructions of a shipment, its goods sealed once by the shipper, with what differs from the plan."""
    goods = f"goods {shipment.letter}"
    try:
        sealed: JsonValue = {"sealed": sealed_digest(files.opening(shipment.shipper, goods))}
    except OperatorError:
        details = CargoDetails(description=shipment.goods, hs_code=shipment.hs_code)
        sealed = files.seal(shipment.shipper, goods, details.model_dump(mode="json"))
    return {**as_planned(shipment), "cargo": sealed, **(changes or {})}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as its parties' own programs have it."""

    reference: str
    shipment: Shipment
    facts: Mapping[str, Any]
    changes: Mapping[str, Any] = field(default_factory=dict)
    carrier: str = CANGHAI

    def checksum(self, files: ClientFiles) -> str:
        """The checksum, worked out without the ledger."""
        shipper = self.shipment.shipper
        document = TransportDocument(
            reference=self.reference,
            instructions=self.shipment.instructions,
            booking=self.shipment.booking,
            shipper=shipper,
            carrier=self.carrier,
            content=Instructions.model_validate_json(encode(content(self.shipment, self.changes).prepare(files, shipper))),
            facts=CarrierFacts.model_validate_json(encode(dict(self.facts))),
        )
        return document.with_checksum().checksum


def as_planned(shipment: Shipment) -> dict[str, Any]:
    """Instructions of a shipment as planned, but for the goods."""
    return {
        "type_code": shipment.type_code,
        "is_to_order": bool(shipment.endorsee),
        "consignee": shipment.consignee,
        "endorsee": shipment.endorsee,
        "notify": shipment.notify,
        "port_of_loading": LOADING,
        "port_of_discharge": DISCHARGE,
        "equipment": [box(plan) for plan in shipment.boxes],
        "cargo_items": [{"equipment": plan.reference, "packages": plan.packages} for plan in shipment.boxes],
    }


def box(plan: BoxPlan) -> dict[str, Any]:
    """A container with its seal; one that can cool is set to 12 degrees."""
    settings = {"temperature_setpoint": 120, "temperature_unit": "CEL"} if plan.iso_code[2] == "R" else None
    return {
        "reference": plan.reference,
        "iso_code": plan.iso_code,
        "gross_weight_kg": plan.gross_weight_kg,
        "seals": [{"number": plan.seal, "source": "SHI"}],
        "reefer": settings,
    }


def facts(**changes: Any) -> dict[str, Any]:
    """What the carrier says of a box that it loaded on the day of the plan."""
    return {
        "vessel_imo": VESSEL,
        "voyage": VOYAGE,
        "is_shipped_on_board": True,
        "shipped_on_board_on_ms": ON_BOARD,
        **changes,
    }


def controls(place: int) -> dict[str, Any]:
    """Arguments with which customs publishes the first or the second of its controls."""
    published = read_data(PACKAGE, "controls.json")["published"][place]
    return {"effective_on_ms": on(published["from"]), "controls": published["controls"]}


KEY, OLD_KEY = "envelope-key-2026", "envelope-key-2024"
"""Names of a platform's keys: the one in force, and one that has expired."""
_JWS = PyJWS()


@dataclass(frozen=True, slots=True)
class Letter:
    """A signed entry with its document, as one platform sends it to another."""

    envelope: str
    paper: Paper
    sender: str
    receiver: str
    actor: str
    recipient: str
    previous: "Letter | None" = None
    key: str = KEY
    attempt: int = 1
    """Signing again gives another entry over the same contents."""

    def again(self) -> Self:
        """Signed once more."""
        return replace(self, attempt=self.attempt + 1)

    def payload(self, files: ClientFiles) -> bytes:
        """What is signed."""
        transaction: JsonValue = {"actionCode": "TRANSFER", "actor": self.actor, "recipient": self.recipient}
        entry: JsonValue = {
            "eblPlatform": self.sender,
            "transportDocumentReference": self.paper.reference,
            "transportDocumentChecksum": self.paper.checksum(files),
            "previousEnvelopeTransferChainEntrySignedContentChecksum": self.previous_entry(files),
            "transactions": [transaction],
        }
        return encode(entry)

    def entry(self, files: ClientFiles) -> str:
        """The compact JWS."""
        header = {"kid": f"{self.sender}/{self.key}", "n": self.attempt, "typ": ""}
        return _JWS.encode(self.payload(files), _key(files, self.sender, self.key), algorithm="EdDSA", headers=header)

    def previous_entry(self, files: ClientFiles) -> str:
        """Checksum of the entry of the transfer before; empty for the first."""
        return checksum(self.previous.entry(files).encode()) if self.previous else ""


@prepared
def sent(files: ClientFiles, actor: str, letter: Letter, *attached: str) -> JsonValue:
    """What the sending platform states of its letter. The carrier's picture comes first among what is attached."""
    return {
        "document": letter.paper.reference,
        "receiver": letter.receiver,
        "recipient": letter.recipient,
        "previous_entry": letter.previous_entry(files),
        "entry": checksum(letter.entry(files).encode()),
        "payload": checksum(letter.payload(files)),
        "attached": list(attached),
        "visualisation": attached[0] if attached else "",
    }


@prepared
def received(files: ClientFiles, actor: str, letter: Letter, paper: Paper | None = None) -> JsonValue:
    """What the receiving platform finds in a letter, by the sender's key in force. `paper` is the document that came with it."""
    entry = letter.entry(files)
    contents = _JWS.decode_complete(entry, options={"verify_signature": False})["payload"]
    said = decode_object(contents)
    return {
        "envelope": letter.envelope,
        "document": said["transportDocumentReference"],
        "document_checksum": (paper or letter.paper).checksum(files),
        "recipient": letter.recipient,
        "previous_entry": said["previousEnvelopeTransferChainEntrySignedContentChecksum"],
        "entry": checksum(entry.encode()),
        "payload": checksum(contents),
        "is_signature_good": is_signed(files, letter.sender, entry),
    }


def is_signed(files: ClientFiles, platform: str, entry: str) -> bool:
    """Whether an entry carries a platform's signature by the key that is in force."""
    try:
        _JWS.decode(entry, _key(files, platform, KEY).public_key(), algorithms=["EdDSA"])
    except InvalidTokenError:
        return False
    return True


def checksum(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


def _key(files: ClientFiles, platform: str, name: str) -> Ed25519PrivateKey:
    """A platform's own key, drawn from the secret in its file."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(files.keyed_fingerprint(platform, name)))


ADDRESS = {"displayed_address": ["Nordlicht Solar", "Hamburg"]}
"""What was changed in A's instructions."""
CHARGES = [{"name": "Ocean freight", "currency": "EUR", "amount_cents": 2_480_00, "payment_term": "COL"}]
"""Freight that A pays at destination."""
FACTS_A = facts(charges=CHARGES)
PAPER_A = Paper(A.document, A, FACTS_A, ADDRESS)
PAPER_B = Paper(B.document, B, facts())
PAPER_B2, BILL_B3, BILL_B4 = "TD-B2", "TD-B3", "TD-B4"
"""Bill B on paper, electronic again, and switched."""
