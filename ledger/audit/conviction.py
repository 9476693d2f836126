"""Two exports of one ledger that hold, and yet differ: which validators signed both sides.

At least n-2f keys are convicted, each by two statements that no honest key signs both. The evidence is portable:
whoever knows the validator set of that height can verify it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.audit.audit import Auditor
from ledger.certificate import Evidence, convict, verify_evidence
from ledger.errors import JsonValue, VerificationError
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES
from ledger.primitives import Digest


@dataclass(frozen=True, slots=True)
class Conviction:
    """A fork, and who is guilty of it."""

    ledger: Digest
    height: int
    """First height at which the exports differ."""
    blocks: tuple[Digest, Digest]
    validators: ValidatorSet
    evidence: tuple[Evidence, ...]
    """One pair of statements a convicted key."""

    @property
    def members(self) -> tuple[str, ...]:
        """The convicted validators."""
        return tuple(self.validators.validators[e.first.signer].member for e in self.evidence)

    def to_json(self) -> dict[str, JsonValue]:
        """Everything that a third party needs to verify it."""
        return {
            "ledger": self.ledger,
            "height": self.height,
            "blocks": [*self.blocks],
            "validators": self.validators.to_json(),
            "convicted": [*self.members],
            "evidence": [[e.first.to_json(), e.second.to_json()] for e in self.evidence],
        }


def convict_exports(first: Iterable[bytes], second: Iterable[bytes], ledger: Digest | None = None) -> Conviction | None:
    """Who signed both sides of a fork, None if one export is a prefix of the other.

    Both are audited up to the fork; raises AuditError where one does not hold, VerificationError `wrong-ledger` where
    they are not of one ledger.
    """
    auditors = Auditor(ledger), Auditor(ledger)
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
            evidence = convict(validators.digest, one.record, other.record)
            heads = (one.header.id, other.header.id)
            return _verified(Conviction(one.header.ledger, one.header.height, heads, validators, evidence), auditors[0])
    return None


def _verify_one_ledger(first: Auditor, second: Auditor) -> None:
    assert first.genesis is not None
    assert second.genesis is not None
    if first.genesis.ledger != second.genesis.ledger:  # check: conviction-ledger
        raise VerificationError("wrong-ledger", "The two exports are of different ledgers: nobody contradicted himself.")


def _verified(conviction: Conviction, auditor: Auditor) -> Conviction:
    """The records were verified, so this many keys are guilty; each pair is verified once more as a stranger would."""
    assert auditor.genesis is not None
    validators = conviction.validators
    for evidence in conviction.evidence:
        verify_evidence(conviction.ledger, validators, evidence, SUITES[auditor.genesis.suite])
    assert len(conviction.evidence) >= validators.n - 2 * validators.f
    return conviction
