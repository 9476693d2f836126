"""Trees from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import FAINT, box, path, svg, text

GAP = 26
"""Between two levels."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a tree: up to four lines of text and a fill."""

    lines: tuple[str, ...]
    fill: str
    children: tuple["Node", ...] = ()


def tree(roots: Sequence[Node], title: str) -> str:
    """Trees from left to right, one under the other; a parent stands at the height of its first child."""
    boxes: list[str] = []
    lines: list[str] = []
    depth = max((_depth(root) for root in roots), default=1)
    width = min(180, (1_180 - GAP * depth) // depth)
    y = 8
    for root in roots:
        y = _place(root, 0, y, width, boxes, lines) + 10
    return svg(y, title, [*lines, *boxes], depth * (width + GAP) + 4)


def _place(node: Node, level: int, y: int, width: int, boxes: list[str], lines: list[str]) -> int:
    """Draws a node and what is below it from height y on; returns where the next one may begin."""
    x, height = 2 + level * (width + GAP), _height(node)
    boxes.append(box(x, y, width, height, node.fill, stroke=FAINT, rounded=4))
    for place, line in enumerate(node.lines):
        boxes.append(text(x + 8, y + 18 + 17 * place, line, bold=place == 0))
    end = below = y
    for child in node.children:
        middle = below + _height(child) // 2
        start = x + width
        way = f"M{start} {y + height // 2} H{start + GAP // 2} V{middle} H{start + GAP}"
        lines.append(path(way, FAINT, width="1.2"))
        below = end = _place(child, level + 1, below, width, boxes, lines)
    return max(end, y + height + 8)


def _height(node: Node) -> int:
    return 17 * len(node.lines) + 10


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)
