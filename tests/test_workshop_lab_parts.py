"""What labs are made of: what seeds draw, the outages in a log, a fork, a falsified trade, a contract with flaws."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import audit_export
from ledger.audit.exported import parse_exported_block
from ledger.audit.standalone import verify_export
from ledger.primitives import Digest
from nodes.contract_author.check import Checked, check
from nodes.contract_author.located import locate
from nodes.lab.export_rows import read_rows
from nodes.simulator.chance import Chance
from scenarios.workshop.labs import chain, keys
from scenarios.workshop.labs.auditor import COPIES, make_case
from scenarios.workshop.labs.contract import FILE
from scenarios.workshop.labs.crash import Outage, down_while_committed, down_while_waiting, outages
from scenarios.workshop.labs.falsified import WAYS, falsify
from scenarios.workshop.labs.fork import make_fork, silent_that_halt, try_fork
from scenarios.workshop.labs.proofs import TRUE, draw_ways
from scenarios.workshop.labs.proofs import WAYS as WAYS_OF_PROOFS
from scenarios.workshop.labs.receipt import BY_PROMISES, BY_RULES, Flaw, draw_flaws, write_contract, write_tests
from scenarios.workshop.labs.receipt_promises import EXAMPLES, examine
from scenarios.workshop.labs.tenders import FRAUDS, make_trade
from tests.lab_walks import read_trade


def test_every_seed_has_one_fact() -> None:
    for seed in range(1, 200):
        made = chain.plan(Chance(seed))
        assert made.handings.count(made.fact) == 1
        assert made.fact.giver != made.fact.taker
        assert len({number for number, _ in made.issues}) == 4


def test_every_seed_has_one_genuine_letter_and_no_member_in_two_parts() -> None:
    for seed in range(1, 200):
        made = keys.plan(Chance(seed))
        assert sorted(letter.kind for letter in made.letters) == ["altered", "genuine", "other-key"]
        people = (made.me, made.other, made.lost, made.thief, *(one.signer for one in made.letters))
        assert len({*people, *(letter.to for letter in made.letters)}) == 10


def test_every_draw_has_one_true_file_one_of_another_ledger_and_one_that_shows_by_itself() -> None:
    drawn = {draw_ways(Chance(seed)) for seed in range(300)}
    assert len(drawn) == 12
    assert all({TRUE, "ledger"} < set(ways) <= set(WAYS_OF_PROOFS) and len(set(ways)) == 3 for ways in drawn)


# Lab 4


def record(index: int, node: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"index": index, "node": node, "kind": kind, **fields}


LOG = (
    record(1, "a", "start", height=0),
    record(2, "b", "start", height=0),
    record(3, "b", "commit", height=1),
    record(4, "a", "commit", height=2),
    record(5, "a", "build", height=3),
    record(6, "b", "clock", offset_ms=7),
    record(7, "b", "start", height=1),
    record(8, "b", "commit", height=2),
    record(9, "a", "commit", height=3),
    record(10, "a", "clock", offset_ms=900),
)


def test_an_outage_lies_between_a_nodes_last_word_and_its_next_start() -> None:
    found = outages(LOG, ["a", "b"])
    assert found == (Outage("b", 3, 7),)  # moving the clock of `a` is none, nor that `b` takes the time of the others
    assert [down_while_committed(LOG, found, height) for height in (1, 2, 3)] == [set(), {"b"}, set()]
    assert down_while_waiting(LOG, found, 3) == {"b"}
    assert down_while_committed(LOG, found, 9) == down_while_waiting(LOG, found, 9) == set()


def test_a_node_that_does_not_run_is_still_down() -> None:
    found = outages(LOG, ["a"])
    assert found == (Outage("b", 3, 7), Outage("b", 8, None))
    assert down_while_committed(LOG, found, 3) == {"b"}


# Lab 5


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_fork_convicts_exactly_those_who_made_it(seed: int) -> None:
    fork = make_fork(seed)
    one, other = fork.exports.values()
    ids = [[parse_exported_block(line).header.id for line in lines[1:]] for lines in (one, other)]
    assert ids[0][:-1] == ids[1][:-1]
    assert ids[0][-1] != ids[1][-1]
    assert len(set(fork.holders.values())) == 2
    quorum = fork.n - (fork.n - 1) // 3
    assert len(fork.guilty) == 2 * quorum - fork.n != silent_that_halt(seed, fork.n) == fork.n - quorum + 1
    make_fork.cache_clear()
    assert make_fork(seed).exports == fork.exports


@pytest.mark.parametrize("seed", [1, 2])
def test_with_one_fewer_who_betray_there_is_no_fork(seed: int) -> None:
    assert len(set(try_fork(seed, honest_count=3).holders.values())) == 1


# Lab 7


def written(directory: Path, *flaws: Flaw) -> Path:
    path = directory / FILE
    path.write_text(write_contract("south.member2", flaws), encoding="utf-8")
    return path


def broken_promises(path: Path) -> list[str]:
    """Of a file that needs not keep the rules."""
    return broken_by(check(locate(str(path)), examples=0))


def broken_by(checked: Checked) -> list[str]:
    assert checked.contract is not None
    return examine(checked.contract, "south.member2")


@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("flaw", BY_RULES, ids=lambda flaw: flaw.breaks)
def test_a_flaw_of_the_rules_is_found_by_the_check(tmp_path: Path, flaw: Flaw) -> None:
    checked = check(locate(str(written(tmp_path, flaw))), examples=40)
    found = [fault.rule for fault in checked.faults]
    if checked.counterexample is not None:
        found.append(checked.counterexample.broken)
    assert found == [flaw.breaks]


@pytest.mark.parametrize("flaw", BY_PROMISES, ids=lambda flaw: flaw.breaks)
def test_a_flaw_of_the_promises_is_found_by_its_promise_only(tmp_path: Path, flaw: Flaw) -> None:
    checked = check(locate(str(written(tmp_path, flaw))), examples=20)
    assert checked.is_sound
    assert broken_by(checked) == [flaw.breaks]


def test_the_contract_without_flaws_keeps_every_promise_and_passes_its_tests(tmp_path: Path) -> None:
    checked = check(locate(str(written(tmp_path))), examples=EXAMPLES)
    assert (checked.is_sound, checked.advice) == (True, ())
    assert broken_by(checked) == []
    (tmp_path / f"test_{FILE}").write_text(write_tests(), encoding="utf-8")
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", str(tmp_path)], cwd=tmp_path, capture_output=True, check=False)
    assert b"2 passed" in tested.stdout, tested.stdout.decode()


WRITE = "        # WRITE\n        self.receipts[number] = receipt.replace"
ONCE = '        context.require(not receipt.released, "released", number=number)\n'
SIGNED = 'context.signed_by(receipt.holder), "not-holder", holder=receipt.holder)\n'
READ = "        receipt = self.receipts[number]\n        # CHECK\n"
SPOILT = {
    "release-by-holder": (
        f"{SIGNED}{ONCE}{WRITE}(released",
        f"{SIGNED}{ONCE}{WRITE}(released".replace(SIGNED, f"True, {SIGNED[34:]}"),
    ),
    "released-stays": (f"{ONCE}{WRITE}(holder=to)", f"{WRITE}(holder=to)"),
    "interface": ("def release(", "def fetch("),
    "model": (READ, f'{READ}        context.require(number != "R-5", "released", number=number)\n'),
}
"""By promise: what stands in a sound contract, and in one that breaks it."""


@pytest.mark.parametrize("promise", sorted(SPOILT))
def test_other_ways_to_break_a_promise_are_found_too(tmp_path: Path, promise: str) -> None:
    path, (old, new) = written(tmp_path), SPOILT[promise]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert broken_promises(path) == [promise]


def test_three_flaws_are_drawn_and_differ_between_groups() -> None:
    drawn = [draw_flaws(Chance(seed)) for seed in range(1, 60)]
    assert all(len({flaw.breaks for flaw in flaws}) == 3 for flaws in drawn)
    assert {flaw.breaks for flaws in drawn for flaw in flaws} == {flaw.breaks for flaw in (*BY_RULES, *BY_PROMISES)}
    assert draw_flaws(Chance(1)) == draw_flaws(Chance(1))


# Lab 8

RULES = {
    "edited-price": "writes",
    "edited-argument": "transactions",
    "edited-receipt": "receipts",
    "removed": "place",
    "signature": "record",
}
SEEDS = range(1, 9)


@pytest.mark.parametrize("seed", [1, 2])
def test_both_verifiers_find_each_way_at_the_same_place(seed: int) -> None:
    case = make_case(seed)
    ledger = Digest(case.trade.ledger)
    assert audit_export(case.trade.lines, ledger, block=case.head.id).broken is None
    for way, change in WAYS.items():
        lines = change(Chance(seed), list(case.trade.lines))
        found, by_itself = audit_export(lines, ledger, block=case.head.id).broken, verify_export(lines, ledger)
        assert found is not None
        if way == "cut":
            assert (found.details["rule"], by_itself.broken) == ("block", None)
            assert (found.details["height"], found.details["line"]) == (len(lines) - 1, len(lines)), "the last that is there"
            assert f"after the last line, {len(lines)} (height {len(lines) - 1})" in found.message
            continue
        assert found.details["rule"] == by_itself.rule == RULES[way]
        assert f"(height {found.details['height']})" in by_itself.place
        *_, said = by_itself.lines()
        assert said.split(" is broken ")[0] == found.message.split(" is broken ")[0], "one number for one rule"


def test_of_a_copy_that_was_cut_off_the_last_height_is_the_answer() -> None:
    copies_of = (falsify(Chance(seed), make_trade(1).lines, COPIES) for seed in range(60))
    case = make_case(next(seed for seed, copies in enumerate(copies_of) if "cut" in {copy.way for copy in copies.values()}))
    (name,) = (name for name, copy in case.copies.items() if copy.way == "cut")
    assert case.broken[name] == ["block", str(len(case.copies[name].lines) - 1)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fraud_is_found_by_reading(seed: int) -> None:
    trade = make_trade(seed)
    assert read_trade(read_rows(trade.lines)) == (trade.fraud.kind, set(trade.fraud.tenders), set(trade.fraud.members))
    assert 40 <= len(trade.lines) - 1 <= 80
    refused = [row.outcome for row in read_rows(trade.lines) if row.outcome != "committed"]
    assert set(refused) == {"wrong-opening", "policy-not-satisfied"}


def test_same_seed_same_case() -> None:
    first = make_case(3)
    make_case.cache_clear()
    make_trade.cache_clear()
    assert make_case(3) == first


def test_seeds_draw_every_fraud_and_every_way() -> None:
    assert {make_trade(seed).fraud.kind for seed in SEEDS} == set(FRAUDS)
    drawn = [falsify(Chance(seed), make_trade(1).lines, COPIES) for seed in range(60)]
    ways = [[copy.way for copy in copies.values()] for copies in drawn]
    assert {way for three in ways for way in three} == {"whole", *WAYS}
    assert all(three.count("whole") == 1 and len(set(three)) == 3 for three in ways)
    assert {three.index("whole") for three in ways} == {0, 1, 2}
