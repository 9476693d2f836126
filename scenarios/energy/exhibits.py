"""What the report shows of a played story of energy: the year by the hour, the life of the certificates, the meters."""

from scenarios.energy.drawn import megawatt_hours, share
from scenarios.energy.exhibits_life import life_exhibits
from scenarios.energy.exhibits_meters import meter_exhibits
from scenarios.energy.figures import loads, matched, scores
from scenarios.energy.quantities import WH_PER_MWH
from scenarios.energy.year_plan import YearPlan, default_plan
from scenarios.plots import Bar, Group, Line, curve, grouped_bars, heat_map
from scenarios.story.story import Exhibit, Language, PlayedStory, Words, exhibit

LOAD_NOTE = Words(
    "The load is sealed on the ledger. Drawn is what the consumer of this story sealed: nobody's meter, but a standard profile "
    "(BDEW G25) {}.",
    "用电在账本上密封。此处所绘为故事中用户所密封的数据：并非任何实际电表，而是标准负荷曲线（BDEW G25），{}。",
)
ASSUMED = Words("of a size that is an assumption (data/README.md)", "其规模为假设（data/README.md）")
SCALED = Words("made as large as what the plants of your file generate", "按您文件中各装置的发电量等比缩放")


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Every exhibit of the story, in the order of the report."""
    return exhibits_of(played_story, default_plan())


def exhibits_of(played_story: PlayedStory, plan: YearPlan) -> tuple[Exhibit, ...]:
    """The exhibits over the months of a plan; a plot of which the story has nothing is left out."""
    year = (_scores(played_story, plan), _heat(played_story, plan), _duration(played_story, plan))
    return (*year, *life_exhibits(played_story), *meter_exhibits(played_story, plan))


def _scores(played_story: PlayedStory, plan: YearPlan) -> Exhibit:
    found = scores(played_story.records, plan)
    load = megawatt_hours(found.load_wh)
    title = Words("How green was the year? It depends on the clock", "这一年有多绿？看按什么时钟算")
    rows = (
        (Words("balance of the year", "按年核对"), found.annual_ppm),
        (Words("balance of each month", "按月核对"), found.monthly_ppm),
        (Words("hour by hour", "逐小时核对"), found.hourly_ppm),
    )

    def drawn(language: Language) -> str:
        groups = [Group(name.said(language), (Bar(ppm, share(ppm)),)) for name, ppm in rows]
        return grouped_bars(groups, (Words("share of the load", "占用电比例").said(language),), title.said(language))

    return exhibit(
        title,
        Words(
            f"The same plants, the same load of {load}. By year and month: certificates against load. By the "
            f"hour: what the claims on the ledger cover. {_load_note(plan).en}",
            f"同样的电厂、同样 {load} 的用电。按年、按月：证书总量对用电总量；逐小时：账本上声明所覆盖的电量。"
            f"{_load_note(plan).zh}",
        ),
        drawn,
    )


def _heat(played_story: PlayedStory, plan: YearPlan) -> Exhibit:
    used, load = matched(played_story.records, plan), loads(plan)
    shares = [met * 100 // need if need else None for met, need in zip(used, load, strict=True)]
    days = [shares[place : place + 24] for place in range(0, len(shares), 24)]
    title = Words("Matched share of the load, hour by day", "逐日逐时匹配比例")

    def drawn(language: Language) -> str:
        rows = [(f"{hour:02}:00", [one[hour] for one in days]) for hour in range(24)]
        names = _day_names(plan)
        return heat_map(rows, names, title.said(language), write=lambda value: f"{value} %", every_row=3)

    return exhibit(
        title,
        Words(
            "A column a day, a row an hour of Beijing time; dark where the load was met by power of that hour. Calm weeks are "
            f"light stripes from top to bottom, nights without wind light rows. {_load_note(plan).en}",
            f"每列一天，每行一个北京时间小时；颜色越深，当时用电匹配越多。无风的日子是竖向浅色条带，无风的夜晚是横向浅色。{_load_note(plan).zh}",
        ),
        drawn,
    )


def _duration(played_story: PlayedStory, plan: YearPlan) -> Exhibit:
    used, load = matched(played_story.records, plan), loads(plan)
    residual = sorted((need - met for met, need in zip(used, load, strict=True) if need), reverse=True)
    title = Words("Load and what is left of it, longest first", "用电与剩余用电的持续时间曲线")
    names = (Words("load", "用电"), Words("left after matching", "匹配后剩余"))

    def drawn(language: Language) -> str:
        lines = [
            Line(name.said(language), tuple(enumerate(values)))
            for name, values in zip(names, (sorted(filter(None, load), reverse=True), residual), strict=True)
        ]
        marks = [(len(residual) * part // 4, f"{len(residual) * part // 4:,}") for part in range(5)]
        hours = Words("hours, sorted", "小时，按大小排序").said(language)
        return curve(lines, title.said(language), x_ticks=marks, write=lambda wh: f"{wh / WH_PER_MWH:,.1f} MWh", x_name=hours)

    unmet = sum(hour > 0 for hour in residual)
    return exhibit(
        title,
        Words(
            f"In {unmet:,} of {len(residual):,} hours something is left that no certificate of that hour covers: what storage or "
            f"another plant would have to bring. {_load_note(plan).en}",
            f"{len(residual):,} 小时中有 {unmet:,} 小时仍有未匹配用电：须由储能或其他电源补足。{_load_note(plan).zh}",
        ),
        drawn,
    )


def _load_note(plan: YearPlan) -> Words:
    """Where the load comes from that a figure is drawn from."""
    size = ASSUMED if plan == default_plan() else SCALED
    return Words(LOAD_NOTE.en.format(size.en), LOAD_NOTE.zh.format(size.zh))


def _day_names(plan: YearPlan) -> list[str]:
    """`26-04` over each day of a month."""
    return [month[2:] for month in plan.months for _ in range(len(plan.load_wh(month)) // 24)]
