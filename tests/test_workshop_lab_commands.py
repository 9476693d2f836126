"""`tallystick lab …` as people type it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nodes.client import Client, Outcome
from nodes.network.runner import stop_network
from scenarios.workshop.commands import application
from scenarios.workshop.labs.catalogue import exercises
from scenarios.workshop.labs.keys import plan
from scenarios.workshop.progress import read_begun
from scenarios.workshop.room import Room
from tests.network_support import make_network
from tests.workshop_lab import running_workshop

SAID_NO, WRONG_USE = 1, 2


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A running lab, in which lab 2 was started."""
    directory = tmp_path_factory.mktemp("lab") / "network"
    with running_workshop(directory):
        code, printed = run("start", "2", "--seed", "7", "--dir", directory)
        assert code == 0, printed
        yield directory


def run(*words: str | Path) -> tuple[int, str]:
    """Exit code, and what was printed on either stream."""
    result = CliRunner().invoke(application, [*map(str, words)], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def run_json(*words: str | Path) -> Any:
    return json.loads(run(*words, "--json")[1])


def test_the_list_needs_no_network(tmp_path: Path) -> None:
    code, text = run("list", "--dir", tmp_path, "--lang", "zh")
    assert code == 0
    assert " 1  链与篡改  [20 分钟]" in text
    assert [row["number"] for row in run_json("list", "--dir", tmp_path)] == list(exercises())
    assert run("list", "--lang", "fr")[0] == WRONG_USE


def test_a_start_makes_and_starts_the_network_in_the_background(tmp_path: Path) -> None:
    directory = tmp_path / "lab"
    try:
        code, text = run("start", "1", "--dir", directory, "--port", "10240")
        assert code == 0
        assert "# Lab" not in text
        assert "](#" not in text
        assert "Your group's fact: LOT-" in text
        assert (
            f"/#view=exercises&lab=1&language=en&token={Room(directory, 1).directory.joinpath('lab.token').read_text()[:8]}"
            in text
        )
        assert text.rstrip().endswith(f"tallystick lab check 1 --dir {directory}")
        assert run("reset", "--dir", directory) == (0, "Back at the genesis.\n")
        assert stop_network(directory)
        code, text = run("check", "1", "--dir", directory)
        assert (code, f"does not run: `tallystick lab start N --dir {directory}` starts it. [lab-not-running]" in text) == (
            WRONG_USE,
            True,
        )
    finally:
        stop_network(directory)


def test_a_start_on_a_running_network_keeps_its_seed_and_names_the_files(lab: Path) -> None:
    told = run_json("start", "2", "--seed", "7", "--dir", lab)
    assert (told["number"], told["seed"], told["files"]) == (2, 7, ["keys.txt", *(f"letter-{n}.json" for n in (1, 2, 3))])
    begun = read_begun(lab)
    assert begun is not None
    assert begun.seed == 7
    assert [row["started"] for row in run_json("list", "--dir", lab)][:2] == [False, True]
    assert run("start", "2", "--seed", "0", "--dir", lab)[0] == WRONG_USE


def test_a_check_says_what_is_missing_in_both_languages(lab: Path) -> None:
    code, text = run("check", "2", "--dir", lab, "--answer", "1=wrong-signature")
    assert code == SAID_NO
    assert text.startswith("Not done yet:\n- DEED-")
    assert "question 1" not in text
    assert "No answer yet to question 2: The number of the letter" in text
    assert "尚未完成：" in run("check", "2", "--dir", lab, "--lang", "zh")[1]
    told = run_json("check", "2", "--dir", lab, "--answer", "genuine=9", "--answer", "again=1=2")
    assert not told["done"]
    question = "The number of the letter that is really signed by whom it claims."
    advice = "Hand each letter in: a node checks the signature."
    assert f"“9” is not the answer to question 2: {question} {advice}" in told["missing"]


def test_mistakes_are_sentences(lab: Path, tmp_path: Path) -> None:
    code, text = run("check", "4", "--dir", lab)
    assert text.startswith(f"tallystick: Lab 4 was not started here: `tallystick lab start 4 --dir {lab}`, or Start on the page.")
    assert "There is no lab 77; there are 1, 2, " in run("start", "77", "--dir", lab)[1]
    assert (
        "asks 1 (door), 2 (genuine), 3 (again), 4 (ended), 5 (before), not 'dor'"
        in run("check", "2", "--dir", lab, "--answer", "dor=1")[1]
    )
    assert "an answer is NUMBER=VALUE, such as 1=3, got 'door'" in run("check", "2", "--dir", lab, "--answer", "door")[1]
    code, text = run("check", "2", "--dir", tmp_path / "none")
    makes = f"`tallystick lab start 1 --dir {tmp_path / 'none'}` makes one"
    assert (code, "There is no lab in" in text, makes in text) == (WRONG_USE, True, True)


def test_a_network_of_another_kind_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path)
    try:
        code, text = run("start", "1", "--dir", tmp_path)
    finally:
        stop_network(tmp_path)  # nothing runs, unless the refusal is missing
    assert (code, "is not that of the labs; another --dir gets one. [not-a-workshop]" in text) == (WRONG_USE, True)


def test_hints_come_one_after_another(lab: Path) -> None:
    assert run("hint", "2")[1].startswith("Hint 1 of 4: Choose whom to act as")
    assert run("hint", "2", "4", "--lang", "zh")[1].startswith("提示 4/4：")
    code, text = run("hint", "2", "5")
    assert (code, "lab 2 has 4 hints" in text) == (WRONG_USE, True)


def test_a_letter_is_handed_in(lab: Path, tmp_path: Path) -> None:
    genuine = plan(Room(lab, 7).chance()).genuine
    for place in (1, 2, 3):
        code, text = run("send", f"letter-{place}.json", "--dir", lab)
        assert code == (0 if place == genuine else SAID_NO)
        assert ("committed in block 6" if place == genuine else "[wrong-signature]") in text
    assert "cannot be read" in run("send", tmp_path / "none.json", "--dir", lab)[1]


def test_a_rule_that_a_letter_breaks_is_said_in_words(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Outcome("0" * 64, "rejected", "not-decided", {"rule": "wrong-quorum"}, "Not decided: wrong-quorum.", (), 6, 0)
    monkeypatch.setattr(Client, "deliver", lambda *_: outcome)
    code, text = run("send", "letter-1.json", "--dir", lab)
    assert (code, text.splitlines()[-1]) == (0, "wrong-quorum: A certificate has not exactly a quorum of signers.")


def test_the_handout_is_shown_without_starting_anything(lab: Path) -> None:
    code, text = run("show", "4", "--dir", lab, "--lang", "zh")
    assert (code, "节点故障" in text, "--answer 2=…" in text) == (0, True, True)
    assert run_json("show", "4", "--dir", lab)["started"] is False
