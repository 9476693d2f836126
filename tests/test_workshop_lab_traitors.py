"""Lab 5, walked right and wrong: one traitor found by what the honest note, two convicted by what they signed."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.audit.exported import parse_exported_block
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.traitors.exercise import EXERCISE, KINDS, plan
from scenarios.workshop.labs.traitors.fork import make_fork
from scenarios.workshop.room import Room
from tests.workshop_lab import Group, running_group, verify_texts

SEEDS = {plan(Chance(seed)).kind: seed for seed in range(40, 0, -1)}
"""The first seed of each kind."""
SEED = SEEDS["double-voter"]


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Group, Room, dict[str, str]]]:
    """Walked to its end on a network of its own, for checks that differ in one answer."""
    with running_group(tmp_path_factory.mktemp("started") / "network", EXERCISE) as group:
        room = group.start(SEED)
        yield group, room, walk(group, room)


def detect(room: Room) -> tuple[str, str, str]:
    """Who, of which kind, and the pair: from the table of the page alone, as the handout says to read it."""
    rows: list[dict[str, Any]] = room.control.get("/noted")["rows"]
    found = {row["what"]: row for row in reversed(rows)}
    if "evidence" in found:
        pair = found["evidence"]["detail"].split(",")[0]
        return found["evidence"]["about"], "skip-and-final" if "skip" in pair else "double-voter", pair
    for what, kind in (("invalid-block", "invalid-proposer"), ("wrong-signature", "impersonator")):
        if what in found:
            return found[what]["about"], kind, "none"
    heard = {row["about"]: row["times"] for row in rows if row["what"] == "heard"}
    names = [node["member"] for node in room.control.get("/network")["nodes"]]
    return min(names, key=lambda name: heard.get(name, 0)), "silent", "none"


def walk(group: Group, room: Room) -> dict[str, str]:
    """Does what the handout says, and answers from what it sees."""
    for number in range(5):
        assert group.submit(room, "west.member1", "asset", "issue", number=f"X-{number}", to="west.member1") == "ok"
    traitor, kind, pair = detect(room)
    first, second = sorted(path.name for path in room.files.glob("fork-*.jsonl") if path.name in task(room))
    told = room.control.post("/convict", {"first": first, "second": second})
    sold = {
        row["arguments"]
        for name in (first, second)
        for row in room.control.post("/read", {"name": name})["rows"]
        if row["height"] == told["height"]
    }
    (asset,) = {words.split()[1].rstrip(",") for words in sold}
    assert len(sold) == 2
    n = int(task(room).split("network of ")[1].split()[0])
    f = (n - 1) // 3
    answers = {"traitor": traitor, "kind": kind, "pair": pair, "guilty": ", ".join(told["convicted"])}
    return {**answers, "height": str(told["height"]), "asset": asset, "fork": str(n - 2 * f), "halt": str(f + 1)}


def task(room: Room) -> str:
    return (room.files / "traitors.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_by_what_the_page_shows(group: Group, kind: str) -> None:
    room = group.start(SEEDS[kind])
    answers = walk(group, room)
    assert answers["kind"] == kind
    assert group.check(room, **answers) == []


def test_names_may_be_short_and_in_any_order(group: Group) -> None:
    room = group.start(SEED)
    answers = walk(group, room)
    short = {name: answers[name].replace(".validator", "") for name in ("traitor", "guilty")}
    turned = " 和 ".join(reversed(short["guilty"].split(", ")))
    assert group.check(room, **{**answers, **short, "guilty": turned, "asset": answers["asset"].lower()}) == []


def test_nobody_tells_who_the_traitor_is(group: Group) -> None:
    room = group.start(SEED)
    assert all(node["traitor"] is None for node in room.control.get("/network")["nodes"])
    assert not [record for record in room.log() if record["kind"] == "betrayal"]
    begun = {record["node"] for record in room.log() if record["kind"] == "dropped" and record.get("why") == "refused"}
    assert len(begun) != 3, "three nodes met a closed door: the fourth alone began anew"


def test_a_reset_ends_the_treason(group: Group) -> None:
    room = group.start(SEED)
    room.control.order("/reset")
    traitor = plan(Chance(SEED)).traitor
    room.control.order(f"/nodes/{traitor}", {"do": "traitor", "kind": "silent"})
    told = {node["member"]: node["traitor"] for node in room.control.get("/network")["nodes"]}
    assert told[traitor] == "silent"


def test_the_start_is_not_done_and_says_what_is_missing(group: Group) -> None:
    assert len(group.check(group.start(SEED))) == len(EXERCISE.questions)


def test_answers_of_another_seed_are_wrong(group: Group) -> None:
    answers = walk(group, group.start(SEED))
    other = next(seed for seed in range(SEED + 1, 99) if not _resemble(seed))
    missing = group.check(group.start(other), **answers)
    assert {sentence.split("`")[1] for sentence in missing} >= {"traitor", "kind", "guilty", "asset"}


def _resemble(seed: int) -> bool:
    one, other = plan(Chance(SEED)), plan(Chance(seed))
    return one.traitor == other.traitor or one.kind == other.kind or make_fork(SEED).guilty == make_fork(seed).guilty


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("traitor", "north, south"),
        ("kind", "twin"),
        ("pair", "none"),
        ("guilty", "north"),
        ("height", "1"),
        ("asset", "A-1"),
        ("fork", "1"),
        ("halt", "many"),
        ("halt", ""),
    ],
)
def test_one_thing_that_is_wrong_is_named(started: tuple[Group, Room, dict[str, str]], name: str, wrong: str) -> None:
    group, room, answers = started
    missing = group.check(room, **{**answers, name: wrong})
    assert len(missing) == 1
    assert f"`{name}`" in missing[0]


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_fork_convicts_exactly_those_who_made_it(seed: int) -> None:
    fork = make_fork(seed)
    one, other = fork.exports.values()
    ids = [[parse_exported_block(line).header.id for line in lines[1:]] for lines in (one, other)]
    assert ids[0][:-1] == ids[1][:-1]
    assert ids[0][-1] != ids[1][-1]
    assert len(set(fork.holders.values())) == 2
    make_fork.cache_clear()
    assert make_fork(seed).exports == fork.exports


def test_its_texts_are_complete() -> None:
    verify_texts(EXERCISE)
