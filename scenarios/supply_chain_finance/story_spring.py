"""From March to May: one motor maker's promise reaches the fourth tier and becomes cash there; a second maker promises."""

from functools import partial
from typing import Any

from ledger.errors import JsonValue
from scenarios.dates import days, on
from scenarios.money import YUAN
from scenarios.story.story import StoryWriter, sealing
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    DEFAULT_DUE,
    DEFAULT_ROOT,
    DUE,
    FLAGGED_ROOT,
    FOURTH,
    FROZEN,
    HAIHE,
    HOLIDAYS,
    JINQIAO,
    LANHAI,
    LONG_DUE,
    LONG_ROOT,
    LULIN,
    MEMBERS,
    MINGHE,
    PAID_ON,
    PRICE_PPM,
    REGISTRY,
    REGULATOR,
    ROOT,
    SECOND,
    THIRD,
    TONGDA,
    TUOHAI,
    XINYUAN,
    YANSHAN,
    K,
    limits,
    net,
    parts,
    promise,
    terms,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import (
    evidence_of,
    examine,
    keyed_fingerprint,
    licence_presentation,
    open_fingerprint,
    open_invoice,
    outside_answer,
    trade,
)
from scenarios.supply_chain_finance.story_steps import asked, look

MISTAKEN = "HH-2026-000"
NUMBER = "26112000000000000327"
"""Of Beichen's great invoice: year, region, channel, and a running number."""
SEALED_TRADES: dict[str, tuple[str, str, dict[str, JsonValue]]] = {
    "LL-1": (LULIN, BEICHEN, trade("26372000000000000311", "gearbox housings", 2_000, 3_050_00)),
    "MH-1": (MINGHE, LULIN, trade("26132000000000088120", "steel plate, t", 700, 5_150_00)),
    "XY-1": (XINYUAN, MINGHE, trade("26412000000000000455", "cutting dies", 150, 10_400_00)),
}
"""Sealed invoices: seller, buyer, and what the opening says."""


# A story reads like a script, with each step's words beside it.
# fmt: off


def write_admission(writer: StoryWriter) -> None:
    """Limits, holidays, companies, lines."""
    step = writer.step
    writer.chapter(en="Who takes part", zh="谁来参与")
    step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), limits=limits(12, 6),
         en="From tomorrow a certificate runs at most twelve months, and beyond six only with a reason; what is older than a "
         "year backs none, and a seller's wait of more than sixty days for its cash is flagged.",
         zh="自次日起，凭证期限最长十二个月，超过六个月须说明理由；发票超过一年不得作为依据，交货到收款超过六十天须提示。")
    step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-01"), limits=limits(24, 24),
         refused="retroactive",
         en="A more generous limit, dated back by a month, is refused.", zh="想把更宽的期限倒签一个月，被拒绝。")
    writer.batch(CLEARING, [(Scf.set_holidays, {"days": tuple(map(on, h["days"])), "name": h["name"]}) for h in HOLIDAYS],
                 en="The settlement bank announces the days on which nothing is paid.", zh="结算银行公布不办理付款的节假日。")
    step(TONGDA, Scf.onboard, **admission(XINYUAN, "supplier", "91410105MA44XY0660"), refused="bad-uscc",
         en="A company code with a wrong check sign is found out.", zh="校验位错误的统一社会信用代码被识破。")
    parties = [p for p in MEMBERS if p["kind"]]
    writer.batch(TONGDA, [(Scf.onboard, admission(p["member"], p["kind"], p["uscc"])) for p in parties],
                 en="Two makers, four suppliers and two banks show their business licences to the platform, which lets them in.",
                 zh="两家核心企业、四家供应商和两家银行向平台出示营业执照，获准加入。")
    writer.clock(days("2026-03-31"), en="The next morning.", zh="第二天早上。")
    for bank, core, limit, en, zh in (
        (YANSHAN, HAIHE, 9_000_000, "Yanshan Bank opens a line of 9 million yuan on Haihe.", "燕山银行给海河 900 万元额度。"),
        (LANHAI, HAIHE, 3_000_000, "Lanhai Bank adds 3 million.", "蓝海银行再给 300 万元。"),
        (LANHAI, TUOHAI, 4_000_000, "And 4 million on Tuohai Appliances,", "并给拓海电器 400 万元。"),
        (YANSHAN, TUOHAI, 2_000_000, "where Yanshan adds 2.", "燕山银行再给 200 万元。"),
    ):
        step(bank, Scf.set_line, core=core, limit_cents=limit * YUAN, expires_on_ms=on("2027-03-31"), en=en, zh=zh)


