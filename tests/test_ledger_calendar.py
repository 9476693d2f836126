"""Calendar arithmetic against dates that anyone can look up, and against the standard library."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.contract import calendar
from ledger.primitives import TIMESTAMP_MAX


def test_last_millisecond_of_the_year_9999_is_the_last_timestamp() -> None:
    assert calendar.date_text(TIMESTAMP_MAX) == "9999-12-31"
    assert TIMESTAMP_MAX % calendar.DAY_MS == calendar.DAY_MS - 1


def test_day_begins_at_midnight_utc() -> None:
    noon = calendar.day_from_date(2026, 3, 31) + calendar.DAY_MS // 2
    assert calendar.civil_date(noon) == (2026, 3, 31)
    assert calendar.day_of(noon) == calendar.day_from_date(2026, 3, 31)
    assert calendar.day_number(calendar.day_from_date(1970, 1, 2)) == 1


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
    assert calendar.add_months(calendar.day_from_date(*start) + 5, months) == calendar.day_from_date(*end) + 5


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
    assert calendar.days_between(calendar.day_from_date(*start), calendar.day_from_date(*end)) == actual
    assert calendar.days_30_360(calendar.day_from_date(*start), calendar.day_from_date(*end)) == thirty


def test_saturday_moves_to_monday_and_past_a_holiday() -> None:
    saturday = calendar.day_from_date(2026, 10, 3)
    assert calendar.weekday(saturday) == 5
    assert calendar.next_working_day(saturday, ()) == calendar.day_from_date(2026, 10, 5)
    golden_week = [calendar.day_from_date(2026, 10, day) for day in range(1, 9)]
    assert calendar.next_working_day(saturday, golden_week) == calendar.day_from_date(2026, 10, 9)


@given(st.integers(0, TIMESTAMP_MAX), st.integers(0, 10_000))
def test_dates_are_those_of_the_standard_library(time_ms: int, days: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)
    assert calendar.civil_date(time_ms) == (moment.year, moment.month, moment.day)
    assert calendar.weekday(time_ms) == moment.weekday()
    assert calendar.days_between(time_ms, calendar.add_days(time_ms, days)) == days
    assert calendar.day_from_date(*calendar.civil_date(time_ms)) == calendar.day_of(time_ms)
