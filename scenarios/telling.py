"""Tells a story in the terminal, step by step, as it happens: who did what, and what the ledger said."""

from dataclasses import dataclass, field
from itertools import groupby

from rich.console import Console
from rich.text import Text

from nodes.app.error_codes import meanings
from scenarios.story import Act, Again, Clock, Finding, HandOver, Inspect, Language, Scenario, Told, Words
from scenarios.values import day, shown

REFUSED = Words("refused: ", "拒绝：")
AT_THE_DOOR = Words("turned away: ", "退回：")
FINDS = Words("finds: ", "发现：")
HOLDS = Words("All {} invariants hold over the whole state.", "对全部状态检查，{} 条不变式全部成立。")
BROKEN = Words("An invariant is broken", "不变式被破坏")
NAME_WIDTH = 20


@dataclass(slots=True)
class Telling:
    """Writes to one console in one language."""

    console: Console
    scenario: Scenario
    language: Language
    _chapter: int = -1
    _titles: tuple[Words, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._titles = tuple(chapter.title for chapter in self.scenario.story().chapters)

    def begin(self) -> None:
        """Title and summary."""
        self.console.print()
        self.console.print(Text(self._say(self.scenario.title), style="bold"))
        self.console.print(Text(self._say(self.scenario.summary), style="dim"))

    def tell(self, told: Told) -> None:
        """One step, below its chapter's heading."""
        if told.chapter != self._chapter:
            self._chapter = told.chapter
            self.console.print()
            self.console.print(Text(f"{told.chapter + 1}  {self._say(self._titles[told.chapter])}", style="bold cyan"))
        step = told.step
        words = self._say(step.words)
        if isinstance(step, Clock):
            self.console.print(Text(f"   {date_of(told)}  {words}", style="cyan"))
            return
        mark, style = ("✗", "red") if is_refused(told) else ("·", "dim") if not isinstance(step, Act) else ("✓", "green")
        who, *others = [self.scenario.called(actor, self.language) for actor in actors(told)] or [""]
        signed = f" (+ {', '.join(others)})" if others else ""
        who += " " * max(1, NAME_WIDTH - Text(who).cell_len)
        line = Text.assemble("   ", (self._plain(mark), style), " ", (who, "bold"), words, (signed, "dim"))
        self.console.print(line, soft_wrap=True)
        for sentence in reasons(self.scenario, told, self.language):
            self.console.print(Text(f"     {' ' * NAME_WIDTH}{sentence}", style="red"), soft_wrap=True)

    def end(self, findings: tuple[Finding, ...]) -> None:
        """The invariants."""
        self.console.print()
        broken = [finding for finding in findings if finding.faults]
        if not broken:
            self.console.print(Text(self._say(HOLDS).format(len(findings)), style="green"))
        for finding in broken:
            faults = "; ".join(finding.faults)
            self.console.print(
                Text(f"{self._say(BROKEN)}: {finding.code} {self._say(finding.words)}: {faults}", style="bold red")
            )

    def _say(self, words: Words) -> str:
        return words.said(self.language)

    def _plain(self, mark: str) -> str:
        """A mark that the terminal's encoding can show."""
        try:
            mark.encode(self.console.encoding)
        except UnicodeEncodeError:
            return {"✗": "x", "·": "-"}.get(mark, "+")
        return mark


def actors(told: Told) -> tuple[str, ...]:
    """Who acts in a step; nobody where time passes or an envelope is sent again."""
    step = told.step
    if isinstance(step, Act):
        return step.actors
    return (step.actor,) if isinstance(step, HandOver | Inspect) else ()


def is_refused(told: Told) -> bool:
    """Whether a rule, the node's door or an inspection said no."""
    if isinstance(told.step, Inspect):
        return told.step.finds != ""
    return not isinstance(told.step, Again) and any(outcome.outcome != "committed" for outcome in told.outcomes)


def reasons(scenario: Scenario, told: Told, language: Language) -> tuple[str, ...]:
    """What was said no with: the rule's sentence and its code, each once."""
    if isinstance(told.step, Inspect):
        return (_meant(FINDS, told.step.finds, language),) if told.step.finds else ()
    found = []
    for origin, outcome in zip(_origins(told), told.outcomes, strict=True):
        if outcome.outcome == "rejected":
            details = {name: shown(scenario, name, value, language) for name, value in outcome.details.items()}
            sentence = scenario.contract.sentence(outcome.code, details, language)
            found.append(f"{origin}{REFUSED.said(language)}{sentence} [{outcome.code}]")
        elif outcome.outcome == "problem":
            found.append(f"{origin}{_meant(AT_THE_DOOR, outcome.code, language)}")
    return tuple(sentence for sentence, _ in groupby(found))


def _meant(said_by: Words, code: str, language: Language) -> str:
    """What a client found or a node's door said, with the meaning that the registry of codes gives."""
    meaning = meanings().get(code, {}).get(language, "")
    return f"{said_by.said(language)}{meaning} [{code}]" if meaning else f"{said_by.said(language)}[{code}]"


def _origins(told: Told) -> tuple[str, ...]:
    """For each outcome the row of a file that it answers, if there is one."""
    if isinstance(told.step, Act):
        return tuple(f"{call.origin} " if call.origin else "" for call in told.step.calls)
    return ("",) * len(told.outcomes)


def date_of(told: Told) -> str:
    """`2026-04-03`, UTC, by the clock that the step set, or by block time."""
    return day(told.time_ms)
