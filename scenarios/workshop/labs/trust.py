"""Lab 5. Find one traitor among four by what the honest have noted, convict those who made a ledger fork, and count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.errors import JsonValue
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, names_in, sentence, words_in
from scenarios.workshop.labs.fork import make_fork, silent_that_halt
from scenarios.workshop.labs.material import MEMBERS, ORGANIZATIONS, draw, lay_out_verifier, write_export
from scenarios.workshop.room import Room

KINDS: Mapping[str, tuple[str, ...]] = {
    "silent": (),
    "double-voter": ("vote/vote", "final/final"),
    "skip-and-final": ("final/skip", "skip/final"),
    "invalid-proposer": (),
    "impersonator": (),
}
"""Kinds that can be told apart by what the honest note, with the pair of statements that convicts."""
NONE_WORDS = ("none", "no", "nothing", "无", "没有")
HEIGHTS = 5
"""Every validator has led once by then."""
HEIGHTS_MAX = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides, beside the fork."""

    traitor: str
    kind: str
    order: tuple[str, ...]
    """In which the nodes begin again, so that the log does not show which of them had another reason to."""
    member: str


def plan(chance: Chance) -> Plan:
    """One traitor among four."""
    order = tuple(f"{name}.validator" for name in draw(chance, ORGANIZATIONS, 4))
    (member,) = draw(chance, MEMBERS, 1)
    return Plan(chance.pick(order), chance.pick(tuple(KINDS)), order, member)


def begin(room: Room) -> Mapping[str, str | int]:
    """A secret traitor, a few blocks in which it betrayed, and two exports that contradict each other."""
    made = plan(room.chance())
    for member in made.order:
        betray: dict[str, JsonValue] = {"do": "traitor", "kind": made.kind, "secret": True}
        room.control.order(f"/nodes/{member}", betray if member == made.traitor else {"do": "honest"})
    with room.client() as client:
        for number in range(HEIGHTS_MAX):
            if number >= HEIGHTS and (not KINDS[made.kind] or any(record["kind"] == "evidence" for record in room.log())):
                break
            client.call(Asset.issue, signers=[room.member(made.member)], number=f"B-{number}", to=made.member)
    fork = make_fork(room.seed)
    exports = {validator.partition(".")[0]: lines for validator, lines in fork.exports.items()}
    for name, lines in exports.items():
        write_export(room.files / f"export-{name}.jsonl", lines)
    lay_out_verifier(room.files)
    first, second = sorted(exports)
    return {"first": first, "second": second, "n": fork.n}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """What is asked follows from the seed; the fork is made again, and how many halt its network is tried."""
    made, fork = plan(room.chance()), make_fork(room.seed)
    yield from answers.unanswered()
    yield from answers.judge("traitor", names_in(answers["traitor"], ".validator") == {made.traitor}, sentence("look"))
    yield from answers.judge("kind", answers["kind"].lower() == made.kind, sentence("read-sentences"))
    pairs = KINDS[made.kind] or NONE_WORDS
    yield from answers.judge("pair", answers["pair"].lower().replace(" ", "") in pairs, sentence("read-pair"))
    yield from answers.judge_number("height", fork.height, sentence("convict"))
    yield from answers.judge("guilty", names_in(answers["guilty"], ".validator") == fork.guilty, sentence("convict"))
    yield from answers.judge("asset", words_in(answers["asset"]) == [fork.asset.lower()], sentence("read-block"))
    halt, fewest = silent_that_halt(room.seed, fork.n), len(fork.guilty)
    went_on = answers["halt"].isdecimal() and int(answers["halt"]) < halt
    yield from answers.judge_number("halt", halt, sentence("went-on", n=fork.n) if went_on else sentence("fewer-halt", n=fork.n))
    lacking = answers["fork"].isdecimal() and int(answers["fork"]) < fewest
    yield from answers.judge_number("fork", fewest, sentence("one-side") if lacking else sentence("read-both"))
