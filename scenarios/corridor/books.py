"""A ledger of the corridor as its judge reads it, from its export: transactions with what became of them, and the records."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.audit.exported import parse_export_head
from ledger.encoding import decode, digest, encode
from ledger.errors import JsonValue
from nodes.lab.forging import decode_line

Row = Mapping[str, Any]
Records = Mapping[tuple[str, str], dict[str, Row]]
"""By contract and collection, then by key."""


@dataclass(frozen=True, slots=True)
class Done:
    """A transaction in a block."""

    height: int
    time_ms: int
    contract: str
    operation: str
    arguments: Row
    signers: tuple[str, ...]
    code: str
    events: tuple[tuple[str, Row], ...]
    writes: tuple[Row, ...]

    @property
    def is_committed(self) -> bool:
        """Whether it took effect."""
        return self.code == "ok"

    def __str__(self) -> str:
        return f"{self.operation} in block {self.height}"


class Books:
    """One branch of a ledger."""

    def __init__(self, export: tuple[bytes, ...]) -> None:
        self.genesis = parse_export_head(export[0])
        self.blocks: list[Any] = [decode_line(line) for line in export[1:]]

    @cached_property
    def all(self) -> tuple[Done, ...]:
        """Every transaction, in order."""
        return tuple(done for block in self.blocks for done in _done(block))

    @cached_property
    def done(self) -> tuple[Done, ...]:
        """Those that took effect."""
        return tuple(one for one in self.all if one.is_committed)

    @cached_property
    def headers(self) -> Mapping[int, Row]:
        """By height."""
        return {block["header"]["height"]: block["header"] for block in self.blocks}

    def of(self, contract: str, *operations: str) -> list[Done]:
        """What took effect of these."""
        return [one for one in self.done if one.contract == contract and one.operation in operations]

    @cached_property
    def first(self) -> Records:
        """The records of the genesis."""
        found: defaultdict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for write in self.genesis.writes:
            value: Any = write.value
            found[write.contract, write.collection][write.key] = value
        return found

    @cached_property
    def last(self) -> Records:
        """The records that are left."""
        found = defaultdict(dict, {place: dict(rows) for place, rows in self.first.items()})
        for write in (write for one in self.done for write in one.writes):
            value: Any = None if write["value"] is None else decode(write["value"].encode())
            rows = found[write["contract"], write["collection"]]
            rows.pop(write["key"], None)
            rows |= {} if value is None else {write["key"]: value}
        return found

    def rows(self, contract: str, collection: str) -> dict[str, Row]:
        """Of one collection."""
        return self.last.get((contract, collection), {})


def part_name(part: Mapping[str, JsonValue]) -> str:
    """What stands for the goods of a deal, or for its money, where the other part is shown."""
    return digest("deal-part", encode(dict(part)))


def deal_name(goods: str, money: str) -> str:
    """The name of a deal on both ledgers, of the names of its parts."""
    return digest("deal", encode([goods, money]))


def _done(block: Any) -> Iterator[Done]:
    header = block["header"]
    for sent, receipt, writes in zip(block["transactions"], block["receipts"], block["writes"], strict=True):
        body = sent["body"]
        yield Done(
            height=header["height"],
            time_ms=header["time"],
            contract=body["contract"],
            operation=body["operation"],
            arguments=body["arguments"],
            signers=tuple(body["signers"]),
            code=receipt["code"],
            events=tuple((event["name"], event["data"]) for event in receipt["events"]),
            writes=tuple(writes),
        )
