"""Conviction: two exports that hold and contradict each other name at least n-2f guilty keys, in a file for anybody."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest

from ledger.audit import Conviction, convict_exports
from ledger.certificate import verify_evidence
from ledger.encoding import encode
from ledger.errors import OperatorError, VerificationError
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.verdict import BrokenRuleError, Pinned
from nodes.network.specification import default_specification
from tests.support import DecidedChain

ALICE = "north.member1"
ADMINS = ("north.admin", "south.admin", "east.admin")
NOTHING = Pinned()
OTHER = Digest("ab" * 32)


def branch(number: str, view: int, common: int = 1) -> DecidedChain:
    """Two branches that share their first blocks, and then decide another asset each."""
    chain = DecidedChain()
    for shared in range(common):
        chain.decide(chain.sign(ALICE, "asset", "issue", number=f"shared-{shared}", to=ALICE))
    chain.decide(chain.sign(ALICE, "asset", "issue", number=number, to=ALICE), view=view)
    chain.decide()
    return chain


def after_changes(number: str) -> DecidedChain:
    """A branch after two changes of validators, of which the fork's own height is the first that the second acts on."""
    chain = DecidedChain()
    for name, kind in enumerate(("remove-validator", "add-validator")):
        action: Any = {"kind": kind, "member": "west.validator"}
        chain.decide(chain.sign(ADMINS, "governance", "propose", number=f"P{name}", action=action))
    chain.decide(chain.sign(ALICE, "asset", "issue", number=number, to=ALICE))
    return chain


def convicted(one: DecidedChain, other: DecidedChain) -> Conviction:
    found = convict_exports(lines(one), lines(other))
    assert found is not None
    return found


def broken(value: Any, pinned: Pinned = NOTHING) -> tuple[int, str, str]:
    """Number, rule and cause of the first broken rule."""
    verdict = verify_conviction_file(encode(value, wrapped=5), pinned)
    assert verdict.broken is not None
    details: Any = verdict.to_json()["broken"]
    return details["number"], details["rule"], details["cause"]


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
    with pytest.raises(BrokenRuleError):
        convict_exports(lines(one), forged)


@pytest.mark.parametrize("common", [0, 1, 2])
def test_a_conviction_is_verified_by_anybody(common: int) -> None:
    conviction = convicted(branch("A", 1, common), branch("B", 3, common))
    verdict = verify_conviction_file(encode(conviction.to_json(), wrapped=5) + b"\n", Pinned(ledger=conviction.ledger))
    assert verdict.broken is None
    fact = {"kind": "conviction", "height": common + 1, "convicted": [*conviction.members]}
    assert verdict.facts == (fact,)
    assert [check.held for check in verdict.checks] == [1, 1, 1, 1, *[len(conviction.members)] * 2, 1, 0]


def test_a_conviction_follows_the_validator_changes() -> None:
    conviction = convicted(after_changes("A"), after_changes("B"))
    file: Any = conviction.to_json()
    assert (conviction.height, file["validators"]["header"]["height"], len(file["validators"]["trust"])) == (3, 2, 1)
    assert verify_conviction_file(encode(file, wrapped=5), Pinned()).broken is None


def test_a_conviction_is_of_the_block_asked_for() -> None:
    conviction = convicted(branch("A", 1), branch("B", 1))
    file = conviction.to_json()
    assert verify_conviction_file(encode(file, wrapped=5), Pinned(block=conviction.blocks[0])).broken is None
    assert broken(file, Pinned(block=OTHER)) == (8, "block", "wrong-block")


def test_a_conviction_without_genesis_needs_one() -> None:
    conviction = convicted(branch("A", 1), branch("B", 1))
    file = {**conviction.to_json(), "genesis": None}
    with pytest.raises(OperatorError):
        verify_conviction_file(encode(file, wrapped=5), Pinned())
    assert verify_conviction_file(encode(file, wrapped=5), Pinned(genesis=conviction.genesis)).broken is None
    assert broken(file, Pinned(ledger=OTHER)) == (2, "ledger", "wrong-ledger")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tallystick-conviction-2"},
        {"more": 1},
        {"height": "2"},
        {"ledger": None},
        {"evidence": []},
        {"evidence": None},
        {"evidence": [[]]},
        {"evidence": [[{}, {}]]},
    ],
)
def test_another_shape_of_a_conviction_is_malformed(change: dict[str, Any]) -> None:
    conviction = convicted(branch("A", 1), branch("B", 1))
    assert broken({**conviction.to_json(), **change})[:2] == (1, "file")


def test_a_height_is_an_integer() -> None:
    conviction = convicted(branch("A", 1, 0), branch("B", 1, 0))
    assert broken({**conviction.to_json(), "height": True})[:2] == (1, "file")


def test_validators_of_another_height_convict_nobody() -> None:
    one = branch("A", 1)
    file = convicted(one, branch("B", 1)).to_json()
    for proof in (one.view.prove_validators(1), one.view.prove_block(1)):
        assert broken({**file, "validators": proof}) == (4, "validators", "wrong-validators")
    wrong: Any = deepcopy(file)
    wrong["validators"]["validators"].reverse()
    assert broken(wrong) == (4, "validators", "wrong-next-validators")


def test_each_key_is_accused_once_in_order() -> None:
    file: Any = convicted(branch("A", 1), branch("B", 1)).to_json()
    first, second = file["evidence"][:2]
    for evidence in ([second, first], [first, first]):
        assert broken({**file, "evidence": evidence}) == (5, "conflict", "no-conflict")


def test_statements_of_another_height_convict_nobody() -> None:
    one, other = branch("A", 1), branch("B", 1)
    later = convicted(branch("A", 1, 2), branch("B", 1, 2)).to_json()
    file = convicted(one, other).to_json()
    assert broken({**file, "evidence": later["evidence"]}) == (5, "conflict", "no-conflict")


def test_a_pair_stands_in_one_order() -> None:
    file: Any = convicted(branch("A", 1), branch("B", 1)).to_json()
    file["evidence"][0].reverse()
    assert broken(file) == (5, "conflict", "no-conflict")


def test_what_an_honest_key_signs_convicts_nobody() -> None:
    file: Any = convicted(branch("A", 1), branch("B", 1)).to_json()
    one, other = file["evidence"][0]
    file["evidence"][0] = [one, {**other, "view": other["view"] + 1}]
    assert broken(file) == (5, "conflict", "no-conflict")


def test_a_statement_that_the_accused_did_not_sign_convicts_nobody() -> None:
    file: Any = convicted(branch("A", 1), branch("B", 1)).to_json()
    file["evidence"][0][1]["block"] = "f" * 64
    assert broken(file) == (6, "signatures", "wrong-signature")
    for statement in file["evidence"][0]:
        statement["signer"] = 99
    assert broken({**file, "evidence": file["evidence"][:1]}) == (6, "signatures", "not-a-validator")


def test_who_is_named_is_who_signed() -> None:
    file = convicted(branch("A", 1), branch("B", 1)).to_json()
    assert broken({**file, "convicted": ["north.validator"]}) == (7, "convicted", "wrong-convicted")
