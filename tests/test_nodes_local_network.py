"""Networks on one machine: a killed node comes back and agrees, and no node outlives its runner."""

import asyncio
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psutil
import pytest

from ledger.errors import OperatorError
from nodes.network.directory import hold_network
from nodes.network.fork_server import ENVIRONMENT, SERVERS_MAX
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.network.specification import default_specification
from nodes.node.node import Node
from nodes.node.voting_mark import VOTING_MARK, has_voting_mark
from nodes.sample_contract import Asset
from tests.conftest import processes_with_mark
from tests.network_support import START_MS, issue, make_network, running_network, running_processes, wait_for_height, wait_until
from tests.support import BOB, refusal

DAY_MS = 86_400_000
SECONDS_MAX = 60
RUNNER = """
import sys
from itertools import count
from pathlib import Path
from nodes.network.local import LocalNetwork
from nodes.network.specification import default_specification
network = LocalNetwork(Path(sys.argv[1]))
network.start()
print("started", flush=True)
sys.stdin.read()
"""
RECEIVER = """
import ctypes, random, socket
from collections import deque
class Heap(ctypes.Structure):
    _fields_ = [(f"field_{number}", ctypes.c_size_t) for number in range(10)]
free_bytes = ctypes.CDLL(None).mallinfo2
free_bytes.restype = Heap
bytes(400_000)  # mapped, and freed at once: what glibc learns its threshold from
ends, kept, chance = socket.socketpair(), deque(maxlen=2_000), random.Random(1)
for number in range(8_000):
    ends[0].send(bytes(chance.randrange(600, 3_000)))
    received = ends[1].recv(262_144)  # as much as asyncio asks for
    kept.extend([received] if number % 3 == 0 else [bytes(chance.randrange(600, 3_000))] if number % 5 == 0 else [])
print(free_bytes().field_8)
"""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="waits for the end of processes that are not its children")


@pytest.mark.usefixtures("no_process_left")
def test_a_killed_node_comes_back_and_agrees(tmp_path: Path) -> None:
    with running_processes(tmp_path, 4) as network:
        victim = "west.validator"
        with network.client("north.member1") as client, network.client(node=victim) as other:
            issue(client, "A-1")
            instant = int(client.node()["clock"]) + DAY_MS
            network.set_clock(instant)
            network.kill(victim)
            assert not network.is_running(victim)
            issue(client, "A-2")
            network.restart(victim)
            assert other.node()["clock"] >= instant, "the lab clock is lost"
            outcome = client.call(Asset.transfer, number="A-2", to="west.member1")
            wait_for_height(other, outcome.height)
            heads = set()
            for member in network.members:
                with network.client(node=member) as each:
                    wait_for_height(each, outcome.height)
                    block = each.get(f"/v1/blocks/{outcome.height}")
                    heads.add((block["id"], block["header"]["state_root"]))
            assert len(heads) == 1
            assert other.read(Asset.assets, "A-2") == client.read(Asset.assets, "A-2", proof=True)
    assert not any(network.is_running(member) for member in network.members)


@linux_only
def test_nodes_end_with_a_runner_that_is_killed(tmp_path: Path, no_process_left: str) -> None:
    make_network(tmp_path)
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert runner.stdin is not None
    assert runner.stdout is not None
    with runner.stdin, runner.stdout:
        assert runner.stdout.readline()
        others = [os.pidfd_open(process) for process in processes_with_mark(no_process_left) if process != runner.pid]
        assert len(others) == 2, "a node, and the server that forked it"
        runner.kill()
        runner.wait()
    for process in others:
        assert select.select([process], [], [], SECONDS_MAX)[0], "a process outlived its runner"
        os.close(process)


@pytest.mark.usefixtures("no_process_left")
def test_a_failed_start_leaves_nothing(tmp_path: Path) -> None:
    make_network(tmp_path, 2)
    (tmp_path / "keys" / "south.validator.key").unlink()
    network = LocalNetwork(tmp_path)
    assert refusal(OperatorError, network.start).code == "missing-key"
    assert not any(network.is_running(member) for member in network.members)
    with hold_network(tmp_path):
        """Nobody holds it any more."""


