"""What the report shows of a played story, from the records of the ledger; its words stand in `report.toml`.

Documents: who had title and possession when, what paper would have taken. Boxes: the voyage, how long
they stood and what it cost, estimates, a reefer, and why a box is not released.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.contract.calendar import DAY_MS, date_text, day_of
from ledger.contract.refusal import Phrase
from nodes.words import Words
from scenarios.data_files import read_data
from scenarios.plots import NO, YES, Bar, Group, Lane, Line, Moment, Span, curve, grouped_bars, histogram, matrix, timeline
from scenarios.plots.drawing import Basis
from scenarios.shipping.box import figures
from scenarios.shipping.box.figures import happened, moment
from scenarios.shipping.cast import CAST, PACKAGE
from scenarios.shipping.fleet import SECOND
from scenarios.shipping.records import Account, ChainEntry, Title, TransportDocument
from scenarios.shipping.shipments import DISCHARGE, VESSEL, C
from scenarios.story.play import rows
from scenarios.story.story import FROM_STORY, Exhibit, KeyFigure, Language, PlayedStory, Snapshot, exhibit

WORDS = Words.of(PACKAGE, "report.toml")
COURIER_DAYS = int(read_data(PACKAGE, "illustrative.json")["paper_courier_days"])
"""Days that paper is on its way from one party to the next: an assumption."""
HOUR_MS = 60 * figures.MINUTE_MS
TOLERANCE = 20
"""Two degrees beside the setpoint, in tenths: an assumption."""
EDGES = tuple(range(24, 24 * 15, 24 * 2))
"""Classes of dwell, in hours."""
KINDS = {"GTIN": 0, "LOAD": 1, "DISC": 0, "GTOT": 2}
"""What a box is in after a move: a terminal, a ship, the consignee's hands."""
Cell = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Speaker:
    """The words of one exhibit in one language."""

    exhibit: str
    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """One of its sentences."""
        return WORDS.text(self.exhibit, key, self.language, **values)

    def each(self, key: str) -> list[str]:
        """The headings of a table or the names of a plot's series."""
        return self(key).split("|")

    def member(self, member: str) -> str:
        """How people call a member; `*` is the bearer."""
        return self("bearer") if member == "*" else CAST[member].said(self.language)


def exhibits(played_story: PlayedStory) -> tuple[Exhibit, ...]:
    """Every exhibit, in the order of the report."""
    state = played_story.records
    return (
        _holders(played_story),
        _voyage(state),
        _dwell(state),
        _costs(state),
        _estimates(state),
        _reefer(state),
        _why_not(state),
    )


