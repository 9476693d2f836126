"""Title and possession of an electronic bill of lading, by DCSA's action codes.

    ISSUE              the platform that the carrier asked delivers it to the first possessor, once (`documents.py`)
    TRANSFER           possession moves, title stays
    ENDORSE            title moves to one who may not pass it on
    ENDORSE_TO_ORDER   title moves to one who may
    BLANK_ENDORSE      title follows possession from here on
    SIGN               the possessor shows that it has it

Each writes an entry of a chain that is linked by digests (`chain.py`). What is surrendered, on paper, on its way to another
platform or pledged does not move.
"""

from ledger.contract import Anyone, Context, MemberId, Text, operation
from scenarios.shipping.bill.chain import Terms, enter, held, movable, require_user
from scenarios.shipping.records import ActionCode, Party, Reference
from scenarios.shipping.state import ShippingState


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
        bill, title = movable(self, context, document)
        # CHECK
        context.require(title.kind != "straight", "not-negotiable", document=document)
        is_holder = title.kind == "bearer" or context.signed_by(title.title_holder)
        context.require(is_holder, "not-title-holder", title_holder=title.title_holder)
        context.require(title.may_endorse, "may-not-endorse", title_holder=title.title_holder)
        context.require(to == "" or context.member(to) is not None, "unknown-member", member=to)
        context.require(to == "" or to != title.title_holder, "to-self", member=to)
        # WRITE
        endorsed = title.replace(kind="named" if to else "bearer", title_holder=to, may_endorse=action != "ENDORSE")
        enter(self, context, bill, endorsed, action, title.possessor, to, terms=terms)
