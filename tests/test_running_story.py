"""The story desk of a lab: plays on, back, by itself; answers from the ledger, by role; goes on after faults and restarts."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ConflictError, JsonValue, NotFoundError, TallystickError
from nodes.lab.control import LabControl
from nodes.lab.lab import Lab
from nodes.lab.remote import RemoteControl
from nodes.network.in_process import InProcessNetwork
from scenarios.catalogue import SCENARIOS
from scenarios.dates import START_MS
from scenarios.running.first_story import FIRST_STORY, GARDEN, HOUSE, workshop_network
from scenarios.running.moves import HOLDS
from scenarios.running.story_run import STORY_FILE, StoryRun
from scenarios.story.play import play
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.workshop.network import EXTENSION
from scenarios.workshop.room import Room
from tests.network_support import wait_until
from tests.workshop_lab import begin_again, running_workshop

STEPS = 16


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_workshop(tmp_path_factory.mktemp("lab") / "network", START_MS) as running:
        yield running.lab


@pytest.fixture
def room(lab: Lab) -> Room:
    begin_again(lab)
    return Room(lab.network.directory, 1)


def endings(control: RemoteControl) -> list[Any]:
    return [(row["told"], row["refused"], row["height"] is not None) for row in control.get("/story")["steps"]]


def test_the_story_is_played_to_a_step_and_on(room: Room) -> None:
    control = room.control
    assert (control.get("/story")["at"], control.get("/story")["of"]) == (0, STEPS)
    control.order("/story", {"to": 5})
    story = control.get("/story")
    assert story["at"] == 5
    assert [row["told"] for row in story["steps"]] == [True] * 5 + [False] * (STEPS - 5)
    assert [row["refused"] for row in story["steps"]][:6] == [False] * 4 + [True, False]
    control.order("/story", {"do": "next"})
    assert control.get("/network")["story"] == {"at": 6, "of": STEPS, "playing": False}
    control.order("/story", {"to": STEPS})
    with pytest.raises(ConflictError, match="beyond"):
        control.post("/story", {"do": "next"})
    with pytest.raises(ConflictError):
        control.post("/story", {"to": STEPS + 1})


def test_a_row_says_what_moves_and_whither_a_refused_attempt_was_to_go(room: Room) -> None:
    room.control.order("/story", {"to": 6})
    rows = room.control.get("/story")["steps"]
    moved = [[(move["name"], move["from"], move["to"], move["refused"]) for move in row["moves"]] for row in rows]
    merchant, blender = "south.member1", "east.member1"
    assert moved[:4] == [
        [("tea-1", None, GARDEN, False)], [("tea-1", GARDEN, merchant, False)], [], [("tea-1", merchant, blender, False)],
    ]  # fmt: skip
    assert moved[4:7] == [[("tea-1", merchant, HOUSE, True)], [("tea-1", blender, HOUSE, True)], []]
    begun = [{"number": 1, "lane": GARDEN}, {"number": 2, "lane": merchant}, {"number": 4, "lane": blender}]
    for number in (6, 9):
        assert room.control.get(f"/story/steps/{number}")["thing"] == {"name": "tea-1", "held": begun}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_trade_has_records_that_somebody_holds(name: str) -> None:
    collections = SCENARIOS[name].contract.collections.values()
    assert any(set(HOLDS) & collection.record.model_fields.keys() for collection in collections)


def test_a_step_in_full_says_what_changed_and_where_it_stands(room: Room) -> None:
    room.control.order("/story", {"to": 5})
    step = room.control.get("/story/steps/4", lang="zh")
    assert step["records"][0]["rows"][0] == ["持有人", "茶商老陈", "拼茶师王师傅"]
    assert step["signed"] == [["茶商老陈", "south.member1"]]
    assert step["places"][0]["height"] == room.control.get("/story")["steps"][3]["height"]
    refused = room.control.get("/story/steps/5")
    assert (refused["records"], refused["refused"]) == ([], True)
    assert "not-holder" in refused["reasons"][0]
    assert room.control.get("/story/steps/9", lang="zh")["told"] is False
    for wrong in (0, STEPS + 1):
        with pytest.raises(NotFoundError):
            room.control.get(f"/story/steps/{wrong}")


def test_a_forged_signature_says_whose_key_it_was(room: Room) -> None:
    room.control.order("/story", {"to": 10})
    step = room.control.get("/story/steps/10", lang="zh")
    assert step["signed"] == [["拼茶师王师傅（实际用的是周记茶馆的密钥）", "east.member1"]]
    assert "wrong-signature" in step["reasons"][0]
    assert step["actors"] == ["west.member1"]


def test_a_step_opens_the_log_at_its_place(room: Room) -> None:
    control = room.control
    control.order("/story", {"to": 2})
    height = control.get("/story")["steps"][1]["height"]

    def decided() -> set[int]:
        span = control.get("/story/steps/2")["log"] or {"from": 1, "to": 0}
        control.get("/log")
        records = control.get("/log", after=span["from"] - 1, limit=500)["records"]
        return {one["height"] for one in records if one["kind"] == "commit" and one["index"] <= span["to"]}

    wait_until(lambda: height in decided(), "the step's decision is not in its part of the log")
    assert decided() <= {height - 1, height}


def test_back_is_another_branch(room: Room) -> None:
    control = room.control
    control.order("/story", {"to": 8})
    before = control.get("/network")["generation"]
    control.order("/story", {"to": 3})
    story = control.get("/story", lang="en")
    assert (story["at"], story["branch"] > before) == (3, True)
    assert "equivocate" in story["branch_note"]
    control.order("/story", {"to": STEPS})
    assert endings(control)[-1] == (True, False, False)


def test_it_plays_by_itself_until_paused(room: Room) -> None:
    control = room.control
    control.order("/story", {"do": "play", "pace_ms": 0})
    wait_until(lambda: control.get("/story")["at"] >= 3, "the story does not play")
    control.order("/story", {"do": "pause"})
    at = control.get("/story")["at"]
    time.sleep(0.3)
    assert (control.get("/story")["at"], control.get("/story")["playing"]) == (at, False)
    control.order("/story", {"do": "play", "pace_ms": 0})
    wait_until(lambda: not control.get("/story")["playing"], "the story does not end")
    assert control.get("/story")["at"] == STEPS


def test_after_the_last_step_there_is_none(tmp_path: Path) -> None:
    network = InProcessNetwork.create(tmp_path, workshop_network(START_MS), extension=(EXTENSION,))
    with network:
        run = StoryRun(Lab(network), FIRST_STORY)
        for _ in range(STEPS):
            run.play()
        with pytest.raises(ConflictError) as raised:
            run.play()
        run.close()
    assert raised.value.code == "story-ended"


def test_who_knows_no_role_is_told_so(room: Room) -> None:
    with pytest.raises(NotFoundError):
        room.control.get("/story", role="nobody.here")


def test_a_reset_by_anybody_begins_the_story_again(room: Room) -> None:
    room.control.order("/story", {"to": 3})
    room.control.order("/reset")
    assert room.control.get("/story")["at"] == 0
    room.control.order("/story", {"to": 3})


def test_it_goes_on_where_a_killed_node_leaves_it(room: Room) -> None:
    control = room.control
    control.order("/story", {"to": 2})
    control.order("/nodes/north.validator", {"do": "kill"})
    control.order("/story", {"to": 6})
    assert control.get("/story/steps/6")["places"][0]["height"] == 5


def test_without_a_quorum_the_step_waits_and_its_envelope_counts_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.running.story_run.FINAL_S", 1)
    control = room.control
    control.order("/story", {"to": 1})
    for node in ("north.validator", "south.validator"):
        control.order(f"/nodes/{node}", {"do": "kill"})
    with pytest.raises(TallystickError) as raised:
        control.order("/story", {"do": "next"})
    assert raised.value.code == "not-final"
    story = control.get("/story", lang="zh")
    assert (story["at"], story["failure"]["step"]) == (1, 2)
    assert "信封" in story["failure"]["sentence"]
    for node in ("north.validator", "south.validator"):
        control.order(f"/nodes/{node}", {"do": "start"})
    control.order("/story", {"do": "next"})
    step = control.get("/story/steps/2")
    assert (step["refused"], step["records"][0]["rows"][1][2], control.get("/story")["failure"]) == (False, "1", None)


def test_what_ends_otherwise_is_told_as_it_ended_and_the_story_goes_on(room: Room) -> None:
    control = room.control
    control.order("/story", {"to": 1})
    argument: JsonValue = {"number": "tea-1", "to": HOUSE}
    control.post("/submit", {"signers": [GARDEN], "contract": "asset", "operation": "transfer", "arguments": argument})
    with pytest.raises(TallystickError) as raised:
        control.order("/story", {"do": "next"})
    assert raised.value.code == "not-as-told"
    story = control.get("/story")
    assert (story["at"], story["steps"][1]["refused"], story["failure"]["step"]) == (2, True, 2)
    control.order("/story", {"do": "next"})
    assert control.get("/story")["failure"] is None


def test_a_clock_that_somebody_moved_further_does_not_stop_it(room: Room) -> None:
    room.control.order("/clock", {"forward_ms": 5 * 86_400_000})
    room.control.order("/story", {"to": 4})
    assert room.control.get("/story")["at"] == 4


def test_another_program_goes_on_where_the_first_one_ended(tmp_path: Path) -> None:
    network = InProcessNetwork.create(tmp_path, workshop_network(START_MS), extension=(EXTENSION,))
    room = Room(tmp_path, 1)
    with network, LabControl(network):
        assert room.control.get("/story")["branch_note"] == ""
        room.control.order("/story", {"to": 8})
        first = room.control.get("/story/steps/4")
    with InProcessNetwork(tmp_path) as again, LabControl(again):
        assert room.control.get("/story")["at"] == 8
        assert room.control.get("/story/steps/4")["records"] == first["records"]
        room.control.order("/story", {"to": 9})  # the envelope of an earlier step once more
    (tmp_path / "story.jsonl").write_bytes(b"{}\n")
    with InProcessNetwork(tmp_path) as damaged, LabControl(damaged):
        assert room.control.get("/story")["at"] == 0


def test_it_ends_in_the_middle_of_a_long_way(tmp_path: Path) -> None:
    network = InProcessNetwork.create(tmp_path, workshop_network(START_MS), extension=(EXTENSION,))
    with network, LabControl(network):
        control = Room(tmp_path, 1).control
        control.post("/story", {"to": STEPS})
        wait_until(lambda: control.get("/story")["at"] >= 1, "the story does not begin")
    assert (tmp_path / STORY_FILE).read_bytes().count(b"\n") < STEPS


def test_the_first_story_is_the_same_in_the_simulator_by_seed() -> None:
    def played(seed: int) -> Any:
        return play(FIRST_STORY, SimulatedStage(FIRST_STORY.specification(), seed))

    one, other = played(5), played(5)
    assert one.head == other.head != played(6).head
    assert [finding.faults for finding in FIRST_STORY.findings(one)] == [(), ()]
    assert len(one.steps) == STEPS


def test_its_findings_see_what_is_wrong() -> None:
    played = play(FIRST_STORY, SimulatedStage(FIRST_STORY.specification(), 5))
    records = dict(played.records["assets"])
    records["tea-9"] = records["tea-1"]
    found = FIRST_STORY.findings(type(played)(played.steps, {"assets": records}, played.start_ms, played.head))
    assert [finding.faults for finding in found] == [("tea-9",), ("tea-9",)]