def key_figures(played_story: PlayedStory) -> tuple[KeyFigure, ...]:
    """Hours from arrival to accepted surrender, and demurrage that paper would have cost."""
    found = returns(played_story.records)
    if not found:
        return ()
    here, paper = (sorted(hours)[len(found) // 2] for hours in zip(*(one.hours for one in found), strict=True))
    avoided = sum(figures.demurrage_cents(played_story.records, one.bill, one.late_ms) for one in found)
    values = {"bills": len(found), "courier_days": COURIER_DAYS, "most": max(one.courier_days for one in found)}
    return (
        _key_figure("hours", (("story", here), ("assumed", paper)), values),
        _key_figure("avoided", (("assumed", f"€{avoided // 100:,}"),), values),
    )


def _key_figure(name: str, told: Sequence[tuple[Basis, object]], values: Mapping[str, object]) -> KeyFigure:
    words = WORDS[f"key-{name}"]
    found = tuple((basis, Phrase(**words[basis].both(value=value))) for basis, value in told)
    return KeyFigure(words["name"], found, Phrase(**words["method"].both(**values)))


def _exhibit(name: str, draw: Callable[[Speaker], str], bases: tuple[Basis, ...] = FROM_STORY, **figures: object) -> Exhibit:
    """A drawing with its title and the sentence on how to read it, in which figures of the story stand."""
    title, reading = WORDS[name]["title"], Phrase(**WORDS[name]["reading"].both(**figures))
    return exhibit(title, reading, lambda language: draw(Speaker(name, language)), bases)


# Documents


def _holders(played_story: PlayedStory) -> Exhibit:
    state = played_story.records
    bills = [name for name in state["titles"] if _chain(state, name) and _chain(state, name)[0].action == "ISSUE"]
    end_ms = day_of(played_story.head.time_ms) + DAY_MS

    def draw(say: Speaker) -> str:
        names = say.each("lanes")
        lanes = []
        for bill in bills:
            for kind, (name, held) in enumerate(zip(names, (possession(state, bill), titles(state, bill)), strict=True)):
                lanes.append(Lane(f"{bill} {name}", tuple(_spans(held, end_ms, kind, say))))
        return timeline(lanes, _fortnights(played_story.start_ms, end_ms), say("title"), names)

    return _exhibit("holders", draw)


@dataclass(frozen=True, slots=True)
class Return:
    """A bill that came back for the goods. Paper travels while the ship does: only what exceeds the voyage makes it later."""

    bill: str
    issued_ms: int
    arrived_ms: int
    accepted_ms: int
    courier_days: int

    @property
    def late_ms(self) -> int:
        """How much later a bill of paper would have been accepted."""
        return max(0, self.issued_ms + self.courier_days * DAY_MS - self.accepted_ms)

    @property
    def hours(self) -> tuple[int, int]:
        """From arrival to accepted surrender, here and on paper; none for a bill that was back before the ship came."""
        here_ms = self.accepted_ms - self.arrived_ms
        return max(0, here_ms) // HOUR_MS, max(0, here_ms + self.late_ms) // HOUR_MS


def returns(state: Snapshot) -> list[Return]:
    """Every electronic bill that was surrendered for delivery."""
    found = []
    for bill, document in rows(state, "documents", TransportDocument).items():
        chain = _chain(state, bill)
        if chain and document.status == "SURRENDERED_FOR_DELIVERY":
            couriers = COURIER_DAYS * sum(entry.action in ("ISSUE", "TRANSFER", "SACC") for entry in chain)
            found.append(Return(bill, chain[0].at_ms, figures.arrival(state, document), chain[-1].at_ms, couriers))
    return found


def possession(state: Snapshot, bill: str) -> list[tuple[int, str]]:
    """(since when, possessor), in order of time."""
    held = []
    for entry in _chain(state, bill):
        if entry.action in ("ISSUE", "TRANSFER", "SREJ", "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT"):
            held.append((entry.at_ms, entry.recipient))
        elif entry.action == "SACC":
            held.append((entry.at_ms, ""))
    return held


def titles(state: Snapshot, bill: str) -> list[tuple[int, str]]:
    """(since when, title holder), in order of time; empty after the end, `*` for bearer."""
    content = rows(state, "documents", TransportDocument)[bill].content
    held = []
    for entry in _chain(state, bill):
        if entry.action == "ISSUE":
            held.append((entry.at_ms, content.endorsee or content.consignee or "*"))
        elif entry.action in ("ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE"):
            held.append((entry.at_ms, entry.recipient or "*"))
        elif entry.action == "SACC":
            held.append((entry.at_ms, ""))
    return held


def _spans(held: list[tuple[int, str]], end_ms: int, kind: int, say: Speaker) -> Iterator[Span]:
    for (since_ms, who), (until_ms, _) in pairwise([*held, (end_ms, "")]):
        if who and until_ms - since_ms > DAY_MS // 2:
            yield Span(since_ms, until_ms, say.member(who), kind)


def _fortnights(start_ms: int, end_ms: int) -> list[tuple[int, str]]:
    """Marks of a plot's days."""
    return [(day, date_text(day)[5:]) for day in range(day_of(start_ms), end_ms, 14 * DAY_MS)]


def _chain(state: Snapshot, bill: str) -> list[ChainEntry]:
    chain = rows(state, "chain", ChainEntry)
    return [chain[key] for key in sorted(chain) if key.startswith(f"{bill}:")]


# Boxes


def _voyage(state: Snapshot) -> Exhibit:
    documents = rows(state, "documents", TransportDocument)
    live = [(name, document.content.equipment) for name, document in documents.items() if document.status != "VOIDED"]
    lanes = [_lane(state, f"{name} {box.reference}", box.reference) for name, boxes in live for box in boxes[:3]]
    for ship in (VESSEL, SECOND):
        calls = {r.port: r.event_at_ms for r in reversed(happened(state, "TRANSPORT")) if r.vessel_imo == ship}
        lanes.append(Lane(f"IMO {ship}", moments=tuple(Moment(at_ms, port) for port, at_ms in calls.items())))
    times = [report.event_at_ms for report in happened(state)]
    marks = _fortnights(min(times), max(times))
    return _exhibit("voyage", lambda say: timeline(lanes, marks, say("title"), say.each("kinds")))


def _lane(state: Snapshot, label: str, box: str) -> Lane:
    """A box's way: what it is in after each move."""
    moves = [report for report in happened(state) if report.equipment == box and report.code in KINDS]
    spans = [
        Span(move.event_at_ms, end.event_at_ms, move.port if move.code == "DISC" else "", KINDS[move.code])
        for move, end in pairwise(moves)
    ]
    return Lane(label, tuple(spans))


def _dwell(state: Snapshot) -> Exhibit:
    values = list(figures.dwell_hours(state, DISCHARGE).values())

    def draw(say: Speaker) -> str:
        return histogram(values, EDGES, say("title"), write=lambda hours: say("days", days=hours // 24), counted=say("counted"))

    return _exhibit("dwell", draw, boxes=len(values))


def _costs(state: Snapshot) -> Exhibit:
    quoted = figures.costs(state)
    groups = [
        Group(box, tuple(Bar(cents, f"€{cents // 100:,}") if cents else None for cents in cost))
        for box, cost in quoted.items()
        if any(cost)
    ]

    def draw(say: Speaker) -> str:
        return grouped_bars(groups, say.each("series"), say("title"))

    return _exhibit("costs", draw, charged=len(groups), quoted=len(quoted))


def _estimates(state: Snapshot) -> Exhibit:
    found = sorted(figures.estimate_errors(state))
    lines = [
        Line(f"IMO {ship.partition(':')[0]}", tuple((-ahead, abs(error)) for s, ahead, error in found[::-1] if s == ship))
        for ship in dict.fromkeys(ship for ship, _, _ in found)
    ]

    def draw(say: Speaker) -> str:
        marks = [(-24 * days, say("days", days=days)) for days in (35, 28, 21, 14, 7, 0)]
        return curve(lines, say("title"), x_ticks=marks, write=lambda hours: say("hours", hours=hours), x_name=say("ahead"))

    return _exhibit("estimates", draw)


def _reefer(state: Snapshot) -> Exhibit:
    found = figures.readings(state, C.boxes[0].reference, "canghai")
    standing = [reading for reading in found if not reading.is_retracted]
    reported, left = (f"{figures.excursion_minutes(readings, TOLERANCE):,}" for readings in (found, standing))
    series = (_points(found), _points(standing), tuple((at, found[0].setpoint) for at, _ in _points(found)))
    marks = [
        (hour, date_text(hour * HOUR_MS)[5:]) for hour in range(found[0].at_ms // HOUR_MS, found[-1].at_ms // HOUR_MS, 24 * 7)
    ]

    def draw(say: Speaker) -> str:
        lines = [Line(name, points) for name, points in zip(say.each("series"), series, strict=True)]
        return curve(lines, say("title"), x_ticks=marks, write=lambda tenths: f"{tenths // 10}.{tenths % 10} °C")

    return _exhibit("reefer", draw, reported=reported, retracted=len(found) - len(standing), standing=left)


def _points(found: Sequence[figures.Reading]) -> tuple[tuple[int, int], ...]:
    return tuple((reading.at_ms // HOUR_MS, reading.tenths) for reading in found)


def _why_not(state: Snapshot) -> Exhibit:
    documents = rows(state, "documents", TransportDocument)
    live = [(name, document) for name, document in documents.items() if document.status != "VOIDED"]
    lines = [_reasons(state, name, document, place) for name, document in live for place in _shown(document)]
    return _exhibit("why-not", lambda say: matrix(say("corner"), say.each("header"), lines))


def _shown(document: TransportDocument) -> range:
    """Every box of a small document, two of a large one."""
    count = len(document.content.equipment)
    return range(count if count < 4 else 2)


def _reasons(state: Snapshot, name: str, document: TransportDocument, place: int) -> Cell:
    box, port = document.content.equipment[place].reference, document.content.port_of_discharge
    account = rows(state, "accounts", Account).get(name) or Account(due_cents=document.facts.collect_cents)
    title = rows(state, "titles", Title).get(name)
    is_given_back = title is None or document.status == "SURRENDERED_FOR_DELIVERY"
    answers = (
        moment(state, box, "DISC", port) > 0,
        is_given_back,
        moment(state, box, "CUSR", port) > 0,
        not document.holds,
        account.paid_cents >= account.due_cents,
        document.released_to != "",
        moment(state, box, "GTOT", port) > 0,
    )
    return f"{name} {box}", [YES if answer else NO for answer in answers]
