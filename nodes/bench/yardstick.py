"""The machine's own measure: how many Ed25519 signatures one of its cores verifies a second. Figures are told as ratios to it."""

import statistics
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nodes.bench.amounts import Figures

MESSAGE = bytes(400)
"""About the size of a transfer's body."""
CHUNK = 250
"""Signature checks between two looks at the clock."""
NS_PER_SECOND = 1_000_000_000
US_PER_SECOND = 1_000_000


def verifications_per_second(seconds: float = 0.5) -> float:
    """Ed25519 checks of one core with `cryptography`, whichever library the ledger uses.

    Counted by the thread's own processor time, median of short pieces, so that other work of the machine weighs less.
    """
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public_key, signature = key.public_key(), key.sign(MESSAGE)
    rates: list[float] = []
    deadline = time.monotonic() + seconds
    while not rates or time.monotonic() < deadline:
        started = time.thread_time_ns()
        for _ in range(CHUNK):
            public_key.verify(signature, MESSAGE)
        rates.append(CHUNK * NS_PER_SECOND / (time.thread_time_ns() - started))
    return statistics.median(rates)


def ratios(figures: Figures, verifications: float) -> Figures:
    """Rates as parts of the yardstick, processor times as numbers of verifications."""
    found: Figures = {}
    for name, value in figures.items():
        if isinstance(value, int | float) and name.endswith("_per_second"):
            found[name.removesuffix("_per_second")] = value / verifications
        elif isinstance(value, int | float) and name.endswith("_us"):
            found[name.removesuffix("_us")] = value * verifications / US_PER_SECOND
    return found
