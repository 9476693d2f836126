"""Who generates, who consumes and what was metered in the months that are matched hour by hour: the default, or a user's own.

The committed series have figures by day and hour, and a profile that fills any calendar. A load is sealed on the ledger: a
figure that needs it takes it from the plan, as the consumer does from its own file.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from ledger.contract.calendar import DAY_MS, day_from_date
from scenarios.data_files import read_data, read_table
from scenarios.energy.cast import BUSINESS_PARK, PACKAGE, SOLAR, WIND
from scenarios.energy.quality import Judged
from scenarios.energy.quantities import HOUR_MS, MARKET_OFFSET_MS, hours_in, month_of, month_start_ms, months_after
from scenarios.energy.records import Place
from scenarios.identifiers import gsrn_of

FIRST_DAY, LAST_DAY = date(2026, 4, 1), date(2027, 3, 31)
"""The story's year, by days of Beijing. No leap day in it, none in the years that the readings come from."""
DAY_TYPES = ("SA", "FT", "WT")
"""Saturday, Sunday or holiday, working day: as the profile names them."""
ANNUAL_WH = 16 * 10**9
"""What the business park needs in a year, about: an assumption, near what its two plants generate."""
FILES = {"FL-2": "wind.csv", "GH-2": "solar.csv"}
"""The default devices and their series."""
ZONE = "CN-NORTH"
ON_GRID = {"zone": ZONE, "connection": "grid", "commissioned_on_ms": day_from_date(2019, 6, 30)}


@dataclass(frozen=True, slots=True)
class MeteredDevice:
    """A plant and what came of its readings; an hour without a whole one is not there."""

    name: str
    technology: str
    capacity_w: int
    judged: Judged
    place: Place | None = None

    @property
    def owner(self) -> str:
        """Member id."""
        return SOLAR if self.technology.startswith("solar") else WIND

    def net_wh(self, month: str) -> list[int | None]:
        """Every hour of a month."""
        start_ms = month_start_ms(month)
        return [self.judged.hours.get(start_ms + place * HOUR_MS) for place in range(hours_in(month))]

    def fit_wh(self, month: str) -> list[int]:
        """What may be certified, hour by hour."""
        return [max(energy_wh or 0, 0) for energy_wh in self.net_wh(month)]


@dataclass(frozen=True, slots=True)
class Funnel:
    """From readings to hours that may be certified, of all devices together."""

    readings: int
    accepted: int
    whole_hours: int
    gap_hours: int
    positive_hours: int
    """Whole hours with generation."""
    lost: Mapping[str, int]
    """Reason -> readings that were not accepted; last the hours that are no certificate, gaps and those without generation."""


@dataclass(frozen=True, slots=True, eq=False)
class YearPlan:
    """Months of one consumer with its plants; two are the same only if they are one."""

    consumer: str
    devices: tuple[MeteredDevice, ...]
    months: tuple[str, ...]
    annual_wh: int
    first_ms: int
    last_ms: int
    """First and last hour of the meters; outside of them the consumption counts as none."""
    credit: str
    """Whose figures these are."""
    load: Judged | None = None
    """The consumer's own meter; None where the profile stands for it."""

    @property
    def funnel(self) -> Funnel:
        """What became of the readings."""
        judged = [device.judged for device in self.devices]
        refused: Counter[str] = Counter()
        for one in judged:
            refused.update(one.refused)
        whole, positive = sum(len(one.hours) for one in judged), sum(one.positive_hours for one in judged)
        gaps = sum(one.gap_hours for one in judged)
        readings, accepted = sum(one.readings for one in judged), sum(one.accepted for one in judged)
        return Funnel(readings, accepted, whole, gaps, positive, {**refused, "gap": gaps, "idle": whole - positive})

    def load_wh(self, month: str) -> list[int]:
        """The consumer's load, hour by hour; nothing where its own meter has no whole reading."""
        start_ms = month_start_ms(month)
        if self.load is not None:
            return [self.load.hours.get(start_ms + hour * HOUR_MS, 0) for hour in range(hours_in(month))]
        load = consumption(start_ms, hours_in(month), self.annual_wh)
        return [energy_wh if self._is_within(start_ms + hour * HOUR_MS) else 0 for hour, energy_wh in enumerate(load)]

    def gaps(self, device: MeteredDevice, month: str) -> int:
        """Hours of a month without a whole reading, between the first and the last hour of the meters."""
        start_ms, hours = month_start_ms(month), device.net_wh(month)
        return sum(energy_wh is None and self._is_within(start_ms + hour * HOUR_MS) for hour, energy_wh in enumerate(hours))

    def matched_wh(self, month: str) -> list[list[int]]:
        """For each device what of its energy meets the load, hour by hour; the first device is used first."""
        left = self.load_wh(month)
        taken = []
        for device in self.devices:
            taken.append([min(energy_wh, open_wh) for energy_wh, open_wh in zip(device.fit_wh(month), left, strict=True)])
            left = [open_wh - used_wh for open_wh, used_wh in zip(left, taken[-1], strict=True)]
        return taken

    def _is_within(self, hour_ms: int) -> bool:
        return self.first_ms <= hour_ms <= self.last_ms


