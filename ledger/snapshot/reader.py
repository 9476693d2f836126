"""Reads `tallystick-snapshot-1` into an empty store: checks every line, from the genesis that the operator pinned.

What is trusted: the genesis, and that at each height since then at most f validators lied. The snapshot's header is certified,
but there may be newer blocks; the node fetches them like any other node.

A node that begins here cannot take a transaction again that was in a block before: the ids of all blocks that are young
enough are here (`Rebuild.end_rows`; `chain/retention` says why the others do not matter). It has no voting mark, so it does
not vote before it has asked the others how far its key may have signed (`nodes/replica/recovery`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ledger.block import Header, parse_header
from ledger.encoding import decode, decode_object, encode_unchecked
from ledger.errors import InputError, JsonObject, JsonValue, MalformedError, RefusedError, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import NAME
from ledger.proof_paths import WRAPPED, parse_hashes
from ledger.snapshot.rebuild import Rebuild
from ledger.snapshot.writer import FORMAT
from ledger.state.map_proof import state_key
from ledger.state.store import Store

HEAD_FIELDS = frozenset({"format", "genesis", "history", "ledger", "proof"})
BLOCK_FIELDS = frozenset({"header", "receipts", "record"})


@dataclass(slots=True)
class SnapshotPlace:
    """Where in the file the reading is, for the error that it may end with."""

    line: int = 0
    rule: str = "head"


def read_snapshot(lines: Iterable[bytes], genesis: Genesis, store: Store) -> Header:
    """Fills the empty store and returns the header it begins with; raises VerificationError `broken-snapshot`.

    The details name the rule, the line and the cause.
    """
    place = SnapshotPlace()
    try:
        ledger = _read(_counted(lines, place), genesis, store, place)
    except (InputError, VerificationError, RefusedError) as error:
        details: dict[str, JsonValue] = {"rule": place.rule, "line": place.line, "cause": error.code}
        message = f"Line {place.line} ({place.rule}): {error.message}"
        raise VerificationError("broken-snapshot", message, **details) from error
    return ledger.end()


def _counted(lines: Iterable[bytes], place: SnapshotPlace) -> Iterator[bytes]:
    for line in lines:
        place.line += 1
        yield line


def _read(lines: Iterator[bytes], genesis: Genesis, store: Store, place: SnapshotPlace) -> Rebuild:
    """The ledger, checked as a whole; it needs only its last rows."""
    # 1. The head is of the pinned genesis, and its proof leads from there to a certified header.
    head = decode_object(_next(lines), wrapped=WRAPPED + 2)
    if head.keys() != HEAD_FIELDS or head["format"] != FORMAT:  # check: snapshot-format
        raise MalformedError("bad-snapshot", f"A snapshot begins with an object of format {FORMAT}.")
    place.rule = "genesis"
    if (head["ledger"], encode_unchecked(head["genesis"])) != (genesis.ledger, genesis.encode()):  # check: snapshot-genesis
        raise VerificationError("wrong-ledger", f"The snapshot is not of ledger {genesis.ledger}.")
    place.rule = "certificate"
    ledger = Rebuild(genesis, store, head["proof"])
    peaks = parse_hashes(head["history"])
    # 2. The history goes on with block 1, or after the block whose header stands by itself, up to the certified header.
    place.rule = "blocks"
    block = decode_object(_next(lines), wrapped=WRAPPED)
    before = parse_header(encode_unchecked(block["header"])) if block.keys() == {"header"} else None
    ledger.begin(before, peaks, ledger.target.height)
    if before is not None:
        block = decode_object(_next(lines), wrapped=WRAPPED)
    while _take_block(ledger, block) < ledger.target.height:
        block = decode_object(_next(lines), wrapped=WRAPPED)
    # 3. The rows are the state after it.
    place.rule, last = "state", b""
    for line in lines:
        key, value = _row(line)
        if key <= last:  # check: snapshot-row-order
            raise VerificationError("wrong-order", "The rows of the state stand in order of their keys, each once.")
        ledger.take_row(key, value)
        last = key
    ledger.verify_state()
    # 4. No transaction from before the blocks could be repeated.
    place.rule = "transactions"
    ledger.end_rows()
    return ledger


def _next(lines: Iterator[bytes]) -> bytes:
    line = next(lines, None)
    if line is None:  # check: snapshot-cut
        raise MalformedError("bad-snapshot", "The snapshot ends before its state begins.")
    return line


def _take_block(ledger: Rebuild, fields: JsonObject) -> int:
    """Takes the block of a line; returns its height."""
    if fields.keys() != BLOCK_FIELDS:
        raise MalformedError("bad-snapshot", f"A line of a block has exactly {sorted(BLOCK_FIELDS)}.")
    header = parse_header(encode_unchecked(fields["header"]))
    receipts = [(encode_unchecked(receipt), receipt) for receipt in _list(fields["receipts"])]
    ledger.take_block(header, receipts, fields["record"], None)
    return header.height


def _row(line: bytes) -> tuple[bytes, bytes]:
    """State key and value of a line."""
    value = decode(line, wrapped=WRAPPED)
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedError("bad-snapshot", "A row of the state is a list of contract, collection, key and value.")
    contract, collection, key, content = value
    names = (contract, collection, key)
    if not all(isinstance(name, str) for name in names) or not all(NAME.fullmatch(str(name)) for name in names[:2]):
        raise MalformedError("bad-snapshot", "Contract and collection are names, the key is a string.")
    return state_key(*map(str, names)), encode_unchecked(content)


def _list(value: JsonValue) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedError("bad-snapshot", "Receipts are a list.")
    return value
