"""Demurrage and detention: vectors computed by hand on a calendar of June 2026, in which the 1st is a Monday."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.contract.calendar import day_of
from scenarios.dates import on
from scenarios.shipping.box.tariff import MINUTE_MS, charge_cents, chargeable_days, due_cents, free_until_ms, tiers_fault
from scenarios.shipping.records import FreeTime, Kind, Tariff, Tier

HOUR = 3_600_000
TIERS = (Tier(to_day=5, day_cents=40_000), Tier(to_day=10, day_cents=80_000), Tier(to_day=0, day_cents=120_000))


def terms(duration: int, unit: str, first_day: str = "next") -> FreeTime:
    return FreeTime.model_validate({"duration": duration, "unit": unit, "first_day": first_day, "tiers": TIERS})


def tariff(duration: int, unit: str, first_day: str = "next", offset_minutes: int = 0, holidays: tuple[int, ...] = ()) -> Tariff:
    free = terms(duration, unit, first_day)
    return Tariff(
        number="T-1", demurrage_starts="DISC", demurrage=free, detention=free, offset_minutes=offset_minutes, holidays=holidays
    )


VECTORS = {
    # DCSA's example of an arrival notice has ten calendar days of detention. Out on 1 June: free to 11 June.
    "ten calendar days, back on the last free day": (tariff(10, "CD"), "2026-06-01 10", "2026-06-11 23", "2026-06-11", 0),
    "ten calendar days, back two days late": (tariff(10, "CD"), "2026-06-01 10", "2026-06-13 08", "2026-06-11", 2),
    "ten calendar days, the first one counted": (tariff(10, "CD", "counted"), "2026-06-01 10", "2026-06-13 08", "2026-06-10", 3),
    "no free time, gone at once": (tariff(0, "CD", "counted"), "2026-06-01 10", "2026-06-01 11", "2026-05-31", 1),
    "no free time but the first day": (tariff(0, "CD"), "2026-06-01 10", "2026-06-01 11", "2026-06-01", 0),
    # Three working days from Thursday the 4th: Friday, Monday, Tuesday.
    "working days leave the weekend out": (tariff(3, "WD"), "2026-06-04 10", "2026-06-10 01", "2026-06-09", 1),
    "and a holiday": (tariff(3, "WD", holidays=(on("2026-06-08"),)), "2026-06-04 10", "2026-06-10 01", "2026-06-10", 0),
    "rest days are charged once free time is over": (tariff(1, "WD"), "2026-06-04 10", "2026-06-08 09", "2026-06-05", 3),
    "discharged on a Saturday, counted": (tariff(1, "WD", "counted"), "2026-06-06 10", "2026-06-08 23", "2026-06-08", 0),
    "72 hours, to the minute": (tariff(72, "HR"), "2026-06-01 10", "2026-06-04 10", "2026-06-04", 0),
    "73 hours cost a day": (tariff(72, "HR"), "2026-06-01 10", "2026-06-04 11", "2026-06-04", 1),
    "97 hours cost two": (tariff(72, "HR"), "2026-06-01 10", "2026-06-05 11", "2026-06-04", 2),
    # 23:00 UTC on the 1st is 01:00 on the 2nd in a port two hours ahead.
    "the port's day, not Greenwich's": (tariff(1, "CD", offset_minutes=120), "2026-06-01 23", "2026-06-03 21", "2026-06-03", 0),
    "and its midnight": (tariff(1, "CD", offset_minutes=120), "2026-06-01 23", "2026-06-03 22", "2026-06-03", 1),
    "west of Greenwich": (tariff(1, "CD", offset_minutes=-480), "2026-06-02 07", "2026-06-03 07", "2026-06-02", 0),
}


def at(text: str) -> int:
    day, hour = text.split()
    return on(day) + int(hour) * HOUR


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("kind", ["DEM", "DET"])
def test_vectors(name: str, kind: Kind) -> None:
    found, start, end, last_free_day, days = VECTORS[name]
    assert day_of(free_until_ms(found, kind, at(start)) - 1 + found.offset_minutes * MINUTE_MS) == on(last_free_day)
    assert chargeable_days(found, kind, at(start), at(end)) == days


@pytest.mark.parametrize(
    ("days", "yuan"), [(0, 0), (1, 400), (5, 2_000), (6, 2_800), (10, 6_000), (11, 7_200), (20, 18_000)]
)  # 5 x 400, then 5 x 800, then 1,200 a day
def test_tiers(days: int, yuan: int) -> None:
    assert charge_cents(TIERS, days) == yuan * 100


@pytest.mark.parametrize("ends", [(1,), (0, 5), (5, 5, 0), (5, 3, 0), (0, 0)])
def test_what_are_no_tiers(ends: tuple[int, ...]) -> None:
    assert tiers_fault([Tier(to_day=end, day_cents=1) for end in ends])
    assert not tiers_fault(TIERS)


@given(
    st.sampled_from(["CD", "WD", "HR"]),
    st.integers(0, 90),
    st.integers(on("2026-06-01"), on("2026-08-01")),
    st.integers(0, 60 * 24 * HOUR),
    st.integers(-720, 840),
)
def test_cost_never_falls_and_free_time_is_free(unit: str, duration: int, start: int, stay: int, offset: int) -> None:
    found = tariff(duration, unit, offset_minutes=offset)
    free = free_until_ms(found, "DEM", start)
    assert due_cents(found, "DEM", start, min(start + stay, free - 1)) == 0
    assert due_cents(found, "DEM", start, start + stay) <= due_cents(found, "DEM", start, start + stay + HOUR)
    if unit != "HR":
        assert (free + offset * 60_000) % (24 * HOUR) == 0


def test_a_clock_that_stops_before_it_starts_costs_nothing() -> None:
    assert chargeable_days(tariff(0, "CD", "counted"), "DEM", at("2026-06-02 10"), at("2026-06-01 10")) == 0
