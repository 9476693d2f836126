"""What the report shows of the certificates' life: where each Wh went, what lives how long, who tried to count twice, prices."""

from ledger.contract.quantities import day, energy, money
from scenarios.energy.drawn import bar_of, megawatt_hours
from scenarios.energy.figures import ENDINGS, endings, imbalances, refusals_by_kind, settled_hours, trades, vintages
from scenarios.energy.quantities import MARKET_OFFSET_MS, WH_PER_MWH, expires_ms
from scenarios.plots import Bar, Flow, Group, Line, Place, columns, curve, grouped_bars, sankey
from scenarios.story.play import totals_of
from scenarios.story.story import Exhibit, Language, PlayedStory, Words, exhibit

TECHNOLOGIES = {
    "wind": Words("Wind", "风电"), "offshore-wind": Words("Offshore wind", "海上风电"), "solar": Words("Solar", "光伏"),
    "solar-thermal": Words("Solar thermal", "光热"), "hydro": Words("Hydro", "水电"), "biomass": Words("Biomass", "生物质"),
    "storage": Words("Storage", "储能"),
}  # fmt: skip
STATES = {
    "claimed": Words("claimed by the hour", "已逐小时声明"), "cancelled": Words("cancelled", "已核销"),
    "active": Words("still valid", "有效"), "reserved": Words("reserved", "已预留"), "locked": Words("locked", "已锁定"),
    "expired": Words("expired", "已过期"), "withdrawn": Words("withdrawn", "已撤回"),
}  # fmt: skip
FILLS = {
    "claimed": "#0f766e", "cancelled": "#5aa89d", "active": "#e0a458", "reserved": "#eccf9f", "locked": "#b3bccb",
    "expired": "#8a4b5c", "withdrawn": "#1f3a5f",
}  # fmt: skip
PALE = "#b3bccb"
KINDS = {
    "certified": Words("one hour certified twice", "同一小时重复核发"),
    "beyond": Words("more than was generated", "超出实际发电核发"),
    "used": Words("one certificate used twice", "同一证书重复使用"),
    "sold": Words("sold twice, not for sale", "重复出售或不可交易"),
    "elsewhere": Words("another hour, zone or year", "跨小时、跨区或跨年声明"),
    "carbon": Words("and a carbon credit too", "绿证与碳减排量兼得"),
}


def life_exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """A plot of which the story has nothing is left out."""
    found = [_life(played_story), _ladder(played_story), _blocked(played_story)]
    if trades(played_story):
        found.append(_prices(played_story))
    if imbalances(played_story.records):
        found.append(_imbalance(played_story))
    return tuple(found)


def _life(played_story: PlayedStory) -> Exhibit:
    found = endings(played_story.records)
    by_state = {state: sum(states[state] for states in found.values()) for state in ENDINGS}
    by_technology = {technology: sum(states.values()) for technology, states in found.items()}
    title = Words("Where the hourly certificates went", "逐小时证书的去向")

    def drawn(language: Language) -> str:
        flows = [Flow(technology, "issued", whole, energy(whole)) for technology, whole in by_technology.items()]
        flows += [Flow("issued", state, whole, energy(whole)) for state, whole in by_state.items() if whole]
        places = {"issued": Place(Words("issued", "已核发").said(language), PALE)}
        for technology, whole in by_technology.items():
            places[technology] = Place(TECHNOLOGIES[technology].said(language), PALE, megawatt_hours(whole))
        for state, whole in by_state.items():
            places[state] = Place(STATES[state].said(language), FILLS[state], megawatt_hours(whole))
        return sankey(flows, places, title.said(language), height=260)

    return exhibit(
        title,
        Words(
            "All bundles of the ledger at the end of the story, each Wh once; split ones by their parts. Left and right are the "
            "same sum: nothing is lost and nothing made.",
            "故事结束时账本上的全部证书，每瓦时只计一次；已拆分的按各份计。左右合计相等：不多不少。",
        ),
        drawn,
    )


