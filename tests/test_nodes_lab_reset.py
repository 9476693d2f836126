"""A lab goes back: nodes rest in their processes while their files change, all of them at once, in less than a second."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ledger.errors import OperatorError
from nodes.lab.control import LabControl
from nodes.lab.remote import RemoteControl
from nodes.network.directory import HOST
from nodes.network.in_process import InProcessNetwork
from nodes.network.lab_snapshot import restore_network, snapshot_network
from nodes.network.local import LocalNetwork
from nodes.node.files import OUTPUT
from nodes.sample_contract import Asset
from tests import commands
from tests.lab_support import PageAt, running_lab
from tests.network_support import issue, make_network, running_processes
from tests.support import EAST, NORTH, SOUTH, WEST, refusal

pytestmark = pytest.mark.usefixtures("no_process_left")
KINDS = pytest.mark.parametrize("kind", [InProcessNetwork, LocalNetwork], ids=["in-process", "processes"])
PROBLEMS = ("no-control", "unreachable", "not-ready")
RESET_SECONDS_MAX = 60
"""On a machine that is busy with other tests; alone it takes less than one."""


@KINDS
def test_a_reset_starts_all_and_takes_back_what_a_hand_did(tmp_path: Path, kind: type[LocalNetwork]) -> None:
    with running_lab(tmp_path, kind) as lab:
        kept = lab.network.process_id(NORTH)
        assert lab.page.submit("A-1")["status"] == "committed"
        lab.order(WEST, "kill")
        lab.order(SOUTH, "traitor", kind="silent")
        lab.order(EAST, "isolate")
        before = lab.page.get("/network")
        begun = time.monotonic()
        lab.control.order("/reset")
        assert time.monotonic() - begun < RESET_SECONDS_MAX
        after = lab.page.get("/network")
        assert after["generation"] == before["generation"] + 1
        assert [(n["running"], n["traitor"], n["faults"], n["height"]) for n in after["nodes"]] == [(True, None, [], 0)] * 4
        assert lab.network.process_id(NORTH) == kept, "a node rests in its process"
        told = lab.page.submit("A-1")
        assert (told["status"], told["height"]) == ("committed", 1)
        log = lab.page.get("/log?limit=2000")
        assert log["generation"] == after["generation"]
        assert all(record["index"] == place for place, record in enumerate(log["records"], 1))


@KINDS
def test_a_reset_amid_submissions_leaves_one_ledger(tmp_path: Path, kind: type[LocalNetwork]) -> None:
    with running_lab(tmp_path, kind) as lab, ThreadPoolExecutor(4) as threads:
        ended, strange = Event(), []

        def submit(name: str) -> None:
            page, numbers = PageAt(lab.network, f"{name}.validator"), count()
            while not ended.is_set():
                try:
                    told: Any = page.submit(f"{name}-{next(numbers)}", signer=f"{name}.member1")
                except OSError:
                    continue  # the node of the page rests
                code = told.get("code") or told.get("problem", {}).get("code", "")
                if told.get("status") not in ("committed", "pending", "unknown", "rejected", 503) and code not in PROBLEMS:
                    strange.append(told)

        pages = [threads.submit(submit, name) for name in ("north", "south", "east", "west")]
        try:
            for _ in range(3):
                lab.control.order("/reset")
                ended.wait(0.3)
        finally:
            ended.set()
        for page in pages:
            page.result()
        assert strange == []
        assert lab.page.submit("Z-1")["status"] == "committed"
        height = max(node["height"] for node in lab.nodes)
        blocks = set()
        for member in lab.network.members:
            lab.page.wait_for_height(member, height)
            with lab.network.client(node=member) as client:
                blocks.add(client.get(f"/v1/blocks/{height}")["id"])
                assert client.get("/v1/consensus")["diverged"] is None
        assert len(blocks) == 1


@KINDS
def test_a_restored_lab_goes_on_from_there(tmp_path: Path, kind: type[LocalNetwork]) -> None:
    directory, snapshot = tmp_path / "n", tmp_path / "s.zip"
    with running_lab(directory, kind) as lab:
        lab.page.submit("A-1")
        lab.page.wait_for_height(WEST, 1)
        snapshot_network(directory, snapshot)
        lab.page.submit("A-2")
        commands.succeeds("network", "restore", snapshot, "--dir", directory)
        assert {node["height"] for node in lab.nodes} == {1}
        assert lab.page.submit("A-2")["status"] == "committed"
        nothing = {"source": str(tmp_path / "none.zip")}
        assert refusal(OperatorError, lab.control.order, "/restore", nothing).code == "missing-file"
        assert lab.page.submit("A-3")["status"] == "committed", "nodes that rested serve again also when nothing was restored"
        commands.succeeds("network", "reset", "--dir", directory)
        assert {node["height"] for node in lab.nodes} == {0}
        if kind is LocalNetwork:
            lines = (directory / "nodes" / NORTH / OUTPUT).read_text().splitlines()
            assert "serving" in lines[-1], "what the process says is still kept"
        assert lab.page.node(NORTH)["running"]
        assert all(lab.network.is_running(member) for member in lab.network.members)


@KINDS
def test_what_fails_at_rest_leaves_the_nodes_serving(tmp_path: Path, kind: type[LocalNetwork]) -> None:
    make_network(tmp_path, 4)
    with kind(tmp_path) as network, network.client("north.member1") as client:
        issue(client, "A-1")
        with pytest.raises(ZeroDivisionError), network.at_rest():
            _ = 1 // _serves(network, NORTH)
        assert client.read(Asset.assets, "A-1") is not None
        with network.at_rest(WEST):
            assert not _serves(network, WEST)
            assert _serves(network, NORTH)
        assert _serves(network, WEST)


def test_a_node_that_cannot_begin_again_says_why(tmp_path: Path) -> None:
    with running_processes(tmp_path, 2) as network:
        key = tmp_path / "keys" / "south.validator.key"
        with pytest.raises(OperatorError) as caught, network.at_rest():
            key.rename(tmp_path / "aside")
        assert caught.value.code == "missing-key"
        assert network.is_running("north.validator")
        (tmp_path / "aside").rename(key)
        network.restart("south.validator")
        with network.at_rest():
            """Both of them."""
        assert network.is_running("south.validator")


@KINDS
def test_a_reset_that_one_node_cannot_follow_is_told_as_what_it_is(
    tmp_path: Path, kind: type[LocalNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_network(tmp_path, 4)
    with kind(tmp_path) as network, LabControl(network) as control, socket.socket() as another:
        told: list[int] = []
        lab, page, remote = control.lab, PageAt(network), RemoteControl(tmp_path)
        monkeypatch.setattr(lab.extension, "restarted", lambda: told.append(lab.generation))
        assert page.submit("A-1")["status"] == "committed"
        remote.order(f"/nodes/{WEST}", {"do": "stop"})
        remote.order(f"/nodes/{EAST}", {"do": "isolate"})
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        another.bind((HOST, int(network.urls[WEST].rpartition(":")[2])))
        another.listen()
        assert refusal(OperatorError, remote.order, "/reset").code == "port-in-use"
        assert ([node["height"] for node in page.get("/network")["nodes"][:3]], told) == ([0, 0, 0], [1])
        assert (page.get("/network")["generation"], page.get("/log")["generation"], page.node(EAST)["faults"]) == (1, 1, [])
        assert page.submit("A-1")["height"] == 1


def test_what_fails_after_a_restore_is_told_and_what_restored_nothing_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "s.zip"
    with running_lab(tmp_path / "n") as (network, page, _):
        assert page.submit("A-1")["status"] == "committed"
    snapshot_network(tmp_path / "n", snapshot)
    told: list[int] = []

    def restore() -> None:
        restore_network(network.directory, snapshot)
        raise OperatorError("bad-backup", "What else lies in it is damaged.")

    with InProcessNetwork(tmp_path / "n") as network, LabControl(network) as control:
        lab = control.lab
        monkeypatch.setattr(lab.extension, "restarted", lambda: told.append(lab.generation))
        refusal(OperatorError, lab.go_back, lambda: restore_network(network.directory, tmp_path / "none.zip"))
        assert (lab.generation, lab.feed.generation, told) == (0, 0, [])
        refusal(OperatorError, lab.go_back, restore)
        assert (lab.generation, lab.feed.generation, told) == (1, 1, [1])


def test_a_lab_that_does_not_run_is_taken_back_without_a_control(tmp_path: Path) -> None:
    with running_lab(tmp_path) as (_, page, _):
        assert page.submit("A-1")["status"] == "committed"
    assert not RemoteControl(tmp_path).is_there()
    commands.succeeds("network", "reset", "--dir", tmp_path)
    with InProcessNetwork(tmp_path) as network, network.client() as client:
        assert client.node()["height"] == 0


def _serves(network: LocalNetwork, member: str) -> bool:
    try:
        return bool(PageAt(network, member).ask("GET", "/network"))
    except OSError:
        return False
