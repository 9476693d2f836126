"""The program: its commands, their exit codes, and what they leave."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner, Result

from nodes.network.directory import is_network_running
from nodes.network.local import LocalNetwork
from nodes.network.runner import stop_network
from scenarios import command_line, commands, demo
from scenarios.catalogue import SCENARIOS
from scenarios.importing.faults import describe, raise_faults
from scenarios.story.story import Scenario, Story

NAME = "supply-chain-finance"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line.application, list(arguments))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scenario]:
    """The scenario with its first chapter alone, without the exhibits that need the rest."""
    whole = SCENARIOS[NAME]
    with patch.object(commands, "find_scenario", lambda name: one_chapter(whole)):
        yield whole


def one_chapter(whole: Scenario) -> Scenario:
    return replace(
        whole, story=lambda: Story(whole.story().chapters[:1]), exhibits=lambda played_story: (), with_data=None, short=None
    )


def test_scenarios_lists_them_in_both_languages() -> None:
    assert NAME in run("scenarios").stdout
    rows = json.loads(run("scenarios", "--json", "--lang", "zh").stdout)
    assert rows[0]["title"] == "供应链金融"
    assert all(row["contract_lines"] > row["operations"] > 30 for row in rows)


@pytest.mark.parametrize("name", [name for name in SCENARIOS if SCENARIOS[name].sample])
def test_a_sample_is_valid_and_its_command_plays_it(name: str, tmp_path: Path) -> None:
    result = run("scenarios", name, "--sample", str(tmp_path / "new" / "own"), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert sorted(path.name for path in (tmp_path / "new" / "own").iterdir()) == told["files"]
    program, command, *rest = told["command"].split()
    assert program == "tallystick"
    if command == "demo":  # the same story without the four nodes
        command, rest = "simulate", ["--scenario", rest[0], *rest[1:], "--report", str(tmp_path / "report.html")]
    played = run(command, *rest)
    assert played.exit_code == 0, played.output


def test_readings_that_were_not_taken_end_with_exit_code_1(tmp_path: Path) -> None:
    readings = tmp_path / "own" / "readings.csv"
    run("scenarios", "energy", "--sample", str(readings.parent))
    with readings.open("a", encoding="utf-8") as file:
        file.write(readings.read_text(encoding="utf-8").splitlines()[-1] + "\n")  # twice the same reading
    told = run("simulate", "--scenario", "energy", "--data", str(readings), "--report", str(tmp_path / "report.html"))
    assert told.exit_code == 1, told.output


def test_a_sample_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine")
    result = run("scenarios", "energy", "--sample", str(tmp_path))
    assert (result.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, ["mine.csv"])
    assert "not-empty" in result.stderr


def test_a_sample_is_of_one_scenario(tmp_path: Path) -> None:
    assert "goes with the name" in run("scenarios", "--sample", str(tmp_path)).stderr
    assert len(json.loads(run("scenarios", "energy", "--json").stdout)) == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("demo", "tulips"), "There is no scenario 'tulips'"),
        (("demo", "--lang", "fr"), "'fr' is not one of 'en', 'zh'"),
        (("demo", "all", "--data", "x"), "takes no data of your own"),
        (("simulate", "--scenario", "tulips"), "There is no scenario"),
        (("simulate", "--scenario", NAME, "--seeds", "1..2"), "not go with --scenario"),
    ],
)
def test_wrong_use_is_a_sentence_and_exit_code_2(arguments: tuple[str, ...], hint: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert hint in result.output
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("no_process_left", "short")
def test_demo_plays_writes_its_report_and_leaves_nothing_running(tmp_path: Path) -> None:
    report = tmp_path / "out" / "report.html"
    result = run("demo", "--lang", "zh", "--step", "--report", str(report))
    assert result.exit_code == 0, result.output
    assert "谁来参与" in result.output
    assert str(report) in result.output.replace("\n", "")
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.usefixtures("no_process_left", "short")
def test_demo_keeps_its_nodes_when_asked_and_says_how_to_stop_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FIRST_PORT", None)  # chosen by chance: other tests start networks at the same time
    directory = tmp_path / "kept"
    arguments = ("demo", "--keep", "--dir", str(directory), "--report", str(tmp_path / "report.html"))
    result = run(*arguments)
    try:
        assert result.exit_code == 0, result.output
        assert f"tallystick network down --dir {directory}" in result.output.replace("\n", " ")
        assert "--keep" not in result.output, "it was used"
        with LocalNetwork(directory).client() as client:
            assert client.node()["height"] > 0
        again = run(*arguments)
        assert again.exit_code == 2
        assert "holds a network already" in again.output
    finally:
        stop_network(directory)


@pytest.mark.usefixtures("no_process_left", "short")
def test_a_demo_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    directory = tmp_path / "failed"
    with patch.object(demo, "FIRST_PORT", None), patch.object(demo, "render", side_effect=KeyboardInterrupt):
        result = run("demo", "--keep", "--dir", str(directory), "--report", str(tmp_path / "report.html"))
    assert result.exit_code == 1
    assert not is_network_running(directory)


def test_all_trades_in_one_day_by_seed(tmp_path: Path) -> None:
    result = run("simulate", "--scenario", "all", "--seed", "3", "--json", "--report", str(tmp_path / "out.html"))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["height"] > 0
    assert (tmp_path / "out.html").exists()


@pytest.mark.usefixtures("short")
def test_simulate_plays_a_scenario_by_seed_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    report = tmp_path / "report.html"
    result = run("simulate", "--scenario", NAME, "--seed", "5", "--log", str(log), "--report", str(report))
    assert result.exit_code == 0, result.output
    assert "seed 5: height" in result.output
    assert "All 12 invariants hold" in result.output
    assert {json.loads(line)["kind"] for line in log.read_text().splitlines()} >= {"start", "decided"}
    assert report.exists()


def test_a_scenario_on_data_of_ones_own(short: Scenario, tmp_path: Path) -> None:
    whole = one_chapter(short)
    given: list[Path] = []

    def with_data(path: Path) -> Scenario:
        given.append(path)
        if path.name == "bad":
            raise_faults([describe("lines.csv", 3, "name", "formula-like", "=1")])
        return whole

    arguments = ("simulate", "--scenario", NAME, "--report", str(tmp_path / "report.html"), "--data")
    with patch.object(commands, "find_scenario", lambda name: replace(whole, with_data=with_data)):
        assert run(*arguments, str(tmp_path)).exit_code == 0
        assert given == [tmp_path]
        wrong = run(*arguments, "bad")
        assert wrong.exit_code == 1
        assert "lines.csv:3" in wrong.output
        as_json = run(*arguments, "bad", "--json")
        assert json.loads(as_json.stdout)["faults"][0]["reason"] == "formula-like"
        assert run("demo", NAME, "--data", "bad", "--lang", "zh").exit_code == 1
    with patch.object(commands, "find_scenario", lambda name: whole):
        refused = run(*arguments, str(tmp_path))
    assert refused.exit_code == 2
    assert "takes no data" in refused.output


def test_simulate_without_a_scenario_is_that_of_the_nodes() -> None:
    result = run("simulate", "--seed", "2", "--heights", "3")
    assert result.exit_code == 0
    assert "seed 2: agreed" in result.output


def test_ctrl_c_during_a_demo_is_one_sentence_and_leaves_nothing(tmp_path: Path, no_process_left: str) -> None:
    # A shell starts what runs in its background with Ctrl-C ignored, and children inherit that.
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", heeds + "from scenarios.command_line import main; main()", "demo"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "One invoice, once" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (1, "tallystick: stopped.\n")
    assert list(tmp_path.iterdir()) == []
