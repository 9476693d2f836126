"""The report of a group: what it keeps, how large it grows, and that nothing in it can act."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ledger.errors import BusyError, TallystickError
from nodes.lab.control import LabControl
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.network.specification import seeded_keys
from nodes.words import Words
from scenarios.dates import START_MS
from scenarios.running.first_story import workshop_network
from scenarios.workshop.group_report import ABOUT, BYTES_MAX, CONTROL, VIEWS, Kept, make_report, report, report_page
from scenarios.workshop.network import EXTENSION
from scenarios.workshop.room import Room
from tests.lab_support import PageAt
from tests.workshop_lab import running_workshop

STEPS = 16
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    directory = tmp_path_factory.mktemp("lab") / "group 7"
    network = InProcessNetwork.create(directory, workshop_network(START_MS), keys=seeded_keys(1), extension=(EXTENSION,))
    with network, LabControl(network):
        room = Room(directory, 1)
        room.control.order("/story", {"to": STEPS})
        room.control.order("/checkpoints", {"name": "end"})
        yield room


def answers(text: str) -> dict[str, Any]:
    found = DATA.search(text)
    assert found is not None
    kept: dict[str, Any] = json.loads(found[1])["answers"]
    return kept


def test_it_keeps_story_ledger_log_labs_and_checkpoints_in_both_languages(room: Room) -> None:
    text, left_out = make_report(room.directory)
    kept = answers(text)
    assert left_out == {}
    for language in ("en", "zh"):
        assert kept[f"{CONTROL}/story?lang={language}"]["at"] == STEPS
        assert all(f"{CONTROL}/story/steps/{number}?lang={language}" in kept for number in range(1, STEPS + 1))
        assert kept[f"{CONTROL}/exercises?lang={language}"]
        assert "end" in {row["name"] for row in kept[f"{CONTROL}/checkpoints?lang={language}"]["checkpoints"]}
    height = kept["/v1/blocks"]["height"]
    assert all(f"/v1/blocks/{number}" in kept for number in range(height + 1))
    refused = [row for row in kept["/v1/transactions"]["transactions"] if row["outcome"] == "rejected"]
    assert [sorted(row["sentence"]) for row in refused] == [["en", "zh"]] * 4
    assert kept["/v1/state/asset/assets/tea-1/history"]["history"]
    assert kept[f"{CONTROL}/log"]["records"][0]["index"] == 1


def test_a_look_that_costs_much_takes_the_token(room: Room) -> None:
    page = PageAt(LocalNetwork(room.directory))
    token, open_to_all = page.token, ("/network", "/story", "/log", "/exercises", "/checkpoints", "/tamper/1", "/progress")
    for page.token in ("wrong", None):
        for path in ("/report", "/noted"):
            assert page.ask("GET", path)[1]["code"] == "wrong-token"
        for path in open_to_all:
            assert page.ask("GET", path)[0] == 200, path
    page.token = token
    assert page.ask("GET", "/noted")[0] == 200
    request = Request(f"{page.url}{CONTROL}/report", headers={"authorization": f"Bearer {token}"})
    with urlopen(request) as response:
        assert response.read().startswith(b"<!doctype html>")


def test_nobody_can_act_from_it(room: Room) -> None:
    text, _ = make_report(room.directory)
    assert LocalNetwork(room.directory).lab_token not in text
    assert f"{CONTROL}/members" not in answers(text)  # no roles: sealed fields are digests


def test_too_much_leaves_out_the_oldest_of_the_log_and_says_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = make_report(room.directory)
    limit = len(whole.encode()) - len(json.dumps(answers(whole)[f"{CONTROL}/log"])) // 2
    monkeypatch.setattr("scenarios.workshop.group_report.BYTES_MAX", limit)
    text, left_out = make_report(room.directory)
    kept = answers(text)
    assert len(text.encode()) <= limit
    assert [*left_out] == ["log"]
    assert kept[ABOUT]["left_out"] == left_out
    oldest = kept[f"{CONTROL}/log"]["records"][0]["index"]
    assert oldest == left_out["log"] + 1
    spans = [step["log"] for path, step in kept.items() if "/story/steps/" in path]
    assert None in spans
    assert all(span is None or span["from"] >= oldest for span in spans)


def test_data_cannot_end_its_element() -> None:
    kept = Kept(10_000)
    assert kept.add("/v1/x", {"text": "</script><script>alert(1)</script>"}, "x")
    text = report_page(kept, "<b>title</b>")
    assert text.count("<script") == 2
    assert "<b>title" not in text


def test_it_fetches_nothing() -> None:
    text = report_page(Kept(10_000), "x")
    assert re.search(r'(?:src|href)="/', text) is None
    assert "default-src 'none'" in text
    assert len(text.encode()) < BYTES_MAX / 5


def test_what_has_no_room_is_counted() -> None:
    kept = Kept(20)
    assert not kept.add("/v1/x", "y" * 100, "records")
    assert (kept.answers, kept.left_out) == ({}, {"records": 1})


def test_the_command_writes_the_file(room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(room.directory, tmp_path / "group.html", "zh")
    assert "本组报告" in capsys.readouterr().out
    assert (tmp_path / "group.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(TallystickError):
        report(room.directory, tmp_path / "no" / "group.html", "en")


def test_a_lab_that_does_not_run_has_none(tmp_path: Path) -> None:
    InProcessNetwork.create(tmp_path, workshop_network(START_MS), extension=(EXTENSION,))
    with pytest.raises(TallystickError) as raised:
        make_report(tmp_path)
    assert raised.value.code == "lab-not-running"


def test_without_a_running_node_there_is_nobody_to_ask(tmp_path: Path) -> None:
    with running_workshop(tmp_path, START_MS) as running:
        for member in running.lab.network.members:
            Room(tmp_path, 1).control.order(f"/nodes/{member}", {"do": "stop"})
        with pytest.raises(BusyError) as raised:
            make_report(tmp_path)
    assert raised.value.code == "no-node-runs"


def test_every_view_it_names_is_one_of_the_page() -> None:
    assert set(VIEWS) <= Words.of("nodes.page")["shell"].keys()
