"""Before there is a document: users of platforms, bookings, and what shipper and carrier agree that a document is to say."""

from ledger.contract import Anyone, Context, Identifier, MemberId, Role, Text, operation
from scenarios.identifiers import is_ship_number
from scenarios.shipping.bill.conditions import faults_of_instructions
from scenarios.shipping.bill.steps import require_fit, require_no_open_update
from scenarios.shipping.box.journeys import list_equipment
from scenarios.shipping.flags import require_licence
from scenarios.shipping.records import Booking, Instructions, PlatformUser, Reference, ShippingInstructions, Short, Space
from scenarios.shipping.roles import CARRIER, PLATFORM, SHIPPER, acting, has_role
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import BOOKINGS, INSTRUCTIONS, UPDATES, next_state


class BookingOperations(ShippingState):
    """A shipper asks for space, the carrier confirms it with ship and voyage. And who is known to which platform."""

    @operation(signed_by=Role(PLATFORM))
    def admit(self, context: Context, member: MemberId) -> None:
        """A platform takes on a user: possession can come only to those whom the platform knows."""
        # CHECK
        context.require(context.member(member) is not None, "unknown-member", member=member)
        # WRITE
        self.platform_users[f"{acting(context, PLATFORM)}:{member}"] = PlatformUser(since_ms=context.time_ms)

    @operation(signed_by=Role(SHIPPER))
    def book(self, context: Context, booking: Identifier, space: Space) -> None:
        """A shipper asks a carrier for space and says which dangerous goods there will be."""
        # CHECK
        context.require(booking not in self.bookings, "booking-exists", booking=booking)
        context.require(has_role(context, space.carrier, CARRIER), "not-carrier", member=space.carrier)
        self.require_unlisted(context, acting(context, SHIPPER), space.carrier)
        require_licence(self, context, acting(context, SHIPPER), space.licence)
        # WRITE
        self.bookings[booking] = Booking(**dict(space), shipper=acting(context, SHIPPER))
        # EMIT
        context.emit("booked", booking=booking, carrier=space.carrier)

    @operation(signed_by=Anyone())
    def confirm_booking(self, context: Context, booking: Identifier, vessel_imo: str, voyage: Short) -> None:
        """The carrier confirms, on a ship and a voyage."""
        # READ
        booked = self.bookings[booking]
        # CHECK
        state = next_state(context, BOOKINGS["confirm_booking"], booked.state, booking)
        context.require(context.signed_by(booked.carrier), "wrong-carrier", carrier=booked.carrier)
        context.require(is_ship_number(vessel_imo), "bad-ship-number", place=vessel_imo)
        self.require_unlisted(context, vessel_imo, booked.carrier)
        # WRITE
        self.bookings[booking] = booked.replace(state=state, vessel_imo=vessel_imo, voyage=voyage)

    @operation(signed_by=Anyone())
    def decline_booking(self, context: Context, booking: Identifier) -> None:
        """The carrier has no space."""
        self._end_booking(context, booking, "decline_booking", CARRIER)

    @operation(signed_by=Anyone())
    def cancel_booking(self, context: Context, booking: Identifier) -> None:
        """The shipper takes the request back, before it is confirmed."""
        self._end_booking(context, booking, "cancel_booking", SHIPPER)

    def _end_booking(self, context: Context, booking: Identifier, step: str, by: str) -> None:
        # READ
        booked = self.bookings[booking]
        # CHECK
        state = next_state(context, BOOKINGS[step], booked.state, booking)
        _require_party(context, booked, by)
        # WRITE
        self.bookings[booking] = booked.replace(state=state)


