"""Four simulated networks on one queue, and the links over which relayers and clients reach them.

Whoever is outside asks one node, which may be behind, down, or a traitor that shows forged proofs; what it submits may be lost,
come late, or come twice. While a ledger is apart nobody outside reaches it, or its own nodes do not reach each other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ledger.chain.view import ChainView
from ledger.encoding import decode_object
from ledger.errors import BusyError, InputError, JsonValue
from ledger.primitives import Digest
from ledger.transaction import Block, Transaction, sign_transaction
from nodes.replica.replica import Replica
from nodes.simulator.chance import Chance
from nodes.simulator.chaos import Chaos
from nodes.simulator.checker import Checker, InvariantError
from nodes.simulator.run import Treason
from nodes.simulator.scheduler import Scheduler
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CHAOS, FaultCounts
from nodes.traitors.kinds import TRAITORS
from scenarios.corridor.campaign.ground import specification
from scenarios.corridor.cast import LEDGERS, governors

WEATHER = replace(CHAOS, pending_max=40)
LIFETIME_MS = 60_000
LOSS_PERMILLE, DUPLICATION_PERMILLE, DELAY_MS_MAX = 100, 60, 150
"""Of what a client submits."""
APART_PERMILLE, APART_MS_MAX = 350, 4_000
"""How often, each time it is drawn, one ledger is apart from all others, and for how long at most."""
APART_EVERY_MS = 2_500
BEGIN_MS_MAX, SEND_AGAIN_MS = 60_000, 1_000
FORKING, TOO_MANY = "equivocator", (0, 1)
"""What traitors do that make a ledger fork, and their places from the first on: two of four validators."""
HONEST_PERMILLE = 250
"""How often the one possible traitor of a ledger is none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a node shows to somebody outside."""

    view: ChainView
    is_forged: bool
    """A traitor shows it: the state is what the honest part of it holds, the proofs are not."""

    def head(self) -> dict[str, Any]:
        """The newest block."""
        return block_of(self.view, self.view.height)


def block_of(view: ChainView, height: int) -> dict[str, Any]:
    """A block as `advance` and `report_fork` take it."""
    proof = view.prove_block(height)
    return {"header": proof["header"], "certificate": proof["certificate"]}


class Branches(Checker):
    """Of a ledger that may fork: a second block of one height is no failure, but what is waited for."""

    def __init__(self, before: Checker) -> None:
        super().__init__(before.blocks, before.heights, before.views, before.places)
        self.forked_at = 0
        """The first such height."""

    def decided(self, node: str, block: Block, view: int, chain: ChainView | None = None) -> None:
        """Takes a block that an honest node published."""
        known = self.blocks.get(block.header.height)
        if known is None or known.id == block.id:
            if not self.forked_at:
                super().decided(node, block, view, chain)
            return
        self.forked_at = self.forked_at or block.header.height


class World:
    """The four ledgers."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.scheduler = Scheduler()
        self.chance = Chance(5 * seed + 7_000_003)
        self.fired: Counter[str] = Counter()
        """Faults outside of the networks, by kind."""
        self.apart: str = ""
        """The ledger that nobody outside reaches."""
        self.outstanding: dict[str, dict[Digest, Transaction]] = {ledger: {} for ledger in LEDGERS}
        self.kinds: dict[str, str] = {}
        """By ledger what kind its traitor is; of an honest ledger none."""
        self.simulations: dict[str, Simulation] = {}
        for place, ledger in enumerate(LEDGERS):
            self.simulations[ledger] = self._simulation(ledger, len(LEDGERS) * seed + place)
        self.chaos: dict[str, Chaos] = {}
        """By ledger, from the beginning of the chaos on."""
        self.is_chaos = False

    def _simulation(self, ledger: str, seed: int) -> Simulation:
        plan, traitors = specification(ledger), frozenset[str]()
        replica_of: Callable[[str], type[Replica]] = _honest
        if not self.chance.happens(HONEST_PERMILLE):
            self.kinds[ledger] = self.chance.pick([*TRAITORS])
            traitors = frozenset((self.chance.pick(plan.validators),))
            replica_of = Treason(self.kinds[ledger], 1).replica_of(traitors, _honest)
        simulation = Simulation(plan, seed, WEATHER, replica_of=replica_of, traitors=traitors, scheduler=self.scheduler)
        simulation.weather.options = WEATHER.calm()
        return simulation

    # From outside

    def ask(self, ledger: str) -> Answer | None:
        """What some node of a ledger shows, if it answers."""
        simulation = self.simulations[ledger]
        node = simulation.nodes[self.chance.pick([*simulation.nodes])]
        if node.replica is None or self.apart == ledger:
            self.fired["no answer"] += 1
            return None
        newest = max(simulation.checker.blocks, default=0)
        view = simulation.view(node.member)
        if view.height == 0:
            return None
        self.fired["answer behind"] += view.height < newest
        is_forged = self.is_chaos and node.member in simulation.traitors
        self.fired["forged answer"] += is_forged
        return Answer(view, is_forged)

    def sign(
        self, ledger: str, signers: Sequence[str], contract: str, operation: str, arguments: Mapping[str, JsonValue]
    ) -> Transaction:
        """A transaction of these members."""
        simulation = self.simulations[ledger]
        return sign_transaction(
            ledger=simulation.ledger,
            contract=contract,
            operation=operation,
            arguments=dict(arguments),
            signers=[(member, simulation.key_of(member)) for member in signers],
            nonce=self.chance.hexadecimal(32),
            expires_ms=simulation.now_ms + LIFETIME_MS,
        )

    def post(self, ledger: str, *transactions: Transaction, again: bool = True) -> None:
        """Sends a list to some node. With `again` the client goes on sending it until a block holds it."""
        if again:
            self.outstanding[ledger] |= {transaction.id: transaction for transaction in transactions}
        copies = 1
        if self.is_chaos:
            if self.apart == ledger or self.chance.happens(LOSS_PERMILLE):
                self.fired["submission lost"] += 1
                return
            if self.chance.happens(DUPLICATION_PERMILLE):
                self.fired["submission doubled"] += 1
                copies = 2
        for _ in range(copies):
            member = self.chance.pick([*self.simulations[ledger].nodes])
            self.scheduler.after(self.chance.between(1, DELAY_MS_MAX), partial(self._arrive, ledger, member, transactions))

    def forget_decided(self) -> None:
        """What a block holds is done; what expired never happens."""
        for ledger, waiting in self.outstanding.items():
            simulation = self.simulations[ledger]
            for key in [
                key
                for key, transaction in waiting.items()
                if key in simulation.checker.places or transaction.expires_ms <= simulation.now_ms
            ]:
                del waiting[key]

    def send_again(self) -> None:
        """Every client tries once more."""
        self.forget_decided()
        for ledger, waiting in self.outstanding.items():
            if waiting:
                self.post(ledger, *waiting.values())

    def set_clocks(self, ahead_ms: int) -> None:
        """Time passes on all four."""
        self.fired["clock ahead"] += 1
        for simulation in self.simulations.values():
            simulation.set_clock(simulation.now_ms + ahead_ms)

    def record(self, ledger: str, contract: str, collection: str, key: str) -> dict[str, Any] | None:
        """What an honest node holds now."""
        value = self.simulations[ledger].view().state.get(contract, collection, key)
        return None if value is None else decode_object(value)

    def _arrive(self, ledger: str, member: str, transactions: Sequence[Transaction]) -> None:
        simulation = self.simulations[ledger]
        if simulation.nodes[member].replica is None:
            self.fired["submission lost"] += 1
            return
        for transaction in transactions:
            try:
                simulation.submit((transaction,), member)
            except (InputError, BusyError) as error:
                simulation.counts.full += error.code == "too-many-pending"
            if simulation.nodes[member].replica is None:
                return

    # Phases

    def admit_each_other(self) -> None:
        """A majority of each ledger's organizations admits the other three."""
        for ledger in LEDGERS:
            for other in (one for one in LEDGERS if one != ledger):
                genesis = self.simulations[other].network.genesis
                action: JsonValue = {
                    "kind": "admit-ledger",
                    "name": other,
                    "ledger": genesis.ledger,
                    "validators": genesis.validator_set.to_json(),
                }
                proposal: dict[str, JsonValue] = {"number": f"ADMIT-{other}", "action": action}
                self.post(ledger, self.sign(ledger, governors(ledger), "governance", "propose", proposal))
        until_ms = self.scheduler.time_ms + BEGIN_MS_MAX
        while not self.scheduler.run_until(self._is_all_decided, SEND_AGAIN_MS):
            if self.scheduler.time_ms > until_ms:
                raise InvariantError("Liveness: the ledgers did not admit each other.")
            self.send_again()  # a traitor may have kept it for itself

    def begin_chaos(self) -> None:
        """From now on anything may go wrong."""
        self.is_chaos = True
        for ledger, simulation in self.simulations.items():
            simulation.weather.options = WEATHER
            self.chaos[ledger] = Chaos(simulation, self.chance)
        self.scheduler.after(APART_EVERY_MS, self._draw_apart)

    def heal(self) -> None:
        """Everybody reaches everybody; every node is up. Traitors stay what they are."""
        self.is_chaos, self.apart = False, ""
        for chaos in self.chaos.values():
            chaos.calm()
            chaos.start_all()

    def betray(self, ledger: str) -> Branches:
        """One traitor more than the ledger can bear: side by side, they divide the honest, who hear each other no more."""
        simulation = self.simulations[ledger]
        treason = Treason(FORKING, len(TOO_MANY))
        validators = specification(ledger).validators
        known = [validators.index(member) for member in validators if member in simulation.traitors]
        first = known[0] if known else self.chance.below(len(validators))
        traitors = simulation.traitors
        if len(traitors) < len(TOO_MANY):
            traitors = frozenset(validators[(first + place) % len(validators)] for place in TOO_MANY)
        simulation.turn(traitors, treason.replica_of(traitors, _honest))
        simulation.weather.kept_apart = treason.divide(specification(ledger), traitors)
        branches = Branches(simulation.checker)
        simulation.checker = branches
        return branches

    def faults(self) -> FaultCounts:
        """Of the four networks."""
        whole = FaultCounts()
        for simulation in self.simulations.values():
            simulation.counts.later_view = sum(view > 1 for view in simulation.checker.views.values())
            whole.add(simulation.counts)
        return whole

    def _draw_apart(self) -> None:
        """One whole ledger is apart for a while: from outside, or each of its nodes from the others."""
        if not self.is_chaos:
            return
        if not self.apart and self.chance.happens(APART_PERMILLE):
            ledger = self.chance.pick(LEDGERS)
            until_ms = self.chance.between(500, APART_MS_MAX)
            if self.chance.happens(500):
                self.fired["ledger apart"] += 1
                self.apart = ledger
                self.scheduler.after(until_ms, self._rejoin)
            else:
                self.fired["ledger in pieces"] += 1
                simulation = self.simulations[ledger]
                simulation.weather.isolate([*simulation.nodes])  # until its weather is drawn again
        self.scheduler.after(APART_EVERY_MS, self._draw_apart)

    def _is_all_decided(self) -> bool:
        self.forget_decided()
        return not any(self.outstanding.values())

    def _rejoin(self) -> None:
        self.apart = ""


def _honest(member: str) -> type[Replica]:
    return Replica
