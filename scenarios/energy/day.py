"""1 April 2026, hour by hour in MWh: what the story's meters showed. Made up for the story; the year's readings are real."""

MWH = 1_000_000
MONTH = "2026-04"
WIND_MWH = (31, 33, 35, 34, 30, 26, 21, 17, 14, 11, 8, 6, 5, 5, 6, 8, 9, 8, 6, 4, 3, 4, 9, 14)
"""The fourth hour was estimated at first; the meter's memory says 33."""
ESTIMATED_HOUR, READ_LATER_MWH = 3, 33
SOLAR_MWH = (0, 0, 0, 0, 0, 0, 1, 4, 9, 14, 18, 21, 22, 21, 18, 14, 9, 4, 1, 0, 0, 0, 0, 0)
NIGHT_WH = -12_000
"""What a solar plant draws in an hour without sun."""
LOAD_MWH = 12
"""The data centre needs the same in every hour."""
FORECAST_MWH = (30, 30, 30, 30, 28, 28, 24, 20, 16, 12, 8, 6, 6, 6, 6, 6, 8, 8, 8, 6, 6, 6, 8, 10)


def wind_wh() -> tuple[int, ...]:
    """Before the correction."""
    return tuple(hour * MWH for hour in WIND_MWH)


def certified_wind_wh() -> tuple[int, ...]:
    """After it."""
    return (*wind_wh()[:ESTIMATED_HOUR], READ_LATER_MWH * MWH, *wind_wh()[ESTIMATED_HOUR + 1 :])


def solar_wh() -> tuple[int, ...]:
    """Negative at night."""
    return tuple(hour * MWH or NIGHT_WH for hour in SOLAR_MWH)


def battery_wh() -> tuple[int, ...]:
    """It draws 20 MWh at noon and gives 17.4 MWh in the evening, some of it from before."""
    moved = {11: -10_000_000, 12: -10_000_000, 19: 9_000_000, 20: 8_400_000}
    return tuple(moved.get(hour, 0) for hour in range(24))


def wind_for_load_wh() -> tuple[int, ...]:
    """What of the wind meets the data centre's load in its hour."""
    return tuple(min(hour, LOAD_MWH * MWH) for hour in certified_wind_wh())


def rest_wh(whole: tuple[int, ...], *parts: tuple[int, ...]) -> tuple[int, ...]:
    """What the parts leave."""
    return tuple(hour - sum(taken) for hour, *taken in zip(whole, *parts, strict=True))


def month_wh(capacity_w: int, hours: int, share_ppm: int) -> tuple[int, ...]:
    """A made-up month: a wave of three days around a part of the capacity, and 7 Wh more each hour."""
    wave = (2, 3, 5, 7, 8, 9, 9, 8, 7, 5, 3, 2)
    return tuple(capacity_w * share_ppm // 1_000_000 * wave[hour // 6 % 12] // 6 + 7 * hour for hour in range(hours))
