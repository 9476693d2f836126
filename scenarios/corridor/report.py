"""The report of the corridor: four ledgers side by side on one timeline; each proof that crossed can be checked by its reader.

All of it is read from the four exports and from what the stage kept of crossings. Steps in full, style and words that every
report has are those of `scenarios.report`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from statistics import median
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

from ledger.contract.quantities import money
from ledger.encoding import decode_object
from ledger.primitives import moment
from ledger.proof_paths import WRAPPED
from nodes.picture.single_page import inert_json, joined_modules, page_part
from nodes.words import Words
from scenarios.corridor.by_hand import WholeProof, whole_proof
from scenarios.corridor.cast import LEDGERS, SHIPPING
from scenarios.corridor.stage import Crossing, PlayedCorridor
from scenarios.report.book import Book, Change, read_book
from scenarios.report.page import Origin, policy
from scenarios.report.steps import Line, lines_of
from scenarios.story.story import Act, Finding, Language, PlayedStep, Scenario, organization_called
from scenarios.story.tell import first_reason, shown

WORDS = Words.of("scenarios.corridor")
TEXTS = WORDS["timeline"]
PARTS = ("scenarios.corridor", "scenarios.report", "nodes.page")
DAY_MS = 86_400_000
ENDS = (".", ":", ";", "。", "：", "；")
"""Of sentences."""
YUAN = "¥"
DEAL_SHOWN = 8
"""Digits of a deal's name."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something that goes from one ledger to another."""

    source: int
    target: int
    """Lanes."""
    words: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A crossing, opened."""

    number: int
    crossing: Crossing
    whole: WholeProof
    source: str
    target: str
    record: tuple[tuple[str, str], ...]
    signers: tuple[str, ...]


@dataclass(slots=True)
class Holdings:
    """Bill and money as the ledgers have them: it grows step by step."""

    title: Mapping[str, Any] = field(default_factory=dict)
    deal: str = ""
    """For which the bill is locked."""
    cents: dict[str, int] = field(default_factory=dict)

    def note(self, change: Change) -> None:
        """Takes over what a change says of them."""
        place, after = f"{change.contract}.{change.collection}", change.after or {}
        if place == "shipping.crossing_titles":
            self.title = after
        elif place == "shipping.bill_locks":
            self.deal = str(after.get("deal", ""))
        elif place == "deals.accounts":
            self.cents[change.key] = int(str(after["cents"]))


@dataclass(frozen=True, slots=True)
class Row:
    """A step on the timeline."""

    line: Line
    lane: int | None
    """None outside the ledgers."""
    arrows: tuple[Arrow, ...]
    cards: tuple[Card, ...]
    holdings: tuple[tuple[str, str], ...]
    """Kind and words of what stands beside it."""
    changed: bool
    """Whether this step changed that."""
    locked: bool
    frozen: bool
    freezes: bool
    """Whether it is the first one after which that is so."""
    why: str
    """The rule's sentence, where something was refused."""
    before: str = ""
    """How its sentence begins, where quiet steps before it hold that."""
    day: str = ""
    """Where it is another one than before."""

    @property
    def is_quiet(self) -> bool:
        """Whether it is left out unless all are asked for."""
        return not (self.arrows or self.why or self.changed or self.line.kind == "inspect")

    @property
    def columns(self) -> str:
        """Where its sentence stands: it goes on into the next lane where that is free."""
        if self.lane is None:
            return "2 / 6"
        crossed = {place for one in self.arrows for place in range(*sorted((one.source, one.target)))}
        crossed |= {max(one.source, one.target) for one in self.arrows}
        taken = crossed | ({LEDGERS.index(SHIPPING)} if self.locked else set()) | ({len(LEDGERS)} if self.holdings else set())
        return f"{self.lane + 2} / span {1 if self.lane + 1 in taken else 2}"


