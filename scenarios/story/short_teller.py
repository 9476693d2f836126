"""Tells a story shortly: few chapters and their decisive steps, each term where it first stands; the rest is counted.

What is told is data (`short.py`). At the end stand what was tried, the refusals that say most, and what to open next.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.contract.refusal import Phrase
from nodes.words import Words
from scenarios.story.honest_column import honest_column, verdict_of
from scenarios.story.play import RefusedRows, Totals, steps_of
from scenarios.story.short import Short, Told
from scenarios.story.story import Act, Finding, Language, PlayedStep, PlayedStory, Scenario
from scenarios.story.tell import actors, date_of, figures_of, is_refused, judged, printable, reasons, where

TEXTS = Words.of("scenarios.story")["short"]
MARK_WIDTH = 4
NAME_BEGINS = {"en": 5, "zh": 2}
"""Characters by which words name who acts: then it is not said once more."""
NEXT = ("keep", "full", "other")


@dataclass(slots=True)
class ShortTeller:
    """Writes to one console in one language."""

    console: Console
    scenario: Scenario
    language: Language
    short: Short
    totals: Totals = field(default_factory=Totals)
    """Of all steps, told or not."""
    refused_rows: RefusedRows = field(default_factory=RefusedRows)
    introduced: list[str] = field(default_factory=list)
    """Names of the terms that were explained, in order."""
    telling: list[PlayedStep] = field(default_factory=list)
    """Those refusals that say most, as they came."""
    _told: Mapping[int, Told] = field(init=False)
    _chapter: int = -1
    _untold: list[bool] = field(default_factory=list)
    """Steps since the last heading that were not told: whether each was refused."""

    def __post_init__(self) -> None:
        self._told = self.short.told([step.words for _, step in steps_of(self.scenario)])

    def begin(self) -> None:
        """Title and summary."""
        self.console.print()
        summary = self.scenario.summary.said(self.language)
        self.console.print(Text(self.scenario.title.said(self.language), style="bold"))
        self.console.print(Text(summary, style="dim"))
        self._introduce(summary)

    def is_told(self, played: PlayedStep) -> bool:
        """Whether the step stands in a chapter."""
        return played.number in self._told

    def words_of(self, played: PlayedStep) -> Phrase:
        """What a told step is told by."""
        return self._told[played.number].words

    def tell(self, played: PlayedStep) -> None:
        """One step, below its chapter's heading, or none."""
        self.totals.add(played)
        self.refused_rows.add(played)
        if not self.is_told(played):
            self._untold.append(is_refused(played))
            return
        told = self._told[played.number]
        place = told.chapter
        if place != self._chapter:
            self._end_chapter()
            self._chapter = place
            title = self.short.chapters[place].title.said(self.language)
            self._heading(f"{place + 1}  {title} · {date_of(played)}")
        self._step(played)
        if told.is_telling:
            self.telling.append(played)

    def end(self, findings: tuple[Finding, ...], played_story: PlayedStory) -> None:
        """What was tried and what came of it, then the refusals that say most."""
        self._end_chapter()
        self._heading(TEXTS["tried"].said(self.language))
        self._line(Text(tried_of(self.totals, self.language)))
        self._line(Text(verdict_of(self.scenario, honest_column(self.scenario, played_story), self.language)))
        for figure in figures_of(self.scenario, played_story, self.language):
            self._line(Text(figure, style="bold"))
        for said, style in judged(findings, self.language):
            self._line(Text(said, style=style))
        self._heading(TEXTS["telling"].said(self.language))
        for played in self.telling:
            self._step(played)

    def close(self, report: str, *, is_kept: bool = False) -> None:
        """What to open next; nodes that were kept are not offered."""
        self._heading(TEXTS["next"].said(self.language))
        self.console.print(Text("    " + TEXTS["report"].text(self.language, report=report)), soft_wrap=True)
        for key in NEXT[is_kept:]:
            self._line(Text(TEXTS[key].text(self.language, scenario=self.scenario.name)))

    def _step(self, played: PlayedStep) -> None:
        mark, style = ("✗", "red") if is_refused(played) else ("·", "dim") if not isinstance(played.step, Act) else ("✓", "green")
        said = self.words_of(played).said(self.language)
        why = reasons(self.scenario, played, self.language)
        self._introduce(" ".join((said, *why)))
        who = next((self.scenario.called(actor, self.language) for actor in actors(played)), "")
        named = not who or said.startswith(who.split()[0][: NAME_BEGINS[self.language]])
        place = where(self.scenario, played.step, self.language)
        tag = f"{place} · " if place else ""
        name = "" if named else who + TEXTS["colon"].said(self.language)
        self._line(Text.assemble((tag, "cyan"), (name, "bold"), said), mark, style)
        for reason in why:
            self._line(Text(reason, style="red"))

    def _end_chapter(self) -> None:
        if self._untold and self._chapter >= 0:
            key, numbers = "untold" if any(self._untold) else "untold-none-refused", (len(self._untold), sum(self._untold))
            count, refused = (f"{number:,}" for number in numbers)
            self._line(Text(TEXTS[key].text(self.language, count=count, refused=refused), style="dim"))
        self._untold.clear()

    def _heading(self, title: str) -> None:
        self.console.print()
        self.console.print(Text(title, style="bold cyan"))
        self._introduce(title)

    def _line(self, text: Text, mark: str = " ", style: str = "") -> None:
        """A line that wraps beside its mark, after the terms that stand in it."""
        self._introduce(text.plain)
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=MARK_WIDTH - 1, justify="right")
        grid.add_column(overflow="fold")
        grid.add_row(Text(printable(mark, self.console.encoding), style=style), text)
        self.console.print(grid)

    def _introduce(self, said: str) -> None:
        for term in self.short.terms:
            name = term.name.said(self.language)
            if name not in self.introduced and stands_in(name, said):
                self.introduced.append(name)
                means = TEXTS["term"].text(self.language, name=name, means=term.means.said(self.language))
                text = Text(means, style="italic")
                text.stylize("bold", 0, len(name))
                self._line(text, "»", "yellow")


def stands_in(name: str, said: str) -> bool:
    """Whether a term stands in a text: in English at the beginning of a word, in any number; in Chinese anywhere."""
    begins = r"\b" if name[0].isascii() else ""
    return re.search(begins + re.escape(name), said, re.IGNORECASE) is not None


def tried_of(totals: Totals, language: Language) -> str:
    """What a story tried, in a sentence."""
    return TEXTS["attempts"].text(language, **totals.shown())
