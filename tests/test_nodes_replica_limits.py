"""One peer, even a validator, cannot fill this node's memory, keep it busy with answers, or be asked in a way it refuses."""

from dataclasses import replace

import pytest

from ledger.block import Header
from ledger.certificate import Certificate
from ledger.chain.chain import transactions_root
from ledger.primitives import NO_DIGEST, Digest
from nodes.consensus.events import RESEND, TimerFired
from nodes.links.batches import decode_messages, encode_messages
from nodes.mempool import BLOCK_MAX
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    FetchMessage,
    Message,
    StatementMessage,
    StatusMessage,
    WritesRequest,
    weight,
)
from nodes.settings import ReplicaLimits
from tests.replicas import Network, sent
from tests.support import EAST, NORTH, SOUTH, VALIDATORS, WEST


@pytest.fixture
def network() -> Network:
    return Network()


def block_of(network: Network, height: int, time_ms: int) -> tuple[BlockMessage, Digest]:
    """A body that fits its header, which is right in nothing else."""
    transaction, nothing = network.bump(time_ms), Digest("0" * 64)
    root = transactions_root([transaction])
    header = Header(network.ledger, height, time_ms, nothing, root, nothing, nothing, nothing, nothing, nothing, SOUTH)
    return BlockMessage(header.raw, (transaction.raw,)), header.id


def skip_certificate(network: Network, view: int) -> Certificate:
    """SkipCert of a view, signed by the first three of four."""
    signatures = tuple(network.statement("skip", view, by=member).signature for member in VALIDATORS[:3])
    return Certificate("skip", 1, view, NO_DIGEST, (0, 1, 2), signatures)


def propose(network: Network, proposer: str, *views: int) -> None:
    """North hears of a block in each of these views, one after another, from a node that is another."""
    assert proposer != NORTH
    for number, view in enumerate(views, start=1):
        message, block = block_of(network, 1, number)
        network.give(NORTH, proposer, message)
        network.give(NORTH, proposer, StatementMessage(network.statement("propose", view, block, by=proposer)))


def test_bodies_of_proposals_that_do_not_count_are_not_held(network: Network) -> None:
    replica = network.replica()
    leader = replica.chain.validators.leader(1, 1)
    propose(network, VALIDATORS[(leader + 1) % 4], 1, 1, 40, 41, 42, 1_000)
    assert not replica.bodies.blocks
    assert len(replica.bodies.offered) == 1


def test_a_leader_has_one_body_a_view_held(network: Network) -> None:
    replica = network.replica()
    leader = replica.chain.validators.leader(1, 1)
    propose(network, VALIDATORS[leader], 1, 1, 1, 1, 1)
    assert len(replica.bodies.blocks) == 1


def test_the_buffer_of_the_next_height_is_bounded_in_bytes(network: Network) -> None:
    replica = network.replica()
    message, _ = block_of(network, 2, 1)
    certificate = replace(skip_certificate(network, 1), height=2)
    replica.settings = replace(replica.settings, limits=ReplicaLimits(buffered_bytes_max=4 * len(message.envelopes[0])))
    for _ in range(9):
        network.give(NORTH, SOUTH, message)
        network.give(NORTH, EAST, CertificateMessage(replace(certificate, signatures=certificate.signatures * 9)))
    network.give(NORTH, WEST, message)
    assert {sender: len(kept) for sender, kept in replica.early.items()}[WEST] == 1
    assert 0 < len(replica.early[SOUTH]) < 5
    assert 0 < len(replica.early.get(EAST, ())) < 5 or EAST not in replica.early


def test_the_buffer_of_the_next_height_keeps_no_body_that_no_block_may_have(network: Network) -> None:
    """Lines of no bytes have no weight, and take memory."""
    replica = network.replica()
    message, _ = block_of(network, 2, 1)
    network.give(NORTH, SOUTH, replace(message, envelopes=(b"",) * (BLOCK_MAX + 1)))
    assert not replica.early
    network.give(NORTH, SOUTH, replace(message, envelopes=(b"",) * BLOCK_MAX))
    assert len(replica.early[SOUTH]) == 1


def test_the_buffer_of_the_next_height_weighs_each_message_once(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """One body of thousands of lines must not be counted again with every small message that follows."""
    replica = network.replica()
    message, _ = block_of(network, 2, 1)
    weighed: list[Message] = []

    def weighing(message: Message) -> int:
        weighed.append(message)
        return weight(message)

    monkeypatch.setattr("nodes.replica.replica.weight", weighing)
    for _ in range(9):
        network.give(NORTH, SOUTH, message)
    assert len(replica.early[SOUTH]) == len(weighed) == 9


@pytest.mark.parametrize("kind", ["bodies", "certificates", "writes", "decided"])
def test_answers_to_one_peer_have_a_limit_in_each_interval(network: Network, kind: str) -> None:
    network.decide(1, 2)
    replica = network.replica()
    replica.answers.limits = ReplicaLimits(answer_bytes_max=1_500)
    network.submit([network.bump(3)], EAST)
    network.step_until(lambda: ("notar", 1) in replica.engine.certificates and replica.bodies.blocks)
    (block, *_) = replica.bodies.blocks
    questions: dict[str, Message] = {
        "bodies": FetchMessage(3, (block,) * 64, ()),
        "certificates": FetchMessage(3, (), (1,) * 64),
        "writes": WritesRequest(1),
        "decided": StatusMessage(1, 1),
    }
    question = questions[kind]
    answers = [len(network.answers(question)) for _ in range(5)]
    assert 1 <= sum(answers) <= 4
    assert answers[-1] == 0
    assert network.answers(question, SOUTH)
    replica.handle(TimerFired(RESEND), network.now_ms)
    assert network.answers(question)


def test_many_missing_views_are_asked_for_in_messages_that_are_taken(network: Network) -> None:
    replica = network.replica()
    view = next(v for v in range(150, 160) if VALIDATORS[replica.chain.validators.leader(1, v + 1)] == NORTH)
    asked = sent(network.give(NORTH, SOUTH, CertificateMessage(skip_certificate(network, view))))
    fetches = [m for m in asked if isinstance(m, FetchMessage)]
    assert decode_messages(encode_messages(asked)) == asked
    assert sorted(v for m in fetches for v in m.views) == list(range(1, view))
    # What comes in is not asked for again at once.
    again = sent(network.give(NORTH, SOUTH, CertificateMessage(skip_certificate(network, 1))))
    assert not [m for m in again if isinstance(m, FetchMessage)]
    rest = [m for m in sent(replica.handle(TimerFired(RESEND), network.now_ms)) if isinstance(m, FetchMessage)]
    assert sorted(v for m in rest for v in m.views) == list(range(2, view))
