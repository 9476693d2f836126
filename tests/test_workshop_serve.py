"""A room of groups: each has its lab, the teacher sees and steers them all, and nobody joins without the room's code."""

import asyncio
import json
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from ledger.encoding import encode
from ledger.errors import OperatorError
from nodes.http.addresses import bind
from nodes.http.server import HttpServer, server_config
from nodes.network.directory import free_ports, read_network
from nodes.node.files import LAB_TOKEN, read_secret
from nodes.words import Language, Words
from scenarios.workshop.commands import application
from scenarios.workshop.serve import commands
from scenarios.workshop.serve.commands import kept_secret
from scenarios.workshop.serve.groups import Group, hold_room, make_groups, running
from scenarios.workshop.serve.rows import MINUTE_MS, Standing, said_of_all
from scenarios.workshop.serve.teacher import ROOM_CODES_MAX, WRONG_CODES_MAX, WRONG_CODES_SECONDS, Teacher, WrongCodes
from tests.browser import Watched, barriers, started_browser
from tests.network_support import wait_until

TOKEN = "teacher-secret"
WORDS = Words.of("scenarios.workshop.serve")


def ask(url: str, body: object, token: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer."""
    data = None if body is None else encode(body)  # type: ignore[arg-type]
    request = urllib.request.Request(url, data, {"authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class Served:
    """A teacher's application on a port of its own."""

    def __init__(self, teacher: Teacher) -> None:
        self.teacher = teacher
        self._listener = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server = HttpServer(server_config(teacher.application))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._listener])))
        self._thread.start()

    def ask(self, path: str, body: object = None, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
        return ask(self.url + path, body, token)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, tuple[Group, ...]]]:
    """Two groups that run, and the teacher's page."""
    groups = make_groups(tmp_path_factory.mktemp("room"), 2, free_ports(1)[0], "127.0.0.1", None)
    with running(groups, lambda group: None), closing(Served(Teacher(groups, TOKEN))) as served:
        yield served, groups


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started_browser() as running_browser:
        yield running_browser


@pytest.fixture
def quiet() -> Iterator[tuple[Served, tuple[Group, ...]]]:
    """The teacher's page over two groups that do not run."""
    groups = tuple(Group(number, Path("nowhere"), (9000 + number,), f"token-{number}") for number in (1, 2))
    with closing(Served(Teacher(groups, TOKEN))) as served:
        yield served, groups


def wait_for(served: Served, number: int, wanted: Any) -> dict[str, Any]:
    """The row of a group once it is as wanted."""

    def row() -> dict[str, Any]:
        found: dict[str, Any] = next(row for row in served.ask("/rows?lang=en")[1]["groups"] if row["number"] == number)
        return found if found["network"] is not None and wanted(found["network"]) else {}

    return wait_until(row, f"group {number} is not as wanted")


def test_each_group_has_a_ledger_of_its_own(room: tuple[Served, tuple[Group, ...]]) -> None:
    served, groups = room
    rows = served.ask("/rows?lang=zh")[1]["groups"]
    assert [row["number"] for row in rows] == [1, 2]
    assert len({row["network"]["ledger"] for row in rows}) == 2
    assert all(all(node["running"] for node in row["network"]["nodes"]) for row in rows)
    assert all(len(row["exercises"]) >= 8 for row in rows)
    assert groups[0].token != groups[1].token


def test_a_group_joins_with_the_code_alone(quiet: tuple[Served, tuple[Group, ...]]) -> None:
    served, groups = quiet
    assert served.ask("/groups", token="")[1]["groups"] == [{"number": g.number, "port": g.ports[0]} for g in groups]
    status, joined = served.ask("/join", {"code": served.teacher.code, "group": 2}, token="")
    assert (status, joined) == (200, {"port": groups[1].ports[0], "token": groups[1].token})
    wrong = "000000" if served.teacher.code != "000000" else "000001"
    assert served.ask("/join", {"code": wrong, "group": 2}, token="")[1]["code"] == "wrong-code"
    assert served.ask("/join", {"code": served.teacher.code, "group": 3}, token="")[1]["code"] == "unknown-group"
    assert served.ask("/join", {"code": served.teacher.code}, token="")[1]["code"] == "bad-join"


def test_codes_are_not_found_by_trying(tmp_path: Path) -> None:
    with closing(Served(Teacher((), TOKEN))) as served:
        wrong = [served.ask("/join", {"code": f"x{n}", "group": 1})[1]["code"] for n in range(WRONG_CODES_MAX + 1)]
        assert wrong == ["wrong-code"] * WRONG_CODES_MAX + ["too-many-codes"]
        assert served.ask("/join", {"code": served.teacher.code, "group": 1})[0] == 429


