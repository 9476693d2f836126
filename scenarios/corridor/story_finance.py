"""6 May on finance: promises, financed on proofs of a licence, a bill and a claim; and who would use old or forged ones."""

from nodes.foreign.contract import Foreign
from scenarios.corridor.brought import BroughtRecords
from scenarios.corridor.cast import FINANCE, MINGHE_LICENCE, RELAYER, SHIPPING
from scenarios.corridor.clients import Forgery, bring, crossing, forged, old_proof
from scenarios.corridor.story_begin import OLD
from scenarios.dates import on
from scenarios.economy.cast import LICENCE
from scenarios.economy.story_day import (
    CLAIM,
    FIRST,
    MARGIN_PPM,
    SECOND,
    THIRD,
    TODAY,
    TRADES,
    due,
    pay,
    promise_thrice,
    query,
    seen,
    still_held,
)
from scenarios.government.cast import MARKET
from scenarios.government.contract import Government as Gov
from scenarios.shipping.cast import JIANGLAN, NORDKETTE
from scenarios.shipping.contract import Shipping
from scenarios.shipping.papers import received
from scenarios.shipping.shipments import B
from scenarios.shipping.story_title import STALE
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import (
    CLEARING,
    MINGHE,
    PRICE_PPM,
    REGISTRY,
    YANSHAN,
    K,
    net,
    parts,
    terms,
)
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import evidence_of, open_invoice
from scenarios.supply_chain_finance.records import BillCited

FRAMES, SHARE = "MH-101", 200 * K
"""Minghe's invoice for frames, and what of the third promise pays it."""
PASSED_ON = f"{THIRD}-2"

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_promises(writer: StoryWriter) -> None:
    """Three promises, of which one is passed on to a supplier's supplier and financed at the core's price."""
    step = writer.step
    writer.chapter(en="6 May: a promise to pay", zh="5 月 6 日：付款承诺")
    promise_thrice(writer)
    net_cents = SHARE * 100 // 113
    paper = open_invoice(FRAMES, "26137000000000000201", MINGHE, JIANGLAN, on("2026-05-04"), net_cents, SHARE - net_cents)
    step((MINGHE, REGISTRY), Scf.register_invoice, **paper, en="Minghe registers an invoice for frames,",
         zh="明和登记一张边框发票，")
    step(JIANGLAN, Scf.confirm_payable, invoice=FRAMES, en="Jianglan confirms it,", zh="江澜确权，")
    rest = TRADES[THIRD][2] - SHARE
    step(JIANGLAN, Scf.split_transfer, certificate=THIRD, parts=parts((JIANGLAN, rest), (MINGHE, SHARE, FRAMES)),
         en="and pays with a part of Haihe's third promise.", zh="并用海河第三笔承诺的一部分支付。")
    step(MINGHE, Scf.accept, certificate=PASSED_ON, en="Minghe accepts.", zh="明和签收。")
    step(MINGHE, Scf.apply_finance, certificate=PASSED_ON, terms=terms(YANSHAN), refused="not-on-ledger",
         en="It applies at Yanshan Bank. That it has a licence stands on another ledger, and nobody has shown it here.",
         zh="它向燕山银行申请融资。它的执照在另一个账本上，没有人在这里出示过。")
    bring(writer, MINGHE, FINANCE, "licences", MINGHE_LICENCE, en="It brings the proof,", zh="它带来证明，")
    step(MINGHE, Scf.apply_finance, certificate=PASSED_ON, terms=terms(YANSHAN),
         en="and applies at the price of Haihe's credit.", zh="按海河信用的价格申请。")
    query(writer, PASSED_ON)
    invoices = (TRADES[THIRD][0], FRAMES)
    step(YANSHAN, Scf.check_documents, certificate=PASSED_ON, invoices=invoices, evidence=evidence_of(*invoices),
         en="Yanshan sees both trades behind it,", zh="燕山银行查看其背后的两笔贸易，")
    step(YANSHAN, Scf.register_assignment, certificate=PASSED_ON, contract_on_ms=TODAY, months=12,
         en="registers its assignment", zh="办理转让登记，")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=PASSED_ON, net_cents=net(SHARE, TODAY, rate_ppm=PRICE_PPM),
         en="and pays.", zh="并放款。")


