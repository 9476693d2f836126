"""How a value leads to a state root, and a header to one that is believed. No signature is checked here."""

from ledger.block import Header, parse_header
from ledger.encoding import encode
from ledger.errors import JsonValue, MalformedError, VerificationError
from ledger.merkle import verify_inclusion
from ledger.primitives import is_digest
from ledger.state.map_proof import key_digest, parse_map_proof, state_key, verify_absent, verify_present

WRAPPED = 3
"""Levels that a proof or an export puts around a value at most: pass it to `encoding` to read them."""
RecordName = tuple[str, str, str]
"""Contract, collection and key."""


def verify_value(root: bytes, name: RecordName, value: JsonValue, path: JsonValue) -> None:
    """Raises VerificationError unless the key has the value under the state root."""
    key = key_digest(state_key(*name))
    verify_present(root, key, value_bytes(value), parse_map_proof(path))  # check: light-present


def verify_no_value(root: bytes, name: RecordName, path: JsonValue) -> None:
    """Raises VerificationError unless the key has no value under the state root."""
    verify_absent(root, key_digest(state_key(*name)), parse_map_proof(path))  # check: light-absent


def verify_earlier(first: Header, inclusion: JsonValue, second: Header, code: str) -> None:
    """Raises VerificationError unless the first header is the second, or of a block in its history."""
    path = parse_hashes(inclusion)
    if first.height > second.height or (first.height == second.height and first.id != second.id):  # check: earlier-heights
        raise VerificationError(code, f"Block {first.height} is not in the history of block {second.height}.")
    if first.height == second.height and path:  # check: earlier-itself
        raise VerificationError(code, "A header needs no path to itself.")
    if first.height < second.height:
        leaf, root = bytes.fromhex(first.id), bytes.fromhex(second.history_root)
        verify_inclusion(leaf, first.height, second.height, path, root)  # check: light-earlier-block


def header_of(value: JsonValue) -> Header:
    """A header given as a value."""
    return parse_header(encode(value))


def value_bytes(value: JsonValue) -> bytes:
    """Canonical bytes of a value that a proof carries."""
    return encode(value, wrapped=WRAPPED)


def parse_hashes(value: JsonValue) -> tuple[bytes, ...]:
    """A list of digests as raw bytes; raises MalformedError `bad-proof`."""
    if not isinstance(value, list) or not all(is_digest(item) for item in value):
        raise MalformedError("bad-proof", "A path is a list of digests.")
    return tuple(bytes.fromhex(str(item)) for item in value)
