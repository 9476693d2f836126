"""The rule table of the energy records: every state × operation × signer, found by trying, compared with a golden file.

Three parts: one bundle of wind through its states, one lot of green certificates, and what stands beside them.
"""

import sys
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from scenarios.energy import cast, transitions
from scenarios.energy.cast import MONTH, MWH
from scenarios.energy.contract import Energy
from scenarios.energy.records import BundleState, CarbonProject, GreenState
from tests import energy_rules as rules
from tests import energy_world as given
from tests.contract_world import World as AnyWorld
from tests.energy_world import BUNDLE, LOT, NOON, World
from tests.rule_table import GOLDEN, Attempt, GroupedTable

PATH = GOLDEN / "rules_energy.txt"


def willing(world: World) -> World:
    """The smelter accepts certificates from the wind; loads of April are sealed."""
    return given.consumed(world.do(cast.ALUMINIUM, Energy.whitelist, member=cast.WIND))


def expired() -> World:
    return given.certified().at(rules.OVER).do(cast.WIND, Energy.expire, bundles=(BUNDLE,))


locked = rules.after(given.certified, cast.ISSUER, Energy.lock, bundle=BUNDLE, reason="look")
withdrawn = rules.after(given.certified, cast.ISSUER, Energy.withdraw, bundle=BUNDLE, reason="meter tested")
split = rules.after(given.certified, cast.WIND, Energy.split, bundle=BUNDLE, parts=[rules.EVERY_WH])

BUNDLES = GroupedTable(
    contract=Energy,
    states={
        "none": lambda: willing(given.metered()),
        "active": lambda: willing(given.certified()),
        "reserved": lambda: willing(given.reserved()),
        "locked": lambda: willing(locked()),
        "cancelled": lambda: willing(given.cancelled()),
        "claimed": lambda: given.claimed().do(cast.ALUMINIUM, Energy.whitelist, member=cast.WIND),
        "split": lambda: willing(split()),
        "withdrawn": lambda: willing(withdrawn()),
        "two years over": lambda: willing(given.certified()).at(rules.OVER),
        "expired": lambda: expired().do(cast.ALUMINIUM, Energy.whitelist, member=cast.WIND),
    },
    attempts=(
        Attempt(Energy.issue, given.issue()),
        Attempt(Energy.split, {"bundle": BUNDLE, "parts": [rules.EVERY_WH]}),
        Attempt(Energy.transfer, {"bundle": BUNDLE, "to": cast.ALUMINIUM}),
        Attempt(Energy.reserve, {"bundle": BUNDLE, "beneficiary": cast.DATA_CENTRE}),
        Attempt(Energy.release, {"bundle": BUNDLE}),
        Attempt(Energy.lock, {"bundle": BUNDLE, "reason": "look"}),
        Attempt(Energy.unlock, {"bundle": BUNDLE}),
        Attempt(Energy.cancel, {"bundle": BUNDLE, "beneficiary": cast.DATA_CENTRE, "purpose": "load"}),
        Attempt(Energy.withdraw, {"bundle": BUNDLE, "reason": "meter tested"}),
        Attempt(Energy.expire, {"bundles": (BUNDLE,)}),
        Attempt(Energy.claim, given.claim(claim="C-2"), beside=(cast.METERS,)),
        Attempt(Energy.charge, {"storage": "XN-1", "bundle": BUNDLE}),
        Attempt(Energy.correct_reading, {**rules.CORRECTION, "hour": 0, "energy_wh": MWH}, beside=(cast.METERS,)),
    ),
    parties={
        "holder": cast.WIND,
        "beneficiary": cast.DATA_CENTRE,
        "other": cast.ALUMINIUM,
        "issuing body": cast.ISSUER,
        "meter operator": cast.METERS,
        "verifier": cast.ASSURANCE,
    },
)
"""Of 99 MWh of wind, whose holder is the wind farm."""

