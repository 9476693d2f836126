"""April 2026: meters, certificates of each hour, two buyers, a battery; and was each hour green, or only the average?"""

from typing import Any

from scenarios.dates import days
from scenarios.energy.cast import (
    AFTERNOON,
    ALUMINIUM,
    ASSURANCE,
    BATTERY,
    COLD_STORE,
    DATA_CENTRE,
    DUSK,
    EVENING,
    ISSUER,
    LATE,
    MEMBERS,
    METERS,
    MONTH,
    MORNING,
    NORTH_EXCHANGE,
    PLANTS,
    SOLAR,
    TEXTILES,
    WIND,
    WIND_KEY,
)
from scenarios.energy.contract import Energy
from scenarios.energy.first_day import (
    AFTERNOON_PARTS,
    BATTERY_WH,
    BEFORE_DUSK,
    CERTIFIED_WIND_WH,
    CLAIM,
    DUSK_PARTS,
    ESTIMATED_HOUR,
    FORECAST_WH,
    LOADS,
    MORNING_PARTS,
    MWH,
    NEXT_WIND_WH,
    NIGHT_OUT_WH,
    OVER_READ_WH,
    READ_LATER_WH,
    SOLAR_WH,
    SUN_WH,
    USED,
    VALID,
    WIND_FOR_LOAD_WH,
    WIND_WH,
    claim_of,
    load_of,
)
from scenarios.energy.loads import examine_claim, examine_hour
from scenarios.energy.records import HourClaim
from scenarios.story.story import StoryWriter

# A story reads like a script, with each step's words beside it.
# fmt: off


def write_april(writer: StoryWriter) -> None:
    """All chapters but those on green certificates by the month."""
    write_parties(writer)
    write_readings(writer)
    write_issue(writer)
    write_market(writer)
    write_doubt(writer)
    write_deficit(writer)
    write_battery(writer)
    write_loads(writer)
    write_claims(writer)


def write_parties(writer: StoryWriter) -> None:
    """Accounts and devices."""
    step = writer.step
    writer.chapter(en="Who takes part", zh="参与各方")
    accounts = [{"member": p["member"], "uscc": p["uscc"], "zone": p["zone"]} for p in MEMBERS if p["uscc"]]
    step(ISSUER, Energy.open_account, **{**accounts[0], "uscc": "91130700MA0EN00010"}, refused="bad-uscc",
         en="A company code with a wrong check sign opens no account.", zh="校验位错误的统一社会信用代码不能开户。")
    writer.batch(ISSUER, [(Energy.open_account, account) for account in accounts],
                 en="The issuing centre opens one account for each company, under its real name.",
                 zh="核发中心为每家企业实名开户，一企一户。")
    step(ISSUER, Energy.open_account, **{**accounts[0], "member": BATTERY}, refused="company-has-account",
         en="Fengling would like a second account under another person: one company, one account.",
         zh="风岭想换个经办人再开一户：一家企业只能有一个账户。")
    both = (ISSUER, METERS)
    writer.batch(both, [(Energy.register_device, {"device": name, "plant": plant}) for name, plant in PLANTS.items()],
                 en="Wind farm, deep-sea wind farm, solar field, solar roof and battery, each at its site, with its own meter.",
                 zh="陆上风电、深远海风电、光伏电站、屋顶光伏、储能电站，一站址一装置一表。")
    step(both, Energy.register_device, device="GUANGHE-SOUTH", plant={**PLANTS["GH-1"], "meter": "M-GH-9"},
         refused="site-registered",
         en="The solar field once more, under another name and another meter: the number of its site gives it away.",
         zh="同一光伏电站换个名字、换块电表再登记：计量点编号露了馅。")
    step(both, Energy.register_device, device="XN-2", plant={**PLANTS["XN-1"], "meter": PLANTS["GH-1"]["meter"]},
         refused="meter-taken",
         en="A battery behind the solar field's own meter: what it moves would look like sunshine. Refused.",
         zh="储能想接在光伏电站的同一块表后：充放电会被当成发电。拒绝。")
    step(WIND, Energy.submit_forecast, device="FL-1", month=MONTH, first_hour=0,
         energy_wh=FORECAST_WH,
         en="Fengling forecasts its 1 April, hour by hour.", zh="风岭逐小时申报 4 月 1 日的预测出力。")


