"""Checkpoints of a running lab: ledger, clocks, story and openings go back together; a step back begins at the nearest one."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ConflictError, InputError, NotFoundError, OperatorError
from nodes.lab.control import LabControl
from nodes.lab.lab import Lab
from nodes.lab.remote import RemoteControl
from nodes.network.in_process import InProcessNetwork
from scenarios.catalogue import find_scenario
from scenarios.dates import START_MS
from scenarios.running import checkpoints
from scenarios.workshop.network import EXTENSION
from scenarios.workshop.room import Room
from tests.network_support import wait_until
from tests.workshop_lab import begin_again, running_workshop

GRANT = 17
"""Step of the story of government that seals something."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_workshop(tmp_path_factory.mktemp("lab") / "network", START_MS) as running:
        yield running.lab


@pytest.fixture
def room(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(checkpoints, "SLOW_SECONDS", 60)
    begin_again(lab)
    return Room(lab.network.directory, 1)


def texts(value: Any) -> Iterator[str]:
    """Long texts within sealed values."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part) if name != "salt" else ()
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str) and len(value) > 12:
        yield value


def rows(control: RemoteControl) -> dict[str, int]:
    return {row["name"]: row["step"] for row in control.get("/checkpoints")["checkpoints"]}


def test_a_restore_takes_ledger_clock_and_story_back(room: Room) -> None:
    control = room.control
    control.order("/story", {"to": 4})
    control.order("/checkpoints", {"name": "before-the-fraud"})
    (row,) = control.get("/checkpoints")["checkpoints"]
    story = control.get("/story")["steps"]
    heights = {node["height"] for node in control.get("/network")["nodes"]}
    assert (row["step"], row["height"], row["automatic"]) == (4, max(heights), False)
    control.order("/story", {"to": 16})
    later = control.get("/network")["nodes"][0]["clock"]
    control.order("/checkpoints/before-the-fraud")
    assert control.get("/story")["steps"][:4] == story[:4]
    assert control.get("/story")["at"] == 4
    wait_until(lambda: 0 < (control.get("/network")["nodes"][0]["clock"] or 0) < later, "the node said its clock")
    control.order("/story", {"to": 9})  # an envelope from before the checkpoint comes once more
    assert control.get("/story")["at"] == 9


def test_a_branch_may_go_another_way_and_is_told(room: Room) -> None:
    control = room.control
    control.order("/story", {"to": 2})
    control.order("/checkpoints", {"name": "fork"})
    branch = control.get("/checkpoints")["branch"]
    control.order("/story", {"to": 4})
    control.order("/checkpoints/fork")
    answer = control.get("/checkpoints", lang="zh")
    assert answer["branch"] == branch + 1
    assert "双签" in answer["branch_note"]
    arguments = {"number": "tea-7", "to": "east.member1"}
    told = control.post(
        "/submit", {"signers": ["east.member1"], "contract": "asset", "operation": "issue", "arguments": {**arguments}}
    )
    assert told.get("status") == "committed", told
    control.order("/story", {"to": 5})


def test_a_step_back_begins_at_the_nearest_chapter(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    control = room.control
    control.order("/story", {"to": 10})
    assert rows(control) == {"auto-chapter-2": 4, "auto-chapter-3": 8}
    control.order("/story", {"to": 9})
    assert (control.get("/story")["at"], rows(control)) == (9, {"auto-chapter-2": 4, "auto-chapter-3": 8})
    control.order("/story", {"to": 5})
    assert rows(control) == {"auto-chapter-2": 4}
    control.order("/story", {"to": 1})
    assert (control.get("/story")["at"], rows(control)) == (1, {})


def test_a_story_on_top_of_something_else_leaves_it_there(room: Room) -> None:
    control = room.control
    arguments = {"number": "lamp", "to": "east.member1"}
    control.post("/submit", {"signers": ["east.member1"], "contract": "asset", "operation": "issue", "arguments": {**arguments}})
    control.order("/story", {"to": 3})
    control.order("/story", {"to": 1})
    with room.client() as client:
        assert client.get("/v1/state/asset/assets/lamp")["value"]["holder"] == "east.member1"


def test_slow_ones_are_not_made_by_themselves(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SLOW_SECONDS", 0.0)
    room.control.order("/story", {"to": 10})
    assert rows(room.control) == {"auto-chapter-2": 4}


@pytest.mark.parametrize("name", ["", "../x", "A", "a b", "con", "auto-chapter-1", "x" * 41, "a.zip"])
def test_a_name_that_is_no_name_is_refused(room: Room, name: str) -> None:
    with pytest.raises(InputError):
        room.control.post("/checkpoints", {"name": name})


def test_a_new_one_takes_the_place_of_an_older_one_and_their_number_is_bounded(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "COUNT_MAX", 1)
    control = room.control
    control.order("/checkpoints", {"name": "午饭前"})
    control.order("/story", {"do": "next"})
    control.order("/checkpoints", {"name": "午饭前"})
    assert rows(control) == {"午饭前": 1}
    with pytest.raises(ConflictError):
        control.post("/checkpoints", {"name": "another"})


def test_what_is_not_there_or_damaged_is_refused(room: Room) -> None:
    control = room.control
    with pytest.raises(NotFoundError):
        control.post("/checkpoints/nothing")
    control.order("/story", {"to": 2})
    control.order("/checkpoints", {"name": "damaged"})
    path = room.directory / checkpoints.FOLDER / "damaged.zip"
    with zipfile.ZipFile(path) as whole:
        about = whole.read(checkpoints.ABOUT)
    with zipfile.ZipFile(path, "w") as empty:
        empty.writestr(checkpoints.ABOUT, about)
    with pytest.raises(OperatorError) as raised:
        control.order("/checkpoints/damaged")
    assert raised.value.code == "bad-backup"
    path.write_bytes(b"no archive")
    assert rows(control) == {}
    control.order("/story", {"to": 3})  # the nodes go on with what they had
    assert control.get("/story")["at"] == 3


def test_openings_go_back_and_open_for_the_entitled_alone(tmp_path: Path) -> None:
    scenario = find_scenario("government")
    network = InProcessNetwork.create(tmp_path, scenario.specification(), extension=(EXTENSION, scenario.name))
    with network, LabControl(network):
        control = Room(tmp_path, 1).control
        assert (control.get("/checkpoints")["branch"], control.get("/checkpoints")["branch_note"]) == (0, "")
        control.order("/story", {"to": GRANT})
        control.order("/checkpoints", {"name": "sealed"})
        before = sorted((path.name, path.read_bytes()) for path in (tmp_path / "openings").iterdir())
        control.order("/story", {"to": GRANT + 3})
        control.order("/checkpoints/sealed")
        assert sorted((path.name, path.read_bytes()) for path in (tmp_path / "openings").iterdir()) == before
        control.order("/story", {"to": GRANT + 2})
        bureau = control.get(f"/story/steps/{GRANT}", role="market-bureau.desk")
        security = control.get(f"/story/steps/{GRANT}", role="social-security.desk")
        nobody = control.get(f"/story/steps/{GRANT}")
        hidden = {text for path in (tmp_path / "openings").glob("*.json") for text in texts(json.loads(path.read_text()))}
    assert (bureau["level"], security["level"], nobody["level"]) == ("value", "digest", "")
    public, bureau_sees, security_sees = (json.dumps(step, ensure_ascii=False) for step in (nobody, bureau, security))
    secret = {text for text in hidden if text not in public}
    assert any(text in bureau_sees for text in secret)
    assert not any(text in security_sees for text in secret)
    assert security["records"] == nobody["records"] != bureau["records"]
