"""The clock: the host's time, or a lab's that only moves forward and is on disk first."""

from pathlib import Path

import pytest

from ledger.errors import ConflictError, MalformedError, OperatorError
from nodes.node.clock import Clock, begin_clocks
from tests.support import refusal

HOUR_MS = 3_600_000


def test_a_clock_without_file_is_the_hosts_and_cannot_be_set() -> None:
    clock = Clock()
    assert refusal(ConflictError, clock.set, clock.now_ms() + HOUR_MS).code == "clock-fixed"


def test_a_set_clock_shows_the_instant_and_runs_on(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "offset")
    instant = clock.now_ms() + HOUR_MS
    clock.set(instant)
    assert instant <= clock.now_ms() < instant + HOUR_MS


def test_a_set_clock_survives_its_process(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "offset")
    clock.set(clock.now_ms() + HOUR_MS)
    assert Clock(tmp_path / "offset").offset_ms == clock.offset_ms >= HOUR_MS - 1


def test_a_clock_never_goes_back(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "offset")
    instant = clock.now_ms() + HOUR_MS
    clock.set(instant)
    assert refusal(ConflictError, clock.set, instant - HOUR_MS // 2).code == "clock-backward"
    assert clock.now_ms() >= instant


def test_an_instant_beyond_canonical_json_is_refused(tmp_path: Path) -> None:
    refusal(MalformedError, Clock(tmp_path / "offset").set, 2**53)


@pytest.mark.parametrize("text", ["", "-", "--5", "1.5", "soon", "\u0665", "9" * 5_000])
def test_a_damaged_offset_file_is_no_silent_reset(tmp_path: Path, text: str) -> None:
    (tmp_path / "offset").write_text(text)
    assert refusal(OperatorError, Clock, tmp_path / "offset").code == "bad-clock-file"


def test_the_clocks_of_a_new_lab_begin_at_one_instant_that_may_lie_in_the_past(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    begin_clocks(paths, 1_000_000)
    first, second = (Clock(path) for path in paths)
    assert first.offset_ms == second.offset_ms < 0
    assert 1_000_000 <= first.now_ms() < 1_000_000 + 60_000
    refusal(ConflictError, first.set, 999_999)
    first.set(5_000_000)
    assert Clock(paths[0]).now_ms() >= 5_000_000
