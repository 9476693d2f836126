"""Surrender to the carrier: for delivery of the goods, or for amendment; void and reissue; to paper and back.

While the carrier has not answered it possesses the bill; nothing else can happen to it. Once it has accepted, nothing may
follow. A document that is amended is voided and another one issued in its place, so that there is never more than one.
"""

from collections.abc import Mapping
from typing import Literal

from ledger.contract import Anyone, Context, MemberId, operation
from scenarios.shipping.bill.steps import flag_issued, move_document, require_facts, require_no_open_update
from scenarios.shipping.bill.title import begun, enter, movable
from scenarios.shipping.box.journeys import list_equipment
from scenarios.shipping.records import (
    ActionCode,
    CarrierFacts,
    Instructions,
    Party,
    Reason,
    Reference,
    Title,
    TransportDocument,
)
from scenarios.shipping.state import ShippingState

AMENDABLE: Mapping[Reason, tuple[str, ...]] = {
    "SWTP": ("is_electronic", "originals_with_charges", "originals_without_charges", "displayed_address"),
    "COD": ("port_of_discharge", "transhipments", "delivery_type", "notify", "displayed_address", "charges"),
    "SWI": ("consignee", "endorsee", "notify", "displayed_address", "is_to_order", "charges"),
}
"""What may differ in the document that is issued in place of one surrendered for this reason."""
FIXED = ("type_code", "clauses")
"""What never differs: a bill does not become a waybill, and a foul one does not become clean."""


class SurrenderOperations(ShippingState):
    """The part of the contract in which a bill goes back to its carrier."""

    @operation(signed_by=Anyone())
    def request_surrender(
        self, context: Context, document: Reference, carrier: MemberId, request: Literal["SREQ", "AREQ"], reason: Reason = ""
    ) -> None:
        """The one who has the right and possesses the bill gives it back: SREQ for the goods, AREQ to have it amended."""
        # READ
        bill, title = movable(self, context, document)
        # CHECK
        _require_entitled(context, bill, title, title.possessor)
        context.require(carrier == bill.carrier, "wrong-carrier", carrier=bill.carrier)
        context.require(request == "AREQ" or not reason, "no-reason-needed", reason=reason)
        # WRITE
        pending = move_document(self, context, bill, request)
        given = title.replace(possessor=carrier, surrender=request, surrendered_by=title.possessor, reason=reason)
        action: ActionCode = "SURRENDER_FOR_DELIVERY" if request == "SREQ" else "SURRENDER_FOR_AMENDMENT"
        enter(self, context, pending, given, action, title.possessor, carrier)

    @operation(signed_by=Anyone())
    def accept_surrender(self, context: Context, document: Reference) -> None:
        """The carrier takes it back for good; the goods are owed only to the party that surrendered it.

        A listed carrier, which may issue nothing in its place, takes none back for amendment: it gives it back.
        """
        # READ
        bill, title = self._titled(context, document)
        # CHECK
        self.require_unlisted(context, bill.carrier if title.surrender == "AREQ" else "")
        # WRITE
        surrendered = move_document(self, context, bill, "SURR")
        ended = title.replace(pledgee="", secures="") if title.surrender == "SREQ" else title
        enter(self, context, surrendered, ended, "SACC", bill.carrier, title.surrendered_by)

    @operation(signed_by=Anyone())
    def reject_surrender(self, context: Context, document: Reference, comments: str) -> None:
        """The carrier declines and says why; possession returns."""
        # READ
        bill, title = self._titled(context, document)
        # CHECK
        context.require(comments.strip() != "", "comments-missing")
        # WRITE
        issued = move_document(self, context, bill, "SREJ")
        back = title.replace(possessor=title.surrendered_by, surrender="", surrendered_by="", reason="")
        enter(self, context, issued, back, "SREJ", bill.carrier, title.surrendered_by, comments=comments)

    @operation(signed_by=Anyone())
    def void_and_reissue(
        self, context: Context, document: Reference, new: Reference, facts: CarrierFacts, endorsee: Party = ""
    ) -> None:
        """The carrier voids a bill surrendered for amendment and issues another; the party that surrendered signs as well.

        Its contents are the instructions as the carrier confirmed them last; its title is the one of the bill voided. An
        electronic one goes through the same platform to the party that surrendered. A pledgee signs as well, and what is
        pledged stays electronic. In a switch bill those that sign may name another endorsee.
        """
        # READ
        bill, title = self._titled(context, document)
        agreed = self.instructions[bill.instructions]
        content = _kept(title, agreed.content).replace(**({"endorsee": endorsee} if endorsee else {}))
        # CHECK
        if endorsee:
            _require_switch(context, document, title, endorsee)
        move_document(self, context, bill, "void_and_reissue", replaced_by=new)
        context.require(new not in self.documents, "document-exists", document=new)
        require_no_open_update(context, bill.instructions, agreed)
        require_facts(self, context, content, facts)
        is_agreed = not title.pledgee or (content.is_titled and context.signed_by(title.pledgee))
        context.require(is_agreed, "pledged", pledgee=title.pledgee)
        changed = _changed((_kept(title, bill.content), bill.facts), (content, facts))
        beyond = [name for name in changed if name in FIXED or (title.reason and name not in AMENDABLE[title.reason])]
        context.require(not beyond, "beyond-reason", reason=title.reason or "AREQ", fields=beyond)
        party = title.surrendered_by
        context.require(context.signed_by(party), "not-signed-by", member=party)
        # WRITE
        list_equipment(self, context, new, bill.booking, content)
        self.instructions[bill.instructions] = agreed.replace(document=new)
        is_titled = content.is_titled
        reissued = bill.replace(
            reference=new,
            content=content,
            status="ISSUED",
            facts=facts,
            replaces=document,
            issued_at_ms=context.time_ms,
            offer_platform=title.platform if is_titled else "",
            offer_to=party if is_titled else "",
            issuance="REQUESTED" if is_titled and title.platform else "",
        ).with_checksum()
        self.documents[new] = reissued
        fresh = begun(reissued, title.platform, party if is_titled else "")
        self.titles[new] = fresh.replace(
            medium="electronic" if is_titled else "paper",
            may_endorse=fresh.may_endorse if title.kind == "straight" else title.may_endorse,
            pledgee=title.pledgee,
            secures=title.secures,
        )
        self.titles[document] = title.replace(pledgee="", secures="")
        flag_issued(self, context, reissued)
        # EMIT
        context.emit("status", document=new, status="ISSUED", replaces=document)

    @operation(signed_by=Anyone())
    def return_paper(
        self, context: Context, document: Reference, presented_by: MemberId, request: Literal["SREQ", "AREQ"]
    ) -> None:
        """The carrier has every paper original in its hands and signs, with the holder, who presented them."""
        # READ
        bill, title = self._titled(context, document)
        # CHECK
        context.require(title.medium == "paper", "not-on-paper", document=document)
        context.require(context.signed_by(presented_by), "not-presented", presented_by=presented_by)
        self.require_unlisted(context, presented_by, bill.carrier if request == "AREQ" else "")
        if title.kind == "straight":
            _require_entitled(context, bill, title, presented_by)
        # WRITE
        pending = move_document(self, context, bill, request)
        surrendered = move_document(self, context, pending, "SURR")
        holder = "" if title.kind == "bearer" else title.title_holder if title.kind == "straight" else presented_by
        given = title.replace(surrender=request, surrendered_by=presented_by, title_holder=holder)
        enter(self, context, surrendered, given, "SACC", bill.carrier, presented_by)

    def _titled(self, context: Context, reference: Reference) -> tuple[TransportDocument, Title]:
        """A document with a title, whose carrier signs."""
        bill, title = self.documents[reference], self.titles.get(reference)
        context.require(context.signed_by(bill.carrier), "wrong-carrier", carrier=bill.carrier)
        if title is None:  # check: shipping-titled
            context.refuse("no-title", document=reference)
        return bill, title


