"""The driver of one node: what keeps it from starting, what stops it, and what it does with clock and mark."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from itertools import count
from pathlib import Path

import pytest

from ledger.contract.records import read_member
from ledger.errors import OperatorError, StorageError, UnauthorizedError
from ledger.identity.records import Member
from nodes.access.tokens import sign_token
from nodes.client import AsyncClient, LocalMember
from nodes.consensus.events import Recovered, SetTimer, Timer
from nodes.network.directory import set_nodes
from nodes.node.files import CLOCK_OFFSET, DATABASE, NODE_FILE, NodeFile, read_file, read_node_settings, write_file
from nodes.node.node import Node
from nodes.node.voting_mark import VOTING_MARK, has_voting_mark
from nodes.sample_contract import Asset
from nodes.storage.sqlite import SqliteStore
from tests.network_support import NODE, make_network, serving_node
from tests.support import refusal

HOUR_MS = 3_600_000
SECONDS_MAX = 30


@pytest.fixture
def network(tmp_path: Path) -> Path:
    make_network(tmp_path)
    return tmp_path


@asynccontextmanager
async def serving(network: Path) -> AsyncIterator[tuple[Node, AsyncClient]]:
    """The node of a one-node network and a member's client; raises what stopped the node."""
    member = LocalMember.load(network / "keys" / "north.member1.key")
    async with serving_node(network) as node, AsyncClient(node.settings.addresses[node.member], member=member) as client:
        yield node, client


async def verify_no_start(network: Path, *codes: str) -> None:
    """The node does not start, twice: a refused start leaves nothing locked or open."""
    for _ in range(2):
        assert refusal(OperatorError, Node, read_node_settings(network / NODE)).code in codes


async def test_a_node_decides_and_goes_on_after_a_restart(network: Path) -> None:
    async with serving(network) as (_, client):
        await client.call(Asset.issue, number="A-1", to="north.member1")
    async with serving(network) as (node, client):
        outcome = await client.call(Asset.transfer, number="A-1", to="north.admin")
        assert outcome.height > 1
        holding = await client.read(Asset.assets, "A-1")
        assert holding is not None
        assert holding.holder == "north.admin"
        assert node.watch.not_ready() is None


async def test_a_node_never_begins_anew(network: Path) -> None:
    (network / NODE / DATABASE).unlink()
    await verify_no_start(network, "missing-database")
    assert not (network / NODE / DATABASE).exists()


def empty(database: Path) -> None:
    database.unlink()
    SqliteStore(database).close()


def replace_by_another_ledgers(database: Path) -> None:
    make_network(database.parent / "other", seed=2)
    shutil.copy(database.parent / "other" / NODE / DATABASE, database)


def spoil(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:4096].ljust(database.stat().st_size, b"\xff"))


def replace_by_another_programs(database: Path) -> None:
    database.write_bytes(b"SQLite format 3\x00" + bytes(4080))


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (empty, ["no-ledger"]),
        (replace_by_another_ledgers, ["other-ledger"]),
        (replace_by_another_programs, ["database-damaged", "foreign-database"]),
        (spoil, ["database-damaged"]),
    ],
)
async def test_a_database_that_is_not_the_nodes_own_is_refused(
    network: Path, change: Callable[[Path], None], codes: list[str]
) -> None:
    change(network / NODE / DATABASE)
    await verify_no_start(network, *codes)


async def test_the_database_of_a_running_node_is_refused(network: Path) -> None:
    with closing(SqliteStore(network / NODE / DATABASE)):
        await verify_no_start(network, "database-in-use")


