"""What the report shows of the agreement on each block of a story: a diagram, and the messages in a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from scenarios.report.book import Block
from scenarios.report.messages import Batch, Talk, Talks
from scenarios.report.spacetime import drawn
from scenarios.report.texts import LABELS, TEXTS
from scenarios.story import Language, Scenario

ROWS_MAX = 60
"""Rows of a block's table; what nodes still say to one that was away is counted."""
CHARACTERS_MAX = 1_200_000
ROW_CHARACTERS = 150
"""About what a row takes in the page."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One block."""

    height: int
    title: str
    diagram: Markup
    rows: tuple[tuple[str, str, str, str, str], ...]
    """Milliseconds since the first message, from, to, what, and milliseconds when it came."""
    rows_left_out: int
    steps: tuple[int, ...]


def agreements_of(
    scenario: Scenario, talks: Talks, blocks: Mapping[int, tuple[Block, Sequence[int]]], language: Language
) -> tuple[tuple[Agreement, ...], int]:
    """The blocks of a story, each with the steps in it, and how many had to be left out to keep the page small."""
    names = _names(scenario, talks.nodes, language)
    found: list[Agreement] = []
    room = CHARACTERS_MAX
    spoken = [height for height in sorted(blocks) if height in talks.heights and talks.heights[height].batches]
    for height in spoken:
        block, steps = blocks[height]
        agreement = _agreement(block, steps, talks.heights[height], talks.nodes, names, language)
        room -= len(agreement.diagram) + ROW_CHARACTERS * len(agreement.rows)
        if room < 0:
            break
        found.append(agreement)
    return tuple(found), len(spoken) - len(found)


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
    rows = list(_rows(talk, nodes, names, language))
    diagram = Markup(drawn(talk, nodes, names, title))  # noqa: S704  escapes what it is given
    return Agreement(
        height=block.height,
        title=title,
        diagram=diagram,
        rows=tuple(rows[:ROWS_MAX]),
        rows_left_out=max(0, len(rows) - ROWS_MAX),
        steps=tuple(steps),
    )


def _rows(
    talk: Talk, nodes: Sequence[str], names: Mapping[str, str], language: Language
) -> Iterator[tuple[str, str, str, str, str]]:
    """What a node says to several at once is one row."""
    start = min(batch.sent_ms for batch in talk.batches)
    together: dict[tuple[int, str, tuple[str, ...]], list[Batch]] = {}
    for batch in talk.batches:
        together.setdefault((batch.sent_ms, batch.sender, batch.labels), []).append(batch)
    for (sent, sender, labels), batches in sorted(together.items()):
        receivers = [batch.receiver for batch in batches]
        is_all = len(set(receivers)) == len(nodes) - 1 > 1
        to = TEXTS["everybody"].said(language) if is_all else ", ".join(names.get(name, name) for name in receivers)
        came = ", ".join(dict.fromkeys(_came(batch, start, language) for batch in batches))
        yield f"{sent - start:,}", names.get(sender, sender), to, ", ".join(said(label, language) for label in labels), came


def _came(batch: Batch, start: int, language: Language) -> str:
    return TEXTS["lost"].said(language) if batch.came_ms is None else f"{batch.came_ms - start:,}"


def said(label: str, language: Language) -> str:
    """A message as nodes describe it, its first word in the reader's language."""
    name, space, rest = label.partition(" ")
    return LABELS[name].said(language) + space + rest if name in LABELS else label


def _names(scenario: Scenario, nodes: Sequence[str], language: Language) -> dict[str, str]:
    """What the organizations that run the nodes are called."""
    by_organization = {member.partition(".")[0]: words.said(language) for member, words in scenario.cast.items()}
    return {node: by_organization.get(node.partition(".")[0], node) for node in nodes}
