"""A network over hosts: four organizations, each with a host of its own for its node and an office for its people."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nodes.client import Client
from nodes.network.directory import client_of
from nodes.network.local import MODULE, ProcessNode
from nodes.network.specification import NAMES
from nodes.node.files import NETWORK_FILE, NODE_FILE, NODES, OUTPUT, NodeFile, read_file, write_file
from tests.commands import answer, succeeds
from tests.namespaces import Hosts, hosts
from tests.project import ROOT

PORT = 18601
"""Of each node, in a network of its own."""
MEMBERS_EACH = 4
STOP_S_MAX = 20


class HostNetwork:
    """Hosts 0 to 3, one for each organization of `NAMES`. A host's disk is a folder, which holds no key but its node's."""

    def __init__(self, folder: Path, machines: Hosts, delta_ms: int, delay_ms: int | None = None) -> None:
        """`delta_ms` is the ledger's Δ. With `delay_ms` nodes reach each other through a proxy that takes so long each way."""
        self.folder, self.hosts, self.members = folder, machines, [f"{name}.validator" for name in NAMES]
        self.nodes: dict[int, ProcessNode] = {}
        self._proxy = None if delay_ms is None else self._start_proxy(delay_ms)
        self._lay_out(delta_ms)

    def disk(self, number: int) -> Path:
        """What would be lost with the machine."""
        return self.folder / f"host{number}"

    def node_directory(self, number: int) -> Path:
        """On that disk."""
        return self.disk(number) / self.members[number]

    def office(self, number: int) -> Path:
        """The organization's office, which keeps its root and the keys of its people."""
        return self.folder / NAMES[number]

    def move_in(self, number: int) -> None:
        """Takes a node's folder from the office to the host."""
        shutil.move(self.office(number) / NODES / self.members[number], self.node_directory(number))
        if self._proxy is not None:
            settings = self.node_directory(number) / NODE_FILE
            write_file(settings, read_file(settings, NodeFile).model_copy(update={"host": self.hosts.address(number)}))

    def start(self, *numbers: int) -> None:
        """Starts nodes, all unless some are named, and waits until they serve."""
        for number in numbers or range(len(NAMES)):
            place = self.node_directory(number)
            with self.hosts.hosts[number].entered():
                self.nodes[number] = ProcessNode([MODULE, str(place)], place / OUTPUT)
        for number in numbers or range(len(NAMES)):
            self.nodes[number].wait_ready()

    def stop(self, *numbers: int) -> None:
        """Stops nodes as a service is stopped, all unless some are named."""
        chosen = [self.nodes.pop(number) for number in numbers or tuple(self.nodes)]
        for node in chosen:
            node.order("stop")
        for node in chosen:
            if not node.wait(STOP_S_MAX):
                node.kill()

    def lose(self, number: int) -> None:
        """The machine burns, with its disk; another one takes its place and address, with an empty disk."""
        self.nodes.pop(number).kill()
        shutil.rmtree(self.disk(number))
        self.disk(number).mkdir()
        self.hosts.replace(number)

    @contextmanager
    def client(self, number: int, member: str = "member1", nodes: Sequence[str] = ()) -> Iterator[Client]:
        """On a host, of its own node unless others are named, signing as a member of its organization."""
        with self.hosts.hosts[number].entered(), ExitStack() as opened:
            asked = nodes or (self.members[number],)
            yield opened.enter_context(client_of(self.office(number), *asked, member=f"{NAMES[number]}.{member}"))

    def processes(self) -> list[int]:
        """Ids of the nodes' processes and the proxy's."""
        return [node.process_id for node in self.nodes.values()] + ([] if self._proxy is None else [self._proxy.pid])

    def set_delay(self, delay_ms: int) -> None:
        """Of all that the proxy takes from now on."""
        assert self._proxy is not None
        assert self._proxy.stdin is not None
        self._proxy.stdin.write(f"{delay_ms}\n".encode())
        self._proxy.stdin.flush()

    def close(self) -> None:
        """Stops what runs, and lets go of the hosts."""
        self.stop(*self.nodes)
        if self._proxy is not None:
            self._proxy.communicate(timeout=STOP_S_MAX)
        self.hosts.close()

    def _start_proxy(self, delay_ms: int) -> subprocess.Popen[bytes]:
        pairs = [(f"{self.hosts.far_address(n)}:{PORT}", f"{self.hosts.address(n)}:{PORT}") for n in range(len(NAMES))]
        command = [sys.executable, "-m", "tests.delay_proxy", str(delay_ms), *(place for pair in pairs for place in pair)]
        with self.hosts.router.entered():
            proxy = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert proxy.stdout is not None
        assert proxy.stdout.readline() == b"ready\n"
        return proxy

    def _lay_out(self, delta_ms: int) -> None:
        address = self.hosts.address if self._proxy is None else self.hosts.far_address
        lay_out(self.folder, [f"{address(number)}:{PORT}" for number in range(len(NAMES))], delta_ms)
        for number in range(len(NAMES)):
            self.disk(number).mkdir()
            self.move_in(number)
            if self._proxy is not None:  # its own people reach it directly
                place = self.office(number) / NETWORK_FILE
                place.write_text(place.read_text().replace(self.hosts.far_address(number), self.hosts.address(number)))


def lay_out(folder: Path, addresses: Sequence[str], delta_ms: int) -> None:
    """All steps of a plan of the organizations of `NAMES`, with a node each; the office of each is a folder of its name."""
    text = [f"start_time = {datetime.now(UTC).isoformat()}", f"parameters = {{ delay_ms = {delta_ms} }}"]
    text.append('contracts = { asset = "nodes.sample_contract:Asset" }')
    for name, address in zip(NAMES, addresses, strict=True):
        node = f'{{ name = "validator", roles = ["validator"], address = "{address}" }}'
        people = [f'{{ name = "member{one}", roles = ["member"] }}' for one in range(1, MEMBERS_EACH + 1)]
        members = ", ".join((node, '{ name = "admin", roles = ["admin"] }', *people))
        text.append(f'[[organizations]]\nname = "{name}"\nmembers = [{members}]')
    plan = folder / "plan.toml"
    plan.write_text("\n".join(text))
    for step in ("offer", "gather", "approve", "install"):
        told = ("--ledger", answer("network", "plan", plan, "--json")["ledger"]) if step == "install" else ()
        for name in NAMES:
            whose = () if step == "gather" else (name, "--dir", folder / name)
            home = ("--home", folder / name / NODES) if step == "install" else ()
            succeeds("network", step, plan, *whose, *told, *home)


@contextmanager
def host_network(folder: Path, delta_ms: int, delay_ms: int | None = None) -> Iterator[HostNetwork]:
    """A network whose nodes run; the test is skipped where there can be no hosts."""
    network = HostNetwork(folder, hosts(len(NAMES)), delta_ms, delay_ms)
    try:
        network.start()
        yield network
    finally:
        network.close()
