"""Attempts that only one rule of the energy records refuses: `file.function.code`, or `code (place)` → world and attempt.

An attempt is the good call of `energy_world.GOOD`, but for what its row changes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.contract import Operation
from scenarios.dates import on
from scenarios.energy import cast
from scenarios.energy.cast import MONTH
from scenarios.energy.contract import Energy
from scenarios.energy.devices import WHITELIST_MAX
from scenarios.energy.first_day import MWH
from scenarios.energy.records import COUNT_MAX
from scenarios.identifiers import gsrn_of
from tests import energy_world as given
from tests.energy_world import BUNDLE, LOT, NOON, SEA, USCC, Signers, World, device, parts, wh

COLLEAGUE = "yunhai.verifier"
OWN = (cast.WIND, cast.METERS)
OTHER_SITE = gsrn_of("69300040000000001")
TERMS = cast.PLANTS["XN-1"]["storage_terms"]

Given = Callable[[], World]
GREEN_DAYS = "2028-03-01"
"""From here on March 2026 is over."""
OVER = "2028-04-01"
"""And April."""
ROOF = "GH-ROOF:2026-03:012"


def attempt(operation: Operation, by: Signers = "", **changes: object) -> Callable[[World], str]:
    """Members try something."""
    return lambda world: world.code(by or given.GOOD[operation][0], operation, **given.good(operation, **changes))


def after(before: Given, operation: Operation, by: Signers = "", **changes: object) -> Given:
    """A world in which something more was done."""
    return lambda: before().then(operation, by, **changes)


def later(before: Given, day: str) -> Given:
    """The same world on a later day."""
    return lambda: before().at(day)


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
        world.then(Energy.split, bundle=BUNDLE + "-1" * number)
    return world


def deep_lot(times: int) -> World:
    """The same with a lot."""
    world = given.green()
    for number in range(times):
        world.then(Energy.divide_green, lot=LOT + "-1" * number)
    return world


def old_lot() -> World:
    """August of 2024 of an older sea wind farm, which ends while carbon credits may still be chosen."""
    older = device("FL-SEA", "SEA-0", meter="M-SEA-0", commissioned_on_ms=on("2024-08-01"))
    world = given.opened().then(Energy.register_device, **older).at("2026-05-02")
    world.then(Energy.submit_readings, **{**given.first_day("FL-SEA", "2024-08"), "device": "SEA-0"})
    return world.then(Energy.issue_green, device="SEA-0", month="2024-08").at("2026-09-01")


def certified_by_month(device: str, month: str) -> World:
    """A month of a device, metered and certified in MWh."""
    world = given.opened().at("2026-05-02").then(Energy.submit_readings, **given.first_day(device, month))
    return world.then(Energy.issue_green, device=device, month=month)


def roof() -> World:
    """An hour of the roof is certified, whose power its owner uses; others would accept it."""
    world = given.opened().at("2026-05-02").then(Energy.submit_readings, **given.first_day("GH-ROOF", "2026-03"))
    world.then(Energy.issue, device="GH-ROOF", month="2026-03", first_hour=12, energy_wh=(1_000,))
    return world.then(Energy.whitelist, member=cast.SOLAR)


def claimable(beneficiary: str = cast.DATA_CENTRE) -> World:
    """The wind is cancelled, loads are sealed."""
    return given.consumed(given.cancelled(beneficiary))


def claimable_in_may() -> World:
    """May is over too."""
    return claimable().at("2026-06-02").then(Energy.submit_consumption, month="2026-05")


def split_apart() -> World:
    """The first hour of the wind is cancelled for the mill in the east, loads are sealed."""
    world = given.certified().then(Energy.split, parts=parts((31, 0, 0), (0, 33, 35)))
    return given.consumed(world.then(Energy.cancel, bundle=f"{BUNDLE}-1", beneficiary=cast.TEXTILES, purpose="cloth"))


def claimed_apart() -> World:
    """The other two are claimed by the data centre."""
    world = split_apart().then(Energy.cancel, bundle=f"{BUNDLE}-2")
    return world.then(Energy.claim, hours=((1, 33 * MWH), (2, 35 * MWH)), bundles=(f"{BUNDLE}-2",))


def battery_with_load() -> World:
    """The battery is charged, and its owner has a load of its own."""
    return given.consumed(given.charged()).then(Energy.submit_consumption, consumer=cast.BATTERY)


def eastern_battery() -> World:
    """A battery of Xuneng's in the east, which drew at noon as well; twice 10 MWh of the north are cancelled for it."""
    eastern = device("XN-1", "XN-E", meter="M-XN-E", zone="CN-EAST")
    world = given.charging().then(Energy.register_device, **eastern)
    noon = wh(*(0,) * 11, -10, -10)
    return world.then(Energy.submit_readings, device="XN-E", energy_wh=noon, quality=given.QUALITY[:13])


