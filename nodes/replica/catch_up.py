"""How a replica helps nodes that are behind: with decided blocks, with bodies and certificates of the present height."""

from collections.abc import Callable, Iterable, Mapping

from ledger.certificate import PARTS
from ledger.chain import tables
from ledger.chain.chain import Chain
from ledger.errors import StorageError
from ledger.primitives import Digest
from ledger.transaction import Block
from nodes.consensus.engine_state import EngineState
from nodes.messages import (
    CertificateMessage,
    DecidedMessage,
    FetchMessage,
    Message,
    StatusMessage,
    WritesMessage,
    block_message,
    weight,
)
from nodes.settings import ReplicaLimits

DAMAGED = "database-damaged"


class Answers:
    """Answers each peer within its share of a resend interval, so that no peer keeps this node busy."""

    def __init__(
        self,
        chain: Chain,
        limits: ReplicaLimits,
        send: Callable[[str, Message], None],
        log_damage: Callable[[str, StorageError], None],
    ) -> None:
        self._chain = chain
        self.limits = limits
        self._send_message = send
        self._log_damage = log_damage
        self._heights: dict[str, int] = {}
        """By peer: the highest block sent to it in this interval."""
        self._bytes: dict[str, int] = {}
        """By peer: bytes of all answers to it in this interval."""
        self._greeted: set[str] = set()
        """Peers that are ahead and got this node's height."""
        self.apart: dict[str, int] = {}
        """By peer that came to another result than this node: height of the block whose writes it asked for."""

    def begin_interval(self) -> None:
        """Every peer has its whole share again."""
        self._heights.clear()
        self._bytes.clear()
        self._greeted.clear()

    def to_status(self, peer: str, status: StatusMessage, engine: EngineState) -> None:
        """A peer that is behind gets the decided blocks with their records (once an interval), or the certificates of the views
        between; a peer that is ahead learns that this node is behind.
        """
        if status.height > self.apart.get(peer, status.height):
            del self.apart[peer]
        if status.height < engine.height:
            self._send_decided(peer, status.height)
        elif status.height == engine.height and status.view < engine.view:
            self._send_certificates(peer, range(status.view, engine.view), engine)
        elif status.height > engine.height and peer not in self._greeted:
            self._greeted.add(peer)
            self._send_message(peer, StatusMessage(engine.height, engine.view))

    def to_fetch(self, peer: str, fetch: FetchMessage, engine: EngineState, blocks: Mapping[Digest, Block]) -> None:
        """The bodies and certificates that it names and this node holds; of a decided height, the block with its record."""
        if fetch.height < engine.height:
            self._send_decided(peer, fetch.height)
        elif fetch.height == engine.height:
            for block in filter(None, map(blocks.get, fetch.blocks)):
                self._send(peer, block_message(block))
            self._send_certificates(peer, fetch.views, engine)

    def to_writes_request(self, peer: str, height: int) -> None:
        """The writes of a decided block, to a node that came to another result."""
        self.apart[peer] = height
        if 1 <= height <= self._chain.height and self._may_answer(peer):
            self._send(peer, WritesMessage(height, tuple(tables.read_write_lines(self._chain.store, height))))

    def _send_decided(self, peer: str, height: int) -> None:
        """The blocks from that height on, with their records, within the limits of one answer."""
        if not self._heights.get(peer, 0) < height:  # check: one-answer
            return
        limits, store, size = self.limits, self._chain.store, 0
        try:
            for number in range(height, min(self._chain.height, height + limits.catch_up_blocks_max - 1) + 1):
                if not self._may_answer(peer):
                    return
                envelopes = tuple(tables.read_envelopes(store, number))
                size += sum(map(len, envelopes))
                if number > height and size > limits.catch_up_bytes_max:
                    return
                self._heights[peer] = number
                header, record = tables.read_header(store, number), tables.read_record(store, number)
                self._send(peer, DecidedMessage(header.raw, envelopes, record))
        except StorageError as error:  # others have these blocks; what this node itself needs of its database stops it
            if error.code != DAMAGED:
                raise
            self._log_damage(peer, error)

    def _send_certificates(self, peer: str, views: Iterable[int], engine: EngineState) -> None:
        for view in views:
            if not self._may_answer(peer):
                return
            for kind in PARTS:
                if (kind, view) in engine.certificates:
                    self._send(peer, CertificateMessage(engine.certificates[kind, view]))

    def _may_answer(self, peer: str) -> bool:
        return self._bytes.get(peer, 0) < self.limits.answer_bytes_max

    def _send(self, peer: str, message: Message) -> None:
        """Sends what a peer asked for, within its share; it asks again in its next interval."""
        if not self._may_answer(peer):  # check: answer-share
            return
        self._bytes[peer] = self._bytes.get(peer, 0) + weight(message)
        self._send_message(peer, message)
