"""One random walker for every trade: whatever its members try, in whatever order, the trade's invariants hold after each step.

What a walk tries comes from the trade's rule tables. Their worlds are where walks begin; the calls that built these worlds, and
the attempts of `RULES`, are samples. A walk makes them again, with what is there now:

    records    an argument that named a record names one that is there, in the same state; one that named a new record, a new one
    fields     an argument called as a field of such a record, or of one that this one names, takes the field's value
    signers    a signer whom such a field or an argument named is now the member whom it names
    times      are as far from now as they were
    amounts    which a refusal expected instead are tried next
    mistakes   now and then anything else of that name, or anybody

What a trade needs beyond that is a row of its own: argument, or operation.argument -> how its value is drawn.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from random import Random
from typing import Any, cast

from ledger.contract import Contract, Record, Sealed
from ledger.contract.calendar import DAY_MS
from ledger.contract.refusal import Phrase
from ledger.errors import JsonValue, RefusedError
from scenarios.story import story
from tests.contract_world import Call, World
from tests.rule_table import RuleTable

Known = dict[str, Any]
Before = Callable[[], World[Any]]
Draw = Callable[["Walk", Known], Any]
"""Draws an argument; it sees those drawn before it, and the fields of the records that they name."""
MISTAKE = 12
"""One in this many arguments and signers is anything."""
WEIGHT = 6
"""Of an operation that has no weight of its own."""
REDRAWN = 3
"""Arguments are drawn up to so often, until they name signers of the usual roles."""
AIMED = 12
"""Times the weight of an operation that a walk aims at."""
STARTS = 50
"""Worlds that are looked at for a walk that aims."""
PATIENCE = 4
"""Attempts at one step, until one takes effect."""
NUMBERS = 40
"""New records are numbered below this, so that a number is met a second time."""
DAYS = (*(0, 0, 0, 1, 1, 1, 3) * 5, 30, 180)
"""Pass now and then."""
ROWS_MAX = 10_000
"""More than a walk leaves in a collection."""
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Trade:
    """What a walk is given."""

    contract: type[Contract]
    findings: Callable[[story.PlayedStory], Iterable[story.Finding]]
    tables: Sequence[RuleTable]
    """Their states are where walks begin, each with the calls that led to it."""
    rules: Mapping[str, tuple[Before, Callable[[Any], str]]]
    """More worlds, and in each an attempt that is refused."""
    arguments: Mapping[str, Draw] = field(default_factory=dict)
    """Argument, or operation.argument -> how it is drawn; what has no row is drawn as the module says."""
    weights: Mapping[str, int] = field(default_factory=dict)
    """How often an operation is chosen, 6 for those not named: less for those that end what others live on, 0 for those
    that need another ledger."""
    flaws: tuple[str, ...] = ()
    """Codes: walks find it out when the contract forgets to refuse with one of them."""

    @cached_property
    def made(self) -> Mapping[Before, World[Any]]:
        """The worlds of the rules, each made once."""
        return {before: before() for before in dict.fromkeys(before for before, _ in self.rules.values())}

    @cached_property
    def begun(self) -> tuple[World[Any], ...]:
        """The worlds in which the invariants hold: a test may have broken the others on purpose."""
        worlds = [world() for table in self.tables for world in table.states.values()]
        worlds += [self.made[before] for before, _ in self.rules.values()]
        sound = {id(world) for world in each(worlds) if not [*self.faults(world)]}
        return tuple(world for world in worlds if id(world) in sound)

    @cached_property
    def played(self) -> tuple[World[Any], ...]:
        """The same, and, for operations used in none of them, one world of a table after each party that can do it."""
        known = {call.operation.name for world in self.begun for call in world.calls if call.events is not None}
        more = [
            world
            for table in self.tables
            for attempt in table.attempts
            for state in (table.states.values() if attempt.operation.name not in known else ())
            for begun in (state(),)
            for member in table.parties.values()
            if table.cell(world := begun.copy(), attempt, member) == "ok"
        ]
        return (*self.begun, *more)

    @cached_property
    def links(self) -> Mapping[tuple[str, str], str]:
        """Operation and argument -> the collection whose keys its values are, by the worlds; without operation, of any."""
        worlds = each(self.played)
        keys = {name: {key for world in worlds for key, _ in rows_of(world, name)} for name in collections_of(self.contract)}
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for call in {repr(call): call for world in worlds for call in world.calls}.values():
            for name, value in texts_of(call.arguments):
                for collection in keys:
                    if value in keys[collection]:
                        counts[call.operation.name, name][collection] += 1
                        counts["", name][collection] += 1
        # Of two collections with the same keys it is the one that is called like the argument.
        alike = {key: key[1].rstrip("s") for key in counts}
        return {key: max(counted, key=lambda name: (counted[name], alike[key] in name)) for key, counted in counts.items()}

    @cached_property
    def samples(self) -> Mapping[str, list["Sample"]]:
        """Operation -> its calls by the tables, each once."""
        samples: dict[str, Sample] = {}
        for world in each(self.played):
            self.add_samples(samples, world)
        for before, attempt in self.rules.values():
            self.add_samples(samples, self.made[before])
            tried = self.made[before].copy()
            attempt(tried)
            begun = self.made[before].copy()
            for call in tried.calls[len(begun.calls) :]:
                samples.setdefault(repr(call), self.sample(begun, call))
                repeat(begun, call)
        of: dict[str, list[Sample]] = defaultdict(list)
        for one in samples.values():
            of[one.call.operation.name].append(one)
        return dict(sorted(of.items()))

    def add_samples(self, samples: dict[str, "Sample"], world: World[Any]) -> None:
        """Those of a world's calls that are not there yet: the world is made again for them."""
        if all(repr(call) in samples for call in world.calls):
            return
        begun: World[Any] = type(world)()  # type: ignore[call-arg]  # a trade's own world needs nothing
        for member, roles in world.roles.items():
            begun.enrol(member, *roles)
        for call in world.calls:
            if repr(call) not in samples:
                samples[repr(call)] = self.sample(begun, call)
            repeat(begun, call)

    def sample(self, world: World[Any], call: Call) -> "Sample":
        """A call as it stood in its world."""
        known: Known = {**call.arguments, **dict(texts_of(call.arguments))}
        records: dict[str, str | None] = {}
        for name, key in texts_of(call.arguments):
            if collection := self.links.get((call.operation.name, name)):
                record = follow(self, world, collection, key, known)
                records[name] = None if record is None else state_of(record)
        needs = frozenset((self.links[call.operation.name, name], state) for name, state in records.items() if state is not None)
        named = [
            frozenset(name for name, value in known.items() if value and value in (member, member.partition(".")[0]))
            for member in call.signers
        ]
        return Sample(call, records, needs, tuple(named))

    def faults(self, world: World[Any]) -> Iterator[str]:
        """What the invariants find in a world, by its state and by all that led to it."""
        for finding in self.findings(played_story(world)):
            yield from (f"{finding.code} {fault}" for fault in finding.faults)

    def shortest(self, walk: "Walk") -> list[Call]:
        """What is left of a walk that ended in a fault, when every call is taken out that the fault does not need."""
        calls = [call for call in walk.world.calls[walk.begun :] if call.events is not None]
        for call in [*calls]:
            fewer = [other for other in calls if other is not call]
            if [*self.faults(again(walk.start, fewer))]:
                calls = fewer
        return calls


