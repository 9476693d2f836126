"""Rows are read once until they are forgotten."""

import pytest

from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, RememberingReader


def test_a_row_is_read_once_until_it_is_forgotten() -> None:
    below = MemoryStore()
    reader = RememberingReader(below)
    assert reader.get("t", b"k") is None
    below.commit(Batch({("t", b"k"): b"1"}))
    assert reader.get("t", b"k") is None
    assert reader.scan("t", b"a", b"z", 9) == [(b"k", b"1")]
    reader.forget()
    assert reader.get("t", b"k") == b"1"


def test_it_keeps_a_bounded_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.state.store.ROWS_MAX", 2)
    below = MemoryStore()
    reader = RememberingReader(below)
    for key in (b"a", b"b", b"c"):
        reader.get("t", key)
    below.commit(Batch({("t", key): b"1" for key in (b"a", b"c")}))
    assert [reader.get("t", key) for key in (b"a", b"c")] == [b"1", None]
