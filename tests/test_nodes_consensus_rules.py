"""A test for each sentence of the rules of consensus. Four validators unless said otherwise; leader(1, v) = (1 + v) mod 4."""

from dataclasses import replace

import pytest

from ledger.certificate import Certificate, Statement, StatementKind
from ledger.errors import JsonValue
from ledger.primitives import Digest
from nodes.consensus import events
from nodes.consensus.engine_state import Facts
from nodes.consensus.rules import step
from nodes.messages import CertificateMessage, StatementMessage, StatusMessage
from tests.engine import PARENT_TIME_MS, TIMING, A, B, Engine, certificate, facts, fetch, fired, said

NONE = Digest("")
Given = events.EngineEvent | Statement | Certificate | Facts


def leader_of_view_1() -> Engine:
    return Engine(me=2).give(events.WorkChanged(True))


# Statements and certificates


def test_quorum_is_n_minus_f_for_all_n() -> None:
    for n, q in ((1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7), (13, 9)):
        node = Engine(me=None, n=n)
        for signer in range(q - 1):
            node.give(said("skip", signer))
        assert ("skip", 1) not in node.state.certificates
        node.give(said("skip", n - 1))
        assert ("skip", 1) in node.state.certificates


def test_certificate_is_exactly_q_statements_in_validator_order() -> None:
    node = Engine(me=None).give(said("vote", 3), said("vote", 1), said("vote", 0))
    assert node.state.certificates["notar", 1].signers == (0, 1, 3)


def test_votes_for_different_blocks_make_no_certificate() -> None:
    node = Engine(me=None).give(said("vote", 0), said("vote", 1), said("vote", 2, block=B))
    assert not node.state.certificates


def test_one_statement_per_sender_kind_and_view_and_the_second_as_evidence() -> None:
    node = Engine(me=None).give(said("vote", 1), said("vote", 1, block=B), said("vote", 2), said("vote", 3, block=B))
    assert node.state.statements["vote", 1, 1].block == A
    assert node.state.evidence["vote", 1, 1].block == B


@pytest.mark.parametrize(("first", "second"), [("skip", "final"), ("final", "skip")])
def test_skip_and_final_of_one_key_are_logged_as_evidence_once(first: StatementKind, second: StatementKind) -> None:
    node = Engine(me=None).give(said(first, 1))
    node.give(said(second, 1))
    statements: JsonValue = [said(first, 1).to_json(), said(second, 1).to_json()]
    fields: dict[str, JsonValue] = {"height": 1, "view": 1, "block": said(second, 1).block, "signer": "v.1"}
    assert node.of(events.LogRecord) == [events.LogRecord("evidence", {**fields, "statements": statements})]
    assert not node.give(said(second, 1)).of(events.LogRecord)


def test_statements_of_another_height_are_ignored() -> None:
    assert not Engine(me=None).give(said("vote", 1, height=2)).state.statements


def test_certificates_of_another_height_are_ignored() -> None:
    assert not Engine(me=None).give(certificate("commit", height=2)).state.certificates


def test_statements_beyond_view_plus_16_are_dropped_but_show_that_their_sender_is_ahead() -> None:
    node = Engine(me=None).give(said("skip", 1, view=18), said("skip", 2, view=17))
    assert set(node.state.statements) == {("skip", 17, 2)}
    assert dict(node.state.highest_view) == {1: 18, 2: 17}


def test_certificates_are_never_dropped_for_their_view() -> None:
    assert Engine(me=None).give(certificate("skip", view=500)).state.view == 501


def test_only_the_leader_proposes() -> None:
    node = Engine().give(facts(proposer=1), said("propose", 1))
    assert not node.state.statements
    assert not node.of(events.Validate)


# Views


@pytest.mark.parametrize("kind", ["notar", "skip"])
def test_a_certificate_of_any_view_from_mine_on_enters_the_next_and_is_sent_on(kind: str) -> None:
    let_in = certificate(kind, view=4)  # type: ignore[arg-type]
    node = Engine(me=None).give(let_in)
    assert node.state.view == 5
    assert node.sends(CertificateMessage(let_in))


