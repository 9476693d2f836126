"""Interest and cost, against worked vectors, computed with QuantLib 1.44."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.contract.calendar import DAY_MS, day_from_date
from scenarios.money import Basis, annual_cost_ppm, interest_cents, year_fraction

FACE_CENTS = 1_000_000_00
RATE_PPM = 45_000
START, END = day_from_date(2026, 4, 24), day_from_date(2026, 10, 24)
BASES: tuple[Basis, ...] = ("ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30E/360")


@pytest.mark.parametrize(
    ("basis", "interest"),
    [
        ("ACT/360", 22_875_00),
        ("ACT/365F", 22_561_64),
        ("30/360", 22_500_00),
        ("30E/360", 22_500_00),
        ("ACT/ACT ISDA", 22_561_64),
    ],
)
def test_vectors(basis: Basis, interest: int) -> None:
    assert interest_cents(FACE_CENTS, RATE_PPM, basis, START, END) == interest


def test_leap_days_count_by_their_year() -> None:
    # 2023-11-15 to 2024-02-15: 47 days of a common year and 45 of a leap year.
    fraction = year_fraction("ACT/ACT ISDA", day_from_date(2023, 11, 15), day_from_date(2024, 2, 15))
    assert fraction == (45 * 365 + 47 * 366, 365 * 366)


@pytest.mark.parametrize(
    ("start", "end", "american", "european"),
    [
        ((2026, 1, 31), (2026, 3, 31), 60, 60),
        ((2026, 1, 30), (2026, 3, 31), 60, 60),
        ((2026, 1, 15), (2026, 3, 31), 76, 75),
        ((2026, 2, 28), (2026, 3, 31), 33, 32),
    ],
)
def test_months_of_thirty_days(start: tuple[int, int, int], end: tuple[int, int, int], american: int, european: int) -> None:
    days = (day_from_date(*start), day_from_date(*end))
    assert year_fraction("30/360", *days) == (american, 360)
    assert year_fraction("30E/360", *days) == (european, 360)


def test_half_a_cent_is_rounded_up() -> None:
    # 100.00 at 1.8 % for one day of ACT/360 is exactly half a cent.
    assert interest_cents(100_00, 18_000, "ACT/360", START, START + DAY_MS) == 1
    assert interest_cents(100_00, 17_999, "ACT/360", START, START + DAY_MS) == 0


def test_a_large_face_loses_nothing() -> None:
    # A hundred thousand million yuan, where 32 bits overflowed in a well-known test guide.
    assert interest_cents(10**13, RATE_PPM, "ACT/360", START, END) == 22_875 * 10**7


def test_two_per_cent_thirty_days_early_costs_a_quarter() -> None:
    assert annual_cost_ppm(100_00, 98_00, 30) == 244_898


@given(st.sampled_from(BASES), st.integers(1, 10**13), st.integers(0, 1_000_000), st.integers(0, 3_000))
def test_interest_grows_with_each_of_its_parts(basis: Basis, face: int, rate: int, days: int) -> None:
    interest = interest_cents(face, rate, basis, START, START + days * DAY_MS)
    assert 0 <= interest <= interest_cents(face + 1, rate, basis, START, START + days * DAY_MS)
    assert interest <= interest_cents(face, rate + 1, basis, START, START + days * DAY_MS)
    assert interest <= interest_cents(face, rate, basis, START, START + (days + 1) * DAY_MS)
