"""A user's interval files: CSV in, devices with judged hours and a load out, or every fault at once.

    device        [A-Za-z0-9_-]{1,32}
    technology    wind, offshore-wind, solar, solar-thermal, hydro or biomass; the same in all rows of a device
    capacity_kw   name plate, at most three decimals; the same in all rows of a device
    start, end    2026-04-01T00:00:00+08:00 with an offset or Z; without one only beside a `zone`
    energy_kwh    net energy of the interval, negative where the plant drew power; or `energy_wh` instead, one of the two
    quality       optional: measured (if empty) or estimated
    zone          optional: an IANA name such as Europe/Berlin; start and end are then what a clock there showed
    latitude, longitude   degrees, north and east positive; for `solar` only, which needs them: they tell its nights

A folder instead of a file has `readings.csv` and perhaps `load.csv`, what was consumed: start, end, energy_kwh or energy_wh, and
perhaps quality and zone. Without it the consumer is a standard profile.

An interval lies within one hour of UTC. What is no reading is a fault: line, field, reason, and nothing is submitted.
What is a reading but a bad one is no fault: `quality.py` counts it, and it never becomes a certificate.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from scenarios.data_files import filled, read_phrases
from scenarios.energy.cast import PACKAGE
from scenarios.energy.quality import Judged, Reading, both_instants, instants, is_zone, judge, ms_of
from scenarios.energy.quantities import HOUR_MS, month_of
from scenarios.energy.records import Capacity, Name, Place
from scenarios.energy.year_plan import MeteredDevice
from scenarios.importing.faults import Fault, Faults, describe, raise_faults
from scenarios.importing.table import Row, parse_decimal, parse_instant, read_csv, read_text

DEVICES_MAX, MONTHS_MAX = 8, 24
LOAD_MAX_W = 10**10
"""A consumer needs less than this."""
FIRST_YEAR, LAST_YEAR = 2020, 2098
FAULTS = {
    reason: filled(words, devices=DEVICES_MAX, months=MONTHS_MAX)
    for reason, words in read_phrases(PACKAGE, "readings.toml")["faults"].items()
}
"""Reasons that only readings know."""


def parse_energy(text: object, places: int) -> int:
    """Decimal text, perhaps negative, in Wh, rounded down; `places` is 3 for kWh, 0 for Wh."""
    sign, digits = (-1, text[1:]) if isinstance(text, str) and text.startswith("-") else (1, text)
    return sign * parse_decimal(digits, places + 3) // 1_000


def parse_degrees(text: object) -> int:
    """Decimal degrees, perhaps negative, in thousandths."""
    return parse_energy(text, 3)


def _zone(text: object) -> str:
    if not is_zone(text):  # check: energy-file-zone
        raise PydanticCustomError("no-such-zone", "no such zone")
    return str(text)


class _Interval(Row):
    start: str
    end: str
    quality: Literal["measured", "estimated"] = "measured"
    zone: Annotated[str, BeforeValidator(_zone)] = ""


IntervalT = TypeVar("IntervalT", bound=_Interval)


class _Generated(_Interval):
    device: Name
    technology: Literal["wind", "offshore-wind", "solar", "solar-thermal", "hydro", "biomass"]
    capacity_kw: Annotated[Capacity, BeforeValidator(lambda text: parse_decimal(text, 3))]
    """Watts, once read."""
    latitude: Annotated[int, Field(ge=-90_000, le=90_000), BeforeValidator(parse_degrees)] | None = None
    longitude: Annotated[int, Field(ge=-180_000, le=180_000), BeforeValidator(parse_degrees)] | None = None


class _InKwh(_Interval):
    energy_kwh: Annotated[int, BeforeValidator(lambda text: parse_energy(text, 3))]


class _InWh(_Interval):
    energy_wh: Annotated[int, BeforeValidator(lambda text: parse_energy(text, 0))]


class _GeneratedKwh(_Generated, _InKwh):
    pass


class _GeneratedWh(_Generated, _InWh):
    pass


Lines = Sequence[tuple[int, IntervalT]]


def read_own(path: Path) -> tuple[tuple[MeteredDevice, ...], Judged | None]:
    """The devices of a file, or of a folder with its load if it has one; raises InputFaults."""
    if not path.is_dir():
        return read_readings(path), None
    load = path / "load.csv"
    return read_readings(path / "readings.csv"), read_load(load) if load.exists() else None


def read_load(path: Path) -> Judged:
    """What was consumed by the hour; raises InputFaults with all that is wrong."""
    faults: list[Fault] = Faults()
    rows = read_csv(path, _InWh if _is_in_wh(path) else _InKwh, faults, words=FAULTS)
    notes, refused = _Notes(path.name, faults), Counter[str]()
    for line, row in rows:
        if _energy_wh(row) < 0:  # check: energy-file-load
            notes.add(line, "energy", "negative", str(_energy_wh(row)))
    readings = _readings(rows, notes, refused)
    raise_faults(faults)
    return judge(readings, LOAD_MAX_W, refused)


def read_readings(path: Path) -> tuple[MeteredDevice, ...]:
    """The devices in the order of the file; raises InputFaults with all that is wrong."""
    faults: list[Fault] = Faults()
    rows = read_csv(path, _GeneratedWh if _is_in_wh(path) else _GeneratedKwh, faults, words=FAULTS)
    by_device: dict[str, list[tuple[int, _Generated]]] = {}
    for line, row in rows:
        by_device.setdefault(row.device, []).append((line, row))
    notes = _Notes(path.name, faults)
    if len(by_device) > DEVICES_MAX:  # check: energy-file-devices
        notes.add(0, "device", "too-many-devices", str(len(by_device)))
    devices = tuple(_device(name, lines, notes) for name, lines in by_device.items())
    hours = sorted(hour for device in devices for hour in device.judged.hours)
    if hours and _months(hours[0], hours[-1]) > MONTHS_MAX:  # check: energy-file-months
        notes.add(0, "start", "too-many-months", f"{month_of(hours[0])} … {month_of(hours[-1])}")
    if rows and not faults and not any(device.judged.positive_hours for device in devices):  # check: energy-file-nothing
        notes.add(0, "", "no-certificate")
    faults.sort(key=lambda fault: fault.line)
    raise_faults(faults)
    return devices


@dataclass(frozen=True, slots=True)
class _Notes:
    file: str
    faults: list[Fault]

    def add(self, line: int, field: str, reason: str, value: str = "") -> None:
        self.faults.append(describe(self.file, line, field, reason, value, FAULTS))


def _is_in_wh(path: Path) -> bool:
    """By the unit that the header names; kWh where it names none, so that its column is called missing."""
    header = (read_text(path, []) or "").partition("\n")[0]
    return "energy_wh" in header and "energy_kwh" not in header


def _device(name: str, lines: Lines[_Generated], notes: _Notes) -> MeteredDevice:
    first_line, first = lines[0]
    for line, row in lines:
        for field in ("technology", "capacity_kw", "latitude", "longitude"):
            if getattr(row, field) != getattr(first, field):  # check: energy-file-device
                notes.add(line, field, "device-differs", f"{getattr(row, field)} ({first_line}: {getattr(first, field)})")
    place = None
    if first.latitude is not None and first.longitude is not None:
        place = Place(latitude_mdeg=first.latitude, longitude_mdeg=first.longitude)
    if first.technology == "solar" and place is None:  # check: energy-file-place
        notes.add(first_line, "latitude", "needs-place")
    refused: Counter[str] = Counter()
    readings = _readings(lines, notes, refused)
    judged = judge(readings, first.capacity_kw, refused, place if first.technology == "solar" else None)
    return MeteredDevice(name, first.technology, first.capacity_kw, judged, place)


def _readings(lines: Lines[IntervalT], notes: _Notes, refused: Counter[str]) -> list[Reading]:
    """Rows by an offset and rows by the clock of a zone."""
    readings = []
    for zone in dict.fromkeys(row.zone for _, row in lines):
        within = [(line, row) for line, row in lines if row.zone == zone]
        readings += _by_clock(within, zone, notes, refused) if zone else _by_offset(within, notes)
    return readings


def _by_offset(lines: Lines[IntervalT], notes: _Notes) -> list[Reading]:
    found = []
    for line, row in lines:
        start_ms, end_ms = _instant_ms(row.start, line, "start", notes), _instant_ms(row.end, line, "end", notes)
        if start_ms is not None and end_ms is not None:
            found += _reading(row, line, start_ms, (end_ms,), notes)
    return found


def _by_clock(lines: Lines[IntervalT], zone: str, notes: _Notes, refused: Counter[str]) -> list[Reading]:
    """Local times; those that daylight saving makes impossible or ambiguous are counted, not faults."""
    walls = []
    for line, row in lines:
        start, end = _wall(row.start, line, "start", notes), _wall(row.end, line, "end", notes)
        if start is not None and end is not None:
            walls.append((line, row, start, end))
    found, unclear = instants([start for _, _, start, _ in walls], zone)
    refused.update(unclear)
    readings = []
    for (line, row, start, end), instant in zip(walls, found, strict=True):
        if instant is not None:
            start_ms = ms_of(instant)
            ends = map(ms_of, both_instants(end, zone))
            readings += _reading(row, line, start_ms, (*ends, start_ms + (end - start) // timedelta(milliseconds=1)), notes)
    return readings


def _reading(row: _Interval, line: int, start_ms: int, ends_ms: Sequence[int], notes: _Notes) -> list[Reading]:
    """The interval with the first end that is possible."""
    hour_end_ms = start_ms - start_ms % HOUR_MS + HOUR_MS
    possible = [end_ms for end_ms in ends_ms if start_ms < end_ms <= hour_end_ms]
    if not possible:  # check: energy-file-interval
        notes.add(line, "end", "bad-interval", row.end)
        return []
    return [Reading(start_ms, possible[0] - start_ms, _energy_wh(row), row.quality == "measured")]


def _energy_wh(row: _Interval) -> int:
    return row.energy_kwh if isinstance(row, _InKwh) else row.energy_wh if isinstance(row, _InWh) else 0


def _instant_ms(text: str, line: int, field: str, notes: _Notes) -> int | None:
    """An instant with its offset; a fault for anything else."""
    try:
        time_ms = parse_instant(text)
    except PydanticCustomError as error:
        notes.add(line, field, error.type, text)
        return None
    if not FIRST_YEAR <= datetime.fromtimestamp(time_ms // 1_000, UTC).year <= LAST_YEAR:  # check: energy-file-year
        notes.add(line, field, "out-of-range", text)
        return None
    return time_ms


def _wall(text: str, line: int, field: str, notes: _Notes) -> datetime | None:
    """What the clock showed; an offset beside a zone is a fault."""
    if text.endswith("Z") or text[19:20] in ("+", "-"):  # check: energy-file-two-zones
        notes.add(line, field, "two-zones", text)
        return None
    time_ms = _instant_ms(f"{text}Z", line, field, notes)
    return None if time_ms is None else datetime.fromtimestamp(time_ms // 1_000, UTC).replace(tzinfo=None)


def _months(first_ms: int, last_ms: int) -> int:
    first, last = month_of(first_ms), month_of(last_ms)
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1