def test_a_certificate_of_an_earlier_view_enters_nothing() -> None:
    node = Engine(me=None).give(certificate("skip", view=4)).give(certificate("skip", view=3))
    assert node.state.view == 5


def test_a_commit_certificate_enters_no_view() -> None:
    assert Engine(me=None).give(certificate("commit", view=4)).state.view == 1


# Rules 1 to 4: what a validator says, and what it asks to be validated

WORK = events.WorkChanged(True)
VALID = events.Validated(A, "valid")
AGAIN = said("propose", 0, view=3, w=1)
LATE = PARENT_TIME_MS + 10 + TIMING.drift_ms + 1_000
SKIP = ("skip", 1, NONE)
SAYS: dict[str, tuple[int | None, list[Given], list[tuple[str, int, Digest]]]] = {
    "1: proposes even after its own skip": (
        2, [WORK, fired("view"), events.Built(1, facts())], [SKIP, ("propose", 1, A), ("vote", 1, A)],
    ),
    "2: votes even after its own skip": (0, [WORK, fired("view"), facts(), said("propose", 2), VALID], [SKIP, ("vote", 1, A)]),
    "2: votes only in the current view": (0, [certificate("skip"), facts(), said("propose", 2), VALID], []),
    "2: does not vote for an invalid block": (0, [facts(), said("propose", 2), events.Validated(A, "invalid")], []),
    "2: checks no clock and no proposer of a block that is proposed again": (
        1, [facts(proposer=None, time_ms=LATE), certificate("notar"), certificate("skip", 2), AGAIN, VALID],
        [("final", 1, A), ("vote", 3, A)],
    ),
    "3: a notar certificate makes final, without the body": (0, [certificate("notar")], [("final", 1, A)]),
    "3: no final after skip": (0, [WORK, fired("view"), certificate("notar")], [SKIP]),
    "3: final also if the view was left already": (0, [certificate("skip"), certificate("notar")], [("final", 1, A)]),
    "3: final also if the view is not entered yet": (0, [certificate("notar", 7)], [("final", 7, A)]),
    "3: observers say nothing": (None, [certificate("notar")], []),
    "4: a timer that has run out says skip once": (0, [WORK, fired("view"), fired("view")], [SKIP]),
    "4: a timer of an earlier view says nothing": (0, [WORK, certificate("skip"), fired("view")], []),
}  # fmt: skip


@pytest.mark.parametrize("rule", SAYS)
def test_a_validator_says(rule: str) -> None:
    me, given, said_by_me = SAYS[rule]
    assert Engine(me).give(*given).persisted() == said_by_me


NOT_VALIDATED: dict[str, list[Given]] = {
    "a fresh block of another leader": [facts(proposer=1), said("propose", 2)],
    "another block than the notarized one": [facts(), facts(B), certificate("notar", block=B), certificate("skip", 2), AGAIN],
}


@pytest.mark.parametrize("block", NOT_VALIDATED)
def test_rule_2_is_not_validated(block: str) -> None:
    assert Engine(me=1).give(*NOT_VALIDATED[block]).of(events.Validate) == []


# Rule 1


def test_rule_1_leader_asks_for_a_fresh_block_when_there_is_work() -> None:
    assert Engine(me=2).give(events.ClockChanged(PARENT_TIME_MS + 11)).of(events.Build) == []
    assert leader_of_view_1().of(events.Build) == [events.Build(1)]
    assert Engine(me=1).give(WORK).of(events.Build) == [], "others do not"


def test_rule_1_proposes_the_fresh_block_and_votes_for_it_in_one_write() -> None:
    node = leader_of_view_1()
    node.durable = False
    node.give(events.Built(1, facts()))
    assert node.persisted() == [("propose", 1, A), ("vote", 1, A)]
    assert not node.of(events.SendMessage)


def test_rule_1_proposes_once_a_view() -> None:
    node = leader_of_view_1().give(events.Built(1, facts())).give(events.Built(1, facts(B)))
    assert ("propose", 1, B) not in node.persisted()
    assert node.give(events.WorkChanged(False), WORK).of(events.Build) == []


