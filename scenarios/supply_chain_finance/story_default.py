"""October: one maker pays whoever holds its promise now; the other pays two fifths and is blocked."""

from scenarios.dates import days, on
from scenarios.story import Teller
from scenarios.supply_chain_finance.cast import BEICHEN, CLEARING, HAIHE, LANHAI, LULIN, MINGHE, TONGDA, TUOHAI, YANSHAN
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.story_finance import FLAGGED_ROOT, finance
from scenarios.supply_chain_finance.story_issue import ROOT, register
from scenarios.supply_chain_finance.story_tiers import FOURTH, SECOND, K, parts

DEFAULT_ROOT = "TH-2026-001"
DEFAULT_DUE = on("2026-10-15")

# A story reads like a script, with each step's words beside it.
# fmt: off


def tell_maturity(teller: Teller) -> None:
    """A second maker promises too; then the first one pays."""
    tell_second_core(teller)
    step = teller.step
    teller.chapter(en="The day of payment", zh="到期付款")
    teller.clock(days("2026-09-30"), en="30 September.", zh="9 月 30 日。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-due",
         en="A day before the due date nothing is payable,", zh="到期前一天不能付款，")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=FLAGGED_ROOT, amount_cents=800 * K,
         en="but the small certificate is due today: Beichen, its holder, is paid.", zh="但小额凭证今天到期：付给持有人北辰。")
    teller.clock(days("2026-10-01"), en="1 October, a holiday.", zh="10 月 1 日，国庆节。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-due",
         en="nor on the holiday: it moves to the next day on which banks work.", zh="节假日也不付：顺延到下一个工作日。")
    step(LULIN, Scf.mark_overdue, certificate=ROOT, refused="not-overdue",
         en="Nobody can call it overdue yet.", zh="此时也不能认定逾期。")
    step(LULIN, Scf.split_transfer, certificate=f"{SECOND}-2", parts=parts((MINGHE, 1_500 * K, "MH-1")), refused="past-due",
         en="A matured certificate does not move any more.", zh="到期的凭证不能再流转。")
    teller.clock(days("2026-10-08"), en="8 October.", zh="10 月 8 日。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-core",
         en="Only the core that promised can pay.", zh="只有承诺付款的核心企业能付款。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=FOURTH, amount_cents=1_500 * K, refused="not-a-root",
         en="It pays the whole tree, not one leaf that it likes.", zh="必须对整棵凭证树付款，不能挑一张付。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K + 1, refused="over-payment",
         en="One cent too much: refused.", zh="多付一分：拒绝。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K,
         en="Haihe pays once; five leaves are paid to those who hold them today, not to those who once did.",
         zh="海河一次付款，五张末端凭证的款项付给当日持有人，而不是曾经的持有人。")
    step(YANSHAN, Scf.cancel_registration, certificate=FOURTH, en="Yanshan cancels its registration.", zh="燕山银行注销登记。")


def tell_second_core(teller: Teller) -> None:
    """Tuohai's certificate, financed once with recourse and once without."""
    step = teller.step
    teller.chapter(en="A second maker", zh="第二家核心企业")
    teller.clock(days("2026-04-22"), en="22 April.", zh="4 月 22 日。")
    today, paid_on = on("2026-04-22"), DEFAULT_DUE
    register(teller, "LL-3", "LL/26/0420", seller=LULIN, buyer=TUOHAI, day="2026-04-20",
             net_cents=4_424_778_76, tax_cents=575_221_24,
             en="Lulin also supplies Tuohai Appliances.", zh="鲁林也给拓海电器供货。")
    step(TUOHAI, Scf.confirm_payable, invoice="LL-3", en="Tuohai confirms,", zh="拓海确权，")
    step(TUOHAI, Scf.issue, certificate=DEFAULT_ROOT, to=LULIN, amount_cents=5_000 * K, due_on_ms=DEFAULT_DUE,
         invoices=("LL-3",), platform=TONGDA, en="and promises 5 million for 15 October.", zh="承诺 10 月 15 日付 500 万元。")
    step(LULIN, Scf.accept, certificate=DEFAULT_ROOT, en="Lulin accepts.", zh="鲁林签收。")
    register(teller, "MH-2", "MH-88177", seller=MINGHE, buyer=LULIN, day="2026-04-21",
             net_cents=1_769_911_50, tax_cents=230_088_50, en="Minghe delivered steel for it.", zh="明和为此供应钢材。")
    step(LULIN, Scf.confirm_payable, invoice="MH-2", en="Lulin confirms,", zh="鲁林确权，")
    step(LULIN, Scf.split_transfer, certificate=DEFAULT_ROOT, parts=parts((LULIN, 3_000 * K), (MINGHE, 2_000 * K, "MH-2")),
         en="and pays Minghe with 2 million.", zh="用 200 万元支付明和。")
    step(MINGHE, Scf.accept, certificate=f"{DEFAULT_ROOT}-2", en="Minghe accepts.", zh="明和签收。")
    finance(teller, LULIN, f"{DEFAULT_ROOT}-1", 3_000 * K, LANHAI, today=today, with_recourse=True, rate_ppm=42_000,
            paid_on=paid_on, invoices=("LL-3",),
            en="Lulin finances its 3 million with recourse,", zh="鲁林 300 万元有追索权融资，")
    finance(teller, MINGHE, f"{DEFAULT_ROOT}-2", 2_000 * K, YANSHAN, today=today, with_recourse=False, rate_ppm=48_000,
            paid_on=paid_on, invoices=("LL-3", "MH-2"), en="Minghe its 2 million without.", zh="明和 200 万元无追索权融资。")