def write_invoices(writer: StoryWriter) -> None:
    """Registered once, whatever its spelling; confirmed, then unconditional."""
    step = writer.step
    writer.chapter(en="One invoice, once", zh="一张发票，只用一次")
    register = partial(step, (BEICHEN, REGISTRY), Scf.register_invoice)
    net_cents, tax_cents = 8_849_557_52, 1_150_442_48

    def sold(invoice: str, number: str, net_cents: int, tax_cents: int) -> dict[str, Any]:
        return open_invoice(invoice, number, BEICHEN, HAIHE, on("2026-03-27"), net_cents, tax_cents)

    register(**sold("BC-1", NUMBER, net_cents, tax_cents),
         en="Beichen delivered gearboxes and registers its invoice of 10,000,000.00 yuan.",
         zh="北辰交付变速器，登记 10,000,000.00 元的发票。")
    for invoice, number, gross, refused, en, zh in (
        ("BC-1b", " 2611-2000 0000 0000 0327", tax_cents, "duplicate-invoice",
         "The same invoice with spaces and a dash is the same invoice.", "加空格、加横线，还是同一张发票。"),
        ("BC-1c", "２６１１２００００００００００００３２７", tax_cents, "duplicate-invoice",
         "So it is in full-width signs,", "换成全角字符也一样，"),
        ("BC-1d", NUMBER, tax_cents + 1_150_000_00, "duplicate-invoice",
         "and with the tax put on top of it once more.", "再加一遍税额，同样被识破。"),
        ("BC-1e", NUMBER.replace("200", "2OO"), tax_cents, "bad-invoice-number",
         "With the letter O for a nought it is no VAT invoice at all;", "把零写成字母 O，就不是增值税发票号码；"),
        ("BC-1f", "FP-77001", tax_cents, "bad-invoice-number",
         "nor is a number of the seller's own making.", "卖方自编的号码也不是。"),
    ):
        register(**sold(invoice, number, net_cents, gross), refused=refused, en=en, zh=zh)
    register(**sold("BC-2", "26112000000000000328", 400_000_00, 52_000_00),
         en="A smaller delivery,", zh="一笔较小的供货，")
    register(**sold("BC-3", "26112000000000000391", 400_000_00, 51_999_99),
         en="and another invoice of one cent less: allowed, and marked as like the other, for a bank to look at.",
         zh="又一张少一分钱的发票：允许登记，但标记为与前一张相似，留待银行审查。")
    register(**sold("BC-8", "26112000000000000335", 200_000_00, 26_000_00),
         en="One more invoice is registered here,", zh="又登记一张发票，")
    used: dict[str, Any] = {"fingerprint": open_fingerprint("2611 2000 0000 0000 0335", BEICHEN, HAIHE)}
    step((JINQIAO, REGISTRY), Scf.report_use, **used,
         en="and then used on Jinqiao, another platform, which reports it by the registry's keyed fingerprint.",
         zh="随后又用于另一家平台金桥，金桥凭登记处带密钥的指纹报告。")
    step((JINQIAO, REGISTRY), Scf.report_use, **used, refused="used-elsewhere", en="Once is enough.", zh="报告一次即可。")
    step(HAIHE, Scf.confirm_payable, invoice="BC-8", refused="used-elsewhere",
         en="Here it is of no more use: Haihe does not confirm it.", zh="它在此不再有用：海河不能确权。")
    unconfirmed = promise(BEICHEN, 10_000 * K, on("2026-09-30"), "BC-1")
    step(HAIHE, Scf.issue, certificate=ROOT, promise=unconfirmed, refused="not-confirmed",
         en="Nobody can issue against an invoice that the buyer has not confirmed: a made-up one ends here.",
         zh="买方未确权的发票不能用来开立凭证：虚构的发票到此为止。")
    step(BEICHEN, Scf.confirm_payable, invoice="BC-1", refused="not-buyer",
         en="The seller cannot confirm for the buyer.", zh="卖方不能替买方确权。")
    writer.batch(HAIHE, [(Scf.confirm_payable, {"invoice": name}) for name in ("BC-1", "BC-2", "BC-3")],
                 en="Haihe confirms what it owes.", zh="海河汽车确认应付账款。")
    step(HAIHE, Scf.dispute, invoice="BC-1", reason="noise in third gear", refused="payable-unconditional",
         en="A complaint about the goods comes too late: the confirmed payable is unconditional.",
         zh="确权之后再以货物质量为由抗辩，无效：付款义务是无条件的。")
    register(**sold("BC-9", "26112000000000000390", 500_000_00, 65_000_00),
         en="An invoice for gearboxes that never came:", zh="一张从未到货的变速器发票：")
    step(HAIHE, Scf.dispute, invoice="BC-9", reason="never delivered",
         en="Haihe disputes it in time, and nobody can build on it.", zh="海河及时提出异议，任何人都不能以它为据。")
    step(HAIHE, Scf.confirm_payable, invoice="BC-9", refused="disputed",
         en="A new clerk who confirms it all the same is too late.", zh="新来的经办人想照常确权，也不行。")


