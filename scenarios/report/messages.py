"""What the nodes said to each other about a block, from their logs: who sent what to whom, and when it came.

A batch is what goes over the wire at once. It belongs to each height that one of its messages names; gossip of
transactions and what nodes tell of their own place (`status`, `fetch`) belong to no block.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import JsonValue

Record = Mapping[str, JsonValue]
KINDS: Mapping[str, str] = {
    "propose": "propose", "vote": "vote", "final": "final", "skip": "skip", "notar-cert": "certificate",
    "skip-cert": "certificate", "commit-cert": "certificate", "decided": "certificate",
}  # fmt: skip
"""First word of a message -> kind, as the picture of a log names and colours it."""
SIGNED = ("propose", "vote", "final", "skip")
"""Messages that are a statement which its sender signed."""
SIGNS = {"certificate-notar": "N", "certificate-skip": "S", "certificate-commit": "C", "commit": "■"}
PLACED = re.compile(r"([a-z-]+) (\d+)(?:/(\d+))?(?: [0-9a-f]*)?")
"""A message with its height and, for most, its view."""


@dataclass(slots=True)
class Batch:
    """Messages from one node to another; `labels` in the words of `nodes.links.batches.describe`."""

    sender: str
    receiver: str
    sent_ms: int
    labels: tuple[str, ...]
    came_ms: int | None = None
    """None if it was lost, or was still under way at the end of the log."""

    @property
    def kind(self) -> str:
        """Of the weightiest message in it."""
        found = [KINDS.get(label.split(" ")[0], "") for label in self.labels]
        return next(kind for kind in (*SIGNED, "certificate") if kind in found)


@dataclass(slots=True)
class Talk:
    """All that was said about one height."""

    batches: list[Batch] = field(default_factory=list)
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    """Time, node and sign of what it came to: N, S and C for the certificates, a block where it was decided."""

    @property
    def statements(self) -> int:
        """Statements that were signed for it, each once however often it was sent."""
        return len({(b.sender, label) for b in self.batches for label in b.labels if label.split(" ")[0] in SIGNED})


@dataclass(frozen=True, slots=True)
class Talks:
    """What was said, by height, and the batches that belong to no block."""

    heights: Mapping[int, Talk]
    nodes: tuple[str, ...]
    others: int


def read_talks(log: Sequence[Record]) -> Talks:
    """Matches what was sent with what came, whatever their order in the log is."""
    heights: dict[int, Talk] = {}
    batches: dict[tuple[JsonValue, ...], Batch] = {}
    others = 0
    for record in log:
        if record["kind"] == "sent":
            known = batches[record["node"], record["to"], record["batch"]] = _batch(record)
            spoken = heights_of(known.labels)
            others += not spoken
            for height in spoken:
                heights.setdefault(height, Talk()).batches.append(known)
        elif record["kind"] in SIGNS:
            mark: Any = (record["time"], record["node"], SIGNS[str(record["kind"])])
            heights.setdefault(int(str(record["height"])), Talk()).marks.append(mark)
    for record in log:
        found = batches.get((record.get("from"), record.get("node"), record.get("batch")))
        if record["kind"] == "received" and found is not None and found.came_ms is None:
            found.came_ms = int(str(record["time"]))
    nodes = dict.fromkeys(batch.sender for batch in batches.values())
    return Talks(heights, tuple(sorted(nodes)), others)


def heights_of(labels: Iterable[str]) -> tuple[int, ...]:
    """Heights that statements, certificates and decided blocks among the messages name, each once."""
    places = [PLACED.fullmatch(label) for label in labels]
    return tuple(dict.fromkeys(int(place[2]) for place in places if place is not None and place[1] in KINDS))


def _batch(record: Record) -> Batch:
    labels = record["messages"]
    assert isinstance(labels, list), "a batch holds a list of messages"
    return Batch(str(record["node"]), str(record["to"]), int(str(record["time"])), tuple(map(str, labels)))
