"""Attacks over real sockets on all nodes of a running network: it keeps committing meanwhile, and is well at once afterwards.

Attackers come from the address that everybody here has, more of them than there are places. The client under test was
there before; the nodes find their way to each other also when one of them restarts in the midst of it.
"""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import pytest

from ledger.encoding import encode
from nodes.client import Client
from nodes.network.local import LocalNetwork
from nodes.sample_contract import Asset
from tests.http_support import asked, read_answer
from tests.network_support import running_processes, wait_until
from tests.test_nodes_metrics import samples

MEMBER, RESTARTED = "north.member1", "south.validator"
LIMITS = {
    "connections_max": 20,
    "connections_per_address_max": 20,
    "connections_reserved": 6,
    "header_timeout_s": 2,
    "body_timeout_s": 3,
    "write_timeout_s": 2,
    "slow_readers_max": 4,
    "streams_max": 10,
    "request_bytes_max": 1_000_000,
    "bodies_bytes_max": 8_000_000,
}
CALLERS = 30
"""Attacking connections to each node: more than it has places."""
COMMITS = 2
COMMIT_SECONDS_MAX = 30
"""For one transaction while the attack goes on, on a machine that the attackers share."""
RECOVERY_SECONDS_MAX = 20
"""For one transaction, and for a new reader to be served, once it is over."""

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]
"""Lasts as long as the connection; the last argument asks for a session in the name of the node that restarts."""


async def half_open(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Says nothing."""
    await reader.read()


async def slow_header(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Sends a byte of a header now and then."""
    writer.write(b"GET /v1/node HTTP/1.1\r\nx: ")
    while not reader.at_eof():
        writer.write(b"a")
        await asyncio.sleep(0.2)


async def header_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Sends headers without end, as fast as they are taken."""
    writer.write(b"GET /v1/node HTTP/1.1\r\n")
    while True:
        writer.write(b"x: y\r\n" * 1_000)
        await writer.drain()


async def oversize_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Sends a body a hundred times as large as allowed."""
    writer.write(b"POST /v1/transactions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100000000\r\n\r\n")
    for _ in range(1_000):
        writer.write(bytes(100_000))
        await writer.drain()


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Sends most of a body between nodes, and keeps the rest."""
    writer.write(b"POST /node/batch HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 3000000\r\n\r\n" + bytes(2_900_000))
    await reader.read()


async def slow_reader(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Asks for the whole ledger and takes in nothing of it."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b"GET /v1/export HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    await asyncio.sleep(5)


async def stream_hoarder(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Keeps a stream of everything open."""
    writer.write(b"GET /v1/log/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    while await reader.read(100_000):
        pass


async def eager_reader(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Asks again as soon as it is answered."""
    while True:
        writer.write(b"GET /v1/transactions?limit=50 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        await read_answer(reader)


async def session_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, session: bytes) -> None:
    """Asks for sessions in another's name, ten at a time."""
    request = b"POST /node/session HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n%s" % (len(session), session)
    while True:
        writer.write(request * 10)
        for _ in range(10):
            await read_answer(reader)


ATTACKS: tuple[Attack, ...] = (
    half_open, slow_header, header_flood, oversize_body, slow_body, slow_reader, stream_hoarder, eager_reader, session_flood,
)  # fmt: skip


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    address = urlsplit(url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)
    writer = None
    try:
        await asyncio.get_running_loop().sock_connect(connection, (address.hostname, address.port))
        reader, writer = await asyncio.open_connection(sock=connection)
        yield reader, writer
    finally:
        connection.close() if writer is None else writer.transport.abort()


@contextmanager
def under(attack: Attack, network: LocalNetwork) -> Iterator[None]:
    """Attacks every node from a thread of its own until the block ends; begins it when each attacker has connected once."""
    under_way, over = threading.Event(), threading.Event()

    async def attacker(member: str, url: str, begun: asyncio.Semaphore) -> None:
        session = encode({"ledger": network.ledger, "receiver": member, "sender": RESTARTED})
        first = True
        while True:
            try:
                async with connected(url) as (reader, writer):
                    if first:
                        begun.release()
                        first = False
                    await attack(reader, writer, session)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)

    async def all_of_them() -> None:
        begun = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(attacker(m, url, begun)) for m, url in network.urls.items() for _ in range(CALLERS)]
        for _ in tasks:
            await begun.acquire()
        under_way.set()
        await asyncio.to_thread(over.wait)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(all_of_them()), name="attackers")
    thread.start()
    try:
        assert under_way.wait(60)
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNetwork]:
    with running_processes(tmp_path_factory.mktemp("four") / "network", 4, limits=LIMITS) as network:
        with network.client(MEMBER) as client:
            # So that an export is more than what a socket swallows.
            client.submit_many([client.sign(Asset.bump, number="C-many") for _ in range(1_000)], wait_s=60)
        yield network


def slowest_commit(client: Client, count: int) -> float:
    """Of so many, one after the other."""
    worst = 0.0
    for _ in range(count):
        started = time.monotonic()
        client.call(Asset.bump, number="C-1")
        worst = max(worst, time.monotonic() - started)
    return worst


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_consensus_goes_on_under_attack(network: LocalNetwork, attack: Attack) -> None:
    with network.client(MEMBER) as client:
        client.call(Asset.bump, number="C-1")
        with under(attack, network):
            during = slowest_commit(client, COMMITS)
            network.restart(RESTARTED)
            after_restart = slowest_commit(client, COMMITS)
        afterwards = slowest_commit(client, 3)
    print(
        f"{attack.__name__}: slowest commit {during:.2f} s, after a restart {after_restart:.2f} s, afterwards {afterwards:.2f} s"
    )
    assert max(during, after_restart) < COMMIT_SECONDS_MAX
    assert afterwards < RECOVERY_SECONDS_MAX
    over = time.monotonic()
    wait_until(lambda: all(map(is_well, network.urls.values())), "all are well")
    assert time.monotonic() - over < RECOVERY_SECONDS_MAX


def is_well(url: str) -> bool:
    """Whether the node is ready and linked with the three others in both directions."""
    found = samples(url)
    return asked(f"{url}/readyz").status == 200 and found["connections", "links"] == found["peers", "connected"] == 3
