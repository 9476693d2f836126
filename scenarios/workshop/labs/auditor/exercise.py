"""Three copies of one ledger, two falsified; and in the whole one a fraud that breaks no rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ledger.audit import audit_export
from ledger.audit.exported import parse_exported_block
from ledger.block import Header
from ledger.primitives import Digest
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.answers import names_in, words_in
from scenarios.workshop.labs.auditor.falsified import Copy, falsify
from scenarios.workshop.labs.auditor.trade import FRAUDS, Trade, make_trade
from scenarios.workshop.labs.checking import judge_text, unanswered
from scenarios.workshop.labs.verifier_file import lay_out_verifier
from scenarios.workshop.room import Room

COPIES = ("bank", "buyer", "office")
"""Who handed a copy over."""
WHOLE_WORDS = ("whole", "holds", "true", "完整", "成立")
TASK = """Three copies of one ledger were handed over:
  copy-bank.jsonl, copy-buyer.jsonl, copy-office.jsonl

What you know from elsewhere, from somebody you trust:
  ledger      {ledger}
  last block  {block}
              (height {height})

收到同一个账本的三份副本：
  copy-bank.jsonl、copy-buyer.jsonl、copy-office.jsonl
你从可信的人那里另外得知：账本编号（ledger）与最后一个区块（last block）的编号和高度，见上。
"""
QUESTIONS = (
    *(
        Question(
            name,
            Words(
                f"copy-{name}.jsonl: whole, or the broken rule and the height, such as state 7. "
                "If blocks are missing at its end: block and the last height that it has.",
                f"copy-{name}.jsonl：填 whole（完整），或不成立的规则与高度，如 state 7。"
                "如果末尾缺少区块：填 block 和它最后的高度。",
            ),
            "state 7",
        )
        for name in COPIES
    ),
    Question("fraud", Words(f"The fraud of the trade: one of {', '.join(FRAUDS)}.", f"交易上的舞弊：{'、'.join(FRAUDS)} 之一。"),
             "bribe"),
    Question("tenders", Words("The tender, or the tenders, in which it happened.", "涉及的招标编号（一个或几个）。"), "T-1, T-2"),
    Question("who", Words("Who did it: one member or two.", "谁干的：一个或两个成员。"), "north.member1"),
)  # fmt: skip
VERIFY_AGAIN = Words(
    "Verify it with the ledger's id and the id of the last block, and read the last line.",
    "请带上账本编号和最后区块的编号再验证一次，并看最后一行。",
)
READ_TRADE = Words(
    "Read the whole copy row by row: who tendered what, who bid, who signed the award. Compare it with the handout's list.",
    "逐行阅读完整的那份：谁招什么标，谁投标，谁签署授标。再与讲义中的清单对照。",
)
READ_WHO = Words("The ledger says who signed each step of that tender.", "账本写明了那次招标每一步由谁签署。")


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
    broken: dict[str, list[str]] = {}
    for name, copy in copies.items():
        found = audit_export(copy.lines, Digest(trade.ledger), block=head.id).broken
        if found is not None:
            broken[name] = [str(found.details["rule"]), str(found.details["height"])]
    return Case(trade, copies, head, broken)


def begin(room: Room) -> None:
    """Three files, the verifier, and what is known from elsewhere."""
    case = make_case(room.seed)
    for name, copy in case.copies.items():
        (room.files / f"copy-{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in copy.lines))
    lay_out_verifier(room.files)
    task = TASK.format(ledger=case.trade.ledger, block=case.head.id, height=case.head.height)
    (room.files / "auditor.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """What is wrong follows from the seed; rule and height are those that the verifier gives."""
    case = make_case(room.seed)
    yield from unanswered(QUESTIONS, answers)
    for name in COPIES:
        given = words_in(answers[name])
        is_whole = len(given) == 1 and given[0] in WHOLE_WORDS
        is_right = given == case.broken[name] if name in case.broken else is_whole
        yield from judge_text(name, answers, is_right, VERIFY_AGAIN)
    fraud = case.trade.fraud
    yield from judge_text("fraud", answers, answers["fraud"].lower() == fraud.kind, READ_TRADE)
    tenders = {name.lower() for name in fraud.tenders}
    yield from judge_text("tenders", answers, names_in(answers["tenders"]) == tenders, READ_TRADE)
    yield from judge_text("who", answers, names_in(answers["who"]) == fraud.members, READ_WHO)


EXERCISE = Exercise(
    number=8,
    name="auditor",
    title=Words("Be the auditor", "当一回审计员"),
    goal=Words(
        "Find the whole one of three copies and what is wrong with the others; then the fraud that every signature confirms.",
        "在三份副本中找出完整的一份，说出另外两份哪里不对；再找出每个签名都成立的那桩舞弊。",
    ),
    minutes=25,
    hints=(
        Words(
            "Verify each copy with both things that you know from elsewhere: the ledger's id and the id of the last block.",
            "验证每份副本时，把从别处得知的两样都填上：账本编号和最后区块的编号。",
        ),
        Words(
            "Now read the whole copy as a table. What the ledger refused did no harm; look at what it accepted.",
            "再把完整的那份当表格读。被账本拒绝的没有造成损失；要看被接受的。",
        ),
        Words(
            "Three things to compare: the subjects of all tenders, the salts within one tender, and who signs the award beside "
            "the buyer.",
            "要比较三样：所有招标的标的、同一招标中的盐值、以及与买方一起签署授标的人。",
        ),
        Words(
            "paid-twice: one subject under two numbers; the buyer did it. one-hand: two bidders with one salt; both did it. "
            "own-witness: the winner signs its own award; the winner did it.",
            "paid-twice：同一标的两个编号，是买方干的。one-hand：两个投标人用同一个盐值，是这两人干的。"
            "own-witness：中标人签署自己的授标，是中标人干的。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
