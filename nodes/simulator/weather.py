"""The state of the simulated network: who hears whom, how late, and who is slow."""

from collections.abc import Sequence

from nodes.simulator.chance import Chance
from nodes.simulator.fault_options import FaultCounts, FaultOptions


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
