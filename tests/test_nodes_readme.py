"""`nodes/README.md`: its section "Client" is run as it stands, Python in a process of its own, the shell's lines in bash; the
tests that its threat model names are there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nodes.network.directory import read_network
from tests.commands import PROGRAM
from tests.project import ROOT

NETWORK, ADDRESS = "tallystick-network", "http://127.0.0.1:8101"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SECONDS_MAX = 180


def blocks(heading: str) -> list[tuple[str, str]]:
    """Language and text of the fenced blocks under a heading."""
    text = (ROOT / "nodes" / "README.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0].strip(): part for part in text.split("\n## ")}
    return BLOCK.findall(sections[heading])


def run(language: str, text: str, directory: Path) -> str:
    """What it prints; fails with its errors."""
    network = directory / NETWORK / "network.json"
    if network.exists():  # the ports of the example may be in use here
        text = text.replace(ADDRESS, next(iter(read_network(directory / NETWORK).urls().values())))
    command = [sys.executable, "-c", text] if language == "python" else ["bash", "-euc", text]
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": paths, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, timeout=SECONDS_MAX, check=False)
    assert done.returncode == 0, (text, done.stdout.decode(), done.stderr.decode())
    return done.stdout.decode()


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="the example is for curl in bash")
def test_the_example_of_the_client_does_what_it_says(tmp_path: Path, no_process_left: str) -> None:
    found = blocks("Client")
    assert [language for language, _ in found] == ["sh", "python", "sh", "python", "json"], "the last two: test_nodes_signing"
    try:
        started, python, shell = (run(language, text, tmp_path) for language, text in found[:3])
    finally:
        subprocess.run(
            [*PROGRAM, "network", "down", "--dir", tmp_path / NETWORK], cwd=ROOT,
            capture_output=True, timeout=SECONDS_MAX, check=False,
        )  # fmt: skip
    assert "ready after" in started
    assert "committed in block 1 holder='north.member1' version=0\n" in python
    assert "bad-arguments - asset.issue: to: " in python
    assert "already-issued {'number': 'B-1'}\n" in python
    assert shell.count('"status":"committed"') == 2
    assert shell.count('"proof":{') == 1
    assert '"value":{"holder":"south.member1","version":1}' in shell
    assert '"rule":"nothing-sealed"' in shell
    assert '"code":"token-missing"' in shell


def test_the_tests_of_the_threat_model_are_there() -> None:
    section = (ROOT / "nodes" / "README.md").read_text(encoding="utf-8").partition("\n## Threat model\n")[2]
    rows = section.partition("\nAttacks are")[0].splitlines()
    named = [re.findall(r"`(test_\w+)", row.split("|")[3]) for row in rows if row.startswith("|")][2:]
    there = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py")}
    functions = {name for text in there.values() for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}
    assert len(named) > 20
    assert all(named)
    assert [name for names in named for name in names if name not in there | dict.fromkeys(functions)] == []
