"""A file of proofs: a reader of a node hands them on, and the receiver verifies them.

    {"format": "tallystick-proof-file-1", "ledger": …, "genesis": … or null, "proofs": [PROOF, …], "disclosures": [DISCLOSURE, …]}

One line of canonical JSON. A disclosure in it shows fields of a sealed value whose digest one of the proofs shows to
stand in the state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ledger.disclosure import DISCLOSURE_FORMAT, Disclosure, parse_disclosure, verify_disclosure
from ledger.encoding import decode, decode_object, encode
from ledger.errors import JsonValue, MalformedError, OperatorError, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import Digest, is_digest
from ledger.sealed import Sealed, sealed_in
from ledger.verify.proof import FILE_WRAPPED, PROOF_FILE_FORMAT, PROOF_FORMAT, parse_proof
from ledger.verify.trust import VerifiedFact, verify_parsed
from ledger.verify.verdict import Checklist, Pinned, ProvedFacts, Verdict

FIELDS = {"format", "ledger", "genesis", "proofs", "disclosures"}
RULES = {
    "file": "The file is one value in canonical form, with exactly the fields of its format.",
    "ledger": "It speaks of one ledger, and of the one that was asked for.",
    "genesis": "The genesis is that ledger's.",
    "proof": "Each proof has the shape of its kind.",
    "trust": "Each change of validators was decided by the validators before it.",
    "certificate": "The header was decided by a quorum of the validators of its height.",
    "path": "What is claimed leads by its hashes into that header.",
    "disclosure": "Each field that is shown belongs to a sealed digest that a proof shows in the state.",
    "block": "Each proof leads to the block that was asked for.",
}
"""Name and sentence of each rule; its number is its place, from 1."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A well-formed file, not yet verified."""

    ledger: Digest
    genesis: JsonValue
    proofs: tuple[JsonValue, ...]
    disclosures: tuple[Disclosure, ...]


def encode_proof_file(proofs: Sequence[JsonValue], genesis: Genesis, disclosures: Sequence[JsonValue] = ()) -> bytes:
    """The file of these proofs of one ledger, with its genesis."""
    file: JsonValue = {
        "format": PROOF_FILE_FORMAT,
        "ledger": genesis.ledger,
        "genesis": genesis.model_dump(mode="json"),
        "proofs": [*proofs],
        "disclosures": [*disclosures],
    }
    return encode(file, wrapped=FILE_WRAPPED) + b"\n"


def parse_proof_file(data: bytes) -> ProofFile:
    """Reads a file of proofs, or a single proof; raises MalformedError."""
    fields = decode_object(data.removesuffix(b"\n"), wrapped=FILE_WRAPPED)
    if fields.get("format") == PROOF_FORMAT:
        as_file: dict[str, JsonValue] = {"genesis": None, "proofs": [fields], "disclosures": []}
        fields = {"format": PROOF_FILE_FORMAT, "ledger": fields.get("ledger"), **as_file}
    if fields.keys() != FIELDS or fields["format"] != PROOF_FILE_FORMAT:  # check: proof-file-fields
        raise MalformedError("bad-file", f"A file of format {PROOF_FILE_FORMAT} has exactly {sorted(FIELDS)}.")
    ledger, proofs, disclosures = fields["ledger"], fields["proofs"], fields["disclosures"]
    if not is_digest(ledger) or not isinstance(proofs, list) or not isinstance(disclosures, list):
        raise MalformedError("bad-file", "The ledger is a digest; proofs and disclosures are lists.")
    if not proofs:  # check: proof-file-empty
        raise MalformedError("bad-file", "The file holds no proof.")
    return ProofFile(Digest(str(ledger)), fields["genesis"], tuple(proofs), tuple(map(parse_disclosure, disclosures)))


def verify_proof_file(data: bytes, pinned: Pinned) -> Verdict:
    """The verdict on a file of proofs, or on a single proof; raises OperatorError `no-genesis`."""
    return Checklist(PROOF_FILE_FORMAT, RULES).judge(partial(_verify, data, pinned))


def _verify(data: bytes, pinned: Pinned, checklist: Checklist) -> ProvedFacts:
    # 1. The file has its shape.
    with checklist.rule("file"):
        file = parse_proof_file(data)
    # 2., 3. It is of the ledger that was asked for, and so is the genesis.
    trusted = checklist.verify_ledger(file.ledger, file.genesis, pinned)
    # 4. to 7. Each proof holds.
    facts = []
    for number, value in enumerate(file.proofs, 1):
        checklist.at(f"proof {number}")
        with checklist.rule("proof"):
            proof = parse_proof(value)
        facts.append(verify_parsed(proof, trusted, checklist.rule))
    # 8. What is disclosed belongs to what was proved.
    sealed = {digest for fact in facts for value in _values(fact) for digest in sealed_in(value)}
    shown = []
    for number, disclosure in enumerate(file.disclosures, 1):
        checklist.at(f"disclosure {number}")
        with checklist.rule("disclosure"):
            verify_disclosure(Sealed(disclosure.sealed), disclosure)  # check: file-disclosure
            if disclosure.sealed not in sealed:  # check: disclosure-bound
                raise VerificationError("unbound-disclosure", f"No proof in the file shows {disclosure.sealed} in the state.")
        shown.append(disclosed_json(disclosure))
    # 9. All leads to the block that was asked for.
    for number, fact in enumerate(facts if pinned.block else (), 1):
        checklist.at(f"proof {number}")
        with checklist.rule("block"):
            if fact.block != pinned.block:  # check: proof-file-block
                raise VerificationError("wrong-block", f"The proof leads to block {fact.block}, not to {pinned.block}.")
    return (*(fact.to_json() for fact in facts), *shown)


def disclosed_json(disclosure: Disclosure) -> dict[str, JsonValue]:
    """What a disclosure shows, as a fact."""
    return {"kind": "disclosure", "sealed": disclosure.sealed, "values": disclosure.values}


def _values(fact: VerifiedFact) -> list[JsonValue]:
    """Values that stand in the state by this fact."""
    if fact.kind == "rows":
        rows = fact.claim["rows"]
        return [row["value"] for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [fact.claim["value"]] if fact.kind == "state" else []


DISCLOSURE_RULES = {
    "file": "The file is one value in canonical form, with exactly the fields of its format.",
    "disclosure": "Each field that is shown belongs to the sealed digest.",
}
"""Name and sentence of each rule; its number is its place, from 1."""


def verify_disclosure_file(data: bytes, pinned: Pinned) -> Verdict:
    """The verdict on a file that is a single disclosure; raises OperatorError `wrong-use` if a ledger is pinned.

    It shows that the fields belong to the sealed digest, not that the digest is on a ledger.
    """
    if pinned != Pinned():  # check: disclosure-alone
        sentence = "A disclosure by itself is of no ledger: put it beside the proof of its record (query --proof --disclosure)."
        raise OperatorError("wrong-use", sentence)
    return Checklist(DISCLOSURE_FORMAT, DISCLOSURE_RULES).judge(partial(_verify_disclosure, data))


def _verify_disclosure(data: bytes, checklist: Checklist) -> ProvedFacts:
    with checklist.rule("file"):
        disclosure = parse_disclosure(decode(data.removesuffix(b"\n"), wrapped=2))
    with checklist.rule("disclosure"):
        verify_disclosure(Sealed(disclosure.sealed), disclosure)  # check: disclosure-file
    return (disclosed_json(disclosure),)
