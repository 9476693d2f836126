"""The report in a real browser, opened from disk as a reader would: nothing in it acts, nothing is asked for, all can be read."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from ledger.contract import AnyOf, Collection, Context, Contract, Record, Refusal, Role, operation
from ledger.contract.refusal import Phrase
from scenarios.catalogue import SCENARIOS
from scenarios.demo import simulated
from scenarios.report import Origin, render
from scenarios.story.play import play
from scenarios.story.story import Language, Scenario, Story, StoryWriter
from scenarios.supply_chain_finance.cast import LULIN
from scenarios.supply_chain_finance.scenario import SCENARIO
from tests.browser import Watched, started_browser
from tests.scenario_stage import ChainStage, played_by_seed, played_on_a_chain

MARKUP = "<img src=x onerror=document.title='owned'></details><script>document.title='owned'</script>"
HIDDEN = "\u202e"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def pages() -> dict[Language, str]:
    scenario = replace(SCENARIO, story=lambda: Story(SCENARIO.story().chapters[:5]), exhibits=lambda played_story: (), short=None)
    played_story = played_by_seed(scenario.name, 5)
    origin = replace(simulated(SCENARIO.name, 1), export="out.jsonl")
    return {language: render(scenario, played_story, (), language, origin) for language in LANGUAGES}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as found:
        yield found


# Inert


class Note(Record):
    """What somebody wrote."""

    text: str


class Notes(Contract):
    """Anybody writes anything, once under each key."""

    name = "notes"
    notes = Collection(Note)
    refusals = {"written": Refusal(en="{key}: {text} stands there.", zh="{key}：已有 {text}。")}

    @operation(signed_by=AnyOf(Role("supplier")))
    def write(self, context: Context, key: str, text: str) -> None:
        context.require(key not in self.notes, "written", key=key, text=text)
        self.notes[key] = Note(text=text)


def _notes() -> Story:
    """Markup and hidden signs wherever somebody can write."""
    writer = StoryWriter()
    writer.chapter(en=f"One {MARKUP}", zh=f"一 {MARKUP}")
    for refused in ("", "written"):
        writer.step(
            LULIN, Notes.write, key=MARKUP + HIDDEN, text=MARKUP + HIDDEN + MARKUP * 400, refused=refused, en=MARKUP, zh=MARKUP
        )
    return writer.story()


def _written() -> Scenario:
    specification = SCENARIO.specification()
    return replace(
        SCENARIO,
        contract=Notes,
        title=Phrase(MARKUP, MARKUP),
        specification=lambda: replace(specification, contracts=((Notes.name, f"{__name__}:Notes"),)),
        story=_notes,
        exhibits=lambda played_story: (),
        key_figures=lambda played_story: (),
        short=None,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_in_the_ledger_does_nothing(language: Language, browser: Browser, tmp_path: Path) -> None:
    scenario = _written()
    played = play(scenario, ChainStage(scenario))
    text = render(scenario, played, (), language, Origin(Phrase("a test", "测试")))
    assert text.count("&lt;img src=x onerror=") > 8
    assert len(text) < 60_000
    assert "<img" not in text
    assert text.count("<script") == 1
    assert HIDDEN not in text
    path = tmp_path / "report.html"
    path.write_text(text, encoding="utf-8")
    page = browser.new_page()
    watched = Watched(page)
    page.goto(path.as_uri())
    assert page.title().startswith("<img")
    assert page.locator("img").count() == 0
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert watched.complaints == []
    page.close()


# A browser


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_from_disk_without_a_word_and_without_another_request(
    language: Language, pages: dict[Language, str], browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(pages[language], encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    watched = Watched(page)
    page.goto(f"{path.as_uri()}#step-20")
    assert page.locator("#step-20").evaluate("e => e.closest('details')?.open ?? true")
    page.locator("button[data-open=yes]").click()
    assert page.locator("details.step:not([open])").count() == 0
    page.locator("button[data-open=no]").click()
    assert page.locator("details.step[open]").count() == 0
    page.locator("#only-refused").check()  # the script opens the chapters, so that the refused ones are in sight
    assert page.locator("details.step:not(.refused):visible").count() == 0
    assert page.locator("details.step.refused:visible").count() > 20
    page.locator("#consensus ~ details > summary").click()
    block = page.locator("details.block:has(#block-1)")
    assert block.locator("svg").count() == 0
    block.locator("summary").click()
    block.locator("svg .flight").first.wait_for()
    assert block.locator(".flight").count() == len(json.loads(page.locator("#talks").text_content() or "")["blocks"]["1"]["sent"])
    assert block.locator(".lane .name").all_text_contents()[0] == SCENARIO.cast["haihe.wang"].said(language)
    assert block.locator(".mark.decided").count() == 4
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("html").get_attribute("lang") == ("en" if language == "en" else "zh-Hans")
    assert len(page.pdf()) > 50_000
    assert watched.complaints == []
    assert [url for url in watched.requests if url.partition("#")[0] != path.as_uri() and url != "data:,"] == []
    page.close()


CUT = """() => [...document.querySelectorAll('.plot svg text')].filter(text => {
  const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal;
  return box.x < -1 || box.x + box.width > view.width + 1 || box.y < -1 || box.y + box.height > view.height + 1;
}).map(text => text.textContent).concat([...document.querySelectorAll('.names span')].filter(
  name => name.clientHeight < 10 || name.scrollHeight > name.clientHeight + 1).map(name => name.textContent))"""


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_label_of_a_plot_or_a_lane_is_cut(name: str, browser: Browser, tmp_path: Path) -> None:
    scenario, played_story = SCENARIOS[name], played_on_a_chain(name)
    for language in LANGUAGES:
        path = tmp_path / f"{language}.html"
        path.write_text(render(scenario, played_story, (), language, Phrase("a test", "测试")), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri())
        page.locator("button[data-open=yes]").click()
        assert page.evaluate(CUT) == [], language
        page.close()


@pytest.mark.parametrize("name", SCENARIOS)
def test_folded_it_is_short_and_its_contents_stay_in_sight(name: str, browser: Browser, tmp_path: Path) -> None:
    """Under 20 screens; a link from the contents leads to its section, and the contents say which one is in sight."""
    path = tmp_path / "report.html"
    path.write_text(render(SCENARIOS[name], played_on_a_chain(name), (), "en", Phrase("a test", "测试")), encoding="utf-8")
    for width, height in ((1280, 900), (380, 780)):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(path.as_uri())
        if width == 1280:
            assert page.evaluate("document.documentElement.scrollHeight") < 20 * height
            assert page.locator("header").evaluate("header => header.getBoundingClientRect().bottom") < 1.2 * height
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for section in ("figures", "story"):
            page.locator(f"nav a[href='#{section}']").click()
            expect(page.locator(f"nav a[href='#{section}']")).to_have_attribute("aria-current", "true")
            expect(page.locator(f"#{section}")).to_be_in_viewport()
            expect(page.locator("nav")).to_be_in_viewport(ratio=0.9)
        page.close()


@pytest.mark.parametrize("scripted", [True, False])
def test_paper_gets_what_is_folded(scripted: bool, pages: dict[Language, str], browser: Browser, tmp_path: Path) -> None:
    """Chapters, refused attempts and costs open for the printer and close again; steps and blocks stay as they are."""
    path = tmp_path / "report.html"
    path.write_text(pages["en"], encoding="utf-8")
    context = browser.new_context(java_script_enabled=scripted)
    page = context.new_page()
    page.goto(path.as_uri())
    folded = page.locator("details.printed:not([open])").count()
    assert folded > 4
    page.emulate_media(media="print")
    steps, shown = page.locator("details.step > summary"), page.locator("details.step > summary:visible")
    assert shown.count() == steps.count()
    assert page.locator("nav:visible, .block:visible, .step .full:visible").count() == 0
    assert len(page.pdf()) > 100_000
    assert page.locator("details.printed:not([open])").count() == folded
    context.close()


def test_charts_are_dark_where_the_page_is(browser: Browser, tmp_path: Path) -> None:
    name = "shipping"
    path = tmp_path / "report.html"
    path.write_text(render(SCENARIOS[name], played_on_a_chain(name), (), "en", Phrase("a test", "测试")), encoding="utf-8")
    page = browser.new_page(color_scheme="dark")
    page.goto(path.as_uri())
    plot = page.locator(".plot:has(> svg)").first
    assert plot.evaluate("plot => getComputedStyle(plot).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert plot.locator("svg").evaluate("svg => getComputedStyle(svg).filter") == "invert(1) hue-rotate(180deg)"
    page.close()


def test_it_says_everything_without_its_script(pages: dict[Language, str], browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(pages["en"], encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    first = page.locator("details.step").first
    first.locator("summary").click()
    assert first.locator(".full").is_visible()
    assert page.locator("button:visible").count() == 0
    page.locator("#only-refused").check()
    assert page.locator("details.step:not(.refused):visible").count() == 0
    page.locator("#consensus ~ details > summary").click()
    page.locator("details.block:has(#block-1) summary").click()
    assert page.locator("#block-1 table.messages tr:visible").count() > 10
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: Any, pages: dict[Language, str], browser: Browser, tmp_path: Path) -> None:
    """Contrast of 4.5 at least for every colour of text on the page's ground (WCAG 2.2, 1.4.3)."""
    path = tmp_path / "report.html"
    path.write_text(pages["en"], encoding="utf-8")
    page = browser.new_page(color_scheme=scheme)
    page.goto(path.as_uri())
    names = ("--ink", "--quiet", "--accent", "--no", "--wait")
    read = "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
    ground, panel, *colours = page.evaluate(read, ["--ground", "--panel", *names])
    for name, colour in zip(names, colours, strict=True):
        assert min(_contrast(colour, ground), _contrast(colour, panel)) >= 4.5, (scheme, name)
    page.close()


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
