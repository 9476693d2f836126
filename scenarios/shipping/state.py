"""Every collection of shipping, below both rooms: each operation reads what it needs, whichever room wrote it."""

from ledger.contract import Collection, Contract, MemberId, RecordView, Timestamp
from scenarios.shipping import records


class LicenceView(RecordView):
    """An exporter's licence, as the registry of government services keeps it."""

    item: str
    holder: str
    """An organization."""
    state: str
    valid_to_on_ms: int
    """Its last day."""


class ShippingState(Contract):
    """What the ledger knows of bills and of boxes."""

    reads = {"government.licences": LicenceView}

    # Bill
    bookings = Collection(records.Booking)
    instructions = Collection(records.ShippingInstructions)
    documents = Collection(records.TransportDocument)
    platform_users = Collection(records.PlatformUser)
    titles = Collection(records.Title)
    chain = Collection(records.ChainEntry)
    envelopes = Collection(records.Envelope)
    signed_entries = Collection(records.SignedEntry)
    credits = Collection(records.Credit)
    presentations = Collection(records.Presentation)
    # Box
    events = Collection(records.Event)
    versions = Collection(records.Version)
    boxes = Collection(records.Box)
    moves = Collection(records.Move)
    port_calls = Collection(records.PortCall)
    lifts = Collection(records.Lift)
    facilities = Collection(records.Facility)
    noted_documents = Collection(records.NotedDocument)
    noted_chains = Collection(records.NotedChain)
    tariffs = Collection(records.TariffInForce)
    quotes = Collection(records.Quote)
    dnd_charges = Collection(records.DndCharge)
    accounts = Collection(records.Account)
    releases = Collection(records.Release)
    # Doubts
    controls = Collection(records.TradeControls)
    acknowledgements = Collection(records.Acknowledgement)
    misdeliveries = Collection(records.Misdelivery)
    claims = Collection(records.Claim)

    def is_user(self, platform: MemberId, member: MemberId) -> bool:
        """Whether a platform has admitted this member."""
        return f"{platform}:{member}" in self.platform_users

    def document(self, reference: str) -> records.TransportDocument | None:
        """The transport document of this reference; None for an empty one, too."""
        return self.documents.get(reference) if reference else None

    def journey(self, equipment: str, booking: str) -> tuple[records.Move, ...]:
        """The ACT events of a container under a booking, in the order of their times."""
        moves = [move for _, move in self.moves.items(prefix=f"{equipment}|{booking}|")]
        return tuple(sorted(moves, key=lambda move: (move.at_ms, move.number)))

    def actual_at_ms(self, equipment: records.ContainerNumber, code: str, port: records.Port, ship: str = "") -> Timestamp | None:
        """When an event of this code (LOAD, GTIN, …) happened to a laden container at a port, as it stands now, or None.

        Of a LOAD by the ship that is named, if one is.
        """
        box = self.boxes.get(equipment)
        moves = self.journey(equipment, box.booking) if box else ()
        laden = (move for move in moves if (move.code, move.port, move.is_empty) == (code, port, False))
        return max((move.at_ms for move in laden if ship in ("", move.ship)), default=None)

    def departed_at_ms(self, ship: str, port: records.Port) -> Timestamp | None:
        """When the ship, `IMO:VOYAGE`, left the port (DEPA ACT), or None."""
        call = self.port_calls.get(f"{ship}:{port}")
        return call.departed_at_ms or None if call else None
