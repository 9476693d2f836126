"""The page of a node in a real browser, over a whole lab in this process: every view, in both languages and both themes."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from ledger.errors import JsonValue
from ledger.verify.proof_file import verify_proof_file
from ledger.verify.verdict import Pinned
from nodes.http.addresses import room_addresses
from nodes.lab.control import LabControl
from nodes.network.directory import set_nodes
from nodes.network.in_process import InProcessNetwork
from nodes.node.clock import wall_ms
from nodes.node.files import read_genesis
from scenarios.running.first_story import workshop_network
from scenarios.workshop.network import EXTENSION
from tests.browser import Watched, barriers
from tests.network_support import specification, wait_until
from tests.page_lab import PageLab, page_lab

VIEWS = ("story", "consensus", "ledger", "faults", "tamper", "contracts", "exercises", "record")
LANGUAGES = ("en", "zh")
THEMES = ("light", "dark")
MARKUP = "<img src=x onerror=document.title='owned'>"
TURNED = "\u202eabc"
NODE, OTHER = "north.validator", "south.validator"
MOVING = """[...document.querySelectorAll("*")].map((one) => getComputedStyle(one))
    .filter((style) => style.animationName !== "none" || parseFloat(style.transitionDuration) > 0).length"""
"""How many elements move although somebody asked for calm."""
NAMED = "[...document.querySelectorAll('summary')].every(one => one.textContent.trim())"
"""Asked again from here: the page's policy lets no function wait in it."""
NARROW: ViewportSize = {"width": 380, "height": 800}


def write(room: PageLab, number: str, text: str) -> dict[str, Any]:
    """A note on the ledger, and its receipt."""
    arguments: dict[str, JsonValue] = {
        "number": number, "author": "north.member1", "text": text, "amount_cents": 1250, "kind": "long", "urgent": False,
        "tags": [], "lines": [],
    }  # fmt: skip
    with room.network.client(member="north.member1") as client:
        return dict(client.submit(client.sign_named("notes", "write", arguments), 20))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageLab]:
    planned = workshop_network(wall_ms() - 60_000)
    planned = replace(planned, contracts=(*planned.contracts, ("notes", "tests.note_contract:Notes")))
    directory = tmp_path_factory.mktemp("room") / "network"
    with page_lab(directory, planned) as lab:
        write(lab, "N-1", "a first note")
        write(lab, "N-2", MARKUP + TURNED)
        yield lab


# Every view


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_open_to_all_in_both_languages_and_themes_calm_and_narrow(room: PageLab, view: str) -> None:
    for language, theme in zip(LANGUAGES, THEMES, strict=True):
        with room.opened_at(room.address(view, language, theme=theme)) as page:
            settle(page)
            assert page.get_attribute("html", "lang") == language
            assert "token" not in page.url
            wait_until(lambda: bool(page.evaluate(NAMED)), "the names of what unfolds")
            assert barriers(page) == []
            assert page.locator("img").count() == 0
            page.emulate_media(reduced_motion="reduce")
            assert page.evaluate(MOVING) == 0
            page.set_viewport_size(NARROW)
            wait_until(lambda: page.evaluate("innerWidth") == NARROW["width"], "a narrow window")
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_it_works_from_another_machine_over_plain_http(tmp_path: Path, room: PageLab) -> None:
    """Through an address of this machine that is not the loopback's: the browser takes away what needs a secure context."""
    address = next(iter(room_addresses()), None)
    assert address is not None, "This test needs an address beside 127.0.0.1: connect the machine to a network"
    network = InProcessNetwork.create(tmp_path / "network", specification(1), extension=(EXTENSION,))
    file = next((tmp_path / "network").glob("nodes/*/node.json"))
    file.write_text(json.dumps({**json.loads(file.read_text()), "host": "0.0.0.0"}))
    with network, LabControl(network):
        url = network.urls[NODE].replace("127.0.0.1", address)
        with network.client(member="north.member1") as client:
            client.submit(client.sign_named("asset", "bump", {"number": "C-1"}), 20)
        for view in VIEWS:
            with room.opened_at(f"{url}/#view={view}&token={network.lab_token}") as page:
                settle(page)
                assert page.evaluate("isSecureContext") is False
                assert page.get_attribute("#views a[aria-current]", "href") is not None


