"""What lab 9 stands on: same seed, same blocks; replay files that restore, step back and branch."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ledger.errors import BusyError, InputError, OperatorError, VerificationError
from scenarios.running import replay_desk, replay_file
from scenarios.running.first_story import FIRST_STORY
from scenarios.running.replay import OwnInput, StoryInput, Submission, find_story, replay, spoken, whole_story
from scenarios.running.replay_file import BYTES_MAX, Course, ReplayFile
from scenarios.workshop.commands import application
from scenarios.workshop.room import Room
from tests.workshop_lab import running_workshop

STORY = whole_story(FIRST_STORY)
LATE = StoryInput(step=7, late_ms=60_000)
OWN = OwnInput(
    submit=Submission(
        signers=("south.member3",), contract="asset", operation="issue", arguments={"number": "X-1", "to": "south.member3"}
    )
)
LISTED = """
import sys
from scenarios.running.replay import *
from scenarios.running.first_story import FIRST_STORY
print([row.block for row in replay(FIRST_STORY, int(sys.argv[1]), whole_story(FIRST_STORY))])
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with running_workshop(tmp_path_factory.mktemp("lab") / "network") as control:
        yield Room(control.lab.network.directory, 1)


@pytest.fixture(scope="module")
def file() -> ReplayFile:
    return ReplayFile.begin(FIRST_STORY, 42).with_branch("late", origin="main", after=6, inputs=(LATE, *STORY[7:]))


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(application, ["replay", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


# Same seed, same blocks


def test_two_processes_with_other_hash_seeds_come_to_the_same_blocks() -> None:
    lists = {
        subprocess.run(
            [sys.executable, "-c", LISTED, "42"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "4242")
    }
    (listed,) = lists
    assert listed.decode().count("'") == 2 * len(STORY)
    assert [row.block for row in replay(FIRST_STORY, 42, STORY)] == json.loads(listed.decode().replace("'", '"'))


def test_another_seed_comes_to_other_blocks_from_the_first_on() -> None:
    pairs = zip(replay(FIRST_STORY, 42, STORY), replay(FIRST_STORY, 43, STORY), strict=True)
    assert all(one.block != two.block for one, two in pairs)


def test_a_block_is_said_in_six_digits() -> None:
    assert spoken("ff" * 32) == f"{(2**256 - 1) % 1_000_000:06d}"[:3] + " " + f"{(2**256 - 1) % 1_000_000:06d}"[3:]
    assert spoken(f"{7:064x}") == "000 007"
    assert spoken("") == "–"
    assert all(re.fullmatch(r"\d{3} \d{3}", row.digits) for row in replay(FIRST_STORY, 42, STORY))


def test_what_does_not_reach_the_ledger_leaves_the_block() -> None:
    rows = replay(FIRST_STORY, 42, STORY)
    assert len({row.block for row in rows[7:13]}) == 1
    assert [row.code for row in rows[3:8]] == ["ok", "not-holder", "not-holder", "already-issued", "not-found"]
    assert [row.code for row in rows[8:13]] == ["ok", "wrong-signature", "unknown-operation", "bad-arguments", ""]


def test_a_trade_is_replayed_too() -> None:
    shipping = find_story("shipping")
    rows = replay(shipping, 1, whole_story(shipping)[:3])
    assert rows[-1].height > 0
    with pytest.raises(InputError, match="There is no story 'opera'"):
        find_story("opera")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (StoryInput(step=99), "the story has 16 steps, not 99"),
        (StoryInput(step=9), "an envelope once more that was never sent"),
        (OwnInput(submit=OWN.submit.model_copy(update={"operation": "melt"})), "there is no operation asset.melt"),
        (OwnInput(submit=OWN.submit.model_copy(update={"contract": "gold"})), "there is no operation gold.issue"),
        (OwnInput(submit=OWN.submit.model_copy(update={"signers": ("north.nobody",)})), "north.nobody is no member"),
    ],
)
def test_an_input_that_cannot_be_is_refused(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        replay(FIRST_STORY, 42, (given,))


def test_a_play_has_its_time() -> None:
    with pytest.raises(BusyError, match="is not played within"):
        replay(FIRST_STORY, 4711, STORY, seconds=-1)


# Checkpoints


def test_a_replay_file_is_read_as_it_was_written_and_restores_the_same_blocks(tmp_path: Path, file: ReplayFile) -> None:
    file.write(tmp_path / "mine.json")
    again = ReplayFile.read(tmp_path / "mine.json")
    assert again == file
    assert (tmp_path / "mine.json").stat().st_size < 10_000
    assert again.course("main").rows == replay(FIRST_STORY, 42, STORY)


def test_both_branches_are_kept_equal_up_to_where_they_part(file: ReplayFile) -> None:
    main, late = file.course("main").rows, file.course("late").rows
    assert [row.block for row in main[:6]] == [row.block for row in late[:6]]
    assert all(one.block != two.block for one, two in zip(main[6:], late[6:], strict=True))
    assert late[-1].clock_ms > 0
    more = file.with_branch("own", origin="late", after=8, inputs=(OWN, StoryInput(step=14)))
    own = more.course("own")
    assert [row.block for row in own.rows[:8]] == [row.block for row in late[:8]]
    assert (own.rows[8].code, own.rows[8].words.en) == ("ok", "south.member3: asset.issue")
    assert [branch.name for branch in more.branches] == ["main", "late", "own"]


def test_a_branch_may_leave_the_story(file: ReplayFile) -> None:
    more = file.with_branch("without-sale", origin="main", after=3, inputs=(OWN, *STORY[4:6]))
    rows = more.course("without-sale").rows
    assert (rows[4].code, "not as told" in rows[4].words.en, "与故事不符" in rows[4].words.zh) == ("ok", True, True)


def test_stepping_back_is_playing_fewer_inputs(file: ReplayFile) -> None:
    back = file.cut("late", 7)
    assert back.course("late").rows == file.course("late").rows[:7]
    assert len(back.branches) == 1


def test_blocks_that_come_out_otherwise_are_refused(file: ReplayFile, monkeypatch: pytest.MonkeyPatch) -> None:
    text = file.encode().decode()
    wrong = text.replace(file.branches[0].blocks[4].id, "ab" * 32)
    with pytest.raises(VerificationError, match=r"Input 5 of main comes to block .* the file was changed, or made with another"):
        ReplayFile.parse(wrong.encode(), "mine.json").course("main")
    monkeypatch.setattr(replay_file, "contract_digests", lambda scenario: {**file.contracts, "asset": "00" * 32})
    with pytest.raises(VerificationError, match="another version of contract asset"):
        ReplayFile.parse(wrong.encode(), "mine.json").course("main")


def test_another_contract_with_the_same_blocks_is_refused(file: ReplayFile) -> None:
    for contracts in ({**file.contracts, "asset": "00" * 32}, {**file.contracts, "more": "00" * 32}, {}):
        with pytest.raises(VerificationError, match="yet the file names another source of contract"):
            file.model_copy(update={"contracts": contracts}).course("late")


def test_a_clock_that_comes_out_otherwise_is_refused(file: ReplayFile) -> None:
    text = file.encode().decode().replace(str(file.branches[0].clock_ms), "5", 1)
    with pytest.raises(VerificationError, match="the file says 5"):
        ReplayFile.parse(text.encode(), "mine.json").course("main")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("tallystick-replay-1", "tallystick-replay-2", "format"),
        ('"seed": 42', '"seed": 42.0', "seed"),
        ('"seed": 42', '"seed": -1', "seed"),
        ('"seed": 42', '"seed": 42, "more": 1', "more"),
        ('"seed": 42', '"seed": 42, "seed": 43', "'seed' stands twice"),
        ('{"step": 2, "late_ms": 0}', '{"step": "2", "late_ms": 0}', "inputs.1"),
        ('{"step": 2, "late_ms": 0}', '{"step": 2, "late_ms": -5}', "inputs.1"),
        ('{"step": 2, "late_ms": 0},\n', "", "do not fit its inputs"),
        ('"name": "late"', '"name": "main"', "is there twice"),
        ('"origin": "main"', '"origin": "other"', "more than 'other' has"),
        ('"after": 6', '"after": 60', "more than 'main' has"),
        ("{\n", "", "no replay file"),
    ],
)
def test_what_is_no_replay_file_is_refused_with_its_place(file: ReplayFile, old: str, new: str, words: str) -> None:
    text = file.encode().decode()
    assert old in text
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        ReplayFile.parse(text.replace(old, new, 1).encode(), "mine.json")
    assert caught.value.code == "bad-checkpoint"


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="bytes; 2000000 are allowed"):
        ReplayFile.parse(b" " * (BYTES_MAX + 1), "mine.json")
    with pytest.raises(OperatorError, match="cannot be read"):
        ReplayFile.read(tmp_path / "mine.json")


