"""Horizontal bars: side by side under one label, or adding up to a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import FAINT, INK, LABEL, ON_SERIES, SERIES, WIDTH, box, label, legend, rule, svg, text


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


def grouped_bars(groups: Sequence[Group], series: Sequence[str], title: str, none: str = "–") -> str:
    """Horizontal bars, group under group, with a legend; the scale begins at zero."""
    longest = max((bar.value for group in groups for bar in group.bars if bar), default=1) or 1
    room = WIDTH - LABEL - 110
    parts: list[str] = []
    y = 34
    for group in groups:
        middle = y + len(group.bars) * 9 + 4
        parts.append(label(LABEL - 12, middle, group.label))
        for place, bar in enumerate(group.bars):
            top = y + place * 18
            length = 0 if bar is None else max(2, bar.value * room // longest)
            parts.append(box(LABEL, top, length, 14, SERIES[place]))
            parts.append(text(LABEL + length + 6, top + 11, none if bar is None else bar.text, colour=FAINT, size=12))
        y += len(group.bars) * 18 + 16
    return svg(y, title, [legend(series), *parts, rule(LABEL, 28, LABEL, y - 10, INK)], described=described(groups, series))


def stacked_bars(groups: Sequence[Group], series: Sequence[str], title: str) -> str:
    """Horizontal bars whose parts add up to a whole, with a legend. A part too short for its text shows it when pointed at."""
    longest = max((sum(bar.value for bar in group.bars if bar) for group in groups), default=1) or 1
    room = WIDTH - LABEL - 20
    parts: list[str] = []
    y = 34
    for group in groups:
        parts.append(label(LABEL - 12, y + 17, group.label))
        x = LABEL
        for place, bar in enumerate(group.bars):
            if bar is None or bar.value == 0:
                continue
            length = max(2, bar.value * room // longest)
            parts.append(box(x, y, length, 26, SERIES[place], hint=bar.text))
            if length > 7 * len(bar.text):
                parts.append(text(x + length // 2, y + 17, bar.text, anchor="middle", colour=ON_SERIES[place], size=12))
            x += length
        y += 42
    return svg(y, title, [legend(series), *parts], described=described(groups, series))


def described(groups: Sequence[Group], series: Sequence[str]) -> Iterator[str]:
    """The groups in words."""
    for group in groups:
        said = [f"{name} {bar.text}" for name, bar in zip(series, group.bars, strict=False) if bar]
        yield f"{group.label}: {', '.join(said)}"
