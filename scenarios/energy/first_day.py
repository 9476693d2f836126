"""The first day's meters, loads and certificates, made up: what the story does with them stands in its chapters."""

from typing import Any

from scenarios.energy.cast import (
    AFTERNOON,
    ALUMINIUM,
    ASSURANCE,
    COLD_STORE,
    DATA_CENTRE,
    DUSK,
    EVENING,
    LATE,
    MONTH,
    MORNING,
    SOLAR,
    TEXTILES,
    WIND,
    WIND_KEY,
)
from scenarios.energy.loads import sealed_evidence, sealed_load
from scenarios.energy.quantities import hours_in
from scenarios.energy.records import HourClaim

MWH = 1_000_000
ESTIMATED_HOUR, READ_LATER_WH = 3, 33 * MWH
"""Of the wind: the meter's memory is read later."""
WIND_WH = tuple(mwh * MWH for mwh in (31, 33, 35, 34, 30, 26, 21, 17, 14, 11, 8, 6, 5, 5, 6, 8, 9, 8, 6, 4, 3, 4, 9, 14))
"""With the estimate."""
CERTIFIED_WIND_WH = (*WIND_WH[:ESTIMATED_HOUR], READ_LATER_WH, *WIND_WH[ESTIMATED_HOUR + 1 :])
FORECAST_WH = tuple(mwh * MWH for mwh in (30, 30, 30, 30, 28, 28, 24, 20, 16, 12, 8, 6, 6, 6, 6, 6, 8, 8, 8, 6, 6, 6, 8, 10))
SUN_WH = tuple(mwh * MWH for mwh in (0, 0, 0, 0, 0, 0, 1, 4, 9, 14, 18, 21, 22, 21, 18, 14, 9, 4, 1, 0, 0, 0, 0, 0))
SOLAR_WH = tuple(energy_wh or -12_000 for energy_wh in SUN_WH)
"""What the solar meter shows: without sun the plant draws power."""
BATTERY_WH = (0, 0, -MWH, *(0,) * 8, -10 * MWH, -10 * MWH, *(0,) * 6, 9 * MWH, 8_400_000, 0, 0, 0)
"""It draws 1 MWh from the grid by night and 20 MWh at noon, and gives 17.4 MWh in the evening."""
NIGHT_OUT_WH = 860_000
"""What is left of the night's MWh: it comes out first."""
LOAD_WH = 12 * MWH
"""The data centre needs the same in every hour."""
WIND_FOR_LOAD_WH = tuple(min(energy_wh, LOAD_WH) for energy_wh in CERTIFIED_WIND_WH)
"""What of the wind meets that load in its hour."""
MORNING_PARTS = ((0, 0, 0, 0, 0, 10, 10), (0, 0, 0, 1, 4, 6, 7), (1, 4, 9, 9, 14, 5, 5), (0, 0, 0, 4, 0, 0, 0))
"""MWh by hour from 6 to 12: for the battery, the data centre, the solar farm's own stock, the textile mill."""
AFTERNOON_PARTS = ((7, 6, 4, 3, 4), (14, 0, 0, 0, 0), (0, 12, 10, 6, 0))
"""From 13 to 17: for the data centre, the rest of the first hour, the rest of the others."""
DUSK_PARTS = (600_000, 400_000)
"""Wh of hour 18: for the data centre, for the battery."""
OVER_READ_WH, NEXT_WIND_WH = 2 * MWH, (9 * MWH, 10 * MWH)
"""What the wind's meter showed too much at noon, and what came the next night."""
BEFORE_DUSK = sum(SUN_WH[:18])
"""Ids of the solar field before its last hour."""
VALID = "V" * 24
LOADS = {DATA_CENTRE: LOAD_WH, ALUMINIUM: 31_207_193, COLD_STORE: 2_153_419, TEXTILES: 3_401_377, SOLAR: 401_927, WIND: 211_000}
"""Wh an hour, the same in each: invented."""
CLAIM = "YH-2026-04-01"
USED = (f"{WIND_KEY}-1", f"{MORNING}-2", f"{AFTERNOON}-1", f"{DUSK}-1", f"{EVENING}-1", LATE)
"""What was cancelled for the data centre's first day."""


def claim_of(consumer: str, claim: str, hours: tuple[HourClaim, ...], *bundles: str) -> dict[str, Any]:
    """Arguments of a claim with sealed evidence."""
    load = (LOADS[consumer],) * hours_in(MONTH)
    evidence = sealed_evidence(f"evidence:{claim}", consumer, MONTH, hours, load)
    return {"claim": claim, "month": MONTH, "hours": hours, "bundles": bundles, "verifier": ASSURANCE, "evidence": evidence}


def green_claim(consumer: str, claim: str, lot: str, month: str, purpose: str) -> dict[str, Any]:
    """Arguments of a consumption by green certificates, with the month's sealed total."""
    evidence = sealed_evidence(f"evidence:{claim}", consumer, month, (), (LOADS[consumer],) * hours_in(month))
    return {"lot": lot, "purpose": purpose, "month": month, "claim": claim, "verifier": ASSURANCE, "evidence": evidence}


def load_of(consumer: str, month: str = MONTH) -> dict[str, Any]:
    """Arguments that seal a month."""
    load = sealed_load(f"load:{consumer}", (LOADS[consumer],) * hours_in(month))
    return {"consumer": consumer, "month": month, "load": load}
