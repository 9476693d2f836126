"""Events of track and trace: who may report what, physical order, override and retraction."""

from ledger.contract import Timestamp
from scenarios.shipping.records import ContainerNumber, Port
from scenarios.shipping.state import ShippingState


class EventOperations(ShippingState):
    """The part of the contract that records what happens to ships and containers."""

    def actual_at_ms(self, equipment: ContainerNumber, code: str, place: Port) -> Timestamp | None:
        """When an event of this code (LOAD, GTIN, …) actually happened to a container at a port, as it stands now, or None."""
        return None

    def departed_at_ms(self, vessel_imo: str, voyage: str, place: Port) -> Timestamp | None:
        """When the ship actually left the port on this voyage (DEPA ACT), or None."""
        return None
