"""Take a proof home and verify it alone, prove that something is not there, and tell a true proof from two false ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.audit.exported import parse_exported_block
from ledger.genesis import parse_genesis
from nodes.node.files import GENESIS_FILE
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.answers import words_in
from scenarios.workshop.labs.casts import draw_members, draw_numbers
from scenarios.workshop.labs.checking import filled, judge_text, unanswered
from scenarios.workshop.labs.proofs.false_proofs import TRUE, WAYS, Claim, draw_ways
from scenarios.workshop.labs.verifier_file import lay_out_verifier
from scenarios.workshop.room import Room

FILES = ("a", "b", "c")
ROOT_DIGITS = 8
TRUE_WORDS = (TRUE, "holds", "ok", "真", "成立")
TASK = """This group's ledger: {ledger}

Step 1: you are {me}; issue {own} to yourself.
Step 3: of {asked} one is not on the ledger. Which one?
Step 4: proof-a.json, proof-b.json, proof-c.json: who holds {claimed}?

本组账本编号见上。
第 1 步：你是 {me}，把 {own} 发给自己。
第 3 步：{asked} 之中有一个不在账本上，是哪一个？
第 4 步：proof-a.json、proof-b.json、proof-c.json：{claimed} 到底归谁？
"""
QUESTIONS = (
    Question("height", Words("Your own proof: the height of the block that it leads to.",
                             "自己的证明：它通向的区块高度。"), "99"),
    Question("root", Words("Your own proof: the first 8 digits of the state root in that block's header.",
                           "自己的证明：该区块头中状态根的前 8 位。"), "0a1b2c3d"),
    Question("absent", Words("The number that is not on the ledger.", "不在账本上的那个编号。"), "LOT-999"),
    *(Question(name, Words(f"proof-{name}.json: true, or the name of the rule that breaks.",
                           f"proof-{name}.json：填 true（真），或不成立的规则名称。"), "genesis") for name in FILES),
)  # fmt: skip
NOT_ISSUED = Words(
    "{own} is not issued to {me}: act as {me}, contract asset, operation issue.",
    "{own} 还没有发给 {me}：以 {me} 的身份，合约 asset，操作 issue。",
)
NO_BLOCK = Words(
    "`height`: at that height your {own} is not on this ledger. Take the proof after it was issued.",
    "`height`：在那个高度，{own} 还不在本账本上。请在发行之后再取证明。",
)
READ_HEIGHT = Words("It is the number beside `height` in what the verifier shows.", "看验证结果中 `height` 旁的数字。")
READ_ROOT = Words(
    "It stands as `state_root` in the header of the proof, and belongs to the height that you gave.",
    "它是证明里区块头中的 `state_root`，对应你填写的高度。",
)
ASK_EACH = Words("Ask the node for each of the three.", "把三个编号逐一向节点查询。")
VERIFY_AGAIN = Words(
    "Verify it against the id of this group's ledger, and read the last line.",
    "请按本组账本编号再验证一次，并看最后一行。",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    me: str
    own: str
    asked: tuple[str, ...]
    absent: str
    claimed: str
    holder: str
    thief: str
    ways: tuple[str, ...]
    """By file: TRUE, or the rule that breaks."""


def plan(chance: Chance) -> Plan:
    """Nobody has two parts."""
    me, holder, thief = draw_members(chance, 3)
    own, claimed, *asked = draw_numbers(chance, "LOT", 5)
    return Plan(me, own, tuple(sorted(asked)), asked[0], claimed, holder, thief, draw_ways(chance))


def begin(room: Room) -> None:
    """Three assets are on the ledger; three proofs, a task and the verifier lie in the folder."""
    made, chance = plan(room.chance()), room.chance()
    with room.client() as client:
        for number in (*made.asked, made.claimed):
            if number != made.absent:
                client.call(Asset.issue, signers=[room.member(made.holder)], number=number, to=made.holder)
        proof: Any = client.get(f"/v1/state/asset/assets/{made.claimed}", proof=True)["proof"]
    genesis = parse_genesis((room.directory / GENESIS_FILE).read_bytes().removesuffix(b"\n"))
    claim = Claim(made.claimed, made.thief, proof, genesis)
    for name, way in zip(FILES, made.ways, strict=True):
        (room.files / f"proof-{name}.json").write_bytes(WAYS[way](claim, chance))
    lay_out_verifier(room.files)
    task = TASK.format(ledger=genesis.ledger, me=made.me, own=made.own, asked=", ".join(made.asked), claimed=made.claimed)
    (room.files / "proofs.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """The deed by the ledger, the proof by the header of its height."""
    made = plan(room.chance())
    issued = next(
        (
            one.header.height
            for one in room.standings()
            if one.is_committed
            and (one.transaction.operation, one.transaction.arguments) == ("issue", {"number": made.own, "to": made.me})
            and one.transaction.signers == (made.me,)
        ),
        None,
    )
    if issued is None:
        yield filled(NOT_ISSUED, me=made.me, own=made.own)
    yield from unanswered(QUESTIONS, answers)
    if issued is not None:
        yield from _judge_own(room, answers, issued, made.own)
    yield from judge_text("absent", answers, answers["absent"].upper() == made.absent, ASK_EACH)
    for name, way in zip(FILES, made.ways, strict=True):
        accepted = TRUE_WORDS if way == TRUE else (way,)
        yield from judge_text(name, answers, words_in(answers[name])[-1:] in ([word] for word in accepted), VERIFY_AGAIN)


def _judge_own(room: Room, answers: Mapping[str, str], issued: int, own: str) -> Iterator[Words]:
    roots = {
        str(header.height): header.state_root for header in (parse_exported_block(line).header for line in room.export()[1:])
    }
    height, root = answers["height"], answers["root"].lower()
    if not height:
        return
    if height not in roots:
        yield from judge_text("height", answers, False, READ_HEIGHT)
    elif int(height) < issued:
        yield filled(NO_BLOCK, own=own)
    else:
        is_right = len(root) >= ROOT_DIGITS and roots[height].startswith(root)
        yield from judge_text("root", answers, is_right, READ_ROOT)


EXERCISE = Exercise(
    number=3,
    name="proofs",
    title=Words("Proofs: verify it yourself", "证明：亲自验证"),
    goal=Words(
        "Take a proof home, verify it without any node, prove that something is absent, and find the true one of three proofs.",
        "把证明带走，不靠任何节点自己验证；证明某物不存在；并从三份证明中找出真的那一份。",
    ),
    minutes=20,
    hints=(
        Words(
            "The Ledger view shows the record and offers its proof as a file. The verifier on this page takes a file of "
            "this lab, or one from your computer.",
            "“账本”视图会显示记录，并可下载证明文件。本页既能验证本实验的文件，也能验证你电脑上的文件。",
        ),
        Words(
            "A proof that is verified without naming a ledger only says that the file fits itself. Give the id in proofs.txt.",
            "不指定账本编号的验证，只说明文件自相吻合。请填 proofs.txt 中的编号。",
        ),
        Words(
            "The rule is the word after the number in the last line: “Rule 7, path, is broken” means `path`.",
            "规则名是最后一行编号后面的词：“Rule 7, path, is broken”就填 `path`。",
        ),
        Words(
            "One false file is of somebody else's ledger (ledger). In the other a value is changed (path), or there "
            "are too few signatures (certificate).",
            "一份假的来自别人的账本（ledger）；另一份改了值（path），或者签名不够（certificate）。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
