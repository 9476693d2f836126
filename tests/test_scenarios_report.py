"""The report and the terminal telling: complete, self-contained, in both languages."""

import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from rich.console import Console

from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from nodes.words import Words
from scenarios.catalogue import SCENARIOS
from scenarios.plots.drawing import BASES
from scenarios.report import render
from scenarios.story.story import Act, Inspect, Language, PlayedStory, Scenario
from scenarios.story.tell import StoryTeller, is_refused
from scenarios.supply_chain_finance.exhibits import money, percent
from scenarios.supply_chain_finance.scenario import SCENARIO
from tests.scenario_stage import played_by_seed, played_on_a_chain

WORDS = read_words("scenarios.supply_chain_finance")
BASE_WORDS = Words.of("scenarios.report")["bases"]

VOID = {"meta", "br", "hr", "img", "link", "input"}


@pytest.fixture(scope="module")
def played() -> tuple[PlayedStory, dict[Language, str]]:
    """The played story, and what the terminal shows of it."""
    played_story = played_on_a_chain(SCENARIO.name)
    return played_story, {language: told(SCENARIO, played_story, language, width=100) for language in ("en", "zh")}


def told(scenario: Scenario, played_story: PlayedStory, language: Language, width: int) -> str:
    """What a terminal shows of a story that was played."""
    out = io.StringIO()
    teller = StoryTeller(Console(file=out, width=width, color_system=None), scenario, language)
    teller.begin()
    for step in played_story.steps:
        teller.tell(step)
    teller.end(scenario.findings(played_story), played_story)
    return out.getvalue()