def test_rule_1_proposes_the_block_of_the_highest_notar_certificate() -> None:
    node = Engine(me=0).give(facts(), certificate("notar", 1), certificate("skip", 2))
    assert node.state.view == 3  # leader(1, 3) = 0
    assert ("propose", 3, A) in node.persisted()
    assert node.state.mine["propose", 3].notarized_view == 1


def test_rule_1_waits_for_the_skip_certificates_between() -> None:
    node = Engine(me=1).give(facts(), certificate("notar", 1), certificate("skip", 3))
    assert node.state.view == 4  # leader(1, 4) = 1
    assert ("propose", 4) not in node.mine()
    assert node.sends(fetch(views=(2,)))
    assert ("propose", 4, A) in node.give(certificate("skip", 2)).persisted()


def test_rule_1_fetches_the_body_before_it_proposes_again() -> None:
    node = Engine(me=0).give(certificate("notar", 1), certificate("skip", 2))
    assert ("propose", 3) not in node.mine()
    assert node.sends(fetch((A,)))  # the leader itself asks everyone
    assert ("propose", 3, A) in node.give(facts()).persisted()


def test_rule_1_waits_r_for_the_commit_certificate_of_the_view_before() -> None:
    node = Engine(me=3).give(facts(), certificate("notar", 1))
    assert node.state.view == 2  # leader(1, 2) = 3
    assert node.timers()["repropose", 1] == TIMING.repropose_ms == 300
    assert ("propose", 2) not in node.mine()
    assert ("propose", 2, A) in node.give(fired("repropose", 1)).persisted()


def test_rule_1_r_is_counted_from_when_the_notar_certificate_was_first_held() -> None:
    node = Engine(me=3).give(facts(), certificate("notar", 1)).give(certificate("notar", 1))
    assert ("repropose", 1) not in node.timers()


def test_rule_1_a_fresh_block_is_given_up_when_a_notar_certificate_came_in_between() -> None:
    node = Engine(me=3).give(WORK, certificate("skip", 1))
    assert node.of(events.Build) == [events.Build(2)]
    node.give(certificate("notar", 1)).give(events.Built(2, facts(B, proposer=3)))
    assert ("propose", 2) not in node.mine()


# Rule 2


def test_rule_2_votes_for_a_valid_fresh_block_once() -> None:
    node = Engine().give(facts(), said("propose", 2))
    assert node.of(events.Validate) == [events.Validate(A)]
    assert node.valid().persisted() == [("vote", 1, A)]
    assert node.give(said("propose", 2)).persisted() == []


def test_rule_2_fetches_the_body_from_the_leader() -> None:
    node = Engine().give(said("propose", 2))
    assert node.sends(fetch((A,)), 2)


def test_rule_2_holds_a_fresh_block_until_its_time_is_near() -> None:
    ahead = PARENT_TIME_MS + 10 + TIMING.drift_ms + 7
    node = Engine().give(facts(time_ms=ahead), said("propose", 2))
    assert node.timers()["hold", 1] == 7
    assert node.of(events.Validate) == []
    assert node.give(events.ClockChanged(ahead - TIMING.drift_ms), fired("hold", 1)).valid().persisted()


def test_rule_2_reproposed_block_needs_its_notar_certificate() -> None:
    node = Engine(me=1).give(facts(), certificate("skip", 1), certificate("skip", 2)).give(AGAIN)
    assert node.of(events.Validate) == []
    assert node.sends(fetch(views=(1,)), 0)
    assert node.give(certificate("notar", 1)).valid().persisted()[-1] == ("vote", 3, A)


def test_rule_2_needs_skip_certificates_of_every_view_between() -> None:
    node = Engine(me=1).give(facts(), certificate("notar", 1), certificate("skip", 3))
    assert node.state.view == 4
    other = Engine(me=0).give(facts(), certificate("notar", 1), certificate("skip", 3)).give(said("propose", 1, view=4, w=1))
    assert other.of(events.Validate) == []
    assert other.sends(fetch(views=(2,)), 1)
    assert other.give(certificate("skip", 2)).valid().persisted()[-1] == ("vote", 4, A)


