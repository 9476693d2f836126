"""Two verifiers that share no code, asked about the same bytes: what each says, and whether they agree.

The ledger's own runs system contracts again and reads X.509 certificates, the one in a single file does not; so what only
those rules notice may pass there. In all else they name the same verdict, and in an export the same line and rule.
"""

from dataclasses import dataclass
from io import BytesIO
from types import ModuleType

from ledger.audit import audit_export, standalone
from ledger.encoding import decode_object
from ledger.errors import MalformedError, OperatorError
from ledger.genesis import parse_genesis
from ledger.primitives import Digest
from ledger.verify.conviction import verify_conviction_file
from ledger.verify.proof_file import verify_disclosure_file, verify_proof_file
from ledger.verify.verdict import Pinned

JUDGES = {
    "tallystick-proof-1": verify_proof_file,
    "tallystick-proof-file-1": verify_proof_file,
    "tallystick-conviction-1": verify_conviction_file,
    "tallystick-disclosure-1": verify_disclosure_file,
}
ONLY_OURS = {"execution", "certificates-of-members"}
"""Rules of which the standalone verifier says that it does not check them."""


@dataclass(frozen=True)
class Case:
    """A file, and what whoever verifies it knows already."""

    data: bytes
    ledger: str | None = None
    genesis: bytes | None = None


@dataclass(frozen=True)
class Said:
    """A verdict."""

    holds: bool
    rule: str | None = None
    line: int | None = None
    """Of an export."""
    why: str = ""


def asked_the_ledger(case: Case) -> Said:
    """What the ledger's own verifiers say."""
    judge = JUDGES.get(_format(case.data))
    ledger = None if case.ledger is None else Digest(case.ledger)
    if judge is None:
        report = audit_export((line.rstrip(b"\n") for line in BytesIO(case.data)), ledger)
        broken = report.broken
        details = {} if broken is None else broken.details
        return Said(broken is None, _text(details.get("rule")), _number(details.get("line")), str(broken))
    genesis = None if case.genesis is None else parse_genesis(case.genesis)
    try:
        verdict = judge(case.data, Pinned(ledger, genesis))
    except OperatorError as error:
        return Said(False, "wrong use", None, error.message)
    return Said(
        verdict.broken is None, _text(verdict.broken.details["rule"]) if verdict.broken else None, None, str(verdict.broken)
    )


def asked_the_other(case: Case, program: ModuleType = standalone) -> Said:
    """What the verifier in one file says."""
    try:
        verdict = program.verify_lines(BytesIO(case.data), case.ledger, case.genesis)
    except program.WrongUseError as error:
        return Said(False, "wrong use", None, str(error))
    line = verdict.place.split()[2] if verdict.broken is not None and verdict.place else None
    return Said(verdict.broken is None, verdict.rule, None if line is None else int(line), str(verdict.broken))


def agree(case: Case) -> Said:
    """The verdict of both; fails where they differ."""
    ours, other = asked_the_ledger(case), asked_the_other(case)
    if ours.rule in ONLY_OURS:
        return ours
    assert ours.holds == other.holds, f"{ours} against {other}"
    assert ours.line == other.line, f"{ours} against {other}"
    if ours.line is not None:
        assert ours.rule == other.rule, f"{ours} against {other}"
    return ours


def _format(data: bytes) -> str:
    try:
        found = decode_object(data.partition(b"\n")[0], wrapped=5).get("format")
    except MalformedError:
        return ""
    return found if isinstance(found, str) else ""


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
