"""A catalogue of one's own: its sample, what the ledger refuses of it, what is wrong before that; and the list of looks."""

import json
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from typer.testing import CliRunner

from scenarios.data_files import write_sample
from scenarios.government import commands
from scenarios.government.records import Look, LookCount
from scenarios.government.scenario import SCENARIO
from scenarios.importing.faults import InputFaults
from scenarios.story.play import RefusedRows, play
from scenarios.story.story import PlayedStory
from tests.scenario_stage import ChainStage


def played(folder: Path, requests: str = "", catalogue: str = "") -> PlayedStory:
    write_sample("scenarios.government", folder)
    for name, more in (("requests.csv", requests), ("catalogue.csv", catalogue)):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert SCENARIO.with_data is not None
    scenario = SCENARIO.with_data(folder)
    found = play(scenario, ChainStage(scenario))
    assert [finding.faults for finding in scenario.findings(found) if finding.faults] == []
    assert len(scenario.exhibits(found)) == 2
    return found


def refused(story: PlayedStory) -> dict[str, list[str]]:
    rows = RefusedRows()
    for step in story.steps:
        rows.add(step)
    return rows.causes


def test_the_sample_is_sound(tmp_path: Path) -> None:
    story = played(tmp_path)
    assert refused(story) == {}
    assert len(story.records["receipts"]) == 5


def test_what_a_row_asks_too_much_is_refused_and_what_follows_is_told(tmp_path: Path) -> None:
    more = "restaurant-permit,TX-01,accountant,20,\nhotel-permit,HB-01,lease_until,60,\nhotel-permit,HB-01,lease_untl,9,\n"
    story = played(tmp_path, more + "hotel-permit,TX-01,accountant,20,the owner changed\n")
    assert refused(story) == {f"requests.csv:{line}": [] for line in (7, 8, 9)}
    codes = [outcome.code for step in story.steps for outcome in step.outcomes if outcome.outcome == "rejected"]
    assert {"not-needed", "grant-too-long", "unknown-field"} <= {*codes}
    assert [notice.seen_at_ms > 0 for notice in story.records["notices"].values()] == [True]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("requests", "catalogue", "reasons"),
    [
        ("no-such,SB-01,a_field,1,\n", "", ["unknown-reference"]),
        ("hotel-permit,XX,a_field,0,\n", "", ["out-of-range"]),
        ("", "SB-01,tax-office,unconditional,Other,a_field\n", ["doubled"]),
    ],
    ids=["service", "days", "item"],
)
def test_what_is_wrong_in_the_files_is_named(tmp_path: Path, requests: str, catalogue: str, reasons: list[str]) -> None:
    with pytest.raises(InputFaults) as error:
        played(tmp_path, requests, catalogue)
    assert [fault.reason for fault in error.value.faults] == reasons


@pytest.mark.parametrize("missing", [2, -1], ids=["middle", "last"])
def test_the_list_of_looks_says_if_one_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: int) -> None:
    looks = [(key, look) for key, look in played(tmp_path).records["looks"].items() if isinstance(look, Look)]
    client = MagicMock()
    client.__enter__.return_value.records.side_effect = lambda collection, subject: looks
    client.__enter__.return_value.read.side_effect = lambda collection, subject, proof: LookCount(count=5)
    monkeypatch.setattr(commands, "client_of", lambda directory, node: client)
    whole = CliRunner().invoke(commands.application, ["looks", "qingteng"])
    assert (whole.exit_code, "5 looks" in whole.output, "Permit office" in whole.output) == (0, True, True)
    del looks[missing]
    as_json = CliRunner().invoke(commands.application, ["looks", "qingteng", "--json"])
    assert (as_json.exit_code, json.loads(as_json.stdout)["is_whole"]) == (1, False)