class Balance(HTMLParser):
    """Fails on a tag that is not closed in order, and gathers what the page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.asked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.asked += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_is_one_file_that_asks_for_nothing(language: Language, played: tuple[PlayedStory, object]) -> None:
    played_story = played[0]
    text = render(SCENARIO, played_story, SCENARIO.findings(played_story), language, Phrase("a test", "测试"))
    page = Balance()
    page.feed(text)
    assert page.open == []
    assert [asked for asked in page.asked if not asked.startswith("#") and asked != "data:,"] == []
    assert re.findall(r"url\(|@import", text) == []
    assert text.count("<script") == 1
    assert set(re.findall(r"https?://[^\"<> ]+", text)) <= {"http://www.w3.org/2000/svg"}
    refused = [t for t in played_story.steps if is_refused(t)]
    assert all(t.step.words.said(language).replace("'", "&#39;") in text for t in refused)
    assert text.count('<td class="yes">') == 12
    assert played_story.head.state_root in text


def test_a_broken_invariant_stands_in_the_report(played: tuple[PlayedStory, object]) -> None:
    played_story = played[0]
    broken = [finding for finding in SCENARIO.findings(played_story) if finding.code == "I7"]
    findings = tuple(type(finding)(finding.code, finding.words, ("a <cent>",)) for finding in broken)
    text = render(SCENARIO, played_story, findings, "en", Phrase("a test", "测试"))
    assert "broken: a &lt;cent&gt;" in text


def test_the_terminal_tells_every_step(played: tuple[PlayedStory, dict[Language, str]]) -> None:
    played_story, outputs = played
    for language, text in outputs.items():
        joined = re.sub(r"\s+", "", text)
        for step in played_story.steps:
            assert re.sub(r"\s+", "", step.step.words.said(language)) in joined
    assert "✗ Beichen Gearboxes" in outputs["en"]
    assert "[duplicate-invoice]" in outputs["zh"]
    assert "All 12 invariants hold" in outputs["en"]


TOTALS = re.compile(
    r"(?P<steps>[\d,]+) steps\. (?P<transactions>[\d,]+) transactions stand on the ledger, in (?P<blocks>[\d,]+) of its "
    r"(?P<height>[\d,]+) blocks.*?: (?P<committed>[\d,]+) took effect, (?P<rejected>[\d,]+) were refused by a rule\. Attempts "
    r"refused in all: (?P<refused>[\d,]+), .* door \((?P<turned_away>\d+)\) .* files \((?P<found>\d+)\)\."
)


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_place_that_shows_a_total_shows_the_same(name: str) -> None:
    """Head, plots, refused attempts, costs, verification and terminal; each number counted here from what came back."""
    scenario = SCENARIOS[name]
    is_certified = name == "government"  # one of them by nodes, whose ledger can be audited to its end
    played_story = played_by_seed(name) if is_certified else played_on_a_chain(name)
    page = unescape(render(scenario, played_story, scenario.findings(played_story), "en", Phrase("a test", "测试")))
    acted = [outcome for one in played_story.steps if isinstance(one.step, Act) for outcome in one.outcomes]
    found = sum(isinstance(one.step, Inspect) and bool(one.step.finds) for one in played_story.steps)
    ends = [sum(outcome.outcome == end for outcome in acted) for end in ("committed", "rejected", "problem")]
    expected = {
        "steps": len(played_story.steps), "transactions": ends[0] + ends[1], "blocks": len({o.height for o in acted} - {0}),
        "height": played_story.head.height, "committed": ends[0], "rejected": ends[1], "turned_away": ends[2], "found": found,
        "refused": ends[1] + ends[2] + found,
    }  # fmt: skip
    for text in (page, told(scenario, played_story, "en", width=1_000)):
        match = TOTALS.search(text)
        assert match is not None
        assert {key: numbers(value)[0] for key, value in match.groupdict().items()} == expected
    section = page[page.index('<h2 id="refused">') : page.index('<h2 id="findings">')]
    rows = section.count('<tr role="row"><td')
    played = [rows, *(expected[key] for key in ("refused", "rejected", "turned_away", "found"))]
    assert numbers(re.findall(r'<p class="faint">(.*?)</p>', section)[0]) == played
    assert rows == page.count('<details class="step refused">') == sum(map(is_refused, played_story.steps))
    foot = re.sub(r"<[^>]+>", " ", page[page.index("<tfoot>") : page.index("</tfoot>")])
    assert numbers(foot)[:2] == [expected["transactions"], expected["rejected"]]
    assert numbers(foot)[-1] == expected["blocks"]
    if is_certified:
        assert f"of the {expected['transactions']:,} transactions of the whole ledger {expected['transactions']:,} are" in page
    assert f"<dd>{expected['height']}</dd>" in page
    if name == "supply-chain-finance":
        line = re.findall(r"<figcaption>(.*? attempts broke .*?)</figcaption>", page)[0]
        broken = {outcome.code for outcome in acted if outcome.outcome != "committed"}
        assert numbers(line) == [ends[1] + ends[2], len(broken), ends[1], ends[2], found]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_colour_says_what_a_number_rests_on(name: str) -> None:
    """A series that names its basis has its colour, and no other series has that of assumptions; the exhibit says so too."""
    scenario, played_story = SCENARIOS[name], played_on_a_chain(name)
    legend = re.compile(r'<rect x="\d+" y="\d+" width="12" height="12" fill="(#\w+)"[^>]*/><text[^>]*>([^<]+)</text>')
    for exhibit in scenario.exhibits(played_story):
        for colour, words in legend.findall(exhibit.markup.en):
            assert ("assumed" in words) == (colour == BASES["assumed"]), words
            assert "(story)" not in words or colour == BASES["story"]
        assert ("assumed" in exhibit.bases) or "assumed" not in exhibit.markup.en, exhibit.title.en


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_leads_with_the_key_figures_and_one_legend(language: Language) -> None:
    name = "supply-chain-finance"
    scenario, played_story = SCENARIOS[name], played_on_a_chain(name)
    page = unescape(render(scenario, played_story, (), language, Phrase("a test", "测试")))
    lead, figures = page[: page.index('id="figures"')], page[page.index('id="figures"') :]
    for figure in scenario.key_figures(played_story):
        assert figure.name.said(language) in lead
        assert all(f"<b>{value.said(language)}</b>" in lead for _, value in figure.values)
    for basis, colour in BASES.items():
        chip = f'<span class="basis" style="--basis: {colour}">{BASE_WORDS[basis].said(language)}</span>'
        assert chip + BASE_WORDS[f"{basis}-means"].said(language) in figures


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_first_screen_says_what_was_tried_what_held_and_five_words(name: str, language: Language) -> None:
    """The most telling refusals lead to their steps; invariants that hold are counted, and one that is broken is named."""
    scenario, played_story = SCENARIOS[name], played_on_a_chain(name)
    findings = scenario.findings(played_story)
    page = unescape(render(scenario, played_story, findings, language, Phrase("a test", "测试")))
    lead = page[page.index('<header id="top">') : page.index("</header>")]
    assert scenario.short is not None
    short = scenario.short()
    told = short.told([one.step.words for one in played_story.steps])
    telling = {number: one.words.said(language) for number, one in told.items() if one.is_telling}
    assert dict(re.findall(r'<a href="#step-(\d+)">(.*?)</a>', lead)) == {str(number): words for number, words in telling.items()}
    assert lead.count('<span class="why">✗') >= len(telling) == 3
    explained = [(term.name.said(language), term.means.said(language)) for term in short.terms]
    people = re.findall(r"<span><b>(.*?)</b>(?:: |：)(.*?)</span>", lead)
    words = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", lead)
    assert (len(people) > 1, len(words)) == (True, 5)
    assert set(people + words) <= set(explained)
    assert all(any(member.said(language).startswith(who) for member in scenario.cast.values()) for who, _ in people)
    assert f'<p class="yes"><b>✓ {"All " if language == "en" else ""}' in lead
    assert str(len(findings)) in re.findall(r'<p class="yes"><b>(.*?)</b>', lead)[0]
    broken = (replace(findings[0], faults=("one cent",)), *findings[1:])
    said = re.findall(
        r'<p class="no"><b>✗ (.*?)</b>', unescape(render(scenario, played_story, broken, language, Phrase("a", "甲")))
    )
    assert len(said) == 1
    assert "one cent" in said[0]


def test_an_old_terminal_shows_plain_marks(played: tuple[PlayedStory, object]) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", errors="replace")
    teller = StoryTeller(Console(file=out, width=100, color_system=None), SCENARIO, "en")
    for step in played[0].steps[:3]:
        teller.tell(step)
    out.flush()
    shown = raw.getvalue().decode("ascii")
    assert "   + Regulator" in shown
    assert "   x Regulator" in shown


def test_money_and_rates_are_written_for_people() -> None:
    assert money(123_456_789) == "1,234,567.89"
    assert money(5) == "0.05"
    assert percent(36_249) == "3.62 %"
    assert percent(36_250) == "3.63 %"


def test_details_of_refusals_are_words_of_the_trade(played: tuple[PlayedStory, dict[Language, str]]) -> None:
    texts = played[1]
    assert "is split. [wrong-state]" in texts["en"]
    assert "的状态为 锁定。 [wrong-state]" in texts["zh"]
    assert "匹配：完全一致" in texts["zh"]
    assert not {"consumed", "exact", "company", "role:"} & {word for word in WORDS.terms if word in texts["zh"]}
