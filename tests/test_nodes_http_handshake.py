"""TLS handshakes within limits: who opens connections and says nothing takes no place from those who come after."""

import asyncio
import contextlib
from pathlib import Path

from nodes.http.connections import Door
from nodes.limits import Limits
from nodes.links.node_tls import reader_context
from tests.http_support import SECONDS_MAX, serving
from tests.test_nodes_tls import GOOD, HOST, NORTH, PEMS, ask, tell_peer, tls

HALF_OPEN = 40

Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def is_ended(opened: Opened) -> bool:
    with contextlib.suppress(ConnectionError):
        while await asyncio.wait_for(opened[0].read(1_000), SECONDS_MAX):
            pass
    return True


async def test_half_open_handshakes_give_way_and_end(tmp_path: Path) -> None:
    codes: list[str] = []
    door = Door(Limits(handshakes_max=8, handshake_timeout_s=2), codes.append)
    north, reader = tls(NORTH, tmp_path / "north").to("south.node"), reader_context(PEMS["south"], "south.node")
    async with serving(tell_peer, tls(GOOD, tmp_path / "south").server, door) as port:
        # Another address, that of the node, waits from before, and is not the one that gives way.
        patient = await asyncio.open_connection(HOST, port, local_addr=("127.0.0.2", 0))
        silent = [await asyncio.open_connection(HOST, port) for _ in range(HALF_OPEN)]
        assert all([await is_ended(opened) for opened in silent[: HALF_OPEN - 8]])
        assert codes == ["too-many-handshakes"] * (HALF_OPEN + 1 - 8)
        await patient[1].start_tls(north)
        patient[1].write(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        assert b"north.node" in await asyncio.wait_for(patient[0].read(), SECONDS_MAX)
        assert "north.node" in await ask(port, north)
        assert await ask(port, reader) == "{'tls': {'member': ''}}"
        # Those that are left end by the clock.
        assert all([await is_ended(opened) for opened in silent])
        assert await ask(port, reader) == "{'tls': {'member': ''}}"
        last = await asyncio.open_connection(HOST, port)
    # A server that ends waits for no handshake.
    assert await is_ended(last)
    for opened in (patient, *silent, last):
        opened[1].close()
