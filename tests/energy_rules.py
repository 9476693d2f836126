"""Attempts that one rule of the energy records alone refuses: `file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable, Mapping
from typing import Any

from scenarios.dates import on
from scenarios.energy.cast import (
    ALUMINIUM,
    BATTERY,
    CARBON_REGISTRY,
    COLD_STORE,
    DATA_CENTRE,
    ISSUER,
    MEMBERS,
    METERS,
    MONTH,
    MWH,
    NORTH_EXCHANGE,
    SOLAR,
    SOUTH_EXCHANGE,
    TEXTILES,
    WIND,
)
from scenarios.energy.contract import Energy
from scenarios.energy.devices import WHITELIST_MAX
from scenarios.energy.records import COUNT_MAX, Account
from tests.energy_world import (
    BUNDLE,
    LOT,
    NIGHT,
    NOON,
    World,
    accounts,
    cancelled,
    certified,
    charged,
    charging,
    claim,
    consumed,
    device,
    discharge,
    forecast,
    freeze,
    frozen,
    green,
    issue,
    listed,
    metered,
    month_metered,
    opened,
    parts,
    planned,
    readings,
    reserved,
    settle,
    traded,
    whole,
)

Rule = tuple[Callable[[], World], Callable[[World], str]]
GREEN_DAYS = "2028-03-01"
"""From here on March 2026 is over."""
CORRECTION: Mapping[str, Any] = {"device": "FL-1", "month": MONTH, "hour": 3, "energy_wh": 33 * MWH, "reason": "read"}
EVERY_WH = {"energy_wh": [hour * MWH for hour in NIGHT]}


def attempt(signers: str | tuple[str, ...], operation: Any, **arguments: object) -> Callable[[World], str]:
    """Somebody tries something."""
    return lambda world: world.code(signers, operation, **arguments)


def later(before: Callable[[], World], day: str) -> Callable[[], World]:
    """The same world on a later day."""
    return lambda: before().at(day)


def with_crowd() -> World:
    """The wind's account accepts as many others as it can."""
    world = opened()
    account = world.contract.accounts[WIND]
    crowd = tuple(f"crowd.m{number}" for number in range(WHITELIST_MAX))
    with_them: Account = account.replace(whitelist=crowd)
    draft = world.contract
    draft.accounts[WIND] = with_them
    return world


def deep(times: int) -> World:
    """The wind was split so often, into one part each time."""
    world = certified()
    for number in range(times):
        world.do(WIND, Energy.split, bundle=BUNDLE + "-1" * number, parts=[EVERY_WH])
    return world


def old_lot() -> World:
    """August of 2024 of an older sea wind farm, which ends while carbon credits may still be chosen."""
    older = device("FL-SEA", "SEA-0", meter="M-SEA-0", commissioned_on_ms=on("2024-08-01"))
    world = opened().do(ISSUER, Energy.register_device, **older).at("2026-05-02")
    world.do(METERS, Energy.submit_readings, **{**whole("FL-SEA", "2024-08"), "device": "SEA-0"})
    return world.do(ISSUER, Energy.issue_green, device="SEA-0", month="2024-08")


def roof() -> World:
    """An hour of the roof is certified, whose power its owner uses; others would accept it."""
    world = opened().at("2026-05-02").do(METERS, Energy.submit_readings, **whole("GH-ROOF", "2026-03"))
    world.do(ISSUER, Energy.issue, device="GH-ROOF", month="2026-03", first_hour=0, energy_wh=(1_000,), first_id=1)
    return world.do(ALUMINIUM, Energy.whitelist, member=SOLAR)


def deep_lot(times: int) -> World:
    """The same with a lot."""
    world = green()
    count = world.contract.green_lots[LOT].count
    for number in range(times):
        world.do(WIND, Energy.divide_green, lot=LOT + "-1" * number, counts=(count,))
    return world


