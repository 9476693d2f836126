"""Real processes under `kill -9`, SIGSTOP, power cuts and failing links, while four clients submit and read through all.

Afterwards: what was acknowledged stands exactly once on every node, the ledger's order is a linearization of what the
clients did (`tests/history.py` says what that means for reads), all nodes hold the same blocks with the same state
roots, each export passes the audit, and no key has signed what would convict it.

The short form plays a plan of a dozen harms. `pytest tests/test_nodes_chaos.py --long` plays ten plans of sixty.
A failure prints its plan; `CHAOS_SEED=N` plays the short form of seed N, with `--long` the long one.
"""

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nodes.local_network import LocalNetwork
from nodes.network_specification import seeded_keys
from tests.chaos import Chaos, convicting_records, outputs, verify
from tests.chaos_plan import HARMS, IMPAIRED_MAX, REPAIRS, Plan
from tests.network_support import NAMES, specification

NODES = tuple(f"{name}.validator" for name in NAMES)
MEMBERS = tuple(f"{name}.member1" for name in NAMES)
SHORT_SEED = 1
SHORT_HARMS = 12
LONG_SEEDS = range(1, 11)
LONG_HARMS = 60


def play(directory: Path, seed: int, harms: int) -> None:
    """One run, and everything that must hold after it."""
    plan = Plan(seed, NODES, NODES, harms)
    print(plan)
    start_ms = time.time_ns() // 1_000_000 - 1_000
    network = LocalNetwork.create(
        directory, replace(specification(len(NAMES)), start_time_ms=start_ms), keys=seeded_keys(seed), first_port=None
    )
    started = time.monotonic()
    try:
        with network:
            chaos = Chaos(network, plan, MEMBERS)
            seen = asyncio.run(chaos.run())
            blocks = verify(chaos)
        assert convicting_records(network) == []
    except BaseException:
        print(outputs(network))
        raise
    seconds = time.monotonic() - started
    retried = len(seen.observations) - len(seen.operations) - len(seen.reads)
    print(
        f"{len(seen.operations)} operations, {len(seen.reads)} reads, {retried} other answers, {blocks} blocks, {seconds:.0f} s"
    )


@pytest.mark.usefixtures("no_process_left")
def test_the_network_keeps_its_word_under_chaos(tmp_path: Path) -> None:
    play(tmp_path / "network", int(os.environ.get("CHAOS_SEED", SHORT_SEED)), SHORT_HARMS)


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize("seed", [int(os.environ["CHAOS_SEED"])] if "CHAOS_SEED" in os.environ else LONG_SEEDS)
def test_the_network_keeps_its_word_under_long_chaos(tmp_path: Path, seed: int) -> None:
    play(tmp_path / "network", seed, LONG_HARMS)


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_has_every_harm_and_ends_well(seed: int) -> None:
    plan = Plan(seed, NODES, NODES, SHORT_HARMS)
    assert {step.kind for step in plan.steps} >= set(HARMS)
    assert str(plan) == str(Plan(seed, NODES, NODES, SHORT_HARMS))
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
