"""First chapters: who is let in, an invoice that exists once, a promise within limits."""

from typing import Any

from scenarios.dates import days, on
from scenarios.money import YUAN
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    HAIHE,
    HOLIDAYS,
    JINQIAO,
    LANHAI,
    MEMBERS,
    REGISTRY,
    REGULATOR,
    TONGDA,
    TUOHAI,
    XINYUAN,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import LicencePresentation, open_fingerprints

ROOT = "HH-2026-001"
MISTAKEN = "HH-2026-000"
DUE = on("2026-10-01")
"""A holiday: payment is on 8 October."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_admission(writer: StoryWriter) -> None:
    """Limits, holidays, companies, lines."""
    step = writer.step
    writer.chapter(en="Who takes part", zh="谁来参与")
    step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-31"), months_max=12, months_without_reason=6,
         en="From tomorrow a certificate runs at most twelve months, and beyond six only with a reason.",
         zh="自次日起，凭证期限最长十二个月，超过六个月须说明理由。")
    step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-03-01"), months_max=24, months_without_reason=24,
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
        (YANSHAN, HAIHE, 9_000_000, "Yanshan Bank opens a line of 9 million yuan on Haihe.", "燕山银行给海河 900 万元。"),
        (LANHAI, HAIHE, 3_000_000, "Lanhai Bank adds 3 million.", "蓝海银行再给 300 万元。"),
        (LANHAI, TUOHAI, 4_000_000, "And 4 million on Tuohai Appliances,", "并给拓海电器 400 万元，"),
        (YANSHAN, TUOHAI, 2_000_000, "where Yanshan adds 2.", "燕山银行再给 200 万元。"),
    ):
        step(bank, Scf.set_line, core=core, limit_cents=limit * YUAN, expires_on_ms=on("2027-03-31"), en=en, zh=zh)


def write_invoices(writer: StoryWriter) -> None:
    """Registered once, whatever its spelling; confirmed, then unconditional."""
    step = writer.step
    writer.chapter(en="One invoice, once", zh="一张发票，只用一次")
    sold: dict[str, Any] = {"seller": BEICHEN, "buyer": HAIHE, "day": "2026-03-27"}
    gross: dict[str, Any] = {"net_cents": 8_849_557_52, "tax_cents": 1_150_442_48}
    register(writer, "BC-1", "BC-2026-0327", **sold, **gross,
             en="Beichen delivered gearboxes and registers its invoice of 10,000,000.00 yuan.",
             zh="北辰交付变速器，登记 10,000,000.00 元的发票。")
    register(writer, "BC-1b", " bc 2026 0327", **sold, **gross, refused="duplicate-invoice",
             en="The same invoice in small letters and with spaces is the same invoice.", zh="改成小写、加空格，还是同一张发票。")
    register(writer, "BC-1c", "ＢＣ－２０２６－０３２７", **sold, **gross, refused="duplicate-invoice",
             en="So it is in full-width signs,", zh="换成全角字符也一样，")
    register(writer, "BC-1d", "BC-2026-0327", **sold, net_cents=10_000_000_00, tax_cents=1_300_000_00,
             refused="duplicate-invoice", en="and with the tax put on top of it once more.", zh="再加一遍税额，同样被识破。")
    register(writer, "BC-2", "BC-2026-0328-1", **sold, net_cents=400_000_00, tax_cents=52_000_00,
             en="A small delivery on two invoices, the first,", zh="一笔小额供货开了两张发票，第一张，")
    register(writer, "BC-3", "BC-2026-0328-2", **sold, net_cents=300_000_00, tax_cents=48_000_00,
             en="and the second: allowed, and marked as like the first, for a bank to look at.",
             zh="第二张：允许登记，但标记为与前一张相似，留待银行审查。")
    elsewhere = open_fingerprints("BC 2026 0327", REGISTRY, BEICHEN, HAIHE)
    step((JINQIAO, REGISTRY), Scf.report_use, **elsewhere, refused="duplicate-invoice",
         en="Beichen offers it to Jinqiao, another platform, which asks the same registry by the keyed fingerprint: found.",
         zh="北辰又把它拿到另一家平台金桥：金桥凭带密钥的指纹查同一登记处，当场识破。")
    issue: dict[str, Any] = {"to": BEICHEN, "due_on_ms": on("2026-09-30"), "platform": TONGDA, "invoices": ("BC-1",)}
    step(HAIHE, Scf.issue, certificate=ROOT, amount_cents=10_000_000 * YUAN, **issue, refused="not-confirmed",
         en="Nobody can issue against an invoice that the buyer has not confirmed: a made-up one ends here.",
         zh="买方未确权的发票不能用来开立凭证：虚构的发票到此为止。")
    step(BEICHEN, Scf.confirm_payable, invoice="BC-1", refused="not-buyer",
         en="The seller cannot confirm for the buyer.", zh="卖方不能替买方确权。")
    writer.batch(HAIHE, [(Scf.confirm_payable, {"invoice": name}) for name in ("BC-1", "BC-2", "BC-3")],
                 en="Haihe confirms what it owes.", zh="海河汽车确认应付账款。")
    step(HAIHE, Scf.dispute, invoice="BC-1", reason="noise in third gear", refused="payable-unconditional",
         en="A complaint about the goods comes too late: the confirmed payable is unconditional.",
         zh="确权之后再以货物质量为由抗辩，无效：付款义务是无条件的。")
    register(writer, "BC-9", "BC-2026-0390", **sold, net_cents=500_000_00, tax_cents=65_000_00,
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
    issue: dict[str, Any] = {"certificate": ROOT, "to": BEICHEN, "platform": TONGDA, "invoices": ("BC-1",)}
    amount = 10_000_000 * YUAN
    step(HAIHE, Scf.issue, **issue, amount_cents=12_000_001 * YUAN, due_on_ms=DUE, refused="over-line",
         en="One yuan more than the lines of both banks: refused.", zh="比两家银行的额度多一元：拒绝。")
    step(HAIHE, Scf.issue, **issue, amount_cents=amount + 1, due_on_ms=DUE, refused="invoice-used-up",
         en="One cent more than the invoice: refused.", zh="比发票多一分：拒绝。")
    step(HAIHE, Scf.issue, **issue, amount_cents=amount, due_on_ms=on("2027-04-04"), reason="long project",
         refused="tenor-too-long", en="366 days: too long.", zh="期限 366 天：太长。")
    step(HAIHE, Scf.issue, **issue, amount_cents=amount, due_on_ms=on("2026-11-03"), refused="tenor-without-reason",
         en="Seven months without a reason: refused.", zh="七个月而不说明理由：拒绝。")
    step(HAIHE, Scf.issue, **{**issue, "to": TONGDA}, amount_cents=amount, due_on_ms=DUE, refused="platform-no-party",
         en="The platform can never hold a certificate or be paid: no pooling of funds.",
         zh="平台不得持有凭证或收款：严禁资金池。")
    step(BEICHEN, Scf.issue, **issue, amount_cents=amount, due_on_ms=DUE, refused="policy-not-satisfied",
         en="A supplier cannot promise in the name of a core enterprise.", zh="供应商不能冒充核心企业开立凭证。")
    step(HAIHE, Scf.issue, **issue, amount_cents=amount, due_on_ms=DUE, label="issue",
         en=f"Haihe issues {ROOT}: 10,000,000.00 yuan to Beichen, due on 1 October.",
         zh=f"海河汽车开立 {ROOT}：10,000,000.00 元，收款人北辰，10 月 1 日到期。")
    step(HAIHE, Scf.issue, **{**issue, "certificate": "JQ-2026-001", "platform": JINQIAO}, amount_cents=YUAN, due_on_ms=DUE,
         refused="invoice-used-up", en="Not a yuan more against the same invoice, through whatever platform.",
         zh="同一发票，无论通过哪家平台，一元也不能再开。")
    writer.again("issue", en="The same signed order sent twice is one order: the answer is its receipt, nothing changes.",
                 zh="同一份已签名的指令重复发送，只算一次：返回原收据，状态不变。")
    step(HAIHE, Scf.issue, **{**issue, "certificate": MISTAKEN, "invoices": ("BC-2",)}, amount_cents=1_000 * YUAN, due_on_ms=DUE,
         en="A slip: 1,000 yuan that were meant for somebody else.", zh="手误：开立了一张 1,000 元、本应给别人的凭证。")
    step(HAIHE, Scf.void, certificate=MISTAKEN,
         en="As long as nobody has accepted, Haihe takes it back; the invoice is free again.",
         zh="对方签收之前，海河可以撤回，发票恢复可用。")
    writer.clock(days("2026-04-07"), en="After Qingming, 7 April.", zh="清明节后，4 月 7 日。")
    step(XINYUAN, Scf.accept, certificate=ROOT, refused="not-offered-to",
         en="Only whom it was offered to can accept.", zh="只有指定的接收方可以签收。")
    step(BEICHEN, Scf.accept, certificate=ROOT,
         en="Beichen accepts; nobody could have made it.", zh="北辰自愿签收，不得强制。")


def admission(member: str, kind: str, uscc: str) -> dict[str, Any]:
    """Arguments of `onboard`, with the licence that the company presents."""
    return {"member": member, "kind": kind, "uscc": uscc, "licence": LicencePresentation(TONGDA, member, uscc)}



def register(
    writer: StoryWriter, invoice: str, number: str, *, seller: str, buyer: str, day: str, net_cents: int, tax_cents: int,
    en: str, zh: str, refused: str = "",
) -> None:
    """A seller registers an open invoice; the registry signs for its fingerprints."""
    writer.step((seller, REGISTRY), Scf.register_invoice, invoice=invoice, number=number, buyer=buyer, issued_on_ms=on(day),
                net_cents=net_cents, tax_cents=tax_cents, **open_fingerprints(number, REGISTRY, seller, buyer),
                refused=refused, en=en, zh=zh)
