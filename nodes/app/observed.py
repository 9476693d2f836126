"""Around the whole application: every request gets an id, is timed and counted, and is told of where it matters.

The id is the caller's own `X-Request-Id` if it is one, else made here; the answer carries it, and so does the line on
standard error, which names the declared route and never the query, a header or a body.
"""

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nodes.app.problems import CODE
from nodes.event_lines import tell
from nodes.node.node import Node

REQUEST_ID = b"x-request-id"
GIVEN_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
OTHER = "other"
BETWEEN_NODES = frozenset({"/node/session", "/node/batch", "/node/document"})
BUSY = (429, 503)


class Observed:
    """An ASGI application that looks on while another one answers."""

    def __init__(self, app: ASGIApp, node: Node) -> None:
        self._app = app
        self._node = node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; what the application raises is passed on as well."""
        started, status = time.monotonic(), 0
        request_id = _request_id(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (REQUEST_ID, request_id)]}
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            self._note(scope, status, time.monotonic() - started, request_id.decode())

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route, code = _route(scope), scope.get(CODE)
        metrics = self._node.metrics
        metrics.request(scope["method"], route, status, seconds)
        if code is not None:
            metrics.refused(code)
        tell(
            _level(status),
            "request",
            {
                "node": self._node.member,
                "request": request_id,
                "method": scope["method"],
                "route": route,
                "status": status,
                "code": code,
                "ms": round(seconds * 1_000),
            },
        )


def _request_id(scope: Scope) -> bytes:
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8).encode()


def _route(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None) or scope["path"]
    return path if "route" in scope or path in BETWEEN_NODES else OTHER


def _level(status: int) -> int:
    if status >= 500 and status not in BUSY:
        return logging.ERROR
    return logging.INFO if status in BUSY else logging.DEBUG
