"""The committed series are what the manifest says of them, and what the script derives again from the packages."""

import os
from datetime import timedelta
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from scenarios.data_files import read_data, read_table
from scenarios.energy.cast import PACKAGE
from scenarios.energy.derive import PROFILE, WIND, derive
from scenarios.energy.quantities import HOUR_MS, hours_in, month_start_ms
from scenarios.energy.year_plan import FIRST_DAY, LAST_DAY, consumption, midnight_ms, read_days
from tests.project import ROOT

DATA = ROOT / "scenarios" / "energy" / "data"
WHEELS = os.environ.get("TALLYSTICK_ENERGY_WHEELS", "")
"""Directory of the packages' wheels; the readme says how to fetch them."""
MANIFEST = read_data(PACKAGE, "manifest.json")
BYTES_MAX = 600_000


@pytest.mark.parametrize("name", MANIFEST)
def test_a_file_is_the_one_of_the_manifest(name: str) -> None:
    assert sha256((DATA / name).read_bytes()).hexdigest() == MANIFEST[name]["sha256"]


@pytest.mark.parametrize("name", MANIFEST)
def test_source_licence_and_attribution_are_named_here_and_in_the_readme(name: str) -> None:
    entry = MANIFEST[name]
    readme = " ".join((DATA / "README.md").read_text(encoding="utf-8").split())
    assert entry["licence"] in ("MIT", "Licence Ouverte 2.0 (Etalab)")
    assert len(entry["source_sha256"]) == 64
    assert entry["source"].partition(": ")[2].rpartition("/")[2] in readme
    holder = "ENGIE" if "ENGIE" in entry["attribution"] else "Copyright (c)"
    assert holder in entry["attribution"]
    assert holder in readme


def test_the_readme_counts_as_the_manifest_does() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for name, label in (("wind.csv", "wind"), ("solar.csv", "sunshine")):
        entry = MANIFEST[name]
        cells = [
            cell.strip() for line in readme.splitlines() if line.startswith(f"| {label} |") for cell in line.split("|")[2:-1]
        ]
        counts = [entry["readings"], entry["empty"], *(entry["refused"].get(key, 0) for key in ("conflict", "ambiguous-hour"))]
        assert cells[:4] == [f"{count:,}" if count else "" for count in counts]
        assert cells[4:] == [f"{entry['hours']:,} of 8,760", f"{entry['positive_hours']:,}"]


def test_every_series_is_in_the_manifest_and_together_they_are_small() -> None:
    tables = sorted(path.name for path in DATA.glob("*.csv"))
    assert tables == sorted(MANIFEST)
    assert sum((DATA / name).stat().st_size for name in tables) < BYTES_MAX


@pytest.mark.parametrize("name", ["wind.csv", "solar.csv"])
def test_a_year_has_every_day_once_and_the_hours_of_the_manifest(name: str) -> None:
    days = [(FIRST_DAY + timedelta(days=place)).isoformat() for place in range(365)]
    rows = read_table(PACKAGE, name)
    assert days[-1] == LAST_DAY.isoformat()
    assert [row[0] for row in rows] == days
    assert {len(row) for row in rows} == {25}
    hours, entry = read_days(name), MANIFEST[name]
    assert (len(hours), sum(hours.values())) == (entry["hours"], entry["net_wh"])
    assert sum(energy_wh > 0 for energy_wh in hours.values()) == entry["positive_hours"]
    assert max(hours.values()) <= entry["capacity_w"] * 11 // 10


@pytest.mark.parametrize("name", ["wind.csv", "solar.csv"])
def test_every_reading_of_the_source_is_accounted_for(name: str) -> None:
    entry = MANIFEST[name]
    assert entry["readings"] == entry["accepted"] + entry["empty"] + sum(entry["refused"].values())


def test_the_real_faults_of_daylight_saving_are_counted() -> None:
    assert MANIFEST["wind.csv"]["refused"] == {"conflict": 48}
    assert MANIFEST["solar.csv"]["refused"] == {"ambiguous-hour": 4}


def test_the_sun_is_highest_at_noon_and_away_at_night() -> None:
    hours = read_days("solar.csv")
    by_hour = [0] * 24
    for start_ms, energy_wh in hours.items():
        by_hour[(start_ms - midnight_ms(FIRST_DAY)) // HOUR_MS % 24] += energy_wh
    assert by_hour.index(max(by_hour)) in (10, 11, 12)
    assert max(by_hour[:4] + by_hour[21:]) == 0


def test_the_profile_knows_weekdays_and_scale() -> None:
    start_ms = month_start_ms("2026-06")
    month = consumption(start_ms, hours_in("2026-06"), 10**9)
    monday, saturday, sunday = (sum(month[24 * day : 24 * day + 24]) for day in (0, 5, 6))
    assert monday > saturday > sunday
    year = consumption(month_start_ms("2026-04"), 8760, 16 * 10**9)
    assert abs(sum(year) - 16 * 10**9) < 16 * 10**9 // 50
    assert sum(consumption(month_start_ms("2026-04"), 8760, 8 * 10**9)) == pytest.approx(sum(year) / 2, rel=1e-6)


def test_without_its_wheel_the_script_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no wheel of openoa"):
        WIND.read(tmp_path)


@pytest.mark.skipif(not WHEELS, reason="TALLYSTICK_ENERGY_WHEELS names no directory of wheels")
def test_the_script_derives_the_same_bytes(tmp_path: Path) -> None:
    if find_spec("pyarrow") is None:
        assert PROFILE.read(Path(WHEELS))
        pytest.skip("pyarrow is not installed")
    derive(Path(WHEELS), tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted([*MANIFEST, "manifest.json"])
    assert [name for name in names if (tmp_path / name).read_bytes() != (DATA / name).read_bytes()] == []
