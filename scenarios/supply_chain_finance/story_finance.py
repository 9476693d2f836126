"""Cash before maturity: query, check, register, disburse; no certificate is financed twice; a bank looks at warnings."""

from typing import Any

from scenarios.dates import days, on
from scenarios.money import Basis, interest_cents
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    HAIHE,
    LANHAI,
    LULIN,
    MINGHE,
    TONGDA,
    XINYUAN,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import examine, examine_forged
from scenarios.supply_chain_finance.story_issue import ROOT, register
from scenarios.supply_chain_finance.story_tiers import FOURTH, SECOND, THIRD, K, parts

PAID_ON = on("2026-10-08")
"""Day of payment of certificates that are due on 1 October."""
FEE_CENTS = 300_00
PRICE_PPM = 35_000
"""3.5 % a year: the price of the motor maker's credit, whoever holds its promise. Illustrative."""
FLAGGED_ROOT = "HH-2026-002"

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_cash(writer: StoryWriter) -> None:
    """Xinyuan, then the tiers above it."""
    step = writer.step
    writer.chapter(en="Cash for the fourth tier", zh="第四级供应商拿到现金")
    writer.clock(days("2026-04-13"), en="13 April.", zh="4 月 13 日。")
    face, today = 1_500 * K, on("2026-04-13")
    terms: dict[str, Any] = {"rate_ppm": PRICE_PPM, "basis": "ACT/360", "fee_cents": FEE_CENTS, "with_recourse": False}
    step(XINYUAN, Scf.apply_finance, certificate=FOURTH, bank=YANSHAN, **terms,
         en="Xinyuan applies at Yanshan Bank, at the price of Haihe's credit.", zh="新源向燕山银行申请融资，按海河信用定价。")
    step(XINYUAN, Scf.apply_finance, certificate=FOURTH, bank=LANHAI, **terms, refused="wrong-state",
         en="And at Lanhai Bank with the same certificate: it is locked.", zh="又拿同一张凭证找蓝海银行：凭证已锁定。")
    step(XINYUAN, Scf.split_transfer, certificate=FOURTH, parts=parts((MINGHE, face, "XY-1")), refused="wrong-state",
         en="It cannot be passed on either.", zh="锁定后也不能再转让。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=net(face, today), refused="not-queried",
         en="The bank may not pay before it has queried the registry.", zh="未查询登记就放款：拒绝。")
    step(YANSHAN, Scf.query_registry, certificate=FOURTH,
         en="Yanshan queries the registry: not assigned.", zh="燕山银行查询登记：尚无转让登记。")
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
    step(XINYUAN, Scf.apply_finance, certificate=FOURTH, bank=LANHAI, **terms, refused="not-holder",
         en="Xinyuan was the holder; it is no longer.", zh="新源已不再是持有人。")
    step(YANSHAN, Scf.split_transfer, certificate=FOURTH, parts=parts((LULIN, face, "LL-1")), refused="wrong-state",
         en="And Yanshan does not pass it on: it is financed.", zh="燕山银行也不能再转让：凭证已融资。")
    write_own_line(writer, today, terms)
    for holder, certificate, amount, bank, recourse, en, zh in (
        (MINGHE, f"{THIRD}-1", 2_000 * K, YANSHAN, False, "Minghe finances 2 million,", "明和融资 200 万元，"),
        (LULIN, f"{SECOND}-1", 1_000 * K, LANHAI, False, "Lulin 1 million, at the other bank,", "鲁林在另一家银行融 100 万元，"),
        (BEICHEN, f"{ROOT}-1", 4_000 * K, YANSHAN, True, "Beichen 4 million, with recourse.", "北辰融资 400 万元，有追索权。"),
    ):
        finance(writer, holder, certificate, amount, bank, today=today, with_recourse=recourse, en=en, zh=zh)


def write_own_line(writer: StoryWriter, today: int, terms: dict[str, Any]) -> None:
    """A bank finances within its own line, not within the sum of all."""
    step, certificate = writer.step, f"{ROOT}-1"
    step(BEICHEN, Scf.apply_finance, certificate=certificate, bank=LANHAI, **terms,
         en="Beichen asks Lanhai for its 4 million first.", zh="北辰先向蓝海银行申请 400 万元融资。")
    look(writer, LANHAI, certificate, ("BC-1",))
    step(LANHAI, Scf.register_assignment, certificate=certificate, contract_on_ms=today, months=12,
         en="Lanhai registers,", zh="蓝海银行登记，")
    step((LANHAI, CLEARING), Scf.disburse, certificate=certificate, net_cents=net(4_000 * K, today), refused="over-own-line",
         en="but its own line for Haihe is 3 million, whatever the sum of all lines leaves.",
         zh="但它对海河的额度只有 300 万元，其他银行的额度不算。")
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
    writer.inspect(YANSHAN, examine_forged(YANSHAN, "XY-1", "XY-1", face, 9_999 * K), finds="wrong-opening",
                   en="A copy with a higher amount does not fit the seal.", zh="金额被改高的副本与密封摘要不符。")
    for label, amount in (("XY-1", face), ("MH-1", 3_500 * K), ("LL-1", 6_000 * K)):
        writer.inspect(YANSHAN, examine(YANSHAN, label, label, amount),
                       en=f"{label} fits its seal and covers the face.", zh=f"{label} 与密封摘要相符，金额足够。")
    step(YANSHAN, Scf.check_documents, certificate=FOURTH, invoices=("XY-1",), flags=(), refused="documents-incomplete",
         en="Looking at the last trade alone is not enough.", zh="只审查最后一笔交易不够。")
    step(YANSHAN, Scf.check_documents, certificate=FOURTH, invoices=("BC-1", "LL-1", "MH-1", "XY-1"), flags=(),
         en="Yanshan states that it has checked the whole way.", zh="燕山银行声明已审查整条链。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=FOURTH, net_cents=0, refused="not-registered",
         en="Not before the assignment is registered.", zh="未办理转让登记，不能放款。")


