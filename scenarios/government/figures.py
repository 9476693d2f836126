"""Figures of a played story, from its records and events: what was saved, who was late, who looked, what was disclosed."""

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
        fetched = {receipt.item for receipt in rows(state, "receipts", records.Receipt).values() if receipt.matter == key}
        fetched |= {
            q.item for q in rows(state, "questions", records.Question).values() if q.matter == key and q.state == "accepted"
        }
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


def looks(state: Snapshot) -> dict[tuple[str, str, str], int]:
    """(holder, who looked, purpose) -> how often: receipts, and presentations that were accepted."""
    found: dict[tuple[str, str, str], int] = {}
    for receipt in rows(state, "receipts", records.Receipt).values():
        key = (receipt.subject, receipt.consumer, receipt.purpose)
        found[key] = found.get(key, 0) + 1
    for question in rows(state, "questions", records.Question).values():
        if question.state == "accepted":
            key = (question.holder, question.verifier, question.purpose)
            found[key] = found.get(key, 0) + 1
    return found


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a company's data, by a receipt or by a presentation that was accepted."""

    at_ms: int
    number: str
    by: str
    item: str
    fields: int


def looks_at(state: Snapshot, subject: str) -> tuple[Look, ...]:
    """Every look at the data of one company, in the order of time."""
    found = [
        Look(receipt.accessed_at_ms, key, receipt.consumer, receipt.item, len(receipt.fields))
        for key, receipt in rows(state, "receipts", records.Receipt).items()
        if receipt.subject == subject
    ]
    found += [
        Look(question.presented_at_ms, key, question.verifier, question.item, len(question.fields))
        for key, question in rows(state, "questions", records.Question).items()
        if question.holder == subject and question.state == "accepted"
    ]
    return tuple(sorted(found, key=lambda look: (look.at_ms, look.number)))


def disclosure(state: Snapshot) -> dict[str, tuple[int, int]]:
    """Item -> fields that anybody was shown, fields that its version in force has."""
    shown: dict[str, set[str]] = {}
    for receipt in rows(state, "receipts", records.Receipt).values():
        shown.setdefault(receipt.item, set()).update(receipt.fields)
    for question in rows(state, "questions", records.Question).values():
        if question.state == "accepted":
            shown.setdefault(question.item, set()).update(question.fields)
    largest = {
        item: max(len(v.fields) for key, v in rows(state, "versions", records.ItemVersion).items() if key.startswith(f"{item}:"))
        for item in shown
    }
    return {item: (len(fields), largest[item]) for item, fields in shown.items()}


def customers(state: Snapshot) -> dict[str, tuple[int, int, int]]:
    """Bank -> customers checked by a presentation, days from question to account (the longest), later matters without one."""
    found: dict[str, tuple[int, int, int]] = {}
    asked = rows(state, "questions", records.Question)
    for key, customer in rows(state, "customers", records.Customer).items():
        bank = key.partition(":")[0]
        checked, longest, reuses = found.get(bank, (0, 0, 0))
        took = day_number(customer.opened_at_ms) - day_number(asked[customer.question].asked_at_ms)
        found[bank] = (checked + 1, max(longest, took), reuses + customer.reuses)
    return found


def examined(state: Snapshot) -> tuple[tuple[str, records.Evidence, tuple[tuple[str, str], ...], int], ...]:
    """Each piece of evidence with its verdicts (line, verdict) and days from deposit to the first; -1 where there was none."""
    found = []
    for key, evidence in rows(state, "evidence", records.Evidence).items():
        of_this = [v for name, v in rows(state, "verifications", records.Verification).items() if name.rpartition(":")[0] == key]
        first = day_number(of_this[0].verified_at_ms) - day_number(evidence.deposited_at_ms) if of_this else -1
        found.append((key, evidence, tuple((one.entry, one.verdict) for one in of_this), first))
    return tuple(found)