LOTS = GroupedTable(
    contract=Energy,
    states={
        "none": given.month_metered,
        "issued": given.green,
        "listed": given.listed,
        "traded": given.traded,
        "frozen": given.frozen,
        "excluded": rules.after(given.frozen, cast.CARBON_REGISTRY, Energy.register_ccer, project="P-1"),
        "consumed": rules.after(given.traded, cast.ALUMINIUM, Energy.consume_green, lot=LOT, purpose="own", year=2026),
        "divided": lambda: given.green().do(cast.WIND, Energy.divide_green, lot=LOT, counts=(_count(given.green()),)),
        "two years over": lambda: given.green().at(rules.OVER),
        "sold, two years over": lambda: given.traded().at(rules.OVER),
        "expired": lambda: given.green().at(rules.OVER).do(cast.WIND, Energy.expire_green, lots=(LOT,)),
    },
    attempts=(
        Attempt(Energy.issue_green, rules.SEA),
        Attempt(Energy.divide_green, lambda world: {"lot": LOT, "counts": (_count(world),)}),
        Attempt(Energy.list_green, {"lot": LOT, "price_cents": 620}, beside=(cast.WIND,), label="seller signs too"),
        Attempt(Energy.unlist_green, {"lot": LOT}),
        Attempt(Energy.trade_green, {"lot": LOT, "to": cast.ALUMINIUM}, beside=(cast.ALUMINIUM,), label="buyer signs too"),
        Attempt(Energy.consume_green, {"lot": LOT, "purpose": "own", "year": 2026}),
        Attempt(Energy.expire_green, {"lots": (LOT,)}),
        Attempt(Energy.freeze_ccer, given.freeze(project="P-2"), beside=(cast.WIND,), label="owner signs too"),
        Attempt(Energy.register_ccer, {"project": "P-1"}),
        Attempt(Energy.unfreeze_ccer, {"project": "P-1"}),
    ),
    parties={
        "owner": cast.WIND,
        "buyer": cast.ALUMINIUM,
        "issuing body": cast.ISSUER,
        "north exchange": cast.NORTH_EXCHANGE,
        "south exchange": cast.SOUTH_EXCHANGE,
        "carbon registry": cast.CARBON_REGISTRY,
    },
)
"""Of the sea's March; carbon project P-1 where there is one."""

BESIDE = GroupedTable(
    contract=Energy,
    states={
        "registered": given.opened,
        "metered": given.metered,
        "forecast": given.planned,
        "settled": given.settled,
        "cancelled for a charge": given.charging,
        "charged": given.charged,
        "discharged": rules.discharged,
        "loads sealed": lambda: given.consumed(given.metered()),
        "total published": given.total_published,
    },
    attempts=(
        Attempt(Energy.open_account, {"member": given.NEWCOMER, "uscc": rules.OTHER_USCC, "zone": "CN-NORTH"}),
        Attempt(Energy.whitelist, {"member": cast.SOLAR}),
        Attempt(Energy.register_device, given.device("FL-1", "FL-9", meter="M-9")),
        Attempt(Energy.submit_readings, given.readings()),
        Attempt(Energy.correct_reading, rules.CORRECTION, beside=(cast.ISSUER,), label="issuing body signs too"),
        Attempt(Energy.submit_consumption, {**rules.LOAD, "consumer": cast.BATTERY}),
        Attempt(Energy.publish_area_total, {"zone": "CN-NORTH", "month": MONTH, "consumed_wh": 5}),
        Attempt(Energy.submit_forecast, given.forecast()),
        Attempt(Energy.settle_imbalance, given.settle()),
        Attempt(Energy.charge, {"storage": "XN-1", "bundle": f"{NOON}-1"}),
        Attempt(Energy.discharge, given.discharge()),
    ),
    parties={
        "plant": cast.WIND,
        "storage": cast.BATTERY,
        "consumer": cast.DATA_CENTRE,
        "issuing body": cast.ISSUER,
        "meter operator": cast.METERS,
        "exchange": cast.NORTH_EXCHANGE,
    },
)
TABLES: Mapping[str, GroupedTable] = {"One bundle": BUNDLES, "One lot of green certificates": LOTS, "Beside them": BESIDE}


def _count(world: AnyWorld[Any]) -> int:
    lot = world.contract.green_lots.get(LOT)
    return lot.count if lot else 1


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


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (transitions.BUNDLES, get_args(BundleState)),
        (transitions.GREEN_LOTS, get_args(GreenState)),
        (transitions.CARBON_PROJECTS, get_args(CarbonProject.model_fields["state"].annotation)),
    ],
)
def test_every_state_is_reached_by_an_operation_of_the_contract(
    table: Mapping[str, Mapping[str, str]], states: tuple[str, ...]
) -> None:
    assert {after for changes in table.values() for after in changes.values()} == set(states)
    assert {operation.partition(" ")[0] for operation in table} <= Energy.operations.keys()


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    sys.stdout.write(text())
