"""Half a year of tenders, with one fraud that breaks no rule of the ledger: it takes knowledge of the trade to find it."""

from dataclasses import dataclass, replace
from functools import lru_cache

from ledger.sealed import Opening, sealed_digest
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.material import ORGANIZATIONS, SimulatedLedger, draw

SUBJECTS = (
    "Paint the bridge", "Mend the quay wall", "Two pumps", "Snow clearing", "Street lamps", "A roof for the school",
    "Road salt", "A fire engine", "Winter coal", "Repair of the lift", "Desks and chairs", "A new well",
)  # fmt: skip
TENDERS = 7
MINUTES = 60
FRAUDS = ("paid-twice", "one-hand", "own-witness")


@dataclass(frozen=True, slots=True)
class Fraud:
    """What of the trade is wrong."""

    kind: str
    """One of FRAUDS."""
    tenders: frozenset[str]
    members: frozenset[str]
    """Who did it."""


@dataclass(frozen=True, slots=True)
class Trade:
    """The ledger of the half year."""

    ledger: str
    lines: tuple[bytes, ...]
    fraud: Fraud


@dataclass(frozen=True, slots=True)
class _Tender:
    """One tender: who bids what, under which salts, and who signs the award beside the buyer."""

    number: str
    subject: str
    buyer: str
    offers: tuple[tuple[str, int, str], ...]
    """(bidder, price in cents, salt)."""
    witness: str

    @property
    def winner(self) -> str:
        """The lowest."""
        return min(self.offers, key=lambda offer: offer[1])[0]


@lru_cache(maxsize=8)
def make_trade(seed: int) -> Trade:
    """Everything follows from the seed."""
    chance = Chance(seed)
    ledger = SimulatedLedger(seed)
    subjects = draw(chance, SUBJECTS, TENDERS)
    plans = [_plan(chance, f"T-{101 + place}", subject) for place, subject in enumerate(subjects)]
    fraud = _commit_fraud(chance, plans)
    refused = chance.below(TENDERS)
    for place, plan in enumerate(plans):
        _play(ledger, plan, is_refused_first=place == refused)
    return Trade(ledger.simulation.ledger, tuple(ledger.export()), fraud)


def _plan(chance: Chance, number: str, subject: str) -> _Tender:
    buyer, *others = draw(chance, ORGANIZATIONS, 4)
    bidders = [f"{name}.member{chance.between(1, 4)}" for name in others]
    prices = draw(chance, range(4_000, 9_000, 100), 3)
    offers = tuple((bidder, price, chance.hexadecimal(32)) for bidder, price in zip(bidders, prices, strict=True))
    plan = _Tender(number, subject, f"{buyer}.member{chance.between(1, 4)}", offers, "")
    loser = next(bidder for bidder in bidders if bidder != plan.winner)
    return replace(plan, witness=loser)


def _commit_fraud(chance: Chance, plans: list[_Tender]) -> Fraud:
    """Changes one plan so that it is fraudulent, and says how."""
    kind = chance.pick(FRAUDS)
    place = chance.below(TENDERS - 3)
    plan = plans[place]
    if kind == "own-witness":
        plans[place] = replace(plan, witness=plan.winner)
        return Fraud(kind, frozenset({plan.number}), frozenset({plan.winner}))
    if kind == "one-hand":
        (one, price, salt), (other, dearer, _), third = plan.offers
        plans[place] = replace(plan, offers=((one, price, salt), (other, dearer, salt), third))
        return Fraud(kind, frozenset({plan.number}), frozenset({one, other}))
    later = plans[place + 3]
    offers = tuple((bidder, price, chance.hexadecimal(32)) for bidder, price, _ in plan.offers)
    plans[place + 3] = replace(plan, number=later.number, offers=offers)
    return Fraud(kind, frozenset({plan.number, later.number}), frozenset({plan.buyer}))


def _play(ledger: SimulatedLedger, plan: _Tender, *, is_refused_first: bool) -> None:
    """Tries what is refused before what is done, once: an attempt that the ledger refused is evidence, and no harm."""
    ledger.act(plan.buyer, "tender", "open", number=plan.number, subject=plan.subject, minutes=MINUTES)
    for bidder, price_cents, salt in plan.offers:
        opening = Opening(salt, {"bidder": bidder, "price_cents": price_cents})
        ledger.act(bidder, "tender", "bid", number=plan.number, offer={"sealed": sealed_digest(opening)})
    ledger.wait(MINUTES)
    for bidder, price_cents, salt in plan.offers:
        if is_refused_first and bidder != plan.winner:
            ledger.act(bidder, "tender", "reveal", number=plan.number, price_cents=price_cents - 1_500, salt=salt)
        ledger.act(bidder, "tender", "reveal", number=plan.number, price_cents=price_cents, salt=salt)
    if is_refused_first:
        ledger.act(plan.buyer, "tender", "award", number=plan.number)
    ledger.act(f"{plan.buyer} {plan.witness}", "tender", "award", number=plan.number)
    ledger.wait(3 * 24 * 60)
