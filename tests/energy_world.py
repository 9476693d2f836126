"""The energy records without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from typing import Any

from scenarios.energy import cast
from scenarios.energy.cast import MONTH, MWH
from scenarios.energy.contract import Energy
from tests import contract_world

BUNDLE = f"FL-1:{MONTH}:000"
"""Three hours of wind: 31, 33 and 35 MWh."""
NIGHT = (31, 33, 35)
NOON = f"GH-1:{MONTH}:011"
"""Two hours of sun: 21 and 22 MWh, of which the battery drew 10 in each."""
LOT = "FL-SEA:2026-03"
QUALITY = "VVVE" + "V" * 20
NEWCOMER = "new.comer"
"""A member without a role, and without an account yet."""
LOADS = ((cast.DATA_CENTRE, "1"), (cast.ALUMINIUM, "2"), (cast.COLD_STORE, "3"), (cast.TEXTILES, "4"))


class World(contract_world.World[Energy]):
    """The members of the story, on the day of the genesis."""

    def __init__(self) -> None:
        super().__init__(Energy, {person["member"]: tuple(person["roles"]) for person in cast.MEMBERS}, "2026-03-30")
        self.enrol(NEWCOMER)


def device(known: str, name: str = "", **changes: object) -> dict[str, Any]:
    """Arguments that register a device of the cast, perhaps under another name."""
    return {"device": name or known, "plant": {**cast.PLANTS[known], **changes}}


def accounts() -> World:
    """Accounts are open."""
    world = World()
    for person in cast.MEMBERS:
        if person["uscc"]:
            world.do(cast.ISSUER, Energy.open_account, member=person["member"], uscc=person["uscc"], zone=person["zone"])
    return world


def opened() -> World:
    """Devices too; 30 March."""
    world = accounts()
    for name in cast.PLANTS:
        world.do(cast.ISSUER, Energy.register_device, **device(name))
    return world


def readings(name: str = "FL-1", energy_wh: tuple[int | None, ...] = (), **changes: object) -> dict[str, Any]:
    """Arguments that report a day from its first hour on."""
    energy_wh = energy_wh or cast.WIND_WH
    quality = QUALITY[: len(energy_wh)]
    return {"device": name, "month": MONTH, "first_hour": 0, "energy_wh": energy_wh, "quality": quality, **changes}


def metered() -> World:
    """1 April is metered, the fourth hour estimated; 2 April."""
    world = opened().at("2026-04-02")
    world.do(cast.METERS, Energy.submit_readings, **readings())
    world.do(cast.METERS, Energy.submit_readings, **readings("GH-1", cast.SOLAR_WH))
    return world.do(cast.METERS, Energy.submit_readings, **readings("XN-1", cast.BATTERY_WH))


def issue(name: str = "FL-1", first_hour: int = 0, mwh: tuple[int, ...] = NIGHT, first_id: int = 1) -> dict[str, Any]:
    """Arguments of a good issue on 2 April."""
    energy_wh = tuple(hour * MWH for hour in mwh)
    return {"device": name, "month": MONTH, "first_hour": first_hour, "energy_wh": energy_wh, "first_id": first_id}


def certified() -> World:
    """Three hours of wind and two of sun are certified."""
    world = metered().do(cast.ISSUER, Energy.issue, **issue())
    return world.do(cast.ISSUER, Energy.issue, **issue("GH-1", 11, (21, 22)))


def parts(*shares: tuple[int, ...]) -> list[dict[str, Any]]:
    """Parts of a split in MWh by hour."""
    return [{"energy_wh": [hour * MWH for hour in share]} for share in shares]


def reserved() -> World:
    """The wind is reserved for the data centre."""
    return certified().do(cast.WIND, Energy.reserve, bundle=BUNDLE, beneficiary=cast.DATA_CENTRE)


def cancelled(beneficiary: str = cast.DATA_CENTRE) -> World:
    """It is cancelled for it."""
    return certified().do(cast.WIND, Energy.cancel, bundle=BUNDLE, beneficiary=beneficiary, purpose="load")


def consumed(world: World) -> World:
    """April is over, loads are sealed; 2 May."""
    world.at("2026-05-02")
    for consumer, digit in LOADS:
        world.do(cast.METERS, Energy.submit_consumption, consumer=consumer, month=MONTH, load={"sealed": digit * 64})
    return world


def claim(**changes: object) -> dict[str, Any]:
    """Arguments of a good claim of the data centre on 2 May."""
    hours = tuple((hour, mwh * MWH) for hour, mwh in enumerate(NIGHT))
    sealed = {"evidence": {"sealed": "e" * 64}, "verifier": cast.ASSURANCE}
    return {"claim": "C-1", "month": MONTH, "hours": hours, "bundles": (BUNDLE,), **sealed, **changes}


def claimed() -> World:
    """It is claimed."""
    return consumed(cancelled()).do((cast.DATA_CENTRE, cast.METERS), Energy.claim, **claim())


def charging() -> World:
    """The battery's owner holds twice 10 MWh of noon, cancelled for its own charge."""
    world = certified().do(cast.SOLAR, Energy.split, bundle=NOON, parts=parts((10, 10), (11, 12)))
    world.do(cast.BATTERY, Energy.whitelist, member=cast.SOLAR).do(
        cast.SOLAR, Energy.transfer, bundle=f"{NOON}-1", to=cast.BATTERY
    )
    return world.do(cast.BATTERY, Energy.cancel, bundle=f"{NOON}-1", beneficiary=cast.BATTERY, purpose="charge")


