"""Verifies one proof of any kind: what holds after `verify_proof` returned is a `VerifiedFact`."""

from dataclasses import dataclass

from ledger.errors import JsonValue, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import Digest
from ledger.verify.paths import KINDS
from ledger.verify.proof import Proof, parse_proof
from ledger.verify.trust import Trail, TrustedPoint, follow_step, trust_genesis, verify_decided, verify_trust_order


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
    """Believe this from now on."""
    learned: tuple[TrustedPoint, ...]
    """The points at the validator changes on the way, the last of which is `trusted`."""
    checks: tuple[str, ...]
    """Names of the checks that held, in order."""

    def to_json(self) -> dict[str, JsonValue]:
        """What is shown to people and scripts."""
        return {"kind": self.kind, "height": self.height, "block": self.block, "time": self.time_ms, "claim": self.claim}


def verify_proof(value: JsonValue, trusted: TrustedPoint | Genesis) -> VerifiedFact:
    """The fact that a proof shows; raises VerificationError with the first broken rule, MalformedError for another shape."""
    point = trust_genesis(trusted) if isinstance(trusted, Genesis) else trusted
    return verify_parsed(parse_proof(value), Trail(point))


def verify_parsed(proof: Proof, trail: Trail) -> VerifiedFact:
    """The same for a proof that was read before, along a trail that counts its rules."""
    # 1. It speaks of the trusted ledger.
    with trail.rule("ledger"):
        if proof.ledger != trail.trusted.ledger:  # check: proof-ledger
            raise VerificationError("wrong-ledger", f"The proof is of ledger {proof.ledger}, not {trail.trusted.ledger}.")
        trail.held("ledger")
    # 2. Each validator change since the trusted point was decided by the validators before it.
    with trail.rule("trust"):
        verify_trust_order(proof)
        for step in proof.trust:
            follow_step(step, trail)
    # 3. The header was decided by the validators of its height.
    if proof.decided is not None:
        with trail.rule("certificate"):
            verify_decided(proof.decided, trail)
    # 4. The value's path leads into that header.
    with trail.rule("path"):
        claim = KINDS[proof.kind](proof, trail.trusted)
        trail.held("path")
    header = proof.decided.header if proof.decided else None
    return VerifiedFact(
        kind=proof.kind,
        height=header.height if header else 0,
        block=header.id if header else proof.ledger,
        time_ms=header.time if header else None,
        claim=claim,
        trusted=trail.trusted,
        learned=tuple(trail.learned),
        checks=tuple(trail.checks),
    )
