"""Reads `tallystick-snapshot-1` into an empty store: checks every line, from the genesis that the operator pinned.

What is trusted: the genesis, and that at each height since then at most f validators lied. The newest header is the
snapshot's word: it is certified, but there may be newer blocks, which the node fetches as any other does. The rows are
written while they are checked, and a store is a ledger only after its last row, the genesis, is: whoever calls keeps
the file aside until `read_snapshot` returned, and throws it away if it raised.

A node that begins here cannot take a transaction again that was in a block before: the ids of all blocks that are young
enough are here (rules 3 and 5; `chain/retention` says why the others do not matter). It has no voting mark, so it does not vote
before it has asked the others how far its key may have signed (`nodes/replica/recovery`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.block import Header, parse_header
from ledger.certificate import Domain, parse_record, verify_record
from ledger.chain import tables
from ledger.chain.candidate import put_validators, receipts_root
from ledger.chain.genesis import Genesis
from ledger.chain.proof import parse_hashes, parse_proof
from ledger.chain.retention import longest_lifetime_ms
from ledger.chain.view import WRAPPED
from ledger.encoding import decode, decode_object, encode_unchecked
from ledger.errors import InputError, JsonValue, MalformedError, RefusedError, VerificationError
from ledger.identity.records import ValidatorSet
from ledger.keys import SUITES
from ledger.light_client import verify_proof
from ledger.primitives import NAME, Digest, is_digest
from ledger.snapshot.writer import FORMAT
from ledger.state.history_tree import HistoryTree
from ledger.state.map_proof import key_digest
from ledger.state.overlay import StateView, put_state, state_key
from ledger.state.store import Batch, Store, big_endian
from ledger.state.tree import StateTree

HEAD_FIELDS = frozenset({"format", "genesis", "history", "ledger", "proof"})
BLOCK_FIELDS = frozenset({"header", "receipts", "record"})
ROWS_A_BATCH = 20_000


def read_snapshot(lines: Iterable[bytes], genesis: Genesis, store: Store) -> Header:
    """Fills the empty store and returns the header it begins with; raises VerificationError `broken-snapshot`.

    The details name the rule, the line and the cause.
    """
    reader = SnapshotReader(genesis, store)
    for line in lines:
        reader.feed(line)
    return reader.end()


class SnapshotReader:
    """Takes a snapshot line by line; each part says what takes the next line."""

    def __init__(self, genesis: Genesis, store: Store) -> None:
        self.genesis = genesis
        self.store = store
        self.line = 0
        self.rule = "head"
        self._take: Callable[[bytes], None] = self._take_head
        self._batch = Batch()
        self._tree = StateTree(store)
        self._changes: dict[bytes, bytes | None] = {}
        self._last_key = b""

    def feed(self, line: bytes) -> None:
        """Takes the next line; raises VerificationError `broken-snapshot`."""
        self.line += 1
        try:
            self._take(line)
        except (InputError, VerificationError, RefusedError) as error:
            raise self._broken(error) from error

    def end(self) -> Header:
        """What can only be said of the whole; then the store holds a ledger."""
        try:
            self._finish()
        except (InputError, VerificationError) as error:
            raise self._broken(error) from error
        self.store.commit(self._last_batch())
        return self.target

    def _broken(self, error: InputError | VerificationError | RefusedError) -> VerificationError:
        details: dict[str, JsonValue] = {"rule": self.rule, "line": self.line, "cause": error.code}
        return VerificationError("broken-snapshot", f"Line {self.line} ({self.rule}): {error.message}", **details)

    def _take_head(self, line: bytes) -> None:
        # 1. It is a snapshot of the ledger of the pinned genesis.
        fields = decode_object(line, wrapped=WRAPPED + 2)
        if fields.keys() != HEAD_FIELDS or fields["format"] != FORMAT:  # check: snapshot-format
            raise MalformedError("bad-snapshot", f"A snapshot begins with an object of format {FORMAT}.")
        self.rule = "genesis"
        pinned = (self.genesis.ledger, self.genesis.encode())
        if (fields["ledger"], encode_unchecked(fields["genesis"])) != pinned:  # check: snapshot-genesis
            raise VerificationError("wrong-ledger", f"The snapshot is not of ledger {self.genesis.ledger}.")
        # 2. Its newest header was certified by the validators that the genesis, change by change, leads to.
        self.rule = "certificate"
        proof = parse_proof(fields["proof"])
        fact = verify_proof(fields["proof"], self.genesis)
        if proof.kind != "validators" or proof.decided is None:  # check: snapshot-proof-kind
            raise MalformedError("bad-snapshot", "The proof of a snapshot is of kind `validators` and has a header.")
        self.target = proof.decided.header
        self._sets: list[tuple[int, ValidatorSet]] = [(0, self.genesis.validator_set)]
        self._sets += [(point.height, point.validators) for point in fact.learned]
        self._next = tables.parse_validators(proof.claim["validators"])
        self._trust: Any = fields["proof"]
        self._peaks = parse_hashes(fields["history"])
        self.rule, self._take = "blocks", self._take_first_block

    def _take_first_block(self, line: bytes) -> None:
        """Block 1, or the header of the block before the first: in each case the history goes on from there."""
        fields = decode_object(line, wrapped=WRAPPED)
        self._before: Header | None = parse_header(encode_unchecked(fields["header"])) if fields.keys() == {"header"} else None
        self._parent = self._before
        base = 0 if self._before is None else self._before.height
        self._history = HistoryTree(self.store, base).begun_with(self._peaks, self._batch)
        if self._history is None:  # check: snapshot-peaks
            raise MalformedError("bad-snapshot", f"A history of {base} blocks has another number of complete subtrees.")
        self._take = self._take_block
        if self._before is None:
            self._append(self.genesis.ledger)
            self._take_block(line)
        else:
            self._batch.put(tables.BLOCKS, big_endian(base), self._before.raw)
            self._append(self._before.id)

    def _take_block(self, line: bytes) -> None:
        # 3. Each block continues the one before, has exactly its receipts, and was decided by the validators of its height.
        fields = decode_object(line, wrapped=WRAPPED)
        if fields.keys() != BLOCK_FIELDS:
            raise MalformedError("bad-snapshot", f"A line of a block has exactly {sorted(BLOCK_FIELDS)}.")
        header = parse_header(encode_unchecked(fields["header"]))
        height, parent = (0, self.genesis.ledger) if self._parent is None else (self._parent.height, self._parent.id)
        if (header.height, header.parent) != (height + 1, parent):  # check: snapshot-parent
            raise VerificationError("wrong-parent", f"Block {header.height} does not continue block {height}.")
        receipts = [encode_unchecked(receipt) for receipt in _list(fields["receipts"])]
        if header.receipts_root != receipts_root(receipts):  # check: snapshot-receipts
            raise VerificationError("wrong-receipts-root", f"The receipts are not those of block {header.height}.")
        validators = next(found for since, found in reversed(self._sets) if since < header.height)
        domain, record = Domain(self.genesis.ledger, validators.digest), parse_record(fields["record"])
        suite = SUITES[self.genesis.suite]
        verify_record(domain, validators, header.height, header.id, record, suite)  # check: snapshot-record
        if header.height == self.target.height:
            self._verify_target(header)
        self._put_block(header, receipts, encode_unchecked(fields["record"]), _list(fields["receipts"]))
        self._append(header.id)
        self._parent = header
        if len(self._batch.writes) >= ROWS_A_BATCH:
            self._flush()

    def _verify_target(self, header: Header) -> None:
        """The last block is the certified one, so that all before it are of its history."""
        if header.id != self.target.id:  # check: snapshot-last-block
            raise VerificationError("wrong-block", f"Block {header.height} is not the one that was certified.")
        assert self._history is not None
        if self._history.root().hex() != header.history_root:  # check: snapshot-history
            raise VerificationError("wrong-history-root", f"The history is not that of block {header.height}.")
        self.rule, self._take = "state", self._take_row

    def _put_block(self, header: Header, receipts: list[bytes], record: bytes, values: list[Any]) -> None:
        batch, height = self._batch, big_endian(header.height)
        batch.put(tables.BLOCKS, height, header.raw)
        batch.put(tables.BLOCK_HEIGHTS, tables.digest_key(header.id), height)
        batch.put(tables.RECEIPTS, height, tables.join_lines(receipts))
        batch.put(tables.RECORDS, height, record)
        for position, receipt in enumerate(values):
            if not isinstance(receipt, dict) or not is_digest(receipt.get("transaction")):
                raise MalformedError("bad-receipt", "A receipt names its transaction.")
            place = tables.pack_place(header.height, position)
            batch.put(tables.TRANSACTIONS, tables.digest_key(receipt["transaction"]), place)
        if any(receipt.get("events") for receipt in values):
            batch.put(tables.EVENT_BLOCKS, height, b"")

    def _append(self, block: Digest) -> None:
        assert self._history is not None
        self._history = self._history.append(bytes.fromhex(block), self._batch)

    def _take_row(self, line: bytes) -> None:
        # 4. The rows, in their order, are the state that the header names.
        value = decode(line, wrapped=WRAPPED)
        if not isinstance(value, list) or len(value) != 4:
            raise MalformedError("bad-snapshot", "A row of the state is a list of contract, collection, key and value.")
        contract, collection, key, content = value
        names = (contract, collection, key)
        if not all(isinstance(name, str) for name in names) or not all(NAME.fullmatch(str(name)) for name in names[:2]):
            raise MalformedError("bad-snapshot", "Contract and collection are names, the key is a string.")
        row = state_key(*map(str, names))
        if row <= self._last_key:  # check: snapshot-row-order
            raise VerificationError("wrong-order", "The rows of the state stand in order of their keys, each once.")
        self._last_key = row
        raw = encode_unchecked(content)
        put_state(self._batch, self.target.height, str(contract), str(collection), str(key), raw)
        self._changes[key_digest(row)] = raw
        if len(self._changes) >= ROWS_A_BATCH:
            self._flush()

    def _flush(self) -> None:
        update = self._tree.update(self._changes)
        update.write_to(self._batch)
        self.store.commit(self._batch)
        self._tree.apply(update)
        self._changes, self._batch = {}, Batch()
        if self.rule == "blocks" and self._history is not None:
            self._history = self._history.settled()

    def _finish(self) -> None:
        if self.rule != "state":  # check: snapshot-cut
            raise MalformedError("bad-snapshot", "The snapshot ends before its state begins.")
        self._flush()
        if self._tree.root().hex() != self.target.state_root:  # check: snapshot-state-root
            raise VerificationError("wrong-state-root", f"The rows are not the state after block {self.target.height}.")
        # 5. No transaction before these blocks can come again.
        self.rule = "transactions"
        self._lifetime_ms = longest_lifetime_ms(StateView(self.store), self.genesis.parameters)
        if self._before is not None and self._before.time + self._lifetime_ms > self.target.time:  # check: snapshot-complete
            message = f"Transactions of block {self._before.height} may not have expired, and only later blocks are listed."
            raise VerificationError("incomplete", message)

    def _last_batch(self) -> Batch:
        """What makes it a ledger."""
        batch, writes = Batch(), self.genesis.initial_writes()
        for _, validators in self._sets:
            put_validators(batch, validators)
        put_validators(batch, self._next)
        for step in self._trust["trust"]:
            height = big_endian(step["header"]["height"])
            batch.put(tables.VALIDATOR_CHANGES, height, tables.digest_key(step["header"]["next_validators"]))
            batch.put(tables.TRUST_STEPS, height, encode_unchecked(step))
        head = big_endian(self.target.height)
        if self.target.next_validators != self.target.validators:
            batch.put(tables.VALIDATOR_CHANGES, head, tables.digest_key(self._next.digest))
        if self._before is not None:
            batch.put(tables.META, tables.FIRST, big_endian(self._before.height + 1))
            batch.put(tables.META, tables.LIFETIME, big_endian(self._lifetime_ms))
        batch.put(tables.META, tables.PRUNED, head)
        batch.put(tables.META, tables.HEAD, head)
        batch.put(tables.WRITES, big_endian(0), tables.pack_writes([writes], {}))
        batch.put(tables.META, tables.GENESIS, self.genesis.encode())
        return batch


def _list(value: JsonValue) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedError("bad-snapshot", "Receipts are a list.")
    return value
