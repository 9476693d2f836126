"""Statements of validators, certificates made of them, the decision record of a height, and evidence of a breach.

A statement is signed over (domain, ledger, validator set, height, view, kind, block id) and, for Propose, the view
w whose NotarCert names the block (0 for a fresh block). NotarCert, SkipCert and CommitCert are exactly q Votes,
Skips and Finals of one view in validator order.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from ledger.codec import Codec, Count, HexSignature, Many, PositiveCount
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.identity.records import ValidatorSet
from ledger.keys import PrivateKey, Suite
from ledger.primitives import NO_DIGEST, Digest, Signature, is_digest

TAG = "statement"
StatementKind = Literal["propose", "vote", "skip", "final"]
CertificateKind = Literal["notar", "skip", "commit"]
PARTS: dict[CertificateKind, StatementKind] = {"notar": "vote", "skip": "skip", "commit": "final"}
"""Which statements make which certificate."""
MADE_OF: dict[StatementKind, CertificateKind] = {"vote": "notar", "skip": "skip", "final": "commit"}
VIEW_MAX = 1_000_000
View = Annotated[int, Field(strict=True, ge=1, le=VIEW_MAX)]
SignerIndex = Annotated[int, Field(strict=True, ge=0, le=10_000)]
UNSIGNED = Signature("")


@dataclass(frozen=True, slots=True, order=True)
class Domain:
    """What every statement of a height is bound to."""

    ledger: Digest
    validators: Digest


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """What one validator says in one view of one height."""

    kind: StatementKind
    height: PositiveCount
    view: View
    block: Digest
    """Block id; empty for Skip."""
    notarized_view: Count
    """w: for a Propose the view whose NotarCert names the block, 0 for a fresh block; 0 in other kinds."""
    signer: SignerIndex
    """Index in the validator set of the height."""
    signature: HexSignature = UNSIGNED
    """Empty until signed."""

    def to_json(self) -> dict[str, JsonValue]:
        """All fields."""
        return STATEMENT.to_json(self)


@dataclass(frozen=True, slots=True, order=True)
class Certificate:
    """Exactly q statements of one kind, view and block, by strictly rising validator index."""

    kind: CertificateKind
    height: PositiveCount
    view: View
    block: Digest
    """Block id; empty for a SkipCert."""
    signers: Many[SignerIndex]
    signatures: Many[HexSignature]

    def to_json(self) -> dict[str, JsonValue]:
        """All fields."""
        return CERTIFICATE.to_json(self)

    def statements(self) -> tuple[Statement, ...]:
        """The statements this certificate is made of."""
        kind = PARTS[self.kind]
        return tuple(
            Statement(kind, self.height, self.view, self.block, 0, signer, signature)
            for signer, signature in zip(self.signers, self.signatures, strict=True)
        )


def _verify_statement(statement: Statement) -> None:
    kind, w = statement.kind, statement.notarized_view
    if not _names_block(kind, statement.block):  # check: statement-block
        raise MalformedError("bad-statement", "Skip names no block; all others name one.")
    if not (w < statement.view if kind == "propose" else w == 0):  # check: statement-notarized-view
        raise MalformedError("bad-statement", "0 <= w < v in a Propose, 0 elsewhere.")


def _verify_certificate(certificate: Certificate) -> None:
    if not _names_block(certificate.kind, certificate.block):
        raise MalformedError("bad-certificate", "A SkipCert names no block; the others name one.")
    if len(certificate.signers) != len(certificate.signatures):
        raise MalformedError("bad-certificate", "Signers and signatures are lists of one length.")


def _names_block(kind: StatementKind | CertificateKind, block: Digest) -> bool:
    return block == NO_DIGEST if kind == "skip" else is_digest(block)


_NUMBERS = dict.fromkeys(("height", "view", "signer", "signers"), "bad-number")
_SIGNATURES = dict.fromkeys(("signature", "signatures"), "bad-signature")
STATEMENT = Codec(Statement, "bad-statement", _verify_statement, **_NUMBERS, **_SIGNATURES)
CERTIFICATE = Codec(Certificate, "bad-certificate", _verify_certificate, **_NUMBERS, **_SIGNATURES)
CertificatePart = Annotated[Certificate, CERTIFICATE.part]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """CommitCert(v,b), NotarCert(v,b) and, for each y < v in order, SkipCert(y) or NotarCert(y,b)."""

    commit: CertificatePart
    notar: CertificatePart
    earlier: Many[CertificatePart]

    def to_json(self) -> dict[str, JsonValue]:
        """All certificates."""
        return RECORD.to_json(self)

    def certificates(self) -> tuple[Certificate, ...]:
        """Every certificate of the record."""
        return (self.commit, self.notar, *self.earlier)


RECORD = Codec(DecisionRecord, "bad-record", commit=CERTIFICATE, notar=CERTIFICATE, earlier=CERTIFICATE)
parse_statement, parse_certificate, parse_record = STATEMENT.parse, CERTIFICATE.parse, RECORD.parse
"""Each reads the JSON form and raises MalformedError."""


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Two statements of one key, of which an honest key signs at most one: they convict the key, without any node."""

    height: int
    validators: Digest
    first: Statement
    second: Statement


