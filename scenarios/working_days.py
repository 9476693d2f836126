"""Deadlines in working days: neither weekends nor announced holidays count. For contracts and whoever checks them.

Days are UTC days, and a holiday is named by its first millisecond. Weekends that are worked in exchange for a long holiday
are not known here: a deadline that meets one ends a day later than on the wall calendar.
"""

from collections.abc import Container

from ledger.contract import Record, Text
from ledger.contract.calendar import DAY_MS, day_of, next_working_day


class Holiday(Record):
    """A day, besides weekends, on which a trade's offices or banks are closed. Key: that day in milliseconds."""

    name: Text


def end_of_working_day(time_ms: int, days: int, holidays: Container[int]) -> int:
    """The last millisecond of the working day that many working days after the day of a time, which itself does not count."""
    day = day_of(time_ms)
    for _ in range(days):
        day = next_working_day(day + DAY_MS, holidays)
    return day + DAY_MS - 1


def end_of_day(day_ms: int) -> int:
    """The last millisecond of a day."""
    return day_of(day_ms) + DAY_MS - 1