class CorridorReport:
    """What the page shows of a played corridor, in one language."""

    def __init__(self, scenario: Scenario, played: PlayedCorridor, language: Language) -> None:
        self.scenario, self.played, self.language = scenario, played, language
        books = [read_book(scenario, ledger.export) for ledger in played.ledgers.values()]
        entries = {transaction: entry for book in books for transaction, entry in book.entries.items()}
        self.book = Book(books[0].ledger, entries)
        self.lines = lines_of(scenario, played.steps, self.book, language)

    @cached_property
    def cards(self) -> Mapping[str, tuple[Card, ...]]:
        """By transaction."""
        found: dict[str, tuple[Card, ...]] = {}
        for number, crossing in enumerate(self.played.crossings):
            if crossing.outcome is not None:
                transaction = crossing.outcome.transaction
                found[transaction] = (*found.get(transaction, ()), self._card(number, crossing))
        return found

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every step, with what stood on the ledgers after it."""
        holdings, frozen, rows = Holdings(), False, list[Row]()
        selling = {
            one.chapter for one in self.played.steps if any(change.collection == "crossing_ends" for change in self._changes(one))
        }
        for one, line in zip(self.played.steps, self.lines, strict=True):
            changes = self._changes(one)
            before = [*self._said(holdings)]
            for change in changes:
                holdings.note(change)
            changed = before != [*self._said(holdings)]
            was_frozen = frozen
            frozen = frozen or any(change.collection == "heads" and (change.after or {}).get("is_frozen") for change in changes)
            cards = tuple(card for outcome in one.outcomes for card in self.cards.get(outcome.transaction, ()))
            beside = tuple(self._said(holdings)) if changed or (one.chapter in selling and isinstance(one.step, Act)) else ()
            locked = bool(holdings.deal)
            why = first_reason(self.scenario, one, self.language) if line.refused else ""
            rows.append(
                Row(
                    line,
                    _lane(one),
                    tuple(self._arrows(one, cards)),
                    cards,
                    beside,
                    changed,
                    locked,
                    frozen,
                    frozen > was_frozen,
                    why,
                )
            )
        return tuple(_joined(rows))

    def chapters(self) -> list[tuple[int, str, list[Row]]]:
        """Number, title and rows."""
        placed = [(one.chapter, row) for one, row in zip(self.played.steps, self.rows, strict=True)]
        titles = [chapter.title.said(self.language) for chapter in self.scenario.story().chapters]
        return [(place + 1, title, [row for at, row in placed if at == place]) for place, title in enumerate(titles)]

    def costs(self) -> Iterator[tuple[str, ...]]:
        """Each way with what was carried on it: headers, bytes and signatures of one, proofs and bytes of one."""
        for source in LEDGERS:
            for target in LEDGERS:
                carried = [one for one in self.played.carried if (one.source, one.target) == (source, target)]
                proofs = [one.bytes_sent for one in self.played.crossings if (one.source, one.target) == (source, target)]
                if carried and proofs:
                    sent = median(one.bytes_sent for one in carried)
                    signatures = sum(one.signatures for one in carried)
                    counts = (len(carried), round(sent), signatures, len(proofs), round(median(proofs)))
                    yield (f"{self._ledger(source)} → {self._ledger(target)}", *(f"{count:,}" for count in counts))

    def compared(self) -> Iterator[tuple[str, str, str]]:
        """What, without proofs, and here: fields that others see, and days until a certificate became money."""
        last: dict[tuple[str, str], Change] = {}
        paid: dict[str, tuple[int, int, int]] = {}
        for one in self.played.steps:
            for change in self._changes(one):
                last[f"{change.contract}.{change.collection}", change.key] = change
            for call, arguments in zip(one.step.calls, one.arguments, strict=True) if isinstance(one.step, Act) else ():
                certificate = last.get(("supply-chain-finance.certificates", str(arguments.get("certificate"))))
                if call.operation.name == "disburse" and certificate is not None and certificate.after is not None:
                    fields: Any = certificate.after
                    paid[certificate.key] = (fields["issued_on_ms"], one.time_ms, fields["due_on_ms"])
        for place in dict.fromkeys(crossing.place for crossing in self.played.crossings):
            whole = [change.after for (at, _), change in last.items() if at == place.replace("crossing_", "") and change.after]
            part = [change.after for (at, _), change in last.items() if at == place and change.after]
            if whole and part:
                kind = WORDS["records"][place.partition("crossing_")[2]].said(self.language)
                words = TEXTS["fields-of"].text(self.language, place=kind)
                before, after = (TEXTS["fields"].text(self.language, count=_count(found[-1])) for found in (whole, part))
                yield words, before, after
        for key, (issued, now, due) in paid.items():
            days = (at // DAY_MS - issued // DAY_MS for at in (due, now))
            before, after = (TEXTS["days-after" if count else "same-day"].text(self.language, days=count) for count in days)
            yield TEXTS["cash-of"].text(self.language, key=key), before, after

    def _changes(self, one: PlayedStep) -> list[Change]:
        entries = [self.book.entries[outcome.transaction] for outcome in one.outcomes if outcome.transaction in self.book.entries]
        return [change for entry in entries for change in entry.changes]

    def _ledger(self, name: str) -> str:
        return self.scenario.ledgers[name].said(self.language)

    def _card(self, number: int, crossing: Crossing) -> Card:
        whole = whole_proof(crossing, self.played.ledgers[crossing.source].export)
        value = crossing.proof["value"] or {}
        assert isinstance(value, dict)
        named = ((name, shown(self.scenario, name, part, self.language)) for name, part in value.items())
        record = tuple((WORDS["fields"][name].said(self.language), said) for name, said in named)
        signers = tuple(self._organization(member) for member, _, _ in whole.signers)
        return Card(number, crossing, whole, self._ledger(crossing.source), self._ledger(crossing.target), record, signers)

    def _organization(self, member: str) -> str:
        return organization_called(self.scenario.cast, member.partition(".")[0], self.language)

    def _arrows(self, one: PlayedStep, cards: Sequence[Card]) -> Iterator[Arrow]:
        """Of proofs; and of headers that somebody else than the relayer of the stage brings."""
        refused = any(outcome.outcome != "committed" for outcome in one.outcomes)
        for card in cards:
            crossing = card.crossing
            yield Arrow(LEDGERS.index(crossing.source), LEDGERS.index(crossing.target), self._crossed(crossing), refused)
        for call, given in zip(one.step.calls, one.arguments, strict=True) if isinstance(one.step, Act) else ():
            if call.operation.contract == "foreign":
                key, block = (
                    ("header", given.get("blocks")) if call.operation.name == "advance" else ("two-headers", [given["first"]])
                )
                about: Any = block
                words = TEXTS[key].text(self.language, height=about[-1]["header"]["height"])
                yield Arrow(LEDGERS.index(str(given["ledger"])), LEDGERS.index(call.ledger), words, refused)

    def _crossed(self, crossing: Crossing) -> str:
        """What a proof says, in a few words."""
        value: Any = crossing.proof["value"]
        kind = crossing.place.partition("crossing_")[2]
        if value is None:
            kind = "nothing"
        elif kind == "titles":
            kind += "-pledged" if value["pledgee"] else "-free"
        elif kind == "ends":
            kind += f"-{value['end']}"
        said = {name: shown(self.scenario, name, part, self.language) for name, part in (value or {}).items()}
        if kind == "licences":
            said["holder"] = self._organization(value["holder"])
        return WORDS["crossed"][kind].text(self.language, **said)

    def _said(self, holdings: Holdings) -> Iterator[tuple[str, str]]:
        title = {name: self.scenario.called(str(member), self.language) for name, member in holdings.title.items()}
        if title:
            yield "bill", TEXTS["held-by"].text(self.language, name=title["possessor"])
            if holdings.title["title_holder"] != holdings.title["possessor"]:
                yield "bill", TEXTS["title-of"].text(self.language, name=title["title_holder"])
            if holdings.title["pledgee"]:
                yield "bill", TEXTS["pledged-to"].text(self.language, name=title["pledgee"])
        if holdings.deal:
            yield "lock", TEXTS["locked-for"].text(self.language, deal=holdings.deal[:DEAL_SHOWN])
        for member, cents in holdings.cents.items():
            yield "money", f"{self.scenario.called(member, self.language)} {money(cents, YUAN)}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A ledger that goes on after the story."""

    address: str
    """Of one of its nodes."""
    directory: str


