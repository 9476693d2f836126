"""6 May: a bank pays on what a market bureau, a carrier and a verifier have recorded, and stops when one of them says no."""

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
from scenarios.shipping.cast import JIANGLAN
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import B
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import HAIHE, REGISTRY, YANSHAN, K, promise
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.documents import open_invoice
from scenarios.supply_chain_finance.story_spring import finance

TODAY, DUE = on("2026-05-06"), on("2026-10-08")
FIRST, SECOND = "HH-2026-011", "HH-2026-012"
"""Certificates of the day."""
CLAIM = "JL-2026-04-01"
TRADES = {FIRST: ("JL-101", "26317000000000000101", 1_000 * K), SECOND: ("JL-102", "26317000000000000102", 640 * K)}
"""For each its invoice, the number that is printed on it, and the face."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_promises(writer: StoryWriter) -> None:
    """Two deliveries, two promises."""
    writer.chapter(en="6 May: two deliveries", zh="5 月 6 日：两批供货")
    writer.clock(days("2026-05-06"), en="6 May, nine o'clock.", zh="5 月 6 日九点。")
    for certificate, (invoice, number, face) in TRADES.items():
        net_cents = face * 100 // 113
        paper = open_invoice(invoice, number, JIANGLAN, HAIHE, on("2026-05-05"), net_cents, face - net_cents)
        writer.step((JIANGLAN, REGISTRY), Scf.register_invoice, **paper,
                    en="Jianglan registers an invoice for modules,", zh="江澜登记一张组件发票，")
        writer.step(HAIHE, Scf.confirm_payable, invoice=invoice, en="Haihe confirms it", zh="海河确权，")
        writer.step(HAIHE, Scf.issue, certificate=certificate, promise=promise(JIANGLAN, face, DUE, invoice),
                    en="and promises to pay in October;", zh="承诺十月付款；")
        writer.step(JIANGLAN, Scf.accept, certificate=certificate, en="Jianglan accepts.", zh="江澜签收。")


def write_licence(writer: StoryWriter) -> None:
    """Financed, then withheld, then given back."""
    step = writer.step
    writer.chapter(en="The licence", zh="执照")
    paid(writer, FIRST)
    step(MARKET, Gov.withhold_licence, licence=LICENCE, reason="seat not found",
         en="At noon the market bureau withholds Jianglan's licence: nobody was at its address.",
         zh="中午，市场监管局扣留江澜的执照：登记住所无人。")
    step(MARKET, Gov.restore_licence, licence=LICENCE, reason="seat confirmed",
         en="By three o'clock the address is confirmed, and the licence given back.", zh="三点，住所核实，执照恢复。")
    paid(writer, SECOND)


def write_bill(writer: StoryWriter) -> None:
    """Title in a bank's hands."""
    writer.chapter(en="The bill of lading", zh="提单")
    writer.step((JIANGLAN, YANSHAN), Shipping.pledge, document=B.document, pledgee=YANSHAN, secures=SECOND,
                en="Jianglan pledges its bill to Yanshan: the modules on their way to Hamburg.",
                zh="江澜把提单质押给燕山银行：运往汉堡途中的组件。")


def write_claim(writer: StoryWriter) -> None:
    """Green in each hour, as a verifier says."""
    step = writer.step
    writer.chapter(en="The green hours", zh="绿色的小时")
    hours = tuple(HourClaim(hour, energy_wh) for hour, energy_wh in enumerate(used()) if energy_wh)
    evidence = sealed_evidence(f"evidence:{CLAIM}", JIANGLAN, MONTH, hours, (LOAD_WH,) * hours_in(MONTH))
    step((JIANGLAN, METERS), Energy.claim, claim=CLAIM, month=MONTH, hours=hours, bundles=(f"{WIND_KEY}-1",),
         verifier=ASSURANCE, evidence=evidence,
         en="Jianglan claims that its modules of 1 April were made with wind, hour by hour.",
         zh="江澜逐小时声明：4 月 1 日的组件用风电生产。")
    writer.hand_over(JIANGLAN, ASSURANCE, f"evidence:{CLAIM}",
                    en="Its verifier is handed the hours,", zh="核验方拿到各小时数据，")
    step(ASSURANCE, Energy.attest_claim, claim=CLAIM, en="and attests the claim.", zh="并出具核验意见。")


def paid(writer: StoryWriter, certificate: str) -> None:
    """From application to cash."""
    invoice, _, face = TRADES[certificate]
    finance(writer, JIANGLAN, certificate, face, YANSHAN, today=TODAY, with_recourse=False, invoices=(invoice,), paid_on=DUE,
            en="Jianglan applies at Yanshan Bank.", zh="江澜向燕山银行申请融资。")
