"""The energy records without ledger, keys and blocks: operations run straight on a state. For tests of single rules.

`GOOD` has a call of each operation that takes effect in the right world. A test says what it changes, and who signs instead.
"""

from collections.abc import Mapping
from typing import Any, Self

from ledger.contract import Operation
from scenarios.energy import cast
from scenarios.energy.cast import MONTH
from scenarios.energy.contract import Energy
from scenarios.energy.first_day import BATTERY_WH, MWH, NIGHT_OUT_WH, SOLAR_WH, WIND_WH
from scenarios.energy.story_green import month_wh
from scenarios.identifiers import gsrn_of
from tests import contract_world

Signers = str | tuple[str, ...]
BUNDLE = f"FL-1:{MONTH}:000"
"""Three hours of wind: 31, 33 and 35 MWh."""
NIGHT = (31, 33, 35)
NOON = f"GH-1:{MONTH}:011"
"""Two hours of sun: 21 and 22 MWh, of which the battery drew 10 in each."""
EVENING_WH = 9 * MWH - NIGHT_OUT_WH
"""What of the noon comes out in the first hour of the evening."""
LOT = "FL-SEA:2026-03"
QUALITY = "VVVE" + "V" * 20
NEWCOMER = "new.comer"
"""A member without a role, and without an account yet."""
USCC, OTHER_USCC = cast.MEMBERS[0]["uscc"], "91350100M000100Y43"
LOADS = ((cast.DATA_CENTRE, "1"), (cast.ALUMINIUM, "2"), (cast.COLD_STORE, "3"), (cast.TEXTILES, "4"))


class World(contract_world.World[Energy]):
    """The members of the story, on the day of the genesis."""

    def __init__(self) -> None:
        super().__init__(Energy, {person["member"]: tuple(person["roles"]) for person in cast.MEMBERS}, "2026-03-30")
        self.enrol(NEWCOMER)

    def then(self, operation: Operation, by: Signers = "", **changes: object) -> Self:
        """Does what is good, but for what is changed."""
        return self.do(by or GOOD[operation][0], operation, **good(operation, **changes))


def good(operation: Operation, **changes: object) -> dict[str, Any]:
    """The arguments of a good call, but for what is changed; a device is read by the meter that bears its name."""
    arguments = {**GOOD[operation][1], **changes}
    return arguments if operation != Energy.submit_readings else {"meter": f"M-{arguments['device']}", **arguments}


def wh(*mwh: int) -> tuple[int, ...]:
    """Energy by hour."""
    return tuple(hour * MWH for hour in mwh)


def parts(*shares: tuple[int, ...]) -> list[dict[str, Any]]:
    """Parts of a split in MWh by hour."""
    return [{"energy_wh": [*wh(*share)]} for share in shares]


def device(known: str, name: str = "", **changes: object) -> dict[str, Any]:
    """Arguments that register a device of the cast, perhaps under another name, at another site."""
    site = {"gsrn": gsrn_of(f"693000300{sum(name.encode()):08}")} if name else {}
    return {"device": name or known, "plant": {**cast.PLANTS[known], **site, **changes}}


def first_day(name: str, month: str) -> dict[str, Any]:
    """Arguments that report the first day of a month."""
    energy_wh = month_wh(name, 24, 420_000)
    return {"device": name, "month": month, "first_hour": 0, "energy_wh": energy_wh, "quality": "V" * 24}


DAY: Mapping[str, Any] = {"device": "FL-1", "month": MONTH, "first_hour": 0}
SEA: Mapping[str, Any] = {"device": "FL-SEA", "month": "2026-03"}
PRICES = {"short_price_cents": 420_00, "long_price_cents": 180_00}
CHECKED = {"verifier": cast.ASSURANCE, "evidence": {"sealed": "e" * 64}}
CLAIM = {"claim": "C-1", "month": MONTH, "hours": (*enumerate(wh(*NIGHT)),), "bundles": (BUNDLE,), **CHECKED}
ALL_OF_LOT = sum(first_day("FL-SEA", "2026-03")["energy_wh"]) // MWH

