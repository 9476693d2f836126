"""Read access to a chain: lookups, and for each value the proof that leads from it to the genesis.

A proof is JSON: `format`, `kind`, `ledger`, what is claimed, its Merkle path, the header, the commit certificate, and
`trust`: header, certificate and new set at each validator change since the genesis. `ledger/verify` verifies it.
The state at height 0 has neither header nor certificate: it follows from the genesis itself. A reader that knows the
validators after height `trust_from` asks only for the changes above it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from ledger import merkle
from ledger.block import Header, Write, parse_header, parse_writes, tree_changes, writes_to_json
from ledger.certificate import DecisionRecord
from ledger.chain import tables
from ledger.chain.tables import EVENT_BLOCKS, TRUST_STEPS, WriteKey, height_of_row
from ledger.contract.records import read_parameters
from ledger.encoding import decode, decode_object, encode_unchecked
from ledger.errors import JsonObject, JsonValue, MalformedError, NotFoundError, PrunedError
from ledger.genesis import Genesis
from ledger.identity.records import Parameters, ValidatorSet
from ledger.primitives import INTEGER_MAX, Digest
from ledger.proof_paths import WRAPPED
from ledger.state.history_tree import HistoryTree
from ledger.state.map_proof import key_digest, state_key
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import StateView
from ledger.state.store import Batch, Reader, big_endian, damaged, rows_of
from ledger.state.tree import StateTree
from ledger.transaction import parse_transaction
from ledger.verify.proof import PROOF_FORMAT

EXPORT_FORMAT = "tallystick-export-1"
BLOCKS_A_SCAN = 200
"""How many rows of blocks are fetched at a time."""
VERSION_COST_ROWS = 20
"""Cost of looking at an earlier version of a key, in rows of the state."""


ANY = b"\ncontract "
"""Bytes that the row of every block with a transaction contains."""


class ChainView:
    """Reads of one chain, with their proofs. Heights run from 0, the genesis, to `height`, the last block."""

    def __init__(self, reader: Reader, genesis: Genesis | None = None) -> None:
        self.reader = reader
        if genesis is not None:
            self.__dict__["genesis"] = genesis

    @cached_property
    def genesis(self) -> Genesis:
        """The genesis; raises StorageError `no-ledger` if the store holds none."""
        return tables.read_genesis(self.reader)

    @property
    def ledger(self) -> Digest:
        """The ledger id."""
        return self.genesis.ledger

    @property
    def height(self) -> int:
        """Height of the last block, 0 before the first."""
        return tables.read_height(self.reader)

    @property
    def head(self) -> Header | None:
        """Header of the last block, None before the first."""
        return tables.read_head(self.reader)

    @property
    def first(self) -> int:
        """Height of the first block whose receipts and record are here: 1, unless the chain began with a state snapshot."""
        return tables.read_first(self.reader)

    @property
    def pruned(self) -> int:
        """Height up to which bodies and writes are gone, 0 if all are here."""
        return tables.read_pruned(self.reader)

    @property
    def complete_from_ms(self) -> int:
        """From this block time on, the id of every transaction of every block is known here; older ones have expired for good.

        A transaction whose `expires` less the present lifetime is this time or later is known as well, even if the lifetime was
        longer when it was signed.
        """
        row = self.reader.get(tables.META, tables.LIFETIME)
        if row is None:
            return self.genesis.time_ms
        shortened_ms = tables.height_of_row(row) - self.parameters().transaction_lifetime_max_ms
        return self.header(self.first - 1).time + 1 + max(0, shortened_ms)

    def verify_whole(self, after: int = 0) -> None:
        """Raises PrunedError `pruned` unless every block above that height is here with its body."""
        pruned = self.pruned
        if pruned > after:  # check: export-whole
            raise tables.gone(f"The bodies of the blocks up to {pruned}", pruned + 1)

    @property
    def state(self) -> StateView:
        """The state after the last block."""
        return StateView(self.reader)

    def header(self, height: int) -> Header:
        """Header of a block; raises NotFoundError `no-such-block`, also for height 0, or PrunedError."""
        return tables.read_header(self.reader, height)

    def headers(self, after: int, limit: int) -> list[Header]:
        """Headers of the blocks above a height, lowest first."""
        first = min(after, INTEGER_MAX) + 1
        if first < self.first:  # check: headers-pruned
            raise tables.no_block(self.reader, first, tables.BLOCKS)
        rows = self.reader.scan(tables.BLOCKS, big_endian(first), big_endian(first + limit), limit)
        expected = range(first, min(first + limit, self.height + 1))
        if [key for key, _ in rows] != [*map(big_endian, expected)]:  # check: headers-present
            raise damaged(f"a header of the blocks {first} to {expected.stop - 1} is missing")
        return [parse_header(data) for _, data in rows]

    def time_ms(self) -> int:
        """Time of the last block, or of the genesis."""
        head = self.head
        return self.genesis.time_ms if head is None else head.time

    def next_time_ms(self, now_ms: int) -> int:
        """The time of a fresh block by that clock, always after the last block. Certificates and tokens are judged by it."""
        return max(now_ms, self.time_ms() + 1)

    def height_of(self, block: Digest) -> int | None:
        """Height of the block with this id; 0 for the ledger id."""
        if block == self.ledger:
            return 0
        row = self.reader.get(tables.BLOCK_HEIGHTS, tables.digest_key(block))
        return None if row is None else tables.height_of_row(row)

    def block_id(self, height: int) -> Digest:
        """Id of the block of a height; the ledger id for 0."""
        return self.header(height).id if height else self.ledger

    def envelopes(self, height: int) -> list[bytes]:
        """Canonical envelopes of a block in order."""
        return tables.read_envelopes(self.reader, height)

    def receipts(self, height: int) -> list[bytes]:
        """Canonical receipts of a block in order of its transactions."""
        return tables.split_lines(tables.read_of_block(self.reader, tables.RECEIPTS, height))

    def writes(self, height: int) -> tuple[tuple[Write, ...], ...]:
        """Writes of a block by transaction; at height 0 one list, the initial state."""
        return tuple(parse_writes(decode(part)) for part in tables.read_write_lines(self.reader, height))

    def write_lines(self, height: int) -> list[bytes]:
        """The writes of each transaction of a block, as canonical bytes."""
        return tables.read_write_lines(self.reader, height)

    def record_bytes(self, height: int) -> bytes:
        """Canonical decision record of a block."""
        return tables.read_of_block(self.reader, tables.RECORDS, height)

    def record(self, height: int) -> DecisionRecord:
        """Decision record of a block."""
        return tables.read_record(self.reader, height)

    def place(self, transaction: Digest) -> tables.Place | None:
        """Height and position of a transaction, None if no block holds it."""
        return tables.read_place(self.reader, transaction)

    def history(
        self, contract: str, collection: str, key: str, limit: int = 100, before: int | None = None
    ) -> list[tuple[int, bytes | None]]:
        """What a key held, as (height of the write, value or None), newest first.

        `before` continues below the last height of an earlier answer; raises MalformedError `bad-cursor` for any other.
        """
        return list(islice(self.versions(contract, collection, key, before), limit))

    def versions(self, contract: str, collection: str, key: str, before: int | None = None) -> Iterator[tuple[int, bytes | None]]:
        """Like `history`, without a limit: follows the linked list of a key's writes."""
        height = self.state.last_height(contract, collection, key) if before is None else before
        while height is not None:
            write = _find_write(tables.read_of_block(self.reader, tables.WRITES, height), contract, collection, key)
            if write is None and height == before:  # check: history-cursor
                raise MalformedError("bad-cursor", f"Block {height} does not write this key: give `next` of an earlier answer.")
            if write is None:
                raise damaged(f"block {height} does not say what it writes under ({contract}, {collection}, {key})")
            value, previous = write
            if height != before:
                yield height, value
            height = previous

    def rows_at(self, height: int, contract: str, collection: str, after: str) -> Iterator[tuple[str, bytes | None, int]]:
        """The collection as it stood after the block of a height, behind a key: keys in order, values, and cost in rows.

        A value of None is a step without a result: a key deleted or not yet written, or a later version. The sum of the costs
        bounds the work.
        """
        for key, written, value in self.state.rows(contract, collection, after, BLOCKS_A_SCAN):
            if written <= height:
                yield key, value, 1
                continue
            yield key, None, VERSION_COST_ROWS
            for earlier, old in self.versions(contract, collection, key, written):
                yield key, old if earlier <= height else None, VERSION_COST_ROWS
                if earlier <= height:
                    break

    def first_height_since(self, time_ms: int) -> int:
        """Height of the first block of this time or later, 0 for the genesis, one above the last block if there is none."""
        return bisect_left(range(self.height + 1), time_ms, self.first - 1, key=self.time_of)

    def time_of(self, height: int) -> int:
        """Time of a block in milliseconds, of the genesis for 0."""
        return self.header(height).time if height else self.genesis.time_ms

    def validators_at(self, height: int) -> ValidatorSet:
        """Who votes on the block of a height, from 1 to one above the last block."""
        if not 1 <= height <= self.height + 1:
            raise NotFoundError("no-such-block", f"There is no validator set for height {height} yet.", height=height)
        name = self.genesis.validator_set.digest if height == 1 else self.header(height - 1).next_validators
        return tables.read_validator_set(self.reader, name)

    def validator_changes(self, after: int) -> Iterator[int]:
        """Heights above `after` whose block names another set for the next height, lowest first."""
        rows = rows_of(self.reader, tables.VALIDATOR_CHANGES, big_endian(after + 1), b"\xff" * 8, BLOCKS_A_SCAN)
        return (height_of_row(key) for key, _ in rows)

    def parameters(self) -> Parameters:
        """The parameters in force for the next block."""
        return read_parameters(self.state)

    def prove_state(self, contract: str, collection: str, key: str, trust_from: int = 0) -> JsonObject:
        """That a state key holds its value, or that it holds none (kind `absence`)."""
        value = self.state.get(contract, collection, key)
        claim: JsonObject = {"contract": contract, "collection": collection, "key": key}
        if value is not None:
            claim["value"] = decode(value)
        path = StateTree(self.reader).prove(key_digest(state_key(contract, collection, key)))
        return self._proof("absence" if value is None else "state", self.height, claim, path.to_json(), trust_from)

    def prove_rows(self, contract: str, collection: str, rows: Iterable[tuple[str, bytes]], trust_from: int = 0) -> JsonObject:
        """That these keys hold these values now, in order of keys; nothing is said of the rows between them."""
        tree, proved = StateTree(self.reader), list[JsonValue]()
        for key, value in sorted(rows):
            path = tree.prove(key_digest(state_key(contract, collection, key)))
            proved.append({"key": key, "value": decode(value), "path": path.to_json()})
        claim: JsonObject = {"contract": contract, "collection": collection, "rows": proved}
        return self._proof("rows", self.height, claim, [], trust_from)

    def prove_history(self, contract: str, collection: str, key: str, heights: Iterable[int], trust_from: int = 0) -> JsonObject:
        """That a transaction of the block of each height, newest first, wrote the key; height 0 is the genesis."""
        entries: JsonValue = [self._history_entry((contract, collection, key), height) for height in heights]
        claim: JsonObject = {"contract": contract, "collection": collection, "key": key, "entries": entries}
        return self._proof("history", self.height, claim, [], trust_from)

    def prove_transaction(self, transaction: Digest, trust_from: int = 0) -> JsonObject:
        """That a block holds the envelope; raises NotFoundError `no-such-transaction`."""
        height, position = self._place(transaction)
        return self._proof("transaction", height, *_leaf(self.envelopes(height), position), trust_from)

    def prove_receipt(self, transaction: Digest, trust_from: int = 0) -> JsonObject:
        """That the block that holds a transaction has this receipt for it; raises NotFoundError `no-such-transaction`."""
        height, position = self._place(transaction)
        return self._proof("receipt", height, *_leaf(self.receipts(height), position), trust_from)

    def prove_block(self, height: int, trust_from: int = 0) -> JsonObject:
        """That the validators decided this header; raises NotFoundError `no-such-block`."""
        return self._proof("block", self.header(height).height, {}, [], trust_from)

    def prove_validators(self, height: int, trust_from: int = 0) -> JsonObject:
        """Who votes on the block of a height: the header before it says so, the genesis for block 1."""
        claim: JsonObject = {"validators": self.validators_at(height).to_json()}
        return self._proof("validators", height - 1, claim, [], trust_from)

    def trust(self, after: int = 0, before: int | None = None) -> list[JsonValue]:
        """Header, certificate and new set at each validator change above height `after` (and below `before`)."""
        steps: list[JsonValue] = []
        for height in self.validator_changes(after):
            if before is not None and height >= before:
                break
            steps.append(self._trust_step(height))
        return steps

    def consistency(self, first: int, second: int, trust_from: int = 0) -> JsonObject:
        """That the block of height `first` and all before it belong to the history of the block of height `second`."""
        earlier, later = self.header(first), self.header(second)
        if first > second:
            raise NotFoundError("no-such-block", f"Block {first} is not before block {second}.")
        tree = HistoryTree(self.reader, self.height + 1)
        claim: JsonObject = {
            "first": earlier.to_json(),
            "inclusion": _hex(tree.inclusion(first, second)) if first < second else [],
        }
        return self._proof("consistency", later.height, claim, _hex(tree.consistency(first, second)), trust_from)

    def events(self, after: str, limit: int) -> tuple[list[JsonObject], str]:
        """Contract events from a cursor on, and the cursor to go on from.

        A cursor is `height.position.index` of the next event to give; empty means from the start. The `cursor` of a
        row is where reading goes on after that row.
        """
        first, position, index = parse_cursor(after)
        if first < self.first:  # check: events-pruned
            raise PrunedError("pruned", f"Events are kept from block {self.first} on here.", first=self.first)
        rows: list[JsonObject] = []
        end = self.height + 1
        # One block more than rows: the cursor may lie behind the last event of the first.
        for key, _ in self.reader.scan(EVENT_BLOCKS, big_endian(first), big_endian(end), limit + 1):
            height = height_of_row(key)
            start = (position, index) if height == first else (0, 0)
            rows += [row for place, row in self.events_of(height) if place >= start]
            if len(rows) >= limit:
                rows = rows[:limit]
                return rows, str(rows[-1]["cursor"])
        return rows, f"{end}.0.0" if end > first else after

    def events_of(self, height: int) -> Iterator[tuple[tuple[int, int], JsonObject]]:
        """(position, index) and row of each event of a block."""
        time = self.header(height).time
        for position, raw in enumerate(self.receipts(height)):
            receipt: Any = decode_object(raw)
            for index, event in enumerate(receipt["events"]):
                place: JsonObject = {"height": height, "time": time, "position": position, "index": index}
                cursor = f"{height}.{position}.{index + 1}"
                yield (position, index), {"cursor": cursor, **place, "transaction": receipt["transaction"], **event}

    def export(self) -> Iterator[bytes]:
        """The whole ledger, a line each without its newline: the genesis, then every block; raises PrunedError."""
        self.verify_whole()
        genesis = self.genesis.encode()
        yield b'{"format":%b,"genesis":%b,"ledger":%b}' % (_text(EXPORT_FORMAT), genesis, _text(self.ledger))
        for height in range(1, self.height + 1):
            yield self.export_block(height)

    def export_block(self, height: int) -> bytes:
        """One block with receipts, writes by transaction and decision record, as canonical bytes."""
        return b'{"header":%b,"receipts":[%b],"record":%b,"transactions":[%b],"writes":[%b]}' % (
            self.header(height).raw,
            b",".join(self.receipts(height)),
            self.record_bytes(height),
            b",".join(self.envelopes(height)),
            b",".join(self.write_lines(height)),
        )

    def _trust_step(self, height: int) -> JsonValue:
        """The step of a validator change, as the state snapshot gave it if the chain began above that change."""
        from_snapshot = self.reader.get(TRUST_STEPS, big_endian(height))
        if from_snapshot is not None:
            return decode(from_snapshot, wrapped=WRAPPED)
        return {**self._decided(height), "validators": self.validators_at(height + 1).to_json()}

    def _history_entry(self, name: WriteKey, height: int) -> JsonObject:
        if height == 0:
            value = next(w.value for w in self.genesis.initial_writes() if _name(w) == name)
            assert value is not None
            return {"value": decode(value), "path": self._initial_tree.prove(key_digest(state_key(*name))).to_json()}
        parts = self.writes(height)
        position = max(position for position, part in enumerate(parts) if any(_name(w) == name for w in part))
        claim, path = _leaf(self.receipts(height), position)
        tree = HistoryTree(self.reader, self.height + 1)
        return {
            "header": self.header(height).to_json(),
            "inclusion": _hex(tree.inclusion(height, self.height)) if height < self.height else [],
            "receipt": claim.pop("value"),
            **claim,
            "path": path,
            "writes": writes_to_json(parts[position]),
        }

    @cached_property
    def _initial_tree(self) -> StateTree:
        store, batch = MemoryStore(), Batch()
        StateTree(store).update(tree_changes(self.genesis.initial_writes())).write_to(batch)
        store.commit(batch)
        return StateTree(store)

    def _proof(self, kind: str, height: int, claim: JsonObject, path: JsonValue, trust_from: int) -> JsonObject:
        decided: JsonObject = self._decided(height) if height else {"header": None, "certificate": None}
        frame: JsonObject = {"format": PROOF_FORMAT, "kind": kind, "ledger": self.ledger}
        return {**frame, **claim, "path": path, **decided, "trust": self.trust(trust_from, height)}

    def _decided(self, height: int) -> JsonObject:
        certificate = decode_object(self.record_bytes(height))["commit"]  # as it was written; whoever reads the proof judges it
        return {"header": self.header(height).to_json(), "certificate": certificate}

    def _place(self, transaction: Digest) -> tuple[int, int]:
        place = self.place(transaction)
        if place is None:
            raise NotFoundError("no-such-transaction", f"No block holds transaction {transaction}.", transaction=transaction)
        return place


