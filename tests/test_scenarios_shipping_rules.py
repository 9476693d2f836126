"""The rule tables of shipping: documents, title, platforms and credits; release; and who may report which event.

Every state × operation × party, found by trying. `python -m tests.test_scenarios_shipping_rules` writes the golden files anew.
"""

from collections.abc import Callable
from typing import Any

import pytest

from scenarios.dates import on
from scenarios.shipping import cast, fleet, shipments
from scenarios.shipping.box.event_codes import AUTHORITY, entitled
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import A
from tests import shipping_rules as rules
from tests import shipping_world as world
from tests.contract_world import World as AnyWorld
from tests.rule_table import GOLDEN, Attempt, RuleTable, aligned
from tests.shipping_rules import ENV, LC, SI, TD
from tests.shipping_world import BILL, SEALED, World

PARTIES = {
    "shipper": cast.JIANGLAN, "other-shipper": cast.QIAOSHAN, "carrier": cast.CANGHAI, "other-carrier": cast.BEIFAN,
    "platform": cast.YUNTU, "other-platform": cast.NORDKETTE, "bank": cast.ELBKONTOR, "other-bank": cast.YANSHAN,
    "consignee": cast.NORDLICHT, "notify": cast.ALSTER,
}  # fmt: skip


def requested() -> World:
    """A booking of A that the carrier has not answered."""
    return World().at("2026-03-31").do(cast.JIANGLAN, Shipping.book, booking=A.booking, space=shipments.space(2))


def receiving(begun: AnyWorld[Any]) -> dict[str, Any]:
    """The envelope as it was sent."""
    assert isinstance(begun, World)
    return {"presented": world.presented(begun)}


