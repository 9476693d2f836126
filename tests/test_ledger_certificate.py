"""Statements, certificates, decision records, evidence: what holds, and each way in which they do not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ledger.audit.conviction import evidence_between
from ledger.certificate import (
    Certificate,
    DecisionRecord,
    Domain,
    Evidence,
    Statement,
    StatementKind,
    conflict,
    parse_certificate,
    parse_record,
    parse_statement,
    sign_statement,
    verify_certificate,
    verify_evidence,
    verify_record,
    verify_statement,
)
from ledger.errors import MalformedError, VerificationError
from ledger.identity.records import Validator, ValidatorSet
from ledger.keys import DEFAULT_SUITE, SUITES, PrivateKey
from ledger.primitives import NO_DIGEST, Digest
from tests.support import certify, refusal

LEDGER = Digest("11" * 32)
BLOCK, OTHER = Digest("aa" * 32), Digest("bb" * 32)
KEYS = {f"org.v{number}": PrivateKey(bytes([number]) * 32) for number in range(1, 5)}
VALIDATORS = ValidatorSet(tuple(Validator(member, key.public_key) for member, key in KEYS.items()))
DOMAIN = Domain(LEDGER, VALIDATORS.digest)
SUITE = SUITES[DEFAULT_SUITE]
HEIGHT = 7


def made(kind: StatementKind, view: int, block: Digest = BLOCK, signers: Sequence[int] = (0, 1, 2)) -> Certificate:
    return certify(LEDGER, VALIDATORS, KEYS, kind, HEIGHT, view, block, signers)


def signed(kind: StatementKind, view: int = 1, block: Digest = BLOCK, signer: int = 0) -> Statement:
    key = KEYS[VALIDATORS.validators[signer].member]
    return sign_statement(DOMAIN, Statement(kind, HEIGHT, view, block, 0, signer), key)


def recorded(view: int = 3, block: Digest = BLOCK) -> DecisionRecord:
    """Decided in a view after one skipped and one notarized."""
    return DecisionRecord(
        made("final", view, block), made("vote", view, block), (made("skip", 1, NO_DIGEST), made("vote", 2, block))
    )


def test_a_certificate_is_exactly_a_quorum() -> None:
    for kind in ("vote", "final"):
        verify_certificate(DOMAIN, VALIDATORS, made(kind, 2, signers=(0, 2, 3)), SUITE)
    verify_certificate(DOMAIN, VALIDATORS, made("skip", 2, NO_DIGEST), SUITE)


VOTE, RECORD = made("vote", 1), recorded()
SKIPPED, EARLIER = RECORD.earlier
WRONG: dict[str, tuple[str, Certificate, Domain]] = {
    "a signer too few": ("wrong-quorum", made("vote", 1, signers=(0, 1)), DOMAIN),
    "a signer too many": ("wrong-quorum", made("vote", 1, signers=(0, 1, 2, 3)), DOMAIN),
    "signers out of order": ("wrong-order", made("vote", 1, signers=(0, 2, 1)), DOMAIN),
    "a signer twice": ("wrong-order", made("vote", 1, signers=(0, 0, 1)), DOMAIN),
    "a signer outside the set": ("not-a-validator", replace(VOTE, signers=(0, 1, 4)), DOMAIN),
    "another set": ("wrong-validators", VOTE, Domain(LEDGER, OTHER)),
    "another height": ("wrong-signature", replace(VOTE, height=8), DOMAIN),
    "another view": ("wrong-signature", replace(VOTE, view=2), DOMAIN),
    "another block": ("wrong-signature", replace(VOTE, block=OTHER), DOMAIN),
    "another kind": ("wrong-signature", replace(VOTE, kind="commit"), DOMAIN),
    "another ledger": ("wrong-signature", VOTE, Domain(OTHER, VALIDATORS.digest)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_certificate_is_refused(name: str) -> None:
    code, certificate, domain = WRONG[name]
    assert refusal(VerificationError, verify_certificate, domain, VALIDATORS, certificate, SUITE).code == code


def test_statement_names_its_signer() -> None:
    verify_statement(DOMAIN, VALIDATORS, signed("vote"), SUITE)
    refusal(VerificationError, verify_statement, DOMAIN, VALIDATORS, replace(signed("vote"), signer=1), SUITE)


def test_complete_record_holds() -> None:
    verify_record(DOMAIN, VALIDATORS, HEIGHT, BLOCK, RECORD, SUITE)


WRONG_RECORDS: dict[str, tuple[str, DecisionRecord]] = {
    "two of one kind": ("commit and a notar", replace(RECORD, notar=made("final", 3))),
    "two heights": ("not of height", replace(RECORD, earlier=(replace(SKIPPED, height=HEIGHT + 1), EARLIER))),
    "two views": ("this block in one view", replace(RECORD, notar=made("vote", 2))),
    "two blocks": ("this block in one view", replace(RECORD, notar=made("vote", 3, OTHER))),
    "a view missing": ("each earlier view once", replace(RECORD, earlier=(SKIPPED,))),
    "views exchanged": ("each earlier view once", replace(RECORD, earlier=(EARLIER, SKIPPED))),
    "another block earlier": ("NotarCert of the same block", replace(RECORD, earlier=(SKIPPED, made("vote", 2, OTHER)))),
}


@pytest.mark.parametrize("name", WRONG_RECORDS)
def test_a_wrong_record_is_refused(name: str) -> None:
    words, record = WRONG_RECORDS[name]
    error = refusal(VerificationError, verify_record, DOMAIN, VALIDATORS, HEIGHT, BLOCK, record, SUITE)
    assert error.code == "wrong-record"
    assert words in error.message


def test_certificates_of_a_record_are_verified() -> None:
    forged = replace(RECORD, earlier=(replace(SKIPPED, signatures=RECORD.notar.signatures), EARLIER))
    error = refusal(VerificationError, verify_record, DOMAIN, VALIDATORS, HEIGHT, BLOCK, forged, SUITE)
    assert error.code == "wrong-signature"


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        (("propose", 1, BLOCK), ("propose", 1, OTHER), True),
        (("vote", 1, BLOCK), ("vote", 1, OTHER), True),
        (("final", 1, BLOCK), ("final", 1, OTHER), True),
        (("skip", 1, NO_DIGEST), ("final", 1, BLOCK), True),
        (("skip", 1, NO_DIGEST), ("skip", 1, NO_DIGEST), False),
        (("skip", 1, NO_DIGEST), ("vote", 1, BLOCK), False),
        (("vote", 1, BLOCK), ("final", 1, OTHER), False),
        (("vote", 1, BLOCK), ("vote", 2, OTHER), False),
        (("vote", 1, BLOCK), ("vote", 1, BLOCK), False),
    ],
)
def test_what_no_honest_key_signs_both(first: Any, second: Any, contradict: bool) -> None:
    one, other = signed(*first), signed(*second)
    assert conflict(one, other) == conflict(other, one) == contradict
    assert not conflict(one, replace(other, signer=1))


FORGED = replace(signed("vote", 1, OTHER), signature=signed("vote").signature)


@pytest.mark.parametrize(
    ("other", "code"), [(signed("final"), "no-conflict"), (FORGED, "wrong-signature")], ids=["no conflict", "forged"]
)
def test_evidence_convicts_by_two_signed_statements_that_contradict(other: Statement, code: str) -> None:
    right = Evidence(HEIGHT, VALIDATORS.digest, signed("vote"), signed("vote", 1, OTHER))
    verify_evidence(LEDGER, VALIDATORS, right, SUITE)
    assert refusal(VerificationError, verify_evidence, LEDGER, VALIDATORS, replace(right, second=other), SUITE).code == code


def test_two_records_convict_who_signed_both() -> None:
    first, second = recorded(3), DecisionRecord(made("final", 1, OTHER, (1, 2, 3)), made("vote", 1, OTHER, (1, 2, 3)), ())
    found = evidence_between(VALIDATORS.digest, first, second)
    assert [evidence.first.signer for evidence in found] == [1, 2]
    for evidence in found:
        verify_evidence(LEDGER, VALIDATORS, evidence, SUITE)


def test_json_gives_back_the_same() -> None:
    for kind in ("propose", "vote", "final"):
        assert parse_statement(signed(kind).to_json()) == signed(kind)
    assert parse_certificate(made("skip", 2, NO_DIGEST).to_json()) == made("skip", 2, NO_DIGEST)
    assert parse_record(recorded().to_json()) == recorded()


def test_only_a_propose_names_an_earlier_view() -> None:
    assert parse_statement({**signed("propose", 2).to_json(), "notarized_view": 1}).notarized_view == 1


PARTS: dict[str, tuple[Callable[[Any], object], Any]] = {
    "vote": (parse_statement, signed("vote", 2).to_json()),
    "skip": (parse_statement, signed("skip", 2, NO_DIGEST).to_json()),
    "propose": (parse_statement, signed("propose", 2).to_json()),
    "certificate": (parse_certificate, VOTE.to_json()),
    "record": (parse_record, RECORD.to_json()),
}
MALFORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "a vote for no block": ("vote", {"block": NO_DIGEST}),
    "a skip of a block": ("skip", {"block": BLOCK}),
    "a vote that names an earlier view": ("vote", {"notarized_view": 1}),
    "a propose that names its own view": ("propose", {"notarized_view": 2}),
    "a propose that names a view below one": ("propose", {"notarized_view": -1}),
    "another kind of statement": ("vote", {"kind": "hope"}),
    "height 0": ("vote", {"height": 0}),
    "view 0": ("vote", {"view": 0}),
    "a view that is true": ("vote", {"view": True}),
    "too large a view": ("vote", {"view": 10**7}),
    "a signer below 0": ("vote", {"signer": -1}),
    "a short signature": ("vote", {"signature": "x"}),
    "a field more": ("vote", {"extra": 1}),
    "a certificate with a statement's kind": ("certificate", {"kind": "vote"}),
    "a certificate of no block": ("certificate", {"block": ""}),
    "fewer signers than signatures": ("certificate", {"signers": [0]}),
    "no signatures": ("certificate", {"signatures": None}),
    "signers as text": ("certificate", {"signers": ["0", "1", "2"]}),
    "a certificate with a field more": ("certificate", {"extra": 1}),
    "a record of no commit": ("record", {"commit": {}}),
    "a record of no list": ("record", {"earlier": 1}),
    "a record with a field more": ("record", {"extra": 1}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_other_shapes_are_malformed(name: str) -> None:
    part, change = MALFORMED[name]
    parse, right = PARTS[part]
    parse(right)
    refusal(MalformedError, parse, {**right, **change})


@pytest.mark.parametrize("value", [None, [], {}, {"commit": {}, "notar": {}, "earlier": 1}])
def test_other_json_is_no_record(value: Any) -> None:
    refusal(MalformedError, parse_record, value)
