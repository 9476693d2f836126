"""The story of supply-chain finance: one motor maker's promise reaches the fourth tier, and another maker does not pay."""

from scenarios.story import (
    Story,
)
from scenarios.supply_chain_finance.story_default import tell_december, tell_default, tell_maturity, tell_second_core
from scenarios.supply_chain_finance.story_finance import tell_cash, tell_warnings
from scenarios.supply_chain_finance.story_issue import tell_admission, tell_invoices, tell_issue
from scenarios.supply_chain_finance.story_month import tell_month
from scenarios.supply_chain_finance.story_summer import (
    tell_bond,
    tell_court,
    tell_early_cash,
    tell_entry_runs_out,
    tell_long_project,
)
from scenarios.supply_chain_finance.story_tiers import tell_tiers
from scenarios.teller import Teller


def story() -> Story:
    """All chapters in the order of time."""
    teller = Teller()
    tell_admission(teller)
    tell_invoices(teller)
    tell_issue(teller)
    tell_tiers(teller)
    tell_cash(teller)
    tell_warnings(teller)
    tell_second_core(teller)
    tell_long_project(teller)
    tell_entry_runs_out(teller)
    tell_early_cash(teller)
    tell_court(teller)
    tell_bond(teller)
    tell_maturity(teller)
    tell_default(teller)
    tell_december(teller)
    tell_month(teller)
    return teller.story()
