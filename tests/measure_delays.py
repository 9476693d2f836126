"""`python -m tests.measure_delays [MILLISECONDS[/DELTA] …]`: nodes on four hosts over long lines, and what the simulation says.

Each delay gets a new network over TLS. A latency is that of one transaction at a time, asked for on the host of the node that
takes it, each node in turn, until that node says it is final. Throughput is that of lists, some at each node at once, each
followed by the next once its last transaction is final there. Nodes, proxy and callers share this machine. Takes root on Linux.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.bench.amounts import percentile
from nodes.bench.measured_network import ANSWER_BYTES_MAX, REQUEST_SECONDS_MAX, WAIT_SECONDS, Signers, as_list
from nodes.key_files import read_key
from nodes.links.connection import KeptConnection
from nodes.network.directory import read_network, reader_tls
from nodes.network.specification import NAMES
from nodes.node.files import KEYS
from nodes.simulator.cost import constant, measure
from tests.host_network import MEMBERS_EACH, HostNetwork, host_network

DELAYS_MS = (0, 5, 40, 150)
DELTA_MS_MIN = 20
SINGLE = 60
"""Transactions of the latency."""
LIST = 250
CONNECTIONS = 4
"""Lists under way at each node."""
LISTS_EACH = 2
"""Of each connection."""
BLOCK_TRANSACTIONS = 1_000
"""`block_transactions_max`."""
HEAD = """\
| delay, ms | Δ, ms | one transaction, p50 | p99 | simulated | transactions a second | predicted | cores |
|---|---|---|---|---|---|---|---|"""


def main(arguments: Sequence[str]) -> None:
    """Prints the table; the first row is that of no proxy."""
    print(HEAD, flush=True)
    fastest = _row(None, DELTA_MS_MIN, None)
    for argument in arguments or map(str, DELAYS_MS):
        delay, _, delta = argument.partition("/")
        _row(int(delay), int(delta or max(DELTA_MS_MIN, 2 * int(delay))), fastest)


def _row(delay_ms: int | None, delta_ms: int, fastest: float | None) -> float:
    """One network; returns its transactions a second."""
    simulated_ms = measure(len(NAMES), constant(delay_ms or 0)).virtual_ms
    with tempfile.TemporaryDirectory() as folder, host_network(Path(folder), delta_ms, delay_ms) as network:
        single_ms = _single(network)
        busy, per_second = _busy_s(network), asyncio.run(_in_lists(network))
        seconds = len(NAMES) * CONNECTIONS * LISTS_EACH * LIST / per_second
        cores = (_busy_s(network) - busy) / seconds
    # A block takes its agreement, and the work that bounds it without delays.
    expected = "" if fastest is None else f"{BLOCK_TRANSACTIONS / (simulated_ms / 1000 + BLOCK_TRANSACTIONS / fastest):,.0f}"
    told = "no proxy" if delay_ms is None else delay_ms
    p50, p99 = (f"{percentile(single_ms, percent):,.0f}" for percent in (50, 99))
    cells = (told, delta_ms, p50, p99, simulated_ms, f"{per_second:,.0f}", expected, f"{cores:.1f}")
    print("|", " | ".join(map(str, cells)), "|", flush=True)
    return per_second


def _single(network: HostNetwork) -> list[float]:
    """What each took, but for the first of each client, which opens its connection."""
    taken_ms = []
    for number in range(len(NAMES)):
        transactions = iter(_signers(network).issue(range(number * SINGLE, (number + 1) * SINGLE)))
        with network.client(number) as client:
            client.deliver(next(transactions))
            for _ in range(SINGLE // len(NAMES)):
                started = time.monotonic()
                client.deliver(next(transactions))
                taken_ms.append((time.monotonic() - started) * 1_000)
    return taken_ms


async def _in_lists(network: HostNetwork) -> float:
    """Transactions a second."""
    first, each = len(NAMES) * SINGLE, LISTS_EACH * LIST
    made = _signers(network).issue(range(first, first + len(NAMES) * CONNECTIONS * each))
    shares = [made[place : place + each] for place in range(0, len(made), each)]
    connections = []
    for turn in range(len(shares)):
        number = turn % len(NAMES)
        member, office = network.members[number], network.office(number)
        with network.hosts.hosts[number].entered():  # one after another: the whole thread goes there
            connections.append(
                await KeptConnection.open(
                    read_network(office).urls()[member], reader_tls(office, member), ANSWER_BYTES_MAX, REQUEST_SECONDS_MAX
                )
            )
    started = time.monotonic()
    await asyncio.gather(*map(_send, connections, shares))
    seconds = time.monotonic() - started
    for connection in connections:
        connection.close()
    return len(made) / seconds


async def _send(connection: KeptConnection, share: Sequence[Transaction]) -> None:
    for place in range(0, len(share), LIST):
        part = share[place : place + LIST]
        status, body = await connection.ask("POST", "/v1/transactions", as_list(part))
        assert status < 400, body
        assert b'"problem"' not in body, body
        status, body = await connection.ask("GET", f"/v1/transactions/{part[-1].id}?wait={WAIT_SECONDS}")
        assert b'"committed"' in body, body


def _signers(network: HostNetwork) -> Signers:
    names = [(number, f"{NAMES[number]}.member{one}") for number in range(len(NAMES)) for one in range(1, MEMBERS_EACH + 1)]
    keys = tuple((name, read_key(network.office(number) / KEYS / f"{name}.key")) for number, name in names)
    return Signers(Digest(read_network(network.office(0)).ledger), keys)


def _busy_s(network: HostNetwork) -> float:
    """Processor time of all nodes, the proxy and this process."""
    times = [psutil.Process(process).cpu_times() for process in network.processes()]
    return time.process_time() + sum(one.user + one.system for one in times)


if __name__ == "__main__":
    main(sys.argv[1:])
