"""`POST /node/session` and `POST /node/batch` on the bare ASGI interface: what other nodes send needs no framework."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from starlette.types import Receive, Scope, Send

from ledger.errors import BusyError, InputError, MalformedError, NotFoundError, TooLargeError, VerificationError
from nodes.app.problems import error_response
from nodes.node.node import Node

PREFIX = "/node/"
CONNECTION = "tallystick.connection"
"""Where the state of a scope holds its connection."""
SESSION_BYTES_MAX = 1_000
PeerRoute: TypeAlias = Callable[[bytes, str, str | None], bytes]
"""Body, signature and TLS peer of a request between nodes to the body of the answer."""


class Connection(Protocol):
    """The connection over which a request came, as the server knows it."""

    @property
    def is_link(self) -> bool:
        """Whether its other end is a node of the ledger."""

    def prove(self) -> None:
        """It is."""


def connection_of(scope: Scope) -> Connection | None:
    """None where no server counts connections."""
    connection: Connection | None = scope.get("state", {}).get(CONNECTION)
    return connection


class NodeRoutes:
    """The routes between nodes, as an ASGI application."""

    def __init__(self, node: Node, more: Mapping[str, tuple[int, PeerRoute]]) -> None:
        """`more`: by path how many bytes a request has at most, and what answers it."""
        self._node, self._more = node, more
        self.paths = {"/node/session", "/node/batch", *more}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; an error of the tree becomes a problem."""
        try:
            status, body = await self._answer(scope, receive)
        except (InputError, BusyError, VerificationError) as error:
            await error_response(error)(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        inbox, peer = self._node.inbox, tls_peer(scope)
        match scope["method"], scope["path"]:
            case "POST", "/node/session":
                return 200, inbox.open_session(await _read(receive, SESSION_BYTES_MAX), peer)
            case "POST", "/node/batch":
                body = await _read(receive, inbox.limits.batch_bytes_max)
                sender, messages = inbox.accept(body, _signature(dict(scope["headers"])), peer)
                connection = connection_of(scope)
                if connection is not None:
                    connection.prove()
                self._node.receive(sender, messages)
                return 200, b"{}"
            case "POST", path if path in self._more:
                bytes_max, answer = self._more[path]
                return 200, answer(await _read(receive, bytes_max), _signature(dict(scope["headers"])), peer)
        raise NotFoundError("no-such-path", "Nodes POST to /node/session, /node/batch and /node/document.")


def tls_peer(scope: Scope) -> str | None:
    """The member whose node is at the other end by its TLS certificate, empty for none; None without TLS."""
    member: str | None = scope.get("extensions", {}).get("tls", {}).get("member")
    return member


def _signature(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"x-signature", b"").decode("latin-1")


async def _read(receive: Receive, bytes_max: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedError("cut-off", "The sender went away before the end of its request.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > bytes_max:  # check: node-request-size
            raise TooLargeError("batch-too-large", f"A request between nodes has at most {bytes_max} bytes here.")
        if not message.get("more_body", False):
            return b"".join(parts)
