"""What a verifier believes, and how it comes to believe a header: each change of validators is decided by those before it.

Pure: bytes and values in, a verdict out. What a client believes is a `TrustedPoint`; a verified proof moves it on,
so that later proofs may omit the validator changes that were verified before.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from ledger.certificate import Domain, verify_certificate
from ledger.encoding import digest
from ledger.errors import VerificationError
from ledger.genesis import Genesis, initial_state_root, parse_genesis
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.verify.proof import Decided, Proof, TrustStep


@dataclass(frozen=True, slots=True)
class TrustedPoint:
    """What a verifier believes without further proof."""

    ledger: Digest
    suite: str
    initial_state_root: Digest
    height: int
    """Height of the last known validator change, 0 for the genesis: `validators` vote on the heights above it."""
    validators: ValidatorSet


@dataclass(slots=True)
class Trail:
    """Collects what held so far."""

    trusted: TrustedPoint
    rule: Callable[[str], AbstractContextManager[object]] = nullcontext
    """Is entered with the name of each rule for as long as it is checked: `trust`, `certificate`, `path`."""
    checks: list[str] = field(default_factory=list)
    learned: list[TrustedPoint] = field(default_factory=list)

    def held(self, name: str) -> None:
        """Notes a check."""
        self.checks.append(name)

    def moved(self, point: TrustedPoint) -> None:
        """Believes a later point."""
        self.trusted = point
        self.learned.append(point)
        self.held(f"validators-after-{point.height}")


def trust_genesis(genesis: Genesis) -> TrustedPoint:
    """The point from which everything begins."""
    return TrustedPoint(genesis.ledger, genesis.suite, initial_state_root(genesis), 0, genesis.validator_set)


def trust_genesis_bytes(data: bytes, ledger: Digest) -> TrustedPoint:
    """The same from bytes that anybody may have handed over; raises VerificationError unless they are this ledger's."""
    if digest("genesis", data) != ledger:  # check: trusted-genesis
        raise VerificationError("wrong-ledger", f"These bytes are not the genesis of ledger {ledger}.")
    return trust_genesis(parse_genesis(data))


def verify_trust_order(proof: Proof) -> None:
    """Raises VerificationError `wrong-trust` unless the changes stand in rising order, all below the proof's header."""
    heights = [step.decided.header.height for step in proof.trust]
    end = proof.decided.header.height if proof.decided else 0
    if any(a >= b for a, b in zip(heights, [*heights[1:], end], strict=False)):  # check: trust-order
        raise VerificationError("wrong-trust", f"Validator changes rise and lie below height {end}; got {heights}.")


def follow_step(step: TrustStep, trail: Trail) -> None:
    """Believes the validators that a change names; one below the trusted height was verified before and is passed over."""
    header, old = step.decided.header, trail.trusted
    if header.height <= old.height:
        return
    verify_decided(step.decided, trail)
    if header.next_validators != step.validators.digest:  # check: trust-next-validators
        raise VerificationError("wrong-next-validators", f"Block {header.height} names another set for the next height.")
    trail.moved(TrustedPoint(old.ledger, old.suite, old.initial_state_root, header.height, step.validators))


def verify_decided(decided: Decided, trail: Trail) -> None:
    """Raises VerificationError unless the validators that are trusted for its height decided this header."""
    header, certificate, trusted = decided.header, decided.certificate, trail.trusted
    if header.ledger != trusted.ledger:  # check: header-ledger
        raise VerificationError("wrong-ledger", f"Header {header.height} belongs to ledger {header.ledger}.")
    if header.height <= trusted.height:  # check: header-above-trust
        raise VerificationError("older-than-trust", f"Block {header.height} is not above the trusted height {trusted.height}.")
    if header.validators != trusted.validators.digest:  # check: header-validators
        raise VerificationError("wrong-validators", f"Block {header.height} is not of the validators known for its height.")
    certified = (certificate.kind, certificate.height, certificate.block)
    if certified != ("commit", header.height, header.id):  # check: header-certified
        raise VerificationError("wrong-certificate", f"The certificate is no CommitCert of block {header.height}.")
    domain = Domain(trusted.ledger, header.validators)
    verify_certificate(domain, trusted.validators, certificate, SUITES[trusted.suite])  # check: light-certificate
    trail.held(f"certificate-{header.height}")
