"""Bookings: a shipper asks for space, the carrier confirms it with ship and voyage. And who is known to which platform."""

from ledger.contract import Anyone, Context, Identifier, MemberId, Positive, Role, operation
from scenarios.identifiers import is_ship_number
from scenarios.shipping.records import Booking, PlatformUser, Port, Short
from scenarios.shipping.roles import CARRIER, PLATFORM, SHIPPER, acting
from scenarios.shipping.state import ShippingState


class BookingOperations(ShippingState):
    """The part of the contract before there is a document."""

    @operation(signed_by=Role(PLATFORM))
    def admit(self, context: Context, member: MemberId) -> None:
        """A platform takes on a user: possession can come only to those whom the platform knows."""
        # CHECK
        context.require(context.member(member) is not None, "unknown-member", member=member)
        # WRITE
        self.platform_users[f"{acting(context, PLATFORM)}:{member}"] = PlatformUser(since_ms=context.time_ms)

    @operation(signed_by=Role(SHIPPER))
    def book(
        self,
        context: Context,
        booking: Identifier,
        carrier: MemberId,
        port_of_loading: Port,
        port_of_discharge: Port,
        containers: Positive,
        un_numbers: tuple[str, ...] = (),
    ) -> None:
        """A shipper asks a carrier for space and says which dangerous goods there will be."""
        # CHECK
        context.require(booking not in self.bookings, "booking-exists", booking=booking)
        context.require(self.has_role(context, carrier, CARRIER), "not-carrier", member=carrier)
        # WRITE
        self.bookings[booking] = Booking(
            shipper=acting(context, SHIPPER),
            carrier=carrier,
            port_of_loading=port_of_loading,
            port_of_discharge=port_of_discharge,
            containers=containers,
            un_numbers=un_numbers,
        )
        # EMIT
        context.emit("booked", booking=booking, carrier=carrier)

    @operation(signed_by=Anyone())
    def confirm_booking(self, context: Context, booking: Identifier, vessel_imo: str, voyage: Short) -> None:
        """The carrier confirms, on a ship and a voyage."""
        # READ
        found = self._booked(context, booking)
        # CHECK
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)
        context.require(is_ship_number(vessel_imo), "bad-ship-number", place=vessel_imo)
        # WRITE
        self.bookings[booking] = found.replace(state="CONFIRMED", vessel_imo=vessel_imo, voyage=voyage)

    @operation(signed_by=Anyone())
    def decline_booking(self, context: Context, booking: Identifier) -> None:
        """The carrier has no space."""
        # READ
        found = self._booked(context, booking)
        # CHECK
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)
        # WRITE
        self.bookings[booking] = found.replace(state="DECLINED")

    @operation(signed_by=Anyone())
    def cancel_booking(self, context: Context, booking: Identifier) -> None:
        """The shipper takes the request back, before it is confirmed."""
        # READ
        found = self._booked(context, booking)
        # CHECK
        context.require(context.signed_by(found.shipper), "not-shipper", shipper=found.shipper)
        # WRITE
        self.bookings[booking] = found.replace(state="CANCELLED")

    def has_role(self, context: Context, member: MemberId, role: str) -> bool:
        """Whether somebody is enrolled with this role."""
        found = context.member(member) if member else None
        return found is not None and role in found.roles

    def is_known(self, platform: MemberId, member: MemberId) -> bool:
        """Whether a platform has this user."""
        return f"{platform}:{member}" in self.platform_users

    def _booked(self, context: Context, booking: Identifier) -> Booking:
        found = self.bookings[booking]
        context.require(found.state == "RECEIVED", "wrong-status", name=booking, status=found.state)
        return found
