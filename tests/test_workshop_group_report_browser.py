"""The report of a group in a real browser, from disk: every view, both languages, nothing asked for; and the view Record."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from nodes.network.local import LocalNetwork
from scenarios.dates import START_MS
from scenarios.workshop.group_report import make_report
from scenarios.workshop.room import Room
from tests.browser import Watched, barriers, started_browser
from tests.network_support import wait_until
from tests.workshop_lab import running_workshop

VIEWS = ("record", "story", "consensus", "ledger", "contracts", "exercises")
MARKUP = "x' <img src=x onerror=alert(1)></script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as browser:
        yield browser


@contextmanager
def opened(browser: Browser, url: str, *, forgiven: Sequence[str] = ()) -> Iterator[Watched]:
    """A page that has complained of nothing, but what is forgiven, when it is left."""
    with browser.new_page() as page:
        watched = Watched(page)
        page.goto(url)
        yield watched
        assert [said for said in watched.complaints if not any(one in said for one in forgiven)] == []


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    directory = tmp_path_factory.mktemp("lab")
    with running_workshop(directory, START_MS):
        room = Room(directory, 1)
        room.control.order("/story", {"to": 16})
        yield room


@pytest.fixture(scope="module")
def path(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Path:
    text, _ = make_report(room.directory)
    file = tmp_path_factory.mktemp("report") / "group.html"
    file.write_text(text.replace("tea-2", MARKUP.replace("<", "\\u003c")), encoding="utf-8")
    return file


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_view_opens_from_disk_and_asks_for_nothing(browser: Browser, path: Path, language: str) -> None:
    for view in VIEWS:
        with opened(browser, f"{path.as_uri()}#view={view}&language={language}&step=4") as watched:
            expect(watched.page.locator("#main > section")).not_to_be_empty()
            expect(watched.page.locator('#views [aria-current="page"]')).to_have_count(1)
            assert barriers(watched.page) == [], view
            assert [url for url in watched.requests if not url.startswith(("file:", "about:", "data:"))] == []


@pytest.mark.parametrize(
    ("language", "before", "after"), [("en", "Chen, tea merchant", "Wang, tea blender"), ("zh", "茶商老陈", "拼茶师王师傅")]
)
def test_a_step_is_scrubbed_to_and_shows_before_and_after(
    browser: Browser, path: Path, language: str, before: str, after: str
) -> None:
    address = f"{path.as_uri()}#view=story&language={language}"
    with opened(browser, f"{address}&step=4") as watched:
        page = watched.page
        row = page.locator("tr.changed").first
        expect(row).to_contain_text(before)
        expect(row).to_contain_text(after)
        page.goto(f"{address}&step=5")
        expect(page.locator(".refusal")).to_contain_text("not-holder")
        page.goto(f"{address}&step=4")
        page.locator(".step-in-full a[href*=consensus]").first.click()
        expect(page.locator(".consensus .picture svg").first).to_be_visible()


def test_the_ledger_is_read_and_markup_in_it_stays_text(browser: Browser, path: Path) -> None:
    with opened(browser, f"{path.as_uri()}#view=ledger&language=en&item=record/asset/assets/tea-1") as watched:
        page = watched.page
        expect(page.locator(".detail")).to_contain_text("west.member1")
        page.goto(f"{path.as_uri()}#view=ledger&language=en&item=block/4")
        expect(page.locator(".detail")).to_contain_text("asset.transfer")
        expect(page.locator(".ledger")).to_contain_text(MARKUP)
        page.goto(f"{path.as_uri()}#view=story&language=en&step=14")
        expect(page.locator(".step-in-full")).to_contain_text(MARKUP)
        assert page.locator("img").count() == 0


def test_the_record_saves_and_restores_checkpoints(browser: Browser, room: Room) -> None:
    network = room.control.get("/network")
    token = LocalNetwork(room.directory).lab_token
    room.control.order("/story", {"to": 5})
    address = f"{network['nodes'][0]['url']}/#view=record&language=en&token={token}"
    with opened(browser, address, forgiven=("ERR_CONNECTION", "503")) as watched:
        page = watched.page
        page.locator('input[name="checkpoint"]').fill("lunch")
        page.get_by_role("button", name="Save a checkpoint").click()
        expect(page.get_by_role("button", name="Go back here: lunch")).to_be_visible()
        room.control.order("/story", {"to": 7})
        page.get_by_role("button", name="Go back here: lunch").click()
        expect(page.locator(".record .banner")).to_contain_text("branch")
        wait_until(lambda: room.control.get("/story")["at"] == 5, "the story does not go back")
        assert barriers(page) == []
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the report").click()
        assert Path(download.value.path()).read_text(encoding="utf-8").startswith("<!doctype html>")
