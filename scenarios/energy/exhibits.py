"""What the report shows of a played story of energy: the year by the hour, the life of the certificates, the meters."""

from collections.abc import Callable, Sequence

from ledger.contract.quantities import day, energy, money
from ledger.contract.refusal import Phrase
from scenarios import plots
from scenarios.energy import figures
from scenarios.energy.quality import CALLED
from scenarios.energy.quantities import MARKET_OFFSET_MS, WH_PER_MWH, expires_ms
from scenarios.energy.year_plan import YearPlan, credit, default_plan
from scenarios.plots.drawing import Basis
from scenarios.story.play import totals_of
from scenarios.story.story import FROM_STORY, Exhibit, KeyFigure, Language, PlayedStory, exhibit

LOAD_NOTE = Phrase(
    "The load is sealed on the ledger. Drawn is what the consumer of this story sealed: nobody's meter, but a standard profile "
    "(BDEW G25) {}.",
    "用电在账本上密封。此处所绘为故事中用户所密封的数据：并非任何实际电表，而是标准负荷曲线（BDEW G25），{}。",
)
ASSUMED = Phrase("of a size that is an assumption (data/README.md)", "其规模为假设（data/README.md）")
SCALED = Phrase("made as large as what the plants of your file generate", "按您文件中各装置的发电量等比缩放")
TECHNOLOGIES = {
    "wind": Phrase("Wind", "风电"), "offshore-wind": Phrase("Offshore wind", "海上风电"), "solar": Phrase("Solar", "光伏"),
    "solar-thermal": Phrase("Solar thermal", "光热"), "hydro": Phrase("Hydro", "水电"), "biomass": Phrase("Biomass", "生物质"),
    "storage": Phrase("Storage", "储能"),
}  # fmt: skip
STATES = {
    "claimed": (Phrase("claimed by the hour", "已逐小时声明"), "#0f766e"),
    "cancelled": (Phrase("cancelled", "已核销"), "#5aa89d"),
    "active": (Phrase("still valid", "有效"), "#e0a458"), "reserved": (Phrase("reserved", "已预留"), "#eccf9f"),
    "locked": (Phrase("locked", "已锁定"), "#b3bccb"), "expired": (Phrase("expired", "已过期"), "#8a4b5c"),
    "withdrawn": (Phrase("withdrawn", "已撤回"), "#1f3a5f"),
}  # fmt: skip
"""Of bundles that were not split, with their colours."""
ON_A_PROFILE: tuple[Basis, ...] = ("computed", "assumed")
"""Real generation, certified by the rules, on a load whose size is an assumption."""
JUDGED: tuple[Basis, ...] = ("computed",)
PALE = "#b3bccb"
AGES = (
    (Phrase("used", "已使用"), ("claimed", "cancelled")), (Phrase("still valid", "有效"), ("active", "reserved", "locked")),
    (Phrase("expired", "已过期"), ("expired",)), (Phrase("withdrawn", "已撤回"), ("withdrawn",)),
)  # fmt: skip
REFUSED, COUNT = Phrase("refused", "被拒绝"), Phrase("count", "数量")


def exhibits(played: PlayedStory, plan: YearPlan) -> tuple[Exhibit, ...]:
    """Every exhibit over the months of a plan, in the order of the report; a plot of which the story has nothing is left out."""
    found = [_scores(played, plan), _heat(played, plan), _duration(played, plan)]
    found += [_life(played), _ladder(played), _blocked(played)]
    if figures.trades(played):
        found.append(_prices(played))
    if figures.imbalances(played.records):
        found.append(_imbalance(played))
    return (*found, _meters(played, plan), _reasons(plan), _exercise())


def key_figures(played: PlayedStory, plan: YearPlan) -> tuple[KeyFigure, ...]:
    """What part of the load was met in its own hour."""
    hourly, words = share(figures.scores(played.records, plan).hourly_ppm), _load_note(plan)
    name = Phrase("Share of the load matched hour by hour", "逐小时匹配的用电比例")
    return (KeyFigure(name, (("computed", Phrase(hourly, hourly)),), words),)


def _exhibit(
    title: Phrase, reading: Phrase, draw: Callable[[str, Language], str], bases: tuple[Basis, ...] = FROM_STORY
) -> Exhibit:
    """A drawing that is given the title too."""
    return exhibit(title, reading, lambda language: draw(title.said(language), language), bases)


def share(ppm: int) -> str:
    """`63.4 %`, rounded down: no load is greener than its certificates."""
    tenths = ppm // 1_000
    return f"{tenths // 10}.{tenths % 10} %"


