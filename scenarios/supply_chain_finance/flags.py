"""What no rule forbids and a bank must take upon itself before it pays a certificate: read from the ledger each time.

    round-trip         the certificate came back to a company that had held it
    similar-invoice    an invoice behind it is like another of the same pair and days, by amount or as one of two parts
    reciprocal-trade   the two companies of an invoice behind it invoice each other
    related-parties    they have declared that they belong together
    roll-over          the core promised the same about when an earlier certificate for the same supplier fell due
    old-invoice        the seller waited for its cash for longer than the policy of today says
    credited-invoice   a red-letter invoice has taken back what stands behind it
    core-suspended     the core may enter nothing new; what it owes stays
    no-outside-answer  the bank has entered no answer of a registry outside of this ledger, of the day of the application or later
    outside-entry      that registry knows of an earlier entry

A flag stands with the bank's check of the documents on the application, and blocks `disburse` until the bank acknowledges it.
"""

from ledger.contract import Context, Identifier
from ledger.contract.calendar import DAY_MS, day_of, days_between
from scenarios.supply_chain_finance.records import Application, Certificate, Flag, Invoice
from scenarios.supply_chain_finance.rules import limits_of, pair_of
from scenarios.supply_chain_finance.state import FinanceState

ROLL_OVER_DAYS = 10
"""Between the end of one certificate and the issue of the next that takes its place."""


def standing_flags(state: FinanceState, context: Context, certificate: Identifier, application: Application) -> tuple[Flag, ...]:
    """Those that stand now, in the order above."""
    claim, outside = state.certificates[certificate], application.outside
    behind = [state.invoices[name] for name in invoices_behind(state, certificate)]
    own = [payable.issued_on_ms for payable in behind if payable.seller == application.applicant]
    waited = days_between(min(own), day_of(context.time_ms)) if own else 0
    standing: dict[Flag, bool] = {
        "round-trip": len(dict.fromkeys(claim.lineage)) < len(claim.lineage),
        "similar-invoice": any(payable.match != "none" for payable in behind),
        "reciprocal-trade": any(_is_reciprocal(state, payable) for payable in behind),
        "related-parties": any(pair_of(payable.seller, payable.buyer) in state.relations for payable in behind),
        "roll-over": _is_roll_over(state, claim),
        "old-invoice": waited > limits_of(state, context).invoice_days,
        "credited-invoice": any(
            payable.used_cents > payable.amount_cents - payable.credited_cents for payable in behind if payable.credited_cents
        ),
        "core-suspended": state.parties[claim.core].suspended,
        "no-outside-answer": outside is None or outside.answered_at_ms < day_of(application.applied_at_ms),
        "outside-entry": outside is not None and outside.names_another,
    }
    return tuple(flag for flag, stands in standing.items() if stands)


def invoices_behind(state: FinanceState, certificate: Identifier) -> tuple[Identifier, ...]:
    """Every invoice on the way from the root to this certificate, the root's first."""
    behind: tuple[Identifier, ...] = ()
    name: str = certificate
    while name:
        claim = state.certificates[name]
        behind = (*(part.invoice for part in claim.backing), *behind)
        name = claim.parent
    return behind


def _is_reciprocal(state: FinanceState, payable: Invoice) -> bool:
    return next(state.dealings.items(prefix=f"{payable.buyer}:{payable.seller}:", limit=1), None) is not None


def _is_roll_over(state: FinanceState, claim: Certificate) -> bool:
    """Whether another root for the same supplier ended when this one began, and their faces differ by a tenth at most."""
    root = state.certificates[claim.root]
    others = (one for name, one in state.certificates.items() if name == one.root != claim.root)
    return any(
        one.core == root.core
        and one.lineage[:2] == root.lineage[:2]
        and abs(root.issued_on_ms - one.due_on_ms) <= ROLL_OVER_DAYS * DAY_MS
        and abs(root.amount_cents - one.amount_cents) * 10 <= one.amount_cents
        for one in others
    )
