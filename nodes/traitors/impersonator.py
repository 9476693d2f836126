"""A traitor that speaks for others. It holds no key but its own, so that its signatures are all wrong."""

from dataclasses import replace

from ledger.certificate import MADE_OF, Certificate, Statement
from nodes.consensus.events import ReplicaAction
from nodes.messages import CertificateMessage, TransactionsMessage
from nodes.traitors.traitor import Traitor


class Impersonator(Traitor):
    """With each statement of its own it makes up the same of everybody else, a certificate of them, and a transaction."""

    def betray(self, action: ReplicaAction) -> None:
        """Speaks for the others too."""
        self.actions.append(action)
        statement = self.own_statement(action)
        if statement is None:
            return
        for other in range(self.engine.validators.n):
            if other != statement.signer:
                self.send(None, self.signed(replace(statement, signer=other, signature=statement.signature)))
        if statement.kind != "propose":
            self.send(None, CertificateMessage(self._certificate(statement)))
        if self.peers:
            self.send(None, TransactionsMessage((self.transaction_of(self.peers[0]).raw,)))
        self.confess("spoke-for-others")

    def _certificate(self, statement: Statement) -> Certificate:
        quorum = range(self.engine.validators.q)
        signatures = tuple(self.signed(replace(statement, signer=signer)).statement.signature for signer in quorum)
        return Certificate(MADE_OF[statement.kind], statement.height, statement.view, statement.block, tuple(quorum), signatures)
