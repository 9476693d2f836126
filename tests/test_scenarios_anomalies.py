"""The anomaly matrix is what running it gives: each cell is asserted, and a planted fault changes it."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nodes.words import Language
from scenarios.command_line import application
from scenarios.workshop.anomalies import chains, commands, database, matrix, tallystick
from scenarios.workshop.anomalies.attacks import ATTACKS
from scenarios.workshop.anomalies.matrix import (
    EXPECTED,
    OTHERS,
    SYSTEMS,
    WORDS,
    Cell,
    matrix_json,
    matrix_markdown,
    matrix_page,
    run_cell,
    run_matrix,
)

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def cells() -> Mapping[tuple[str, str], Cell]:
    return {(cell.attack, cell.system): cell for cell in run_matrix()}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_claimed_of_a_cell_was_observed(cells: Mapping[tuple[str, str], Cell], attack: str, system: str) -> None:
    cell = cells[attack, system]
    assert cell.observed.outcome == dict(zip(SYSTEMS, EXPECTED[attack], strict=True))[system]
    assert cell.observed.evidence
    assert all(cell.observed.evidence)


@pytest.mark.parametrize(
    ("attack", "system", "said"),
    [
        ("edit-history", "tallystick", "Rule 7, record, is broken"),
        ("edit-history", "hash-chain", "is no longer in the chain"),
        ("replay", "database", "UNIQUE constraint failed"),
        ("replay", "tallystick", "known-transaction"),
        ("double-spend", "tallystick", "receipt: rejected, not-holder"),
        ("forged-signature", "tallystick", "south.validator refuses the proposal"),
        ("equivocation-f", "tallystick", "two-blocks 1"),
        ("equivocation-f", "tallystick", "convicted: south.validator"),
        ("equivocation-n-2f", "tallystick", "convicted: east.validator, west.validator"),
        ("partition", "database", "readonly database"),
        ("partition", "tallystick", "waits for votes"),
        ("lost-disk", "database", "Bob's again, not Carol's"),
    ],
)
def test_the_evidence_is_what_the_system_said(cells: Mapping[tuple[str, str], Cell], attack: str, system: str, said: str) -> None:
    assert any(said in line for line in cells[attack, system].observed.evidence)


def test_a_fork_by_two_of_four_is_no_victory_but_names_both(cells: Mapping[tuple[str, str], Cell]) -> None:
    assert cells["equivocation-n-2f", "tallystick"].observed.by == "convicted"


def test_the_same_again_is_the_same(cells: Mapping[tuple[str, str], Cell]) -> None:
    for attack, system in [(attack, "tallystick") for attack in ATTACKS] + [
        ("lost-disk", "database"),
        ("replay", "signed-chain"),
    ]:
        assert run_cell(attack, system) == cells[attack, system]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_in_the_repository_are_those_of_a_fresh_run(cells: Mapping[tuple[str, str], Cell], language: Language) -> None:
    written = (commands.FOLDER / f"matrix_{language}.md").read_text(encoding="utf-8")
    assert written == matrix_markdown(tuple(cells.values()), language), "python -m scenarios.workshop.anomalies.commands"


def test_every_cell_has_a_reason_in_both_languages() -> None:
    assert [*EXPECTED] == [*WORDS["attacks"]] == [*ATTACKS]
    for attack in ATTACKS:
        reasons = WORDS[attack]
        assert reasons.keys() == {*SYSTEMS} or reasons.keys() - {*SYSTEMS} == {OTHERS}
        for phrase in reasons.values():
            assert phrase.en.endswith(".")
            assert phrase.zh.endswith(("。", "convict。"))
            assert any("一" <= letter <= "鿿" for letter in phrase.zh)
    assert {outcome for row in EXPECTED.values() for outcome in row} == set(WORDS["outcomes"])


# Planted faults


def test_a_verifier_that_accepts_everything_changes_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    class Accepting(tallystick.Tallystick):
        def verify(self) -> str:
            return ""

    monkeypatch.setattr(tallystick, "verify_state_answer", lambda *_: None)
    monkeypatch.setitem(matrix.SYSTEMS, "tallystick", lambda: nullcontext(Accepting()))
    cell = run_cell("edit-history", "tallystick")
    assert cell.observed.outcome == "undetected"
    assert cell.reason == WORDS["matrix"]["unexpected"]


def test_an_audit_alone_finds_it_later_where_no_reader_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallystick, "verify_state_answer", lambda *_: None)
    assert run_cell("edit-history", "tallystick").observed.outcome == "detected-later"


def test_a_signed_chain_that_checks_no_signature_is_a_hash_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains.SignedChain, "_unsigned", lambda *_: "")
    assert run_cell("forged-signature", "signed-chain").observed.outcome == "undetected"
    assert run_cell("edit-history", "signed-chain").observed.outcome == "detected-later"


def test_a_database_without_its_constraint_takes_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "TABLES", database.TABLES.replace("UNIQUE", ""))
    assert run_cell("replay", "database").observed.outcome == "undetected"


def test_a_replica_that_is_writable_splits_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "READ_ONLY", "?mode=rw")
    assert run_cell("partition", "database").observed.outcome == "lost"


def test_traitors_who_do_not_betray_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallystick, "KIND", "silent")
    with pytest.raises(AssertionError, match="the liars lied"):
        run_cell("equivocation-f", "tallystick")


# As it is shown


def test_the_page_holds_every_cell_and_nothing_from_elsewhere(cells: Mapping[tuple[str, str], Cell]) -> None:
    for language in LANGUAGES:
        page = matrix_page(tuple(cells.values()), language)
        assert page.count("<details>") == len(ATTACKS) * len(SYSTEMS)
        assert "http" not in page
        assert page.count("<script") == 0
        assert WORDS["matrix"]["unexpected"].text(language) not in page


def test_what_a_system_says_is_text_in_the_page(cells: Mapping[tuple[str, str], Cell]) -> None:
    found = {**cells}
    cell = cells["replay", "database"]
    observed = type(cell.observed)("refused", cell.observed.by, ("<img src=x>",))
    found["replay", "database"] = Cell(cell.attack, cell.system, observed)
    assert "<img" not in matrix_page(tuple(found.values()), "en")


def test_the_command_shows_writes_and_prints_json(
    cells: Mapping[tuple[str, str], Cell], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("scenarios.workshop.anomalies.commands.run_matrix", lambda: tuple(cells.values()))
    page = tmp_path / "matrix.html"
    shown = CliRunner().invoke(application, ["anomalies", "--lang", "zh", "--html", str(page)])
    assert shown.exit_code == 0
    assert "双重支付" in shown.output
    assert page.read_text(encoding="utf-8") == matrix_page(tuple(cells.values()), "zh")
    told: Any = json.loads(CliRunner().invoke(application, ["anomalies", "--json"]).output)
    assert told == matrix_json(tuple(cells.values()))
    assert len(told["cells"]) == len(ATTACKS) * len(SYSTEMS)
