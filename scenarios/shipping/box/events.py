"""Events of track and trace: who may report what, override and retraction.

An event is known by the organization that posts it, the originator that it names, and the originator's event id. Its versions
are kept for good; the newest holds. A new version takes back what the one before said of boxes and ships and says its own
(`journeys.py`), and then every journey that it touches must be in order.
"""

from typing import Literal

from ledger.contract import Anyone, Context, Member, MemberId, Role, Timestamp, operation
from scenarios.identifiers import is_container_number, is_ship_number, organization_of
from scenarios.shipping import records
from scenarios.shipping.box.event_codes import AUTHORITY, entitled, needed_fields
from scenarios.shipping.box.journeys import (
    flag_ground,
    forget,
    remember_call,
    remember_move,
    require_may_go,
    require_order,
    touched,
)
from scenarios.shipping.box.physical_order import is_cleared
from scenarios.shipping.roles import CARRIER, CUSTOMS, DEPOT, TERMINAL, acting, has_role, signer_with
from scenarios.shipping.state import ShippingState

CheckDigits = Literal["strict", "warn"]


class EventOperations(ShippingState):
    """The part of the contract that records what happens to ships and containers."""

    @operation(signed_by=Role(CARRIER))
    def appoint_facility(self, context: Context, port: records.Port, member: MemberId) -> None:
        """A carrier names the terminal or depot that works for it at a port; no other reports what its boxes do there."""
        # CHECK
        works = any(has_role(context, member, role) for role in (TERMINAL, DEPOT))
        context.require(works, "no-facility", member=member)
        # WRITE
        self.facilities[f"{port}:{organization_of(member)}"] = records.Facility(appointed_by=acting(context, CARRIER))

    @operation(signed_by=Role(CARRIER))
    def note_document(
        self,
        context: Context,
        reference: records.Reference,
        document: records.NotedDocument,
        check_digits: CheckDigits = "strict",
    ) -> None:
        """A carrier notes a transport document that lives elsewhere, to compare events with. It gives no title."""
        # READ
        carrier = document.carrier
        noted = self.noted_documents.get(reference)
        booking = self.bookings.get(document.booking) if document.booking else None
        # CHECK
        context.require(carrier == acting(context, CARRIER), "wrong-carrier", carrier=carrier)
        booked_with = booking.carrier if booking else carrier
        context.require(booked_with == carrier, "wrong-carrier", carrier=booked_with)
        context.require(reference not in self.documents, "document-lives-here", document=reference)
        context.require(noted is None or noted.carrier == carrier, "noted-by-another", document=reference)
        odd = [item.reference for item in document.equipment if not is_container_number(item.reference)]
        context.require(not odd or check_digits == "warn", "wrong-check-digit", place=odd[0] if odd else "")
        # WRITE
        self.noted_documents[reference] = document.replace(flags=("check-digit",) if odd else ())
        # EMIT
        context.emit("document-noted", document=reference, checksum=document.checksum)

    @operation(signed_by=Role(CARRIER))
    def note_chain(self, context: Context, reference: records.Reference, chain: records.NotedChain) -> None:
        """The carrier that noted a document notes its endorsement chain as well: each time one that goes further."""
        # READ
        noted, known = self.noted_documents[reference], self.noted_chains.get(reference)
        # CHECK
        context.require(context.signed_by(noted.carrier), "noted-by-another", document=reference)
        last_ms = known.last_at_ms if known else 0
        context.require(chain.last_at_ms > last_ms, "not-newer", time_ms=last_ms)
        _require_past(context, chain.last_at_ms)
        # WRITE
        self.noted_chains[reference] = chain
        # EMIT
        context.emit("chain-noted", document=reference, checksum=chain.checksum)

    @operation(signed_by=Anyone())
    def record_event(self, context: Context, report: records.Report, check_digits: CheckDigits = "strict") -> None:
        """Somebody reports what happened, is planned or is expected; a later version of an event replaces the earlier ones."""
        self._record(context, report, check_digits)

    @operation(signed_by=Role(CUSTOMS))
    def customs_release(self, context: Context, document: records.Reference) -> None:
        """Customs releases every container of a document: an event CUSR for each that it has not released yet."""
        # READ
        bill = self.documents[document]
        # CHECK
        context.require("customs" not in bill.holds, "on-hold", holds=list(bill.holds))
        # WRITE
        for item in bill.content.equipment:
            if not is_cleared(self.journey(item.reference, bill.booking)):
                self._record(context, _customs_report(context, bill, item.reference), "strict")
        # EMIT
        context.emit("customs-released", document=document)

    @operation(signed_by=Anyone())
    def retract_event(
        self,
        context: Context,
        event_id: records.EventId,
        updated_at_ms: Timestamp,
        originator: records.Originator = "",
        reason: str = "",
    ) -> None:
        """The one who posted an event takes it back: none of its versions holds any more, and all of them stay to be read."""
        # READ
        poster = context.signers[0].member
        key = f"{organization_of(poster)}:{originator}:{event_id}"
        event = self.events.get(key)
        # CHECK
        if event is None or event.is_retracted:  # check: shipping-own-event
            context.refuse("no-such-event", event=event_id)
        report = self._newest(key, event).report
        self._require_newer(context, key, event, updated_at_ms)
        _require_past(context, updated_at_ms)
        # WRITE
        affected = self._take_back(key, event)
        taken_back = report.replace(updated_at_ms=updated_at_ms, reason=reason[:250])
        version = records.Version(report=taken_back, posted_by=poster, posted_at_ms=context.time_ms, is_retraction=True)
        self._add_version(key, event, version, event.booking, event.flags)
        require_order(self, context, affected, report)
        flag_ground(self, context, event.booking, report, None)
        # EMIT
        _announce(context, key, report, "retracted", ())

    def _record(self, context: Context, report: records.Report, check_digits: CheckDigits) -> None:
        # READ
        signer = _reporter(context, report)
        key = f"{organization_of(signer.member)}:{report.originator}:{report.event_id}"
        event = self.events.get(key)
        # CHECK
        _require_times(context, report)
        _require_complete(context, report)
        flags = _check_digit_flags(context, report, check_digits)
        self._require_newer(context, key, event, report.updated_at_ms)
        # WRITE
        before = self._newest(key, event).report if event and not event.is_retracted else None
        affected = self._take_back(key, event)
        booking = event.booking if event else ""
        if report.classifier == "ACT" and report.event_type == "TRANSPORT":
            remember_call(self, context, signer, key, report)
        elif report.classifier == "ACT" and (report.event_type == "EQUIPMENT" or report.un_numbers):
            booking, raised = remember_move(self, context, signer, key, report, booking)
            flags += raised
        version = records.Version(report=report, posted_by=signer.member, posted_at_ms=context.time_ms)
        self._add_version(key, event, version, booking, flags)
        require_order(self, context, (*affected, *touched(self, report, booking)), report)
        if report.classifier == "ACT" and report.event_type == "EQUIPMENT":
            require_may_go(self, context, report)
        flag_ground(self, context, booking, before, report)
        # EMIT
        _announce(context, key, report, "recorded", flags)

    # Versions

    def _require_newer(self, context: Context, key: str, event: records.Event | None, updated_at_ms: int) -> None:
        last_ms = self._newest(key, event).report.updated_at_ms if event else 0
        context.require(updated_at_ms > last_ms, "not-newer", time_ms=last_ms)

    def _newest(self, key: str, event: records.Event) -> records.Version:
        return self.versions[f"{key}:{event.versions:04}"]

    def _take_back(self, key: str, event: records.Event | None) -> tuple[tuple[str, str], ...]:
        """What the valid version of an event said holds no more; the journeys that it touched."""
        if event is None or event.is_retracted:
            return ()
        report = self._newest(key, event).report
        forget(self, key, report, event.booking)
        return touched(self, report, event.booking)

    def _add_version(
        self, key: str, event: records.Event | None, version: records.Version, booking: str, flags: tuple[records.Flag, ...]
    ) -> None:
        number = (event.versions if event else 0) + 1
        self.versions[f"{key}:{number:04}"] = version
        self.events[key] = records.Event(versions=number, is_retracted=version.is_retraction, booking=booking, flags=flags)


