"""One seed of the corridor: chaos on four ledgers, then all is well and every deal comes to its end, then one ledger forks.

`CorridorRun(seed).play()` plays it and judges X1 to X7 twice: when everything has come to rest, and after the fork.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from ledger.chain.view import ChainView
from ledger.encoding import decode_object
from ledger.errors import JsonValue
from ledger.identity.records import GOVERNANCE
from ledger.primitives import Digest
from nodes.foreign.relayer import HeldBlock, crossing_proof, fork_report, head_key, known_of
from nodes.simulator.checker import InvariantError
from nodes.simulator.weather import FaultCounts
from scenarios.corridor.books import Books, Done
from scenarios.corridor.brought import KINDS
from scenarios.corridor.campaign.carriers import Relayer, advance
from scenarios.corridor.campaign.clients import Clients
from scenarios.corridor.campaign.ground import BILLS, CLAIMS
from scenarios.corridor.campaign.world import Branches, World, block_of
from scenarios.corridor.cast import ENERGY, FINANCE, GOVERNMENT, LEDGERS, RELAYER, SHIPPING
from scenarios.corridor.invariants import Ledgers, crossing, judged
from scenarios.economy.cast import LICENCE

CHAOS_MS = 15_000
HEALED_MS_MAX, FORK_MS_MAX, FORK_TRIES = 180_000, 10_000, 3
"""Virtual time within which everything must have come to its end, and more than f traitors must have made their ledger fork."""
ACT_MS, SEND_AGAIN_PERMILLE = (50, 250), 250
END_MS = 700
UNKNOWN_MS = 1_500
"""How long a fork goes on before anybody shows it to the other ledgers."""
WAYS = ((GOVERNMENT, FINANCE), (ENERGY, FINANCE), (SHIPPING, FINANCE), (FINANCE, SHIPPING), (GOVERNMENT, SHIPPING))
"""Who relies on whom: on each way two relayers at once."""
RELAYERS, PAUSE_MS = 2, (900, 3_000)
REPORT_AGAIN_MS = 10_000
FROZEN = "ledger-frozen"


@dataclass(frozen=True, slots=True)
class CorridorVerdict:
    """What a seed showed."""

    seed: int
    failure: str | None
    """What is broken, None if all held."""
    heights: Mapping[str, int]
    transactions: int
    crossings: Mapping[str, int]
    """Operations that took effect on a proof of another ledger, by operation."""
    refused: Mapping[str, int]
    """Those that did not, by code."""
    deals: Mapping[str, int]
    """By their end."""
    faults: FaultCounts
    """In the four networks."""
    fired: Mapping[str, int]
    """Outside of them."""
    traitors: Mapping[str, str]
    """By ledger."""
    forked: str
    """The ledger that had too many traitors."""
    convicted: tuple[str, ...]
    virtual_ms: int
    blocks: Mapping[str, Digest] = field(default_factory=dict)
    """The last block of each ledger: the same for the same seed."""

    def __str__(self) -> str:
        state = "X1 to X7 hold" if self.failure is None else f"FAILED: {self.failure}"
        return (
            f"seed {self.seed}: {state}\n"
            f"  {told(self.heights)} blocks, {self.transactions} transactions, {self.virtual_ms / 1000:.1f} s of virtual time\n"
            f"  crossings: {told(self.crossings)}; refused: {told(self.refused)}; deals: {told(self.deals)}\n"
            f"  {self.faults}\n  outside: {told(self.fired)}\n  traitors: {told(self.traitors)}\n"
            f"  {self.forked or 'no ledger'} forked, convicted: {', '.join(self.convicted) or 'nobody'}"
        )


def told(counts: Mapping[str, object]) -> str:
    """Names and what belongs to them, in one line."""
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


class CorridorRun:
    """Four ledgers with their clients and relayers."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.world = World(seed)
        self.clients = Clients(self.world)
        self.relayers = [Relayer(self.world, *way, PAUSE_MS) for way in WAYS for _ in range(RELAYERS)]
        self.is_trading = True
        self.is_over = False
        """Everything has come to its end."""
        self.forked = ""
        self.convicted: tuple[str, ...] = ()

    def play(self) -> CorridorVerdict:
        """Plays all phases; the first thing that is broken ends the run."""
        failure = None
        try:
            self._chaos()
            self._settle()
            self._judge({name: [self.world.simulations[name].view()] for name in LEDGERS})
            self._fork()
        except InvariantError as error:
            failure = str(error)
        return self._verdict(failure)

    # Phases

    def _chaos(self) -> None:
        self.world.admit_each_other()
        self.world.begin_chaos()
        self.clients.begin()
        self._act()
        self.world.scheduler.run_until(lambda: False, CHAOS_MS)

    def _settle(self) -> None:
        """Without faults, but with its traitors, each ledger decides what was sent, and every deal that was begun ends."""
        world = self.world
        self.is_trading = False
        world.heal()
        self._end()
        if not world.scheduler.run_until(lambda: self.is_over, HEALED_MS_MAX):
            raise InvariantError(f"Liveness: {self._waiting()} after {HEALED_MS_MAX // 1000} s without faults.")
        for relayer in self.relayers:
            relayer.is_resting = True
        if not world.scheduler.run_until(self._is_settled, HEALED_MS_MAX):
            raise InvariantError(f"Liveness: {self._waiting()} after {HEALED_MS_MAX // 1000} s without relayers.")
        for simulation in world.simulations.values():
            simulation.checker.settled([simulation.view(member) for member in simulation.honest])

    def _fork(self) -> None:
        """More than f traitors in one ledger; then trade goes on, on proofs of both branches, until the others know.

        So many traitors may also make it stand still: after a few tries that is all that is to be seen.
        """
        world, ledger = self.world, self.world.chance.pick(LEDGERS)
        for _ in range(FORK_TRIES):
            self._work(ledger, world.betray(ledger))
            if world.scheduler.run_until(lambda: self._sides(ledger) is not None, FORK_MS_MAX):
                break
        else:
            return
        self.forked = ledger
        for relayer in self.relayers:
            relayer.is_resting = False
        self.is_trading = True
        world.scheduler.run_until(lambda: False, UNKNOWN_MS)
        self._report(ledger)
        frozen = self._probe(ledger)
        self._judge({name: self._views(name) for name in LEDGERS})
        self._judge_frozen(ledger, frozen)

    def _report(self, ledger: str) -> None:
        """Two relayers at once show both blocks to the three others, which convict and freeze."""
        sides = self._sides(ledger)
        assert sides is not None
        height, one, other = sides
        held = [HeldBlock(**block_of(side, height), record=decode_object(side.record_bytes(height))) for side in (one, other)]
        others = [name for name in LEDGERS if name != ledger]
        key = f"{ledger}:{height}:{one.header(height).validators}"
        scheduler, until_ms = self.world.scheduler, self.world.scheduler.time_ms + HEALED_MS_MAX
        while missing := [name for name in others if not self._conflict(name, key)]:  # a report that expired is signed anew
            if scheduler.time_ms >= until_ms:
                raise InvariantError(f"The fork of {ledger} at height {height} is not recorded everywhere: {self._waiting()}.")
            for name, _ in product(missing, range(RELAYERS)):
                admission = self.world.record(name, GOVERNANCE, "ledgers", ledger)
                assert admission is not None
                known = known_of(ledger, admission, self.world.record(name, "foreign", "heads", head_key(ledger, admission)))
                shown = fork_report(known, one.validators_at(height), *held)
                self.world.post(name, self.world.sign(name, (RELAYER,), "foreign", "report_fork", shown))
            scheduler.run_until(lambda: all(self._conflict(name, key) for name in others), REPORT_AGAIN_MS)
        for name in others:
            conflict = self._conflict(name, key)
            assert conflict is not None
            self.convicted = tuple(conflict["convicted"])
            if set(self.convicted) != self.world.simulations[ledger].traitors or not conflict["froze"]:
                raise InvariantError(f"{name} convicted {', '.join(self.convicted) or 'nobody'} of the fork of {ledger}.")

    def _probe(self, ledger: str) -> dict[str, int]:
        """Somebody goes on to show proofs of the forked ledger: headers and records of either branch. Heights of the freeze."""
        world = self.world
        self.is_trading = False
        frozen = {name: world.simulations[name].view().height for name in LEDGERS if name != ledger}
        probes = []
        for name in frozen:
            for view in self._views(ledger)[:2]:
                probes.append((name, advance(world, name, RELAYER, ledger, block_of(view, view.height))))
            probes += [(name, signed) for signed in self._uses(ledger, name)]
        for name, transaction in probes:
            world.post(name, transaction)
        if not world.scheduler.run_until(
            lambda: all(one.id in world.simulations[name].checker.places for name, one in probes), HEALED_MS_MAX
        ):
            raise InvariantError(f"Liveness: after the fork of {ledger} the others decide nothing: {self._waiting()}.")
        for name, transaction in probes:
            receipt = world.simulations[name].receipt(transaction.id)
            if receipt is None or receipt["code"] != FROZEN:
                raise InvariantError(
                    f"{name} still believes {ledger}: {transaction.operation} ends {receipt and receipt['code']}."
                )
        return frozen

    def _uses(self, ledger: str, target: str) -> list[Any]:
        """What would rely on a record of the forked ledger."""
        view, found = self._views(ledger)[0], []
        keys = {"licences": LICENCE, "claims": CLAIMS[0], "titles": BILLS[0], "documents": BILLS[0], "versions": "none"}
        installed = self.world.simulations[target].contracts.contracts
        for kind, (source, _, _) in KINDS.items() if "brought" in installed else ():
            if source == ledger:
                shown = crossing_proof(view.prove_state(source, f"crossing_{kind}", keys[kind]))
                arguments: dict[str, JsonValue] = {"kind": kind, "key": keys[kind], "proof": shown}
                found.append(self.world.sign(target, (RELAYER,), "brought", "bring", arguments))
        return found

    # What goes on meanwhile

    def _act(self) -> None:
        if self.is_trading:
            self.clients.act()
            if self.world.chance.happens(SEND_AGAIN_PERMILLE):
                self.world.send_again()
        else:
            self.world.send_again()
        self.world.scheduler.after(self.world.chance.between(*ACT_MS) * (1 if self.is_trading else 4), self._act)

    def _end(self) -> None:
        self.is_over = self.clients.bring_to_an_end() and not any(self.world.outstanding.values())
        if not self.is_over:
            self.world.scheduler.after(END_MS, self._end)

    def _work(self, ledger: str, branches: Branches) -> None:
        """So that the ledger that is to fork has blocks to decide."""
        world = self.world
        if world.simulations[ledger].checker is branches and branches.forked_at == 0:
            other = LEDGERS[(LEDGERS.index(ledger) + 1) % len(LEDGERS)]
            view = world.simulations[other].view()
            world.post(ledger, advance(world, ledger, RELAYER, other, block_of(view, view.height)), again=False)
            world.scheduler.after(END_MS, lambda: self._work(ledger, branches))

    # What it showed

    def _judge(self, views: Mapping[str, list[ChainView]]) -> None:
        """Every branch with what any branch of the others decided."""
        branches = {name: [Books(tuple(view.export())) for view in held] for name, held in views.items()}
        for chosen in product(*branches.values()):
            found = judged(Ledgers(dict(zip(branches, chosen, strict=True)), branches))
            faults = [f"{finding.code}: {fault}" for finding in found for fault in finding.faults]
            if faults:
                raise InvariantError("; ".join(faults[:3]))

    def _judge_frozen(self, ledger: str, frozen: Mapping[str, int]) -> None:
        """Nothing of the forked ledger takes effect after its freeze."""
        for name, height in frozen.items():
            for one in Books(tuple(self.world.simulations[name].view().export())).done:
                found = crossing(one)
                if one.height > height and (_advances(one, ledger) or (found is not None and found[0] == ledger)):
                    raise InvariantError(f"{name} believed {ledger} after its fork: {one}.")

    def _sides(self, ledger: str) -> tuple[int, ChainView, ChainView] | None:
        """The first height at which two honest nodes differ."""
        simulation = self.world.simulations[ledger]
        if not (isinstance(simulation.checker, Branches) and simulation.checker.forked_at):
            return None
        for one, other in combinations(self._views(ledger), 2):
            for height in range(1, min(one.height, other.height) + 1):
                if one.block_id(height) != other.block_id(height):
                    return height, one, other
        return None

    def _views(self, ledger: str) -> list[ChainView]:
        """Of its honest nodes; of a ledger that did not fork one."""
        simulation = self.world.simulations[ledger]
        views = [simulation.view(node.member) for node in simulation.up()]
        return views if ledger == self.forked or isinstance(simulation.checker, Branches) else views[:1]

    def _conflict(self, name: str, key: str) -> dict[str, Any] | None:
        return self.world.record(name, "foreign", "conflicts", key)

    def _is_settled(self) -> bool:
        self.world.forget_decided()
        return not any(self.world.outstanding.values()) and all(
            len({simulation.view(member).height for member in simulation.honest}) == 1
            for simulation in self.world.simulations.values()
        )

    def _waiting(self) -> str:
        waiting = [f"{len(sent)} transactions on {name}" for name, sent in self.world.outstanding.items() if sent]
        locked = [bill for bill in BILLS if self.world.record(SHIPPING, "shipping", "bill_locks", bill)]
        return ", ".join([*waiting, *(f"{bill} locked" for bill in locked)]) or "nothing waits"

    def _verdict(self, failure: str | None) -> CorridorVerdict:
        world = self.world
        views = {name: simulation.view() for name, simulation in world.simulations.items() if simulation.up()}
        books = {name: Books(tuple(view.export())) for name, view in views.items()}
        used = [(one, crossing(one)) for held in books.values() for one in held.all]
        ends = Counter(row["end"] for row in books[FINANCE].rows("deals", "crossing_ends").values()) if FINANCE in books else {}
        return CorridorVerdict(
            seed=self.seed,
            failure=failure,
            heights={name: view.height for name, view in views.items()},
            transactions=sum(len(held.all) for held in books.values()),
            crossings=dict(sorted(Counter(one.operation for one, found in used if found and one.is_committed).items())),
            refused=dict(sorted(Counter(one.code for one, found in used if found and not one.is_committed).items())),
            deals=dict(sorted(ends.items())),
            faults=world.faults(),
            fired=dict(sorted(world.fired.items())),
            traitors=dict(world.kinds),
            forked=self.forked,
            convicted=self.convicted,
            virtual_ms=world.scheduler.time_ms,
            blocks={name: view.block_id(view.height) for name, view in views.items()},
        )


def _advances(one: Done, ledger: str) -> bool:
    return one.contract == "foreign" and one.operation == "advance" and one.arguments["ledger"] == ledger
