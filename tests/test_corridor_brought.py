"""What one ledger shows and another keeps: only the declared fields cross, nothing older replaces newer, and it grows old."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.contract import Anyone, Collection, Context, Contract, Identifier, NonNegative, Record, operation
from ledger.contract.contract import ContractSet
from ledger.encoding import decode_object, encode
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay, StateView
from nodes.foreign.contract import Foreign
from nodes.network.specification import default_specification
from scenarios.corridor.brought import AGE_MAX_MS, KINDS, BroughtRecords
from scenarios.corridor.energy import CorridorEnergy
from scenarios.corridor.government import CorridorGovernment
from scenarios.corridor.shipping import CorridorShipping
from tests.support import ALICE, DecidedChain

KEY = "L-1"


class ShownPaper(Record):
    """What others may see."""

    state: str


class Paper(Record):
    """More than that."""

    state: str
    secret: str


class Office(Contract):
    """Keeps papers and shows how they stand."""

    name = "office"
    papers = Collection(Paper, crosses=ShownPaper)

    @operation(signed_by=Anyone())
    def enter(self, context: Context, paper: Identifier, state: str) -> None:
        """Writes one."""
        self.papers[paper] = Paper(state=state, secret="nobody else's")

    @operation(signed_by=Anyone())
    def burn(self, context: Context, paper: Identifier, cents: NonNegative = 0) -> None:
        """Deletes it."""
        del self.papers[paper]


def test_what_crosses_is_kept_in_step_and_holds_only_what_it_declares() -> None:
    state = Overlay(StateView(MemoryStore()))
    office = Office(state)
    office.papers["A"] = Paper(state="valid", secret="x")
    assert decode_object(state.get("office", "crossing_papers", "A") or b"") == {"state": "valid"}
    office.papers["A"] = Paper(state="withheld", secret="x")
    assert Office(state).crossing_papers["A"] == ShownPaper(state="withheld")  # type: ignore[attr-defined]
    del office.papers["A"]
    assert state.get("office", "crossing_papers", "A") is None
    assert Office.collections["crossing_papers"].contract == "office"
    assert "crossing_papers.state" in Office.field_lists.fields


def test_a_record_from_before_its_collection_crossed_can_be_deleted() -> None:
    state = Overlay(StateView(MemoryStore()))
    state.put("office", "papers", "A", encode({"state": "valid", "secret": "x"}))
    del Office(state).papers["A"]
    assert "A" not in Office(state).papers


@pytest.mark.parametrize(("kind", "place"), [(kind, place) for kind, (place, _, _) in KINDS.items()])
def test_every_kind_names_a_collection_that_its_ledger_shows(kind: str, place: str) -> None:
    contracts: dict[str, type[Contract]] = {
        "government": CorridorGovernment, "shipping": CorridorShipping, "energy": CorridorEnergy
    }  # fmt: skip
    shown = contracts[place].collections[f"crossing_{kind}"].record
    assert shown is KINDS[kind][1]  # type: ignore[index]
    assert kind in BroughtRecords.collections


LICENCE = {
    "item": "EL-001", "holder": "jianglan", "holder_code": "X", "state": "valid", "valid_from_on_ms": 0, "valid_to_on_ms": 9
}  # fmt: skip


class Registry(Contract):
    """Stands for government services."""

    name = "government"
    crossing_licences = Collection(KINDS["licences"][1])

    @operation(signed_by=Anyone())
    def enter(self, context: Context, key: Identifier, state: str) -> None:
        """Says how a licence stands."""
        self.crossing_licences[key] = KINDS["licences"][1].model_validate({**LICENCE, "state": state})


CONTRACTS = ContractSet({"foreign": Foreign, "government": Registry, "brought": BroughtRecords})
MODULES = {name: f"{contract.__module__}:{contract.__qualname__}" for name, contract in CONTRACTS.contracts.items()}


class Two:
    """A registry on a ledger of its own, and a bank's ledger that follows it."""

    def __init__(self) -> None:
        self.registry, self.bank = self.chain(1_735_689_600_000), self.chain(1_735_689_600_001)
        self.admit()

    def admit(self) -> None:
        ledger, voters = self.registry.chain.ledger, self.registry.chain.validators.to_json()
        action = {"kind": "admit-ledger", "name": "government", "ledger": ledger, "validators": voters}
        self.bank.govern(f"P-{self.bank.chain.height}", **action)

    @staticmethod
    def chain(start_time_ms: int) -> DecidedChain:
        specification = default_specification(start_time_ms=start_time_ms, members_each=1)
        return DecidedChain(replace(specification, contracts=tuple(MODULES.items())), CONTRACTS)

    def ask(self, contract: str, operation: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        self.bank.decide(self.bank.sign(ALICE, contract, operation, **arguments))
        receipt: dict[str, Any] = self.bank.receipts()[0]
        return receipt["code"], receipt["details"]

    def carried(self, state: str) -> dict[str, Any]:
        """The registry says how the licence stands, its header is brought, and this is the proof."""
        if state:
            self.registry.decide(self.registry.sign(ALICE, "government", "enter", key=KEY, state=state))
        height = self.registry.chain.height
        block: Any = self.registry.view.prove_block(height)
        self.ask("foreign", "advance", ledger="government", blocks=[{name: block[name] for name in ("header", "certificate")}])
        proof: Any = self.registry.view.prove_state("government", "crossing_licences", KEY)
        return {"value": proof.get("value"), "path": proof["path"], "header": proof["header"]}

    def bring(self, proof: dict[str, Any], key: str = KEY) -> tuple[str, dict[str, Any]]:
        return self.ask("brought", "bring", kind="licences", key=key, proof=proof)

    def kept(self) -> dict[str, Any]:
        return decode_object(self.bank.chain.state.get("brought", "licences", KEY) or b"{}")


def test_what_is_brought_is_kept_with_how_long_it_may_be_relied_on() -> None:
    two = Two()
    assert two.bring(two.carried("valid")) == ("ok", {})
    until_ms = two.registry.chain.head_time_ms + AGE_MAX_MS
    assert two.kept() == LICENCE | {"admitted_height": 1, "height": 1, "until_ms": until_ms}


def test_nothing_older_takes_the_place_of_what_is_newer() -> None:
    two = Two()
    old = two.carried("valid")
    assert two.bring(two.carried("withheld")) == ("ok", {})
    inclusion = two.registry.view.consistency(1, 2)["inclusion"]
    assert two.bring(old | {"inclusion": inclusion}) == ("not-newer", {"kind": "licences", "key": KEY})
    assert two.kept()["state"] == "withheld"


def test_what_is_not_there_cannot_be_brought_and_neither_can_what_is_old() -> None:
    two = Two()
    two.registry.decide(two.registry.sign(ALICE, "government", "enter", key="L-2", state="valid"))
    nothing = two.carried("")
    assert two.bring(nothing) == ("not-there", {"ledger": "government", "kind": "licences", "key": KEY})
    proof = two.carried("valid")
    two.bank.decide(time_ms=two.registry.chain.head_time_ms + AGE_MAX_MS)
    assert two.bring(proof)[0] == "proof-too-old"
    assert two.kept() == {}


def test_a_clock_that_is_ahead_over_there_makes_nothing_good_for_longer() -> None:
    two = Two()
    two.registry.decide(time_ms=two.registry.chain.head_time_ms + 100 * AGE_MAX_MS)
    assert two.bring(two.carried("valid")) == ("ok", {})
    assert two.kept()["until_ms"] == two.bank.chain.head_time_ms + AGE_MAX_MS


def test_what_a_fork_proved_is_replaced_once_the_ledger_is_admitted_again() -> None:
    two, branch = Two(), Two()
    for _ in range(5):
        branch.registry.decide()
    two.registry, good = branch.registry, two.registry
    assert two.bring(two.carried("valid")) == ("ok", {})
    two.registry = good
    two.admit()
    assert two.bring(two.carried("withheld")) == ("ok", {})
    assert (two.kept()["state"], two.kept()["height"]) == ("withheld", 1)
