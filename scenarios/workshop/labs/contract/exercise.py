"""Write a contract of your own: mend a warehouse receipt until it keeps its promises, and put it on the running network."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledger.errors import JsonValue
from ledger.governance import Governance
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.casts import draw_members, draw_numbers
from scenarios.workshop.labs.checking import filled, judge_number, unanswered
from scenarios.workshop.labs.contract.skeleton import CLASS, MODULE, Flaw, draw_flaws, write_contract, write_tests
from scenarios.workshop.room import Room, Standing

CONTRACT = "warehouse-receipt"
FILE = f"{MODULE}.py"
EXAMINE = "scenarios.workshop.labs.contract.examine"
EXAMINE_SECONDS_MAX = 60
NEEDED = 3
"""Of four organizations, more than half."""
GOODS = ("tea", "rice", "copper", "silk", "paper")
TASK = """Your warehouse is {warehouse}. It alone may issue receipts.
The receipt of your group: number {number}, {weight_g} g of {goods}, issued to {first}, then passed on to {second}.
The contract is {file} in this folder: three places in it are wrong.

本组的仓库是 {warehouse}：只有它可以签发仓单。
本组的仓单：编号 {number}，货物 {goods}，重量 {weight_g} 克，签发给 {first}，再转让给 {second}。
合约是本文件夹中的 {file}：其中有三处错误。

  tallystick contract check {path}
  tallystick contract install {path} --dir {directory}
