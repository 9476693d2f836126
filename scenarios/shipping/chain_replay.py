"""Title and possession judged again from the submitted steps and their events alone: an oracle that shares no rule with the
contract. It follows every entry in the order in which it was announced, with those who signed for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from scenarios.shipping.records_title import Title
from scenarios.story.play import PlayedEvent, played_events
from scenarios.story.story import PlayedStory

Faults = Iterator[str]
ENDORSEMENTS = ("ENDORSE", "ENDORSE_TO_ORDER", "BLANK_ENDORSE")
SURRENDERS = ("SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT")


@dataclass(slots=True)
class Held:
    """Where a bill is, as far as the entries so far say."""

    possessor: str = ""
    surrenderer: str = ""
    pledgee: str = ""
    is_closed: bool = False
    entries: int = 0
    at_ms: int = 0


def faults_of_chains(played_story: PlayedStory) -> Faults:
    """D3: every bill begins with one ISSUE, every change is signed by the one who could make it, nothing follows SACC."""
    bills: dict[str, Held] = {}
    for event in played_events(played_story):
        if event.name not in ("entry", "pledged", "unpledged"):
            continue
        document = str(event.data["document"])
        bill = bills.setdefault(document, Held())
        if event.name != "entry":
            bill.pledgee = str(event.data.get("pledgee", ""))
            continue
        yield from (f"{document}: {fault}" for fault in _faults_of_entry(played_story, bill, event))
        _follow(bill, event)
    for document, record in played_story.records["titles"].items():
        assert isinstance(record, Title)
        bill = bills.get(document, Held())
        if (record.possessor, record.entries, record.pledgee) != (bill.possessor, bill.entries, bill.pledgee):
            yield f"{document}: the title says {record.possessor}, the entries {bill.possessor}"


def _faults_of_entry(played_story: PlayedStory, bill: Held, event: PlayedEvent) -> Faults:
    action, actor = str(event.data["action"]), str(event.data["actor"])
    is_paper = event.operation == "return_paper"
    if (action == "ISSUE") != (bill.entries == 0) and not is_paper:
        yield f"{action} as entry {bill.entries + 1}"
    if bill.is_closed:
        yield f"{action} after SACC"
    if action in ("TRANSFER", "SIGN", *ENDORSEMENTS, *SURRENDERS) and actor != bill.possessor:
        yield f"{action} by {actor}, while {bill.possessor} possesses it"
    if event.operation != "finish_envelope" and action not in ("ISSUE",) and actor not in event.signers:
        yield f"{action} of {actor} signed by {event.signers}"
    moves = action in ("TRANSFER", *ENDORSEMENTS, *SURRENDERS)
    if bill.pledgee and moves and bill.pledgee not in event.signers:
        yield f"{action} without the pledgee {bill.pledgee}"
    if event.time_ms < bill.at_ms:
        yield f"{action} before the entry before it"


def _follow(bill: Held, event: PlayedEvent) -> None:
    action, recipient = str(event.data["action"]), str(event.data["recipient"])
    bill.entries += 1
    bill.at_ms = event.time_ms
    if action in SURRENDERS:
        bill.surrenderer = bill.possessor
    if action in ("ISSUE", "TRANSFER", "SREJ", *SURRENDERS):
        bill.possessor = recipient
    if action == "SACC":
        bill.is_closed = True
        bill.pledgee = "" if bill.surrenderer == recipient else bill.pledgee
