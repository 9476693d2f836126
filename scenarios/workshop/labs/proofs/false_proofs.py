"""How a proof file is falsified: each way, and the rule that breaks. One of three files is true."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ledger.genesis import Genesis
from ledger.verify.proof_file import encode_proof_file
from nodes.simulator.chance import Chance
from scenarios.workshop.labs.simulated_ledger import SimulatedLedger

TRUE, OTHER_LEDGER = "true", "ledger"
Proof = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the files speak of: an asset of the group's ledger, its proof, and to whom the false ones give it."""

    number: str
    thief: str
    proof: Proof
    genesis: Genesis


def _true(claim: Claim, chance: Chance) -> bytes:
    """As the node gave it."""
    return encode_proof_file([claim.proof], claim.genesis)


def _edited(claim: Claim, chance: Chance) -> bytes:
    """Somebody writes himself in as the holder."""
    proof = deepcopy(claim.proof)
    proof["value"]["holder"] = claim.thief
    return encode_proof_file([proof], claim.genesis)


def _too_few(claim: Claim, chance: Chance) -> bytes:
    """Two validators of four say that it is so."""
    proof = deepcopy(claim.proof)
    for name in ("signers", "signatures"):
        proof["certificate"][name] = proof["certificate"][name][:2]
    return encode_proof_file([proof], claim.genesis)


def _elsewhere(claim: Claim, chance: Chance) -> bytes:
    """Flawless, from a ledger that the thief has made alone: four validators of his own, and the same names."""
    ledger = SimulatedLedger(chance.below(1_000_000))
    ledger.act(claim.thief, "asset", "issue", number=claim.number, to=claim.thief)
    view = ledger.simulation.view()
    proof = view.prove_state("asset", "assets", claim.number)
    return encode_proof_file([proof], ledger.simulation.network.genesis)


WAYS: dict[str, Callable[[Claim, Chance], bytes]] = {
    TRUE: _true,
    "path": _edited,
    "certificate": _too_few,
    OTHER_LEDGER: _elsewhere,
}
"""By the rule that shows it."""


def draw_ways(chance: Chance) -> tuple[str, str, str]:
    """True, one that only the ledger's id shows, and one that shows by itself, in any order."""
    drawn = [TRUE, OTHER_LEDGER, ("path", "certificate")[chance.below(2)]]
    first, second = drawn.pop(chance.below(3)), drawn.pop(chance.below(2))
    return first, second, drawn[0]