def _reporter(context: Context, report: records.Report) -> Member:
    """The signer who may post this; refuses with `unknown-code` or `no-authority`."""
    is_known = report.code in AUTHORITY[report.event_type]
    context.require(is_known, "unknown-code", event_type=report.event_type, event_code=report.code)
    roles = entitled(report.event_type, report.code, report.classifier)
    signer = signer_with(context, roles)
    if signer is None:  # check: shipping-event-authority
        context.refuse("no-authority", event_code=report.code, classifier=report.classifier, roles=list(roles))
    return signer


def _require_times(context: Context, report: records.Report) -> None:
    """What happened, then the message, then the block."""
    known_ms = report.event_at_ms if report.classifier == "ACT" else 0
    _require_past(context, max(known_ms, report.updated_at_ms))
    is_told_after = known_ms <= report.updated_at_ms
    context.require(is_told_after, "told-before", time_ms=known_ms, told_at_ms=report.updated_at_ms)


def _require_past(context: Context, time_ms: int) -> None:
    context.require(time_ms <= context.time_ms, "from-the-future", time_ms=time_ms, clock_ms=context.time_ms)


def _require_complete(context: Context, report: records.Report) -> None:
    values = report.model_dump()
    missing = [name for name in needed_fields(report.event_type, report.code) if not values[name]]
    context.require(not missing, "incomplete-event", event_code=report.code, missing=missing)


def _check_digit_flags(context: Context, report: records.Report, check_digits: CheckDigits) -> tuple[records.Flag, ...]:
    is_box = report.equipment == "" or is_container_number(report.equipment)
    is_ship = report.vessel_imo == "" or is_ship_number(report.vessel_imo)
    if check_digits == "warn":
        return () if is_box and is_ship else ("check-digit",)
    context.require(is_box, "wrong-check-digit", place=report.equipment)
    context.require(is_ship, "bad-ship-number", place=report.vessel_imo)
    return ()


def _announce(context: Context, key: str, report: records.Report, what: str, flags: tuple[records.Flag, ...]) -> None:
    context.emit(
        f"event-{what}",
        event=key,
        event_code=report.code,
        classifier=report.classifier,
        equipment=report.equipment,
        port=report.port,
        flags=flags,
    )


def _customs_report(context: Context, bill: records.TransportDocument, equipment: str) -> records.Report:
    return records.Report(
        event_id=f"CUSR-{bill.reference}-{equipment}-{context.transaction[:12]}",
        updated_at_ms=context.time_ms,
        event_at_ms=context.time_ms,
        event_type="EQUIPMENT",
        code="CUSR",
        classifier="ACT",
        equipment=equipment,
        port=bill.content.port_of_discharge,
        booking=bill.booking,
        document=bill.reference,
    )
