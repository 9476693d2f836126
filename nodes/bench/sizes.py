"""How much each measure does."""

from dataclasses import dataclass

REFERENCE_KEYS = 1_000
"""Growth is told relative to this many keys and blocks."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Amounts of work. Figures of a small amount say little; what they show is that the measure works."""

    transfers: int
    """Transactions of the throughput, of the hot key, and of the stages."""
    list_transactions: int
    """Transactions in one POST."""
    processes: int
    """Processes that send, one a node; each keeps `connections` lists on their way."""
    connections: int
    single_transactions: int
    """Transactions of the latency, one after the other."""
    starts: int
    """Starts of a network, and of a node with a long chain; the median counts."""
    queries: int
    """Requests of each kind."""
    growth: tuple[int, ...]
    """Numbers of keys and blocks at which the cost of a transaction is taken."""
    growth_blocks: int
    """Blocks of `growth_transactions` each that are timed at each of these numbers."""
    growth_transactions: int
    copied_transactions: int
    """Length of the chain that is copied, in blocks of `copied_block_transactions`."""
    copied_block_transactions: int
    crowd_readers: int
    crowd_writers: int
    crowd_seconds: int


FULL = Sizes(
    transfers=10_000,
    list_transactions=250,
    processes=4,
    connections=4,
    single_transactions=200,
    starts=3,
    queries=10_000,
    growth=(REFERENCE_KEYS, 10_000, 100_000),
    growth_blocks=20,
    growth_transactions=100,
    copied_transactions=100_000,
    copied_block_transactions=100,
    crowd_readers=200,
    crowd_writers=50,
    crowd_seconds=30,
)
SHORT = Sizes(
    transfers=2_000,
    list_transactions=100,
    processes=4,
    connections=4,
    single_transactions=40,
    starts=1,
    queries=1_000,
    growth=(REFERENCE_KEYS, 3_000),
    growth_blocks=10,
    growth_transactions=50,
    copied_transactions=4_000,
    copied_block_transactions=20,
    crowd_readers=40,
    crowd_writers=10,
    crowd_seconds=5,
)