def write_readings(writer: StoryWriter) -> None:
    """Once, with quality, corrected in the open."""
    step = writer.step
    writer.chapter(en="What the meters say", zh="电表怎么说")
    writer.clock(days("2026-04-02"), en="2 April: the first day has been metered.", zh="4 月 2 日：第一天计量完毕。")
    wind: dict[str, Any] = {"device": "FL-1", "meter": "M-FL-1", "month": MONTH, "first_hour": 0}
    solar: dict[str, Any] = {"device": "GH-1", "meter": "M-GH-1", "month": MONTH}
    quality = VALID[:ESTIMATED_HOUR] + "E" + VALID[ESTIMATED_HOUR + 1 :]
    step(METERS, Energy.submit_readings, **wind, energy_wh=(53 * MWH, *WIND_WH[1:]), quality=quality, refused="above-capacity",
         en="53 MWh in one hour from a 48 MW wind farm: no wind does that.", zh="48 兆瓦的风电场一小时发 53 兆瓦时：不可能。")
    step(METERS, Energy.submit_readings, **wind, energy_wh=WIND_WH, quality=quality,
         en="24 hours of wind; the meter was silent in the fourth, its value is an estimate.",
         zh="风电 24 小时读数；第四小时电表失联，数值为估算。")
    step(METERS, Energy.submit_readings, **solar, first_hour=2, energy_wh=(12_000,), quality="V", refused="sun-after-dark",
         en="Sun at two in the morning, a sign lost on the way: the site lies in the dark.",
         zh="凌晨两点的光伏电，只因丢了负号：站址一片漆黑。")
    writer.batch(METERS, [
        (Energy.submit_readings, {**solar, "first_hour": 0, "energy_wh": SOLAR_WH, "quality": VALID}),
        (Energy.submit_readings, {"device": "XN-1", "meter": "M-XN-1", "month": MONTH, "first_hour": 0,
         "energy_wh": BATTERY_WH, "quality": VALID}),
    ], en="Sun by day and a little drawn at night; the battery draws some by night, much at noon, and gives in the evening.",
       zh="光伏白天发电、夜间少量用电；储能夜间少充、中午多充、傍晚放电。")
    hour: dict[str, Any] = {**wind, "first_hour": 2}
    step(METERS, Energy.submit_readings, **hour, energy_wh=(35 * MWH,), quality="V",
         refused="reading-repeated",
         en="The same hour once more: the clock did not go back here, and an hour is read once.",
         zh="同一小时再报一次：这里没有夏令时回拨，一小时只读一次。")
    step(METERS, Energy.submit_readings, **hour, energy_wh=(40 * MWH,), quality="V",
         refused="reading-conflicts",
         en="The same hour with 5 MWh more: not by way of a second report.", zh="同一小时多报 5 兆瓦时：不能靠重复上报改数。")
    step(METERS, Energy.correct_reading, device="FL-1", month=MONTH, hour=ESTIMATED_HOUR, energy_wh=READ_LATER_WH,
         reason="memory read", refused="policy-not-satisfied",
         en="Nor by the meter operator alone.", zh="计量机构单方也不能改。")
    step(ISSUER, Energy.issue, device="FL-1", month=MONTH, first_hour=0, energy_wh=WIND_WH, first_id=1, refused="quality-unfit",
         en="Certificates for the whole day, the estimate among them: none stands on an estimate.",
         zh="连估算的一小时一起核发：估算值不得核发。")
    step(NORTH_EXCHANGE, Energy.settle_imbalance, device="FL-1", month=MONTH, first_hour=0, hours=24,
         short_price_cents=420_00, long_price_cents=180_00, refused="no-reading",
         en="The exchange cannot settle deviations on an estimate either.", zh="交易中心也不能用估算值结算偏差。")
    step((METERS, ISSUER), Energy.correct_reading, device="FL-1", month=MONTH, hour=ESTIMATED_HOUR,
         energy_wh=READ_LATER_WH, reason="Meter's memory read on site",
         en="The meter's memory says 33 MWh: operator and issuing centre correct it and say why; the estimate stays on record.",
         zh="现场读取电表存储为 33 兆瓦时：计量机构与核发中心共同更正并说明理由，原估算值留痕。")
    step(NORTH_EXCHANGE, Energy.settle_imbalance, device="FL-1", month=MONTH, first_hour=0, hours=24,
         short_price_cents=420_00, long_price_cents=180_00,
         en="Now the exchange states the day's deviations: what was missing at 420 yuan a MWh, what was too much at 180.",
         zh="现在交易中心出具当日偏差结算单：少发按每兆瓦时 420 元，多发按 180 元。")
    step(NORTH_EXCHANGE, Energy.settle_imbalance, device="FL-1", month=MONTH, first_hour=23, hours=1,
         short_price_cents=420_00, long_price_cents=180_00, refused="settled-already",
         en="One hour of it again at the same price: settled is settled.", zh="其中一小时再结一次：已结算不得重复。")
    step(WIND, Energy.submit_forecast, device="FL-1", month=MONTH, first_hour=24, energy_wh=(0,) * 9, refused="forecast-late",
         en="Fengling files a forecast for this morning, now that it knows how it went.",
         zh="风岭想在事后补报今天上午的预测：太迟。")


