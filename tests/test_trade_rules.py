"""Every rule of every trade refuses what its table says, with its code."""

import pytest

from tests.trade_rules import ATTEMPTS, code_of


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_rule(attempt: str) -> None:
    before, tried = ATTEMPTS[attempt]
    assert tried(before()) == code_of(attempt)
