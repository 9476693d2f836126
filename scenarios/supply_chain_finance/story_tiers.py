"""The promise goes down four tiers: split to the cent, each part for a trade that is there, prices sealed."""

from typing import Any

from ledger.errors import JsonValue
from scenarios.dates import days, on
from scenarios.money import YUAN
from scenarios.story.story import (
    Sealing,
    StoryWriter,
)
from scenarios.supply_chain_finance.cast import BEICHEN, JINQIAO, LULIN, MINGHE, REGISTRY, REGULATOR, TONGDA, XINYUAN
from scenarios.supply_chain_finance.certificates import Part
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import KeyedFingerprint, open_fingerprints, trade
from scenarios.supply_chain_finance.story_issue import DUE, ROOT, register

K = 1_000 * YUAN
"""A thousand yuan."""
SECOND = f"{ROOT}-2"
"""Lulin's share of the root."""
THIRD = f"{SECOND}-3"
"""Minghe's share of that."""
FOURTH = f"{THIRD}-2-1-1"
"""Xinyuan's share, after a first offer that it declined."""
SEALED_TRADES: dict[str, tuple[str, str, dict[str, JsonValue]]] = {
    "LL-1": (LULIN, BEICHEN, trade("LL/26/0311", "gearbox housings", 2_000, 3_050_00)),
    "MH-1": (MINGHE, LULIN, trade("MH-88120", "steel plate, t", 700, 5_150_00)),
    "XY-1": (XINYUAN, MINGHE, trade("XY-0455", "cutting dies", 150, 10_400_00)),
}
"""Sealed invoices: seller, buyer, and what the opening says."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_tiers(writer: StoryWriter) -> None:
    """Beichen -> Lulin -> Minghe -> Xinyuan."""
    step = writer.step
    writer.chapter(en="Four tiers, to the cent", zh="四级流转，分毫不差")
    for name, en, zh in (
        ("LL-1", "Lulin seals its invoice to Beichen; the registry sees the number alone and signs a keyed fingerprint.",
         "鲁林以密封方式登记对北辰的发票；登记处只看号码，签署带密钥的指纹。"),
        ("MH-1", "So does Minghe, for steel that it sold to Lulin,", "明和同样登记卖给鲁林的钢材发票，"),
        ("XY-1", "and Xinyuan, for dies that it sold to Minghe.", "新源登记卖给明和的模具发票。"),
    ):
        register_sealed(writer, name, name, en=en, zh=zh)
    register_sealed(writer, "XY-1", "XY-9", number="xy 0455", refused="duplicate-invoice",
                    en="The same sealed invoice under another name and spelling: the keyed fingerprint finds it.",
                    zh="换个编号和写法再次密封登记：带密钥的指纹识破了它。")
    register(writer, "LL-1o", "ll-26-0311", seller=LULIN, buyer=BEICHEN, day="2026-04-02", net_cents=5_398_230_09,
             tax_cents=701_769_91, refused="duplicate-invoice",
             en="Lulin tries the invoice that it has sealed once more, open: open and sealed ones meet.",
             zh="鲁林把已密封的发票再公开登记一次：公开与密封的指纹同样相遇。")
    step((JINQIAO, REGISTRY), Scf.report_use, **open_fingerprints("XY-0460", REGISTRY, XINYUAN, MINGHE),
         en="Jinqiao reports an invoice of Xinyuan that is financed there: a fingerprint, and nothing else of it.",
         zh="金桥报告新源一张已在其平台使用的发票：只有指纹，别无内容。")
    register_sealed(writer, "XY-1", "XY-8", number="ＸＹ 0460", refused="used-elsewhere",
                    en="Xinyuan seals it here as well, in other signs: it is used elsewhere.",
                    zh="新源换个写法又在这里密封登记：已在别处使用。")
    for buyer, name in ((BEICHEN, "LL-1"), (LULIN, "MH-1"), (MINGHE, "XY-1")):
        step(buyer, Scf.confirm_payable, invoice=name, en="The buyer confirms.", zh="买方确权。")
    write_wrong_splits(writer)
    step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=parts((BEICHEN, 4_000 * K), (LULIN, 6_000 * K, "LL-1")),
         label="split", en="Beichen keeps 4 million and pays Lulin with 6.", zh="北辰留下 400 万元，用 600 万元支付鲁林。")
    writer.again("split", en="An old signed order replayed by whoever copied it: nothing moves twice.",
                 zh="有人重放旧的签名指令：不会转移第二次。")
    step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=parts((LULIN, 10_000 * K, "LL-1")), refused="wrong-state",
         en="A certificate that was split is consumed.", zh="已拆分的凭证不能再用。")
    writer.clock(days("2026-04-08"), en="8 April.", zh="4 月 8 日。")
    step(LULIN, Scf.accept, certificate=SECOND, en="Lulin accepts.", zh="鲁林签收。")
    step(BEICHEN, Scf.split_transfer, certificate=SECOND, parts=parts((MINGHE, 6_000 * K, "MH-1")), refused="not-holder",
         en="Beichen, which held it a day ago, can no longer move it.", zh="前一天的持有人北辰已无权转让。")
    step(LULIN, Scf.split_transfer, certificate=SECOND,
         parts=parts((LULIN, 1_000 * K), (LULIN, 1_500 * K), (MINGHE, 3_500 * K, "MH-1")),
         en="Lulin cuts it in three: 1 million to finance, 1.5 to hold, 3.5 for Minghe.",
         zh="鲁林拆成三份：100 万元用于融资，150 万元持有到期，350 万元支付明和。")
    step(MINGHE, Scf.accept, certificate=THIRD, en="Minghe accepts.", zh="明和签收。")
    step(MINGHE, Scf.split_transfer, certificate=THIRD, parts=parts((MINGHE, 2_000 * K), (XINYUAN, 1_500 * K, "XY-1")),
         en="Minghe keeps 2 million and offers Xinyuan 1.5.", zh="明和留下 200 万元，向新源转出 150 万元。")
    step(XINYUAN, Scf.reject, certificate=f"{THIRD}-2",
         en="Xinyuan wants to think about it and declines: the part goes back, to the cent.",
         zh="新源想再考虑，拒绝签收：这一份原额退回。")
    step(MINGHE, Scf.split_transfer, certificate=f"{THIRD}-2-1", parts=parts((XINYUAN, 1_500 * K, "XY-1")),
         en="A day later they agree.", zh="双方谈妥后再次转让。")
    step(XINYUAN, Scf.accept, certificate=FOURTH,
         en="The fourth tier holds a motor maker's promise.", zh="第四级供应商拿到了整车厂的付款承诺。")


def write_wrong_splits(writer: StoryWriter) -> None:
    """What a split must not do."""
    dust = (*((LULIN, 1, "LL-1") for _ in range(1_000)), (BEICHEN, 10_000 * K - 1_000))
    keep = (BEICHEN, 4_000 * K)
    wrong: tuple[tuple[tuple[Any, ...], str, str, str], ...] = (
        ((keep, (LULIN, 6_100 * K, "LL-1")), "wrong-sum",
         "4 + 6.1 million out of 10: refused.", "1000 万元拆成 400 + 610 万元：拒绝。"),
        ((keep, (LULIN, 6_000 * K - 1, "LL-1")), "wrong-sum", "One cent lost: refused.", "少一分钱：拒绝。"),
        (((BEICHEN, 10_000 * K), (LULIN, 0, "LL-1")), "part-too-small", "A part of nothing: refused.", "金额为零：拒绝。"),
        (((BEICHEN, 11_000 * K), (LULIN, -1_000 * K, "LL-1")), "part-too-small",
         "A part below nothing: refused.", "金额为负：拒绝。"),
        (dust, "too-many-parts", "A thousand and one parts, dust among them: refused.", "拆成一千零一份碎屑：拒绝。"),
        ((keep, (LULIN, 6_000 * K)), "no-trade", "A part with no trade behind it: refused.", "没有贸易背景：拒绝。"),
        ((keep, (BEICHEN, 6_000 * K)), "to-self", "A transfer to itself: refused.", "转让给自己：拒绝。"),
        ((keep, (REGULATOR, 6_000 * K, "LL-1")), "not-onboarded",
         "To one who was never let in: refused.", "转给未准入的单位：拒绝。"),
        ((keep, (TONGDA, 6_000 * K, "LL-1")), "platform-no-party", "To the platform: refused.", "转给平台：拒绝。"),
        ((keep, (LULIN, 6_000 * K, "XY-1")), "wrong-trade",
         "With somebody else's invoice: refused.", "拿别人的发票作背景：拒绝。"),
    )
    for asked, refused, en, zh in wrong:
        writer.step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=parts(*asked), refused=refused, en=en, zh=zh)
    fraction = [{"to": BEICHEN, "amount_cents": 4_000 * K}, {"to": LULIN, "amount_cents": "599999999.9", "invoices": ["LL-1"]}]
    writer.step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=fraction, problem="bad-arguments",
                en="A tenth of a cent short: there are no tenths, and the node turns it away at the door.",
                zh="少十分之一分：没有小数分，节点直接退回。")
    moved = [{"to": LULIN, "amount_cents": 10_000 * K, "invoices": ["LL-1"], "due_on_ms": DUE + 1}]
    writer.step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=moved, problem="bad-arguments",
                en="A part cannot even name another due date: the node turns it away at the door.",
                zh="子凭证连写另一个到期日的地方都没有：节点直接退回。")


def register_sealed(
    writer: StoryWriter, label: str, invoice: str, *, en: str, zh: str, number: str = "", refused: str = ""
) -> None:
    """A seller registers a sealed invoice, together with the registry."""
    seller, buyer, document = SEALED_TRADES[label]
    writer.step((seller, REGISTRY), Scf.register_sealed_invoice, invoice=invoice, buyer=buyer, issued_on_ms=on("2026-04-02"),
                document=Sealing(invoice, {**document, "number": number or document["number"]}),
                fingerprint=KeyedFingerprint(invoice, REGISTRY, buyer), stem=KeyedFingerprint(invoice, REGISTRY, buyer, "stem"),
                refused=refused, en=en, zh=zh)


def parts(*asked: Any) -> tuple[Part, ...]:
    """(to, cents, invoices…) as parts of a split."""
    return tuple(Part(to=to, amount_cents=cents, invoices=tuple(invoices)) for to, cents, *invoices in asked)
