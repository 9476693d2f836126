"""The view Faults in a real browser: nodes, links and clock go wrong by hand, and the page says what to expect."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.network_support import wait_until
from tests.page_lab import GONE, NODES, PageLab, page_lab, press

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("page") / "network") as found:
        yield found


def test_nodes_are_killed_and_started_and_the_page_says_what_to_expect(lab: PageLab) -> None:
    with lab.opened("faults") as page:
        expected = page.locator(".expect")
        expect(expected).to_contain_text("each block takes moments")
        press(page, "kill", card("east.validator"))
        expect(expected).to_contain_text("it goes on. 3 of 4")
        press(page, "stop", card("west.validator"))
        expect(expected).to_contain_text("it waits. 2 of 4")
        expect(page.locator(".present")).to_contain_text("west.validator: ■ stopped")
        expect(page.locator(card("west.validator")).locator("[data-do=kill]")).to_be_disabled()
        for node in ("east.validator", "west.validator"):
            press(page, "start", card(node))
        expect(expected).to_contain_text("each block takes moments")
        lab.issue("after", 10)


def test_a_partition_in_halves_stops_it_and_healing_lets_it_go_on(lab: PageLab) -> None:
    with lab.opened("faults", language="zh") as page:
        press(page, "2 / 2", ".partition")
        expect(page.locator(".expect")).to_contain_text("预期：等待")
        expect(page.locator(".present")).to_contain_text("north.validator + south.validator ‖ east.validator + west.validator")
        height = lab.told()["nodes"][0]["height"]
        lab.issue("apart")
        page.keyboard.press("2")
        expect(page.locator(".why")).to_contain_text("在分隔的另一侧")
        expect(page.locator(".why")).to_contain_text("最多只有 2 个")
        expect(page.locator(".diagram .lost").first).to_be_attached()
        page.keyboard.press("4")
        press(page, "heal-all", ".whole")
        expect(page.locator(".present")).to_contain_text("没有故障")
        expect(page.locator(card(NODES[0]))).to_contain_text(re.compile(rf"高度 {height + 1}\b"))


def test_sides_are_chosen_by_keys_alone(lab: PageLab) -> None:
    with lab.opened("faults") as page:
        for node, key in (("south.validator", "ArrowRight"), ("east.validator", "ArrowLeft")):
            page.get_by_role("radiogroup", name=node).locator("input:checked").focus()
            page.keyboard.press(key)
        page.locator(".partition [data-do=split]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".present")).to_contain_text("north.validator + east.validator ‖")
        press(page, "heal-all", ".partition")
        expect(page.locator(".present")).to_contain_text("Nothing")


def test_a_link_is_slow_and_a_node_is_isolated(lab: PageLab) -> None:
    with lab.opened("faults") as page:
        page.locator("select[name=from]").select_option("north.validator")
        page.locator("select[name=to]").select_option("south.validator")
        page.locator("input[name=delay]").fill("300")
        expect(page.locator(".links input[type=range]").nth(1)).to_have_value("300")
        press(page, "set", ".links")
        expect(page.locator(".present")).to_contain_text("north.validator → south.validator: 0 of 1000 lost, 300 ms later")
        expect(page.locator(".expect")).to_contain_text("slow or lossy")
        press(page, "isolate", card("west.validator"))
        expect(page.locator(card("west.validator"))).to_contain_text("⊘ isolated")
        expect(page.locator(".expect")).to_contain_text("it goes on")
        press(page, "heal-all", ".whole")
        expect(page.locator(".present")).to_contain_text("Nothing")


def test_a_traitor_has_its_kind_and_its_sentence_until_it_is_honest_again(lab: PageLab) -> None:
    with lab.opened("faults") as page:
        traitor = page.locator(card("south.validator"))
        traitor.locator("select").select_option("silent")
        expect(traitor).to_contain_text("says nothing")
        press(page, "betray", card("south.validator"))
        expect(traitor).to_contain_text("✗ traitor: silent")
        expect(page.locator(".expect")).to_contain_text("Up to 1 can delay")
        press(page, "honest", card("south.validator"))
        expect(page.locator(".present")).to_contain_text("Nothing")


def test_a_traitor_has_a_name_in_chinese(lab: PageLab) -> None:
    with lab.opened("faults", language="zh") as page:
        traitor = page.locator(card("south.validator"))
        traitor.locator("select").select_option(label="沉默者（silent）")
        press(page, "betray", card("south.validator"))
        expect(traitor).to_contain_text("✗ 叛徒：沉默者（silent）")
        expect(page.locator(".present")).to_contain_text("沉默者（silent）")
        page.keyboard.press("2")
        expect(page.locator(".members")).to_contain_text("✗ 叛徒：沉默者（silent）")
        page.keyboard.press("4")
        press(page, "honest", card("south.validator"))
        expect(page.locator(".present")).to_contain_text("没有故障")


def test_the_clock_goes_forward(lab: PageLab) -> None:
    before = clock(lab)
    with lab.opened("faults") as page:
        press(page, "hour", ".clock")
        ahead = datetime.fromtimestamp(before // 1000, UTC) + timedelta(hours=1)
        expect(page.locator(".clock p")).to_contain_text(f"It shows {ahead:%Y-%m-%d %H:}")
        assert clock(lab) >= before + HOUR_MS


def test_what_is_sent_while_two_of_four_are_down_is_pending_until_one_starts(lab: PageLab) -> None:
    down = ("east.validator", "west.validator")
    for node in down:
        lab.network.kill(node)
    with lab.opened("contracts", operation="asset.issue", role="north.member1") as page:
        page.get_by_label("Number number", exact=True).fill("waits-1")
        page.get_by_label("To to", exact=True).fill("north.member1")
        page.locator("button.main").click()
        answer = page.locator(".answer")
        expect(answer).to_contain_text("pending")
        expect(answer).to_contain_text("At most 2 of 4 nodes")
        expect(answer.locator("a")).to_have_attribute("href", re.compile("view=consensus"))
        expect(page.locator("button.main")).to_be_enabled()
        lab.network.restart(down[0])
        expect(answer.locator(".outcome.committed")).to_be_visible()
        lab.network.restart(down[1])


def test_without_the_token_all_orders_are_disabled_and_the_reason_stands_there(lab: PageLab) -> None:
    with lab.opened("faults", with_token=False) as page:
        expect(page.locator(".faults .cannot")).to_be_visible()
        assert page.locator(".faults button:not(:disabled)").count() == 0


def test_a_reset_takes_all_faults_away(lab: PageLab) -> None:
    with lab.opened("faults", forgiven=GONE) as page:
        press(page, "isolate", card("north.validator"))
        expect(page.locator(".present")).to_contain_text("isolated")
        press(page, "reset", ".whole")
        expect(page.locator(".present")).to_contain_text("Nothing")
        expect(page.locator(card("north.validator"))).to_contain_text("height 0")


def card(node: str) -> str:
    """Selector of a node's card."""
    return f".card[data-member='{node}']"


def clock(lab: PageLab) -> int:
    """The first node's, in milliseconds, once it has answered."""
    wait_until(lambda: lab.told()["nodes"][0]["clock"] is not None, "the first node does not answer")
    return int(lab.told()["nodes"][0]["clock"])
