"""What the report shows of the agreement on each block of a story: a diagram, and the messages in a table.

Every block has its line. Diagrams stand in the order of blocks while there is room on the page, then tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from scenarios.report.book import Block
from scenarios.report.messages import PLACED, Batch, Talk, Talks
from scenarios.report.spacetime import drawn, lanes
from scenarios.report.texts import LABELS, TEXTS
from scenarios.story.story import Language, Scenario
from scenarios.values import COMMA

ROWS_MAX = 60
"""Rows of a block's table; what nodes still say to one that was away is counted."""
LINE_BYTES, ROW_BYTES = 330, 130
"""About what the line of a block, and a row of its table, takes in the page."""

Row = tuple[str, str, str, str, str]
"""Milliseconds since the first message, from, to, what, and milliseconds when it came."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One block; without diagram or rows where the page has no room for them."""

    height: int
    title: str
    steps: tuple[int, ...]
    diagram: Markup
    rows: tuple[Row, ...]
    rows_left_out: int


@dataclass(frozen=True, slots=True)
class Agreements:
    """Those of a story."""

    lanes: Markup
    """Of all diagrams."""
    blocks: tuple[Agreement, ...]
    without_diagram: int
    without_rows: int


def agreements_of(
    scenario: Scenario, talks: Talks, blocks: Mapping[int, tuple[Block, Sequence[int]]], language: Language
) -> Agreements:
    """The blocks of a story of which the logs speak, each with the steps in it."""
    names = _names(scenario, talks.nodes, language)
    spoken = [height for height in sorted(blocks) if height in talks.heights and talks.heights[height].batches]
    found = [_agreement(*blocks[height], talks.heights[height], talks.nodes, names, language) for height in spoken]
    return Agreements(Markup(lanes(talks.nodes, names)), tuple(found), 0, 0)  # noqa: S704  escapes what it is given


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
    blocks = tuple(
        replace(
            agreement,
            diagram=agreement.diagram if place < diagrams else Markup(""),
            rows=agreement.rows if place < tables else (),
            rows_left_out=agreement.rows_left_out if place < tables else 0,
        )
        for place, agreement in enumerate(agreements.blocks)
    )
    return replace(agreements, blocks=blocks, without_diagram=len(blocks) - diagrams, without_rows=len(blocks) - tables)


def _agreement(
    block: Block, steps: Sequence[int], talk: Talk, nodes: Sequence[str], names: Mapping[str, str], language: Language
) -> Agreement:
    title = TEXTS["talk"].said(language).format(
        height=block.height,
        proposer=names.get(block.proposer, block.proposer),
        batches=len(talk.batches),
        statements=talk.statements,
        transactions=block.transactions,
    )  # fmt: skip
    rows = list(_rows(block.height, talk, nodes, names, language))
    diagram = Markup(drawn(talk, nodes, TEXTS["messages-of"].said(language).format(block.height)))  # noqa: S704
    return Agreement(block.height, title, tuple(steps), diagram, tuple(rows[:ROWS_MAX]), max(0, len(rows) - ROWS_MAX))


def _rows(height: int, talk: Talk, nodes: Sequence[str], names: Mapping[str, str], language: Language) -> Iterator[Row]:
    """What a node says to several at once is one row."""
    start = min(batch.sent_ms for batch in talk.batches)
    together: dict[tuple[int, str, tuple[str, ...]], list[Batch]] = {}
    for batch in talk.batches:
        together.setdefault((batch.sent_ms, batch.sender, batch.labels), []).append(batch)
    for (sent, sender, labels), batches in sorted(together.items()):
        receivers = [batch.receiver for batch in batches]
        is_all = len(set(receivers)) == len(nodes) - 1 > 1
        comma = COMMA.said(language)
        to = TEXTS["everybody"].said(language) if is_all else comma.join(names.get(name, name) for name in receivers)
        came = ", ".join(dict.fromkeys(_came(batch, start, language) for batch in batches))
        what = comma.join(said(label, height, language) for label in labels)
        yield f"{sent - start:,}", names.get(sender, sender), to, what, came


def _came(batch: Batch, start: int, language: Language) -> str:
    return TEXTS["lost"].said(language) if batch.came_ms is None else f"{batch.came_ms - start:,}"


def said(label: str, height: int, language: Language) -> str:
    """A message as nodes describe it, in the reader's language; of the table's own height the first view goes without saying."""
    name, _, rest = label.partition(" ")
    word = LABELS[name].said(language) if name in LABELS else name
    place = PLACED.fullmatch(label)
    if place is None or int(place[2]) != height:
        return f"{word} {rest}".rstrip()
    return word if place[3] in (None, "1") else TEXTS["in-view"].said(language).format(word, place[3])


def _names(scenario: Scenario, nodes: Sequence[str], language: Language) -> dict[str, str]:
    """What the organizations that run the nodes are called."""
    by_organization = {member.partition(".")[0]: words.said(language) for member, words in scenario.cast.items()}
    return {node: by_organization.get(node.partition(".")[0], node) for node in nodes}
