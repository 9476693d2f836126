"""A network of measured nodes in a directory of its own."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import IndefiniteError, OperatorError
from nodes.bench.generator import Request
from nodes.bench.load import prepared_load
from nodes.bench.reading import PATH, STAGES_ARGUMENT, Reading
from nodes.http_client import ask_once
from nodes.network.local import LocalNetwork, ProcessNode, RunningNode
from nodes.network.specification import NetworkSpecification, default_specification
from nodes.node.clock import wall_ms
from nodes.node.files import OUTPUT

POLL_SECONDS = 0.02
FINAL_SECONDS_MAX = 300
REQUEST_SECONDS_MAX = 30


class MeasuredNetwork(LocalNetwork):
    """Its nodes tell what they cost."""

    with_stages = False

    def _launch(self, directory: Path) -> RunningNode:
        more = [STAGES_ARGUMENT] if self.with_stages else []
        return ProcessNode(["nodes.bench.measured_node", str(directory), *more], directory / OUTPUT)

    def readings(self) -> list[Reading]:
        """Counters of all nodes."""
        return [_read(url) for url in self.urls.values()]

    def wait_final(self, transactions: int) -> float:
        """Waits until that many are final on every node; returns the moment, on the monotonic clock."""
        deadline = time.monotonic() + FINAL_SECONDS_MAX
        urls = list(self.urls.values())
        while urls:
            now = time.monotonic()
            if _read(urls[-1]).final >= transactions:
                urls.pop()
                continue
            if now > deadline:
                raise OperatorError("bench-stuck", f"{transactions} transactions were not final after {FINAL_SECONDS_MAX} s.")
            time.sleep(POLL_SECONDS)
        return time.monotonic()

    def run(self, requests: Sequence[Request], transactions: int, processes: int, connections: int) -> "Run":
        """Sends the requests, which hold that many transactions, and waits until they are final on all nodes."""
        urls = list(self.urls.values())
        chosen = [urls[number % len(urls)] for number in range(processes)]
        with prepared_load(self.directory, chosen, connections, requests) as load:
            before = self.readings()
            started = load.go()
            ended = self.wait_final(before[0].final + transactions)
            after = self.readings()
            client_cpu_seconds = sum(result["cpu_seconds"] for result in load.results())
        return Run(transactions, ended - started, tuple(before), tuple(after), client_cpu_seconds)


@dataclass(frozen=True, slots=True)
class Run:
    """One load and what it took."""

    transactions: int
    seconds: float
    """From the word to the senders until all is final on all nodes."""
    before: tuple[Reading, ...]
    after: tuple[Reading, ...]
    client_cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Committed transactions a second."""
        return self.transactions / self.seconds

    @property
    def cpu_us(self) -> float:
        """Processor microseconds of one node for one transaction."""
        return self._each_us(sum(b.cpu_ns - a.cpu_ns for a, b in zip(self.before, self.after, strict=True)))

    @property
    def cores_busy(self) -> float:
        """Cores that nodes and senders kept busy: less than the machine has means that something else was waited for."""
        nodes_ns = sum(b.cpu_ns - a.cpu_ns for a, b in zip(self.before, self.after, strict=True))
        return (nodes_ns / 1e9 + self.client_cpu_seconds) / self.seconds

    def stages_us(self) -> dict[str, float]:
        """The same by stage; empty unless the network has stages."""
        names = self.after[0].stages_ns
        pairs = list(zip(self.before, self.after, strict=True))
        return {name: self._each_us(sum(b.stages_ns[name] - a.stages_ns[name] for a, b in pairs)) for name in names}

    def _each_us(self, nanoseconds: int) -> float:
        return nanoseconds / 1_000 / self.transactions / len(self.after)


@contextmanager
def measured_network(
    directory: Path, *, with_stages: bool = False, nodes: NetworkSpecification | None = None
) -> Iterator[MeasuredNetwork]:
    """A fresh network of four organizations, running until the block ends."""
    specification = nodes or default_specification(wall_ms())
    network = MeasuredNetwork.create(directory, specification, is_lab=False, first_port=None)
    network.with_stages = with_stages
    with network:
        yield network


def _read(url: str) -> Reading:
    try:
        return Reading(**ask_once("GET", url + PATH, seconds_max=REQUEST_SECONDS_MAX).json())
    except (IndefiniteError, ValueError) as error:
        raise OperatorError("bench-failed", f"The node at {url} gave no counters: {error}.") from error
