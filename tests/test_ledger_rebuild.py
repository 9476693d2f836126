"""A ledger rebuilt from a copy: the same rows, or none. Each table's rows are changed, cut, taken away, added and swapped."""

from collections.abc import Iterator
from copy import deepcopy

import pytest

from ledger.chain import tables
from ledger.chain.chain import Chain
from ledger.chain.retention import last_expired, prune
from ledger.chain.view import ChainView
from ledger.contract import Anyone, Context, Identifier, operation
from ledger.contract.contract import ContractSet
from ledger.errors import InputError, RefusedError, StorageError, VerificationError
from ledger.snapshot.reader import read_snapshot
from ledger.snapshot.rebuild import rebuild
from ledger.snapshot.writer import snapshot_lines
from ledger.state import history_tree, overlay, tree
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, big_endian
from nodes.replica import voting_record
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from tests.support import ALICE, BOB, ELSEWHERE, DecidedChain, refusal
from tests.test_ledger_snapshot import wait

Rows = dict[tuple[str, bytes], bytes]
ROWS_A_TABLE = 12
"""Rows of each table that are damaged in each way."""
TABLES = (
    tables.META, tables.BLOCKS, tables.BODIES, tables.RECEIPTS, tables.WRITES, tables.RECORDS, tables.BLOCK_HEIGHTS,
    tables.TRANSACTIONS, tables.EVENT_BLOCKS, tables.TERMS, tables.VALIDATOR_SETS, tables.VALIDATOR_CHANGES, tables.TRUST_STEPS,
    overlay.TABLE, tree.TABLE, history_tree.TABLE, voting_record.STATEMENTS,
    voting_record.CERTIFICATES, voting_record.CANDIDATES, "odd",
)  # fmt: skip
TRUE = (
    tables.BLOCKS, tables.BODIES, tables.RECEIPTS, tables.RECORDS, tables.BLOCK_HEIGHTS, tables.TRANSACTIONS,
    tables.EVENT_BLOCKS, tables.VALIDATOR_SETS, tables.VALIDATOR_CHANGES,
)  # fmt: skip
"""Tables whose rows do not depend on how many blocks a copy holds, and how many of them whole."""


class Burnable(Asset):
    """Assets that may also go."""

    @operation(signed_by=Anyone())
    def burn(self, context: Context, number: Identifier) -> None:
        """Removes an asset."""
        # WRITE
        del self.assets[number]


CONTRACTS = ContractSet({"asset": Burnable})


def chain() -> DecidedChain:
    """Validators that change twice, keys that are deleted, written again and left alone, refusals, an empty block, views."""
    made = DecidedChain(contracts=CONTRACTS)
    issued = [made.sign(ALICE, "asset", "issue", number=f"A-{number}", to=BOB) for number in range(4)]
    made.decide(*issued)
    made.govern("P-1", kind="remove-validator", member="west.validator")
    made.decide(made.sign(ALICE, "asset", "burn", number="A-3"), made.sign(ALICE, "asset", "burn", number="A-2"))
    wait(made, 15)
    wait(made, 15)
    made.decide(made.sign(BOB, "asset", "transfer", number="A-1", to=ALICE), view=3)
    made.decide(
        made.sign(ALICE, "asset", "issue", number="A-2", to=ALICE),
        made.sign("east.member1", "asset", "transfer", number="A-0", to=ALICE),
    )
    made.govern("P-2", kind="add-validator", member="west.validator")
    made.decide(made.bump("n"), made.bump("n"))
    return made


def rows(store: MemoryStore) -> Rows:
    return {(table, key): value for table, found in store._tables.items() for key, value in found.items()}


def whole() -> MemoryStore:
    return chain().store


def pruned() -> MemoryStore:
    made = chain()
    for batch in prune(made.view, last_expired(made.view)):
        made.store.commit(batch)
    return made.store


def joined() -> MemoryStore:
    """Begun with a state snapshot, and gone on for a block."""
    made, store = chain(), MemoryStore()
    read_snapshot(snapshot_lines(made.view), made.chain.genesis, store)
    copy = Chain.open(store, CONTRACTS)
    transactions = [
        made.sign(ALICE, "asset", "transfer", number="A-2", to=BOB),
        made.sign(BOB, "asset", "issue", number="A-3", to=BOB),
    ]
    candidate = made.build(*transactions)
    store.commit(
        copy.append(copy.check(candidate.block.header, transactions, lambda _: False), made.record(candidate.block.header))
    )
    return store


COPIES = {"whole": whole(), "pruned": pruned(), "joined": joined()}
GENESIS = chain().chain.genesis


def rebuilt(source: MemoryStore) -> MemoryStore:
    store = MemoryStore()
    rebuild(ChainView(source), GENESIS, store, lambda height, of: None)
    return store


def test_a_whole_ledger_is_rebuilt_to_the_byte() -> None:
    assert rows(rebuilt(COPIES["whole"])) == rows(COPIES["whole"])


