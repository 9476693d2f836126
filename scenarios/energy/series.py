"""The committed series: figures by day and hour, and the consumption profile that any calendar can be filled with."""

from datetime import UTC, date, datetime

from scenarios.data_files import read_data, read_table
from scenarios.energy.quantities import HOUR_MS, MARKET_OFFSET_MS

PACKAGE = "scenarios.energy"
FIRST_DAY, LAST_DAY = date(2026, 4, 1), date(2027, 3, 31)
"""The story's year, by days of Beijing. No leap day in it, none in the years that the readings come from."""
DAY_TYPES = ("SA", "FT", "WT")
"""Saturday, Sunday or holiday, working day: as the profile names them."""
DAY_MS = 24 * HOUR_MS


def read_days(name: str) -> dict[int, int]:
    """Start of the hour, UTC, in milliseconds -> Wh. An hour without a whole reading is not there."""
    hours: dict[int, int] = {}
    for day, *cells in read_table(PACKAGE, name):
        start_ms = midnight_ms(date.fromisoformat(day))
        hours |= {start_ms + place * HOUR_MS: int(cell) for place, cell in enumerate(cells) if cell}
    return hours


def consumption(first_ms: int, hours: int, annual_wh: int) -> list[int]:
    """Wh of each hour from `first_ms` on, of a consumer that needs about `annual_wh` a year by the profile.

    The day is Beijing's. Sundays are holidays; other holidays are not known to it.
    """
    table = {
        (int(month), day_type): [int(cell) for cell in cells] for month, day_type, *cells in read_table(PACKAGE, "profile.csv")
    }
    found = []
    for place in range(hours):
        local = datetime.fromtimestamp((first_ms + place * HOUR_MS + MARKET_OFFSET_MS) // 1_000, UTC)
        day_type = {5: "SA", 6: "FT"}.get(local.weekday(), "WT")
        found.append(table[local.month, day_type][local.hour] * annual_wh // 10**9)
    return found


def credit(*names: str) -> str:
    """Whom the licences of these files ask to name; it goes where their figures go."""
    manifest = read_data(PACKAGE, "manifest.json")
    return " ".join(dict.fromkeys(manifest[name]["attribution"] for name in names))


def midnight_ms(day: date) -> int:
    """The instant at which a day begins in Beijing."""
    return (day - date(1970, 1, 1)).days * DAY_MS - MARKET_OFFSET_MS
