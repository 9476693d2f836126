"""The figures of supply-chain finance: worked by hand where that can be done, adding up to the state everywhere else."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scenarios.story.play import play
from scenarios.story.story import Exhibit, PlayedStory
from scenarios.supply_chain_finance.cast import HAIHE, LANHAI, TUOHAI
from scenarios.supply_chain_finance.duplicates import measured
from scenarios.supply_chain_finance.figures import (
    STORY_TIERS,
    Bookkeeper,
    bank_figures,
    certificates,
    detection,
    flows,
    half_month,
    hhi_ppm,
    ladder,
    lines,
    reach_figures,
    shock,
    tier_figures,
)
from scenarios.supply_chain_finance.records import LIVE
from scenarios.supply_chain_finance.scenario import SCENARIO, with_data
from scenarios.supply_chain_finance.trade_files import default_trade
from tests.project import ROOT
from tests.scenario_stage import ChainStage
from tests.scf_flaws import small

README = ROOT / "scenarios" / "supply_chain_finance" / "README.md"
TIERS = {**STORY_TIERS, **default_trade().tiers}


@pytest.fixture(scope="module")
def played_story() -> PlayedStory:
    return play(SCENARIO, ChainStage(SCENARIO))


@pytest.fixture(scope="module")
def shown(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    return SCENARIO.exhibits(played_story)


def owed(played_story: PlayedStory) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in certificates(played_story.records).values():
        if not one.children and one.state in LIVE:
            found[one.core] = found.get(one.core, 0) + one.owed_cents
    return found


def test_every_plot_that_is_asked_for_is_there(shown: tuple[Exhibit, ...]) -> None:
    titles = [exhibit.title.en for exhibit in shown]
    assert len(titles) == len(set(titles)) == 14


def test_what_is_assumed_is_called_so(shown: tuple[Exhibit, ...]) -> None:
    for title in ("Cost of finance by tier", "Days from invoice to cash"):
        exhibit = next(one for one in shown if one.title.en == title)
        assert "assum" in exhibit.reading.en
        assert "(assumed)" in exhibit.markup.en
        assert "（假设）" in exhibit.markup.zh
        assert "with the ledger (story)" in exhibit.markup.en  # made up as well
        assert "made up too" in exhibit.reading.en
    assert any("assumed: two fifths" in exhibit.title.en for exhibit in shown)


def test_cost_and_time_of_one_certificate_worked_by_hand(tmp_path: Path) -> None:
    scenario = with_data(small(tmp_path))
    state = play(scenario, ChainStage(scenario)).records
    (figure,) = tier_figures(state, tiers={"small.desk": 1})
    assert (figure.tier, figure.count) == (1, 1)
    assert figure.cost_ppm == 49_021  # 3.80 / 900.20 x 360 / 31
    assert figure.days_to_cash == 3
    assert figure.cost_alone_ppm == 50_187  # 5 % of 904.00 for 31 days is 3.89; 3.89 / 900.11 x 360 / 31


def test_names_of_users_are_inert_in_every_exhibit(tmp_path: Path) -> None:
    scenario = with_data(small(tmp_path))
    exhibits = scenario.exhibits(play(scenario, ChainStage(scenario)))
    assert len(exhibits) >= 8
    for exhibit in exhibits:
        for markup in (exhibit.markup.en, exhibit.markup.zh):
            assert "<img" not in markup
            assert "<b>" not in markup
            ElementTree.fromstring(markup)


def test_a_trade_in_which_nothing_was_financed_or_paid_has_its_figures_too(tmp_path: Path) -> None:
    scenario = with_data(small(tmp_path, finance="", payments=""))
    exhibits = scenario.exhibits(play(scenario, ChainStage(scenario)))
    titles = {exhibit.title.en for exhibit in exhibits}
    assert "Cost of finance by tier" not in titles
    assert "How far the core's promise reaches" in titles


def test_reach_adds_up_to_the_invoices(played_story: PlayedStory) -> None:
    figures = reach_figures(played_story.records, TIERS)
    invoices = [one for one in played_story.records["invoices"].values() if one.seller in TIERS]  # type: ignore[attr-defined]
    assert sum(f.invoiced_cents for f in figures) == sum(max(i.amount_cents, i.used_cents) for i in invoices)  # type: ignore[attr-defined]
    for f in figures:
        assert f.received_cents <= f.invoiced_cents
        assert f.passed_on_cents + f.financed_cents <= f.received_cents
    assert figures[-1].passed_on_cents == 0, "nobody stands below the last tier"


def test_the_ladder_adds_up_to_what_cores_owe(played_story: PlayedStory) -> None:
    steps = ladder(played_story.records)
    sums: dict[str, int] = {}
    for step in steps.values():
        for core, cents in step.items():
            if core:
                sums[core] = sums.get(core, 0) + cents
    assert {core: cents for core, cents in sums.items() if cents} == {c: o for c, o in owed(played_story).items() if o}
    assert list(steps) == sorted(steps)
    assert half_month(1_774_828_800_000) == "2026-03-16"


def test_nobody_owes_more_than_its_lines(played_story: PlayedStory) -> None:
    limits = lines(played_story.records)
    peaks: dict[str, int] = {}
    for book in Bookkeeper(played_story).days().values():
        for core, (_, cents) in book.items():
            peaks[core] = max(peaks.get(core, 0), cents)
    assert peaks.keys() == limits.keys()
    assert all(peaks[core] <= limits[core] for core in peaks)
    assert peaks[HAIHE] >= 10_000_000_00


def test_books_followed_by_events_end_as_the_state_says(played_story: PlayedStory) -> None:
    books = Bookkeeper(played_story)
    days = books.days()
    counted: dict[str, tuple[int, int]] = {}
    for one in certificates(played_story.records).values():
        if not one.children and one.state in LIVE and one.owed_cents:
            count, cents = counted.get(one.core, (0, 0))
            counted[one.core] = (count + 1, cents + one.owed_cents)
    assert dict(books.book()) == counted
    assert days[max(days)] == books.book()


def test_books_of_a_day_are_those_that_the_platform_stated_and_the_ledger_agreed_with(played_story: PlayedStory) -> None:
    days = Bookkeeper(played_story).days()
    stated = played_story.records["reconciliations"]
    assert stated
    for key, record in stated.items():
        day = int(key.partition(":")[2])
        tallies = {tally.core: (tally.count, tally.owed_cents) for tally in record.tallies}  # type: ignore[attr-defined]
        before = max(one for one in days if one <= day)
        assert tallies == {core: entry for core, entry in days[before].items() if entry[1]}


def test_what_is_said_of_duplicate_detection_is_measured_on_the_contract_itself() -> None:
    figure = measured(7)
    assert json.loads(json.dumps(asdict(figure))) == asdict(detection())
    assert sum(count for count, _ in figure.honest.values()) == 4_000
    assert (figure.recall_ppm, figure.alarms_ppm) == (753_658, 20_250)  # as the README says
    assert "75.37 %, of the honest ones 2.03 %" in README.read_text(encoding="utf-8")


def test_concentration() -> None:
    assert hhi_ppm([5]) == 1_000_000
    assert hhi_ppm([1, 1]) == 500_000
    assert hhi_ppm([3, 1]) == 625_000
    assert hhi_ppm([]) == 0


def test_shares_of_banks_are_a_whole(played_story: PlayedStory) -> None:
    figures = bank_figures(played_story.records)
    assert LANHAI in {figure.bank for figure in figures}
    assert 999_990 <= sum(figure.share_ppm for figure in figures) <= 1_000_000
    assert all(200_000 <= figure.hhi_ppm <= 1_000_000 for figure in figures)


def test_a_shock_is_borne_to_the_cent(played_story: PlayedStory) -> None:
    figures = {figure.name: figure for figure in shock(played_story.records)}
    assert {name: figure.face_cents for name, figure in figures.items()} == {c: o for c, o in owed(played_story).items() if o}
    for figure in figures.values():
        parts = (figure.paid_cents, figure.seller_cents, figure.bank_cents, figure.holder_cents)
        assert sum(parts) == figure.face_cents
        assert min(parts) >= 0
    assert figures[TUOHAI].holder_cents == figures[TUOHAI].face_cents - figures[TUOHAI].paid_cents, "bought back by the seller"


def test_what_flows_into_a_tier_flows_on_or_is_kept(played_story: PlayedStory) -> None:
    found = flows(played_story.records, TIERS)
    for tier in {name for pair in found for name in pair if name.startswith("tier ")}:
        entering = sum(cents for (_, target), cents in found.items() if target == tier)
        leaving = sum(cents for (source, _), cents in found.items() if source == tier)
        assert leaving <= entering
    assert all(cents > 0 for cents in found.values())


def test_refused_attempts_are_counted_by_rule(played_story: PlayedStory, shown: tuple[Exhibit, ...]) -> None:
    exhibit = next(one for one in shown if one.title.en == "Refused attempts by rule")
    rows = dict(re.findall(r'<tr><th scope="row">([a-z-]+)</th><td>(\d+)</td>', exhibit.markup.en))
    refused = [one.code for played in played_story.steps for one in played.outcomes if one.outcome != "committed"]
    assert {code: int(count) for code, count in rows.items()} == {code: refused.count(code) for code in set(refused)}
    assert int(rows["duplicate-invoice"]) >= 4