@pytest.mark.parametrize("kind", ["pruned", "joined"])
def test_of_a_pruned_ledger_is_left_out_what_cannot_be_verified(kind: str) -> None:
    """When keys were written before the blocks that are here whole, and the index of blocks whose body is gone."""
    before, after = rows(COPIES[kind]), rows(rebuilt(COPIES[kind]))
    differing = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {table for table, _ in differing} <= {overlay.TABLE, tables.WRITES, tables.TERMS, tables.TRUST_STEPS}
    limit = ChainView(COPIES[kind]).pruned
    for table, key in differing:
        if table == overlay.TABLE and (row := after.get((table, key))) is not None:
            assert (row[:8], row[8:]) == (big_endian(limit), before[table, key][8:])
    # The ledger goes on from it, and tells of a key written before that more is not known here.
    opened = Chain.open(rebuilt(COPIES[kind]), CONTRACTS)
    assert (opened.head, opened.parameters) == (Chain.open(COPIES[kind], CONTRACTS).head, opened.parameters)
    assert rows(rebuilt(opened.store)) == after  # type: ignore[arg-type]


def test_a_ledger_without_a_block_is_rebuilt() -> None:
    empty = DecidedChain(contracts=CONTRACTS)
    store = MemoryStore()
    assert rebuild(empty.view, GENESIS, store, lambda height, of: None) == 0
    assert rows(store) == rows(empty.store)


def test_another_ledger_is_refused() -> None:
    other = DecidedChain(ELSEWHERE)
    assert refusal(StorageError, rebuild, other.view, GENESIS, MemoryStore(), lambda height, of: None).code == "other-ledger"


def damages(store: MemoryStore, table: str, chance: Chance) -> Iterator[tuple[str, Batch]]:
    """Batches that change, cut, take away, swap and add rows of a table."""
    found = sorted(store._tables.get(table, {}).items())
    chosen = found if len(found) <= ROWS_A_TABLE else [chance.pick(found) for _ in range(ROWS_A_TABLE)]
    for key, value in chosen:
        if value:
            at, bit = chance.below(len(value)), 1 << chance.below(8)
            yield f"flip {key!r} {at}", Batch({(table, key): value[:at] + bytes([value[at] ^ bit]) + value[at + 1 :]})
            yield f"cut {key!r}", Batch({(table, key): value[: chance.below(len(value))]})
        yield f"longer {key!r}", Batch({(table, key): value + bytes([chance.below(256)])})
        yield f"delete {key!r}", Batch({(table, key): None})
        yield f"swap {key!r}", Batch({(table, key): chance.pick(found)[1], (table, chance.pick(found)[0]): value})
        at = chance.below(max(len(key), 1))
        yield f"add by {key!r}", Batch({(table, key[:at] + bytes([chance.below(256)]) + key[at + 1 :]): value})
    for key in (b"", big_endian(1), big_endian(99), b"first", b"pruned", bytes(32), b"asset\x00assets\x00A-9"):
        if (table, key) not in rows(store):
            yield f"add {key!r}", Batch({(table, key): big_endian(2) + b'{"holder":"north.member1","version":0}'})


def test_a_write_that_was_written_over_in_its_block_is_held_against_its_receipt() -> None:
    copy = MemoryStore(deepcopy(COPIES["whole"]._tables))
    height = big_endian(ChainView(copy).height)
    row = copy._tables[tables.WRITES][height]
    copy.commit(Batch({(tables.WRITES, height): row.replace(b'{\\"count\\":1}', b'{\\"count\\":7}')}))
    assert refused(copy) == "wrong-writes"
    copy.commit(Batch({(tables.WRITES, height): row + b"\n[]"}))
    assert refused(copy) == "wrong-writes"


def test_a_ledger_of_no_blocks_at_all_is_refused() -> None:
    """It says that its first block is the one to come, so that nothing leads up to the newest header."""
    copy = MemoryStore(deepcopy(COPIES["whole"]._tables))
    head = ChainView(copy).height
    copy.commit(Batch({(tables.META, tables.FIRST): big_endian(head + 1), (tables.META, tables.PRUNED): big_endian(head)}))
    assert refused(copy) == "incomplete"


def refused(copy: MemoryStore) -> str:
    return refusal(VerificationError, rebuilt, copy).code


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", COPIES)
def test_a_changed_row_is_refused_or_changes_nothing(kind: str, table: str) -> None:
    """Seeded: what is rebuilt of a damaged copy has the rows of the undamaged one, or is a part of the same ledger."""
    source, seed = COPIES[kind], 7
    honest, tried = rows(rebuilt(source)), 0
    for name, batch in damages(source, table, Chance(seed)):
        copy = MemoryStore(deepcopy(source._tables))
        copy.commit(batch)
        tried += 1
        try:
            result = rebuilt(copy)
        except (InputError, VerificationError, RefusedError, StorageError):
            continue
        if (found := rows(result)) == honest:
            continue
        # A copy that says that it ends earlier, or holds fewer blocks whole, is true as far as it goes.
        assert any(
            place in ((tables.META, tables.HEAD), (tables.META, tables.PRUNED), (tables.META, tables.FIRST))
            for place in batch.writes
        ), (seed, name)
        assert {place: row for place, row in found.items() if place[0] in TRUE}.items() <= honest.items(), (seed, name)
        Chain.open(result, CONTRACTS, GENESIS.ledger)
    assert tried >= 7
