"""The tampering view in a real browser: the guided examples, an edit by hand, its undoing, and the forged export on disk."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ledger.verify.conviction import verify_conviction_file
from ledger.verify.verdict import Pinned
from tests.browser import barriers
from tests.commands import succeeds
from tests.page_lab import PageLab, page_lab

ALICE, BOB = "north.member1", "south.member1"
NODE = "north.validator"
JUDGED = ".judged[aria-busy=false] .light"
NUMBER = '[data-path="transactions.0.body.arguments.number"]'


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("tamper") / "lab") as running:
        with running.network.client(member=ALICE) as client:
            issues = [client.sign_named("asset", "issue", {"number": number, "to": ALICE}) for number in ("a1", "a2")]
            client.submit_many(issues, 20)
            client.call_named("asset", "transfer", {"number": "a1", "to": BOB})
        yield running


@contextmanager
def opened(lab: PageLab, **address: Any) -> Iterator[Page]:
    """The view at block 1, with its tree."""
    with lab.opened_at(lab.address("tamper", **{"block": 1, **address})) as page:
        expect(page.locator(".edit-tree summary").first).to_be_visible()
        yield page


def example(page: Page, name: str) -> str:
    """What is said after a guided example."""
    expect(page.locator(JUDGED)).to_be_visible()
    page.click(f"[data-example={name}]")
    expect(page.locator(f"{JUDGED}:not([data-shine=good])")).to_be_visible()
    return page.inner_text(".judged") + page.inner_text(".forged")


def open_part(page: Page, name: str) -> None:
    """Opens a part of the block that is folded at first."""
    page.locator(".edit-tree summary", has_text=name).first.click()


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "value", "Rule 8, transactions"),
        ("en", "signature", "Rule 4, line"),
        ("en", "time", "you hold 1 key; 2 are missing"),
        ("en", "quorum", "it convicts"),
        ("zh", "value", "首先违反规则 8"),
        ("zh", "time", "还缺 2 把"),
        ("zh", "quorum", "被定罪"),
    ],
)
def test_guided_examples_say_which_rule_breaks(lab: PageLab, language: str, name: str, said: str) -> None:
    with opened(lab, language=language) as page:
        text = example(page, name)
        assert said in text
        assert re.search("[，。：] ", text) is None  # in Chinese nothing stands between two parts


def test_broken_links_are_drawn_and_stand_in_the_table(lab: PageLab) -> None:
    with opened(lab) as page:
        open_part(page, "header")
        page.fill('[data-path="header.time"]', "1")
        page.locator('[data-path="header.time"]').blur()
        expect(page.locator(".chain .link.broken")).to_have_count(1)
        expect(page.locator(".chain .block").nth(2).locator(".id.bad")).to_contain_text("parent")
        page.click(".tamper summary:has-text('as a table')")
        expect(page.locator("table[aria-label='The chain'] .rejected").first).to_be_visible()


def test_an_edit_by_hand_is_shown_undone_and_put_back(lab: PageLab) -> None:
    with opened(lab) as page:
        expect(page.locator(JUDGED)).to_be_visible()
        open_part(page, "header")
        before = page.locator('[data-path="header.proposer"]').input_value()
        page.fill('[data-path="header.proposer"]', "nobody.x")
        page.keyboard.press("Tab")
        expect(page.locator(".judged")).to_contain_text("Rule 6, validators")
        expect(page.locator(".leaf.edited")).to_have_count(1)
        page.click("button.was")
        expect(page.locator(".leaf.edited")).to_have_count(0)
        page.click("text=Undo")
        expect(page.locator('[data-path="header.proposer"]')).to_have_value("nobody.x")
        page.click("text=Start over")
        expect(page.locator('[data-path="header.proposer"]')).to_have_value(before)


def test_what_is_typed_is_judged_at_once_and_stays_in_sight(lab: PageLab) -> None:
    with lab.opened_at(lab.address("tamper", block=1), viewport={"width": 1280, "height": 600}) as page:
        expect(page.locator(JUDGED)).to_have_attribute("data-shine", "good")
        page.locator(NUMBER).press_sequentially("9")  # nobody has left the field yet
        expect(page.locator(JUDGED)).to_have_attribute("data-shine", "bad")
        expect(page.locator(".chain .block.edited")).to_be_in_viewport()
        page.keyboard.press("Tab")
        page.locator(".forged").evaluate("place => place.scrollIntoView(false)")
        for seen in (".chain .block.edited", JUDGED):
            expect(page.locator(seen)).to_be_in_viewport()


def test_the_forged_export_is_saved_and_the_ledger_stays(lab: PageLab, tmp_path: Path) -> None:
    with opened(lab) as page:
        example(page, "quorum")
        with lab.network.client() as client:
            before = list(client.export())
            with page.expect_download() as saved:
                page.click("text=Save the forged export")
            saved.value.save_as(tmp_path / "forged.jsonl")
            assert list(client.export()) == before
        forged = (tmp_path / "forged.jsonl").read_bytes().splitlines()
        succeeds("verify", tmp_path / "forged.jsonl", "--contracts", "--ledger", lab.network.ledger)
        assert forged != [line.rstrip(b"\n") for line in before]
        assert json.loads(forged[0])["ledger"] == lab.network.ledger
        with page.expect_download() as accused:
            page.click("text=Save the conviction")
        verdict = verify_conviction_file(Path(accused.value.path()).read_bytes(), Pinned(ledger=lab.network.ledger))
        assert verdict.broken is None
        expect(page.locator("#status")).to_contain_text(
            f"tallystick verify forged-1.jsonl --contracts --ledger {lab.network.ledger}"
        )


def test_without_the_token_one_can_look(lab: PageLab) -> None:
    with opened(lab, with_token=False) as page:
        expect(page.locator(".tamper .banner")).to_contain_text("token")
        expect(page.locator("[data-example=value]")).to_be_disabled()


def test_a_block_that_is_not_there_is_the_newest(lab: PageLab) -> None:
    with opened(lab, block=99) as page:
        expect(page.locator(JUDGED)).to_be_visible()
        assert int(page.input_value("[data-path=height]")) == int(page.get_attribute("[data-path=height]", "max") or 0)


def test_the_genesis_can_be_edited_too(lab: PageLab) -> None:
    with opened(lab, block=0) as page:
        page.click("[data-example=signature]")
        expect(page.locator("#status")).to_contain_text("Block 0")
        open_part(page, "genesis")
        page.fill('[data-path="genesis.time_ms"]', "5")
        page.keyboard.press("Tab")
        expect(page.locator(".judged")).to_contain_text("Rule 1, genesis")
        page.check('[data-path="rehash"]')
        expect(page.locator(".judged")).to_contain_text("Rule 2, ledger")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(lab: PageLab, theme: str) -> None:
    with opened(lab, language="zh") as page:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        example(page, "time")
        assert barriers(page) == []


def test_it_fits_a_narrow_window(lab: PageLab) -> None:
    with lab.opened_at(lab.address("tamper", block=1), viewport={"width": 380, "height": 800}) as page:
        example(page, "quorum")
        assert page.evaluate("document.documentElement.scrollWidth") <= 380


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_matrix_stands_below_with_details_on_each_cell(lab: PageLab, language: str) -> None:
    with opened(lab, language=language) as page:
        page.click(".tamper > details > summary")
        expect(page.locator(".anomalies details")).to_have_count(36)
        first = page.locator(".anomalies [data-outcome=refused] details").first
        first.locator("summary").click()
        expect(first.locator("li").first).to_be_visible()
        expect(page.locator(".anomalies [data-outcome=undetected]").first).to_contain_text(
            {"en": "undetected", "zh": "未被发现"}[language]
        )
        assert barriers(page) == []
