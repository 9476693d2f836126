"""How one step takes in what is said: statements, the certificates that they make, and what this node says itself."""

from dataclasses import replace

from ledger.certificate import MADE_OF, Certificate, Statement
from ledger.identity.records import StatementKind
from ledger.primitives import Digest
from nodes.consensus.state import VIEWS_AHEAD_MAX, Effect, Log, Persist, Send, SetTimer, State

OPPOSITE: dict[StatementKind, StatementKind] = {"skip": "final", "final": "skip"}
"""What no honest key signs beside the other in one view."""


class Hearing:
    """The working copy of one step: the state so far, and the effects so far."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.effects: list[Effect] = []
        self.missing_blocks: set[Digest] = set()
        self.missing_views: set[int] = set()

    def hear(self, statement: Statement) -> None:
        """Statements beyond view+16 are dropped but still show that their sender is ahead. Keep one statement per
        (sender, kind, view), and the second as evidence; Skip and Final of one view are evidence too. A Propose counts only
        from the leader of its view.
        """
        s = self.state
        if statement.height != s.height:  # check: statement-height
            return
        if statement.view > s.highest_view.get(statement.signer, 0):
            self.change(highest_view=s.highest_view.set(statement.signer, statement.view))
        if statement.view > s.view + VIEWS_AHEAD_MAX and statement.signer != s.me:  # check: views-ahead
            return
        if statement.kind == "propose" and statement.signer != s.validators.leader(
            s.height, statement.view
        ):  # check: leader-only
            return
        key = (statement.kind, statement.view, statement.signer)
        known = s.statements.get(key)
        if known is None:
            opposite = s.statements.get((OPPOSITE.get(statement.kind, statement.kind), statement.view, statement.signer))
            if opposite is not None:
                self.effects.append(Log("evidence", statement.view, statement.block, statement.signer, (opposite, statement)))
            self.change(statements=self.state.statements.set(key, statement))
            self.certify(statement)
        elif (known.block, known.notarized_view) != (statement.block, statement.notarized_view) and key not in s.evidence:
            self.change(evidence=s.evidence.set(key, statement))
            self.effects.append(Log("evidence", statement.view, statement.block, statement.signer, (known, statement)))

    def certify(self, statement: Statement) -> None:
        """NotarCert, SkipCert, CommitCert = exactly q Votes, Skips, Finals in validator order."""
        s = self.state
        if statement.kind == "propose" or (MADE_OF[statement.kind], statement.view) in s.certificates:
            return
        said = [s.statements.get((statement.kind, statement.view, i)) for i in range(s.validators.n)]
        same = [x for x in said if x is not None and x.block == statement.block]
        if len(same) < s.validators.q:  # check: quorum
            return
        chosen = same[: s.validators.q]
        signers, signatures = tuple(x.signer for x in chosen), tuple(x.signature for x in chosen)
        self.hold(Certificate(MADE_OF[statement.kind], s.height, statement.view, statement.block, signers, signatures))

    def hold(self, certificate: Certificate) -> None:
        """Certificates are never dropped for their view. The re-proposal delay R is counted from when the NotarCert was
        first held.
        """
        s = self.state
        if certificate.height != s.height:  # check: certificate-height
            return
        if (certificate.kind, certificate.view) in s.certificates:
            return
        self.change(certificates=s.certificates.set((certificate.kind, certificate.view), certificate))
        self.effects.append(Log(f"certificate-{certificate.kind}", certificate.view, certificate.block))
        if certificate.kind == "notar":
            self.change(notarized=s.notarized.set(certificate.view, "waiting"))
            self.effects.append(SetTimer("repropose", certificate.view, s.timing.repropose_ms))

    def durable(self, statement: Statement) -> None:
        """One durable write before sending: from here on my statement is sent, and counts."""
        if (statement.kind, statement.view) not in self.state.mine:
            unsigned = replace(statement, signature=type(statement.signature)(""))
            self.change(mine=self.state.mine.set((statement.kind, statement.view), unsigned))
        self.hear(statement)
        if not self.state.replaying:
            self.effects.append(Send(None, statement))

    def say(self, kind: StatementKind, block: Digest, notarized_view: int = 0, view: int = 0) -> None:
        """Decides on a statement: it binds from this moment, and is sent once it is durable."""
        s = self.state
        if s.me is None:
            return
        statement = Statement(kind, s.height, view or s.view, block, notarized_view, s.me)
        self.change(mine=s.mine.set((kind, statement.view), statement))
        self.effects.append(Persist(statement))

    def change(self, **fields: object) -> None:
        """The state with some fields set; the same object if nothing differs, so that `settle` comes to rest."""
        if any(getattr(self.state, name) != value for name, value in fields.items()):
            self.state = replace(self.state, **fields)  # type: ignore[arg-type]
