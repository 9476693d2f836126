"""Shipping without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from typing import Any

from ledger.contract import Context, Member
from ledger.contract.calendar import DAY_MS, day_of
from ledger.contract.contract import Proved
from ledger.encoding import encode
from ledger.primitives import NO_DIGEST
from ledger.state.overlay import Overlay
from scenarios.dates import on
from scenarios.deal_terms import Goods, Money, deal_id, part_digest
from scenarios.shipping import fleet, papers
from scenarios.shipping.cast import (
    ALSTER,
    CANGHAI,
    ELBKONTOR,
    ELBWAGEN,
    HAIJIAO,
    JIANGLAN,
    LANHAI,
    MEMBERS,
    MOORKAI,
    NORDKETTE,
    NORDLICHT,
    STAPELHOF,
    YANSHAN,
    YUNTU,
    ZOLLAMT,
)
from scenarios.shipping.contract import Shipping
from scenarios.shipping.papers import facts as facts
from scenarios.shipping.shipments import DISCHARGE, LOADING, ON_BOARD, VESSEL, VOYAGE, A, B, BoxPlan, Shipment, space
from tests import contract_world

HOUR_MS = 3_600_000
OTHER_BOX = "TLYU9000014"
"""A box that nobody booked here."""
SEALED = {"sealed": "5" * 64}
BILL = A.document
USERS = {YUNTU: (JIANGLAN, ELBKONTOR, YANSHAN, NORDLICHT), NORDKETTE: (NORDLICHT, LANHAI, ELBKONTOR, ALSTER)}


class ToldContext(Context):
    """Believes what the state says that another ledger has; how that is proved is tested in `test_ledger_foreign.py`."""

    def proved(self, ledger: str, place: str, key: str, proof: Any, view: Any, age_max_ms: int | None = None) -> Any:
        found = self._ledger_state.get(ledger, place, key)
        return Proved(view.model_validate_json(found) if found else None, 1, self.time_ms)


class World(contract_world.World[Shipping]):
    """The members of the story, on the day of the genesis."""

    def __init__(self) -> None:
        super().__init__(Shipping, {person["member"]: tuple(person["roles"]) for person in MEMBERS}, "2026-03-30")

    def _context(self, signers: tuple[Member, ...], state: Overlay) -> Context:
        return ToldContext(self.of, state, signers, self.time_ms, height=1, transaction=NO_DIGEST)

    def title(self, document: str = BILL) -> Any:
        """The title of a bill as it stands."""
        return self.contract.titles[document]

    def status(self, document: str = BILL) -> str:
        """The status of a document."""
        return self.contract.documents[document].status

    def answers(self) -> list[str]:
        """Codes with which platforms answered, in order."""
        return [str(data["answer"]) for name, data in self.events if name == "answered"]


def content(shipment: Shipment = A, **changes: object) -> dict[str, Any]:
    """Good instructions of a shipment, whose containers have no seals yet."""
    boxes = [box(plan.reference, plan.iso_code, plan.gross_weight_kg) for plan in shipment.boxes]
    return {**papers.as_planned(shipment), "equipment": boxes, "cargo": SEALED, **changes}


def box(reference: str, iso_code: str = "45G1", gross_weight_kg: int = 20_000, **changes: object) -> dict[str, Any]:
    """A container; one that can cool is set to 12 degrees."""
    settings = {"temperature_setpoint": 120, "temperature_unit": "CEL"} if iso_code[2] == "R" else None
    return {
        "reference": reference, "iso_code": iso_code, "gross_weight_kg": gross_weight_kg, "reefer": settings, **changes
    }  # fmt: skip


def received(**changes: object) -> dict[str, Any]:
    """What the carrier says of goods that are not on board yet."""
    return facts(is_shipped_on_board=False, shipped_on_board_on_ms=0, received_on_ms=on("2026-04-09"), **changes)


def booked(shipment: Shipment = A, world: World | None = None) -> World:
    """Users of platforms, and a confirmed booking; 31 March."""
    world = (world or World()).at("2026-03-31")
    for platform, members in USERS.items():
        for member in members:
            world.do(platform, Shipping.admit, member=member)
    world.do(shipment.shipper, Shipping.book, booking=shipment.booking, space=space(len(shipment.boxes)))
    return world.do(CANGHAI, Shipping.confirm_booking, booking=shipment.booking, vessel_imo=VESSEL, voyage=VOYAGE)


def instructed(shipment: Shipment = A, world: World | None = None, **changes: object) -> World:
    """Shipping instructions were received; 2 April."""
    return (
        booked(shipment, world)
        .at("2026-04-02")
        .do(
            shipment.shipper, Shipping.submit_si, instructions=shipment.instructions, booking=shipment.booking,
            content=content(shipment, **changes),
        )
    )  # fmt: skip


def loaded(shipment: Shipment = A, world: World | None = None, **changes: object) -> World:
    """Every box went through the gate on the 8th and on board on the 10th; noon on 10 April."""
    return came(instructed(shipment, world, **changes), shipment, "GTIN", "LOAD")


def came(world: World, shipment: Shipment, *codes: str, **changes: object) -> World:
    """The terminal of Shanghai has told this of every box; noon on 10 April."""
    world.at("2026-04-10").time_ms += 3 * 3_600_000
    world.do(CANGHAI, Shipping.appoint_facility, port=LOADING, member=HAIJIAO)
    times = {"GTIN": ON_BOARD - 2 * DAY_MS, "LOAD": ON_BOARD + 8 * 3_600_000}
    for plan in shipment.boxes:
        for code, at_ms in ((code, times[code]) for code in codes):
            event = {
                "event_id": f"{code}-{plan.reference}", "updated_at_ms": at_ms, "event_at_ms": at_ms,
                "event_type": "EQUIPMENT", "code": code, "classifier": "ACT", "equipment": plan.reference, "empty": "LADEN",
                "port": LOADING, "vessel_imo": VESSEL, "voyage": VOYAGE, "booking": shipment.booking,
                "gross_weight_kg": plan.gross_weight_kg, **changes,
            }  # fmt: skip
            world.do(HAIJIAO, Shipping.record_event, report=event)
    return world


def drafted(shipment: Shipment = A, world: World | None = None, **changes: object) -> World:
    """The carrier published the draft."""
    world = loaded(shipment, world, **changes)
    return world.do(
        CANGHAI, Shipping.publish_draft, document=shipment.document, instructions=shipment.instructions, facts=facts()
    )  # fmt: skip


def approved(shipment: Shipment = A, world: World | None = None, **changes: object) -> World:
    """The shipper approved it."""
    return drafted(shipment, world, **changes).do(shipment.shipper, Shipping.approve_draft, document=shipment.document)


def issued(shipment: Shipment = A, world: World | None = None, **changes: object) -> World:
    """The carrier issued it: an electronic bill through Yuntu to the shipper, who was not given it yet; 11 April."""
    world = approved(shipment, world, **changes).at("2026-04-11")
    is_titled = changes.get("type_code", shipment.type_code) == "BOL" and changes.get("is_electronic", True)
    offer = {"platform": YUNTU, "to": shipment.shipper} if is_titled else {}
    return world.do(CANGHAI, Shipping.issue, document=shipment.document, **offer)


def delivered(shipment: Shipment = A, world: World | None = None, **changes: object) -> World:
    """Yuntu delivered it to the shipper."""
    return issued(shipment, world, **changes).do(YUNTU, Shipping.answer_issuance, document=shipment.document, answer="ISSU")


def out(said: dict[str, Any], **changes: Any) -> World:
    """A bill of which the carrier says this, in the shipper's hands."""
    world = loaded(**changes)
    world.do(CANGHAI, Shipping.publish_draft, document=BILL, instructions=A.instructions, facts=said)
    world.do(CANGHAI, Shipping.issue, document=BILL, platform=YUNTU, to=JIANGLAN)
    return world.do(YUNTU, Shipping.answer_issuance, document=BILL, answer="ISSU")