class InstructionOperations(ShippingState):
    """Shipping instructions: submitted, changed, confirmed by the carrier, completed."""

    @operation(signed_by=Role(SHIPPER))
    def submit_si(self, context: Context, instructions: Reference, booking: Identifier, content: Instructions) -> None:
        """The shipper of a confirmed booking says what the document is to say."""
        # READ
        booked = self.bookings[booking]
        # CHECK
        context.require(instructions not in self.instructions, "instructions-exist", instructions=instructions)
        context.require(context.signed_by(booked.shipper), "not-shipper", shipper=booked.shipper)
        next_state(context, BOOKINGS["submit_si"], booked.state, booking)
        _require_sound(context, booked, content)
        # WRITE
        self.instructions[instructions] = ShippingInstructions(
            booking=booking, shipper=booked.shipper, carrier=booked.carrier, content=content
        )
        # EMIT
        context.emit("instructed", instructions=instructions, status="RECEIVED")

    @operation(signed_by=Anyone())
    def request_update(self, context: Context, instructions: Reference, reason: Text) -> None:
        """The carrier finds a fault and asks for changes."""
        self._step(context, instructions, "request_update", CARRIER)

    @operation(signed_by=Anyone())
    def update_si(self, context: Context, instructions: Reference, content: Instructions) -> None:
        """The shipper asks for other contents; nothing changes until the carrier confirms."""
        # READ
        agreed = self.instructions[instructions]
        document = self.document(agreed.document)
        # CHECK
        _require_party(context, agreed, SHIPPER)
        is_issued = document is not None and document.issued_at_ms > 0
        _require_sound(context, self.bookings[agreed.booking], content, is_issued=is_issued)
        # WRITE
        self._move(context, instructions, agreed, "update_si", update=content)

    @operation(signed_by=Anyone())
    def cancel_update(self, context: Context, instructions: Reference) -> None:
        """The shipper takes an update back that the carrier has not answered."""
        self._step(context, instructions, "cancel_update", SHIPPER)

    @operation(signed_by=Anyone())
    def decline_update(self, context: Context, instructions: Reference, reason: Text) -> None:
        """The carrier does not agree to the update."""
        self._step(context, instructions, "decline_update", CARRIER)

    @operation(signed_by=Anyone())
    def confirm_update(self, context: Context, instructions: Reference) -> None:
        """The carrier agrees: a draft follows at once; an issued document only by amendment."""
        # READ
        agreed = self.instructions[instructions]
        document = self.document(agreed.document)
        # CHECK
        _require_party(context, agreed, CARRIER)
        context.require(document is None or document.status != "APPROVED", "draft-approved", document=agreed.document)
        # WRITE
        content = agreed.update or agreed.content
        self._move(context, instructions, agreed, "confirm_update", content=content, update=None)
        if document is not None and document.status == "DRAFT":
            list_equipment(self, context, document.reference, agreed.booking, content)
            self.documents[document.reference] = document.replace(content=content).with_checksum()

    @operation(signed_by=Anyone())
    def cancel_si(self, context: Context, instructions: Reference) -> None:
        """The shipper takes the instructions back, while there is no document."""
        self._step(context, instructions, "cancel_si", SHIPPER)

    @operation(signed_by=Anyone())
    def decline_si(self, context: Context, instructions: Reference, reason: Text) -> None:
        """The carrier does not take the instructions, while there is no document."""
        self._step(context, instructions, "decline_si", CARRIER)

    @operation(signed_by=Anyone())
    def complete_si(self, context: Context, instructions: Reference) -> None:
        """The carrier closes them: the document was surrendered for delivery, or is a sea waybill."""
        # READ
        agreed = self.instructions[instructions]
        document = self.document(agreed.document)
        # CHECK
        _require_party(context, agreed, CARRIER)
        require_no_open_update(context, instructions, agreed)
        is_ended = document is not None and (
            document.status == "SURRENDERED_FOR_DELIVERY" or (document.content.type_code, document.status) == ("SWB", "ISSUED")
        )
        context.require(is_ended, "still-out", document=agreed.document)
        # WRITE
        self._move(context, instructions, agreed, "complete_si")

    def _step(self, context: Context, reference: Reference, step: str, by: str) -> None:
        """What shipper or carrier does with instructions beyond their contents; an update that was open is none afterwards."""
        # READ
        agreed = self.instructions[reference]
        # CHECK
        _require_party(context, agreed, by)
        is_free = step not in ("cancel_si", "decline_si") or not agreed.document
        context.require(is_free, "document-exists", document=agreed.document)
        # WRITE
        self._move(context, reference, agreed, step, update=agreed.update if step == "request_update" else None)

    def _move(
        self, context: Context, reference: Reference, instructions: ShippingInstructions, step: str, **changes: object
    ) -> None:
        """Writes the next states, or refuses where the tables have none."""
        following = next_state(context, INSTRUCTIONS[step], instructions.state, reference)
        update_state = instructions.update_state
        if step in UPDATES:
            update_state = next_state(context, UPDATES[step], update_state, reference)
        self.instructions[reference] = instructions.replace(state=following, update_state=update_state, **changes)
        context.emit("instructed", instructions=reference, status=following, update=update_state)


def _require_party(context: Context, agreed: Booking | ShippingInstructions, role: str) -> None:
    if role == CARRIER:
        context.require(context.signed_by(agreed.carrier), "wrong-carrier", carrier=agreed.carrier)
    else:
        context.require(context.signed_by(agreed.shipper), "not-shipper", shipper=agreed.shipper)


def _require_sound(context: Context, booking: Booking, content: Instructions, *, is_issued: bool = False) -> None:
    """Contents keep to DCSA's conditions and to the booking: its ports, its containers, its dangerous goods.

    Once there is a document the destination may change, by amendment.
    """
    require_fit(context, faults_of_instructions(content))
    context.require(len(content.equipment) <= booking.containers, "more-than-booked", containers=booking.containers)
    ports = (content.port_of_loading, booking.port_of_discharge if is_issued else content.port_of_discharge)
    context.require(ports == (booking.port_of_loading, booking.port_of_discharge), "not-as-booked", ports=ports)
    undeclared = [goods.un_number for goods in content.dangerous_goods if goods.un_number not in booking.un_numbers]
    context.require(not undeclared, "booked-as-general-cargo", un_numbers=undeclared)
