"""Forked processes are as those that are started: of their own files, chance and end; and where none forks, one is started."""

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from ledger.encoding import encode
from nodes.network.fork_server import ForkedProcess, ForkServers
from nodes.network.local import LocalNetwork, ProcessNode
from nodes.shutdown import WITH_PARENT
from tests.http_support import asked
from tests.network_support import make_network, running_processes

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="no process forks elsewhere"),
    pytest.mark.usefixtures("no_process_left"),
]
PROBE = "tests.fork_probe"
SECONDS_MAX = 30


class Probes:
    """Processes forked by two servers of their own."""

    def __init__(self, directory: Path) -> None:
        self.servers = ForkServers()
        self.errors = directory / "errors.txt"

    def start(self, end: object = 0) -> ForkedProcess:
        with self.errors.open("ab") as errors:
            process = self.servers.start([PROBE, str(end)], errors)
        assert process is not None
        return process

    def found(self, end: object = 0) -> dict[str, Any]:
        """What one tells, which then ends."""
        process = self.start(end)
        with process.stdin, process.stdout:
            found: dict[str, Any] = json.loads(process.stdout.readline())
            process.stdin.close()
            process.wait(SECONDS_MAX)
        return found


@pytest.fixture
def probes(tmp_path: Path) -> Iterator[Probes]:
    made = Probes(tmp_path)
    with closing(made.servers):
        yield made


def test_hash_seeds_of_the_two_servers_differ(probes: Probes) -> None:
    first, second, third, fourth = (probes.found()["order"] for _ in range(4))
    assert first != second
    assert (first, second) == (third, fourth), "they are asked in turn"


def test_a_forked_process_has_chance_of_its_own(probes: Probes) -> None:
    drawn = [probes.found()["chance"] for _ in range(4)]
    for kind in zip(*drawn, strict=True):
        assert len(set(kind)) == len(drawn)


