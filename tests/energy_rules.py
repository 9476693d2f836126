"""Attempts that only one rule of the energy records refuses: `file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.contract import Operation
from scenarios.dates import on
from scenarios.energy import cast
from scenarios.energy.cast import MONTH, MWH
from scenarios.energy.contract import Energy
from scenarios.energy.devices import WHITELIST_MAX
from scenarios.energy.records import COUNT_MAX
from tests import energy_world as given
from tests.energy_world import BUNDLE, LOT, NOON, World

Given = Callable[[], World]
Attempt = Callable[[World], str]
GREEN_DAYS = "2028-03-01"
"""From here on March 2026 is over."""
OVER = "2028-04-01"
"""And April."""
CORRECTION: Mapping[str, Any] = {"device": "FL-1", "month": MONTH, "hour": 3, "energy_wh": 33 * MWH, "reason": "read"}
EVERY_WH = {"energy_wh": [hour * MWH for hour in given.NIGHT]}
SEA = {"device": "FL-SEA", "month": "2026-03"}
ROOF = "GH-ROOF:2026-03:000"
LOAD = {"consumer": cast.DATA_CENTRE, "month": MONTH, "load": {"sealed": "9" * 64}}


def attempt(signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> Attempt:
    """Members try something."""
    return lambda world: world.code(signers, operation, **arguments)


def after(before: Given, signers: str | tuple[str, ...], operation: Operation, **arguments: object) -> Given:
    """A world in which something more was done."""
    return lambda: before().do(signers, operation, **arguments)


def later(before: Given, day: str) -> Given:
    """The same world on a later day."""
    return lambda: before().at(day)


# Good attempts, but for what is changed


def account(member: str, uscc: str) -> Attempt:
    return attempt(cast.ISSUER, Energy.open_account, member=member, uscc=uscc, zone="CN-NORTH")


def register(known: str, name: str = "", **changes: object) -> Attempt:
    return attempt(cast.ISSUER, Energy.register_device, **given.device(known, name, **changes))


def submit(**changes: Any) -> Attempt:
    return attempt(cast.METERS, Energy.submit_readings, **given.readings(**changes))


def correct(**changes: object) -> Attempt:
    return attempt((cast.METERS, cast.ISSUER), Energy.correct_reading, **{**CORRECTION, **changes})


def consumption(**changes: object) -> Attempt:
    return attempt(cast.METERS, Energy.submit_consumption, **{**LOAD, **changes})


def total(zone: str = "CN-NORTH") -> Attempt:
    return attempt(cast.METERS, Energy.publish_area_total, zone=zone, month=MONTH, consumed_wh=5)


def issue(*hours: Any, **changes: Any) -> Attempt:
    """Of `given.issue`; `energy_wh` and `month` in place of its own."""
    instead: dict[str, Any] = {name: changes.pop(name) for name in ("energy_wh", "month") if name in changes}
    return attempt(cast.ISSUER, Energy.issue, **{**given.issue(*hours, **changes), **instead})


def discharge(**changes: object) -> Attempt:
    return attempt(cast.ISSUER, Energy.discharge, **given.discharge(**changes))


def charge(**changes: object) -> Attempt:
    return attempt(cast.BATTERY, Energy.charge, **{"storage": "XN-1", "bundle": f"{NOON}-1", **changes})


def split(*parts: Any, bundle: str = BUNDLE) -> Attempt:
    return attempt(cast.WIND, Energy.split, bundle=bundle, parts=parts)


def transfer(to: str = cast.ALUMINIUM, holder: str = cast.WIND, bundle: str = BUNDLE) -> Attempt:
    return attempt(holder, Energy.transfer, bundle=bundle, to=to)


def reserve(holder: str = cast.WIND, bundle: str = BUNDLE) -> Attempt:
    return attempt(holder, Energy.reserve, bundle=bundle, beneficiary=cast.ALUMINIUM)


def cancel(beneficiary: str = cast.DATA_CENTRE, holder: str = cast.WIND, bundle: str = BUNDLE, purpose: str = "load") -> Attempt:
    return attempt(holder, Energy.cancel, bundle=bundle, beneficiary=beneficiary, purpose=purpose)


def claim(consumer: str = cast.DATA_CENTRE, **changes: object) -> Attempt:
    return attempt((consumer, cast.METERS), Energy.claim, **given.claim(**changes))


def issue_green(device: str = "FL-SEA", month: str = "2026-03") -> Attempt:
    return attempt(cast.ISSUER, Energy.issue_green, device=device, month=month)


def divide(*counts: int, lot: str = LOT) -> Attempt:
    return attempt(cast.WIND, Energy.divide_green, lot=lot, counts=counts)


def offer(holder: str = cast.WIND, exchange: str = cast.NORTH_EXCHANGE, lot: str = LOT) -> Attempt:
    return attempt((holder, exchange), Energy.list_green, lot=lot, price_cents=620)


def trade(buyer: str, exchange: str = cast.NORTH_EXCHANGE, to: str = "") -> Attempt:
    return attempt((buyer, exchange), Energy.trade_green, lot=LOT, to=to or buyer)


def consume(holder: str = cast.WIND, lot: str = LOT, purpose: str = "own", year: int = 2026) -> Attempt:
    return attempt(holder, Energy.consume_green, lot=lot, purpose=purpose, year=year)


def freeze(owner: str = cast.WIND, **changes: object) -> Attempt:
    return attempt((owner, cast.CARBON_REGISTRY), Energy.freeze_ccer, **given.freeze(**changes))


def forecast(owner: str = cast.WIND, **changes: object) -> Attempt:
    return attempt(owner, Energy.submit_forecast, **given.forecast(**changes))


def settle(**changes: object) -> Attempt:
    return attempt(cast.NORTH_EXCHANGE, Energy.settle_imbalance, **given.settle(**changes))


# Worlds


def with_crowd() -> World:
    """The wind's account accepts as many others as it can."""
    world = given.opened()
    draft = world.contract
    crowd = tuple(f"crowd.m{number}" for number in range(WHITELIST_MAX))
    draft.accounts[cast.WIND] = draft.accounts[cast.WIND].replace(whitelist=crowd)
    return world