"""
QUESTIONS = (
    Question("block", Words("The height of the block in which your receipt was issued.", "签发本组仓单的区块高度。"), "12"),
    Question("needed", Words("How many organizations had to approve the contract?", "合约需要几个组织同意？"), "9"),
)
NO_FILE = Words(f"There is no {FILE} in the folder of files: start this lab again.", f"文件目录中没有 {FILE}：请重新开始本实验。")
NO_END = Words(
    "The contract did not come to an end within a minute: is there a loop without end in it?",
    "合约一分钟内没有执行完：其中是否有死循环？",
)
NOT_CHECKED = Words("`tallystick contract check` is not content yet:\n{lines}", "`tallystick contract check` 尚未通过：\n{lines}")
PROMISES: Mapping[str, Words] = {
    "interface": Words(
        "Keep the names: operations issue(number, to, goods, weight_g), transfer(number, to), release(number); a collection "
        "receipts whose records have holder, goods, weight_g and released.",
        "请保留这些名称：操作 issue(number, to, goods, weight_g)、transfer(number, to)、release(number)；集合 receipts，"
        "其记录含 holder、goods、weight_g 和 released。",
    ),
    "issue-by-warehouse": Words(
        "Somebody else than the warehouse can issue a receipt, or the warehouse cannot.",
        "仓库以外的人也能签发仓单，或仓库反而不能。",
    ),
    "issue-once": Words(
        "One number can be issued twice: two promises for one heap of goods.", "同一编号可以签发两次：一批货有了两张仓单。"
    ),
    "transfer-by-holder": Words(
        "Somebody who does not hold the receipt can pass it on, or its holder cannot.",
        "不持有仓单的人也能转让，或持有人反而不能。",
    ),
    "nothing-lost": Words(
        "After a transfer the receipt is not what it was: holder, goods and weight must be right.",
        "转让之后仓单变了样：持有人、货物和重量都必须正确。",
    ),
    "release-by-holder": Words(
        "Somebody who does not hold the receipt can fetch the goods, or its holder cannot.",
        "不持有仓单的人也能提货，或持有人反而不能。",
    ),
    "release-once": Words("The goods of one receipt can be fetched twice.", "同一张仓单可以提货两次。"),
    "released-stays": Words("A receipt whose goods are gone can be passed on.", "货物已提走的仓单仍可转让。"),
    "model": Words(
        "Random steps end otherwise than with a plain receipt: look for a special case.",
        "随机操作的结果与普通仓单不同：检查是否有特殊情况。",
    ),
}
NOT_INSTALLED = Words(
    "The contract does not act on this ledger: tallystick contract install {path} --dir {directory}",
    "合约在本账本上尚未生效：tallystick contract install {path} --dir {directory}",
)
WAITS = Words(
    "The contract is proposed ({number}); {have} of {needed} organizations have approved: admins do it in the Contracts view.",
    "合约已提案（{number}），{needed} 个组织中已有 {have} 个同意：请管理员在“合约”视图中同意。",
)
OTHER_VERSION = Words(
    "Another version than the one in your folder acts: install it again.", "生效的版本与文件夹中的不同：请重新安装。"
)
NOT_ISSUED = Words(
    "{warehouse} has not issued {number} ({goods}, {weight_g} g) to {first}: act as {warehouse}, operation issue.",
    "{warehouse} 还没有把 {number}（{goods}，{weight_g} 克）签发给 {first}：以 {warehouse} 的身份，操作 issue。",
)
NOT_TRIED = Words(
    "Nobody but the holder has tried to pass {number} on: try it once, and read what the contract says.",
    "还没有持有人以外的人试着转让 {number}：请试一次，看合约怎么说。",
)
NOT_PASSED_ON = Words("{first} has not passed {number} on to {second}.", "{first} 还没有把 {number} 转让给 {second}。")
READ_BLOCK = Words(
    "The answer of the submission names the block; the Ledger view too.", "提交后的回答中有区块高度；“账本”视图中也有。"
)
READ_NEEDED = Words("More than half of four organizations.", "四个组织中的多数（超过一半）。")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    warehouse: str
    first: str
    second: str
    number: str
    goods: str
    weight_g: int
    flaws: tuple[Flaw, ...]


def plan(chance: Chance) -> Plan:
    """Three people, one receipt, three flaws."""
    warehouse, first, second = draw_members(chance, 3)
    (number,) = draw_numbers(chance, "W", 1)
    return Plan(warehouse, first, second, number, chance.pick(GOODS), 1_000 + chance.below(90_000), draw_flaws(chance))


def begin(room: Room) -> None:
    """The contract with its flaws, its tests, and what the group is to do. A contract from before is kept beside it."""
    made = plan(room.chance())
    path = room.files / FILE
    if path.exists():
        path.replace(room.files / f"{MODULE}.before.txt")
    path.write_text(write_contract(made.warehouse, made.flaws), encoding="utf-8", newline="\n")
    (room.files / f"test_{FILE}").write_text(write_tests(), encoding="utf-8", newline="\n")
    task = TASK.format(**_names(made), file=FILE, path=path, directory=room.directory)
    (room.files / "contract.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """The file first, then what acts on the ledger, then the receipt itself."""
    made = plan(room.chance())
    path = room.files / FILE
    told = _examined(path, path.read_text(encoding="utf-8", errors="replace"), made.warehouse) if path.is_file() else NO_FILE
    if isinstance(told, Words):
        yield told
        return
    if told["faults"]:
        english, chinese = told["faults"]
        yield filled(NOT_CHECKED, lines=Words(english, chinese))
    yield from (PROMISES[name] for name in told["broken"])
    yield from _not_acting(room, str(told["top"]))
    standings = [one for one in room.standings() if one.transaction.contract == CONTRACT]
    yield from _not_on_ledger(made, standings)
    yield from unanswered(QUESTIONS, answers)
    issued = _issued(made, standings)
    if issued is not None:
        yield from judge_number("block", answers, issued.header.height, READ_BLOCK)
    yield from judge_number("needed", answers, NEEDED, READ_NEEDED)


@lru_cache(maxsize=8)
def _examined(path: Path, text: str, warehouse: str) -> dict[str, Any] | Words:
    """What a process of its own says of the contract; of the same text it says the same."""
    command = [sys.executable, "-m", EXAMINE, str(path), warehouse]
    try:
        done = subprocess.run(command, capture_output=True, timeout=EXAMINE_SECONDS_MAX, check=False)  # noqa: S603
        told: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return NO_END
    except ValueError:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        return filled(NOT_CHECKED, lines=last)
    return told


def _not_acting(room: Room, top: str) -> Iterator[Words]:
    with room.client() as client:
        entry = client.read(Governance.contracts, CONTRACT)
        proposals = client.records(Governance.proposals) if entry is None else []
    if entry is not None:
        if entry.module != f"{top}:{CLASS}":
            yield OTHER_VERSION
        return
    for number, proposal in proposals:
        if number.startswith(CONTRACT) and proposal.status == "open":
            yield filled(WAITS, number=number, have=len(proposal.approvals), needed=NEEDED)
            return
    yield filled(NOT_INSTALLED, path=str(room.files / FILE), directory=str(room.directory))


def _not_on_ledger(made: Plan, standings: Sequence[Standing]) -> Iterator[Words]:
    names = _names(made)
    issued = _issued(made, standings)
    if issued is None:
        yield filled(NOT_ISSUED, **names)
    since = standings[standings.index(issued) :] if issued is not None else ()
    transfers = [one for one in since if one.transaction.operation == "transfer" and _about(one, made)]
    if not _tried_by_another(made, transfers):
        yield filled(NOT_TRIED, **names)
    passed = {"number": made.number, "to": made.second}
    if not any(
        one.is_committed and one.transaction.arguments == passed and one.transaction.signers == (made.first,) for one in transfers
    ):
        yield filled(NOT_PASSED_ON, **names)


def _tried_by_another(made: Plan, transfers: Sequence[Standing]) -> bool:
    """Whether somebody who did not hold the receipt at that time was refused."""
    holder: JsonValue = made.first
    for one in transfers:
        if one.is_committed:
            holder = one.transaction.arguments["to"]
        elif holder not in one.transaction.signers:
            return True
    return False


def _issued(made: Plan, standings: Sequence[Standing]) -> Standing | None:
    wanted: dict[str, JsonValue] = {
        "number": made.number,
        "to": made.first,
        "goods": made.goods,
        "weight_g": made.weight_g,
    }
    found = (
        one
        for one in standings
        if one.is_committed
        and one.transaction.operation == "issue"
        and one.transaction.arguments == wanted
        and one.transaction.signers == (made.warehouse,)
    )
    return next(found, None)


def _about(standing: Standing, made: Plan) -> bool:
    return standing.transaction.arguments.get("number") == made.number


def _names(made: Plan) -> dict[str, str | int | Words]:
    return {
        "warehouse": made.warehouse,
        "first": made.first,
        "second": made.second,
        "number": made.number,
        "goods": made.goods,
        "weight_g": made.weight_g,
    }


EXERCISE = Exercise(
    number=7,
    name="contract",
    title=Words("A contract of your own", "自己写一份合约"),
    goal=Words(
        "Mend a warehouse receipt until it keeps its promises, and put it on the network that runs.",
        "修好一份仓单合约，让它信守承诺，并装到正在运行的网络上。",
    ),
    minutes=25,
    hints=(
        Words(
            "Begin with `tallystick contract check tallystick-lab/files/warehouse_receipt.py`: it names one of the three places, "
            "or shows the shortest way to it. The remarks below that, “look at …”, are worth reading too.",
            "先运行 `tallystick contract check tallystick-lab/files/warehouse_receipt.py`：它会指出三处中的一处，"
            "或给出通向它的最短路径。下面的“请看……”也值得读。",
        ),
        Words(
            "Read each operation from top to bottom and ask: who may do this? How often? What must be as it was afterwards? "
            "Compare transfer with release.",
            "逐个操作从上往下读，问自己：谁可以做？可以做几次？之后哪些必须不变？把 transfer 与 release 对照着看。",
        ),
        Words(
            "Time is context.time_ms. A receipt is changed with receipt.replace(…), so that the rest stays. A check is "
            'context.require(CONDITION, "code", name=value). Who must sign stands in signed_by: MemberIs(WAREHOUSE) or Anyone().',
            '时间用 context.time_ms。修改仓单用 receipt.replace(…)，其余不变。检查写成 context.require(条件, "代码", 名称=值)。'
            "必须由谁签署写在 signed_by 中：MemberIs(WAREHOUSE) 或 Anyone()。",
        ),
        Words(
            "issue: signed_by=MemberIs(WAREHOUSE), and the number is not in self.receipts. transfer: signed by the holder, not "
            "released. release: signed by the holder, not released.",
            "issue：signed_by=MemberIs(WAREHOUSE)，且编号不在 self.receipts 中。transfer：由持有人签署，且未提货。"
            "release：由持有人签署，且未提货。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
