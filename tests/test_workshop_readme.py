"""What the documents say of the workshop is so: the anomaly matrix, the labs with their minutes, the files and links."""

import re
from pathlib import Path

import pytest

from scenarios.workshop.labs.catalogue import exercises
from tests.project import ROOT

WORKSHOP = ROOT / "scenarios" / "workshop"
GUIDES = ("TEACHING.md", "TEACHING_zh.md")


def test_the_readme_holds_the_matrix_that_was_run() -> None:
    table = (WORKSHOP / "anomalies" / "matrix_en.md").read_text(encoding="utf-8").split("\n\n")[0]
    assert table in (WORKSHOP / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_lab_with_its_minutes() -> None:
    rows = re.findall(r"^\| (\d+) \| \[(\w+)\]\(labs/(\w+)\) \| (\d+) \|", (WORKSHOP / "README.md").read_text("utf-8"), re.M)
    assert [tuple(row) for row in rows] == [
        (str(lab.number), lab.name, lab.name, str(lab.words.minutes)) for _, lab in sorted(exercises().items())
    ]


@pytest.mark.parametrize("name", GUIDES)
def test_a_plan_adds_up_and_gives_each_lab_its_time(name: str) -> None:
    """From one row to the next as many minutes pass as the row says; a lab has at least its own."""
    for plan in (WORKSHOP / name).read_text(encoding="utf-8").split("\n## ")[1:]:
        rows = re.findall(r"^\| (\d):(\d\d) \| (\d+) \| (.*?) \|", plan, re.M)
        begins = [int(hours) * 60 + int(minutes) for hours, minutes, _, _ in rows]
        assert [begin + int(row[2]) for begin, row in zip(begins, rows, strict=True)][:-1] == begins[1:]
        for _, _, minutes, what in rows:
            for number in re.findall(r"^(?:Lab|实验) ?(\d+)", what):
                assert int(minutes) >= exercises()[int(number)].words.minutes, what


def test_both_guides_plan_the_same() -> None:
    plans = [re.findall(r"^\| (\d:\d\d) \| (\d+) \|", (WORKSHOP / name).read_text("utf-8"), re.M) for name in GUIDES]
    assert plans[0] == plans[1] != []


def test_every_link_leads_somewhere() -> None:
    for page in WORKSHOP.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / Path(target)).exists(), f"{page.name}: {target}"