def noon_for_the_data_centre() -> World:
    """Of the noon a part is cancelled for the data centre."""
    world = given.certified().then(Energy.split, by=cast.SOLAR, bundle=NOON, parts=parts((10, 10), (11, 12)))
    return world.then(Energy.cancel, by=cast.SOLAR, bundle=f"{NOON}-1")


def no_longer_accepted() -> World:
    """The smelter accepted the wind's certificates, and does so no longer."""
    return given.certified().then(Energy.whitelist).then(Energy.whitelist, accepts=False)


def forecast_with_an_estimate() -> World:
    """The wind's day was forecast and metered, its fourth hour estimated."""
    return given.opened().then(Energy.submit_forecast).at("2026-04-02").then(Energy.submit_readings)


def own_use() -> World:
    """The wind has a load of its own in April: wind is cancelled for it, and the sea's March is certified in MWh."""
    world = given.consumed(given.cancelled(cast.WIND)).then(Energy.submit_consumption, consumer=cast.WIND)
    return world.then(Energy.submit_readings, **given.first_day("FL-SEA", "2026-03")).then(Energy.issue_green)


def with_colleague() -> World:
    """The data centre's company has a verifier of its own."""
    world = claimable()
    world.enrol(COLLEAGUE, "claim-verifier")
    return world


def roof_in_a_battery() -> World:
    """The roof's owner has a battery at the grid, which drew in the same hour."""
    own = device("XN-1", "GH-B", owner=cast.SOLAR, meter="M-GH-B")
    world = roof().then(Energy.register_device, **own).then(Energy.cancel, by=cast.SOLAR, bundle=ROOF, beneficiary=cast.SOLAR)
    drawn: dict[str, Any] = {"month": "2026-03", "first_hour": 12, "energy_wh": (-MWH,), "quality": "V"}
    return world.then(Energy.submit_readings, device="GH-B", **drawn)


def with_other_verifier() -> World:
    """A claim of the data centre, and a verifier that it does not name."""
    world = given.claimed()
    world.enrol("other.verifier", "claim-verifier")
    return world


def claimed_again() -> World:
    """A part of the wind's first hour is claimed, the rest of it is cancelled too."""
    world = given.certified().then(Energy.split, parts=parts((30, 33, 35), (1, 0, 0)))
    for number in (1, 2):
        world.then(Energy.cancel, bundle=f"{BUNDLE}-{number}")
    hours = tuple(enumerate(wh(30, 33, 35)))
    return given.consumed(world).then(Energy.claim, hours=hours, bundles=(f"{BUNDLE}-1",))


opened_later = later(given.opened, "2026-04-02")
discharged = after(given.charged, Energy.discharge)
noon_cancelled = after(given.certified, Energy.cancel, by=cast.SOLAR, bundle=NOON, beneficiary=cast.BATTERY, purpose="charge")
march_closed = after(given.month_metered, Energy.publish_residual_mix, month="2026-03")
unfrozen = after(given.frozen, Energy.unfreeze_ccer)
A_WH_MORE = ((0, 31 * MWH + 1), (1, 33 * MWH), (2, 35 * MWH))
NOON_HOURS = ((11, 10 * MWH), (12, 10 * MWH))
TWICE_AS_MUCH = tuple(enumerate(wh(62, 66, 70)))

