"""Lines over a whole-number axis (load and duration curves, balances), and lanes over time, as in a Gantt chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import (
    DASHES,
    FAINT,
    GRID,
    INK,
    MARGIN,
    ON_SERIES,
    SERIES,
    WIDTH,
    Canvas,
    Write,
    legend_places,
    plain,
    ticks,
)

LEFT, TOP, HEIGHT = 90, 34, 240
"""Of curves."""
LANE_LEFT, LANE_TOP, LANE = 170, 40, 30


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
        return LEFT + (x - first) * (WIDTH - LEFT - MARGIN) // span

    def up(y: int) -> int:
        return TOP + HEIGHT - y * HEIGHT // marks[-1]

    canvas = Canvas()
    _legend(canvas, lines)
    canvas.value_axis(marks, write, LEFT, TOP, HEIGHT)
    for x, name in x_ticks:
        canvas.rule(across(x), TOP + HEIGHT, across(x), TOP + HEIGHT + 4, INK)
        canvas.note(across(x), TOP + HEIGHT + 17, name)
    for place, line in enumerate(lines):
        canvas.path(_way([(across(x), up(y)) for x, y in line.points], is_stepped), _colour(place), dash=DASHES[place])
    canvas.rule(LEFT, TOP + HEIGHT, WIDTH - MARGIN, TOP + HEIGHT, INK)
    if x_name:
        canvas.text(WIDTH - MARGIN, TOP + HEIGHT + 33, x_name, anchor="end", colour=FAINT, size=12)
    said = (f"{line.name}: {write(min(ys))} – {write(max(ys))}" for line in lines if (ys := [y for _, y in line.points]))
    return canvas.svg(TOP + HEIGHT + (42 if x_name else 26), title, described=said)


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


def _legend(canvas: Canvas, lines: Sequence[Line]) -> None:
    places = legend_places([f"{line.name}  " for line in lines], LEFT, WIDTH)
    for place, (line, (x, y)) in enumerate(zip(lines, places, strict=True)):
        canvas.rule(x, y + 6, x + 26, y + 6, _colour(place), dash=DASHES[place], width=2)
        canvas.text(x + 32, y + 10, line.name, size=12)


def _colour(place: int) -> str:
    """Lines need more contrast to the paper than areas: the light ones become the dark grey."""
    return (SERIES[0], "#b3741f", FAINT, SERIES[3], INK, SERIES[5])[place]


@dataclass(frozen=True, slots=True)
class Span:
    """From start to end in any whole unit; `kind` is its place in the legend."""

    start: int
    end: int
    text: str
    kind: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A diamond at one time."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the chart."""

    label: str
    spans: tuple[Span, ...] = ()
    moments: tuple[Moment, ...] = ()


def timeline(lanes: Sequence[Lane], marks: Sequence[tuple[int, str]], title: str, kinds: Sequence[str] = ()) -> str:
    """Lanes under one another with the marks given; text that does not fit into its span stands after it, if nothing follows."""
    times = [at for at, _ in marks]
    times += [at for lane in lanes for span in lane.spans for at in (span.start, span.end)]
    times += [moment.at for lane in lanes for moment in lane.moments]
    first, length = min(times, default=0), max(1, max(times, default=1) - min(times, default=0))

    def across(at: int) -> int:
        return LANE_LEFT + (at - first) * (WIDTH - LANE_LEFT - MARGIN) // length

    bottom = LANE_TOP + LANE * len(lanes)
    canvas = Canvas()
    canvas.legend(kinds, x=LANE_LEFT)
    for at, _ in marks:
        canvas.rule(across(at), LANE_TOP - 6, across(at), bottom, GRID)
    for at, name in marks:
        canvas.note(across(at), bottom + 15, name)
    for number, lane in enumerate(lanes):
        y = LANE_TOP + number * LANE
        canvas.label(LANE_LEFT - 10, y + 17, lane.label)
        for span in lane.spans:
            x, wide = across(span.start), max(3, across(span.end) - across(span.start))
            canvas.box(x, y + 4, wide, 18, SERIES[span.kind], hint=span.text, rounded=2)
            fits = wide > 8 * len(span.text)
            if not fits and span is not lane.spans[-1]:
                continue
            where = x + 5 if fits else x + wide + 4
            canvas.text(where, y + 17, span.text, colour=ON_SERIES[span.kind] if fits else INK, size=11)
        for moment in lane.moments:
            x = across(moment.at)
            canvas.path(f"M{x} {y + 6}l6 7l-6 7l-6 -7Z", INK, fill=INK, width="1", hint=moment.text)
            late = x > WIDTH - 130
            side, anchor = (x - 9, "end") if late else (x + 9, "start")
            canvas.text(side, y + 17, moment.text, anchor=anchor, size=11, halo=True)
    said = (f"{lane.label}: {', '.join(_texts(lane))}" for lane in lanes)
    return canvas.svg(bottom + 26, title, described=said)


def _texts(lane: Lane) -> list[str]:
    return [span.text for span in lane.spans] + [moment.text for moment in lane.moments]
