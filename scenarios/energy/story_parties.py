"""First chapters: accounts under real names, plants behind meters, what the meters said."""

from typing import Any

from scenarios.dates import days
from scenarios.energy.cast import BATTERY, ISSUER, MEMBERS, METERS, NORTH_EXCHANGE, PLANTS, WIND
from scenarios.energy.contract import Energy
from scenarios.energy.day import (
    ESTIMATED_HOUR,
    FORECAST_MWH,
    MONTH,
    MWH,
    READ_LATER_MWH,
    battery_wh,
    solar_wh,
    wind_wh,
)
from scenarios.story.story import StoryWriter

VALID = "V" * 24

# A story reads like a script, with each step's words beside it.
# fmt: off


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
    writer.batch(ISSUER, [(Energy.register_device, {"device": name, "plant": plant}) for name, plant in PLANTS.items()],
                 en="Wind farm, deep-sea wind farm, solar field, solar roof and battery, each behind a meter of its own.",
                 zh="陆上风电、深远海风电、光伏电站、屋顶光伏、储能电站，一装置一表。")
    step(ISSUER, Energy.register_device, device="XN-2", plant={**PLANTS["XN-1"], "meter": PLANTS["GH-1"]["meter"]},
         refused="meter-taken",
         en="A battery behind the solar field's own meter: what it moves would look like sunshine. Refused.",
         zh="储能想接在光伏电站的同一块表后：充放电会被当成发电。拒绝。")
    step(WIND, Energy.submit_forecast, device="FL-1", month=MONTH, first_hour=0,
         energy_wh=tuple(hour * MWH for hour in FORECAST_MWH),
         en="Fengling forecasts its 1 April, hour by hour.", zh="风岭逐小时申报 4 月 1 日的预测出力。")


def write_readings(writer: StoryWriter) -> None:
    """Once, with quality, corrected in the open."""
    step = writer.step
    writer.chapter(en="What the meters say", zh="电表怎么说")
    writer.clock(days("2026-04-02"), en="2 April: the first day has been metered.", zh="4 月 2 日：第一天计量完毕。")
    wind: dict[str, Any] = {"device": "FL-1", "month": MONTH, "first_hour": 0}
    quality = VALID[:ESTIMATED_HOUR] + "E" + VALID[ESTIMATED_HOUR + 1 :]
    step(METERS, Energy.submit_readings, **wind, energy_wh=(53 * MWH, *wind_wh()[1:]), quality=quality, refused="above-capacity",
         en="53 MWh in one hour from a 48 MW wind farm: no wind does that.", zh="48 兆瓦的风电场一小时发 53 兆瓦时：不可能。")
    step(METERS, Energy.submit_readings, **wind, energy_wh=wind_wh(), quality=quality,
         en="24 hours of wind; the meter was silent in the fourth, its value is an estimate.",
         zh="风电 24 小时读数；第四小时电表失联，数值为估算。")
    writer.batch(METERS, [
        (Energy.submit_readings, {"device": "GH-1", "month": MONTH, "first_hour": 0, "energy_wh": solar_wh(), "quality": VALID}),
        (Energy.submit_readings, {"device": "XN-1", "month": MONTH, "first_hour": 0,
         "energy_wh": battery_wh(), "quality": VALID}),
    ], en="Sun by day and a little drawn at night; the battery draws at noon and gives in the evening.",
       zh="光伏白天发电、夜间少量用电；储能中午充电、傍晚放电。")
    step(METERS, Energy.submit_readings, device="FL-1", month=MONTH, first_hour=2, energy_wh=(35 * MWH,), quality="V",
         refused="reading-repeated",
         en="The same hour once more: the clock did not go back here, and an hour is read once.",
         zh="同一小时再报一次：这里没有夏令时回拨，一小时只读一次。")
    step(METERS, Energy.submit_readings, device="FL-1", month=MONTH, first_hour=2, energy_wh=(40 * MWH,), quality="V",
         refused="reading-conflicts",
         en="The same hour with 5 MWh more: not by way of a second report.", zh="同一小时多报 5 兆瓦时：不能靠重复上报改数。")
    step(METERS, Energy.correct_reading, device="FL-1", month=MONTH, hour=ESTIMATED_HOUR, energy_wh=READ_LATER_MWH * MWH,
         reason="memory read", refused="policy-not-satisfied",
         en="Nor by the meter operator alone.", zh="计量机构单方也不能改。")
    step(ISSUER, Energy.issue, device="FL-1", month=MONTH, first_hour=0, energy_wh=wind_wh(), first_id=1, refused="quality-unfit",
         en="Certificates for the whole day, the estimate among them: none stands on an estimate.",
         zh="连估算的一小时一起核发：估算值不得核发。")
    step(NORTH_EXCHANGE, Energy.settle_imbalance, device="FL-1", month=MONTH, first_hour=0, hours=24,
         short_price_cents=420_00, long_price_cents=180_00, refused="no-reading",
         en="The exchange cannot settle deviations on an estimate either.", zh="交易中心也不能用估算值结算偏差。")
    step((METERS, ISSUER), Energy.correct_reading, device="FL-1", month=MONTH, hour=ESTIMATED_HOUR,
         energy_wh=READ_LATER_MWH * MWH, reason="Meter's memory read on site",
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
