"""What the operator of a node sees of it: figures for Prometheus at `GET /metrics`, lines on standard error, why it is not ready.

Each node has a registry of its own, since several may share a process. Labels take values from short, closed lists
(routes as declared, kinds of messages, codes of the project), and `LABEL_VALUES_MAX` bounds those that a contract brings.
"""

import logging
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object
from ledger.errors import ContractMissingError, JsonValue, StorageError
from ledger.governance import Governance
from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.event_lines import LOGGER
from nodes.links.batches import kind_of
from nodes.links.links import Links
from nodes.messages import Message, StatusMessage, weight
from nodes.node import voting_mark
from nodes.replica.catch_up import DAMAGED
from nodes.replica.explain import held_up
from nodes.replica.replica import Replica

BEHIND_BLOCKS_MAX = 5
"""A node this many blocks behind is still ready: news take a moment."""
UNWRITTEN_BLOCKS_MAX = 20
"""Decided blocks that the disk may owe."""
OK = b'{"code":"ok",'
"""How the canonical receipt of a committed transaction begins: most need not be read."""
LABEL_VALUES_MAX = 200
"""Distinct values of one label; those that come later are counted as `other`."""
WATCHED_MAX = 20_000
"""Transactions whose way into a block is timed at once; beyond it they go untimed."""
COMMIT_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
REQUEST_SECONDS = (0.001, 0.002, 0.005, *COMMIT_SECONDS)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})

Reading: TypeAlias = Callable[[], float]
"""Reads a figure at the moment at which it is asked for."""

LEVELS: Mapping[str, int] = {
    "diverged": logging.ERROR,
    "first-difference": logging.ERROR,
    "cannot-build": logging.ERROR,
    "lost-end": logging.WARNING,
    "evidence": logging.WARNING,
    "invalid-block": logging.WARNING,
    "set-aside": logging.WARNING,
    "link-down": logging.WARNING,
    "batch-refused": logging.WARNING,
    "link-up": logging.INFO,
    "clock": logging.INFO,
    "fault": logging.INFO,
    "commit": logging.DEBUG,
    "timeout": logging.DEBUG,
    "dropped": logging.DEBUG,
    "refused-transaction": logging.DEBUG,
}
"""Records of the node's log that the operator sees too."""
FIELDS = (
    "height", "view", "block", "transactions", "code", "reason", "peer", "sender", "signer", "status",
    "told_by", "error", "set_to", "transaction", "for_ms",
)  # fmt: skip
"""What the operator sees of a record: nothing that holds a value of the ledger."""


