"""The space-time diagram of one block: a lane a node, time to the right, a line a batch from its sender to its receiver.

Kinds differ in colour and in dashes, as in the picture of a log (`nodes/picture`), and one path holds all lines of a
kind: a report has a diagram for every block. It needs no script, so it can be printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from scenarios.report.messages import Batch, Talk

LEFT, RIGHT, TOP, LANE, WIDTH = 168, 20, 26, 46, 760
TICKS = 6
SIGN_ROOM = 15
LANES_ID = "talk-lanes"
LATE_FACTOR = 4
"""What is sent later than so many times as long as the decision took is left to the table."""
KINDS = ("certificate", "final", "vote", "skip", "propose")
"""In the order of drawing: the weightiest lies on top."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From milliseconds and nodes to places."""

    start_ms: int
    span_ms: int
    lanes: Mapping[str, int]

    def x(self, time_ms: int) -> float:
        """Where a time is."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (time_ms - self.start_ms) / self.span_ms

    def y(self, node: str) -> int:
        """The middle of a node's lane."""
        return TOP + LANE * self.lanes[node] + LANE // 2


def drawn(talk: Talk, nodes: Sequence[str], title: str) -> str:
    """The diagram as SVG, with text as text; the lanes are those of `lanes`, drawn once for all diagrams of a page."""
    batches, end_ms = _in_time(talk)
    start_ms = min(batch.sent_ms for batch in batches)
    frame = Frame(start_ms, max(1, end_ms - start_ms), {node: place for place, node in enumerate(nodes)})
    parts = [
        f'<use href="#{LANES_ID}"/>',
        *_axis(frame, _height(nodes)),
        *(_lines(kind, [batch for batch in batches if batch.kind == kind], frame) for kind in KINDS),
        _marks(talk, frame, end_ms),
    ]
    box, label = f"0 0 {WIDTH} {_height(nodes)}", escape(title)
    return f'<svg class="talk" viewBox="{box}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def lanes(nodes: Sequence[str], names: Mapping[str, str]) -> str:
    """The lanes with their names, to stand once on a page before its diagrams."""
    frame = Frame(0, 1, {node: place for place, node in enumerate(nodes)})
    drawn_lanes = "".join(_lane(node, names.get(node, node), frame) for node in nodes)
    return f'<svg class="talk defined" aria-hidden="true"><g id="{LANES_ID}">{drawn_lanes}</g></svg>'


def _height(nodes: Sequence[str]) -> int:
    return TOP + LANE * len(nodes) + 22


def _in_time(talk: Talk) -> tuple[list[Batch], int]:
    """The batches that led to the decision and what was under way then, and the time of the last of them."""
    first = min(batch.sent_ms for batch in talk.batches)
    decided = sorted(time for time, _, sign in talk.marks if sign == "■")
    last = decided[0] if decided else max(batch.came_ms or batch.sent_ms for batch in talk.batches)
    limit = first + LATE_FACTOR * max(1, last - first)
    batches = [batch for batch in talk.batches if max(batch.sent_ms, batch.came_ms or 0) <= limit] or talk.batches[:1]
    ends = [batch.came_ms or batch.sent_ms for batch in batches]
    return batches, max([*ends, *(time for time in decided if time <= limit)])


def _axis(frame: Frame, height: int) -> list[str]:
    parts = []
    for time_ms in range(0, frame.span_ms + 1, _tick_ms(frame.span_ms)):
        x = frame.x(frame.start_ms + time_ms)
        unit = "" if time_ms else " ms"
        parts.append(f'<path class="tick" d="M{x:.0f} {TOP - 6}V{height - 18}"/>')
        parts.append(f'<text class="time" x="{x:.0f}" y="{height - 4}">{time_ms:,}{unit}</text>')
    return parts


def _tick_ms(span_ms: int) -> int:
    """A round time of which at most `TICKS` fit."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power * TICKS >= span_ms:
                return step * power
        power *= 10


def _lane(node: str, name: str, frame: Frame) -> str:
    y = frame.y(node)
    names = (
        f'<text class="name" x="0" y="{y - 1}">{escape(name)}</text><text class="node" x="0" y="{y + 13}">{escape(node)}</text>'
    )
    return f'<path class="axis" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>{names}'


def _lines(kind: str, batches: Sequence[Batch], frame: Frame) -> str:
    """One path for the ways of a kind, one for the dots where they end; what never came ends half way."""
    ways, ends = [], []
    for batch in batches:
        if batch.receiver not in frame.lanes or batch.sender not in frame.lanes:
            continue
        x, y, goal = frame.x(batch.sent_ms), frame.y(batch.sender), frame.y(batch.receiver)
        if batch.came_ms is None:
            ways.append(f"M{x:.0f} {y}L{x + 8:.0f} {(y + goal) // 2}")
            continue
        end = frame.x(batch.came_ms)
        ways.append(f"M{x:.0f} {y}L{end:.0f} {goal}")
        ends.append(f"M{end:.0f} {goal}h0")
    return f'<path class="way {kind}" d="{"".join(ways)}"/><path class="end {kind}" d="{"".join(ends)}"/>' if ways else ""


def _marks(talk: Talk, frame: Frame, end_ms: int) -> str:
    """Signs of what a node came to, above its lane, each beside the one before: rings in one path, signs in one text."""
    found, ends = [], dict[str, float]()
    for time_ms, node, sign in sorted(talk.marks):
        if node in frame.lanes and frame.start_ms <= time_ms <= end_ms:
            x = max(frame.x(time_ms), ends.get(node, 0.0) + SIGN_ROOM)
            ends[node] = x
            found.append((f"{x:.0f}", frame.y(node) - 12, sign))
    rings = "".join(f"M{x} {y}h0" for x, y, _ in found)
    across, down = " ".join(x for x, _, _ in found), " ".join(str(y + 4) for _, y, _ in found)
    text = f'<text class="sign" x="{across}" y="{down}">{"".join(sign for _, _, sign in found)}</text>'
    return f'<path class="ring" d="{rings}"/><path class="disc" d="{rings}"/>{text}'
