"""Who generates, who consumes and what was metered in the months that are matched hour by hour: the default, or a user's own.

A load is sealed on the ledger. Whoever draws a figure from it here takes it from the plan, as the consumer does from its file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scenarios.data_files import read_data
from scenarios.energy.cast import BUSINESS_PARK, PACKAGE, SOLAR, WIND
from scenarios.energy.quantities import HOUR_MS, hours_in, month_of, month_start_ms, months_after
from scenarios.energy.readings_file import MeteredDevice
from scenarios.energy.series import consumption, credit, read_days

ANNUAL_WH = 16 * 10**9
"""What the business park needs in a year, about: an assumption, near what its two plants generate."""


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """A plant and its net energy by the hour; an hour without a whole reading is not there."""

    name: str
    owner: str
    technology: str
    capacity_w: int
    hours: Mapping[int, int]

    def net_wh(self, month: str) -> list[int | None]:
        """Every hour of a month."""
        start_ms = month_start_ms(month)
        return [self.hours.get(start_ms + place * HOUR_MS) for place in range(hours_in(month))]

    def fit_wh(self, month: str) -> list[int]:
        """What may be certified, hour by hour."""
        return [max(energy_wh or 0, 0) for energy_wh in self.net_wh(month)]


@dataclass(frozen=True, slots=True)
class Funnel:
    """From readings to hours that may be certified."""

    readings: int
    lost_readings: Mapping[str, int]
    accepted: int
    whole_hours: int
    gap_hours: int
    idle_hours: int

    @property
    def positive_hours(self) -> int:
        """Whole hours with generation."""
        return self.whole_hours - self.idle_hours


@dataclass(frozen=True, slots=True)
class YearPlan:
    """Months of one consumer with its plants."""

    consumer: str
    devices: tuple[PlannedDevice, ...]
    months: tuple[str, ...]
    annual_wh: int
    funnel: Funnel
    first_ms: int = 0
    last_ms: int = 2**53
    """First and last hour of the meters; outside of them nothing was consumed that anybody asks about."""
    credit: str = credit("profile.csv")
    """Whose figures these are."""

    def load_wh(self, month: str) -> list[int]:
        """The consumer's load, hour by hour."""
        start_ms = month_start_ms(month)
        load = consumption(start_ms, hours_in(month), self.annual_wh)
        return [energy_wh if self._is_within(start_ms + hour * HOUR_MS) else 0 for hour, energy_wh in enumerate(load)]

    def gaps(self, device: PlannedDevice, month: str) -> int:
        """Hours of a month without a whole reading, between the first and the last hour of the meters."""
        start_ms, hours = month_start_ms(month), device.net_wh(month)
        return sum(energy_wh is None and self._is_within(start_ms + hour * HOUR_MS) for hour, energy_wh in enumerate(hours))

    def _is_within(self, hour_ms: int) -> bool:
        return self.first_ms <= hour_ms <= self.last_ms

    def matched_wh(self, month: str) -> list[list[int]]:
        """For each device what of its energy meets the load, hour by hour; the first device is used first."""
        left = self.load_wh(month)
        taken = []
        for device in self.devices:
            used = [min(energy_wh, open_wh) for energy_wh, open_wh in zip(device.fit_wh(month), left, strict=True)]
            left = [open_wh - energy_wh for open_wh, energy_wh in zip(left, used, strict=True)]
            taken.append(used)
        return taken


def default_plan() -> YearPlan:
    """A year of real wind and real sunshine against the profile of a business park: `data/README.md`."""
    manifest = read_data(PACKAGE, "manifest.json")
    devices = tuple(
        PlannedDevice(name, owner, technology, manifest[file]["capacity_w"], read_days(file))
        for name, owner, technology, file in (("FL-2", WIND, "wind", "wind.csv"), ("GH-2", SOLAR, "solar", "solar.csv"))
    )
    entries = [manifest["wind.csv"], manifest["solar.csv"]]
    lost: dict[str, int] = {}
    for entry in entries:
        for reason, count in ({"empty": entry["empty"]} | entry["refused"]).items():
            lost[reason] = lost.get(reason, 0) + count
    months = _months("2026-04", "2027-03")
    hours = sum(map(hours_in, months)) * len(devices)
    whole = sum(entry["hours"] for entry in entries)
    funnel = Funnel(
        readings=sum(entry["readings"] for entry in entries),
        lost_readings=lost,
        accepted=sum(entry["accepted"] for entry in entries),
        whole_hours=whole,
        gap_hours=hours - whole,
        idle_hours=whole - sum(entry["positive_hours"] for entry in entries),
    )
    return YearPlan(BUSINESS_PARK, devices, months, ANNUAL_WH, funnel, credit=credit("wind.csv", "solar.csv", "profile.csv"))


def plan_of(devices: tuple[MeteredDevice, ...]) -> YearPlan:
    """A user's devices against the default profile, as large in the end as what they generate: an assumption."""
    hours = sorted(hour for device in devices for hour in device.judged.hours)
    months = _months(month_of(hours[0]), month_of(hours[-1]))
    planned = tuple(
        PlannedDevice(
            device.name, SOLAR if device.technology.startswith("solar") else WIND, device.technology, device.capacity_w,
            device.judged.hours,
        )
        for device in devices
    )  # fmt: skip
    lost: dict[str, int] = {}
    for device in devices:
        for reason, count in device.judged.refused.items():
            lost[reason] = lost.get(reason, 0) + count
    whole = sum(len(device.judged.hours) for device in devices)
    funnel = Funnel(
        readings=sum(device.judged.readings for device in devices),
        lost_readings=lost,
        accepted=sum(device.judged.accepted for device in devices),
        whole_hours=whole,
        gap_hours=sum(device.judged.gap_hours for device in devices),
        idle_hours=whole - sum(device.judged.positive_hours for device in devices),
    )
    per_gwh = YearPlan(BUSINESS_PARK, planned, months, 10**9, funnel, hours[0], hours[-1])
    generated_wh = sum(sum(device.fit_wh(month)) for device in planned for month in months)
    profile_wh = [energy_wh for month in months for energy_wh in per_gwh.load_wh(month) if energy_wh]
    least_wh = 10**9 // min(profile_wh) + 1  # every hour needs at least one Wh
    return replace(per_gwh, annual_wh=max(least_wh, generated_wh * 10**9 // sum(profile_wh)))


def _months(first: str, last: str) -> tuple[str, ...]:
    found = [first]
    while found[-1] != last:
        found.append(months_after(found[-1], 1))
    return tuple(found)
