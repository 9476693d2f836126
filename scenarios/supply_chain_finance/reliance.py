"""What finance relies on beyond its own records: a licence, a bill of lading, a claim of green power, kept by other contracts.

Finance runs alone as well. A licence is looked for only while the dated limits say that one is needed; a bill and a claim only
where a bank or its terms name one. All are read as they stand at that moment, for new finance: what was paid stays as it is.
"""

from typing import TypeVar

from ledger.contract import Absent, Context, Identifier, MemberId, RecordView
from ledger.contract.calendar import DAY_MS
from scenarios.supply_chain_finance.records import BillCited, FinanceTerms, TenorRule
from scenarios.supply_chain_finance.state import ClaimView, FinanceState, LicenceView, TitleView

V = TypeVar("V", bound=RecordView)


def require_licence(state: FinanceState, context: Context, member: MemberId, limits: TenorRule) -> None:
    """Refuses a company without a valid licence of its own, where one is needed."""
    if not limits.licence_needed:
        return
    party = state.parties[member]
    licence = _read(context, LicenceView, party.licence_number)
    is_its_day = licence.valid_from_on_ms <= context.time_ms < licence.valid_to_on_ms + DAY_MS
    context.require(licence.holder_code == party.uscc, "licence-of-another", member=member, uscc=licence.holder_code)
    context.require(licence.state == "valid" and is_its_day, "licence-not-valid", member=member, state=licence.state)


def require_bills(state: FinanceState, context: Context, certificate: Identifier, bills: tuple[BillCited, ...]) -> None:
    """Refuses a bill that is not pledged to whom the bank names, or is evidence for another certificate."""
    for bill in bills:
        title, cited = _read(context, TitleView, bill.document), state.cited_bills.get(bill.document)
        context.require(title.pledgee == bill.pledgee, "bill-not-pledged", document=bill.document, pledgee=bill.pledgee)
        is_free = cited is None or cited.certificate == certificate
        context.require(is_free, "bill-cited", document=bill.document, certificate=cited.certificate if cited else "")


def require_green(context: Context, applicant: MemberId, terms: FinanceTerms) -> None:
    """Refuses a green margin unless the applicant's own claim was attested, and is not disputed since."""
    if terms.green_margin_ppm == 0:
        return
    claim = _read(context, ClaimView, terms.green_claim)
    context.require(claim.consumer == applicant, "claim-of-another", consumer=claim.consumer)
    context.require(claim.state == "attested", "claim-not-attested", claim=terms.green_claim, state=claim.state)


def _read(context: Context, view: type[V], key: str) -> V:
    """A record of another contract; refuses without it, or without that contract."""
    found = context.read(view, key) if key else Absent.NO_RECORD
    if isinstance(found, Absent):  # check: scf-not-on-ledger
        context.refuse("not-on-ledger", key=key, reason=found.value)
    return found
