"""What steps of instructions and of documents share: the next status, and what a document must keep to."""

from ledger.contract import Context
from ledger.contract.calendar import day_of
from scenarios.shipping.bill.conditions import Faults, faults_of_facts
from scenarios.shipping.records import CarrierFacts, Instructions, ShippingInstructions, TransportDocument
from scenarios.shipping.state import ShippingState
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
