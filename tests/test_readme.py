"""The README and its pictures; the walk of a transaction names the files that one really runs through, and the reading list is
the core."""

import ast
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
import requests

from ledger.identity.records import Parameters
from nodes.network.in_process import InProcessNetwork
from nodes.sample_contract import Asset
from tests.network_support import specification, wait_until
from tests.project import PACKAGES, ROOT, core_files, imports

WALK_FILES_MAX = 45
"""Aim: 40."""
LINES_MAX = 130
"""Of the README: what is longer stands in a folder's."""
PICTURES = ROOT / "tests" / "pictures"
PICTURES_BYTES_MAX = 300_000
DELAY_MS = 10_000
"""No timer comes between: what is sent again, or who gives a view up, is no part of the walk."""
MEMBER = "north.member1"
ANSWER_S = 60
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Trace:
    """The files of `ledger` and `nodes` of which a function runs, on every thread that starts from now on, while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self._files: set[str] = set()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """What `threading.setprofile` calls. What a dataclass generates counts for the file of the class."""
        if self.is_on and event == "call":
            self._files.add(frame.f_globals.get("__file__") or "")

    def files(self) -> set[str]:
        """Their paths in the project."""
        return {name for file in self._files if (name := _named(Path(file))).startswith(("ledger/", "nodes/"))}


@pytest.fixture
def trace() -> Iterator[Trace]:
    """On the threads that a test starts."""
    made = Trace()
    threading.setprofile(made)
    yield made
    threading.setprofile(None)


def test_the_readme_begins_with_pictures_and_three_commands_and_is_short() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = text.partition("\n## ")[0]
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", first)
    assert {ROOT / name for name in pictures} == set(PICTURES.glob("*.png")), "make pictures"
    assert sum((ROOT / name).stat().st_size for name in pictures) < PICTURES_BYTES_MAX
    assert len([line for line in first.splitlines() if line.startswith("    ")]) == 3
    assert text.count("\n") <= LINES_MAX


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *(f"{folder}/README.md" for folder in PACKAGES), "tests/README.md"]
)
def test_every_link_leads_to_a_file_and_its_heading(document: str) -> None:
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", (ROOT / document).read_text(encoding="utf-8")):
        path = (ROOT / document).parent / target if target else ROOT / document
        assert path.exists(), f"{document}: {target}"
        if heading:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, (
                f"{document}: {heading}"
            )


def test_a_transaction_walks_through_the_files_that_are_named(trace: Trace, tmp_path: Path) -> None:
    patient = replace(specification(4), parameters=Parameters(delay_ms=DELAY_MS))
    with InProcessNetwork.create(tmp_path / "network", patient, is_lab=False) as network:
        url = next(iter(network.urls.values()))
        with network.client(member=MEMBER) as client:
            transaction = client.sign(Asset.issue, number="A-1", to=MEMBER)
        wait_until(lambda: all(map(_has_heard_all, network.urls.values())), "nodes that know each other")
        trace.is_on = True
        answer = requests.post(f"{url}/v1/transactions?wait=30", transaction.raw, timeout=ANSWER_S)
        trace.is_on = False
    assert answer.json()["receipt"]["outcome"] == "committed"
    walk = [file for file, *_ in rows("nodes", "The walk of a transaction")]
    assert sorted(set(walk) - trace.files()) == [], "named, but nothing of it runs"
    assert sorted(trace.files() - set(walk)) == [], "runs, but is not named"
    assert len(walk) == len(set(walk)) <= WALK_FILES_MAX


@pytest.mark.parametrize("heading", ["## The walk of a transaction", "### Four shorter walks"])
def test_what_a_walk_calls_is_there(heading: str) -> None:
    """`client/proofs.verify_rows_answer` is defined in that file, which lies under `nodes` unless it is of `ledger`."""
    section = (ROOT / "nodes" / "README.md").read_text(encoding="utf-8").partition(f"\n{heading}\n")[2].partition("\n#")[0]
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+)\.(?!py`|js`)(\w+)`", section)
    assert len(named) > 5
    for file, name in named:
        path = ROOT / ("" if file.startswith("ledger/") else "nodes") / f"{file}.py"
        defined = {one.name for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, DEFINITIONS)}
        assert name in defined, f"{file} has no {name}"


def test_the_reading_list_is_the_core() -> None:
    listed = {file: int(lines) for file, lines, _ in rows("ledger", "An afternoon's reading")}
    lines = {_named(path): path.read_text(encoding="utf-8").count("\n") for path in core_files()}
    assert sorted(listed.keys() ^ lines.keys()) == [], "in one of the two"
    listed_yet = set[str]()
    for file in listed:
        needed = {name for name in map(_file_of, imports()[_module_of(file)]) if name in listed}
        assert needed - listed_yet - {file} == set(), f"{file} needs what is listed below it"
        listed_yet.add(file)
    wrong = {file: lines[file] for file, number in listed.items() if abs(number - lines[file]) > max(10, lines[file] // 10)}
    assert wrong == {}, "the list rounds to tens, and these have changed by more"


def _has_heard_all(url: str) -> bool:
    """Whether the start is over: each other node has opened its session here, and has said where it is."""
    count = 'tallystick_messages_total{direction="in",kind="status"} 3.0'
    return count in requests.get(f"{url}/metrics", timeout=ANSWER_S).text.splitlines()


def rows(folder: str, heading: str) -> list[list[str]]:
    """The rows that begin with a file, of the table under a heading of a folder's README."""
    section = (ROOT / folder / "README.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    assert len(cells) > 20, heading
    return cells


def _module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _file_of(module: str) -> str:
    path = ROOT.joinpath(*module.split("."))
    return _named(path / "__init__.py" if path.is_dir() else path.with_suffix(".py"))


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
