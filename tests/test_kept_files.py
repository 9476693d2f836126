"""Files that an earlier version wrote, in `tests/kept`, are still verified, read and restored."""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.audit import audit_export, standalone
from ledger.audit.exported import parse_export_head, parse_exported_block
from ledger.chain.view import ChainView
from ledger.contract.source_rules import loader
from ledger.contract.source_rules.source import SourceModule, read_sources
from ledger.encoding import decode
from ledger.errors import BusyError
from ledger.governance import Governance
from nodes.commands.archive import write_export
from nodes.foreign.contract import Foreign
from nodes.network.directory import leave_taken_ports
from nodes.network.in_process import InProcessNetwork
from nodes.node.copies import join, restore_backup
from nodes.node.files import DATABASE
from nodes.sample_contract import Asset
from nodes.storage.sqlite_copy import reading
from scenarios.sample import sample_path
from tests.commands import answer, run
from tests.network_support import wait_until
from tests.support import CONTRACTS
from tests.test_nodes_commands_verify import judged
from tests.test_nodes_cose_receipt import read as cose_claims
from tests.test_nodes_node_copies import height

KEPT = Path(__file__).parent / "kept" / "0.1.0"
TWO = KEPT.with_name("0.1.0-two-ledgers")
BANK = "a70cc43d0acc5b826c6a0313e8a7145df09ae5f443e894d62ba36914c49fa63a"
HARBOUR = "a0530a8ef88c9cf20f513a642694582ad76e76b38bfededb3f40759524748a8c"
RELIED = "7bbee649217a14a8cb391ca8498594a85b5e4b133e97640905091cdf89960d1d"
"""The bank's transaction that relied on the harbour's lock."""
LEDGER = "471e7dc7f2c3bb35c5167439e2b4e0f61e82dc03ec13f3c25cab1c8eed21e682"
HEIGHT = 5
SOUTH = Path("nodes/south.validator")
HELD = {"holder": "south.member1", "version": 1}
"""What stands at `asset/assets/A-1`."""


@pytest.fixture
def network(tmp_path: Path) -> InProcessNetwork:
    """The lab, put back to its snapshot at height 4."""
    with zipfile.ZipFile(KEPT / "network.zip") as archive:
        archive.extractall(tmp_path)
    assert run("network", "restore", KEPT / "network-snapshot.zip", "--dir", tmp_path).exit_code == 0
    leave_taken_ports(tmp_path)
    return InProcessNetwork(tmp_path)


def begin(network: InProcessNetwork, command: str, *arguments: str | Path) -> Path:
    """The directory of a new south.validator, made by `node COMMAND DIRECTORY …`."""
    place = network.directory / "new"
    given = ("--member", SOUTH.name, "--key", network.directory / f"keys/{SOUTH.name}.key")
    files = ("--genesis", network.directory / "genesis.json", "--network", network.directory / "network.json")
    result = run("node", command, place, *arguments, *given, *files)
    assert result.exit_code == 0, result.output
    return place


def asset(place: Path) -> tuple[int, object]:
    """The height of a node that stands still, and what it has at A-1."""
    with reading(place / DATABASE) as reader:
        view = ChainView(reader)
        return view.height, decode(view.state.get("asset", "assets", "A-1") or b"null")


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.zip"])
def test_exports_hold(name: str) -> None:
    verdict = judged(KEPT / name, "--ledger", LEDGER)
    assert (verdict["exit"], verdict["broken"], verdict["height"], verdict["transactions"]) == (0, None, HEIGHT, 5)


def test_the_export_is_executed_again() -> None:
    report = audit_export((KEPT / "ledger.jsonl").read_bytes().splitlines(), contracts=CONTRACTS)
    assert (report.broken, report.executed_again) == (None, 5)


def test_the_proof_holds() -> None:
    verdict = judged(KEPT / "proof.json", "--ledger", LEDGER)
    assert (verdict["exit"], verdict["broken"], [fact["claim"]["value"] for fact in verdict["facts"]]) == (0, None, [HELD])


def test_the_conviction_holds() -> None:
    verdict = judged(KEPT / "conviction.json", "--ledger", LEDGER)
    assert (verdict["exit"], verdict["broken"]) == (0, None)
    assert verdict["facts"][0]["convicted"] == ["north.validator", "south.validator"]


@pytest.mark.parametrize("name", ["ledger.jsonl", "proof.json", "conviction.json"])
def test_the_stand_alone_verifier_agrees(name: str) -> None:
    verdict = standalone.verify_lines((KEPT / name).read_bytes().splitlines(keepends=True), LEDGER)
    assert (verdict.broken, verdict.checks.held != {}) == (None, True)


