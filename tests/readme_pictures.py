"""The pictures of the README, taken from a real run by `make pictures`: the page of a lab at a refusal, and a report.

The page shows the lab's own story on four nodes up to the first attempt that is refused; the report is that of a simulated
scenario, which comes out the same on every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, ViewportSize, expect
from typer.testing import CliRunner

from scenarios.command_line import application
from tests.browser import started_browser
from tests.page_lab import page_lab, press
from tests.project import ROOT

PICTURES = ROOT / "tests" / "pictures"
SIZE: ViewportSize = {"width": 960, "height": 760}
TOLD = 5
"""Steps of the lab's story that are told; the fifth is refused."""
SCENARIO, SEED = "supply-chain-finance", "1"


def main() -> None:
    """Takes both."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as temporary:
        take_page(Path(temporary), PICTURES / "page.png")
        take_report(Path(temporary), PICTURES / "report.png")
    for picture in sorted(PICTURES.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size:,} bytes")


def take_page(directory: Path, picture: Path) -> None:
    """Of the view Story, once the refusal is there to be read."""
    with page_lab(directory / "network") as lab, opened(lab.browser, lab.address("story")) as page:
        for number in range(1, TOLD + 1):
            press(page, "next")
            expect(page.locator("output")).to_contain_text(f"Step {number} of")
        expect(page.locator(".refusal")).to_be_visible()
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=picture, animations="disabled")


def take_report(directory: Path, picture: Path) -> None:
    """Of the first screen of a report."""
    report = directory / "report.html"
    played = CliRunner().invoke(application, ["simulate", "--scenario", SCENARIO, "--seed", SEED, "--report", str(report)])
    assert played.exit_code == 0, played.output
    with started_browser() as browser, opened(browser, report.as_uri()) as page:
        expect(page.locator("h1").first).to_be_visible()
        page.screenshot(path=picture, animations="disabled")


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A page of the pictures' size, light and in English."""
    context = browser.new_context(viewport=SIZE, color_scheme="light", locale="en-US")
    try:
        page = context.new_page()
        page.goto(address)
        yield page
    finally:
        context.close()


if __name__ == "__main__":
    main()
