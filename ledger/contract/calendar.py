"""Calendar arithmetic on block times, in UTC days. There is no `now`: time is what the block says.

Times are milliseconds since the epoch; a day is named by its first millisecond. Dates are of the proleptic Gregorian
calendar, years 1970 to 9999. Day counts are given as whole days; what a rate makes of them is a trade's own rule.
"""

from calendar import monthrange
from collections.abc import Container
from datetime import date

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(time_ms: int) -> int:
    """Number of the day since 1970-01-01."""
    return time_ms // DAY_MS


def day_of(time_ms: int) -> int:
    """The day's first millisecond."""
    return time_ms - time_ms % DAY_MS


def civil_date(time_ms: int) -> tuple[int, int, int]:
    """Year, month and day."""
    found = _date(time_ms)
    return found.year, found.month, found.day


def date_text(time_ms: int) -> str:
    """`2026-03-31`."""
    return _date(time_ms).isoformat()


def day_from_date(year: int, month: int, day: int) -> int:
    """The first millisecond of a date; raises ValueError where the calendar has none."""
    return (date(year, month, day).toordinal() - _EPOCH) * DAY_MS


def weekday(time_ms: int) -> int:
    """0 for Monday to 6 for Sunday."""
    return (day_number(time_ms) + 3) % 7


def days_between(start_ms: int, end_ms: int) -> int:
    """Midnights from one time to the other: the actual days of ACT/360 and ACT/365; negative backwards."""
    return day_number(end_ms) - day_number(start_ms)


def days_30_360(start_ms: int, end_ms: int) -> int:
    """Days of the 30/360 bond basis (ISDA 2006, 4.16(f)): every month has 30 days, and day 31 counts as day 30."""
    year, month, day = civil_date(start_ms)
    end_year, end_month, end_day = civil_date(end_ms)
    day = min(day, 30)
    if end_day == 31 and day == 30:
        end_day = 30
    return 360 * (end_year - year) + 30 * (end_month - month) + end_day - day


def add_days(time_ms: int, days: int) -> int:
    """The same time of day, days later."""
    return time_ms + days * DAY_MS


def add_months(time_ms: int, months: int) -> int:
    """The same day of the month and time of day, months later; the month's last day where it has no such day."""
    year, month, day = civil_date(time_ms)
    months += 12 * year + month - 1
    year, month = months // 12, months % 12 + 1
    return day_from_date(year, month, min(day, monthrange(year, month)[1])) + time_ms % DAY_MS


def next_working_day(time_ms: int, holidays: Container[int]) -> int:
    """The time itself on a working day, else the same time on the next one; `holidays` holds days."""
    while weekday(time_ms) >= 5 or day_of(time_ms) in holidays:
        time_ms += DAY_MS
    return time_ms


def _date(time_ms: int) -> date:
    return date.fromordinal(day_number(time_ms) + _EPOCH)
