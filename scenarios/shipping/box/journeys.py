"""What ACT events say of boxes and ships, written down so that rules can look back on it, and taken back again.

A container is on one journey at a time, under one booking (or under none that this ledger knows). `moves` holds what happened
on it, `port_calls` when ships came and went, `lifts` which boxes a ship loaded and discharged at a call.
"""

from collections.abc import Sequence

from ledger.contract import Context, Member
from ledger.contract.calendar import DAY_MS, day_of
from scenarios.identifiers import organization_of
from scenarios.shipping.box.physical_order import (
    STOPPED,
    flags_of,
    is_cleared,
    order_fault,
    partial_fault,
    position_of,
    verified_mass_kg,
)
from scenarios.shipping.records import BillFlag, Box, Flag, Instructions, Lift, Move, NotedDocument, PortCall, Report
from scenarios.shipping.roles import CARRIER, CONSIGNEE, DEPOT, SHIPPER, TERMINAL
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import BOOKINGS

LIFTS = ("LOAD", "DISC")
LATE_MS = 3 * DAY_MS
"""A gate-in or loading that is told later than this is flagged: an assumption, terminals tell it within hours."""


def list_equipment(state: ShippingState, context: Context, document: str, booking: str, content: Instructions) -> None:
    """A document lists containers: on no other journey or live document, and as heavy and dangerous as they were seen."""
    for item in content.equipment:
        box = state.boxes.get(item.reference) or Box(booking=booking)
        if box.booking != booking:
            _require_finished(state, context, item.reference, box)
        elif box.document not in ("", document):
            earlier = state.document(box.document)
            is_free = earlier is None or earlier.status == "VOIDED"
            context.require(is_free, "listed-elsewhere", equipment=item.reference, document=box.document)
        state.boxes[item.reference] = (box if box.booking == booking else Box(booking=booking)).replace(document=document)
        declared = [goods.un_number for goods in content.dangerous_goods if goods.equipment == item.reference]
        flags = flags_of(state.journey(item.reference, booking), declared, item.gross_weight_kg)
        if wrong := [flag for flag in flags if flag != "seal-changed"]:  # check: shipping-document-and-box
            context.refuse(wrong[0], equipment=item.reference)


def is_booked(state: ShippingState, booking: str) -> bool:
    """Whether this ledger knows the booking: then the whole journey must be reported on it."""
    return booking != "" and booking in state.bookings


def box_flags(state: ShippingState, equipment: str, moves: Sequence[Move]) -> tuple[Flag, ...]:
    """What is wrong with a box after these moves, by what its booking and document say of it."""
    declared, weight_kg, _ = _declared(state, equipment)
    return flags_of(moves, declared, weight_kg)


def forget(state: ShippingState, key: str, report: Report, booking: str) -> None:
    """Takes back what an ACT event said."""
    if f"{report.equipment}|{booking}|{key}" in state.moves:
        del state.moves[f"{report.equipment}|{booking}|{key}"]
    place = f"{report.ship}:{report.port}"
    call = state.port_calls.get(place)
    if call is not None and call.arrival == key:
        state.port_calls[place] = call.replace(arrived_at_ms=0, arrival="")
    elif call is not None and call.departure == key:
        state.port_calls[place] = call.replace(departed_at_ms=0, departure="")


def remember_call(state: ShippingState, context: Context, signer: Member, key: str, report: Report) -> None:
    """A ship came or went: reported once, by its operator or the terminal there, and in order."""
    place = f"{report.ship}:{report.port}"
    call = state.port_calls.get(place) or PortCall()
    reported = call.arrival if report.code == "ARRI" else call.departure
    _require_appointed(state, context, signer, report)
    _require_operator(state, context, signer, report)
    context.require(reported in ("", key), "told-already", event=reported)
    if report.code == "ARRI":
        call = call.replace(arrived_at_ms=report.event_at_ms, arrival=key)
    else:
        call = call.replace(departed_at_ms=report.event_at_ms, departure=key)
    is_in_order = not call.departed_at_ms or call.arrived_at_ms <= call.departed_at_ms
    context.require(is_in_order, "departed-before-arrival", port=report.port)
    state.port_calls[place] = call


def remember_move(
    state: ShippingState, context: Context, signer: Member, key: str, report: Report, booking: str
) -> tuple[str, tuple[Flag, ...]]:
    """Something happened to a box; the booking under which it counts, and the flags that it raises."""
    box = _box(state, context, report, booking)
    state.boxes[report.equipment] = box
    if is_booked(state, box.booking):
        _require_party(state, context, signer, report, box)
        context.require(report.code not in LIFTS or report.vessel_imo != "", "no-ship", event_code=report.code)
    _require_routing(state, context, report)
    others = state.journey(report.equipment, box.booking)
    number = 1 + max((other.number for other in others), default=0)
    move = _move(report, number, is_booked=is_booked(state, box.booking))
    state.moves[f"{report.equipment}|{box.booking}|{key}"] = move
    if move.ship:
        lift = Lift(equipment=report.equipment, booking=box.booking)
        state.lifts[f"{move.ship}:{move.port}:{report.equipment}|{box.booking}"] = lift
    earlier = box_flags(state, report.equipment, others)
    now = box_flags(state, report.equipment, (*others, move))
    return box.booking, tuple(flag for flag in now if flag not in earlier)


