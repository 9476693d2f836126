"""The view Consensus in a real browser: who holds what, why it waits, and who sent what to whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nodes.network.specification import default_specification
from nodes.node.clock import wall_ms
from tests.page_lab import NODES, PageLab, page_lab

STEPS_MAX = 400
DOWN = ("east.validator", "west.validator")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("page") / "network") as found:
        found.issue("first", 10)
        yield found


def test_it_follows_the_newest_records_and_the_table_says_the_same(lab: PageLab) -> None:
    with lab.opened("consensus") as page:
        expect(page.locator(".diagram .mark.decided").first).to_be_visible()
        expect(page.locator(".lights .light").first).to_contain_text("No two blocks at one height")
        expect(page.locator(".why[data-shine=good]")).to_contain_text("idle, ready")
        expect(page.locator(".consensus .members")).to_be_hidden()  # nothing is under way
        names = page.locator(".diagram .lane .name").all_text_contents()
        assert names == list(NODES)
        before = count_of(page)
        lab.issue("second", 10)
        expect(page.locator(".consensus input[type=range]")).not_to_have_attribute("max", str(before))
        page.locator("summary", has_text="The same as a table").click()
        expect(page.locator(".consensus .log tr[aria-current]")).to_have_attribute("aria-rowindex", str(count_of(page) + 2))
        page.locator("summary", has_text="Who said what").click()
        expect(page.locator(".consensus .matrix .chip.decided").first).to_be_visible()


def test_the_log_of_a_lab_can_be_read_from_its_end(lab: PageLab) -> None:
    with lab.network.client() as client:
        whole = client.get("/v1/lab/control/log", limit=2000)
        newest = client.get("/v1/lab/control/log", after=-5)
        before = client.get("/v1/lab/control/log", after=-1_000_000, limit=3)
    assert newest["records"] == whole["records"][-5:]
    assert newest["next"] == whole["next"]
    assert before["records"] == whole["records"][:3]


def test_a_moment_is_held_while_the_network_goes_on(lab: PageLab) -> None:
    with lab.opened("consensus") as page:
        expect(page.locator(".diagram .mark.decided").first).to_be_visible()
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".past")).to_contain_text("stopped at a moment")
        expect(page.locator(".why")).to_be_hidden()  # of now
        place = page.locator(".consensus output").last.inner_text()
        lab.issue("third", 10)
        height = lab.told()["nodes"][0]["height"]
        expect(page.locator(".members")).to_contain_text(str(height))
        assert page.locator(".consensus output").last.inner_text() == place
        page.locator(".past button").click()
        expect(page.locator(".about")).to_contain_text("The newest messages")
        expect(page.locator(".consensus output").last).not_to_have_text(place)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["proposes block", "hears", "2 of 3", "has 3 votes for block", "nobody can get 3 for another", "it is final"]),
        ("zh", ["提出区块", "2/3", "谁也不可能为别的区块得到 3 张", "已终结"]),
    ],
)
def test_each_step_is_a_message_and_says_what_it_means(lab: PageLab, language: str, said: list[str]) -> None:
    with lab.opened("consensus", language=language) as page:
        expect(page.locator(".diagram .mark.decided").first).to_be_visible()
        expect(page.locator(".diagram .unit")).to_contain_text("→")
        seen = set[str]()
        for _ in range(STEPS_MAX):
            page.keyboard.press("ArrowLeft")
            seen.add(page.locator(".consensus .now").inner_text())
            if all(any(part in one for one in seen) for part in said):
                break
        assert all(any(part in one for one in seen) for part in said), seen


def test_observers_count_for_no_quorum(lab: PageLab, tmp_path: Path) -> None:
    specification = default_specification(wall_ms() - 60_000, members_each=1, observers=2)
    with page_lab(tmp_path / "network", specification, lab.browser) as wider, wider.opened("consensus") as page:
        wider.issue("first", 10)
        expect(page.locator(".why[data-shine=good]")).to_contain_text("idle, ready")
        expect(page.locator(".diagram .mark.decided").first).to_be_visible()
        now = page.locator(".consensus .now")
        for _ in range(STEPS_MAX):
            page.keyboard.press("ArrowLeft")
            if "nobody can get" in (said := now.inner_text()):
                break
        assert "has 3 votes" in said
        assert "nobody can get 3 for another" in said
        for node in DOWN:
            wider.network.kill(node)
        page.locator(".past button").click()
        expect(page.locator(".why:not([data-shine=good])")).to_be_visible()  # though four nodes run, two of them observers


def test_the_last_height_is_played_at_a_pace(lab: PageLab) -> None:
    with lab.opened("consensus") as page:
        expect(page.locator(".diagram .mark.decided").first).to_be_visible()
        for _ in range(4):
            page.click("[data-do=faster]")
        expect(page.get_by_text("20 a second")).to_be_visible()
        page.click("[data-do=do-play]")
        expect(page.locator("[data-do=do-play]")).to_have_text("❚❚")
        expect(page.locator(".past")).to_be_visible()
        last = count_of(page) + 1
        expect(page.locator("[data-do=do-play]")).to_have_text("▶")  # at the end
        expect(page.locator(".consensus output").last).to_have_text(f"Record {last} of {last}")


@pytest.mark.parametrize(("language", "waits"), [("en", "votes 2 of 3"), ("zh", "投票 2/3")])
def test_with_two_of_four_down_it_waits_and_says_for_whom_and_why(lab: PageLab, language: str, waits: str) -> None:
    stopped = {"en": "(stopped)", "zh": "（已停止）"}[language]
    with lab.opened("consensus", language=language) as page:
        expect(page.locator(".members tbody tr")).to_have_count(len(NODES))
        for node in DOWN:
            lab.network.kill(node)
        lab.issue(f"waits-{language}")
        why = page.locator(".why")
        for text in (*(f"{node}{stopped}" if language == "zh" else f"{node} {stopped}" for node in DOWN), "2"):
            expect(why).to_contain_text(text)
        meter = page.locator("tr[data-member='north.validator'] .meter").first
        expect(page.locator("tr[data-member='east.validator']")).to_contain_text("■")
        expect(page.locator(".diagram .lane.is-down")).to_have_count(2)
        height = lab.told()["nodes"][0]["height"]
        if page.locator(".why", has_text=waits).count():  # else its leader is one of the two
            expect(meter.locator(".said")).to_have_count(2)
        for node in DOWN:
            lab.network.restart(node)
        expect(page.locator("tr[data-member='north.validator']")).to_contain_text(str(height + 1))
        expect(page.locator(".diagram .lane.is-down")).to_have_count(0)


def count_of(page: Page) -> int:
    """Place of the last record."""
    return int(page.locator(".consensus input[type=range]").get_attribute("max") or 0)