def test_who_tries_codes_bars_himself_alone_and_only_for_a_while() -> None:
    wrong = WrongCodes()
    for second in range(WRONG_CODES_MAX):
        assert not wrong.is_barred("192.0.2.7", second)
        wrong.note("192.0.2.7", second)
    assert wrong.is_barred("192.0.2.7", WRONG_CODES_MAX)
    assert not wrong.is_barred("192.0.2.8", WRONG_CODES_MAX), "the others join meanwhile"
    assert not wrong.is_barred("192.0.2.7", WRONG_CODES_SECONDS)
    for number in range(ROOM_CODES_MAX):
        wrong.note(f"198.51.100.{number}", 100)
    assert wrong.is_barred("192.0.2.8", 101), "nor does a script with many addresses find it"
    assert not wrong.is_barred("192.0.2.8", 100 + WRONG_CODES_SECONDS)


@pytest.mark.parametrize("path", ["/rows?lang=en", "/orders"])
def test_only_the_teacher_sees_and_steers(quiet: tuple[Served, tuple[Group, ...]], path: str) -> None:
    served, groups = quiet
    for token in ("", "wrong", groups[0].token):
        body = {"do": "freeze"} if path == "/orders" else None
        assert served.ask(path, body, token)[1]["code"] == "wrong-token"


def test_the_page_asks_no_other_host_and_has_no_other_file(quiet: tuple[Served, tuple[Group, ...]]) -> None:
    served, _ = quiet
    for path in ("/page/teacher.py", "/page/..%2forders.py", "/page/absent.js"):
        assert served.ask(path)[1]["code"] == "no-such-path"


def test_a_frozen_group_obeys_the_teacher_alone(room: tuple[Served, tuple[Group, ...]]) -> None:
    served, groups = room
    first = groups[0]
    clock = f"http://127.0.0.1:{first.ports[0]}/v1/lab/control/clock", {"forward_ms": 1}, first.token
    assert served.ask("/orders", {"do": "freeze", "groups": [1]})[1]["answers"][0]["group"] == 1
    assert wait_for(served, 1, lambda network: network["frozen"])
    status, problem = ask(*clock)
    assert (status, problem["code"]) == (409, "lab-frozen")
    assert not wait_for(served, 2, lambda network: True)["network"]["frozen"]
    served.ask("/orders", {"do": "unfreeze"})
    assert ask(*clock)[0] == 202


def test_all_groups_go_to_one_step_and_back(room: tuple[Served, tuple[Group, ...]]) -> None:
    served, _ = room
    answers = served.ask("/orders", {"do": "story", "number": 2})[1]["answers"]
    assert [answer["group"] for answer in answers] == [1, 2]
    for number in (1, 2):
        assert wait_for(served, number, lambda network: network["story"]["at"] == 2)["network"]["story"]["of"] >= 10
    served.ask("/orders", {"do": "reset"})
    for number in (1, 2):
        wait_for(served, number, lambda network: network["generation"] >= 1 and network["story"]["at"] == 0)


def test_an_order_is_whole_or_refused(quiet: tuple[Served, tuple[Group, ...]]) -> None:
    served, _ = quiet
    for body, code in (
        ({"do": "explode"}, "bad-order"),
        ({"do": "story"}, "bad-order"),
        ({"do": "reset", "groups": [1, 9]}, "unknown-group"),
        ({"do": "reset", "group": 1}, "bad-order"),
    ):
        assert served.ask("/orders", body)[1]["code"] == code


def test_a_group_that_died_is_told_of_and_keeps_nobody(tmp_path: Path) -> None:
    groups = make_groups(tmp_path, 1, free_ports(1)[0], "127.0.0.1", None)
    with running(groups, lambda group: None):
        process = groups[0].process
        assert process is not None
        with closing(Served(Teacher(groups, TOKEN))) as served:
            process.kill()
            said = served.ask("/rows?lang=en")[1]
            assert (said["groups"][0]["running"], said["groups"][0]["network"], said["groups"][0]["cells"][0]) == (
                False,
                None,
                ["no answer", ""],
            )
            assert said["help"] == "Go there first: group 1: no answer"
            assert served.ask("/orders", {"do": "reset"})[1]["answers"][0]["code"] == "no-control"
    assert not psutil.pid_exists(process.process_id)


