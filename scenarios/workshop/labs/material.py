"""What labs are made of: members and numbers that a seed draws, files, and a small ledger that the simulator makes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from ledger.encoding import decode_object
from ledger.errors import IndefiniteError, JsonValue
from ledger.transaction import Transaction, sign_transaction
from nodes.network.specification import NAMES, NetworkSpecification, default_specification
from nodes.replica.replica import Replica
from nodes.simulator.chance import Chance
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM
from scenarios.running.first_story import CONTRACTS

ORGANIZATIONS = ("north", "south", "east", "west")
MEMBERS = tuple(f"{organization}.member{number}" for organization in ORGANIZATIONS for number in range(1, 5))
"""Of the workshop's network, without validators and admins."""
FINAL_MS_MAX = 60_000
LIFETIME_MS = 600_000
T = TypeVar("T")


def draw(chance: Chance, items: Iterable[T], count: int) -> tuple[T, ...]:
    """Different ones."""
    left = list(items)
    return tuple(left.pop(chance.below(len(left))) for _ in range(count))


def draw_numbers(chance: Chance, prefix: str, count: int) -> tuple[str, ...]:
    """Different numbers of assets, such as LOT-417."""
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        numbers[f"{prefix}-{100 + chance.below(900)}"] = None
    return tuple(numbers)


def lay_out_verifier(folder: Path) -> None:
    """The verifier that needs only Python, `verify.py`: the same file as `ledger/audit/standalone.py`."""
    (folder / "verify.py").write_bytes((files("ledger.audit") / "standalone.py").read_bytes())


def write_export(path: Path, lines: Sequence[bytes]) -> None:
    """An export as a file."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def workshop_specification(names: tuple[str, ...] = NAMES, order: tuple[str, ...] = ()) -> NetworkSpecification:
    """The workshop's contracts and members at the start of 2025; organizations of other names, or in another order of voting."""
    plain = replace(default_specification(names=names), contracts=CONTRACTS)
    return replace(plain, validators=tuple(f"{name}.validator" for name in order) or plain.validators)


class SimulatedLedger:
    """Members act one after another; each transaction is waited for, so it has a block of its own.

    Same seed, same ledger; it takes a second at most.
    """

    def __init__(
        self,
        seed: int,
        specification: NetworkSpecification | None = None,
        *,
        replica_of: Callable[[str], type[Replica]] = lambda member: Replica,
        traitors: frozenset[str] = frozenset(),
    ) -> None:
        found = specification or workshop_specification()
        self.simulation = Simulation(found, seed, CALM, replica_of=replica_of, traitors=traitors)
        self._chance = Chance(seed + 5_000_003)

    def sign(self, signers: str, contract: str, operation: str, **arguments: JsonValue) -> Transaction:
        """A transaction of these members, divided by spaces."""
        return sign_transaction(
            ledger=self.simulation.ledger,
            contract=contract,
            operation=operation,
            arguments=arguments,
            signers=[(name, self.simulation.key_of(name)) for name in signers.split()],
            nonce=self._chance.hexadecimal(32),
            expires_ms=self.simulation.now_ms + LIFETIME_MS,
        )

    def act(self, signers: str, contract: str, operation: str, **arguments: JsonValue) -> str:
        """Waits until every honest node has it in a block; `ok`, or the code of the refusal."""
        transaction = self.sign(signers, contract, operation, **arguments)
        simulation = self.simulation
        simulation.submit([transaction])

        def is_final() -> bool:
            return all(simulation.view(node.member).place(transaction.id) is not None for node in simulation.up())

        if not simulation.run_until(is_final, FINAL_MS_MAX):
            raise IndefiniteError("not-final", f"{transaction.id} did not end in {FINAL_MS_MAX // 1000} s of virtual time.")
        receipt = simulation.receipt(transaction.id)
        assert receipt is not None
        return str(receipt["code"]) if receipt["outcome"] == "rejected" else "ok"

    def wait(self, minutes: int) -> None:
        """Moves every clock forward."""
        self.simulation.set_clock(self.simulation.now_ms + minutes * 60_000)

    def export(self, node: str | None = None) -> list[bytes]:
        """The lines that a node hands out, the first that is up unless named."""
        return [bytes(line) for line in self.simulation.view(node).export()]

    def record(self, contract: str, collection: str, key: str, node: str | None = None) -> JsonValue:
        """What a node's state holds; None for nothing."""
        value = self.simulation.view(node).state.get(contract, collection, key)
        return None if value is None else decode_object(value)
