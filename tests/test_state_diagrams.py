"""The READMEs of the trades draw the states that their contracts obey."""

import pytest

from tests import state_diagrams

TABLES = {f"{trade} {name}": table for trade, tables in state_diagrams.TABLES.items() for name, table in tables.items()}


@pytest.mark.parametrize("trade", state_diagrams.TABLES)
def test_a_readme_draws_the_states_that_the_contract_obeys(trade: str) -> None:
    expected = {name: state_diagrams.diagram(table) for name, table in state_diagrams.TABLES[trade].items()}
    assert state_diagrams.drawn(trade) == expected, "python -m tests.state_diagrams writes them"


@pytest.mark.parametrize("name", TABLES)
def test_every_state_that_something_leads_from_is_reached(name: str) -> None:
    changes = TABLES[name].values()
    assert {before for change in changes for before in change} <= {after for change in changes for after in change.values()} | {
        ""
    }