def to_order() -> World:
    """The shipper holds a bill to its own order."""
    return delivered(endorsee=JIANGLAN)


def bearer() -> World:
    """The shipper holds a bill to bearer."""
    return delivered(endorsee="")


def straight() -> World:
    """The shipper holds a straight bill; the buyer is its consignee."""
    return delivered(is_to_order=False, endorsee="", consignee=NORDLICHT)


def surrendered(world: World, request: str = "SREQ", reason: str = "", by: str = JIANGLAN, document: str = BILL) -> World:
    """The bill lies with the carrier."""
    asked = {"carrier": CANGHAI, "request": request, "reason": reason}
    return world.do(by, Shipping.request_surrender, document=document, **asked)


def accepted(world: World, request: str = "SREQ", reason: str = "") -> World:
    """The carrier has accepted it."""
    return surrendered(world, request, reason).do(CANGHAI, Shipping.accept_surrender, document=BILL)


def voided(world: World) -> World:
    """Another bill, TD-A2, was issued in its place and delivered."""
    accepted(world, "AREQ").do((CANGHAI, JIANGLAN), Shipping.void_and_reissue, document=BILL, new="TD-A2", facts=facts())
    return world.do(YUNTU, Shipping.answer_issuance, document="TD-A2", answer="ISSU")


