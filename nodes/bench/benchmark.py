"""The benchmark as a whole: the chosen measures one after the other, each in a directory that is gone afterwards."""

import platform
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cryptography
import psutil

from ledger.errors import OperatorError
from nodes.bench.amounts import BYTES_PER_MB, Figures, Measure, Progress, Sizes
from nodes.bench.crowd import measure_load
from nodes.bench.long_chain import measure_copies, measure_growth, measure_stages
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
        "sqlite": sqlite3.sqlite_version,
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
