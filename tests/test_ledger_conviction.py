"""Conviction: two exports that hold and contradict each other name at least n-2f guilty keys."""

from collections.abc import Sequence

import pytest

from ledger.audit import AuditError, convict_exports
from ledger.certificate import verify_evidence
from ledger.errors import VerificationError
from ledger.keys import SUITES
from nodes.network_specification import default_specification
from tests.support import DecidedChain

ALICE = "north.member1"


def branch(number: str, view: int, common: int = 1) -> DecidedChain:
    """Two branches that share their first blocks, and then decide another asset each."""
    chain = DecidedChain()
    for shared in range(common):
        chain.decide(chain.sign(ALICE, "asset", "issue", number=f"shared-{shared}", to=ALICE))
    chain.decide(chain.sign(ALICE, "asset", "issue", number=number, to=ALICE), view=view)
    chain.decide()
    return chain


def lines(chain: DecidedChain) -> Sequence[bytes]:
    return tuple(chain.view.export())


@pytest.mark.parametrize(("first_view", "second_view"), [(1, 1), (1, 2), (3, 1), (2, 4)])
def test_fork_convicts_whoever_signed_both_sides(first_view: int, second_view: int) -> None:
    one, other = branch("A", first_view), branch("B", second_view)
    conviction = convict_exports(lines(one), lines(other), one.chain.ledger)
    assert conviction is not None
    assert conviction.height == 2
    assert conviction.blocks == (one.view.block_id(2), other.view.block_id(2))
    assert len(conviction.members) >= one.chain.validators.n - 2 * one.chain.validators.f
    assert set(conviction.members) <= {validator.member for validator in one.chain.validators.validators}
    for evidence in conviction.evidence:
        verify_evidence(one.chain.ledger, conviction.validators, evidence, SUITES[one.chain.genesis.suite])
    assert conviction.to_json()["convicted"] == list(conviction.members)


def test_prefix_convicts_nobody() -> None:
    chain = branch("A", 1)
    assert convict_exports(lines(chain), lines(chain)) is None
    assert convict_exports(lines(chain)[:2], lines(chain)) is None


def test_one_block_decided_in_two_records_convicts_nobody() -> None:
    one, other = DecidedChain(), DecidedChain()
    one.decide(view=1)
    other.decide(view=2)
    assert one.chain.head_id == other.chain.head_id
    assert convict_exports(lines(one), lines(other)) is None


def test_different_ledgers_contradict_nobody() -> None:
    one, other = DecidedChain(), DecidedChain(default_specification(start_time_ms=0, members_each=1))
    with pytest.raises(VerificationError) as caught:
        convict_exports(lines(one), lines(other))
    assert caught.value.code == "wrong-ledger"


def test_only_an_export_that_holds_convicts() -> None:
    one, other = branch("A", 1), branch("B", 1)
    forged = [*lines(other)[:2], lines(other)[2].replace(b'"number":"B"', b'"number":"C"')]
    with pytest.raises(AuditError):
        convict_exports(lines(one), forged)
