"""What a lab's token allows on one node: set its clock, let its links fail, and ask the control of the lab."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from yarl import URL

from ledger.errors import BusyError, IndefiniteError, JsonValue
from nodes.http_client import HttpAnswer, HttpClient
from nodes.links.batches import BatchReceiver
from nodes.links.faults import FaultList, Faults, is_traced
from nodes.messages import Message
from nodes.node.clock import Clock
from nodes.node.files import read_control
from nodes.node.log import FileLog, MemoryLog

ANSWER_S = 120
KEPT = ("content-type", "content-disposition", "retry-after")
LAST_ANSWERS_S = 0.2
"""How long a node that stops waits for answers of the control: the answer to the order that stops it is on its way."""

ControlAnswer = tuple[int, Mapping[str, str], bytes]
"""Status, kept headers, and body."""


class ControlLink:
    """The program that stops and starts the nodes of a lab, as one node sees it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._http = HttpClient(ANSWER_S, decompress=False)
        self._is_closed = False
        self._asking: set[asyncio.Task[HttpAnswer]] = set()

    def url(self) -> str:
        """Where it listens; empty while none runs."""
        return str(self._said().get("url", ""))

    def is_frozen(self) -> bool:
        """Whether only the machine that runs the lab may act now."""
        return self._said().get("frozen") is True

    async def ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> ControlAnswer:
        """The answer of the control; the address stands as it came. Raises BusyError `no-control`."""
        if self._is_closed:  # check: forwarder-closed
            raise BusyError("no-control", "This node stops.", status=503)
        asking = asyncio.create_task(self._http.ask(method, URL(url, encoded=True), body or None, headers=headers))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            answer = await asking
        except (IndefiniteError, RuntimeError) as error:  # the last: the session was closed meanwhile
            raise BusyError("no-control", "The control of this lab does not answer.", status=503) from error
        return answer.status, {name: answer.headers[name] for name in KEPT if name in answer.headers}, answer.body

    async def close(self) -> None:
        """Lets short answers through, ends the others, and takes no more."""
        self._is_closed = True
        if self._asking:
            await asyncio.wait(self._asking, timeout=LAST_ANSWERS_S)
        await self._http.close()

    def _said(self) -> dict[str, Any]:
        return {} if self._file is None else read_control(self._file)


class NodeLab:
    """What a network that was started as a lab allows on one of its nodes to those who hold its token."""

    def __init__(
        self,
        member: str,
        token: str,
        peers: Set[str],
        control: ControlLink,
        clock: Clock,
        log: FileLog | MemoryLog,
        on_clock: Callable[[], None],
    ) -> None:
        self._member, self.token = member, token
        self.control = control
        self.faults = Faults(peers, secrets.randbelow)
        self._clock, self._log, self._on_clock = clock, log, on_clock

    def begin(self) -> None:
        """The log of this run begins with what the clock shows, and how far that is ahead of the host's."""
        self._record("clock", {"set_to": self._clock.now_ms(), "offset_ms": self._clock.offset_ms})

    def set_clock(self, time_ms: int) -> None:
        """Sets the clock durably, then lets the node judge again what waited for time; raises ConflictError `clock-backward`."""
        self._clock.set(time_ms)
        self._record("clock", {"set_to": time_ms, "offset_ms": self._clock.offset_ms})
        self._on_clock()

    def set_faults(self, faults: FaultList) -> None:
        """Puts these faults in the place of all others, until the node stops; raises InputError `unknown-peer`."""
        self.faults.set(faults)
        self._record("fault", faults.to_json())

    def received(self, sender: str, messages: Sequence[Message], inbox: BatchReceiver) -> int | None:
        """How much later the batch that came just now is to count, in milliseconds; None if a fault lost it."""
        delay_ms = self.faults.delay_ms(sender, "from")
        if any(map(is_traced, messages)):
            batch: dict[str, JsonValue] = {"batch": inbox.last_batch(sender), "from": sender}
            if delay_ms is None:
                self._record("dropped", {**batch, "to": self._member, "why": "loss"})
            else:
                self._record("received", batch)
        return delay_ms

    def _record(self, kind: str, fields: dict[str, JsonValue]) -> None:
        self._log.append(self._clock.now_ms(), kind, fields)
