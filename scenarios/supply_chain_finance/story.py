"""The story of supply-chain finance: one motor maker's promise reaches the fourth tier, and another maker does not pay."""

from scenarios.story.story import (
    Story,
    StoryWriter,
)
from scenarios.supply_chain_finance.story_default import write_december, write_default, write_maturity, write_second_core
from scenarios.supply_chain_finance.story_finance import write_cash, write_warnings
from scenarios.supply_chain_finance.story_issue import write_admission, write_invoices, write_issue
from scenarios.supply_chain_finance.story_month import write_month
from scenarios.supply_chain_finance.story_summer import (
    write_bond,
    write_court,
    write_early_cash,
    write_entry_runs_out,
    write_long_project,
)
from scenarios.supply_chain_finance.story_tiers import write_tiers


def story() -> Story:
    """All chapters in the order of time."""
    writer = StoryWriter()
    write_admission(writer)
    write_invoices(writer)
    write_issue(writer)
    write_tiers(writer)
    write_cash(writer)
    write_warnings(writer)
    write_second_core(writer)
    write_long_project(writer)
    write_entry_runs_out(writer)
    write_early_cash(writer)
    write_court(writer)
    write_bond(writer)
    write_maturity(writer)
    write_default(writer)
    write_december(writer)
    write_month(writer)
    return writer.story()