def deep(times: int) -> World:
    """The wind was split many times, into one part each time."""
    world = given.certified()
    for number in range(times):
        world.do(cast.WIND, Energy.split, bundle=BUNDLE + "-1" * number, parts=[EVERY_WH])
    return world


def deep_lot(times: int) -> World:
    """The same with a lot."""
    world = given.green()
    count = world.contract.green_lots[LOT].count
    for number in range(times):
        world.do(cast.WIND, Energy.divide_green, lot=LOT + "-1" * number, counts=(count,))
    return world


def old_lot() -> World:
    """August of 2024 of an older sea wind farm, which ends while carbon credits may still be chosen."""
    older = given.device("FL-SEA", "SEA-0", meter="M-SEA-0", commissioned_on_ms=on("2024-08-01"))
    world = given.opened().do(cast.ISSUER, Energy.register_device, **older).at("2026-05-02")
    world.do(cast.METERS, Energy.submit_readings, **{**given.first_day("FL-SEA", "2024-08"), "device": "SEA-0"})
    return world.do(cast.ISSUER, Energy.issue_green, device="SEA-0", month="2024-08").at("2026-09-01")


def certified_by_month(device: str, month: str) -> World:
    """A month of a device, metered and certified in MWh."""
    world = given.opened().at("2026-05-02").do(cast.METERS, Energy.submit_readings, **given.first_day(device, month))
    return world.do(cast.ISSUER, Energy.issue_green, device=device, month=month)


def roof() -> World:
    """An hour of the roof is certified, whose power its owner uses; others would accept it."""
    world = given.opened().at("2026-05-02").do(cast.METERS, Energy.submit_readings, **given.first_day("GH-ROOF", "2026-03"))
    world.do(cast.ISSUER, Energy.issue, device="GH-ROOF", month="2026-03", first_hour=0, energy_wh=(1_000,), first_id=1)
    return world.do(cast.ALUMINIUM, Energy.whitelist, member=cast.SOLAR)


