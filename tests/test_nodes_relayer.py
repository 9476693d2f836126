"""What a relayer decides: what to bring, what to turn away, and what convicts a fork."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.encoding import decode_object
from ledger.errors import JsonValue, VerificationError
from ledger.identity.records import ValidatorSet
from nodes.foreign.relayer import (
    HeldBlock,
    Known,
    crossing_proof,
    fork_report,
    head_key,
    known_of,
    next_blocks,
    verify_goes_on,
    voters_of_block,
)
from tests.support import EAST, NORTH, OTHER, SOUTH, WEST
from tests.test_ledger_foreign import HARBOUR, Forked, Pair

Json = dict[str, Any]


def known(pair: Pair) -> Known:
    """What the bank knows of the harbour, from the bank's state."""
    state = pair.bank.chain.state
    admission = decode_object(state.get("governance", "ledgers", HARBOUR) or b"")
    head = state.get("foreign", "heads", head_key(HARBOUR, admission))
    return known_of(HARBOUR, admission, None if head is None else decode_object(head))


def newest(pair: Pair) -> Json:
    """The answer of a node of the harbour."""
    return pair.harbour.view.prove_validators(pair.harbour.chain.height + 1, known(pair).trust_from)


def carry(pair: Pair) -> list[int]:
    """One round of a relayer; heights of what it brought."""
    blocks = next_blocks(known(pair), newest(pair))
    if blocks:
        assert pair.ask("foreign", "advance", ledger=HARBOUR, blocks=list(blocks)) == ("ok", {})
    return [block["header"]["height"] for block in blocks]


def goes_on(pair: Pair) -> None:
    now = known(pair)
    verify_goes_on(now, pair.harbour.view.consistency(now.height, pair.harbour.chain.height, now.trust_from))


def test_the_newest_block_is_brought_and_nothing_twice() -> None:
    pair = Pair()
    assert (known(pair).height, known(pair).is_frozen) == (0, False)
    for number in range(3):
        pair.lock(f"D-{number}")
    assert [carry(pair), carry(pair), known(pair).height] == [[3], [], 3]
    pair.lock("D-3")
    goes_on(pair)
    assert [carry(pair), carry(pair)] == [[4], []]


def test_validator_changes_are_brought_four_blocks_at_once_and_a_relayer_that_begins_anew_goes_on() -> None:
    pair = Pair()
    for number in range(5):
        kind = "add-validator" if number % 2 else "remove-validator"
        pair.harbour.govern(f"P-{number}", kind=kind, member=WEST)
    pair.lock("D-1")
    assert [carry(pair), carry(pair), carry(pair)] == [[1, 2, 3, 4], [5, 6], []]


def test_a_block_that_changes_the_validators_needs_the_proof_that_names_the_next_ones() -> None:
    pair = Pair()
    pair.lock("D-1")
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    assert next_blocks(known(pair), pair.harbour.view.prove_block(2)) == ()
    assert carry(pair) == [2]
    assert known(pair).point.validators == pair.harbour.chain.validators
    pair.lock("D-2")
    assert carry(pair) == [3]


def test_what_a_transaction_brings_holds_no_more_signatures_than_a_block_may_check(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair()
    for number in range(2):
        pair.harbour.govern(f"P-{number}", kind="add-validator" if number else "remove-validator", member=WEST)
    pair.lock("D-1")
    monkeypatch.setattr("nodes.foreign.relayer.SIGNATURES_MAX", 6)
    assert [carry(pair), carry(pair)] == [[1, 2], [3]]
    pair.lock("D-2")
    monkeypatch.setattr("nodes.foreign.relayer.SIGNATURES_MAX", 1)
    assert carry(pair) == [4]


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        ({"state_root": OTHER}, "wrong-certificate"),
        ({"height": 9}, "wrong-certificate"),
        ({"ledger": OTHER}, "wrong-ledger"),
        ({"validators": OTHER, "next_validators": OTHER}, "wrong-validators"),
    ],
    ids=["another state", "another height", "another ledger", "other validators"],
)
def test_a_node_that_lies_is_found_out_before_anything_is_sent(forged: Json, code: str) -> None:
    pair = Pair()
    pair.lock("D-1")
    proof = newest(pair)
    with pytest.raises(VerificationError) as error:
        next_blocks(known(pair), proof | {"header": proof["header"] | forged})
    assert error.value.code == code


def test_an_old_answer_is_no_lie() -> None:
    pair = Pair()
    pair.lock("D-1")
    old = newest(pair)
    pair.lock("D-2")
    carry(pair)
    assert next_blocks(known(pair), old) == ()


