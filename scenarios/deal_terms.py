"""Delivery against payment on two ledgers: the terms, whose digest names the deal on both, and the two records that cross.

1. The id of a deal digests what each ledger is told of it: on shipping the bill and its parties, on finance the money and its
   parties, on each the other ledger's genesis. It names one bill and one payment, and neither ledger sees the other's part.
2. The seller locks the bill on the shipping ledger under that id, once for ever. Nothing else can be done with a locked bill.
3. The finance ledger alone decides how the deal ends: `executed` or `cancelled`. The end is final and kept for ever.
4. The buyer executes on proof of the lock: in that one transaction the price moves and the end is written.
5. Either party cancels as long as the deal has no end, also one that was never locked.
6. On proof of `executed` anybody hands the bill over to the buyer, on proof of `cancelled` anybody gives it back to the seller.
7. A lock ends only by 6, and 6 needs an end: so any proof of a lock, however old, is as good as a fresh one for a deal without
   an end, and a proof of an end is good for ever. No clock decides anything.
8. If finance halts, locked bills wait for it; if shipping halts, a buyer that has paid waits for its bill. Nobody waits for a
   relayer: either party can carry every proof itself.
9. Neither ledger can judge the part that it does not see. So each party computes the id from both parts before it locks or pays:
   that the seller is the payee, that the goods are the buyer's, and that each part names the other's ledger. A bill that was
   locked for an id of which nobody knows both parts stays locked.
10. Where more than f validators of finance fork it, what they ended on the branch that is given up is open again on the other
    one, while the bill may be locked no more: those who go on there cancel such deals before anybody executes them.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from ledger.contract import Absent, Context, DigestText, Identifier, MemberId, Positive, Record, RecordView
from ledger.encoding import digest, encode
from ledger.primitives import Digest

Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Goods(Record):
    """What the shipping ledger is told of a deal."""

    finance: DigestText
    """Digest of the genesis of the ledger that decides."""
    bill: Identifier
    seller: MemberId
    buyer: MemberId


class Money(Record):
    """What the finance ledger is told of the same deal: the seller and the buyer are members of their own there."""

    shipping: DigestText
    """Digest of the genesis of the ledger that has the bill."""
    payee: MemberId
    payer: MemberId
    price_cents: Positive
    nonce: Nonce
    """So that the same parties can try the same again."""


class AdmittedLedger(RecordView):
    """A ledger that this one follows."""

    ledger: str


def is_followed(context: Context, name: str, ledger: DigestText) -> bool:
    """Whether the ledger of this genesis is the one that governance admitted here under the name."""
    admitted = context.read(AdmittedLedger, name)
    return not isinstance(admitted, Absent) and admitted.ledger == ledger


def part_digest(part: Goods | Money) -> Digest:
    """What the ledger that is told the other part gets instead."""
    return digest("deal-part", encode(part.model_dump(mode="json")))


def deal_id(goods: Digest, money: Digest) -> Digest:
    """The name of the deal on both ledgers."""
    return digest("deal", encode([goods, money]))


class Lock(Record):
    """On the shipping ledger, by deal, for ever: the bill was locked for it."""

    is_locked: Literal[True] = True


class End(Record):
    """On the finance ledger, by deal, for ever: how it ended."""

    end: Literal["executed", "cancelled"]