def certified_by_month() -> World:
    """March of the sea is certified by the month, and the first day of April's wind by the hour."""
    world = month_metered().do(ISSUER, Energy.issue_green, device="FL-SEA", month="2026-03")
    world.do(METERS, Energy.submit_readings, **readings())
    return world.do(ISSUER, Energy.issue, **issue())


def split_apart() -> World:
    """The first hour of the wind was cancelled for the mill in the east."""
    world = certified().do(WIND, Energy.split, bundle=BUNDLE, parts=parts((31, 0, 0), (0, 33, 35)))
    return world.do(WIND, Energy.cancel, bundle=f"{BUNDLE}-1", beneficiary=TEXTILES, purpose="cloth")


def one_hour(**changes: object) -> dict[str, Any]:
    """A claim of the mill."""
    return claim(hours=((0, 31 * MWH),), bundles=(f"{BUNDLE}-1",), **changes)


def charged_with(**changes: object) -> Callable[[World], str]:
    return attempt(BATTERY, Energy.charge, **{"storage": "XN-1", "bundle": f"{NOON}-1", **changes})


def totals(zone: str = "CN-NORTH") -> Callable[[World], str]:
    return attempt(METERS, Energy.publish_area_total, zone=zone, month=MONTH, consumed_wh=5)


def eastern_battery() -> World:
    """A battery of Xuneng's in the east, which drew at noon as well; twice 10 MWh of the north are cancelled for it."""
    world = charging().do(ISSUER, Energy.register_device, **device("XN-1", "XN-E", meter="M-XN-E", zone="CN-EAST"))
    return world.do(METERS, Energy.submit_readings, **readings("XN-E", (0,) * 11 + (-10 * MWH, -10 * MWH)))