def write_issue(writer: StoryWriter) -> None:
    """Within the line, within the term, to one who agrees."""
    step = writer.step
    writer.chapter(en="A promise within limits", zh="有边界的付款承诺")
    writer.clock(days("2026-04-03"), en="3 April.", zh="4 月 3 日。")
    order = promise(BEICHEN, 10_000 * K, DUE, "BC-1")
    for refused, wrong, en, zh in (
        ("over-line", {"amount_cents": 12_000_001 * YUAN},
         "One yuan more than the lines of both banks: refused.", "比两家银行的额度多一元：拒绝。"),
        ("invoice-used-up", {"amount_cents": 10_000 * K + 1}, "One cent more than the invoice: refused.", "比发票多一分：拒绝。"),
        ("tenor-too-long", {"due_on_ms": on("2027-04-04"), "reason": "long project"},
         "366 days: too long.", "期限 366 天：太长。"),
        ("tenor-without-reason", {"due_on_ms": on("2026-11-03")},
         "Seven months without a reason: refused.", "七个月而不说明理由：拒绝。"),
        ("platform-no-party", {"to": TONGDA}, "The platform can never hold a certificate or be paid: no pooling of funds.",
         "平台不得持有凭证或收款：严禁资金池。"),
    ):
        step(HAIHE, Scf.issue, certificate=ROOT, promise=order.replace(**wrong), refused=refused, en=en, zh=zh)
    step(BEICHEN, Scf.issue, certificate=ROOT, promise=order, refused="policy-not-satisfied",
         en="A supplier cannot promise in the name of a core enterprise.", zh="供应商不能冒充核心企业开立凭证。")
    step(HAIHE, Scf.issue, certificate=ROOT, promise=order, label="issue",
         en=f"Haihe issues {ROOT}: 10,000,000.00 yuan to Beichen, due on 1 October.",
         zh=f"海河汽车开立 {ROOT}：10,000,000.00 元，收款人北辰，10 月 1 日到期。")
    elsewhere = order.replace(platform=JINQIAO, amount_cents=YUAN)
    step(HAIHE, Scf.issue, certificate="JQ-2026-001", promise=elsewhere, refused="invoice-used-up",
         en="Not a yuan more against the same invoice, through whatever platform.",
         zh="同一发票，无论通过哪家平台，一元也不能再开。")
    writer.again("issue", en="The same signed order sent twice is one order: the answer is its receipt, nothing changes.",
                 zh="同一份已签名的指令重复发送，只算一次：返回原收据，状态不变。")
    step(HAIHE, Scf.issue, certificate=MISTAKEN, promise=promise(BEICHEN, 1 * K, DUE, "BC-2"),
         en="A slip: 1,000 yuan that were meant for somebody else.", zh="手误：开立了一张 1,000 元、本应给别人的凭证。")
    step(HAIHE, Scf.void, certificate=MISTAKEN,
         en="As long as nobody has accepted, Haihe takes it back; the invoice is free again.",
         zh="对方签收之前，海河可以撤回，发票恢复可用。")
    writer.clock(days("2026-04-07"), en="After Qingming, 7 April.", zh="清明节后，4 月 7 日。")
    step(XINYUAN, Scf.accept, certificate=ROOT, refused="not-offered-to",
         en="Only whom it was offered to can accept.", zh="只有指定的接收方可以签收。")
    step(BEICHEN, Scf.accept, certificate=ROOT,
         en="Beichen accepts; nobody could have forced it to.", zh="北辰自愿签收，不得强制。")


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
    register_sealed(writer, "XY-1", "XY-9", number="2641 2OOO 0000 0000 O455", refused="duplicate-invoice",
                    en="The same sealed invoice under another name and spelling: the keyed fingerprint finds it.",
                    zh="换个编号和写法再次密封登记：带密钥的指纹识破了它。")
    step((LULIN, REGISTRY), Scf.register_invoice,
         **open_invoice("LL-1o", "2637 2000 0000 0000 0311", LULIN, BEICHEN, on("2026-04-02"), 5_398_230_09, 701_769_91),
         refused="duplicate-invoice",
         en="Lulin tries the invoice that it has sealed once more, open: open and sealed ones meet.",
         zh="鲁林把已密封的发票再公开登记一次：公开与密封的指纹同样相遇。")
    step((JINQIAO, REGISTRY), Scf.report_use, fingerprint=open_fingerprint("26412000000000000460", XINYUAN, MINGHE),
         en="Jinqiao reports an invoice of Xinyuan that is financed there: a fingerprint, and nothing else of it.",
         zh="金桥报告新源一张已在其平台使用的发票：只有指纹，别无内容。")
    register_sealed(writer, "XY-1", "XY-8", number="２６４１２０００００００００００0460", refused="used-elsewhere",
                    en="Xinyuan seals it here as well, in other signs: it is used elsewhere.",
                    zh="新源换个写法又在这里密封登记：已在别处使用。")
    step((JINQIAO, REGISTRY), Scf.withdraw_use, fingerprint=open_fingerprint("26412000000000000460", XINYUAN, MINGHE),
         reason="paid back before its day",
         en="Xinyuan pays Jinqiao back at once, and Jinqiao withdraws its report: the invoice is free again.",
         zh="新源随即向金桥还款，金桥撤回报告：发票重新可用。")
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
    for wanted, refused, en, zh in wrong:
        writer.step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=parts(*wanted), refused=refused, en=en, zh=zh)
    fraction = [{"to": BEICHEN, "amount_cents": 4_000 * K}, {"to": LULIN, "amount_cents": "599999999.9", "invoices": ["LL-1"]}]
    writer.step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=fraction, problem="bad-arguments",
                en="A tenth of a cent short: there are no tenths, and the node turns it away at the door.",
                zh="少十分之一分：没有小数分，节点直接退回。")
    moved = [{"to": LULIN, "amount_cents": 10_000 * K, "invoices": ["LL-1"], "due_on_ms": DUE + 1}]
    writer.step(BEICHEN, Scf.split_transfer, certificate=ROOT, parts=moved, problem="bad-arguments",
                en="A part cannot even name another due date: the node turns it away at the door.",
                zh="子凭证连写另一个到期日的地方都没有：节点直接退回。")


