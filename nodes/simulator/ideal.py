"""One honest validator of the exhaustive check, as a value, and all that may happen to it: the real engine runs here.

IDEAL SIGNATURES: a signature here is the signer's name. No validator can sign as another; the traitor signs anything as
itself. No key, no bytes. A certificate is the fact that the engine, fed with the statements of some signers, forms it; it
names no signers, because no rule of the engine looks at them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ledger.certificate import PARTS, UNSIGNED, Certificate, CertificateKind, DecisionRecord, Statement, StatementKind
from ledger.identity.records import Validator, ValidatorSet
from ledger.primitives import NO_DIGEST, Digest, PublicKey, Signature
from nodes.consensus import events, rules
from nodes.consensus.engine_state import EngineState, Facts, FrozenMap, Timing
from nodes.consensus.events import EngineStep
from nodes.messages import StatementMessage

HEIGHT = 1
PARENT_TIME_MS = 1_000_000
TIMING = Timing(delay_ms=100, drift_ms=5_000)
Heard = Statement | Certificate
Speech = TypeVar("Speech", Statement, Certificate)
Certificates = FrozenMap[tuple[CertificateKind, int], Certificate]
Disk = tuple[Certificates, FrozenMap[Digest, Facts]]
NO_STATEMENTS = FrozenMap[tuple[StatementKind, int, int], Statement]()


@dataclass(frozen=True, slots=True)
class IdealNode:
    """An honest validator between two turns: what it decided to say is on its disk and sent."""

    engine: EngineState
    sent: frozenset[Statement] = frozenset()
    """Every statement that it ever let out."""
    disk: Disk | None = None
    """Certificates and bodies of its last write, beside its statements; None once no crash can come any more."""
    record: DecisionRecord | None = None
    """Why it decided."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may happen to a node."""

    text: str
    needs: Heard | None
    """What must have been signed for it: a statement, or the statements of a certificate."""
    after: IdealNode
    is_crash: bool = False
    is_eager: bool = False


