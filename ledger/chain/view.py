"""What a node answers from: lookups, and with each answer the proof that leads from the value to the genesis.

A proof is JSON: `format`, `kind`, `ledger`, what is claimed, its Merkle path, the header, the commit certificate, and
`trust`: header, certificate and new set at each validator change since the genesis. `ledger/light_client` verifies it.
The state at height 0 has neither header nor certificate: it follows from the genesis itself. Who holds the validators
after height `trust_from` already asks for the changes above it alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from ledger import merkle
from ledger.block import Write, writes_to_json
from ledger.chain.initial import initial_tree
from ledger.chain.lookup import Lookup
from ledger.chain.tables import EVENT_BLOCKS, TRUST_STEPS, WriteKey, height_of_row
from ledger.encoding import decode, decode_object, encode_unchecked
from ledger.errors import JsonValue, MalformedError, NotFoundError, PrunedError
from ledger.primitives import Digest
from ledger.state.history_tree import HistoryTree
from ledger.state.map_proof import key_digest
from ledger.state.overlay import state_key
from ledger.state.store import big_endian
from ledger.state.tree import StateTree

PROOF_FORMAT = "tallystick-proof-1"
EXPORT_FORMAT = "tallystick-export-1"
WRAPPED = 3
"""Levels that a proof or an export puts around a value at most: pass it to `encoding` to read them."""

Json = dict[str, JsonValue]


class ChainView(Lookup):
    """Lookups with proofs and the export."""

    def prove_state(self, contract: str, collection: str, key: str, trust_from: int = 0) -> Json:
        """That a state key holds its value, or that it holds none (kind `absence`)."""
        value = self.state.get(contract, collection, key)
        claim: Json = {"contract": contract, "collection": collection, "key": key}
        if value is not None:
            claim["value"] = decode(value)
        path = StateTree(self.reader).prove(key_digest(state_key(contract, collection, key)))
        return self._proof("absence" if value is None else "state", self.height, claim, path.to_json(), trust_from)

    def prove_rows(self, contract: str, collection: str, rows: Iterable[tuple[str, bytes]], trust_from: int = 0) -> Json:
        """That these keys hold these values now, in order of keys; nothing is said of the rows between them."""
        tree, proved = StateTree(self.reader), list[JsonValue]()
        for key, value in sorted(rows):
            path = tree.prove(key_digest(state_key(contract, collection, key)))
            proved.append({"key": key, "value": decode(value), "path": path.to_json()})
        claim: Json = {"contract": contract, "collection": collection, "rows": proved}
        return self._proof("rows", self.height, claim, [], trust_from)

    def prove_history(self, contract: str, collection: str, key: str, heights: Iterable[int], trust_from: int = 0) -> Json:
        """That a transaction of the block of each height, newest first, wrote the key; height 0 is the genesis."""
        entries: JsonValue = [self._history_entry((contract, collection, key), height) for height in heights]
        claim: Json = {"contract": contract, "collection": collection, "key": key, "entries": entries}
        return self._proof("history", self.height, claim, [], trust_from)

    def prove_transaction(self, transaction: Digest, trust_from: int = 0) -> Json:
        """That a block holds the envelope; raises NotFoundError `no-such-transaction`."""
        height, position = self._place(transaction)
        return self._proof("transaction", height, *_leaf(self.envelopes(height), position), trust_from)

    def prove_receipt(self, transaction: Digest, trust_from: int = 0) -> Json:
        """What became of a transaction; raises NotFoundError `no-such-transaction`."""
        height, position = self._place(transaction)
        return self._proof("receipt", height, *_leaf(self.receipts(height), position), trust_from)

    def prove_block(self, height: int, trust_from: int = 0) -> Json:
        """That the validators decided this header; raises NotFoundError `no-such-block`."""
        return self._proof("block", self.header(height).height, {}, [], trust_from)

    def prove_validators(self, height: int, trust_from: int = 0) -> Json:
        """Who votes on the block of a height: the header before it says so, the genesis for block 1."""
        claim: Json = {"validators": self.validators_at(height).to_json()}
        return self._proof("validators", height - 1, claim, [], trust_from)

    def trust(self, after: int = 0, before: int | None = None) -> list[JsonValue]:
        """Header, certificate and new set at each validator change above height `after` (and below `before`)."""
        steps: list[JsonValue] = []
        for height in self.validator_changes(after):
            if before is not None and height >= before:
                break
            steps.append(self._trust_step(height))
        return steps

    def consistency(self, first: int, second: int, trust_from: int = 0) -> Json:
        """That the block of height `first` and all before it belong to the history of the block of height `second`."""
        earlier, later = self.header(first), self.header(second)
        if first > second:
            raise NotFoundError("no-such-block", f"Block {first} is not before block {second}.")
        tree = HistoryTree(self.reader, self.height + 1)
        claim: Json = {
            "first": earlier.to_json(),
            "inclusion": _hex(tree.inclusion(first, second)) if first < second else [],
        }
        return self._proof("consistency", later.height, claim, _hex(tree.consistency(first, second)), trust_from)

    def events(self, after: str, limit: int) -> tuple[list[Json], str]:
        """Contract events from a cursor on, and the cursor to go on from.

        A cursor is `height.position.index` of the next event to give; empty means from the start. The `cursor` of a
        row is where reading goes on after that row.
        """
        first, position, index = parse_cursor(after)
        if first < self.first:  # check: events-pruned
            raise PrunedError("pruned", f"Events are kept from block {self.first} on here.", first=self.first)
        rows: list[Json] = []
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

    def events_of(self, height: int) -> Iterator[tuple[tuple[int, int], Json]]:
        """(position, index) and row of each event of a block."""
        time = self.header(height).time
        for position, raw in enumerate(self.receipts(height)):
            receipt: Any = decode_object(raw)
            for index, event in enumerate(receipt["events"]):
                place: Json = {"height": height, "time": time, "position": position, "index": index}
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
        """One block with receipts, writes by transaction and decision record, on canonical bytes."""
        return b'{"header":%b,"receipts":[%b],"record":%b,"transactions":[%b],"writes":[%b]}' % (
            self.header(height).raw,
            b",".join(self.receipts(height)),
            self.record_bytes(height),
            b",".join(self.envelopes(height)),
            b",".join(self.write_lines(height)),
        )

    def _trust_step(self, height: int) -> JsonValue:
        """Of a validator change; where the chain began with a state snapshot above it, as that told it."""
        told = self.reader.get(TRUST_STEPS, big_endian(height))
        if told is not None:
            return decode(told, wrapped=WRAPPED)
        return {**self._decided(height), "validators": self.validators_at(height + 1).to_json()}

    def _history_entry(self, name: WriteKey, height: int) -> Json:
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
        return initial_tree(self.genesis)

    def _proof(self, kind: str, height: int, claim: Json, path: JsonValue, trust_from: int) -> Json:
        decided: Json = self._decided(height) if height else {"header": None, "certificate": None}
        frame: Json = {"format": PROOF_FORMAT, "kind": kind, "ledger": self.ledger}
        return {**frame, **claim, "path": path, **decided, "trust": self.trust(trust_from, height)}

    def _decided(self, height: int) -> Json:
        return {"header": self.header(height).to_json(), "certificate": self.record(height).commit.to_json()}

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


def _leaf(leaves: Sequence[bytes], position: int) -> tuple[Json, JsonValue]:
    """A leaf with its place, and its path to the root of all."""
    claim: Json = {"index": position, "size": len(leaves), "value": decode(leaves[position])}
    return claim, _hex(merkle.inclusion_proof(leaves, position))


def _name(write: Write) -> WriteKey:
    return write.contract, write.collection, write.key


def _hex(hashes: Sequence[bytes]) -> JsonValue:
    return [value.hex() for value in hashes]


def _text(value: str) -> bytes:
    return encode_unchecked(value)