# The shell


@pytest.mark.parametrize("asked", ["#labs", "#view=labs", "#view=Exercises", "#实验&language=zh"])
def test_an_address_may_name_a_view_as_the_page_does(room: PageLab, asked: str) -> None:
    url = room.network.urls[NODE]
    with room.opened_at(f"{url}/{asked}") as page:
        expect(page.locator("#views a[aria-current]")).to_have_attribute("href", re.compile("view=exercises"))


def test_keys_alone_lead_everywhere(room: PageLab) -> None:
    with room.opened("ledger") as page:
        for number, view in enumerate(VIEWS, 1):
            page.keyboard.press(str(number))
            expect(page.locator("#views a[aria-current]")).to_have_attribute("href", re.compile(f"view={view}"))
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator("#views a").nth(1)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#views a[aria-current]")).to_have_text("Consensus")
        page.keyboard.press("l")
        expect(page.locator("#views a[aria-current]")).to_have_text("共识")
        page.keyboard.press("t")
        expect(page).to_have_url(re.compile("theme=dark"))
        before = page.evaluate("getComputedStyle(document.documentElement).fontSize")
        page.keyboard.press("+")
        assert parse_px(page.evaluate("getComputedStyle(document.documentElement).fontSize")) > parse_px(before)
        page.keyboard.press("?")
        expect(page.locator("dialog")).to_contain_text("后退一步")
        assert barriers(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_be_hidden()
        page.keyboard.press("r")
        expect(page.locator("#role")).to_be_focused()


def test_a_form_is_filled_and_sent_by_keys_alone(room: PageLab) -> None:
    with room.opened("contracts", operation="asset.issue", role="north.member1") as page:
        page.get_by_label("Number number", exact=True).focus()
        page.keyboard.type("K-1l")
        page.keyboard.press("Tab")
        page.keyboard.type("south.member1")
        page.keyboard.press("Enter")
        expect(page.locator(".answer .outcome.committed")).to_be_visible()
        expect(page).to_have_url(re.compile("language=en"))  # what is typed in a field is no key of the page


def test_two_tabs_are_two_parties(room: PageLab) -> None:
    with room.opened("contracts", operation="asset.bump", role="east.member1") as page:
        with page.context.expect_page() as opened:
            page.locator("#other-tab").click()
        other = opened.value
        other.locator("#role").select_option("west.member1")
        other.get_by_label("Number number", exact=True).fill("C-1")
        other.locator("button.main").click()
        expect(other.locator(".answer .outcome.committed")).to_be_visible()
        expect(other).to_have_url(re.compile("role=west.member1"))
        expect(page.locator("#role")).to_have_value("east.member1")


def test_a_hidden_tab_asks_seldom(room: PageLab) -> None:
    script = """const set = window.setTimeout; window.isAway = false;
        const note = (delay) => (document.documentElement.dataset.delay = `${delay}`);
        const rest = (delay) => (note(delay), window.isAway);  // while away, a long one never ends
        window.setTimeout = (call, delay) => (delay >= 1000 && rest(delay) ? 0 : set(call, delay));
        Object.defineProperty(document, "hidden", { get: () => window.isAway });"""
    with room.opened_at(room.address("ledger"), script=script) as page:
        html = page.locator("html")
        expect(html).to_have_attribute("data-delay", "1000")
        page.evaluate("isAway = true")
        expect(html).to_have_attribute("data-delay", "5000")
        page.evaluate("isAway = false; document.dispatchEvent(new Event('visibilitychange'))")
        expect(html).to_have_attribute("data-delay", "1000")


def test_a_node_that_is_gone_leaves_the_way_to_the_others(room: PageLab) -> None:
    with room.opened("ledger", forgiven=("Failed to load resource",)) as page:
        settle(page)
        room.network.kill(NODE)
        banner = page.locator(".banner.bad")
        expect(banner).to_be_visible()
        assert "token" not in banner.inner_html()
        room.network.restart(NODE)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(banner).to_be_hidden()


def test_whoever_goes_on_to_another_node_may_act_there_too(room: PageLab) -> None:
    page = room.browser.new_page()
    page.goto(room.address("contracts", operation="asset.issue"))
    expect(page.locator("button.main")).to_be_visible()
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")
    page.locator(".banner.bad a", has_text=OTHER).click()
    expect(page.locator("#node")).to_have_text(OTHER)
    expect(page.locator("button.main")).to_be_visible()
    assert "token" not in page.url
    page.close()


def test_a_lab_that_nobody_controls_is_said(room: PageLab, tmp_path: Path) -> None:
    with InProcessNetwork.create(tmp_path / "network", specification(1)) as network:
        page = room.browser.new_page()
        page.goto(f"{network.urls[NODE]}/#view=ledger")
        expect(page.locator(".banner.bad")).to_contain_text("The lab is not up yet")
        with LabControl(network):
            expect(page.locator(".banner.bad")).to_be_hidden()
            expect(page.locator(".ledger table").first).to_be_visible()
        page.close()


@pytest.mark.parametrize(("language", "said"), [("en", "Only members may read here"), ("zh", "此处仅限成员读取")])
def test_where_only_members_read_the_page_says_so_and_asks_no_more(
    tmp_path: Path, room: PageLab, language: str, said: str
) -> None:
    network = InProcessNetwork.create(tmp_path / "network", specification(1))
    set_nodes(tmp_path / "network", reads="members")
    with network:
        context = room.browser.new_context()
        watched = Watched(context.new_page())
        watched.page.goto(f"{network.urls[NODE]}/#view=ledger&language={language}")
        expect(watched.page.locator(".banner.bad")).to_contain_text(said)
        expect(watched.page.locator("#status")).to_be_empty()
        watched.page.keyboard.press("l")
        expect(watched.page.locator(".banner.bad")).not_to_contain_text(said)
        assert watched.complaints == []
        context.close()


def test_a_reset_shows_everything_anew(tmp_path: Path, room: PageLab) -> None:
    with (
        InProcessNetwork.create(tmp_path / "network", specification(1)) as network,
        LabControl(network),
        network.client(member="north.member1") as client,
    ):
        client.submit(client.sign_named("asset", "bump", {"number": "C-1"}), 20)
        where = f"{network.urls[NODE]}/#view=ledger&collection=asset/counters&token={network.lab_token}&role=north.member1"
        with room.opened_at(where, forgiven=("Failed to load resource",)) as page:
            expect(page.get_by_role("link", name="C-1")).to_be_visible()
            token = {"authorization": f"Bearer {network.lab_token}"}
            page.request.post(f"{network.urls[NODE]}/v1/lab/control/reset", headers=token, data="{}")
            expect(page.get_by_role("link", name="C-1")).to_have_count(0)
            expect(page.locator(".ledger a[href*=block]")).to_have_count(1)
            expect(page.locator("#role")).to_have_value("north.member1")


def test_it_prints_what_it_shows_and_no_controls(room: PageLab) -> None:
    with room.opened("ledger") as page:
        expect(page.locator(".ledger table").first).to_be_visible()
        page.emulate_media(media="print")
        expect(page.locator("#views")).to_be_hidden()
        expect(page.locator(".ledger table").first).to_be_visible()


def test_a_frozen_lab_and_another_scenario_are_said(room: PageLab) -> None:
    with room.opened("ledger", scenario="moonshine") as page:
        expect(page.locator(".banner.wait")).to_contain_text("moonshine")
        room.control.lab.is_frozen = True
        expect(page.locator("#banners")).to_contain_text("frozen")
        room.control.lab.is_frozen = False
        expect(page.locator("#banners")).not_to_contain_text("frozen")


def test_without_a_token_it_looks_only(room: PageLab) -> None:
    with room.opened("contracts", with_token=False, operation="asset.issue") as page:
        expect(page.locator("#banners")).to_contain_text("network up --lab")
        expect(page.locator(".contracts form button.main")).to_have_count(0)


def test_a_node_of_no_lab_shows_what_it_knows(tmp_path: Path, room: PageLab) -> None:
    with InProcessNetwork.create(tmp_path / "network", specification(1), is_lab=False) as network:
        for view, name in (("story", "Consensus"), ("ledger", "Ledger"), ("contracts", "Contracts")):
            with room.opened_at(f"{network.urls[NODE]}/#view={view}&language=en") as page:
                expect(page.locator("#views a[aria-current]")).to_have_text(name)
                assert page.locator("#views a").all_inner_texts() == ["Consensus", "Ledger", "Contracts"]
                expect(page.locator("#banners")).to_contain_text("no lab")


# Ledger and contracts


def test_blocks_come_by_themselves_and_markup_in_them_does_nothing(room: PageLab) -> None:
    with room.opened("ledger", collection="notes/notes") as page:
        height = write(room, "N-3", MARKUP + TURNED)["place"]["height"]
        page.locator(f"a[href*='block%2F{height}']").first.click()
        call = page.locator(".call")
        expect(call).to_contain_text(MARKUP + "‹U+202E›abc")
        expect(call).to_contain_text("12.50")
        signed = re.compile(r"commit\s*1?\s*" + ", ".join([r"\w+\.validator"] * 3))  # any three of the four
        expect(page.locator(".detail")).to_contain_text(signed)
        page.get_by_role("link", name="N-2").click()
        expect(page.locator(".detail h2")).to_contain_text("N-2")
        expect(page.locator(".detail .fields").first).to_contain_text(MARKUP + "‹U+202E›abc")
        assert page.locator("img").count() == 0
        assert page.title() != "owned"


def test_a_proof_is_shown_in_steps_and_its_file_is_verified(room: PageLab) -> None:
    with room.opened("ledger", item="record/notes/notes/N-1") as page:
        expect(page.locator(".proof > li")).to_have_count(6)
        with page.expect_download() as download:
            page.locator(".detail a[download]").click()
        data = Path(download.value.path()).read_bytes()
    verdict = verify_proof_file(data, Pinned(genesis=read_genesis(room.network.directory / "genesis.json")))
    assert verdict.broken is None
    assert verdict.facts


def test_what_was_opened_comes_into_sight_in_a_narrow_window(room: PageLab) -> None:
    narrow = {"width": 380, "height": 300}
    with room.opened_at(room.address("ledger", item="record/notes/notes/N-1"), viewport=narrow) as page:
        expect(page.locator(".detail h2")).to_be_in_viewport()


DIGEST = ".detail input[name=genesis]"
RESULT = ".detail [role=status]"


def check(page: Page, digest: str) -> None:
    """Types the digest of the genesis and lets the page check."""
    page.fill(DIGEST, digest)
    page.press(DIGEST, "Enter")


def transaction_of(room: PageLab) -> str:
    """One that wrote a note."""
    return str(write(room, f"N-{wall_ms()}", "to be proved")["transaction"])


@pytest.mark.parametrize(
    ("item", "language", "proved"),
    [
        ("record/notes/notes/N-1", "en", r"✓ Proved: after block \d+, the value of N-1 is the one above\."),
        ("record/notes/notes/LOT-428", "zh", r"✓ 已证明：区块 \d+ 之后，LOT-428 不在此账本上。"),
        ("record/notes/notes/LOT-428 **is** {key}", "en", r"✓ Proved: LOT-428 \*\*is\*\* {key} is not on this ledger, after"),
        ("transaction", "en", r"✓ Proved: this transaction is in block \d+, with this outcome\."),
    ],
)
def test_the_page_checks_a_proof_from_the_digest_that_its_reader_types(
    room: PageLab, item: str, language: str, proved: str
) -> None:
    ledger = read_genesis(room.network.directory / "genesis.json").ledger
    item = f"transaction/{transaction_of(room)}" if item == "transaction" else item
    with room.opened("ledger", item=item, language=language, forgiven=("404",)) as page:
        expect(page.locator(DIGEST)).to_have_value("")  # the node knows it, and is not asked
        check(page, "0" * 64)
        expect(page.locator(f"{RESULT} .rejected")).to_have_count(1)
        check(page, f" {ledger.upper()} ")
        expect(page.locator(f"{RESULT} .committed")).to_have_text(re.compile(proved))
        expect(page.locator(f"{RESULT} li")).to_have_count(7)
        if "LOT-428" in item:
            expect(page.locator(".detail h3 strong, .outcome strong")).to_have_text([{"zh": "不在", "en": "not"}[language]] * 2)
        assert len(re.findall(r"\w+\.validator", page.locator(RESULT).inner_text())) == 3
        assert barriers(page) == []
        page.reload()
        expect(page.locator(DIGEST)).to_have_value(ledger)


@pytest.mark.parametrize(
    ("path", "true", "false", "why"),
    [
        ("**/notes/N-1?proof=true", "a first note", "another note", "does not lead to the header"),
        ("**/notes/N-1?proof=true", '"view":', '"view":1', "not signed by a quorum"),
        ("**/notes/N-1?proof=true", '"kind":"commit"', '"kind":"notar"', "gave no proof of what is shown"),
        ("**/v1/blocks/0", "north.member1", "south.memberX", "does not begin with the genesis"),
    ],
)
def test_the_page_sees_through_a_node_that_lies(room: PageLab, path: str, true: str, false: str, why: str) -> None:
    ledger = read_genesis(room.network.directory / "genesis.json").ledger

    def lie(route: Route) -> None:
        text = route.fetch().text()
        assert true in text
        route.fulfill(body=text.replace(true, false), content_type="application/json")

    with room.opened("ledger", item="record/notes/notes/N-2", collection="notes/notes") as page:
        page.route(path, lie)
        page.get_by_role("link", name="N-1").first.click()
        expect(page.locator(".detail h2")).to_contain_text("N-1")
        check(page, ledger)
        expect(page.locator(f"{RESULT} .rejected")).to_contain_text(why)
        expect(page.locator(f"{RESULT} li")).to_have_count(0)


def test_a_true_proof_of_something_else_is_no_proof_of_what_is_shown(room: PageLab) -> None:
    ledger = read_genesis(room.network.directory / "genesis.json").ledger
    with room.opened("ledger", item="record/notes/notes/N-2", collection="notes/notes") as page:
        page.route(
            "**/notes/N-1?proof=true",
            lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace("N-1", "N-2"))),
        )
        page.get_by_role("link", name="N-1").first.click()
        expect(page.locator(".detail h2")).to_contain_text("N-1")
        check(page, ledger)
        expect(page.locator(f"{RESULT} .rejected")).to_contain_text("gave no proof of what is shown")


