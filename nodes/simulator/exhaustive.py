"""Small-scope exhaustive check: the real engine in every order of deliveries, timeouts, lies and one crash.

All global states of a few validators, one of them a traitor, over a few views of one height, breadth first, told apart by
their values. After each step the oracle `broken` judges what was signed. Ideal signatures: see `ideal`.

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
* A scope may be explored in `parts`, on several machines: in each the last honest leader has one first move only, or two that
  differ in the names of the traitor's blocks. Every run has such a first move or none. A crash is none: one that undoes a move
  which nobody heard of leaves the node as if it had only crashed. So what can happen can happen in one of the parts.

What is signed never stops being signed, so safety needs no more than that. That no state is a trap is asked of `healing`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ledger.certificate import PARTS, Certificate, Statement
from nodes.consensus import rules
from nodes.consensus.events import EngineStep
from nodes.simulator.healing import Healing
from nodes.simulator.ideal import HEIGHT, Heard, IdealNode, Move, World

GlobalState = tuple[int, ...]
"""How many crashes may come yet, and the number of each node's state."""
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
    first: tuple[str, ...] = ()
    """What the last honest leader may do first, but for a crash; any move if it is empty."""

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
    parts: int = 1
    """In how many parts it was explored; a state counts in each that it belongs to."""
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
        parts = f" in {self.parts} parts" if self.parts > 1 else ""
        counts = f"states {self.states:,}{parts}, frontier {self.frontier:,}, depth {self.depth}, healed {self.healed:,}"
        return f"{self.scope}: {state}\n  {counts}{steps}"


def explore(
    scope: Scope,
    states_max: int = 10_000_000,
    progress: Callable[[Report], None] = lambda report: None,
    step: EngineStep = rules.step,
) -> Report:
    """Sees every state of the scope, or `states_max` of them; ends at the first broken invariant."""
    return Exploration(scope, step).run(states_max, progress)


def scopes(validators: int = 4, views: int = 2, crashes: int = 1, heal_every: int = 0) -> tuple[Scope, ...]:
    """Each choice of a traitor that differs: every leader of the views, and one of those who lead none."""
    leaders = [(HEIGHT + view) % validators for view in range(1, views + 1)]
    others = [i for i in range(validators) if i not in leaders]
    return tuple(Scope(validators, t, views, crashes, heal_every=heal_every) for t in (*others[:1], *leaders))


def parts(scope: Scope) -> tuple[Scope, ...]:
    """The scope by first moves; itself alone if the traitor leads every view."""
    exploration = Exploration(scope)
    firsts: dict[frozenset[int], list[str]] = {}
    for number in exploration.unmoved[:1]:
        for move in exploration.world.moves(exploration.nodes[number]):
            if not move.is_crash:
                after = exploration._number(move.after)
                firsts.setdefault(frozenset((after, exploration.twin(after))), []).append(move.text)
    return tuple(replace(scope, first=tuple(texts)) for texts in firsts.values()) or (scope,)


def merged(scope: Scope, reports: Sequence[Report]) -> Report:
    """What the explorations of all parts of a scope showed."""
    broken_in = next((report for report in reports if report.failure is not None), None)
    states, frontier, healed = (sum(getattr(report, name) for report in reports) for name in ("states", "frontier", "healed"))
    whole = Report(scope, states, frontier, max(report.depth for report in reports), healed, len(reports))
    return whole if broken_in is None else replace(whole, failure=broken_in.failure, trace=broken_in.trace)


@dataclass(frozen=True, slots=True)
class Moves:
    """Of one state of a node: (bit of what it needs, number of the state after it)."""

    eager: tuple[tuple[int, int], ...]
    all: tuple[tuple[int, int], ...]
    crashes: tuple[tuple[int, int], ...]


