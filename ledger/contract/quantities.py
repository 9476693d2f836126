"""Whole numbers as people read them: the one place that knows what the end of a name says. Nothing of it is ever hashed.

amount_cents   1,234,567.89
energy_wh      850 Wh, 1.5 kWh, 1.234567 MWh: exact, never rounded
due_on_ms      2026-10-01, a day               accept_by_ms   2026-04-03 09:00:12 UTC, a moment; or 90 min, a while
rate_ppm       3.50 %, exact
weight_g       20,480 g
year           2026, without a comma
"""

from ledger.primitives import TIMESTAMP_MAX, moment

NOTHING = "–"
MOMENTS_FROM_MS = 10**11
"""Smaller numbers of milliseconds are no moments of this century but whiles."""
WHILES = ((86_400_000, "d", "天"), (3_600_000, "h", "小时"), (60_000, "min", "分钟"), (1_000, "s", "秒"), (1, "ms", "毫秒"))
"""Milliseconds, and the unit in English and Chinese."""


def quantity(name: str, value: int, currency: str = "", language: str = "en") -> str:
    """A number with the unit that the end of its name says."""
    if name.endswith("_cents"):
        return money(value, currency)
    if name.endswith("_wh"):
        return energy(value)
    if name.endswith("_ppm"):
        return percent(value)
    if name.endswith("_g"):
        return f"{value:,} g"
    if name == "year":
        return str(value)
    return _time(name, value, language) if name.endswith("_ms") else f"{value:,}"


def money(cents: int, currency: str = "") -> str:
    """`1,234,567.89`, exact."""
    return f"{'-' if cents < 0 else ''}{currency}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def energy(watt_hours: int) -> str:
    """In the largest unit of which there is a whole one, exact."""
    size = abs(watt_hours)
    places, unit = (6, "MWh") if size >= 10**6 else (3, "kWh") if size >= 10**3 else (0, "Wh")
    return f"{_decimal(watt_hours, places, 0)} {unit}"


def percent(ppm: int) -> str:
    """`3.50 %`, exact, with two digits at least."""
    return f"{_decimal(ppm, 4, 2)} %"


def day(time_ms: int) -> str:
    """`2026-04-03`, the day in UTC."""
    return moment(time_ms)[:10]


def _time(name: str, value: int, language: str) -> str:
    if value < MOMENTS_FROM_MS:
        return NOTHING if value == 0 else _while(value, language)
    return day(value) if name.endswith("_on_ms") and value <= TIMESTAMP_MAX else moment(value)


def _while(value: int, language: str) -> str:
    size, en, zh = next(unit for unit in WHILES if value % unit[0] == 0)
    return f"{value // size:,} {zh if language == 'zh' else en}"


def _decimal(value: int, places: int, least: int) -> str:
    """value / 10^places without the zeros at its end, with `least` digits behind the point."""
    whole, part = divmod(abs(value), 10**places)
    digits = f"{part:0{places}}".rstrip("0").ljust(least, "0") if places else ""
    return f"{'-' if value < 0 else ''}{whole:,}{'.' if digits else ''}{digits}"
