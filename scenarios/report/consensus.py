"""How the nodes agreed on each block of a story, from their logs: who sent what to whom, and when it came.

A batch is what goes over the wire at once. It belongs to each height that one of its messages names; gossip of
transactions and what nodes say of their own place (`status`, `fetch`) belong to no block. The page shows a block as a table,
and by its script as the diagram of `nodes/picture`, which gets the same batches as data.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ledger.errors import JsonValue
from nodes.picture.single_page import inert_json
from nodes.words import Words
from scenarios.identifiers import organization_of
from scenarios.report.book import Block
from scenarios.story.story import Language, Scenario
from scenarios.story.tell import VALUES

Record = Mapping[str, JsonValue]
TEXTS, PICTURE = Words.of("scenarios.report")["report"], Words.of("nodes.picture")["picture"]
SIGNED = ("propose", "vote", "final", "skip")
"""Messages that are a statement which its sender signed."""
SPOKEN = (*SIGNED, "notar-cert", "skip-cert", "commit-cert", "decided")
"""Messages that belong to a height."""
EVENTS = ("certificate-notar", "certificate-skip", "certificate-commit", "decided", "timeout", "view")
"""Kinds of records that the diagram marks on the lane of a node."""
PLACED = re.compile(r"([a-z-]+) (\d+)(?:/(\d+))?(?: [0-9a-f]*)?")
"""A message with its height and, for most, its view."""
LATE_FACTOR = 4
"""What is sent later than this many times the time of the decision stands only in the table."""
ROWS_MAX = 60
"""Rows of a block's table; what nodes still say to one that was away is counted."""
LINE_BYTES, ROW_BYTES = 330, 130
"""About what the line of a block, and a row of its table, takes in the page."""

Row = tuple[str, str, str, str, str]
"""Milliseconds since the first message, from, to, what, and milliseconds when it came."""


@dataclass(slots=True)
class Batch:
    """Messages from one node to another; `labels` in the words of `nodes.links.batches.describe`."""

    sender: str
    receiver: str
    sent_ms: int
    labels: tuple[str, ...]
    came_ms: int | None = None
    """None if it was lost, or was still under way at the end of the log."""


@dataclass(slots=True)
class Talk:
    """All that was said about one height."""

    batches: list[Batch] = field(default_factory=list)
    events: list[tuple[int, str, str, JsonValue, str]] = field(default_factory=list)
    """Time, node, kind, view and start of the block id."""

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


@dataclass(frozen=True, slots=True)
class Agreement:
    """One block; without diagram or rows where the page has no room for them."""

    height: int
    title: str
    steps: tuple[int, ...]
    diagram: str
    """Data of the diagram, as JSON."""
    rows: tuple[Row, ...]
    rows_left_out: int


@dataclass(frozen=True, slots=True)
class Agreements:
    """Those of a story."""

    lanes: str
    """Of all diagrams: the nodes, and what they are called, as JSON."""
    blocks: tuple[Agreement, ...]
    without_diagram: int
    without_rows: int

    @property
    def data(self) -> str:
        """What the script draws, as JSON that stays text in the page."""
        blocks = ",".join(f'"{block.height}":{block.diagram}' for block in self.blocks if block.diagram)
        return f'{self.lanes[:-1]},"blocks":{{{blocks}}}}}'


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
        elif record["kind"] in EVENTS:
            event = (
                _whole(record["time"]),
                str(record["node"]),
                str(record["kind"]),
                record.get("view"),
                str(record["block"])[:6],
            )
            heights.setdefault(_whole(record["height"]), Talk()).events.append(event)
    for record in log:
        found = batches.get((record.get("from"), record.get("node"), record.get("batch")))
        if record["kind"] == "received" and found is not None and found.came_ms is None:
            found.came_ms = _whole(record["time"])
    nodes = dict.fromkeys(batch.sender for batch in batches.values())
    return Talks(heights, tuple(sorted(nodes)), others)


def heights_of(labels: Iterable[str]) -> tuple[int, ...]:
    """Heights that statements, certificates and decided blocks among the messages name, each once."""
    places = [PLACED.fullmatch(label) for label in labels]
    return tuple(dict.fromkeys(int(place[2]) for place in places if place is not None and place[1] in SPOKEN))


def agreements_of(
    scenario: Scenario, talks: Talks, blocks: Mapping[int, tuple[Block, Sequence[int]]], language: Language
) -> Agreements:
    """The blocks of a story of which the logs speak, each with the steps in it."""
    called = {organization_of(member): words.said(language) for member, words in scenario.cast.items()}
    names = {node: called.get(organization_of(node), node) for node in talks.nodes}
    spoken = [height for height in sorted(blocks) if height in talks.heights and talks.heights[height].batches]
    found = [_agreement(*blocks[height], talks.heights[height], names, language) for height in spoken]
    return Agreements(inert_json({"nodes": talks.nodes, "names": names}), tuple(found), 0, 0)


