"""A stage for stories without consensus and without nodes: each step is one block on a bare chain. Fast."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any, cast

from ledger.contract import Collection
from ledger.contract.contract import ContractSet
from ledger.encoding import decode
from ledger.errors import InputError, JsonValue
from ledger.execution import check_arguments
from ledger.primitives import Digest
from scenarios.catalogue import SCENARIOS, find_scenario
from scenarios.client_files import ClientFiles
from scenarios.story.play import Prepared, play
from scenarios.story.simulated_stage import SimulatedStage
from scenarios.story.story import Head, Outcome, PlayedStory, Scenario, Story
from tests.support import DecidedChain


@cache
def played_on_a_chain(name: str) -> PlayedStory:
    """The whole story of a trade, or of all together, played once."""
    scenario = find_scenario(name)
    return play(scenario, ChainStage(scenario))


@cache
def played_by_seed(name: str, chapters: int | None = None) -> PlayedStory:
    """The story of a trade, or its first chapters, played once on simulated nodes."""
    scenario = SCENARIOS[name]
    begun = replace(scenario, story=lambda: Story(scenario.story().chapters[:chapters]))
    return play(begun, SimulatedStage(scenario.specification(), 1))


class ChainStage:
    """One chain with every key of a scenario's network."""

    def __init__(self, scenario: Scenario) -> None:
        self.contracts = ContractSet(scenario.contracts)
        self.decided = DecidedChain(scenario.specification(), self.contracts)
        self.start_ms = self.decided.chain.head_time_ms
        self.time_ms = self.start_ms
        drawn = count()
        self.files = ClientFiles(lambda size: sha256(str(next(drawn)).encode()).digest()[:size])

    def submit(self, signers: tuple[str, ...], calls: Sequence[Prepared]) -> tuple[Outcome, ...]:
        """One block with the calls."""
        transactions = [
            self.decided.sign(c.signers or signers, c.operation.contract, c.operation.name, None, **dict(c.arguments))
            for c in calls
        ]
        try:
            for transaction in transactions:
                check_arguments(self.contracts, transaction)
        except InputError as error:
            return tuple(Outcome("problem", error.code, error.details) for _ in calls)
        self.time_ms = max(self.time_ms, self.decided.chain.head_time_ms + 1)
        self.decided.decide(*transactions, time_ms=self.time_ms)
        return tuple(self.submit_again(transaction.id) for transaction in transactions)

    def submit_again(self, transaction: str) -> Outcome:
        """What the chain says of a transaction."""
        place = self.decided.view.place(Digest(transaction))
        assert place is not None
        receipt = cast("dict[str, Any]", decode(self.decided.view.receipts(place[0])[place[1]]))
        events = tuple((event["name"], event["data"]) for event in receipt["events"])
        return Outcome(receipt["outcome"], receipt["code"], receipt["details"], transaction, events, place[0])

    def set_clock(self, time_ms: int) -> None:
        """The next block is at this time."""
        self.time_ms = max(self.time_ms, time_ms)

    def records(self, collection: Collection[Any]) -> Mapping[str, JsonValue]:
        """Every record as JSON."""
        rows = self.decided.view.state.page(collection.contract, collection.name, "", 10_000)
        return {key: decode(value) for key, value in rows}

    def head(self) -> Head:
        """The newest block."""
        header = self.decided.view.head
        if header is None:
            return Head(0, "", self.start_ms, "")
        return Head(header.height, header.id, header.time, header.state_root)

    def export(self) -> Iterable[bytes]:
        """The chain's lines."""
        return self.decided.view.export()

    def log(self) -> Sequence[Mapping[str, JsonValue]]:
        """No nodes, no messages."""
        return ()
