"""A crossing: a transaction of one ledger relied on what another one held. Anybody verifies it from both geneses, without a node.

    {"format": "tallystick-crossing-1", "geneses": [FROM, TO], "name": …, "argument": …, "place": [CONTRACT, COLLECTION, KEY],
     "proofs": {"header": PROOF of FROM, "transaction": PROOF, "receipt": PROOF, "admission": PROOF, "known": PROOF of TO}}

One line of canonical JSON. The proofs are those of any node; what ties them together is judged here. FROM's validators decided a
header, and TO's contract `foreign` had it when the transaction came; the proof in one of the transaction's arguments leads to it.

Not shown is which record the contract asked for: that stands in its code, whose digest governance approved. A path to a record
fits no other place, but one that shows absence may fit several keys.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from ledger.block import Header
from ledger.codec import first_fault
from ledger.contract.records import CROSSING, CrossingProof
from ledger.encoding import decode_object, encode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.genesis import Genesis, parse_genesis
from ledger.identity.records import FOREIGN, GOVERNANCE, HEADS, LEDGERS
from ledger.primitives import Digest
from ledger.proof_paths import header_of, value_bytes, verify_earlier, verify_no_value, verify_value
from ledger.transaction import Transaction, parse_transaction
from ledger.verify.proof import FILE_WRAPPED, Proof, header_of_proof, parse_proof
from ledger.verify.trust import VerifiedFact, trust_genesis, verify_parsed
from ledger.verify.verdict import Checklist, ProvedFacts, Verdict

CROSSING_FORMAT = "tallystick-crossing-1"
FIELDS = {"format", "geneses", "name", "argument", "place", "proofs"}
KINDS = {
    "header": "block",
    "transaction": "transaction",
    "receipt": "receipt",
    "admission": "history",
    "known": "history",
}
"""The kind of each proof."""
RULES = {
    "file": "The file is one value in canonical form, with exactly the fields of its format.",
    "genesis": "Each of the two geneses is one.",
    "ledger": "It speaks of two ledgers, those that were asked for; each proof is of the one that it is said to be of.",
    "proof": "Each proof has the shape of its kind.",
    "trust": "Each change of validators was decided by the validators before it.",
    "certificate": "Each header was decided by a quorum of the validators of its height.",
    "path": "What is claimed leads by its hashes into that header.",
    "transaction": "Envelope and receipt are of one transaction, which was committed.",
    "admission": "By then its ledger had admitted the other one under this name, by the digest of its genesis.",
    "known": "By then its ledger had that header of the other one.",
    "crossing": "The argument's proof leads from the place that may cross, or from its absence, to that header.",
    "block": "The transaction is in the block that was asked for.",
}
"""Name and sentence of each rule; its number is its place, from 1."""


@dataclass(frozen=True, slots=True)
class CrossingFile:
    """A well-formed file, not yet verified."""

    geneses: tuple[JsonValue, JsonValue]
    """Of the ledger that was relied on, and of the one that relied on it."""
    name: str
    """What the second calls the first."""
    argument: str
    place: tuple[str, str, str]
    proofs: Mapping[str, JsonValue]


def encode_crossing_file(source: Genesis, target: Genesis, crossing: Mapping[str, JsonValue]) -> bytes:
    """The file, from both geneses and its other fields."""
    geneses: JsonValue = [source.model_dump(mode="json"), target.model_dump(mode="json")]
    return encode({"format": CROSSING_FORMAT, "geneses": geneses, **crossing}, wrapped=FILE_WRAPPED) + b"\n"


def verify_crossing_file(data: bytes, ledgers: Collection[Digest] = (), block: Digest | None = None) -> Verdict:
    """The verdict on a file that must be of these ledgers, if any are known, and about this block."""
    return Checklist(CROSSING_FORMAT, RULES).judge(partial(_verify, data, ledgers, block))


def crossing_arguments(transaction: Transaction) -> Iterator[str]:
    """Names of the arguments that have the form of a proof of another ledger."""
    for name, value in transaction.arguments.items():
        if isinstance(value, dict) and {"value", "path"} <= value.keys() <= CrossingProof.model_fields.keys():
            yield name


def _verify(data: bytes, ledgers: Collection[Digest], block: Digest | None, checklist: Checklist) -> ProvedFacts:
    # 1. The file has its shape.
    with checklist.rule("file"):
        file = _parse(data)
    # 2., 3. It is of the two ledgers that were asked for.
    with checklist.rule("genesis"):
        source, target = (trust_genesis(parse_genesis(encode(genesis))) for genesis in file.geneses)
    checklist.ledger = target.ledger
    with checklist.rule("ledger"):
        for asked in ledgers:
            if asked not in (source.ledger, target.ledger):  # check: crossing-ledger
                raise VerificationError("wrong-ledger", f"This is of ledgers {source.ledger} and {target.ledger}, not {asked}.")
    # 4. to 7. Each proof holds.
    proofs, facts = dict[str, Proof](), dict[str, VerifiedFact]()
    for name, kind in KINDS.items():
        checklist.at(f"proof `{name}`")
        with checklist.rule("proof"):
            proofs[name] = proof = parse_proof(file.proofs[name])
            if proof.kind != kind:  # check: crossing-kind
                raise MalformedError("bad-file", f"This proof is of kind {kind}, got {proof.kind}.")
        facts[name] = verify_parsed(proof, source if name == "header" else target, checklist.rule)
    checklist.at("the crossing")
    # 8. The transaction was committed.
    sent = facts["transaction"]
    with checklist.rule("transaction"):
        transaction = _committed(sent, facts["receipt"])
    # 9. Under this name stood the ledger that the first genesis begins.
    with checklist.rule("admission"):
        admitted = _admitted(facts["admission"], file.name, source.ledger, sent.height)
    # 10. The header was known there.
    known = header_of_proof(proofs["header"])
    with checklist.rule("known"):
        _verify_known(facts["known"], f"{file.name}:{admitted}", known, sent.height)
    # 11. The argument leads to it.
    with checklist.rule("crossing"):
        value, header = _crossed(file, transaction, known)
    # 12. It is the block that was asked for.
    if block is not None:
        with checklist.rule("block"):
            if sent.block != block:  # check: crossing-block
                raise VerificationError("wrong-block", f"The transaction is in block {sent.block}, not in {block}.")
    return (_fact(file, transaction, sent, source.ledger, value, header, known),)


def _parse(data: bytes) -> CrossingFile:
    fields: Any = decode_object(data.removesuffix(b"\n"), wrapped=FILE_WRAPPED)
    if fields.keys() != FIELDS or fields["format"] != CROSSING_FORMAT:  # check: crossing-fields
        raise MalformedError("bad-file", f"A file of format {CROSSING_FORMAT} has exactly {sorted(FIELDS)}.")
    geneses, place, proofs = fields["geneses"], fields["place"], fields["proofs"]
    if not (isinstance(geneses, list) and len(geneses) == 2 and isinstance(proofs, dict) and proofs.keys() == KINDS.keys()):
        raise MalformedError("bad-file", f"There are two geneses, and the proofs {', '.join(KINDS)}.")
    texts = [fields["name"], fields["argument"], *(place if isinstance(place, list) else ())]
    if len(texts) != 5 or not all(isinstance(text, str) and "\x00" not in text for text in texts):
        raise MalformedError("bad-file", "Name and argument are texts, and the place is contract, collection and key.")
    name, argument, *rest = texts
    return CrossingFile((geneses[0], geneses[1]), name, argument, (rest[0], rest[1], rest[2]), proofs)


def _committed(sent: VerifiedFact, receipt: VerifiedFact) -> Transaction:
    transaction = parse_transaction(value_bytes(sent.claim["value"]))
    result = receipt.claim["value"]
    told = (result.get("transaction"), result.get("outcome")) if isinstance(result, dict) else None
    if sent.block != receipt.block or told != (transaction.id, "committed"):  # check: crossing-committed
        raise VerificationError("wrong-claim", f"The receipt does not say that transaction {transaction.id} was committed.")
    return transaction


def _admitted(fact: VerifiedFact, name: str, ledger: Digest, height: int) -> JsonValue:
    """The height of the admission, under which what is known of the ledger is kept."""
    admissions = _held(fact, (GOVERNANCE, LEDGERS, name), height)
    found = next((value for value in admissions if value.get("ledger") == ledger), None)
    if found is None:  # check: crossing-admitted
        raise VerificationError("wrong-claim", f"No proof shows that {name} meant ledger {ledger} at block {height}.")
    return found.get("admitted_height")


def _verify_known(fact: VerifiedFact, key: str, known: Header, height: int) -> None:
    headers: list[JsonValue] = []
    for value in _held(fact, (FOREIGN, HEADS, key), height):
        earlier = value.get("earlier")
        headers += [value.get("header"), *(earlier if isinstance(earlier, list) else ())]
    if known.id not in [header_of(header).id for header in headers]:  # check: crossing-known
        raise VerificationError("wrong-claim", f"No proof shows that header {known.id} was known at block {height}.")


def _held(fact: VerifiedFact, place: tuple[str, str, str], height: int) -> Iterator[dict[str, JsonValue]]:
    """The records of that place that blocks up to this height wrote, newest first; raises VerificationError for another place."""
    if tuple(fact.claim[part] for part in ("contract", "collection", "key")) != place:  # check: crossing-place
        raise VerificationError("wrong-claim", f"This is not the history of {'/'.join(place)}.")
    entries: Any = fact.claim["entries"]
    return (entry["value"] for entry in entries if entry["height"] <= height and isinstance(entry["value"], dict))


def _crossed(file: CrossingFile, transaction: Transaction, known: Header) -> tuple[JsonValue, Header]:
    """The record, None for its absence, and the header whose state held it."""
    if not file.place[1].startswith(CROSSING):  # check: crossing-collection
        raise VerificationError("wrong-claim", f"What crosses stands in a collection {CROSSING}…, not in {file.place[1]}.")
    try:
        proof = CrossingProof.model_validate_json(value_bytes(transaction.arguments.get(file.argument)))
    except ValidationError as error:
        raise MalformedError("bad-proof", first_fault(error, f"argument {file.argument}")) from error
    header = header_of(proof.header) if proof.header else known
    verify_earlier(header, [*proof.inclusion], known, "wrong-history")
    root = bytes.fromhex(header.state_root)
    if proof.value is None:
        verify_no_value(root, file.place, proof.path)
    else:
        verify_value(root, file.place, proof.value, proof.path)
    return proof.value, header


def _fact(
    file: CrossingFile,
    transaction: Transaction,
    sent: VerifiedFact,
    source: Digest,
    value: JsonValue,
    header: Header,
    known: Header,
) -> dict[str, JsonValue]:
    return {
        "kind": "crossing",
        "to": {"ledger": sent.trusted.ledger, "height": sent.height, "block": sent.block, "time": sent.time_ms},
        "transaction": transaction.id,
        "operation": f"{transaction.contract}.{transaction.operation}",
        "argument": file.argument,
        "from": {"ledger": source, "name": file.name, "height": header.height, "block": header.id, "time": header.time},
        "known_height": known.height,
        "place": [*file.place],
        "value": value,
    }
