"""Evidence: a salted digest at block time, a notary's root over many, a court's own comparison with the original.

What is on the ledger proves that something existed when its block was made, and nothing earlier. A log of many lines is
deposited as one root; each of its lines can be shown later by its path.
"""

from collections.abc import Sequence

from ledger.contract import Anyone, Context, DigestText, NonNegative, Role, Sealed, Timestamp, operation
from ledger.contract.calendar import date_text, day_of
from ledger.encoding import encode
from ledger.merkle import inclusion_ranges, leaf_hash, node_hash, root
from scenarios.government.records import Batch, Deposited, Evidence, Name, Number, Payload, Purpose, Verification
from scenarios.government.rules import COURT, NOTARY, signs
from scenarios.government.state import GovernmentState
from scenarios.government.transitions import EVIDENCE
from scenarios.working_days import end_of_day

EVIDENCE_MAX = 100
"""Pieces under one root: an anchoring transaction writes each of them."""


class EvidenceOperations(GovernmentState):
    """The part of the contract that serves courts."""

    @operation(signed_by=Anyone())
    def deposit_evidence(
        self,
        context: Context,
        evidence: Number,
        kind: Purpose,
        original: Sealed[Payload],
        claimed_on_ms: Timestamp,
        entries: NonNegative = 0,
        entries_root: DigestText | None = None,
    ) -> None:
        """An owner deposits the salted digest of a file, or of a log with the root over its lines.

        Digests are open to all: the depositor of a copy would own what its author opens in court, so each is taken once.
        """
        # READ
        digests = [original.sealed, *([entries_root] if entries_root else [])]
        known = [self.digests[one].evidence for one in digests if one in self.digests]
        # CHECK
        context.require(evidence not in self.evidence, "already-exists", number=evidence)
        context.require(claimed_on_ms <= context.time_ms, "claimed-in-future", claimed=date_text(claimed_on_ms))
        context.require((entries > 0) == (entries_root is not None), "root-without-size")
        context.require(known == [], "already-deposited", evidence=known)
        # WRITE
        for one in digests:
            self.digests[one] = Deposited(evidence=evidence)
        self.evidence[evidence] = Evidence(
            owner=context.signers[0].organization,
            kind=kind,
            original=original,
            entries=entries,
            entries_root=entries_root or "",
            claimed_on_ms=day_of(claimed_on_ms),
            deposited_at_ms=context.time_ms,
        )
        # EMIT
        context.emit("evidence-deposited", evidence=evidence, owner=context.signers[0].organization, kind=kind)

    @operation(signed_by=Role(NOTARY))
    def anchor_evidence(self, context: Context, batch: Number, evidence: tuple[Number, ...]) -> None:
        """A notary puts what was deposited under one root, which the contract works out itself."""
        # READ
        pieces = {number: self.evidence[number] for number in evidence}
        # CHECK
        context.require(0 < len(pieces) == len(evidence) <= EVIDENCE_MAX, "bad-batch", pieces_max=EVIDENCE_MAX)
        context.require(batch not in self.batches, "already-exists", number=batch)
        anchored = [number for number, piece in pieces.items() if piece.batch != ""]
        context.require(anchored == [], "already-anchored", evidence=anchored)
        # WRITE
        leaves = [leaf_of(number, piece.original.sealed) for number, piece in pieces.items()]
        for number, piece in pieces.items():
            self.evidence[number] = piece.replace(state="anchored", batch=batch)
        notary = next(signer.member for signer in context.signers if NOTARY in signer.roles)
        self.batches[batch] = Batch(notary=notary, root=root(leaves).hex(), size=len(leaves), anchored_at_ms=context.time_ms)
        # EMIT
        context.emit("evidence-anchored", batch=batch, evidence=evidence)

    @operation(signed_by=Anyone())
    def submit_evidence(self, context: Context, evidence: Number, court: Name, case: Number) -> None:
        """An owner brings a piece before a court; from now on the court may read what is sealed in it."""
        # READ
        piece = self.evidence[evidence]
        # CHECK
        context.require(signs(context, piece.owner), "not-owner", owner=piece.owner)
        context.require(piece.batch != "", "not-anchored", evidence=evidence)
        context.require(piece.state != "admitted", "already-admitted", evidence=evidence)
        # WRITE
        self.evidence[evidence] = piece.replace(court=court, case=case, state="anchored")
        # EMIT
        context.emit("evidence-submitted", evidence=evidence, court=court, case=case)

    @operation(signed_by=Role(COURT))
    def verify_evidence(
        self, context: Context, evidence: Number, case: Number, original: Sealed[Payload], existed_on_ms: Timestamp
    ) -> None:
        """A court works out the digest of the original it was handed; the ledger compares, and judges the age that is claimed."""
        # READ
        piece = self._before_court(context, evidence, case)
        # CHECK
        self._require_age(context, evidence, piece, existed_on_ms)
        # WRITE
        is_match = original.sealed == piece.original.sealed
        self._judge(context, evidence, piece, existed_on_ms, is_match=is_match, entry="")

    @operation(signed_by=Role(COURT))
    def verify_entry(
        self,
        context: Context,
        evidence: Number,
        case: Number,
        entry: DigestText,
        place: NonNegative,
        path: tuple[DigestText, ...],
        existed_on_ms: Timestamp,
    ) -> None:
        """The same for one line of a log: its digest and path must lead to the root that was deposited."""
        # READ
        piece = self._before_court(context, evidence, case)
        # CHECK
        context.require(piece.entries > 0, "no-entries", evidence=evidence)
        self._require_age(context, evidence, piece, existed_on_ms)
        # WRITE
        is_match = is_line_of(piece, entry, place, path)
        self._judge(context, evidence, piece, existed_on_ms, is_match=is_match, entry=f"{place + 1}")

    @operation(signed_by=Role(COURT))
    def admit_evidence(self, context: Context, evidence: Number, case: Number) -> None:
        """The court admits what it has found to be the original."""
        # READ
        piece = self._before_court(context, evidence, case)
        # CHECK
        context.require(piece.state in EVIDENCE["admit_evidence"], "not-verified", evidence=evidence, state=piece.state)
        # WRITE
        self.evidence[evidence] = piece.replace(state="admitted")
        # EMIT
        context.emit("evidence-admitted", evidence=evidence, case=case)

    def _before_court(self, context: Context, evidence: str, case: str) -> Evidence:
        piece = self.evidence[evidence]
        is_here = piece.case == case and signs(context, piece.court, COURT)
        context.require(is_here, "not-submitted", evidence=evidence, case=case)
        context.require(piece.state != "admitted", "already-admitted", evidence=evidence)
        return piece

    def _require_age(self, context: Context, evidence: str, piece: Evidence, existed_on_ms: int) -> None:
        """The time of a deposit is its block's; what its owner claimed counts for nothing."""
        is_old_enough = piece.deposited_at_ms <= end_of_day(existed_on_ms)
        deposited, claimed = date_text(piece.deposited_at_ms), date_text(existed_on_ms)
        context.require(is_old_enough, "deposited-later", evidence=evidence, deposited=deposited, claimed=claimed)

    def _judge(self, context: Context, evidence: str, piece: Evidence, existed_on_ms: int, *, is_match: bool, entry: str) -> None:
        count = 1 + sum(1 for _ in self.verifications.items(prefix=f"{evidence}:"))
        self.verifications[f"{evidence}:{count:03}"] = Verification(
            court=piece.court,
            case=piece.case,
            verdict="match" if is_match else "mismatch",
            entry=entry,
            existed_on_ms=day_of(existed_on_ms),
            verified_at_ms=context.time_ms,
        )
        self.evidence[evidence] = piece.replace(state="verified" if is_match else "mismatch")
        context.emit("evidence-verified", evidence=evidence, verdict="match" if is_match else "mismatch", entry=entry)


def leaf_of(evidence: str, sealed: str) -> bytes:
    """What stands under a notary's root for one piece."""
    return encode([evidence, sealed])


def is_line_of(piece: Evidence, entry: str, place: int, path: Sequence[str]) -> bool:
    """Whether a line's digest leads by its path (RFC 9162, 2.1.3.2) to the deposited root, at this place."""
    if place >= piece.entries:
        return False
    ranges = list(inclusion_ranges(place, piece.entries))
    if len(ranges) != len(path):
        return False
    computed = leaf_hash(bytes.fromhex(entry))
    for (start, _), part in zip(ranges, path, strict=True):
        sibling = bytes.fromhex(part)
        computed = node_hash(sibling, computed) if start < place else node_hash(computed, sibling)
    return computed.hex() == piece.entries_root
