"""From July on: the core pays early, a court freezes, one maker pays the holders of the day, and the other two fifths."""

from typing import Any

from scenarios.dates import days, on
from scenarios.money import discounted_cents, interest_cents
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import (
    BARRED_ROOT,
    BEICHEN,
    CLEARING,
    COURT,
    DEFAULT_ROOT,
    FLAGGED_ROOT,
    FOURTH,
    FROZEN,
    HAIHE,
    LANHAI,
    LONG_DUE,
    LONG_ROOT,
    LULIN,
    MINGHE,
    REGISTRY,
    REGULATOR,
    ROLLED_ROOT,
    ROOT,
    SECOND,
    THIRD,
    TONGDA,
    TUOHAI,
    XINYUAN,
    YANSHAN,
    K,
    limits,
    parts,
    promise,
    terms,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import licence_presentation, open_invoice
from scenarios.supply_chain_finance.records import Tally

UNANSWERED = "HH-2026-005"
EARLY_PPM = 45_000
"""What Haihe asks for its own cash: 4.5 % a year. Illustrative."""

# A story reads like a script, with each step's words beside it.
# fmt: off


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
    step(LULIN, Scf.apply_finance, certificate=FROZEN, terms=terms(YANSHAN), refused="wrong-state",
         en="or to turn it into cash: frozen.", zh="或变现：均被冻结。")
    step(HAIHE, Scf.offer_early_pay, certificate=FROZEN, rate_ppm=EARLY_PPM, until_ms=on("2026-08-10"), refused="wrong-state",
         en="Not even the core can buy it back.", zh="核心企业也不能提前回购。")
    step(TONGDA, Scf.suspend, member=XINYUAN, reason="business licence withdrawn",
         en="Xinyuan's business licence was withdrawn: it is suspended.", zh="新源营业执照被吊销：暂停资格。")
    step((XINYUAN, REGISTRY), Scf.register_invoice,
         **open_invoice("XY-3", "26412000000000000701", XINYUAN, MINGHE, on("2026-08-01"), 100 * K, 13 * K),
         refused="suspended", en="It enters nothing new;", zh="不得办理新业务；")
    step(TONGDA, Scf.reinstate, member=XINYUAN,
         licence=licence_presentation(TONGDA, XINYUAN, "91410105MA44XY0668"),
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
    step(TUOHAI, Scf.issue, certificate="TH-2026-002", promise=promise(LULIN, 100 * K, on("2026-11-20"), "LL-3"),
         refused="core-barred",
         en="Nothing of Tuohai is overdue here yet, and still it promises nothing new.",
         zh="拓海在此尚无逾期，但已不得开立新凭证。")
    step(TUOHAI, Scf.offer_early_pay, certificate="TH-2026-001-1", rate_ppm=90_000, until_ms=on("2026-09-01"),
         refused="core-barred", en="Nor does it pay one creditor ahead of the others.", zh="也不得对个别债权人提前清偿。")
    writer.clock(days("2026-09-14"), en="14 September.", zh="9 月 14 日。")
    step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-10-01"), limits=limits(6, 6),
         en="From 1 October new certificates run at most six months (the day is this story's assumption).",
         zh="自 10 月 1 日起，新凭证期限最长六个月（生效日为本故事的假设）。")


def write_maturity(writer: StoryWriter) -> None:
    """The first maker pays, and a frozen share is set aside."""
    step = writer.step
    writer.chapter(en="The day of payment", zh="到期付款")
    writer.clock(days("2026-09-30"), en="30 September.", zh="9 月 30 日。")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=ROOT, amount_cents=10_000 * K, refused="not-due",
         en="A day before the due date nothing is payable,", zh="到期前一天不能付款，")
    step((HAIHE, CLEARING), Scf.pay_at_maturity, certificate=FLAGGED_ROOT, amount_cents=800 * K,
         en="but the small certificate is due today: Beichen, its holder, is paid.", zh="但小额凭证今天到期：付给持有人北辰。")
    writer.batch((HAIHE, CLEARING), [(Scf.pay_at_maturity, {"certificate": name, "amount_cents": 100 * K})
                                     for name in (ROLLED_ROOT, BARRED_ROOT)],
                 en="So are Lanhai and Beichen, who hold those of June.", zh="6 月开立的两张分别付给蓝海银行和北辰。")
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
    step((BEICHEN, REGISTRY), Scf.register_invoice,
         **open_invoice("BC-6", "26112000000000000930", BEICHEN, HAIHE, on("2026-09-30"), 800 * K, 104 * K),
         en="Beichen has delivered for the next project,", zh="北辰为下一个项目供货，")
    step(HAIHE, Scf.confirm_payable, invoice="BC-6", en="Haihe confirms,", zh="海河确权，")
    order = promise(BEICHEN, 904 * K, on("2027-05-08"), "BC-6", reason="another press line")
    step(HAIHE, Scf.issue, certificate="HH-2026-004", promise=order, refused="tenor-too-long",
         en="and gives a reason for seven months once more: since 1 October that is too long.",
         zh="再次说明理由申请七个月：10 月 1 日起已超过上限。")
    step(HAIHE, Scf.issue, certificate="HH-2026-004", promise=order.replace(due_on_ms=on("2027-04-08"), reason=""),
         en=f"Six months pass. {LONG_ROOT}, issued for eight in April, keeps its term.",
         zh=f"六个月可以。4 月开立的八个月期 {LONG_ROOT} 期限不变。")
    step(BEICHEN, Scf.reject, certificate="HH-2026-004",
         en="Beichen wants to be paid in sixty days, as the law has it, and declines: nobody is made to take paper.",
         zh="北辰要求依法六十日内付款，拒绝签收：不得强制使用凭证。")


def write_default(writer: StoryWriter) -> None:
    """Two fifths come; the rest is overdue."""
    step = writer.step
    writer.chapter(en="One does not pay", zh="有人违约")
    writer.clock(days("2026-10-16"), en="16 October: yesterday nothing came.", zh="10 月 16 日：昨日未收到款项。")
    step(LULIN, Scf.mark_overdue, certificate=DEFAULT_ROOT, en="Lulin says so; anybody may.", zh="鲁林予以认定，任何人都可以。")
    step((TUOHAI, CLEARING), Scf.pay_at_maturity, certificate=DEFAULT_ROOT, amount_cents=2_000 * K,
         en="Tuohai has 2 million of 5: each holder gets two fifths, and the rest stays overdue.",
         zh="拓海只付了 500 万元中的 200 万元：各持有人按比例得五分之二，其余仍逾期。")
    step(HAIHE, Scf.issue, certificate=UNANSWERED, promise=promise(BEICHEN, 904 * K, on("2027-01-08"), "BC-6"),
         en="Haihe, not late, offers Beichen three months instead of six.",
         zh="海河未逾期，改向北辰提出三个月期限。")
    step((LULIN, REGISTRY), Scf.register_invoice,
         **open_invoice("LL-4", "26372000000000001012", LULIN, TUOHAI, on("2026-10-12"), 100 * K, 13 * K),
         en="Lulin has delivered again,", zh="鲁林又供了货，")
    step(TUOHAI, Scf.confirm_payable, invoice="LL-4", en="and Tuohai confirms;", zh="拓海确权；")
    step(TUOHAI, Scf.issue, certificate="TH-2026-002", promise=promise(LULIN, 113 * K, on("2026-12-15"), "LL-4"),
         refused="core-blocked",
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
    step(TUOHAI, Scf.issue, certificate="TH-2026-002", promise=promise(LULIN, 113 * K, on("2026-12-15"), "LL-4"),
         refused="core-blocked",
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
