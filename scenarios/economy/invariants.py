"""What must be true of the day at its end, told once more by events of all contracts: it shares no rule with any of them."""

from collections.abc import Callable, Iterator

from ledger.contract.refusal import Phrase
from scenarios.story.play import PlayedEvent, played_events, rows
from scenarios.story.story import Finding, PlayedStory
from scenarios.supply_chain_finance.cast import YANSHAN
from scenarios.supply_chain_finance.records import Certificate

Faults = Iterator[str]
Events = tuple[PlayedEvent, ...]
FINANCING = ("apply_finance", "disburse")
"""What is new financing."""


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    events = played_events(played_story)
    return tuple(Finding(code, words, tuple(judge(played_story, events))) for code, words, judge in INVARIANTS)


def financed_while_valid(played_story: PlayedStory, events: Events) -> Faults:
    """O1: no application and no payment while the supplier's licence was withheld or had ended."""
    standing = ""
    for event in events:
        if event.name == "licence-moved":
            standing = str(event.data["after"])
        elif event.operation in FINANCING and standing != "valid":
            yield f"{event.operation} while the licence was {standing or 'not there'}"


def paid_stands(played_story: PlayedStory, events: Events) -> Faults:
    """O2: what a bank has paid it holds, whatever became of the licence later."""
    certificates = rows(played_story.records, "certificates", Certificate)
    for event in events:
        if event.operation == "disburse" and event.name == "moved":
            held = certificates[str(event.data["certificate"])]
            if (held.state, held.holder) != ("financed", YANSHAN):
                yield f"{event.data['certificate']} is {held.state}, held by {held.holder}"


INVARIANTS: tuple[tuple[str, Phrase, Callable[[PlayedStory, Events], Faults]], ...] = (
    (
        "O1",
        Phrase("Nothing was financed while the licence was not valid", "执照无效期间没有新增融资"),
        financed_while_valid,
    ),
    (
        "O2",
        Phrase("What a bank has paid it holds whatever becomes of the licence", "银行已放款的凭证不受执照变化影响"),
        paid_stands,
    ),
)
