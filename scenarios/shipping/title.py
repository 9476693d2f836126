"""Title and possession of an electronic bill of lading, by DCSA's action codes.

    ISSUE              the platform that the carrier asked delivers it to the first possessor, once
    TRANSFER           possession moves, title stays
    ENDORSE            title moves to one who may not pass it on
    ENDORSE_TO_ORDER   title moves to one who may
    BLANK_ENDORSE      title follows possession from here on
    SIGN               the possessor shows that it has it

Each writes an entry of a chain that is linked by digests. What is surrendered, on paper, on its way to another platform or
pledged does not move.
"""

from typing import Literal

from ledger.contract import Anyone, Context, MemberId, Sealed, Text, operation
from ledger.encoding import digest, encode
from scenarios.shipping.documents import DocumentOperations
from scenarios.shipping.records import Party, Reference, TransportDocument
from scenarios.shipping.records_title import ActionCode, ChainEntry, EntryTerms, Title

Terms = Sealed[EntryTerms] | None


class TitleOperations(DocumentOperations):
    """The part of the contract that says who holds a bill of lading."""

    @operation(signed_by=Anyone())
    def answer_issuance(
        self, context: Context, document: Reference, answer: Literal["ISSU", "BREQ", "REFU"], comments: str = ""
    ) -> None:
        """The platform delivers the bill to its first possessor, or sends it back: bad request, refused."""
        # READ
        found = self.documents[document]
        # CHECK
        context.require(found.issuance == "REQUESTED", "not-asked", document=document)
        context.require(context.signed_by(found.offer_platform), "not-platform", member=found.offer_platform)
        context.require(answer == "ISSU" or comments.strip() != "", "comments-missing")
        known = self.is_known(found.offer_platform, found.offer_to)
        context.require(answer != "ISSU" or known, "unknown-user", member=found.offer_to, platform=found.offer_platform)
        # WRITE
        self.documents[document] = found.replace(issuance=answer)
        if answer == "ISSU":
            self._deliver(context, found)
        # EMIT
        context.emit("issuance", document=document, answer=answer, to=found.offer_to)

    @operation(signed_by=Anyone())
    def transfer(self, context: Context, document: Reference, to: MemberId, terms: Terms = None) -> None:
        """The possessor hands it to another user of the platform."""
        # READ
        found, title = self.movable(context, document)
        # CHECK
        context.require(to != title.possessor, "to-self", member=to)
        self.require_user(context, title.platform, to)
        # WRITE
        self.enter(context, found, title.replace(possessor=to), "TRANSFER", title.possessor, to, terms=terms)

    @operation(signed_by=Anyone())
    def endorse(self, context: Context, document: Reference, to: MemberId, terms: Terms = None) -> None:
        """The title passes to one who cannot pass it on."""
        self._endorse(context, document, "ENDORSE", to, terms)

    @operation(signed_by=Anyone())
    def endorse_to_order(self, context: Context, document: Reference, to: MemberId, terms: Terms = None) -> None:
        """The title passes to one who may pass it on."""
        self._endorse(context, document, "ENDORSE_TO_ORDER", to, terms)

    @operation(signed_by=Anyone())
    def blank_endorse(self, context: Context, document: Reference, terms: Terms = None) -> None:
        """Whoever possesses it has the title from here on."""
        self._endorse(context, document, "BLANK_ENDORSE", "", terms)

    @operation(signed_by=Anyone())
    def sign(self, context: Context, document: Reference, comments: Text) -> None:
        """The possessor shows that it has it; nothing moves."""
        # READ
        found, title = self.held(context, document)
        # WRITE
        self.enter(context, found, title, "SIGN", title.possessor, comments=comments)

    def held(self, context: Context, document: Reference) -> tuple[TransportDocument, Title]:
        """The document and its title; refuses unless it is live here and its possessor signs."""
        found = self.documents[document]
        title = self.live(context, document, found)
        context.require(context.signed_by(title.possessor), "not-possessor", possessor=title.possessor)
        return found, title

    def live(self, context: Context, document: Reference, found: TransportDocument) -> Title:
        """The title of a bill that is out, electronic, and not on its way; refuses otherwise."""
        title = self.titles.get(document)
        if title is None or (title.medium == "electronic" and not title.entries):  # check: shipping-no-title
            context.refuse("no-title", document=document)
        context.require(not found.status.startswith("PENDING"), "surrender-pending", document=document)
        context.require(found.status == "ISSUED", "after-surrender", document=document, status=found.status)
        context.require(title.medium == "electronic", "on-paper", document=document)
        context.require(not title.in_transit, "in-transit", document=document, envelope=title.in_transit)
        return title

    def movable(self, context: Context, document: Reference) -> tuple[TransportDocument, Title]:
        """The same; a pledgee signs too, and what a bank examines is not its own yet."""
        found, title = self.held(context, document)
        context.require(not title.under_credit, "under-examination", credit=title.under_credit)
        context.require(not title.pledgee or context.signed_by(title.pledgee), "pledged", pledgee=title.pledgee)
        return found, title

    def require_user(self, context: Context, platform: MemberId, member: MemberId) -> None:
        """Refuses unless the platform knows the member."""
        context.require(self.is_known(platform, member), "unknown-user", member=member, platform=platform)

    def enter(
        self,
        context: Context,
        found: TransportDocument,
        title: Title,
        action: ActionCode,
        actor: MemberId,
        recipient: Party = "",
        *,
        comments: str = "",
        terms: Terms = None,
    ) -> None:
        """Appends an entry to the chain and writes the title as it is to stand after it."""
        entry = ChainEntry(
            document=found.reference,
            action=action,
            actor=actor,
            recipient=recipient,
            platform=title.platform,
            at_ms=context.time_ms,
            document_checksum=found.checksum,
            previous=title.last_entry,
            comments=comments,
            terms=terms,
        )
        number = title.entries + 1
        self.chain[entry_key(found.reference, number)] = entry
        self.titles[found.reference] = title.replace(entries=number, last_entry=entry_digest(entry))
        context.emit("entry", document=found.reference, action=action, actor=actor, recipient=recipient)

    def _deliver(self, context: Context, found: TransportDocument) -> None:
        begun = self.titles.get(found.reference) or self.begun(found, found.offer_platform, found.offer_to)
        title = begun.replace(platform=found.offer_platform, possessor=found.offer_to)
        self.enter(context, found, title, "ISSUE", found.carrier, found.offer_to)

    def _endorse(self, context: Context, document: Reference, action: ActionCode, to: Party, terms: Terms) -> None:
        # READ
        found, title = self.movable(context, document)
        # CHECK
        context.require(title.kind != "straight", "not-negotiable", document=document)
        if title.kind == "named":
            is_holder = context.signed_by(title.title_holder)
            context.require(is_holder, "not-title-holder", title_holder=title.title_holder)
        context.require(title.may_endorse, "may-not-endorse", title_holder=title.title_holder)
        context.require(to == "" or context.member(to) is not None, "unknown-member", member=to)
        context.require(to == "" or to != title.title_holder, "to-self", member=to)
        # WRITE
        after = title.replace(kind="named" if to else "bearer", title_holder=to, may_endorse=action != "ENDORSE")
        self.enter(context, found, after, action, title.possessor, to, terms=terms)


def entry_key(document: Reference, number: int) -> str:
    """Key of an entry of a document's chain; they stand in their order."""
    return f"{document}:{number:04}"


def entry_digest(entry: ChainEntry) -> str:
    """What the next entry names as the one before it."""
    return digest("title-entry", encode(entry.model_dump(mode="json")))
