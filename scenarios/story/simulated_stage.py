"""A stage in the simulator: the same replicas, virtual time, everything by seed. Same seed, same block ids, on any machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ledger.contract import Collection
from ledger.encoding import decode, decode_object
from ledger.errors import IndefiniteError, InputError, JsonValue
from ledger.execution import check_arguments, with_system_contracts
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from ledger.transaction import Transaction, sign_transaction
from nodes.network.specification import NetworkSpecification
from nodes.simulator.chance import Chance
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM, FaultOptions
from scenarios.client_files import ClientFiles
from scenarios.story.play import Prepared
from scenarios.story.story import Head, Outcome

FINAL_MS_MAX = 120_000
"""Virtual time within which a transaction must have ended."""
PAGE = 500


class SimulatedStage:
    """Plays on simulated nodes; `options` may let messages be lost and nodes crash, and the story ends the same."""

    def __init__(
        self, specification: NetworkSpecification, seed: int, options: FaultOptions = CALM, *, keep_log: bool = True
    ) -> None:
        self.simulation = Simulation(specification, seed, options, keep_log=keep_log)
        self._contracts = with_system_contracts(self.simulation.contracts)
        self._chance = Chance(seed)
        self.start_ms = specification.start_time_ms
        self.files = ClientFiles(lambda size: bytes.fromhex(self._chance.hexadecimal(2 * size)))

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """Hands the calls to the first node, as its HTTP edge does."""
        transactions = [self._sign(call.signers or signers, call) for call in calls]
        begun_ms = self.simulation.time_ms
        try:
            for transaction in transactions:
                check_arguments(self._contracts, transaction)
            self.simulation.submit(transactions)
        except InputError as error:
            return tuple(Outcome("problem", error.code, error.details) for _ in transactions)
        outcomes = [self._wait(transaction.id) for transaction in transactions]
        return tuple(replace(outcome, final_ms=self.simulation.time_ms - begun_ms) for outcome in outcomes)

    def submit_again(self, transaction: str) -> Outcome:
        """A known envelope is answered with its receipt, as at the HTTP edge; no event reaches the replica."""
        return self._wait(Digest(transaction))

    def set_clock(self, time_ms: int) -> None:
        """Sets every node's clock."""
        self.simulation.set_clock(max(time_ms, self.simulation.now_ms))

    def records(self, collection: Collection[Any]) -> Mapping[str, JsonValue]:
        """Every record of the first node's state."""
        found: dict[str, JsonValue] = {}
        after = ""
        while page := self.simulation.view().state.page(collection.contract, collection.name, after, PAGE):
            found |= {key: decode(value) for key, value in page}
            after = page[-1][0]
        return found

    def head(self) -> Head:
        """The newest block of the first node."""
        header = self.simulation.view().head
        return (
            Head(0, "", self.start_ms, "") if header is None else Head(header.height, header.id, header.time, header.state_root)
        )

    def export(self) -> Iterable[bytes]:
        """The first node's ledger."""
        return self.simulation.view().export()

    def wait_until(self, time_ms: int) -> None:
        """Plays until the newest block is not older than this time."""
        if not self.simulation.run_until(lambda: self.head().time_ms >= time_ms, FINAL_MS_MAX):
            raise IndefiniteError("not-final", f"No block came within {FINAL_MS_MAX // 1000} s of virtual time.")

    def prove(self, contract: str, collection: str, key: str, trust_from: int) -> Mapping[str, Any]:
        """The proof of a record, or of its absence, at the newest block, with the validator changes above a height."""
        return self.simulation.view().prove_state(contract, collection, key, trust_from)

    def inclusion(self, first: int, second: int) -> Sequence[str]:
        """The path of an earlier block into the history of a later one."""
        path = self.simulation.view().consistency(first, second)["inclusion"]
        return cast("Sequence[str]", path)

    def key_of(self, member: str) -> PrivateKey:
        """A member's key."""
        return self.simulation.key_of(member)

    @property
    def genesis_bytes(self) -> bytes:
        """What every proof leads to."""
        return self.simulation.network.genesis_bytes

    def log(self) -> Sequence[Mapping[str, JsonValue]]:
        """What was recorded, if it was to be."""
        return [decode_object(line) for line in self.simulation.log or ()]

    def _sign(self, signers: tuple[str, ...], call: Prepared) -> Transaction:
        time_ms = max(self.simulation.now_ms, self.head().time_ms)
        lifetime_ms = self.simulation.view().parameters().transaction_lifetime_max_ms
        return sign_transaction(
            ledger=self.simulation.ledger,
            contract=call.operation.contract,
            operation=call.operation.name,
            arguments=call.arguments,
            signers=[(name, self.simulation.key_of(call.forger or name)) for name in signers],
            nonce=self._chance.hexadecimal(32),
            expires_ms=time_ms + lifetime_ms // 2,
        )

    def _wait(self, transaction: Digest) -> Outcome:
        """Plays until every node that is up has the transaction in a block."""

        def is_final() -> bool:
            return all(self.simulation.view(node.member).place(transaction) is not None for node in self.simulation.up())

        if not self.simulation.run_until(is_final, FINAL_MS_MAX):
            raise IndefiniteError("not-final", f"{transaction} did not end within {FINAL_MS_MAX // 1000} s of virtual time.")
        receipt = cast("dict[str, Any]", self.simulation.receipt(transaction))
        place = self.simulation.view().place(transaction)
        assert place is not None
        events = tuple((event["name"], event["data"]) for event in receipt["events"])
        return Outcome(receipt["outcome"], receipt["code"], receipt["details"], transaction, events, place[0])