def write_cash(writer: StoryWriter) -> None:
    """Xinyuan, then the tiers above it."""
    step = writer.step
    writer.chapter(en="Cash for the fourth tier", zh="第四级供应商拿到现金")
    writer.clock(days("2026-04-13"), en="13 April.", zh="4 月 13 日。")
    face, today = 1_500 * K, on("2026-04-13")
    step(XINYUAN, Scf.apply_finance, certificate=FOURTH, terms=terms(YANSHAN),
         en="Xinyuan applies at Yanshan Bank, at the price of Haihe's credit.", zh="新源向燕山银行申请融资，按海河信用定价。")
    step(XINYUAN, Scf.apply_finance, certificate=FOURTH, terms=terms(LANHAI), refused="wrong-state",
         en="And at Lanhai Bank with the same certificate: it is locked.", zh="又拿同一张凭证找蓝海银行：凭证已锁定。")
    step(XINYUAN, Scf.split_transfer, certificate=FOURTH, parts=parts((MINGHE, face, "XY-1")), refused="wrong-state",
         en="It cannot be passed on either.", zh="锁定后也不能再转让。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=net(face, today), refused="not-queried",
         en="The bank may not pay before it has queried the registry.", zh="未查询登记就放款：拒绝。")
    step(YANSHAN, Scf.query_registry, certificate=FOURTH, outside=outside_answer(FOURTH, today),
         en="Yanshan queries the registry: not assigned; and enters what the one outside of this ledger has answered.",
         zh="燕山银行查询登记：尚无转让登记；并录入账本之外登记系统的答复。")
    write_documents(writer, face)
    step(YANSHAN, Scf.register_assignment, certificate=FOURTH, contract_on_ms=today, months=12,
         en="Yanshan registers its assignment.", zh="燕山银行办理转让登记。")
    step(LANHAI, Scf.register_assignment, certificate=FOURTH, contract_on_ms=on("2026-04-08"), months=12,
         refused="registered-earlier",
         en="Lanhai shows a contract of five days earlier; the registration decides, not the date on a contract.",
         zh="蓝海银行拿出早五天的合同：先后以登记为准，不看合同日期。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=net(face, today, "ACT/365F"), refused="wrong-net",
         en="The net amount by ACT/365 where ACT/360 was agreed: refused.", zh="约定 ACT/360 却按 ACT/365 计算净额：拒绝。")
    step(YANSHAN, Scf.disburse, certificate=FOURTH, net_cents=net(face, today), refused="policy-not-satisfied",
         en="Without the settlement bank's signature no money has moved.", zh="没有结算银行签署，等于没有付款。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=net(face, today), label="cash",
         en="Yanshan pays: 178 days of interest on the face, in whole cents, and a fee of 300 yuan.",
         zh="燕山银行放款：按票面计 178 天利息，精确到分，另收 300 元手续费。")
    step(XINYUAN, Scf.apply_finance, certificate=FOURTH, terms=terms(LANHAI), refused="not-holder",
         en="Xinyuan was the holder; it is no longer.", zh="新源已不再是持有人。")
    step(YANSHAN, Scf.split_transfer, certificate=FOURTH, parts=parts((LULIN, face, "LL-1")), refused="wrong-state",
         en="And Yanshan does not pass it on: it is financed.", zh="燕山银行也不能再转让：凭证已融资。")
    write_own_line(writer, today)
    for holder, certificate, amount, bank, recourse, en, zh in (
        (MINGHE, f"{THIRD}-1", 2_000 * K, YANSHAN, False, "Minghe finances 2 million,", "明和融资 200 万元，"),
        (LULIN, f"{SECOND}-1", 1_000 * K, LANHAI, False, "Lulin 1 million, at the other bank,", "鲁林在另一家银行融 100 万元，"),
        (BEICHEN, f"{ROOT}-1", 4_000 * K, YANSHAN, True, "Beichen 4 million, with recourse.", "北辰融资 400 万元，有追索权。"),
    ):
        finance(writer, holder, certificate, amount, bank, today=today, with_recourse=recourse, en=en, zh=zh)


