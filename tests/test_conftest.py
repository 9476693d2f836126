"""The watch on processes sees a process that a test would leave behind."""

import subprocess
import sys

import pytest
from hypothesis import settings

from tests.conftest import MARK, processes_with_mark


@pytest.mark.skipif(sys.platform != "linux", reason="the watch reads /proc")
def test_a_started_process_is_seen_until_it_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={MARK: "a-mark"},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert processes_with_mark("a-mark") == [process.pid]
        process.communicate(b"\n")
    assert processes_with_mark("a-mark") == []


def test_generated_inputs_are_the_same_in_every_run() -> None:
    profile = settings.get_profile("repeatable")
    assert profile.derandomize
    assert profile.database is None