@dataclass(frozen=True, slots=True)
class Sample:
    """A call by the tables, good or bad."""

    call: Call
    records: Mapping[str, str | None]
    """Argument that names a record -> the state of the record just before the call, None where there was none."""
    needs: frozenset[tuple[str, str]]
    """Collection and state of each of those that were there."""
    named: tuple[frozenset[str], ...]
    """For each signer the arguments, and fields of these records, that named it."""


class Walk:
    """One sequence of attempts."""

    def __init__(self, trade: Trade, seed: int, aim: str = "") -> None:
        self.trade = trade
        self.aim = aim
        """An operation that is chosen more often than its weight says, in a world in which something is there for it."""
        self.chance = Random(seed)
        self.codes: Counter[tuple[str, str]] = Counter()
        """Operation and code, `ok` for what took effect."""
        self._rows: dict[str, list[tuple[str, Any]]] = {}
        self._states: dict[str, set[str]] = {}
        self._ready: dict[frozenset[tuple[str, str]], bool] = {}
        for _ in range(STARTS if aim else 1):
            self.start = self.chance.choice(trade.begun)
            self.world = self.start.copy()
            self._forget()
            if any(sample.call.events is not None and self.is_ready(sample) for sample in trade.samples.get(aim, ())):
                break
        self.begun = len(self.world.calls)

    def rows(self, collection: str) -> list[tuple[str, Any]]:
        """Key and record, as they are now."""
        if collection not in self._rows:
            self._rows[collection] = rows_of(self.world, collection)
        return self._rows[collection]

    def step(self) -> bool:
        """Tries one operation that something is there for."""
        if self.chance.randrange(12) == 0:
            self.world.time_ms += self.chance.choice(sorted({*DAYS}) if self.aim else DAYS) * DAY_MS + 1
        ready = {name: fit for name, samples in self.trade.samples.items() if (fit := [*filter(self.is_ready, samples)])}
        weights = [self.trade.weights.get(name, WEIGHT) * (AIMED if name == self.aim else 1) for name in ready]
        samples = ready[self.chance.choices([*ready], weights)[0]]
        bad = [sample for sample in samples if sample.call.events is None]
        good = [sample for sample in samples if sample.call.events is not None] or bad
        return any(self.vary(self.chance.choice(bad if bad and self.chance.randrange(3) == 0 else good)) for _ in range(PATIENCE))

    def is_ready(self, sample: Sample) -> bool:
        """Whether there are records as the sample named them."""
        if sample.needs not in self._ready:
            self._ready[sample.needs] = all(state in self.states(collection) for collection, state in sample.needs)
        return self._ready[sample.needs]

    def states(self, collection: str) -> set[str]:
        """In which records of the collection are; "" where they have none."""
        if collection not in self._states:
            self._states[collection] = {state_of(record) for _, record in self.rows(collection)}
        return self._states[collection]

    def fit(self, sample: Sample, name: str) -> list[str]:
        """Keys of records in the state in which the sample's was."""
        rows = self.rows(self.link(sample, name))
        return [key for key, record in rows if state_of(record) == sample.records[name]]

    def link(self, sample: Sample, name: str) -> str:
        """The collection in which an argument names a record."""
        return self.trade.links[sample.call.operation.name, name]

    def vary(self, sample: Sample) -> bool:
        """Does what the sample does, as it would be done now; whether it took effect."""
        roles, usual = self.world.roles, sample.call.signers
        for _ in range(REDRAWN):
            known: Known = {}
            arguments = self.filled(sample.call.arguments, sample, known)
            named = [self.signer(member, names, known) for member, names in zip(usual, sample.named, strict=True)]
            if all(roles.get(member) == roles.get(other) for member, other in zip(named, usual, strict=True)):
                break
        signers = tuple(dict.fromkeys(named))
        details = self.attempt(signers, sample, arguments)
        if details and (expected := expected_by(details, arguments)):
            details = self.attempt(signers, sample, {**arguments, **expected})
        return details is None

    def attempt(self, signers: tuple[str, ...], sample: Sample, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The details of the refusal; None if it took effect."""
        operation = sample.call.operation
        try:
            self.world.do(signers, operation, **arguments)
        except RefusedError as error:
            self.codes[operation.name, error.code] += 1
            return error.details
        self.codes[operation.name, "ok"] += 1
        self._forget()
        return None

    def _forget(self) -> None:
        """What was known of the world as it was."""
        self._rows.clear()
        self._states.clear()
        self._ready.clear()

    def filled(self, arguments: Mapping[str, Any], sample: Sample, known: Known) -> dict[str, Any]:
        """All arguments: those first that name records, since others follow from the records' fields."""
        drawn = {}
        for name in sorted(arguments, key=lambda name: _order(name, arguments[name], sample)):
            drawn[name] = known[name] = self.value(name, arguments[name], sample, known)
            for key in drawn[name] if isinstance(drawn[name], list) else [drawn[name]]:
                if name in sample.records and isinstance(key, str):
                    follow(self.trade, self.world, self.link(sample, name), key, known)
        return {name: drawn[name] for name in arguments}

    def value(self, name: str, value: Any, sample: Sample, known: Known) -> Any:
        """One argument."""
        if self.chance.randrange(MISTAKE) == 0:
            return self.other(name, value)
        if draw := self.trade.arguments.get(f"{sample.call.operation.name}.{name}") or self.trade.arguments.get(name):
            return draw(self, known)
        if isinstance(value, Mapping) and set(value) != {"sealed"}:
            return self.filled(value, sample, known)
        if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            return [self.filled(part, sample, known) for part in value]
        if name in sample.records and not (name in known and is_like(known[name], value)):
            return [self.key(name, key, sample) for key in value] if not isinstance(value, str) else self.key(name, value, sample)
        if name in known and is_like(known[name], value):
            return {"sealed": known[name]} if isinstance(value, Mapping) and isinstance(known[name], str) else known[name]
        if name.endswith("_ms") and isinstance(value, int):
            unit = 1 if value % DAY_MS else DAY_MS
            return max(0, value + (self.world.time_ms // unit - sample.call.time_ms // unit) * unit)
        return value

    def key(self, name: str, value: str, sample: Sample) -> str:
        """Of a record that is there, mostly one in that state, or a new one."""
        if sample.records[name] is None:
            return f"{value}{self.chance.randrange(NUMBERS)}"
        fit = self.fit(sample, name) if self.chance.randrange(4) else []
        return self.chance.choice(fit or [key for key, _ in self.rows(self.link(sample, name))])

    def other(self, name: str, value: Any) -> Any:
        """Anything else of that name: what stands in such fields, another key, an amount or a day beside."""
        collections = collections_of(self.trade.contract)
        records = [record for collection in collections for _, record in self.rows(collection)]
        values = [value, *(getattr(record, name) for record in records if name in type(record).model_fields)]
        if isinstance(value, int) and not isinstance(value, bool):
            step = DAY_MS if name.endswith("_ms") else 1
            values += [value + step, max(0, value - step), value // 2]
        if collection := self.trade.links.get(("", name)):
            values += [key for key, _ in self.rows(collection)]
        return self.chance.choice(values)

    def signer(self, usual: str, named: frozenset[str], known: Known) -> str:
        """The member whom the same arguments and fields name now; of an organization one with the same roles, if it has one."""
        roles = self.world.roles
        if usual not in roles or self.chance.randrange(MISTAKE) == 0:
            return self.chance.choice(sorted(roles))
        now = {known[name] for name in sorted(named) if isinstance(known.get(name), str)}
        fit = [member for member in roles if {member, member.partition(".")[0]} & now]
        return self.chance.choice([member for member in fit if roles[member] == roles[usual]] or fit or [usual])


def _order(name: str, value: Any, sample: Sample) -> tuple[bool, bool, bool]:
    """Names of records that are there come first, those of new ones next, then records as arguments, then everything else."""
    return name not in sample.records and not isinstance(value, Mapping), name not in sample.records, not sample.records.get(name)


def follow(trade: Trade, world: World[Any], collection: str, key: str, known: Known, depth: int = 2) -> Any:
    """The record; takes in its fields and those of the records that these name."""
    record = getattr(world.contract, collection).get(key) if key else None
    for name in type(record).model_fields if record else ():
        value = getattr(record, name)
        if value != "":
            known.setdefault(name, value)
        if depth and isinstance(value, str) and ("", name) in trade.links:
            follow(trade, world, trade.links["", name], value, known, depth - 1)
    return record


def each(worlds: Iterable[World[Any]]) -> list[World[Any]]:
    """Every world once."""
    return [*{id(world): world for world in worlds}.values()]


def state_of(record: Any) -> str:
    """Its state, under the name that its trade has for it."""
    return str(getattr(record, "state", getattr(record, "status", "")))


def repeat(world: World[Any], call: Call) -> None:
    """Tries a call once more, at its time."""
    world.time_ms = call.time_ms
    world.code(call.signers, call.operation, **call.arguments)


def again(start: World[Any], calls: Sequence[Call]) -> World[Any]:
    """A world after these calls."""
    world = start.copy()
    for call in calls:
        repeat(world, call)
    return world


def collections_of(contract: type[Contract]) -> list[str]:
    """The contract's own collections."""
    return [name for name, collection in contract.collections.items() if collection.of is None]


def rows_of(world: World[Any], collection: str) -> list[tuple[str, Any]]:
    """Key and record."""
    declared = world.of.collections[collection]
    return [(key, parsed(declared.record, value)) for key, value in world.state.page(declared.contract, collection, "", ROWS_MAX)]


@lru_cache(100_000)
def parsed(model: type[Record], value: bytes) -> Any:
    """A record, of which most stand in many worlds and after many steps alike."""
    return model.model_validate_json(value)


def texts_of(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each text among the arguments with its name; a digest is none, since it names no record."""
    for name, value in arguments.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, Mapping):
                yield from texts_of(one)
            elif isinstance(one, str) and DIGEST.fullmatch(one) is None:
                yield name, one


def is_like(value: Any, sample: Any) -> bool:
    """Whether a field's value can stand where the sample stands."""
    if isinstance(sample, Mapping):
        return isinstance(value, Sealed) or (isinstance(value, str) and DIGEST.fullmatch(value) is not None)
    return isinstance(value, type(sample)) or (isinstance(sample, list | tuple) and isinstance(value, list | tuple))


def expected_by(details: Mapping[str, Any], arguments: Mapping[str, Any]) -> Known:
    """What a refusal says that it expected, by the arguments that end as its name does."""
    said = {name.removeprefix("expected_"): value for name, value in details.items() if name.startswith("expected_")}
    return {name: value for name in arguments for unit, value in said.items() if name.endswith(unit) and arguments[name] != value}


def played_story(world: World[Any]) -> story.PlayedStory:
    """What took effect in a world, as those who judge a story get it."""
    state = {name: dict(rows_of(world, name)) for name in collections_of(world.of)}
    steps = tuple(played_step(call) for call in world.calls if call.events is not None)
    return story.PlayedStory(steps, state, 0, story.Head(1, "", world.time_ms, ""))


def played_step(call: Call) -> story.PlayedStep:
    """One step of such a story."""
    words, ending = Phrase("", ""), story.Ending("committed", "")
    step = story.Act(call.signers, (story.Call(call.operation, call.arguments),), ending, words)
    outcome = story.Outcome("committed", "", {}, events=call.events or ())
    return story.PlayedStep(0, 0, step, call.time_ms, (outcome,), arguments=(cast("dict[str, JsonValue]", call.arguments),))