def write_bill(writer: StoryWriter) -> None:
    """A bill on another ledger is evidence while it is shown here that the bank holds it."""
    step, cited = writer.step, BillCited(document=B.document, pledgee=YANSHAN)
    check = {**seen(FIRST), "bills": (cited,)}
    writer.chapter(en="A bill of lading as evidence", zh="以提单为凭据")
    step(JIANGLAN, Scf.apply_finance, certificate=FIRST, terms=terms(YANSHAN), refused="brought-too-old",
         en="Jianglan applies for the first million. What it showed of its licence is of March: too old.",
         zh="江澜就第一笔 100 万元申请。它出示的执照状态还是三月的：太旧。")
    bring(writer, JIANGLAN, FINANCE, "licences", LICENCE, en="It shows it as it stands today,", zh="它出示今天的状态，")
    step(JIANGLAN, Scf.apply_finance, certificate=FIRST, terms=terms(YANSHAN), en="and applies.", zh="并提出申请。")
    query(writer, FIRST)
    step(YANSHAN, Scf.check_documents, **check, refused="not-on-ledger",
         en="The bank's clerk would cite the bill of the modules: finance knows of no bill.",
         zh="银行经办人想引用组件的提单：金融账本上没有提单。")
    show_bill(writer, en="It brings the bill as it stands on shipping", zh="他带来提单在航运账本上的现状，")
    step(YANSHAN, Scf.check_documents, **check, refused="bill-not-pledged",
         en="and finance sees that it is in Jianglan's hands, free to go to anybody.",
         zh="金融账本看到：提单在江澜手中，可以交给任何人。")
    step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures=FIRST,
         en="Jianglan pledges it to the bank", zh="江澜把提单质押给银行，")
    step((JIANGLAN, YANSHAN), Shipping.transfer, document=B.document, to=YANSHAN, en="and hands it over,", zh="并交付占有，")
    show_bill(writer, en="and the bank shows finance that it has it:", zh="银行向金融账本出示：")
    step(YANSHAN, Scf.check_documents, **check, en="now it counts.", zh="这才算数。")
    pay(writer, FIRST, PRICE_PPM)


def show_bill(writer: StoryWriter, *, en: str, zh: str) -> None:
    """The bank brings both records of the bill."""
    calls = [
        (BroughtRecords.bring, {"kind": kind, "key": B.document,
                                "proof": crossing(FINANCE, SHIPPING, f"shipping.crossing_{kind}", B.document)})
        for kind in ("titles", "documents")
    ]
    writer.batch(YANSHAN, calls, on=FINANCE, en=en, zh=zh)


def write_attacks(writer: StoryWriter) -> None:
    """The same bill elsewhere; an old proof; a header that too few signed."""
    step = writer.step
    writer.chapter(en="The same bill, an old proof, a forged header", zh="同一提单、旧证明、伪造区块头")
    step(NORDKETTE, Shipping.import_envelope, presented=received(STALE), refused="dise",
         en="Jianglan's copy of the bill reaches Lanhai on the other platform. It contradicts the chain.",
         zh="江澜留下的副本到了另一平台的蓝海银行。它与已知链矛盾。")
    step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures=SECOND, refused="pledged",
         en="Nor is it pledged a second time.", zh="也不得重复质押。")
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=terms(YANSHAN),
         en="Jianglan applies for the second delivery,", zh="江澜就第二批供货申请，")
    query(writer, SECOND)
    step(YANSHAN, Scf.check_documents, **seen(SECOND), bills=(BillCited(document=B.document, pledgee=YANSHAN),),
         refused="bill-cited",
         en="and the bank is shown the same bill: it has been evidence once.", zh="又拿同一份提单给银行看：它已用过一次。")
    step(YANSHAN, Scf.release, certificate=SECOND, en="The bank gives the certificate back.", zh="银行退回凭证。")
    step(JIANGLAN, BroughtRecords.bring, kind="titles", key=B.document,
         proof=old_proof(OLD, FINANCE, SHIPPING), on=FINANCE, refused="proof-too-old",
         en="Jianglan shows the proof that it kept: in April the bill was its own and free. True, and too old.",
         zh="江澜出示留下的证明：四月时提单归它自己，未质押。内容属实，但太旧。")
    forgeries: tuple[tuple[Forgery, str, str], ...] = (
        ("few", "A header of shipping with the signatures of two of four validators: that is no majority.",
         "一个航运区块头，只有四个验证者中两个的签名：不够多数。"),
        ("swapped", "With three signatures, each in the name of another: none fits.", "三个签名，互相顶名：无一相符。"),
        ("changed", "A true certificate under another header, in which the bill would be pledged to nobody.",
         "真证书配上另一个区块头，想让提单显得未质押。"),
    )
    for how, en, zh in forgeries:
        step(RELAYER, Foreign.advance, ledger=SHIPPING, blocks=forged(FINANCE, SHIPPING, how), on=FINANCE,
             refused="not-decided", en=en, zh=zh)


