"""Statements, certificates, decision records, evidence: what holds, and each way in which they do not."""

from collections.abc import Sequence
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


def refused(certificate: Certificate, code: str, domain: Domain = DOMAIN) -> None:
    assert refusal(VerificationError, verify_certificate, domain, VALIDATORS, certificate, SUITE).code == code


def record_refused(record: DecisionRecord, words: str) -> None:
    with pytest.raises(VerificationError, match=words) as caught:
        verify_record(DOMAIN, VALIDATORS, HEIGHT, BLOCK, record, SUITE)
    assert caught.value.code == "wrong-record"


def test_a_certificate_is_exactly_a_quorum() -> None:
    for kind in ("vote", "final"):
        verify_certificate(DOMAIN, VALIDATORS, made(kind, 2, signers=(0, 2, 3)), SUITE)
    verify_certificate(DOMAIN, VALIDATORS, made("skip", 2, NO_DIGEST), SUITE)


def test_one_more_or_one_less_is_no_quorum() -> None:
    refused(made("vote", 1, signers=(0, 1)), "wrong-quorum")
    refused(made("vote", 1, signers=(0, 1, 2, 3)), "wrong-quorum")


def test_signers_stand_in_order_and_once() -> None:
    refused(made("vote", 1, signers=(0, 2, 1)), "wrong-order")
    refused(made("vote", 1, signers=(0, 0, 1)), "wrong-order")


def test_signer_outside_the_set_is_refused() -> None:
    certificate = made("vote", 1)
    refused(replace(certificate, signers=(0, 1, 4)), "not-a-validator")


def test_certificate_is_bound_to_its_validator_set() -> None:
    refused(made("vote", 1), "wrong-validators", Domain(LEDGER, OTHER))


@pytest.mark.parametrize("change", [{"height": 8}, {"view": 2}, {"block": OTHER}, {"kind": "commit"}])
def test_signatures_cover_everything(change: dict[str, Any]) -> None:
    refused(replace(made("vote", 1), **change), "wrong-signature")
    refused(made("vote", 1), "wrong-signature", Domain(OTHER, VALIDATORS.digest))


def test_statement_names_its_signer() -> None:
    verify_statement(DOMAIN, VALIDATORS, signed("vote"), SUITE)
    with pytest.raises(VerificationError):
        verify_statement(DOMAIN, VALIDATORS, replace(signed("vote"), signer=1), SUITE)


def test_complete_record_holds() -> None:
    verify_record(DOMAIN, VALIDATORS, HEIGHT, BLOCK, recorded(), SUITE)


def test_record_needs_both_kinds() -> None:
    record_refused(replace(recorded(), notar=made("final", 3)), "commit and a notar")


def test_record_is_of_one_height() -> None:
    record = recorded()
    skip = replace(record.earlier[0], height=HEIGHT + 1)
    record_refused(replace(record, earlier=(skip, record.earlier[1])), "not of height")


def test_record_names_the_block_in_one_view() -> None:
    record_refused(replace(recorded(), notar=made("vote", 2)), "this block in one view")
    record_refused(replace(recorded(), notar=made("vote", 3, OTHER)), "this block in one view")


def test_record_covers_every_earlier_view() -> None:
    record = recorded()
    record_refused(replace(record, earlier=record.earlier[:1]), "each earlier view once")
    record_refused(replace(record, earlier=record.earlier[::-1]), "each earlier view once")


def test_earlier_view_has_no_certificate_of_another_block() -> None:
    record = recorded()
    record_refused(replace(record, earlier=(record.earlier[0], made("vote", 2, OTHER))), "NotarCert of the same block")


def test_certificates_of_a_record_are_verified() -> None:
    record = recorded()
    bad = replace(record.earlier[0], signatures=record.notar.signatures)
    forged = replace(record, earlier=(bad, record.earlier[1]))
    assert refusal(VerificationError, verify_record, DOMAIN, VALIDATORS, HEIGHT, BLOCK, forged, SUITE).code == "wrong-signature"


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


def test_evidence_holds_for_strangers() -> None:
    verify_evidence(LEDGER, VALIDATORS, Evidence(HEIGHT, VALIDATORS.digest, signed("vote"), signed("vote", 1, OTHER)), SUITE)


def test_evidence_without_conflict_convicts_nobody() -> None:
    evidence = Evidence(HEIGHT, VALIDATORS.digest, signed("vote"), signed("final"))
    assert refusal(VerificationError, verify_evidence, LEDGER, VALIDATORS, evidence, SUITE).code == "no-conflict"


def test_evidence_is_signed() -> None:
    forged = replace(signed("vote", 1, OTHER), signature=signed("vote").signature)
    assert (
        refusal(
            VerificationError,
            verify_evidence,
            LEDGER,
            VALIDATORS,
            Evidence(HEIGHT, VALIDATORS.digest, signed("vote"), forged),
            SUITE,
        ).code
        == "wrong-signature"
    )


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


def malformed(change: dict[str, Any], kind: StatementKind = "vote", block: Digest = BLOCK) -> None:
    with pytest.raises(MalformedError):
        parse_statement({**signed(kind, 2, block).to_json(), **change})


def test_skip_names_no_block_and_others_do() -> None:
    malformed({"block": NO_DIGEST})
    malformed({"block": BLOCK}, "skip", NO_DIGEST)


def test_only_a_propose_names_an_earlier_view() -> None:
    assert parse_statement({**signed("propose", 2).to_json(), "notarized_view": 1}).notarized_view == 1
    malformed({"notarized_view": 1})
    malformed({"notarized_view": 2}, "propose")
    malformed({"notarized_view": -1}, "propose")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "hope"},
        {"height": 0},
        {"view": 0},
        {"view": 10**7},
        {"signer": -1},
        {"signature": "x"},
        {"extra": 1},
        {"view": True},
    ],
)
def test_other_shapes_of_statements_are_malformed(change: dict[str, Any]) -> None:
    malformed(change)


@pytest.mark.parametrize(
    "change",
    [{"kind": "vote"}, {"block": ""}, {"signers": [0]}, {"signatures": None}, {"signers": ["0", "1", "2"]}, {"extra": 1}],
)
def test_other_shapes_of_certificates_are_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        parse_certificate({**made("vote", 1).to_json(), **change})


@pytest.mark.parametrize("value", [None, [], {}, {"commit": {}, "notar": {}, "earlier": 1}])
def test_other_shapes_of_records_are_malformed(value: Any) -> None:
    with pytest.raises(MalformedError):
        parse_record(value)