async def test_a_port_in_use_is_a_sentence(network: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", read_node_settings(network / NODE).file.port))
        taken.listen()
        await verify_no_start(network, "port-in-use")


async def test_a_host_that_is_not_here_is_a_sentence(network: Path) -> None:
    file = read_file(network / NODE / NODE_FILE, NodeFile)
    write_file(network / NODE / NODE_FILE, file.model_copy(update={"host": "192.0.2.1"}))
    await verify_no_start(network, "cannot-listen")


async def test_a_full_disk_stops_the_node_with_a_sentence(network: Path) -> None:
    set_nodes(network, database_bytes_max=(network / NODE / DATABASE).stat().st_size + 8_192)
    reasons: list[str] = []

    async def fill() -> None:
        async with serving(network) as (node, client):
            numbers = count()
            while (reason := node.watch.not_ready()) is None:
                transaction = await client.sign(Asset.issue, number=f"A-{next(numbers)}", to="north.member1")
                node.verify_admissible(transaction)
                node.submit((transaction,))
                await node.published.wait_above(node.published.value, SECONDS_MAX)
            reasons.append(reason)

    with pytest.raises(StorageError) as caught:
        await fill()
    assert caught.value.code == "disk-full"
    assert "full" in reasons[0]


async def test_a_fault_of_the_replica_stops_the_node(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def break_it() -> None:
        async with serving(network) as (node, _):
            monkeypatch.setattr(node.replica, "handle", lambda event, now_ms: 1 // 0)
            refusal(ZeroDivisionError, node.submit, ())

    with pytest.raises(ZeroDivisionError):
        await break_it()


async def test_the_lab_clock_is_set_over_http_and_survives_a_restart(network: Path) -> None:
    async with serving(network) as (node, client):
        instant = node.now_ms() + HOUR_MS
        await client.set_clock(instant, read_node_settings(network / NODE).lab_token or "")
        assert [record["kind"] for record in node.log.page(0, 1_000)].count("clock") == 2  # of the start, and this
    async with serving(network) as (node, client):
        assert node.now_ms() >= instant
        outcome = await client.call(Asset.issue, number="A-1", to="north.member1")
        block = await client.get(f"/v1/blocks/{outcome.height}")
        assert block["header"]["time"] >= instant


async def test_no_token_outlives_a_restart_on_a_node_whose_clock_lags_behind_the_blocks(network: Path) -> None:
    """Its tokens go by the newest block's time then, and so does what counts as older than its run."""
    admin = LocalMember.load(network / "keys" / "north.admin.key")

    def verify(node: Node, token: str, clock_ms: int) -> Member:
        return node.tokens.verify(token, lambda name: read_member(node.replica.chain.state, name), clock_ms)

    async with serving(network) as (node, client):
        await client.set_clock(node.now_ms() + HOUR_MS, read_node_settings(network / NODE).lab_token or "")
        await client.call(Asset.issue, number="A-1", to="north.member1")
        clock_ms = node.replica.chain.head_time_ms  # a token made in the next second would not be valid yet
        token = sign_token(admin.key, admin.id, audience=node.tokens.audience, now_ms=clock_ms, number="1" * 32)
        assert verify(node, token, clock_ms).member == admin.id
    (network / NODE / CLOCK_OFFSET).unlink()
    async with serving(network) as (node, client):
        assert refusal(UnauthorizedError, verify, node, token, (await client.node())["clock"]).code == "token-before-start"


async def test_a_network_that_is_no_lab_has_no_lab(tmp_path: Path) -> None:
    make_network(tmp_path, is_lab=False)
    async with serving(tmp_path) as (node, _):
        assert node.lab is None
        assert node.clock.offset_path is None


async def test_recovery_writes_the_mark(network: Path) -> None:
    (network / NODE / VOTING_MARK).unlink()
    async with serving(network) as (node, _):
        assert not has_voting_mark(network / NODE)
        node._perform(Recovered())
        assert has_voting_mark(network / NODE)


async def test_timers_fire_once_and_stop(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped, wanted, last, never_started = (Timer("view", 9, view) for view in range(1, 5))
    fired: list[Timer] = []
    done = asyncio.Event()

    def take(event: object) -> None:
        timer = getattr(event, "timer", None)
        if timer in (wanted, last, stopped):
            fired.append(timer)
        if timer == last:
            done.set()

    async with serving(network) as (node, _):
        monkeypatch.setattr(node, "handle", take)
        for timer, delay_ms in ((stopped, 1), (wanted, 1), (wanted, 5), (last, 20), (stopped, None), (never_started, None)):
            node._perform(SetTimer(timer, delay_ms))
        await asyncio.wait_for(done.wait(), SECONDS_MAX)
        assert fired == [wanted, last]


async def test_what_waits_ends_when_the_node_stops(network: Path) -> None:
    async with serving(network) as (node, client):
        waiting = asyncio.create_task(node.published.wait_above(10**6, 10**6))
        await asyncio.wait_for(client.node(), SECONDS_MAX)
    await asyncio.wait_for(waiting, SECONDS_MAX)
