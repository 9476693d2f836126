"""The short way of the routes that are asked often answers as FastAPI does, by which the same requests are judged here."""

import random
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.types import Message, Scope

from nodes.access.levels import Reads
from nodes.app.application import OFTEN
from tests.http_support import FakeNode, receiver
from tests.support import ALICE

REQUESTS = 600
SEED = 15
QUERIES = (
    "wait=0", "wait=00", "wait=-1", "wait=11", "wait=1.5", "wait=%30", "wait=+0", "wait=", "wait", "wait=9999999999999999999",
    "proof=true", "proof=1", "proof=off", "proof=TRUE", "proof=maybe", "proof=", "%70roof=true", "proof=true;x",
    "trust_from=0", "trust_from=1", "trust_from=007", "trust_from=-1", "trust_from=9007199254740992", "trust_from=x",
    "other=1", "self=1", "request=1", "node=1", "contract=x", "key=x", "=", "&", "a",
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {"accept-language": "zh-CN,zh;q=0.9"},
    {"accept-language": "en"},
    {"accept-language": "de, zh"},
    {"if-none-match": "*"},
    {"if-none-match": 'W/"x"'},
    {"authorization": "Bearer nothing"},
    {"authorization": "Basic eA=="},
    {"content-type": "text/plain"},
    {"content-type": "application/json"},
)
METHODS = ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "GET", "POST", "get")


@dataclass(frozen=True)
class Asked:
    """One request; its query is spelled as it is here."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Ways:
    """The same node twice, once with the short way and once without."""

    def __init__(self, reads: Reads = "open") -> None:
        self.nodes = FakeNode(reads=reads), FakeNode(reads=reads)
        self.nodes[1].app._direct = self.nodes[1].app.web  # type: ignore[assignment]
        self.ids: list[str] = []
        self.fresh: list[bytes] = []
        for node in self.nodes:
            issued = [*node.issue("A-1", "A-2"), *node.issue("A-1")]
            pending = node.decided.issue("B")
            node.submit((pending,))
            self.ids = [t.id for t in (*issued, pending)]
            self.fresh = [node.decided.issue(f"C-{i}").raw for i in range(200)]
            self.fresh += [node.decided.issue("old", expires_ms=1).raw]

    async def answers(self, asked: Asked) -> list[tuple[Any, ...]]:
        """What both answer."""
        return [await _answer(node, asked) for node in self.nodes]

    def any(self, source: random.Random) -> Asked:
        """A request that may or may not make sense."""
        query = "&".join(source.choices(QUERIES, k=source.choice((0, 0, 1, 1, 2))))
        headers: dict[str, str] = {"x-request-id": "r"}
        for more in source.choices(HEADERS, k=source.choice((0, 0, 1, 2))):
            headers |= more
        if source.random() < 0.3:
            token = self.nodes[0].token(ALICE, number=f"{source.getrandbits(128):032x}")
            headers |= token
        if source.random() < 0.3:
            return Asked("POST", "/v1/transactions", query, headers, self._body(source))
        path = source.choice((self._transaction, self._state, self._other))(source)
        return Asked("GET" if source.random() < 0.8 else source.choice(METHODS), path, query, headers)

    def _transaction(self, source: random.Random) -> str:
        others = "0" * 64, "0" * 63, "F" * 64, "", "é", f"{self.ids[0]}/", "\n"
        return f"/v1/transactions/{source.choice((*self.ids, *self.ids, *others))}"

    def _state(self, source: random.Random) -> str:
        keys = ("A-1", "A-1", "A/2", "A-3", "A-1/history", "", "/", "no", "n" * 257, "\u4e2d", "A-1\n", "A-1/")
        contract, collection = source.choice(("asset", "asset", "asset", "no", "A B")), source.choice(("assets", "assets", "x"))
        return f"/v1/state/{contract}/{collection}/{source.choice(keys)}"

    def _other(self, source: random.Random) -> str:
        return source.choice(
            ("/v1/node", "/v1/node", "/v1/node/", "/v1/nodes", "/v1/transactions", "/v1/state", "/healthz", "/v1/blocks")
        )

    def _body(self, source: random.Random) -> bytes:
        envelope, other = source.choice(self.fresh), source.choice(self.fresh)
        junk = source.choice(
            (b"", b"{}", b"[]", b"[", b"null", b'{"a":1.5}', b"\xff", envelope + b" ", b"x" * 200_001, envelope[:-1])
        )
        return source.choice((envelope, envelope, b"[%b]" % envelope, b"[%b,%b]" % (envelope, other), b"[%b,{}]" % other, junk))


async def _answer(node: FakeNode, asked: Asked) -> tuple[Any, ...]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "path": asked.path,
        "raw_path": quote(asked.path).encode(), "query_string": asked.query.encode(), "headers": headers, "root_path": "",
        "scheme": "http", "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2),
    }  # fmt: skip
    fault = ""
    try:
        await node.app(scope, receiver(asked.body), send)
    except RuntimeError as error:
        fault = str(error)
    start, *rest = sent
    return (
        start["status"],
        sorted(start["headers"]),
        b"".join(part.get("body", b"") for part in rest),
        fault,
        sorted(node.pending),
    )


def _figures(node: FakeNode) -> list[str]:
    """Requests by route and status, and refusals by code."""
    lines = node.watch.metrics().decode().splitlines()
    return [line for line in lines if line.startswith(("tallystick_http_request_seconds_count", "tallystick_refusals_total"))]


@pytest.mark.parametrize("reads", ["open", "members"])
async def test_any_request_is_answered_as_by_fastapi(reads: Reads) -> None:
    ways, source = Ways(reads), random.Random(SEED)
    seen: set[tuple[str, int]] = set()
    for _ in range(REQUESTS):
        asked = ways.any(source)
        directly, by_fastapi = await ways.answers(asked)
        assert directly == by_fastapi, f"{asked} (seed {SEED})"
        seen.add((asked.method, directly[0]))
    assert _figures(ways.nodes[0]) == _figures(ways.nodes[1])
    assert {("GET", s) for s in (200, 304, 400, 401, 404, 422)} - seen <= ({("GET", 401)} if reads == "open" else set())
    assert {("POST", s) for s in (200, 202, 400, 413, 422)} <= seen


async def test_a_mistake_of_the_node_is_answered_and_raised_on_both_ways() -> None:
    ways = Ways()
    with patch.object(FakeNode, "snapshot", side_effect=RuntimeError("a mistake")):
        directly, by_fastapi = await ways.answers(Asked("GET", "/v1/node", headers={"x-request-id": "r"}))
    assert directly == by_fastapi
    assert (directly[0], directly[3]) == (500, "a mistake")


async def test_plain_requests_take_the_short_way() -> None:
    ways = Ways()
    node = ways.nodes[0]
    plain = (
        Asked("POST", "/v1/transactions", body=ways.fresh[0]),
        Asked("POST", "/v1/transactions", "wait=0", body=b"[%b]" % ways.fresh[1]),
        Asked("GET", f"/v1/transactions/{ways.ids[0]}", "wait=1&proof=true&trust_from=0"),
        Asked("GET", "/v1/state/asset/assets/A-1", "proof=true"),
        Asked("GET", "/v1/node"),
    )
    with patch.object(FastAPI, "__call__", side_effect=AssertionError("the long way")):
        for asked in plain:
            assert (await _answer(node, asked))[0] in (200, 202)
    assert len(OFTEN) == len({(asked.method, asked.path.split("/")[2], asked.path.count("/") > 2) for asked in plain})
