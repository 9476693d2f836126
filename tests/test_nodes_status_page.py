"""The status of a network over several hosts: waited for, as a page that opens from disk, and an alarm where states differ."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.errors import InputError
from nodes.commands.network import _look_at
from nodes.network.local import LocalNetwork
from nodes.plan.status_page import status_page
from tests.commands import PROGRAM, fails, run
from tests.network_support import make_network, wait_until

ROWS: list[dict[str, Any]] = [
    {"member": "north.validator", "url": "https://10.0.0.1:8101", "height": 1200, "state_root": "ab" * 32, "serves": "yes"},
    {"member": "south.<b>", "url": 'http://x"><script>:1', "height": None, "state_root": None, "serves": "unreachable"},
]
STOP_SECONDS_MAX = 30


class Tags(HTMLParser):
    """The elements of a page, its links and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.links, self.text = list[str](), list[str](), ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_every_node_and_no_markup_of_theirs() -> None:
    page = Tags(status_page("cd" * 32, ROWS, (), 0, "en"))
    assert "script" not in page.tags
    assert "meta" in page.tags
    assert page.tags.count("tr") == 1 + len(ROWS)
    assert "https://10.0.0.1:8101/metrics" in page.links
    for words in ("1,200", "ab" * 8, "cd" * 8, "south.<b>", "No answer.", "1970-01-01 00:00:00 UTC"):
        assert words in page.text
    assert "every" not in page.text


def test_it_is_in_the_reader_s_language_and_says_when_it_is_written_again() -> None:
    page = status_page("cd" * 32, ROWS, (7,), 0, "zh", every=10)
    assert '<html lang="zh">' in page
    assert '<meta http-equiv="refresh" content="10">' in page
    assert "每 10 秒重写一次" in page
    assert "高度 7 的状态根不同" in page
    assert not any(words in page for words in ("serves", "height<", "figures", "unreachable: The"))


def test_nodes_that_have_different_states_raise_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path, 2)
    roots = {"north.validator": "aa" * 32, "south.validator": "bb" * 32}

    def look(_: object, member: str) -> dict[str, Any]:
        return ROWS[0] | {"member": member, "url": "http://[fd00::1]:1", "height": 7, "state_root": roots[member]}

    monkeypatch.setattr("nodes.commands.network._look_at", look)
    page = tmp_path / "nodes.html"
    fails(1, "different state roots at height 7", "network", "status", "--dir", tmp_path, "--page", page)
    assert 'class="alarm"' in page.read_text()
    roots["south.validator"] = roots["north.validator"]
    done = run("network", "status", "--dir", tmp_path, "--page", page)
    assert done.exit_code == 0
    assert "http://[fd00::1]:1" in done.stdout
    assert 'class="alarm"' not in page.read_text()


class LyingNetwork(LocalNetwork):
    """Whose nodes answer all that they are asked with the same."""

    def __init__(self, directory: Path, newest: dict[str, Any]) -> None:
        super().__init__(directory)
        self._newest = newest

    @contextmanager
    def client(self, *_: object, **__: object) -> Iterator[Any]:  # type: ignore[override]
        yield SimpleNamespace(get=lambda path: self._newest)


@pytest.mark.parametrize(
    "newest",
    [
        {}, {"height": "many"}, {"height": 1, "header": 7}, {"height": 1, "header": {"state_root": []}},
        {"height": 1, "header": {"state_root": "\x1b[2J"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_node_whose_answer_is_none_is_named_and_the_others_are_shown(tmp_path: Path, newest: dict[str, Any]) -> None:
    make_network(tmp_path)
    row = _look_at(LyingNetwork(tmp_path, newest), "north.validator")
    assert (row["height"], row["state_root"], row["serves"]) == (None, None, "bad-answer")


def test_what_a_node_says_moves_no_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path)
    monkeypatch.setattr("nodes.commands.network._look_at", lambda _, member: ROWS[1] | {"member": member, "serves": "\x1b[2J"})
    assert "\x1b" not in run("network", "status", "--dir", tmp_path).stdout
    refused = InputError("\x1b[2J", "No.")
    monkeypatch.setattr("nodes.commands.network.LocalNetwork", lambda directory: (_ for _ in ()).throw(refused))
    assert "\x1b" not in run("network", "status", "--dir", tmp_path).stderr


def test_waiting_ends_when_all_serve_or_the_time_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path)
    looks = list[str]()

    def look(_: object, member: str) -> dict[str, Any]:
        looks.append(member)
        return ROWS[0] | {"serves": "yes" if len(looks) > 2 else "not-ready"}

    monkeypatch.setattr("nodes.commands.network._look_at", look)
    monkeypatch.setattr("nodes.commands.network.LOOK_AGAIN_SECONDS", 0.01)
    assert run("network", "status", "--dir", tmp_path, "--wait", "600").exit_code == 0
    assert len(looks) == 3
    looks.clear()
    assert run("network", "status", "--dir", tmp_path).exit_code == 1
    assert len(looks) == 1


def test_a_page_is_written_again_until_ctrl_c(tmp_path: Path, no_process_left: str) -> None:
    make_network(tmp_path / "network")
    page = tmp_path / "nodes.html"
    for others in ((), ("--page", page, "--wait", "5"), ("--page", page, "--json")):
        fails(2, "goes with `--page`", "network", "status", "--dir", tmp_path / "network", "--every", "1", *others)
    command = [*PROGRAM, "network", "status", "--dir", str(tmp_path / "network"), "--page", str(page), "--every", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until(page.exists, "a page")
        first = page.read_text()
        wait_until(lambda: page.read_text() != first, "another page")
        process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS_MAX) == 0
    assert "north.validator" in first
