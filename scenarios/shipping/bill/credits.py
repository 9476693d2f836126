"""Banks: letters of credit against a bill of lading, and its pledge for an advance.

The rules of credits follow UCP 600 as practitioners tell them (not verified against its text): shipped by the latest day,
presented within 21 days of shipment and before expiry, clean on board, to order of the issuing bank; the bank examines
within five banking days, and one that is late cannot refuse any more. Amounts are sealed: what is paid is the banks' affair.
"""

from collections.abc import Iterator

from ledger.contract import Anyone, Context, Identifier, MemberId, Role, Sealed, operation
from ledger.contract.calendar import DAY_MS, day_of, next_working_day
from scenarios.shipping import records
from scenarios.shipping.bill.steps import require_received
from scenarios.shipping.bill.title import endorsable, enter, movable, require_user
from scenarios.shipping.roles import BANK, acting, has_role
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import CREDITS, next_state

EXAMINATION_DAYS = 5
"""Banking days after the day of presentation."""


class CreditOperations(ShippingState):
    """The part of the contract that lends and pays against documents."""

    @operation(signed_by=Role(BANK))
    def open_lc(
        self, context: Context, credit: Identifier, offer: records.CreditOffer, terms: Sealed[records.CreditTerms]
    ) -> None:
        """A bank promises to pay the seller against documents."""
        # CHECK
        context.require(credit not in self.credits, "credit-exists", credit=credit)
        for party in (offer.applicant, offer.beneficiary):
            context.require(context.member(party) is not None, "unknown-member", member=party)
        self.require_unlisted(context, offer.applicant, offer.beneficiary, acting(context, BANK))
        # WRITE
        self.credits[credit] = records.Credit(**dict(offer), issuing_bank=acting(context, BANK), terms=terms)

    @operation(signed_by=Anyone())
    def present_lc(
        self, context: Context, credit: Identifier, document: records.Reference, invoice: Sealed[records.Invoice]
    ) -> None:
        """The seller hands the bill to the issuing bank for examination; what the ledger itself can see is noted at once."""
        # READ
        opened = self.credits[credit]
        bill, title = movable(self, context, document)
        bank = opened.issuing_bank
        # CHECK
        context.require(context.signed_by(opened.beneficiary), "not-beneficiary", beneficiary=opened.beneficiary)
        state = next_state(context, CREDITS["present_lc"], opened.state, credit)
        require_user(self, context, title.platform, bank)
        context.require(title.possessor != bank, "to-self", member=bank)
        # WRITE
        discrepancies = tuple(_discrepancies(opened, bill, title, context.time_ms))
        self.presentations[credit] = records.Presentation(
            credit=credit,
            document=document,
            presented_by=title.possessor,
            document_checksum=bill.checksum,
            presented_at_ms=context.time_ms,
            examine_by_ms=_examine_by(context.time_ms),
            discrepancies=discrepancies,
            invoice=invoice,
        )
        self.credits[credit] = opened.replace(state=state)
        enter(self, context, bill, title.replace(possessor=bank, under_credit=credit), "TRANSFER", title.possessor, bank)
        # EMIT
        context.emit("presented", credit=credit, document=document, discrepancies=discrepancies)

    @operation(signed_by=Anyone())
    def waive_discrepancies(self, context: Context, credit: Identifier) -> None:
        """The applicant takes the documents in spite of what is wrong with them."""
        # READ
        opened, presentation, _ = self._presented(context, credit, "waive_discrepancies")
        # CHECK
        context.require(context.signed_by(opened.applicant), "not-applicant", applicant=opened.applicant)
        context.require(bool(presentation.discrepancies), "complying", credit=credit)
        # WRITE
        self.presentations[credit] = presentation.replace(waived=True)

    @operation(signed_by=Anyone())
    def accept_lc(self, context: Context, credit: Identifier) -> None:
        """The issuing bank takes up complying documents, or discrepant ones that the applicant waived.

        A bank that let its time pass can claim no discrepancy any more: then the beneficiary can have it stated without the bank.
        """
        # READ
        opened, presentation, state = self._presented(context, credit, "accept_lc")
        title = self.titles[presentation.document]
        is_late = context.time_ms > presentation.examine_by_ms
        # CHECK
        by_lapse = is_late and context.signed_by(opened.beneficiary)
        context.require(by_lapse or context.signed_by(opened.issuing_bank), "not-bank", bank=opened.issuing_bank)
        is_clean = not presentation.discrepancies or presentation.waived or is_late
        context.require(is_clean, "discrepant", discrepancies=presentation.discrepancies)
        # WRITE
        self.credits[credit] = opened.replace(state=state)
        self.titles[presentation.document] = title.replace(under_credit="")
        # EMIT
        context.emit("credit", credit=credit, state=state)

    @operation(signed_by=Anyone())
    def refuse_lc(self, context: Context, credit: Identifier) -> None:
        """The issuing bank refuses in time, for discrepancies, and gives the bill back."""
        # READ
        opened, presentation, state = self._presented(context, credit, "refuse_lc")
        bill, title = self.documents[presentation.document], self.titles[presentation.document]
        # CHECK
        context.require(context.signed_by(opened.issuing_bank), "not-bank", bank=opened.issuing_bank)
        context.require(bool(presentation.discrepancies), "complying", credit=credit)
        context.require(context.time_ms <= presentation.examine_by_ms, "examination-over", until_ms=presentation.examine_by_ms)
        # WRITE
        self.credits[credit] = opened.replace(state=state)
        back = title.replace(possessor=presentation.presented_by, under_credit="")
        enter(self, context, bill, back, "TRANSFER", opened.issuing_bank, presentation.presented_by)
        # EMIT
        context.emit("credit", credit=credit, state=state)

    @operation(signed_by=Anyone())
    def pledge(self, context: Context, document: records.Reference, pledgee: MemberId, secures: Identifier) -> None:
        """The party with title and possession pledges the bill; pledgee and pledgor sign. `secures` names the loan.

        Nobody lends on boxes that no gate saw, nor on a flagged bill unless the pledgee has acknowledged its flags.
        """
        # READ
        bill, title = endorsable(self, context, document)
        # CHECK
        context.require(not title.pledgee, "pledged", pledgee=title.pledgee)
        context.require(has_role(context, pledgee, BANK), "not-bank", bank=pledgee)
        context.require(context.signed_by(pledgee), "not-agreed", pledgee=pledgee)
        self.require_unlisted(context, pledgee)
        for item in bill.content.equipment:
            require_received(self, context, item.reference, bill.content.port_of_loading)
        flags = self.open_flags(bill, pledgee)
        context.require(not flags, "flagged", document=document, flags=flags)
        # WRITE
        self.titles[document] = title.replace(pledgee=pledgee, secures=secures)
        # EMIT
        context.emit("pledged", document=document, pledgee=pledgee, secures=secures)

    @operation(signed_by=Anyone())
    def unpledge(self, context: Context, document: records.Reference) -> None:
        """The pledgee lets it go: it was repaid."""
        # READ
        title = self.titles[document]
        # CHECK
        context.require(title.pledgee != "", "not-pledged", document=document)
        context.require(context.signed_by(title.pledgee), "pledged", pledgee=title.pledgee)
        # WRITE
        self.titles[document] = title.replace(pledgee="", secures="")
        # EMIT
        context.emit("unpledged", document=document)

    def _presented(
        self, context: Context, credit: Identifier, step: str
    ) -> tuple[records.Credit, records.Presentation, records.CreditState]:
        """A credit under which documents are examined, and the state to which the step leads."""
        opened = self.credits[credit]
        state = next_state(context, CREDITS[step], opened.state, credit)
        return opened, self.presentations[credit], state


