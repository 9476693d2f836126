"""Derives the committed series again from the packages that hold the readings: same packages, same bytes.

    pip download openoa==3.2 pvanalytics==0.2.2 demandlib==0.2.2 --no-deps -d WHEELS
    pip install pyarrow
    python -m scenarios.energy.derive --source WHEELS [--to DIRECTORY]

Nothing of the project needs these packages otherwise. What is read, moved, dropped and why: `data/README.md`.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from hashlib import sha256
from importlib import import_module
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any
from zipfile import ZipFile

import typer

from ledger.errors import OperatorError
from scenarios.energy.quality import Judged, Reading, instants, judge, ms_of
from scenarios.energy.quantities import HOUR_MS
from scenarios.energy.year_plan import DAY_TYPES, FIRST_DAY, LAST_DAY, midnight_ms

MINUTE_MS = 60_000
HOURS = tuple(f"wh_{hour:02}" for hour in range(24))
WIND_CAPACITY_W = 2_050_000
"""Of each of the four turbines (asset table of the source)."""
WIND_ZONE = timezone(timedelta(hours=1))
SOLAR_CAPACITY_W = 3_400
"""Largest power of the source is 3,368 W."""
SOLAR_ZONE = timezone(timedelta(hours=-7))
SOLAR_PLACE = {"latitude_mdeg": 39_742, "longitude_mdeg": 119_827}
"""Of the source, Golden in Colorado, 105.173 degrees west, moved with its clock by 15 hours to the east."""
SOLAR_SCALE = 1_000
"""One kilowatt of the source stands for one megawatt of the story: shape real, size assumed."""
SOLAR_YEAR = 2013

LA_HAUTE_BORNE = (
    "Wind turbine readings: ENGIE, La Haute Borne wind farm, https://opendata-renewables.engie.com, updated on 9 October "
    "2019, Licence Ouverte / Open Licence 2.0 (Etalab); changed: summed to hours, moved in time, see data/README.md."
)
PVDAQ = (
    "Photovoltaic readings of PVDAQ system 50 (NREL, SERF East): example data of pvanalytics, MIT License, Copyright (c) 2020, "
    "2022 Alliance for Sustainable Energy, LLC and National Technology and Engineering Solutions of Sandia, LLC; changed: see "
    "data/README.md."
)
DEMANDLIB = (
    "Consumption profile: BDEW standard load profile G25 as published in demandlib, MIT License, Copyright (c) oemof "
    "developer group."
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file inside a wheel."""

    package: str
    member: str
    licence: str
    attribution: str

    def read(self, wheels: Path) -> bytes:
        """The bytes of the file; OperatorError `no-source` if the wheel is not there."""
        found = sorted(wheels.glob(f"{self.package}-*.whl"))
        if not found:  # check: energy-derive-source
            raise OperatorError("no-source", f"There is no wheel of {self.package} in {wheels}.")
        with ZipFile(found[-1]) as wheel:
            return wheel.read(self.member)


WIND = Source("openoa", "examples/data/la_haute_borne.zip", "Licence Ouverte 2.0 (Etalab)", LA_HAUTE_BORNE)
SOLAR = Source("pvanalytics", "pvanalytics/data/system_50_ac_power_2_full_DST.parquet", "MIT", PVDAQ)
PROFILE = Source("demandlib", "demandlib/bdew/bdew_data/g25.csv", "MIT", DEMANDLIB)


