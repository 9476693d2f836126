"""Lanes over time, as in a Gantt chart: spans with a beginning and an end, and moments."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.plots.drawing import FAINT, GRID, INK, ON_SERIES, SERIES, WIDTH, box, label, legend, path, rule, svg, text

LEFT, TOP, LANE, RIGHT = 170, 40, 30, 16


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


def timeline(lanes: Sequence[Lane], ticks: Sequence[tuple[int, str]], title: str, kinds: Sequence[str] = ()) -> str:
    """Lanes under one another with the ticks given; text that does not fit into its span stands after it, if nothing follows."""
    times = [at for at, _ in ticks]
    times += [at for lane in lanes for span in lane.spans for at in (span.start, span.end)]
    times += [moment.at for lane in lanes for moment in lane.moments]
    first, length = min(times, default=0), max(1, max(times, default=1) - min(times, default=0))

    def across(at: int) -> int:
        return LEFT + (at - first) * (WIDTH - LEFT - RIGHT) // length

    bottom = TOP + LANE * len(lanes)
    parts = [rule(across(at), TOP - 6, across(at), bottom, GRID) for at, _ in ticks]
    parts += [text(across(at), bottom + 15, name, anchor="middle", colour=FAINT, size=11) for at, name in ticks]
    for number, lane in enumerate(lanes):
        y = TOP + number * LANE
        parts.append(label(LEFT - 10, y + 17, lane.label))
        for span in lane.spans:
            x, wide = across(span.start), max(3, across(span.end) - across(span.start))
            parts.append(box(x, y + 4, wide, 18, SERIES[span.kind], hint=span.text, rounded=2))
            fits = wide > 8 * len(span.text)
            if not fits and span is not lane.spans[-1]:
                continue
            where = x + 5 if fits else x + wide + 4
            parts.append(text(where, y + 17, span.text, colour=ON_SERIES[span.kind] if fits else INK, size=11))
        for moment in lane.moments:
            x = across(moment.at)
            parts.append(path(f"M{x} {y + 6}l6 7l-6 7l-6 -7Z", INK, fill=INK, width="1", hint=moment.text))
            late = x > WIDTH - 130
            parts.append(
                text(x - 9 if late else x + 9, y + 17, moment.text, anchor="end" if late else "start", size=11, halo=True)
            )
    said = (f"{lane.label}: {', '.join(_texts(lane))}" for lane in lanes)
    names = [legend(kinds, x=LEFT)] if kinds else []
    return svg(bottom + 26, title, [*names, *parts], described=said)


def _texts(lane: Lane) -> list[str]:
    return [span.text for span in lane.spans] + [moment.text for moment in lane.moments]
