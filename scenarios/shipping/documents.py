"""Transport documents: drafted from shipping instructions, approved, issued to the first possessor through a platform."""

from ledger.contract import Anyone, Context, operation
from ledger.contract.calendar import day_of
from scenarios.shipping.conditions import faults_of_facts
from scenarios.shipping.events import EventOperations
from scenarios.shipping.instructions import InstructionOperations
from scenarios.shipping.records import CarrierFacts, Instructions, Party, Reference, TransportDocument
from scenarios.shipping.records_title import Title, TitleKind
from scenarios.shipping.roles import PLATFORM
from scenarios.shipping.transitions import DOCUMENTS


class DocumentOperations(InstructionOperations, EventOperations):
    """The part of the contract that makes transport documents."""

    @operation(signed_by=Anyone())
    def publish_draft(self, context: Context, document: Reference, instructions: Reference, facts: CarrierFacts) -> None:
        """The carrier drafts the document from the instructions and from what it received or loaded."""
        # READ
        found = self.instructions[instructions]
        booked = self.bookings[found.booking]
        # CHECK
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)
        context.require(document not in self.documents, "document-exists", document=document)
        context.require(not found.document, "document-exists", document=found.document)
        context.require(found.state == "RECEIVED", "wrong-status", name=instructions, status=found.state)
        self.require_no_open_update(context, instructions, found)
        sailing = (facts.vessel_imo, facts.voyage)
        context.require(
            sailing == (booked.vessel_imo, booked.voyage), "other-voyage", vessel=booked.vessel_imo, voyage=booked.voyage
        )
        self.require_facts(context, found.content, facts)
        # WRITE
        self.list_equipment(context, document, found.booking, found.content)
        self.instructions[instructions] = found.replace(document=document)
        draft = TransportDocument(
            reference=document,
            instructions=instructions,
            booking=found.booking,
            shipper=found.shipper,
            carrier=found.carrier,
            content=found.content,
            facts=facts,
        )
        self.documents[document] = draft.with_checksum()
        # EMIT
        context.emit("status", document=document, status="DRAFT")

    @operation(signed_by=Anyone())
    def confirm_update(self, context: Context, instructions: Reference) -> None:
        """The carrier agrees: a draft follows at once; an issued document only by amendment."""
        # READ
        found = self.instructions[instructions]
        document = self.documents.get(found.document) if found.document else None
        # CHECK
        self.require_carrier(context, found)
        context.require(document is None or document.status != "APPROVED", "draft-approved", document=found.document)
        # WRITE
        content = found.update or found.content
        self.to_state(context, instructions, found, "confirm_update", content=content, update=None)
        if document is not None and document.status == "DRAFT":
            self.list_equipment(context, found.document, found.booking, content)
            self.documents[found.document] = document.replace(content=content).with_checksum()

    @operation(signed_by=Anyone())
    def approve_draft(self, context: Context, document: Reference) -> None:
        """The shipper agrees to the draft; from here on its checksum never changes."""
        # READ
        found = self.documents[document]
        instructions = self.instructions[found.instructions]
        # CHECK
        context.require(context.signed_by(found.shipper), "not-shipper", shipper=found.shipper)
        context.require(
            instructions.state != "PENDING_UPDATE", "wrong-status", name=found.instructions, status=instructions.state
        )
        self.require_no_open_update(context, found.instructions, instructions)
        # WRITE
        self.to_status(context, document, found, "approve_draft")

    @operation(signed_by=Anyone())
    def issue(self, context: Context, document: Reference, platform: Party = "", to: Party = "") -> None:
        """The carrier signs the document; an electronic bill is sent to a platform for its first possessor.

        Once more, if that platform has refused: until one has delivered it, nobody possesses it.
        """
        # READ
        found = self.documents[document]
        instructions = self.instructions[found.instructions]
        # CHECK
        context.require(context.signed_by(found.carrier), "wrong-carrier", carrier=found.carrier)
        self.require_no_open_update(context, found.instructions, instructions)
        is_waiting = found.content.is_titled and found.issuance in ("", "BREQ", "REFU")
        context.require(found.status != "ISSUED" or is_waiting, "issued-once", document=document)
        self.require_facts(context, found.content, found.facts)
        offer = self.offer(context, found, platform, to)
        # WRITE
        after = self.to_status(context, document, found, "issue", issued_at_ms=context.time_ms, **offer)
        if found.content.type_code == "BOL" and not found.content.is_titled:
            self.titles[document] = self.begun(after, "", "").replace(medium="paper")

    def offer(self, context: Context, found: TransportDocument, platform: Party, to: Party) -> dict[str, object]:
        """What an issued document says of the platform that is to deliver it, to the shipper or a party named in it.

        One that replaces another goes to whoever surrendered that. Nothing for paper and sea waybills.
        """
        if not found.content.is_titled:
            context.require(not platform and not to, "no-platform-needed", document=found.content.type_code)
            return {}
        context.require(self.has_role(context, platform, PLATFORM), "not-platform", member=platform)
        context.require(to != "" and context.member(to) is not None, "unknown-member", member=to)
        content = found.content
        named = (found.offer_to,) if found.replaces else (found.shipper, content.consignee or content.endorsee or found.shipper)
        context.require(to in named, "other-holder", holders=list(dict.fromkeys(named)))
        return {"offer_platform": platform, "offer_to": to, "issuance": "REQUESTED"}

    def begun(self, found: TransportDocument, platform: Party, possessor: Party) -> Title:
        """The title of a document before its first entry."""
        content = found.content
        holder = content.endorsee if content.is_to_order else content.consignee
        kind: TitleKind = "straight" if not content.is_to_order else "named" if holder else "bearer"
        return Title(kind=kind, possessor=possessor, title_holder=holder, may_endorse=content.is_to_order, platform=platform)

    def require_facts(self, context: Context, content: Instructions, facts: CarrierFacts) -> None:
        """The carrier's dates agree with what happened: every box loaded by the day on board, the ship still there."""
        self.require_fit(context, tuple(faults_of_facts(facts)))
        day = facts.shipped_on_board_on_ms or facts.received_on_ms
        context.require(day_of(day) == day, "not-a-day", place="shipped_on_board_on_ms, received_on_ms")
        context.require(day <= context.time_ms, "dated-ahead", claimed_on_ms=day)
        if not facts.is_shipped_on_board:
            return
        place = content.port_of_loading
        for equipment in content.equipment:
            loaded_at_ms = self.actual_at_ms(equipment.reference, "LOAD", place, f"{facts.vessel_imo}:{facts.voyage}")
            if loaded_at_ms is None:  # check: shipping-not-loaded
                context.refuse("not-loaded", equipment=equipment.reference, place=place)
            context.require(
                day_of(loaded_at_ms) <= day,
                "back-dated",
                claimed_on_ms=day,
                loaded_at_ms=loaded_at_ms,
                equipment=equipment.reference,
            )
        departed_at_ms = self.departed_at_ms(facts.vessel_imo, facts.voyage, place)
        context.require(
            departed_at_ms is None or day <= departed_at_ms,
            "after-departure",
            claimed_on_ms=day,
            departed_at_ms=departed_at_ms or 0,
        )

    def to_status(
        self, context: Context, document: Reference, found: TransportDocument, step: str, **changes: object
    ) -> TransportDocument:
        """Writes the next status, or refuses where the table has none."""
        status = DOCUMENTS[step].get(found.status)
        if status is None:  # check: shipping-status
            context.refuse("wrong-status", name=document, status=found.status)
        after = found.replace(status=status, **changes)
        self.documents[document] = after
        context.emit("status", document=document, status=status)
        return after
