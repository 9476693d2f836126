"""One stage over four ledgers: each call goes to its ledger, and what crosses is carried there first.

A relayer is played along: before an actor signs what needs a proof of another ledger, the newest header over there is brought to
the contract `foreign` here, unless it is known. What it brings is decided by `nodes.foreign.relayer`. These transactions are no
steps of the story; they are kept beside it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from typing import Any, Protocol

from ledger.audit import Auditor
from ledger.audit.exported import parse_exported_block
from ledger.contract import Collection, Operation
from ledger.encoding import encode
from ledger.errors import JsonValue, VerificationError
from ledger.genesis import parse_genesis
from ledger.identity.records import GOVERNANCE
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from nodes.foreign.contract import Foreign
from nodes.foreign.relayer import Known, crossing_proof, head_key, known_of, next_blocks
from nodes.lab.forging import Edit, Forger, decode_line
from nodes.network.specification import NetworkSpecification, load_contracts
from nodes.simulator.chance import Chance
from scenarios.client_files import ClientFiles, Entropy
from scenarios.corridor.cast import FINANCE, LEDGERS, PLANS, RELAYER, specification
from scenarios.story.play import Prepared, Stage
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Act, Head, Outcome, PlayedStory, Step, Story

INSTALLED = {ledger: tuple(name for name, _ in PLANS[ledger].contracts) for ledger in LEDGERS}
_EVERYWHERE = Counter(name for names in INSTALLED.values() for name in names)
OWN = {name: ledger for ledger, names in INSTALLED.items() for name in names if _EVERYWHERE[name] == 1}
"""Contract that only one ledger has -> that ledger."""


class LedgerStage(Stage, Protocol):
    """A stage of one ledger that can also prove what it holds: live nodes or simulated ones."""

    @property
    def genesis_bytes(self) -> bytes:
        """What every proof leads to."""

    def prove(self, contract: str, collection: str, key: str, trust_from: int) -> Mapping[str, Any]:
        """The proof of a record, or of its absence, at the newest block."""

    def inclusion(self, first: int, second: int) -> Sequence[str]:
        """The path of an earlier block into the history of a later one."""

    def wait_until(self, time_ms: int) -> None:
        """Returns when the newest block is not older than this time."""

    def key_of(self, member: str) -> PrivateKey:
        """A member's key."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Headers that the relayer brought from one ledger to another, in one transaction."""

    source: str
    target: str
    heights: tuple[int, ...]
    bytes_sent: int
    """Of its arguments."""
    signatures: int
    """That the target's validators had to check."""
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Crossing:
    """A proof that was used on another ledger than the one it comes from."""

    source: str
    target: str
    place: str
    """CONTRACT.COLLECTION on the source."""
    key: str
    height: int
    """Of the block that the proof leads to."""
    time_ms: int
    """Of that block."""
    proof: dict[str, JsonValue]
    """As it stands in the transaction."""
    outcome: Outcome | None = None
    """What became of the transaction; None while it is not sent."""

    @property
    def bytes_sent(self) -> int:
        """Of the proof."""
        return len(encode(self.proof))


@dataclass(frozen=True, slots=True)
class PlayedLedger:
    """What one of the ledgers leaves behind."""

    head: Head
    export: tuple[bytes, ...]
    log: tuple[Mapping[str, JsonValue], ...] = ()


@dataclass(frozen=True, slots=True)
class PlayedCorridor(PlayedStory):
    """A story on several ledgers; what a played story has of one ledger it has of the one that decides deals.

    In `records` the keys of a contract that several ledgers have begin with the ledger's name and a stroke.
    """

    ledgers: Mapping[str, PlayedLedger] = field(default_factory=dict)
    carried: tuple[Carried, ...] = ()
    crossings: tuple[Crossing, ...] = ()

    @property
    def blocks(self) -> int:
        """On all of them."""
        return sum(ledger.head.height for ledger in self.ledgers.values())


class CorridorFiles(ClientFiles):
    """The clients' files, with the ledgers that the clients ask for proofs."""

    def __init__(self, entropy: Entropy, corridor: "CorridorStage") -> None:
        super().__init__(entropy)
        self.corridor = corridor


