"""Who plays, with which plants, and what their meters showed on 1 April 2026.

That day and the months of sea, wind and roof are made up for the story; the year's readings are real.
"""

from collections.abc import Mapping
from typing import Any

from scenarios.data_files import read_cast
from scenarios.dates import on

PACKAGE = "scenarios.energy"
PARTIES = read_cast(PACKAGE, "parties.json")
MEMBERS = PARTIES.members
"""Member id, names, roles; zone and code of those who get an account."""
PLANTS: Mapping[str, dict[str, Any]] = {
    device["device"]: {
        **{field: value for field, value in device.items() if field not in ("device", "commissioned_on")},
        "commissioned_on_ms": on(device["commissioned_on"]),
    }
    for device in PARTIES.data["devices"]
}
"""What is registered of each device, by its name."""

WIND, SOLAR, BATTERY = "fengling.tao", "guanghe.ren", "xuneng.bai"
DATA_CENTRE, ALUMINIUM, COLD_STORE, TEXTILES = "yunhai.shen", "hongda.lei", "bingyuan.yu", "jiangnan.pan"
ISSUER, METERS, CARBON_REGISTRY, ASSURANCE = "lvheng.fang", "jiliang.qiao", "tanku.an", "heyan.su"
BUSINESS_PARK = "huajing.xu"
"""Whose whole year is matched hour by hour."""
NORTH_EXCHANGE, SOUTH_EXCHANGE = "dianjiao.meng", "nanjiao.lin"

# 1 April, hour by hour

MWH = 1_000_000
MONTH = "2026-04"
ESTIMATED_HOUR, READ_LATER_WH = 3, 33 * MWH
"""Of the wind: the meter's memory is read later."""
WIND_WH = tuple(mwh * MWH for mwh in (31, 33, 35, 34, 30, 26, 21, 17, 14, 11, 8, 6, 5, 5, 6, 8, 9, 8, 6, 4, 3, 4, 9, 14))
"""With the estimate."""
CERTIFIED_WIND_WH = (*WIND_WH[:ESTIMATED_HOUR], READ_LATER_WH, *WIND_WH[ESTIMATED_HOUR + 1 :])
FORECAST_WH = tuple(mwh * MWH for mwh in (30, 30, 30, 30, 28, 28, 24, 20, 16, 12, 8, 6, 6, 6, 6, 6, 8, 8, 8, 6, 6, 6, 8, 10))
SUN_WH = tuple(mwh * MWH for mwh in (0, 0, 0, 0, 0, 0, 1, 4, 9, 14, 18, 21, 22, 21, 18, 14, 9, 4, 1, 0, 0, 0, 0, 0))
SOLAR_WH = tuple(energy_wh or -12_000 for energy_wh in SUN_WH)
"""What the solar meter shows: without sun the plant draws power."""
BATTERY_WH = (*(0,) * 11, -10 * MWH, -10 * MWH, *(0,) * 6, 9 * MWH, 8_400_000, 0, 0, 0)
"""It draws 20 MWh at noon and gives 17.4 MWh in the evening, some of it from before."""
LOAD_WH = 12 * MWH
"""The data centre needs the same in every hour."""
WIND_FOR_LOAD_WH = tuple(min(energy_wh, LOAD_WH) for energy_wh in CERTIFIED_WIND_WH)
"""What of the wind meets that load in its hour."""
WIND_KEY, MORNING, AFTERNOON, DUSK = (
    f"{device}:{MONTH}:{hour:03}" for device, hour in (("FL-1", 0), ("GH-1", 6), ("GH-1", 13), ("GH-1", 18))
)
"""The day's bundles."""
EVENING, LATE = f"XN-1:{MONTH}:019", f"XN-1:{MONTH}:020"
"""What the battery gives out."""
MORNING_PARTS = ((0, 0, 0, 0, 0, 10, 10), (0, 0, 0, 1, 4, 6, 7), (1, 4, 9, 9, 14, 5, 5), (0, 0, 0, 4, 0, 0, 0))
"""MWh by hour from 6 to 12: for the battery, the data centre, the solar farm's own stock, the textile mill."""
AFTERNOON_PARTS = ((7, 6, 4, 3, 4), (14, 0, 0, 0, 0), (0, 12, 10, 6, 0))
"""From 13 to 17: for the data centre, the rest of the first hour, the rest of the others."""
DUSK_PARTS = (600_000, 400_000)
"""Wh of hour 18: for the data centre, for the battery."""
BEFORE_DUSK = sum(SUN_WH[:18])
"""Ids of the solar field before its last hour."""


def month_wh(capacity_w: int, hours: int, share_ppm: int) -> tuple[int, ...]:
    """A made-up month: a wave of three days around a part of the capacity, and 7 Wh more each hour."""
    wave = (2, 3, 5, 7, 8, 9, 9, 8, 7, 5, 3, 2)
    return tuple(capacity_w * share_ppm // 1_000_000 * wave[hour // 6 % 12] // 6 + 7 * hour for hour in range(hours))
