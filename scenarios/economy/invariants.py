"""What must be true of the day at its end, told once more by events of all contracts: it shares no rule with any of them."""

from collections.abc import Callable, Iterator

from ledger.contract.refusal import Phrase
from scenarios.energy.records import Claim
from scenarios.shipping.records import Title
from scenarios.story.play import PlayedEvent, played_events, rows
from scenarios.story.story import Finding, PlayedStory
from scenarios.supply_chain_finance.cast import YANSHAN
from scenarios.supply_chain_finance.records import Application, Certificate, CitedBill

Faults = Iterator[str]
Events = tuple[PlayedEvent, ...]
NEEDS_LICENCE = ("apply_finance", "disburse", "early_pay", "book")
"""New financing, and space on a ship for what is exported."""


def findings(played_story: PlayedStory) -> tuple[Finding, ...]:
    """Each invariant with what breaks it."""
    events = played_events(played_story)
    return tuple(Finding(code, words, tuple(judge(played_story, events))) for code, words, judge in INVARIANTS)


def begun_while_valid(played_story: PlayedStory, events: Events) -> Faults:
    """O1: no application, no payment and no booking while the supplier's licence was withheld or had ended."""
    standing = ""
    for event in events:
        if event.name == "licence-moved":
            standing = str(event.data["after"])
        elif event.operation in NEEDS_LICENCE and standing != "valid":
            yield f"{event.operation} while the licence was {standing or 'not there'}"


def paid_stands(played_story: PlayedStory, events: Events) -> Faults:
    """O2: what a bank has paid it holds, whatever became of the licence later."""
    certificates = rows(played_story.records, "certificates", Certificate)
    for event in events:
        if event.operation == "disburse" and event.name == "moved":
            held = certificates[str(event.data["certificate"])]
            if (held.state, held.holder) != ("financed", YANSHAN):
                yield f"{event.data['certificate']} is {held.state}, held by {held.holder}"


def cited_is_pledged(played_story: PlayedStory, events: Events) -> Faults:
    """O3: a bill that is evidence for a certificate is pledged to the bank that holds that certificate, and in its hands."""
    state = played_story.records
    titles, certificates = rows(state, "shipping.titles", Title), rows(state, "certificates", Certificate)
    for document, cited in rows(state, "cited_bills", CitedBill).items():
        title = titles[document]
        if not title.possessor == title.pledgee == cited.pledgee == certificates[cited.certificate].holder:
            yield f"{document}: evidence for {cited.certificate}, pledged to {title.pledgee}, held by {title.possessor}"


def green_is_attested(played_story: PlayedStory, events: Events) -> Faults:
    """O4: whoever was paid with a green margin has a claim of its own that its verifier attested."""
    state = played_story.records
    claims = rows(state, "energy.claims", Claim)
    for certificate, one in rows(state, "applications", Application).items():
        claim = claims.get(one.green_claim)
        if one.green_margin_ppm and (claim is None or (claim.consumer, claim.state) != (one.applicant, "attested")):
            yield f"{certificate}: {one.green_claim}"


INVARIANTS: tuple[tuple[str, Phrase, Callable[[PlayedStory, Events], Faults]], ...] = (
    ("O1", Phrase("Nothing was begun while the licence was not valid", "执照无效期间没有新增业务"), begun_while_valid),
    ("O2", Phrase("What a bank has paid it holds, whatever becomes of it", "银行已放款的不受执照变化影响"), paid_stands),
    ("O3", Phrase("A bill that is evidence is pledged to who paid", "作为凭据的提单均质押给放款银行"), cited_is_pledged),
    ("O4", Phrase("A green margin stands on an attested claim", "绿色利差均有经核验的声明"), green_is_attested),
)
