"""Tells a story in the terminal, step by step, as it happens: who did what, and what the ledger said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ledger.contract.description import sentence
from ledger.contract.quantities import day
from nodes.http.answers import meanings
from scenarios.story.play import RefusedRows, Totals
from scenarios.story.story import Act, Again, Clock, Finding, HandOver, Inspect, Language, Outcome, PlayedStep, Scenario, Words
from scenarios.values import shown

REFUSED = Words("refused: ", "拒绝：")
AT_THE_DOOR = Words("turned away: ", "退回：")
FINDS = Words("finds: ", "发现：")
HOLDS = Words("All {} invariants hold over the whole state.", "对全部状态检查，{} 条不变式全部成立。")
BROKEN = Words("An invariant is broken", "不变式被破坏")
SUMMARY = Words(
    "{steps} steps. {transactions} transactions stand on the ledger, in {blocks} of its {height} blocks{others}: {committed} "
    "took effect, {rejected} were refused by a rule. Attempts refused in all: {refused}, including those that a node turned "
    "away at its door ({turned_away}) and those that a party found in its own files ({found}).",
    "共 {steps} 个步骤。账本上有 {transactions} 笔交易，分布在 {height} 个区块中的 {blocks} 个{others}："
    "生效 {committed} 笔，被规则拒绝 {rejected} 笔。被拒绝的尝试共 {refused} 次，含节点入口退回 {turned_away} 次、"
    "当事方核对自有文件时发现 {found} 次。",
)
"""Totals of a story, each with what it counts: at the head of the report, and at the end of the telling."""
OTHERS = Words(" (the others are empty or not of this story)", "（其余为空块或不属于本故事）")
FOLLOWS = Words("{rows}: refused as well, which follows from {cause}", "{rows}：同样被拒绝，由 {cause} 引起")
FOLLOW = Words(" ({count} more rows follow from it)", "（另有 {count} 行由此引起）")
CAUSES = Words(
    "Rows of your files that the ledger refused: {count}, from these first causes:", "账本拒绝了您文件中的 {count} 行，起因如下："
)
CAUSES_MAX = 200
ROWS_MAX = 6
NAME_WIDTH = 20


@dataclass(slots=True)
class StoryTeller:
    """Writes to one console in one language."""

    console: Console
    scenario: Scenario
    language: Language
    totals: Totals = field(default_factory=Totals)
    """Of the steps told so far."""
    refused_rows: RefusedRows = field(default_factory=RefusedRows)
    _reasons: dict[str, str] = field(default_factory=dict)
    """By row that is a first cause what the ledger said to it."""
    _chapter: int = -1
    _titles: tuple[Words, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._titles = tuple(chapter.title for chapter in self.scenario.story().chapters)

    def begin(self) -> None:
        """Title and summary."""
        self.console.print()
        self.console.print(Text(self._say(self.scenario.title), style="bold"))
        self.console.print(Text(self._say(self.scenario.summary), style="dim"))

    def tell(self, played: PlayedStep) -> None:
        """One step, below its chapter's heading."""
        self.totals.add(played)
        follows = self.refused_rows.add(played)
        if played.chapter != self._chapter:
            self._chapter = played.chapter
            self.console.print()
            self.console.print(Text(f"{played.chapter + 1}  {self._say(self._titles[played.chapter])}", style="bold cyan"))
        step = played.step
        words = self._say(step.words)
        if isinstance(step, Clock):
            self.console.print(Text(f"   {date_of(played)}  {words}", style="cyan"))
            return
        mark, style = ("✗", "red") if is_refused(played) else ("·", "dim") if not isinstance(step, Act) else ("✓", "green")
        who, *others = [self.scenario.called(actor, self.language) for actor in actors(played)] or [""]
        signed = f" (+ {', '.join(others)})" if others else ""
        who += " " * max(1, NAME_WIDTH - Text(who).cell_len)
        line = Text.assemble("   ", (self._plain(mark), style), " ", (who, "bold"), words, (signed, "dim"))
        self.console.print(line, soft_wrap=True)
        for reason in reasons(self.scenario, played, self.language, follows):
            self.console.print(Text(f"     {' ' * NAME_WIDTH}{reason}", style="red"), soft_wrap=True)
            self._reasons.setdefault(reason.partition(" ")[0], reason)

    def end(self, findings: tuple[Finding, ...], height: int) -> None:
        """Totals, the user's rows that were refused, and the invariants; `height` is that of the ledger."""
        self.console.print()
        self.console.print(Text(summary_of(self.totals, height, self.language)))
        self._tell_causes()
        broken = [finding for finding in findings if finding.faults]
        if not broken:
            self.console.print(Text(self._say(HOLDS).format(len(findings)), style="green"))
        for finding in broken:
            faults = "; ".join(finding.faults)
            self.console.print(
                Text(f"{self._say(BROKEN)}: {finding.code} {self._say(finding.words)}: {faults}", style="bold red")
            )

    def _tell_causes(self) -> None:
        causes = self.refused_rows.causes
        if not causes:
            return
        count = len(causes) + sum(map(len, causes.values()))
        self.console.print(Text(self._say(CAUSES).format(count=f"{count:,}"), style="bold red"))
        for row, followers in list(causes.items())[:CAUSES_MAX]:
            more = self._say(FOLLOW).format(count=f"{len(followers):,}") if followers else ""
            self.console.print(Text(f"   {self._reasons[row]}{more}", style="red"), soft_wrap=True)
        if len(causes) > CAUSES_MAX:
            self.console.print(Text(f"   … (+{len(causes) - CAUSES_MAX:,})", style="red"))

    def _say(self, words: Words) -> str:
        return words.said(self.language)

    def _plain(self, mark: str) -> str:
        """A mark that the terminal's encoding can show."""
        try:
            mark.encode(self.console.encoding)
        except UnicodeEncodeError:
            return {"✗": "x", "·": "-"}.get(mark, "+")
        return mark


