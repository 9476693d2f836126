"""What a lab lets go wrong between its nodes: batches of one node, by peer and direction, are lost or held back. Pure.

A node without a lab has no such object, and its links do not ask. Faults live in memory: a node that starts has none.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ledger.codec import StrictModel
from ledger.errors import InputError, JsonValue
from nodes.messages import Message, StatusMessage, TransactionsMessage

EVERYBODY = "*"
DELAY_MS_MAX = 10_000
PERMILLE = 1_000
Direction: TypeAlias = Literal["to", "from", "both"]


class Fault(StrictModel):
    """What happens to the batches between this node and a peer."""

    peer: str
    """Member id of the other node, or `*` for all: dropping everything of `*` isolates this node."""
    direction: Direction = "both"
    """Batches that go `to` the peer, come `from` it, or `both`; only one of the first two makes a one-way link."""
    drop_permille: Annotated[int, Field(ge=0, le=PERMILLE)] = 0
    """How many of a thousand batches are lost; 1000: all."""
    delay_ms: Annotated[int, Field(ge=0, le=DELAY_MS_MAX)] = 0
    """Each batch takes longer by this time. A link has one batch in flight, so outgoing messages gather behind it."""


ISOLATED = Fault(peer=EVERYBODY, drop_permille=PERMILLE)
"""The node neither hears nor is heard."""


class FaultList(StrictModel):
    """All faults that a node is to have from now on; none of the earlier ones stays."""

    faults: Annotated[tuple[Fault, ...], Field(max_length=100)]

    def to_json(self) -> dict[str, JsonValue]:
        """All fields."""
        return self.model_dump(mode="json")


class Faults:
    """The present faults of one node."""

    def __init__(self, peers: Iterable[str], below: Callable[[int], int]) -> None:
        """`below(n)` draws an integer from 0 to n - 1."""
        self.present = FaultList(faults=())
        self._peers = frozenset(peers)
        self._below = below

    def set(self, faults: FaultList) -> None:
        """Puts these in the place of all others; raises InputError `unknown-peer` for one that cannot act."""
        for fault in faults.faults:
            if fault.peer != EVERYBODY and fault.peer not in self._peers:  # check: fault-peer
                raise InputError("unknown-peer", f"This node has no link with {fault.peer[:200]!r}; `*` stands for all nodes.")
        self.present = faults

    def delay_ms(self, peer: str, direction: Literal["to", "from"]) -> int | None:
        """How much longer the next batch takes; None if it is lost."""
        acting = [f for f in self.present.faults if f.peer in (peer, EVERYBODY) and f.direction in (direction, "both")]
        if any(self._below(PERMILLE) < fault.drop_permille for fault in acting):
            return None
        return sum(fault.delay_ms for fault in acting)


def is_traced(message: Message) -> bool:
    """Whether the log of a lab names the batch for this message: pending transactions and idle status would drown the rest."""
    return not isinstance(message, TransactionsMessage | StatusMessage)
