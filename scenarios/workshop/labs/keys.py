"""Lab 2. Sign as yourself, fail to sign for another, tell a genuine envelope from two forged ones, and end a stolen key."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from ledger.encoding import encode_unchecked
from ledger.errors import JsonValue
from ledger.primitives import Digest
from ledger.transaction import Transaction, parse_transaction, sign_transaction
from nodes.client import LocalMember
from nodes.simulator.chance import Chance
from scenarios.running.first_story import LIFETIME_MS
from scenarios.workshop.exercise import Answers, Sentence, sentence
from scenarios.workshop.labs.material import MEMBERS, draw, draw_numbers
from scenarios.workshop.room import Room

DOOR_CODE = "wrong-signature"
REVOKED_CODE = "revoked"
GENUINE, OTHER_KEY, ALTERED = "genuine", "other-key", "altered"
KINDS = (GENUINE, OTHER_KEY, ALTERED)


@dataclass(frozen=True, slots=True)
class Letter:
    """What an envelope says, and how it came about."""

    number: str
    signer: str
    """Whose it claims to be; this member holds the asset."""
    to: str
    nonce: str
    kind: str
    """`genuine`; `other-key`: the thief signed it in the signer's name; `altered`: the signer signed something else."""

    def write(self, signer: LocalMember, thief: LocalMember, ledger: Digest, expires_ms: int) -> Transaction:
        """The envelope; well-formed in any case."""
        signed = sign_transaction(
            ledger=ledger,
            contract="asset",
            operation="transfer",
            arguments={"number": self.number, "to": self.to},
            signers=[(self.signer, thief.key if self.kind == OTHER_KEY else signer.key)],
            nonce=self.nonce,
            expires_ms=expires_ms,
        )
        if self.kind != ALTERED:
            return signed
        envelope = signed.to_json()
        assert isinstance(envelope, dict)
        body = envelope["body"]
        assert isinstance(body, dict)
        altered: JsonValue = {"number": self.number, "to": thief.id}
        return parse_transaction(encode_unchecked({**envelope, "body": {**body, "arguments": altered}}))


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    me: str
    own: str
    other: str
    held: str
    lost: str
    kept: str
    """Asset that the lost key issued while it was good."""
    thief: str
    letters: tuple[Letter, ...]

    @property
    def admin(self) -> str:
        """Who may revoke the lost key."""
        return f"{self.lost.partition('.')[0]}.admin"

    @property
    def genuine(self) -> int:
        """Place of the genuine letter, from 1."""
        return next(place for place, letter in enumerate(self.letters, 1) if letter.kind == GENUINE)


def plan(chance: Chance) -> Plan:
    """Every member has one part at most."""
    me, other, lost, thief, *rest = draw(chance, MEMBERS, 10)
    own, held, kept, *numbers = draw_numbers(chance, "DEED", 6)
    kinds = list(KINDS)
    letters = tuple(
        Letter(number, signer, buyer, chance.hexadecimal(32), kinds.pop(chance.below(len(kinds))))
        for number, signer, buyer in zip(numbers, rest[:3], rest[3:], strict=True)
    )
    return Plan(me, own, other, held, lost, kept, thief, letters)


def begin(room: Room) -> Mapping[str, str]:
    """Five assets have holders, and three letters lie in the folder."""
    made = plan(room.chance())
    room.issue({made.held: made.other, made.kept: made.lost, **{letter.number: letter.signer for letter in made.letters}})
    with room.client() as client:
        expires_ms, ledger = int(client.node()["clock"]) + LIFETIME_MS // 2, client.ledger()
    names = asdict(made)
    for place, letter in enumerate(made.letters, 1):
        envelope = letter.write(room.member(letter.signer), room.member(made.thief), ledger, expires_ms)
        (room.files / f"letter-{place}.json").write_bytes(envelope.raw)
        names |= {f"signer{place}": letter.signer, f"number{place}": letter.number, f"to{place}": str(envelope.arguments["to"])}
    return {**names, "admin": made.admin}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """Deeds by the ledger, codes by the answers."""
    made, standings = plan(room.chance()), room.standings()
    if not any(one.asks("asset.issue", made.me, number=made.own) and one.is_committed for one in standings):
        yield sentence("not-issued", own=made.own, me=made.me)
    tries = (one for one in standings if one.asks("asset.transfer", made.me, number=made.held))
    if not any(one.receipt["code"] == "not-holder" for one in tries):
        yield sentence("not-tried", me=made.me, held=made.held)
    letter = made.letters[made.genuine - 1]
    handed_in = next((one for one in standings if one.transaction.nonce == letter.nonce and one.is_committed), None)
    if handed_in is None:
        yield sentence("not-handed-in")
    revoked = (one for one in standings if one.is_committed and one.asks("membership.revoke", member=made.lost))
    if not any(made.admin in one.transaction.signers for one in revoked):
        yield sentence("not-revoked", lost=made.lost, admin=made.admin)
    yield from answers.unanswered()
    yield from answers.judge("door", answers["door"] == DOOR_CODE, sentence("read-code"))
    yield from answers.judge_number("genuine", made.genuine, sentence("try-letters"))
    if handed_in is not None:
        yield from answers.judge_number("again", handed_in.header.height, sentence("read-place"))
    yield from answers.judge("ended", answers["ended"] == REVOKED_CODE, sentence("read-code"))
    for one in standings:
        if one.asks("asset.issue", made.lost, number=made.kept):
            yield from answers.judge_number("before", one.header.height, sentence("find-it", kept=made.kept))
            break
