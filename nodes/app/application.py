"""The HTTP application of a node, and what happens around every request: it waits for its turn, gets an id, is timed and counted.

The event loop does in one pass whatever came, so a hundred requests that come together would hold up a vote by all their work.
Therefore only a few requests of readers begin in each pass, in the order in which they came; what nodes send does not wait, and
goes past FastAPI: `POST /node/session`, `POST /node/batch` and what is added to them.

The id is the caller's own `X-Request-Id` if it is one, else made here; the answer carries it, and so does the line on
standard error, which names the declared route and never the query, a header or a body.
"""

import asyncio
import logging
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from fastapi import APIRouter, Depends, FastAPI
from starlette.types import Message, Receive, Scope, Send

from ledger.errors import MalformedError, NotFoundError, TallystickError, TooLargeError
from nodes.app import (
    access,
    blocks,
    counts,
    docs,
    lab_routes,
    state_routes,
    status,
    streams,
    transaction_query,
    transactions,
    who,
)
from nodes.app.dependencies import guard
from nodes.app.direct import DirectRoutes
from nodes.http.answers import CODE, ERROR_HANDLERS, error_response
from nodes.http.connections import BATCH, PREFIX, Fields, connection_of
from nodes.node.node import Node

DESCRIPTION = """One node of a ledger. Answers are canonical JSON; errors are problem details (RFC 9457) with a stable `code`.
Lists page by cursor: give `next` of one answer as `after` of the next request; on `Accept: text/csv` they come as a table, the
next page in `Link`. `?proof=true` adds the proof that leads from the value to the genesis."""
EACH = 2
"""Requests of readers that begin in one pass: a page takes some milliseconds, most take less than one."""
OFTEN = (transactions.post_transactions, transactions.get_transaction, state_routes.get_value, status.get_node)
"""Routes that have a short way: a program sends and reads all day, and asks a node how far it is."""
REQUEST_ID = b"x-request-id"
GIVEN_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
OTHER = "other"
BUSY = (429, 503)
SESSION_BYTES_MAX = 1_000
PeerRoute: TypeAlias = Callable[[bytes, str, str | None], bytes]
"""Body, signature and TLS peer of a request between nodes to the body of the answer; the peer is the member whose node is at the
other end by its certificate, empty for none, and None without TLS."""


