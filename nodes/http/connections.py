"""What one HTTP connection may cost a node, and who gives way when there are too many. uvicorn bounds neither.

A head has a size, a number of fields and a time; so have body and answer. What passes one of them is answered with a problem
where that is still possible, and the connection ends. Readers have a number of places, each address a share of them. Beyond it a
connection comes into a small reserve, in which only requests between nodes are answered, so that readers cannot shut other nodes
out; there the oldest gives way to the newest. A connection over which a signed batch came, or at whose other end TLS shows a
node, is a link: it takes no place of readers and never ends for the sake of others. Over TLS a connection begins when its
handshake is done; the handshakes under way have a number too.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Any, Literal, TypeAlias

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ledger.errors import BusyError, MalformedError, TallystickError, TooLargeError
from nodes.http.addresses import Hosts
from nodes.http.answers import error_response
from nodes.limits import Limits

PREFIX = "/node/"
"""Of the paths of requests between nodes."""
BATCH = f"{PREFIX}batch"
CONNECTION = "tallystick.connection"
"""Where the state of a scope holds its connection."""
LINKS_MAX = 256
"""Links that take no place; one node needs one."""
LINGER_S = 1
"""How long the last bytes of a connection that ends may take to leave."""
BODY_FACTOR = 2
"""A body this many times as large as the largest that is taken is not even read; of smaller ones the application judges."""
PROGRESS_BYTES = 64_000
"""What an answer must move in `write_timeout_s`."""
SLICE_BYTES = 16_384
"""How much is read before its limits are judged, so that a caller who passes them is still answered."""
FRAMING_BYTES = 32
"""What the first line of a request, or a chunk's own line, may take beside what the parser hands on."""
Phase = Literal["idle", "head", "body"]
Fields: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Header fields, names in lower case."""
BatchRoute: TypeAlias = Callable[[Fields, bytes, str | None], tuple[int, Fields, bytes]]
"""Fields, body and TLS peer of a batch to status, fields and body of the answer."""


class Door:
    """All connections of one node's server."""

    def __init__(self, limits: Limits, on_refusal: Callable[[str], None] = lambda code: None, hosts: Iterable[str] = ()) -> None:
        """`on_refusal` gets the code of each refusal."""
        self.limits, self.on_refusal, self.hosts = limits, on_refusal, Hosts(hosts)
        self.readers: dict[GuardedConnection, str] = {}
        """With the address of each."""
        self.reserve: dict[GuardedConnection, None] = {}
        self.links: set[GuardedConnection] = set()
        self.stalled: dict[GuardedConnection, None] = {}
        """Those that do not take their answers in."""
        self.held: dict[GuardedConnection, int] = {}
        """Bytes of bodies that are kept for requests under way."""
        self.take_batch: BatchRoute | None = None
        """Answers batches that come over links, at once; None: the application does, each in a task."""

    def counts(self) -> dict[str, Callable[[], float]]:
        """Connections by what they are."""
        kinds: dict[str, Sized] = {"readers": self.readers, "reserve": self.reserve, "links": self.links, "stalled": self.stalled}
        return {name: kind.__len__ for name, kind in kinds.items()}

    def enter(self, connection: "GuardedConnection", address: str) -> None:
        """A connection was made: gives it a place of readers, or one of the reserve."""
        limits, share = self.limits, sum(other == address for other in self.readers.values())
        if len(self.readers) < limits.connections_max and share < limits.connections_per_address_max:
            self.readers[connection] = address
            return
        if len(self.reserve) >= limits.connections_reserved:  # check: reserve-places
            self._end_oldest(self.reserve, self._full())
        self.reserve[connection] = None

    def leave(self, connection: "GuardedConnection") -> None:
        """The connection is gone."""
        self.links.discard(connection)
        for kind in (self.readers, self.reserve, self.stalled, self.held):
            kind.pop(connection, None)

    def prove(self, connection: "GuardedConnection") -> None:
        """Its other end is a node of the ledger."""
        if connection not in self.links and len(self.links) < LINKS_MAX:
            self.readers.pop(connection, None)
            self.reserve.pop(connection, None)
            self.links.add(connection)

    def verify_may_ask(self, connection: "GuardedConnection", url: bytes) -> None:
        """Raises BusyError `too-many-connections` for a reader in the reserve."""
        if connection in self.reserve and not url.startswith(PREFIX.encode()):  # check: connection-count
            raise self._full()

    def hold(self, connection: "GuardedConnection", size: int) -> None:
        """More bytes of its request's body are kept; beyond the limit of all, the largest upload ends."""
        if connection in self.links:
            return
        self.held[connection] = self.held.get(connection, 0) + size
        if sum(self.held.values()) > self.limits.bodies_bytes_max:  # check: bodies-bytes
            uploading = [other for other in self.held if other.phase == "body"] or [connection]
            largest = max(uploading, key=lambda other: self.held[other])
            del self.held[largest]
            largest.refuse(BusyError("too-many-bytes", "This node takes in too much at once. Try again.", status=503))

    def stalls(self, connection: "GuardedConnection") -> None:
        """It does not take its answer in; the one that has not for longest gives way where too many do not."""
        self.stalled[connection] = None
        if len(self.stalled) > self.limits.slow_readers_max:  # check: slow-readers
            self._end_oldest(self.stalled, _too_slow())

    def _end_oldest(self, connections: "dict[GuardedConnection, None]", error: TallystickError) -> None:
        oldest = next(iter(connections))
        del connections[oldest]
        oldest.refuse(error)

    def _full(self) -> BusyError:
        places, share = self.limits.connections_max, self.limits.connections_per_address_max
        return BusyError("too-many-connections", f"This node holds {places} connections, {share} of one address.", status=503)


