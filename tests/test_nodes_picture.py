"""The picture of a log, walked in a real browser from disk as a presenter would."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ledger.errors import OperatorError
from nodes.picture import single_page as writer
from nodes.picture.single_page import inert_json, joined_modules, picture_page, write_picture
from nodes.simulator.run import Run
from nodes.simulator.weather import FaultOptions
from tests.browser import Watched, started_browser
from tests.support import VALIDATORS

MODULES = Path(writer.__file__).parent / "modules"
MARKUP = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script><!--"

Record = dict[str, Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as found:
        yield found


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """The log of the first run with a crash, a timer that fired, and an early loss."""
    for seed in range(1, 100):
        run = Run(seed, 6, FaultOptions(), keep_log=True)
        run.play()
        log = [json.loads(line) for line in run.simulation.log or ()]
        kinds = [record["kind"] for record in log]
        if "crash" in kinds and "timeout" in kinds and "dropped" in kinds[:60]:
            return log
    raise AssertionError("no seed shows enough")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Opens a log's picture from disk; at the end nothing may have been complained about or asked for."""
    pages: list[tuple[Watched, str]] = []

    def open_picture(log: list[Record], address: str = "", **options: Any) -> Page:
        path = tmp_path / "picture.html"
        write_picture(log, options.pop("title", "A run"), path, traitors=options.pop("traitors", ()))
        watched = Watched(browser.new_page(**{"viewport": {"width": 1600, "height": 1000}, "locale": "en-GB", **options}))
        page = watched.page
        page.goto(path.as_uri() + address)
        page.locator("svg.diagram .cursor").wait_for(state="attached")
        pages.append((watched, path.as_uri()))
        return page

    yield open_picture
    for watched, own in pages:
        assert watched.complaints == []
        assert [url for url in watched.requests if url.partition("#")[0] != own and url != "data:,"] == []
        watched.page.close()


def test_an_empty_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="at least one record"):
        write_picture([], "Nothing", tmp_path / "picture.html")
    assert not (tmp_path / "picture.html").exists()


def test_modules_are_joined_each_once_and_whole() -> None:
    joined = joined_modules()
    assert re.findall(r"^const module_(\w+) = ", joined, re.MULTILINE)[-1] == "main"
    modules = {"words", *(path.stem for path in MODULES.glob("*.js"))}
    assert sorted(re.findall(r"^const module_(\w+) = ", joined, re.MULTILINE)) == sorted(modules)
    assert re.search(r"^(import|export)\b", joined, re.MULTILINE) is None


def test_modules_put_no_markup_into_the_page() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|https?://(?!www\.w3\.org/2000/svg)"
    )
    assert [path.name for path in MODULES.glob("*.js") if forbidden.search(path.read_text())] == []


def test_inert_json_cannot_end_its_element() -> None:
    text = inert_json({"a": MARKUP})
    assert "<" not in text
    assert json.loads(text) == {"a": MARKUP}


def test_the_policy_names_the_digests_of_style_and_script(records: list[Record]) -> None:
    page = picture_page(records, "A run")
    policy = re.search(r'content="(default-src[^"]+)"', page)
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        policy[1],
    )


def test_every_record_is_a_row_of_the_table(opened: Any, records: list[Record]) -> None:
    page = opened(records, "#step=1")
    rows = page.evaluate(
        """async () => {
          const scroller = document.querySelector("#records .scroll");
          const rows = new Map();
          for (let top = 0; top < scroller.scrollHeight; top += scroller.clientHeight) {
            scroller.scrollTop = top;
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            for (const row of scroller.querySelectorAll("tr[data-index]"))
              rows.set(Number(row.dataset.index), [...row.cells].map((cell) => cell.textContent));
          }
          return [...rows].sort((a, b) => a[0] - b[0]).map(([, cells]) => cells);
        }"""
    )
    assert [row[:3] for row in rows] == [[str(n), str(r["time"]), r["node"]] for n, r in enumerate(records, start=1)]
    labels = {r["batch"]: r["messages"] for r in records if r["kind"] == "sent"}
    for row, record in zip(rows, records, strict=True):
        assert _essence(record, labels) in row[3], (row, record)


def test_steps_go_forward_and_back_by_keyboard(opened: Any, records: list[Record]) -> None:
    page = opened(records, "#step=1")
    assert _place(page) == 1
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert _place(page) == 31
    forward = _drawing(page)
    page.keyboard.press("End")
    assert _place(page) == len(records)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert _place(page) == len(records) - 3
    page.evaluate("location.hash = 'step=31'")
    _settle(page)
    assert _drawing(page) == forward
    page.keyboard.press("Home")
    assert _place(page) == 1
    page.keyboard.press("PageDown")
    assert records[_place(page) - 1]["kind"] not in ("sent", "received", "dropped")
    page.keyboard.press("]")
    assert records[_place(page) - 1]["kind"] == "decided"
    page.locator("input[type=range]").focus()
    before = _place(page)
    page.keyboard.press("ArrowLeft")
    assert _place(page) == before - 1


