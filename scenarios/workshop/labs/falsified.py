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


def _price(block: Block) -> None:
    """What a reveal wrote: another price stands in the state, the receipt stays."""
    write = block["writes"][0][0]
    value = decode_object(write["value"].encode())
    write["value"] = encode_unchecked({**value, "price_cents": int(str(value["price_cents"])) + 2_000}).decode()


def _argument(block: Block) -> None:
    """What somebody signed: another price."""
    block["transactions"][0]["body"]["arguments"]["price_cents"] += 1_000


def _receipt(block: Block) -> None:
    """What came of it: the event of an award names another price."""
    for event in block["receipts"][0]["events"]:
        event["data"]["price_cents"] = min(INTEGER_MAX, event["data"]["price_cents"] + 1_000)


def _signature(block: Block) -> None:
    """Too few have decided the block: one signature of its certificate is another one's."""
    signatures = block["record"]["commit"]["signatures"]
    signatures[0] = signatures[1]


def _edited(operation: str, edit: Callable[[Block], None]) -> Callable[[Chance, Lines], Lines]:
    """One block of such an operation is edited."""

    def falsified(chance: Chance, lines: Lines) -> Lines:
        height = chance.pick(_heights(lines, operation))
        block = decode_object(lines[height], wrapped=WRAPPED)
        edit(block)
        return [*lines[:height], encode_unchecked(block), *lines[height + 1 :]]

    return falsified


def _removed(chance: Chance, lines: Lines) -> Lines:
    """A bid that somebody wishes had never been put in: the whole block is left out."""
    height = chance.pick(_heights(lines, "bid"))
    return lines[:height] + lines[height + 1 :]


def _cut(chance: Chance, lines: Lines) -> Lines:
    """The newest blocks are kept back. What is left holds."""
    return lines[: -chance.between(CUT_MIN, CUT_MAX)]


WAYS: dict[str, Callable[[Chance, Lines], Lines]] = {
    "edited-price": _edited("reveal", _price),
    "edited-argument": _edited("reveal", _argument),
    "edited-receipt": _edited("award", _receipt),
    "removed": _removed,
    "signature": _edited("bid", _signature),
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
    blocks: dict[int, Block] = {height: decode_object(lines[height], wrapped=WRAPPED) for height in inner}
    return [
        height
        for height, block in blocks.items()
        if block["transactions"]
        and block["transactions"][0]["body"]["operation"] == operation
        and block["receipts"][0]["outcome"] == "committed"
    ]
