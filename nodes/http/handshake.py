"""TLS handshakes of one server within limits: what came over a connection before it is known who is there.

So many handshakes may be under way, each for so long. Beyond it the oldest of the address that has most of them gives way:
whoever opens connections and says nothing drives out its own. A connection comes to the door when its handshake is done.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from typing import Any

from nodes.http.door import Door


class Handshakes:
    """All that are under way. Called, it makes the protocol of a new connection; uvicorn takes it for a class."""

    def __init__(self, guest: Callable[..., asyncio.Protocol], context: ssl.SSLContext, door: Door) -> None:
        self.context, self.door = context, door
        self._guest = guest
        self._under_way: dict[_Handshake, str] = {}

    def __call__(self, **options: Any) -> asyncio.Protocol:
        """A connection before its handshake; `options` are uvicorn's for the protocol that follows."""
        return _Handshake(self, self._guest(**options))

    def begin(self, handshake: "_Handshake", address: str) -> None:
        """Another one; beyond the limit one gives way."""
        self._under_way[handshake] = address
        if len(self._under_way) > self.door.limits.handshakes_max:  # check: handshake-count
            ((crowded, _),) = Counter(self._under_way.values()).most_common(1)
            oldest = next(other for other, place in self._under_way.items() if place == crowded)
            del self._under_way[oldest]
            self.door.on_refusal("too-many-handshakes")
            oldest.abort()

    def end(self, handshake: "_Handshake") -> None:
        """It is done, or came to nothing."""
        self._under_way.pop(handshake, None)

    def abort(self) -> None:
        """The server ends."""
        for handshake in [*self._under_way]:
            handshake.abort()


class _Handshake(asyncio.Protocol):
    """One connection until its handshake is done; what the other end says right behind it is handed on."""

    _transport: asyncio.Transport
    _task: asyncio.Task[None]
    _is_lost = False

    def __init__(self, all_: Handshakes, guest: asyncio.Protocol) -> None:
        self._all, self._guest = all_, guest
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins it, before anything is read."""
        self._transport = transport
        address = transport.get_extra_info("peername")
        self._all.begin(self, address[0] if address else "")
        self._task = asyncio.get_running_loop().create_task(self._run())

    def data_received(self, data: bytes) -> None:
        """The first bytes of HTTP may come before `start_tls` returns."""
        self._early.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """So may the end."""
        self._is_lost = True

    def abort(self) -> None:
        """Ends the connection."""
        self._transport.abort()

    async def _run(self) -> None:
        loop, seconds = asyncio.get_running_loop(), self._all.door.limits.handshake_timeout_s
        try:
            secure = await loop.start_tls(
                self._transport, self, self._all.context, server_side=True, ssl_handshake_timeout=seconds
            )  # fmt: skip
        except OSError:  # of TLS, time, or an end that went away; asyncio has closed the connection
            self._transport.abort()
            return
        finally:
            self._all.end(self)
        if secure is None or self._is_lost:
            return
        secure.set_protocol(self._guest)
        self._guest.connection_made(secure)
        for data in self._early:
            self._guest.data_received(data)
