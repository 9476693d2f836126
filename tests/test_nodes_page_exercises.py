"""The view of the labs in a real browser: start, handout, files, hints, answers, check."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scenarios.workshop.labs.catalogue import exercises
from scenarios.workshop.labs.keys import plan
from scenarios.workshop.progress import read_begun
from scenarios.workshop.room import Room
from tests.browser import barriers
from tests.page_lab import PageLab, page_lab

KEYS = 2
FAILED = "Failed to load resource"
"""What the browser itself writes while nodes begin anew, and when one turns a letter away."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("labs") / "network") as running:
        yield running


def test_a_group_starts_a_lab_hands_letters_in_and_is_told_what_is_missing(lab: PageLab) -> None:
    with lab.opened("exercises", lab=KEYS, forgiven=(FAILED,)) as page:
        expect(page.locator(".exercises form")).to_have_count(0)
        page.get_by_role("button", name="Start this lab").click()
        page.get_by_role("button", name="No").click()
        page.get_by_role("button", name="Start this lab").click()
        expect(page.get_by_role("button", name="Yes, start")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("The lab is ready: seed")
        begun = read_begun(lab.network.directory)
        assert begun is not None
        made = plan(Room(lab.network.directory, begun.seed).chance())
        expect(page.locator(".exercises details pre").first).to_contain_text(f"You are {made.me}.")
        answers = hand_all_in(page)
        assert [("committed: block 6" in text) for text in answers] == [place == made.genuine for place in (1, 2, 3)]
        assert sum("Turned away at the door: wrong-signature" in text for text in answers) == 2

        page.locator('input[name="door"]').fill("wrong-signature")
        page.locator('input[name="genuine"]').fill(str(made.genuine))
        page.locator('input[name="again"]').fill("6")
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".found li")).to_have_count(5)
        expect(page.locator(".found li").first).to_contain_text(f"{made.own} is not issued")
        expect(page.locator(".found li").last).to_have_text(re.compile("^No answer yet to question 5: The height of the block"))
        assert page.locator('input[name="door"]').input_value() == "wrong-signature"
        page.locator("#views").get_by_role("link", name="Ledger").click()
        page.get_by_role("link", name="Lab 2 is under way").click()
        expect(page.locator('input[name="door"]')).to_have_value("wrong-signature")


def hand_all_in(page: Page) -> list[str]:
    texts = []
    for letter in (
        page.locator(".exercises details").filter(has=page.get_by_role("button", name="Hand it in", include_hidden=True)).all()
    ):
        letter.locator("summary").click()
        letter.get_by_role("button", name="Hand it in").click()
        expect(letter.locator(".outcome")).not_to_be_empty()
        texts.append(letter.locator(".outcome").inner_text())
    return texts


def test_hints_come_one_by_one_and_a_link_leads_to_the_view(lab: PageLab) -> None:
    with lab.opened("exercises", lab=KEYS, language="zh") as page:
        hints = page.locator(".exercises article section").filter(has=page.get_by_role("heading", name="提示"))
        for count in (1, 2):
            hints.get_by_role("button", name=f"提示 {count}/4").click()
            expect(hints.locator("li")).to_have_count(count)
        page.locator(".exercises .markdown a", has_text="合约").first.click()
        expect(page.locator("#views a[aria-current=page]")).to_have_text("合约")
        assert "language=zh" in page.url


def test_whoever_has_no_token_reads_and_starts_nothing(lab: PageLab) -> None:
    with lab.opened("exercises", lab=1, with_token=False) as page:
        expect(page.locator(".exercises nav a")).to_have_count(len(exercises()))
        expect(page.locator(".exercises .starter")).to_be_hidden()
        expect(page.locator(".exercises form")).to_have_count(0)


def test_every_handout_is_shown_without_a_mark_of_its_writing(lab: PageLab) -> None:
    with lab.opened("exercises") as page:
        for language, number in product(("en", "zh"), exercises()):
            page.goto(lab.address("exercises", language, lab=number))
            expect(page.locator(".exercises nav a[aria-current]")).to_contain_text(str(number))
            shown: dict[str, Any] = page.locator(".markdown").evaluate(
                "root => { for (const code of root.querySelectorAll('code')) code.remove();"
                " return {text: root.textContent, steps: root.querySelectorAll('ol > li').length} }"
            )
            assert [mark for mark in ("**", "`", "](", "\n#") if mark in shown["text"]] == []
            assert shown["steps"] >= 4
        assert barriers(page) == []
