"""Every collection of shipping, below both rooms: each operation reads what it needs, whichever room wrote it."""

from collections.abc import Sequence

from ledger.contract import Collection, Context, Contract, MemberId, Timestamp
from scenarios.deal_terms import AdmittedLedger, Lock
from scenarios.identifiers import organization_of
from scenarios.relied import ReliedView
from scenarios.shipping import records

NO_CONTROLS = records.TradeControls(identifiers=(), names=())
LEFT_OUT = " .,;:-/()&'\"，。·、（）"
"""Signs that make no difference between two names."""


class LicenceView(ReliedView):
    """An exporter's licence, as the registry of government services keeps it."""

    item: str
    holder: str
    """An organization."""
    state: str
    valid_to_on_ms: int
    """Its last day."""


class ShippingState(Contract):
    """What the ledger knows of bills and of boxes."""

    reads = {"government.licences": LicenceView, "governance.ledgers": AdmittedLedger}

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
    bill_locks = Collection(records.BillLock)
    crossing_locks = Collection(Lock)
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
        """When an event of this code (LOAD, GTIN, …) happened to a laden container at a port, as told of a booking, or None.

        Of a LOAD by the ship that is named, if one is.
        """
        box = self.boxes.get(equipment)
        moves = self.journey(equipment, box.booking) if box else ()
        laden = (move for move in moves if (move.code, move.port, move.is_booked, move.is_empty) == (code, port, True, False))
        return max((move.at_ms for move in laden if ship in ("", move.ship)), default=None)

    def gone_at_ms(self, bill: records.TransportDocument, equipment: records.ContainerNumber) -> Timestamp:
        """When a box of a document left its port of discharge laden, whatever it does now; 0 if it has not."""
        gone = ("GTOT", bill.content.port_of_discharge, False)
        moves = self.journey(equipment, bill.booking)
        return next((move.at_ms for move in moves if (move.code, move.port, move.is_empty) == gone), 0)

    def departed_at_ms(self, ship: str, port: records.Port) -> Timestamp | None:
        """When the ship, `IMO:VOYAGE`, left the port (DEPA ACT), or None."""
        call = self.port_calls.get(f"{ship}:{port}")
        return call.departed_at_ms or None if call else None

    def require_unlocked(self, context: Context, document: records.Reference) -> None:
        """Refuses for a bill that waits for the end of a deal: until then nobody knows whose it is."""
        lock = self.bill_locks.get(document)
        context.require(lock is None, "locked-for-deal", document=document, deal=lock.deal if lock else "")

    # Doubts about documents and parties

    def raise_flags(self, context: Context, document: records.TransportDocument, *flags: records.BillFlag) -> None:
        """Writes flags to a document, and those of its boxes that it lacks: discrepancies, if it is under examination."""
        boxes = [self.boxes.get(item.reference) for item in document.content.equipment]
        listed = [flag for box in boxes if box and box.document == document.reference for flag in box.flags]
        new = tuple(dict.fromkeys((*flags, *(flag for flag in listed if flag not in document.flags))))
        if not new:
            return
        known, times = dict.fromkeys((*document.flags, *new)), document.times_flagged + 1
        self.documents[document.reference] = document.replace(flags=tuple(known), times_flagged=times)
        title = self.titles.get(document.reference)
        if title is not None and title.under_credit:
            shown = self.presentations[title.under_credit]
            discrepancies = tuple(dict.fromkeys((*shown.discrepancies, *new)))
            self.presentations[title.under_credit] = shown.replace(discrepancies=discrepancies, waived=False)
        context.emit("flagged", document=document.reference, flags=new, pledgee=title.pledgee if title else "")

    def open_flags(self, document: records.TransportDocument, bank: MemberId) -> list[records.BillFlag]:
        """The flags of a document, if it was flagged since the bank acknowledged them last."""
        known = self.acknowledgements.get(f"{document.reference}:{bank}")
        is_known = known is not None and known.times_flagged == document.times_flagged
        return [] if is_known else [*document.flags]

    def require_unlisted(self, context: Context, *named: str, at_ms: Timestamp | None = None) -> None:
        """Refuses a member of an organization, or a ship, that is listed now, or was when something happened."""
        identifiers = self.controls_in_force(context.time_ms if at_ms is None else at_ms).identifiers
        listed = [name for name in named if organization_of(name) in identifiers]
        context.require(not listed, "sanctioned", party=listed[0] if listed else "")

    def names_published(self, time_ms: int) -> list[str]:
        """Names of the controls in force and of those to come: a name is flagged from the day on which it is known."""
        to_come = [controls for key, controls in self.controls.items() if int(key) > time_ms]
        return [name for controls in (self.controls_in_force(time_ms), *to_come) for name in controls.names]

    def controls_in_force(self, time_ms: int) -> records.TradeControls:
        """The newest controls whose day has come."""
        published = [controls for key, controls in self.controls.items() if int(key) <= time_ms]
        return published[-1] if published else NO_CONTROLS


def is_named(lines: Sequence[str], names: Sequence[str]) -> bool:
    """Whether one of these names stands in an address."""
    address = _plain(" ".join(lines))
    return any(name != "" and name in address for name in map(_plain, names))


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign not in LEFT_OUT)
