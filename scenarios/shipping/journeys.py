"""What ACT events say of boxes and ships, written down so that rules can look back on it, and taken back again.

A container is on one journey at a time, under one booking (or under none that this ledger knows). `moves` holds what happened
on it, `port_calls` when ships came and went, `lifts` which boxes a ship loaded and discharged at a call.
"""

from collections.abc import Sequence

from ledger.contract import Collection, Context, Member, Timestamp
from scenarios.identifiers import organization_of
from scenarios.shipping.box_checks import STOPPED, flags_of, is_cleared, verified_mass_kg
from scenarios.shipping.physical_order import order_fault, partial_fault, position_of
from scenarios.shipping.records import ContainerNumber, Instructions, Port, TransportDocument
from scenarios.shipping.records_events import Box, Facility, Flag, Lift, Move, NotedDocument, PortCall, Release, Report
from scenarios.shipping.roles import CARRIER, CONSIGNEE, DEPOT, SHIPPER, TERMINAL
from scenarios.shipping.state import ShippingState

LIFTS = ("LOAD", "DISC")


class Journeys(ShippingState):
    """The part of the contract that knows where boxes and ships are."""

    boxes = Collection(Box)
    moves = Collection(Move)
    port_calls = Collection(PortCall)
    lifts = Collection(Lift)
    facilities = Collection(Facility)
    noted_documents = Collection(NotedDocument)
    releases = Collection(Release)
    """Written by `release.py`: a gate opens only for what was released before."""

    # For documents and release

    def actual_at_ms(self, equipment: ContainerNumber, code: str, place: Port, ship: str = "") -> Timestamp | None:
        """When an event of this code (LOAD, GTIN, …) actually happened to a container at a port, as it stands now, or None.

        Of a LOAD by the ship it is asked for, if one is named.
        """
        box = self.boxes.get(equipment)
        moves = self.journey(equipment, box.booking) if box else ()
        found = (move.at_ms for move in moves if (move.code, move.port) == (code, place) and ship in ("", move.ship))
        return max(found, default=None)

    def departed_at_ms(self, vessel_imo: str, voyage: str, place: Port) -> Timestamp | None:
        """When the ship actually left the port on this voyage (DEPA ACT), or None."""
        call = self.port_calls.get(f"{vessel_imo}:{voyage}:{place}")
        return call.departed_at_ms or None if call else None

    def list_equipment(self, context: Context, document: str, booking: str, content: Instructions) -> None:
        """A document lists containers: on no other journey or live document, and as heavy and dangerous as they were seen."""
        for item in content.equipment:
            box = self.boxes.get(item.reference) or Box(booking=booking)
            if box.booking != booking:
                self._require_finished(context, item.reference, box)
            elif box.document not in ("", document):
                earlier = self._document(box.document)
                is_free = earlier is None or earlier.status == "VOIDED"
                context.require(is_free, "listed-elsewhere", equipment=item.reference, document=box.document)
            self.boxes[item.reference] = Box(booking=booking, document=document)
            declared = [goods.un_number for goods in content.dangerous_goods if goods.equipment == item.reference]
            flags = flags_of(self.journey(item.reference, booking), declared, item.gross_weight_kg)
            if wrong := [flag for flag in flags if flag != "seal-changed"]:  # check: shipping-document-and-box
                context.refuse(wrong[0], equipment=item.reference)

    def is_booked(self, booking: str) -> bool:
        """Whether this ledger knows the booking: then the whole journey must be told on it."""
        return booking != "" and booking in self.bookings

    def journey(self, equipment: str, booking: str) -> tuple[Move, ...]:
        """The ACT events of a container under a booking, in the order of their times."""
        found = [move for _, move in self.moves.items(prefix=f"{equipment}|{booking}|")]
        return tuple(sorted(found, key=lambda move: (move.at_ms, move.number)))

    def flags(self, equipment: str, moves: Sequence[Move]) -> tuple[Flag, ...]:
        """What is wrong with a box after these moves, by what its booking and document say of it."""
        declared, weight_kg, _ = self._declared(equipment)
        return flags_of(moves, declared, weight_kg)

    # What an event says

    def forget(self, key: str, report: Report, booking: str) -> None:
        """Takes back what an ACT event said."""
        if f"{report.equipment}|{booking}|{key}" in self.moves:
            del self.moves[f"{report.equipment}|{booking}|{key}"]
        place = f"{report.ship}:{report.port}"
        call = self.port_calls.get(place)
        if call is not None and call.arrival == key:
            self.port_calls[place] = call.replace(arrived_at_ms=0, arrival="")
        elif call is not None and call.departure == key:
            self.port_calls[place] = call.replace(departed_at_ms=0, departure="")

    def remember_call(self, context: Context, signer: Member, key: str, report: Report) -> None:
        """A ship came or went: told once, by who works it there, and in order."""
        place = f"{report.ship}:{report.port}"
        call = self.port_calls.get(place) or PortCall()
        known = call.arrival if report.code == "ARRI" else call.departure
        self._require_appointed(context, signer, report)
        self._require_operator(context, signer, report)
        context.require(known in ("", key), "told-already", event=known)
        if report.code == "ARRI":
            call = call.replace(arrived_at_ms=report.event_at_ms, arrival=key)
        else:
            call = call.replace(departed_at_ms=report.event_at_ms, departure=key)
        is_in_order = not call.departed_at_ms or call.arrived_at_ms <= call.departed_at_ms
        context.require(is_in_order, "departed-before-arrival", port=report.port)
        self.port_calls[place] = call

    def remember_move(
        self, context: Context, signer: Member, key: str, report: Report, booking: str
    ) -> tuple[str, tuple[Flag, ...]]:
        """Something happened to a box; the booking under which it counts, and the flags that it raises."""
        box = self._box(context, report, booking)
        self.boxes[report.equipment] = box
        if self.is_booked(box.booking):
            self._require_party(context, signer, report, box)
            context.require(report.code not in LIFTS or report.vessel_imo != "", "no-ship", event_code=report.code)
        self._require_routing(context, report)
        others = self.journey(report.equipment, box.booking)
        move = _move(report, 1 + max((other.number for other in others), default=0))
        self.moves[f"{report.equipment}|{box.booking}|{key}"] = move
        if move.ship:
            lift = Lift(equipment=report.equipment, booking=box.booking)
            self.lifts[f"{move.ship}:{move.port}:{report.equipment}|{box.booking}"] = lift
        known = self.flags(report.equipment, others)
        now = self.flags(report.equipment, (*others, move))
        return box.booking, tuple(flag for flag in now if flag not in known)

    def touched(self, report: Report, booking: str) -> tuple[tuple[str, str], ...]:
        """The journeys that an ACT event says something of: of its box, or of all boxes lifted at the ship's call."""
        if report.classifier != "ACT":
            return ()
        if report.event_type == "TRANSPORT":
            return tuple((lift.equipment, lift.booking) for _, lift in self.lifts.items(prefix=f"{report.ship}:{report.port}:"))
        return ((report.equipment, booking),)

    def require_order(self, context: Context, journeys: Sequence[tuple[str, str]], report: Report) -> None:
        """Every journey that the event touches is in order, as far as this ledger knows it."""
        for equipment, booking in dict.fromkeys(journeys):
            moves = self.journey(equipment, booking)
            places = dict.fromkeys(f"{move.ship}:{move.port}" for move in moves if move.ship)
            calls = {place: call for place in places if (call := self.port_calls.get(place))}
            fault = (order_fault if self.is_booked(booking) else partial_fault)(moves, calls)
            if fault != "":  # check: shipping-physical-order
                context.refuse(fault, equipment=equipment, event_code=report.code, port=report.port)

    def require_may_go(self, context: Context, report: Report) -> None:
        """A box with something wrong goes neither aboard nor out; and out only when its goods are released."""
        if report.code not in STOPPED or _is_empty_gate(report):
            return
        box = self.boxes[report.equipment]
        moves = [move for move in self.journey(report.equipment, box.booking) if move.at_ms <= report.event_at_ms]
        flags = self.flags(report.equipment, moves)
        if flags:  # check: shipping-flagged-box
            context.refuse(flags[0], equipment=report.equipment)
        if not self.is_booked(box.booking):
            return
        if report.code == "LOAD":
            context.require(verified_mass_kg(moves) > 0, "no-verified-mass", equipment=report.equipment)
        else:
            release = self.releases.get(box.document) if box.document else None
            is_released = release is not None and release.released_at_ms <= report.event_at_ms
            context.require(is_released, "not-released", equipment=report.equipment)
            context.require(is_cleared(moves), "not-cleared", equipment=report.equipment)

    # Checks

    def _require_party(self, context: Context, signer: Member, report: Report, box: Box) -> None:
        """Terminal and depot speak of ports where they are appointed, shipper and consignee of their own boxes."""
        self._require_appointed(context, signer, report)
        document = self._document(box.document)
        receiver = document.released_to if document else ""
        is_own = {SHIPPER: self.bookings[box.booking].shipper, CONSIGNEE: receiver}
        parties = [member for role, member in is_own.items() if role in signer.roles]
        context.require(not parties or signer.member in parties, "not-own-box", equipment=report.equipment)

    def _require_appointed(self, context: Context, signer: Member, report: Report) -> None:
        if report.port and (TERMINAL in signer.roles or DEPOT in signer.roles):
            place = f"{report.port}:{organization_of(signer.member)}"
            context.require(place in self.facilities, "not-appointed", member=signer.member, port=report.port)

    def _require_operator(self, context: Context, signer: Member, report: Report) -> None:
        """A carrier speaks of its own ships: of those on which it has confirmed bookings, or on which nobody here has."""
        ships = [b.carrier for _, b in self.bookings.items() if (b.vessel_imo, b.voyage) == (report.vessel_imo, report.voyage)]
        is_own = CARRIER not in signer.roles or not ships or signer.member in ships
        context.require(is_own, "not-own-ship", member=signer.member, place=report.vessel_imo)

    def _require_routing(self, context: Context, report: Report) -> None:
        _, _, ports = self._declared(report.equipment)
        if not ports or _is_empty_gate(report):
            return
        allowed = {"GTIN": ports[:1], "LOAD": ports[:-1], "DISC": ports[1:], "GTOT": ports[-1:]}.get(report.code, (report.port,))
        context.require(report.port in allowed, "not-in-routing", equipment=report.equipment, port=report.port, ports=list(ports))

    def _require_finished(self, context: Context, equipment: str, box: Box) -> None:
        document = self._document(box.document)
        is_closed = document is None or document.status == "VOIDED" or document.released_to != ""
        is_back = position_of(self.journey(equipment, box.booking)).place == "start"
        is_finished = not self.is_booked(box.booking) or (is_closed and is_back)
        context.require(is_finished, "another-booking", equipment=equipment, booking=box.booking)

    # Boxes and their papers

    def _box(self, context: Context, report: Report, booking: str) -> Box:
        """The journey to which a report belongs: the one of its earlier version, the one that it names, or the container's."""
        named = booking or report.booking or self._booking_of(report.document)
        box = self.boxes.get(report.equipment)
        if box is None or named not in ("", box.booking):
            if box is not None:
                self._require_finished(context, report.equipment, box)
            booked = self.bookings.get(named) if named else None
            is_confirmed = booked is None or booked.state in ("CONFIRMED", "COMPLETED")
            context.require(is_confirmed, "booking-not-confirmed", booking=named)
            box = Box(booking=named)
        is_listed = report.equipment in self._listed(report.document) and self._booking_of(report.document) == box.booking
        return box.replace(document=report.document) if is_listed and box.document == "" else box

    def _document(self, reference: str) -> TransportDocument | None:
        return self.documents.get(reference) if reference else None

    def _noted(self, reference: str) -> NotedDocument | None:
        return self.noted_documents.get(reference) if reference else None

    def _booking_of(self, document: str) -> str:
        found = self._document(document) or self._noted(document)
        return found.booking if found else ""

    def _listed(self, document: str) -> tuple[str, ...]:
        found, noted = self._document(document), self._noted(document)
        return tuple(item.reference for item in (found.content.equipment if found else noted.equipment if noted else ()))

    def _declared(self, equipment: str) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
        """What is declared of a container: UN numbers, gross weight (0 if unknown), ports in the order of the journey."""
        box = self.boxes.get(equipment) or Box(booking="")
        if document := self._document(box.document):
            content = document.content
            numbers = tuple(goods.un_number for goods in content.dangerous_goods if goods.equipment == equipment)
            weight_kg = sum(item.gross_weight_kg for item in content.equipment if item.reference == equipment)
            return numbers, weight_kg, (content.port_of_loading, *content.transhipments, content.port_of_discharge)
        if noted := self._noted(box.document):
            item = next(item for item in noted.equipment if item.reference == equipment)
            return item.un_numbers, item.gross_weight_kg, noted.ports
        booking = self.bookings.get(box.booking) if box.booking else None
        return (booking.un_numbers, 0, (booking.port_of_loading, booking.port_of_discharge)) if booking else ((), 0, ())


def _is_empty_gate(report: Report) -> bool:
    """Whether an empty box came or went; only a gate tells empty ones from laden ones, a crane's rules hold for both."""
    return report.code in ("GTIN", "GTOT") and report.empty == "EMPTY"


def _move(report: Report, number: int) -> Move:
    return Move(
        code=report.code,
        at_ms=report.event_at_ms,
        number=number,
        port=report.port,
        ship=report.ship if report.code in LIFTS and report.vessel_imo else "",
        is_empty=_is_empty_gate(report),
        seals=report.seals,
        un_numbers=report.un_numbers,
        gross_weight_kg=report.gross_weight_kg,
    )
