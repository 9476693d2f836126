"""6 May: a bank pays on what a market bureau, a carrier and a verifier have recorded, and stops when one of them says no."""

from typing import Any

from scenarios.client_files import ClientFiles
from scenarios.dates import days, on
from scenarios.economy.cast import LICENCE
from scenarios.economy.story_before import LOAD_WH, used
from scenarios.energy.cast import ASSURANCE, METERS, MONTH, WIND_KEY
from scenarios.energy.contract import Energy
from scenarios.energy.loads import sealed_evidence
from scenarios.energy.quantities import hours_in
from scenarios.energy.records import HourClaim
from scenarios.government.cast import MARKET
from scenarios.government.contract import Government as Gov
from scenarios.shipping.cast import CANGHAI, JIANGLAN, QIAOSHAN
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import VESSEL, VOYAGE, B, space
from scenarios.story.story import Snapshot, StoryWriter
from scenarios.supply_chain_finance.cast import CLEARING, HAIHE, PRICE_PPM, REGISTRY, YANSHAN, K, net, promise, terms
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import evidence_of, open_invoice, outside_answer
from scenarios.supply_chain_finance.records import BillCited, Certificate

TODAY, DUE = on("2026-05-06"), on("2026-10-08")
FIRST, SECOND, THIRD = "HH-2026-011", "HH-2026-012", "HH-2026-013"
"""Certificates of the day."""
CLAIM, BOOKING = "JL-2026-04-01", "BK-J"
MARGIN_PPM = 2_500
"""A quarter of a per cent less for green power: invented."""
TRADES = {
    FIRST: ("JL-101", "26317000000000000101", 1_000 * K),
    SECOND: ("JL-102", "26317000000000000102", 640 * K),
    THIRD: ("JL-103", "26317000000000000103", 450 * K),
}
"""For each its invoice, the number that is printed on it, and the face."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_promises(writer: StoryWriter) -> None:
    """Three deliveries, three promises."""
    writer.chapter(en="6 May: three deliveries", zh="5 月 6 日：三批供货")
    promise_thrice(writer)


def promise_thrice(writer: StoryWriter) -> None:
    """For each of three deliveries an invoice, and a promise to pay it."""
    writer.clock(days("2026-05-06"), en="6 May.", zh="5 月 6 日。")
    for certificate, (invoice, number, face) in TRADES.items():
        net_cents = face * 100 // 113
        paper = open_invoice(invoice, number, JIANGLAN, HAIHE, on("2026-05-05"), net_cents, face - net_cents)
        writer.step((JIANGLAN, REGISTRY), Scf.register_invoice, **paper,
                    en="Jianglan registers an invoice for modules,", zh="江澜登记一张组件发票，")
        writer.step(HAIHE, Scf.confirm_payable, invoice=invoice, en="Haihe confirms it", zh="海河确权，")
        writer.step(HAIHE, Scf.issue, certificate=certificate, promise=promise(JIANGLAN, face, DUE, invoice),
                    en="and promises to pay in October;", zh="承诺十月付款；")
        writer.step(JIANGLAN, Scf.accept, certificate=certificate, en="Jianglan accepts.", zh="江澜签收。")


def write_customs(writer: StoryWriter) -> None:
    """Nobody books an export without a licence that the registry shows."""
    step = writer.step
    writer.chapter(en="Customs asks the registry", zh="海关查登记")
    step(JIANGLAN, Shipping.book, booking=BOOKING, space=space(1) | {"licence": LICENCE},
         en="Exporters need a business licence from today. Jianglan names its own, and books.",
         zh="自今日起出口须有营业执照。江澜报上自己的执照，订舱成功。")
    for licence, refused, en, zh in (
        ("", "no-licence", "Qiaoshan, a trader without one, names none,", "没有执照的樵山贸易不报执照，"),
        (LICENCE, "licence-not-valid", "then Jianglan's: the registry says whose it is.", "又冒用江澜的：登记写明属于谁。"),
    ):
        step(QIAOSHAN, Shipping.book, booking="BK-Q", space=space(1) | {"licence": licence}, refused=refused, en=en, zh=zh)


def write_bill(writer: StoryWriter) -> None:
    """Evidence of a trade while the bank holds it, and for one trade."""
    step, bill = writer.step, BillCited(document=B.document, pledgee=YANSHAN)
    writer.chapter(en="A bill of lading as evidence", zh="以提单为凭据")
    step(JIANGLAN, Scf.apply_finance, certificate=FIRST, terms=terms(YANSHAN),
         en="Jianglan applies at Yanshan Bank for the first million.", zh="江澜就第一笔 100 万元向燕山银行申请融资。")
    query(writer, FIRST)
    step(YANSHAN, Scf.check_documents, **seen(FIRST), bills=(bill,), refused="bill-not-pledged",
         en="Its clerk would cite the bill of the modules; but the bill is in Jianglan's hands, free to go to anybody.",
         zh="经办人想引用组件的提单；但提单还在江澜手中，可以交给任何人。")
    step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures=FIRST,
         en="Jianglan pledges it to the bank", zh="江澜把提单质押给银行，")
    step((JIANGLAN, YANSHAN), Shipping.transfer, document=B.document, to=YANSHAN, en="and hands it over,", zh="并交付占有，")
    step(YANSHAN, Scf.check_documents, **seen(FIRST), bills=(bill,), en="and now it counts.", zh="这才算数。")
    pay(writer, FIRST, PRICE_PPM)
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=terms(YANSHAN),
         en="Jianglan applies for the second delivery,", zh="江澜就第二批供货申请，")
    step(YANSHAN, Scf.check_documents, **seen(SECOND), bills=(bill,), refused="bill-cited",
         en="and shows the bank the same bill: it has been evidence once.", zh="又拿同一份提单给银行看：它已用过一次。")
    step(YANSHAN, Scf.release, certificate=SECOND, en="The bank gives the certificate back.", zh="银行退回凭证。")


def write_claim(writer: StoryWriter) -> None:
    """A margin for green hours, once a verifier says that they were."""
    step = writer.step
    writer.chapter(en="A margin for green hours", zh="绿色小时的利差")
    green = terms(YANSHAN).replace(green_claim=CLAIM, green_margin_ppm=MARGIN_PPM)
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=green, refused="not-on-ledger",
         en="Jianglan asks for a quarter of a per cent less: its modules are green. Nothing on the ledger says so.",
         zh="江澜要求利率减 0.25 个百分点：组件是绿色的。账本上没有依据。")
    step((JIANGLAN, METERS), Energy.claim, **claimed(CLAIM),
         en="It claims that those of 1 April were made with wind, hour by hour.", zh="它逐小时声明：4 月 1 日的组件用风电生产。")
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=green, refused="claim-not-attested",
         en="Anybody can claim.", zh="声明谁都会做。")
    writer.hand_over(JIANGLAN, ASSURANCE, f"evidence:{CLAIM}", en="Its verifier is handed the hours", zh="核验方拿到各小时数据，")
    step(ASSURANCE, Energy.attest_claim, claim=CLAIM, en="and attests them:", zh="出具核验意见：")
    step(JIANGLAN, Scf.apply_finance, certificate=SECOND, terms=green, en="now there is a margin.", zh="利差成立。")
    query(writer, SECOND)
    step(YANSHAN, Scf.check_documents, **seen(SECOND), en="Yanshan checks the trade.", zh="燕山银行审查贸易背景。")


def claimed(claim: str) -> dict[str, Any]:
    """Arguments of a claim of the wind that was cancelled for Jianglan."""
    hours = tuple(HourClaim(hour, energy_wh) for hour, energy_wh in enumerate(used()) if energy_wh)
    evidence = sealed_evidence(f"evidence:{claim}", JIANGLAN, MONTH, hours, (LOAD_WH,) * hours_in(MONTH))
    return {"claim": claim, "month": MONTH, "hours": hours, "bundles": (f"{WIND_KEY}-1",),
            "verifier": ASSURANCE, "evidence": evidence}


def write_licence(writer: StoryWriter) -> None:
    """Withheld: nothing new. What was done stands."""
    step = writer.step
    writer.chapter(en="The licence", zh="执照")
    step(MARKET, Gov.withhold_licence, licence=LICENCE, reason="seat not found",
         en="The market bureau withholds Jianglan's licence: nobody was at its address.",
         zh="市场监管局扣留江澜的执照：登记住所无人。")
    pay(writer, SECOND, PRICE_PPM - MARGIN_PPM, refused="licence-not-valid",
        en="The bank's next payment stops, without anybody having called it.", zh="银行的下一笔放款停住，无须谁来通知。")
    step(JIANGLAN, Shipping.book, booking="BK-K", space=space(1) | {"licence": LICENCE}, refused="licence-not-valid",
         en="Nor does Jianglan get space for another box.", zh="江澜也订不到新的舱位。")
    writer.inspect(YANSHAN, still_held, en="What the bank has paid, it holds,", zh="银行已放款的，照旧持有；")
    step(CANGHAI, Shipping.confirm_booking, booking=BOOKING, vessel_imo=VESSEL, voyage=VOYAGE,
         en="and what was booked this morning is confirmed.", zh="上午已订的舱照样确认。")
    step(MARKET, Gov.restore_licence, licence=LICENCE, reason="seat confirmed",
         en="The address is confirmed, and the licence given back.", zh="住所核实，执照恢复。")
    step((YANSHAN, CLEARING), Scf.disburse, certificate=SECOND, net_cents=due(SECOND, PRICE_PPM - MARGIN_PPM),
         en="The bank pays.", zh="银行放款。")
    step(MARKET, Gov.revoke_licence, licence=LICENCE, reason="accounts were forged",
         en="In the evening the licence is revoked for forged accounts.", zh="傍晚，执照因账目造假被吊销。")
    step(JIANGLAN, Scf.apply_finance, certificate=THIRD, terms=terms(YANSHAN), refused="licence-not-valid",
         en="Nobody lends on the third delivery,", zh="第三批供货得不到融资，")
    writer.inspect(YANSHAN, still_held, en="and Haihe owes the bank what it promised.", zh="海河对银行的付款承诺照旧。")


def query(writer: StoryWriter, certificate: str) -> None:
    """The bank asks both registries."""
    writer.step(YANSHAN, Scf.query_registry, certificate=certificate, outside=outside_answer(certificate, TODAY),
                en="The bank asks the registries, here and outside.", zh="银行查询账本内外的登记。")


def seen(certificate: str) -> dict[str, Any]:
    """Arguments with which the bank states that it has seen the trade behind a certificate."""
    invoice = TRADES[certificate][0]
    return {"certificate": certificate, "invoices": (invoice,), "evidence": evidence_of(invoice)}


def due(certificate: str, rate_ppm: int) -> int:
    """What the bank pays out."""
    return net(TRADES[certificate][2], TODAY, rate_ppm=rate_ppm, paid_on=DUE)


def pay(
    writer: StoryWriter, certificate: str, rate_ppm: int, *, refused: str = "", en: str = "and pays.", zh: str = "并放款。"
) -> None:
    """Registered and paid."""
    writer.step(YANSHAN, Scf.register_assignment, certificate=certificate, contract_on_ms=TODAY, months=12,
                en="Yanshan registers its assignment", zh="燕山银行办理转让登记，")
    writer.step((YANSHAN, CLEARING), Scf.disburse, certificate=certificate, net_cents=due(certificate, rate_ppm),
                refused=refused, en=en, zh=zh)


def still_held(files: ClientFiles, state: Snapshot) -> str:
    """Whether the first certificate is what it was: empty if it is."""
    first = state["certificates"][FIRST]
    assert isinstance(first, Certificate)
    return "" if (first.state, first.holder) == ("financed", YANSHAN) else "not-held"
