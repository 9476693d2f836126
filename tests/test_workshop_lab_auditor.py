"""Lab 8, walked right and wrong: two falsified copies, and a fraud that breaks no rule."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from ledger.audit import audit_export
from ledger.audit.standalone import verify_export
from ledger.primitives import Digest
from nodes.simulator.chance import Chance
from scenarios.workshop.export_reading import Row, read_rows
from scenarios.workshop.labs.auditor.exercise import COPIES, EXERCISE, make_case
from scenarios.workshop.labs.auditor.falsified import WAYS, falsify
from scenarios.workshop.labs.auditor.trade import FRAUDS, make_trade
from scenarios.workshop.room import Room
from tests.workshop_lab import Group, running_group, verify_texts

SEED, OTHER = 5, 6
RULES = {
    "edited-price": "writes",
    "edited-argument": "transactions",
    "edited-receipt": "receipts",
    "removed": "place",
    "signature": "record",
}
SEEDS = range(1, 9)


trade_of = cache(make_trade)


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Group, Room, dict[str, str]]]:
    """Walked to its end on a network of its own, for checks that differ in one answer."""
    with running_group(tmp_path_factory.mktemp("started") / "network", EXERCISE) as running:
        room = running.start(SEED)
        yield running, room, walk(room)


def walk(room: Room) -> dict[str, str]:
    """Does what the handout says, and answers from what it sees."""
    words = (room.files / "auditor.txt").read_text(encoding="utf-8").split()
    ledger, block = (word for word in words if len(word) == 64)
    answers = {}
    for name in COPIES:
        file = f"copy-{name}.jsonl"
        told = room.control.post("/verify", {"name": file, "ledger": ledger, "block": block})
        answers[name] = "whole" if told["holds"] else f"{told['broken']['rule']} {told['broken']['height']}"
    whole = next(name for name, answer in answers.items() if answer == "whole")
    rows = [Row(**row) for row in room.control.post("/read", {"name": f"copy-{whole}.jsonl"})["rows"]]
    fraud, tenders, who = read_trade(rows)
    return {**answers, "fraud": fraud, "tenders": ", ".join(sorted(tenders)), "who": ", ".join(sorted(who))}


def read_trade(rows: list[Row]) -> tuple[str, set[str], set[str]]:
    """The fraud, its tenders and who did it: an auditor's reading, which shares no line with the maker."""
    done = [(row.operation, row.signers.split(", "), _fields(row)) for row in rows if row.outcome == "committed"]
    opened = {fields["number"]: (signers[0], fields["subject"]) for operation, signers, fields in done if operation == "open"}
    for number, (buyer, subject) in opened.items():
        same = {other for other, (_, its) in opened.items() if its == subject}
        if len(same) > 1:
            return "paid-twice", same, {buyer}
        reveals = [
            (fields["salt"], signers[0])
            for operation, signers, fields in done
            if operation == "reveal" and fields["number"] == number
        ]
        twice = [salt for salt, times in Counter(salt for salt, _ in reveals).items() if times > 1]
        if twice:
            return "one-hand", {number}, {bidder for salt, bidder in reveals if salt in twice}
        prices = {
            signers[0]: int(fields["price_cents"])
            for operation, signers, fields in done
            if operation == "reveal" and fields["number"] == number
        }
        winner = min(prices, key=lambda bidder: prices[bidder])
        awards = [signers for operation, signers, fields in done if operation == "award" and fields["number"] == number]
        if any(winner in signers for signers in awards):
            return "own-witness", {number}, {winner}
    raise AssertionError("no fraud was found")


def _fields(row: Row) -> dict[str, str]:
    return dict(words.split(" ", 1) for words in row.arguments.split(", "))


@pytest.mark.parametrize("seed", [SEED, OTHER, 11])
def test_whoever_does_what_the_handout_says_is_done(group: Group, seed: int) -> None:
    room = group.start(seed)
    assert group.check(room, **walk(room)) == []


def test_the_start_is_not_done_and_says_what_is_missing(group: Group) -> None:
    assert len(group.check(group.start(SEED))) == len(EXERCISE.questions)


def test_answers_of_another_seed_are_wrong(group: Group) -> None:
    answers = walk(group.start(SEED))
    assert len(group.check(group.start(OTHER), **answers)) >= 3


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *((name, wrong) for name in COPIES for wrong in ("line 7", "whole whole")),
        ("fraud", "bribe"),
        ("tenders", "T-999"),
        ("who", "north.member9"),
        ("who", ""),
    ],
)
def test_one_thing_that_is_wrong_is_named(started: tuple[Group, Room, dict[str, str]], name: str, wrong: str) -> None:
    group, room, answers = started
    missing = group.check(room, **{**answers, name: wrong})
    assert len(missing) == 1
    assert f"`{name}`" in missing[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_both_verifiers_find_each_way_at_the_same_place(seed: int) -> None:
    case = make_case(seed)
    ledger = Digest(case.trade.ledger)
    assert audit_export(case.trade.lines, ledger, block=case.head.id).broken is None
    for way, change in WAYS.items():
        lines = change(Chance(seed), list(case.trade.lines))
        found, alone = audit_export(lines, ledger, block=case.head.id).broken, verify_export(lines, ledger)
        assert found is not None
        if way == "cut":
            assert (found.details["rule"], alone.broken) == ("block", None)
            assert (found.details["height"], found.details["line"]) == (len(lines) - 1, len(lines)), "the last that is there"
            assert f"after the last line, {len(lines)} (height {len(lines) - 1})" in found.message
            continue
        assert found.details["rule"] == alone.rule == RULES[way]
        assert f"(height {found.details['height']})" in alone.place
        *_, said = alone.lines()
        assert said.split(" is broken ")[0] == found.message.split(" is broken ")[0], "one number for one rule"


def test_of_a_copy_that_was_cut_off_the_last_height_is_the_answer() -> None:
    seed = next(
        seed for seed in range(60) if "cut" in [copy.way for copy in falsify(Chance(seed), trade_of(1).lines, COPIES).values()]
    )
    case = make_case(seed)
    (name,) = (name for name, copy in case.copies.items() if copy.way == "cut")
    assert case.broken[name] == ["block", str(len(case.copies[name].lines) - 1)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fraud_is_found_by_reading(seed: int) -> None:
    trade = trade_of(seed)
    assert read_trade(read_rows(trade.lines)) == (trade.fraud.kind, set(trade.fraud.tenders), set(trade.fraud.members))
    assert 40 <= len(trade.lines) - 1 <= 80
    refused = [row.outcome for row in read_rows(trade.lines) if row.outcome != "committed"]
    assert set(refused) == {"wrong-opening", "policy-not-satisfied"}


def test_same_seed_same_case() -> None:
    first = make_case(3)
    make_case.cache_clear()
    assert make_case(3) == first


def test_seeds_draw_every_fraud_and_every_way() -> None:
    assert {trade_of(seed).fraud.kind for seed in SEEDS} == set(FRAUDS)
    drawn = [falsify(Chance(seed), trade_of(1).lines, COPIES) for seed in range(60)]
    ways = [[copy.way for copy in copies.values()] for copies in drawn]
    assert {way for three in ways for way in three} == {"whole", *WAYS}
    assert all(three.count("whole") == 1 and len(set(three)) == 3 for three in ways)
    assert {three.index("whole") for three in ways} == {0, 1, 2}


def test_its_texts_are_complete() -> None:
    verify_texts(EXERCISE)
