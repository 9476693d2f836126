"""One log of the lab from the files of its nodes: in order of the host's time, each index once, in bounded memory."""

import json
from pathlib import Path
from typing import Any

import pytest

from nodes.lab import feed as module
from nodes.lab.feed import Feed

DAY_MS = 86_400_000
NOW_MS = 1_700_000_000_000


class Lab:
    """Two log files and the host's clock."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths = {name: directory / f"{name}.jsonl" for name in ("a", "b")}
        self.feed = Feed(self.paths)
        self.now_ms = NOW_MS
        monkeypatch.setattr(module, "wall_ms", lambda: self.now_ms)

    def write(self, name: str, time_ms: int, kind: str = "vote", **fields: Any) -> None:
        with self.paths[name].open("a") as file:
            file.write(json.dumps({"kind": kind, "time": time_ms, **fields}) + "\n")

    def read(self, after: int = 0, limit: int = 100) -> dict[str, Any]:
        self.now_ms += 1_000
        self.feed.read()
        return json.loads(self.feed.page(after, limit))  # type: ignore[no-any-return]

    def times(self, after: int = 0) -> list[tuple[str, int]]:
        return [(record["node"], record["time"] - NOW_MS) for record in self.read(after)["records"]]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(tmp_path, monkeypatch)


def test_records_of_all_nodes_come_in_order_of_time(lab: Lab) -> None:
    assert lab.read() == {"generation": 0, "next": 0, "records": []}
    lab.write("a", NOW_MS + 1, height=1)
    lab.write("a", NOW_MS + 3)
    lab.write("b", NOW_MS + 2)
    answer = lab.read()
    assert [(record["node"], record["index"]) for record in answer["records"]] == [("a", 1), ("b", 2), ("a", 3)]
    assert answer["records"][0] == {"kind": "vote", "height": 1, "node": "a", "time": NOW_MS + 1, "index": 1}
    assert answer["next"] == 3


def test_a_cursor_goes_on_where_it_was(lab: Lab) -> None:
    for time_ms in range(5):
        lab.write("a", NOW_MS + time_ms)
    first = lab.read(limit=2)
    assert [record["index"] for record in first["records"]] == [1, 2]
    assert [record["index"] for record in lab.read(first["next"])["records"]] == [3, 4, 5]
    assert lab.read(5) == {"generation": 0, "next": 5, "records": []}


def test_a_clock_moved_by_days_makes_no_hole(lab: Lab) -> None:
    for name in ("a", "b"):
        lab.write(name, NOW_MS - DAY_MS, "clock", set_to=NOW_MS - DAY_MS, offset_ms=-DAY_MS)
    lab.write("a", NOW_MS - DAY_MS + 10)
    lab.write("a", NOW_MS + DAY_MS + 20, "clock", set_to=NOW_MS + DAY_MS + 20, offset_ms=DAY_MS)
    lab.write("b", NOW_MS - DAY_MS + 25)
    lab.write("a", NOW_MS + DAY_MS + 30)
    assert lab.times() == [("a", 0), ("b", 0), ("a", 10), ("a", 20), ("b", 25), ("a", 30)]


def test_the_newest_wait_for_others_that_may_be_earlier(lab: Lab) -> None:
    lab.write("a", NOW_MS + 950)
    assert lab.times() == [], "50 ms old"
    lab.write("b", NOW_MS + 940)
    assert lab.times() == [("b", 940), ("a", 950)]


def test_one_that_comes_too_late_is_not_put_before_others(lab: Lab) -> None:
    lab.write("a", NOW_MS + 500)
    assert lab.times() == [("a", 500)]
    lab.write("b", NOW_MS + 400)
    assert lab.times(1) == [("b", 500)]


def test_one_look_serves_everybody_for_a_moment(lab: Lab) -> None:
    lab.read()
    lab.write("a", NOW_MS)
    lab.feed.read()
    assert json.loads(lab.feed.page(0, 10))["records"] == [], "looked at just now"
    assert len(lab.read()["records"]) == 1


def test_half_a_line_waits_for_its_end(lab: Lab) -> None:
    lab.write("a", NOW_MS)
    whole = lab.paths["a"].read_bytes()
    lab.paths["a"].write_bytes(whole + whole[:10])
    assert len(lab.read()["records"]) == 1
    lab.paths["a"].write_bytes(whole + whole)
    assert len(lab.read()["records"]) == 2


def test_memory_is_bounded(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORDS_MAX", 3)
    lab.feed.begin(0)
    for time_ms in range(10):
        lab.write("a", NOW_MS + time_ms)
    answer = lab.read(limit=2)
    assert [record["index"] for record in answer["records"]] == [8, 9], "the oldest that is kept comes first"
    assert answer["next"] == 9


def test_a_long_file_is_read_in_parts_and_stays_in_order(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_MAX", 100)
    for time_ms in range(0, 40, 2):
        lab.write("a", NOW_MS + time_ms)
    lab.write("b", NOW_MS + 39)
    for _ in range(20):
        answer = lab.read()
    assert [record["time"] - NOW_MS for record in answer["records"]] == [*range(0, 40, 2), 39]


def test_a_lab_that_went_back_begins_anew(lab: Lab) -> None:
    lab.write("a", NOW_MS)
    assert len(lab.read()["records"]) == 1
    with lab.feed.paused():
        lab.paths["a"].unlink()
        lab.now_ms += 1_000
        lab.feed.read()
        lab.feed.begin(7)
    lab.write("a", NOW_MS + 5)
    record = {"kind": "vote", "node": "a", "time": NOW_MS + 5, "index": 1}
    assert lab.read() == {"generation": 7, "next": 1, "records": [record]}


def test_a_file_that_somebody_began_anew_is_read_from_its_beginning(lab: Lab) -> None:
    for time_ms in range(3):
        lab.write("a", NOW_MS + time_ms)
    lab.read()
    lab.paths["a"].unlink()
    lab.write("a", NOW_MS + 10)
    assert lab.times(3) == [("a", 10)]