def test_a_forked_process_begins_as_any_other(probes: Probes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probes.found()
    monkeypatch.chdir(tmp_path)
    found = probes.found()
    assert found["files"] == ["0", "1", "2", "3"], "its three, and the list of them that it reads"
    assert found["threads"] == 1
    assert found["session"]
    assert found["folder"] == [str(tmp_path)] * 2
    assert found["frozen"] > 0


@pytest.mark.parametrize("servers", [ForkServers(1), None], ids=["forked", "started"])
def test_a_file_called_as_a_module_of_python_stops_no_node(
    servers: ForkServers | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("token", "types", "random"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('somebody's own file')")
    monkeypatch.chdir(tmp_path)
    with closing(servers) if servers else nullcontext():
        node = ProcessNode(["nodes.node.process", str(tmp_path / "nowhere")], tmp_path / "output", servers=servers)
        assert node.wait(SECONDS_MAX)
    assert "own file" not in (tmp_path / "output").read_text()
    assert "nowhere" in (tmp_path / "output").read_text()


@pytest.mark.parametrize(("end", "code"), [(0, 0), (7, 7), ("none", 1)])
def test_a_forked_process_ends_with_its_code(probes: Probes, end: object, code: int) -> None:
    process = probes.start(end)
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(SECONDS_MAX) == process.poll() == code
    process.stdout.close()
    assert ("ValueError" in probes.errors.read_text()) == (code == 1)


def test_many_threads_wait_for_one_end(probes: Probes) -> None:
    process = probes.start(7)
    with process.stdin, process.stdout, ThreadPoolExecutor() as threads:
        waiting = [threads.submit(process.wait, SECONDS_MAX) for _ in range(3)]
        assert process.poll() is None
        process.stdin.close()
        assert [thread.result() for thread in waiting] == [7] * 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_is_told_as_the_end(probes: Probes, number: signal.Signals) -> None:
    process = probes.start()
    with process.stdin, process.stdout:
        os.kill(process.pid, number)
        assert process.wait(SECONDS_MAX) == -number
        process.kill()


def test_forked_nodes_have_keys_and_sessions_of_their_own(tmp_path: Path) -> None:
    with running_processes(tmp_path, 3) as network:
        first, second, third = (server_of(network.process_id(member)) for member in network.members)
        assert first == third != second
        sessions = [session(network, member) for member in network.members]
    assert min(abs(sessions[0] - sessions[2]), abs(sessions[0] - sessions[1])) > 2**64, "each drawn, not the next one"


def test_a_node_begins_again_from_the_same_servers(tmp_path: Path) -> None:
    with running_processes(tmp_path, 2) as network:
        before = {member: network.process_id(member) for member in network.members}
        servers = {server_of(process) for process in before.values()}
        for member in network.members:
            network.kill(member)
            network.restart(member)
            assert network.process_id(member) != before[member]
            assert server_of(network.process_id(member)) in servers
            words = Path(f"/proc/{network.process_id(member)}/cmdline").read_text().rstrip("\0").split("\0")
            assert words[1:] == ["-m", "nodes.node.process", str(tmp_path / "nodes" / member), WITH_PARENT]


def test_a_server_that_was_killed_is_replaced(tmp_path: Path) -> None:
    make_network(tmp_path)
    member = "north.validator"
    with LocalNetwork(tmp_path) as network:
        server = server_of(network.process_id(member))
        end(server)
        assert network.is_running(member), "a node outlives its server"
        network.restart(member)
        assert server_of(network.process_id(member)) == os.getpid(), "started, not forked"
        network.restart(member)
        assert server_of(network.process_id(member)) not in (server, os.getpid())


def test_an_interrupted_start_leaves_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path, 2)
    network = LocalNetwork(tmp_path)
    monkeypatch.setattr(socket, "recv_fds", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        network.start()


def test_a_request_that_was_broken_off_gives_no_other_one_its_answer(probes: Probes, monkeypatch: pytest.MonkeyPatch) -> None:
    probes.found()
    monkeypatch.setattr(socket, "recv_fds", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        probes.start()
    monkeypatch.undo()
    codes: list[int | None] = []
    for code in (3, 4, 5, 6):
        with probes.errors.open("ab") as errors:
            process = probes.servers.start([PROBE, str(code)], errors)
        if process is None:
            codes.append(None)
            continue
        with process.stdin, process.stdout:
            process.stdin.close()
            codes.append(process.wait(SECONDS_MAX))
    assert codes == [3, None, 5, 6], "one server was broken, and is replaced"


def test_without_a_handle_nothing_was_forked(probes: Probes, monkeypatch: pytest.MonkeyPatch) -> None:
    receive = socket.recv_fds

    def without_handle(*arguments: Any) -> tuple[bytes, list[int], int, Any]:
        answer, handles, *more = receive(*arguments)
        os.close(handles[0])
        return answer, [], more[0], more[1]

    monkeypatch.setattr(socket, "recv_fds", without_handle)
    with probes.errors.open("ab") as errors:
        assert probes.servers.start([PROBE, "0"], errors) is None
    monkeypatch.undo()
    assert [probes.found()["threads"] for _ in range(2)] == [1, 1]


def test_servers_that_were_closed_fork_nothing(probes: Probes) -> None:
    probes.found()
    probes.servers.close()
    with probes.errors.open("ab") as errors:
        assert probes.servers.start([PROBE, "0"], errors) is None


def test_an_owner_that_ignores_ends_of_children_learns_them(probes: Probes) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        process = probes.start(7)
    finally:
        signal.signal(signal.SIGCHLD, before)
    with process.stdin, process.stdout:
        process.stdin.close()
        assert process.wait(SECONDS_MAX) == 7


def test_where_nothing_forks_nodes_are_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with running_processes(tmp_path, 2) as network:
        network.restart("north.validator")
        assert {server_of(network.process_id(member)) for member in network.members} == {os.getpid()}


def session(network: LocalNetwork, member: str) -> int:
    """The next session of a node, which answers in its own name only."""
    request = encode({"ledger": network.ledger, "receiver": member, "sender": "south.validator"})
    return int(asked(f"{network.urls[member]}/node/session", "POST", request).json["session"], 16)


def server_of(process: int) -> int:
    """The parent of a process."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def end(process: int) -> None:
    """Kills a process and waits until it has ended."""
    handle = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    assert select.select([handle], [], [], SECONDS_MAX)[0]
    os.close(handle)
