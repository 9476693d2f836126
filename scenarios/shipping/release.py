"""Customs, free time, charges, and the release of cargo: once, to the one who surrendered the document.

Demurrage and detention follow from events and the tariff that was quoted; the carrier states the amount and the ledger computes
it again. Money is moved outside; the bank that moved it signs the payment.
"""

from typing import Literal

from ledger.contract import AnyOf, Collection, Context, DigestText, Integer, MemberId, Positive, Role, Timestamp, operation
from ledger.contract.calendar import day_of
from scenarios.shipping.box_checks import is_cleared
from scenarios.shipping.events import EventOperations
from scenarios.shipping.records import ContainerNumber, Port, Reference, Short, TransportDocument
from scenarios.shipping.records_events import Account, DndCharge, Quote, Release, Report, TariffInForce
from scenarios.shipping.roles import BANK, CARRIER, CUSTOMS, acting, signer_with
from scenarios.shipping.tariff import Kind, Tariff, chargeable_days, due_cents, tiers_fault

Hold = Literal["carrier", "customs"]
"""Who holds cargo back."""


class ReleaseOperations(EventOperations):
    """The part of the contract that lets cargo go."""

    tariffs = Collection(TariffInForce)
    quotes = Collection(Quote)
    dnd_charges = Collection(DndCharge)
    accounts = Collection(Account)

    @operation(signed_by=Role(CARRIER))
    def set_tariff(self, context: Context, port: Port, effective_on_ms: Timestamp, terms: Tariff) -> None:
        """A carrier announces free time and prices for a port, from a later day on."""
        # READ
        carrier, today_ms = acting(context, CARRIER), day_of(context.time_ms)
        # CHECK
        is_sound = not tiers_fault(terms.demurrage.tiers) and not tiers_fault(terms.detention.tiers)
        context.require(is_sound, "bad-tiers")
        is_later = effective_on_ms > today_ms and effective_on_ms == day_of(effective_on_ms)
        context.require(is_later, "tariff-retroactive", today_on_ms=today_ms)
        # WRITE
        self.tariffs[f"{carrier}:{port}:{effective_on_ms:015}"] = TariffInForce(terms=terms)

    @operation(signed_by=Role(CARRIER))
    def quote_free_time(self, context: Context, document: Reference, equipment: ContainerNumber) -> None:
        """The carrier tells free time and its price for a box, as on an arrival notice: no later tariff changes it."""
        # READ
        found = self._own_document(context, document)
        port = found.content.port_of_discharge
        # CHECK
        self._require_in_force(context, document, found)
        self._require_listed(context, document, found, equipment)
        context.require(f"{document}:{equipment}" not in self.quotes, "quoted-already", equipment=equipment)
        terms = self._tariff_on(found.carrier, port, context.time_ms)
        if terms is None:  # check: shipping-tariff-known
            context.refuse("no-tariff", carrier=found.carrier, port=port)
        # WRITE
        self.quotes[f"{document}:{equipment}"] = Quote(terms=terms, quoted_at_ms=context.time_ms)
        # EMIT
        context.emit("free-time-quoted", document=document, equipment=equipment, tariff=terms.number)

    @operation(signed_by=Role(CARRIER))
    def charge_dnd(
        self, context: Context, document: Reference, equipment: ContainerNumber, kind: Kind, amount_cents: Integer
    ) -> None:
        """The carrier charges what demurrage or detention has come to since the last charge; below nothing it is a correction."""
        # READ
        found = self._own_document(context, document)
        key = f"{document}:{equipment}:{kind}"
        charged = self.dnd_charges.get(key)
        computed = self.dnd(document, equipment, kind, context.time_ms)
        # CHECK
        self._require_in_force(context, document, found)
        context.require(f"{document}:{equipment}" in self.quotes, "not-quoted", equipment=equipment)
        due = (computed.charged_cents if computed else 0) - (charged.charged_cents if charged else 0)
        if computed is None or due == 0:  # check: shipping-nothing-due
            context.refuse("nothing-due", equipment=equipment)
        context.require(amount_cents == due, "wrong-charge", due_cents=due, amount_cents=amount_cents)
        # WRITE
        self.dnd_charges[key] = computed
        account = self._account(document, found)
        self.accounts[document] = account.replace(due_cents=account.due_cents + due)
        # EMIT
        context.emit("charged", document=document, equipment=equipment, kind=kind, days=computed.days, amount_cents=due)

    @operation(signed_by=Role(BANK))
    def pay_charges(self, context: Context, document: Reference, payer: MemberId, amount_cents: Positive) -> None:
        """Somebody pays freight to collect, demurrage and detention; payer and bank sign, the bank for the money it moved."""
        # READ
        found = self.documents[document]
        account = self._account(document, found)
        # CHECK
        self._require_in_force(context, document, found)
        context.require(context.signed_by(payer), "not-signed-by", member=payer)
        due = max(0, account.due_cents - account.paid_cents)
        context.require(amount_cents <= due, "over-payment-of-charges", due_cents=due)
        # WRITE
        self.accounts[document] = account.replace(paid_cents=account.paid_cents + amount_cents)
        # EMIT
        context.emit("charges-paid", document=document, payer=payer, payee=found.carrier, amount_cents=amount_cents)

    @operation(signed_by=AnyOf(Role(CARRIER), Role(CUSTOMS)))
    def hold_cargo(self, context: Context, document: Reference, reason: Short) -> None:
        """Customs or the carrier hold the cargo of a document back, for the reason given."""
        # READ
        found, hold = self.documents[document], self._holder(context, document)
        # CHECK
        context.require(found.released_to == "", "already-released", party=found.released_to)
        context.require(found.status != "VOIDED", "wrong-status", name=document, status=found.status)
        # WRITE
        self.documents[document] = found.replace(holds=(*(name for name in found.holds if name != hold), hold))
        # EMIT
        context.emit("held", document=document, hold=hold, reason=reason)

    @operation(signed_by=AnyOf(Role(CARRIER), Role(CUSTOMS)))
    def lift_hold(self, context: Context, document: Reference) -> None:
        """The one who held it back lets it go again."""
        # READ
        found, hold = self.documents[document], self._holder(context, document)
        # CHECK
        context.require(hold in found.holds, "no-such-hold", hold=hold)
        # WRITE
        self.documents[document] = found.replace(holds=tuple(name for name in found.holds if name != hold))
        # EMIT
        context.emit("hold-lifted", document=document, hold=hold)

    @operation(signed_by=Role(CUSTOMS))
    def customs_release(self, context: Context, document: Reference) -> None:
        """Customs releases every container of a document: an event CUSR for each that it has not released yet."""
        # READ
        found = self.documents[document]
        # CHECK
        context.require("customs" not in found.holds, "on-hold", holds=list(found.holds))
        # WRITE
        for item in found.content.equipment:
            if not is_cleared(self.journey(item.reference, found.booking)):
                self.record_event(context, _customs_report(context, document, found, item.reference))
        # EMIT
        context.emit("customs-released", document=document)

    @operation(signed_by=Role(CARRIER))
    def release_cargo(
        self, context: Context, document: Reference, to: MemberId, letter_of_indemnity: DigestText | None = None
    ) -> None:
        """The carrier gives the right to the goods, once, to the one who surrendered; a sea waybill's consignee signs as well."""
        # READ
        found = self._own_document(context, document)
        # CHECK
        context.require(found.released_to == "", "already-released", party=found.released_to)
        self._require_surrendered(context, document, found, to, letter_of_indemnity)
        context.require(not found.holds, "on-hold", holds=list(found.holds))
        for item in found.content.equipment:
            moves = self.journey(item.reference, found.booking)
            flags = self.flags(item.reference, moves)
            if flags:  # check: shipping-flagged-cargo
                context.refuse(flags[0], equipment=item.reference)
            context.require(is_cleared(moves), "not-cleared", equipment=item.reference)
        unpaid = self.unpaid_cents(document, found, context.time_ms)
        context.require(unpaid <= 0, "charges-unpaid", due_cents=unpaid)
        # WRITE
        self.documents[document] = found.replace(released_to=to)
        references = tuple(item.reference for item in found.content.equipment)
        self.releases[document] = Release(to=to, released_at_ms=context.time_ms, equipment=references)
        # EMIT
        context.emit("released", document=document, to=to, equipment=references)

    # What follows from events

    def dnd(self, document: str, equipment: str, kind: Kind, now_ms: int) -> DndCharge | None:
        """Demurrage or detention of a box up to the end of its clock or now; None before the clock starts or without a quote."""
        found, quote = self.documents[document], self.quotes.get(f"{document}:{equipment}")
        span = self.clock(found, equipment, kind, quote.terms) if quote else None
        if quote is None or span is None or span[0] > now_ms:
            return None
        start_ms, end_ms = span
        until_ms = end_ms or now_ms
        return DndCharge(
            kind=kind,
            start_at_ms=start_ms,
            end_at_ms=until_ms,
            is_final=end_ms != 0,
            days=chargeable_days(quote.terms, kind, start_ms, until_ms),
            charged_cents=due_cents(quote.terms, kind, start_ms, until_ms),
        )

    def clock(self, found: TransportDocument, equipment: str, kind: Kind, terms: Tariff) -> tuple[int, int] | None:
        """When a box's clock started and, 0 for not yet, when it stopped."""
        port, moves = found.content.port_of_discharge, self.journey(equipment, found.booking)
        landed = next((move for move in moves if (move.code, move.port) == ("DISC", port)), None)
        if landed is None:
            return None
        gone_ms = next((move.at_ms for move in moves if move.code == "GTOT" and not move.is_empty and move.port == port), 0)
        if kind == "DET":
            back_ms = next((m.at_ms for m in moves if m.code == "GTIN" and m.is_empty and m.at_ms >= gone_ms), 0)
            return (gone_ms, back_ms) if gone_ms else None
        call = self.port_calls.get(f"{landed.ship}:{port}")
        arrived_ms = call.arrived_at_ms if call else 0
        return arrived_ms if terms.demurrage_starts == "ARRI" and arrived_ms else landed.at_ms, gone_ms

    def unpaid_cents(self, document: str, found: TransportDocument, now_ms: int) -> int:
        """What stands against a release now: charges not paid, and demurrage that nobody has charged yet."""
        account = self._account(document, found)
        open_cents = 0
        for item in found.content.equipment:
            computed = self.dnd(document, item.reference, "DEM", now_ms)
            charged = self.dnd_charges.get(f"{document}:{item.reference}:DEM")
            open_cents += (computed.charged_cents if computed else 0) - (charged.charged_cents if charged else 0)
        return account.due_cents - account.paid_cents + open_cents

    # Checks

    def _require_surrendered(
        self, context: Context, document: str, found: TransportDocument, to: MemberId, letter_of_indemnity: str | None
    ) -> None:
        """Goods for a bill of lading, to the one who gave it back; of a sea waybill, to its consignee."""
        if found.content.type_code == "SWB":
            context.require(found.status == "ISSUED", "not-surrendered", document=document, status=found.status)
            is_consignee = to == found.content.consignee and context.signed_by(to)
            context.require(is_consignee, "not-surrendering-party", party=found.content.consignee)
            return
        is_surrendered = found.status == "SURRENDERED_FOR_DELIVERY"
        context.require(is_surrendered or letter_of_indemnity is None, "letter-of-indemnity", document=document)
        context.require(is_surrendered, "not-surrendered", document=document, status=found.status)
        party = self.titles[document].surrendered_by
        context.require(to == party, "not-surrendering-party", party=party)

    def _require_listed(self, context: Context, document: str, found: TransportDocument, equipment: str) -> None:
        references = [item.reference for item in found.content.equipment]
        context.require(equipment in references, "not-on-document", document=document, equipment=equipment)

    def _require_in_force(self, context: Context, document: str, found: TransportDocument) -> None:
        """Free time belongs to a document that was issued and not replaced: so a box is never charged twice."""
        is_in_force = found.issued_at_ms > 0 and found.status != "VOIDED"
        context.require(is_in_force, "wrong-status", name=document, status=found.status)

    def _own_document(self, context: Context, document: Reference) -> TransportDocument:
        found = self.documents[document]
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)
        return found

    def _holder(self, context: Context, document: str) -> Hold:
        if signer_with(context, (CUSTOMS,)):
            return "customs"
        self._own_document(context, document)
        return "carrier"

    def _account(self, document: str, found: TransportDocument) -> Account:
        """What is due and paid; at first what the document says is to be collected, and what was paid on the one it replaces."""
        account, earlier = self.accounts.get(document), found.replaces
        if account is not None:
            return account
        while account is None and earlier:
            account, earlier = self.accounts.get(earlier), self.documents[earlier].replaces
        collect_cents = sum(charge.amount_cents for charge in found.facts.charges if charge.payment_term == "COL")
        return Account(due_cents=collect_cents, paid_cents=account.paid_cents if account is not None else 0)

    def _tariff_on(self, carrier: str, port: str, time_ms: int) -> Tariff | None:
        terms = [row.terms for key, row in self.tariffs.items(prefix=f"{carrier}:{port}:") if int(key[-15:]) <= time_ms]
        return terms[-1] if terms else None


def _customs_report(context: Context, document: str, found: TransportDocument, equipment: str) -> Report:
    return Report(
        event_id=f"CUSR-{document}-{equipment}-{context.transaction[:12]}",
        updated_at_ms=context.time_ms,
        event_at_ms=context.time_ms,
        event_type="EQUIPMENT",
        code="CUSR",
        classifier="ACT",
        equipment=equipment,
        port=found.content.port_of_discharge,
        booking=found.booking,
        document=document,
    )
