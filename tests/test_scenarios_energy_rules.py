"""The rule table of the energy records: every state × operation × signer, found by trying, compared with a golden file.

Three parts: one bundle of wind through its states, one lot of green certificates, and what stands beside them.
"""

import sys
from collections.abc import Mapping
from typing import Any, get_args

from scenarios.energy.cast import (
    ALUMINIUM,
    ASSURANCE,
    BATTERY,
    CARBON_REGISTRY,
    DATA_CENTRE,
    ISSUER,
    METERS,
    MONTH,
    MWH,
    NORTH_EXCHANGE,
    SOLAR,
    SOUTH_EXCHANGE,
    WIND,
)
from scenarios.energy.contract import Energy
from scenarios.energy.records import BundleState, GreenState
from tests.contract_world import World as AnyWorld
from tests.energy_rules import CORRECTION, EVERY_WH
from tests.energy_world import (
    BUNDLE,
    LOADS,
    LOT,
    NEWCOMER,
    NOON,
    World,
    cancelled,
    certified,
    charged,
    charging,
    claim,
    claimed,
    consumed,
    device,
    discharge,
    forecast,
    freeze,
    frozen,
    green,
    issue,
    listed,
    metered,
    month_metered,
    opened,
    planned,
    readings,
    reserved,
    settle,
    traded,
)
from tests.rule_table import GOLDEN, Attempt, RuleTable

PATH = GOLDEN / "rules_energy.txt"
OVER = "2028-04-01"


def willing(world: World) -> World:
    """The smelter accepts certificates from the wind; loads of April are sealed."""
    return consumed(world.do(ALUMINIUM, Energy.whitelist, member=WIND))


def locked() -> World:
    return certified().do(ISSUER, Energy.lock, bundle=BUNDLE, reason="look")


def withdrawn() -> World:
    return certified().do(ISSUER, Energy.withdraw, bundle=BUNDLE, reason="meter tested")


def split() -> World:
    return certified().do(WIND, Energy.split, bundle=BUNDLE, parts=[EVERY_WH])


def expired() -> World:
    return certified().at(OVER).do(WIND, Energy.expire, bundles=(BUNDLE,))


BUNDLES = RuleTable(
    contract=Energy,
    states={
        "none": lambda: willing(metered()),
        "active": lambda: willing(certified()),
        "reserved": lambda: willing(reserved()),
        "locked": lambda: willing(locked()),
        "cancelled": lambda: willing(cancelled()),
        "claimed": lambda: claimed().do(ALUMINIUM, Energy.whitelist, member=WIND),
        "split": lambda: willing(split()),
        "withdrawn": lambda: willing(withdrawn()),
        "two years over": lambda: willing(certified()).at(OVER),
        "expired": lambda: expired().do(ALUMINIUM, Energy.whitelist, member=WIND),
    },
    attempts=(
        Attempt(Energy.issue, issue()),
        Attempt(Energy.split, {"bundle": BUNDLE, "parts": [EVERY_WH]}),
        Attempt(Energy.transfer, {"bundle": BUNDLE, "to": ALUMINIUM}),
        Attempt(Energy.reserve, {"bundle": BUNDLE, "beneficiary": DATA_CENTRE}),
        Attempt(Energy.release, {"bundle": BUNDLE}),
        Attempt(Energy.lock, {"bundle": BUNDLE, "reason": "look"}),
        Attempt(Energy.unlock, {"bundle": BUNDLE}),
        Attempt(Energy.cancel, {"bundle": BUNDLE, "beneficiary": DATA_CENTRE, "purpose": "load"}),
        Attempt(Energy.withdraw, {"bundle": BUNDLE, "reason": "meter tested"}),
        Attempt(Energy.expire, {"bundles": (BUNDLE,)}),
        Attempt(Energy.claim, claim(claim="C-2"), beside=(METERS,)),
        Attempt(Energy.charge, {"storage": "XN-1", "bundle": BUNDLE}),
        Attempt(Energy.correct_reading, {**CORRECTION, "hour": 0, "energy_wh": MWH}, beside=(METERS,)),
    ),
    parties={
        "holder": WIND,
        "beneficiary": DATA_CENTRE,
        "other": ALUMINIUM,
        "issuing body": ISSUER,
        "meter operator": METERS,
        "verifier": ASSURANCE,
    },
)
"""Of 99 MWh of wind, whose holder is the wind farm."""

