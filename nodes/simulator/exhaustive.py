"""Small-scope exhaustive check: the real engine in every order of deliveries, timeouts, lies and one crash.

All global states of a few validators, one of them a traitor, over a few views of one height, breadth first, told apart by
their values. After each step the oracle of `invariants` judges what was signed. Ideal signatures: see `ideal`.

What is left out, and why nothing is missed:

* The network is a set: what was sent may be heard at any later time, by anybody, again, or never. So loss, delay,
  reordering and duplication are all there, and a message without effect now is one still under way.
* Votes, Skips and Finals come as certificates: a single one changes nothing in a node but what it may certify, and
  every node that could certify may do so. The engine says whether some signers suffice. What only the traitor could add to
  any of them is always there. A record is its certificates, one by one.
* There is always work, but timers run out and fresh blocks come at any time or never, as if there were none.
* Every block executes to its roots, and its time is good: no honest node votes for another. A body comes with what needs it.
* A turn's statements are written at once and heard later, which is the same to others. A crash undoes what was not
  written; one in the middle of a write undoes that turn but not what it sent.
* Turns of different nodes commute, and what is signed stays signed. So where a node gains all and loses nothing by hearing
  something at once (`World._is_eager`), only that is followed. `is_reduced=False` follows everything.
* Views beyond the scope are entered, and what is said there is forgotten.
* Nodes that lead no view of the scope are alike, and so are the traitor's two blocks: states count up to such names.

What is signed never stops being signed, so safety needs no more than that. That no state is a trap is asked of `healing`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ledger.certificate import PARTS, Certificate, Statement
from nodes.consensus.events import EngineStep
from nodes.simulator.healing import Healing
from nodes.simulator.ideal import HEIGHT, Heard, IdealNode, World
from nodes.simulator.invariants import broken
from nodes.simulator.planted import REAL

BITS = 22
"""Of a node's number in a state's key."""
STATES_BETWEEN_REPORTS = 50_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What is explored."""

    validators: int = 4
    traitor: int = 3
    """Index of the validator that lies. Leaders of height 1 are 2, 3, 0, 1 for n = 4."""
    views: int = 2
    crashes: int = 1
    """0 or 1 honest node loses what was not durable."""
    is_reduced: bool = True
    heal_every: int = 0
    """One state in this many is healed, to see that it is no trap; 0 for none."""

    def __str__(self) -> str:
        return f"n={self.validators}, traitor {self.traitor}, {self.views} views, {self.crashes} crash"


@dataclass(frozen=True, slots=True)
class Report:
    """What an exploration showed."""

    scope: Scope
    states: int
    frontier: int
    """States that were reached and not followed: 0 if it is complete."""
    depth: int
    """Most steps from the start."""
    healed: int
    """States from which a healed network was played to the decision."""
    nodes: int
    """Different states of single nodes: so often, times what each may hear, the engine ran."""
    failure: str | None = None
    trace: tuple[str, ...] = ()
    """The shortest way to the failure."""

    @property
    def is_complete(self) -> bool:
        """Whether every state of the scope was seen."""
        return self.frontier == 0 and self.failure is None

    def __str__(self) -> str:
        state = f"FAILED: {self.failure}" if self.failure else "complete" if self.is_complete else "bound reached"
        steps = "".join(f"\n    {number}. {step}" for number, step in enumerate(self.trace, start=1))
        counts = f"states {self.states:,}, frontier {self.frontier:,}, depth {self.depth}, healed {self.healed:,}"
        return f"{self.scope}: {state}\n  {counts}{steps}"


def explore(
    scope: Scope, states_max: int = 10_000_000, progress: Callable[[Report], None] = lambda report: None, step: EngineStep = REAL
) -> Report:
    """Sees every state of the scope, or `states_max` of them; ends at the first broken invariant."""
    return Exploration(scope, step).run(states_max, progress)


def scopes(validators: int = 4, views: int = 2, crashes: int = 1, heal_every: int = 0) -> tuple[Scope, ...]:
    """Each choice of a traitor that differs: every leader of the views, and one of those who lead none."""
    leaders = [(HEIGHT + view) % validators for view in range(1, views + 1)]
    others = [i for i in range(validators) if i not in leaders]
    return tuple(Scope(validators, t, views, crashes, heal_every=heal_every) for t in (*others[:1], *leaders))


@dataclass(frozen=True, slots=True)
class Moves:
    """Of one state of a node: (bit of what it needs, number of the state after it)."""

    eager: tuple[tuple[int, int], ...]
    all: tuple[tuple[int, int], ...]
    crashes: tuple[tuple[int, int], ...]


