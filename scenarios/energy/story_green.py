"""Monthly green certificates, carbon credits, and the end of all certificates."""

from typing import Any

from scenarios.dates import days
from scenarios.energy.cast import (
    AFTERNOON,
    ALUMINIUM,
    ASSURANCE,
    CARBON_REGISTRY,
    COLD_STORE,
    ISSUER,
    METERS,
    MONTH,
    MORNING,
    NEXT_DAY,
    NORTH_EXCHANGE,
    PLANTS,
    SOLAR,
    SOUTH_EXCHANGE,
    WIND,
    WIND_KEY,
)
from scenarios.energy.contract import Energy
from scenarios.energy.first_day import BEFORE_DUSK, MWH, SUN_WH, claim_of, green_claim, load_of
from scenarios.energy.loads import examine_claim
from scenarios.energy.quantities import hours_in, whole_mwh
from scenarios.energy.records import HourClaim
from scenarios.story.story import StoryWriter

SHARES = {"FL-SEA": 420_000, "GH-ROOF": 140_000, "FL-1": 310_000}
"""Part of the capacity that a made-up month gives on average, in millionths."""
SEA, SEA_APRIL = "FL-SEA:2026-03", "FL-SEA:2026-04"
HONGDA_APRIL, ROOF_MARCH = "HD-2026-04", "GH-2026-03"