def actors(played: PlayedStep) -> tuple[str, ...]:
    """Who acts in a step; nobody where time passes or an envelope is sent again."""
    step = played.step
    if isinstance(step, Act):
        return step.actors
    return (step.actor,) if isinstance(step, HandOver | Inspect) else ()


def is_refused(played: PlayedStep) -> bool:
    """Whether a rule, the node's door or an inspection said no."""
    if isinstance(played.step, Inspect):
        return played.step.finds != ""
    return not isinstance(played.step, Again) and any(outcome.outcome != "committed" for outcome in played.outcomes)


def summary_of(totals: Totals, height: int, language: Language) -> str:
    """The totals in a sentence, with what each counts."""
    return SUMMARY.said(language).format(
        steps=f"{totals.steps:,}",
        transactions=f"{totals.transactions:,}",
        blocks=f"{len(totals.heights):,}",
        height=f"{height:,}",
        others=OTHERS.said(language) if height > len(totals.heights) else "",
        committed=f"{totals.committed:,}",
        rejected=f"{totals.rejected.total():,}",
        refused=f"{totals.refused:,}",
        turned_away=f"{totals.turned_away.total():,}",
        found=f"{totals.found:,}",
    )


def reasons(scenario: Scenario, played: PlayedStep, language: Language, follows: Sequence[str] = ()) -> tuple[str, ...]:
    """What was said no with: the rule's sentence and its code, each once.

    `follows` names for each outcome the row of a file from which its refusal follows (`RefusedRows`): those of one cause are
    said in one sentence.
    """
    if isinstance(played.step, Inspect):
        return (_meant(FINDS, played.step.finds, language),) if played.step.finds else ()
    found, following = [], dict[str, list[str]]()
    for origin, outcome, cause in zip(_origins(played), played.outcomes, follows or ("",) * len(played.outcomes), strict=True):
        if cause:
            following.setdefault(cause, []).append(origin.strip())
        elif outcome.outcome != "committed":
            found.append(origin + _said(scenario, outcome, language))
    for cause, repeated in following.items():
        rows = list(dict.fromkeys(repeated))
        shown_rows = ", ".join(rows[:ROWS_MAX]) + (f" (+{len(rows) - ROWS_MAX})" if len(rows) > ROWS_MAX else "")
        found.append(FOLLOWS.said(language).format(rows=shown_rows, cause=cause))
    return tuple(reason for reason, _ in groupby(found))


def _said(scenario: Scenario, outcome: Outcome, language: Language) -> str:
    """The no of one outcome."""
    if outcome.outcome == "problem":
        return _meant(AT_THE_DOOR, outcome.code, language)
    details = {name: shown(scenario, name, value, language) for name, value in outcome.details.items()}
    return f"{REFUSED.said(language)}{sentence(scenario.contract.refusals, outcome.code, details, language)} [{outcome.code}]"


def _meant(said_by: Words, code: str, language: Language) -> str:
    """What a client found or a node's door said, with the meaning that the registry of codes gives."""
    meaning = meanings().get(code, {}).get(language, "")
    return f"{said_by.said(language)}{meaning} [{code}]" if meaning else f"{said_by.said(language)}[{code}]"


def _origins(played: PlayedStep) -> tuple[str, ...]:
    """For each outcome the row of a file that it answers, if there is one."""
    if isinstance(played.step, Act):
        return tuple(f"{call.origin} " if call.origin else "" for call in played.step.calls)
    return ("",) * len(played.outcomes)


def date_of(played: PlayedStep) -> str:
    """`2026-04-03`, UTC, by the clock that the step set, or by block time."""
    return day(played.time_ms)