def megawatt_hours(energy_wh: int) -> str:
    """Whole MWh where there are some, else exact."""
    return f"{energy_wh // WH_PER_MWH:,} MWh" if energy_wh >= 10 * WH_PER_MWH else energy(energy_wh)


# The year by the hour


def _scores(played: PlayedStory, plan: YearPlan) -> Exhibit:
    scores, note = figures.scores(played.records, plan), _load_note(plan)
    load = megawatt_hours(scores.load_wh)
    rows = (
        (Phrase("balance of the year", "按年核对"), scores.annual_ppm),
        (Phrase("balance of each month", "按月核对"), scores.monthly_ppm),
        (Phrase("hour by hour", "逐小时核对"), scores.hourly_ppm),
    )

    def draw(title: str, language: Language) -> str:
        groups = [plots.Group(name.said(language), (plots.Bar(ppm, share(ppm)),)) for name, ppm in rows]
        return plots.grouped_bars(groups, (Phrase("share of the load", "占用电比例").said(language),), title)

    return _exhibit(
        Phrase("How green was the year? It depends on the clock", "这一年有多绿？看按什么时钟算"),
        Phrase(
            f"The same plants, the same load of {load}. By year and month: certificates against load. By the "
            f"hour: what the claims on the ledger cover. {note.en}",
            f"同样的电厂、同样 {load} 的用电。按年、按月：证书总量对用电总量；逐小时：账本上声明所覆盖的电量。{note.zh}",
        ),
        draw,
        ON_A_PROFILE,
    )