def tell_default(teller: Teller) -> None:
    """Two fifths come; the rest is overdue."""
    step = teller.step
    teller.chapter(en="One does not pay", zh="有人违约")
    teller.clock(days("2026-10-15"), en="15 October.", zh="10 月 15 日。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=DEFAULT_ROOT, amount_cents=2_000 * K,
         en="Tuohai has 2 million of 5: each holder gets two fifths, and the rest is overdue.",
         zh="拓海只付了 500 万元中的 200 万元：各持有人按比例得五分之二，其余逾期。")
    register(teller, "LL-4", "LL/26/1012", seller=LULIN, buyer=TUOHAI, day="2026-10-12", net_cents=100 * K, tax_cents=13 * K,
             en="Lulin has delivered again,", zh="鲁林又供了货，")
    step(TUOHAI, Scf.confirm_payable, invoice="LL-4", en="and Tuohai confirms;", zh="拓海确权；")
    step(TUOHAI, Scf.issue, certificate="TH-2026-002", to=LULIN, amount_cents=113 * K, due_on_ms=on("2026-12-15"),
         invoices=("LL-4",), platform=TONGDA, refused="core-blocked",
         en="but a core that is overdue issues nothing.", zh="但逾期的核心企业不得再开立凭证。")
    step(YANSHAN, Scf.claim_recourse, certificate=f"{DEFAULT_ROOT}-2", refused="without-recourse",
         en="Yanshan bought without recourse and cannot turn to Minghe.", zh="燕山银行是无追索权买断，不能向明和追索。")
    step(LANHAI, Scf.claim_recourse, certificate=f"{DEFAULT_ROOT}-1",
         en="Lanhai turns to Lulin, which sold with recourse.", zh="蓝海银行向有追索权的卖方鲁林追索。")
    step((BEICHEN, CLEARING), Scf.pay_recourse, certificate=f"{DEFAULT_ROOT}-1", refused="not-seller",
         en="Recourse is against the seller alone.", zh="追索只能针对卖方。")
    step((LULIN, CLEARING), Scf.pay_recourse, certificate=f"{DEFAULT_ROOT}-1",
         en="Lulin buys it back for what is still owed, 1.8 million; now Tuohai owes Lulin.",
         zh="鲁林按未付余额 180 万元回购；此后拓海欠的是鲁林。")
    step(LANHAI, Scf.cancel_registration, certificate=f"{DEFAULT_ROOT}-1",
         en="Lanhai cancels its registration.", zh="蓝海银行注销登记。")
    step(YANSHAN, Scf.write_off, certificate=f"{DEFAULT_ROOT}-2",
         en="Yanshan writes off 1.2 million: the price of no recourse.", zh="燕山银行核销 120 万元：这就是无追索权的代价。")
    teller.clock(days("2026-10-16"), en="The day after.", zh="次日。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=DEFAULT_ROOT, amount_cents=1_800 * K + 1, refused="over-payment",
         en="What was written off is not paid to anybody else.", zh="已核销的部分不会付给别人。")