def test_rule_2_fresh_block_in_a_later_view_needs_skip_certificates_of_all_before() -> None:
    node = Engine(me=0).give(facts(proposer=3), certificate("skip", 1)).give(said("propose", 3, view=2))
    assert node.valid().persisted() == [("vote", 2, A)]
    late = Engine(me=0).give(facts(proposer=1), certificate("skip", 3)).give(said("propose", 1, view=4))
    assert late.of(events.Validate) == []
    assert late.sends(fetch(views=(1, 2)), 1)


# Rule 4


WORKS: dict[str, list[Given]] = {
    "pending": [WORK],
    "propose": [said("propose", 2)],
    "f+1 statements": [said("skip", 1), said("skip", 3)],
    "f+1 ahead": [said("skip", 1, view=40), said("skip", 3, view=40)],
}


@pytest.mark.parametrize("work", WORKS)
def test_rule_4_timer_starts_with_work(work: str) -> None:
    node = Engine()
    assert ("view", 1) not in node.timers()
    node.give(*WORKS[work])
    assert node.timers()["view", 1] == TIMING.view_ms(1) == 1_000


def test_rule_4_a_notar_certificate_is_work_in_the_next_view() -> None:
    assert Engine().give(certificate("notar")).timers()["view", 2] == 1_500


def test_rule_4_without_work_no_timer_and_no_skip() -> None:
    node = Engine().give(said("skip", 1))
    assert ("view", 1) not in node.timers()
    assert node.give(fired("view", 1)).persisted() == []


def test_rule_4_timer_is_cancelled_when_work_ends_and_starts_in_full_again() -> None:
    node = Engine().give(WORK).give(events.WorkChanged(False))
    assert node.timers()["view", 1] is None
    assert node.give(WORK).timers()["view", 1] == 1_000


def test_rule_4_no_skip_after_final() -> None:
    node = Engine().give(WORK)
    node.state = replace(node.state, mine=node.state.mine.set(("final", 1), said("final", 0)))
    assert node.give(fired("view", 1)).persisted() == []


def test_rule_4_skip_binds_before_it_is_durable() -> None:
    node = Engine(durable=False).give(WORK).give(fired("view", 1))
    assert not node.of(events.SendMessage)
    assert node.give(certificate("notar")).persisted() == []


def test_rule_4_timer_grows_by_half_and_is_capped() -> None:
    assert [TIMING.view_ms(view) for view in (1, 2, 3, 4)] == [1_000, 1_500, 2_250, 3_375]
    assert TIMING.view_ms(7) == TIMING.view_ms(1_000) == 10_000


def test_rule_4_after_a_restart_it_starts_afresh_unless_the_skip_is_stored() -> None:
    fresh = replaying(Engine()).give(WORK, events.Restored())
    assert fresh.timers()["view", 1] == 1_000
    skipped = replaying(Engine()).give(events.Durable(said("skip", 0)), WORK, events.Restored())
    assert ("view", 1) not in skipped.timers()


# Rule 5


def test_rule_5_decides_with_certificate_body_and_record() -> None:
    node = Engine().give(facts(), certificate("notar"), certificate("commit")).valid()
    (commit,) = node.of(events.Commit)
    assert (commit.block, commit.record.commit.view, commit.record.earlier) == (A, 1, ())
    assert node.state.decided


def test_rule_5_a_commit_certificate_of_an_earlier_view_decides() -> None:
    node = Engine().give(facts(), certificate("notar", 1), certificate("skip", 2), certificate("skip", 3)).valid()
    assert node.state.view == 4
    (commit,) = node.give(certificate("commit", 1)).of(events.Commit)
    assert commit.record.commit.view == 1


def test_rule_5_waits_for_the_notar_certificate() -> None:
    node = Engine().give(facts(), certificate("commit"))
    assert not node.of(events.Validate)
    assert node.sends(fetch(views=(1,)), 2)


def test_rule_5_a_notar_certificate_of_another_block_in_the_view_is_no_record() -> None:
    node = Engine().give(facts(), certificate("notar", block=B), certificate("commit"))
    assert not node.of(events.Validate)
    assert not node.valid().of(events.Commit)


