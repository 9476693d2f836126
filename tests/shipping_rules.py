"""Attempts that one rule of shipping alone refuses: `room.file.function.code`, or `code (place)` → world and attempt."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scenarios.dates import on
from scenarios.shipping import cast, fleet, shipments, story_booking
from scenarios.shipping.contract import Shipping
from scenarios.shipping.shipments import A, B, D
from scenarios.shipping.state import NO_CONTROLS
from tests import shipping_world as world
from tests.shipping_world import BILL, SEALED, World

Before = Callable[[], World]
Rule = tuple[Before, Callable[[World], str]]
FIRST, SECOND = A.boxes
STRAIGHT: Mapping[str, Any] = {"is_to_order": False, "endorsee": "", "consignee": cast.NORDLICHT}
WAYBILL: Mapping[str, Any] = {"type_code": "SWB", **STRAIGHT}
SI = {"instructions": A.instructions}
TD = {"document": BILL}
ENV = {"envelope": "ENV-1"}
LC = {"credit": "LC-1"}
BOTH = (cast.CANGHAI, cast.JIANGLAN)
CONFIRM = {"booking": "BK-1", "vessel_imo": shipments.VESSEL, "voyage": shipments.VOYAGE}
REISSUE = {"new": "TD-A2", "facts": world.facts()}
PRESENT = {**LC, **TD, "invoice": SEALED}
PLEDGE = {**TD, "pledgee": cast.YANSHAN, "secures": "LOAN-2"}
NOTED = {
    "carrier": cast.CANGHAI, "type_code": "BOL", "status": "ISSUED", "is_to_order": True, "is_electronic": True,
    "booking": "ELSE-1", "ports": [shipments.LOADING, shipments.DISCHARGE], "checksum": "1" * 64,
    "equipment": [{"reference": world.OTHER_BOX, "gross_weight_kg": 9_000, "un_numbers": ["3480"]}],
}  # fmt: skip
CHAIN: Mapping[str, Any] = {"reference": "ELSE-TD", "chain": {**story_booking.CHAIN, "checksum": "2" * 64}}
TO_COME = {"effective_on_ms": on("2026-06-01"), "controls": {"identifiers": (), "names": ["Heisha"]}}
LATE: Mapping[str, Any] = {"latest_shipment_on_ms": on("2026-04-09")}


def attempt(signers: str | tuple[str, ...], operation: Any, **arguments: object) -> Callable[[World], str]:
    """Somebody tries something."""
    return lambda world: world.code(signers, operation, **arguments)


def then(before: Before, signers: str | tuple[str, ...], operation: Any, **arguments: object) -> Before:
    """The same world after one operation more."""
    return lambda: before().do(signers, operation, **arguments)


def later(before: Before, day: str) -> Before:
    """The same world on a later day."""
    return lambda: before().at(day)


def listing(before: Before, *parties: str) -> Before:
    """The same world once customs has listed these."""
    return lambda: world.listed(before(), *parties)


def requested() -> World:
    """A booking that the carrier has not answered."""
    return World().at("2026-03-31").do(cast.JIANGLAN, Shipping.book, booking="BK-1", space=shipments.space(2))


def updated(before: Before, **changes: Any) -> Before:
    """The shipper asks for other contents."""
    return then(before, cast.JIANGLAN, Shipping.update_si, **SI, content=world.content(**{"notify": "", **changes}))


def agreed(before: Before, **changes: Any) -> Before:
    """Shipper and carrier agree on other instructions of a bill to the shipper's order."""
    return then(updated(before, **{"endorsee": cast.JIANGLAN, **changes}), cast.CANGHAI, Shipping.confirm_update, **SI)


def amended(reason: str, **changes: Any) -> Before:
    """Other instructions were agreed upon, and the bill was surrendered for amendment."""
    return lambda: world.accepted(agreed(world.to_order, **changes)(), "AREQ", reason)


def endorsed() -> World:
    """Endorsed to the consignee, who may not pass it on and possesses it."""
    endorsed = world.to_order().do(cast.JIANGLAN, Shipping.endorse, **TD, to=cast.NORDLICHT)
    return endorsed.do(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.NORDLICHT)


def given_back() -> World:
    """A bank to which the bill was endorsed has surrendered it for amendment."""
    held = world.to_order().do(cast.JIANGLAN, Shipping.endorse_to_order, **TD, to=cast.ELBKONTOR)
    held.do(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR)
    return world.surrendered(held, "AREQ", by=cast.ELBKONTOR).do(cast.CANGHAI, Shipping.accept_surrender, **TD)


def out_with(**changes: object) -> Before:
    """A bill to the shipper's order whose carrier says something else of the goods."""
    return lambda: world.out(world.facts(**changes), endorsee=cast.JIANGLAN)


def stuffed() -> World:
    """An empty box of A was fetched and filled; the terminal has not seen it laden yet."""
    begun = (
        world.booked().at("2026-04-10").do(cast.CANGHAI, Shipping.appoint_facility, port=shipments.LOADING, member=cast.HAIJIAO)
    )
    for signer, code, hours, empty in ((cast.HAIJIAO, "GTOT", 60, "EMPTY"), (cast.JIANGLAN, "STUF", 50, "LADEN")):
        at_ms = fleet.LOADED_AT - hours * world.HOUR_MS
        begun.do(signer, Shipping.record_event, **fleet.moved(code, A, FIRST, at_ms, shipments.LOADING, empty=empty))
    return begun


def came_back() -> World:
    """A box of A was fetched, stripped and brought back empty."""
    begun = world.released().at("2026-05-18")
    for signer, code, hours, empty in (
        (cast.MOORKAI, "GTOT", 40, "LADEN"),
        (cast.STAPELHOF, "STRP", 45, "LADEN"),
        (cast.STAPELHOF, "GTIN", 50, "EMPTY"),
    ):
        signers = (signer, cast.ELBWAGEN) if code == "GTOT" else signer
        begun.do(signers, Shipping.record_event, **world.landed(code, hours=hours, empty=empty))
    return begun


def fetched(*plans: shipments.BoxPlan) -> World:
    """These boxes of A were fetched by the haulier of the party to which they were released."""
    begun = world.released().at("2026-05-17")
    for plan in plans:
        begun.do((cast.MOORKAI, cast.ELBWAGEN), Shipping.record_event, **world.landed("GTOT", plan, hours=28))
    return begun


def gone_wrong(begun: World) -> World:
    """The terminal tells how a box of A went out, an hour after it was discharged."""
    return begun.do(cast.MOORKAI, Shipping.record_event, **world.landed("GTOT", hours=1))


def fetched_empty(begun: World) -> World:
    """A box of A came back empty after its goods had gone, was fetched for another booking, and its first journey is over."""
    for signer, code, hours, empty in ((cast.STAPELHOF, "STRP", 45, "LADEN"), (cast.STAPELHOF, "GTIN", 50, "EMPTY")):
        begun.at("2026-05-20").do(signer, Shipping.record_event, **world.landed(code, hours=hours, empty=empty))
    begun.do(cast.JIANGLAN, Shipping.book, booking=D.booking, space=shipments.space(1))
    begun.do(cast.CANGHAI, Shipping.confirm_booking, **{**CONFIRM, "booking": D.booking})
    seen = fleet.moved("GTOT", D, FIRST, on("2026-05-19"), shipments.LOADING, empty="EMPTY")
    return begun.do(cast.HAIJIAO, Shipping.record_event, **seen)


def on_quay() -> World:
    """The boxes of A came in and were weighed; a bill for goods received is in the shipper's hands."""
    begun = world.came(world.instructed(endorsee=cast.JIANGLAN), A, "GTIN")
    begun.do(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.received())
    begun.do(cast.CANGHAI, Shipping.issue, **TD, platform=cast.YUNTU, to=cast.JIANGLAN)
    return begun.do(cast.YUNTU, Shipping.answer_issuance, **TD, answer="ISSU")


def told_late(endorsee: str = cast.JIANGLAN) -> World:
    """The terminal told of the loading ten days after it, and the carrier issued a bill of that day."""
    begun = world.came(world.instructed(endorsee=endorsee), A, "GTIN").at("2026-04-20")
    for plan in A.boxes:
        begun.do(cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, plan, event_id=f"LOAD-{plan.reference}"))
    begun.do(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.facts())
    begun.do(cast.CANGHAI, Shipping.issue, **TD, platform=cast.YUNTU, to=cast.JIANGLAN)
    return begun.do(cast.YUNTU, Shipping.answer_issuance, **TD, answer="ISSU")


def told_beforehand() -> World:
    """A terminal that nobody appointed told of gate and crane ten days late, when there was no booking yet."""
    begun = World().at("2026-04-20")
    for plan in A.boxes:
        for seen in (fleet.gated(A, plan), fleet.loaded(A, plan)):
            begun.do(cast.HAIJIAO, Shipping.record_event, **seen)
    return world.instructed(world=begun).at("2026-04-20")


def moved_back() -> World:
    """The terminal moved the loading of the first box to the day before, once the bill was out."""
    out = world.to_order()
    said = {"event_id": f"LOAD-{FIRST.reference}", "event_at_ms": on("2026-04-09"), "updated_at_ms": out.time_ms}
    return out.do(cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, FIRST, **said))


def acknowledged() -> World:
    """A bank took the bill with its flag; then another event was told late."""
    return world.misdelivered(world.doubted().do(cast.YANSHAN, Shipping.acknowledge_flags, **TD))


