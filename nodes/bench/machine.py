"""What the figures were measured on, and the measure that makes them comparable: signature checks of one core."""

import os
import platform
import sqlite3
import statistics
import sys
import time
from pathlib import Path

import cryptography

from ledger.keys import DEFAULT_SUITE, SUITES, PrivateKey, Suite

NANOSECONDS = 1_000_000_000
MESSAGE = bytes(400)
"""About the size of a transfer's body."""
CHUNK = 250
"""Checks between two looks at the clock."""
KIB_PER_MB = 1_000_000 / 1024


def machine() -> dict[str, str | int | None]:
    """Processor, cores that this process may use, memory."""
    return {"cpu": _cpu_model(), "cores": _cores(), "memory_mb": _memory_mb(), "system": platform.platform()}


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
        rates.append(_rate(suite, key, signature))
    return statistics.median(rates)


def _rate(suite: Suite, key: PrivateKey, signature: str) -> float:
    started = time.thread_time_ns()
    for _ in range(CHUNK):
        suite.verify_signature(key.public_key, "transaction", MESSAGE, signature)  # type: ignore[arg-type]
    return CHUNK * NANOSECONDS / (time.thread_time_ns() - started)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_model() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _memory_mb() -> int | None:
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemTotal:"):
            return round(int(line.split()[1]) / KIB_PER_MB)
    if sys.platform != "win32" and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
