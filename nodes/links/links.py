"""Kept-alive connections to the other nodes: one batch in flight a link, and what is sent meanwhile joins the next.

On a long line, whose quickest answers take a while, a batch does not wait for the answer to the one before it: else agreement
would take twice the time there. If one of them fails, all that is not answered is sent again, in order, one by one; not what was
refused for good.

A message that its receiver does not wait for begins no batch at once: it goes with the next one, or a little later.

A link that fails keeps its queue for a few tries, so that nodes that start together lose nothing; after that the
queue is dropped at each failure: the other node asks for what it missed by itself (rule 6 of `nodes/consensus/rules`).

In a lab `Faults` decide what becomes of each batch, and the log names its messages, as far as `is_traced` selects them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import TypeAlias

from ledger.errors import IndefiniteError, JsonValue, MalformedError, VerificationError
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from nodes.http_client import TlsTo
from nodes.links.batches import BatchSigner, describe, encode_messages
from nodes.links.connection import KeptConnection
from nodes.links.faults import Faults, is_traced
from nodes.messages import Message

QUEUE_BYTES_MAX = 8_000_000
"""Of a link; beyond it the oldest messages are dropped."""
BATCH_BYTES_TARGET = 1_000_000
"""A batch takes messages until it holds this much."""
BATCH_MESSAGES_TARGET = 1_000
PATIENCE_S = 0.01
"""How long a message that may wait waits for another: about as long as a vote takes, and a hundredth of a view."""
BACKOFF_MIN_S = 0.05
BACKOFF_MAX_S = 1.0
LONG_S = 0.02
"""A line is long if its quickest recent answer took longer. On a short one waiting costs nothing, and makes fewer batches."""
ANSWERS_RECENT = 8
AHEAD_MAX = 16
"""Batches that are under way at once on a long line."""
FAILURES_KEPT_MAX = 6
"""Failures in a row after which a link no longer keeps its queue."""

LogCallback = Callable[[str, dict[str, JsonValue]], None]
"""Takes a kind and fields, for the node's log."""
LabelledMessages: TypeAlias = list[tuple[bytes, str]]
"""Encoded messages, each with its name for the log of a lab or an empty text."""


class Links:
    """All outgoing links of one node."""

    def __init__(
        self,
        *,
        ledger: Digest,
        member: str,
        key: PrivateKey,
        addresses: Mapping[str, str],
        log: LogCallback = lambda *_: None,
        faults: Faults | None = None,
    ) -> None:
        """`addresses` gives the base URL of each node by member id; this node's own is passed over. `faults`: only in a lab."""
        self._names_messages = faults is not None
        self._links = {
            receiver: Link(BatchSigner(ledger, member, receiver, key), url, log, faults)
            for receiver, url in addresses.items()
            if receiver != member
        }
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, tls: TlsTo | None = None) -> None:
        """Starts a task a link. Messages may be sent before.

        With `tls` every address must be https: nothing goes to anyone but the node of the member that it is for.
        """
        self._tasks = [asyncio.create_task(link.run(tls)) for link in self._links.values()]

    @property
    def connected(self) -> tuple[str, ...]:
        """The nodes that took the last batch that was sent to them."""
        return tuple(receiver for receiver, link in self._links.items() if link.is_connected)

    def send(self, receiver: str | None, message: Message, patient: Container[str] = ()) -> int:
        """Queues a message for one node, or for all others, as far as they have an address; returns for how many.

        To a `patient` node it goes with the next message that does not wait, or after `PATIENCE_S`.
        """
        data = encode_messages((message,))
        label = describe(message) if self._names_messages and is_traced(message) else ""
        receivers = self._links if receiver is None else self._links.keys() & {receiver}
        for name in receivers:
            self._links[name].put(data, label, waits=name in patient)
        return len(receivers)

    async def close(self) -> None:
        """Ends every link; what is queued is lost."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for link in self._links.values():
            link.close()


class _RefusedError(Exception):
    """The other node answers with an error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The other node answers with status {status}.")
        self.status = status


