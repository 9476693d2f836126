"""The rule tables of the trades: what a rule refuses, one row an attempt, and with that the test of each rule's check.

The key of a row is the rule's file inside the trade's folder, its function and its code, as in `certificates.split.too-deep` or
`bill.title.transfer.to-self`.
A further attempt against the same code has a place behind it, as in `too-deep (of a part)`, and is no test of a check. A check
that has a name of its own (`# check: NAME`) has its row in `checks.toml`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests import energy_rules, government_rules, scf_rules, shipping_rules, tender_rules

TABLES: Mapping[str, Mapping[str, tuple[Callable[[], Any], Callable[[Any], str]]]] = {
    "energy": energy_rules.RULES,
    "government": government_rules.RULES,
    "shipping": shipping_rules.RULES,
    "supply_chain_finance": scf_rules.RULES,
    "workshop": tender_rules.RULES,
}
"""By the folder of the trade. A row makes a world, and what is tried in it gives the code with which it was refused."""
ATTEMPTS = {f"{trade}.{key}": row for trade, table in TABLES.items() for key, row in table.items()}
TEST = "tests/test_trade_rules.py::test_rule[{}]"


def code_of(attempt: str) -> str:
    """The code that an attempt is refused with."""
    return attempt.partition(" (")[0].partition("#")[0].rpartition(".")[2]


def table_of_checks(named: Mapping[str, str]) -> dict[str, str]:
    """The test of each check, those included that are named in `checks.toml`; a row there goes before a row of a trade."""
    rules = [name for name in ATTEMPTS if name.count(".") >= 3 and "(" not in name and TEST.format(name) not in named.values()]
    if twice := sorted(named.keys() & {*rules}):
        raise ValueError(f"rows of tests/checks.toml for which a rule table has a row as well: {twice}")
    return {**named, **{name: TEST.format(name) for name in rules}}
