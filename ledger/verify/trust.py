"""Verifies a proof of any kind: its ledger, the validator changes, the header's certificate, and the path to the value.

Each validator change is decided by the validators before it. What a client believes is a `TrustedPoint`; a verified proof moves
it on, so that later proofs may omit the changes that were verified before.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from ledger.certificate import Domain, verify_certificate
from ledger.encoding import digest
from ledger.errors import JsonValue, VerificationError
from ledger.genesis import Genesis, initial_state_root, parse_genesis
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.verify.proof import Decided, Proof, TrustedPoint, TrustStep, parse_proof, verify_path

Rule = Callable[[str], AbstractContextManager[object]]
"""Is entered with the name of each rule for as long as it is checked: `ledger`, `trust`, `certificate`, `path`."""


@dataclass(frozen=True, slots=True)
class VerifiedFact:
    """What was proved, at which block, and by which checks."""

    kind: str
    height: int
    """Height of the block that the proof leads to; 0 for the genesis."""
    block: Digest
    time_ms: int | None
    """Time of that block, None at height 0."""
    claim: dict[str, JsonValue]
    """What is proved, without its paths: contract, collection, key and value; value, index and size; the earlier header;
    rows of keys and values; entries of heights and values; the validators of a height.

    That the value of a transaction or receipt stands in the block is proved; index and size only give the path its
    shape, for a header does not count its leaves: another pair can fit the same path.
    """
    trusted: TrustedPoint
    """The point to trust from now on."""
    learned: tuple[TrustedPoint, ...]
    """The points at the validator changes on the way, the last of which is `trusted`."""

    def to_json(self) -> dict[str, JsonValue]:
        """What is shown to people and scripts."""
        return {"kind": self.kind, "height": self.height, "block": self.block, "time": self.time_ms, "claim": self.claim}


def verify_proof(value: JsonValue, trusted: TrustedPoint | Genesis) -> VerifiedFact:
    """The fact that a proof shows; raises VerificationError with the first broken rule, MalformedError for another shape."""
    return verify_parsed(parse_proof(value), trust_genesis(trusted) if isinstance(trusted, Genesis) else trusted)


def verify_parsed(proof: Proof, trusted: TrustedPoint, rule: Rule = nullcontext) -> VerifiedFact:
    """`verify_proof` for a proof that was read before."""
    # 1. It speaks of the trusted ledger.
    with rule("ledger"):
        if proof.ledger != trusted.ledger:  # check: proof-ledger
            raise VerificationError("wrong-ledger", f"The proof is of ledger {proof.ledger}, not {trusted.ledger}.")
    # 2. Each validator change since the trusted point was decided by the validators before it.
    learned = list[TrustedPoint]()
    with rule("trust"):
        verify_trust_order(proof)
        for step in proof.trust:
            if step.decided.header.height > trusted.height:
                trusted = follow_step(step, trusted)
                learned.append(trusted)
    # 3. The header was decided by the validators of its height.
    if proof.decided is not None:
        with rule("certificate"):
            verify_decided(proof.decided, trusted)
    # 4. The value's path leads into that header.
    with rule("path"):
        claim = verify_path(proof, trusted)
    header = proof.decided.header if proof.decided else None
    return VerifiedFact(
        kind=proof.kind,
        height=header.height if header else 0,
        block=header.id if header else proof.ledger,
        time_ms=header.time if header else None,
        claim=claim,
        trusted=trusted,
        learned=tuple(learned),
    )


def trust_genesis(genesis: Genesis) -> TrustedPoint:
    """The point from which everything begins."""
    return TrustedPoint(genesis.ledger, genesis.suite, initial_state_root(genesis), 0, genesis.validator_set)


def trust_genesis_bytes(data: bytes, ledger: Digest) -> TrustedPoint:
    """The same from bytes of any origin; raises VerificationError unless they are this ledger's genesis."""
    if digest("genesis", data) != ledger:  # check: trusted-genesis
        raise VerificationError("wrong-ledger", f"These bytes are not the genesis of ledger {ledger}.")
    return trust_genesis(parse_genesis(data))


def verify_trust_order(proof: Proof) -> None:
    """Raises VerificationError `wrong-trust` unless the changes stand in rising order, all below the proof's header."""
    heights = [step.decided.header.height for step in proof.trust]
    end = proof.decided.header.height if proof.decided else 0
    if any(a >= b for a, b in zip(heights, [*heights[1:], end], strict=False)):  # check: trust-order
        raise VerificationError("wrong-trust", f"Validator changes rise and lie below height {end}; got {heights}.")


def follow_step(step: TrustStep, trusted: TrustedPoint) -> TrustedPoint:
    """The point at a later validator change, once the change is verified."""
    header = step.decided.header
    verify_decided(step.decided, trusted)
    if header.next_validators != step.validators.digest:  # check: trust-next-validators
        raise VerificationError("wrong-next-validators", f"Block {header.height} names another set for the next height.")
    return replace(trusted, height=header.height, validators=step.validators)


def verify_decided(decided: Decided, trusted: TrustedPoint) -> None:
    """Raises VerificationError unless the validators that are trusted for its height decided this header."""
    header, certificate = decided.header, decided.certificate
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
