"""Puts the report together: everything that is shown as plain text goes through a template that escapes it.

Only the scripts written here may run in the page: its policy names the digests of exactly these texts. One opens steps; the
other draws the messages of blocks by the modules of `nodes/picture`, whose rules of style it needs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from ledger.audit import AuditReport, audit_export
from ledger.contract.contract import ContractSet
from ledger.contract.refusal import Phrase
from ledger.primitives import Digest, moment
from nodes.picture.single_page import diagram_style, digest_source, joined_modules, page_part
from nodes.words import Words
from scenarios.plots.drawing import BASES, Basis
from scenarios.report.book import Block, Book, read_book
from scenarios.report.consensus import PICTURE, Talks, agreements_of, fitted, read_talks
from scenarios.report.cost import Cost, costs_of, median_final_ms, total_of
from scenarios.report.lanes import DOINGS, Lanes, lanes_of
from scenarios.report.steps import Line, lines_of
from scenarios.story.honest_column import honest_column, section_of, verdict_of
from scenarios.story.play import Totals, steps_of, totals_of
from scenarios.story.story import Finding, KeyFigure, Language, PlayedStep, PlayedStory, Scenario
from scenarios.story.tell import judged, summary_of

WORDS = Words.of("scenarios.report")
TEXTS = WORDS["report"]
PARTS = ("scenarios.report", "nodes.picture")
KINDS = ("propose", "vote", "final", "skip", "certificate")
TERMS_MAX = 5
"""Words that the first screen explains."""
BYTES_MAX = 2_900_000
"""Size of the page; the messages of blocks take what the rest leaves."""
SLOT = "<!-- consensus -->"
"""Where they go: nothing that is escaped looks like this."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a story was played, and where to find its ledger."""

    words: Phrase
    command: str = ""
    """What plays it again in the simulator; empty where it was no simulation."""
    export: str = ""
    """Name of the file with the ledger beside the report; empty if there is none."""


