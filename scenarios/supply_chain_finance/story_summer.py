"""April to September: a long project, an entry that runs out, cash from the core itself, a court, a missed bond."""

from typing import Any

from scenarios.dates import days, on
from scenarios.money import discounted_cents, interest_cents
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import (
    BEICHEN,
    CLEARING,
    COURT,
    HAIHE,
    LANHAI,
    LULIN,
    MINGHE,
    REGULATOR,
    TONGDA,
    TUOHAI,
    XINYUAN,
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import LicencePresentation
from scenarios.supply_chain_finance.story_finance import FEE_CENTS, PRICE_PPM, net
from scenarios.supply_chain_finance.story_issue import register
from scenarios.supply_chain_finance.story_tiers import SECOND, K, parts

LONG_ROOT = "HH-2026-003"
"""Eight months, issued while the limit was twelve."""
LONG_DUE = on("2026-12-22")
FROZEN = f"{SECOND}-2"
"""Lulin's 1.5 million of the first root."""
EARLY_PPM = 45_000
"""What Haihe asks for its own cash: 4.5 % a year. Illustrative."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_long_project(writer: StoryWriter) -> None:
    """A certificate of eight months, with its reason."""
    step = writer.step
    writer.chapter(en="Eight months, with a reason", zh="八个月，说明理由")
    for name, number, seller, buyer, thousands in (
        ("BC-5", "BC-2026-0420", BEICHEN, HAIHE, 1_000), ("LL-5", "LL/26/0421", LULIN, BEICHEN, 400),
    ):
        register(writer, name, number, seller=seller, buyer=buyer, day="2026-04-21", net_cents=thousands * K * 8 // 10,
                 tax_cents=thousands * K * 2 // 10, en=f"{number} for a line of presses that takes long,",
                 zh=f"长周期冲压线项目的发票 {number}，")
        step(buyer, Scf.confirm_payable, invoice=name, en="confirmed.", zh="并确权。")
    step(HAIHE, Scf.issue, certificate=LONG_ROOT, to=BEICHEN, amount_cents=1_000 * K, due_on_ms=LONG_DUE, invoices=("BC-5",),
         platform=TONGDA, reason="press line, accepted after a trial run in autumn",
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
    terms: dict[str, Any] = {"rate_ppm": PRICE_PPM, "basis": "ACT/360", "fee_cents": FEE_CENTS, "with_recourse": False}
    step(LULIN, Scf.apply_finance, certificate=FROZEN, bank=LANHAI, **terms,
         en="Lulin offers another 1.5 million to Lanhai.", zh="鲁林再向蓝海银行申请融资 150 万元。")
    writer.batch(LANHAI, [(Scf.query_registry, {"certificate": FROZEN}),
                          (Scf.check_documents, {"certificate": FROZEN, "invoices": ("BC-1", "LL-1"), "flags": ()})],
                 en="Lanhai queries and checks,", zh="蓝海银行查询并审查，")
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


def write_early_cash(writer: StoryWriter) -> None:
    """Dynamic discounting: the later, the smaller the discount; nobody is made to take it."""
    step = writer.step
    writer.chapter(en="The core pays early", zh="核心企业提前付款")
    writer.clock(days("2026-07-08"), en="8 July.", zh="7 月 8 日。")
    leaf, face, today = f"{LONG_ROOT}-2", 400 * K, on("2026-07-08")
    price = discounted_cents(face, EARLY_PPM, today, LONG_DUE)
    step(HAIHE, Scf.offer_early_pay, certificate=leaf, rate_ppm=EARLY_PPM, until_ms=on("2026-07-16"),
         en="Haihe has cash and offers to pay Lulin's 400,000 now, at 4.5 % a year for the 167 days that are left.",
         zh="海河资金充裕，提出现在就付鲁林的 40 万元，剩余 167 天按年化 4.5% 折扣。")
    step((HAIHE, CLEARING), Scf.early_pay, certificate=leaf, price_cents=price, refused="not-holder",
         en="It cannot make Lulin take it.", zh="但不能强迫鲁林接受。")
    step((BEICHEN, CLEARING), Scf.early_pay, certificate=leaf, price_cents=price, refused="not-holder",
         en="Beichen, the holder when it was issued, wants to redeem it: it is not the holder now.",
         zh="开立时的持有人北辰想来兑现：它现在已不是持有人。")
    step((LULIN, CLEARING), Scf.early_pay, certificate=leaf,
         price_cents=face - interest_cents(face, EARLY_PPM, "ACT/360", today, LONG_DUE), refused="wrong-price",
         en="Interest on the face instead of on the price: too little for Lulin, and refused.",
         zh="按票面而非按价款计折扣：少付给鲁林，拒绝。")
    step(LULIN, Scf.early_pay, certificate=leaf, price_cents=price, refused="policy-not-satisfied",
         en="Without the settlement bank no money has moved.", zh="没有结算银行签署，等于没有付款。")
    step((LULIN, CLEARING), Scf.early_pay, certificate=leaf, price_cents=price,
         en="Lulin takes it: price times (1 + 4.5 % x 167/360) is the face, to the cent.",
         zh="鲁林接受：价款 x（1 + 4.5% x 167/360）恰为票面，精确到分。")
    step((LULIN, CLEARING), Scf.early_pay, certificate=leaf, price_cents=price, refused="wrong-state",
         en="Once.", zh="只付一次。")


def write_court(writer: StoryWriter) -> None:
    """A court's order, and a licence that was withdrawn."""
    step = writer.step
    writer.chapter(en="A court and a licence", zh="法院冻结与执照吊销")
    writer.clock(days("2026-08-03"), en="3 August.", zh="8 月 3 日。")
    step(TONGDA, Scf.freeze, certificate=FROZEN, order="a letter", refused="policy-not-satisfied",
         en="A platform cannot freeze what belongs to others.", zh="平台无权冻结他人的凭证。")
    step(COURT, Scf.freeze, certificate=FROZEN, order="(2026) Jing 01 Bao 61",
         en="In a lawsuit against Lulin a court freezes its 1.5 million.", zh="鲁林涉诉，法院冻结其 150 万元凭证。")
    step(LULIN, Scf.split_transfer, certificate=FROZEN, parts=parts((MINGHE, 1_500 * K, "MH-1")), refused="wrong-state",
         en="Lulin tries to pass it on in time,", zh="鲁林想抢先转让，")
    step(LULIN, Scf.apply_finance, certificate=FROZEN, bank=YANSHAN, rate_ppm=PRICE_PPM, basis="ACT/360", fee_cents=FEE_CENTS,
         with_recourse=False, refused="wrong-state", en="or to turn it into cash: frozen.", zh="或变现：均被冻结。")
    step(HAIHE, Scf.offer_early_pay, certificate=FROZEN, rate_ppm=EARLY_PPM, until_ms=on("2026-08-10"), refused="wrong-state",
         en="Not even the core can buy it back.", zh="核心企业也不能提前回购。")
    step(TONGDA, Scf.suspend, member=XINYUAN, reason="business licence withdrawn",
         en="Xinyuan's business licence was withdrawn: it is suspended.", zh="新源营业执照被吊销：暂停资格。")
    register(writer, "XY-3", "XY-0701", seller=XINYUAN, buyer=MINGHE, day="2026-08-01", net_cents=100 * K, tax_cents=13 * K,
             refused="suspended", en="It enters nothing new;", zh="不得办理新业务；")
    step(TONGDA, Scf.reinstate, member=XINYUAN,
         licence=LicencePresentation(TONGDA, XINYUAN, "91410105MA44XY0668"),
         en="until it presents a valid one again.", zh="直到重新出示有效执照。")


def write_bond(writer: StoryWriter) -> None:
    """Tuohai misses a bond; the regulator shortens terms."""
    step = writer.step
    writer.chapter(en="Signs of autumn", zh="秋天的征兆")
    writer.clock(days("2026-08-20"), en="20 August.", zh="8 月 20 日。")
    bond: dict[str, Any] = {"core": TUOHAI, "cause": "bond-default", "reference": "26 Tuohai CP001"}
    step(LANHAI, Scf.announce_default, **bond, refused="policy-not-satisfied",
         en="A bank cannot spread it as news,", zh="银行不能自行散布违约消息，")
    step(REGULATOR, Scf.announce_default, **bond,
         en="the regulator announces it: Tuohai has missed a bond payment.", zh="监管部门公告：拓海债券违约。")
    step(TUOHAI, Scf.issue, certificate="TH-2026-002", to=LULIN, amount_cents=100 * K, due_on_ms=on("2026-11-20"),
         invoices=("LL-3",), platform=TONGDA, refused="core-barred",
         en="Nothing of Tuohai is overdue here yet, and still it promises nothing new.",
         zh="拓海在此尚无逾期，但已不得开立新凭证。")
    step(TUOHAI, Scf.offer_early_pay, certificate="TH-2026-001-1", rate_ppm=90_000, until_ms=on("2026-09-01"),
         refused="core-barred", en="Nor does it pay one creditor ahead of the others.", zh="也不得对个别债权人提前清偿。")
    writer.clock(days("2026-09-14"), en="14 September.", zh="9 月 14 日。")
    step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-10-01"), months_max=6, months_without_reason=6,
         en="From 1 October new certificates run at most six months (the day is this story's assumption).",
         zh="自 10 月 1 日起，新凭证期限最长六个月（生效日为本故事的假设）。")