RULES: Mapping[str, Rule] = {
    # Accounts and devices
    "devices.open_account.not-a-member": (
        accounts,
        attempt(ISSUER, Energy.open_account, member="nobody.here", uscc=MEMBERS[0]["uscc"], zone="CN-NORTH"),
    ),
    "devices.open_account.bad-uscc": (
        World,
        attempt(ISSUER, Energy.open_account, member=WIND, uscc="91130700MA0EN00010", zone="CN-NORTH"),
    ),
    "devices.open_account.company-has-account": (
        accounts,
        attempt(ISSUER, Energy.open_account, member=WIND, uscc=MEMBERS[0]["uscc"], zone="CN-NORTH"),
    ),
    "devices.open_account.account-exists": (
        accounts,
        attempt(ISSUER, Energy.open_account, member=WIND, uscc="91350100M000100Y43", zone="CN-NORTH"),
    ),
    "devices.open_account.office-holder": (
        accounts,
        attempt(ISSUER, Energy.open_account, member=METERS, uscc="91350100M000100Y43", zone="CN-NORTH"),
    ),
    "devices.whitelist.whitelist-full": (with_crowd, attempt(WIND, Energy.whitelist, member=SOLAR)),
    "devices.register_device.device-exists": (
        opened,
        attempt(ISSUER, Energy.register_device, **device("FL-1", meter="M-9")),
    ),
    "devices.register_device.meter-taken": (opened, attempt(ISSUER, Energy.register_device, **device("FL-1", "FL-9"))),
    "devices.register_device.storage-efficiency": (
        accounts,
        attempt(ISSUER, Energy.register_device, **device("XN-1", efficiency_ppm=0)),
    ),
    "storage-efficiency (without losses)": (
        accounts,
        attempt(ISSUER, Energy.register_device, **device("XN-1", efficiency_ppm=1_000_000)),
    ),
    "storage-efficiency (of a plant)": (accounts, attempt(ISSUER, Energy.register_device, **device("FL-1", efficiency_ppm=1))),
    "books.require_account.no-account": (accounts, attempt(ISSUER, Energy.register_device, **device("FL-1", owner=METERS))),
    # Readings
    "readings.submit_readings.beyond-month": (
        later(opened, "2026-05-02"),
        attempt(METERS, Energy.submit_readings, **readings(first_hour=719, energy_wh=(1, 1), quality="VV")),
    ),
    "readings.submit_readings.reading-ahead": (
        later(opened, "2026-04-01"),
        attempt(METERS, Energy.submit_readings, **readings()),
    ),
    "readings.submit_readings.quality-mismatch": (
        later(opened, "2026-04-02"),
        attempt(METERS, Energy.submit_readings, **readings(energy_wh=(1, None), quality="VV")),
    ),
    "readings.submit_readings.reading-repeated": (metered, attempt(METERS, Energy.submit_readings, **readings())),
    "readings.submit_readings.reading-conflicts": (
        metered,
        attempt(METERS, Energy.submit_readings, **readings(energy_wh=(1,), quality="V")),
    ),
    "books.require_possible.above-capacity": (
        later(opened, "2026-04-02"),
        attempt(METERS, Energy.submit_readings, **readings(energy_wh=(52_800_001,), quality="V")),
    ),
    "above-capacity (drawn)": (
        later(opened, "2026-04-02"),
        attempt(METERS, Energy.submit_readings, **readings(energy_wh=(-52_800_001,), quality="V")),
    ),
    "readings.submit_readings.month-certified": (
        lambda: (
            opened()
            .at("2026-05-02")
            .do(METERS, Energy.submit_readings, **readings())
            .do(ISSUER, Energy.issue_green, device="FL-1", month=MONTH)
        ),
        attempt(METERS, Energy.submit_readings, **readings(first_hour=24)),
    ),
    "books.require_possible.before-commissioning": (
        later(opened, "2026-04-02"),
        attempt(METERS, Energy.submit_readings, **whole("FL-SEA", "2025-11")),
    ),
    "readings.correct_reading.beyond-month": (
        later(metered, "2026-06-01"),
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "hour": 720}),
    ),
    "readings.correct_reading.reading-ahead": (
        metered,
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "hour": 41}),
    ),
    "readings.correct_reading.no-reason": (
        metered,
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "reason": "  "}),
    ),
    "readings.correct_reading.month-certified": (
        green,
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "device": "FL-SEA", "month": "2026-03"}),
    ),
    "readings.correct_reading.already-certified": (
        certified,
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "hour": 0, "energy_wh": 31 * MWH - 1}),
    ),
    "already-certified (turned round)": (
        certified,
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "hour": 0, "energy_wh": -31 * MWH}),
    ),
    "already-certified (charged)": (
        charged,
        attempt((METERS, ISSUER), Energy.correct_reading, **{**CORRECTION, "device": "XN-1", "hour": 11, "energy_wh": 10 * MWH}),
    ),
    "readings.submit_consumption.consumption-exists": (
        lambda: consumed(opened()),
        attempt(METERS, Energy.submit_consumption, consumer=DATA_CENTRE, month=MONTH, load={"sealed": "9" * 64}),
    ),
    "readings.submit_consumption.month-not-over": (
        later(opened, "2026-04-30"),
        attempt(METERS, Energy.submit_consumption, consumer=DATA_CENTRE, month=MONTH, load={"sealed": "9" * 64}),
    ),
    "readings.publish_area_total.total-exists": (
        lambda: consumed(opened()).do(METERS, Energy.publish_area_total, zone="CN-NORTH", month=MONTH, consumed_wh=5),
        totals(),
    ),
    "readings.publish_area_total.too-few-consumers": (lambda: consumed(opened()), totals("CN-EAST")),
    # Issue
    "issuance.issue.storage-by-discharge": (metered, attempt(ISSUER, Energy.issue, **issue("XN-1", 19, (9,)))),
    "issuance.issue.beyond-month": (metered, attempt(ISSUER, Energy.issue, **issue(first_hour=719, mwh=(0, 0)))),
    "issuance.issue.certified-otherwise": (
        green,
        attempt(ISSUER, Energy.issue, **{**issue("FL-SEA", 0, (1,)), "month": "2026-03"}),
    ),
    "issuance.issue.nothing-generated": (metered, attempt(ISSUER, Energy.issue, **issue(mwh=(0, 0)))),
    "issuance.certify.expired": (later(metered, "2028-04-01"), attempt(ISSUER, Energy.issue, **issue())),
    "issuance.issue.hour-issued": (certified, attempt(ISSUER, Energy.issue, **issue(mwh=(1,), first_id=99 * MWH + 1))),
    "issuance.require_metered.nothing-generated": (
        metered,
        attempt(ISSUER, Energy.issue, **{**issue("GH-1", 2), "energy_wh": (12_000,)}),
    ),
    "issuance.require_metered.quality-unfit": (metered, attempt(ISSUER, Energy.issue, **issue(first_hour=3, mwh=(34,)))),
    "issuance.require_metered.above-metered": (
        metered,
        attempt(ISSUER, Energy.issue, **{**issue(), "energy_wh": (31 * MWH + 1,)}),
    ),
    "books.require_next_id.ids-overlap": (
        certified,
        attempt(ISSUER, Energy.issue, **issue(first_hour=4, mwh=(30,), first_id=99 * MWH)),
    ),
    "books.require_next_id.ids-gap": (
        certified,
        attempt(ISSUER, Energy.issue, **issue(first_hour=4, mwh=(30,), first_id=99 * MWH + 2)),
    ),
    "nothing-generated (gap)": (metered, attempt(ISSUER, Energy.issue, **issue(first_hour=24, mwh=(1,)))),
    # Bundles
    "bundles.split.too-deep": (lambda: deep(20), attempt(WIND, Energy.split, bundle=BUNDLE + "-1" * 20, parts=[EVERY_WH])),
    "wrong-sum (a Wh more)": (
        certified,
        attempt(WIND, Energy.split, bundle=BUNDLE, parts=[{"energy_wh": [31 * MWH + 1, 33 * MWH, 35 * MWH]}]),
    ),
    "wrong-sum (another hour)": (certified, attempt(WIND, Energy.split, bundle=BUNDLE, parts=parts((32, 32, 35)))),
    "wrong-lots": (certified, attempt(WIND, Energy.split, bundle=BUNDLE, parts=parts((31, 33)))),
    "part-too-small": (certified, attempt(WIND, Energy.split, bundle=BUNDLE, parts=parts(NIGHT, (0, 0, 0)))),
    "no-parts": (certified, attempt(WIND, Energy.split, bundle=BUNDLE, parts=[])),
    "too-many-parts": (certified, attempt(WIND, Energy.split, bundle=BUNDLE, parts=parts(*[(1, 0, 0)] * 51))),
    "ids-overlap (split)": (
        certified,
        attempt(
            WIND,
            Energy.split,
            bundle=BUNDLE,
            parts=[*parts((1, 1, 1)), {"energy_wh": [30 * MWH, 32 * MWH, 34 * MWH], "first_id": MWH}],
        ),
    ),
    "bundles.transfer.to-self": (
        lambda: certified().do(WIND, Energy.whitelist, member=WIND),
        attempt(WIND, Energy.transfer, bundle=BUNDLE, to=WIND),
    ),
    "bundles.transfer.not-whitelisted": (certified, attempt(WIND, Energy.transfer, bundle=BUNDLE, to=ALUMINIUM)),
    "not-whitelisted (any longer)": (
        lambda: (
            certified().do(ALUMINIUM, Energy.whitelist, member=WIND).do(ALUMINIUM, Energy.whitelist, member=WIND, accepts=False)
        ),
        attempt(WIND, Energy.transfer, bundle=BUNDLE, to=ALUMINIUM),
    ),
    "bundles.require_on_grid.not-tradable": (roof, attempt(SOLAR, Energy.transfer, bundle="GH-ROOF:2026-03:000", to=ALUMINIUM)),
    "not-tradable (cancelled for another)": (
        roof,
        attempt(SOLAR, Energy.cancel, bundle="GH-ROOF:2026-03:000", beneficiary=ALUMINIUM, purpose="load"),
    ),
    "not-tradable (reserved for another)": (
        roof,
        attempt(SOLAR, Energy.reserve, bundle="GH-ROOF:2026-03:000", beneficiary=ALUMINIUM),
    ),
    "wrong-sum (as large as can be)": (
        certified,
        attempt(WIND, Energy.split, bundle=BUNDLE, parts=[{"energy_wh": (2 * 10**11,) * 3}] * 50),
    ),
    "expired (discharge)": (later(charged, "2028-04-01"), attempt(ISSUER, Energy.discharge, **discharge())),
    "bundles.release.not-reserved-for": (reserved, attempt(WIND, Energy.release, bundle=BUNDLE)),
    "bundles.lock.no-reason": (certified, attempt(ISSUER, Energy.lock, bundle=BUNDLE, reason=" ")),
    "bundles.cancel.reserved-for-other": (
        reserved,
        attempt(WIND, Energy.cancel, bundle=BUNDLE, beneficiary=ALUMINIUM, purpose="load"),
    ),
    "bundles.cancel.no-purpose": (
        certified,
        attempt(WIND, Energy.cancel, bundle=BUNDLE, beneficiary=DATA_CENTRE, purpose=" "),
    ),
    "bundles.withdraw.no-reason": (certified, attempt(ISSUER, Energy.withdraw, bundle=BUNDLE, reason=" ")),
    "bundles.expire.sweep-size": (later(certified, "2028-04-01"), attempt(WIND, Energy.expire, bundles=())),
    "bundles.expire.not-expired": (later(certified, "2028-03-30"), attempt(WIND, Energy.expire, bundles=(BUNDLE,))),
    "bundles.state_after_holder.not-holder": (
        certified,
        attempt(ALUMINIUM, Energy.reserve, bundle=BUNDLE, beneficiary=ALUMINIUM),
    ),
    "bundles.state_after_holder.expired": (
        later(certified, "2028-04-01"),
        attempt(WIND, Energy.cancel, bundle=BUNDLE, beneficiary=DATA_CENTRE, purpose="load"),
    ),
    "books.state_after.wrong-state": (
        cancelled,
        attempt(WIND, Energy.cancel, bundle=BUNDLE, beneficiary=ALUMINIUM, purpose="load"),
    ),
    # Claims
    "claims.claim.claim-exists": (
        lambda: consumed(split_apart().do(WIND, Energy.cancel, bundle=f"{BUNDLE}-2", beneficiary=DATA_CENTRE, purpose="load")).do(
            (DATA_CENTRE, METERS),
            Energy.claim,
            **claim(hours=((1, 33 * MWH), (2, 35 * MWH)), bundles=(f"{BUNDLE}-2",)),
        ),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(hours=((0, 1),), bundles=(f"{BUNDLE}-1",))),
    ),
    "claims.claim.claim-size": (
        lambda: consumed(cancelled()),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(bundles=(), hours=((0, 1),))),
    ),
    "claims.claim.bundle-twice": (
        lambda: consumed(cancelled()),
        attempt(
            (DATA_CENTRE, METERS),
            Energy.claim,
            **claim(bundles=(BUNDLE, BUNDLE), hours=tuple((hour, 2 * mwh * MWH) for hour, mwh in enumerate(NIGHT))),
        ),
    ),
    "claims.claim.not-verifier": (
        lambda: consumed(cancelled()),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(verifier=COLD_STORE)),
    ),
    "claims.claim.bundle-used": (
        lambda: _battery_claims(),
        attempt(
            (BATTERY, METERS),
            Energy.claim,
            **claim(bundles=(f"{NOON}-1",), hours=((11, 10 * MWH), (12, 10 * MWH))),
        ),
    ),
    "claims.claim.not-beneficiary": (
        lambda: consumed(cancelled(ALUMINIUM)),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim()),
    ),
    "claims.claim.wrong-zone": (lambda: consumed(split_apart()), attempt((TEXTILES, METERS), Energy.claim, **one_hour())),
    "claims.claim.wrong-month": (
        lambda: (
            consumed(cancelled())
            .at("2026-06-02")
            .do(METERS, Energy.submit_consumption, consumer=DATA_CENTRE, month="2026-05", load={"sealed": "9" * 64})
        ),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(month="2026-05")),
    ),
    "claims.require_hours.hour-twice": (
        lambda: consumed(cancelled()),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(hours=((0, 5), *claim()["hours"]))),
    ),
    "claims.require_hours.hour-mismatch": (
        lambda: consumed(cancelled()),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(hours=((14, 99 * MWH),))),
    ),
    "hour-mismatch (a Wh more)": (
        lambda: consumed(cancelled()),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(hours=((0, 31 * MWH + 1), (1, 33 * MWH), (2, 35 * MWH)))),
    ),
    "claims.require_hours.not-hourly": (
        lambda: consumed(cancelled()),
        attempt((DATA_CENTRE, METERS), Energy.claim, **claim(hours=tuple((hour, 33 * MWH) for hour in range(3)))),
    ),
    # Storage
    "issuance.charge.not-storage": (charging, attempt(SOLAR, Energy.charge, storage="GH-1", bundle=f"{NOON}-1")),
    "issuance.charge.not-owner": (charging, attempt(SOLAR, Energy.charge, storage="XN-1", bundle=f"{NOON}-1")),
    "issuance.charge.bundle-used": (charged, charged_with()),
    "issuance.charge.not-beneficiary": (
        lambda: (
            certified()
            .do(SOLAR, Energy.split, bundle=NOON, parts=parts((10, 10), (11, 12)))
            .do(SOLAR, Energy.cancel, bundle=f"{NOON}-1", beneficiary=DATA_CENTRE, purpose="load")
        ),
        charged_with(),
    ),
    "issuance.charge.wrong-zone": (eastern_battery, charged_with(storage="XN-E")),
    "issuance.charge.above-charged": (
        lambda: certified().do(SOLAR, Energy.cancel, bundle=NOON, beneficiary=BATTERY, purpose="charge"),
        charged_with(bundle=NOON),
    ),
    "issuance.discharge.beyond-month": (charged, attempt(ISSUER, Energy.discharge, **discharge(hour=720))),
    "issuance.discharge.discharge-before-charge": (charged, attempt(ISSUER, Energy.discharge, **discharge(hour=12))),
    "issuance.discharge.beyond-losses": (
        lambda: charged().do(ISSUER, Energy.discharge, **discharge()),
        attempt(ISSUER, Energy.discharge, **discharge(hour=20, energy_wh=8_200_001, first_id=9 * MWH + 1)),
    ),
    "above-metered (discharge)": (charged, attempt(ISSUER, Energy.discharge, **discharge(energy_wh=9 * MWH + 1))),
    "above-metered (discharged twice)": (
        lambda: charged().do(ISSUER, Energy.discharge, **discharge()),
        attempt(ISSUER, Energy.discharge, **discharge(energy_wh=1, first_id=9 * MWH + 1)),
    ),
    # Green certificates
    "green.issue_green.storage-no-green": (
        later(metered, "2026-05-02"),
        attempt(ISSUER, Energy.issue_green, device="XN-1", month=MONTH),
    ),
    "green.issue_green.month-not-over": (
        later(metered, "2026-04-30"),
        attempt(ISSUER, Energy.issue_green, device="GH-1", month=MONTH),
    ),
    "green.issue_green.month-out-of-order": (
        lambda: month_metered().do(ISSUER, Energy.issue_green, device="FL-SEA", month=MONTH),
        attempt(ISSUER, Energy.issue_green, device="FL-SEA", month="2026-03"),
    ),
    "green.issue_green.certified-otherwise": (
        later(certified, "2026-05-02"),
        attempt(ISSUER, Energy.issue_green, device="FL-1", month=MONTH),
    ),
    "green.issue_green.expired": (
        later(month_metered, GREEN_DAYS),
        attempt(ISSUER, Energy.issue_green, device="FL-SEA", month="2026-03"),
    ),
    "green.divide_green.too-deep": (
        lambda: deep_lot(20),
        attempt(WIND, Energy.divide_green, lot=LOT + "-1" * 20, counts=(1,)),
    ),
    "wrong-sum (lot)": (green, attempt(WIND, Energy.divide_green, lot=LOT, counts=(1, 1))),
    "wrong-sum (lot, as large as can be)": (
        green,
        attempt(WIND, Energy.divide_green, lot=LOT, counts=(COUNT_MAX,) * 50),
    ),
    "part-too-small (lot)": (green, attempt(WIND, Energy.divide_green, lot=LOT, counts=(0, 1))),
    "green.list_green.not-tradable": (
        green,
        attempt((SOLAR, NORTH_EXCHANGE), Energy.list_green, lot="GH-ROOF:2026-03", price_cents=800),
    ),
    "green.list_green.already-traded": (
        traded,
        attempt((ALUMINIUM, NORTH_EXCHANGE), Energy.list_green, lot=LOT, price_cents=900),
    ),
    "green.list_green.listed-elsewhere": (listed, attempt((WIND, SOUTH_EXCHANGE), Energy.list_green, lot=LOT, price_cents=650)),
    "green.trade_green.already-traded": (
        traded,
        attempt((COLD_STORE, NORTH_EXCHANGE), Energy.trade_green, lot=LOT, to=COLD_STORE),
    ),
    "green.trade_green.not-listed-here": (
        listed,
        attempt((ALUMINIUM, SOUTH_EXCHANGE), Energy.trade_green, lot=LOT, to=ALUMINIUM),
    ),
    "green.trade_green.not-buyer": (listed, attempt((WIND, NORTH_EXCHANGE), Energy.trade_green, lot=LOT, to=ALUMINIUM)),
    "green.trade_green.to-self": (listed, attempt((WIND, NORTH_EXCHANGE), Energy.trade_green, lot=LOT, to=WIND)),
    "green.consume_green.no-purpose": (
        green,
        attempt(WIND, Energy.consume_green, lot=LOT, purpose=" ", year=2026),
    ),
    "green.consume_green.wrong-year": (
        green,
        attempt(WIND, Energy.consume_green, lot=LOT, purpose="own", year=2027),
    ),
    "wrong-year (of before 2026, long after)": (
        lambda: (
            opened()
            .at("2026-05-02")
            .do(METERS, Energy.submit_readings, **whole("FL-1", "2025-12"))
            .do(ISSUER, Energy.issue_green, device="FL-1", month="2025-12")
        ),
        attempt(WIND, Energy.consume_green, lot="FL-1:2025-12", purpose="own", year=2028),
    ),
    "green.expire_green.sweep-size": (later(green, GREEN_DAYS), attempt(WIND, Energy.expire_green, lots=())),
    "green.expire_green.lot-state": (later(frozen, GREEN_DAYS), attempt(WIND, Energy.expire_green, lots=(LOT,))),
    "green.expire_green.not-expired": (later(green, "2028-02-28"), attempt(WIND, Energy.expire_green, lots=(LOT,))),
    "green.state_after_holder.not-holder": (
        green,
        attempt(ALUMINIUM, Energy.consume_green, lot=LOT, purpose="own", year=2026),
    ),
    "green.state_after.green-or-carbon": (
        frozen,
        attempt((WIND, NORTH_EXCHANGE), Energy.list_green, lot=LOT, price_cents=620),
    ),
    "green.state_after.lot-state": (
        listed,
        attempt(WIND, Energy.consume_green, lot=LOT, purpose="own", year=2026),
    ),
    "green.state_after.expired": (
        later(green, GREEN_DAYS),
        attempt((WIND, NORTH_EXCHANGE), Energy.list_green, lot=LOT, price_cents=620),
    ),
    # Carbon credits
    "green.freeze_ccer.not-owner": (green, attempt((SOLAR, CARBON_REGISTRY), Energy.freeze_ccer, **freeze())),
    "green.freeze_ccer.project-exists": (frozen, attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze())),
    "green.freeze_ccer.ccer-kind": (
        green,
        attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze(device="FL-1", lots=("FL-1:2026-03",))),
    ),
    "green.freeze_ccer.ccer-window": (
        later(green, "2026-10-01"),
        attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze()),
    ),
    "green.freeze_ccer.sweep-size": (green, attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze(lots=()))),
    "green.freeze_ccer.other-device": (
        green,
        attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze(lots=("FL-1:2026-03",))),
    ),
    "green.freeze_ccer.green-or-carbon": (traded, attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze())),
    "green.freeze_ccer.expired": (
        later(old_lot, "2026-09-01"),
        attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze(device="SEA-0", lots=("SEA-0:2024-08",))),
    ),
    "green-or-carbon (named twice)": (green, attempt((WIND, CARBON_REGISTRY), Energy.freeze_ccer, **freeze(lots=(LOT, LOT)))),
    "green.decide.project-state": (
        lambda: frozen().do(CARBON_REGISTRY, Energy.unfreeze_ccer, project="P-1"),
        attempt(CARBON_REGISTRY, Energy.register_ccer, project="P-1"),
    ),
    # Imbalance
    "imbalance.submit_forecast.not-owner": (opened, attempt(SOLAR, Energy.submit_forecast, **forecast())),
    "imbalance.submit_forecast.beyond-month": (
        opened,
        attempt(WIND, Energy.submit_forecast, **forecast(first_hour=719, energy_wh=(0, 0))),
    ),
    "imbalance.submit_forecast.forecast-late": (
        later(opened, "2026-04-01"),
        attempt(WIND, Energy.submit_forecast, **forecast()),
    ),
    "imbalance.submit_forecast.forecast-exists": (
        lambda: opened().do(WIND, Energy.submit_forecast, **forecast()),
        attempt(WIND, Energy.submit_forecast, **forecast(first_hour=23, energy_wh=(0, 0))),
    ),
    "imbalance.settle_imbalance.beyond-month": (planned, attempt(NORTH_EXCHANGE, Energy.settle_imbalance, **settle(hours=721))),
    "imbalance.settle_imbalance.settled-already": (
        lambda: planned().do(NORTH_EXCHANGE, Energy.settle_imbalance, **settle()),
        attempt(NORTH_EXCHANGE, Energy.settle_imbalance, **settle(first_hour=1)),
    ),
    "imbalance.settle_imbalance.no-forecast": (
        planned,
        attempt(NORTH_EXCHANGE, Energy.settle_imbalance, **settle(first_hour=23)),
    ),
    "imbalance.settle_imbalance.no-reading": (
        lambda: (
            opened()
            .do(WIND, Energy.submit_forecast, **forecast())
            .at("2026-04-02")
            .do(METERS, Energy.submit_readings, **readings())
        ),
        attempt(NORTH_EXCHANGE, Energy.settle_imbalance, **settle(first_hour=3, hours=1)),
    ),
}


def _battery_claims() -> World:
    """The battery's owner has a load of its own."""
    return consumed(charged()).do(METERS, Energy.submit_consumption, consumer=BATTERY, month=MONTH, load={"sealed": "9" * 64})
