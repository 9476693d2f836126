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


def drawn(talk: Talk, nodes: Sequence[str], names: Mapping[str, str], title: str) -> str:
    """The diagram as SVG, with text as text."""
    batches, end_ms = _in_time(talk)
    start_ms = min(batch.sent_ms for batch in batches)
    frame = Frame(start_ms, max(1, end_ms - start_ms), {node: place for place, node in enumerate(nodes)})
    height = TOP + LANE * len(nodes) + 22
    parts = [
        *_axis(frame, height),
        *(_lane(node, names.get(node, node), frame) for node in nodes),
        *(_lines(kind, [batch for batch in batches if batch.kind == kind], frame) for kind in KINDS),
        *_marks(talk, frame, end_ms),
    ]
    label = escape(title)
    return f'<svg class="talk" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


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
    for tick in range(TICKS + 1):
        time_ms = frame.span_ms * tick // TICKS
        x = frame.x(frame.start_ms + time_ms)
        parts.append(f'<path class="tick" d="M{x:.0f} {TOP - 6}V{height - 18}"/>')
        unit = " ms" if tick == TICKS else ""
        anchor = "end" if tick == TICKS else "middle"
        parts.append(f'<text class="time" x="{x:.0f}" y="{height - 4}" text-anchor="{anchor}">{time_ms:,}{unit}</text>')
    return parts


def _lane(node: str, name: str, frame: Frame) -> str:
    y = frame.y(node)
    line = f'<path class="lane" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
    return f'{line}<text x="0" y="{y - 1}">{escape(name)}</text><text class="time" x="0" y="{y + 13}">{escape(node)}</text>'


def _lines(kind: str, batches: Sequence[Batch], frame: Frame) -> str:
    """One path for the ways of a kind, one for the dots where they end; what never came ends half way."""
    ways, ends = [], []
    for batch in batches:
        if batch.receiver not in frame.lanes or batch.sender not in frame.lanes:
            continue
        x, y, goal = frame.x(batch.sent_ms), frame.y(batch.sender), frame.y(batch.receiver)
        if batch.came_ms is None:
            ways.append(f"M{x:.1f} {y}L{x + 8:.1f} {(y + goal) // 2}")
            continue
        end = frame.x(batch.came_ms)
        ways.append(f"M{x:.1f} {y}L{end:.1f} {goal}")
        ends.append(f"M{end:.1f} {goal}h0")
    return f'<path class="way {kind}" d="{"".join(ways)}"/><path class="end {kind}" d="{"".join(ends)}"/>' if ways else ""


def _marks(talk: Talk, frame: Frame, end_ms: int) -> list[str]:
    """Signs of what a node came to, above its lane, each beside the one before."""
    parts, ends = [], dict[str, float]()
    for time_ms, node, sign in sorted(talk.marks):
        if node not in frame.lanes or not frame.start_ms <= time_ms <= end_ms:
            continue
        x = max(frame.x(time_ms), ends.get(node, 0.0) + SIGN_ROOM)
        ends[node] = x
        y = frame.y(node) - 12
        parts.append(f'<circle class="mark m{sign}" cx="{x:.1f}" cy="{y}" r="7"/>')
        parts.append(f'<text class="sign" x="{x:.1f}" y="{y + 4}" text-anchor="middle">{sign}</text>')
    return parts
