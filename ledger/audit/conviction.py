"""Two exports of one ledger that hold, and yet differ: which validators signed both sides.

At least n-2f keys are convicted, each by two statements that no honest key signs both. The evidence is portable: it goes
with the proof of who the validators of that height were, and `ledger/verify/conviction` verifies it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.audit.audit import Auditor
from ledger.audit.exported import ExportedBlock
from ledger.certificate import Evidence, convict, verify_evidence
from ledger.errors import JsonObject, JsonValue, VerificationError
from ledger.genesis import Genesis
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES
from ledger.primitives import Digest
from ledger.verify.proof import CONVICTION_FORMAT, PROOF_FORMAT


@dataclass(frozen=True, slots=True)
class Conviction:
    """A fork, and who is guilty of it."""

    genesis: Genesis
    height: int
    """First height at which the exports differ."""
    blocks: tuple[Digest, Digest]
    validators: ValidatorSet
    evidence: tuple[Evidence, ...]
    """One pair of statements a convicted key."""
    proof: JsonValue
    """That these were the validators of the height."""

    @property
    def ledger(self) -> Digest:
        """The ledger that was forked."""
        return self.genesis.ledger

    @property
    def members(self) -> tuple[str, ...]:
        """The convicted validators."""
        return tuple(self.validators.validators[e.first.signer].member for e in self.evidence)

    def to_json(self) -> dict[str, JsonValue]:
        """The file that a third party verifies, in format `tallystick-conviction-1`."""
        return {
            "format": CONVICTION_FORMAT,
            "ledger": self.ledger,
            "genesis": self.genesis.model_dump(mode="json"),
            "height": self.height,
            "validators": self.proof,
            "convicted": [*self.members],
            "evidence": [[e.first.to_json(), e.second.to_json()] for e in self.evidence],
        }


def convict_exports(first: Iterable[bytes], second: Iterable[bytes], ledger: Digest | None = None) -> Conviction | None:
    """Who signed both sides of a fork, None if one export is a prefix of the other.

    Both are audited up to the fork; raises BrokenRuleError where one does not hold, VerificationError `wrong-ledger` where
    they are not of one ledger.
    """
    auditors = Auditor(ledger), Auditor(ledger)
    common: list[JsonObject] = []
    for lines in zip(first, second, strict=False):
        validators = auditors[0].validators if auditors[0].genesis else None
        blocks = [auditor.feed(line) for auditor, line in zip(auditors, lines, strict=True)]
        if validators is None:
            _verify_one_ledger(*auditors)
            continue
        one, other = blocks
        assert one is not None
        assert other is not None
        if one.header.id != other.header.id:
            return _convict(auditors[0], validators, one, other, common)
        common = [*_changes(common), _decided(one, auditors[0].validators)]
    return None


def _convict(
    auditor: Auditor, validators: ValidatorSet, one: ExportedBlock, other: ExportedBlock, common: list[JsonObject]
) -> Conviction:
    """The records were verified, so this many keys are guilty; each pair is verified once more as a stranger would."""
    genesis = auditor.genesis
    assert genesis is not None
    evidence = convict(validators.digest, one.record, other.record)
    for pair in evidence:
        verify_evidence(genesis.ledger, validators, pair, SUITES[genesis.suite])
    assert len(evidence) >= validators.n - 2 * validators.f
    proof = _prove_validators(genesis.ledger, validators, common)
    return Conviction(genesis, one.header.height, (one.header.id, other.header.id), validators, evidence, proof)


def _prove_validators(ledger: Digest, validators: ValidatorSet, common: list[JsonObject]) -> JsonObject:
    """A proof of kind `validators` for the height after the common blocks, as a node would give it."""
    last = common[-1] if common else {"header": None, "certificate": None}
    return {
        "format": PROOF_FORMAT,
        "kind": "validators",
        "ledger": ledger,
        "validators": validators.to_json(),
        "path": [],
        "header": last["header"],
        "certificate": last["certificate"],
        "trust": [*_changes(common[:-1])],
    }


def _changes(common: list[JsonObject]) -> list[JsonObject]:
    """Of the blocks that both exports have: those that name another set for the next height."""
    return [step for step in common if _names_others(step["header"])]


def _names_others(header: JsonValue) -> bool:
    assert isinstance(header, dict)
    return header["validators"] != header["next_validators"]


def _decided(block: ExportedBlock, after: ValidatorSet) -> JsonObject:
    """A block as a step of trust."""
    certificate = block.record.commit.to_json()
    return {"header": block.header.to_json(), "certificate": certificate, "validators": after.to_json()}


def _verify_one_ledger(first: Auditor, second: Auditor) -> None:
    assert first.genesis is not None
    assert second.genesis is not None
    if first.genesis.ledger != second.genesis.ledger:  # check: conviction-ledger
        raise VerificationError("wrong-ledger", "The two exports are of different ledgers: nobody contradicted himself.")
