"""A conviction file: pairs of statements that contradict each other, and the proof of which keys signed them.

    {"format": "tallystick-conviction-1", "ledger": …, "genesis": … or null, "height": …, "validators": PROOF,
     "evidence": [[STATEMENT, STATEMENT], …], "convicted": [MEMBER, …]}

One line of canonical JSON. The proof is of kind `validators`, for the height at which the statements were made.
"""

from dataclasses import dataclass
from functools import partial

from ledger.certificate import Evidence, Statement, conflict, parse_statement, verify_evidence
from ledger.encoding import decode_object
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.identity.records import ValidatorSet, parse_validators
from ledger.keys import SUITES
from ledger.primitives import Digest, is_digest
from ledger.verify.proof import CONVICTION_FORMAT, FILE_WRAPPED, TrustedPoint
from ledger.verify.trust import verify_proof
from ledger.verify.verdict import Checklist, Pinned, ProvedFacts, Verdict

FIELDS = {"format", "ledger", "genesis", "height", "validators", "evidence", "convicted"}
RULES = {
    "file": "The file is one value in canonical form, with exactly the fields of its format.",
    "ledger": "It speaks of the ledger that was asked for.",
    "genesis": "The genesis is that ledger's.",
    "validators": "These were the validators of that height.",
    "conflict": "No honest key signs both statements of a pair; each key is accused once.",
    "signatures": "The accused key signed both.",
    "convicted": "The members named are those whose keys signed.",
    "block": "One of the statements names the block that was asked for.",
}
"""Name and sentence of each rule; its number is its place, from 1."""
Pair = tuple[Statement, Statement]


@dataclass(frozen=True, slots=True)
class ConvictionFile:
    """A well-formed conviction, not yet verified."""

    ledger: Digest
    genesis: JsonValue
    height: int
    validators: JsonValue
    evidence: tuple[Pair, ...]
    convicted: JsonValue


def parse_conviction_file(data: bytes) -> ConvictionFile:
    """Reads a file; raises MalformedError."""
    fields = decode_object(data.removesuffix(b"\n"), wrapped=FILE_WRAPPED)
    if fields.keys() != FIELDS or fields["format"] != CONVICTION_FORMAT:  # check: conviction-fields
        raise MalformedError("bad-conviction", f"A file of format {CONVICTION_FORMAT} has exactly {sorted(FIELDS)}.")
    ledger, height, evidence = fields["ledger"], fields["height"], fields["evidence"]
    if type(height) is not int:  # check: conviction-height-type
        raise MalformedError("bad-conviction", "The height is an integer.")
    if not is_digest(ledger) or not isinstance(evidence, list) or not evidence:  # check: conviction-empty
        raise MalformedError("bad-conviction", "The ledger is a digest; evidence is a list of one or more pairs of statements.")
    pairs = tuple(map(_parse_pair, evidence))
    return ConvictionFile(Digest(str(ledger)), fields["genesis"], height, fields["validators"], pairs, fields["convicted"])


def verify_conviction_file(data: bytes, pinned: Pinned) -> Verdict:
    """The verdict on a conviction; raises OperatorError `no-genesis`."""
    return Checklist(CONVICTION_FORMAT, RULES).judge(partial(_verify, data, pinned))


def _verify(data: bytes, pinned: Pinned, checklist: Checklist) -> ProvedFacts:
    # 1. The file has its shape.
    with checklist.rule("file"):
        file = parse_conviction_file(data)
    # 2., 3. It is of the ledger that was asked for, and so is the genesis.
    trusted = checklist.verify_ledger(file.ledger, file.genesis, pinned)
    # 4. to 8. The accused were validators, and contradicted themselves.
    with checklist.rule("validators"):
        validators = _validators_at(file, trusted)
    before = -1
    for number, (first, second) in enumerate(file.evidence, 1):
        checklist.at(f"pair {number}")
        with checklist.rule("conflict"):
            _verify_pair(first, second, file.height, before)
            before = first.signer
        with checklist.rule("signatures"):
            evidence = Evidence(first.height, validators.digest, first, second)
            verify_evidence(file.ledger, validators, evidence, SUITES[trusted.suite])  # check: conviction-signatures
    checklist.at("the file")
    with checklist.rule("convicted"):
        members = [validators.validators[first.signer].member for first, _ in file.evidence]
        if file.convicted != members:  # check: conviction-members
            raise VerificationError("wrong-convicted", f"The statements are signed by {', '.join(members)}.")
    if pinned.block is not None:
        with checklist.rule("block"):
            if all(pinned.block not in (one.block, other.block) for one, other in file.evidence):  # check: conviction-block
                raise VerificationError("wrong-block", f"No statement names block {pinned.block}.")
    return ({"kind": "conviction", "height": file.height, "convicted": file.convicted},)


def _validators_at(file: ConvictionFile, trusted: TrustedPoint) -> ValidatorSet:
    """The validators of the file's height, as its proof shows them."""
    fact = verify_proof(file.validators, trusted)
    if fact.kind != "validators" or fact.claim["height"] != file.height:  # check: conviction-height
        raise VerificationError("wrong-validators", f"The proof does not name the validators of height {file.height}.")
    return parse_validators(fact.claim["validators"])


def _verify_pair(first: Statement, second: Statement, height: int, before: int) -> None:
    """Raises VerificationError `no-conflict` unless the pair accuses a key of this height that no earlier pair accuses."""
    if first.height != height or first.signer <= before:  # check: conviction-order
        raise VerificationError("no-conflict", f"Pairs are of height {height}, their signers rise.")
    if not conflict(first, second):  # check: conviction-conflict
        raise VerificationError("no-conflict", "An honest key may sign both statements.")
    if (first.kind, first.block) >= (second.kind, second.block):  # check: conviction-pair-order
        raise VerificationError("no-conflict", "A pair stands in order of kind and block.")


def _parse_pair(value: JsonValue) -> Pair:
    if not isinstance(value, list) or len(value) != 2:
        raise MalformedError("bad-conviction", "Evidence is a pair of statements.")
    return parse_statement(value[0]), parse_statement(value[1])