class Exploration:
    """Global states as numbers: each node's state is numbered, and its moves are worked out once."""

    def __init__(self, scope: Scope, step: EngineStep = REAL) -> None:
        self.scope = scope
        self.world = World(scope.validators, scope.traitor, scope.views, step)
        leaders = {self.world.validators.leader(HEIGHT, view) for view in self.world.views}
        honest = self.world.honest
        self.alike = [place for place, index in enumerate(honest) if index not in leaders]
        """Places of nodes that lead no view. All of them are played by the first of them."""
        self.players = [honest[self.alike[0] if place in self.alike else place] for place in range(len(honest))]
        self.numbers: dict[IdealNode, int] = {}
        self.nodes: list[IdealNode] = []
        self.signed: list[list[int]] = [[] for _ in self.players]
        """By place and number: bits of what such a node signed there, and of the block it decided."""
        self.bits: dict[object, int] = {}
        self.guards: dict[Heard | None, int] = {None: 1}
        """Bits of what moves need."""
        self.guards |= {needs: 2 << place for place, (_, needs, _) in enumerate(self.world.audible)}
        self.nodes_moves: dict[int, Moves] = {}
        self.twins: dict[int, int] = {}
        self.forgetful: dict[int, int] = {}
        self.judged: dict[int, tuple[int, str | None]] = {}
        """By pool, the bits of all that was signed: which guards hold, what is broken."""
        self.formed: dict[tuple[Heard, tuple[int, ...]], bool] = {}
        self.healed = 0
        self.parents: dict[int, int] = {}
        """By state: the one it was reached from first."""

    def run(self, states_max: int, progress: Callable[[Report], None]) -> Report:
        """Breadth first."""
        numbers = [self._number(self.world.start(player, self.scope.crashes > 0)) for player in self.players]
        start = self._key(numbers, self.scope.crashes)
        self.parents[start] = start
        layer, depth, reported = [start], 0, 0
        while layer:
            following: list[int] = []
            for done, state in enumerate(layer):
                for numbers, crashes in self._next(state):
                    key = self._key(numbers, crashes)
                    if key not in self.parents:
                        self.parents[key] = state
                        following.append(key)
                        is_due = bool(self.scope.heal_every) and len(self.parents) % self.scope.heal_every == 0
                        if self._failure(self._unpacked(key)[0], is_due) is not None:
                            return self._report(len(layer) - done + len(following), depth + 1, key)
                if len(self.parents) >= states_max:
                    return self._report(len(layer) - done - 1 + len(following), depth + 1)
                if len(self.parents) >= reported + STATES_BETWEEN_REPORTS:
                    reported = len(self.parents)
                    progress(self._report(len(layer) - done - 1 + len(following), depth + 1))
            layer = following
            depth += bool(layer)
        return self._report(0, depth)

    # One step

    def _next(self, state: int) -> Iterator[tuple[list[int], int]]:
        """Numbers and crashes left of each following state."""
        numbers, crashes = self._unpacked(state)
        holds = self._judge(self._pool(numbers))[0]
        for place, moves in self._followed([self._moves_of(number) for number in numbers], holds):
            for needs, after in moves:
                if needs & holds:
                    yield [*numbers[:place], after, *numbers[place + 1 :]], crashes
            for needs, after in self.nodes_moves[numbers[place]].crashes if crashes else ():
                if needs & holds:
                    yield [self._forget(after if p == place else number) for p, number in enumerate(numbers)], crashes - 1

    def _followed(self, moves: list[Moves], holds: int) -> Iterable[tuple[int, Sequence[tuple[int, int]]]]:
        """By place, the moves to follow: only one eager move where there is one, else all."""
        if self.scope.is_reduced:
            for place, its in enumerate(moves):
                for needs, after in its.eager:
                    if needs & holds:
                        return ((place, ((needs, after),)),)
        return ((place, its.all) for place, its in enumerate(moves))

    def _moves_of(self, number: int) -> Moves:
        if number not in self.nodes_moves:
            found: dict[str, set[tuple[int, int]]] = {"eager": set(), "all": set(), "crashes": set()}
            for move in self.world.moves(self.nodes[number]):
                entry = (self.guards[move.needs], self._number(move.after))
                found["crashes" if move.is_crash else "all"].add(entry)
                if move.is_eager:
                    found["eager"].add(entry)
            self.nodes_moves[number] = Moves(*(tuple(sorted(found[name])) for name in ("eager", "all", "crashes")))
        return self.nodes_moves[number]

    # What was signed

    def _pool(self, numbers: list[int]) -> int:
        pool = 0
        for place, number in enumerate(numbers):
            pool |= self.signed[place][number]
        return pool

    def _judge(self, pool: int) -> tuple[int, str | None]:
        """Which guards hold, as bits, and what is broken, of everything that is signed."""
        known = self.judged.get(pool)
        if known is None:
            said = {item for item, bit in self.bits.items() if pool & bit and isinstance(item, Statement)}
            decided = [item for item, bit in self.bits.items() if pool & bit and isinstance(item, str)]
            holding = [heard for heard in self.guards if heard is None or self._is_signed(heard, said)]
            formed = [(c.kind, c.view, c.block) for c in holding if isinstance(c, Certificate)]
            failure = broken(self.scope.validators, ((s.kind, s.view, s.block, s.signer) for s in said), formed, decided)
            known = self.judged[pool] = (sum(self.guards[heard] for heard in holding), failure)
        return known

    def _is_signed(self, heard: Heard, said: set[Statement]) -> bool:
        """Whether a statement was made, or enough for the engine to form a certificate; the traitor says everything."""
        if isinstance(heard, Statement):
            return heard.signer == self.scope.traitor or heard in said
        kind = PARTS[heard.kind]
        signers = (i for i in range(self.scope.validators) if Statement(kind, HEIGHT, heard.view, heard.block, 0, i) in said)
        case = (heard, tuple(sorted((*signers, self.scope.traitor))))
        if case not in self.formed:
            self.formed[case] = self.world.forms(*case)
        return self.formed[case]

    def _failure(self, numbers: list[int], is_healed: bool) -> str | None:
        """What is broken in a state; whether it is a trap is asked if it is to be healed."""
        failure = self._judge(self._pool(numbers))[1]
        if failure is None and is_healed:
            self.healed += 1
            failure = Healing(self.world, [self.nodes[number] for number in numbers]).run()
        return failure

    # Numbers

    def _number(self, node: IdealNode) -> int:
        number = self.numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
            for place, index in enumerate(self.world.honest):
                said: list[object] = [replace(statement, signer=index) for statement in node.sent]
                said += [] if node.record is None else [node.record.commit.block]
                self.signed[place].append(sum(self.bits.setdefault(item, 1 << len(self.bits)) for item in said))
        return number

    def _forget(self, number: int) -> int:
        """The same node once no crash can come any more."""
        if number not in self.forgetful:
            self.forgetful[number] = self._number(replace(self.nodes[number], disk=None))
        return self.forgetful[number]

    def _twin(self, number: int) -> int:
        if number not in self.twins:
            self.twins[number] = self._number(self.world.swapped(self.nodes[number]))
        return self.twins[number]

    def _key(self, numbers: list[int], crashes: int) -> int:
        """The least of all states that differ only in names."""
        key = self._packed(numbers, crashes)
        if self.world.twins:
            key = min(key, self._packed([self._twin(number) for number in numbers], crashes))
        return key

    def _packed(self, numbers: list[int], crashes: int) -> int:
        if len(self.alike) > 1:
            numbers = list(numbers)
            for place, number in zip(self.alike, sorted(numbers[place] for place in self.alike), strict=True):
                numbers[place] = number
        key = crashes
        for number in numbers:
            key = key << BITS | number
        return key

    def _unpacked(self, key: int) -> tuple[list[int], int]:
        count = len(self.players)
        return [key >> BITS * (count - 1 - place) & (1 << BITS) - 1 for place in range(count)], key >> BITS * count

    # What it showed

    def _report(self, frontier: int, depth: int, broken_in: int | None = None) -> Report:
        report = Report(self.scope, len(self.parents), frontier, depth, self.healed, len(self.nodes))
        if broken_in is None:
            return report
        steps, numbers = self._way(broken_in)
        return replace(report, failure=self._failure(numbers, is_healed=True), trace=steps)

    def _way(self, key: int) -> tuple[tuple[str, ...], list[int]]:
        """The steps from the start, all in the names that the start has, and the state they lead to."""
        way = [key]
        while self.parents[way[-1]] != way[-1]:
            way.append(self.parents[way[-1]])
        numbers, crashes = self._unpacked(way.pop())
        steps = []
        while way:
            text, numbers, crashes = self._step_to(way.pop(), numbers, crashes)
            steps.append(text)
        return tuple(steps), numbers

    def _step_to(self, key: int, numbers: list[int], crashes: int) -> tuple[str, list[int], int]:
        for place, number in enumerate(numbers):
            for move in self.world.moves(self.nodes[number]):
                after, left = [*numbers[:place], self._number(move.after), *numbers[place + 1 :]], crashes
                if move.is_crash:
                    after, left = [self._forget(n) for n in after], crashes - 1
                if left >= 0 and self._key(after, left) == key:
                    return f"{self.world.honest[place]} {move.text}", after, left
        raise AssertionError("no step leads there")