@pytest.mark.parametrize(
    ("name", "origin", "after", "words"),
    [
        ("late", "main", 3, "There is a branch 'late' already"),
        ("more", "main", 17, "a branch begins after 0 to 16, not 17"),
        ("more", "nothing", 3, "There is no branch 'nothing'"),
        ("More!", "main", 3, "is no name for a branch"),
    ],
)
def test_a_branch_that_cannot_be_is_refused(file: ReplayFile, name: str, origin: str, after: int, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        file.with_branch(name, origin=origin, after=after, inputs=(LATE,))


# The command


def test_the_command_plays_saves_restores_steps_back_and_branches(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    rows = replay(FIRST_STORY, 42, STORY)
    played = run("--seed", "42", "--save", path)
    assert all(row.digits in played.output for row in rows)
    restored = run("--checkpoint", path, "--to", "6", "--lang", "zh")
    assert "每个区块都与文件一致" in restored.output
    assert rows[5].digits in restored.output
    assert rows[6].digits not in restored.output
    late = run(
        "--checkpoint", path, "--branch", "late", "--after", "6", "--input", '{"step": 7, "late_ms": 60000}', "--go-on"
    )  # fmt: skip
    assert "the first block that differs comes with step 7" in late.output
    told = json.loads(run("--checkpoint", path, "--on", "late", "--json").stdout)
    assert [row["digits"] for row in told["rows"][:6]] == [row.digits for row in rows[:6]]
    assert [branch.name for branch in ReplayFile.read(path).branches] == ["main", "late"]
    run("--checkpoint", path, "--to", "3", "--save", tmp_path / "back.json")
    assert len(ReplayFile.read(tmp_path / "back.json").branches[0].inputs) == 3
    same = run("--checkpoint", path, "--branch", "same", "--after", "2", "--go-on")
    assert "have the same blocks" in same.output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--seed", "1", "--checkpoint", "mine.json"),
        ("--seed", "1", "--branch", "late", "--after", "2"),
        ("--seed", "1", "--go-on"),
        ("--checkpoint", "mine.json", "--branch", "late"),
        ("--checkpoint", "no-such.json"),
    ],
)
def test_wrong_use_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_an_input_that_is_none_is_told_by_its_place(tmp_path: Path) -> None:
    run("--seed", "1", "--to", "3", "--save", tmp_path / "mine.json")
    result = run("--checkpoint", tmp_path / "mine.json", "--branch", "x", "--after", "1", "--input", '{"stop": 1}')
    assert (result.exit_code, "--input" in result.output) == (2, True)