def _heat(played: PlayedStory, plan: YearPlan) -> Exhibit:
    used, load, note = figures.matched(played.records, plan), figures.loads(plan), _load_note(plan)
    shares = [met * 100 // need if need else None for met, need in zip(used, load, strict=True)]
    rows = [(f"{hour:02}:00", shares[hour::24]) for hour in range(24)]
    days = [month[2:] for month in plan.months for _ in range(len(plan.load_wh(month)) // 24)]
    return _exhibit(
        Phrase("Matched share of the load, hour by day", "逐日逐时匹配比例"),
        Phrase(
            "A column a day, a row an hour of Beijing time; dark where the load was met by power of that hour. Calm weeks are "
            f"light stripes from top to bottom, nights without wind light rows. {note.en}",
            f"每列一天，每行一个北京时间小时；颜色越深，当时用电匹配越多。无风的日子是竖向浅色条带，无风的夜晚是横向浅色。{note.zh}",
        ),
        lambda title, _: plots.heat_map(rows, days, title, write=lambda value: f"{value} %", every_row=3),
        ON_A_PROFILE,
    )


def _duration(played: PlayedStory, plan: YearPlan) -> Exhibit:
    used, load, note = figures.matched(played.records, plan), figures.loads(plan), _load_note(plan)
    residual = sorted((need - met for met, need in zip(used, load, strict=True) if need), reverse=True)
    lines = (
        (Phrase("load", "用电"), sorted(filter(None, load), reverse=True)),
        (Phrase("left after matching", "匹配后剩余"), residual),
    )

    def draw(title: str, language: Language) -> str:
        drawn = [plots.Line(name.said(language), tuple(enumerate(values))) for name, values in lines]
        marks = [(len(residual) * part // 4, f"{len(residual) * part // 4:,}") for part in range(5)]
        hours = Phrase("hours, sorted", "小时，按大小排序").said(language)
        return plots.curve(drawn, title, x_ticks=marks, write=lambda wh: f"{wh / WH_PER_MWH:,.1f} MWh", x_name=hours)

    unmet = sum(hour > 0 for hour in residual)
    return _exhibit(
        Phrase("Load and what is left of it, longest first", "用电与剩余用电的持续时间曲线"),
        Phrase(
            f"In {unmet:,} of {len(residual):,} hours something is left that no certificate of that hour covers: what storage or "
            f"another plant would have to bring. {note.en}",
            f"{len(residual):,} 小时中有 {unmet:,} 小时仍有未匹配用电：须由储能或其他电源补足。{note.zh}",
        ),
        draw,
        ON_A_PROFILE,
    )


def _load_note(plan: YearPlan) -> Phrase:
    """Where the load comes from that a figure is drawn from."""
    size = ASSUMED if plan == default_plan() else SCALED
    return Phrase(LOAD_NOTE.en.format(size.en), LOAD_NOTE.zh.format(size.zh))


# The life of the certificates


def _life(played: PlayedStory) -> Exhibit:
    endings = figures.endings(played.records)
    by_state = {state: sum(states[state] for states in endings.values()) for state in STATES}
    by_technology = {technology: sum(states.values()) for technology, states in endings.items()}
    flows = [plots.Flow(technology, "issued", whole, energy(whole)) for technology, whole in by_technology.items()]
    flows += [plots.Flow("issued", state, whole, energy(whole)) for state, whole in by_state.items() if whole]

    def draw(title: str, language: Language) -> str:
        places = {"issued": plots.Place(Phrase("issued", "已核发").said(language), PALE)}
        for technology, whole in by_technology.items():
            places[technology] = plots.Place(TECHNOLOGIES[technology].said(language), PALE, megawatt_hours(whole))
        for state, whole in by_state.items():
            name, fill = STATES[state]
            places[state] = plots.Place(name.said(language), fill, megawatt_hours(whole))
        return plots.sankey(flows, places, title, height=260)

    return _exhibit(
        Phrase("Where the hourly certificates went", "逐小时证书的去向"),
        Phrase(
            "All bundles of the ledger at the end of the story, each Wh once; split ones by their parts. Left and right are the "
            "same sum: nothing is lost and nothing made.",
            "故事结束时账本上的全部证书，每瓦时只计一次；已拆分的按各份计。左右合计相等：不多不少。",
        ),
        draw,
    )


def _ladder(played: PlayedStory) -> Exhibit:
    vintages = figures.vintages(played.records)
    sums = {month: [sum(map(states.get, names, (0,) * 7)) for _, names in AGES] for month, states in vintages.items()}
    groups = [
        plots.Group(month[2:], tuple(plots.Bar(whole, megawatt_hours(whole)) for whole in sums[month])) for month in vintages
    ]
    reading = Phrase("No certificate was issued.", "没有核发证书。")
    if vintages:
        first, last = min(vintages), max(vintages)
        ends = [day(expires_ms(month) + MARKET_OFFSET_MS) for month in (first, last)]
        reading = Phrase(
            f"Each month lives for two years: {first} until {ends[0]}, {last} until {ends[1]}. What is valid and unused then is "
            "void.",
            f"各月证书有效期两年：{first} 至 {ends[0]}，{last} 至 {ends[1]}；届时未使用的即作废。",
        )
    return _exhibit(
        Phrase("Certificates by month of generation", "按发电月份的证书存量"),
        reading,
        lambda title, language: plots.columns(
            groups, [age.said(language) for age, _ in AGES], title, write=lambda wh: f"{wh // WH_PER_MWH:,} MWh"
        ),
    )


def _blocked(played: PlayedStory) -> Exhibit:
    kinds, refused = figures.refusals_by_kind(played), totals_of(played.steps).rejected.total()
    counted = sum(count for _, count in kinds)

    def draw(title: str, language: Language) -> str:
        groups = [plots.Group(kind.said(language), (plots.Bar(count, str(count)),)) for kind, count in kinds]
        return plots.grouped_bars(groups, (REFUSED.said(language),), title)

    return _exhibit(
        Phrase("Attempts to count twice, all refused", "重复计算的尝试，均被拒绝"),
        Phrase(
            f"{counted} of the {refused} transactions that a rule refused, by what was tried; the rest broke others.",
            f"被规则拒绝的 {refused} 笔交易中的 {counted} 笔，按尝试的内容归类；其余违反其他规则。",
        ),
        draw,
        JUDGED,
    )


def _prices(played: PlayedStory) -> Exhibit:
    groups = []
    for time_ms, lot, certificates in figures.trades(played):
        said = f"{money(certificates.price_cents, '¥')} x {certificates.count}, {lot}"
        groups.append(plots.Group(day(time_ms)[2:], (plots.Bar(certificates.price_cents, said),)))
    return _exhibit(
        Phrase("Prices of green certificates, sale by sale", "绿证成交价格"),
        Phrase(
            "Yuan for a certificate of 1 MWh, on the day of the sale. Seller and exchange stated them; the prices are invented.",
            "每张 1 兆瓦时的成交价（元），按成交日。价格由卖方与交易平台申报，为虚构。",
        ),
        lambda title, _: plots.columns(groups, (title,), title, write=lambda cents: money(cents, "¥")),
    )


def _imbalance(played: PlayedStory) -> Exhibit:
    key, statement = next(iter(figures.imbalances(played.records).items()))
    hours = figures.settled_hours(played.records, key)
    names = (Phrase("forecast", "预测"), Phrase("metered", "计量"))
    marks = [(hour, f"{hour:02}:00") for hour in range(0, len(hours), 6)]

    def draw(title: str, language: Language) -> str:
        series = zip(names, zip(*hours, strict=True), strict=True)
        lines = [plots.Line(name.said(language), tuple(enumerate(values))) for name, values in series]
        return plots.curve(lines, title, x_ticks=marks, write=megawatt_hours, is_stepped=True)

    owed = money(statement.owed_cents, "¥")
    short, long = money(statement.short_price_cents, "¥"), money(statement.long_price_cents, "¥")
    return _exhibit(
        Phrase("Forecast and meter, hour by hour", "预测与计量，逐小时"),
        Phrase(
            f"{key}: {energy(statement.short_wh)} short at {short} a MWh, {energy(statement.long_wh)} beyond at {long}: the "
            f"plant owes {owed}. A statement, no payment; the prices are invented.",
            f"{key}：少发 {energy(statement.short_wh)}，每兆瓦时 {short}；多发 {energy(statement.long_wh)}，每兆瓦时 {long}；"
            f"电厂应付 {owed}。仅为结算单，不涉及付款；价格为虚构。",
        ),
        draw,
    )


# The meters


def _meters(played: PlayedStory, plan: YearPlan) -> Exhibit:
    counts = plan.funnel
    stages = (
        (Phrase("hours of the calendar", "日历小时"), counts.whole_hours + counts.gap_hours),
        (Phrase("wholly metered", "数据完整"), counts.whole_hours),
        (Phrase("with generation", "有净发电"), counts.positive_hours),
        (Phrase("certified", "已核发"), figures.certified_hours(played.records, plan)),
    )

    def draw(title: str, language: Language) -> str:
        return plots.funnel([plots.Stage(name.said(language), value, f"{value:,}") for name, value in stages], title)

    return _exhibit(
        Phrase("From the meter to the certificate, in hours of plants", "从电表到证书（装置小时）"),
        Phrase(
            f"{counts.readings:,} readings, {counts.accepted:,} accepted. An hour is whole if every interval of it is; what is "
            f"missing is not filled in. {counts.lost['idle']:,} hours drew power, or gave none. {plan.credit}",
            f"读数 {counts.readings:,} 条，采用 {counts.accepted:,} 条。一小时内各时段齐全才算完整，缺数不补。"
            f"{counts.lost['idle']:,} 个小时净用电或无发电。数据来源：{plan.credit}",
        ),
        draw,
        JUDGED,
    )


def _reasons(plan: YearPlan) -> Exhibit:
    return _exhibit(
        Phrase("Readings that became nothing, by reason", "未采用的读数，按原因"),
        Phrase(
            "Readings, but for the last two lines, which count hours. None of them is a certificate.",
            "除末两行按小时计外均为读数条数。其中没有一条成为证书。",
        ),
        _counts([(CALLED[reason], count) for reason, count in plan.funnel.lost.items()]),
        JUDGED,
    )


def _exercise() -> Exhibit:
    meter, stale, outliers = figures.judge_meter(), figures.judge_stale(), figures.judge_outliers()
    sources = credit("meter.csv", "stale.csv", "outliers.csv")
    return _exhibit(
        Phrase("Exercise: known faults in real series", "练习：真实序列中的已知异常"),
        Phrase(
            "Photovoltaic readings of public research archives, judged by the rules of this scenario; they are not on the "
            "ledger. Stuck readings and outliers were put in by those who published them. An outlier that looks like a cloud "
            f"stays: no rule for one reading finds it. {sources}",
            "公开科研数据集中的光伏读数，按本场景规则判定，不上链；卡死读数与异常值由数据发布方人为插入。"
            f"看似云影的异常值仍会保留：单条读数的规则识别不出。数据来源：{sources}",
        ),
        _counts(
            (
                (Phrase("meter as it was: readings", "原样电表：读数"), meter.readings),
                (Phrase("… below zero, by night", "……夜间为负"), meter.negative),
                (Phrase("… whole hours", "……完整小时"), len(meter.hours)),
                (Phrase("… hours that may be certified", "……可核发小时"), meter.positive_hours),
                (Phrase("stuck readings put in by hand", "人为插入的卡死读数"), stale.labelled),
                (Phrase("… of these refused", "……其中被拒"), stale.found),
                (Phrase("… refused beside them", "……此外被拒"), stale.beside),
                (Phrase("outliers put in by hand", "人为插入的异常值"), outliers.labelled),
                (Phrase("… of these without a certificate", "……其中不予核发"), outliers.found),
                (Phrase("… refused beside them", "……此外被拒"), outliers.beside),
            )
        ),
    )


def _counts(rows: Sequence[tuple[Phrase, int]]) -> Callable[[str, Language], str]:
    """A table of counts."""

    def draw(_: str, language: Language) -> str:
        lines = [(name.said(language), (f"{count:,}",)) for name, count in rows]
        return plots.matrix("", (COUNT.said(language),), lines, are_numbers=True)

    return draw
