"""The invariants of consensus under random play with a traitor: deliveries in any order, doubled, lost; crashes; lies.

One NotarCert block per view; never SkipCert and CommitCert in one view; one block per height; an honest key never signs
two Proposes of different blocks, two Votes, two Finals, or Skip and Final in one view. `EngineNetwork.verify` holds
each against everything that was signed, after every move.
"""

from dataclasses import replace

import pytest

from ledger.certificate import Certificate, Statement
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


def broken(*items: Statement | Certificate) -> EngineNetwork:
    """A network in which something impossible was made up, to see that it is noticed."""
    network = EngineNetwork(1)
    for peer, item in zip(network.peers.values(), items, strict=False):
        if isinstance(item, Statement):
            network.signed.add(item)
        else:
            known = peer.state.certificates.set((item.kind, item.view), item)
            peer.state = replace(peer.state, certificates=known)
    return network


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ((certificate("notar", block=A), certificate("notar", block=B)), "two NotarCert blocks"),
        ((certificate("skip"), certificate("commit")), "SkipCert and CommitCert"),
        ((certificate("commit", 1, A), certificate("commit", 2, B)), "two blocks of one height"),
        ((said("propose", 1), said("propose", 1, block=B)), "signed two blocks"),
        ((said("vote", 1), said("vote", 1, block=B)), "signed two blocks"),
        ((said("final", 1), said("final", 1, block=B)), "signed two blocks"),
        ((said("skip", 1), said("final", 1)), "Skip and Final"),
    ],
    ids=["notar", "skip-commit", "height", "propose", "vote", "final", "skip-final"],
)
def test_a_breach_of_each_invariant_is_noticed(items: tuple[Statement | Certificate, ...], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        broken(*items).verify()