def test_a_room_is_made_once_and_found_again(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    first = make_groups(tmp_path, 2, port, "127.0.0.1", None)
    again = make_groups(tmp_path, 3, port, "127.0.0.1", None)
    assert [(g.token, g.ports) for g in again[:2]] == [(g.token, g.ports) for g in first]
    with pytest.raises(OperatorError, match="another scenario"):
        make_groups(tmp_path, 1, port, "127.0.0.1", "shipping")
    for count in (0, 41):
        with pytest.raises(OperatorError, match="1 to 40"):
            make_groups(tmp_path, count, port, "127.0.0.1", None)


def test_a_second_program_is_refused_at_once_and_changes_nothing(tmp_path: Path) -> None:
    with hold_room(tmp_path):
        result = CliRunner().invoke(application, ["serve", "--dir", str(tmp_path), "--port", str(*free_ports(1, 18900))])
    assert (result.exit_code, "network-running" in result.output, str(tmp_path) in result.output) == (2, True, True)
    assert [path.name for path in tmp_path.iterdir()] == ["room.lock"], "the room was made or changed"


def test_the_secrets_of_a_room_outlive_its_program(tmp_path: Path) -> None:
    path = tmp_path / "room" / "room.code"
    assert [kept_secret(path, code) for code in ("123456", "654321")] == ["123456"] * 2
    path.write_text("\n")  # by somebody who wants a new one
    assert [kept_secret(path, code) for code in ("654321", "111111")] == ["654321"] * 2
    assert path.stat().st_mode & 0o077 == 0


def test_a_room_leaves_ports_that_others_have_taken(tmp_path: Path) -> None:
    before = make_groups(tmp_path, 1, free_ports(1)[0], "127.0.0.1", None)[0]
    with bind("127.0.0.1", before.ports[2]):
        groups = make_groups(tmp_path, 1, before.ports[0], "127.0.0.1", None)
        assert [port == now for port, now in zip(before.ports, groups[0].ports, strict=True)] == [True, True, False, True]
        with running(groups, lambda group: None):
            assert groups[0].is_running
            again = make_groups(tmp_path, 1, before.ports[0], "127.0.0.1", None)
            assert again[0].ports == groups[0].ports, "one that runs has its own ports"
            url = f"http://127.0.0.1:{groups[0].ports[2]}/v1/validators"
            with urllib.request.urlopen(url) as response:
                assert len(json.load(response)["validators"]) == 4


NETWORK = {
    "frozen": False,
    "job": None,
    "nodes": [{"height": 4, "running": True}, {"height": None, "running": False}],
    "story": {"at": 3, "of": 16},
}
LAB = {
    "number": 1,
    "title": "The chain",
    "minutes": 20,
    "started": True,
    "done": False,
    "tries": 1,
    "missing": [],
    "started_ms": 0,
}


@pytest.mark.parametrize(
    ("network", "lab", "minutes", "needs"),
    [
        (NETWORK, LAB, 5, ""),
        (None, LAB, 5, "no answer"),
        (NETWORK | {"job": {"state": "failed", "message": "no port"}}, LAB, 5, "an order failed: no port"),
        (NETWORK, LAB | {"tries": 3, "missing": ["A is not there."]}, 5, "checked 3 times in vain"),
        (NETWORK, LAB | {"tries": 2, "missing": ["A is not there."]}, 5, ""),
        (NETWORK, LAB, 21, "over time"),
        (NETWORK, LAB | {"tries": 4, "missing": ["A is not there."]}, 21, "checked 4 times in vain, over time"),
        (NETWORK, LAB | {"done": True}, 21, ""),
        (NETWORK, LAB | {"started": False}, 21, ""),
    ],
    ids=str,
)
def test_a_group_needs_help(network: Any, lab: Any, minutes: int, needs: str) -> None:
    row = Standing(network, [{"checked_ms": None} | lab], minutes * MINUTE_MS, "en").row()
    assert row["needs"] == needs


def test_a_row_says_where_a_group_is_and_what_it_misses() -> None:
    lab = LAB | {"missing": ["No answer yet to `id`.", "Nor to another."], "checked_ms": 2 * MINUTE_MS}
    row = Standing(NETWORK, [lab, LAB | {"number": 2, "started": False, "done": True}], 5 * MINUTE_MS, "en").row()
    assert row["cells"] == [
        ["ready", "block 4, 1 of 2 nodes"],
        ["3/16", ""],
        ["1 The chain", "5 of 20 minutes"],
        ["2 missing", "3 min ago"],
        ["No answer yet to id.", "and 1 more"],
        ["2", ""],
    ]
    done: Any = Standing(NETWORK, [lab | {"missing": [], "done": True}], 5 * MINUTE_MS, "zh").row()["cells"]
    assert done[3:] == [["✓ 完成", "3 分钟前"], ["–", ""], ["1", ""]]


def test_a_room_says_which_groups_are_frozen() -> None:
    rows: list[dict[str, Any]] = [{"number": n, "frozen": n < 3, "network": {}, "needs": ""} for n in (1, 2, 3)]
    assert said_of_all(rows, "en")["said"] == "Frozen: group 1, 2. They can look, and not act."
    assert said_of_all(rows[:2], "en")["said"] == "The room is frozen: everybody can look, nobody can act."
    assert said_of_all([*rows[:2], rows[2] | {"network": None}], "zh")["said"] == "全场已冻结：大家只能看，不能操作。"
    assert said_of_all(rows[2:], "en")["frozen"] is False


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_steers_and_a_group_finds_its_own(
    room: tuple[Served, tuple[Group, ...]], browser: Browser, language: Language
) -> None:
    served, groups = room

    def say(key: str, **values: object) -> str:
        return WORDS["teacher"][key].text(language, **values)

    context = browser.new_context(viewport={"width": 1024, "height": 768})
    watched = Watched(context.new_page())
    page = watched.page
    page.goto(f"{served.url}/#token={TOKEN}&language={language}")
    assert TOKEN not in page.url
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".room-code")).to_have_text(served.teacher.code)
    freeze = page.locator(".attention button")
    freeze.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".attention .frozen")).to_have_text(WORDS["rows"]["all-frozen"].text(language))
    expect(freeze).to_be_focused()
    assert barriers(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".attention .frozen")).to_have_count(0)

    page.locator("#who").select_option(label=say("go", number=2))
    expect(freeze).to_have_text(say("freeze", whom=say("go", number=2)))
    lead_by_names(page, say)
    expect(page.locator("tbody tr").nth(1)).to_contain_text("2/16")
    expect(page.locator("tbody tr").nth(0)).to_contain_text("0/16")
    rows = served.ask(f"/rows?lang={language}")[1]["groups"]
    heights = [row["height"] for row in rows]
    for line, row in enumerate(rows):
        expect(page.locator("tbody tr").nth(line)).to_contain_text(row["cells"][0][1])  # the dialog counts what the page knows
    page.locator("#who").select_option(index=0)
    page.get_by_role("button", name=say("reset")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(say("lost", count=2, blocks=sum(heights)))
    expect(dialog.get_by_role("button", name=say("no"))).to_be_focused()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name=say("reset")).click()
    dialog.get_by_role("button", name=say("yes")).click()
    expect(page.locator("tbody tr").nth(1)).to_contain_text("0/16")
    assert page.evaluate("document.documentElement.scrollWidth") == 1024

    student = Watched(browser.new_context().new_page())
    student.page.goto(f"{served.url}/#language={language}")
    student.page.locator("#code").fill(served.teacher.code)
    student.page.get_by_role("button", name=say("go", number=2)).click()
    student.page.wait_for_url(f"http://127.0.0.1:{groups[1].ports[0]}/**")
    assert groups[1].token not in student.page.url
    assert watched.complaints == []
    assert all(url.startswith(served.url) for url in watched.requests)
    context.close()


