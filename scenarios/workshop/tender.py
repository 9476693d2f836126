"""A tender with sealed bids: no price is seen before the deadline, none changes after it, the lowest wins.

    open → bid, bid, …  (deadline)  → reveal, reveal, …  (all revealed, or an hour later)  → award

The sealed value names its bidder, so that a rival who copies the digest cannot open it as its own.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from ledger.contract import (
    Collection,
    Context,
    Contract,
    Identifier,
    Member,
    MemberId,
    NonNegative,
    OrganizationIs,
    OutOf,
    Positive,
    ReadRule,
    Record,
    Refusal,
    Role,
    Sealed,
    Text,
    Timestamp,
    operation,
)
from ledger.contract.sealed import Opening, sealed_digest
from ledger.identity.records import StateModel

MINUTE_MS = 60_000
REVEAL_MS = 60 * MINUTE_MS
"""After the deadline how long a bidder has to reveal; then an award may leave it out."""
TWO_ORGANIZATIONS = OutOf(2, *map(OrganizationIs, ("north", "south", "east", "west")))
Minutes = Annotated[int, Field(gt=0, le=525_600)]
Salt = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
REFUSALS: Mapping[str, Refusal] = {
    "already-open": Refusal(en="Tender {number} exists already.", zh="招标 {number} 已存在。"),
    "own-tender": Refusal(en="{organization} bids on its own tender.", zh="{organization} 不能投自己的标。"),
    "already-bid": Refusal(en="{organization} has put in a bid.", zh="{organization} 已投标。"),
    "closed": Refusal(en="Bids were taken until {deadline_ms}.", zh="投标已于 {deadline_ms} 截止。"),
    "not-closed": Refusal(en="Bids stay sealed until {deadline_ms}.", zh="{deadline_ms} 之前标书保持密封。"),
    "awarded": Refusal(en="It was awarded to {winner}.", zh="已授予 {winner}。"),
    "not-bidder": Refusal(en="Only {bidder} may reveal this bid.", zh="只有 {bidder} 可以公开此标。"),
    "wrong-opening": Refusal(en="Salt and price do not give the sealed digest.", zh="盐值与价格不符合密封摘要。"),
    "not-buyer": Refusal(en="The buyer {buyer} must sign the award.", zh="授标须由买方 {buyer} 签署。"),
    "still-sealed": Refusal(en="{bids} may still be revealed, until {until_ms}.", zh="{bids} 在 {until_ms} 前仍可公开。"),
    "nothing-revealed": Refusal(en="No bid was revealed.", zh="没有已公开的标书。"),
}
"""By code."""
READ_RULES: Mapping[str, ReadRule] = {
    "open": ReadRule(en="Nothing in this record is sealed.", zh="该记录没有密封内容。"),
    "bidder": ReadRule(en="The bidder knows its own offer.", zh="投标人知悉自己的报价。"),
    "buyer": ReadRule(en="The tender is awarded: the buyer may see every offer.", zh="已授标：买方可查看各份报价。"),
}
"""By the name that `may_read` answers with."""


class Tender(Record):
    """What a buyer wants, until when bids are taken, and who got it."""

    buyer: MemberId
    subject: Text
    deadline_ms: Timestamp
    winner: str = ""
    """Member that was awarded it; empty before."""
    price_cents: NonNegative = 0


class Offer(Record):
    """What a bid hides."""

    bidder: MemberId
    price_cents: Positive


class Bid(Record):
    """One organization's bid; its key is TENDER:ORGANIZATION."""

    tender: Identifier
    bidder: MemberId
    place: Positive
    """Of two equal prices the one that came first wins."""
    offer: Sealed[Offer]
    price_cents: NonNegative = 0
    """0 until it is revealed."""


