"""The driver of one node: what keeps it from starting, what stops it, and what it does with clock and mark."""

import asyncio
import shutil
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ledger.contract.records import read_member
from ledger.errors import OperatorError, StorageError, UnauthorizedError
from ledger.identity.records import Member
from nodes.access.tokens import sign_token
from nodes.client import AsyncClient, LocalMember
from nodes.consensus.events import Recovered, SetTimer, Timer
from nodes.node.files import CLOCK_OFFSET, DATABASE, NODE_FILE, NodeFile, read_file, read_node_settings, write_file
from nodes.node.node import Node
from nodes.node.voting_mark import VOTING_MARK, has_voting_mark
from nodes.sample_contract import Asset
from nodes.storage.sqlite import SqliteStore
from tests.network_support import make_network, serving_node

NODE = Path("nodes/north.validator")
HOUR_MS = 3_600_000
SECONDS_MAX = 30


def serve(network: Path, work: Callable[[Node, AsyncClient], Awaitable[None]]) -> None:
    """Runs the node of a one-node network while `work` lasts; raises what stopped the node."""

    async def both() -> None:
        member = LocalMember.load(network / "keys" / "north.member1.key")
        async with serving_node(network) as node, AsyncClient(node.settings.addresses[node.member], member=member) as client:
            await work(node, client)

    asyncio.run(both())


def refusal_at_start(network: Path) -> str:
    """Code of what keeps the node from starting, twice: a refused start leaves nothing locked or open."""

    async def start() -> None:
        Node(read_node_settings(network / NODE))

    codes = set()
    for _ in range(2):
        with pytest.raises(OperatorError) as caught:
            asyncio.run(start())
        codes.add(caught.value.code)
    assert len(codes) == 1
    return codes.pop()


async def nothing(node: Node, client: AsyncClient) -> None:
    """Lets the node start and stop."""


def test_a_node_decides_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    make_network(tmp_path)

    async def issue(node: Node, client: AsyncClient) -> None:
        await client.call(Asset.issue, number="A-1", to="north.member1")

    async def transfer(node: Node, client: AsyncClient) -> None:
        outcome = await client.call(Asset.transfer, number="A-1", to="north.admin")
        assert outcome.height > 1
        holding = await client.read(Asset.assets, "A-1")
        assert holding is not None
        assert holding.holder == "north.admin"
        assert node.watch.not_ready() is None

    serve(tmp_path, issue)
    serve(tmp_path, transfer)


def test_a_node_never_begins_anew(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / NODE / DATABASE).unlink()
    assert refusal_at_start(tmp_path) == "missing-database"
    assert not (tmp_path / NODE / DATABASE).exists()


def test_an_empty_database_is_no_ledger(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / NODE / DATABASE).unlink()
    SqliteStore(tmp_path / NODE / DATABASE).close()
    assert refusal_at_start(tmp_path) == "no-ledger"


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    make_network(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", read_node_settings(tmp_path / NODE).file.port))
        taken.listen()
        assert refusal_at_start(tmp_path) == "port-in-use"


def test_a_host_that_is_not_here_is_a_sentence(tmp_path: Path) -> None:
    make_network(tmp_path)
    file = read_file(tmp_path / NODE / NODE_FILE, NodeFile)
    write_file(tmp_path / NODE / NODE_FILE, file.model_copy(update={"host": "192.0.2.1"}))
    assert refusal_at_start(tmp_path) == "cannot-listen"


def test_the_database_of_another_ledger_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path / "a")
    make_network(tmp_path / "b", seed=2)
    shutil.copy(tmp_path / "b" / NODE / DATABASE, tmp_path / "a" / NODE / DATABASE)
    assert refusal_at_start(tmp_path / "a") == "other-ledger"


def test_the_database_of_a_running_node_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path)
    store = SqliteStore(tmp_path / NODE / DATABASE)
    assert refusal_at_start(tmp_path) == "database-in-use"
    store.close()


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / NODE / DATABASE).write_bytes(b"SQLite format 3\x00" + bytes(4080))
    assert refusal_at_start(tmp_path) in ("database-damaged", "foreign-database")


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path)
    path = tmp_path / NODE / DATABASE
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    assert refusal_at_start(tmp_path) == "database-damaged"


def test_a_full_disk_stops_the_node_with_a_sentence(tmp_path: Path) -> None:
    make_network(tmp_path)
    file = read_file(tmp_path / NODE / NODE_FILE, NodeFile)
    size = (tmp_path / NODE / DATABASE).stat().st_size
    write_file(tmp_path / NODE / NODE_FILE, file.model_copy(update={"database_bytes_max": size + 8_192}))

    async def fill(node: Node, client: AsyncClient) -> None:
        number = 0
        while node.watch.not_ready() is None:
            number += 1
            transaction = await client.sign(Asset.issue, number=f"A-{number}", to="north.member1")
            node.verify_admissible(transaction)
            node.submit((transaction,))
            await node.published.wait_above(node.published.value, SECONDS_MAX)
        assert "full" in (node.watch.not_ready() or "")

    with pytest.raises(StorageError) as caught:
        serve(tmp_path, fill)
    assert caught.value.code == "disk-full"


