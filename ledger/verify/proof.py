"""The shape of a proof, read once; verification then works on values."""

from collections.abc import Set
from dataclasses import dataclass

from ledger.block import Header, parse_header
from ledger.certificate import Certificate, parse_certificate
from ledger.encoding import encode
from ledger.errors import JsonValue, MalformedError
from ledger.identity.records import ValidatorSet, parse_validators
from ledger.primitives import Digest, is_digest

PROOF_FORMAT = "tallystick-proof-1"
WRAPPED = 3
"""Levels that a proof or an export puts around a value at most: pass it to `encoding` to read them."""
PROOF_FILE_FORMAT = "tallystick-proof-file-1"
"""Proofs to be handed on, with what they are verified against."""
CONVICTION_FORMAT = "tallystick-conviction-1"
"""Which validators contradicted themselves, for anyone to verify."""
FILE_WRAPPED = WRAPPED + 2
"""Levels that a file puts around the values in its proofs."""
FRAME = frozenset({"format", "kind", "ledger", "path", "header", "certificate", "trust"})
CLAIMS: dict[str, frozenset[str]] = {
    "state": frozenset({"contract", "collection", "key", "value"}),
    "absence": frozenset({"contract", "collection", "key"}),
    "transaction": frozenset({"index", "size", "value"}),
    "receipt": frozenset({"index", "size", "value"}),
    "block": frozenset(),
    "consistency": frozenset({"first", "inclusion"}),
    "rows": frozenset({"contract", "collection", "rows"}),
    "history": frozenset({"contract", "collection", "key", "entries"}),
    "validators": frozenset({"validators"}),
}
"""What each kind of proof states beside the frame."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A header with the certificate that its validators made for it."""

    header: Header
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class TrustStep:
    """A decided block that names another validator set for the next height."""

    decided: Decided
    validators: ValidatorSet


@dataclass(frozen=True, slots=True)
class Proof:
    """A well-formed proof, not yet verified."""

    kind: str
    ledger: Digest
    claim: dict[str, JsonValue]
    path: JsonValue
    decided: Decided | None
    """None for the state at height 0, which follows from the genesis."""
    trust: tuple[TrustStep, ...]


@dataclass(frozen=True, slots=True)
class TrustedPoint:
    """What a verifier believes without further proof."""

    ledger: Digest
    suite: str
    initial_state_root: Digest
    height: int
    """Height of the last known validator change, 0 for the genesis: `validators` vote on the heights above it."""
    validators: ValidatorSet


def parse_proof(value: JsonValue) -> Proof:
    """Reads the JSON form; raises MalformedError."""
    if not isinstance(value, dict) or value.get("format") != PROOF_FORMAT:  # check: proof-format
        raise MalformedError("bad-proof", f"A proof is an object with format {PROOF_FORMAT}.")
    kind, ledger, trust = value.get("kind"), value.get("ledger"), value.get("trust")
    names = CLAIMS.get(kind) if isinstance(kind, str) else None
    if names is None:
        raise MalformedError("bad-proof", f"The kind of a proof is one of {sorted(CLAIMS)}.")
    if value.keys() != FRAME | names:
        raise MalformedError("bad-proof", f"A proof of kind {kind} has exactly {sorted(FRAME | names)}.")
    if not is_digest(ledger) or not isinstance(trust, list):
        raise MalformedError("bad-proof", "`ledger` is a digest and `trust` is a list.")
    at_genesis = value["header"] is None and value["certificate"] is None
    return Proof(
        kind=str(kind),
        ledger=Digest(str(ledger)),
        claim={name: value[name] for name in sorted(names)},
        path=value["path"],
        decided=None if at_genesis else _decided(value["header"], value["certificate"]),
        trust=tuple(map(_trust_step, trust)),
    )


def parse_hashes(value: JsonValue) -> tuple[bytes, ...]:
    """A list of digests as raw bytes; raises MalformedError `bad-proof`."""
    if not isinstance(value, list) or not all(is_digest(item) for item in value):
        raise MalformedError("bad-proof", "A path is a list of digests.")
    return tuple(bytes.fromhex(str(item)) for item in value)


def parse_list(value: JsonValue) -> list[JsonValue]:
    """Rows or entries of a claim; raises MalformedError `bad-proof`."""
    if not isinstance(value, list):
        raise MalformedError("bad-proof", "The rows or entries of a proof are a list.")
    return value


def parse_object(value: JsonValue, names: Set[str]) -> dict[str, JsonValue]:
    """A row or an entry with exactly these fields; raises MalformedError `bad-proof`."""
    if not isinstance(value, dict) or value.keys() != names:
        raise MalformedError("bad-proof", f"Expected an object with exactly {sorted(names)}.")
    return value


def header_of(value: JsonValue) -> Header:
    """A header given as a value."""
    return parse_header(encode(value))


def value_bytes(value: JsonValue) -> bytes:
    """Canonical bytes of a value that a proof carries."""
    return encode(value, wrapped=WRAPPED)


def _decided(header: JsonValue, certificate: JsonValue) -> Decided:
    return Decided(header_of(header), parse_certificate(certificate))


def _trust_step(value: JsonValue) -> TrustStep:
    if not isinstance(value, dict) or value.keys() != {"header", "certificate", "validators"}:
        raise MalformedError("bad-proof", "A step of trust has header, certificate and validators.")
    return TrustStep(_decided(value["header"], value["certificate"]), parse_validators(value["validators"]))
