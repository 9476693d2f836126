"""One HTTP connection within limits: uvicorn's, which bounds neither heads nor the time that anything may take.

A head has a size, a number of fields and a time; so have body and answer. What passes one of them is answered with a
problem where that is still possible, and the connection ends.
"""

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ledger.errors import BusyError, MalformedError, TallystickError, TooLargeError
from nodes.app.node_routes import CONNECTION
from nodes.app.problems import error_response
from nodes.http.door import Door, too_slow
from nodes.links.tls import peer_member

LINGER_S = 1
"""How long the last bytes of a connection that ends may take to leave."""
BODY_FACTOR = 2
"""A body so many times as large as the largest that is taken is not even read; of smaller ones the application judges."""
PROGRESS_BYTES = 64_000
"""What an answer must move in `write_timeout_s`."""
SLICE_BYTES = 16_384
"""How much is read before its limits are judged, so that whoever passes them is still answered."""
FRAMING_BYTES = 32
"""What the first line of a request, or a chunk's own line, may take beside what the parser hands on."""
Phase = Literal["idle", "head", "body"]


class GuardedConnection(HttpToolsProtocol):
    """Tells its door what happens and ends when the door or a clock says so."""

    door: Door
    _phase: Phase = "head"
    _armed: Phase | None = None
    """What the clock runs for; None when that came to its end."""
    _clock: asyncio.TimerHandle | None = None
    _write_clock: asyncio.TimerHandle | None = None
    _fields = 0
    _body_bytes = 0
    _head_bytes = 0
    _unread_bytes = 0
    """Came, and are no part of a head or body that the parser has handed on: a field under way, or between chunks."""
    _refusal: TallystickError | None = None

    @property
    def is_uploading(self) -> bool:
        """Whether the body of its request is still on its way."""
        return self._phase == "body"

    @property
    def is_link(self) -> bool:
        """Whether its other end is a node."""
        return self.door.is_link(self)

    def prove(self) -> None:
        """Its other end is a node: it sent a signed batch, or TLS says so."""
        self.door.prove(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Asks for a place; whoever shows a node's certificate needs none."""
        super().connection_made(transport)
        self.door.enter(self, self.client[0] if self.client else "")
        if peer_member(transport):
            self.prove()
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives the place back."""
        for clock in (self._clock, self._write_clock):
            if clock is not None:
                clock.cancel()
        self.door.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, a slice at a time. The clock runs only for what did not come in one piece."""
        if self._phase == "idle":
            self._phase = "head"
        for start in range(0, len(data), SLICE_BYTES):
            part = data[start : start + SLICE_BYTES]
            self._unread_bytes += len(part)
            super().data_received(part)
            self._unread_bytes = max(self._unread_bytes, 0)
            if self._unread_bytes > self.door.limits.header_bytes_max:  # check: unread-bytes
                self.refuse(self._head_too_large())
            if self.transport.is_closing():
                break
        if self._phase != self._armed:
            self._arm()

    # What the parser finds

    def on_message_begin(self) -> None:
        """A request begins. The application finds this connection in `state`, and the TLS peer in `extensions`."""
        super().on_message_begin()
        self._phase = "head"
        self._unread_bytes -= FRAMING_BYTES
        self._fields = self._head_bytes = self._body_bytes = 0
        self.scope["state"][CONNECTION] = self
        member = peer_member(self.transport)
        if member is not None:
            self.scope["extensions"] = {"tls": {"member": member}}

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
        """The head is whole. Whoever asks another server gets no further, nor does a reader in the reserve."""
        try:
            self.door.hosts.verify(self.url, self.headers)
            self.door.verify_may_ask(self, self.url)
        except TallystickError as error:
            self._refusal = error
            raise
        super().on_headers_complete()
        self._phase = "body"

    def on_chunk_header(self) -> None:
        """A part of the body begins."""
        self._unread_bytes -= FRAMING_BYTES

    def on_body(self, body: bytes) -> None:
        """A part of the body. What comes after the answer is read so far that the caller finds the answer."""
        super().on_body(body)
        self._unread_bytes -= len(body)
        self._body_bytes += len(body)
        if not self.cycle.response_complete:
            self._verify_body_size(self._body_bytes)
            self.door.hold(self, len(body))
        elif self._body_bytes > self.door.limits.request_bytes_max:  # check: body-after-answer
            self.transport.abort()

    def on_message_complete(self) -> None:
        """The request is whole."""
        super().on_message_complete()
        self._phase, self._armed = "idle", None

    def on_response_complete(self) -> None:
        """The answer is on its way out."""
        self.door.release(self)
        super().on_response_complete()

    # What goes wrong

    def refuse(self, error: TallystickError) -> None:
        """Ends, and answers with the problem if that can be taken for nothing but the answer to a request that was not whole."""
        if self.transport.is_closing():
            return
        self.door.on_refusal(error.code)
        is_cut_off = self._phase == "body" and not self.pipeline and not self.cycle.response_started
        if is_cut_off or self.cycle is None or self.cycle.response_complete:
            if is_cut_off:
                self.cycle.disconnected = True  # the application's own answer goes nowhere
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
        self.door.flows(self)
        if self._write_clock is not None:
            self._write_clock.cancel()

    def _await_progress(self) -> None:
        size = self.transport.get_write_buffer_size()
        self._write_clock = self.loop.call_later(self.door.limits.write_timeout_s, self._judge_progress, size)

    def _judge_progress(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < PROGRESS_BYTES:  # check: write-time
            self.refuse(too_slow())
        else:
            self._await_progress()

    def _arm(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        limits, self._armed = self.door.limits, self._phase
        seconds = {"idle": 0, "head": limits.header_timeout_s, "body": limits.body_timeout_s}[self._phase]
        self._clock = self.loop.call_later(seconds, self._too_late) if seconds else None

    def _too_late(self) -> None:
        sentence = f"The {self._phase} of a request was not whole in time."
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
    attributes: dict[str, Any] = {"door": door}
    return type("ConnectionOfDoor", (GuardedConnection,), attributes)


def _raw(error: TallystickError) -> bytes:
    """An answer without an application."""
    response = error_response(error)
    fields = b"".join(b"%s: %s\r\n" % field for field in response.raw_headers)
    return STATUS_LINE[response.status_code] + fields + b"connection: close\r\n\r\n" + bytes(response.body)
