"""What occurs in a block, one row a block, so that a search passes over blocks without reading them.

    signer ORGANIZATION.MEMBER · organization NAME · contract NAME · operation NAME
    outcome committed or rejected · code CODE · event NAME

The row is a sorted list of such lines, written with its block. It is an index and no more: what it finds is read and
judged again, a block without a row is always looked at, and `rebuild_terms` makes the rows of a database from before.
"""

from collections.abc import Iterable, Iterator, Sequence

from ledger.chain import tables
from ledger.chain.lookup import BLOCKS_A_SCAN, Lookup
from ledger.encoding import decode_object
from ledger.errors import JsonValue
from ledger.state.store import Batch, Reader, big_endian
from ledger.transaction import Transaction, parse_transaction

ANY = b"\ncontract "
"""Stands in the row of every block that holds a transaction."""


def block_terms(transactions: Iterable[Transaction], receipts: Iterable[dict[str, JsonValue]]) -> bytes:
    """The row of a block; receipts as JSON."""
    terms: set[str] = set()
    for transaction, receipt in zip(transactions, receipts, strict=True):
        terms.update(f"signer {name}" for name in transaction.signers)
        terms.update(f"organization {name.partition('.')[0]}" for name in transaction.signers)
        terms.add(f"contract {transaction.contract}")
        terms.add(f"operation {transaction.operation}")
        terms.update(_of_receipt(receipt))
    return b"\n%b\n" % "\n".join(sorted(terms)).encode()


def heights_with(
    reader: Reader, terms: Sequence[str], first: int, end: int, descending: bool = False
) -> Iterator[tuple[int, bool]]:
    """Heights from `first` to below `end`, and whether the block may hold a transaction with all of these terms, or any."""
    needles = [f"\n{term}\n".encode() for term in terms] or [ANY]
    while first < end:
        low, high = (max(first, end - BLOCKS_A_SCAN), end) if descending else (first, min(end, first + BLOCKS_A_SCAN))
        found = dict(reader.scan(tables.TERMS, big_endian(low), big_endian(high), BLOCKS_A_SCAN))
        for height in reversed(range(low, high)) if descending else range(low, high):
            row = found.get(big_endian(height))
            yield height, row is None or all(needle in row for needle in needles)
        first, end = (first, low) if descending else (high, end)


def rebuild_terms(view: Lookup) -> Iterator[Batch]:
    """Batches that make the rows of a database from before there were any, oldest first; none if the newest block has one.

    Of a block whose body is gone no row can be made.
    """
    if view.height == 0 or view.reader.get(tables.TERMS, big_endian(view.height)) is not None:
        return
    batch = Batch()
    for height in range(max(view.first, view.pruned + 1), view.height + 1):
        transactions, receipts = map(parse_transaction, view.envelopes(height)), map(decode_object, view.receipts(height))
        batch.put(tables.TERMS, big_endian(height), block_terms(transactions, receipts))
        if height % BLOCKS_A_SCAN == 0:
            yield batch
            batch = Batch()
    if batch.writes:
        yield batch


def _of_receipt(receipt: dict[str, JsonValue]) -> Iterator[str]:
    yield f"outcome {receipt['outcome']}"
    yield f"code {receipt['code']}"
    events = receipt["events"]
    assert isinstance(events, list)
    for event in events:
        assert isinstance(event, dict)
        yield f"event {event['name']}"
