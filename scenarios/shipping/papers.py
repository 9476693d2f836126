"""What clients do with documents outside the ledger: write contents, seal goods, work out checksums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.encoding import encode
from ledger.errors import JsonValue, OperatorError
from ledger.sealed import sealed_digest
from scenarios.client_files import ClientFiles
from scenarios.shipping.cast import CANGHAI
from scenarios.shipping.records import CargoDetails, CarrierFacts, Instructions, TransportDocument
from scenarios.shipping.shipments import DISCHARGE, LOADING, ON_BOARD, VESSEL, VOYAGE, BoxPlan, Shipment


@dataclass(frozen=True, slots=True)
class Content:
    """An argument: the instructions of a shipment, its goods sealed once by the shipper, with what differs from the plan."""

    shipment: Shipment
    changes: Mapping[str, Any] = field(default_factory=dict)

    def prepare(self, files: ClientFiles, actor: str) -> JsonValue:
        """Seals the goods if that was not done before."""
        goods = f"goods {self.shipment.letter}"
        try:
            sealed: JsonValue = {"sealed": sealed_digest(files.opening(self.shipment.shipper, goods))}
        except OperatorError:
            details = CargoDetails(description=self.shipment.goods, hs_code=self.shipment.hs_code)
            sealed = files.seal(self.shipment.shipper, goods, details.model_dump(mode="json"))
        return {**content(self.shipment), "cargo": sealed, **self.changes}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as its parties' own programs have it."""

    reference: str
    content: Content
    facts: Mapping[str, Any]
    carrier: str = CANGHAI

    def checksum(self, files: ClientFiles) -> str:
        """The checksum, worked out without the ledger."""
        shipper = self.content.shipment.shipper
        document = TransportDocument(
            reference=self.reference,
            instructions=self.content.shipment.instructions,
            booking=self.content.shipment.booking,
            shipper=shipper,
            carrier=self.carrier,
            content=Instructions.model_validate_json(encode(self.content.prepare(files, shipper))),
            facts=CarrierFacts.model_validate_json(encode(dict(self.facts))),
        )
        return document.with_checksum().checksum


def content(shipment: Shipment) -> dict[str, Any]:
    """Instructions of a shipment, but for the goods."""
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
