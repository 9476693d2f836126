"""One seeded run: chaos, in which honest nodes must never disagree; then a quorum is healed and must commit within a stated
number of views; then all are, and must come to hold the same.

Traitors may stand among the validators. Up to f of them change nothing. With more the network may stand still. From n-2f on
the ledger may fork; then the exports of two honest nodes that differ convict at least n-2f keys, and never an honest one.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

from ledger.audit import Conviction, convict_exports
from ledger.chain.view import ChainView
from ledger.errors import OperatorError
from ledger.primitives import NO_DIGEST, Digest
from nodes.network.specification import NetworkSpecification
from nodes.replica.replica import Replica
from nodes.simulator.chance import Chance
from nodes.simulator.chaos import Chaos
from nodes.simulator.checker import InvariantError
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CHAOS, FaultCounts, FaultOptions
from nodes.simulator.witness import may_fork
from nodes.simulator.workload import Workload, simulated_specification
from nodes.traitors.kinds import find_traitor

ReplicaOf = Callable[[str], type[Replica]]
CHAOS_MS_MAX = 120_000
"""Virtual time after which chaos ends even if the network stands still."""
HEALED_MS_MAX = 240_000
"""Virtual time within which a healed quorum must have committed, and then all must have settled."""
VIEWS_TO_COMMIT = 4
"""A healed quorum commits at the latest in the view that lies f + 4 above the highest view it was in: f leaders may be
cut off or faulty, one view is lost by the nodes' coming together, two by Skips that were under way.
"""
FIRST_LEADER = 2
"""Place of the leader of view 1 of height 1."""


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """What a run showed."""

    seed: int
    validators: int
    traitor: str | None
    """Kind of the traitors, with their number unless they are f."""
    failure: str | None
    """The broken property in a sentence, None if all held."""
    height: int = 0
    last_block: Digest = NO_DIGEST
    transactions: int = 0
    virtual_ms: int = 0
    views_to_commit: int = 0
    """How many views the healed quorum needed."""
    faults: FaultCounts = field(default_factory=FaultCounts)
    log_digest: str = ""
    """SHA-256 of the run's log, empty if it was not kept."""
    betrayals: dict[str, int] = field(default_factory=dict)
    """How often the traitors did what they do, by act."""
    convicted: tuple[str, ...] = ()
    """Traitors that signed what no honest key signs; after a fork those whom the exports of two honest nodes convict."""
    forked_at: int | None = None
    """Height at which the ledger forked, which it may with n-2f traitors."""

    def __str__(self) -> str:
        state = "agreed" if self.failure is None else f"FAILED: {self.failure}"
        if self.forked_at is not None:
            state = f"forked at height {self.forked_at}, as so many traitors can make it"
        return (
            f"seed {self.seed}: {state}\n  height {self.height}, {self.transactions} transactions, "
            f"{self.virtual_ms / 1000:.1f} s of virtual time, healed quorum committed after {self.views_to_commit} views\n"
            f"  {self.faults}\n  last block {self.last_block}{self._treason()}"
        )

    def _treason(self) -> str:
        acts = ", ".join(f"{act} {count}" for act, count in self.betrayals.items())
        return f"\n  betrayals: {acts}\n  convicted: {', '.join(self.convicted) or 'nobody'}" if acts else ""


@dataclass(frozen=True, slots=True)
class Treason:
    """Traitors of one kind."""

    kind: str
    count: int | None = None
    """f if it is left out."""

    def __str__(self) -> str:
        return self.kind if self.count is None else f"{self.kind}:{self.count}"

    @classmethod
    def parse(cls, text: str) -> "Treason":
        """Reads KIND or KIND:COUNT; raises OperatorError."""
        kind, colon, count = text.partition(":")
        find_traitor(kind)
        if colon and not count.isdecimal():
            raise OperatorError("bad-traitors", f"Expected KIND or KIND:COUNT such as equivocator:2, got {text!r}.")
        return cls(kind, int(count) if colon else None)

    def number(self, validators: int) -> int:
        """How many traitors there are among the validators; raises OperatorError."""
        f = (validators - 1) // 3
        count = f if self.count is None else self.count
        if not 1 <= count <= validators - 2 * f:
            raise OperatorError("bad-traitors", f"Of {validators} validators 1 to {validators - 2 * f} may be traitors.")
        return count

    def choose(self, validators: tuple[str, ...], seed: int) -> frozenset[str]:
        """Up to f by seed; more stand side by side, so that they divide the honest evenly."""
        n, count = len(validators), self.number(len(validators))
        if count > (n - 1) // 3:
            return frozenset(validators[(FIRST_LEADER + place) % n] for place in range(count))
        chance, chosen = Chance(seed + 4_000_003), set[str]()
        while len(chosen) < count:
            chosen.add(chance.pick(validators))
        return frozenset(chosen)

    def divide(self, specification: NetworkSpecification, traitors: frozenset[str]) -> frozenset[tuple[str, str]]:
        """Links between the two halves of the honest, which enough traitors cut to make the ledger fork."""
        validators = specification.validators
        if not may_fork(len(validators), len(traitors)):
            return frozenset()
        halves = {member: validators.index(member) % 2 if member in validators else 0 for member in specification.nodes()}
        honest = [(member, half) for member, half in halves.items() if member not in traitors]
        return frozenset((one, other) for one, half in honest for other, its in honest if half != its)

    def replica_of(self, traitors: frozenset[str], others: ReplicaOf) -> ReplicaOf:
        """What runs on each node."""
        traitor = find_traitor(self.kind)
        return lambda member: traitor if member in traitors else others(member)


