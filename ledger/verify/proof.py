"""The shape of a proof, and how the value of each kind leads to the header: `KINDS`, at the end of the file.

A proof is read once; verification then works on values, and returns what is proved.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass

from ledger.block import Header, parse_writes
from ledger.certificate import Certificate, parse_certificate
from ledger.encoding import decode, digest, encode
from ledger.errors import JsonValue, MalformedError, RefusedError, VerificationError
from ledger.identity.records import ValidatorSet, parse_validators
from ledger.merkle import verify_consistency, verify_inclusion
from ledger.primitives import Digest, is_digest
from ledger.proof_paths import (
    WRAPPED,
    RecordName,
    header_of,
    parse_hashes,
    value_bytes,
    verify_earlier,
    verify_no_value,
    verify_value,
)
from ledger.state.map_proof import state_key

PROOF_FORMAT = "tallystick-proof-1"
PROOF_FILE_FORMAT = "tallystick-proof-file-1"
"""Proofs to be handed on, with what they are verified against."""
CONVICTION_FORMAT = "tallystick-conviction-1"
"""Which validators contradicted themselves, for anyone to verify."""
FILE_WRAPPED = WRAPPED + 2
"""Levels that a file puts around the values in its proofs."""
FRAME = frozenset({"format", "kind", "ledger", "path", "header", "certificate", "trust"})
ROW = {"key", "value", "path"}
OF_BLOCK = {"header", "inclusion", "index", "size", "path", "receipt", "writes"}
OF_GENESIS = {"value", "path"}
Claim = dict[str, JsonValue]


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
    if not isinstance(kind, str) or kind not in KINDS:
        raise MalformedError("bad-proof", f"The kind of a proof is one of {sorted(KINDS)}.")
    names = KINDS[kind].claim
    if value.keys() != FRAME | names:
        raise MalformedError("bad-proof", f"A proof of kind {kind} has exactly {sorted(FRAME | names)}.")
    if not is_digest(ledger) or not isinstance(trust, list):
        raise MalformedError("bad-proof", "`ledger` is a digest and `trust` is a list.")
    at_genesis = value["header"] is None and value["certificate"] is None
    return Proof(
        kind=kind,
        ledger=Digest(str(ledger)),
        claim={name: value[name] for name in sorted(names)},
        path=value["path"],
        decided=None if at_genesis else _decided(value["header"], value["certificate"]),
        trust=tuple(map(_trust_step, trust)),
    )


def _decided(header: JsonValue, certificate: JsonValue) -> Decided:
    return Decided(header_of(header), parse_certificate(certificate))


def _trust_step(value: JsonValue) -> TrustStep:
    if not isinstance(value, dict) or value.keys() != {"header", "certificate", "validators"}:
        raise MalformedError("bad-proof", "A step of trust has header, certificate and validators.")
    return TrustStep(_decided(value["header"], value["certificate"]), parse_validators(value["validators"]))


def verify_path(proof: Proof, trusted: TrustedPoint) -> Claim:
    """What is proved; raises VerificationError or MalformedError unless the proof's value leads to its header."""
    kind = KINDS[proof.kind]
    if proof.path != [] and not kind.has_path:  # check: proof-no-path
        raise MalformedError("bad-proof", f"The path of a proof of kind {proof.kind} is empty.")
    return kind.verify(proof, trusted)


def verify_state(proof: Proof, trusted: TrustedPoint) -> Claim:
    """The key has the value in the state after the header."""
    verify_value(state_root(proof, trusted), name_of(proof, proof.claim["key"]), proof.claim["value"], proof.path)
    return proof.claim


def verify_absence(proof: Proof, trusted: TrustedPoint) -> Claim:
    """The key has no value in the state after the header."""
    verify_no_value(state_root(proof, trusted), name_of(proof, proof.claim["key"]), proof.path)
    return proof.claim


def verify_rows(proof: Proof, trusted: TrustedPoint) -> Claim:
    """Each key has its value in the state after the header; of other keys nothing is said."""
    root, rows = state_root(proof, trusted), list[JsonValue]()
    name_of(proof, "any")
    before = ""
    for item in parse_list(proof.claim["rows"]):
        row = parse_object(item, ROW)
        name = name_of(proof, row["key"])
        if name[2] <= before:  # check: rows-order
            raise VerificationError("wrong-rows", "The keys of a page rise, each once.")
        verify_value(root, name, row["value"], row["path"])
        rows.append({"key": name[2], "value": row["value"]})
        before = name[2]
    return {**proof.claim, "rows": rows}


def verify_part(proof: Proof, _: TrustedPoint) -> Claim:
    """The block holds the envelope, or its execution gave the receipt."""
    header = header_of_proof(proof)
    root = header.transactions_root if proof.kind == "transaction" else header.receipts_root
    verify_leaf(proof.claim, proof.path, proof.claim["value"], root)
    return proof.claim


def verify_block(proof: Proof, _: TrustedPoint) -> Claim:
    """The header was decided."""
    header_of_proof(proof)
    return proof.claim


def verify_one_history(proof: Proof, _: TrustedPoint) -> Claim:
    """The earlier block and all blocks before it are those of the later block's history."""
    first, second = header_of(proof.claim["first"]), header_of_proof(proof)
    verify_earlier(first, proof.claim["inclusion"], second, "wrong-consistency")
    old, new = (bytes.fromhex(header.history_root) for header in (first, second))
    verify_consistency(first.height, second.height, old, new, parse_hashes(proof.path))  # check: light-consistency
    return proof.claim


