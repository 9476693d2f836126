"""What clients saw of a ledger, and whether one honest ledger can have shown it to them.

The claim, for transactions: the order of the ledger is a linearization of what the clients did. That is, (1) whatever was
acknowledged stands in the ledger exactly once, where and with what outcome its client was told; (2) operations in the
order of the ledger have the outcomes that a plain model of the contract gives; (3) that order agrees with real time: what
was acknowledged before another was first sent stands before it.

A read is answered by one node from its own durable height, which may lie behind the others: reads are not linearizable,
and are not claimed to be. What holds of them: (4) a read shows exactly what the ledger held at the height that it names,
and (5) a node never goes back: whatever it shows after an answer was received includes all that the answer rests on,
also across `kill -9`. So at one node, a read sees at least all that this node acknowledged before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Place = tuple[int, int]
"""Height and position in the block."""


@dataclass(slots=True)
class Operation:
    """One transaction as its client sees it. Times are of one monotonic clock."""

    transaction: str
    operation: str
    number: str
    signer: str
    to: str
    """New holder of an asset; empty for a counter."""
    sent_ns: int
    """Before it was sent for the first time."""
    acknowledged_ns: int | None = None
    """None: no answer came, so it may or may not have happened."""
    place: Place | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """A height that a node showed in an answer."""

    node: str
    asked_ns: int
    answered_ns: int
    height: int


@dataclass(frozen=True, slots=True)
class Read:
    """A counter as a node showed it."""

    seen: Observation
    number: str
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction of the ledger."""

    place: Place
    transaction: str
    code: str


def wrong(operations: Sequence[Operation], entries: Sequence[Entry], reads: Sequence[Read]) -> list[str]:
    """All that no honest ledger can have shown."""
    by_id = {operation.transaction: operation for operation in operations}
    return [
        *_once(operations, entries),
        *_outcomes(by_id, entries),
        *_real_time(by_id, entries),
        *_reads(by_id, entries, reads),
    ]


def gone_back(observations: Iterable[Observation]) -> list[str]:
    """Answers of a node that rest on less than an earlier answer of the same node did."""
    found: list[str] = []
    by_node: dict[str, list[Observation]] = {}
    for observation in observations:
        by_node.setdefault(observation.node, []).append(observation)
    for node, seen in by_node.items():
        answers = iter(sorted(seen, key=lambda o: o.answered_ns))
        known, following = 0, next(answers)
        for later in sorted(seen, key=lambda o: o.asked_ns):
            while following.answered_ns < later.asked_ns:
                known, following = max(known, following.height), next(answers)
            if later.height < known:
                found.append(f"{node} showed height {later.height} after {known}")
    return found


def _once(operations: Sequence[Operation], entries: Sequence[Entry]) -> Iterator[str]:
    counts = Counter(entry.transaction for entry in entries)
    yield from (f"{transaction} stands {count} times in the ledger" for transaction, count in counts.items() if count > 1)
    held = {entry.transaction: (entry.place, entry.code) for entry in entries}
    for operation in operations:
        if operation.acknowledged_ns is not None and held.get(operation.transaction) != (operation.place, operation.code):
            told, kept = (operation.place, operation.code), held.get(operation.transaction)
            yield f"{operation.transaction} was acknowledged as {told}, the ledger holds {kept}"


def _outcomes(by_id: dict[str, Operation], entries: Sequence[Entry]) -> Iterator[str]:
    """Compares with the plain model."""
    holders: dict[str, str] = {}
    for entry in entries:
        operation = by_id.get(entry.transaction)
        if operation is None:
            yield f"{entry.transaction} was sent by nobody"
            continue
        holder, code = holders.get(operation.number), "ok"
        if operation.operation == "issue" and holder is not None:
            code = "already-issued"
        elif operation.operation == "transfer" and holder != operation.signer:
            code = "not-found" if holder is None else "not-holder"
        elif operation.operation != "bump":
            holders[operation.number] = operation.to
        if entry.code != code:
            yield f"{entry.transaction} at {entry.place} ended as {entry.code}, expected {code}"


def _real_time(by_id: dict[str, Operation], entries: Sequence[Entry]) -> Iterator[str]:
    """Nothing stands behind what was sent only after its acknowledgement."""
    latest: Operation | None = None
    for entry in entries:
        operation = by_id.get(entry.transaction)
        if operation is None:
            continue
        if latest is not None and operation.acknowledged_ns is not None and operation.acknowledged_ns < latest.sent_ns:
            yield f"{operation.transaction} was acknowledged before {latest.transaction} was sent, but stands behind it"
        if latest is None or operation.sent_ns > latest.sent_ns:
            latest = operation


def _reads(by_id: dict[str, Operation], entries: Sequence[Entry], reads: Sequence[Read]) -> Iterator[str]:
    bumps = [(e.place[0], by_id[e.transaction].number) for e in entries if e.transaction in by_id]
    bumps = [(height, number) for height, number in bumps if number.startswith("C-")]
    for read in reads:
        expected = sum(number == read.number and height <= read.seen.height for height, number in bumps)
        if read.count != expected:
            yield f"{read.seen.node} showed {read.number} = {read.count} at height {read.seen.height}, expected {expected}"
