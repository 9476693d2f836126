"""Who a replica is, and its own limits with their defaults; units last.

What all nodes must agree on stands in the ledger's own `Parameters`, not here; the limits of what is around a replica
stand in `nodes/limits`.
"""

from dataclasses import dataclass, field

from ledger.keys import PrivateKey


@dataclass(frozen=True, slots=True)
class ReplicaLimits:
    """What one replica keeps for others and sends them."""

    pending_max: int = 20_000
    """Transactions in the mempool."""
    pending_per_member_max: int = 5_000
    """Of these, most that name one member as first signer."""
    pending_bytes_max: int = 32_000_000
    """Bytes of envelopes in the mempool."""
    buffered_messages_max: int = 256
    """Messages of the next height kept for one peer."""
    buffered_bytes_max: int = 10_000_000
    """Their bytes; the first is kept whatever its size."""
    catch_up_blocks_max: int = 64
    """Blocks in one answer to a node that is behind."""
    catch_up_bytes_max: int = 4_000_000
    """Bytes of bodies in such an answer; one block is always sent."""
    answer_bytes_max: int = 32_000_000
    """Bytes of all answers to one peer in one resend interval; the last one may pass it."""
    gossip_bytes_max: int = 256_000
    """Envelopes that are sent again in one resend interval."""


@dataclass(frozen=True, slots=True)
class ReplicaSettings:
    """Who a replica is, whether it may vote, and its limits."""

    member: str
    """Its member id, `organization.member`."""
    key: PrivateKey | None
    """Signs its statements; None for an observer."""
    may_vote: bool = True
    """False without the voting mark: the replica asks the others first (`nodes/replica/recovery`)."""
    limits: ReplicaLimits = field(default_factory=ReplicaLimits)