def write_own_line(writer: StoryWriter, today: int) -> None:
    """A bank finances within its own line, not within the sum of all."""
    step, certificate = writer.step, f"{ROOT}-1"
    asked(writer, Scf, BEICHEN, certificate, LANHAI, ("BC-1",), today,
          en="Beichen asks Lanhai for its 4 million first.", zh="北辰先向蓝海银行申请 400 万元融资。")
    step((LANHAI, CLEARING), Scf.disburse, certificate=certificate, net_cents=net(4_000 * K, today), refused="over-own-line",
         en="Lanhai's own line for Haihe is 3 million, whatever the sum of all lines leaves.",
         zh="蓝海银行对海河的额度只有 300 万元，其他银行的额度不算。")
    step(LANHAI, Scf.release, certificate=certificate, en="It lets the certificate go.", zh="于是退回凭证。")


def write_documents(writer: StoryWriter, face: int) -> None:
    """The bank sees the sealed invoices behind the certificate, and a forged one does not open the seal."""
    step = writer.step
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=0, refused="documents-not-checked",
         en="Nor may it pay before it has seen the trades behind the certificate.", zh="未审查贸易背景，也不能放款。")
    for owner, label, en, zh in (
        (XINYUAN, "XY-1", "Xinyuan opens its sealed invoice to the bank, outside the ledger.", "新源在账本之外向银行开封发票。"),
        (MINGHE, "MH-1", "So does Minghe,", "明和也开封，"), (LULIN, "LL-1", "and Lulin.", "鲁林也开封。"),
    ):
        writer.hand_over(owner, YANSHAN, label, en=en, zh=zh)
    writer.inspect(YANSHAN, examine(YANSHAN, "XY-1", face, forged_cents=9_999 * K), finds="wrong-opening",
                   en="A copy with a higher amount does not fit the seal.", zh="金额被改高的副本与密封摘要不符。")
    for label, amount in (("XY-1", face), ("MH-1", 3_500 * K), ("LL-1", 6_000 * K)):
        writer.inspect(YANSHAN, examine(YANSHAN, label, amount),
                       en=f"{label} fits its seal and covers the face.", zh=f"{label} 与密封摘要相符，金额足够。")
    step(YANSHAN, Scf.check_documents, certificate=FOURTH, invoices=("XY-1",), evidence=evidence_of("XY-1"),
         refused="documents-incomplete",
         en="Looking at the last trade alone is not enough.", zh="只审查最后一笔交易不够。")
    whole = ("BC-1", "LL-1", "MH-1", "XY-1")
    step(YANSHAN, Scf.check_documents, certificate=FOURTH, invoices=whole, evidence=evidence_of(*whole),
         en="Yanshan states that it has checked the whole way, with the digest of what it was shown.",
         zh="燕山银行声明已审查整条链，并附所见材料的摘要。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=0, refused="not-registered",
         en="Not before the assignment is registered.", zh="未办理转让登记，不能放款。")


