"""The days of the stories: every scenario begins on the same day, so that all of them can be played on one ledger."""

from datetime import date

from ledger.contract.calendar import DAY_MS

START_MS = 1_774_828_800_000
"""2026-03-30T00:00:00Z, a Monday: the time of the genesis."""
_START = date(1970, 1, 1).toordinal() + START_MS // DAY_MS


def on(text: str) -> int:
    """Midnight UTC of `2026-04-03` in milliseconds."""
    return START_MS + days(text) * DAY_MS


def days(text: str) -> int:
    """Days from the genesis to a date."""
    return date.fromisoformat(text).toordinal() - _START
