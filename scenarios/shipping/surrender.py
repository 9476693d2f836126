"""Surrender to the carrier: for delivery of the goods, or for amendment; void and reissue; to paper and back.

While the carrier has not answered it possesses the bill; nothing else can happen to it. Once it has accepted, nothing may
follow. A document that is amended is voided and another one issued in its place, so that there is never more than one.
"""

from collections.abc import Mapping
from typing import Literal

from ledger.contract import Anyone, Context, MemberId, operation
from scenarios.shipping.records import CarrierFacts, Instructions, Reference, TransportDocument
from scenarios.shipping.records_title import ActionCode, Reason, Title
from scenarios.shipping.title import TitleOperations

AMENDABLE: Mapping[Reason, tuple[str, ...]] = {
    "SWTP": ("is_electronic", "originals_with_charges", "originals_without_charges", "displayed_address"),
    "COD": ("port_of_discharge", "transhipments", "delivery_type", "notify", "displayed_address", "charges"),
    "SWI": ("consignee", "endorsee", "notify", "displayed_address", "is_to_order", "charges"),
}
"""What may differ in the document that is issued in place of one surrendered for this reason."""
FIXED = ("type_code", "clauses")
"""What never differs: a bill does not become a waybill, and a foul one does not become clean."""


class SurrenderOperations(TitleOperations):
    """The part of the contract in which a bill goes back to its carrier."""

    @operation(signed_by=Anyone())
    def request_surrender(
        self, context: Context, document: Reference, carrier: MemberId, request: Literal["SREQ", "AREQ"], reason: Reason = ""
    ) -> None:
        """The one who has the right and possesses the bill gives it back: SREQ for the goods, AREQ to have it amended."""
        # READ
        found, title = self.movable(context, document)
        # CHECK
        self._require_entitled(context, found, title, title.possessor)
        context.require(carrier == found.carrier, "wrong-carrier", carrier=found.carrier)
        context.require(request == "AREQ" or not reason, "no-reason-needed", reason=reason)
        # WRITE
        after = self.to_status(context, document, found, request)
        given = title.replace(possessor=carrier, surrender=request, surrendered_by=title.possessor, reason=reason)
        action: ActionCode = "SURRENDER_FOR_DELIVERY" if request == "SREQ" else "SURRENDER_FOR_AMENDMENT"
        self.enter(context, after, given, action, title.possessor, carrier)

    @operation(signed_by=Anyone())
    def accept_surrender(self, context: Context, document: Reference) -> None:
        """The carrier takes it back for good; the goods are owed to the one who surrendered it, and to nobody else."""
        # READ
        found, title = self._titled(context, document)
        # WRITE
        after = self.to_status(context, document, found, "SURR")
        ended = title.replace(pledgee="", secures="") if title.surrender == "SREQ" else title
        self.enter(context, after, ended, "SACC", found.carrier, title.surrendered_by)

    @operation(signed_by=Anyone())
    def reject_surrender(self, context: Context, document: Reference, comments: str) -> None:
        """The carrier declines and says why; possession returns."""
        # READ
        found, title = self._titled(context, document)
        # CHECK
        context.require(comments.strip() != "", "comments-missing")
        # WRITE
        after = self.to_status(context, document, found, "SREJ")
        back = title.replace(possessor=title.surrendered_by, surrender="", surrendered_by="", reason="")
        self.enter(context, after, back, "SREJ", found.carrier, title.surrendered_by, comments=comments)

    @operation(signed_by=Anyone())
    def void_and_reissue(self, context: Context, document: Reference, new: Reference, facts: CarrierFacts) -> None:
        """The carrier voids a bill surrendered for amendment and issues another; whoever surrendered agrees to it and signs.

        Its contents are the instructions as the carrier confirmed them last; its title is the one of the bill voided. An
        electronic one goes through the same platform to the one who surrendered.
        """
        # READ
        found, title = self._titled(context, document)
        instructions = self.instructions[found.instructions]
        content = self._kept(title, instructions.content)
        # CHECK
        self.to_status(context, document, found, "void_and_reissue", replaced_by=new)
        context.require(new not in self.documents, "document-exists", document=new)
        self.require_no_open_update(context, found.instructions, instructions)
        self.require_facts(context, content, facts)
        changed = _changed((self._kept(title, found.content), found.facts), (content, facts))
        beyond = [name for name in changed if name in FIXED or (title.reason and name not in AMENDABLE[title.reason])]
        context.require(content.is_titled or not title.pledgee, "pledged", pledgee=title.pledgee)
        context.require(not beyond, "beyond-reason", reason=title.reason or "AREQ", fields=beyond)
        party = title.surrendered_by
        context.require(context.signed_by(party), "not-signed-by", member=party)
        # WRITE
        self.list_equipment(context, new, found.booking, content)
        self.instructions[found.instructions] = instructions.replace(document=new)
        holder = title.surrendered_by if content.is_titled else ""
        issued = found.replace(
            reference=new,
            content=content,
            status="ISSUED",
            facts=facts,
            replaces=document,
            issued_at_ms=context.time_ms,
            offer_platform=title.platform if holder else "",
            offer_to=holder,
            issuance="REQUESTED" if holder and title.platform else "",
        ).with_checksum()
        self.documents[new] = issued
        begun = self.begun(issued, title.platform, holder)
        medium = "electronic" if holder else "paper"
        may_endorse = begun.may_endorse if title.kind == "straight" else title.may_endorse
        pledge = {"pledgee": title.pledgee, "secures": title.secures}
        self.titles[new] = begun.replace(may_endorse=may_endorse, medium=medium, **pledge)
        # EMIT
        context.emit("status", document=new, status="ISSUED", replaces=document)

    @operation(signed_by=Anyone())
    def return_paper(
        self, context: Context, document: Reference, presented_by: MemberId, request: Literal["SREQ", "AREQ"]
    ) -> None:
        """The carrier has every paper original in its hands and signs, with the holder, who presented them."""
        # READ
        found, title = self._titled(context, document)
        # CHECK
        context.require(title.medium == "paper", "not-on-paper", document=document)
        context.require(context.signed_by(presented_by), "not-presented", presented_by=presented_by)
        if title.kind == "straight":
            self._require_entitled(context, found, title, presented_by)
        # WRITE
        pending = self.to_status(context, document, found, request)
        after = self.to_status(context, document, pending, "SURR")
        holder = "" if title.kind == "bearer" else title.title_holder if title.kind == "straight" else presented_by
        given = title.replace(surrender=request, surrendered_by=presented_by, title_holder=holder)
        self.enter(context, after, given, "SACC", found.carrier, presented_by)

    def _titled(self, context: Context, document: Reference) -> tuple[TransportDocument, Title]:
        """A document that somebody has the title of, whose carrier signs."""
        found = self.documents[document]
        title = self.titles.get(document)
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)
        if title is None:  # check: shipping-titled
            context.refuse("no-title", document=document)
        return found, title

    def _require_entitled(self, context: Context, found: TransportDocument, title: Title, party: MemberId) -> None:
        """Who gives it back is, of a straight one, shipper or consignee; else the title holder, or of a bearer bill anybody."""
        straight = (found.shipper, title.title_holder)
        entitled = straight if title.kind == "straight" else (title.title_holder or party,)
        context.require(party in entitled, "not-entitled", entitled=entitled)

    def _kept(self, title: Title, content: Instructions) -> Instructions:
        """The instructions, with the title as it was endorsed since: an amendment takes it from nobody."""
        if title.kind == "straight":
            return content
        return content.replace(is_to_order=True, consignee="", endorsee=title.title_holder)


def _changed(before: tuple[Instructions, CarrierFacts], after: tuple[Instructions, CarrierFacts]) -> list[str]:
    """Names of fields that differ, in contents and facts."""
    old, new = ({**content.model_dump(), **facts.model_dump()} for content, facts in (before, after))
    return [name for name in old if old[name] != new[name]]
