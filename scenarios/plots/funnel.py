"""A funnel: how many of those who began came through each stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import FAINT, GRID, INK, LABEL, SERIES, WIDTH, box, label, path, svg, text

STEP, TALL = 46, 30


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
    parts: list[str] = []
    before = 0
    for number, stage in enumerate(stages):
        wide = max(2, stage.value * room // first)
        if number:
            top = y - STEP + TALL
            left, right = middle - before // 2, middle + before // 2
            parts.append(path(f"M{left} {top}H{right}L{middle + wide // 2} {y}H{middle - wide // 2}Z", "", fill=GRID))
        parts.append(box(middle - wide // 2, y, wide, TALL, SERIES[0]))
        parts.append(label(LABEL - 12, y + 20, stage.label))
        inside = wide > 9 * len(stage.text)
        place = middle if inside else middle + wide // 2 + 8
        parts.append(text(place, y + 20, stage.text, anchor="middle" if inside else "start", colour="#ffffff" if inside else INK))
        parts.append(text(WIDTH - 6, y + 20, f"{stage.value * 100 // first} %", anchor="end", colour=FAINT, size=12))
        before, y = wide, y + STEP
    return svg(y, title, parts, described=(f"{stage.label}: {stage.text}" for stage in stages))
