"""Bad readings are counted by reason and never become energy; local times that were not, or were twice, become no instant."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.energy.quality import CALLED, REASONS, STALE_RUN, Judged, Reading, instants, is_zone, judge
from scenarios.energy.quantities import HOUR_MS

QUARTER_MS = HOUR_MS // 4
CAPACITY_W = 1_000_000
MOST_WH = 275_000
"""In a quarter-hour, with the margin of a tenth."""


def quarters(*energies_wh: int, start_ms: int = 0) -> list[Reading]:
    return [Reading(start_ms + place * QUARTER_MS, QUARTER_MS, energy_wh) for place, energy_wh in enumerate(energies_wh)]


def judged(readings: Sequence[Reading]) -> Judged:
    return judge(readings, CAPACITY_W)


def test_a_whole_hour_is_the_sum_of_its_readings() -> None:
    found = judged(quarters(1, 2, 3, 4))
    assert (found.hours, found.refused, found.gap_hours) == ({0: 10}, {}, 0)


def test_the_order_of_the_file_does_not_matter() -> None:
    assert judged(quarters(1, 2, 3, 4)[::-1]) == judged(quarters(1, 2, 3, 4))


def changed(place: int, **changes: object) -> Callable[[list[Reading]], list[Reading]]:
    return lambda readings: [*readings[:place], replace(readings[place], **changes), *readings[place + 1 :]]  # type: ignore[arg-type]


BAD: dict[str, tuple[Callable[[list[Reading]], list[Reading]], dict[str, int]]] = {
    "missing": (lambda readings: readings[:1] + readings[2:], {}),
    "twice with another value": (lambda readings: [*readings, replace(readings[1], energy_wh=9)], {"conflict": 2}),
    "overlapping": (changed(1, start_ms=QUARTER_MS - 1), {"conflict": 2}),
    "a longer one over a shorter one": (lambda readings: [*readings, Reading(0, HOUR_MS, 10)], {"conflict": 2}),
    "twice, once estimated": (lambda readings: [*readings, replace(readings[1], is_measured=False)], {"conflict": 2}),
    "estimated": (changed(1, is_measured=False), {"estimated": 1}),
    "above the capacity": (changed(1, energy_wh=MOST_WH + 1), {"above-capacity": 1}),
    "below what the plant could draw": (changed(1, energy_wh=-MOST_WH - 1), {"above-capacity": 1}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_reading_is_counted_and_its_hour_is_a_gap(name: str) -> None:
    spoil, refused = BAD[name]
    found = judged(spoil(quarters(1, 2, 3, 4)))
    assert (found.hours, found.refused, found.gap_hours) == ({}, refused, 1)
    assert found.accepted == found.readings - sum(refused.values())


def test_the_same_reading_twice_is_kept_once() -> None:
    readings = quarters(1, 2, 3, 4)
    found = judged([*readings, readings[0], readings[0]])
    assert (found.hours, found.refused, found.accepted) == ({0: 10}, {"duplicate": 2}, 4)


def test_at_the_capacity_with_its_margin_a_reading_stands() -> None:
    assert judged(quarters(MOST_WH, 0, -MOST_WH, 5)).hours == {0: 5}


def test_negative_readings_lessen_their_hour_and_are_counted() -> None:
    found = judged(quarters(5, -7, 1, 0) + quarters(1, 1, 1, -2, start_ms=HOUR_MS))
    assert (found.hours, found.negative, found.positive_hours) == ({0: -1, HOUR_MS: 1}, 2, 1)


@pytest.mark.parametrize(
    ("run", "energy_wh", "stuck"),
    [
        (STALE_RUN, 777, STALE_RUN),
        (STALE_RUN - 1, 777, 0),
        (STALE_RUN, 0, 0),
        (STALE_RUN, -3, 0),
        (STALE_RUN, 237_500, STALE_RUN),
        (STALE_RUN, 237_501, 0),
    ],
    ids=["stuck", "too short", "at rest", "own use at rest", "below full power", "at full power"],
)
def test_a_stuck_meter(run: int, energy_wh: int, stuck: int) -> None:
    readings = quarters(1, 2, *[energy_wh] * run, 3, 4)
    assert judged(readings).refused.get("stale", 0) == stuck


def test_equal_readings_with_a_gap_between_are_two_runs() -> None:
    readings = quarters(*[7] * STALE_RUN)
    shifted = [replace(reading, start_ms=reading.start_ms + QUARTER_MS) for reading in readings[3:]]
    assert judged([*readings[:3], *shifted]).refused == {}


def test_gaps_are_counted_between_the_first_and_the_last_hour() -> None:
    assert judged(quarters(1, 2, 3, 4) + quarters(1, 2, 3, 4, start_ms=5 * HOUR_MS)).gap_hours == 4


def test_no_readings_at_all() -> None:
    found = judge([], CAPACITY_W, {"no-such-hour": 3})
    assert (found.readings, found.accepted, found.hours, found.gap_hours) == (3, 0, {}, 0)


READINGS = st.lists(
    st.builds(
        Reading,
        start_ms=st.integers(0, 11).map(lambda place: place * QUARTER_MS),
        length_ms=st.just(QUARTER_MS),
        energy_wh=st.integers(-300_000, 300_000) | st.sampled_from([0, 5]),
        is_measured=st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(READINGS)
def test_no_hour_has_more_than_was_measured_in_it(readings: list[Reading]) -> None:
    found = judged(readings)
    assert found.accepted + sum(found.refused.values()) == found.readings == len(readings)
    assert set(found.refused) <= set(REASONS)
    for hour, energy_wh in found.hours.items():
        inside = [reading for reading in found.kept if reading.start_ms // HOUR_MS * HOUR_MS == hour]
        assert sum(reading.length_ms for reading in inside) == HOUR_MS
        assert sum(reading.energy_wh for reading in inside) == energy_wh <= CAPACITY_W * 11 // 10
        assert all(reading in readings and reading.is_measured for reading in inside)


def test_every_reason_has_words() -> None:
    assert set(REASONS) <= set(CALLED)
    assert all(words.en and words.zh for words in CALLED.values())


# Local time


@pytest.mark.parametrize("times", [1, 3])
def test_the_hour_that_comes_twice_is_unclear_if_it_is_there_otherwise(times: int) -> None:
    found, refused = instants([datetime(2026, 10, 25, 2, 30)] * times, "Europe/Berlin")
    assert found == [None] * times
    assert refused == {"ambiguous-hour": times}


def test_zones() -> None:
    assert is_zone("Asia/Shanghai")
    assert not any(map(is_zone, ("Mars/Olympus", "", "../etc/passwd", None)))
