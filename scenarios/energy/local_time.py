"""Local clock times of a zone -> instants: what daylight saving leaves out has none, what it repeats has two.

A clock that is set forward skips an hour: a reading from it never was. One that is set back shows an hour twice: the two
are told apart only if the file has both, in order. An hour that is there once may be either, so it is neither.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def instants(walls: Sequence[datetime], zone: str) -> tuple[list[datetime | None], Mapping[str, int]]:
    """The instant of each naive local time, None for one that has none or might have two; and how many of which kind.

    `walls` are in the order of the file. Raises ZoneInfoNotFoundError for an unknown zone.
    """
    where = ZoneInfo(zone)
    times = Counter(walls)
    seen: Counter[datetime] = Counter()
    refused: Counter[str] = Counter()
    found: list[datetime | None] = []
    for wall in walls:
        earlier, later = (wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
        instant: datetime | None = earlier
        if earlier.astimezone(where).replace(tzinfo=None) != wall:
            refused["no-such-hour"] += 1
            instant = None
        elif earlier != later:
            seen[wall] += 1
            instant = (earlier, later)[seen[wall] - 1] if times[wall] == 2 else None
            refused["ambiguous-hour"] += instant is None
        found.append(instant)
    return found, {reason: count for reason, count in sorted(refused.items()) if count}
