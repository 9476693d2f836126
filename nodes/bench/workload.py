"""Transactions that are signed before the clock starts: assets issued, each passed on once, one counter bumped by all."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ledger.contract.contract import Operation
from ledger.errors import JsonValue
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from ledger.transaction import Transaction, sign_transaction
from nodes.key_files import read_key
from nodes.network.local import LocalNetwork
from nodes.node.clock import wall_ms
from nodes.sample_contract import Asset

LIFETIME_MS = 500_000
"""Shorter than the longest that a ledger allows by default."""
HOT_KEY = "hot"
SIGNERS_MAX = 16


@dataclass(frozen=True, slots=True)
class Signers:
    """The members that sign, in turn: a single member would reach its share of the nodes' mempools."""

    ledger: Digest
    members: tuple[tuple[str, PrivateKey], ...]
    now_ms: Callable[[], int] = wall_ms
    """What `expires` is counted from."""

    @classmethod
    def of(cls, network: LocalNetwork, now_ms: Callable[[], int] = wall_ms) -> "Signers":
        """The first members of a network that have no other role, their keys read from its directory."""
        names = sorted(name for name in network.key_names() if ".member" in name)[:SIGNERS_MAX]
        return cls(network.ledger, tuple((name, read_key(network.key_path(name))) for name in names), now_ms)

    def issue(self, numbers: Iterable[int]) -> list[Transaction]:
        """These assets, dealt out to the members."""
        return [self._sign(i, Asset.issue, number=asset(i), to=self._name(i)) for i in numbers]

    def transfer(self, numbers: Iterable[int]) -> list[Transaction]:
        """Each of these assets goes from its first holder to the next member."""
        return [self._sign(i, Asset.transfer, number=asset(i), to=self._name(i + 1)) for i in numbers]

    def bump(self, count: int) -> list[Transaction]:
        """All members write one key."""
        return [self._sign(i, Asset.bump, number=HOT_KEY) for i in range(count)]

    def _sign(self, turn: int, operation: Operation, **arguments: JsonValue) -> Transaction:
        return sign_transaction(
            ledger=self.ledger,
            contract=operation.contract,
            operation=operation.name,
            arguments=arguments,
            signers=[self.members[turn % len(self.members)]],
            nonce=secrets.token_hex(16),
            expires_ms=self.now_ms() + LIFETIME_MS,
        )

    def _name(self, number: int) -> str:
        return self.members[number % len(self.members)][0]


def asset(number: int) -> str:
    """Key of an asset."""
    return f"A-{number}"


def as_list(transactions: Sequence[Transaction]) -> bytes:
    """The body of a POST that hands in several transactions at once."""
    return b"[%s]" % b",".join(transaction.raw for transaction in transactions)
