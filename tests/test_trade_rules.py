"""Every rule of every trade refuses what its table says, with its code; and every code of a trade is tried."""

import pytest

from ledger.contract.words import COMMON_REFUSALS, words_of
from scenarios.catalogue import SCENARIOS
from tests.trade_rules import ATTEMPTS, TABLES, code_of

PHYSICAL_ORDER = (
    *("gate-in-unexpected", "gate-out-before-discharge", "gate-out-unexpected", "loaded-twice", "not-aboard"),
    *("stripped-before-gate-out", "stuffed-unexpected"),
)
"""Codes of shipping that `test_scenarios_shipping_order.py` tries, one by one."""


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_rule(attempt: str) -> None:
    before, tried = ATTEMPTS[attempt]
    assert tried(before()) == code_of(attempt)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_code_of_a_trade_is_tried(name: str) -> None:
    tried = {code_of(attempt) for attempt in TABLES[name.replace("-", "_")]}
    tried |= {*PHYSICAL_ORDER} if name == "shipping" else set()
    assert tried - set(COMMON_REFUSALS) == set(words_of(SCENARIOS[name].contract).refusals) - set(COMMON_REFUSALS)
