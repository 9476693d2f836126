"""The simulated disk against a plain dictionary: everything committed is seen, what was not durable is lost in a crash."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.state.memory_store import MemoryStore
from ledger.state.store import Batch, Reader

KEYS = [b"", b"\x00", b"\x00\xff", b"a", b"ab", b"\xff"]
WRITES = st.dictionaries(
    st.tuples(st.sampled_from(["t", "t2"]), st.sampled_from(KEYS)), st.sampled_from([b"", b"1", b"22", None]), max_size=8
)
Rows = dict[tuple[str, bytes], bytes | None]


def expected_scan(rows: Rows, table: str, start: bytes, end: bytes, limit: int, reverse: bool) -> list[tuple[bytes, bytes]]:
    found = sorted((k, v) for (t, k), v in rows.items() if t == table and v is not None and start <= k < end)
    return (found[::-1] if reverse else found)[:limit]


def assert_reads(reader: Reader, rows: Rows) -> None:
    for table in ("t", "t2", "absent"):
        assert [reader.get(table, key) for key in KEYS] == [rows.get((table, key)) for key in KEYS]
        for start, end in ((b"", b"\xff\xff"), (b"\x00", b"ab"), (b"b", b"a")):
            for limit in (0, 2, 100):
                for reverse in (False, True):
                    expected = expected_scan(rows, table, start, end, limit, reverse)
                    assert reader.scan(table, start, end, limit, reverse) == expected


class SimulatedDisks(RuleBasedStateMachine):
    """Commits, flushes and crashes of the simulated disk beside two dictionaries: what is seen and what is durable."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.seen: Rows = {}
        self.durable: Rows = {}
        self.waiting: list[Rows] = []

    @rule(writes=WRITES)
    def commit(self, writes: Rows) -> None:
        assert self.store.commit(Batch(dict(writes))) == self.store.ticket
        self.seen = {**self.seen, **writes}
        self.waiting.append(writes)

    @rule(count=st.integers(0, 3))
    def flush(self, count: int) -> None:
        done, self.waiting = self.waiting[:count], self.waiting[count:]
        self.store.flush(self.store.durable_ticket + len(done))
        for writes in done:
            self.durable = {**self.durable, **writes}

    @rule()
    def crash(self) -> None:
        self.store = self.store.crash()
        self.seen, self.waiting = self.durable, []

    @invariant()
    def reads_show_every_commit(self) -> None:
        assert_reads(self.store, self.seen)


TestSimulatedDisks = SimulatedDisks.TestCase
TestSimulatedDisks.settings = settings(max_examples=40, stateful_step_count=15)


def test_a_simulated_crash_loses_what_was_not_durable() -> None:
    store = MemoryStore()
    store.commit(Batch({("t", b"a"): b"1"}))
    store.flush()
    store.commit(Batch({("t", b"a"): b"2", ("t", b"b"): b"3"}))
    after = store.crash()
    assert (after.get("t", b"a"), after.get("t", b"b"), after.ticket) == (b"1", None, 0)
    with pytest.raises(AssertionError, match="crashed"):
        store.commit(Batch())