class Link:
    """The way to one other node."""

    _tls: TlsTo | None

    def __init__(self, signer: BatchSigner, url: str, log: LogCallback, faults: Faults | None) -> None:
        self._signer = signer
        self._url = url
        self._log = log
        self._faults = faults
        self._queue: deque[tuple[bytes, str]] = deque()
        self._queue_bytes = 0
        self._filled = asyncio.Event()
        """Set while the queue holds what does not wait, or waited long enough."""
        self._patience: asyncio.TimerHandle | None = None
        self._connection: KeptConnection | None = None
        self._has_session = False
        self._failures = 0
        self._answer_s: deque[float] = deque(maxlen=ANSWERS_RECENT)
        """How long the answers to recent batches took."""
        self._ahead: dict[asyncio.Task[None], LabelledMessages] = {}
        """Batches of a long line that are not answered yet, in order."""
        self._has_room = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether the last batch was taken."""
        return self._has_session and not self._failures

    def put(self, data: bytes, label: str, *, waits: bool = False) -> None:
        """Queues the encoded message, which may wait for another; drops the oldest ones beyond the limit."""
        self._queue.append((data, label))
        self._queue_bytes += len(data)
        while self._queue_bytes > QUEUE_BYTES_MAX and len(self._queue) > 1:
            self._queue_bytes -= len(self._queue.popleft()[0])
        if not waits:
            self._filled.set()
        elif self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._filled.set)

    def close(self) -> None:
        """Ends its connection."""
        for task in self._ahead:
            task.cancel()
        if self._connection is not None:
            self._connection.close()

    async def run(self, tls: TlsTo | None) -> None:
        """Sends what is queued, for ever."""
        self._tls = tls
        while True:
            await self._filled.wait()
            batch = self._take()
            if self._faults is not None and not await self._passes(self._faults, batch):
                continue
            if self._may_send_ahead():
                await self._send_ahead(batch)
                continue
            while batch:
                if await self._deliver(batch):
                    break
                if self._failures > FAILURES_KEPT_MAX:
                    batch = []
                    self._drop_all()
                await asyncio.sleep(min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2 ** min(self._failures, 8)))

    async def _passes(self, faults: Faults, batch: LabelledMessages) -> bool:
        """Lets a fault hold the batch back; False if it is lost."""
        delay_ms = faults.delay_ms(self._signer.receiver, "to")
        if delay_ms is None:
            self._signer.count()
            self._trace_sent(batch)
            self._trace_dropped(batch, "loss")
            return False
        if delay_ms:
            await asyncio.sleep(delay_ms / 1000)
        return True

    def _take(self) -> LabelledMessages:
        batch: LabelledMessages = []
        size = 0
        while (
            self._queue
            and len(batch) < BATCH_MESSAGES_TARGET
            and (not batch or size + len(self._queue[0][0]) <= BATCH_BYTES_TARGET)
        ):
            batch.append(self._queue.popleft())
            size += len(batch[-1][0])
        self._queue_bytes -= size
        if not self._queue:
            self._rest()
        return batch

    def _may_send_ahead(self) -> bool:
        """Whether the line is long, and nothing is wrong with it. A lab's never is: its log follows each batch."""
        is_up = self.is_connected and self._connection is not None and self._connection.is_open and self._faults is None
        return is_up and len(self._answer_s) == ANSWERS_RECENT and min(self._answer_s) > LONG_S

    async def _send_ahead(self, batch: LabelledMessages) -> None:
        """Sends a batch without waiting for its answer, and returns when there is room for another one under way."""
        assert self._connection is not None
        sealed = self._signer.seal(b"\n".join(data for data, _ in batch))
        task = asyncio.create_task(self._post_batch(*sealed, self._connection))
        self._ahead[task] = batch
        task.add_done_callback(partial(self._ahead_answered, self._connection))
        while len(self._ahead) >= AHEAD_MAX:
            self._has_room.clear()
            await self._has_room.wait()

    def _ahead_answered(self, connection: KeptConnection, task: asyncio.Task[None]) -> None:
        """A batch under way was taken; or one failed, and all that are under way are queued again, before what waits.

        One that was refused for good does not go again: the others would be refused with it.
        """
        self._has_room.set()
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and task in self._ahead:
            if isinstance(error, _RefusedError) and self._refused(error.status):
                del self._ahead[task]
            again, self._ahead = [message for batch in self._ahead.values() for message in batch], {}
            self._queue.extendleft(reversed(again))
            self._queue_bytes += sum(len(data) for data, _ in again)
            self._has_session = False
            if self._queue:
                self._filled.set()
            connection.close()
        self._ahead.pop(task, None)

    async def _post_batch(self, body: bytes, signature: str, connection: KeptConnection | None = None) -> None:
        """Sends a sealed batch, and notes how long its answer took."""
        clock = asyncio.get_running_loop().time
        started = clock()
        await self._post("/node/batch", body, signature, connection)
        self._answer_s.append(clock() - started)

    async def _deliver(self, batch: LabelledMessages) -> bool:
        """Whether the batch is done with: taken, or refused for good."""
        is_under_way = False
        try:
            if not self._has_session:
                self._signer.start(await self._post("/node/session", self._signer.request(), ""))
                self._has_session = True
            sealed = self._signer.seal(b"\n".join(data for data, _ in batch))
            is_under_way = True
            self._trace_sent(batch)
            await self._post_batch(*sealed)
        except _RefusedError as refusal:
            if is_under_way:
                self._trace_dropped(batch, "refused")
            return self._refused(refusal.status)
        except (IndefiniteError, MalformedError, VerificationError) as error:
            # The batch may have arrived: the same counter must not be used again, and the node may have restarted.
            self._has_session = False
            self._failures += 1
            if is_under_way:
                self._trace_dropped(batch, "down")
            if self._failures == 1:
                self._log("link-down", {"peer": self._signer.receiver, "error": type(error.__cause__ or error).__name__})
            return False
        if self._failures:
            self._log("link-up", {"peer": self._signer.receiver})
        self._failures = 0
        return True

    def _trace_sent(self, batch: LabelledMessages) -> None:
        labels: JsonValue = [label for _, label in batch if label]
        if labels:
            self._log("sent", {"batch": self._signer.batch, "to": self._signer.receiver, "messages": labels})

    def _trace_dropped(self, batch: LabelledMessages, why: str) -> None:
        if any(label for _, label in batch):
            ends: dict[str, JsonValue] = {"from": self._signer.sender, "to": self._signer.receiver}
            self._log("dropped", {"batch": self._signer.batch, **ends, "why": why})

    async def _post(self, path: str, body: bytes, signature: str, connection: KeptConnection | None = None) -> bytes:
        """What the receiver answers, over a new connection if need be; raises VerificationError where it may run no node now."""
        tls = None if self._tls is None else self._tls(self._signer.receiver)
        if connection is None:
            if self._connection is None or not self._connection.is_open:
                self._connection = await KeptConnection.open(self._url, tls)
            connection = self._connection
        status, answer = await connection.post(path, body, signature)
        if status >= 400:
            raise _RefusedError(status)
        if status != 200:
            raise MalformedError("bad-answer", f"A node answers with status 200 or an error, got {status}.")
        return answer

    def _refused(self, status: int) -> bool:
        self._failures += 1
        if status == 409 and self._has_session and self._failures <= FAILURES_KEPT_MAX:
            self._has_session = False
            return False
        if status in (429, 503):
            return False
        self._log("batch-refused", {"peer": self._signer.receiver, "status": status})
        self._has_session = False
        return True

    def _drop_all(self) -> None:
        self._queue.clear()
        self._queue_bytes = 0
        self._rest()

    def _rest(self) -> None:
        """The queue is empty."""
        self._filled.clear()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