def render(
    scenario: Scenario,
    played: PlayedCorridor,
    findings: tuple[Finding, ...],
    language: Language,
    origin: Origin,
    stem: str = "",
    kept: Mapping[str, Kept] = MappingProxyType({}),
) -> str:
    """The whole report as text; `stem` begins the names of the ledgers' files beside it."""
    report = CorridorReport(scenario, played, language)
    cards = [card for cards in report.cards.values() for card in cards]
    scripts = [page_part("report.js", *PARTS), joined_modules("crossings", PARTS)]
    heads = {name: decode_object(ledger.export[0], wrapped=WRAPPED) for name, ledger in played.ledgers.items()}
    data = {
        "geneses": {str(head["ledger"]): head["genesis"] for head in heads.values()},
        "proofs": {card.number: card.whole.proof for card in cards},
    }
    loaders = {"report": PackageLoader("scenarios.report"), "corridor": PackageLoader("scenarios.corridor")}
    environment = Environment(loader=PrefixLoader(loaders), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    words = {group: {name: phrase.said(language) for name, phrase in WORDS[group].items()} for group in WORDS}
    refused = [row for row in report.rows if row.why]
    caught = Counter("" if row.lane is None else scenario.ledgers[LEDGERS[row.lane]].said(language) for row in refused)
    counts = {"crossed": len(cards), "refused": len(refused), "held": sum(not one.faults for one in findings)}
    return environment.get_template("corridor/corridor.html.j2").render(
        language="zh-Hans" if language == "zh" else "en",
        said=language,
        text={name: phrase.said(language) for name, phrase in Words.of("scenarios.report")["report"].items()},
        words=words,
        scripts=[Markup(script) for script in scripts],  # noqa: S704  own files
        policy=policy(*scripts),
        data=Markup(inert_json(data)),  # noqa: S704  inert
        title=scenario.title.said(language),
        names=LEDGERS,
        lanes=[scenario.ledgers[name].said(language) for name in LEDGERS],
        counts=TEXTS["counts"].text(language, invariants=len(findings), **counts),
        chapters=report.chapters(),
        rows=report.rows,
        refused=refused,
        caught=caught.most_common(),
        findings=[(finding.code, finding.words.said(language), finding.faults) for finding in findings],
        costs=list(report.costs()),
        compared=list(report.compared()),
        ledgers=[(scenario.ledgers[name].said(language), name, heads[name]["ledger"], ledger.head, kept.get(name))
                 for name, ledger in played.ledgers.items()],
        identities={name: head["ledger"] for name, head in heads.items()},
        directories={name: kept[name].directory if name in kept else f"DIRECTORY/{name}" for name in played.ledgers},
        origin=origin,
        played_on=Words.of("scenarios.report")["report"]["played"].text(language, place=origin.words.said(language)),
        stem=stem,
        moment=moment,
        version=version("tallystick"),
    )  # fmt: skip


def _joined(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows with their day, and with the beginnings of their sentences where these stand in quiet steps before them."""
    open_words, day = "", ""
    for row in rows:
        if row.line.kind == "clock":
            open_words = ""
            yield row
        elif row.is_quiet:
            begun = open_words + row.line.words
            open_words = "" if begun.endswith(ENDS) else begun + ("" if begun.endswith("，") else " ")
            yield row
        else:
            yield replace(row, before=open_words, day=row.line.date if row.line.date != day else "")
            open_words, day = "", row.line.date


def _lane(one: PlayedStep) -> int | None:
    return LEDGERS.index(one.step.calls[0].ledger) if isinstance(one.step, Act) else None


def _count(record: Any) -> int:
    """Fields of a record that hold something of their own."""
    if isinstance(record, dict):
        return sum(map(_count, record.values())) if record else 1
    return sum(map(_count, record)) if isinstance(record, list) and record else 1