def write_claim(writer: StoryWriter) -> None:
    """A margin on a claim that another ledger shows."""
    step = writer.step
    writer.chapter(en="A margin for green hours", zh="绿色小时的利差")
    green = terms(YANSHAN).replace(green_claim=CLAIM, green_margin_ppm=MARGIN_PPM)
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=green, refused="not-on-ledger",
         en="Jianglan asks for a quarter of a per cent less: its modules are green. Finance has not been shown that.",
         zh="江澜要求利率减 0.25 个百分点：组件是绿色的。金融账本没有见到证明。")
    bring(writer, JIANGLAN, FINANCE, "claims", CLAIM,
          en="It brings the claim: attested, so many Wh, not in which hours.", zh="它带来声明：经核验，多少 Wh，不含具体小时。")
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=green, en="Now there is a margin.", zh="利差成立。")
    query(writer, SECOND)
    step(YANSHAN, Scf.check_documents, **seen(SECOND), en="Yanshan checks the trade.", zh="燕山银行审查贸易背景。")


def write_licence(writer: StoryWriter) -> None:
    """Withheld on one ledger: nothing new on another. What was done stands."""
    step, inspect = writer.step, writer.inspect
    writer.chapter(en="The licence", zh="执照")
    step(MARKET, Gov.withhold_licence, licence=LICENCE, reason="seat not found",
         en="The market bureau withholds Jianglan's licence: nobody was at its address.",
         zh="市场监管局扣留江澜的执照：登记住所无人。")
    bring(writer, YANSHAN, FINANCE, "licences", LICENCE,
          en="Before it pays, the bank brings the licence as it stands,", zh="放款前，银行带来执照的现状，")
    pay(writer, SECOND, PRICE_PPM - MARGIN_PPM, refused="licence-not-valid", en="and its payment stops.", zh="放款停住。")
    inspect(YANSHAN, still_held, en="What the bank has paid, it holds.", zh="银行已放款的，照旧持有。")
    step(MARKET, Gov.restore_licence, licence=LICENCE, reason="seat confirmed",
         en="The address is confirmed, and the licence given back,", zh="住所核实，执照恢复，")
    bring(writer, YANSHAN, FINANCE, "licences", LICENCE, en="which the bank shows finance", zh="银行向金融账本出示，")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=SECOND, net_cents=due(SECOND, PRICE_PPM - MARGIN_PPM),
         en="and pays.", zh="并放款。")
    step(MARKET, Gov.revoke_licence, licence=LICENCE, reason="accounts were forged",
         en="In the evening the licence is revoked for forged accounts.", zh="傍晚，执照因账目造假被吊销。")
    bring(writer, YANSHAN, FINANCE, "licences", LICENCE, en="The bank brings that too:", zh="银行把这也带来：")
    step(JIANGLAN, Scf.apply_finance, certificate=f"{THIRD}-1", terms=terms(YANSHAN), refused="licence-not-valid",
         en="nobody lends on the rest of the third delivery,", zh="第三批供货的余额得不到融资，")
    inspect(YANSHAN, still_held, en="and Haihe owes the bank what it promised.", zh="海河对银行的付款承诺照旧。")
