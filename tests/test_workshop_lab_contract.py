"""Lab 7, walked right and wrong: a warehouse receipt that a group mends, installs and uses."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nodes.commands import application
from nodes.contract_author.check import check
from nodes.contract_author.located import locate
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.contract import exercise
from scenarios.workshop.labs.contract.examine import PROMISES as PROMISES_TRIED
from scenarios.workshop.labs.contract.examine import examine
from scenarios.workshop.labs.contract.exercise import EXERCISE, FILE, PROMISES, plan
from scenarios.workshop.labs.contract.skeleton import BY_PROMISES, BY_RULES, Flaw, draw_flaws, write_contract, write_tests
from scenarios.workshop.room import Room
from tests.workshop_lab import Group, running_group, verify_texts

WAREHOUSE = "south.member2"


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    before = list(sys.path)
    with running_group(tmp_path_factory.mktemp("lab") / "network", EXERCISE) as running:
        yield running
    sys.path[:] = before


def install(room: Room, *options: str) -> str:
    arguments = ["contract", "install", str(room.files / FILE), "--dir", str(room.directory), *options]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_whoever_does_what_the_handout_says_is_done(group: Group) -> None:
    room = group.start(7)
    made = plan(room.chance())
    told = group.check(room)
    assert "is not content yet" in told[0]
    assert any("does not act" in sentence for sentence in told)

    # Mended in two goes: first what the rules find, then what the promises say.
    (room.files / FILE).write_text(write_contract(made.warehouse, made.flaws[1:]), encoding="utf-8")
    told = group.check(room)
    assert set(told) >= {PROMISES[flaw.breaks].en for flaw in made.flaws[1:]}
    (room.files / FILE).write_text(write_contract(made.warehouse), encoding="utf-8")
    assert not set(group.check(room)) & {words.en for words in PROMISES.values()}

    # Proposed by one, approved on the page by the admins of others, put on the nodes by the authors.
    assert "Open: 1/3" in install(room, "--propose-only")
    waiting = next(sentence for sentence in group.check(room) if "is proposed" in sentence)
    number = waiting.partition("(")[2].partition(")")[0]
    for organization in ("north", "south"):
        assert group.submit(room, f"{organization}.admin", "governance", "approve", number=number) == "ok"
    assert "acts now" in install(room)

    # Used by those who have only the page.
    goods = {"number": made.number, "to": made.first, "goods": made.goods, "weight_g": made.weight_g}
    assert group.submit(room, made.second, "warehouse-receipt", "issue", **goods) == "policy-not-satisfied"
    transfer = {"number": made.number, "to": made.second}
    assert group.submit(room, made.second, "warehouse-receipt", "transfer", **transfer) == "not-found"
    assert group.submit(room, made.warehouse, "warehouse-receipt", "issue", **goods) == "ok"
    told = group.check(room, needed="3")
    assert len(told) == 3, told
    assert any("Nobody but the holder has tried" in sentence for sentence in told), "before it was issued is no attempt"
    assert group.submit(room, made.second, "warehouse-receipt", "transfer", **transfer) == "not-holder"
    assert group.submit(room, made.first, "warehouse-receipt", "transfer", **transfer) == "ok"
    height = next(one.header.height for one in room.standings() if one.is_committed and "weight_g" in one.transaction.arguments)
    assert group.check(room, block=str(height), needed="3") == []

    # One thing wrong or missing.
    assert group.check(room, block=str(height + 1), needed="3") == [
        f"`block` is not “{height + 1}”. The answer of the submission names the block; the Ledger view too."
    ]
    assert len(group.check(room, block=str(height), needed="4")) == 1
    changed = write_contract(made.warehouse).replace("Receipts for stored goods.", "Receipts for all goods.")
    (room.files / FILE).write_text(changed, encoding="utf-8")
    assert group.check(room, block=str(height), needed="3") == [
        "Another version than the one in your folder acts: install it again."
    ]
    assert "acts now" in install(room)
    assert group.check(room, block=str(height), needed="3") == []


def test_the_start_state_and_the_contract_of_another_group_are_not_enough(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    room = group.start(11)
    made, other = plan(room.chance()), plan(Chance(13))
    assert group.check(room, block="1", needed="3")
    assert made.warehouse != other.warehouse
    (room.files / FILE).write_text(write_contract(other.warehouse), encoding="utf-8")
    assert PROMISES["issue-by-warehouse"].en in group.check(room)
    (room.files / FILE).unlink()
    assert group.check(room) == ["There is no warehouse_receipt.py in the folder of files: start this lab again."]
    (room.files / FILE).write_text("NUMBER = 1\n", encoding="utf-8")
    assert any("has no class WarehouseReceipt" in sentence for sentence in group.check(room))
    monkeypatch.setattr(exercise, "EXAMINE_SECONDS_MAX", 5)
    (room.files / FILE).write_text("while True:\n    pass\n", encoding="utf-8")
    assert "is there a loop without end in it" in group.check(room)[0]


def test_a_start_keeps_what_was_written_before(group: Group) -> None:
    room = group.start(3)
    (room.files / FILE).write_text("# mine\n", encoding="utf-8")
    room = group.start(3)
    assert (room.files / "warehouse_receipt.before.txt").read_text(encoding="utf-8") == "# mine\n"
    assert plan(room.chance()).number in (room.files / "contract.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("flaw", BY_RULES, ids=lambda flaw: flaw.breaks)
def test_a_flaw_of_the_rules_is_found_by_the_check(tmp_path: Path, flaw: Flaw) -> None:
    checked = check(locate(str(written(tmp_path, flaw))))
    found = [fault.rule for fault in checked.faults]
    if checked.counterexample is not None:
        found.append(checked.counterexample.broken)
    assert found == [flaw.breaks]


@pytest.mark.parametrize("flaw", BY_PROMISES, ids=lambda flaw: flaw.breaks)
def test_a_flaw_of_the_promises_is_found_by_its_promise_alone(tmp_path: Path, flaw: Flaw) -> None:
    checked = check(locate(str(written(tmp_path, flaw))), examples=20)
    assert checked.is_sound
    assert checked.contract is not None
    assert examine(checked.contract, WAREHOUSE) == [flaw.breaks]


def test_the_contract_without_flaws_keeps_every_promise(tmp_path: Path) -> None:
    checked = check(locate(str(written(tmp_path))))
    assert (checked.is_sound, checked.advice) == (True, ())
    assert checked.contract is not None
    assert examine(checked.contract, WAREHOUSE) == []
    assert PROMISES.keys() == {*PROMISES_TRIED, "interface"}


SPOILT = {
    "release-by-holder": ('context.signed_by(receipt.holder), "not-holder", holder=receipt.holder)\n        context.require(not receipt.released, "released", number=number)\n        # WRITE\n        self.receipts[number] = receipt.replace(released', 'True, "not-holder", holder=receipt.holder)\n        context.require(not receipt.released, "released", number=number)\n        # WRITE\n        self.receipts[number] = receipt.replace(released'),  # noqa: E501
    "released-stays": ('        context.require(not receipt.released, "released", number=number)\n        # WRITE\n        self.receipts[number] = receipt.replace(holder=to)', "        # WRITE\n        self.receipts[number] = receipt.replace(holder=to)"),  # noqa: E501
    "interface": ("def release(", "def fetch("),
    "model": ("        receipt = self.receipts[number]\n        # CHECK\n", '        receipt = self.receipts[number]\n        # CHECK\n        context.require(number != "R-5", "released", number=number)\n'),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("promise", sorted(SPOILT))
def test_other_ways_to_break_a_promise_are_found_too(tmp_path: Path, promise: str) -> None:
    path = written(tmp_path)
    old, new = SPOILT[promise]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    checked = check(locate(str(path)), examples=20)
    assert checked.contract is not None
    assert examine(checked.contract, WAREHOUSE) == [promise]


def test_three_flaws_are_drawn_and_differ_between_groups() -> None:
    drawn = [draw_flaws(Chance(seed)) for seed in range(1, 60)]
    assert all(len({flaw.breaks for flaw in flaws}) == 3 for flaws in drawn)
    assert {flaw.breaks for flaws in drawn for flaw in flaws} == {flaw.breaks for flaw in (*BY_RULES, *BY_PROMISES)}
    assert draw_flaws(Chance(1)) == draw_flaws(Chance(1))


def test_the_tests_that_come_with_it_pass_on_the_contract_without_flaws(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "test_warehouse_receipt.py").write_text(write_tests(), encoding="utf-8")
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", str(tmp_path)], cwd=tmp_path, capture_output=True, check=False)
    assert b"2 passed" in tested.stdout, tested.stdout.decode()


def test_the_texts_are_whole() -> None:
    verify_texts(EXERCISE)


def written(directory: Path, *flaws: Flaw) -> Path:
    path = directory / FILE
    path.write_text(write_contract(WAREHOUSE, flaws), encoding="utf-8")
    return path
