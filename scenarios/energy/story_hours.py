"""Middle chapters: certificates of each hour, a market with two buyers, a battery."""

from typing import Any

from scenarios.dates import days
from scenarios.energy.cast import ALUMINIUM, BATTERY, DATA_CENTRE, ISSUER, METERS, SOLAR, TEXTILES, WIND
from scenarios.energy.contract import Energy
from scenarios.energy.day import MONTH, MWH, SOLAR_MWH, certified_wind_wh, rest_wh, wind_for_load_wh
from scenarios.story.story import StoryWriter

WIND_KEY, MORNING, AFTERNOON, DUSK = (
    f"{device}:{MONTH}:{hour:03}" for device, hour in (("FL-1", 0), ("GH-1", 6), ("GH-1", 13), ("GH-1", 18))
)
"""The day's bundles."""
EVENING, LATE = f"XN-1:{MONTH}:019", f"XN-1:{MONTH}:020"
"""What the battery gives out."""
MORNING_PARTS = ((0, 0, 0, 0, 0, 10, 10), (0, 0, 0, 1, 4, 6, 7), (1, 4, 9, 9, 14, 5, 5), (0, 0, 0, 4, 0, 0, 0))
"""MWh by hour from 6 to 12: for the battery, the data centre, the solar farm's own stock, the textile mill."""
AFTERNOON_PARTS = ((7, 6, 4, 3, 4), (14, 0, 0, 0, 0), (0, 12, 10, 6, 0))
"""From 13 to 17: for the data centre, the rest of the first hour, the rest of the others."""
DUSK_PARTS = (600_000, 400_000)
"""Wh of hour 18: for the data centre, for the battery."""
BEFORE_DUSK = sum(SOLAR_MWH[:18]) * MWH
"""Ids of the solar field before its last hour."""

# fmt: off


def in_wh(parts: tuple[int, ...]) -> dict[str, Any]:
    """One part of a split."""
    return {"energy_wh": [part * MWH for part in parts]}


def write_issue(writer: StoryWriter) -> None:
    """On metered energy, once an hour, with ids that tile."""
    step = writer.step
    writer.chapter(en="A certificate for each hour", zh="每小时一张证")
    wind: dict[str, Any] = {"device": "FL-1", "month": MONTH, "first_hour": 0, "first_id": 1}
    solar: dict[str, Any] = {"device": "GH-1", "month": MONTH}
    sun = tuple(hour * MWH for hour in SOLAR_MWH)
    step(ISSUER, Energy.issue, **wind, energy_wh=(36 * MWH,), refused="above-metered",
         en="More than the meter showed: refused.", zh="超过电表读数：拒绝。")
    step(ISSUER, Energy.issue, **wind, energy_wh=certified_wind_wh(),
         en="Wind: 24 hours, one certificate a Wh, ids from 1 on.", zh="风电：24 小时，每瓦时一张，编号从 1 开始。")
    step(ISSUER, Energy.issue, **{**wind, "first_id": sum(certified_wind_wh()) + 1}, energy_wh=(MWH,), refused="hour-issued",
         en="The first hour a second time: refused.", zh="第一小时再核发一次：拒绝。")
    step(ISSUER, Energy.issue, **solar, first_hour=2, energy_wh=(12_000,), first_id=1, refused="nothing-generated",
         en="Solar power at two in the morning, from a sign lost on the way: the meter ran backwards, nothing was generated.",
         zh="凌晨两点的光伏电，只因丢了负号：电表走的是反向，没有发电。")
    step(ISSUER, Energy.issue, **solar, first_hour=6, energy_wh=sun[6:13], first_id=1,
         en="Sun from six to noon.", zh="光伏，六点到中午。")
    step(ISSUER, Energy.issue, **solar, first_hour=13, energy_wh=sun[13:18], first_id=sum(sun[:13]), refused="ids-overlap",
         en="The afternoon begins one id too early, a known off-by-one: that one Wh would exist twice.",
         zh="下午的编号早了一位，经典的差一错误：那一瓦时会存在两次。")
    writer.batch(ISSUER, [(Energy.issue, {**solar, "first_hour": 13, "energy_wh": sun[13:18], "first_id": sum(sun[:13]) + 1})],
                 en="From one to five, with the right ids.", zh="一点到五点，编号正确。")
    step(ISSUER, Energy.issue, **solar, first_hour=18, energy_wh=sun[18:19], first_id=BEFORE_DUSK + 1,
         en="And the last hour of light: 1 MWh.", zh="以及最后一小时的阳光：1 兆瓦时。")
    step(ISSUER, Energy.issue, device="XN-1", month=MONTH, first_hour=19, energy_wh=(9 * MWH,), first_id=1,
         refused="storage-by-discharge",
         en="The battery asks for certificates as if it were a plant: it has to show what went in.",
         zh="储能想像电厂一样直接申领：须先证明充的是什么电。")


