"""The tender of the workshop: sealed until the deadline, opened after it, awarded by two organizations to the lowest.

What its rules refuse stands in `tender_rules.py`.
"""

import pytest

from ledger.contract.source_rules.loader import load_contract
from ledger.contract.test_kit import START_MS, check_contract
from ledger.sealed import sealed_digest
from scenarios.running.first_story import CONTRACTS, workshop_network
from scenarios.workshop.tender import MINUTE_MS, REVEAL_MS, Tendering
from tests.tender_rules import BUYER, EAST, SALTS, SOUTH, STAFF, WEST, Play, half_revealed, opened, opening, revealed


def winner(play: Play) -> str:
    return Tendering(play.state).tenders["T-1"].winner


def test_the_lowest_revealed_bid_wins() -> None:
    play = revealed()
    data = {"number": "T-1", "winner": EAST, "price_cents": 4_000}
    assert play.award().events == [{"contract": "tender", "name": "awarded", "data": data}]
    assert (winner(play), Tendering(play.state).tenders["T-1"].price_cents) == (EAST, 4_000)
    assert play.reveal(EAST, 4_000).details == {"winner": EAST}


def test_of_two_equal_prices_the_first_wins() -> None:
    play = opened()
    for bidder in (SOUTH, EAST):
        play.bid(bidder, 4_000)
    play.after(10 * MINUTE_MS)
    for bidder in (SOUTH, EAST):
        play.reveal(bidder, 4_000)
    play.award()
    assert winner(play) == SOUTH


def test_an_award_needs_two_organizations_and_the_buyer_among_them() -> None:
    play = revealed()
    by_one = play.award(BUYER)
    assert by_one.code == "policy-not-satisfied"
    assert by_one.details["missing"] == ["1 of (organization:south, organization:east, organization:west)"]
    assert play.award(f"{BUYER} north.member2").code == "policy-not-satisfied"
    assert play.award(f"{SOUTH} {EAST}").details == {"buyer": BUYER}
    assert play.award().code == "ok"


def test_only_a_member_opens_a_tender_and_only_a_bid_that_is_there_is_opened() -> None:
    assert Play().do("east.admin", "open", subject="A bridge", minutes=10).code == "policy-not-satisfied"
    assert opened().after(10 * MINUTE_MS).reveal(WEST, 5_000).code == "not-found"


def test_a_copied_digest_cannot_be_opened_by_the_copier() -> None:
    play = opened()
    play.bid(SOUTH, 5_000)
    assert play.do(WEST, "bid", offer={"sealed": sealed_digest(opening(SOUTH, 5_000))}).code == "ok"
    play.after(10 * MINUTE_MS).reveal(SOUTH, 5_000)
    assert play.reveal(WEST, 5_000, SALTS[SOUTH]).code == "wrong-opening"


def test_bidders_have_an_hour_to_reveal() -> None:
    play = half_revealed()
    assert play.award().details == {"bids": [EAST], "until_ms": play.time_ms + REVEAL_MS}
    assert play.after(REVEAL_MS).award().code == "ok"
    assert winner(play) == SOUTH


def test_an_offer_is_read_by_its_bidder_and_after_the_award_by_the_buyer() -> None:
    play = revealed()
    readers = (SOUTH, "south.member2", BUYER, "north.member2")
    assert [play.reader(name, "T-1:south") for name in readers] == ["bidder", "", "", ""]
    assert play.reader(EAST, "T-1", "tenders") == "open"
    play.award()
    assert [play.reader(name, "T-1:south") for name in readers] == ["bidder", "", "buyer", ""]


def test_bids_of_a_tender_whose_name_goes_on_are_not_its_own() -> None:
    play = revealed()
    play.do(BUYER, "open", number="T-1:2", subject="A tower", minutes=10)
    play.do(WEST, "bid", number="T-1:2", offer={"sealed": sealed_digest(opening(WEST, 1))})
    assert play.award().code == "ok"
    assert winner(play) == EAST


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
