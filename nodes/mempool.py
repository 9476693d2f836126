"""Transactions that wait for a block: bounded as a whole and by member, in order of arrival, sent again until included."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ledger.errors import BusyError
from ledger.primitives import Digest, PublicKey
from ledger.transaction import Transaction
from nodes.settings import Limits


@dataclass(slots=True)
class Pending:
    """One waiting transaction. Its signatures were verified when it came in."""

    transaction: Transaction
    keys: tuple[PublicKey | None, ...]
    """The keys that its signatures were verified with."""
    resend_at: int
    """Number of the resend round from which on it is sent again."""
    wait_rounds: int = 1
    """Doubles with each sending, so that a long queue does not drown the links."""


class Mempool:
    """Pending transactions by id and by their raw bytes; a raw line that is known here needs no parsing."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.pending: dict[Digest, Pending] = {}
        self.by_raw: dict[bytes, Transaction] = {}
        self.bytes = 0
        self._count_by_member: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.pending)

    def __contains__(self, transaction: Digest) -> bool:
        return transaction in self.pending

    def __iter__(self) -> Iterator[Transaction]:
        """In order of arrival."""
        return (entry.transaction for entry in self.pending.values())

    def verify_room(self, transaction: Transaction) -> None:
        """Raises BusyError `too-many-pending` when all places, the bytes, or the first signer's share are used up."""
        limits, member = self.limits, transaction.signers[0]
        if len(self.pending) >= limits.pending_max:  # check: mempool-places
            raise BusyError("too-many-pending", f"{limits.pending_max} transactions wait already.", status=503)
        if self.bytes + len(transaction.raw) > limits.pending_bytes_max:  # check: mempool-bytes
            raise BusyError("too-many-pending", f"{limits.pending_bytes_max} bytes of transactions wait already.", status=503)
        if self._count_by_member.get(member, 0) >= limits.pending_per_member_max:  # check: mempool-share
            raise BusyError(
                "too-many-pending", f"{limits.pending_per_member_max} transactions of {member} wait already.", member=member
            )

    def is_verified(self, transaction: Transaction, keys: tuple[PublicKey | None, ...]) -> bool:
        """Whether this very envelope was verified, with these keys. The id will not do: it does not cover the signatures."""
        entry = self.pending.get(transaction.id)
        return entry is not None and entry.keys == keys and entry.transaction.raw == transaction.raw

    def add(self, transaction: Transaction, keys: tuple[PublicKey | None, ...], round_number: int) -> None:
        """Takes a transaction verified with these keys; a known id changes nothing."""
        if transaction.id in self.pending:
            return
        self.pending[transaction.id] = Pending(transaction, keys, round_number + 2)
        self.by_raw[transaction.raw] = transaction
        self.bytes += len(transaction.raw)
        member = transaction.signers[0]
        self._count_by_member[member] = self._count_by_member.get(member, 0) + 1

    def remove(self, transactions: Iterable[Digest]) -> None:
        """Forgets transactions that are included or expired."""
        for transaction_id in transactions:
            entry = self.pending.pop(transaction_id, None)
            if entry is None:
                continue
            del self.by_raw[entry.transaction.raw]
            self.bytes -= len(entry.transaction.raw)
            member = entry.transaction.signers[0]
            left = self._count_by_member[member] - 1
            if left:
                self._count_by_member[member] = left
            else:
                del self._count_by_member[member]

    def remove_expired(self, block_time_ms: int) -> list[Digest]:
        """Forgets and names those that no later block can hold."""
        expired = [entry.transaction.id for entry in self.pending.values() if entry.transaction.expires_ms <= block_time_ms]
        self.remove(expired)
        return expired

    def select(self, is_admissible: Callable[[Transaction], bool], count_max: int, bytes_max: int) -> tuple[Transaction, ...]:
        """What a fresh block takes now: admissible ones in order of arrival, within the block's limits."""
        chosen: list[Transaction] = []
        size = 0
        for transaction in self:
            if len(chosen) == count_max:
                break
            if is_admissible(transaction):
                size += len(transaction.raw)
                if size > bytes_max:
                    break
                chosen.append(transaction)
        return tuple(chosen)

    def due_again(self, round_number: int) -> tuple[bytes, ...]:
        """Raw envelopes to send again in this resend round, within the gossip limit."""
        chosen: list[bytes] = []
        size = 0
        for entry in self.pending.values():
            if entry.resend_at > round_number:
                continue
            size += len(entry.transaction.raw)
            if size > self.limits.gossip_bytes_max and chosen:
                break
            chosen.append(entry.transaction.raw)
            entry.wait_rounds *= 2
            entry.resend_at = round_number + entry.wait_rounds
        return tuple(chosen)
