"""What a relayer decides. It reads nothing and sends nothing: `nodes/foreign/relaying.py` does that for nodes, the simulator and
the demos for theirs.

A relayer is a client of two ledgers, the source and the target that follows it. Nobody believes it: the target's contract
`foreign` checks what it brings. All that it must remember stands on the target: `known_of` reads it. From there on

    next_blocks(known, proof)      what to bring now, of a proof that a node of the source gave: it is verified here first, so
                                   that a node that lies costs the target nothing
    verify_goes_on(known, proof)   whether the source's newest block has in its history what the target knows
    fork_report(…)                 what convicts the source's validators of two blocks of one height
    crossing_proof(proof, …)       what a contract's operation takes as `CrossingProof`, and `verify_crossing` whether it holds

and all state of a relayer is what the target says it knows: ask again after each transaction.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ledger.audit.conviction import evidence_between
from ledger.certificate import DecisionRecord, Domain, Evidence, parse_certificate, parse_record, verify_record
from ledger.contract.contract import SignatureBudget
from ledger.contract.foreign import point_of
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.identity.records import ForeignLedger, ValidatorSet, parse_validators
from ledger.keys import SUITES
from ledger.proof_paths import RecordName, header_of, verify_earlier, verify_no_value, verify_value
from ledger.verify.proof import Decided, Proof, TrustedPoint, parse_proof
from ledger.verify.trust import verify_decided, verify_parsed
from nodes.foreign.contract import PAIRS_MAX, STEPS_MAX, Head

Json = dict[str, Any]
SIGNATURES_MAX = SignatureBudget().left
"""Of one block of the target, and so of one transaction."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a target knows of a source."""

    name: str
    """By which the target's governance admitted it."""
    admission: ForeignLedger
    head: Head | None
    """None before the first `advance`."""

    @property
    def height(self) -> int:
        """Of the newest block that is known: only those above it can be brought."""
        return self.head.header["height"] if self.head else self.admission.height

    @property
    def trust_from(self) -> int:
        """For `trust_from` of a question to the source: the validators since this height are known."""
        return self._newest.height

    @property
    def point(self) -> TrustedPoint:
        """From which the target judges what is brought."""
        return point_of(self._newest)

    @property
    def is_frozen(self) -> bool:
        """Whether a fork was shown: then nothing more is taken."""
        return self.head is not None and self.head.is_frozen

    @property
    def _newest(self) -> ForeignLedger:
        return self.head.known if self.head else self.admission


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """A decided block as somebody holds it."""

    header: Json
    certificate: Json
    record: Json | None = None
    """Its decision record, where that is known: it holds what convicts more keys than the certificate alone."""


def head_key(name: str, admission: Mapping[str, Any]) -> str:
    """Key of what is known, in `foreign.heads` of the target."""
    return f"{name}:{admission['admitted_height']}"


def known_of(name: str, admission: Mapping[str, Any], head: Mapping[str, Any] | None) -> Known:
    """From the target's records: `governance.ledgers` under the name, and `foreign.heads` under `head_key`."""
    validated = None if head is None else Head.model_validate(dict(head), strict=False)
    return Known(name, ForeignLedger.model_validate(dict(admission), strict=False), validated)


def next_blocks(known: Known, proof: JsonValue) -> tuple[Json, ...]:
    """`blocks` of the next `advance`: the validator changes that are not known yet and then the proof's block, as many as one
    transaction may bring; none where the target knows that block or a newer one, or takes nothing more.

    The proof is of any kind. Of a block that itself changes the validators only one of kind `validators` names the next ones:
    with another kind that block is left for later. Raises VerificationError or MalformedError for what the target would refuse.
    """
    parsed = parse_proof(proof)
    if known.is_frozen or parsed.decided is None or parsed.decided.header.height <= known.height:  # check: relayer-newer
        return ()
    fact = verify_parsed(parsed, known.point)
    if any(point.height <= known.height for point in fact.learned):  # check: relayer-other-change
        raise VerificationError("wrong-history", f"Its validators changed before block {known.height} in another way than known.")
    return _that_fit(_blocks(parsed, proof))


def verify_goes_on(known: Known, proof: JsonValue) -> None:
    """Raises VerificationError unless the proof, of kind `consistency`, shows what the target knows in the source's history.

    To be asked before anything is brought: else a target could follow one branch of a fork, and then the other.
    """
    assert known.head is not None
    fact = verify_parsed(parse_proof(proof), known.point)
    if fact.kind != "consistency" or header_of(fact.claim["first"]) != header_of(known.head.header):  # check: relayer-goes-on
        raise VerificationError("wrong-history", f"Block {known.height} of the source is not the one that is known.")


