"""The groups of a room: each has a directory, a lab whose four nodes share one process, and that lab's control.

ROOM/group-01 … group-NN are ordinary labs: `tallystick lab … --dir ROOM/group-03` works on them too.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import OperatorError
from nodes.network.directory import is_network_running, leave_taken_ports, set_nodes
from nodes.network.fork_server import ForkServers
from nodes.network.local import LocalNetwork, ProcessNode
from nodes.node.files import CONTROL_FILE, LAB_TOKEN, NETWORK_FILE, OUTPUT, read_secret
from nodes.storage.lock import held
from scenarios.workshop.network import begin_lab

MODULE = "nodes.network.in_process"
GROUPS_MAX = 40
ENDING_SECONDS_MAX = 30
POLL_SECONDS = 0.05
ROOM_LOCK = "room.lock"
PORTS_EACH = 10
"""Group 3 of a room at port 8100 listens on 8131 to 8134, where these are free."""


@dataclass(slots=True)
class Group:
    """One group's lab."""

    number: int
    directory: Path
    ports: tuple[int, ...]
    """Of its nodes, in their order."""
    token: str
    process: ProcessNode | None = None

    @property
    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self.process is not None and self.process.exit_code is None

    def control_url(self) -> str:
        """Where its control listens; empty while it does not run."""
        try:
            return str(json.loads((self.directory / CONTROL_FILE).read_bytes())["url"]) if self.is_running else ""
        except (OSError, ValueError, KeyError):
            return ""

    def wait_ended(self) -> None:
        """Where the program of the room was killed, its groups notice and end by themselves, within a moment."""
        deadline = time.monotonic() + ENDING_SECONDS_MAX
        while is_network_running(self.directory) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def start(self, servers: ForkServers) -> None:
        """Starts its process; `wait_ready` of it says when it serves."""
        if not self.is_running:
            self.process = ProcessNode([MODULE, str(self.directory)], self.directory / OUTPUT, servers=servers)


def hold_room(room: Path) -> AbstractContextManager[None]:
    """Held by the program that serves the room, until its end; raises OperatorError at once if another does."""
    room.mkdir(parents=True, exist_ok=True)
    message = f"Another `lab serve` runs the room in {room}. Stop it there with Ctrl-C, or take another --dir."
    return held(room / ROOM_LOCK, OperatorError("network-running", message))


def make_groups(
    room: Path, count: int, first_port: int, host: str, scenario: str | None, allowed_hosts: Sequence[str] = ()
) -> tuple[Group, ...]:
    """The groups of a room, made where they do not exist yet; raises OperatorError."""
    if not 1 <= count <= GROUPS_MAX:  # check: group-count
        raise OperatorError("wrong-use", f"A room has 1 to {GROUPS_MAX} groups, asked were {count}.")
    groups = tuple(_group(room / f"group-{number:02}", number, first_port, host, scenario) for number in range(1, count + 1))
    for group in groups:
        set_nodes(group.directory, allowed_hosts=allowed_hosts)
    return groups


def _group(directory: Path, number: int, first_port: int, host: str, scenario: str | None) -> Group:
    specification, extension = begin_lab(scenario)
    if (directory / NETWORK_FILE).exists():
        leave_taken_ports(directory)
        network = LocalNetwork(directory)
        if network.file.extension != extension or not network.file.lab:  # check: group-scenario
            raise OperatorError("wrong-use", f"{directory} holds the lab of another scenario; take another --dir.")
        set_nodes(directory, host=host)
    else:
        first = first_port + PORTS_EACH * number + 1
        network = LocalNetwork.create(directory, specification, first_port=first, extension=extension, host=host)
    ports = tuple(int(url.rpartition(":")[2]) for url in network.urls.values())
    return Group(number, directory, ports, read_secret(directory / LAB_TOKEN))


@contextmanager
def running(groups: tuple[Group, ...], serving: Callable[[Group], None]) -> Iterator[None]:
    """Runs all groups, side by side; `serving` is called for each that serves. However it ends, none is left."""
    servers = ForkServers(len(groups), "scenarios.workshop.extension")
    try:
        for group in groups:
            group.wait_ended()
            group.start(servers)
        for group in groups:
            assert group.process is not None
            group.process.wait_ready()
            serving(group)
        yield
    finally:
        for group in groups:
            if group.process is not None:
                group.process.order("stop")
        for group in groups:
            if group.process is not None and not group.process.wait():
                group.process.kill()
        servers.close()