def write_warnings(writer: StoryWriter) -> None:
    """A round trip on an invoice that looks like another: no rule forbids it, and the bank says no."""
    step = writer.step
    writer.chapter(en="A warning that a bank must look at", zh="银行必须审查的风险提示")
    writer.clock(days("2026-04-20"), en="20 April.", zh="4 月 20 日。")
    amount = 800 * K
    step(HAIHE, Scf.issue, certificate=FLAGGED_ROOT, promise=promise(BEICHEN, amount, on("2026-09-30"), "BC-2", "BC-3"),
         en="A second certificate, on the two similar invoices: it carries a warning.", zh="用两张相似发票再开凭证：带有提示。")
    step(BEICHEN, Scf.accept, certificate=FLAGGED_ROOT, en="Beichen accepts.", zh="北辰签收。")
    for seller, buyer, name, number in (
        (LULIN, BEICHEN, "LL-2", "26372000000000000417"), (BEICHEN, LULIN, "BC-4", "26112000000000000417"),
    ):
        step((seller, REGISTRY), Scf.register_invoice,
             **open_invoice(name, number, seller, buyer, on("2026-04-17"), 700 * K, 100 * K),
                 en="An invoice between the two,", zh="两家之间开出发票，")
        step(buyer, Scf.confirm_payable, invoice=name, en="confirmed.", zh="并确权。")
    step(BEICHEN, Scf.split_transfer, certificate=FLAGGED_ROOT, parts=parts((LULIN, amount, "LL-2")),
         en="Beichen pays Lulin,", zh="北辰付给鲁林，")
    step(LULIN, Scf.accept, certificate=f"{FLAGGED_ROOT}-1", en="Lulin accepts,", zh="鲁林签收，")
    step(LULIN, Scf.split_transfer, certificate=f"{FLAGGED_ROOT}-1", parts=parts((BEICHEN, amount, "BC-4")),
         en="and pays Beichen: round in a circle. The ledger marks it.", zh="又付回北辰：转了一圈，账本打上标记。")
    last = f"{FLAGGED_ROOT}-1-1"
    step(BEICHEN, Scf.accept, certificate=last, en="Beichen accepts,", zh="北辰签收，")
    asked(writer, Scf, BEICHEN, last, YANSHAN, ("BC-2", "BC-3", "LL-2", "BC-4"), on("2026-04-20"),
          en="and applies for finance.", zh="并申请融资。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=last, net_cents=0, refused="flags-unacknowledged",
         en="Three flags stand: a round trip, two invoices alike, two companies that invoice each other. They cannot be "
         "overlooked,", zh="三项提示：循环贸易、发票相似、双方互开发票。不能视而不见，")
    step(YANSHAN, Scf.release, certificate=last, en="and Yanshan lets it go: no finance for a circle.",
         zh="燕山银行予以退回：循环贸易不融资。")


