"""A network on this machine: starts, stops, kills and restarts its nodes, one process a node.

A node's standard input is a pipe of this process. Closing it stops the node, and the system closes it
when this process ends, however it ends; so no node outlives its runner. A line `rest` lets a node close its files and
its port and wait, so that they can be changed under it; `begin` lets it read them and serve again. That takes a
fraction of the time of a new process.
"""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from ledger.errors import OperatorError
from ledger.primitives import Digest
from nodes.client import Client
from nodes.key_files import random_key
from nodes.links.faults import Fault, FaultList
from nodes.network.directory import (
    HOST,
    client_of,
    create_network,
    free_ports,
    hold_network,
    issue_tls_files,
    read_network,
    set_nodes,
)
from nodes.network.fork_server import ENVIRONMENT, ForkedProcess, ForkServers, module_command
from nodes.network.specification import KeySource, NetworkSpecification
from nodes.node.files import CONTROL_FILE, GENESIS_FILE, KEYS, LAB_TOKEN, OUTPUT, read_secret
from nodes.shutdown import WITH_PARENT, stop_on_signals

MODULE = "nodes.node.process"
"""What each node runs, and servers import beforehand."""
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 10
FOLLOW_SECONDS = 0.5
"""In pieces, because a wait without end cannot be interrupted on Windows."""


class RunningNode(Protocol):
    """A node that was started."""

    @property
    def process_id(self) -> int:
        """Process that it runs in."""

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""

    def order(self, word: Literal["stop", "rest", "begin"]) -> None:
        """To stop; to rest, its files and its port closed; or to serve again."""

    def wait_ready(self, seconds: float) -> None:
        """Returns when it serves; raises OperatorError with the node's own sentence if it does not."""

    def wait_resting(self, seconds: float) -> bool:
        """Whether it rests within that time; False also if it ended."""

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""

    def kill(self) -> None:
        """Ends it at once, without a chance to write anything more, and waits for that."""


class ProcessNode:
    """A node in a process of its own, or another long-lived part of a network that speaks the same way."""

    def __init__(self, command: list[str], output: Path, *, with_parent: bool = True, servers: ForkServers | None = None) -> None:
        """Starts `python -m COMMAND`, forked by one of the servers where that can be; its errors go to the file `output`."""
        command = [*command, *([WITH_PARENT] if with_parent else [])]
        with output.open("ab") as errors:
            forked = None if servers is None else servers.start(command, errors)
            self._process: ForkedProcess | subprocess.Popen[bytes] = forked or subprocess.Popen(  # noqa: S603
                module_command(*command),
                stdin=subprocess.PIPE if with_parent else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env={**ENVIRONMENT, **os.environ},
            )
        self._output = output
        self._answers: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        """What it says in turn; the last is empty, once it says no more."""
        self._with_parent = with_parent
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def process_id(self) -> int:
        """As the system knows it."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def order(self, word: Literal["stop", "rest", "begin"]) -> None:
        """Closes its standard input to stop it, or writes the word there.

        Windows removes and renames no file that a process has open, so there a process does not rest but ends.
        """
        if self._process.stdin is None:
            return
        with suppress(OSError):  # it has ended, and says no more
            if word == "stop" or (word == "rest" and os.name == "nt"):
                self._process.stdin.close()
            else:
                self._process.stdin.write(word.encode() + b"\n")
                self._process.stdin.flush()

    def wait_ready(self, seconds: float = START_SECONDS_MAX) -> None:
        """Returns when it serves; raises OperatorError with the node's own sentence if it does not."""
        answer = self._next_answer(seconds)
        if "error" in answer:
            raise OperatorError(answer["error"], answer["message"])
        if not answer:
            raise OperatorError("node-failed", f"A node did not start within {seconds} s; see {self._output}.")

    def wait_resting(self, seconds: float = STOP_SECONDS_MAX) -> bool:
        """Whether it rests within that time; False also if it ended."""
        return "resting" in self._next_answer(seconds)

    def wait(self, seconds: float = STOP_SECONDS_MAX) -> bool:
        """Whether it ended within that time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._release()
        return True

    def kill(self) -> None:
        """SIGKILL where the system has it, TerminateProcess on Windows."""
        self._process.kill()
        self._process.wait()
        self._release()

    def follow(self, announce: Callable[[], None]) -> None:
        """Calls `announce` when it serves, and returns when it has ended: by itself, or since a signal stops this process."""
        stop_on_signals(lambda: self.order("stop"))
        try:
            self.wait_ready()
            announce()
            while not self.wait(FOLLOW_SECONDS):
                pass
        except BaseException:
            self.kill()
            raise

    def leave(self) -> None:
        """Lets go of a process that is to outlive this one."""
        self._process.returncode = 0  # or its end would be waited for
        self._release()

    def _next_answer(self, seconds: float) -> dict[str, str]:
        """Empty where it said nothing in that time, or says no more."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return {}

    def _listen(self) -> None:
        """A process that takes no orders says one thing only, and may outlive this one."""
        for line in self._process.stdout or ():
            self._answers.put(json.loads(line))
            if not self._with_parent:
                return
        self._answers.put({})

    def _release(self) -> None:
        self._listening.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


