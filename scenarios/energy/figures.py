"""Figures of a played story that a practitioner asks for, in whole numbers, from the ledger's state and from the plan.

What was matched stands on the ledger in claims. The load behind it is sealed there: it comes from the plan, as the consumer
knows it, and every figure that needs it says so.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ledger.contract.refusal import Phrase
from scenarios.data_files import read_data
from scenarios.energy.cast import PACKAGE
from scenarios.energy.quantities import HOUR_MS, PPM, hours_in, month_start_ms
from scenarios.energy.records import Bundle, Claim, Device, Forecast, GreenLot, Imbalance, Issuance, Readings
from scenarios.energy.year_plan import YearPlan
from scenarios.story.play import played_events, rows, totals_of
from scenarios.story.story import PlayedStory, Snapshot


@dataclass(frozen=True, slots=True)
class Scores:
    """Which part of a year's load was met, by the balance of the year, of each month, and of each hour."""

    load_wh: int
    annual_ppm: int
    monthly_ppm: int
    hourly_ppm: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attacker tried over a plan, and what came of it: `audit.py`."""

    seed: int
    tried: Mapping[str, int]
    refused: Mapping[str, int]
    certified_wh: int
    beyond_wh: int
    """Certified beyond the truth, hour by hour, and not made up for by hours that were withheld."""
    misread_wh: int
    """What meters showed too much before they were found out: issued, used, and withheld later."""


def loads(plan: YearPlan) -> list[int]:
    """The sealed load, hour by hour over all months of the plan."""
    return [energy_wh for month in plan.months for energy_wh in plan.load_wh(month)]


def matched(state: Snapshot, plan: YearPlan) -> list[int]:
    """What the consumer's attested claims cover, hour by hour over all months of the plan."""
    found: Counter[int] = Counter()
    for claim in rows(state, "claims", Claim).values():
        if claim.consumer == plan.consumer and claim.state == "attested":
            for part in claim.hours:
                found[month_start_ms(claim.month) + part.hour * HOUR_MS] += part.energy_wh
    starts = [month_start_ms(month) + hour * HOUR_MS for month in plan.months for hour in range(hours_in(month))]
    return [found[start_ms] for start_ms in starts]


def scores(state: Snapshot, plan: YearPlan) -> Scores:
    """Annual and monthly from the balance of certificates and load, hourly from the claims on the ledger."""
    generated: Counter[str] = Counter()
    for month, issuance in _issuances(state, plan):
        generated[month] += sum(issuance.issued_wh) - sum(issuance.withdrawn_wh)
    used = {month: sum(plan.load_wh(month)) for month in plan.months}
    load_wh = sum(used.values())
    monthly_wh = sum(min(generated[month], used[month]) for month in plan.months)
    return Scores(
        load_wh=load_wh,
        annual_ppm=min(generated.total(), load_wh) * PPM // load_wh,
        monthly_ppm=monthly_wh * PPM // load_wh,
        hourly_ppm=sum(matched(state, plan)) * PPM // load_wh,
    )


def endings(state: Snapshot) -> dict[str, Counter[str]]:
    """Technology -> state of its bundles that were not split -> Wh; every Wh issued is there once."""
    found: dict[str, Counter[str]] = {}
    for bundle in _leaves(state):
        device = cast(Device, state["devices"][bundle.device])
        found.setdefault(device.technology, Counter())[bundle.state] += bundle.energy_wh
    return found


def vintages(state: Snapshot) -> dict[str, Counter[str]]:
    """Month of generation -> state -> Wh."""
    found: dict[str, Counter[str]] = {}
    for bundle in sorted(_leaves(state), key=lambda leaf: leaf.month):
        found.setdefault(bundle.month, Counter())[bundle.state] += bundle.energy_wh
    return found


def refusals_by_kind(played_story: PlayedStory) -> list[tuple[Phrase, int]]:
    """What was tried to count twice, and how many attempts at it were refused."""
    codes, kinds = totals_of(played_story.steps).rejected, read_data(PACKAGE, "double_counts.json")
    return [(Phrase(kind["en"], kind["zh"]), sum(codes[code] for code in kind["codes"])) for kind in kinds]


def certified_hours(state: Snapshot, plan: YearPlan) -> int:
    """Hours of plants with certificates."""
    return sum(issued_wh > 0 for _, issuance in _issuances(state, plan) for issued_wh in issuance.issued_wh)


def trades(played_story: PlayedStory) -> list[tuple[int, str, GreenLot]]:
    """Sales of green certificates in the order of time: when, and which lot."""
    lots = rows(played_story.records, "green_lots", GreenLot)
    sold = [event for event in played_events(played_story) if event.name == "lot-moved" and event.data.get("after") == "traded"]
    return [(event.time_ms, str(event.data["lot"]), lots[str(event.data["lot"])]) for event in sold]


def imbalances(state: Snapshot) -> Mapping[str, Imbalance]:
    """Statements of deviations by key."""
    return rows(state, "imbalances", Imbalance)


def settled_hours(state: Snapshot, key: str) -> list[tuple[int, int]]:
    """(forecast, metered) of each hour of a statement `DEVICE:MONTH:FIRST HOUR`; what a plant drew counts as nothing here."""
    of_month, _, first = key.rpartition(":")
    forecast = cast(Forecast, state["forecasts"][of_month]).energy_wh
    metered = cast(Readings, state["readings"][of_month]).energy_wh
    hours = range(int(first), int(first) + imbalances(state)[key].hours)
    return [(forecast[hour] or 0, max(metered[hour] or 0, 0)) for hour in hours]


def _issuances(state: Snapshot, plan: YearPlan) -> Iterator[tuple[str, Issuance]]:
    """What was certified of the plants of the plan, with its month."""
    for month in plan.months:
        for device in plan.devices:
            if issuance := state["issuances"].get(f"{device.name}:{month}"):
                yield month, cast(Issuance, issuance)


def _leaves(state: Snapshot) -> list[Bundle]:
    return [bundle for bundle in rows(state, "bundles", Bundle).values() if bundle.state != "split"]