def voters_of_block(known: Known, proof: JsonValue) -> ValidatorSet:
    """The validators who decided the block of a proof; it was asked with `trust_from` of the admission's height."""
    return verify_parsed(parse_proof(proof), point_of(known.admission)).trusted.validators


def fork_report(known: Known, voters: ValidatorSet, first: HeldBlock, second: HeldBlock) -> Json:
    """Arguments of `report_fork`; raises VerificationError unless these validators decided both blocks of one height."""
    ledger, suite = known.point.ledger, known.point.suite
    blocks = [Decided(header_of(held.header), parse_certificate(held.certificate)) for held in (first, second)]
    for decided in blocks:
        verify_decided(decided, TrustedPoint(ledger, suite, known.point.initial_state_root, decided.header.height - 1, voters))
    one, other = (decided.header for decided in blocks)
    if one.height != other.height or one.id == other.id:  # check: relayer-fork
        raise VerificationError("no-conflict", "These are not two different blocks of one height.")
    named = {} if voters == known.point.validators else {"validators": voters.to_json()}
    records = [_record(held, decided, voters, known) for held, decided in zip((first, second), blocks, strict=True)]
    pairs = [[pair.first.to_json(), pair.second.to_json()] for pair in _pairs(voters, *records)]
    shown = [{"header": held.header, "certificate": held.certificate, **named} for held in (first, second)]
    return {"ledger": known.name, "first": shown[0], "second": shown[1], "pairs": pairs[:PAIRS_MAX]}


def crossing_proof(proof: Mapping[str, Any], inclusion: Iterable[str] = ()) -> Json:
    """The `CrossingProof` of a record or of its absence, from a proof of the source; its block is known at the target, or led
    by the inclusion to the one that is (of a proof of kind `consistency` between the two).
    """
    return {"value": proof.get("value"), "path": proof["path"], "header": proof["header"], "inclusion": [*inclusion]}


def verify_crossing(known: Known, name: RecordName, crossing: Mapping[str, Any]) -> None:
    """Raises VerificationError or MalformedError where the target, which knows a block, would not take the proof."""
    assert known.head is not None
    header = header_of(crossing["header"])
    verify_earlier(header, crossing["inclusion"], header_of(known.head.header), "wrong-history")
    root, value, path = bytes.fromhex(header.state_root), crossing["value"], crossing["path"]
    if value is None:
        verify_no_value(root, name, path)
    else:
        verify_value(root, name, value, path)


def _blocks(parsed: Proof, proof: Any) -> list[Json]:
    """Each validator change of the proof, then its block."""
    assert parsed.decided is not None
    header, last = parsed.decided.header, {"header": proof["header"], "certificate": proof["certificate"]}
    changes = list(proof["trust"])
    if header.next_validators == header.validators:
        return [*changes, last]
    if parsed.kind != "validators":  # check: relayer-next-set
        return changes
    return [*changes, {**last, "validators": parse_validators(proof["validators"]).to_json()}]


def _that_fit(blocks: list[Json]) -> tuple[Json, ...]:
    """The first of them that one transaction may bring."""
    signatures = 0
    for place, block in enumerate(blocks):
        signatures += len(block["certificate"]["signatures"])
        if place == STEPS_MAX or (place and signatures > SIGNATURES_MAX):  # check: relayer-fits
            return tuple(blocks[:place])
    return tuple(blocks)


def _record(held: HeldBlock, decided: Decided, voters: ValidatorSet, known: Known) -> DecisionRecord:
    """How a block was decided: its record if that is known and holds, else as much as its certificate says."""
    header, certificate = decided.header, decided.certificate
    with suppress(MalformedError, VerificationError):
        record = parse_record(held.record)
        domain = Domain(header.ledger, voters.digest)
        verify_record(domain, voters, header.height, header.id, record, SUITES[known.point.suite])  # check: relayer-record
        return record
    return DecisionRecord(certificate, certificate, ())


def _pairs(voters: ValidatorSet, one: DecisionRecord, other: DecisionRecord) -> Iterable[Evidence]:
    """What convicts a key that the two certificates do not: the contract sees for itself who signed both of one view."""
    seen = {*one.commit.signers} & {*other.commit.signers} if one.commit.view == other.commit.view else set[int]()
    return (pair for pair in evidence_between(voters.digest, one, other) if pair.first.signer not in seen)
