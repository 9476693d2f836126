"""Lab 2, walked right and wrong: one's own name, another's, three letters and a stolen key."""

from collections.abc import Iterator

import pytest

from ledger.errors import InputError
from ledger.transaction import parse_transaction
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.keys.exercise import EXERCISE, Plan, plan
from scenarios.workshop.room import Room
from tests.workshop_lab import Group, running_group, verify_texts

DEEDS = ("issue", "try", "letters", "revoke")


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


def hand_in(room: Room, place: int) -> tuple[str, int]:
    """Code and height of the answer to a letter."""
    with room.client() as client:
        try:
            status = client.submit(parse_transaction((room.files / f"letter-{place}.json").read_bytes()), 20)
        except InputError as error:
            return error.code, 0
        return status["receipt"]["code"], status["place"]["height"]


def walk(group: Group, room: Room, without: str = "") -> dict[str, str]:
    """Does what the handout says, except one step, and answers from what it sees."""
    made = plan(room.chance())
    answers = dict.fromkeys((question.name for question in EXERCISE.questions), "")
    if without != "issue":
        assert group.submit(room, made.me, "asset", "issue", number=made.own, to=made.me) == "ok"
    if without != "try":
        assert group.submit(room, made.me, "asset", "transfer", number=made.held, to=made.me) == "not-holder"
    if without != "letters":
        told = {place: hand_in(room, place) for place in (1, 2, 3)}
        (genuine,) = (place for place, (code, _) in told.items() if code == "ok")
        (door,) = {code for code, _ in told.values()} - {"ok"}
        assert hand_in(room, genuine) == told[genuine]
        answers |= {"door": door, "genuine": str(genuine), "again": str(told[genuine][1])}
    if without != "revoke":
        assert group.submit(room, made.admin, "membership", "revoke", member=made.lost) == "ok"
        if without != "refused":
            answers["ended"] = group.submit(room, made.lost, "asset", "issue", number="ANY-1", to=made.lost)
    if without != "look":
        answers["before"] = str(seen(room, made.kept))
    return answers


def seen(room: Room, number: str) -> int:
    """The block in which an asset was issued, as the Ledger view tells its history, whoever signed."""
    with room.client() as client:
        (row,) = client.get(f"/v1/state/asset/assets/{number}/history")["history"]
    return int(row["height"])


def test_whoever_does_what_the_handout_says_is_done(group: Group) -> None:
    room = group.start(7)
    answers = walk(group, room)
    assert (answers["door"], answers["ended"]) == ("wrong-signature", "revoked")
    assert group.check(room, **answers) == []
    for name in EXERCISE.questions:
        (told,) = group.check(room, **{**answers, name.name: name.example})
        assert told.startswith(f"`{name.name}` is not “{name.example}”.")


def test_the_start_is_not_done_and_says_what_is_missing(group: Group) -> None:
    missing = group.check(group.start(7))
    assert len(missing) == len(DEEDS) + len(EXERCISE.questions)
    assert missing[0].startswith(f"{plan(Chance(7)).own} is not issued")


@pytest.mark.parametrize("step", [*DEEDS, "refused", "look"])
def test_one_step_left_out_is_named(group: Group, step: str) -> None:
    room = group.start(11)
    answers = walk(group, room, without=step)
    made = plan(room.chance())
    told = group.check(room, **answers)
    words = {
        "issue": f"{made.own} is not issued",
        "try": f"No refused attempt of {made.me}",
        "letters": "The genuine letter is not on the ledger",
        "revoke": f"{made.lost} is not revoked",
        "refused": "No answer yet to `ended`",
        "look": "No answer yet to `before`",
    }
    assert told[0].startswith(words[step])
    assert all(one.startswith("No answer yet") for one in told[1:])


def test_what_another_group_did_and_answers_is_not_this_ones(group: Group) -> None:
    answers = walk(group, group.start(7))
    room = group.start(seed_with_another_genuine_letter(7))
    told = group.check(room, **answers)
    assert len(told) == len(DEEDS) + 1
    assert told[-1].startswith("`genuine` is not")


def test_another_member_of_the_lab_is_not_oneself(group: Group) -> None:
    room = group.start(7)
    made = plan(room.chance())
    assert group.submit(room, made.other, "asset", "issue", number=made.own, to=made.me) == "ok"
    assert group.submit(room, f"{made.other} {made.me}", "asset", "transfer", number=made.own, to=made.other) == "ok"
    assert group.check(room)[0].startswith(f"{made.own} is not issued")


def test_every_seed_has_one_genuine_letter_and_nobody_in_two_parts() -> None:
    for seed in range(1, 200):
        made: Plan = plan(Chance(seed))
        assert sorted(letter.kind for letter in made.letters) == ["altered", "genuine", "other-key"]
        people = (made.me, made.other, made.lost, made.thief, *(one.signer for one in made.letters))
        assert len({*people, *(letter.to for letter in made.letters)}) == 10


def test_texts() -> None:
    verify_texts(EXERCISE)


def seed_with_another_genuine_letter(seed: int) -> int:
    return next(other for other in range(seed + 1, seed + 100) if plan(Chance(other)).genuine != plan(Chance(seed)).genuine)