def verify_voters(proof: Proof, trusted: TrustedPoint) -> Claim:
    """The header names these validators for the next height; those of height 1 stand in the genesis."""
    validators, height = parse_validators(proof.claim["validators"]), 1
    if proof.decided is not None:
        header = proof.decided.header
        height = header.height + 1
        if validators.digest != header.next_validators:  # check: light-next-validators
            raise VerificationError("wrong-next-validators", f"Block {header.height} names another set for the next height.")
    elif trusted.height > 0:  # check: first-validators-trust
        raise VerificationError("older-than-trust", "The validators of height 1 are verified from the genesis.")
    elif validators != trusted.validators:  # check: light-first-validators
        raise VerificationError("wrong-validators", "The genesis names other validators for height 1.")
    return {**proof.claim, "height": height}


def verify_history(proof: Proof, trusted: TrustedPoint) -> Claim:
    """Who wrote each value that a key has held, each in a block of one chain: heights and values, newest first.

    Proved is that a transaction of each block wrote the value. Not proved is that no other write lies between two of them,
    nor that no later transaction of the same block wrote the key again: a header commits to what was done, by transaction.
    The first and last values of a complete list can be compared with proofs of the state.
    """
    name, entries = name_of(proof, proof.claim["key"]), list[JsonValue]()
    before: int | None = None
    for entry in parse_list(proof.claim["entries"]):
        height, value = _verify_entry(entry, name, proof, trusted)
        if before is not None and height >= before:  # check: history-order
            raise VerificationError("wrong-history", "The entries of a history fall by height, each once.")
        entries.append({"height": height, "value": value})
        before = height
    return {**proof.claim, "entries": entries}


def _verify_entry(entry: JsonValue, name: RecordName, proof: Proof, trusted: TrustedPoint) -> tuple[int, JsonValue]:
    """Height and value of a write of the key."""
    if isinstance(entry, dict) and entry.keys() == OF_GENESIS:
        verify_value(bytes.fromhex(trusted.initial_state_root), name, entry["value"], entry["path"])
        return 0, entry["value"]
    fields = parse_object(entry, OF_BLOCK)
    # 1. The block is the head or one of its history.
    header = header_of(fields["header"])
    verify_earlier(header, fields["inclusion"], header_of_proof(proof), "wrong-history")
    # 2. The receipt is one of that block.
    verify_leaf(fields, fields["path"], fields["receipt"], header.receipts_root)
    # 3. It names exactly these writes.
    receipt, writes = fields["receipt"], encode(fields["writes"])
    if not isinstance(receipt, dict) or receipt.get("writes") != digest("writes", writes):  # check: history-writes
        raise VerificationError("wrong-history", f"The receipt in block {header.height} does not name these writes.")
    # 4. The last of them under the key is the value.
    values = [w.value for w in parse_writes(fields["writes"]) if (w.contract, w.collection, w.key) == name]
    if not values:  # check: history-key
        raise VerificationError("wrong-history", f"The writes in block {header.height} do not touch {name[2]!r:.80}.")
    return header.height, None if values[-1] is None else decode(values[-1])


def verify_leaf(place: Claim, path: JsonValue, value: JsonValue, root: Digest) -> None:
    """Raises VerificationError unless the value is a leaf under the root; index and size stand in `place`."""
    index, size = place["index"], place["size"]
    if type(index) is not int or type(size) is not int:
        raise MalformedError("bad-proof", "Index and size are integers.")
    leaf = value_bytes(value)
    verify_inclusion(leaf, index, size, parse_hashes(path), bytes.fromhex(root))  # check: light-inclusion


def state_root(proof: Proof, trusted: TrustedPoint) -> bytes:
    """Root of the state that the proof speaks of."""
    return bytes.fromhex(proof.decided.header.state_root if proof.decided else trusted.initial_state_root)


def name_of(proof: Proof, key: JsonValue) -> RecordName:
    """Contract, collection and key; raises MalformedError unless they make a state key."""
    names = [proof.claim["contract"], proof.claim["collection"], key]
    if not all(isinstance(name, str) and "\x00" not in name for name in names):
        raise MalformedError("bad-proof", "Contract, collection and key are strings without NUL.")
    encode([*names])
    contract, collection, last = map(str, names)
    try:
        state_key(contract, collection, last)
    except RefusedError as error:
        raise MalformedError("bad-proof", error.message) from error
    return contract, collection, last


def header_of_proof(proof: Proof) -> Header:
    """The decided header that the proof leads to."""
    if proof.decided is None:  # check: proof-needs-header
        raise VerificationError("no-header", f"A proof of kind {proof.kind} leads to the header of a block.")
    return proof.decided.header


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


@dataclass(frozen=True, slots=True)
class ProofKind:
    """How a kind leads from its value to the header."""

    claim: Set[str]
    """Members beside the frame."""
    verify: Callable[[Proof, TrustedPoint], Claim]
    has_path: bool = True
    """Whether the frame's path is used: other kinds have paths in the claim, or need none."""


KINDS = {
    "state": ProofKind({"contract", "collection", "key", "value"}, verify_state),
    "absence": ProofKind({"contract", "collection", "key"}, verify_absence),
    "rows": ProofKind({"contract", "collection", "rows"}, verify_rows, has_path=False),
    "transaction": ProofKind({"index", "size", "value"}, verify_part),
    "receipt": ProofKind({"index", "size", "value"}, verify_part),
    "block": ProofKind(frozenset(), verify_block, has_path=False),
    "consistency": ProofKind({"first", "inclusion"}, verify_one_history),
    "validators": ProofKind({"validators"}, verify_voters, has_path=False),
    "history": ProofKind({"contract", "collection", "key", "entries"}, verify_history, has_path=False),
}