def claimable(beneficiary: str = cast.DATA_CENTRE) -> World:
    """The wind is cancelled, loads are sealed."""
    return given.consumed(given.cancelled(beneficiary))


def claimable_in_may() -> World:
    """May is over too."""
    return claimable().at("2026-06-02").do(cast.METERS, Energy.submit_consumption, **{**LOAD, "month": "2026-05"})


def split_apart() -> World:
    """The first hour of the wind is cancelled for the mill in the east, loads are sealed."""
    world = given.certified().do(cast.WIND, Energy.split, bundle=BUNDLE, parts=given.parts((31, 0, 0), (0, 33, 35)))
    return given.consumed(world.do(cast.WIND, Energy.cancel, bundle=f"{BUNDLE}-1", beneficiary=cast.TEXTILES, purpose="cloth"))


def claimed_apart() -> World:
    """The other two are claimed by the data centre."""
    world = split_apart().do(cast.WIND, Energy.cancel, bundle=f"{BUNDLE}-2", beneficiary=cast.DATA_CENTRE, purpose="load")
    rest = given.claim(hours=((1, 33 * MWH), (2, 35 * MWH)), bundles=(f"{BUNDLE}-2",))
    return world.do((cast.DATA_CENTRE, cast.METERS), Energy.claim, **rest)


def battery_with_load() -> World:
    """The battery is charged, and its owner has a load of its own."""
    return given.consumed(given.charged()).do(cast.METERS, Energy.submit_consumption, **{**LOAD, "consumer": cast.BATTERY})


def eastern_battery() -> World:
    """A battery of Xuneng's in the east, which drew at noon as well; twice 10 MWh of the north are cancelled for it."""
    eastern = given.device("XN-1", "XN-E", meter="M-XN-E", zone="CN-EAST")
    world = given.charging().do(cast.ISSUER, Energy.register_device, **eastern)
    return world.do(cast.METERS, Energy.submit_readings, **given.readings("XN-E", (0,) * 11 + (-10 * MWH, -10 * MWH)))


def noon_for_the_data_centre() -> World:
    """Of the noon a part is cancelled for the data centre."""
    world = given.certified().do(cast.SOLAR, Energy.split, bundle=NOON, parts=given.parts((10, 10), (11, 12)))
    return world.do(cast.SOLAR, Energy.cancel, bundle=f"{NOON}-1", beneficiary=cast.DATA_CENTRE, purpose="load")


def no_longer_accepted() -> World:
    """The smelter accepted the wind's certificates, and does so no longer."""
    world = given.certified().do(cast.ALUMINIUM, Energy.whitelist, member=cast.WIND)
    return world.do(cast.ALUMINIUM, Energy.whitelist, member=cast.WIND, accepts=False)


def forecast_with_an_estimate() -> World:
    """The wind's day was forecast and metered, its fourth hour estimated."""
    world = given.opened().do(cast.WIND, Energy.submit_forecast, **given.forecast()).at("2026-04-02")
    return world.do(cast.METERS, Energy.submit_readings, **given.readings())


opened_later = later(given.opened, "2026-04-02")
discharged = after(given.charged, cast.ISSUER, Energy.discharge, **given.discharge())
noon_cancelled = after(given.certified, cast.SOLAR, Energy.cancel, bundle=NOON, beneficiary=cast.BATTERY, purpose="charge")
unfrozen = after(given.frozen, cast.CARBON_REGISTRY, Energy.unfreeze_ccer, project="P-1")
NOON_HOURS: Mapping[str, Any] = {"bundles": (f"{NOON}-1",), "hours": ((11, 10 * MWH), (12, 10 * MWH))}
ONE_HOUR: Mapping[str, Any] = {"hours": ((0, 31 * MWH),), "bundles": (f"{BUNDLE}-1",)}
TWICE: Mapping[str, Any] = {
    "bundles": (BUNDLE, BUNDLE),
    "hours": tuple((hour, 2 * mwh * MWH) for hour, mwh in enumerate(given.NIGHT)),
}
A_WH_MORE = ((0, 31 * MWH + 1), (1, 33 * MWH), (2, 35 * MWH))
USCC, OTHER_USCC = cast.MEMBERS[0]["uscc"], "91350100M000100Y43"

