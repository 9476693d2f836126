"""Where the chain keeps its bytes in the `Store`, and how the rows are packed.

Few rows a transaction, for each row at a random key costs a database dearly: one for its id, one for each state key
it writes, the touched pages of the tree. All else is one row a block.
"""

from collections.abc import Iterable, Mapping, Sequence

from ledger.block import Write, writes_to_json
from ledger.encoding import decode, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from ledger.identity.records import Validator, ValidatorSet
from ledger.primitives import HEX_64, Digest, PublicKey, is_member_id
from ledger.state.overlay import state_key
from ledger.state.store import big_endian

META = "meta"
GENESIS = b"genesis"
"""Row of `meta`: the genesis bytes."""
HEAD = b"head"
"""Row of `meta`: height of the last block."""
FIRST = b"first"
"""Row of `meta`: lowest height with receipts and record, where the chain began with a state snapshot; absent for 1."""
LIFETIME = b"lifetime"
"""Row of `meta`: the longest lifetime in milliseconds that a transaction before that block can have had."""
PRUNED = b"pruned"
"""Row of `meta`: height up to which bodies and writes are gone; absent for 0."""
BLOCKS = "blocks"
"""Height -> canonical header."""
BODIES = "bodies"
"""Block id -> envelopes, one a line. A voter stores the body before the block is decided, and it is written once."""
RECEIPTS = "receipts"
"""Height -> receipts, one a line."""
WRITES = "writes"
"""Height -> the heights that wrote these keys before, then each transaction's writes, one a line."""
RECORDS = "records"
"""Height -> decision record."""
BLOCK_HEIGHTS = "block_heights"
"""Block id -> height."""
TRANSACTIONS = "transactions"
"""Transaction id -> height and position."""
EVENT_BLOCKS = "event_blocks"
"""Height of each block that has events -> nothing, so that readers of events skip all other blocks."""
TERMS = "terms"
"""Height -> what occurs in the block (`ledger/chain/search_index`), an index for searches."""
VALIDATOR_SETS = "validator_sets"
"""Digest of the set -> the set."""
VALIDATOR_CHANGES = "validator_changes"
"""Height whose block makes another set act at the next height -> digest of that set."""

TRUST_STEPS = "trust_steps"
"""Height -> step of trust of a validator change below the first block that is here, as the state snapshot told it."""

WriteKey = tuple[str, str, str]
"""(contract, collection, key)."""
Place = tuple[int, int]
"""(height, position in the block from 0)."""


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
    """Each transaction's writes, behind the heights of the last earlier write by state key."""
    before: JsonValue = [[key.decode(), height] for key, height in previous.items()]
    return join_lines([encode_unchecked(before), *(encode_unchecked(writes_to_json(part)) for part in writes)])


def unpack_writes(row: bytes) -> tuple[tuple[Write, ...], ...]:
    """Writes by transaction, from a row of `pack_writes`."""
    return tuple(parse_writes(decode(part)) for part in split_lines(row)[1:])


def find_write(row: bytes, contract: str, collection: str, key: str) -> tuple[bytes | None, int | None] | None:
    """From a row of `pack_writes`: what the block left under a key, and the height of the write before; None if it wrote none."""
    first, *parts = split_lines(row)
    needle = b'"key":%b,' % encode_unchecked(key)
    for part in reversed(parts):
        for write in reversed(parse_writes(decode(part)) if needle in part else ()):
            if (write.contract, write.collection, write.key) == (contract, collection, key):
                return write.value, _height_before(first, state_key(contract, collection, key).decode())
    return None


def _height_before(first: bytes, name: str) -> int | None:
    pairs: list[tuple[str, int]] = decode(first)  # type: ignore[assignment]
    return dict(pairs).get(name)


def parse_writes(value: JsonValue) -> tuple[Write, ...]:
    """Reads the form of `writes_to_json`; raises MalformedError `bad-writes`."""
    if not isinstance(value, list):
        raise MalformedError("bad-writes", "Writes are a list.")
    return tuple(map(_parse_write, value))


def _parse_write(item: JsonValue) -> Write:
    if not isinstance(item, dict) or item.keys() != {"contract", "collection", "key", "value"}:
        raise MalformedError("bad-writes", "A write has contract, collection, key and value.")
    contract, collection, key, text = item["contract"], item["collection"], item["key"], item["value"]
    if not (isinstance(contract, str) and isinstance(collection, str) and isinstance(key, str)):
        raise MalformedError("bad-writes", "Contract, collection and key of a write are strings.")
    if text is not None and not isinstance(text, str):
        raise MalformedError("bad-writes", "The value of a write is canonical text, or null for a deletion.")
    return Write(contract, collection, key, None if text is None else text.encode())


def final_writes(parts: Iterable[Iterable[Write]]) -> tuple[Write, ...]:
    """The last write of each key, in order of state key."""
    last = {state_key(w.contract, w.collection, w.key): w for part in parts for w in part}
    return tuple(last[key] for key in sorted(last))


def parse_validators(value: JsonValue) -> ValidatorSet:
    """Reads the form of `ValidatorSet.to_json`; raises MalformedError `bad-validators`."""
    if not isinstance(value, list):
        raise MalformedError("bad-validators", "A validator set is a list.")
    validators = []
    for item in value:
        if not isinstance(item, dict) or item.keys() != {"member", "public_key"}:
            raise MalformedError("bad-validators", "A validator has a member and a public key.")
        member, key = item["member"], item["public_key"]
        if not is_member_id(member) or not isinstance(key, str) or not HEX_64.fullmatch(key):
            raise MalformedError("bad-validators", "A validator is a member id and a key of 64 hexadecimal digits.")
        validators.append(Validator(str(member), PublicKey(key)))
    return ValidatorSet(tuple(validators))


def digest_key(value: Digest) -> bytes:
    """A digest as the key of a row."""
    return bytes.fromhex(value)
