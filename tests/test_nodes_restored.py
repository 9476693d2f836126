"""A validator that is restored from a backup says nothing that it said otherwise before; with a copied mark it would.

Neither does one whose disk lost the end of what was flushed, as long as the mark beside it knows what was said last.
"""

from copy import deepcopy

import pytest

from ledger.state.memory_store import END_MAX, MemoryStore
from nodes.node import voting_mark
from nodes.simulator.chance import Chance
from nodes.simulator.checker import InvariantError
from tests.replicas import Network
from tests.support import EAST, NORTH, SOUTH, VALIDATORS, WEST

OTHERS = (NORTH, SOUTH, EAST)


def restored(seed: int, may_vote: bool | None = None) -> Network:
    """West, which led height 2, stands where it stood at height 1, and gets another transaction before it hears of height 2."""
    network = Network(seed)
    network.decide(1)
    west = network.nodes[WEST]
    backup = MemoryStore(deepcopy(west.store._tables))
    backup.commit(voting_mark.silenced(backup, 2))
    backup.flush()
    network.decide(2, 3, 4)
    network.crash(west)
    west.store = backup
    network.start(west, may_vote)
    network.submit([network.bump(9)], WEST)
    return network


@pytest.mark.parametrize("seed", range(5))
def test_it_waits_until_it_cannot_contradict_itself(seed: int) -> None:
    network = restored(seed)
    network.reach(5, OTHERS)
    assert network.replica(WEST).engine.me is None
    network.decide(6, 7, 8)
    assert network.replica(WEST).engine.me == 3


@pytest.mark.parametrize("seed", range(5))
def test_a_mark_that_was_copied_along_would_convict_it(seed: int) -> None:
    """The witness sees every statement that is sent: this is what the mark's absence prevents."""
    with pytest.raises(InvariantError, match="signed two proposes in view 1 of height 2"):
        restored(seed, may_vote=True).reach(5, OTHERS)


def lose_ends(seed: int, *, has_statement: bool) -> int:
    """Three times a validator crashes at some moment and its disk lost its flushed end; says how often one noticed that.

    The next crash waits until all vote, since a validator that asks counts among the faulty.
    """
    network, chance = Network(seed), Chance(seed)
    numbers, noticed = iter(range(100, 1_000)), 0
    network.decide(1, 2, 3)
    for _ in range(3):
        victim = network.nodes[chance.pick(VALIDATORS)]
        others = tuple(member for member in VALIDATORS if member != victim.member)
        network.submit([network.bump(next(numbers))], victim.member)
        for _ in range(chance.between(5, 120)):
            network.scheduler.step()
        network.crash(victim, lost_end=chance.between(1, END_MAX))
        if not has_statement:
            victim.said = None
        network.start(victim)
        network.submit([network.bump(next(numbers))], victim.member)
        noticed += network.replica(victim.member).recovery is not None
        while network.replica(victim.member).engine.me is None:
            network.decide(next(numbers), nodes=others)
        network.reach(max(network.checker.blocks))
        assert not voting_mark.is_unmarked(victim.store)
    return noticed


@pytest.mark.parametrize("seed", range(20))
def test_a_disk_that_lost_its_flushed_end_makes_nobody_contradict_itself(seed: int) -> None:
    lose_ends(seed, has_statement=True)


def test_the_statement_in_the_mark_is_what_prevents_it() -> None:
    assert sum(lose_ends(seed, has_statement=True) for seed in range(5)) > 5
    contradicted = 0
    for seed in range(20):
        try:
            assert lose_ends(seed, has_statement=False) == 0
        except InvariantError as error:
            contradicted += "signed two" in str(error)
    assert contradicted > 5
