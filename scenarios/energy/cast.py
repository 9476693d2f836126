"""Who plays, with which plants, and how the bundles of the first day are called."""

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

MONTH = "2026-04"
WIND_KEY, MORNING, AFTERNOON, DUSK = (
    f"{device}:{MONTH}:{hour:03}" for device, hour in (("FL-1", 0), ("GH-1", 6), ("GH-1", 13), ("GH-1", 18))
)
"""Bundles of 1 April."""
NEXT_DAY = f"FL-1:{MONTH}:024"
"""Of the night that followed."""
EVENING, LATE = f"XN-1:{MONTH}:019", f"XN-1:{MONTH}:020"
"""What the battery gives out."""
