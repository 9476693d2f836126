"""The benchmark as a whole: the chosen measures one after the other, each in a directory that is gone afterwards."""

import platform
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cryptography
import psutil

from ledger.errors import OperatorError
from ledger.keys import LIBRARY
from nodes.bench.amounts import BYTES_PER_MB, Figures, Measure, Progress, Sizes
from nodes.bench.crowd import measure_load
from nodes.bench.far import measure_far
from nodes.bench.long_chain import measure_copies, measure_growth, measure_stages
from nodes.bench.speed import (
    measure_first_transaction,
    measure_latency,
    measure_queries,
    measure_requests,
    measure_throughput,
)
from nodes.bench.yardstick import ratios, verifications_per_second

MEASURES: Mapping[str, Measure] = {
    "throughput": measure_throughput,
    "requests": measure_requests,
    "stages": measure_stages,
    "latency": measure_latency,
    "first-transaction": measure_first_transaction,
    "queries": measure_queries,
    "growth": measure_growth,
    "copies": measure_copies,
    "far": measure_far,
    "load": measure_load,
}
MODES: Mapping[str, str] = {
    "throughput": "{connections} kept connections to each of four nodes, lists of {list_transactions}, signed beforehand",
    "requests": "{single_connections} kept connections to each of four nodes, one transaction a request, signed beforehand",
    "stages": "as throughput; then one chain without a network",
    "latency": "one request at a time, to each of four nodes in turn, signed beforehand",
    "first-transaction": "the command `tallystick network up`, then one transaction",
    "queries": "16 kept connections to one of four nodes",
    "growth": "one chain without a network; then one node",
    "copies": "one node, nothing asked of it",
    "far": "one chain in blocks of {far_block_transactions}; one node, asked one thing at a time; then seconds of the processor",
    "load": "{crowd_readers} readers and {crowd_writers} writers over four nodes, one request each, signed as they go",
}
"""How each figure came about. Those who ask run on the same machine as the nodes, in one process. A
kept connection carries one request at a time and is what links between nodes are made of; other measures use the client's own."""
STEADY = 1.1
"""A run is repeated during which the machine became faster or slower by more than that; the last one says that it did."""
RUNS_MAX = 3
ONCE = ("far",)
"""Measures that may take hours and are not repeated, however unsteady the machine is."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Figures with what they were measured on: without that they say nothing."""

    machine: dict[str, str | int | None]
    versions: dict[str, str]
    modes: dict[str, str]
    measures: dict[str, Figures]


def run_benchmark(names: Sequence[str], sizes: Sizes, progress: Progress, directory: Path | None = None) -> Benchmark:
    """Runs these measures, all if none is named, on the disk of that directory; raises OperatorError `unknown-measure`."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise OperatorError("unknown-measure", f"There is no measure {unknown[0]}; there are {', '.join(MEASURES)}.")
    figures: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-", dir=directory) as place:
        for name in names or MEASURES:
            figures[name] = _measured(name, Path(place), sizes, partial(_named, progress, name))
    modes = {name: MODES[name].format(**asdict(sizes)) for name in figures}
    return Benchmark(machine(), versions(), modes, figures)


def _measured(name: str, directory: Path, sizes: Sizes, progress: Progress) -> Figures:
    """The figures, with the machine's verifications a second before and after, and as ratios to them."""
    for _ in range(1 if name in ONCE else RUNS_MAX):
        before = verifications_per_second()
        with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=directory) as place:
            figures = MEASURES[name](Path(place) / "run", sizes, progress)
        after = verifications_per_second()
        is_steady = max(before, after) <= STEADY * min(before, after)
        if is_steady:
            break
        progress(f"unsteady: {before:,.0f} verifications a second before the run, {after:,.0f} after it")
    yardstick: Figures = {"before": before, "after": after, "steady": "yes" if is_steady else "no"}
    return {**figures, "verifications_per_second": yardstick, "ratio": ratios(figures, (before + after) / 2)}


def _named(progress: Progress, name: str, text: str) -> None:
    progress(f"{name}: {text}")


def machine() -> dict[str, str | int | None]:
    """Processor, cores that this process may use, memory."""
    process = psutil.Process()
    cores = len(process.cpu_affinity() or ()) if hasattr(process, "cpu_affinity") else psutil.cpu_count()
    memory_mb = round(psutil.virtual_memory().total / BYTES_PER_MB)
    return {"cpu": _cpu_model(), "cores": cores, "memory_mb": memory_mb, "system": platform.platform()}


def versions() -> dict[str, str]:
    """Of what the figures depend on most."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cryptography": cryptography.__version__,
        "signatures": LIBRARY,
        "sqlite": sqlite3.sqlite_version,
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
