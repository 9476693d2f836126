"""The replica around the engine: durability, judgement of what arrives, help for those behind. On a simulated network."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.certificate import Evidence, Statement, parse_statement, sign_statement, verify_evidence
from ledger.contract import Anyone, Context, Identifier, operation
from ledger.contract.contract import ContractSet
from ledger.encoding import encode
from ledger.errors import JsonValue
from ledger.governance import Governance
from ledger.identity.records import GOVERNANCE, ValidatorSet
from ledger.primitives import NO_DIGEST, Digest, Signature
from nodes.consensus.events import RESEND, LogRecord, MessageReceived, Started, Submitted, TimerFired
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    FetchMessage,
    HighestAnswer,
    HighestRequest,
    StatementMessage,
    StatusMessage,
    TransactionsMessage,
    block_message,
)
from nodes.replica import voting_record
from nodes.replica.explain import consensus_json, explain
from nodes.replica.recovery import Recovery
from nodes.sample_contract import Asset, Counter
from nodes.settings import ReplicaLimits
from tests.replicas import Network, codes, sent
from tests.support import EAST, NORTH, SOUTH, VALIDATORS, WEST

NOTHING = Digest("0" * 64)


@pytest.fixture
def network() -> Network:
    return Network()


# One durable write before sending


def test_what_is_not_durable_is_neither_sent_nor_counted(network: Network) -> None:
    network.submit([network.bump()], EAST)
    seen = 0
    while not network.checker.blocks:
        network.scheduler.step()
        for node in network.nodes.values():
            replica = network.replica(node.member)
            for ticket, statements in replica.voting_record.unsent.items():
                seen += 1
                assert ticket > node.store.durable_ticket
                for s in statements:
                    assert (s.kind, s.view, s.signer) not in replica.engine.statements
                    assert not any(s.signature in line.decode() for line in network.log or ())
    assert seen > 10


def test_a_block_is_published_when_it_is_durable(network: Network) -> None:
    transaction = network.bump()
    network.submit([transaction], NORTH)
    replica = network.replica()
    network.step_until(lambda: replica.unpublished)
    assert replica.chain.height == 1
    assert network.checker.heights.get(NORTH, 0) == 0
    assert replica.is_pending(transaction.id)
    network.reach(1)
    assert not replica.is_pending(transaction.id)


def test_after_a_crash_the_same_statements_are_sent_again(network: Network) -> None:
    network.submit([network.bump()], EAST)
    node = network.nodes[WEST]
    network.step_until(lambda: ("vote", 1) in {(s.kind, s.view) for s in voting_record.remembered(node.store, 1).statements})
    node.store.flush()
    before = voting_record.remembered(node.store, 1)
    network.crash(node)
    network.start(node)
    engine = network.replica(WEST).engine
    assert set(before.statements) == {s for s in engine.statements.values() if s.signer == engine.me}
    assert {b.id for b in before.blocks} == set(engine.blocks)
    network.reach(1)


def test_a_crash_before_the_write_is_durable_forgets_the_statement(network: Network) -> None:
    network.submit([network.bump()], EAST)
    node = network.nodes[WEST]
    network.step_until(lambda: network.replica(WEST).voting_record.unsent)
    network.crash(node)
    assert not voting_record.remembered(node.store, 1).statements
    network.start(node)
    network.reach(1)


def test_rows_of_a_decided_height_are_forgotten_and_the_body_is_written_once(network: Network) -> None:
    network.decide(1, 2)
    store = network.nodes[NORTH].store
    for table in (voting_record.STATEMENTS, voting_record.CERTIFICATES, voting_record.CANDIDATES):
        assert store.scan(table, b"", b"\xff" * 8, 10) == []
    assert len(store.scan("bodies", b"", b"\xff" * 33, 10)) == 2


# Judging what arrives


def test_a_statement_with_a_wrong_signature_changes_nothing(network: Network) -> None:
    replica = network.replica()
    before = replica.engine
    forged = Statement("skip", 1, 1, NO_DIGEST, 0, 1, Signature("0" * 128))
    assert codes(network.give(NORTH, SOUTH, StatementMessage(forged))) == ["wrong-signature"]
    assert replace(replica.engine, clock_ms=0) == replace(before, clock_ms=0)


def test_a_statement_of_another_ledger_or_validator_set_changes_nothing(network: Network) -> None:
    replica = network.replica()
    right = network.statement("skip")
    for domain in (replace(replica.chain.domain, ledger=NOTHING), replace(replica.chain.domain, validators=NOTHING)):
        signed = sign_statement(domain, right, network.key_of(SOUTH))
        assert codes(network.give(NORTH, SOUTH, StatementMessage(signed))) == ["wrong-signature"]
    network.give(NORTH, SOUTH, StatementMessage(right))
    assert ("skip", 1, 1) in replica.engine.statements


def test_a_certificate_with_one_wrong_signature_changes_nothing() -> None:
    right = Network().notarized()
    wrong = replace(right, signatures=(*right.signatures[:-1], right.signatures[0]))
    fresh = Network()
    assert codes(fresh.give(WEST, NORTH, CertificateMessage(wrong))) == ["wrong-signature"]
    assert not fresh.replica(WEST).engine.certificates


def test_a_body_that_does_not_fit_its_header_is_dropped(network: Network) -> None:
    network.submit([network.bump()], EAST)
    network.step_until(lambda: network.replica(EAST).bodies.blocks)
    (block,) = network.replica(EAST).bodies.blocks.values()
    message = block_message(block)
    other = Network()
    assert codes(other.give(NORTH, SOUTH, BlockMessage(message.header, (other.bump(9).raw,)))) == ["wrong-transactions-root"]
    assert codes(other.give(NORTH, SOUTH, BlockMessage(message.header, message.envelopes * 2_000))) == ["block-too-large"]
    assert codes(other.give(NORTH, SOUTH, message)) == []
    assert other.replica(NORTH).bodies.offered[SOUTH].id == block.id


def test_gossip_is_admitted_one_by_one(network: Network) -> None:
    good, bad = network.bump(1), network.bump(2)
    signature = bad.signatures[0].encode()
    forged = bad.raw.replace(signature, signature[::-1])
    actions = network.give(NORTH, SOUTH, TransactionsMessage((b"{", forged, good.raw, good.raw)))
    assert codes(actions) == ["not-json", "wrong-signature"]
    assert list(network.replica().mempool) == [good]


def test_gossip_stops_at_the_limits_of_the_mempool(network: Network) -> None:
    network.start_with(NORTH, limits=ReplicaLimits(pending_max=1))
    network.give(NORTH, SOUTH, TransactionsMessage(tuple(network.bump(n).raw for n in range(1, 4))))
    assert len(network.replica().mempool) == 1


def test_work_ends_with_the_resend_interval_in_which_its_transaction_expires(network: Network) -> None:
    network.submit([network.sign("north.member1", "asset", "bump", {"number": "n"}, "1" * 32, lifetime_ms=2_000)], NORTH)
    replica, expired_ms = network.replica(), network.now_ms + 2_000
    replica.handle(TimerFired(RESEND), expired_ms - 1)
    assert replica.engine.work
    replica.handle(TimerFired(RESEND), expired_ms)
    assert not replica.engine.work


def test_conflicting_statements_are_kept_as_evidence_and_logged(network: Network) -> None:
    for block in ("a" * 64, "b" * 64):
        actions = network.give(NORTH, SOUTH, StatementMessage(network.statement("vote", block=Digest(block))))
    (record,) = [a for a in actions if isinstance(a, LogRecord) and a.kind == "evidence"]
    assert record.fields["signer"] == SOUTH
    first, second = map(parse_statement, record.fields["statements"])  # type: ignore[arg-type]
    chain = network.replica().chain
    verify_evidence(chain.ledger, chain.validators, Evidence(1, chain.validators.digest, first, second), chain.suite)


# The next height


def test_statements_of_the_next_height_are_judged_when_it_comes(network: Network) -> None:
    replica = network.replica()
    early = network.statement("skip", height=2)
    network.give(NORTH, SOUTH, StatementMessage(early))
    assert not replica.engine.statements
    network.decide(1)
    assert replica.engine.statements["skip", 1, 1] == early


def test_the_buffer_is_bounded_by_peer_and_view(network: Network) -> None:
    replica = network.replica()
    far = network.statement("skip", 18, height=2)
    network.give(NORTH, SOUTH, StatementMessage(far))
    assert not replica.early
    near = replace(far, view=17)
    most = replica.settings.limits.buffered_messages_max
    for _ in range(most + 5):
        network.give(NORTH, SOUTH, StatementMessage(near))
    network.give(NORTH, WEST, StatementMessage(near))
    assert {sender: len(kept) for sender, kept in replica.early.items()} == {SOUTH: most, WEST: 1}


# Those who are behind


def test_a_node_that_was_away_catches_up(network: Network) -> None:
    network.crash(network.nodes[WEST])
    network.decide(1, 2, 3, 4, 5, nodes=(NORTH, SOUTH, EAST))
    network.start(network.nodes[WEST])
    network.reach(5)
    assert network.replica(WEST).chain.head_id == network.replica().chain.head_id
    network.decide(6)


def test_one_answer_a_peer_and_interval(network: Network) -> None:
    network.decide(1, 2)
    first = network.answers(StatusMessage(1, 1))
    assert [type(m) for m in first] == [DecidedMessage, DecidedMessage]
    assert network.answers(StatusMessage(1, 1)) == []
    assert network.answers(StatusMessage(2, 1)) == []
    assert len(network.answers(StatusMessage(2, 1), SOUTH)) == 1


def test_an_answer_is_bounded(network: Network) -> None:
    network.decide(1, 2, 3)
    replica = network.replica()
    replica.answers.limits = ReplicaLimits(catch_up_blocks_max=2)
    assert len(network.answers(StatusMessage(1, 1))) == 2
    replica.answers.limits = ReplicaLimits(catch_up_bytes_max=1)
    assert len(network.answers(StatusMessage(1, 1), SOUTH)) == 1


def test_a_decided_block_with_a_damaged_record_is_dropped(network: Network) -> None:
    network.decide(1)
    (message,) = network.answers(StatusMessage(1, 1))
    assert isinstance(message, DecidedMessage)
    behind = Network()
    commit = message.record.commit
    forged = replace(commit, signatures=(commit.signatures[1], *commit.signatures[1:]))
    for record in (replace(message.record, commit=forged), replace(message.record, notar=message.record.commit)):
        assert codes(behind.give(WEST, NORTH, replace(message, record=record)))[0] in ("wrong-signature", "wrong-record")
    assert behind.replica(WEST).chain.height == 0
    behind.give(WEST, NORTH, message)
    assert behind.replica(WEST).chain.height == 1


def test_bodies_and_certificates_are_fetched(network: Network) -> None:
    notar = network.notarized()
    network.step_until(lambda: network.replica().bodies.blocks)
    answer = network.answers(FetchMessage(1, (notar.block,), (1,)))
    assert [type(m) for m in answer] == [BlockMessage, CertificateMessage]


def test_one_behind_in_views_gets_the_certificates_between(network: Network) -> None:
    notar = network.notarized()
    assert network.answers(StatusMessage(1, 1)) == [CertificateMessage(notar)]


def test_one_further_on_is_told_where_this_node_is_once_an_interval(network: Network) -> None:
    assert network.answers(StatusMessage(9, 1)) == [StatusMessage(1, 1)]
    assert network.answers(StatusMessage(9, 1)) == []


# Work


def test_a_transaction_that_one_node_alone_has_spreads_once_the_network_heals(network: Network) -> None:
    network.weather.group_of = {NORTH: 1}
    network.submit([network.bump()], NORTH)
    assert not network.run_until(lambda: bool(network.checker.blocks), 10_000)
    network.weather.group_of = {}
    network.reach(1)


def test_an_idle_network_signs_nothing(network: Network) -> None:
    assert not network.run_until(lambda: bool(network.logged("timeout") or network.checker.blocks), 30_000)


def test_a_heartbeat_is_an_empty_block_when_its_time_has_come(network: Network) -> None:
    interval_ms = network.replica().chain.parameters.heartbeat_interval_ms
    network.reach(1)
    assert network.checker.blocks[1].transactions == ()
    assert network.checker.blocks[1].header.time >= network.start_ms + interval_ms


def test_setting_the_clock_judges_heartbeats_and_expiry_again(network: Network) -> None:
    late, set_to = network.bump(), network.now_ms + 400_000
    network.set_clock(set_to)
    network.reach(1)
    assert network.checker.blocks[1].header.time >= set_to
    network.replica().take_transaction(late)
    network.decide(2)
    assert late.id not in network.replica().mempool


def test_a_leader_whose_work_has_expired_proposes_what_comes_next(network: Network) -> None:
    """Entered without a timer of its own, a view in which there is nothing to propose yet."""
    replica = network.replica(VALIDATORS[3])
    old, new = (
        network.sign("north.member1", "asset", "bump", {"number": "n"}, f"{number:032x}", lifetime_ms)
        for number, lifetime_ms in enumerate((100, 100_000))
    )
    replica.handle(MessageReceived(SOUTH, TransactionsMessage((old.raw,))), network.now_ms)
    for member in VALIDATORS[:3]:
        skip = StatementMessage(network.statement("skip", by=member))
        replica.handle(MessageReceived(member, skip), network.now_ms + 200)
    assert replica.engine.view == 2
    assert ("propose", 2) not in replica.engine.mine
    replica.handle(MessageReceived(SOUTH, TransactionsMessage((new.raw,))), network.now_ms + 200)
    assert ("propose", 2) in replica.engine.mine


# The voting mark


def test_without_its_mark_a_validator_asks_and_says_nothing(network: Network) -> None:
    replica = network.new_replica(WEST, may_vote=False)
    actions = replica.handle(Started(), network.now_ms)
    assert HighestRequest("ab" * 16) in sent(actions)
    assert replica.engine.me is None


def test_the_highest_certified_height_is_answered_with_the_nonce(network: Network) -> None:
    network.decide(1)
    assert network.answers(HighestRequest("cd" * 16)) == [HighestAnswer("cd" * 16, 1)]


def test_it_votes_again_from_three_above_the_highest_answer_of_q_others(network: Network) -> None:
    replica = network.new_replica(WEST, may_vote=False)
    replica.handle(Started(), network.now_ms)
    recovery = replica.recovery
    assert recovery is not None
    validators = replica.chain.validators
    for sender, nonce in ((NORTH, "00"), ("north.admin", "ab"), (WEST, "ab")):
        recovery.answered(sender, HighestAnswer(nonce * 16, 9), validators)
        assert recovery.answers == {}
    for sender, height in ((NORTH, 0), (SOUTH, 4), (SOUTH, 4)):
        recovery.answered(sender, HighestAnswer("ab" * 16, height), validators)
        assert recovery.votes_from is None
    recovery.answered(EAST, HighestAnswer("ab" * 16, 2), validators)
    assert recovery.votes_from == 7
    recovery.answered(NORTH, HighestAnswer("ab" * 16, 90), validators)
    shown: JsonValue = {"needed": 3, "answers": {NORTH: 0, SOUTH: 4, EAST: 2}, "votes_from": 7}
    assert recovery.to_json(validators) == shown, "an answer that came late would look like a breach of the rule"
    assert not recovery.may_vote(6, validators)
    assert recovery.may_vote(7, validators)


def test_it_asks_anew_when_another_set_votes() -> None:
    """Validators that left may have stopped anywhere: what they answered says nothing of what the key signed since."""
    old = Network().replica(WEST).chain.validators
    new = ValidatorSet(old.validators[1:])
    nonces = iter(("ab" * 16, "cd" * 16))
    recovery = Recovery(WEST, lambda: next(nonces))
    for sender in (NORTH, SOUTH, EAST):
        recovery.answered(sender, HighestAnswer("ab" * 16, 1), old)
    assert recovery.votes_from == 4
    assert not recovery.may_vote(9, new)
    assert (recovery.request, recovery.answers) == (HighestRequest("cd" * 16), {})
    for sender, height in ((SOUTH, 8), (EAST, 7)):
        recovery.answered(sender, HighestAnswer("ab" * 16, 1), new)
        assert not recovery.may_vote(9, new)
        recovery.answered(sender, HighestAnswer("cd" * 16, height), new)
    assert not recovery.may_vote(10, new)
    assert recovery.may_vote(11, new)


def test_a_validator_without_its_mark_recovers_in_a_live_network(network: Network) -> None:
    network.decide(1)
    node = network.nodes[WEST]
    network.crash(node)
    network.start(node, may_vote=False)
    network.decide(2)
    assert network.replica(WEST).engine.me is None
    network.decide(3, 4)
    assert network.replica(WEST).engine.me == 3
    assert len(network.logged("recovered", WEST)) == 1


def test_state_of_consensus_as_json(network: Network) -> None:
    network.submit([network.bump()], EAST)
    network.step_until(lambda: network.replica().engine.statements)
    assert encode(consensus_json(network.replica()))


def test_what_is_missing_for_a_certificate_is_counted_by_block(network: Network) -> None:
    """Three of four votes make one only if they name one block."""
    state = network.replica().engine
    for signer, name in enumerate("aab"):
        vote = Statement("vote", 1, 1, Digest(name * 64), 0, signer)
        state = replace(state, statements=state.statements.set(("vote", 1, signer), vote))
    shown: Any = explain(state)
    notar = shown["views"][0]["certificates"]["notar"]
    assert (notar["held"], len(notar["stated"]), notar["missing"]) == (False, 3, 1)


def test_a_validator_with_another_key_than_the_ledgers_says_nothing(network: Network) -> None:
    assert network.new_replica(WEST, key=network.key_of(EAST)).engine.me is None


# Divergence


class OddAsset(Asset):
    """The sample contract with a fault that the others do not have."""

    @operation(signed_by=Anyone())
    def bump(self, context: Context, number: Identifier) -> None:
        """Adds two."""
        counter = self.counters.get(number) or Counter(count=0)
        self.counters[number] = counter.replace(count=counter.count + 2)


def test_a_node_that_computes_other_results_stops_and_names_the_first_differing_key(network: Network) -> None:
    network.start_with(WEST, ContractSet({"asset": OddAsset}))
    network.decide(1, nodes=(NORTH, SOUTH, EAST))
    diverged = network.stopped(WEST)
    assert network.run_until(lambda: "first_difference" in diverged, 60_000)
    assert (diverged["reason"], diverged["code"], diverged["height"]) == ("diverged", "wrong-roots", 1)
    difference = {"contract": "asset", "collection": "counters", "key": "n", "ours": '{"count":2}', "theirs": '{"count":1}'}
    assert diverged["first_difference"] == difference
    assert network.replica(WEST).chain.height == 0
    assert not any(s.signer == 3 for s in network.replica().engine.statements.values())
    network.decide(2, nodes=(NORTH, SOUTH, EAST))


def test_a_node_without_the_ledgers_contract_says_so_and_does_not_vote(network: Network) -> None:
    network.start_with(WEST, ContractSet({"asset": Asset}, {"asset": NOTHING}))
    network.decide(1, nodes=(NORTH, SOUTH, EAST))
    diverged = network.stopped(WEST)
    assert (diverged["reason"], diverged["code"]) == ("refused-decided-block", "contract-not-installed")
    assert ("vote", 1) not in network.replica(WEST).engine.mine


def test_what_no_node_can_run_does_not_hold_up_the_approval_of_what_they_have(network: Network) -> None:
    for member in VALIDATORS:
        network.start_with(member, ContractSet({"asset": OddAsset}, {"asset": NOTHING}, {NOTHING: OddAsset}))
    waiting = network.bump()
    network.submit([waiting], NORTH)
    network.run_until(lambda: False, 10_000)
    action: JsonValue = {"kind": "approve-contract", "name": "asset", "module": "elsewhere:OddAsset", "digest": NOTHING}
    network.govern("propose", "north.admin", number="up", action=action)
    for admin in ("south.admin", "east.admin"):
        network.govern("approve", admin, number="up")
    assert network.receipt(waiting.id) is None
    for validator in (NORTH, SOUTH, EAST):
        network.govern("report_installed", validator, contract="asset", digest=NOTHING)
    assert network.run_until(lambda: network.receipt(waiting.id) is not None, 60_000)


def test_an_approval_does_not_wait_for_the_end_of_a_view_beside_what_no_node_can_run(network: Network) -> None:
    for member in VALIDATORS:
        network.start_with(member, ContractSet({"asset": OddAsset}, {"asset": NOTHING}, {NOTHING: OddAsset}))
    network.submit([network.bump()], NORTH)
    replicas = [network.replica(member) for member in VALIDATORS]
    network.run_until(lambda: False, 30_000)
    assert not any(replica.engine.work for replica in replicas), "also of those that were not leader"
    assert [replica.engine.view for replica in replicas] == [1, 1, 1, 1], "nobody changes view for nothing"
    started_ms = network.replica(NORTH).now_ms
    action: JsonValue = {"kind": "approve-contract", "name": "asset", "module": "elsewhere:OddAsset", "digest": NOTHING}
    network.govern("propose", "north.admin", number="up", action=action)
    assert network.replica(NORTH).now_ms - started_ms < network.replica(NORTH).engine.timing.view_ms(1)


class DeepAsset(Asset):
    """The sample contract, in which one counter is deeper than any stack."""

    @operation(signed_by=Anyone())
    def bump(self, context: Context, number: Identifier) -> None:
        """Adds one, or never ends."""
        if number == "deep":
            self.bump(context, number)
        self.counters[number] = Counter(count=1)


def test_a_block_that_uses_up_the_stack_is_invalid_here_and_no_receipt(network: Network) -> None:
    network.start_with(WEST, ContractSet({"asset": DeepAsset}))
    network.submit([network.bump(counter="deep")], NORTH)
    network.reach(1, (NORTH, SOUTH, EAST))
    diverged = network.stopped(WEST)
    assert (diverged["reason"], diverged["code"], diverged["used_up"]) == ("refused-decided-block", "contract-exhausted", "stack")
    assert '"code":"contract-exhausted"' in network.logged("invalid-block", WEST)[0]
    assert network.replica(WEST).chain.height == 0


def test_a_leader_leaves_out_what_uses_up_the_stack(network: Network) -> None:
    for member in VALIDATORS:
        network.start_with(member, ContractSet({"asset": DeepAsset}))
    deep, first, last = network.bump(counter="deep"), network.bump(2), network.bump(3)
    network.submit([first, deep, last], NORTH)
    assert network.run_until(lambda: all(network.receipt(t.id) is not None for t in (first, last)), 120_000)
    assert network.receipt(deep.id) is None
    assert any(deep.id in line for line in network.logged("cannot-build"))
    assert not network.logged("diverged")


NEW_VERSION = "2" * 64
REPORT: dict[str, JsonValue] = {"contract": "asset", "digest": NEW_VERSION}


def approve_new_version(network: Network) -> None:
    """Two of the three reports that let it act are there then."""
    action: JsonValue = {"kind": "approve-contract", "name": "asset", "module": "elsewhere:OddAsset", "digest": NEW_VERSION}
    network.govern("propose", "north.admin", number="up", action=action)
    for admin in ("south.admin", "east.admin"):
        network.govern("approve", admin, number="up")
    for validator in (NORTH, SOUTH):
        network.govern("report_installed", validator, **REPORT)


def test_an_approved_contract_version_acts_once_a_quorum_has_it_installed(network: Network) -> None:
    network.contracts = replace(network.contracts, versions={network.contracts.digests["asset"]: Asset, NEW_VERSION: OddAsset})
    for node in network.nodes.values():
        network.crash(node)
        network.start(node)
    network.decide(1)
    approve_new_version(network)
    network.decide(2)
    assert network.replica().chain.state.get("asset", "counters", "n") == b'{"count":2}'
    network.govern("report_installed", EAST, **REPORT)
    network.decide(3)
    assert network.replica().chain.state.get("asset", "counters", "n") == b'{"count":4}'
    acting = network.contracts.acting(entry for _, entry in Governance(network.replica().chain.state).contracts.items())
    assert acting.contracts["asset"] is OddAsset


def test_a_version_that_a_block_would_let_act_hides_nothing_once_that_block_failed(network: Network) -> None:
    approve_new_version(network)
    last = network.sign(EAST, GOVERNANCE, "report_installed", REPORT, "e" * 32, 10_000)
    replica, bump = network.replica(), network.bump()
    leader = network.replica(VALIDATORS[replica.engine.validators.leader(replica.engine.height, replica.engine.view)])
    for other in VALIDATORS:
        if network.replica(other) is not leader:
            network.crash(network.nodes[other])
    leader.handle(Submitted((last, bump)), network.now_ms)
    assert [t.id for b in leader.bodies.blocks.values() for t in b.transactions] == [last.id]
    leader.handle(TimerFired(RESEND), network.now_ms + 10_001)
    assert bump.id in leader.mempool
    assert last.id not in leader.mempool
    assert leader.engine.work, "it runs in the version that acts"