def render(
    scenario: Scenario,
    played_story: PlayedStory,
    findings: tuple[Finding, ...],
    language: Language,
    origin: Origin | Phrase,
) -> str:
    """The whole report as text."""
    played = Origin(origin) if isinstance(origin, Phrase) else origin
    book, talks = read_book(scenario, played_story.export), read_talks(played_story.log)
    lines = lines_of(scenario, played_story.steps, book, language)
    totals = totals_of(played_story.steps)
    agreements = agreements_of(scenario, talks, _blocks(played_story.steps, book), language)
    audit = _audit(scenario, book, played_story)
    scripts = [page_part("report.js", *PARTS), *([joined_modules("talks", PARTS)] if agreements.blocks else [])]
    style = _read("report.css") + diagram_style()
    environment = Environment(loader=PackageLoader("scenarios.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = {name: phrase.said(language) for name, phrase in TEXTS.items()}
    column = honest_column(scenario, played_story)
    people, terms = _terms(scenario, language)
    costs = _costs(played_story.steps, book, talks, len(totals.heights))
    page = environment.get_template("report.html.j2").render(
        language="zh-Hans" if language == "zh" else "en",
        text=text,
        contents=[(name, words.said(language)) for name, words in WORDS["contents"].items() if costs["costs"] or name != "cost"],
        doings={name: phrase.said(language) for name, phrase in DOINGS.items()},
        style=Markup(style),  # noqa: S704  own files
        scripts=[Markup(script) for script in scripts],  # noqa: S704  own files
        policy=policy(*scripts),
        title=scenario.title.said(language),
        lead=scenario.summary.said(language),
        summary=summary_of(totals, played_story.blocks, language),
        verdict=verdict_of(scenario, column, language),
        honest=section_of(scenario, column, language),
        telling=_telling(scenario, lines, language),
        people=people,
        terms=terms,
        held=[said for said, _ in judged(findings, language)] if findings else [],
        broken=any(finding.faults for finding in findings),
        refused_note=_refused_note(totals, lines, language),
        chapters=_chapters(scenario, played_story.steps, lines, language),
        findings=[(finding.code, finding.words.said(language), finding.faults) for finding in findings],
        key_figures=[_said(figure, language) for figure in scenario.key_figures(played_story)],
        bases=BASES,
        base_words={name: phrase.said(language) for name, phrase in WORDS["bases"].items()},
        exhibits=[
            (one.title.said(language), one.bases, one.reading.said(language), Markup(one.markup.said(language)))  # noqa: S704
            for one in scenario.exhibits(played_story)
        ],
        agreed_heights={agreement.height for agreement in agreements.blocks},
        consensus=Markup(SLOT),  # noqa: S704
        origin=played,
        played_on=TEXTS["played"].text(language, place=played.words.said(language)),
        head=played_story.head,
        head_time=moment(played_story.head.time_ms),
        ledger=book.ledger,
        audited=_audited(audit, language),
        version=version("tallystick"),
        **costs,
    )
    shown = fitted(agreements, BYTES_MAX - len(page.encode()))
    before, _, after = page.partition(SLOT)
    consensus = environment.get_template("consensus.html.j2").render(
        text=text,
        agreements=shown,
        kinds={kind: PICTURE[kind].said(language) for kind in KINDS},
        data=Markup(shown.data),  # noqa: S704  inert
    )
    return before + consensus + after


def policy(*scripts: str) -> str:
    """What the page may do: show itself, and run these scripts."""
    sources = " ".join(f"'{digest_source(script)}'" for script in scripts)
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {sources}; base-uri 'none'; form-action 'none'"
    )


def _telling(scenario: Scenario, lines: Sequence[Line], language: Language) -> list[tuple[int, str, tuple[str, ...]]]:
    """The refusals that say most, in order: number of the step, its words, and what the ledger said."""
    if scenario.short is None:
        return []
    told = scenario.short().told([step.words for _, step in steps_of(scenario)])
    telling = {number: one.words.said(language) for number, one in told.items() if one.is_telling}
    return [(line.number, telling[line.number], line.reasons) for line in lines if line.number in telling]


def _terms(scenario: Scenario, language: Language) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Who takes part, and the first words of the trade, each with its meaning: a name begins that of a member."""
    people: list[tuple[str, str]] = []
    terms: list[tuple[str, str]] = []
    for term in () if scenario.short is None else scenario.short().terms:
        is_name = any(member.en.startswith(term.name.en) for member in scenario.cast.values())
        (people if is_name else terms).append((term.name.said(language), term.means.said(language)))
    return people, terms[:TERMS_MAX]


def _said(figure: KeyFigure, language: Language) -> tuple[str, list[tuple[Basis, str]], str]:
    values = [(basis, value.said(language)) for basis, value in figure.values]
    return figure.name.said(language), values, figure.method.said(language)


def _refused_note(totals: Totals, lines: Sequence[Line], language: Language) -> str:
    return TEXTS["refused-note"].text(
        language,
        rows=f"{sum(line.refused for line in lines):,}",
        **totals.shown(),
    )


def _chapters(
    scenario: Scenario, played: Sequence[PlayedStep], lines: Sequence[Line], language: Language
) -> list[tuple[int, str, list[Line], Lanes]]:
    placed = [(one.chapter, line) for one, line in zip(played, lines, strict=True)]
    lanes = lanes_of(scenario, played, language)
    return [
        (place + 1, chapter.title.said(language), [line for number, line in placed if number == place], lanes[place])
        for place, chapter in enumerate(scenario.story().chapters[: len(lanes)])
    ]


def _blocks(played: Sequence[PlayedStep], book: Book) -> dict[int, tuple[Block, list[int]]]:
    """Blocks with a transaction of the story, each with the numbers of its steps."""
    found: dict[int, tuple[Block, list[int]]] = {}
    for one in played:
        for outcome in one.outcomes:
            entry = book.entries.get(outcome.transaction)
            if entry is not None:
                _, steps = found.setdefault(entry.block.height, (entry.block, []))
                if one.number not in steps:
                    steps.append(one.number)
    return found


def _costs(played: Sequence[PlayedStep], book: Book, talks: Talks, blocks: int) -> Mapping[str, Any]:
    costs = costs_of(played, book, talks)
    total = total_of(costs, median_final_ms(played), blocks)
    return {
        "costs": [_row(cost, costs) for cost in costs],
        "total": total,
        "gossip": talks.others,
        "has_nodes": bool(talks.nodes),
    }


def _row(cost: Cost, costs: Sequence[Cost]) -> Mapping[str, Any]:
    """An operation's averages; those with a bar say how long it is in hundredths of the longest."""

    def barred(value: Callable[[Cost], float], written: str) -> tuple[str, int]:
        return format(value(cost), written), round(100 * value(cost) / (max(map(value, costs)) or 1))

    return {
        "operation": cost.operation,
        "transactions": cost.transactions,
        "rejected": cost.rejected,
        "members": f"{cost.member_signatures / cost.transactions:.1f}",
        "validators": f"{cost.validator_signatures / cost.transactions:.1f}",
        "messages": barred(lambda each: each.messages / each.transactions, ".1f"),
        "bytes": barred(lambda each: each.stored_bytes // each.transactions, ","),
        "final": None if cost.final_ms is None else barred(lambda each: each.final_ms or 0, ","),
        "blocks": cost.blocks,
    }


def _audit(scenario: Scenario, book: Book, played_story: PlayedStory) -> AuditReport | None:
    """The ledger, verified as by anybody who is given the file; its contract runs again."""
    if not book.ledger:
        return None
    return audit_export(played_story.export, Digest(book.ledger), ContractSet(scenario.contracts))


def _audited(audit: AuditReport | None, language: Language) -> str:
    if audit is None:
        return ""
    verdict = TEXTS["all-hold" if audit.broken is None else "none-hold"].said(language)
    return TEXTS["audited"].text(
        language,
        checks=len(audit.checks), all=verdict, again=f"{audit.executed_again:,}", transactions=f"{audit.transactions:,}"
    )  # fmt: skip


def _read(name: str) -> str:
    return (files("scenarios.report") / "templates" / name).read_text(encoding="utf-8")
