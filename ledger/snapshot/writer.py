"""Writes `tallystick-snapshot-1`: JSON Lines in canonical JSON, in three parts.

1. Head: format, ledger, genesis; `proof`, of kind `validators`, with the newest header, its certificate and trust since the
   genesis; `history`, the roots of the complete subtrees of the history tree before the part that follows.
2. Blocks `{"header", "receipts", "record"}` up to the newest, oldest first: all whose transactions could still be repeated.
   Unless they begin with block 1, the header of the block before them stands first: it shows that all before are older.
3. State: `[contract, collection, key, value]` in order of state key.

Receipts name every transaction of a block and are bound to its header, so the ids come complete. What is left out: bodies,
earlier values of keys, deleted keys, what the node signed, private documents.
"""

from collections.abc import Iterator

from ledger.chain.retention import last_expired
from ledger.chain.view import BLOCKS_A_SCAN, ChainView
from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue, NotFoundError
from ledger.state.history_tree import HistoryTree
from ledger.state.overlay import TABLE
from ledger.state.store import rows_of

FORMAT = "tallystick-snapshot-1"


def snapshot_lines(view: ChainView) -> Iterator[bytes]:
    """The lines without their newlines; raises NotFoundError `no-such-block` at height 0, PrunedError where ids are missing."""
    if view.height == 0:  # check: snapshot-of-nothing
        raise NotFoundError("no-such-block", "The ledger has no block yet: a node that joins begins with the genesis.", height=1)
    base = last_expired(view)
    yield _head(view, base)
    if base:
        yield b'{"header":%b}' % view.header(base).raw
    for height in range(base + 1, view.height + 1):
        receipts = b",".join(view.receipts(height))
        yield b'{"header":%b,"receipts":[%b],"record":%b}' % (view.header(height).raw, receipts, view.record_bytes(height))
    yield from _rows(view)


def _head(view: ChainView, base: int) -> bytes:
    peaks: JsonValue = [peak.hex() for peak in HistoryTree(view.reader, base).peaks()]
    parts: dict[str, JsonValue] = {"history": peaks, "proof": view.prove_validators(view.height + 1)}
    history, proof = (encode_unchecked(parts[name]) for name in ("history", "proof"))
    return b'{"format":"%b","genesis":%b,"history":%b,"ledger":"%b","proof":%b}' % (
        FORMAT.encode(),
        view.genesis.encode(),
        history,
        view.ledger.encode(),
        proof,
    )


def _rows(view: ChainView) -> Iterator[bytes]:
    for key, row in rows_of(view.reader, TABLE, b"", b"\xff", BLOCKS_A_SCAN):
        if len(row) > 8:  # else the key was deleted
            names: JsonValue = [*key.decode().split("\x00", 2)]
            yield b"%b,%b]" % (encode_unchecked(names)[:-1], row[8:])
