"""Find one traitor among four by what the honest have noted, then convict the two who made a ledger fork."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.errors import JsonValue
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.answers import names_in, words_in
from scenarios.workshop.labs.casts import draw_members, draw_organizations
from scenarios.workshop.labs.checking import judge_number, judge_text, unanswered
from scenarios.workshop.labs.traitors.fork import make_fork
from scenarios.workshop.labs.verifier_file import lay_out_verifier
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
SIZES = (5, 6, 7, 8, 9, 10, 12, 13)
HEIGHTS = 5
"""Every validator has led once by then."""
HEIGHTS_MAX = 20
TASK = """Part 2: fork-{first}.jsonl and fork-{second}.jsonl are exports of one small ledger,
as {first}.validator and {second}.validator hand it out.
Part 3: think of a network of {n} validators.

第二部分：fork-{first}.jsonl 与 fork-{second}.jsonl 是同一个小账本的两份导出，
分别由 {first}.validator 和 {second}.validator 提供。
第三部分：设想一个有 {n} 个验证者的网络。
"""
QUESTIONS = (
    Question("traitor", Words("Part 1: the validator that betrays.", "第一部分：叛变的验证者。"), "north"),
    Question("kind", Words(f"Part 1: its kind, one of {', '.join(KINDS)}.", f"第一部分：种类，{'、'.join(KINDS)} 之一。"),
             "twin"),
    Question("pair", Words("Part 1: the two statements that convict it, such as propose/propose; none if it leaves none.",
                           "第一部分：能定罪的一对声明，如 propose/propose；没有就填 none。"), "propose/propose"),
    Question("guilty", Words("Part 2: the two validators that signed both sides.", "第二部分：在两边都签了名的两个验证者。"),
             "north, south"),
    Question("height", Words("Part 2: the height at which the exports part.", "第二部分：两份导出从哪个高度开始不同。"), "99"),
    Question("asset", Words("Part 2: the asset that was sold twice.", "第二部分：被卖了两次的资产编号。"), "A-1"),
    Question("fork", Words("Part 3: how many of them must betray, at the least, to fork the ledger?",
                           "第三部分：至少多少个验证者叛变，才能让账本分叉？"), "1"),
    Question("halt", Words("Part 3: how many silent ones are enough to stop it?", "第三部分：多少个沉默者就足以让它停住？"), "1"),
)  # fmt: skip
LOOK = Words(
    "See who noted what about whom: submit a few transactions, then look again.",
    "看看谁记录了谁的什么：再提交几笔交易，然后重新查看。",
)
READ_SENTENCES = Words("Compare what was noted with the sentences in the handout.", "把记录与讲义中各种类的说明对照。")
READ_PAIR = Words(
    "A pair stands in the row `evidence`; only two kinds leave one.", "成对的声明在 evidence 一行；只有两个种类会留下。"
)
CONVICT = Words("Let the verifier convict: it takes both exports.", "用验证台的定罪功能：它需要两份导出。")
READ_BLOCK = Words("Read the block at that height in both exports.", "分别阅读两份导出中那个高度的区块。")
COUNT_FORK = Words(
    "Two quorums of n-f share at least n-2f validators, and each of these must have signed both.",
    "两个 n-f 的法定人数至少有 n-2f 个共同成员，分叉时他们每个都签了两边。",
)
COUNT_HALT = Words(
    "A quorum is n-f: how many must be missing until it cannot be reached?", "法定人数是 n-f：缺多少个就凑不齐了？"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides, beside the fork."""

    traitor: str
    kind: str
    order: tuple[str, ...]
    """In which the nodes begin anew, so that the log does not show who did for another reason."""
    member: str
    n: int

    @property
    def f(self) -> int:
        """So many of n are tolerated."""
        return (self.n - 1) // 3


def plan(chance: Chance) -> Plan:
    """One traitor among four."""
    order = tuple(f"{name}.validator" for name in draw_organizations(chance, 4))
    (member,) = draw_members(chance, 1)
    return Plan(chance.pick(order), chance.pick(tuple(KINDS)), order, member, chance.pick(SIZES))


def begin(room: Room) -> None:
    """A secret traitor, a few blocks in which it betrayed, and two exports that contradict each other."""
    made = plan(room.chance())
    for member in made.order:
        betray: dict[str, JsonValue] = {"do": "traitor", "kind": made.kind, "secret": True}
        room.control.order(f"/nodes/{member}", betray if member == made.traitor else {"do": "honest"})
    with room.client() as client:
        for number in range(HEIGHTS_MAX):
            if number >= HEIGHTS and (not KINDS[made.kind] or any(r["kind"] == "evidence" for r in room.log())):
                break
            client.call(Asset.issue, signers=[room.member(made.member)], number=f"B-{number}", to=made.member)
    fork = make_fork(room.seed)
    names = []
    for validator, lines in sorted(fork.exports.items()):
        names.append(validator.partition(".")[0])
        (room.files / f"fork-{names[-1]}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    lay_out_verifier(room.files)
    task = TASK.format(first=names[0], second=names[1], n=made.n)
    (room.files / "traitors.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """What is asked follows from the seed; the fork is made again."""
    made, fork = plan(room.chance()), make_fork(room.seed)
    yield from unanswered(QUESTIONS, answers)
    yield from judge_text("traitor", answers, names_in(answers["traitor"], ".validator") == {made.traitor}, LOOK)
    yield from judge_text("kind", answers, answers["kind"].lower() == made.kind, READ_SENTENCES)
    pairs = KINDS[made.kind] or NONE_WORDS
    yield from judge_text("pair", answers, answers["pair"].lower().replace(" ", "") in pairs, READ_PAIR)
    yield from judge_text("guilty", answers, names_in(answers["guilty"], ".validator") == fork.guilty, CONVICT)
    yield from judge_number("height", answers, fork.height, CONVICT)
    yield from judge_text("asset", answers, words_in(answers["asset"]) == [fork.asset.lower()], READ_BLOCK)
    yield from judge_number("fork", answers, made.n - 2 * made.f, COUNT_FORK)
    yield from judge_number("halt", answers, made.f + 1, COUNT_HALT)


EXERCISE = Exercise(
    number=5,
    name="traitors",
    title=Words("Traitors: who lies, and what it takes to fork", "叛徒：谁在说谎，怎样才会分叉"),
    goal=Words(
        "Find the one traitor among four, see that it changes nothing, then convict two who forked a ledger together.",
        "在四个验证者中找出唯一的叛徒，看到它什么也改变不了；再给合谋让账本分叉的两个定罪。",
    ),
    minutes=25,
    hints=(
        Words(
            "Start with “What the nodes noted” under the handout. A row `evidence` names a key that contradicted itself.",
            "先看讲义下面的“节点的记录”。有 evidence 的一行，说的就是自相矛盾的密钥。",
        ),
        Words(
            "Nobody is accused? Then see who was heard least, and whom the others waited for in vain.",
            "没有人被指控？那就看看谁的消息最少，其他节点白等的是谁。",
        ),
        Words(
            "Part 2: each export verifies without a fault. Only together they show that somebody signed two blocks at one "
            "height.",
            "第二部分：每份导出单独验证都没有问题；放在一起才看得出有人在同一高度签了两个区块。",
        ),
        Words(
            "f is (n-1)//3, rounded down. A fork needs n-2f traitors; f+1 silent ones leave fewer than n-f.",
            "f 等于 (n-1)//3（向下取整）。分叉需要 n-2f 个叛徒；沉默 f+1 个之后，剩下的不足 n-f。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
