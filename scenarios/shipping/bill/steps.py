"""What steps of instructions and of documents share: the next status, and what a document must keep to."""

from ledger.contract import Context
from ledger.contract.calendar import day_of
from scenarios.shipping.bill.conditions import Faults, faults_of_facts
from scenarios.shipping.box.physical_order import verified_mass_kg
from scenarios.shipping.records import BillFlag, CarrierFacts, Instructions, ShippingInstructions, TransportDocument
from scenarios.shipping.state import ShippingState, is_named
from scenarios.shipping.transitions import DOCUMENTS, next_state


def move_document(
    state: ShippingState, context: Context, document: TransportDocument, step: str, **changes: object
) -> TransportDocument:
    """Writes the next status, or refuses where the table has none."""
    after = document.replace(status=next_state(context, DOCUMENTS[step], document.status, document.reference), **changes)
    state.documents[document.reference] = after
    context.emit("status", document=document.reference, status=after.status)
    return after


def require_no_open_update(context: Context, reference: str, instructions: ShippingInstructions) -> None:
    """Refuses while the carrier has an update to answer."""
    context.require(instructions.update_state != "UPDATE_RECEIVED", "open-update", instructions=reference)


def require_fit(context: Context, faults: Faults) -> None:
    """Refuses with the first fault of a document's contents."""
    for code, place in faults:
        context.refuse(code, place=place)  # check: shipping-contents


def require_facts(state: ShippingState, context: Context, content: Instructions, facts: CarrierFacts) -> None:
    """The carrier's dates agree with what happened: boxes weighed, received or loaded by then, the ship still there."""
    require_fit(context, faults_of_facts(facts))
    day = facts.shipped_on_board_on_ms or facts.received_on_ms
    context.require(day_of(day) == day, "not-a-day", place="shipped_on_board_on_ms, received_on_ms")
    context.require(day <= context.time_ms, "dated-ahead", claimed_on_ms=day)
    port, is_on_board = content.port_of_loading, facts.is_shipped_on_board
    for equipment in [item.reference for item in content.equipment]:
        came_at_ms = require_received(state, context, equipment, port)
        loaded_at_ms = state.actual_at_ms(equipment, "LOAD", port, facts.ship)
        if is_on_board and loaded_at_ms is None:  # check: shipping-not-loaded
            context.refuse("not-loaded", equipment=equipment, place=port)
        happened_at_ms = loaded_at_ms if is_on_board and loaded_at_ms else came_at_ms
        is_true = day_of(happened_at_ms) <= day
        context.require(is_true, "back-dated", claimed_on_ms=day, happened_at_ms=happened_at_ms, equipment=equipment)
    if not is_on_board:
        return
    departed_at_ms = state.departed_at_ms(facts.ship, port) or day
    context.require(day <= departed_at_ms, "after-departure", claimed_on_ms=day, departed_at_ms=departed_at_ms)


def flag_issued(state: ShippingState, context: Context, document: TransportDocument) -> None:
    """Nobody who is on the list of sanctions is named in what is issued; what is doubtful about it is flagged from the first."""
    content, facts = document.content, document.facts
    parties = (document.shipper, document.carrier, content.consignee, content.endorsee, content.notify, document.offer_to)
    state.require_unlisted(context, *parties, facts.vessel_imo)
    is_listed = is_named(content.displayed_address, state.names_published(context.time_ms))
    flags: tuple[BillFlag, ...] = ("name-listed",) if is_listed else ()
    state.raise_flags(context, document, *flags)


def require_received(state: ShippingState, context: Context, equipment: str, port: str) -> int:
    """A box came laden through the gate of the port of loading, and was weighed there or before; when it came."""
    box, came_at_ms = state.boxes.get(equipment), state.actual_at_ms(equipment, "GTIN", port)
    if box is None or came_at_ms is None:  # check: shipping-not-received
        context.refuse("not-received", equipment=equipment, place=port)
    is_weighed = verified_mass_kg(state.journey(equipment, box.booking)) > 0
    context.require(is_weighed, "no-verified-mass", equipment=equipment)
    return came_at_ms
