"""Faults while a story plays: they act at once, a step waits for its quorum and goes on by itself, a reset ends it all."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.app.lab_routes import VIA
from nodes.lab.lab import Lab
from nodes.lab.remote import RemoteControl
from scenarios.dates import START_MS
from tests.workshop_lab import begin_again, running_workshop

STEPS = 16
NORTH, SOUTH, EAST, WEST = (f"{name}.validator" for name in ("north", "south", "east", "west"))
AT_ONCE_S, FINAL_S, SECONDS_MAX = 60, 200, 60
"""A step without a quorum takes `FINAL_S` here to give up: what is there sooner did not wait for it."""
STANDS = 4
"""A story stands when so many looks, half a second apart, show the same step: one pause may be the machine's own."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_workshop(tmp_path_factory.mktemp("lab") / "network", START_MS) as running:
        yield running.lab


@pytest.fixture(autouse=True)
def patient_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.running.story_run.FINAL_S", FINAL_S)


@pytest.fixture
def control(lab: Lab) -> RemoteControl:
    return begin_again(lab)


def until(holds: Callable[[], bool], seconds: float = SECONDS_MAX) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def story(control: RemoteControl) -> Any:
    return control.get("/network")["story"]


def silence(control: RemoteControl) -> int:
    """Kills two of four; the step at which the story then stands."""
    for node in (NORTH, SOUTH):
        control.order(f"/nodes/{node}", {"do": "kill"}, AT_ONCE_S)
    seen: list[int] = []

    def stands() -> bool:
        seen.append(story(control)["at"])
        time.sleep(0.5)
        return len(seen) >= STANDS and len({*seen[-STANDS:]}) == 1

    until(stands)
    return seen[-1]


def test_nodes_are_killed_and_started_while_a_story_goes_its_way(control: RemoteControl) -> None:
    job = control.post("/story", {"to": STEPS})["job"]
    until(lambda: story(control)["at"] >= 1)
    at = silence(control)
    assert at < STEPS
    assert story(control) == {"at": at, "of": STEPS, "playing": True}
    control.order(f"/nodes/{SOUTH}", {"do": "start"}, AT_ONCE_S)
    until(lambda: story(control)["at"] > at, AT_ONCE_S)
    until(lambda: control.get(f"/jobs/{job['number']}")["state"] == "done")
    assert (story(control), control.get("/story")["failure"]) == ({"at": STEPS, "of": STEPS, "playing": False}, None)