RULES: Mapping[str, tuple[Given, Attempt]] = {
    # Accounts and devices
    "devices.open_account.not-a-member": (given.accounts, account("nobody.here", USCC)),
    "devices.open_account.bad-uscc": (World, account(cast.WIND, "91130700MA0EN00010")),
    "devices.open_account.company-has-account": (given.accounts, account(cast.WIND, USCC)),
    "devices.open_account.account-exists": (given.accounts, account(cast.WIND, OTHER_USCC)),
    "devices.open_account.office-holder": (given.accounts, account(cast.METERS, OTHER_USCC)),
    "devices.whitelist.whitelist-full": (with_crowd, attempt(cast.WIND, Energy.whitelist, member=cast.SOLAR)),
    "devices.register_device.device-exists": (given.opened, register("FL-1", meter="M-9")),
    "devices.register_device.meter-taken": (given.opened, register("FL-1", "FL-9")),
    "devices.register_device.storage-efficiency": (given.accounts, register("XN-1", efficiency_ppm=0)),
    "storage-efficiency (without losses)": (given.accounts, register("XN-1", efficiency_ppm=1_000_000)),
    "storage-efficiency (of a plant)": (given.accounts, register("FL-1", efficiency_ppm=1)),
    "books.require_account.no-account": (given.accounts, register("FL-1", owner=cast.METERS)),
    # Readings
    "readings.submit_readings.beyond-month": (
        later(given.opened, "2026-05-02"), submit(first_hour=719, energy_wh=(1, 1), quality="VV"),
    ),
    "readings.submit_readings.reading-ahead": (later(given.opened, "2026-04-01"), submit()),
    "readings.submit_readings.quality-mismatch": (opened_later, submit(energy_wh=(1, None), quality="VV")),
    "readings.submit_readings.reading-repeated": (given.metered, submit()),
    "readings.submit_readings.reading-conflicts": (given.metered, submit(energy_wh=(1,), quality="V")),
    "readings.submit_readings.month-certified": (lambda: certified_by_month("FL-1", "2026-03"), submit(month="2026-03")),
    "books.require_possible.above-capacity": (opened_later, submit(energy_wh=(52_800_001,), quality="V")),
    "above-capacity (drawn)": (opened_later, submit(energy_wh=(-52_800_001,), quality="V")),
    "books.require_possible.before-commissioning": (opened_later, submit(name="FL-SEA", month="2025-11")),
    "readings.correct_reading.beyond-month": (later(given.metered, "2026-06-01"), correct(hour=720)),
    "readings.correct_reading.reading-ahead": (given.metered, correct(hour=41)),
    "readings.correct_reading.no-reason": (given.metered, correct(reason="  ")),
    "readings.correct_reading.month-certified": (given.green, correct(**SEA)),
    "readings.correct_reading.already-certified": (given.certified, correct(hour=0, energy_wh=31 * MWH - 1)),
    "already-certified (turned round)": (given.certified, correct(hour=0, energy_wh=-31 * MWH)),
    "already-certified (charged)": (given.charged, correct(device="XN-1", hour=11, energy_wh=10 * MWH)),
    "readings.submit_consumption.consumption-exists": (lambda: given.consumed(given.opened()), consumption()),
    "readings.submit_consumption.month-not-over": (later(given.opened, "2026-04-30"), consumption()),
    "readings.publish_area_total.total-exists": (given.total_published, total()),
    "readings.publish_area_total.too-few-consumers": (lambda: given.consumed(given.opened()), total("CN-EAST")),
    # Issue
    "issuance.issue.storage-by-discharge": (given.metered, issue("XN-1", 19, (9,))),
    "issuance.issue.beyond-month": (given.metered, issue(first_hour=719, mwh=(0, 0))),
    "issuance.issue.certified-otherwise": (given.green, issue("FL-SEA", 0, (1,), month="2026-03")),
    "issuance.issue.nothing-generated": (given.metered, issue(mwh=(0, 0))),
    "issuance.issue.hour-issued": (given.certified, issue(mwh=(1,), first_id=99 * MWH + 1)),
    "issuance.certify.expired": (later(given.metered, OVER), issue()),
    "expired (discharge)": (later(given.charged, OVER), discharge()),
    "issuance.require_metered.nothing-generated": (given.metered, issue("GH-1", 2, energy_wh=(12_000,))),
    "nothing-generated (gap)": (given.metered, issue(first_hour=24, mwh=(1,))),
    "issuance.require_metered.quality-unfit": (given.metered, issue(first_hour=3, mwh=(34,))),
    "issuance.require_metered.above-metered": (given.metered, issue(energy_wh=(31 * MWH + 1,))),
    "above-metered (discharge)": (given.charged, discharge(energy_wh=9 * MWH + 1)),
    "above-metered (discharged twice)": (discharged, discharge(energy_wh=1, first_id=9 * MWH + 1)),
    "books.require_next_id.ids-overlap": (given.certified, issue(first_hour=4, mwh=(30,), first_id=99 * MWH)),
    "ids-overlap (split)": (
        given.certified, split(*given.parts((1, 1, 1)), {"energy_wh": [30 * MWH, 32 * MWH, 34 * MWH], "first_id": MWH}),
    ),
    "books.require_next_id.ids-gap": (given.certified, issue(first_hour=4, mwh=(30,), first_id=99 * MWH + 2)),
    # Storage
    "issuance.charge.not-storage": (
        given.charging, attempt(cast.SOLAR, Energy.charge, storage="GH-1", bundle=f"{NOON}-1"),
    ),
    "issuance.charge.not-owner": (given.charging, attempt(cast.SOLAR, Energy.charge, storage="XN-1", bundle=f"{NOON}-1")),
    "issuance.charge.bundle-used": (given.charged, charge()),
    "issuance.charge.not-beneficiary": (noon_for_the_data_centre, charge()),
    "issuance.charge.wrong-zone": (eastern_battery, charge(storage="XN-E")),
    "issuance.charge.above-charged": (noon_cancelled, charge(bundle=NOON)),
    "issuance.discharge.beyond-month": (given.charged, discharge(hour=720)),
    "issuance.discharge.discharge-before-charge": (given.charged, discharge(hour=12)),
    "issuance.discharge.beyond-losses": (discharged, discharge(hour=20, energy_wh=8_200_001, first_id=9 * MWH + 1)),
    # Bundles
    "bundles.split.too-deep": (lambda: deep(20), split(EVERY_WH, bundle=BUNDLE + "-1" * 20)),
    "wrong-sum (a Wh more)": (given.certified, split({"energy_wh": [31 * MWH + 1, 33 * MWH, 35 * MWH]})),
    "wrong-sum (another hour)": (given.certified, split(*given.parts((32, 32, 35)))),
    "wrong-sum (as large as can be)": (given.certified, split(*[{"energy_wh": (2 * 10**11,) * 3}] * 50)),
    "wrong-lots": (given.certified, split(*given.parts((31, 33)))),
    "part-too-small": (given.certified, split(*given.parts(given.NIGHT, (0, 0, 0)))),
    "no-parts": (given.certified, split()),
    "too-many-parts": (given.certified, split(*given.parts(*[(1, 0, 0)] * 51))),
    "bundles.transfer.to-self": (
        after(given.certified, cast.WIND, Energy.whitelist, member=cast.WIND), transfer(to=cast.WIND),
    ),
    "bundles.transfer.not-whitelisted": (given.certified, transfer()),
    "not-whitelisted (any longer)": (no_longer_accepted, transfer()),
    "bundles.require_on_grid.not-tradable": (roof, transfer(holder=cast.SOLAR, bundle=ROOF)),
    "not-tradable (cancelled for another)": (roof, cancel(cast.ALUMINIUM, cast.SOLAR, ROOF)),
    "not-tradable (reserved for another)": (roof, reserve(cast.SOLAR, ROOF)),
    "bundles.release.not-reserved-for": (given.reserved, attempt(cast.WIND, Energy.release, bundle=BUNDLE)),
    "bundles.lock.no-reason": (given.certified, attempt(cast.ISSUER, Energy.lock, bundle=BUNDLE, reason=" ")),
    "bundles.cancel.reserved-for-other": (given.reserved, cancel(cast.ALUMINIUM)),
    "bundles.cancel.no-purpose": (given.certified, cancel(purpose=" ")),
    "bundles.withdraw.no-reason": (given.certified, attempt(cast.ISSUER, Energy.withdraw, bundle=BUNDLE, reason=" ")),
    "bundles.expire.sweep-size": (later(given.certified, OVER), attempt(cast.WIND, Energy.expire, bundles=())),
    "bundles.expire.not-expired": (later(given.certified, "2028-03-30"), attempt(cast.WIND, Energy.expire, bundles=(BUNDLE,))),
    "bundles.state_after_holder.not-holder": (given.certified, reserve(cast.ALUMINIUM)),
    "bundles.state_after_holder.expired": (later(given.certified, OVER), cancel()),
    "books.state_after.wrong-state": (given.cancelled, cancel(cast.ALUMINIUM)),
    # Claims
    "claims.claim.claim-exists": (claimed_apart, claim(hours=((0, 1),), bundles=(f"{BUNDLE}-1",))),
    "claims.claim.claim-size": (claimable, claim(bundles=(), hours=((0, 1),))),
    "claims.claim.bundle-twice": (claimable, claim(**TWICE)),
    "claims.claim.not-verifier": (claimable, claim(verifier=cast.COLD_STORE)),
    "claims.claim.bundle-used": (battery_with_load, claim(cast.BATTERY, **NOON_HOURS)),
    "claims.claim.not-beneficiary": (lambda: claimable(cast.ALUMINIUM), claim()),
    "claims.claim.wrong-zone": (split_apart, claim(cast.TEXTILES, **ONE_HOUR)),
    "claims.claim.wrong-month": (claimable_in_may, claim(month="2026-05")),
    "claims.require_hours.hour-twice": (claimable, claim(hours=((0, 5), *given.claim()["hours"]))),
    "claims.require_hours.hour-mismatch": (claimable, claim(hours=((14, 99 * MWH),))),
    "hour-mismatch (a Wh more)": (claimable, claim(hours=A_WH_MORE)),
    "claims.require_hours.not-hourly": (claimable, claim(hours=tuple((hour, 33 * MWH) for hour in range(3)))),
    # Green certificates
    "green.issue_green.storage-no-green": (later(given.metered, "2026-05-02"), issue_green("XN-1", MONTH)),
    "green.issue_green.month-not-over": (later(given.metered, "2026-04-30"), issue_green("GH-1", MONTH)),
    "green.issue_green.month-out-of-order": (
        after(given.month_metered, cast.ISSUER, Energy.issue_green, device="FL-SEA", month=MONTH), issue_green(),
    ),
    "green.issue_green.certified-otherwise": (later(given.certified, "2026-05-02"), issue_green("FL-1", MONTH)),
    "green.issue_green.expired": (later(given.month_metered, GREEN_DAYS), issue_green()),
    "green.divide_green.too-deep": (lambda: deep_lot(20), divide(1, lot=LOT + "-1" * 20)),
    "wrong-sum (lot)": (given.green, divide(1, 1)),
    "wrong-sum (lot, as large as can be)": (given.green, divide(*(COUNT_MAX,) * 50)),
    "part-too-small (lot)": (given.green, divide(0, 1)),
    "green.list_green.not-tradable": (given.green, offer(cast.SOLAR, lot="GH-ROOF:2026-03")),
    "green.list_green.already-traded": (given.traded, offer(cast.ALUMINIUM)),
    "green.list_green.listed-elsewhere": (given.listed, offer(exchange=cast.SOUTH_EXCHANGE)),
    "green.trade_green.already-traded": (given.traded, trade(cast.COLD_STORE)),
    "green.trade_green.not-listed-here": (given.listed, trade(cast.ALUMINIUM, cast.SOUTH_EXCHANGE)),
    "green.trade_green.not-buyer": (given.listed, trade(cast.WIND, to=cast.ALUMINIUM)),
    "green.trade_green.to-self": (given.listed, trade(cast.WIND)),
    "green.consume_green.no-purpose": (given.green, consume(purpose=" ")),
    "green.consume_green.wrong-year": (given.green, consume(year=2027)),
    "wrong-year (of before 2026, long after)": (
        lambda: certified_by_month("FL-1", "2025-12"), consume(lot="FL-1:2025-12", year=2028),
    ),
    "green.expire_green.sweep-size": (later(given.green, GREEN_DAYS), attempt(cast.WIND, Energy.expire_green, lots=())),
    "green.expire_green.lot-state": (later(given.frozen, GREEN_DAYS), attempt(cast.WIND, Energy.expire_green, lots=(LOT,))),
    "green.expire_green.not-expired": (later(given.green, "2028-02-28"), attempt(cast.WIND, Energy.expire_green, lots=(LOT,))),
    "green.state_after_holder.not-holder": (given.green, consume(cast.ALUMINIUM)),
    "green.state_after.green-or-carbon": (given.frozen, offer()),
    "green.state_after.lot-state": (given.listed, consume()),
    "green.state_after.expired": (later(given.green, GREEN_DAYS), offer()),
    # Carbon credits
    "green.freeze_ccer.not-owner": (given.green, freeze(cast.SOLAR)),
    "green.freeze_ccer.project-exists": (given.frozen, freeze()),
    "green.freeze_ccer.ccer-kind": (given.green, freeze(device="FL-1", lots=("FL-1:2026-03",))),
    "green.freeze_ccer.ccer-window": (later(given.green, "2026-10-01"), freeze()),
    "green.freeze_ccer.sweep-size": (given.green, freeze(lots=())),
    "green.freeze_ccer.other-device": (given.green, freeze(lots=("FL-1:2026-03",))),
    "green.freeze_ccer.green-or-carbon": (given.traded, freeze()),
    "green-or-carbon (named twice)": (given.green, freeze(lots=(LOT, LOT))),
    "green.freeze_ccer.expired": (old_lot, freeze(device="SEA-0", lots=("SEA-0:2024-08",))),
    "green.decide.project-state": (unfrozen, attempt(cast.CARBON_REGISTRY, Energy.register_ccer, project="P-1")),
    # Imbalance
    "imbalance.submit_forecast.not-owner": (given.opened, forecast(cast.SOLAR)),
    "imbalance.submit_forecast.beyond-month": (given.opened, forecast(first_hour=719, energy_wh=(0, 0))),
    "imbalance.submit_forecast.forecast-late": (later(given.opened, "2026-04-01"), forecast()),
    "imbalance.submit_forecast.forecast-exists": (
        after(given.opened, cast.WIND, Energy.submit_forecast, **given.forecast()), forecast(first_hour=23, energy_wh=(0, 0)),
    ),
    "imbalance.settle_imbalance.beyond-month": (given.planned, settle(hours=721)),
    "imbalance.settle_imbalance.settled-already": (given.settled, settle(first_hour=1)),
    "imbalance.settle_imbalance.no-forecast": (given.planned, settle(first_hour=23)),
    "imbalance.settle_imbalance.no-reading": (forecast_with_an_estimate, settle(first_hour=3, hours=1)),
}  # fmt: skip
"""One row an attempt. Where no rule of the file is named, it is a further attempt against the same code."""
