"""Lab 1, walked right and wrong: a fact in the chain, and a chain that is tampered with."""

from collections.abc import Iterator
from typing import Any

import pytest

from nodes.simulator.chance import Chance
from scenarios.workshop.labs.casts import MEMBERS
from scenarios.workshop.labs.chain.exercise import EXERCISE, plan
from scenarios.workshop.room import Room
from tests.workshop_lab import Group, running_group, verify_texts


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


@pytest.fixture(scope="module")
def room(group: Group) -> Room:
    return group.start(7)


@pytest.fixture(scope="module")
def answers(room: Room) -> dict[str, str]:
    return walk(room)


def walk(room: Room) -> dict[str, str]:
    """Reads the fact, looks for it among the blocks, and does to a copy what the handout says."""
    words = (room.files / "chain.txt").read_text(encoding="utf-8").splitlines()[0].rstrip(".").split()
    number, giver, taker = words[3], words[6], words[8]
    with room.client() as client:
        rows = client.get("/v1/transactions", contract="asset", operation="transfer")["transactions"]
        blocks = [client.get(f"/v1/blocks/{row['height']}") for row in rows if row["signers"] == [giver]]
    moved = {"number": number, "to": taker}
    (found,) = ((b, place) for b in blocks for place, t in enumerate(b["transactions"]) if t["body"]["arguments"] == moved)
    block, place = found
    height = block["height"]
    nodes = [node["member"] for node in room.control.get("/network")["nodes"]]

    def tamper(keys: list[str], *, rehash: bool) -> dict[str, Any]:
        other = next(member for member in reversed(MEMBERS) if member != taker)
        edits: Any = [{"path": ["transactions", place, "body", "arguments", "to"], "value": other}]
        return room.control.post("/tamper", {"height": height, "edits": edits, "rehash": rehash, "keys": list(keys)})

    all_keys = tamper([*nodes[1:], giver], rehash=True)
    assert all_keys["verdict"]["broken"] is None
    assert set(all_keys["convicted"]) <= set(nodes[1:])
    assert len(all_keys["convicted"]) >= 2  # those of the three that had signed the real block too
    return {
        "block": str(height),
        "id": block["id"][:8],
        "edited": str(tamper([], rehash=False)["verdict"]["broken"]["number"]),
        "rehashed": str(tamper([], rehash=True)["verdict"]["broken"]["number"]),
        "missing": str(tamper([nodes[2]], rehash=True)["certificate"]["missing"]),
        "three": str(tamper(nodes[1:], rehash=True)["verdict"]["broken"]["number"]),
    }


def test_whoever_does_what_the_handout_says_is_done(group: Group, room: Room, answers: dict[str, str]) -> None:
    assert (answers["edited"], answers["rehashed"], answers["missing"], answers["three"]) == ("8", "7", "2", "9")
    assert group.check(room, **answers) == []
    assert group.check(room, **{**answers, "id": answers["id"].upper()}) == []


def test_the_start_is_not_done_and_says_what_is_missing(group: Group, room: Room) -> None:
    missing = group.check(room)
    assert len(missing) == len(EXERCISE.questions)
    assert missing[0] == "No answer yet to `block`: The height of the block that holds your fact."


@pytest.mark.parametrize("name", [question.name for question in EXERCISE.questions])
def test_one_missing_or_wrong_answer_is_named(group: Group, room: Room, answers: dict[str, str], name: str) -> None:
    (told,) = group.check(room, **{**answers, name: ""})
    assert told.startswith(f"No answer yet to `{name}`")
    (told,) = group.check(room, **{**answers, name: "77777777"})
    assert told.startswith(f"`{name}` is not “77777777”.")


def test_an_answer_that_is_no_number_and_digits_that_are_too_few_are_told(
    group: Group, room: Room, answers: dict[str, str]
) -> None:
    assert group.check(room, **{**answers, "block": "three"}) == ["The answer to `block` is a number, not “three”."]
    assert group.check(room, **{**answers, "block": f"０{answers['block']}"}) == []
    (told,) = group.check(room, **{**answers, "id": answers["id"][:4]})
    assert told.startswith("`id` is not")


def test_an_example_is_no_answer(group: Group, room: Room) -> None:
    told = group.check(room, **{question.name: question.example for question in EXERCISE.questions})
    assert len(told) == len(EXERCISE.questions)


def test_the_answers_of_another_group_are_wrong(group: Group, answers: dict[str, str]) -> None:
    told = group.check(group.start(8), **answers)
    assert "`id` is not" in told[-1]
    group.start(7)  # the same seed is the same fact in another ledger


def test_a_ledger_without_the_fact_says_so(group: Group, answers: dict[str, str]) -> None:
    room = group.start(7)
    room.control.order("/reset")
    assert group.check(room, **answers)[-1] == "Your fact is not on the ledger any more: start this lab again."


def test_every_seed_has_one_fact() -> None:
    for seed in range(1, 200):
        made = plan(Chance(seed))
        assert made.handings.count(made.fact) == 1
        assert made.fact.giver != made.fact.taker
        assert len({number for number, _ in made.issues}) == 4


def test_texts() -> None:
    verify_texts(EXERCISE)
