"""The tender of the workshop: sealed until the deadline, opened after it, awarded by two organizations to the lowest."""

from typing import Any

import pytest

from ledger.contract.source_rules.loader import load_contract
from ledger.contract.test_kit import START_MS, Step, StepOutcome, check_contract, run_step, state_with
from ledger.identity.records import Member
from ledger.sealed import Opening, sealed_digest
from ledger.state.overlay import Overlay
from scenarios.running.first_story import CONTRACTS, workshop_network
from scenarios.workshop.tender import MINUTE_MS, REVEAL_MS, Tendering

NAMES = ("north.member1", "north.member2", "south.member1", "south.member2", "east.member1", "west.member1")
LEDGER_MS = 2**52


def member(name: str, *roles: str) -> Member:
    return Member(
        member=name, public_key="00" * 32, roles=roles or ("member",), not_before_ms=0, not_after_ms=LEDGER_MS, certificate="-"
    )


STAFF = {name: member(name) for name in NAMES} | {"east.admin": member("east.admin", "admin")}
SALTS = {name: f"{number:032x}" for number, name in enumerate(NAMES, 1)}


class Play:
    """One state, one step after another."""

    def __init__(self) -> None:
        self.state = state_with(tuple(STAFF.values()))
        self.time_ms = START_MS
        self.height = 0

    def do(self, signers: str, operation: str, **arguments: Any) -> StepOutcome:
        self.height += 1
        step = Step(tuple(STAFF[name] for name in signers.split()), operation, {"number": "T-1", **arguments}, 0)
        return run_step(Tendering, self.state, step, self.time_ms, self.height)

    def open(self) -> StepOutcome:
        return self.do("north.member1", "open", subject="A bridge", minutes=10)

    def bid(self, bidder: str, price_cents: int) -> StepOutcome:
        return self.do(bidder, "bid", offer={"sealed": sealed_digest(opening(bidder, price_cents))})

    def reveal(self, bidder: str, price_cents: int, salt: str = "") -> StepOutcome:
        return self.do(bidder, "reveal", price_cents=price_cents, salt=salt or SALTS[bidder])

    def award(self, signers: str = "north.member1 east.member1") -> StepOutcome:
        return self.do(signers, "award")

    def after(self, wait_ms: int) -> "Play":
        self.time_ms += wait_ms
        return self

    def reader(self, name: str, key: str, collection: str = "bids") -> str:
        record = getattr(Tendering(self.state), collection)[key]
        return Tendering.read_rule(Overlay(self.state), record, STAFF[name], self.time_ms, self.height)


def opening(bidder: str, price_cents: int) -> Opening:
    return Opening(SALTS[bidder], {"bidder": bidder, "price_cents": price_cents})


def with_bids() -> Play:
    """A tender of north, with bids of south and east."""
    play = Play()
    assert play.open().code == "ok"
    assert play.bid("south.member1", 5_000).code == "ok"
    assert play.bid("east.member1", 4_000).code == "ok"
    return play


def revealed() -> Play:
    play = with_bids().after(10 * MINUTE_MS)
    assert play.reveal("south.member1", 5_000).code == "ok"
    assert play.reveal("east.member1", 4_000).code == "ok"
    return play


def test_the_lowest_revealed_bid_wins() -> None:
    play = revealed()
    outcome = play.award()
    assert outcome.events == [
        {
            "contract": "tender",
            "name": "awarded",
            "data": {"number": "T-1", "winner": "east.member1", "price_cents": 4_000},
        }
    ]
    tender = Tendering(play.state).tenders["T-1"]
    assert (tender.winner, tender.price_cents) == ("east.member1", 4_000)
    assert play.award().code == "awarded"
    assert play.reveal("east.member1", 4_000).details == {"winner": "east.member1"}


def test_of_two_equal_prices_the_first_wins() -> None:
    play = Play()
    play.open()
    for bidder in ("south.member1", "east.member1"):
        play.bid(bidder, 4_000)
    play.after(10 * MINUTE_MS)
    for bidder in ("south.member1", "east.member1"):
        play.reveal(bidder, 4_000)
    play.award()
    assert Tendering(play.state).tenders["T-1"].winner == "south.member1"