def write_warnings(writer: StoryWriter) -> None:
    """A round trip on an invoice that looks like another: no rule forbids it, and the bank says no."""
    step = writer.step
    writer.chapter(en="A warning that a bank must look at", zh="银行必须审查的风险提示")
    writer.clock(days("2026-04-20"), en="20 April.", zh="4 月 20 日。")
    amount = 800 * K
    step(HAIHE, Scf.issue, certificate=FLAGGED_ROOT, to=BEICHEN, amount_cents=amount, due_on_ms=on("2026-09-30"),
         invoices=("BC-2", "BC-3"), platform=TONGDA,
         en="A second certificate, on the two similar invoices: it carries a warning.", zh="用两张相似发票再开凭证：带有提示。")
    step(BEICHEN, Scf.accept, certificate=FLAGGED_ROOT, en="Beichen accepts.", zh="北辰签收。")
    for seller, buyer, name in ((LULIN, BEICHEN, "LL-2"), (BEICHEN, LULIN, "BC-4")):
        register(writer, name, f"{name}-2026", seller=seller, buyer=buyer, day="2026-04-17", net_cents=700 * K, tax_cents=100 * K,
                 en="An invoice between the two,", zh="两家之间开出发票，")
        step(buyer, Scf.confirm_payable, invoice=name, en="confirmed.", zh="并确权。")
    step(BEICHEN, Scf.split_transfer, certificate=FLAGGED_ROOT, parts=parts((LULIN, amount, "LL-2")),
         en="Beichen pays Lulin,", zh="北辰付给鲁林，")
    step(LULIN, Scf.accept, certificate=f"{FLAGGED_ROOT}-1", en="Lulin accepts,", zh="鲁林签收，")
    step(LULIN, Scf.split_transfer, certificate=f"{FLAGGED_ROOT}-1", parts=parts((BEICHEN, amount, "BC-4")),
         en="and pays Beichen: round in a circle. The ledger marks it.", zh="又付回北辰：转了一圈，账本打上标记。")
    last = f"{FLAGGED_ROOT}-1-1"
    step(BEICHEN, Scf.accept, certificate=last, en="Beichen accepts,", zh="北辰签收，")
    step(BEICHEN, Scf.apply_finance, certificate=last, bank=YANSHAN, rate_ppm=PRICE_PPM, basis="ACT/360", fee_cents=FEE_CENTS,
         with_recourse=False, en="and applies for finance.", zh="并申请融资。")
    behind = ("BC-2", "BC-3", "LL-2", "BC-4")
    step(YANSHAN, Scf.query_registry, certificate=last, en="Yanshan queries the registry.", zh="燕山银行查询登记。")
    step(YANSHAN, Scf.check_documents, certificate=last, invoices=behind, flags=(), refused="flags-unreviewed",
         en="The warnings cannot be overlooked.", zh="风险提示不能视而不见。")
    step(YANSHAN, Scf.check_documents, certificate=last, invoices=behind, flags=("round-trip", "similar-invoice"),
         en="Yanshan looks at both,", zh="燕山银行审查了两项提示，")
    step(YANSHAN, Scf.release, certificate=last, en="and lets it go: no finance for a circle.", zh="并予以退回：循环贸易不融资。")


def finance(
    writer: StoryWriter, holder: str, certificate: str, face: int, bank: str, *, today: int, with_recourse: bool, en: str,
    zh: str, invoices: tuple[str, ...] | None = None, rate_ppm: int = PRICE_PPM, paid_on: int = PAID_ON,
) -> None:
    """The whole way from application to cash, in five steps."""
    depth = certificate.removeprefix(ROOT).count("-")
    behind = invoices or ("BC-1", "LL-1", "MH-1")[:depth]
    step = writer.step
    step(holder, Scf.apply_finance, certificate=certificate, bank=bank, rate_ppm=rate_ppm, basis="ACT/360", fee_cents=FEE_CENTS,
         with_recourse=with_recourse, en=en, zh=zh)
    look(writer, bank, certificate, behind)
    step(bank, Scf.register_assignment, certificate=certificate, contract_on_ms=today, months=12, en="register,", zh="登记，")
    step((bank, CLEARING), Scf.disburse, certificate=certificate, net_cents=net(face, today, rate_ppm=rate_ppm, paid_on=paid_on),
         en="pay.", zh="放款。")


def look(writer: StoryWriter, bank: str, certificate: str, invoices: tuple[str, ...]) -> None:
    """A bank queries the registry and states that it has seen the trades."""
    asked = {"certificate": certificate}
    writer.batch(bank, [(Scf.query_registry, asked), (Scf.check_documents, {**asked, "invoices": invoices, "flags": ()})],
                 en="Query and check,", zh="查询并审查，")


def net(face: int, today: int, basis: Basis = "ACT/360", rate_ppm: int = PRICE_PPM, paid_on: int = PAID_ON) -> int:
    """What a bank pays out: the face without interest and fee."""
    return face - interest_cents(face, rate_ppm, basis, today, paid_on) - FEE_CENTS
