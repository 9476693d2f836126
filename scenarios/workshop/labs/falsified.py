"""How somebody falsifies a copy of a ledger before handing it over: each way, and the rule that shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.encoding import decode_object, encode_unchecked
from ledger.primitives import INTEGER_MAX
from nodes.simulator.chance import Chance

WRAPPED = 5
"""Levels of an export around a value of the usual depth."""
Lines = list[bytes]
Block = dict[str, Any]
CUT_MIN, CUT_MAX = 3, 9
PLAIN_HEIGHTS = 2
"""Neither the first nor the last blocks are touched."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy and what was done to it."""

    lines: tuple[bytes, ...]
    way: str
    """`whole`, or a name of WAYS."""


def _edited_price(chance: Chance, lines: Lines) -> Lines:
    """What a reveal wrote: another price stands in the state, the receipt stays."""
    height = chance.pick(_heights(lines, "reveal"))
    block = _block(lines, height)
    write = block["writes"][0][0]
    value = decode_object(write["value"].encode())
    write["value"] = encode_unchecked({**value, "price_cents": int(str(value["price_cents"])) + 2_000}).decode()
    return _with(lines, height, block)


def _edited_argument(chance: Chance, lines: Lines) -> Lines:
    """What somebody signed: another subject, or another price."""
    height = chance.pick(_heights(lines, "reveal"))
    block = _block(lines, height)
    block["transactions"][0]["body"]["arguments"]["price_cents"] += 1_000
    return _with(lines, height, block)


def _edited_receipt(chance: Chance, lines: Lines) -> Lines:
    """What came of it: the event of an award names another price."""
    height = chance.pick(_heights(lines, "award"))
    block = _block(lines, height)
    for event in block["receipts"][0]["events"]:
        event["data"]["price_cents"] = min(INTEGER_MAX, event["data"]["price_cents"] + 1_000)
    return _with(lines, height, block)


def _removed(chance: Chance, lines: Lines) -> Lines:
    """A bid that somebody wishes had never been put in: the whole block is left out."""
    height = chance.pick(_heights(lines, "bid"))
    return lines[:height] + lines[height + 1 :]


def _signature(chance: Chance, lines: Lines) -> Lines:
    """A block that too few have decided: one signature of its certificate is another one's."""
    height = chance.pick(_heights(lines, "bid"))
    block = _block(lines, height)
    signatures = block["record"]["commit"]["signatures"]
    signatures[0] = signatures[1]
    return _with(lines, height, block)


def _cut(chance: Chance, lines: Lines) -> Lines:
    """The newest blocks are kept back. What is left holds."""
    return lines[: -chance.between(CUT_MIN, CUT_MAX)]


WAYS: dict[str, Callable[[Chance, Lines], Lines]] = {
    "edited-price": _edited_price,
    "edited-argument": _edited_argument,
    "edited-receipt": _edited_receipt,
    "removed": _removed,
    "signature": _signature,
    "cut": _cut,
}


def falsify(chance: Chance, lines: Sequence[bytes], names: Sequence[str]) -> dict[str, Copy]:
    """By name: one copy is whole, each other is falsified in another way."""
    left, ways = list(names), list(WAYS)
    whole = left.pop(chance.below(len(left)))
    found = {whole: Copy(tuple(lines), "whole")}
    for name in left:
        way = ways.pop(chance.below(len(ways)))
        found[name] = Copy(tuple(WAYS[way](chance, list(lines))), way)
    return {name: found[name] for name in names}


def _heights(lines: Lines, operation: str) -> list[int]:
    """Of blocks whose first transaction is such an operation and took effect, away from both ends."""
    inner = range(1 + PLAIN_HEIGHTS, len(lines) - CUT_MAX)
    blocks = {height: _block(lines, height) for height in inner}
    return [
        height
        for height, block in blocks.items()
        if block["transactions"]
        and block["transactions"][0]["body"]["operation"] == operation
        and block["receipts"][0]["outcome"] == "committed"
    ]


def _block(lines: Lines, height: int) -> Block:
    return decode_object(lines[height], wrapped=WRAPPED)


def _with(lines: Lines, height: int, block: Block) -> Lines:
    return [*lines[:height], encode_unchecked(block), *lines[height + 1 :]]