def test_what_the_cursor_has_not_reached_is_not_drawn(opened: Any, records: list[Record]) -> None:
    page = opened(records, "#step=60")
    _press(page, "6")
    sent = [r for r in records[:60] if r["kind"] == "sent"]
    lost = [r for r in records[:60] if r["kind"] == "dropped"]
    arrived = [r for r in records[:60] if r["kind"] == "received"]
    assert page.locator(".flight").count() == len(sent)
    assert page.locator(".flight .arrived").count() == len(arrived)
    assert page.locator(".flight .drop").count() == len(lost) > 0


def test_signs_of_certificates_decisions_timers_and_crashes(opened: Any, records: list[Record]) -> None:
    page = opened(records, f"#step={len(records)}")
    for _ in range(30):
        page.keyboard.press("-")
    _settle(page)
    signs = {"notar": "certificate-notar", "commit": "certificate-commit", "decided": "decided", "timeout": "timeout"}
    for sign, kind in signs.items():
        assert page.locator(f".mark.{sign}").count() == sum(r["kind"] == kind for r in records) > 0
    assert page.locator(".mark.crash").count() == page.locator("rect.down").count() == sum(r["kind"] == "crash" for r in records)


def test_play_goes_on_and_pauses(opened: Any, records: list[Record]) -> None:
    page = opened(records, "#step=1")
    page.keyboard.press(" ")
    _until(page, "document.querySelector('input[type=range]').valueAsNumber > 20")
    _press(page, " ")
    place = _place(page)
    _settle(page)
    assert _place(page) == place


def test_reduced_motion_plays_from_event_to_event(opened: Any) -> None:
    page = opened(_small_log(), "#step=1", reduced_motion="reduce")
    page.keyboard.press(" ")
    _until(page, "document.querySelector('input[type=range]').valueAsNumber > 0")
    assert page.locator("#now").inner_text() == "100 ms · north.validator waited long enough: the timer of 1/1 fires"


def test_safety_light_says_where_two_blocks_were_decided(opened: Any) -> None:
    page = opened(_small_log(second_block="f" * 64))
    assert _shine(page, "#safety") == "bad"
    assert "Height 1: north.validator decided aaaaaa, south.validator decided ffffff" in page.locator("#safety").inner_text()
    _press(page, "ArrowLeft")
    assert _shine(page, "#safety") == "good"
    _press(page, "x")
    assert _shine(page, "#safety") == "bad"


def test_what_a_traitor_decides_is_not_held_against_safety(opened: Any) -> None:
    log = _small_log(second_block="f" * 64)
    page = opened(log, f"#step={len(log)}", traitors=["south.validator"])
    assert _shine(page, "#safety") == "good"
    assert "traitor" in page.locator(".lane").nth(1).text_content()


BREACHES = {
    "two blocks of a view": ([("certificate-notar", "a"), ("certificate-notar", "b")], "Height 1, view 1: two blocks notarized"),
    "skipped and committed": (
        [("certificate-skip", ""), ("certificate-commit", "a")], "skipped by a quorum and committed by a quorum",
    ),
    "other results": ([("diverged", "a")], "north.validator computed other results at height 1 and stopped"),
    "what the checker found": ([("failure", "a")], "The checker: roots differ"),
}  # fmt: skip


@pytest.mark.parametrize(("kinds", "sentence"), BREACHES.values(), ids=BREACHES)
def test_safety_light_says_what_else_may_break(opened: Any, kinds: list[tuple[str, str]], sentence: str) -> None:
    common = {"node": VALIDATORS[0], "height": 1, "view": 1, "why": "roots differ"}
    page = opened([{**common, "time": i, "kind": kind, "block": block * 64} for i, (kind, block) in enumerate(kinds)])
    assert _shine(page, "#safety") == "bad"
    assert sentence in page.locator("#safety").inner_text()


def test_liveness_light_rests_moves_and_waits(opened: Any) -> None:
    log = _small_log()
    page = opened(log, "#step=1")
    told = {}
    for record in log:
        told[record["kind"]] = (_shine(page, "#liveness"), page.locator("#liveness .reason").inner_text())
        _press(page, "ArrowRight")
    assert told["start"] == ("rest", "Height 1: no statement yet; down: south.validator")
    assert told["sent"] == ("move", "Height 1: open for 0 ms, view 1; down: south.validator")
    assert told["received"] == ("move", "Height 1: open for 20 ms, view 1")
    assert told["timeout"] == ("wait", "Height 1: waiting for 90 ms, view 1, 1 timeouts")
    assert told["decided"] == ("good", "Idle, ready for height 2")


