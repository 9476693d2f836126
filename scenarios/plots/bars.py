"""Bars of every kind: side by side or adding up under one label, upright over time, centred and narrowing in a funnel."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scenarios.plots.drawing import (
    ALARM,
    BASES,
    FAINT,
    GRID,
    INK,
    LABEL,
    MARGIN,
    ON_SERIES,
    SERIES,
    WIDTH,
    Basis,
    Canvas,
    Write,
    plain,
    ticks,
)  # fmt: skip

LEFT, TOP, HEIGHT = 90, 34, 220
"""Of columns."""
FUNNEL_STEP, FUNNEL_TALL = 46, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: how long it is and what is written at its end."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that belong together under one label, one of each series; None where a series has nothing to show."""

    label: str
    bars: tuple[Bar | None, ...]


def grouped_bars(groups: Sequence[Group], series: Sequence[str], title: str, none: str = "–", bases: Sequence[Basis] = ()) -> str:
    """Horizontal bars, group under group, with a legend; the scale begins at zero.

    `bases` says what each series rests on, where that differs; then its colour says so too.
    """
    fills = tuple(BASES[basis] for basis in bases) or SERIES
    longest = max((bar.value for group in groups for bar in group.bars if bar), default=1) or 1
    room = WIDTH - LABEL - 110
    canvas, y = Canvas(), 34
    canvas.legend(series, fills=fills)
    for group in groups:
        middle = y + len(group.bars) * 9 + 4
        canvas.label(LABEL - 12, middle, group.label)
        for place, bar in enumerate(group.bars):
            top = y + place * 18
            length = 0 if bar is None else max(2, bar.value * room // longest)
            canvas.box(LABEL, top, length, 14, fills[place])
            canvas.text(LABEL + length + 6, top + 11, none if bar is None else bar.text, colour=FAINT, size=12)
        y += len(group.bars) * 18 + 16
    canvas.rule(LABEL, 28, LABEL, y - 10, INK)
    return canvas.svg(y, title, described=described(groups, series))


def stacked_bars(groups: Sequence[Group], series: Sequence[str], title: str) -> str:
    """Horizontal bars whose parts add up to a whole, with a legend. A part too short for its text shows it when pointed at."""
    longest = max((sum(bar.value for bar in group.bars if bar) for group in groups), default=1) or 1
    room = WIDTH - LABEL - 20
    canvas, y = Canvas(), 34
    canvas.legend(series)
    for group in groups:
        canvas.label(LABEL - 12, y + 17, group.label)
        x = LABEL
        for place, bar in enumerate(group.bars):
            if bar is None or bar.value == 0:
                continue
            length = max(2, bar.value * room // longest)
            canvas.box(x, y, length, 26, SERIES[place], hint=bar.text)
            if length > 7 * len(bar.text):
                canvas.text(x + length // 2, y + 17, bar.text, anchor="middle", colour=ON_SERIES[place], size=12)
            x += length
        y += 42
    return canvas.svg(y, title, described=described(groups, series))


def described(groups: Sequence[Group], series: Sequence[str]) -> Iterator[str]:
    """The groups in words."""
    for group in groups:
        said = [f"{name} {bar.text}" for name, bar in zip(series, group.bars, strict=False) if bar]
        yield f"{group.label}: {', '.join(said)}"


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
    step = (WIDTH - LEFT - MARGIN) * 100 // max(1, len(groups))
    canvas = Canvas()
    if len(series) > 1:
        canvas.legend(series, x=LEFT)
    canvas.value_axis(marks, write, LEFT, TOP, HEIGHT)
    skip = max(1, -(-len(groups) * 46 // (WIDTH - LEFT)))
    for place, group in enumerate(groups):
        x, wide = LEFT + place * step // 100, max(1, step * (100 - gap) // 10_000)
        y = TOP + HEIGHT
        for number, bar in enumerate(group.bars):
            if bar is None or bar.value == 0:
                continue
            tall = max(1, bar.value * HEIGHT // marks[-1])
            y -= tall
            canvas.box(x, y, wide, tall, SERIES[number], hint=f"{group.label}: {bar.text}", stroke="#ffffff")
        if place % skip == 0:
            canvas.note(x + wide // 2, TOP + HEIGHT + 16, group.label)
    if limit:
        y = TOP + HEIGHT - limit[0] * HEIGHT // marks[-1]
        canvas.rule(LEFT, y, WIDTH - MARGIN, y, ALARM, dash="7 4", width=2)
        canvas.text(WIDTH - MARGIN, y - 5, limit[1], anchor="end", colour=ALARM, size=12, halo=True)
    canvas.rule(LEFT, TOP + HEIGHT, WIDTH - MARGIN, TOP + HEIGHT, INK)
    return canvas.svg(TOP + HEIGHT + 28, title, described=described(groups, series))


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
    groups = [Group(name, (Bar(count, plain(count)),)) for name, count in zip(labels, counts, strict=True)]
    groups = groups[0 if counts[0] else 1 : len(groups) if counts[-1] else -1]
    return columns(groups, (counted or title,), title, gap=4)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: how many reached it, and how that is written."""

    label: str
    value: int
    text: str


def funnel(stages: Sequence[Stage], title: str) -> str:
    """Centred bars, each as wide as its share of the first; beside it that share in whole per cent."""
    first = max((stage.value for stage in stages), default=1) or 1
    room, y = WIDTH - LABEL - 70, 8
    middle = LABEL + room // 2
    canvas, before = Canvas(), 0
    for number, stage in enumerate(stages):
        wide = max(2, stage.value * room // first)
        if number:
            top = y - FUNNEL_STEP + FUNNEL_TALL
            left, right = middle - before // 2, middle + before // 2
            canvas.path(f"M{left} {top}H{right}L{middle + wide // 2} {y}H{middle - wide // 2}Z", "", fill=GRID)
        canvas.box(middle - wide // 2, y, wide, FUNNEL_TALL, SERIES[0])
        canvas.label(LABEL - 12, y + 20, stage.label)
        inside = wide > 9 * len(stage.text)
        place = middle if inside else middle + wide // 2 + 8
        canvas.text(place, y + 20, stage.text, anchor="middle" if inside else "start", colour="#ffffff" if inside else INK)
        canvas.text(WIDTH - 6, y + 20, f"{stage.value * 100 // first} %", anchor="end", colour=FAINT, size=12)
        before, y = wide, y + FUNNEL_STEP
    return canvas.svg(y, title, described=(f"{stage.label}: {stage.text}" for stage in stages))
