"""Lab 1. Find a fact in the chain, then tamper with it at three depths: the real verifier says which rule breaks first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import JsonValue
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, sentence
from scenarios.workshop.labs.material import MEMBERS, draw, draw_numbers
from scenarios.workshop.room import Room, Standing

ASSETS = 4
HANDED_ON = 7
ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Handing:
    """An asset passes from one member to another."""

    number: str
    giver: str
    taker: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    issues: tuple[tuple[str, str], ...]
    """Number and first holder."""
    handings: tuple[Handing, ...]
    fact: Handing


def plan(chance: Chance) -> Plan:
    """Every handing differs from every other, so the fact stands in one place only."""
    holders = dict(zip(draw_numbers(chance, "LOT", ASSETS), draw(chance, MEMBERS, ASSETS), strict=True))
    issues = tuple(holders.items())
    handings: dict[Handing, None] = {}
    while len(handings) < HANDED_ON:
        number, taker = chance.pick(tuple(holders)), chance.pick(MEMBERS)
        handing = Handing(number, holders[number], taker)
        if taker != handing.giver and handing not in handings:
            handings[handing] = None
            holders[number] = taker
    made = tuple(handings)
    return Plan(issues, made, chance.pick(made[1:-2]))


def begin(room: Room) -> Mapping[str, str]:
    """A few assets, each handed on now and then, one transaction a block."""
    made = plan(room.chance())
    room.issue(dict(made.issues))
    with room.client() as client:
        for handing in made.handings:
            client.call(Asset.transfer, signers=[room.member(handing.giver)], number=handing.number, to=handing.taker)
    return {"number": made.fact.number, "giver": made.fact.giver, "taker": made.fact.taker}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """The verifier itself is asked, about this very block."""
    fact = plan(room.chance()).fact
    transfers = (one for one in room.standings() if one.asks("asset.transfer", fact.giver, number=fact.number, to=fact.taker))
    transfer = next(transfers, None)
    if transfer is None:
        yield sentence("not-there")
        return
    yield from answers.unanswered()
    block, given = transfer.header, answers["id"].lower().rstrip("….")
    yield from answers.judge_number("block", block.height, sentence("search"))
    yield from answers.judge("id", len(given) >= ID_DIGITS and block.id.startswith(given), sentence("search"))
    if any(answers[name] for name in ("edited", "rehashed", "missing", "three")):
        yield from _judge_forgeries(room, transfer, answers)


def _judge_forgeries(room: Room, transfer: Standing, answers: Answers) -> Iterator[Sentence]:
    validators: list[str] = [node["member"] for node in room.control.get("/network")["nodes"]]
    again = sentence("again")
    yield from answers.judge_number("edited", _broken(_forged(room, transfer, rehash=False, keys=())), again)
    yield from answers.judge_number("rehashed", _broken(_forged(room, transfer, rehash=True, keys=())), again)
    one = _forged(room, transfer, rehash=True, keys=validators[:1])
    yield from answers.judge_number("missing", int(one["certificate"]["missing"]), sentence("count"))
    yield from answers.judge_number("three", _broken(_forged(room, transfer, rehash=True, keys=validators[:3])), again)


def _forged(room: Room, transfer: Standing, *, rehash: bool, keys: Sequence[str]) -> dict[str, Any]:
    """What comes of giving the asset to somebody else, as the Tamper view shows it."""
    receiver = transfer.transaction.arguments["to"]
    other = next(member for member in MEMBERS if member not in (receiver, *transfer.transaction.signers))
    path: list[JsonValue] = ["transactions", transfer.position, "body", "arguments", "to"]
    edits: list[JsonValue] = [{"path": path, "value": other}]
    order: dict[str, JsonValue] = {"height": transfer.header.height, "edits": edits, "rehash": rehash, "keys": list(keys)}
    return room.control.post("/tamper", order)


def _broken(account: Mapping[str, Any]) -> int:
    """Number of the first broken rule, 0 if none is."""
    broken = account["verdict"]["broken"]
    return 0 if broken is None else int(broken["number"])
