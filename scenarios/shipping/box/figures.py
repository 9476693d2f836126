"""Figures of events that a practitioner asks for, computed from the versions of events, not from what rules look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from scenarios.shipping.box.tariff import due_cents
from scenarios.shipping.records import DndCharge, Event, Quote, Report, TransportDocument, Version
from scenarios.story.play import rows
from scenarios.story.story import Snapshot

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its newest version tells it."""

    key: str
    report: Report
    is_retracted: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A temperature in tenths of a degree, and whether its originator stands by it."""

    at_ms: int
    tenths: int
    setpoint: int
    is_retracted: bool


def versions(state: Snapshot, key: str) -> list[Version]:
    """All that was posted of an event, in order."""
    found, count = rows(state, "versions", Version), rows(state, "events", Event)[key].versions
    return [found[f"{key}:{number:04}"] for number in range(1, count + 1)]


def told(state: Snapshot) -> list[Told]:
    """Every event, retracted ones too."""
    return [Told(key, versions(state, key)[-1].report, event.is_retracted) for key, event in rows(state, "events", Event).items()]


def happened(state: Snapshot, event_type: str = "EQUIPMENT") -> list[Report]:
    """ACT events of a type that hold, in the order of their times."""
    found = [event.report for event in told(state) if not event.is_retracted]
    acts = [report for report in found if report.classifier == "ACT" and report.event_type == event_type]
    return sorted(acts, key=lambda report: report.event_at_ms)


def moment(state: Snapshot, equipment: str, code: str, port: str, *, is_empty: bool = False) -> int:
    """When this happened to a box at a port; 0 for never."""
    times = [
        report.event_at_ms
        for report in happened(state)
        if (report.equipment, report.code, report.port, report.empty == "EMPTY") == (equipment, code, port, is_empty)
    ]
    return times[-1] if times else 0


def arrival(state: Snapshot, document: TransportDocument) -> int:
    """When the ship came to the port of discharge that took a document's first box off there; 0 for not yet."""
    box, port = document.content.equipment[0].reference, document.content.port_of_discharge
    ships = [r.ship for r in happened(state) if (r.equipment, r.code, r.port) == (box, "DISC", port)]
    calls = [r for r in happened(state, "TRANSPORT") if (r.code, r.port) == ("ARRI", port)]
    return next((call.event_at_ms for call in calls if call.ship in ships), 0)


def demurrage_cents(state: Snapshot, bill: str, late_ms: int) -> int:
    """What a document's boxes would have cost in the terminal, by the tariff quoted, had they left so much later."""
    cents = 0
    for key, quote in rows(state, "quotes", Quote).items():
        name, _, box = key.partition(":")
        port = rows(state, "documents", TransportDocument)[name].content.port_of_discharge
        landed, gone = moment(state, box, "DISC", port), moment(state, box, "GTOT", port)
        if name == bill and landed and gone:
            later, now = (due_cents(quote.terms, "DEM", landed, end) for end in (gone + late_ms, gone))
            cents += later - now
    return cents


def dwell_hours(state: Snapshot, port: str) -> Mapping[str, int]:
    """Hours from discharge to gate-out by box, of those that have left."""
    boxes = {report.equipment for report in happened(state) if report.code == "GTOT" and report.port == port}
    spans = {box: (moment(state, box, "DISC", port), moment(state, box, "GTOT", port)) for box in sorted(boxes)}
    return {box: (gone - landed) // (60 * MINUTE_MS) for box, (landed, gone) in spans.items() if landed and gone}


def costs(state: Snapshot) -> Mapping[str, tuple[int, int]]:
    """Demurrage and detention by box, of every box to which free time was quoted."""
    charges = rows(state, "dnd_charges", DndCharge)

    def of(quoted: str, kind: str) -> int:
        found = charges.get(f"{quoted}:{kind}")
        return found.charged_cents if found else 0

    return {quoted.partition(":")[2]: (of(quoted, "DEM"), of(quoted, "DET")) for quoted in rows(state, "quotes", Quote)}


def estimate_errors(state: Snapshot) -> Iterator[tuple[str, int, int]]:
    """(ship, hours ahead, hours by which the estimate was wrong) of every version of every estimated arrival."""
    arrivals = {(r.ship, r.port): r.event_at_ms for r in happened(state, "TRANSPORT") if r.code == "ARRI"}
    for key in rows(state, "events", Event):
        for version in versions(state, key):
            report = version.report
            actual_ms = arrivals.get((report.ship, report.port), 0)
            if (report.event_type, report.code, report.classifier) == ("TRANSPORT", "ARRI", "EST") and actual_ms:
                hour = 60 * MINUTE_MS
                yield report.ship, (actual_ms - report.updated_at_ms) // hour, (report.event_at_ms - actual_ms) // hour


def readings(state: Snapshot, equipment: str, organization: str) -> list[Reading]:
    """What a refrigerated box measured by one originator, in order of time, taken back or not."""
    found = [
        Reading(event.report.event_at_ms, max(event.report.reading.probes), event.report.reading.setpoint, event.is_retracted)
        for event in told(state)
        if event.report.reading and event.report.equipment == equipment and event.key.startswith(f"{organization}:")
    ]
    return sorted(found, key=lambda reading: reading.at_ms)


def excursion_minutes(found: list[Reading], tolerance_tenths: int) -> int:
    """Minutes from a reading outside of the tolerance to the next one, added up."""
    return sum((b.at_ms - a.at_ms) // MINUTE_MS for a, b in pairwise(found) if abs(a.tenths - a.setpoint) > tolerance_tenths)
