"""Two exports of one ledger that hold, and yet differ: which validators signed both sides.

At least n-2f keys are convicted, each by two statements that no honest key signs both. The evidence is portable: it goes
with the proof of who the validators of that height were, and `ledger/verify/conviction` verifies it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.audit.audit import Auditor
from ledger.audit.exported import ExportedBlock
from ledger.certificate import DecisionRecord, Evidence, conflict, verify_evidence
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
    newest: JsonObject = {"header": None, "certificate": None}
    changes: list[JsonObject] = []
    for lines in zip(first, second, strict=False):
        voters = auditors[0].opened.validators if auditors[0].opened else None
        one, other = (auditor.feed(line) for auditor, line in zip(auditors, lines, strict=True))
        chain = auditors[0].chain
        if one is None or other is None or voters is None:
            if chain.ledger != auditors[1].chain.ledger:  # check: conviction-ledger
                raise VerificationError("wrong-ledger", "The two exports are of different ledgers.")
        elif one.header.id != other.header.id:
            return _convict(chain.genesis, voters, (one, other), _proof(chain.ledger, voters, newest, changes))
        else:
            newest = {"header": one.header.to_json(), "certificate": one.record.commit.to_json()}
            if chain.validators != voters:
                changes.append({**newest, "validators": chain.validators.to_json()})
    return None


def _proof(ledger: Digest, validators: ValidatorSet, newest: JsonObject, changes: Sequence[JsonObject]) -> JsonObject:
    """A proof of kind `validators` for the height after the newest common block, as a node would give it."""
    earlier = [step for step in changes if step["header"] != newest["header"]]
    frame: JsonObject = {"format": PROOF_FORMAT, "kind": "validators", "ledger": ledger, "path": [], "trust": [*earlier]}
    return {**frame, "validators": validators.to_json(), **newest}


def _convict(
    genesis: Genesis, validators: ValidatorSet, blocks: tuple[ExportedBlock, ExportedBlock], proof: JsonObject
) -> Conviction:
    """The records were verified, so this many keys are guilty; each pair is verified once more as a stranger would."""
    one, other = blocks
    evidence = evidence_between(validators.digest, one.record, other.record)
    for pair in evidence:
        verify_evidence(genesis.ledger, validators, pair, SUITES[genesis.suite])
    assert len(evidence) >= validators.n - 2 * validators.f
    return Conviction(genesis, one.header.height, (one.header.id, other.header.id), validators, evidence, proof)


def evidence_between(validators: Digest, first: DecisionRecord, second: DecisionRecord) -> tuple[Evidence, ...]:
    """Evidence from two valid records of one height for different blocks: one pair for each of at least n-2f keys."""
    statements = [s for r in (first, second) for c in r.certificates() for s in c.statements()]
    by_signer: dict[int, Evidence] = {}
    for position, a in enumerate(statements):
        for b in statements[position + 1 :]:
            if a.signer not in by_signer and conflict(a, b):
                by_signer[a.signer] = Evidence(a.height, validators, *sorted((a, b)))
    return tuple(by_signer[signer] for signer in sorted(by_signer))
