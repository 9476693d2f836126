"""The clock: the host's time, or a lab's that only moves forward and is on disk first."""

from pathlib import Path

import pytest

from ledger.errors import ConflictError, MalformedError, OperatorError
from nodes.clock import Clock

HOUR_MS = 3_600_000


def test_a_clock_without_file_is_the_hosts_and_cannot_be_set() -> None:
    clock = Clock()
    with pytest.raises(ConflictError) as caught:
        clock.set(clock.now_ms() + HOUR_MS)
    assert caught.value.code == "clock-fixed"


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
    with pytest.raises(ConflictError) as caught:
        clock.set(instant - HOUR_MS // 2)
    assert caught.value.code == "clock-backward"
    assert clock.now_ms() >= instant


def test_an_instant_beyond_canonical_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedError):
        Clock(tmp_path / "offset").set(2**53)


@pytest.mark.parametrize("text", ["", "-5", "1.5", "soon"])
def test_a_damaged_offset_file_is_no_silent_reset(tmp_path: Path, text: str) -> None:
    (tmp_path / "offset").write_text(text)
    with pytest.raises(OperatorError) as caught:
        Clock(tmp_path / "offset")
    assert caught.value.code == "bad-clock-file"
