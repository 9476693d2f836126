"""Random parties try random operations of the energy records, in whatever order: after each, E1 to E10 must hold.

What the invariants look at is judged by `scenarios/energy/invariants.py`, which shares no rule with the contract.
"""

from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ledger.contract import Operation
from ledger.errors import RefusedError
from scenarios.energy.cast import (
    ALUMINIUM,
    ASSURANCE,
    BATTERY,
    CARBON_REGISTRY,
    DATA_CENTRE,
    ISSUER,
    METERS,
    MONTH,
    NORTH_EXCHANGE,
    SOLAR,
    SOUTH_EXCHANGE,
    WIND,
)
from scenarios.energy.contract import Energy
from scenarios.energy.invariants import INVARIANTS, Evidence
from scenarios.energy.quantities import hours_in
from scenarios.story.play import PlayedEvent
from tests.energy_world import World, claimed_within, opened, readings

Arguments = dict[str, Any]
PEOPLE = (WIND, SOLAR, BATTERY, DATA_CENTRE, ALUMINIUM)
PLANTS = ("FL-1", "GH-1", "FL-SEA", "XN-1")
METERED = {
    "FL-1": ((40, 30, 20, 10, None, 7), "VVVE-Q"),
    "GH-1": ((-2, -1, 25, 50, 12, -1), "VVVVRV"),
    "XN-1": ((0, -9, -30, 0, 8, 20), "VVVVVV"),
}
LOAD_WH = 25
"""Of the data centre and the battery's owner, in each hour."""
FAR = ("2026-06-02", "2027-04-02", "2028-03-30", "2028-04-01")


def energetic() -> World:
    """Six hours of April in single Wh, some of them certified, and two months of the sea; everybody accepts from everybody."""
    world = opened().at("2026-05-02")
    for name, (energy_wh, quality) in METERED.items():
        world.do(METERS, Energy.submit_readings, **readings(name, energy_wh, quality=quality))
    for month, energy in (("2026-03", 2_700_001), ("2026-04", 1_400_000)):
        sea = {"device": "FL-SEA", "month": month, "first_hour": 0, "energy_wh": (energy, energy), "quality": "VV"}
        world.do(METERS, Energy.submit_readings, **sea)
    for member in PEOPLE:
        for other in PEOPLE:
            world.do(member, Energy.whitelist, member=other)
    for consumer in (DATA_CENTRE, BATTERY):
        world.do(METERS, Energy.submit_consumption, consumer=consumer, month=MONTH, load={"sealed": "1" * 64})
    for name, first, issued_wh, first_id in (("FL-1", 0, [40, 15], 1), ("FL-1", 2, [20], 56), ("GH-1", 2, [25], 1)):
        issue = {"device": name, "month": MONTH, "first_hour": first, "energy_wh": issued_wh, "first_id": first_id}
        world.do(ISSUER, Energy.issue, **issue)
    return world.do(ISSUER, Energy.issue_green, device="FL-SEA", month="2026-03")


