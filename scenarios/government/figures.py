"""Figures of a played story, from its records and events: what was saved, who was late, what was disclosed."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.contract.calendar import day_number
from scenarios.government import records
from scenarios.government.cast import ILLUSTRATIVE
from scenarios.story.play import rows
from scenarios.story.story import Snapshot


@dataclass(frozen=True, slots=True)
class Saving:
    """One matter: what it takes by assumption without the ledger, and what it took with it."""

    matter: str
    purpose: str
    before: Mapping[str, int]
    after: Mapping[str, int]


def savings(state: Snapshot, applicant: str) -> tuple[Saving, ...]:
    """A company's first matter of each kind that drew data from the ledger; documents that were not fetched are brought."""
    found: list[Saving] = []
    for key, matter in rows(state, "matters", records.Matter).items():
        fetched = {look.item for look in rows(state, "looks", records.Look).values() if look.matter == key}
        before = ILLUSTRATIVE["before"].get(matter.purpose)
        is_first = matter.purpose not in [one.purpose for one in found]
        if not before or not fetched or matter.applicant != applicant or not is_first:
            continue
        brought = before["documents"] - len(fetched)
        hours = ILLUSTRATIVE["after"]["hours_for_each_matter"] + brought * ILLUSTRATIVE["after"]["hours_for_each_document"]
        found.append(Saving(key, matter.purpose, before, {"documents": brought, "visits": 1, "hours": hours}))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How one department kept its deadlines."""

    department: str
    in_time: int
    late: int
    by_rule: int
    """Approved by rule and served in time: no office had to decide anything."""


def punctuality(state: Snapshot) -> tuple[Punctuality, ...]:
    """By department: requests and reports of errors, each in time or late; one that is open and not due counts nowhere."""
    counts: dict[str, list[int]] = {}
    for asked in rows(state, "requests", records.ShareRequest).values():
        row = counts.setdefault(asked.provider, [0, 0, 0])
        is_open = asked.attribute == "unconditional"
        answered = asked.served_at_ms if is_open else asked.answered_at_ms
        if asked.escalated_at_ms or answered > asked.answer_by_ms:
            row[1] += 1
        elif answered:
            row[2 if is_open else 0] += 1
    for case in rows(state, "cases", records.Case).values():
        row = counts.setdefault(case.provider, [0, 0, 0])
        if case.answered_at_ms:
            row[1 if case.answered_at_ms > case.answer_by_ms else 0] += 1
    return tuple(Punctuality(name, *row) for name, row in counts.items())


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What agencies were shown for one kind of matter, and how long that took."""

    purpose: str
    waits_ms: tuple[int, ...]
    """From each request, or question, to its receipt or to what was presented, by block time."""
    needed: int
    """Fields that the service is listed to need."""
    obtained: int
    """Different ones of them that anybody was shown."""
    beyond: int
    """Different fields that were shown besides."""
    available: int
    """Fields of all the entries from which it needs any, in the largest version."""


def disclosure(state: Snapshot) -> tuple[Disclosure, ...]:
    """By service item, in the order of their codes."""
    sizes: dict[str, int] = {}
    for key, version in rows(state, "versions", records.ItemVersion).items():
        item = key.rpartition(":")[0]
        sizes[item] = max(sizes.get(item, 0), len(version.fields))
    found = []
    for purpose, service in rows(state, "services", records.Service).items():
        seen = [look for look in rows(state, "looks", records.Look).values() if look.purpose == purpose]
        shown = {(look.item, name) for look in seen for name in look.fields}
        needed = {(need.item, name) for need in service.needs for name in need.fields}
        available = sum(sizes[item] for item in {need.item for need in service.needs})
        counts = len(needed), len(shown & needed), len(shown - needed), available
        found.append(Disclosure(purpose, _waits(state, purpose), *counts))
    return tuple(found)


def _waits(state: Snapshot, purpose: str) -> tuple[int, ...]:
    """Of requests that were served and questions that were answered."""
    asked = [one for one in rows(state, "requests", records.ShareRequest).values() if one.purpose == purpose]
    waits = [one.served_at_ms - one.submitted_at_ms for one in asked if one.served_at_ms]
    questions = [one for one in rows(state, "questions", records.Question).values() if one.purpose == purpose]
    return (*waits, *(one.presented_at_ms - one.asked_at_ms for one in questions if one.presented_at_ms))


def examined(state: Snapshot) -> tuple[tuple[str, records.Evidence, tuple[tuple[str, str], ...], int], ...]:
    """Each piece of evidence with its verdicts (line, verdict) and days from deposit to the first; -1 where there was none."""
    found = []
    for key, evidence in rows(state, "evidence", records.Evidence).items():
        of_this = [v for name, v in rows(state, "verifications", records.Verification).items() if name.rpartition(":")[0] == key]
        first = day_number(of_this[0].verified_at_ms) - day_number(evidence.deposited_at_ms) if of_this else -1
        found.append((key, evidence, tuple((one.entry, one.verdict) for one in of_this), first))
    return tuple(found)
