"""Four ledgers under seeded faults: same seed, same blocks; X1 to X7 hold; and a fault that is planted does not stay unseen."""

import json
from functools import cache
from typing import Any

import pytest
from typer.testing import CliRunner

import nodes.foreign.contract
import scenarios.corridor.brought
from ledger.contract import Context
from ledger.contract.contract import Proved
from ledger.proof_paths import header_of
from scenarios.command_line import application
from scenarios.corridor.campaign.clients import Clients
from scenarios.corridor.campaign.run import CorridorRun, CorridorVerdict
from scenarios.corridor.payment import DealPayments
from scenarios.shipping.bill.deals import DealOperations

SEEDS = (1, 2)
PLANTED_SEEDS = range(1, 31)


@cache
def verdict(seed: int) -> CorridorVerdict:
    return CorridorRun(seed).play()


@pytest.mark.parametrize("seed", SEEDS)
def test_all_seven_hold_whatever_goes_wrong_and_after_a_fork(seed: int) -> None:
    shown = verdict(seed)
    assert shown.failure is None, shown
    assert sum(shown.crossings.values()) > 0, shown
    if shown.forked:
        assert len(shown.convicted) == 2, shown


def test_the_seeds_of_this_test_fork_bring_deals_to_both_ends_and_meet_every_fault_from_outside() -> None:
    shown = [verdict(seed) for seed in SEEDS]
    assert any(one.forked for one in shown)
    assert {end for one in shown for end in one.deals} == {"executed", "cancelled"}
    fired = {name for one in shown for name in one.fired}
    assert {"answer behind", "forged answer", "no answer", "old proof", "submission doubled", "submission lost"} <= fired


def test_the_command_plays_a_seed_and_refuses_what_it_has_no_use_for() -> None:
    result = CliRunner().invoke(application, ["simulate", "--scenario", "corridor", "--seed", "1", "--json"])
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["failure"]) == (0, None)
    assert shown["blocks"] == verdict(1).blocks, "the same seed gives other blocks"
    for option, value, fitting in (
        ("--traitor", "silent", "--seeds or --seed"),
        ("--scheduler", "tcp://host:1", "--exhaustive or --cost or --seeds"),
        ("--lang", "zh", "--scenario of a trade"),
    ):
        refused = CliRunner().invoke(application, ["simulate", "--scenario", "corridor", option, value])
        sentence = f"Invalid value for {option}: It does not go with --scenario corridor, but with {fitting}."
        assert (refused.exit_code, sentence in refused.output) == (2, True)


@pytest.mark.long
def test_five_hundred_seeds() -> None:
    result = CliRunner().invoke(application, ["simulate", "--scenario", "corridor", "--seeds", "1..500", "--jobs", "2"])
    assert result.exit_code == 0, result.output


# Planted faults


def noticed(*names: str) -> str:
    """What the campaign says of the first seeds; one of these invariants must be among it."""
    for seed in PLANTED_SEEDS:
        failure = CorridorRun(seed).play().failure
        if failure is not None and failure.startswith(names):
            return failure
    raise AssertionError(f"{len(PLANTED_SEEDS)} seeds noticed nothing")


def test_a_contract_that_hands_over_without_proof_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(self: Any, context: Context, goods: Any, money: str, end: str, proof: Any) -> Any:
        context.require(self.bill_locks.get(goods.bill) is not None, "not-locked")
        return self.documents[goods.bill], self.titles[goods.bill]

    monkeypatch.setattr(DealOperations, "_locked", locked)
    assert noticed("X1", "X5")


def test_a_ledger_that_takes_headers_without_signatures_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes.foreign.contract, "decided", lambda context, known, header, certificate: header_of(header))
    assert noticed("X0")


@pytest.mark.long
def test_a_ledger_that_believes_any_proof_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def proved(self: Context, ledger: str, place: str, key: str, proof: Any, view: Any, age_max_ms: int | None = None) -> Any:
        header = header_of(proof.header) if proof.header else self._heads(ledger)[0]
        return Proved(None if proof.value is None else view.model_validate(proof.value), header.height, header.time)

    monkeypatch.setattr(Context, "proved", proved)
    assert noticed("X5")


@pytest.mark.long
def test_a_payment_that_ends_a_deal_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DealPayments, "_require_open", lambda self, context, deal: None)
    assert noticed("X5")


@pytest.mark.long
def test_records_that_never_grow_old_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios.corridor.brought, "AGE_MAX_MS", 10**10)
    assert noticed("X2", "X3", "X4")


@pytest.mark.long
def test_clients_that_leave_bills_locked_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clients, "free", lambda self, deal, operation: None)
    assert "locked" in noticed("Liveness")
