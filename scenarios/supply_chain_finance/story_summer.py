"""June: what no rule forbids, and a bank must take upon itself before it pays; and what is barred after all."""

from typing import Any

from scenarios.dates import days, on
from scenarios.money import YUAN
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import (
    BARRED_ROOT,
    BEICHEN,
    BRIEF_ROOT,
    CLEARING,
    HAIHE,
    JINQIAO,
    LANHAI,
    LULIN,
    REGISTRY,
    ROLLED_ROOT,
    TONGDA,
    YANSHAN,
    K,
    net,
    parts,
    promise,
    terms,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import (
    evidence_of,
    licence_presentation,
    open_fingerprint,
    open_invoice,
    outside_answer,
)
from scenarios.supply_chain_finance.story_steps import asked

FACE = 100 * K
BRIEF_DUE, LATER_DUE = on("2026-06-12"), on("2026-09-30")
NUMBER, OLD = "26112000000000000{}", "23112000000000000529"

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_silence(writer: StoryWriter) -> None:
    """An invoice of three years ago, and a bank that asked nobody outside."""
    step = writer.step
    writer.chapter(en="What a bank takes upon itself", zh="由银行承担的风险")
    writer.clock(days("2026-06-01"), en="1 June.", zh="6 月 1 日。")
    redated = open_invoice("BC-7", OLD, BEICHEN, HAIHE, on("2026-05-28"), FACE, 13 * K)
    step((BEICHEN, REGISTRY), Scf.register_invoice, **redated, refused="number-of-another-year",
         en="Beichen finds an invoice of 2023 and dates it anew: its number begins with its year.",
         zh="北辰翻出一张 2023 年的发票，改填今年日期：号码前两位就是年度。")
    deliver(writer, "BC-7", OLD, on("2023-05-29"), en="With its own date it is registered,", zh="按原日期可以登记，")
    step(HAIHE, Scf.issue, certificate=BRIEF_ROOT, promise=promise(BEICHEN, FACE, BRIEF_DUE, "BC-7"), refused="invoice-too-old",
         en="but what is older than a year backs no certificate.", zh="但超过一年的发票不得作为凭证依据。")
    deliver(writer, "BC-10", NUMBER.format(530), on("2026-05-29"), en="One of last week does:", zh="上周的发票可以：")
    promised(writer, BRIEF_ROOT, BRIEF_DUE, "BC-10")
    step(BEICHEN, Scf.apply_finance, certificate=BRIEF_ROOT, terms=terms(LANHAI),
         en="and applies to Lanhai for finance.", zh="并向蓝海银行申请融资。")
    step(LANHAI, Scf.query_registry, certificate=BRIEF_ROOT,
         en="Lanhai queries the registry here, and nobody outside of this ledger.", zh="蓝海银行只查询本账本登记，未查外部登记。")
    step(LANHAI, Scf.check_documents, certificate=BRIEF_ROOT, invoices=("BC-10",), evidence=evidence_of("BC-10"),
         en="It checks the trade,", zh="审查贸易背景，")
    step(LANHAI, Scf.register_assignment, certificate=BRIEF_ROOT, contract_on_ms=on("2026-06-01"), months=12,
         en="registers the assignment,", zh="办理转让登记，")
    pay: dict[str, Any] = {"certificate": BRIEF_ROOT, "net_cents": net(FACE, on("2026-06-01"), paid_on=BRIEF_DUE)}
    step((LANHAI, CLEARING), Scf.disburse, **pay, refused="flags-unacknowledged",
         en="and may not pay in silence: no answer of an outside registry is entered.",
         zh="不能默默放款：缺少外部登记的查询答复。")
    step(LANHAI, Scf.query_registry, certificate=BRIEF_ROOT, outside=outside_answer(BRIEF_ROOT, on("2026-06-01")),
         en="It enters the answer, with its number, time and digest,", zh="录入答复的编号、时间和摘要，")
    step((LANHAI, CLEARING), Scf.disburse, **pay, en="and pays.", zh="随后放款。")
    writer.clock(days("2026-06-12"), en="12 June.", zh="6 月 12 日。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=BRIEF_ROOT, amount_cents=FACE,
         en="Haihe pays it on the day.", zh="海河到期付款。")


def write_roll_over(writer: StoryWriter) -> None:
    """Four flags on one certificate; each blocks the payment until the bank has said that it bears it."""
    step = writer.step
    writer.clock(days("2026-06-15"), en="15 June.", zh="6 月 15 日。")
    step(TONGDA, Scf.declare_relation, member=BEICHEN, other=HAIHE, ground="Haihe holds 30 % of Beichen since 2024",
         en="Beichen declares to its platform that Haihe holds 30 % of it.", zh="北辰向平台申报：海河持有其三成股份。")
    deliver(writer, "BC-11", NUMBER.format(612), BRIEF_DUE, en="It has delivered,", zh="北辰又供了货，")
    promised(writer, ROLLED_ROOT, LATER_DUE, "BC-11")
    asked(writer, Scf, BEICHEN, ROLLED_ROOT, LANHAI, ("BC-11",), on("2026-06-15"),
          en="and applies to Lanhai for finance.", zh="并向蓝海银行申请融资。")
    pay: dict[str, Any] = {"certificate": ROLLED_ROOT, "net_cents": net(FACE, on("2026-06-15"), paid_on=LATER_DUE)}
    step((LANHAI, CLEARING), Scf.disburse, **pay, refused="flags-unacknowledged",
         en="Two flags stand: related parties, and a certificate of the same face three days after the last one was paid.",
         zh="两项提示：双方为关联方；上一张兑付三天后又开立同额凭证，疑似借新还旧。")
    flags: dict[str, Any] = {"certificate": ROLLED_ROOT, "reason": "delivery seen; limit for the group"}
    step(LANHAI, Scf.acknowledge_flags, **flags, flags=("related-parties",), refused="flags-unacknowledged",
         en="One of the two is not enough.", zh="只确认其中一项不够。")
    step(LANHAI, Scf.acknowledge_flags, **flags, flags=("related-parties", "roll-over"),
         en="Lanhai takes both upon itself.", zh="蓝海银行确认并承担两项。")
    step((BEICHEN, REGISTRY), Scf.credit_invoice, invoice="BC-11", number=NUMBER.format(615), amount_cents=60 * K,
         fingerprint=open_fingerprint(NUMBER.format(615), BEICHEN, HAIHE),
         en="Then Beichen takes 60,000 of the invoice back, by a red-letter invoice,", zh="随后北辰开具红字发票冲回 6 万元，")
    step(TONGDA, Scf.suspend, member=HAIHE, reason="business licence under review",
         en="and Haihe's licence is under review.", zh="海河的营业执照也在核查。")
    step((LANHAI, CLEARING), Scf.disburse, **pay, refused="flags-unacknowledged",
         en="Two more flags: what it has acknowledged does not cover them.", zh="新增两项提示，此前的确认并不包括。")
    all_four = ("related-parties", "roll-over", "credited-invoice", "core-suspended")
    step(LANHAI, Scf.acknowledge_flags, **flags, flags=all_four,
         en="It takes these upon itself as well,", zh="蓝海银行一并确认，")
    step((LANHAI, CLEARING), Scf.disburse, **pay, en="and pays with open eyes.", zh="在知情之下放款。")
    step(TONGDA, Scf.reinstate, member=HAIHE, licence=licence_presentation(TONGDA, HAIHE, "91120116MA05HH001F"),
         en="Haihe presents its licence again.", zh="海河重新出示执照。")


def write_used_elsewhere(writer: StoryWriter) -> None:
    """The same invoice on another platform, after everything here was in order."""
    step = writer.step
    deliver(writer, "BC-12", NUMBER.format(613), BRIEF_DUE, en="Another delivery,", zh="又一笔供货，")
    promised(writer, BARRED_ROOT, LATER_DUE, "BC-12")
    asked(writer, Scf, BEICHEN, BARRED_ROOT, LANHAI, ("BC-12",), on("2026-06-15"), en="and applies.", zh="并申请融资。")
    step((JINQIAO, REGISTRY), Scf.report_use, fingerprint=open_fingerprint(NUMBER.format(613), BEICHEN, HAIHE),
         en="Before Lanhai pays, Jinqiao reports that the invoice is used there.", zh="放款之前，金桥报告该发票已在其平台使用。")
    step((LANHAI, CLEARING), Scf.disburse, certificate=BARRED_ROOT, net_cents=0, refused="used-elsewhere",
         en="No acknowledgement helps: it is not paid out,", zh="确认也无济于事：不得放款，")
    step(LANHAI, Scf.release, certificate=BARRED_ROOT, en="Lanhai lets it go,", zh="蓝海银行退回，")
    step(BEICHEN, Scf.apply_finance, certificate=BARRED_ROOT, terms=terms(YANSHAN), refused="used-elsewhere",
         en="and no other bank is asked,", zh="也不得再向别的银行申请，")
    step(BEICHEN, Scf.split_transfer, certificate=BARRED_ROOT, parts=parts((LULIN, FACE, "LL-1")), refused="used-elsewhere",
         en="nor is a supplier paid with it. Haihe still owes it to Beichen.",
         zh="也不得转给供应商。海河对北辰的债务不变。")


def deliver(writer: StoryWriter, invoice: str, number: str, day: int, *, en: str, zh: str) -> None:
    """Beichen registers an invoice of 113,000 yuan, and Haihe confirms it."""
    paper = open_invoice(invoice, number, BEICHEN, HAIHE, day, FACE + int(number[-3:]) * YUAN, 13 * K)
    writer.step((BEICHEN, REGISTRY), Scf.register_invoice, **paper, en=en, zh=zh)
    writer.step(HAIHE, Scf.confirm_payable, invoice=invoice, en="Haihe confirms,", zh="海河确权，")


def promised(writer: StoryWriter, certificate: str, due: int, invoice: str) -> None:
    """Haihe promises 100,000 yuan, and Beichen accepts."""
    writer.step(HAIHE, Scf.issue, certificate=certificate, promise=promise(BEICHEN, FACE, due, invoice),
                en=f"and promises 100,000 yuan: {certificate}.", zh=f"并承诺付款 10 万元：{certificate}。")
    writer.step(BEICHEN, Scf.accept, certificate=certificate, en="Beichen accepts", zh="北辰签收，")
