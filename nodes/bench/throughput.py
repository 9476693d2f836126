"""Committed transactions a second, on distinct keys and on one; what they cost by stage; memory of the nodes."""

from collections.abc import Sequence
from pathlib import Path

from ledger.errors import OperatorError
from ledger.transaction import Transaction
from nodes.bench.figures import Figures, Progress
from nodes.bench.machine import verifications_per_second
from nodes.bench.measured_network import MeasuredNetwork, Run, measured_network
from nodes.bench.sizes import Sizes
from nodes.bench.stages import REST
from nodes.bench.workload import HOT_KEY, Signers, lists
from nodes.client import Client
from nodes.sample_contract import Asset

PAGE = 500
BYTES_PER_MB = 1_000_000


def measure_throughput(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Four nodes; asset transfers in lists, counted when final on all of them; then one key that every member writes."""
    rates = [verifications_per_second()]
    with measured_network(directory) as network:
        signers = Signers.of(network)
        progress(f"issuing {sizes.transfers} assets")
        _run(network, signers.issue(range(sizes.transfers)), sizes)
        progress(f"transferring {sizes.transfers} assets")
        transfers = _run(network, signers.transfer(range(sizes.transfers)), sizes)
        rates.append(verifications_per_second())
        progress(f"one key written {sizes.transfers} times by {len(signers.members)} members")
        hot = _run(network, signers.bump(sizes.transfers), sizes)
        progress("reading back what every node holds")
        for url in network.urls.values():
            _verify_outcomes(url, 3 * sizes.transfers, sizes.transfers)
        memory = [reading.memory_bytes for reading in network.readings()]
    verifications = max(rates)
    return {
        "transactions_per_second": transfers.per_second,
        "verifications_per_second": verifications,
        "relative_throughput": transfers.per_second / verifications,
        "transactions": sizes.transfers,
        "seconds": transfers.seconds,
        "cpu_per_transaction_and_node_us": transfers.cpu_us,
        "cores_busy": transfers.cores_busy,
        "hot_key_transactions_per_second": hot.per_second,
        "hot_key_relative": hot.per_second / transfers.per_second,
        "peak_memory_mb": max((m for m in memory if m is not None), default=0) / BYTES_PER_MB or None,
    }


def measure_stages(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Processor microseconds of one node for one transfer by stage, on nodes whose functions are wrapped with clocks."""
    with measured_network(directory, with_stages=True) as network:
        signers = Signers.of(network)
        progress(f"issuing {sizes.transfers} assets")
        _run(network, signers.issue(range(sizes.transfers)), sizes)
        progress(f"transferring {sizes.transfers} assets")
        run = _run(network, signers.transfer(range(sizes.transfers)), sizes)
    stages = run.stages_us()
    stages[REST] = run.cpu_us - sum(stages.values())
    return {"total_us": run.cpu_us, **{f"{name}_us": value for name, value in stages.items()}}


def _run(network: MeasuredNetwork, transactions: Sequence[Transaction], sizes: Sizes) -> Run:
    return network.run(lists(transactions, sizes.list_transactions), len(transactions), sizes.processes, sizes.connections)


def _verify_outcomes(url: str, count: int, bumps: int) -> None:
    """Raises OperatorError unless the node's ledger holds that many transactions, all committed, and no bump was lost."""
    with Client(url) as client:
        after, found = "", 0
        while rows := (page := client.get("/v1/transactions", after=after, limit=PAGE))["transactions"]:
            refused = [row for row in rows if row["outcome"] != "committed"]
            if refused:
                raise OperatorError("bench-refused", f"A transaction of the benchmark was rejected: {refused[0]}.")
            found, after = found + len(rows), page["next"]
        counter = client.read(Asset.counters, HOT_KEY)
    if found != count or counter is None or counter.count != bumps:
        raise OperatorError("bench-lost", f"{url} holds {found} transactions, expected {count}; the counter says {counter}.")
