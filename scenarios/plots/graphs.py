"""Graphs from left to right: how an amount flows from its sources to where it ends, and trees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import FAINT, Canvas

WIDE, HIGH, BAR, GAP = 960, 380, 12, 14
"""Of flows."""
LEVEL_GAP = 26
"""Between two levels of a tree."""


@dataclass(frozen=True, slots=True)
class Flow:
    """So much from one node to another, and how that is written."""

    source: str
    target: str
    value: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """How a node is called, coloured, and what is written below its name."""

    label: str
    fill: str
    note: str = ""


def sankey(
    flows: Sequence[Flow], places: Mapping[str, Place], title: str, *, height: int = HIGH, ends_right: bool = False
) -> str:
    """Nodes stand by their longest way from a source; all heights are to one scale. The flows go in no circle.

    `ends_right` puts all from which nothing flows on into the last column.
    """
    levels = _levels(flows)
    if ends_right:
        sources, last = {flow.source for flow in flows}, max(levels.values(), default=0)
        levels = {name: level if name in sources else last for name, level in levels.items()}
    weights = {name: max(_sum(flows, name, "source"), _sum(flows, name, "target"), 1) for name in levels}
    columns = [[name for name in levels if levels[name] == level] for level in range(max(levels.values(), default=0) + 1)]
    room = height - GAP * max((len(names) for names in columns), default=1)
    heaviest = max((sum(weights[name] for name in names) for names in columns), default=1)
    step = (WIDE - 190) // max(1, len(columns) - 1) if len(columns) > 1 else 0
    tops: dict[str, int] = {}
    canvas, boxes = Canvas(), Canvas()
    for level, names in enumerate(columns):
        y = 8
        for name in names:
            tall = max(2, weights[name] * room // heaviest)
            tops[name] = y
            x = 4 + level * step
            boxes.box(x, y, BAR, tall, places[name].fill, hint=places[name].label, stroke=FAINT)
            boxes.text(x + BAR + 6, y + min(tall // 2, 12) + 5, places[name].label, size=12, bold=True, halo=True)
            if places[name].note and tall > 22:
                boxes.text(x + BAR + 6, y + min(tall // 2, 12) + 20, places[name].note, size=11, colour=FAINT, halo=True)
            y += tall + GAP
    leaving, coming = dict(tops), dict(tops)
    for flow in flows:
        tall = max(1, flow.value * room // heaviest)
        x1, x2 = 4 + levels[flow.source] * step + BAR, 4 + levels[flow.target] * step
        y1, y2, bend = leaving[flow.source], coming[flow.target], (x1 + x2) // 2
        way = f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}V{y2 + tall}C{bend} {y2 + tall} {bend} {y1 + tall} {x1} {y1 + tall}Z"
        hint = f"{places[flow.source].label} → {places[flow.target].label} {flow.text}"
        canvas.path(way, "", fill=places[flow.target].fill, opacity="0.55", hint=hint)
        leaving[flow.source], coming[flow.target] = y1 + tall, y2 + tall
    said = (f"{places[flow.source].label} – {places[flow.target].label}: {flow.text or flow.value}" for flow in flows)
    canvas.put_on(boxes)
    return canvas.svg(height + 16, title, WIDE, described=said)


def _levels(flows: Sequence[Flow]) -> dict[str, int]:
    """Node -> length of its longest way from a source, in the order in which nodes are first named."""
    levels = {name: 0 for flow in flows for name in (flow.source, flow.target)}
    for _ in range(len(levels)):
        changed = False
        for flow in flows:
            if levels[flow.target] <= levels[flow.source]:
                levels[flow.target], changed = levels[flow.source] + 1, True
        if not changed:
            return levels
    assert not flows, "the flows go in a circle"
    return levels


def _sum(flows: Sequence[Flow], name: str, end: str) -> int:
    return sum(flow.value for flow in flows if getattr(flow, end) == name)


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a tree: up to four lines of text and a fill."""

    lines: tuple[str, ...]
    fill: str
    children: tuple["Node", ...] = ()


def tree(roots: Sequence[Node], title: str) -> str:
    """Trees from left to right, one under the other; a parent stands at the height of its first child."""
    lines, boxes = Canvas(), Canvas()
    depth = max((_depth(root) for root in roots), default=1)
    width = min(180, (1_180 - LEVEL_GAP * depth) // depth)
    y = 8
    for root in roots:
        y = _branch(root, 0, y, width, boxes, lines) + 10
    lines.put_on(boxes)
    return lines.svg(y, title, depth * (width + LEVEL_GAP) + 4)


def _branch(node: Node, level: int, y: int, width: int, boxes: Canvas, lines: Canvas) -> int:
    """Draws a node and what is below it from height y on; returns where the next one may begin."""
    x, height = 2 + level * (width + LEVEL_GAP), _tall(node)
    boxes.box(x, y, width, height, node.fill, stroke=FAINT, rounded=4)
    for place, line in enumerate(node.lines):
        boxes.text(x + 8, y + 18 + 17 * place, line, bold=place == 0)
    end = below = y
    for child in node.children:
        middle = below + _tall(child) // 2
        start = x + width
        way = f"M{start} {y + height // 2} H{start + LEVEL_GAP // 2} V{middle} H{start + LEVEL_GAP}"
        lines.path(way, FAINT, width="1.2")
        below = end = _branch(child, level + 1, below, width, boxes, lines)
    return max(end, y + height + 8)


def _tall(node: Node) -> int:
    return 17 * len(node.lines) + 10


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)