def flag_ground(state: ShippingState, context: Context, booking: str, before: Report | None, after: Report | None) -> None:
    """Flags a box, and the document that lists it, if a bill may be dated by this event and the event is a doubtful ground.

    `before` and `after` are what it said and says of a gate-in or loading: something else, nothing any more, or late.
    """
    grounds = [report for report in (before, after) if report is not None and _is_ground(state, report, booking)]
    flags: list[BillFlag] = []
    if before is not None and before in grounds and not _is_kept(before, after):
        flags.append("event-corrected" if after else "event-retracted")
    if after is not None and after in grounds and context.time_ms - after.event_at_ms > LATE_MS:
        flags.append("event-late")
    for report in grounds:
        box = state.boxes[report.equipment]
        state.boxes[report.equipment] = box = box.replace(flags=tuple(dict.fromkeys((*box.flags, *flags))))
        if document := state.document(box.document):
            state.raise_flags(context, document, *flags)


def touched(state: ShippingState, report: Report, booking: str) -> tuple[tuple[str, str], ...]:
    """The journeys that an ACT event says something of: of its box, or of all boxes lifted at the ship's call."""
    if report.classifier != "ACT":
        return ()
    if report.event_type == "TRANSPORT":
        return tuple((lift.equipment, lift.booking) for _, lift in state.lifts.items(prefix=f"{report.ship}:{report.port}:"))
    return ((report.equipment, booking),)


def require_order(state: ShippingState, context: Context, journeys: Sequence[tuple[str, str]], report: Report) -> None:
    """Every journey that the event touches is in order, as far as this ledger knows it."""
    for equipment, booking in dict.fromkeys(journeys):
        moves = state.journey(equipment, booking)
        places = dict.fromkeys(f"{move.ship}:{move.port}" for move in moves if move.ship)
        calls = {place: call for place in places if (call := state.port_calls.get(place))}
        fault = (order_fault if is_booked(state, booking) else partial_fault)(moves, calls)
        if fault != "":  # check: shipping-physical-order
            context.refuse(fault, equipment=equipment, event_code=report.code, port=report.port)


def require_may_go(state: ShippingState, context: Context, report: Report) -> None:
    """A box with something wrong goes neither aboard nor out; and out only when its goods are released."""
    box = state.boxes[report.equipment]
    document = state.document(box.document)
    is_misdelivered = report.code == "GTOT" and document is not None and "misdelivered" in document.flags
    if report.code not in STOPPED or _is_empty_gate(report) or is_misdelivered:
        return
    moves = [move for move in state.journey(report.equipment, box.booking) if move.at_ms <= report.event_at_ms]
    flags = box_flags(state, report.equipment, moves)
    if flags:  # check: shipping-flagged-box
        context.refuse(flags[0], equipment=report.equipment)
    if not is_booked(state, box.booking):
        return
    if report.code == "LOAD":
        context.require(verified_mass_kg(moves) > 0, "no-verified-mass", equipment=report.equipment)
    else:
        release = state.releases.get(box.document) if box.document else None
        is_released = release is not None and release.released_at_ms <= report.event_at_ms
        context.require(is_released, "not-released", equipment=report.equipment)
        receiver, haulier = (release.to, release.haulier) if release else ("", "")
        context.require(context.signed_by(haulier), "not-haulier", equipment=report.equipment, haulier=haulier)
        state.require_unlisted(context, receiver, haulier, at_ms=report.event_at_ms)
        context.require(is_cleared(moves), "not-cleared", equipment=report.equipment)


def _require_party(state: ShippingState, context: Context, signer: Member, report: Report, box: Box) -> None:
    """Terminal and depot speak of ports where they are appointed, shipper and consignee of their own boxes."""
    _require_appointed(state, context, signer, report)
    document = state.document(box.document)
    receiver = document.released_to if document else ""
    is_own = {SHIPPER: state.bookings[box.booking].shipper, CONSIGNEE: receiver}
    parties = [member for role, member in is_own.items() if role in signer.roles]
    context.require(not parties or signer.member in parties, "not-own-box", equipment=report.equipment)


def _require_appointed(state: ShippingState, context: Context, signer: Member, report: Report) -> None:
    if report.port and (TERMINAL in signer.roles or DEPOT in signer.roles):
        place = f"{report.port}:{organization_of(signer.member)}"
        context.require(place in state.facilities, "not-appointed", member=signer.member, port=report.port)


def _require_operator(state: ShippingState, context: Context, signer: Member, report: Report) -> None:
    """A carrier speaks of its own ships: of those on which it has confirmed bookings, or on which no member has."""
    carriers = [booking.carrier for _, booking in state.bookings.items() if booking.ship == report.ship]
    is_own = CARRIER not in signer.roles or not carriers or signer.member in carriers
    context.require(is_own, "not-own-ship", member=signer.member, place=report.vessel_imo)