class CorridorStage:
    """Four stages as one."""

    def __init__(self, stages: Mapping[str, LedgerStage], entropy: Entropy) -> None:
        self.stages = stages
        self.files: ClientFiles = CorridorFiles(entropy, self)
        self.start_ms = min(stage.start_ms for stage in stages.values())
        self.carried: list[Carried] = []
        self.crossings: list[Crossing] = []
        """In the order of their proofs."""
        self.genesis: Mapping[str, Digest] = {name: parse_genesis(s.genesis_bytes).ledger for name, s in stages.items()}
        self._kept: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
        """By label: place, key and proof."""
        self.forked: dict[str, tuple[Mapping[str, JsonValue], ...]] = {}
        """By ledger: the block that it kept and the other one, each a header with its certificate."""
        self._clock_ms = self.start_ms
        self._last = FINANCE
        """Ledger of the act that was played last."""
        self._sent: dict[str, str] = {}
        """Transaction -> its ledger."""

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """Each call on its ledger; those that follow each other on one ledger as one list."""
        outcomes: list[Outcome] = []
        for ledger, group in groupby(calls, lambda call: call.ledger):
            outcomes += self.stages[ledger].submit(signers, list(group))
            self._last = ledger
        self._sent |= {outcome.transaction: call.ledger for call, outcome in zip(calls, outcomes, strict=True)}
        self._note(calls, outcomes)
        return tuple(outcomes)

    def submit_again(self, transaction: str) -> Outcome:
        """On the ledger that had it."""
        self._last = self._sent[transaction]
        return self.stages[self._last].submit_again(transaction)

    def set_clock(self, time_ms: int) -> None:
        """On all four."""
        self._clock_ms = max(self._clock_ms, time_ms)
        for stage in self.stages.values():
            stage.set_clock(time_ms)

    def records(self, collection: Collection[Any]) -> Mapping[str, JsonValue]:
        """Every record; where several ledgers have the contract, with the ledger before each key."""
        own = OWN.get(collection.contract)
        if own is not None:
            return self.stages[own].records(collection)
        there = [name for name in self.stages if collection.contract in (*INSTALLED[name], GOVERNANCE)]
        return {f"{name}/{key}": record for name in there for key, record in self.stages[name].records(collection).items()}

    def head(self) -> Head:
        """Of the ledger on which something was done last."""
        return self.stages[self._last].head()

    def export(self) -> Iterable[bytes]:
        """The ledger that decides deals."""
        return self.stages[FINANCE].export()

    def log(self) -> Sequence[Mapping[str, JsonValue]]:
        """Of its nodes."""
        return self.stages[FINANCE].log()

    def played(self, story: PlayedStory) -> PlayedCorridor:
        """The played story with all four ledgers, and what crossed."""
        ledgers = {
            name: PlayedLedger(stage.head(), tuple(stage.export()), tuple(stage.log())) for name, stage in self.stages.items()
        }
        parts = {part.name: getattr(story, part.name) for part in fields(PlayedStory)}
        return PlayedCorridor(**parts, ledgers=ledgers, carried=tuple(self.carried), crossings=tuple(self.crossings))

    # What crosses

    def cross(self, target: str, source: str, place: str, key: str) -> Crossing:
        """The proof of a record at the source's newest block, whose header is brought to the target before."""
        there = self.stages[source]
        there.wait_until(self._clock_ms)
        contract, _, collection = place.partition(".")
        proof = there.prove(contract, collection, key, self._known(target, source).trust_from)
        self._carry(target, source, proof)
        return self._crossing(target, source, place, key, proof)

    def keep(self, label: str, source: str, place: str, key: str) -> None:
        """Somebody keeps a proof of today, to use it when it is no longer true."""
        contract, _, collection = place.partition(".")
        self._kept[label] = (place, key, self.stages[source].prove(contract, collection, key, 0))

    def cross_old(self, target: str, source: str, label: str) -> Crossing:
        """A proof that was kept: true, and led from its block to the newest header that the target knows."""
        place, key, kept = self._kept[label]
        self._carry(target, source, self.newest(target, source))
        inclusion = self.stages[source].inclusion(kept["header"]["height"], self._known(target, source).height)
        return self._crossing(target, source, place, key, kept, inclusion)

    def newest(self, target: str, source: str) -> Mapping[str, Any]:
        """The newest header of the source with its certificate, and the validator changes that the target does not know."""
        heads, known = Foreign.heads, self._known(target, source)
        return self.stages[source].prove(heads.contract, heads.name, target, known.trust_from)

    def fork(self, source: str, operation: Operation, changes: Mapping[str, JsonValue]) -> None:
        """Three of the validators, and who signed the last such operation, decide a second block of its height."""
        stage, plan = self.stages[source], specification(source)
        lines = tuple(stage.export())
        height, place, signers = _last(lines, operation)
        before = Auditor()
        for line in lines[:height]:
            before.feed(line)
        keys = {member: stage.key_of(member) for member in (*plan.validators[:3], *signers)}
        path = ("transactions", place, "body", "arguments")
        edits = tuple(Edit(path=(*path, name), value=value) for name, value in changes.items())
        (other,) = Forger(height, edits, rehash=True, keys=keys).forge(lines[: height + 1], before, load_contracts(plan))
        self.forked[source] = tuple(map(_decided, (lines[height], other)))

    def _crossing(
        self, target: str, source: str, place: str, key: str, proof: Mapping[str, Any], inclusion: Sequence[str] = ()
    ) -> Crossing:
        header = proof["header"]
        crossing = Crossing(source, target, place, key, header["height"], header["time"], crossing_proof(proof, inclusion))
        self.crossings.append(crossing)
        return crossing

    def _known(self, target: str, source: str) -> Known:
        """What the target knows of the source."""
        here = self.stages[target]
        admission = here.prove(GOVERNANCE, "ledgers", source, 0).get("value")
        if admission is None:  # check: corridor-admitted
            raise VerificationError("not-as-told", f"{target} has not admitted {source}.")
        head = here.prove(Foreign.name, Foreign.heads.name, head_key(source, admission), 0).get("value")
        return known_of(source, admission, head)

    def _carry(self, target: str, source: str, proof: Mapping[str, Any]) -> None:
        """Brings the header of a proof, and each before it that changed the validators, in the relayer's transactions."""
        while blocks := next_blocks(self._known(target, source), dict(proof)):
            brought: list[JsonValue] = [*blocks]
            advance = Prepared(Foreign.advance, {"ledger": source, "blocks": brought}, ledger=target)
            (outcome,) = self.stages[target].submit((RELAYER,), [advance])
            if outcome.outcome != "committed":  # check: corridor-header-taken
                raise VerificationError("not-as-told", f"{target} refused a header of {source}: {outcome.code}.")
            signatures = sum(len(block["certificate"]["signatures"]) for block in blocks)
            heights = tuple(block["header"]["height"] for block in blocks)
            self.carried.append(Carried(source, target, heights, len(encode(brought)), signatures, outcome))

    def _note(self, calls: Sequence[Prepared], outcomes: Sequence[Outcome]) -> None:
        """Which transaction used which proof."""
        for call, outcome in zip(calls, outcomes, strict=True):
            for place, crossing in enumerate(self.crossings):
                if crossing.outcome is None and any(value is crossing.proof for value in call.arguments.values()):
                    self.crossings[place] = replace(crossing, outcome=outcome)