def _ladder(played_story: PlayedStory) -> Exhibit:
    found = vintages(played_story.records)
    title = Words("Certificates by month of generation", "按发电月份的证书存量")
    groups_of = (("claimed", "cancelled"), ("active", "reserved", "locked"), ("expired",), ("withdrawn",))
    series = Words("used|still valid|expired|withdrawn", "已使用|有效|已过期|已撤回")

    def drawn(language: Language) -> str:
        groups = [
            Group(
                month[2:],
                tuple(bar_of(sum(states[state] for state in names)) for names in groups_of),
            )
            for month, states in found.items()
        ]
        write = lambda wh: f"{wh // WH_PER_MWH:,} MWh"  # noqa: E731
        return columns(groups, series.said(language).split("|"), title.said(language), write=write)

    first, last = (min(found), max(found)) if found else ("", "")
    ends = [day(expires_ms(month) + MARKET_OFFSET_MS) for month in (first, last) if month]
    return exhibit(
        title,
        Words(
            f"Each month lives for two years: {first} until {ends[0]}, {last} until {ends[-1]}. What is valid and unused then is "
            "void." if ends else "No certificate was issued.",
            f"各月证书有效期两年：{first} 至 {ends[0]}，{last} 至 {ends[-1]}；届时未使用的即作废。" if ends else "没有核发证书。",
        ),
        drawn,
    )  # fmt: skip


def _blocked(played_story: PlayedStory) -> Exhibit:
    found, refused = refusals_by_kind(played_story), totals_of(played_story.steps).rejected.total()
    title = Words("Attempts to count twice, all refused", "重复计算的尝试，均被拒绝")

    def drawn(language: Language) -> str:
        groups = [Group(KINDS[kind].said(language), (Bar(count, str(count)),)) for kind, count in found.items()]
        return grouped_bars(groups, (Words("refused", "被拒绝").said(language),), title.said(language))

    return exhibit(
        title,
        Words(
            f"{sum(found.values())} of the {refused} transactions that a rule refused, by what was tried; the rest broke others.",
            f"被规则拒绝的 {refused} 笔交易中的 {sum(found.values())} 笔，按尝试的内容归类；其余违反其他规则。",
        ),
        drawn,
    )


def _prices(played_story: PlayedStory) -> Exhibit:
    found = trades(played_story)
    title = Words("Prices of green certificates, sale by sale", "绿证成交价格")

    def drawn(language: Language) -> str:
        groups = []
        for trade in found:
            said = f"{money(trade.price_cents, '¥')} x {trade.count}, {trade.lot}"
            groups.append(Group(day(trade.time_ms)[2:], (Bar(trade.price_cents, said),)))
        return columns(groups, (title.said(language),), title.said(language), write=lambda cents: money(cents, "¥"))

    return exhibit(
        title,
        Words(
            "Yuan for a certificate of 1 MWh, on the day of the sale. Seller and exchange stated them; the prices are invented.",
            "每张 1 兆瓦时的成交价（元），按成交日。价格由卖方与交易平台申报，为虚构。",
        ),
        drawn,
    )


def _imbalance(played_story: PlayedStory) -> Exhibit:
    key, statement = next(iter(imbalances(played_story.records).items()))
    hours = settled_hours(played_story.records, key)
    title = Words("Forecast and meter, hour by hour", "预测与计量，逐小时")
    names = (Words("forecast", "预测"), Words("metered", "计量"))

    def drawn(language: Language) -> str:
        lines = [
            Line(name.said(language), tuple((hour, energy_wh) for hour, energy_wh in enumerate(values)))
            for name, values in zip(names, zip(*hours, strict=True), strict=True)
        ]
        marks = [(hour, f"{hour:02}:00") for hour in range(0, len(hours), 6)]
        return curve(lines, title.said(language), x_ticks=marks, write=megawatt_hours, is_stepped=True)

    owed = money(statement.owed_cents, "¥")
    short, long = money(statement.short_price_cents, "¥"), money(statement.long_price_cents, "¥")
    return exhibit(
        title,
        Words(
            f"{key}: {energy(statement.short_wh)} short at {short} a MWh, {energy(statement.long_wh)} beyond at {long}: the "
            f"plant owes {owed}. A statement, no payment; the prices are invented.",
            f"{key}：少发 {energy(statement.short_wh)}，每兆瓦时 {short}；多发 {energy(statement.long_wh)}，每兆瓦时 {long}；"
            f"电厂应付 {owed}。仅为结算单，不涉及付款；价格为虚构。",
        ),
        drawn,
    )