@pytest.mark.skipif(sys.platform != "linux", reason="nodes are forked on Linux only")
def test_servers_import_while_a_network_is_made_that_starts_next(tmp_path: Path, no_process_left: str) -> None:
    planned = default_specification(START_MS, observers=0)
    network = LocalNetwork.create(tmp_path, planned, is_started_here=True)
    servers = set(processes_with_mark(no_process_left))
    assert len(servers) == SERVERS_MAX
    with network:
        assert servers < set(processes_with_mark(no_process_left))
        parents = {psutil.Process(network.process_id(member)).ppid() for member in network.members}
        assert parents == servers
    assert processes_with_mark(no_process_left) == []
    with network:
        assert all(network.is_running(member) for member in network.members), "with servers begun anew"
    with pytest.raises(OperatorError):
        LocalNetwork.create(tmp_path, planned, is_started_here=True)
    held = LocalNetwork.create(tmp_path / "held", planned, is_started_here=True)
    with hold_network(tmp_path / "held"), pytest.raises(OperatorError):
        held.start()
    assert processes_with_mark(no_process_left) == [], "of a network that does not start either"


@pytest.mark.usefixtures("no_process_left")
def test_a_node_that_dies_at_once_is_told_with_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path)
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    with pytest.raises(OperatorError, match=r"output\.txt") as caught:
        LocalNetwork(tmp_path).start()
    assert caught.value.code == "node-failed"


def test_two_runners_do_not_share_a_network(tmp_path: Path) -> None:
    with running_network(tmp_path):
        assert refusal(OperatorError, InProcessNetwork(tmp_path).start).code == "network-running"


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="the holes are those of glibc's heap"
)
def test_what_a_node_received_leaves_no_holes_in_its_memory(tmp_path: Path) -> None:
    with running_processes(tmp_path) as network:
        inherited = Path(f"/proc/{network.process_id('north.validator')}/environ").read_bytes().split(b"\0")
    name, fixed = next(iter(ENVIRONMENT.items()))
    assert f"{name}={fixed}".encode() in inherited
    plain = {key: value for key, value in os.environ.items() if key != name}
    holes = [
        int(subprocess.run([sys.executable, "-c", RECEIVER], capture_output=True, check=True, env=environment).stdout)
        for environment in (plain, plain | ENVIRONMENT)
    ]
    assert holes[1] * 10 < holes[0], "bytes free between those in use, without and with what a node is given"


def test_a_node_without_its_mark_asks_the_others_and_votes_again(tmp_path: Path) -> None:
    make_network(tmp_path, 4)
    directory = tmp_path / "nodes" / "west.validator"
    (directory / VOTING_MARK).unlink()
    with InProcessNetwork(tmp_path) as network, network.client("north.member1") as client:
        numbers = count()

        def votes_again() -> bool:
            issue(client, f"A-{next(numbers)}")
            return has_voting_mark(directory)

        wait_until(votes_again, "it does not recover")
        network.kill("north.validator")  # from here on a quorum needs the recovered node
        with network.client("south.member1", node="south.validator") as other:
            issue(other, "B-1", to=BOB)


@pytest.mark.usefixtures("no_process_left")
def test_a_stopped_process_is_killed_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.network.local.STOP_SECONDS_MAX", 0.2)
    make_network(tmp_path)
    network = LocalNetwork(tmp_path)
    network.start()
    os.kill(network.process_id("north.validator"), signal.SIGSTOP)
    network.stop()
    assert not network.is_running("north.validator")


def test_a_node_of_this_process_that_does_not_stop_is_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    async def serve(node: Node, announce: Callable[[], None]) -> None:
        announce()
        try:
            await asyncio.Event().wait()
        finally:
            await node.close()
            ended.append(node.member)

    monkeypatch.setattr("nodes.network.in_process.serve", serve)
    monkeypatch.setattr("nodes.network.in_process.STOP_SECONDS_MAX", 1)
    make_network(tmp_path)
    with InProcessNetwork(tmp_path) as network:
        network.kill("north.validator")
        assert (network.is_running("north.validator"), ended) == (False, ["north.validator"])
