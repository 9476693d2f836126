"""What `network up --lab` tells a room: pages, the token, and an address for others where the lab is open to them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import OperatorError
from nodes.commands import network as commands
from nodes.http.addresses import room_addresses
from nodes.network.directory import EVERYWHERE, read_node, set_nodes
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from tests.lab_support import PageAt
from tests.network_support import make_network
from tests.support import NORTH

Capture = pytest.CaptureFixture[str]


def told(network: LocalNetwork, capsys: Capture) -> tuple[str, dict[str, Any]]:
    """What the command says of a network that it has started, in words and as JSON."""
    said = []
    for as_json in (False, True):
        commands.show_network(network, 1.23, as_json=as_json, foreground=True)
        said.append(capsys.readouterr().out)
    return said[0], json.loads(said[1])


def test_a_closed_lab_says_how_to_open_it(tmp_path: Path, capsys: Capture) -> None:
    make_network(tmp_path, 2)
    network = LocalNetwork(tmp_path)
    text, seen = told(network, capsys)
    page = f"{network.urls[NORTH]}/"
    for line in (page, f"{page}#token={network.lab_token}", f"network up --dir {tmp_path} --host 0.0.0.0", "Ctrl-C"):
        assert line in text
    assert seen["pages"] == {member: f"{url}/" for member, url in network.urls.items()}
    assert (seen["token"], seen["room"], seen["milliseconds"]) == (network.lab_token, [], 1230)


def test_an_open_lab_says_where_others_reach_it(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path, 2, host=EVERYWHERE)
    network = LocalNetwork(tmp_path)
    port = network.urls[NORTH].rpartition(":")[2]
    monkeypatch.setattr(commands, "room_addresses", lambda: ["192.0.2.7", "198.51.100.7"])
    text, seen = told(network, capsys)
    assert f"http://192.0.2.7:{port}/ or http://198.51.100.7:{port}/" in text
    assert seen["room"] == [f"http://192.0.2.7:{port}/", f"http://198.51.100.7:{port}/"]
    monkeypatch.setattr(commands, "room_addresses", list)
    assert "no address beside its loopback" in told(network, capsys)[0]
    assert all(url.startswith("http://127.0.0.1:") for url in network.urls.values()), "nodes reach each other by the loopback"


def test_a_lab_with_tls_says_what_holds(tmp_path: Path, capsys: Capture) -> None:
    make_network(tmp_path, has_tls=True)
    text, _ = told(LocalNetwork(tmp_path), capsys)
    assert "https://127.0.0.1" in text
    assert "a browser warns" in text


def test_a_network_that_is_no_lab_has_no_token_to_tell(tmp_path: Path, capsys: Capture) -> None:
    make_network(tmp_path, is_lab=False)
    text, seen = told(LocalNetwork(tmp_path), capsys)
    assert "token" not in text
    assert not seen.keys() & {"token", "room"}


def test_a_token_can_be_typed(tmp_path: Path) -> None:
    make_network(tmp_path)
    assert re.fullmatch(r"([2-9a-hjkmnp-z]{4}-){3}[2-9a-hjkmnp-z]{4}", LocalNetwork(tmp_path).lab_token)


def test_another_host_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path)
    with pytest.raises(OperatorError, match="this machine alone") as caught:
        set_nodes(tmp_path, host="192.0.2.7")
    assert caught.value.code == "wrong-use"


@pytest.mark.skipif(not room_addresses(), reason="this machine is in no network")
def test_an_open_lab_is_reached_by_the_machines_own_address(tmp_path: Path) -> None:
    make_network(tmp_path, host=EVERYWHERE)
    assert read_node(tmp_path, NORTH).host == EVERYWHERE
    with InProcessNetwork(tmp_path) as network:
        page = PageAt(network)
        page.url = page.url.replace("127.0.0.1", room_addresses()[0])
        assert page.ask("GET", "/network")[1]["code"] == "no-control"