class World:
    """n validators of which one lies, some views, and the engine under check. Gives each node's moves."""

    def __init__(self, n: int, traitor: int, views: int, step: EngineStep = rules.step) -> None:
        self.validators = ValidatorSet(tuple(Validator(f"v.{i}", PublicKey(f"{i:064x}")) for i in range(n)))
        self.traitor = traitor
        self.honest = tuple(i for i in range(n) if i != traitor)
        self.views = range(1, views + 1)
        self.step = step
        self.fresh = {view: self._fresh_blocks(view) for view in self.views}
        """Every block there may be, by the view of its first Propose: one by each honest leader, two by the traitor."""
        self.blocks = {facts.id: facts for blocks in self.fresh.values() for facts in blocks}
        pairs = [(blocks[0].id, blocks[1].id) for blocks in self.fresh.values() if len(blocks) == 2]
        self.twins = {one: other for a, b in pairs for one, other in ((a, b), (b, a))}
        """The traitor's two blocks of a view; all is the same if they change names."""
        self.audible = tuple(self._audible())

    def start(self, index: int, is_crash_possible: bool) -> IdealNode:
        """A validator as the height begins, with work to do."""
        disk: Disk | None = (FrozenMap(), FrozenMap()) if is_crash_possible else None
        return self.turn(IdealNode(self._new(index), disk=disk), (events.WorkChanged(True),))[0]

    def moves(self, node: IdealNode) -> Iterator[Move]:
        """All that may happen next. What has no effect yet is left out: it may as well still be on its way."""
        if node.record is not None:
            return
        for text, needs, given in (*self.audible, *self._own(node.engine)):
            if _is_known(node.engine, needs):
                continue
            after, sent = self.turn(node, given)
            if _is_effect(node, after, needs):
                yield Move(text, needs, after, is_eager=self._is_eager(node.engine, needs))
                if node.disk is not None:
                    yield Move(f"{text}, and crashes in the write", needs, self._restarted(node, sent), is_crash=True)
        if node.disk is not None:
            yield Move("crashes", None, self._restarted(node, node.sent), is_crash=True)

    def forms(self, target: Certificate, signers: Iterable[int]) -> bool:
        """Whether the engine, as an observer that hears these signers, forms the certificate."""
        state = self._new(None)
        for signer in signers:
            said = Statement(PARTS[target.kind], HEIGHT, target.view, target.block, 0, signer)
            state, _ = self.step(state, events.Received(signed(said)))
        formed = state.certificates.get((target.kind, target.view))
        return formed is not None and formed.block == target.block

    def turn(self, node: IdealNode, given: Iterable[events.EngineEvent]) -> tuple[IdealNode, frozenset[Statement]]:
        """Gives the engine these events; what it decides on is written at once and then sent, but for statements of views
        beyond the scope, which are forgotten. Also says what it had sent before the write.
        """
        state, sent, said, disk = node.engine, set(node.sent), list[Statement](), node.disk
        unwritten: frozenset[Statement] | None = None
        waiting = list(given)
        while waiting:
            state, effects = self.step(state, waiting.pop(0))
            for effect in effects:
                match effect:
                    case events.Persist(statement) if statement.view in self.views:
                        said.append(statement)
                    case events.SendMessage(None, StatementMessage(statement)) if statement.view in self.views:
                        sent.add(replace(statement, signature=UNSIGNED))
                    case events.Validate(block):
                        waiting.insert(0, events.Validated(block, "valid"))
                    case events.Commit(_, record):  # what is not written by now never will be
                        decided = IdealNode(replace(self._new(state.me), decided=True), frozenset(sent), None, record)
                        return decided, decided.sent if unwritten is None else unwritten
            if not waiting and said:
                unwritten = frozenset(sent) if unwritten is None else unwritten
                disk = _written(disk, state, said)
                waiting, said = [events.Durable(signed(statement)) for statement in said], []
        after = IdealNode(self._rested(state), frozenset(sent), disk)
        return after, after.sent if unwritten is None else unwritten

    def swapped(self, node: IdealNode) -> IdealNode:
        """The same with the names of the traitor's twin blocks changed."""
        state, record = node.engine, node.record
        renamed = replace(
            state,
            certificates=self._swap_certificates(state.certificates),
            blocks=self._swap_bodies(state.blocks),
            mine=FrozenMap({key: self._swap(said) for key, said in state.mine.items()}),
        )
        disk = None if node.disk is None else (self._swap_certificates(node.disk[0]), self._swap_bodies(node.disk[1]))
        if record is not None:
            record = DecisionRecord(self._swap(record.commit), self._swap(record.notar), tuple(map(self._swap, record.earlier)))
        return IdealNode(renamed, frozenset(map(self._swap, node.sent)), disk, record)

    # What may be heard, and what a node does by itself

    def _audible(self) -> Iterator[tuple[str, Heard, tuple[events.EngineEvent, ...]]]:
        for view in self.views:
            leader = self.validators.leader(HEIGHT, view)
            skip = certificate("skip", view)
            yield f"hears SkipCert({view})", skip, (events.Received(skip),)
            for facts in (facts for first in range(1, view + 1) for facts in self.fresh[first]):
                block, body = facts.id, events.Received(facts)
                notar, commit = certificate("notar", view, block), certificate("commit", view, block)
                yield f"hears NotarCert({view},{block})", notar, (events.Received(notar),)
                yield f"hears CommitCert({view},{block})", commit, (body, events.Received(commit))
                for w in range(0 if facts in self.fresh[view] else 1, view):
                    said = Statement("propose", HEIGHT, view, block, w, leader)
                    yield f"hears Propose({view},{block},{w})", said, (body, events.Received(signed(said)))

    def _own(self, state: EngineState) -> Iterator[tuple[str, None, tuple[events.EngineEvent, ...]]]:
        """Timers of any view that may run out, the fresh block that was asked for, a body that a leader must fetch."""
        for view in self.views:
            yield f"timer of view {view} runs out", None, (events.TimerFired(events.Timer("view", HEIGHT, view)),)
        view = state.view
        if view in self.views and self.validators.leader(HEIGHT, view) == state.me and ("propose", view) not in state.mine:
            if state.building == view:
                yield "builds a block", None, (events.Built(view, self.fresh[view][0]),)
            if state.notarized:
                w = max(state.notarized)
                body = self.blocks[state.certificates["notar", w].block]
                due = events.TimerFired(events.Timer("repropose", HEIGHT, w))
                yield f"proposes again in view {view}", None, (events.Received(body), due)

    def _is_eager(self, state: EngineState, needs: Heard | None) -> bool:
        """Whether a node that will not lead again gains all and loses nothing by hearing this at once.

        An honest leader's Propose: the only one of its view, and a vote forbids nothing but another vote. A certificate of
        a view left behind, or of this one when all is said in it: only knowledge, or a Final that only a Skip forbids,
        which can no longer come. SkipCert of this view after voting: one Skip more would serve no purpose.
        """
        if any(self.validators.leader(HEIGHT, v) == state.me and ("propose", v) not in state.mine and v >= state.view
               for v in self.views):  # fmt: skip
            return False
        voted, skipped = ("vote", state.view) in state.mine, ("skip", state.view) in state.mine
        match needs:
            case Statement():
                return needs.signer != self.traitor
            case Certificate("skip" | "notar" as kind, _, view):
                return view < state.view or (view == state.view and voted and (skipped or kind == "skip"))
        return False

    # Parts

    def _fresh_blocks(self, view: int) -> tuple[Facts, ...]:
        leader = self.validators.leader(HEIGHT, view)
        names = "ab" if leader == self.traitor else "a"
        return tuple(Facts(Digest(f"{view}{name}"), PARENT_TIME_MS + 5, leader) for name in names)

    def _new(self, index: int | None) -> EngineState:
        return EngineState(HEIGHT, self.validators, index, TIMING, clock_ms=PARENT_TIME_MS + 10)

    def _rested(self, state: EngineState) -> EngineState:
        """Less what no rule reads again here: single statements, verdicts, what was asked of others, a void timer."""
        mine = state.mine
        if any(view not in self.views for _, view in mine):
            mine = FrozenMap({key: said for key, said in mine.items() if key[1] in self.views})
        return replace(
            state,
            statements=NO_STATEMENTS,
            evidence=NO_STATEMENTS,
            highest_view=FrozenMap(),
            verdicts=FrozenMap(),
            mine=mine,
            asked=None,
            timer="fired" if ("skip", state.view) in mine else state.timer,
        )

    def _restarted(self, node: IdealNode, sent: frozenset[Statement]) -> IdealNode:
        """The node after a crash, read back as `Replica` does. Between two turns all it said is on its disk."""
        assert node.disk is not None
        certificates, bodies = node.disk
        given: list[events.EngineEvent] = [*map(events.Received, bodies.values()), *map(events.Received, certificates.values())]
        given += [events.Durable(signed(said)) for said in node.engine.mine.values()]
        new = IdealNode(replace(self._new(node.engine.me), replaying=True), sent, node.disk)
        return self.turn(new, (*given, events.WorkChanged(True), events.Restored()))[0]

    def _swap(self, item: Speech) -> Speech:
        return replace(item, block=self.twins.get(item.block, item.block))

    def _swap_certificates(self, held: Certificates) -> Certificates:
        return FrozenMap({key: self._swap(item) for key, item in held.items()})

    def _swap_bodies(self, bodies: Mapping[Digest, Facts]) -> FrozenMap[Digest, Facts]:
        return FrozenMap({(twin := self.twins.get(block, block)): self.blocks[twin] for block in bodies})


