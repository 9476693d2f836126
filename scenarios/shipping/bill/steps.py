"""What operations on instructions and documents have in common: the next state, and what a document must keep to."""

from collections.abc import Iterable

from ledger.contract import Context
from ledger.contract.calendar import day_of
from scenarios.shipping.bill.conditions import Fault, faults_of_facts
from scenarios.shipping.records import CarrierFacts, Instructions, ShippingInstructions, TransportDocument
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import DOCUMENTS, INSTRUCTIONS, UPDATES, next_state


def move_instructions(
    state: ShippingState, context: Context, reference: str, instructions: ShippingInstructions, step: str, **changes: object
) -> None:
    """Writes the next states, or refuses where the tables have none."""
    following = next_state(context, INSTRUCTIONS[step], instructions.state, reference)
    update_state = instructions.update_state
    if step in UPDATES:
        update_state = next_state(context, UPDATES[step], update_state, reference)
    state.instructions[reference] = instructions.replace(state=following, update_state=update_state, **changes)
    context.emit("instructed", instructions=reference, status=following, update=update_state)


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


def require_fit(context: Context, faults: Iterable[Fault]) -> None:
    """Refuses with the first fault of a document's contents."""
    for fault in faults:
        context.refuse(fault.code, place=fault.value)  # check: shipping-contents


def require_facts(state: ShippingState, context: Context, content: Instructions, facts: CarrierFacts) -> None:
    """The carrier's dates agree with what happened: every box loaded by the day on board, the ship still there."""
    require_fit(context, faults_of_facts(facts))
    day = facts.shipped_on_board_on_ms or facts.received_on_ms
    context.require(day_of(day) == day, "not-a-day", place="shipped_on_board_on_ms, received_on_ms")
    context.require(day <= context.time_ms, "dated-ahead", claimed_on_ms=day)
    if not facts.is_shipped_on_board:
        return
    port = content.port_of_loading
    for equipment in content.equipment:
        loaded_at_ms = state.actual_at_ms(equipment.reference, "LOAD", port, facts.ship)
        if loaded_at_ms is None:  # check: shipping-not-loaded
            context.refuse("not-loaded", equipment=equipment.reference, place=port)
        context.require(
            day_of(loaded_at_ms) <= day,
            "back-dated",
            claimed_on_ms=day,
            loaded_at_ms=loaded_at_ms,
            equipment=equipment.reference,
        )
    departed_at_ms = state.departed_at_ms(facts.ship, port) or day
    context.require(day <= departed_at_ms, "after-departure", claimed_on_ms=day, departed_at_ms=departed_at_ms)
