"""From October on: one maker pays whoever holds its promise now; the other pays two fifths and is blocked."""

from typing import Any

from scenarios.dates import days, on
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
    YANSHAN,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.records import Tally
from scenarios.supply_chain_finance.story_finance import FLAGGED_ROOT, finance
from scenarios.supply_chain_finance.story_issue import ROOT, register
from scenarios.supply_chain_finance.story_summer import EARLY_PPM, FROZEN, LONG_ROOT
from scenarios.supply_chain_finance.story_tiers import FOURTH, SECOND, THIRD, K, parts

DEFAULT_ROOT = "TH-2026-001"
UNANSWERED = "HH-2026-005"
DEFAULT_DUE = on("2026-10-15")

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_maturity(writer: StoryWriter) -> None:
    """The first maker pays, and a frozen share is set aside."""
    step = writer.step
    writer.chapter(en="The day of payment", zh="到期付款")
    writer.clock(days("2026-09-30"), en="30 September.", zh="9 月 30 日。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-due",
         en="A day before the due date nothing is payable,", zh="到期前一天不能付款，")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=FLAGGED_ROOT, amount_cents=800 * K,
         en="but the small certificate is due today: Beichen, its holder, is paid.", zh="但小额凭证今天到期：付给持有人北辰。")
    writer.clock(days("2026-10-01"), en="1 October, a holiday.", zh="10 月 1 日，国庆节。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-due",
         en="nor on the holiday: it moves to the next day on which banks work.", zh="节假日也不付：顺延到下一个工作日。")
    step(LULIN, Scf.mark_overdue, certificate=ROOT, refused="not-overdue",
         en="Nobody can call it overdue yet.", zh="此时也不能认定逾期。")
    step(HAIHE, Scf.offer_early_pay, certificate=f"{SECOND}-1", rate_ppm=EARLY_PPM, until_ms=on("2026-10-08"), refused="past-due",
         en="What has matured is not bought back at a discount.", zh="已到期的凭证不能再折扣回购。")
    writer.clock(days("2026-10-08"), en="8 October.", zh="10 月 8 日。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-core",
         en="Only the core that promised can pay.", zh="只有承诺付款的核心企业能付款。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=FOURTH, amount_cents=1_500 * K, refused="not-a-root",
         en="It pays the whole tree, not one leaf that it likes.", zh="必须对整棵凭证树付款，不能挑一张付。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K + 1, refused="over-payment",
         en="One cent too much: refused.", zh="多付一分：拒绝。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K,
         en="Haihe pays once; four leaves are paid to those who hold them today, not to those who once did. The share of the "
         "frozen one is set aside with the settlement bank: Haihe is discharged, and not late.",
         zh="海河一次付款，四张末端凭证的款项付给当日持有人，而不是曾经的持有人；冻结的一份提存于结算银行，海河已履行，不算逾期。")
    writer.batch(YANSHAN, [(Scf.cancel_registration, {"certificate": name}) for name in (FOURTH, f"{THIRD}-1", f"{ROOT}-1")],
                 en="Yanshan cancels its registrations.", zh="燕山银行注销登记。")
    step(YANSHAN, Scf.cancel_registration, certificate=FOURTH, refused="registration-over",
         en="Each once.", zh="每笔只注销一次。")
    write_books(writer)
    write_shorter_terms(writer)


def write_books(writer: StoryWriter) -> None:
    """The platform's books of the day against the ledger."""
    step = writer.step
    haihe, tuohai = (HAIHE, 1, 600 * K), (TUOHAI, 2, 5_000 * K)
    step(TONGDA, Scf.reconcile, day_ms=on("2026-10-08"), tallies=tallies((HAIHE, 2, 2_100 * K), tuohai), refused="books-differ",
         en="In Tongda's books Haihe still owes what was set aside: the books differ from the ledger.",
         zh="通达账上仍把提存的一份记为海河未付：与账本不符。")
    step(TONGDA, Scf.reconcile, day_ms=on("2026-10-08"), tallies=tallies(haihe), refused="books-differ",
         en="Leaving Tuohai out does not help.", zh="漏报拓海也不行。")
    step(TONGDA, Scf.reconcile, day_ms=on("2026-10-08"), tallies=tallies(haihe, tuohai),
         en="Corrected: one certificate of Haihe, two of Tuohai, to the cent.", zh="更正后：海河一张、拓海两张，分毫不差。")


