"""One seeded run in two phases: chaos, in which the nodes must never disagree, then calm, in which they must all agree."""

import hashlib
from dataclasses import dataclass
from functools import partial

from ledger.primitives import Digest
from nodes.simulator.chance import Chance
from nodes.simulator.checker import InvariantError
from nodes.simulator.faults import FaultCounts, FaultOptions
from nodes.simulator.simulation import SimulatedNode, Simulation
from nodes.simulator.workload import Workload, simulated_specification

DOWN_MAX = 2
"""Most nodes that are down at once."""
CHAOS_MS_MAX = 120_000
"""Virtual time after which chaos ends even if the network stands still."""
CALM_MS_MAX = 120_000
"""Virtual time within which a healed network must have decided everything."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed."""

    seed: int
    failure: str | None
    """The broken property in a sentence, None if all held."""
    height: int
    last_block: Digest
    transactions: int
    later_views: int
    """Heights that were decided in a view after the first."""
    validator_sets: int
    """How many different sets of validators the chain went through."""
    virtual_ms: int
    faults: FaultCounts
    log_digest: str
    """SHA-256 of the run's log, empty if it was not kept."""

    def __str__(self) -> str:
        state = "agreed" if self.failure is None else f"FAILED: {self.failure}"
        return (
            f"seed {self.seed}: {state}; height {self.height}, {self.transactions} transactions, {self.later_views} heights in a "
            f"later view, {self.validator_sets} validator sets, {self.virtual_ms / 1000:.1f} s virtual; {self.faults}; "
            f"last block {self.last_block}"
        )


class Run:
    """A simulation with its weather and its clients."""

    def __init__(self, seed: int, heights: int, options: FaultOptions, keep_log: bool = False) -> None:
        self.heights = heights
        self.simulation = Simulation(simulated_specification(), seed, options, keep_log)
        self.chance = Chance(seed + 1_000_003)
        self.workload = Workload(self.simulation, Chance(seed + 2_000_003))
        self.is_chaos = True
        self.restarting: set[str] = set()
        """Nodes that are down and will start again."""
        self.simulation.after(0, self._clients)
        self.simulation.after(options.weather_ms, self._weather)

    def play(self) -> Verdict:
        """Plays both phases and says what they showed; a broken invariant ends the run."""
        failure: str | None = None
        try:
            self.simulation.run_until(lambda: max(self.simulation.checker.blocks, default=0) >= self.heights, CHAOS_MS_MAX)
            self._heal()
            if not self.simulation.run_until(self._is_settled, CALM_MS_MAX):
                failure = f"The healed network did not settle within {CALM_MS_MAX / 1000:.0f} s: {self._positions()}."
        except InvariantError as error:
            failure = str(error)
        return self._verdict(failure)

    def _clients(self) -> None:
        if self.is_chaos:
            self.workload.tick()
            self.simulation.after(self.chance.between(20, 400), self._clients)
        elif self.workload.outstanding:
            self.workload.send_again()
            self.simulation.after(1_000, self._clients)

    def _weather(self) -> None:
        """Draws which faults come until the next weather."""
        if not self.is_chaos:
            return
        simulation, options = self.simulation, self.simulation.options
        simulation.group_of = {}
        if self.chance.happens(options.partition_permille):
            simulation.counts.partition += 1
            simulation.group_of = {member: self.chance.below(2) for member in simulation.nodes}
            simulation.record("", "partition", groups=dict(simulation.group_of))
        for node in simulation.nodes.values():
            if node.replica is None and node.member not in self.restarting:
                self.restarting.add(node.member)
                simulation.after(self.chance.between(1, options.restart_ms_max), partial(self._restart, node))
        up = [node for node in simulation.up() if not node.crash_at_write]
        if len(simulation.nodes) - len(up) < DOWN_MAX and self.chance.happens(options.crash_permille):
            node = self.chance.pick(up)
            if self.chance.happens(500):
                node.crash_at_write = True
            else:
                simulation.crash(node)
        simulation.after(options.weather_ms, self._weather)

    def _restart(self, node: SimulatedNode) -> None:
        self.restarting.discard(node.member)
        if node.replica is None:
            self.simulation.counts.restart += 1
            self.simulation.start(node)

    def _heal(self) -> None:
        self.is_chaos = False
        self.simulation.group_of = {}
        self.simulation.options = self.simulation.options.calm()
        for node in self.simulation.nodes.values():
            node.crash_at_write = False
            self._restart(node)

    def _is_settled(self) -> bool:
        self.workload.forget_decided()
        heights = {self.simulation.checker.heights.get(member, 0) for member in self.simulation.nodes}
        return not self.workload.outstanding and len(heights) == 1

    def _positions(self) -> str:
        places = {m: n.replica.engine for m, n in self.simulation.nodes.items() if n.replica is not None}
        waiting = len(self.workload.outstanding)
        return ", ".join(f"{m} at {e.height}/{e.view}" for m, e in places.items()) + f", {waiting} transactions undecided"

    def _verdict(self, failure: str | None) -> Verdict:
        blocks = self.simulation.checker.blocks
        last = blocks[max(blocks)] if blocks else None
        views = [self.simulation.checker.views.get(height, 1) for height in blocks]
        return Verdict(
            seed=self.simulation.seed,
            failure=failure,
            height=0 if last is None else last.header.height,
            last_block=self.simulation.ledger if last is None else last.id,
            transactions=len(self.simulation.checker.places),
            later_views=sum(view > 1 for view in views),
            validator_sets=len({block.header.next_validators for block in blocks.values()}),
            virtual_ms=self.simulation.time_ms,
            faults=self.simulation.counts,
            log_digest=hashlib.sha256(b"\n".join(self.simulation.log or ())).hexdigest() if self.simulation.log else "",
        )


def run_seed(seed: int, heights: int = 20, options: FaultOptions | None = None, keep_log: bool = False) -> Verdict:
    """Plays one seed and returns its verdict."""
    return Run(seed, heights, options or FaultOptions(), keep_log).play()