def write_second_core(writer: StoryWriter) -> None:
    """Tuohai's certificate, financed once with recourse and once without."""
    step = writer.step
    writer.chapter(en="A second maker", zh="第二家核心企业")
    writer.clock(days("2026-04-22"), en="22 April.", zh="4 月 22 日。")
    today, paid_on = on("2026-04-22"), DEFAULT_DUE
    step((LULIN, REGISTRY), Scf.register_invoice,
         **open_invoice("LL-3", "26372000000000000420", LULIN, TUOHAI, on("2026-04-20"), 4_424_778_76, 575_221_24),
         en="Lulin also supplies Tuohai Appliances.", zh="鲁林也给拓海电器供货。")
    step(TUOHAI, Scf.confirm_payable, invoice="LL-3", en="Tuohai confirms,", zh="拓海确权，")
    step(TUOHAI, Scf.issue, certificate=DEFAULT_ROOT, promise=promise(LULIN, 5_000 * K, DEFAULT_DUE, "LL-3"),
         en="and promises 5 million for 15 October.", zh="承诺 10 月 15 日付 500 万元。")
    step(LULIN, Scf.accept, certificate=DEFAULT_ROOT, en="Lulin accepts.", zh="鲁林签收。")
    step((MINGHE, REGISTRY), Scf.register_invoice,
         **open_invoice("MH-2", "26132000000000088177", MINGHE, LULIN, on("2026-04-21"), 1_769_911_50, 230_088_50),
         en="Minghe delivered steel for it.", zh="明和为此供应钢材。")
    step(LULIN, Scf.confirm_payable, invoice="MH-2", en="Lulin confirms,", zh="鲁林确权，")
    step(LULIN, Scf.split_transfer, certificate=DEFAULT_ROOT, parts=parts((LULIN, 3_000 * K), (MINGHE, 2_000 * K, "MH-2")),
         en="and pays Minghe with 2 million.", zh="用 200 万元支付明和。")
    step(MINGHE, Scf.accept, certificate=f"{DEFAULT_ROOT}-2", en="Minghe accepts.", zh="明和签收。")
    finance(writer, LULIN, f"{DEFAULT_ROOT}-1", 3_000 * K, LANHAI, today=today, with_recourse=True, rate_ppm=42_000,
            paid_on=paid_on, invoices=("LL-3",),
            en="Lulin finances its 3 million with recourse,", zh="鲁林 300 万元有追索权融资，")
    finance(writer, MINGHE, f"{DEFAULT_ROOT}-2", 2_000 * K, YANSHAN, today=today, with_recourse=False, rate_ppm=48_000,
            paid_on=paid_on, invoices=("LL-3", "MH-2"), en="Minghe its 2 million without.", zh="明和 200 万元无追索权融资。")


