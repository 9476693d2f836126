"""The sample contract: assets are neither lost nor doubled, and only their holder passes them on."""

from ledger.contract.test_kit import Step, check_contract, members_for, run_step, state_with
from ledger.errors import JsonValue
from ledger.state.overlay import Overlay
from nodes.sample_contract import Asset

MEMBER = members_for(Asset)[0]
OTHER = MEMBER.model_copy(update={"member": "west.wu"})


def run(state: Overlay, operation: str, arguments: JsonValue, signer: str = "") -> str:
    by = OTHER if signer == OTHER.member else MEMBER
    return run_step(Asset, state, Step((by,), operation, arguments, 1), 1, 1).code


def issued() -> Overlay:
    state = state_with((MEMBER, OTHER))
    assert run(state, "issue", {"number": "A-1", "to": MEMBER.member}) == "ok"
    return state


def test_asset_is_issued_once() -> None:
    assert run(issued(), "issue", {"number": "A-1", "to": OTHER.member}) == "already-issued"


def test_only_the_holder_passes_an_asset_on() -> None:
    state = issued()
    assert run(state, "transfer", {"number": "A-1", "to": OTHER.member}, OTHER.member) == "not-holder"
    assert run(state, "transfer", {"number": "A-1", "to": OTHER.member}) == "ok"
    assert run(state, "transfer", {"number": "A-1", "to": OTHER.member}) == "not-holder"
    holding = Asset(state).assets["A-1"]
    assert (holding.holder, holding.version) == (OTHER.member, 1)


def test_counter_counts() -> None:
    state = issued()
    for _ in range(3):
        assert run(state, "bump", {"number": "hot"}) == "ok"
    assert Asset(state).counters["hot"].count == 3


def test_contract_is_sound() -> None:
    check_contract(Asset, members=(MEMBER, OTHER))
