"""The rules of one height, in the order of the protocol's text. Each rule's docstring is its wording.

A turn takes one event into the state and then settles: rules are applied until nothing changes. n validators
tolerate f = (n-1)//3 faulty, quorum q = n-f. leader(h,v) = validators[(h+v) mod n]. Views start at 1.
"""

from dataclasses import replace

from ledger.certificate import MADE_OF, UNSIGNED, Certificate, DecisionRecord, Statement, StatementKind
from ledger.errors import JsonValue
from ledger.primitives import NO_DIGEST, Digest
from nodes.consensus.engine_state import VIEWS_AHEAD_MAX, EngineState, Facts
from nodes.consensus.events import (
    RESEND,
    Build,
    Built,
    ClockChanged,
    Commit,
    Diverged,
    Durable,
    Effect,
    EngineEvent,
    LogRecord,
    Persist,
    Received,
    Restored,
    SendMessage,
    SetTimer,
    Timer,
    TimerFired,
    Validate,
    Validated,
    WorkChanged,
)
from nodes.messages import CertificateMessage, FetchMessage, Message, StatementMessage, StatusMessage

OPPOSITE: dict[StatementKind, StatementKind] = {"skip": "final", "final": "skip"}
"""What no honest key signs beside the other in one view."""


def step(state: EngineState, event: EngineEvent) -> tuple[EngineState, tuple[Effect, ...]]:
    """One event in, the next state and the effects out. The given state is not changed."""
    if state.decided:
        return state, ()
    turn = Turn(state)
    turn.take(event)
    if not turn.state.replaying:
        turn.settle()
    return turn.state, tuple(turn.effects)


