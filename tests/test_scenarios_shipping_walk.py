"""Seeded walks of boxes, deeper than the common walker goes: reports, corrections and retractions by anybody, in any order.

After every report that the ledger takes E1, E3, E6 and E7 of `invariants.py`, which read only versions of events, must hold.
"""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from nodes.simulator.chance import Chance
from scenarios.shipping.cast import CANGHAI, HAIJIAO, HANWEN, JIANGLAN, MOORKAI, STAPELHOF, ZOLLAMT
from scenarios.shipping.contract import Shipping
from scenarios.shipping.fleet import FIRST_LEG
from scenarios.shipping.invariants import authorised, in_order, kept, out_after_release
from scenarios.shipping.shipments import DISCHARGE, LOADING, A
from scenarios.shipping.voyage import DAY_MS, HOUR_MS
from scenarios.story.story import Head, PlayedStory, Snapshot
from tests.shipping_world import World, booked

PEOPLE = (HAIJIAO, MOORKAI, STAPELHOF, CANGHAI, ZOLLAMT, HANWEN, JIANGLAN)
MOVES = ("STUF", "GTIN", "LOAD", "DISC", "GTOT", "INSP")
USUAL = {"STUF": JIANGLAN, "GTIN": HAIJIAO, "LOAD": HAIJIAO, "DISC": MOORKAI, "GTOT": MOORKAI, "INSP": ZOLLAMT}
STEPS = 250
BOXES = tuple(plan.reference for plan in A.boxes)


class Walk:
    """One sequence of attempts; time goes on by hours."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed)
        self.world = booked(A).at("2026-04-10")
        for port, member in ((LOADING, HAIJIAO), (DISCHARGE, MOORKAI), (DISCHARGE, STAPELHOF)):
            self.world.do(CANGHAI, Shipping.appoint_facility, port=port, member=member)
        self.taken: dict[str, int] = {}

    def step(self) -> None:
        """A report, a later version or a retraction."""
        self.world.time_ms += self.chance.below(5) * HOUR_MS
        name, signer, operation, arguments = self.retraction() if self.chance.below(8) == 0 else self.report()
        if self.world.code(signer, operation, **arguments) == "ok":
            self.taken[name] = self.taken.get(name, 0) + 1
            faults = list(faults_of(self.world))
            assert not faults, (name, signer, arguments, faults)

    def report(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Mostly what could be next, from the one who could know; sometimes anything from anybody."""
        code = self.chance.pick((*MOVES, "ARRI", "DEPA"))
        is_ship = code in ("ARRI", "DEPA")
        usual = CANGHAI if is_ship else USUAL[code]
        signer = usual if self.chance.below(6) else self.chance.pick(PEOPLE)
        early = code in ("STUF", "GTIN", "LOAD", "DEPA", "INSP")
        port = (LOADING if early else DISCHARGE) if self.chance.below(8) else self.chance.pick((LOADING, DISCHARGE))
        at_ms = self.world.time_ms - self.chance.below(3) * self.chance.below(DAY_MS)
        box = self.chance.pick(BOXES)
        report = {
            "event_id": f"{code}-{self.chance.below(3)}", "updated_at_ms": self.world.time_ms - self.chance.below(HOUR_MS),
            "event_at_ms": at_ms, "event_type": "TRANSPORT" if is_ship else "EQUIPMENT", "code": code, "classifier": "ACT",
            "equipment": "" if is_ship else box, "empty": "LADEN" if self.chance.below(9) else "EMPTY", "port": port,
            "booking": "" if is_ship else A.booking, "gross_weight_kg": 21_400, **FIRST_LEG,
        }  # fmt: skip
        return code, signer, Shipping.record_event, {"report": report}

    def retraction(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Somebody takes an event back."""
        event = f"{self.chance.pick((*MOVES, 'ARRI', 'DEPA'))}-{self.chance.below(3)}"
        arguments = {"event_id": event, "updated_at_ms": self.world.time_ms}
        return "retract", self.chance.pick(PEOPLE), Shipping.retract_event, arguments


def faults_of(world: World) -> Iterator[str]:
    """What the oracles find in the state as it stands."""
    contract = world.contract
    state = cast(Snapshot, {name: dict(getattr(contract, name).items()) for name in Shipping.collections})
    played_story = PlayedStory((), state, 0, Head(1, "", world.time_ms, ""))
    for judge in (in_order, out_after_release, kept, authorised):
        yield from judge(played_story)


SEEDS = 12
TAKEN: list[dict[str, int]] = []
"""How often each kind of report was taken, of each walk of this process."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_is_reported_boxes_move_in_order(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.step()
    TAKEN.append(walk.taken)


def test_walks_reached_every_move() -> None:
    """Runs after the walks, in this file's order; where not all of them ran in this process it has nothing to judge."""
    assert len(TAKEN) < SEEDS or {*MOVES, "ARRI", "DEPA", "retract"} <= {name for taken in TAKEN for name in taken}
