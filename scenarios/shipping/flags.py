"""What is doubtful about a document: flags on it, who takes it in spite of them, and goods that went without it.

A flag stands on the document for good. A bank that lends on the document acknowledges each flag first; to a bank that examines it
under a credit it is one discrepancy more, which the applicant waives or not; a pledgee is named in its event. Facts are always
recorded: goods that a gate let go against a letter of indemnity, or to another than they were released to, are, too, for the one
who is entitled to claim. A record that was false stops to block the goods once carrier and all who could claim say so; then
another flag stands in its place.

Controls of trade hold from their day on. An organization on the list, by identifier, is refused where it would book, be named in
a document, get or pass on title, possession, a credit, a pledge or goods; a carrier or ship where it would carry. A name on the
list that stands in an address, but for small letters, spaces and points, is flagged only, as soon as both are there. Where
customs asks exporters for a licence, a booking names one, and the registry of government services, another contract of the
ledger, says whether it is the shipper's and holds. Bookings of before are not asked for one.
"""

from ledger.contract import Absent, AnyOf, Anyone, Context, DigestText, MemberId, Role, Timestamp, operation
from ledger.contract.calendar import DAY_MS, day_of
from scenarios.identifiers import organization_of
from scenarios.shipping import records
from scenarios.shipping.roles import BANK, CARRIER, CUSTOMS, TERMINAL, acting, signer_with
from scenarios.shipping.state import LicenceView, ShippingState, is_named
from scenarios.shipping.transitions import CARGO, next_state