def test_a_branch_with_other_validators_below_the_known_block_is_not_followed() -> None:
    pair = Forked()
    pair.ask("foreign", "advance", ledger=HARBOUR, blocks=[pair.other])
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    now = known(pair)
    later = replace(now, head=now.head.replace(header=now.head.header | {"height": 3})) if now.head else now
    pair.lock("D-3")
    with pytest.raises(VerificationError) as error:
        next_blocks(later, newest(pair))
    assert error.value.code == "wrong-history"


def test_the_other_branch_of_a_fork_is_not_brought_but_reported() -> None:
    pair = Forked()
    pair.ask("foreign", "advance", ledger=HARBOUR, blocks=[pair.other])
    pair.lock("D-3")
    now = known(pair)
    with pytest.raises(VerificationError) as error:
        goes_on(pair)
    assert error.value.code == "wrong-history"
    proof: Json = pair.harbour.view.prove_block(2, now.admission.height)
    arguments = fork_report(
        now, voters_of_block(now, proof), HeldBlock(**pair.other), HeldBlock(proof["header"], proof["certificate"])
    )
    assert arguments["pairs"] == []
    assert pair.ask("foreign", "report_fork", **arguments) == ("ok", {})
    assert pair.conflict()["convicted"] == [NORTH, SOUTH, EAST]
    assert known(pair).is_frozen
    assert next_blocks(known(pair), newest(pair)) == ()


def report(pair: Forked, voters: ValidatorSet, kept: HeldBlock, other: HeldBlock) -> tuple[str, Json]:
    return pair.ask("foreign", "report_fork", **fork_report(known(pair), voters, kept, other))


def two_views(pair: Forked, is_signed: bool = True, **forged: JsonValue) -> tuple[HeldBlock, HeldBlock]:
    """What was kept was decided in view 1; the other block in view 2, after a quorum had skipped view 1."""
    chain, header = pair.harbour, pair.header
    skip: Json = chain.certificate("skip", 2, 1).to_json()
    skip |= {} if is_signed else {"signatures": skip["signatures"][::-1]}
    votes = chain.certificate("vote", 2, 2, header.id).to_json()
    record: Json = {"commit": pair.later_other["certificate"], "notar": votes, "earlier": [skip]}
    return HeldBlock(**pair.kept), HeldBlock(**pair.later_other, record=record | forged)


def test_a_decision_record_convicts_whom_two_certificates_of_two_views_do_not() -> None:
    pair = Forked()
    assert report(pair, pair.present, *two_views(pair)) == ("ok", {})
    assert pair.conflict()["convicted"] == [NORTH, SOUTH, EAST]


@pytest.mark.parametrize("forged", [{"is_signed": False}, {"notar": {}}], ids=["not signed", "no record"])
def test_a_false_record_convicts_nobody_and_spoils_no_report(forged: Json) -> None:
    pair = Forked()
    assert report(pair, pair.present, *two_views(pair, **forged)) == ("ok", {})
    assert (pair.conflict()["convicted"], pair.conflict()["froze"]) == ([], True)


def test_a_fork_of_former_validators_names_them() -> None:
    pair = Forked()
    pair.harbour.govern("P-1", kind="remove-validator", member=WEST)
    pair.lock("D-3")
    assert carry(pair) == [3, 4]
    proof = pair.harbour.view.prove_block(2, known(pair).admission.height)
    voters = voters_of_block(known(pair), proof)
    assert report(pair, voters, HeldBlock(**pair.kept), HeldBlock(**pair.other)) == ("ok", {})
    assert (pair.conflict()["froze"], known(pair).is_frozen) == (False, False)


def test_one_block_twice_or_two_heights_are_not_reported() -> None:
    pair = Forked()
    for first in (pair.other, pair.brought(1)):
        with pytest.raises(VerificationError) as error:
            fork_report(known(pair), pair.present, HeldBlock(**first), HeldBlock(**pair.other))
        assert error.value.code == "no-conflict"


def test_anybody_carries_a_proof_of_a_record_and_of_its_absence() -> None:
    pair = Pair()
    pair.lock("D-1")
    there, none = (pair.harbour.view.prove_state("safe", "crossing_locks", deal) for deal in ("D-1", "D-2"))
    for number in range(3, 6):
        pair.lock(f"D-{number}")
    carry(pair)
    led: Json = pair.harbour.view.consistency(1, known(pair).height)
    assert pair.note("D-1", crossing_proof(there, led["inclusion"])) == ("ok", {})
    assert pair.note("D-2", crossing_proof(none, led["inclusion"])) == ("ok", {})
    assert pair.noted("D-2") == {"price_cents": None, "height": 1}
