"""The log: bounded in memory, complete in a lab's file, also after a restart and after a torn line."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from nodes.node.log import FileLog, MemoryLog


def test_memory_keeps_the_newest_and_their_sequences() -> None:
    log = MemoryLog(records_max=3)
    for number in range(5):
        log.append(number, "seen", {"number": number})
    assert [r["sequence"] for r in log.page(0, 10)] == [3, 4, 5]
    assert log.page(3, 1) == [{"sequence": 4, "time": 3, "kind": "seen", "number": 3}]
    assert log.page(5, 10) == []


@given(st.integers(0, 20), st.integers(-1, 20), st.integers(0, 30))
def test_a_file_gives_the_same_pages_as_a_list(count: int, after: int, limit: int) -> None:
    with TemporaryDirectory() as folder, closing(FileLog(Path(folder) / "log")) as log:
        for number in range(count):
            log.append(number, "seen", {})
        expected = [n for n in range(1, count + 1) if n > after][:limit] if after >= 0 else []
        assert [r["sequence"] for r in log.page(after, limit)] == expected


def test_a_file_goes_on_after_a_restart(tmp_path: Path) -> None:
    with closing(FileLog(tmp_path / "log")) as log:
        for number in range(7):
            log.append(number, "seen", {})
    with closing(FileLog(tmp_path / "log")) as log:
        log.append(99, "started", {})
        assert log.changed.value == 8
        assert [r["kind"] for r in log.page(6, 10)] == ["seen", "started"]


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    with closing(FileLog(tmp_path / "log")) as log:
        log.append(1, "seen", {})
    with (tmp_path / "log").open("ab") as file:
        file.write(b'{"kind":"se')
    with closing(FileLog(tmp_path / "log")) as log:
        log.append(2, "started", {})
        assert [(r["sequence"], r["kind"]) for r in log.page(0, 10)] == [(1, "seen"), (2, "started")]
