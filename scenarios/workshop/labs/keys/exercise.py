"""Sign as yourself, fail to sign for another, tell a genuine envelope from two forged ones, and end a stolen key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.primitives import Digest
from nodes.sample_contract import Asset
from nodes.simulator.chance import Chance
from scenarios.running.first_story import LIFETIME_MS
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.casts import draw_members, draw_numbers
from scenarios.workshop.labs.checking import filled, judge_number, judge_text, unanswered
from scenarios.workshop.labs.keys.letters import GENUINE, KINDS, Letter, write_letter
from scenarios.workshop.room import Room, Standing

DOOR_CODE = "wrong-signature"
REVOKED_CODE = "revoked"
TASK = """You are {me}.
Step 1: issue {own} to yourself.
Step 2: {held} belongs to {other}; try to hand it to yourself.
Step 3: three letters:
{letters}
Step 5: the key of {lost} was stolen. The admin of that organization is {admin}.
Step 6: {kept} was issued with this key before.

你是 {me}。
第 1 步：把 {own} 发给自己。
第 2 步：{held} 属于 {other}；试着把它转给自己。
第 3 步：三封信见上（letter-N.json：自称某成员把某资产转给某人）。
第 5 步：{lost} 的密钥被盗。该组织的管理员是 {admin}。
第 6 步：{kept} 是以前用这把密钥发行的。
"""
LETTER = "  letter-{place}.json: {signer} hands {number} to {to}"
QUESTIONS = (
    Question("door", Words("The code with which a node turns a forged letter away at the door.",
                           "节点在门口拒绝伪造信件时给出的代码。"), "some-code"),
    Question("genuine", Words("The number of the letter that is really signed by whom it claims.",
                              "真正由所称成员签署的那封信的编号。"), "7"),
    Question("again", Words("You hand the genuine letter in twice: the block that the second answer names.",
                            "同一封真信交两次：第二次回答所说的区块高度。"), "99"),
    Question("ended", Words("The code with which the member without a key is turned away.",
                              "密钥被吊销的成员被拒绝时的代码。"), "some-code"),
    Question("before", Words("The height of the block in which the stolen key issued the asset of step 6.",
                             "被盗的密钥发行第 6 步那个资产的区块高度。"), "99"),
)  # fmt: skip
NOT_ISSUED = Words(
    "{own} is not issued to {me} by {me} alone: act as {me}, contract asset, operation issue.",
    "{own} 还没有由 {me} 单独签署发给 {me}：以 {me} 的身份，合约 asset，操作 issue。",
)
NOT_TRIED = Words(
    "No refused attempt of {me} to hand on {held} stands on the ledger: try it, and read the refusal.",
    "账本上没有 {me} 转让 {held} 被拒绝的记录：请试一次，并看拒绝的理由。",
)
NOT_HANDED_IN = Words("The genuine letter is not on the ledger: hand it in.", "真信还不在账本上：请提交它。")
NOT_REVOKED = Words(
    "{lost} is not revoked: act as {admin}, contract membership, operation revoke.",
    "{lost} 还没有被吊销：以 {admin} 的身份，合约 membership，操作 revoke。",
)
READ_CODE = Words("Read the code in the node's answer.", "请看节点回答中的代码。")
TRY_LETTERS = Words("Hand each letter in: a node checks the signature.", "把每封信都交一次：节点会检查签名。")
FIND_IT = Words("Search for {kept} in the Ledger view: its history names the block.", "在“账本”视图中搜索 {kept}：历史中有区块。")
READ_PLACE = Words("The second answer names the place of the first.", "第二次回答说的是第一次的位置。")


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
    """Nobody has two parts."""
    me, other, lost, thief, *rest = draw_members(chance, 10)
    own, held, kept, *numbers = draw_numbers(chance, "DEED", 6)
    kinds = list(KINDS)
    letters = tuple(
        Letter(number, signer, buyer, chance.hexadecimal(32), kinds.pop(chance.below(len(kinds))))
        for number, signer, buyer in zip(numbers, rest[:3], rest[3:], strict=True)
    )
    return Plan(me, own, other, held, lost, kept, thief, letters)


def begin(room: Room) -> None:
    """Five assets have holders, and three letters lie in the folder."""
    made = plan(room.chance())
    with room.client() as client:
        holders = {made.held: made.other, made.kept: made.lost, **{letter.number: letter.signer for letter in made.letters}}
        for number, holder in holders.items():
            client.call(Asset.issue, signers=[room.member(holder)], number=number, to=holder)
        node, ledger = client.node(), client.ledger()
    _lay_out(room, made, ledger, int(node["clock"]) + LIFETIME_MS // 2)


def _lay_out(room: Room, made: Plan, ledger: Digest, expires_ms: int) -> None:
    lines = []
    for place, letter in enumerate(made.letters, 1):
        written = write_letter(letter, room.member(letter.signer), room.member(made.thief), ledger, expires_ms)
        (room.files / f"letter-{place}.json").write_bytes(written.raw)
        to = written.arguments["to"]
        lines.append(LETTER.format(place=place, signer=letter.signer, number=letter.number, to=to))
    names = {"me": made.me, "own": made.own, "other": made.other, "held": made.held, "lost": made.lost, "kept": made.kept}
    task = TASK.format(**names, admin=made.admin, letters="\n".join(lines))
    (room.files / "keys.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """Deeds by the ledger, codes by the answers."""
    made, standings = plan(room.chance()), room.standings()
    names = {"me": made.me, "own": made.own, "held": made.held, "lost": made.lost, "admin": made.admin}
    if not any(_is(one, "issue", made.me, made.own) and one.is_committed for one in standings):
        yield filled(NOT_ISSUED, **names)
    if not any(_is(one, "transfer", made.me, made.held) and one.receipt["code"] == "not-holder" for one in standings):
        yield filled(NOT_TRIED, **names)
    letter = made.letters[made.genuine - 1]
    handed_in = next((one for one in standings if one.transaction.nonce == letter.nonce and one.is_committed), None)
    if handed_in is None:
        yield NOT_HANDED_IN
    if not _is_revoked(standings, made):
        yield filled(NOT_REVOKED, **names)
    yield from unanswered(QUESTIONS, answers)
    yield from judge_text("door", answers, answers["door"] == DOOR_CODE, READ_CODE)
    yield from judge_number("genuine", answers, made.genuine, TRY_LETTERS)
    if handed_in is not None:
        yield from judge_number("again", answers, handed_in.header.height, READ_PLACE)
    yield from judge_text("ended", answers, answers["ended"] == REVOKED_CODE, READ_CODE)
    issued = next((one.header.height for one in standings if _is(one, "issue", made.lost, made.kept)), None)
    if issued is not None:
        yield from judge_number("before", answers, issued, filled(FIND_IT, kept=made.kept))


def _is(standing: Standing, operation: str, signer: str, number: str) -> bool:
    transaction = standing.transaction
    is_said = (transaction.contract, transaction.operation, transaction.signers) == ("asset", operation, (signer,))
    return is_said and transaction.arguments["number"] == number


def _is_revoked(standings: Sequence[Standing], made: Plan) -> bool:
    return any(
        one.is_committed
        and one.transaction.operation == "revoke"
        and one.transaction.arguments == {"member": made.lost}
        and made.admin in one.transaction.signers
        for one in standings
    )


EXERCISE = Exercise(
    number=2,
    name="keys",
    title=Words("Keys, signatures, impersonation", "密钥、签名与冒名"),
    goal=Words(
        "Speak for yourself, fail to speak for others, find the genuine letter among three, and end a stolen key.",
        "以自己的名义说话，替别人说话失败，从三封信中找出真的，并让被盗的密钥失效。",
    ),
    minutes=20,
    hints=(
        Words(
            "Choose whom to act as at the top of the page; the Contracts view then signs with that member's key.",
            "在页面顶部选择身份；“合约”视图就用该成员的密钥签名。",
        ),
        Words(
            "Open a letter: under it is a button that hands it in; with commands it is "
            "`tallystick lab send letter-1.json --dir tallystick-lab`.",
            "每封信下面有提交按钮；命令行用 `tallystick lab send letter-1.json --dir tallystick-lab`。",
        ),
        Words(
            "Two letters are turned away, and the third one is committed. Hand that one in once more and compare the answers.",
            "两封信会被拒绝，第三封会写入账本。把它再交一次，比较两次回答。",
        ),
        Words(
            "Revoke is an operation of the contract membership; only an admin of the member's own organization may call it. "
            "Then act as the revoked member and issue anything.",
            "吊销是合约 membership 的操作，只有该成员自己组织的管理员可以调用。然后以被吊销的成员身份随便发一个资产。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
