"""A step as the report shows it: what it said, what was signed by whom, what changed, who may see it, and where it stands.

All texts are plain; the template escapes them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.contract.quantities import NOTHING, day
from ledger.errors import JsonValue
from ledger.primitives import moment
from nodes.words import Words
from scenarios.importing.faults import inert
from scenarios.report.book import Book, Change, Entry, Fields, Seen
from scenarios.story.honest_column import answer_of
from scenarios.story.play import RefusedRows
from scenarios.story.story import Act, Again, Clock, HandOver, Inspect, Language, PlayedStep, Scenario
from scenarios.story.tell import VALUES, actors, date_of, is_refused, reasons, shown

SHOWN_MAX = 12
"""Calls of a batch that are shown, and as many signers, places on the ledger, and records with something sealed."""
KEY_CHARACTERS = 120
RECORDS_MAX = 24
"""Records of a step that are shown."""
KINDS: dict[type[object], str] = {Act: "act", Again: "again", Clock: "clock", HandOver: "hand-over", Inspect: "inspect"}
EMPTY: tuple[JsonValue, ...] = (None, "", 0, [], {})
TEXTS = Words.of("scenarios.report")["report"]


@dataclass(frozen=True, slots=True)
class Called:
    """One operation with its arguments in words."""

    operation: str
    arguments: tuple[tuple[str, str], ...]
    origin: str
    """Row of a file that it comes from; empty if none."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record that changed: its place, what happened to it, and field, before and after."""

    place: str
    what: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Who sees what of a record with something sealed."""

    place: str
    rows: tuple[tuple[str, str, str], ...]
    """`value` or `digest`, who, and the sentence of the rule."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transaction stands on the ledger."""

    transaction: str
    height: int
    block: str
    time: str
    state_root: str


@dataclass(frozen=True, slots=True)
class Line:
    """A step."""

    number: int
    kind: str
    date: str
    who: str
    words: str
    refused: bool
    reasons: tuple[str, ...]
    reasons_left_out: int
    source: str
    database: str
    """Whether a shared database would have refused it as well; empty where nothing was refused."""
    signed: tuple[tuple[str, str], ...]
    """Name and member id."""
    signed_left_out: int
    calls: tuple[Called, ...]
    calls_left_out: int
    records: tuple[Record, ...]
    records_left_out: int
    sights: tuple[Sight, ...]
    sights_left_out: int
    places: tuple[Place, ...]
    places_left_out: int
    labels: str = ""
    """Of the openings that change hands."""


def lines_of(scenario: Scenario, played: Sequence[PlayedStep], book: Book, language: Language) -> tuple[Line, ...]:
    """Every step in order."""
    rows = RefusedRows()
    return tuple(_line(scenario, one, book, language, rows.add(one)) for one in played)


def _line(scenario: Scenario, played: PlayedStep, book: Book, language: Language, follows: Sequence[str]) -> Line:
    step = played.step
    entries = [book.entries[outcome.transaction] for outcome in played.outcomes if outcome.transaction in book.entries]
    # An envelope that came once more has its own first step, which shows what it did.
    changes = [] if isinstance(step, Again) else [change for entry in entries for change in entry.changes]
    said = reasons(scenario, played, language, follows)
    called, places = list(_calls(scenario, played, language)), list(_places(played, book))
    signers = list(dict.fromkeys(_signers(step))) if isinstance(step, Act) else []
    sights = [] if isinstance(step, Again) else _sights(scenario, entries, language)
    return Line(
        number=played.number,
        kind=KINDS[type(step)],
        date=date_of(played),
        who=" + ".join(scenario.called(actor, language) for actor in actors(played)),
        words=step.words.said(language),
        refused=is_refused(played),
        reasons=said[:SHOWN_MAX],
        reasons_left_out=max(0, len(said) - SHOWN_MAX),
        source=_source(scenario, played, language),
        database=answer_of(scenario, played, language),
        signed=tuple((_signed(scenario, *signer, language), signer[0]) for signer in signers[:SHOWN_MAX]),
        signed_left_out=max(0, len(signers) - SHOWN_MAX),
        calls=tuple(called[:SHOWN_MAX]),
        calls_left_out=max(0, len(called) - SHOWN_MAX),
        records=tuple(_record(scenario, change, language) for change in changes[:RECORDS_MAX]),
        records_left_out=max(0, len(changes) - RECORDS_MAX),
        sights=tuple(sights[:SHOWN_MAX]),
        sights_left_out=max(0, len(sights) - SHOWN_MAX),
        places=tuple(places[:SHOWN_MAX]),
        places_left_out=max(0, len(places) - SHOWN_MAX),
        labels=", ".join(step.labels) if isinstance(step, HandOver) else "",
    )


