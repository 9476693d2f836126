"""Conviction: two exports that hold and contradict each other name at least n-2f guilty keys, in a file for anybody."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from ledger.audit import Conviction, convict_exports
from ledger.certificate import verify_evidence
from ledger.encoding import encode
from ledger.errors import OperatorError, VerificationError
from ledger.keys import SUITES
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.verdict import BrokenRuleError, Pinned
from tests.support import ELSEWHERE, OTHER, DecidedChain, refusal

NOTHING = Pinned()


def branch(number: str, view: int, common: int = 1) -> DecidedChain:
    """Two branches that share their first blocks, and then decide another asset each."""
    chain = DecidedChain()
    for shared in range(common):
        chain.decide(chain.issue(f"shared-{shared}"))
    chain.decide(chain.issue(number), view=view)
    chain.decide()
    return chain


def after_changes(number: str) -> DecidedChain:
    """A branch after two changes of validators, of which the fork's own height is the first that the second acts on."""
    chain = DecidedChain()
    for name, kind in enumerate(("remove-validator", "add-validator")):
        chain.govern(f"P{name}", kind=kind, member="west.validator")
    chain.decide(chain.issue(number))
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
    one, other = DecidedChain(), DecidedChain(ELSEWHERE)
    assert refusal(VerificationError, convict_exports, lines(one), lines(other)).code == "wrong-ledger"


def test_only_an_export_that_holds_convicts() -> None:
    one, other = branch("A", 1), branch("B", 1)
    forged = [*lines(other)[:2], lines(other)[2].replace(b'"number":"B"', b'"number":"C"')]
    refusal(BrokenRuleError, convict_exports, lines(one), forged)


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


@cache
def fork(common: int = 1) -> tuple[DecidedChain, DecidedChain]:
    return branch("A", 1, common), branch("B", 1, common)


def accused(common: int = 1) -> Any:
    """The file of the conviction for this fork."""
    return convicted(*fork(common)).to_json()


def test_a_conviction_is_of_the_block_asked_for() -> None:
    assert verify_conviction_file(encode(accused(), wrapped=5), Pinned(block=fork()[0].view.block_id(2))).broken is None
    assert broken(accused(), Pinned(block=OTHER)) == (8, "block", "wrong-block")


def test_a_conviction_without_genesis_needs_one() -> None:
    file = {**accused(), "genesis": None}
    data = encode(file, wrapped=5)
    refusal(OperatorError, verify_conviction_file, data, NOTHING)
    assert verify_conviction_file(data, Pinned(genesis=fork()[0].chain.genesis)).broken is None
    assert broken(file, Pinned(ledger=OTHER)) == (2, "ledger", "wrong-ledger")


def by_nobody(file: Any) -> None:
    file["evidence"] = file["evidence"][:1]
    for statement in file["evidence"][0]:
        statement["signer"] = 99


NO_CONFLICT = (5, "conflict", "no-conflict")
LIES: dict[str, tuple[tuple[int, str, str], Callable[[Any], object]]] = {
    "validators of another height": (
        (4, "validators", "wrong-validators"), lambda f: f.update(validators=fork()[0].view.prove_validators(1))),
    "a block in place of validators": (
        (4, "validators", "wrong-validators"), lambda f: f.update(validators=fork()[0].view.prove_block(1))),
    "other validators": ((4, "validators", "wrong-next-validators"), lambda f: f["validators"]["validators"].reverse()),
    "keys out of order": (NO_CONFLICT, lambda f: f["evidence"].reverse()),
    "a key twice": (NO_CONFLICT, lambda f: f["evidence"].insert(0, f["evidence"][0])),
    "statements of another height": (NO_CONFLICT, lambda f: f.update(evidence=accused(2)["evidence"])),
    "a pair out of order": (NO_CONFLICT, lambda f: f["evidence"][0].reverse()),
    "what an honest key signs": (NO_CONFLICT, lambda f: f["evidence"][0][1].update(view=f["evidence"][0][1]["view"] + 1)),
    "what the accused did not sign": (
        (6, "signatures", "wrong-signature"), lambda f: f["evidence"][0][1].update(block="f" * 64)),
    "a signer that is no validator": ((6, "signatures", "not-a-validator"), by_nobody),
    "another name": ((7, "convicted", "wrong-convicted"), lambda f: f.update(convicted=["north.validator"])),
}  # fmt: skip


def lie(name: str) -> Any:
    """A file that does not hold."""
    file = accused()
    LIES[name][1](file)
    return file


@pytest.mark.parametrize("name", LIES)
def test_a_lie_of_a_conviction_is_named(name: str) -> None:
    assert broken(lie(name)) == LIES[name][0]


SHAPES: dict[str, dict[str, Any]] = {
    "another format": {"format": "tallystick-conviction-2"},
    "a field more": {"more": 1},
    "a height as text": {"height": "2"},
    "no ledger": {"ledger": None},
    "no evidence": {"evidence": []},
    "evidence that is no list": {"evidence": None},
    "an empty pair": {"evidence": [[]]},
    "a pair of no statements": {"evidence": [[{}, {}]]},
}


@pytest.mark.parametrize("name", SHAPES)
def test_another_shape_of_a_conviction_is_malformed(name: str) -> None:
    assert broken({**accused(), **SHAPES[name]})[:2] == (1, "file")


def test_a_height_is_an_integer() -> None:
    assert broken({**accused(0), "height": True})[:2] == (1, "file")
