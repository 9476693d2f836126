"""Lab 10. Believe another ledger by proof alone: a relayer brings eight letters from a harbour, true, old, false, and a fork."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.governance import Governance
from ledger.transaction import sign_transaction
from nodes.client import LocalMember
from nodes.foreign.contract import Foreign
from nodes.simulator.chance import Chance
from scenarios.running.first_story import LIFETIME_MS
from scenarios.workshop.exercise import Answers, Sentence, names_in, sentence
from scenarios.workshop.labs.material import MEMBERS, draw, draw_numbers
from scenarios.workshop.labs.other_ledger import MINUTE_MS, NAMES, VALIDATORS, OtherLedger
from scenarios.workshop.loans import HARBOUR
from scenarios.workshop.room import Room, Standing

CODES: Mapping[str, str] = {
    "header": "ok",
    "few": "not-decided",
    "record": "ok",
    "altered": "not-proved",
    "older": "not-newer",
    "old": "proof-too-old",
    "fork": "ok",
    "frozen": "ledger-frozen",
}
"""What the group's ledger says of each kind of letter, handed in when it is its turn."""
ADMINS = ("north.admin", "south.admin", "east.admin")
"""More than half of the group's organizations."""
HARBOUR_MEMBERS = tuple(f"{name}.member{number}" for name in NAMES for number in (1, 2))
BEGAN_MINUTES = 105
"""How long before the start of the lab the harbour's ledger began."""
PAUSE_MINUTES = 45
NEEDED = 3
DELAY_WORDS = ("delay", "拖延", "延迟", "耽误")


@dataclass(frozen=True, slots=True)
class Letter:
    """A transaction of the relayer, signed when the lab starts."""

    kind: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    relayer: str
    crates: tuple[str, ...]
    """That of the true record, of the altered one, of the old absence, of the fork, of the last letter."""
    holders: tuple[str, ...]
    """Of these crates."""
    thief: str
    fillers: tuple[int, int]
    """Further crates that the harbour stored early and late: heights differ between groups."""
    few: tuple[str, ...]
    """Validators of the harbour who forged."""
    signers: tuple[str, ...]
    """Those who decided honestly."""
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    """Who decided the one and the other block of one height."""
    letters: tuple[Letter, ...]

    @property
    def guilty(self) -> set[str]:
        """Who signed both."""
        return {*self.sides[0]} & {*self.sides[1]}

    def place(self, kind: str) -> int:
        """Number of the letter of a kind, from 1."""
        return next(place for place, letter in enumerate(self.letters, 1) if letter.kind == kind)


def plan(chance: Chance) -> Plan:
    """The newest header comes among the first two letters, what leads to it in the four after it, the fork near the end."""
    (relayer,) = draw(chance, MEMBERS, 1)
    thief, *holders = draw(chance, HARBOUR_MEMBERS, 6)
    left_out = draw(chance, VALIDATORS, 2)
    one, other = (tuple(name for name in VALIDATORS if name != out) for out in left_out)
    kinds = (*draw(chance, ("header", "few"), 2), *draw(chance, ("record", "altered", "older", "old"), 4), "fork", "frozen")
    return Plan(
        relayer=relayer,
        crates=draw_numbers(chance, "C", 5),
        holders=tuple(holders),
        thief=thief,
        fillers=(chance.below(4), chance.below(4)),
        few=tuple(sorted(draw(chance, VALIDATORS, 2))),
        signers=tuple(sorted(draw(chance, VALIDATORS, NEEDED))),
        sides=(one, other),
        letters=tuple(Letter(kind, chance.hexadecimal(32)) for kind in kinds),
    )


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter asks of the group's ledger, and how the task tells it, the same in every language."""

    operation: str
    arguments: dict[str, Any]
    told: str


