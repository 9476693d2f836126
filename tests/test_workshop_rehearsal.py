"""The teacher's machine goes away in the middle of lab 1 and comes back: nothing is lost, and every browser goes on.

The long form is the room of the teacher's guide and prints what it took:

    .venv/bin/python -m pytest --long -s -k thirty tests/test_workshop_rehearsal.py
"""

from pathlib import Path

import pytest

from tests.browser import started_browser
from tests.rehearsal import Figures, ServedRoom, rehearse


def rehearsed(directory: Path, *sizes: int, is_power_cut: bool) -> Figures:
    with ServedRoom(directory / "room", len(sizes)) as room, started_browser() as browser:
        return rehearse(room, browser, sizes, is_power_cut=is_power_cut)


@pytest.mark.usefixtures("no_process_left")
def test_the_program_of_the_room_is_killed_and_all_go_on(tmp_path: Path) -> None:
    print(rehearsed(tmp_path, 3, is_power_cut=False))


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.usefixtures("no_process_left")
def test_thirty_browsers_go_on_after_a_power_cut(tmp_path: Path) -> None:
    print(rehearsed(tmp_path, *[3] * 10, is_power_cut=True))
