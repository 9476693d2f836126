"""Validators of five or six sell one asset twice: each of the two honest ones decides its own block, and both exports hold.

With n = 5 or 6 one traitor is tolerated and n−1 statements decide, so a fork takes n−2 traitors and two silent ones halt: with
n = 3f+1 the two numbers would be the same.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from ledger.certificate import Statement
from ledger.errors import IndefiniteError, OperatorError
from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.consensus.events import ReplicaAction, ReplicaEvent
from nodes.messages import BlockMessage, block_message
from nodes.network.specification import NAMES
from nodes.replica.replica import Replica
from nodes.simulator.chance import Chance
from nodes.simulator.checker import InvariantError
from nodes.traitors.kinds import Equivocator, Silent
from scenarios.workshop.labs.material import SimulatedLedger, draw, workshop_specification

SIZES = (5, 6)
HONEST = 2
"""One for each side."""
NETWORK = (*NAMES, "coast", "river")
HEIGHTS = range(5, 12)
FORK_MS_MAX = 20_000
ATTEMPTS_MAX = 20


@dataclass(slots=True)
class Plot:
    """What the traitors have agreed; they are honest until there is a rival."""

    rivals: dict[Digest, Transaction] = field(default_factory=dict)
    """By transaction: what the other half gets in its place."""


class DoubleSeller(Equivocator):
    """An equivocator whose two blocks do not only differ in time: they give one asset to two members."""

    plot: ClassVar[Plot]

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Honest until the plot begins."""
        if self.plot.rivals:
            super().betray(action, said)
        else:
            self.actions.append(action)

    def listen(self, event: ReplicaEvent) -> None:
        """Agrees with everybody once the plot has begun."""
        if self.plot.rivals:
            super().listen(event)

    def _other(self, mine: Digest) -> BlockMessage:
        block = self.bodies.blocks[mine]
        transactions = tuple(self.plot.rivals.get(transaction.id, transaction) for transaction in block.transactions)
        other = self.chain.build(transactions, block.header.time + 1, self.settings.member).block
        self.hold_body(other)
        self.others = {mine: block_message(other)}
        return self.others[mine]


@dataclass(frozen=True, slots=True)
class Fork:
    """What was done, and what it left in the hands of two honest validators."""

    n: int
    """Validators of that network."""
    guilty: frozenset[str]
    height: int
    asset: str
    exports: dict[str, list[bytes]]
    """By honest validator."""
    holders: dict[str, str]
    """Who holds the asset now, as that validator has it."""


@lru_cache(maxsize=4)
def make_fork(seed: int) -> Fork:
    """Size, guilty, height, asset and buyers follow from the seed. Not every attempt succeeds: messages come by chance."""
    for attempt in range(ATTEMPTS_MAX):
        found = try_fork(seed + attempt * 1_000_000)
        if {len(lines) - 1 for lines in found.exports.values()} == {found.height} and len(set(found.holders.values())) == 2:
            return found
    raise OperatorError("no-fork", f"Seed {seed} made no fork in {ATTEMPTS_MAX} attempts.")


@lru_cache(maxsize=4)
def silent_that_halt(seed: int, n: int) -> int:
    """How many silent validators of n it takes until nothing is decided any more: tried with one, with two, and so on."""
    for count in range(1, n):
        silent = frozenset(f"{name}.validator" for name in NETWORK[:count])
        replicas: dict[str, type[Replica]] = dict.fromkeys(silent, Silent)
        specification = workshop_specification(NETWORK[:n])
        ledger = SimulatedLedger(seed, specification, replica_of=_replica_of(replicas), traitors=silent)
        try:
            ledger.act("north.member1", "asset", "issue", number="A-1", to="north.member1")
        except IndefiniteError:
            return count
    return n


def try_fork(seed: int, honest_count: int = HONEST) -> Fork:
    """One attempt; all others betray. Where more are honest than two, none succeeds."""
    chance = Chance(seed)
    n = chance.pick(SIZES)
    order = draw(chance, NETWORK[:n], n)
    height = chance.pick(tuple(height for height in HEIGHTS if height % n))  # the honest, side by side, are not first and last
    members = [f"{order[(height + 1 + place) % n]}.validator" for place in range(n)]
    guilty, honest = members[: n - honest_count], members[n - honest_count :]  # the leader of that height, and those after it
    plot = Plot()
    traitor = type("PlottingSeller", (DoubleSeller,), {"plot": plot})
    replicas: dict[str, type[Replica]] = dict.fromkeys(guilty, traitor)
    ledger = SimulatedLedger(
        seed,
        workshop_specification(NETWORK[:n], order),
        replica_of=_replica_of(replicas),
        traitors=frozenset(guilty),
    )
    asset = f"A-{chance.between(100, 999)}"
    _trade(ledger, chance, asset, height)
    _sell_twice(ledger, chance, plot, asset, honest)
    return Fork(
        n=n,
        guilty=frozenset(guilty),
        height=height,
        asset=asset,
        exports={name: ledger.export(name) for name in honest},
        holders={name: _holder(ledger, asset, name) for name in honest},
    )


def _replica_of(traitors: Mapping[str, type[Replica]]) -> Callable[[str], type[Replica]]:
    return lambda name: traitors.get(name, Replica)


def _trade(ledger: SimulatedLedger, chance: Chance, asset: str, height: int) -> None:
    """Honest business, up to the block below the fork."""
    ledger.act("north.member1", "asset", "issue", number=asset, to="north.member1")
    for number in range(height - 2):
        to = f"{chance.pick(('south', 'east', 'west'))}.member{chance.between(1, 4)}"
        ledger.act("north.member2", "asset", "issue", number=f"B-{number}", to=to)


def _sell_twice(ledger: SimulatedLedger, chance: Chance, plot: Plot, asset: str, honest: list[str]) -> None:
    buyers = [f"{name}.member{chance.between(1, 4)}" for name in ("south", "west")]
    first, second = (ledger.sign("north.member1", "asset", "transfer", number=asset, to=buyer) for buyer in buyers)
    plot.rivals = {first.id: second, second.id: first}
    simulation = ledger.simulation
    simulation.weather.kept_apart = frozenset((one, other) for one in honest for other in honest if one != other)
    simulation.submit([first], honest[0])

    def is_forked() -> bool:
        heights = {simulation.view(name).height for name in honest}
        return len(heights) == 1 and len({_holder(ledger, asset, name) for name in honest}) == 2

    with suppress(InvariantError):  # the checker has seen what no two honest nodes may ever hold: that is the fork
        simulation.run_until(is_forked, FORK_MS_MAX)


def _holder(ledger: SimulatedLedger, asset: str, node: str) -> str:
    value = ledger.record("asset", "assets", asset, node)
    assert isinstance(value, dict)
    return str(value["holder"])
