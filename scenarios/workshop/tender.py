"""A tender with sealed bids: nobody sees a price before the deadline, nobody changes one after it, the lowest wins.

    open → bid, bid, …  (deadline)  → reveal, reveal, …  (all revealed, or an hour later)  → award

The sealed value names its bidder, so that a rival who copies the digest cannot open it as his own.
"""

from ledger.contract import (
    Collection,
    Context,
    Contract,
    Identifier,
    Member,
    OrganizationIs,
    OutOf,
    Positive,
    Role,
    Sealed,
    Text,
    operation,
)
from ledger.contract.sealed import Opening, sealed_digest
from ledger.identity.records import StateModel
from scenarios.workshop.tender_records import Bid, Minutes, Offer, Salt, Tender
from scenarios.workshop.tender_words import READ_RULES, REFUSALS

MINUTE_MS = 60_000
REVEAL_MS = 60 * MINUTE_MS
"""After the deadline every bidder has so long to reveal; then an award may leave it out."""
TWO_ORGANIZATIONS = OutOf(2, *map(OrganizationIs, ("north", "south", "east", "west")))


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
        """The first signer asks for bids, for so many minutes from this block on."""
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
        """Not by the prefix alone: a tender may be called T-1:2 beside one called T-1."""
        return [bid for _, bid in self.bids.items(prefix=f"{number}:") if bid.tender == number]
