"""Lab 6. Bid under a seal, see who sees what, open it, and award with two signatures; and break a seal that is none."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ledger.sealed import Opening, Sealed, sealed_digest
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, names_in, sentence
from scenarios.workshop.labs.material import ORGANIZATIONS, draw
from scenarios.workshop.room import Room, Standing
from scenarios.workshop.tender import Bid, Tendering

MINUTES = 60
PRICES = range(1, 2_001)
"""Whole yuan: so few that a plain hash hides none of them."""
DIGEST_DIGITS = 8
SUBJECTS = ("A new well", "Road salt", "Street lamps", "Two pumps", "A fire engine", "Winter coal")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    number: str
    subject: str
    buyer: str
    rival: str
    me: str
    witness: str
    plain: int
    """Last year's price of the rival."""
    offer: Opening
    """This year's of the rival, which stands nowhere."""

    @property
    def key(self) -> str:
        """Of the group's own bid."""
        return f"{self.number}:{self.me.partition('.')[0]}"


def plan(chance: Chance) -> Plan:
    """Each of the four organizations has one part."""
    buyer, rival, me, witness = (f"{name}.member{chance.between(1, 4)}" for name in draw(chance, ORGANIZATIONS, 4))
    number, subject = f"T-{chance.between(100, 999)}", chance.pick(SUBJECTS)
    price_cents = 100 * chance.between(PRICES.start, PRICES.stop - 1)
    offer = Opening(chance.hexadecimal(32), {"bidder": rival, "price_cents": price_cents})
    return Plan(number, subject, buyer, rival, me, witness, chance.between(PRICES.start, PRICES.stop - 1), offer)


def begin(room: Room) -> Mapping[str, str]:
    """A tender with a rival's bid; last year's plain hash, and a dictionary of all prices."""
    made = plan(room.chance())
    with room.client() as client:
        buyer, rival = room.member(made.buyer), room.member(made.rival)
        client.call(Tendering.open, signers=[buyer], number=made.number, subject=made.subject, minutes=MINUTES)
        client.call(Tendering.bid, signers=[rival], number=made.number, offer=Sealed(sealed_digest(made.offer)))
    dictionary = "".join(f"{price:>5}  {_plain(price)}\n" for price in PRICES)
    (room.files / "dictionary.txt").write_text(dictionary, encoding="utf-8")
    return {**asdict(made), "plain": _plain(made.plain)}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """Deeds by the ledger, what is seen by the answers."""
    made, standings = plan(room.chance()), room.standings()
    with room.client() as client:
        bid, tender = client.read(Tendering.bids, made.key), client.read(Tendering.tenders, made.number)
    if bid is None or bid.bidder != made.me:
        yield sentence("no-bid", me=made.me, number=made.number)
    elif not bid.price_cents:
        yield sentence("not-revealed", me=made.me)
    for code in ("not-closed", "wrong-opening"):
        if not _tried(standings, made, "reveal", made.me, code):
            yield sentence("no-attempt", who=made.me, operation="reveal", code=code)
    if not _tried(standings, made, "award", made.buyer, "policy-not-satisfied"):
        yield sentence("not-alone", number=made.number, buyer=made.buyer)
    if not _tried(standings, made, "award", made.buyer, "still-sealed"):
        yield sentence("no-attempt", who=made.buyer, operation="award", code="still-sealed")
    if tender is None or not tender.winner:
        yield sentence("not-awarded", number=made.number)
    yield from answers.unanswered()
    if bid is not None:
        yield from _judge_sights(bid, made, answers)
    revealed = _tried(standings, made, "reveal", made.me, "ok")
    if revealed is not None:
        yield from answers.judge_number("open", revealed.header.height, sentence("read-block"))
    yield from answers.judge("lacking", answers["lacking"] == "policy-not-satisfied", sentence("read-code"))
    yield from answers.judge_number("plain", made.plain, sentence("search"))


def _judge_sights(bid: Bid, made: Plan, answers: Answers) -> Iterator[Sentence]:
    digest = answers["digest"].lower()
    is_right = len(digest) >= DIGEST_DIGITS and bid.offer.sealed.startswith(digest)
    yield from answers.judge("digest", is_right, sentence("ask-node", key=made.key))
    yield from answers.judge("before", names_in(answers["before"]) == {bid.bidder}, sentence("ask-before", key=made.key))
    after = {bid.bidder, made.buyer}
    yield from answers.judge("after", names_in(answers["after"]) == after, sentence("ask-after", key=made.key))


def _tried(standings: Sequence[Standing], made: Plan, operation: str, signer: str, code: str) -> Standing | None:
    """The first time that a member did this to the group's tender and it ended so."""
    calls = (one for one in standings if one.asks(f"tender.{operation}", number=made.number) and one.receipt["code"] == code)
    return next((one for one in calls if signer in one.transaction.signers), None)


def _plain(price: int) -> str:
    return hashlib.sha256(str(price).encode()).hexdigest()
