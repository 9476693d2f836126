"""What the contract `foreign` asks: whether the validators of another ledger signed. It alone may: a signature takes time.

The rules are the light client's own. What a block may spend on them is bounded (`SignatureBudget`), whatever came of it.
"""

from collections.abc import Sequence

from ledger.block import Header
from ledger.certificate import Domain, conflict, parse_certificate, parse_statement, verify_statement
from ledger.contract.contract import Context
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.identity.records import FOREIGN, ForeignLedger, ValidatorEntry, voters_of
from ledger.keys import SUITES
from ledger.primitives import NO_DIGEST, Digest
from ledger.proof_paths import header_of
from ledger.verify.proof import Decided, TrustedPoint
from ledger.verify.trust import verify_decided

__all__ = ["ForeignLedger", "Header", "ValidatorEntry", "convicted", "decided", "point_of", "set_digest"]


def set_digest(validators: Sequence[ValidatorEntry]) -> Digest:
    """Digest of an ordered validator set, as headers name it."""
    return voters_of(validators).digest


def decided(context: Context, known: ForeignLedger, header: JsonValue, certificate: JsonValue) -> Header:
    """The header that the known set of another ledger decided; refuses with `not-decided`, which names the broken rule."""
    point = point_of(known)
    try:
        found = Decided(header_of(header), parse_certificate(certificate))
        _spend(context, len(found.certificate.signers))  # paid for by their bytes: what holds none spends none
        verify_decided(found, point)
    except (MalformedError, VerificationError) as error:
        context.refuse("not-decided", rule=error.code)
    return found.header


def convicted(
    context: Context, known: ForeignLedger, certificates: Sequence[JsonValue], pairs: Sequence[Sequence[JsonValue]]
) -> tuple[str, ...]:
    """Members whose keys contradicted themselves, in order of the set: they signed both CommitCerts of one view, which are
    checked already, or both statements of a pair, which are not; refuses with `not-decided`.
    """
    point = point_of(known)
    first, second = map(parse_certificate, certificates)
    guilty = {*first.signers} & {*second.signers} if first.view == second.view else set[int]()
    _spend(context, 2 * len(pairs))
    try:
        for one, other in (map(parse_statement, pair) for pair in pairs):
            if one.height != first.height or not conflict(one, other):  # check: foreign-pair
                raise VerificationError("no-conflict", "An honest key may sign both statements.")
            for statement in (one, other):
                verify_statement(Domain(point.ledger, point.validators.digest), point.validators, statement, SUITES[point.suite])
            guilty.add(one.signer)
    except (MalformedError, VerificationError, ValueError) as error:
        context.refuse("not-decided", rule=getattr(error, "code", "bad-statement"))
    return tuple(point.validators.validators[signer].member for signer in sorted(guilty))


def point_of(known: ForeignLedger) -> TrustedPoint:
    """From where on the light client follows it."""
    return TrustedPoint(Digest(known.ledger), known.suite, NO_DIGEST, known.height, voters_of(known.validators))


def _spend(context: Context, signatures: int) -> None:
    """Takes them from what the block may check; refuses with `too-many-signatures`."""
    if context.contract.name != FOREIGN:  # check: foreign-alone
        raise TypeError(f"Contract {FOREIGN} alone checks signatures of another ledger, not {context.contract.name}.")
    budget = context._ledger_budget
    if signatures > budget.left:  # check: foreign-budget
        context.refuse("too-many-signatures", signatures=signatures, left=budget.left)
    budget.left -= signatures