class Exploration:
    """Global states as numbers: each node's state is numbered, and its moves are worked out once."""

    def __init__(self, scope: Scope, step: EngineStep = rules.step) -> None:
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
        self.moves_of = cache(self._moves_of)
        self.forget = cache(lambda number: self._number(replace(self.nodes[number], disk=None)))
        """By number: the same node once no crash can come any more."""
        self.twin = cache(lambda number: self._number(self.world.swapped(self.nodes[number])))
        """By number: the same node where the traitor's two blocks have changed names."""
        self.forms = cache(self.world.forms)
        led = [self.world.validators.leader(HEIGHT, view) for view in reversed(self.world.views)]
        last = next((index for index in led if index in honest), None)
        start = None if last is None else self.world.start(last, scope.crashes > 0)
        self.unmoved = [] if start is None else [self._number(start), self._number(replace(start, disk=None))]
        """Numbers of the last honest leader before its first move, with a crash to come and without."""
        self.judged: dict[int, tuple[int, str | None]] = {}
        """By pool, the bits of all that was signed: which guards hold, what is broken."""
        self.healed = 0
        self.parents: dict[GlobalState, GlobalState] = {}
        """By state: the one it was reached from first."""

    def run(self, states_max: int, progress: Callable[[Report], None]) -> Report:
        """Breadth first."""
        numbers = [self._number(self.world.start(player, self.scope.crashes > 0)) for player in self.players]
        start = self._least((self.scope.crashes, *numbers))
        self.parents[start] = start
        layer, depth, reported = [start], 0, 0
        while layer:
            following: list[GlobalState] = []
            for done, state in enumerate(layer):
                for after in map(self._least, self._next(state)):
                    if after not in self.parents:
                        self.parents[after] = state
                        following.append(after)
                        is_due = bool(self.scope.heal_every) and len(self.parents) % self.scope.heal_every == 0
                        if self._failure(after, is_due) is not None:
                            return self._report(len(layer) - done + len(following), depth + 1, after)
                if len(self.parents) >= states_max:
                    return self._report(len(layer) - done - 1 + len(following), depth + 1)
                if len(self.parents) >= reported + STATES_BETWEEN_REPORTS:
                    reported = len(self.parents)
                    progress(self._report(len(layer) - done - 1 + len(following), depth + 1))
            layer = following
            depth += bool(layer)
        return self._report(0, depth)

    # One step

    def _next(self, state: GlobalState) -> Iterator[GlobalState]:
        """Each following state."""
        crashes, *numbers = state
        holds = self._judge(self._pool(state))[0]
        for place, moves in self._followed([self.moves_of(number) for number in numbers], holds):
            for needs, after in moves:
                if needs & holds:
                    yield (crashes, *numbers[:place], after, *numbers[place + 1 :])
            for needs, after in self.moves_of(numbers[place]).crashes if crashes else ():
                if needs & holds:
                    yield (crashes - 1, *map(self.forget, (*numbers[:place], after, *numbers[place + 1 :])))

    def _followed(self, moves: list[Moves], holds: int) -> Iterable[tuple[int, Sequence[tuple[int, int]]]]:
        """By place, the moves to follow: only one eager move where there is one, else all."""
        if self.scope.is_reduced:
            for place, its in enumerate(moves):
                for needs, after in its.eager:
                    if needs & holds:
                        return ((place, ((needs, after),)),)
        return ((place, its.all) for place, its in enumerate(moves))

    def _moves_of(self, number: int) -> Moves:
        eager, every, crashes = set[tuple[int, int]](), set[tuple[int, int]](), set[tuple[int, int]]()
        for move in self._possible(number):
            entry = (self.guards[move.needs], self._number(move.after))
            (crashes if move.is_crash else every).add(entry)
            if move.is_eager:
                eager.add(entry)
        return Moves(*(tuple(sorted(entries)) for entries in (eager, every, crashes)))

    def _possible(self, number: int) -> Iterator[Move]:
        """What may happen to a node in this part of the scope."""
        is_any = not self.scope.first or number not in self.unmoved
        return (m for m in self.world.moves(self.nodes[number]) if is_any or m.is_crash or m.text in self.scope.first)

    # What was signed

    def _pool(self, state: GlobalState) -> int:
        pool = 0
        for signed, number in zip(self.signed, state[1:], strict=True):
            pool |= signed[number]
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
        return self.forms(heard, tuple(sorted((*signers, self.scope.traitor))))

    def _failure(self, state: GlobalState, is_healed: bool) -> str | None:
        """What is broken in a state; whether it is a trap is asked if it is to be healed."""
        failure = self._judge(self._pool(state))[1]
        if failure is None and is_healed:
            self.healed += 1
            failure = Healing(self.world, [self.nodes[number] for number in state[1:]]).run()
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

    def _least(self, state: GlobalState) -> GlobalState:
        """The least of all states that differ only in names."""
        least = self._ordered(state)
        return min(least, self._ordered((state[0], *map(self.twin, state[1:])))) if self.world.twins else least

    def _ordered(self, state: GlobalState) -> GlobalState:
        """The state with the numbers of nodes that are alike in order."""
        if len(self.alike) < 2:
            return state
        entries = list(state)
        for place, number in zip(self.alike, sorted(state[1 + place] for place in self.alike), strict=True):
            entries[1 + place] = number
        return tuple(entries)

    # What it showed

    def _report(self, frontier: int, depth: int, broken_in: GlobalState | None = None) -> Report:
        report = Report(self.scope, len(self.parents), frontier, depth, self.healed)
        if broken_in is None:
            return report
        steps, state = self._way(broken_in)
        return replace(report, failure=self._failure(state, is_healed=True), trace=steps)

    def _way(self, state: GlobalState) -> tuple[tuple[str, ...], GlobalState]:
        """The steps from the start, all in the names that the start has, and the state they lead to."""
        way = [state]
        while self.parents[way[-1]] != way[-1]:
            way.append(self.parents[way[-1]])
        state, steps = way.pop(), []
        while way:
            text, state = self._step_to(way.pop(), state)
            steps.append(text)
        return tuple(steps), state

    def _step_to(self, least: GlobalState, state: GlobalState) -> tuple[str, GlobalState]:
        """The step from a state to one that differs from `least` only in names, and that one."""
        crashes, *numbers = state
        for place, number in enumerate(numbers):
            for move in self._possible(number):
                after = (crashes, *numbers[:place], self._number(move.after), *numbers[place + 1 :])
                if move.is_crash:
                    after = (crashes - 1, *map(self.forget, after[1:]))
                if after[0] >= 0 and self._least(after) == least:
                    return f"{self.world.honest[place]} {move.text}", after
        raise AssertionError("no step leads there")


