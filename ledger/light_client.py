"""Verifies what a node answers, from the genesis alone: no node, no state and no contract code is needed.

Pure: bytes and values in, a verdict out. What a client believes is a `TrustedPoint`; a verified proof moves it on,
so that later proofs may omit the validator changes that were verified before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.certificate import Domain, verify_certificate
from ledger.chain.genesis import Genesis, parse_genesis
from ledger.chain.initial import initial_state_root
from ledger.chain.proof import Decided, Proof, header_of, parse_hashes, parse_proof, value_bytes
from ledger.encoding import digest
from ledger.errors import JsonValue, MalformedError, RefusedError, VerificationError
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES
from ledger.merkle import verify_consistency, verify_inclusion
from ledger.primitives import Digest
from ledger.state.map_proof import key_digest, parse_map_proof, verify_absent, verify_present
from ledger.state.memory_reader import MemoryReader
from ledger.state.overlay import state_key


@dataclass(frozen=True, slots=True)
class TrustedPoint:
    """What a verifier believes without further proof."""

    ledger: Digest
    suite: str
    initial_state_root: Digest
    height: int
    """Height of the last known validator change, 0 for the genesis: `validators` vote on the heights above it."""
    validators: ValidatorSet


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
    """What the proof states: contract, collection, key and value; or value, index and size; or the earlier header.

    That the value stands in the block is proved; index and size only give the path its shape, for a header does not count
    its leaves: another pair can fit the same path.
    """
    trusted: TrustedPoint
    """Believe this from now on."""
    checks: tuple[str, ...]
    """Names of the checks that held, in order."""


@dataclass(slots=True)
class _Trail:
    """Collects what held so far."""

    trusted: TrustedPoint
    checks: list[str] = field(default_factory=list)

    def held(self, name: str) -> None:
        self.checks.append(name)


def trust_genesis(genesis: Genesis) -> TrustedPoint:
    """The point from which everything begins."""
    root = initial_state_root(MemoryReader(), genesis)
    return TrustedPoint(genesis.ledger, genesis.suite, root, 0, genesis.validator_set)


def trust_genesis_bytes(data: bytes, ledger: Digest) -> TrustedPoint:
    """The same from bytes that anybody may have handed over; raises VerificationError unless they are this ledger's."""
    if digest("genesis", data) != ledger:  # check: trusted-genesis
        raise VerificationError("wrong-ledger", f"These bytes are not the genesis of ledger {ledger}.")
    return trust_genesis(parse_genesis(data))


def verify_proof(value: JsonValue, trusted: TrustedPoint | Genesis) -> VerifiedFact:
    """The fact that a proof shows; raises VerificationError with the first broken rule, MalformedError for another shape."""
    proof = parse_proof(value)
    trail = _Trail(trust_genesis(trusted) if isinstance(trusted, Genesis) else trusted)
    # 1. It speaks of the trusted ledger.
    if proof.ledger != trail.trusted.ledger:  # check: proof-ledger
        raise VerificationError("wrong-ledger", f"The proof is of ledger {proof.ledger}, not {trail.trusted.ledger}.")
    trail.held("ledger")
    # 2. Each validator change since the trusted point was decided by the validators before it.
    _follow_trust(proof, trail)
    # 3. The header was decided by the validators of its height.
    if proof.decided is not None:
        _verify_decided(proof.decided, trail)
    # 4. The value's path leads into that header.
    PATHS[proof.kind](proof, trail)
    trail.held("path")
    header = proof.decided.header if proof.decided else None
    return VerifiedFact(
        kind=proof.kind,
        height=header.height if header else 0,
        block=header.id if header else proof.ledger,
        time_ms=header.time if header else None,
        claim=proof.claim,
        trusted=trail.trusted,
        checks=tuple(trail.checks),
    )


