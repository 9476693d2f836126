"""The rule table of documents, title, platforms and credits: every state, every operation, every party.

`python -m tests.test_scenarios_shipping_rules` writes `tests/golden/rules_shipping_documents.txt` anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scenarios.shipping.bill import credits, documents, instructions, platforms, surrender, title
from scenarios.shipping.cast import (
    ALSTER,
    BEIFAN,
    CANGHAI,
    ELBKONTOR,
    JIANGLAN,
    NORDKETTE,
    NORDLICHT,
    QIAOSHAN,
    VESSEL,
    VOYAGE,
    YANSHAN,
    YUNTU,
    A,
    space,
)
from scenarios.shipping.contract import Shipping
from tests.contract_world import World as AnyWorld
from tests.rule_table import Attempt, RuleTable
from tests.shipping_world import (
    BILL,
    SEALED,
    World,
    accepted,
    approved,
    bearer,
    booked,
    content,
    credited,
    drafted,
    export,
    exported,
    facts,
    instructed,
    issued,
    loaded,
    on_paper,
    opened,
    opening,
    pledged,
    presented,
    presented_under_credit,
    received_elsewhere,
    straight,
    surrendered,
    to_order,
    voided,
)

MODULES = tuple(module.__name__ for module in (instructions, documents, title, surrender, platforms, credits))
PARTIES = {
    "shipper": JIANGLAN,
    "other-shipper": QIAOSHAN,
    "carrier": CANGHAI,
    "other-carrier": BEIFAN,
    "platform": YUNTU,
    "other-platform": NORDKETTE,
    "bank": ELBKONTOR,
    "other-bank": YANSHAN,
    "consignee": NORDLICHT,
    "notify": ALSTER,
}


def requested() -> World:
    """A booking that the carrier has not answered."""
    world = World().at("2026-03-31")
    return world.do(JIANGLAN, Shipping.book, booking=A.booking, space=space(2))


def endorsed() -> World:
    """Endorsed to the consignee, who may not pass it on, and possesses it."""
    world = to_order().do(JIANGLAN, Shipping.endorse, document=BILL, to=NORDLICHT)
    return world.do(JIANGLAN, Shipping.transfer, document=BILL, to=NORDLICHT)


def updated(world: World) -> World:
    """The shipper asks for changes."""
    return world.do(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=content(notify=ALSTER))


STATES: dict[str, Callable[[], World]] = {
    "booking requested": requested,
    "booking confirmed": booked,
    "instructed": instructed,
    "update open": lambda: updated(instructed()),
    "update asked for": lambda: instructed().do(
        CANGHAI, Shipping.request_update, instructions=A.instructions, reason="a seal is missing"
    ),
    "loaded": loaded,
    "draft": drafted,
    "approved": approved,
    "issued, not delivered": issued,
    "to order of the shipper": to_order,
    "to bearer": bearer,
    "straight": straight,
    "endorsed to the consignee": endorsed,
    "pledged": pledged,
    "credit open": credited,
    "presented under the credit": presented_under_credit,
    "on its way": exported,
    "on its way, opened": opened,
    "received elsewhere": received_elsewhere,
    "pending for delivery": lambda: surrendered(to_order()),
    "surrendered for delivery": lambda: accepted(to_order()),
    "pending for amendment": lambda: surrendered(to_order(), "AREQ"),
    "surrendered for amendment": lambda: accepted(to_order(), "AREQ"),
    "voided": lambda: voided(to_order()),
    "voided for paper": on_paper,
    "sea waybill": lambda: issued(type_code="SWB", is_to_order=False, endorsee="", consignee=NORDLICHT),
}  # fmt: skip
SI = {"instructions": A.instructions}
TD = {"document": BILL}
LC = {"credit": "LC-1"}


def receiving(world: AnyWorld[Any]) -> dict[str, Any]:
    """The envelope as it was sent."""
    assert isinstance(world, World)
    return {"presented": presented(world)}


ATTEMPTS = (
    Attempt(Shipping.admit, {"member": QIAOSHAN}),
    Attempt(
        Shipping.book,
        {"booking": "BK-9", "space": space(1)},
    ),
    Attempt(Shipping.confirm_booking, {"booking": A.booking, "vessel_imo": VESSEL, "voyage": VOYAGE}),
    Attempt(Shipping.decline_booking, {"booking": A.booking}),
    Attempt(Shipping.cancel_booking, {"booking": A.booking}),
    Attempt(Shipping.submit_si, {"instructions": "SI-9", "booking": A.booking, "content": content()}),
    Attempt(Shipping.request_update, {**SI, "reason": "a weight is missing"}),
    Attempt(Shipping.update_si, {**SI, "content": content(notify="")}),
    Attempt(Shipping.cancel_update, SI),
    Attempt(Shipping.decline_update, {**SI, "reason": "too late"}),
    Attempt(Shipping.confirm_update, SI),
    Attempt(Shipping.cancel_si, SI),
    Attempt(Shipping.decline_si, {**SI, "reason": "no space"}),
    Attempt(Shipping.complete_si, SI),
    Attempt(Shipping.publish_draft, {**TD, **SI, "facts": facts()}),
    Attempt(Shipping.approve_draft, TD),
    Attempt(Shipping.issue, {**TD, "platform": YUNTU, "to": JIANGLAN}),
    Attempt(Shipping.answer_issuance, {**TD, "answer": "ISSU"}, label="ISSU"),
    Attempt(Shipping.answer_issuance, {**TD, "answer": "REFU", "comments": "no such user"}, label="REFU"),
    Attempt(Shipping.transfer, {**TD, "to": ELBKONTOR}),
    Attempt(Shipping.endorse, {**TD, "to": YANSHAN}),
    Attempt(Shipping.endorse_to_order, {**TD, "to": YANSHAN}),
    Attempt(Shipping.blank_endorse, TD),
    Attempt(Shipping.sign, {**TD, "comments": "seen"}),
    Attempt(Shipping.request_surrender, {**TD, "carrier": CANGHAI, "request": "SREQ"}, label="SREQ"),
    Attempt(Shipping.request_surrender, {**TD, "carrier": CANGHAI, "request": "AREQ", "reason": "COD"}, label="AREQ"),
    Attempt(Shipping.accept_surrender, TD),
    Attempt(Shipping.reject_surrender, {**TD, "comments": "freight is not paid"}),
    Attempt(Shipping.void_and_reissue, {**TD, "new": "TD-9", "facts": facts()}, label="alone"),
    Attempt(Shipping.void_and_reissue, {**TD, "new": "TD-9", "facts": facts()}, beside=(JIANGLAN,), label="with the shipper"),
    Attempt(Shipping.return_paper, {"document": "TD-A2", "presented_by": JIANGLAN, "request": "SREQ"}, beside=(JIANGLAN,)),
    Attempt(Shipping.export_envelope, export("ENV-9"), label="alone"),
    Attempt(Shipping.export_envelope, export("ENV-9"), beside=(JIANGLAN,), label="with the shipper"),
    Attempt(Shipping.withdraw_envelope, {"envelope": "ENV-1"}),
    Attempt(Shipping.import_envelope, receiving),
    Attempt(Shipping.receive_document, {"envelope": "ENV-1", "checksum": "a" * 64}),
    Attempt(Shipping.finish_envelope, {"envelope": "ENV-1"}),
    Attempt(Shipping.open_lc, opening("LC-9")),
    Attempt(Shipping.present_lc, {**LC, **TD, "invoice": SEALED}),
    Attempt(Shipping.waive_discrepancies, LC),
    Attempt(Shipping.accept_lc, LC),
    Attempt(Shipping.refuse_lc, LC),
    Attempt(Shipping.pledge, {**TD, "pledgee": YANSHAN, "secures": "LOAN-9"}, beside=(YANSHAN,)),
    Attempt(Shipping.unpledge, TD),
)


@dataclass(frozen=True, slots=True)
class DocumentTable(RuleTable):
    """The table of the operations in the files of documents; events and release have their own."""

    def untried(self) -> list[str]:
        """Operations of these files that no attempt names."""
        mine = [name for name, found in self.contract.operations.items() if found.function.__module__ in MODULES]
        return sorted(set(mine) - {attempt.operation.name for attempt in self.attempts})


TABLE = DocumentTable(Shipping, STATES, ATTEMPTS, PARTIES)


def test_every_cell_says_what_was_read_and_agreed() -> None:
    TABLE.compare("shipping_documents")


if __name__ == "__main__":
    TABLE.compare("shipping_documents", write=True)
