"""HTTP for tests: a node without consensus, network or disk, asked without a socket; servers and callers that have one."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from ssl import SSLContext
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from starlette.types import ASGIApp, Message, Scope, Send

from ledger.chain.view import ChainView
from ledger.contract.contract import ContractSet
from ledger.contract.records import read_member
from ledger.errors import BusyError, JsonValue
from ledger.execution import with_system_contracts
from ledger.keys import SUITES
from ledger.primitives import Digest, PublicKey
from ledger.transaction import Transaction
from nodes.access.levels import Reads
from nodes.access.tokens import TokenJudge, audience_of, sign_token
from nodes.documents.desk import Desk
from nodes.documents.document_store import DocumentStore
from nodes.documents.exchange import Exchange
from nodes.http.addresses import bind
from nodes.http.connections import Door
from nodes.http.server import HttpServer, server_config
from nodes.limits import Limits
from nodes.links.batches import BatchReceiver
from nodes.messages import Message as NodeMessage
from nodes.node.clock import Clock
from nodes.node.lab_hooks import ControlAnswer, ControlLink, NodeLab
from nodes.node.log import MemoryLog, Signal
from nodes.node.node import Node, node_key
from nodes.node.process import create_app
from nodes.node.watch import NodeWatch
from tests.support import ALICE, DecidedChain

TOKEN = "lab-secret"
WITH_TOKEN = {"authorization": f"Bearer {TOKEN}"}
"""The header of an order to a lab."""
SECONDS_MAX = 60
Headers = Mapping[str, str] | None
NextMessage = Callable[[], Awaitable[Message]]
LIMITS = Limits(request_bytes_max=200_000, request_transactions_max=50, page_max=20, page_default=5, wait_max_s=10)


class FakeControl(ControlLink):
    """Takes every order."""

    def __init__(self) -> None:
        super().__init__(None)
        self.address = ""
        self.frozen = False

    def url(self) -> str:
        return self.address

    def is_frozen(self) -> bool:
        return self.frozen

    async def ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> ControlAnswer:
        job = {"number": 1, "what": url.rpartition("/")[2], "state": "waiting", "code": "", "message": ""}
        return 202, {"content-type": "application/json"}, json.dumps({"job": job}).encode()


class FakeLab(NodeLab):
    control: FakeControl

    def __init__(self) -> None:
        super().__init__("north.validator", TOKEN, {"south.validator"}, FakeControl(), Clock(None), MemoryLog(), lambda: None)
        self.set_to: list[int] = []

    def set_clock(self, time_ms: int) -> None:
        self.set_to.append(time_ms)


class FakeNode(Node):
    """A node of which only what its application asks for is there; what is submitted waits until `decide` makes a block of it."""

    lab: FakeLab
    """None where the node is of no lab."""
    log: MemoryLog

    def __init__(
        self, chain: DecidedChain | None = None, limits: Limits = LIMITS, *, is_lab: bool = True, reads: Reads = "open"
    ) -> None:
        self.decided = chain or DecidedChain()
        self.member = self.decided.chain.validators.validators[0].member
        self.ledger = self.decided.chain.ledger
        self.installed = with_system_contracts(self.decided.chain.contracts)
        self.limits = limits
        self.reads = reads
        self.tokens = TokenJudge(audience_of(self.ledger, self.member), self.now_ms() // 1000 * 1000)
        self.published = Signal()
        self.log = MemoryLog()
        self.lab = FakeLab() if is_lab else None  # type: ignore[assignment]
        self.pending: dict[Digest, Transaction] = {}
        self.pending_max = 100
        self.received: list[tuple[str, NodeMessage]] = []
        self.reason: str | None = None
        self.replica = SimpleNamespace(is_pending=self.pending.__contains__)  # type: ignore[assignment]
        self.store = SimpleNamespace(steady=nullcontext)  # type: ignore[assignment]
        self.watch = NodeWatch(self.member, self.replica, self.installed, Path("none"))
        self.watch.not_ready = lambda: self.reason  # type: ignore[method-assign]
        suite, nonce = SUITES["ed25519-sha256"], map("{:032x}".format, count(1)).__next__
        self.inbox = BatchReceiver(
            ledger=self.ledger, receiver=self.member, key_of=self.key_of, nonce=nonce, suite=suite, limits=limits
        )
        key = self.decided.keys[self.member]
        self.settings = SimpleNamespace(key=key)  # type: ignore[assignment]
        desk = Desk(self, DocumentStore(None))
        self.documents = Exchange(desk, key=key, suite=suite, addresses={}, tls=None)
        self.app = create_app(self, self.documents)
        self.http = Http(self.app)

    @property
    def contracts(self) -> ContractSet:
        return self.installed

    @contextmanager
    def snapshot(self) -> Iterator[ChainView]:
        yield self.decided.view

    def now_ms(self) -> int:
        return self.decided.chain.head_time_ms + 5

    def verify_admissible(self, transaction: Transaction) -> None:
        if len(self.pending) >= self.pending_max:
            raise BusyError("too-many-pending", "The mempool is full.", retry_after_s=2)
        self.decided.chain.verify_admissible(transaction, self.decided.chain.head_time_ms + 1, verified=False)

    def submit(self, transactions: tuple[Transaction, ...]) -> None:
        self.pending |= {t.id: t for t in transactions}

    def key_of(self, member: str) -> PublicKey | None:
        return node_key(read_member(self.decided.view.state, member), self.now_ms())

    def receive(self, sender: str, messages: Sequence[NodeMessage]) -> None:
        self.received += [(sender, message) for message in messages]

    def consensus_json(self) -> dict[str, JsonValue]:
        return {"height": self.decided.chain.height + 1, "view": 1}

    def decide(self) -> None:
        """A block of all that is pending."""
        self.decided.decide(*self.pending.values())
        self.pending.clear()
        self.published.set(self.decided.chain.height)

    def commit(self, signer: str, contract: str, operation: str, **arguments: JsonValue) -> Transaction:
        """A block of this transaction, which takes effect."""
        transaction = self.decided.sign(signer, contract, operation, None, **arguments)
        self.submit((transaction,))
        self.decide()
        assert self.decided.receipts()[-1]["code"] == "ok"
        return transaction

    def issue(self, *numbers: str, member: str = ALICE) -> list[Transaction]:
        """A block of assets that a member issues to itself."""
        issued = [self.decided.sign(member, "asset", "issue", number=number, to=member) for number in numbers]
        self.submit(tuple(issued))
        self.decide()
        return issued

    def token(self, member: str, **claims: Any) -> dict[str, str]:
        """The header of a member's fresh token."""
        wanted = {"audience": self.tokens.audience, "now_ms": self.now_ms(), "number": secrets.token_hex(16), **claims}
        return {"authorization": f"Bearer {sign_token(self.decided.keys[member], member, **wanted)}"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]

    @property
    def code(self) -> str:
        """The code of a problem, whose other members are as they must be."""
        assert self.headers["content-type"] == "application/problem+json"
        problem = self.json
        assert problem["status"] == self.status
        assert problem["type"].endswith(problem["code"])
        assert problem["detail"]
        return str(problem["code"])


