"""A kept-alive HTTP connection: requests, answered in their order, and nothing of HTTP beyond that.

Nodes exchange some dozens of short batches for each block. A client for the whole of HTTP takes longer over each of them than
both nodes take to sign, verify and read it. The benchmark asks over it too, so that it measures the node and not itself.
"""

import asyncio
import ssl
from collections import deque
from typing import Self
from urllib.parse import urlsplit

import httptools

from ledger.errors import MalformedError
from nodes.http_client import unreachable

TIMEOUT_S = 10
"""To open a connection; from sending to the end of the answer."""
ANSWER_BYTES_MAX = 10_000
"""With its head. A session, an empty object or a problem is all that a node answers another with."""


class KeptConnection(asyncio.Protocol):
    """One connection, from `open` until it is closed from either end."""

    _transport: asyncio.Transport

    def __init__(self, url: str, answer_bytes_max: int, answer_s_max: float) -> None:
        address = urlsplit(url)
        self._url, self._answer_bytes_max, self._answer_s_max = url, answer_bytes_max, answer_s_max
        self._place = address.hostname or "", address.port or (443 if address.scheme == "https" else 80)
        self._path = address.path.rstrip("/").encode()
        self._host = address.netloc.encode()
        self._parser = httptools.HttpResponseParser(self)
        self._answers: deque[asyncio.Future[tuple[int, bytes]]] = deque()
        """Status and body of each request that is not answered yet."""
        self._body = b""
        self._bytes = 0
        """Of the answer, so far."""

    @classmethod
    async def open(
        cls,
        url: str,
        tls: ssl.SSLContext | None = None,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
        answer_s_max: float | None = None,
    ) -> Self:
        """A connection to a node; raises IndefiniteError `unreachable`."""
        connection = cls(url, answer_bytes_max, answer_s_max or TIMEOUT_S)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await asyncio.get_running_loop().create_connection(lambda: connection, *connection._place, ssl=tls)
        except (OSError, TimeoutError) as error:
            raise unreachable(url, "no connection can be made", was_sent=False) from error
        return connection

    @property
    def is_open(self) -> bool:
        """Whether something can be sent."""
        return not self._transport.is_closing()

    async def post(self, path: str, body: bytes, signature: str) -> tuple[int, bytes]:
        """Sends what a node has signed; see `ask`."""
        return await self.ask("POST", path, body, b"x-signature: %b\r\n" % signature.encode())

    async def ask(self, method: str, path: str, body: bytes = b"", fields: bytes = b"") -> tuple[int, bytes]:
        """Status and body of the answer; raises IndefiniteError `unreachable`, MalformedError `bad-answer`.

        Another one may be asked before: it is answered after it.
        """
        if not self.is_open:
            raise unreachable(self._url, "the connection was closed", was_sent=False)
        head = b"%b %b%b HTTP/1.1\r\nhost: %b\r\n%bcontent-length: %d\r\n\r\n"
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[int, bytes]] = loop.create_future()
        self._answers.append(answer)
        self._transport.write(head % (method.encode(), self._path, path.encode(), self._host, fields, len(body)) + body)
        timer = loop.call_later(self._answer_s_max, self._end, TimeoutError("no answer came in time"))
        try:
            return await answer
        except OSError as error:
            raise unreachable(self._url, str(error) or type(error).__name__) from error
        finally:
            timer.cancel()
            if answer.cancelled():  # its answer would be taken for that of the next request
                self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open, over TLS after the handshake."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """A part of an answer. Of a refusal the status is enough."""
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._end(MalformedError("bad-answer", f"What {self._url} answers is not HTTP/1.1."))
        if self._bytes > self._answer_bytes_max:  # check: link-answer-size
            if self._parser.get_status_code() >= 400:
                self.on_message_complete()
            self._end(MalformedError("bad-answer", f"The answer of {self._url} has more than {self._answer_bytes_max} bytes."))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._end(exc or ConnectionResetError("the connection was closed"))

    # What the parser calls

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """The answer is whole. One that comes before its request was read ends the connection: what is sent could pile up."""
        is_last = len(self._answers) <= 1  # else what waits to be sent may be of a later request
        is_early = not self._answers or (is_last and self._transport.get_write_buffer_size() > 0)
        if self._answers and not (answer := self._answers.popleft()).done():
            answer.set_result((self._parser.get_status_code(), self._body))
        self._body, self._bytes = b"", 0
        if is_early or not self._parser.should_keep_alive():  # check: link-answer-early
            self.close()

    def _end(self, error: Exception) -> None:
        self.close()
        for answer in self._answers:
            if not answer.done():
                answer.set_exception(error)
