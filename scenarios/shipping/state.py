"""Every collection of shipping, below both rooms: each operation reads what it needs, whichever room wrote it."""

from ledger.contract import Collection, Contract, MemberId, Timestamp
from scenarios.shipping.records import (
    Account,
    Booking,
    Box,
    ChainEntry,
    ContainerNumber,
    Credit,
    DndCharge,
    Envelope,
    Event,
    Facility,
    Lift,
    Move,
    NotedDocument,
    PlatformUser,
    Port,
    PortCall,
    Presentation,
    Quote,
    Release,
    ShippingInstructions,
    SignedEntry,
    TariffInForce,
    Title,
    TransportDocument,
    Version,
)


class ShippingState(Contract):
    """What the ledger knows of bills and of boxes."""

    # Bill
    bookings = Collection(Booking)
    instructions = Collection(ShippingInstructions)
    documents = Collection(TransportDocument)
    platform_users = Collection(PlatformUser)
    titles = Collection(Title)
    chain = Collection(ChainEntry)
    envelopes = Collection(Envelope)
    signed_entries = Collection(SignedEntry)
    credits = Collection(Credit)
    presentations = Collection(Presentation)
    # Box
    events = Collection(Event)
    versions = Collection(Version)
    boxes = Collection(Box)
    moves = Collection(Move)
    port_calls = Collection(PortCall)
    lifts = Collection(Lift)
    facilities = Collection(Facility)
    noted_documents = Collection(NotedDocument)
    tariffs = Collection(TariffInForce)
    quotes = Collection(Quote)
    dnd_charges = Collection(DndCharge)
    accounts = Collection(Account)
    releases = Collection(Release)

    def is_user(self, platform: MemberId, member: MemberId) -> bool:
        """Whether a platform has admitted this member."""
        return f"{platform}:{member}" in self.platform_users

    def document(self, reference: str) -> TransportDocument | None:
        """The transport document of this reference; None for an empty one, too."""
        return self.documents.get(reference) if reference else None

    def journey(self, equipment: str, booking: str) -> tuple[Move, ...]:
        """The ACT events of a container under a booking, in the order of their times."""
        moves = [move for _, move in self.moves.items(prefix=f"{equipment}|{booking}|")]
        return tuple(sorted(moves, key=lambda move: (move.at_ms, move.number)))

    def actual_at_ms(self, equipment: ContainerNumber, code: str, port: Port, ship: str = "") -> Timestamp | None:
        """When an event of this code (LOAD, GTIN, …) happened to a container at a port, as it stands now, or None.

        Of a LOAD by the ship that is named, if one is.
        """
        box = self.boxes.get(equipment)
        moves = self.journey(equipment, box.booking) if box else ()
        times = (move.at_ms for move in moves if (move.code, move.port) == (code, port) and ship in ("", move.ship))
        return max(times, default=None)

    def departed_at_ms(self, ship: str, port: Port) -> Timestamp | None:
        """When the ship, `IMO:VOYAGE`, left the port (DEPA ACT), or None."""
        call = self.port_calls.get(f"{ship}:{port}")
        return call.departed_at_ms or None if call else None
