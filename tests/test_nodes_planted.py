"""Planted faults: search and campaign catch each (a scripted trace too: `test_nodes_traces.py`); the real engine passes both."""

import pytest

from ledger.certificate import Statement
from nodes.consensus.events import ReplicaAction, SendMessage
from nodes.messages import StatementMessage, block_message
from nodes.replica.replica import Replica
from nodes.simulator.exhaustive import Scope, explore
from nodes.simulator.planted import PLANTED
from nodes.simulator.run import Run
from nodes.simulator.weather import FaultOptions
from nodes.traitors.kinds import Equivocator, Traitor

HEIGHTS = 8
SEEDS = 40


class Usurper(Traitor):
    """As leader it proposes a fresh block where it must propose the notarized one again, and agrees with itself."""

    def betray(self, action: ReplicaAction, said: Statement | None) -> None:
        """Puts a block of its own in the place of the notarized one."""
        match action:
            case SendMessage(None, StatementMessage(Statement(kind="propose", view=view, notarized_view=w))) if w > 0:
                self._usurp(view)
            case _:
                self.actions.append(action)

    def _usurp(self, view: int) -> None:
        block = self.chain.build((), self.next_time_ms(self.now_ms), self.settings.member).block
        me = self.engine.me or 0
        self.send(None, block_message(block))
        for kind in ("propose", "vote", "final"):
            self.send(None, self.signed(Statement(kind, self.engine.height, view, block.id, 0, me)))
        self.confess("usurped")


SCOPES = {
    "final-after-skip": (Scope(traitor=2, views=1), "signed Skip and Final in view 1"),
    "quorum-2f+1": (Scope(validators=5, traitor=2, views=1), "Two NotarCert blocks in view 1"),
    "send-before-durable": (Scope(traitor=2, views=1), "signed two votes in view 1"),
    "vote-without-skips": (Scope(traitor=3, views=2), "Two blocks of one height: 1a, 2a"),
    "no-rule-6": (Scope(traitor=2, views=1, heal_every=1), "The healed network does not decide"),
}
"""Where the exhaustive check finds each fault, and by which words."""
TRAITORS: dict[str, tuple[type[Replica], str, int]] = {
    "quorum-2f+1": (Equivocator, "east.validator", 5),
    "vote-without-skips": (Usurper, "south.validator", 4),
}
"""Faults that do harm only beside a traitor, where that is, and of how many validators."""
CAMPAIGN = {
    "final-after-skip": "signed Skip and Final",
    "quorum-2f+1": "Agreement broken",
    "send-before-durable": "signed",
    "vote-without-skips": "CommitCerts of two blocks",
    "no-rule-6": "did not",
}
"""What a run says about each fault."""


def run(fault: str, replica: type[Replica], seed: int, heights: int = HEIGHTS, place: str = "") -> str | None:
    """What a run finds where every honest node runs this."""
    traitor, usual, validators = TRAITORS.get(fault, (replica, "", 4))
    traitors = frozenset({place or usual} - {""})

    def replica_of(member: str) -> type[Replica]:
        return traitor if member in traitors else replica

    played = Run(seed, heights, FaultOptions(), replica_of=replica_of, traitors=traitors, validators=validators)
    return played.play().failure


@pytest.mark.parametrize("fault", PLANTED)
def test_the_exhaustive_check_catches_it(fault: str) -> None:
    scope, sentence = SCOPES[fault]
    report = explore(scope, step=PLANTED[fault].step)
    assert report.failure is not None
    assert sentence in report.failure
    assert report.trace


@pytest.mark.parametrize("fault", ["final-after-skip", "quorum-2f+1", "no-rule-6"])
def test_the_real_engine_passes_where_it_is_caught(fault: str) -> None:
    assert explore(SCOPES[fault][0]).is_complete


@pytest.mark.parametrize("fault", PLANTED)
def test_the_campaign_catches_it(fault: str) -> None:
    found = (run(fault, PLANTED[fault].replica, seed) for seed in range(1, SEEDS + 1))
    assert any(CAMPAIGN[fault] in (failure or "") for failure in found)


@pytest.mark.parametrize("fault", TRAITORS)
def test_the_real_replica_survives_the_traitor(fault: str) -> None:
    assert [failure for seed in range(1, 5) if (failure := run(fault, Replica, seed))] == []


def test_a_proof_that_does_not_verify_is_a_broken_invariant() -> None:
    failure = run("quorum-2f+1", PLANTED["quorum-2f+1"].replica, seed=1, heights=1, place="west.validator")
    assert failure == "A proof does not verify: A certificate has exactly 4 signatures, got 3."
