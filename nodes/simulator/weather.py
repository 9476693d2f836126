"""What goes wrong in a simulation: the options, every rate stated, how often each fault fired, and the weather that is now.

Rates are permille, times virtual milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from nodes.simulator.chance import Chance


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
    traitor_crash: int = 0
    """Those of traitors among them."""
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

    def never_fired(self, *not_due: str) -> tuple[str, ...]:
        """Names of what was due and did not happen once: a campaign shows nothing about these."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) == 0 and field.name not in not_due)

    def __str__(self) -> str:
        return ", ".join(f"{field.name.replace('_', ' ')} {getattr(self, field.name)}" for field in fields(self))


class Weather:
    """Drawn again every `weather_ms`. A link is a pair (sender, receiver)."""

    def __init__(self, options: FaultOptions, counts: FaultCounts, chance: Chance) -> None:
        self.options = options
        self.counts = counts
        self.chance = chance
        self.group_of: dict[str, int] = {}
        """While the network is apart: the group of each node."""
        self.deaf: set[str] = set()
        """Nodes that hear nothing."""
        self.mute: set[str] = set()
        """Nodes that are not heard."""
        self.clogged_until: dict[tuple[str, str], int] = {}
        """Links that hold everything back until that virtual time."""
        self.slow: set[str] = set()
        self.kept_apart: frozenset[tuple[str, str]] = frozenset()
        """Links that traitors cut for the whole run."""

    def clear(self) -> None:
        """Everybody hears everybody again."""
        self.group_of, self.deaf, self.mute, self.clogged_until, self.slow = {}, set(), set(), {}, set()

    def isolate(self, members: Sequence[str]) -> None:
        """Cuts these off from all others, and from each other."""
        self.group_of = {member: number for number, member in enumerate(members, start=1)}

    def draw(self, members: Sequence[str], time_ms: int) -> None:
        """What holds until the next drawing."""
        options, counts, chance = self.options, self.counts, self.chance
        self.clear()
        if chance.happens(options.partition_permille):
            counts.partition += 1
            self.group_of = {member: chance.below(2) for member in members}
        if chance.happens(options.one_way_permille):
            counts.one_way += 1
            (self.deaf if chance.happens(500) else self.mute).add(chance.pick(members))
        if chance.happens(options.clog_permille):
            counts.clog += 1
            sender = chance.pick(members)
            receiver = chance.pick([member for member in members if member != sender])
            self.clogged_until[sender, receiver] = time_ms + options.weather_ms * chance.between(1, 3)
        if chance.happens(options.slow_permille):
            counts.slow += 1
            self.slow.add(chance.pick(members))

    def drop(self, sender: str, receiver: str) -> str | None:
        """Why a batch never arrives, or None."""
        if self.group_of.get(sender) != self.group_of.get(receiver) or (sender, receiver) in self.kept_apart:
            return "partition"
        if sender in self.mute or receiver in self.deaf:
            return "one-way"
        if self.chance.happens(self.options.loss_permille):
            self.counts.loss += 1
            return "loss"
        return None

    def delays_ms(self, sender: str, receiver: str, time_ms: int) -> list[int]:
        """How long each copy of a batch is under way."""
        copies = 1
        if self.chance.happens(self.options.duplication_permille):
            self.counts.duplication += 1
            copies = 2
        held_back_ms = max(0, self.clogged_until.get((sender, receiver), 0) - time_ms)
        usual = (self.options.delay_ms_min, self.options.delay_ms_max)
        return [held_back_ms + self.chance.between(*usual) + self.slowness_ms(receiver) for _ in range(copies)]

    def disk_ms(self, member: str) -> int:
        """How long until a write is durable."""
        return self.chance.between(0, self.options.disk_ms_max) + self.slowness_ms(member)

    def slowness_ms(self, member: str) -> int:
        """How much longer a node takes now."""
        return self.chance.between(1, self.options.slow_ms_max) if member in self.slow else 0
