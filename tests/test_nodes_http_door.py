"""Connections within limits, over real sockets: what takes too long, is too large or too many ends, and the rest is served."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Receive, Scope, Send

from nodes.http.addresses import bind
from nodes.http.connections import Door, connection_of
from nodes.http.server import HttpServer, server_config
from nodes.limits import Limits
from tests.support import PATIENCE_S

BIG_BYTES = 30_000_000
GET = b"GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells how long the body was. `/early` does not read it, `/hang` never answers, `/big` answers with much, and
    `/node/prove` calls its caller a node.
    """
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/hang":
        await receive()
        return
    if scope["path"] == "/node/prove":
        connection = connection_of(scope)
        assert connection is not None
        connection.prove()
    body = bytes(BIG_BYTES) if scope["path"] == "/big" else str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Caller:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> tuple[int, bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        status, size = int(head.split()[1]), int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return status, await asyncio.wait_for(self.reader.readexactly(size), PATIENCE_S)

    async def refusal(self) -> tuple[int, str]:
        """Status and code of the problem that ends the connection."""
        status, body = await self.answer()
        assert await self.is_ended()
        return status, json.loads(body)["code"]

    async def is_ended(self) -> bool:
        """Waits for the end; what still comes is read."""
        try:
            while await asyncio.wait_for(self.reader.read(1_000_000), PATIENCE_S):
                pass
        except ConnectionError:
            pass
        return True


Connect = Callable[..., Awaitable[Caller]]


@asynccontextmanager
async def served(limits: Limits, codes: list[str]) -> AsyncIterator[Connect]:
    listener = bind("127.0.0.1", 0)
    server = HttpServer(server_config(app, None, Door(limits, codes.append)))
    serving = asyncio.create_task(server.serve([listener]))
    await server.is_up.wait()
    callers: list[Caller] = []

    async def connect(address: str = "127.0.0.1", limit: int = 2**16) -> Caller:
        where = listener.getsockname()[:2]
        callers.append(Caller(*await asyncio.open_connection(*where, local_addr=(address, 0), limit=limit)))
        return callers[-1]

    try:
        yield connect
    finally:
        for caller in callers:
            caller.writer.close()
        server.should_exit = True
        await serving
        listener.close()


def run(work: Callable[[Connect], Coroutine[Any, Any, None]], **limits: int) -> list[str]:
    """Serves within these limits while `work` lasts; returns the codes of what the door refused."""
    codes: list[str] = []

    async def both() -> None:
        async with served(Limits(**limits), codes) as connect:
            await work(connect)

    asyncio.run(both())
    return codes


def test_ordinary_callers_notice_nothing() -> None:
    async def work(connect: Connect) -> None:
        caller = await connect()
        caller.send(GET % b"/a" + GET % b"/b" + b"POST /c HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 3\r\n\r\nabc")
        assert [await caller.answer() for _ in range(3)] == [(200, b"0"), (200, b"0"), (200, b"3")]
        caller.send(b"POST /c HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5000000\r\n\r\n" + bytes(5_000_000))
        assert await caller.answer() == (200, b"5000000")
        caller.send(GET % b"/big")
        assert await caller.answer() == (200, bytes(BIG_BYTES))

    assert run(work) == []


def test_a_head_has_a_time() -> None:
    async def work(connect: Connect) -> None:
        silent, half, dripping, second = [await connect() for _ in range(4)]
        half.send(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n")
        dripping.send(b"\r\n")
        second.send(GET % b"/")
        assert await second.answer() == (200, b"0")
        second.send(b"GET / HT")
        for caller in (silent, half, dripping, second):
            assert await caller.refusal() == (408, "request-timeout")

    assert run(work, header_timeout_s=1) == ["request-timeout"] * 4


def test_a_body_has_a_time() -> None:
    async def work(connect: Connect) -> None:
        caller = await connect()
        caller.send(b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10\r\n\r\nabc")
        assert await caller.refusal() == (408, "request-timeout")

    assert run(work, body_timeout_s=1) == ["request-timeout"]


def test_a_head_has_a_size() -> None:
    async def work(connect: Connect) -> None:
        for head in (
            b"GET /%s HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" % (b"a" * 1_100),
            b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: %s\r\n\r\n" % (b"a" * 1_100),
            b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n" + b"x: y\r\n" * 11 + b"\r\n",
            b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + b"x: y\r\n" * 11 + b"\r\n",
        ):
            caller = await connect()
            caller.send(head)
            assert await caller.refusal() == (413, "head-too-large")
        endless = await connect()
        endless.send(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ")
        ended = asyncio.create_task(endless.is_ended())
        for _ in range(1_000):
            endless.send(b"a" * 10_000)
            await asyncio.sleep(0)
            if ended.done():
                break
        assert ended.done()

    assert run(work, header_bytes_max=1_000, headers_max=10) == ["head-too-large"] * 5


def test_what_lies_between_the_chunks_of_a_body_has_a_size() -> None:
    chunked = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n"

    async def work(connect: Connect) -> None:
        for framed in (
            b"3;%s\r\nabc\r\n0\r\n\r\n" % (b"x" * 70_000),
            b"3\r\nabc\r\n0;%s\r\n\r\n" % (b"x" * 70_000),
            (b"1;%s\r\na\r\n" % (b"x" * 1_000)) * 70 + b"0\r\n\r\n",
            b"3;" + b"x" * 70_000,
        ):
            caller = await connect()
            caller.send(chunked + framed)
            assert await caller.refusal() == (413, "head-too-large")
        plain = await connect()
        for size in (1, 7, 65_536):  # what clients send: no extension, many chunks, several requests on one connection
            plain.send(chunked + (b"%x;a=b\r\n%s\r\n" % (size, bytes(size))) * 1_000 + b"0\r\n\r\n")
            assert await plain.answer() == (200, b"%d" % (size * 1_000))

    assert run(work, request_bytes_max=64_000_000, bodies_bytes_max=100_000_000) == ["head-too-large"] * 4


def test_a_body_larger_than_any_is_not_read() -> None:
    async def work(connect: Connect) -> None:
        announced, chunked = await connect(), await connect()
        announced.send(b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2001\r\n\r\n")
        chunked.send(b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n7d1\r\n" + bytes(2_001))
        for caller in (announced, chunked):
            assert await caller.refusal() == (413, "request-too-large")

    assert run(work, request_bytes_max=1_000, batch_bytes_max=1_000) == ["request-too-large"] * 2


def test_a_body_that_goes_on_after_the_answer_is_read_only_so_far() -> None:
    async def work(connect: Connect) -> None:
        for size, ends in ((800, False), (2_000, True)):
            caller = await connect()
            caller.send(b"POST /early HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n" % size)
            assert await caller.answer() == (200, b"0")
            caller.send(bytes(size))
            if ends:
                assert await caller.is_ended()
            else:
                caller.send(GET % b"/")
                assert await caller.answer() == (200, b"0")

    assert run(work, request_bytes_max=1_000) == []


def test_a_request_that_may_have_been_done_is_not_told_that_it_was_refused() -> None:
    """A client takes 503 for surely not done; an answer to what follows a whole request would be taken for its own."""

    async def work(connect: Connect) -> None:
        for following in (b"GET / HT", b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10\r\n\r\nabc"):
            caller = await connect()
            caller.send(GET % b"/hang" + following)
            assert await asyncio.wait_for(caller.reader.read(), PATIENCE_S) == b""

    assert run(work, header_timeout_s=1, body_timeout_s=1) == ["request-timeout"] * 2


def test_what_is_not_http_is_told_so() -> None:
    async def work(connect: Connect) -> None:
        caller = await connect()
        caller.send(b"\x16\x03\x01 hello\r\n\r\n")
        assert await caller.refusal() == (400, "bad-request")

    assert run(work) == ["bad-request"]


def test_readers_have_places_and_nodes_a_reserve() -> None:
    async def work(connect: Connect) -> None:
        for _ in range(2):
            reader = await connect()
            reader.send(GET % b"/")
            assert await reader.answer() == (200, b"0")
        late = await connect()
        late.send(GET % b"/")
        assert await late.refusal() == (503, "too-many-connections")
        node = await connect()
        for _ in range(3):
            node.send(GET % b"/node/prove")
            assert await node.answer() == (200, b"0")
        flood = [await connect() for _ in range(10)]
        for caller in flood[:-2]:
            assert await caller.refusal() == (503, "too-many-connections")
        for caller in (node, *flood[-2:]):
            caller.send(GET % b"/node/prove")
            assert await caller.answer() == (200, b"0")
        reader.send(GET % b"/")
        assert await reader.answer() == (200, b"0")

    assert set(run(work, connections_max=2, connections_reserved=2)) == {"too-many-connections"}


def test_an_address_has_a_share() -> None:
    async def work(connect: Connect) -> None:
        callers = [await connect() for _ in range(3)]
        other = await connect("127.0.0.2")
        for caller in (*callers[:2], other):
            caller.send(GET % b"/")
            assert await caller.answer() == (200, b"0")
        callers[2].send(GET % b"/")
        assert await callers[2].refusal() == (503, "too-many-connections")
        callers[0].writer.close()
        await callers[0].writer.wait_closed()
        again = await connect()
        again.send(GET % b"/")
        assert await again.answer() == (200, b"0")

    run(work, connections_per_address_max=2)


def test_an_answer_has_a_time() -> None:
    async def work(connect: Connect) -> None:
        slow = await connect(limit=1_000)
        slow.send(GET % b"/big")
        assert (await slow.reader.readline()).startswith(b"HTTP/1.1 200")
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while not codes_seen:
            await asyncio.sleep(0.05)
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert await slow.is_ended()

    codes_seen: list[str] = []

    async def both() -> None:
        async with served(Limits(write_timeout_s=1), codes_seen) as connect:
            await asyncio.wait_for(work(connect), PATIENCE_S)

    asyncio.run(both())
    assert codes_seen == ["slow-reader"]


def test_few_answers_wait_in_memory() -> None:
    codes_seen: list[str] = []

    async def both() -> None:
        async with served(Limits(slow_readers_max=3), codes_seen) as connect:
            for number in range(8):
                slow = await connect(limit=1_000)
                slow.send(GET % b"/big")
                while len(codes_seen) < number - 2:
                    await asyncio.sleep(0.01)
            fast = await connect()
            fast.send(GET % b"/big")
            assert (await fast.answer())[0] == 200

    asyncio.run(asyncio.wait_for(both(), PATIENCE_S))
    assert codes_seen[:5] == ["slow-reader"] * 5


def test_bodies_on_their_way_have_a_sum_and_the_largest_gives_way() -> None:
    async def work(connect: Connect) -> None:
        head = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 900000\r\n\r\n"
        large, small = await connect(), await connect()
        large.send(head + bytes(700_000))
        small.send(head + bytes(400_000))
        assert await large.refusal() == (503, "too-many-bytes")
        small.send(bytes(500_000))
        assert await small.answer() == (200, b"900000")

    assert run(work, bodies_bytes_max=1_000_000) == ["too-many-bytes"]
