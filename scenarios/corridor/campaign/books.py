"""A ledger as its judge reads it: transactions in order with what became of them, and the records at both ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger.chain.view import ChainView
from ledger.encoding import decode_object, digest, encode
from ledger.errors import JsonValue

Row = Mapping[str, Any]
PAGE = 1_000


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

    @property
    def is_committed(self) -> bool:
        """Whether it took effect."""
        return self.code == "ok"

    def __str__(self) -> str:
        return f"{self.operation} in block {self.height}"


class Books:
    """What one honest node of a ledger holds."""

    def __init__(self, view: ChainView) -> None:
        self.view = view

    @cached_property
    def all(self) -> tuple[Done, ...]:
        """Every transaction."""
        return tuple(done for height in range(1, self.view.height + 1) for done in self._block(height))

    @cached_property
    def done(self) -> tuple[Done, ...]:
        """Those that took effect."""
        return tuple(one for one in self.all if one.is_committed)

    @cached_property
    def headers(self) -> Mapping[int, Row]:
        """By height."""
        return {height: self.view.header(height).to_json() for height in range(1, self.view.height + 1)}

    def of(self, contract: str, *operations: str) -> list[Done]:
        """What took effect of these."""
        return [one for one in self.done if one.contract == contract and one.operation in operations]

    def rows(self, contract: str, collection: str) -> dict[str, Row]:
        """The records that are left."""
        return {key: decode_object(value) for key, value in self.view.state.page(contract, collection, "", PAGE)}

    @cached_property
    def first(self) -> Mapping[tuple[str, str], Mapping[str, Row]]:
        """The records of the genesis, by contract and collection."""
        found: dict[tuple[str, str], dict[str, Row]] = {}
        for write in self.view.genesis.writes:
            value: Any = write.value
            found.setdefault((write.contract, write.collection), {})[write.key] = value
        return found

    def _block(self, height: int) -> list[Done]:
        time_ms, found = self.view.header(height).time, list[Done]()
        for envelope, receipt in zip(self.view.envelopes(height), self.view.receipts(height), strict=True):
            body: Any = decode_object(envelope)["body"]
            code = str(decode_object(receipt)["code"])
            signers = tuple(body["signers"])
            found.append(Done(height, time_ms, body["contract"], body["operation"], body["arguments"], signers, code))
        return found


def part_name(part: Mapping[str, JsonValue]) -> str:
    """What stands for the goods, or for the money, where the other part is shown."""
    return digest("deal-part", encode(dict(part)))


def deal_name(goods: str, money: str) -> str:
    """The name of a deal on both ledgers, of the names of its parts."""
    return digest("deal", encode([goods, money]))
