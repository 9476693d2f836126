"""The course of trade in files: generated the same everywhere, read strictly, judged row by row by the contract's rules."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios import commands
from scenarios.command_line import application
from scenarios.importing.faults import InputFaults
from scenarios.story.play import RefusedRows, play
from scenarios.story.story import Act, PlayedStory
from scenarios.story.tell import reasons
from scenarios.supply_chain_finance.generate import HEADERS, generate, write
from scenarios.supply_chain_finance.scenario import SCENARIO, with_data
from scenarios.supply_chain_finance.trade_files import PACKAGE, default_trade, read_trade
from tests.project import ROOT
from tests.scenario_stage import ChainStage
from tests.scf_flaws import flawed, small

SEED = 7
COMMITTED = ROOT / "scenarios" / "supply_chain_finance" / "data" / "trade"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The month, generated anew."""
    path = tmp_path_factory.mktemp("trade")
    write(generate(SEED), path)
    return path


@pytest.fixture
def broken(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    for name in HEADERS:
        (tmp_path / f"{name}.csv").write_bytes((folder / f"{name}.csv").read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def flaws(tmp_path_factory: pytest.TempPathFactory) -> tuple[PlayedStory, dict[str, str]]:
    """What came of sound and flawed rows together, and what was expected of the flawed."""
    path = tmp_path_factory.mktemp("flawed")
    rows, refused = flawed(generate(SEED))
    write(rows, path)
    scenario = with_data(path)
    return play(scenario, ChainStage(scenario)), refused


def codes(played_story: PlayedStory) -> Iterator[tuple[str, str]]:
    for played in played_story.steps:
        if isinstance(played.step, Act):
            yield from ((call.origin, outcome.code) for call, outcome in zip(played.step.calls, played.outcomes, strict=True))


def test_the_committed_files_are_those_of_the_seed(folder: Path) -> None:
    for name in HEADERS:
        assert (COMMITTED / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes(), name


def test_the_generator_runs_by_hand_and_another_seed_gives_another_month(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", f"{PACKAGE}.generate", "--seed", "8", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "invoices.csv" in done.stdout
    assert (tmp_path / "invoices.csv").read_bytes() != (folder / "invoices.csv").read_bytes()
    assert read_trade(tmp_path).days() != ()


def test_the_month_is_large_enough_and_sizes_spread(folder: Path) -> None:
    trade = default_trade()
    assert len(trade.companies) >= 40
    assert len(trade.invoices) >= 300
    assert {row.tier for _, row in trade.companies} == {0, 1, 2, 3, 4}
    amounts = sorted(row.net_cny for _, row in trade.invoices)
    assert amounts[len(amounts) * 9 // 10] > 10 * amounts[len(amounts) // 10]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_seed_gives_trades_that_break_no_rule(seed: int, tmp_path: Path) -> None:
    write(generate(seed), tmp_path)
    scenario = with_data(tmp_path)
    played_story = play(scenario, ChainStage(scenario))
    assert {code for _, code in codes(played_story)} == {"ok"}
    assert [finding.faults for finding in scenario.findings(played_story) if finding.faults] == []


def test_flawed_rows_are_refused_with_their_rule_and_the_rest_goes_on(flaws: tuple[PlayedStory, dict[str, str]]) -> None:
    played_story, expected = flaws
    found: dict[str, str] = {}
    for origin, code in codes(played_story):
        if code != "ok":
            found.setdefault(origin, code)
    assert found == expected
    assert [finding.faults for finding in SCENARIO.findings(played_story) if finding.faults] == []


def test_a_company_signs_for_itself_alone() -> None:
    organizations = SCENARIO.specification().organizations
    trade = default_trade()
    for _, row in trade.companies:
        (own,) = [one for one in organizations if one.name == row.company]
        assert [member.name for member in own.members] == ["desk"]
    for chapter in SCENARIO.story().chapters[-1:]:
        for step in chapter.steps:
            if isinstance(step, Act):
                assert all(call.signers for call in step.calls)


def test_a_folder_of_ones_own_is_played_from_the_command_line(folder: Path, tmp_path: Path) -> None:
    assert SCENARIO.name == commands.DEFAULT
    report = tmp_path / "report.html"
    arguments = ["simulate", "--scenario", SCENARIO.name, "--seed", "3", "--report", str(report), "--data"]
    done = CliRunner().invoke(application, [*arguments, str(folder)])
    assert done.exit_code == 0, done.output
    assert "46 companies and 308 invoices" in done.output
    assert [line.count("days (assumed)") for line in done.output.splitlines() if "invoice to cash" in line] == [1]
    assert "Dongjia Motors" in report.read_text(encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    wrong = CliRunner().invoke(application, [*arguments, str(empty), "--lang", "zh"])
    assert wrong.exit_code == 1
    assert "没有这个文件" in wrong.output
    assert "共 7 处错误" in wrong.output


def test_one_wrong_company_is_the_one_cause_of_all_that_follows_from_it(broken: Path) -> None:
    changed(broken, "companies", 8, "HDW", "HDA")
    scenario = with_data(broken)
    played_story = play(scenario, ChainStage(scenario))
    rows, followed = RefusedRows(), []
    for played in played_story.steps:
        follows = rows.add(played)
        said = reasons(scenario, played, "en", follows)
        followed += [sentence for sentence in said if "follows from companies.csv:8" in sentence]
        assert all("companies.csv:8" in sentence for sentence in said)
    refused = {origin for origin, code in codes(played_story) if code != "ok"}
    assert set(rows.causes) == {"companies.csv:8"}
    assert {"companies.csv:8", *rows.causes["companies.csv:8"]} == refused
    assert len(refused) > 30
    assert any("(+" in sentence for sentence in followed)


def test_a_cause_of_its_own_is_no_consequence(flaws: tuple[PlayedStory, dict[str, str]]) -> None:
    played_story, expected = flaws
    rows = RefusedRows()
    for played in played_story.steps:
        rows.add(played)
    unknown = {row for row, code in expected.items() if code in ("not-found", "not-onboarded", "not-confirmed")}
    follow = {row for followers in rows.causes.values() for row in followers}
    assert set(rows.causes) | follow == set(expected)
    assert follow <= unknown
    (paper,) = [row for row, code in expected.items() if code == "not-onboarded"]
    (company,) = [row for row, code in expected.items() if code == "bad-uscc"]
    assert paper in rows.causes[company]


def test_refused_rows_end_with_exit_code_1_and_each_cause_is_told_once(tmp_path: Path) -> None:
    small(tmp_path, finance="", payments="")
    arguments = ["simulate", "--scenario", SCENARIO.name, "--report", str(tmp_path / "report.html"), "--data", str(tmp_path)]
    sound = CliRunner(env={"COLUMNS": "300"}).invoke(application, arguments)
    assert (sound.exit_code, "your files" in sound.output) == (0, False), sound.output
    changed(tmp_path, "companies", 3, "00025,", "00026,")
    wrong = CliRunner(env={"COLUMNS": "300"}).invoke(application, arguments)
    assert wrong.exit_code == 1, wrong.output
    assert "Rows of your files that the ledger refused: 3, from these first causes" in wrong.output
    assert "[bad-uscc] (2 more rows follow from it)" in wrong.output
    assert "not-found" not in wrong.output
    shown = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "invoices.csv:2, invoices.csv:2" not in shown
    assert "certificates.csv:2: refused as well, which follows from companies.csv:3" in shown


def changed(folder: Path, name: str, line: int, old: str, new: str) -> None:
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def faults(folder: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(InputFaults) as caught:
        with_data(folder)
    return [(fault.file, fault.line, fault.field, fault.reason) for fault in caught.value.faults]


def test_faults_of_all_files_are_named_at_once(broken: Path) -> None:
    changed(broken, "companies", 2, ",core,", ",kernel,")
    changed(broken, "invoices", 3, "2027-", "2027/")
    changed(broken, "lines", 2, "00,", "005,")
    (broken / "payments.csv").unlink()
    found = faults(broken)
    assert ("companies.csv", 2, "kind", "not-one-of") in found
    assert ("invoices.csv", 3, "day", "bad-date") in found
    assert ("lines.csv", 2, "limit_cny", "too-many-decimals") in found
    assert ("payments.csv", 0, "", "no-file") in found


def test_amounts_in_cents_are_a_column_that_is_not_there(broken: Path) -> None:
    changed(broken, "invoices", 1, "net_cny", "net_cents")
    assert faults(broken) == [
        ("invoices.csv", 1, "net_cents", "unknown-column"), ("invoices.csv", 1, "net_cny", "missing-column"),
    ]  # fmt: skip


def test_what_rows_say_of_each_other(broken: Path) -> None:
    with (broken / "invoices.csv").open("a", encoding="utf-8") as file:
        first = (broken / "invoices.csv").read_text(encoding="utf-8").split("\n")[1]
        file.write(first + "\n")
        file.write("2027-01-08,x-1,1,nobody,nobody,2027-01-08,1,1,2027-01-07\n")
        file.write("2031-01-08,x-2,2,nobody,nobody,2027-01-08,1,1,\n")
    with (broken / "companies.csv").open("a", encoding="utf-8") as file:
        file.write("tongda,bank,9111,A,B,0,nobody\n")
    with (broken / "finance.csv").open("a", encoding="utf-8") as file:
        file.write("2027-01-08,c,nobody,nobody,3.5,ACT/360,1,no,i,,ZD-1,,,,2027-01-09,\n")
    count = len((broken / "invoices.csv").read_text(encoding="utf-8").split("\n"))
    finance = len((broken / "finance.csv").read_text(encoding="utf-8").split("\n")) - 1
    found = faults(broken)
    for expected in (
        ("invoices.csv", count - 3, "invoice", "doubled"),
        ("invoices.csv", count - 2, "seller", "unknown-reference"),
        ("invoices.csv", count - 2, "confirmed", "before"),
        ("invoices.csv", count - 1, "day", "too-far"),
        ("companies.csv", 48, "company", "reserved"),
        ("companies.csv", 48, "related", "unknown-reference"),
        ("finance.csv", finance, "net_cny", "missing"),
        ("finance.csv", finance, "answered", "missing"),
    ):
        assert expected in found


def test_days_long_ago_and_too_many_rows(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trade = read_trade(broken)
    size = len(trade.companies) + len(list(trade.dated()))
    changed(broken, "lines", 2, "2027-", "1999-")
    assert ("lines.csv", 2, "day", "out-of-range") in faults(broken)
    monkeypatch.setattr(f"{PACKAGE}.trade_files.ROWS_MAX", size - 1)
    assert ("invoices.csv", 0, "", "too-many-rows") in faults(broken)


def test_an_amount_that_no_certificate_holds_and_a_rate_beyond_a_hundred(broken: Path) -> None:
    with (broken / "payments.csv").open("a", encoding="utf-8") as file:
        file.write("2027-03-01,c,dongjia,0.00\n2027-03-01,c,dongjia,9000000000000.00\n")
    found = [fault for fault in faults(broken) if fault[0] == "payments.csv" and fault[2] == "amount_cny"]
    assert [fault[3] for fault in found] == ["out-of-range", "out-of-range"]


def test_a_row_that_the_ledger_refuses_is_told_with_its_place(flaws: tuple[PlayedStory, dict[str, str]]) -> None:
    played = [one for one in flaws[0].steps if any(outcome.code == "wrong-sum" for outcome in one.outcomes)]
    assert len(played) == 1
    assert isinstance(played[0].step, Act)
    assert played[0].step.ending.outcome == "open"


def test_a_folder_that_is_not_there_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        read_trade(tmp_path / "nowhere")
    assert [(fault.file, fault.reason) for fault in caught.value.faults] == [("nowhere", "no-folder")]
