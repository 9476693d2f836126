"""Transactions that wait for a block: bounded as a whole and by member, in order of arrival, sent again until included.

What a leader proposes is chosen here, so that one transaction on whose result the nodes disagree holds up no other. What
stood in an own fresh proposal that was skipped is suspected from then on, and never shares a block with what is not; this
node proposes the two in turn. A skip halves the size of the next blocks of its kind, a commit doubles it again, so that the
suspected are split until one stands alone. What was skipped alone twice is set aside: it is tried again, alone, after waits
that double, until it expires. All this is a matter of what is proposed and what counts as work, never of what is voted for;
a restart forgets it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ledger.errors import BusyError
from ledger.identity.records import RANGES
from ledger.primitives import Digest, PublicKey
from ledger.transaction import Transaction
from nodes.settings import ReplicaLimits

SKIPS_ALONE_MAX = 2
"""A transaction is set aside once this many own proposals that held nothing else were skipped."""
REST_ROUNDS = 64
"""Resend rounds for which it is then left out; twice as many each time that it is skipped again."""
BLOCK_MAX = RANGES["block_transactions_max"][1]


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
    skips_alone: int = 0
    """Own proposals that held nothing else and were skipped."""
    rests_until: int = 0
    """Number of the resend round from which on this node proposes it again."""

    @property
    def is_set_aside(self) -> bool:
        """Whether it is proposed alone and seldom, if at all."""
        return self.skips_alone >= SKIPS_ALONE_MAX

    def rest(self, round_number: int) -> int:
        """Sets it aside from this round on; returns for how many."""
        rounds = REST_ROUNDS << (self.skips_alone - SKIPS_ALONE_MAX)
        self.rests_until = round_number + rounds
        return rounds


class Mempool:
    """Pending transactions by id and by their raw bytes; a raw line that is known here needs no parsing."""

    def __init__(self, limits: ReplicaLimits) -> None:
        self.limits = limits
        self.pending: dict[Digest, Pending] = {}
        self.by_raw: dict[bytes, Transaction] = {}
        self.bytes = 0
        self.is_changed = False
        """Whether a transaction went or was set aside since the replica last asked for work."""
        self.round = 0
        """Number of the present resend round."""
        self.suspected: dict[Digest, Pending] = {}
        """Those that stood in an own fresh proposal that was skipped, the last ones last."""
        self.block_max = BLOCK_MAX
        """Most transactions in this node's next block; the ledger's own limit stands beside it."""
        self.suspected_max = BLOCK_MAX
        """The same for a block of suspected ones."""
        self._suspected_last = False
        """Whether this node proposed suspected ones last."""
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

    def add(self, transaction: Transaction, keys: tuple[PublicKey | None, ...]) -> None:
        """Takes a transaction verified with these keys; a known id changes nothing."""
        if transaction.id in self.pending:
            return
        self.pending[transaction.id] = Pending(transaction, keys, self.round + 2)
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
            self.is_changed = True
            self.suspected.pop(transaction_id, None)
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

    def wanted(self) -> Iterator[Transaction]:
        """What this node would propose now, in order of arrival: everything that is not set aside."""
        return (entry.transaction for entry in self.pending.values() if not entry.is_set_aside)

    def tried_again(self) -> Iterator[Transaction]:
        """What this node would try once more: what was set aside and has rested."""
        return (entry.transaction for entry in self.set_aside() if entry.rests_until <= self.round)

    def select(self, is_admissible: Callable[[Transaction], bool], count_max: int, bytes_max: int) -> tuple[Transaction, ...]:
        """What a fresh block takes now: admissible ones in order of arrival, within the block's limits; the suspected and the
        others in turn, and never together.
        """
        clean = (entry for entry in self.pending.values() if entry.transaction.id not in self.suspected)
        suspected = (entry for entry in self.suspected.values() if entry.rests_until <= self.round)
        turns = [(True, suspected, self.suspected_max), (False, clean, self.block_max)]
        for is_suspected, entries, most in reversed(turns) if self._suspected_last else turns:
            chosen = _first(entries, is_admissible, min(count_max, most), bytes_max)
            if chosen:
                self._suspected_last = is_suspected
                return chosen
        return ()

    def skipped(self, transactions: Sequence[Transaction]) -> int:
        """An own fresh proposal of these was skipped. Returns for how many rounds one that stood alone is set aside, else 0."""
        entries = [self.pending[t.id] for t in transactions if t.id in self.pending]
        alone = entries[0] if entries and len(transactions) == 1 else None
        if alone is None or not alone.is_set_aside:  # one that was tried again says nothing about the size of blocks
            half = max(1, len(transactions) // 2)
            if not self._suspected_last:
                self.block_max = min(self.block_max, half)
            self.suspected_max = min(self.suspected_max, half) if self.suspected else half
        for entry in entries:  # to the end of the queue
            self.suspected.pop(entry.transaction.id, None)
            self.suspected[entry.transaction.id] = entry
        if alone is None:
            return 0
        alone.skips_alone += 1
        self.is_changed = True
        return alone.rest(self.round) if alone.is_set_aside else 0

    def exhausted(self, transaction: Digest) -> int:
        """This machine cannot execute it: set aside at once, as if it had been skipped alone; returns for how many rounds."""
        self.is_changed = True
        entry = self.suspected[transaction] = self.pending[transaction]
        entry.skips_alone = max(entry.skips_alone + 1, SKIPS_ALONE_MAX)
        return entry.rest(self.round)

    def committed(self) -> None:
        """An own fresh proposal became a block."""
        if self._suspected_last:
            self.suspected_max = min(2 * self.suspected_max, BLOCK_MAX)
        else:
            self.block_max = min(2 * self.block_max, BLOCK_MAX)

    def set_aside(self) -> list[Pending]:
        """Those that are set aside."""
        return [entry for entry in self.suspected.values() if entry.is_set_aside]

    def due_again(self) -> tuple[bytes, ...]:
        """A resend round begins: raw envelopes to send again in it, within the gossip limit."""
        self.round += 1
        chosen: list[bytes] = []
        size = 0
        for entry in self.pending.values():
            if entry.resend_at > self.round:
                continue
            size += len(entry.transaction.raw)
            if size > self.limits.gossip_bytes_max and chosen:
                break
            chosen.append(entry.transaction.raw)
            entry.wait_rounds *= 2
            entry.resend_at = self.round + entry.wait_rounds
        return tuple(chosen)


def _first(
    entries: Iterable[Pending], is_admissible: Callable[[Transaction], bool], count_max: int, bytes_max: int
) -> tuple[Transaction, ...]:
    """The first admissible ones within the limits; one that is set aside only by itself."""
    chosen: list[Transaction] = []
    size = 0
    for entry in entries:
        if len(chosen) == count_max:
            break
        if (entry.is_set_aside and chosen) or not is_admissible(entry.transaction):
            continue
        if entry.is_set_aside:
            return (entry.transaction,)
        size += len(entry.transaction.raw)
        if size > bytes_max:
            break
        chosen.append(entry.transaction)
    return tuple(chosen)
