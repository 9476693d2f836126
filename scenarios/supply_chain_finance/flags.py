"""What no rule forbids and a bank must take upon itself before it pays a certificate: read from the ledger each time.

    round-trip         the certificate came back to a company that had held it
    similar-invoice    an invoice behind it is like another of the same pair and days, by amount or as one of two parts
    reciprocal-trade   the two companies of an invoice behind it invoice each other
    related-parties    they have declared that they belong together
    roll-over          the core promised the same about when an earlier certificate for the same supplier fell due
    old-invoice        the seller waited for its cash for longer than the policy of today says
    credited-invoice   a red-letter invoice has taken back what stands behind it
    core-suspended     the core may enter nothing new; what it owes stays
    core-in-arrears    the core is late here, or the regulator has announced that it is elsewhere
    no-outside-answer  the bank has entered no answer of a registry outside of this ledger, of the day of the application or later
    outside-entry      that registry knows of an earlier entry

A flag stands with the bank's check of the documents on the application, and blocks `disburse` until the bank acknowledges it, for
the cause that it has then: a red-letter invoice of one yuan that was acknowledged does not cover the next one.
"""

from ledger.contract import Context, Identifier
from ledger.contract.calendar import day_of, days_between
from scenarios.supply_chain_finance.records import Application, Certificate, Flag, Invoice, Relation, TenorRule
from scenarios.supply_chain_finance.state import FinanceState, invoices_behind, near_dealings

ROLL_OVER_DAYS = 10
"""Between the end of one certificate and the issue of the next that takes its place."""


def standing_flags(
    state: FinanceState, context: Context, certificate: Identifier, application: Application, limits: TenorRule, *, is_late: bool
) -> dict[Flag, str]:
    """Those that stand now, in the order above, each with its cause."""
    claim, outside = state.certificates[certificate], application.outside
    core, obligor = state.parties[claim.core], state.obligors[claim.core]
    behind = {name: state.invoices[name] for name in invoices_behind(state, certificate)}
    own = [payable.issued_on_ms for payable in behind.values() if payable.seller == application.applicant]
    waited = days_between(min(own), day_of(context.time_ms)) if own else 0
    is_answered = outside is not None and outside.answered_at_ms >= day_of(application.applied_at_ms)
    causes: dict[Flag, list[str]] = {
        "round-trip": [holder for holder in dict.fromkeys(claim.lineage) if claim.lineage.count(holder) > 1],
        "similar-invoice": [name for name, payable in behind.items() if payable.match != "none"],
        "reciprocal-trade": [name for name, payable in behind.items() if _is_reciprocal(state, payable)],
        "related-parties": [
            name for name, payable in behind.items() if Relation.key(payable.seller, payable.buyer) in state.relations
        ],
        "roll-over": _rolled_over(state, claim),
        "old-invoice": [application.applicant] if waited > limits.invoice_days else [],
        "credited-invoice": [f"{name} {payable.credited_cents}" for name, payable in behind.items() if _is_taken_back(payable)],
        "core-suspended": [claim.core] if core.suspended else [],
        "core-in-arrears": [*(["late"] if is_late or obligor.blocked else []), *obligor.announced],
        "no-outside-answer": [] if is_answered else [application.bank],
        "outside-entry": [outside.number] if outside is not None and outside.names_another else [],
    }
    return {flag: ", ".join((flag, *found)) for flag, found in causes.items() if found}


def _is_reciprocal(state: FinanceState, payable: Invoice) -> bool:
    return next(state.dealings.items(prefix=f"invoice:{payable.buyer}:{payable.seller}:", limit=1), None) is not None


def _is_taken_back(payable: Invoice) -> bool:
    """Whether a red letter has taken back some of what was promised against it."""
    return payable.credited_cents > 0 and payable.used_cents > payable.amount_cents - payable.credited_cents


def _rolled_over(state: FinanceState, claim: Certificate) -> list[str]:
    """Other roots for the same supplier that ended about when this one began, whose faces differ by a tenth at most."""
    root = state.certificates[claim.root]
    if len(root.lineage) == 1:
        return []
    near = near_dealings(state, "promise", root.core, root.lineage[1], root.issued_on_ms, ROLL_OVER_DAYS)
    return [name for name, cents in near.items() if name != claim.root and abs(root.amount_cents - cents) * 10 <= cents]
