"""The view Story in a real browser: a story is told, looked back at, seen by a role, and told again from an earlier step."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import barriers
from tests.page_lab import GONE, PageLab, page_lab, press

TOLD = 5
"""Steps that are told; the fifth is refused."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    """A lab whose story is told up to its first refusal, by the page alone."""
    with page_lab(tmp_path_factory.mktemp("page") / "network") as found:
        with found.opened("story") as page:
            expect(page.locator(".story .picture li")).to_have_count(4)
            expect(page.locator(".swimlanes")).to_have_count(0)
            expect(page.locator("main button.main")).to_have_text("Begin the story")
            assert barriers(page) == []
            for number in range(1, TOLD + 1):
                press(page, "next")
                expect(page.locator("output")).to_have_text(f"Step {number} of 16")
        yield found


def test_a_told_step_is_looked_back_at_and_the_ledger_stays(lab: PageLab) -> None:
    with lab.opened("story") as page:
        expect(page.locator(".swimlanes .told")).to_have_count(TOLD)
        expect(page.locator(".swimlanes .current .number")).to_have_text(str(TOLD))
        height = lab.told()["nodes"][0]["height"]
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".swimlanes .current .number")).to_have_text("4")
        page.goto(re.sub(r"step=\d+", "step=2", page.url))
        changed = page.locator(".changed table").first
        expect(changed.locator("caption")).to_contain_text("tea-1")
        expect(changed.locator("tr.changed", has_text="holder").locator("td")).to_contain_text(
            ["Lin's tea garden", "Chen, tea merchant"]
        )
        expect(changed.locator(".differs").first).to_have_attribute("aria-label", "changed")
        expect(page.locator("section.signed")).to_contain_text("north.member1")
        expect(page.locator("section.called")).to_contain_text("transfer")
        press(page, "last")
        expect(page.locator(".swimlanes .current .number")).to_have_text(str(TOLD))
        told = lab.told()
        assert (told["story"]["at"], told["generation"], told["nodes"][0]["height"]) == (TOLD, 0, height)


def test_the_thing_moves_to_its_holder_and_a_refused_attempt_ends_in_mid_air(lab: PageLab) -> None:
    with lab.opened("story", step=TOLD) as page:
        expect(page.locator(".swimlanes .token")).to_contain_text("tea-1")
        expect(page.locator(".swimlanes > title")).to_contain_text("tea-1 is with Wang")
        expect(page.locator(".swimlanes .way:not(.refused)")).to_have_count(2)
        expect(page.locator(".swimlanes .current .way.refused")).to_have_count(1)
        expect(page.locator(".swimlanes .because")).to_contain_text("Only Wang")
        page.keyboard.press("Home")
        expect(page.locator(".swimlanes > title")).to_contain_text("tea-1 is with Lin")
        expect(page.locator(".swimlanes .because")).to_have_count(0)


def test_a_refusal_comes_with_its_rule(lab: PageLab) -> None:
    with lab.opened("story", step=TOLD) as page:
        refusal = page.locator(".refusal")
        expect(refusal).to_contain_text("not-holder")
        expect(page.locator("section.changed")).to_contain_text("Nothing changed")
        expect(page.locator(".swimlanes .current .tries")).to_have_text("✗")
        page.keyboard.press("l")
        expect(page.locator(".refusal h3")).to_have_text("✗ 被拒绝")


def test_the_table_has_what_the_picture_has(lab: PageLab) -> None:
    with lab.opened("story", step=3) as page:
        page.locator("summary", has_text="The same as a table").click()
        rows = page.locator(".steps tbody tr")
        expect(rows).to_have_count(lab.told()["story"]["of"])
        ended = rows.locator("td:last-child").all_inner_texts()
        assert ended[:TOLD] == ["✓ took effect", "✓ took effect", "time passes", "✓ took effect", "✗ refused"]
        assert set(ended[TOLD:]) == {"not played yet"}
        expect(page.locator(".steps tr[aria-current]")).to_contain_text("clock")
        rows.nth(1).locator("a").click()
        expect(page.locator(".steps tr[aria-current] th")).to_have_text("2")


def test_a_role_is_told_who_it_is(lab: PageLab) -> None:
    with lab.opened("story", step=2, role="north.member1", language="zh") as page:
        expect(page.locator("p.you")).to_contain_text("林家茶园（north.member1）")
        expect(page.locator("section.signed")).to_contain_text("您")
        expect(page.locator(".swimlanes .name.you")).to_contain_text("林家茶园")


def test_who_has_no_part_in_the_story_still_reads_it(lab: PageLab) -> None:
    with lab.opened("story", forgiven=("404",), step=2, role="west.admin") as page:
        expect(page.locator("p.you")).to_contain_text("west.admin. You have no part in this story")
        expect(page.locator(".changed table").first).to_contain_text("holder")


def test_a_step_leads_to_its_block_and_to_its_messages(lab: PageLab) -> None:
    with lab.opened("story", step=2) as page:
        expect(page.locator("section.places a").first).to_have_attribute("href", re.compile(r"view=ledger.*item=block"))
        page.get_by_role("link", name="How the nodes agreed on it").click()
        expect(page.locator(".consensus .past")).to_contain_text("the messages of step 2.")
        assert page.locator(".diagram .mark.decided").count() == len(lab.network.members)


def test_without_the_token_one_can_only_look(lab: PageLab) -> None:
    with lab.opened("story", with_token=False) as page:
        expect(page.locator('button[data-do="next"]')).to_be_disabled()
        expect(page.locator('button[data-do="back"]')).to_be_enabled()
        expect(page.locator(".lead")).to_contain_text("token in the address")


def test_it_plays_by_itself_until_it_is_stopped(lab: PageLab) -> None:
    with lab.opened("story") as page:
        press(page, "play")
        expect(page.locator('button[data-do="play"]')).to_have_text("Pause")
        expect(page.locator("output")).to_have_text(re.compile(rf"Step (?!{TOLD} )\d"))
        press(page, "play")
        expect(page.locator('button[data-do="play"]')).to_have_text("Play")


def test_going_back_on_the_ledger_is_another_deed_and_says_what_a_branch_is(lab: PageLab) -> None:
    with lab.opened("story", forgiven=GONE, step=3) as page:
        page.locator("summary", has_text="Go back and branch").click()
        expect(page.locator(".branch")).to_contain_text("equivocation")
        press(page, "branch")
        expect(page.locator("output")).to_have_text("Step 3 of 16")
        expect(page.locator("main .banner")).to_contain_text("branch")
        told = lab.told()
        assert (told["story"]["at"], told["generation"]) == (3, 1)
        assert not is_shown(page, ".branch")


def is_shown(page: Page, selector: str) -> bool:
    """Whether it can be seen."""
    return page.locator(selector).is_visible()
