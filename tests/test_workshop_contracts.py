"""The author's reference: every contract in it is checked, played and tested as a reader would who copies it from there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ledger.contract
from ledger.contract.contract import Context
from ledger.contract.test_kit import check_contract
from nodes.contract_author.check import check
from nodes.contract_author.located import importable, locate
from tests.commands import run
from tests.project import ROOT

WORKSHOP = ROOT / "scenarios" / "workshop"
BLOCK = r"```python\n# (\w+\.py)\n(.*?)```"
NAMES = {"en": "CONTRACTS.md", "zh": "CONTRACTS.zh.md"}
REFERENCES = {language: (WORKSHOP / name).read_text("utf-8") for language, name in NAMES.items()}
FILES = dict(re.findall(BLOCK, REFERENCES["en"], re.S))
CONTRACTS = ("points", "vote", "lending", "guess", "prize")
OPEN_ON_PURPOSE = {"vote": ["open-operation"]}
EXAMPLES = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    return tmp_path


def test_the_reference_holds_five_contracts() -> None:
    assert [name for name in FILES if not name.startswith("test_")] == [f"{name}.py" for name in CONTRACTS]


def test_both_languages_hold_the_same_code_and_commands() -> None:
    assert dict(re.findall(BLOCK, REFERENCES["zh"], re.S)) == FILES
    commands = [re.findall(r"^    (tallystick .*?)(?: --lang zh)?$", text, re.M) for text in REFERENCES.values()]
    assert commands[0] == commands[1] != []


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_contract_is_sound_and_is_played(folder: Path, name: str) -> None:
    checked = check(locate(str(folder / f"{name}.py")), examples=EXAMPLES)
    assert (checked.faults, checked.counterexample) == ((), None)
    assert [remark.rule for remark in checked.advice] == OPEN_ON_PURPOSE.get(name, [])
    assert checked.contract is not None
    with importable(checked.located):
        trail: list[object] = []
        check_contract(checked.contract, examples=EXAMPLES, plays=trail)  # type: ignore[arg-type]
        assert trail


def test_its_tests_pass(folder: Path) -> None:
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", str(folder)], cwd=folder, capture_output=True, check=False)
    assert b"5 passed" in tested.stdout, tested.stdout.decode()


def test_a_mistake_of_the_table_is_told_in_those_words(folder: Path) -> None:
    path = folder / "points.py"
    path.write_text(FILES["points.py"].replace("context.signers[0].member", "context.signers[0]"), encoding="utf-8")
    told = json.loads(run("contract", "check", path, "--json", "--examples", "20").stdout)
    assert "got a Member; write .member behind it" in told["counterexample"]["came"]


@pytest.mark.parametrize("language", REFERENCES)
def test_every_name_that_a_contract_imports_and_all_of_its_context_is_explained(language: str) -> None:
    text = REFERENCES[language]
    open_words = {"Operation", "Policy", "Opening"}  # its own types, which no author names
    names = {name for name in vars(ledger.contract) if name[0].isupper()} - open_words
    assert [name for name in sorted(names) if name not in text] == []
    gives = [name for name in dir(Context) if not name.startswith("_") and name not in ("contract", "events")]
    assert [name for name in gives if f"context.{name}" not in text] == []
