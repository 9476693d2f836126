"""Kept-alive connections to the other nodes: one batch in flight a link, and what comes up meanwhile joins the next.

A link that fails keeps its queue for a few tries, so that nodes that start together lose nothing; after that the
queue is dropped at each failure: the other node asks for what it missed by itself (design 6, rule 6).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

import aiohttp

from ledger.errors import JsonValue, MalformedError
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from nodes.messages import Message, encode_messages
from nodes.transport.sessions import BatchSigner

QUEUE_BYTES_MAX = 8_000_000
"""Of a link; beyond it the oldest messages are dropped."""
BATCH_BYTES_TARGET = 1_000_000
"""A batch takes messages until it holds this much."""
BATCH_MESSAGES_TARGET = 1_000
REQUEST_TIMEOUT_S = 10
BACKOFF_MIN_S = 0.05
BACKOFF_MAX_S = 1.0
FAILURES_KEPT_MAX = 6
"""Failures in a row after which a link no longer keeps its queue."""

LogCallback = Callable[[str, dict[str, JsonValue]], None]
"""Takes a kind and fields, for the node's log."""


class Links:
    """All outgoing links of one node."""

    def __init__(
        self, *, ledger: Digest, member: str, key: PrivateKey, addresses: Mapping[str, str], log: LogCallback = lambda *_: None
    ) -> None:
        """`addresses` gives the base URL of each node by member id; this node's own is passed over."""
        self._links = {
            receiver: Link(BatchSigner(ledger, member, receiver, key), url, log)
            for receiver, url in addresses.items()
            if receiver != member
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Opens the client and starts a task a link. Messages may be sent before."""
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
        self._http = aiohttp.ClientSession(
            timeout=timeout, connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )
        self._tasks = [asyncio.create_task(link.run(self._http)) for link in self._links.values()]

    def send(self, receiver: str | None, message: Message) -> None:
        """Queues a message for one node, or for all others; nodes without an address are passed over."""
        data = encode_messages((message,))
        if receiver is None:
            for link in self._links.values():
                link.put(data)
        elif receiver in self._links:
            self._links[receiver].put(data)

    async def close(self) -> None:
        """Ends every link; what is queued is lost."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()


class Link:
    """The way to one other node."""

    def __init__(self, signer: BatchSigner, url: str, log: LogCallback) -> None:
        self._signer = signer
        self._url = url.rstrip("/")
        self._log = log
        self._queue: deque[bytes] = deque()
        self._queue_bytes = 0
        self._filled = asyncio.Event()
        self._has_session = False
        self._failures = 0

    def put(self, data: bytes) -> None:
        """Queues the encoded message; drops the oldest ones beyond the limit."""
        self._queue.append(data)
        self._queue_bytes += len(data)
        while self._queue_bytes > QUEUE_BYTES_MAX and len(self._queue) > 1:
            self._queue_bytes -= len(self._queue.popleft())
        self._filled.set()

    async def run(self, http: aiohttp.ClientSession) -> None:
        """Sends what is queued, for ever."""
        while True:
            await self._filled.wait()
            batch = self._take()
            while batch:
                if await self._deliver(http, batch):
                    break
                if self._failures > FAILURES_KEPT_MAX:
                    batch = []
                    self._drop_all()
                await asyncio.sleep(min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2 ** min(self._failures, 8)))

    def _take(self) -> list[bytes]:
        batch: list[bytes] = []
        size = 0
        while (
            self._queue and len(batch) < BATCH_MESSAGES_TARGET and (not batch or size + len(self._queue[0]) <= BATCH_BYTES_TARGET)
        ):
            batch.append(self._queue.popleft())
            size += len(batch[-1])
        self._queue_bytes -= size
        if not self._queue:
            self._filled.clear()
        return batch

    async def _deliver(self, http: aiohttp.ClientSession, batch: list[bytes]) -> bool:
        """Whether the batch is done with: taken, or refused for good."""
        try:
            if not self._has_session:
                self._signer.start(await self._post(http, "/node/session", self._signer.request(), ""))
                self._has_session = True
            await self._post(http, "/node/batch", *self._signer.seal(b"\n".join(batch)))
        except aiohttp.ClientResponseError as error:
            return self._refused(error)
        except (aiohttp.ClientError, TimeoutError, OSError, MalformedError) as error:
            # The batch may have arrived: the same counter must not be used again, and the node may have restarted.
            self._has_session = False
            self._failures += 1
            if self._failures == 1:
                self._log("link-down", {"peer": self._signer.receiver, "error": type(error).__name__})
            return False
        if self._failures:
            self._log("link-up", {"peer": self._signer.receiver})
        self._failures = 0
        return True

    async def _post(self, http: aiohttp.ClientSession, path: str, body: bytes, signature: str) -> bytes:
        async with http.post(self._url + path, data=body, headers={"x-signature": signature}, raise_for_status=True) as response:
            return await response.read()

    def _refused(self, error: aiohttp.ClientResponseError) -> bool:
        self._failures += 1
        if error.status == 409 and self._has_session and self._failures <= FAILURES_KEPT_MAX:
            self._has_session = False
            return False
        if error.status in (429, 503):
            return False
        self._log("batch-refused", {"peer": self._signer.receiver, "status": error.status})
        self._has_session = False
        return True

    def _drop_all(self) -> None:
        self._queue.clear()
        self._queue_bytes = 0
        self._filled.clear()