class LocalNetwork:
    """The network of a directory. As a context manager it starts on entry and stops on exit."""

    servers: ForkServers | None = None
    """What its nodes are forked by; None: servers of its own, from its start until it stops."""

    def __init__(self, directory: Path) -> None:
        """Of an existing directory; raises OperatorError `no-network`."""
        self.directory = directory
        self.file = read_network(directory)
        self.ledger = Digest(self.file.ledger)
        self._nodes: dict[str, RunningNode] = {}
        self._held = ExitStack()
        self._servers = self.servers
        self._prepared: ForkServers | None = None
        """Of its own, before its first start."""

    @classmethod
    def create(
        cls,
        directory: Path,
        specification: NetworkSpecification,
        *,
        is_lab: bool = True,
        keys: KeySource | None = None,
        first_port: int | None = None,
        has_tls: bool = False,
        extension: Sequence[str] = (),
        host: str = HOST,
        is_started_here: bool = False,
    ) -> Self:
        """Makes the directory. Ports are chosen by chance, unless `first_port` and those after it are all free.

        The nodes listen at `host`: at this machine's loopback, or at `EVERYWHERE`. Each other they reach by the loopback.
        With `is_started_here` servers import what nodes run while the files are written; `start` comes next.
        """
        ports = free_ports(len(specification.nodes()), first_port)
        source = keys or (lambda name: random_key())
        with ExitStack() as on_failure:
            prepared = None
            if is_started_here and cls.servers is None:
                prepared = on_failure.enter_context(closing(_prepared_servers(directory, len(ports))))
            create_network(directory, specification, source, is_lab=is_lab, ports=ports, has_tls=has_tls, extension=extension)
            if host != HOST:
                set_nodes(directory, host=host)
            network = cls(directory)
            network._prepared = prepared
            network._held = on_failure.pop_all()
        return network

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of the nodes, validators first."""
        return tuple(node.member for node in self.file.nodes)

    @property
    def urls(self) -> Mapping[str, str]:
        """Address of each node by member id."""
        return self.file.urls()

    @property
    def genesis_bytes(self) -> bytes:
        """What every proof leads to."""
        return (self.directory / GENESIS_FILE).read_bytes()

    @property
    def lab_token(self) -> str:
        """The secret of lab calls; raises OperatorError when the network is no lab."""
        return read_secret(self.directory / LAB_TOKEN)

    def key_path(self, member: str) -> Path:
        """The key file of a member, or of an organization's root."""
        return self.directory / KEYS / f"{member}.key"

    def key_names(self) -> frozenset[str]:
        """Members whose keys lie here."""
        return frozenset(path.stem for path in (self.directory / KEYS).glob("*.*.key"))

    def client(self, member: str | None = None, node: str | None = None, language: str = "en") -> Client:
        """A client of one node (the first, unless named), signing as a member if one is given."""
        return client_of(self.directory, node, member=member, language=language)

    def start(self) -> None:
        """Starts every node that does not run, side by side, and waits until all serve; on failure none is left.

        Raises OperatorError `nodes-elsewhere` for a network whose nodes run on several hosts.
        """
        if not all(node.directory for node in self.file.nodes):  # check: nodes-here
            message = f"The nodes of the network in {self.directory} run on their own hosts, each from its folder."
            raise OperatorError("nodes-elsewhere", f"{message} `tallystick node run FOLDER` starts one.")
        try:
            if self.file.has_tls:
                issue_tls_files(self.directory, self.members)
            if not self._nodes:
                self._held.enter_context(hold_network(self.directory))
                prepared, self._prepared = self._prepared or self.servers, None
                self._servers = prepared or self._held.enter_context(closing(ForkServers(len(self.members))))
                (self.directory / CONTROL_FILE).unlink(missing_ok=True)  # of a runner that was killed
            ended = [member for member in self.members if not self.is_running(member)]
            for member in ended:
                self._start(member)
            for member in ended:
                self._nodes[member].wait_ready(START_SECONDS_MAX)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops every node; one that does not end in time is killed."""
        nodes, self._nodes = self._nodes, {}
        for node in nodes.values():
            node.order("stop")
        for node in nodes.values():
            if not node.wait(STOP_SECONDS_MAX):
                node.kill()
        self._held.close()

    def kill(self, member: str) -> None:
        """Ends one node as a power cut would."""
        self._nodes[member].kill()

    def halt(self, member: str) -> None:
        """Stops one node; if it does not end in time it is killed."""
        self._nodes[member].order("stop")
        if not self._nodes[member].wait(STOP_SECONDS_MAX):
            self._nodes[member].kill()

    def restart(self, member: str) -> None:
        """Starts one node again, stopping it first if it runs, and waits until it serves."""
        if self.is_running(member):
            self.halt(member)
        self._start(member)
        self._nodes[member].wait_ready(START_SECONDS_MAX)

    @contextmanager
    def at_rest(self, *members: str) -> Iterator[None]:
        """Inside, these nodes, all unless named, have their files and ports closed; afterwards all of them serve.

        Whatever takes a ledger back needs all of them at rest: a node that ran on would teach the others what they knew.
        """
        resting = [self._nodes[member] for member in members or self.members if self.is_running(member)]
        for node in resting:
            node.order("rest")
        for node in resting:
            if not node.wait_resting(STOP_SECONDS_MAX):
                node.kill()  # or wait for the end of one that has none but this way to rest
        try:
            yield
        finally:
            for member in members or self.members:
                if self.is_running(member):
                    self._nodes[member].order("begin")
                else:
                    self._start(member)
            for member in members or self.members:
                self._nodes[member].wait_ready(START_SECONDS_MAX)

    def is_running(self, member: str) -> bool:
        """Whether this runner has started the node and it has not ended."""
        return member in self._nodes and self._nodes[member].exit_code is None

    def process_id(self, member: str) -> int:
        """Process in which a started node runs."""
        return self._nodes[member].process_id

    def set_clock(self, time_ms: int, *members: str) -> None:
        """Moves the clock of every running node of a lab, or of those named, forward to an instant."""
        for member in filter(self.is_running, members or self.members):
            with self.client(node=member) as client:
                client.set_clock(time_ms, self.lab_token)

    def set_faults(self, member: str, *faults: Fault) -> None:
        """Gives a running node of a lab these faults and takes all others away; without any its links are well again."""
        with self.client(node=member) as client:
            client.set_faults(FaultList(faults=faults).to_json()["faults"], self.lab_token)

    def _launch(self, directory: Path) -> RunningNode:
        return ProcessNode([MODULE, str(directory)], directory / OUTPUT, servers=self._servers)

    def _start(self, member: str) -> None:
        if member in self._nodes:
            self._nodes[member].wait(STOP_SECONDS_MAX)  # it has ended, perhaps by itself: its pipes are closed
        node = next(n for n in self.file.nodes if n.member == member)
        self._nodes[member] = self._launch(self.directory / node.directory)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _prepared_servers(directory: Path, nodes: int) -> ForkServers:
    servers = ForkServers(nodes)
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / OUTPUT).open("ab") as errors:
        servers.prepare(MODULE, errors)
    return servers