def write_contents(made: Plan, harbour: OtherLedger) -> dict[str, Content]:
    """By kind. The harbour stores, pledges and goes on; what is false is made from what is true."""
    true, altered, pledged, sold, last = made.crates

    def store(number: int, minutes: int = 1) -> None:
        harbour.decide(made.signers, "store", minutes, crate=f"S-{number}", to=made.holders[0])

    for crate, holder in zip(made.crates, made.holders, strict=True):
        harbour.decide(made.signers, "store", 1, crate=crate, to=holder)
    for number in range(made.fillers[0]):
        store(number)
    early = harbour.height
    absence = harbour.proof("crossing_pledges", pledged) | {"header": harbour.view.header(early).to_json()}
    harbour.decide(made.signers, "pledge", PAUSE_MINUTES, crate=pledged, to=made.thief)
    older = harbour.height
    for number in range(1 + made.fillers[1]):
        store(100 + number, 1 if number else PAUSE_MINUTES)
    newest = harbour.height
    absence["inclusion"] = harbour.view.consistency(early, newest)["inclusion"]
    forged = harbour.candidate("store", 2, crate=altered, to=made.thief).block.header
    record = harbour.proof("crossing_crates", altered)
    sides = [
        harbour.signed_block(harbour.candidate("store", 2, crate=sold, to=to).block.header, signers)
        for to, signers in zip((made.thief, made.holders[0]), made.sides, strict=True)
    ]
    age = BEGAN_MINUTES - (harbour.view.header(early).time - harbour.network.genesis.time_ms) // MINUTE_MS
    one, other = made.sides
    fork = {"ledger": HARBOUR, "first": sides[0], "second": sides[1]}
    return {
        "header": _advance(harbour.block(newest), newest, made.signers),
        "older": _advance(harbour.block(older), older, made.signers),
        "few": _advance(harbour.signed_block(forged, made.few), newest + 1, made.few),
        "record": _note(true, made.holders[0], harbour.proof("crossing_crates", true)),
        "altered": _note(altered, made.thief, {**record, "value": {"holder": made.thief}}),
        "old": Content("loans.lend", {"crate": pledged, "proof": absence}, f"lend     {pledged}: block {early}, {age} min"),
        "fork": Content("foreign.report_fork", fork, f"fork     {_signed(newest + 1, one)}\n{'':14}{_signed(newest + 1, other)}"),
        "frozen": _note(last, made.holders[4], harbour.proof("crossing_crates", last)),
    }


def _advance(block: dict[str, Any], height: int, signers: Sequence[str]) -> Content:
    return Content("foreign.advance", {"ledger": HARBOUR, "blocks": [block]}, f"advance  {_signed(height, signers)}")


def _note(crate: str, holder: str, proof: dict[str, Any]) -> Content:
    return Content("loans.note", {"crate": crate, "proof": proof}, f"note     {crate}: {holder}")


def _signed(height: int, validators: Sequence[str]) -> str:
    return f"{height}: {', '.join(validator.partition('.')[0] for validator in validators)}"


def begin(room: Room) -> Mapping[str, str | int]:
    """The group's organizations have admitted the harbour's ledger; the relayer's letters lie in the folder."""
    made = plan(room.chance())
    with room.client() as client:
        now_ms, ledger = int(client.node()["clock"]), client.ledger()
        harbour = OtherLedger(room.seed, now_ms - BEGAN_MINUTES * MINUTE_MS)
        facts = {"name": HARBOUR, "ledger": harbour.network.ledger, "validators": harbour.validators}
        admins = [room.member(name) for name in ADMINS]
        client.call(Governance.propose, signers=admins, number="P-1", action={"kind": "admit-ledger", **facts})
    contents, lines = write_contents(made, harbour), []
    relayer: LocalMember = room.member(made.relayer)
    for place, letter in enumerate(made.letters, 1):
        content = contents[letter.kind]
        contract, _, operation = content.operation.partition(".")
        envelope = sign_transaction(
            ledger=ledger,
            contract=contract,
            operation=operation,
            arguments=content.arguments,
            signers=[(made.relayer, relayer.key)],
            nonce=letter.nonce,
            expires_ms=now_ms + LIFETIME_MS // 2,
        )
        (room.files / f"letter-{place}.json").write_bytes(envelope.raw)
        lines.append(f"  {place}  {content.told}")
    return {"relayer": made.relayer, "ledger": harbour.network.ledger[:8], "letters": "\n".join(lines)}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """What became of each letter by the ledger's receipts; the fork by what contract `foreign` keeps."""
    made = plan(room.chance())
    yield from _not_handed_in(made, {one.transaction.nonce: one for one in room.standings()})
    with room.client() as client:
        heads, conflicts = client.records(Foreign.heads), client.records(Foreign.conflicts)
    if not any(head.is_frozen for _, head in heads) or not conflicts:
        yield sentence("not-frozen")
    yield from answers.unanswered()
    yield from answers.judge_number("needed", NEEDED, sentence("read-set"))
    yield from answers.judge_number("few", made.place("few"), sentence("read-codes"))
    yield from answers.judge_number("older", made.place("older"), sentence("read-codes"))
    yield from answers.judge_number("altered", made.place("altered"), sentence("read-codes"))
    yield from answers.judge_number("old", made.place("old"), sentence("read-codes"))
    yield from answers.judge("guilty", names_in(answers["guilty"], ".validator") == made.guilty, sentence("read-conflict"))
    yield from answers.judge("last", answers["last"].lower() == CODES["frozen"], sentence("read-last"))
    yield from answers.judge("relayer", answers["relayer"].lower() in DELAY_WORDS, sentence("think-relayer"))


def _not_handed_in(made: Plan, standings: Mapping[str, Standing]) -> Iterator[Sentence]:
    waiting = [str(place) for place, letter in enumerate(made.letters, 1) if letter.nonce not in standings]
    for place, letter in enumerate(made.letters, 1):
        if letter.nonce in standings and standings[letter.nonce].receipt["code"] != CODES[letter.kind]:
            yield sentence("out-of-turn", number=place)
            return
    if waiting:
        yield sentence("not-handed-in", numbers=", ".join(waiting))
