"""A network of its own, measured from outside: by its answers, by `/metrics`, and by what the system knows of its processes."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from ledger.contract.contract import Operation
from ledger.errors import JsonValue, OperatorError
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from ledger.transaction import Transaction, sign_transaction
from nodes.bench.amounts import BYTES_PER_MB, Sizes
from nodes.client import Client
from nodes.http_client import HttpClient
from nodes.key_files import read_key
from nodes.links.connection import KeptConnection
from nodes.network.local import LocalNetwork
from nodes.network.specification import default_specification
from nodes.node.clock import wall_ms
from nodes.sample_contract import Asset

POLL_SECONDS = 0.02
FINAL_SECONDS_MAX = 300
REQUEST_SECONDS_MAX = 300
ANSWER_BYTES_MAX = 10_000_000
WAIT_SECONDS = 30
PAGE = 500
BUSY = (429, 503)
BUSY_SECONDS = 0.2
"""Until a request that found the node busy is sent again: shorter than a node asks for, since nothing else waits."""
TRIES_MAX = 500
COMMITTED = re.compile(r"^tallystick_transactions_total\{.*\} (\S+)$", re.MULTILINE)
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
LIFETIME_MS = 500_000
"""Shorter than the longest that a ledger allows by default."""
HOT_KEY = "hot"
SIGNERS_MAX = 16


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and the path to ask for before the next one: so a client waits until what it sent is final."""

    method: str
    path: str
    body: bytes = b""
    then: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """Transactions that were sent, and what they took."""

    transactions: int
    nodes: int
    seconds: float
    """From the first request until all is final on all nodes."""
    nodes_cpu_seconds: float
    client_cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Committed transactions a second."""
        return self.transactions / self.seconds

    @property
    def cpu_us(self) -> float:
        """Processor microseconds of one node for one transaction."""
        return self.nodes_cpu_seconds * 1_000_000 / self.transactions / self.nodes

    @property
    def cores_busy(self) -> float:
        """Cores that nodes and senders kept busy: fewer than the machine has means that something else was waited for."""
        return (self.nodes_cpu_seconds + self.client_cpu_seconds) / self.seconds


class MeasuredNetwork(LocalNetwork):
    """Its nodes are ordinary ones."""

    @property
    def only_node(self) -> Path:
        """The directory of the node of a network of one."""
        (node,) = self.file.nodes
        return self.directory / node.directory

    def load(self, transactions: Sequence[Transaction], sizes: Sizes) -> Load:
        """Sends transactions in lists, waiting for the last of each, until all are final on all nodes."""
        size = sizes.list_transactions
        parts = [transactions[first : first + size] for first in range(0, len(transactions), size)]
        requests = [
            Request("POST", "/v1/transactions", as_list(part), f"/v1/transactions/{part[-1].id}?wait={WAIT_SECONDS}")
            for part in parts
        ]
        return asyncio.run(self._load(requests, len(transactions), sizes.connections))

    def load_singly(self, transactions: Sequence[Transaction], sizes: Sizes) -> Load:
        """Sends one transaction a request, each answered with its receipt."""
        requests = [Request("POST", f"/v1/transactions?wait={WAIT_SECONDS}", transaction.raw) for transaction in transactions]
        return asyncio.run(self._load(requests, len(transactions), sizes.single_connections))

    def send(self, requests: Sequence[Request], urls: Sequence[str], connections: int) -> float:
        """Seconds for these requests, dealt out over nodes; raises OperatorError `bench-refused` for a refused one."""
        return asyncio.run(_send_all(requests, urls, connections))

    def peak_memory_mb(self) -> float:
        """The most memory that a node has held; what the largest holds now where the system does not keep that."""
        return max(peak_memory_bytes(self.process_id(member)) for member in self.members) / BYTES_PER_MB

    def pss_mb(self) -> float | None:
        """What the largest node holds now, of memory that processes share its part; None where the system does not tell."""
        shares = [_told_bytes(self.process_id(member), "smaps_rollup", PSS) for member in self.members]
        return max(shares) / BYTES_PER_MB if all(shares) else None

    async def _load(self, requests: Sequence[Request], transactions: int, connections: int) -> Load:
        urls = list(self.urls.values())
        async with HttpClient(REQUEST_SECONDS_MAX) as http:
            before, nodes_cpu, client_cpu = await _committed(http, urls[0]), self._cpu_seconds(), time.process_time()
            started = time.monotonic()
            await _send_all(requests, urls, connections)
            for url in urls:
                while await _committed(http, url) < before + transactions:
                    if time.monotonic() > started + FINAL_SECONDS_MAX:
                        text = f"{transactions} transactions were not final after {FINAL_SECONDS_MAX} s."
                        raise OperatorError("bench-stuck", text)
                    await asyncio.sleep(POLL_SECONDS)
            seconds = time.monotonic() - started
        nodes_cpu, client_cpu = self._cpu_seconds() - nodes_cpu, time.process_time() - client_cpu
        return Load(transactions, len(urls), seconds, nodes_cpu, client_cpu)

    def _cpu_seconds(self) -> float:
        times = [psutil.Process(self.process_id(member)).cpu_times() for member in self.members]
        return sum(one.user + one.system for one in times)


@contextmanager
def measured_network(directory: Path) -> Iterator[MeasuredNetwork]:
    """A fresh network of four organizations, running until the block ends."""
    specification = default_specification(wall_ms())
    with MeasuredNetwork.create(directory, specification, is_lab=False) as network:
        yield network


def decided_transactions(client: Client) -> Iterator[dict[str, Any]]:
    """All that a node has in its blocks, as it lists them."""
    after = ""
    while rows := (page := client.get("/v1/transactions", after=after, limit=PAGE))["transactions"]:
        yield from rows
        after = page["next"]


async def _send_all(requests: Sequence[Request], urls: Sequence[str], connections: int) -> float:
    """`connections` requests are under way at each node, each followed by the next when it is answered."""
    started = time.monotonic()
    shares = [(url, iter(requests[place :: len(urls)])) for place, url in enumerate(urls)]
    await asyncio.gather(*(_send_each(url, share) for url, share in shares for _ in range(connections)))
    return time.monotonic() - started


async def _send_each(url: str, waiting: Iterator[Request]) -> None:
    connection = await _connect(url)
    try:
        for request in waiting:
            for _ in range(TRIES_MAX):
                status, body = await connection.ask(request.method, request.path, request.body)
                if status not in BUSY and b'"too-many-pending"' not in body:
                    break
                await asyncio.sleep(BUSY_SECONDS)
                connection = connection if connection.is_open else await _connect(url)
            if status >= 400 or b'"problem"' in body:
                raise OperatorError("bench-refused", f"A node refused what the benchmark sent: {body.decode()[:500]}")
            if request.then:
                await connection.ask("GET", request.then)
    finally:
        connection.close()


async def _connect(url: str) -> KeptConnection:
    return await KeptConnection.open(url, answer_bytes_max=ANSWER_BYTES_MAX, answer_s_max=REQUEST_SECONDS_MAX)


async def _committed(http: HttpClient, url: str) -> int:
    """Transactions in blocks that are durable at a node, since the node started."""
    answer = await http.ask("GET", f"{url}/metrics")
    return sum(int(float(count)) for count in COMMITTED.findall(answer.body.decode()))


def peak_memory_bytes(process: int) -> int:
    """The most that a process has held; what it holds now where the system does not keep that."""
    return _told_bytes(process, "status", PEAK) or int(psutil.Process(process).memory_info().rss)


def _told_bytes(process: int, file: str, line: re.Pattern[str]) -> int:
    """What Linux tells of a process in a file; 0 elsewhere."""
    try:
        found = line.search(Path(f"/proc/{process}/{file}").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


@dataclass(frozen=True, slots=True)
class Signers:
    """The members that sign, in turn: a single member would reach its share of the nodes' mempools."""

    ledger: Digest
    members: tuple[tuple[str, PrivateKey], ...]
    now_ms: Callable[[], int] = wall_ms
    """What `expires` is counted from."""

    @classmethod
    def of(cls, network: LocalNetwork, now_ms: Callable[[], int] = wall_ms) -> "Signers":
        """The first members of a network that have no other role, their keys read from its directory."""
        names = sorted(name for name in network.key_names() if ".member" in name)[:SIGNERS_MAX]
        return cls(network.ledger, tuple((name, read_key(network.key_path(name))) for name in names), now_ms)

    def issue(self, numbers: Iterable[int]) -> list[Transaction]:
        """These assets, dealt out to the members."""
        return [self._sign(i, Asset.issue, number=asset(i), to=self._name(i)) for i in numbers]

    def transfer(self, numbers: Iterable[int]) -> list[Transaction]:
        """Each of these assets goes from its first holder to the next member."""
        return [self._sign(i, Asset.transfer, number=asset(i), to=self._name(i + 1)) for i in numbers]

    def bump(self, count: int) -> list[Transaction]:
        """All members write one key."""
        return [self._sign(i, Asset.bump, number=HOT_KEY) for i in range(count)]

    def count(self, numbers: Iterable[int], counters: int) -> list[Transaction]:
        """Adds one to each of so many counters in turn."""
        return [self._sign(i, Asset.bump, number=asset(i % counters)) for i in numbers]

    def _sign(self, turn: int, operation: Operation, **arguments: JsonValue) -> Transaction:
        return sign_transaction(
            ledger=self.ledger,
            contract=operation.contract,
            operation=operation.name,
            arguments=arguments,
            signers=[self.members[turn % len(self.members)]],
            nonce=secrets.token_hex(16),
            expires_ms=self.now_ms() + LIFETIME_MS,
        )

    def _name(self, number: int) -> str:
        return self.members[number % len(self.members)][0]


def asset(number: int) -> str:
    """Key of an asset."""
    return f"A-{number}"


def as_list(transactions: Sequence[Transaction]) -> bytes:
    """The body of a POST that hands in several transactions at once."""
    return b"[%s]" % b",".join(transaction.raw for transaction in transactions)
