"""A validator that is restored from a backup says nothing that it said otherwise before; with a copied mark it would."""

from copy import deepcopy

import pytest

from nodes.replica import stable
from nodes.simulator.checker import InvariantError
from nodes.storage.memory import MemoryStore
from tests.replicas import EAST, NORTH, SOUTH, WEST, Network

OTHERS = (NORTH, SOUTH, EAST)


def restored(seed: int, may_vote: bool | None = None) -> Network:
    """West, which led height 2, stands where it stood at height 1, and gets another transaction before it hears of height 2."""
    network = Network(seed)
    network.decide(1)
    west = network.nodes[WEST]
    backup = MemoryStore(deepcopy(west.store._tables))
    backup.commit(stable.silenced(backup, 2))
    backup.flush()
    network.decide(2, 3, 4)
    network.crash(west)
    west.store = backup
    network.start(west, not stable.is_unmarked(backup) if may_vote is None else may_vote)
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
