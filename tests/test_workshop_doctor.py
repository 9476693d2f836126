"""The doctor finds what is wrong with a machine before thirty people do, and says what to do in both languages."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from scenarios.workshop import doctor
from scenarios.workshop.commands import application
from scenarios.workshop.doctor import Diagnosis, examine


def by_name(groups: int, port: int, place: Path) -> dict[str, Diagnosis]:
    return {one.said("en")[0]: one for one in examine(groups, port, place)}


@pytest.fixture
def port() -> Iterator[int]:
    """One that somebody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_named(port: int, tmp_path: Path) -> None:
    found = by_name(1, port, tmp_path)["Ports"]
    assert (found.level, str(port) in found.said("en")[1], bool(found.said("zh")[2])) == ("warning", True, True)


def test_too_many_groups_for_the_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10**9))
    assert by_name(5, 8100, tmp_path)["Memory"].level == "good"
    assert by_name(10, 8100, tmp_path)["Memory"].level == "bad"


def test_a_full_disk_and_a_folder_that_is_not_there_yet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert by_name(1, 8100, tmp_path / "a" / "b")["Disk"].level == "good"
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10**6))
    assert by_name(1, 8100, tmp_path)["Disk"].level == "bad"


@pytest.mark.parametrize(("missing", "level"), [("fastapi", "bad"), ("hypothesis", "warning")])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, missing: str, level: str) -> None:
    monkeypatch.setattr(doctor, "_is_there", lambda package: package != missing)
    found = by_name(1, 8100, tmp_path)["Packages"]
    assert found.level == level
    assert missing in found.said("en")[1] + found.said("zh")[1]


def test_no_network_and_no_browser_are_no_catastrophe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "room_addresses", list)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(doctor, "_has_default_browser", lambda: False)
    found = by_name(1, 8100, tmp_path)
    assert {found["Address for others"].level, found["Browser"].level} == {"warning"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_says_it_all(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(application, ["doctor", "--groups", "2", "--lang", language])
    assert ("内存" if language == "zh" else "Memory") in done.output
    assert done.exit_code == 0
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=1))
    assert CliRunner().invoke(application, ["doctor", "--json"]).exit_code == 1
