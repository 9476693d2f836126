"""Reads `tallystick-snapshot-1` into an empty store: checks every line, from the genesis that the operator pinned.

What is trusted: the genesis, and that at each height since then at most f validators lied. The snapshot's header is certified,
but there may be newer blocks; the node fetches them like any other node.

A node that begins here cannot take a transaction again that was in a block before: the ids of all blocks that are young
enough are here (`Rebuild.end_rows`; `chain/retention` says why the others do not matter). It has no voting mark, so it does
not vote before it has asked the others how far its key may have signed (`nodes/replica/recovery`).
"""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.block import Header, parse_header
from ledger.encoding import decode, decode_object, encode_unchecked
from ledger.errors import InputError, JsonValue, MalformedError, RefusedError, VerificationError
from ledger.genesis import Genesis
from ledger.primitives import NAME
from ledger.snapshot.rebuild import Rebuild
from ledger.snapshot.writer import FORMAT
from ledger.state.map_proof import state_key
from ledger.state.store import Store
from ledger.verify.proof import WRAPPED, parse_hashes

HEAD_FIELDS = frozenset({"format", "genesis", "history", "ledger", "proof"})
BLOCK_FIELDS = frozenset({"header", "receipts", "record"})


def read_snapshot(lines: Iterable[bytes], genesis: Genesis, store: Store) -> Header:
    """Fills the empty store and returns the header it begins with; raises VerificationError `broken-snapshot`.

    The details name the rule, the line and the cause.
    """
    reader = SnapshotReader(genesis, store)
    for line in lines:
        reader.feed(line)
    return reader.end()


class SnapshotReader:
    """Takes a snapshot line by line; `_take` is the method for the next line."""

    def __init__(self, genesis: Genesis, store: Store) -> None:
        self.genesis = genesis
        self.store = store
        self.line = 0
        self.rule = "head"
        self._take: Callable[[bytes], None] = self._take_head
        self._last_key = b""

    def feed(self, line: bytes) -> None:
        """Takes the next line; raises VerificationError `broken-snapshot`."""
        self.line += 1
        try:
            self._take(line)
        except (InputError, VerificationError, RefusedError) as error:
            raise self._broken(error) from error

    def end(self) -> Header:
        """Checks the whole; then the store holds a ledger."""
        try:
            self._finish()
        except (InputError, VerificationError) as error:
            raise self._broken(error) from error
        return self._ledger.end()

    def _broken(self, error: InputError | VerificationError | RefusedError) -> VerificationError:
        details: dict[str, JsonValue] = {"rule": self.rule, "line": self.line, "cause": error.code}
        return VerificationError("broken-snapshot", f"Line {self.line} ({self.rule}): {error.message}", **details)

    def _take_head(self, line: bytes) -> None:
        fields = decode_object(line, wrapped=WRAPPED + 2)
        if fields.keys() != HEAD_FIELDS or fields["format"] != FORMAT:  # check: snapshot-format
            raise MalformedError("bad-snapshot", f"A snapshot begins with an object of format {FORMAT}.")
        self.rule = "genesis"
        pinned = (self.genesis.ledger, self.genesis.encode())
        if (fields["ledger"], encode_unchecked(fields["genesis"])) != pinned:  # check: snapshot-genesis
            raise VerificationError("wrong-ledger", f"The snapshot is not of ledger {self.genesis.ledger}.")
        self.rule = "certificate"
        self._ledger = Rebuild(self.genesis, self.store, fields["proof"])
        self._peaks = parse_hashes(fields["history"])
        self.rule, self._take = "blocks", self._take_first_block

    def _take_first_block(self, line: bytes) -> None:
        """Block 1, or the header of the block before the first: in each case the history goes on from there."""
        fields = decode_object(line, wrapped=WRAPPED)
        before = parse_header(encode_unchecked(fields["header"])) if fields.keys() == {"header"} else None
        self._ledger.begin(before, self._peaks, self._ledger.target.height)
        self._take = self._take_block
        if before is None:
            self._take_block(line)

    def _take_block(self, line: bytes) -> None:
        fields = decode_object(line, wrapped=WRAPPED)
        if fields.keys() != BLOCK_FIELDS:
            raise MalformedError("bad-snapshot", f"A line of a block has exactly {sorted(BLOCK_FIELDS)}.")
        header = parse_header(encode_unchecked(fields["header"]))
        receipts = [(encode_unchecked(receipt), receipt) for receipt in _list(fields["receipts"])]
        self._ledger.take_block(header, receipts, fields["record"], None)
        if header.height == self._ledger.target.height:
            self.rule, self._take = "state", self._take_row

    def _take_row(self, line: bytes) -> None:
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
        self._ledger.take_row(row, encode_unchecked(content))

    def _finish(self) -> None:
        if self.rule != "state":  # check: snapshot-cut
            raise MalformedError("bad-snapshot", "The snapshot ends before its state begins.")
        self._ledger.verify_state()
        self.rule = "transactions"
        self._ledger.end_rows()


def _list(value: JsonValue) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedError("bad-snapshot", "Receipts are a list.")
    return value
