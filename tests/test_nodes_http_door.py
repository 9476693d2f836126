"""Connections within limits, over real sockets: what takes too long, is too large or too many ends, and the rest is served."""

import asyncio
import json
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.types import Receive, Scope, Send

from ledger.errors import ConflictError, StorageError
from nodes.http.connections import Door, Fields, connection_of
from nodes.limits import Limits
from nodes.messages import Message as NodeMessage
from tests.http_support import FakeNode, read_answer, serving
from tests.support import patience_s

BIG_BYTES = 30_000_000
GET = b"GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
POST = b"POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n"


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


@dataclass(frozen=True, slots=True)
class Caller:
    """One connection."""

    reader: StreamReader
    writer: StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        self.send(data)
        return await self.answer()

    async def answer(self) -> tuple[int, bytes]:
        return await asyncio.wait_for(read_answer(self.reader), patience_s())

    async def refusal(self) -> tuple[int, str]:
        """Status and code of the problem that ends the connection."""
        status, body = await self.answer()
        assert await self.is_ended()
        return status, json.loads(body)["code"]

    async def is_ended(self) -> bool:
        """Waits for the end; what still comes is read."""
        try:
            while await asyncio.wait_for(self.reader.read(1_000_000), patience_s()):
                pass
        except ConnectionError:
            pass
        return True


@dataclass(frozen=True, slots=True)
class Served:
    """A server within limits, its callers, and the codes of what its door refused."""

    port: int
    codes: list[str]
    callers: list[Caller] = field(default_factory=list)

    async def refusal(self, data: bytes) -> tuple[int, str]:
        """Status and code of the problem that ends a new connection on which this is sent."""
        caller = await self.connect()
        caller.send(data)
        return await caller.refusal()

    async def connect(self, address: str = "127.0.0.1", limit: int = 2**16) -> Caller:
        self.callers.append(Caller(*await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0), limit=limit)))
        return self.callers[-1]


@asynccontextmanager
async def served(**limits: int) -> AsyncIterator[Served]:
    codes: list[str] = []
    async with serving(app, door=Door(Limits(**limits), codes.append)) as port:
        running = Served(port, codes)
        try:
            yield running
        finally:
            for caller in running.callers:
                caller.writer.close()


async def test_ordinary_callers_notice_nothing() -> None:
    async with served() as server:
        caller = await server.connect()
        caller.send(GET % b"/a" + GET % b"/b" + POST % (b"/c", 3) + b"abc")
        assert [await caller.answer() for _ in range(3)] == [(200, b"0"), (200, b"0"), (200, b"3")]
        assert await caller.ask(POST % (b"/c", 5_000_000) + bytes(5_000_000)) == (200, b"5000000")
        assert await caller.ask(GET % b"/big") == (200, bytes(BIG_BYTES))
    assert server.codes == []


