"""A voyage made up by a stated method, so that plots have something to show.

Twelve boxes of one sea waybill are transhipped at Singapore. Everything random comes from one seeded source of bits:

    container numbers   an owner code that is not assigned, serial numbers in a row, check digits by ISO 6346
    gate                hours before loading: 20 + a number below 40
    dwell               days from discharge to gate-out, drawn from 1 1 2 2 3 3 4 5 6 8 9 12: many leave soon, few stay
    detention           days from gate-out to return of the empty box, drawn from 3 to 16
    estimated arrivals  true arrival plus an error in hours between -2 and 5 for each day ahead, so that it shrinks
    reefer              setpoint 12.0 degrees, a reading every six hours within 0.6 of it; on one day the unit fails for 18 hours
"""

from typing import Any

from stdnum import iso6346

from nodes.simulator.chance import Chance

SEED = 20_260_510
BOXES = 12
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
DWELL_DAYS = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 9, 12)
DAYS_AHEAD = (34, 28, 23, 16, 9, 3)
"""When an estimate is given: days before the ship arrives."""
FAILS_ON = 2
"""On which of the days with readings the reefer fails."""
READING_DAYS = 4


def voyage(seed: int = SEED) -> dict[str, Any]:
    """The data of the voyage; the same for the same seed on any machine."""
    chance = Chance(seed)
    boxes = [_box(chance, number) for number in range(BOXES)]
    return {"boxes": boxes, "estimates": [_estimates(chance) for _ in range(2)], "readings": _readings(chance)}


def _box(chance: Chance, number: int) -> dict[str, Any]:
    serial = f"TLYU{700_010 + 7 * number:06}"
    return {
        "reference": serial + iso6346.calc_check_digit(serial),
        "gross_weight_kg": 14_000 + 10 * chance.below(900),
        "seal": f"QS{550_100 + number}",
        "gate_hours": 20 + chance.below(40),
        "dwell_hours": 24 * DWELL_DAYS[number] + chance.below(9),
        "detention_hours": 24 * (3 + chance.below(14)) + chance.below(9),
    }


def _estimates(chance: Chance) -> list[dict[str, int]]:
    return [{"days_ahead": days, "error_hours": (chance.below(8) - 2) * days // 2} for days in DAYS_AHEAD]


def _readings(chance: Chance) -> list[list[int]]:
    """Four probe temperatures a day in tenths of a degree."""
    days = [[120 + chance.below(13) - 6 for _ in range(4)] for _ in range(READING_DAYS)]
    days[FAILS_ON] = [days[FAILS_ON][0], 168, 196, 181]
    return days