def fitted(agreements: Agreements, room_bytes: int) -> Agreements:
    """The same with as many diagrams, and then as many tables, as the room allows."""
    room = room_bytes - len(agreements.lanes.encode()) - LINE_BYTES * len(agreements.blocks)
    diagrams = tables = 0
    for agreement in agreements.blocks:
        room -= len(agreement.diagram.encode())
        diagrams += room >= 0
    for agreement in agreements.blocks:
        room -= ROW_BYTES * (len(agreement.rows) + 1)
        tables += room >= 0
    blocks = [
        replace(agreement, diagram="") if place >= diagrams else agreement for place, agreement in enumerate(agreements.blocks)
    ]
    blocks[tables:] = [replace(agreement, rows=(), rows_left_out=0) for agreement in blocks[tables:]]
    return replace(agreements, blocks=tuple(blocks), without_diagram=len(blocks) - diagrams, without_rows=len(blocks) - tables)


def _agreement(block: Block, steps: Sequence[int], talk: Talk, names: Mapping[str, str], language: Language) -> Agreement:
    title = TEXTS["talk"].text(
        language,
        height=block.height,
        proposer=names.get(block.proposer, block.proposer),
        batches=len(talk.batches),
        statements=talk.statements,
        transactions=block.transactions,
    )
    rows = list(_rows(block.height, talk, names, language))
    diagram = inert_json(_diagram(talk, list(names)))
    return Agreement(block.height, title, tuple(steps), diagram, tuple(rows[:ROWS_MAX]), max(0, len(rows) - ROWS_MAX))


def _diagram(talk: Talk, nodes: Sequence[str]) -> JsonValue:
    """The batches that led to the decision and what was under way then; nodes and labels by their numbers."""
    first = min(batch.sent_ms for batch in talk.batches)
    decided = min((time for time, _, kind, *_ in talk.events if kind == "decided"), default=None)
    last = max(batch.came_ms or batch.sent_ms for batch in talk.batches) if decided is None else decided
    limit = first + LATE_FACTOR * max(1, last - first)
    batches = [batch for batch in talk.batches if max(batch.sent_ms, batch.came_ms or 0) <= limit] or talk.batches[:1]
    batches = [batch for batch in batches if batch.sender in nodes and batch.receiver in nodes]
    end = max([batch.came_ms or batch.sent_ms for batch in batches], default=first)
    labels = list(dict.fromkeys(batch.labels for batch in batches))
    return {
        "labels": [list(said) for said in labels],
        "sent": [
            [batch.sent_ms - first, nodes.index(batch.sender), nodes.index(batch.receiver), labels.index(batch.labels),
             None if batch.came_ms is None else batch.came_ms - first]
            for batch in sorted(batches, key=lambda batch: batch.sent_ms)
        ],
        "events": [
            [time - first, nodes.index(node), kind, view, block]
            for time, node, kind, view, block in sorted(talk.events, key=lambda event: event[0])
            if node in nodes and first <= time <= max(end, last)
        ],
    }  # fmt: skip


def _rows(height: int, talk: Talk, names: Mapping[str, str], language: Language) -> Iterator[Row]:
    """What a node says to several at once is one row."""
    start = min(batch.sent_ms for batch in talk.batches)
    together: dict[tuple[int, str, tuple[str, ...]], list[Batch]] = {}
    for batch in talk.batches:
        together.setdefault((batch.sent_ms, batch.sender, batch.labels), []).append(batch)
    comma = VALUES["comma"].said(language)
    for (sent, sender, labels), batches in sorted(together.items()):
        receivers = [batch.receiver for batch in batches]
        is_all = len(set(receivers)) == len(names) - 1 > 1
        to = TEXTS["everybody"].said(language) if is_all else comma.join(names.get(name, name) for name in receivers)
        came = ", ".join(dict.fromkeys(_came(batch, start, language) for batch in batches))
        yield (
            f"{sent - start:,}",
            names.get(sender, sender),
            to,
            comma.join(said(label, height, language) for label in labels),
            came,
        )


def _came(batch: Batch, start: int, language: Language) -> str:
    return TEXTS["lost"].said(language) if batch.came_ms is None else f"{batch.came_ms - start:,}"


def said(label: str, height: int, language: Language) -> str:
    """A message as nodes describe it, in the reader's language; of the table's own height the first view goes without saying."""
    name, _, rest = label.partition(" ")
    word = PICTURE[f"label-{name}"].said(language) if f"label-{name}" in PICTURE else name
    place = PLACED.fullmatch(label)
    if place is None or int(place[2]) != height:
        return f"{word} {rest}".rstrip()
    return word if place[3] in (None, "1") else TEXTS["in-view"].text(language, what=word, view=place[3])


def _batch(record: Record) -> Batch:
    labels = record["messages"]
    assert isinstance(labels, list), "a batch holds a list of messages"
    return Batch(str(record["node"]), str(record["to"]), _whole(record["time"]), tuple(map(str, labels)))


def _whole(value: JsonValue) -> int:
    return int(str(value))