def test_a_file_of_another_code_is_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    run("--seed", "1", "--to", "3", "--save", path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(replay(FIRST_STORY, 1, STORY)[1].block, "ab" * 32), encoding="utf-8")
    result = run("--checkpoint", path)
    assert (result.exit_code, "replay-differs" in result.output) == (1, True)


# The page


def test_a_seed_is_played_to_a_step(room: Room) -> None:
    told = room.control.post("/replay", {"seed": 42, "to": 5})
    assert [row["place"] for row in told["rows"]] == [1, 2, 3, 4, 5]
    assert told["rows"][4]["digits"] == replay(FIRST_STORY, 42, STORY)[4].digits


def test_what_the_page_asks_is_bounded(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[Any] = [{}, {"seed": 1, "name": "x.json"}]
    for order in orders:
        with pytest.raises(InputError, match="Either a seed is played, or a file"):
            room.control.post("/replay", order)
    for name in ("no.json", "../network.json"):
        with pytest.raises(Exception, match="holds no file"):
            room.control.post("/replay", {"name": name})
    orders = [{"seed": -1}, {"seed": 10**12}, {"seed": 1, "late": {"step": 1, "minutes": 10**9}}, {"seed": "1"}]
    for order in orders:
        with pytest.raises(InputError):
            room.control.post("/replay", order)
    going_on, may_end = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Any:
        if not going_on.is_set():
            going_on.set()
            may_end.wait(30)
        return Course("main", (), ())

    monkeypatch.setattr(replay_desk, "play_seed", slow)
    first = threading.Thread(target=lambda: room.control.post("/replay", {"seed": 3}))
    first.start()
    assert going_on.wait(30)
    try:
        with pytest.raises(BusyError, match="Somebody else is replaying"):
            room.control.post("/replay", {"seed": 3})
    finally:
        may_end.set()
        first.join()
