"""Interest and cost in whole numbers: cents, millionths, days. Each rounding is stated, done once, and half up.

A rate of 3.5 % a year is 35,000 ppm. Day counts, by what banks agree on:

    ACT/360       days / 360                                 the money market's, and the default here
    ACT/365F      days / 365
    ACT/ACT ISDA  days in leap years / 366 + the others / 365
    30/360        months of 30 days, the American way with month ends
    30E/360       months of 30 days, the European way
"""

from typing import Literal

from ledger.contract.calendar import civil_date, day_from_date, days_30_360, days_between

Basis = Literal["ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30E/360"]
PPM = 1_000_000
"""Millionths in a whole: rates are counted in them."""
YUAN = 100
"""Cents in a yuan."""


def interest_cents(face_cents: int, rate_ppm: int, basis: Basis, start_on_ms: int, end_on_ms: int) -> int:
    """Simple interest on the face for the days from start (counted) to end (not counted), rounded half up to the cent."""
    numerator, denominator = year_fraction(basis, start_on_ms, end_on_ms)
    return half_up(face_cents * rate_ppm * numerator, PPM * denominator)


def year_fraction(basis: Basis, start_on_ms: int, end_on_ms: int) -> tuple[int, int]:
    """The part of a year between two days as (numerator, denominator), exact."""
    assert start_on_ms <= end_on_ms, "interest runs forward"
    days = days_between(start_on_ms, end_on_ms)
    if basis == "ACT/360":
        return days, 360
    if basis == "ACT/365F":
        return days, 365
    if basis == "ACT/ACT ISDA":
        leap = _days_in_leap_years(start_on_ms, end_on_ms)
        return leap * 365 + (days - leap) * 366, 365 * 366
    return (days_30_360 if basis == "30/360" else _days_30e_360)(start_on_ms, end_on_ms), 360


def annual_cost_ppm(face_cents: int, net_cents: int, days: int) -> int:
    """What it costs a year to have `net` now instead of `face` after `days`: (face-net)/net * 360/days, half up to the ppm."""
    return half_up((face_cents - net_cents) * 360 * PPM, net_cents * days)


def discounted_cents(face_cents: int, rate_ppm: int, start_on_ms: int, end_on_ms: int) -> int:
    """What the face is worth that many days before it is due: price * (1 + rate * days/360) = face, half up to the cent."""
    whole = 360 * PPM
    return half_up(face_cents * whole, whole + rate_ppm * days_between(start_on_ms, end_on_ms))


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of two whole numbers, rounded to the nearest, a half up; the numerator is not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def _days_in_leap_years(start_on_ms: int, end_on_ms: int) -> int:
    first, last = civil_date(start_on_ms)[0], civil_date(end_on_ms)[0]
    days = 0
    for year in range(first, last + 1):
        begin, end = day_from_date(year, 1, 1), day_from_date(year + 1, 1, 1)
        if days_between(begin, end) == 366:
            days += days_between(max(begin, start_on_ms), min(end, end_on_ms))
    return days


def _days_30e_360(start_on_ms: int, end_on_ms: int) -> int:
    year, month, day = civil_date(start_on_ms)
    last_year, last_month, last_day = civil_date(end_on_ms)
    return 360 * (last_year - year) + 30 * (last_month - month) + min(last_day, 30) - min(day, 30)