def second_booking(state: str = "") -> World:
    """A world at the gate with one booking more, which is confirmed or not."""
    gate = world.at_the_gate().do(cast.JIANGLAN, Shipping.book, booking="BK-X", space=shipments.space(2))
    return gate.do(cast.CANGHAI, Shipping.confirm_booking, **{**CONFIRM, "booking": "BK-X"}) if state else gate


def twice_booked() -> World:
    """The boxes of A are on a draft, for goods received; another booking's instructions list them too."""
    again = replace(A, letter="X")
    begun = world.came(world.booked(again, world.instructed()), A, "GTIN")
    begun.do(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.received())
    content = world.content(again)
    return begun.do(cast.JIANGLAN, Shipping.submit_si, instructions="SI-X", booking=again.booking, content=content)


def reloaded() -> World:
    """The terminal has corrected the voyage on which the boxes of A went aboard."""
    begun = world.loaded()
    for plan in A.boxes:
        again = fleet.loaded(A, plan, voyage="099W", event_id=f"LOAD-{plan.reference}", updated_at_ms=begun.time_ms)
        begun.do(cast.HAIJIAO, Shipping.record_event, **again)
    return begun


def noted() -> World:
    """Canghai has noted a document of another platform."""
    before = (
        world.issued().at("2026-05-01").do(cast.CANGHAI, Shipping.appoint_facility, port=shipments.DISCHARGE, member=cast.MOORKAI)
    )
    return before.do(cast.CANGHAI, Shipping.note_document, reference="ELSE-TD", document=NOTED)


def twice_instructed() -> World:
    """The boxes of A are aboard; two instructions of one booking list them, and one of the two is drafted."""
    aboard = world.loaded()
    aboard.do(cast.JIANGLAN, Shipping.submit_si, instructions="SI-X", booking=A.booking, content=world.content())
    return aboard.do(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.facts())


def departed() -> World:
    """The ship has left Shanghai with the boxes of A, on the evening of the 11th."""
    left = fleet.called("DEPA", on("2026-04-11") + 20 * world.HOUR_MS, shipments.LOADING, fleet.FIRST_LEG)
    return world.loaded().at("2026-04-13").do(cast.CANGHAI, Shipping.record_event, **left)


def record(signer: str | tuple[str, ...], arguments: Mapping[str, Any], **changes: object) -> Callable[[World], str]:
    """Somebody reports an event."""
    return attempt(signer, Shipping.record_event, report={**arguments["report"], **changes})


def crane(**changes: object) -> Callable[[World], str]:
    """The crane of Shanghai loads the first box."""
    return record(cast.HAIJIAO, fleet.loaded(A, FIRST), **changes)


def taken_back(signer: str, **changes: object) -> Callable[[World], str]:
    """Somebody takes the gate-in of the first box back."""
    taken = {"event_id": f"GTIN-{FIRST.reference}-{shipments.LOADING}", "updated_at_ms": shipments.ON_BOARD}
    return attempt(signer, Shipping.retract_event, **{**taken, **changes})


def submitted(**changes: Any) -> Rule:
    """Instructions that say something else."""
    content = world.content(**changes)
    return world.booked, attempt(cast.JIANGLAN, Shipping.submit_si, **SI, booking=A.booking, content=content)


def drafted_with(**changes: Any) -> Rule:
    """A draft in which the carrier says something else."""
    facts = world.facts(**changes)
    return world.loaded, attempt(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=facts)


def booking_with(licence: str) -> Callable[[World], str]:
    """A shipper books and names its licence."""
    return attempt(cast.JIANGLAN, Shipping.book, booking="BK-1", space={**shipments.space(2), "licence": licence})


def switching(signers: tuple[str, ...] = BOTH, endorsee: str = cast.NORDLICHT) -> Callable[[World], str]:
    """A switch bill is issued that names a new endorsee."""
    return attempt(signers, Shipping.void_and_reissue, **TD, **REISSUE, endorsee=endorsee)


def exporting(**changes: object) -> Callable[[World], str]:
    """The possessor and its platform send the bill away."""
    return attempt((cast.YUNTU, cast.JIANGLAN), Shipping.export_envelope, **world.export(**changes))  # type: ignore[arg-type]


def importing(before: Before, signer: str = cast.NORDKETTE, **changes: object) -> Rule:
    """A platform presents an envelope that differs from what was exported."""
    return before, lambda begun: begun.code(signer, Shipping.import_envelope, presented=world.presented(begun, **changes))


def releasing(signers: str | tuple[str, ...] = cast.CANGHAI, **changes: object) -> Callable[[World], str]:
    """The carrier releases the cargo."""
    return attempt(signers, Shipping.release_cargo, **{**TD, "to": cast.JIANGLAN, **changes})


def charging(**changes: object) -> Callable[[World], str]:
    """The carrier charges demurrage."""
    charge = {**TD, "equipment": FIRST.reference, "kind": "DEM", "amount_cents": 1}
    return attempt(cast.CANGHAI, Shipping.charge_dnd, **{**charge, **changes})


def noting(reference: str = "ELSE-TD", signer: str = cast.CANGHAI, **changes: object) -> Callable[[World], str]:
    """A carrier notes a document of elsewhere."""
    return attempt(signer, Shipping.note_document, reference=reference, document={**NOTED, **changes})


def dangerous(**changes: object) -> dict[str, Any]:
    """Lithium batteries in the first box, well described."""
    return {"equipment": FIRST.reference, "un_number": "3480", "imo_class": "9", "package_code": "4G", **changes}


def reefer(**settings: object) -> dict[str, Any]:
    """The first box as a reefer with these settings."""
    return {"equipment": [world.box(FIRST.reference, "45R1", reefer=settings or None), world.box(SECOND.reference)]}


def charges(*currencies: str) -> list[dict[str, Any]]:
    """A charge in each currency."""
    return [{"name": "x", "currency": currency, "amount_cents": 1, "payment_term": "COL"} for currency in currencies]


RECEIVING = attempt(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.received())
DRAFTING = attempt(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.facts())
ISSUING = attempt(cast.CANGHAI, Shipping.issue, **TD, platform=cast.YUNTU, to=cast.JIANGLAN)
REISSUING = attempt(BOTH, Shipping.void_and_reissue, **TD, **REISSUE)
PLEDGING = attempt((cast.JIANGLAN, cast.YANSHAN), Shipping.pledge, **PLEDGE)
CONFIRMING = attempt(cast.CANGHAI, Shipping.confirm_booking, **CONFIRM)
ITEMS = world.content()["cargo_items"]
ACID = [{"type_code": "ACID", "country": "EG", "value": value} for value in "12"]
MISSPELLED = ("TLYU1000019", SECOND.reference)
CONTENTS: Mapping[str, Mapping[str, Any]] = {
    "bill.conditions.faults_of_parties.consignee-missing": {"is_to_order": False, "endorsee": ""},
    "bill.conditions.faults_of_parties.endorsee-on-straight": {**STRAIGHT, "endorsee": cast.JIANGLAN},
    "bill.conditions.faults_of_parties.consignee-on-order": {"consignee": cast.NORDLICHT},
    "bill.conditions.faults_of_parties.waybill-to-order": {"type_code": "SWB"},
    "bill.conditions.faults_of_originals.waybill-originals": {**WAYBILL, "originals_with_charges": 1},
    "bill.conditions.faults_of_originals.too-many-originals": {"originals_with_charges": 1, "originals_without_charges": 1},
    "bill.conditions.faults_of_address.address-too-long": {"displayed_address": ["line"] * 7},
    "address-too-long (three lines on paper)": {"is_electronic": False, "displayed_address": ["line"] * 3},
    "bill.conditions.faults_of_cargo.unknown-equipment": {"cargo_items": [*ITEMS, {"equipment": "TLYU2000012", "packages": 1}]},
    "unknown-equipment (dangerous goods)": {"dangerous_goods": [dangerous(equipment="TLYU2000012")]},
    "bill.conditions.faults_of_listing.equipment-twice": {
        "equipment": [world.box(FIRST.reference), world.box(SECOND.reference), world.box(FIRST.reference)]
    },
    "bill.conditions.faults_of_instructions.no-cargo": {"cargo_items": ITEMS[:1]},
    "bill.conditions.faults_of_customs.customs-reference-twice": {"customs_references": ACID},
    "bill.conditions.faults_of_box.wrong-check-digit": {
        "equipment": [world.box(name) for name in MISSPELLED],
        "cargo_items": [{"equipment": name, "packages": 1} for name in MISSPELLED],
    },
    "bill.conditions.faults_of_settings.reefer-settings-missing": reefer(),
    "bill.conditions.faults_of_setpoint.setpoint-without-unit": reefer(temperature_setpoint=40),
    "setpoint-without-unit (a unit without temperature)": reefer(temperature_unit="FAH"),
    "setpoint-without-unit (an air exchange)": reefer(air_exchange_setpoint=5),
    "bill.conditions.faults_of_packaging.dangerous-packaging": {"dangerous_goods": [dangerous(package_code="")]},
    "bill.conditions.faults_of_dangerous.inhalation-zone": {"dangerous_goods": [dangerous(inhalation_zone="E")]},
    "bill.conditions.faults_of_groups.segregation-group": {"dangerous_goods": [dangerous(segregation_groups=["19"])]},
}
"""Instructions that break one condition alone."""
FACTS: Mapping[str, Mapping[str, Any]] = {
    "date-missing (on board)": {"shipped_on_board_on_ms": 0},
    "date-missing (received)": {"is_shipped_on_board": False, "shipped_on_board_on_ms": 0},
    "date-missing (on board, with the other date)": {"shipped_on_board_on_ms": 0, "received_on_ms": 1},
    "bill.conditions.faults_of_dates.two-dates": {"received_on_ms": 1},
    "bill.conditions.faults_of_facts.two-currencies": {"charges": charges("EUR", "CNY")},
}
"""What a carrier says and one condition alone forbids."""