RULES: Mapping[str, tuple[Given, Callable[[World], str]]] = {
    # Accounts and devices
    "devices.open_account.not-a-member": (given.accounts, attempt(Energy.open_account, member="nobody.here", uscc=USCC)),
    "devices.open_account.bad-uscc": (World, attempt(Energy.open_account, member=cast.WIND, uscc="91130700MA0EN00010")),
    "devices.open_account.company-has-account": (given.accounts, attempt(Energy.open_account, member=cast.WIND, uscc=USCC)),
    "devices.open_account.account-exists": (given.accounts, attempt(Energy.open_account, member=cast.WIND)),
    "devices.open_account.office-holder": (given.accounts, attempt(Energy.open_account, member=cast.METERS)),
    "devices.whitelist.whitelist-full": (with_crowd, attempt(Energy.whitelist, by=cast.WIND, member=cast.SOLAR)),
    "devices.register_device.device-exists": (
        given.opened, attempt(Energy.register_device, **device("FL-1", meter="M-9", gsrn=OTHER_SITE)),
    ),
    "devices.register_device.meter-taken": (given.opened, attempt(Energy.register_device, **device("FL-1", "FL-9"))),
    "devices.register_device.bad-gsrn": (
        given.accounts, attempt(Energy.register_device, **device("FL-1", gsrn=OTHER_SITE[:-1] + "0")),
    ),
    "devices.register_device.site-registered": (
        given.opened,
        attempt(Energy.register_device, **{**device("GH-1", meter="M-9"), "device": "GH-9"}),
    ),
    "devices.register_device.storage-terms": (
        given.accounts, attempt(Energy.register_device, **device("XN-1", storage_terms=None)),
    ),
    "storage-terms (fuller than full)": (
        given.accounts, attempt(Energy.register_device, **device("XN-1", storage_terms={**TERMS, "opening_wh": 10**9})),
    ),
    "storage-terms (of a plant)": (given.accounts, attempt(Energy.register_device, **device("FL-1", storage_terms=TERMS))),
    "devices.register_device.no-place": (given.accounts, attempt(Energy.register_device, **device("GH-1", place=None))),
    "devices.replace_meter.beyond-month": (later(given.metered, "2026-05-02"), attempt(Energy.replace_meter, hour=720)),
    "devices.replace_meter.reading-ahead": (given.metered, attempt(Energy.replace_meter, hour=48)),
    "devices.replace_meter.meter-taken": (given.metered, attempt(Energy.replace_meter, successor="M-GH-1")),
    "devices.replace_meter.not-in-service": (
        after(given.metered, Energy.replace_meter, hour=30, successor=""), attempt(Energy.replace_meter),
    ),
    "devices.replace_meter.meter-has-read": (given.metered, attempt(Energy.replace_meter, hour=23)),
    "meter-has-read (another went on)": (
        after(given.metered, Energy.replace_meter), attempt(Energy.replace_meter, successor="M-FL-1C"),
    ),
    "books.require_account.no-account": (given.accounts, attempt(Energy.register_device, **device("FL-1", owner=cast.METERS))),
    # Readings
    "readings.submit_readings.beyond-month": (
        later(given.opened, "2026-05-02"), attempt(Energy.submit_readings, first_hour=719, energy_wh=(1, 1), quality="VV"),
    ),
    "readings.submit_readings.reading-ahead": (later(given.opened, "2026-04-01"), attempt(Energy.submit_readings)),
    "readings.submit_readings.quality-mismatch": (
        opened_later, attempt(Energy.submit_readings, energy_wh=(1, None), quality="VV"),
    ),
    "readings.submit_readings.reading-repeated": (given.metered, attempt(Energy.submit_readings)),
    "readings.submit_readings.reading-conflicts": (given.metered, attempt(Energy.submit_readings, energy_wh=(1,), quality="V")),
    "readings.submit_readings.month-certified": (
        lambda: certified_by_month("FL-1", "2026-03"), attempt(Energy.submit_readings, month="2026-03"),
    ),
    "books.require_possible.above-capacity": (
        opened_later, attempt(Energy.submit_readings, energy_wh=(52_800_001,), quality="V"),
    ),
    "above-capacity (drawn)": (opened_later, attempt(Energy.submit_readings, energy_wh=(-52_800_001,), quality="V")),
    "books.require_possible.not-in-service": (
        opened_later, attempt(Energy.submit_readings, device="FL-SEA", month="2025-11"),
    ),
    "not-in-service (taken down)": (
        after(given.metered, Energy.replace_meter, successor=""),
        attempt(Energy.submit_readings, first_hour=24, energy_wh=(1,), quality="V"),
    ),
    "not-in-service (taken down, with a new meter)": (
        after(given.metered, Energy.replace_meter, successor=""), attempt(Energy.replace_meter, hour=25),
    ),
    "books.require_possible.sun-after-dark": (
        opened_later, attempt(Energy.submit_readings, device="GH-1", first_hour=2, energy_wh=(12_000,), quality="V"),
    ),
    "books.require_possible.storage-closed": (
        discharged, attempt(Energy.correct_reading, device="XN-1", hour=2, energy_wh=-MWH),
    ),
    "readings.submit_readings.meter-not-on": (
        after(given.metered, Energy.replace_meter), attempt(Energy.submit_readings, first_hour=24, energy_wh=(1,), quality="V"),
    ),
    "meter-not-on (not yet)": (
        after(given.metered, Energy.replace_meter),
        attempt(Energy.submit_readings, month="2026-03", meter="M-FL-1B", energy_wh=(1,), quality="V"),
    ),
    "meter-not-on (of another)": (opened_later, attempt(Energy.submit_readings, meter="M-GH-1")),
    "readings.correct_reading.beyond-month": (later(given.metered, "2026-06-01"), attempt(Energy.correct_reading, hour=720)),
    "readings.correct_reading.reading-ahead": (given.metered, attempt(Energy.correct_reading, hour=41)),
    "readings.correct_reading.no-reason": (given.metered, attempt(Energy.correct_reading, reason="  ")),
    "readings.correct_reading.already-certified": (
        given.certified, attempt(Energy.correct_reading, hour=0, energy_wh=31 * MWH - 1),
    ),
    "already-certified (turned round)": (given.certified, attempt(Energy.correct_reading, hour=0, energy_wh=-31 * MWH)),
    "already-certified (charged)": (given.charged, attempt(Energy.correct_reading, device="XN-1", hour=11, energy_wh=10 * MWH)),
    "readings.submit_consumption.consumption-exists": (
        lambda: given.consumed(given.opened()), attempt(Energy.submit_consumption),
    ),
    "readings.submit_consumption.month-not-over": (later(given.opened, "2026-04-30"), attempt(Energy.submit_consumption)),
    "readings.publish_area_total.total-exists": (given.total_published, attempt(Energy.publish_area_total)),
    "readings.publish_area_total.too-few-consumers": (
        lambda: given.consumed(given.opened()), attempt(Energy.publish_area_total, zone="CN-EAST"),
    ),
    "readings.publish_residual_mix.month-not-over": (given.metered, attempt(Energy.publish_residual_mix)),
    "readings.publish_residual_mix.residual-published": (march_closed, attempt(Energy.publish_residual_mix, month="2026-03")),
    "books.require_before_residual.residual-published": (march_closed, attempt(Energy.issue, month="2026-03", energy_wh=(1,))),
    "residual-published (issued by the month)": (march_closed, attempt(Energy.issue_green)),
    # Issue
    "issuance.issue.storage-by-discharge": (
        given.metered, attempt(Energy.issue, device="XN-1", first_hour=19, energy_wh=wh(9)),
    ),
    "issuance.issue.beyond-month": (given.metered, attempt(Energy.issue, first_hour=719, energy_wh=(0, 0))),
    "issuance.issue.certified-otherwise": (given.green, attempt(Energy.issue, **SEA, energy_wh=wh(1))),
    "issuance.issue.nothing-generated": (given.metered, attempt(Energy.issue, energy_wh=(0, 0))),
    "issuance.issue.hour-issued": (given.certified, attempt(Energy.issue, energy_wh=wh(1), first_id=99 * MWH + 1)),
    "books.certify.expired": (later(given.metered, OVER), attempt(Energy.issue)),
    "expired (discharge)": (later(given.charged, OVER), attempt(Energy.discharge)),
    "books.require_metered.nothing-generated": (
        given.metered, attempt(Energy.issue, device="GH-1", first_hour=2, energy_wh=(12_000,)),
    ),
    "nothing-generated (gap)": (given.metered, attempt(Energy.issue, first_hour=24, energy_wh=wh(1))),
    "books.require_metered.quality-unfit": (given.metered, attempt(Energy.issue, first_hour=3, energy_wh=wh(34))),
    "books.require_metered.above-metered": (given.metered, attempt(Energy.issue, energy_wh=(31 * MWH + 1,))),
    "above-metered (discharge)": (given.charged, attempt(Energy.discharge, energy_wh=9 * MWH + 1)),
    "books.require_next_id.ids-overlap": (
        given.certified, attempt(Energy.issue, first_hour=4, energy_wh=wh(30), first_id=99 * MWH),
    ),
    "ids-overlap (split)": (
        given.certified, attempt(Energy.split, parts=[*parts((1, 1, 1)), {"energy_wh": wh(30, 32, 34), "first_id": MWH}]),
    ),
    "books.require_next_id.ids-gap": (
        given.certified, attempt(Energy.issue, first_hour=4, energy_wh=wh(30), first_id=99 * MWH + 2),
    ),
    # Storage
    "storage.charge.not-storage": (given.charging, attempt(Energy.charge, by=cast.SOLAR, storage="GH-1")),
    "storage.charge.not-owner": (given.charging, attempt(Energy.charge, by=cast.SOLAR)),
    "storage.charge.bundle-used": (given.charged, attempt(Energy.charge)),
    "storage.charge.not-beneficiary": (noon_for_the_data_centre, attempt(Energy.charge)),
    "storage.charge.wrong-zone": (eastern_battery, attempt(Energy.charge, storage="XN-E")),
    "storage.charge.not-tradable": (roof_in_a_battery, attempt(Energy.charge, by=cast.SOLAR, storage="GH-B", bundle=ROOF)),
    "storage.charge.above-charged": (noon_cancelled, attempt(Energy.charge, bundle=NOON)),
    "storage.discharge.beyond-month": (given.charged, attempt(Energy.discharge, hour=720)),
    "storage.discharge.not-first-out": (given.charged, attempt(Energy.discharge, energy_wh=given.EVENING_WH + 1)),
    "not-first-out (twice)": (discharged, attempt(Energy.discharge, energy_wh=1, first_id=given.EVENING_WH + 1)),
    # Bundles
    "bundles.split.too-deep": (lambda: deep(20), attempt(Energy.split, bundle=BUNDLE + "-1" * 20)),
    "wrong-sum (a Wh more)": (
        given.certified, attempt(Energy.split, parts=[{"energy_wh": [31 * MWH + 1, 33 * MWH, 35 * MWH]}]),
    ),
    "wrong-sum (another hour)": (given.certified, attempt(Energy.split, parts=parts((32, 32, 35)))),
    "wrong-sum (as large as can be)": (given.certified, attempt(Energy.split, parts=[{"energy_wh": (2 * 10**11,) * 3}] * 50)),
    "wrong-lots": (given.certified, attempt(Energy.split, parts=parts((31, 33)))),
    "part-too-small": (given.certified, attempt(Energy.split, parts=parts(given.NIGHT, (0, 0, 0)))),
    "no-parts": (given.certified, attempt(Energy.split, parts=())),
    "too-many-parts": (given.certified, attempt(Energy.split, parts=parts(*[(1, 0, 0)] * 51))),
    "bundles.transfer.to-self": (
        after(given.certified, Energy.whitelist, by=cast.WIND), attempt(Energy.transfer, to=cast.WIND),
    ),
    "bundles.transfer.not-whitelisted": (given.certified, attempt(Energy.transfer)),
    "not-whitelisted (any longer)": (no_longer_accepted, attempt(Energy.transfer)),
    "bundles.require_on_grid.not-tradable": (roof, attempt(Energy.transfer, by=cast.SOLAR, bundle=ROOF)),
    "not-tradable (cancelled for another)": (roof, attempt(Energy.cancel, by=cast.SOLAR, bundle=ROOF)),
    "not-tradable (reserved for another)": (roof, attempt(Energy.reserve, by=cast.SOLAR, bundle=ROOF)),
    "bundles.release.not-reserved-for": (given.reserved, attempt(Energy.release, by=cast.WIND)),
    "bundles.lock.no-reason": (given.certified, attempt(Energy.lock, reason=" ")),
    "bundles.cancel.reserved-for-other": (given.reserved, attempt(Energy.cancel, beneficiary=cast.ALUMINIUM)),
    "bundles.cancel.no-purpose": (given.certified, attempt(Energy.cancel, purpose=" ")),
    "bundles.withdraw.no-reason": (given.certified, attempt(Energy.withdraw, reason=" ")),
    "bundles.expire.sweep-size": (later(given.certified, OVER), attempt(Energy.expire, bundles=())),
    "bundles.expire.not-expired": (later(given.certified, "2028-03-30"), attempt(Energy.expire)),
    "bundles.state_after_holder.not-holder": (given.certified, attempt(Energy.reserve, by=cast.ALUMINIUM)),
    "bundles.state_after_holder.expired": (later(given.certified, OVER), attempt(Energy.cancel)),
    "books.state_after.wrong-state": (given.cancelled, attempt(Energy.cancel, beneficiary=cast.ALUMINIUM)),
    # Claims
    "books.require_load.no-load": (given.cancelled, attempt(Energy.claim)),
    "books.require_load.claimed-otherwise": (after(own_use, Energy.claim, by=OWN), attempt(Energy.consume_green)),
    "claimed-otherwise (the other way round)": (after(own_use, Energy.consume_green), attempt(Energy.claim, by=OWN)),
    "no-load (of green certificates)": (given.green, attempt(Energy.consume_green, month="2026-03")),
    "claims.claim.hour-claimed": (
        claimed_again, attempt(Energy.claim, claim="C-2", hours=((0, MWH),), bundles=(f"{BUNDLE}-2",)),
    ),
    "claims.dispute_claim.no-reason": (given.claimed, attempt(Energy.dispute_claim, reason=" ")),
    "claims.judge.other-verifier": (with_other_verifier, attempt(Energy.attest_claim, by="other.verifier")),
    "claim-state (attested, and withdrawn)": (
        after(given.claimed, Energy.attest_claim), attempt(Energy.withdraw_claim),
    ),
    "claims.claim_after.claim-state": (after(given.claimed, Energy.attest_claim), attempt(Energy.attest_claim)),
    "books.require_load.claim-exists": (claimed_apart, attempt(Energy.claim, hours=((0, 1),), bundles=(f"{BUNDLE}-1",))),
    "claims.claim.claim-size": (claimable, attempt(Energy.claim, bundles=(), hours=((0, 1),))),
    "claims.claim.bundle-twice": (claimable, attempt(Energy.claim, bundles=(BUNDLE, BUNDLE), hours=TWICE_AS_MUCH)),
    "books.require_load.not-verifier": (claimable, attempt(Energy.claim, verifier=cast.COLD_STORE)),
    "claims.claim.bundle-used": (
        battery_with_load, attempt(Energy.claim, by=(cast.BATTERY, cast.METERS), bundles=(f"{NOON}-1",), hours=NOON_HOURS),
    ),
    "books.require_load.own-verifier": (with_colleague, attempt(Energy.claim, verifier=COLLEAGUE)),
    "not-verifier (of green certificates)": (given.green, attempt(Energy.consume_green, verifier=cast.COLD_STORE)),
    "claims.withdraw_claim.not-owner": (given.claimed, attempt(Energy.withdraw_claim, by=cast.METERS)),
    "claims.claim.not-beneficiary": (lambda: claimable(cast.ALUMINIUM), attempt(Energy.claim)),
    "claims.claim.wrong-zone": (
        split_apart, attempt(Energy.claim, by=(cast.TEXTILES, cast.METERS), bundles=(f"{BUNDLE}-1",), hours=((0, 31 * MWH),)),
    ),
    "claims.claim.wrong-month": (claimable_in_may, attempt(Energy.claim, month="2026-05")),
    "claims.require_hours.hour-twice": (claimable, attempt(Energy.claim, hours=((0, 5), *given.CLAIM["hours"]))),
    "claims.require_hours.hour-mismatch": (claimable, attempt(Energy.claim, hours=((14, 99 * MWH),))),
    "hour-mismatch (a Wh more)": (claimable, attempt(Energy.claim, hours=A_WH_MORE)),
    "claims.require_hours.not-hourly": (claimable, attempt(Energy.claim, hours=tuple(enumerate(wh(33, 33, 33))))),
    # Green certificates
    "green.issue_green.storage-no-green": (
        later(given.metered, "2026-05-02"), attempt(Energy.issue_green, device="XN-1", month=MONTH),
    ),
    "green.issue_green.month-not-over": (
        later(given.metered, "2026-04-30"), attempt(Energy.issue_green, device="GH-1", month=MONTH),
    ),
    "green.issue_green.month-out-of-order": (
        after(given.month_metered, Energy.issue_green, month=MONTH), attempt(Energy.issue_green),
    ),
    "green.issue_green.certified-otherwise": (
        later(given.certified, "2026-05-02"), attempt(Energy.issue_green, device="FL-1", month=MONTH),
    ),
    "green.issue_green.expired": (later(given.month_metered, GREEN_DAYS), attempt(Energy.issue_green)),
    "green.divide_green.too-deep": (lambda: deep_lot(20), attempt(Energy.divide_green, lot=LOT + "-1" * 20, counts=(1,))),
    "wrong-sum (lot)": (given.green, attempt(Energy.divide_green, counts=(1, 1))),
    "wrong-sum (lot, as large as can be)": (given.green, attempt(Energy.divide_green, counts=(COUNT_MAX,) * 50)),
    "part-too-small (lot)": (given.green, attempt(Energy.divide_green, counts=(0, 1))),
    "green.list_green.not-tradable": (
        given.green, attempt(Energy.list_green, by=(cast.SOLAR, cast.NORTH_EXCHANGE), lot="GH-ROOF:2026-03"),
    ),
    "green.list_green.already-traded": (given.traded, attempt(Energy.list_green, by=(cast.ALUMINIUM, cast.NORTH_EXCHANGE))),
    "green.list_green.listed-elsewhere": (given.listed, attempt(Energy.list_green, by=(cast.WIND, cast.SOUTH_EXCHANGE))),
    "green.trade_green.already-traded": (
        given.traded, attempt(Energy.trade_green, by=(cast.COLD_STORE, cast.NORTH_EXCHANGE), to=cast.COLD_STORE),
    ),
    "green.trade_green.not-listed-here": (given.listed, attempt(Energy.trade_green, by=(cast.ALUMINIUM, cast.SOUTH_EXCHANGE))),
    "green.trade_green.not-buyer": (given.listed, attempt(Energy.trade_green, by=(cast.WIND, cast.NORTH_EXCHANGE))),
    "green.trade_green.to-self": (given.listed, attempt(Energy.trade_green, by=(cast.WIND, cast.NORTH_EXCHANGE), to=cast.WIND)),
    "green.consume_green.bundle-used": (
        after(given.green, Energy.consume_green), attempt(Energy.consume_green, claim="C-G2"),
    ),
    "green.consume_green.no-purpose": (given.green, attempt(Energy.consume_green, purpose=" ")),
    "green.consume_green.wrong-year": (given.green, attempt(Energy.consume_green, month="2027-04")),
    "wrong-year (of before 2026, long after)": (
        lambda: certified_by_month("FL-1", "2025-12"), attempt(Energy.consume_green, lot="FL-1:2025-12", month="2028-04"),
    ),
    "green.expire_green.sweep-size": (later(given.green, GREEN_DAYS), attempt(Energy.expire_green, lots=())),
    "green.expire_green.lot-state": (later(given.frozen, GREEN_DAYS), attempt(Energy.expire_green)),
    "green.expire_green.not-expired": (later(given.green, "2028-02-28"), attempt(Energy.expire_green)),
    "green.state_after_holder.not-holder": (given.green, attempt(Energy.consume_green, by=(cast.ALUMINIUM, cast.METERS))),
    "green.state_after.green-or-carbon": (given.frozen, attempt(Energy.list_green)),
    "green.state_after.lot-state": (given.listed, attempt(Energy.consume_green)),
    "green.state_after.expired": (later(given.green, GREEN_DAYS), attempt(Energy.list_green)),
    # Carbon credits
    "green.freeze_ccer.not-owner": (given.green, attempt(Energy.freeze_ccer, by=(cast.SOLAR, cast.CARBON_REGISTRY))),
    "green.freeze_ccer.project-exists": (given.frozen, attempt(Energy.freeze_ccer)),
    "green.freeze_ccer.ccer-kind": (given.green, attempt(Energy.freeze_ccer, device="FL-1", lots=("FL-1:2026-03",))),
    "green.freeze_ccer.ccer-window": (later(given.green, "2026-10-01"), attempt(Energy.freeze_ccer)),
    "green.freeze_ccer.sweep-size": (given.green, attempt(Energy.freeze_ccer, lots=())),
    "green.freeze_ccer.other-device": (given.green, attempt(Energy.freeze_ccer, lots=("FL-1:2026-03",))),
    "green.freeze_ccer.green-or-carbon": (given.traded, attempt(Energy.freeze_ccer)),
    "green-or-carbon (named twice)": (given.green, attempt(Energy.freeze_ccer, lots=(LOT, LOT))),
    "green.freeze_ccer.expired": (old_lot, attempt(Energy.freeze_ccer, device="SEA-0", lots=("SEA-0:2024-08",))),
    "green.decide.project-state": (unfrozen, attempt(Energy.register_ccer)),
    # Imbalance
    "imbalance.submit_forecast.not-owner": (given.opened, attempt(Energy.submit_forecast, by=cast.SOLAR)),
    "imbalance.submit_forecast.beyond-month": (given.opened, attempt(Energy.submit_forecast, first_hour=719, energy_wh=(0, 0))),
    "imbalance.submit_forecast.forecast-late": (later(given.opened, "2026-04-01"), attempt(Energy.submit_forecast)),
    "imbalance.submit_forecast.forecast-exists": (
        after(given.opened, Energy.submit_forecast), attempt(Energy.submit_forecast, first_hour=23, energy_wh=(0, 0)),
    ),
    "imbalance.settle_imbalance.beyond-month": (given.planned, attempt(Energy.settle_imbalance, hours=721)),
    "imbalance.settle_imbalance.settled-already": (given.settled, attempt(Energy.settle_imbalance, first_hour=1)),
    "imbalance.settle_imbalance.no-forecast": (given.planned, attempt(Energy.settle_imbalance, first_hour=23)),
    "imbalance.settle_imbalance.no-reading": (
        forecast_with_an_estimate, attempt(Energy.settle_imbalance, first_hour=3, hours=1),
    ),
}  # fmt: skip
"""One row an attempt. Where no rule of the file is named, it is a further attempt against the same code."""