GOOD: Mapping[Operation, tuple[Signers, Mapping[str, Any]]] = {
    Energy.open_account: (cast.ISSUER, {"member": NEWCOMER, "uscc": OTHER_USCC, "zone": "CN-NORTH"}),
    Energy.whitelist: (cast.ALUMINIUM, {"member": cast.WIND}),
    Energy.register_device: ((cast.ISSUER, cast.METERS), device("FL-1", "FL-9", meter="M-9")),
    Energy.replace_meter: (
        (cast.METERS, cast.ISSUER), {"device": "FL-1", "month": MONTH, "hour": 24, "successor": "M-FL-1B"},
    ),
    # 1 April of the wind
    Energy.submit_readings: (cast.METERS, {**DAY, "energy_wh": WIND_WH, "quality": QUALITY}),
    Energy.correct_reading: (
        (cast.METERS, cast.ISSUER), {"device": "FL-1", "month": MONTH, "hour": 3, "energy_wh": 33 * MWH, "reason": "read"},
    ),
    Energy.submit_forecast: (cast.WIND, {**DAY, "energy_wh": (30 * MWH,) * 24}),
    Energy.settle_imbalance: (cast.NORTH_EXCHANGE, {**DAY, "hours": 2, **PRICES}),
    Energy.issue: (cast.ISSUER, {**DAY, "energy_wh": wh(*NIGHT), "first_id": 1}),
    # Its three hours
    Energy.split: (cast.WIND, {"bundle": BUNDLE, "parts": parts(NIGHT)}),
    Energy.transfer: (cast.WIND, {"bundle": BUNDLE, "to": cast.ALUMINIUM}),
    Energy.reserve: (cast.WIND, {"bundle": BUNDLE, "beneficiary": cast.DATA_CENTRE}),
    Energy.release: (cast.DATA_CENTRE, {"bundle": BUNDLE}),
    Energy.lock: (cast.ISSUER, {"bundle": BUNDLE, "reason": "look"}),
    Energy.unlock: (cast.ISSUER, {"bundle": BUNDLE}),
    Energy.cancel: (cast.WIND, {"bundle": BUNDLE, "beneficiary": cast.DATA_CENTRE, "purpose": "load"}),
    Energy.withdraw: (cast.ISSUER, {"bundle": BUNDLE, "reason": "meter tested"}),
    Energy.expire: (cast.WIND, {"bundles": (BUNDLE,)}),
    # Loads of April
    Energy.submit_consumption: (
        cast.METERS, {"consumer": cast.DATA_CENTRE, "month": MONTH, "load": {"sealed": "9" * 64}},
    ),
    Energy.publish_area_total: (cast.METERS, {"zone": "CN-NORTH", "month": MONTH, "consumed_wh": 5}),
    Energy.publish_residual_mix: (cast.ISSUER, {"zone": "CN-NORTH", "month": MONTH}),
    Energy.claim: ((cast.DATA_CENTRE, cast.METERS), CLAIM),
    Energy.attest_claim: (cast.ASSURANCE, {"claim": "C-1"}),
    Energy.dispute_claim: (cast.ASSURANCE, {"claim": "C-1", "reason": "metered less"}),
    Energy.withdraw_claim: (cast.DATA_CENTRE, {"claim": "C-1"}),
    # The battery
    Energy.charge: (cast.BATTERY, {"storage": "XN-1", "bundle": f"{NOON}-1"}),
    Energy.discharge: (
        cast.ISSUER, {"charge": f"{NOON}-1", "month": MONTH, "hour": 19, "energy_wh": EVENING_WH, "first_id": 1},
    ),
    # March of the sea
    Energy.issue_green: (cast.ISSUER, SEA),
    Energy.divide_green: (cast.WIND, {"lot": LOT, "counts": (ALL_OF_LOT,)}),
    Energy.list_green: ((cast.WIND, cast.NORTH_EXCHANGE), {"lot": LOT, "price_cents": 620}),
    Energy.unlist_green: (cast.WIND, {"lot": LOT}),
    Energy.trade_green: ((cast.ALUMINIUM, cast.NORTH_EXCHANGE), {"lot": LOT, "to": cast.ALUMINIUM}),
    Energy.consume_green: (
        (cast.WIND, cast.METERS), {"lot": LOT, "purpose": "own", "month": MONTH, "claim": "C-G", **CHECKED},
    ),
    Energy.expire_green: (cast.WIND, {"lots": (LOT,)}),
    Energy.freeze_ccer: ((cast.WIND, cast.CARBON_REGISTRY), {"project": "P-1", "device": "FL-SEA", "lots": (LOT,)}),
    Energy.register_ccer: (cast.CARBON_REGISTRY, {"project": "P-1"}),
    Energy.unfreeze_ccer: (cast.CARBON_REGISTRY, {"project": "P-1"}),
}  # fmt: skip
"""Who signs, and what."""