def _last(lines: Sequence[bytes], operation: Operation) -> tuple[int, int, tuple[str, ...]]:
    """Height, place and signers of the last transaction of this operation that took effect."""
    for height in range(len(lines) - 1, 0, -1):
        block = parse_exported_block(lines[height])
        for place, (transaction, receipt) in enumerate(zip(block.transactions, block.receipts, strict=True)):
            if (transaction.contract, transaction.operation) == (operation.contract, operation.name) and receipt.committed:
                return height, place, transaction.signers
    raise AssertionError(f"nobody did {operation.name}")


def _decided(line: bytes) -> Mapping[str, JsonValue]:
    block = decode_line(line)
    return {"header": block["header"], "certificate": block["record"]["commit"]}


def routed(story: Story) -> Story:
    """The story with each call sent to the ledger that it names, or to the one that alone has its contract."""

    def sent(step: Step) -> Step:
        if not isinstance(step, Act):
            return step
        return replace(step, calls=tuple(replace(c, ledger=c.ledger or OWN[c.operation.contract]) for c in step.calls))

    return Story(tuple(replace(chapter, steps=tuple(map(sent, chapter.steps))) for chapter in story.chapters))


class SideBySide(SimulatedStage):
    """One of several simulations that share a clock: what is done on one is not earlier than what was done before on another."""

    def __init__(self, specification: NetworkSpecification, seed: int, clock: Counter[str]) -> None:
        super().__init__(specification, seed)
        self._clock = clock

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """After all that was done so far."""
        self.set_clock(self._clock["now_ms"])
        outcomes = super().submit(signers, calls)
        self._clock["now_ms"] = self.simulation.now_ms
        return outcomes


def simulated(seed: int) -> CorridorStage:
    """Four simulations side by side, each with a seed of its own: a member of one name has another key on each."""
    clock = Counter[str]()
    stages = {name: SideBySide(specification(name), len(LEDGERS) * seed + place, clock) for place, name in enumerate(LEDGERS)}
    chance = Chance(seed)
    return CorridorStage(stages, lambda size: bytes.fromhex(chance.hexadecimal(2 * size)))