def parse_cursor(cursor: str) -> tuple[int, int, int]:
    """Height, position and index of the next event; raises MalformedError `bad-cursor`."""
    parts = cursor.split(".") if cursor else ["1", "0", "0"]
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        raise MalformedError("bad-cursor", "A cursor of events is height.position.index, as an answer gave it.")
    height, position, index = map(int, parts)
    return max(height, 1), position, index


def _find_write(row: bytes, contract: str, collection: str, key: str) -> tuple[bytes | None, int | None] | None:
    """From a row of `WRITES`: the block's last value under a key and the height of the write before; None if it wrote none."""
    first, *parts = tables.split_lines(row)
    needle = b'"key":%b,' % encode_unchecked(key)
    for part in reversed(parts):
        for write in reversed(parse_writes(decode(part)) if needle in part else ()):
            if (write.contract, write.collection, write.key) == (contract, collection, key):
                return write.value, _height_before(first, state_key(contract, collection, key).decode())
    return None


def _height_before(first: bytes, name: str) -> int | None:
    pairs: list[tuple[str, int]] = decode(first)  # type: ignore[assignment]
    return dict(pairs).get(name)


def _leaf(leaves: Sequence[bytes], position: int) -> tuple[JsonObject, JsonValue]:
    """The claim (a leaf with index and size), and its path to the root."""
    claim: JsonObject = {"index": position, "size": len(leaves), "value": decode(leaves[position])}
    return claim, _hex(merkle.inclusion_proof(leaves, position))


