"""How fast a network is: transactions a second on distinct keys and on one, one transaction by itself, reads of single keys."""

import shutil
import statistics
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from ledger.errors import OperatorError
from nodes.bench.amounts import MS_PER_SECOND, Figures, Progress, Sizes, percentile
from nodes.bench.measured_network import HOT_KEY, Load, Request, Signers, asset, decided_transactions, measured_network
from nodes.client import Client, LocalMember
from nodes.network.directory import free_ports
from nodes.network.local import LocalNetwork
from nodes.sample_contract import Asset

PROGRAM = "tallystick"
STOP_SECONDS_MAX = 20
MEMBER = "north.member1"
QUERIED_ASSETS = 1_000
QUERY_CONNECTIONS = 16


def measure_throughput(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Four nodes; asset transfers in lists, counted when final on all of them; then one key that every member writes."""
    count = sizes.transfers
    with measured_network(directory) as network:
        signers, idle = Signers.of(network), network.pss_mb()
        progress(f"issuing {count} assets")
        network.load(signers.issue(range(count)), sizes)
        progress(f"transferring {count} assets")
        transfers = network.load(signers.transfer(range(count)), sizes)
        progress(f"one key written {count} times by {len(signers.members)} members")
        hot = network.load(signers.bump(count), sizes)
        loaded = network.pss_mb()
        progress("reading back what every node holds")
        for url in network.urls.values():
            _verify_outcomes(url, 3 * count, count)
        memory = network.peak_memory_mb()
    return {
        **_figures(transfers),
        "hot_key_transactions_per_second": hot.per_second,
        "hot_key_relative": hot.per_second / transfers.per_second,
        "idle_pss_mb": idle,
        "loaded_pss_mb": loaded,
        "peak_memory_mb": memory,
    }


def measure_requests(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Four nodes; asset transfers with one in a request, each answered when it is final."""
    count = sizes.transfers
    with measured_network(directory) as network:
        signers = Signers.of(network)
        progress(f"issuing {count} assets")
        network.load(signers.issue(range(count)), sizes)
        progress(f"transferring {count} assets, one a request")
        return _figures(network.load_singly(signers.transfer(range(count)), sizes))


def _figures(load: Load) -> Figures:
    return {
        "transactions_per_second": load.per_second,
        "transactions": load.transactions,
        "seconds": load.seconds,
        "cpu_per_transaction_and_node_us": load.cpu_us,
        "cores_busy": load.cores_busy,
    }


def _verify_outcomes(url: str, count: int, bumps: int) -> None:
    """Raises OperatorError unless the node's ledger holds `count` transactions, all committed, and no bump was lost."""
    with Client(url) as client:
        seen = 0
        for row in decided_transactions(client):
            if row["outcome"] != "committed":
                raise OperatorError("bench-refused", f"A transaction of the benchmark was rejected: {row}.")
            seen += 1
        counter = client.read(Asset.counters, HOT_KEY)
    if seen != count or counter is None or counter.count != bumps:
        raise OperatorError("bench-lost", f"{url} holds {seen} transactions, expected {count}; the counter says {counter}.")


def measure_latency(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Single transactions one after the other, to each node in turn, from sending until the receipt is there."""
    with ExitStack() as opened:
        network = opened.enter_context(measured_network(directory))
        clients = [opened.enter_context(network.client(node=node)) for node in network.members]
        transactions = Signers.of(network).issue(range(sizes.single_transactions + len(clients)))
        progress(f"{sizes.single_transactions} transactions, one at a time")
        taken_ms = []
        for client, transaction in zip(cycle(clients), transactions, strict=False):
            started = time.monotonic()
            client.deliver(transaction)
            taken_ms.append((time.monotonic() - started) * MS_PER_SECOND)
    timed = taken_ms[len(clients) :]  # the first of each client opens its connection
    return {
        "transactions": len(timed),
        "p50_ms": statistics.median(timed),
        "p99_ms": percentile(timed, 99),
        "worst_ms": max(timed),
    }


def measure_first_transaction(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """From the command `tallystick network up` on no directory at all until a first transaction is final."""
    program = shutil.which(PROGRAM, path=sysconfig.get_path("scripts"))
    if program is None:
        raise OperatorError("not-installed", f"There is no command {PROGRAM} beside this Python: install the project first.")
    starts = []
    for number in range(sizes.starts):
        progress(f"network up, {number + 1} of {sizes.starts}")
        starts.append(_start_once(program, directory / f"start{number}"))
    ready_s, final_s = map(statistics.median, zip(*starts, strict=True))
    return {"starts": sizes.starts, "ready_seconds": ready_s, "first_final_seconds": final_s}


def _start_once(program: str, directory: Path) -> tuple[float, float]:
    """Seconds until the network serves, and until the transaction is final."""
    (port,) = free_ports(1)  # not the usual one: another network may start there at the same time
    command = [program, "network", "up", "--dir", str(directory), "--port", str(port), "--json"]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise OperatorError("bench-failed", "`tallystick network up` ended before it served.")
        ready = time.monotonic()
        network = LocalNetwork(directory)
        member = LocalMember.load(network.key_path(MEMBER))
        with network.client(member.id) as client:
            client.call(Asset.issue, number="first", to=member.id)
        return ready - started, time.monotonic() - started
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def measure_queries(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Answers a second of one node over several connections, with and without the proof that leads to the genesis."""
    with measured_network(directory) as network:
        count, url = min(QUERIED_ASSETS, sizes.transfers), network.urls[network.members[0]]
        progress(f"issuing {count} assets")
        network.load(Signers.of(network).issue(range(count)), sizes)

        def per_second(query: str) -> float:
            place = f"/v1/state/{Asset.assets.contract}/{Asset.assets.name}/"
            requests: Sequence[Request] = [
                Request("GET", place + asset(number % count) + query) for number in range(sizes.queries)
            ]
            return sizes.queries / network.send(requests, [url], QUERY_CONNECTIONS)

        progress(f"{sizes.queries} queries without proof")
        plain = per_second("")
        progress(f"{sizes.queries} queries with proof")
        proved = per_second("?proof=true")
    return {"queries_per_second": plain, "queries_with_proof_per_second": proved, "connections": QUERY_CONNECTIONS}
