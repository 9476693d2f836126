"""A validator that restarts without its store, as one that was restored from a backup together with its voting mark.

The decided blocks it would fetch again from the others anyway, so they stay; what it said and held of the present height
is gone: it votes and proposes anew where it did before.
"""

from dataclasses import replace

from ledger.primitives import NO_DIGEST
from ledger.state.store import Batch
from nodes.consensus.events import ReplicaAction, ReplicaEvent, Started
from nodes.mempool import Mempool
from nodes.replica.replica import Bodies
from nodes.replica.voting_record import VotingRecord
from nodes.traitors.traitor import Traitor

FORGETS_EVERY = 2
"""Own statements until it forgets."""


class Amnesiac(Traitor):
    """Forgets what it said."""

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
