"""The HTTP application of a node, and what happens around every request: it waits for its turn, gets an id, is timed and counted.

The event loop does in one pass whatever came, so a hundred requests that come together would hold up a vote by all their work.
Therefore only a few requests of readers begin in each pass, in the order in which they came; what nodes send does not wait.

The id is the caller's own `X-Request-Id` if it is one, else made here; the answer carries it, and so does the line on
standard error, which names the declared route and never the query, a header or a body.
"""

import asyncio
import logging
import re
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Depends, FastAPI
from starlette.types import Message, Receive, Scope, Send

from nodes.app import (
    access,
    blocks,
    docs,
    lab_routes,
    state,
    state_query,
    status,
    streams,
    transaction_query,
    transactions,
    who,
)
from nodes.app.access_control import guard
from nodes.app.answers import refuse_unknown_parameters
from nodes.app.node_routes import PREFIX, NodeRoutes, PeerRoute, connection_of
from nodes.app.problems import CODE, install_problems
from nodes.node.node import Node

DESCRIPTION = """One node of a ledger. Answers are canonical JSON; errors are problem details (RFC 9457) with a stable `code`.
Lists page by cursor: give `next` of one answer as `after` of the next request. `?proof=true` adds the proof that leads
from the value to the genesis."""
EACH = 2
"""Requests of readers that begin in one pass: a page takes some milliseconds, most take less than one."""
REQUEST_ID = b"x-request-id"
GIVEN_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
OTHER = "other"
BUSY = (429, 503)


class NodeApp:
    """The ASGI application of one node; uvicorn serves it."""

    def __init__(self, node: Node, more: Sequence[APIRouter], more_between_nodes: Mapping[str, tuple[int, PeerRoute]]) -> None:
        """Serves the node's own routes and these."""
        self._node = node
        self.web, self._between_nodes = _create_web(node, more), NodeRoutes(node, more_between_nodes)
        self._turns = Turns()

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
            is_between_nodes = scope["type"] == "http" and scope["path"].startswith(PREFIX)
            await (self._between_nodes if is_between_nodes else self.web)(scope, receive, noting)
        finally:
            self._note(scope, status, time.monotonic() - started, request_id.decode())

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
        return path if "route" in scope or path in self._between_nodes.paths else OTHER


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


def _create_web(node: Node, more: Sequence[APIRouter]) -> FastAPI:
    """The part for people and programs."""
    guarded = [Depends(guard)]
    web = FastAPI(title="Tallystick", description=DESCRIPTION, version="1", openapi_url=None, dependencies=guarded)
    web.state.node = node
    web.state.streams = 0
    install_problems(web)
    strict = [Depends(refuse_unknown_parameters)]
    first, last = (transactions, transaction_query, blocks, state, who, streams, access), (status, lab_routes, docs)
    for router in (*(module.router for module in first), *more, *(module.router for module in last)):
        web.include_router(router, dependencies=[] if router in more else strict)
    web.include_router(lab_routes.passing)
    web.include_router(state_query.router)
    return web


def _request_id(scope: Scope) -> bytes:
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8).encode()


def _level(status: int) -> int:
    if status >= 500 and status not in BUSY:
        return logging.ERROR
    return logging.INFO if status in BUSY else logging.DEBUG
