"""What the report shows of a played story: burden, deadlines, who looked for what, how little was shown, evidence.

The words stand in `data/exhibits.toml` by the name of each exhibit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ledger.contract.calendar import DAY_MS, date_text, day_number
from ledger.contract.refusal import Phrase
from ledger.contract.words import read_words
from scenarios import plots
from scenarios.data_files import filled, read_phrases
from scenarios.dates import START_MS
from scenarios.government import figures
from scenarios.government.cast import ORGANIZATIONS, PACKAGE
from scenarios.story.story import FROM_STORY, Exhibit, KeyFigure, Language, PlayedStory, Snapshot, exhibit

WORDS = read_words(PACKAGE)
SAID = read_phrases(PACKAGE, "exhibits.toml")

COMPANY = "qingteng"
FILLS = ("#d5efe9", "#fbe3c0", "#eceff3")


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
        """A word of the trade."""
        return WORDS.terms[term].said(self.language)

    def organization(self, name: str) -> str:
        """How people call an office or a company."""
        return ORGANIZATIONS[name].said(self.language)


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    return tuple(_exhibit(name, draw, played_story.records) for name, draw in DRAWN.items())


def key_figures(played_story: PlayedStory) -> tuple[KeyFigure, ...]:
    """How few of the fields that there are were ever shown."""
    shown, there = _disclosed(played_story.records)
    said, words = f"{shown} / {there}", SAID["fields"]
    return (KeyFigure(words["title"], (("computed", Phrase(said, said)),), filled(words["reading"], shown=shown, there=there)),)


def _disclosed(state: Snapshot) -> tuple[int, int]:
    """Fields shown to anybody, and fields there are."""
    pairs = figures.disclosure(state).values()
    return sum(shown for shown, _ in pairs), sum(there for _, there in pairs)


def _exhibit(name: str, draw: Callable[[Snapshot, Words], str], state: Snapshot) -> Exhibit:
    shown, there = _disclosed(state)
    reading = filled(SAID[name]["reading"], shown=shown, there=there)
    bases = (*FROM_STORY, "assumed") if name == "burden" else FROM_STORY
    return exhibit(SAID[name]["title"], reading, lambda language: draw(state, Words(name, language)), bases)


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


def _flows(state: Snapshot, words: Words) -> str:
    first: dict[tuple[str, str], int] = {}
    second: dict[tuple[str, str], int] = {}
    places: dict[str, plots.Place] = {}
    for (holder, agency, purpose), count in figures.looks(state).items():
        first[holder, agency] = first.get((holder, agency), 0) + count
        second[agency, f"for:{purpose}"] = second.get((agency, f"for:{purpose}"), 0) + count
        places[holder] = plots.Place(words.organization(holder), FILLS[0])
        places[agency] = plots.Place(words.organization(agency), FILLS[1])
        places[f"for:{purpose}"] = plots.Place(words.term(purpose), FILLS[2])
    flows = [plots.Flow(source, target, count, str(count)) for (source, target), count in (*first.items(), *second.items())]
    return plots.sankey(flows, places, words["title"], height=260)


def _audit(state: Snapshot, words: Words) -> str:
    lanes = []
    for look in figures.looks_at(state, COMPANY):
        said = SAID["audit"]["look"].text(words.language, number=look.number, item=words.term(look.item), fields=look.fields)
        lanes.append(plots.Lane(words.organization(look.by), moments=(plots.Moment(day_number(look.at_ms), said),)))
    ticks = [(day_number(START_MS) + days, date_text(START_MS + days * DAY_MS)[5:]) for days in range(0, 36, 7)]
    return plots.timeline(lanes, ticks, words["title"])


def _fields(state: Snapshot, words: Words) -> str:
    groups = [
        plots.Group(words.term(item), (plots.Bar(shown, f"{shown} / {there}"), plots.Bar(there, str(there))))
        for item, (shown, there) in figures.disclosure(state).items()
    ]
    return plots.grouped_bars(groups, words.names("series"), words["title"])


def _customers(state: Snapshot, words: Words) -> str:
    rows = [(words.organization(bank), [str(count) for count in counts]) for bank, counts in figures.customers(state).items()]
    bank, *header = words.names("header")
    return plots.matrix(bank, header, rows, are_numbers=True)


def _evidence(state: Snapshot, words: Words) -> str:
    rows = []
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
        rows.append((key, cells))
    first, *header = words.names("header")
    return plots.matrix(first, header, rows)


DRAWN: Mapping[str, Callable[[Snapshot, Words], str]] = {
    "burden": _burden, "deadlines": _deadlines, "flows": _flows, "audit": _audit, "fields": _fields, "customers": _customers,
    "evidence": _evidence,
}  # fmt: skip