class GuardedConnection(HttpToolsProtocol):
    """Tells its door what happens and ends when the door or a clock says so."""

    door: Door
    phase: Phase = "head"
    _armed: Phase | None = None
    """What the clock runs for; None when that came to its end."""
    _clock: asyncio.TimerHandle | None = None
    _write_clock: asyncio.TimerHandle | None = None
    _fields = 0
    _body_bytes = 0
    _head_bytes = 0
    _unread_bytes = 0
    """Came, and are no part of a head or body that the parser has handed on: a field under way, or between chunks."""
    _batch: bytearray | None = None
    """The body so far of a batch that is answered at once."""
    _refusal: TallystickError | None = None
    _peer: str | None = None
    """The member at the other end of a TLS connection, empty for a reader; None without TLS."""

    @property
    def is_link(self) -> bool:
        """Whether its other end is a node."""
        return self in self.door.links

    def prove(self) -> None:
        """Its other end is a node: it sent a signed batch, or TLS says so."""
        self.door.prove(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Asks for a place; a node's certificate needs none."""
        super().connection_made(transport)
        self.door.enter(self, self.client[0] if self.client else "")
        self._peer = getattr(transport.get_extra_info("ssl_object"), "member", None)
        if self._peer:
            self.prove()
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives the place back."""
        _cancel(self._clock)
        _cancel(self._write_clock)
        self.door.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, a slice at a time. The clock runs only for what did not come in one piece."""
        if self.phase == "idle":
            self.phase = "head"
        for start in range(0, len(data), SLICE_BYTES):
            part = data[start : start + SLICE_BYTES]
            self._unread_bytes += len(part)
            super().data_received(part)
            self._unread_bytes = max(self._unread_bytes, 0)
            if self._unread_bytes > self.door.limits.header_bytes_max:  # check: unread-bytes
                self.refuse(self._head_too_large())
            if self.transport.is_closing():
                break
        if self.phase != self._armed:
            self._arm()

    # What the parser finds

    def on_message_begin(self) -> None:
        """A request begins. The application finds this connection in `state`, and the TLS peer in `extensions`."""
        super().on_message_begin()
        self.phase = "head"
        self._unread_bytes -= FRAMING_BYTES
        self._fields = self._head_bytes = self._body_bytes = 0
        self.scope["state"][CONNECTION] = self
        if self._peer is not None:
            self.scope["extensions"] = {"tls": {"member": self._peer}}

    def on_url(self, url: bytes) -> None:
        """A part of the URL."""
        super().on_url(url)
        self._measure(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field, also one behind a body. A body that is announced as larger than any is not waited for."""
        super().on_header(name, value)
        self._fields += 1
        if name.lower() == b"content-length" and value.isdigit():
            self._verify_body_size(int(value))
        self._unread_bytes -= len(b": \r\n")
        self._measure(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """The head is whole. A request to another server gets no further, nor does a reader in the reserve."""
        try:
            self.door.hosts.verify(self.url, self.headers)
            self.door.verify_may_ask(self, self.url)
        except TallystickError as error:
            self._refusal = error
            raise
        if self._is_plain_batch():
            self._batch = bytearray()
        else:
            super().on_headers_complete()
        self.phase = "body"

    def on_chunk_header(self) -> None:
        """A part of the body begins."""
        self._unread_bytes -= FRAMING_BYTES

    def on_body(self, body: bytes) -> None:
        """A part of the body. What comes after the answer is read so far that the caller finds the answer."""
        self._unread_bytes -= len(body)
        self._body_bytes += len(body)
        if self._batch is not None:
            if len(self._batch) <= self.door.limits.batch_bytes_max:  # one that is too large shows it by its first bytes beyond
                self._batch += body
            self._verify_body_size(self._body_bytes)
            return
        super().on_body(body)
        if not self.cycle.response_complete:
            self._verify_body_size(self._body_bytes)
            self.door.hold(self, len(body))
        elif self._body_bytes > self.door.limits.request_bytes_max:  # check: body-after-answer
            self.transport.abort()

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._batch is None:
            super().on_message_complete()
        else:
            body, self._batch = bytes(self._batch), None
            self._answer_batch(body)
        self.phase, self._armed = "idle", None

    def on_response_complete(self) -> None:
        """The answer is on its way out."""
        self.door.held.pop(self, None)
        super().on_response_complete()

    # Batches of links, which are short, and many: without a task, a scope and events

    def _is_plain_batch(self) -> bool:
        """Whether the request that begins is a batch of a link, with nothing under way and nothing unusual about it."""
        return (
            self.is_link
            and self.door.take_batch is not None
            and (self.parser.get_method(), self.url) == (b"POST", BATCH.encode())
            and self.parser.should_keep_alive()
            and not (self.parser.should_upgrade() or self.expect_100_continue or self.flow.write_paused)
            and (self.cycle is None or self.cycle.response_complete)
        )

    def _answer_batch(self, body: bytes) -> None:
        assert self.door.take_batch is not None
        try:
            status, fields, answer = self.door.take_batch(self.headers, body, self._peer)
        except Exception as error:  # a fault of this node; the parser would call it one of the request
            self.logger.error("A batch could not be taken.", exc_info=error)
            self.transport.abort()
            raise
        lines = b"".join(b"%b: %b\r\n" % field for field in (*self.server_state.default_headers, *fields))
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], lines, answer))
        self.on_response_complete()

    # What goes wrong

    def refuse(self, error: TallystickError) -> None:
        """Ends, and answers with the problem if that can be taken for nothing but the answer to a request that was not whole."""
        if self.transport.is_closing():
            return
        self.door.on_refusal(error.code)
        cycle, is_batch = self.cycle, self._batch is not None
        is_cut_off = self.phase == "body" and not is_batch and not self.pipeline and not cycle.response_started
        if is_cut_off or cycle is None or cycle.response_complete:
            if is_cut_off:
                cycle.disconnected = True  # the application's own answer goes nowhere
            self.transport.write(_raw(error))
        self.transport.close()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        """The parser gave up, or a limit made it to."""
        self.refuse(self._refusal or MalformedError("bad-request", "The bytes are not a request of HTTP/1.1."))

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for long; bytes that the other end never took must not keep the connection."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER_S, self.transport.abort)

    def pause_writing(self) -> None:
        """The answer is not taken in as fast as it is made."""
        super().pause_writing()
        self.door.stalls(self)
        self._await_progress()

    def resume_writing(self) -> None:
        """It is taken in again."""
        super().resume_writing()
        self.door.stalled.pop(self, None)
        _cancel(self._write_clock)

    def _await_progress(self) -> None:
        size = self.transport.get_write_buffer_size()
        self._write_clock = self.loop.call_later(self.door.limits.write_timeout_s, self._judge_progress, size)

    def _judge_progress(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < PROGRESS_BYTES:  # check: write-time
            self.refuse(_too_slow())
        else:
            self._await_progress()

    def _arm(self) -> None:
        _cancel(self._clock)
        limits, self._armed = self.door.limits, self.phase
        seconds = {"idle": 0, "head": limits.header_timeout_s, "body": limits.body_timeout_s}[self.phase]
        self._clock = self.loop.call_later(seconds, self._too_late) if seconds else None

    def _too_late(self) -> None:
        sentence = f"The {self.phase} of a request was not whole in time."
        self.refuse(BusyError("request-timeout", sentence, status=408))

    def _measure(self, size: int) -> None:
        self._head_bytes += size
        self._unread_bytes -= size
        limits = self.door.limits
        if self._fields > limits.headers_max or self._head_bytes > limits.header_bytes_max:  # check: head-size
            self._refusal = self._head_too_large()
            raise self._refusal

    def _verify_body_size(self, size: int) -> None:
        limits = self.door.limits
        most = BODY_FACTOR * max(limits.request_bytes_max, limits.batch_bytes_max)
        if size > most:  # check: body-size
            self._refusal = TooLargeError("request-too-large", f"A request body has at most {most} bytes.", bytes_max=most)
            raise self._refusal

    def _head_too_large(self) -> TooLargeError:
        limits = self.door.limits
        sentence = f"A request has at most {limits.headers_max} fields and {limits.header_bytes_max} bytes beside its body."
        return TooLargeError("head-too-large", sentence)


def guarded(door: Door) -> type[GuardedConnection]:
    """The protocol of one server's connections."""
    return type("ConnectionOfDoor", (GuardedConnection,), {"door": door})


def connection_of(scope: Scope) -> GuardedConnection | None:
    """The connection over which a request came; None where no server counts connections."""
    connection: GuardedConnection | None = scope.get("state", {}).get(CONNECTION)
    return connection


def _cancel(clock: asyncio.TimerHandle | None) -> None:
    if clock is not None:
        clock.cancel()


def _too_slow() -> BusyError:
    return BusyError("slow-reader", "The answer was not taken in.", status=503)


def _raw(error: TallystickError) -> bytes:
    """An answer without an application."""
    response = error_response(error)
    fields = b"".join(b"%s: %s\r\n" % field for field in response.raw_headers)
    return STATUS_LINE[response.status_code] + fields + b"connection: close\r\n\r\n" + bytes(response.body)


class Handshakes:
    """The TLS handshakes of one server. Called, it makes the protocol of a new connection; uvicorn takes it for a class.

    Beyond the limit the oldest of the address that has most of them gives way: an address that opens connections and says
    nothing drives out its own.
    """

    def __init__(self, door: Door, context: ssl.SSLContext) -> None:
        self.door, self.context = door, context
        self.under_way: dict[_Handshake, str] = {}
        """With the address of each."""
        self._protocol = guarded(door)

    def __call__(self, **options: Any) -> asyncio.Protocol:
        """A connection before its handshake; `options` are uvicorn's for the protocol that follows."""
        return _Handshake(self, self._protocol(**options))

    def begin(self, handshake: "_Handshake", address: str) -> None:
        """Another one; beyond the limit one gives way."""
        self.under_way[handshake] = address
        if len(self.under_way) > self.door.limits.handshakes_max:  # check: handshake-count
            ((crowded, _),) = Counter(self.under_way.values()).most_common(1)
            oldest = next(other for other, place in self.under_way.items() if place == crowded)
            del self.under_way[oldest]
            self.door.on_refusal("too-many-handshakes")
            oldest.abort()

    def abort(self) -> None:
        """The server ends."""
        for handshake in [*self.under_way]:
            handshake.abort()


class _Handshake(asyncio.Protocol):
    """One connection until its handshake is done; what the other end says right behind it is handed on."""

    _transport: asyncio.Transport
    _task: asyncio.Task[None]
    _is_lost = False

    def __init__(self, all_: Handshakes, connection: asyncio.Protocol) -> None:
        self._all, self._connection = all_, connection
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
            self._all.under_way.pop(self, None)
        if secure is None or self._is_lost:
            return
        secure.set_protocol(self._connection)
        self._connection.connection_made(secure)
        for data in self._early:
            self._connection.data_received(data)
