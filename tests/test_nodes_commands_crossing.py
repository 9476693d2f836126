"""`crossing` writes from nodes of two ledgers what `verify` judges without any."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ledger.genesis import parse_genesis
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import GENESIS_FILE
from tests.commands import fails, run, succeeds
from tests.network_support import specification
from tests.support import OTHER
from tests.test_ledger_foreign import HARBOUR, MODULES

ALICE, ADMIN = "north.member1", "north.admin"
LOCK = ("safe", "crossing_locks", "D-1")


@dataclass(frozen=True)
class Crossed:
    """A bank of one node that relied on a lock at a harbour of one node."""

    harbour: Path
    bank: Path
    transaction: str
    without: str
    """A transaction of the bank that relied on nothing."""
    refused: str
    """One whose proof the bank refused."""


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossed]:
    place = tmp_path_factory.mktemp("crossing")
    harbour, bank = place / HARBOUR, place / "bank"
    with ExitStack() as running:
        for path, contract in ((harbour, "safe"), (bank, "desk")):  # one contract of a file
            contracts = tuple((name, MODULES[name]) for name in ("foreign", contract))
            running.enter_context(InProcessNetwork.create(path, replace(specification(), contracts=contracts)))
        yield Crossed(harbour, bank, *relied(harbour, bank))


def relied(harbour: Path, bank: Path) -> tuple[str, str, str]:
    submitted(harbour, ALICE, "safe", "lock", deal="D-1", thing="B-1", price_cents=5)
    shown = ("--proof", "--json", "--dir", harbour)
    block = json.loads(succeeds("show", "block", "latest", *shown))["proof"]
    validators = json.loads(succeeds("show", "validators", *shown))["validators"]
    proof = json.loads(succeeds("query", *LOCK, *shown))["proof"]
    ledger = parse_genesis((harbour / GENESIS_FILE).read_bytes()).ledger
    action = {"kind": "admit-ledger", "name": HARBOUR, "ledger": ledger, "validators": validators}
    without = submitted(bank, ADMIN, "governance", "propose", number="P-1", action=action)
    brought = {part: block[part] for part in ("header", "certificate")}
    submitted(bank, ALICE, "foreign", "advance", ledger=HARBOUR, blocks=[brought])
    note = {"deal": "D-1", "proof": {"value": proof["value"], "path": proof["path"]}}
    lie = json.dumps({**note, "deal": "D-2"})
    refused = json.loads(run("submit", "desk", "note", lie, "--as", ALICE, "--dir", bank, "--json").stdout)
    assert refused["code"] == "not-proved"
    return submitted(bank, ALICE, "desk", "note", **note), without, refused["transaction"]


def submitted(directory: Path, member: str, contract: str, operation: str, **arguments: Any) -> str:
    """The id of a transaction that was committed."""
    words = json.dumps(arguments, ensure_ascii=False)
    said = succeeds("submit", contract, operation, words, "--as", member, "--dir", directory, "--json")
    return str(json.loads(said)["transaction"])


def test_what_the_command_writes_is_verified_from_both_geneses(crossed: Crossed, tmp_path: Path) -> None:
    file = tmp_path / "crossing.json"
    sides = ("--from", crossed.harbour, "--dir", crossed.bank)
    succeeds("crossing", crossed.transaction, *LOCK, *sides, "-o", file)
    geneses = [directory / GENESIS_FILE for directory in (crossed.harbour, crossed.bank)]
    both = [part for genesis in geneses for part in ("--genesis", genesis)]
    said = succeeds("verify", file, *both)
    assert "Everything holds." in said
    assert "compare" not in said
    ids = [parse_genesis(genesis.read_bytes()).ledger for genesis in geneses]
    assert "compare" not in succeeds("verify", file, "--ledger", ids[0], "--genesis", geneses[1])
    half = succeeds("verify", file, "--genesis", geneses[1])
    assert f"of ledger {ids[0]}: compare" in half
    assert f"of ledger {ids[1]}: compare" not in half
    verdict = json.loads(succeeds("verify", file, *both, "--json"))
    assert verdict["broken"] is None
    assert verdict["facts"][0]["value"] == {"price_cents": 5, "thing": "B-1"}
    other = run("verify", file, "--ledger", OTHER)
    assert other.exit_code == 1
    assert "Rule 3, ledger, is broken" in other.stdout
    file.write_bytes(file.read_bytes().replace(b'"argument":"proof"', b'"argument":"deal"'))
    wrong = json.loads(run("verify", file, *both, "--json").stdout)
    assert (wrong["broken"]["rule"], wrong["facts"]) == ("crossing", [])


@pytest.mark.parametrize("key", ["D-1", "D-2"])
def test_no_file_is_written_of_what_did_not_cross(crossed: Crossed, tmp_path: Path, key: str) -> None:
    file = tmp_path / "crossing.json"
    transaction = crossed.without if key == "D-1" else crossed.transaction
    place, output = (*LOCK[:2], key), ("--dir", crossed.bank, "-o", file)
    sides = ("--from", crossed.harbour, *output)
    fails(1, "No argument of the transaction leads to safe/crossing_locks/", "crossing", transaction, *place, *sides)
    fails(1, "was refused with not-proved: it relied on nothing", "crossing", crossed.refused, *place, *sides)
    fails(1, "No block holds transaction", "crossing", "0" * 64, *place, *sides)
    fails(2, "This ledger follows none", "crossing", transaction, *place, "--from", crossed.bank, *output)
    assert not file.exists()


def test_two_ledgers_are_too_many_for_a_file_of_one(crossed: Crossed, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    succeeds("query", *LOCK, "-o", file, "--dir", crossed.harbour)
    geneses = [part for directory in (crossed.harbour, crossed.bank) for part in ("--genesis", directory / GENESIS_FILE)]
    fails(2, "The options name 2 ledgers", "verify", file, *geneses)