def _signers(step: Act) -> Iterator[tuple[str, str]]:
    """In whose name each call is signed, and whose key that was if it was another's."""
    for call in step.calls:
        for member in call.signers or step.actors:
            yield member, call.forger


def _signed(scenario: Scenario, member: str, forger: str, language: Language) -> str:
    name = scenario.called(member, language)
    return TEXTS["forged"].text(language, name=name, forger=scenario.called(forger, language)) if forger else name


def _source(scenario: Scenario, played: PlayedStep, language: Language) -> str:
    codes = [played.step.finds] if isinstance(played.step, Inspect) else [outcome.code for outcome in played.outcomes]
    source = scenario.sources.get(codes[0]) if codes else None
    return source.said(language) if source else ""


def _calls(scenario: Scenario, played: PlayedStep, language: Language) -> Iterator[Called]:
    if isinstance(played.step, Act):
        for call, arguments in zip(played.step.calls, played.arguments, strict=True):
            rows = [
                (scenario.called(name, language), shown(scenario, name, given, language)) for name, given in arguments.items()
            ]
            yield Called(call.operation.name, tuple(rows), inert(call.origin))


def _record(scenario: Scenario, change: Change, language: Language) -> Record:
    """Fields that differ; of a new or deleted record those that say something."""
    before, after = change.before or {}, change.after or {}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if change.before is None or change.after is None:
        names = [name for name in names if (after or before)[name] not in EMPTY]
    rows = tuple(
        (scenario.called(name, language), _value(scenario, name, change.before, language),
         _value(scenario, name, change.after, language))
        for name in names
    )  # fmt: skip
    what = "new" if change.before is None else "deleted" if change.after is None else "changed"
    return Record(_place(change.collection, change.key), TEXTS[f"record-{what}"].said(language), rows)


def _value(scenario: Scenario, name: str, fields: Fields | None, language: Language) -> str:
    return NOTHING if fields is None or name not in fields else shown(scenario, name, fields[name], language)


def _sights(scenario: Scenario, entries: Sequence[Entry], language: Language) -> list[Sight]:
    """The last word on each record of the step."""
    found = {(sights.collection, sights.key): sights for entry in entries for sights in entry.sights}
    return [
        Sight(
            _place(sights.collection, sights.key),
            tuple((seen.level, _who(scenario, seen, language), seen.sentence.said(language)) for seen in sights.seen),
        )
        for sights in found.values()
    ]


def _places(played: PlayedStep, book: Book) -> Iterator[Place]:
    for outcome in played.outcomes:
        entry = book.entries.get(outcome.transaction)
        if entry is not None:
            block = entry.block
            yield Place(outcome.transaction, block.height, block.id, moment(block.time_ms), block.state_root)


def _who(scenario: Scenario, seen: Seen, language: Language) -> str:
    """By name; of many the number, who see only what stands on the ledger anyway."""
    count = len(seen.members)
    if count > SHOWN_MAX and seen.level != "value":
        return TEXTS["others"].text(language, count=count)
    names = VALUES["comma"].said(language).join(scenario.called(member, language) for member in seen.members[:SHOWN_MAX])
    return names if count <= SHOWN_MAX else TEXTS["and-more"].text(language, names=names, count=count - SHOWN_MAX)


def _place(collection: str, key: str) -> str:
    """`certificates / HH-1`; days in keys are days for people too."""
    parts = (day(int(part)) if part.isdecimal() and len(part) == 13 else part for part in key.split(":"))
    return f"{collection} / {inert(':'.join(parts), KEY_CHARACTERS)}"
