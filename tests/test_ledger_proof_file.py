"""Files of proofs and of disclosures: numbered rules, the first broken one, and what the caller pins."""

from typing import Any

import pytest

from ledger.disclosure import disclose
from ledger.encoding import decode_object, encode
from ledger.errors import JsonValue, OperatorError
from ledger.genesis import GenesisWrite
from ledger.sealed import Opening
from ledger.verify.proof_file import encode_proof_file, verify_disclosure_file, verify_proof_file
from ledger.verify.verdict import Pinned, Verdict
from tests.support import ELSEWHERE, OTHER, DecidedChain, built, proofs_of, refusal
from tests.test_ledger_light_client import ISSUED, KEY

OPENING = Opening("a" * 32, {"amount": 7, "price": 9})
NOTHING = Pinned()
SHOWN = disclose(OPENING, ["amount"])


def sealed_chain() -> DecidedChain:
    """A genesis that holds a sealed value, under one block."""
    value: Any = {"price": {"sealed": SHOWN.sealed}}
    chain = DecidedChain(writes=[GenesisWrite(contract="asset", collection="prices", key="P", value=value)])
    chain.decide()
    return chain


def file_of(chain: DecidedChain, *proofs: JsonValue, disclosures: tuple[JsonValue, ...] = ()) -> bytes:
    return encode_proof_file(proofs or [chain.view.prove_state(*KEY)], chain.chain.genesis, disclosures)


def changed(data: bytes, **changes: JsonValue) -> bytes:
    return encode({**decode_object(data.rstrip(b"\n"), wrapped=5), **changes}, wrapped=5)


def broken(data: bytes, pinned: Pinned = NOTHING) -> tuple[int, str, str, str]:
    """Number, rule, cause and place of the first broken rule."""
    verdict = verify_proof_file(data, pinned)
    assert verdict.broken is not None
    assert verdict.facts == ()
    return told(verdict)


def told(verdict: Verdict) -> tuple[int, str, str, str]:
    details: Any = verdict.to_json()["broken"]
    return details["number"], details["rule"], details["cause"], details["place"]


def test_every_kind_holds_in_one_file() -> None:
    chain, kinds = (
        ISSUED,
        ("state", "absence", "transaction", "receipt", "block", "consistency", "history", "rows", "validators"),
    )
    proofs = proofs_of(chain)
    verdict = verify_proof_file(file_of(chain, *(proofs[kind] for kind in kinds)), NOTHING)
    assert (verdict.broken, verdict.ledger) == (None, chain.chain.ledger)
    assert tuple(fact["kind"] for fact in verdict.facts) == kinds
    assert {check.name: check.held for check in verdict.checks} == {
        "file": 1, "ledger": 10, "genesis": 1, "proof": 9, "trust": 9, "certificate": 9, "path": 9, "disclosure": 0, "block": 0,
    }  # fmt: skip


def test_a_proof_alone_is_a_file_of_one() -> None:
    data = encode(ISSUED.view.prove_state(*KEY), wrapped=3)
    assert verify_proof_file(data + b"\n", Pinned(genesis=ISSUED.chain.genesis)).broken is None


def test_a_file_without_genesis_needs_one() -> None:
    data = changed(file_of(ISSUED), genesis=None)
    assert refusal(OperatorError, verify_proof_file, data, Pinned(ledger=ISSUED.chain.ledger)).code == "no-genesis"
    assert verify_proof_file(data, Pinned(genesis=ISSUED.chain.genesis)).broken is None


def test_a_file_of_another_ledger_is_not_the_one_asked_for() -> None:
    data, other = file_of(ISSUED), built(ELSEWHERE).genesis
    for pinned in (Pinned(ledger=OTHER), Pinned(genesis=other)):
        assert broken(data, pinned) == (2, "ledger", "wrong-ledger", "the file")
    assert verify_proof_file(data, Pinned(ledger=ISSUED.chain.ledger, genesis=ISSUED.chain.genesis)).broken is None