def write_market(writer: StoryWriter) -> None:
    """Split, reserve, transfer, cancel once; lock and withdraw."""
    step = writer.step
    writer.chapter(en="Two buyers for one hour", zh="同一小时，两个买家")
    writer.clock(days("2026-04-03"), en="3 April.", zh="4 月 3 日。")
    wind, load = certified_wind_wh(), wind_for_load_wh()
    first, second = DUSK_PARTS
    step(SOLAR, Energy.split, bundle=DUSK, parts=[{"energy_wh": [first]}, {"energy_wh": [second + 1]}], refused="wrong-sum",
         en="1,000,000 Wh into 600,000 and 400,001: one Wh from nowhere.",
         zh="1,000,000 瓦时拆成 600,000 加 400,001：凭空多出一瓦时。")
    step(SOLAR, Energy.split, bundle=DUSK,
         parts=[{"energy_wh": [first]}, {"energy_wh": [second], "first_id": BEFORE_DUSK + first}], refused="ids-overlap",
         en="The sums are right, and in Guanghe's own books the second part begins at the last id of the first.",
         zh="合计对了，但光禾账上第二份从第一份的最后一个编号开始：重叠。")
    step(SOLAR, Energy.split, bundle=DUSK,
         parts=[{"energy_wh": [first]}, {"energy_wh": [second], "first_id": BEFORE_DUSK + first + 1}],
         en="Cut cleanly: every id is in one part.", zh="干净地拆开：每个编号只属于一份。")
    step(WIND, Energy.split, bundle=WIND_KEY, parts=[{"energy_wh": list(load)}, {"energy_wh": list(rest_wh(wind, load))}],
         en="Fengling cuts its day in two, hour by hour: up to 12 MWh for Yunhai, what blows beyond for others.",
         zh="风岭按小时把一天拆成两份：每小时至多 12 兆瓦时给云海，其余另卖。")
    step(WIND, Energy.reserve, bundle=f"{WIND_KEY}-1", beneficiary=DATA_CENTRE,
         en="The first is reserved for the data centre.", zh="第一份预留给云海数据中心。")
    step(ALUMINIUM, Energy.whitelist, member=WIND, en="Hongda Aluminium takes certificates from Fengling.",
         zh="鸿达铝业把风岭列入白名单。")
    step(WIND, Energy.transfer, bundle=f"{WIND_KEY}-1", to=ALUMINIUM, refused="wrong-state",
         en="Hongda offers more, and Fengling tries: what is reserved cannot be passed on.",
         zh="鸿达出价更高，风岭想改卖：已预留的不能转让。")
    step(WIND, Energy.cancel, bundle=f"{WIND_KEY}-1", beneficiary=ALUMINIUM, purpose="Aluminium of April",
         refused="reserved-for-other", en="Nor cancelled for another.", zh="也不能为他人核销。")
    step(WIND, Energy.cancel, bundle=f"{WIND_KEY}-1", beneficiary=DATA_CENTRE, purpose="Load of 1 April",
         en="Fengling cancels it for Yunhai: used, once.", zh="风岭为云海核销：只用一次。")
    step(WIND, Energy.cancel, bundle=f"{WIND_KEY}-1", beneficiary=ALUMINIUM, purpose="Aluminium of April", refused="wrong-state",
         en="And once more for Hongda, with the same hours: refused.", zh="同样的小时再为鸿达核销一次：拒绝。")
    step(WIND, Energy.transfer, bundle=f"{WIND_KEY}-1", to=ALUMINIUM, refused="wrong-state",
         en="To pass on what is cancelled: refused.", zh="转让已核销的证书：拒绝。")
    step(WIND, Energy.transfer, bundle=f"{WIND_KEY}-2", to=TEXTILES, refused="not-whitelisted",
         en="The surplus, unasked, to a mill in the east that does not accept it.", zh="想把余量塞给没有同意接收的江南纺织。")
    step(WIND, Energy.transfer, bundle=f"{WIND_KEY}-2", to=ALUMINIUM, en="Hongda buys the surplus.", zh="鸿达买下余量。")
    step(WIND, Energy.transfer, bundle=f"{WIND_KEY}-2", to=DATA_CENTRE, refused="not-holder",
         en="Fengling sells it a second time: it is not the holder any more.", zh="风岭再卖一次：它已不是持有人。")