def lead_by_names(page: Page, say: Callable[..., str]) -> None:
    """The story to a step that the list names; the labs are listed with their minutes."""
    expect(page.locator("#lab option").first).to_have_text(re.compile(r"1 · .+20"))
    expect(page.locator("#step optgroup").nth(1)).to_be_attached()
    page.locator("#step").select_option("2")
    page.get_by_role("button", name=say("go-there")).click()


@pytest.mark.parametrize(("language", "said"), [("en", "Open http://127.0.0.1:{}/#"), ("zh", "打开 http://127.0.0.1:{}/#")])
def test_one_group_is_told_in_two_lines_what_to_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, said: str
) -> None:
    monkeypatch.setattr(commands, "running", lambda groups, serving: nullcontext())
    monkeypatch.setattr("asyncio.run", lambda serving: serving.close())  # a browser of other tests has a loop in this thread
    port = free_ports(1)[0]
    done = CliRunner().invoke(application, ["serve", "--dir", str(tmp_path), "--port", str(port), "--lang", language])
    assert done.exit_code == 0, done.output
    first, second = done.output.strip().splitlines()
    (node, *_) = read_network(tmp_path / "group-01").nodes
    assert first.startswith(said.format(node.url.rpartition(":")[2]))
    assert f"language={language}&token={read_secret(tmp_path / 'group-01' / LAB_TOKEN)}" in first
    assert str(tmp_path / "group-01") in second
