"""Lab 3. Take a proof home and verify it yourself, prove that something is not there, tell a true proof from two false ones."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

from ledger.audit.exported import parse_exported_block
from ledger.genesis import Genesis, parse_genesis
from ledger.verify.proof_file import encode_proof_file
from nodes.node.files import GENESIS_FILE
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, sentence, words_in
from scenarios.workshop.labs.material import MEMBERS, SimulatedLedger, draw, draw_numbers, lay_out_verifier
from scenarios.workshop.room import Room

PROOFS = ("a", "b", "c")
ROOT_DIGITS = 8
TRUE, OTHER_LEDGER = "true", "ledger"
TRUE_WORDS = (TRUE, "holds", "ok", "真", "成立")


@dataclass(frozen=True, slots=True)
class Claim:
    """What the files speak of: an asset of the group's ledger, its proof, and to whom the false ones give it."""

    number: str
    thief: str
    proof: dict[str, Any]
    genesis: Genesis


def _true(claim: Claim, chance: Chance) -> bytes:
    """As the node gave it."""
    return encode_proof_file([claim.proof], claim.genesis)


def _edited(claim: Claim, chance: Chance) -> bytes:
    """The thief is written in as the holder."""
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
    """Flawless, from a ledger of the thief's own: four validators of his, and the same names."""
    ledger = SimulatedLedger(chance.below(1_000_000))
    ledger.act(claim.thief, "asset", "issue", number=claim.number, to=claim.thief)
    proof = ledger.simulation.view().prove_state("asset", "assets", claim.number)
    return encode_proof_file([proof], ledger.simulation.network.genesis)


WAYS: Mapping[str, Callable[[Claim, Chance], bytes]] = {
    TRUE: _true,
    "path": _edited,
    "certificate": _too_few,
    OTHER_LEDGER: _elsewhere,
}
"""How a proof file is falsified, by the rule that shows it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    me: str
    own: str
    asked: tuple[str, ...]
    absent: str
    claimed: str
    holder: str
    thief: str
    ways: tuple[str, ...]
    """By file: TRUE, or the rule that breaks."""


def plan(chance: Chance) -> Plan:
    """Every member has one part at most."""
    me, holder, thief = draw(chance, MEMBERS, 3)
    own, claimed, *asked = draw_numbers(chance, "LOT", 5)
    return Plan(me, own, tuple(sorted(asked)), asked[0], claimed, holder, thief, draw_ways(chance))


def draw_ways(chance: Chance) -> tuple[str, ...]:
    """True, one that only the ledger's id shows, and one that shows by itself, in any order."""
    drawn = [TRUE, OTHER_LEDGER, ("path", "certificate")[chance.below(2)]]
    return draw(chance, drawn, 3)


def begin(room: Room) -> Mapping[str, str]:
    """Three assets are on the ledger; three proofs, a task and the verifier lie in the folder."""
    made, chance = plan(room.chance()), room.chance()
    room.issue({number: made.holder for number in (*made.asked, made.claimed) if number != made.absent})
    with room.client() as client:
        proof: Any = client.get(f"/v1/state/asset/assets/{made.claimed}", proof=True)["proof"]
    genesis = parse_genesis((room.directory / GENESIS_FILE).read_bytes().removesuffix(b"\n"))
    claim = Claim(made.claimed, made.thief, proof, genesis)
    for name, way in zip(PROOFS, made.ways, strict=True):
        (room.files / f"proof-{name}.json").write_bytes(WAYS[way](claim, chance))
    lay_out_verifier(room.files)
    return {**asdict(made), "ledger": genesis.ledger, "asked": ", ".join(made.asked)}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """The deed by the ledger, the proof by the header of its height."""
    made = plan(room.chance())
    own = (one for one in room.standings() if one.is_committed and one.asks("asset.issue", made.me, number=made.own, to=made.me))
    issued = next(own, None)
    if issued is None:
        yield sentence("not-issued", me=made.me, own=made.own)
    yield from answers.unanswered()
    if issued is not None:
        yield from _judge_own(room, answers, issued.header.height, made.own)
    yield from answers.judge("absent", answers["absent"].upper() == made.absent, sentence("ask-each"))
    for name, way in zip(PROOFS, made.ways, strict=True):
        accepted = TRUE_WORDS if way == TRUE else (way,)
        yield from answers.judge(name, words_in(answers[name])[-1:] in ([word] for word in accepted), sentence("verify-again"))


def _judge_own(room: Room, answers: Answers, issued: int, own: str) -> Iterator[Sentence]:
    headers = [parse_exported_block(line).header for line in room.export()[1:]]
    roots = {str(header.height): header.state_root for header in headers}
    height, root = answers["height"], answers["root"].lower()
    if not height:
        return
    if height not in roots:
        yield from answers.judge("height", False, sentence("read-height"))
    elif int(height) < issued:
        yield from answers.judge("height", False, sentence("no-block", own=own))
    else:
        is_right = len(root) >= ROOT_DIGITS and roots[height].startswith(root)
        yield from answers.judge("root", is_right, sentence("read-root"))
