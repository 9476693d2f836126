"""A block that was executed on the present head, with all that follows from it, and the batch that would append it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger import merkle
from ledger.block import Block, Receipt, Write
from ledger.certificate import DecisionRecord
from ledger.chain import tables
from ledger.chain.search_index import block_terms
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from ledger.identity.records import ValidatorSet
from ledger.primitives import Digest
from ledger.state.map_proof import key_digest
from ledger.state.overlay import put_state, state_key
from ledger.state.store import Batch, big_endian
from ledger.state.tree import TreeUpdate
from ledger.transaction import Transaction


@dataclass(frozen=True)
class Candidate:
    """Nothing of it is stored until the batch of `write_to` is committed."""

    block: Block
    receipts: tuple[bytes, ...]
    """Canonical receipts in order of the transactions."""
    results: tuple[Receipt, ...]
    """The same as objects."""
    writes_by_transaction: tuple[tuple[Write, ...], ...]
    writes: tuple[Write, ...]
    """Last write of each key, in order of state key."""
    tree: TreeUpdate
    next_validators: ValidatorSet

    @property
    def id(self) -> Digest:
        """The block id."""
        return self.block.id

    def write_to(self, batch: Batch, record: DecisionRecord, previous: Mapping[bytes, int], body_stored: bool) -> None:
        """Puts every row of the block; `previous` holds the height of the last earlier write by state key."""
        header = self.block.header
        height = big_endian(header.height)
        batch.put(tables.BLOCKS, height, header.raw)
        if not body_stored:
            put_body(batch, self.block)
        batch.put(tables.RECEIPTS, height, tables.join_lines(self.receipts))
        batch.put(tables.WRITES, height, tables.pack_writes(self.writes_by_transaction, previous))
        batch.put(tables.RECORDS, height, encode_unchecked(record.to_json()))
        batch.put(tables.BLOCK_HEIGHTS, tables.digest_key(self.id), height)
        for position, transaction in enumerate(self.block.transactions):
            place = tables.pack_place(header.height, position)
            batch.put(tables.TRANSACTIONS, tables.digest_key(transaction.id), place)
        for write in self.writes:
            put_state(batch, header.height, write.contract, write.collection, write.key, write.value)
        self.tree.write_to(batch)
        batch.put(tables.TERMS, height, block_terms(self.block.transactions, (r.to_json() for r in self.results)))
        if any(receipt.events for receipt in self.results):
            batch.put(tables.EVENT_BLOCKS, height, b"")
        if header.next_validators != header.validators:
            put_validators(batch, self.next_validators)
            batch.put(tables.VALIDATOR_CHANGES, height, tables.digest_key(header.next_validators))
        batch.put(tables.META, tables.HEAD, height)


def put_body(batch: Batch, block: Block) -> None:
    """Keeps the envelopes of a block, decided or not, under its id."""
    batch.put(tables.BODIES, tables.digest_key(block.id), tables.join_lines(t.raw for t in block.transactions))


def put_validators(batch: Batch, validators: ValidatorSet) -> None:
    """Keeps a validator set under its digest."""
    batch.put(tables.VALIDATOR_SETS, tables.digest_key(validators.digest), encode_unchecked(validators.to_json()))


def transactions_root(transactions: Sequence[Transaction]) -> Digest:
    """RFC 9162 root over the whole envelopes, signatures included."""
    return Digest(merkle.root([transaction.raw for transaction in transactions]).hex())


def receipts_root(receipts: Sequence[bytes]) -> Digest:
    """RFC 9162 root over canonical receipts."""
    return Digest(merkle.root(receipts).hex())


def tree_changes(writes: Sequence[Write]) -> dict[bytes, bytes | None]:
    """What writes change in the Merkle map."""
    return {key_digest(state_key(w.contract, w.collection, w.key)): w.value for w in writes}


def first_difference(ours: Sequence[Sequence[Write]], theirs: Sequence[Sequence[Write]]) -> JsonValue:
    """The first state key on which two executions of one block differ: what a diverged node shows; None if there is none."""
    values = [{(w.contract, w.collection, w.key): w.value for w in tables.final_writes(parts)} for parts in (ours, theirs)]
    for key in sorted(values[0].keys() | values[1].keys()):
        mine, other = (side.get(key) for side in values)
        if mine != other or (key in values[0]) != (key in values[1]):
            contract, collection, name = key
            found: dict[str, JsonValue] = {"contract": contract, "collection": collection, "key": name}
            return {**found, "ours": _text(mine), "theirs": _text(other)}
    return None


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
