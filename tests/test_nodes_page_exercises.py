"""Labs in a real browser: the list, and beside every view the handout with steps, files, hints, answers and Check."""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from nodes.lab.remote import RemoteControl
from nodes.node.clock import wall_ms
from nodes.words import Language
from scenarios.workshop.labs.catalogue import exercises
from scenarios.workshop.labs.keys import plan
from scenarios.workshop.progress import count_check, read_begun
from scenarios.workshop.room import Room
from tests.browser import barriers
from tests.page_lab import PageLab, page_lab

KEYS = 2
LANGUAGES: tuple[Language, ...] = ("en", "zh")
FAILED = "Failed to load resource"
"""What the browser itself writes while nodes begin anew, and when one turns a letter away."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    with page_lab(tmp_path_factory.mktemp("labs") / "network") as running:
        yield running


def test_a_group_starts_a_lab_hands_letters_in_and_is_told_what_is_missing(lab: PageLab) -> None:
    with lab.opened("exercises", forgiven=(FAILED,)) as page:
        panel = page.locator("#handout")
        expect(panel).to_be_hidden()
        page.locator(".labs a").nth(KEYS - 1).click()
        expect(panel.get_by_role("heading", level=2)).to_have_text("Lab 2 Keys, signatures, impersonation")
        expect(panel.locator("form")).to_have_count(0)
        page.get_by_role("button", name="Start this lab").click()
        page.get_by_role("button", name="No").click()
        page.get_by_role("button", name="Start this lab").click()
        expect(page.get_by_role("button", name="Yes, start")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("The lab is ready: seed")
        begun = read_begun(lab.network.directory)
        assert begun is not None
        made = plan(Room(lab.network.directory, begun.seed).chance())
        expect(panel.locator("details pre").first).to_contain_text(f"You are {made.me}.")
        answers = hand_all_in(page)
        assert [("committed (ok): block 6" in text) for text in answers] == [place == made.genuine for place in (1, 2, 3)]
        assert sum("Turned away at the door: wrong-signature" in text for text in answers) == 2

        expect(panel.locator("form input:visible")).to_have_count(0)
        panel.get_by_role("button", name="Step 4 of 7").click()
        expect(panel.locator("form input:visible")).to_have_count(1)
        panel.get_by_role("button", name="Step 7 of 7").click()
        page.locator('input[name="door"]').fill("wrong-signature")
        page.locator('input[name="genuine"]').fill(str(made.genuine))
        page.locator('input[name="again"]').fill("6")
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".found li")).to_have_count(5)
        expect(page.locator(".found li").first).to_contain_text(f"{made.own} is not issued")
        expect(page.locator(".found li").last).to_have_text(re.compile("^No answer yet to question 5: The height of the block"))
        assert barriers(page) == []


def hand_all_in(page: Page) -> list[str]:
    texts = []
    for letter in (
        page.locator("#handout section details")
        .filter(has=page.get_by_role("button", name="Hand it in", include_hidden=True))
        .all()
    ):
        letter.locator("summary").click()
        letter.get_by_role("button", name="Hand it in").click()
        expect(letter.locator(".outcome")).not_to_be_empty()
        texts.append(letter.locator(".outcome").inner_text())
    return texts


def test_the_handout_stays_over_every_view_and_keeps_all_when_the_page_is_loaded_again(lab: PageLab) -> None:
    RemoteControl(lab.network.directory).order(f"/exercises/{KEYS}/start", {"seed": 5})
    with lab.opened("ledger", forgiven=(FAILED,)) as page:
        panel, text = page.locator("#handout"), page.locator("#handout .markdown li:visible")
        expect(text).to_contain_text("Act as yourself.")
        panel.get_by_role("link", name="Contracts").click()
        expect(page.locator("#views a[aria-current=page]")).to_have_text("Contracts")
        panel.get_by_role("button", name="Next step").click()
        expect(text).to_contain_text("Still as yourself")
        panel.get_by_role("button", name="Step 3 of 7").click()
        panel.get_by_role("button", name="Hint 1 of 4").click()
        panel.locator('input[name="door"]').fill("wrong-signature")
        page.reload()
        expect(text).to_contain_text("Three letters lie below")
        expect(panel.locator(".marks [aria-current=step]")).to_have_text("3")
        expect(panel.get_by_role("button", name="Hint 2 of 4")).to_be_visible()
        expect(panel.locator('input[name="door"]')).to_have_value("wrong-signature")

        page.keyboard.press("h")
        expect(text).to_have_count(0)
        page.reload()
        panel.locator("summary").first.focus()
        page.keyboard.press("Enter")
        expect(text).to_contain_text("Three letters lie below")

        RemoteControl(lab.network.directory).order(f"/exercises/{KEYS}/start", {"seed": 6})
        expect(panel).to_contain_text("Seed of this start: 6")
        expect(panel.locator('input[name="door"]')).to_have_value("")
        expect(text).to_contain_text("Act as yourself.")
        expect(panel).not_to_contain_text("What you learned")
        count_check(lab.network.directory, KEYS, wall_ms(), ())
        page.reload()
        expect(panel.locator(".found")).to_contain_text("Done. Nothing is missing.")
        expect(panel.locator(".found h3")).to_have_text("What you learned")
        expect(panel.locator(".found li")).to_have_text([one.en.replace("**", "") for one in exercises()[KEYS].words.learned])


def test_that_the_handout_was_folded_is_kept_before_anything_else_happens(lab: PageLab) -> None:
    """The event of it comes later: a page that was loaded again at once lost it."""
    with lab.opened("exercises", lab=KEYS) as page:
        expect(page.locator("#handout .markdown li:visible")).to_have_count(1)
        fold = "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'h', bubbles: true })); await null;"
        kept = page.evaluate(f"async () => {{ {fold} return sessionStorage.getItem('tallystick-handout-{KEYS}') }}")
        assert json.loads(kept)["folded"]


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (1024, True), (380, False)])
def test_the_handout_is_a_column_and_in_a_narrow_window_a_drawer(lab: PageLab, width: int, beside: bool) -> None:
    shape, of_language = {"width": width, "height": 760}, {True: ("en", "light"), False: ("zh", "dark")}
    language, theme = of_language[beside]
    with lab.opened_at(lab.address("contracts", language, lab=KEYS, theme=theme), viewport=shape) as page:
        panel = page.locator("#handout")
        expect(panel.locator(".markdown li:visible")).to_have_count(1)
        for _ in ("open", "folded"):
            place, main = panel.bounding_box(), page.locator("main").bounding_box()
            assert place is not None
            assert main is not None
            assert (place["x"] >= main["x"] + main["width"]) is beside
            assert place["y"] + place["height"] <= shape["height"]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert barriers(page) == []
            panel.locator("summary").first.click()
        expect(panel.locator(".markdown li:visible")).to_have_count(1)


def test_hints_come_one_by_one_and_a_link_leads_to_the_view(lab: PageLab) -> None:
    with lab.opened("exercises", lab=KEYS, language="zh") as page:
        hints = page.locator("#handout section").filter(has=page.get_by_role("heading", name="提示"))
        for count in (1, 2):
            hints.get_by_role("button", name=f"提示 {count}/4").click()
            expect(hints.locator("li")).to_have_count(count)
        page.locator("#handout .markdown a", has_text="合约").first.click()
        expect(page.locator("#views a[aria-current=page]")).to_have_text("合约")
        assert "language=zh" in page.url


def test_whoever_has_no_token_reads_and_starts_nothing(lab: PageLab) -> None:
    with lab.opened("exercises", lab=1, with_token=False) as page:
        expect(page.locator(".exercises nav a")).to_have_count(len(exercises()))
        expect(page.locator("#handout .markdown li:visible")).to_have_count(1)
        expect(page.locator("#handout .starter")).to_be_hidden()
        expect(page.locator("#handout form")).to_have_count(0)


def test_every_handout_is_shown_without_a_mark_of_its_writing(lab: PageLab) -> None:
    with lab.opened("exercises", lab=1) as page:
        for language, number in product(LANGUAGES, exercises()):
            page.goto(lab.address("exercises", language, lab=number))
            expect(page.locator("#handout h2")).to_contain_text(exercises()[number].words.title.text(language))
            shown: dict[str, Any] = page.locator("#handout").evaluate(
                "root => { const copy = root.cloneNode(true); for (const code of copy.querySelectorAll('code')) code.remove();"
                " return {text: copy.textContent, steps: copy.querySelectorAll('ol > li').length} }"
            )
            assert [mark for mark in ("**", "`", "](", "\n#") if mark in shown["text"]] == []
            assert shown["steps"] >= 4
        assert barriers(page) == []
