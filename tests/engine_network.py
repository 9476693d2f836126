"""Several engines without bytes or keys, with one traitor among them, for random play: deliver, fire, write, crash, lie."""

from dataclasses import dataclass, field, replace

from ledger.certificate import Certificate, Statement, StatementKind
from ledger.primitives import Digest, Signature
from nodes.consensus import events
from nodes.consensus.engine_state import EngineState, Facts
from nodes.consensus.rules import step
from nodes.messages import CertificateMessage, FetchMessage, Message, StatementMessage, StatusMessage
from nodes.simulator.chance import Chance
from nodes.simulator.exhaustive import broken
from tests.engine import HEIGHT, PARENT_TIME_MS, TIMING, validators

VIEWS_OF_THE_TRAITOR = 3
STATEMENTS_OF_THE_TRAITOR: tuple[StatementKind, ...] = ("propose", "vote", "skip", "final")
Item = Message | Facts


@dataclass
class Peer:
    """One honest validator: its engine, and what of its writes is durable."""

    state: EngineState
    disk: list[Statement | Certificate | Facts] = field(default_factory=list)
    unwritten: list[list[Statement | Certificate | Facts]] = field(default_factory=list)
    timers: dict[events.Timer, bool] = field(default_factory=dict)
    committed: Digest | None = None


