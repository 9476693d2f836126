"""Small networks for tests of nodes: few members, so that they are made and started fast."""

import asyncio
import atexit
import json
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from nodes.client import Client
from nodes.client.outcome import Outcome
from nodes.network.directory import create_network, free_ports, set_nodes
from nodes.network.fork_server import ForkServers
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.network.specification import NAMES, NetworkSpecification, default_specification, seeded_keys
from nodes.node.files import LOG, NetworkFile, read_node_settings
from nodes.node.node import Node
from nodes.node.process import serve
from nodes.sample_contract import Asset
from tests.support import ALICE

STOP_SECONDS_MAX = 30
WAIT_S = 60
NODE = Path("nodes/north.validator")
"""The first node's directory in that of its network."""
START_MS = time.time_ns() // 1_000_000 - 1_000
T = TypeVar("T")
LocalNetwork.servers = ForkServers()
"""The tests of one worker share them, but for those that watch the processes they start: what these start bears a mark."""
atexit.register(LocalNetwork.servers.close)


def wait_until(condition: Callable[[], T], what: str) -> T:
    """Asks again until there is something, which it returns; fails after a minute with what was waited for."""
    deadline = time.monotonic() + WAIT_S
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {WAIT_S} s: {what}"
        time.sleep(0.02)
    return found


def wait_for_height(client: Client, height: int) -> None:
    """Until the client's node has that block."""
    wait_until(lambda: client.node()["height"] >= height, f"height {height}")


def issue(client: Client, *numbers: str, to: str = ALICE) -> Outcome:
    """Assets that the client's member issues, one after another; what became of the last."""
    *_, last = (client.call(Asset.issue, number=number, to=to) for number in numbers)
    return last


def records(client: Client, kind: str) -> list[dict[str, Any]]:
    """All of one kind in the log of the client's node."""
    found: list[dict[str, Any]] = []
    after = "0"
    while (page := client.get("/v1/log", after=after, limit=500))["log"]:
        found += [record for record in page["log"] if record["kind"] == kind]
        after = page["next"]
    return found


def logged(network: LocalNetwork, member: str, kind: str) -> list[dict[str, Any]]:
    """Records of one kind in the log file of a node."""
    lines = (network.directory / "nodes" / member / LOG).read_text().splitlines()
    return [json.loads(line) for line in lines if f'"kind":"{kind}"' in line]


def specification(validators: int = 1) -> NetworkSpecification:
    """Organizations with a validator, an admin and one member each."""
    return default_specification(START_MS, members_each=1, names=NAMES[:validators])


def make_network(
    directory: Path,
    validators: int = 1,
    *,
    is_lab: bool = True,
    seed: int = 1,
    ports: Sequence[int] = (),
    has_tls: bool = False,
    **settings: object,
) -> NetworkFile:
    """The directory of a network that nobody has started; its nodes have these settings."""
    chosen = ports or free_ports(validators)
    keys = seeded_keys(seed)
    made = create_network(directory, specification(validators), keys, is_lab=is_lab, ports=chosen, has_tls=has_tls)
    set_nodes(directory, **settings)
    return made


@contextmanager
def running_network(directory: Path, validators: int = 1, **made: Any) -> Iterator[InProcessNetwork]:
    """Makes a network as `make_network` does, and runs its nodes in this process."""
    make_network(directory, validators, **made)
    with InProcessNetwork(directory) as network:
        yield network


@contextmanager
def running_processes(directory: Path, validators: int = 1, **made: Any) -> Iterator[LocalNetwork]:
    """The same with a process for each node."""
    make_network(directory, validators, **made)
    with LocalNetwork(directory) as network:
        yield network


@asynccontextmanager
async def serving_node(network: Path, member: str = "north.validator") -> AsyncIterator[Node]:
    """One node of a network in the event loop of the caller; raises what stopped it."""
    node, is_serving = Node(read_node_settings(network / "nodes" / member)), asyncio.Event()
    running = asyncio.create_task(serve(node, is_serving.set))
    await asyncio.wait((running, asyncio.create_task(is_serving.wait())), return_when=asyncio.FIRST_COMPLETED)
    try:
        yield node
    finally:
        node.request_stop()
        await asyncio.wait_for(running, STOP_SECONDS_MAX)


def content(archive: Path, name: str) -> bytes:
    """One file of a zip file."""
    with zipfile.ZipFile(archive) as opened:
        return opened.read(name)


def zipped(archive: Path, entries: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip file of these, written at that place."""
    with zipfile.ZipFile(archive, "w", method) as made:
        for name, data in entries:
            made.writestr(name, data)
    return archive


def repacked(archive: Path, **files: bytes) -> Path:
    """The zip file, in a copy beside it, with these files in place of its own or beside them."""
    with zipfile.ZipFile(archive) as old:
        whole = {name: old.read(name) for name in old.namelist()}
    return zipped(archive.with_name("odd.zip"), {**whole, **files}.items())


def with_database(archive: Path, name: str, change: Callable[[Path], object]) -> Path:
    """The zip file after a change of one of the databases in it."""
    database = archive.with_name("changed.sqlite3")
    database.write_bytes(content(archive, name))
    change(database)
    return repacked(archive, **{name: database.read_bytes()})
