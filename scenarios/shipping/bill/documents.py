"""Transport documents: drafted from shipping instructions, approved, issued to the first possessor through a platform."""

from typing import Literal

from ledger.contract import Anyone, Context, operation
from scenarios.shipping.bill.steps import flag_issued, move_document, require_facts, require_no_open_update
from scenarios.shipping.bill.title import begun, enter, require_user
from scenarios.shipping.box.journeys import list_equipment
from scenarios.shipping.records import CarrierFacts, Party, Reference, TransportDocument
from scenarios.shipping.roles import PLATFORM, has_role
from scenarios.shipping.state import ShippingState
from scenarios.shipping.transitions import DOCUMENTS, INSTRUCTIONS, ISSUANCE, next_state


class DocumentOperations(ShippingState):
    """The part of the contract that makes transport documents."""

    @operation(signed_by=Anyone())
    def publish_draft(self, context: Context, document: Reference, instructions: Reference, facts: CarrierFacts) -> None:
        """The carrier drafts the document from the instructions and from what it received or loaded."""
        # READ
        agreed = self.instructions[instructions]
        booking = self.bookings[agreed.booking]
        # CHECK
        context.require(context.signed_by(agreed.carrier), "wrong-carrier", carrier=agreed.carrier)
        context.require(document not in self.documents, "document-exists", document=document)
        context.require(not agreed.document, "document-exists", document=agreed.document)
        next_state(context, INSTRUCTIONS["publish_draft"], agreed.state, instructions)
        require_no_open_update(context, instructions, agreed)
        context.require(facts.ship == booking.ship, "other-voyage", vessel=booking.vessel_imo, voyage=booking.voyage)
        require_facts(self, context, agreed.content, facts)
        # WRITE
        list_equipment(self, context, document, agreed.booking, agreed.content)
        self.instructions[instructions] = agreed.replace(document=document)
        draft = TransportDocument(
            reference=document,
            instructions=instructions,
            booking=agreed.booking,
            shipper=agreed.shipper,
            carrier=agreed.carrier,
            content=agreed.content,
            facts=facts,
        )
        self.documents[document] = draft.with_checksum()
        # EMIT
        context.emit("status", document=document, status="DRAFT")

    @operation(signed_by=Anyone())
    def approve_draft(self, context: Context, document: Reference) -> None:
        """The shipper agrees to the draft; from here on its checksum never changes."""
        # READ
        draft = self.documents[document]
        agreed = self.instructions[draft.instructions]
        # CHECK
        context.require(context.signed_by(draft.shipper), "not-shipper", shipper=draft.shipper)
        next_state(context, DOCUMENTS["approve_draft"], draft.status, document)
        next_state(context, INSTRUCTIONS["approve_draft"], agreed.state, draft.instructions)
        require_no_open_update(context, draft.instructions, agreed)
        # WRITE
        move_document(self, context, draft, "approve_draft")

    @operation(signed_by=Anyone())
    def issue(self, context: Context, document: Reference, platform: Party = "", to: Party = "") -> None:
        """The carrier signs the document; an electronic bill is sent to a platform for its first possessor.

        Once more, if that platform has refused: until one has delivered it, it has no possessor.
        """
        # READ
        draft = self.documents[document]
        agreed = self.instructions[draft.instructions]
        # CHECK
        context.require(context.signed_by(draft.carrier), "wrong-carrier", carrier=draft.carrier)
        require_no_open_update(context, draft.instructions, agreed)
        is_waiting = draft.content.is_titled and draft.issuance in ISSUANCE["issue"]
        context.require(draft.status != "ISSUED" or is_waiting, "issued-once", document=document)
        require_facts(self, context, draft.content, draft.facts)
        offer = _offer(context, draft, platform, to)
        # WRITE
        issued = move_document(self, context, draft, "issue", issued_at_ms=context.time_ms, **offer)
        flag_issued(self, context, issued)
        if issued.content.type_code == "BOL" and not issued.content.is_titled:
            self.titles[document] = begun(issued, "", "").replace(medium="paper")

    @operation(signed_by=Anyone())
    def answer_issuance(
        self, context: Context, document: Reference, answer: Literal["ISSU", "BREQ", "REFU"], comments: str = ""
    ) -> None:
        """The platform delivers the bill to its first possessor, or sends it back: bad request, refused."""
        # READ
        bill = self.documents[document]
        platform, to = bill.offer_platform, bill.offer_to
        # CHECK
        context.require(bill.issuance in ISSUANCE[answer], "not-asked", document=document)
        context.require(context.signed_by(platform), "not-platform", member=platform)
        context.require(answer == "ISSU" or comments.strip() != "", "comments-missing")
        if answer == "ISSU":
            require_user(self, context, platform, to)
        # WRITE
        self.documents[document] = bill.replace(issuance=answer)
        if answer == "ISSU":
            title = self.titles.get(document) or begun(bill, platform, to)
            enter(self, context, bill, title.replace(platform=platform, possessor=to), "ISSUE", bill.carrier, to)
        # EMIT
        context.emit("issuance", document=document, answer=answer, to=to)


def _offer(context: Context, draft: TransportDocument, platform: Party, to: Party) -> dict[str, object]:
    """What an issued document says of the platform that is to deliver it, to the shipper or a party named in it.

    One that replaces another goes to the party that surrendered that. Nothing for paper and sea waybills.
    """
    content = draft.content
    if not content.is_titled:
        context.require(not platform and not to, "no-platform-needed", document=content.type_code)
        return {}
    context.require(has_role(context, platform, PLATFORM), "not-platform", member=platform)
    context.require(to != "" and context.member(to) is not None, "unknown-member", member=to)
    named = (draft.offer_to,) if draft.replaces else (draft.shipper, content.consignee or content.endorsee or draft.shipper)
    context.require(to in named, "other-holder", holders=list(dict.fromkeys(named)))
    return {"offer_platform": platform, "offer_to": to, "issuance": "REQUESTED"}