def accounts() -> World:
    """Accounts are open."""
    world = World()
    for person in cast.MEMBERS:
        if person["uscc"]:
            world.then(Energy.open_account, member=person["member"], uscc=person["uscc"], zone=person["zone"])
    return world


def opened() -> World:
    """Devices too; 30 March."""
    world = accounts()
    for name in cast.PLANTS:
        world.then(Energy.register_device, **device(name))
    return world


def metered() -> World:
    """1 April is metered, the fourth hour estimated; 2 April."""
    world = opened().at("2026-04-02").then(Energy.submit_readings)
    world.then(Energy.submit_readings, device="GH-1", energy_wh=SOLAR_WH)
    return world.then(Energy.submit_readings, device="XN-1", energy_wh=BATTERY_WH, quality="V" * 24)


def certified() -> World:
    """Three hours of wind and two of sun are certified."""
    return metered().then(Energy.issue).then(Energy.issue, device="GH-1", first_hour=11, energy_wh=wh(21, 22))


def reserved() -> World:
    """The wind is reserved for the data centre."""
    return certified().then(Energy.reserve)


def cancelled(beneficiary: str = cast.DATA_CENTRE) -> World:
    """It is cancelled for it."""
    return certified().then(Energy.cancel, beneficiary=beneficiary)


def consumed(world: World) -> World:
    """April is over, loads are sealed; 2 May."""
    world.at("2026-05-02")
    for consumer, digit in LOADS:
        world.then(Energy.submit_consumption, consumer=consumer, load={"sealed": digit * 64})
    return world


def claimed() -> World:
    """It is claimed."""
    return consumed(cancelled()).then(Energy.claim)


def charging() -> World:
    """The battery's owner holds twice 10 MWh of noon, cancelled for its own charge."""
    world = certified().then(Energy.split, by=cast.SOLAR, bundle=NOON, parts=parts((10, 10), (11, 12)))
    world.then(Energy.whitelist, by=cast.BATTERY, member=cast.SOLAR)
    world.then(Energy.transfer, by=cast.SOLAR, bundle=f"{NOON}-1", to=cast.BATTERY)
    return world.then(Energy.cancel, by=cast.BATTERY, bundle=f"{NOON}-1", beneficiary=cast.BATTERY, purpose="charge")


def charged() -> World:
    """It went in."""
    return charging().then(Energy.charge)


def month_metered() -> World:
    """A day in March of the sea, the roof and the wind, and in April of the sea; loads of seller and buyer; 2 May."""
    world = opened().at("2026-05-02")
    for consumer in (cast.WIND, cast.ALUMINIUM):
        world.then(Energy.submit_consumption, consumer=consumer)
    for name, month in (("FL-SEA", "2026-03"), ("FL-SEA", MONTH), ("GH-ROOF", "2026-03"), ("FL-1", "2026-03")):
        world.then(Energy.submit_readings, **first_day(name, month))
    return world


def green() -> World:
    """March is certified in MWh."""
    world = month_metered()
    for name in ("FL-SEA", "GH-ROOF", "FL-1"):
        world.then(Energy.issue_green, device=name)
    return world


def listed() -> World:
    """The sea's March is offered in the north."""
    return green().then(Energy.list_green)


def traded() -> World:
    """The smelter bought it."""
    return listed().then(Energy.trade_green)


def frozen() -> World:
    """The sea's March is frozen."""
    return green().then(Energy.freeze_ccer)


def planned() -> World:
    """The wind's first day was forecast and metered."""
    return opened().then(Energy.submit_forecast).at("2026-04-02").then(Energy.submit_readings, quality="V" * 24)


def settled() -> World:
    """They are settled."""
    return planned().then(Energy.settle_imbalance)


def total_published() -> World:
    """The load of the north in April is published."""
    return consumed(metered()).then(Energy.publish_area_total)