class Run:
    """A simulation with its weather and its clients: `Run(seed).play()` is the way to run a seed."""

    def __init__(
        self,
        seed: int,
        heights: int = 20,
        options: FaultOptions = CHAOS,
        *,
        keep_log: bool = False,
        replica_of: Callable[[str], type[Replica]] = lambda member: Replica,
        traitors: frozenset[str] = frozenset(),
        validators: int = 4,
        treason: Treason | None = None,
    ) -> None:
        """`treason` chooses `traitors` and their replicas itself."""
        specification = simulated_specification(validators)
        if treason is not None:
            traitors = treason.choose(specification.validators, seed)
            replica_of = treason.replica_of(traitors, replica_of)
        self.heights, self.validators, self.treason = heights, validators, treason
        self.simulation = Simulation(specification, seed, options, keep_log=keep_log, replica_of=replica_of, traitors=traitors)
        if treason is not None:
            self.simulation.weather.kept_apart = treason.divide(specification, traitors)
        self.chance = Chance(seed + 1_000_003)
        self.workload = Workload(self.simulation, Chance(seed + 2_000_003))
        self.views_to_commit = 0
        self.is_progress_due = len(traitors) <= (validators - 1) // 3
        """More traitors may stop the network."""
        self.fork: Conviction | None = None
        self.simulation.after(0, self._clients)
        self.chaos = Chaos(self.simulation, self.chance)

    def play(self) -> RunVerdict:
        """Plays all phases and says what they showed; a broken invariant ends the run."""
        simulation, failure = self.simulation, None
        try:
            simulation.run_until(lambda: max(simulation.checker.blocks, default=0) >= self.heights, CHAOS_MS_MAX)
            self.chaos.stop()
            failure = (self._heal_quorum() or self._heal_all()) if self.is_progress_due else None
        except InvariantError as error:
            simulation.record("", "failure", why=str(error))
            failure = self._judge(error)
        return self._verdict(failure)

    def _judge(self, broken: InvariantError) -> str | None:
        """A fork is no failure where there are traitors enough for one and it convicts them."""
        try:
            self.fork = convict_fork(self.simulation) if self.simulation.witness.is_fork_possible else None
        except InvariantError as error:
            return f"{broken} {error}"
        return None if self.fork is not None else str(broken)

    # Phases

    def _heal_quorum(self) -> str | None:
        """Heals the present validators but for f of them, which stay cut off, and waits for their next block."""
        simulation = self.simulation
        self.chaos.calm()
        best = max(simulation.up() or self.chaos.start_all(), key=lambda node: simulation.view(node.member).height)
        validators = simulation.view(best.member).validators_at(simulation.view(best.member).height + 1)
        members = [v.member for v in validators.validators]
        cut_off = self._draw_cut_off(members, validators.f)
        simulation.weather.isolate([*cut_off, *(m for m in simulation.nodes if m not in members)])
        self.chaos.start_all()
        healed = [m for m in members if m not in cut_off]
        before = max(simulation.view(m).height for m in healed if m not in simulation.traitors)
        views = [e.view for m in healed if (e := simulation.nodes[m].replica.engine).height == before + 1]  # type: ignore[union-attr]
        self.workload.tick_at(next(m for m in healed if m not in simulation.traitors))
        if not simulation.run_until(lambda: max(simulation.checker.blocks, default=0) > before, HEALED_MS_MAX):
            return f"The healed quorum did not commit within {HEALED_MS_MAX / 1000:.0f} s: {self._positions()}."
        self.views_to_commit = max(0, simulation.checker.views[before + 1] - max(views, default=1))
        if self.views_to_commit > validators.f + VIEWS_TO_COMMIT:
            return f"The healed quorum needed {self.views_to_commit} views: {self._positions()}."
        return None

    def _heal_all(self) -> str | None:
        """Everybody hears everybody: everything that clients sent is decided, and all nodes hold the same."""
        self.simulation.weather.clear()
        self.simulation.record("", "heal")
        if not self.simulation.run_until(self._is_settled, HEALED_MS_MAX):
            return f"The healed network did not settle within {HEALED_MS_MAX / 1000:.0f} s: {self._positions()}."
        self.simulation.checker.settled([self.simulation.view(member) for member in self.simulation.honest])
        return None

    def _draw_cut_off(self, members: list[str], f: int) -> list[str]:
        """Traitors count as cut off; the rest of the f is drawn."""
        honest = [m for m in members if m not in self.simulation.traitors]
        left = max(0, f - (len(members) - len(honest)))
        chosen: list[str] = []
        while len(chosen) < left:
            member = self.chance.pick(honest)
            if member not in chosen:
                chosen.append(member)
        return chosen

    # What goes on meanwhile

    def _clients(self) -> None:
        if self.chaos.is_going_on:
            self.workload.tick()
            self.simulation.after(self.chance.between(10, 300), self._clients)
        else:
            self.workload.send_again()
            self.simulation.after(1_000, self._clients)

    # What it showed

    def _is_settled(self) -> bool:
        self.workload.forget_decided()
        heights = {self.simulation.checker.heights.get(member, 0) for member in self.simulation.honest}
        return not self.workload.outstanding and len(heights) == 1

    def _positions(self) -> str:
        places = {m: n.replica.engine for m, n in self.simulation.nodes.items() if n.replica is not None}
        waiting = len(self.workload.outstanding)
        return ", ".join(f"{m} at {e.height}/{e.view}" for m, e in places.items()) + f", {waiting} transactions undecided"

    def _convicted(self) -> tuple[str, ...]:
        if self.fork is not None:
            return self.fork.members
        simulation = self.simulation
        return tuple(m for m in sorted(simulation.traitors) if simulation.key_of(m).public_key in simulation.witness.convicted)

    def _verdict(self, failure: str | None) -> RunVerdict:
        simulation = self.simulation
        blocks, counts = simulation.checker.blocks, simulation.counts
        last = blocks[max(blocks)] if blocks else None
        counts.later_view = sum(view > 1 for view in simulation.checker.views.values())
        counts.validator_change = sum(b.header.next_validators != b.header.validators for b in blocks.values())
        return RunVerdict(
            seed=simulation.seed,
            validators=self.validators,
            traitor=None if self.treason is None else str(self.treason),
            failure=failure,
            height=0 if last is None else last.header.height,
            last_block=simulation.ledger if last is None else last.id,
            transactions=len(simulation.checker.places),
            virtual_ms=simulation.time_ms,
            views_to_commit=self.views_to_commit,
            faults=counts,
            log_digest=hashlib.sha256(b"\n".join(simulation.log)).hexdigest() if simulation.log else "",
            betrayals=dict(simulation.betrayals),
            convicted=self._convicted(),
            forked_at=None if self.fork is None else self.fork.height,
        )


def convict_fork(simulation: Simulation) -> Conviction | None:
    """Who the exports of two honest nodes, up or down, convict, None if none differ; raises InvariantError if that is wrong."""
    views = [ChainView(simulation.nodes[member].store, simulation.network.genesis) for member in simulation.honest]
    pair = next((pair for pair in combinations(views, 2) if _differ(*pair)), None)
    conviction = None if pair is None else convict_exports(pair[0].export(), pair[1].export(), simulation.ledger)
    if conviction is None:
        return None
    innocent = set(conviction.members) - simulation.traitors
    if innocent:
        raise InvariantError(f"Honest keys are convicted: {', '.join(sorted(innocent))}.")
    validators = conviction.validators
    if len(conviction.members) < validators.n - 2 * validators.f:
        raise InvariantError(f"Only {len(conviction.members)} of {validators.n} keys are convicted of a fork.")
    return conviction


def _differ(one: ChainView, other: ChainView) -> bool:
    height = min(one.height, other.height)
    return height > 0 and one.block_id(height) != other.block_id(height)