class EngineNetwork:
    """n validators, the last of which lies. `play` makes one random move; `verify` holds the invariants against it."""

    def __init__(self, seed: int, n: int = 4, is_traitor_present: bool = True) -> None:
        self.chance = Chance(seed)
        self.n = n
        self.traitor = n - 1 if is_traitor_present else None
        self.signed: set[Statement] = set()
        """Every statement that an honest validator ever let out, or might have: all that were made durable."""
        self.blocks: dict[Digest, Facts] = {}
        self.flying: list[tuple[int, int, Item]] = []
        """(sender, receiver, what)."""
        self.peers = {i: Peer(self._fresh(i)) for i in range(n) if i != self.traitor}
        for i in self.peers:
            self._give(i, events.WorkChanged(True))

    def play(self) -> None:
        """One move."""
        peer = self.chance.pick(list(self.peers))
        move = self.chance.below(1000)
        if move < 700 and self.flying:
            self._deliver(self.chance.below(len(self.flying)))
        elif move < 930:
            self._write(peer)
        elif move < 945:
            self._fire(peer)
        elif move < 950:
            self._crash(peer)
        elif move < 980 and self.traitor is not None:
            self._lie()
        elif move < 990 and self.flying:
            self.flying.pop(self.chance.below(len(self.flying)))

    def verify(self) -> None:
        """The invariants of consensus, on everything that was signed and every certificate that anybody holds.

        The last validator counts as the traitor also where it is honest, which is one way to lie; so what it signed itself is
        judged apart.
        """
        said = {(s.kind, s.view, s.block, s.signer) for s in self.signed}
        last = {statement for statement in said if statement[3] == self.n - 1}
        held = {(c.kind, c.view, c.block) for peer in self.peers.values() for c in peer.state.certificates.values()}
        decided = [peer.committed for peer in self.peers.values() if peer.committed]
        sentence = broken(self.n, said - last, held, decided) or broken(self.n, last, (), ())
        assert sentence is None, sentence

    def _fresh(self, index: int) -> EngineState:
        return EngineState(HEIGHT, validators(self.n), index, TIMING, clock_ms=PARENT_TIME_MS + 10)

    def _give(self, index: int, event: events.EngineEvent) -> None:
        peer = self.peers[index]
        waiting: list[events.EngineEvent] = [event]
        while waiting:
            peer.state, effects = step(peer.state, waiting.pop(0))
            written: list[Statement | Certificate | Facts] = []
            for effect in effects:
                match effect:
                    case events.Persist(statement):
                        if statement.block and statement.block in peer.state.blocks:
                            written.append(peer.state.blocks[statement.block])
                        written += peer.state.certificates.values()
                        written.append(replace(statement, signature=Signature(f"{index:0128x}")))
                    case events.SendMessage(receiver, message):
                        place = None if receiver is None else peer.state.validators.index_of(receiver)
                        self._send(index, place, message)
                    case events.SetTimer(timer, delay_ms):
                        peer.timers.pop(timer, None)
                        if delay_ms is not None:
                            peer.timers[timer] = True
                    case events.Build(view):
                        waiting.append(events.Built(view, self._block(index, view, len(self.blocks))))
                    case events.Validate(block):
                        waiting.append(events.Validated(block, "valid"))
                    case events.Commit(block, _):
                        peer.committed = block
            if written:
                peer.unwritten.append(written)

    def _block(self, proposer: int, view: int, salt: int) -> Facts:
        facts = Facts(Digest(f"{proposer:x}{view:x}{salt:x}".rjust(64, "0")), PARENT_TIME_MS + 5, proposer)
        self.blocks[facts.id] = facts
        return facts

    def _send(self, sender: int, receiver: int | None, item: Item) -> None:
        for other in range(self.n) if receiver is None else (receiver,):
            if other in self.peers and other != sender:
                self.flying.append((sender, other, item))

    def _deliver(self, place: int) -> None:
        sender, receiver, item = self.flying.pop(place)
        if self.chance.happens(100):
            self.flying.append((sender, receiver, item))
        match item:
            case FetchMessage(_, blocks, views):
                mine = self.peers[receiver].state
                answers: list[Item] = [mine.blocks[b] for b in blocks if b in mine.blocks]
                answers += [CertificateMessage(c) for (_, view), c in mine.certificates.items() if view in views]
                for answer in answers:
                    self._send(receiver, sender, answer)
            case StatusMessage(_, view):
                for c in self.peers[receiver].state.certificates.values():
                    if c.view >= view:
                        self._send(receiver, sender, CertificateMessage(c))
            case StatementMessage(statement):
                if statement.kind == "propose" and self.chance.happens(800):
                    self._give(receiver, events.Received(self.blocks[statement.block]))
                self._give(receiver, events.Received(statement))
            case CertificateMessage(certificate):
                self._give(receiver, events.Received(certificate))
            case Facts():
                self._give(receiver, events.Received(item))

    def _write(self, index: int) -> None:
        peer = self.peers[index]
        if not peer.unwritten:
            return
        written = peer.unwritten.pop(0)
        peer.disk += written
        for item in written:
            if isinstance(item, Statement):
                self.signed.add(item)
                self._give(index, events.Durable(item))

    def _fire(self, index: int) -> None:
        running = list(self.peers[index].timers)
        timer = self.chance.pick(running) if running else events.RESEND
        self.peers[index].timers.pop(timer, None)
        self._give(index, events.TimerFired(timer))

    def _crash(self, index: int) -> None:
        """Everything that was not written is gone; the rest is read back."""
        old = self.peers[index]
        self.peers[index] = Peer(replace(self._fresh(index), replaying=True), disk=old.disk, committed=old.committed)
        for kind in (Facts, Certificate, Statement):
            for item in old.disk:
                if isinstance(item, kind):
                    self._give(index, events.Durable(item) if isinstance(item, Statement) else events.Received(item))
        self._give(index, events.WorkChanged(True))
        self._give(index, events.Restored())

    def _lie(self) -> None:
        """The traitor says anything to anyone: other blocks to others, Skip and Final, Proposes out of thin air."""
        assert self.traitor is not None
        view = 1 + self.chance.below(VIEWS_OF_THE_TRAITOR)
        kind = self.chance.pick(STATEMENTS_OF_THE_TRAITOR)
        known = list(self.blocks)
        if kind == "propose" and (self.chance.happens(500) or not known):
            known.append(self._block(self.traitor, view, len(self.blocks)).id)
        if kind != "skip" and not known:
            return
        block = Digest("") if kind == "skip" else self.chance.pick(known[-3:])
        w = self.chance.below(view) if kind == "propose" else 0
        lie = Statement(kind, HEIGHT, view, block, w, self.traitor, Signature(f"{self.traitor:0128x}"))
        self._send(self.traitor, self.chance.pick(list(self.peers)), StatementMessage(lie))
