"""What stands on the ledger before the day: a licence, a line of credit, a bill of lading at sea, a month of metered power."""

from typing import Any

from scenarios.dates import days, on
from scenarios.economy.cast import JIANGLAN_CODE, LICENCE
from scenarios.energy import first_day
from scenarios.energy.cast import ISSUER, METERS, MONTH, PLANTS, WIND, WIND_KEY
from scenarios.energy.cast import MEMBERS as ENERGY_MEMBERS
from scenarios.energy.contract import Energy
from scenarios.energy.loads import sealed_load
from scenarios.energy.quantities import hours_in
from scenarios.government.cast import BUREAU, CODES, MARKET
from scenarios.government.clients import key_of
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import ITEMS, published, term
from scenarios.shipping.cast import CANGHAI, HAIJIAO, JIANGLAN, USERS, YUNTU, ZOLLAMT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import gated, loaded
from scenarios.shipping.papers import content, facts
from scenarios.shipping.shipments import LOADING, VESSEL, VOYAGE, B, space
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import HAIHE, MEMBERS, REGULATOR, TONGDA, YANSHAN, K, limits
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.story_spring import admission

CONTROLS = {"identifiers": (), "names": (), "licence": "EL-001"}
LOAD_WH = 9_000_000
"""What Jianglan's works need in each hour: invented."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_licence(writer: StoryWriter) -> None:
    """31 March: who somebody is."""
    writer.chapter(en="Before the day: who somebody is", zh="此前：身份")
    give_licence(writer)


def give_licence(writer: StoryWriter) -> None:
    """A bureau says in public what a licence is, and gives one."""
    writer.clock(days("2026-03-31"), en="31 March.", zh="3 月 31 日。")
    writer.step(MARKET, Gov.draft_item, item="EL-001", **ITEMS["EL-001"][1],
                en="The market bureau drafts the entry of business licences,", zh="市场监管局起草营业执照目录，")
    writer.step(BUREAU, Gov.publish_item, **published("EL-001"), en="the data bureau publishes it", zh="数据局发布，")
    given = (("market-bureau", CODES["market-bureau"]), ("jianglan", JIANGLAN_CODE))
    writer.batch(BUREAU, [(Gov.register_code, {"organization": name, "code": code}) for name, code in given],
                 en="and enters two credit codes.", zh="并登记两个信用代码。")
    writer.step(MARKET, Gov.register_issuer, code=CODES["market-bureau"], public_key=key_of(),
                en="The market bureau says under which code and key it issues,", zh="市场监管局登记发证代码和公钥，")
    about = {"item": "EL-001", "holder": "jianglan", "holder_code": JIANGLAN_CODE, "holder_key": key_of(JIANGLAN)}
    said = term("jianglan", JIANGLAN, LICENCE, ("2026-03-31", "2029-03-30"), {"uscc": JIANGLAN_CODE, "name": "Jianglan Solar"})
    writer.step(MARKET, Gov.issue_licence, licence=LICENCE, about=about, term=said,
                en="and gives Jianglan Solar its licence.", zh="并向江澜颁发营业执照。")


def write_credit(writer: StoryWriter) -> None:
    """31 March: a core's suppliers and its bank."""
    writer.chapter(en="Before the day: a line of credit", zh="此前：授信")
    open_line(writer)


def open_line(writer: StoryWriter) -> None:
    """Who takes part, by which rules, and how much a bank is ready to finance."""
    writer.step(REGULATOR, Scf.set_tenor_rule, effective_on_ms=on("2026-04-01"), limits=limits(12, 6, licence_needed=True),
                en="A certificate runs at most twelve months, and nobody is financed without a business licence.",
                zh="凭证期限最长十二个月，没有营业执照不得融资。")
    codes = {party["member"]: (party["kind"], party["uscc"]) for party in MEMBERS} | {JIANGLAN: ("supplier", JIANGLAN_CODE)}
    named = {JIANGLAN: {"licence_number": LICENCE}}
    let_in = [admission(member, *codes[member]) | named.get(member, {}) for member in (HAIHE, YANSHAN, JIANGLAN)]
    writer.batch(TONGDA, [(Scf.onboard, arguments) for arguments in let_in],
                 en="Haihe Motors, Yanshan Bank and Jianglan, which roofs Haihe's works with solar modules, are let in.",
                 zh="海河汽车、燕山银行，以及为海河厂房供应光伏组件的江澜获准加入。")
    writer.step(YANSHAN, Scf.set_line, core=HAIHE, limit_cents=9_000 * K, expires_on_ms=on("2027-03-31"),
                en="Yanshan opens a line of 9 million yuan on Haihe.", zh="燕山银行给海河 900 万元额度。")


def write_bill(writer: StoryWriter) -> None:
    """2 to 11 April: a box goes to sea, and its bill into a bank's reach."""
    writer.chapter(en="Before the day: a bill of lading", zh="此前：提单")
    ship_box(writer)