async def test_a_head_has_a_time() -> None:
    async with served(header_timeout_s=1) as server:
        silent, half, dripping, second = [await server.connect() for _ in range(4)]
        half.send(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n")
        dripping.send(b"\r\n")
        assert await second.ask(GET % b"/") == (200, b"0")
        second.send(b"GET / HT")
        for caller in (silent, half, dripping, second):
            assert await caller.refusal() == (408, "request-timeout")
    assert server.codes == ["request-timeout"] * 4


async def test_a_body_has_a_time() -> None:
    async with served(body_timeout_s=1) as server:
        assert await server.refusal(POST % (b"/", 10) + b"abc") == (408, "request-timeout")
    assert server.codes == ["request-timeout"]


async def test_a_head_has_a_size() -> None:
    async with served(header_bytes_max=1_000, headers_max=10) as server:
        for head in (
            GET % (b"/" + b"a" * 1_100),
            b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: %s\r\n\r\n" % (b"a" * 1_100),
            b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n" + b"x: y\r\n" * 11 + b"\r\n",
            CHUNKED + b"0\r\n" + b"x: y\r\n" * 11 + b"\r\n",
        ):
            assert await server.refusal(head) == (413, "head-too-large")
        endless = await server.connect()
        endless.send(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ")
        ended = asyncio.create_task(endless.is_ended())
        for _ in range(1_000):
            endless.send(b"a" * 10_000)
            await asyncio.sleep(0)
            if ended.done():
                break
        assert ended.done()
    assert server.codes == ["head-too-large"] * 5


async def test_what_lies_between_the_chunks_of_a_body_has_a_size() -> None:
    async with served(request_bytes_max=64_000_000, bodies_bytes_max=100_000_000) as server:
        for framed in (
            b"3;%s\r\nabc\r\n0\r\n\r\n" % (b"x" * 70_000),
            b"3\r\nabc\r\n0;%s\r\n\r\n" % (b"x" * 70_000),
            (b"1;%s\r\na\r\n" % (b"x" * 1_000)) * 70 + b"0\r\n\r\n",
            b"3;" + b"x" * 70_000,
        ):
            assert await server.refusal(CHUNKED + framed) == (413, "head-too-large")
        plain = await server.connect()
        for size in (1, 7, 65_536):  # what clients send: no extension, many chunks, several requests on one connection
            body = (b"%x;a=b\r\n%s\r\n" % (size, bytes(size))) * 1_000 + b"0\r\n\r\n"
            assert await plain.ask(CHUNKED + body) == (200, b"%d" % (size * 1_000))
    assert server.codes == ["head-too-large"] * 4


async def test_a_body_larger_than_any_is_not_read() -> None:
    async with served(request_bytes_max=1_000, batch_bytes_max=1_000) as server:
        for request in (POST % (b"/", 2_001), CHUNKED + b"7d1\r\n" + bytes(2_001)):
            assert await server.refusal(request) == (413, "request-too-large")
    assert server.codes == ["request-too-large"] * 2


async def test_a_body_that_goes_on_after_the_answer_is_read_only_so_far() -> None:
    async with served(request_bytes_max=1_000) as server:
        small, large = await server.connect(), await server.connect()
        assert await small.ask(POST % (b"/early", 800)) == (200, b"0")
        assert await small.ask(bytes(800) + GET % b"/") == (200, b"0")
        assert await large.ask(POST % (b"/early", 2_000)) == (200, b"0")
        large.send(bytes(2_000))
        assert await large.is_ended()
    assert server.codes == []


async def test_a_request_that_may_have_been_done_is_not_told_that_it_was_refused() -> None:
    """A client takes 503 for surely not done; an answer to what follows a whole request would be taken for its own."""
    async with served(header_timeout_s=1, body_timeout_s=1) as server:
        for following in (b"GET / HT", POST % (b"/", 10) + b"abc"):
            caller = await server.connect()
            caller.send(GET % b"/hang" + following)
            assert await asyncio.wait_for(caller.reader.read(), patience_s()) == b""
    assert server.codes == ["request-timeout"] * 2


async def test_what_is_not_http_is_told_so() -> None:
    async with served() as server:
        assert await server.refusal(b"\x16\x03\x01 hello\r\n\r\n") == (400, "bad-request")
    assert server.codes == ["bad-request"]


async def test_readers_have_places_and_nodes_a_reserve() -> None:
    async with served(connections_max=2, connections_reserved=2) as server:
        for _ in range(2):
            reader = await server.connect()
            assert await reader.ask(GET % b"/") == (200, b"0")
        assert await server.refusal(GET % b"/") == (503, "too-many-connections")
        node = await server.connect()
        for _ in range(3):
            assert await node.ask(GET % b"/node/prove") == (200, b"0")
        flood = [await server.connect() for _ in range(10)]
        for caller in flood[:-2]:
            assert await caller.refusal() == (503, "too-many-connections")
        for caller in (node, *flood[-2:]):
            assert await caller.ask(GET % b"/node/prove") == (200, b"0")
        assert await reader.ask(GET % b"/") == (200, b"0")
    assert {*server.codes} == {"too-many-connections"}


async def test_an_address_has_a_share() -> None:
    async with served(connections_per_address_max=2) as server:
        first, second, third = [await server.connect() for _ in range(3)]
        for caller in (first, second, await server.connect("127.0.0.2")):
            assert await caller.ask(GET % b"/") == (200, b"0")
        third.send(GET % b"/")
        assert await third.refusal() == (503, "too-many-connections")
        first.writer.close()
        await first.writer.wait_closed()
        again = await server.connect()
        assert await again.ask(GET % b"/") == (200, b"0")


async def test_an_answer_has_a_time() -> None:
    async with asyncio.timeout(patience_s()), served(write_timeout_s=1) as server:
        slow = await server.connect(limit=1_000)
        slow.send(GET % b"/big")
        assert (await slow.reader.readline()).startswith(b"HTTP/1.1 200")
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        while not server.codes:
            await asyncio.sleep(0.05)
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert await slow.is_ended()
    assert server.codes == ["slow-reader"]


async def test_few_answers_wait_in_memory() -> None:
    async with asyncio.timeout(patience_s()), served(slow_readers_max=3) as server:
        for number in range(8):
            slow = await server.connect(limit=1_000)
            slow.send(GET % b"/big")
            while len(server.codes) < number - 2:
                await asyncio.sleep(0.01)
        fast = await server.connect()
        assert await fast.ask(GET % b"/big") == (200, bytes(BIG_BYTES))
    assert server.codes[:5] == ["slow-reader"] * 5


async def test_bodies_on_their_way_have_a_sum_and_the_largest_gives_way() -> None:
    async with served(bodies_bytes_max=1_000_000) as server:
        large, small = await server.connect(), await server.connect()
        large.send(POST % (b"/", 900_000) + bytes(700_000))
        small.send(POST % (b"/", 900_000) + bytes(400_000))
        assert await large.refusal() == (503, "too-many-bytes")
        assert await small.ask(bytes(500_000)) == (200, b"900000")
    assert server.codes == ["too-many-bytes"]


BATCHES = {
    "taken": b"good",
    "refused": b"stale",
    "to come again": b"damaged",
    "too large": bytes(1_001),
    "much too large": bytes(50_000),
    "empty": b"",
}
CHUNKS = b"POST /node/batch HTTP/1.1\r\nhost: 127.0.0.1\r\nx-request-id: r-1\r\ntransfer-encoding: chunked\r\n\r\n"
SENT = b"POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\nx-signature: s\r\nx-request-id: r-1\r\n%scontent-length: %d\r\n\r\n%s"


class BatchNode(FakeNode):
    """Judges batches by their first word."""

    def __init__(self) -> None:
        super().__init__(limits=Limits(batch_bytes_max=1_000))
        self.taken: list[tuple[bytes, str, str | None]] = []
        self.inbox.accept = self.accept  # type: ignore[method-assign]

    def accept(self, body: bytes, signature: str, peer: str | None = None) -> tuple[str, list[NodeMessage]]:
        if body == b"stale":
            raise ConflictError("unknown-session", "Ask for a new one.")
        if body == b"damaged":
            raise StorageError("database-damaged", "A row is damaged.")
        if body == b"fault":
            raise ZeroDivisionError
        self.taken.append((body, signature, peer))
        return "south.validator", []


@asynccontextmanager
async def linked(node: BatchNode, at_once: bool) -> AsyncIterator[Caller]:
    """A caller that has shown to be a node, at a server that answers its batches at once or in a task."""
    door, batches = Door(node.limits), []

    def take(fields: Fields, body: bytes, peer: str | None) -> tuple[int, Fields, bytes]:
        batches.append(body)
        return node.app.answer_batch(fields, body, peer)

    if at_once:
        door.take_batch = take
    async with serving(node.app, door=door) as port:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        try:
            assert (await caller.ask(SENT % (b"/node/batch", b"", 4, b"good")))[0] == 200
            assert (len(door.links), batches) == (1, []), "before its first batch it could be anybody"
            yield caller
        finally:
            caller.writer.close()


async def raw_answer(caller: Caller, data: bytes) -> bytes:
    """The bytes of an answer, but for their date."""
    caller.send(data)
    head = await asyncio.wait_for(caller.reader.readuntil(b"\r\n\r\n"), patience_s())
    size = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    return re.sub(rb"date: [^\r]*", b"date", head) + await caller.reader.readexactly(size)


async def test_a_batch_of_a_link_is_answered_at_once_as_the_application_answers_it() -> None:
    answers, noted = [], []
    for at_once in (False, True):
        node = BatchNode()
        async with linked(node, at_once) as caller:
            requests = [SENT % (b"/node/batch", b"", len(body), body) for body in BATCHES.values()]
            requests += [CHUNKS + b"2\r\ngo\r\n2\r\nod\r\n0\r\n\r\n", SENT % (b"/node/batch?x=1", b"", 4, b"good")]
            requests += [SENT % (b"/node/session", b"", 1, b"x"), SENT % (b"/node/batch", b"expect: nothing\r\n", 4, b"good")]
            requests += [SENT % (b"/node/batch", b"connection: close\r\n", 4, b"good")]
            answers.append([await raw_answer(caller, request) for request in requests])
            assert await caller.is_ended()
        noted.append((node.taken, re.findall(r"_count{.*", node.watch.metrics().decode())))
    assert answers[0] == answers[1]
    assert noted[0] == noted[1]
    assert [answer.split()[1] for answer in answers[0][:6]] == [b"200", b"409", b"503", b"413", b"413", b"200"]


async def test_batches_that_come_together_are_answered_in_order() -> None:
    node = BatchNode()
    async with linked(node, at_once=True) as caller:
        caller.send(b"".join(SENT % (b"/node/batch", b"", len(body), body) for body in (b"good", b"stale", b"good")))
        assert [(await caller.answer())[0] for _ in range(3)] == [200, 409, 200]


async def test_a_batch_that_shows_a_fault_of_the_node_gets_no_answer_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with linked(BatchNode(), at_once=True) as caller:
        caller.send(SENT % (b"/node/batch", b"", 5, b"fault"))
        assert await caller.is_ended()
    (told,) = (record for record in caplog.records if record.getMessage() == "A batch could not be taken.")
    assert told.exc_info is not None


async def test_the_body_of_a_batch_that_begins_a_connection_has_a_time() -> None:
    """Over TLS a node is known before its first request."""
    node, codes = BatchNode(), list[str]()
    door = Door(Limits(body_timeout_s=1), codes.append)
    door.take_batch = node.app.answer_batch
    async with serving(node.app, door=door) as port:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        while not door.readers:
            await asyncio.sleep(0.001)
        for connection in [*door.readers]:
            connection.prove()
        caller.send(SENT % (b"/node/batch", b"", 4, b"go"))
        assert await caller.refusal() == (408, "request-timeout")
        caller.writer.close()
    assert (codes, door.links) == (["request-timeout"], set())
