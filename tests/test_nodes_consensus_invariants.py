"""The invariants of consensus under random play with a traitor: deliveries in any order, doubled, lost; crashes; lies.

One NotarCert block per view; never SkipCert and CommitCert in one view; one block per height; an honest key never signs
two Proposes of different blocks, two Votes, two Finals, or Skip and Final in one view. `EngineNetwork.verify` holds
each against everything that was signed, after every move, by the oracle of the exhaustive check.
"""

from dataclasses import replace

import pytest

from tests.engine import A, B, certificate, said
from tests.engine_network import EngineNetwork

RUNS = 40
MOVES = 1_000


@pytest.mark.parametrize("n", [4, 5, 7])
def test_invariants_hold_with_a_traitor(n: int) -> None:
    decided = later_views = 0
    for seed in range(RUNS):
        network = EngineNetwork(seed, n)
        for _ in range(MOVES):
            network.play()
            network.verify()
        decided += any(p.committed for p in network.peers.values())
        later_views += any(p.state.view > 2 for p in network.peers.values())
    assert decided > RUNS // 2
    assert later_views > RUNS // 5


def test_honest_networks_decide() -> None:
    decided = 0
    for seed in range(RUNS):
        network = EngineNetwork(seed, is_traitor_present=False)
        for _ in range(MOVES):
            network.play()
        network.verify()
        decided += any(p.committed for p in network.peers.values())
    assert decided > RUNS * 3 // 4


def test_what_was_signed_what_is_held_and_what_is_decided_are_all_judged() -> None:
    """By the oracle of the exhaustive check, whose own test breaks each invariant."""
    for signer in range(4):
        signed = EngineNetwork(1, is_traitor_present=False)
        signed.signed |= {said("vote", signer), said("vote", signer, block=B)}
        with pytest.raises(AssertionError, match="signed two votes"):
            signed.verify()
    held, decided = EngineNetwork(1), EngineNetwork(1)
    for index, block in enumerate((A, B)):
        peer = held.peers[index]
        known = peer.state.certificates.set(("notar", 1), certificate("notar", block=block))
        peer.state = replace(peer.state, certificates=known)
        decided.peers[index].committed = block
    with pytest.raises(AssertionError, match="Two NotarCert blocks"):
        held.verify()
    with pytest.raises(AssertionError, match="Two blocks of one height"):
        decided.verify()
