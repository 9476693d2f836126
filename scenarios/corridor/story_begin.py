"""Four ledgers admit each other; then what stands on each before the trade: licence, line of credit, bill, metered power."""

from ledger.governance import Governance
from scenarios.corridor.cast import CALLED, FINANCE, LEDGERS, MINGHE_CODE, MINGHE_LICENCE, SHIPPING, governors
from scenarios.corridor.clients import admission, bring, keeps
from scenarios.dates import days, on
from scenarios.economy import story_before
from scenarios.economy.cast import LICENCE
from scenarios.economy.story_day import CLAIM, claimed
from scenarios.energy.cast import ASSURANCE, METERS
from scenarios.energy.contract import Energy
from scenarios.government.cast import BUREAU, MARKET
from scenarios.government.clients import key_of
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import term
from scenarios.shipping import fleet
from scenarios.shipping.cast import CANGHAI, JIANGLAN, MOORKAI, NORDKETTE, STAPELHOF, USERS, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import called
from scenarios.shipping.shipments import DISCHARGE, LOADING, B
from scenarios.shipping.story_title import STALE, export
from scenarios.story.story import StoryWriter
from scenarios.supply_chain_finance.cast import MINGHE, TONGDA
from scenarios.supply_chain_finance.contract import SupplyChainFinance as Scf
from scenarios.supply_chain_finance.story_spring import admission as onboarding

OLD = "the bill in April"
"""A proof that somebody keeps."""
AGAIN = f"{CLAIM}-B"
"""A second claim of the same wind."""

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_admissions(writer: StoryWriter) -> None:
    """31 March: each ledger says which others it follows."""
    writer.chapter(en="Four ledgers, four sets of validators", zh="四个账本，四组验证者")
    writer.clock(days("2026-03-31"), en="31 March.", zh="3 月 31 日。")
    for ledger in LEDGERS:
        others = [other for other in LEDGERS if other != ledger]
        calls = [(Governance.propose, {"number": f"ADMIT-{other}", "action": admission(other)}) for other in others]
        name = CALLED[ledger]
        writer.batch(governors(ledger), calls, on=ledger,
                     en=f"A majority on {name.en} admits the other three ledgers: the digest of each genesis, and its first "
                        "validators.",
                     zh=f"{name.zh}账本过半数机构接纳其他三个账本：各自的创世摘要和首批验证者。")


def write_licence(writer: StoryWriter) -> None:
    """31 March: a bureau gives licences on its ledger, and finance is shown whether they hold, nothing else of them."""
    step = writer.step
    writer.chapter(en="Who somebody is", zh="身份")
    story_before.give_licence(writer)
    step(BUREAU, Gov.register_code, organization="minghe", code=MINGHE_CODE,
         en="The code of Minghe Steel is entered too,", zh="再登记明和钢材的代码，")
    about = {"item": "EL-001", "holder": "minghe", "holder_code": MINGHE_CODE, "holder_key": key_of(MINGHE)}
    said = term("minghe", MINGHE, MINGHE_LICENCE, ("2026-03-31", "2029-03-30"), {"uscc": MINGHE_CODE, "name": "Minghe Steel"})
    step(MARKET, Gov.issue_licence, licence=MINGHE_LICENCE, about=about, term=said,
         en="and Minghe, which makes the frames of Jianglan's modules, has a licence.", zh="为江澜供应组件边框的明和也领到执照。")
    story_before.open_line(writer)
    step(TONGDA, Scf.onboard, **onboarding(MINGHE, "supplier", MINGHE_CODE), licence_number=MINGHE_LICENCE,
         en="Minghe is let in as well.", zh="明和同样获准加入。")
    bring(writer, JIANGLAN, FINANCE, "licences", LICENCE,
          en="Jianglan shows finance that its licence holds: whose it is, from when to when, and nothing else of it.",
          zh="江澜向金融账本出示执照有效：属于谁、起止日期，别无其他。")


def write_bill(writer: StoryWriter) -> None:
    """Until 12 April: a box goes to sea; somebody makes ready to use its bill twice."""
    step, batch = writer.step, writer.batch
    writer.chapter(en="The container", zh="集装箱")
    batch(CANGHAI, [(Shipping.appoint_facility, {"port": DISCHARGE, "member": member}) for member in (MOORKAI, STAPELHOF)],
          en="Canghai names its terminal and its depot at Hamburg,", zh="沧海指定汉堡的码头和堆场，")
    step(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-04-01"), terms=fleet.TARIFF,
         en="and free time there: five days in the terminal, then ten outside.", zh="并公布免费期：码头内 5 天，场外 10 天。")
    batch(NORDKETTE, [(Shipping.admit, {"member": member}) for member in USERS[NORDKETTE]],
          en="Nordkette, an eBL platform, lets in its users.", zh="电子提单平台北链接纳用户。")
    story_before.ship_box(writer)
    step((YUNTU, JIANGLAN), Shipping.export_envelope, **export(STALE),
         en="Jianglan has the bill made ready for Lanhai Bank on another platform, Nordkette,",
         zh="江澜准备把提单发往另一平台北链的蓝海银行，")
    step(YUNTU, Shipping.withdraw_envelope, envelope=STALE.envelope, en="takes it back, and keeps a copy.",
         zh="随后撤回，却留下副本。")
    writer.inspect(JIANGLAN, keeps(OLD, SHIPPING, "shipping.crossing_titles", B.document),
                   en="It keeps a proof of today, too: the bill is in its own hands and pledged to nobody.",
                   zh="它也留下今天的证明：提单在自己手中，未质押给任何人。")
    writer.clock(days("2026-04-12"), en="12 April.", zh="4 月 12 日。")
    step(CANGHAI, Shipping.record_event, **called("DEPA", fleet.DEPARTED_AT, LOADING, fleet.FIRST_LEG),
         en="The ship has left Shanghai.", zh="船已离开上海。")


def write_power(writer: StoryWriter) -> None:
    """Until 2 May: wind is certified, used, claimed once and attested."""
    step = writer.step
    writer.chapter(en="Green power", zh="绿电")
    story_before.meter_power(writer)
    writer.clock(days("2026-05-02"), en="2 May: April is over.", zh="5 月 2 日：四月结束。")
    story_before.seal_load(writer)
    step((JIANGLAN, METERS), Energy.claim, **claimed(CLAIM),
         en="Jianglan claims that its modules of 1 April were made with that wind, hour by hour.",
         zh="江澜逐小时声明：4 月 1 日的组件用这些风电生产。")
    step((JIANGLAN, METERS), Energy.claim, **claimed(AGAIN), refused="wrong-state",
         en="For a second batch it offers the same certificates: they are used up.", zh="又拿同样的绿证给第二批：已经用掉。")
    writer.hand_over(JIANGLAN, ASSURANCE, f"evidence:{CLAIM}", en="Its verifier is handed the hours", zh="核验方拿到各小时数据，")
    step(ASSURANCE, Energy.attest_claim, claim=CLAIM, en="and attests them, on the energy ledger.",
         zh="在能源账本上出具核验意见。")
