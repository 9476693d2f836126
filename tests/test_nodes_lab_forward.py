"""What a node passes on to the control of its lab: over one connection, short answers to the end, nothing once it stops."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ledger.errors import BusyError
from nodes.node.lab_hooks import ControlAnswer, ControlLink
from tests.http_support import WITH_TOKEN, FakeNode
from tests.support import awaited_refusal

SECONDS_MAX = 30
heads: list[bytes] = []
"""First lines of the requests that the control got."""
Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def control(handler: Handler) -> AsyncIterator[str]:
    """A control that answers each request by the handler; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                heads.append(head.split(b"\r\n")[0])
                await handler(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            """The node is gone."""
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def answer(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-other: 1\r\ncontent-length: 2\r\n\r\n{}")
    await writer.drain()


async def test_many_requests_take_one_connection() -> None:
    link, writers = ControlLink(None), set()

    async def count(writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        await answer(writer)

    async with control(count) as url:
        for _ in range(5):
            status, headers, body = await link.ask("GET", f"{url}/a%2Fb?c=%23", {}, b"")
        assert (status, body) == (200, b"{}")
        assert "x-other" not in headers
        await link.close()
    assert len(writers) == 1
    assert heads[-1] == b"GET /a%2Fb?c=%23 HTTP/1.1", "an address is passed on as it came"


async def close_while_asking(handler: Handler) -> ControlAnswer:
    """What an order comes to that the control is answering when the node stops."""
    link, asked = ControlLink(None), asyncio.Event()

    async def serve(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await handler(writer)

    async with control(serve) as url:
        asking = asyncio.create_task(link.ask("POST", f"{url}/reset", {}, b"{}"))
        await asked.wait()
        await link.close()
        return await asyncio.wait_for(asking, SECONDS_MAX)


async def test_a_node_that_stops_lets_short_answers_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.node.lab_hooks.LAST_ANSWERS_S", SECONDS_MAX)

    async def soon(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        await answer(writer)

    assert (await close_while_asking(soon))[0] == 200


async def test_a_node_that_stops_waits_for_no_long_answer() -> None:
    async def never(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    assert (await awaited_refusal(BusyError, close_while_asking(never))).code == "no-control"


async def test_a_node_that_stops_passes_nothing_on() -> None:
    link = ControlLink(None)
    await link.close()
    async with control(answer) as url:
        assert (await awaited_refusal(BusyError, link.ask("GET", f"{url}/network", {}, b""))).code == "no-control"


async def test_nobody_at_the_address_is_no_control() -> None:
    link = ControlLink(None)
    assert (await awaited_refusal(BusyError, link.ask("GET", "http://127.0.0.1:1/network", {}, b""))).code == "no-control"
    await link.close()


async def test_the_documented_reset_is_passed_on() -> None:
    node = FakeNode()
    node.lab.control.address = "http://127.0.0.1:1"
    told = await node.http.post("/v1/lab/reset", b"", WITH_TOKEN)
    assert (told.status, told.json["job"]["what"]) == (202, "reset")
    assert (await node.http.post("/v1/lab/reset", b"")).code == "wrong-token"
    assert (await FakeNode(is_lab=False).http.post("/v1/lab/reset", b"")).code == "not-a-lab"