def test_the_verifier_of_then_judges_its_ledger_and_those_of_today(tmp_path: Path) -> None:
    with zipfile.ZipFile(KEPT / "ledger.zip") as archive:
        archive.extractall(tmp_path)
    for file in (tmp_path / "ledger.jsonl", sample_path()):
        done = subprocess.run([sys.executable, "verify.py", file], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout.endswith("Everything holds.\n"), done.stdout + done.stderr


def test_the_network_goes_on_where_its_snapshot_ends(network: InProcessNetwork) -> None:
    assert asset(network.directory / SOUTH) == (HEIGHT - 1, HELD)
    with network, network.client("south.member1") as client:
        assert client.call(Asset.transfer, number="A-1", to="north.zhou").height == HEIGHT


def test_the_restored_network_goes_on_once_governance_approves_todays_contract(
    network: InProcessNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version of this program has another source of the contract, and no longer the one of then."""
    monkeypatch.setattr(loader, "read_sources", later_sources)
    monkeypatch.setattr("nodes.commands.authoring.EXAMPLES", 0)
    install = ("contract", "install", "nodes.sample_contract:Asset", "--dir", network.directory, "--json")
    assert answer(*install)["steps"][-1]["step"] == "stands-still"
    with network, network.client("south.member1") as client:
        waiting = client.sign(Asset.transfer, number="A-1", to="north.zhou")
        client.submit(waiting)
        with pytest.raises(BusyError, match=r"Contract asset is installed with digest .*; the ledger runs "):
            client.get("/readyz")
        assert client.get("/v1/state/asset/assets/A-1")["value"] == HELD
        assert answer(*install)["steps"][-1]["step"] == "acts"
        assert client.outcome(waiting.id).is_committed
        ids = [row["transaction"] for row in client.get("/v1/transactions")["transactions"]]
        write_export(network.directory / "ledger.jsonl", client.export())
    verdict = judged(network.directory / "ledger.jsonl", "--ledger", LEDGER)
    assert (verdict["broken"], verdict["transactions"]) == (None, len(ids))


def later_sources(module: str) -> Mapping[str, SourceModule]:
    """As if a line had been added to each file since."""
    sources = read_sources(module)
    return {name: replace(source, text=source.text + "# Later.\n") for name, source in sources.items()}


def test_a_node_comes_back_from_its_backup_and_brings_the_other_up(network: InProcessNetwork) -> None:
    place = begin(network, "restore", KEPT / "backup.zip")
    assert asset(place) == (HEIGHT, HELD)
    (place / DATABASE).replace(network.directory / SOUTH / DATABASE)
    with network, network.client(node="north.validator") as client:
        wait_until(lambda: height(client) == HEIGHT, "the block of the backup")
        assert client.get("/v1/state/asset/assets/A-2")["value"]["holder"] == "south.admin"


def test_a_node_begins_with_the_state_snapshot(network: InProcessNetwork) -> None:
    assert asset(begin(network, "init", "--snapshot", KEPT / "snapshot.gz")) == (HEIGHT, HELD)


@pytest.mark.parametrize(("name", "ledger", "transactions"), [("bank.jsonl", BANK, 4), ("harbour.jsonl", HARBOUR, 1)])
def test_two_ledgers_hold_of_which_one_follows_the_other(name: str, ledger: str, transactions: int) -> None:
    verdict = judged(TWO / name, "--ledger", ledger)
    assert (verdict["exit"], verdict["broken"], verdict["transactions"]) == (0, None, transactions)
    alone = standalone.verify_lines((TWO / name).read_bytes().splitlines(keepends=True), ledger)
    assert (alone.broken, alone.checks.held != {}) == (None, True)


def test_what_crossed_is_shown_still() -> None:
    verdict = judged(TWO / "crossing.json", "--ledger", HARBOUR, "--ledger", BANK)
    assert (verdict["exit"], verdict["broken"]) == (0, None)
    assert verdict["facts"][0]["value"] == {"price_cents": 5, "thing": "B-1"}


def test_the_cose_receipt_is_read_still() -> None:
    head, *blocks = (TWO / "bank.jsonl").read_bytes().splitlines()
    transactions = [one for line in blocks for one in parse_exported_block(line).transactions if one.id == RELIED]
    (key,) = [entry.public_key for entry in parse_export_head(head).members if entry.member == "north.validator"]
    claims = cose_claims((TWO / "receipt.cose").read_bytes(), transactions[0].raw, bytes.fromhex(key))
    assert (claims[2], claims["ledger"], claims["outcome"]) == (RELIED, BANK, "committed")


@pytest.mark.parametrize("kind", ["backup", "snapshot"])
def test_a_ledger_that_follows_another_is_restored_with_what_it_knows_of_it(kind: str, tmp_path: Path) -> None:
    genesis = parse_export_head((TWO / "bank.jsonl").read_bytes().splitlines()[0])
    if kind == "backup":
        assert restore_backup(TWO / "bank-backup.zip", tmp_path, genesis, "north.validator").left_out == ()
    else:
        join(TWO / "bank-snapshot.gz", tmp_path, genesis)
    with reading(tmp_path / DATABASE) as reader:
        state = ChainView(reader).state
        ((place, head),) = Foreign(state).heads.items()
        noted, admitted = state.get("desk", "notes", "D-1"), Governance(state).ledgers["harbour"].ledger
    assert (place, head.header["height"], admitted) == ("harbour:1", 1, HARBOUR)
    assert decode(noted or b"null") == {"height": 1, "price_cents": 5}
