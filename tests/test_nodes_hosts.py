"""A network over four hosts, with TLS: links that are cut, nodes that restart one after another, a machine that is lost.

Hosts are network namespaces, so these tests take root on Linux; elsewhere they are skipped, and say why.
"""

import asyncio
import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from nodes.network.directory import read_network
from nodes.network.specification import NAMES
from nodes.node.files import CERTIFICATES, GENESIS_FILE, KEYS, NETWORK_FILE, TLS
from nodes.sample_contract import Asset
from tests.commands import succeeds
from tests.delay_proxy import CHUNK_BYTES, Line
from tests.host_network import PORT, HostNetwork, host_network
from tests.network_support import issue, wait_for_height, wait_until

NORTH, SOUTH, EAST, WEST = range(4)
DELTA_MS = 20
"""Nodes miss each other soon."""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostNetwork]:
    """Every test leaves all four nodes running and their links whole."""
    with host_network(tmp_path_factory.mktemp("hosts"), DELTA_MS) as running:
        yield running


def height_of(network: HostNetwork, number: int) -> int:
    """Of the newest block on that host."""
    with network.client(number) as client:
        return int(client.node()["height"])


def wait_for_all(network: HostNetwork) -> None:
    """Until the nodes on all hosts have the newest block of any of them, and the same."""
    height = max(height_of(network, number) for number in range(len(NAMES)))
    ids = set()
    for number in range(len(NAMES)):
        with network.client(number) as client:
            wait_for_height(client, height)
            ids.add(client.get(f"/v1/blocks/{height}")["id"])
    assert len(ids) == 1


async def test_the_proxy_delays_each_way_and_keeps_the_order() -> None:
    async def send_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
        writer.close()

    clock = asyncio.get_running_loop().time
    echo = await asyncio.start_server(send_back, "127.0.0.1", 0)
    line = Line(0.05)
    port = await line.listen("127.0.0.1:0", f"127.0.0.1:{echo.sockets[0].getsockname()[1]}")
    async with echo:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for least_s in (0.2, 0.1):  # the first waits until the connection is made as well
            started = clock()
            for piece in range(50):
                writer.write(f"{piece} ".encode() * 1_000)
            found = await reader.readexactly(sum(len(f"{piece} ") for piece in range(50)) * 1_000)
            assert found.split() == [str(piece).encode() for piece in range(50) for _ in range(1_000)]
            assert clock() - started >= least_s
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await line.close()


def test_a_transaction_on_one_host_is_final_on_all_others(network: HostNetwork) -> None:
    with network.client(NORTH) as north:
        made = issue(north, "crossed")
    for number in (SOUTH, EAST, WEST):
        with network.client(number) as client:
            wait_for_height(client, made.height)
            assert client.read(Asset.assets, "crossed", proof=True) is not None


def test_a_host_has_no_key_but_that_of_its_node(network: HostNetwork) -> None:
    for number, member in enumerate(network.members):
        files = {path.relative_to(network.disk(number)) for path in network.disk(number).rglob("*.key")}
        assert files == {Path(member, KEYS, f"{member}.key"), Path(member, TLS, f"{member}.key")}


def test_three_hosts_go_on_without_one_that_is_cut_off_and_it_catches_up(network: HostNetwork) -> None:
    network.hosts.unplug(WEST)
    with network.client(NORTH) as north, network.client(WEST) as west:
        before = west.node()["height"]
        made = issue(north, "west-1", "west-2", "west-3")
        assert made.height >= before + 3
        assert west.node()["height"] == before
        network.hosts.plug(WEST)
        wait_for_height(west, made.height)
    with network.client(WEST) as west:
        assert issue(west, "west-4").height > made.height


def test_two_hosts_that_do_not_reach_each_other_keep_nobody_up(network: HostNetwork) -> None:
    """Nobody passes on what another says, but decided blocks: each of the two has those from a third host."""
    network.hosts.part(NORTH, EAST)
    with network.hosts.hosts[NORTH].entered(), pytest.raises(TimeoutError):
        socket.create_connection((network.hosts.address(EAST), PORT), timeout=0.2)
    for turn in range(len(NAMES)):
        for number in (NORTH, EAST):
            with network.client(number) as client:
                issue(client, f"apart-{number}-{turn}")
    wait_for_all(network)
    network.hosts.join(NORTH, EAST)