def signed(statement: Statement) -> Statement:
    """The ideal signature."""
    return replace(statement, signature=Signature(f"signed by {statement.signer}"))


def certificate(kind: CertificateKind, view: int, block: Digest = NO_DIGEST) -> Certificate:
    """A certificate without names."""
    return Certificate(kind, HEIGHT, view, block, (), ())


def _is_known(state: EngineState, needs: Heard | None) -> bool:
    """Whether it says nothing new: a node's own statement, or a certificate that it holds."""
    match needs:
        case Statement():
            return needs.signer == state.me
        case Certificate():
            return (needs.kind, needs.view) in state.certificates
    return False


def _is_effect(before: IdealNode, after: IdealNode, needs: Heard | None) -> bool:
    """A Propose must bring a vote and a CommitCert the decision; all else any change."""
    if after.record is not None or after.engine.mine != before.engine.mine:
        return True
    return not isinstance(needs, Statement) and getattr(needs, "kind", "") != "commit" and after.engine != before.engine


def _written(before: Disk | None, state: EngineState, said: list[Statement]) -> Disk | None:
    """What the write of these statements leaves on the disk."""
    if before is None:
        return None
    named = {s.block: state.blocks[s.block] for s in said if s.kind in ("propose", "vote")}
    return state.certificates, FrozenMap({**before[1], **named})