def ship_box(writer: StoryWriter) -> None:
    """Booked, packed, loaded, and a bill of lading issued for it."""
    step, batch = writer.step, writer.batch
    batch(YUNTU, [(Shipping.admit, {"member": member}) for member in USERS[YUNTU]],
          en="Yuntu lets in its users.", zh="云图接纳用户。")
    step(JIANGLAN, Shipping.book, booking=B.booking, space=space(1),
         en="Jianglan books a box to Hamburg,", zh="江澜订舱一箱至汉堡，")
    step(CANGHAI, Shipping.confirm_booking, booking=B.booking, vessel_imo=VESSEL, voyage=VOYAGE, en="confirmed,", zh="确认，")
    step(JIANGLAN, Shipping.submit_si, instructions=B.instructions, booking=B.booking, content=content(B),
         en="and says what the bill is to say.", zh="并提交补料。")
    step(CANGHAI, Shipping.appoint_facility, port=LOADING, member=HAIJIAO, en="Haijiao is the terminal.", zh="海角为指定码头。")
    writer.clock(days("2026-04-10"), en="10 April.", zh="4 月 10 日。")
    for report, en, zh in ((gated, "The box comes in, sealed and weighed,", "箱子进场，施封并称重，"),
                           (loaded, "and goes aboard.", "装船。")):
        step(HAIJIAO, Shipping.record_event, **report(B, B.boxes[0]), en=en, zh=zh)
    step(CANGHAI, Shipping.publish_draft, document=B.document, instructions=B.instructions, facts=facts(),
         en="Canghai drafts the bill to Jianglan's order,", zh="沧海出具凭江澜指示的提单草稿，")
    step(JIANGLAN, Shipping.approve_draft, document=B.document, en="Jianglan approves,", zh="江澜确认，")
    writer.clock(days("2026-04-11"), en="11 April.", zh="4 月 11 日。")
    step(CANGHAI, Shipping.issue, document=B.document, platform=YUNTU, to=JIANGLAN, en="issued", zh="签发，")
    step(YUNTU, Shipping.answer_issuance, document=B.document, answer="ISSU", en="and delivered.", zh="交付。")


def write_power(writer: StoryWriter) -> None:
    """31 March to 2 May: wind that is metered, certified and used."""
    writer.chapter(en="Before the day: metered power", zh="此前：计量")
    meter_power(writer)
    writer.clock(days("2026-05-02"), en="2 May: April is over.", zh="5 月 2 日：四月结束。")
    writer.step(ZOLLAMT, Shipping.publish_controls, effective_on_ms=on("2026-05-06"), controls=CONTROLS,
                en="Customs publishes what it asks for from 6 May on: exporters need a business licence.",
                zh="海关公布自 5 月 6 日起的要求：出口商须有营业执照。")
    seal_load(writer)


def meter_power(writer: StoryWriter) -> None:
    """A day of wind is certified, and what Jianglan used of it cancelled for it."""
    step, batch = writer.step, writer.batch
    wind = next(person for person in ENERGY_MEMBERS if person["member"] == WIND)
    accounts = ((WIND, wind["uscc"]), (JIANGLAN, JIANGLAN_CODE))
    batch(ISSUER, [(Energy.open_account, {"member": member, "uscc": code, "zone": wind["zone"]}) for member, code in accounts],
          en="The issuing centre opens accounts for Fengling Wind and Jianglan,", zh="核发中心为风岭风电和江澜开户，")
    plant = PLANTS["FL-1"]
    step((ISSUER, METERS), Energy.register_device, device="FL-1", plant=plant,
         en="and enters the wind farm.", zh="并登记风电场。")
    hours: dict[str, Any] = {"device": "FL-1", "month": MONTH, "first_hour": 0, "energy_wh": first_day.CERTIFIED_WIND_WH}
    step(METERS, Energy.submit_readings, **hours, meter=plant["meter"], quality="V" * 24,
         en="A day of wind is metered", zh="一天的风电完成计量")
    step(ISSUER, Energy.issue, **hours, first_id=1, en="and certified.", zh="并核发。")
    step(WIND, Energy.split, bundle=WIND_KEY, parts=[{"energy_wh": list(used())}, {"energy_wh": list(rest())}],
         en="Fengling cuts out what Jianglan needed in each hour,", zh="风岭按小时切出江澜所用的部分，")
    step(WIND, Energy.cancel, bundle=f"{WIND_KEY}-1", beneficiary=JIANGLAN, purpose="Modules of April",
         en="and cancels it for Jianglan.", zh="并为江澜核销。")


def seal_load(writer: StoryWriter) -> None:
    """What Jianglan used in April."""
    load = sealed_load(f"load:{JIANGLAN}", (LOAD_WH,) * hours_in(MONTH))
    writer.step(METERS, Energy.submit_consumption, consumer=JIANGLAN, month=MONTH, load=load,
                en="The metering centre seals Jianglan's load.", zh="计量中心密封江澜的用电。")


def used() -> tuple[int, ...]:
    """What of the wind met Jianglan's load, hour by hour."""
    return tuple(min(energy_wh, LOAD_WH) for energy_wh in first_day.CERTIFIED_WIND_WH)


def rest() -> tuple[int, ...]:
    """What is left for others."""
    return tuple(whole_wh - used_wh for whole_wh, used_wh in zip(first_day.CERTIFIED_WIND_WH, used(), strict=True))
