"""Plots as SVG, written by hand: text stays text, so that every script shows in the reader's own fonts, and prints sharp.

Coordinates are pixels of a view box that the page scales. Colours differ in lightness too, for grey printers and eyes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

INK, FAINT, GRID = "#1f2933", "#5f6c7b", "#d9dee5"
SERIES = ("#0f766e", "#e0a458", "#b3bccb")
WIDTH = 720
ROW = 34
LABEL = 215


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


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a tree: up to three lines of text and a fill."""

    lines: tuple[str, ...]
    fill: str
    children: tuple["Node", ...] = ()


def grouped_bars(groups: Sequence[Group], series: Sequence[str], title: str, none: str = "–") -> str:
    """Horizontal bars, group under group, with a legend; the scale begins at zero."""
    longest = max((bar.value for group in groups for bar in group.bars if bar), default=1) or 1
    room = WIDTH - LABEL - 110
    parts: list[str] = []
    y = 34
    for group in groups:
        middle = y + len(group.bars) * 9 + 4
        parts.append(_text(LABEL - 12, middle, group.label, anchor="end"))
        for place, bar in enumerate(group.bars):
            top = y + place * 18
            length = 0 if bar is None else max(2, bar.value * room // longest)
            parts.append(f'<rect x="{LABEL}" y="{top}" width="{length}" height="14" fill="{SERIES[place]}"/>')
            parts.append(_text(LABEL + length + 6, top + 11, none if bar is None else bar.text, colour=FAINT, size=12))
        y += len(group.bars) * 18 + 16
    axis = f'<line x1="{LABEL}" y1="28" x2="{LABEL}" y2="{y - 10}" stroke="{INK}"/>'
    return _svg(y, title, [_legend(series), *parts, axis])


def stacked_bars(groups: Sequence[Group], series: Sequence[str], title: str) -> str:
    """Horizontal bars whose parts add up to a whole, with a legend."""
    longest = max((sum(bar.value for bar in group.bars if bar) for group in groups), default=1) or 1
    room = WIDTH - LABEL - 20
    parts: list[str] = []
    y = 34
    for group in groups:
        parts.append(_text(LABEL - 12, y + 17, group.label, anchor="end"))
        x = LABEL
        for place, bar in enumerate(group.bars):
            if bar is None or bar.value == 0:
                continue
            length = max(2, bar.value * room // longest)
            colour = "#ffffff" if place == 0 else INK
            parts.append(f'<rect x="{x}" y="{y}" width="{length}" height="26" fill="{SERIES[place]}"/>')
            parts.append(_text(x + length // 2, y + 17, bar.text, anchor="middle", colour=colour, size=12))
            x += length
        y += 42
    return _svg(y, title, [_legend(series), *parts])


def tree(roots: Sequence[Node], title: str) -> str:
    """Trees from left to right, one under the other; a parent stands at the height of its first child."""
    boxes: list[str] = []
    lines: list[str] = []
    depth = max((_depth(root) for root in roots), default=1)
    width = min(180, (1_180 - 26 * depth) // depth)
    y = 8
    for root in roots:
        y = _place(root, 0, y, width, boxes, lines) + 10
    return _svg(y, title, [*lines, *boxes], depth * (width + 26) + 4)


def _place(node: Node, level: int, y: int, width: int, boxes: list[str], lines: list[str]) -> int:
    """Draws a node and what is below it from height y on; returns where the next one may begin."""
    x, height = 2 + level * (width + 26), 17 * len(node.lines) + 10
    boxes.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="{node.fill}" stroke="{FAINT}"/>')
    for place, line in enumerate(node.lines):
        boxes.append(_text(x + 8, y + 18 + 17 * place, line, bold=place == 0))
    end = below = y
    for child in node.children:
        middle = below + (17 * len(child.lines) + 10) // 2
        start = x + width
        way = f"M{start} {y + height // 2} H{start + 13} V{middle} H{start + 26}"
        lines.append(f'<path d="{way}" fill="none" stroke="{FAINT}" stroke-width="1.2"/>')
        below = end = _place(child, level + 1, below, width, boxes, lines)
    return max(end, y + height + 8)


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)


def _legend(series: Sequence[str]) -> str:
    step = (WIDTH - LABEL) // max(1, len(series))
    return "".join(
        f'<rect x="{LABEL + place * step}" y="6" width="12" height="12" fill="{SERIES[place]}"/>'
        + _text(LABEL + place * step + 18, 16, name, size=12)
        for place, name in enumerate(series)
    )


def _text(x: int, y: int, text: str, *, anchor: str = "start", colour: str = INK, size: int = 13, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{weight}>{escape(text)}</text>'


def _svg(height: int, title: str, parts: Sequence[str], width: int = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