def test_rule_5_waits_for_each_earlier_view() -> None:
    node = Engine().give(facts(), certificate("notar", 3), certificate("commit", 3))
    assert not node.of(events.Validate)
    node.give(certificate("skip", 1), certificate("notar", 2)).valid()
    (commit,) = node.of(events.Commit)
    assert [(c.kind, c.view) for c in commit.record.earlier] == [("skip", 1), ("notar", 2)]


def test_rule_5_an_earlier_notar_certificate_of_another_block_is_no_record() -> None:
    node = Engine().give(facts(), certificate("notar", 1, block=B), certificate("notar", 2), certificate("commit", 2))
    assert not node.of(events.Validate)
    assert node.give(certificate("skip", 1)).valid().of(events.Commit)


def test_rule_5_waits_for_the_body() -> None:
    node = Engine().give(certificate("notar"), certificate("commit"))
    assert [e.message for e in node.of(events.SendMessage)][-1] == fetch((A,))
    assert node.give(facts()).valid().of(events.Commit)


def test_rule_5_stops_when_a_decided_block_executes_to_other_roots() -> None:
    node = Engine().give(facts(), certificate("notar"), certificate("commit")).give(events.Validated(A, "invalid"))
    assert node.of(events.Diverged) == [events.Diverged(A)]
    assert not node.of(events.Commit)


def test_rule_5_nothing_happens_after_the_decision() -> None:
    node = Engine().give(facts(), certificate("notar"), certificate("commit")).valid()
    assert node.give(WORK, certificate("skip")).effects == []


# Rule 6


def test_rule_6_status_every_interval_also_when_idle_and_by_observers() -> None:
    node = Engine(me=None).give(events.TimerFired(events.RESEND))
    assert node.timers()["resend", 0] == TIMING.resend_ms == 800
    assert node.of(events.SendMessage) == [events.SendMessage(None, StatusMessage(1, 1))]


def test_rule_6_resends_own_statements_of_the_last_two_views_and_all_finals() -> None:
    node = Engine().give(certificate("notar", 1), fired("view", 2))
    node.give(certificate("skip", 2), fired("view", 3)).give(certificate("skip", 3), WORK)
    node.give(events.TimerFired(events.RESEND))
    sent = [effect.message for effect in node.of(events.SendMessage)]
    again = {(m.statement.kind, m.statement.view) for m in sent if isinstance(m, StatementMessage)}
    assert node.mine() == {("final", 1), ("skip", 2), ("skip", 3)}
    assert again == {("final", 1), ("skip", 3)}


def test_rule_6_what_is_not_durable_is_neither_sent_nor_resent_nor_counted() -> None:
    node = Engine(durable=False).give(certificate("notar")).give(events.TimerFired(events.RESEND))
    assert node.of(events.SendMessage) == [events.SendMessage(None, StatusMessage(1, 2))]
    node.give(said("final", 1), said("final", 2))
    assert ("commit", 1) not in node.state.certificates


def test_rule_6_what_is_missing_is_asked_of_everyone_each_interval() -> None:
    node = Engine().give(said("propose", 2)).give(events.TimerFired(events.RESEND))
    assert node.sends(fetch((A,)))


def test_restart_resends_identical_bytes_and_signs_nothing_until_replay_is_done() -> None:
    node = replaying(Engine()).give(facts(), certificate("notar"), events.Durable(said("vote", 0)))
    assert node.effects == [e for e in node.effects if isinstance(e, events.LogRecord | events.SetTimer)]
    node.give(events.Restored())
    assert node.sends(StatementMessage(said("vote", 0)))
    assert ("final", 1, A) in node.persisted()


def test_restart_keeps_own_statements_of_views_far_ahead() -> None:
    node = replaying(Engine()).give(events.Durable(said("skip", 0, view=40)), certificate("skip", 39), events.Restored())
    assert ("skip", 40, 0) in node.state.statements


def test_state_is_a_value() -> None:
    left, right = (Engine().give(facts(), said("propose", 2)).valid().state for _ in range(2))
    assert left == right
    assert hash(left) == hash(right)
    before = repr(left)
    step(left, events.Received(certificate("notar")))
    assert repr(left) == before


def replaying(node: Engine) -> Engine:
    node.state = replace(node.state, replaying=True)
    return node