LOTS = RuleTable(
    contract=Energy,
    states={
        "none": month_metered,
        "issued": green,
        "listed": listed,
        "traded": traded,
        "frozen": frozen,
        "excluded": lambda: frozen().do(CARBON_REGISTRY, Energy.register_ccer, project="P-1"),
        "consumed": lambda: traded().do(ALUMINIUM, Energy.consume_green, lot=LOT, purpose="own", year=2026),
        "divided": lambda: green().do(WIND, Energy.divide_green, lot=LOT, counts=(green().contract.green_lots[LOT].count,)),
        "two years over": lambda: green().at(OVER),
        "sold, two years over": lambda: traded().at(OVER),
        "expired": lambda: green().at(OVER).do(WIND, Energy.expire_green, lots=(LOT,)),
    },
    attempts=(
        Attempt(Energy.issue_green, {"device": "FL-SEA", "month": "2026-03"}),
        Attempt(Energy.divide_green, lambda world: {"lot": LOT, "counts": (_count(world),)}),
        Attempt(Energy.list_green, {"lot": LOT, "price_cents": 620}, beside=(WIND,), label="seller signs too"),
        Attempt(Energy.unlist_green, {"lot": LOT}),
        Attempt(Energy.trade_green, {"lot": LOT, "to": ALUMINIUM}, beside=(ALUMINIUM,), label="buyer signs too"),
        Attempt(Energy.consume_green, {"lot": LOT, "purpose": "own", "year": 2026}),
        Attempt(Energy.expire_green, {"lots": (LOT,)}),
        Attempt(Energy.freeze_ccer, freeze(project="P-2"), beside=(WIND,), label="owner signs too"),
        Attempt(Energy.register_ccer, {"project": "P-1"}),
        Attempt(Energy.unfreeze_ccer, {"project": "P-1"}),
    ),
    parties={
        "owner": WIND,
        "buyer": ALUMINIUM,
        "issuing body": ISSUER,
        "north exchange": NORTH_EXCHANGE,
        "south exchange": SOUTH_EXCHANGE,
        "carbon registry": CARBON_REGISTRY,
    },
)
"""Of the sea's March; carbon project P-1 where there is one."""

BESIDE = RuleTable(
    contract=Energy,
    states={
        "registered": opened,
        "metered": metered,
        "forecast": planned,
        "settled": lambda: planned().do(NORTH_EXCHANGE, Energy.settle_imbalance, **settle()),
        "cancelled for a charge": charging,
        "charged": charged,
        "discharged": lambda: charged().do(ISSUER, Energy.discharge, **discharge()),
        "loads sealed": lambda: consumed(metered()),
        "total published": lambda: consumed(metered()).do(
            METERS, Energy.publish_area_total, zone="CN-NORTH", month=MONTH, consumed_wh=5
        ),
    },
    attempts=(
        Attempt(Energy.open_account, {"member": NEWCOMER, "uscc": "91350100M000100Y43", "zone": "CN-NORTH"}),
        Attempt(Energy.whitelist, {"member": SOLAR}),
        Attempt(Energy.register_device, device("FL-1", "FL-9", meter="M-9")),
        Attempt(Energy.submit_readings, readings()),
        Attempt(Energy.correct_reading, CORRECTION, beside=(ISSUER,), label="issuing body signs too"),
        Attempt(Energy.submit_consumption, {"consumer": BATTERY, "month": MONTH, "load": {"sealed": "9" * 64}}),
        Attempt(Energy.publish_area_total, {"zone": "CN-NORTH", "month": MONTH, "consumed_wh": 5}),
        Attempt(Energy.submit_forecast, forecast()),
        Attempt(Energy.settle_imbalance, settle()),
        Attempt(Energy.charge, {"storage": "XN-1", "bundle": f"{NOON}-1"}),
        Attempt(Energy.discharge, discharge()),
    ),
    parties={
        "plant": WIND,
        "storage": BATTERY,
        "consumer": LOADS[0][0],
        "issuing body": ISSUER,
        "meter operator": METERS,
        "exchange": NORTH_EXCHANGE,
    },
)
TABLES: Mapping[str, RuleTable] = {"One bundle": BUNDLES, "One lot of green certificates": LOTS, "Beside them": BESIDE}


def _count(world: AnyWorld[Any]) -> int:
    found = world.contract.green_lots.get(LOT)
    return found.count if found else 1


def text() -> str:
    """All three parts."""
    return "\n".join(f"{title}\n\n{table.text()}" for title, table in TABLES.items())


def test_the_rule_table_is_as_it_was_read() -> None:
    assert text() == PATH.read_text(encoding="utf-8")


def test_every_operation_is_tried() -> None:
    tried = {attempt.operation.name for table in TABLES.values() for attempt in table.attempts}
    assert tried == set(Energy.operations)


def test_every_state_has_its_row() -> None:
    assert set(get_args(BundleState)) <= BUNDLES.states.keys()
    assert set(get_args(GreenState)) <= LOTS.states.keys()


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    sys.stdout.write(text())
