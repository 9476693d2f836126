"""Tells a story in the terminal, every step as it happens: who did what, and what the ledger said. `short_teller` tells less.

The report says the same of a step. Both write values as people do (`shown`): numbers by `ledger/contract/quantities.py`, money
behind the trade's currency sign if it has one, members and terms of the trade by their names, a sealed field as sealed.
Everything else stays as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rich.console import Console
from rich.text import Text

from ledger.contract import Contract
from ledger.contract.description import sentence
from ledger.contract.quantities import NOTHING, day, quantity
from ledger.contract.refusal import Phrase
from ledger.contract.words import words_of
from ledger.errors import JsonValue
from ledger.primitives import is_digest
from nodes.http.answers import meanings
from nodes.words import Words
from scenarios.importing.faults import inert
from scenarios.story.honest_column import honest_column, verdict_of
from scenarios.story.play import RefusedRows, Totals
from scenarios.story.story import (
    Act,
    Again,
    Clock,
    Finding,
    HandOver,
    Inspect,
    Language,
    Outcome,
    PlayedStep,
    PlayedStory,
    Scenario,
    Step,
)

TEXTS, VALUES = Words.of("scenarios.story")["tell"], Words.of("scenarios.story")["values"]
CAUSES_MAX = 200
ROWS_MAX = 6
NAME_WIDTH = 20
PARTS_MAX = 20
"""Longer lists are cut, and their length is said."""
DIGEST_SHOWN = 12
TEXT_CHARACTERS = 240
"""Longer texts are cut: a record may hold 65,536 bytes."""


@dataclass(slots=True)
class StoryTeller:
    """Writes to one console in one language."""

    console: Console
    scenario: Scenario
    language: Language
    totals: Totals = field(default_factory=Totals)
    """Of the steps shown so far."""
    refused_rows: RefusedRows = field(default_factory=RefusedRows)
    _reasons: dict[str, str] = field(default_factory=dict)
    """By row that is a first cause what the ledger said to it."""
    _chapter: int = -1
    _titles: tuple[Phrase, ...] = field(init=False)

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
        place = self._place(step)
        line = Text.assemble(
            "   ", (printable(mark, self.console.encoding), style), " ", (place, "cyan"), (who, "bold"), words, (signed, "dim")
        )
        self.console.print(line, soft_wrap=True)
        for reason in reasons(self.scenario, played, self.language, follows):
            indent = " " * (5 + Text(place).cell_len + NAME_WIDTH)
            self.console.print(Text(indent + reason, style="red"), soft_wrap=True)
            self._reasons.setdefault(reason.partition(" ")[0], reason)

    def end(self, findings: tuple[Finding, ...], played_story: PlayedStory) -> None:
        """Totals, what a database would have stopped as well, the user's rows that were refused, and the invariants."""
        self.console.print()
        for figure in figures_of(self.scenario, played_story, self.language):
            self.console.print(Text(figure, style="bold"))
        self.console.print(Text(summary_of(self.totals, played_story.blocks, self.language)))
        self.console.print(Text(verdict_of(self.scenario, honest_column(self.scenario, played_story), self.language)))
        self._tell_causes()
        for said, style in judged(findings, self.language):
            self.console.print(Text(said, style=style))

    def is_told(self, played: PlayedStep) -> bool:
        """Whether the step is shown: each is."""
        return True

    def close(self, report: str, *, is_kept: bool = False) -> None:
        """Where the report is; `is_kept` says nothing more here."""
        self.console.print()
        self.console.print(TEXTS["report"].text(self.language, report=report), soft_wrap=True, markup=False)

    def _tell_causes(self) -> None:
        causes = self.refused_rows.causes
        if not causes:
            return
        count = len(causes) + sum(map(len, causes.values()))
        self.console.print(Text(TEXTS["causes"].text(self.language, count=f"{count:,}"), style="bold red"))
        for row, followers in list(causes.items())[:CAUSES_MAX]:
            more = TEXTS["follow"].text(self.language, count=f"{len(followers):,}") if followers else ""
            self.console.print(Text(f"   {self._reasons[row]}{more}", style="red"), soft_wrap=True)
        if len(causes) > CAUSES_MAX:
            self.console.print(Text(f"   … (+{len(causes) - CAUSES_MAX:,})", style="red"))

    def _place(self, step: Step) -> str:
        """A column for the ledger, where there are several."""
        widths = [Text(name.said(self.language)).cell_len for name in self.scenario.ledgers.values()]
        place = where(self.scenario, step, self.language)
        return place + " " * (max(widths) + 2 - Text(place).cell_len) if widths else ""

    def _say(self, words: Phrase) -> str:
        return words.said(self.language)