@pytest.mark.parametrize(
    ("text", "title"), [("1", "Block 1"), ("north.member1", "north.member1"), ("n-1", "n-1"), ("first NOTE", "first NOTE")]
)
def test_what_is_looked_for_is_found(room: PageLab, text: str, title: str) -> None:
    with room.opened("ledger", collection="notes/notes") as page:
        expect(page.locator(".ledger table").nth(1)).to_contain_text("N-1")
        page.locator("input[type=search]").fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".detail h2")).to_contain_text(title)
        expect(page.locator(".detail table").first).to_be_visible()


def test_arguments_of_transactions_are_searched_and_names_of_fields_are_not(room: PageLab) -> None:
    write(room, "N-3", "said in an argument alone")
    with room.opened("ledger", collection="membership/members") as page:
        for text, found in (("Argument ALONE", True), ("1250", True), ("amount_cents", False), ("signers", False)):
            page.locator("input[type=search]").fill(text)
            page.keyboard.press("Enter")
            expect(page.locator(".detail h2")).to_contain_text(text)
            if found:
                row = page.locator(".detail tr", has_text="said in an argument alone")
                expect(row).to_contain_text("notes.write")
            else:
                expect(page.locator(".detail")).to_contain_text("Nothing found")


def test_an_operation_with_fields_of_every_kind_is_filled_sent_and_sent_again(room: PageLab) -> None:
    with room.opened("contracts", operation="notes.write", role="north.member1") as page:
        field = partial(page.get_by_label, exact=True)
        field("Number number").fill("F-1")
        field("Author author").fill("north.member1")
        field("Text text").fill("filled by hand")
        field("Amount amount_cents").fill("129900")
        expect(page.locator("output").first).to_have_text("1,299.00")
        page.get_by_role("combobox", name="Kind kind").select_option("long")
        field("Urgent urgent").check()
        page.locator("fieldset", has_text="tags").get_by_role("button", name="Add").click()
        field("Tags 1").fill("new")
        page.locator("fieldset", has_text="lines").get_by_role("button", name="Add").click()
        field("Goods goods").fill("steel")
        assert barriers(page) == []
        page.locator("button.main").click()
        expect(page.locator(".answer .outcome.committed")).to_be_visible()
        page.get_by_role("button", name="Send the same").click()
        expect(page.locator(".answer")).to_contain_text("Nothing happened twice")
    with room.network.client() as client:
        (call,) = client.get("/v1/transactions?order=-height&limit=1")["transactions"]
        block = client.get(f"/v1/blocks/{call['height']}")
    given = block["transactions"][call["position"]]["body"]["arguments"]
    assert given["lines"] == [{"energy_wh": 0, "goods": "steel"}]
    assert (given["amount_cents"], given["tags"], given["urgent"]) == (129900, ["new"], True)
    assert "secret" not in given


