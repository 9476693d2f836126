"""What a voter must not forget: written, read back, and damage that is named instead of forgotten."""

import pytest

from ledger.errors import StorageError
from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, big_endian
from nodes.replica import voting_record
from tests.engine import certificate, said


def test_statements_and_certificates_are_read_back_and_forgotten_by_height() -> None:
    store, batch = MemoryStore(), Batch()
    voting_record.write_statement(batch, said("vote", 0))
    voting_record.write_statement(batch, said("vote", 0, height=2))
    voting_record.write_certificates(batch, [certificate("notar")])
    store.commit(batch)
    kept = voting_record.remembered(store, 1)
    assert (kept.statements, kept.certificates, kept.blocks) == ((said("vote", 0),), (certificate("notar"),), ())
    batch = Batch()
    voting_record.forget(batch, store, 1, said("vote", 0).block)
    store.commit(batch)
    assert voting_record.remembered(store, 1) == voting_record.Remembered((), (), ())
    assert voting_record.remembered(store, 2).statements == (said("vote", 0, height=2),)


@pytest.mark.parametrize("table", [voting_record.STATEMENTS, voting_record.CERTIFICATES, voting_record.CANDIDATES])
def test_a_damaged_row_is_a_damaged_database(table: str) -> None:
    store, batch = MemoryStore(), Batch()
    batch.put(table, big_endian(1) + big_endian(1) + b"vote", b'{"kind":"vote"')
    store.commit(batch)
    with pytest.raises(StorageError) as caught:
        voting_record.remembered(store, 1)
    assert caught.value.code == "database-damaged"