def asked(url: str, method: str = "GET", body: bytes = b"", headers: Headers = None) -> Answer:
    """What a running node answers, on a connection of its own."""
    place = urlsplit(url).netloc
    with closing(HTTPConnection(place, timeout=SECONDS_MAX)) as connection:
        connection.request(method, url.partition(place)[2], body or None, headers or {})
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, response.read())


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of the next answer on a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(size)


@asynccontextmanager
async def serving(app: ASGIApp, tls: SSLContext | None = None, door: Door | None = None) -> AsyncIterator[int]:
    """The application on a port of the loopback; the server has ended at the end."""
    server = HttpServer(server_config(app, tls, door))
    with closing(bind("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve([listener]))
        await server.is_up.wait()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, SECONDS_MAX)


def server_of(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> TestServer:
    """In the place of a node: answers every request in this way."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    return TestServer(application)


class Http:
    """Calls an ASGI application; members of the query go by name, `from_` for `from`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def get(self, path: str, headers: Headers = None, /, **query: object) -> Answer:
        return await self.request("GET", path, b"", headers, **query)

    async def post(self, path: str, body: bytes, headers: Headers = None, /, **query: object) -> Answer:
        return await self.request("POST", path, body, headers, **query)

    async def request(self, method: str, path: str, body: bytes = b"", headers: Headers = None, /, **query: object) -> Answer:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(_scope(method, path, headers, query), receiver(body), send)
        start = sent[0]
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], names, b"".join(m.get("body", b"") for m in sent[1:]))

    @asynccontextmanager
    async def stream(self, path: str, headers: Headers = None, /, **query: object) -> AsyncIterator[NextMessage]:
        """The messages that the application sends, one by one; the caller goes away at the end."""
        sent: asyncio.Queue[Message] = asyncio.Queue()
        task = asyncio.create_task(self.call(path, sent.put, headers, **query))
        try:
            yield sent.get
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def call(self, path: str, send: Send, headers: Headers = None, /, **query: object) -> None:
        """A GET whose messages go to `send`."""
        await self.app(_scope("GET", path, headers, query), receiver(b""), send)


def _scope(method: str, path: str, headers: Headers, query: dict[str, object]) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode({name.rstrip("_"): value for name, value in query.items()}).encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "scheme": "http",
        "server": ("127.0.0.1", 1),
        "client": ("127.0.0.1", 2),
        "root_path": "",
    }


def receiver(body: bytes) -> Callable[[], Awaitable[Message]]:
    """Gives the body in two parts, and then nothing until the end of days."""
    parts = [body[len(body) // 2 :], body[: len(body) // 2]]

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

    return receive
