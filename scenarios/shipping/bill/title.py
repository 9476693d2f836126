"""Title and possession of an electronic bill of lading, by DCSA's action codes.

    ISSUE              the platform that the carrier asked delivers it to the first possessor, once (`documents.py`)
    TRANSFER           possession moves, title stays
    ENDORSE            title moves to one who may not pass it on
    ENDORSE_TO_ORDER   title moves to one who may
    BLANK_ENDORSE      title follows possession from here on
    SIGN               the possessor shows that it has it

Each writes an entry of a chain, linked to the one before by its digest. What is surrendered, on paper or on its way to another
platform does not move, and what is pledged only with the signature of the pledgee.
"""

from ledger.contract import Anyone, Context, MemberId, Sealed, Text, operation
from ledger.encoding import digest, encode
from scenarios.shipping.records import ActionCode, ChainEntry, EntryTerms, Party, Reference, Title, TitleKind, TransportDocument
from scenarios.shipping.state import ShippingState

Terms = Sealed[EntryTerms] | None


class TitleOperations(ShippingState):
    """The part of the contract that says who holds a bill of lading."""

    @operation(signed_by=Anyone())
    def transfer(self, context: Context, document: Reference, to: MemberId, terms: Terms = None) -> None:
        """The possessor hands it to another user of the platform."""
        # READ
        bill, title = movable(self, context, document)
        # CHECK
        context.require(to != title.possessor, "to-self", member=to)
        require_user(self, context, title.platform, to)
        # WRITE
        enter(self, context, bill, title.replace(possessor=to), "TRANSFER", title.possessor, to, terms=terms)

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
        """The possessor of the bill has the title from here on."""
        self._endorse(context, document, "BLANK_ENDORSE", "", terms)

    @operation(signed_by=Anyone())
    def sign(self, context: Context, document: Reference, comments: Text) -> None:
        """The possessor shows that it has it; nothing moves."""
        # READ
        bill, title = held(self, context, document)
        # WRITE
        enter(self, context, bill, title, "SIGN", title.possessor, comments=comments)

    def _endorse(self, context: Context, document: Reference, action: ActionCode, to: Party, terms: Terms) -> None:
        # READ
        bill, title = endorsable(self, context, document)
        # CHECK
        context.require(to == "" or context.member(to) is not None, "unknown-member", member=to)
        context.require(to == "" or to != title.title_holder, "to-self", member=to)
        self.require_unlisted(context, to)
        # WRITE
        endorsed = title.replace(kind="named" if to else "bearer", title_holder=to, may_endorse=action != "ENDORSE")
        enter(self, context, bill, endorsed, action, title.possessor, to, terms=terms)


def begun(document: TransportDocument, platform: Party, possessor: Party) -> Title:
    """The title of a document before its first entry."""
    content = document.content
    holder = content.endorsee if content.is_to_order else content.consignee
    kind: TitleKind = "straight" if not content.is_to_order else "named" if holder else "bearer"
    return Title(kind=kind, possessor=possessor, title_holder=holder, may_endorse=content.is_to_order, platform=platform)


def movable(state: ShippingState, context: Context, reference: Reference) -> tuple[TransportDocument, Title]:
    """A bill that may move, and its title. A pledgee signs as well; what a bank examines is not its own yet."""
    document, title = held(state, context, reference)
    context.require(not title.under_credit, "under-examination", credit=title.under_credit)
    context.require(not title.pledgee or context.signed_by(title.pledgee), "pledged", pledgee=title.pledgee)
    return document, title


def endorsable(state: ShippingState, context: Context, reference: Reference) -> tuple[TransportDocument, Title]:
    """A bill that may move and whose title the holder, who signs, may pass on: who cannot endorse cannot pledge."""
    document, title = movable(state, context, reference)
    context.require(title.kind != "straight", "not-negotiable", document=reference)
    is_holder = title.kind == "bearer" or context.signed_by(title.title_holder)
    context.require(is_holder, "not-title-holder", title_holder=title.title_holder)
    state.require_unlisted(context, title.title_holder)
    context.require(title.may_endorse, "may-not-endorse", title_holder=title.title_holder)
    return document, title


def held(state: ShippingState, context: Context, reference: Reference) -> tuple[TransportDocument, Title]:
    """A bill that is out, electronic, not on its way, and whose possessor signs; refuses otherwise."""
    document, title = state.documents[reference], state.titles.get(reference)
    if title is None or (title.medium == "electronic" and not title.entries):  # check: shipping-no-title
        context.refuse("no-title", document=reference)
    context.require(not document.status.startswith("PENDING"), "surrender-pending", document=reference)
    context.require(document.status == "ISSUED", "after-surrender", document=reference, status=document.status)
    context.require(title.medium == "electronic", "on-paper", document=reference)
    context.require(not title.in_transit, "in-transit", document=reference, envelope=title.in_transit)
    state.require_unlocked(context, reference)
    context.require(context.signed_by(title.possessor), "not-possessor", possessor=title.possessor)
    state.require_unlisted(context, title.possessor)
    return document, title


def require_user(state: ShippingState, context: Context, platform: MemberId, member: MemberId) -> None:
    """Refuses unless the platform knows the member, and it is on no list of sanctions."""
    state.require_unlisted(context, member)
    context.require(state.is_user(platform, member), "unknown-user", member=member, platform=platform)


def enter(
    state: ShippingState,
    context: Context,
    document: TransportDocument,
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
        document=document.reference,
        action=action,
        actor=actor,
        recipient=recipient,
        platform=title.platform,
        at_ms=context.time_ms,
        document_checksum=document.checksum,
        previous=title.last_entry,
        comments=comments,
        terms=terms,
    )
    number = title.entries + 1
    state.chain[f"{document.reference}:{number:04}"] = entry
    state.titles[document.reference] = title.replace(entries=number, last_entry=entry_digest(entry))
    context.emit("entry", document=document.reference, action=action, actor=actor, recipient=recipient)


def entry_digest(entry: ChainEntry) -> str:
    """What the next entry names as the one before it."""
    return digest("title-entry", encode(entry.model_dump(mode="json")))