DOCUMENTS = RuleTable(
    Shipping,
    {
        "booking requested": requested,
        "booking confirmed": world.booked,
        "instructed": world.instructed,
        "update open": rules.updated(world.instructed, notify=cast.ALSTER),
        "update asked for": rules.then(world.instructed, cast.CANGHAI, Shipping.request_update, **SI, reason="a seal is missing"),
        "loaded": world.loaded,
        "draft": world.drafted,
        "approved": world.approved,
        "issued, not delivered": world.issued,
        "to order of the shipper": world.to_order,
        "to bearer": world.bearer,
        "straight": world.straight,
        "endorsed to the consignee": rules.endorsed,
        "pledged": world.pledged,
        "flagged": world.doubted,
        "credit open": world.credited,
        "presented under the credit": world.presented_under_credit,
        "on its way": world.exported,
        "on its way, opened": world.opened,
        "received elsewhere": world.received_elsewhere,
        "pending for delivery": lambda: world.surrendered(world.to_order()),
        "surrendered for delivery": lambda: world.accepted(world.to_order()),
        "pending for amendment": lambda: world.surrendered(world.to_order(), "AREQ"),
        "surrendered for amendment": lambda: world.accepted(world.to_order(), "AREQ"),
        "voided": lambda: world.voided(world.to_order()),
        "voided for paper": world.on_paper,
        "sea waybill": lambda: world.issued(**rules.WAYBILL),
    },
    (
        Attempt(Shipping.admit, {"member": cast.QIAOSHAN}),
        Attempt(Shipping.book, {"booking": "BK-9", "space": shipments.space(1)}),
        Attempt(Shipping.confirm_booking, {**rules.CONFIRM, "booking": A.booking}),
        Attempt(Shipping.decline_booking, {"booking": A.booking}),
        Attempt(Shipping.cancel_booking, {"booking": A.booking}),
        Attempt(Shipping.submit_si, {"instructions": "SI-9", "booking": A.booking, "content": world.content()}),
        Attempt(Shipping.request_update, {**SI, "reason": "a weight is missing"}),
        Attempt(Shipping.update_si, {**SI, "content": world.content(notify="")}),
        Attempt(Shipping.cancel_update, SI),
        Attempt(Shipping.decline_update, {**SI, "reason": "too late"}),
        Attempt(Shipping.confirm_update, SI),
        Attempt(Shipping.cancel_si, SI),
        Attempt(Shipping.decline_si, {**SI, "reason": "no space"}),
        Attempt(Shipping.complete_si, SI),
        Attempt(Shipping.publish_draft, {**TD, **SI, "facts": world.facts()}),
        Attempt(Shipping.approve_draft, TD),
        Attempt(Shipping.issue, {**TD, "platform": cast.YUNTU, "to": cast.JIANGLAN}),
        Attempt(Shipping.answer_issuance, {**TD, "answer": "ISSU"}, label="ISSU"),
        Attempt(Shipping.answer_issuance, {**TD, "answer": "REFU", "comments": "no such user"}, label="REFU"),
        Attempt(Shipping.transfer, {**TD, "to": cast.ELBKONTOR}),
        Attempt(Shipping.endorse, {**TD, "to": cast.YANSHAN}),
        Attempt(Shipping.endorse_to_order, {**TD, "to": cast.YANSHAN}),
        Attempt(Shipping.blank_endorse, TD),
        Attempt(Shipping.sign, {**TD, "comments": "seen"}),
        Attempt(Shipping.request_surrender, rules.SREQ, label="SREQ"),
        Attempt(Shipping.request_surrender, {**rules.SREQ, "request": "AREQ", "reason": "COD"}, label="AREQ"),
        Attempt(Shipping.accept_surrender, TD),
        Attempt(Shipping.reject_surrender, {**TD, "comments": "freight is not paid"}),
        Attempt(Shipping.void_and_reissue, {**TD, "new": "TD-9", "facts": world.facts()}, label="alone"),
        Attempt(
            Shipping.void_and_reissue,
            {**TD, "new": "TD-9", "facts": world.facts()},
            beside=(cast.JIANGLAN,),
            label="with the shipper",
        ),
        Attempt(
            Shipping.return_paper,
            {"document": "TD-A2", "presented_by": cast.JIANGLAN, "request": "SREQ"},
            beside=(cast.JIANGLAN,),
        ),
        Attempt(Shipping.export_envelope, world.export("ENV-9"), label="alone"),
        Attempt(Shipping.export_envelope, world.export("ENV-9"), beside=(cast.JIANGLAN,), label="with the shipper"),
        Attempt(Shipping.withdraw_envelope, ENV),
        Attempt(Shipping.import_envelope, receiving),
        Attempt(Shipping.receive_document, {**ENV, "checksum": "a" * 64}),
        Attempt(Shipping.finish_envelope, ENV),
        Attempt(Shipping.open_lc, world.opening("LC-9")),
        Attempt(Shipping.present_lc, {**LC, **TD, "invoice": SEALED}),
        Attempt(Shipping.waive_discrepancies, LC),
        Attempt(Shipping.accept_lc, LC),
        Attempt(Shipping.refuse_lc, LC),
        Attempt(Shipping.pledge, {**rules.PLEDGE, "secures": "LOAN-9"}, beside=(cast.YANSHAN,)),
        Attempt(Shipping.unpledge, TD),
        Attempt(Shipping.acknowledge_flags, TD),
    ),
    PARTIES,
)

BOX = A.boxes[0].reference
CHARGE = {"document": BILL, "equipment": BOX, "kind": "DEM", "amount_cents": 450_00}
NOON = on("2026-05-16") + 9 * world.HOUR_MS


def surrendered() -> World:
    """The bill is given back, the boxes stand in Hamburg."""
    return world.in_hamburg(world.accepted(world.to_order()))


