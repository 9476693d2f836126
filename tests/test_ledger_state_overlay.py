"""State rows, overlays and pages against a plain dictionary."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import RefusedError
from ledger.state.map_proof import state_key
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView, put_state
from ledger.state.store import Batch
from tests.support import refusal

KEYS = ["a", "a ", "aa", "b", "é", "仓", "\uffff", "😀"]
NAMES = st.tuples(st.sampled_from(["c", "c-"]), st.sampled_from(["x", "x-"]), st.sampled_from(KEYS))
CONTENTS = st.dictionaries(NAMES, st.sampled_from([b"1", b"2", None]))
Content = dict[tuple[str, str, str], bytes | None]


def view_of(content: Content, height: int = 7) -> StateView:
    store, batch = MemoryStore(), Batch()
    for (contract, collection, key), value in content.items():
        put_state(batch, height, contract, collection, key, value)
    store.commit(batch)
    return StateView(store)


def overlay_of(base: StateView | Overlay, changes: Content) -> Overlay:
    overlay = Overlay(base)
    for (contract, collection, key), value in changes.items():
        if value is None:
            overlay.delete(contract, collection, key)
        else:
            overlay.put(contract, collection, key, value)
    return overlay


def assert_reads(state: StateView | Overlay, content: Content, limit: int) -> None:
    """Single reads and pages of every size agree with the dictionary."""
    for contract, collection in (("c", "x"), ("c", "x-"), ("c-", "x")):
        expected = [content.get((contract, collection, key)) for key in KEYS]
        assert [state.get(contract, collection, key) for key in KEYS] == expected
        rows = [(key, value) for key, value in zip(KEYS, expected, strict=True) if value is not None]
        assert state.page(contract, collection, "", 100) == rows
        for after in KEYS:
            assert state.page(contract, collection, after, limit) == [row for row in rows if row[0] > after][:limit]


@given(CONTENTS, st.integers(0, 3))
def test_view_reads_what_was_written_and_skips_tombstones(content: Content, limit: int) -> None:
    assert_reads(view_of(content), content, limit)


@given(CONTENTS, CONTENTS, CONTENTS, st.integers(0, 3))
def test_overlays_read_like_a_dictionary_and_leave_their_base_alone(
    content: Content, first: Content, second: Content, limit: int
) -> None:
    view = view_of(content)
    lower = overlay_of(view, first)
    upper = overlay_of(lower, second)
    assert_reads(upper, {**content, **first, **second}, limit)
    assert_reads(lower, {**content, **first}, limit)
    assert_reads(view, content, limit)


@given(CONTENTS, CONTENTS)
def test_commit_moves_everything_into_the_overlay_below(first: Content, second: Content) -> None:
    lower = overlay_of(view_of({}), first)
    upper = overlay_of(lower, second)
    upper.commit()
    assert upper.writes() == ()
    assert {(c, n, k): value for c, n, k, value in lower.writes()} == {**first, **second}


@given(CONTENTS)
def test_writes_come_once_a_key_in_order_of_the_state_key(changes: Content) -> None:
    writes = overlay_of(overlay_of(view_of({}), changes), changes).writes()
    assert {(c, n, k): value for c, n, k, value in writes} == changes
    keys = [state_key(c, n, k) for c, n, k, _ in writes]
    assert keys == sorted(set(keys))


def test_only_an_overlay_on_an_overlay_is_committed() -> None:
    with pytest.raises(AssertionError, match="only an overlay"):
        Overlay(view_of({})).commit()


def test_a_tombstone_keeps_the_height_of_the_deletion() -> None:
    view = view_of({("c", "x", "a"): None, ("c", "x", "b"): b"1"}, height=9)
    assert [view.last_height("c", "x", key) for key in ("a", "b", "aa")] == [9, 9, None]
    assert view.get("c", "x", "a") is None


@pytest.mark.parametrize("key", ["", "a\x00b", "k" * 257, "\ud800"], ids=["empty", "nul", "long", "surrogate"])
def test_bad_keys_are_refused_in_reads_and_writes(key: str) -> None:
    view = view_of({})
    overlay = Overlay(view)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: view.get("c", "x", key),
        lambda: overlay.get("c", "x", key),
        lambda: overlay.put("c", "x", key, b"1"),
        lambda: overlay.delete("c", "x", key),
    )
    for attempt in attempts:
        assert refusal(RefusedError, attempt).code == "bad-key"
    assert overlay.writes() == ()


def test_the_longest_key_is_taken() -> None:
    key = "仓" * 256
    overlay = Overlay(view_of({}))
    overlay.put("c" * 64, "x" * 64, key, b"1")
    assert overlay.get("c" * 64, "x" * 64, key) == b"1"
