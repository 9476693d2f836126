"""The chain of title: what may move at all, and the entry that each move writes, linked to the one before by its digest."""

from ledger.contract import Context, MemberId, Sealed
from ledger.encoding import digest, encode
from scenarios.shipping.records import ActionCode, ChainEntry, EntryTerms, Party, Reference, Title, TitleKind, TransportDocument
from scenarios.shipping.state import ShippingState

Terms = Sealed[EntryTerms] | None


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


def held(state: ShippingState, context: Context, reference: Reference) -> tuple[TransportDocument, Title]:
    """A bill that is out, electronic, not on its way, and whose possessor signs; refuses otherwise."""
    document, title = state.documents[reference], state.titles.get(reference)
    if title is None or (title.medium == "electronic" and not title.entries):  # check: shipping-no-title
        context.refuse("no-title", document=reference)
    context.require(not document.status.startswith("PENDING"), "surrender-pending", document=reference)
    context.require(document.status == "ISSUED", "after-surrender", document=reference, status=document.status)
    context.require(title.medium == "electronic", "on-paper", document=reference)
    context.require(not title.in_transit, "in-transit", document=reference, envelope=title.in_transit)
    context.require(context.signed_by(title.possessor), "not-possessor", possessor=title.possessor)
    return document, title


def require_user(state: ShippingState, context: Context, platform: MemberId, member: MemberId) -> None:
    """Refuses unless the platform knows the member."""
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
