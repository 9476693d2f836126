"""The HTTP server of a node: uvicorn with httptools in the node's own event loop, on a port that is taken at once."""

import asyncio
import socket
import ssl
from contextlib import AbstractContextManager, nullcontext

import uvicorn
from starlette.types import ASGIApp

from nodes.http.addresses import BACKLOG
from nodes.http.connections import Door, Handshakes, guarded
from nodes.limits import Limits

SHUTDOWN_SECONDS_MAX = 2


class HttpServer(uvicorn.Server):
    """Leaves signals to the process and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Takes no signal."""
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Opens the listeners."""
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Waits for answers, and for no handshake."""
        protocol: object = self.config.http
        if isinstance(protocol, Handshakes):
            protocol.abort()
        await super().shutdown(sockets)


def server_config(application: ASGIApp, tls: ssl.SSLContext | None = None, door: Door | None = None) -> uvicorn.Config:
    """How uvicorn serves a node, within the limits of a door; with a context, only over TLS."""
    door = door or Door(Limits())
    return uvicorn.Config(
        application,
        http=guarded(door) if tls is None else Handshakes(door, tls),  # type: ignore[arg-type]
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=door.limits.idle_timeout_s,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
    )
