"""The ledger of a played story as its report reads it: only from the export, as anyone with the file can read it.

Writes are played again block by block, so that of each transaction both the records before it and after it are known, and
who might read them at that moment: asked of the contract's own read rules, as a node answers at `/v1/access`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.audit.exported import ExportedBlock, parse_export_head, parse_exported_block
from ledger.block import Write
from ledger.contract import Contract
from ledger.contract.records import read_member
from ledger.contract.refusal import Phrase
from ledger.contract.words import words_of
from ledger.encoding import decode, encode
from ledger.errors import JsonValue
from ledger.sealed import sealed_in
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateReads, StateView
from nodes.access.levels import RULES
from nodes.access.levels import Sights as Judge
from scenarios.story.story import Scenario

Fields = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Change:
    """A record that a transaction wrote: None before it was there, None after it was deleted."""

    contract: str
    collection: str
    key: str
    before: Fields | None
    after: Fields | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Members who see the same by the same rule."""

    level: str
    """`value`, or `digest`: the record with its sealed fields as digests."""
    members: tuple[str, ...]
    sentence: Phrase


@dataclass(frozen=True, slots=True)
class Sights:
    """Who sees what of one record with sealed fields."""

    collection: str
    key: str
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Where a transaction stands."""

    height: int
    id: str
    time_ms: int
    state_root: str
    proposer: str
    transactions: int
    signatures: int
    """Of validators, in the decision record."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction as it stands on the ledger."""

    block: Block
    signers: tuple[str, ...]
    changes: tuple[Change, ...]
    sights: tuple[Sights, ...]
    """Of the records with sealed fields that it wrote, after its block."""
    stored_bytes: int
    """Its envelope, receipt and writes, and its share of header and decision record."""


@dataclass(frozen=True, slots=True)
class Book:
    """The whole ledger, by transaction id."""

    ledger: str
    entries: Mapping[str, Entry]


class GrowingBook:
    """The ledger so far, of a network that goes on: each block is read once."""

    def __init__(self, scenario: Scenario, head: bytes) -> None:
        """`head` is the first line of an export."""
        self._scenario = scenario
        self._state = Overlay(StateView(MemoryStore()))
        self._entries: dict[str, Entry] = {}
        genesis = parse_export_head(head)
        for write in genesis.initial_writes():
            _put(self._state, write)
        self.book = Book(genesis.ledger, self._entries)
        """Grows by what is appended."""
        self.height = 0
        """Of the last block that was read."""

    def append(self, line: bytes) -> Mapping[str, tuple[Sights, ...]]:
        """Reads the next block, and gives who may see what its transactions wrote."""
        block = parse_exported_block(line)
        entries = _read_block(self._scenario, self._state, block, len(line))
        self._entries |= entries
        self.height = block.header.height
        return {transaction: entry.sights for transaction, entry in entries.items()}


def read_book(scenario: Scenario, lines: Iterable[bytes]) -> Book:
    """Reads an export; empty for a played story that kept none."""
    rows = iter(lines)
    first = next(rows, None)
    if first is None:
        return Book("", {})
    growing = GrowingBook(scenario, first)
    for line in rows:
        growing.append(line)
    return growing.book


def _read_block(scenario: Scenario, state: Overlay, exported: ExportedBlock, size: int) -> dict[str, Entry]:
    header = exported.header
    block = Block(
        height=header.height,
        id=header.id,
        time_ms=header.time,
        state_root=header.state_root,
        proposer=header.proposer,
        transactions=len(exported.transactions),
        signatures=sum(len(certificate.signatures) for certificate in exported.record.certificates()),
    )
    changes = [tuple(_change(state, write) for write in writes) for writes in exported.writes]
    own = [
        len(transaction.raw) + len(receipt.raw) + sum(len(write.value or b"") for write in writes)
        for transaction, receipt, writes in zip(exported.transactions, exported.receipts, exported.writes, strict=True)
    ]
    share = (size - sum(own)) // max(1, len(own))
    return {
        transaction.id: Entry(
            block, transaction.signers, changes[place], _sights(scenario, state, block, changes[place]), own[place] + share
        )
        for place, transaction in enumerate(exported.transactions)
    }


def _sights(scenario: Scenario, state: Overlay, block: Block, changes: Iterable[Change]) -> tuple[Sights, ...]:
    sights: list[Sights] = []
    for name, contract in scenario.contracts.items():
        own = [change for change in changes if change.contract == name]
        written = [(change.collection, change.key, change.after) for change in own if change.after is not None]
        sights += sights_of(scenario, contract, state, block.time_ms, block.height, written)
    return tuple(sights)


def _change(state: Overlay, write: Write) -> Change:
    """What a write changes; the state holds it afterwards."""
    place = (write.contract, write.collection, write.key)
    before, after = state.get(*place), write.value
    _put(state, write)
    return Change(*place, _fields(before), _fields(after))


def _put(state: Overlay, write: Write) -> None:
    if write.value is None:
        state.delete(write.contract, write.collection, write.key)
    else:
        state.put(write.contract, write.collection, write.key, write.value)


def _fields(value: bytes | None) -> Fields | None:
    if value is None:
        return None
    fields: Any = decode(value)
    return fields if isinstance(fields, dict) else {"": fields}


def sights_of(
    scenario: Scenario,
    contract: type[Contract],
    state: StateReads,
    time_ms: int,
    height: int,
    written: Iterable[tuple[str, str, dict[str, JsonValue]]],
) -> tuple[Sights, ...]:
    """For each record with something sealed in it what the members of the cast see at that state."""
    found: dict[tuple[str, str], Sights] = {}
    for collection, key, record in written:
        if sealed := tuple(sealed_in(record)):
            judge = Judge(
                contract=contract,
                state=state,
                record=contract.collections[collection].record.model_validate_json(encode(record)),
                sealed=sealed,
                reads="open",
                clock_ms=time_ms,
                time_ms=time_ms,
                height=height,
            )
            found[collection, key] = Sights(collection, key, _seen(scenario, contract, judge))
    return tuple(found.values())


def _seen(scenario: Scenario, contract: type[Contract], judge: Judge) -> tuple[Seen, ...]:
    """By level and rule, those who see the value first."""
    by_rule: dict[tuple[str, str], list[str]] = {}
    for name in scenario.cast:
        member = read_member(judge.state, name)
        if member is not None:
            sight = judge.of(member)
            by_rule.setdefault((sight.level, sight.rule), []).append(name)
    rules = sorted(by_rule.items(), key=lambda item: item[0][0] != "value")
    sentences = {**RULES, **words_of(contract).read_rules}
    return tuple(Seen(level, tuple(names), sentences[rule]) for (level, rule), names in rules)
