"""Requests over HTTP, in one form for clients, documents, labs and measurements. Batches have a connection of their own.

No cookies, no redirects (a request for one node goes to no other), as many connections as there are requests. If no
answer comes, that is IndefiniteError `unreachable`; its `was_sent` states whether the other end may have received the request.
"""

import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from ledger.encoding import encode
from ledger.errors import IndefiniteError, JsonValue, MalformedError

RequestBody: TypeAlias = bytes | Mapping[str, JsonValue] | None
"""Bytes go as they are, an object as canonical JSON."""
HttpQuery: TypeAlias = Mapping[str, str | int | bool]
TlsTo: TypeAlias = Callable[[str], ssl.SSLContext]
"""Gives the TLS context for requests to a member's node; raises VerificationError if the member may run no node now."""
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Its JSON; raises ValueError or RecursionError."""
        return json.loads(self.body)


class HttpClient:
    """Kept-alive connections, opened in the event loop that asks first. Also as `async with HttpClient(…) as http`."""

    def __init__(self, seconds_max: float, connect_seconds_max: float | None = None, *, decompress: bool = True) -> None:
        """A whole answer takes at most `seconds_max`, of which its connection takes `connect_seconds_max`."""
        self._seconds_max, self._connect_seconds_max, self._decompress = seconds_max, connect_seconds_max, decompress
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        url: str | URL,
        body: RequestBody = None,
        *,
        query: HttpQuery = NOTHING,
        headers: Mapping[str, str] = NOTHING,
        tls: ssl.SSLContext | None = None,
        seconds_max: float | None = None,
        bytes_max: int | None = None,
    ) -> HttpAnswer:
        """The answer, whatever its status; raises IndefiniteError, or MalformedError `bad-answer` for one of more bytes."""
        limit = aiohttp.ClientTimeout(seconds_max or self._seconds_max, sock_connect=self._connect_seconds_max)
        async with self._sending(method, url, body, query, headers, tls, limit) as response:
            parts: list[bytes] = []
            size = 0
            async for part in response.content.iter_any():
                parts.append(part)
                size += len(part)
                if bytes_max is not None and size > bytes_max:  # check: http-answer-size
                    if response.status < 400:
                        raise MalformedError("bad-answer", f"The answer of {_origin(url)} has more than {bytes_max} bytes.")
                    break  # of a refusal the status is enough
        return HttpAnswer(response.status, response.headers, b"".join(parts))

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str] = NOTHING, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to a GET as it arrives: a limit for each part, none for the whole. What breaks off is IndefiniteError."""
        limit = aiohttp.ClientTimeout(sock_connect=self._connect_seconds_max, sock_read=self._seconds_max)
        async with self._sending("GET", url, None, NOTHING, headers, tls, limit) as response:
            yield response

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def _sending(
        self,
        method: str,
        url: str | URL,
        body: RequestBody,
        query: HttpQuery,
        headers: Mapping[str, str],
        tls: ssl.SSLContext | None,
        limit: aiohttp.ClientTimeout,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=self._decompress,
            )
        data, kind = _encoded(body)
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
        try:
            async with self._session.request(
                method, url, params=texts or None, data=data, headers={**kind, **headers}, timeout=limit, ssl=tls or True,
                allow_redirects=False,
            ) as response:  # fmt: skip
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            was_sent = not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
            reason = (str(error) or type(error).__name__) if was_sent else "no connection can be made"
            if isinstance(error, aiohttp.ClientSSLError):
                reason = f"no TLS connection can be made (`tls` of the client says what is trusted): {error}"
            raise unreachable(url, reason, was_sent=was_sent) from error


def ask_once(
    method: str, url: str, body: RequestBody = None, *, headers: Mapping[str, str] = NOTHING, seconds_max: float
) -> HttpAnswer:
    """One request over plain HTTP from code that has no event loop; raises IndefiniteError."""
    address = urlsplit(url)
    path = f"{address.path}?{address.query}" if address.query else address.path
    data, kind = _encoded(body)
    try:
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=seconds_max)) as connection:
            connection.request(method, path, data, {**kind, **headers})
            response = connection.getresponse()
            return HttpAnswer(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
    except (OSError, HTTPException) as error:
        raise unreachable(url, str(error) or type(error).__name__) from error


def unreachable(url: str | URL, reason: object, *, was_sent: bool = True) -> IndefiniteError:
    """No answer came, or none that can be read."""
    return IndefiniteError("unreachable", f"{_origin(url)} gave no answer: {reason}.", was_sent=was_sent)


def _encoded(body: RequestBody) -> tuple[bytes | None, dict[str, str]]:
    return (encode({**body}), {"content-type": "application/json"}) if isinstance(body, Mapping) else (body, {})


def _origin(url: str | URL) -> str:
    address = urlsplit(str(url))
    return f"{address.scheme}://{address.netloc}"
