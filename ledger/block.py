"""The header of a block, whose digest is the block's id, and its writes; header and envelopes are `transaction.Block`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ledger.codec import Codec, Many
from ledger.encoding import decode_object, digest, encode_unchecked
from ledger.errors import JsonValue, MalformedError
from ledger.primitives import Digest, is_digest, is_member_id
from ledger.state.map_proof import key_digest, state_key

HEADER_DIGESTS = (
    "ledger", "parent", "transactions_root", "receipts_root", "state_root", "history_root", "validators", "next_validators",
)  # fmt: skip
HEADER_FIELDS = frozenset({*HEADER_DIGESTS, "height", "time", "proposer"})


@dataclass(frozen=True)
class Header:
    """What the validators agree on; digests in it cover every other part of the block."""

    ledger: Digest
    height: int
    time: int
    """Block time in milliseconds since the epoch, UTC."""
    parent: Digest
    """Block id of height-1; the ledger id for block 1."""
    transactions_root: Digest
    receipts_root: Digest
    state_root: Digest
    """State after this block."""
    history_root: Digest
    """RFC 9162 root over the ids of all earlier blocks, the genesis id first."""
    validators: Digest
    next_validators: Digest
    proposer: str
    """Member id of the validator that made the block."""

    def to_json(self) -> dict[str, JsonValue]:
        """All fields."""
        return {name: getattr(self, name) for name in HEADER_FIELDS}

    @cached_property
    def raw(self) -> bytes:
        """Canonical bytes."""
        return encode_unchecked(self.to_json())

    @cached_property
    def id(self) -> Digest:
        """The block id."""
        return digest("header", self.raw)


@dataclass(frozen=True, slots=True)
class Write:
    """One change of the state: a canonical value, or None for a deletion."""

    contract: str
    collection: str
    key: str
    value: bytes | None

    @property
    def state_key(self) -> bytes:
        """The key of its row in the state; raises RefusedError `bad-key`."""
        return state_key(self.contract, self.collection, self.key)


def writes_to_json(writes: Sequence[Write]) -> JsonValue:
    """`[{"contract", "collection", "key", "value"}, …]`; value is the canonical text or null."""
    return [
        {"contract": w.contract, "collection": w.collection, "key": w.key, "value": None if w.value is None else w.value.decode()}
        for w in writes
    ]


_WRITES = Codec(Many[Write], "bad-writes")
parse_writes = _WRITES.parse
"""Reads the form of `writes_to_json`; raises MalformedError `bad-writes`."""


def writes_digest(writes: Sequence[Write]) -> Digest:
    """The digest by which a receipt names its writes."""
    return digest("writes", encode_writes(writes))


def encode_writes(writes: Sequence[Write]) -> bytes:
    """The canonical bytes of `writes_to_json`: a transaction may write 13 MB."""
    return encode_unchecked(writes_to_json(writes), sum(len(w.value) for w in writes if w.value is not None))


def final_writes(parts: Iterable[Iterable[Write]]) -> tuple[Write, ...]:
    """The last write of each key, in order of state key."""
    last = {w.state_key: w for part in parts for w in part}
    return tuple(last[key] for key in sorted(last))


def tree_changes(writes: Sequence[Write]) -> dict[bytes, bytes | None]:
    """The changes that these writes make in the Merkle map."""
    return {key_digest(w.state_key): w.value for w in writes}


def parse_header(data: bytes) -> Header:
    """Reads canonical header bytes; raises MalformedError `bad-header`."""
    fields = decode_object(data)
    if fields.keys() != HEADER_FIELDS:  # check: header-fields
        raise MalformedError("bad-header", f"A header has exactly {sorted(HEADER_FIELDS)}.")
    if not all(is_digest(fields[name]) for name in HEADER_DIGESTS):
        raise MalformedError("bad-header", "A digest of the header is not 64 hexadecimal digits.")
    height, time = fields["height"], fields["time"]
    if type(height) is not int or height < 1 or type(time) is not int or time < 0:
        raise MalformedError("bad-header", "Height and time are integers from 1 and 0.")
    if not is_member_id(fields["proposer"]):
        raise MalformedError("bad-header", "The proposer is a member id.")
    return Header(**fields)  # type: ignore[arg-type]
