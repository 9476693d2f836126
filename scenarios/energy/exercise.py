"""Real meters, two of them with faults put in by hand, judged by the rules that judge every reading: does quality.py see them?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scenarios.data_files import read_data, read_table
from scenarios.energy.quality import Judged, Reading, judge
from scenarios.energy.series import PACKAGE

QUARTER_MS = 900_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """Readings that were put in as faults, and what the rules made of them."""

    labelled: int
    found: int
    """Marked ones on which no certificate can stand."""
    beside: int
    """Others that were refused."""


def judge_meter() -> Judged:
    """A meter that runs below zero by night."""
    readings = []
    for hour, *quarters in read_table(PACKAGE, "meter.csv"):
        start_ms = round(datetime.fromisoformat(hour).timestamp()) * 1_000
        readings += [
            Reading(start_ms + place * QUARTER_MS, QUARTER_MS, int(energy_wh)) for place, energy_wh in enumerate(quarters)
        ]
    return judge(readings, _capacity_w("meter.csv"))


def judge_stale() -> Labelled:
    """A meter that was made to stand still three times."""
    return _judge_labelled("stale.csv")


def judge_outliers() -> Labelled:
    """A meter with single values that never were."""
    return _judge_labelled("outliers.csv")


def _judge_labelled(name: str) -> Labelled:
    rows = [(int(minute) * 60_000, int(energy_wh), label == "1") for minute, energy_wh, label in read_table(PACKAGE, name)]
    readings = [Reading(start_ms, QUARTER_MS, energy_wh) for start_ms, energy_wh, _ in rows]
    good = {reading.start_ms for reading in judge(readings, _capacity_w(name)).kept}
    without = {start_ms for start_ms, energy_wh, _ in rows if start_ms not in good or energy_wh < 0}
    marked = [start_ms for start_ms, _, is_marked in rows if is_marked]
    found = _count(start_ms in without for start_ms in marked)
    refused = _count(start_ms not in good for start_ms, _, is_marked in rows if not is_marked)
    return Labelled(len(marked), found, refused)


def _capacity_w(name: str) -> int:
    return int(read_data(PACKAGE, "manifest.json")[name]["capacity_w"])


def _count(found: Iterable[bool]) -> int:
    return sum(found)
