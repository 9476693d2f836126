"""A user's interval file: what is no reading is named, all of it, and nothing is submitted; what is one is read exactly.

What is wrong with a file or a cell of any trade: `test_scenarios_importing.py`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from scenarios.energy.readings_file import DEVICES_MAX, FAULTS, parse_energy, read_load, read_own, read_readings
from scenarios.energy.scenario import with_data
from scenarios.energy.year_plan import MeteredDevice, plan_of
from scenarios.importing.faults import InputFaults

HEADER = "device,technology,capacity_kw,start,end,energy_kwh,quality"
GOOD = "W1,wind,2050,2026-04-01T00:00:00+08:00,2026-04-01T01:00:00+08:00,131.25,measured"
HOUR_MS = 3_600_000
START_MS = 1_774_972_800_000
"""2026-03-31T16:00Z, midnight in Beijing."""


def file(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def read(tmp_path: Path, *rows: str, header: str = HEADER) -> tuple[MeteredDevice, ...]:
    return read_readings(file(tmp_path, *rows, header=header))


def faults(path: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(InputFaults) as caught:
        read_readings(path)
    return [(fault.line, fault.field, fault.reason) for fault in caught.value.faults]


def row(**changes: str) -> str:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changes
    return ",".join(cells.values())


def test_a_good_file(tmp_path: Path) -> None:
    (device,) = read(tmp_path, GOOD)
    assert (device.name, device.technology, device.capacity_w) == ("W1", "wind", 2_050_000)
    assert device.judged.hours == {START_MS: 131_250}


def test_several_devices_in_the_order_of_the_file(tmp_path: Path) -> None:
    later = row(device="B", start="2026-04-01T01:00:00+08:00", end="2026-04-01T02:00:00+08:00")
    found = read(tmp_path, row(device="B"), row(device="A", technology="hydro"), later)
    assert [(one.name, one.technology, len(one.judged.hours)) for one in found] == [("B", "wind", 2), ("A", "hydro", 1)]


@pytest.mark.parametrize(
    ("column", "text", "energy_wh"),
    [
        ("energy_kwh", "0.0019", 1),
        ("energy_kwh", "-0.0001", -1),
        ("energy_kwh", "131.25", 131_250),
        ("energy_wh", "131.999", 131),
        ("energy_wh", "-131", -131),
    ],
)
def test_energy_is_rounded_down_to_whole_watt_hours(tmp_path: Path, column: str, text: str, energy_wh: int) -> None:
    rows = [row(energy_kwh=text), row(start="2026-04-01T01:00:00+08:00", end="2026-04-01T02:00:00+08:00", energy_kwh="7")]
    (device,) = read(tmp_path, *rows, header=HEADER.replace("energy_kwh", column))
    assert device.judged.hours[START_MS] == energy_wh


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=-(10**6), max_value=10**6, places=6))
def test_energy_never_says_more_than_the_text(value: object) -> None:
    found = parse_energy(f"{value:f}", 3)
    assert found <= value * 1000 < found + 1  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "-", "--1", "1e3", "1,5", "0x10", " 1", "NaN", "Infinity", "９", "+1", "1kWh", None])
def test_no_number(text: str | None) -> None:
    with pytest.raises(PydanticCustomError):
        parse_energy(text, 3)


WRONG: Mapping[str, tuple[dict[str, str], str, str]] = {
    "markup as a name": ({"device": "<img onerror=alert(1)>"}, "device", "bad-form"),
    "a formula as a name": ({"device": "=cmd()"}, "device", "bad-form"),
    "an unknown technology": ({"technology": "coal"}, "technology", "not-one-of"),
    "a battery": ({"technology": "storage"}, "technology", "not-one-of"),
    "no capacity": ({"capacity_kw": "0"}, "capacity_kw", "out-of-range"),
    "a capacity beyond all plants": ({"capacity_kw": "100000000.001"}, "capacity_kw", "out-of-range"),
    "a time without a zone": ({"start": "2026-04-01T00:00:00"}, "start", "no-time-zone"),
    "a year long past": ({"start": "1999-04-01T00:00:00Z"}, "start", "out-of-range"),
    "an end before the start": ({"end": "2026-03-31T23:00:00+08:00"}, "end", "bad-interval"),
    "no length": ({"end": "2026-04-01T00:00:00+08:00"}, "end", "bad-interval"),
    "two hours": ({"end": "2026-04-01T02:00:00+08:00"}, "end", "bad-interval"),
    "across the hour": ({"start": "2026-04-01T00:30:00+08:00", "end": "2026-04-01T01:30:00+08:00"}, "end", "bad-interval"),
    "an unknown quality": ({"quality": "guessed"}, "quality", "not-one-of"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_that_is_no_reading_is_named(tmp_path: Path, name: str) -> None:
    changes, field, reason = WRONG[name]
    assert faults(file(tmp_path, GOOD, row(**changes))) == [(3, field, reason)]


def test_all_faults_are_named_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    rows = [row(**changes) for changes, _, _ in WRONG.values()]
    assert faults(file(tmp_path, *rows)) == [(line, field, reason) for line, (_, field, reason) in enumerate(WRONG.values(), 2)]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (HEADER.replace("energy_kwh", "energy"), [("energy", "unknown-column"), ("energy_kwh", "missing-column")]),
        (HEADER.replace("energy_kwh", "MWh"), [("MWh", "unknown-column"), ("energy_kwh", "missing-column")]),
        (HEADER.replace("quality", "energy_wh"), [("energy_wh", "unknown-column")]),
    ],
    ids=["no unit", "another unit", "two units"],
)
def test_a_wrong_header(tmp_path: Path, header: str, found: Sequence[tuple[str, str]]) -> None:
    assert faults(file(tmp_path, GOOD, header=header)) == [(1, field, reason) for field, reason in found]


def test_no_file_is_one_fault(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.csv") == [(0, "", "no-file")]


@pytest.mark.parametrize("changes", [{"technology": "solar"}, {"capacity_kw": "2051"}])
def test_a_device_is_one_and_the_same(tmp_path: Path, changes: dict[str, str]) -> None:
    assert faults(file(tmp_path, GOOD, row(**changes))) == [(3, next(iter(changes)), "device-differs")]


def test_too_many_devices(tmp_path: Path) -> None:
    rows = [row(device=f"W{number}") for number in range(DEVICES_MAX + 1)]
    assert faults(file(tmp_path, *rows)) == [(0, "device", "too-many-devices")]


@pytest.mark.parametrize(("day", "found"), [("2028-03-31", []), ("2028-04-01", [(0, "start", "too-many-months")])])
def test_too_many_months(tmp_path: Path, day: str, found: list[tuple[int, str, str]]) -> None:
    path = file(tmp_path, GOOD, row(start=f"{day}T00:00:00+08:00", end=f"{day}T01:00:00+08:00"))
    if found:
        assert faults(path) == found
    else:
        assert len(read_readings(path)[0].judged.hours) == 2


def test_a_file_without_one_hour_of_generation(tmp_path: Path) -> None:
    assert faults(file(tmp_path, row(energy_kwh="-1"))) == [(0, "", "no-certificate")]


def test_bad_readings_are_no_faults_but_counted(tmp_path: Path) -> None:
    hours = [f"2026-04-01T{hour:02}:00:00+08:00" for hour in range(7)]
    spans = [{"start": hours[hour], "end": hours[hour + 1]} for hour in range(6)]
    (device,) = read(
        tmp_path,
        row(**spans[0]),
        row(**spans[0]),
        row(**spans[1]),
        row(**spans[1], energy_kwh="7"),
        row(**spans[2], quality="estimated"),
        row(**spans[3], energy_kwh="2255.001"),
        row(**spans[4], energy_kwh="-3"),
        row(**spans[5], energy_kwh="2255", quality=""),
    )
    assert device.judged.refused == {"duplicate": 1, "conflict": 2, "estimated": 1, "above-capacity": 1}
    assert device.judged.hours == {START_MS: 131_250, START_MS + 4 * HOUR_MS: -3_000, START_MS + 5 * HOUR_MS: 2_255_000}
    assert device.judged.gap_hours == 3


# Local time with a declared zone

ZONED = HEADER + ",zone"


def local(start: str, end: str, zone: str = "Europe/Berlin", energy_kwh: str = "1") -> str:
    return row(start=start, end=end, energy_kwh=energy_kwh) + f",{zone}"


def autumn(start: str, end: str, energy_kwh: int = 1) -> str:
    return local(f"2026-10-25T{start}:00", f"2026-10-25T{end}:00", energy_kwh=str(energy_kwh))


def test_a_local_hour_that_comes_twice(tmp_path: Path) -> None:
    starts = ["02:00", "02:15", "02:30", "02:45"]
    first = [autumn(*span) for span in zip(starts, [*starts[1:], "02:00"], range(1, 5), strict=True)]
    second = [autumn(*span) for span in zip(starts, [*starts[1:], "03:00"], range(5, 9), strict=True)]
    (device,) = read(tmp_path, *first, *second, header=ZONED)
    assert (device.judged.refused, list(device.judged.hours.values())) == ({}, [10_000, 26_000])
    (other,) = read(tmp_path, *first[:3], autumn("02:45", "03:00", 4), *second, header=ZONED)
    assert other.judged.hours == device.judged.hours


def test_a_local_hour_that_comes_twice_and_is_told_once(tmp_path: Path) -> None:
    (device,) = read(tmp_path, autumn("01:00", "02:00"), autumn("02:00", "03:00"), autumn("03:00", "04:00"), header=ZONED)
    assert device.judged.refused == {"ambiguous-hour": 1}
    assert (device.judged.readings, device.judged.accepted, device.judged.gap_hours) == (3, 2, 2)


def test_a_local_hour_that_is_left_out(tmp_path: Path) -> None:
    rows = [local(f"2026-03-29T{hour:02}:00:00", f"2026-03-29T{hour + 1:02}:00:00") for hour in range(1, 4)]
    (device,) = read(tmp_path, *rows, header=ZONED)
    assert (device.judged.refused, device.judged.gap_hours) == ({"no-such-hour": 1}, 0)
    (other,) = read(tmp_path, local("2026-03-29T01:00:00", "2026-03-29T03:00:00"), header=ZONED)
    assert list(other.judged.hours.values()) == [1_000]


@pytest.mark.parametrize(
    ("start", "zone", "field", "reason"),
    [
        ("2026-04-01T00:00:00", "Mars/Olympus", "zone", "no-such-zone"),
        ("2026-04-01T00:00:00+08:00", "Asia/Shanghai", "start", "two-zones"),
        ("2026-04-01T00:00:00Z", "Asia/Shanghai", "start", "two-zones"),
        ("2026-04-01 00:00", "Asia/Shanghai", "start", "bad-instant"),
        ("2026-04-01T00:00:00", "", "start", "no-time-zone"),
    ],
)
def test_a_wrong_zone(tmp_path: Path, start: str, zone: str, field: str, reason: str) -> None:
    end = "2026-04-01T01:00:00" if zone else "2026-04-01T01:00:00+08:00"
    assert faults(file(tmp_path, local(start, end, zone), header=ZONED)) == [(2, field, reason)]


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(words.en and words.zh for words in FAULTS.values())


# The place of a solar plant, and a load

PLACED = HEADER + ",latitude,longitude"


def test_the_sun_needs_a_place(tmp_path: Path) -> None:
    assert faults(file(tmp_path, row(technology="solar"))) == [(2, "latitude", "needs-place")]
    (device,) = read(tmp_path, row(technology="solar") + ",39.9,-116.4", header=PLACED)
    assert device.place is not None
    assert (device.place.latitude_mdeg, device.place.longitude_mdeg) == (39_900, -116_400)


@pytest.mark.parametrize(
    ("latitude", "reason"), [("90.001", "out-of-range"), ("39,9", "not-a-number"), ("north", "not-a-number")]
)
def test_no_place(tmp_path: Path, latitude: str, reason: str) -> None:
    assert faults(file(tmp_path, row(technology="solar") + f',"{latitude}",8', header=PLACED)) == [(2, "latitude", reason)]


def test_sun_by_night_is_no_reading(tmp_path: Path) -> None:
    noon = {"start": "2026-04-01T12:00:00+08:00", "end": "2026-04-01T13:00:00+08:00"}
    rows = [row(technology="solar", **times) + ",39.9,116.4" for times in (dict[str, str](), noon)]
    (device,) = read(tmp_path, *rows, header=PLACED)
    assert (device.judged.refused, device.judged.hours) == ({"dark": 1}, {START_MS + 12 * HOUR_MS: 131_250})


def test_a_load_beside_the_readings(tmp_path: Path) -> None:
    file(tmp_path, GOOD).rename(tmp_path / "readings.csv")
    assert read_own(tmp_path)[1] is None
    times = "2026-04-01T00:00:00+08:00,2026-04-01T01:00:00+08:00"
    (tmp_path / "load.csv").write_text(f"start,end,energy_kwh\n{times},120.5\n", encoding="utf-8")
    devices, load = read_own(tmp_path)
    assert load is not None
    plan = plan_of(devices, load)
    assert (load.hours, plan.load_wh("2026-04")[:2], plan.matched_wh("2026-04")[0][:2]) == (
        {START_MS: 120_500},
        [120_500, 0],
        [120_500, 0],
    )


@pytest.mark.parametrize(("year", "energy"), [(2025, 120), (2026, 0)])
def test_a_load_of_another_year_or_of_nothing_is_named(tmp_path: Path, year: int, energy: int) -> None:
    file(tmp_path, GOOD).rename(tmp_path / "readings.csv")
    times = f"{year}-04-01T00:00:00+08:00,{year}-04-01T01:00:00+08:00"
    (tmp_path / "load.csv").write_text(f"start,end,energy_kwh\n{times},{energy}\n", encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        with_data(tmp_path)
    assert [(fault.file, fault.reason, fault.value) for fault in caught.value.faults] == [
        ("load.csv", "load-apart", "2026-04–2026-04"),
    ]


def test_a_load_is_never_negative(tmp_path: Path) -> None:
    times = "2026-04-01T00:00:00+08:00,2026-04-01T01:00:00+08:00"
    (tmp_path / "load.csv").write_text(f"start,end,energy_wh\n{times},-1\n", encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        read_load(tmp_path / "load.csv")
    assert [(fault.line, fault.field, fault.reason) for fault in caught.value.faults] == [(2, "energy", "negative")]
