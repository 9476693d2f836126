"""The simulator: many seeds in which the nodes must agree, the same bytes for the same seed, faults that really happen."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.transaction import Block
from nodes.simulator.chance import Chance
from nodes.simulator.checker import Checker, InvariantError
from nodes.simulator.run import Run
from nodes.simulator.simulation import Simulation
from nodes.simulator.weather import CALM, FaultCounts, FaultOptions
from nodes.simulator.workload import simulated_specification
from tests.project import printed
from tests.support import DecidedChain, in_short

SEEDS = 200
SEEDS_A_TEST = 25
HEIGHTS = 12


@pytest.mark.parametrize("first", in_short(2, range(1, SEEDS + 1, SEEDS_A_TEST)))
def test_nodes_agree_and_settle_under_chaos(first: int) -> None:
    verdicts = [Run(seed, HEIGHTS).play() for seed in range(first, first + SEEDS_A_TEST)]
    failed = [f"{v} (tallystick simulate --seed {v.seed} --heights {HEIGHTS})" for v in verdicts if v.failure is not None]
    assert not failed, "\n".join(failed)
    assert all(v.height >= HEIGHTS for v in verdicts)
    total = FaultCounts()
    for verdict in verdicts:
        total.add(verdict.faults)
    assert total.never_fired("traitor_crash") == (), "a campaign in which one of these never happened shows nothing about it"


def test_same_seed_same_log_in_fresh_processes(tmp_path: Path) -> None:
    program = "import sys; from nodes.simulator.run import Run; from nodes.simulator.weather import FaultOptions\n"
    program += f"r = Run(5, {HEIGHTS}, FaultOptions(), keep_log=True); v = r.play(); print(v)\n"
    program += "sys.stdout.flush(); sys.stdout.buffer.write(b'\\n'.join(r.simulation.log))"
    outputs = {printed(program, seed) for seed in ("0", "1", "4242")}
    assert len(outputs) == 1
    assert len(outputs.pop()) > 20_000


def test_another_seed_gives_another_log() -> None:
    assert Run(1, 5, keep_log=True).play().log_digest != Run(2, 5, keep_log=True).play().log_digest


def test_a_crash_loses_what_was_not_durable() -> None:
    simulation = Simulation(simulated_specification(), 1, CALM)
    node = simulation.up()[0]
    node.crash_at_write = True
    assert simulation.run_until(lambda: node.replica is None, 60_000)
    assert simulation.counts.lost_write >= 1
    assert node.store.ticket == 0


def test_batches_across_a_partition_are_dropped() -> None:
    simulation = Simulation(simulated_specification(), 1, CALM, keep_log=True)
    simulation.weather.group_of = {member: number for number, member in enumerate(simulation.nodes)}
    simulation.run_until(lambda: False, 30_000)
    assert not simulation.checker.blocks
    assert any(b'"why":"partition"' in line for line in simulation.log or ())


def test_a_network_that_cannot_settle_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(3, 5, replace(FaultOptions(), crash_permille=0))

    def fall_apart() -> None:
        run.workload.tick()
        monkeypatch.setattr(run.simulation.weather, "clear", lambda: None)
        run.simulation.weather.group_of = {member: number for number, member in enumerate(run.simulation.nodes)}

    monkeypatch.setattr(run, "_heal_quorum", fall_apart)
    verdict = run.play()
    assert verdict.failure is not None
    assert "did not settle" in verdict.failure
    assert "at " in verdict.failure


def blocks_of_one_height() -> tuple[Block, Block, Block]:
    chain = DecidedChain()
    one, other = chain.build(), chain.build(time_ms=chain.chain.head_time_ms + 5)
    chain.append(one, chain.record(one.block.header))
    return one.block, other.block, chain.build().block


def test_checker_sees_two_blocks_of_one_height() -> None:
    first, second, _ = blocks_of_one_height()
    checker = Checker()
    checker.decided("a", first, 1)
    checker.decided("b", first, 2)
    with pytest.raises(InvariantError, match="Agreement broken"):
        checker.decided("c", second, 1)


def test_checker_sees_a_gap_and_a_wrong_parent() -> None:
    first, second, third = blocks_of_one_height()
    checker = Checker()
    with pytest.raises(InvariantError, match="published height 2"):
        checker.decided("a", third, 1)
    checker = Checker()
    checker.decided("a", second, 1)
    with pytest.raises(InvariantError, match="does not follow"):
        checker.decided("a", third, 1)
    assert first.id != second.id


def test_checker_sees_a_transaction_twice() -> None:
    chain = DecidedChain()
    transaction = chain.sign("north.member1", "asset", "bump", number="n")
    first = chain.decide(transaction)
    second = chain.build()
    checker = Checker()
    checker.decided("a", first.block, 1)
    with pytest.raises(InvariantError, match="stands in blocks 1 and 2"):
        checker.decided("a", replace(second.block, transactions=(transaction,)), 1)


def test_chance_is_the_same_everywhere() -> None:
    chance = Chance(7)
    assert [chance.below(100) for _ in range(8)] == [41, 19, 50, 83, 6, 9, 68, 12]
    assert Chance(1).hexadecimal(8) == "2265b1f5"
    assert all(0 <= Chance(seed).below(3) < 3 for seed in range(50))
    assert Chance(1).below(1) == 0
