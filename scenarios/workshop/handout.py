"""A handout as parts of a page, so that a reader goes through it step by step and no markup ever stands in an answer.

    {"title": "Steps", "blocks": [BLOCK, …], "asks": [[1, 2], …]}    above the first heading the title is ""
    BLOCK, and what is within it: a text, or [name of the element, attributes, *children]

A part with an ordered list has steps: the list's items. `asks` has, for each step, the numbers of the questions that it names:
"question 3", "questions 1 and 2", "问题 1、2".
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ledger.errors import JsonValue

MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
TITLE, PART = "h1", "h2"
QUESTIONS = re.compile(r"(?:questions?|问题) ((?:\d+(?:, | and |、| 和 )?)+)")
CODE = ("fence", "code_block")
CHINESE_FROM = "\u2e80"
"""Lines of Chinese are joined without a space."""


def parts_of(handout: str) -> list[JsonValue]:
    """The parts in their order; the lab's own title is left out, it stands above them anyway."""
    parts: list[tuple[str, list[JsonValue]]] = [("", [])]
    for block in SyntaxTreeNode(MARKDOWN.parse(handout)).children:
        if block.type == "heading" and block.tag == PART:
            parts.append((block.children[0].content, []))
        elif block.tag != TITLE:
            parts[-1][1].extend(_elements(block))
    return [{"title": title, "blocks": blocks, "asks": _asks(blocks)} for title, blocks in parts]


def _asks(blocks: list[JsonValue]) -> list[JsonValue]:
    steps = [step for block in blocks if isinstance(block, list) and block[0] == "ol" for step in block[2:]]
    named = [" ".join(QUESTIONS.findall(_text(step))) for step in steps]
    return [[int(number) for number in re.findall(r"\d+", numbers)] for numbers in named]


def _text(made: JsonValue) -> str:
    """Of an element and all that is within it."""
    return "".join(map(_text, made[2:])) if isinstance(made, list) else str(made)


def _elements(node: SyntaxTreeNode) -> Iterator[JsonValue]:
    """What a node of the parser's tree becomes: mostly one element, or its children where it is none itself."""
    children = [element for child in node.children for element in _elements(child)]
    if node.type in CODE:
        yield ["pre", {"tabindex": 0}, ["code", {}, node.content]]
    elif node.type == "softbreak":
        before, after = node.previous_sibling, node.next_sibling
        if not (before and after and max(before.content[-1:], after.content[:1]) >= CHINESE_FROM):
            yield " "
    elif node.type in ("text", "code_inline") and not node.tag:
        yield node.content
    elif node.type == "code_inline":
        yield ["code", {}, node.content]
    elif node.type == "inline" or node.hidden or (node.type == "link" and not str(node.attrs["href"]).startswith("#")):
        yield from children
    else:
        attributes: dict[str, JsonValue] = {name: str(node.attrs[name]) for name in ("href", "start") if name in node.attrs}
        yield [node.tag, attributes, *children]
