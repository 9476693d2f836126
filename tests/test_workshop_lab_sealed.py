"""Lab 6, walked right and wrong: a sealed bid, who sees what of it, and an award with two signatures."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.sealed import Opening, sealed_digest
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.sealed.exercise import EXERCISE, MINUTES, Plan, plan
from scenarios.workshop.room import Room
from scenarios.workshop.tender import MINUTE_MS, REVEAL_MS
from tests.network_support import wait_until
from tests.workshop_lab import Group, running_group, verify_texts

SEED, OTHER = 5, 6
PRICE = 420_000


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Group, Room, dict[str, str]]]:
    """Walked to its end on a network of its own, for checks that differ in one answer."""
    with running_group(tmp_path_factory.mktemp("started") / "network", EXERCISE) as running:
        room = running.start(SEED)
        yield running, room, walk(running, room)


def seen(room: Room, node: str, path: str) -> Any:
    """What another node tells, once it has all that the first one has."""
    with room.client(node="north.validator") as first, room.client(node=node) as client:
        height = first.node()["height"]
        wait_until(lambda: client.node()["height"] >= height, f"{node} does not reach height {height}")
        return client.get(path)


def readers(room: Room, made: Plan) -> str:
    """Members at level `value`, as another node tells it."""
    told = seen(room, "west.validator", f"/v1/access/tender/bids/{made.key}")
    return ", ".join(row["member"] for row in told["members"] if row["level"] == "value")


def walk(group: Group, room: Room, *, without: str = "") -> dict[str, str]:
    """Does what the handout says, but for one deed, and answers from what it sees."""
    made = plan(room.chance())
    number = made.number
    plain = (room.files / "sealed.txt").read_text(encoding="utf-8").split("\n  ")[1].split("\n")[0]
    (line,) = [one for one in (room.files / "dictionary.txt").read_text().splitlines() if plain in one]
    sealed = room.control.post("/seal", {"bidder": made.me, "price_cents": PRICE})
    salt = sealed["opening"]["salt"]
    answers = {
        "plain": line.split()[0],
        "digest": sealed["sealed"][:8],
        "before": made.me,
        "lacking": "policy-not-satisfied",
        "open": "1",
    }
    answers["after"] = f"{made.me} {made.buyer}"
    if without == "bid":
        return answers
    assert group.submit(room, made.me, "tender", "bid", number=number, offer={"sealed": sealed["sealed"]}) == "ok"
    told = seen(room, "east.validator", f"/v1/state/tender/bids/{made.key}")
    answers |= {"digest": told["value"]["offer"]["sealed"][:8], "before": readers(room, made)}
    early = {"number": number, "price_cents": PRICE + 7, "salt": salt[::-1]}
    if without != "early":
        assert group.submit(room, made.me, "tender", "reveal", **early) == "not-closed"
    room.control.order("/clock", {"forward_ms": MINUTES * MINUTE_MS})
    if without != "cheaper":
        cheaper = group.submit(room, made.me, "tender", "reveal", number=number, price_cents=PRICE - 1, salt=salt)
        assert cheaper == "wrong-opening"
    if without == "reveal":
        return answers
    assert group.submit(room, made.me, "tender", "reveal", number=number, price_cents=PRICE, salt=salt) == "ok"
    answers["open"] = str(room.standings()[-1].header.height)
    if without != "alone":
        answers["lacking"] = group.submit(room, made.buyer, "tender", "award", number=number)
    if without == "award":
        return answers
    both = f"{made.buyer} {made.witness}"
    if without != "waiting":
        assert group.submit(room, both, "tender", "award", number=number) == "still-sealed"
    room.control.order("/clock", {"forward_ms": REVEAL_MS})
    assert group.submit(room, both, "tender", "award", number=number) == "ok"
    return {**answers, "after": readers(room, made)}


def test_whoever_does_what_the_handout_says_is_done(group: Group) -> None:
    room = group.start(SEED)
    answers = walk(group, room)
    assert answers["before"] == plan(Chance(SEED)).me
    assert group.check(room, **answers) == []


def test_the_start_is_not_done_and_says_what_is_missing(group: Group) -> None:
    missing = group.check(group.start(SEED))
    assert len(missing) == 6 + len(EXERCISE.questions)


def test_answers_and_deeds_of_another_seed_do_not_count(group: Group) -> None:
    answers = walk(group, group.start(SEED))
    room = group.start(OTHER)
    assert len(group.check(room, **answers)) >= 4
    walk(group, room)
    assert len(group.check(room, **answers)) >= 3


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("bid", ["has no bid", "not-closed", "wrong-opening", "too few signatures", "still-sealed", "not awarded"]),
        ("early", ["not-closed"]),
        ("cheaper", ["wrong-opening"]),
        ("reveal", ["is not revealed", "too few signatures", "still-sealed", "not awarded"]),
        ("alone", ["too few signatures"]),
        ("waiting", ["still-sealed"]),
        ("award", ["still-sealed", "not awarded"]),
    ],
)
def test_one_deed_that_is_missing_is_named(group: Group, without: str, said: list[str]) -> None:
    room = group.start(SEED)
    missing = group.check(room, **walk(group, room, without=without))
    assert len(missing) == len(said)
    assert all(words in sentence for words, sentence in zip(said, missing, strict=True))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("digest", "00000000"), ("digest", "0"), ("before", "north.member1, south.member1"), ("after", "south.member1"),
     ("after", "everybody"), ("open", "1"), ("open", ""),
     ("lacking", "refused"), ("plain", "many"), ("plain", "9999"), ("plain", "")],
)  # fmt: skip
def test_one_answer_that_is_wrong_is_named(started: tuple[Group, Room, dict[str, str]], name: str, wrong: str) -> None:
    group, room, answers = started
    missing = group.check(room, **{**answers, name: wrong})
    assert len(missing) == 1
    assert f"`{name}`" in missing[0]


def test_what_is_revealed_is_open_to_all_while_the_rule_guards_the_seal_alone(
    started: tuple[Group, Room, dict[str, str]],
) -> None:
    """Both truths: who may read goes on about the seal; price and salt stand on the ledger, and with them anybody opens it."""
    _, room, answers = started
    made = plan(room.chance())
    told = seen(room, "west.validator", f"/v1/access/tender/bids/{made.key}")
    levels = {row["member"]: row["level"] for row in told["members"]}
    assert {member for member, level in levels.items() if level == "value"} == {made.me, made.buyer}
    assert "All else in the record is open" in told["others"]["sentence"]
    record = seen(room, "west.validator", f"/v1/state/tender/bids/{made.key}")["value"]
    revealed = next(one for one in room.standings() if one.header.height == int(answers["open"]))
    arguments: Any = revealed.transaction.arguments
    assert record["price_cents"] == arguments["price_cents"] == PRICE
    opening = Opening(arguments["salt"], {"bidder": made.me, "price_cents": PRICE})
    assert sealed_digest(opening) == record["offer"]["sealed"] == told["sealed"][0]
    rival = seen(room, "west.validator", f"/v1/state/tender/bids/{made.number}:{made.rival.partition('.')[0]}")["value"]
    assert rival["price_cents"] == 0, "there the seal still hides something"


def test_the_rivals_offer_stands_in_no_file_and_no_record(group: Group) -> None:
    room = group.start(SEED)
    offer: Any = plan(Chance(SEED)).offer
    known = b"".join(path.read_bytes() for path in room.files.iterdir()) + b"".join(room.export())
    assert offer.salt.encode() not in known
    assert f'"price_cents":{offer.value["price_cents"]}'.encode() not in known


def test_its_texts_are_complete() -> None:
    verify_texts(EXERCISE)
