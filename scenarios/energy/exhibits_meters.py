"""What the report shows of the meters: from reading to certificate, what was left out and why, and meters with faults judged."""

from scenarios.energy.exercise import judge_meter, judge_outliers, judge_stale
from scenarios.energy.figures import certified_hours
from scenarios.energy.quality import CALLED
from scenarios.energy.series import credit
from scenarios.energy.year_plan import YearPlan
from scenarios.plots import Stage, funnel, matrix
from scenarios.story.story import Exhibit, Language, PlayedStory, Words, exhibit

COUNT = Words("count", "数量")


def meter_exhibits(played_story: PlayedStory, plan: YearPlan) -> tuple[Exhibit, ...]:
    """The plants of the plan, then the exercise."""
    return (_meters(played_story, plan), _reasons(plan), _exercise())


def _meters(played_story: PlayedStory, plan: YearPlan) -> Exhibit:
    found = plan.funnel
    calendar = found.whole_hours + found.gap_hours
    title = Words("From the meter to the certificate, in hours of plants", "从电表到证书（装置小时）")
    stages = (
        (Words("hours of the calendar", "日历小时"), calendar),
        (Words("wholly metered", "数据完整"), found.whole_hours),
        (Words("with generation", "有净发电"), found.positive_hours),
        (Words("certified", "已核发"), certified_hours(played_story.records, plan)),
    )

    def drawn(language: Language) -> str:
        return funnel([Stage(name.said(language), value, f"{value:,}") for name, value in stages], title.said(language))

    return exhibit(
        title,
        Words(
            f"{found.readings:,} readings, {found.accepted:,} accepted. An hour is whole if every interval of it is; what is "
            f"missing is not filled in. {found.idle_hours:,} hours drew power, or gave none. {plan.credit}",
            f"读数 {found.readings:,} 条，采用 {found.accepted:,} 条。一小时内各时段齐全才算完整，缺数不补。"
            f"{found.idle_hours:,} 个小时净用电或无发电。数据来源：{plan.credit}",
        ),
        drawn,
    )


def _reasons(plan: YearPlan) -> Exhibit:
    title = Words("Readings that became nothing, by reason", "未采用的读数，按原因")

    def drawn(language: Language) -> str:
        rows = [(CALLED[reason].said(language), (f"{count:,}",)) for reason, count in plan.funnel.lost_readings.items()]
        rows.append((CALLED["gap"].said(language), (f"{plan.funnel.gap_hours:,}",)))
        rows.append((CALLED["idle"].said(language), (f"{plan.funnel.idle_hours:,}",)))
        return matrix("", (COUNT.said(language),), rows, are_numbers=True)

    return exhibit(
        title,
        Words(
            "Readings, but for the last two lines, which count hours. None of them is a certificate.",
            "除末两行按小时计外均为读数条数。其中没有一条成为证书。",
        ),
        drawn,
    )


def _exercise() -> Exhibit:
    meter, stale, outliers = judge_meter(), judge_stale(), judge_outliers()
    sources = credit("meter.csv", "stale.csv", "outliers.csv")
    title = Words("Exercise: known faults in real series", "练习：真实序列中的已知异常")
    rows = (
        (Words("meter as it was: readings", "原样电表：读数"), meter.readings),
        (Words("… below zero, by night", "……夜间为负"), meter.negative),
        (Words("… whole hours", "……完整小时"), len(meter.hours)),
        (Words("… hours that may be certified", "……可核发小时"), meter.positive_hours),
        (Words("stuck readings put in by hand", "人为插入的卡死读数"), stale.labelled),
        (Words("… of these refused", "……其中被拒"), stale.found),
        (Words("… refused beside them", "……此外被拒"), stale.beside),
        (Words("outliers put in by hand", "人为插入的异常值"), outliers.labelled),
        (Words("… of these without a certificate", "……其中不予核发"), outliers.found),
        (Words("… refused beside them", "……此外被拒"), outliers.beside),
    )

    def drawn(language: Language) -> str:
        return matrix(
            "", (COUNT.said(language),), [(name.said(language), (f"{count:,}",)) for name, count in rows], are_numbers=True
        )

    return exhibit(
        title,
        Words(
            "Photovoltaic readings of public research archives, judged by the rules of this scenario; they are not on the "
            "ledger. Stuck readings and outliers were put in by those who published them. An outlier that looks like a cloud "
            f"stays: no rule for one reading finds it. {sources}",
            "公开科研数据集中的光伏读数，按本场景规则判定，不上链；卡死读数与异常值由数据发布方人为插入。"
            f"看似云影的异常值仍会保留：单条读数的规则识别不出。数据来源：{sources}",
        ),
        drawn,
    )
