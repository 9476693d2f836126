"""The page of a node in a real browser, over a whole lab in this process: every view, in both languages and both themes."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from nodes.clock import wall_ms
from nodes.in_process_network import InProcessNetwork
from nodes.lab.control import LabControl
from nodes.own_addresses import room_addresses
from scenarios.workshop.extension import EXTENSION
from scenarios.workshop.network import workshop_network
from tests.browser import Watched, started_browser
from tests.network_support import specification

VIEWS = ("story", "consensus", "ledger", "faults", "tamper", "contracts", "exercises")
LANGUAGES = ("en", "zh")
THEMES = ("light", "dark")
MARKUP = "<img src=x onerror=document.title='owned'>"
TURNED = "\u202eabc"
NODE, OTHER = "north.validator", "south.validator"
NARROW = {"width": 380, "height": 800}
SERIOUS = ("serious", "critical")


@dataclass(frozen=True, slots=True)
class Room:
    """A lab, and a browser in front of it."""

    network: InProcessNetwork
    control: LabControl
    browser: Browser

    def address(self, view: str = "ledger", language: str = "en", node: str = NODE, **more: str) -> str:
        """Of a view at a node, with the token."""
        fields = {"view": view, "language": language, "token": self.network.lab_token, **more}
        return f"{self.network.urls[node]}/#" + "&".join(f"{name}={value}" for name, value in fields.items())

    @contextmanager
    def opened(self, address: str, **options: Any) -> Iterator[Watched]:
        """A page that says nothing and asks nobody else until it is closed."""
        context = self.browser.new_context(**options)
        watched = Watched(context.new_page())
        try:
            watched.page.goto(address)
            expect(watched.page.locator("#views a[aria-current=page]")).to_be_visible()
            yield watched
            assert watched.complaints == []
            assert {urlsplit(url).netloc for url in watched.requests if not url.startswith("blob:")} == {urlsplit(address).netloc}
        finally:
            context.close()

    def write(self, number: str, text: str) -> dict[str, Any]:
        """A note on the ledger."""
        arguments = {"amount_cents": 1250, "author": "north.member1", "kind": "long", "lines": [], "number": number, "tags": []}
        with self.network.client(member="north.member1") as client:
            more = {"text": text, "urgent": False}
            return dict(client.submit(client.sign_named("notes", "write", {**arguments, **more}), 20))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    planned = workshop_network(wall_ms() - 60_000)
    planned = replace(planned, contracts=(*planned.contracts, ("notes", "tests.note_contract:Notes")))
    directory = tmp_path_factory.mktemp("room") / "network"
    with (
        InProcessNetwork.create(directory, planned, first_port=None, extension=(EXTENSION,)) as network,
        LabControl(network) as control,
        started_browser() as browser,
    ):
        made = Room(network, control, browser)
        made.write("N-1", "a first note")
        made.write("N-2", MARKUP + TURNED)
        yield made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_says_what_it_has_to_in_both_themes_and_fits_a_narrow_window(room: Room, view: str, language: str) -> None:
    for theme in THEMES:
        with room.opened(room.address(view, language, theme=theme)) as watched:
            page = watched.page
            settle(page)
            assert page.get_attribute("html", "lang") == language
            assert "token" not in page.url
            assert serious(page) == []
            assert page.locator("img").count() == 0
            page.set_viewport_size(NARROW)  # type: ignore[arg-type]
            settle(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def settle(page: Page) -> None:
    """Waits until the page asked at least once more after it had drawn itself."""
    for _ in range(2):
        with page.expect_response(lambda response: "/v1/lab/control/network" in response.url):
            pass


def serious(page: Page) -> list[str]:
    """Findings of axe that keep somebody out."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]