def test_a_refusal_is_told_by_rule_and_in_the_language_of_the_page_and_so_is_what_never_came_in(room: PageLab) -> None:
    with room.opened("contracts", language="zh", operation="asset.issue", role="west.member1") as page:
        expect(page.locator("select.signer option[value='west.member1']")).to_have_text("周记茶馆 (west.member1)")
        for number, shown in (("R-1", "✓"), ("R-1", "已存在"), ("no number", "bad-arguments 未被接收：参数不符合")):
            page.get_by_label("编号 number", exact=True).fill(number)
            page.get_by_label("受让方 to", exact=True).fill("west.member1")
            page.locator("button.main").click()
            expect(page.locator(".answer")).to_contain_text(shown)
            if shown == "已存在":
                expect(page.locator(".answer")).to_contain_text("收据所指为空列表")  # and no digest of writes
        page.goto(room.address("contracts", "zh", operation="asset.transfer", role="north.member1"))
        expect(page.get_by_role("heading", name="asset.transfer")).to_be_visible()  # the form before has the same fields
        page.get_by_label("编号 number", exact=True).fill("R-1")
        page.get_by_label("受让方 to", exact=True).fill("north.member1")
        page.locator("button.main").click()
        expect(page.locator(".answer")).to_contain_text("只有 周记茶馆 (west.member1) 可以转让。")  # a name, and what one types


@pytest.mark.parametrize(
    ("language", "contract", "operation", "signed"),
    [
        ("en", "Asset asset", "Issue issue", "Makes a new asset."),
        ("zh", "资产 asset", "登记 issue", "新建一项资产。"),
    ],
)
def test_a_contract_is_told_in_the_language_of_the_page(
    room: PageLab, language: str, contract: str, operation: str, signed: str
) -> None:
    with room.opened("contracts", language=language, operation="asset.issue") as page:
        expect(page.locator("summary", has_text="asset")).to_have_text(contract)
        expect(page.locator(".operations a[aria-current=true]")).to_have_text(operation.replace(" ", ""))
        expect(page.locator(".detail")).to_contain_text(signed)
        page.goto(room.address("contracts", language, operation="notes.write"))  # a contract without Chinese words
        expect(page.locator(".detail h2")).to_contain_text("Write notes.write")
        assert barriers(page) == []


def settle(page: Page) -> None:
    """Lets the page ask twice more, at once: then it has drawn what the first answer told."""
    for _ in range(2):
        with page.expect_response(lambda response: "/v1/lab/control/network" in response.url):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def parse_px(text: str) -> float:
    """`18px`."""
    return float(text.removesuffix("px"))
