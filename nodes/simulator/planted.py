"""Planted faults: engines and replicas with one rule broken, to see that campaign, exhaustive check and traces notice.

None of this ever runs in a network: a check that passes on these too shows nothing.
"""

from dataclasses import dataclass

from ledger.certificate import Statement, StatementKind
from ledger.identity.records import ValidatorSet
from ledger.primitives import Digest
from nodes.consensus import events
from nodes.consensus.engine_state import EngineState
from nodes.consensus.events import EngineStep
from nodes.consensus.rules import Turn
from nodes.messages import StatementMessage
from nodes.replica.replica import Replica


class FinalAfterSkip(Turn):
    """Rule 3 without its `unless`."""

    def rule_3_final(self) -> None:
        """Final for every NotarCert."""
        for view in sorted(self.state.notarized):
            if ("final", view) not in self.state.mine:
                self.say("final", self.state.certificates["notar", view].block, view=view)


class SmallQuorum(Turn):
    """2f+1 instead of n-f: the same for n = 4, one too few for n = 5."""

    def certify(self, statement: Statement) -> None:
        """Certificates of 2f+1 statements."""
        true = self.state.validators
        self.change(validators=_SmallQuorumSet(true.validators))
        super().certify(statement)
        self.change(validators=true)


class _SmallQuorumSet(ValidatorSet):
    @property
    def q(self) -> int:
        return 2 * self.f + 1


class SendBeforeDurable(Turn):
    """Sends a statement when it is decided on; a crash may undo the write but not the sending."""

    def say(self, kind: StatementKind, block: Digest, notarized_view: int = 0, view: int = 0) -> None:
        """Sends with the write, not after it."""
        count = len(self.effects)
        super().say(kind, block, notarized_view, view)
        for effect in self.effects[count:]:
            if isinstance(effect, events.Persist):
                self.send(StatementMessage(effect.statement))


class VoteWithoutSkips(Turn):
    """Rule 2 without the SkipCerts of the views between."""

    is_voting = False

    def rule_2_vote(self) -> None:
        """Votes without looking back."""
        self.is_voting = True
        super().rule_2_vote()
        self.is_voting = False

    def has_skips(self, after: int, before: int) -> bool:
        """The leader still wants them."""
        return self.is_voting or super().has_skips(after, before)


class NoRule6(Turn):
    """No Status, nothing sent again, nothing asked for again; the interval goes on, so that transactions still spread."""

    def resend(self) -> None:
        """Only the next interval."""
        self.effects.append(events.SetTimer(events.RESEND, self.state.timing.resend_ms))


class SendBeforeDurableReplica(Replica):
    """The same fault where a replica has it: it signs and sends before the store has written."""

    def _perform(self, effect: events.Effect) -> events.EngineEvent | None:
        answer = super()._perform(effect)
        if isinstance(effect, events.Persist):
            self._send_for_engine(None, StatementMessage(self.voting_record.unsaved[-1]))
        return answer


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault, for the exhaustive check and for replicas."""

    step: EngineStep
    replica: type[Replica]


def planted(rules: type[Turn], replica: type[Replica] | None = None) -> Planted:
    """The engine with other rules, and the replica that has it unless another is given."""

    def step(state: EngineState, event: events.EngineEvent) -> tuple[EngineState, tuple[events.Effect, ...]]:
        if state.decided:
            return state, ()
        turn = rules(state)
        turn.take(event)
        if not turn.state.replaying:
            turn.settle()
        return turn.state, tuple(turn.effects)

    class PlantedReplica(Replica):
        engine_step = staticmethod(step)

    return Planted(step, replica or PlantedReplica)


PLANTED: dict[str, Planted] = {
    "final-after-skip": planted(FinalAfterSkip),
    "quorum-2f+1": planted(SmallQuorum),
    "send-before-durable": planted(SendBeforeDurable, SendBeforeDurableReplica),
    "vote-without-skips": planted(VoteWithoutSkips),
    "no-rule-6": planted(NoRule6),
}
