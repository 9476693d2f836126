"""Bid under a seal, see who sees what, open it, and award with two signatures; and break a seal that is none."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.sealed import Opening, Sealed, sealed_digest
from nodes.simulator.chance import Chance
from scenarios.story.story import Words
from scenarios.workshop.exercise import Exercise, Question
from scenarios.workshop.labs.answers import names_in
from scenarios.workshop.labs.casts import draw_organizations
from scenarios.workshop.labs.checking import filled, judge_number, judge_text, unanswered
from scenarios.workshop.room import Room, Standing
from scenarios.workshop.tender import Tendering
from scenarios.workshop.tender_records import Bid

MINUTES = 60
PRICES = range(1, 2_001)
"""Whole yuan: so few that a plain hash hides none of them."""
DIGEST_DIGITS = 8
SUBJECTS = ("A new well", "Road salt", "Street lamps", "Two pumps", "A fire engine", "Winter coal")
TASK = """Tender {number}: {buyer} asks for “{subject}”. {rival} has put in a sealed bid already.
You bid as {me}. The buyer's award needs a second organization: {witness} may sign too.

Last year the bids were published as plain SHA-256 of the price in yuan. {rival}'s was
  {plain}
dictionary.txt lists the hash of every price from 1 to 2000.

招标 {number}：{buyer} 求购“{subject}”。{rival} 已经投了一份密封标。
你以 {me} 的身份投标。授标需要第二个组织：{witness} 也可以签。
去年的标书只公布价格（元）的普通 SHA-256，{rival} 的那一份见上。
dictionary.txt 列出了 1 到 2000 每个价格的哈希。
"""
QUESTIONS = (
    Question("digest", Words("The first 8 digits of your sealed offer, as another node shows it.",
                             "在另一个节点上看到的、你的密封报价的前 8 位。"), "0a1b2c3d"),
    Question("before", Words("Before you reveal: whom does the rule let see what your offer hides? Members, with commas.",
                             "公开之前：规则允许谁看你报价中密封的内容？写成员名，逗号分开。"), "north.member1, east.member2"),
    Question("open", Words("The height of the block from which on everybody can read your price on the ledger.",
                           "从哪个区块高度起，人人都能在账本上看到你的价格？"), "99"),
    Question("after", Words("After the award: whom does the rule let see what your offer hides?",
                            "授标之后：规则允许谁看你报价中密封的内容？"), "north.member1, east.member2"),
    Question("lacking", Words("The code with which an award with one signature is refused.",
                              "只有一个签名的授标被拒绝时的代码。"), "some-code"),
    Question("plain", Words("The price in yuan behind last year's plain hash.", "去年那个普通哈希背后的价格（元）。"), "9999"),
)  # fmt: skip
NO_BID = Words(
    "{me} has no bid in tender {number}: seal a price, then contract tender, operation bid.",
    "{me} 还没有在招标 {number} 中投标：先密封价格，再用合约 tender 的操作 bid。",
)
NOT_ALONE = Words(
    "No award of {number} with too few signatures was tried: let {buyer} sign alone, and read the refusal.",
    "还没有试过签名不足的授标：让 {buyer} 单独签署 {number} 的授标，并看拒绝的理由。",
)
NOT_REVEALED = Words(
    "The bid of {me} is not revealed: after the deadline, operation reveal with price and salt.",
    "{me} 的标还没有公开：截止之后用操作 reveal，填价格和盐值。",
)
NO_ATTEMPT = Words(
    "No attempt of {who} at `{operation}` that is refused with {code} stands on the ledger: try it, as the handout says.",
    "账本上没有 {who} 执行 `{operation}` 而被 {code} 拒绝的记录：请按讲义试一次。",
)
NOT_AWARDED = Words(
    "Tender {number} is not awarded: the buyer and a member of another organization sign together.",
    "招标 {number} 还没有授标：买方和另一个组织的成员要一起签署。",
)
ASK_NODE = Words(
    "It stands in the record {key} of the collection bids, as `sealed`.", "它是集合 bids 中记录 {key} 里的 `sealed`。"
)
ASK_BEFORE = Words(
    "Look at who may read {key}: members at level `value`, as it was before you revealed.",
    "看谁可以查看 {key}：公开之前级别为 value 的成员。",
)
ASK_AFTER = Words(
    "Look again at who may read {key}, now that it is awarded: by the rule one more member is at level `value`. That everybody "
    "reads the revealed price is another thing, and asked with `open`.",
    "授标之后再看谁可以查看 {key}：按规则，级别为 value 的成员多了一个。已公开的价格人人可见，那是另一回事，由问题 open 来问。",
)
READ_BLOCK = Words("It is the block of your reveal, as its receipt says.", "是你公开标书的那个区块，收据上有。")
READ_CODE = Words("Read the receipt of the refused award.", "看那次被拒绝的授标的收据。")
SEARCH = Words("Search dictionary.txt for the hash in sealed.txt.", "在 dictionary.txt 里搜索 sealed.txt 中的哈希。")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    number: str
    subject: str
    buyer: str
    rival: str
    me: str
    witness: str
    plain: int
    """Last year's price of the rival."""
    offer: Opening
    """This year's of the rival, which nobody is told."""

    @property
    def key(self) -> str:
        """Of the group's own bid."""
        return f"{self.number}:{self.me.partition('.')[0]}"

    def names(self) -> dict[str, str]:
        """For sentences."""
        return {"number": self.number, "me": self.me, "buyer": self.buyer, "key": self.key}