@pytest.mark.parametrize(
    "fault", ["kill", pytest.param("isolate", marks=pytest.mark.long), pytest.param("partition", marks=pytest.mark.long)]
)
def test_a_story_that_plays_waits_for_its_quorum_and_goes_on_by_itself(
    control: RemoteControl, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("scenarios.running.story_run.FINAL_S", 1)
    control.order("/story", {"to": 2})
    if fault == "partition":
        control.order("/partition", {"groups": [[NORTH, SOUTH], [EAST, WEST]]})
    else:
        for node in (NORTH, SOUTH):
            control.order(f"/nodes/{node}", {"do": fault})
    control.post("/story", {"do": "play", "pace_ms": 0})
    until(lambda: control.get("/story")["failure"] is not None)
    told = control.get("/story", lang="zh")
    assert (told["at"], told["playing"], told["failure"]["code"]) == (3, True, "not-final")  # the third needs no node
    assert "自行继续" in told["failure"]["sentence"]
    if fault == "kill":
        control.order(f"/nodes/{SOUTH}", {"do": "start"}, AT_ONCE_S)
    else:
        control.order("/heal", seconds=AT_ONCE_S)
    until(lambda: story(control)["at"] == STEPS)
    until(lambda: not story(control)["playing"])
    assert control.get("/story")["failure"] is None
    rows = control.get("/story")["steps"]
    assert [row["refused"] for row in rows][2:5] == [False, False, True]  # as it is told: no envelope counted twice


def test_a_reset_ends_the_way_at_once_also_of_a_step_that_waits(control: RemoteControl) -> None:
    job = control.post("/story", {"to": STEPS})["job"]
    until(lambda: story(control)["at"] >= 1)
    silence(control)
    control.order("/reset", seconds=AT_ONCE_S)
    assert control.get(f"/jobs/{job['number']}")["state"] == "done"
    assert story(control) == {"at": 0, "of": STEPS, "playing": False}
    assert control.get("/story")["failure"] is None
    control.order("/story", {"to": 3})
    assert [row["refused"] for row in control.get("/story")["steps"]][:3] == [False] * 3


def test_a_reset_ends_what_plays_by_itself(control: RemoteControl) -> None:
    control.post("/story", {"do": "play", "pace_ms": 0})
    until(lambda: story(control)["at"] >= 2)
    control.order("/reset")
    time.sleep(0.5)
    assert story(control) == {"at": 0, "of": STEPS, "playing": False}


def test_back_does_not_wait_for_a_step_without_a_quorum(control: RemoteControl) -> None:
    control.order("/story", {"to": 4})
    control.post("/story", {"to": STEPS})
    silence(control)
    control.order("/story", {"to": 2}, 2 * AT_ONCE_S)
    assert story(control) == {"at": 2, "of": STEPS, "playing": False}
    assert all(node["running"] for node in control.get("/network")["nodes"])


def test_the_newer_of_two_orders_counts(control: RemoteControl) -> None:
    first = control.post("/story", {"to": STEPS})["job"]
    control.order("/story", {"to": 3})
    at = story(control)["at"]
    assert 3 <= at < STEPS
    assert control.get(f"/jobs/{first['number']}")["state"] == "done"
    control.post("/story", {"do": "play", "pace_ms": 0})
    control.post("/story", {"do": "play", "pace_ms": 0})
    until(lambda: story(control) == {"at": STEPS, "of": STEPS, "playing": False})
    assert control.get("/story")["failure"] is None


def test_a_pause_ends_a_long_way(control: RemoteControl) -> None:
    job = control.post("/story", {"to": STEPS})["job"]
    until(lambda: story(control)["at"] >= 1)
    control.order("/story", {"do": "pause"}, AT_ONCE_S)
    until(lambda: control.get(f"/jobs/{job['number']}")["state"] == "done")
    assert story(control)["at"] < STEPS


def test_a_checkpoint_is_saved_between_two_steps_of_a_long_way(control: RemoteControl) -> None:
    control.post("/story", {"to": STEPS})
    until(lambda: story(control)["at"] >= 1)
    control.order("/checkpoints", {"name": "amid"})
    (row,) = [row for row in control.get("/checkpoints")["checkpoints"] if row["name"] == "amid"]
    until(lambda: not story(control)["playing"])
    assert 1 <= row["step"] < STEPS
    control.order("/checkpoints/amid")
    assert story(control)["at"] == row["step"]
    control.order("/story", {"to": STEPS})
    assert control.get("/story")["failure"] is None


def test_a_frozen_lab_holds_what_was_ordered_from_the_room(lab: Lab, control: RemoteControl) -> None:
    with lab.client() as client:
        headers = {"authorization": f"Bearer {lab.network.lab_token}", VIA: NORTH}
        path = "/v1/lab/control/story"
        client.request("POST", path, body=b'{"to":%d}' % STEPS, headers=headers)
        until(lambda: story(control)["at"] >= 1)
        control.post("/frozen", {"frozen": True})
        for _ in range(2):  # the step that is played, and one that was let through before, have ended
            with lab.turns:
                held = story(control)
        time.sleep(1)
        assert (story(control), held["playing"]) == (held, True)
    assert held["at"] < STEPS
    control.order("/story", {"do": "next"})  # the teacher's own
    assert story(control) == {"at": held["at"] + 1, "of": STEPS, "playing": False}


def test_it_ends_while_a_step_waits(tmp_path: Path) -> None:
    before = {*threading.enumerate()}
    with running_workshop(tmp_path, START_MS):
        control = RemoteControl(tmp_path)
        control.post("/story", {"to": STEPS})
        silence(control)
        begun = time.monotonic()
    assert time.monotonic() - begun < AT_ONCE_S
    assert not {thread for thread in threading.enumerate() if thread.name.startswith("lab-")} - before


def test_a_node_that_starts_amid_a_new_day_has_its_time(
    lab: Lab, control: RemoteControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.order(f"/nodes/{WEST}", {"do": "stop"})
    restart, day_ms = lab.network.restart, 86_400_000

    def starting(member: str) -> None:
        restart(member)
        lab.network.set_clock(lab.now_ms() + day_ms, NORTH, SOUTH, EAST)  # as a story does that did not find it yet

    monkeypatch.setattr(lab.network, "restart", starting)
    control.order(f"/nodes/{WEST}", {"do": "start"})
    clocks = [node["clock"] for node in control.get("/network")["nodes"]]
    assert max(clocks) - min(clocks) < day_ms // 2
