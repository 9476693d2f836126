"""What a hand breaks in a lab: the ledger stands still or goes on as the theory says, and goes on when it is mended."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from nodes.lab.lab import Lab
from nodes.network.directory import read_node
from nodes.network.lab_snapshot import snapshot_network
from tests.lab_support import PageAt, Running, running_lab
from tests.network_support import wait_until
from tests.support import EAST, NORTH, SOUTH, WEST

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
    lab.control.order("/partition", {"groups": [[NORTH, WEST]]})
    assert lab.page.get("/network")["partition"] == [[NORTH, WEST], [SOUTH, EAST]]
    waiting: list[Any] = []
    thread = Thread(target=lambda: waiting.append(lab.page.submit("A-1")))
    thread.start()
    wait_until(lambda: skipped(lab.page) == {NORTH, WEST}, "they do not notice that a quorum is missing")
    assert {node["height"] for node in lab.nodes} == {0}
    lab.control.order("/partition", {"groups": []})
    assert lab.page.get("/network")["partition"] is None
    thread.join()
    assert waiting[0]["status"] in ("committed", "pending"), "the answer may have come before the block"
    for member in (NORTH, SOUTH, EAST, WEST):
        lab.page.wait_for_height(member, 1)


def skipped(page: PageAt) -> set[str]:
    """Whose Skip the first node has."""
    certificate = page.node(NORTH)["consensus"]["views"][-1]["certificates"]["skip"]
    assert not certificate["held"], "two are no quorum"
    return {statement["member"] for statement in certificate["stated"]}


def test_three_go_on_without_an_isolated_one_which_catches_up(lab: Running) -> None:
    lab.order(WEST, "isolate")
    assert lab.page.node(WEST)["faults"] == [{"peer": "*", "direction": "both", "drop_permille": 1000, "delay_ms": 0}]
    assert lab.page.submit("A-1")["status"] == "committed"
    assert lab.page.node(WEST)["height"] == 0
    lab.order(WEST, "heal")
    lab.page.wait_for_height(WEST, 1)


def test_a_secret_traitor_stays_secret_when_the_ledger_goes_back_to_a_copy(lab: Running, tmp_path: Path) -> None:
    lab.order(SOUTH, "traitor", kind="silent", secret=True)
    assert lab.page.submit("A-1")["status"] == "committed"
    snapshot_network(lab.network.directory, tmp_path / "copy.zip")
    lab.control.order("/restore", {"source": str(tmp_path / "copy.zip")})
    assert lab.page.submit("A-2")["status"] == "committed"
    assert read_node(lab.network.directory, SOUTH).traitor == "silent", "it is one still"
    assert lab.page.node(SOUTH)["traitor"] is None
    assert not any(record["kind"] == "betrayal" for record in lab.log())
    assert SOUTH in Lab(lab.network).secret, "a lab that starts again does not tell it either"
    lab.control.order("/reset")
    lab.order(SOUTH, "traitor", kind="silent")
    assert lab.page.node(SOUTH)["traitor"] == "silent", "one that is no secret is told"


def test_a_traitor_is_named_and_the_ledger_goes_on(lab: Running) -> None:
    lab.order(SOUTH, "traitor", kind="equivocator")
    assert lab.page.node(SOUTH)["traitor"] == "equivocator"
    for number in range(4):
        assert lab.page.submit(f"A-{number}")["status"] == "committed"
    lab.order(SOUTH, "honest")
    assert lab.page.node(SOUTH)["traitor"] is None
    assert read_node(lab.network.directory, SOUTH).traitor is None
    assert lab.page.submit("A-9")["status"] == "committed"


@pytest.mark.parametrize("deed", ["stop", "kill"])
def test_a_node_is_stopped_and_started(lab: Running, deed: str) -> None:
    for _ in range(2):
        lab.order(WEST, deed)
    assert (lab.page.node(WEST)["running"], lab.page.node(WEST)["consensus"]) == (False, None)
    assert lab.page.submit("A-1")["status"] == "committed"
    for _ in range(2):
        lab.order(WEST, "start")
    assert lab.page.node(WEST)["running"]
    lab.page.wait_for_height(WEST, 1)


def test_a_node_that_starts_has_its_faults_and_the_time_of_the_others(lab: Running) -> None:
    lab.control.order("/faults", {"from": WEST, "to": "*", "delay_ms": 10})
    lab.order(WEST, "stop")
    lab.control.order("/clock", {"forward_ms": DAY_MS})
    lab.order(WEST, "isolate")
    lab.order(WEST, "start")
    with lab.network.client(node=WEST) as client:
        token = {"authorization": f"Bearer {lab.network.lab_token}"}
        faults = client.request("GET", "/v1/lab/faults", headers=token)["faults"]
        assert [(fault["peer"], fault["direction"]) for fault in faults] == [("*", "both"), ("*", "to")]
    clocks = [node["clock"] for node in lab.nodes]
    assert max(clocks) - min(clocks) < DAY_MS // 2


def test_a_silent_node_keeps_no_order_from_the_others(lab: Running) -> None:
    lab.network.kill(NORTH)  # behind the control's back: the lab thinks that it runs until it asks
    other = PageAt(lab.network, SOUTH)
    lab.control.order("/partition", {"groups": [[NORTH, WEST]]})
    assert other.get("/network")["partition"] == [[NORTH, WEST], [SOUTH, EAST]]
    assert other.node(NORTH)["running"] is False
    assert lab.page.url != other.url


def test_two_orders_at_once_are_done_one_after_the_other(lab: Running) -> None:
    orders = [(f"/nodes/{WEST}", {"do": "stop"}), ("/reset", {}), (f"/nodes/{EAST}", {"do": "isolate"}), ("/heal", {})] * 2
    with ThreadPoolExecutor(len(orders)) as threads:
        answers = list(threads.map(lambda order: lab.page.ask("POST", *order), orders))
    taken = [answer["job"]["number"] for status, answer in answers if status == 202]
    assert taken, answers

    def ends() -> list[str]:
        states = [lab.control.get(f"/jobs/{number}")["state"] for number in taken]
        return states if {*states} <= {"done", "failed"} else []

    assert {*wait_until(ends, "a job hangs")} == {"done"}
    lab.control.order("/reset")
    assert all(lab.network.is_running(member) for member in lab.network.members)
    assert lab.page.submit("A-1")["status"] == "committed"
