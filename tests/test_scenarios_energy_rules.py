"""The rule table of the energy records: every state × operation × signer, found by trying, compared with a golden file.

Three parts: one bundle of wind through its states, one lot of green certificates, and what stands beside them.
"""

import sys
from collections.abc import Mapping
from typing import get_args

import pytest

from ledger.contract import Operation
from scenarios.energy import cast, transitions
from scenarios.energy.contract import Energy
from scenarios.energy.first_day import MWH
from scenarios.energy.records import BundleState, CarbonProject, GreenState
from tests import energy_rules as rules
from tests import energy_world as given
from tests.energy_world import BUNDLE, World
from tests.rule_table import GOLDEN, Attempt, RuleTable

PATH = GOLDEN / "rules_energy.txt"


def willing(world: World) -> World:
    """The smelter accepts certificates from the wind; loads of April are sealed."""
    return given.consumed(world.then(Energy.whitelist))


locked = rules.after(given.certified, Energy.lock)
withdrawn = rules.after(given.certified, Energy.withdraw)
split = rules.after(given.certified, Energy.split)
expired = rules.after(rules.later(given.certified, rules.OVER), Energy.expire)


def good(operation: Operation, *beside: str, label: str = "", **changes: object) -> Attempt:
    """The good call, but for what is changed."""
    return Attempt(operation, given.good(operation, **changes), beside, label)


BUNDLES = RuleTable(
    contract=Energy,
    states={
        "none": lambda: willing(given.metered()),
        "active": lambda: willing(given.certified()),
        "reserved": lambda: willing(given.reserved()),
        "locked": lambda: willing(locked()),
        "cancelled": lambda: willing(given.cancelled()),
        "claimed": rules.after(given.claimed, Energy.whitelist),
        "claim attested": rules.after(rules.after(given.claimed, Energy.whitelist), Energy.attest_claim),
        "claim disputed": rules.after(rules.after(given.claimed, Energy.whitelist), Energy.dispute_claim),
        "claim withdrawn": rules.after(rules.after(given.claimed, Energy.whitelist), Energy.withdraw_claim),
        "split": lambda: willing(split()),
        "withdrawn": lambda: willing(withdrawn()),
        "two years over": lambda: willing(given.certified()).at(rules.OVER),
        "expired": rules.after(expired, Energy.whitelist),
    },
    attempts=(
        *map(good, (Energy.issue, Energy.split, Energy.transfer, Energy.reserve, Energy.release, Energy.lock, Energy.unlock)),
        *map(good, (Energy.cancel, Energy.withdraw, Energy.expire)),
        good(Energy.claim, cast.METERS, claim="C-2"),
        good(Energy.charge, bundle=BUNDLE),
        good(Energy.correct_reading, cast.METERS, hour=0, energy_wh=MWH),
        *map(good, (Energy.attest_claim, Energy.dispute_claim, Energy.withdraw_claim)),
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

LOTS = RuleTable(
    contract=Energy,
    states={
        "none": given.month_metered,
        "issued": given.green,
        "listed": given.listed,
        "traded": given.traded,
        "frozen": given.frozen,
        "excluded": rules.after(given.frozen, Energy.register_ccer),
        "consumed": rules.after(given.traded, Energy.consume_green, by=(cast.ALUMINIUM, cast.METERS)),
        "claim withdrawn": rules.after(
            rules.after(given.green, Energy.consume_green), Energy.withdraw_claim, cast.WIND, claim="C-G"
        ),
        "divided": rules.after(given.green, Energy.divide_green),
        "two years over": rules.later(given.green, rules.OVER),
        "sold, two years over": rules.later(given.traded, rules.OVER),
        "expired": rules.after(rules.later(given.green, rules.OVER), Energy.expire_green),
    },
    attempts=(
        good(Energy.issue_green),
        good(Energy.divide_green),
        good(Energy.list_green, cast.WIND, label="seller signs too"),
        good(Energy.unlist_green),
        good(Energy.trade_green, cast.ALUMINIUM, label="buyer signs too"),
        good(Energy.consume_green, cast.METERS, label="vouched for", claim="C-G2"),
        good(Energy.expire_green),
        good(Energy.freeze_ccer, cast.WIND, label="owner signs too", project="P-2"),
        good(Energy.register_ccer),
        good(Energy.unfreeze_ccer),
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

BESIDE = RuleTable(
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
        good(Energy.open_account),
        good(Energy.whitelist, member=cast.SOLAR),
        good(Energy.register_device, cast.ISSUER, label="issuing body signs too"),
        good(Energy.replace_meter, cast.ISSUER, label="issuing body signs too"),
        good(Energy.submit_readings),
        good(Energy.correct_reading, cast.ISSUER, label="issuing body signs too"),
        good(Energy.submit_consumption, consumer=cast.BATTERY),
        good(Energy.publish_area_total),
        good(Energy.publish_residual_mix),
        good(Energy.submit_forecast),
        good(Energy.settle_imbalance),
        good(Energy.charge),
        good(Energy.discharge),
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
TABLES: Mapping[str, RuleTable] = {"One bundle": BUNDLES, "One lot of green certificates": LOTS, "Beside them": BESIDE}


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
