"""What of a meter's file may become a certificate: readings are judged one by one, then hour by hour, and counted.

    reading    an interval inside one UTC hour, whole Wh, net of own use, rounded down: never more than was metered
    accepted   measured, once, below the capacity, not stuck, no sun by night
    hour       wholly covered by accepted readings; its energy is their sum, which may be negative

Nothing is filled in, averaged or guessed: an hour that is not whole is a gap, and a gap is no certificate.

Before that a clock's time becomes an instant. A clock that is set forward skips an hour: a reading from it never was. One that
is set back shows an hour twice: the two can be distinguished only if the file has both, in order. An hour that is there once
may be either, so it is neither.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from ledger.contract.refusal import Phrase
from scenarios.data_files import read_phrases
from scenarios.energy.cast import PACKAGE
from scenarios.energy.daylight import is_dark
from scenarios.energy.quantities import CAPACITY_MARGIN_PPM, HOUR_MS, PPM
from scenarios.energy.records import Place

STALE_RUN = 6
"""This many equal readings in a row are a stuck meter …"""
PLATEAU_PPM = 950_000
"""… unless they are zero, or so close to the capacity that the machine simply runs at full power."""

Reason = Literal["duplicate", "conflict", "estimated", "above-capacity", "stale", "dark", "no-such-hour", "ambiguous-hour"]
"""Why a reading is not accepted."""
REASONS: tuple[Reason, ...] = get_args(Reason)
CALLED: Mapping[str, Phrase] = read_phrases(PACKAGE, "readings.toml")["lost"]
"""What each is called, and an hour that became no certificate."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One interval of a meter."""

    start_ms: int
    length_ms: int
    energy_wh: int
    """Net, rounded down; negative where the plant takes energy from the grid."""
    is_measured: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of the readings of one device."""

    hours: Mapping[int, int]
    """Start of each whole hour -> its net Wh."""
    readings: int
    refused: Mapping[str, int]
    """Reason -> readings."""
    negative: int
    """Accepted readings below zero; they lessen their hour."""
    gap_hours: int
    """Hours from the first to the last that are not whole."""
    kept: tuple[Reading, ...] = ()
    """The readings that were accepted; of a committed series they are only counted."""

    @property
    def accepted(self) -> int:
        """How many readings were."""
        return self.readings - sum(self.refused.values())

    @property
    def positive_hours(self) -> int:
        """Hours that may become certificates."""
        return sum(energy_wh > 0 for energy_wh in self.hours.values())


def judge(
    readings: Sequence[Reading], capacity_w: int, refused_before: Mapping[str, int] | None = None, place: Place | None = None
) -> Judged:
    """Judges the readings of one device; `refused_before` counts those that never became a point in time.

    `place` is where a plant of the sun stands.
    """
    refused: Counter[str] = Counter(refused_before or {})
    once = _once(readings, refused)
    kept = [reading for reading in once if reading.is_measured]
    refused["estimated"] += len(once) - len(kept)
    plausible = [reading for reading in kept if not _is_above(reading, capacity_w, CAPACITY_MARGIN_PPM)]
    refused["above-capacity"] += len(kept) - len(plausible)
    moving = _not_stale(plausible, capacity_w)
    refused["stale"] += len(plausible) - len(moving)
    accepted = [reading for reading in moving if not _is_sun_by_night(reading, place)]
    refused["dark"] += len(moving) - len(accepted)
    hours = _whole_hours(accepted)
    return Judged(
        hours=hours,
        readings=len(readings) + sum((refused_before or {}).values()),
        refused={reason: refused[reason] for reason in REASONS if refused[reason]},
        negative=sum(reading.energy_wh < 0 for reading in accepted),
        gap_hours=_span_hours(readings) - len(hours),
        kept=tuple(accepted),
    )


def _once(readings: Iterable[Reading], refused: Counter[str]) -> list[Reading]:
    """One reading an interval, in order of time; intervals that overlap or disagree are all refused."""
    by_start: dict[int, list[Reading]] = {}
    for reading in readings:
        by_start.setdefault(reading.start_ms, []).append(reading)
    single = []
    for start_ms in sorted(by_start):
        first, *others = by_start[start_ms]
        if any(other != first for other in others):
            refused["conflict"] += 1 + len(others)
            continue
        refused["duplicate"] += len(others)
        single.append(first)
    overlapping = {
        place
        for place in range(1, len(single))
        if single[place - 1].start_ms + single[place - 1].length_ms > single[place].start_ms
    }
    overlapping |= {place - 1 for place in overlapping}
    refused["conflict"] += len(overlapping)
    return [reading for place, reading in enumerate(single) if place not in overlapping]


def _is_above(reading: Reading, capacity_w: int, part_ppm: int) -> bool:
    return abs(reading.energy_wh) * HOUR_MS * PPM > capacity_w * reading.length_ms * part_ppm


def _not_stale(readings: Sequence[Reading], capacity_w: int) -> list[Reading]:
    """Leaves out runs of at least STALE_RUN equal readings that follow each other without a gap."""
    kept: list[Reading] = []
    run: list[Reading] = []
    for reading in readings:
        if run and not (_follows(run[-1], reading) and reading.energy_wh == run[-1].energy_wh):
            kept += [] if _is_stuck(run, capacity_w) else run
            run = []
        run.append(reading)
    return kept + ([] if _is_stuck(run, capacity_w) else run)


def _follows(before: Reading, reading: Reading) -> bool:
    return before.start_ms + before.length_ms == reading.start_ms and before.length_ms == reading.length_ms


def _is_stuck(run: Sequence[Reading], capacity_w: int) -> bool:
    # A run at zero or a little below is a plant at rest, not a stuck meter.
    return len(run) >= STALE_RUN and run[0].energy_wh > 0 and not _is_above(run[0], capacity_w, PLATEAU_PPM)


def _is_sun_by_night(reading: Reading, place: Place | None) -> bool:
    return place is not None and reading.energy_wh > 0 and is_dark(place, reading.start_ms // HOUR_MS * HOUR_MS)


def _whole_hours(readings: Iterable[Reading]) -> dict[int, int]:
    covered: Counter[int] = Counter()
    energy: Counter[int] = Counter()
    for reading in readings:
        hour_ms = reading.start_ms - reading.start_ms % HOUR_MS
        covered[hour_ms] += reading.length_ms
        energy[hour_ms] += reading.energy_wh
    return {hour_ms: energy[hour_ms] for hour_ms in sorted(covered) if covered[hour_ms] == HOUR_MS}


def _span_hours(readings: Sequence[Reading]) -> int:
    if not readings:
        return 0
    starts = [reading.start_ms // HOUR_MS for reading in readings]
    return max(starts) - min(starts) + 1


# Local times


def instants(walls: Sequence[datetime], zone: str) -> tuple[list[datetime | None], Mapping[str, int]]:
    """The instant of each naive local time, None for one that has none or might have two; and how many of which kind.

    `walls` are in the order of the file; the zone is known.
    """
    times = Counter(walls)
    seen: Counter[datetime] = Counter()
    refused: Counter[str] = Counter()
    found: list[datetime | None] = []
    for wall in walls:
        earlier, later = both_instants(wall, zone)
        instant: datetime | None = earlier
        if earlier.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
            refused["no-such-hour"] += 1
            instant = None
        elif earlier != later:
            seen[wall] += 1
            instant = (earlier, later)[seen[wall] - 1] if times[wall] == 2 else None
            refused["ambiguous-hour"] += instant is None
        found.append(instant)
    return found, {reason: count for reason, count in sorted(refused.items()) if count}


def both_instants(wall: datetime, zone: str) -> tuple[datetime, datetime]:
    """What a clock's time means before and after daylight saving ends; on all other days the two are one."""
    earlier, later = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    return earlier, later


def ms_of(instant: datetime) -> int:
    """Milliseconds since 1970, of a whole second."""
    return round(instant.timestamp()) * 1_000


@lru_cache(maxsize=64)
def is_zone(name: object) -> bool:
    """Whether there is such a zone, as in `Asia/Shanghai`."""
    return name in available_timezones()
