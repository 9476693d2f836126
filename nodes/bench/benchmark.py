"""The benchmark as a whole: the chosen measures one after the other, each in a directory that is gone afterwards."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ledger.errors import OperatorError
from nodes.bench.amounts import Figures, Measure, Progress, Sizes
from nodes.bench.crowd import measure_load
from nodes.bench.long_chain import measure_copies, measure_growth, measure_stages
from nodes.bench.machine import machine, versions
from nodes.bench.speed import measure_first_transaction, measure_latency, measure_queries, measure_throughput

MEASURES: Mapping[str, Measure] = {
    "throughput": measure_throughput,
    "stages": measure_stages,
    "latency": measure_latency,
    "first-transaction": measure_first_transaction,
    "queries": measure_queries,
    "growth": measure_growth,
    "copies": measure_copies,
    "load": measure_load,
}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Figures with what they were measured on: without that they say nothing."""

    machine: dict[str, str | int | None]
    versions: dict[str, str]
    measures: dict[str, Figures]


def run_benchmark(names: Sequence[str], sizes: Sizes, progress: Progress, directory: Path | None = None) -> Benchmark:
    """Runs these measures, all if none is named, on the disk of that directory; raises OperatorError `unknown-measure`."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise OperatorError("unknown-measure", f"There is no measure {unknown[0]}; there are {', '.join(MEASURES)}.")
    figures: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-", dir=directory) as place:
        for name in names or MEASURES:
            figures[name] = MEASURES[name](Path(place) / name, sizes, partial(_named, progress, name))
    return Benchmark(machine(), versions(), figures)


def _named(progress: Progress, name: str, text: str) -> None:
    progress(f"{name}: {text}")
