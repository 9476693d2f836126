"""The claim: green in every hour, or green on average?"""

from typing import Any

from scenarios.dates import days
from scenarios.energy.cast import ALUMINIUM, ASSURANCE, COLD_STORE, DATA_CENTRE, ISSUER, METERS, SOLAR, TEXTILES, WIND
from scenarios.energy.contract import Energy
from scenarios.energy.day import LOAD_MWH, MONTH, MWH, wind_for_load_wh
from scenarios.energy.loads import (
    examine_claim,
    examine_forged_claim,
    examine_hour,
    sealed_evidence,
    sealed_load,
)
from scenarios.energy.quantities import hours_in
from scenarios.energy.records import HourClaim
from scenarios.energy.story_hours import (
    AFTERNOON,
    AFTERNOON_PARTS,
    DUSK,
    DUSK_PARTS,
    EVENING,
    LATE,
    MORNING,
    MORNING_PARTS,
    WIND_KEY,
)
from scenarios.story.story import StoryWriter

LOADS = {DATA_CENTRE: LOAD_MWH * MWH, ALUMINIUM: 31_207_193, COLD_STORE: 2_153_419, TEXTILES: 3_401_377}
"""Wh an hour, the same in each: invented."""
CLAIM = "YH-2026-04-01"
USED = (f"{WIND_KEY}-1", f"{MORNING}-2", f"{AFTERNOON}-1", f"{DUSK}-1", f"{EVENING}-1", LATE)
"""What was cancelled for the data centre's first day."""


def matched() -> tuple[HourClaim, ...]:
    """What those bundles hold, by hour."""
    hours = list(wind_for_load_wh())
    for first, parts in ((6, MORNING_PARTS[1]), (13, AFTERNOON_PARTS[0])):
        for hour, part in enumerate(parts, first):
            hours[hour] += part * MWH
    for hour, energy_wh in ((18, DUSK_PARTS[0]), (19, 8 * MWH), (20, 8_200_000)):
        hours[hour] += energy_wh
    return tuple(HourClaim(hour, energy_wh) for hour, energy_wh in enumerate(hours))


def spread() -> tuple[HourClaim, ...]:
    """The same energy, as if each hour had had its share of it."""
    whole = sum(part.energy_wh for part in matched())
    return tuple(HourClaim(hour, whole // 24 + (hour < whole % 24)) for hour in range(24))


def claim_of(consumer: str, claim: str, hours: tuple[HourClaim, ...], *bundles: str) -> dict[str, Any]:
    """Arguments of a claim with sealed evidence."""
    load = (LOADS[consumer],) * hours_in(MONTH)
    evidence = sealed_evidence(f"evidence:{claim}", consumer, MONTH, hours, load)
    return {"claim": claim, "month": MONTH, "hours": hours, "bundles": bundles, "verifier": ASSURANCE, "evidence": evidence}


# fmt: off


def _load(consumer: str) -> tuple[Any, dict[str, object]]:
    load = sealed_load(f"load:{consumer}", (LOADS[consumer],) * hours_in(MONTH))
    return Energy.submit_consumption, {"consumer": consumer, "month": MONTH, "load": load}


def write_loads(writer: StoryWriter) -> None:
    """Sealed hour by hour; the public sees a total."""
    step = writer.step
    writer.chapter(en="Loads are nobody's business", zh="用电曲线不外露")
    writer.clock(days("2026-05-02"), en="2 May: April is over.", zh="5 月 2 日：四月结束。")
    writer.batch(METERS, [_load(DATA_CENTRE), _load(ALUMINIUM), _load(TEXTILES)],
                 en="The metering centre seals the loads of April, each hour with a salt of its own.",
                 zh="计量中心密封四月用电，每小时单独加盐。")
    step(METERS, Energy.publish_area_total, zone="CN-NORTH", month=MONTH,
         consumed_wh=720 * (LOADS[DATA_CENTRE] + LOADS[ALUMINIUM]),
         refused="too-few-consumers",
         en="The total of two in the north: either could subtract itself and read the other.",
         zh="北区只有两户的总量：任一户减去自己就能看到对方。")
    writer.batch(METERS, [_load(COLD_STORE)], en="A third load.", zh="加入第三户。")
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
    step(both, Energy.claim, **claim_of(DATA_CENTRE, CLAIM, matched(), *USED),
         en="Hour by hour, as it was: twenty hours whole, four in part. At nine in the evening a third was green.",
         zh="按实际逐小时声明：二十个小时全绿，四个小时部分绿；晚上九点只有三分之一。")
    step(both, Energy.claim, **claim_of(DATA_CENTRE, "YH-again", matched(), *USED), refused="wrong-state",
         en="The same hours for another report: they are claimed.", zh="同样的小时再写进另一份报告：已声明。")
    writer.hand_over(DATA_CENTRE, ASSURANCE, f"evidence:{CLAIM}",
                     en="Its verifier is handed the hours of this claim, and nothing else of the load.",
                     zh="核验方只拿到这次声明的小时数据，看不到其余用电。")
    writer.inspect(ASSURANCE, examine_claim(ASSURANCE, f"evidence:{CLAIM}", CLAIM),
                   en="Heyan compares: no hour claims more than was metered.", zh="核研核对：没有一小时超过计量用电。")
    writer.inspect(ASSURANCE, examine_forged_claim(ASSURANCE, f"evidence:{CLAIM}", CLAIM, 40 * MWH), finds="wrong-opening",
                   en="A copy on which the load of one hour was raised does not open the seal.",
                   zh="有人抬高了一小时的用电：开封值与密封摘要不符。")
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