def write_shorter_terms(writer: StoryWriter) -> None:
    """The dated table: new certificates are shorter, running ones keep their term."""
    step = writer.step
    register(writer, "BC-6", "BC-2026-0930", seller=BEICHEN, buyer=HAIHE, day="2026-09-30", net_cents=800 * K,
             tax_cents=104 * K, en="Beichen has delivered for the next project,", zh="北辰为下一个项目供货，")
    step(HAIHE, Scf.confirm_payable, invoice="BC-6", en="Haihe confirms,", zh="海河确权，")
    issue: dict[str, Any] = {"to": BEICHEN, "amount_cents": 904 * K, "invoices": ("BC-6",), "platform": TONGDA}
    step(HAIHE, Scf.issue, certificate="HH-2026-004", **issue, due_on_ms=on("2027-05-08"), reason="another press line",
         refused="tenor-too-long", en="and gives a reason for seven months once more: since 1 October that is too long.",
         zh="再次说明理由申请七个月：10 月 1 日起已超过上限。")
    step(HAIHE, Scf.issue, certificate="HH-2026-004", **issue, due_on_ms=on("2027-04-08"),
         en=f"Six months pass. {LONG_ROOT}, issued for eight in April, keeps its term.",
         zh=f"六个月可以。4 月开立的八个月期 {LONG_ROOT} 期限不变。")
    step(BEICHEN, Scf.reject, certificate="HH-2026-004",
         en="Beichen wants to be paid in sixty days, as the law has it, and declines: nobody is made to take paper.",
         zh="北辰要求依法六十日内付款，拒绝签收：不得强制使用凭证。")


def write_second_core(writer: StoryWriter) -> None:
    """Tuohai's certificate, financed once with recourse and once without."""
    step = writer.step
    writer.chapter(en="A second maker", zh="第二家核心企业")
    writer.clock(days("2026-04-22"), en="22 April.", zh="4 月 22 日。")
    today, paid_on = on("2026-04-22"), DEFAULT_DUE
    register(writer, "LL-3", "LL/26/0420", seller=LULIN, buyer=TUOHAI, day="2026-04-20",
             net_cents=4_424_778_76, tax_cents=575_221_24,
             en="Lulin also supplies Tuohai Appliances.", zh="鲁林也给拓海电器供货。")
    step(TUOHAI, Scf.confirm_payable, invoice="LL-3", en="Tuohai confirms,", zh="拓海确权，")
    step(TUOHAI, Scf.issue, certificate=DEFAULT_ROOT, to=LULIN, amount_cents=5_000 * K, due_on_ms=DEFAULT_DUE,
         invoices=("LL-3",), platform=TONGDA, en="and promises 5 million for 15 October.", zh="承诺 10 月 15 日付 500 万元。")
    step(LULIN, Scf.accept, certificate=DEFAULT_ROOT, en="Lulin accepts.", zh="鲁林签收。")
    register(writer, "MH-2", "MH-88177", seller=MINGHE, buyer=LULIN, day="2026-04-21",
             net_cents=1_769_911_50, tax_cents=230_088_50, en="Minghe delivered steel for it.", zh="明和为此供应钢材。")
    step(LULIN, Scf.confirm_payable, invoice="MH-2", en="Lulin confirms,", zh="鲁林确权，")
    step(LULIN, Scf.split_transfer, certificate=DEFAULT_ROOT, parts=parts((LULIN, 3_000 * K), (MINGHE, 2_000 * K, "MH-2")),
         en="and pays Minghe with 2 million.", zh="用 200 万元支付明和。")
    step(MINGHE, Scf.accept, certificate=f"{DEFAULT_ROOT}-2", en="Minghe accepts.", zh="明和签收。")
    finance(writer, LULIN, f"{DEFAULT_ROOT}-1", 3_000 * K, LANHAI, today=today, with_recourse=True, rate_ppm=42_000,
            paid_on=paid_on, invoices=("LL-3",),
            en="Lulin finances its 3 million with recourse,", zh="鲁林 300 万元有追索权融资，")
    finance(writer, MINGHE, f"{DEFAULT_ROOT}-2", 2_000 * K, YANSHAN, today=today, with_recourse=False, rate_ppm=48_000,
            paid_on=paid_on, invoices=("LL-3", "MH-2"), en="Minghe its 2 million without.", zh="明和 200 万元无追索权融资。")


