"""Traitors by their store: copied to a second machine, or lost."""

from dataclasses import dataclass, replace

from ledger.chain.chain import Chain
from ledger.primitives import NO_DIGEST
from ledger.state.store import Batch
from nodes.consensus.events import (
    BecameDurable,
    ClockChanged,
    MessageReceived,
    ReplicaAction,
    ReplicaEvent,
    SendMessage,
    SetTimer,
    Started,
    Timer,
    TimerFired,
)
from nodes.mempool import Mempool
from nodes.messages import StatementMessage
from nodes.replica.replica import Bodies, Replica
from nodes.replica.voting_record import VotingRecord
from nodes.storage.memory import MemoryStore
from nodes.traitors.traitor import Traitor

FORGETS_EVERY = 2
"""Own statements until an amnesiac forgets."""


class Amnesiac(Traitor):
    """Forgets what it said, as one that was restored from a backup together with its voting mark.

    The decided blocks it would fetch again from the others anyway, so they stay; what it said and held of the present height
    is gone: it votes and proposes again where it did before.
    """

    spoken = 0

    def betray(self, action: ReplicaAction) -> None:
        """Counts what it says."""
        self.actions.append(action)
        self.spoken += self.own_statement(action) is not None

    def listen(self, event: ReplicaEvent) -> None:
        """Forgets and starts again."""
        if self.spoken >= FORGETS_EVERY:
            self.spoken = 0
            batch = Batch()
            self.record.end_height(batch, self.engine.height, NO_DIGEST)
            self.store.commit(batch)
            self.record, self.bodies, self.mempool = VotingRecord(self.store), Bodies(), Mempool(self.settings.limits)
            self.engine = replace(self._new_height(), replaying=True)
            self.confess("forgot")
            self._take(Started())


@dataclass(frozen=True, slots=True)
class SecondTimer(Timer):
    """A timer of the second node, which no timer of the first one equals."""

    def __str__(self) -> str:
        return f"second {Timer.__str__(self)}"


class Twin(Traitor):
    """The first of two nodes that run with one key, each on a store of its own, with the second inside.

    Both are honest by themselves. The first hears one half of the others and speaks only to it, the second the other half.
    After Bano et al., "Twins: BFT Systems Made Robust" (OPODIS 2021).
    """

    def prepare(self) -> None:
        """What it keeps."""
        self.second_store = MemoryStore()
        second_chain = Chain.create(self.second_store, self.chain.genesis.encode(), self.chain.contracts)
        self.second_store.flush()
        self.second = Replica(second_chain, self.second_store, self.settings, self.draw_nonce)

    def handle(self, event: ReplicaEvent, now_ms: int) -> list[ReplicaAction]:
        """Gives the event to the node that it is for."""
        match event:
            case Started() | ClockChanged():
                return [*super().handle(event, now_ms), *self._second_handle(event, now_ms)]
            case MessageReceived(sender) if self.half_of(sender) == 1:
                return self._second_handle(event, now_ms)
            case TimerFired(SecondTimer(kind, height, view)):
                return self._second_handle(TimerFired(Timer(kind, height, view)), now_ms)
        return super().handle(event, now_ms)

    def betray(self, action: ReplicaAction) -> None:
        """The first node speaks only to the first half."""
        self._divided(action, 0)

    def _divided(self, action: ReplicaAction, half: int) -> None:
        match action:
            case SendMessage(None, message):
                self.tell(tuple(peer for peer in self.peers if self.half_of(peer) == half), message)
            case _:
                self.actions.append(action)

    def _second_handle(self, event: ReplicaEvent, now_ms: int) -> list[ReplicaAction]:
        """The second node's disk is fast; what it decides and logs goes nowhere."""
        answered = list(self.second.handle(event, now_ms))
        while self.second_store.durable_ticket < self.second_store.ticket:
            self.second_store.flush()
            answered += self.second.handle(BecameDurable(self.second_store.durable_ticket), now_ms)
        self.actions = []
        for action in answered:
            match action:
                case SetTimer(Timer(kind, height, view), delay_ms):
                    self.actions.append(SetTimer(SecondTimer(kind, height, view), delay_ms))
                case SendMessage(_, message):
                    self._divided(action, 1)
                    if isinstance(message, StatementMessage):
                        self.confess("second-spoke")
        return self.actions