def on_paper() -> World:
    """The bill was switched to paper; its number is TD-A2."""
    world = to_order()
    paper = content(endorsee=JIANGLAN, is_electronic=False, originals_without_charges=3)
    world.do(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=paper)
    world.do(CANGHAI, Shipping.confirm_update, instructions=A.instructions)
    return accepted(world, "AREQ", "SWTP").do(
        (CANGHAI, JIANGLAN), Shipping.void_and_reissue, document=BILL, new="TD-A2", facts=facts()
    )


SENDING = {
    "document": BILL, "receiver": NORDKETTE, "recipient": NORDLICHT, "previous_entry": "",
    "entry": "e" * 64, "payload": "d" * 64, "attached": ["a" * 64, "b" * 64],
}  # fmt: skip


def export(envelope: str = "ENV-1", **changes: object) -> dict[str, Any]:
    """Arguments with which Yuntu sends the bill to Nordlicht at Nordkette, with two documents."""
    return {"envelope": envelope, "sending": {**SENDING, **changes}}


def exported(world: World | None = None) -> World:
    """On its way from Yuntu to Nordlicht at Nordkette, with two documents."""
    return (world or to_order()).do((YUNTU, JIANGLAN), Shipping.export_envelope, **export())


def presented(world: World, **changes: object) -> dict[str, Any]:
    """What the receiving platform was given, as it was sent."""
    sent = {name: SENDING[name] for name in ("document", "recipient", "previous_entry", "entry", "payload")}
    checksum = world.contract.documents[BILL].checksum if BILL in world.contract.documents else "0" * 64
    return {"envelope": "ENV-1", **sent, "document_checksum": checksum, "is_signature_good": True, **changes}


def opened() -> World:
    """Nordkette answered that the envelope is good and that two documents are missing."""
    world = exported()
    return world.do(NORDKETTE, Shipping.import_envelope, presented=presented(world))


def received_elsewhere() -> World:
    """Nordlicht possesses it at Nordkette."""
    world = opened()
    for checksum in ("a" * 64, "b" * 64):
        world.do(NORDKETTE, Shipping.receive_document, envelope="ENV-1", checksum=checksum)
    return world.do(NORDKETTE, Shipping.finish_envelope, envelope="ENV-1")


