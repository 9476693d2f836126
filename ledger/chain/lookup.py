"""Looks up what the chain keeps: blocks, bodies, receipts, writes, records, places, histories, validator sets.

It reads through any `Reader`: the live store, or one read transaction of a database, so that all that
one request reads is of one height.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from ledger.block import Header, Write, parse_header
from ledger.certificate import DecisionRecord, parse_record
from ledger.chain import tables
from ledger.chain.genesis import Genesis, parse_genesis
from ledger.encoding import decode
from ledger.errors import MalformedError, NotFoundError, PrunedError, StorageError
from ledger.identity.reads import read_parameters
from ledger.identity.records import Parameters, ValidatorSet
from ledger.primitives import INTEGER_MAX, Digest
from ledger.state.overlay import StateView
from ledger.state.store import Reader, big_endian, damaged

BLOCKS_A_SCAN = 200
"""How many rows of blocks are fetched at a time."""
VERSION_COST_ROWS = 20
"""Looking at an earlier version of a key costs about as much as reading so many rows of the state."""


class Lookup:
    """Reads of one chain. Heights run from 0, the genesis, to `height`, the last block."""

    def __init__(self, reader: Reader, genesis: Genesis | None = None) -> None:
        self.reader = reader
        if genesis is not None:
            self.__dict__["genesis"] = genesis

    @cached_property
    def genesis(self) -> Genesis:
        """What everything hangs on; raises StorageError `no-ledger` where nothing was written yet."""
        data = self.reader.get(tables.META, tables.GENESIS)
        if data is None:
            raise StorageError("no-ledger", "The database holds no ledger yet: it has no genesis.")
        try:
            return parse_genesis(data)
        except MalformedError as error:
            raise damaged("its genesis cannot be read") from error

    @property
    def ledger(self) -> Digest:
        """The ledger id."""
        return self.genesis.ledger

    @property
    def height(self) -> int:
        """Height of the last block, 0 before the first."""
        return tables.height_of_row(self._row(tables.META, tables.HEAD, "the height of the last block"))

    @property
    def head(self) -> Header | None:
        """Header of the last block, None before the first."""
        height = self.height
        return self.header(height) if height else None

    @property
    def first(self) -> int:
        """Height of the first block whose receipts and record are here: 1, unless the chain began with a state snapshot."""
        row = self.reader.get(tables.META, tables.FIRST)
        return 1 if row is None else tables.height_of_row(row)

    @property
    def pruned(self) -> int:
        """Height up to which bodies and writes are gone, 0 if all are here."""
        row = self.reader.get(tables.META, tables.PRUNED)
        return 0 if row is None else tables.height_of_row(row)

    @property
    def complete_from_ms(self) -> int:
        """From this time on every transaction of every block is known here by its id; older ones have expired for good.

        It is so late that also each one is known whose `expires`, less the lifetime in force, is not before it, even if the
        lifetime was longer when it was signed.
        """
        row = self.reader.get(tables.META, tables.LIFETIME)
        if row is None:
            return self.genesis.time_ms
        shortened_ms = tables.height_of_row(row) - self.parameters().transaction_lifetime_max_ms
        return self.header(self.first - 1).time + 1 + max(0, shortened_ms)

    def verify_whole(self) -> None:
        """Raises PrunedError `pruned` unless every block is here with its body."""
        pruned = self.pruned
        if pruned:  # check: export-whole
            raise _gone(f"The bodies of the blocks up to {pruned}", pruned + 1)

    @property
    def state(self) -> StateView:
        """The state after the last block."""
        return StateView(self.reader)

    def header(self, height: int) -> Header:
        """Header of a block; raises NotFoundError `no-such-block`, also for height 0, or PrunedError."""
        data = self.reader.get(tables.BLOCKS, big_endian(height)) if 0 < height <= INTEGER_MAX else None
        if data is None:
            raise self._no_block(height, "Header", self.first)
        try:
            return parse_header(data)
        except MalformedError as error:
            raise damaged(f"the header of block {height} cannot be read") from error

    def headers(self, after: int, limit: int) -> list[Header]:
        """Headers of the blocks above a height, lowest first."""
        first = min(after, INTEGER_MAX) + 1
        if first < self.first:  # check: headers-pruned
            raise self._no_block(first, "Header", self.first)
        rows = self.reader.scan(tables.BLOCKS, big_endian(first), big_endian(first + limit), limit)
        expected = range(first, min(first + limit, self.height + 1))
        if [key for key, _ in rows] != [*map(big_endian, expected)]:  # check: headers-present
            raise damaged(f"a header of the blocks {first} to {expected.stop - 1} is missing")
        return [parse_header(data) for _, data in rows]

    def time_ms(self) -> int:
        """Time of the last block, or of the genesis."""
        head = self.head
        return self.genesis.time_ms if head is None else head.time

    def next_time_ms(self, now_ms: int) -> int:
        """What a fresh block's time would be by that clock: never behind the last one. Certificates and tokens go by it."""
        return max(now_ms, self.time_ms() + 1)

    def height_of(self, block: Digest) -> int | None:
        """Height of the block with this id; 0 for the ledger id."""
        if block == self.ledger:
            return 0
        row = self.reader.get(tables.BLOCK_HEIGHTS, tables.digest_key(block))
        return None if row is None else tables.height_of_row(row)

    def block_id(self, height: int) -> Digest:
        """Id of the block of a height; the ledger id for 0."""
        return self.header(height).id if height else self.ledger

    def envelopes(self, height: int) -> list[bytes]:
        """Canonical envelopes of a block in order."""
        row = self.reader.get(tables.BODIES, tables.digest_key(self.header(height).id))
        if row is None and height <= self.pruned:  # check: body-pruned
            raise self._no_block(height, "Body", self.pruned + 1)
        if row is None:
            raise damaged(f"the body of block {height} is missing")
        return tables.split_lines(row)

    def receipts(self, height: int) -> list[bytes]:
        """Canonical receipts of a block in order of its transactions."""
        return tables.split_lines(self._of_block(tables.RECEIPTS, height))

    def writes(self, height: int) -> tuple[tuple[Write, ...], ...]:
        """Writes of a block by transaction; at height 0 one list, the initial state."""
        return tables.unpack_writes(self._of_block(tables.WRITES, height))

    def write_lines(self, height: int) -> list[bytes]:
        """The same as canonical bytes, a line each."""
        return tables.split_lines(self._of_block(tables.WRITES, height))[1:]

    def record_bytes(self, height: int) -> bytes:
        """Canonical decision record of a block."""
        return self._of_block(tables.RECORDS, height)

    def record(self, height: int) -> DecisionRecord:
        """Decision record of a block."""
        return parse_record(decode(self.record_bytes(height)))

    def place(self, transaction: Digest) -> tables.Place | None:
        """Height and position of a transaction, None if no block holds it."""
        row = self.reader.get(tables.TRANSACTIONS, tables.digest_key(transaction))
        return None if row is None else tables.unpack_place(row)

    def history(
        self, contract: str, collection: str, key: str, limit: int = 100, before: int | None = None
    ) -> list[tuple[int, bytes | None]]:
        """What a key held, as (height of the write, value or None), newest first.

        `before` continues below the last height of an earlier answer; raises MalformedError `bad-cursor` for any other.
        """
        return list(islice(self.versions(contract, collection, key, before), limit))

    def versions(self, contract: str, collection: str, key: str, before: int | None = None) -> Iterator[tuple[int, bytes | None]]:
        """Follows the linked list of a key's writes, newest first, as `history`: from the last, or below the one at `before`."""
        height = self.state.last_height(contract, collection, key) if before is None else before
        while height is not None:
            found = tables.find_write(self._of_block(tables.WRITES, height), contract, collection, key)
            if found is None and height == before:  # check: history-cursor
                raise MalformedError("bad-cursor", f"Block {height} does not write this key: give `next` of an earlier answer.")
            if found is None:
                raise damaged(f"block {height} does not say what it writes under ({contract}, {collection}, {key})")
            value, previous = found
            if height != before:
                yield height, value
            height = previous

    def rows_at(self, height: int, contract: str, collection: str, after: str) -> Iterator[tuple[str, bytes | None, int]]:
        """The collection as it stood after the block of a height, behind a key: keys in order, values, and cost in rows.

        A value of None is a step that found nothing: a key deleted or not there yet, or a version that came later. Whoever
        bounds the sum of the costs bounds the work.
        """
        for key, written, value in self.state.rows(contract, collection, after, BLOCKS_A_SCAN):
            if written <= height:
                yield key, value, 1
                continue
            yield key, None, VERSION_COST_ROWS
            for earlier, old in self.versions(contract, collection, key, written):
                yield key, old if earlier <= height else None, VERSION_COST_ROWS
                if earlier <= height:
                    break

    def first_height_since(self, time_ms: int) -> int:
        """Height of the first block of this time or later, 0 for the genesis, one above the last block if there is none."""
        return bisect_left(range(self.height + 1), time_ms, self.first - 1, key=self.time_of)

    def time_of(self, height: int) -> int:
        """Time of a block in milliseconds, of the genesis for 0."""
        return self.header(height).time if height else self.genesis.time_ms

    def validators_at(self, height: int) -> ValidatorSet:
        """Who votes on the block of a height, from 1 to one above the last block."""
        if not 1 <= height <= self.height + 1:
            raise NotFoundError("no-such-block", f"There is no validator set for height {height} yet.", height=height)
        name = self.genesis.validator_set.digest if height == 1 else self.header(height - 1).next_validators
        return self.validator_set(name)

    def validator_set(self, name: Digest) -> ValidatorSet:
        """The set with this digest."""
        return tables.parse_validators(decode(self._row(tables.VALIDATOR_SETS, tables.digest_key(name), "a validator set")))

    def validator_changes(self, after: int) -> Iterator[int]:
        """Heights above `after` whose block names another set for the next height, lowest first."""
        while True:
            rows = self.reader.scan(tables.VALIDATOR_CHANGES, big_endian(after + 1), b"\xff" * 8, BLOCKS_A_SCAN)
            for key, _ in rows:
                after = tables.height_of_row(key)
                yield after
            if len(rows) < BLOCKS_A_SCAN:
                return

    def parameters(self) -> Parameters:
        """The parameters in force for the next block."""
        return read_parameters(self.state)

    def _of_block(self, table: str, height: int) -> bytes:
        row = self.reader.get(table, big_endian(height)) if 0 <= height <= INTEGER_MAX else None
        if row is None:
            raise self._no_block(height, table.capitalize(), self.pruned + 1 if table == tables.WRITES else self.first)
        return row

    def _no_block(self, height: int, what: str, first: int) -> NotFoundError | StorageError:
        """What to raise for a row that is not here: it is gone, it was lost, or there is no such block yet."""
        if 0 < height < first:
            return _gone(f"{what} of block {height}", first)
        if first <= height <= self.height:
            return damaged(f"block {height} lacks its {what.lower()}")
        return NotFoundError("no-such-block", f"There is no block of height {height}.", height=height)

    def _row(self, table: str, key: bytes, what: str) -> bytes:
        row = self.reader.get(table, key)
        if row is None:
            raise damaged(f"{what} is missing")
        return row


def _gone(what: str, first: int) -> PrunedError:
    """`first` is the first block of which that is here."""
    return PrunedError("pruned", f"{what}: not kept here, only from block {first} on. Ask another node.", first=first)