def test_a_fault_of_the_replica_stops_the_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path)

    async def break_it(node: Node, client: AsyncClient) -> None:
        monkeypatch.setattr(node.replica, "handle", lambda event, now_ms: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            node.submit(())

    with pytest.raises(ZeroDivisionError):
        serve(tmp_path, break_it)


def test_the_lab_clock_is_set_over_http_and_survives_a_restart(tmp_path: Path) -> None:
    make_network(tmp_path)
    token = read_node_settings(tmp_path / NODE).lab_token or ""
    instant = 0

    async def set_clock(node: Node, client: AsyncClient) -> None:
        nonlocal instant
        instant = node.now_ms() + HOUR_MS
        await client.set_clock(instant, token)
        assert [record["kind"] for record in node.log.page(0, 1_000)].count("clock") == 2  # of the start, and this

    async def look(node: Node, client: AsyncClient) -> None:
        assert node.now_ms() >= instant
        outcome = await client.call(Asset.issue, number="A-1", to="north.member1")
        block = await client.get(f"/v1/blocks/{outcome.height}")
        assert block["header"]["time"] >= instant

    serve(tmp_path, set_clock)
    serve(tmp_path, look)


def test_no_token_outlives_a_restart_on_a_node_whose_clock_lags_behind_the_blocks(tmp_path: Path) -> None:
    """Its tokens go by the newest block's time then, and so does what counts as older than its run."""
    make_network(tmp_path)
    settings = read_node_settings(tmp_path / NODE)
    admin = LocalMember.load(tmp_path / "keys" / "north.admin.key")
    made = ""

    def verify(node: Node, clock_ms: int) -> Member:
        return node.tokens.verify(made, lambda name: read_member(node.replica.chain.state, name), clock_ms)

    async def use(node: Node, client: AsyncClient) -> None:
        nonlocal made
        await client.set_clock(node.now_ms() + HOUR_MS, settings.lab_token or "")
        await client.call(Asset.issue, number="A-1", to="north.member1")
        clock_ms = (await client.node())["clock"]
        made = sign_token(admin.key, admin.id, audience=node.tokens.audience, now_ms=clock_ms, number="1" * 32)
        assert verify(node, clock_ms).member == admin.id

    async def use_again(node: Node, client: AsyncClient) -> None:
        with pytest.raises(UnauthorizedError) as caught:
            verify(node, (await client.node())["clock"])
        assert caught.value.code == "token-before-start"

    serve(tmp_path, use)
    (tmp_path / NODE / CLOCK_OFFSET).unlink()
    serve(tmp_path, use_again)


def test_a_network_that_is_no_lab_has_no_lab(tmp_path: Path) -> None:
    make_network(tmp_path, is_lab=False)

    async def look(node: Node, client: AsyncClient) -> None:
        assert node.lab is None
        assert node.clock.offset_path is None

    serve(tmp_path, look)


def test_recovery_writes_the_mark(tmp_path: Path) -> None:
    make_network(tmp_path)
    (tmp_path / NODE / VOTING_MARK).unlink()

    async def recover(node: Node, client: AsyncClient) -> None:
        assert not has_voting_mark(tmp_path / NODE)
        node._perform(Recovered())
        assert has_voting_mark(tmp_path / NODE)

    serve(tmp_path, recover)


def test_timers_fire_once_and_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_network(tmp_path)

    async def use_timers(node: Node, client: AsyncClient) -> None:
        stopped, wanted, last, never_started = (Timer("view", 9, view) for view in range(1, 5))
        fired: list[Timer] = []
        done = asyncio.Event()

        def take(event: object) -> None:
            timer = getattr(event, "timer", None)
            if timer in (wanted, last, stopped):
                fired.append(timer)
            if timer == last:
                done.set()

        monkeypatch.setattr(node, "handle", take)
        for timer, delay_ms in ((stopped, 1), (wanted, 1), (wanted, 5), (last, 20), (stopped, None), (never_started, None)):
            node._perform(SetTimer(timer, delay_ms))
        await asyncio.wait_for(done.wait(), SECONDS_MAX)
        assert fired == [wanted, last]

    serve(tmp_path, use_timers)


def test_what_waits_ends_when_the_node_stops(tmp_path: Path) -> None:
    make_network(tmp_path)
    waiting: list[asyncio.Task[bool]] = []

    async def wait(node: Node, client: AsyncClient) -> None:
        waiting.append(asyncio.create_task(node.published.wait_above(10**6, 10**6)))
        await asyncio.wait_for(client.node(), SECONDS_MAX)

    serve(tmp_path, wait)
    assert waiting[0].done()


def test_a_node_starts_and_stops(tmp_path: Path) -> None:
    make_network(tmp_path)
    serve(tmp_path, nothing)
    serve(tmp_path, nothing)
