"""The tender of the workshop played in one state, and the attempts that only one of its rules refuses."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from ledger.contract.test_kit import START_MS, Step, StepOutcome, run_step, state_with
from ledger.sealed import Opening, sealed_digest
from ledger.state.overlay import Overlay
from scenarios.workshop.tender import MINUTE_MS, REVEAL_MS, Tendering
from tests.support import enrolled

NAMES = ("north.member1", "north.member2", "south.member1", "south.member2", "east.member1", "west.member1")
BUYER, SOUTH, EAST, WEST = "north.member1", "south.member1", "east.member1", "west.member1"


STAFF = {name: enrolled(name, "member") for name in NAMES} | {"east.admin": enrolled("east.admin", "admin")}
SALTS = {name: f"{number:032x}" for number, name in enumerate(NAMES, 1)}


def opening(bidder: str, price_cents: int) -> Opening:
    """What a bid hides."""
    return Opening(SALTS[bidder], {"bidder": bidder, "price_cents": price_cents})


class Play:
    """One state, one step after another."""

    def __init__(self) -> None:
        self.state = state_with(tuple(STAFF.values()))
        self.time_ms = START_MS
        self.height = 0

    def do(self, signers: str, operation: str, **arguments: Any) -> StepOutcome:
        """Members try something about the tender T-1."""
        self.height += 1
        step = Step(tuple(STAFF[name] for name in signers.split()), operation, {"number": "T-1", **arguments}, 0)
        return run_step(Tendering, self.state, step, self.time_ms, self.height)

    def open(self) -> StepOutcome:
        """North asks for bids within ten minutes."""
        return self.do(BUYER, "open", subject="A bridge", minutes=10)

    def bid(self, bidder: str, price_cents: int) -> StepOutcome:
        """Under the bidder's salt."""
        return self.do(bidder, "bid", offer={"sealed": sealed_digest(opening(bidder, price_cents))})

    def reveal(self, bidder: str, price_cents: int, salt: str = "") -> StepOutcome:
        """With the bidder's salt, or another one."""
        return self.do(bidder, "reveal", price_cents=price_cents, salt=salt or SALTS[bidder])

    def award(self, signers: str = f"{BUYER} {EAST}") -> StepOutcome:
        """Two organizations are needed."""
        return self.do(signers, "award")

    def after(self, wait_ms: int) -> Self:
        """Some time passes."""
        self.time_ms += wait_ms
        return self

    def reader(self, name: str, key: str, collection: str = "bids") -> str:
        """By which rule a member may read the record."""
        record = getattr(Tendering(self.state), collection)[key]
        return Tendering.read_rule(Overlay(self.state), record, STAFF[name], self.time_ms, self.height)


def opened() -> Play:
    """A tender of north."""
    play = Play()
    assert play.open().code == "ok"
    return play


def with_bids() -> Play:
    """And bids of south and east."""
    play = opened()
    assert play.bid(SOUTH, 5_000).code == "ok"
    assert play.bid(EAST, 4_000).code == "ok"
    return play


def closed() -> Play:
    """And past its deadline."""
    return with_bids().after(10 * MINUTE_MS)


def revealed() -> Play:
    """And both have opened their bids."""
    play = closed()
    assert play.reveal(SOUTH, 5_000).code == "ok"
    assert play.reveal(EAST, 4_000).code == "ok"
    return play


def awarded() -> Play:
    """And east has won."""
    play = revealed()
    assert play.award().code == "ok"
    return play


def half_revealed() -> Play:
    """Only south has opened its bid."""
    play = closed()
    assert play.reveal(SOUTH, 5_000).code == "ok"
    return play


RULES: Mapping[str, tuple[Callable[[], Play], Callable[[Play], str]]] = {
    "tender.open.already-open": (opened, lambda play: play.open().code),
    "tender.bid.closed": (closed, lambda play: play.bid(WEST, 1_000).code),
    "tender.bid.own-tender": (with_bids, lambda play: play.bid("north.member2", 1_000).code),
    "tender.bid.already-bid": (with_bids, lambda play: play.bid("south.member2", 1_000).code),
    "tender.reveal.not-bidder": (closed, lambda play: play.reveal("south.member2", 5_000).code),
    "tender.reveal.not-closed": (with_bids, lambda play: play.reveal(SOUTH, 5_000).code),
    "tender.reveal.awarded": (awarded, lambda play: play.reveal(EAST, 4_000).code),
    "tender.reveal.wrong-opening": (closed, lambda play: play.reveal(SOUTH, 3_900).code),
    "tender.award.not-buyer": (revealed, lambda play: play.award(f"{SOUTH} {EAST}").code),
    "tender.award.awarded": (awarded, lambda play: play.award().code),
    "tender.award.not-closed": (with_bids, lambda play: play.award().code),
    "tender.award.still-sealed": (half_revealed, lambda play: play.award().code),
    "tender.award.nothing-revealed": (lambda: closed().after(REVEAL_MS), lambda play: play.award().code),
}
"""`file.function.code` → a state, and what is tried in it."""
