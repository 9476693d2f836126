"""Find a fact in the chain, then tamper with it at three depths: the real verifier says which rule breaks first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import JsonValue
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.casts import MEMBERS, draw_members, draw_numbers
from scenarios.workshop.labs.checking import judge_number, judge_text, unanswered
from scenarios.workshop.room import Room, Standing

ASSETS = 4
HANDED_ON = 7
ID_DIGITS = 8
TASK = """Your group's fact: {number} passed from {giver} to {taker}.
你们组要找的事实：{number} 从 {giver} 转给了 {taker}。
"""
QUESTIONS = (
    Question("block", Words("The height of the block that holds your fact.", "你们的事实所在区块的高度。"), "12"),
    Question("id", Words(f"The first {ID_DIGITS} digits of that block's id.", f"该区块标识的前 {ID_DIGITS} 位。"), "0123abcd"),
    Question("edited", Words("Edited, nothing else: the number of the rule that breaks first.",
                             "只改内容：最先被破坏的规则编号。"), "1"),
    Question("rehashed", Words("Edited and re-hashed: the number of the rule that breaks first.",
                               "修改并重新计算哈希：最先被破坏的规则编号。"), "1"),
    Question("missing", Words("Signed with one validator's key as well: how many statements the certificate still lacks.",
                              "再用一个验证者的密钥签名：证书还缺几份声明。"), "9"),
    Question("three", Words("Re-hashed, with the keys of three validators, but not the member's: the rule that breaks first.",
                            "重新计算哈希，持有三个验证者的密钥，但没有该成员的密钥：最先被破坏的规则编号。"), "1"),
)  # fmt: skip
NOT_THERE = Words("Your fact is not on the ledger any more: start this lab again.", "账本上已没有你们的事实：请重新开始本实验。")
SEARCH = Words(
    "Search for the number in the Ledger view and open the record: its history names the blocks.",
    "请在“账本”视图中搜索编号并打开记录：历史中列有各个区块。",
)
AGAIN = Words(
    "Do it once more in the Tamper view and read the first red rule: its number stands in front.",
    "请在“篡改”视图中再做一次，看第一条变红的规则：编号在最前面。",
)
COUNT = Words("The Tamper view says how many it takes and how many you hold.", "“篡改”视图会说明需要几份、你持有几份。")


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
    holders = dict(zip(draw_numbers(chance, "LOT", ASSETS), draw_members(chance, ASSETS), strict=True))
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


def begin(room: Room) -> None:
    """A few assets, each handed on now and then, one transaction a block."""
    made = plan(room.chance())
    with room.client() as client:
        for number, holder in made.issues:
            client.call(Asset.issue, signers=[room.member(holder)], number=number, to=holder)
        for handing in made.handings:
            client.call(Asset.transfer, signers=[room.member(handing.giver)], number=handing.number, to=handing.taker)
    fact = made.fact
    task = TASK.format(number=fact.number, giver=fact.giver, taker=fact.taker)
    (room.files / "chain.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """The verifier itself is asked, about this very block."""
    fact = plan(room.chance()).fact
    found = next((standing for standing in room.standings() if _is(standing, fact)), None)
    if found is None:
        yield NOT_THERE
        return
    yield from unanswered(QUESTIONS, answers)
    block_id, given = found.header.id, answers["id"].lower().rstrip("….")
    yield from judge_number("block", answers, found.header.height, SEARCH)
    yield from judge_text("id", answers, len(given) >= ID_DIGITS and block_id.startswith(given), SEARCH)
    if any(answers[name] for name in ("edited", "rehashed", "missing", "three")):
        yield from _judge_forgeries(room, found, answers)


def _judge_forgeries(room: Room, found: Standing, answers: Mapping[str, str]) -> Iterator[Words]:
    validators: list[str] = [node["member"] for node in room.control.get("/network")["nodes"]]
    yield from judge_number("edited", answers, _broken(_forged(room, found, rehash=False, keys=())), AGAIN)
    yield from judge_number("rehashed", answers, _broken(_forged(room, found, rehash=True, keys=())), AGAIN)
    one = _forged(room, found, rehash=True, keys=validators[:1])
    yield from judge_number("missing", answers, int(one["certificate"]["missing"]), COUNT)
    yield from judge_number("three", answers, _broken(_forged(room, found, rehash=True, keys=validators[:3])), AGAIN)


def _forged(room: Room, found: Standing, *, rehash: bool, keys: Sequence[str]) -> dict[str, Any]:
    """What comes of giving the asset to somebody else, as the Tamper view shows it."""
    receiver = found.transaction.arguments["to"]
    other = next(member for member in MEMBERS if member not in (receiver, *found.transaction.signers))
    path: list[JsonValue] = ["transactions", found.position, "body", "arguments", "to"]
    edits: list[JsonValue] = [{"path": path, "value": other}]
    order: dict[str, JsonValue] = {"height": found.header.height, "edits": edits, "rehash": rehash, "keys": list(keys)}
    return room.control.post("/tamper", order)


def _broken(account: Mapping[str, Any]) -> int:
    """Number of the first broken rule, 0 if none is."""
    broken = account["verdict"]["broken"]
    return 0 if broken is None else int(broken["number"])


def _is(standing: Standing, fact: Handing) -> bool:
    transaction = standing.transaction
    wanted: dict[str, JsonValue] = {"number": fact.number, "to": fact.taker}
    return transaction.operation == "transfer" and transaction.arguments == wanted and transaction.signers == (fact.giver,)


EXERCISE = Exercise(
    number=1,
    name="chain",
    title=Words("The chain, and tampering with it", "链与篡改"),
    goal=Words(
        "See how blocks hang together; change one fact and find out which rule notices it first.",
        "看区块如何相连；改动一个事实，找出哪条规则最先发现。",
    ),
    minutes=20,
    hints=(
        Words(
            "The Ledger view searches: type the number of the lot, open the record, and look at its history.",
            "“账本”视图可以搜索：输入批次编号，打开记录，看它的历史。",
        ),
        Words(
            "In the Tamper view choose your block, open transactions, 0, body, arguments, and change `to`.",
            "在“篡改”视图中选你们的区块，依次打开 transactions、0、body、arguments，修改 `to`。",
        ),
        Words(
            "The verdict lists the rules in order, each with its number. Only the first broken one is an answer.",
            "结论按顺序列出规则，每条都有编号。只有第一条被破坏的才是答案。",
        ),
        Words(
            "For the last question tick `Hash again` and three validators, and none of the members: who signed the transaction?",
            "最后一题：勾选重新计算哈希和三个验证者，不要勾任何成员：那笔交易是谁签的？",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
