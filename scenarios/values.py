"""Values of arguments, details and records as people write them: the one place that knows what the end of a name says.

    amount_cents   1,234,567.89, behind the trade's currency sign if it has one
    energy_wh      850 Wh, 1.5 kWh, 1.234567 MWh: exact, never rounded
    due_on_ms      2026-10-01, a day               accept_by_ms   2026-04-03 09:00:12 UTC, a moment; or 90 min, a while
    rate_ppm       3.50 %, exact
    year           2026, without a comma

Members and terms of the trade are called by their names, a sealed field is called sealed. Everything else stays as it is.
"""

from datetime import UTC, datetime

from ledger.errors import JsonValue
from ledger.primitives import is_digest
from scenarios.importing.faults import inert
from scenarios.story import DAY_MS, Language, Scenario, Words

YES, NO = Words("yes", "是"), Words("no", "否")
SEALED = Words("sealed, digest {}", "已密封，摘要 {}")
NOTHING = "–"
MORE = Words(" … ({} in all)", "……（共 {} 项）")
PARTS_MAX = 20
"""Longer lists are cut, and their length is told."""
COMMA, SEMICOLON = Words(", ", "、"), Words("; ", "；")
DIGEST_SHOWN = 12
TEXT_CHARACTERS = 240
"""Longer texts are cut: a record may hold 65,536 bytes."""
MOMENTS_FROM_MS = 10**11
"""Smaller numbers of milliseconds are no moments of this century but whiles."""
WHILES = ((DAY_MS, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms"))


def shown(scenario: Scenario, name: str, value: JsonValue, language: Language) -> str:
    """A named value in a sentence or a table."""
    if isinstance(value, bool):
        return (YES if value else NO).said(language)
    if isinstance(value, int):
        return _number(scenario, name, value)
    if isinstance(value, list):
        more = MORE.said(language).format(len(value)) if len(value) > PARTS_MAX else ""
        parts = (shown(scenario, name, part, language) for part in value[:PARTS_MAX])
        return (COMMA.said(language).join(parts) or NOTHING) + more
    if isinstance(value, dict):
        return _object(scenario, value, language)
    if value is None or value == "":
        return NOTHING
    return f"{value[:DIGEST_SHOWN]}…" if is_digest(value) else inert(scenario.called(value, language), TEXT_CHARACTERS)


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


def moment(time_ms: int) -> str:
    """`2026-04-03 09:00:12 UTC`."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def day(time_ms: int) -> str:
    """`2026-04-03`, the day in UTC."""
    return moment(time_ms)[:10]


def _number(scenario: Scenario, name: str, value: int) -> str:
    if name.endswith("_cents"):
        return money(value, scenario.currency)
    if name.endswith("_wh"):
        return energy(value)
    if name.endswith("_ppm"):
        return percent(value)
    if name == "year":
        return str(value)
    return _time(name, value) if name.endswith("_ms") else f"{value:,}"


def _time(name: str, value: int) -> str:
    if value < MOMENTS_FROM_MS:
        return NOTHING if value == 0 else _while(value)
    return day(value) if name.endswith("_on_ms") else moment(value)


def _while(value: int) -> str:
    size, unit = next((size, unit) for size, unit in WHILES if value % size == 0)
    return f"{value // size:,} {unit}"


def _object(scenario: Scenario, value: dict[str, JsonValue], language: Language) -> str:
    """A record within a record: its fields, or that it is sealed."""
    if value.keys() == {"sealed"} and is_digest(value["sealed"]):
        return SEALED.said(language).format(f"{str(value['sealed'])[:DIGEST_SHOWN]}…")
    parts = (f"{scenario.called(name, language)}: {shown(scenario, name, part, language)}" for name, part in value.items())
    return SEMICOLON.said(language).join(parts) or NOTHING


def _decimal(value: int, places: int, least: int) -> str:
    """value / 10^places without the zeros at its end, with `least` digits behind the point."""
    whole, part = divmod(abs(value), 10**places)
    digits = f"{part:0{places}}".rstrip("0").ljust(least, "0") if places else ""
    return f"{'-' if value < 0 else ''}{whole:,}{'.' if digits else ''}{digits}"
