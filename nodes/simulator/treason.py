"""Runs with traitors among the validators: who they are, what may be expected of the others, and who is convicted.

Up to f traitors change nothing. With more the network may stand still. From n-2f on the ledger may fork; then the exports
of two honest nodes that differ convict at least n-2f keys, and never an honest one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from ledger.audit import Conviction, convict_exports
from ledger.chain.view import ChainView
from ledger.errors import OperatorError
from nodes.network.specification import NetworkSpecification
from nodes.replica.replica import Replica
from nodes.simulator.chance import Chance
from nodes.simulator.checker import InvariantError
from nodes.simulator.simulation import Simulation
from nodes.simulator.witness import may_fork
from nodes.traitors.kinds import find_traitor

ReplicaOf = Callable[[str], type[Replica]]
FIRST_LEADER = 2
"""Place of the leader of view 1 of height 1."""


@dataclass(frozen=True, slots=True)
class Treason:
    """Traitors of one kind."""

    kind: str
    count: int | None = None
    """f if it is left out."""

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


def convict_fork(simulation: Simulation) -> Conviction | None:
    """Who the exports of two honest nodes convict, None if none of them differ; raises InvariantError if that is wrong."""
    views = [simulation.view(node.member) for node in simulation.up()]
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
