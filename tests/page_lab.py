"""A lab in this process with a browser in front of its page, for tests of single views."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Page, expect

from nodes.lab.control import LabControl
from nodes.network.in_process import InProcessNetwork
from nodes.network.specification import NetworkSpecification
from nodes.node.clock import wall_ms
from nodes.sample_contract import Asset
from scenarios.running.first_story import workshop_network
from scenarios.workshop.network import EXTENSION
from tests.browser import Watched, started_browser

NODES = ("north.validator", "south.validator", "east.validator", "west.validator")
MEMBER = "north.member1"
GONE = ("CONNECTION_REFUSED", "503")
"""What the browser says while its node starts again: at first it is not there, then not ready."""


@dataclass(frozen=True, slots=True)
class PageLab:
    """A running lab and a browser."""

    network: InProcessNetwork
    control: LabControl
    browser: Browser

    def address(self, view: str = "ledger", language: str = "en", *, with_token: bool = True, **more: str | int) -> str:
        """Of a view at the first node."""
        fields = {"view": view, "language": language, **more} | ({"token": self.network.lab_token} if with_token else {})
        return f"{self.network.urls[NODES[0]]}/#{urlencode(fields)}"

    @contextmanager
    def opened(self, view: str, *, forgiven: Sequence[str] = (), **address: Any) -> Iterator[Page]:
        """The page at one view, once its heading is there."""
        with self.opened_at(self.address(view, **address), forgiven=forgiven) as page:
            page.locator(f"section.{view} h2").first.wait_for()
            yield page

    @contextmanager
    def opened_at(self, address: str, *, forgiven: Sequence[str] = (), script: str = "", **options: Any) -> Iterator[Page]:
        """The page at an address; when it is left, it has complained of nothing but what is forgiven, and asked nobody else."""
        context = self.browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        context.add_init_script(script)
        watched = Watched(context.new_page())
        try:
            watched.page.goto(address)
            expect(watched.page.locator("#views a[aria-current=page]")).to_be_visible()
            yield watched.page
            complaints = [said for said in watched.complaints if not any(one in said for one in forgiven)]
            assert not complaints, complaints
            asked = {urlsplit(url).netloc for url in watched.requests if not url.startswith("blob:")}
            assert asked == {urlsplit(address).netloc}, asked
        finally:
            context.close()

    def told(self) -> dict[str, Any]:
        """What the control says of the network."""
        with self.network.client() as client:
            return dict(client.get("/v1/lab/control/network"))

    def issue(self, number: str, wait_s: int = 0) -> None:
        """Hands a transaction to the first node, for a receipt if there is time to wait."""
        with self.network.client(member=MEMBER) as client:
            client.submit(client.sign(Asset.issue, number=number, to=MEMBER), wait_s)


@contextmanager
def page_lab(
    directory: Path, specification: NetworkSpecification | None = None, browser: Browser | None = None
) -> Iterator[PageLab]:
    """The workshop's network with its own story, or another one, that runs with a control and a browser: one at a time."""
    planned = specification or workshop_network(wall_ms() - 60_000)
    with (
        InProcessNetwork.create(directory, planned, extension=(EXTENSION,)) as network,
        LabControl(network) as control,
        nullcontext(browser) if browser else started_browser() as shown_in,
    ):
        yield PageLab(network, control, shown_in)


def press(page: Page, name: str, within: str = "main") -> None:
    """Presses a button by what `data-do` calls it, when it may be pressed."""
    button = page.locator(within).locator(f'button[data-do="{name}"]').first
    expect(button).to_be_enabled()
    button.click()