# The oracle, which shares no code with the engine

Said = tuple[str, int, str, int]
"""Kind, view, block and signer of a statement."""
Held = tuple[str, int, str]
"""Kind, view and block of a certificate."""
CERTIFIED = {"vote": "notar", "skip": "skip", "final": "commit"}


def broken(n: int, said: Iterable[Said], formed: Iterable[Held], decided: Iterable[str]) -> str | None:
    """The first broken invariant of consensus in a sentence, of all that honest validators of one height ever signed.

    `formed` and `decided` is what engines made of it. Quorum and certificates are counted here again: what could be certified
    counts as certified, with the traitor's signature on anything, whether or not a node holds the certificate.
    """
    honest = set(said)
    by_key: dict[tuple[int, int], dict[str, set[str]]] = {}
    signers: dict[Held, int] = {}
    for kind, view, block, signer in honest:
        by_key.setdefault((view, signer), {}).setdefault(kind, set()).add(block)
        if kind in CERTIFIED:
            key = (CERTIFIED[kind], view, block)
            signers[key] = signers.get(key, 0) + 1
    for (view, signer), kinds in by_key.items():
        for kind, blocks in kinds.items():
            if len(blocks) > 1:
                return f"Honest validator {signer} signed two {kind}s in view {view}."
        if "skip" in kinds and "final" in kinds:
            return f"Honest validator {signer} signed Skip and Final in view {view}."
    quorum = n - (n - 1) // 3
    certified = {key for key, count in signers.items() if count + 1 >= quorum} | set(formed)
    held: dict[int, dict[str, set[str]]] = {}
    for kind, view, block in certified:
        held.setdefault(view, {}).setdefault(kind, set()).add(block)
    for view, certificates in held.items():
        if len(certificates.get("notar", ())) > 1:
            return f"Two NotarCert blocks in view {view}."
        if "skip" in certificates and "commit" in certificates:
            return f"SkipCert and CommitCert in view {view}."
    blocks = {block for kind, _, block in certified if kind == "commit"} | set(decided)
    return f"Two blocks of one height: {', '.join(sorted(blocks))}." if len(blocks) > 1 else None
