"""What a measured node and the benchmark say to each other."""

from dataclasses import dataclass

PATH = "/bench/counters"
"""A measured node's one path more."""
STAGES_ARGUMENT = "--stages"
"""Makes a measured node wrap its functions with clocks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The counters of one node at a moment: the JSON of that path."""

    cpu_ns: int
    """Processor time of the process, all threads."""
    final: int
    """Transactions of blocks that are decided and durable there, since the node started."""
    memory_bytes: int | None
    """The most memory that the process has held; None where the system does not tell."""
    stages_ns: dict[str, int]
    """Processor time by stage; empty without clocks."""
