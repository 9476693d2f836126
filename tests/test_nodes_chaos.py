"""Real processes under `kill -9`, SIGSTOP, power cuts and failing links, while four clients submit and read through all.

Afterwards: what was acknowledged stands exactly once on every node, the ledger's order is a linearization of what the
clients did (`tests/history.py` says what that means for reads), all nodes hold the same blocks with the same state
roots, each export passes the audit, and no key has signed what would convict it.

The short form plays a plan with each harm once, and a shorter one with a traitor. `pytest tests/test_nodes_chaos.py --long`
plays plans of sixty harms, one without a traitor and one with each kind. A failure prints its plan; with `CHAOS_SEED=N`
every plan is that of seed N.
"""

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nodes.network.directory import set_nodes
from nodes.network.local import LocalNetwork
from nodes.network.specification import NAMES, seeded_keys
from nodes.traitors.kinds import TRAITORS
from tests.chaos import Chaos, outputs, verify
from tests.chaos_plan import HARMS, IMPAIRED_MAX, REPAIRS, Plan
from tests.network_support import logged, specification
from tests.support import VALIDATORS

MEMBERS = tuple(f"{name}.member1" for name in NAMES)
SHORT_SEED = 1
SHORT_HARMS = len(HARMS)
TRAITOR_HARMS = 4
LONG_HARMS = 60


def play(directory: Path, seed: int, harms: int, traitor: str | None = None) -> None:
    """One run, and everything that must hold after it. The last node is the traitor; what it says to clients is nobody's word."""
    honest = VALIDATORS if traitor is None else VALIDATORS[:-1]
    plan = Plan(seed, VALIDATORS, honest, harms)
    print(plan, f"traitor: {traitor}", sep="\n")
    start_ms = time.time_ns() // 1_000_000 - 1_000
    network = LocalNetwork.create(directory, replace(specification(len(NAMES)), start_time_ms=start_ms), keys=seeded_keys(seed))
    if traitor is not None:
        set_nodes(directory, VALIDATORS[-1], traitor=traitor)
    started = time.monotonic()
    try:
        with network:
            chaos = Chaos(network, plan, MEMBERS)
            seen = asyncio.run(chaos.run())
            blocks = verify(chaos)
        guilty = {str(record["signer"]) for node in honest for record in logged(network, node, "evidence")}
        assert guilty <= set(VALIDATORS) - set(honest)
        lies = len(logged(network, VALIDATORS[-1], "betrayal"))
        assert (lies > 0) == (traitor is not None)
    except BaseException:
        print(outputs(network))
        raise
    seconds = time.monotonic() - started
    answers = len(seen.observations) - len(seen.reads)
    print(f"{len(seen.operations)} operations in {answers} answers, {len(seen.reads)} reads, {blocks} blocks, {seconds:.0f} s")
    print(f"{lies} lies, convicted by what one node saw: {', '.join(guilty) or 'nobody'}")


@pytest.mark.usefixtures("no_process_left")
def test_the_network_keeps_its_word_under_chaos(tmp_path: Path) -> None:
    play(tmp_path / "network", int(os.environ.get("CHAOS_SEED", SHORT_SEED)), SHORT_HARMS)


@pytest.mark.usefixtures("no_process_left")
def test_the_network_keeps_its_word_with_a_traitor_in_it(tmp_path: Path) -> None:
    play(tmp_path / "network", int(os.environ.get("CHAOS_SEED", SHORT_SEED)), TRAITOR_HARMS, "equivocator")


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("traitor", [None, *TRAITORS])
def test_the_network_keeps_its_word_under_long_chaos(tmp_path: Path, traitor: str | None) -> None:
    number = [None, *TRAITORS].index(traitor)
    play(tmp_path / "network", int(os.environ.get("CHAOS_SEED", 100 + number)), LONG_HARMS, traitor)


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_has_every_harm_and_ends_well(seed: int) -> None:
    plan = Plan(seed, VALIDATORS, VALIDATORS, SHORT_HARMS)
    assert {step.kind for step in plan.steps} >= set(HARMS)
    assert str(plan) == str(Plan(seed, VALIDATORS, VALIDATORS, SHORT_HARMS))
    impaired: dict[str, str] = {}
    for step in plan.steps:
        if step.kind == "power-cut":
            impaired.clear()
        elif step.kind in HARMS:
            assert step.node not in impaired
            impaired[step.node] = step.kind
        else:
            assert step.kind == REPAIRS[impaired.pop(step.node)]
        assert len(impaired) <= IMPAIRED_MAX
    assert not impaired
