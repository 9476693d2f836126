"""The corridor's report holds each crossing and each refusal; what it says of a proof can be recomputed, by itself or by hand."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ledger.contract.refusal import Phrase
from ledger.encoding import encode
from scenarios.corridor.by_hand import whole_proof
from scenarios.corridor.cast import LEDGERS
from scenarios.corridor.report import CorridorReport, Kept, render
from scenarios.corridor.scenario import CORRIDOR
from scenarios.report import Origin
from scenarios.story.story import Language
from scenarios.story.tell import is_refused
from tests.browser import Watched, barriers, started_browser
from tests.test_scenarios_corridor import played

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def text(language: Language) -> str:
    return render(CORRIDOR, played(), CORRIDOR.findings(played()), language, Origin(Phrase("a test", "测试")), "out")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as found:
        yield found


def opened(browser: Browser, path: Path, language: Language, width: int = 1280) -> tuple[Page, Watched]:
    path.write_text(text(language), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if language == "zh" else "light")
    watched = Watched(page)
    page.goto(path.as_uri())
    return page, watched


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_crossing_and_each_refusal_stands_in_the_lane_of_its_ledger(language: Language) -> None:
    report = CorridorReport(CORRIDOR, played(), language)
    cards = [card.crossing for row in report.rows for card in row.cards]
    assert sorted(map(id, cards)) == sorted(map(id, played().crossings))
    for row in report.rows:
        assert [(LEDGERS[one.source], LEDGERS[one.target]) for one in row.arrows[: len(row.cards)]] == [
            (card.crossing.source, card.crossing.target) for card in row.cards
        ]
    refused = {one.number for one in played().steps if is_refused(one)}
    assert {row.line.number for row in report.rows if row.why} == refused
    assert all(row.lane is not None for row in report.rows if row.why and row.line.kind == "act")
    assert text(language).count("data-proof=") == len(cards)


def test_ledgers_that_go_on_are_named_where_each_crossing_says_how_it_is_verified_offline() -> None:
    kept = {name: Kept(f"http://127.0.0.1:1860{place}", f"kept/{name}") for place, name in enumerate(LEDGERS)}
    page = render(CORRIDOR, played(), (), "en", Origin(Phrase("a test", "测试")), "out", kept)
    assert all(f'<a href="{one.address}/#view=ledger">' in page for one in kept.values())
    done = [one for one in played().crossings if one.outcome is not None and one.outcome.outcome == "committed"]
    assert page.count("tallystick crossing ") == len(done)
    for one in done:
        assert one.outcome is not None
        place = f"{one.place.replace('.', ' ')} {one.key} --from kept/{one.source} --dir kept/{one.target} "
        assert f"tallystick crossing {one.outcome.transaction} {place}" in page


def test_bill_and_money_stand_beside_the_steps_of_the_sale() -> None:
    rows = CorridorReport(CORRIDOR, played(), "en").rows
    paid = next(row for row in rows if any("800,000.00" in said and "Yanshan" in said for _, said in row.holdings))
    assert paid.changed
    assert paid.locked
    assert LEDGERS[paid.lane or 0] == "finance"
    handed = next(row for row in rows[rows.index(paid) :] if not row.locked)
    assert "Nordlicht" in handed.holdings[0][1]
    assert rows[-1].frozen
    assert not paid.frozen


def test_every_command_by_hand_prints_what_the_report_says(tmp_path: Path) -> None:
    """One crossing of each kind of record, at a shell with the tools that the report names."""
    found = {crossing.place: crossing for crossing in played().crossings}
    assert len(found) == 7
    for crossing in found.values():
        whole = whole_proof(crossing, played().ledgers[crossing.source].export)
        script = "\n".join(step.command for step in whole.steps)
        ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        expected = [step.result for step in whole.steps if step.result]
        assert [line.removesuffix("  -") for line in ran.stdout.splitlines()] == expected
        assert whole.path[-1] == whole.proof["header"]["state_root"]
        assert whole.record.encode() == encode(crossing.proof["value"])


def test_the_browser_checks_every_proof_and_notices_one_changed_character(browser: Browser, tmp_path: Path) -> None:
    page, watched = opened(browser, tmp_path / "report.html", "en")
    cards = page.locator("[data-proof]")
    page.evaluate("document.querySelectorAll('details.step:has([data-proof])').forEach((one) => { one.open = true })")
    page.wait_for_function(f"document.querySelectorAll('[data-proof][data-verdict]').length === {len(played().crossings)}")
    assert cards.count() == len(played().crossings)
    for card in cards.all():
        assert card.get_attribute("data-verdict") == "yes"
        assert card.locator("[data-rule][data-verdict=yes]").count() == 3
        field = card.locator("textarea")
        record = field.input_value()
        place = re.search(r"(?<=:)(true|\d|\"\w)", record)
        assert place is not None
        at = place.end() - 1
        field.fill(record[:at] + ("1" if record[at] != "1" else "2") + record[at + 1 :])
        assert card.get_attribute("data-verdict") == "no"
        assert card.locator("[data-verdict=no]").get_attribute("data-rule") == "path"
        field.fill(record + " ")
        assert card.get_attribute("data-verdict") == "no"
        field.fill(record)
        assert card.get_attribute("data-verdict") == "yes"
    assert watched.complaints == []
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_at_every_width_by_keyboard_and_without_another_file(
    language: Language, browser: Browser, tmp_path: Path
) -> None:
    page, watched = opened(browser, tmp_path / "report.html", language)
    assert page.evaluate("document.documentElement.scrollHeight") <= 12 * 800
    assert barriers(page) == []
    for width in (1280, 1024, 380):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    step = page.locator("details.step:has([data-proof])").first
    step.locator(":scope > summary").focus()
    page.keyboard.press("Enter")
    step.locator("[data-verdict=yes]").first.wait_for()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    page.locator("#only-refused").check()
    assert page.locator("details.step:not(.refused):visible").count() == 0
    assert page.locator("details.step.refused:visible").count() == sum(map(is_refused, played().steps))
    assert watched.complaints == []
    assert watched.requests == [page.url]
    page.close()
