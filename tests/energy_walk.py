"""What a random walk through the energy records is given, beyond the rule tables."""

from typing import Any

from scenarios.energy import cast, invariants
from scenarios.energy.cast import MONTH
from scenarios.energy.contract import Energy
from scenarios.energy.quantities import month_of, months_after
from tests import energy_rules, test_scenarios_energy_rules
from tests.energy_world import BUNDLE, NEWCOMER, OTHER_USCC
from tests.walker import Known, Trade, Walk

ENDS = "withdraw consume_green register_ccer lock publish_area_total publish_residual_mix open_account replace_meter"
OFTEN = "expire issue split cancel charge discharge transfer"


def one_of(walk: Walk, collection: str, known: Known, part: int) -> str:
    """Device or month of something that is there, `DEVICE:MONTH`."""
    keys = [key.split(":") for key, _ in walk.rows(collection)]
    fit = [key[part] for key in keys if part == 0 or key[0] == known.get("device")]
    return walk.chance.choice(fit or [("FL-1", MONTH)[part]])


def of_device(walk: Walk, known: Known) -> str:
    """A device that was metered."""
    return one_of(walk, "readings", known, 0)


def of_month(walk: Walk, known: Known) -> str:
    """One of its months."""
    return one_of(walk, "readings", known, 1)


def accepting(walk: Walk, known: Known) -> str:
    """An account that accepts certificates from the holder, if there is one."""
    accounts = walk.rows("accounts")
    fit = [member for member, account in accounts if known.get("holder") in account.whitelist]
    return walk.chance.choice(fit or [member for member, _ in accounts] or [cast.WIND])


def readings(walk: Walk, known: Known) -> list[int]:
    """What the device's meter shows from the first hour on, 0 for gaps and what was drawn."""
    held = walk.world.contract.readings.get(f"{known.get('device', known.get('storage'))}:{known.get('month')}")
    return [max(value or 0, 0) for value in held.energy_wh[known.get("first_hour", 0) :]] if held else [5]


def certified(walk: Walk, known: Known) -> list[int]:
    """Some hours of it, now and then a Wh more."""
    hours = readings(walk, known)[: walk.chance.choice((1, 2, 3, 9))]
    return [walk.chance.choice((value, value, value, 0, value + 1)) for value in hours]


def next_id(walk: Walk, known: Known) -> int:
    """Where the device's ids go on, now and then beside it."""
    device = walk.world.contract.devices.get(known.get("storage", known.get("device", "none")))
    return max(1, (device.ids_max if device else 0) + walk.chance.choice((1, 1, 1, 1, 0, 2)))


def hours(walk: Walk, known: Known) -> list[tuple[int, int]]:
    """The hours of the bundles that the claim names, now and then a Wh more."""
    sums: dict[int, int] = {}
    for bundle in filter(None, map(walk.world.contract.bundles.get, known.get("bundles", ()))):
        for hour, first, last in bundle.slices:
            sums[hour] = sums.get(hour, 0) + last - first + 1
    return [*{hour: energy_wh + walk.chance.choice((0, 0, 0, 0, 1)) for hour, energy_wh in sums.items()}.items()] or [(0, 1)]


def parts(walk: Walk, known: Known) -> list[dict[str, Any]]:
    """Two parts of a bundle, hour by hour, now and then a Wh too many or too few."""
    slices = [last - first + 1 for _, first, last in known.get("slices", ())]
    first = [walk.chance.choice((0, energy_wh, walk.chance.randint(0, energy_wh))) for energy_wh in slices]
    wrong = walk.chance.choice((0, 0, 0, 0, 1, -1))
    return [{"energy_wh": first}, {"energy_wh": [whole - taken + wrong for whole, taken in zip(slices, first, strict=True)]}]


def counts(walk: Walk, known: Known) -> list[int]:
    """Two parts of a lot."""
    count = known.get("last", 1) - known.get("first", 1) + 1
    first = walk.chance.randint(0, count)
    return [first, count - first]


def spent(walk: Walk, known: Known) -> str:
    """A cancelled bundle, as often as not one that is used already."""
    cancelled = [(key, bundle.used_by) for key, bundle in walk.rows("bundles") if bundle.state == "cancelled"]
    used = [key for key, used_by in cancelled if used_by]
    return walk.chance.choice(used if used and walk.chance.randrange(2) else [key for key, _ in cancelled] or [BUNDLE])


def meter_of(walk: Walk, known: Known) -> str:
    """The meter that is on the device."""
    device = walk.world.contract.devices.get(known.get("device", "none"))
    return device.meter if device else "M-9"


def coming_month(walk: Walk, known: Known) -> str:
    """The month after this one."""
    return months_after(month_of(walk.world.time_ms), 1)


TRADE = Trade(
    contract=Energy,
    findings=invariants.findings,
    tables=tuple(test_scenarios_energy_rules.TABLES.values()),
    rules=energy_rules.RULES,
    arguments={
        "open_account.member": lambda walk, known: NEWCOMER,
        "uscc": lambda walk, known: OTHER_USCC,
        **dict.fromkeys(("issue.device", "issue_green.device", "correct_reading.device"), of_device),
        **dict.fromkeys(("issue.month", "issue_green.month", "correct_reading.month"), of_month),
        "settle_imbalance.device": lambda walk, known: one_of(walk, "forecasts", known, 0),
        "settle_imbalance.month": lambda walk, known: one_of(walk, "forecasts", known, 1),
        "transfer.to": accepting,
        "cancel.beneficiary": lambda walk, known: walk.chance.choice((cast.DATA_CENTRE, cast.BATTERY, cast.ALUMINIUM)),
        "charge.bundle": spent,
        "charge.storage": lambda walk, known: "XN-1",
        "freeze_ccer.device": lambda walk, known: "FL-SEA",
        "issue.first_hour": lambda walk, known: walk.chance.randrange(24),
        "issue.energy_wh": certified,
        "first_id": next_id,
        "submit_readings.meter": meter_of,
        "replace_meter.hour": lambda walk, known: walk.chance.randrange(20, 96),
        "replace_meter.successor": lambda walk, known: f"M-{walk.chance.randrange(40)}",
        "submit_readings.first_hour": lambda walk, known: walk.chance.randrange(48),
        "submit_readings.energy_wh": lambda walk, known: [walk.chance.randint(-9, 9) * 10**6 for _ in range(2)],
        "submit_readings.quality": lambda walk, known: walk.chance.choice(("VV", "VE")),
        "correct_reading.hour": lambda walk, known: walk.chance.randrange(24),
        "correct_reading.energy_wh": lambda walk, known: walk.chance.randint(-9, 40) * 10**6,
        "split.parts": parts,
        "claim.hours": hours,
        "discharge.hour": lambda walk, known: walk.chance.choice((12, 19, 19, 20)),
        "discharge.energy_wh": lambda walk, known: walk.chance.randint(1, 9 * 10**6),
        "divide_green.counts": counts,
        "submit_forecast.month": coming_month,
    },
    weights={**dict.fromkeys(ENDS.split(), 1), **dict.fromkeys(OFTEN.split(), 16)},
    flaws=(
        "above-charged",
        "above-metered",
        "bundle-used",
        "certified-otherwise",
        "hour-claimed",
        "hour-issued",
        "hour-mismatch",
        "not-first-out",
        "quality-unfit",
        "residual-published",
        "site-registered",
    ),
)