def statement_bytes(domain: Domain, statement: Statement) -> bytes:
    """The bytes that the statement's signature covers."""
    return encode_unchecked(
        {
            "ledger": domain.ledger,
            "validators": domain.validators,
            "kind": statement.kind,
            "height": statement.height,
            "view": statement.view,
            "block": statement.block,
            "notarized_view": statement.notarized_view,
        }
    )


def sign_statement(domain: Domain, statement: Statement, key: PrivateKey) -> Statement:
    """The same statement with its signature."""
    return replace(statement, signature=key.sign(TAG, statement_bytes(domain, statement)))


def verify_statement(domain: Domain, validators: ValidatorSet, statement: Statement, suite: Suite) -> None:
    """Raises VerificationError unless the validator that it names signed the statement."""
    if statement.signer >= validators.n:  # check: statement-signer
        raise VerificationError("not-a-validator", f"Validator {statement.signer} is not among the {validators.n}.")
    key = validators.validators[statement.signer].public_key
    suite(key, TAG, statement_bytes(domain, statement), statement.signature)


def verify_certificate(
    domain: Domain,
    validators: ValidatorSet,
    certificate: Certificate,
    suite: Suite,
    is_verified: Callable[[Statement], bool] = lambda statement: False,
) -> None:
    """Raises VerificationError unless exactly q distinct validators, in order, signed.

    `is_verified` says which statements the caller has verified already.
    """
    if domain.validators != validators.digest:  # check: certificate-validators
        raise VerificationError("wrong-validators", "The certificate is judged by another validator set.")
    if len(certificate.signers) != validators.q:  # check: certificate-quorum
        raise VerificationError(
            "wrong-quorum", f"A certificate has exactly {validators.q} signatures, got {len(certificate.signers)}."
        )
    if any(a >= b for a, b in zip(certificate.signers, certificate.signers[1:], strict=False)):  # check: certificate-order
        raise VerificationError("wrong-order", "Signers stand in rising validator order, each once.")
    for statement in certificate.statements():
        if not is_verified(statement):
            verify_statement(domain, validators, statement, suite)


def verify_record(
    domain: Domain, validators: ValidatorSet, height: int, block: Digest, record: DecisionRecord, suite: Suite
) -> None:
    """Raises VerificationError unless the record is complete and each of its certificates holds."""
    verify_record_shape(height, block, record)
    for certificate in record.certificates():
        verify_certificate(domain, validators, certificate, suite)


def verify_record_shape(height: int, block: Digest, record: DecisionRecord) -> None:
    """The part of `verify_record` that does not look at signatures."""
    commit, notar = record.commit, record.notar
    if (commit.kind, notar.kind) != ("commit", "notar"):  # check: record-kinds
        raise VerificationError("wrong-record", "A record has a commit and a notar certificate.")
    if any(c.height != height for c in record.certificates()):  # check: record-height
        raise VerificationError("wrong-record", f"A certificate of the record is not of height {height}.")
    if commit.block != block or notar.block != block or notar.view != commit.view:  # check: record-block
        raise VerificationError("wrong-record", "CommitCert and NotarCert name this block in one view.")
    if [c.view for c in record.earlier] != list(range(1, commit.view)):  # check: record-complete
        raise VerificationError("wrong-record", "The record covers each earlier view once, in order.")
    if not all(c.kind == "skip" or (c.kind == "notar" and c.block == block) for c in record.earlier):  # check: record-earlier
        raise VerificationError("wrong-record", "An earlier view has a SkipCert, or a NotarCert of the same block.")


def conflict(first: Statement, second: Statement) -> bool:
    """Whether no honest key signs both: Propose/Propose, Vote/Vote, Final/Final of different blocks, or Skip and Final."""
    if (first.height, first.view, first.signer) != (second.height, second.view, second.signer):
        return False
    if {first.kind, second.kind} == {"skip", "final"}:
        return True
    return first.kind == second.kind and first.kind != "skip" and first.block != second.block


def verify_evidence(ledger: Digest, validators: ValidatorSet, evidence: Evidence, suite: Suite) -> None:
    """Raises VerificationError unless both statements hold and conflict."""
    if not conflict(evidence.first, evidence.second):  # check: evidence-conflict
        raise VerificationError("no-conflict", "An honest key may sign both statements.")
    domain = Domain(ledger, validators.digest)
    for statement in (evidence.first, evidence.second):
        verify_statement(domain, validators, statement, suite)