BOOKINGS: Mapping[str, Rule] = {
    "bill.instructions.admit.unknown-member": (World, attempt(cast.YUNTU, Shipping.admit, member="nobody.here")),
    "bill.instructions.book.booking-exists": (
        requested, attempt(cast.JIANGLAN, Shipping.book, booking="BK-1", space=shipments.space(2))
    ),
    "bill.instructions.book.not-carrier": (
        World, attempt(cast.JIANGLAN, Shipping.book, booking="BK-1", space=shipments.space(2, cast.ALSTER))
    ),
    "bill.instructions.confirm_booking.wrong-carrier": (requested, attempt(cast.BEIFAN, Shipping.confirm_booking, **CONFIRM)),
    "bill.instructions.confirm_booking.bad-ship-number": (
        requested, attempt(cast.CANGHAI, Shipping.confirm_booking, **{**CONFIRM, "vessel_imo": "1234568"})
    ),
    "wrong-carrier (declines a booking)": (
        requested, attempt(cast.BEIFAN, Shipping.decline_booking, booking="BK-1")
    ),
    "not-shipper (takes a booking back)": (requested, attempt(cast.QIAOSHAN, Shipping.cancel_booking, booking="BK-1")),
    "wrong-status (a booking that was cancelled)": (
        then(requested, cast.JIANGLAN, Shipping.cancel_booking, booking="BK-1"),
        CONFIRMING,
    ),
    "wrong-status (a booking that was declined)": (
        then(requested, cast.CANGHAI, Shipping.decline_booking, booking="BK-1"),
        CONFIRMING,
    ),
    "wrong-status (instructions of a booking that is not confirmed)": (
        requested, attempt(cast.JIANGLAN, Shipping.submit_si, **SI, booking="BK-1", content=world.content())
    ),
    "bill.instructions.submit_si.instructions-exist": (
        world.instructed, attempt(cast.JIANGLAN, Shipping.submit_si, **SI, booking=A.booking, content=world.content())
    ),
    "bill.instructions.submit_si.not-shipper": (
        world.booked, attempt(cast.QIAOSHAN, Shipping.submit_si, **SI, booking=A.booking, content=world.content())
    ),
    "bill.instructions.require_sound.more-than-booked": submitted(
        equipment=[*world.content()["equipment"], world.box(B.boxes[0].reference)],
        cargo_items=[*ITEMS, {"equipment": B.boxes[0].reference, "packages": 1}],
    ),
    "bill.instructions.require_sound.not-as-booked": submitted(port_of_discharge="NLRTM"),
    "not-as-booked (before issue)": (
        world.approved,
        attempt(cast.JIANGLAN, Shipping.update_si, **SI, content=world.content(port_of_discharge="NLRTM")),
    ),
    "bill.instructions.require_sound.booked-as-general-cargo": submitted(dangerous_goods=[dangerous()]),
    "bill.instructions.require_party.wrong-carrier": (
        world.instructed, attempt(cast.BEIFAN, Shipping.request_update, **SI, reason="a seal is missing")
    ),
    "bill.instructions.require_party.not-shipper": (
        world.instructed, attempt(cast.QIAOSHAN, Shipping.update_si, **SI, content=world.content())
    ),
    "bill.instructions.confirm_update.draft-approved": (
        updated(world.approved), attempt(cast.CANGHAI, Shipping.confirm_update, **SI)
    ),
    "bill.instructions.step.document-exists": (world.drafted, attempt(cast.JIANGLAN, Shipping.cancel_si, **SI)),
    "document-exists (declined)": (world.drafted, attempt(cast.CANGHAI, Shipping.decline_si, **SI, reason="no space")),
    "bill.instructions.complete_si.still-out": (world.to_order, attempt(cast.CANGHAI, Shipping.complete_si, **SI)),
}  # fmt: skip
DOCUMENTS: Mapping[str, Rule] = {
    "bill.documents.publish_draft.wrong-carrier": (
        world.loaded, attempt(cast.BEIFAN, Shipping.publish_draft, **TD, **SI, facts=world.facts())
    ),
    "bill.documents.publish_draft.document-exists": (
        lambda: world.loaded(B, world.drafted()),
        attempt(cast.CANGHAI, Shipping.publish_draft, **TD, instructions=B.instructions, facts=world.facts()),
    ),
    "bill.documents.publish_draft.document-exists#2": (
        world.drafted, attempt(cast.CANGHAI, Shipping.publish_draft, document="TD-2", **SI, facts=world.facts())
    ),
    "wrong-status (a draft of instructions that are to be changed)": (
        then(world.loaded, cast.CANGHAI, Shipping.request_update, **SI, reason="weights"),
        DRAFTING,
    ),
    "wrong-status (approval of instructions that are to be changed)": (
        then(world.drafted, cast.CANGHAI, Shipping.request_update, **SI, reason="weights"),
        attempt(cast.JIANGLAN, Shipping.approve_draft, **TD),
    ),
    "bill.documents.publish_draft.other-voyage": drafted_with(voyage="027W"),
    "bill.steps.require_no_open_update.open-update": (updated(world.loaded), DRAFTING),
    "bill.steps.require_facts.not-a-day": drafted_with(shipped_on_board_on_ms=shipments.ON_BOARD + 1),
    "bill.steps.require_facts.dated-ahead": drafted_with(shipped_on_board_on_ms=on("2026-04-11")),
    "bill.steps.require_facts.back-dated": drafted_with(shipped_on_board_on_ms=on("2026-04-09")),
    "bill.steps.require_facts.after-departure": (
        departed,
        attempt(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.facts(shipped_on_board_on_ms=on("2026-04-12"))),
    ),
    "not-loaded (a box that stands on the quay)": (lambda: world.came(world.instructed(), A, "GTIN"), DRAFTING),
    "not-received (told before there was a booking)": (
        told_beforehand, attempt(cast.CANGHAI, Shipping.publish_draft, **TD, **SI, facts=world.facts())
    ),
    "not-received (a box that no gate saw)": (later(world.instructed, "2026-04-10"), RECEIVING),
    "back-dated (received for shipment)": (
        lambda: world.came(world.instructed(), A, "GTIN", event_at_ms=shipments.ON_BOARD, updated_at_ms=shipments.ON_BOARD),
        RECEIVING,
    ),
    "bill.steps.require_received.no-verified-mass": (
        lambda: world.came(world.instructed(), A, "GTIN", gross_weight_kg=0), RECEIVING
    ),
    "not-loaded (at issue, when the event was taken back)": (
        then(world.drafted, cast.HAIJIAO, Shipping.retract_event, event_id=f"LOAD-{FIRST.reference}",
             updated_at_ms=shipments.ON_BOARD + 12 * world.HOUR_MS),
        ISSUING,
    ),
    "not-loaded (on another voyage)": (reloaded, DRAFTING),
    "bill.documents.approve_draft.not-shipper": (world.drafted, attempt(cast.NORDLICHT, Shipping.approve_draft, **TD)),
    "bill.documents.issue.wrong-carrier": (
        world.drafted, attempt(cast.BEIFAN, Shipping.issue, **TD, platform=cast.YUNTU, to=cast.JIANGLAN)
    ),
    "bill.documents.issue.issued-once": (world.delivered, ISSUING),
    "wrong-status (issue of a voided bill)": (lambda: world.voided(world.to_order()), ISSUING),
    "bill.documents.offer.no-platform-needed": (lambda: world.drafted(**WAYBILL), ISSUING),
    "no-platform-needed (on paper)": (lambda: world.drafted(is_electronic=False, originals_without_charges=3), ISSUING),
    "bill.documents.offer.not-platform": (world.drafted, attempt(cast.CANGHAI, Shipping.issue, **TD)),
    "not-platform (a bank)": (
        world.drafted, attempt(cast.CANGHAI, Shipping.issue, **TD, platform=cast.ELBKONTOR, to=cast.JIANGLAN)
    ),
    "bill.documents.offer.unknown-member": (
        world.drafted, attempt(cast.CANGHAI, Shipping.issue, **TD, platform=cast.YUNTU, to="nobody.here")
    ),
    "bill.documents.offer.other-holder": (
        lambda: world.approved(endorsee=cast.NORDLICHT),
        attempt(cast.CANGHAI, Shipping.issue, **TD, platform=cast.NORDKETTE, to=cast.LANHAI),
    ),
    "other-holder (the carrier itself)": (
        lambda: world.approved(endorsee=cast.NORDLICHT),
        attempt(cast.CANGHAI, Shipping.issue, **TD, platform=cast.NORDKETTE, to=cast.CANGHAI),
    ),
    "other-holder (of a bill that was issued again)": (
        then(then(lambda: world.accepted(world.to_order(), "AREQ"), BOTH, Shipping.void_and_reissue, **TD, **REISSUE),
             cast.YUNTU, Shipping.answer_issuance, document="TD-A2", answer="BREQ", comments="unreadable"),
        attempt(cast.CANGHAI, Shipping.issue, document="TD-A2", platform=cast.YUNTU, to=cast.QIAOSHAN),
    ),
    "other-holder (of a bill that was issued again, the shipper that did not surrender it)": (
        then(then(given_back, (cast.CANGHAI, cast.ELBKONTOR), Shipping.void_and_reissue, **TD, **REISSUE),
             cast.YUNTU, Shipping.answer_issuance, document="TD-A2", answer="BREQ", comments="unreadable"),
        attempt(cast.CANGHAI, Shipping.issue, document="TD-A2", platform=cast.YUNTU, to=cast.JIANGLAN),
    ),
    "bill.documents.answer_issuance.not-asked": (
        world.delivered, attempt(cast.YUNTU, Shipping.answer_issuance, **TD, answer="ISSU")
    ),
    "bill.documents.answer_issuance.not-platform": (
        world.issued, attempt(cast.NORDKETTE, Shipping.answer_issuance, **TD, answer="ISSU")
    ),
    "bill.documents.answer_issuance.comments-missing": (
        world.issued, attempt(cast.YUNTU, Shipping.answer_issuance, **TD, answer="REFU")
    ),
    "unknown-user (delivered to)": (
        then(world.drafted, cast.CANGHAI, Shipping.issue, **TD, platform=cast.NORDKETTE, to=cast.JIANGLAN),
        attempt(cast.NORDKETTE, Shipping.answer_issuance, **TD, answer="ISSU"),
    ),
    "bad-arguments (charges beyond reason)": drafted_with(charges=[{**charges("EUR")[0], "amount_cents": 2**53 - 1}]),
}  # fmt: skip
TITLE: Mapping[str, Rule] = {
    "no-title (a draft)": (world.drafted, attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR)),
    "bill.title.held.surrender-pending": (
        lambda: world.surrendered(world.to_order()), attempt(cast.CANGHAI, Shipping.transfer, **TD, to=cast.YANSHAN)
    ),
    "bill.title.held.after-surrender": (
        lambda: world.accepted(world.to_order()), attempt(cast.CANGHAI, Shipping.transfer, **TD, to=cast.YANSHAN)
    ),
    "bill.title.held.on-paper": (world.on_paper, attempt(cast.JIANGLAN, Shipping.transfer, document="TD-A2", to=cast.YANSHAN)),
    "on-paper (a bill that was issued on it)": (
        lambda: world.issued(is_electronic=False, originals_without_charges=3),
        attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR),
    ),
    "bill.title.held.in-transit": (world.exported, attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN)),
    "bill.title.held.not-possessor": (
        then(world.delivered, cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN),
        attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR),
    ),
    "bill.title.movable.under-examination": (
        world.presented_under_credit, attempt(cast.ELBKONTOR, Shipping.transfer, **TD, to=cast.NORDLICHT)
    ),
    "bill.title.movable.pledged": (world.pledged, attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR)),
    "bill.title.require_user.unknown-user": (world.delivered, attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.LANHAI)),
    "bill.title.transfer.to-self": (world.delivered, attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.JIANGLAN)),
    "bill.title.endorsable.not-negotiable": (world.straight, attempt(cast.JIANGLAN, Shipping.endorse, **TD, to=cast.YANSHAN)),
    "bill.title.endorsable.not-title-holder": (world.delivered, attempt(cast.JIANGLAN, Shipping.endorse, **TD, to=cast.YANSHAN)),
    "bill.title.endorsable.may-not-endorse": (endorsed, attempt(cast.NORDLICHT, Shipping.endorse, **TD, to=cast.ELBKONTOR)),
    "bill.title.endorse.unknown-member": (world.to_order, attempt(cast.JIANGLAN, Shipping.endorse, **TD, to="nobody.here")),
    "bill.title.endorse.to-self": (world.to_order, attempt(cast.JIANGLAN, Shipping.endorse, **TD, to=cast.JIANGLAN)),
}  # fmt: skip
SREQ = {**TD, "carrier": cast.CANGHAI, "request": "SREQ"}
SURRENDER: Mapping[str, Rule] = {
    "bill.surrender.request_surrender.wrong-carrier": (
        world.to_order, attempt(cast.JIANGLAN, Shipping.request_surrender, **{**SREQ, "carrier": cast.BEIFAN})
    ),
    "bill.surrender.request_surrender.no-reason-needed": (
        world.to_order, attempt(cast.JIANGLAN, Shipping.request_surrender, **SREQ, reason="COD")
    ),
    "bill.surrender.require_entitled.not-entitled": (
        then(world.straight, cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN),
        attempt(cast.YANSHAN, Shipping.request_surrender, **SREQ),
    ),
    "not-entitled (with the signature of one who is)": (
        then(world.straight, cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN),
        attempt((cast.YANSHAN, cast.JIANGLAN), Shipping.request_surrender, **SREQ),
    ),
    "not-entitled (possession without title)": (
        then(world.delivered, cast.JIANGLAN, Shipping.transfer, **TD, to=cast.NORDLICHT),
        attempt(cast.NORDLICHT, Shipping.request_surrender, **SREQ),
    ),
    "not-entitled (on paper)": (
        lambda: world.issued(**STRAIGHT, is_electronic=False, originals_without_charges=3),
        attempt((*BOTH, cast.ALSTER), Shipping.return_paper, **TD, presented_by=cast.ALSTER, request="SREQ"),
    ),
    "bill.surrender.reject_surrender.comments-missing": (
        lambda: world.surrendered(world.to_order()), attempt(cast.CANGHAI, Shipping.reject_surrender, **TD, comments=" ")
    ),
    "bill.surrender.titled.wrong-carrier": (
        lambda: world.surrendered(world.to_order()), attempt(cast.JIANGLAN, Shipping.accept_surrender, **TD)
    ),
    "no-title (surrender of a draft)": (world.drafted, attempt(cast.CANGHAI, Shipping.accept_surrender, **TD)),
    "bill.surrender.void_and_reissue.document-exists": (
        amended(""), attempt(BOTH, Shipping.void_and_reissue, **TD, **{**REISSUE, "new": BILL})
    ),
    "bill.surrender.void_and_reissue.pledged": (
        lambda: world.pledged()
        .do(cast.JIANGLAN, Shipping.update_si, **SI, content=world.content(endorsee=cast.JIANGLAN, is_electronic=False))
        .do(cast.CANGHAI, Shipping.confirm_update, **SI)
        .do((cast.JIANGLAN, cast.YANSHAN), Shipping.request_surrender, **{**SREQ, "request": "AREQ"}, reason="SWTP")
        .do(cast.CANGHAI, Shipping.accept_surrender, **TD),
        REISSUING,
    ),
    "bill.surrender.void_and_reissue.beyond-reason": (amended("SWI", originals_without_charges=1), REISSUING),
    "beyond-reason (originals, for another destination)": (amended("COD", originals_without_charges=1), REISSUING),
    "beyond-reason (notify party, for paper)": (amended("SWTP", is_electronic=False), REISSUING),
    "beyond-reason (destination, for a switch bill)": (amended("SWI", port_of_discharge="NLRTM"), REISSUING),
    "beyond-reason (date on board)": (
        lambda: world.accepted(world.to_order().at("2026-04-12"), "AREQ", "SWI"),
        attempt(BOTH, Shipping.void_and_reissue, **TD, new="TD-A2", facts=world.facts(shipped_on_board_on_ms=on("2026-04-11"))),
    ),
    "beyond-reason (a waybill)": (
        lambda: world.accepted(agreed(world.straight, **{**WAYBILL, "consignee": cast.ALSTER})(), "AREQ"),
        REISSUING,
    ),
    **{
        f"beyond-reason (clean after {reason or 'no reason'})": (
            lambda reason=reason: world.accepted(out_with(clauses=["two cartons wet"])(), "AREQ", reason),  # type: ignore[misc]
            REISSUING,
        )
        for reason in ("", "SWI", "COD", "SWTP")
    },
    "bill.surrender.void_and_reissue.not-signed-by": (given_back, REISSUING),
    "not-signed-by (a switch bill without the holder)": (
        amended("SWI"), attempt(cast.CANGHAI, Shipping.void_and_reissue, **TD, **REISSUE, endorsee=cast.NORDLICHT)
    ),
    "bill.surrender.require_switch.beyond-reason": (amended(""), switching()),
    "bill.surrender.require_switch.not-negotiable": (lambda: world.accepted(world.straight(), "AREQ", "SWI"), switching()),
    "bill.surrender.require_switch.may-not-endorse": (
        lambda: world.surrendered(endorsed(), "AREQ", "SWI", by=cast.NORDLICHT).do(
            cast.CANGHAI, Shipping.accept_surrender, **TD),
        switching((cast.CANGHAI, cast.NORDLICHT), cast.ALSTER),
    ),
    "bill.surrender.require_switch.unknown-member": (amended("SWI"), switching(endorsee="nobody.here")),
    "pledged (amended without its pledgee)": (
        then(then(world.pledged, (cast.JIANGLAN, cast.YANSHAN), Shipping.request_surrender,
                  **{**TD, "carrier": cast.CANGHAI, "request": "AREQ"}),
             cast.CANGHAI, Shipping.accept_surrender, **TD),
        REISSUING,
    ),
    "pledged (a switch bill)": (
        then(then(world.pledged, (cast.JIANGLAN, cast.YANSHAN), Shipping.request_surrender,
                  **{**TD, "carrier": cast.CANGHAI, "request": "AREQ"}, reason="SWI"),
             cast.CANGHAI, Shipping.accept_surrender, **TD),
        switching(),
    ),
    "bill.surrender.return_paper.not-on-paper": (
        world.to_order, attempt(BOTH, Shipping.return_paper, **TD, presented_by=cast.JIANGLAN, request="AREQ")
    ),
    "bill.surrender.return_paper.not-presented": (
        world.on_paper,
        attempt(cast.CANGHAI, Shipping.return_paper, document="TD-A2", presented_by=cast.YANSHAN, request="AREQ"),
    ),
}  # fmt: skip
PLATFORMS: Mapping[str, Rule] = {
    "bill.platforms.export_envelope.not-platform": (
        world.to_order, attempt((cast.NORDKETTE, cast.JIANGLAN), Shipping.export_envelope, **world.export())
    ),
    "bill.platforms.export_envelope.envelope-exists": (
        then(world.exported, cast.YUNTU, Shipping.withdraw_envelope, **ENV), exporting()
    ),
    "bill.platforms.export_envelope.same-platform": (world.to_order, exporting(receiver=cast.YUNTU)),
    "bill.platforms.export_envelope.not-platform#2": (world.to_order, exporting(receiver=cast.ELBKONTOR)),
    "bill.platforms.export_envelope.broken-chain": (world.to_order, exporting(previous_entry="c" * 64)),
    "broken-chain (the next transfer)": (
        world.received_elsewhere,
        attempt((cast.NORDKETTE, cast.NORDLICHT), Shipping.export_envelope,
                **world.export("ENV-2", receiver=cast.YUNTU, recipient=cast.JIANGLAN)),
    ),
    "bill.platforms.export_envelope.visualisation-changed": (
        world.received_elsewhere,
        attempt((cast.NORDKETTE, cast.NORDLICHT), Shipping.export_envelope,
                **world.export("ENV-2", receiver=cast.YUNTU, recipient=cast.JIANGLAN, previous_entry="e" * 64,
                               visualisation="a" * 64)),
    ),
    "bill.platforms.export_envelope.visualisation-changed#2": (world.to_order, exporting(visualisation="c" * 64)),
    "bill.platforms.withdraw_envelope.not-platform": (world.exported, attempt(cast.NORDKETTE, Shipping.withdraw_envelope, **ENV)),
    "bill.platforms.import_envelope.bsig": importing(world.exported, is_signature_good=False),
    "bill.platforms.import_envelope.benv": importing(world.exported, recipient=cast.LANHAI),
    "benv (a user of another platform)": importing(world.exported, recipient=cast.YANSHAN),
    "bill.platforms.import_envelope.benv#2": importing(
        then(world.to_order, (cast.YUNTU, cast.JIANGLAN), Shipping.export_envelope, **world.export(recipient=cast.YANSHAN)),
        recipient=cast.YANSHAN,
    ),
    "bill.platforms.import_envelope.dise": importing(world.exported, payload="c" * 64),
    "dise (a retry with other contents)": importing(world.received_elsewhere, payload="c" * 64),
    "dise (another entry before it)": importing(world.exported, previous_entry="c" * 64),
    "dise (another document)": importing(world.exported, document="TD-X"),
    "dise (never exported)": importing(world.to_order),
    "dise (withdrawn)": importing(then(world.exported, cast.YUNTU, Shipping.withdraw_envelope, **ENV)),
    "bill.platforms.import_envelope.wrong-checksum": importing(world.exported, document_checksum="c" * 64),
    "bill.platforms.opened.not-platform": (world.opened, attempt(cast.YUNTU, Shipping.finish_envelope, **ENV)),
}  # fmt: skip
CREDITS: Mapping[str, Rule] = {
    "bill.credits.open_lc.credit-exists": (world.credited, attempt(cast.ELBKONTOR, Shipping.open_lc, **world.opening())),
    "bill.credits.open_lc.unknown-member": (
        world.delivered, attempt(cast.ELBKONTOR, Shipping.open_lc, **world.opening(beneficiary="nobody.here"))
    ),
    "unknown-member (applicant)": (
        world.delivered, attempt(cast.ELBKONTOR, Shipping.open_lc, **world.opening(applicant="nobody.here"))
    ),
    "bill.credits.present_lc.not-beneficiary": (
        lambda: world.credited(beneficiary=cast.YANSHAN), attempt(cast.JIANGLAN, Shipping.present_lc, **PRESENT)
    ),
    "not-possessor (presented)": (
        then(world.credited, cast.JIANGLAN, Shipping.transfer, **TD, to=cast.YANSHAN),
        attempt(cast.JIANGLAN, Shipping.present_lc, **PRESENT),
    ),
    "bill.credits.present_lc.to-self": (
        then(world.credited, cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR),
        attempt((cast.ELBKONTOR, cast.JIANGLAN), Shipping.present_lc, **PRESENT),
    ),
    "wrong-status (a second bill while one is examined)": (
        lambda: world.delivered(B, world.presented_under_credit()),
        attempt(cast.JIANGLAN, Shipping.present_lc, **{**PRESENT, "document": B.document}),
    ),
    "wrong-status (accepted twice)": (
        then(world.presented_under_credit, cast.ELBKONTOR, Shipping.accept_lc, **LC),
        attempt(cast.ELBKONTOR, Shipping.accept_lc, **LC),
    ),
    "wrong-status (a second bill after one was taken up)": (
        then(lambda: world.delivered(B, world.presented_under_credit()), cast.ELBKONTOR, Shipping.accept_lc, **LC),
        attempt(cast.JIANGLAN, Shipping.present_lc, **{**PRESENT, "document": B.document}),
    ),
    "bill.credits.waive_discrepancies.not-applicant": (
        lambda: world.presented_under_credit(**LATE), attempt(cast.JIANGLAN, Shipping.waive_discrepancies, **LC)
    ),
    "bill.credits.waive_discrepancies.complying": (
        world.presented_under_credit, attempt(cast.NORDLICHT, Shipping.waive_discrepancies, **LC)
    ),
    "wrong-status (waived once it was accepted)": (
        then(then(lambda: world.presented_under_credit(**LATE), cast.NORDLICHT, Shipping.waive_discrepancies, **LC),
             cast.ELBKONTOR, Shipping.accept_lc, **LC),
        attempt(cast.NORDLICHT, Shipping.waive_discrepancies, **LC),
    ),
    "bill.credits.accept_lc.not-bank": (world.presented_under_credit, attempt(cast.YANSHAN, Shipping.accept_lc, **LC)),
    "not-bank (the beneficiary in time)": (
        later(lambda: world.presented_under_credit(**LATE), "2026-04-17"), attempt(cast.JIANGLAN, Shipping.accept_lc, **LC)
    ),
    "bill.credits.accept_lc.discrepant": (
        lambda: world.presented_under_credit(**LATE), attempt(cast.ELBKONTOR, Shipping.accept_lc, **LC)
    ),
    "bill.credits.refuse_lc.not-bank": (
        lambda: world.presented_under_credit(**LATE), attempt(cast.JIANGLAN, Shipping.refuse_lc, **LC)
    ),
    "bill.credits.refuse_lc.complying": (world.presented_under_credit, attempt(cast.ELBKONTOR, Shipping.refuse_lc, **LC)),
    "bill.credits.refuse_lc.examination-over": (
        later(lambda: world.presented_under_credit(**LATE), "2026-04-18"), attempt(cast.ELBKONTOR, Shipping.refuse_lc, **LC)
    ),
    "bill.credits.pledge.pledged": (world.pledged, attempt((cast.JIANGLAN, cast.YANSHAN), Shipping.pledge, **PLEDGE)),
    "not-negotiable (pledged)": (world.straight, attempt((cast.JIANGLAN, cast.YANSHAN), Shipping.pledge, **PLEDGE)),
    "may-not-endorse (pledged)": (endorsed, attempt((cast.NORDLICHT, cast.YANSHAN), Shipping.pledge, **PLEDGE)),
    "not-title-holder (pledged)": (world.delivered, attempt((cast.JIANGLAN, cast.YANSHAN), Shipping.pledge, **PLEDGE)),
    "bill.credits.pledge.not-bank": (
        world.to_order, attempt((cast.JIANGLAN, cast.ALSTER), Shipping.pledge, **{**PLEDGE, "pledgee": cast.ALSTER})
    ),
    "bill.credits.pledge.not-agreed": (world.to_order, attempt(cast.JIANGLAN, Shipping.pledge, **PLEDGE)),
    "bill.credits.pledge.flagged": (world.doubted, PLEDGING),
    "flagged (a loading told ten days late)": (told_late, PLEDGING),
    "flagged (a loading moved to another day)": (moved_back, PLEDGING),
    "flagged (once more for the same reason, of another box)": (
        then(then(world.doubted, cast.YANSHAN, Shipping.acknowledge_flags, **TD),
             cast.HAIJIAO, Shipping.retract_event, event_id=f"LOAD-{SECOND.reference}", updated_at_ms=fleet.LOADED_AT + 1),
        PLEDGING,
    ),
    "flagged (a weight taken back)": (
        then(on_quay, cast.HAIJIAO, Shipping.record_event,
             **fleet.gated(A, FIRST, event_id=f"GTIN-{FIRST.reference}", event_at_ms=shipments.ON_BOARD - 2 * 24 * world.HOUR_MS,
                           updated_at_ms=shipments.ON_BOARD, gross_weight_kg=FIRST.gross_weight_kg + 1)),
        PLEDGING,
    ),
    "flagged (a listed name in the address)": (
        lambda: world.delivered(world=world.listed(), endorsee=cast.JIANGLAN, displayed_address=["c/o HEISHA", "Trading, Ltd."]),
        PLEDGING,
    ),
    "flagged (a Chinese name in the address)": (
        lambda: world.delivered(world=world.listed(), endorsee=cast.JIANGLAN, displayed_address=["由 黑沙 转", "汉堡"]), PLEDGING
    ),
    "flagged (a name listed once the bill was out)": (
        lambda: world.listed(world.delivered(endorsee=cast.JIANGLAN, displayed_address=["Heisha Trading"])), PLEDGING
    ),
    "flagged (a name listed for a later day)": (
        lambda: world.delivered(world=World().do(cast.ZOLLAMT, Shipping.publish_controls, **TO_COME), endorsee=cast.JIANGLAN,
                                displayed_address=["Heisha Trading"]),
        PLEDGING,
    ),
    "flagged (a misdelivery that was taken back)": (
        then(world.misdelivered, BOTH, Shipping.retract_misdelivery, **TD), PLEDGING
    ),
    "flagged (once more, since the bank acknowledged)": (acknowledged, PLEDGING),
    "not-received (pledged, when the gate-in was taken back)": (
        then(on_quay, cast.HAIJIAO, Shipping.retract_event, event_id=f"GTIN-{FIRST.reference}", updated_at_ms=fleet.LOADED_AT),
        PLEDGING,
    ),
    "discrepant (presented with a flag)": (
        lambda: world.presented_under_credit(world.doubted(world.delivered())),
        attempt(cast.ELBKONTOR, Shipping.accept_lc, **LC),
    ),
    "discrepant (a loading told ten days late)": (
        lambda: world.presented_under_credit(told_late(cast.ELBKONTOR)), attempt(cast.ELBKONTOR, Shipping.accept_lc, **LC)
    ),
    "discrepant (flagged while the bank examined it)": (
        lambda: world.doubted(world.presented_under_credit()), attempt(cast.ELBKONTOR, Shipping.accept_lc, **LC)
    ),
    "bill.credits.unpledge.not-pledged": (world.to_order, attempt(cast.YANSHAN, Shipping.unpledge, **TD)),
    "bill.credits.unpledge.pledged": (world.pledged, attempt(cast.JIANGLAN, Shipping.unpledge, **TD)),
}  # fmt: skip
EVENTS: Mapping[str, Rule] = {
    "box.events.appoint_facility.no-facility": (
        World, attempt(cast.CANGHAI, Shipping.appoint_facility, port=shipments.LOADING, member=cast.JIANGLAN)
    ),
    "box.events.note_document.wrong-carrier": (World, noting(signer=cast.BEIFAN)),
    "box.events.note_document.wrong-carrier#2": (
        world.loaded, noting(signer=cast.BEIFAN, carrier=cast.BEIFAN, booking=A.booking)
    ),
    "box.events.note_document.document-lives-here": (world.issued, noting(BILL)),
    "box.events.note_document.noted-by-another": (noted, noting(signer=cast.BEIFAN, carrier=cast.BEIFAN)),
    "box.events.note_document.wrong-check-digit": (
        World, noting(equipment=[{"reference": "TLYU9000041", "gross_weight_kg": 9_000}])
    ),
    "box.events.note_chain.noted-by-another": (noted, attempt(cast.BEIFAN, Shipping.note_chain, **CHAIN)),
    "box.events.note_chain.not-newer": (
        then(noted, cast.CANGHAI, Shipping.note_chain, **CHAIN), attempt(cast.CANGHAI, Shipping.note_chain, **CHAIN)
    ),
    "from-the-future (a chain)": (
        noted,
        attempt(cast.CANGHAI, Shipping.note_chain, **{**CHAIN, "chain": {**CHAIN["chain"], "last_at_ms": on("2026-06-01")}}),
    ),
    "box.events.customs_release.on-hold": (
        then(world.to_order, cast.ZOLLAMT, Shipping.hold_cargo, **TD, reason="why"),
        attempt(cast.ZOLLAMT, Shipping.customs_release, **TD),
    ),
    "box.events.reporter.unknown-code": (later(World, "2026-05-01"), record(cast.CANGHAI, world.told("EQUIPMENT", "ARRI"))),
    "no-authority (a haulier at a gate)": (world.at_the_gate, record(cast.ELBWAGEN, fleet.gated(A, FIRST))),
    "box.events.require_newer.not-newer": (world.at_the_gate, record(cast.HAIJIAO, fleet.gated(A, FIRST))),
    "not-newer (taken back before it was told)": (world.at_the_gate, taken_back(cast.HAIJIAO, updated_at_ms=1)),
    "no-such-event (of another)": (world.at_the_gate, taken_back(cast.MOORKAI)),
    "no-such-event (taken back already)": (
        then(world.at_the_gate, cast.HAIJIAO, Shipping.retract_event, event_id=f"GTIN-{FIRST.reference}-{shipments.LOADING}",
             updated_at_ms=shipments.ON_BOARD),
        taken_back(cast.HAIJIAO, updated_at_ms=shipments.ON_BOARD + 1),
    ),
    "box.events.require_past.from-the-future": (world.at_the_gate, crane(updated_at_ms=on("2026-04-12"))),
    "from-the-future (what happened)": (world.at_the_gate, crane(event_at_ms=on("2026-04-12"))),
    "from-the-future (taken back)": (world.at_the_gate, taken_back(cast.HAIJIAO, updated_at_ms=on("2026-05-01"))),
    "box.events.require_times.told-before": (
        world.at_the_gate, crane(updated_at_ms=shipments.ON_BOARD - 1, event_at_ms=shipments.ON_BOARD)
    ),
    "box.events.require_complete.incomplete-event": (world.at_the_gate, crane(port="")),
    "box.events.check_digit_flags.wrong-check-digit": (world.at_the_gate, crane(equipment="TLYU1000081")),
    "box.events.check_digit_flags.bad-ship-number": (world.at_the_gate, crane(vessel_imo="1234576")),
    "seal-changed (at the crane)": (world.at_the_gate, crane(seals=["ZZ1"])),
    "undeclared-dangerous-goods (at the crane)": (world.at_the_gate, crane(un_numbers=["3480"])),
    "undeclared-dangerous-goods (an empty box)": (world.at_the_gate, crane(un_numbers=["3480"], empty="EMPTY")),
    "undeclared-dangerous-goods (seen by a sensor before)": (
        then(world.at_the_gate, cast.HANWEN, Shipping.record_event,
             **world.told("IOT", "DETC", un_numbers=["3480"], equipment=FIRST.reference, updated_at_ms=fleet.LOADED_AT,
                          event_at_ms=fleet.LOADED_AT)),
        crane(),
    ),
    "box.journeys.require_may_go.no-verified-mass": (
        then(world.at_the_gate, cast.HAIJIAO, Shipping.record_event,
             **fleet.gated(A, FIRST, gross_weight_kg=0, updated_at_ms=fleet.LOADED_AT)),
        crane(),
    ),
    "box.journeys.require_may_go.not-haulier": (
        later(world.released, "2026-05-17"), record(cast.MOORKAI, world.landed("GTOT", hours=28))
    ),
    "box.journeys.require_may_go.not-released": (world.cleared, record(cast.MOORKAI, world.landed("GTOT"))),
    "not-released (before the release)": (
        world.released,
        record(cast.MOORKAI, world.landed("GTOT"), event_at_ms=on("2026-05-16") + 9 * world.HOUR_MS - 1,
               updated_at_ms=on("2026-05-16") + 9 * world.HOUR_MS),
    ),
    "box.journeys.require_may_go.not-cleared": (
        lambda: later(world.released, "2026-05-17")().do(
            cast.ZOLLAMT, Shipping.record_event, **world.landed("CUSI", hours=30)),
        record((cast.MOORKAI, cast.ELBWAGEN), world.landed("GTOT", hours=31)),
    ),
    "box.journeys.require_party.not-own-box": (
        world.at_the_gate,
        record(cast.QIAOSHAN, fleet.moved("STUF", A, FIRST, on("2026-04-05"), shipments.LOADING, updated_at_ms=on("2026-04-05"))),
    ),
    "box.journeys.require_appointed.not-appointed": (world.at_the_gate, crane(port=shipments.DISCHARGE)),
    "not-appointed (a ship's call)": (
        world.at_the_gate, record(cast.MOORKAI, fleet.called("DEPA", fleet.LOADED_AT, shipments.LOADING, fleet.FIRST_LEG))
    ),
    "box.journeys.require_operator.not-own-ship": (
        later(world.at_the_gate, "2026-04-12"),
        record(cast.BEIFAN, fleet.called("DEPA", fleet.LOADED_AT + world.HOUR_MS, shipments.LOADING, fleet.FIRST_LEG)),
    ),
    "box.journeys.remember_call.told-already": (
        departed,
        record(cast.CANGHAI, fleet.called("DEPA", on("2026-04-12"), shipments.LOADING, fleet.FIRST_LEG), event_id="again"),
    ),
    "box.journeys.remember_call.departed-before-arrival": (
        departed, record(cast.CANGHAI, fleet.called("ARRI", on("2026-04-12"), shipments.LOADING, fleet.FIRST_LEG))
    ),
    "box.journeys.remember_move.no-ship": (world.at_the_gate, crane(vessel_imo="")),
    "box.journeys.require_routing.not-in-routing": (
        lambda: then(later(world.at_the_gate, "2026-05-16"), cast.CANGHAI, Shipping.appoint_facility, port="SGSIN",
                     member=cast.HAIJIAO)().do(cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, FIRST)),
        record(cast.HAIJIAO, fleet.moved("DISC", A, FIRST, on("2026-05-15"), "SGSIN", **fleet.FIRST_LEG)),
    ),
    "not-in-routing (discharged where it was loaded)": (
        then(world.at_the_gate, cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, FIRST)),
        record(cast.HAIJIAO, fleet.moved("DISC", A, FIRST, fleet.LOADED_AT, shipments.LOADING, updated_at_ms=fleet.LOADED_AT,
                                         **fleet.FIRST_LEG)),
    ),
    "box.journeys.require_finished.another-booking": (
        world.at_the_gate, record(cast.HAIJIAO, fleet.gated(B, FIRST, event_id="elsewhere"))
    ),
    "another-booking (on a second bill, before it moved)": (
        twice_booked,
        attempt(cast.CANGHAI, Shipping.publish_draft, document="TD-X", instructions="SI-X", facts=world.received()),
    ),
    "box.journeys.box.booking-not-confirmed": (
        second_booking, record(cast.HAIJIAO, fleet.gated(A, FIRST), equipment=world.OTHER_BOX, booking="BK-X", event_id="free")
    ),
    "box.journeys.list_equipment.listed-elsewhere": (
        twice_instructed,
        attempt(cast.CANGHAI, Shipping.publish_draft, document="TD-X", instructions="SI-X", facts=world.facts()),
    ),
    "weight-differs (of a draft)": (
        updated(world.drafted, equipment=[world.box(plan.reference, gross_weight_kg=9_000) for plan in A.boxes]),
        attempt(cast.CANGHAI, Shipping.confirm_update, **SI),
    ),
    "gate-in-unexpected (an empty box that came back already)": (
        came_back, record(cast.STAPELHOF, world.landed("GTIN", hours=60, empty="EMPTY", event_id="again"))
    ),
    "load-before-gate-in (a box that was only stuffed)": (
        stuffed, record(cast.HAIJIAO, fleet.loaded(A, FIRST, updated_at_ms=fleet.LOADED_AT))
    ),
    "load-before-gate-in (taken back)": (
        then(world.at_the_gate, cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, FIRST)),
        taken_back(cast.HAIJIAO, updated_at_ms=fleet.LOADED_AT),
    ),
    "load-before-gate-in (told anew, and later)": (
        then(world.at_the_gate, cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, FIRST)),
        record(cast.HAIJIAO, fleet.gated(A, FIRST), event_at_ms=fleet.LOADED_AT + 1,
               updated_at_ms=fleet.LOADED_AT + world.HOUR_MS),
    ),
    "loaded-after-departure (a ship's call)": (
        then(world.at_the_gate, cast.HAIJIAO, Shipping.record_event, **fleet.loaded(A, FIRST)),
        record(cast.CANGHAI, fleet.called("DEPA", fleet.LOADED_AT - 1, shipments.LOADING, fleet.FIRST_LEG)),
    ),
    "discharged-before-arrival (a call taken back)": (
        lambda: world.in_hamburg(world.to_order()),
        attempt(cast.CANGHAI, Shipping.retract_event,
                event_id=f"ACT-ARRI-{shipments.VESSEL}-{shipments.DISCHARGE}", updated_at_ms=on("2026-05-16")),
    ),
}  # fmt: skip
RELEASE: Mapping[str, Rule] = {
    "box.release.set_tariff.bad-tiers": (
        World,
        attempt(cast.CANGHAI, Shipping.set_tariff, port=shipments.DISCHARGE, effective_on_ms=on("2026-05-17"),
                terms=fleet.TARIFF.replace(detention=fleet.TARIFF.detention.replace(tiers=fleet.TARIFF.detention.tiers[:1]))),
    ),
    "box.release.set_tariff.tariff-retroactive": (
        World,
        attempt(cast.CANGHAI, Shipping.set_tariff, port=shipments.DISCHARGE, effective_on_ms=on("2026-03-30"),
                terms=fleet.TARIFF),
    ),
    "box.release.quote_free_time.quoted-already": (
        world.cleared, attempt(cast.CANGHAI, Shipping.quote_free_time, **TD, equipment=FIRST.reference)
    ),
    "box.release.quote_free_time.not-on-document": (
        world.cleared, attempt(cast.CANGHAI, Shipping.quote_free_time, **TD, equipment=world.OTHER_BOX)
    ),
    "no-tariff (at this port)": (
        world.to_order, attempt(cast.CANGHAI, Shipping.quote_free_time, **TD, equipment=FIRST.reference)
    ),
    "box.release.charge_dnd.not-quoted": (world.to_order, charging()),
    "nothing-due (within free time)": (later(world.cleared, "2026-05-20"), charging()),
    "nothing-due (detention of a box that has not left)": (later(world.cleared, "2026-05-20"), charging(kind="DET")),
    "box.release.charge_dnd.wrong-charge": (later(world.cleared, "2026-05-21"), charging(amount_cents=90_00 + 1)),
    "wrong-charge (too little)": (later(world.cleared, "2026-05-21"), charging(amount_cents=90_00 - 1)),
    "box.release.pay_charges.not-signed-by": (
        lambda: world.in_hamburg(out_with(charges=charges("EUR"))()),
        attempt(cast.ELBKONTOR, Shipping.pay_charges, **TD, payer=cast.NORDLICHT, amount_cents=1),
    ),
    "box.release.pay_charges.over-payment-of-charges": (
        lambda: world.in_hamburg(out_with(charges=charges("EUR"))()),
        attempt((cast.NORDLICHT, cast.ELBKONTOR), Shipping.pay_charges, **TD, payer=cast.NORDLICHT, amount_cents=2),
    ),
    "box.release.hold_cargo.already-released": (
        world.released, attempt(cast.ZOLLAMT, Shipping.hold_cargo, **TD, reason="too late")
    ),
    "box.release.lift_hold.no-such-hold": (
        then(world.cleared, cast.ZOLLAMT, Shipping.hold_cargo, **TD, reason="why"),
        attempt(cast.CANGHAI, Shipping.lift_hold, **TD),
    ),
    "box.release.own_document.wrong-carrier": (world.cleared, releasing(cast.BEIFAN)),
    "box.release.release_cargo.already-released": (world.released, releasing()),
    "box.release.require_surrendered.letter-of-indemnity": (
        lambda: world.in_hamburg(world.to_order()), releasing(letter_of_indemnity="1" * 64)
    ),
    "box.release.require_surrendered.not-surrendered": (lambda: world.in_hamburg(world.to_order()), releasing()),
    "not-surrendered (a waybill that was not issued)": (
        lambda: world.approved(D), releasing((cast.CANGHAI, cast.ALSTER), document=D.document, to=cast.ALSTER)
    ),
    "not-surrendered (a waybill in draft)": (
        lambda: world.drafted(D), releasing((cast.CANGHAI, cast.ALSTER), document=D.document, to=cast.ALSTER)
    ),
    "box.release.require_surrendered.not-surrendering-party": (
        then(lambda: world.issued(D), cast.ZOLLAMT, Shipping.customs_release, document=D.document),
        releasing(document=D.document, to=cast.ALSTER),
    ),
    "not-surrendering-party (who is not the waybill's consignee)": (
        then(lambda: world.issued(D), cast.ZOLLAMT, Shipping.customs_release, document=D.document),
        releasing((cast.CANGHAI, cast.NORDLICHT), document=D.document, to=cast.NORDLICHT),
    ),
    "box.release.require_surrendered.not-surrendering-party#2": (world.cleared, releasing(to=cast.ALSTER)),
    "box.release.release_cargo.on-hold": (
        then(world.cleared, cast.CANGHAI, Shipping.hold_cargo, **TD, reason="why"), releasing()
    ),
    "box.release.release_cargo.not-cleared": (
        then(world.cleared, cast.ZOLLAMT, Shipping.record_event, **world.landed("CUSI", hours=27)), releasing()
    ),
    "seal-changed (seen in Hamburg)": (
        then(then(world.cleared, cast.MOORKAI, Shipping.record_event, **world.landed("AVPU", event_id="one", seals=["A"])),
             cast.MOORKAI, Shipping.record_event, **world.landed("AVPU", hours=1, event_id="two", seals=["B"])),
        releasing(),
    ),
    "box.release.release_cargo.charges-unpaid": (later(world.cleared, "2026-05-22"), releasing()),
}  # fmt: skip
GONE = {**TD, "taken_by": "somebody"}
BOOKING = attempt(cast.JIANGLAN, Shipping.book, booking="BK-1", space=shipments.space(2))
OUT = record((cast.MOORKAI, cast.ELBWAGEN), world.landed("GTOT", hours=44))
HAND_OVER = attempt(cast.JIANGLAN, Shipping.transfer, **TD, to=cast.ELBKONTOR)
SANCTIONED: Mapping[str, tuple[Before, str, Callable[[World], str]]] = {
    "sanctioned (a ship)": (requested, shipments.VESSEL, CONFIRMING),
    "state.require_unlisted.sanctioned": (World, "jianglan", BOOKING),
    "sanctioned (the carrier, booked with)": (World, "canghai", BOOKING),
    "sanctioned (the carrier, confirming)": (requested, "canghai", CONFIRMING),
    "sanctioned (the carrier, issuing)": (world.approved, "canghai", ISSUING),
    "sanctioned (the carrier, amending)": (
        lambda: world.surrendered(world.to_order(), "AREQ"), "canghai",
        attempt(cast.CANGHAI, Shipping.accept_surrender, **TD),
    ),
    "sanctioned (the carrier, amending what is on paper)": (
        world.on_paper, "canghai",
        attempt(BOTH, Shipping.return_paper, document="TD-A2", presented_by=cast.JIANGLAN, request="AREQ"),
    ),
    "sanctioned (the notify party, at issue)": (world.approved, "nordlicht", ISSUING),
    "sanctioned (the notify party of an amended bill)": (amended("COD", notify=cast.ALSTER), "alster", REISSUING),
    "sanctioned (named in a switch bill)": (amended("SWI"), "nordlicht", switching()),
    "sanctioned (delivered to it)": (
        world.issued, "jianglan", attempt(cast.YUNTU, Shipping.answer_issuance, **TD, answer="ISSU")
    ),
    "sanctioned (handed to it)": (world.to_order, "elbkontor", HAND_OVER),
    "sanctioned (handed on by it)": (world.to_order, "jianglan", HAND_OVER),
    "sanctioned (endorsed to it)": (
        world.to_order, "elbkontor", attempt(cast.JIANGLAN, Shipping.endorse, **TD, to=cast.ELBKONTOR)
    ),
    "sanctioned (endorsed by it, in another's hands)": (
        world.delivered, "elbkontor", attempt((cast.JIANGLAN, cast.ELBKONTOR), Shipping.endorse, **TD, to=cast.NORDLICHT)
    ),
    "sanctioned (sent to it)": (world.to_order, "nordlicht", exporting()),
    "sanctioned (received by it)": (
        then(then(world.opened, cast.NORDKETTE, Shipping.receive_document, **ENV, checksum="a" * 64),
             cast.NORDKETTE, Shipping.receive_document, **ENV, checksum="b" * 64),
        "nordlicht", attempt(cast.NORDKETTE, Shipping.finish_envelope, **ENV),
    ),
    "sanctioned (pledged to it)": (world.to_order, "yanshan", PLEDGING),
    "sanctioned (given a credit)": (world.delivered, "nordlicht", attempt(cast.ELBKONTOR, Shipping.open_lc, **world.opening())),
    "sanctioned (presented to it)": (world.credited, "elbkontor", attempt(cast.JIANGLAN, Shipping.present_lc, **PRESENT)),
    "sanctioned (brings paper back)": (
        world.on_paper, "jianglan",
        attempt(BOTH, Shipping.return_paper, document="TD-A2", presented_by=cast.JIANGLAN, request="SREQ"),
    ),
    "sanctioned (released to it)": (world.cleared, "jianglan", releasing()),
    "sanctioned (fetches the goods)": (
        world.released, "elbwagen", attempt(cast.JIANGLAN, Shipping.name_haulier, **TD, haulier=cast.ELBWAGEN)
    ),
    "sanctioned (fetches the goods, named before)": (later(world.released, "2026-05-17"), "elbwagen", OUT),
    "sanctioned (gets the goods, released before)": (later(world.released, "2026-05-17"), "jianglan", OUT),
}  # fmt: skip
"""Where a party or a ship that customs has listed takes part."""
FLAGS: Mapping[str, Rule] = {
    "flags.publish_controls.controls-retroactive": (
        World,
        attempt(cast.ZOLLAMT, Shipping.publish_controls, effective_on_ms=on("2026-03-29"), controls=NO_CONTROLS),
    ),
    "flags.acknowledge_flags.no-open-flag": (world.to_order, attempt(cast.YANSHAN, Shipping.acknowledge_flags, **TD)),
    "flags.record_misdelivery.not-appointed": (
        lambda: world.in_hamburg(world.to_order()), attempt(cast.BEIFAN, Shipping.record_misdelivery, **GONE)
    ),
    "flags.record_misdelivery.already-released": (
        lambda: fetched(*A.boxes), attempt(cast.CANGHAI, Shipping.record_misdelivery, **GONE)
    ),
    "already-released (and its box is on another journey)": (
        lambda: fetched_empty(fetched(*A.boxes)), attempt(cast.CANGHAI, Shipping.record_misdelivery, **GONE)
    ),
    "flags.record_misdelivery.recorded-already": (
        world.misdelivered, attempt(cast.CANGHAI, Shipping.record_misdelivery, **GONE)
    ),
    "flags.retract_misdelivery.not-misdelivered": (world.to_order, attempt(BOTH, Shipping.retract_misdelivery, **TD)),
    "flags.retract_misdelivery.not-signed-by": (world.misdelivered, attempt(cast.CANGHAI, Shipping.retract_misdelivery, **TD)),
    "not-signed-by (a pledgee, of goods said to be there)": (
        lambda: world.misdelivered(world.pledged()), attempt(BOTH, Shipping.retract_misdelivery, **TD)
    ),
    "flags.retract_misdelivery.goods-gone": (
        lambda: gone_wrong(world.misdelivered()), attempt(BOTH, Shipping.retract_misdelivery, **TD),
    ),
    "goods-gone (and the box is on another journey)": (
        lambda: fetched_empty(gone_wrong(world.misdelivered())), attempt(BOTH, Shipping.retract_misdelivery, **TD)
    ),
    "goods-gone (released after they had gone)": (
        lambda: gone_wrong(then(world.released, cast.MOORKAI, Shipping.record_misdelivery, **GONE)()),
        attempt(BOTH, Shipping.retract_misdelivery, **TD),
    ),
    "flags.lodge_claim.not-misdelivered": (
        world.to_order, attempt(cast.JIANGLAN, Shipping.lodge_claim, **TD, statement="2" * 64)
    ),
    "flags.lodge_claim.no-right-to-claim": (
        world.misdelivered, attempt(cast.ALSTER, Shipping.lodge_claim, **TD, statement="2" * 64)
    ),
    "flags.lodge_claim.recorded-already": (
        then(world.misdelivered, cast.JIANGLAN, Shipping.lodge_claim, **TD, statement="2" * 64),
        attempt(cast.JIANGLAN, Shipping.lodge_claim, **TD, statement="3" * 64),
    ),
    "no-licence (none is named)": (world.licensed, booking_with("")),
    "no-licence (the registry knows none of that name)": (world.licensed, booking_with("L-2")),
    "flags.require_licence.licence-not-valid": (lambda: world.licensed(state="revoked"), booking_with("L-1")),
    "flags.require_licence.brought-too-old": (lambda: world.licensed(until_ms=1), booking_with("L-1")),
    "licence-not-valid (of another)": (lambda: world.licensed(holder="qiaoshan"), booking_with("L-1")),
    "licence-not-valid (for something else)": (lambda: world.licensed(item="import"), booking_with("L-1")),
    "licence-not-valid (over)": (lambda: world.licensed(valid_to_on_ms=on("2026-03-30")), booking_with("L-1")),
    "bill.deals.lock_bill.not-possessor": (
        world.followed, attempt(cast.JIANGLAN, Shipping.lock_bill, **world.goods(seller=cast.YANSHAN))
    ),
    "bill.deals.lock_bill.pledged": (
        lambda: world.followed(world.pledged()), attempt((cast.JIANGLAN, cast.YANSHAN), Shipping.lock_bill, **world.goods())
    ),
    "bill.deals.lock_bill.to-self": (
        world.followed, attempt(cast.JIANGLAN, Shipping.lock_bill, **world.goods(buyer=cast.JIANGLAN))
    ),
    "bill.deals.lock_bill.other-ledger": (
        world.followed, attempt(cast.JIANGLAN, Shipping.lock_bill, **world.goods(finance="3" * 64))
    ),
    "other-ledger (none is followed)": (world.to_order, attempt(cast.JIANGLAN, Shipping.lock_bill, **world.goods())),
    "bill.deals.lock_bill.deal-known": (
        lambda: world.ended("cancelled").do(cast.ELBKONTOR, Shipping.give_back, **world.end()),
        attempt(cast.JIANGLAN, Shipping.lock_bill, **world.goods()),
    ),
    "bill.deals.locked.not-locked": (
        lambda: world.ended("executed", world.followed()), attempt(cast.ELBKONTOR, Shipping.hand_over, **world.end())
    ),
    "not-locked (for another deal)": (
        lambda: world.ended("executed"), attempt(cast.ELBKONTOR, Shipping.hand_over, **world.end(buyer=cast.YANSHAN))
    ),
    "not-locked (handed over already)": (
        lambda: world.ended("executed").do(cast.NORDLICHT, Shipping.hand_over, **world.end()),
        attempt(cast.JIANGLAN, Shipping.give_back, **world.end()),
    ),
    "bill.deals.locked.deal-not-so": (
        lambda: world.ended("cancelled"), attempt(cast.ELBKONTOR, Shipping.hand_over, **world.end())
    ),
    "deal-not-so (no end yet)": (world.locked, attempt(cast.JIANGLAN, Shipping.give_back, **world.end())),
    "state.require_unlocked.locked-for-deal": (
        world.locked, attempt(cast.JIANGLAN, Shipping.transfer, document=BILL, to=cast.YANSHAN)
    ),
    **{key: (listing(before, party), tried) for key, (before, party, tried) in SANCTIONED.items()},
    "goods-gone (of a bill that was issued again)": (
        lambda: world.accepted(world.misdelivered(), "AREQ").do(BOTH, Shipping.void_and_reissue, **TD, **REISSUE)
        .do(cast.YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")
        .do(cast.JIANGLAN, Shipping.request_surrender, **{**SREQ, "document": "TD-A2"})
        .do(cast.CANGHAI, Shipping.accept_surrender, document="TD-A2"),
        releasing(document="TD-A2"),
    ),
    "box.release.release_cargo.goods-gone": (
        lambda: world.misdelivered(world.accepted(world.to_order())), releasing()
    ),
    "box.release.name_haulier.not-signed-by": (
        world.released, attempt(cast.ELBWAGEN, Shipping.name_haulier, **TD, haulier=cast.ELBWAGEN)
    ),
    "box.release.name_haulier.no-haulier": (
        world.released, attempt(cast.JIANGLAN, Shipping.name_haulier, **TD, haulier=cast.ALSTER)
    ),
}  # fmt: skip
RULES: Mapping[str, Rule] = {
    **{key: submitted(**changes) for key, changes in CONTENTS.items()},
    **{key: drafted_with(**changes) for key, changes in FACTS.items()},
    **BOOKINGS,
    **DOCUMENTS,
    **TITLE,
    **SURRENDER,
    **PLATFORMS,
    **CREDITS,
    **EVENTS,
    **RELEASE,
    **FLAGS,
}
