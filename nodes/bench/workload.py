"""Transactions that are signed before the clock starts: assets issued, each passed on once, one counter bumped by all."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ledger.contract.contract import Operation
from ledger.errors import JsonValue
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from ledger.transaction import Transaction, sign_transaction
from nodes.bench.generator import Request
from nodes.key_files import read_key
from nodes.network.local import LocalNetwork
from nodes.node.clock import wall_ms
from nodes.sample_contract import Asset

LIFETIME_MS = 500_000
"""Shorter than the longest that a ledger allows by default."""
WAIT_SECONDS = 30
HOT_KEY = "hot"


@dataclass(frozen=True, slots=True)
class Signers:
    """The members that sign, in turn: one member alone would reach its share of the nodes' mempools."""

    ledger: Digest
    members: tuple[tuple[str, PrivateKey], ...]
    now_ms: Callable[[], int] = wall_ms
    """What `expires` is counted from."""

    @classmethod
    def of(cls, network: LocalNetwork, count: int = 16, now_ms: Callable[[], int] = wall_ms) -> "Signers":
        """The first members of a network that have no other role, their keys read from its directory."""
        names = sorted(path.stem for path in network.key_path("x").parent.glob("*.member*.key"))
        return cls(network.ledger, tuple((name, read_key(network.key_path(name))) for name in names[:count]), now_ms)

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


def lists(transactions: Sequence[Transaction], size: int) -> list[Request]:
    """POST requests of lists; whoever sends one waits for its last transaction before the next."""
    return [
        ("POST", "/v1/transactions", _body(part), f"/v1/transactions/{part[-1].id}?wait={WAIT_SECONDS}")
        for part in _parts(transactions, size)
    ]


def _body(transactions: Sequence[Transaction]) -> str:
    return f"[{','.join(transaction.raw.decode() for transaction in transactions)}]"


def _parts(transactions: Sequence[Transaction], size: int) -> Iterator[Sequence[Transaction]]:
    return (transactions[start : start + size] for start in range(0, len(transactions), size))


def asset(number: int) -> str:
    """Key of an asset."""
    return f"A-{number}"