def month_wh(device: str, hours: int, share_ppm: int) -> tuple[int, ...]:
    """A made-up month: a wave of three days around a part of the capacity, and 7 Wh more each hour; no sun from five to seven."""
    wave, plant = (2, 3, 5, 7, 8, 9, 9, 8, 7, 5, 3, 2), PLANTS[device]
    mean_wh, is_sun = plant["capacity_w"] * share_ppm // 1_000_000, plant["technology"] == "solar"
    shown = [mean_wh * wave[hour // 6 % 12] // 6 + 7 * hour for hour in range(hours)]
    return tuple(0 if is_sun and not 7 <= hour % 24 < 17 else energy_wh for hour, energy_wh in enumerate(shown))


def parts_of(first: int, *months: str) -> tuple[int, int]:
    """The sea's last lot of successive months in two parts, of which the first has so many certificates."""
    count = carry_wh = 0
    for month in months:
        count, carry_wh = whole_mwh(sum(month_wh("FL-SEA", hours_in(month), SHARES["FL-SEA"])), carry_wh)
    return first, count - first


# fmt: off


def _month(device: str, month: str) -> tuple[Any, dict[str, object]]:
    hours = hours_in(month)
    energy_wh = month_wh(device, hours, SHARES[device])
    return Energy.submit_readings, {"device": device, "meter": PLANTS[device]["meter"], "month": month, "first_hour": 0,
    "energy_wh": energy_wh, "quality": "V" * hours}


def write_green(writer: StoryWriter) -> None:
    """1 MWh each, carried over, sold once, used within the year."""
    step = writer.step
    writer.chapter(en="Green certificates by the month", zh="按月核发的绿证")
    months = (("FL-SEA", "2026-03"), ("FL-1", "2026-03"), ("GH-ROOF", "2026-03"), ("FL-SEA", "2026-04"), ("GH-ROOF", "2026-04"))
    writer.batch(METERS, [_month(*month) for month in months],
                 en="Whole months, 744 and 720 hours: the sea and the wind farm, the roof.",
                 zh="整月读数，744 与 720 小时：海上风电、陆上风电、屋顶光伏。")
    issues = [(Energy.issue_green, {"device": device, "month": month}) for device, month in months]
    writer.batch(ISSUER, issues[:3], en="March in whole MWh; what is left of a plant's month waits.",
                 zh="三月按整兆瓦时核发，余量结转。")
    writer.batch(ISSUER, issues[3:], en="April, with what March left over.", zh="四月核发，计入三月余量。")
    step(ISSUER, Energy.issue_green, device="GH-ROOF", month="2026-03", refused="month-out-of-order",
         en="March once more: refused.", zh="三月再核发一次：拒绝。")
    step(ISSUER, Energy.issue_green, device="GH-1", month="2026-04", refused="certified-otherwise",
         en="The solar field's April has certificates by the hour; monthly ones for the same MWh: refused.",
         zh="光伏电站四月已按小时核发；同一兆瓦时再发月度绿证：拒绝。")
    step(ISSUER, Energy.issue_green, device="XN-1", month="2026-04", refused="storage-no-green",
         en="The battery asks for green certificates on what it gave out: it generated nothing.",
         zh="独立储能按放电量申领绿证：它不发电。")
    roof = (SOLAR, NORTH_EXCHANGE)
    step(roof, Energy.list_green, lot="GH-ROOF:2026-03", price_cents=800, refused="not-tradable",
         en="Power used under the same roof is offered for sale: its certificates are not tradable.",
         zh="自发自用的绿证想挂牌：不可交易。")
    step((WIND, NORTH_EXCHANGE), Energy.list_green, lot=SEA, price_cents=620, en="The sea's March is offered in the north.",
         zh="海上风电三月绿证在北方挂牌。")
    step((WIND, SOUTH_EXCHANGE), Energy.list_green, lot=SEA, price_cents=650, refused="listed-elsewhere",
         en="And in the south at the same time: refused.", zh="同时又想在南方挂牌：拒绝。")
    step((ALUMINIUM, NORTH_EXCHANGE), Energy.trade_green, lot=SEA, to=ALUMINIUM,
         en="Hongda buys the lot at 6.20 yuan a certificate.", zh="鸿达以每张 6.20 元买下。")
    step((ALUMINIUM, SOUTH_EXCHANGE), Energy.list_green, lot=SEA, price_cents=900, refused="already-traded",
         en="Hongda would sell on at 9 yuan: a green certificate is sold once.", zh="鸿达想以 9 元转手：绿证只能交易一次。")
    step(ALUMINIUM, Energy.divide_green, lot=SEA, counts=parts_of(20_000, "2026-03"), en="It takes 20,000 out of the lot,",
         zh="先分出 20,000 张，")
    hongda, guanghe = (ALUMINIUM, METERS), (SOLAR, METERS)
    step(hongda, Energy.consume_green, **green_claim(ALUMINIUM, "HD-2025-12", f"{SEA}-1", "2025-12", "Aluminium of 2025"),
         refused="wrong-year", en="for last year's aluminium: power and certificate are of one year now.",
         zh="想用于去年的铝：自 2026 年起须同年。")
    step(hongda, Energy.consume_green, **green_claim(ALUMINIUM, HONGDA_APRIL, f"{SEA}-1", MONTH, "Aluminium of April"),
         en="For April's, which is metered: the metering centre signs that it was as much.",
         zh="用于四月：计量中心签名确认用电足够。")
    step(hongda, Energy.claim, **claim_of(ALUMINIUM, "HD-1", (HourClaim(0, 1),), f"{WIND_KEY}-2"), refused="claimed-otherwise",
         en="The same load by the hour as well, with its surplus of wind: a MWh is claimed once, by one kind of certificate.",
         zh="同一用电又想用手里的风电小时证书再声明：一兆瓦时只能用一种证书声明一次。")
    own = green_claim(SOLAR, ROOF_MARCH, "GH-ROOF:2026-03", "2026-03", "Own use under the roof")
    step(guanghe, Energy.consume_green, **own, refused="no-load",
         en="The roof's own certificates are for own use, of which nobody has metered anything: refused.",
         zh="屋顶光伏绿证用于自用，但自用电量无人计量：拒绝。")
    writer.batch(METERS, [(Energy.submit_consumption, load_of(SOLAR, "2026-03"))],
                 en="The load under the roof is sealed,", zh="密封屋顶下的用电，")
    step(guanghe, Energy.consume_green, **own, en="and they say what they are for.", zh="随后完成消费声明。")
    writer.hand_over(ALUMINIUM, ASSURANCE, f"evidence:{HONGDA_APRIL}",
                     en="Their verifier is handed what Hongda had metered in April, one sum,", zh="核研拿到鸿达四月的计量总量，")
    writer.hand_over(SOLAR, ASSURANCE, f"evidence:{ROOF_MARCH}", en="and Guanghe's March.", zh="以及光禾三月的总量。")
    writer.inspect(ASSURANCE, examine_claim(ASSURANCE, f"evidence:{HONGDA_APRIL}", HONGDA_APRIL),
                   en="Heyan compares: 20,000 MWh are within it.", zh="核研核对：20,000 兆瓦时不超过总量。")
    writer.batch(ASSURANCE, [(Energy.attest_claim, {"claim": claim}) for claim in (HONGDA_APRIL, ROOF_MARCH)],
                 en="Heyan attests both: what is used by the month stands by a verifier's word as well.",
                 zh="核研为两项声明出具核验意见：按月消费同样经核验才成立。")


def write_residual(writer: StoryWriter) -> None:
    """What no certificate tracks belongs to everybody, and is not certified later."""
    step = writer.step
    noon: dict[str, Any] = {"device": "GH-1", "month": "2026-03", "first_hour": 12}
    writer.chapter(en="What nobody claims", zh="无人声明的电")
    step(METERS, Energy.submit_readings, **noon, meter="M-GH-1", energy_wh=(20_000_000,), quality="V",
         en="The solar field's noon of 1 March is metered, and nobody wanted certificates of it.",
         zh="光伏电站 3 月 1 日正午已计量，没有申领证书。")
    step(ISSUER, Energy.publish_residual_mix, zone="CN-NORTH", month="2026-03",
         en="The residual mix of March: what was generated less what was certified, by kind of plant.",
         zh="公布三月剩余电力结构：按电厂类型，发电量减去核发量。")
    step(ISSUER, Energy.issue, **noon, energy_wh=(20_000_000,), first_id=BEFORE_DUSK + SUN_WH[18] + 1,
         refused="residual-published",
         en="Certificates of that noon after all: everybody without one was told that it drew this.",
         zh="事后又想核发那个正午：它已计入所有无证用户的电力结构。")


def write_carbon(writer: StoryWriter) -> None:
    """A certificate or a credit, not both."""
    step = writer.step
    writer.chapter(en="Green or carbon", zh="绿证还是碳减排")
    wind = (WIND, CARBON_REGISTRY)
    step(wind, Energy.freeze_ccer, project="CCER-1", device="FL-1", lots=("FL-1:2026-03",), refused="ccer-kind",
         en="The wind farm on land would like carbon credits too: not its kind.", zh="陆上风电也想申请 CCER：不在可选之列。")
    step(wind, Energy.freeze_ccer, project="CCER-1", device="FL-SEA", lots=(SEA,), refused="green-or-carbon",
         en="The sea may, but not for March: that was sold as green.", zh="海上风电可以，但三月不行：绿证已卖出。")
    step(WIND, Energy.divide_green, lot=SEA_APRIL, counts=parts_of(15_000, "2026-03", "2026-04"),
         en="Of April, Fengling takes 15,000,",
         zh="四月绿证分出 15,000 张，")
    projects = [{"project": f"CCER-{n}", "device": "FL-SEA", "lots": (f"{SEA_APRIL}-{n}",)} for n in (1, 2)]
    writer.batch(wind, [(Energy.freeze_ccer, project) for project in projects],
                 en="and applies for credits for these, and in a second project for the rest: all frozen.",
                 zh="为其申请 CCER，其余另立项目：全部冻结。")
    step((WIND, NORTH_EXCHANGE), Energy.list_green, lot=f"{SEA_APRIL}-1", price_cents=620, refused="green-or-carbon",
         en="To sell them meanwhile: refused.", zh="趁审批期间卖绿证：拒绝。")
    step(CARBON_REGISTRY, Energy.register_ccer, project="CCER-1", en="The first is registered: its certificates are void.",
         zh="第一个项目登记：对应绿证核销。")
    step((WIND, METERS), Energy.consume_green, **green_claim(WIND, "FL-1", f"{SEA_APRIL}-1", MONTH, "Own use of 2026"),
         refused="green-or-carbon", en="Used for its own consumption all the same: refused.", zh="仍想声明为自身消费：拒绝。")
    step(CARBON_REGISTRY, Energy.unfreeze_ccer, project="CCER-2",
         en="The second comes to nothing: its certificates are free again.",
         zh="第二个项目未获登记：对应绿证解冻。")
    offers = ((f"{SEA_APRIL}-2", 610), ("FL-1:2026-03", 580))
    writer.batch((WIND, NORTH_EXCHANGE), [(Energy.list_green, {"lot": lot, "price_cents": price}) for lot, price in offers],
                 en="They are offered for sale, and the land's March with them.", zh="解冻后挂牌，陆上风电三月绿证一并挂牌。")
    writer.clock(days("2026-05-05"), en="5 May.", zh="5 月 5 日。")
    step((COLD_STORE, NORTH_EXCHANGE), Energy.trade_green, lot=f"{SEA_APRIL}-2", to=COLD_STORE,
         en="Bingyuan buys the sea's at 6.10.", zh="冰原以每张 6.10 元买下海上部分。")
    step(WIND, Energy.unlist_green, lot="FL-1:2026-03", en="Nobody pays 5.80 for the land's: taken back.",
         zh="5.80 元无人问津：陆上部分撤牌。")


def write_expiry(writer: StoryWriter, surplus: tuple[str, ...]) -> None:
    """Two years, the month of generation included; and a plant that is no more."""
    step = writer.step
    writer.chapter(en="Month 25", zh="第二十五个月")
    writer.clock(days("2028-03-30"), en="30 March 2028, the twenty-fourth month.",
                 zh="2028 年 3 月 30 日，第二十四个月。")
    own = f"{MORNING}-3"
    step(COLD_STORE, Energy.whitelist, member=ALUMINIUM, en="Bingyuan takes certificates from Hongda.",
         zh="冰原把鸿达列入白名单。")
    step(ISSUER, Energy.expire, bundles=(own,), refused="not-expired",
         en="The sweep comes too early: April 2026 counts until the end of March.",
         zh="清理太早：2026 年 4 月的证书有效至三月底。")
    writer.clock(days("2028-04-01"), en="1 April 2028.", zh="2028 年 4 月 1 日。")
    step(ALUMINIUM, Energy.transfer, bundle=f"{WIND_KEY}-2", to=COLD_STORE, refused="expired",
         en="Hongda sells its surplus of April 2026, on the ledger still active: two years are over, swept or not.",
         zh="鸿达想卖 2026 年 4 月的余量，账上仍显示有效：两年已过，清理与否都一样。")
    step(SOLAR, Energy.cancel, bundle=own, beneficiary=ALUMINIUM, purpose="Aluminium of 2028", refused="expired",
         en="And Guanghe's stock cannot be used any more.", zh="光禾的库存也不能再用。")
    step(COLD_STORE, Energy.expire, bundles=(f"{WIND_KEY}-2", own, f"{AFTERNOON}-3", NEXT_DAY, *surplus),
         en="Anybody may sweep them out.", zh="任何人都可以清理。")
    step((METERS, ISSUER), Energy.replace_meter, device="GH-ROOF", month="2026-12", hour=0,
         en="The solar roof was taken down at the end of November 2026, and its meter with it.",
         zh="屋顶光伏已于 2026 年 11 月底拆除，电表同时退役。")
    step(METERS, Energy.submit_readings, device="GH-ROOF", meter="M-GH-ROOF", month="2027-01", first_hour=12, energy_wh=(MWH,),
         quality="V", refused="not-in-service", en="It generates no more,", zh="它不再发电，")
    step((ISSUER, METERS), Energy.register_device, device="ROOF-NEW", plant={**PLANTS["GH-ROOF"], "meter": "M-ROOF-NEW"},
         refused="site-registered", en="and does not come back as a new plant.", zh="也不能换个名字当新电站回来。")
    step(COLD_STORE, Energy.expire_green, lots=(f"{SEA}-2", "GH-ROOF:2026-04", f"{SEA_APRIL}-2", "FL-1:2026-03"),
         en="Green certificates as well, sold or not.", zh="绿证同样过期，无论是否已售。")
