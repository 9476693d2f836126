"""What a random walk through shipping is given, beyond the rule tables."""

from typing import Any

from ledger.contract import Operation
from ledger.encoding import digest
from ledger.errors import RefusedError
from scenarios.shipping.cast import CANGHAI, ELBKONTOR, NORDLICHT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.invariants import findings
from scenarios.story.story import Finding, PlayedStory
from tests import shipping_rules, test_scenarios_shipping_rules
from tests.walker import Known, Trade, Walk


def last_entry(walk: Walk, known: Known) -> str:
    """The last signed entry of the document."""
    last = walk.world.contract.signed_entries.get(known["document"]) if known.get("document") else None
    return last.entry if last else ""


def due(walk: Walk, known: Known) -> int:
    """What the ledger computes for the box, found as a carrier finds it: from the refusal."""
    charge = {name: known[name] for name in ("document", "equipment", "kind")}
    return said(walk, (CANGHAI,), Shipping.charge_dnd, **charge, amount_cents=0)


def owed(walk: Walk, known: Known) -> int:
    """What is to be paid on the document."""
    signers = (NORDLICHT, ELBKONTOR)
    return said(walk, signers, Shipping.pay_charges, document=known["document"], payer=NORDLICHT, amount_cents=10**12)


def said(walk: Walk, signers: tuple[str, ...], operation: Operation, **arguments: Any) -> int:
    """The amount that a refusal names."""
    try:
        walk.world.do(signers, operation, **arguments)
    except RefusedError as error:
        return int(error.details.get("due_cents", 1)) or 1  # type: ignore[arg-type]
    return 1


def orderly(played_story: PlayedStory) -> tuple[Finding, ...]:
    """All invariants but one that a later report may break: of a box that was charged for."""
    return tuple(finding for finding in findings(played_story) if finding.code != "E4")


EASY = "admit appoint_facility book cancel_booking decline_booking open_lc set_tariff note_document request_update hold_cargo"
"""What is done at any time, and leads to little else."""
LATE = "transfer refuse_lc waive_discrepancies receive_document void_and_reissue unpledge publish_draft quote_free_time"
OFTEN = "export_envelope present_lc"
"""What leads to states in which little may be done."""
TRADE = Trade(
    contract=Shipping,
    findings=orderly,
    tables=(test_scenarios_shipping_rules.DOCUMENTS, test_scenarios_shipping_rules.RELEASE),
    rules=shipping_rules.RULES,
    arguments={
        "previous_entry": last_entry,
        "charge_dnd.amount_cents": due,
        "pay_charges.amount_cents": owed,
        "export_envelope.entry": lambda walk, known: digest("entry", str(walk.chance.random()).encode()),
    },
    weights={
        **dict.fromkeys(EASY.split(), 1),
        "publish_controls": 1,
        **dict.fromkeys(("lock_bill", "hand_over", "give_back"), 0),
        **dict.fromkeys(LATE.split(), 20),
        **dict.fromkeys(OFTEN.split(), 30),
        "endorse": 12,
    },
    flaws=(
        "already-released",
        "flagged",
        "in-transit",
        "not-appointed",
        "not-newer",
        "not-possessor",
        "pledged",
        "told-before",
        "under-examination",
    ),
)