def test_an_award_needs_two_organizations_and_the_buyer_among_them() -> None:
    play = revealed()
    alone = play.award("north.member1")
    assert alone.code == "policy-not-satisfied"
    assert alone.details["missing"] == ["1 of (organization:south, organization:east, organization:west)"]
    assert play.award("north.member1 north.member2").code == "policy-not-satisfied"
    assert play.award("south.member1 east.member1").details == {"buyer": "north.member1"}
    assert play.award().code == "ok"


def test_a_tender_is_opened_by_a_member_once() -> None:
    play = Play()
    assert play.do("east.admin", "open", subject="A bridge", minutes=10).code == "policy-not-satisfied"
    assert play.open().code == "ok"
    assert play.open().code == "already-open"


def test_each_other_organization_bids_once_before_the_deadline() -> None:
    play = with_bids()
    assert play.bid("north.member2", 1_000).code == "own-tender"
    assert play.bid("south.member2", 1_000).code == "already-bid"
    assert play.after(10 * MINUTE_MS).bid("west.member1", 1_000).code == "closed"


def test_a_bid_is_opened_by_its_bidder_after_the_deadline_as_it_was_sealed() -> None:
    play = with_bids()
    assert play.reveal("south.member1", 5_000).code == "not-closed"
    play.after(10 * MINUTE_MS)
    assert play.reveal("south.member1", 3_900).code == "wrong-opening"
    assert play.reveal("south.member2", 5_000).details == {"bidder": "south.member1"}
    assert play.reveal("west.member1", 5_000).code == "not-found"


def test_a_copied_digest_cannot_be_opened_by_the_copier() -> None:
    play = Play()
    play.open()
    play.bid("south.member1", 5_000)
    copied = sealed_digest(opening("south.member1", 5_000))
    assert play.do("west.member1", "bid", offer={"sealed": copied}).code == "ok"
    play.after(10 * MINUTE_MS).reveal("south.member1", 5_000)
    assert play.reveal("west.member1", 5_000, SALTS["south.member1"]).code == "wrong-opening"


def test_bidders_have_an_hour_to_reveal() -> None:
    play = with_bids()
    assert play.award().code == "not-closed"
    play.after(10 * MINUTE_MS).reveal("south.member1", 5_000)
    assert play.award().details == {"bids": ["east.member1"], "until_ms": play.time_ms + REVEAL_MS}
    assert play.after(REVEAL_MS).award().code == "ok"
    assert Tendering(play.state).tenders["T-1"].winner == "south.member1"


def test_without_a_revealed_bid_there_is_no_award() -> None:
    assert with_bids().after(10 * MINUTE_MS + REVEAL_MS).award().code == "nothing-revealed"


def test_an_offer_is_read_by_its_bidder_and_after_the_award_by_the_buyer() -> None:
    play = revealed()
    assert play.reader("south.member1", "T-1:south") == "bidder"
    assert play.reader("south.member2", "T-1:south") == ""
    assert play.reader("north.member1", "T-1:south") == ""
    assert play.reader("east.member1", "T-1", "tenders") == "open"
    play.award()
    assert play.reader("north.member1", "T-1:south") == "buyer"
    assert play.reader("north.member2", "T-1:south") == ""


def test_bids_of_a_tender_whose_name_goes_on_are_not_its_own() -> None:
    play = revealed()
    play.do("north.member1", "open", number="T-1:2", subject="A tower", minutes=10)
    play.do("west.member1", "bid", number="T-1:2", offer={"sealed": sealed_digest(opening("west.member1", 1))})
    assert play.award().code == "ok"
    assert Tendering(play.state).tenders["T-1"].winner == "east.member1"


def test_random_calls_keep_the_contract_whole() -> None:
    def winner_was_revealed(contract: Tendering) -> None:
        for number, tender in contract.tenders.items():
            prices = [bid.price_cents for _, bid in contract.bids.items() if bid.tender == number and bid.price_cents]
            assert not tender.winner or tender.price_cents == min(prices)

    check_contract(Tendering, members=tuple(STAFF.values()), invariant=winner_was_revealed)


@pytest.mark.parametrize("code", Tendering.refusals)
def test_every_refusal_speaks_two_languages(code: str) -> None:
    refusal = Tendering.refusals[code]
    assert refusal.en.isascii()
    assert any("一" <= character <= "鿿" for character in refusal.zh)


def test_the_workshop_has_the_tender() -> None:
    names = dict(CONTRACTS)
    assert load_contract(names["tender"]).contract is Tendering
    assert names.keys() == {name for name, _ in workshop_network(START_MS).contracts}
