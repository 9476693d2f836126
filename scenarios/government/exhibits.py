"""What the report shows of a played story: burden, deadlines, who looked for what, how little was shown, evidence.

The words stand in `data/exhibits.toml` by the name of each exhibit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ledger.contract.calendar import DAY_MS, date_text, day_number
from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from scenarios import plots
from scenarios.data_files import filled, read_phrases
from scenarios.dates import START_MS
from scenarios.government import figures
from scenarios.government.cast import ORGANIZATIONS, PACKAGE
from scenarios.government.records import Look
from scenarios.story.play import rows
from scenarios.story.story import FROM_STORY, Exhibit, KeyFigure, Language, PlayedStory, Snapshot, exhibit

WORDS = read_words(PACKAGE)
SAID = read_phrases(PACKAGE, "exhibits.toml")

COMPANY = "qingteng"
COUNTS = ("needed", "obtained", "beyond", "available")
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Words:
    """What one exhibit says in one language."""

    name: str
    language: Language

    def __getitem__(self, entry: str) -> str:
        """An entry of its own."""
        return SAID[self.name][entry].said(self.language)

    def names(self, entry: str) -> list[str]:
        """Names of series or columns."""
        return self[entry].split("|")

    def term(self, term: str) -> str:
        """A word of the trade; one of the user's own as it is."""
        return WORDS.terms[term].said(self.language) if term in WORDS.terms else term

    def organization(self, name: str) -> str:
        """How people call an office or a company."""
        return ORGANIZATIONS[name].said(self.language)


def exhibits(played_story: PlayedStory, names: Sequence[str] = ()) -> tuple[Exhibit, ...]:
    """Those of the names, or every one, in the order of the report."""
    return tuple(_exhibit(name, DRAWN[name], played_story.records) for name in names or DRAWN)


def key_figures(played_story: PlayedStory) -> tuple[KeyFigure, ...]:
    """How long it took until an agency had what it asked for, and how much of what is needed it obtained."""
    totals = _totals(played_story.records)
    hours, fields = (Phrase(*SAID[name]["value"].both(**totals).values()) for name in ("wait", "needs"))
    return (
        KeyFigure(SAID["wait"]["title"], (("story", hours),), filled(SAID["wait"]["reading"], **totals)),
        KeyFigure(SAID["needs"]["title"], (("computed", fields),), filled(SAID["needs"]["reading"], **totals)),
    )


def _totals(state: Snapshot) -> dict[str, object]:
    """Over all services: the sum of each count, and of all waits their number, median and longest."""
    found = figures.disclosure(state)
    waits = [wait for one in found for wait in one.waits_ms]
    sums = {count: sum(getattr(one, count) for one in found) for count in COUNTS}
    return {"median": _hours(waits), "longest": _hours(sorted(waits)[-1:]), "asked": len(waits), **sums}


def _exhibit(name: str, draw: Callable[[Snapshot, Words], str], state: Snapshot) -> Exhibit:
    reading = filled(SAID[name]["reading"], **_totals(state))
    bases = (*FROM_STORY, "assumed") if name == "burden" else FROM_STORY
    return exhibit(SAID[name]["title"], reading, lambda language: draw(state, Words(name, language)), bases)


def _hours(waits_ms: Sequence[int]) -> str:
    """Their median in whole hours; a dash where there are none."""
    return f"{round(median(waits_ms) / HOUR_MS)}" if waits_ms else "–"


def _needs(state: Snapshot, words: Words) -> str:
    lines = [
        (words.term(one.purpose), [_hours(one.waits_ms), *(str(getattr(one, count)) for count in COUNTS)])
        for one in figures.disclosure(state)
    ]
    service, *header = words.names("header")
    return plots.matrix(service, header, lines, are_numbers=True)


def _burden(state: Snapshot, words: Words) -> str:
    groups = [
        plots.Group(
            f"{words.term(one.purpose)}: {words[measure]}",
            tuple(plots.Bar(side[measure], str(side[measure])) for side in (one.after, one.before)),
        )
        for one in figures.savings(state, COMPANY)
        for measure in ("documents", "visits", "hours")
    ]
    return plots.grouped_bars(groups, words.names("series"), words["title"], bases=("computed", "assumed"))


def _deadlines(state: Snapshot, words: Words) -> str:
    groups = [
        plots.Group(
            words.organization(one.department),
            tuple(plots.Bar(count, str(count)) for count in (one.in_time, one.late, one.by_rule)),
        )
        for one in figures.punctuality(state)
    ]
    return plots.stacked_bars(groups, words.names("series"), words["title"])


def _audit(state: Snapshot, words: Words) -> str:
    lanes = []
    for look in (look for look in rows(state, "looks", Look).values() if look.subject == COMPANY):
        count, item = len(look.fields), words.term(look.item)
        said = SAID["audit"]["look"].text(words.language, number=look.number, item=item, fields=count)
        lanes.append(plots.Lane(words.organization(look.by), moments=(plots.Moment(day_number(look.looked_at_ms), said),)))
    ticks = [(day_number(START_MS) + days, date_text(START_MS + days * DAY_MS)[5:]) for days in range(0, 36, 7)]
    return plots.timeline(lanes, ticks, words["title"])


def _evidence(state: Snapshot, words: Words) -> str:
    lines = []
    for key, evidence, verdicts, days in figures.examined(state):
        said = [
            SAID["evidence"]["line"].text(words.language, entry=entry, verdict=words[verdict]) if entry else words[verdict]
            for entry, verdict in verdicts
        ]
        cells = (
            words.organization(evidence.owner),
            date_text(evidence.claimed_on_ms),
            date_text(evidence.deposited_at_ms),
            "; ".join(said) or "–",
            str(days) if verdicts else "–",
            words["yes" if evidence.state == "admitted" else "no"],
        )
        lines.append((key, cells))
    first, *header = words.names("header")
    return plots.matrix(first, header, lines)


DRAWN: Mapping[str, Callable[[Snapshot, Words], str]] = {
    "needs": _needs, "burden": _burden, "deadlines": _deadlines, "audit": _audit, "evidence": _evidence,
}  # fmt: skip