def write_doubt(writer: StoryWriter) -> None:
    """Locked, withdrawn, corrected, in this order."""
    step = writer.step
    writer.chapter(en="A meter in doubt", zh="存疑的电表")
    rest, later = f"{AFTERNOON}-2", f"{AFTERNOON}-3"
    writer.batch(SOLAR, [
        (Energy.split, {"bundle": MORNING, "parts": [in_wh(part) for part in MORNING_PARTS]}),
        (Energy.split, {"bundle": AFTERNOON, "parts": [in_wh(part) for part in AFTERNOON_PARTS]}),
    ], en="Guanghe cuts morning and afternoon for its customers.", zh="光禾按客户拆分上午和下午的证书。")
    writer.batch(SOLAR, [
        (Energy.cancel, {"bundle": bundle, "beneficiary": DATA_CENTRE, "purpose": "Load of 1 April"})
        for bundle in (f"{MORNING}-2", f"{AFTERNOON}-1", f"{DUSK}-1")
    ] + [(Energy.reserve, {"bundle": later, "beneficiary": ALUMINIUM})],
        en="What meets Yunhai's load is cancelled for Yunhai; from two o'clock on the rest is reserved for Hongda.",
        zh="匹配云海用电的部分为云海核销；两点以后的余量预留给鸿达。")
    reason = "Meter shows too much after noon"
    writer.batch(ISSUER, [(Energy.lock, {"bundle": bundle, "reason": reason}) for bundle in (rest, later)],
         en="The solar meter ran fast after noon. The issuing centre locks what is left of the afternoon.",
         zh="午后光伏电表偏快。核发中心锁定下午剩余的证书。")
    step(SOLAR, Energy.cancel, bundle=rest, beneficiary=ALUMINIUM, purpose="Quickly", refused="wrong-state",
         en="Guanghe tries to use them up before it is too late.", zh="光禾想趁机抢先用掉。")
    step((METERS, ISSUER), Energy.correct_reading, device="GH-1", month=MONTH, hour=13, energy_wh=19 * MWH,
         reason="Meter tested", refused="already-certified",
         en="19 MWh, not 21; but certificates of 21 stand on this reading. They go first.",
         zh="应为 19 而非 21 兆瓦时；但 21 的证书还在，须先撤回。")
    step(ISSUER, Energy.withdraw, bundle=f"{AFTERNOON}-1", reason="Meter tested", refused="wrong-state",
         en="Not those that are used: nobody pulls a cancelled certificate from under a customer.",
         zh="已核销的不能撤：不能从用户手中抽走已用的证书。")
    step(ISSUER, Energy.withdraw, bundle=rest, reason="Meter tested: 2 MWh too many at one o'clock",
         en="The locked ones of that hour are withdrawn, with the reason.", zh="撤回该小时已锁定的部分，并说明理由。")
    step((METERS, ISSUER), Energy.correct_reading, device="GH-1", month=MONTH, hour=13, energy_wh=19 * MWH,
         reason="Meter tested", en="Now the reading can be corrected.", zh="现在可以更正读数。")
    step(ISSUER, Energy.unlock, bundle=later, en="The later hours were right: unlocked, and reserved as before.",
         zh="其余小时读数无误：解锁，恢复预留。")
    step(ALUMINIUM, Energy.release, bundle=later, en="Hongda wants none of this meter: it gives them free.",
         zh="鸿达不想要这块表的证书：放弃预留。")