def test_a_log_without_times_gets_a_column_a_record(opened: Any) -> None:
    log = [{**record, "time": 0} for record in _small_log()]
    page = opened(log, f"#step={len(log)}")
    assert "records in view" in page.locator("#controls").inner_text()
    places = [page.locator(f".mark.{name}").first.bounding_box()["x"] for name in ("start", "timeout", "decided")]
    assert places == sorted(set(places))
    _press(page, "o")
    assert "ms in view" in page.locator("#controls").inner_text()


def test_each_way_of_losing_a_message_is_told(opened: Any) -> None:
    log = _small_log()
    first, second = VALIDATORS[:2]
    lost = {"time": 30, "node": second, "kind": "dropped", "from": first, "batch": 1, "why": "down"}
    unread = {"time": 31, "node": second, "kind": "dropped", "sender": first, "message": "BlockMessage", "code": "bad-header"}
    lie = {"time": 32, "node": second, "kind": "betrayal", "act": "lied"}
    page = opened([*log[:2], lost, unread, lie], "#step=3")
    for told in (
        "30 ms · south.validator does not receive from north.validator: vote 1/1 aaaaaa (receiver is down)",
        "31 ms · south.validator drops a BlockMessage of north.validator: bad-header",
        "32 ms · south.validator breaks the rules: lied",
    ):
        assert page.locator("#now").inner_text() == told
        _press(page, "ArrowRight")
    assert page.locator(".flight .drop").count() == 1
    assert (page.locator(".mark.trouble").count(), page.locator(".mark.betrayal").count()) == (1, 1)


def test_two_votes_of_one_node_in_one_view_stand_out(opened: Any) -> None:
    log = _small_log()
    second = {**log[1], "batch": 9, "messages": ["vote 1/1 bbbbbb"]}
    page = opened([*log[:2], second, *log[2:]], f"#step={len(log) + 1}")
    assert sorted(page.locator("#statements .chip.vote.twice").all_inner_texts()) == ["V aaaaaa", "V bbbbbb"]


def test_markup_in_a_log_is_inert(opened: Any) -> None:
    log = _small_log()
    log[0]["node"] = log[1]["node"] = MARKUP
    log.append({"time": 200, "node": MARKUP, "kind": MARKUP, "field": MARKUP})
    log.append({"time": 201, "node": "", "kind": "partition", "groups": [[MARKUP]]})
    page = opened(log, f"#step={len(log) - 1}", title=MARKUP)
    assert page.title() == MARKUP
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert MARKUP in page.locator("#now").inner_text()
    for key in ("?", "Escape", "l", "ArrowRight", "End", "6"):
        _press(page, key)
    assert page.title() == MARKUP


def test_help_lists_every_key_and_closes(opened: Any, records: list[Record]) -> None:
    page = opened(records)
    page.keyboard.press("?")
    dialog = page.locator("dialog#help")
    assert dialog.is_visible()
    keys = dialog.locator("kbd").all_inner_texts()
    for key in ("Space", "←", "→", "PageUp", "PageDown", "Home", "End", "+", "-", "o", "l", "t", "x", "?", "[", "]", "1", "6"):
        assert key in keys
    place = _place(page)
    page.keyboard.press("ArrowRight")
    assert _place(page) == place
    page.keyboard.press("?")
    assert not dialog.is_visible()


