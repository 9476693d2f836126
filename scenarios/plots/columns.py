"""Columns over time: stacked, side by side touching in a histogram, with a limit drawn across."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from scenarios.plots.bars import Bar, Group, described
from scenarios.plots.drawing import ALARM, FAINT, GRID, INK, SERIES, WIDTH, Write, box, legend, plain, rule, svg, text, ticks

LEFT, TOP, HEIGHT, RIGHT = 90, 34, 220, 12


def columns(
    groups: Sequence[Group],
    series: Sequence[str],
    title: str,
    *,
    write: Write = plain,
    limit: tuple[int, str] | None = None,
    gap: int = 30,
) -> str:
    """Upright columns from left to right, the parts of each stacked; `limit` is a dashed line with its name.

    `write` says how the values beside the axis are written; `gap` is the room between two columns in hundredths of one.
    """
    highest = max([sum(bar.value for bar in group.bars if bar) for group in groups] + [limit[0] if limit else 0])
    marks = ticks(highest)
    step = (WIDTH - LEFT - RIGHT) * 100 // max(1, len(groups))
    parts = [_axis(marks, write)]
    skip = max(1, -(-len(groups) * 46 // (WIDTH - LEFT)))
    for place, group in enumerate(groups):
        x, wide = LEFT + place * step // 100, max(1, step * (100 - gap) // 10_000)
        y = TOP + HEIGHT
        for number, bar in enumerate(group.bars):
            if bar is None or bar.value == 0:
                continue
            tall = max(1, bar.value * HEIGHT // marks[-1])
            y -= tall
            parts.append(box(x, y, wide, tall, SERIES[number], hint=f"{group.label}: {bar.text}", stroke="#ffffff"))
        if place % skip == 0:
            parts.append(text(x + wide // 2, TOP + HEIGHT + 16, group.label, anchor="middle", colour=FAINT, size=11))
    if limit:
        y = TOP + HEIGHT - limit[0] * HEIGHT // marks[-1]
        parts.append(rule(LEFT, y, WIDTH - RIGHT, y, ALARM, dash="7 4", width=2))
        parts.append(text(WIDTH - RIGHT, y - 5, limit[1], anchor="end", colour=ALARM, size=12, halo=True))
    parts.append(rule(LEFT, TOP + HEIGHT, WIDTH - RIGHT, TOP + HEIGHT, INK))
    names = [legend(series, x=LEFT)] if len(series) > 1 else []
    return svg(TOP + HEIGHT + 28, title, [*names, *parts], described=described(groups, series))


def histogram(values: Sequence[int], edges: Sequence[int], title: str, *, write: Write = plain, counted: str = "") -> str:
    """How many values lie in each class [edge, next edge); those below the first and from the last edge on have classes too.

    Empty outer classes are left out; `counted` names what is counted.
    """
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_right(edges, value)] += 1
    labels = [f"< {write(edges[0])}"]
    labels += [f"{write(low)} – {write(high)}" for low, high in pairwise(edges)]
    labels.append(f"≥ {write(edges[-1])}")
    groups = [Group(label, (Bar(count, plain(count)),)) for label, count in zip(labels, counts, strict=True)]
    groups = groups[0 if counts[0] else 1 : len(groups) if counts[-1] else -1]
    return columns(groups, (counted or title,), title, gap=4)


def _axis(marks: Sequence[int], write: Write) -> str:
    parts = []
    for mark in marks:
        y = TOP + HEIGHT - mark * HEIGHT // marks[-1]
        parts.append(rule(LEFT, y, WIDTH - RIGHT, y, GRID))
        parts.append(text(LEFT - 8, y + 4, write(mark), anchor="end", colour=FAINT, size=11))
    return "".join(parts)