class Tendering(Contract):
    """Sealed bids: put in before the deadline, revealed after it, awarded by two organizations to the lowest."""

    name = "tender"
    tenders = Collection(Tender)
    bids = Collection(Bid)
    refusals = REFUSALS
    read_rules = READ_RULES

    def may_read(self, context: Context, record: StateModel, reader: Member) -> str:
        """The bidder; after the award the buyer too."""
        if not isinstance(record, Bid):
            return "open"
        if reader.member == record.bidder:
            return "bidder"
        tender = self.tenders[record.tender]
        return "buyer" if tender.winner and reader.member == tender.buyer else ""

    @operation(signed_by=Role("member"))
    def open(self, context: Context, number: Identifier, subject: Text, minutes: Minutes) -> None:
        """The first signer asks for bids, for some minutes from this block on."""
        # CHECK
        context.require(number not in self.tenders, "already-open", number=number)
        # WRITE
        deadline_ms = context.time_ms + minutes * MINUTE_MS
        self.tenders[number] = Tender(buyer=context.signers[0].member, subject=subject, deadline_ms=deadline_ms)
        # EMIT
        context.emit("opened", number=number, deadline_ms=deadline_ms)

    @operation(signed_by=Role("member"))
    def bid(self, context: Context, number: Identifier, offer: Sealed[Offer]) -> None:
        """The first signer puts in its organization's one bid; the opening stays with it, outside of the ledger."""
        # READ
        tender, bidder = self.tenders[number], context.signers[0]
        organization, key = bidder.organization, f"{number}:{bidder.organization}"
        # CHECK
        context.require(context.time_ms < tender.deadline_ms, "closed", deadline_ms=tender.deadline_ms)
        context.require(not tender.buyer.startswith(f"{organization}."), "own-tender", organization=organization)
        context.require(key not in self.bids, "already-bid", organization=organization)
        # WRITE
        self.bids[key] = Bid(tender=number, bidder=bidder.member, place=len(self._of(number)) + 1, offer=offer)
        # EMIT
        context.emit("bid", number=number, bidder=bidder.member)

    @operation(signed_by=Role("member"))
    def reveal(self, context: Context, number: Identifier, price_cents: Positive, salt: Salt) -> None:
        """The bidder opens its bid for all to see."""
        # READ
        tender, key = self.tenders[number], f"{number}:{context.signers[0].organization}"
        bid = self.bids[key]
        offer = Offer(bidder=bid.bidder, price_cents=price_cents)
        # CHECK
        context.require(context.signed_by(bid.bidder), "not-bidder", bidder=bid.bidder)
        context.require(context.time_ms >= tender.deadline_ms, "not-closed", deadline_ms=tender.deadline_ms)
        context.require(not tender.winner, "awarded", winner=tender.winner)
        opening = Opening(salt, offer.model_dump(mode="json"))
        context.require(sealed_digest(opening) == bid.offer.sealed, "wrong-opening")
        # WRITE
        self.bids[key] = bid.replace(price_cents=price_cents)
        # EMIT
        context.emit("revealed", number=number, bidder=bid.bidder, price_cents=price_cents)

    @operation(signed_by=TWO_ORGANIZATIONS)
    def award(self, context: Context, number: Identifier) -> None:
        """The buyer and another organization award it to the lowest revealed bid."""
        # READ
        tender, bids = self.tenders[number], self._of(number)
        until_ms = tender.deadline_ms + REVEAL_MS
        revealed = [bid for bid in bids if bid.price_cents]
        hidden = [bid.bidder for bid in bids if not bid.price_cents]
        # CHECK
        context.require(context.signed_by(tender.buyer), "not-buyer", buyer=tender.buyer)
        context.require(not tender.winner, "awarded", winner=tender.winner)
        context.require(context.time_ms >= tender.deadline_ms, "not-closed", deadline_ms=tender.deadline_ms)
        context.require(not hidden or context.time_ms >= until_ms, "still-sealed", bids=hidden, until_ms=until_ms)
        context.require(len(revealed) > 0, "nothing-revealed")
        # WRITE
        best = min(revealed, key=lambda bid: (bid.price_cents, bid.place))
        self.tenders[number] = tender.replace(winner=best.bidder, price_cents=best.price_cents)
        # EMIT
        context.emit("awarded", number=number, winner=best.bidder, price_cents=best.price_cents)

    def _of(self, number: str) -> list[Bid]:
        """Not only by the prefix: a tender may be called T-1:2 beside one called T-1."""
        return [bid for _, bid in self.bids.items(prefix=f"{number}:") if bid.tender == number]