def write_default(writer: StoryWriter) -> None:
    """Two fifths come; the rest is overdue."""
    step = writer.step
    writer.chapter(en="One does not pay", zh="有人违约")
    writer.clock(days("2026-10-16"), en="16 October: yesterday nothing came.", zh="10 月 16 日：昨日未收到款项。")
    step(LULIN, Scf.mark_overdue, certificate=DEFAULT_ROOT, en="Lulin says so; anybody may.", zh="鲁林予以认定，任何人都可以。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=DEFAULT_ROOT, amount_cents=2_000 * K,
         en="Tuohai has 2 million of 5: each holder gets two fifths, and the rest stays overdue.",
         zh="拓海只付了 500 万元中的 200 万元：各持有人按比例得五分之二，其余仍逾期。")
    step(HAIHE, Scf.issue, certificate=UNANSWERED, to=BEICHEN, amount_cents=904 * K, invoices=("BC-6",), platform=TONGDA,
         due_on_ms=on("2027-01-08"), en="Haihe, not late, offers Beichen three months instead of six.",
         zh="海河未逾期，改向北辰提出三个月期限。")
    register(writer, "LL-4", "LL/26/1012", seller=LULIN, buyer=TUOHAI, day="2026-10-12", net_cents=100 * K, tax_cents=13 * K,
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
    step(LULIN, Scf.split_transfer, certificate=f"{DEFAULT_ROOT}-1", parts=parts((MINGHE, 3_000 * K, "MH-2")),
         refused="wrong-state", en="Nobody is paid with an overdue certificate.", zh="逾期凭证不能再用来支付。")
    writer.clock(days("2026-10-19"), en="19 October.", zh="10 月 19 日。")
    step(TONGDA, Scf.expire, certificate=UNANSWERED, refused="offer-stands",
         en="Beichen has not answered Haihe yet, and its offer stands for ten days.", zh="北辰仍未答复，海河的要约十日内有效。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=DEFAULT_ROOT, amount_cents=1_800 * K + 1, refused="over-payment",
         en="What was written off is not paid to anybody else.", zh="已核销的部分不会付给别人。")
    step(REGULATOR, Scf.announce_cure, core=TUOHAI, cause="bond-default", reference="26 Tuohai CP001, paid",
         en="Tuohai has paid its bond, and the regulator says so;", zh="拓海偿还了债券，监管部门公告消除；")
    step(TUOHAI, Scf.issue, certificate="TH-2026-002", to=LULIN, amount_cents=113 * K, due_on_ms=on("2026-12-15"),
         invoices=("LL-4",), platform=TONGDA, refused="core-blocked",
         en="but here it is still overdue, and still blocked.", zh="但在此仍然逾期，仍受限制。")


def write_december(writer: StoryWriter) -> None:
    """The court lifts its order; the long certificate is paid."""
    step = writer.step
    writer.chapter(en="What was left", zh="收尾")
    writer.clock(days("2026-11-20"), en="20 November.", zh="11 月 20 日。")
    step(COURT, Scf.unfreeze, certificate=FROZEN, order="(2026) Jing 01 Bao 61, lifted", refused="set-aside",
         en="The court lifts its order; money lies with the settlement bank, which must sign as well.",
         zh="法院解除冻结；款项提存于结算银行，须由其共同签署。")
    step((COURT, CLEARING), Scf.unfreeze, certificate=FROZEN, order="(2026) Jing 01 Bao 61, lifted",
         en="Lulin gets its 1.5 million.", zh="鲁林拿到 150 万元。")
    step(TONGDA, Scf.expire, certificate=UNANSWERED,
         en="The offer that Beichen never answered has lapsed; its invoice is free again.",
         zh="北辰始终未答复的要约失效，发票恢复可用。")
    writer.clock(days("2026-12-22"), en="22 December.", zh="12 月 22 日。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=LONG_ROOT, amount_cents=600 * K,
         en="Haihe pays what is left of the eight months' certificate: 600,000, the rest was paid early.",
         zh="海河兑付八个月期凭证的余额 60 万元，其余已提前付清。")


def tallies(*books: tuple[str, int, int]) -> tuple[Tally, ...]:
    """Core, number of certificates and what is owed on them, as a platform states them."""
    return tuple(Tally(core=core, count=count, owed_cents=cents) for core, count, cents in books)