class EnergyMachine(RuleBasedStateMachine):
    """One ledger, many hands."""

    def __init__(self) -> None:
        super().__init__()
        self.world = energetic()
        self.played_events = [PlayedEvent(self.world.time_ms, *event) for event in self.world.events]
        self.far = self.steps = 0

    @rule(seed=st.integers(0, 2**32 - 1))
    def anything(self, seed: int) -> None:
        """Somebody tries something; refusals are what rules are for."""
        self.steps += 1
        chance = Random(seed * 10_007 + self.steps)
        name = chance.choice(ATTEMPTS)
        signers, arguments = getattr(self, name)(chance)
        self.world.events.clear()
        try:
            self.world.do(signers, operation(name), **arguments)
        except RefusedError:
            return
        signed = (signers,) if isinstance(signers, str) else signers
        self.played_events += [PlayedEvent(self.world.time_ms, event, found, signed) for event, found in self.world.events]

    @precondition(lambda self: self.far < len(FAR))
    @rule(jump=st.integers(0, 14))
    def time_passes(self, jump: int) -> None:
        """Seldom, and then far."""
        if jump == 0:
            self.world.at(FAR[self.far])
            self.far += 1

    @invariant()
    def all_that_must_hold(self) -> None:
        """E1 to E10, and E6 by the openings."""
        contract = self.world.contract
        records = {
            name: dict(getattr(contract, name).items())
            for name, collection in Energy.collections.items()
            if collection.of is None
        }
        evidence = Evidence(records, self.played_events, (METERS,))
        faults = [(code, fault) for code, _, judge in INVARIANTS for fault in judge(evidence)]
        load = {f"{hour:03}": LOAD_WH for hour in range(hours_in(MONTH))}
        faults += [
            ("E6", fault) for fault in claimed_within(evidence, {f"{who}:{MONTH}": load for who in (DATA_CENTRE, BATTERY)})
        ]
        assert faults == []

    # What is tried

    def issue(self, chance: Random) -> tuple[Any, Arguments]:
        name, first = chance.choice(("FL-1", "GH-1", "XN-1", "FL-SEA")), chance.randint(0, 5)
        held = self.world.contract.readings[f"{name}:{MONTH}"].energy_wh
        amounts = tuple(chance.choice((max(value or 0, 0), 0, 5, max(value or 0, 0) + 1)) for value in held[first : first + 3])
        next_id = self.world.contract.devices[name].ids_max + chance.choice((1, 1, 1, 0, 2))
        return ISSUER, {
            "device": name,
            "month": MONTH,
            "first_hour": first,
            "energy_wh": amounts,
            "first_id": max(1, next_id),
        }

    def submit_readings(self, chance: Random) -> tuple[Any, Arguments]:
        """Hours that come late, some after their month was certified."""
        name, first = chance.choice(PLANTS), chance.randint(0, 9)
        return METERS, {
            "device": name,
            "month": MONTH,
            "first_hour": first,
            "energy_wh": (chance.randint(-60, 60), chance.randint(-60, 60)),
            "quality": chance.choice(("VV", "VE")),
        }

    def correct_reading(self, chance: Random) -> tuple[Any, Arguments]:
        name, hour = chance.choice(PLANTS), chance.randint(0, 6)
        value = chance.randint(-60, 60)
        return (METERS, ISSUER), {"device": name, "month": MONTH, "hour": hour, "energy_wh": value, "reason": "tested"}

    def split(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_bundle(chance, "active")
        if found is None:
            return WIND, {"bundle": key, "parts": []}
        first = [chance.choice((0, part.energy_wh, chance.randint(0, part.energy_wh))) for part in found.slices]
        wrong = chance.choice((0, 0, 0, 0, 1, -1))
        rest = [part.energy_wh - taken + wrong for part, taken in zip(found.slices, first, strict=True)]
        return self.holder(chance, found), {"bundle": key, "parts": [{"energy_wh": first}, {"energy_wh": rest}]}

    def transfer(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_bundle(chance, "active")
        return self.holder(chance, found), {"bundle": key, "to": chance.choice(PEOPLE)}

    def reserve(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_bundle(chance, "active")
        return self.holder(chance, found), {"bundle": key, "beneficiary": chance.choice(PEOPLE)}

    def release(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_bundle(chance, "reserved")
        return (found.reserved_for if found and found.reserved_for else WIND), {"bundle": key}

    def lock(self, chance: Random) -> tuple[Any, Arguments]:
        return ISSUER, {"bundle": self.pick_bundle(chance, "active", "reserved")[0], "reason": "look"}

    def unlock(self, chance: Random) -> tuple[Any, Arguments]:
        return ISSUER, {"bundle": self.pick_bundle(chance, "locked")[0]}

    def withdraw(self, chance: Random) -> tuple[Any, Arguments]:
        return ISSUER, {"bundle": self.pick_bundle(chance, "locked")[0], "reason": "tested"}

    def cancel(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_bundle(chance, "active", "reserved")
        beneficiary = chance.choice((DATA_CENTRE, DATA_CENTRE, BATTERY, ALUMINIUM))
        return self.holder(chance, found), {"bundle": key, "beneficiary": beneficiary, "purpose": "load"}

    def expire(self, chance: Random) -> tuple[Any, Arguments]:
        return WIND, {"bundles": (self.pick_bundle(chance, "active", "locked")[0],)}

    def claim(self, chance: Random) -> tuple[Any, Arguments]:
        """The meter operator sees the load, and signs only within it."""
        key, found = self.pick_bundle(chance, "cancelled")
        consumer = found.beneficiary if found and found.beneficiary and chance.randint(0, 5) else DATA_CENTRE
        slices = found.slices if found else ()
        wrong = chance.choice((0, 0, 0, 1))
        hours = tuple((part.hour, part.energy_wh + wrong) for part in slices) or ((0, 1),)
        before = {
            hour: sum(
                part.energy_wh
                for _, known in self.world.contract.claims.items()
                for part in known.hours
                if known.consumer == consumer and part.hour == hour
            )
            for hour, _ in hours
        }
        is_within = all(before[hour] + energy_wh <= LOAD_WH for hour, energy_wh in hours)
        evidence = {"verifier": ASSURANCE, "evidence": {"sealed": "e" * 64}}
        name = f"C-{len(self.played_events)}"
        return (consumer, METERS) if is_within else (consumer,), {
            "claim": name,
            "month": MONTH,
            "hours": hours,
            "bundles": (key,),
            **evidence,
        }

    def charge(self, chance: Random) -> tuple[Any, Arguments]:
        return BATTERY, {"storage": "XN-1", "bundle": self.pick_bundle(chance, "cancelled")[0]}

    def discharge(self, chance: Random) -> tuple[Any, Arguments]:
        charges = [key for key, _ in self.world.contract.charges.items()] or ["none"]
        return ISSUER, {
            "charge": chance.choice(charges),
            "month": MONTH,
            "hour": chance.randint(3, 5),
            "energy_wh": chance.randint(1, 25),
            "first_id": self.world.contract.devices["XN-1"].ids_max + 1,
        }

    def issue_green(self, chance: Random) -> tuple[Any, Arguments]:
        return ISSUER, {"device": chance.choice(("FL-SEA", *PLANTS)), "month": chance.choice(("2026-03", MONTH))}

    def divide_green(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_lot(chance, "issued", "traded")
        first = chance.randint(0, found.count if found else 1)
        return (found.holder if found else WIND), {"lot": key, "counts": (first, (found.count if found else 1) - first)}

    def list_green(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_lot(chance, "issued")
        exchange = chance.choice((NORTH_EXCHANGE, SOUTH_EXCHANGE))
        return (found.holder if found else WIND, exchange), {"lot": key, "price_cents": 1}

    def unlist_green(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_lot(chance, "listed")
        return (found.holder if found else WIND), {"lot": key}

    def trade_green(self, chance: Random) -> tuple[Any, Arguments]:
        buyer = chance.choice(PEOPLE)
        key, found = self.pick_lot(chance, "listed")
        exchange = found.exchange if found and found.exchange and chance.randint(0, 4) else SOUTH_EXCHANGE
        return (buyer, exchange), {"lot": key, "to": buyer}

    def consume_green(self, chance: Random) -> tuple[Any, Arguments]:
        key, found = self.pick_lot(chance, "traded", "issued")
        year = chance.choice((2026, 2026, 2027))
        return (found.holder if found else WIND), {"lot": key, "purpose": "own", "year": year}

    def expire_green(self, chance: Random) -> tuple[Any, Arguments]:
        return WIND, {"lots": (self.pick_lot(chance, "issued", "listed", "traded")[0],)}

    def freeze_ccer(self, chance: Random) -> tuple[Any, Arguments]:
        lots = tuple(self.pick_lot(chance, "issued")[0] for _ in range(chance.randint(1, 2)))
        return (WIND, CARBON_REGISTRY), {"project": f"P-{chance.randint(1, 3)}", "device": "FL-SEA", "lots": lots}

    def register_ccer(self, chance: Random) -> tuple[Any, Arguments]:
        return CARBON_REGISTRY, {"project": f"P-{chance.randint(1, 3)}"}

    def unfreeze_ccer(self, chance: Random) -> tuple[Any, Arguments]:
        return CARBON_REGISTRY, {"project": f"P-{chance.randint(1, 3)}"}

    def pick_bundle(self, chance: Random, *states: str) -> tuple[str, Any]:
        """One of the bundles, mostly one in one of the states."""
        held = dict(self.world.contract.bundles.items())
        fit = [key for key, found in held.items() if found.state in states]
        key = chance.choice(fit if fit and chance.randint(0, 4) else [*held] or ["none"])
        return key, held.get(key)

    def pick_lot(self, chance: Random, *states: str) -> tuple[str, Any]:
        """The same of lots."""
        held = dict(self.world.contract.green_lots.items())
        fit = [key for key, found in held.items() if found.state in states]
        key = chance.choice(fit if fit and chance.randint(0, 4) else [*held] or ["none"])
        return key, held.get(key)

    def holder(self, chance: Random, found: Any) -> str:
        """The holder, mostly."""
        return str(found.account if found and chance.randint(0, 7) else chance.choice(PEOPLE))


OFTEN = ("issue", "split", "cancel", "claim", "charge", "discharge", "issue_green", "list_green", "trade_green", "transfer")
SELDOM = (
    *(
        "submit_readings",
        "correct_reading",
        "reserve",
        "release",
        "lock",
        "unlock",
        "withdraw",
        "expire",
        "divide_green",
        "unlist_green",
    ),
    *("consume_green", "expire_green", "freeze_ccer", "register_ccer", "unfreeze_ccer"),
)
ATTEMPTS = OFTEN * 2 + SELDOM


def operation(name: str) -> Operation:
    return Energy.operations[name]


def test_whatever_is_tried_the_invariants_hold() -> None:
    run_state_machine_as_test(
        EnergyMachine,
        settings=settings(max_examples=40, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck)),
    )
