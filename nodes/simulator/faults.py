"""What goes wrong in a simulation: one options object, every rate stated. Rates are permille, times are virtual milliseconds."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class FaultOptions:
    """The weather of a run. Everything here ends when the chaos phase ends; then all nodes must come to agree."""

    delay_ms_min: int = 1
    """Shortest time that a batch is under way."""
    delay_ms_max: int = 40
    """Longest usual time; drawn for each batch, so batches overtake each other."""
    disk_ms_max: int = 8
    """Longest time until a write is durable; a crash before that loses it."""
    loss_permille: int = 80
    """Batches that never arrive."""
    duplication_permille: int = 20
    """Batches that arrive twice."""
    partition_permille: int = 300
    """Chance, each `weather_ms`, that the network falls apart into two groups until the next weather."""
    crash_permille: int = 350
    """Chance, each `weather_ms`, that a node that is up crashes."""
    restart_ms_max: int = 3_000
    """Longest time until a crashed node starts again."""
    weather_ms: int = 800
    """How often the weather is drawn."""
    skew_ms_max: int = 300
    """Largest error of a node's clock, either way."""

    def calm(self) -> "FaultOptions":
        """The same delays without any fault: the second phase, and stories."""
        return replace(self, loss_permille=0, duplication_permille=0, partition_permille=0, crash_permille=0, skew_ms_max=0)


CALM = FaultOptions().calm()


@dataclass(slots=True)
class FaultCounts:
    """How often each fault fired in a run."""

    loss: int = 0
    duplication: int = 0
    partition: int = 0
    crash: int = 0
    restart: int = 0
    lost_write: int = 0
    """Batches of writes that a crash undid."""

    def __str__(self) -> str:
        return ", ".join(f"{field.name} {getattr(self, field.name)}" for field in fields(self))
