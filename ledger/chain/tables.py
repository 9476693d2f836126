"""Where the chain keeps its bytes in the `Store`, and how the rows are packed.

A transaction has few rows, since rows at random keys are expensive: one for its id, one for each state key that it writes,
and the pages of the tree that change. Everything else is one row a block.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ledger.block import Header, Write, encode_writes, parse_header
from ledger.certificate import RECORD, DecisionRecord
from ledger.encoding import decode, encode_unchecked
from ledger.errors import JsonObject, JsonValue, MalformedError, NotFoundError, PrunedError, StorageError
from ledger.genesis import Genesis, parse_genesis
from ledger.identity.records import ValidatorSet, parse_validators
from ledger.primitives import INTEGER_MAX, Digest
from ledger.state.store import Batch, Reader, big_endian, damaged
from ledger.transaction import Block, Transaction

META = "meta"
GENESIS = b"genesis"
"""Row of `meta`: the genesis bytes."""
HEAD = b"head"
"""Row of `meta`: height of the last block."""
FIRST = b"first"
"""Row of `meta`: lowest height with receipts and record, where the chain began with a state snapshot; absent for 1."""
LIFETIME = b"lifetime"
"""Row of `meta`, beside `first`: the longest lifetime in milliseconds that a transaction before that block can have had."""
PRUNED = b"pruned"
"""Row of `meta`: height up to which bodies and writes are gone; absent for 0."""
BLOCKS = "blocks"
"""Height -> canonical header."""
BODIES = "bodies"
"""Block id -> envelopes, one a line. A voter stores the body before the block is decided; it is not written again then."""
RECEIPTS = "receipts"
"""Height -> receipts, one a line."""
WRITES = "writes"
"""Height -> the heights of the earlier writes of the same keys, then a line with the writes of each transaction."""
RECORDS = "records"
"""Height -> decision record."""
BLOCK_HEIGHTS = "block_heights"
"""Block id -> height."""
TRANSACTIONS = "transactions"
"""Transaction id -> height and position."""
EVENT_BLOCKS = "event_blocks"
"""Height of each block that has events -> nothing, so that readers of events skip all other blocks."""
TERMS = "terms"
"""Height -> terms that occur in the block (`block_terms`), an index for searches."""
VALIDATOR_SETS = "validator_sets"
"""Digest of the set -> the set."""
VALIDATOR_CHANGES = "validator_changes"
"""Height whose block makes another set act at the next height -> digest of that set."""

TRUST_STEPS = "trust_steps"
"""Height -> step of trust for a validator change below the first block that is here, as the state snapshot gave it."""

WriteKey = tuple[str, str, str]
"""(contract, collection, key)."""
Place = tuple[int, int]
"""(height, position in the block from 0)."""
_header = lru_cache(maxsize=16)(parse_header)
"""Most of what is asked is answered from the newest block."""


def height_of_row(row: bytes) -> int:
    """The number in the first eight bytes."""
    return int.from_bytes(row[:8], "big")


def pack_place(height: int, position: int) -> bytes:
    """Height and position as one row."""
    return big_endian(height) + position.to_bytes(4, "big")


def unpack_place(row: bytes) -> Place:
    """The reverse of `pack_place`."""
    return height_of_row(row), int.from_bytes(row[8:12], "big")


def join_lines(lines: Iterable[bytes]) -> bytes:
    """Canonical values as one row."""
    return b"\n".join(lines)


def split_lines(row: bytes) -> list[bytes]:
    """The reverse of `join_lines`; an empty row holds no value."""
    return row.split(b"\n") if row else []


def pack_writes(writes: Sequence[Sequence[Write]], previous: Mapping[bytes, int]) -> bytes:
    """The row of `WRITES`: heights of the last earlier writes by state key, then the writes of each transaction."""
    before: JsonValue = [[key.decode(), height] for key, height in previous.items()]
    return join_lines([encode_unchecked(before), *map(encode_writes, writes)])


def put_body(batch: Batch, block: Block) -> None:
    """Adds the row of a block's envelopes, decided or not, under the block's id."""
    batch.put(BODIES, digest_key(block.id), join_lines(t.raw for t in block.transactions))


def put_block(batch: Batch, header: Header, receipts: Sequence[bytes], values: Sequence[JsonObject], record: bytes) -> None:
    """Adds the rows that every block has here, also one whose body was pruned; `values` are what the receipts say."""
    height = big_endian(header.height)
    batch.put(BLOCKS, height, header.raw)
    batch.put(BLOCK_HEIGHTS, digest_key(header.id), height)
    batch.put(RECEIPTS, height, join_lines(receipts))
    batch.put(RECORDS, height, record)
    put_places(batch, header.height, [Digest(str(receipt["transaction"])) for receipt in values])
    if any(receipt.get("events") for receipt in values):
        batch.put(EVENT_BLOCKS, height, b"")


def put_places(batch: Batch, height: int, transactions: Iterable[Digest]) -> None:
    """Adds where each transaction of a block stands."""
    for position, transaction in enumerate(transactions):
        batch.put(TRANSACTIONS, digest_key(transaction), pack_place(height, position))


def put_validators(batch: Batch, validators: ValidatorSet) -> None:
    """Adds the row of a validator set, under its digest."""
    batch.put(VALIDATOR_SETS, digest_key(validators.digest), encode_unchecked(validators.to_json()))


def read_genesis(reader: Reader) -> Genesis:
    """The genesis; raises StorageError `no-ledger` if the store holds none."""
    data = reader.get(META, GENESIS)
    if data is None:
        raise StorageError("no-ledger", "The database holds no ledger yet: it has no genesis.")
    try:
        return parse_genesis(data)
    except MalformedError as error:
        raise damaged("its genesis cannot be read") from error


def read_height(reader: Reader) -> int:
    """Height of the last block, 0 before the first."""
    return height_of_row(_row(reader, META, HEAD, "the height of the last block"))


def read_first(reader: Reader) -> int:
    """Height of the first block whose receipts and record are here: 1, unless the chain began with a state snapshot."""
    return height_of_row(reader.get(META, FIRST) or big_endian(1))


def read_pruned(reader: Reader) -> int:
    """Height up to which bodies and writes are gone, 0 if all are here."""
    return height_of_row(reader.get(META, PRUNED) or big_endian(0))


def read_head(reader: Reader) -> Header | None:
    """Header of the last block, None before the first."""
    height = read_height(reader)
    return read_header(reader, height) if height else None


def read_header(reader: Reader, height: int) -> Header:
    """Header of a block; raises NotFoundError `no-such-block`, also for height 0, or PrunedError."""
    data = reader.get(BLOCKS, big_endian(height)) if 0 < height <= INTEGER_MAX else None
    if data is None:
        raise no_block(reader, height, BLOCKS)
    try:
        return _header(data)
    except MalformedError as error:
        raise damaged(f"the header of block {height} cannot be read") from error


def read_envelopes(reader: Reader, height: int) -> list[bytes]:
    """Canonical envelopes of a block in order."""
    row = reader.get(BODIES, digest_key(read_header(reader, height).id))
    if row is None and height <= read_pruned(reader):  # check: body-pruned
        raise no_block(reader, height, BODIES)
    if row is None:
        raise damaged(f"the body of block {height} is missing")
    return split_lines(row)


def read_of_block(reader: Reader, table: str, height: int) -> bytes:
    """The row of a block in a table by height; raises NotFoundError `no-such-block` or PrunedError."""
    row = reader.get(table, big_endian(height)) if 0 <= height <= INTEGER_MAX else None
    if row is None:
        raise no_block(reader, height, table)
    return row


def read_write_lines(reader: Reader, height: int) -> list[bytes]:
    """Writes of a block by transaction, as canonical bytes, a line each."""
    return split_lines(read_of_block(reader, WRITES, height))[1:]


def read_record(reader: Reader, height: int) -> DecisionRecord:
    """Decision record of a block."""
    return RECORD.decode(read_of_block(reader, RECORDS, height))


def read_place(reader: Reader, transaction: Digest) -> Place | None:
    """Height and position of a transaction, None if no block holds it."""
    row = reader.get(TRANSACTIONS, digest_key(transaction))
    return None if row is None else unpack_place(row)


def read_validator_set(reader: Reader, name: Digest) -> ValidatorSet:
    """The validator set with this digest."""
    return parse_validators(decode(_row(reader, VALIDATOR_SETS, digest_key(name), "a validator set")))


def no_block(reader: Reader, height: int, table: str) -> NotFoundError | StorageError:
    """The error for a row that is not here: it was pruned, it was lost, or there is no such block yet."""
    first = read_pruned(reader) + 1 if table in (BODIES, WRITES) else read_first(reader)
    what = {BLOCKS: "Header", BODIES: "Body"}.get(table, table.capitalize())
    if 0 < height < first:
        return gone(f"{what} of block {height}", first)
    if first <= height <= read_height(reader):
        return damaged(f"block {height} lacks its {what.lower()}")
    return NotFoundError("no-such-block", f"There is no block of height {height}.", height=height)


def gone(what: str, first: int) -> PrunedError:
    """The error for what was pruned; `first` is the first block of which it is here."""
    return PrunedError("pruned", f"{what}: not kept here, only from block {first} on. Ask another node.", first=first)


def _row(reader: Reader, table: str, key: bytes, what: str) -> bytes:
    row = reader.get(table, key)
    if row is None:
        raise damaged(f"{what} is missing")
    return row


def digest_key(value: Digest) -> bytes:
    """A digest as the key of a row."""
    return bytes.fromhex(value)


def block_terms(transactions: Iterable[Transaction], receipts: Iterable[dict[str, JsonValue]]) -> bytes:
    """The row of `TERMS` of a block: one line for each signer, organization, contract, operation, outcome, code and event."""
    terms: set[str] = set()
    for transaction, receipt in zip(transactions, receipts, strict=True):
        terms.update(f"signer {name}" for name in transaction.signers)
        terms.update(f"organization {name.partition('.')[0]}" for name in transaction.signers)
        terms.add(f"contract {transaction.contract}")
        terms.add(f"operation {transaction.operation}")
        terms.update(_of_receipt(receipt))
    return b"\n%b\n" % "\n".join(sorted(terms)).encode()


def _of_receipt(receipt: dict[str, JsonValue]) -> Iterator[str]:
    yield f"outcome {receipt['outcome']}"
    yield f"code {receipt['code']}"
    events = receipt["events"]
    assert isinstance(events, list)
    for event in events:
        assert isinstance(event, dict)
        yield f"event {event['name']}"
