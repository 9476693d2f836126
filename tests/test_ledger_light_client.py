"""The light client: what a proof shows from the genesis alone, and each way in which a proof can lie."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from ledger.block import Header
from ledger.encoding import decode, encode
from ledger.errors import MalformedError, NotFoundError, VerificationError
from ledger.identity.records import ValidatorSet
from ledger.primitives import Digest
from ledger.verify import TrustedPoint, trust_genesis, trust_genesis_bytes, verify_proof
from nodes.network.specification import default_specification
from tests.support import DecidedChain, built, certify

ALICE, BOB = "north.member1", "south.member1"
ADMINS = ("north.admin", "south.admin", "east.admin")
OTHER = Digest("ab" * 32)
KEY = ("asset", "assets", "A")


def issued() -> DecidedChain:
    """One asset in block 1, passed on in block 2."""
    chain = DecidedChain()
    chain.decide(chain.sign(ALICE, "asset", "issue", number="A", to=ALICE))
    chain.decide(chain.sign(ALICE, "asset", "transfer", number="A", to=BOB))
    return chain


def changed() -> DecidedChain:
    """Validators change in blocks 2 and 4; block 5 is the last."""
    chain = DecidedChain()
    chain.decide(chain.sign(ALICE, "asset", "issue", number="A", to=ALICE))
    for number, kind in enumerate(("remove-validator", "add-validator")):
        action: Any = {"kind": kind, "member": "west.validator"}
        chain.decide(chain.sign(ADMINS, "governance", "propose", number=f"P{number}", action=action))
        chain.decide()
    return chain


def bumped(chain: DecidedChain) -> Digest:
    """A transaction alone in its block."""
    transaction = chain.sign(ALICE, "asset", "bump", number="C")
    chain.decide(transaction)
    return transaction.id


def start(chain: DecidedChain) -> TrustedPoint:
    return trust_genesis(chain.chain.genesis)


def refused(proof: Any, trusted: TrustedPoint, code: str) -> str:
    """The message of the refusal, whose code is as expected."""
    with pytest.raises(VerificationError) as caught:
        verify_proof(proof, trusted)
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def redecided(chain: DecidedChain, proof: Any, electorate: ValidatorSet | None = None, **changes: Any) -> Any:
    """The proof under a header with other fields, certified anew by a quorum that plays along."""
    altered = deepcopy(proof)
    header = Header(**{**altered["header"], **changes})
    altered["header"] = header.to_json()
    voters = electorate or chain.view.validators_at(proof["header"]["height"])
    certificate = certify(chain.chain.ledger, voters, chain.keys, "final", header.height, 1, header.id, range(voters.q))
    altered["certificate"] = certificate.to_json()
    return altered


def test_state_is_proved() -> None:
    chain = issued()
    fact = verify_proof(chain.view.prove_state(*KEY), chain.chain.genesis)
    assert (fact.kind, fact.height, fact.block) == ("state", 2, chain.chain.head_id)
    assert fact.claim["value"] == {"holder": BOB, "version": 1}
    assert fact.time_ms == chain.chain.head_time_ms
    assert fact.learned == ()


def test_absence_is_proved() -> None:
    chain = issued()
    fact = verify_proof(chain.view.prove_state("asset", "assets", "B"), start(chain))
    assert fact.kind == "absence"
    assert fact.claim == {"contract": "asset", "collection": "assets", "key": "B"}


def test_state_of_the_genesis_is_proved_without_a_block() -> None:
    chain = DecidedChain()
    fact = verify_proof(chain.view.prove_state("membership", "organizations", "north"), start(chain))
    assert (fact.height, fact.block, fact.time_ms) == (0, chain.chain.ledger, None)
    assert verify_proof(chain.view.prove_state("membership", "organizations", "x"), start(chain)).kind == "absence"


def test_transaction_receipt_and_block_are_proved() -> None:
    chain = issued()
    transactions = [chain.sign(ALICE, "asset", "issue", number=f"N{number}", to=ALICE) for number in range(5)]
    chain.decide(*transactions)
    for position, transaction in enumerate(transactions):
        fact = verify_proof(chain.view.prove_transaction(transaction.id), start(chain))
        assert encode(fact.claim["value"]) == transaction.raw
        assert (fact.height, fact.claim["index"], fact.claim["size"]) == (3, position, 5)
        receipt: Any = verify_proof(chain.view.prove_receipt(transaction.id), start(chain)).claim["value"]
        assert receipt["transaction"] == transaction.id
    assert verify_proof(chain.view.prove_block(1), start(chain)).block == chain.view.block_id(1)


def test_proofs_pass_through_canonical_json() -> None:
    chain = issued()
    proof = chain.view.prove_state(*KEY)
    assert decode(encode(proof, wrapped=3), wrapped=3) == proof


def test_nothing_is_proved_of_unknown_transactions() -> None:
    for prove in (issued().view.prove_transaction, issued().view.prove_receipt):
        with pytest.raises(NotFoundError) as caught:
            prove(OTHER)
        assert caught.value.code == "no-such-transaction"


def test_trust_follows_validator_changes() -> None:
    chain = changed()
    fact = verify_proof(chain.view.prove_state(*KEY), start(chain))
    assert [point.height for point in fact.learned] == [2, 4]
    assert (fact.trusted.height, fact.trusted.validators) == (4, chain.chain.validators)


def test_held_trust_shortens_later_proofs() -> None:
    chain = changed()
    trusted = verify_proof(chain.view.prove_block(5), start(chain)).trusted
    proof = chain.view.prove_state(*KEY)
    assert verify_proof(proof, trusted).learned == ()
    assert verify_proof({**proof, "trust": chain.view.trust(trusted.height)}, trusted).height == 5


def test_block_before_a_change_is_of_the_validators_before_it() -> None:
    chain = changed()
    assert verify_proof(chain.view.prove_block(2), start(chain)).trusted.height == 0
    assert verify_proof(chain.view.prove_block(3), start(chain)).trusted.height == 2


def test_earlier_block_is_of_the_later_ones_history() -> None:
    chain = changed()
    for first in range(1, 6):
        for second in range(first, 6):
            fact = verify_proof(chain.view.consistency(first, second), start(chain))
            assert fact.claim["first"] == chain.view.header(first).to_json()
            assert fact.height == second
    with pytest.raises(NotFoundError):
        chain.view.consistency(2, 1)


def test_genesis_bytes_of_the_trusted_ledger_are_believed() -> None:
    chain = issued()
    trusted = trust_genesis_bytes(chain.network.genesis_bytes, chain.chain.ledger)
    assert trusted == start(chain)


def test_genesis_bytes_of_another_ledger_are_not_believed() -> None:
    with pytest.raises(VerificationError) as caught:
        trust_genesis_bytes(issued().network.genesis_bytes, OTHER)
    assert caught.value.code == "wrong-ledger"


def test_proof_of_another_ledger_is_refused() -> None:
    chain = issued()
    refused({**chain.view.prove_block(1), "ledger": OTHER}, start(chain), "wrong-ledger")
    other = built(default_specification(start_time_ms=0, members_each=1)).genesis
    refused(chain.view.prove_block(1), trust_genesis(other), "wrong-ledger")


def test_header_of_another_ledger_is_refused() -> None:
    chain = issued()
    refused(redecided(chain, chain.view.prove_block(1), ledger=OTHER), start(chain), "wrong-ledger")


def test_header_below_the_trusted_height_is_refused() -> None:
    chain = issued()
    refused(chain.view.prove_block(2), replace(start(chain), height=2), "older-than-trust")


def test_header_of_other_validators_is_refused() -> None:
    chain = changed()
    proof = {**chain.view.prove_block(3), "trust": []}
    assert "known for its height" in refused(proof, start(chain), "wrong-validators")


def test_removed_validators_are_no_longer_believed() -> None:
    chain = changed()
    old = chain.view.validators_at(1)
    forged = redecided(chain, chain.view.prove_block(3), old, state_root=OTHER, validators=old.digest)
    refused(forged, start(chain), "wrong-validators")


def test_certificate_that_does_not_decide_the_header_is_refused() -> None:
    chain = issued()
    proof = chain.view.prove_block(1)
    for certificate in (chain.view.record(1).notar, chain.view.record(2).commit):
        refused({**proof, "certificate": certificate.to_json()}, start(chain), "wrong-certificate")


def test_certificate_without_a_quorum_is_refused() -> None:
    chain = issued()
    proof: Any = chain.view.prove_block(1)
    proof["certificate"]["signers"].pop()
    proof["certificate"]["signatures"].pop()
    refused(proof, start(chain), "wrong-quorum")


def test_signature_that_does_not_hold_is_refused() -> None:
    chain = issued()
    proof: Any = chain.view.prove_block(1)
    proof["certificate"]["signatures"].reverse()
    refused(proof, start(chain), "wrong-signature")


def test_validators_that_the_change_does_not_name_are_refused() -> None:
    chain = changed()
    proof: Any = chain.view.prove_block(5)
    proof["trust"][0]["validators"].reverse()
    refused(proof, start(chain), "wrong-next-validators")


def test_change_that_was_not_decided_is_refused() -> None:
    chain = changed()
    proof: Any = chain.view.prove_block(5)
    proof["trust"][0]["certificate"] = proof["certificate"]
    refused(proof, start(chain), "wrong-certificate")


def test_change_that_is_left_out_is_noticed() -> None:
    chain = changed()
    proof: Any = chain.view.prove_block(5)
    del proof["trust"][1]
    refused(proof, start(chain), "wrong-validators")


def test_other_value_is_refused() -> None:
    chain = issued()
    value = {"holder": ALICE, "version": 1}
    refused({**chain.view.prove_state(*KEY), "value": value}, start(chain), "wrong-state-proof")


def test_present_key_is_not_absent() -> None:
    chain = issued()
    proof = chain.view.prove_state(*KEY)
    del proof["value"]
    refused({**proof, "kind": "absence"}, start(chain), "wrong-state-proof")


@pytest.mark.parametrize("kind", ["transaction", "receipt"])
def test_other_leaf_is_refused(kind: str) -> None:
    chain = issued()
    transaction = chain.sign(ALICE, "asset", "bump", number="C")
    chain.decide(transaction)
    proof = getattr(chain.view, f"prove_{kind}")(transaction.id)
    proof["value"]["signatures" if kind == "transaction" else "details"] = []
    refused(proof, start(chain), "wrong-inclusion")


def test_leaf_is_not_of_another_tree() -> None:
    chain = issued()
    proof = chain.view.prove_receipt(bumped(chain))
    refused({**proof, "kind": "transaction"}, start(chain), "wrong-inclusion")


def test_only_state_is_proved_by_the_genesis() -> None:
    chain = issued()
    for proof in (chain.view.prove_block(1), chain.view.consistency(1, 2)):
        refused({**proof, "header": None, "certificate": None}, start(chain), "no-header")


def test_other_block_of_one_height_is_not_its_history() -> None:
    chain = issued()
    header = replace(chain.view.header(2), proposer="south.validator")
    refused({**chain.view.consistency(2, 2), "first": header.to_json()}, start(chain), "wrong-consistency")


def test_other_earlier_block_is_not_of_the_history() -> None:
    chain = issued()
    header = replace(chain.view.header(1), proposer="south.validator")
    refused({**chain.view.consistency(1, 2), "first": header.to_json()}, start(chain), "wrong-inclusion")


def test_history_that_was_rewritten_is_refused() -> None:
    chain = changed()
    proof: Any = chain.view.consistency(3, 5)
    proof["path"] = proof["path"][::-1]
    refused(proof, start(chain), "wrong-consistency")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tallystick-proof-2"},
        {"kind": "hope"},
        {"kind": 1},
        {"extra": 1},
        {"ledger": "x"},
        {"trust": None},
        {"trust": [{}]},
        {"header": None},
        {"header": {}},
        {"certificate": None},
        {"path": None},
        {"key": 7},
        {"key": ""},
        {"key": "a\x00b"},
    ],
)
def test_other_shapes_are_malformed(change: dict[str, Any]) -> None:
    chain = issued()
    with pytest.raises(MalformedError):
        verify_proof({**chain.view.prove_state(*KEY), **change}, start(chain))


def test_format_of_a_proof_is_named() -> None:
    chain = issued()
    with pytest.raises(MalformedError, match="tallystick-proof-1"):
        verify_proof({**chain.view.prove_block(1), "format": "other"}, start(chain))


@pytest.mark.parametrize("value", [None, [], "proof", {}])
def test_other_json_is_no_proof(value: Any) -> None:
    with pytest.raises(MalformedError):
        verify_proof(value, start(DecidedChain()))


@pytest.mark.parametrize("change", [{"index": "0"}, {"size": True}, {"path": ["x"]}, {"index": 1}, {"size": 0}])
def test_other_places_are_refused(change: dict[str, Any]) -> None:
    chain = issued()
    proof = chain.view.prove_transaction(bumped(chain))
    with pytest.raises((MalformedError, VerificationError)):
        verify_proof({**proof, **change}, start(chain))