def where(scenario: Scenario, step: Step, language: Language) -> str:
    """On which of several ledgers a step happens; empty where there is one, and for what clients do by themselves."""
    names = dict.fromkeys(call.ledger for call in step.calls if call.ledger) if isinstance(step, Act) else {}
    return VALUES["comma"].said(language).join(scenario.ledgers[name].said(language) for name in names)


def printable(mark: str, encoding: str) -> str:
    """A mark that the terminal's encoding can show."""
    try:
        mark.encode(encoding)
    except UnicodeEncodeError:
        return {"✗": "x", "·": "-", "»": ">"}.get(mark, "+")
    return mark


def figures_of(scenario: Scenario, played_story: PlayedStory, language: Language) -> Iterator[str]:
    """The key figures, a line each."""
    assumed, colon = TEXTS["assumed"].said(language), Words.of("scenarios.story")["short"]["colon"].said(language)
    for figure in scenario.key_figures(played_story):
        values = (value.said(language) + (assumed if basis == "assumed" else "") for basis, value in figure.values)
        yield f"{figure.name.said(language)}{colon}{VALUES['semicolon'].said(language).join(values)}"


def judged(findings: tuple[Finding, ...], language: Language) -> Iterator[tuple[str, str]]:
    """Whether the invariants hold, with the style of each line."""
    broken = [finding for finding in findings if finding.faults]
    if not broken:
        yield TEXTS["hold"].text(language, count=len(findings)), "green"
    for finding in broken:
        words, faults = finding.words.said(language), "; ".join(finding.faults)
        yield TEXTS["broken"].text(language, code=finding.code, words=words, faults=faults), "bold red"


def actors(played: PlayedStep) -> tuple[str, ...]:
    """Who acts in a step; empty where time passes or an envelope is sent again."""
    step = played.step
    if isinstance(step, Act):
        return step.actors
    return (step.actor,) if isinstance(step, HandOver | Inspect) else ()


def is_refused(played: PlayedStep) -> bool:
    """Whether a rule, the node's door or an inspection said no."""
    if isinstance(played.step, Inspect):
        return played.step.finds != ""
    return not isinstance(played.step, Again) and any(outcome.outcome != "committed" for outcome in played.outcomes)


def summary_of(totals: Totals, blocks: int, language: Language) -> str:
    """The totals in a sentence, with what each counts."""
    key = "summary-several" if any(ledger for ledger, _ in totals.heights) else "summary"
    return TEXTS[key].text(
        language,
        height=f"{blocks:,}",
        others=TEXTS["other-blocks"].said(language) if blocks > len(totals.heights) else "",
        **totals.shown(),
    )


def reasons(scenario: Scenario, played: PlayedStep, language: Language, follows: Sequence[str] = ()) -> tuple[str, ...]:
    """Why it was refused: the rule's sentence and its code, each once.

    `follows` names for each outcome the row of a file from which its refusal follows (`RefusedRows`): those of one cause are
    said in one sentence.
    """
    if isinstance(played.step, Inspect):
        return (_meant("finds", played.step.finds, language),) if played.step.finds else ()
    found, following = [], dict[str, list[str]]()
    causes = follows or ("",) * len(played.outcomes)
    for (contract, origin), outcome, cause in zip(_called(scenario, played), played.outcomes, causes, strict=True):
        if cause:
            following.setdefault(cause, []).append(origin)
        elif outcome.outcome != "committed":
            found.append((f"{origin} " if origin else "") + _said(scenario, contract, outcome, language))
    for cause, repeated in following.items():
        rows = list(dict.fromkeys(repeated))
        shown_rows = ", ".join(rows[:ROWS_MAX]) + (f" (+{len(rows) - ROWS_MAX})" if len(rows) > ROWS_MAX else "")
        found.append(TEXTS["follows"].text(language, rows=shown_rows, cause=cause))
    return tuple(reason for reason, _ in groupby(found))