def write_battery(writer: StoryWriter) -> None:
    """In at noon, out in the evening, less losses."""
    step = writer.step
    writer.chapter(en="Noon in the evening", zh="把中午搬到傍晚")
    noon, dusk = f"{MORNING}-1", f"{DUSK}-2"
    step(BATTERY, Energy.whitelist, member=SOLAR, en="Xuneng takes certificates from Guanghe.", zh="蓄能把光禾列入白名单。")
    writer.batch(SOLAR, [(Energy.transfer, {"bundle": bundle, "to": BATTERY}) for bundle in (noon, dusk)],
                 en="20 MWh of noon, and 0.4 of the last hour.", zh="中午 20 兆瓦时，外加末时 0.4。")
    step(BATTERY, Energy.charge, storage="XN-1", bundle=noon, refused="wrong-state",
         en="To charge with certificates that could still be sold: refused.", zh="拿还能卖的证书来充电：拒绝。")
    writer.batch(BATTERY, [
        (Energy.cancel, {"bundle": bundle, "beneficiary": BATTERY, "purpose": "Charge"}) for bundle in (noon, dusk)
    ], en="Xuneng cancels them for its own charge.", zh="蓄能为自己的充电核销。")
    step(BATTERY, Energy.charge, storage="XN-1", bundle=dusk, refused="above-charged",
         en="At six the battery drew nothing: those 0.4 MWh never went in.", zh="六点储能没有充电：那 0.4 兆瓦时根本没充进去。")
    step(BATTERY, Energy.charge, storage="XN-1", bundle=noon, en="At noon it drew 20 MWh: they have an origin now.",
         zh="中午充了 20 兆瓦时：来源得到证明。")
    step(BATTERY, Energy.charge, storage="XN-1", bundle=noon, refused="bundle-used",
         en="The same noon charged twice: refused.", zh="同一个中午充两次：拒绝。")
    out: dict[str, Any] = {"charge": noon, "month": MONTH}
    step(ISSUER, Energy.discharge, **out, hour=12, energy_wh=MWH, first_id=1, refused="discharge-before-charge",
         en="Nothing comes out in the hour in which it went in.", zh="充电的那一小时不能放电。")
    step(ISSUER, Energy.discharge, **out, hour=19, energy_wh=9 * MWH, first_id=1,
         en="Seven in the evening: 9 MWh, certified as the battery's.", zh="晚上七点：放电 9 兆瓦时，按储能核发。")
    step(ISSUER, Energy.discharge, **out, hour=20, energy_wh=8_400_000, first_id=9 * MWH + 1, refused="beyond-losses",
         en="8.4 more flowed, but 20 MWh at 86 % are 17.2: the rest was in the battery before, from nobody knows where.",
         zh="又放了 8.4，但 20 兆瓦时按 86% 只有 17.2：多出的是旧电，来源不明。")
    step(ISSUER, Energy.discharge, **out, hour=20, energy_wh=8_200_000, first_id=9 * MWH + 1,
         en="8.2 it is.", zh="只能核发 8.2。")
    step(DATA_CENTRE, Energy.whitelist, member=BATTERY, en="Yunhai takes them,", zh="云海接收，")
    step(BATTERY, Energy.split, bundle=EVENING, parts=[{"energy_wh": [8 * MWH]}, {"energy_wh": [MWH]}],
         en="8 of the 9 at seven,", zh="七点的 9 里取 8，")
    writer.batch(BATTERY, [(Energy.transfer, {"bundle": bundle, "to": DATA_CENTRE}) for bundle in (f"{EVENING}-1", LATE)],
                 en="and all of eight o'clock,", zh="八点的全部，")
    writer.batch(DATA_CENTRE, [
        (Energy.cancel, {"bundle": bundle, "beneficiary": DATA_CENTRE, "purpose": "Load of 1 April"})
        for bundle in (f"{EVENING}-1", LATE)
    ], en="and cancels them.", zh="并核销。")
