"""What all plots share: text, boxes, legend, frame, and round ticks. Everything is whole numbers; text is escaped only here.

Text stays text, so that every script shows in the reader's own fonts, and prints sharp. Coordinates are pixels of a view
box that the page scales. Colours differ in lightness, for grey printers and eyes; lines differ in dashes too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Literal

INK, FAINT, GRID, PAPER = "#1f2933", "#5f6c7b", "#d9dee5", "#ffffff"
ALARM = "#a4262c"
HALO = f' stroke="{PAPER}" stroke-width="3" paint-order="stroke"'
SERIES = ("#0f766e", "#e0a458", "#b3bccb", "#1f3a5f", "#d5efe9", "#8a4b5c")
"""By place. Where the ledger is compared with something else, the ledger comes first (green) and the other second (amber)."""
Basis = Literal["computed", "story", "assumed"]
"""What a number rests on: computed from the ledger of the run or by a named measure; set by the story; or an assumption."""
BASES: Mapping[Basis, str] = {"computed": "#0f766e", "story": "#1f3a5f", "assumed": "#b4540a"}
"""The colour of each, the same in every report and its legend."""
ON_SERIES = (PAPER, INK, INK, PAPER, INK, PAPER)
"""Colour of text upon each."""
DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 5", "12 4")
WIDTH = 720
MARGIN = 16
"""Right of an axis."""
LABEL = 215
"""Where bars begin; their labels stand before."""
Write = Callable[[int], str]
"""How a value is written for people."""


def plain(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


class Canvas:
    """A picture, drawn part by part: what comes later lies above."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def text(
        self,
        x: int,
        y: int,
        content: str,
        *,
        anchor: str = "start",
        colour: str = INK,
        size: int = 13,
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """One line of text; the halo keeps it readable upon shapes."""
        style = (' font-weight="600"' if bold else "") + (HALO if halo else "")
        place = f'x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}"'
        self._parts.append(f'<text {place} fill="{colour}"{style}>{escape(content)}</text>')

    def note(self, x: int, y: int, content: str, anchor: str = "middle") -> None:
        """Small and faint, beside an axis."""
        self.text(x, y, content, anchor=anchor, colour=FAINT, size=11)

    def label(self, right: int, y: int, content: str) -> None:
        """The name of a row, before `right`; a long one in smaller letters, so that it stays within the picture."""
        size = next((size for size in (13, 12, 11, 10) if text_width(content, size) <= right), 9)
        self.text(right, y, content, anchor="end", size=size)

    def box(
        self, x: int, y: int, width: int, height: int, fill: str, *, hint: str = "", stroke: str = "", rounded: int = 0
    ) -> None:
        """A rectangle; the hint shows when pointed at."""
        edge = f' stroke="{stroke}"' if stroke else ""
        corner = f' rx="{rounded}"' if rounded else ""
        inside = f"><title>{escape(hint)}</title></rect>" if hint else "/>"
        self._parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}"{corner} fill="{fill}"{edge}{inside}')

    def rule(self, x1: int, y1: int, x2: int, y2: int, colour: str = GRID, *, dash: str = "", width: int = 1) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        ends = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
        self._parts.append(f'<line {ends} stroke="{colour}" stroke-width="{width}"{dashed}/>')

    def path(
        self,
        way: str,
        colour: str = INK,
        *,
        fill: str = "none",
        dash: str = "",
        width: str = "2",
        opacity: str = "",
        hint: str = "",
    ) -> None:
        """A line or a shape by its way."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        edge = f' stroke="{colour}" stroke-width="{width}"' if colour else ""
        faint = f' opacity="{opacity}"' if opacity else ""
        inside = f"><title>{escape(hint)}</title></path>" if hint else "/>"
        self._parts.append(f'<path d="{way}" fill="{fill}"{edge}{dashed}{faint}{inside}')

    def value_axis(self, marks: Sequence[int], write: Write, left: int, top: int, height: int) -> None:
        """Values upwards from nothing, each with a line across."""
        for mark in marks:
            y = top + height - mark * height // marks[-1]
            self.rule(left, y, WIDTH - MARGIN, y)
            self.note(left - 8, y + 4, write(mark), "end")

    def legend(self, series: Sequence[str], *, x: int = LABEL, width: int = WIDTH, fills: Sequence[str] = SERIES) -> None:
        """The names of the series, each beside its colour; in two lines where they are too long for one."""
        for place, (name, (left, top)) in enumerate(zip(series, legend_places(series, x, width), strict=True)):
            self.box(left, top, 12, 12, fills[place % len(fills)], stroke=FAINT if place == 4 else "")
            self.text(left + 18, top + 10, name, size=12)

    def put_on(self, above: "Canvas") -> None:
        """All of another picture, above this one."""
        self._parts += above._parts

    def svg(self, height: int, title: str, width: int = WIDTH, *, described: Iterable[str] = ()) -> str:
        """The whole; `described` says in words what it shows, for those who do not see it."""
        words = "; ".join(described)
        description = f"<desc>{escape(words)}</desc>" if words else ""
        return (
            f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
            f"<title>{escape(title)}</title>{description}{''.join(self._parts)}</svg>"
        )


def legend_places(series: Sequence[str], x: int, width: int) -> list[tuple[int, int]]:
    """(left, top) of each name: evenly in one line if the longest fits, else in two."""
    longest = max((text_width(name) for name in series), default=0) + 26
    rows = 1 if longest * len(series) <= width - x else 2
    each = -(-len(series) // rows) or 1
    step = (width - x) // each
    return [(x + place % each * step, 6 if rows == 1 else 1 + 16 * (place // each)) for place in range(len(series))]


def text_width(content: str, size: int = 12) -> int:
    """How many pixels a text takes at most, in the usual fonts: Chinese signs are as wide as high, others about 0.62 of it."""
    wide = sum(ord(sign) > 0x2E7F for sign in content)
    return wide * size + (len(content) - wide) * size * 62 // 100


def ticks(most: int, about: int = 5) -> tuple[int, ...]:
    """About that many round values from 0 to at least `most`: steps of 1, 2 or 5 and zeros."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * about >= most:
                return tuple(range(0, most + step, step)) if most > 0 else (0, step)
        power *= 10
