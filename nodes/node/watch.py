"""What the operator of a node sees of it: figures, lines on standard error, and why it is not ready."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ledger.chain.view import ChainView
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object
from ledger.errors import ContractMissingError, JsonValue, StorageError
from ledger.identity.reads import list_contracts
from ledger.transaction import Transaction
from nodes.event_lines import tell
from nodes.links.links import Links
from nodes.messages import Message, StatusMessage
from nodes.node.metrics import Metrics
from nodes.replica import voting_record
from nodes.replica.catch_up import DAMAGED
from nodes.replica.explain import held_up
from nodes.replica.replica import Replica

BEHIND_BLOCKS_MAX = 5
"""A node this many blocks behind is still ready: news take a moment."""
UNWRITTEN_BLOCKS_MAX = 20
"""Decided blocks that the disk may owe."""
OK = b'{"code":"ok",'
"""How the canonical receipt of a committed transaction begins: most need not be read."""

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
        self.metrics = Metrics()
        self._member, self._replica = member, replica
        self._installed = installed
        self._database = database
        self._heights: dict[str, int] = {}
        """By peer: the height that it last said it works on."""
        self._damage: str | None = None
        """What was found damaged in the database since the node began."""
        self._ended: str | None = None

    def begin(self, links: Links) -> None:
        """Adds the figures that are read when somebody asks."""
        replica, gauge = self._replica, self.metrics.gauge
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

    def tell(self, level: int, event: str, fields: Mapping[str, JsonValue], error: BaseException | None = None) -> None:
        """A line on standard error."""
        tell(level, event, {"node": self._member, **fields}, error)

    def read_failed(self, error: StorageError) -> None:
        """A row could not be read: from now on the node is not ready."""
        self._note_damage(error.code, error.message)

    def ends(self, failure: BaseException | None) -> None:
        """The node stops, because of a failure if one is given."""
        self._ended = "The node is stopping." if failure is None else f"The node failed: {failure}"

    def record(self, kind: str, fields: Mapping[str, JsonValue]) -> None:
        """Tells a record of the node's log if it is one for the operator."""
        if fields.get("code") == DAMAGED:
            self._note_damage(DAMAGED, str(fields["error"]))
        level = LEVELS.get(kind)
        if level is not None:
            self.tell(level, kind, {name: value for name, value in fields.items() if name in FIELDS})

    def submitted(self, transactions: Iterable[Transaction]) -> None:
        """A client's transactions were taken."""
        self.metrics.submitted(transaction.id for transaction in transactions)

    def decided(self, height: int, transactions: Sequence[Transaction], view: ChainView) -> None:
        """These transactions of a block are durable."""
        codes = ["ok" if raw.startswith(OK) else str(decode_object(raw)["code"]) for raw in view.receipts(height)]
        by_transaction = {t.id: code for t, code in zip(transactions, codes, strict=True)}
        self.metrics.decided(by_transaction, lambda t: not self._replica.is_pending(t))

    def sent(self, message: Message, receivers: int) -> None:
        """A message was queued for this many nodes."""
        self.metrics.message("out", message, receivers)

    def received(self, sender: str, messages: Sequence[Message]) -> None:
        """Messages of an authenticated node."""
        for message in messages:
            self.metrics.message("in", message)
            if isinstance(message, StatusMessage):
                self._heights[sender] = message.height

    def behind_blocks(self) -> int:
        """How many blocks f+1 validators say they are ahead of this node; f of them may lie."""
        validators = self._replica.chain.validators
        others = [v.member for v in validators.validators if v.member != self._member]
        told = sorted((self._heights.get(member, 0) for member in others), reverse=True)
        return max(0, told[validators.f] - self._replica.engine.height) if len(told) > validators.f else 0

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
            why = "its database lacks what it signed last" if voting_record.is_cut(replica.store) else "it lost its voting mark"
            if replica.chain.validators.n == 1:
                return f"This validator does not vote: {why}, and there is no other to ask; see `tallystick node mark --help`."
            return f"This validator does not vote: {why} and asks the others; see `recovery` of /v1/consensus."
        return "This validator does not vote: the ledger knows another key for it."

    def _missing_contract(self) -> str | None:
        """What keeps this node from judging blocks: a contract of the ledger that is not installed here in that version."""
        for entry in list_contracts(self._replica.chain.state):
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
