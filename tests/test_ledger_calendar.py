"""Calendar arithmetic against dates that anyone can look up, and against the standard library."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.contract.calendar import (
    DAY_MS,
    add_days,
    add_months,
    civil_date,
    date_text,
    day_from_date,
    day_number,
    day_of,
    days_30_360,
    days_between,
    next_working_day,
    weekday,
)
from ledger.primitives import TIMESTAMP_MAX


def test_last_millisecond_of_the_year_9999_is_the_last_timestamp() -> None:
    assert date_text(TIMESTAMP_MAX) == "9999-12-31"
    assert TIMESTAMP_MAX % DAY_MS == DAY_MS - 1


def test_day_begins_at_midnight_utc() -> None:
    noon = day_from_date(2026, 3, 31) + DAY_MS // 2
    assert civil_date(noon) == (2026, 3, 31)
    assert day_of(noon) == day_from_date(2026, 3, 31)
    assert day_number(day_from_date(1970, 1, 2)) == 1


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2026, 12, 15), 1, (2027, 1, 15)),
        ((2026, 3, 31), -1, (2026, 2, 28)),
        ((2026, 5, 31), 12, (2027, 5, 31)),
    ],
)
def test_months_end_where_the_month_ends(start: tuple[int, int, int], months: int, end: tuple[int, int, int]) -> None:
    assert add_months(day_from_date(*start) + 5, months) == day_from_date(*end) + 5


@pytest.mark.parametrize(
    ("start", "end", "actual", "thirty"),
    [
        ((2026, 1, 15), (2026, 2, 15), 31, 30),
        ((2026, 1, 31), (2026, 3, 31), 59, 60),
        ((2026, 1, 30), (2026, 3, 31), 60, 60),
        ((2026, 1, 15), (2026, 3, 31), 75, 76),
        ((2024, 2, 28), (2024, 3, 1), 2, 3),
        ((2025, 12, 31), (2026, 12, 31), 365, 360),
    ],
)
def test_day_counts(start: tuple[int, int, int], end: tuple[int, int, int], actual: int, thirty: int) -> None:
    assert days_between(day_from_date(*start), day_from_date(*end)) == actual
    assert days_30_360(day_from_date(*start), day_from_date(*end)) == thirty


def test_saturday_moves_to_monday_and_past_a_holiday() -> None:
    saturday = day_from_date(2026, 10, 3)
    assert weekday(saturday) == 5
    assert next_working_day(saturday, ()) == day_from_date(2026, 10, 5)
    golden_week = [day_from_date(2026, 10, day) for day in range(1, 9)]
    assert next_working_day(saturday, golden_week) == day_from_date(2026, 10, 9)


@given(st.integers(0, TIMESTAMP_MAX), st.integers(0, 10_000))
def test_dates_are_those_of_the_standard_library(time_ms: int, days: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)
    assert civil_date(time_ms) == (moment.year, moment.month, moment.day)
    assert weekday(time_ms) == moment.weekday()
    assert days_between(time_ms, add_days(time_ms, days)) == days
    assert day_from_date(*civil_date(time_ms)) == day_of(time_ms)
