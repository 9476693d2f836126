"""What is doubtful about a document: flags on it, who takes it in spite of them, and goods that went without it.

A flag stands on the document for good. A bank that lends on the document acknowledges each flag first; to a bank that examines it
under a credit it is one discrepancy more, which the applicant waives or not. Facts are always recorded: goods that a gate let go
against a letter of indemnity are, too, for the holder to claim.

Controls of trade hold from their day on. An organization or ship on the list, by identifier, is refused wherever it takes part. A
name on it that stands in an address, but for small letters and all that is no letter of a to z or digit, is flagged only. Where
customs asks exporters for a licence, a booking names one, and the registry of government services, another contract of the
ledger, says whether it is the shipper's and holds. What was booked before is left alone.
"""

from collections.abc import Sequence

from ledger.contract import Absent, AnyOf, Anyone, Context, DigestText, MemberId, Role, Timestamp, operation
from ledger.contract.calendar import DAY_MS, day_of
from scenarios.identifiers import organization_of
from scenarios.shipping import records
from scenarios.shipping.roles import BANK, CARRIER, CUSTOMS, TERMINAL, acting, signer_with
from scenarios.shipping.state import LicenceView, ShippingState
from scenarios.shipping.transitions import CARGO, next_state

NO_CONTROLS = records.TradeControls(identifiers=(), names=())
PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789"


class FlagOperations(ShippingState):
    """Operations that say whom and what to beware of."""

    @operation(signed_by=Role(CUSTOMS))
    def publish_controls(self, context: Context, effective_on_ms: Timestamp, controls: records.TradeControls) -> None:
        """Customs publishes the controls that hold from a day on, the whole of them."""
        # CHECK
        is_day = day_of(context.time_ms) <= effective_on_ms == day_of(effective_on_ms)
        context.require(is_day, "controls-retroactive", today_on_ms=day_of(context.time_ms))
        # WRITE
        self.controls[f"{effective_on_ms:015}"] = controls

    @operation(signed_by=Role(BANK))
    def acknowledge_flags(self, context: Context, document: records.Reference) -> None:
        """A bank takes a document with every flag that it has now: what it lends on it is at its own risk."""
        # READ
        bill, bank = self.documents[document], acting(context, BANK)
        # CHECK
        context.require(bool(open_flags(self, bill, bank)), "no-open-flag", document=document)
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
        """Carrier or terminal record that goods went without their document. Nothing is allowed by it; everybody sees it."""
        # READ
        bill, signer = self.documents[document], signer_with(context, (CARRIER, TERMINAL))
        member, port = signer.member if signer else "", bill.content.port_of_discharge
        # CHECK
        next_state(context, CARGO["record_misdelivery"], bill.status, document)
        is_own = member == bill.carrier or f"{port}:{organization_of(member)}" in self.facilities
        context.require(is_own, "not-appointed", member=member, port=port)
        context.require(bill.released_to == "", "already-released", party=bill.released_to)
        context.require("misdelivered" not in bill.flags, "recorded-already", document=document)
        # WRITE
        self.misdeliveries[document] = records.Misdelivery(
            taken_by=taken_by, letter_of_indemnity=letter_of_indemnity, recorded_by=member, recorded_at_ms=context.time_ms
        )
        raise_flags(self, context, bill, "misdelivered")
        # EMIT
        context.emit("misdelivered", document=document, taken_by=taken_by, carrier=bill.carrier)

    @operation(signed_by=Anyone())
    def lodge_claim(self, context: Context, document: records.Reference, statement: DigestText) -> None:
        """Who has title, possession or a pledge, or is the waybill's consignee, claims for goods that went to another."""
        # READ
        bill, title = self.documents[document], self.titles.get(document)
        held = (title.possessor, title.title_holder, title.pledgee, title.surrendered_by) if title else ()
        entitled = [party for party in dict.fromkeys((*held, bill.content.consignee)) if party not in ("", bill.carrier)]
        claimants = [party for party in entitled if context.signed_by(party)]
        # CHECK
        is_gone = "misdelivered" in bill.flags and bill.status != "VOIDED"
        context.require(is_gone, "not-misdelivered", document=document)
        context.require(bool(claimants), "no-right-to-claim", entitled=entitled)
        key = f"{document}:{claimants[0] if claimants else ''}"
        context.require(key not in self.claims, "recorded-already", document=document)
        # WRITE
        self.claims[key] = records.Claim(statement=statement, lodged_at_ms=context.time_ms)
        # EMIT
        context.emit("claimed", document=document, claimant=claimants[0], carrier=bill.carrier)


def raise_flags(state: ShippingState, context: Context, document: records.TransportDocument, *flags: records.BillFlag) -> None:
    """Writes flags to a document, and those of its boxes that it lacks: discrepancies, if it is under examination."""
    boxes = [state.boxes.get(item.reference) for item in document.content.equipment]
    listed = [flag for box in boxes if box and box.document == document.reference for flag in box.flags]
    new = tuple(dict.fromkeys((*flags, *(flag for flag in listed if flag not in document.flags))))
    if not new:
        return
    known, times = dict.fromkeys((*document.flags, *new)), document.times_flagged + 1
    state.documents[document.reference] = document.replace(flags=tuple(known), times_flagged=times)
    title = state.titles.get(document.reference)
    if title is not None and title.under_credit:
        shown = state.presentations[title.under_credit]
        discrepancies = tuple(dict.fromkeys((*shown.discrepancies, *new)))
        state.presentations[title.under_credit] = shown.replace(discrepancies=discrepancies, waived=False)
    context.emit("flagged", document=document.reference, flags=new)


def open_flags(state: ShippingState, document: records.TransportDocument, bank: MemberId) -> list[records.BillFlag]:
    """The flags of a document, if it was flagged since the bank acknowledged them last."""
    known = state.acknowledgements.get(f"{document.reference}:{bank}")
    is_known = known is not None and known.times_flagged == document.times_flagged
    return [] if is_known else [*document.flags]


def require_unlisted(state: ShippingState, context: Context, *named: str) -> None:
    """Refuses a member of a listed organization, and a listed ship."""
    listed = [name for name in named if organization_of(name) in _in_force(state, context.time_ms).identifiers]
    context.require(not listed, "sanctioned", party=listed[0] if listed else "")


def require_licence(state: ShippingState, context: Context, shipper: MemberId, licence: str) -> None:
    """A shipper has the licence that customs asks for, if it asks for one; whether it holds now its registry says."""
    item = _in_force(state, context.time_ms).licence
    if not item:
        return
    found = context.read(LicenceView, licence) if licence else Absent.NO_RECORD
    if isinstance(found, Absent):  # check: shipping-licence
        context.refuse("no-licence", item=item, why=found.value)
    is_own = (found.item, found.holder) == (item, organization_of(shipper))
    is_valid = found.state == "valid" and context.time_ms < found.valid_to_on_ms + DAY_MS
    context.require(is_own and is_valid, "licence-not-valid", licence=licence, holder=found.holder, status=found.state)


def is_name_listed(state: ShippingState, time_ms: int, lines: Sequence[str]) -> bool:
    """Whether a listed name stands in an address."""
    address = _plain(" ".join(lines))
    names = [_plain(name) for name in _in_force(state, time_ms).names]
    return any(name != "" and name in address for name in names)


def _in_force(state: ShippingState, time_ms: int) -> records.TradeControls:
    published = [controls for key, controls in state.controls.items() if int(key) <= time_ms]
    return published[-1] if published else NO_CONTROLS


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign in PLAIN)
