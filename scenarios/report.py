"""The report of a played story: one HTML file that opens from disk, prints, and asks no other host for anything."""

from dataclasses import dataclass
from importlib.metadata import version

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from scenarios.story import Act, Clock, Finding, Inspect, Language, Performance, Scenario, Told, Words
from scenarios.telling import actors, date_of, is_refused, reasons

TEXTS: dict[str, Words] = {
    "findings": Words("What holds over the whole state", "对全部状态成立的不变式"),
    "refused": Words("Attempts that were refused, each with its rule", "被拒绝的尝试及其规则"),
    "story": Words("The story, step by step", "故事全过程"),
    "figures": Words("Figures", "数据与图表"),
    "holds": Words("holds", "成立"),
    "broken": Words("broken", "不成立"),
    "number": Words("Step", "步骤"),
    "date": Words("Date", "日期"),
    "who": Words("Who", "谁"),
    "what": Words("What was tried", "尝试"),
    "rule": Words("What the ledger said", "账本的答复"),
    "source": Words("Source of the rule", "规则出处"),
    "summary": Words(
        "{steps} steps, {committed} transactions took effect, {refused} attempts were refused, {height} blocks.",
        "{steps} 个步骤，{committed} 笔交易生效，{refused} 次尝试被拒绝，{height} 个区块。",
    ),
    "honest": Words(
        "Simulated: companies, identities, money, holidays and the passage of time. Real: signatures, agreement of the nodes, "
        "every rule and every refusal in this report. Rates and terms without the ledger are assumptions.",
        "模拟的：公司、身份、资金、节假日和时间流逝。真实的：签名、节点共识，以及本报告中的每条规则和每次拒绝。"
        "不使用账本时的利率和账期为假设。",
    ),
    "root": Words("State root after the last block", "最后区块之后的状态根"),
    "played": Words("Played on {}.", "运行环境：{}。"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A step as the report shows it."""

    number: int
    date: str
    who: str
    words: str
    refused: bool
    is_clock: bool
    reasons: tuple[str, ...]
    source: str


def render(
    scenario: Scenario, performance: Performance, findings: tuple[Finding, ...], language: Language, played_on: Words
) -> str:
    """The whole report as text."""
    environment = Environment(
        loader=PackageLoader("scenarios", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    lines = [_line(scenario, told, language) for told in performance.told]
    outcomes = [outcome.outcome for told in performance.told if isinstance(told.step, Act) for outcome in told.outcomes]
    summary = TEXTS["summary"].said(language).format(
        steps=len(lines),
        committed=outcomes.count("committed"),
        refused=sum(line.refused for line in lines),
        height=performance.head.height,
    )  # fmt: skip
    by_chapter = list(zip((told.chapter for told in performance.told), lines, strict=True))
    chapters = [
        (place + 1, chapter.title.said(language), [line for number, line in by_chapter if number == place])
        for place, chapter in enumerate(scenario.story().chapters)
    ]
    exhibits = [
        (exhibit.title.said(language), exhibit.reading.said(language), Markup(exhibit.markup.said(language)))  # noqa: S704  own SVG
        for exhibit in scenario.exhibits(performance)
    ]
    return environment.get_template("report.html.j2").render(
        language="zh-Hans" if language == "zh" else "en",
        title=scenario.title.said(language),
        lead=scenario.summary.said(language),
        summary=summary,
        text={name: words.said(language) for name, words in TEXTS.items()},
        findings=[(finding.code, finding.words.said(language), finding.faults) for finding in findings],
        refused=[line for line in lines if line.refused],
        chapters=chapters,
        exhibits=exhibits,
        played_on=TEXTS["played"].said(language).format(played_on.said(language)),
        state_root=performance.head.state_root,
        version=version("tallystick"),
    )


def _line(scenario: Scenario, told: Told, language: Language) -> Line:
    codes = [told.step.finds] if isinstance(told.step, Inspect) else [outcome.code for outcome in told.outcomes]
    source = scenario.sources.get(codes[0]) if codes else None
    return Line(
        number=told.number,
        date=date_of(told),
        who=" + ".join(scenario.called(actor, language) for actor in actors(told)),
        words=told.step.words.said(language),
        refused=is_refused(told),
        is_clock=isinstance(told.step, Clock),
        reasons=reasons(scenario, told, language),
        source=source.said(language) if source else "",
    )
