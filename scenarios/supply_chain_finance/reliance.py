"""What finance relies on beyond its own records: a licence, a bill of lading, a claim of green power, kept by other contracts.

Finance runs alone as well. A licence is looked for only while the dated limits say that one is needed; a bill and a claim only
where a bank or its terms name one. All are read as they stand at that moment, for new finance: what was paid stays as it is.
"""

from typing import TypeVar

from ledger.contract import Absent, Context, Identifier, MemberId
from ledger.contract.calendar import DAY_MS
from scenarios.identifiers import organization_of
from scenarios.relied import ReliedView
from scenarios.supply_chain_finance.records import BillCited, FinanceTerms, TenorRule
from scenarios.supply_chain_finance.state import (
    AcknowledgementView,
    ClaimView,
    DocumentView,
    FinanceState,
    LicenceView,
    TitleView,
)

V = TypeVar("V", bound=ReliedView)


def require_licence(state: FinanceState, context: Context, member: MemberId, limits: TenorRule) -> None:
    """Refuses a company without a valid licence of its own, where one is needed."""
    if not limits.licence_needed:
        return
    party = state.parties[member]
    licence = _read(context, LicenceView, party.licence_number)
    is_its_day = licence.valid_from_on_ms <= context.time_ms < licence.valid_to_on_ms + DAY_MS
    context.require(licence.holder_code == party.uscc, "licence-of-another", member=member, uscc=licence.holder_code)
    context.require(licence.state == "valid" and is_its_day, "licence-not-valid", member=member, state=licence.state)


def require_bills(
    state: FinanceState, context: Context, certificate: Identifier, bank: MemberId, bills: tuple[BillCited, ...]
) -> None:
    """Refuses a bill that is not in force, pledged to the bank that pays and with it; or flagged; or evidence of other trade."""
    for bill in bills:
        name, pledgee = bill.document, bill.pledgee
        title, document = _read(context, TitleView, name), _read(context, DocumentView, name)
        is_kept = title.entries > 0 and not title.under_credit and not title.in_transit
        is_held = document.status == "ISSUED" and title.possessor == title.pledgee and is_kept
        known = context.read(AcknowledgementView, f"{name}:{pledgee}")
        is_known = not isinstance(known, Absent) and known.times_flagged == document.times_flagged
        cited = _cited(state, context, name)
        context.require(organization_of(pledgee) == organization_of(bank), "pledgee-of-another", pledgee=pledgee, bank=bank)
        context.require(title.pledgee == pledgee, "bill-not-pledged", document=name, pledgee=pledgee)
        context.require(is_held, "bill-not-held", document=name, status=document.status, possessor=title.possessor)
        context.require(is_known or not document.flags, "bill-flagged", document=name, flags=document.flags)
        context.require(cited in ("", certificate), "bill-cited", document=name, certificate=cited)


def require_green(context: Context, applicant: MemberId, terms: FinanceTerms) -> None:
    """Refuses a green margin unless the applicant's own claim was attested, and is not disputed since."""
    if terms.green_margin_ppm == 0:
        return
    claim = _read(context, ClaimView, terms.green_claim)
    context.require(claim.consumer == applicant, "claim-of-another", consumer=claim.consumer)
    context.require(claim.state == "attested", "claim-not-attested", claim=terms.green_claim, state=claim.state)


def _cited(state: FinanceState, context: Context, document: str) -> str:
    """The certificate for which a bill, or one in whose place it was issued, is evidence; empty if there is none."""
    while document and document not in state.cited_bills:
        document = _read(context, DocumentView, document).replaces
    return state.cited_bills[document].certificate if document else ""


def _read(context: Context, view: type[V], key: str) -> V:
    """A record of another contract; refuses without it, or without that contract."""
    found = context.read(view, key) if key else Absent.NO_RECORD
    if isinstance(found, Absent):  # check: scf-not-on-ledger
        context.refuse("not-on-ledger", key=key, reason=found.value)
    context.require(context.time_ms <= found.until_ms, "brought-too-old", key=key)
    return found
