"""What the HTTP application asks of the node it belongs to. `nodes/node` implements it.

Everything here is called in the event loop's thread and returns at once, except `Signal.wait_above`.
Reads that leave the node are taken from `snapshot`, which sees durable data alone.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ledger.chain.view import ChainView
from ledger.contract.contract import ContractSet
from ledger.errors import JsonValue
from ledger.primitives import Digest
from ledger.transaction import Transaction
from nodes.access.levels import Reads
from nodes.access.tokens import TokenJudge
from nodes.app.forwarder import Forwarder
from nodes.documents.exchange import Exchange
from nodes.links.faults import FaultList, Faults
from nodes.links.sessions import BatchReceiver
from nodes.messages import Message
from nodes.node.metrics import Metrics
from nodes.settings import Limits
from nodes.signals import Signal


class NodeLog(Protocol):
    """The node's trace: records `{"sequence", "time", "kind", …}` with a sequence rising by 1 from 1."""

    @property
    def changed(self) -> Signal:
        """Holds the sequence of the newest record."""

    def page(self, after: int, limit: int) -> Sequence[dict[str, JsonValue]]:
        """At most `limit` kept records with a sequence above `after`, in order."""


class Lab(Protocol):
    """What only a network started as a lab allows, to whoever holds its token."""

    @property
    def token(self) -> str:
        """The secret that lab calls carry as a bearer token."""

    @property
    def forwarder(self) -> Forwarder:
        """Passes requests on to the control."""

    def control_url(self) -> str:
        """Where the control of the lab listens; empty while whoever runs the network runs none."""

    def is_frozen(self) -> bool:
        """Whether nobody acts now but the machine that runs the lab."""

    def set_clock(self, time_ms: int) -> None:
        """Sets the node's UTC clock to an instant, durably; raises ConflictError `clock-backward` for one before now."""

    @property
    def faults(self) -> Faults:
        """What goes wrong on the links of this node now."""

    def set_faults(self, faults: FaultList) -> None:
        """Puts these in the place of all present ones; raises InputError `unknown-peer`."""


class NodeServices(Protocol):
    """One running node, as its HTTP application sees it."""

    @property
    def member(self) -> str:
        """Member id of this node."""

    @property
    def ledger(self) -> Digest:
        """The genesis id."""

    @property
    def contracts(self) -> ContractSet:
        """System contracts and the installed ones."""

    @property
    def limits(self) -> Limits:
        """What a request may ask for."""

    @property
    def inbox(self) -> BatchReceiver:
        """Judges what other nodes send."""

    @property
    def reads(self) -> Reads:
        """Whom this node answers to: everybody, or members alone."""

    @property
    def tokens(self) -> TokenJudge:
        """Judges the tokens of members."""

    @property
    def metrics(self) -> Metrics:
        """What this node counts."""

    @property
    def documents(self) -> Exchange:
        """Private documents, here and at other nodes."""

    @property
    def published(self) -> Signal:
        """Holds the durable height."""

    @property
    def log(self) -> NodeLog:
        """The node's trace."""

    @property
    def lab(self) -> Lab | None:
        """None unless the network was started as a lab."""

    def snapshot(self) -> AbstractContextManager[ChainView]:
        """One read-only transaction on durable data."""

    def now_ms(self) -> int:
        """The node's UTC clock, moved by the lab."""

    def admit(self, transaction: Transaction) -> None:
        """Judges a transaction, its signatures included; raises InputError or BusyError. Changes nothing."""

    def submit(self, transactions: tuple[Transaction, ...]) -> None:
        """Takes admitted transactions into the mempool and spreads them."""

    def is_pending(self, transaction: Digest) -> bool:
        """Whether the mempool, or a block that is not yet durable, holds it."""

    def receive(self, sender: str, messages: Sequence[Message]) -> None:
        """Hands messages of an authenticated node to the replica."""

    def consensus_json(self) -> dict[str, JsonValue]:
        """Height, view, statements held and missing: why it waits."""

    def not_ready(self) -> str | None:
        """Why this node does not serve its purpose now (stopped as diverged, replaying, store failed), or None."""
