"""Customs' holds, free time, charges, and the release of cargo: once, to the party that surrendered the document.

Demurrage and detention follow from events and the tariff that was quoted; the carrier states the amount and the ledger computes
it again. Money is moved outside; the bank that moved it signs the payment.
"""

from typing import Literal

from ledger.contract import AnyOf, Anyone, Context, DigestText, Integer, MemberId, Positive, Role, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.shipping import records, roles
from scenarios.shipping.box.journeys import box_flags
from scenarios.shipping.box.physical_order import is_cleared
from scenarios.shipping.box.tariff import chargeable_days, due_cents, tiers_fault
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import CARGO, next_state

Hold = Literal["carrier", "customs"]
"""Who holds cargo back."""


class ReleaseOperations(ShippingState):
    """Operations that charge for cargo, hold it and release it."""

    @operation(signed_by=Role(roles.CARRIER))
    def set_tariff(self, context: Context, port: records.Port, effective_on_ms: Timestamp, terms: records.Tariff) -> None:
        """A carrier announces free time and prices for a port, from a later day on."""
        # READ
        carrier, today_ms = roles.acting(context, roles.CARRIER), day_of(context.time_ms)
        # CHECK
        is_sound = not tiers_fault(terms.demurrage.tiers) and not tiers_fault(terms.detention.tiers)
        context.require(is_sound, "bad-tiers")
        is_later = effective_on_ms > today_ms and effective_on_ms == day_of(effective_on_ms)
        context.require(is_later, "tariff-retroactive", today_on_ms=today_ms)
        # WRITE
        self.tariffs[f"{carrier}:{port}:{effective_on_ms:015}"] = records.TariffInForce(terms=terms)

    @operation(signed_by=Role(roles.CARRIER))
    def quote_free_time(self, context: Context, document: records.Reference, equipment: records.ContainerNumber) -> None:
        """The carrier states free time and its price for a box, as on an arrival notice: no later tariff changes it."""
        # READ
        bill = self._own_document(context, document)
        port = bill.content.port_of_discharge
        # CHECK
        next_state(context, CARGO["quote_free_time"], bill.status, document)
        is_listed = equipment in [item.reference for item in bill.content.equipment]
        context.require(is_listed, "not-on-document", document=document, equipment=equipment)
        context.require(f"{document}:{equipment}" not in self.quotes, "quoted-already", equipment=equipment)
        terms = self._tariff_on(bill.carrier, port, context.time_ms)
        if terms is None:  # check: shipping-tariff-known
            context.refuse("no-tariff", carrier=bill.carrier, port=port)
        # WRITE
        self.quotes[f"{document}:{equipment}"] = records.Quote(terms=terms, quoted_at_ms=context.time_ms)
        # EMIT
        context.emit("free-time-quoted", document=document, equipment=equipment, tariff=terms.number)

    @operation(signed_by=Role(roles.CARRIER))
    def charge_dnd(
        self,
        context: Context,
        document: records.Reference,
        equipment: records.ContainerNumber,
        kind: records.Kind,
        amount_cents: Integer,
    ) -> None:
        """The carrier charges what demurrage or detention has come to since the last charge; below nothing it is a correction."""
        # READ
        bill = self._own_document(context, document)
        computed = self._dnd(bill, equipment, kind, context.time_ms)
        due = self._uncharged_cents(bill, equipment, kind, computed)
        # CHECK
        next_state(context, CARGO["charge_dnd"], bill.status, document)
        context.require(f"{document}:{equipment}" in self.quotes, "not-quoted", equipment=equipment)
        if computed is None or due == 0:  # check: shipping-nothing-due
            context.refuse("nothing-due", equipment=equipment)
        context.require(amount_cents == due, "wrong-charge", due_cents=due, amount_cents=amount_cents)
        # WRITE
        self.dnd_charges[f"{document}:{equipment}:{kind}"] = computed
        account = self._account(bill)
        self.accounts[document] = account.replace(due_cents=account.due_cents + due)
        # EMIT
        context.emit("charged", document=document, equipment=equipment, kind=kind, days=computed.days, amount_cents=due)

    @operation(signed_by=Role(roles.BANK))
    def pay_charges(self, context: Context, document: records.Reference, payer: MemberId, amount_cents: Positive) -> None:
        """Somebody pays freight to collect, demurrage and detention; payer and bank sign, the bank for the money it moved."""
        # READ
        bill = self.documents[document]
        account = self._account(bill)
        # CHECK
        next_state(context, CARGO["pay_charges"], bill.status, document)
        context.require(context.signed_by(payer), "not-signed-by", member=payer)
        due = max(0, account.due_cents - account.paid_cents)
        context.require(amount_cents <= due, "over-payment-of-charges", due_cents=due)
        # WRITE
        self.accounts[document] = account.replace(paid_cents=account.paid_cents + amount_cents)
        # EMIT
        context.emit("charges-paid", document=document, payer=payer, payee=bill.carrier, amount_cents=amount_cents)

    @operation(signed_by=AnyOf(Role(roles.CARRIER), Role(roles.CUSTOMS)))
    def hold_cargo(self, context: Context, document: records.Reference, reason: records.Short) -> None:
        """Customs or the carrier hold the cargo of a document back, for the reason given."""
        # READ
        bill, hold = self.documents[document], self._holder(context, document)
        # CHECK
        context.require(bill.released_to == "", "already-released", party=bill.released_to)
        next_state(context, CARGO["hold_cargo"], bill.status, document)
        # WRITE
        self.documents[document] = bill.replace(holds=(*(name for name in bill.holds if name != hold), hold))
        # EMIT
        context.emit("held", document=document, hold=hold, reason=reason)

    @operation(signed_by=AnyOf(Role(roles.CARRIER), Role(roles.CUSTOMS)))
    def lift_hold(self, context: Context, document: records.Reference) -> None:
        """The one who held it back lets it go again."""
        # READ
        bill, hold = self.documents[document], self._holder(context, document)
        # CHECK
        context.require(hold in bill.holds, "no-such-hold", hold=hold)
        # WRITE
        self.documents[document] = bill.replace(holds=tuple(name for name in bill.holds if name != hold))
        # EMIT
        context.emit("hold-lifted", document=document, hold=hold)

    @operation(signed_by=Role(roles.CARRIER))
    def release_cargo(
        self, context: Context, document: records.Reference, to: MemberId, letter_of_indemnity: DigestText | None = None
    ) -> None:
        """The carrier gives the right to the goods, once, to the party that surrendered; a sea waybill's consignee signs too."""
        # READ
        bill = self._own_document(context, document)
        boxes = tuple(item.reference for item in bill.content.equipment)
        # CHECK
        context.require(bill.released_to == "", "already-released", party=bill.released_to)
        context.require("misdelivered" not in bill.flags, "goods-gone", document=document)
        self._require_surrendered(context, bill, to, letter_of_indemnity)
        self.require_unlisted(context, to)
        context.require(not bill.holds, "on-hold", holds=list(bill.holds))
        for box in boxes:
            moves = self.journey(box, bill.booking)
            flags = box_flags(self, box, moves)
            if flags:  # check: shipping-flagged-cargo
                context.refuse(flags[0], equipment=box)
            context.require(is_cleared(moves), "not-cleared", equipment=box)
        unpaid = self.unpaid_cents(bill, context.time_ms)
        context.require(unpaid <= 0, "charges-unpaid", due_cents=unpaid)
        # WRITE
        self.documents[document] = bill.replace(released_to=to)
        self.releases[document] = records.Release(to=to, released_at_ms=context.time_ms, equipment=boxes)
        # EMIT
        context.emit("released", document=document, to=to, equipment=boxes)

    @operation(signed_by=Anyone())
    def name_haulier(self, context: Context, document: records.Reference, haulier: MemberId) -> None:
        """The party to which goods were released says who fetches them: the gate opens only if that haulier signs as well."""
        # READ
        release = self.releases[document]
        # CHECK
        context.require(context.signed_by(release.to), "not-signed-by", member=release.to)
        context.require(roles.has_role(context, haulier, roles.TRUCKER), "no-haulier", member=haulier)
        self.require_unlisted(context, haulier)
        # WRITE
        self.releases[document] = release.replace(haulier=haulier)
        # EMIT
        context.emit("haulier-named", document=document, haulier=haulier)

    # What follows from events

    def unpaid_cents(self, bill: records.TransportDocument, now_ms: int) -> int:
        """What stands against a release now: charges not paid, and demurrage not charged yet."""
        account, open_cents = self._account(bill), 0
        for item in bill.content.equipment:
            computed = self._dnd(bill, item.reference, "DEM", now_ms)
            open_cents += self._uncharged_cents(bill, item.reference, "DEM", computed)
        return account.due_cents - account.paid_cents + open_cents

    def _uncharged_cents(
        self, bill: records.TransportDocument, equipment: str, kind: records.Kind, computed: records.DndCharge | None
    ) -> int:
        charged = self.dnd_charges.get(f"{bill.reference}:{equipment}:{kind}")
        return (computed.charged_cents if computed else 0) - (charged.charged_cents if charged else 0)

    def _dnd(self, bill: records.TransportDocument, equipment: str, kind: records.Kind, now_ms: int) -> records.DndCharge | None:
        """Demurrage or detention of a box up to the end of its clock or now; None before the clock starts or without a quote."""
        quote = self.quotes.get(f"{bill.reference}:{equipment}")
        span = self._clock(bill, equipment, kind, quote.terms) if quote else None
        if quote is None or span is None or span[0] > now_ms:
            return None
        start_ms, end_ms = span
        until_ms = end_ms or now_ms
        return records.DndCharge(
            kind=kind,
            start_at_ms=start_ms,
            end_at_ms=until_ms,
            is_final=end_ms != 0,
            days=chargeable_days(quote.terms, kind, start_ms, until_ms),
            charged_cents=due_cents(quote.terms, kind, start_ms, until_ms),
        )

    def _clock(
        self, bill: records.TransportDocument, equipment: str, kind: records.Kind, terms: records.Tariff
    ) -> tuple[int, int] | None:
        """When a box's clock started and, 0 for not yet, when it stopped."""
        port, moves = bill.content.port_of_discharge, self.journey(equipment, bill.booking)
        landed = next((move for move in moves if (move.code, move.port) == ("DISC", port)), None)
        if landed is None:
            return None
        gone_ms = self.gone_at_ms(bill, equipment)
        if kind == "DET":
            back_ms = next((m.at_ms for m in moves if m.code == "GTIN" and m.is_empty and m.at_ms >= gone_ms), 0)
            return (gone_ms, back_ms) if gone_ms else None
        call = self.port_calls.get(f"{landed.ship}:{port}")
        arrived_ms = call.arrived_at_ms if call else 0
        return arrived_ms if terms.demurrage_starts == "ARRI" and arrived_ms else landed.at_ms, gone_ms

    def _account(self, bill: records.TransportDocument) -> records.Account:
        """What is due and paid; at first what the document says is to be collected, and what was paid on the one it replaces."""
        account, earlier = self.accounts.get(bill.reference), bill.replaces
        if account is not None:
            return account
        while account is None and earlier:
            account, earlier = self.accounts.get(earlier), self.documents[earlier].replaces
        return records.Account(due_cents=bill.facts.collect_cents, paid_cents=account.paid_cents if account is not None else 0)

    def _tariff_on(self, carrier: str, port: str, time_ms: int) -> records.Tariff | None:
        terms = [row.terms for key, row in self.tariffs.items(prefix=f"{carrier}:{port}:") if int(key[-15:]) <= time_ms]
        return terms[-1] if terms else None

    # Checks

    def _require_surrendered(
        self, context: Context, bill: records.TransportDocument, to: MemberId, letter_of_indemnity: str | None
    ) -> None:
        """Goods for a bill of lading, to the party that gave it back; of a sea waybill, to its consignee."""
        is_due = bill.status in CARGO[f"release_cargo ({bill.content.type_code})"]
        if bill.content.type_code == "BOL":
            context.require(is_due or letter_of_indemnity is None, "letter-of-indemnity", document=bill.reference)
        context.require(is_due, "not-surrendered", document=bill.reference, status=bill.status)
        if bill.content.type_code == "SWB":
            is_consignee = to == bill.content.consignee and context.signed_by(to)
            context.require(is_consignee, "not-surrendering-party", party=bill.content.consignee)
        else:
            party = self.titles[bill.reference].surrendered_by
            context.require(to == party, "not-surrendering-party", party=party)

    def _own_document(self, context: Context, document: records.Reference) -> records.TransportDocument:
        bill = self.documents[document]
        context.require(context.signed_by(bill.carrier), "wrong-carrier", carrier=bill.carrier)
        return bill

    def _holder(self, context: Context, document: str) -> Hold:
        if roles.signer_with(context, (roles.CUSTOMS,)):
            return "customs"
        self._own_document(context, document)
        return "carrier"
