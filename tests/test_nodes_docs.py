"""`/docs`: everything that the OpenAPI document says, in two languages, from this node alone; seen by a browser."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Route, expect

from nodes.app.docs import page
from nodes.http.answers import LANGUAGES, meanings
from tests.browser import Watched, barriers, started_browser
from tests.http_support import Answer, FakeNode
from tests.openapi_examples import seeded_node
from tests.test_nodes_openapi import SHOWN, WRITTEN


def get(path: str, headers: dict[str, str] | None = None, **query: object) -> Answer:
    return asyncio.run(FakeNode().http.get(path, headers, **query))


def words(html: str) -> str:
    """What a reader sees, with single spaces."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_document_says(language: str) -> None:
    html = get("/docs", lang=language).body.decode()
    shown = words(html)
    for operation in SHOWN.values():
        assert (operation["summary"] if language == "en" else operation["x-zh"]["summary"]) in shown
        for parameter in operation.get("parameters", ()):
            assert words((parameter["description"] if language == "en" else parameter["x-zh"]).replace("`", " ")) in shown
        assert f'id="{operation["operationId"]}"' in html
    for code, meaning in meanings().items():
        assert f'id="code-{code}"' in html
        assert words(meaning[language].replace("`", " ")) in shown
    assert all(f'id="schema-{name}"' in html for name in WRITTEN["components"]["schemas"])


def test_every_link_of_the_page_leads_somewhere() -> None:
    html = page("en")
    targets = set(re.findall(r'id="([^"]*)"', html))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= targets


def test_the_page_asks_no_other_host() -> None:
    answer = get("/docs")
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', answer.body.decode())
    of_page = ["/page/icon.svg", "/page/page.css", "/page/picture.css"]
    assert sorted(set(loaded)) == ["/docs/docs.css", "/docs/docs.js", "/docs?lang=en", "/docs?lang=zh", "/openapi.json", *of_page]
    for path, kind in (("/docs/docs.css", "text/css"), ("/docs/docs.js", "text/javascript")):
        file = get(path)
        assert file.headers["content-type"].startswith(kind)
        assert b"://" not in file.body


def test_the_language_follows_the_reader() -> None:
    chinese = get("/docs", {"accept-language": "zh-CN,en;q=0.5"})
    assert chinese.body == get("/docs", lang="zh").body != get("/docs").body
    other = get("/docs", lang="fr")
    assert (other.status, other.code) == (422, "bad-parameter")


HOST = "http://node.example"


def test_a_browser_shows_the_page_and_sends_what_its_form_says() -> None:
    """Under the page's own content security policy, and without a complaint of the browser."""
    node = seeded_node()

    def serve(route: Route) -> None:
        url = urlsplit(route.request.url)
        query: dict[str, object] = dict(parse_qsl(url.query))
        answer = pool.submit(asyncio.run, node.http.get(url.path, **query)).result()
        route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)

    with ThreadPoolExecutor(1) as pool, started_browser() as browser:
        watched = Watched(browser.new_page())
        watched.page.route("**/*", serve)
        watched.page.goto(f"{HOST}/docs#get_value")
        operation = watched.page.locator("#get_value")
        assert operation.get_attribute("open") is not None, "the script opens what the address names"
        for name, value in {"contract": "asset", "collection": "assets", "key": "W-1", "proof": "true"}.items():
            operation.locator(f"input[name={name}]").fill(value)
        operation.get_by_role("button").click()
        shown = operation.locator("output pre")
        expect(shown).to_contain_text("200")  # waits until the answer is there
        assert shown.inner_text().startswith("200\n")
        assert '"holder": "trade.admin"' in shown.inner_text()
        assert "tallystick-proof-1" in shown.inner_text()
        watched.page.locator("#find").fill("sealed digest")
        assert watched.page.locator("#get_document").is_visible()
        assert not watched.page.locator("#get_value").is_visible()
        assert {urlsplit(url).netloc for url in watched.requests} == {"node.example"}
        assert barriers(watched.page) == []
        watched.page.get_by_role("button", name="light or dark").press("Enter")
        watched.page.get_by_role("link", name="中文").press("Enter")
        expect(watched.page.locator("html")).to_have_attribute("lang", "zh")
        expect(watched.page.locator("html")).to_have_attribute("data-theme", "dark")  # the next page has it as well
        expect(watched.page.locator("body")).to_have_css("background-color", "rgb(18, 22, 28)")
        assert barriers(watched.page) == []
        assert watched.complaints == []