def derive(
    source: Annotated[Path, typer.Option(help="Directory of the wheels.")],
    to: Annotated[Path, typer.Option(help="Where the series go.")] = Path(__file__).parent / "data",
) -> None:
    """Write the series and their manifest."""
    to.mkdir(parents=True, exist_ok=True)
    entries = {}
    for name, derive_one in SERIES.items():
        entry = derive_one(source, to / name)
        entries[name] = entry | {"sha256": sha256((to / name).read_bytes()).hexdigest()}
    (to / "manifest.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def derive_wind(wheels: Path, path: Path) -> dict[str, Any]:
    """Four turbines, ten-minute mean power in kW -> net Wh of the farm by hour, where all four have a whole hour."""
    raw = WIND.read(wheels)
    with ZipFile(BytesIO(raw)) as folder, folder.open("la-haute-borne-data-2014-2015.csv") as file:
        rows = list(csv.DictReader(TextIOWrapper(file, "utf-8")))
    shift = timedelta(milliseconds=midnight_ms(FIRST_DAY) - ms_of(datetime(2014, 4, 1, tzinfo=WIND_ZONE)))
    first_ms, end_ms = midnight_ms(FIRST_DAY), midnight_ms(LAST_DAY + timedelta(days=1))
    by_turbine: dict[str, list[Reading]] = {}
    empty = 0
    for row in rows:
        start_ms = ms_of(datetime.fromisoformat(row["Date_time"]) + shift)
        if not first_ms <= start_ms < end_ms:
            continue
        turbine = by_turbine.setdefault(row["Wind_turbine_name"], [])
        if row["P_avg"]:
            energy_wh = _floor(Decimal(row["P_avg"]) * 1_000 / 6)
            turbine.append(Reading(start_ms, 10 * MINUTE_MS, energy_wh))
        else:
            empty += 1
    judged = [judge(by_turbine[name], WIND_CAPACITY_W) for name in sorted(by_turbine)]
    common = [hour for hour in judged[0].hours if all(hour in other.hours for other in judged)]
    hours = {hour: sum(one.hours[hour] for one in judged) for hour in common}
    _write_days(path, hours)
    return _entry(WIND, raw, hours, judged, empty=empty) | {"capacity_w": 4 * WIND_CAPACITY_W, "moved": _moved(shift)}


def derive_solar(wheels: Path, path: Path) -> dict[str, Any]:
    """Quarter-hour mean power in W on a clock that observes daylight saving -> net Wh by hour, a thousandfold."""
    raw = SOLAR.read(wheels)
    table = _parquet(raw)
    rows = zip(table.column("measured_on").to_pylist(), table.column("ac_power_2").to_pylist(), strict=True)
    of_year = [(wall.replace(tzinfo=None), power) for wall, power in rows if wall.year == SOLAR_YEAR]
    # The file says -07:00 all year, but noon jumps by an hour in March and November: it is the clock on the wall.
    metered = [(wall, power) for wall, power in of_year if power is not None and power == power]
    found, refused = instants([wall for wall, _ in metered], "America/Denver")
    readings = [
        Reading(_solar_ms(instant), 15 * MINUTE_MS, _floor(Decimal(power) * 10 / 4) * SOLAR_SCALE // 10)
        for instant, (_, power) in zip(found, metered, strict=True)
        if instant is not None
    ]
    judged = judge(readings, SOLAR_CAPACITY_W * SOLAR_SCALE, refused)
    _write_days(path, judged.hours)
    moved = "local standard time of 2013 (-07:00) to the same calendar day and hour of the story (+08:00)"
    about = {"capacity_w": SOLAR_CAPACITY_W * SOLAR_SCALE, "scaled": SOLAR_SCALE, "moved": moved, "place": SOLAR_PLACE}
    return _entry(SOLAR, raw, judged.hours, [judged], empty=len(of_year) - len(metered)) | about


def derive_profile(wheels: Path, path: Path) -> dict[str, Any]:
    """Month x day type x quarter-hour in kWh of a consumer of 1 GWh a year -> Wh by hour of the local day."""
    raw = PROFILE.read(wheels)
    _, types, *quarters = csv.reader(raw.decode("utf-8").splitlines())
    table: dict[tuple[int, str], list[Fraction]] = {}
    for place, day_type in enumerate(types[1:]):
        quarter_wh = [Fraction(row[place + 1]) * 1_000 for row in quarters]
        table[place // len(DAY_TYPES) + 1, day_type] = [sum(quarter_wh[4 * h : 4 * h + 4], Fraction()) for h in range(24)]
    rounded = {key: [round(energy_wh) for energy_wh in hours] for key, hours in table.items()}
    _write(path, ("month", "day_type", *HOURS), ((*key, *hours) for key, hours in rounded.items()))
    return _about(PROFILE, raw) | {"rows": len(rounded), "annual_wh": 10**9, "moved": "not at all: a table by month and day type"}


SERIES: Mapping[str, Callable[[Path, Path], dict[str, Any]]] = {
    "wind.csv": derive_wind,
    "solar.csv": derive_solar,
    "profile.csv": derive_profile,
}
"""How each is derived from a directory of wheels; the answer is what its manifest says."""


def _write_days(path: Path, hours: Mapping[int, int]) -> None:
    """One line a day of Beijing in the story's year, 24 columns of Wh, empty where there is no whole hour."""
    days = [FIRST_DAY + timedelta(days=place) for place in range((LAST_DAY - FIRST_DAY).days + 1)]
    lines = ((day.isoformat(), *(hours.get(midnight_ms(day) + hour * HOUR_MS, "") for hour in range(24))) for day in days)
    _write(path, ("day", *HOURS), lines)


def _write(path: Path, header: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((header, *lines))


def _entry(source: Source, raw: bytes, hours: Mapping[int, int], judged: Iterable[Judged], empty: int) -> dict[str, Any]:
    parts = list(judged)
    refused = sum((Counter(part.refused) for part in parts), Counter())
    return _about(source, raw) | {
        "readings": sum(part.readings for part in parts) + empty,
        "empty": empty,
        "refused": dict(sorted(refused.items())),
        "accepted": sum(part.accepted for part in parts),
        "negative": sum(part.negative for part in parts),
        "hours": len(hours),
        "positive_hours": sum(energy_wh > 0 for energy_wh in hours.values()),
        "net_wh": sum(hours.values()),
    }


def _about(source: Source, raw: bytes) -> dict[str, Any]:
    return {
        "source": f"{source.package}: {source.member}",
        "source_sha256": sha256(raw).hexdigest(),
        "licence": source.licence,
        "attribution": source.attribution,
    }


def _parquet(raw: bytes) -> Any:
    """The one format that no small library reads; so it is asked for here and nowhere else."""
    try:
        return import_module("pyarrow.parquet").read_table(BytesIO(raw))
    except ModuleNotFoundError as error:
        raise OperatorError("no-pyarrow", "The solar readings are a Parquet file; `pip install pyarrow` reads it.") from error


def _solar_ms(instant: datetime) -> int:
    """The story's instant whose day and hour in Beijing are those of the source's local standard time."""
    local = instant.astimezone(SOLAR_ZONE)
    day = local.date()
    year = FIRST_DAY.year if day >= FIRST_DAY.replace(year=day.year) else LAST_DAY.year
    return midnight_ms(day.replace(year=year)) + (local.hour * 60 + local.minute) * MINUTE_MS


def _floor(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_FLOOR))


def _moved(shift: timedelta) -> str:
    return f"every instant by {shift // timedelta(hours=1)} hours: local standard time (+01:00) to the same calendar day (+08:00)"


if __name__ == "__main__":
    try:
        typer.run(derive)
    except OperatorError as error:
        raise SystemExit(f"derive: {error}") from error
