"""Whether the sun can have shone on a place in an hour, in whole numbers: the horizon of a solar plant.

    declination   23.45 degrees x sin(360 degrees x (284 + day of the year) / 365), Cooper's formula
    elevation     sin e = sin(latitude) sin(declination) + cos(latitude) cos(declination) cos(hour angle)
    sine          4x(180 - x) / (40500 - x(180 - x)) of x degrees, Bhaskara's formula: wrong by 0.0017 at most

The hour angle is that of the mean sun: the equation of time, up to 16 minutes, is left out. So an hour is dark only if at its
beginning, middle and end the sun is 6 degrees below the horizon, which is more than all that is left out together.
"""

from ledger.contract.calendar import DAY_MS, civil_date, day_from_date
from scenarios.energy.quantities import HOUR_MS
from scenarios.energy.records import Place

TURN_MDEG = 360_000
"""Angles are in thousandths of a degree, sines in millionths."""
UNIT = 1_000_000
TILT_MDEG = 23_450
TWILIGHT_MDEG = -6_000


def is_dark(place: Place, start_ms: int) -> bool:
    """Whether the sun was well below the place's horizon for the whole hour."""
    year, _, _ = civil_date(start_ms)
    day = (start_ms - day_from_date(year, 1, 1)) // DAY_MS + 1
    declination = TILT_MDEG * _sine(TURN_MDEG * (284 + day) // 365) // UNIT
    high = _sine(place.latitude_mdeg) * _sine(declination) // UNIT
    wide = _cosine(place.latitude_mdeg) * _cosine(declination) // UNIT
    for time_ms in (start_ms, start_ms + HOUR_MS // 2, start_ms + HOUR_MS):
        hour_angle = (time_ms % DAY_MS) * TURN_MDEG // DAY_MS - TURN_MDEG // 2 + place.longitude_mdeg
        if high + wide * _cosine(hour_angle) // UNIT > _sine(TWILIGHT_MDEG):
            return False
    return True


def _sine(angle_mdeg: int) -> int:
    half = TURN_MDEG // 2
    turns, rest = divmod(angle_mdeg, half)
    product = rest * (half - rest)
    value = 4 * UNIT * product // (40_500 * 10**6 - product)
    return -value if turns % 2 else value


def _cosine(angle_mdeg: int) -> int:
    return _sine(angle_mdeg + TURN_MDEG // 4)
