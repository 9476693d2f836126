"""Ranges of the parameters: outside them a network stops or exhausts its machines, so no majority may leave them."""

from ledger.identity.records import Parameters
from ledger.primitives import TRANSACTION_BYTES_MAX

DAY_MS = 86_400_000
RANGES: dict[str, tuple[int, int]] = {
    "transaction_bytes_max": (1_024, TRANSACTION_BYTES_MAX),
    "transaction_lifetime_max_ms": (1_000, 7 * DAY_MS),
    "block_bytes_max": (1_024, 6_000_000),
    "block_transactions_max": (1, 10_000),
    "heartbeat_interval_ms": (0, DAY_MS),
    "drift_ms": (0, 600_000),
    "delay_ms": (1, 60_000),
}
"""Smallest and largest value by name. A block goes from node to node in one message, which must fit the links' limits."""


def out_of_range(parameters: Parameters) -> tuple[str, int, int] | None:
    """Name, smallest and largest value of the first parameter outside its range, or None. A transaction fits a block."""
    least, most = RANGES["block_bytes_max"]
    ranges = RANGES | {"block_bytes_max": (max(least, parameters.transaction_bytes_max), most)}
    return next(((n, low, high) for n, (low, high) in ranges.items() if not low <= getattr(parameters, n) <= high), None)