def _name(write: Write) -> WriteKey:
    return write.contract, write.collection, write.key


def _hex(hashes: Sequence[bytes]) -> JsonValue:
    return [value.hex() for value in hashes]


def _text(value: str) -> bytes:
    return encode_unchecked(value)


def heights_with(
    reader: Reader, terms: Sequence[str], first: int, end: int, descending: bool = False
) -> Iterator[tuple[int, bool]]:
    """Heights from `first` to below `end`, each with whether its block may hold a transaction with all of these terms.

    Without terms: whether it holds any transaction.
    """
    needles = [f"\n{term}\n".encode() for term in terms] or [ANY]
    while first < end:
        low, high = (max(first, end - BLOCKS_A_SCAN), end) if descending else (first, min(end, first + BLOCKS_A_SCAN))
        rows = dict(reader.scan(tables.TERMS, big_endian(low), big_endian(high), BLOCKS_A_SCAN))
        for height in reversed(range(low, high)) if descending else range(low, high):
            row = rows.get(big_endian(height))
            yield height, row is None or all(needle in row for needle in needles)
        first, end = (first, low) if descending else (high, end)


def rebuild_terms(view: ChainView) -> Iterator[Batch]:
    """Batches that add the rows of `TERMS` to a database from before there were any; none if the newest block has its row.

    A block whose body was pruned gets no row.
    """
    if view.height == 0 or view.reader.get(tables.TERMS, big_endian(view.height)) is not None:
        return
    batch = Batch()
    for height in range(max(view.first, view.pruned + 1), view.height + 1):
        transactions, receipts = map(parse_transaction, view.envelopes(height)), map(decode_object, view.receipts(height))
        batch.put(tables.TERMS, big_endian(height), tables.block_terms(transactions, receipts))
        if height % BLOCKS_A_SCAN == 0:
            yield batch
            batch = Batch()
    if batch.writes:
        yield batch