def charged() -> World:
    """It went in."""
    return charging().do(cast.BATTERY, Energy.charge, storage="XN-1", bundle=f"{NOON}-1")


def discharge(**changes: object) -> dict[str, Any]:
    """Arguments of a good discharge."""
    return {"charge": f"{NOON}-1", "month": MONTH, "hour": 19, "energy_wh": 9 * MWH, "first_id": 1, **changes}


def first_day(name: str, month: str) -> dict[str, Any]:
    """Arguments that report the first day of a month."""
    energy_wh = cast.month_wh(cast.PLANTS[name]["capacity_w"], 24, 420_000)
    return {"device": name, "month": month, "first_hour": 0, "energy_wh": energy_wh, "quality": "V" * 24}


def month_metered() -> World:
    """A day in March of the sea, the roof and the wind, and in April of the sea; 2 May."""
    world = opened().at("2026-05-02")
    for name, month in (("FL-SEA", "2026-03"), ("FL-SEA", MONTH), ("GH-ROOF", "2026-03"), ("FL-1", "2026-03")):
        world.do(cast.METERS, Energy.submit_readings, **first_day(name, month))
    return world


def green() -> World:
    """March is certified in MWh."""
    world = month_metered()
    for name in ("FL-SEA", "GH-ROOF", "FL-1"):
        world.do(cast.ISSUER, Energy.issue_green, device=name, month="2026-03")
    return world


def listed() -> World:
    """The sea's March is offered in the north."""
    return green().do((cast.WIND, cast.NORTH_EXCHANGE), Energy.list_green, lot=LOT, price_cents=620)


def traded() -> World:
    """The smelter bought it."""
    return listed().do((cast.ALUMINIUM, cast.NORTH_EXCHANGE), Energy.trade_green, lot=LOT, to=cast.ALUMINIUM)


def freeze(**changes: object) -> dict[str, Any]:
    """Arguments of a good application for carbon credits."""
    return {"project": "P-1", "device": "FL-SEA", "lots": (LOT,), **changes}


def frozen() -> World:
    """The sea's March is frozen."""
    return green().do((cast.WIND, cast.CARBON_REGISTRY), Energy.freeze_ccer, **freeze())


def forecast(**changes: object) -> dict[str, Any]:
    """Arguments of a forecast for the first day."""
    return {"device": "FL-1", "month": MONTH, "first_hour": 0, "energy_wh": (30 * MWH,) * 24, **changes}


def planned() -> World:
    """The wind's first day was forecast and metered."""
    world = opened().do(cast.WIND, Energy.submit_forecast, **forecast()).at("2026-04-02")
    return world.do(cast.METERS, Energy.submit_readings, **readings(quality="V" * 24))


def settle(**changes: object) -> dict[str, Any]:
    """Arguments that settle two hours of it."""
    prices = {"short_price_cents": 420_00, "long_price_cents": 180_00}
    return {"device": "FL-1", "month": MONTH, "first_hour": 0, "hours": 2, **prices, **changes}


def settled() -> World:
    """They are settled."""
    return planned().do(cast.NORTH_EXCHANGE, Energy.settle_imbalance, **settle())


def total_published() -> World:
    """The load of the north in April is published."""
    return consumed(metered()).do(cast.METERS, Energy.publish_area_total, zone="CN-NORTH", month=MONTH, consumed_wh=5)
