"""Lab 10's bank and harbour without a network: what the contract takes, and that every seed's letters are answered alike."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object
from nodes.foreign.contract import Foreign
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise_routes import SHOWN_BYTES_MAX
from scenarios.workshop.labs import believe
from scenarios.workshop.labs.material import workshop_specification
from scenarios.workshop.labs.other_ledger import MINUTE_MS, VALIDATORS, OtherLedger
from scenarios.workshop.loans import AGE_MAX_MS, HARBOUR, Loans
from tests.support import ALICE, DecidedChain

CONTRACTS = ContractSet({"foreign": Foreign, "loans": Loans})
HOLDER = "dock.member1"


class Bank:
    """A ledger that has admitted a harbour which began some time before."""

    def __init__(self, seed: int = 1, began_minutes: int = believe.BEGAN_MINUTES) -> None:
        specification = workshop_specification()
        modules = tuple(row for row in specification.contracts if row[0] in CONTRACTS.contracts)
        self.chain = DecidedChain(replace(specification, contracts=modules), CONTRACTS)
        self.harbour = OtherLedger(seed, specification.start_time_ms - began_minutes * MINUTE_MS)
        facts: Any = {"name": HARBOUR, "ledger": self.harbour.network.ledger, "validators": self.harbour.validators}
        self.chain.govern("P-1", kind="admit-ledger", **facts)

    def ask(self, call: str, /, **arguments: Any) -> str:
        """The code of the answer."""
        contract, _, operation = call.partition(".")
        self.chain.decide(self.chain.sign(ALICE, contract, operation, **arguments))
        return str(self.chain.receipts()[0]["code"])

    def record(self, contract: str, collection: str, key: str) -> dict[str, Any]:
        value = self.chain.chain.state.get(contract, collection, key)
        assert value is not None
        return decode_object(value)


@pytest.mark.parametrize("seed", range(1, 13))
def test_every_seeds_letters_are_answered_alike_and_fit_the_page(seed: int) -> None:
    bank, made = Bank(seed), believe.plan(Chance(seed))
    contents = believe.write_contents(made, bank.harbour)
    assert {*contents} == {*believe.CODES} == {letter.kind for letter in made.letters}
    for letter in made.letters:
        content = contents[letter.kind]
        assert bank.ask(content.operation, **content.arguments) == believe.CODES[letter.kind], letter.kind
        contract, _, operation = content.operation.partition(".")
        envelope = bank.chain.sign(ALICE, contract, operation, **content.arguments)
        assert len(envelope.raw) < SHOWN_BYTES_MAX
    ((key, _),) = bank.chain.chain.state.page("foreign", "conflicts", "", 2)
    conflict = bank.record("foreign", "conflicts", key)
    assert {*conflict["convicted"]} == made.guilty
    assert (len(made.guilty), conflict["froze"]) == (2, True)
    assert bank.record("loans", "crates", made.crates[0])["holder"] == made.holders[0]


def test_seeds_draw_other_orders_and_other_guilty() -> None:
    plans = [believe.plan(Chance(seed)) for seed in range(100)]
    assert len({tuple(letter.kind for letter in made.letters) for made in plans}) > 30
    assert len({frozenset(made.guilty) for made in plans}) == 6


def test_the_bank_lends_on_what_nobody_has_pledged_within_the_hour() -> None:
    bank = Bank(began_minutes=10)
    for crate, operation in (("C-1", "store"), ("C-2", "pledge")):
        bank.harbour.decide(VALIDATORS[:3], operation, 1, crate=crate, to=HOLDER)
    assert bank.ask("foreign.advance", ledger=HARBOUR, blocks=[bank.harbour.block(2)]) == "ok"
    pledges = {crate: bank.harbour.proof("crossing_pledges", crate) for crate in ("C-1", "C-2")}
    assert bank.ask("loans.lend", crate="C-1", proof=pledges["C-1"]) == "ok"
    assert bank.record("loans", "loans", "C-1") == {"height": 2}
    assert bank.ask("loans.lend", crate="C-2", proof=pledges["C-2"]) == "pledged"
    assert bank.ask("loans.lend", crate="C-2", proof=pledges["C-1"]) == "not-proved"
    assert bank.ask("loans.note", crate="C-2", proof=bank.harbour.proof("crossing_crates", "C-2")) == "no-crate"
    proved_ms = bank.harbour.view.header(2).time
    for time_ms, code in ((proved_ms + AGE_MAX_MS, "ok"), (proved_ms + AGE_MAX_MS + 1, "proof-too-old")):
        bank.chain.decide(
            bank.chain.sign(ALICE, "loans", "lend", time_ms + 1, crate="C-1", proof=pledges["C-1"]), time_ms=time_ms
        )
        assert bank.chain.receipts()[0]["code"] == code
