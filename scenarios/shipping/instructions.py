"""Shipping instructions: submitted, changed, confirmed by the carrier, completed."""

from ledger.contract import Anyone, Context, Identifier, Role, Text, operation
from scenarios.shipping.booking import BookingOperations
from scenarios.shipping.conditions import faults_of_instructions
from scenarios.shipping.records import Booking, Instructions, Reference, ShippingInstructions
from scenarios.shipping.roles import SHIPPER
from scenarios.shipping.transitions import INSTRUCTIONS, UPDATES


class InstructionOperations(BookingOperations):
    """The part of the contract in which shipper and carrier agree what a document is to say."""

    @operation(signed_by=Role(SHIPPER))
    def submit_si(self, context: Context, instructions: Reference, booking: Identifier, content: Instructions) -> None:
        """The shipper of a confirmed booking says what the document is to say."""
        # READ
        booked = self.bookings[booking]
        # CHECK
        context.require(instructions not in self.instructions, "instructions-exist", instructions=instructions)
        context.require(context.signed_by(booked.shipper), "not-shipper", shipper=booked.shipper)
        context.require(booked.state == "CONFIRMED", "wrong-status", name=booking, status=booked.state)
        self._require_sound(context, booked, content)
        # WRITE
        self.instructions[instructions] = ShippingInstructions(
            booking=booking, shipper=booked.shipper, carrier=booked.carrier, content=content
        )
        # EMIT
        context.emit("instructed", instructions=instructions, status="RECEIVED")

    @operation(signed_by=Anyone())
    def request_update(self, context: Context, instructions: Reference, reason: Text) -> None:
        """The carrier finds a fault and asks for changes."""
        # READ
        found = self.instructions[instructions]
        # CHECK
        self.require_carrier(context, found)
        # WRITE
        self.to_state(context, instructions, found, "request_update")

    @operation(signed_by=Anyone())
    def update_si(self, context: Context, instructions: Reference, content: Instructions) -> None:
        """The shipper asks for other contents; nothing changes until the carrier confirms."""
        # READ
        found = self.instructions[instructions]
        # CHECK
        context.require(context.signed_by(found.shipper), "not-shipper", shipper=found.shipper)
        document = self.documents.get(found.document) if found.document else None
        is_issued = document is not None and document.issued_at_ms > 0
        self._require_sound(context, self.bookings[found.booking], content, is_issued=is_issued)
        # WRITE
        self.to_state(context, instructions, found, "update_si", update=content)

    @operation(signed_by=Anyone())
    def cancel_update(self, context: Context, instructions: Reference) -> None:
        """The shipper takes an update back that the carrier has not answered."""
        # READ
        found = self.instructions[instructions]
        # CHECK
        context.require(context.signed_by(found.shipper), "not-shipper", shipper=found.shipper)
        # WRITE
        self.to_state(context, instructions, found, "cancel_update", update=None)

    @operation(signed_by=Anyone())
    def decline_update(self, context: Context, instructions: Reference, reason: Text) -> None:
        """The carrier does not agree to the update."""
        # READ
        found = self.instructions[instructions]
        # CHECK
        self.require_carrier(context, found)
        # WRITE
        self.to_state(context, instructions, found, "decline_update", update=None)

    @operation(signed_by=Anyone())
    def cancel_si(self, context: Context, instructions: Reference) -> None:
        """The shipper takes the instructions back, while there is no document."""
        # READ
        found = self.instructions[instructions]
        # CHECK
        context.require(context.signed_by(found.shipper), "not-shipper", shipper=found.shipper)
        context.require(not found.document, "document-exists", document=found.document)
        # WRITE
        self.to_state(context, instructions, found, "cancel_si", update=None)

    @operation(signed_by=Anyone())
    def decline_si(self, context: Context, instructions: Reference, reason: Text) -> None:
        """The carrier does not take the instructions, while there is no document."""
        # READ
        found = self.instructions[instructions]
        # CHECK
        self.require_carrier(context, found)
        context.require(not found.document, "document-exists", document=found.document)
        # WRITE
        self.to_state(context, instructions, found, "decline_si", update=None)

    @operation(signed_by=Anyone())
    def complete_si(self, context: Context, instructions: Reference) -> None:
        """The carrier closes them: the document was surrendered for delivery, or is a sea waybill."""
        # READ
        found = self.instructions[instructions]
        document = self.documents.get(found.document) if found.document else None
        # CHECK
        self.require_carrier(context, found)
        self.require_no_open_update(context, instructions, found)
        ended = document is not None and (
            document.status == "SURRENDERED_FOR_DELIVERY" or (document.content.type_code, document.status) == ("SWB", "ISSUED")
        )
        context.require(ended, "still-out", document=found.document)
        # WRITE
        self.to_state(context, instructions, found, "complete_si")

    def require_no_open_update(self, context: Context, instructions: str, found: ShippingInstructions) -> None:
        """Refuses while the carrier has an update to answer."""
        context.require(found.update_state != "UPDATE_RECEIVED", "open-update", instructions=instructions)

    def require_fit(self, context: Context, faults: tuple[tuple[str, str], ...]) -> None:
        """Refuses with the first fault of a document's contents."""
        for code, place in faults:
            context.refuse(code, place=place)  # check: shipping-contents

    def _require_sound(self, context: Context, booked: Booking, content: Instructions, *, is_issued: bool = False) -> None:
        """Contents keep to DCSA's conditions and to the booking: its ports, its containers, its dangerous goods.

        Once there is a document the destination may change, by amendment.
        """
        self.require_fit(context, tuple(faults_of_instructions(content)))
        context.require(len(content.equipment) <= booked.containers, "more-than-booked", containers=booked.containers)
        ports = (content.port_of_loading, booked.port_of_discharge if is_issued else content.port_of_discharge)
        context.require(ports == (booked.port_of_loading, booked.port_of_discharge), "not-as-booked", ports=ports)
        undeclared = [goods.un_number for goods in content.dangerous_goods if goods.un_number not in booked.un_numbers]
        context.require(not undeclared, "booked-as-general-cargo", un_numbers=undeclared)

    def require_carrier(self, context: Context, found: ShippingInstructions) -> None:
        """Refuses unless the carrier signs."""
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)

    def to_state(
        self, context: Context, instructions: Reference, found: ShippingInstructions, step: str, **changes: object
    ) -> None:
        """Writes the next states, or refuses where the tables have none."""
        state = INSTRUCTIONS[step].get(found.state)
        context.require(state is not None, "wrong-status", name=instructions, status=found.state)
        update_state = UPDATES[step].get(found.update_state) if step in UPDATES else found.update_state
        context.require(update_state is not None, "wrong-status", name=instructions, status=found.update_state or "no update")
        self.instructions[instructions] = found.replace(state=state, update_state=update_state, **changes)
        context.emit("instructed", instructions=instructions, status=state, update=update_state)