def plan(chance: Chance) -> Plan:
    """Each of the four organizations has one part."""
    buyer, rival, me, witness = (f"{name}.member{chance.between(1, 4)}" for name in draw_organizations(chance, 4))
    number, subject = f"T-{chance.between(100, 999)}", chance.pick(SUBJECTS)
    price_cents = 100 * chance.between(PRICES.start, PRICES.stop - 1)
    offer = Opening(chance.hexadecimal(32), {"bidder": rival, "price_cents": price_cents})
    return Plan(number, subject, buyer, rival, me, witness, chance.between(PRICES.start, PRICES.stop - 1), offer)


def begin(room: Room) -> None:
    """A tender with a rival's bid; last year's plain hash, and a dictionary of all prices."""
    made = plan(room.chance())
    with room.client() as client:
        buyer, rival = room.member(made.buyer), room.member(made.rival)
        client.call(Tendering.open, signers=[buyer], number=made.number, subject=made.subject, minutes=MINUTES)
        client.call(Tendering.bid, signers=[rival], number=made.number, offer=Sealed(sealed_digest(made.offer)))
    dictionary = "".join(f"{price:>5}  {_plain(price)}\n" for price in PRICES)
    (room.files / "dictionary.txt").write_text(dictionary, encoding="utf-8")
    task = TASK.format(**made.names(), subject=made.subject, rival=made.rival, witness=made.witness, plain=_plain(made.plain))
    (room.files / "sealed.txt").write_text(task, encoding="utf-8")


def missing(room: Room, answers: Mapping[str, str]) -> Iterator[Words]:
    """Deeds by the ledger, what is seen by the answers."""
    made, standings = plan(room.chance()), room.standings()
    names = made.names()
    with room.client() as client:
        bid, tender = client.read(Tendering.bids, made.key), client.read(Tendering.tenders, made.number)
    if bid is None or bid.bidder != made.me:
        yield filled(NO_BID, **names)
    elif not bid.price_cents:
        yield filled(NOT_REVEALED, **names)
    for code in ("not-closed", "wrong-opening"):
        if not _tried(standings, made, "reveal", made.me, code):
            yield filled(NO_ATTEMPT, who=made.me, operation="reveal", code=code)
    if not _tried(standings, made, "award", made.buyer, "policy-not-satisfied"):
        yield filled(NOT_ALONE, **names)
    if not _tried(standings, made, "award", made.buyer, "still-sealed"):
        yield filled(NO_ATTEMPT, who=made.buyer, operation="award", code="still-sealed")
    if tender is None or not tender.winner:
        yield filled(NOT_AWARDED, **names)
    yield from unanswered(QUESTIONS, answers)
    if bid is not None:
        yield from _judge_sights(bid, made, answers)
    revealed = _tried(standings, made, "reveal", made.me, "ok")
    if revealed is not None:
        yield from judge_number("open", answers, revealed.header.height, READ_BLOCK)
    yield from judge_text("lacking", answers, answers["lacking"] == "policy-not-satisfied", READ_CODE)
    yield from judge_number("plain", answers, made.plain, SEARCH)


def _judge_sights(bid: Bid, made: Plan, answers: Mapping[str, str]) -> Iterator[Words]:
    digest, names = answers["digest"].lower(), made.names()
    is_right = len(digest) >= DIGEST_DIGITS and bid.offer.sealed.startswith(digest)
    yield from judge_text("digest", answers, is_right, filled(ASK_NODE, **names))
    yield from judge_text("before", answers, names_in(answers["before"]) == {bid.bidder}, filled(ASK_BEFORE, **names))
    after = {bid.bidder, made.buyer}
    yield from judge_text("after", answers, names_in(answers["after"]) == after, filled(ASK_AFTER, **names))


def _tried(standings: Sequence[Standing], made: Plan, operation: str, signer: str, code: str) -> Standing | None:
    """The first time that a member did this to the group's tender and it ended so."""
    found = (
        one
        for one in standings
        if (one.transaction.contract, one.transaction.operation) == ("tender", operation)
        and one.transaction.arguments.get("number") == made.number
        and signer in one.transaction.signers
        and one.receipt["code"] == code
    )
    return next(found, None)


def _plain(price: int) -> str:
    return hashlib.sha256(str(price).encode()).hexdigest()


EXERCISE = Exercise(
    number=6,
    name="sealed",
    title=Words("Policies, sealed fields, and who sees what", "签署策略、密封字段与谁能看到什么"),
    goal=Words(
        "Bid under a seal, see on another node that only a digest is there, open it, and award with two signatures.",
        "密封投标，在另一个节点上看到只有摘要，然后公开，并由两个组织一起授标。",
    ),
    minutes=25,
    hints=(
        Words(
            "The sealing desk under the handout gives three things: the digest goes into the bid, price and salt you keep.",
            "讲义下面的密封台会给出三样东西：摘要填进投标，价格和盐值自己保存。",
        ),
        Words(
            "The deadline lies an hour after the start: the Faults view moves the clock. The rival never reveals; an award has "
            "to wait one hour more for it.",
            "截止时间在开始一小时之后：在“故障”视图里拨快时钟。对手一直不公开；授标要再等它一小时。",
        ),
        Words(
            "Choose in the Contracts view who signs: first the buyer alone, then the buyer and the second organization.",
            "在“合约”视图中选择签署成员：先只选买方，再选买方和第二个组织。",
        ),
        Words(
            "The rule lets the bidder see what the seal hides, after the award the buyer too; the revealed price is open to all "
            "from the block of the reveal on. The refusal is policy-not-satisfied.",
            "规则允许投标人查看密封的内容，授标之后买方也可以；已公开的价格从公开的那个区块起人人可见。"
            "拒绝代码是 policy-not-satisfied。",
        ),
    ),
    questions=QUESTIONS,
    begin=begin,
    missing=missing,
)
