"""Lab 8. Three copies of one ledger, two falsified; and in the whole one a fraud that breaks no rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ledger.audit import audit_export
from ledger.audit.exported import parse_exported_block
from ledger.block import Header
from ledger.primitives import Digest
from nodes.simulator.chance import Chance
from scenarios.workshop.exercise import Answers, Sentence, names_in, sentence, words_in
from scenarios.workshop.labs.falsified import Copy, falsify
from scenarios.workshop.labs.material import lay_out_verifier, write_export
from scenarios.workshop.labs.tenders import Trade, make_trade
from scenarios.workshop.room import Room

COPIES = ("bank", "buyer", "office")
"""Who handed a copy over."""
WHOLE_WORDS = ("whole", "holds", "true", "完整", "成立")


@dataclass(frozen=True, slots=True)
class Case:
    """All that a seed decides."""

    trade: Trade
    copies: Mapping[str, Copy]
    head: Header
    """Of the last block."""
    broken: Mapping[str, list[str]]
    """By copy that is not whole: rule and height, as they are answered."""


@lru_cache(maxsize=4)
def make_case(seed: int) -> Case:
    """The trade, and what was done to its copies."""
    trade = make_trade(seed)
    copies = falsify(Chance(seed), trade.lines, COPIES)
    head = parse_exported_block(trade.lines[-1]).header
    audited = {name: audit_export(copy.lines, Digest(trade.ledger), block=head.id).broken for name, copy in copies.items()}
    faults = {name: fault.details for name, fault in audited.items() if fault is not None}
    return Case(trade, copies, head, {name: [str(fault["rule"]), str(fault["height"])] for name, fault in faults.items()})


def begin(room: Room) -> Mapping[str, str | int]:
    """Three files, the verifier, and what is known from elsewhere."""
    case = make_case(room.seed)
    for name, copy in case.copies.items():
        write_export(room.files / f"copy-{name}.jsonl", copy.lines)
    lay_out_verifier(room.files)
    return {"ledger": case.trade.ledger, "block": case.head.id, "height": case.head.height}


def missing(room: Room, answers: Answers) -> Iterator[Sentence]:
    """What is wrong follows from the seed; rule and height are those that the verifier gives."""
    case = make_case(room.seed)
    yield from answers.unanswered()
    for name in COPIES:
        given = words_in(answers[name])
        is_whole = len(given) == 1 and given[0] in WHOLE_WORDS
        is_right = given == case.broken[name] if name in case.broken else is_whole
        yield from answers.judge(name, is_right, sentence("verify-again"))
    fraud = case.trade.fraud
    yield from answers.judge("fraud", answers["fraud"].lower() == fraud.kind, sentence("read-trade"))
    tenders = {name.lower() for name in fraud.tenders}
    yield from answers.judge("tenders", names_in(answers["tenders"]) == tenders, sentence("read-trade"))
    yield from answers.judge("who", names_in(answers["who"]) == fraud.members, sentence("read-who"))
