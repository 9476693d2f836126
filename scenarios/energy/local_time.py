"""Local clock times of a zone -> instants: what daylight saving leaves out has none, what it repeats has two.

A clock that is set forward skips an hour: a reading from it never was. One that is set back shows an hour twice: the two
are told apart only if the file has both, in order. An hour that is there once may be either, so it is neither.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


def instants(walls: Sequence[datetime], zone: str) -> tuple[list[datetime | None], Mapping[str, int]]:
    """The instant of each naive local time, None for one that has none or might have two; and how many of which kind.

    `walls` are in the order of the file; the zone is known.
    """
    times = Counter(walls)
    seen: Counter[datetime] = Counter()
    refused: Counter[str] = Counter()
    found: list[datetime | None] = []
    for wall in walls:
        earlier, later = both_instants(wall, zone)
        instant: datetime | None = earlier
        if earlier.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
            refused["no-such-hour"] += 1
            instant = None
        elif earlier != later:
            seen[wall] += 1
            instant = (earlier, later)[seen[wall] - 1] if times[wall] == 2 else None
            refused["ambiguous-hour"] += instant is None
        found.append(instant)
    return found, {reason: count for reason, count in sorted(refused.items()) if count}


def both_instants(wall: datetime, zone: str) -> tuple[datetime, datetime]:
    """What a clock's time means before and after daylight saving ends; on all other days the two are one."""
    earlier, later = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    return earlier, later


@lru_cache(maxsize=64)
def is_zone(name: object) -> bool:
    """Whether there is such a zone, as in `Asia/Shanghai`."""
    return name in available_timezones()
