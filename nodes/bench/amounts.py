"""How much each measure does, and what it gives: numbers by name, units last, in groups where one name has several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Figures: TypeAlias = "dict[str, float | int | str | Figures | None]"
Progress: TypeAlias = Callable[[str], None]
"""Takes one sentence about what is being done."""
REFERENCE_KEYS = 1_000
"""Growth is relative to this many keys."""
BYTES_PER_MB = 1_000_000
MS_PER_SECOND = 1_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """Amounts of work. Figures of a small amount say little; what they show is that the measure works."""

    transfers: int
    """Transactions of the throughput, of the hot key, and of the stages."""
    list_transactions: int
    """Transactions in one POST."""
    connections: int
    """Lists under way at each node."""
    single_connections: int
    """Requests of one transaction under way at each node."""
    single_transactions: int
    """Transactions of the latency, one after the other."""
    starts: int
    """Starts of a network, and of a node with a long chain; the median counts."""
    queries: int
    """Requests of each kind."""
    growth: tuple[int, ...]
    """Numbers of keys at which the cost of a transaction is taken."""
    growth_block_transactions: int
    """In each block by which the chain grows to them."""
    growth_blocks: int
    """Blocks of `growth_transactions` each that are timed at each of these numbers of keys."""
    growth_transactions: int
    copied_transactions: int
    """Length of the chain that is copied, in blocks of `copied_block_transactions`."""
    copied_block_transactions: int
    far: tuple[int, ...]
    """Numbers of transactions at which a ledger is measured whole, in blocks of `far_block_transactions`."""
    far_block_transactions: int
    crowd_readers: int
    crowd_writers: int
    crowd_seconds: int


Measure: TypeAlias = Callable[[Path, Sizes, Progress], Figures]
"""Works in a directory that it may create."""

FULL = Sizes(
    transfers=10_000,
    list_transactions=250,
    connections=4,
    single_connections=64,
    single_transactions=200,
    starts=3,
    queries=10_000,
    growth=(REFERENCE_KEYS, 10_000, 100_000, 1_000_000),
    growth_block_transactions=10,
    growth_blocks=20,
    growth_transactions=100,
    copied_transactions=100_000,
    copied_block_transactions=100,
    far=(10_000, 100_000),
    far_block_transactions=100,
    crowd_readers=200,
    crowd_writers=50,
    crowd_seconds=30,
)
SHORT = Sizes(
    transfers=2_000,
    list_transactions=100,
    connections=4,
    single_connections=64,
    single_transactions=40,
    starts=1,
    queries=1_000,
    growth=(REFERENCE_KEYS, 3_000),
    growth_block_transactions=10,
    growth_blocks=10,
    growth_transactions=50,
    copied_transactions=4_000,
    copied_block_transactions=20,
    far=(400, 1_200),
    far_block_transactions=20,
    crowd_readers=40,
    crowd_writers=10,
    crowd_seconds=5,
)


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least `percent` of a hundred values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