class NodeWatch:
    """Looks on, and changes nothing."""

    def __init__(self, member: str, replica: Replica, installed: ContractSet, database: Path) -> None:
        self._member, self._replica, self._installed, self._database = member, replica, installed, database
        self._heights: dict[str, int] = {}
        """By peer: the height that it last said it works on."""
        self._damage: str | None = None
        """What was found damaged in the database since the node began."""
        self._ended: str | None = None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._commit = Histogram(
            "tallystick_commit_seconds",
            "From the moment this node took a transaction from a client until its receipt was durable here.",
            buckets=COMMIT_SECONDS,
            registry=self._registry,
        )
        self._transactions = self._counter("transactions", "Transactions in blocks, by code of the receipt.", "code")
        self._messages = self._counter("messages", "Messages between nodes; sent ones when queued.", "direction", "kind")
        self._bytes = self._counter("message_bytes", "Their bytes, signatures of batches left out.", "direction", "kind")
        self._refusals = self._counter("refusals", "Problems that HTTP callers were answered with.", "code")
        self._closed = self._counter("connections_closed", "Connections that a limit ended.", "reason")
        self._requests = Histogram(
            "tallystick_http_request_seconds",
            "From the first line of a request to the end of its answer, time of `?wait=` included.",
            ("method", "route", "status"),
            buckets=REQUEST_SECONDS,
            registry=self._registry,
        )
        self._tallies: dict[tuple[str, str], list[int]] = {}
        """By direction and kind of message: number and bytes since `/metrics` was asked for, since its counters are slow."""
        self._seen: dict[str, set[str]] = {}
        """By label: its values so far."""
        self._watched: dict[Digest, float] = {}
        """By transaction: when a client brought it."""

    # Figures

    def begin(self, links: Links) -> None:
        """Adds the figures that are read when `/metrics` is asked for."""
        replica, gauge = self._replica, self.gauge
        gauge("height", "Height of the last durable block.", lambda: replica.chain.height - len(replica.unpublished))
        gauge("view", "View of the height that is being decided.", lambda: replica.engine.view)
        gauge("ready", "1 if /readyz says so.", lambda: float(self.not_ready() is None))
        gauge("pending_transactions", "Transactions that wait for a block.", lambda: len(replica.mempool))
        gauge("pending_bytes", "Their bytes.", lambda: replica.mempool.bytes)
        gauge("set_aside", "Of these, those that were skipped alone twice.", lambda: len(replica.mempool.set_aside()))
        gauge("unwritten_blocks", "Decided blocks that are not durable yet.", lambda: len(replica.unpublished))
        gauge("behind_blocks", "Blocks that others are ahead, as f+1 validators say.", self.behind_blocks)
        peers = {"connected": lambda: len(links.connected), "behind": self._peers_behind}
        gauge("peers", "Other nodes: those that take batches, and those that are behind this one.", peers, "state")
        gauge("database_bytes", "Bytes of the database and its log on the disk.", self._database_bytes)

    def gauge(self, name: str, text: str, read: Reading | Mapping[str, Reading], label: str = "") -> None:
        """A figure that is read when `/metrics` is asked for; with a label, one reading for each of its values."""
        gauge = Gauge(f"tallystick_{name}", text, (label,) if label else (), registry=self._registry)
        if callable(read):
            gauge.set_function(read)
            return
        for value, reading in read.items():
            gauge.labels(value).set_function(reading)

    def submitted(self, transactions: Iterable[Transaction]) -> None:
        """A client's transactions were taken just now."""
        now = time.monotonic()
        for transaction in transactions:
            if len(self._watched) >= WATCHED_MAX:
                break
            self._watched[transaction.id] = now

    def decided(self, transactions: Sequence[Transaction], receipts: Sequence[bytes]) -> None:
        """These transactions of a block are durable, with their receipts."""
        now = time.monotonic()
        codes = Tally("ok" if raw.startswith(OK) else str(decode_object(raw)["code"]) for raw in receipts)
        for code, number in codes.items():
            self._transactions.labels(self._bounded("receipt", code)).inc(number)
        for transaction in transactions:
            started = self._watched.pop(transaction.id, None)
            if started is not None:
                self._commit.observe(now - started)
        if len(self._watched) >= WATCHED_MAX:
            self._watched = {t: started for t, started in self._watched.items() if self._replica.is_pending(t)}

    def received(self, sender: str, messages: Sequence[Message]) -> None:
        """Messages of an authenticated node."""
        for message in messages:
            self.count("in", message)
            if isinstance(message, StatusMessage):
                self._heights[sender] = message.height

    def count(self, direction: str, message: Message, receivers: int = 1) -> None:
        """A message came (`in`), or was queued for this many nodes (`out`)."""
        tally = self._tallies.setdefault((direction, kind_of(message)), [0, 0])
        tally[0] += receivers
        tally[1] += receivers * weight(message)

    def refused(self, code: str) -> None:
        """A caller was answered with a problem, by itself or in a list."""
        self._refusals.labels(self._bounded("problem", code)).inc()

    def closed(self, reason: str) -> None:
        """A limit ended a connection."""
        self._closed.labels(reason).inc()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the declared path, with the names of its parameters."""
        shown = method if method in METHODS else "other"
        self._requests.labels(shown, self._bounded("route", route), str(status)).observe(seconds)

    def metrics(self) -> bytes:
        """All figures in Prometheus' text format."""
        for key, (number, size) in self._tallies.items():
            self._messages.labels(*key).inc(number)
            self._bytes.labels(*key).inc(size)
        self._tallies.clear()
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"tallystick_{name}", text, labels, registry=self._registry)

    def _bounded(self, label: str, value: str) -> str:
        seen = self._seen.setdefault(label, set())
        if value not in seen:
            if len(seen) >= LABEL_VALUES_MAX:
                return "other"
            seen.add(value)
        return value

    # Lines on standard error

    def tell(self, level: int, event: str, fields: Mapping[str, JsonValue], error: BaseException | None = None) -> None:
        """A line on standard error, at a level of `logging`."""
        if LOGGER.isEnabledFor(level):
            LOGGER.log(level, event, extra={"fields": {"node": self._member, **fields}}, exc_info=error)

    def record(self, kind: str, fields: Mapping[str, JsonValue]) -> None:
        """Tells a record of the node's log if it is one for the operator."""
        if fields.get("code") == DAMAGED:
            self._note_damage(DAMAGED, str(fields["error"]))
        level = LEVELS.get(kind)
        if level is not None:
            self.tell(level, kind, {name: value for name, value in fields.items() if name in FIELDS})

    # Readiness

    def read_failed(self, error: StorageError) -> None:
        """A row could not be read: from now on the node is not ready."""
        self._note_damage(error.code, error.message)

    def ends(self, failure: BaseException | None) -> None:
        """The node stops, because of a failure if one is given."""
        self._ended = "The node is stopping." if failure is None else f"The node failed: {failure}"

    def behind_blocks(self) -> int:
        """How many blocks f+1 validators say they are ahead of this node; f of them may lie."""
        validators = self._replica.chain.validators
        others = [v.member for v in validators.validators if v.member != self._member]
        heights = sorted((self._heights.get(member, 0) for member in others), reverse=True)
        return max(0, heights[validators.f] - self._replica.engine.height) if len(heights) > validators.f else 0

    def not_ready(self) -> str | None:
        """The first thing that keeps the node from serving its purpose, or None."""
        if self._ended is not None:
            return self._ended
        replica = self._replica
        try:
            missing = self._missing_contract()
        except StorageError as error:
            self.read_failed(error)
        if self._damage is not None:
            return self._damage
        if replica.diverged is not None:
            return "This node came to another result than the others and has stopped voting; see /v1/consensus."
        if missing is not None:
            return missing
        unwritten, behind = len(replica.unpublished), self.behind_blocks()
        if unwritten > UNWRITTEN_BLOCKS_MAX:
            return f"The disk does not keep up: {unwritten} decided blocks are not durable yet."
        if behind > BEHIND_BLOCKS_MAX:
            return f"This node is {behind} blocks behind the others and catches up."
        if (held := held_up(replica)) is not None:
            return str(held)
        if replica.chain.validators.index_of(self._member) is None or replica.engine.me is not None:
            return None
        if replica.recovery is not None:
            why = "its database lacks what it signed last" if voting_mark.is_cut(replica.store) else "it lost its voting mark"
            if replica.chain.validators.n == 1:
                return f"This validator does not vote: {why}, and there is no other to ask; see `tallystick node mark --help`."
            return f"This validator does not vote: {why} and asks the others; see `recovery` of /v1/consensus."
        return "This validator does not vote: the ledger knows another key for it."

    def _missing_contract(self) -> str | None:
        """What keeps this node from judging blocks: a contract of the ledger that is not installed here in that version."""
        for _, entry in Governance(self._replica.chain.state).contracts.items():
            try:
                self._installed.installed(entry)
            except ContractMissingError as error:
                return error.message
        return None

    def _note_damage(self, code: str, message: str) -> None:
        if self._damage is None:
            self._damage = message
            self.tell(logging.ERROR, code, {"error": message})

    def _peers_behind(self) -> int:
        height = self._replica.engine.height
        return sum(theirs < height - BEHIND_BLOCKS_MAX for theirs in self._heights.values())

    def _database_bytes(self) -> int:
        files = (self._database, self._database.with_name(self._database.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
