"""Demurrage and detention from two instants and a tariff, in whole numbers: any member can compute it again.

    demurrage (DEM)   from DISC, or ARRI where the tariff says so, to GTOT laden: the box stands in the terminal
    detention (DET)   from GTOT laden to GTIN empty: the box is with the consignee

Free time is counted in calendar days (CD), working days (WD) or hours (HR), in the port's own time: a fixed offset from UTC,
so a tariff of a place with summer time is two tariffs. In days the clock's first day is counted or not, as the tariff says.
When free time is over every commenced day is charged, rest days too: once on demurrage, always on demurrage. Days 1 to n of
what is charged cost the first tier's rate, those up to the second tier's end the second's, and so on.
"""

from collections.abc import Container, Sequence

from ledger.contract.calendar import DAY_MS, day_number, day_of, next_working_day
from scenarios.shipping.records import Kind, Tariff, Tier

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def tiers_fault(tiers: Sequence[Tier]) -> bool:
    """Whether these are no tiers: their ends must rise, and only the last is open."""
    ends = [tier.to_day for tier in tiers]
    return ends[-1] != 0 or 0 in ends[:-1] or ends[:-1] != sorted(set(ends[:-1]))


def free_until_ms(tariff: Tariff, kind: Kind, start_ms: int) -> int:
    """The instant, UTC, at which free time is over; in days it is a midnight of the port."""
    terms, offset_ms = tariff.free_time(kind), tariff.offset_minutes * MINUTE_MS
    if terms.unit == "HR":
        return start_ms + terms.duration * HOUR_MS
    day_ms = day_of(start_ms + offset_ms)
    if terms.first_day == "next":
        day_ms += DAY_MS
    if terms.unit == "CD":
        return day_ms + terms.duration * DAY_MS - offset_ms
    return _after_working_days(day_ms, terms.duration, tariff.holidays) - offset_ms


def chargeable_days(tariff: Tariff, kind: Kind, start_ms: int, end_ms: int) -> int:
    """Days to be paid for, each commenced one; 0 within free time."""
    free_ms = free_until_ms(tariff, kind, start_ms)
    if end_ms < free_ms or start_ms > end_ms:
        return 0
    if tariff.free_time(kind).unit == "HR":
        return -((free_ms - end_ms) // DAY_MS)
    offset_ms = tariff.offset_minutes * MINUTE_MS
    return day_number(end_ms + offset_ms) - day_number(free_ms + offset_ms) + 1


def charge_cents(tiers: Sequence[Tier], days: int) -> int:
    """The cost of that many days."""
    cents = before = 0
    for tier in tiers:
        end = days if tier.to_day == 0 else min(days, tier.to_day)
        cents += max(0, end - before) * tier.day_cents
        before = max(before, end)
    return cents


def due_cents(tariff: Tariff, kind: Kind, start_ms: int, end_ms: int) -> int:
    """What the box has cost from one instant to the other."""
    return charge_cents(tariff.free_time(kind).tiers, chargeable_days(tariff, kind, start_ms, end_ms))


def _after_working_days(day_ms: int, duration: int, holidays: Container[int]) -> int:
    """The midnight after that many working days from this day on; the day itself where there are none."""
    for _ in range(duration):
        day_ms = next_working_day(day_ms, holidays) + DAY_MS
    return day_ms