def _require_entitled(context: Context, bill: TransportDocument, title: Title, party: MemberId) -> None:
    """Of a straight bill shipper or consignee may give it back; else the title holder, or of a bearer bill anybody."""
    straight = (bill.shipper, title.title_holder)
    entitled = straight if title.kind == "straight" else (title.title_holder or party,)
    context.require(party in entitled, "not-entitled", entitled=entitled)


def _require_switch(context: Context, document: str, title: Title, endorsee: MemberId) -> None:
    """A new endorsee stands in a switch bill only, and is named by a title that may be passed on."""
    context.require(title.reason == "SWI", "beyond-reason", reason=title.reason or "AREQ", fields=["endorsee"])
    context.require(title.kind != "straight", "not-negotiable", document=document)
    context.require(title.may_endorse, "may-not-endorse", title_holder=title.title_holder)
    context.require(context.member(endorsee) is not None, "unknown-member", member=endorsee)


def _kept(title: Title, content: Instructions) -> Instructions:
    """The instructions, with the title as it was endorsed since: an amendment does not take it away."""
    if title.kind == "straight":
        return content
    return content.replace(is_to_order=True, consignee="", endorsee=title.title_holder)


def _changed(before: tuple[Instructions, CarrierFacts], after: tuple[Instructions, CarrierFacts]) -> list[str]:
    """Names of fields that differ, in contents and facts."""
    old, new = ({**content.model_dump(), **facts.model_dump()} for content, facts in (before, after))
    return [name for name in old if old[name] != new[name]]