RELEASE = RuleTable(
    Shipping,
    {
        "issued": lambda: world.in_hamburg(world.issued()),
        "delivered": lambda: world.in_hamburg(world.to_order()),
        "pending": lambda: world.in_hamburg(world.surrendered(world.to_order())),
        "surrendered": surrendered,
        "held": rules.then(surrendered, cast.ZOLLAMT, Shipping.hold_cargo, **TD, reason="inspection"),
        "cleared": world.cleared,
        "late": rules.later(world.cleared, "2026-05-25"),
        "charged": rules.then(rules.later(world.cleared, "2026-05-25"), cast.CANGHAI, Shipping.charge_dnd, **CHARGE),
        "released": world.released,
        "misdelivered": world.misdelivered,
        "misdelivered after release": rules.then(
            lambda: rules.fetched(A.boxes[1]), cast.MOORKAI, Shipping.record_misdelivery, **rules.GONE
        ),
        "draft": world.drafted,
        "voided": lambda: world.voided(world.in_hamburg(world.to_order())),
        "waybill": rules.then(
            lambda: world.in_hamburg(world.issued(**rules.WAYBILL)), cast.ZOLLAMT, Shipping.customs_release, **TD
        ),
    },
    (
        Attempt(Shipping.release_cargo, {**TD, "to": cast.JIANGLAN}),
        Attempt(Shipping.release_cargo, {**TD, "to": cast.JIANGLAN, "letter_of_indemnity": "1" * 64}, label="indemnity"),
        Attempt(Shipping.release_cargo, {**TD, "to": cast.ALSTER}, label="to another"),
        Attempt(
            Shipping.release_cargo,
            {**TD, "to": cast.NORDLICHT},
            beside=(cast.NORDLICHT,),
            label="to the consignee who signs",
        ),
        Attempt(Shipping.name_haulier, {**TD, "haulier": cast.ELBWAGEN}),
        Attempt(Shipping.record_misdelivery, rules.GONE),
        Attempt(Shipping.lodge_claim, {**TD, "statement": "2" * 64}),
        Attempt(Shipping.retract_misdelivery, TD, beside=(cast.JIANGLAN,)),
        Attempt(Shipping.hold_cargo, {**TD, "reason": "inspection"}),
        Attempt(Shipping.lift_hold, TD),
        Attempt(Shipping.customs_release, TD),
        Attempt(Shipping.quote_free_time, {**TD, "equipment": BOX}),
        Attempt(Shipping.charge_dnd, CHARGE),
        Attempt(Shipping.pay_charges, {**TD, "payer": cast.NORDLICHT, "amount_cents": 1}, beside=(cast.NORDLICHT,)),
        Attempt(
            Shipping.record_event,
            fleet.moved("GTOT", A, A.boxes[0], NOON, shipments.DISCHARGE, updated_at_ms=NOON),
            beside=(cast.ELBWAGEN,),
            label="GTOT",
        ),
    ),
    {
        "carrier": cast.CANGHAI, "shipper": cast.JIANGLAN, "consignee": cast.NORDLICHT, "bank": cast.ELBKONTOR,
        "forwarder": cast.ALSTER, "terminal": cast.MOORKAI, "customs": cast.ZOLLAMT,
    },
)  # fmt: skip
ROLES = sorted({role for person in cast.MEMBERS for role in person["roles"]})


def authority() -> str:
    """Type × role: ok where it is recorded, `.` where the signer may not say so, with the codes that have these answers."""
    begun = World().at("2026-05-01")
    by_role = {role: next(person["member"] for person in cast.MEMBERS if role in person["roles"]) for role in ROLES}
    for port in (shipments.LOADING, shipments.DISCHARGE):
        for role in ("terminal", "depot"):
            begun.do(cast.CANGHAI, Shipping.appoint_facility, port=port, member=by_role[role])
    lines = [["type", *ROLES, "codes"]]
    for event_type, codes in AUTHORITY.items():
        answers: dict[tuple[str, ...], list[str]] = {}
        for code in codes:
            for classifier in ("PLN", "EST", "ACT"):
                tried = [rules.record(by_role[role], world.told(event_type, code, classifier)) for role in ROLES]
                cells = tuple(attempt(begun.copy()).replace("no-authority", ".") for attempt in tried)
                answers.setdefault(cells, []).append(f"{code} {classifier}")
        lines += [[event_type, *cells, ", ".join(alike)] for cells, alike in answers.items()]
    return aligned(lines)


TEXTS: dict[str, Callable[[], str]] = {
    "rules_shipping_documents.txt": DOCUMENTS.text,
    "rules_shipping_release.txt": RELEASE.text,
    "rules_shipping_authority.txt": authority,
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_cell_says_what_was_read_and_agreed(name: str) -> None:
    assert TEXTS[name]() == (GOLDEN / name).read_text(encoding="utf-8")


def test_what_happens_is_reported_by_somebody() -> None:
    assert all(entitled(kind, code, "ACT") for kind, codes in AUTHORITY.items() for code in codes)


def test_every_operation_is_tried_by_a_table() -> None:
    tried = {attempt.operation.name for table in (DOCUMENTS, RELEASE) for attempt in table.attempts}
    deals = {"lock_bill", "hand_over", "give_back"}  # `test_scenarios_shipping_deals.py`
    assert set(Shipping.operations) - tried - deals == {
        "appoint_facility",
        "note_chain",
        "note_document",
        "publish_controls",
        "retract_event",
        "set_tariff",
    }


if __name__ == "__main__":
    for name, text in TEXTS.items():
        (GOLDEN / name).write_text(text(), encoding="utf-8")
