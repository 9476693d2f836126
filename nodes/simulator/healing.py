"""From a state of the exhaustive check: everything under way is lost, the traitor is silent, and from then on the network
is well. Every honest validator must decide within few views: no state is a trap.
"""

import heapq
from collections.abc import Sequence
from dataclasses import replace

from ledger.certificate import DecisionRecord, Statement
from ledger.primitives import Digest
from nodes.consensus import events
from nodes.consensus.engine_state import EngineState, Facts
from nodes.consensus.events import EngineStep
from nodes.messages import CertificateMessage, FetchMessage, Message, StatementMessage, StatusMessage
from nodes.simulator.ideal import HEIGHT, PARENT_TIME_MS, TIMING, IdealNode, World, signed

LINK_MS = TIMING.delay_ms // 2
VIEWS_MAX = 3
"""How many views after the highest view that any was in all decide at the latest: the traitor leads at most one of them."""
HEALED_MS_MAX = 60_000
Carried = Message | Facts | DecisionRecord
"""What travels: a body comes as its facts, since it is not executed."""


class Healing:
    """Honest validators on a network without faults, in virtual time."""

    def __init__(self, world: World, nodes: Sequence[IdealNode]) -> None:
        """`nodes` in order of the honest validators."""
        self.step: EngineStep = world.step
        self.validators = world.validators
        self.blocks = dict(world.blocks)
        self.records = {i: node.record for i, node in zip(world.honest, nodes, strict=True)}
        self.states = {i: _as(i, node) for i, node in zip(world.honest, nodes, strict=True)}
        self.timers: dict[tuple[int, events.Timer], int] = {}
        self.time_ms = 0
        self._queue: list[tuple[int, int, int, events.EngineEvent | tuple[int, Carried]]] = []
        self._entries = 0

    def run(self) -> str | None:
        """Plays until all have decided; says who has not by then."""
        last = max(state.view for state in self.states.values()) + VIEWS_MAX
        for i, state in self.states.items():
            self._wake(i, state)
        while not all(self.records.values()):
            if not self._queue or self.time_ms > HEALED_MS_MAX or max(s.view for s in self.states.values()) > last + 1:
                places = ", ".join(f"{i} in view {state.view}" for i, state in self.states.items())
                return f"The healed network does not decide: {places}."
            self.time_ms, entry, i, event = heapq.heappop(self._queue)
            if isinstance(event, tuple):
                self._receive(i, *event)
            elif not isinstance(event, events.TimerFired) or self.timers.get((i, event.timer)) == entry:
                self._give(i, event)
        decided = {record.commit.block for record in self.records.values() if record is not None}
        return None if len(decided) == 1 else f"Healed, two blocks of one height: {', '.join(sorted(decided))}."

    def _wake(self, i: int, state: EngineState) -> None:
        """Timers as they ran, each in full; the block that was asked for."""
        if self.records[i] is not None:
            return
        self._start_timer(i, events.RESEND, TIMING.resend_ms)
        if state.timer == "running":
            self._start_timer(i, events.Timer("view", HEIGHT, state.view), TIMING.view_ms(state.view))
        for view, waiting in state.notarized.items():
            if waiting == "waiting":
                self._start_timer(i, events.Timer("repropose", HEIGHT, view), TIMING.repropose_ms)
        if state.building == state.view:
            self._give(i, events.Built(state.view, self._fresh(i, state.view)))

    def _give(self, i: int, *given: events.EngineEvent) -> None:
        waiting = list(given)
        while waiting:
            self.states[i], effects = self.step(self.states[i], waiting.pop(0))
            for effect in effects:
                match effect:
                    case events.Persist(statement):
                        waiting.append(events.Durable(signed(statement)))
                    case events.Build(view):
                        waiting.append(events.Built(view, self._fresh(i, view)))
                    case events.Validate(block):
                        waiting.append(events.Validated(block, "valid"))
                    case events.SetTimer(timer, delay_ms):
                        self._start_timer(i, timer, delay_ms)
                    case events.Commit(_, record):
                        self.records[i] = record
                    case events.SendMessage(receiver, message):
                        for other in self.states:
                            if receiver in (None, self.validators.validators[other].member):
                                self._send(i, other, message)

    def _receive(self, i: int, sender: int, item: Carried) -> None:
        """What goes into the engine, and what a replica answers by itself."""
        mine, record = self.states[i], self.records[i]
        match item:
            case FetchMessage() | StatusMessage() if record is not None:
                self._send(i, sender, self.blocks[record.commit.block])
                self._send(i, sender, record)
            case FetchMessage(_, blocks, views):
                for block in blocks:
                    if block in mine.blocks:
                        self._send(i, sender, mine.blocks[block])
                self._send_certificates(i, sender, views)
            case StatusMessage(_, view):
                self._send_certificates(i, sender, range(view, mine.view))
            case StatementMessage(Statement(kind="propose", block=block, notarized_view=0) as proposal):
                self._give(i, events.Received(self.blocks[block]), events.Received(proposal))
            case StatementMessage(said):
                self._give(i, events.Received(said))
            case CertificateMessage(certificate):
                self._give(i, events.Received(certificate))
            case Facts() | DecisionRecord():
                self._give(i, events.Received(item))

    def _send_certificates(self, i: int, receiver: int, views: Sequence[int]) -> None:
        for (_, view), held in self.states[i].certificates.items():
            if view in views:
                self._send(i, receiver, CertificateMessage(held))

    def _send(self, sender: int, receiver: int, item: Carried) -> None:
        if receiver in self.states and receiver != sender:
            self._schedule(LINK_MS, receiver, (sender, item))

    def _start_timer(self, i: int, timer: events.Timer, delay_ms: int | None) -> None:
        self.timers.pop((i, timer), None)
        if delay_ms is not None:
            self.timers[i, timer] = self._schedule(delay_ms, i, events.TimerFired(timer))

    def _schedule(self, delay_ms: int, i: int, event: events.EngineEvent | tuple[int, Carried]) -> int:
        self._entries += 1
        heapq.heappush(self._queue, (self.time_ms + delay_ms, self._entries, i, event))
        return self._entries

    def _fresh(self, leader: int, view: int) -> Facts:
        facts = Facts(Digest(f"{view}a"), PARENT_TIME_MS + 5, leader)
        return self.blocks.setdefault(facts.id, facts)


def _as(index: int, node: IdealNode) -> EngineState:
    """The node's engine under its own index, where another like it played its part; it holds what it said itself."""
    mine = node.engine.mine
    for key, said in mine.items():
        mine = mine.set(key, replace(said, signer=index))
    said_by_me = {(said.kind, said.view, index): signed(said) for said in mine.values()}
    return replace(node.engine, me=index, mine=mine, statements=type(node.engine.statements)(said_by_me))
