"""Lab 3, walked right and wrong: proofs that anybody verifies alone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.genesis import parse_genesis
from ledger.verify.proof_file import encode_proof_file
from nodes.node.files import GENESIS_FILE
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.proofs.exercise import EXERCISE, FILES, plan
from scenarios.workshop.labs.proofs.false_proofs import TRUE, WAYS, draw_ways
from scenarios.workshop.room import Room
from tests.workshop_lab import Group, running_group, verify_texts


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running


def verify(room: Room, name: str, *options: str) -> str:
    """The last line of what the file in the folder prints of a file in the folder."""
    command = [sys.executable, str(room.files / "verify.py"), str(room.files / name), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()[-1]


def walk(group: Group, room: Room) -> dict[str, str]:
    """Does what the handout says, and answers from what it sees."""
    made = plan(room.chance())
    assert group.submit(room, made.me, "asset", "issue", number=made.own, to=made.me) == "ok"
    ledger = room.control.get("/network")["ledger"]
    with room.client() as client:
        proof = client.get(f"/v1/state/asset/assets/{made.own}", proof=True)["proof"]
        (absent,) = (number for number in made.asked if client.read(Asset.assets, number) is None)
    genesis = parse_genesis((room.directory / GENESIS_FILE).read_bytes().removesuffix(b"\n"))
    mine = encode_proof_file([proof], genesis)
    verdict = room.control.post("/verify", {"text": mine.decode()})
    (fact,) = verdict["facts"]
    answers = {"height": str(fact["height"]), "root": fact["state_root"][:8], "absent": absent}
    for name in FILES:
        told = room.control.post("/verify", {"name": f"proof-{name}.json"})
        answers[name] = "true" if told["holds"] else told["broken"]["rule"]
        printed = verify(room, f"proof-{name}.json", "--ledger", ledger)
        assert printed == told["printed"][-1]
        assert told["holds"] == (printed == "Everything holds.")
        assert told["holds"] or f", {answers[name]}, is broken" in printed
    return answers


def test_whoever_does_what_the_handout_says_is_done(group: Group) -> None:
    room = group.start(7)
    answers = walk(group, room)
    assert group.check(room, **answers) == []
    assert group.check(room, **{**answers, "root": answers["root"].upper(), "a": f"Rule 7, {answers['a']}"}) == []


def test_the_start_is_not_done_and_says_what_is_missing(group: Group) -> None:
    room = group.start(7)
    missing = group.check(room)
    assert len(missing) == 1 + len(EXERCISE.questions)
    assert missing[0].startswith(f"{plan(Chance(7)).own} is not issued")


@pytest.mark.parametrize("step", ["issue", "by-another", "proof", "absence", "files"])
def test_one_step_left_out_is_named(group: Group, step: str) -> None:
    room = group.start(8)
    made = plan(room.chance())
    if step in ("issue", "by-another"):
        if step == "by-another":
            assert group.submit(room, made.holder, "asset", "issue", number=made.own, to=made.me) == "ok"
        assert group.check(room)[0].startswith(f"{made.own} is not issued to {made.me}: act as {made.me}")
        return
    unseen = {"proof": ("height", "root"), "absence": ("absent",), "files": FILES}[step]
    told = group.check(room, **{**walk(group, room), **dict.fromkeys(unseen, "")})
    assert [sentence.split("`")[1] for sentence in told] == [*unseen]


def test_answers_of_another_seed_are_wrong(group: Group) -> None:
    answers = walk(group, group.start(7))
    room = group.start(8)
    missing = group.check(room, **answers)
    assert any("is not issued" in sentence for sentence in missing)
    walk(group, room)
    assert len(group.check(room, **answers)) >= 3


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("height", "9999", "`height` is not"),
        ("height", "1", "was issued"),
        ("root", "00000000", "`root` is not"),
        ("root", "0", "`root` is not"),
        ("absent", "LOT-1", "`absent` is not"),
        ("a", "file", "`a` is not"),
        ("c", "", "No answer yet to `c`"),
    ],
)
def test_one_thing_that_is_wrong_is_named(group: Group, name: str, wrong: str, said: str) -> None:
    room = group.start(9)
    answers = walk(group, room)
    missing = group.check(room, **{**answers, name: wrong})
    assert len(missing) == 1
    assert said in missing[0]


def test_a_proof_that_names_no_ledger_may_deceive(group: Group) -> None:
    seed = 1
    room = group.start(seed)
    name = f"proof-{FILES[plan(Chance(seed)).ways.index('ledger')]}.json"
    assert room.control.post("/verify", {"name": name, "ledger": ""})["holds"]
    assert room.control.post("/verify", {"name": name})["broken"]["rule"] == "ledger"
    assert verify(room, name) == "Everything holds."


def test_every_draw_has_one_true_file_one_of_another_ledger_and_one_that_shows_by_itself() -> None:
    drawn = {draw_ways(Chance(seed)) for seed in range(300)}
    assert len(drawn) == 12
    assert all({TRUE, "ledger"} < set(ways) <= set(WAYS) and len(set(ways)) == 3 for ways in drawn)


def test_the_verifier_in_the_folder_is_that_of_an_archive(group: Group) -> None:
    room = group.start(3)
    assert (room.files / "verify.py").read_bytes() == (Path("ledger/audit/standalone.py")).read_bytes()
    assert json.loads((room.files / "proof-a.json").read_bytes())["format"] == "tallystick-proof-file-1"


def test_its_texts_are_complete() -> None:
    verify_texts(EXERCISE)
