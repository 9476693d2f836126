"""One node stops and nothing happens; two stop and everything waits, and nothing is lost."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.casts import ORGANIZATIONS, draw_members, draw_numbers, draw_organizations
from scenarios.workshop.labs.checking import filled, judge_number, judge_text, unanswered
from scenarios.workshop.labs.crash.outages import down_while_committed, down_while_waiting, outages
from scenarios.workshop.room import Room

SKIP_MISSING = 1
"""Of two nodes that run both say `skip` when their timer fires; it takes three."""
TASK = """Stop first:  {first}        Issue while it is down:       {one}
Stop second: {second}        Issue while both are down:    {two}
Sign as {me}, and issue to {me}.

先停止：{first}        它停机期间发行：{one}
再停止：{second}        两个都停机期间发行：{two}
以 {me} 的身份签名，发给 {me}。
"""
QUESTIONS = (
    Question("lacks", Words("While two are down: how many Skips the certificate still lacks.",
                            "两个节点停机期间：跳过的证书还缺几份声明。"), "9"),
    Question("stated", Words("The two nodes whose statements it has.", "它已有哪两个节点的声明。"),
             "first.validator, second.validator"),
    Question("height", Words("The block in which the transaction that waited stands at last.",
                             "等待的那笔交易最后所在的区块高度。"), "99"),
)  # fmt: skip
NOT_COMMITTED = Words("{number} is not issued by {me}.", "{number} 还没有由 {me} 发行。")
NOT_DOWN = Words(
    "{first} was not down when {number} was committed, as the log tells. Stop it, then issue; to do so, start this lab again.",
    "日志显示 {number} 写入账本时 {first} 没有停机。须先停止它再发行；重新开始本实验最快。",
)
NOT_ALONE = Words(
    "When {number} was committed more than {first} was down: {down}.", "{number} 写入账本时停机的不只 {first}：{down}。"
)
NOT_WAITED = Words(
    "The log does not show that {number} waited while {first} and {second} were both down. Stop both, then issue; start this lab "
    "again if {number} is issued already.",
    "日志没有显示 {number} 在 {first} 与 {second} 都停机时等待过。先停止两个再发行；若 {number} 已发行，请重新开始本实验。",
)
NOT_RUNNING = Words("Not all nodes run: {down} is down. Start it.", "并非所有节点都在运行：{down} 停机。请启动它。")
NOT_LEVEL = Words("The nodes are not at one height yet: wait a moment and check again.", "各节点高度还不一致：稍等再检查。")
LOOK = Words(
    "Look at the Consensus view while both are down, a few seconds after you submitted.",
    "请在两个节点都停机、提交后几秒时看“共识”视图。",
)
LOOK_UP = Words("The Ledger view or the receipt says it.", "“账本”视图或收据上有。")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    first: str
    second: str
    me: str
    one: str
    two: str
    earlier: tuple[str, ...]

    @property
    def staying(self) -> set[str]:
        """Nodes that are never stopped."""
        return {f"{name}.validator" for name in ORGANIZATIONS} - {self.first, self.second}


def plan(chance: Chance) -> Plan:
    """The first node serves the page, so it stays."""
    first, second = (f"{name}.validator" for name in draw_organizations(chance, 2, ORGANIZATIONS[1:]))
    (me,) = draw_members(chance, 1)
    one, two, *earlier = draw_numbers(chance, "BOX", 5)
    return Plan(first, second, me, one, two, tuple(earlier))


def begin(room: Room) -> None:
    """Some blocks, by four nodes."""
    made = plan(room.chance())
    with room.client() as client:
        for number in made.earlier:
            client.call(Asset.issue, signers=[room.member(made.me)], number=number, to=made.me)
    task = TASK.format(first=made.first, second=made.second, me=made.me, one=made.one, two=made.two)
    (room.files / "crash.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """Who was down when, by the log; what was committed, by the ledger."""
    made, records = plan(room.chance()), room.log()
    nodes = room.control.get("/network")["nodes"]
    found = outages(records, [node["member"] for node in nodes if node["running"]])
    heights = _heights(room, made)
    names = {"first": made.first, "second": made.second, "me": made.me}
    if made.one not in heights:
        yield filled(NOT_COMMITTED, number=made.one, **names)
    else:
        down = down_while_committed(records, found, heights[made.one])
        if made.first not in down:
            yield filled(NOT_DOWN, number=made.one, **names)
        elif len(down) > 1:
            yield filled(NOT_ALONE, number=made.one, down=", ".join(sorted(down)), **names)
    if made.two not in heights:
        yield filled(NOT_COMMITTED, number=made.two, **names)
    elif not {made.first, made.second} <= down_while_waiting(records, found, heights[made.two]):
        yield filled(NOT_WAITED, number=made.two, **names)
    stopped = [node["member"] for node in nodes if not node["running"]]
    if stopped:
        yield filled(NOT_RUNNING, down=", ".join(stopped))
    elif len({node["height"] for node in nodes}) > 1:
        yield NOT_LEVEL
    yield from unanswered(QUESTIONS, answers)
    yield from judge_number("lacks", answers, SKIP_MISSING, LOOK)
    named = {f"{name}.validator" for name in re.findall("|".join(ORGANIZATIONS), answers["stated"].lower())}
    yield from judge_text("stated", answers, named == made.staying, LOOK)
    if made.two in heights:
        yield from judge_number("height", answers, heights[made.two], LOOK_UP)


def _heights(room: Room, made: Plan) -> dict[str, int]:
    """Where the two assets were issued, by number."""
    return {
        str(one.transaction.arguments["number"]): one.header.height
        for one in room.standings()
        if one.is_committed and one.transaction.operation == "issue" and one.transaction.signers == (made.me,)
    }


EXERCISE = Exercise(
    number=4,
    name="crash",
    title=Words("Crashes, and why it waits", "节点故障，以及为什么会等待"),
    goal=Words(
        "Stop one node: nothing stops. Stop two: everything waits. Start one: it goes on, and nothing is lost.",
        "停一个节点：照常运行。停两个：全部等待。启动一个：继续运行，什么都没丢。",
    ),
    minutes=20,
    hints=(
        Words("Nodes are stopped and started in the Faults view.", "在“故障”视图中停止和启动节点。"),
        Words(
            "The form says that it waits for the receipt; meanwhile look at the Consensus view in a second tab.",
            "提交后表单说在等收据；其间可在另一个标签页看“共识”视图。",
        ),
        Words(
            "The Consensus view counts Votes, Finals and Skips of three needed; below, `Who said what` names who said them.",
            "“共识”视图按所需三份统计投票、终结和跳过；下方的“谁说了什么”列出名字。",
        ),
        Words(
            "If you issued in the wrong order, start the lab again: it takes a second, and an asset can be issued only once.",
            "如果发行的顺序错了，请重新开始本实验：只需一秒，而一个资产只能发行一次。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