def test_a_genesis_of_another_ledger_proves_nothing() -> None:
    other: Any = built(ELSEWHERE).genesis.model_dump(mode="json")
    assert broken(changed(file_of(ISSUED), genesis=other)) == (3, "genesis", "wrong-ledger", "the file")
    assert broken(changed(file_of(ISSUED), genesis={}))[:3] == (3, "genesis", "bad-genesis")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"format": "tallystick-proof-2"}, (4, "proof", "bad-proof")),
        ({"ledger": OTHER}, (2, "ledger", "wrong-ledger")),
        ({"trust": [{}]}, (4, "proof", "bad-proof")),
        ({"value": 7}, (7, "path", "wrong-state-proof")),
    ],
)
def test_the_broken_rule_of_a_proof_is_named(change: dict[str, JsonValue], expected: tuple[int, str, str]) -> None:
    good = ISSUED.view.prove_state(*KEY)
    assert broken(file_of(ISSUED, good, {**good, **change})) == (*expected, "proof 2")


def test_a_wrong_certificate_is_named() -> None:
    proof = {**ISSUED.view.prove_state(*KEY), "certificate": ISSUED.view.record(1).commit.to_json()}
    assert broken(file_of(ISSUED, proof)) == (6, "certificate", "wrong-certificate", "proof 1")


SHAPES: dict[str, dict[str, JsonValue]] = {
    "another format": {"format": "tallystick-proof-file-2"},
    "a field more": {"more": 1},
    "no ledger": {"ledger": None},
    "proofs that are no list": {"proofs": {}},
    "no proof": {"proofs": []},
    "no disclosures": {"disclosures": None},
    "a disclosure of nothing": {"disclosures": [{}]},
}


@pytest.mark.parametrize("name", SHAPES)
def test_another_shape_of_file_is_malformed(name: str) -> None:
    assert broken(changed(file_of(ISSUED), **SHAPES[name]))[:2] == (1, "file")


@pytest.mark.parametrize("spoil", [lambda data: b" " + data, lambda data: data + b"\n", lambda data: data[:-2], lambda _: b""])
def test_another_spelling_of_a_file_is_malformed(spoil: Any) -> None:
    assert broken(spoil(file_of(ISSUED)))[:2] == (1, "file")


def test_the_block_asked_for_is_the_one_proved() -> None:
    data = file_of(ISSUED, ISSUED.view.prove_block(1), ISSUED.view.prove_block(2))
    assert broken(data, Pinned(block=ISSUED.view.block_id(1))) == (9, "block", "wrong-block", "proof 2")
    verdict = verify_proof_file(file_of(ISSUED), Pinned(block=ISSUED.chain.head_id))
    assert (verdict.broken, verdict.checks[8].held) == (None, 1)


def test_a_disclosed_field_belongs_to_a_proved_record() -> None:
    chain = sealed_chain()
    proof, page = chain.view.prove_state("asset", "prices", "P"), chain.view.state.page("asset", "prices", "", 9)
    for proved in (proof, chain.view.prove_rows("asset", "prices", page)):
        verdict = verify_proof_file(file_of(chain, proved, disclosures=(SHOWN.to_json(),)), NOTHING)
        assert verdict.broken is None
        assert verdict.facts[1] == {"kind": "disclosure", "sealed": SHOWN.sealed, "values": {"amount": 7}}


def lie() -> Any:
    """The disclosure with another value."""
    disclosure: Any = SHOWN.to_json()
    disclosure["disclosed"]["amount"]["value"] = 8
    return disclosure


@pytest.mark.parametrize(
    ("key", "disclosure", "cause"), [("Q", SHOWN.to_json(), "unbound-disclosure"), ("P", lie(), "wrong-disclosure")]
)
def test_a_disclosure_is_of_a_proved_record_and_shows_what_it_sealed(key: str, disclosure: JsonValue, cause: str) -> None:
    chain = sealed_chain()
    data = file_of(chain, chain.view.prove_state("asset", "prices", key), disclosures=(disclosure,))
    assert broken(data) == (8, "disclosure", cause, "disclosure 1")


def test_a_disclosure_alone_holds_by_itself() -> None:
    verdict = verify_disclosure_file(encode(SHOWN.to_json()) + b"\n", NOTHING)
    assert (verdict.broken, verdict.ledger, [check.held for check in verdict.checks]) == (None, None, [1, 1])


def test_a_disclosure_alone_with_another_value_is_refused() -> None:
    assert told(verify_disclosure_file(encode(lie()), NOTHING))[:3] == (2, "disclosure", "wrong-disclosure")
    assert told(verify_disclosure_file(b"{}", NOTHING))[:3] == (1, "file", "bad-disclosure")


def test_a_disclosure_alone_is_of_no_ledger() -> None:
    data = encode(SHOWN.to_json())
    assert refusal(OperatorError, verify_disclosure_file, data, Pinned(ledger=OTHER)).code == "wrong-use"
