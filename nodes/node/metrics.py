"""What one node counts, for Prometheus: `GET /metrics` prints it.

Each node has a registry of its own, since several may share a process. Labels take values from short, closed lists
(routes as declared, kinds of messages, codes of the project), and `LABEL_VALUES_MAX` holds whatever a contract brings.
"""

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from ledger.primitives import Digest
from nodes.messages import (
    BlockMessage,
    CertificateMessage,
    DecidedMessage,
    FetchMessage,
    HighestAnswer,
    HighestRequest,
    Message,
    StatementMessage,
    StatusMessage,
    TransactionsMessage,
    WritesMessage,
    WritesRequest,
    weight,
)

LABEL_VALUES_MAX = 200
"""Distinct values of one label; those that come later are counted as `other`."""
WATCHED_MAX = 20_000
"""Transactions whose way into a block is timed at once; beyond it they go untimed."""
COMMIT_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
REQUEST_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})

Reading: TypeAlias = Callable[[], float]
"""Reads a figure at the moment at which it is asked for."""

KINDS: Mapping[type[Message], str] = {
    BlockMessage: "block",
    DecidedMessage: "decided",
    TransactionsMessage: "transactions",
    StatusMessage: "status",
    FetchMessage: "fetch",
    HighestRequest: "highest-request",
    HighestAnswer: "highest-answer",
    WritesRequest: "writes-request",
    WritesMessage: "writes",
}
"""Kinds of messages; statements and certificates go by their own kinds."""


class Metrics:
    """The figures of one node."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._commit = Histogram(
            "tallystick_commit_seconds",
            "From the moment this node took a transaction from a client until its receipt was durable here.",
            buckets=COMMIT_SECONDS,
            registry=self.registry,
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
            registry=self.registry,
        )
        self._kept: dict[tuple[str, str], tuple[Counter, Counter]] = {}
        """By direction and kind of message, since finding a counter by its labels costs more than counting."""
        self._seen: dict[str, set[str]] = {}
        self._watched: dict[Digest, float] = {}

    def gauge(self, name: str, text: str, read: Reading | Mapping[str, Reading], label: str = "") -> None:
        """A figure that is read when somebody asks; with a label, one reading for each of its values."""
        gauge = Gauge(f"tallystick_{name}", text, (label,) if label else (), registry=self.registry)
        if callable(read):
            gauge.set_function(read)
            return
        for value, reading in read.items():
            gauge.labels(value).set_function(reading)

    def submitted(self, transactions: Iterable[Digest]) -> None:
        """A client's transactions were taken just now."""
        now = time.monotonic()
        for transaction in transactions:
            if len(self._watched) >= WATCHED_MAX:
                break
            self._watched[transaction] = now

    def decided(self, codes: Mapping[Digest, str], expired: Callable[[Digest], bool]) -> None:
        """A block became durable; its transactions with the codes of their receipts. `expired` names those to forget."""
        now = time.monotonic()
        for code, number in Tally(codes.values()).items():
            self._transactions.labels(self._bounded("receipt", code)).inc(number)
        for transaction in codes:
            started = self._watched.pop(transaction, None)
            if started is not None:
                self._commit.observe(now - started)
        if len(self._watched) >= WATCHED_MAX:
            self._watched = {t: started for t, started in self._watched.items() if not expired(t)}

    def message(self, direction: str, message: Message, receivers: int = 1) -> None:
        """A message came (`in`), or was queued for this many nodes (`out`)."""
        key = (direction, kind_of(message))
        counters = self._kept.get(key)
        if counters is None:
            counters = self._kept[key] = (self._messages.labels(*key), self._bytes.labels(*key))
        counters[0].inc(receivers)
        counters[1].inc(receivers * weight(message))

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

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"tallystick_{name}", text, labels, registry=self.registry)

    def _bounded(self, label: str, value: str) -> str:
        seen = self._seen.setdefault(label, set())
        if value not in seen:
            if len(seen) >= LABEL_VALUES_MAX:
                return "other"
            seen.add(value)
        return value


def kind_of(message: Message) -> str:
    """One word for the kind of a message: `vote`, `notar-certificate`, `block`."""
    match message:
        case StatementMessage(statement):
            return statement.kind
        case CertificateMessage(certificate):
            return f"{certificate.kind}-certificate"
        case _:
            return KINDS[type(message)]
