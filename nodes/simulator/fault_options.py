"""What goes wrong in a simulation: one options object, every rate stated. Rates are permille, times virtual milliseconds."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class FaultOptions:
    """The weather of a run. All of it ends with the chaos phase, but for the delays."""

    delay_ms_min: int = 1
    """Shortest time that a batch is under way."""
    delay_ms_max: int = 40
    """Longest usual time; drawn for each batch, so that batches overtake each other."""
    loss_permille: int = 80
    """Batches that never arrive."""
    duplication_permille: int = 20
    """Batches that arrive twice."""
    weather_ms: int = 800
    """How often the weather is drawn: each of the following lasts until the next drawing, or a whole number of them."""
    partition_permille: int = 250
    """The network falls apart into two groups."""
    one_way_permille: int = 150
    """A node is still heard but hears nothing, or the other way round."""
    clog_permille: int = 200
    """A link holds back everything until it is free again; then it comes in a burst."""
    slow_permille: int = 150
    """A node takes up to `slow_ms_max` longer over every message and write."""
    slow_ms_max: int = 400
    """How much longer."""
    crash_permille: int = 350
    """A node that is up crashes, half of them in the middle of a write."""
    restart_ms_max: int = 3_000
    """Longest time until a crashed node starts again."""
    down_max: int = 2
    """Most nodes that are down at once."""
    disk_ms_max: int = 8
    """Longest time until a write is durable; a crash before that loses it."""
    skew_ms_max: int = 300
    """Largest error of a node's clock, either way."""
    pending_max: int = 12
    """Places in each mempool: few, so that some transactions find it full."""

    def calm(self) -> "FaultOptions":
        """The same delays and mempools without any fault."""
        rates = {field.name: 0 for field in fields(self) if field.name.endswith("_permille")}
        return replace(self, skew_ms_max=0, **rates)


CHAOS = FaultOptions()
CALM = replace(CHAOS.calm(), pending_max=20_000)
"""For stories and tests that want no faults."""


@dataclass(slots=True)
class FaultCounts:
    """How often each fault fired in a run."""

    loss: int = 0
    duplication: int = 0
    reordering: int = 0
    """Batches that came before an earlier one of the same link."""
    partition: int = 0
    one_way: int = 0
    clog: int = 0
    slow: int = 0
    crash: int = 0
    lost_write: int = 0
    """Batches of writes that a crash undid."""
    restart: int = 0
    skew: int = 0
    """Nodes whose clock was off."""
    full: int = 0
    """Transactions that found a mempool full."""
    validator_change: int = 0
    """Blocks after which another set of validators acts."""
    later_view: int = 0
    """Heights that needed a second view, or more."""
    both_certificates: int = 0
    """Views of which somebody held a NotarCert and somebody a SkipCert."""

    def add(self, other: "FaultCounts") -> None:
        """Adds the counts of another run."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def never_fired(self) -> tuple[str, ...]:
        """Names of what did not happen once: a campaign shows nothing about these."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) == 0)

    def __str__(self) -> str:
        return ", ".join(f"{field.name.replace('_', ' ')} {getattr(self, field.name)}" for field in fields(self))
