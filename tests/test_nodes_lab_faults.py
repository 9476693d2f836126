"""What a hand breaks in a lab: the ledger stands still or goes on as the theory says, and goes on when it is mended."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from nodes.lab.lab import Lab
from nodes.network.directory import read_node
from nodes.network.lab_snapshot import snapshot_network
from tests.lab_support import EAST, NORTH, SOUTH, WEST, PageAt, Running, row, running_lab, wait_for_height
from tests.network_support import wait_until

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def lab(room: Running) -> Running:
    """At its genesis: every node runs, none is a traitor, all links are whole."""
    room.control.order("/reset")
    return room


def test_two_and_two_stand_still_until_they_are_healed(lab: Running) -> None:
    _, page, control = lab
    control.order("/partition", {"groups": [[NORTH, WEST]]})
    assert page.get("/network")["partition"] == [[NORTH, WEST], [SOUTH, EAST]]
    waiting: list[Any] = []
    thread = Thread(target=lambda: waiting.append(page.submit("A-1")))
    thread.start()
    wait_until(lambda: _skipped(page) == {NORTH, WEST}, "they do not notice that a quorum is missing")
    assert {node["height"] for node in page.get("/network")["nodes"]} == {0}
    control.order("/partition", {"groups": []})
    assert page.get("/network")["partition"] is None
    thread.join()
    assert waiting[0]["status"] in ("committed", "pending"), "the answer may have come before the block"
    for member in (NORTH, SOUTH, EAST, WEST):
        wait_for_height(page, member, 1)


def test_three_go_on_without_an_isolated_one_which_catches_up(lab: Running) -> None:
    _, page, control = lab
    control.order(f"/nodes/{WEST}", {"do": "isolate"})
    assert row(page, WEST)["faults"] == [{"peer": "*", "direction": "both", "drop_permille": 1000, "delay_ms": 0}]
    assert page.submit("A-1")["status"] == "committed"
    assert row(page, WEST)["height"] == 0
    control.order(f"/nodes/{WEST}", {"do": "heal"})
    wait_for_height(page, WEST, 1)


def test_a_secret_traitor_stays_secret_when_the_ledger_goes_back_to_a_copy(lab: Running, tmp_path: Path) -> None:
    network, page, control = lab
    control.order(f"/nodes/{SOUTH}", {"do": "traitor", "kind": "silent", "secret": True})
    assert page.submit("A-1")["status"] == "committed"
    snapshot_network(network.directory, tmp_path / "copy.zip")
    control.order("/restore", {"source": str(tmp_path / "copy.zip")})
    assert page.submit("A-2")["status"] == "committed"
    assert read_node(network.directory, SOUTH).traitor == "silent", "it is one still"
    assert row(page, SOUTH)["traitor"] is None
    assert not any(record["kind"] == "betrayal" for record in page.get("/log?limit=2000")["records"])
    assert SOUTH in Lab(network).secret, "whoever starts the lab again does not tell it either"
    control.order("/reset")
    control.order(f"/nodes/{SOUTH}", {"do": "traitor", "kind": "silent"})
    assert row(page, SOUTH)["traitor"] == "silent", "one that is no secret is told"


def test_a_traitor_is_named_and_the_ledger_goes_on(lab: Running) -> None:
    network, page, control = lab
    control.order(f"/nodes/{SOUTH}", {"do": "traitor", "kind": "equivocator"})
    assert row(page, SOUTH)["traitor"] == "equivocator"
    for number in range(4):
        assert page.submit(f"A-{number}")["status"] == "committed"
    control.order(f"/nodes/{SOUTH}", {"do": "honest"})
    assert row(page, SOUTH)["traitor"] is None
    assert read_node(network.directory, SOUTH).traitor is None
    assert page.submit("A-9")["status"] == "committed"


@pytest.mark.parametrize("do", ["stop", "kill"])
def test_a_node_is_stopped_and_started(lab: Running, do: str) -> None:
    _, page, control = lab
    control.order(f"/nodes/{WEST}", {"do": do})
    control.order(f"/nodes/{WEST}", {"do": do})
    assert (row(page, WEST)["running"], row(page, WEST)["consensus"]) == (False, None)
    assert page.submit("A-1")["status"] == "committed"
    control.order(f"/nodes/{WEST}", {"do": "start"})
    control.order(f"/nodes/{WEST}", {"do": "start"})
    assert row(page, WEST)["running"]
    wait_for_height(page, WEST, 1)


def test_a_node_that_starts_has_its_faults_and_the_time_of_the_others(lab: Running) -> None:
    network, page, control = lab
    control.order("/faults", {"from": WEST, "to": "*", "delay_ms": 10})
    control.order(f"/nodes/{WEST}", {"do": "stop"})
    control.order("/clock", {"forward_ms": DAY_MS})
    control.order(f"/nodes/{WEST}", {"do": "isolate"})
    control.order(f"/nodes/{WEST}", {"do": "start"})
    with network.client(node=WEST) as client:
        token = {"authorization": f"Bearer {network.lab_token}"}
        faults = client.request("GET", "/v1/lab/faults", headers=token)["faults"]
        assert [(fault["peer"], fault["direction"]) for fault in faults] == [("*", "both"), ("*", "to")]
    clocks = [node["clock"] for node in page.get("/network")["nodes"]]
    assert max(clocks) - min(clocks) < DAY_MS // 2


def test_a_silent_node_keeps_nobody_from_being_told(lab: Running) -> None:
    network, page, control = lab
    network.kill(NORTH)  # behind the control's back: the lab thinks that it runs until it asks
    other = PageAt(network, SOUTH)
    control.order("/partition", {"groups": [[NORTH, WEST]]})
    assert other.get("/network")["partition"] == [[NORTH, WEST], [SOUTH, EAST]]
    assert row(other, NORTH)["running"] is False
    assert page.url != other.url


def test_two_orders_at_once_are_done_one_after_the_other(lab: Running) -> None:
    network, page, control = lab
    orders = [(f"/nodes/{WEST}", {"do": "stop"}), ("/reset", {}), (f"/nodes/{EAST}", {"do": "isolate"}), ("/heal", {})]
    answers: list[tuple[int, Any]] = []
    ask = [Thread(target=lambda order=order: answers.append(page.ask("POST", *order))) for order in orders * 2]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    taken = [answer["job"]["number"] for status, answer in answers if status == 202]
    assert taken, answers
    wait_until(lambda: all(control.get(f"/jobs/{number}")["state"] in ("done", "failed") for number in taken), "a job hangs")
    assert {control.get(f"/jobs/{number}")["state"] for number in taken} == {"done"}
    control.order("/reset")
    assert all(network.is_running(member) for member in network.members)
    assert page.submit("A-1")["status"] == "committed"


def _skipped(page: PageAt) -> set[str]:
    """Whose Skip the first node has."""
    certificate = row(page, NORTH)["consensus"]["views"][-1]["certificates"]["skip"]
    assert not certificate["held"], "two are no quorum"
    return {statement["member"] for statement in certificate["stated"]}