def test_restarting_one_node_after_another_loses_nothing_and_does_nothing_twice(network: HostNetwork) -> None:
    calls, is_over = 0, threading.Event()
    with network.client(NORTH, nodes=network.members) as client:

        def write() -> None:
            nonlocal calls
            while not is_over.is_set():
                client.call(Asset.bump, number="rolling")  # returns when it is final, whichever node says so
                calls += 1

        writer = threading.Thread(target=write)
        writer.start()
        for number in range(len(NAMES)):
            network.stop(number)
            enough = calls + 3
            wait_until(partial(lambda enough: calls >= enough, enough), "the others go on")
            network.start(number)
            height = client.node()["height"]
            with network.client(number) as started:
                wait_for_height(started, height)
        is_over.set()
        writer.join()
    wait_for_all(network)
    for number in range(len(NAMES)):
        with network.client(number) as client:
            counter = client.read(Asset.counters, "rolling")
            assert counter is not None
            assert counter.count == calls


def verify_votes(network: HostNetwork, number: int, without: int) -> None:
    """With another node stopped all three are needed: a block is decided only if this one votes."""
    network.stop(without)
    with network.client(number) as client:
        issue(client, f"needs-{network.members[number]}")
    network.start(without)
    wait_for_all(network)


def test_a_lost_host_whose_key_is_kept_in_the_office_is_replaced_without_a_backup(network: HostNetwork) -> None:
    """The runbook of nodes/README.md, first case: nobody else has to do anything."""
    network.lose(EAST)
    with network.client(NORTH) as north:
        made = issue(north, "while-lost")
    plan, office = network.folder / "plan.toml", network.office(EAST)
    ledger = read_network(office).ledger
    succeeds("network", "install", plan, "east", "--dir", office, "--ledger", ledger)
    network.move_in(EAST)
    network.start(EAST)
    with network.client(EAST) as east:
        wait_for_height(east, made.height)
        votes_from = wait_until(lambda: east.get("/v1/consensus")["recovery"]["votes_from"], "the others answer")
        issue(east, "back-1", "back-2", "back-3")
        wait_for_height(east, votes_from)
    verify_votes(network, EAST, without=WEST)


def test_a_lost_host_whose_key_may_be_in_strange_hands_is_replaced_by_a_new_member(network: HostNetwork) -> None:
    """The second case: the others take the lost key from the validators and add the new one."""
    lost, new, office = network.members[WEST], "west.second", network.office(WEST)
    network.lose(WEST)
    network.members[WEST] = new
    at_north = ("--node", network.members[NORTH])
    with network.hosts.hosts[WEST].entered():  # or any machine that reaches a node
        succeeds("member", "new", new, "--dir", office)
        succeeds("member", "enrol", new, "--roles", "validator", "--as", "west.admin", "--dir", office, *at_north)
        for proposal, kind, member in (("P-1", "remove-validator", lost), ("P-2", "add-validator", new)):
            action = json.dumps({"kind": kind, "member": member})
            succeeds("governance", "propose", proposal, action, "--as", "west.admin", "--dir", office, *at_north)
            for other in (NORTH, SOUTH):
                as_admin = ("--as", f"{NAMES[other]}.admin", "--dir", network.office(other))
                succeeds("governance", "approve", proposal, *as_admin, "--node", network.members[other])
        succeeds("member", "revoke", lost, "--as", "west.admin", "--dir", office, *at_north)
    for number in range(len(NAMES)):
        for file in (network.office(number) / NETWORK_FILE, network.node_directory(number) / NETWORK_FILE):
            if file.exists():
                file.write_text(file.read_text().replace(lost, new))
    for number in (NORTH, SOUTH, EAST):
        network.stop(number)
        network.start(number)
    disk, keys = network.disk(WEST), office / KEYS
    root = ("--root", office / CERTIFICATES / "west.pem", "--root-key", keys / "west.key")
    succeeds("node", "certificate", new, *root, "--address", network.hosts.address(WEST), "--to", disk / TLS)
    for name in (GENESIS_FILE, NETWORK_FILE):
        shutil.copy(office / name, disk)
    shutil.move(keys / f"{new}.key", disk)
    files = ("--key", disk / f"{new}.key", "--genesis", disk / GENESIS_FILE, "--network", disk / NETWORK_FILE)
    succeeds("node", "init", network.node_directory(WEST), "--member", new, *files)
    network.start(WEST)
    verify_votes(network, WEST, without=NORTH)


@pytest.mark.long
@pytest.mark.parametrize(("delay_ms", "delta_ms"), [(5, 20), (40, 40), (150, 150), (150, 10)])
def test_long_lines_cost_time_and_where_delta_is_too_small_views_besides(tmp_path: Path, delay_ms: int, delta_ms: int) -> None:
    with host_network(tmp_path, delta_ms, delay_ms) as network:
        for number in range(len(NAMES)):
            with network.client(number) as client:
                issue(client, f"first-{number}")
                started = time.monotonic()
                made = issue(client, f"second-{number}")
                assert time.monotonic() - started >= 3 * delay_ms / 1_000
                view = client.get(f"/v1/blocks/{made.height}")["record"]["commit"]["view"]
                assert (view > 1) == (delay_ms > 2 * delta_ms)
        wait_for_all(network)
