"""Rebuilds a ledger in an empty store and trusts only the pinned genesis.

The caller (with a state snapshot, or the database of a backup) gives the parts in this order: the proof from the genesis
to the newest header; the blocks; among them, after the last one without a body, the rows of the state at that height. Each
part is compared with what the validators certified, and every row of the store is made here, from verified parts:

- receipts, envelopes and records of a block against its header and the validators of its height, headers against the
  history of the newest one, which its validators certified;
- the writes of a transaction against the digest in its receipt; the state that they lead to, and the rows that it began with,
  against the state root of the newest header.

The rows are written while they are checked, and the store becomes a ledger with its last row, the genesis. The caller
keeps the file aside until `end` has returned, and deletes it if anything raises.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from ledger.block import Header, Write, final_writes, writes_digest
from ledger.certificate import Domain, parse_record, verify_record
from ledger.chain import tables
from ledger.chain.chain import genesis_batch, receipts_root, transactions_root
from ledger.chain.retention import longest_lifetime_ms
from ledger.chain.tables import block_terms, put_validators
from ledger.chain.view import BLOCKS_A_SCAN, ChainView
from ledger.encoding import decode, encode_unchecked
from ledger.errors import JsonValue, MalformedError, StorageError, VerificationError
from ledger.genesis import Genesis
from ledger.identity.records import parse_validators
from ledger.keys import SUITES
from ledger.primitives import Digest, is_digest
from ledger.state.history_tree import HistoryTree
from ledger.state.map_proof import key_digest
from ledger.state.overlay import TABLE, StateView
from ledger.state.store import Batch, Store, big_endian, rows_of
from ledger.state.tree import StateTree
from ledger.transaction import Transaction, parse_transaction
from ledger.verify import verify_proof
from ledger.verify.proof import parse_proof

ROWS_A_BATCH = 5_000
Receipts = Sequence[tuple[bytes, JsonValue]]
"""Canonical bytes and value of each."""
Body = tuple[Sequence[Transaction], Sequence[Sequence[Write]]]
"""Envelopes of a block, and the writes of each."""


def rebuild(view: ChainView, genesis: Genesis, store: Store, progress: Callable[[int, int], None]) -> int:
    """Rebuilds a database's ledger in an empty store; returns the height. `progress` is called with height and last height.

    Raises InputError, VerificationError, RefusedError or StorageError for the first part that does not hold. Derived rows are
    not read but made again: indexes, trees, and the heights of writes (unknown before the first whole block).
    """
    if view.ledger != genesis.ledger:  # check: rebuilt-ledger
        raise StorageError("other-ledger", f"The database holds ledger {view.ledger}, not {genesis.ledger}.")
    height, base, pruned = view.height, view.first - 1, view.pruned
    if height == 0:
        store.commit(genesis_batch(store, genesis))
        return 0
    ledger = Rebuild(genesis, store, view.prove_validators(height + 1))
    peaks = HistoryTree(view.reader, base).peaks() if base else ()
    ledger.begin(view.header(base) if base else None, peaks, pruned)
    for number in range(base + 1, height + 1):
        if number == pruned + 1:
            _take_rows(ledger, view)
        receipts = [(raw, decode(raw)) for raw in view.receipts(number)]
        body = None
        if number > pruned:
            body = [parse_transaction(raw) for raw in view.envelopes(number)], view.writes(number)
        ledger.take_block(view.header(number), receipts, decode(view.record_bytes(number)), body)
        progress(number, height)
    if pruned >= height:
        _take_rows(ledger, view)
    ledger.verify_state()
    return ledger.end().height


def _take_rows(ledger: "Rebuild", view: ChainView) -> None:
    for key, value in _rows(view):
        ledger.take_row(key, value)
    ledger.end_rows()


def _rows(view: ChainView) -> Iterator[tuple[bytes, bytes]]:
    """The state after the last block without a body, but for the keys that a later block has written again."""
    if not view.pruned:
        for write in view.genesis.initial_writes():
            yield write.state_key, write.value or b""
        return
    for key, row in rows_of(view.reader, TABLE, b"", b"\xff", BLOCKS_A_SCAN):
        if len(row) > 8 and tables.height_of_row(row) <= view.pruned:
            yield key, row[8:]


class Rebuild:
    """Raises VerificationError, InputError or RefusedError at the first part that does not hold."""

    def __init__(self, genesis: Genesis, store: Store, proof: Any) -> None:
        """`proof` is of kind `validators` and leads to the newest header."""
        # 1. The newest header was certified by the validators that the genesis, change by change, leads to.
        parsed, fact = parse_proof(proof), verify_proof(proof, genesis)
        if parsed.kind != "validators" or parsed.decided is None:  # check: snapshot-proof-kind
            raise MalformedError("bad-snapshot", "The proof of a snapshot is of kind `validators` and has a header.")
        self.genesis = genesis
        self.target = parsed.decided.header
        self._store = store
        self._sets = [(0, genesis.validator_set), *((point.height, point.validators) for point in fact.learned)]
        self._next = parse_validators(parsed.claim["validators"])
        self._steps = proof["trust"]
        self._batch = Batch()
        self._tree = StateTree(store)
        self._changes: dict[bytes, bytes | None] = {}
        self._pruned = self.target.height

    def begin(self, before: Header | None, peaks: Sequence[bytes], pruned: int) -> None:
        """`before` is the header of the block before the first, None before block 1; `peaks` are the roots of the complete
        subtrees of the history before it. `pruned` is the height of the last block without a body, and of the rows.
        """
        base = 0 if before is None else before.height
        history = HistoryTree(self._store, base).begun_with(peaks, self._batch)
        if history is None:  # check: snapshot-peaks
            raise MalformedError("bad-snapshot", f"A history of {base} blocks has another number of complete subtrees.")
        self._before, self._parent, self._pruned = before, before, pruned
        self._history = history
        if before is None:
            self._append(self.genesis.ledger)
        else:
            self._batch.put(tables.BLOCKS, big_endian(base), before.raw)
            self._append(before.id)

    def take_block(self, header: Header, receipts: Receipts, record: JsonValue, body: Body | None) -> None:
        """The next block."""
        # 2. It continues the one before, has exactly its receipts, and was decided by the validators of its height.
        height, parent = (0, self.genesis.ledger) if self._parent is None else (self._parent.height, self._parent.id)
        if (header.height, header.parent) != (height + 1, parent):  # check: snapshot-parent
            raise VerificationError("wrong-parent", f"Block {header.height} does not continue block {height}.")
        if header.receipts_root != receipts_root([raw for raw, _ in receipts]):  # check: snapshot-receipts
            raise VerificationError("wrong-receipts-root", f"The receipts are not those of block {header.height}.")
        validators = next(found for since, found in reversed(self._sets) if since < header.height)
        domain, suite = Domain(self.genesis.ledger, validators.digest), SUITES[self.genesis.suite]
        verify_record(domain, validators, header.height, header.id, parse_record(record), suite)  # check: snapshot-record
        values = [_receipt(value) for _, value in receipts]
        tables.put_block(self._batch, header, [raw for raw, _ in receipts], values, encode_unchecked(record))
        if body is not None:
            self._take_body(header, values, *body)
        if header.height == self.target.height:
            self._verify_target(header)
        self._append(header.id)
        self._parent = header
        if len(self._batch.writes) >= ROWS_A_BATCH:
            self._flush()

    def take_row(self, key: bytes, value: bytes) -> None:
        """A row of the state as it was when the last block without a body was written."""
        self._batch.put(TABLE, key, big_endian(self._pruned) + value)
        self._changes[key_digest(key)] = value
        if len(self._changes) >= ROWS_A_BATCH:
            self._flush()

    def end_rows(self) -> None:
        """After the last row: raises VerificationError if a transaction before these blocks could be repeated."""
        self._flush()
        self._lifetime_ms = longest_lifetime_ms(StateView(self._store), self.genesis.parameters)
        if self._before is not None and self._before.time + self._lifetime_ms > self.target.time:  # check: snapshot-complete
            message = f"Transactions of block {self._before.height} may not have expired, and only later blocks are listed."
            raise VerificationError("incomplete", message)

    def verify_state(self) -> None:
        """After the last row and block: raises VerificationError unless they lead to the newest header's state."""
        self._flush()
        if self._tree.root().hex() != self.target.state_root:  # check: snapshot-state-root
            raise VerificationError("wrong-state-root", f"The rows are not the state after block {self.target.height}.")

    def end(self) -> Header:
        """Writes the last rows, which make the store a ledger; returns the newest header."""
        self._store.commit(self._last_batch())
        return self.target

    def _take_body(
        self,
        header: Header,
        receipts: Sequence[dict[str, Any]],
        transactions: Sequence[Transaction],
        writes: Sequence[Sequence[Write]],
    ) -> None:
        # 3. Its envelopes are those of the header, and what each transaction wrote is what its receipt says.
        if header.transactions_root != transactions_root(transactions):  # check: rebuilt-transactions
            raise VerificationError("wrong-transactions-root", f"The transactions are not those of block {header.height}.")
        stated = [(receipt["transaction"], receipt.get("writes")) for receipt in receipts]
        made = [(t and t.id, part is not None and writes_digest(part)) for t, part in zip_longest(transactions, writes)]
        if stated != made:  # check: rebuilt-writes
            raise VerificationError("wrong-writes", f"The receipts of block {header.height} do not name these writes.")
        batch, height = self._batch, big_endian(header.height)
        batch.put(tables.BODIES, tables.digest_key(header.id), tables.join_lines(t.raw for t in transactions))
        batch.put(tables.TERMS, height, block_terms(transactions, receipts))
        previous: dict[bytes, int] = {}
        for write in final_writes(writes):
            key = write.state_key
            if (before := self._last_height(key)) is not None:
                previous[key] = before
            batch.put(TABLE, key, height + (write.value or b""))
            self._changes[key_digest(key)] = write.value
        batch.put(tables.WRITES, height, tables.pack_writes(writes, previous))

    def _last_height(self, key: bytes) -> int | None:
        """Height of a key's last write; an unknown key was written before the pruned height, if there is one."""
        row = self._batch.writes.get((TABLE, key)) or self._store.get(TABLE, key)
        return tables.height_of_row(row) if row is not None else self._pruned or None

    def _verify_target(self, header: Header) -> None:
        """The last block is the certified one, so that all before it are of its history."""
        if header.id != self.target.id:  # check: snapshot-last-block
            raise VerificationError("wrong-block", f"Block {header.height} is not the one that was certified.")
        if self._history.root().hex() != header.history_root:  # check: snapshot-history
            raise VerificationError("wrong-history-root", f"The history is not that of block {header.height}.")

    def _append(self, block: Digest) -> None:
        self._history = self._history.append(bytes.fromhex(block), self._batch)

    def _flush(self) -> None:
        update = self._tree.update(self._changes)
        update.write_to(self._batch)
        self._store.commit(self._batch)
        self._tree.apply(update)
        self._changes, self._batch = {}, Batch()
        self._history = self._history.settled()

    def _last_batch(self) -> Batch:
        """The rows that make the store a ledger."""
        batch, head = Batch(), big_endian(self.target.height)
        for _, validators in self._sets:
            put_validators(batch, validators)
        put_validators(batch, self._next)
        for step in self._steps:
            height = big_endian(step["header"]["height"])
            if step["header"]["next_validators"] == step["header"]["validators"]:
                continue  # a step that changes nothing
            batch.put(tables.VALIDATOR_CHANGES, height, tables.digest_key(step["header"]["next_validators"]))
            if self._before is not None:
                batch.put(tables.TRUST_STEPS, height, encode_unchecked(step))
        if self.target.next_validators != self.target.validators:
            batch.put(tables.VALIDATOR_CHANGES, head, tables.digest_key(self._next.digest))
        if self._before is not None:
            batch.put(tables.META, tables.FIRST, big_endian(self._before.height + 1))
            batch.put(tables.META, tables.LIFETIME, big_endian(self._lifetime_ms))
        if self._pruned:
            batch.put(tables.META, tables.PRUNED, big_endian(self._pruned))
        batch.put(tables.META, tables.HEAD, head)
        batch.put(tables.WRITES, big_endian(0), tables.pack_writes([self.genesis.initial_writes()], {}))
        batch.put(tables.META, tables.GENESIS, self.genesis.encode())
        return batch


def _receipt(value: JsonValue) -> dict[str, Any]:
    """The receipt as an object; raises MalformedError unless it names its transaction. The header covers the rest."""
    if not isinstance(value, dict) or not is_digest(value.get("transaction")):
        raise MalformedError("bad-receipt", "A receipt names its transaction.")
    return value