class FlagOperations(ShippingState):
    """Operations that say whom and what to beware of."""

    @operation(signed_by=Role(CUSTOMS))
    def publish_controls(self, context: Context, effective_on_ms: Timestamp, controls: records.TradeControls) -> None:
        """Customs publishes the controls that hold from a day on, the whole of them. Bills that show a new name are flagged."""
        # READ
        known = self.names_published(context.time_ms)
        new = [name for name in controls.names if not is_named([name], known)]
        issued = [bill for _, bill in self.documents.items() if bill.issued_at_ms and bill.status != "VOIDED"]
        # CHECK
        is_day = day_of(context.time_ms) <= effective_on_ms == day_of(effective_on_ms)
        context.require(is_day, "controls-retroactive", today_on_ms=day_of(context.time_ms))
        # WRITE
        self.controls[f"{effective_on_ms:015}"] = controls
        for bill in issued:
            if is_named(bill.content.displayed_address, new):
                self.raise_flags(context, bill, "name-listed")

    @operation(signed_by=Role(BANK))
    def acknowledge_flags(self, context: Context, document: records.Reference) -> None:
        """A bank takes a document with every flag that it has now: what it lends on it is at its own risk."""
        # READ
        bill, bank = self.documents[document], acting(context, BANK)
        # CHECK
        context.require(bool(self.open_flags(bill, bank)), "no-open-flag", document=document)
        # WRITE
        self.acknowledgements[f"{document}:{bank}"] = records.Acknowledgement(times_flagged=bill.times_flagged)
        # EMIT
        context.emit("flags-acknowledged", document=document, bank=bank, flags=bill.flags)

    @operation(signed_by=AnyOf(Role(CARRIER), Role(TERMINAL)))
    def record_misdelivery(
        self,
        context: Context,
        document: records.Reference,
        taken_by: records.Short,
        letter_of_indemnity: DigestText | None = None,
    ) -> None:
        """Carrier or terminal record that goods went without their document, or to another than they were released to.

        Nothing is allowed by it; everybody sees it. There is nothing to record once every box was fetched for the right one.
        """
        # READ
        bill, signer = self.documents[document], signer_with(context, (CARRIER, TERMINAL))
        member, port = signer.member if signer else "", bill.content.port_of_discharge
        # CHECK
        next_state(context, CARGO["record_misdelivery"], bill.status, document)
        is_own = member == bill.carrier or f"{port}:{organization_of(member)}" in self.facilities
        context.require(is_own, "not-appointed", member=member, port=port)
        is_fetched = bill.released_to != "" and all(self.gone_at_ms(bill, item.reference) for item in bill.content.equipment)
        context.require(not is_fetched, "already-released", party=bill.released_to)
        context.require("misdelivered" not in bill.flags, "recorded-already", document=document)
        # WRITE
        self.misdeliveries[document] = records.Misdelivery(
            taken_by=taken_by, letter_of_indemnity=letter_of_indemnity, recorded_by=member, recorded_at_ms=context.time_ms
        )
        self.raise_flags(context, bill, "misdelivered")
        # EMIT
        context.emit("misdelivered", document=document, taken_by=taken_by, carrier=bill.carrier)

    @operation(signed_by=Anyone())
    def lodge_claim(self, context: Context, document: records.Reference, statement: DigestText) -> None:
        """Who has title, possession or a pledge, or is the waybill's consignee, claims for goods that went to another."""
        # READ
        bill = self.documents[document]
        entitled = self._claimants(bill)
        claimants = [party for party in entitled if context.signed_by(party)]
        # CHECK
        self.require_unlocked(context, document)
        is_gone = "misdelivered" in bill.flags and bill.status != "VOIDED"
        context.require(is_gone, "not-misdelivered", document=document)
        context.require(bool(claimants), "no-right-to-claim", entitled=entitled)
        key = f"{document}:{claimants[0] if claimants else ''}"
        context.require(key not in self.claims, "recorded-already", document=document)
        # WRITE
        self.claims[key] = records.Claim(statement=statement, lodged_at_ms=context.time_ms)
        # EMIT
        context.emit("claimed", document=document, claimant=claimants[0], carrier=bill.carrier)

    @operation(signed_by=Role(CARRIER))
    def retract_misdelivery(self, context: Context, document: records.Reference) -> None:
        """The goods are there: the carrier says so with everybody who could claim for them, and what was claimed falls.

        So it is with released goods that reached the right one after all. That they were missed is a flag.
        """
        # READ
        bill, release = self.documents[document], self.releases.get(document)
        unsigned = [party for party in (bill.carrier, *self._claimants(bill)) if not context.signed_by(party)]
        # CHECK
        self.require_unlocked(context, document)
        context.require("misdelivered" in bill.flags and bill.status != "VOIDED", "not-misdelivered", document=document)
        context.require(not unsigned, "not-signed-by", member=unsigned[0] if unsigned else "")
        gone = [at_ms for item in bill.content.equipment if (at_ms := self.gone_at_ms(bill, item.reference))]
        is_there = not gone or (release is not None and release.released_at_ms <= min(gone))
        context.require(is_there, "goods-gone", document=document)
        # WRITE
        for key in [key for key, _ in self.claims.items(prefix=f"{document}:")]:
            del self.claims[key]
        found = bill.replace(flags=tuple(flag for flag in bill.flags if flag != "misdelivered"))
        self.raise_flags(context, found, "misdelivery-retracted")
        # EMIT
        context.emit("misdelivery-retracted", document=document, carrier=bill.carrier)

    def _claimants(self, bill: records.TransportDocument) -> list[str]:
        """Who has a right to the goods of a document: title, possession or a pledge of it, or the name of its consignee."""
        title = self.titles.get(bill.reference)
        held = (title.possessor, title.title_holder, title.pledgee, title.surrendered_by) if title else ()
        return [party for party in dict.fromkeys((*held, bill.content.consignee)) if party not in ("", bill.carrier)]


def require_licence(state: ShippingState, context: Context, shipper: MemberId, licence: str) -> None:
    """A shipper has the licence that customs asks for, if it asks for one; whether it holds now its registry says."""
    item = state.controls_in_force(context.time_ms).licence
    if not item:
        return
    found = context.read(LicenceView, licence) if licence else Absent.NO_RECORD
    if isinstance(found, Absent):  # check: shipping-licence
        context.refuse("no-licence", item=item, why=found.value)
    context.require(context.time_ms <= found.until_ms, "brought-too-old", key=licence)
    is_own = (found.item, found.holder) == (item, organization_of(shipper))
    is_valid = found.state == "valid" and context.time_ms < found.valid_to_on_ms + DAY_MS
    context.require(is_own and is_valid, "licence-not-valid", licence=licence, holder=found.holder, status=found.state)
