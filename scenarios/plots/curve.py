"""Lines over a whole-number axis: load and duration curves, balances over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import (
    DASHES,
    FAINT,
    GRID,
    INK,
    SERIES,
    WIDTH,
    Write,
    legend_places,
    path,
    plain,
    rule,
    svg,
    text,
    ticks,
)

LEFT, TOP, HEIGHT, RIGHT = 90, 34, 240, 16


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through (x, y) in order of x; y is not negative."""

    name: str
    points: tuple[tuple[int, int], ...]


def curve(
    lines: Sequence[Line],
    title: str,
    *,
    x_ticks: Sequence[tuple[int, str]] = (),
    write: Write = plain,
    x_name: str = "",
    is_stepped: bool = False,
) -> str:
    """Lines, told apart by colour and by dashes. `is_stepped` holds a value until the next point, as balances do."""
    xs = [x for line in lines for x, _ in line.points] + [x for x, _ in x_ticks]
    first, last = min(xs, default=0), max(xs, default=1)
    span = max(1, last - first)
    marks = ticks(max((y for line in lines for _, y in line.points), default=1))

    def across(x: int) -> int:
        return LEFT + (x - first) * (WIDTH - LEFT - RIGHT) // span

    def up(y: int) -> int:
        return TOP + HEIGHT - y * HEIGHT // marks[-1]

    parts = []
    for mark in marks:
        parts.append(rule(LEFT, up(mark), WIDTH - RIGHT, up(mark), GRID))
        parts.append(text(LEFT - 8, up(mark) + 4, write(mark), anchor="end", colour=FAINT, size=11))
    for x, label in x_ticks:
        parts.append(rule(across(x), TOP + HEIGHT, across(x), TOP + HEIGHT + 4, INK))
        parts.append(text(across(x), TOP + HEIGHT + 17, label, anchor="middle", colour=FAINT, size=11))
    for place, line in enumerate(lines):
        parts.append(path(_way([(across(x), up(y)) for x, y in line.points], is_stepped), _colour(place), dash=DASHES[place]))
    parts.append(rule(LEFT, TOP + HEIGHT, WIDTH - RIGHT, TOP + HEIGHT, INK))
    if x_name:
        parts.append(text(WIDTH - RIGHT, TOP + HEIGHT + 33, x_name, anchor="end", colour=FAINT, size=12))
    said = (f"{line.name}: {write(min(ys))} – {write(max(ys))}" for line in lines if (ys := [y for _, y in line.points]))
    return svg(TOP + HEIGHT + (42 if x_name else 26), title, [_legend(lines), *parts], described=said)


def _way(points: Sequence[tuple[int, int]], is_stepped: bool) -> str:
    """The line through the points; of those that share a pixel column only where it begins, its extremes and where it ends."""
    if not points:
        return ""
    ways = [f"M{points[0][0]} {points[0][1]}"]
    for x, y in _thinned(points)[1:]:
        ways.append(f"H{x}V{y}" if is_stepped else f"L{x} {y}")
    return "".join(ways)


def _thinned(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    by_column: dict[int, list[int]] = {}
    for x, y in points:
        by_column.setdefault(x, []).append(y)
    found = []
    for x, ys in by_column.items():
        kept = dict.fromkeys((ys[0], min(ys), max(ys), ys[-1])) if len(ys) > 1 else {ys[0]: None}
        found += [(x, y) for y in kept]
        if found[-1][1] != ys[-1]:
            found.append((x, ys[-1]))
    return found


def _legend(lines: Sequence[Line]) -> str:
    places = legend_places([f"{line.name}  " for line in lines], LEFT, WIDTH)
    return "".join(
        rule(x, y + 6, x + 26, y + 6, _colour(place), dash=DASHES[place], width=2) + text(x + 32, y + 10, line.name, size=12)
        for place, (line, (x, y)) in enumerate(zip(lines, places, strict=True))
    )


def _colour(place: int) -> str:
    """Lines need more contrast to the paper than areas: the light ones become the dark grey."""
    return (SERIES[0], "#b3741f", FAINT, SERIES[3], INK, SERIES[5])[place]
