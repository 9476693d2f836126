"""The tampering view in a real browser: the guided examples, an edit by hand, its undoing, and the forged export on disk."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from ledger.verify.conviction import verify_conviction_file
from ledger.verify.verdict import Pinned
from nodes.commands import application
from nodes.network.in_process import InProcessNetwork
from tests.browser import Watched, barriers
from tests.page_lab import PageLab, page_lab

ALICE, BOB = "north.member1", "south.member1"
NODE = "north.validator"
JUDGED = ".forged[aria-busy=false] .light"
NUMBER = '[data-path="transactions.0.body.arguments.number"]'


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("tamper") / "lab") as running:
        with running.network.client(member=ALICE) as client:
            issues = [client.sign_named("asset", "issue", {"number": number, "to": ALICE}) for number in ("a1", "a2")]
            client.submit_many(issues, 20)
            client.call_named("asset", "transfer", {"number": "a1", "to": BOB})
        yield running


@pytest.fixture
def network(lab: PageLab) -> InProcessNetwork:
    return lab.network


@pytest.fixture
def watched(lab: PageLab) -> Iterator[Watched]:
    context = lab.browser.new_context()
    made = Watched(context.new_page())
    yield made
    context.close()
    assert made.complaints == []


def opened(watched: Watched, network: InProcessNetwork, language: str = "en", block: int = 1, token: bool = True) -> Page:
    secret = f"&token={network.lab_token}" if token else ""
    watched.page.goto(f"{network.urls[NODE]}/#view=tamper&language={language}&block={block}{secret}")
    expect(watched.page.locator(".edit-tree ul").first).to_be_visible()
    return watched.page


def example(page: Page, name: str) -> str:
    """What is said after a guided example."""
    expect(page.locator(JUDGED)).to_be_visible()
    page.click(f"[data-example={name}]")
    expect(page.locator(f"{JUDGED}:not([data-shine=good])")).to_be_visible()
    return page.inner_text(".forged")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("value", "Rule 8, transactions"),
        ("signature", "Rule 4, line"),
        ("time", "you hold 1 key; 2 are missing"),
        ("quorum", "it convicts"),
    ],
)
def test_guided_examples_say_which_rule_breaks(watched: Watched, network: InProcessNetwork, name: str, said: str) -> None:
    assert said in example(opened(watched, network), name)


@pytest.mark.parametrize(("name", "said"), [("value", "首先违反规则 8"), ("time", "还缺 2 把"), ("quorum", "被定罪")])
def test_and_in_chinese(watched: Watched, network: InProcessNetwork, name: str, said: str) -> None:
    assert said in example(opened(watched, network, "zh"), name)


def test_broken_links_are_drawn_and_stand_in_the_table(watched: Watched, network: InProcessNetwork) -> None:
    page = opened(watched, network)
    page.fill('[data-path="header.time"]', "1")
    page.locator('[data-path="header.time"]').blur()
    expect(page.locator(".chain .link.broken")).to_have_count(1)
    page.click(".tamper summary:has-text('as a table')")
    expect(page.locator("table[aria-label='The chain'] .rejected").first).to_be_visible()


def test_an_edit_by_hand_is_shown_undone_and_put_back(watched: Watched, network: InProcessNetwork) -> None:
    page = opened(watched, network)
    expect(page.locator(JUDGED)).to_be_visible()
    before = page.locator('[data-path="header.proposer"]').input_value()
    page.fill('[data-path="header.proposer"]', "nobody.x")
    page.keyboard.press("Tab")
    expect(page.locator(".forged")).to_contain_text("Rule 6, validators")
    expect(page.locator(".leaf.edited")).to_have_count(1)
    page.click("button.was")
    expect(page.locator(".leaf.edited")).to_have_count(0)
    page.click("text=Undo")
    expect(page.locator('[data-path="header.proposer"]')).to_have_value("nobody.x")
    page.click("text=Start over")
    expect(page.locator('[data-path="header.proposer"]')).to_have_value(before)


def test_the_forged_export_is_saved_and_the_ledger_stays(watched: Watched, network: InProcessNetwork, tmp_path: Path) -> None:
    page = opened(watched, network)
    example(page, "quorum")
    with network.client() as client:
        before = list(client.export())
        with page.expect_download() as saved:
            page.click("text=Save the forged export")
        saved.value.save_as(tmp_path / "forged.jsonl")
        assert list(client.export()) == before
    forged = (tmp_path / "forged.jsonl").read_bytes().splitlines()
    command = ["verify", str(tmp_path / "forged.jsonl"), "--contracts", "--ledger", network.ledger]
    assert CliRunner().invoke(application, command).exit_code == 0
    assert forged != [line.rstrip(b"\n") for line in before]
    assert json.loads(forged[0])["ledger"] == network.ledger
    with page.expect_download() as accused:
        page.click("text=Save the conviction")
    verdict = verify_conviction_file(Path(accused.value.path()).read_bytes(), Pinned(ledger=network.ledger))
    assert verdict.broken is None
    expect(page.locator("#status")).to_contain_text(f"tallystick verify forged-1.jsonl --contracts --ledger {network.ledger}")


def test_without_the_token_one_can_look(watched: Watched, network: InProcessNetwork) -> None:
    page = opened(watched, network, token=False)
    expect(page.locator(".tamper .banner")).to_contain_text("token")
    expect(page.locator("[data-example=value]")).to_be_disabled()


def test_a_block_that_is_not_there_is_the_newest(watched: Watched, network: InProcessNetwork) -> None:
    page = opened(watched, network, block=99)
    expect(page.locator(JUDGED)).to_be_visible()
    assert int(page.input_value("[data-path=height]")) == int(page.get_attribute("[data-path=height]", "max") or 0)


def test_the_genesis_can_be_edited_too(watched: Watched, network: InProcessNetwork) -> None:
    page = opened(watched, network, block=0)
    page.click("[data-example=signature]")
    expect(page.locator("#status")).to_contain_text("Block 0")
    page.fill('[data-path="genesis.time_ms"]', "5")
    page.keyboard.press("Tab")
    expect(page.locator(".forged")).to_contain_text("Rule 1, genesis")
    page.check('[data-path="rehash"]')
    expect(page.locator(".forged")).to_contain_text("Rule 2, ledger")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everybody(watched: Watched, network: InProcessNetwork, theme: str) -> None:
    page = opened(watched, network, "zh")
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    example(page, "time")
    assert barriers(page) == []


def test_it_fits_a_narrow_window(watched: Watched, network: InProcessNetwork) -> None:
    watched.page.set_viewport_size({"width": 380, "height": 800})
    page = opened(watched, network)
    example(page, "quorum")
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_matrix_stands_below_with_details_on_each_cell(watched: Watched, network: InProcessNetwork, language: str) -> None:
    page = opened(watched, network, language)
    page.click(".tamper > details > summary")
    expect(page.locator(".anomalies details")).to_have_count(36, timeout=60_000)
    first = page.locator(".anomalies [data-outcome=refused] details").first
    first.locator("summary").click()
    expect(first.locator("li").first).to_be_visible()
    expect(page.locator(".anomalies [data-outcome=undetected]").first).to_contain_text(
        {"en": "undetected", "zh": "未被发现"}[language]
    )
    assert barriers(page) == []
