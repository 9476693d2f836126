"""Rows in memory behave as a dumb dictionary that is sorted at each scan."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.state.store import Batch, MemoryReader

KEYS = st.binary(max_size=2)


@given(
    st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=2)), max_size=20),
    st.tuples(KEYS, KEYS),
    st.integers(0, 5),
    st.booleans(),
)
def test_reads_are_those_of_a_dictionary(
    writes: list[tuple[bytes, bytes | None]], bounds: tuple[bytes, bytes], limit: int, reverse: bool
) -> None:
    reader, rows = MemoryReader(), dict[bytes, bytes]()
    for key, value in writes:
        batch = Batch()
        if value is None:
            batch.delete("t", key)
            rows.pop(key, None)
        else:
            batch.put("t", key, value)
            rows[key] = value
        reader.apply(batch)
    start, end = bounds
    inside = sorted(((k, v) for k, v in rows.items() if start <= k < end), reverse=reverse)
    assert reader.scan("t", start, end, limit, reverse) == inside[:limit]
    assert all(reader.get("t", key) == rows.get(key) for key, _ in writes)
    assert reader.get("other", start) is None
