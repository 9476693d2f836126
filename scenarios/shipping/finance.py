"""Banks: letters of credit against a bill of lading, and its pledge for an advance.

The rules of credits follow UCP 600 as practitioners tell them (not verified against its text): shipped by the latest day,
presented within 21 days of shipment and before expiry, clean on board, to order of the issuing bank; the bank examines
within five banking days, and one that is late cannot refuse any more. Amounts are sealed: what is paid is the banks' affair.
"""

from collections.abc import Iterator

from ledger.contract import Anyone, Context, Identifier, MemberId, Positive, Role, Sealed, operation
from ledger.contract.calendar import DAY_MS, day_of, next_working_day
from scenarios.shipping.platforms import TransferOperations
from scenarios.shipping.records import Day, Port, Reference, TransportDocument
from scenarios.shipping.records_title import Credit, CreditTerms, Invoice, Presentation, Title
from scenarios.shipping.roles import BANK, acting

EXAMINATION_DAYS = 5
"""Banking days after the day of presentation."""


class FinanceOperations(TransferOperations):
    """The part of the contract that lends and pays against documents."""

    @operation(signed_by=Role(BANK))
    def open_lc(
        self,
        context: Context,
        credit: Identifier,
        applicant: MemberId,
        beneficiary: MemberId,
        latest_shipment_on_ms: Day,
        expires_on_ms: Day,
        port_of_loading: Port,
        port_of_discharge: Port,
        terms: Sealed[CreditTerms],
        presentation_days: Positive = 21,
    ) -> None:
        """A bank promises to pay the seller against documents."""
        # CHECK
        context.require(credit not in self.credits, "credit-exists", credit=credit)
        for party in (applicant, beneficiary):
            context.require(context.member(party) is not None, "unknown-member", member=party)
        # WRITE
        self.credits[credit] = Credit(
            issuing_bank=acting(context, BANK),
            applicant=applicant,
            beneficiary=beneficiary,
            latest_shipment_on_ms=latest_shipment_on_ms,
            expires_on_ms=expires_on_ms,
            port_of_loading=port_of_loading,
            port_of_discharge=port_of_discharge,
            presentation_days=presentation_days,
            terms=terms,
        )

    @operation(signed_by=Anyone())
    def present_lc(self, context: Context, credit: Identifier, document: Reference, invoice: Sealed[Invoice]) -> None:
        """The seller hands the bill to the issuing bank for examination; what the ledger itself can see is noted at once."""
        # READ
        found = self.credits[credit]
        bill, title = self.movable(context, document)
        # CHECK
        context.require(context.signed_by(found.beneficiary), "not-beneficiary", beneficiary=found.beneficiary)
        context.require(found.state in ("open", "refused"), "wrong-status", name=credit, status=found.state)
        self.require_user(context, title.platform, found.issuing_bank)
        context.require(title.possessor != found.issuing_bank, "to-self", member=found.issuing_bank)
        # WRITE
        self.presentations[credit] = Presentation(
            credit=credit,
            document=document,
            presented_by=title.possessor,
            document_checksum=bill.checksum,
            presented_at_ms=context.time_ms,
            examine_by_ms=_examine_by(context.time_ms),
            discrepancies=tuple(_discrepancies(found, bill, title, context.time_ms)),
            invoice=invoice,
        )
        self.credits[credit] = found.replace(state="presented")
        given = title.replace(possessor=found.issuing_bank, under_credit=credit)
        self.enter(context, bill, given, "TRANSFER", title.possessor, found.issuing_bank)
        # EMIT
        context.emit("presented", credit=credit, document=document, discrepancies=self.presentations[credit].discrepancies)

    @operation(signed_by=Anyone())
    def waive_discrepancies(self, context: Context, credit: Identifier) -> None:
        """The applicant takes the documents in spite of what is wrong with them."""
        # READ
        found, presentation = self._presented(context, credit)
        # CHECK
        context.require(context.signed_by(found.applicant), "not-applicant", applicant=found.applicant)
        context.require(bool(presentation.discrepancies), "complying", credit=credit)
        # WRITE
        self.presentations[credit] = presentation.replace(waived=True)

    @operation(signed_by=Anyone())
    def accept_lc(self, context: Context, credit: Identifier) -> None:
        """The issuing bank takes up complying documents, or discrepant ones that the applicant waived.

        A bank that let its time pass can claim no discrepancy any more: then the beneficiary alone can have it stated.
        """
        # READ
        found, presentation = self._presented(context, credit)
        title = self.titles[presentation.document]
        is_late = context.time_ms > presentation.examine_by_ms
        # CHECK
        by_lapse = is_late and context.signed_by(found.beneficiary)
        context.require(by_lapse or context.signed_by(found.issuing_bank), "not-bank", bank=found.issuing_bank)
        is_clean = not presentation.discrepancies or presentation.waived or is_late
        context.require(is_clean, "discrepant", discrepancies=presentation.discrepancies)
        # WRITE
        self.credits[credit] = found.replace(state="accepted")
        self.titles[presentation.document] = title.replace(under_credit="")
        # EMIT
        context.emit("credit", credit=credit, state="accepted")

    @operation(signed_by=Anyone())
    def refuse_lc(self, context: Context, credit: Identifier) -> None:
        """The issuing bank refuses in time, for discrepancies, and gives the bill back."""
        # READ
        found, presentation = self._presented(context, credit)
        bill, title = self.documents[presentation.document], self.titles[presentation.document]
        # CHECK
        context.require(context.signed_by(found.issuing_bank), "not-bank", bank=found.issuing_bank)
        context.require(bool(presentation.discrepancies), "complying", credit=credit)
        context.require(context.time_ms <= presentation.examine_by_ms, "examination-over", until_ms=presentation.examine_by_ms)
        # WRITE
        self.credits[credit] = found.replace(state="refused")
        back = title.replace(possessor=presentation.presented_by, under_credit="")
        self.enter(context, bill, back, "TRANSFER", found.issuing_bank, presentation.presented_by)
        # EMIT
        context.emit("credit", credit=credit, state="refused")

    @operation(signed_by=Anyone())
    def pledge(self, context: Context, document: Reference, pledgee: MemberId, secures: Identifier) -> None:
        """Whoever has title and possession pledges the bill; pledgee and pledgor sign. `secures` names the loan."""
        # READ
        _, title = self.movable(context, document)
        # CHECK
        context.require(not title.pledgee, "pledged", pledgee=title.pledgee)
        context.require(title.kind != "straight", "not-negotiable", document=document)
        context.require(title.may_endorse, "may-not-endorse", title_holder=title.title_holder)
        is_holder = title.kind == "bearer" or context.signed_by(title.title_holder)
        context.require(is_holder, "not-title-holder", title_holder=title.title_holder)
        context.require(self.has_role(context, pledgee, BANK), "not-bank", bank=pledgee)
        context.require(context.signed_by(pledgee), "not-agreed", pledgee=pledgee)
        # WRITE
        self.titles[document] = title.replace(pledgee=pledgee, secures=secures)
        # EMIT
        context.emit("pledged", document=document, pledgee=pledgee, secures=secures)

    @operation(signed_by=Anyone())
    def unpledge(self, context: Context, document: Reference) -> None:
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

    def _presented(self, context: Context, credit: Identifier) -> tuple[Credit, Presentation]:
        found = self.credits[credit]
        context.require(found.state == "presented", "wrong-status", name=credit, status=found.state)
        return found, self.presentations[credit]


def _discrepancies(credit: Credit, bill: TransportDocument, title: Title, time_ms: int) -> Iterator[str]:
    """What the bill and the clock alone show; the invoice is for the bank's eyes."""
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


def _examine_by(presented_at_ms: int) -> int:
    """The last millisecond of the fifth banking day after the presentation: Saturdays and Sundays are none."""
    day = day_of(presented_at_ms)
    for _ in range(EXAMINATION_DAYS):
        day = next_working_day(day + DAY_MS, ())
    return day + DAY_MS - 1