class Turn:
    """One step: an event in, then the rules until nothing changes. Holds the state so far and the effects so far."""

    def __init__(self, state: EngineState) -> None:
        self.state = state
        self.effects: list[Effect] = []
        self.missing_blocks: set[Digest] = set()
        self.missing_views: set[int] = set()

    def take(self, event: EngineEvent) -> None:
        """Records what the event says; the rules follow in `settle`."""
        match event:
            case Received(Statement() as statement):
                self.hear(statement)
            case Received(Certificate() as certificate):
                self.hold(certificate)
            case Received(DecisionRecord() as record):
                for certificate in record.certificates():
                    self.hold(certificate)
            case Received(Facts() as facts):
                self.change(blocks=self.state.blocks.set(facts.id, facts))
            case Durable(statement):
                self.durable(statement)
            case Built(view, facts):
                self.built(view, facts)
            case Validated(block, verdict):
                self.change(verdicts=self.state.verdicts.set(block, verdict))
            case TimerFired(timer):
                self.fired(timer)
            case WorkChanged(work):
                self.change(work=work, building=0)
            case ClockChanged(clock_ms):
                self.change(clock_ms=clock_ms)
            case Restored():
                self.change(replaying=False)
                self.resend()

    def settle(self) -> None:
        """Applies the rules until nothing changes, then asks for what is missing."""
        while True:
            before = self.state
            self.missing_blocks.clear()
            self.missing_views.clear()
            self.rule_3_final()
            self.rule_5_decide()
            if self.state.decided:
                return
            self.enter_view()
            self.rule_1_propose()
            self.rule_2_vote()
            self.rule_4_timer()
            if self.state is before:
                break
        self.ask()

    # What arrives

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
                self.accuse(opposite, statement)
            self.change(statements=self.state.statements.set(key, statement))
            self.certify(statement)
        elif (known.block, known.notarized_view) != (statement.block, statement.notarized_view) and key not in s.evidence:
            self.change(evidence=s.evidence.set(key, statement))
            self.accuse(known, statement)

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
        self.log(f"certificate-{certificate.kind}", certificate.view, certificate.block)
        if certificate.kind == "notar":
            self.change(notarized=s.notarized.set(certificate.view, "waiting"))
            self.effects.append(SetTimer(Timer("repropose", s.height, certificate.view), s.timing.repropose_ms))

    def durable(self, statement: Statement) -> None:
        """One durable write before sending: from here on my statement is sent, and counts."""
        if (statement.kind, statement.view) not in self.state.mine:
            unsigned = replace(statement, signature=UNSIGNED)
            self.change(mine=self.state.mine.set((statement.kind, statement.view), unsigned))
        self.hear(statement)
        if not self.state.replaying:
            self.send(StatementMessage(statement))

    def built(self, view: int, facts: Facts | None) -> None:
        """The fresh block of rule 1, unless a NotarCert came in between."""
        s = self.state
        if facts is None or view != s.view or ("propose", view) in s.mine or s.notarized:
            return
        self.change(blocks=s.blocks.set(facts.id, facts), verdicts=s.verdicts.set(facts.id, "valid"))
        self.say("propose", facts.id)

    def fired(self, timer: Timer) -> None:
        """Timers that were started for another height or view say nothing any more."""
        s = self.state
        if timer.kind == "resend":
            self.resend()
        elif timer.height != s.height:
            return
        elif timer.kind == "view" and timer.view == s.view and s.timer == "running":
            self.change(timer="fired")
            self.rule_4_fired()
        elif timer.kind == "repropose" and timer.view in s.notarized:
            self.change(notarized=s.notarized.set(timer.view, "due"))
        elif timer.kind == "hold":
            self.change(holding=False)

    # The rules

    def enter_view(self) -> None:
        """A NotarCert or SkipCert of any view u >= mine enters u+1; on entering, send all the certificate that let you in."""
        s = self.state
        let_in = [c for c in s.certificates.values() if c.kind != "commit" and c.view >= s.view]
        if not let_in:
            return
        certificate = max(let_in, key=lambda c: (c.view, c.kind))
        if s.timer == "running":
            self.effects.append(SetTimer(Timer("view", s.height, s.view), None))
        if s.holding:
            self.effects.append(SetTimer(Timer("hold", s.height, s.view), None))
        self.change(view=certificate.view + 1, timer="off", holding=False, building=0)
        self.send(CertificateMessage(certificate))
        self.log("view", certificate.view + 1)

    def rule_1_propose(self) -> None:
        """Propose, once a view, even after own Skip: the block of the highest NotarCert of a view below v (body fetched
        if missing), else a fresh block if there are transactions or a heartbeat is due. If that NotarCert is of v-1, first
        wait the re-proposal delay R for the CommitCert; then send only the id.
        """
        s = self.state
        if s.me is None or s.validators.leader(s.height, s.view) != s.me or ("propose", s.view) in s.mine:
            return
        w = max(s.notarized, default=0)
        if not self.has_skips(w, s.view):
            return
        if w == 0:
            if s.work and s.building != s.view:
                self.change(building=s.view)
                self.effects.append(Build(s.view))
            return
        block = s.certificates["notar", w].block
        if block not in s.blocks:
            self.missing_blocks.add(block)
        elif w < s.view - 1 or s.notarized[w] == "due":
            self.say("propose", block, w)

    def rule_2_vote(self) -> None:
        """Vote, once a view and only in the current one, for the first valid Propose, even after own Skip.

        Valid: NotarCert(w,b) is held if w > 0, and SkipCerts of every view y with w < y < v; the block executes to its
        header's roots. Fresh: proposer = leader(h,v), time after the parent's; hold it until its time <= clock + drift.
        Re-proposed: unchanged header, no clock or proposer check.
        """
        s = self.state
        proposal = self.proposal()
        if s.me is None or proposal is None or ("vote", s.view) in s.mine:
            return
        block, w = proposal.block, proposal.notarized_view
        if w > 0 and not self.is_notarized(w, block):  # check: rule-2-notarized
            return
        if not self.has_skips(w, s.view):  # check: rule-2-skips
            return
        facts = s.blocks.get(block)
        if facts is None:
            self.missing_blocks.add(block)
            return
        if w == 0 and facts.proposer != proposal.signer:  # check: rule-2-proposer
            return
        if w == 0 and self.must_hold(facts):  # check: rule-2-drift
            return
        if self.is_valid(facts):
            self.say("vote", block)

    def rule_3_final(self) -> None:
        """NotarCert(v,b): send Final unless skipped in v, also if v was left already or is not entered yet, with or
        without the body.
        """
        for view in sorted(self.state.notarized):
            if ("final", view) in self.state.mine:
                continue
            if ("skip", view) in self.state.mine:  # check: rule-3-skipped
                continue
            self.say("final", self.state.certificates["notar", view].block, view=view)

    def rule_4_timer(self) -> None:
        """Timer T(v) runs only while there is work: a pending transaction that this node would include now, a due
        heartbeat, a NotarCert of this height, a Propose in this view, or statements of this height from f+1 validators at
        views >= mine. It starts in full at the later of entry and first work; if work ends it is cancelled; after a restart
        it starts afresh unless Skip(v) is stored. Without work no timer, no Skip.
        """
        s = self.state
        others = sum(view >= s.view for view in s.highest_view.values())
        work = s.work or bool(s.notarized) or self.proposal() is not None or others > s.validators.f
        if work and s.timer == "off" and s.me is not None and ("skip", s.view) not in s.mine:
            self.change(timer="running")
            self.effects.append(SetTimer(Timer("view", s.height, s.view), s.timing.view_ms(s.view)))
        elif not work and s.timer == "running":
            self.change(timer="off")
            self.effects.append(SetTimer(Timer("view", s.height, s.view), None))

    def rule_4_fired(self) -> None:
        """When it fires and no Final was sent in v: mark skipped (before it is durable), send Skip."""
        if ("final", self.state.view) in self.state.mine:  # check: rule-4-final
            return
        self.log("timeout", self.state.view)
        self.say("skip", NO_DIGEST)

    def rule_5_decide(self) -> None:
        """Decide: any CommitCert of h decides, whatever its view, once certificate, body and the complete decision record
        are held, fetched if missing, possibly from several nodes; until then serve h. If the block executes to other
        roots here, stop as `diverged`.
        """
        s = self.state
        commit = min((c for c in s.certificates.values() if c.kind == "commit"), key=lambda c: c.view, default=None)
        if commit is None:
            return
        earlier = [self.passed(view, commit.block) for view in range(1, commit.view)]
        notar = s.certificates["notar", commit.view] if self.is_notarized(commit.view, commit.block) else None
        self.missing_views |= {view for view, c in enumerate(earlier, start=1) if c is None}
        facts = s.blocks.get(commit.block)
        if facts is None:
            self.missing_blocks.add(commit.block)
        if self.missing_views or self.missing_blocks or notar is None or facts is None:  # check: rule-5-complete
            return
        record = DecisionRecord(commit, notar, tuple(c for c in earlier if c is not None))
        if self.is_valid(facts):
            self.change(decided=True)
            self.effects.append(Commit(commit.block, record))
        elif self.state.verdicts[commit.block] == "invalid":
            self.change(decided=True)
            self.effects.append(Diverged(commit.block))

    def resend(self) -> None:
        """Rule 6. Every resend interval, also when idle and also by observers, send Status(h, view). Until decided, resend
        own statements of views >= view-1 and all own Finals. Ask everyone for what is missing.
        """
        s = self.state
        self.effects.append(SetTimer(RESEND, s.timing.resend_ms))
        self.send(StatusMessage(s.height, s.view))
        for kind, view in s.mine:
            said = s.statements.get((kind, view, s.me if s.me is not None else -1))
            if said is not None and (kind == "final" or view >= s.view - 1):  # own ones stand there once durable
                self.send(StatementMessage(said))
        if s.asked is not None:
            self.send(s.asked)

    # What the rules share

    def proposal(self) -> Statement | None:
        """The leader's Propose in this view, my own from the moment I decided on it."""
        s = self.state
        leader = s.validators.leader(s.height, s.view)
        mine = s.mine.get(("propose", s.view)) if leader == s.me else None
        return mine or s.statements.get(("propose", s.view, leader))

    def has_skips(self, after: int, before: int) -> bool:
        """Whether SkipCerts of every view between are held; asks for the missing ones."""
        missing = {y for y in range(after + 1, before) if ("skip", y) not in self.state.certificates}
        self.missing_views |= missing
        return not missing

    def is_notarized(self, view: int, block: Digest) -> bool:
        """Whether NotarCert(view, block) is held; asks for it if none of that view is."""
        certificate = self.state.certificates.get(("notar", view))
        if certificate is None:
            self.missing_views.add(view)
        return certificate is not None and certificate.block == block

    def must_hold(self, facts: Facts) -> bool:
        """Whether a fresh block's time is too far ahead of my clock yet; wakes up when it no longer is."""
        s = self.state
        wait_ms = facts.time_ms - s.timing.drift_ms - s.clock_ms
        if wait_ms > 0 and not s.holding:
            self.change(holding=True)
            self.effects.append(SetTimer(Timer("hold", s.height, s.view), wait_ms))
        return wait_ms > 0

    def is_valid(self, facts: Facts) -> bool:
        """The verdict on a block, asked for once: whether it executes to its header's roots."""
        verdict = self.state.verdicts.get(facts.id)
        if verdict is None:
            self.change(verdicts=self.state.verdicts.set(facts.id, "asked"))
            self.effects.append(Validate(facts.id))
        return verdict == "valid"

    def passed(self, view: int, block: Digest) -> Certificate | None:
        """SkipCert(view), else NotarCert(view, block): what the decision record shows for an earlier view."""
        skip, notar = (self.state.certificates.get(("skip", view)), self.state.certificates.get(("notar", view)))
        return skip or (notar if notar is not None and notar.block == block else None)

    def ask(self) -> None:
        """Certificates needed for proposing, voting or the record are fetched: ask the leader, then everyone each interval.

        While some of what was asked for is still to come, nothing is asked again.
        """
        s = self.state
        if not self.missing_blocks and not self.missing_views:
            self.change(asked=None)
            return
        needs = FetchMessage(s.height, tuple(sorted(self.missing_blocks)), tuple(sorted(self.missing_views)))
        before = s.asked or FetchMessage(s.height, (), ())
        if set(needs.blocks) - set(before.blocks) or set(needs.views) - set(before.views):
            leader = s.validators.leader(s.height, s.view)
            self.send(needs, None if leader == s.me else self.name(leader))
        self.change(asked=needs)

    # What this node says and does

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

    def send(self, message: Message, receiver: str | None = None) -> None:
        """To all others, or to one."""
        self.effects.append(SendMessage(receiver, message))

    def log(self, kind: str, view: int, block: Digest = NO_DIGEST, **fields: JsonValue) -> None:
        """Something worth a line in the node's log."""
        self.effects.append(LogRecord(kind, {"height": self.state.height, "view": view, "block": block, **fields}))

    def accuse(self, first: Statement, second: Statement) -> None:
        """Logs two statements that no honest key signs both."""
        statements: JsonValue = [first.to_json(), second.to_json()]
        self.log("evidence", second.view, second.block, signer=self.name(second.signer), statements=statements)

    def name(self, index: int) -> str:
        """The member id of a validator."""
        return self.state.validators.validators[index].member
