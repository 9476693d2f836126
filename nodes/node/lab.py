"""What a lab's token allows on one node: set its clock, and let its links fail."""

import secrets
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any, Protocol

from ledger.errors import JsonValue
from nodes.app.forwarder import Forwarder
from nodes.consensus.events import ClockChanged, Event
from nodes.links.faults import FaultList, Faults, is_traced
from nodes.links.sessions import BatchReceiver
from nodes.messages import Message
from nodes.network.control_file import read_control
from nodes.node.clock import Clock
from nodes.node.log import FileLog, MemoryLog


class LabNode(Protocol):
    """What of a node a lab takes hold of."""

    member: str
    clock: Clock
    log: FileLog | MemoryLog
    inbox: BatchReceiver

    def now_ms(self) -> int:
        """The node's UTC clock."""

    def handle(self, event: Event) -> None:
        """Takes one event through the replica."""


class NodeLab:
    """What a lab's token allows."""

    def __init__(self, node: LabNode, token: str, peers: Set[str], control: Path | None = None) -> None:
        self.token = token
        self._control = control
        self.forwarder = Forwarder()
        self.faults = Faults(peers, secrets.randbelow)
        self._node = node

    def control_url(self) -> str:
        """Where the control of the lab listens; empty while nobody runs one."""
        return str(self._said().get("url", ""))

    def is_frozen(self) -> bool:
        """Whether the control says that nobody acts now but its own machine."""
        return self._said().get("frozen") is True

    def begin(self) -> None:
        """The log of this run begins with what the clock shows, and how far that is ahead of the host's."""
        self._log("clock", {"set_to": self._node.now_ms(), "offset_ms": self._node.clock.offset_ms})

    def set_clock(self, time_ms: int) -> None:
        """Sets the clock durably, then lets the replica judge again what waited for time."""
        self._node.clock.set(time_ms)
        self._log("clock", {"set_to": time_ms, "offset_ms": self._node.clock.offset_ms})
        self._node.handle(ClockChanged())

    def set_faults(self, faults: FaultList) -> None:
        """Puts these faults in the place of all others, until the node stops."""
        self.faults.set(faults)
        self._log("fault", faults.to_json())

    def received(self, sender: str, messages: Sequence[Message]) -> int | None:
        """How much later the batch that came just now is to count, in milliseconds; None if a fault lost it."""
        delay_ms = self.faults.delay_ms(sender, "from")
        if any(map(is_traced, messages)):
            batch: dict[str, JsonValue] = {"batch": self._node.inbox.last_batch(sender), "from": sender}
            if delay_ms is None:
                self._log("dropped", {**batch, "to": self._node.member, "why": "loss"})
            else:
                self._log("received", batch)
        return delay_ms

    def _said(self) -> dict[str, Any]:
        """What the control left for the nodes; empty while nobody runs one."""
        return {} if self._control is None else read_control(self._control)

    def _log(self, kind: str, fields: dict[str, JsonValue]) -> None:
        self._node.log.append(self._node.now_ms(), kind, fields)
