"""The days of the story, as the ledger writes them."""

from datetime import date

from scenarios.story import DAY_MS
from scenarios.supply_chain_finance.cast import START_MS

YUAN = 100
"""Cents in a yuan."""
_START = date(1970, 1, 1).toordinal() + START_MS // DAY_MS


def on(text: str) -> int:
    """Midnight UTC of `2026-04-03` in milliseconds."""
    return START_MS + days(text) * DAY_MS


def days(text: str) -> int:
    """Days from the genesis to a date."""
    return date.fromisoformat(text).toordinal() - _START