def test_chinese_by_key_by_address_and_by_the_browsers_language(opened: Any, records: list[Record]) -> None:
    page = opened(records)
    assert page.locator("html").get_attribute("lang") == "en"
    _press(page, "l")
    assert page.locator("html").get_attribute("lang") == "zh"
    assert "安全性" in page.locator("#safety").inner_text()
    _until(page, "location.hash.includes('language=zh')")
    assert "活性" in opened(records, "#step=5&language=zh").locator("#liveness").inner_text()
    chinese = opened(records, locale="zh-CN")
    assert "活性" in chinese.locator("#liveness").inner_text()
    chinese.keyboard.press("?")
    seen = chinese.locator("body").inner_text()
    assert re.findall(r"\b(?:say|do|note|mark|label|why|breach|live|safety)-[a-z-]+", seen) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_reader(opened: Any, records: list[Record], scheme: str) -> None:
    page = opened(records, color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(251, 250, 246)", "dark": "rgb(18, 22, 28)"}
    assert page.evaluate(ground) == colours[scheme]
    page.keyboard.press("t")
    assert page.evaluate(ground) == colours["dark" if scheme == "light" else "light"]
    page.emulate_media(media="print")
    assert page.evaluate(ground) == colours["light"]


def test_paper_gets_the_rows_of_the_window(opened: Any, records: list[Record]) -> None:
    page = opened(records, "#step=400")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    rows = page.locator("#records tr[data-index]")
    assert rows.last.get_attribute("data-index") == "399"
    assert 1 < rows.count() <= 301
    assert not page.locator("#controls").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#records tr[aria-current]").count() == 1


def test_twenty_thousand_records_stay_usable(opened: Any) -> None:
    log = [r for block in range(80) for r in _block(block)]
    assert len(log) >= 20_000
    begun = time.perf_counter()
    page = opened(log, "#step=1")
    for key in ("End", "ArrowLeft", *"-" * 30, "ArrowLeft", "Home"):
        page.keyboard.press(key)
    _settle(page)
    assert time.perf_counter() - begun < 60
    assert _place(page) == 1
    _press(page, "End")
    assert page.locator("*").count() < 12_000
    assert "do not fit this zoom" in page.locator(".not-drawn").inner_text()


def _small_log(second_block: str = "a" * 64) -> list[Record]:
    """One height of two nodes: a start, a message, a timer, two decisions, which may differ."""
    first, second = VALIDATORS[:2]
    decided = {"kind": "decided", "height": 1, "block": "a" * 64}
    return [
        {"time": 0, "node": first, "kind": "start", "height": 0},
        {"time": 10, "node": first, "kind": "sent", "batch": 1, "to": second, "messages": ["vote 1/1 aaaaaa"]},
        {"time": 30, "node": second, "kind": "received", "batch": 1, "from": first},
        {"time": 100, "node": first, "kind": "timeout", "height": 1, "view": 1, "block": ""},
        {"time": 120, "node": first, **decided},
        {"time": 130, "node": second, **decided, "block": second_block},
    ]


def _block(number: int) -> Iterator[Record]:
    """One height of 9 nodes, in which everybody says one thing to everybody; about 250 records."""
    nodes = [f"o{i}.validator" for i in range(9)]
    start, height = number * 50, number + 1
    batch = number * 100
    links = [(a, b) for a in nodes for b in nodes if a != b] * 2
    for i, (sender, receiver) in enumerate(links):
        messages = [f"{'vote' if i < 72 else 'final'} {height}/1 aaaaaa"]
        yield {"time": start, "node": sender, "kind": "sent", "batch": batch * 2 + i, "to": receiver, "messages": messages}
    for i, (sender, receiver) in enumerate(links[:110]):
        yield {"time": start + 20 + i // 9, "node": receiver, "kind": "received", "batch": batch * 2 + i, "from": sender}
    for node in nodes:
        yield {"time": start + 45, "node": node, "kind": "decided", "height": height, "block": f"{number:064x}"}


def _essence(record: Record, labels: dict[int, list[str]]) -> str:
    """What the sentence of a record must hold in any case."""
    match record["kind"]:
        case "sent" | "received" | "dropped":
            last = labels[record["batch"]][-1]
            return last.partition(" ")[2] if " " in last else last
        case "decided" | "commit" | "build" | "certificate-notar" | "certificate-commit":
            return str(record["block"][:6])
        case "view" | "timeout" | "certificate-skip":
            return str(record["view"])
        case "start" | "crash" as kind:
            return str(kind)
        case _:
            return ""


def _place(page: Page) -> int:
    """The number of the record under the cursor, read from what is drawn."""
    _settle(page)
    row = page.locator("#records tr[aria-current]")
    assert row.count() == 1
    number = int(row.locator("td").first.inner_text())
    assert page.locator("input[type=range]").evaluate("range => range.valueAsNumber") == number - 1
    return number


def _drawing(page: Page) -> str:
    """The diagram, the lights and the statements as they are now."""
    parts = [page.locator(part).inner_html() for part in ("#diagram", "#statements", "#safety", "#liveness", "#now")]
    return "\n".join(parts)


def _settle(page: Page) -> None:
    """Waits until what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _press(page: Page, key: str) -> None:
    """A key, and what it asks for is drawn."""
    page.keyboard.press(key)
    _settle(page)


def _shine(page: Page, light: str) -> str | None:
    """What a light shows."""
    return page.locator(light).get_attribute("data-shine")


def _until(page: Page, condition: str) -> None:
    """Draws on until something holds. The page's policy forbids the browser tool's own way to wait."""
    end = time.monotonic() + 20
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        _settle(page)
