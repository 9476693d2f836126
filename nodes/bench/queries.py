"""Reads of single keys on one node, with and without the proof that leads from the value to the genesis."""

from pathlib import Path

from nodes.bench.figures import Figures, Progress
from nodes.bench.generator import Request
from nodes.bench.load import prepared_load
from nodes.bench.measured_network import MeasuredNetwork, measured_network
from nodes.bench.sizes import Sizes
from nodes.bench.workload import Signers, asset, lists
from nodes.sample_contract import Asset

ASSETS = 1_000
CONNECTIONS = 16


def measure_queries(directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """Answers a second to one process that asks over several connections; the other nodes rest."""
    with measured_network(directory) as network:
        count = min(ASSETS, sizes.transfers)
        progress(f"issuing {count} assets")
        issues = Signers.of(network).issue(range(count))
        network.run(lists(issues, sizes.list_transactions), count, sizes.processes, sizes.connections)
        path = f"/v1/state/{Asset.assets.contract}/{Asset.assets.name}/"
        paths = [path + asset(number % count) for number in range(sizes.queries)]
        progress(f"{sizes.queries} queries without proof")
        plain = _answers_per_second(network, [("GET", path, "", "") for path in paths])
        progress(f"{sizes.queries} queries with proof")
        proved = _answers_per_second(network, [("GET", f"{path}?proof=true", "", "") for path in paths])
    return {"queries_per_second": plain, "queries_with_proof_per_second": proved, "connections": CONNECTIONS}


def _answers_per_second(network: MeasuredNetwork, requests: list[Request]) -> float:
    url = next(iter(network.urls.values()))
    with prepared_load(network.directory, [url], CONNECTIONS, requests) as load:
        load.go()
        (result,) = load.results()
    return float(len(requests) / result["seconds"])
