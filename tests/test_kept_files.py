"""Files that an earlier version wrote, in `tests/kept`, are still verified, read and restored."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ledger.audit import audit_export, standalone
from ledger.chain.view import ChainView
from ledger.encoding import decode
from nodes.network.directory import leave_taken_ports
from nodes.network.in_process import InProcessNetwork
from nodes.node.files import DATABASE
from nodes.sample_contract import Asset
from nodes.storage.sqlite_copy import reading
from scenarios.sample import sample_path
from tests.commands import run
from tests.network_support import wait_until
from tests.support import CONTRACTS
from tests.test_nodes_commands_verify import judged
from tests.test_nodes_node_copies import height

KEPT = Path(__file__).parent / "kept" / "0.1.0"
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


def test_a_node_comes_back_from_its_backup_and_brings_the_other_up(network: InProcessNetwork) -> None:
    place = begin(network, "restore", KEPT / "backup.zip")
    assert asset(place) == (HEIGHT, HELD)
    (place / DATABASE).replace(network.directory / SOUTH / DATABASE)
    with network, network.client(node="north.validator") as client:
        wait_until(lambda: height(client) == HEIGHT, "the block of the backup")
        assert client.get("/v1/state/asset/assets/A-2")["value"]["holder"] == "south.admin"


def test_a_node_begins_with_the_state_snapshot(network: InProcessNetwork) -> None:
    assert asset(begin(network, "init", "--snapshot", KEPT / "snapshot.gz")) == (HEIGHT, HELD)