def _discrepancies(credit: records.Credit, bill: records.TransportDocument, title: records.Title, time_ms: int) -> Iterator[str]:
    """What bill and clock show; the invoice is for the bank's eyes."""
    content, facts = bill.content, bill.facts
    shipped_on_ms = facts.shipped_on_board_on_ms
    if not facts.is_shipped_on_board:
        yield "not-on-board"
    elif shipped_on_ms > credit.latest_shipment_on_ms:
        yield "late-shipment"
    if facts.clauses:
        yield "not-clean"
    if facts.is_shipped_on_board and day_of(time_ms) > shipped_on_ms + credit.presentation_days * DAY_MS:
        yield "late-presentation"
    if day_of(time_ms) > credit.expires_on_ms:
        yield "credit-expired"
    if title.kind != "bearer" and title.title_holder != credit.issuing_bank:
        yield "not-to-order-of-bank"
    if content.notify != credit.applicant:
        yield "notify-not-applicant"
    if (content.port_of_loading, content.port_of_discharge) != (credit.port_of_loading, credit.port_of_discharge):
        yield "other-ports"
    yield from bill.flags


def _examine_by(presented_at_ms: int) -> int:
    """The last millisecond of the fifth banking day after the presentation: Saturdays and Sundays are none."""
    day = day_of(presented_at_ms)
    for _ in range(EXAMINATION_DAYS):
        day = next_working_day(day + DAY_MS, ())
    return day + DAY_MS - 1
