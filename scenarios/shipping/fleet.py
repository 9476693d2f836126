"""The times of the story's ships and boxes, in one place for its chapters and plots, and the reports that are made of them."""

from typing import Any

from scenarios.dates import on
from scenarios.shipping.records import FreeTime, Tariff, Tier
from scenarios.shipping.shipments import DISCHARGE, LOADING, ON_BOARD, VESSEL, VOYAGE, BoxPlan, C, Shipment
from scenarios.shipping.voyage import DAY_MS, HOUR_MS, voyage

_MADE = voyage()
BOXES = tuple(_MADE["boxes"])
SECOND, SECOND_VOYAGE = "2345674", "011W"
"""The ship from Singapore on, invented as well."""
LOADED_AT = ON_BOARD + 8 * HOUR_MS
FIRST_LEG = {"vessel_imo": VESSEL, "voyage": VOYAGE}
SECOND_LEG = {"vessel_imo": SECOND, "voyage": SECOND_VOYAGE}
DEPARTED_AT = ON_BOARD + 18 * HOUR_MS
HUB_CALLS = (on("2026-04-17"), on("2026-04-18"), on("2026-04-20"), on("2026-04-22"))
"""First ship in and out of Singapore, then the second."""
AT_HUB_AT, FROM_HUB_AT = on("2026-04-17") + 6 * HOUR_MS, on("2026-04-21") + 6 * HOUR_MS
"""Boxes of G are discharged and loaded again."""
ARRIVED_AT, ARRIVED_SECOND_AT = on("2026-05-15") + 2 * HOUR_MS, on("2026-05-19") + 20 * HOUR_MS
LANDED_AT, LANDED_SECOND_AT = on("2026-05-15") + 6 * HOUR_MS, on("2026-05-20") + 1 * HOUR_MS
OUT_AT = on("2026-05-22") + 12 * HOUR_MS
"""Boxes of A leave the terminal."""
READING_DAYS = tuple(map(on, ("2026-04-12", "2026-04-20", "2026-05-02", "2026-05-03")))
SETPOINT = 120
READINGS = {
    f"MEAS-{day}-{place}": (READING_DAYS[day] + 6 * place * HOUR_MS, tenths)
    for day, readings in enumerate(_MADE["readings"])
    for place, tenths in enumerate(readings)
}
"""Event id of a reading of C's box -> when, and the probe's temperature in tenths of a degree."""
ESTIMATES = tuple(
    tuple((arrived - row["days_ahead"] * DAY_MS, arrived + row["error_hours"] * HOUR_MS) for row in rows)
    for arrived, rows in zip((ARRIVED_AT, ARRIVED_SECOND_AT), _MADE["estimates"], strict=True)
)
"""For each ship: (when it was said, arrival that was said), in order."""
TARIFF = Tariff(
    number="CH-DEHAM-2026-05",
    demurrage_starts="DISC",
    demurrage=FreeTime(
        duration=5, unit="CD", first_day="next",
        tiers=(Tier(to_day=5, day_cents=90_00), Tier(to_day=10, day_cents=150_00), Tier(to_day=0, day_cents=220_00)),
    ),
    detention=FreeTime(
        duration=10, unit="CD", first_day="next", tiers=(Tier(to_day=7, day_cents=40_00), Tier(to_day=0, day_cents=80_00))
    ),
    offset_minutes=120,
)  # fmt: skip
"""Free time at Hamburg: five days in the terminal, then ten outside, the example of DCSA's arrival notice."""


def out_at(place: int) -> int:
    """When a box of G left the terminal."""
    return LANDED_SECOND_AT + int(BOXES[place]["dwell_hours"]) * HOUR_MS


def back_at(place: int) -> int:
    """When it came back empty."""
    return out_at(place) + int(BOXES[place]["detention_hours"]) * HOUR_MS


def _reported(event_type: str, code: str, at_ms: int, event_id: str, **said: Any) -> dict[str, Any]:
    """Arguments with which something is reported half an hour after it happened."""
    told = {"event_id": event_id, "updated_at_ms": at_ms + HOUR_MS // 2, "event_at_ms": at_ms}
    return {"report": {**told, "event_type": event_type, "code": code, "classifier": "ACT", **said}}


def moved(code: str, shipment: Shipment, plan: BoxPlan, at_ms: int, port: str, **changes: Any) -> dict[str, Any]:
    """A box's move."""
    seen = {"equipment": plan.reference, "empty": "LADEN", "port": port, "booking": shipment.booking}
    return _reported("EQUIPMENT", code, at_ms, **{"event_id": f"{code}-{plan.reference}-{port}", **seen, **changes})


def gated(shipment: Shipment, plan: BoxPlan, **changes: Any) -> dict[str, Any]:
    """A laden box came through the gate at Shanghai, sealed and weighed."""
    hours = next((box["gate_hours"] for box in BOXES if box["reference"] == plan.reference), 40)
    seen = {"seals": [plan.seal], "gross_weight_kg": plan.gross_weight_kg, "facility": "POTE", **changes}
    return moved("GTIN", shipment, plan, LOADED_AT - int(hours) * HOUR_MS, LOADING, **seen)


def loaded(shipment: Shipment, plan: BoxPlan, **changes: Any) -> dict[str, Any]:
    """It was lifted aboard there."""
    return moved("LOAD", shipment, plan, LOADED_AT, LOADING, **{**FIRST_LEG, "seals": [plan.seal], **changes})


def called(code: str, at_ms: int, port: str, ship: dict[str, str], *, classifier: str = "ACT", **changes: Any) -> dict[str, Any]:
    """A ship's arrival or departure."""
    name = f"{classifier}-{code}-{ship['vessel_imo']}-{port}"
    return _reported("TRANSPORT", code, at_ms, **{"event_id": name, "classifier": classifier, "port": port, **ship, **changes})


def estimated(ship: int, version: int) -> dict[str, Any]:
    """A version of the one event that says when a ship will arrive at Hamburg."""
    said_at, arrival = ESTIMATES[ship][version]
    leg = (FIRST_LEG, SECOND_LEG)[ship]
    return called("ARRI", arrival, DISCHARGE, leg, classifier="EST", event_id=f"ETA-{ship}", updated_at_ms=said_at)


def measured(name: str, **changes: Any) -> dict[str, Any]:
    """A reading of the refrigerated box, told at once."""
    at_ms, tenths = READINGS[name]
    seen = {"equipment": C.boxes[0].reference, "reading": {"unit": "CEL", "setpoint": SETPOINT, "probes": [tenths]}}
    return _reported("REEFER", "MEAS", at_ms, **{"event_id": name, "updated_at_ms": at_ms, **seen, **changes})