def _follow_trust(proof: Proof, trail: _Trail) -> None:
    for step in proof.trust:
        header = step.decided.header
        if header.height <= trail.trusted.height:
            continue  # Verified before: the client holds a later point already.
        _verify_decided(step.decided, trail)
        if header.next_validators != step.validators.digest:  # check: trust-next-validators
            raise VerificationError("wrong-next-validators", f"Block {header.height} names another set for the next height.")
        old = trail.trusted
        trail.trusted = TrustedPoint(old.ledger, old.suite, old.initial_state_root, header.height, step.validators)
        trail.held(f"validators-after-{header.height}")


def _verify_decided(decided: Decided, trail: _Trail) -> None:
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


def _verify_state(proof: Proof, trail: _Trail) -> None:
    key, root, value = key_digest(_state_key(proof)), _state_root(proof, trail), value_bytes(proof.claim["value"])
    verify_present(root, key, value, parse_map_proof(proof.path))  # check: light-present


def _verify_absence(proof: Proof, trail: _Trail) -> None:
    key, root = key_digest(_state_key(proof)), _state_root(proof, trail)
    verify_absent(root, key, parse_map_proof(proof.path))  # check: light-absent


def _verify_transaction(proof: Proof, _: _Trail) -> None:
    _verify_leaf(proof, _header(proof).header.transactions_root)


def _verify_receipt(proof: Proof, _: _Trail) -> None:
    _verify_leaf(proof, _header(proof).header.receipts_root)


def _verify_leaf(proof: Proof, root: Digest) -> None:
    index, size = proof.claim["index"], proof.claim["size"]
    if type(index) is not int or type(size) is not int:
        raise MalformedError("bad-proof", "Index and size are integers.")
    leaf, path = value_bytes(proof.claim["value"]), parse_hashes(proof.path)
    verify_inclusion(leaf, index, size, path, bytes.fromhex(root))  # check: light-inclusion


def _verify_block(proof: Proof, _: _Trail) -> None:
    _header(proof)
    if proof.path != []:
        raise MalformedError("bad-proof", "The header is the claim itself: its path is empty.")


def _verify_consistency(proof: Proof, _: _Trail) -> None:
    """The earlier block and all blocks before it are those of the later block's history."""
    first, second = header_of(proof.claim["first"]), _header(proof).header
    inclusion, path = parse_hashes(proof.claim["inclusion"]), parse_hashes(proof.path)
    if first.height > second.height or (first.height == second.height and first.id != second.id):  # check: consistency-heights
        raise VerificationError("wrong-consistency", f"Block {first.height} is not in the history of block {second.height}.")
    leaf, old, new = (bytes.fromhex(digest) for digest in (first.id, first.history_root, second.history_root))
    if first.height < second.height:
        verify_inclusion(leaf, first.height, second.height, inclusion, new)  # check: light-earlier-block
    verify_consistency(first.height, second.height, old, new, path)  # check: light-consistency


def _state_root(proof: Proof, trail: _Trail) -> bytes:
    return bytes.fromhex(proof.decided.header.state_root if proof.decided else trail.trusted.initial_state_root)


def _state_key(proof: Proof) -> bytes:
    names = [proof.claim[name] for name in ("contract", "collection", "key")]
    if not all(isinstance(name, str) and "\x00" not in name for name in names):
        raise MalformedError("bad-proof", "Contract, collection and key are strings without NUL.")
    try:
        return state_key(*map(str, names))
    except RefusedError as error:
        raise MalformedError("bad-proof", error.message) from error


def _header(proof: Proof) -> Decided:
    if proof.decided is None:  # check: proof-needs-header
        raise VerificationError("no-header", f"A proof of kind {proof.kind} leads to the header of a block.")
    return proof.decided


PATHS: dict[str, Callable[[Proof, _Trail], None]] = {
    "state": _verify_state,
    "absence": _verify_absence,
    "transaction": _verify_transaction,
    "receipt": _verify_receipt,
    "block": _verify_block,
    "consistency": _verify_consistency,
}
"""How each kind leads from its value to the header."""