class NodeApp:
    """The ASGI application of one node; uvicorn serves it."""

    def __init__(self, node: Node, more: Sequence[APIRouter], more_between_nodes: Mapping[str, tuple[int, PeerRoute]]) -> None:
        """Serves the node's own routes and these; between nodes by path: the most bytes of a request, and what answers it."""
        self._node = node
        routers = _routers(more)
        self.web = _create_web(node, routers)
        self._direct = DirectRoutes(self.web, node, routers, OFTEN)
        self._turns = Turns()
        self._between_nodes: dict[str, tuple[int, PeerRoute]] = {
            f"{PREFIX}session": (SESSION_BYTES_MAX, lambda body, _, peer: node.inbox.open_session(body, peer)),
            BATCH: (node.limits.batch_bytes_max, self._take_batch),
            **more_between_nodes,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request; what the application raises is passed on."""
        started, status = time.monotonic(), 0
        request_id = _request_id(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (REQUEST_ID, request_id)]}
            await send(message)

        try:
            connection = connection_of(scope)
            if connection is None or not connection.is_link:
                await self._turns.take()
            await (self._answer_node if scope["path"].startswith(PREFIX) else self._direct)(scope, receive, noting)
        finally:
            self._note(scope, status, time.monotonic() - started, request_id.decode())

    async def _answer_node(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request of another node; an error of the tree becomes a problem."""
        try:
            if scope["method"] != "POST" or scope["path"] not in self._between_nodes:
                raise NotFoundError("no-such-path", f"Nodes POST to {', '.join(self._between_nodes)}.")
            bytes_max, route = self._between_nodes[scope["path"]]
            peer: str | None = scope.get("extensions", {}).get("tls", {}).get("member")
            body = route(await _read(receive, bytes_max), _signature(scope), peer)
        except TallystickError as error:
            await error_response(error)(scope, receive, send)
            return
        if scope["path"] == BATCH and (connection := connection_of(scope)) is not None:
            connection.prove()
        await send({"type": "http.response.start", "status": 200, "headers": _fields(body)})
        await send({"type": "http.response.body", "body": body})

    def answer_batch(self, fields: Fields, body: bytes, peer: str | None) -> tuple[int, Fields, bytes]:
        """What a call answers to a batch, for one that came whole over a link."""
        scope: Scope = {"method": "POST", "path": BATCH, "headers": fields}
        started, request_id = time.monotonic(), _request_id(scope)
        try:
            _verify_size(len(body), self._node.limits.batch_bytes_max)
            answer = self._take_batch(body, _signature(scope), peer)
            status, answer_fields = 200, _fields(answer)
        except TallystickError as error:
            response = error_response(error)
            status, answer_fields, answer = response.status_code, response.raw_headers, bytes(response.body)
            scope[CODE] = error.code
        self._note(scope, status, time.monotonic() - started, request_id.decode())
        return status, [*answer_fields, (REQUEST_ID, request_id)], answer

    def _take_batch(self, body: bytes, signature: str, peer: str | None) -> bytes:
        self._node.receive(*self._node.inbox.accept(body, signature, peer))
        return b"{}"

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route, code = self._route(scope), scope.get(CODE)
        watch = self._node.watch
        watch.request(scope["method"], route, status, seconds)
        if code is not None:
            watch.refused(code)
        watch.tell(
            _level(status),
            "request",
            {
                "request": request_id,
                "method": scope["method"],
                "route": route,
                "status": status,
                "code": code,
                "ms": round(seconds * 1_000),
            },
        )

    def _route(self, scope: Scope) -> str:
        path = getattr(scope.get("route"), "path", None) or scope["path"]
        return path if "route" in scope or path in self._between_nodes else OTHER


class Turns:
    """The turns of one node's readers."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = EACH
        self._is_turning = False

    async def take(self) -> None:
        """Returns when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        if not self._is_turning:
            self._is_turning = True
            loop.call_soon(self._turn, loop)
        if self._left:
            self._left -= 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_turning = self._left < EACH
        self._left = EACH
        while self._waiting and self._left:
            turn = self._waiting.popleft()
            if not turn.done():  # else its caller went away
                turn.set_result(None)
                self._left -= 1
        if self._is_turning:
            loop.call_soon(self._turn, loop)


def _routers(more: Sequence[APIRouter]) -> list[APIRouter]:
    """All routes, in the order in which they are looked through."""
    own = (transactions, transaction_query, blocks, state_routes, who, streams, counts, access), (status, lab_routes, docs)
    first, last = ([module.router for module in modules] for modules in own)
    return [*first, *more, *last, lab_routes.passing, state_routes.records, counts.records]


def _create_web(node: Node, routers: Sequence[APIRouter]) -> FastAPI:
    """The part for people and programs."""
    web = FastAPI(
        title="Tallystick",
        description=DESCRIPTION,
        version="1",
        openapi_url=None,
        dependencies=[Depends(guard)],
        exception_handlers=ERROR_HANDLERS,
    )
    web.state.node = node
    web.state.streams = 0
    for router in routers:
        web.include_router(router)
    return web


async def _read(receive: Receive, bytes_max: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedError("cut-off", "The sender went away before the end of its request.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        _verify_size(size, bytes_max)
        if not message.get("more_body", False):
            return b"".join(parts)


def _verify_size(size: int, bytes_max: int) -> None:
    if size > bytes_max:  # check: node-request-size
        raise TooLargeError("batch-too-large", f"A request between nodes has at most {bytes_max} bytes here.")


def _signature(scope: Scope) -> str:
    return str(dict(scope["headers"]).get(b"x-signature", b"").decode("latin-1"))


def _fields(body: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]


def _request_id(scope: Scope) -> bytes:
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8).encode()


def _level(status: int) -> int:
    if status >= 500 and status not in BUSY:
        return logging.ERROR
    return logging.INFO if status in BUSY else logging.DEBUG