def _require_routing(state: ShippingState, context: Context, report: Report) -> None:
    _, _, ports = _declared(state, report.equipment)
    if not ports or _is_empty_gate(report):
        return
    allowed = {"GTIN": ports[:1], "LOAD": ports[:-1], "DISC": ports[1:], "GTOT": ports[-1:]}.get(report.code, (report.port,))
    context.require(report.port in allowed, "not-in-routing", equipment=report.equipment, port=report.port, ports=list(ports))


def _require_finished(state: ShippingState, context: Context, equipment: str, box: Box) -> None:
    document = state.document(box.document)
    is_closed = document is None or document.status == "VOIDED" or document.released_to != "" or "misdelivered" in document.flags
    is_back = position_of(state.journey(equipment, box.booking)).place == "start"
    is_finished = not is_booked(state, box.booking) or (is_closed and is_back)
    context.require(is_finished, "another-booking", equipment=equipment, booking=box.booking)


def _box(state: ShippingState, context: Context, report: Report, booking: str) -> Box:
    """The journey to which a report belongs: the one of its earlier version, the one that it names, or the container's."""
    booking_of_document, listed = _papers(state, report.document)
    named = booking or report.booking or booking_of_document
    box = state.boxes.get(report.equipment)
    if box is None or named not in ("", box.booking):
        if box is not None:
            _require_finished(state, context, report.equipment, box)
        booked = state.bookings.get(named) if named else None
        is_confirmed = booked is None or booked.state in BOOKINGS["record_event"]
        context.require(is_confirmed, "booking-not-confirmed", booking=named)
        box = Box(booking=named)
    is_listed = report.equipment in listed and booking_of_document == box.booking
    return box.replace(document=report.document) if is_listed and box.document == "" else box


def _papers(state: ShippingState, reference: str) -> tuple[str, tuple[str, ...]]:
    """Booking and containers of a document, of one that lives here or that was noted; empty where there is none."""
    if document := state.document(reference):
        return document.booking, tuple(item.reference for item in document.content.equipment)
    if noted := _noted(state, reference):
        return noted.booking, tuple(item.reference for item in noted.equipment)
    return "", ()


def _noted(state: ShippingState, reference: str) -> NotedDocument | None:
    return state.noted_documents.get(reference) if reference else None


def _declared(state: ShippingState, equipment: str) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """What is declared of a container: UN numbers, gross weight (0 if unknown), ports in the order of the journey."""
    box = state.boxes.get(equipment) or Box(booking="")
    if document := state.document(box.document):
        content = document.content
        numbers = tuple(goods.un_number for goods in content.dangerous_goods if goods.equipment == equipment)
        weight_kg = sum(item.gross_weight_kg for item in content.equipment if item.reference == equipment)
        return numbers, weight_kg, (content.port_of_loading, *content.transhipments, content.port_of_discharge)
    if noted := _noted(state, box.document):
        item = next(item for item in noted.equipment if item.reference == equipment)
        return item.un_numbers, item.gross_weight_kg, noted.ports
    booking = state.bookings.get(box.booking) if box.booking else None
    return (booking.un_numbers, 0, (booking.port_of_loading, booking.port_of_discharge)) if booking else ((), 0, ())


def _is_empty_gate(report: Report) -> bool:
    """Whether an empty box came or went; only a gate tells empty ones from laden ones, a crane's rules hold for both."""
    return report.code in ("GTIN", "GTOT") and report.empty == "EMPTY"


def _is_ground(state: ShippingState, report: Report, booking: str) -> bool:
    """Whether a report says that a laden box of this booking came to its port of loading, or went aboard there."""
    box = state.boxes.get(report.equipment) if report.equipment else None
    is_dated = report.classifier == "ACT" and report.code in ("GTIN", "LOAD") and report.empty != "EMPTY"
    ports = _declared(state, report.equipment)[2] if box and is_dated and box.booking == booking else ()
    return ports[:1] == (report.port,)


def _is_kept(before: Report, after: Report | None) -> bool:
    """Whether an event still says what a document rests on: box, day, ship, and the weight if it had one."""
    said, says = (
        (report.equipment, report.code, report.classifier, day_of(report.event_at_ms), report.ship) if report else ()
        for report in (before, after)
    )
    return said == says and after is not None and before.gross_weight_kg in (0, after.gross_weight_kg)


def _move(report: Report, number: int, *, is_booked: bool) -> Move:
    return Move(
        code=report.code,
        at_ms=report.event_at_ms,
        number=number,
        port=report.port,
        ship=report.ship if report.code in LIFTS and report.vessel_imo else "",
        is_booked=is_booked,
        is_empty=_is_empty_gate(report),
        seals=report.seals,
        un_numbers=report.un_numbers,
        gross_weight_kg=report.gross_weight_kg,
    )