@lru_cache(maxsize=1)
def default_plan() -> YearPlan:
    """A year of real wind and real sunshine against the profile of a business park: `data/README.md`."""
    manifest = read_data(PACKAGE, "manifest.json")
    months = _months(FIRST_DAY.isoformat()[:7], LAST_DAY.isoformat()[:7])
    devices = []
    for name, file in FILES.items():
        entry = manifest[file]
        gaps = sum(map(hours_in, months)) - entry["hours"]
        lost = {"empty": entry["empty"], **entry["refused"]}
        judged = Judged(read_days(file), entry["readings"], lost, entry["negative"], gaps)
        place = Place(**entry["place"]) if "place" in entry else None
        devices.append(MeteredDevice(name, file.removesuffix(".csv"), entry["capacity_w"], judged, place))
    named = credit(*FILES.values(), "profile.csv")
    return YearPlan(BUSINESS_PARK, tuple(devices), months, ANNUAL_WH, 0, 2**53, named)


def plan_of(devices: tuple[MeteredDevice, ...], load: Judged | None = None) -> YearPlan:
    """A user's devices against the user's load; or the default profile, as large as what they generate: an assumption."""
    hours = sorted(hour for device in devices for hour in device.judged.hours)
    months = _months(month_of(hours[0]), month_of(hours[-1]))
    if load is not None:
        return YearPlan(BUSINESS_PARK, devices, months, 0, hours[0], hours[-1], "", load)
    per_gwh = YearPlan(BUSINESS_PARK, devices, months, 10**9, hours[0], hours[-1], credit("profile.csv"))
    generated_wh = sum(sum(device.fit_wh(month)) for device in devices for month in months)
    profile_wh = [energy_wh for month in months for energy_wh in per_gwh.load_wh(month) if energy_wh]
    least_wh = 10**9 // min(profile_wh) + 1  # every hour needs at least one Wh
    return replace(per_gwh, annual_wh=max(least_wh, generated_wh * 10**9 // sum(profile_wh)))


def registration(device: MeteredDevice, number: int) -> dict[str, Any]:
    """Arguments that register a device of the plan, in its order."""
    known = {"owner": device.owner, "technology": device.technology, "capacity_w": device.capacity_w}
    place = None if device.place is None else device.place.model_dump()
    site = {"gsrn": gsrn_of(f"693000200000{number:05}"), "meter": meter_of(number), "place": place}
    return {"device": device.name, "plant": {**known, **ON_GRID, **site}}


def meter_of(number: int) -> str:
    """The meter of a device of the plan, in its order."""
    return f"M-YEAR-{number}"


def _months(first: str, last: str) -> tuple[str, ...]:
    found = [first]
    while found[-1] != last:
        found.append(months_after(found[-1], 1))
    return tuple(found)


# The committed series


def read_days(name: str) -> dict[int, int]:
    """Start of the hour, UTC, in milliseconds -> Wh. An hour without a whole reading is not there."""
    hours: dict[int, int] = {}
    for day, *cells in read_table(PACKAGE, name):
        start_ms = midnight_ms(date.fromisoformat(day))
        hours |= {start_ms + place * HOUR_MS: int(cell) for place, cell in enumerate(cells) if cell}
    return hours


def consumption(first_ms: int, hours: int, annual_wh: int) -> list[int]:
    """Wh of each hour from `first_ms` on, of a consumer that needs about `annual_wh` a year by the profile.

    The day is Beijing's. Sundays are holidays; other holidays are not known to it.
    """
    table = {
        (int(month), day_type): [int(cell) for cell in cells] for month, day_type, *cells in read_table(PACKAGE, "profile.csv")
    }
    found = []
    for place in range(hours):
        local = datetime.fromtimestamp((first_ms + place * HOUR_MS + MARKET_OFFSET_MS) // 1_000, UTC)
        day_type = {5: "SA", 6: "FT"}.get(local.weekday(), "WT")
        found.append(table[local.month, day_type][local.hour] * annual_wh // 10**9)
    return found


def credit(*names: str) -> str:
    """The names that the licences of these files ask for; it goes where their figures go."""
    manifest = read_data(PACKAGE, "manifest.json")
    return " ".join(dict.fromkeys(manifest[name]["attribution"] for name in names))


def midnight_ms(day: date) -> int:
    """The instant at which a day begins in Beijing."""
    return (day - date(1970, 1, 1)).days * DAY_MS - MARKET_OFFSET_MS