def first_reason(scenario: Scenario, played: PlayedStep, language: Language) -> str:
    """The sentence alone of the first refusal in a step; empty if there is none."""
    if isinstance(played.step, Inspect):
        return meanings().get(played.step.finds, {}).get(language, played.step.finds)
    found = zip(_called(scenario, played), played.outcomes, strict=True)
    said = (_sentence(scenario, contract, one, language) for (contract, _), one in found if one.outcome != "committed")
    return next(said, "")


def _called(scenario: Scenario, played: PlayedStep) -> list[tuple[type[Contract], str]]:
    """For each outcome the contract that answered, and the row of a file that it answers, if there is one."""
    if isinstance(played.step, Act):
        return [(scenario.contracts[call.operation.contract], call.origin) for call in played.step.calls]
    return [(scenario.contract, "")] * len(played.outcomes)


def _said(scenario: Scenario, contract: type[Contract], outcome: Outcome, language: Language) -> str:
    """Why one outcome was refused."""
    if outcome.outcome == "problem":
        return _meant("at-the-door", outcome.code, language)
    return TEXTS["refused"].text(language, reason=f"{_sentence(scenario, contract, outcome, language)} [{outcome.code}]")


def _sentence(scenario: Scenario, contract: type[Contract], outcome: Outcome, language: Language) -> str:
    """What the rule says, or what a code of the node's door means."""
    if outcome.outcome == "problem":
        return meanings().get(outcome.code, {}).get(language, outcome.code)
    details = {name: shown(scenario, name, value, language) for name, value in outcome.details.items()}
    return sentence(words_of(contract), outcome.code, details, language)


def _meant(key: str, code: str, language: Language) -> str:
    """What a client found or a node's door said, with the meaning that the registry of codes gives."""
    meaning = meanings().get(code, {}).get(language, "")
    return TEXTS[key].text(language, reason=f"{meaning} [{code}]" if meaning else f"[{code}]")


def date_of(played: PlayedStep) -> str:
    """`2026-04-03`, UTC, by the clock that the step set, or by block time."""
    return day(played.time_ms)


def shown(scenario: Scenario, name: str, value: JsonValue, language: Language) -> str:
    """A named value in a sentence or a table."""
    if isinstance(value, bool):
        return VALUES["yes" if value else "no"].said(language)
    if isinstance(value, int):
        return quantity(name, value, scenario.currency, language)
    if isinstance(value, list):
        more = VALUES["more"].text(language, count=len(value)) if len(value) > PARTS_MAX else ""
        parts = (shown(scenario, name, part, language) for part in value[:PARTS_MAX])
        return (VALUES["comma"].said(language).join(parts) or NOTHING) + more
    if isinstance(value, dict):
        return _object(scenario, value, language)
    if value is None or value == "":
        return NOTHING
    return f"{value[:DIGEST_SHOWN]}…" if is_digest(value) else inert(scenario.called(value, language), TEXT_CHARACTERS)


def _object(scenario: Scenario, value: dict[str, JsonValue], language: Language) -> str:
    """A record within a record: its fields, or that it is sealed."""
    if value.keys() == {"sealed"} and is_digest(value["sealed"]):
        return VALUES["sealed"].text(language, digest=f"{str(value['sealed'])[:DIGEST_SHOWN]}…")
    parts = (f"{scenario.called(name, language)}: {shown(scenario, name, part, language)}" for name, part in value.items())
    return VALUES["semicolon"].said(language).join(parts) or NOTHING