OFFER = {
    "applicant": NORDLICHT, "beneficiary": JIANGLAN, "latest_shipment_on_ms": on("2026-04-12"),
    "expires_on_ms": on("2026-05-08"), "port_of_loading": LOADING, "port_of_discharge": DISCHARGE,
}  # fmt: skip


def opening(credit: str = "LC-1", **changes: object) -> dict[str, Any]:
    """Arguments with which Elbkontor opens a credit."""
    return {"credit": credit, "offer": {**OFFER, **changes}, "terms": SEALED}


def credited(world: World | None = None, **changes: Any) -> World:
    """Elbkontor has opened a credit; the shipper holds a bill to the bank's order."""
    return (world or delivered()).do(ELBKONTOR, Shipping.open_lc, **opening(**changes))


def presented_under_credit(world: World | None = None, **changes: Any) -> World:
    """The bill lies with Elbkontor for examination."""
    return credited(world, **changes).do(JIANGLAN, Shipping.present_lc, credit="LC-1", document=BILL, invoice=SEALED)


def pledged() -> World:
    """Pledged to Yanshan."""
    return to_order().do((JIANGLAN, YANSHAN), Shipping.pledge, document=BILL, pledgee=YANSHAN, secures="LOAN-1")


# Sold against money on another ledger

FINANCE = "2" * 64
"""Digest of the genesis of the ledger that decides."""
MONEY = part_digest(Money(shipping=FINANCE, payee="moduco.chen", payer="epc.braun", price_cents=100, nonce="0" * 32))


def goods(**changes: object) -> dict[str, Any]:
    """What this ledger is told of the deal."""
    said = {"finance": FINANCE, "bill": BILL, "seller": JIANGLAN, "buyer": ELBKONTOR, **changes}
    return {"goods": said, "money": MONEY}


def end(**changes: object) -> dict[str, Any]:
    """Arguments with which the bill is handed over or given back."""
    return {**goods(**changes), "end": {"value": None, "path": {}}}


def deal(**changes: object) -> str:
    """Its name on both ledgers."""
    return deal_id(part_digest(Goods.model_validate(goods(**changes)["goods"])), MONEY)


def followed(world: World | None = None) -> World:
    """This ledger follows the one that decides."""
    found = world or to_order()
    found.state.put("governance", "ledgers", "finance", encode({"ledger": FINANCE}))
    return found


def locked() -> World:
    """The bill is locked for the deal."""
    return followed().do(JIANGLAN, Shipping.lock_bill, **goods())


def ended(how: str, begun: World | None = None) -> World:
    """The other ledger has ended it."""
    found = begun or locked()
    found.state.put("finance", "deals.crossing_ends", deal(), encode({"end": how}))
    return found


# Boxes


def at_the_gate() -> World:
    """A and B are booked, their boxes are in; the ship is alongside."""
    world = booked(B, booked(A)).at("2026-04-10")
    for port, member in ((LOADING, HAIJIAO), (DISCHARGE, MOORKAI), (DISCHARGE, STAPELHOF)):
        world.do(CANGHAI, Shipping.appoint_facility, port=port, member=member)
    for shipment in (A, B):
        for plan in shipment.boxes:
            world.do(HAIJIAO, Shipping.record_event, **fleet.gated(shipment, plan))
    return world


def in_hamburg(world: World) -> World:
    """The ship has come, the boxes of A are off, free time was quoted; 16 May."""
    world.at("2026-04-12")
    world.do(CANGHAI, Shipping.set_tariff, port=DISCHARGE, effective_on_ms=on("2026-05-01"), terms=fleet.TARIFF)
    for member in (MOORKAI, STAPELHOF):
        world.do(CANGHAI, Shipping.appoint_facility, port=DISCHARGE, member=member)
    left_at, came_at = on("2026-04-11") - HOUR_MS, fleet.LANDED_AT - HOUR_MS
    world.do(CANGHAI, Shipping.record_event, **fleet.called("DEPA", left_at, LOADING, fleet.FIRST_LEG))
    world.at("2026-05-16")
    world.do(CANGHAI, Shipping.record_event, **fleet.called("ARRI", came_at, DISCHARGE, fleet.FIRST_LEG))
    for plan in A.boxes:
        off = fleet.moved("DISC", A, plan, fleet.LANDED_AT, DISCHARGE, **fleet.FIRST_LEG)
        world.do(MOORKAI, Shipping.record_event, **off)
        world.do(CANGHAI, Shipping.quote_free_time, document=BILL, equipment=plan.reference)
    return world


