"""What the figures were measured on, and the measure that makes them comparable: signature checks of one core."""

import platform
import sqlite3
import statistics
import time
from pathlib import Path

import cryptography
import psutil

from ledger.keys import DEFAULT_SUITE, SUITES, PrivateKey
from nodes.bench.amounts import BYTES_PER_MB

NANOSECONDS = 1_000_000_000
MESSAGE = bytes(400)
"""About the size of a transfer's body."""
CHUNK = 250
"""Checks between two looks at the clock."""


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


def verifications_per_second(seconds: float = 0.5) -> float:
    """Ed25519 checks of one core with `cryptography`, as the ledger does them.

    Counted by the thread's own processor time, median of short pieces, so that other work of the machine weighs less.
    """
    key, suite = PrivateKey(bytes(range(32))), SUITES[DEFAULT_SUITE]
    signature = key.sign("transaction", MESSAGE)
    rates: list[float] = []
    deadline = time.monotonic() + seconds
    while not rates or time.monotonic() < deadline:
        started = time.thread_time_ns()
        for _ in range(CHUNK):
            suite(key.public_key, "transaction", MESSAGE, signature)
        rates.append(CHUNK * NANOSECONDS / (time.thread_time_ns() - started))
    return statistics.median(rates)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
