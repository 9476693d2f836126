"""What a tender and its bids are on the ledger, and what a bid hides."""

from typing import Annotated

from pydantic import Field, StringConstraints

from ledger.contract import Identifier, MemberId, NonNegative, Positive, Record, Sealed, Text, Timestamp

Minutes = Annotated[int, Field(gt=0, le=525_600)]
Salt = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]


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