def cleared() -> World:
    """The bill is surrendered, customs has released the boxes; 16 May."""
    return in_hamburg(accepted(to_order())).do(ZOLLAMT, Shipping.customs_release, document=BILL)


def released() -> World:
    """The goods were released to the shipper, who surrendered the bill, and whose haulier may fetch them."""
    freed = cleared().do(CANGHAI, Shipping.release_cargo, document=BILL, to=JIANGLAN)
    return freed.do(JIANGLAN, Shipping.name_haulier, document=BILL, haulier=ELBWAGEN)


def misdelivered(world: World | None = None) -> World:
    """The terminal of Hamburg has recorded that the goods went without the bill."""
    return in_hamburg(world or to_order()).do(MOORKAI, Shipping.record_misdelivery, document=BILL, taken_by="somebody")


def doubted(world: World | None = None) -> World:
    """The loading of the first box was taken back and told again, when the bill was out; 11 April."""
    world = world or to_order()
    name, told_at = A.boxes[0].reference, world.time_ms
    world.do(HAIJIAO, Shipping.retract_event, event_id=f"LOAD-{name}", updated_at_ms=told_at - 1)
    return world.do(HAIJIAO, Shipping.record_event, **fleet.loaded(A, A.boxes[0], event_id=f"LOAD-{name}", updated_at_ms=told_at))


def listed(world: World | None = None, *identifiers: str) -> World:
    """Customs has published a list: these, and a name."""
    world = world or World()
    found = {"identifiers": identifiers, "names": ["Heisha Trading", "黑沙"]}
    return world.do(ZOLLAMT, Shipping.publish_controls, effective_on_ms=day_of(world.time_ms), controls=found)


def licensed(**changes: object) -> World:
    """Customs asks for an export licence, which the registry has given to the first shipper; 31 March."""
    world = World().at("2026-03-31")
    controls = {"identifiers": (), "names": (), "licence": "export"}
    world.do(ZOLLAMT, Shipping.publish_controls, effective_on_ms=day_of(world.time_ms), controls=controls)
    licence: Any = {"item": "export", "holder": "jianglan", "state": "valid", "valid_to_on_ms": on("2026-03-31"), **changes}
    world.state.put("governance", "contracts", "government", encode({}))
    world.state.put("government", "licences", "L-1", encode(licence))
    return world


def landed(code: str, plan: BoxPlan = A.boxes[0], hours: int = 0, **changes: object) -> dict[str, Any]:
    """Arguments of an event of a box of A in Hamburg, so many hours after it was discharged and told at once."""
    at_ms = fleet.LANDED_AT + hours * HOUR_MS
    return fleet.moved(code, A, plan, at_ms, DISCHARGE, **{"updated_at_ms": at_ms, **changes})


def told(event_type: str, code: str, classifier: str = "ACT", **changes: object) -> dict[str, Any]:
    """Arguments of a complete report of a box that nobody booked here."""
    report = {
        "event_id": "E-1", "updated_at_ms": on("2026-04-20"), "event_at_ms": on("2026-04-20"), "event_type": event_type,
        "code": code, "classifier": classifier, "equipment": OTHER_BOX, "empty": "LADEN", "port": DISCHARGE,
        "vessel_imo": "2345674", "voyage": "X1", "sensed": "DRO", "reading": {"unit": "CEL", "setpoint": 0}, **changes,
    }  # fmt: skip
    return {"report": report}