def write_long_project(writer: StoryWriter) -> None:
    """A certificate of eight months, with its reason."""
    step = writer.step
    writer.chapter(en="Eight months, with a reason", zh="八个月，说明理由")
    for name, number, seller, buyer, thousands in (
        ("BC-5", "26112000000000000420", BEICHEN, HAIHE, 1_000), ("LL-5", "26372000000000000421", LULIN, BEICHEN, 400),
    ):
        step((seller, REGISTRY), Scf.register_invoice,
             **open_invoice(name, number, seller, buyer, on("2026-04-21"), thousands * K * 8 // 10, thousands * K * 2 // 10),
             en=f"{number} for a line of presses that takes long,",
                 zh=f"长周期冲压线项目的发票 {number}，")
        step(buyer, Scf.confirm_payable, invoice=name, en="confirmed.", zh="并确权。")
    step(HAIHE, Scf.issue, certificate=LONG_ROOT,
         promise=promise(BEICHEN, 1_000 * K, LONG_DUE, "BC-5", reason="press line, accepted after a trial run in autumn"),
         en="Haihe promises a million for 22 December: eight months, and says why.",
         zh="海河承诺 12 月 22 日付 100 万元：期限八个月，并说明理由。")
    step(BEICHEN, Scf.accept, certificate=LONG_ROOT, en="Beichen accepts", zh="北辰签收，")
    step(BEICHEN, Scf.split_transfer, certificate=LONG_ROOT, parts=parts((BEICHEN, 600 * K), (LULIN, 400 * K, "LL-5")),
         en="and pays Lulin with 400,000.", zh="用 40 万元支付鲁林。")
    step(LULIN, Scf.accept, certificate=f"{LONG_ROOT}-2", en="Lulin accepts.", zh="鲁林签收。")


def write_entry_runs_out(writer: StoryWriter) -> None:
    """Registered for a month, and a bank that takes longer."""
    step = writer.step
    writer.chapter(en="An entry that runs out", zh="到期失效的登记")
    step(LULIN, Scf.apply_finance, certificate=FROZEN, terms=terms(LANHAI),
         en="Lulin offers another 1.5 million to Lanhai.", zh="鲁林再向蓝海银行申请融资 150 万元。")
    look(writer, Scf, LANHAI, FROZEN, ("BC-1", "LL-1"), on("2026-04-22"))
    step(LANHAI, Scf.register_assignment, certificate=FROZEN, contract_on_ms=on("2026-04-22"), months=1,
         en="registers for one month, and then its committee takes its time.", zh="登记一个月，随后审批一拖再拖。")
    step(LULIN, Scf.release, certificate=FROZEN, refused="registration-stands",
         en="Lulin cannot take it back while the entry stands,", zh="登记有效期内鲁林不能撤回，")
    step(LULIN, Scf.expire_registration, certificate=FROZEN, refused="registration-runs",
         en="nor call it expired before its time.", zh="也不能提前宣布登记失效。")
    writer.clock(days("2026-05-22"), en="22 May.", zh="5 月 22 日。")
    step((LANHAI, CLEARING), Scf.disburse, certificate=FROZEN, net_cents=net(1_500 * K, on("2026-05-22")),
         refused="not-registered", en="Now Lanhai wants to pay: its entry has run out, and it may not.",
         zh="蓝海银行此时想放款：登记已失效，不得放款。")
    step(LULIN, Scf.expire_registration, certificate=FROZEN, en="The entry is marked as expired,", zh="登记标记为失效，")
    step(LULIN, Scf.release, certificate=FROZEN, en="and Lulin has its certificate back.", zh="鲁林取回凭证。")


def register_sealed(
    writer: StoryWriter, label: str, invoice: str, *, en: str, zh: str, number: str = "", refused: str = ""
) -> None:
    """A seller registers a sealed invoice, together with the registry."""
    seller, buyer, document = SEALED_TRADES[label]
    writer.step((seller, REGISTRY), Scf.register_sealed_invoice, invoice=invoice, buyer=buyer, issued_on_ms=on("2026-04-02"),
                document=sealing(invoice, {**document, "number": number or document["number"]}),
                fingerprint=keyed_fingerprint(invoice, REGISTRY, buyer), refused=refused, en=en, zh=zh)


def finance(
    writer: StoryWriter, holder: str, certificate: str, face: int, bank: str, *, today: int, with_recourse: bool,
    en: str, zh: str, invoices: tuple[str, ...] | None = None, rate_ppm: int = PRICE_PPM, paid_on: int = PAID_ON,
) -> None:
    """The whole way from application to cash, in five steps."""
    behind = invoices or ("BC-1", "LL-1", "MH-1")[: certificate.removeprefix(ROOT).count("-")]
    asked(writer, Scf, holder, certificate, bank, behind, today, en=en, zh=zh, rate_ppm=rate_ppm, with_recourse=with_recourse)
    net_cents = net(face, today, rate_ppm=rate_ppm, paid_on=paid_on)
    writer.step((bank, CLEARING), Scf.disburse, certificate=certificate, net_cents=net_cents, en="pay.", zh="放款。")


def admission(member: str, kind: str, uscc: str) -> dict[str, Any]:
    """Arguments of `onboard`, with the licence that the company presents."""
    return {"member": member, "kind": kind, "uscc": uscc, "licence": licence_presentation(TONGDA, member, uscc)}