def in_wh(parts: tuple[int, ...]) -> dict[str, Any]:
    """One part of a split."""
    return {"energy_wh": [part * MWH for part in parts]}


def write_issue(writer: StoryWriter) -> None:
    """On metered energy, once an hour, with ids that tile."""
    step = writer.step
    writer.chapter(en="A certificate for each hour", zh="每小时一张证")
    wind: dict[str, Any] = {"device": "FL-1", "month": MONTH, "first_hour": 0, "first_id": 1}
    solar: dict[str, Any] = {"device": "GH-1", "month": MONTH}
    step(ISSUER, Energy.issue, **wind, energy_wh=(36 * MWH,), refused="above-metered",
         en="More than the meter showed: refused.", zh="超过电表读数：拒绝。")
    step(ISSUER, Energy.issue, **wind, energy_wh=CERTIFIED_WIND_WH,
         en="Wind: 24 hours, one certificate a Wh, ids from 1 on.", zh="风电：24 小时，每瓦时一张，编号从 1 开始。")
    step(ISSUER, Energy.issue, **{**wind, "first_id": sum(CERTIFIED_WIND_WH) + 1}, energy_wh=(MWH,), refused="hour-issued",
         en="The first hour a second time: refused.", zh="第一小时再核发一次：拒绝。")
    step(ISSUER, Energy.issue, **solar, first_hour=2, energy_wh=(12_000,), first_id=1, refused="nothing-generated",
         en="Certificates of two in the morning all the same: the meter ran backwards, nothing was generated.",
         zh="仍想核发凌晨两点的证书：电表走的是反向，没有发电。")
    step(ISSUER, Energy.issue, **solar, first_hour=6, energy_wh=SUN_WH[6:13], first_id=1,
         en="Sun from six to noon.", zh="光伏，六点到中午。")
    step(ISSUER, Energy.issue, **solar, first_hour=13, energy_wh=SUN_WH[13:18], first_id=sum(SUN_WH[:13]), refused="ids-overlap",
         en="The afternoon begins one id too early, a known off-by-one: that one Wh would exist twice.",
         zh="下午的编号早了一位，经典的差一错误：那一瓦时会存在两次。")
    step(ISSUER, Energy.issue, **solar, first_hour=13, energy_wh=SUN_WH[13:18], first_id=sum(SUN_WH[:13]) + 1,
         en="From one to five, with the right ids.", zh="一点到五点，编号正确。")
    step(ISSUER, Energy.issue, **solar, first_hour=18, energy_wh=SUN_WH[18:19], first_id=BEFORE_DUSK + 1,
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
    load = WIND_FOR_LOAD_WH
    rest = [wind_wh - load_wh for wind_wh, load_wh in zip(CERTIFIED_WIND_WH, load, strict=True)]
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
    step(WIND, Energy.split, bundle=WIND_KEY, parts=[{"energy_wh": list(load)}, {"energy_wh": rest}],
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
    both = (METERS, ISSUER)
    late: dict[str, Any] = {"device": "GH-1", "month": MONTH, "first_hour": 48, "energy_wh": (-12_000,), "quality": "V"}
    step(both, Energy.replace_meter, device="GH-1", month=MONTH, hour=20, successor="M-GH-1B", refused="meter-has-read",
         en="The fast meter comes off; not as of the evening before last, which it measured,",
         zh="拆下偏快的电表；但不能倒签到它仍在计量的前天傍晚，")
    step(both, Energy.replace_meter, device="GH-1", month=MONTH, hour=48, successor="M-GH-1B",
         en="but as of 3 April, when the new one went on.", zh="只能自 4 月 3 日换装新表之时起。")
    step(METERS, Energy.submit_readings, **late, meter="M-GH-1", refused="meter-not-on",
         en="A reading of that night from the meter that lies in the workshop: refused.", zh="已送修的旧表仍报当夜读数：拒绝。")
    step(METERS, Energy.submit_readings, **late, meter="M-GH-1B", en="From the new one.", zh="新表读数。")


def write_deficit(writer: StoryWriter) -> None:
    """Over-reading found when all is used: nothing is pulled from under a customer, and the plant makes up for it."""
    step = writer.step
    day: dict[str, Any] = {"device": "FL-1", "month": MONTH, "first_hour": 24}
    writer.chapter(en="Used up, and too much", zh="用完才发现多了")
    step((METERS, ISSUER), Energy.correct_reading, device="FL-1", month=MONTH, hour=12, energy_wh=WIND_WH[12] - OVER_READ_WH,
         reason="Transformer ratio",
         en="The wind of noon was 3 MWh, not 5. Yunhai used all 5 and keeps them: from now on Fengling owes 2.",
         zh="正午风电应为 3 而非 5 兆瓦时。云海已全部用掉，予以保留；风岭从此欠 2 兆瓦时。")
    step(METERS, Energy.submit_readings, **day, meter="M-FL-1", energy_wh=NEXT_WIND_WH, quality="VV",
         en="9 and 10 MWh blow in the first hours of 2 April.", zh="4 月 2 日头两小时发电 9 与 10 兆瓦时。")
    step(ISSUER, Energy.issue, **day, energy_wh=NEXT_WIND_WH, first_id=sum(CERTIFIED_WIND_WH) + 1,
         en="The first 2 of them pay the deficit off and become no certificates; 17 do.",
         zh="其中头 2 兆瓦时抵扣亏欠，不成为证书；其余 17 核发。")


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
    evening = 9 * MWH - NIGHT_OUT_WH
    step(ISSUER, Energy.discharge, **out, hour=19, energy_wh=9 * MWH, first_id=1, refused="not-first-out",
         en="Seven in the evening: 9 MWh, all of it sun of noon? The grid's MWh of the night went in first and comes out first.",
         zh="晚上七点放电 9 兆瓦时，全算中午的光伏？夜里从电网充的那一兆瓦时先进先出。")
    step(ISSUER, Energy.discharge, **out, hour=19, energy_wh=evening, first_id=1,
         en="After losses 0.86 of them are grey; 8.14 are certified as the battery's.",
         zh="扣除损耗后其中 0.86 为灰电；其余 8.14 按储能核发。")
    step(ISSUER, Energy.discharge, **out, hour=20, energy_wh=8_400_000, first_id=evening + 1,
         en="8.4 more at eight, all of noon. 0.66 stay in.", zh="八点又放 8.4，全部来自中午；仓内尚余 0.66。")
    step((METERS, ISSUER), Energy.correct_reading, device="XN-1", month=MONTH, hour=2, energy_wh=0, reason="Never drawn",
         refused="storage-closed", en="The night's MWh is to vanish from the meter afterwards: the readings are final.",
         zh="事后想从读数里抹掉夜里那一兆瓦时：读数已定案。")
    step(DATA_CENTRE, Energy.whitelist, member=BATTERY, en="Yunhai takes them,", zh="云海接收，")
    step(BATTERY, Energy.split, bundle=EVENING, parts=[{"energy_wh": [8 * MWH]}, {"energy_wh": [evening - 8 * MWH]}],
         en="8 of what came at seven,", zh="七点的取 8，")
    writer.batch(BATTERY, [(Energy.transfer, {"bundle": bundle, "to": DATA_CENTRE}) for bundle in (f"{EVENING}-1", LATE)],
                 en="and all of eight o'clock,", zh="八点的全部，")
    writer.batch(DATA_CENTRE, [
        (Energy.cancel, {"bundle": bundle, "beneficiary": DATA_CENTRE, "purpose": "Load of 1 April"})
        for bundle in (f"{EVENING}-1", LATE)
    ], en="and cancels them.", zh="并核销。")


def matched() -> tuple[HourClaim, ...]:
    """What those bundles hold, by hour."""
    hours = list(WIND_FOR_LOAD_WH)
    for first, parts in ((6, MORNING_PARTS[1]), (13, AFTERNOON_PARTS[0])):
        for hour, part in enumerate(parts, first):
            hours[hour] += part * MWH
    for hour, energy_wh in ((18, DUSK_PARTS[0]), (19, 8 * MWH), (20, 8_400_000)):
        hours[hour] += energy_wh
    return tuple(HourClaim(hour, energy_wh) for hour, energy_wh in enumerate(hours))


def spread() -> tuple[HourClaim, ...]:
    """The same energy, as if each hour had had its share of it."""
    whole = sum(part.energy_wh for part in matched())
    return tuple(HourClaim(hour, whole // 24 + (hour < whole % 24)) for hour in range(24))


def write_loads(writer: StoryWriter) -> None:
    """Sealed hour by hour; the public sees a total."""
    step = writer.step
    writer.chapter(en="Loads are nobody's business", zh="用电曲线不外露")
    writer.clock(days("2026-05-02"), en="2 May: April is over.", zh="5 月 2 日：四月结束。")
    writer.batch(METERS, [(Energy.submit_consumption, load_of(consumer)) for consumer in (DATA_CENTRE, ALUMINIUM, TEXTILES)],
                 en="The metering centre seals the loads of April, each hour with a salt of its own.",
                 zh="计量中心密封四月用电，每小时单独加盐。")
    step(METERS, Energy.publish_area_total, zone="CN-NORTH", month=MONTH,
         consumed_wh=720 * (LOADS[DATA_CENTRE] + LOADS[ALUMINIUM]),
         refused="too-few-consumers",
         en="The total of two in the north: either could subtract itself and read the other.",
         zh="北区只有两户的总量：任一户减去自己就能看到对方。")
    writer.batch(METERS, [(Energy.submit_consumption, load_of(COLD_STORE))], en="A third load.", zh="加入第三户。")
    north = (DATA_CENTRE, ALUMINIUM, COLD_STORE)
    step(METERS, Energy.publish_area_total, zone="CN-NORTH", month=MONTH, consumed_wh=720 * sum(LOADS[name] for name in north),
         en="The total of three is published: what the public sees.", zh="公布三户总量：公众能看到的只有这个。")
    for reader in (DATA_CENTRE, ISSUER):
        name, named = ("Yunhai", "云海") if reader == DATA_CENTRE else ("the issuing centre", "核发中心")
        writer.hand_over(METERS, reader, f"load:{DATA_CENTRE}",
                         en=f"The opening of Yunhai's load goes to {name}.", zh=f"云海用电的开封值交给{named}。")


def write_claims(writer: StoryWriter) -> None:
    """By the hour, in the zone, vouched for."""
    step = writer.step
    writer.chapter(en="Green every hour?", zh="每小时都绿？")
    both = (DATA_CENTRE, METERS)
    sun = sum(MORNING_PARTS[1]) * MWH
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-night", (HourClaim(2, sun),), f"{MORNING}-2"), refused="hour-mismatch",
         en="Yunhai claims that its two o'clock in the morning ran on sunshine.", zh="云海声明凌晨两点用的是太阳能。")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-day", spread(), *USED), refused="not-hourly",
         en="On average it bought 11 MWh for every hour, and claims just that: the total is right, the hours are not.",
         zh="全天买够了，平均每小时十一兆瓦时，于是按平均数声明：总量对，小时不对。")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-late", (HourClaim(21, 4 * MWH),), f"{EVENING}-2"),
         refused="wrong-state", en="With a certificate that nobody cancelled: refused.", zh="用尚未核销的证书声明：拒绝。")
    step(DATA_CENTRE, Energy.claim, **claim_of(DATA_CENTRE, CLAIM, matched(), *USED), refused="policy-not-satisfied",
         en="Without the metering centre, which alone knows what was consumed: refused.",
         zh="没有计量中心签名——只有它知道实际用电：拒绝。")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-draft", matched(), *USED),
         en="With it, but in a hurry: nobody has shown the verifier anything.", zh="补上签名，却操之过急：核验方尚未见到证据。")
    step(ASSURANCE, Energy.dispute_claim, claim="YH-draft", reason="No evidence",
         en="Heyan, its verifier, says so: the claim does not stand.", zh="核研提出异议：声明不成立。")
    step(DATA_CENTRE, Energy.withdraw_claim, claim="YH-draft",
         en="Yunhai takes it back. The certificates stay used up for Yunhai, and the hours can be claimed anew.",
         zh="云海撤回声明：证书仍为云海核销，小时可重新声明。")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, CLAIM, matched(), *USED),
         en="Hour by hour, as it was: twenty hours whole, four in part. At nine in the evening a third was green.",
         zh="按实际逐小时声明：二十个小时全绿，四个小时部分绿；晚上九点只有三分之一。")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-again", matched(), *USED), refused="wrong-state",
         en="The same hours for another report: they are claimed.", zh="同样的小时再写进另一份报告：已声明。")
    rest = f"{EVENING}-2"
    step(BATTERY, Energy.transfer, bundle=rest, to=DATA_CENTRE, en="Yunhai takes what is left of seven o'clock",
         zh="云海再买下七点剩余的")
    step(DATA_CENTRE, Energy.cancel, bundle=rest, beneficiary=DATA_CENTRE, purpose="Load of 1 April", en="and cancels it,",
         zh="并核销，")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-more", (HourClaim(19, 140_000),), rest), refused="hour-claimed",
         en="for an hour of its load that is claimed already: it consumed that once.",
         zh="想再声明已声明过的同一小时：用电只有一次。")
    writer.hand_over(DATA_CENTRE, ASSURANCE, f"evidence:{CLAIM}",
                     en="Its verifier is handed the hours of this claim, and nothing else of the load.",
                     zh="核验方只拿到这次声明的小时数据，看不到其余用电。")
    writer.inspect(ASSURANCE, examine_claim(ASSURANCE, f"evidence:{CLAIM}", CLAIM),
                   en="Heyan compares: no hour claims more than was metered.", zh="核研核对：没有一小时超过计量用电。")
    writer.inspect(ASSURANCE, examine_claim(ASSURANCE, f"evidence:{CLAIM}", CLAIM, 40 * MWH), finds="wrong-opening",
                   en="A copy on which the load of one hour was raised does not open the seal.",
                   zh="有人抬高了一小时的用电：开封值与密封摘要不符。")
    step(DATA_CENTRE, Energy.attest_claim, claim=CLAIM, refused="policy-not-satisfied",
         en="Yunhai would attest its claim itself.", zh="云海想自己出具核验意见。")
    step(ASSURANCE, Energy.attest_claim, claim=CLAIM, en="Heyan attests it: from now on it stands.",
         zh="核研出具核验意见：声明自此成立。")
    step(DATA_CENTRE, Energy.withdraw_claim, claim=CLAIM, refused="claim-state",
         en="What stands is not taken back, to be told twice.", zh="已成立的声明不能撤回另报。")
    writer.inspect(DATA_CENTRE, examine_hour(DATA_CENTRE, f"load:{DATA_CENTRE}", DATA_CENTRE, MONTH, 21),
                   en="Yunhai can show nine o'clock alone, out of its 720 sealed hours;",
                   zh="云海可以只出示 720 个密封小时中的九点；")
    writer.inspect(DATA_CENTRE, examine_hour(DATA_CENTRE, f"load:{DATA_CENTRE}", DATA_CENTRE, MONTH, 21, 4 * MWH),
                   finds="wrong-disclosure", en="but not another value for it.", zh="但不能换一个数值。")
    mill = f"{MORNING}-4"
    step(TEXTILES, Energy.whitelist, member=SOLAR, en="The mill in the east buys sunshine of the north,",
         zh="华东的纺织厂买华北的光伏，")
    step(SOLAR, Energy.transfer, bundle=mill, to=TEXTILES, en="4 MWh of nine in the morning,", zh="上午九点的 4 兆瓦时，")
    step(TEXTILES, Energy.cancel, bundle=mill, beneficiary=TEXTILES, purpose="Cloth of April", en="and cancels it,",
         zh="并核销，")
    step((TEXTILES, METERS), Energy.claim, **claim_of(TEXTILES, "JN-1", (HourClaim(9, 4 * MWH),), mill), refused="wrong-zone",
         en="but no line carries it there: another bidding zone.", zh="但电送不过去：不在同一价区。")
    step(WIND, Energy.cancel, bundle=f"{WIND_KEY}-2", beneficiary=WIND, purpose="Back", refused="not-holder",
         en="Fengling wants its surplus back for a claim of its own: it sold it.", zh="风岭想拿回余量自己声明：早已卖出。")
