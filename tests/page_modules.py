"""Modules of the page by themselves in a real browser, over an address without secure context and without a node."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route

from nodes.app.pages import page_file
from tests.browser import started_browser

HERE = "http://modules.invalid/"


@contextmanager
def module_page() -> Iterator[Page]:
    """A page that can import `./NAME.js`; what it evaluates comes from the files that a node serves."""
    with started_browser() as browser:
        page = browser.new_page()
        page.route(f"{HERE}**", _answer)
        page.goto(HERE)
        assert page.evaluate("isSecureContext || crypto.subtle !== undefined") is False
        yield page


def _answer(route: Route) -> None:
    name = route.request.url.removeprefix(HERE)
    if name == "":
        route.fulfill(body="<!doctype html><title>modules</title>", content_type="text/html")
    else:
        route.fulfill(body=bytes(page_file(name).body), content_type="text/javascript")
